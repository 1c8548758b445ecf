//! From the rows of one sheet to records: where its header is, and what stands below.

use std::io::{Read, Seek};
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::ReadError;
use super::binding::{Binding, HEAD_ROWS, TableSettings};
use super::book::broken;
use super::head::two_lines;
use super::row::Rows;
use super::sheet::{self, Row, Value};
use super::unit::header_unit;
use crate::dataset::{Effect, FaultKind, SourceReport, Table};

/// Takes the rows of one sheet.
pub(super) struct SheetReader<'a> {
    table: Table,
    sheet: &'a Arc<str>,
    rows: &'a mut Rows,
    settings: &'a TableSettings,
    binding: Binding<'a>,
    record_limit: usize,
    /// Rows before the header is found, and one that is a header until the next shows whether it has a second line.
    head: Vec<Row>,
    /// Whether the last of them is.
    is_found: bool,
    /// For each column what is told of it.
    header: Option<FxHashMap<usize, String>>,
    /// Columns without a header of which a cell was told.
    told: FxHashSet<usize>,
    is_left_out: bool,
    read: u64,
    filtered: u64,
}

impl<'a> SheetReader<'a> {
    pub(super) fn new(
        table: Table,
        sheet: &'a Arc<str>,
        rows: &'a mut Rows,
        settings: &'a TableSettings,
        record_limit: usize,
    ) -> Self {
        Self {
            table,
            sheet,
            rows,
            settings,
            binding: Binding::new(table, settings, false),
            record_limit,
            head: Vec::new(),
            is_found: false,
            header: None,
            told: FxHashSet::default(),
            is_left_out: false,
            read: 0,
            filtered: 0,
        }
    }

    /// Takes all rows.
    pub(super) fn read<R: Read + Seek>(mut self, rows: &mut sheet::Rows<'_, R>) -> Result<(), ReadError> {
        let mut row = Row::default();
        while !self.is_left_out && rows.read(&mut row).map_err(|error| broken(self.sheet, error))? {
            if row.is_blank() {
                continue;
            }
            if self.header.is_none() && self.take_head(&mut row)? {
                continue;
            }
            rows.fill(&mut row);
            self.record(&row);
        }
        self.finish()
    }

    /// Takes a row that is not blank, unless it is the first below the header.
    fn take_head(&mut self, row: &mut Row) -> Result<bool, ReadError> {
        if self.is_found
            && let Some(header) = self.head.last_mut()
            && tells_units(row)
        {
            for (place, unit) in row.texts().filter(|(_, unit)| !unit.trim().is_empty()) {
                header.append(place, &in_brackets(unit));
            }
            return Ok(true);
        }
        if let Some(above) = self.head.last() {
            let [texts, below] = [above, row].map(|row| row.texts().collect::<Vec<_>>());
            if two_lines(self.table, self.settings, &texts, &below).is_some() {
                self.begin(self.head.len() - 1, Some(row))?;
                return Ok(true);
            }
        }
        if self.is_found {
            self.begin(self.head.len() - 1, None)?;
            return Ok(self.is_left_out);
        }
        self.is_found = Binding::is_header(self.table, self.settings, row.texts());
        self.head.push(std::mem::take(row));
        // Then the first row is said to lack something.
        if !self.is_found && self.head.len() == HEAD_ROWS {
            self.begin(0, None)?;
        }
        Ok(true)
    }

    /// Takes a row of the head for the header, perhaps with a second line, and those before it for titles.
    fn begin(&mut self, header: usize, second: Option<&Row>) -> Result<(), ReadError> {
        let head = std::mem::take(&mut self.head);
        let builder = &mut self.rows.builder;
        for title in &head[..header] {
            builder.at_line(Some(title.number));
            self.binding.title(&title.all(), builder);
        }
        let header = head.into_iter().nth(header).unwrap_or_default();
        builder.at_line(Some(header.number));
        let (texts, shown) = (header.texts().collect::<Vec<_>>(), header.all());
        let below: Vec<(usize, &str)> = second.map(|row| row.texts().collect()).unwrap_or_default();
        let two = second.and_then(|row| Some((row, two_lines(self.table, self.settings, &texts, &below)?)));
        let is_bound = match two {
            Some((row, headings)) => {
                let lines = [header.number, row.number];
                self.binding.bind_two(&headings, lines, &shown, self.sheet, builder)?
            }
            None => self.binding.bind_all(texts.iter().copied(), &shown, self.sheet, builder)?,
        };
        self.is_left_out = !is_bound;
        let told = texts.into_iter().chain(below).filter(|(_, text)| !text.trim().is_empty());
        self.header = Some(told.map(|(place, text)| (place, text.trim().to_owned())).collect());
        Ok(())
    }

    fn record(&mut self, row: &Row) {
        let (table, builder) = (self.table, &mut self.rows.builder);
        builder.at_line(Some(row.number));
        self.read += 1;
        if row.is_too_long {
            let detail = Some(format!("> {} B", self.record_limit));
            builder.fault_with(FaultKind::TooLong, Effect::RowLeftOut, table, "", "", detail);
            return;
        }
        for (place, value) in &row.cells {
            let header = self.header.as_ref().and_then(|header| header.get(place)).map_or("", String::as_str);
            if let Value::Failure(shown) = value {
                builder.fault(FaultKind::FailedFormula, Effect::CellLeftOut, table, header, shown);
            } else if header.is_empty() && !value.text().trim().is_empty() && self.told.insert(*place) {
                builder.fault(FaultKind::UnknownColumn, Effect::Ignored, table, "", value.text());
            }
        }
        let cell = |place: usize| row.text(place);
        if self.binding.keeps(cell) {
            let first = row.texts().map(|(_, text)| text.trim()).find(|text| !text.is_empty());
            self.binding.row(cell, |cells| self.rows.add(table, cells, first.unwrap_or_default()));
        } else {
            self.filtered += 1;
        }
    }

    /// Takes leave of the sheet.
    fn finish(mut self) -> Result<(), ReadError> {
        if !self.head.is_empty() {
            let header = if self.is_found { self.head.len() - 1 } else { 0 };
            self.begin(header, None)?;
        }
        let report = SourceReport {
            file: Arc::clone(self.sheet),
            table: self.table,
            encoding: "UTF-8",
            read: self.read,
            filtered: self.filtered,
        };
        self.rows.close(report, self.is_left_out);
        Ok(())
    }
}

/// Whether a row below a header tells the units of its columns, and nothing else.
fn tells_units(row: &Row) -> bool {
    let is_unit =
        |text: &str| header_unit(&format!("_{}", in_brackets(text))).is_some_and(|(name, _)| name == "_");
    row.texts().map(|(_, text)| text.trim()).filter(|text| !text.is_empty()).all(is_unit)
}

/// A unit as it stands behind a header.
fn in_brackets(unit: &str) -> String {
    let unit = unit.trim();
    if unit.starts_with(['(', '（']) { unit.to_owned() } else { format!("（{unit}）") }
}
