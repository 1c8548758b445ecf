//! A piece of the supply rows of a file, read apart from the rest.
//!
//! Reading in pieces must find what reading row by row finds, to the byte. So a chunk
//! takes only rows with which nothing is wrong, in whatever order; any other is *odd*
//! and goes, in its turn, the way of all rows. Where a chunk meets a record that may
//! end elsewhere than it seems, it stops, and what follows is read row by row.

use csv_core::{ReadRecordResult, ReaderBuilder};

use super::binding::Binding;
use super::encoding::Encoding;
use super::records::{Lines, is_whole};
use super::row::SoundSupply;
use crate::dataset::interner::KeyList;
use crate::dataset::{NO_PRODUCT, NO_VALUE, SupplyRow};
use crate::model::FirmIx;

/// How chunks of one file are read.
pub(super) struct ChunkReader<'a> {
    pub(super) binding: &'a Binding<'a>,
    pub(super) encoding: &'a Encoding,
    pub(super) width: usize,
    pub(super) delimiter: u8,
    /// Bytes of a record.
    pub(super) limit: usize,
    pub(super) fiscal_start: u8,
}

/// What a chunk held. Firms and products are places in its lists.
#[derive(Default)]
pub(super) struct Chunk {
    pub(super) rows: Vec<SupplyRow>,
    pub(super) firms: KeyList,
    pub(super) products: KeyList,
    pub(super) odd: Vec<OddRecord>,
    pub(super) tally: Tally,
    /// Lines up to `end`.
    pub(super) lines: Lines,
    /// Bytes read; fewer than there are where the chunk had to stop.
    pub(super) end: usize,
}

/// How much a chunk took.
#[derive(Clone, Copy, Default)]
pub(super) struct Tally {
    /// Records that have as many cells as the header, odd ones aside.
    pub(super) read: u64,
    /// Of these, those that the row filters leave out.
    pub(super) filtered: u64,
    /// Records that are UTF-8 beyond ASCII.
    pub(super) utf8: u64,
    pub(super) rows: usize,
    pub(super) firms: usize,
    pub(super) products: usize,
}

/// A record that needs a second look.
pub(super) struct OddRecord {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Lines up to `start`.
    pub(super) lines: Lines,
    /// What was taken before it.
    pub(super) before: Tally,
}

impl ChunkReader<'_> {
    /// Reads whole records; `lines` stands where they begin.
    pub(super) fn read(&self, chunk: &[u8], lines: Lines) -> Chunk {
        let mut found = Chunk { lines, ..Chunk::default() };
        let mut parser = ReaderBuilder::new().delimiter(self.delimiter).build();
        let (mut cells, mut ends) = (vec![0; 1024], vec![0; 64]);
        // Begun already: a byte order mark inside a file is none.
        let _ = parser.read_record(b"\n", &mut cells, &mut ends);
        // Up to where the lines are counted.
        let mut counted = 0;
        let has_quotes = memchr::memchr(b'"', chunk).is_some();
        let mut at = 0;
        while at < chunk.len() {
            let (mut parsed, mut n_cells, mut n_ends) = (at, 0, 0);
            let is_record = loop {
                let (result, read, written, ended) =
                    parser.read_record(&chunk[parsed..], &mut cells[n_cells..], &mut ends[n_ends..]);
                parsed += read;
                n_cells += written;
                n_ends += ended;
                match result {
                    ReadRecordResult::Record => break true,
                    ReadRecordResult::OutputFull => cells.resize(2 * cells.len(), 0),
                    ReadRecordResult::OutputEndsFull => ends.resize(2 * ends.len(), 0),
                    // Blank lines at the end, or a record that is none of its own.
                    ReadRecordResult::InputEmpty | ReadRecordResult::End => break false,
                }
            };
            let blank = chunk[at..parsed].iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
            let start = at + blank;
            if !is_record {
                if start == chunk.len() {
                    at = start;
                }
                break;
            }
            let record = &chunk[start..parsed];
            if record.len() > self.limit || (has_quotes && !is_whole(record, self.delimiter)) {
                break;
            }
            at = parsed;
            if self.row(&cells[..n_cells], &ends[..n_ends], &mut found).is_none() {
                found.lines.pass(&chunk[counted..start]);
                counted = start;
                let before = Tally {
                    rows: found.rows.len(),
                    firms: found.firms.len(),
                    products: found.products.len(),
                    ..found.tally
                };
                found.odd.push(OddRecord { start, end: parsed, lines: found.lines, before });
            }
        }
        found.lines.pass(&chunk[counted..at]);
        found.end = at;
        found.tally.rows = found.rows.len();
        found.tally.firms = found.firms.len();
        found.tally.products = found.products.len();
        found
    }

    /// Takes a row; `None` where it is odd.
    fn row(&self, cells: &[u8], ends: &[usize], found: &mut Chunk) -> Option<()> {
        let decoded = self.encoding.decode_plainly(cells, ends)?;
        let (text, ends) = (decoded.text.as_ref(), decoded.ends.as_ref());
        if text.trim().is_empty() {
            found.tally.utf8 += u64::from(decoded.is_utf8);
            return Some(());
        }
        if ends.len() < self.width || !text[ends[self.width - 1]..].trim().is_empty() {
            return None;
        }
        let cell = |place: usize| {
            let start = if place == 0 { 0 } else { ends[place - 1] };
            &text[start..ends[place]]
        };
        if self.binding.keeps(cell) {
            let supply = SoundSupply::of(self.binding.cells(cell), self.fiscal_start)?;
            found.push(&supply);
        } else {
            found.tally.filtered += 1;
        }
        found.tally.read += 1;
        found.tally.utf8 += u64::from(decoded.is_utf8);
        Some(())
    }
}

impl Chunk {
    fn push(&mut self, supply: &SoundSupply<'_>) {
        // Files are often sorted by one of the two.
        let last = self.rows.last().copied();
        let mut place = |key: &str, last: Option<FirmIx>| match last {
            Some(last) if self.firms.is_at(last.index(), key) => last,
            _ => FirmIx::new(self.firms.push(key) as usize),
        };
        let supplier = place(supply.supplier, last.map(|row| row.supplier));
        let buyer = place(supply.buyer, last.map(|row| row.buyer));
        let product = match (supply.product, last) {
            (None, _) => NO_PRODUCT,
            (Some(key), Some(last))
                if last.product != NO_PRODUCT && self.products.is_at(last.product as usize, key) =>
            {
                last.product
            }
            (Some(key), _) => self.products.push(key),
        };
        let value = supply.value.unwrap_or(NO_VALUE);
        self.rows.push(SupplyRow { supplier, buyer, product, date: supply.date, value });
    }
}
