//! What an edge of the network carries.

use std::fmt;

use crate::model::Date;

/// The trade of one supplier with one buyer: yearly value and last date. 12 bytes.
///
/// Ordered by value, unknown first, then by last date.
///
/// ```
/// use jiedui::network::Trade;
///
/// let trade = Trade::new(Some(1.5e6), Some("2024-06".parse()?));
/// assert_eq!(trade.value(), Some(1.5e6));
/// assert_eq!(trade.to_string(), "1500000 (2024-06)");
/// # Ok::<(), jiedui::model::DateError>(())
/// ```
// Aligned to four bytes, so that ten million edges do not carry 40 MB of padding.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
#[repr(C, packed(4))]
pub struct Trade {
    value: f64,
    last: Option<Date>,
}

/// Stands for "no value": a yearly value is never negative.
const NO_VALUE: f64 = -1.0;

impl Trade {
    /// A trade of that yearly value (CNY) and last date. A value below 0 or not a
    /// number counts as unknown.
    pub fn new(value: Option<f64>, last: Option<Date>) -> Self {
        let value = value.filter(|&value| value >= 0.0).unwrap_or(NO_VALUE);
        Self { value, last }
    }

    /// Value of the 12 months up to the as-of date, CNY, at least 0; the sum of all
    /// rows where they are undated; `None` where no row tells a value.
    pub fn value(&self) -> Option<f64> {
        let value = self.value;
        (value >= 0.0).then_some(value)
    }

    /// The date of the last row that is no refund; `None` where the rows are undated.
    pub fn last(&self) -> Option<Date> {
        self.last
    }

    /// Two trades of one pair as one: values add up, the later date counts.
    pub(super) fn merge(self, other: Self) -> Self {
        let value = match (self.value(), other.value()) {
            (Some(a), Some(b)) => Some(a + b),
            (a, b) => a.or(b),
        };
        Self::new(value, self.last().max(other.last()))
    }
}

impl fmt::Display for Trade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.value() {
            Some(value) => write!(f, "{value}")?,
            None => f.write_str("?")?,
        }
        match self.last() {
            Some(last) => write!(f, " ({last})"),
            None => Ok(()),
        }
    }
}
