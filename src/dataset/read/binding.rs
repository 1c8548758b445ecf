//! Which cell of a row belongs to which column of a table.

use std::borrow::Cow;

use super::ReadError;
#[cfg(feature = "xlsx")]
use super::head::Heading;
use super::header::{Meant, Part};
#[cfg(any(feature = "csv", feature = "xlsx"))]
use super::unit::title_unit;
use crate::dataset::unknown::known;
use crate::dataset::{DatasetBuilder, Effect, FaultKind, Table};

/// What the reader was told about one table.
#[derive(Debug, Clone, Default)]
pub(super) struct TableSettings {
    /// Columns by position, with the header that holds them.
    pub(super) maps: Vec<(usize, String)>,
    /// Headers, with the values of which a row must have one.
    pub(super) filters: Vec<(String, Vec<String>)>,
}

/// A cell of a row, without blanks around it; empty where there is none.
#[derive(Clone, Copy)]
pub(super) struct Cell<'a> {
    pub(super) column: &'static str,
    pub(super) text: &'a str,
    /// The power of ten that the header gives a number.
    pub(super) unit: i32,
    /// The name of the firm whose key this is, if that stands in another cell; else empty.
    pub(super) name: &'a str,
}

/// Where a cell of a column stands.
#[derive(Clone, Copy, Default)]
struct Place {
    cell: usize,
    /// Where a column holds several parties, which of them it is; they count from 0.
    party: usize,
    /// Of what names firms, what of them.
    part: Part,
    /// The power of ten that the header gives a number.
    unit: i32,
    /// The year with which the header begins; 0 for none.
    year: u16,
}

impl Place {
    /// Whether the other counts before this one: of key and name of a firm the one that stands first (a
    /// number that stands behind the name may be the office's own), and of one figure by years the latest, one
    /// without a year before all.
    fn is_behind(self, other: Self) -> bool {
        if self.party != other.party {
            self.party > other.party
        } else if self.part == other.part {
            self.year != 0 && (other.year == 0 || other.year > self.year)
        } else {
            self.cell > other.cell
        }
    }
}

/// Columns of the widest table, that of the firms.
const WIDEST: usize = Table::Firms.columns().len();

/// Columns that hold amounts of money.
const MONEY: [&str; 2] = ["revenue", "value"];

/// The header of a file or sheet is one of so many rows.
#[cfg(any(feature = "csv", feature = "xlsx"))]
pub(super) const HEAD_ROWS: usize = 20;

/// Connects the headers of a file with the columns of its table.
pub(super) struct Binding<'s> {
    table: Table,
    settings: &'s TableSettings,
    /// For each column where its cells stand; of synonyms the one first that counts before the others.
    columns: Vec<Vec<Place>>,
    /// For each column its header.
    headers: Vec<Box<str>>,
    /// The parties of the column that may hold several.
    parties: Vec<String>,
    /// In a document the place of what is no key of a firm beside a name: 单位.
    unit: Option<usize>,
    /// Whether several headers may mean one column, as the keys of different records of
    /// a document do.
    takes_synonyms: bool,
    /// For each column map whether its header was there.
    mapped: Vec<bool>,
    /// For each filter the place of its cell.
    filters: Vec<Option<usize>>,
    /// The power of ten that a title gives amounts of money whose header names no unit.
    money_unit: i32,
    /// Headers that were neither, as far as they are worth repeating.
    unknown: Vec<String>,
}

impl<'s> Binding<'s> {
    pub(super) fn new(table: Table, settings: &'s TableSettings, takes_synonyms: bool) -> Self {
        Self {
            takes_synonyms,
            unit: None,
            table,
            settings,
            columns: vec![Vec::new(); table.columns().len()],
            headers: vec![Box::default(); table.columns().len()],
            parties: Vec::new(),
            mapped: vec![false; settings.maps.len()],
            filters: vec![None; settings.filters.len()],
            money_unit: 0,
            unknown: Vec::new(),
        }
    }

    /// Takes note that cell `place` stands under `header`. Returns whether anybody
    /// wants it; what is wrong becomes a fault.
    pub(super) fn bind(&mut self, header: &str, place: usize, builder: &mut DatasetBuilder) -> bool {
        let header = header.trim();
        self.bind_meant(&Meant::of(self.table, header), &[header], place, builder)
    }

    /// The same of a header that means what is told; column maps and row filters may call it by any of `names`.
    fn bind_meant(
        &mut self,
        meant: &Meant,
        names: &[&str],
        place: usize,
        builder: &mut DatasetBuilder,
    ) -> bool {
        let header = names[0];
        let mut is_wanted = false;
        for (filter, (wanted, _)) in self.settings.filters.iter().enumerate() {
            let is_it = names.iter().any(|name| is_same_header(self.table, wanted, name));
            if self.filters[filter].is_none() && is_it {
                self.filters[filter] = Some(place);
                is_wanted = true;
            }
        }
        let settings = self.settings;
        let is_mapped = |column: usize| settings.maps.iter().any(|(mapped, _)| *mapped == column);
        for column in 0..self.columns.len() {
            let mut wants = false;
            if is_mapped(column) {
                for ((mapped, wanted), is_there) in settings.maps.iter().zip(&mut self.mapped) {
                    let is_it = names.iter().any(|name| wanted.trim().eq_ignore_ascii_case(name));
                    if *mapped == column && is_it {
                        (wants, *is_there) = (true, true);
                    }
                }
            } else {
                wants = meant.column.is_some_and(|meant| *meant == self.table.columns()[column]);
            }
            if !wants {
                continue;
            }
            is_wanted = true;
            let name = self.table.columns()[column].name;
            let (mut party, mut part) = (0, Part::default());
            if let Some((told, of)) = meant.party.as_ref().filter(|_| !is_mapped(column)) {
                part = *of;
                party = if is_shared(self.table, name) { self.party(column, told, part) } else { 0 };
            } else if is_shared(self.table, name) {
                party = self.party(column, header, part);
            }
            // Beside the key of a firm its name is none too many.
            let has_part = self.columns[column].iter().any(|bound| bound.part == part);
            let is_repeated = has_part && !self.takes_synonyms && !is_shared(self.table, name);
            if is_repeated && self.takes_for_name(name, header) {
                self.columns[column + 1].push(Place { cell: place, ..Place::default() });
                continue;
            }
            let of_title = if MONEY.contains(&name) { self.money_unit } else { 0 };
            let unit = meant.unit.unwrap_or(of_title);
            let found = Place { cell: place, party, part, unit, year: meant.year };
            if is_repeated {
                let bound = self.columns[column][0];
                let is_kept = bound.part != part || !bound.is_behind(found);
                let left_out = if is_kept { header } else { &self.headers[column] };
                // Of one figure by years only the latest can count.
                let is_earlier =
                    bound.part == part && bound.year != found.year && bound.year.min(found.year) > 0;
                let effect = if is_earlier { Effect::Ignored } else { Effect::CellLeftOut };
                builder.fault(FaultKind::RepeatedColumn, effect, self.table, name, left_out);
                if is_kept {
                    continue;
                }
                self.columns[column].clear();
            }
            if column == 0 && self.takes_synonyms && header == "单位" && !is_mapped(column) {
                self.unit = Some(place);
            }
            let before = self.columns[column].partition_point(|bound| !bound.is_behind(found));
            self.columns[column].insert(before, found);
            self.headers[column] = header.into();
        }
        if !is_wanted && !header.is_empty() {
            builder.fault(FaultKind::UnknownColumn, Effect::Ignored, self.table, "", header);
            if self.unknown.len() < 100 {
                self.unknown.push(header.to_owned());
            }
        }
        is_wanted
    }

    /// Which party of a shared column a header is about: one of whom another part was there before, else
    /// another one, be its header the same.
    fn party(&mut self, column: usize, told: &str, part: Part) -> usize {
        let has = |party: usize, is_it: fn(Part, Part) -> bool| {
            self.columns[column].iter().any(|bound| bound.party == party && is_it(bound.part, part))
        };
        let lacks = |party: &usize| self.parties[*party] == told && !has(*party, |bound, part| bound == part);
        (0..self.parties.len()).find(lacks).unwrap_or_else(|| {
            self.parties.push(told.to_owned());
            self.parties.len() - 1
        })
    }

    /// Takes note of a row above the header. Amounts of money have the unit that it tells, as
    /// `单位：万元` does, unless header or cell says otherwise.
    #[cfg(any(feature = "csv", feature = "xlsx"))]
    pub(super) fn title(&mut self, text: &str, builder: &mut DatasetBuilder) {
        let unit = title_unit(text).filter(|_| {
            let mut columns = self.table.columns().iter();
            columns.any(|column| MONEY.contains(&column.name))
        });
        self.money_unit = unit.map_or(self.money_unit, |(_, unit)| unit);
        let detail = unit.map(|(word, _)| format!("= {word}"));
        builder.fault_with(FaultKind::TitleRow, Effect::Ignored, self.table, "", text, detail);
    }

    /// Whether the cells of a row, each with its place, are headers for every column that the table
    /// cannot do without.
    #[cfg(any(feature = "csv", feature = "xlsx"))]
    pub(super) fn is_header<'a>(
        table: Table,
        settings: &TableSettings,
        cells: impl Iterator<Item = (usize, &'a str)>,
    ) -> bool {
        Binding::tried(table, settings, cells).does()
    }

    /// Whether a row looks like the header of a table: it has what the table needs, and two of its columns at least.
    #[cfg(feature = "xlsx")]
    pub(super) fn fits<'a>(table: Table, cells: impl Iterator<Item = (usize, &'a str)>) -> bool {
        let settings = TableSettings::default();
        let mut trial = Binding::tried(table, &settings, cells);
        trial.does() && trial.columns.iter().filter(|places| !places.is_empty()).count() > 1
    }

    /// The cells of a row bound as headers, with no word about what is wrong.
    #[cfg(any(feature = "csv", feature = "xlsx"))]
    fn tried<'a>(
        table: Table,
        settings: &'s TableSettings,
        cells: impl Iterator<Item = (usize, &'a str)>,
    ) -> Self {
        let (mut trial, mut faults) = (Self::new(table, settings, false), DatasetBuilder::default());
        for (place, text) in cells {
            trial.bind(text, place, &mut faults);
        }
        trial
    }

    /// Whether the headers bound so far do for the table.
    #[cfg(any(feature = "csv", feature = "xlsx"))]
    pub(super) fn does(&mut self) -> bool {
        self.settle();
        self.missing().is_none()
    }

    /// Binds every header of a row whose text is `shown`. Where one is missing that the table cannot do
    /// without, that is a fault, and the answer `false`.
    ///
    /// # Errors
    ///
    /// As [`check_settings`](Self::check_settings).
    #[cfg(any(feature = "csv", feature = "xlsx"))]
    pub(super) fn bind_all<'a>(
        &mut self,
        cells: impl Iterator<Item = (usize, &'a str)>,
        shown: &str,
        file: &std::sync::Arc<str>,
        builder: &mut DatasetBuilder,
    ) -> Result<bool, ReadError> {
        for (place, text) in cells {
            self.bind(text, place, builder);
        }
        self.bound(shown, file, builder)
    }

    /// The same of a header of two lines, which stand at `lines`.
    ///
    /// # Errors
    ///
    /// As [`check_settings`](Self::check_settings).
    #[cfg(feature = "xlsx")]
    pub(super) fn bind_two(
        &mut self,
        headings: &[Heading<'_>],
        lines: [u64; 2],
        shown: &str,
        file: &std::sync::Arc<str>,
        builder: &mut DatasetBuilder,
    ) -> Result<bool, ReadError> {
        let of_title = self.money_unit;
        let of_groups = title_unit(shown).map_or(of_title, |(_, unit)| unit);
        for heading in headings {
            let [above, below] = lines;
            builder.at_line(Some(if heading.is_below { below } else { above }));
            // The unit of a group is that of its columns.
            self.money_unit = if heading.is_below { of_groups } else { of_title };
            if let Some((_, unit)) = title_unit(heading.group) {
                self.money_unit = unit;
            }
            self.bind_heading(heading, builder);
        }
        builder.at_line(Some(lines[0]));
        self.bound(shown, file, builder)
    }

    #[cfg(feature = "xlsx")]
    pub(super) fn bind_heading(&mut self, heading: &Heading<'_>, builder: &mut DatasetBuilder) -> bool {
        let joined = format!("{}{}", heading.group, heading.text);
        let meant = Meant::below(self.table, heading.group, heading.text);
        self.bind_meant(&meant, &[heading.text, &joined], heading.place, builder)
    }

    /// Whether all headers, now that they are bound, do for the table.
    #[cfg(any(feature = "csv", feature = "xlsx"))]
    fn bound(
        &mut self,
        shown: &str,
        file: &std::sync::Arc<str>,
        builder: &mut DatasetBuilder,
    ) -> Result<bool, ReadError> {
        self.settle();
        self.check_settings(file)?;
        let missing = self.missing();
        if let Some(column) = missing {
            builder.fault(FaultKind::MissingColumn, Effect::TableLeftOut, self.table, column, shown);
        }
        Ok(missing.is_none())
    }

    /// Whether a second header for the key of firms is one for their names, which have none: 企业 behind
    /// 编号.
    fn takes_for_name(&self, column: &str, header: &str) -> bool {
        let [_, name, ..] = &self.columns[..] else { return false };
        self.table == Table::Firms && column == "firm" && header == "企业" && name.is_empty()
    }

    /// Beside a name 单位 is no key of a firm, but the unit of something, unless it is said to be the key.
    #[cfg(any(feature = "csv", feature = "xlsx"))]
    fn settle(&mut self) {
        let is_mapped = self.settings.maps.iter().any(|&(column, _)| column == 0);
        if self.has_names() && !is_mapped && &*self.headers[0] == "单位" {
            self.columns[0].clear();
        }
    }

    /// Whether the rows are firms, products or chains with names.
    fn has_names(&self) -> bool {
        self.table.columns()[1].name == "name" && !self.columns[1].is_empty()
    }

    /// The first column that the table needs and that no header holds. Names do for keys.
    pub(super) fn missing(&self) -> Option<&'static str> {
        let columns = self.table.columns().iter().zip(&self.columns);
        let mut missing = columns.filter(|(column, places)| column.required && places.is_empty());
        missing.next().map(|(column, _)| column.name).filter(|_| !self.has_names())
    }

    /// Whether every header that the reader's settings name was there.
    ///
    /// # Errors
    ///
    /// [`ReadError::NoSuchHeader`] with the first that was not.
    pub(super) fn check_settings(&self, file: &std::sync::Arc<str>) -> Result<(), ReadError> {
        let maps = self.settings.maps.iter().zip(&self.mapped).filter(|(_, is_there)| !**is_there);
        let filters = self.settings.filters.iter().zip(&self.filters).filter(|(_, place)| place.is_none());
        let missing =
            maps.map(|((_, header), _)| header).chain(filters.map(|((header, _), _)| header)).next();
        let Some(header) = missing else { return Ok(()) };
        let bound = self.table.columns().iter().zip(&self.columns).filter(|(_, places)| !places.is_empty());
        let mut known: Vec<&str> = bound.map(|(column, _)| column.name).collect();
        known.extend(self.unknown.iter().map(String::as_str));
        Err(ReadError::NoSuchHeader {
            file: file.clone(),
            table: self.table,
            header: header.clone(),
            known: known.join(", "),
        })
    }

    /// Whether the row filters keep the row whose cells `cell` gives.
    pub(super) fn keeps<'a>(&self, cell: impl Fn(usize) -> &'a str) -> bool {
        self.settings.filters.iter().zip(&self.filters).all(|((_, values), place)| {
            let text = place.map_or("", &cell).trim();
            values.iter().any(|value| value.trim() == text)
        })
    }

    /// Hands on the cells of a row in the order of the table's columns. Of synonyms the
    /// first that says something counts; returns a column for which another says
    /// something else. Of key and name of a firm the first counts, and where that says nothing the other. The parties of a pairing may
    /// stand in several cells. What has a name but no
    /// key, or one that only says "unknown", goes by the name, as in most lists of firms: the cell of the key is then
    /// that of the name.
    pub(super) fn row<'a>(
        &self,
        cell: impl Fn(usize) -> &'a str,
        add: impl FnOnce(&[Cell<'_>]),
    ) -> Option<&'static str> {
        let shared = self.shared(&cell);
        let is_said = |place: &Place| known(cell(place.cell).trim()).is_some();
        let unit = self.unit.filter(|_| self.has_names() && self.columns[1].iter().any(is_said));
        let mut cells = [Cell { column: "", text: "", unit: 0, name: "" }; WIDEST];
        let mut clash = None;
        for ((filled, column), places) in cells.iter_mut().zip(self.table.columns()).zip(&self.columns) {
            filled.column = column.name;
            if is_shared(self.table, column.name) {
                filled.text = &shared;
                continue;
            }
            let mut told = Part::default();
            for place in places.iter().filter(|place| column.name != "firm" || unit != Some(place.cell)) {
                let text = cell(place.cell).trim();
                if filled.text.is_empty() || known(filled.text).is_none() && known(text).is_some() {
                    (filled.text, filled.unit, told) = (text, place.unit, place.part);
                } else if place.part == Part::Name && told != Part::Name && known(text).is_some() {
                    filled.name = text;
                } else if !text.is_empty() && text != filled.text && place.part == told {
                    clash = Some(column.name);
                }
            }
        }
        if self.has_names() && known(cells[0].text).is_none() && known(cells[1].text).is_some() {
            cells[0] = cells[1];
        }
        add(&cells[..self.columns.len()]);
        clash
    }

    /// What stands in the cells of the column that may have several.
    fn shared<'a>(&self, cell: &impl Fn(usize) -> &'a str) -> Cow<'a, str> {
        let column = self.table.columns().iter().position(|column| is_shared(self.table, column.name));
        match column.map_or(&[][..], |column| &self.columns[column]) {
            [] => Cow::Borrowed(""),
            [place] => Cow::Borrowed(cell(place.cell).trim()),
            places => {
                let of_party = |places: &[Place]| {
                    let said = || places.iter().map(|place| cell(place.cell).trim());
                    let said_most = said().find(|text| known(text).is_some());
                    said_most.or_else(|| said().find(|text| !text.is_empty()))
                };
                let parties = places.chunk_by(|a, b| a.party == b.party).filter_map(of_party);
                let mut parties: Vec<&str> = parties.collect();
                match parties.len() {
                    1 => parties.pop().map_or(Cow::Borrowed(""), Cow::Borrowed),
                    _ => Cow::Owned(parties.join(";")),
                }
            }
        }
    }
}

/// Whether a column may have several headers, of which each holds a part: 链主企业 and 配套企业 are both
/// parties of a pairing, and say together of which one an outcome is.
pub(super) fn is_shared(table: Table, column: &str) -> bool {
    matches!((table, column), (Table::Pairings, "parties") | (Table::Outcomes, "pairing"))
}

#[cfg(feature = "csv")]
impl Binding<'_> {
    /// Whether rows may be left out.
    pub(super) fn has_filters(&self) -> bool {
        !self.filters.is_empty()
    }

    /// Whether what names a firm stands in several cells of a row.
    pub(super) fn names_twice(&self) -> bool {
        self.columns.iter().any(|places| places.iter().any(|place| place.part != places[0].part))
    }

    /// For each column of a table with `N` the place of its cell and the unit that the
    /// header names, where no two headers mean one.
    pub(super) fn places<const N: usize>(&self) -> [Option<(usize, i32)>; N] {
        debug_assert!(self.columns.len() == N && !self.takes_synonyms);
        std::array::from_fn(|column| self.columns[column].first().map(|place| (place.cell, place.unit)))
    }
}

/// The text without blanks around it, as [`str::trim`] does; most texts have none.
#[cfg(feature = "csv")]
pub(super) fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [b'!'..=b'~'] | [b'!'..=b'~', .., b'!'..=b'~'] | [] => text,
        _ => text.trim(),
    }
}

/// Whether two headers are the same, or mean the same column.
fn is_same_header(table: Table, a: &str, b: &str) -> bool {
    a.trim().eq_ignore_ascii_case(b) || table.column(a).is_some_and(|column| table.column(b) == Some(column))
}
