//! From values to utilities and a score.

use super::SideOf;
use crate::factor::{Column, Value};

/// One side's utility of a pair, with what it could be.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Utility {
    pub(super) value: f64,
    /// With every unknown value at 0.
    pub(super) low: f64,
    /// With every unknown value at 1.
    pub(super) high: f64,
}

/// A factor's say in one side's utility.
#[derive(Debug, Clone, Copy)]
pub(super) struct Term {
    pub(super) value: Value,
    pub(super) weight: f64,
    pub(super) prior: f64,
}

impl Term {
    /// weight · value / all weights, for an unknown value at `unknown`; `None` where the
    /// factor has no say.
    pub(super) fn contribution(self, all: f64, unknown: f64) -> Option<f64> {
        let value = match self.value {
            Value::Known(value) => value,
            Value::Unknown => unknown,
            Value::NotApplicable => return None,
        };
        (self.weight > 0.0).then(|| self.weight * value / all)
    }
}

/// The sum of the weights of the applicable terms.
pub(super) fn total_weight(terms: impl Iterator<Item = Term>) -> f64 {
    terms.filter(|term| term.value != Value::NotApplicable).map(|term| term.weight).sum()
}

impl Utility {
    /// The sums of the contributions in the order given; 0 where there are none.
    pub(super) fn of(terms: impl Iterator<Item = Term> + Clone) -> Self {
        let all = total_weight(terms.clone());
        let mut utility = Self::default();
        for term in terms {
            utility.value += term.contribution(all, term.prior).unwrap_or(0.0);
            utility.low += term.contribution(all, 0.0).unwrap_or(0.0);
            utility.high += term.contribution(all, 1.0).unwrap_or(0.0);
        }
        utility
    }
}

/// The value of a utility alone.
pub(super) fn value(terms: impl Iterator<Item = Term> + Clone) -> f64 {
    let all = total_weight(terms.clone());
    terms.fold(0.0, |sum, term| sum + term.contribution(all, term.prior).unwrap_or(0.0))
}

/// The same for `n` pairs, column by column: the same additions in the same order.
pub(super) fn values<'a>(columns: impl Iterator<Item = (&'a Column, SideOf)> + Clone, n: usize) -> Vec<f64> {
    let (mut all, mut sums) = (vec![0.0; n], vec![0.0; n]);
    for (column, SideOf { weight, prior }) in columns.clone() {
        let add = |all: &mut f64, applies| *all += weight * applies;
        match column.all_or(prior) {
            Some((_, applies)) => all.iter_mut().for_each(|all| add(all, applies)),
            None => all.iter_mut().zip(column.or(prior)).for_each(|(all, (_, applies))| add(all, applies)),
        }
    }
    for (column, SideOf { weight, prior }) in columns {
        let add = |(sum, all): (&mut f64, &f64), value| {
            // Where nothing applies there is nothing to divide; what does not apply has the value 0.
            let contribution = weight * value / all;
            *sum += if *all > 0.0 { contribution } else { 0.0 };
        };
        let pairs = sums.iter_mut().zip(&all);
        match column.all_or(prior) {
            Some((value, _)) => pairs.for_each(|pair| add(pair, value)),
            None => pairs.zip(column.or(prior)).for_each(|(pair, (value, _))| add(pair, value)),
        }
    }
    sums
}

/// A utility from Σ w·v and Σ w; 0 where nothing has weight.
pub(super) fn weighted_mean([sum, all]: [f64; 2]) -> f64 {
    if all > 0.0 { sum / all } else { 0.0 }
}

/// A score from each side's Σ w·v and Σ w.
pub(crate) fn score_of_sums([anchor, supplier]: [[f64; 2]; 2]) -> f64 {
    harmonic_mean(weighted_mean(anchor), weighted_mean(supplier))
}

/// The harmonic mean, 0 where both are 0.
pub(super) fn harmonic_mean(anchor: f64, supplier: f64) -> f64 {
    let sum = anchor + supplier;
    if sum > 0.0 { 2.0 * anchor * supplier / sum } else { 0.0 }
}

/// The score and its interval from both sides' utilities.
pub(super) fn score([anchor, supplier]: [Utility; 2]) -> Utility {
    Utility {
        value: harmonic_mean(anchor.value, supplier.value),
        low: harmonic_mean(anchor.low, supplier.low),
        high: harmonic_mean(anchor.high, supplier.high),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_side_alone_is_worth_little() {
        assert_eq!(harmonic_mean(1.0, 0.0), 0.0);
        assert_eq!(harmonic_mean(0.0, 0.0), 0.0);
        assert_eq!(harmonic_mean(0.5, 0.5), 0.5);
        assert!((harmonic_mean(0.9, 0.3) - 0.45).abs() < 1e-15);
    }

    proptest! {
        #[test]
        fn column_by_column_has_the_bits_of_pair_by_pair(
            factors in prop::collection::vec(
                (prop_oneof![Just(0.0), 1e-3..9.0], 0.0..=1.0, any::<bool>(), prop::array::uniform3(value())),
                0..9,
            ),
        ) {
            let columns: Vec<(Column, SideOf)> = factors
                .iter()
                .map(|&(weight, prior, is_uniform, values)| {
                    let mut column = Column::new(3);
                    if is_uniform {
                        column.fill(values[0]);
                    } else {
                        column.fill_from(values);
                    }
                    (column, SideOf { weight, prior })
                })
                .collect();
            for (pair, by_column) in values(columns.iter().map(|(column, side)| (column, *side)), 3).into_iter().enumerate() {
                let terms = columns.iter().filter(|(_, side)| side.weight > 0.0).map(|(column, side)| Term {
                    value: column.values().nth(pair).unwrap(),
                    weight: side.weight,
                    prior: side.prior,
                });
                prop_assert_eq!(by_column.to_bits(), super::value(terms).to_bits());
            }
        }
    }

    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![(0.0..=1.0).prop_map(Value::Known), Just(Value::Unknown), Just(Value::NotApplicable)]
    }

    #[test]
    fn what_is_not_applicable_is_left_out_of_both_sums() {
        let known = |value, weight| Term { value: Value::Known(value), weight, prior: 0.0 };
        let none = Term { value: Value::NotApplicable, weight: 5.0, prior: 0.5 };
        let with = Utility::of([known(0.5, 1.0), none, known(1.0, 3.0)].into_iter());
        let without = Utility::of([known(0.5, 1.0), known(1.0, 3.0)].into_iter());
        assert_eq!(with, without);
        assert_eq!(with.value, 0.875);
    }
}
