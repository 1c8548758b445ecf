//! Which cell of a row belongs to which column of a table.

use super::ReadError;
use super::cell::{header_unit, title_unit};
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
    /// For each column the places of its cell and the units that the headers name.
    columns: Vec<Vec<(usize, i32)>>,
    /// Whether several headers may mean one column, as the keys of different records of
    /// a document do.
    takes_synonyms: bool,
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
            table,
            settings,
            columns: vec![Vec::new(); table.columns().len()],
            filters: vec![None; settings.filters.len()],
            money_unit: 0,
            unknown: Vec::new(),
        }
    }

    /// Takes note that cell `place` stands under `header`. Returns whether anybody
    /// wants it; what is wrong becomes a fault.
    pub(super) fn bind(&mut self, header: &str, place: usize, builder: &mut DatasetBuilder) -> bool {
        let header = header.trim();
        let (name, unit) = match self.table.column(header) {
            Some(_) => (header, None),
            None => header_unit(header).map_or((header, None), |(name, unit)| (name, Some(unit))),
        };
        let mut is_wanted = false;
        for (filter, (wanted, _)) in self.settings.filters.iter().enumerate() {
            if self.filters[filter].is_none() && is_same_header(self.table, wanted, header) {
                self.filters[filter] = Some(place);
                is_wanted = true;
            }
        }
        let is_mapped = |column: usize| self.settings.maps.iter().any(|(mapped, _)| *mapped == column);
        for column in 0..self.columns.len() {
            let wants = if is_mapped(column) {
                self.settings
                    .maps
                    .iter()
                    .any(|(mapped, wanted)| *mapped == column && wanted.trim().eq_ignore_ascii_case(header))
            } else {
                self.table.column(name).is_some_and(|named| *named == self.table.columns()[column])
            };
            if !wants {
                continue;
            }
            is_wanted = true;
            if !self.columns[column].is_empty() && !self.takes_synonyms {
                let kind = FaultKind::RepeatedColumn;
                let name = self.table.columns()[column].name;
                builder.fault(kind, Effect::CellLeftOut, self.table, name, header);
            } else {
                let is_money = MONEY.contains(&self.table.columns()[column].name);
                let of_title = if is_money { self.money_unit } else { 0 };
                self.columns[column].push((place, unit.unwrap_or(of_title)));
            }
        }
        if !is_wanted && !header.is_empty() {
            builder.fault(FaultKind::UnknownColumn, Effect::Ignored, self.table, "", header);
            if self.unknown.len() < 100 {
                self.unknown.push(header.to_owned());
            }
        }
        is_wanted
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
        let detail = unit.map(|(word, _)| format!("amounts of money are in {word}"));
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
        let (mut trial, mut faults) = (Binding::new(table, settings, false), DatasetBuilder::default());
        for (place, text) in cells {
            trial.bind(text, place, &mut faults);
        }
        trial.settle();
        trial.missing().is_none()
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
        self.settle();
        self.check_settings(file)?;
        let missing = self.missing();
        if let Some(column) = missing {
            builder.fault(FaultKind::MissingColumn, Effect::TableLeftOut, self.table, column, shown);
        }
        Ok(missing.is_none())
    }

    /// Has firms without keys told by their names, which most lists of firms go by.
    #[cfg(any(feature = "csv", feature = "xlsx"))]
    fn settle(&mut self) {
        let place = |name: &str| self.table.columns().iter().position(|column| column.name == name);
        if self.table == Table::Firms
            && let (Some(key), Some(name)) = (place("firm"), place("name"))
            && self.columns[key].is_empty()
        {
            self.columns[key] = self.columns[name].clone();
        }
    }

    /// The first column that the table needs and that no header holds.
    pub(super) fn missing(&self) -> Option<&'static str> {
        let columns = self.table.columns().iter().zip(&self.columns);
        columns
            .filter(|(column, places)| column.required && places.is_empty())
            .map(|(column, _)| column.name)
            .next()
    }

    /// Whether every header that the reader's settings name was there.
    ///
    /// # Errors
    ///
    /// [`ReadError::NoSuchHeader`] with the first that was not.
    pub(super) fn check_settings(&self, file: &std::sync::Arc<str>) -> Result<(), ReadError> {
        let maps = self.settings.maps.iter().filter(|(column, _)| self.columns[*column].is_empty());
        let filters = self.settings.filters.iter().zip(&self.filters).filter(|(_, place)| place.is_none());
        let missing = maps.map(|(_, header)| header).chain(filters.map(|((header, _), _)| header)).next();
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
    /// something else.
    pub(super) fn row<'a>(
        &self,
        cell: impl Fn(usize) -> &'a str,
        add: impl FnOnce(&[Cell<'a>]),
    ) -> Option<&'static str> {
        let mut cells = [Cell { column: "", text: "", unit: 0 }; WIDEST];
        let mut clash = None;
        for ((filled, column), places) in cells.iter_mut().zip(self.table.columns()).zip(&self.columns) {
            filled.column = column.name;
            for &(place, unit) in places {
                let text = cell(place).trim();
                if filled.text.is_empty() {
                    (filled.text, filled.unit) = (text, unit);
                } else if !text.is_empty() && text != filled.text {
                    clash = Some(column.name);
                }
            }
        }
        add(&cells[..self.columns.len()]);
        clash
    }
}

#[cfg(feature = "csv")]
impl Binding<'_> {
    /// Whether rows may be left out.
    pub(super) fn has_filters(&self) -> bool {
        !self.filters.is_empty()
    }

    /// For each column of a table with `N` the place of its cell and the unit that the
    /// header names, where no two headers mean one.
    pub(super) fn places<const N: usize>(&self) -> [Option<(usize, i32)>; N] {
        debug_assert!(self.columns.len() == N && !self.takes_synonyms);
        std::array::from_fn(|column| self.columns[column].first().copied())
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
