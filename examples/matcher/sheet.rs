//! Sheets of rows to work on: the recommendations, the pairings of a plan, who is left out of it, and
//! what was wrong with the data.

use anyhow::Result;
use jiedui::dataset::Report as Faults;
use jiedui::matcher::{Matcher, Ranking};
use jiedui::model::{Firm, FirmId, Level};
use jiedui::network::Network;
use jiedui::plan::Plan;

use crate::firms::label;
use crate::language::Language;
use crate::plan::Planning;
use crate::reasons;
use crate::report::{Report, chain_name, levels, modes, relation};

/// Rows under headers.
pub(crate) struct Sheet {
    pub(crate) name: &'static str,
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<Vec<Cell>>,
}

/// A header, and what stands below it.
pub(crate) struct Column {
    pub(crate) header: &'static str,
    pub(crate) form: Form,
}

/// How the cells of a column look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Text,
    /// Text that takes several lines.
    Prose,
    Count,
    Score,
    Km,
    Money,
}

/// What stands in one cell.
pub(crate) enum Cell {
    Empty,
    Text(String),
    Number(f64),
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        if text.is_empty() { Self::Empty } else { Self::Text(text) }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<f64> for Cell {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<Option<f64>> for Cell {
    fn from(number: Option<f64>) -> Self {
        number.map_or(Self::Empty, Self::Number)
    }
}

impl From<usize> for Cell {
    fn from(count: usize) -> Self {
        Self::Number(count as f64)
    }
}

type Header = (&'static str, &'static str, Form);

const RANKINGS: [Header; 20] = [
    ("链主编号", "anchor", Form::Text),
    ("链主", "anchor_name", Form::Text),
    ("名次", "rank", Form::Count),
    ("配套企业编号", "supplier", Form::Text),
    ("配套企业", "supplier_name", Form::Text),
    ("评分", "score", Form::Score),
    ("下限", "low", Form::Score),
    ("上限", "high", Form::Score),
    ("链主效用", "anchor_utility", Form::Score),
    ("配套企业效用", "supplier_utility", Form::Score),
    ("距离km", "distance_km", Form::Km),
    ("近一年供货（元）", "yearly_value", Form::Money),
    ("现状", "relation", Form::Text),
    ("可行层级", "levels", Form::Text),
    ("共建模式", "modes", Form::Text),
    ("提示", "flags", Form::Text),
    ("理由", "why", Form::Prose),
    ("最值得补充", "most_telling", Form::Text),
    ("配套企业地区", "supplier_region", Form::Text),
    ("配套企业产业链", "supplier_chains", Form::Text),
];

const PLAN: [Header; 12] = [
    ("链主编号", "anchor", Form::Text),
    ("链主", "anchor_name", Form::Text),
    ("配套企业编号", "supplier", Form::Text),
    ("配套企业", "supplier_name", Form::Text),
    ("层级", "level", Form::Text),
    ("评分", "score", Form::Score),
    ("链主效用", "anchor_utility", Form::Score),
    ("配套企业效用", "supplier_utility", Form::Score),
    ("指定", "locked", Form::Text),
    ("组", "group", Form::Count),
    ("配套企业地区", "supplier_region", Form::Text),
    ("配套企业产业链", "supplier_chains", Form::Text),
];

const LEFT_OUT: [Header; 6] = [
    ("编号", "firm", Form::Text),
    ("企业", "firm_name", Form::Text),
    ("角色", "side", Form::Text),
    ("原因", "reason", Form::Text),
    ("最接近的链主", "nearest_anchor", Form::Text),
    ("还差评分", "short", Form::Score),
];

const FAULTS: [Header; 9] = [
    ("表", "table", Form::Text),
    ("文件或工作表", "file", Form::Text),
    ("行", "line", Form::Count),
    ("列", "column", Form::Text),
    ("值", "value", Form::Text),
    ("详情", "detail", Form::Text),
    ("问题", "reason", Form::Prose),
    ("处理", "effect", Form::Text),
    ("建议", "remedy", Form::Prose),
];

/// Without it Excel takes UTF-8 for the encoding of the system.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

impl Sheet {
    fn under(headers: &[Header], [chinese, english]: [&'static str; 2], language: Language) -> Self {
        let column =
            |&(chinese, english, form): &Header| Column { header: language.pick(chinese, english), form };
        let columns = headers.iter().map(column).collect();
        Self { name: language.pick(chinese, english), columns, rows: Vec::new() }
    }

    /// A row for each recommendation.
    pub(crate) fn rankings(matcher: &Matcher, rankings: &[Ranking], language: Language) -> Self {
        let network = matcher.network();
        let mut sheet = Self::under(&RANKINGS, ["推荐", "recommendations"], language);
        for ranking in rankings {
            for (rank, found) in ranking.recommendations.iter().enumerate() {
                let flags: Vec<&str> = found.flags.iter().map(|&flag| language.flag(flag)).collect();
                let telling =
                    found.most_telling.as_ref().map_or("", |telling| language.factor(&telling.factor));
                sheet.rows.push(vec![
                    ranking.anchor.as_str().into(),
                    name(network, &ranking.anchor).into(),
                    (rank + 1).into(),
                    found.supplier.as_str().into(),
                    name(network, &found.supplier).into(),
                    found.score.into(),
                    found.low.into(),
                    found.high.into(),
                    found.anchor_utility.into(),
                    found.supplier_utility.into(),
                    found.relation.distance_km.into(),
                    found.relation.yearly_value.into(),
                    relation(&found.relation, language).join(language.comma()).into(),
                    levels(found, language).into(),
                    modes(found, language).into(),
                    flags.join(language.comma()).into(),
                    reasons::why(network, matcher.calibration(), &ranking.anchor, found, language)
                        .join(language.semicolon())
                        .into(),
                    telling.into(),
                    region(network, found.supplier.as_str()).into(),
                    chains(network, found.supplier.as_str(), language).into(),
                ]);
            }
        }
        sheet
    }

    /// A row for each pairing and for each member of a group.
    pub(crate) fn plan(network: &Network, plan: &Plan, language: Language) -> Self {
        let mut sheet = Self::under(&PLAN, ["方案", "plan"], language);
        let mut add = |[anchor, supplier]: [&FirmId; 2], level: Option<Level>, score: f64, own: [Cell; 4]| {
            let mut row: Vec<Cell> = vec![
                anchor.as_str().into(),
                name(network, anchor).into(),
                supplier.as_str().into(),
                name(network, supplier).into(),
                level.map_or("", |level| language.level(level)).into(),
                score.into(),
            ];
            row.extend(own);
            row.push(region(network, supplier.as_str()).into());
            row.push(chains(network, supplier.as_str(), language).into());
            sheet.rows.push(row);
        };
        for one in &plan.pairings {
            let locked =
                if one.locked { language.pick("是", "true") } else { language.pick("否", "false") };
            let own = [one.anchor_utility.into(), one.supplier_utility.into(), locked.into(), Cell::Empty];
            add([&one.anchor, &one.supplier], one.level, one.score, own);
        }
        for (group, number) in plan.groups.iter().zip(1_usize..) {
            for one in &group.suppliers {
                let own = [Cell::Empty, Cell::Empty, language.pick("否", "false").into(), number.into()];
                add([&group.anchor, &one.supplier], one.level, one.score, own);
            }
        }
        sheet
    }

    /// A row for each firm that has got no pairing, or fewer than it could take.
    pub(crate) fn left_out(report: &Report<'_>, planning: &Planning) -> Self {
        let (network, language) = (report.network(), report.language);
        let mut sheet = Self::under(&LEFT_OUT, ["未列入", "left out"], language);
        for one in &planning.plan.unpaired {
            let mut near = planning.fairness.left_out.iter();
            let near =
                near.find(|near| one.side == jiedui::model::Side::Supplier && near.supplier == one.firm);
            sheet.rows.push(vec![
                one.firm.as_str().into(),
                name(network, &one.firm).into(),
                reasons::side(one.side, language).into(),
                report.reason(one.side, one.reason).into(),
                near.map_or(String::new(), |near| name(network, &near.anchor)).into(),
                near.map(|near| near.short).into(),
            ]);
        }
        sheet
    }

    /// A row for each fault, of each kind as many as are listed.
    pub(crate) fn faults(faults: &Faults, language: Language) -> Self {
        let mut sheet = Self::under(&FAULTS, ["数据问题", "faults"], language);
        for fault in faults.faults() {
            sheet.rows.push(vec![
                fault.table.map_or("", |table| language.table(table)).into(),
                label(fault.origin.file.as_deref().unwrap_or_default()).into(),
                fault.origin.line.map(|line| line as f64).into(),
                label(fault.column.as_deref().unwrap_or_default()).into(),
                label(&fault.value).into(),
                label(fault.detail.as_deref().unwrap_or_default()).into(),
                language.fault(fault).into(),
                language.effect(fault.effect).into(),
                language.remedy(fault).into(),
            ]);
        }
        sheet
    }

    /// The sheet as CSV, numbers to their last digit.
    pub(crate) fn csv(&self, language: Language) -> Result<Vec<u8>> {
        let mut writer = csv::Writer::from_writer(language.pick(BYTE_ORDER_MARK, &[]).to_vec());
        writer.write_record(self.columns.iter().map(|column| column.header))?;
        for row in &self.rows {
            writer.write_record(row.iter().map(|cell| match cell {
                Cell::Empty => String::new(),
                Cell::Text(text) => text.clone(),
                Cell::Number(number) => number.to_string(),
            }))?;
        }
        Ok(writer.into_inner()?)
    }
}

fn name(network: &Network, id: &FirmId) -> String {
    let firm = network.firm_ix(id.as_str()).map(|firm| network.firm(firm));
    label(firm.map_or(id.as_str(), Firm::label))
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
