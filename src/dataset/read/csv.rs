//! Tables as CSV: a folder with a file a table.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::ReadError;
use super::binding::{Binding, HEAD_ROWS, TableSettings};
use super::chunk::{Chunk, ChunkReader, Tally};
use super::encoding::Encoding;
use super::folder::{CsvFile, Folder};
use super::limits::{SourceLimits, open_file};
use super::part;
use super::records::{Block, Lines, Next, Records};
use super::row::Rows;
use super::source::{Source, read_error};
use crate::dataset::interner::Interner;
use crate::dataset::{Effect, FaultKind, Origin, SourceReport, SupplyRow, Table};

/// The limits that concern one file.
#[derive(Clone, Copy)]
pub(super) struct CsvLimits {
    pub(super) source: SourceLimits,
    /// Bytes of a record.
    pub(super) record: usize,
    /// Bytes of a chunk.
    pub(super) chunk: usize,
}

/// How many chunks are read ahead for each thread.
const CHUNKS_PER_THREAD: usize = 2;

/// Rows whose firms and products wait to be numbered together: so many that what each share
/// of the keys reads of the interner is used often. Some 50 bytes each, until they are.
const WAITING_ROWS: usize = 1 << 20;

/// What a chunk takes beside its rows, as so many of them.
const CHUNK_ROWS: usize = 64;

/// Reads every table of a folder.
pub(super) fn read_folder<'s>(
    path: &Path,
    folder: Folder,
    rows: &mut Rows,
    limits: CsvLimits,
    settings: impl Fn(Table) -> &'s TableSettings,
) -> Result<(), ReadError> {
    let shown: Arc<str> = path.display().to_string().into();
    let Folder { files, workbooks, mut others } = folder;
    others.extend(workbooks);
    others.sort_unstable();
    let files = files.into_iter().map(|file| (file, ())).collect();
    read_files(files, others, &shown, rows, limits, settings, |path, ()| {
        open_file(path).map_err(|source| ReadError::Open { path: path.display().to_string().into(), source })
    })
}

/// Reads every table of some files in memory, each with its name, as if they were those of a folder.
pub(super) fn read_named<'s, R: Read>(
    named: impl Iterator<Item = (String, R)>,
    rows: &mut Rows,
    limits: CsvLimits,
    settings: impl Fn(Table) -> &'s TableSettings,
) -> Result<(), ReadError> {
    let (mut files, mut others) = (Vec::new(), Vec::new());
    for (name, input) in named {
        match CsvFile::named(&name) {
            Some(file) => files.push((file, input)),
            None => others.push(Arc::from(name)),
        }
    }
    files.sort_by_cached_key(|(file, _)| file.order());
    others.sort_unstable();
    read_files(files, others, &"what was given".into(), rows, limits, settings, |_, input| Ok(input))
}

/// Reads every table of files in the order of reading; `open` makes of what comes with a file its text.
fn read_files<'s, T, R: Read>(
    files: Vec<(CsvFile, T)>,
    others: Vec<Arc<str>>,
    shown: &Arc<str>,
    rows: &mut Rows,
    limits: CsvLimits,
    settings: impl Fn(Table) -> &'s TableSettings,
    open: impl Fn(&Path, T) -> Result<R, ReadError>,
) -> Result<(), ReadError> {
    if files.iter().all(|(file, _)| file.table.is_none()) {
        let found = files.iter().map(|(file, _)| &*file.name).chain(others.iter().map(|name| &**name));
        let found = found.collect::<Vec<_>>().join(", ");
        return Err(ReadError::NoTable {
            path: Arc::clone(shown), expected: "firms.csv (企业.csv)", found
        });
    }
    for name in others {
        let effect = if Table::of_part(name.split('.').next().unwrap_or_default()).is_some() {
            Effect::TableLeftOut
        } else {
            Effect::Ignored
        };
        rows.builder.no_table(FaultKind::FileNotRead, effect, &name, &name);
    }
    let (mut is_first, mut sources) = (true, FxHashSet::default());
    let names: Vec<(Option<Table>, String)> =
        files.iter().map(|(file, _)| (file.table, file.stem.clone())).collect();
    let stems: Vec<&str> = names.iter().map(|(_, stem)| &**stem).collect();
    for (file, input) in files {
        let Some(table) = file.table else {
            rows.builder.no_table(FaultKind::UnknownTable, Effect::Ignored, &file.name, &file.name);
            continue;
        };
        if std::mem::take(&mut is_first) && table != Table::Firms {
            rows.builder.fault(FaultKind::MissingTable, Effect::TableLeftOut, Table::Firms, "", "firms.csv");
        }
        rows.builder.origin(Origin { file: Some(Arc::clone(&file.name)), line: None });
        // Parts of a table are told apart by their names, whole ones are one too many.
        let others = names.iter().filter(|(of, other)| *of == Some(table) && *other != file.stem);
        let is_again = part::is_copy(&file.stem, &stems)
            || part::is_summary(&file.stem, others.map(|(_, other)| &**other));
        let part = Some(file.stem).filter(|stem| Table::from_word(stem).is_none());
        if is_again || !sources.insert((table, part)) {
            let kind = FaultKind::RepeatedTable;
            rows.builder.fault(kind, Effect::TableLeftOut, table, "", &file.name);
            continue;
        }
        let path: Arc<str> = file.path.display().to_string().into();
        let input = open(&file.path, input)?;
        read_table(input, table, (&path, &file.name), rows, limits, settings(table))?;
    }
    Ok(())
}

/// Reads one table. Faults name `file`, errors `path`.
pub(super) fn read_table(
    input: impl Read,
    table: Table,
    (path, file): (&Arc<str>, &Arc<str>),
    rows: &mut Rows,
    limits: CsvLimits,
    settings: &TableSettings,
) -> Result<(), ReadError> {
    rows.builder.origin(Origin { file: Some(Arc::clone(file)), line: None });
    rows.year = part::year_of(table, part::stem(file));
    let source = Source::new(input, limits.source);
    let encoding = if source.marked.is_some() { Encoding::utf8() } else { Encoding::of(&source.head) };
    let (marked, bytes_read) = (source.marked, source.counter());
    let delimiter = delimiter(&source.head);
    let mut records = Records::new(source, delimiter, limits.record);
    let mut reader = TableReader {
        table,
        path,
        rows,
        limits,
        delimiter,
        encoding,
        settings,
        binding: Binding::new(table, settings, false),
        head: Vec::new(),
        header: None,
        is_left_out: false,
        read: 0,
        filtered: 0,
    };
    let mut chunks = Chunks::default();
    // So many bytes must be read row by row before chunks are tried again.
    let mut row_by_row = 0;
    while !reader.is_left_out {
        if row_by_row == 0 && table == Table::Supplies && reader.header.is_some() {
            // Chunks look at one cell for each firm.
            let are_chunks = !reader.binding.names_twice();
            row_by_row = if are_chunks { reader.blocks(&mut records, &mut chunks) } else { usize::MAX };
        }
        let (line, before) = (records.line(), records.at_hand());
        match records.next() {
            Ok(Next::End) => break,
            Ok(next) => reader.take(&next)?,
            Err(error) => return Err(read_error(path, line, bytes_read.get(), error)),
        }
        row_by_row = row_by_row.saturating_sub(before.saturating_sub(records.at_hand()));
    }
    if reader.header.is_none() && !reader.head.is_empty() {
        reader.begin(0)?;
    }
    let TableReader { encoding, is_left_out, read, filtered, .. } = reader;
    chunks.number();
    rows.builder.add_sound_supplies(chunks.rows, &chunks.firms, &chunks.products);
    let report = SourceReport {
        file: Arc::clone(file),
        table,
        encoding: marked.unwrap_or_else(|| encoding.name()),
        read,
        filtered,
    };
    rows.close(report, is_left_out);
    Ok(())
}

/// Supply rows that were read in chunks, their firms and products by number.
#[derive(Default)]
struct Chunks {
    rows: Vec<Vec<SupplyRow>>,
    firms: Interner,
    products: Interner,
    /// Chunks whose firms and products have no numbers yet, and about how many rows they hold.
    waiting: Vec<Chunk>,
    n_waiting: usize,
}

/// Takes the records of one table.
struct TableReader<'a> {
    table: Table,
    path: &'a Arc<str>,
    rows: &'a mut Rows,
    limits: CsvLimits,
    delimiter: u8,
    encoding: Encoding,
    settings: &'a TableSettings,
    binding: Binding<'a>,
    /// Records before the header is found, each with its line, its text and where cells end in it.
    head: Vec<(Option<u64>, String, Vec<usize>)>,
    /// How many cells the header has.
    header: Option<usize>,
    is_left_out: bool,
    read: u64,
    filtered: u64,
}

impl TableReader<'_> {
    /// Takes what comes next in the file.
    fn take(&mut self, next: &Next<'_>) -> Result<(), ReadError> {
        match *next {
            Next::End => Ok(()),
            Next::Record { line, cells, ends } => {
                self.rows.builder.at_line(Some(line));
                self.record(cells, ends)
            }
            Next::TooLong { line } => {
                let detail = Some(format!("> {} B", self.limits.record));
                self.rows.builder.at_line(Some(line));
                self.leave_out(FaultKind::TooLong, b"", detail);
                Ok(())
            }
            Next::UnclosedQuote { line, cells } => {
                self.rows.builder.at_line(Some(line));
                self.leave_out(FaultKind::UnclosedQuote, cells, None);
                Ok(())
            }
        }
    }

    /// A record that cannot be read; without its header there is no table.
    fn leave_out(&mut self, kind: FaultKind, cells: &[u8], detail: Option<String>) {
        let effect = if self.header.is_some() { Effect::RowLeftOut } else { Effect::TableLeftOut };
        let start = String::from_utf8_lossy(&cells[..cells.len().min(400)]);
        self.rows.builder.fault_with(kind, effect, self.table, "", &start, detail);
        self.is_left_out = self.header.is_none();
        self.read += u64::from(self.header.is_some());
    }

    fn record(&mut self, cells: &[u8], ends: &[usize]) -> Result<(), ReadError> {
        let Some((text, ends)) = self.encoding.decode(cells, ends) else {
            let detail = Some(format!("≠ {}", self.encoding.name()));
            self.leave_out(FaultKind::BadText, cells, detail);
            return Ok(());
        };
        let cell = |place: usize| {
            let start = if place == 0 { 0 } else { ends[place - 1] };
            &text[start..ends[place]]
        };
        if text.trim().is_empty() {
            return Ok(());
        }
        let (table, builder) = (self.table, &mut self.rows.builder);
        let Some(width) = self.header else {
            let cells = (0..ends.len()).map(|place| (place, cell(place)));
            let is_header = Binding::is_header(table, self.settings, cells);
            self.head.push((builder.line(), text.to_owned(), ends.to_vec()));
            if is_header {
                return self.begin(self.head.len() - 1);
            }
            // Then the first record is said to lack something.
            return if self.head.len() == HEAD_ROWS { self.begin(0) } else { Ok(()) };
        };
        self.read += 1;
        if ends.len() < width || !text[ends[width - 1]..].trim().is_empty() {
            let detail = Some(format!("{} ≠ {width}", ends.len()));
            builder.fault_with(FaultKind::RaggedRow, Effect::RowLeftOut, table, "", cell(0), detail);
        } else if self.binding.keeps(cell) {
            let first = (0..ends.len()).map(|place| cell(place).trim()).find(|text| !text.is_empty());
            self.binding.row(cell, |cells| self.rows.add(table, cells, first.unwrap_or_default()));
        } else {
            self.filtered += 1;
        }
        Ok(())
    }

    /// Takes a record of the head for the header, and those before it for titles.
    fn begin(&mut self, header: usize) -> Result<(), ReadError> {
        let builder = &mut self.rows.builder;
        for (line, title, _) in self.head.drain(..header) {
            builder.at_line(line);
            self.binding.title(&title, builder);
        }
        let (line, text, ends) = self.head.swap_remove(0);
        self.head.clear();
        builder.at_line(line);
        self.header = Some(ends.len());
        let starts = [0].iter().chain(&ends);
        let cells = starts.zip(&ends).map(|(&start, &end)| &text[start..end]).enumerate();
        self.is_left_out = !self.binding.bind_all(cells, &text, self.path, builder)?;
        Ok(())
    }

    /// Reads blocks of chunks, each on all threads while the next is read from the file,
    /// as long as they last and nothing stops a chunk. Returns how many bytes are to be
    /// read row by row.
    fn blocks(&mut self, records: &mut Records<Source<'_>>, chunks: &mut Chunks) -> usize {
        let size = self.limits.chunk;
        let block_size = size.saturating_mul(CHUNKS_PER_THREAD * rayon::current_num_threads());
        records.read_ahead(block_size);
        // A small text is not worth the threads.
        if records.at_hand() <= size {
            return records.at_hand().max(1);
        }
        loop {
            let Some(block) = records.take_block(size) else { return records.at_hand().max(1) };
            let lines = records.lines();
            let found = self.parse(&block, lines.follow(), || records.read_ahead(block_size));
            let (kept, end, lines) = self.take_chunks(&block, found, lines);
            chunks.add(kept);
            records.pass(lines);
            let left = block.text.len() - end;
            records.put_back(block, end);
            if left > 0 {
                return left;
            }
        }
    }

    /// Reads the chunks of a block, and does something else on this thread meanwhile.
    fn parse(&self, block: &Block, lines: Lines, meanwhile: impl FnOnce()) -> Vec<Chunk> {
        let reader = ChunkReader {
            binding: &self.binding,
            places: self.binding.places(),
            encoding: &self.encoding,
            width: self.header.unwrap_or(0),
            delimiter: self.delimiter,
            limit: self.limits.record,
            fiscal_start: self.rows.fiscal_start,
            year: self.rows.year,
        };
        let mut found: Vec<Chunk> = block.chunks.iter().map(|_| Chunk::default()).collect();
        rayon::in_place_scope(|scope| {
            for (number, (range, found)) in block.chunks.iter().zip(&mut found).enumerate() {
                // Only the first chunk may begin inside a line break.
                let lines = if number == 0 { lines } else { Lines::default() };
                let reader = &reader;
                scope.spawn(move |_| *found = reader.read(&block.text[range.clone()], lines));
            }
            meanwhile();
        });
        found
    }

    /// Gives the odd records their second look, in the order of the file, and stops where
    /// a chunk did or where one of them changes the encoding. Returns what is good up to
    /// there, where in the block that is, and where the lines stand.
    fn take_chunks(
        &mut self,
        block: &Block,
        found: Vec<Chunk>,
        mut lines: Lines,
    ) -> (Vec<(Chunk, Tally)>, usize, Lines) {
        let mut kept = Vec::with_capacity(found.len());
        for (chunk, range) in found.into_iter().zip(&block.chunks) {
            let mut passed = Tally::default();
            for odd in &chunk.odd {
                self.encoding.pass(odd.before.utf8 - passed.utf8);
                passed = odd.before;
                let was_gb18030 = self.encoding.is_gb18030();
                let record = &block.text[range.start + odd.start..range.start + odd.end];
                self.odd_record(record, lines.then(odd.lines));
                if self.encoding.is_gb18030() != was_gb18030 {
                    self.pass(&odd.before);
                    let mut ended = odd.lines;
                    ended.pass(record);
                    let end = range.start + odd.end;
                    kept.push((chunk, passed));
                    return (kept, end, lines.then(ended));
                }
            }
            self.encoding.pass(chunk.tally.utf8 - passed.utf8);
            self.pass(&chunk.tally);
            lines = lines.then(chunk.lines);
            let (end, tally) = (range.start + chunk.end, chunk.tally);
            kept.push((chunk, tally));
            if end < range.end {
                return (kept, end, lines);
            }
        }
        (kept, block.text.len(), lines)
    }

    fn pass(&mut self, tally: &Tally) {
        self.read += tally.read;
        self.filtered += tally.filtered;
    }

    /// A single record out of a block.
    fn odd_record(&mut self, record: &[u8], lines: Lines) {
        let mut records = Records::inside(record, self.delimiter, self.limits.record);
        if let Ok(Next::Record { cells, ends, .. }) = records.next() {
            self.rows.builder.at_line(Some(lines.line()));
            // Only a header can fail.
            let _ = self.record(cells, ends);
        }
    }
}

impl Chunks {
    /// Adds of each chunk what counts.
    fn add(&mut self, found: Vec<(Chunk, Tally)>) {
        for (mut chunk, tally) in found.into_iter().filter(|(_, tally)| tally.rows > 0) {
            chunk.truncate(tally.rows);
            self.n_waiting += tally.rows + CHUNK_ROWS;
            self.waiting.push(chunk);
        }
        if self.n_waiting >= WAITING_ROWS {
            self.number();
        }
    }

    /// Numbers the keys that wait for it.
    fn number(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        self.rows.extend(Chunk::number(waiting, &mut self.firms, &mut self.products));
        self.n_waiting = 0;
    }
}

/// The separator in the first line that holds one, which titles above the header seldom do: a comma, else
/// a semicolon or a tab.
fn delimiter(head: &[u8]) -> u8 {
    let mut lines = head.split(|byte| matches!(byte, b'\n' | b'\r'));
    let of_line = |line: &[u8]| [b',', b';', b'\t'].into_iter().find(|delimiter| line.contains(delimiter));
    lines.find_map(of_line).unwrap_or(b',')
}
