//! Rows: from the cells of a table to its records.

use std::borrow::Cow;

use rustc_hash::FxHashSet;

use super::binding::Cell;
use super::cell::{flag, narrow, split_list};
use super::date::date;
use super::header;
use super::list::{self, List};
use super::number::{middle, number};
#[cfg(feature = "csv")]
use crate::dataset::Limits;
#[cfg(feature = "csv")]
use crate::dataset::interner::Key;
use crate::dataset::naming::SEPARATORS;
use crate::dataset::unknown::known;
use crate::dataset::{
    DatasetBuilder, Effect, FaultKind, Origin, SourceReport, Table, is_no_key, is_sound_key,
};
use crate::model::{
    Answer, Category, Chain, ChainMember, CoBuildingMode, CreditCode, Date, Direction, Firm, FirmKind,
    FirmProduct, Incident, Industry, Level, Outcome, OutcomeKind, Ownership, Pairing, PartyBranch, Place,
    Product, ProductInput, ProductParent, Resource, Response, Role, SizeClass,
};

/// Makes records of rows and hands them to a builder.
pub(super) struct Rows {
    pub(super) builder: DatasetBuilder,
    /// The month in which fiscal years begin.
    pub(super) fiscal_start: u8,
    pub(super) table: Table,
    /// The year that the name of the file or sheet tells, for supply rows that are not dated.
    pub(super) year: Option<Date>,
    /// What lists several in one cell, each with where it stands: taken apart once all keys and names
    /// are known, since these may look like lists.
    pub(super) lists: Vec<(Origin, Table, List)>,
    /// Words and codes that a fault lists already.
    seen: FxHashSet<(Table, &'static str, Box<str>)>,
}

impl Rows {
    /// The most different words that are told apart, so that memory stays bounded.
    const DISTINCT: usize = 10_000;

    pub(super) fn new(fiscal_start: u8) -> Self {
        Self {
            builder: DatasetBuilder::default(),
            fiscal_start,
            table: Table::Firms,
            year: None,
            lists: Vec::new(),
            seen: FxHashSet::default(),
        }
    }

    /// Adds a row of `table`, its cells in the order of the table's columns; `first` is what stands first
    /// in the row, under whichever header.
    pub(super) fn add(&mut self, table: Table, cells: &[Cell<'_>], first: &str) {
        self.table = table;
        let Some(&key) = cells.first() else { return };
        // Before an empty key may stand a number of the row.
        let column = table.columns()[0].name;
        let has_key = !key.text.is_empty() && key.column == column;
        let marked = [key.text, if has_key { "" } else { first }];
        let marked = marked.into_iter().find(|text| is_no_key(text));
        if let Some(text) = marked.or_else(|| repeats_header(table, cells).then_some(key.text)) {
            self.builder.fault(FaultKind::NoRecord, Effect::Ignored, table, column, text);
            return;
        }
        for cell in cells.iter().filter(|cell| !cell.name.is_empty() && known(cell.text).is_some()) {
            self.builder.name_beside(cell.text, cell.name);
        }
        match table {
            Table::Firms => self.firm(cells),
            Table::Products => self.product(cells),
            Table::ProductParents => self.product_parent(cells),
            Table::ProductInputs => self.product_input(cells),
            Table::FirmProducts => self.firm_product(cells),
            Table::Supplies => self.supply(cells),
            Table::Chains => self.chain(cells),
            Table::ChainMembers => self.chain_member(cells),
            Table::Resources => self.resource(cells),
            Table::Pairings => self.pairing(cells),
            Table::Outcomes => self.outcome(cells),
            Table::Incidents => self.incident(cells),
            Table::Responses => self.response(cells),
        }
    }

    /// Takes leave of a table: reports it, and that it is empty unless it is left out anyway.
    pub(super) fn close(&mut self, report: SourceReport, is_left_out: bool) {
        self.builder.at_line(None);
        if report.read == 0 && !is_left_out {
            self.builder.fault(FaultKind::EmptyTable, Effect::Kept, report.table, "", "");
        }
        self.builder.report_mut().push_source(report);
    }

    fn firm(&mut self, cells: &[Cell<'_>]) {
        let &[
            id,
            name,
            credit_code,
            kind,
            parent,
            anchor,
            ownership,
            industry,
            region,
            longitude,
            latitude,
            employees,
            revenue,
            size,
            party_branch,
            party_members,
            quota,
            makes,
            needs,
            chains,
            suppliers,
            buyers,
        ] = cells
        else {
            return;
        };
        // 性质 is the one or the other.
        let word = narrow(kind.text);
        let is_owners = ownership.text.is_empty()
            && FirmKind::from_word(&word).is_none()
            && Ownership::from_word(&word).is_some();
        let owners = if is_owners { kind } else { ownership };
        let firm = Firm {
            id: id.text.into(),
            name: text(name),
            credit_code: known(credit_code.text).map(|code| CreditCode::new(&narrow(code))),
            kind: if is_owners { None } else { self.word(kind, FirmKind::from_word, Some(FirmKind::Other)) },
            parent: known(parent.text).map(Into::into),
            anchor: self.anchor(anchor, [id.text, name.text]),
            ownership: self.word(owners, Ownership::from_word, Some(Ownership::Other)),
            industry: self.industry(industry),
            region: text(region),
            place: self.place(longitude, latitude),
            employees: self.number(employees),
            revenue: self.number(revenue),
            size: self.word(size, SizeClass::from_word, None),
            party_branch: self.word(party_branch, PartyBranch::from_word, None),
            party_members: self.whole(party_members),
            quota: self.whole(quota),
        };
        if id.column == name.column {
            self.builder.add_firm_by_name(firm);
        } else {
            self.builder.add_firm(firm);
        }
        if !is_sound_key(id.text) {
            return;
        }
        let firm = || Box::<str>::from(id.text);
        for (cell, role) in [(makes, Role::Makes), (needs, Role::Needs)] {
            let products = cell.text.into();
            self.list(cell, List::Products { firm: firm(), products, role, weight: None });
        }
        let (none, value, date) = (Box::<str>::default, None, None);
        self.list(chains, List::Members { chains: chains.text.into(), firms: firm(), position: None });
        let (sellers, products) = (suppliers.text.into(), none());
        self.list(suppliers, List::Supplies { suppliers: sellers, buyers: firm(), products, value, date });
        let (clients, products) = (buyers.text.into(), none());
        self.list(buyers, List::Supplies { suppliers: firm(), buyers: clients, products, value, date });
    }

    fn product(&mut self, cells: &[Cell<'_>]) {
        let &[id, name, parent] = cells else { return };
        self.builder.add_product(Product { id: id.text.into(), name: text(name) });
        if let (Some(product), Some(parent)) = (known(id.text), known(parent.text)) {
            self.builder.add_product_parent(ProductParent { product: product.into(), parent: parent.into() });
        }
    }

    fn product_parent(&mut self, cells: &[Cell<'_>]) {
        let &[product, parent] = cells else { return };
        let row = ProductParent { product: product.text.into(), parent: parent.text.into() };
        self.builder.add_product_parent(row);
    }

    fn product_input(&mut self, cells: &[Cell<'_>]) {
        let &[input, output, weight] = cells else { return };
        let row = ProductInput {
            input: input.text.into(),
            output: output.text.into(),
            weight: self.number(weight),
        };
        self.builder.add_product_input(row);
    }

    /// A role in unknown words leaves the row out: to guess that a firm makes what it
    /// needs would be worse.
    fn firm_product(&mut self, cells: &[Cell<'_>]) {
        let &[firm, product, role, weight] = cells else { return };
        let role = match known(role.text) {
            Some(_) => self.required_word(role, Role::from_word, None),
            None => Some(Role::Makes),
        };
        let Some(role) = role else { return };
        let weight = self.number(weight);
        if product.text.contains(SEPARATORS) || product.text.contains('\n') {
            let (firm, products) = (firm.text.into(), product.text.into());
            self.list(product, List::Products { firm, products, role, weight });
        } else {
            let (firm, product) = (firm.text.into(), product.text.into());
            self.builder.add_firm_product(FirmProduct { firm, product, role, weight });
        }
    }

    fn supply(&mut self, cells: &[Cell<'_>]) {
        let &[supplier, buyer, product, value, date] = cells else { return };
        let (value, date) = (self.number(value), self.date_in(self.year, date));
        if [supplier, buyer, product].iter().all(|cell| !list::holds_list(cell.text)) {
            self.builder.add_supply_parts(supplier.text, buyer.text, known(product.text), value, date);
            return;
        }
        let [suppliers, buyers, products] = [supplier, buyer, product].map(|cell| cell.text.into());
        self.keep_list(List::Supplies { suppliers, buyers, products, value, date });
    }

    fn chain(&mut self, cells: &[Cell<'_>]) {
        let &[id, name, leader, office, association, committee, valid_from, valid_to] = cells else { return };
        let chain = Chain {
            id: id.text.into(),
            name: text(name),
            leader: text(leader),
            office: text(office),
            association: text(association),
            committee: text(committee),
            valid_from: self.date(valid_from),
            valid_to: self.date(valid_to),
        };
        self.builder.add_chain(chain);
    }

    fn chain_member(&mut self, cells: &[Cell<'_>]) {
        let &[chain, firm, position] = cells else { return };
        if list::holds_list(chain.text) || list::holds_list(firm.text) {
            let (chains, firms) = (chain.text.into(), firm.text.into());
            self.list(chain, List::Members { chains, firms, position: text(position) });
            return;
        }
        let row = ChainMember { chain: chain.text.into(), firm: firm.text.into(), position: text(position) };
        self.builder.add_chain_member(row);
    }

    fn resource(&mut self, cells: &[Cell<'_>]) {
        let &[firm, direction, category, item, amount, unit] = cells else { return };
        let direction = self.required_word(direction, Direction::from_word, None);
        let category = self.required_word(category, Category::from_word, Some(Category::Other));
        let (Some(direction), Some(category)) = (direction, category) else { return };
        let row = Resource {
            firm: firm.text.into(),
            direction,
            category,
            item: text(item),
            amount: self.number(amount),
            unit: text(unit),
        };
        self.builder.add_resource(row);
    }

    fn pairing(&mut self, cells: &[Cell<'_>]) {
        let &[id, parties, level, modes, theme, signed, ends] = cells else { return };
        let (shown, signed) = (parties.text, self.date(signed));
        let parties = split_list(parties.text);
        let modes_in_line = modes.text.replace('\n', "；");
        let words = split_list(&modes_in_line);
        let mode = |word: &Cow<'_, str>| {
            self.word(Cell { text: word, ..modes }, CoBuildingMode::from_word, Some(CoBuildingMode::Other))
        };
        // Ledgers seldom number their pairings.
        let made = || signed.map_or_else(|| shown.to_owned(), |date| format!("{shown}@{date}"));
        let row = Pairing {
            id: known(id.text).map_or_else(|| made().as_str().into(), Into::into),
            parties: parties.iter().filter_map(|party| known(party)).map(Into::into).collect(),
            modes: words.iter().filter_map(mode).collect(),
            level: self.word(level, Level::from_word, None),
            theme: text(theme),
            signed,
            ends: self.date(ends),
        };
        if shown.contains('\n') {
            self.keep_list(List::Parties { pairing: Box::new(row), parties: shown.into() });
        } else {
            self.builder.add_pairing(row);
        }
    }

    fn outcome(&mut self, cells: &[Cell<'_>]) {
        let &[pairing, kind, amount, date, evidence] = cells else { return };
        let Some(kind) = self.required_word(kind, OutcomeKind::from_word, Some(OutcomeKind::Other)) else {
            return;
        };
        let row = Outcome {
            pairing: pairing.text.into(),
            kind,
            amount: self.number(amount),
            date: self.date(date),
            evidence: text(evidence),
        };
        self.builder.add_outcome(row);
    }

    fn incident(&mut self, cells: &[Cell<'_>]) {
        let &[supplier, buyer, kind, lots, date] = cells else { return };
        let row = Incident {
            supplier: supplier.text.into(),
            buyer: buyer.text.into(),
            kind: text(kind),
            lots: self.number(lots),
            date: self.date(date),
        };
        self.builder.add_incident(row);
    }

    fn response(&mut self, cells: &[Cell<'_>]) {
        let &[firm, partner, answer, date, until] = cells else { return };
        let Some(answer) = self.required_word(answer, Answer::from_word, Some(Answer::Other)) else { return };
        let row = Response {
            firm: firm.text.into(),
            partner: partner.text.into(),
            answer,
            date: self.date(date),
            until: self.date(until),
        };
        self.builder.add_response(row);
    }

    fn fault(&mut self, kind: FaultKind, cell: Cell<'_>) {
        self.builder.fault(kind, Effect::CellLeftOut, self.table, cell.column, cell.text);
    }

    fn number(&mut self, cell: Cell<'_>) -> Option<f64> {
        let text = known(cell.text)?;
        if let Some(value) = number(text, cell.unit) {
            return Some(value);
        }
        let middle = middle(text, cell.unit).filter(|_| RANGES.contains(&cell.column));
        match middle {
            Some(value) => {
                let detail = Some(format!("= {value}"));
                let (kind, effect) = (FaultKind::Range, Effect::Replaced);
                self.builder.fault_with(kind, effect, self.table, cell.column, cell.text, detail);
            }
            None => self.fault(FaultKind::BadNumber, cell),
        }
        middle
    }

    fn whole(&mut self, cell: Cell<'_>) -> Option<u32> {
        let value = self.number(cell)?;
        if value < 0.0 || value > f64::from(u32::MAX) {
            self.fault(FaultKind::OutOfRange, cell);
            None
        } else if value.fract() != 0.0 {
            self.fault(FaultKind::BadNumber, cell);
            None
        } else {
            Some(value as u32)
        }
    }

    fn date(&mut self, cell: Cell<'_>) -> Option<Date> {
        self.date_in(None, cell)
    }

    /// A date that may lack its year, or be missing, where that is known.
    fn date_in(&mut self, year: Option<Date>, cell: Cell<'_>) -> Option<Date> {
        let Some(text) = known(cell.text) else { return year };
        let in_year = || date(&format!("{}年{text}", year?), self.fiscal_start);
        let value = date(text, self.fiscal_start).or_else(in_year);
        if value.is_none() {
            self.fault(FaultKind::BadDate, cell);
        }
        value
    }

    /// Whether a firm is an anchor; 链主企业 may also name the one that it belongs to.
    fn anchor(&mut self, cell: Cell<'_>, own: [&str; 2]) -> Option<bool> {
        let text = known(cell.text)?;
        let value = flag(text).or_else(|| own.contains(&text).then_some(true));
        if value.is_none() {
            self.builder.name_anchor(text);
        }
        value
    }

    fn place(&mut self, longitude: Cell<'_>, latitude: Cell<'_>) -> Option<Place> {
        let has = [longitude, latitude].map(|cell| known(cell.text).is_some());
        let values = [self.number(longitude), self.number(latitude)];
        match (has, values) {
            (_, [Some(x), Some(y)]) => match Place::new(x, y) {
                Ok(place) => Some(place),
                Err(error) => {
                    let cell = if (-180.0..=180.0).contains(&x) { latitude } else { longitude };
                    let (kind, effect) = (FaultKind::OutOfRange, Effect::CellLeftOut);
                    let detail = Some(error.to_string());
                    self.builder.fault_with(kind, effect, self.table, cell.column, cell.text, detail);
                    None
                }
            },
            ([true, false], _) => {
                self.fault(FaultKind::HalfPlace, latitude);
                None
            }
            ([false, true], _) => {
                self.fault(FaultKind::HalfPlace, longitude);
                None
            }
            // Neither is there, or one is no number, which is a fault already.
            _ => None,
        }
    }

    fn industry(&mut self, cell: Cell<'_>) -> Option<Industry> {
        let text = known(cell.text)?;
        let industry = Industry::new(&narrow(text));
        if industry.is_gb_t_4754() {
            return Some(industry);
        }
        self.fault_once(FaultKind::ForeignIndustry, Effect::Kept, cell, None);
        // A code of another system is kept to the letter.
        Some(Industry::new(text))
    }

    /// A word of an enumeration; `other` stands for words outside it where given.
    fn word<T: Copy + std::fmt::Display>(
        &mut self,
        cell: Cell<'_>,
        from_word: fn(&str) -> Option<T>,
        other: Option<T>,
    ) -> Option<T> {
        // The words come first: 无 is one for "no branch".
        if let Some(value) = from_word(&narrow(cell.text)) {
            return Some(value);
        }
        known(cell.text)?;
        match other {
            Some(other) => {
                let detail = Some(format!("= {other}"));
                self.fault_once(FaultKind::UnknownWord, Effect::Replaced, cell, detail);
            }
            None => self.fault_once(FaultKind::UnknownWord, Effect::CellLeftOut, cell, None),
        }
        other
    }

    /// A word without which there is no record.
    fn required_word<T: Copy + std::fmt::Display>(
        &mut self,
        cell: Cell<'_>,
        from_word: fn(&str) -> Option<T>,
        other: Option<T>,
    ) -> Option<T> {
        if from_word(&narrow(cell.text)).is_some() || (other.is_some() && known(cell.text).is_some()) {
            return self.word(cell, from_word, other);
        }
        self.fault_once(FaultKind::UnknownWord, Effect::RowLeftOut, cell, None);
        None
    }

    /// A fault that is listed once for a text in a column, and counted every time.
    fn fault_once(&mut self, kind: FaultKind, effect: Effect, cell: Cell<'_>, detail: Option<String>) {
        let key = (self.table, cell.column, Box::from(cell.text));
        if self.seen.contains(&key) || self.seen.len() >= Self::DISTINCT {
            self.builder.report_mut().count_again(self.table, kind, effect);
        } else {
            self.seen.insert(key);
            self.builder.fault_with(kind, effect, self.table, cell.column, cell.text, detail);
        }
    }
}

/// Columns of which a range of numbers says enough.
const RANGES: [&str; 4] = ["revenue", "employees", "value", "amount"];

/// Whether the first two cells that say anything are headers of the table, as where pages were joined.
fn repeats_header(table: Table, cells: &[Cell<'_>]) -> bool {
    let said = || cells.iter().filter(|cell| !cell.text.is_empty());
    said().nth(1).is_some() && said().take(2).all(|cell| is_header(table, cell.text))
}

/// Whether a text is a Chinese header of the table: what is ASCII may as well be a key.
fn is_header(table: Table, text: &str) -> bool {
    !text.is_ascii() && (table.column(text).is_some() || header::part(table, text).is_some())
}

/// A supply row with which nothing is wrong: what [`Rows`] makes of it without a fault.
#[cfg(feature = "csv")]
pub(super) struct SoundSupply<'a> {
    pub(super) supplier: &'a str,
    pub(super) buyer: &'a str,
    pub(super) product: Option<&'a str>,
    pub(super) value: Option<f64>,
    pub(super) date: Option<Date>,
}

#[cfg(feature = "csv")]
impl<'a> SoundSupply<'a> {
    /// The row of cells without blanks around them; `None` where anything is wrong.
    pub(super) fn of(
        [supplier, buyer, product, value, date]: [&'a str; 5],
        unit: i32,
        fiscal_start: u8,
    ) -> Option<Self> {
        let product = known(product);
        let is_sound = is_sound_key(supplier)
            && is_sound_key(buyer)
            && !is_header(Table::Supplies, supplier)
            && supplier != buyer
            && product.is_none_or(is_sound_key)
            && ![Some(supplier), Some(buyer), product].into_iter().flatten().any(list::holds_list);
        if !is_sound {
            return None;
        }
        let value = match known(value) {
            // −0 becomes 0, as in the builder.
            Some(text) => Some(number(text, unit).filter(|value| value.abs() <= Limits::AMOUNT)? + 0.0),
            None => None,
        };
        let date = match known(date) {
            Some(text) => Some(self::date(text, fiscal_start)?),
            None => None,
        };
        Some(Self { supplier, buyer, product, value, date })
    }
}

/// Whether a key of visible ASCII is sound as its first two bytes show: as no mark for
/// "unknown" begins, nor what a spreadsheet made of a key.
#[cfg(feature = "csv")]
pub(super) fn is_plain_key(key: &Key) -> bool {
    match key.first_two() {
        [b'n' | b'N', _] => false,
        [b'0'..=b'9', second] => !matches!(second, b'.' | b',' | b'E' | b'e'),
        [first, _] => first.is_ascii_alphabetic(),
    }
}

/// A text; the builder takes care of what it must not hold.
fn text(cell: Cell<'_>) -> Option<Box<str>> {
    known(cell.text).map(Into::into)
}
