//! Why reading gave no dataset at all.

use std::io;
use std::sync::Arc;

use crate::dataset::{Report, Table};

/// Why reading gave no dataset at all. What is wrong with single cells, rows or
/// tables is a [`Fault`](crate::dataset::Fault) instead.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// A setting of the reader is not written as it must be.
    #[error("{text:?} is not of the form {form}")]
    Form {
        /// The setting.
        text: String,
        /// The form it should have.
        form: &'static str,
    },
    /// A setting of the reader names a table that does not exist.
    #[error("no table {name:?}; did you mean {nearest:?}? the tables are {known}")]
    UnknownTable {
        /// The name given.
        name: String,
        /// The table with the most similar name.
        nearest: &'static str,
        /// Every table.
        known: String,
    },
    /// A column map names a field that the table does not have.
    #[error("{table} has no field {field:?}; did you mean {nearest:?}? its fields are {known}")]
    UnknownField {
        /// The table.
        table: Table,
        /// The field given.
        field: String,
        /// The field with the most similar name.
        nearest: &'static str,
        /// Every field of the table.
        known: String,
    },
    /// Two column maps name the same field, which only one column can hold.
    #[error("{}.{field} is mapped to {:?} and to {:?}; name one header", table.as_str(), headers[0], headers[1])]
    MappedTwice {
        /// The table.
        table: Table,
        /// The field.
        field: &'static str,
        /// The headers given.
        headers: [String; 2],
    },
    /// The fiscal year begins in a month that does not exist.
    #[error("a fiscal year begins in a month from 1 to 12, not {0}")]
    FiscalYearStart(u8),
    /// A column map or row filter names a header that the table does not have.
    #[error(
        "{file} has no column {header:?}, which a column map or row filter of {table} names; its columns are {known}"
    )]
    NoSuchHeader {
        /// The file.
        file: Arc<str>,
        /// The table.
        table: Table,
        /// The header given.
        header: String,
        /// The headers of the file.
        known: String,
    },
    /// The path is neither a folder nor a file that is understood.
    #[error(
        "{path} is neither a folder of CSV files nor a .json, .json.gz, .xlsx, .xlsm, .xls or .et file; save other workbooks as .xlsx"
    )]
    Format {
        /// The path.
        path: Arc<str>,
    },
    /// The crate was built without the part that reads this.
    #[error("{path} needs the feature {feature:?}, which this build leaves out")]
    Feature {
        /// The path.
        path: Arc<str>,
        /// The feature.
        feature: &'static str,
    },
    /// A file or folder cannot be opened.
    #[error("cannot open {path}")]
    Open {
        /// The path.
        path: Arc<str>,
        /// Why.
        source: io::Error,
    },
    /// Nothing in the folder, document or workbook is a table.
    #[error("{path} holds no table; expected at least {expected}{}", shown(found))]
    NoTable {
        /// The path.
        path: Arc<str>,
        /// What was looked for.
        expected: &'static str,
        /// The names of what is there, if anything.
        found: String,
    },
    /// A file breaks off: it cannot be read or decompressed any further.
    #[error("cannot read {file} on from line {line}, byte {byte} of its text; copy or compress it again")]
    Read {
        /// The file.
        file: Arc<str>,
        /// The line reached, from 1.
        line: u64,
        /// The bytes of (decompressed) text read so far.
        byte: u64,
        /// Why.
        source: io::Error,
    },
    /// A compressed file holds suspiciously much.
    #[error(
        "{file} unpacks to more than {ratio} times its size ({byte} bytes so far); if it is no trap, unpack it before reading or raise the reader's inflation limit"
    )]
    Inflates {
        /// The file.
        file: Arc<str>,
        /// The limit, see [`Reader::inflation_limit`](super::Reader::inflation_limit).
        ratio: u64,
        /// The bytes of text unpacked so far.
        byte: u64,
    },
    /// A file holds more text than the reader's limit.
    #[error("{file} holds more than {limit} bytes of text; split it, or raise the reader's file limit")]
    TooLarge {
        /// The file.
        file: Arc<str>,
        /// The limit, see [`Reader::file_limit`](super::Reader::file_limit).
        limit: u64,
    },
    /// A record of a JSON document is longer than the reader's limit.
    #[error(
        "a record of {file} is longer than {limit} bytes (at byte {byte}); look for a missing quotation mark, or raise the reader's record limit"
    )]
    RecordTooLong {
        /// The file.
        file: Arc<str>,
        /// The limit, see [`Reader::record_limit`](super::Reader::record_limit).
        limit: usize,
        /// The bytes of text read so far.
        byte: u64,
    },
    /// The document is no JSON of the form expected.
    #[cfg(feature = "json")]
    #[error("{file} is not a JSON document of tables, at line {line}, column {column}")]
    Json {
        /// The file.
        file: Arc<str>,
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// Why.
        source: serde_json::Error,
    },
    /// The workbook has a password.
    #[cfg(feature = "xlsx")]
    #[error("{file} has a password; save it without one")]
    Password {
        /// The file.
        file: Arc<str>,
    },
    /// The file is called a workbook and is none, as pages and texts that a web system gives out.
    #[cfg(feature = "xlsx")]
    #[error("{file} is no workbook, whatever its name says; open it in a spreadsheet and save it as .xlsx")]
    NoWorkbook {
        /// The file.
        file: Arc<str>,
    },
    /// The workbook is damaged or cut short.
    #[cfg(feature = "xlsx")]
    #[error("cannot read {file} as a workbook; open it in a spreadsheet and save it again as .xlsx")]
    Workbook {
        /// The file, and the sheet if it is one.
        file: Arc<str>,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The workbook is an `.xls` or `.et` file, and these are not read unless
    /// [`Reader::old_workbooks`](super::Reader::old_workbooks) says so.
    #[cfg(feature = "xlsx")]
    #[error(
        "{file} is an .xls or .et workbook, which may take any amount of memory; save it as .xlsx, or allow it with Reader::old_workbooks"
    )]
    OldWorkbook {
        /// The file.
        file: Arc<str>,
    },
    /// In strict mode: something would have been lost.
    #[error("{} faults in the input would lose something; mend them, or read leniently", .0.losses())]
    Faults(Box<Report>),
}

/// What was found instead.
fn shown(found: &str) -> String {
    if found.is_empty() { String::new() } else { format!(", found {found}") }
}
