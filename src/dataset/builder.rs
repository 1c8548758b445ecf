//! Records in: each one checked as it comes.

use std::collections::BTreeMap;
#[cfg(any(feature = "csv", feature = "json", feature = "xlsx"))]
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

#[cfg(feature = "csv")]
use super::interner::Interner;
#[cfg(feature = "csv")]
use super::keys::positions_of;
use super::keys::{Key, Keys, is_mangled, is_no_key, is_sound_key, position_of, trim_key};
use super::merge::{Merge, merge_firms};
use super::order::Part;
#[cfg(feature = "csv")]
use super::order::Positions;
use super::unknown::known;
use super::{
    Dataset, Effect, Fault, FaultKind, Limits, NO_PRODUCT, NO_VALUE, Origin, Report, SupplyRow, Table, Tables,
};
use crate::model::{
    Chain, ChainId, ChainMember, CreditCodeCheck, Date, Firm, FirmId, FirmIx, FirmProduct, Incident,
    Industry, Outcome, Pairing, PairingId, Product, ProductId, ProductInput, ProductParent, Resource,
    Response, Supply,
};

/// Collects records, checks each, and makes a [`Dataset`] of them.
///
/// Every `add_…` takes one record. What is wrong with it becomes a [`Fault`]: the
/// value or the record is left out, never more. Firms, products and chains that
/// other records name are made. The order in which records are added does not
/// matter: of two records of one key, unknown fields are filled from either and
/// where they disagree the smaller value is taken.
///
/// Keys and texts are taken without blanks around them, and a text that only says
/// "unknown" (`-`, `—`, `/`, `无`, `不详`, `未知`, `暂无`, `同上`, `null`, `N/A`) is unknown. Words for
/// sums and notes (`合计`, `备注：…`) are no keys. So a dataset that is written and read again
/// is the same.
#[derive(Debug, Clone, Default)]
pub struct DatasetBuilder {
    pub(super) tables: Tables,
    pub(super) supplies: Vec<SupplyRow>,
    /// More of them, as they were read.
    pub(super) parts: Vec<Part>,
    /// Where each firm stands in `tables.firms`, and whether a row of its own was seen.
    pub(super) firms: Keys<FirmId>,
    /// The positions of firms with records that go by their names, and no other one.
    pub(super) by_name_only: FxHashSet<u32>,
    pub(super) products: Keys<ProductId>,
    pub(super) chains: Keys<ChainId>,
    pub(super) pairings: FxHashMap<PairingId, usize>,
    /// For the outcomes, which are checked when all pairings are known.
    pub(super) outcome_origins: Vec<Origin>,
    /// Keys of firms in relations, each with the name that stands beside it; none where several do.
    pub(super) beside: FxHashMap<Box<str>, Option<Box<str>>>,
    /// Anchors by any name, each with where it was named first.
    pub(super) anchors: BTreeMap<Box<str>, Origin>,
    pub(super) origin: Origin,
    pub(super) report: Report,
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
                let detail = format!("≠ {expected}");
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
        self.by_name_only.remove(&(position as u32));
        if self.firms.see(position) {
            let (merged, clashes) = merge_firms(&self.tables.firms[position], firm);
            self.report_merge(table, merged.id.as_str(), &clashes);
            self.tables.firms[position] = merged;
        } else {
            self.tables.firms[position] = firm;
        }
        self
    }

    /// Adds a firm in the place of all that is known of that key so far, as where a figure has changed. What
    /// other records say of it stays. Here alone the order counts: what is added afterwards is merged with it.
    ///
    /// ```
    /// use jiedui::dataset::Dataset;
    /// use jiedui::model::{Firm, Supply};
    ///
    /// let mut builder = Dataset::builder();
    /// builder.add_firm(Firm { employees: Some(80.0), ..Firm::new("foundry") });
    /// builder.add_supply(&Supply::new("foundry", "carworks"));
    /// let then = builder.build()?;
    ///
    /// let mut builder = Dataset::builder();
    /// builder.add_dataset(&then).replace_firm(Firm { employees: Some(120.0), ..Firm::new("foundry") });
    /// let now = builder.build()?;
    /// let foundry = now.tables().firm_ix("foundry").unwrap();
    /// assert_eq!(now.tables().firms[foundry.index()].employees, Some(120.0));
    /// assert_eq!(now.supplies().len(), 1);
    /// # Ok::<(), Box<jiedui::dataset::Report>>(())
    /// ```
    pub fn replace_firm(&mut self, firm: Firm) -> &mut Self {
        let known = self.firms.positions_of(&self.tables.firms).get(firm.id.as_str().trim()).copied();
        if let Some(position) = known {
            let place = &mut self.tables.firms[position as usize];
            *place = Firm::new(&place.id);
            self.firms.forget(position);
        }
        self.add_firm(firm)
    }

    /// Adds a firm whose record has no key and goes by its name.
    #[cfg(any(feature = "csv", feature = "json", feature = "xlsx"))]
    pub(super) fn add_firm_by_name(&mut self, firm: Firm) {
        let id = firm.id.clone();
        let find = |builder: &mut Self| {
            builder.firms.positions_of(&builder.tables.firms).get(id.as_str().trim()).copied()
        };
        let before = find(self);
        let is_keyed = before.is_some_and(|at| self.firms.is_seen(at) && !self.by_name_only.contains(&at));
        self.add_firm(firm);
        if !is_keyed
            && let Some(position) = find(self)
            && self.firms.is_seen(position)
        {
            self.by_name_only.insert(position);
        }
    }

    /// Adds every record of a dataset. What is added beside them is merged like any records of one key: a
    /// figure that has changed counts where it is the smaller one alone, and a supply row that is there already
    /// is there twice. To change a firm, [replace](Self::replace_firm) it; to change or remove other records, add
    /// what the dataset is [without](Dataset::without) them, or build one of the records as they are now.
    ///
    /// Every firm, product and chain of a dataset counts as one with a record, also where it was only named: it
    /// keeps its key, and is not taken for the one of that name that is added beside it.
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

    /// Takes note of a firm, by key or name, that is an anchor.
    #[cfg(any(feature = "csv", feature = "json", feature = "xlsx"))]
    pub(super) fn name_anchor(&mut self, name: &str) {
        let origin = &self.origin;
        self.anchors.entry(name.into()).or_insert_with(|| origin.clone());
    }

    /// Adds a product.
    pub fn add_product(&mut self, mut product: Product) -> &mut Self {
        if !self.is_key_of(Table::Products, "product", &mut product.id) {
            return self;
        }
        product.name = self.text(Table::Products, "name", product.name);
        let position = self.product_position(&product.id) as usize;
        if self.products.see(position) {
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
        let products = positions_of(&mut self.products, &mut self.tables.products, products, Product::new);
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
        if self.chains.see(position) {
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
            let detail = format!("{bytes} > {} B", Limits::PARTIES_BYTES);
            let (kind, effect) = (FaultKind::LongText, Effect::RowLeftOut);
            self.fault_with(kind, effect, table, "parties", row.id.as_str(), Some(detail));
            return self;
        }
        if parties.len() < 2 {
            let (kind, effect) = (FaultKind::TooFewParties, Effect::RowLeftOut);
            let (only, detail) = (parties.first().map_or("", |party| party.as_str()), row.id.to_string());
            self.fault_with(kind, effect, table, "parties", only, Some(detail));
            return self;
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

    /// Adds an outcome of a pairing, which may be added later; it goes by its key, or by its parties with `;`
    /// between them: of several such pairings that of these alone, and then the latest that is signed by the date
    /// of the outcome.
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

    /// Takes note that `name`, a part of `file`, is no table, or no file that is read.
    #[cfg(any(feature = "csv", feature = "json", feature = "xlsx"))]
    pub(super) fn no_table(&mut self, kind: FaultKind, effect: Effect, file: &Arc<str>, name: &str) {
        self.report.push(Fault {
            kind,
            effect,
            table: None,
            origin: Origin { file: Some(Arc::clone(file)), line: None },
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
            let detail = "NUL".to_owned();
            self.fault_with(FaultKind::BadText, effect, table, column, key, Some(detail));
        } else if key.len() > Limits::KEY_BYTES {
            let detail = format!("{} > {} B", key.len(), Limits::KEY_BYTES);
            self.fault_with(FaultKind::LongText, effect, table, column, key, Some(detail));
        } else if is_no_key(key) {
            self.fault(FaultKind::NoRecord, effect, table, column, key);
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
            (FaultKind::BadText, "NUL".to_owned())
        } else if kept.len() > Limits::TEXT_BYTES {
            (FaultKind::LongText, format!("{} > {} B", kept.len(), Limits::TEXT_BYTES))
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
            format!("0 < … ≤ {max}")
        } else {
            format!("{min} ≤ … ≤ {max}")
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
                let detail = Some("= 0".to_owned());
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
                let detail = format!("{start} …");
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

    pub(super) fn report_merge(&mut self, table: Table, key: &str, clashes: &[(&'static str, String)]) {
        if clashes.is_empty() {
            self.fault(FaultKind::RepeatedRow, Effect::Kept, table, "", key);
        }
        // Lists that each count from 1.
        let is_counted = key.len() < 5 && key.bytes().all(|byte| byte.is_ascii_digit());
        for (column, detail) in clashes {
            let tells_whose = matches!(*column, "name" | "parties");
            let kind = if is_counted && tells_whose { FaultKind::SharedNumber } else { FaultKind::Conflict };
            self.fault_with(kind, Effect::Replaced, table, column, key, Some(detail.clone()));
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
        position_of(&mut self.products, &mut self.tables.products, id, Product::new)
    }

    fn chain_position(&mut self, id: &ChainId) -> u32 {
        position_of(&mut self.chains, &mut self.tables.chains, id.as_str(), Chain::new)
    }
}
