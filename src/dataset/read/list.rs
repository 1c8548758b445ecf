//! Lists in cells, where a table has one item: products, chains and firms.

use std::borrow::Cow;

use rustc_hash::{FxHashMap, FxHashSet};

use super::binding::Cell;
use super::cell::split_list;
use super::row::Rows;
use crate::dataset::by_name::plain;
use crate::dataset::naming::SEPARATORS;
use crate::dataset::unknown::known;
use crate::dataset::{DatasetBuilder, Effect, FaultKind, Origin, Table};
use crate::model::{ChainMember, Date, FirmProduct, Pairing, Role};

/// What a row says in lists. They are taken apart once all keys and names are known, since these may look
/// like lists.
pub(super) enum List {
    /// A firm makes or needs each of some products.
    Products { firm: Box<str>, products: Box<str>, role: Role, weight: Option<f64> },
    /// Each of some firms is a member of each of some chains.
    Members { chains: Box<str>, firms: Box<str>, position: Option<Box<str>> },
    /// Some firms are the parties of a pairing.
    Parties { pairing: Box<Pairing>, parties: Box<str> },
    /// Each of some firms supplies each of some others with each of some products, in equal shares.
    Supplies {
        suppliers: Box<str>,
        buyers: Box<str>,
        products: Box<str>,
        value: Option<f64>,
        date: Option<Date>,
    },
}

impl List {
    /// Whether a cell has several lines.
    fn has_breaks(&self) -> bool {
        let cells: [&str; 3] = match self {
            Self::Products { products, .. } => [products, "", ""],
            Self::Members { chains, firms, .. } => [chains, firms, ""],
            Self::Parties { parties, .. } => [parties, "", ""],
            Self::Supplies { suppliers, buyers, products, .. } => [suppliers, buyers, products],
        };
        cells.iter().any(|cell| cell.contains('\n'))
    }
}

/// The most rows that lists in one row stand for, so that no cell fills the memory.
const MOST_COMBINED: usize = 10_000;

impl Rows {
    /// Keeps what a cell lists, if it says anything.
    pub(super) fn list(&mut self, cell: Cell<'_>, list: List) {
        if known(cell.text).is_some() {
            self.keep_list(list);
        }
    }

    /// Keeps what a row says in lists.
    pub(super) fn keep_list(&mut self, list: List) {
        self.lists.push((self.builder.origin.clone(), self.table, list));
    }

    /// Takes the lists apart, and hands on all records.
    pub(super) fn finish(mut self) -> DatasetBuilder {
        let lists = std::mem::take(&mut self.lists);
        let known_ones = if lists.is_empty() { FxHashSet::default() } else { self.keys_like_lists() };
        let wrapped = if lists.iter().any(|(_, _, list)| list.has_breaks()) {
            self.plain_names()
        } else {
            FxHashMap::default()
        };
        // Of relations in rosters the other firm may tell, too.
        let mut told: FxHashSet<(Box<str>, Box<str>)> = FxHashSet::default();
        for (origin, table, list) in lists {
            self.builder.origin(origin);
            self.table = table;
            // Of a roster every sign parts, and 无 is nobody.
            let is_roster = table == Table::Firms;
            let is_said = |text: &str| !is_roster || known(text).is_some();
            let split = |text: &'_ str, is_plain: bool| -> Vec<String> {
                if known_ones.contains(text) || is_plain && !is_roster && !holds_list(text) {
                    return vec![text.to_owned()];
                }
                let text = without_numbers(text);
                let items = items(&text).into_iter();
                items.flat_map(|item| lines(&item, &known_ones, &wrapped)).collect()
            };
            match list {
                List::Products { firm, products, role, weight } => {
                    let products = split(&products, false);
                    let weight = weight.map(|weight| weight / products.len() as f64);
                    for product in products.iter().filter(|product| is_said(product)) {
                        let (firm, product) = ((&*firm).into(), product.as_str().into());
                        self.builder.add_firm_product(FirmProduct { firm, product, role, weight });
                    }
                }
                List::Members { chains, firms, position } => {
                    let (chains, firms) = (split(&chains, true), split(&firms, true));
                    if !self.are_few(chains.len().saturating_mul(firms.len()), "chain", &chains[0]) {
                        continue;
                    }
                    for chain in chains.iter().filter(|chain| is_said(chain)) {
                        for firm in &firms {
                            let (chain, firm) = (chain.as_str().into(), firm.as_str().into());
                            let position = position.clone();
                            self.builder.add_chain_member(ChainMember { chain, firm, position });
                        }
                    }
                }
                List::Parties { mut pairing, parties } => {
                    let parties = split(&parties, false);
                    pairing.parties =
                        parties.iter().filter_map(|party| known(party)).map(Into::into).collect();
                    self.builder.add_pairing(*pairing);
                }
                List::Supplies { suppliers, buyers, products, value, date } => {
                    let [suppliers, buyers, products] =
                        [suppliers, buyers, products].map(|text| split(&text, true));
                    let n = suppliers.len().saturating_mul(buyers.len()).saturating_mul(products.len());
                    if !self.are_few(n, "supplier", &suppliers[0]) {
                        continue;
                    }
                    let value = value.map(|value| value / n as f64);
                    for supplier in suppliers.iter().filter(|supplier| is_said(supplier)) {
                        for buyer in buyers.iter().filter(|buyer| is_said(buyer)) {
                            let pair = || (supplier.as_str().into(), buyer.as_str().into());
                            if is_roster && !told.insert(pair()) {
                                continue;
                            }
                            for product in &products {
                                self.builder.add_supply_parts(supplier, buyer, known(product), value, date);
                            }
                        }
                    }
                }
            }
        }
        self.builder.origin(Origin::default());
        self.builder
    }

    /// The keys and names of firms, products and chains.
    fn keys_and_names(&self) -> impl Iterator<Item = &str> {
        let tables = &self.builder.tables;
        let firms = tables.firms.iter().map(|firm| (firm.id.as_str(), firm.name.as_deref()));
        let products = tables.products.iter().map(|product| (product.id.as_str(), product.name.as_deref()));
        let chains = tables.chains.iter().map(|chain| (chain.id.as_str(), chain.name.as_deref()));
        firms.chain(products).chain(chains).flat_map(|(id, name)| [Some(id), name]).flatten()
    }

    /// Those that look like lists.
    fn keys_like_lists(&self) -> FxHashSet<Box<str>> {
        let like_lists = |text: &&str| text.contains(SEPARATORS) || text.contains('\n');
        self.keys_and_names().filter(like_lists).map(Into::into).collect()
    }

    /// All by how they are written plainly, of equals the smallest.
    fn plain_names(&self) -> FxHashMap<String, String> {
        let mut names: FxHashMap<String, String> = FxHashMap::default();
        for name in self.keys_and_names() {
            let known = names.entry(plain(name)).or_insert_with(|| name.to_owned());
            if name < known.as_str() {
                name.clone_into(known);
            }
        }
        names
    }

    /// Whether a row of lists stands for no more rows than a sheet might hold; else it is left out.
    fn are_few(&mut self, n: usize, column: &'static str, text: &str) -> bool {
        let are_few = n <= MOST_COMBINED;
        if !are_few {
            let (kind, effect) = (FaultKind::LongText, Effect::RowLeftOut);
            let detail = Some(format!("{n} > {MOST_COMBINED}"));
            self.builder.fault_with(kind, effect, self.table, column, text, detail);
        }
        are_few
    }
}

/// In how many lines a name may stand.
const MOST_LINES: usize = 4;

/// With what the second line of a name begins that a narrow cell has broken.
const BROKEN_OFF: [&str; 9] = ["有限", "股份", "责任", "公司", "集团", "分公司", "厂", "(", "（"];

/// The items of what stands in one or more lines, one each. A line that goes on with the name before it is joined to
/// it, and all are that make a known name together.
fn lines(text: &str, known: &FxHashSet<Box<str>>, names: &FxHashMap<String, String>) -> Vec<String> {
    if !text.contains('\n') || known.contains(text) {
        return vec![text.to_owned()];
    }
    let all: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let mut items: Vec<String> = Vec::new();
    let mut rest = &all[..];
    while let Some(line) = rest.first() {
        // As many lines as make a known name.
        let known =
            (1..=rest.len().min(MOST_LINES)).find_map(|n| Some((names.get(&plain(&rest[..n].concat()))?, n)));
        match (known, items.last_mut()) {
            (Some((name, _)), _) => items.push(name.clone()),
            (None, Some(last)) if BROKEN_OFF.iter().any(|begin| line.starts_with(begin)) => {
                last.push_str(line);
            }
            _ => items.push((*line).to_owned()),
        }
        rest = &rest[known.map_or(1, |(_, n)| n)..];
    }
    items
}

/// A list without the numbers of its items: `1、轴；2、孔` is of two.
fn without_numbers(text: &str) -> Cow<'_, str> {
    let numbered = |text: &'_ str, number: usize| {
        let (ascii, wide) = (format!("{number}"), char::from_u32('①' as u32 + number as u32 - 1));
        let rest = match text.strip_prefix(wide.unwrap_or_default()) {
            Some(rest) if number <= 20 => Some(rest),
            _ => text.strip_prefix(&*ascii).and_then(|rest| {
                let rest = rest.strip_prefix(['、', '.', '．'])?;
                (!rest.starts_with(|c: char| c.is_ascii_digit())).then_some(rest)
            }),
        };
        rest.map(|rest| text.len() - rest.len())
    };
    if numbered(text, 1).is_none() {
        return text.into();
    }
    let (mut list, mut rest, mut number) = (String::new(), text, 1);
    while let Some(length) = numbered(rest, number) {
        rest = rest[length..].trim_start();
        number += 1;
        // A number is none where it goes on with a word.
        let begins = |at: usize| !rest[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
        let next = rest.char_indices().find(|&(at, _)| begins(at) && numbered(&rest[at..], number).is_some());
        let end = next.map_or(rest.len(), |(at, _)| at);
        list.push_str(rest[..end].trim().trim_end_matches(SEPARATORS));
        list.push_str(if end < rest.len() { "；" } else { "" });
        rest = &rest[end..];
    }
    list.into()
}

/// The items of a list in a cell, at least one.
fn items(text: &str) -> Vec<Cow<'_, str>> {
    let mut items = split_list(text);
    if items.is_empty() {
        items.push(text.into());
    }
    items
}

/// Whether a cell of firms or products looks like a list. Signs of ASCII do not count, since keys hold them.
pub(super) fn holds_list(text: &str) -> bool {
    text.contains('\n') || !text.is_ascii() && text.contains(['、', '；', '，'])
}
