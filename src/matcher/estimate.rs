//! Scores to within a known error, to pick out those that are worth an exact one.
//!
//! An exact score divides every term of both utilities, so that it is the very sum of
//! the contributions shown. An estimate divides once a side, and adds up what factors
//! [estimate](crate::factor::Factor::estimate). No two ways to round differ by more than the
//! [`slack`], so whoever is further than it and the factors' errors from the best by
//! estimate is not among the best by score either.

use super::utility::{harmonic_mean, weighted_mean};
use super::{Active, SideOf};
use crate::factor::{Column, Value};
use crate::model::{FirmIx, Side};

/// On each side Σ w·v and Σ w.
pub(super) type Totals = [[f64; 2]; 2];

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
    /// All zero, for `n` candidates.
    pub(super) fn of(n: usize) -> Self {
        let side = || SideSums { of_all: [0.0; 2], values: vec![0.0; n], weights: vec![0.0; n] };
        Self { sides: [side(), side()] }
    }

    /// The candidates' own, so far.
    pub(super) fn from_totals(totals: &[Totals]) -> Self {
        let of = |side: usize, sum: usize| totals.iter().map(|totals| totals[side][sum]).collect();
        let sides =
            [0, 1].map(|side| SideSums { values: of(side, 0), weights: of(side, 1), ..SideSums::default() });
        Self { sides }
    }

    /// Each candidate's own, so far.
    pub(super) fn totals(&self) -> impl Iterator<Item = Totals> + '_ {
        let of = |SideSums { of_all: [value, weight], values, weights }: &SideSums, position: usize| {
            [value + values[position], weight + weights[position]]
        };
        let n = self.sides[0].values.len();
        (0..n).map(move |position| [0, 1].map(|side| of(&self.sides[side], position)))
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

    /// Keeps the candidates at some positions, ascending.
    pub(super) fn keep(&mut self, positions: &[usize]) {
        for sums in self.sides.iter_mut().flat_map(|side| [&mut side.values, &mut side.weights]) {
            for (to, &from) in positions.iter().enumerate() {
                sums[to] = sums[from];
            }
            sums.truncate(positions.len());
        }
    }

    /// Each candidate's estimate, if further factors had come to the `rest`.
    ///
    /// If they say less, that is a bound. Not applicable counts as 1, too: a mean is at most 1, so
    /// that what is at least as much does not lower it.
    pub(super) fn scores(&self, rest: Totals) -> impl Iterator<Item = f64> + '_ {
        let [anchor, supplier] = [0, 1].map(|side| self.sides[side].utilities(rest[side]));
        anchor.zip(supplier).map(|(anchor, supplier)| harmonic_mean(anchor, supplier))
    }

    /// What is the same for all candidates.
    pub(super) fn of_all(&self) -> Totals {
        [0, 1].map(|side| self.sides[side].of_all)
    }
}

impl SideSums {
    fn utilities(&self, more: [f64; 2]) -> impl Iterator<Item = f64> + '_ {
        let [value, weight] = [0, 1].map(|sum| self.of_all[sum] + more[sum]);
        self.values
            .iter()
            .zip(&self.weights)
            .map(move |(values, weights)| weighted_mean([value + values, weight + weights]))
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

/// The candidates that can be among the `most` of the highest scores that no gate bars, or be
/// barred beside them, by their estimates.
#[derive(Debug)]
pub(super) struct Leaders {
    most: usize,
    slack: f64,
    /// By how much a factor's value differs from its estimate, at most.
    error: f64,
    /// What the last of the best scores is at least.
    floor: f64,
    /// The highest estimates first.
    found: Vec<Leader>,
}

#[derive(Debug)]
struct Leader {
    estimate: f64,
    firm: FirmIx,
    /// Told once it is asked for.
    is_barred: Option<bool>,
}

impl Leaders {
    /// For at least one of the best.
    pub(super) fn new(most: usize, slack: f64) -> Self {
        Self { most: most.max(1), slack, error: 0.0, floor: f64::NEG_INFINITY, found: Vec::new() }
    }

    /// Takes note of the error of values that estimates and bounds from now on are made of.
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
    pub(super) fn offer(
        &mut self,
        estimates: impl Iterator<Item = (f64, FirmIx)>,
        is_barred: impl Fn(FirmIx) -> bool,
    ) {
        let bar = self.bar();
        let reaching = estimates.filter(|&(estimate, _)| estimate >= bar);
        self.found.extend(reaching.map(|(estimate, firm)| Leader { estimate, firm, is_barred: None }));
        if self.found.len() < self.most || self.slack >= 1.0 || !self.error.is_finite() {
            return;
        }
        self.found.sort_by(|a, b| b.estimate.total_cmp(&a.estimate));
        let mut open = self.found.iter_mut().filter_map(|Leader { estimate, firm, is_barred: barred }| {
            (!*barred.get_or_insert_with(|| is_barred(*firm))).then_some(*estimate)
        });
        if let Some(last) = open.nth(self.most - 1) {
            // A score may lie below its estimate.
            self.floor = self.floor.max(last * (1.0 - 2.0 * self.slack) - 2.0 * self.error);
            let bar = self.bar();
            self.found.truncate(self.found.partition_point(|leader| leader.estimate >= bar));
        }
    }

    /// Those not below the bar, ascending.
    pub(super) fn finish(self) -> Vec<FirmIx> {
        let mut firms: Vec<FirmIx> = self.found.into_iter().map(|leader| leader.firm).collect();
        firms.sort_unstable();
        firms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_within_the_slack_is_in() {
        let with = |error, most, slack, barred: &[usize]| {
            let mut leaders = Leaders::new(most, slack);
            leaders.allow(error);
            for (number, estimate) in [0.5, 0.25, 0.5 - 1e-15, 0.75].into_iter().enumerate() {
                let is_barred = |firm: FirmIx| barred.contains(&firm.index());
                leaders.offer([(estimate, FirmIx::new(number))].into_iter(), is_barred);
            }
            let mut firms: Vec<usize> = leaders.finish().into_iter().map(FirmIx::index).collect();
            firms.sort_unstable();
            firms
        };
        let leaders = |most, slack| with(0.0, most, slack, &[]);
        assert_eq!(leaders(2, 1e-14), [0, 2, 3]);
        assert_eq!(leaders(1, 0.0), [3]);
        assert_eq!(leaders(4, 0.0), [0, 1, 2, 3]);
        assert_eq!(leaders(5, 0.0), [0, 1, 2, 3]);
        assert_eq!(leaders(1, f64::INFINITY), [0, 1, 2, 3]);
        // Four times 0.06 and 0.07 from the best.
        assert_eq!(with(0.06, 1, 0.0, &[]), [3]);
        assert_eq!(with(0.07, 1, 0.0, &[]), [0, 2, 3]);
        assert_eq!(with(f64::NAN, 1, 0.0, &[]), [0, 1, 2, 3]);
        // Who is barred stays in and takes nobody's place.
        assert_eq!(with(0.0, 1, 0.0, &[3]), [0, 3]);
        assert_eq!(with(0.0, 1, 0.0, &[0, 2, 3]), [0, 1, 2, 3]);
    }

    #[test]
    fn what_is_not_asked_counts_as_the_best() {
        let side = |weight| SideOf { weight, prior: 0.5 };
        let mut column = Column::new(2);
        column.fill_from([Value::Known(0.5), Value::NotApplicable]);
        let mut sums = Sums::of(2);
        sums.add(Side::Anchor, &column, side(1.0));
        sums.add(Side::Supplier, &column, side(3.0));
        let scores = |rest: [f64; 2]| sums.scores(rest.map(|rest| [rest, rest])).collect::<Vec<f64>>();
        assert_eq!(scores([0.0, 0.0]), [0.5, 0.0]);
        // (½ + 1) / 2 and (1½ + 1) / 4; nobody said a word of the other.
        assert_eq!(scores([1.0, 1.0]), [harmonic_mean(0.75, 0.625), 1.0]);
        sums.keep(&[1]);
        assert_eq!(sums.scores([[1.0; 2]; 2]).collect::<Vec<f64>>(), [1.0]);
    }
}
