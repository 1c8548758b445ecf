//! What one factor says of some candidates.

use super::Value;

/// The values of one factor for the candidates of a query, in their order; every one
/// unknown until told.
///
/// Held in 8 bytes a candidate, and in none as long as all have one value: a factor that
/// says the same of all says so once.
///
/// ```
/// use jiedui::factor::{Column, Value};
///
/// let mut column = Column::new(3);
/// column.fill(Value::NotApplicable);
/// column.set(1, Value::Known(0.5));
/// let values: Vec<Value> = column.values().collect();
/// assert_eq!(values, [Value::NotApplicable, Value::Known(0.5), Value::NotApplicable]);
/// // Known values lie in [0, 1].
/// column.fill_from([2.0, f64::NAN].map(Value::Known));
/// let values: Vec<Value> = column.values().collect();
/// assert_eq!(values, [Value::Known(1.0), Value::Unknown, Value::Unknown]);
/// ```
#[derive(Debug, Clone)]
pub struct Column {
    n: usize,
    /// What every candidate has while there are no cells.
    all: f64,
    /// In [0, 1] where known, else one of the two marks.
    cells: Vec<f64>,
    /// Whether any cell may be marked as not applicable.
    has_gaps: bool,
}

/// Marks a cell that is unknown.
const UNKNOWN: f64 = f64::NAN;
/// Marks a cell that is not applicable.
const NOT_APPLICABLE: f64 = 2.0;

fn to_cell(value: Value) -> f64 {
    match value {
        // Leaves what is not a number as it is, which is unknown.
        Value::Known(value) => value.clamp(0.0, 1.0),
        Value::Unknown => UNKNOWN,
        Value::NotApplicable => NOT_APPLICABLE,
    }
}

/// The value of a cell, and whether it is applicable, as [`Column::or`] has them.
fn cell_or(cell: f64, unknown: f64) -> (f64, f64) {
    let value = if cell.is_nan() { unknown } else { cell };
    if value > 1.0 { (0.0, 0.0) } else { (value, 1.0) }
}

fn to_value(cell: f64) -> Value {
    if cell.is_nan() {
        Value::Unknown
    } else if cell > 1.0 {
        Value::NotApplicable
    } else {
        Value::Known(cell)
    }
}

impl Default for Column {
    /// A column of no candidates.
    fn default() -> Self {
        Self::new(0)
    }
}

impl Column {
    /// A column of `n` unknown values.
    pub fn new(n: usize) -> Self {
        Self { n, all: UNKNOWN, cells: Vec::new(), has_gaps: false }
    }

    /// `n` unknown values again, in the memory there is.
    pub(crate) fn reset(&mut self, n: usize) {
        self.n = n;
        self.fill(Value::Unknown);
    }

    /// How many candidates it is about.
    pub fn len(&self) -> usize {
        self.n
    }

    /// Whether it is about none.
    pub fn is_empty(&self) -> bool {
        self.n == 0
    }

    /// Gives every candidate the same value. O(1).
    pub fn fill(&mut self, value: Value) {
        self.all = to_cell(value);
        self.cells.clear();
        self.has_gaps = value == Value::NotApplicable;
    }

    /// Gives the candidates one value after the other; those that come after the last
    /// value are unknown, values after the last candidate are ignored. A number beyond
    /// [0, 1] counts as the nearer end, one that is not a number as unknown.
    pub fn fill_from(&mut self, values: impl IntoIterator<Item = Value>) {
        let mut has_gaps = false;
        self.cells.clear();
        self.cells.extend(values.into_iter().take(self.n).map(|value| {
            has_gaps |= value == Value::NotApplicable;
            to_cell(value)
        }));
        self.cells.resize(self.n, UNKNOWN);
        self.has_gaps = has_gaps;
    }

    /// Gives the candidate at `position` a value, as by [`fill_from`](Self::fill_from).
    /// Where there is no such candidate, nothing.
    pub fn set(&mut self, position: usize, value: Value) {
        if self.cells.is_empty() {
            self.cells.resize(self.n, self.all);
        }
        if let Some(cell) = self.cells.get_mut(position) {
            *cell = to_cell(value);
            self.has_gaps |= value == Value::NotApplicable;
        }
    }

    /// The values in the order of the candidates.
    pub fn values(&self) -> impl ExactSizeIterator<Item = Value> + '_ {
        (0..self.n).map(|position| self.at(position))
    }

    /// The value of the candidate at `position`.
    pub(crate) fn at(&self, position: usize) -> Value {
        to_value(self.cells.get(position).copied().unwrap_or(self.all))
    }

    /// The one value that all candidates have, where they were given it at once.
    pub(crate) fn uniform(&self) -> Option<Value> {
        self.cells.is_empty().then(|| to_value(self.all))
    }

    /// Whether the factor may not apply to some candidate.
    pub(crate) fn has_gaps(&self) -> bool {
        self.has_gaps
    }

    /// The known values of a column that is not [uniform](Self::uniform), `unknown` for
    /// the unknown ones, and 0 where the factor is not applicable; beside each whether it
    /// is applicable, as 1 or 0. Without branches, as this is asked of every pair.
    pub(crate) fn or(&self, unknown: f64) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.cells.iter().map(move |&cell| cell_or(cell, unknown))
    }

    /// The same of the one value that all candidates have, if they were given it at once.
    pub(crate) fn all_or(&self, unknown: f64) -> Option<(f64, f64)> {
        self.cells.is_empty().then(|| cell_or(self.all, unknown))
    }
}
