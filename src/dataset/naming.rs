//! Firms that rows name otherwise than by their keys: by name, by credit code, or spelt otherwise; and
//! products and chains that they name by name, and pairings that they name by their parties.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::by_name::{ByName, plain};
use super::finish::follow;
use super::merge::merge_firms;
use super::order::Part;
use super::unknown::known;
use super::{DatasetBuilder, Effect, FaultKind, Origin, SupplyRow, Table};
use crate::model::{ChainId, CreditCode, Date, FirmId, Outcome, Pairing, ProductId};

/// What separates the items of a list in one cell.
pub(super) const SEPARATORS: [char; 5] = [';', '；', '、', '，', '|'];

impl DatasetBuilder {
    /// Takes note that a relation calls the firm of a key by a name, too.
    #[cfg(any(feature = "csv", feature = "json", feature = "xlsx"))]
    pub(super) fn name_beside(&mut self, key: &str, name: &str) {
        let told = self.beside.entry(key.into()).or_insert_with(|| Some(name.into()));
        let is_same = told.as_deref().is_some_and(|told| plain(told) == plain(name));
        *told = told.take().filter(|_| is_same).map(|told| told.min(name.into()));
    }

    /// Takes each firm that rows name and no record is of for the only one with a record that has this
    /// name or credit code, or this key when written plainly. O(firms), and O(records) where there are any.
    pub(super) fn resolve_names(&mut self) {
        self.name_strangers();
        let aliases = self.aliases();
        if aliases.is_empty() {
            return;
        }
        let id = |position: u32| self.tables.firms[position as usize].id.clone();
        let told: FxHashMap<FirmId, FirmId> =
            aliases.iter().map(|(&alias, &firm)| (id(alias), id(firm))).collect();
        // The very name is as good as the key, so that there is nothing to be told; but two records that
        // become one are.
        let mut otherwise: Vec<(FirmId, FirmId)> = aliases
            .iter()
            .filter(|&(&alias, &firm)| self.firms.is_seen(alias) || !self.is_exact(alias, firm))
            .map(|(&alias, &firm)| (id(alias), id(firm)))
            .collect();
        otherwise.sort_unstable();
        let moved = without(&aliases, self.tables.firms.len());
        self.merge_aliases(&aliases);
        let mut position = 0..;
        self.tables.firms.retain(|_| !aliases.contains_key(&position.next().unwrap_or_default()));
        self.firms.retain(|position| !aliases.contains_key(&position));
        self.rename(&told);
        self.move_supplies(&moved);
        for (alias, firm) in otherwise {
            let detail = Some(format!("= {firm}"));
            let (kind, table) = (FaultKind::NamedOtherwise, Table::Firms);
            self.fault_with(kind, Effect::Kept, table, "firm", alias.as_str(), detail);
        }
    }

    /// Gives the firms without a record the names that stand beside their keys.
    fn name_strangers(&mut self) {
        // Where no relation tells a name, nobody need be looked for among millions of keys.
        if self.beside.is_empty() {
            return;
        }
        let positions = self.firms.positions_of(&self.tables.firms);
        let found =
            self.beside.iter().filter_map(|(key, name)| Some((*positions.get(&**key)?, name.clone()?)));
        for (position, name) in found.collect::<Vec<_>>() {
            if !self.firms.is_seen(position) {
                self.tables.firms[position as usize].name = Some(name);
            }
        }
    }

    /// Whether a firm is named by the very name or credit code of another one.
    fn is_exact(&self, alias: u32, firm: u32) -> bool {
        let [alias, firm] = [alias, firm].map(|position| &self.tables.firms[position as usize]);
        let names = [firm.name.as_deref(), firm.credit_code.as_ref().map(CreditCode::as_str)];
        names.contains(&Some(alias.id.as_str()))
    }

    /// Puts records that go by a name with those of the firms that have it.
    fn merge_aliases(&mut self, aliases: &BTreeMap<u32, u32>) {
        let firms = &self.tables.firms;
        let mut records: Vec<(u32, u32)> = aliases
            .iter()
            .map(|(&alias, &firm)| (alias, firm))
            .filter(|&(alias, _)| self.firms.is_seen(alias))
            .collect();
        records.sort_unstable_by_key(|&(alias, _)| &firms[alias as usize].id);
        for (alias, firm) in records {
            let record = self.tables.firms[alias as usize].clone();
            let (merged, clashes) = merge_firms(&self.tables.firms[firm as usize], record);
            self.tables.firms[firm as usize] = merged;
            let id = self.tables.firms[firm as usize].id.clone();
            self.report_merge(Table::Firms, id.as_str(), &clashes);
        }
    }

    /// Names the firms without a record, where there are any with one, and for some of them the only firm
    /// that they may be short for.
    pub(super) fn tell_strangers(&mut self) {
        let firms = &self.tables.firms;
        let (seen, strange) = self.seen_and_named();
        if seen.is_empty() {
            return;
        }
        let mut strange: Vec<FirmId> =
            strange.into_iter().map(|position| firms[position as usize].id.clone()).collect();
        strange.sort_unstable();
        let guess = |short: &FirmId| {
            let short = plain(short.as_str().split(['(', '（']).next().unwrap_or_default());
            let may_be = |position: &&u32| {
                let firm = &firms[**position as usize];
                let name = plain(firm.name.as_deref().unwrap_or(firm.id.as_str()));
                is_short_for(&short, &name)
            };
            let names = |position: &&u32| {
                firms[**position as usize].name.as_deref().map(plain).as_ref() == Some(&short)
            };
            let same: Vec<&str> =
                seen.iter().filter(names).map(|&position| firms[position as usize].id.as_str()).collect();
            if same.len() > 1 {
                return Some(format!("{}?", same.join(", ")));
            }
            let mut found = seen.iter().filter(may_be);
            let only = found.next().filter(|_| found.next().is_none())?;
            let firm = &firms[*only as usize];
            Some(format!("{}?", firm.name.as_deref().unwrap_or(firm.id.as_str())))
        };
        let most = GUESSES.min(MOST_LOOKS / seen.len());
        let guesses: Vec<Option<String>> = strange.par_iter().take(most).map(guess).collect();
        for (position, stranger) in strange.iter().enumerate() {
            let detail = guesses.get(position).cloned().flatten();
            let (kind, table) = (FaultKind::OnlyNamed, Table::Firms);
            self.fault_with(kind, Effect::Kept, table, "firm", stranger.as_str(), detail);
        }
    }

    /// Marks the anchors that firms name; who is no firm is an unknown word.
    pub(super) fn mark_anchors(&mut self) {
        let anchors = std::mem::take(&mut self.anchors);
        if anchors.is_empty() {
            return;
        }
        let by_name = self.by_name(0..self.tables.firms.len() as u32);
        let found: Vec<Option<u32>> = anchors.keys().map(|name| by_name.find(name)).collect();
        for ((name, origin), position) in anchors.into_iter().zip(found) {
            if let Some(position) = position {
                self.tables.firms[position as usize].anchor.get_or_insert(true);
            } else {
                self.origin = origin;
                let (kind, effect) = (FaultKind::UnknownWord, Effect::CellLeftOut);
                self.fault(kind, effect, Table::Firms, "anchor", &name);
            }
        }
        self.origin = Origin::default();
    }

    /// Takes each chain that rows name and no record is of for the only one of that name.
    pub(super) fn resolve_chain_names(&mut self) {
        let chains = &self.tables.chains;
        let names = chains.iter().map(|chain| (chain.id.as_str(), chain.name.as_deref()));
        let aliases = by_name_alone(names, |position| self.chains.is_seen(position));
        let id = |position: u32| chains[position as usize].id.clone();
        let told: FxHashMap<ChainId, ChainId> =
            aliases.iter().map(|(&alias, &chain)| (id(alias), id(chain))).collect();
        if told.is_empty() {
            return;
        }
        for row in &mut self.tables.chain_members {
            if let Some(chain) = told.get(&row.chain) {
                row.chain = chain.clone();
            }
        }
        self.tables.chains.retain(|chain| !told.contains_key(&chain.id));
        self.chains.retain(|position| !aliases.contains_key(&position));
    }

    /// Takes an outcome that names no pairing by its key for one of the pairing of the parties that it
    /// names: ledgers seldom number their pairings. A number among the parties counts before these, and
    /// where it is of others, that is told.
    pub(super) fn resolve_outcomes(&mut self) {
        let is_known = |outcome: &Outcome| self.pairings.contains_key(&outcome.pairing);
        if self.tables.outcomes.iter().all(is_known) {
            return;
        }
        let by_name = self.by_name(0..self.tables.firms.len() as u32);
        let mut of_number: FxHashMap<&str, &Pairing> = FxHashMap::default();
        let mut of_firm: FxHashMap<&FirmId, Vec<&Pairing>> = FxHashMap::default();
        for pairing in &self.tables.pairings {
            of_number.insert(pairing.id.as_str(), pairing);
            for party in &pairing.parties {
                of_firm.entry(party).or_default().push(pairing);
            }
        }
        let (mut found, mut clashes) = (Vec::new(), Vec::new());
        for (position, outcome) in self.tables.outcomes.iter().enumerate() {
            if is_known(outcome) {
                continue;
            }
            let items = outcome.pairing.as_str().split(SEPARATORS).filter_map(known);
            let (numbers, parties): (Vec<&str>, Vec<&str>) =
                items.partition(|item| of_number.contains_key(*item));
            let firms = parties.iter().map(|party| by_name.find(party));
            let firms: Option<BTreeSet<&FirmId>> =
                firms.map(|firm| Some(&self.tables.firms[firm? as usize].id)).collect();
            if let Some(pairing) = numbers.first().and_then(|number| of_number.get(number)) {
                let are_its = firms.iter().flatten().all(|firm| pairing.parties.contains(firm));
                if numbers.len() > 1 || firms.is_none() || !are_its {
                    clashes.push((position, outcome.pairing.to_string(), pairing.id.to_string()));
                }
                found.push((position, pairing.id.clone()));
            } else if let Some(pairing) = firms.and_then(|firms| of_parties(&of_firm, &firms, outcome.date)) {
                found.push((position, pairing.id.clone()));
            }
        }
        for (position, pairing) in found {
            self.tables.outcomes[position].pairing = pairing;
        }
        for (position, told, number) in clashes {
            self.origin = self.outcome_origins[position].clone();
            let detail = Some(format!("= {number}"));
            self.fault_with(FaultKind::Conflict, Effect::Kept, Table::Outcomes, "pairing", &told, detail);
        }
        self.origin = Origin::default();
    }

    /// Takes each product that rows name and no record is of for the only one of that name.
    pub(super) fn resolve_product_names(&mut self) {
        let products = &self.tables.products;
        let names = products.iter().map(|product| (product.id.as_str(), product.name.as_deref()));
        let aliases = by_name_alone(names, |position| self.products.is_seen(position));
        if aliases.is_empty() {
            return;
        }
        let id = |position: u32| products[position as usize].id.clone();
        let told: FxHashMap<ProductId, ProductId> =
            aliases.iter().map(|(&alias, &product)| (id(alias), id(product))).collect();
        let moved = without(&aliases, products.len());
        self.tables.products.retain(|product| !told.contains_key(&product.id));
        self.products.retain(|position| !aliases.contains_key(&position));
        self.rename_products(&told);
        let rows = vec![std::mem::take(&mut self.supplies)];
        self.parts.push(Part { rows, ..Part::default() });
        for part in &mut self.parts {
            follow(&mut part.positions.products, Some(&moved));
        }
    }

    /// Puts keys for names in all tables but the supply rows.
    fn rename_products(&mut self, products: &FxHashMap<ProductId, ProductId>) {
        let rename = |id: &mut ProductId| {
            if let Some(product) = products.get(id) {
                *id = product.clone();
            }
        };
        let tables = &mut self.tables;
        tables.firm_products.iter_mut().for_each(|row| rename(&mut row.product));
        let mut selves = Vec::new();
        tables.product_inputs.retain_mut(|row| {
            rename(&mut row.input);
            rename(&mut row.output);
            let is_self = row.input == row.output;
            selves.extend(is_self.then(|| (Table::ProductInputs, "output", row.output.clone())));
            !is_self
        });
        tables.product_parents.retain_mut(|row| {
            rename(&mut row.product);
            rename(&mut row.parent);
            let is_self = row.product == row.parent;
            selves.extend(is_self.then(|| (Table::ProductParents, "parent", row.parent.clone())));
            !is_self
        });
        selves.sort_unstable();
        for (table, column, product) in selves {
            self.fault(FaultKind::SelfReference, Effect::RowLeftOut, table, column, product.as_str());
        }
    }

    /// The positions of firms with a record of their own, and of those that are only named.
    fn seen_and_named(&self) -> (Vec<u32>, Vec<u32>) {
        (0..self.tables.firms.len() as u32).partition(|&position| self.firms.is_seen(position))
    }

    /// The positions of firms without a record, or with records by name alone, each with that of the firm it is
    /// taken for.
    fn aliases(&self) -> BTreeMap<u32, u32> {
        let firms = &self.tables.firms;
        let (mut seen, named) = self.seen_and_named();
        let mut aliases = BTreeMap::new();
        if !self.by_name_only.is_empty() && self.by_name_only.len() < seen.len() {
            let (by_name_only, keyed): (Vec<u32>, Vec<u32>) =
                seen.iter().partition(|position| self.by_name_only.contains(position));
            aliases = self.found(&self.by_name(keyed), &by_name_only);
            seen.retain(|position| !aliases.contains_key(position));
        }
        if named.is_empty() || seen.is_empty() && self.beside.is_empty() {
            return aliases;
        }
        let mut by_name = self.by_name(seen);
        // What is spelt as a record by name is goes where that goes.
        for (&alias, &firm) in &aliases {
            by_name.plain.entry(plain(firms[alias as usize].id.as_str())).or_insert(Some(firm));
        }
        aliases.extend(self.found(&by_name, &named));
        // Who is nobody by key may be somebody by the name beside it, or be named by that elsewhere.
        let rest = named.into_iter().filter(|position| !aliases.contains_key(position));
        let (told, untold): (Vec<u32>, Vec<u32>) =
            rest.partition(|&position| firms[position as usize].name.is_some());
        let known =
            |position: &u32| Some((*position, by_name.find(firms[*position as usize].name.as_deref()?)?));
        let known: BTreeMap<u32, u32> = told.iter().filter_map(known).collect();
        let strangers = self.by_name(told.into_iter().filter(|position| !known.contains_key(position)));
        aliases.extend(self.found(&strangers, &untold));
        aliases.extend(known);
        aliases
    }

    /// Those of some positions whose key is some firm's key, name or credit code.
    fn found(&self, by_name: &ByName<'_>, positions: &[u32]) -> BTreeMap<u32, u32> {
        let firms = &self.tables.firms;
        let find = |position: &u32| Some((*position, by_name.find(firms[*position as usize].id.as_str())?));
        positions.par_iter().filter_map(find).collect()
    }

    fn by_name(&self, positions: impl IntoIterator<Item = u32>) -> ByName<'_> {
        let mut by_name = ByName::default();
        for position in positions {
            by_name.add(position, &self.tables.firms[position as usize]);
        }
        by_name
    }

    /// Puts keys for names in all tables but the supply rows.
    fn rename(&mut self, firms: &FxHashMap<FirmId, FirmId>) {
        let rename = |id: &mut FirmId| {
            if let Some(firm) = firms.get(id) {
                *id = firm.clone();
            }
        };
        let mut own_parents = Vec::new();
        let tables = &mut self.tables;
        for firm in &mut tables.firms {
            if let Some(parent) = &mut firm.parent {
                rename(parent);
                if *parent == firm.id {
                    firm.parent = None;
                    own_parents.push(firm.id.clone());
                }
            }
        }
        tables.firm_products.iter_mut().for_each(|row| rename(&mut row.firm));
        tables.chain_members.iter_mut().for_each(|row| rename(&mut row.firm));
        tables.resources.iter_mut().for_each(|row| rename(&mut row.firm));
        let mut lone = Vec::new();
        tables.pairings.retain_mut(|pairing| {
            pairing.parties.iter_mut().for_each(rename);
            let mut seen = FxHashSet::default();
            pairing.parties.retain(|party| seen.insert(party.clone()));
            let is_lone = pairing.parties.len() < 2;
            lone.extend(is_lone.then(|| pairing.id.clone()));
            !is_lone
        });
        let mut selves: Vec<(Table, FirmId)> = Vec::new();
        tables.incidents.retain_mut(|row| {
            rename(&mut row.supplier);
            rename(&mut row.buyer);
            let is_self = row.supplier == row.buyer;
            selves.extend(is_self.then(|| (Table::Incidents, row.buyer.clone())));
            !is_self
        });
        tables.responses.retain_mut(|row| {
            rename(&mut row.firm);
            rename(&mut row.partner);
            let is_self = row.firm == row.partner;
            selves.extend(is_self.then(|| (Table::Responses, row.partner.clone())));
            !is_self
        });
        for pairing in lone {
            self.pairings.remove(&pairing);
            let (kind, table) = (FaultKind::TooFewParties, Table::Pairings);
            self.fault(kind, Effect::RowLeftOut, table, "parties", pairing.as_str());
        }
        for firm in own_parents {
            let kind = FaultKind::SelfReference;
            self.fault(kind, Effect::CellLeftOut, Table::Firms, "parent", firm.as_str());
        }
        for (table, firm) in selves {
            self.fault(FaultKind::SelfReference, Effect::RowLeftOut, table, "", firm.as_str());
        }
    }

    /// Moves the firms of supply rows, and leaves out rows of a firm that supplies itself.
    fn move_supplies(&mut self, moved: &[u32]) {
        let rows = vec![std::mem::take(&mut self.supplies)];
        self.parts.push(Part { rows, ..Part::default() });
        let mut selves: Vec<u32> = Vec::new();
        for Part { rows, positions } in &mut self.parts {
            follow(&mut positions.firms, Some(moved));
            let firms = positions.firms.as_deref().unwrap_or_default();
            let is_self = |row: &SupplyRow| firms[row.supplier.index()] == firms[row.buyer.index()];
            let of_selves = rows.iter().flatten().filter(|row| is_self(row));
            selves.extend(of_selves.map(|row| firms[row.supplier.index()]));
            rows.par_iter_mut().for_each(|rows| rows.retain(|row| !is_self(row)));
        }
        selves.sort_unstable_by_key(|&firm| self.tables.firms[firm as usize].id.clone());
        for firm in selves {
            let firm: FirmId = self.tables.firms[firm as usize].id.clone();
            let (kind, table) = (FaultKind::SelfReference, Table::Supplies);
            self.fault(kind, Effect::RowLeftOut, table, "buyer", firm.as_str());
        }
    }
}

/// For each of so many records the position that it has once aliases are gone: that of the record
/// that an alias is taken for.
fn without(aliases: &BTreeMap<u32, u32>, n_records: usize) -> Vec<u32> {
    let mut moved: Vec<u32> = Vec::with_capacity(n_records);
    let mut kept = 0;
    for position in 0..n_records as u32 {
        moved.push(kept);
        kept += u32::from(!aliases.contains_key(&position));
    }
    for (&alias, &of) in aliases {
        moved[alias as usize] = moved[of as usize];
    }
    moved
}

/// The positions of records that are only named, each with that of the only record that has its key for
/// a name; of each record its key and name.
fn by_name_alone<'a>(
    records: impl Iterator<Item = (&'a str, Option<&'a str>)> + Clone,
    is_seen: impl Fn(u32) -> bool,
) -> BTreeMap<u32, u32> {
    let mut by_name: FxHashMap<&str, Option<u32>> = FxHashMap::default();
    for (position, (_, name)) in (0..).zip(records.clone()).filter(|&(position, _)| is_seen(position)) {
        if let Some(name) = name {
            by_name.entry(name).and_modify(|only| *only = None).or_insert(Some(position));
        }
    }
    let named = (0..).zip(records).filter(|&(position, _)| !is_seen(position));
    named.filter_map(|(position, (key, _))| Some((position, (*by_name.get(key)?)?))).collect()
}

/// The pairing of some firms, two at least: of them alone, if there is one; then the latest that is signed by
/// a date, else the first; the first by key of equals.
fn of_parties<'a>(
    of_firm: &FxHashMap<&FirmId, Vec<&'a Pairing>>,
    firms: &BTreeSet<&FirmId>,
    date: Option<Date>,
) -> Option<&'a Pairing> {
    let first = firms.first().filter(|_| firms.len() > 1)?;
    let of_all = of_firm.get(first)?.iter().copied();
    let of_all = of_all.filter(|pairing| firms.iter().all(|&firm| pairing.parties.contains(firm)));
    let is_signed = |pairing: &Pairing| {
        pairing.signed.zip(date).is_none_or(|(signed, date)| signed.first_day() <= date.last_day())
    };
    of_all.max_by_key(|pairing| {
        let (is_of_them, is_signed) = (pairing.parties.len() == firms.len(), is_signed(pairing));
        let latest = pairing.signed.filter(|_| is_signed);
        (is_of_them, is_signed, latest, Reverse(pairing.signed), Reverse(&pairing.id))
    })
}

/// How many firms without a record are guessed,
const GUESSES: usize = 100;
/// and how many names are looked at for them in all.
const MOST_LOOKS: usize = 2_000_000;

/// Whether a name is made of characters of another one, in their order and from the first on, as 中车株机
/// is of 中车株洲电力机车有限公司.
fn is_short_for(short: &str, long: &str) -> bool {
    let mut rest = long.chars();
    short.chars().count() >= 2
        && short.chars().next() == long.chars().next()
        && short.chars().all(|c| rest.any(|other| other == c))
}
