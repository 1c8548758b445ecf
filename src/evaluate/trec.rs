//! Runs and judgements in the files of TREC, so that outside tools can check.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Read, Write};

use super::Judged;
use crate::model::FirmId;

/// What one model ranked: for each anchor its suppliers, best first.
///
/// In a run file a line reads `anchor Q0 supplier rank score tag`. Scores are written as n,
/// n − 1, … 1: strictly decreasing, so that trec_eval, which ignores the rank and orders ties by
/// falling document id, repeats our order. They are whole numbers below 2²⁴, which its single
/// precision holds exactly.
///
/// White space, control characters and `%` in ids are written as `%` and two hexadecimal
/// digits a byte, and read back; the files know no other way to quote.
///
/// ```
/// use jiedui::evaluate::Run;
///
/// let mut run = Run::new("jiedui");
/// run.insert("carworks", vec!["steel mill".into(), "foundry".into()])?;
/// let mut file = Vec::new();
/// run.write(&mut file)?;
/// assert_eq!(String::from_utf8(file.clone())?,
///     "carworks Q0 steel%20mill 1 2 jiedui\ncarworks Q0 foundry 2 1 jiedui\n");
/// assert_eq!(Run::read(&file[..], "run.txt")?, run);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    tag: String,
    rankings: BTreeMap<FirmId, Vec<FirmId>>,
}

/// What is relevant: for each anchor the gain of the suppliers that were judged.
///
/// In a qrels file a line reads `anchor 0 supplier gain`; ids are written as in a [`Run`].
///
/// ```
/// use jiedui::evaluate::{Metric, Qrels, Queries, Run};
///
/// let qrels = Qrels::read("carworks 0 foundry 1\ncarworks 0 bakery 0\n".as_bytes(), "qrels.txt")?;
/// let run = Run::read("carworks Q0 steel 1 0.9 a\ncarworks Q0 foundry 2 0.8 a\n".as_bytes(), "run.txt")?;
/// let judged = qrels.judge(&run, Queries::Ranked);
/// assert_eq!(Metric::ReciprocalRank.of(&judged[0].1), 0.5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Qrels {
    gains: BTreeMap<FirmId, BTreeMap<FirmId, i64>>,
}

/// Which queries a mean is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Queries {
    /// Those both ranked and judged: trec_eval's default, which flatters a model that is silent
    /// where it is unsure.
    Ranked,
    /// All that are judged, the unranked at 0: trec_eval's `-c`.
    #[default]
    Judged,
}

/// Why a run or qrels file is not read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrecError {
    /// The file cannot be read.
    #[error("cannot read {file}")]
    Read {
        /// Its name as told.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// A line is at fault.
    #[error("{file}, line {line}, column {column}: {value:?} {reason}; {remedy}")]
    Line {
        /// The file's name as told.
        file: String,
        /// From 1.
        line: u64,
        /// By name.
        column: &'static str,
        /// What stands there.
        value: String,
        /// What is wrong with it.
        reason: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// A tag that is empty or would not be one word in the file.
    #[error("the tag {0:?} is not one word; use letters, digits, `-` and `_`")]
    Tag(String),
    /// A supplier is ranked twice for one anchor.
    #[error("supplier {supplier:?} is ranked twice for {anchor:?}; rank each once")]
    Twice {
        /// For whom.
        anchor: FirmId,
        /// Who.
        supplier: FirmId,
    },
    /// An id that no line can hold.
    #[error("an anchor or supplier without an id cannot be written; give each an id")]
    NoId,
    /// An anchor with more suppliers than exact scores.
    #[error("{found} suppliers for {anchor:?} are more than the limit of {limit}; export fewer", limit = Run::MOST)]
    TooMany {
        /// For whom.
        anchor: FirmId,
        /// How many.
        found: usize,
    },
    /// A run cannot be written.
    #[error("cannot write")]
    Write(#[from] io::Error),
}

impl Run {
    /// The most suppliers of an anchor: each has a whole score of its own in single precision.
    pub const MOST: usize = 1 << 24;

    /// A run without rankings. The tag names the model.
    pub fn new(tag: impl Into<String>) -> Self {
        Self { tag: tag.into(), rankings: BTreeMap::new() }
    }

    /// What the model is called.
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// The anchors with their suppliers, best first, by anchor id.
    pub fn rankings(&self) -> impl ExactSizeIterator<Item = (&FirmId, &[FirmId])> {
        self.rankings.iter().map(|(anchor, ranking)| (anchor, ranking.as_slice()))
    }

    /// Sets an anchor's ranking, best first.
    ///
    /// # Errors
    ///
    /// [`TrecError::Twice`], [`TrecError::TooMany`].
    pub fn insert(&mut self, anchor: impl Into<FirmId>, ranking: Vec<FirmId>) -> Result<(), TrecError> {
        let anchor = anchor.into();
        if ranking.len() > Self::MOST {
            return Err(TrecError::TooMany { anchor, found: ranking.len() });
        }
        let mut sorted: Vec<&FirmId> = ranking.iter().collect();
        sorted.sort_unstable();
        if let Some(twice) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(TrecError::Twice { anchor, supplier: twice[0].clone() });
        }
        self.rankings.insert(anchor, ranking);
        Ok(())
    }

    /// Reads a run file, in trec_eval's order: by score in single precision, the highest
    /// first, ties by falling supplier id; the rank is not looked at. The tag is that of the
    /// first line. Empty lines are passed over. `file` is what errors call it.
    ///
    /// O(lines · log lines); the file is held in memory.
    ///
    /// # Errors
    ///
    /// [`TrecError::Read`]; [`TrecError::Line`] at the first line at fault.
    pub fn read(reader: impl Read, file: &str) -> Result<Self, TrecError> {
        let mut tag = None;
        let mut scored: BTreeMap<FirmId, BTreeMap<FirmId, f32>> = BTreeMap::new();
        for_each_line(reader, file, RUN_COLUMNS, |line| {
            let score = line.cells[4];
            let number: f32 =
                score.parse().ok().filter(|number: &f32| number.is_finite()).ok_or_else(|| {
                    line.fault("score", score, "is no finite number", "write one like 0.25")
                })?;
            let supplier = line.id("supplier", line.cells[2])?;
            let ranked = scored.entry(line.id("anchor", line.cells[0])?).or_default();
            if ranked.insert(supplier, number).is_some() {
                return Err(line.twice(line.cells[2]));
            }
            tag.get_or_insert_with(|| line.cells[5].to_owned());
            Ok(())
        })?;
        let in_order = |scored: BTreeMap<FirmId, f32>| {
            let mut scored: Vec<(FirmId, f32)> = scored.into_iter().collect();
            // Adding 0 makes −0 and 0 one.
            scored.sort_unstable_by(|a, b| (b.1 + 0.0).total_cmp(&(a.1 + 0.0)).then_with(|| b.0.cmp(&a.0)));
            scored.into_iter().map(|(supplier, _)| supplier).collect()
        };
        let rankings = scored.into_iter().map(|(anchor, scored)| (anchor, in_order(scored))).collect();
        Ok(Self { tag: tag.unwrap_or_default(), rankings })
    }

    /// Writes a run file, the anchors by id. An anchor without suppliers has no line, so that it is not read
    /// back.
    ///
    /// # Errors
    ///
    /// [`TrecError::Tag`] where the tag is not one word, [`TrecError::NoId`], [`TrecError::Write`].
    pub fn write(&self, mut writer: impl Write) -> Result<(), TrecError> {
        if self.tag.is_empty() || self.tag.chars().any(needs_escape) {
            return Err(TrecError::Tag(self.tag.clone()));
        }
        for (anchor, ranking) in &self.rankings {
            let anchor = escaped(anchor)?;
            for (position, supplier) in ranking.iter().enumerate() {
                let (supplier, rank) = (escaped(supplier)?, position + 1);
                let score = ranking.len() - position;
                writeln!(writer, "{anchor} Q0 {supplier} {rank} {score} {}", self.tag)?;
            }
        }
        writer.flush()?;
        Ok(())
    }
}

impl Qrels {
    /// Judges a supplier for an anchor: relevant above 0. A later judgement replaces an earlier
    /// one.
    pub fn insert(&mut self, anchor: impl Into<FirmId>, supplier: impl Into<FirmId>, gain: i64) {
        self.gains.entry(anchor.into()).or_default().insert(supplier.into(), gain);
    }

    /// The gain of a supplier for an anchor; `None` where nobody judged it.
    pub fn gain(&self, anchor: &str, supplier: &str) -> Option<i64> {
        self.gains.get(anchor)?.get(supplier).copied()
    }

    /// How many pairs are judged.
    pub fn len(&self) -> usize {
        self.gains.values().map(BTreeMap::len).sum()
    }

    /// Whether nothing is judged.
    pub fn is_empty(&self) -> bool {
        self.gains.is_empty()
    }

    /// Reads a qrels file. The second column is not looked at, empty lines are passed over.
    /// `file` is what errors call it.
    ///
    /// # Errors
    ///
    /// [`TrecError::Read`]; [`TrecError::Line`] at the first line at fault.
    pub fn read(reader: impl Read, file: &str) -> Result<Self, TrecError> {
        let mut qrels = Self::default();
        for_each_line(reader, file, QRELS_COLUMNS, |line| {
            let gain = line.cells[3];
            let gain: i64 = gain
                .parse()
                .map_err(|_| line.fault("gain", gain, "is no whole number", "write one like 1"))?;
            let supplier = line.id("supplier", line.cells[2])?;
            let judged = qrels.gains.entry(line.id("anchor", line.cells[0])?).or_default();
            if judged.insert(supplier, gain).is_some() {
                return Err(line.twice(line.cells[2]));
            }
            Ok(())
        })?;
        Ok(qrels)
    }

    /// Writes a qrels file, by anchor and supplier.
    ///
    /// # Errors
    ///
    /// [`TrecError::NoId`], [`TrecError::Write`].
    pub fn write(&self, mut writer: impl Write) -> Result<(), TrecError> {
        for (anchor, judged) in &self.gains {
            let anchor = escaped(anchor)?;
            for (supplier, gain) in judged {
                writeln!(writer, "{anchor} 0 {} {gain}", escaped(supplier)?)?;
            }
        }
        writer.flush()?;
        Ok(())
    }

    /// Each query's ranking held against its judgements, by anchor id. What is ranked and not
    /// judged is not relevant; an anchor that nobody judged is left out, as trec_eval does.
    pub fn judge(&self, run: &Run, queries: Queries) -> Vec<(FirmId, Judged)> {
        let mut judged = Vec::new();
        for (anchor, gains) in &self.gains {
            let ranking = match (run.rankings.get(anchor), queries) {
                (Some(ranking), _) => ranking.as_slice(),
                (None, Queries::Judged) => &[],
                (None, Queries::Ranked) => continue,
            };
            let ranked = ranking.iter().map(|supplier| gains.get(supplier).copied().unwrap_or(0)).collect();
            judged.push((anchor.clone(), Judged::new(ranked, gains.values().copied().collect())));
        }
        judged
    }
}

const RUN_COLUMNS: &[&str] = &["anchor", "Q0", "supplier", "rank", "score", "tag"];
const QRELS_COLUMNS: &[&str] = &["anchor", "iteration", "supplier", "gain"];

/// A line cut into its columns.
struct Line<'a> {
    file: &'a str,
    number: u64,
    cells: Vec<&'a str>,
}

impl Line<'_> {
    fn fault(
        &self,
        column: &'static str,
        value: &str,
        reason: &'static str,
        remedy: &'static str,
    ) -> TrecError {
        let (file, line, value) = (self.file.to_owned(), self.number, value.to_owned());
        TrecError::Line { file, line, column, value, reason, remedy }
    }

    fn twice(&self, supplier: &str) -> TrecError {
        self.fault("supplier", supplier, "is there twice for one anchor", "keep one of the lines")
    }

    fn id(&self, column: &'static str, cell: &str) -> Result<FirmId, TrecError> {
        let id = unescaped(cell).ok_or_else(|| {
            self.fault(column, cell, "has a `%` without two digits of UTF-8", "write `%` itself as %25")
        });
        Ok(FirmId::from(id?))
    }
}

fn for_each_line(
    mut reader: impl Read,
    file: &str,
    columns: &'static [&'static str],
    mut see: impl FnMut(&Line<'_>) -> Result<(), TrecError>,
) -> Result<(), TrecError> {
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).map_err(|source| TrecError::Read { file: file.to_owned(), source })?;
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes);
    for (number, text) in (1..).zip(bytes.split(|&byte| byte == b'\n')) {
        let mut line = Line { file, number, cells: Vec::new() };
        let Ok(text) = std::str::from_utf8(text) else {
            let shown = String::from_utf8_lossy(text);
            return Err(line.fault(columns[0], &shown, "is not UTF-8", "save the file as UTF-8"));
        };
        line.cells = text.split_whitespace().collect();
        let found = line.cells.len();
        if found == 0 {
            continue;
        }
        if let Some(missing) = columns.get(found) {
            return Err(line.fault(missing, text.trim(), "ends before this column", "fill in all columns"));
        }
        if let Some(surplus) = line.cells.get(columns.len()) {
            let last = columns[columns.len() - 1];
            return Err(line.fault(
                last,
                surplus,
                "follows the last column",
                "write white space in ids as %20",
            ));
        }
        see(&line)?;
    }
    Ok(())
}

fn needs_escape(letter: char) -> bool {
    // A byte order mark at the start of a file would be taken for the file's own.
    letter == '%' || letter == '\u{feff}' || letter.is_whitespace() || letter.is_control()
}

const DIGITS: &[u8; 16] = b"0123456789ABCDEF";

fn escaped(id: &FirmId) -> Result<Cow<'_, str>, TrecError> {
    let id = id.as_str();
    if id.is_empty() {
        return Err(TrecError::NoId);
    }
    if !id.contains(needs_escape) {
        return Ok(Cow::Borrowed(id));
    }
    let mut text = String::with_capacity(id.len() + 8);
    for letter in id.chars() {
        if needs_escape(letter) {
            for byte in letter.encode_utf8(&mut [0; 4]).bytes() {
                text.extend(
                    [b'%', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]].map(char::from),
                );
            }
        } else {
            text.push(letter);
        }
    }
    Ok(Cow::Owned(text))
}

fn unescaped(cell: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(cell.len());
    let mut rest = cell.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let mut digit = || char::from(rest.next()?).to_digit(16);
            bytes.push((digit()? * 16 + digit()?) as u8);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}
