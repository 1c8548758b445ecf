//! Workbooks of the kind before `.xlsx`: a compound file with one stream of records.
//!
//! The parser believes what such a file says of its own size, and holds each sheet as a full
//! rectangle. So the records are looked through first, and it gets nothing but them.

use std::io::{Cursor, Read, Seek, Write};

use calamine::{Reader as _, Xls};
use cfb::{CompoundFile, Version};

use super::sheet::{Broken, parsed};

/// The most cells that the rectangles of all sheets may have: two sheets, filled to the last corner.
const MOST_CELLS: u64 = 2 * 65_536 * 256;

/// Types of records (Microsoft, *\[MS-XLS\]: Excel Binary File Format*, 2.3).
const FORMULA: u16 = 0x0006;
const END: u16 = 0x000A;
const SHEET: u16 = 0x0085;
const NUMBERS: u16 = 0x00BD;
const RICH_TEXT: u16 = 0x00D6;
const SHARED_TEXT: u16 = 0x00FD;
const DIMENSIONS: u16 = 0x0200;
const BLANK: u16 = 0x0201;
const NUMBER: u16 = 0x0203;
const TEXT: u16 = 0x0204;
const TRUTH: u16 = 0x0205;
const SHORT_NUMBER: u16 = 0x027E;
const BEGIN: u16 = 0x0809;

/// Opens an `.xls` or `.et` file.
pub(super) fn old_book(file: CompoundFile<impl Read + Seek>) -> Result<Xls<Cursor<Vec<u8>>>, Broken> {
    let (name, mut records) = parsed(|| stream(file))?;
    let cells = look_through(&mut records);
    if cells > MOST_CELLS {
        return Err(Broken::Span { cells, limit: MOST_CELLS });
    }
    parsed(|| {
        let mut alone = CompoundFile::create_with_version(Version::V3, Cursor::new(Vec::new()))?;
        alone.create_stream(name)?.write_all(&records)?;
        alone.flush()?;
        Ok::<_, Broken>(Xls::new(Cursor::new(alone.into_inner().into_inner()))?)
    })
}

/// The stream of a workbook, and what it is called: since 1997, or before.
fn stream(mut file: CompoundFile<impl Read + Seek>) -> Result<(&'static str, Vec<u8>), Broken> {
    let name =
        ["Workbook", "Book"].into_iter().find(|name| file.is_stream(name)).ok_or(Broken::NoWorkbook)?;
    let mut records = Vec::new();
    file.open_stream(name)?.read_to_end(&mut records)?;
    Ok((name, records))
}

/// How many cells the sheets' rectangles have, those between included. What a sheet says of its own
/// dimensions, for which the parser would make room, is turned into a record that says nothing.
fn look_through(records: &mut [u8]) -> u64 {
    let mut sheets = Vec::new();
    let mut at = 0;
    while let Some((kind, body)) = record(records, at).filter(|&(kind, _)| kind != END) {
        if let (SHEET, [a, b, c, d, ..]) = (kind, body) {
            sheets.push(u32::from_le_bytes([*a, *b, *c, *d]) as usize);
        }
        at += 4 + body.len();
    }
    sheets.into_iter().fold(0, |cells, sheet| cells.saturating_add(span(records, sheet)))
}

/// The cells of one sheet's rectangle, as from the first row and column.
fn span(records: &mut [u8], mut at: usize) -> u64 {
    // Charts within the sheet have records of their own.
    let (mut depth, mut rows, mut columns) = (0_u32, 0, 0);
    while let Some((kind, body)) = record(records, at) {
        let next = at + 4 + body.len();
        match kind {
            BEGIN => depth += 1,
            END if depth < 2 => break,
            END => depth -= 1,
            DIMENSIONS => records[at..at + 2].copy_from_slice(&BLANK.to_le_bytes()),
            FORMULA | NUMBERS | RICH_TEXT | SHARED_TEXT | NUMBER | TEXT | TRUTH | SHORT_NUMBER => {
                let word =
                    |place: usize| body.get(place..place + 2).map_or(0, |word| u64::from(little(word)));
                let last = if kind == NUMBERS { body.len().saturating_sub(2) } else { 2 };
                rows = rows.max(word(0) + 1);
                columns = columns.max(word(last) + 1);
            }
            _ => {}
        }
        at = next;
    }
    rows * columns
}

/// The record at a place, unless the stream ends within it: its type and its body.
fn record(records: &[u8], at: usize) -> Option<(u16, &[u8])> {
    let word = |at: usize| records.get(at..at + 2).map(little);
    let (kind, length) = (word(at)?, usize::from(word(at + 2)?));
    Some((kind, records.get(at + 4..at + 4 + length)?))
}

fn little(word: &[u8]) -> u16 {
    u16::from_le_bytes([word[0], word[1]])
}
