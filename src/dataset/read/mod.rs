//! Rows in: files and documents, untidy as they come, to checked records.
//!
//! ```text
//! source ──► encoding, records (csv)  ──► binding ──► row, list ──► DatasetBuilder
//! (gzip,     json (documents)             (headers,   (cell, number,
//!  limits)   book, workbook, sheet (xlsx)  filters,    unit, date: text
//!                                          units)      to values)
//! ```

mod binding;
#[cfg(feature = "xlsx")]
mod book;
mod cell;
#[cfg(feature = "csv")]
mod chunk;
#[cfg(feature = "csv")]
mod csv;
mod date;
#[cfg(feature = "csv")]
mod encoding;
mod error;
#[cfg(feature = "csv")]
mod folder;
#[cfg(feature = "xlsx")]
mod head;
mod header;
#[cfg(feature = "json")]
mod json;
mod limits;
mod list;
mod number;
#[cfg(feature = "xlsx")]
mod old_book;
#[cfg(any(feature = "csv", feature = "xlsx"))]
mod part;
mod reader;
#[cfg(feature = "csv")]
mod records;
mod row;
#[cfg(feature = "xlsx")]
mod sheet;
#[cfg(feature = "xlsx")]
mod sheet_reader;
#[cfg(any(feature = "csv", feature = "json"))]
mod source;
mod unit;
#[cfg(feature = "xlsx")]
mod workbook;

#[cfg(feature = "csv")]
pub(super) use cell::push_item;
pub use error::ReadError;
#[cfg(feature = "csv")]
pub(super) use folder::Folder;
pub use reader::{Mode, Reader};
