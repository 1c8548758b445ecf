//! A piece of the supply rows of a file, read apart from the rest.
//!
//! Reading in pieces must find what reading row by row finds, to the byte. So a chunk
//! takes only rows with which nothing is wrong, in whatever order; any other is *odd*
//! and goes, in its turn, the way of all rows. Where a chunk meets a record that may
//! end elsewhere than it seems, it stops, and what follows is read row by row.

use csv_core::ReadRecordResult;
use rayon::prelude::*;

use super::binding::{Binding, trimmed};
use super::date::plain_date;
use super::encoding::Encoding;
use super::number::short_number;
use super::records::{Lines, is_whole, parser_inside};
use super::row::{SoundSupply, is_plain_key};
use crate::dataset::interner::{Interner, Key, Waiting};
use crate::dataset::{NO_PRODUCT, NO_VALUE, SupplyRow};
use crate::model::{Date, FirmIx};

/// How chunks of one file are read.
pub(super) struct ChunkReader<'a> {
    pub(super) binding: &'a Binding<'a>,
    /// The binding's places of the columns.
    pub(super) places: [Option<(usize, i32)>; 5],
    pub(super) encoding: &'a Encoding,
    pub(super) width: usize,
    pub(super) delimiter: u8,
    /// Bytes of a record.
    pub(super) limit: usize,
    pub(super) fiscal_start: u8,
    /// The date of rows that have none.
    pub(super) year: Option<Date>,
}

/// What a chunk held.
#[derive(Default)]
pub(super) struct Chunk {
    /// Firms and products have no numbers yet.
    pub(super) rows: Vec<SupplyRow>,
    /// Suppliers and buyers, at two places a row.
    firms: Waiting,
    /// Products of the rows that name one, at a place a row.
    products: Waiting,
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
        // As many as there are, unless cells hold line breaks; with filters who knows.
        let lines_of = |chunk| memchr::memchr_iter(b'\n', chunk).count();
        let rows = if self.binding.has_filters() { 0 } else { lines_of(chunk) };
        let firms = Waiting::with_capacity(2 * rows);
        let mut found = Chunk { rows: Vec::with_capacity(rows), firms, lines, ..Chunk::default() };
        let mut parser = parser_inside(self.delimiter);
        let (mut cells, mut ends) = (vec![0; 1024], vec![0; 64]);
        // Up to where the lines are counted.
        let mut counted = 0;
        let has_quotes = memchr::memchr(b'"', chunk).is_some();
        let is_ascii = chunk.is_ascii();
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
            let is_ascii = is_ascii || cells[..n_cells].is_ascii();
            // Without quotation marks the cells stand in the text as they are, a separator
            // between each two. What was just written is slow to be read in other pieces.
            let (text, gap) = if has_quotes { (&cells[..], 0) } else { (&chunk[start..], 1) };
            let is_plain = is_ascii && self.plain_row(text, &ends[..n_ends], gap, &mut found).is_some();
            if !is_plain && self.row(&cells[..n_cells], &ends[..n_ends], &mut found).is_none() {
                found.lines.pass(&chunk[counted..start]);
                counted = start;
                let before = Tally { rows: found.rows.len(), ..found.tally };
                found.odd.push(OddRecord { start, end: parsed, lines: found.lines, before });
            }
        }
        found.firms.share_out();
        found.products.share_out();
        found.lines.pass(&chunk[counted..at]);
        found.end = at;
        found.tally.rows = found.rows.len();
        found
    }

    /// Takes a row of ASCII that is written as most are: short keys, plain numbers and
    /// dates, no blanks. What [`row`](Self::row) would make of it, only sooner; `None`
    /// where it is to be asked. `text` begins with the cells, each `gap` bytes behind the
    /// one before, and goes on.
    fn plain_row(&self, text: &[u8], ends: &[usize], gap: usize, found: &mut Chunk) -> Option<()> {
        if ends.len() != self.width || self.binding.has_filters() {
            return None;
        }
        let range = |place: usize| {
            let start = if place == 0 { 0 } else { ends[place - 1] };
            start + gap * place..ends[place] + gap * place
        };
        let cell = |place: Option<(usize, i32)>| place.map_or(&[][..], |(place, _)| &text[range(place)]);
        let [supplier, buyer, product, value, date] = self.places;
        let unit = value.map_or(0, |(_, unit)| unit);
        let value = match cell(value) {
            [] => NO_VALUE,
            text if unit == 0 => short_number(text)?,
            _ => return None,
        };
        let date = match cell(date) {
            [] => self.year,
            text => Some(plain_date(text)?),
        };
        let key = |place: Option<(usize, i32)>| {
            let range = place.map_or(0..0, |(place, _)| range(place));
            Key::visible(&text[range.start..], range.len()).filter(is_plain_key)
        };
        let (supplier, buyer) = (key(supplier)?, key(buyer)?);
        if supplier == buyer {
            return None;
        }
        let product = if cell(product).is_empty() { None } else { Some(key(product)?) };
        let row = found.rows.len();
        found.firms.push_key(supplier, 2 * row);
        found.firms.push_key(buyer, 2 * row + 1);
        if let Some(product) = product {
            found.products.push_key(product, row);
        }
        found.rows.push(unnumbered(date, value));
        found.tally.read += 1;
        Some(())
    }

    /// Takes a row; `None` where it is odd.
    fn row(&self, cells: &[u8], ends: &[usize], found: &mut Chunk) -> Option<()> {
        let decoded = self.encoding.decode_plainly(cells, ends)?;
        let (text, ends) = (decoded.text.as_ref(), decoded.ends.as_ref());
        let is_blank = !text.starts_with(|c: char| c.is_ascii_graphic()) && text.trim().is_empty();
        if is_blank {
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
            let [supplier, buyer, product, value, date] = self.places;
            let text = |place: Option<(usize, i32)>| place.map_or("", |(place, _)| trimmed(cell(place)));
            let cells = [text(supplier), text(buyer), text(product), text(value), text(date)];
            let unit = value.map_or(0, |(_, unit)| unit);
            let supply = SoundSupply::of(cells, unit, self.fiscal_start)?;
            let row = found.rows.len();
            found.firms.push(supply.supplier, 2 * row);
            found.firms.push(supply.buyer, 2 * row + 1);
            if let Some(product) = supply.product {
                found.products.push(product, row);
            }
            found.rows.push(unnumbered(supply.date.or(self.year), supply.value.unwrap_or(NO_VALUE)));
        } else {
            found.tally.filtered += 1;
        }
        found.tally.read += 1;
        found.tally.utf8 += u64::from(decoded.is_utf8);
        Some(())
    }
}

/// A row of which the keys have no numbers yet.
fn unnumbered(date: Option<Date>, value: f64) -> SupplyRow {
    SupplyRow { supplier: FirmIx::default(), buyer: FirmIx::default(), product: NO_PRODUCT, date, value }
}

impl Chunk {
    /// Lets go of all rows but the first `n`.
    pub(super) fn truncate(&mut self, n: usize) {
        if n < self.rows.len() {
            self.rows.truncate(n);
            self.firms.truncate(2 * n);
            self.products.truncate(n);
        }
    }

    /// The rows of chunks with the numbers of their firms and products, on all threads.
    pub(super) fn number(
        chunks: Vec<Self>,
        firms: &mut Interner,
        products: &mut Interner,
    ) -> Vec<Vec<SupplyRow>> {
        let waiting = |of: fn(&Self) -> &Waiting| chunks.iter().map(of).collect::<Vec<_>>();
        let firms = firms.number(&waiting(|chunk| &chunk.firms));
        let products = products.number(&waiting(|chunk| &chunk.products));
        let numbered = chunks.into_par_iter().zip(firms).zip(products).map(|((chunk, firms), products)| {
            let mut rows = chunk.rows;
            for (place, number) in chunk.firms.places().zip(firms) {
                let row = &mut rows[place / 2];
                let firm = if place % 2 == 0 { &mut row.supplier } else { &mut row.buyer };
                *firm = FirmIx::new(number as usize);
            }
            for (row, number) in chunk.products.places().zip(products) {
                rows[row].product = number;
            }
            rows.shrink_to_fit();
            rows
        });
        numbered.collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rayon::ThreadPoolBuilder;

    use super::super::{Mode, Reader};
    use crate::dataset::{FaultKind, Table};

    const HEADER: &str = "supplier,buyer,value,date,product,side\n";

    /// All that reading gives: dataset, report and error, spelt out.
    fn outcome(reader: &Reader, text: &[u8]) -> String {
        match reader.read_csv(Table::Supplies, text, "s.csv") {
            Ok(result) => format!("{result:?}"),
            Err(error) => format!("{error:?}"),
        }
    }

    /// Chunks of any size on any number of threads give what reading row by row gives.
    fn check(reader: &Reader, text: &[u8], sizes: &[usize], threads: &[usize]) {
        let plain = outcome(&reader.clone().chunk_bytes(usize::MAX), text);
        for &threads in threads {
            let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            for &size in sizes {
                let reader = reader.clone().chunk_bytes(size);
                let chunked = pool.install(|| outcome(&reader, text));
                let shown = String::from_utf8_lossy(text);
                assert!(plain == chunked, "{size} bytes, {threads} threads: {shown:?}");
            }
        }
    }

    fn table(rows: &str) -> Vec<u8> {
        [HEADER, rows].concat().into_bytes()
    }

    #[test]
    fn chunks_end_where_records_end() {
        let plain = "a,b,1,2024-01-05,p,x\n".repeat(40);
        let odd = "a,a,1,2024,p,x\n,b,1,2024,p,x\na,b,much,2024,p,x\na,b,1,never,p,x\na,b\n";
        let cases = [
            plain.clone(),
            plain.replace('\n', "\r\n"),
            plain.replace('\n', "\r"),
            plain.replace('\n', "\n\n\r\n"),
            plain.trim_end().to_owned(),
            "\"a\",\"b\",\"1\",\"2024\",\"p\nq\",x\n".repeat(20),
            "\"a\"\"\n\"\"\",\"b\r\n\",1,2024,\"\"\"\",x\r\n".repeat(20),
            "a\"b\",b\"\"c,1,2024,p,x\n".repeat(20),
            format!("{plain}{odd}{plain}{odd}"),
            // A mark that never closes, and one that closes at a later one.
            format!("{plain}\"a,b,1,2024,p,x\n{plain}"),
            format!("{plain}\"a,b,1,2024,p,x\n{plain}c\",\"d\",1,2024,p,x\n{plain}"),
            format!("{plain}{},b,1,2024,p,x\n{plain}\"{}\",b\n{plain}", "k".repeat(600), "\n".repeat(300)),
            format!("{plain}\u{feff}a,b,1,2024,p,x\n{plain}\"x\n\u{feff}a,b,1,2024,p,x\n"),
            format!("{plain}甲,乙,3万,2024年5月,机车,x\n{plain}a\u{3000},b\u{a0},1,2024,p,x\n"),
            format!("{plain}a,b,1,2024,p\0,x\n9.1E+17,b,1,2024,p,x\n-,b,-0,-,-,-\n{plain}"),
        ];
        let reader = Reader::new().record_limit(500);
        let filtered = reader.clone().keep_rows(Table::Supplies, "side", "x").map_column(
            Table::Supplies,
            "date",
            "product",
        );
        for rows in &cases {
            check(&reader, &table(rows), &[1, 20, 100, 333], &[1, 2, 8, 16]);
            check(&filtered, &table(rows), &[1, 64], &[2]);
            check(&reader.clone().mode(Mode::Strict), &table(rows), &[50], &[2]);
            let (semicolons, cut) = (table(&rows.replace(',', ";")), table(rows));
            check(&reader, &semicolons, &[30], &[2]);
            check(&reader.clone().file_limit(700), &cut, &[30], &[2]);
        }
    }

    #[test]
    fn chunks_keep_to_the_encoding_of_the_file() {
        let gb = |text: &str| encoding_rs::GB18030.encode(text).0.into_owned();
        let rows = "甲厂,乙厂,3万,2024年5月,机车,x\n联通,乙,1,2024,p,x\n".repeat(12);
        let ascii = "a,b,1,2024-01-05,p,x\n".repeat(12_000);
        let broken = b"\xff\xff,b,1,2024,p,x\n".repeat(3);
        let cases = [
            gb(&format!("{HEADER}{rows}")),
            [table(&rows), gb(&rows), broken.clone(), table(&rows)].concat(),
            [gb(HEADER), gb(&rows), table(&rows), broken.clone(), gb(&rows)].concat(),
            // Nothing but ASCII in the part that is looked at first: the encoding is
            // found on the way.
            [table(&ascii), gb(&rows), broken.clone(), ascii.clone().into_bytes(), rows.clone().into_bytes()]
                .concat(),
            [table(&ascii), rows.clone().into_bytes(), gb(&rows.repeat(3)), rows.clone().into_bytes()]
                .concat(),
            [b"\xef\xbb\xbf".as_slice(), &table(&rows), &gb(&rows)].concat(),
            std::iter::once(0xfeff)
                .chain(format!("{HEADER}{rows}").encode_utf16())
                .flat_map(u16::to_le_bytes)
                .collect(),
        ];
        for text in &cases {
            let sizes: &[usize] = if text.len() > 100_000 { &[5_000] } else { &[1, 40, 300] };
            check(&Reader::new(), text, sizes, &[1, 2, 8]);
        }
        let found =
            Reader::new().chunk_bytes(1_000).read_csv(Table::Supplies, &*cases[3], "s.csv").unwrap().1;
        assert_eq!(found.sources()[0].encoding, "GB18030");
        assert!(found.count(FaultKind::BadText) > 3);
    }

    #[test]
    fn faults_come_in_the_order_of_the_file() {
        let mut rows = String::new();
        for row in 0..300 {
            rows += if row % 7 == 3 { "a,a,1,2024,p,x\n" } else { "\"a\n\",b,1,2024,p,x\n" };
        }
        let reader = Reader::new().chunk_bytes(100);
        let (_, report) = reader.read_csv(Table::Supplies, &*table(&rows), "s.csv").unwrap();
        let faults = report.faults().iter().filter(|fault| fault.kind == FaultKind::SelfReference);
        let lines: Vec<u64> = faults.filter_map(|fault| fault.origin.line).collect();
        // Each sound row takes two lines, each other one.
        let expected =
            (0..300u64).filter(|row| row % 7 == 3).map(|row| 2 + 2 * row - row / 7 - u64::from(row % 7 > 3));
        assert_eq!(lines, expected.collect::<Vec<_>>());
    }

    fn pieces() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop::sample::select(vec![
            b"a,b,1,2024-01-05,p,x\n".to_vec(),
            b"b,c,2.5,2024-02,,y\r\n".to_vec(),
            b"c,a,,,q,x\r".to_vec(),
            b"\"a\",\"c\",\"-1\",2023,\"p\nq\",x\n".to_vec(),
            b"\"a\"\"\",b,1,2024,p,x\n".to_vec(),
            b"a,a,1,2024,p,x\n".to_vec(),
            b"a,b,x,2024,p,x\n".to_vec(),
            b"a,b,1,x,p,x\n".to_vec(),
            b"a,b,1\n".to_vec(),
            // Almost plain.
            b"N1,n,1.,2024-02-30,NA,x\n".to_vec(),
            b"7E+1,7E1,.,2024-13,N/A,x\n".to_vec(),
            b"91430200MA0000000000000,a b,0.1,2024-12-31,7.0,x\n".to_vec(),
            b"91430200MA00000000000000,b,-0,2199-02-28,-,x\n".to_vec(),
            b"b,a,123456789012345,1899-01,p\x7f,x\n".to_vec(),
            b"a,b,1,2024,p,x,z\n".to_vec(),
            "甲,乙,1,2024,丙,x\n".as_bytes().to_vec(),
            "甲、乙,丙,1,2024,p,x\n".as_bytes().to_vec(),
            "甲,乙,1,2024,丙；丁,合计\n".as_bytes().to_vec(),
            "合计,乙,1,2024,丙,x\n".as_bytes().to_vec(),
            "供应商,采购方,1,2024,,x\n".as_bytes().to_vec(),
            "供 应 商 名 称,采 购 单 位,1,2024,,x\n".as_bytes().to_vec(),
            encoding_rs::GB18030.encode("甲,乙,1,2024,丙,x\n").0.into_owned(),
            b"\xff,b,1,2024,p,x\n".to_vec(),
            b"\xef\xbb\xbfa,b,1,2024,p,x\n".to_vec(),
            [vec![b'k'; 120], b",b,1,2024,p,x\n".to_vec()].concat(),
            b"\"".to_vec(),
            b"\n".to_vec(),
            b"\r".to_vec(),
            b",".to_vec(),
            b"a".to_vec(),
            b" ".to_vec(),
        ]);
        prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn chunks_give_what_rows_give(
            rows in pieces(),
            size in 1usize..200,
            threads in prop::sample::select(vec![1usize, 2, 8, 16]),
            limit in 60usize..400,
        ) {
            let text = [HEADER.as_bytes(), &rows].concat();
            check(&Reader::new().record_limit(limit), &text, &[size], &[threads]);
        }
    }
}
