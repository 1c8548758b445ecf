//! A column of scores of which few are not zero.

use crate::model::FirmIx;

/// Scores by firm, zero but for those touched. Reused from anchor to anchor: clearing
/// costs what was touched, not the number of firms.
///
/// Memory: 12 bytes a firm of the network, once used.
#[derive(Debug, Clone, Default)]
pub struct Scores {
    values: Vec<f64>,
    /// How many terms each value has; 0 for those not touched.
    terms: Vec<u32>,
    touched: Vec<FirmIx>,
}

impl Scores {
    /// All zero again, for a network of `n` firms.
    pub(super) fn reset(&mut self, n: usize) {
        for firm in self.touched.drain(..) {
            self.values[firm.index()] = 0.0;
            self.terms[firm.index()] = 0;
        }
        self.values.resize(n, 0.0);
        self.terms.resize(n, 0);
    }

    pub(super) fn add(&mut self, firm: FirmIx, value: f64) {
        let position = firm.index();
        if self.terms[position] == 0 {
            self.touched.push(firm);
        }
        self.terms[position] = self.terms[position].saturating_add(1);
        self.values[position] += value;
    }

    /// Overwrites the score of a firm that is touched.
    pub(super) fn set(&mut self, firm: FirmIx, value: f64) {
        self.values[firm.index()] = value;
    }

    pub(super) fn terms(&self, firm: FirmIx) -> u32 {
        self.terms[firm.index()]
    }

    /// Sorts the touched firms by index.
    pub(super) fn sort(&mut self) {
        self.touched.sort_unstable();
    }

    /// The score of a firm, at least 0.
    pub fn get(&self, firm: FirmIx) -> f64 {
        self.values.get(firm.index()).copied().unwrap_or(0.0)
    }

    /// The firms that were touched, ascending; their score may still be 0.
    pub fn touched(&self) -> &[FirmIx] {
        &self.touched
    }
}
