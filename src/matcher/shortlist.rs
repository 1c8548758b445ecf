//! Who can be among the best (入围), without asking everything of everybody.
//!
//! What costs little is asked of all candidates: cheap factors, bounds of the others, the weightiest
//! first. With 1 for the rest, that bounds a score. Whoever is so bound to stay behind the best so
//! far is asked no more; the few others are asked everything, and those left are scored exactly, so
//! that a ranking is the same as if all had been. The idea is that of the threshold algorithm:
//! Fagin, Lotem, Naor, Optimal aggregation algorithms for middleware, PODS 2001.

use super::estimate::{Leaders, Sums};
use super::{Active, BLOCK, Matcher};
use crate::factor::{Column, Factor, Query, Scratch, Side};
use crate::model::FirmIx;

/// In which order bounds are found.
#[derive(Debug)]
pub(super) struct Agenda {
    /// The factors by falling weight, each by its position in the registry.
    order: Vec<usize>,
    /// After so many of them half of the weight is known, and most candidates can be let go.
    half: usize,
    /// The weight on each side of those after them.
    rest: [f64; 2],
}

impl Agenda {
    pub(super) fn of(factors: &[Active]) -> Self {
        let weight = |&number: &usize| factors[number].sided.iter().map(|side| side.weight).sum::<f64>();
        let mut order: Vec<usize> = (0..factors.len()).collect();
        order.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
        let all: f64 = order.iter().map(weight).sum();
        let mut known = 0.0;
        let first = order.iter().take_while(|number| {
            let is_less = known < all / 2.0;
            known += weight(number);
            is_less
        });
        let half = first.count();
        let rest =
            |side| order[half..].iter().map(|&number| factors[number].sided[side as usize].weight).sum();
        Self { half, rest: Side::ALL.map(rest), order }
    }
}

/// How many candidates of a block are asked everything before the others.
const FIRST: usize = 16;

impl Matcher {
    /// All candidates that can be among the best, with those that gates bar beside them.
    ///
    /// Takes less time the sooner the best ones come.
    pub(super) fn shortlist(
        &self,
        anchor: FirmIx,
        candidates: &[FirmIx],
        scratch: &mut Scratch,
    ) -> Vec<FirmIx> {
        if candidates.len() <= self.top {
            return candidates.to_vec();
        }
        let mut leaders = Leaders::new(self.top, self.slack);
        for block in candidates.chunks(BLOCK) {
            let mut bounded = self.bounded(anchor, block, &mut leaders, scratch);
            let first = promising(&mut bounded, FIRST.max(self.top));
            self.ask(anchor, &first, &mut leaders, scratch);
            self.ask(anchor, &bounded, &mut leaders, scratch);
        }
        leaders.finish()
    }

    /// The candidates of a block that can still be among the best, with bounds of their scores.
    fn bounded(
        &self,
        anchor: FirmIx,
        block: &[FirmIx],
        leaders: &mut Leaders,
        scratch: &mut Scratch,
    ) -> Vec<(f64, FirmIx)> {
        let Agenda { order, half, rest } = &self.agenda;
        let mut sums = Sums::default();
        sums.reset(block.len());
        let unbounded = self.bound(anchor, block, &order[..*half], &mut sums, leaders, scratch);
        let bar = leaders.bar();
        let bounds = sums.scores([0, 1].map(|side| unbounded[side] + rest[side]));
        let in_the_running = bounds.enumerate().filter(|&(_, bound)| bound >= bar);
        let positions: Vec<usize> = in_the_running.map(|(position, _)| position).collect();
        let firms: Vec<FirmIx> = positions.iter().map(|&position| block[position]).collect();
        if firms.is_empty() {
            return Vec::new();
        }
        if firms.len() < block.len() {
            sums.keep(&positions);
        }
        let more = self.bound(anchor, &firms, &order[*half..], &mut sums, leaders, scratch);
        let bounds = sums.scores([0, 1].map(|side| unbounded[side] + more[side]));
        bounds.zip(firms).collect()
    }

    /// Adds cheap estimates or bounds of some factors to the sums; the weight on each side of
    /// those that have neither.
    fn bound(
        &self,
        anchor: FirmIx,
        firms: &[FirmIx],
        factors: &[usize],
        sums: &mut Sums,
        leaders: &mut Leaders,
        scratch: &mut Scratch,
    ) -> [f64; 2] {
        let mut unbounded = [0.0; 2];
        let (mut query, mut column) = (self.query(anchor, firms, scratch), Column::default());
        for active in factors.iter().map(|&number| &self.factors[number]) {
            if active.factor.is_cheap() {
                leaders.allow(active.estimate(&mut query, &mut column, sums));
            } else {
                active.bound(&mut query, &mut column, sums, &mut unbounded);
            }
        }
        unbounded
    }

    /// Asks everything of those of some candidates whose bounds reach the bar.
    fn ask(&self, anchor: FirmIx, bounded: &[(f64, FirmIx)], leaders: &mut Leaders, scratch: &mut Scratch) {
        let bar = leaders.bar();
        let in_the_running = bounded.iter().filter(|&&(bound, _)| bound >= bar);
        let firms: Vec<FirmIx> = in_the_running.map(|&(_, firm)| firm).collect();
        if firms.is_empty() {
            return;
        }
        let (mut query, mut column) = (self.query(anchor, &firms, scratch), Column::default());
        let mut sums = Sums::default();
        sums.reset(firms.len());
        for active in &self.factors {
            leaders.allow(active.estimate(&mut query, &mut column, &mut sums));
        }
        leaders.offer(sums.scores([0.0; 2]).zip(firms), |firm| self.is_barred(anchor, firm));
    }
}

/// Takes out the `most` of the highest bounds, or some more that are equal; in order, as are those
/// left.
fn promising(bounded: &mut Vec<(f64, FirmIx)>, most: usize) -> Vec<(f64, FirmIx)> {
    if bounded.len() <= most {
        return std::mem::take(bounded);
    }
    let mut sorted: Vec<f64> = bounded.iter().map(|&(bound, _)| bound).collect();
    let (_, &mut last, _) = sorted.select_nth_unstable_by(most - 1, |a, b| b.total_cmp(a));
    let (taken, left) = bounded.iter().partition(|&&(bound, _)| bound >= last);
    *bounded = left;
    taken
}

impl Active {
    /// Adds what the factor estimates of the query's candidates to the sums; by how much its
    /// values may differ from that.
    fn estimate(&self, query: &mut Query<'_>, column: &mut Column, sums: &mut Sums) -> f64 {
        let mut error = 0.0;
        let estimate =
            |factor: &dyn Factor, query: &mut Query<'_>, column: &mut Column| factor.estimate(query, column);
        self.each_side(query, column, estimate, |side, column, of_side| {
            error = if of_side.is_finite() { f64::max(error, of_side) } else { f64::INFINITY };
            sums.add(side, column, self.sided[side as usize]);
        });
        error
    }

    /// Adds the factor's bounds to the sums, or its weight to the unbounded on the sides where it
    /// has none.
    fn bound(&self, query: &mut Query<'_>, column: &mut Column, sums: &mut Sums, unbounded: &mut [f64; 2]) {
        let bound =
            |factor: &dyn Factor, query: &mut Query<'_>, column: &mut Column| factor.bound(query, column);
        self.each_side(query, column, bound, |side, column, is_bound| {
            let sided = self.sided[side as usize];
            if is_bound {
                sums.add(side, column, sided);
            } else {
                unbounded[side as usize] += sided.weight;
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_promising_come_first_with_their_equals() {
        let firms = |numbers: &[usize]| -> Vec<(f64, FirmIx)> {
            let bounds = [0.5, 0.9, 0.1, 0.9, 0.5];
            numbers.iter().map(|&number| (bounds[number], FirmIx::new(number))).collect()
        };
        let mut rest = firms(&[0, 1, 2, 3, 4]);
        assert_eq!(promising(&mut rest, 1), firms(&[1, 3]));
        assert_eq!(promising(&mut rest, 2), firms(&[0, 4]));
        assert_eq!(rest, firms(&[2]));
        assert_eq!(promising(&mut rest, 9), firms(&[2]));
        assert!(rest.is_empty());
    }
}
