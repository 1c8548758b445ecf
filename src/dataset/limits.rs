//! What a dataset takes.

/// Ranges of the numbers that a dataset takes. What lies outside is a fault.
#[derive(Debug)]
#[non_exhaustive]
pub struct Limits;

impl Limits {
    /// The largest amount of money, either sign: 10¹⁵ CNY. Keeps sums of ten million
    /// rows far from overflow.
    pub const AMOUNT: f64 = 1e15;
    /// The largest headcount, number of lots or amount of a resource.
    pub const COUNT: f64 = 1e9;
    /// The largest weight.
    pub const WEIGHT: f64 = 1e15;
    /// The longest key, bytes.
    pub const KEY_BYTES: usize = 512;
    /// The longest list of parties of a pairing, bytes: keeps the record, escapes and
    /// all, below what the readers take.
    pub const PARTIES_BYTES: usize = 100_000;
    /// The longest name or other text, bytes. Keeps every record below what the
    /// readers take.
    pub const TEXT_BYTES: usize = 32 * 1024;
}
