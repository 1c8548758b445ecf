//! Rows in: files and documents, untidy as they come, to checked records.
//!
//! ```text
//! source ──► encoding, records (csv)  ──► binding ──► row, list ──► DatasetBuilder
//! (gzip,     json (documents)             (headers,   (cell: text
//!  limits)   workbook, sheet (xlsx)        filters)    to values)
//! ```

mod binding;
mod cell;
#[cfg(feature = "csv")]
mod chunk;
#[cfg(feature = "csv")]
mod csv;
#[cfg(feature = "csv")]
mod encoding;
mod error;
#[cfg(feature = "json")]
mod json;
mod limits;
mod list;
mod reader;
#[cfg(feature = "csv")]
mod records;
mod row;
#[cfg(feature = "xlsx")]
mod sheet;
#[cfg(any(feature = "csv", feature = "json"))]
mod source;
#[cfg(feature = "xlsx")]
mod workbook;

#[cfg(feature = "csv")]
pub(super) use cell::push_item;
#[cfg(feature = "csv")]
pub(super) use csv::csv_files;
pub use error::ReadError;
pub use reader::{Mode, Reader};
