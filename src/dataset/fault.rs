//! Faults: what was wrong with the input, where, and what to do about it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Table;
use crate::model::words;

/// The most characters of an offending value that a fault repeats.
const VALUE_CHARS: usize = 80;

/// One thing wrong with the input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// What was done about it.
    pub effect: Effect,
    /// The table; `None` where the file or key is no table.
    pub table: Option<Table>,
    /// File, line or record.
    #[serde(flatten)]
    pub origin: Origin,
    /// The column, where one is to blame.
    pub column: Option<Box<str>>,
    /// The offending value, cut to 80 characters.
    pub value: Box<str>,
    /// The limit that was passed, what was taken instead (`= …`), or another detail: signs and values
    /// alone, so that it reads the same in every language.
    pub detail: Option<Box<str>>,
}

impl Fault {
    /// Why it is a fault, in one English clause.
    pub fn reason(&self) -> &'static str {
        self.kind.text().reason
    }

    /// What the owner of the data can do about it.
    pub fn remedy(&self) -> &'static str {
        self.kind.text().remedy
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.origin)?;
        match (self.table, &self.column) {
            (Some(table), Some(column)) => write!(f, "{table}.{column}: ")?,
            (Some(table), None) => write!(f, "{table}: ")?,
            (None, _) => {}
        }
        write!(f, "{}: {:?}", self.reason(), self.value)?;
        if let Some(detail) = &self.detail {
            write!(f, " ({detail})")?;
        }
        write!(f, "; {}; {}", self.effect.phrase(), self.remedy())
    }
}

/// Where a record came from.
#[derive(Debug, Clone, PartialEq, Eq, Default, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Origin {
    /// The file as it was named, `None` for records made in memory.
    pub file: Option<Arc<str>>,
    /// The line on which the record begins, from 1; in JSON the place of the record
    /// in its table, from 1.
    pub line: Option<u64>,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.file, self.line) {
            (Some(file), Some(line)) => write!(f, "{file}:{line}: "),
            (Some(file), None) => write!(f, "{file}: "),
            (None, Some(line)) => write!(f, "record {line}: "),
            (None, None) => Ok(()),
        }
    }
}

words! {
    /// What was done about a [`Fault`].
    enum Effect {
        /// Nothing was lost: the fault is a note. Strict mode accepts it.
        Kept = "kept";
        /// A column or file that means nothing here was passed over: a note, too.
        Ignored = "ignored";
        /// The value was replaced by another, named in the detail.
        Replaced = "replaced";
        /// The value was taken as unknown.
        CellLeftOut = "cell_left_out";
        /// The record was left out.
        RowLeftOut = "row_left_out";
        /// The whole table was left out.
        TableLeftOut = "table_left_out";
    }
}

impl Effect {
    /// Whether the fault is a note, with nothing lost.
    pub fn is_note(self) -> bool {
        matches!(self, Self::Kept | Self::Ignored)
    }

    /// What was done, in plain English.
    pub fn phrase(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Ignored => "ignored",
            Self::Replaced => "replaced",
            Self::CellLeftOut => "value left out",
            Self::RowLeftOut => "row left out",
            Self::TableLeftOut => "table left out",
        }
    }
}

/// What there is to say of a [`FaultKind`].
struct Text {
    reason: &'static str,
    remedy: &'static str,
}

/// Declares the kinds with their word, reason and remedy.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $word:literal, $reason:literal, $remedy:literal;)+) => {
        words! {
            /// What is wrong with a piece of input.
            enum FaultKind {
                $($(#[$doc])* $kind = $word;)+
            }
        }

        impl FaultKind {
            fn text(self) -> Text {
                match self {
                    $(Self::$kind => Text { reason: $reason, remedy: $remedy },)+
                }
            }
        }
    };
}

kinds! {
    /// A file of the folder, or a key of the document, that is no table.
    UnknownTable = "unknown_table", "not a table", "rename it as a table of docs/columns.md, if it is one";
    /// The firms are missing while other tables are there.
    MissingTable = "missing_table", "the table is missing; its records are made from what others name", "add it";
    /// A second file or key for the same table.
    RepeatedTable = "repeated_table", "a second source of the same table", "remove one of the two";
    /// A table without any record.
    EmptyTable = "empty_table", "the table holds no record", "check the export";
    /// A header that is no column of the table.
    UnknownColumn = "unknown_column", "not a column of this table", "map a column to it (docs/columns.md lists the headers), or leave it";
    /// A row above the header of a file or sheet.
    TitleRow = "title_row", "a row above the header", "leave it, if it is a title; a unit of money is understood where it is written as 单位：万元, or in the header";
    /// Two headers that mean the same column.
    RepeatedColumn = "repeated_column", "a second header for the same column", "remove one of the two";
    /// A column that the table cannot do without.
    MissingColumn = "missing_column", "a column that the table needs is missing", "add it, or name it with a column map";
    /// More or fewer cells than headers.
    RaggedRow = "ragged_row", "the row has not as many cells as the header", "quote cells that hold a separator or a line break";
    /// A quotation mark that opens a cell and does not close it.
    UnclosedQuote = "unclosed_quote", "a quotation mark opens and does not close; read on at the next line", "close it, or double it where it is meant as such";
    /// A hidden sheet of a table of which another is seen.
    HiddenTable = "hidden_table", "a hidden sheet, while another sheet of the table is seen", "show it if it counts, or delete it";
    /// A small number that is the key of records of different names or parties, as where each list counts from 1.
    SharedNumber = "shared_number", "one number for records that are not of the same, taken for one", "number them throughout, or leave the numbers out, so that names count";
    /// An object or list where a single value, a record or a table belongs.
    WrongShape = "wrong_shape", "an object or list of a wrong shape", "give a table as a list of flat objects";
    /// A record or file beyond the reader's limits.
    TooLong = "too_long", "longer than the reader's limit", "look for an unclosed quotation mark, or raise the limit";
    /// Bytes that are no text in the encoding of the file, or a NUL in it.
    BadText = "bad_text", "not text in the encoding of the file", "export the whole file as UTF-8";
    /// A row of sums, a note or the header again, instead of a record.
    NoRecord = "no_record", "a row of sums, a note, or the header once more", "leave it, if it is no record";
    /// A firm that is named by its name or credit code, or spelt otherwise.
    NamedOtherwise = "named_otherwise", "not the key of a firm, but its name, credit code or key spelt otherwise", "check that it is the firm in the detail";
    /// A record without a key.
    EmptyId = "empty_id", "the key is empty", "fill it in";
    /// A key that a spreadsheet turned into a number.
    MangledId = "mangled_id", "a spreadsheet turned the key into a rounded number", "format the column as text at the source and export again";
    /// A formula of a spreadsheet that found no value, as `#N/A`.
    FailedFormula = "failed_formula", "a formula that found no value", "mend the formula, or write the value";
    /// Not a number.
    BadNumber = "bad_number", "not a number", "write digits, with 万元 or 亿元 if you like";
    /// A number outside its range.
    OutOfRange = "out_of_range", "outside the range", "check the unit";
    /// A range of numbers.
    Range = "range", "a range of numbers, of which the middle is taken", "write one number";
    /// A firm that other tables name and the firms do not hold, though they hold others.
    OnlyNamed = "only_named", "named by other tables, but not among the firms", "add it to the firms, or name it as they do";
    /// A file of a folder that is neither a CSV file nor a workbook, a workbook that is a copy or stands beside CSV
    /// files, or a folder within it.
    FileNotRead = "file_not_read", "of a folder CSV files are read, or, if there are none, workbooks that are no copies", "leave in the folder what counts, as CSV files or as workbooks, other spreadsheets saved as .xlsx";
    /// A key, name or other text longer than [`Limits`](super::Limits) allows.
    LongText = "long_text", "a text longer than the limit", "shorten it";
    /// Not a date, or none of the calendar.
    BadDate = "bad_date", "not a date of the calendar", "write YYYY-MM-DD";
    /// A word outside an enumeration.
    UnknownWord = "unknown_word", "not one of the words known here", "use one of the words in docs/columns.md";
    /// A credit code of a wrong length or alphabet.
    MalformedCode = "malformed_code", "not a unified social credit code", "check it against the licence";
    /// A credit code whose check digit differs.
    CheckDigit = "check_digit", "the check digit of the credit code differs", "check it against the licence; some real codes fail";
    /// A credit code that two legal entities have.
    SharedCode = "shared_code", "two firms have one credit code", "check whether they are one, and give it one key";
    /// An industry code of another system.
    ForeignIndustry = "foreign_industry", "not a code of GB/T 4754; alike to itself only", "use GB/T 4754 codes to compare trades";
    /// A coordinate without its other half.
    HalfPlace = "half_place", "longitude and latitude come together", "fill in both";
    /// A firm that supplies itself, is its own parent, and the like.
    SelfReference = "self_reference", "the record refers to itself", "remove it";
    /// Two records of one key that disagree.
    Conflict = "conflict", "two records of one key disagree; the smaller value is taken", "keep one of them";
    /// The same record again.
    RepeatedRow = "repeated_row", "the same record again", "remove one of them";
    /// A circle of parents.
    Cycle = "cycle", "the parents run in a circle; cut at the smallest key", "decide which of them is the broadest";
    /// A pairing that is not in the table.
    UnknownPairing = "unknown_pairing", "no such pairing", "give the number of a pairing, or its parties; else add it to the pairings";
    /// A pairing of fewer than two parties.
    TooFewParties = "too_few_parties", "a pairing has two parties or more", "separate the parties by ;";
    /// More refunds than sales between two firms.
    RefundsExceedSales = "refunds_exceed_sales", "refunds exceed sales; the pair counts with a value of 0, or not at all", "check for missing invoices";
    /// The latest date of all stands alone, long after the rest.
    LoneDate = "lone_date", "the latest date stands more than a year after all others, and ages count back from it", "correct it, or give the as-of date";
    /// A date range that ends before it begins.
    EndsBeforeStart = "ends_before_start", "it ends before it begins", "exchange the two dates";
}

/// What reading or building a dataset found: faults listed and counted, records
/// made because others named them, and how much each file held. It is kept and sent by serde.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Told")]
pub struct Report {
    faults: Vec<Fault>,
    #[serde(serialize_with = "serialize_counts")]
    counts: BTreeMap<CountKey, Count>,
    made: BTreeMap<Table, u64>,
    sources: Vec<SourceReport>,
}

/// Faults are counted by table, kind and effect.
type CountKey = (Option<Table>, FaultKind, Effect);

/// How many faults there were of a kind in a table, and how many of them are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Count {
    found: u64,
    listed: u64,
}

/// A count as it is written.
#[derive(Serialize, Deserialize)]
struct Line {
    table: Option<Table>,
    kind: FaultKind,
    effect: Effect,
    count: u64,
}

/// A report as it is written.
#[derive(Deserialize)]
struct Told {
    faults: Vec<Fault>,
    counts: Vec<Line>,
    made: BTreeMap<Table, u64>,
    sources: Vec<SourceReport>,
}

impl From<Told> for Report {
    fn from(Told { faults, counts, made, sources }: Told) -> Self {
        let counts = counts
            .into_iter()
            .map(|line| ((line.table, line.kind, line.effect), Count { found: line.count, listed: 0 }));
        let mut counts: BTreeMap<CountKey, Count> = counts.collect();
        for fault in &faults {
            counts.entry((fault.table, fault.kind, fault.effect)).or_default().listed += 1;
        }
        Self { faults, counts, made, sources }
    }
}

/// A list, since the keys of a map must be text in most formats.
fn serialize_counts<S: Serializer>(
    counts: &BTreeMap<CountKey, Count>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(counts.iter().map(|(&(table, kind, effect), count)| Line {
        table,
        kind,
        effect,
        count: count.found,
    }))
}

/// How much of one file or table was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SourceReport {
    /// The file as it was named.
    pub file: Arc<str>,
    /// The table that it holds.
    pub table: Table,
    /// The encoding found: `UTF-8`, `GB18030`, `UTF-16LE` or `UTF-16BE`.
    pub encoding: &'static str,
    /// Records read, before the row filter.
    pub read: u64,
    /// Records that the row filter left out.
    pub filtered: u64,
}

/// The encodings that a source can have.
const ENCODINGS: [&str; 4] = ["UTF-8", "GB18030", "UTF-16LE", "UTF-16BE"];

/// A source as it is written.
#[derive(Deserialize)]
struct ToldSource {
    file: Arc<str>,
    table: Table,
    encoding: String,
    read: u64,
    filtered: u64,
}

// By hand, since what is derived for a `&'static str` takes text that lives as long alone.
impl<'de> Deserialize<'de> for SourceReport {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let ToldSource { file, table, encoding, read, filtered } = ToldSource::deserialize(deserializer)?;
        let known = ENCODINGS.into_iter().find(|known| *known == encoding);
        let unknown = || serde::de::Error::unknown_variant(&encoding, &ENCODINGS);
        Ok(Self { file, table, encoding: known.ok_or_else(unknown)?, read, filtered })
    }
}

impl Report {
    /// The most faults of one kind and effect in one table that are listed; the rest are
    /// only counted, so that memory stays bounded on hopeless input.
    pub const LISTED_PER_KIND: u64 = 1_000;

    /// The faults listed, in the order found.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// How many faults of each kind there were, listed or not.
    pub fn counts(&self) -> impl Iterator<Item = (Option<Table>, FaultKind, Effect, u64)> + '_ {
        self.counts.iter().map(|(&(table, kind, effect), count)| (table, kind, effect, count.found))
    }

    /// How many faults of a kind there were, listed or not.
    pub fn count(&self, kind: FaultKind) -> u64 {
        self.counts().filter(|&(_, of, ..)| of == kind).map(|(.., count)| count).sum()
    }

    /// How many faults lost something, that is, all that are not mere notes.
    pub fn losses(&self) -> u64 {
        self.counts().filter(|(_, _, effect, _)| !effect.is_note()).map(|(.., count)| count).sum()
    }

    /// How many records of a table were made because another table named them.
    pub fn made(&self, table: Table) -> u64 {
        self.made.get(&table).copied().unwrap_or(0)
    }

    /// How much of each file was taken, in the order read.
    pub fn sources(&self) -> &[SourceReport] {
        &self.sources
    }

    pub(super) fn push(&mut self, mut fault: Fault) {
        let count = self.counts.entry((fault.table, fault.kind, fault.effect)).or_default();
        count.found += 1;
        if count.listed < Self::LISTED_PER_KIND {
            count.listed += 1;
            if let Some((cut, _)) = fault.value.char_indices().nth(VALUE_CHARS) {
                fault.value = format!("{}…", &fault.value[..cut]).into();
            }
            self.faults.push(fault);
        }
    }

    /// Counts a fault that is listed already.
    #[cfg(any(feature = "csv", feature = "json", feature = "xlsx"))]
    pub(super) fn count_again(&mut self, table: Table, kind: FaultKind, effect: Effect) {
        self.counts.entry((Some(table), kind, effect)).or_default().found += 1;
    }

    pub(super) fn set_made(&mut self, table: Table, count: u64) {
        if count > 0 {
            self.made.insert(table, count);
        }
    }

    #[cfg(any(feature = "csv", feature = "json", feature = "xlsx"))]
    pub(super) fn push_source(&mut self, source: SourceReport) {
        self.sources.push(source);
    }
}

impl fmt::Display for Report {
    /// One line for each kind of fault, by table, kind and effect.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (table, made) in &self.made {
            writeln!(f, "{table}: {made} made, because other tables name them")?;
        }
        for (table, kind, effect, count) in self.counts() {
            if let Some(table) = table {
                write!(f, "{table}: ")?;
            }
            writeln!(f, "{count} × {}, {}", kind.text().reason, effect.phrase())?;
        }
        Ok(())
    }
}

impl std::error::Error for Report {}
