//! Records of a CSV text, one at a time, in bounded memory.

use std::io::{self, Read};

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

/// How much is read at once.
const CHUNK_BYTES: usize = 64 * 1024;

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
    lines: Lines,
    cells: Vec<u8>,
    ends: Vec<usize>,
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
            parser: ReaderBuilder::new().delimiter(delimiter).build(),
            delimiter,
            limit,
            raw: Vec::new(),
            start: 0,
            parsed: 0,
            is_at_end: false,
            lines: Lines::default(),
            cells: vec![0; 1024],
            ends: vec![0; 64],
        }
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
                let body = record.trim_ascii_end();
                let is_broken =
                    body.iter().any(|byte| is_line_break(*byte)) && !is_well_quoted(record, self.delimiter);
                if is_broken {
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
        Ok(())
    }
}

fn is_line_break(byte: u8) -> bool {
    byte == b'\n' || byte == b'\r'
}

/// Whether every quoted cell of a record is followed by a separator or the end, as is
/// not the case where one closes with the opening mark of a later cell.
fn is_well_quoted(record: &[u8], delimiter: u8) -> bool {
    let is_end = |byte: u8| byte == delimiter || is_line_break(byte);
    let mut rest = record;
    loop {
        if let Some(mut inner) = rest.strip_prefix(b"\"") {
            loop {
                let Some(quote) = inner.iter().position(|byte| *byte == b'"') else { return false };
                inner = &inner[quote + 1..];
                match inner.strip_prefix(b"\"") {
                    Some(after) => inner = after,
                    None => break,
                }
            }
            rest = inner;
            if rest.first().is_some_and(|byte| !is_end(*byte)) {
                return false;
            }
        }
        let Some(end) = rest.iter().position(|byte| is_end(*byte)) else { return true };
        rest = &rest[end + 1..];
    }
}

/// Counts lines, whether they end with LF, CR LF or CR.
#[derive(Default)]
struct Lines {
    breaks: u64,
    is_after_cr: bool,
}

impl Lines {
    /// The line on which the next byte stands, from 1.
    fn line(&self) -> u64 {
        self.breaks + 1
    }

    fn pass(&mut self, bytes: &[u8]) {
        let Some(&last) = bytes.last() else { return };
        // Most records are one line that ends with LF.
        let mut breaks = bytes.split(|byte| *byte == b'\n').count() - 1;
        if bytes.contains(&b'\r') {
            breaks += bytes.split(|byte| *byte == b'\r').count() - 1;
            breaks -= bytes.windows(2).filter(|pair| pair == b"\r\n").count();
        }
        if self.is_after_cr && bytes[0] == b'\n' {
            breaks -= 1;
        }
        self.breaks += breaks as u64;
        self.is_after_cr = last == b'\r';
    }
}
