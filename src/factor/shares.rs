//! Shares of successes, drawn towards the pooled share.

use super::{Column, Query, Value};
use crate::model::{FirmIx, Side};

/// Successes and trials of every firm.
#[derive(Debug, Clone)]
pub(super) struct Shares {
    /// Weight of the successes and of all trials, by firm.
    firms: Vec<(f64, f64)>,
}

/// How many trials at the pooled share are added to a firm's own.
const PRIOR_TRIALS: f64 = 4.0;

impl Shares {
    pub(super) fn new(n: usize) -> Self {
        Self { firms: vec![(0.0, 0.0); n] }
    }

    pub(super) fn add(&mut self, firm: FirmIx, weight: f64, is_success: bool) {
        let (successes, trials) = &mut self.firms[firm.index()];
        *trials += weight;
        if is_success {
            *successes += weight;
        }
    }

    /// p₀: the share of successes among all trials, (k + 1) / (n + 2), so that a handful
    /// of answers does not settle it (Laplace's rule of succession).
    pub(super) fn pooled(&self) -> f64 {
        let successes: f64 = self.firms.iter().map(|&(successes, _)| successes).sum();
        let trials: f64 = self.firms.iter().map(|&(_, trials)| trials).sum();
        (successes + 1.0) / (trials + 2.0)
    }

    /// Fills each side's own share.
    pub(super) fn fill(&self, query: &Query<'_>, pooled: f64, column: &mut Column) {
        let value = |firm| Value::Known(self.share(firm, pooled));
        match query.side {
            Side::Anchor => column.fill(value(query.anchor)),
            Side::Supplier => column.fill_from(query.candidates.iter().copied().map(value)),
        }
    }

    /// The same where it costs nothing: the anchor's own.
    pub(super) fn bound(&self, query: &Query<'_>, pooled: f64, column: &mut Column) -> bool {
        let is_own = query.side == Side::Anchor;
        if is_own {
            self.fill(query, pooled, column);
        }
        is_own
    }

    /// (k + 4·p₀) / (n + 4).
    fn share(&self, firm: FirmIx, pooled: f64) -> f64 {
        let (successes, trials) = self.firms[firm.index()];
        (successes + PRIOR_TRIALS * pooled) / (trials + PRIOR_TRIALS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_trials_stay_near_the_pooled_share() {
        let mut shares = Shares::new(3);
        shares.add(FirmIx::new(0), 1.0, true);
        shares.add(FirmIx::new(1), 1.0, false);
        assert_eq!(shares.pooled(), 0.5);
        // (1 + 4·½) / (1 + 4)
        assert_eq!(shares.share(FirmIx::new(0), 0.5), 0.6);
        assert_eq!(shares.share(FirmIx::new(1), 0.5), 0.4);
        assert_eq!(shares.share(FirmIx::new(2), 0.5), 0.5);
    }
}
