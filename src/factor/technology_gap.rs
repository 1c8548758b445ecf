//! `technology_gap`: ahead, but not out of sight.

use super::{Column, Factor, Query, Sides, Value};
use crate::model::Firm;

/// Technology gap (技术差距), for the supplier: exp(−(ln γ − ln 2.02)² / 2σ²), γ the
/// anchor's revenue per worker over the supplier's, σ = 0.287. A partner twice as
/// productive teaches most; one that is level has little to teach, one far ahead is not
/// understood.
///
/// A department or branch stands for its legal entity. Unknown where revenue or
/// headcount of either is unknown or 0. Source of the shape:
/// Cohen, Levinthal, Absorptive Capacity, Administrative Science Quarterly 35, 1990; the
/// two constants are settings. O(1) a candidate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TechnologyGap {
    best: f64,
    spread: f64,
}

/// A parameter of [`TechnologyGap`] out of range.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("{name} {value} is not a finite number above 0")]
#[non_exhaustive]
pub struct TechnologyGapError {
    /// Which parameter.
    pub name: &'static str,
    /// What it was to be.
    pub value: f64,
}

impl TechnologyGap {
    /// The ratio of revenue per worker at which the value is 1.
    pub const BEST: f64 = 2.02;
    /// σ on the scale of ln γ.
    pub const SPREAD: f64 = 0.287;

    /// Another best ratio and spread.
    ///
    /// # Errors
    ///
    /// [`TechnologyGapError`] where one is not above 0 and finite.
    pub fn new(best: f64, spread: f64) -> Result<Self, TechnologyGapError> {
        for (name, value) in [("best ratio", best), ("spread", spread)] {
            if !(value > 0.0 && value.is_finite()) {
                return Err(TechnologyGapError { name, value });
            }
        }
        Ok(Self { best, spread })
    }

    /// The value at a ratio; `best` is the logarithm of the best one.
    fn value(&self, ratio: f64, best: f64) -> f64 {
        let distance = (libm::log(ratio) - best) / self.spread;
        libm::exp(-distance * distance / 2.0)
    }
}

impl Default for TechnologyGap {
    fn default() -> Self {
        Self { best: Self::BEST, spread: Self::SPREAD }
    }
}

/// Revenue per worker, CNY.
pub(super) fn productivity(firm: &Firm) -> Option<f64> {
    let (revenue, employees) = firm.revenue.zip(firm.employees)?;
    (revenue > 0.0 && employees > 0.0).then(|| revenue / employees)
}

impl Factor for TechnologyGap {
    fn name(&self) -> &'static str {
        "technology_gap"
    }

    fn sides(&self) -> Sides {
        Sides::Supplier
    }

    fn is_cheap(&self) -> bool {
        true
    }

    fn fill(&self, query: &mut Query<'_>, column: &mut Column) {
        let productivity = |firm| query.profiles.measures(firm).productivity;
        let (anchor, best) = (productivity(query.anchor), libm::log(self.best));
        if anchor.is_nan() {
            return column.fill(Value::Unknown);
        }
        // What is not a number stays so, and is unknown.
        let value = |supplier| Value::Known(self.value(anchor / productivity(supplier), best));
        column.fill_from(query.candidates.iter().copied().map(value));
    }

    /// The logarithms are at hand; the bell to within a millionth.
    fn estimate(&self, query: &mut Query<'_>, column: &mut Column) -> f64 {
        let ln_productivity = |firm| query.profiles.of(firm).ln_productivity;
        let best = ln_productivity(query.anchor) - libm::log(self.best);
        if best.is_nan() {
            column.fill(Value::Unknown);
            return 0.0;
        }
        let value = |supplier| Value::Known(bell((best - ln_productivity(supplier)) / self.spread));
        column.fill_from(query.candidates.iter().copied().map(value));
        // What the logarithms lose to rounding, a narrow bell magnifies.
        BELL_ERROR + 1e-12 / self.spread
    }

    fn bound_alike(&self, query: &mut Query<'_>, _: &mut Column) -> bool {
        // Unknown of everybody.
        query.profiles.measures(query.anchor).productivity.is_nan()
    }
}

/// exp(−x²/2) to within [`BELL_ERROR`]: 1 / exp(x²/128)⁶⁴, that exp by the first terms of its series.
fn bell(x: f64) -> f64 {
    let z = x * x / 128.0;
    let mut power = 1.0 + z * (1.0 + z * (0.5 + z / 6.0));
    for _ in 0..6 {
        power *= power;
    }
    1.0 / power
}

/// The series leaves out less than z⁴/24 of its sum, and 64 · z⁴/24 · exp(−64 z) is at most
/// 7.5e-7, where 64 z = 4.
const BELL_ERROR: f64 = 1e-6;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partner_twice_as_productive_teaches_most() {
        let gap = TechnologyGap::default();
        let value = |ratio: f64| gap.value(ratio, libm::log(TechnologyGap::BEST));
        assert_eq!(value(2.02), 1.0);
        // One spread away on either side: e^(−1/2).
        assert!((value(2.02 * 0.287f64.exp()) - (-0.5f64).exp()).abs() < 1e-12);
        assert!((value(2.02 / 0.287f64.exp()) - (-0.5f64).exp()).abs() < 1e-12);
        // ln 2.02 / 0.287 = 2.4497 spreads.
        assert!((value(1.0) - 0.0497).abs() < 1e-3);
    }

    #[test]
    fn the_rough_bell_keeps_its_error() {
        for step in 0..40_000 {
            let x = f64::from(step) / 1_000.0;
            assert!((bell(x) - (-x * x / 2.0).exp()).abs() < BELL_ERROR, "{x}");
        }
        assert_eq!(bell(f64::INFINITY), 0.0);
        assert!(bell(f64::NAN).is_nan());
    }

    #[test]
    fn parameters_are_checked() {
        assert!(TechnologyGap::new(0.0, 1.0).is_err());
        assert!(TechnologyGap::new(2.0, f64::NAN).is_err());
        assert!(TechnologyGap::new(3.0, 0.5).is_ok());
    }
}
