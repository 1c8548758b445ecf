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

/// Both sides' sums over the factors asked so far, for some candidates.
#[derive(Debug, Default)]
pub(super) struct Sums {
    sides: [SideSums; 2],
}

/// Σ w·v and Σ w over the applicable factors of one side.
#[derive(Debug, Default)]
struct SideSums {
    /// Of the factors that say the same of all candidates.
    of_all: [f64; 2],
    /// Of the others, by candidate.
    values: Vec<f64>,
    weights: Vec<f64>,
}

impl Sums {
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

    /// Becomes a copy, in the memory there is.
    pub(super) fn copy(&mut self, other: &Self) {
        for (own, other) in self.sides.iter_mut().zip(&other.sides) {
            own.of_all = other.of_all;
            own.values.clone_from(&other.values);
            own.weights.clone_from(&other.weights);
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

    /// Adds the candidates of a block behind those there are.
    pub(super) fn append(&mut self, block: &Self) {
        for (all, block) in self.sides.iter_mut().zip(&block.sides) {
            let [value, weight] = block.of_all;
            all.values.extend(block.values.iter().map(|values| value + values));
            all.weights.extend(block.weights.iter().map(|weights| weight + weights));
        }
    }

    /// Holds the candidates at some positions of `all`, which has been [appended](Self::append) to
    /// alone.
    pub(super) fn take(&mut self, all: &Self, positions: &[usize]) {
        for (own, all) in self.sides.iter_mut().zip(&all.sides) {
            own.of_all = [0.0; 2];
            for (own, all) in [(&mut own.values, &all.values), (&mut own.weights, &all.weights)] {
                own.clear();
                own.extend(positions.iter().map(|&position| all[position]));
            }
        }
    }

    /// Each candidate's estimate, if further factors of the weight `rest` on each side had said 1.
    ///
    /// If they say less, that is a bound. Not applicable counts as 1, too: a mean is at most 1, so
    /// that what is at least as much does not lower it.
    pub(super) fn scores(&self, rest: [f64; 2]) -> impl Iterator<Item = f64> + '_ {
        let [anchor, supplier] = [0, 1].map(|side| self.sides[side].utilities(rest[side]));
        anchor.zip(supplier).map(|(anchor, supplier)| harmonic_mean(anchor, supplier))
    }
}

impl SideSums {
    fn utilities(&self, rest: f64) -> impl Iterator<Item = f64> + '_ {
        let [value, weight] = self.of_all.map(|sum| sum + rest);
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

/// The candidates that can be among the `most` of the highest scores, by their estimates.
#[derive(Debug)]
pub(super) struct Leaders {
    most: usize,
    slack: f64,
    /// By how much a factor's value differs from its estimate, at most.
    error: f64,
    /// What the last of the best scores is at least.
    floor: f64,
    /// Estimates, and whose they are.
    found: Vec<(f64, usize)>,
}

impl Leaders {
    pub(super) fn new(most: usize, slack: f64) -> Self {
        let floor = if most == 0 { f64::INFINITY } else { f64::NEG_INFINITY };
        Self { most, slack, error: 0.0, floor, found: Vec::new() }
    }

    /// Takes note of the error of values that estimates from now on are made of.
    pub(super) fn allow(&mut self, error: f64) {
        self.error = if error.is_finite() { self.error.max(error) } else { f64::INFINITY };
    }

    /// An estimate, or a bound of one, below this is that of a score not among the best.
    ///
    /// A score may lie above its estimate; what is next to nothing has few digits. A utility is a
    /// mean of values, so that it errs by no more than they do; and a harmonic mean by at most
    /// twice that.
    pub(super) fn bar(&self) -> f64 {
        if self.error.is_finite() { self.floor - 2.0 * self.error - 1e-200 } else { f64::NEG_INFINITY }
    }

    /// Takes some estimates, and raises the bar.
    pub(super) fn offer(&mut self, estimates: impl Iterator<Item = (f64, usize)>) {
        let bar = self.bar();
        self.found.extend(estimates.filter(|&(estimate, _)| estimate >= bar));
        if self.most > 0 && self.most <= self.found.len() && self.slack < 1.0 && self.error.is_finite() {
            let (_, &mut (last, _), _) =
                self.found.select_nth_unstable_by(self.most - 1, |a, b| b.0.total_cmp(&a.0));
            // A score may lie below its estimate.
            self.floor = self.floor.max(last * (1.0 - 2.0 * self.slack) - 2.0 * self.error);
            let bar = self.bar();
            self.found.retain(|&(estimate, _)| estimate >= bar);
        }
    }

    /// Whose estimates are not below the bar, ascending.
    pub(super) fn finish(self) -> Vec<usize> {
        let mut found: Vec<usize> = self.found.into_iter().map(|(_, position)| position).collect();
        found.sort_unstable();
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_within_the_slack_is_in() {
        let with_error = |error, most, slack| {
            let mut leaders = Leaders::new(most, slack);
            leaders.allow(error);
            for (position, estimate) in [0.5, 0.25, 0.5 - 1e-15, 0.75].into_iter().enumerate() {
                leaders.offer([(estimate, position)].into_iter());
            }
            leaders.finish()
        };
        let leaders = |most, slack| with_error(0.0, most, slack);
        assert_eq!(leaders(2, 1e-14), [0, 2, 3]);
        assert_eq!(leaders(1, 0.0), [3]);
        assert!(leaders(0, 0.0).is_empty());
        assert_eq!(leaders(4, 0.0), [0, 1, 2, 3]);
        assert_eq!(leaders(5, 0.0), [0, 1, 2, 3]);
        assert_eq!(leaders(1, f64::INFINITY), [0, 1, 2, 3]);
        // Four times 0.06 and 0.07 from the best.
        assert_eq!(with_error(0.06, 1, 0.0), [3]);
        assert_eq!(with_error(0.07, 1, 0.0), [0, 2, 3]);
        assert_eq!(with_error(f64::NAN, 1, 0.0), [0, 1, 2, 3]);
    }

    #[test]
    fn what_is_not_asked_counts_as_the_best() {
        let side = |weight| SideOf { weight, prior: 0.5 };
        let mut column = Column::new(2);
        column.fill_from([Value::Known(0.5), Value::NotApplicable]);
        let mut sums = Sums::default();
        sums.reset(2);
        sums.add(Side::Anchor, &column, side(1.0));
        sums.add(Side::Supplier, &column, side(3.0));
        let scores = |rest| sums.scores(rest).collect::<Vec<f64>>();
        assert_eq!(scores([0.0, 0.0]), [0.5, 0.0]);
        // (½ + 1) / 2 and (1½ + 1) / 4; nobody said a word of the other.
        assert_eq!(scores([1.0, 1.0]), [harmonic_mean(0.75, 0.625), 1.0]);
        let mut all = Sums::default();
        all.append(&sums);
        all.append(&sums);
        let mut taken = Sums::default();
        taken.take(&all, &[1, 2]);
        assert_eq!(taken.scores([1.0, 1.0]).collect::<Vec<f64>>(), [1.0, harmonic_mean(0.75, 0.625)]);
    }
}
