//! From single records to a checked dataset.

use std::sync::Arc;

use rayon::slice::ParallelSliceMut;
use rustc_hash::FxHashMap;

use super::cycle::cut_cycles;
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
    tables: Tables,
    supplies: Vec<SupplyRow>,
    /// Where each firm stands in `tables.firms`, and whether a row of its own was seen.
    firms: Keys<FirmId>,
    products: Keys<ProductId>,
    chains: Keys<ChainId>,
    pairings: FxHashMap<PairingId, usize>,
    /// For the outcomes, which are checked when all pairings are known.
    outcome_origins: Vec<Origin>,
    origin: Origin,
    report: Report,
}

/// Positions of keys, and which were only named so far.
#[derive(Debug, Clone)]
struct Keys<Id> {
    positions: FxHashMap<Id, u32>,
    seen: Vec<bool>,
}

impl<Id> Default for Keys<Id> {
    fn default() -> Self {
        Self { positions: FxHashMap::default(), seen: Vec::new() }
    }
}

impl<Id> Keys<Id> {
    fn made(&self) -> u64 {
        self.seen.iter().filter(|seen| !**seen).count() as u64
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
        trim_key(&mut firm.id);
        if !self.is_key(table, "firm", firm.id.as_str()) {
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

    /// Adds a product.
    pub fn add_product(&mut self, mut product: Product) -> &mut Self {
        trim_key(&mut product.id);
        if !self.is_key(Table::Products, "product", product.id.as_str()) {
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
        trim_key(&mut row.product);
        trim_key(&mut row.parent);
        if !self.is_key(table, "product", row.product.as_str())
            || !self.is_key(table, "parent", row.parent.as_str())
        {
            return self;
        }
        if row.product == row.parent {
            return self.fault(
                FaultKind::SelfReference,
                Effect::RowLeftOut,
                table,
                "parent",
                row.parent.as_str(),
            );
        }
        self.product_position(&row.product);
        self.product_position(&row.parent);
        self.tables.product_parents.push(row);
        self
    }

    /// Adds a line of the bill of materials.
    pub fn add_product_input(&mut self, mut row: ProductInput) -> &mut Self {
        let table = Table::ProductInputs;
        trim_key(&mut row.input);
        trim_key(&mut row.output);
        if !self.is_key(table, "input", row.input.as_str())
            || !self.is_key(table, "output", row.output.as_str())
        {
            return self;
        }
        if row.input == row.output {
            return self.fault(
                FaultKind::SelfReference,
                Effect::RowLeftOut,
                table,
                "output",
                row.output.as_str(),
            );
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
        trim_key(&mut row.firm);
        trim_key(&mut row.product);
        if !self.is_key(table, "firm", row.firm.as_str())
            || !self.is_key(table, "product", row.product.as_str())
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

    /// Adds a chain.
    pub fn add_chain(&mut self, mut chain: Chain) -> &mut Self {
        let table = Table::Chains;
        trim_key(&mut chain.id);
        if !self.is_key(table, "chain", chain.id.as_str()) {
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
        trim_key(&mut row.chain);
        trim_key(&mut row.firm);
        if !self.is_key(table, "chain", row.chain.as_str()) || !self.is_key(table, "firm", row.firm.as_str())
        {
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
        trim_key(&mut row.firm);
        if !self.is_key(table, "firm", row.firm.as_str()) {
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
        trim_key(&mut row.id);
        if !self.is_key(table, "pairing", row.id.as_str()) {
            return self;
        }
        let mut parties: Vec<FirmId> = Vec::with_capacity(row.parties.len());
        for mut party in std::mem::take(&mut row.parties) {
            trim_key(&mut party);
            if parties.contains(&party) {
                self.fault(FaultKind::RepeatedRow, Effect::Kept, table, "parties", party.as_str());
            } else if self.is_key_or_cell(table, "parties", party.as_str()) {
                parties.push(party);
            }
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
                parties: merge.pick("parties", Some(old.parties), Some(row.parties)).unwrap_or_default(),
                level: merge.pick("level", old.level, row.level),
                modes: merge.pick("modes", Some(old.modes), Some(row.modes)).unwrap_or_default(),
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
        trim_key(&mut row.pairing);
        if !self.is_key(table, "pairing", row.pairing.as_str()) {
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
        trim_key(&mut row.supplier);
        trim_key(&mut row.buyer);
        if !self.is_key(table, "supplier", row.supplier.as_str())
            || !self.is_key(table, "buyer", row.buyer.as_str())
        {
            return self;
        }
        if row.supplier == row.buyer {
            return self.fault(
                FaultKind::SelfReference,
                Effect::RowLeftOut,
                table,
                "buyer",
                row.buyer.as_str(),
            );
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
        trim_key(&mut row.firm);
        trim_key(&mut row.partner);
        if !self.is_key(table, "firm", row.firm.as_str())
            || !self.is_key(table, "partner", row.partner.as_str())
        {
            return self;
        }
        if row.firm == row.partner {
            return self.fault(
                FaultKind::SelfReference,
                Effect::RowLeftOut,
                table,
                "partner",
                row.partner.as_str(),
            );
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
    #[cfg(any(feature = "csv", feature = "json"))]
    pub(super) fn at_line(&mut self, line: Option<u64>) {
        self.origin.line = line;
    }

    #[cfg(any(feature = "csv", feature = "json"))]
    pub(super) fn report_mut(&mut self) -> &mut Report {
        &mut self.report
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
        if known(key).is_none() {
            self.fault(FaultKind::EmptyId, effect, table, column, key);
        } else if key.contains('\0') {
            let detail = "it holds a NUL".to_owned();
            self.fault_with(FaultKind::BadText, effect, table, column, key, Some(detail));
        } else if key.len() > Limits::KEY_BYTES {
            let detail = format!("{} bytes, limit {}", key.len(), Limits::KEY_BYTES);
            self.fault_with(FaultKind::TooLong, effect, table, column, key, Some(detail));
        } else if is_mangled(key) {
            self.fault(FaultKind::MangledId, effect, table, column, key);
        } else {
            return true;
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

    fn ends_after(
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
    /// Sorts every table, so O(n log n) in the records.
    pub fn finish(mut self) -> (Dataset, Report) {
        self.origin = Origin::default();
        self.report.set_made(Table::Firms, self.firms.made());
        self.report.set_made(Table::Products, self.products.made());
        self.report.set_made(Table::Chains, self.chains.made());
        self.check_outcomes();
        self.check_ends();
        self.sort_supplies();
        self.tables.firms.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        self.tables.products.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        self.tables.chains.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        self.tables.pairings.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        self.check_firm_parents();
        self.check_product_parents();
        self.check_refunds();
        self.merge_rows();
        (Dataset { tables: Arc::new(self.tables), supplies: self.supplies.into() }, self.report)
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

    /// Renumbers the supply rows to the sorted tables and sorts them.
    fn sort_supplies(&mut self) {
        let firms = sorted_positions(&self.tables.firms, |firm| &firm.id);
        let products = sorted_positions(&self.tables.products, |product| &product.id);
        for row in &mut self.supplies {
            row.supplier = FirmIx::new(firms[row.supplier.index()] as usize);
            row.buyer = FirmIx::new(firms[row.buyer.index()] as usize);
            if row.product != NO_PRODUCT {
                row.product = products[row.product as usize];
            }
        }
        self.supplies.par_sort_unstable_by(|a, b| {
            let key = |row: &SupplyRow| (row.supplier, row.buyer, row.date, row.product);
            key(a).cmp(&key(b)).then(a.value.total_cmp(&b.value))
        });
    }

    fn check_firm_parents(&mut self) {
        let mut parents: Vec<(u32, u32)> = Vec::new();
        for (position, firm) in self.tables.firms.iter().enumerate() {
            if let Some(parent) = firm.parent.as_ref().and_then(|parent| self.tables.firm_ix(parent.as_str()))
            {
                parents.push((position as u32, parent.index() as u32));
            }
        }
        for (child, parent) in cut_cycles(self.tables.firms.len(), &mut parents) {
            self.tables.firms[child as usize].parent = None;
            let (child, parent) =
                (self.tables.firms[child as usize].id.clone(), self.tables.firms[parent as usize].id.clone());
            let detail = format!("parent {parent}");
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
            let detail = format!("parent {parent}");
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

    fn check_refunds(&mut self) {
        let supplies = std::mem::take(&mut self.supplies);
        for pair in supplies.chunk_by(|a, b| (a.supplier, a.buyer) == (b.supplier, b.buyer)) {
            let sum: f64 = pair.iter().filter_map(SupplyRow::value).sum();
            if sum < 0.0 {
                let firms = &self.tables.firms;
                let value =
                    format!("{} → {}", firms[pair[0].supplier.index()].id, firms[pair[0].buyer.index()].id);
                let detail = format!("sum {sum}");
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
        self.supplies = supplies;
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
            if same && row.position.is_some() && row.position != kept.position {
                let detail = format!("{:?} or {:?}", kept.position, row.position);
                clashes.push((format!("{} in {}", row.firm, row.chain), detail));
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

/// Takes the blanks around a key away.
fn trim_key<Id: AsRef<str> + for<'a> From<&'a str>>(id: &mut Id) {
    let trimmed = id.as_ref().trim();
    if trimmed.len() < id.as_ref().len() {
        *id = Id::from(trimmed);
    }
}

/// Finds a key's position, making a record for it where there is none.
fn position_of<Id, Record>(
    keys: &mut Keys<Id>,
    records: &mut Vec<Record>,
    id: &str,
    make: impl FnOnce(Id) -> Record,
) -> u32
where
    Id: for<'a> From<&'a str> + std::borrow::Borrow<str> + Eq + std::hash::Hash + Clone,
{
    if let Some(&position) = keys.positions.get(id) {
        return position;
    }
    let position = records.len() as u32;
    let id = Id::from(id);
    keys.positions.insert(id.clone(), position);
    keys.seen.push(false);
    records.push(make(id));
    position
}

/// For each record the position it will have once sorted by key.
fn sorted_positions<Record, Id: Ord>(records: &[Record], id: impl Fn(&Record) -> &Id) -> Vec<u32> {
    let mut order: Vec<u32> = (0..records.len() as u32).collect();
    order.sort_unstable_by(|&a, &b| id(&records[a as usize]).cmp(id(&records[b as usize])));
    let mut positions = vec![0; records.len()];
    for (position, &record) in order.iter().enumerate() {
        positions[record as usize] = position as u32;
    }
    positions
}

fn total_cmp(a: Option<f64>, b: Option<f64>) -> std::cmp::Ordering {
    let key = |value: Option<f64>| value.unwrap_or(-1.0);
    key(a).total_cmp(&key(b))
}

/// Repeated weights add up, an unsaid one counting 1; rows that say nothing stay one.
fn add_weight(weight: Option<f64>, sum: &mut Option<f64>) -> bool {
    if weight.is_some() || sum.is_some() {
        // Without the limit the sum could be more than a reader takes back.
        *sum = Some((sum.unwrap_or(1.0) + weight.unwrap_or(1.0)).min(Limits::WEIGHT));
    }
    true
}

/// Whether a spreadsheet made a number of the key, as in `9.14302E+17`.
fn is_mangled(key: &str) -> bool {
    let Some((mantissa, exponent)) = key.split_once(['E', 'e']) else { return false };
    let Some((whole, fraction)) = mantissa.split_once('.') else { return false };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    whole.len() == 1 && digits(whole) && digits(fraction) && exponent.strip_prefix('+').is_some_and(digits)
}

/// Merges two records of one key, field by field, in a way that no order of rows changes.
#[derive(Default)]
struct Merge {
    clashes: Vec<(&'static str, String)>,
}

impl Merge {
    /// The known one of two values, the smaller where both are known.
    fn pick<T: PartialOrd + std::fmt::Debug>(
        &mut self,
        column: &'static str,
        a: Option<T>,
        b: Option<T>,
    ) -> Option<T> {
        match (a, b) {
            (Some(a), Some(b)) => {
                if a != b {
                    self.clashes.push((column, format!("{a:?} or {b:?}")));
                }
                Some(if b < a { b } else { a })
            }
            (a, b) => a.or(b),
        }
    }
}

fn merge_firms(old: &Firm, new: Firm) -> (Firm, Vec<(&'static str, String)>) {
    let mut merge = Merge::default();
    let old = old.clone();
    let firm = Firm {
        id: old.id,
        name: merge.pick("name", old.name, new.name),
        credit_code: merge.pick("credit_code", old.credit_code, new.credit_code),
        kind: merge.pick("kind", old.kind, new.kind),
        parent: merge.pick("parent", old.parent, new.parent),
        anchor: merge.pick("anchor", old.anchor, new.anchor),
        ownership: merge.pick("ownership", old.ownership, new.ownership),
        industry: merge.pick("industry", old.industry, new.industry),
        region: merge.pick("region", old.region, new.region),
        place: merge.pick("longitude", old.place, new.place),
        employees: merge.pick("employees", old.employees, new.employees),
        revenue: merge.pick("revenue", old.revenue, new.revenue),
        size: merge.pick("size", old.size, new.size),
        party_branch: merge.pick("party_branch", old.party_branch, new.party_branch),
        party_members: merge.pick("party_members", old.party_members, new.party_members),
        quota: merge.pick("quota", old.quota, new.quota),
    };
    (firm, merge.clashes)
}
