//! Firms that rows name otherwise than by their keys: by name, by credit code, or spelt otherwise.

use std::collections::BTreeMap;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::finish::follow;
use super::order::Part;
use super::{DatasetBuilder, Effect, FaultKind, SupplyRow, Table};
use crate::model::{CreditCode, FirmId};

impl DatasetBuilder {
    /// Takes each firm that rows name and no record is of for the only one with a record that has this
    /// name or credit code, or this key when written plainly. O(firms), and O(records) where there are any.
    pub(super) fn resolve_names(&mut self) {
        let aliases = self.aliases();
        if aliases.is_empty() {
            return;
        }
        let firms = &self.tables.firms;
        let id = |position: u32| firms[position as usize].id.clone();
        let mut told: Vec<(FirmId, FirmId)> =
            aliases.iter().map(|(&alias, &firm)| (id(alias), id(firm))).collect();
        told.sort_unstable();
        // Where each firm stands once the others are gone.
        let mut moved: Vec<u32> = Vec::with_capacity(firms.len());
        let mut kept = 0;
        for position in 0..firms.len() as u32 {
            moved.push(kept);
            kept += u32::from(!aliases.contains_key(&position));
        }
        for (&alias, &firm) in &aliases {
            moved[alias as usize] = moved[firm as usize];
        }
        let mut position = 0..;
        self.tables.firms.retain(|_| !aliases.contains_key(&position.next().unwrap_or_default()));
        self.firms.retain(|position| !aliases.contains_key(&position));
        self.rename(&told.iter().cloned().collect());
        self.move_supplies(&moved);
        for (alias, firm) in told {
            let detail = Some(format!("taken for {firm}"));
            let (kind, table) = (FaultKind::NamedOtherwise, Table::Firms);
            self.fault_with(kind, Effect::Kept, table, "firm", alias.as_str(), detail);
        }
    }

    /// The positions of firms without a record, each with that of the firm it is taken for.
    fn aliases(&self) -> BTreeMap<u32, u32> {
        let firms = &self.tables.firms;
        let (seen, named): (Vec<u32>, Vec<u32>) =
            (0..firms.len() as u32).partition(|&position| self.firms.is_seen(position));
        if seen.is_empty() || named.is_empty() {
            return BTreeMap::new();
        }
        // `None` where several have it.
        let mut by_name: FxHashMap<String, Option<u32>> = FxHashMap::default();
        for position in seen {
            let firm = &firms[position as usize];
            let names = [Some(firm.id.as_str()), firm.name.as_deref()];
            let code = firm.credit_code.as_ref().map(CreditCode::as_str);
            let mut names: Vec<String> = names.into_iter().chain([code]).flatten().map(plain).collect();
            names.sort_unstable();
            names.dedup();
            for name in names {
                by_name.entry(name).and_modify(|firm| *firm = None).or_insert(Some(position));
            }
        }
        let find = |position: &u32| {
            Some((*position, (*by_name.get(&plain(firms[*position as usize].id.as_str()))?)?))
        };
        named.par_iter().filter_map(find).collect()
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

/// A name as one might write it: full-width signs as their ASCII selves, without blanks and characters of
/// no width.
fn plain(name: &str) -> String {
    let is_seen =
        |c: &char| !c.is_whitespace() && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}');
    name.chars().filter(is_seen).map(narrow).collect()
}

/// A full-width letter, digit or sign as its ASCII self.
pub(super) fn narrow(c: char) -> char {
    match c {
        // The block lies at a fixed distance from ASCII.
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        c => c,
    }
}
