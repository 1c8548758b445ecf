//! Records of a CSV text, one at a time, in bounded memory.

use std::io::{self, Read};
use std::ops::Range;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use memchr::{memchr, memchr_iter, memchr2, memrchr};

/// How much is read at once; in tests so little that short texts take many turns.
const CHUNK_BYTES: usize = if cfg!(test) { 48 } else { 64 * 1024 };

/// Splits a text into records and cells.
///
/// Holds the bytes of the current record, so that a record which proves broken (an
/// open quotation mark that swallows what follows) costs its first line only: reading
/// goes on at the next.
pub(super) struct Records<R> {
    input: R,
    parser: Reader,
    delimiter: u8,
    limit: usize,
    /// Bytes read but not yet given out as records: `raw[start..]`.
    raw: Vec<u8>,
    start: usize,
    /// How far the parser has come in `raw`.
    parsed: usize,
    is_at_end: bool,
    /// What reading ahead failed with.
    failure: Option<io::Error>,
    lines: Lines,
    cells: Vec<u8>,
    ends: Vec<usize>,
    /// Room of a block that is done with.
    spare: Vec<u8>,
}

/// Text that was taken out, and the chunks of whole records in it.
pub(super) struct Block {
    pub(super) text: Vec<u8>,
    pub(super) chunks: Vec<Range<usize>>,
}

/// What [`Records::next`] found.
pub(super) enum Next<'a> {
    /// A record: the line on which it begins, its cells without their separators,
    /// and where each ends.
    Record { line: u64, cells: &'a [u8], ends: &'a [usize] },
    /// A record longer than the limit.
    TooLong { line: u64 },
    /// A record that runs over several lines because of a stray quotation mark.
    UnclosedQuote { line: u64, cells: &'a [u8] },
    /// There are no more.
    End,
}

enum Parsed {
    Record { cells: usize, ends: usize },
    TooLong,
    End,
}

impl<R: Read> Records<R> {
    pub(super) fn new(input: R, delimiter: u8, limit: usize) -> Self {
        Self {
            input,
            parser: parser(delimiter),
            delimiter,
            limit,
            raw: Vec::new(),
            start: 0,
            parsed: 0,
            is_at_end: false,
            failure: None,
            lines: Lines::default(),
            cells: vec![0; 1024],
            ends: vec![0; 64],
            spare: Vec::new(),
        }
    }

    /// Reads a text that is a part of another.
    pub(super) fn inside(input: R, delimiter: u8, limit: usize) -> Self {
        let mut records = Self::new(input, delimiter, limit);
        begin(&mut records.parser);
        records
    }

    /// The line reached.
    pub(super) fn line(&self) -> u64 {
        self.lines.line()
    }

    /// The next record. Blank lines are passed over.
    pub(super) fn next(&mut self) -> io::Result<Next<'_>> {
        match self.parse()? {
            Parsed::End => Ok(Next::End),
            Parsed::TooLong => {
                let line = self.lines.line();
                self.skip_line()?;
                Ok(Next::TooLong { line })
            }
            Parsed::Record { cells, ends } => {
                self.skip_blank_lines();
                let line = self.lines.line();
                let record = &self.raw[self.start..self.parsed];
                if !is_whole(record, self.delimiter) {
                    self.skip_line()?;
                    return Ok(Next::UnclosedQuote { line, cells: &self.cells[..cells] });
                }
                self.lines.pass(record);
                self.start = self.parsed;
                Ok(Next::Record { line, cells: &self.cells[..cells], ends: &self.ends[..ends] })
            }
        }
    }

    /// Runs the parser to the end of a record.
    fn parse(&mut self) -> io::Result<Parsed> {
        let (mut cells, mut ends) = (0, 0);
        loop {
            // To the parser, nothing to read means the end of the text.
            if self.parsed == self.raw.len() && !self.is_at_end {
                self.skip_blank_lines();
                if self.parsed - self.start > self.limit {
                    return Ok(Parsed::TooLong);
                }
                self.read_on()?;
            }
            let (result, read, written, ended) = self.parser.read_record(
                &self.raw[self.parsed..],
                &mut self.cells[cells..],
                &mut self.ends[ends..],
            );
            self.parsed += read;
            cells += written;
            ends += ended;
            match result {
                ReadRecordResult::Record if self.parsed - self.start > self.limit => {
                    self.skip_blank_lines();
                    if self.parsed - self.start > self.limit {
                        return Ok(Parsed::TooLong);
                    }
                    return Ok(Parsed::Record { cells, ends });
                }
                ReadRecordResult::Record => return Ok(Parsed::Record { cells, ends }),
                ReadRecordResult::End => return Ok(Parsed::End),
                ReadRecordResult::OutputFull => self.cells.resize(2 * self.cells.len(), 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(2 * self.ends.len(), 0),
                ReadRecordResult::InputEmpty => {}
            }
        }
    }

    /// Reads a further chunk, making room by letting go of records given out.
    fn read_on(&mut self) -> io::Result<()> {
        if let Some(error) = self.failure.take() {
            return Err(error);
        }
        self.raw.drain(..self.start);
        self.parsed -= self.start;
        self.start = 0;
        let length = self.raw.len();
        self.raw.resize(length + CHUNK_BYTES, 0);
        let count = loop {
            match self.input.read(&mut self.raw[length..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => break result,
            }
        };
        self.raw.truncate(length + count.as_ref().map_or(0, |count| *count));
        self.is_at_end = count? == 0;
        Ok(())
    }

    /// Reads ahead until there are `size` bytes or no more. A failure shows once the
    /// records before it are read.
    pub(super) fn read_ahead(&mut self, size: usize) {
        while self.raw.len() - self.start < size && !self.is_at_end && self.failure.is_none() {
            if let Err(error) = self.read_on() {
                self.failure = Some(error);
            }
        }
    }

    /// Takes out what was read ahead, cut at ends of records into chunks of `size` bytes
    /// or a little more, the last one of the text of what is left; `None` where not even
    /// one can be cut off.
    pub(super) fn take_block(&mut self, size: usize) -> Option<Block> {
        let text = &self.raw[self.start..];
        let mut cuts = cuts(text, self.delimiter, size);
        if self.is_at_end {
            let last = cuts.last().copied().unwrap_or(0);
            let rest = memrchr(b'\n', &text[last..]).map_or(0, |feed| feed + 1);
            if rest > 0 {
                cuts.extend(self::cuts(&text[last..], self.delimiter, rest).iter().map(|cut| last + cut));
            }
        }
        let end = self.start + cuts.last()?;
        let mut rest = std::mem::take(&mut self.spare);
        rest.clear();
        // Room for as large a block again; else the buffer would grow to twice as much.
        if rest.capacity() < end + CHUNK_BYTES {
            rest.reserve_exact(end + 2 * CHUNK_BYTES);
        }
        rest.extend(self.raw.drain(end..));
        let text = std::mem::replace(&mut self.raw, rest);
        let starts = std::iter::once(self.start).chain(cuts.iter().map(|cut| self.start + cut));
        let chunks = starts.clone().zip(starts.skip(1)).map(|(start, end)| start..end).collect();
        (self.start, self.parsed) = (0, 0);
        Some(Block { text, chunks })
    }

    /// Takes note that text was read elsewhere, up to where `lines` stands.
    pub(super) fn pass(&mut self, lines: Lines) {
        self.lines = lines;
    }

    /// Takes back a block of which the text up to `end` is done with; the rest is to be
    /// read here.
    pub(super) fn put_back(&mut self, block: Block, end: usize) {
        self.raw.splice(..0, block.text[end..].iter().copied());
        // The first one grew to more room than it needs.
        if block.text.capacity() <= block.text.len() + 4 * CHUNK_BYTES {
            self.spare = block.text;
        }
    }

    /// Bytes at hand that are not given out yet.
    pub(super) fn at_hand(&self) -> usize {
        self.raw.len() - self.start
    }

    pub(super) fn lines(&self) -> Lines {
        self.lines
    }

    /// Lets go of the line breaks in front of a record.
    fn skip_blank_lines(&mut self) {
        let unread = &self.raw[self.start..self.parsed];
        let blank = unread.iter().take_while(|byte| is_line_break(**byte)).count();
        self.lines.pass(&unread[..blank]);
        self.start += blank;
    }

    /// Lets go of the first line of a broken record and has the parser begin anew
    /// behind it.
    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            let unread = &self.raw[self.start..];
            let found = unread.iter().position(|byte| is_line_break(*byte));
            let length = found.map_or(unread.len(), |at| at + 1);
            self.lines.pass(&unread[..length]);
            self.start += length;
            self.parsed = self.start;
            if found.is_some() || self.is_at_end {
                break;
            }
            self.read_on()?;
        }
        self.parser.reset();
        begin(&mut self.parser);
        Ok(())
    }
}

/// Takes a parser past the beginning of a text: what looks like a byte order mark further
/// on is none.
fn begin(parser: &mut Reader) {
    let _ = parser.read_record(b"\n", &mut [0], &mut [0]);
}

fn parser(delimiter: u8) -> Reader {
    ReaderBuilder::new().delimiter(delimiter).build()
}

/// A parser of a text that is a part of another.
pub(super) fn parser_inside(delimiter: u8) -> Reader {
    let mut parser = parser(delimiter);
    begin(&mut parser);
    parser
}

fn is_line_break(byte: u8) -> bool {
    byte == b'\n' || byte == b'\r'
}

/// Whether a record is what it seems: one line, or several in sound quotation marks.
pub(super) fn is_whole(record: &[u8], delimiter: u8) -> bool {
    memchr2(b'\n', b'\r', record.trim_ascii_end()).is_none() || is_well_quoted(record, delimiter)
}

/// Where to cut sound text that begins with a record: behind each first line feed that
/// ends a record `size` bytes or more behind the last cut.
///
/// The text between two cuts is whole records if no record is broken. Nothing is said
/// of what follows the last cut.
pub(super) fn cuts(text: &[u8], delimiter: u8, size: usize) -> Vec<usize> {
    let mut cuts = Vec::new();
    // Up to `at` the text is outside quotation marks; from `wanted` on a cut may be made.
    let (mut at, mut wanted) = (0, size.max(1));
    let mut quote = memchr(b'"', text);
    loop {
        let from = at.max(wanted - 1);
        let feed = text.get(from..).and_then(|rest| memchr(b'\n', rest)).map(|feed| from + feed);
        match (quote, feed) {
            (Some(mark), feed) if feed.is_none_or(|feed| mark < feed) => {
                let before = mark.checked_sub(1).map(|before| text[before]);
                let opens = before.is_none_or(|before| before == delimiter || is_line_break(before));
                at = mark + 1;
                if opens {
                    match closing_mark(&text[at..]) {
                        Some(close) => at += close + 1,
                        None => return cuts,
                    }
                }
                quote = memchr(b'"', &text[at..]).map(|mark| at + mark);
            }
            (_, Some(feed)) => {
                at = feed + 1;
                cuts.push(at);
                wanted = at + size.max(1);
            }
            (_, None) => return cuts,
        }
    }
}

/// Where the quotation mark stands that closes a cell; those of a pair do not.
fn closing_mark(cell: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr(b'"', &cell[at..])?;
        if cell.get(at + 1) != Some(&b'"') {
            return Some(at);
        }
        at += 2;
    }
}

/// Whether every quoted cell of a record is followed by a separator or the end, as is
/// not the case where one closes with the opening mark of a later cell.
fn is_well_quoted(record: &[u8], delimiter: u8) -> bool {
    let is_end = |byte: u8| byte == delimiter || is_line_break(byte);
    let mut rest = record;
    loop {
        if let Some(inner) = rest.strip_prefix(b"\"") {
            let Some(close) = closing_mark(inner) else { return false };
            rest = &inner[close + 1..];
            if rest.first().is_some_and(|byte| !is_end(*byte)) {
                return false;
            }
        }
        let Some(end) = rest.iter().position(|byte| is_end(*byte)) else { return true };
        rest = &rest[end + 1..];
    }
}

/// Counts lines, whether they end with LF, CR LF or CR.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Lines {
    breaks: u64,
    is_after_cr: bool,
}

impl Lines {
    /// The line on which the next byte stands, from 1.
    pub(super) fn line(self) -> u64 {
        self.breaks + 1
    }

    pub(super) fn pass(&mut self, bytes: &[u8]) {
        let Some(&last) = bytes.last() else { return };
        // Most records are one line that ends with LF.
        let mut breaks = memchr_iter(b'\n', bytes).count();
        if memchr(b'\r', bytes).is_some() {
            breaks += memchr_iter(b'\r', bytes).count();
            breaks -= bytes.windows(2).filter(|pair| pair == b"\r\n").count();
        }
        if self.is_after_cr && bytes[0] == b'\n' {
            breaks -= 1;
        }
        self.breaks += breaks as u64;
        self.is_after_cr = last == b'\r';
    }

    /// Where lines stand that `later` counts from here on.
    pub(super) fn then(self, later: Self) -> Self {
        Self { breaks: self.breaks + later.breaks, ..later }
    }

    /// The beginning of lines that follow on these.
    pub(super) fn follow(self) -> Self {
        Self { breaks: 0, ..self }
    }
}
