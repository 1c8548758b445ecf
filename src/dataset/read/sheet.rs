//! Rows of one sheet of a workbook.

use std::io::{self, Read, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{
    Data, Dimensions, ExcelDateTime, Range, XlsError, Xlsx, XlsxCellReader, XlsxError, XlsxFormulaMetadata,
};

use super::number::number_text;

/// Why a workbook cannot be read on.
#[derive(Debug, thiserror::Error)]
pub(super) enum Broken {
    #[error(transparent)]
    Told(#[from] XlsxError),
    #[error(transparent)]
    ToldOfOld(#[from] XlsError),
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("it is damaged in a way that the parser does not foresee")]
    Unforeseen,
    #[error("it is no workbook")]
    NoWorkbook,
    #[error("its sheets span {cells} cells, and {limit} can be held")]
    Span { cells: u64, limit: u64 },
    #[error("row {row} has a cell in column {column}, and there are {COLUMNS}")]
    NoSuchColumn { row: u32, column: u32 },
}

/// What the parser says. It panics on some of what damaged files hold; then the file is at fault
/// all the same.
pub(super) fn parsed<T, E: Into<Broken>>(work: impl FnOnce() -> Result<T, E>) -> Result<T, Broken> {
    // Whoever gets an error lets go of all that the parser had a hand in.
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| Broken::Unforeseen)?.map_err(E::into)
}

/// How many columns a sheet has.
const COLUMNS: u32 = 16_384;

/// One row: its number in the sheet, from 1, and the cells that hold something, each with its place,
/// ascending.
#[derive(Debug, Default)]
pub(super) struct Row {
    pub(super) number: u64,
    pub(super) cells: Vec<(usize, Value)>,
    /// Whether it holds more than it may; then it has no cells.
    pub(super) is_too_long: bool,
}

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Text(String),
    /// A number or date, spelt out.
    Measure(String),
    /// A formula without a value, and what stands in its place.
    Failure(String),
}

impl Value {
    fn of(value: Data) -> Option<Self> {
        Some(match value {
            Data::Empty => return None,
            Data::String(text) => Self::Text(text),
            Data::Bool(value) => Self::Text(value.to_string()),
            Data::Int(value) => Self::Measure(value.to_string()),
            Data::Float(value) => Self::Measure(number_text(value)),
            Data::DateTime(date) => Self::Measure(date_text(date)),
            // The time of day tells nothing here.
            Data::DateTimeIso(date) => Self::Measure(date.split('T').next().unwrap_or("").to_owned()),
            Data::DurationIso(duration) => Self::Measure(duration),
            Data::Error(error) => Self::Failure(error.to_string()),
        })
    }

    /// As the cell of a table has it; a failure says nothing.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Text(text) | Self::Measure(text) => text,
            Self::Failure(_) => "",
        }
    }

    fn says_anything(&self) -> bool {
        matches!(self, Self::Failure(_)) || !self.text().trim().is_empty()
    }
}

/// The first and the last day that a workbook can tell, as it counts them.
const DAYS: std::ops::Range<f64> = 1.0..2_958_466.0;

fn date_text(date: ExcelDateTime) -> String {
    if !date.is_datetime() || !DAYS.contains(&date.as_f64()) {
        return number_text(date.as_f64());
    }
    let (year, month, day, ..) = date.to_ymd_hms_milli();
    format!("{year:04}-{month:02}-{day:02}")
}

/// A formula of which no value was saved, as it is typed in.
fn formula_text(formula: &XlsxFormulaMetadata) -> String {
    match formula {
        XlsxFormulaMetadata::Normal { formula } | XlsxFormulaMetadata::Shared { formula, .. } => {
            format!("={formula}")
        }
        // Another cell tells it.
        _ => "=…".to_owned(),
    }
}

impl Row {
    /// The text at a place, empty where there is none.
    pub(super) fn text(&self, place: usize) -> &str {
        self.position(place).map_or("", |position| self.cells[position].1.text())
    }

    /// The texts, each with its place.
    pub(super) fn texts(&self) -> impl Iterator<Item = (usize, &str)> {
        self.cells.iter().map(|(place, value)| (*place, value.text()))
    }

    /// Puts something behind the text at a place, if there is one.
    pub(super) fn append(&mut self, place: usize, more: &str) {
        if let Ok(position) = self.position(place)
            && let Value::Text(text) = &mut self.cells[position].1
        {
            text.push_str(more);
        }
    }

    /// What stands in it, with blanks between.
    pub(super) fn all(&self) -> String {
        let texts = self.texts().map(|(_, text)| text).filter(|text| !text.is_empty());
        texts.collect::<Vec<&str>>().join(" ")
    }

    pub(super) fn is_blank(&self) -> bool {
        !self.is_too_long && !self.cells.iter().any(|(_, value)| value.says_anything())
    }

    /// Where in the list a place is, or would be.
    fn position(&self, place: usize) -> Result<usize, usize> {
        self.cells.binary_search_by_key(&place, |&(of, _)| of)
    }
}

/// The rows of a sheet that hold any cell, in its order.
pub(super) struct Rows<'a, R: Read + Seek> {
    cells: Cells<'a, R>,
    /// A cell that was read ahead.
    next: Option<Found>,
    merged: Merged,
    /// Bytes of a row.
    limit: usize,
}

impl<'a, R: Read + Seek> Rows<'a, R> {
    pub(super) fn streamed(book: &'a mut Xlsx<R>, sheet: &str, limit: usize) -> Result<Self, Broken> {
        let merged = Merged::new(parsed(|| book.merge_cells_by_sheet_name(sheet))?);
        let cells = Cells::Streamed(Box::new(parsed(|| book.worksheet_cells_reader(sheet))?));
        Self::of(cells, merged, limit)
    }

    /// Of a sheet that is held, and the cells merged in it.
    pub(super) fn held(sheet: &Range<Data>, merged: Vec<Dimensions>, limit: usize) -> Result<Self, Broken> {
        let (top, left) = sheet.start().unwrap_or_default();
        let cells = sheet
            .used_cells()
            .map(|(row, column, value)| (top + row as u32, left + column as u32, Value::of(value.clone())));
        Self::of(Cells::Held(cells.collect::<Vec<_>>().into_iter()), Merged::new(merged), limit)
    }

    fn of(cells: Cells<'a, R>, merged: Merged, limit: usize) -> Result<Self, Broken> {
        let mut rows = Self { cells, next: None, merged, limit };
        rows.next = rows.cells.next()?;
        Ok(rows)
    }

    /// Reads the next row; `false` where there is none.
    pub(super) fn read(&mut self, row: &mut Row) -> Result<bool, Broken> {
        row.cells.clear();
        row.is_too_long = false;
        let Some((number, _, _)) = self.next else { return Ok(false) };
        row.number = u64::from(number) + 1;
        let mut bytes = 0;
        while let Some((_, column, value)) = self.next.take_if(|(of, ..)| *of == number) {
            bytes += value.as_ref().map_or(0, |value| value.text().len());
            if bytes > self.limit {
                row.is_too_long = true;
                row.cells.clear();
            } else if let Some(value) = value {
                row.cells.push((column as usize, value));
            }
            self.next = self.cells.next()?;
        }
        // They are, but in damaged files, where the first of two at one place counts.
        if !row.cells.is_sorted_by_key(|&(place, _)| place) {
            row.cells.sort_by_key(|&(place, _)| place);
        }
        row.cells.dedup_by_key(|&mut (place, _)| place);
        Ok(true)
    }

    /// Tells the row what cells that are merged over several rows say of it, as far as they begin in
    /// it or in a row before that was filled.
    pub(super) fn fill(&mut self, row: &mut Row) {
        self.merged.fill(row);
    }
}

/// A place, row and column from 0, and what stands there.
type Found = (u32, u32, Option<Value>);

/// The cells of a sheet, row by row.
enum Cells<'a, R: Read + Seek> {
    Streamed(Box<XlsxCellReader<'a, R>>),
    Held(std::vec::IntoIter<Found>),
}

impl<R: Read + Seek> Cells<'_, R> {
    fn next(&mut self) -> Result<Option<Found>, Broken> {
        let cells = match self {
            Self::Streamed(cells) => cells,
            Self::Held(cells) => return Ok(cells.next()),
        };
        let Some(cell) = parsed(|| cells.next_cell_with_formula_metadata())? else { return Ok(None) };
        let (row, column) = cell.pos;
        if column >= COLUMNS {
            return Err(Broken::NoSuchColumn {
                row: row.saturating_add(1),
                column: column.saturating_add(1),
            });
        }
        let value = match (cell.formula, Value::of(cell.value.into())) {
            (Some(formula), None) => Some(Value::Failure(formula_text(&formula))),
            (_, value) => value,
        };
        Ok(Some((row, column, value)))
    }
}

/// Cells that are merged over several rows.
#[derive(Debug)]
struct Merged {
    /// By where they begin, the last first.
    regions: Vec<Dimensions>,
    /// Those that rows which were filled have come to, each with its column, its last row from 1 and its text.
    open: Vec<(usize, u64, String)>,
}

impl Merged {
    fn new(mut regions: Vec<Dimensions>) -> Self {
        regions.retain(|region| region.start.0 < region.end.0 && region.start.1 < COLUMNS);
        regions.sort_unstable_by_key(|region| std::cmp::Reverse(region.start));
        Self { regions, open: Vec::new() }
    }

    fn fill(&mut self, row: &mut Row) {
        self.open.retain(|(_, last, _)| *last >= row.number);
        for (place, _, text) in self.open.iter().filter(|_| !row.is_too_long) {
            let filled = (*place, Value::Text(text.clone()));
            match row.position(*place) {
                Ok(position) if !row.cells[position].1.says_anything() => row.cells[position] = filled,
                Ok(_) => {}
                Err(position) => row.cells.insert(position, filled),
            }
        }
        let number = |row: u32| u64::from(row) + 1;
        while let Some(region) = self.regions.pop_if(|region| number(region.start.0) <= row.number) {
            let (first, place) = (number(region.start.0), region.start.1 as usize);
            if first == row.number
                && let Ok(position) = row.position(place)
                && let Value::Text(text) = &row.cells[position].1
            {
                self.open.push((place, number(region.end.0), text.clone()));
            }
        }
    }
}
