//! Supply rows in order, and the dates in them.

use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use super::SupplyRow;
use crate::model::{CODE_BITS, Date};

/// The supply rows of a dataset.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Supplies {
    /// By supplier, buyer, date, product and value.
    pub(super) rows: Vec<SupplyRow>,
    /// The dates of the rows, each once.
    pub(super) dates: Vec<Date>,
}

impl Supplies {
    /// Of rows in order. One walk on all threads.
    pub(super) fn new(rows: Vec<SupplyRow>) -> Self {
        let dates = DateSet::default();
        rows.par_iter().for_each(|row| dates.insert(row.date));
        Self { dates: dates.sorted(), rows }
    }
}

/// Dates that several threads collect, a bit each.
pub(super) struct DateSet {
    seen: Vec<AtomicU64>,
}

impl Default for DateSet {
    fn default() -> Self {
        Self { seen: (0..(1 << CODE_BITS) / 64).map(|_| AtomicU64::new(0)).collect() }
    }
}

impl DateSet {
    pub(super) fn insert(&self, date: Option<Date>) {
        let code = Date::code(date);
        let (word, bit) = (&self.seen[code as usize / 64], 1 << (code % 64));
        // Most dates are there already, and what is only read stays in every core's cache.
        if word.load(Ordering::Relaxed) & bit == 0 {
            word.fetch_or(bit, Ordering::Relaxed);
        }
    }

    /// Each once, in the order of their codes.
    pub(super) fn sorted(self) -> Vec<Date> {
        let words = (0..).zip(self.seen.into_iter().map(AtomicU64::into_inner));
        let codes = words.flat_map(|(word, bits)| {
            (0..64).filter(move |bit| bits >> bit & 1 == 1).map(move |bit| 64 * word + bit)
        });
        codes.filter_map(Date::of_code).collect()
    }
}
