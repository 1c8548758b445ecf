//! Records in: each one checked as it comes.

use std::borrow::Borrow;
use std::hash::Hash;

#[cfg(feature = "csv")]
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

#[cfg(feature = "csv")]
use super::interner::{self, Interner, Room};
use super::merge::{Merge, merge_firms};
use super::order::Part;
#[cfg(feature = "csv")]
use super::order::Positions;
use super::unknown::known;
use super::{
    Dataset, Effect, Fault, FaultKind, NO_PRODUCT, NO_VALUE, Origin, Report, SupplyRow, Table, Tables,
};
use crate::model::{
    Chain, ChainId, ChainMember, CreditCodeCheck, Date, Firm, FirmId, FirmIx, FirmProduct, Incident,
    Industry, Outcome, Pairing, PairingId, Product, ProductId, ProductInput, ProductParent, Resource,
    Response, Supply,
};

/// Ranges of the numbers that a dataset takes. What lies outside is a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits;

impl Limits {
    /// The largest amount of money, either sign: 10¹⁵ CNY. Keeps sums of ten million
    /// rows far from overflow.
    pub const AMOUNT: f64 = 1e15;
    /// The largest headcount, number of lots or amount of a resource.
    pub const COUNT: f64 = 1e9;
    /// The largest weight.
    pub const WEIGHT: f64 = 1e15;
    /// The longest key, bytes.
    pub const KEY_BYTES: usize = 512;
    /// The longest list of parties of a pairing, bytes: keeps the record, escapes and
    /// all, below what the readers take.
    pub const PARTIES_BYTES: usize = 100_000;
    /// The longest name or other text, bytes. Keeps every record below what the
    /// readers take.
    pub const TEXT_BYTES: usize = 32 * 1024;
}

/// Collects records, checks each, and makes a [`Dataset`] of them.
///
/// Every `add_…` takes one record. What is wrong with it becomes a [`Fault`]: the
/// value or the record is left out, never more. Firms, products and chains that
/// other records name are made. The order in which records are added does not
/// matter: of two records of one key, unknown fields are filled from either and
/// where they disagree the smaller value is taken.
///
/// Keys and texts are taken without blanks around them, and a text that only says
/// "unknown" (`-`, `—`, `/`, `无`, `不详`, `未知`, `暂无`, `null`, `N/A`) is unknown:
/// so a dataset that is written and read again is the same.
#[derive(Debug, Clone, Default)]
pub struct DatasetBuilder {
    pub(super) tables: Tables,
    pub(super) supplies: Vec<SupplyRow>,
    /// More of them, as they were read.
    pub(super) parts: Vec<Part>,
    /// Where each firm stands in `tables.firms`, and whether a row of its own was seen.
    pub(super) firms: Keys<FirmId>,
    pub(super) products: Keys<ProductId>,
    pub(super) chains: Keys<ChainId>,
    pub(super) pairings: FxHashMap<PairingId, usize>,
    /// For the outcomes, which are checked when all pairings are known.
    pub(super) outcome_origins: Vec<Origin>,
    pub(super) origin: Origin,
    pub(super) report: Report,
}

/// An outside key, whichever record it is of.
trait Key: AsRef<str> + for<'a> From<&'a str> + Borrow<str> + Clone + Eq + Hash {}

impl<Id: AsRef<str> + for<'a> From<&'a str> + Borrow<str> + Clone + Eq + Hash> Key for Id {}

/// A record with a key.
trait Keyed<Id> {
    fn id(&self) -> &Id;
}

impl Keyed<FirmId> for Firm {
    fn id(&self) -> &FirmId {
        &self.id
    }
}

impl Keyed<ProductId> for Product {
    fn id(&self) -> &ProductId {
        &self.id
    }
}

impl Keyed<ChainId> for Chain {
    fn id(&self) -> &ChainId {
        &self.id
    }
}

/// Positions of keys, and which were only named so far.
#[derive(Debug, Clone)]
pub(super) struct Keys<Id> {
    /// Of the first records; those behind are put in when a key is looked for.
    positions: FxHashMap<Id, u32>,
    seen: Vec<bool>,
}

impl<Id> Default for Keys<Id> {
    fn default() -> Self {
        Self { positions: FxHashMap::default(), seen: Vec::new() }
    }
}

impl<Id> Keys<Id> {
    /// Whether there is a record of its own at a position.
    pub(super) fn is_seen(&self, position: u32) -> bool {
        self.seen.get(position as usize).is_some_and(|seen| *seen)
    }

    /// Keeps some positions, with nobody else asking for one by its key.
    pub(super) fn retain(&mut self, is_kept: impl Fn(u32) -> bool) {
        let mut position = 0..;
        self.seen.retain(|_| is_kept(position.next().unwrap_or_default()));
        self.positions.clear();
    }

    pub(super) fn made(&self) -> u64 {
        self.seen.iter().filter(|seen| !**seen).count() as u64
    }
}

impl<Id: Clone + Eq + Hash> Keys<Id> {
    /// The positions of the keys of all records.
    fn positions_of<Record: Keyed<Id>>(&mut self, records: &[Record]) -> &FxHashMap<Id, u32> {
        let known = self.positions.len();
        self.positions.reserve(records.len() - known);
        for (position, record) in (known as u32..).zip(&records[known..]) {
            self.positions.insert(record.id().clone(), position);
        }
        &self.positions
    }
}

impl DatasetBuilder {
    /// Names the place from which the next records come, for their faults.
    pub fn origin(&mut self, origin: Origin) -> &mut Self {
        self.origin = origin;
        self
    }

    /// Adds a firm.
    pub fn add_firm(&mut self, mut firm: Firm) -> &mut Self {
        let table = Table::Firms;
        if !self.is_key_of(table, "firm", &mut firm.id) {
            return self;
        }
        firm.name = self.text(table, "name", firm.name);
        firm.region = self.text(table, "region", firm.region);
        if let Some(industry) = firm.industry.take() {
            firm.industry =
                self.text(table, "industry", Some(industry.as_str().into())).map(|code| Industry::new(&code));
        }
        firm.employees = self.in_range(table, "employees", firm.employees, 0.0, Limits::COUNT);
        firm.revenue = self.in_range(table, "revenue", firm.revenue, 0.0, Limits::AMOUNT);
        match firm.credit_code.as_ref().map(|code| (code.check(), code.as_str().to_owned())) {
            Some((CreditCodeCheck::Malformed, code)) => {
                let kind = if is_mangled(&code) { FaultKind::MangledId } else { FaultKind::MalformedCode };
                self.fault(kind, Effect::CellLeftOut, table, "credit_code", &code);
                firm.credit_code = None;
            }
            Some((CreditCodeCheck::Mismatch { expected }, code)) => {
                let detail = format!("expected {expected}");
                self.fault_with(
                    FaultKind::CheckDigit,
                    Effect::Kept,
                    table,
                    "credit_code",
                    &code,
                    Some(detail),
                );
            }
            _ => {}
        }
        if let Some(mut parent) = firm.parent.take() {
            trim_key(&mut parent);
            if parent == firm.id {
                self.fault(FaultKind::SelfReference, Effect::CellLeftOut, table, "parent", parent.as_str());
            } else if self.is_key_or_cell(table, "parent", parent.as_str()) {
                self.firm_position(&parent);
                firm.parent = Some(parent);
            }
        }
        let position = self.firm_position(&firm.id) as usize;
        if std::mem::replace(&mut self.firms.seen[position], true) {
            let (merged, clashes) = merge_firms(&self.tables.firms[position], firm);
            self.report_merge(table, merged.id.as_str(), &clashes);
            self.tables.firms[position] = merged;
        } else {
            self.tables.firms[position] = firm;
        }
        self
    }

    /// Adds every record of a dataset.
    pub fn add_dataset(&mut self, dataset: &Dataset) -> &mut Self {
        let tables = &**dataset.tables();
        for row in &tables.firms {
            self.add_firm(row.clone());
        }
        for row in &tables.products {
            self.add_product(row.clone());
        }
        for row in &tables.product_parents {
            self.add_product_parent(row.clone());
        }
        for row in &tables.product_inputs {
            self.add_product_input(row.clone());
        }
        for row in &tables.firm_products {
            self.add_firm_product(row.clone());
        }
        for row in dataset.supplies() {
            self.add_supply(&dataset.supply(row));
        }
        for row in &tables.chains {
            self.add_chain(row.clone());
        }
        for row in &tables.chain_members {
            self.add_chain_member(row.clone());
        }
        for row in &tables.resources {
            self.add_resource(row.clone());
        }
        for row in &tables.pairings {
            self.add_pairing(row.clone());
        }
        for row in &tables.outcomes {
            self.add_outcome(row.clone());
        }
        for row in &tables.incidents {
            self.add_incident(row.clone());
        }
        for row in &tables.responses {
            self.add_response(row.clone());
        }
        self
    }

    /// Whether a product of this key was added or named.
    #[cfg(any(feature = "csv", feature = "json", feature = "xlsx"))]
    pub(super) fn has_product(&mut self, key: &str) -> bool {
        self.products.positions_of(&self.tables.products).contains_key(key)
    }

    /// Adds a product.
    pub fn add_product(&mut self, mut product: Product) -> &mut Self {
        if !self.is_key_of(Table::Products, "product", &mut product.id) {
            return self;
        }
        product.name = self.text(Table::Products, "name", product.name);
        let position = self.product_position(&product.id) as usize;
        if std::mem::replace(&mut self.products.seen[position], true) {
            let mut merge = Merge::default();
            let old = self.tables.products[position].name.clone();
            let name = merge.pick("name", old, product.name);
            self.tables.products[position].name = name;
            self.report_merge(Table::Products, product.id.as_str(), &merge.clashes);
        } else {
            self.tables.products[position] = product;
        }
        self
    }

    /// Adds a broader class of a product.
    pub fn add_product_parent(&mut self, mut row: ProductParent) -> &mut Self {
        let table = Table::ProductParents;
        if !self.are_distinct(table, ["product", "parent"], &mut row.product, &mut row.parent) {
            return self;
        }
        self.product_position(&row.product);
        self.product_position(&row.parent);
        self.tables.product_parents.push(row);
        self
    }

    /// Adds a line of the bill of materials.
    pub fn add_product_input(&mut self, mut row: ProductInput) -> &mut Self {
        let table = Table::ProductInputs;
        if !self.are_distinct(table, ["input", "output"], &mut row.input, &mut row.output) {
            return self;
        }
        row.weight = self.weight(table, row.weight);
        self.product_position(&row.input);
        self.product_position(&row.output);
        self.tables.product_inputs.push(row);
        self
    }

    /// Adds that a firm makes or needs a product.
    pub fn add_firm_product(&mut self, mut row: FirmProduct) -> &mut Self {
        let table = Table::FirmProducts;
        if !self.is_key_of(table, "firm", &mut row.firm)
            || !self.is_key_of(table, "product", &mut row.product)
        {
            return self;
        }
        row.weight = self.weight(table, row.weight);
        self.firm_position(&row.firm);
        self.product_position(&row.product);
        self.tables.firm_products.push(row);
        self
    }

    /// Adds a supply row.
    pub fn add_supply(&mut self, row: &Supply) -> &mut Self {
        self.add_supply_parts(
            row.supplier.as_str(),
            row.buyer.as_str(),
            row.product.as_ref().map(ProductId::as_str),
            row.value,
            row.date,
        )
    }

    /// Adds a supply row by its parts; allocates nothing for keys that are known.
    pub(super) fn add_supply_parts(
        &mut self,
        supplier: &str,
        buyer: &str,
        product: Option<&str>,
        value: Option<f64>,
        date: Option<Date>,
    ) -> &mut Self {
        let table = Table::Supplies;
        let (supplier, buyer) = (supplier.trim(), buyer.trim());
        if !self.is_key(table, "supplier", supplier) || !self.is_key(table, "buyer", buyer) {
            return self;
        }
        if supplier == buyer {
            return self.fault(FaultKind::SelfReference, Effect::RowLeftOut, table, "buyer", buyer);
        }
        let value = self.in_range(table, "value", value, -Limits::AMOUNT, Limits::AMOUNT);
        let product = match product.map(str::trim) {
            Some(product) if self.is_key_or_cell(table, "product", product) => {
                self.product_position_of(product)
            }
            _ => NO_PRODUCT,
        };
        let row = SupplyRow {
            supplier: FirmIx::new(self.firm_position_of(supplier) as usize),
            buyer: FirmIx::new(self.firm_position_of(buyer) as usize),
            product,
            date,
            value: value.unwrap_or(NO_VALUE),
        };
        self.supplies.push(row);
        self
    }

    /// Adds supply rows with which nothing is wrong, their firms and products numbered by
    /// the interners.
    #[cfg(feature = "csv")]
    pub(super) fn add_sound_supplies(
        &mut self,
        rows: Vec<Vec<SupplyRow>>,
        firms: &Interner,
        products: &Interner,
    ) {
        let firms = positions_of(&mut self.firms, &mut self.tables.firms, firms, Firm::new);
        let product = |id| Product { id, name: None };
        let products = positions_of(&mut self.products, &mut self.tables.products, products, product);
        let positions = Positions { firms: Some(firms), products: Some(products) };
        self.parts.push(Part { rows, positions });
    }

    /// Adds a chain.
    pub fn add_chain(&mut self, mut chain: Chain) -> &mut Self {
        let table = Table::Chains;
        if !self.is_key_of(table, "chain", &mut chain.id) {
            return self;
        }
        chain.name = self.text(table, "name", chain.name);
        chain.leader = self.text(table, "leader", chain.leader);
        chain.office = self.text(table, "office", chain.office);
        chain.association = self.text(table, "association", chain.association);
        chain.committee = self.text(table, "committee", chain.committee);
        chain.valid_to = self.ends_after(table, "valid_to", chain.valid_from, chain.valid_to);
        let position = self.chain_position(&chain.id) as usize;
        if std::mem::replace(&mut self.chains.seen[position], true) {
            let old = self.tables.chains[position].clone();
            let mut merge = Merge::default();
            self.tables.chains[position] = Chain {
                id: old.id,
                name: merge.pick("name", old.name, chain.name),
                leader: merge.pick("leader", old.leader, chain.leader),
                office: merge.pick("office", old.office, chain.office),
                association: merge.pick("association", old.association, chain.association),
                committee: merge.pick("committee", old.committee, chain.committee),
                valid_from: merge.pick("valid_from", old.valid_from, chain.valid_from),
                valid_to: merge.pick("valid_to", old.valid_to, chain.valid_to),
            };
            self.report_merge(table, chain.id.as_str(), &merge.clashes);
        } else {
            self.tables.chains[position] = chain;
        }
        self
    }

    /// Adds a membership in a chain.
    pub fn add_chain_member(&mut self, mut row: ChainMember) -> &mut Self {
        let table = Table::ChainMembers;
        if !self.is_key_of(table, "chain", &mut row.chain) || !self.is_key_of(table, "firm", &mut row.firm) {
            return self;
        }
        row.position = self.text(table, "position", row.position);
        self.chain_position(&row.chain);
        self.firm_position(&row.firm);
        self.tables.chain_members.push(row);
        self
    }

    /// Adds a resource.
    pub fn add_resource(&mut self, mut row: Resource) -> &mut Self {
        let table = Table::Resources;
        if !self.is_key_of(table, "firm", &mut row.firm) {
            return self;
        }
        row.item = self.text(table, "item", row.item);
        row.unit = self.text(table, "unit", row.unit);
        row.amount = self.in_range(table, "amount", row.amount, f64::MIN_POSITIVE, Limits::COUNT);
        self.firm_position(&row.firm);
        self.tables.resources.push(row);
        self
    }

    /// Adds a pairing. A party named twice counts once.
    pub fn add_pairing(&mut self, mut row: Pairing) -> &mut Self {
        let table = Table::Pairings;
        if !self.is_key_of(table, "pairing", &mut row.id) {
            return self;
        }
        let mut parties: Vec<FirmId> = Vec::with_capacity(row.parties.len());
        let mut seen = FxHashSet::default();
        for mut party in std::mem::take(&mut row.parties) {
            trim_key(&mut party);
            if !seen.insert(party.clone()) {
                self.fault(FaultKind::RepeatedRow, Effect::Kept, table, "parties", party.as_str());
            } else if self.is_key_or_cell(table, "parties", party.as_str()) {
                parties.push(party);
            }
        }
        let bytes: usize = parties.iter().map(|party| party.as_str().len()).sum();
        if bytes > Limits::PARTIES_BYTES {
            let detail = format!("{bytes} bytes, limit {}", Limits::PARTIES_BYTES);
            let (kind, effect) = (FaultKind::TooLong, Effect::RowLeftOut);
            self.fault_with(kind, effect, table, "parties", row.id.as_str(), Some(detail));
            return self;
        }
        if parties.len() < 2 {
            return self.fault(
                FaultKind::TooFewParties,
                Effect::RowLeftOut,
                table,
                "parties",
                row.id.as_str(),
            );
        }
        for party in &parties {
            self.firm_position(party);
        }
        row.parties = parties;
        row.modes.sort_unstable();
        row.modes.dedup();
        row.theme = self.text(table, "theme", row.theme);
        row.ends = self.ends_after(table, "ends", row.signed, row.ends);
        if let Some(&position) = self.pairings.get(&row.id) {
            let old = self.tables.pairings[position].clone();
            let mut merge = Merge::default();
            self.tables.pairings[position] = Pairing {
                id: old.id,
                parties: merge.pick_list("parties", old.parties, row.parties),
                level: merge.pick("level", old.level, row.level),
                modes: merge.pick_list("modes", old.modes, row.modes),
                theme: merge.pick("theme", old.theme, row.theme),
                signed: merge.pick("signed", old.signed, row.signed),
                ends: merge.pick("ends", old.ends, row.ends),
            };
            self.report_merge(table, row.id.as_str(), &merge.clashes);
        } else {
            self.pairings.insert(row.id.clone(), self.tables.pairings.len());
            self.tables.pairings.push(row);
        }
        self
    }

    /// Adds an outcome of a pairing, which may be added later.
    pub fn add_outcome(&mut self, mut row: Outcome) -> &mut Self {
        let table = Table::Outcomes;
        if !self.is_key_of(table, "pairing", &mut row.pairing) {
            return self;
        }
        row.evidence = self.text(table, "evidence", row.evidence);
        row.amount = self.in_range(table, "amount", row.amount, -Limits::AMOUNT, Limits::AMOUNT);
        self.outcome_origins.push(self.origin.clone());
        self.tables.outcomes.push(row);
        self
    }

    /// Adds a quality incident.
    pub fn add_incident(&mut self, mut row: Incident) -> &mut Self {
        let table = Table::Incidents;
        if !self.are_distinct(table, ["supplier", "buyer"], &mut row.supplier, &mut row.buyer) {
            return self;
        }
        row.kind = self.text(table, "kind", row.kind);
        row.lots = self.in_range(table, "lots", row.lots, 1.0, Limits::COUNT);
        self.firm_position(&row.supplier);
        self.firm_position(&row.buyer);
        self.tables.incidents.push(row);
        self
    }

    /// Adds an answer to a proposed partner.
    pub fn add_response(&mut self, mut row: Response) -> &mut Self {
        let table = Table::Responses;
        if !self.are_distinct(table, ["firm", "partner"], &mut row.firm, &mut row.partner) {
            return self;
        }
        row.until = self.ends_after(table, "until", row.date, row.until);
        self.firm_position(&row.firm);
        self.firm_position(&row.partner);
        self.tables.responses.push(row);
        self
    }

    /// Reports a fault that was found before there was a record.
    pub(super) fn fault_with(
        &mut self,
        kind: FaultKind,
        effect: Effect,
        table: Table,
        column: &str,
        value: &str,
        detail: Option<String>,
    ) {
        self.report.push(Fault {
            kind,
            effect,
            table: Some(table),
            origin: self.origin.clone(),
            column: (!column.is_empty()).then(|| column.into()),
            value: value.into(),
            detail: detail.map(Into::into),
        });
    }

    pub(super) fn fault(
        &mut self,
        kind: FaultKind,
        effect: Effect,
        table: Table,
        column: &str,
        value: &str,
    ) -> &mut Self {
        self.fault_with(kind, effect, table, column, value, None);
        self
    }

    /// The line from which the next record comes, in the file of [`origin`](Self::origin).
    #[cfg(any(feature = "csv", feature = "json", feature = "xlsx"))]
    pub(super) fn at_line(&mut self, line: Option<u64>) {
        self.origin.line = line;
    }

    /// Takes note that `name`, a part of `file`, is no table.
    #[cfg(any(feature = "csv", feature = "json", feature = "xlsx"))]
    pub(super) fn unknown_table(&mut self, file: &std::sync::Arc<str>, name: &str) {
        self.report.push(Fault {
            kind: FaultKind::UnknownTable,
            effect: Effect::Ignored,
            table: None,
            origin: Origin { file: Some(file.clone()), line: None },
            column: None,
            value: name.into(),
            detail: None,
        });
    }

    #[cfg(feature = "csv")]
    pub(super) fn line(&self) -> Option<u64> {
        self.origin.line
    }

    #[cfg(any(feature = "csv", feature = "json", feature = "xlsx"))]
    pub(super) fn report_mut(&mut self) -> &mut Report {
        &mut self.report
    }

    /// Trims a key; whether it can be one. A fault that leaves the row out where not.
    fn is_key_of<Id: Key>(&mut self, table: Table, column: &str, id: &mut Id) -> bool {
        trim_key(id);
        self.is_key(table, column, id.as_ref())
    }

    /// Trims two keys; whether both can be ones and they differ. A fault that leaves the
    /// row out where not.
    fn are_distinct<Id: Key>(
        &mut self,
        table: Table,
        columns: [&str; 2],
        one: &mut Id,
        other: &mut Id,
    ) -> bool {
        if !self.is_key_of(table, columns[0], one) || !self.is_key_of(table, columns[1], other) {
            return false;
        }
        let are_distinct = one != other;
        if !are_distinct {
            let (kind, effect) = (FaultKind::SelfReference, Effect::RowLeftOut);
            self.fault(kind, effect, table, columns[1], other.as_ref());
        }
        are_distinct
    }

    /// Whether `key` can be a key; a fault that leaves the row out where not.
    fn is_key(&mut self, table: Table, column: &str, key: &str) -> bool {
        self.is_key_else(table, column, key, Effect::RowLeftOut)
    }

    /// Whether `key` can be a key; a fault that leaves the value out where not.
    fn is_key_or_cell(&mut self, table: Table, column: &str, key: &str) -> bool {
        self.is_key_else(table, column, key, Effect::CellLeftOut)
    }

    fn is_key_else(&mut self, table: Table, column: &str, key: &str, effect: Effect) -> bool {
        if is_sound_key(key) {
            return true;
        }
        if known(key).is_none() {
            self.fault(FaultKind::EmptyId, effect, table, column, key);
        } else if key.contains('\0') {
            let detail = "it holds a NUL".to_owned();
            self.fault_with(FaultKind::BadText, effect, table, column, key, Some(detail));
        } else if key.len() > Limits::KEY_BYTES {
            let detail = format!("{} bytes, limit {}", key.len(), Limits::KEY_BYTES);
            self.fault_with(FaultKind::TooLong, effect, table, column, key, Some(detail));
        } else {
            self.fault(FaultKind::MangledId, effect, table, column, key);
        }
        false
    }

    /// A text without blanks around it; `None` where it says nothing or cannot be kept.
    fn text(&mut self, table: Table, column: &str, text: Option<Box<str>>) -> Option<Box<str>> {
        let text = text?;
        let kept = known(&text)?;
        let (kind, detail) = if kept.contains('\0') {
            (FaultKind::BadText, "it holds a NUL".to_owned())
        } else if kept.len() > Limits::TEXT_BYTES {
            (FaultKind::TooLong, format!("{} bytes, limit {}", kept.len(), Limits::TEXT_BYTES))
        } else {
            return Some(if kept.len() == text.len() { text } else { kept.into() });
        };
        self.fault_with(kind, Effect::CellLeftOut, table, column, kept, Some(detail));
        None
    }

    fn in_range(
        &mut self,
        table: Table,
        column: &str,
        value: Option<f64>,
        min: f64,
        max: f64,
    ) -> Option<f64> {
        let value = value?;
        if value >= min && value <= max {
            // −0 would be written and compared unlike 0.
            return Some(value + 0.0);
        }
        let detail = if min == f64::MIN_POSITIVE {
            format!("limits above 0 to {max:e}")
        } else {
            format!("limits {min:e} to {max:e}")
        };
        self.fault_with(
            FaultKind::OutOfRange,
            Effect::CellLeftOut,
            table,
            column,
            &value.to_string(),
            Some(detail),
        );
        None
    }

    /// A weight; one below 0 counts 0, since an unsaid one would count more than that.
    fn weight(&mut self, table: Table, weight: Option<f64>) -> Option<f64> {
        match weight {
            Some(negative) if negative < 0.0 => {
                let value = negative.to_string();
                let detail = Some("taken as 0".to_owned());
                self.fault_with(FaultKind::OutOfRange, Effect::Replaced, table, "weight", &value, detail);
                Some(0.0)
            }
            weight => self.in_range(table, "weight", weight, 0.0, Limits::WEIGHT),
        }
    }

    pub(super) fn ends_after(
        &mut self,
        table: Table,
        column: &str,
        start: Option<Date>,
        end: Option<Date>,
    ) -> Option<Date> {
        match (start, end) {
            (Some(start), Some(end)) if end.last_day() < start.first_day() => {
                let detail = format!("begins {start}");
                self.fault_with(
                    FaultKind::EndsBeforeStart,
                    Effect::CellLeftOut,
                    table,
                    column,
                    &end.to_string(),
                    Some(detail),
                );
                None
            }
            _ => end,
        }
    }

    fn report_merge(&mut self, table: Table, key: &str, clashes: &[(&'static str, String)]) {
        if clashes.is_empty() {
            self.fault(FaultKind::RepeatedRow, Effect::Kept, table, "", key);
        }
        for (column, detail) in clashes {
            self.fault_with(FaultKind::Conflict, Effect::Replaced, table, column, key, Some(detail.clone()));
        }
    }

    fn firm_position(&mut self, id: &FirmId) -> u32 {
        self.firm_position_of(id.as_str())
    }

    fn firm_position_of(&mut self, id: &str) -> u32 {
        position_of(&mut self.firms, &mut self.tables.firms, id, Firm::new)
    }

    fn product_position(&mut self, id: &ProductId) -> u32 {
        self.product_position_of(id.as_str())
    }

    fn product_position_of(&mut self, id: &str) -> u32 {
        position_of(&mut self.products, &mut self.tables.products, id, |id: ProductId| Product {
            id,
            name: None,
        })
    }

    fn chain_position(&mut self, id: &ChainId) -> u32 {
        position_of(&mut self.chains, &mut self.tables.chains, id.as_str(), Chain::new)
    }
}

/// Whether a text without blanks around it can be a key.
pub(super) fn is_sound_key(key: &str) -> bool {
    // Without a way out of the loop, since keys are short.
    let has_nul = |key: &str| key.bytes().fold(0, |found, byte| found | u8::from(byte == 0)) != 0;
    known(key).is_some() && key.len() <= Limits::KEY_BYTES && !has_nul(key) && !is_mangled(key)
}

/// Takes the blanks around a key away.
fn trim_key<Id: Key>(id: &mut Id) {
    let trimmed = id.as_ref().trim();
    if trimmed.len() < id.as_ref().len() {
        *id = Id::from(trimmed);
    }
}

/// Finds a key's position, making a record for it where there is none.
fn position_of<Id: Key, Record: Keyed<Id>>(
    keys: &mut Keys<Id>,
    records: &mut Vec<Record>,
    id: &str,
    make: impl FnOnce(Id) -> Record,
) -> u32 {
    if let Some(&position) = keys.positions_of(records).get(id) {
        return position;
    }
    let position = records.len() as u32;
    let id = Id::from(id);
    keys.positions.insert(id.clone(), position);
    keys.seen.push(false);
    records.push(make(id));
    position
}

/// Finds the positions of keys by their number, making records in the order of the keys
/// where there are none.
#[cfg(feature = "csv")]
fn positions_of<Id: Key + Send, Record: Keyed<Id> + Send>(
    keys: &mut Keys<Id>,
    records: &mut Vec<Record>,
    interner: &Interner,
    make: impl Fn(Id) -> Record + Sync,
) -> Vec<u32> {
    let mut sorted = interner.sorted();
    let mut positions = vec![0; interner.end()];
    if !records.is_empty() {
        let known = keys.positions_of(records);
        let mut room = Room::default();
        sorted.retain(|&number| match known.get(interner.text(number, &interner.key(number), &mut room)) {
            Some(&position) => {
                positions[number as usize] = position;
                false
            }
            None => true,
        });
    }
    for (position, number) in (records.len() as u32..).zip(&sorted) {
        positions[*number as usize] = position;
    }
    // First the keys alone, so that many are fetched from memory at once.
    let new: Vec<interner::Key> = sorted.par_iter().map(|number| interner.key(*number)).collect();
    records.par_extend(
        sorted
            .par_iter()
            .zip(&new)
            .map(|(number, key)| make(Id::from(interner.text(*number, key, &mut Room::default())))),
    );
    keys.seen.resize(records.len(), false);
    positions
}

/// Whether a spreadsheet made a number of the key, as in `9.14302E+17` and `9E+17`, or an
/// error, as in `#REF!`.
fn is_mangled(key: &str) -> bool {
    if key.starts_with('#') {
        return ["#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!"].contains(&key);
    }
    // Most keys are told apart by their first two characters.
    match key.strip_prefix('-').unwrap_or(key).as_bytes() {
        [b'0'..=b'9', b'.' | b',' | b'E' | b'e', ..] => {}
        _ => return false,
    }
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let Some((mantissa, exponent)) = key.split_once(['E', 'e']) else { return false };
    let Some(exponent) = exponent.strip_prefix('+') else { return false };
    let mantissa = mantissa.strip_prefix('-').unwrap_or(mantissa);
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, "0"));
    whole.len() == 1 && digits(whole) && digits(fraction) && digits(exponent)
}
