//! The rankings as CSV, a row for each recommendation, or the plan, a row for each pairing and for each
//! member of a group.

use anyhow::Result;
use jiedui::matcher::{Matcher, Ranking};
use jiedui::model::{Firm, FirmId, Level};
use jiedui::network::Network;
use jiedui::plan::Plan;

use crate::firms::label;
use crate::language::Language;
use crate::reasons;
use crate::report::{chain_name, levels, modes, relation};

const HEADERS: [(&str, &str); 20] = [
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
    ("近一年供货（元）", "yearly_value"),
    ("现状", "relation"),
    ("可行层级", "levels"),
    ("共建模式", "modes"),
    ("提示", "flags"),
    ("理由", "why"),
    ("最值得补充", "most_telling"),
    ("配套企业地区", "supplier_region"),
    ("配套企业产业链", "supplier_chains"),
];

const PLAN_HEADERS: [(&str, &str); 12] = [
    ("链主编号", "anchor"),
    ("链主", "anchor_name"),
    ("配套企业编号", "supplier"),
    ("配套企业", "supplier_name"),
    ("层级", "level"),
    ("评分", "score"),
    ("链主效用", "anchor_utility"),
    ("配套企业效用", "supplier_utility"),
    ("指定", "locked"),
    ("组", "group"),
    ("配套企业地区", "supplier_region"),
    ("配套企业产业链", "supplier_chains"),
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
                reasons::why(network, matcher.calibration(), &ranking.anchor, found, language)
                    .join(language.semicolon()),
                telling.to_owned(),
                region(network, found.supplier.as_str()),
                chains(network, found.supplier.as_str(), language),
            ])?;
        }
    }
    Ok(writer.into_inner()?)
}

pub(crate) fn plan(matcher: &Matcher, plan: &Plan, language: Language) -> Result<Vec<u8>> {
    let network = matcher.network();
    let name = |id: &str| {
        let firm = network.firm_ix(id).map(|firm| network.firm(firm));
        label(firm.map_or(id, Firm::label))
    };
    let mut writer = csv::Writer::from_writer(language.pick(BYTE_ORDER_MARK, &[]).to_vec());
    writer.write_record(PLAN_HEADERS.map(|(chinese, english)| language.pick(chinese, english)))?;
    let mut add = |[anchor, supplier]: [&FirmId; 2], level: Option<Level>, score: f64, own: [String; 4]| {
        let told = [
            anchor.to_string(),
            name(anchor.as_str()),
            supplier.to_string(),
            name(supplier.as_str()),
            level.map_or("", |level| language.level(level)).to_owned(),
            score.to_string(),
        ];
        let where_it_is = [region(network, supplier.as_str()), chains(network, supplier.as_str(), language)];
        writer.write_record(told.iter().chain(&own).chain(&where_it_is))
    };
    let no = || language.pick("否", "false").to_owned();
    for one in &plan.pairings {
        let locked = if one.locked { language.pick("是", "true").to_owned() } else { no() };
        let utilities = [one.anchor_utility, one.supplier_utility].map(|utility| utility.to_string());
        let [of_anchor, of_supplier] = utilities;
        add(
            [&one.anchor, &one.supplier],
            one.level,
            one.score,
            [of_anchor, of_supplier, locked, String::new()],
        )?;
    }
    for (group, number) in plan.groups.iter().zip(1..) {
        for one in &group.suppliers {
            let own = [String::new(), String::new(), no(), number.to_string()];
            add([&group.anchor, &one.supplier], one.level, one.score, own)?;
        }
    }
    Ok(writer.into_inner()?)
}

fn region(network: &Network, id: &str) -> String {
    let firm = network.firm_ix(id).map(|firm| network.firm(firm));
    label(firm.and_then(|firm| firm.region.as_deref()).unwrap_or_default())
}

fn chains(network: &Network, id: &str, language: Language) -> String {
    let Some(firm) = network.firm_ix(id) else { return String::new() };
    let chains = network.chains_at(firm, network.as_of());
    chains.map(|chain| chain_name(network.chain(chain))).collect::<Vec<_>>().join(language.comma())
}
