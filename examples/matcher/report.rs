//! The rankings as tables, chain by chain.

use std::fmt::Write;
use std::io::{self, IsTerminal};

use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, Width, presets};
use jiedui::dataset::Dataset;
use jiedui::matcher::{Flag, Gate, Matcher, Ranking, Recommendation, Relation};
use jiedui::model::{Chain, FirmId, FirmIx, Pairing};
use jiedui::network::{ChainIx, Network, Tier};
use textwrap::core::Word;
use textwrap::{Options, WordSeparator, WordSplitter};

use crate::anchors;
use crate::firms::{clip, label, short, title};
use crate::language::{Language, say};
use crate::reasons;

/// Columns of a page, where the output is no terminal.
const PAGE: u16 = 120;
/// The fewest columns that tables can be read in.
const NARROWEST: u16 = 60;
/// By how many columns the rest of a long line is set in.
const FURTHER_IN: usize = 2;
/// How many firms a line lists before it only counts.
const LISTED: usize = 4;

/// Writes reports on the rankings of one matcher.
pub(crate) struct Report<'a> {
    pub(crate) matcher: &'a Matcher,
    pub(crate) language: Language,
    /// Columns of the page.
    pub(crate) width: u16,
}

/// The width of the terminal; where there is none that which `COLUMNS` asks for, or of a page.
pub(crate) fn width(is_for_file: bool) -> u16 {
    if !is_for_file && io::stdout().is_terminal() {
        return Table::new().width().unwrap_or(PAGE);
    }
    let asked = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    asked.filter(|columns| *columns >= NARROWEST).unwrap_or(PAGE)
}

impl Report<'_> {
    pub(crate) fn network(&self) -> &Network {
        self.matcher.network()
    }

    /// A text on pages of that width: what is left of a longer line goes on further in.
    pub(crate) fn wrapped(&self, text: &str) -> Vec<u8> {
        let wrapped = text.lines().map(|line| {
            let inset = line.chars().take_while(|letter| *letter == ' ').count();
            let rest = " ".repeat(inset + FURTHER_IN);
            let page = Options::new(self.width.into()).subsequent_indent(&rest);
            // Dates have hyphens, too.
            let page = page.word_splitter(WordSplitter::NoHyphenation);
            textwrap::fill(line, page.word_separator(WordSeparator::Custom(phrases))) + "\n"
        });
        wrapped.collect::<String>().into_bytes()
    }

    /// All rankings, in their order, under their chains.
    pub(crate) fn rankings(&self, dataset: &Dataset, anchors: &[FirmIx], rankings: &[Ranking]) -> String {
        let chain_of = |anchor: FirmIx| anchors::chain(self.network(), anchor);
        let mut text = self.headline(dataset, anchors.len());
        let mut chain = None;
        for (&anchor, ranking) in anchors.iter().zip(rankings) {
            if chain != Some(chain_of(anchor)) {
                chain = Some(chain_of(anchor));
                text += &self.chain_heading(chain_of(anchor));
            }
            text += &self.ranking(anchor, ranking);
        }
        text
    }

    /// How to read the columns of the sheet.
    pub(crate) fn legend(&self) -> &'static str {
        self.language.pick(
            "评分：链主效用与配套企业效用的调和平均，0 至 1；下限、上限为资料不全时的可能范围。\n\
             效用：各项指标的加权平均，逐项说明见 --explain。\n\
             最值得补充：补齐后最可能改变评分的资料。\n",
            "score: the harmonic mean of the anchor's and the partner's utility, from 0 to 1; low and high: how far it may \
             move with what is unknown.\n\
             utility: the weighted mean of the factors, told one by one by --explain.\n\
             most_telling: what is unknown and would most likely move the score.\n",
        )
    }

    pub(crate) fn headline(&self, dataset: &Dataset, n_anchors: usize) -> String {
        let (network, language) = (self.network(), self.language);
        let (firms, edges, rows) = (network.n_firms(), network.n_edges(), dataset.supplies().len());
        let as_of = self.as_of();
        say!(
            language,
            "{firms} 家企业，{edges} 对供应关系（{rows} 行），{n_anchors} 家链主；{as_of}\n",
            "{firms} firms, {edges} supply relations ({rows} rows), {n_anchors} anchors; {as_of}\n"
        )
    }

    pub(crate) fn as_of(&self) -> String {
        match self.network().as_of() {
            Some(date) => say!(self.language, "截至 {date}", "as of {date}"),
            None => self.language.pick("数据未注明日期", "nothing is dated").to_owned(),
        }
    }

    /// The chain, who runs it, and its pairings of more than two parties, which no
    /// ranking of pairs would show.
    fn chain_heading(&self, chain: Option<ChainIx>) -> String {
        let (network, language) = (self.network(), self.language);
        let mut text = match chain {
            Some(chain) => self.chain_line(chain),
            None if network.chains().len() > 0 => {
                language.pick("\n━━ 不在任何产业链内\n", "\n━━ In no chain\n").to_owned()
            }
            None => String::new(),
        };
        let is_listed = |pairing: &Pairing| {
            let parties = pairing.parties.iter().filter_map(|party| network.firm_ix(party.as_str()));
            let mut chains = parties.flat_map(|party| network.chains_at(party, network.as_of()));
            match chain {
                Some(chain) => chains.any(|of| of == chain),
                None => chains.next().is_none(),
            }
        };
        for pairing in self.in_force().filter(|pairing| pairing.parties.len() > 2 && is_listed(pairing)) {
            let heading = language.pick("   多方结对：", "   Joint pairing: ");
            let _ = writeln!(text, "{heading}{}", self.pairing(pairing));
        }
        text
    }

    fn chain_line(&self, ix: ChainIx) -> String {
        let (network, language) = (self.network(), self.language);
        let chain = network.chain(ix);
        let (name, members) = (chain_name(chain), network.members(ix).len());
        let mut said = vec![say!(language, "{members} 家成员", "{members} members")];
        let posts = [
            (&chain.leader, language.pick("链长", "leader")),
            (&chain.office, language.pick("链长办公室", "office")),
            (&chain.committee, language.pick("联合党委", "joint committee")),
        ];
        for (holder, post) in posts {
            said.extend(holder.as_deref().map(|holder| format!("{post} {}", label(holder))));
        }
        let said = said.join(language.pick("，", ", "));
        say!(language, "\n━━ {name}（{said}）\n", "\n━━ {name} ({said})\n")
    }

    fn in_force(&self) -> impl Iterator<Item = &Pairing> {
        let as_of = self.network().as_of();
        let pairings = self.network().tables().pairings.iter();
        pairings.filter(move |pairing| as_of.is_none_or(|date| pairing.is_in_force_at(date)))
    }

    /// The pairings in force that a firm is a party of.
    pub(crate) fn pairings_of(&self, firm: FirmIx) -> Vec<&Pairing> {
        let id = &self.network().firm(firm).id;
        self.in_force().filter(|pairing| pairing.parties.contains(id)).collect()
    }

    /// A pairing in one line: parties, level, modes, dates.
    pub(crate) fn pairing(&self, pairing: &Pairing) -> String {
        let language = self.language;
        let parties: Vec<String> = pairing.parties.iter().map(|party| short(self.network(), party)).collect();
        let modes: Vec<&str> = pairing.modes.iter().map(|&mode| language.mode(mode)).collect();
        // What a ledger gives no number is known by its parties, who are named already.
        let is_in_id = |party: &FirmId| {
            let firm = self.network().firm_ix(party.as_str()).map(|firm| self.network().firm(firm));
            let name = firm.and_then(|firm| firm.name.as_deref()).unwrap_or(party.as_str());
            pairing.id.as_str().contains(party.as_str()) || pairing.id.as_str().contains(name)
        };
        let is_made = pairing.parties.iter().all(is_in_id);
        let mut said: Vec<String> = (!is_made).then(|| pairing.id.to_string()).into_iter().collect();
        said.extend(pairing.level.map(|level| language.level(level).to_owned()));
        said.extend((!modes.is_empty()).then(|| modes.join(language.comma())));
        said.extend(pairing.theme.as_deref().map(label));
        said.extend(pairing.signed.map(|date| say!(language, "{date} 起", "from {date}")));
        said.extend(pairing.ends.map(|date| say!(language, "{date} 止", "to {date}")));
        let (parties, said) = (parties.join(language.pick(" — ", " – ")), said.join(language.semicolon()));
        if said.is_empty() {
            return parties;
        }
        say!(language, "{parties}（{said}）", "{parties} ({said})")
    }

    fn ranking(&self, anchor: FirmIx, ranking: &Ranking) -> String {
        let language = self.language;
        let mut text = format!("\n{}\n", self.anchor_line(anchor, ranking));
        let paired = self.pairings_of(anchor);
        if !paired.is_empty() {
            let firm = &self.network().firm(anchor).id;
            let mut partners: Vec<String> = Vec::new();
            for party in paired.iter().flat_map(|pairing| &pairing.parties).filter(|&party| party != firm) {
                let partner = short(self.network(), party);
                if !partners.contains(&partner) {
                    partners.push(partner);
                }
            }
            let heading = language.pick("   已结对：", "   Paired with ");
            let _ = writeln!(text, "{heading}{}", self.language.first_of(&partners, LISTED));
        }
        if ranking.recommendations.is_empty() {
            text += language.pick("   没有候选企业\n", "   No candidates\n");
        } else {
            let _ = writeln!(text, "{}", self.table(ranking).trim_fmt());
        }
        if !ranking.barred.is_empty() {
            let barred: Vec<String> = ranking.barred.iter().map(|barred| self.barred(barred)).collect();
            let heading = language.pick("   暂不可结对：", "   Barred for now: ");
            let _ = writeln!(text, "{heading}{}", self.language.first_of(&barred, LISTED));
        }
        text + &self.worth_asking(&ranking.recommendations)
    }

    fn anchor_line(&self, anchor: FirmIx, ranking: &Ranking) -> String {
        let (network, language) = (self.network(), self.language);
        let firm = network.firm(anchor);
        let mut said = vec![title(firm, language)];
        said.extend(firm.region.as_deref().map(label));
        let others: Vec<String> = network
            .chains_at(anchor, network.as_of())
            .skip(1)
            .map(|chain| chain_name(network.chain(chain)))
            .collect();
        if !others.is_empty() {
            let others = others.join(language.comma());
            said.push(say!(language, "另属{others}", "also in {others}"));
        }
        let all = network.suppliers(anchor).len();
        let (suppliers, candidates) = (network.current_suppliers(anchor).count(), ranking.candidates);
        said.push(say!(language, "现有供应商 {suppliers} 家", "{suppliers} suppliers today"));
        if all > suppliers {
            let former = all - suppliers;
            said.push(say!(language, "曾供货 {former} 家", "{former} former ones"));
        }
        said.push(say!(language, "候选 {candidates} 家", "{candidates} candidates"));
        if ranking.filtered > 0 {
            let filtered = ranking.filtered;
            said.push(say!(language, "按条件不列 {filtered} 家", "{filtered} left out as asked"));
        }
        format!("▶ {}", said.join(language.pick("，", ", ")))
    }

    fn table(&self, ranking: &Ranking) -> Table {
        let (network, language) = (self.network(), self.language);
        let mut table = Table::new();
        table.load_preset(presets::UTF8_HORIZONTAL_ONLY);
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(self.width);
        table.set_header(language.pick(
            ["#", "配套企业", "评分\n区间", "理由", "km", "共建模式\n可行层级", "备注"],
            ["#", "partner", "score\ninterval", "why", "km", "modes\nlevels", "notes"],
        ));
        for (rank, recommendation) in ranking.recommendations.iter().enumerate() {
            let Recommendation { supplier, score, low, high, relation, .. } = recommendation;
            let name = network.firm_ix(supplier.as_str()).and_then(|firm| network.firm(firm).name.as_deref());
            let name = name.filter(|name| *name != supplier.as_str());
            let named = name.map_or(String::new(), |name| clip(name) + "\n") + &clip(supplier.as_str());
            let reasons =
                reasons::why(network, self.matcher.calibration(), &ranking.anchor, recommendation, language);
            let (modes, levels) = (modes(recommendation, language), levels(recommendation, language));
            table.add_row([
                (rank + 1).to_string(),
                named,
                format!("{score:.3}\n{low:.3}–{high:.3}"),
                or_dash(&reasons.join("\n")),
                relation.distance_km.map_or(String::new(), |km| format!("{km:.1}")),
                format!("{}\n{}", or_dash(&modes), or_dash(&levels)),
                self.notes(recommendation),
            ]);
        }
        for numbers in [0, 2, 4] {
            if let Some(column) = table.column_mut(numbers) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        // A number broken in two is read as two.
        if let Some(scores) = table.column_mut(2) {
            scores.set_constraint(ColumnConstraint::ContentWidth);
        }
        // What is left of the page goes to the reasons.
        for (column, width) in [(1, 24), (5, 22), (6, 20)] {
            if let Some(column) = table.column_mut(column) {
                column.set_constraint(ColumnConstraint::UpperBoundary(Width::Fixed(width)));
            }
        }
        table
    }

    fn notes(&self, recommendation: &Recommendation) -> String {
        let mut notes = relation(&recommendation.relation, self.language);
        // That an anchor leads its supplier is so in every row.
        let flags = recommendation.flags.iter().filter(|&&flag| flag != Flag::AnchorLeadsSupplier);
        notes.extend(flags.map(|&flag| self.language.flag(flag)));
        notes.join(self.language.comma())
    }

    fn barred(&self, recommendation: &Recommendation) -> String {
        let name = short(self.network(), &recommendation.supplier);
        let gates = recommendation.gates.iter().filter(|gate| gate.bars);
        let gates: Vec<String> = gates.map(|gate| self.gate(gate)).collect();
        let gates = gates.join(self.language.semicolon());
        say!(self.language, "{name}（{gates}）", "{name} ({gates})")
    }

    /// A gate in words: who, what, until when.
    pub(crate) fn gate(&self, gate: &Gate) -> String {
        let language = self.language;
        let mut text = String::new();
        if let Some(firm) = &gate.firm {
            text += &short(self.network(), firm);
            text += language.pick("", " ");
        }
        text += language.gate(gate);
        if let Some(until) = gate.until {
            text += &say!(language, "，至 {until}", ", until {until}");
        }
        text
    }

    /// The unknown field that would most often tell the most.
    fn worth_asking(&self, recommendations: &[Recommendation]) -> String {
        let language = self.language;
        let mut counts: Vec<(&str, usize)> = Vec::new();
        for telling in
            recommendations.iter().filter_map(|recommendation| recommendation.most_telling.as_ref())
        {
            let wanted = language.records_of(&telling.factor);
            match counts.iter_mut().find(|(known, _)| *known == wanted) {
                Some((_, count)) => *count += 1,
                None => counts.push((wanted, 1)),
            }
        }
        counts.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        let counts: Vec<String> = counts
            .into_iter()
            .map(|(wanted, count)| say!(language, "{wanted}（{count} 家）", "{wanted} ({count})"))
            .collect();
        if counts.is_empty() {
            return String::new();
        }
        format!(
            "{}{}\n",
            language.pick("   最值得补充的资料：", "   Most worth finding out: "),
            counts.join(language.comma())
        )
    }
}

/// Where a line may break: Chinese lists have no blanks.
fn phrases(line: &str) -> Box<dyn Iterator<Item = Word<'_>> + '_> {
    Box::new(line.split_inclusive([' ', '、', '，', '；', '：']).map(Word::from))
}

/// The name of a chain, its id where it has none.
pub(crate) fn chain_name(chain: &Chain) -> String {
    clip(chain.name.as_deref().unwrap_or(chain.id.as_str()))
}

/// The text, a dash where there is none.
fn or_dash(text: &str) -> String {
    if text.is_empty() { "–".to_owned() } else { text.to_owned() }
}

/// What the two have to do with each other today.
pub(crate) fn relation(relation: &Relation, language: Language) -> Vec<&'static str> {
    let mut said = Vec::new();
    if relation.paired {
        said.push(language.pick("已结对", "paired"));
    }
    match relation.tier {
        Some(Tier(1)) if relation.current => said.push(language.pick("现有供应商", "supplier today")),
        Some(Tier(1)) => said.push(language.pick("曾供货", "former supplier")),
        Some(Tier(2)) => said.push(language.pick("二级供应商", "second tier")),
        _ => {}
    }
    if relation.buys {
        said.push(language.pick("链主的客户", "buys from the anchor"));
    }
    said
}

/// The suggested modes.
pub(crate) fn modes(recommendation: &Recommendation, language: Language) -> String {
    let modes: Vec<&str> = recommendation.modes.iter().map(|mode| language.mode(mode.mode)).collect();
    modes.join(language.comma())
}

/// The levels with nothing in the way.
pub(crate) fn levels(recommendation: &Recommendation, language: Language) -> String {
    let levels: Vec<&str> = recommendation.levels.iter().map(|&level| language.level(level)).collect();
    levels.join(language.comma())
}
