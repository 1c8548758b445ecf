//! What an edge of the network carries.

use std::fmt;

use crate::model::{CODE_BITS, Date};

/// The trade of one supplier with one buyer: yearly value and last date. 10 bytes.
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
#[derive(Clone, Copy)]
pub struct Trade {
    /// The bits of the value, NaN where it is unknown, lowest first. A value is never
    /// negative, so that its sign has room for the highest bit of the date's code.
    /// In pieces of 16 bits, lest ten million edges carry 60 MB of padding.
    value: [u16; 4],
    /// The lower bits of the date's code.
    last: u16,
}

const SIGN: u64 = 1 << 63;
// One bit more than the 16 of `last`.
const _: () = assert!(CODE_BITS == 17);

impl Trade {
    /// A trade of that yearly value (CNY) and last date. A value below 0, infinite or not a
    /// number counts as unknown.
    pub fn new(value: Option<f64>, last: Option<Date>) -> Self {
        let value = value.filter(|&value| value >= 0.0 && value.is_finite()).unwrap_or(f64::NAN);
        let code = Date::code(last);
        let bits = value.to_bits() & !SIGN | u64::from(code >> 16) << 63;
        Self { value: [0, 16, 32, 48].map(|shift| (bits >> shift) as u16), last: code as u16 }
    }

    fn bits(&self) -> u64 {
        let [a, b, c, d] = self.value.map(u64::from);
        a | b << 16 | c << 32 | d << 48
    }

    /// Value of the 12 months up to the as-of date, CNY, at least 0; the sum of all
    /// rows where they are undated; `None` where there are sales in that time and no row tells their
    /// value.
    pub fn value(&self) -> Option<f64> {
        let value = f64::from_bits(self.bits() & !SIGN);
        (value >= 0.0).then_some(value)
    }

    /// The date of the last row that is no refund; `None` where the rows are undated.
    pub fn last(&self) -> Option<Date> {
        Date::of_code((self.bits() >> 63) as u32 * (1 << 16) + u32::from(self.last))
    }

    /// Two trades of one pair as one: values add up, the later date counts.
    pub(super) fn merge(self, other: Self) -> Self {
        let value = match (self.value(), other.value()) {
            (Some(a), Some(b)) => Some((a + b).min(f64::MAX)),
            (a, b) => a.or(b),
        };
        Self::new(value, self.last().max(other.last()))
    }
}

impl PartialEq for Trade {
    fn eq(&self, other: &Self) -> bool {
        (self.value(), self.last()) == (other.value(), other.last())
    }
}

impl PartialOrd for Trade {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        (self.value(), self.last()).partial_cmp(&(other.value(), other.last()))
    }
}

impl fmt::Debug for Trade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trade").field("value", &self.value()).field("last", &self.last()).finish()
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
