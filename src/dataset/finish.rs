//! From collected records to sorted, merged tables without circles.

use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::cycle::cut_cycles;
use super::order::{Part, Positions, in_order};
use super::supplies::Supplies;
use super::{
    Dataset, DatasetBuilder, Effect, Fault, FaultKind, Limits, Origin, Report, SupplyRow, Table, Tables,
};
use crate::model::{ChainMember, CreditCode, Date, Firm, ProductId, ProductParent};

impl DatasetBuilder {
    /// The dataset, provided that nothing was lost.
    ///
    /// # Errors
    ///
    /// The [`Report`], where any fault is more than a note.
    pub fn build(self) -> Result<Dataset, Box<Report>> {
        let (dataset, report) = self.finish();
        if report.losses() == 0 { Ok(dataset) } else { Err(Box::new(report)) }
    }

    /// The dataset and what was wrong on the way to it.
    ///
    /// Sorts every table, so O(n log n) in the records. The supply rows are sorted on all
    /// threads of the current rayon pool, and are there twice meanwhile.
    pub fn finish(mut self) -> (Dataset, Report) {
        self.origin = Origin::default();
        self.resolve_names();
        self.resolve_chain_names();
        self.resolve_product_names();
        self.tell_strangers();
        self.mark_anchors();
        self.report.set_made(Table::Firms, self.firms.made());
        self.report.set_made(Table::Products, self.products.made());
        self.report.set_made(Table::Chains, self.chains.made());
        self.resolve_outcomes();
        self.check_outcomes();
        self.check_ends();
        let (supplies, has_refunds) = self.sort_supplies();
        self.tables.chains.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        self.tables.pairings.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        self.check_codes();
        self.check_firm_parents();
        self.check_product_parents();
        if has_refunds {
            self.check_refunds(&supplies.rows);
        }
        self.merge_rows();
        let dataset = Dataset { tables: Arc::new(self.tables), supplies: Arc::new(supplies) };
        if let Some((latest, next)) = lone_date(&dataset) {
            self.report.push(Fault {
                kind: FaultKind::LoneDate,
                effect: Effect::Kept,
                table: None,
                origin: Origin::default(),
                column: None,
                value: latest.to_string().into(),
                detail: Some(format!("… {next}").into()),
            });
        }
        (dataset, self.report)
    }

    fn check_outcomes(&mut self) {
        let outcomes = std::mem::take(&mut self.tables.outcomes);
        let origins = std::mem::take(&mut self.outcome_origins);
        for (outcome, origin) in outcomes.into_iter().zip(origins) {
            if self.pairings.contains_key(&outcome.pairing) {
                self.tables.outcomes.push(outcome);
            } else {
                self.origin = origin;
                let id = outcome.pairing.as_str();
                self.fault(FaultKind::UnknownPairing, Effect::RowLeftOut, Table::Outcomes, "pairing", id);
            }
        }
        self.origin = Origin::default();
    }

    /// Two records of one key may be sound and yet end before they begin once merged.
    fn check_ends(&mut self) {
        let mut chains = std::mem::take(&mut self.tables.chains);
        for chain in &mut chains {
            chain.valid_to = self.ends_after(Table::Chains, "valid_to", chain.valid_from, chain.valid_to);
        }
        self.tables.chains = chains;
        let mut pairings = std::mem::take(&mut self.tables.pairings);
        for pairing in &mut pairings {
            pairing.ends = self.ends_after(Table::Pairings, "ends", pairing.signed, pairing.ends);
        }
        self.tables.pairings = pairings;
    }

    /// Sorts firms and products, and by their new positions the supply rows; also says
    /// whether any of them is a refund.
    fn sort_supplies(&mut self) -> (Supplies, bool) {
        let firms = sorted_positions(&self.tables.firms, |firm| firm.id.as_str());
        let products = sorted_positions(&self.tables.products, |product| product.id.as_str());
        let mut parts = std::mem::take(&mut self.parts);
        parts.push(Part { rows: vec![std::mem::take(&mut self.supplies)], positions: Positions::default() });
        for part in &mut parts {
            follow(&mut part.positions.firms, firms.as_deref());
            follow(&mut part.positions.products, products.as_deref());
        }
        if let Some(firms) = firms {
            permute(&mut self.tables.firms, firms);
        }
        if let Some(products) = products {
            permute(&mut self.tables.products, products);
        }
        in_order(parts, self.tables.firms.len())
    }

    /// A department may go by the code of its legal entity, two of which have one each.
    fn check_codes(&mut self) {
        let mut firms: FxHashMap<&CreditCode, &Firm> = FxHashMap::default();
        let mut shared = Vec::new();
        for firm in self.tables.firms.iter().filter(|firm| firm.is_legal_entity()) {
            let Some(code) = &firm.credit_code else { continue };
            if let Some(first) = firms.get(code) {
                shared.push((code.clone(), format!("{}; {}", first.id, firm.id)));
            } else {
                firms.insert(code, firm);
            }
        }
        for (code, detail) in shared {
            let (kind, table) = (FaultKind::SharedCode, Table::Firms);
            self.fault_with(kind, Effect::Kept, table, "credit_code", code.as_str(), Some(detail));
        }
    }

    fn check_firm_parents(&mut self) {
        let tables = &self.tables;
        let parent = |firm: &Firm| tables.firm_ix(firm.parent.as_ref()?.as_str());
        let firms = tables.firms.par_iter().enumerate();
        let mut parents: Vec<(u32, u32)> = firms
            .filter_map(|(position, firm)| Some((position as u32, parent(firm)?.index() as u32)))
            .collect();
        for (child, parent) in cut_cycles(self.tables.firms.len(), &mut parents) {
            self.tables.firms[child as usize].parent = None;
            let (child, parent) =
                (self.tables.firms[child as usize].id.clone(), self.tables.firms[parent as usize].id.clone());
            let detail = format!("→ {parent}");
            self.fault_with(
                FaultKind::Cycle,
                Effect::CellLeftOut,
                Table::Firms,
                "parent",
                child.as_str(),
                Some(detail),
            );
        }
    }

    fn check_product_parents(&mut self) {
        let rows = std::mem::take(&mut self.tables.product_parents);
        let position = |id: &ProductId| self.tables.product_ix(id.as_str()).map_or(0, |ix| ix.index() as u32);
        let mut parents: Vec<(u32, u32)> =
            rows.iter().map(|row| (position(&row.product), position(&row.parent))).collect();
        let cut = cut_cycles(self.tables.products.len(), &mut parents);
        let id = |position: u32, tables: &Tables| tables.products[position as usize].id.clone();
        for (child, parent) in cut {
            let (child, parent) = (id(child, &self.tables), id(parent, &self.tables));
            let detail = format!("→ {parent}");
            self.fault_with(
                FaultKind::Cycle,
                Effect::RowLeftOut,
                Table::ProductParents,
                "parent",
                child.as_str(),
                Some(detail),
            );
        }
        self.tables.product_parents = parents
            .into_iter()
            .map(|(child, parent)| ProductParent {
                product: id(child, &self.tables),
                parent: id(parent, &self.tables),
            })
            .collect();
    }

    fn check_refunds(&mut self, supplies: &[SupplyRow]) {
        for pair in supplies.chunk_by(|a, b| (a.supplier, a.buyer) == (b.supplier, b.buyer)) {
            let sum: f64 = pair.iter().filter_map(SupplyRow::value).sum();
            if sum < 0.0 {
                let firms = &self.tables.firms;
                let value =
                    format!("{} → {}", firms[pair[0].supplier.index()].id, firms[pair[0].buyer.index()].id);
                let detail = format!("Σ {sum}");
                self.fault_with(
                    FaultKind::RefundsExceedSales,
                    Effect::Kept,
                    Table::Supplies,
                    "value",
                    &value,
                    Some(detail),
                );
            }
        }
    }

    /// Sorts the tables without a key of their own and folds repeated rows.
    fn merge_rows(&mut self) {
        let tables = &mut self.tables;
        tables.product_inputs.sort_unstable_by(|a, b| {
            (&a.input, &a.output).cmp(&(&b.input, &b.output)).then(total_cmp(a.weight, b.weight))
        });
        tables.product_inputs.dedup_by(|row, kept| {
            let same = (&row.input, &row.output) == (&kept.input, &kept.output);
            same && add_weight(row.weight, &mut kept.weight)
        });
        tables.firm_products.sort_unstable_by(|a, b| {
            (&a.firm, &a.product, a.role)
                .cmp(&(&b.firm, &b.product, b.role))
                .then(total_cmp(a.weight, b.weight))
        });
        tables.firm_products.dedup_by(|row, kept| {
            let same = (&row.firm, &row.product, row.role) == (&kept.firm, &kept.product, kept.role);
            same && add_weight(row.weight, &mut kept.weight)
        });
        tables.resources.sort_unstable_by(|a, b| {
            (&a.firm, a.direction, a.category, &a.item, &a.unit)
                .cmp(&(&b.firm, b.direction, b.category, &b.item, &b.unit))
                .then(total_cmp(a.amount, b.amount))
        });
        tables.outcomes.sort_unstable_by(|a, b| {
            (&a.pairing, a.date, a.kind, &a.evidence)
                .cmp(&(&b.pairing, b.date, b.kind, &b.evidence))
                .then(total_cmp(a.amount, b.amount))
        });
        tables.incidents.sort_unstable_by(|a, b| {
            (&a.supplier, &a.buyer, a.date, &a.kind)
                .cmp(&(&b.supplier, &b.buyer, b.date, &b.kind))
                .then(total_cmp(a.lots, b.lots))
        });
        tables.responses.sort_unstable_by(|a, b| {
            (&a.firm, &a.partner, a.date, a.answer, a.until)
                .cmp(&(&b.firm, &b.partner, b.date, b.answer, b.until))
        });
        // Positions sort known before unknown within a key, so the first is the one to keep.
        tables.chain_members.sort_unstable_by(|a, b| {
            let key = |row: &ChainMember| (row.chain.clone(), row.firm.clone(), row.position.is_none());
            key(a).cmp(&key(b)).then_with(|| a.position.cmp(&b.position))
        });
        let mut clashes = Vec::new();
        tables.chain_members.dedup_by(|row, kept| {
            let same = (&row.chain, &row.firm) == (&kept.chain, &kept.firm);
            if let (true, Some(one), Some(other)) = (same, &kept.position, &row.position)
                && one != other
            {
                let detail = format!("{one} | {other}");
                clashes.push((format!("{}, {}", row.firm, row.chain), detail));
            }
            same
        });
        for (value, detail) in clashes {
            self.fault_with(
                FaultKind::Conflict,
                Effect::Replaced,
                Table::ChainMembers,
                "position",
                &value,
                Some(detail),
            );
        }
    }
}

/// The latest date and the one before it, where more than a year lies between.
fn lone_date(dataset: &Dataset) -> Option<(Date, Date)> {
    let latest = dataset.latest_date()?;
    let others = dataset.dates().filter(|date| date.last_day() < latest.first_day());
    let next = others.max_by_key(|date| date.last_day())?;
    (next.last_day() < latest.first_day().months_before(12)).then_some((latest, next))
}

/// For each record the position it will have once sorted by key; `None` where they are.
fn sorted_positions<Record: Sync>(
    records: &[Record],
    id: impl Fn(&Record) -> &str + Sync,
) -> Option<Vec<u32>> {
    if records.par_windows(2).all(|pair| id(&pair[0]) < id(&pair[1])) {
        return None;
    }
    // Beside each record the beginning of its key, so that few comparisons go to the key.
    let key = |(record, of): (usize, &Record)| {
        let mut start = [0; 16];
        let bytes = id(of).as_bytes();
        let length = bytes.len().min(16);
        start[..length].copy_from_slice(&bytes[..length]);
        (u128::from_be_bytes(start), record as u32)
    };
    let mut order: Vec<(u128, u32)> = records.par_iter().enumerate().map(key).collect();
    order.par_sort_unstable_by(|a, b| {
        a.0.cmp(&b.0).then_with(|| id(&records[a.1 as usize]).cmp(id(&records[b.1 as usize])))
    });
    let mut positions = vec![0; records.len()];
    for (position, &(_, record)) in order.iter().enumerate() {
        positions[record as usize] = position as u32;
    }
    Some(positions)
}

/// Follows a change of positions.
pub(super) fn follow(positions: &mut Option<Vec<u32>>, moved: Option<&[u32]>) {
    let Some(moved) = moved else { return };
    match positions {
        Some(positions) => positions.iter_mut().for_each(|position| *position = moved[*position as usize]),
        None => *positions = Some(moved.to_vec()),
    }
}

/// Moves each record to its position.
fn permute<Record>(records: &mut [Record], mut positions: Vec<u32>) {
    for at in 0..records.len() {
        while positions[at] as usize != at {
            let position = positions[at] as usize;
            records.swap(at, position);
            positions.swap(at, position);
        }
    }
}

fn total_cmp(a: Option<f64>, b: Option<f64>) -> std::cmp::Ordering {
    match (a, b) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        (a, b) => a.is_some().cmp(&b.is_some()),
    }
}

/// Repeated weights add up, an unsaid one counting 1; rows that say nothing stay one.
fn add_weight(weight: Option<f64>, sum: &mut Option<f64>) -> bool {
    if weight.is_some() || sum.is_some() {
        // Without the limit the sum could be more than a reader takes back.
        *sum = Some((sum.unwrap_or(1.0) + weight.unwrap_or(1.0)).min(Limits::WEIGHT));
    }
    true
}
