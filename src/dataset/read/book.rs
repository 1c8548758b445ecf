//! Workbooks as they are opened: of what kind they are, and within what limits.

use std::error::Error;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::sync::Arc;

use calamine::{Reader as _, Sheet, Xls, XlsError, Xlsx, XlsxError};
use cfb::CompoundFile;
use zip::ZipArchive;

use super::ReadError;
use super::limits::{SourceLimits, inflates_too_much};
use super::old_book::old_book;
use super::sheet::{Broken, Rows, parsed};

/// The most bytes that a workbook may unpack to: its texts are held at once.
const MOST_BYTES: u64 = 2 * 1024 * 1024 * 1024;

/// With what an archive begins, as `.xlsx` is,
const ARCHIVE: &[u8] = b"PK\x03\x04";
/// and a compound file, as `.xls` and `.et` are.
const COMPOUND: &[u8] = b"\xD0\xCF\x11\xE0";

/// A workbook, whatever its name ends in.
pub(super) enum Book<R: Read + Seek> {
    /// Read cell by cell.
    Zipped(Box<Xlsx<R>>),
    /// Held with all its cells.
    Compound(Box<Xls<Cursor<Vec<u8>>>>),
}

impl<R: Read + Seek> Book<R> {
    /// Opens a workbook, an old one only if these are read.
    pub(super) fn open(
        mut input: R,
        file: &Arc<str>,
        is_old_read: bool,
        limits: SourceLimits,
    ) -> Result<Self, ReadError> {
        let start = first_bytes(&mut input).map_err(|error| broken(file, error))?;
        let book = match &start[..] {
            ARCHIVE => {
                match measure(&mut input, limits) {
                    Ok(None) => {}
                    Ok(Some(Excess::Size(limit))) => {
                        return Err(ReadError::TooLarge { file: Arc::clone(file), limit });
                    }
                    Ok(Some(Excess::Inflation(byte))) => {
                        let ratio = limits.inflation;
                        return Err(ReadError::Inflates { file: Arc::clone(file), ratio, byte });
                    }
                    Err(error) => return Err(broken(file, error)),
                }
                parsed(|| Xlsx::new(input)).map(|book| Self::Zipped(Box::new(book)))
            }
            COMPOUND => {
                let size = input.seek(SeekFrom::End(0)).map_err(|error| broken(file, error))?;
                let compound = parsed(|| CompoundFile::open(input)).map_err(|error| broken(file, error))?;
                let limit = limits.file.min(MOST_BYTES);
                // An .xlsx workbook with a password is a compound file, too.
                if compound.is_stream("EncryptedPackage") {
                    return Err(ReadError::Password { file: Arc::clone(file) });
                } else if !is_old_read {
                    return Err(ReadError::OldWorkbook { file: Arc::clone(file) });
                } else if size > limit {
                    return Err(ReadError::TooLarge { file: Arc::clone(file), limit });
                }
                old_book(compound).map(|book| Self::Compound(Box::new(book)))
            }
            _ => return Err(ReadError::NoWorkbook { file: Arc::clone(file) }),
        };
        book.map_err(|error| match error {
            Broken::Told(XlsxError::Password) | Broken::ToldOfOld(XlsError::Password) => {
                ReadError::Password { file: Arc::clone(file) }
            }
            Broken::NoWorkbook => ReadError::NoWorkbook { file: Arc::clone(file) },
            error => broken(file, error),
        })
    }

    pub(super) fn sheets(&self) -> &[Sheet] {
        match self {
            Self::Zipped(book) => book.sheets_metadata(),
            Self::Compound(book) => book.sheets_metadata(),
        }
    }

    /// The rows of a sheet, of so many bytes at most each.
    pub(super) fn rows(&mut self, sheet: &str, limit: usize) -> Result<Rows<'_, R>, Broken> {
        match self {
            Self::Zipped(book) => Rows::streamed(book, sheet, limit),
            Self::Compound(book) => {
                let merged = book.merge_cells_by_sheet_name(sheet)?;
                Rows::held(&book.worksheet_range(sheet)?, merged, limit)
            }
        }
    }
}

pub(super) fn broken(file: &Arc<str>, error: impl Error + Send + Sync + 'static) -> ReadError {
    ReadError::Workbook { file: Arc::clone(file), source: Box::new(error) }
}

/// What a file begins with; fewer bytes if it has no more.
fn first_bytes(input: &mut (impl Read + Seek)) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    input.rewind()?;
    input.take(4).read_to_end(&mut start)?;
    input.rewind()?;
    Ok(start)
}

/// In what a workbook goes too far.
enum Excess {
    /// It unpacks to more than so many bytes,
    Size(u64),
    /// or to so many already, which are too many for its size.
    Inflation(u64),
}

/// Unpacks everything once, to see whether it stays within the limits: what an archive says of its
/// own size need not be true.
fn measure(input: &mut (impl Read + Seek), limits: SourceLimits) -> io::Result<Option<Excess>> {
    let packed = input.seek(SeekFrom::End(0))?;
    input.rewind()?;
    let most = limits.file.min(MOST_BYTES);
    let mut archive = ZipArchive::new(&mut *input)?;
    let (mut unpacked, mut buffer) = (0, vec![0; 64 * 1024]);
    for number in 0..archive.len() {
        let mut part = archive.by_index(number)?;
        loop {
            let count = part.read(&mut buffer)? as u64;
            if count == 0 {
                break;
            }
            unpacked += count;
            if unpacked > most {
                return Ok(Some(Excess::Size(most)));
            }
            if inflates_too_much(unpacked, packed, limits) {
                return Ok(Some(Excess::Inflation(unpacked)));
            }
        }
    }
    drop(archive);
    input.rewind()?;
    Ok(None)
}
