//! Scores to within a known error, to pick out those that are worth an exact one.
//!
//! An exact score divides every term of both utilities, so that it is the very sum of
//! the contributions shown. An estimate divides once a side, and adds up what factors
//! [estimate](crate::factor::Factor::estimate). No two ways to round differ by more than the
//! [`slack`], so whoever is further than it and the factors' errors from the best by
//! estimate is not among the best by score either.

use super::utility::harmonic_mean;
use super::{Active, SideOf};
use crate::factor::{Column, Side, Value};

/// Both sides' sums over the factors, for a block of candidates.
pub(super) struct Sums {
    sides: [SideSums; 2],
}

/// Σ w·v and Σ w over the applicable factors of one side.
#[derive(Default)]
struct SideSums {
    /// Of the factors that say the same of all candidates.
    of_all: [f64; 2],
    /// Of the others, by candidate.
    values: Vec<f64>,
    weights: Vec<f64>,
}

impl Sums {
    pub(super) fn new() -> Self {
        Self { sides: Default::default() }
    }

    /// All zero again, for `n` candidates.
    pub(super) fn reset(&mut self, n: usize) {
        for side in &mut self.sides {
            side.of_all = [0.0; 2];
            for sums in [&mut side.values, &mut side.weights] {
                sums.clear();
                sums.resize(n, 0.0);
            }
        }
    }

    /// Adds a factor to one side.
    pub(super) fn add(&mut self, side: Side, column: &Column, SideOf { weight, prior }: SideOf) {
        let sums = &mut self.sides[side as usize];
        let value = match column.uniform() {
            Some(Value::Known(value)) => value,
            Some(Value::Unknown) => prior,
            Some(Value::NotApplicable) => return,
            None => {
                for (sum, (value, _)) in sums.values.iter_mut().zip(column.or(prior)) {
                    *sum += weight * value;
                }
                if column.has_gaps() {
                    for (all, (_, applies)) in sums.weights.iter_mut().zip(column.or(prior)) {
                        *all += weight * applies;
                    }
                } else {
                    sums.of_all[1] += weight;
                }
                return;
            }
        };
        sums.of_all[0] += weight * value;
        sums.of_all[1] += weight;
    }

    /// The estimates of the block.
    pub(super) fn scores(&self) -> impl Iterator<Item = f64> + '_ {
        let [anchor, supplier] = self.sides.each_ref().map(SideSums::utilities);
        anchor.zip(supplier).map(|(anchor, supplier)| harmonic_mean(anchor, supplier))
    }
}

impl SideSums {
    fn utilities(&self) -> impl Iterator<Item = f64> + '_ {
        let [value, weight] = self.of_all;
        self.values.iter().zip(&self.weights).map(move |(values, weights)| {
            let all = weight + weights;
            if all > 0.0 { (value + values) / all } else { 0.0 }
        })
    }
}

/// By which share of itself an estimate can differ from the score.
///
/// Both sum the same terms, none below 0, in at most n roundings each of half an ε and a
/// few more; the rest is a margin. Where a weight is so small that its terms lose digits
/// to underflow, everything is worth an exact score.
pub(super) fn slack(factors: &[Active]) -> f64 {
    let weights = factors.iter().flat_map(|active| active.sided).map(|side| side.weight);
    if weights.into_iter().any(|weight| weight > 0.0 && weight < 1e-200) {
        return f64::INFINITY;
    }
    f64::EPSILON * (8 * factors.len() + 64) as f64
}

/// The estimates of all candidates of an anchor.
pub(super) struct Estimates {
    pub(super) scores: Vec<f64>,
    /// By how much a factor's value differs from its estimate, at most.
    pub(super) error: f64,
}

impl Estimates {
    /// The positions, ascending, of all that can be among the `most` of the highest scores.
    pub(super) fn contenders(&self, most: usize, slack: f64) -> Vec<usize> {
        let Self { scores, error } = self;
        let mut bar = if most == 0 { f64::INFINITY } else { f64::NEG_INFINITY };
        if most > 0 && most < scores.len() && slack < 1.0 && error.is_finite() {
            let mut sorted = scores.clone();
            let (_, &mut last, _) = sorted.select_nth_unstable_by(most - 1, |a, b| b.total_cmp(a));
            // A score may lie below its estimate, and another one's above; what is next to
            // nothing has few digits. A utility is a mean of values, so that it errs by no
            // more than they do; and a harmonic mean by at most twice that.
            bar = last * (1.0 - 2.0 * slack) - 4.0 * error - 1e-200;
        }
        (0..scores.len()).filter(|&position| scores[position] >= bar).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_within_the_slack_is_in() {
        let estimates = |error| Estimates { scores: vec![0.5, 0.25, 0.5 - 1e-15, 0.75], error };
        let contenders = |most, slack| estimates(0.0).contenders(most, slack);
        assert_eq!(contenders(2, 1e-14), [0, 2, 3]);
        assert_eq!(contenders(1, 0.0), [3]);
        assert!(contenders(0, 0.0).is_empty());
        assert_eq!(contenders(4, 0.0), [0, 1, 2, 3]);
        assert_eq!(contenders(1, f64::INFINITY), [0, 1, 2, 3]);
        // Four times 0.06 and 0.07 from the best.
        assert_eq!(estimates(0.06).contenders(1, 0.0), [3]);
        assert_eq!(estimates(0.07).contenders(1, 0.0), [0, 2, 3]);
        assert_eq!(estimates(f64::NAN).contenders(1, 0.0), [0, 1, 2, 3]);
    }
}
