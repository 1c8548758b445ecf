//! Tables as a workbook: a sheet a table.

#[cfg(feature = "csv")]
use std::io::BufReader;
use std::io::{Read, Seek};
use std::path::Path;
use std::sync::Arc;

use calamine::{Sheet, SheetType, SheetVisible};
use rustc_hash::{FxHashMap, FxHashSet};

use super::ReadError;
use super::binding::{Binding, HEAD_ROWS, TableSettings};
use super::book::{Book, broken};
#[cfg(feature = "csv")]
use super::folder::Folder;
use super::head::two_lines;
use super::limits::SourceLimits;
#[cfg(feature = "csv")]
use super::limits::open_file;
use super::row::Rows;
use super::sheet::{Row, Value};
use crate::dataset::{Effect, FaultKind, Origin, SourceReport, Table};

/// How workbooks are read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Workbooks<'s> {
    /// Whether `.xls` and `.et` are, too.
    pub(super) old: bool,
    pub(super) limits: SourceLimits,
    /// Bytes of a row.
    pub(super) record: usize,
    pub(super) settings: &'s [TableSettings],
}

impl Workbooks<'_> {
    /// Reads every table of a workbook. Faults and errors name `file`.
    pub(super) fn read(
        self,
        input: impl Read + Seek,
        file: &Arc<str>,
        rows: &mut Rows,
    ) -> Result<(), ReadError> {
        let mut found = Found::default();
        self.add(input, file, rows, &mut found)?;
        found.finish(Arc::clone(file), rows)
    }

    /// Reads every table of all workbooks of a folder, but for copies.
    #[cfg(feature = "csv")]
    pub(super) fn read_folder(self, path: &Path, folder: &Folder, rows: &mut Rows) -> Result<(), ReadError> {
        for other in &folder.others {
            rows.builder.no_table(FaultKind::FileNotRead, Effect::Ignored, other, other);
        }
        let stems: Vec<&str> = folder.workbooks.iter().map(|name| stem(name)).collect();
        let mut found = Found::default();
        for file in &folder.workbooks {
            if Table::is_copy(stem(file)) || is_numbered_copy(stem(file), &stems) {
                rows.builder.no_table(FaultKind::FileNotRead, Effect::TableLeftOut, file, file);
                continue;
            }
            let path = path.join(&**file);
            let open = |source| ReadError::Open { path: path.display().to_string().into(), source };
            let input = BufReader::new(open_file(&path).map_err(open)?);
            self.add(input, file, rows, &mut found)?;
        }
        found.finish(path.display().to_string().into(), rows)
    }

    fn add(
        self,
        input: impl Read + Seek,
        file: &Arc<str>,
        rows: &mut Rows,
        tables: &mut Found,
    ) -> Result<(), ReadError> {
        rows.builder.origin(Origin { file: Some(Arc::clone(file)), line: None });
        let mut book = Book::open(input, file, self.old, self.limits)?;
        let found = book.sheets().to_vec();
        let named = tables_of(&found, file);
        let seen = found.iter().zip(&named).filter(|(sheet, _)| sheet.visible == SheetVisible::Visible);
        let in_sight: FxHashSet<Table> = seen.filter_map(|(_, table)| *table).collect();
        let names: Vec<&str> = found.iter().map(|sheet| &*sheet.name).collect();
        let mut wholes = FxHashSet::default();
        for (found, table) in found.iter().zip(named) {
            let sheet: Arc<str> = format!("{file}[{}]", found.name).into();
            let Some(table) = table else {
                rows.builder.no_table(FaultKind::UnknownTable, Effect::Ignored, file, &found.name);
                tables.others.push(found.name.clone());
                continue;
            };
            rows.builder.origin(Origin { file: Some(Arc::clone(&sheet)), line: None });
            tables.tables.insert(table);
            let is_hidden = found.visible != SheetVisible::Visible && in_sight.contains(&table);
            let is_whole = Table::from_word(&found.name).is_some();
            // A spreadsheet puts a blank before the number of a copy.
            let is_copy = found.name.contains(" (") && is_numbered_copy(&found.name, &names);
            if is_hidden || is_copy || is_whole && !wholes.insert(table) {
                let kind = FaultKind::RepeatedTable;
                rows.builder.fault(kind, Effect::TableLeftOut, table, "", &found.name);
                continue;
            }
            let settings = &self.settings[table as usize];
            let mut sheet_rows =
                book.rows(&found.name, self.record).map_err(|error| broken(&sheet, error))?;
            let mut reader = SheetReader::new(table, &sheet, rows, settings, self.record);
            let mut row = Row::default();
            while !reader.is_left_out && sheet_rows.read(&mut row).map_err(|error| broken(&sheet, error))? {
                if row.is_blank() {
                    continue;
                }
                if reader.header.is_none() && reader.take_head(&mut row)? {
                    continue;
                }
                sheet_rows.fill(&mut row);
                reader.record(&row);
            }
            reader.finish()?;
        }
        Ok(())
    }
}

/// What the workbooks that were read hold.
#[derive(Debug, Default)]
struct Found {
    tables: FxHashSet<Table>,
    /// Sheets that are none.
    others: Vec<String>,
}

impl Found {
    /// Sees whether there is any table at all, and one of firms, in what `path` names.
    fn finish(self, path: Arc<str>, rows: &mut Rows) -> Result<(), ReadError> {
        if self.tables.is_empty() {
            let expected = "a sheet named \"firms\" or \"企业\"";
            return Err(ReadError::NoTable { path, expected, found: self.others.join(", ") });
        }
        if !self.tables.contains(&Table::Firms) {
            rows.builder.origin(Origin { file: Some(path), line: None });
            rows.builder.fault(FaultKind::MissingTable, Effect::TableLeftOut, Table::Firms, "", "firms");
        }
        Ok(())
    }
}

/// For each sheet the table that it holds. Where no name of a sheet tells one, the first that is seen
/// holds that which the file is named for.
fn tables_of(sheets: &[Sheet], file: &str) -> Vec<Option<Table>> {
    let is_sheet = |sheet: &Sheet| sheet.typ == SheetType::WorkSheet;
    let named = |sheet: &Sheet| Table::of_part(&sheet.name).filter(|_| is_sheet(sheet));
    let mut tables: Vec<_> = sheets.iter().map(named).collect();
    if tables.iter().all(Option::is_none) {
        let is_seen = |sheet: &Sheet| is_sheet(sheet) && sheet.visible == SheetVisible::Visible;
        if let Some(first) = sheets.iter().position(is_seen) {
            tables[first] = Table::of_part(stem(file));
        }
    }
    tables
}

/// A file's name without its folder and ending.
fn stem(file: &str) -> &str {
    Path::new(file).file_stem().and_then(|stem| stem.to_str()).unwrap_or(file)
}

/// Whether a name is another with a number in brackets behind it, as copies are called.
fn is_numbered_copy(name: &str, names: &[&str]) -> bool {
    let original = name.strip_suffix(')').and_then(|name| name.rsplit_once('('));
    original.is_some_and(|(original, number)| {
        number.bytes().all(|byte| byte.is_ascii_digit()) && names.contains(&original.trim_end())
    })
}

/// Takes the rows of one sheet.
struct SheetReader<'a> {
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
    fn new(
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

    /// Takes a row that is not blank, unless it is the first below the header.
    fn take_head(&mut self, row: &mut Row) -> Result<bool, ReadError> {
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
