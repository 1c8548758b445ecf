//! Files that have an end, and what they may hold.

use std::fs::File;
use std::io;
use std::path::Path;

/// A compressed file may inflate as it likes up to here.
const INFLATION_FREE: u64 = 64 * 1024 * 1024;

/// Opens a file, provided that it has an end: a pipe or a device may have none.
pub(super) fn open_file(path: &Path) -> io::Result<File> {
    let metadata = path.metadata()?;
    if metadata.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if !metadata.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file; copy it into one"));
    }
    File::open(path)
}

/// The most that one file may hold.
#[derive(Debug, Clone, Copy)]
pub(super) struct SourceLimits {
    /// Bytes of text.
    pub(super) file: u64,
    /// Bytes of text for a byte of the compressed file.
    pub(super) inflation: u64,
}

/// Whether so many bytes of text are too many for so many packed ones.
pub(super) fn inflates_too_much(text: u64, packed: u64, limits: SourceLimits) -> bool {
    text > INFLATION_FREE && text / limits.inflation.max(1) > packed
}

/// Whether a file is a workbook of a kind that is read, by its name in lower case.
pub(super) fn is_workbook(lower: &str) -> bool {
    [".xlsx", ".xlsm", ".xls", ".et"].iter().any(|ending| lower.ends_with(ending))
}
