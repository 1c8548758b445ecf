//! The rankings as CSV, a row for each recommendation.

use anyhow::Result;
use jiedui::matcher::{Matcher, Ranking};
use jiedui::model::Firm;

use crate::firms::label;
use crate::language::Language;
use crate::reasons;
use crate::report::{levels, modes, relation};

const HEADERS: [(&str, &str); 18] = [
    ("链主编号", "anchor"),
    ("链主", "anchor_name"),
    ("名次", "rank"),
    ("配套企业编号", "supplier"),
    ("配套企业", "supplier_name"),
    ("评分", "score"),
    ("下限", "low"),
    ("上限", "high"),
    ("链主效用", "anchor_utility"),
    ("配套企业效用", "supplier_utility"),
    ("距离km", "distance_km"),
    ("近一年供货", "yearly_value"),
    ("现状", "relation"),
    ("可行层级", "levels"),
    ("共建模式", "modes"),
    ("提示", "flags"),
    ("理由", "why"),
    ("最值得补充", "most_telling"),
];

/// Without it Excel takes UTF-8 for the encoding of the system.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

pub(crate) fn sheet(matcher: &Matcher, rankings: &[Ranking], language: Language) -> Result<Vec<u8>> {
    let network = matcher.network();
    let name = |id: &str| {
        let firm = network.firm_ix(id).map(|firm| network.firm(firm));
        label(firm.map_or(id, Firm::label))
    };
    let number = |value: Option<f64>| value.map_or(String::new(), |value| value.to_string());
    let mut writer = csv::Writer::from_writer(language.pick(BYTE_ORDER_MARK, &[]).to_vec());
    writer.write_record(HEADERS.map(|(chinese, english)| language.pick(chinese, english)))?;
    for ranking in rankings {
        for (rank, found) in ranking.recommendations.iter().enumerate() {
            let flags: Vec<&str> = found.flags.iter().map(|&flag| language.flag(flag)).collect();
            let telling = found.most_telling.as_ref().map_or("", |telling| language.factor(&telling.factor));
            writer.write_record([
                ranking.anchor.to_string(),
                name(ranking.anchor.as_str()),
                (rank + 1).to_string(),
                found.supplier.to_string(),
                name(found.supplier.as_str()),
                found.score.to_string(),
                found.low.to_string(),
                found.high.to_string(),
                found.anchor_utility.to_string(),
                found.supplier_utility.to_string(),
                number(found.relation.distance_km),
                number(found.relation.yearly_value),
                relation(&found.relation, language).join(language.comma()),
                levels(found, language),
                modes(found, language),
                flags.join(language.comma()),
                reasons::why(network, matcher.calibration(), found, language).join(language.semicolon()),
                telling.to_owned(),
            ])?;
        }
    }
    Ok(writer.into_inner()?)
}
