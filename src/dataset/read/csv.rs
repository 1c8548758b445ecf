//! Tables as CSV: a folder with a file a table.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::ReadError;
use super::binding::{Binding, TableSettings};
use super::encoding::Encoding;
use super::records::{Next, Records};
use super::row::Rows;
use super::source::{Source, SourceLimits, open_file, read_error};
use crate::dataset::{Effect, Fault, FaultKind, Origin, SourceReport, Table};

/// The limits that concern one file.
#[derive(Clone, Copy)]
pub(super) struct CsvLimits {
    pub(super) source: SourceLimits,
    /// Bytes of a record.
    pub(super) record: usize,
}

/// A file of a folder that ends in `.csv` or `.csv.gz`.
pub(in crate::dataset) struct CsvFile {
    pub(in crate::dataset) path: PathBuf,
    /// The name without the folder.
    pub(in crate::dataset) name: Arc<str>,
    pub(in crate::dataset) table: Option<Table>,
}

/// The CSV files of a folder: by table in the order of reading, plain before packed,
/// English names before Chinese; those that are no table last.
pub(in crate::dataset) fn csv_files(folder: &Path) -> std::io::Result<Vec<CsvFile>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let Some(name) = path.file_name().map(|name| name.to_string_lossy().into_owned()) else { continue };
        let lower = name.to_ascii_lowercase();
        let plain = lower.strip_suffix(".gz").unwrap_or(&lower);
        let Some(stem) = plain.strip_suffix(".csv") else { continue };
        let table = Table::from_name(&name[..stem.len()]);
        files.push(CsvFile { path, name: name.into(), table });
    }
    files.sort_by_cached_key(|file| {
        let name = Arc::clone(&file.name);
        (file.table.is_none(), file.table, !name.is_ascii(), name.len(), name)
    });
    Ok(files)
}

/// Reads every table of a folder.
pub(super) fn read_folder<'s>(
    folder: &Path,
    rows: &mut Rows,
    limits: CsvLimits,
    settings: impl Fn(Table) -> &'s TableSettings,
) -> Result<(), ReadError> {
    let shown: Arc<str> = folder.display().to_string().into();
    let files = csv_files(folder).map_err(|source| ReadError::Open { path: Arc::clone(&shown), source })?;
    if files.iter().all(|file| file.table.is_none()) {
        return Err(ReadError::NoTable { path: shown, expected: "firms.csv" });
    }
    let mut last = None;
    for file in files {
        let origin = Origin { file: Some(Arc::clone(&file.name)), line: None };
        let Some(table) = file.table else {
            rows.builder.report_mut().push(Fault {
                kind: FaultKind::UnknownTable,
                effect: Effect::Ignored,
                table: None,
                origin,
                column: None,
                value: file.name.as_ref().into(),
                detail: None,
            });
            continue;
        };
        if last.is_none() && table != Table::Firms {
            rows.builder.fault(FaultKind::MissingTable, Effect::TableLeftOut, Table::Firms, "", "firms.csv");
        }
        rows.builder.origin(origin);
        if last.replace(table) == Some(table) {
            let kind = FaultKind::RepeatedTable;
            rows.builder.fault(kind, Effect::TableLeftOut, table, "", &file.name);
            continue;
        }
        let path: Arc<str> = file.path.display().to_string().into();
        let open = |source| ReadError::Open { path: Arc::clone(&path), source };
        let input = open_file(&file.path).map_err(open)?;
        read_table(input, table, (&path, &file.name), rows, limits, settings(table))?;
    }
    Ok(())
}

/// Reads one table. Faults name `file`, errors `path`.
pub(super) fn read_table(
    input: impl Read,
    table: Table,
    (path, file): (&Arc<str>, &Arc<str>),
    rows: &mut Rows,
    limits: CsvLimits,
    settings: &TableSettings,
) -> Result<(), ReadError> {
    rows.builder.origin(Origin { file: Some(Arc::clone(file)), line: None });
    let source = Source::new(input, limits.source);
    let mut encoding = if source.marked.is_some() { Encoding::utf8() } else { Encoding::of(&source.head) };
    let (marked, bytes_read) = (source.marked, source.counter());
    let delimiter = delimiter(&source.head);
    let mut records = Records::new(source, delimiter, limits.record);
    let mut binding = Binding::new(table, settings, false);
    let mut header: Option<usize> = None;
    let mut is_left_out = false;
    let (mut read, mut filtered) = (0, 0);
    while !is_left_out {
        let line = records.line();
        let next = match records.next() {
            Ok(next) => next,
            Err(error) => return Err(read_error(path, line, bytes_read.get(), error)),
        };
        let effect = if header.is_some() { Effect::RowLeftOut } else { Effect::TableLeftOut };
        let (line, cells, ends) = match next {
            Next::End => break,
            Next::Record { line, cells, ends } => (line, cells, ends),
            Next::TooLong { line } => {
                rows.builder.at_line(Some(line));
                let detail = Some(format!("limit {} bytes", limits.record));
                rows.builder.fault_with(FaultKind::TooLong, effect, table, "", "", detail);
                is_left_out = header.is_none();
                read += u64::from(header.is_some());
                continue;
            }
            Next::UnclosedQuote { line, cells } => {
                rows.builder.at_line(Some(line));
                let start = String::from_utf8_lossy(&cells[..cells.len().min(400)]);
                rows.builder.fault(FaultKind::UnclosedQuote, effect, table, "", &start);
                is_left_out = header.is_none();
                read += u64::from(header.is_some());
                continue;
            }
        };
        rows.builder.at_line(Some(line));
        let Some((text, ends)) = encoding.decode(cells, ends) else {
            let detail = Some(format!("the file is {} so far", encoding.name()));
            let start = String::from_utf8_lossy(&cells[..cells.len().min(400)]);
            rows.builder.fault_with(FaultKind::BadText, effect, table, "", &start, detail);
            is_left_out = header.is_none();
            read += u64::from(header.is_some());
            continue;
        };
        let cell = |place: usize| {
            let start = if place == 0 { 0 } else { ends[place - 1] };
            &text[start..ends[place]]
        };
        if text.trim().is_empty() {
            continue;
        }
        let Some(width) = header else {
            for place in 0..ends.len() {
                binding.bind(cell(place), place, &mut rows.builder);
            }
            header = Some(ends.len());
            binding.check_settings(path)?;
            if let Some(column) = binding.missing() {
                let kind = FaultKind::MissingColumn;
                rows.builder.fault(kind, Effect::TableLeftOut, table, column, text);
                is_left_out = true;
            }
            continue;
        };
        read += 1;
        if ends.len() < width || !text[ends[width - 1]..].trim().is_empty() {
            let detail = Some(format!("{} cells, {width} headers", ends.len()));
            rows.builder.fault_with(FaultKind::RaggedRow, Effect::RowLeftOut, table, "", cell(0), detail);
            continue;
        }
        if !binding.keeps(cell) {
            filtered += 1;
            continue;
        }
        binding.row(cell, |cells| rows.add(table, cells));
    }
    rows.builder.at_line(None);
    if read == 0 && !is_left_out {
        rows.builder.fault(FaultKind::EmptyTable, Effect::Kept, table, "", "");
    }
    let report = SourceReport {
        file: Arc::clone(file),
        table,
        encoding: marked.unwrap_or_else(|| encoding.name()),
        read,
        filtered,
    };
    rows.builder.report_mut().push_source(report);
    Ok(())
}

/// The separator that the header shows: a comma, else a semicolon or a tab.
fn delimiter(head: &[u8]) -> u8 {
    let header = head.split(|byte| matches!(byte, b'\n' | b'\r')).find(|line| !line.trim_ascii().is_empty());
    let header = header.unwrap_or_default();
    [b',', b';', b'\t'].into_iter().find(|delimiter| header.contains(delimiter)).unwrap_or(b',')
}
