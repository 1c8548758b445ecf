//! Everything about one pair.

use std::fmt::Write;

use comfy_table::{CellAlignment, ContentArrangement, Table};
use jiedui::matcher::{Recommendation, SuggestedMode};
use jiedui::model::{FirmIx, Level, Side};

use crate::firms::{label, title};
use crate::language::{Language, say};
use crate::reasons;
use crate::report::{Report, chain_name, relation};

/// As [`UTF8_HORIZONTAL_ONLY`](comfy_table::presets::UTF8_HORIZONTAL_ONLY), without lines
/// between rows.
const CONDENSED: &str = "  ── ══      ──    ";

impl Report<'_> {
    /// The score of one pair down to the last digit of every contribution, and all that
    /// is known of the pair besides.
    pub(crate) fn explanation(&self, anchor: FirmIx, supplier: FirmIx, pair: &Recommendation) -> String {
        let language = self.language;
        let network = self.matcher.network();
        let firm = |ix| title(network.firm(ix), language);
        let mut text =
            format!("{} × {}{}{}\n", firm(anchor), firm(supplier), language.pick("，", ", "), self.as_of());
        for side in Side::ALL {
            text += &self.side(side, pair);
        }
        let Recommendation { score, low, high, anchor_utility: a, supplier_utility: s, .. } = pair;
        // Where both are 0, so is the score.
        let formula = if a + s > 0.0 { format!("2 × {a} × {s} / ({a} + {s})") } else { "0".to_owned() };
        text += &say!(
            language,
            "\n评分 = {formula}\n     = {score}\n区间 {low} 至 {high}：未知项全部取 0 或 1\n",
            "\nscore = {formula}\n      = {score}\ninterval {low} to {high}: with every unknown value at 0 or 1\n"
        );
        if let Some(telling) = &pair.most_telling {
            let (factor, low, high) = (language.factor(&telling.factor), telling.low, telling.high);
            text += &say!(
                language,
                "最值得补充的是“{factor}”：仅此一项，评分可在 {low:.3} 与 {high:.3} 之间\n",
                "most worth finding out: {factor}, which alone moves the score between {low:.3} and {high:.3}\n"
            );
        }
        let witnesses: Vec<String> =
            pair.witness.iter().map(|witness| reasons::witness(network, witness, language)).collect();
        text += &section(language.pick("依据", "Evidence"), &witnesses);
        text += &section(language.pick("现状", "Relation today"), &self.standing(pair));
        text += &section(language.pick("层级", "Levels"), &self.levels(pair));
        let modes: Vec<String> = pair.modes.iter().flat_map(|mode| matches(mode, language)).collect();
        text += &section(language.pick("共建模式", "Modes of co-building"), &modes);
        let flags: Vec<String> = pair.flags.iter().map(|&flag| language.flag(flag).to_owned()).collect();
        text += &section(language.pick("提示", "Flags"), &flags);
        for side in [anchor, supplier] {
            let pairings: Vec<String> =
                self.pairings_of(side).into_iter().map(|pairing| self.pairing(pairing)).collect();
            let name = firm(side);
            text += &section(&say!(language, "{name}的有效结对", "Pairings in force of {name}"), &pairings);
        }
        text
    }

    fn side(&self, side: Side, pair: &Recommendation) -> String {
        let language = self.language;
        let mut table = Table::new();
        table.load_preset(CONDENSED);
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(self.width);
        table.set_header(
            language.pick(["指标", "数值", "权重", "贡献"], ["factor", "value", "weight", "contribution"]),
        );
        for part in pair.contributions.iter().filter(|part| part.side == side) {
            let prior = self.matcher.calibration().prior(&part.factor, side);
            let value = part.value.map_or_else(
                || say!(language, "未知，按均值 {prior} 计", "unknown, counted at its prior {prior}"),
                to_last_digit,
            );
            let factor = match language {
                Language::Zh => format!("{}（{}）", language.factor(&part.factor), part.factor),
                Language::En => part.factor.to_string(),
            };
            table.add_row([factor, value, part.weight.to_string(), to_last_digit(part.contribution)]);
        }
        let utility = match side {
            Side::Anchor => pair.anchor_utility,
            Side::Supplier => pair.supplier_utility,
        };
        let sum = language.pick("合计", "sum").to_owned();
        let weights: f64 =
            pair.contributions.iter().filter(|part| part.side == side).map(|part| part.weight).sum();
        table.add_row([sum, String::new(), weights.to_string(), utility.to_string()]);
        for numbers in 1..4 {
            if let Some(column) = table.column_mut(numbers) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        let silent: Vec<&str> = self
            .matcher
            .factor_sides()
            .filter(|(factor, sides)| sides.include(side) && pair.contribution_on(side, factor).is_none())
            .map(|(factor, _)| language.factor(factor))
            .collect();
        let (side, silent) = (reasons::side(side, language), silent.join(language.comma()));
        let heading = say!(
            language,
            "{side}效用 {utility}：各项贡献 = 权重 × 数值 ÷ 权重合计",
            "{side}: utility {utility}; a contribution is weight × value / sum of the weights"
        );
        let silent = match silent.as_str() {
            "" => silent,
            _ => say!(language, "不适用、未计入：{silent}\n", "not applicable, not counted: {silent}\n"),
        };
        format!("\n{heading}\n{}\n{silent}", table.trim_fmt())
    }

    fn standing(&self, pair: &Recommendation) -> Vec<String> {
        let (language, network) = (self.language, self.matcher.network());
        let today = &pair.relation;
        let mut said: Vec<String> = relation(today, language).into_iter().map(str::to_owned).collect();
        match today.yearly_value {
            Some(value) if value > 0.0 => {
                let value = language.money(value);
                said.push(say!(language, "近一年供货 {value}", "delivered {value} in the year"));
            }
            Some(_) => said.push(language.pick("近一年无供货", "no delivery in the year").to_owned()),
            None => {}
        }
        said.extend(
            today.last_trade.map(|date| say!(language, "最近一次供货 {date}", "last delivery {date}")),
        );
        said.extend(today.distance_km.map(|km| say!(language, "距离 {km:.2} km", "{km:.2} km apart")));
        for chain in today.chains.iter().filter_map(|chain| network.chain_ix(chain.as_str())) {
            let name = chain_name(network.chain(chain));
            said.push(say!(language, "同属{name}", "both in {name}"));
        }
        if said.is_empty() {
            said.push(language.pick("没有往来记录", "nothing on record").to_owned());
        }
        said
    }

    /// Each level with what stands in its way.
    fn levels(&self, pair: &Recommendation) -> Vec<String> {
        let language = self.language;
        let mut said = Vec::new();
        for &level in Level::ALL {
            let name = language.level(level);
            let gates: Vec<_> =
                pair.gates.iter().filter(|gate| gate.level.is_none_or(|of| of == level)).collect();
            let reasons: Vec<String> = gates.iter().map(|gate| self.gate(gate)).collect();
            let reasons = reasons.join(language.semicolon());
            said.push(if gates.is_empty() {
                say!(language, "{name}：可行", "{name}: open")
            } else if gates.iter().any(|gate| gate.bars) {
                say!(language, "{name}：不可行，{reasons}", "{name}: barred, {reasons}")
            } else {
                say!(language, "{name}：待核实，{reasons}", "{name}: to be looked into, {reasons}")
            });
        }
        said
    }
}

/// The whole number, without the many zeros of a tiny one.
fn to_last_digit(value: f64) -> String {
    if value != 0.0 && value.abs() < 1e-6 { format!("{value:e}") } else { value.to_string() }
}

/// The offers of one side that meet needs of the other.
fn matches(mode: &SuggestedMode, language: Language) -> Vec<String> {
    let name = language.mode(mode.mode);
    let list = |items: &[Box<str>]| {
        let items: Vec<String> = items.iter().map(|item| label(item)).collect();
        items.join(language.comma())
    };
    let said = mode.matches.iter().map(|found| {
        let from = reasons::side(found.from, language);
        let category = language.category(found.category);
        let (offers, needs, met) = (list(&found.offers), list(&found.needs), 100.0 * found.met);
        say!(
            language,
            "{name}：{category}，{from}提供 {offers}，对方需要 {needs}，满足 {met:.0}%",
            "{name}: {category}, the {from} offers {offers}, the other needs {needs}, {met:.0}% met"
        )
    });
    said.collect()
}

/// A heading with its lines, nothing where there are none.
fn section(heading: &str, lines: &[String]) -> String {
    let mut text = String::new();
    if !lines.is_empty() {
        let _ = writeln!(text, "\n{heading}");
        for line in lines {
            let _ = writeln!(text, "  · {line}");
        }
    }
    text
}
