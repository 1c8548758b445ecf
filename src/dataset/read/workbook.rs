//! Tables as a workbook, a sheet a table: which sheet is which, and which would count twice.

use std::hash::{Hash, Hasher};
#[cfg(feature = "csv")]
use std::io::BufReader;
use std::io::{Read, Seek};
#[cfg(feature = "csv")]
use std::path::Path;
use std::sync::Arc;

use calamine::{Sheet, SheetType, SheetVisible};
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};

use super::ReadError;
use super::binding::{Binding, HEAD_ROWS, TableSettings};
use super::book::{Book, broken};
#[cfg(feature = "csv")]
use super::folder::Folder;
use super::head::two_lines;
use super::limits::SourceLimits;
#[cfg(feature = "csv")]
use super::limits::open_file;
use super::part::{self, stem};
use super::row::Rows;
use super::sheet::{Broken, Row};
use super::sheet_reader::SheetReader;
use crate::dataset::{Effect, FaultKind, Origin, Table};
use crate::model::Date;

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
            let is_table = Table::of_part(stem(other)).is_some();
            let effect = if is_table { Effect::TableLeftOut } else { Effect::Ignored };
            rows.builder.no_table(FaultKind::FileNotRead, effect, other, other);
        }
        let stems: Vec<&str> = folder.workbooks.iter().map(|name| stem(name)).collect();
        let mut found = Found { are_many: folder.workbooks.len() > 1, ..Found::default() };
        for file in &folder.workbooks {
            let (name, table) = (stem(file), Table::of_part(stem(file)));
            let others = stems.iter().copied().filter(|other| *other != name);
            let is_summary = || {
                table.is_some()
                    && part::is_summary(name, others.filter(|other| Table::of_part(other) == table))
            };
            if part::is_copy(name, &stems) || is_summary() {
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
        let named = tables_of(&mut book, &found, file, self).map_err(|error| broken(file, error))?;
        let seen = found.iter().zip(&named).filter(|(sheet, _)| sheet.visible == SheetVisible::Visible);
        let in_sight: FxHashSet<Table> = seen.filter_map(|(_, table)| *table).collect();
        let names: Vec<&str> = found.iter().map(|sheet| &*sheet.name).collect();
        let mut wholes = FxHashSet::default();
        let others = |table: Table, place: usize| {
            let parts = found.iter().zip(&named).enumerate().filter(move |(other, _)| *other != place);
            parts.filter(move |(_, (_, of))| **of == Some(table)).map(|(_, (sheet, _))| &*sheet.name)
        };
        for (place, (found, table)) in found.iter().zip(named.iter().copied()).enumerate() {
            let sheet: Arc<str> = format!("{file}[{}]", found.name).into();
            let Some(table) = table else {
                let is_lost = looks_like_a_table(&mut book, found, self.record)
                    .map_err(|error| broken(&sheet, error))?;
                let effect = if is_lost { Effect::TableLeftOut } else { Effect::Ignored };
                rows.builder.no_table(FaultKind::UnknownTable, effect, file, &found.name);
                tables.others.push(found.name.clone());
                continue;
            };
            rows.builder.origin(Origin { file: Some(Arc::clone(&sheet)), line: None });
            tables.tables.insert(table);
            let is_hidden = found.visible != SheetVisible::Visible && in_sight.contains(&table);
            let is_whole = Table::from_word(&found.name).is_some();
            // A sheet that goes by the name of its file has that file's year.
            let name = if Table::of_part(&found.name).is_some() { &found.name } else { stem(file) };
            let year = part::year_of(table, name);
            let mut is_again = || {
                part::is_copy(&found.name, &names)
                    || part::is_summary(&found.name, others(table, place))
                    || is_whole && !wholes.insert(table)
            };
            let (mut kind, mut same) = (None, None);
            if is_hidden {
                kind = Some(FaultKind::HiddenTable);
            } else if is_again() {
                kind = Some(FaultKind::RepeatedTable);
            } else if tables.are_many || others(table, place).next().is_some() {
                let (digest, n) =
                    digest(&mut book, &found.name, self.record).map_err(|error| broken(&sheet, error))?;
                let before =
                    tables.digests.entry((table, year, digest)).or_insert_with(|| Arc::clone(&sheet));
                if n > 1 && !Arc::ptr_eq(before, &sheet) {
                    (kind, same) = (Some(FaultKind::RepeatedTable), Some(format!("= {before}")));
                }
            }
            if let Some(kind) = kind {
                rows.builder.fault_with(kind, Effect::TableLeftOut, table, "", &found.name, same);
                continue;
            }
            rows.year = year;
            let settings = &self.settings[table as usize];
            let mut sheet_rows =
                book.rows(&found.name, self.record).map_err(|error| broken(&sheet, error))?;
            SheetReader::new(table, &sheet, rows, settings, self.record).read(&mut sheet_rows)?;
        }
        Ok(())
    }
}

/// What the workbooks that were read hold.
#[derive(Debug, Default)]
struct Found {
    /// Whether there are several of them.
    are_many: bool,
    tables: FxHashSet<Table>,
    /// Sheets that are none.
    others: Vec<String>,
    /// Of parts of tables the numbers of their rows; those of two years may be the same.
    digests: FxHashMap<(Table, Option<Date>, u64), Arc<str>>,
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

/// For each sheet the table that it holds, as its name tells. Where that of none does, the file's name may:
/// then those that are seen and have a header of that table, or the first that holds anything.
fn tables_of<R: Read + Seek>(
    book: &mut Book<R>,
    sheets: &[Sheet],
    file: &str,
    workbooks: Workbooks<'_>,
) -> Result<Vec<Option<Table>>, Broken> {
    let is_sheet = |sheet: &Sheet| sheet.typ == SheetType::WorkSheet;
    let named = |sheet: &Sheet| Table::of_part(&sheet.name).filter(|_| is_sheet(sheet));
    let mut tables: Vec<_> = sheets.iter().map(named).collect();
    let Some(table) = Table::of_part(stem(file)).filter(|_| tables.iter().all(Option::is_none)) else {
        return Ok(tables);
    };
    let mut first = None;
    for (place, sheet) in sheets.iter().enumerate() {
        if is_sheet(sheet) && sheet.visible == SheetVisible::Visible {
            let head = head_of(book, &sheet.name, workbooks.record)?;
            first = first.or(Some(place).filter(|_| !head.is_empty()));
            tables[place] =
                Some(table).filter(|_| has_header(table, &workbooks.settings[table as usize], &head));
        }
    }
    if let Some(first) = first.filter(|_| tables.iter().all(Option::is_none)) {
        tables[first] = Some(table);
    }
    Ok(tables)
}

/// The rows of a sheet among which its header is, if it has one.
fn head_of<R: Read + Seek>(book: &mut Book<R>, sheet: &str, limit: usize) -> Result<Vec<Row>, Broken> {
    let mut rows = book.rows(sheet, limit)?;
    let (mut head, mut row) = (Vec::new(), Row::default());
    while head.len() < HEAD_ROWS && rows.read(&mut row)? {
        if !row.is_blank() {
            head.push(std::mem::take(&mut row));
        }
    }
    Ok(head)
}

/// Whether any of some rows, or two together, are a header of a table.
fn has_header(table: Table, settings: &TableSettings, head: &[Row]) -> bool {
    let texts: Vec<Vec<(usize, &str)>> = head.iter().map(|row| row.texts().collect()).collect();
    texts.iter().any(|row| Binding::is_header(table, settings, row.iter().copied()))
        || texts.windows(2).any(|rows| two_lines(table, settings, &rows[0], &rows[1]).is_some())
}

/// Whether a sheet of no known name looks like a table: what it holds is lost then.
fn looks_like_a_table<R: Read + Seek>(
    book: &mut Book<R>,
    sheet: &Sheet,
    limit: usize,
) -> Result<bool, Broken> {
    if sheet.typ != SheetType::WorkSheet {
        return Ok(false);
    }
    let head = head_of(book, &sheet.name, limit)?;
    // What a header is alone holds nothing.
    let rows = head[..head.len().saturating_sub(1)].iter();
    Ok(rows.into_iter().any(|row| Table::ALL.iter().any(|&table| Binding::fits(table, row.texts()))))
}

/// The rows of a sheet as a number, the same of the same rows, and how many they are.
fn digest<R: Read + Seek>(book: &mut Book<R>, sheet: &str, limit: usize) -> Result<(u64, u64), Broken> {
    let mut rows = book.rows(sheet, limit)?;
    let (mut hasher, mut n, mut row) = (FxHasher::default(), 0, Row::default());
    while rows.read(&mut row)? {
        if !row.is_blank() {
            n += 1;
            row.texts().for_each(|cell| cell.hash(&mut hasher));
            hasher.write_u8(0);
        }
    }
    Ok((hasher.finish(), n))
}
