//! Who can be among the best (入围), without asking everything of everybody.
//!
//! Cheap factors are asked of all candidates. With bounds of the others, at most 1, that
//! bounds a score; the candidates of the highest bounds are asked the rest first, and whoever
//! is bound to stay behind them is asked no more. The bounds are safe and the few that are left
//! are scored exactly, so that a ranking is the same as if all had been. The idea is that of the
//! threshold algorithm: Fagin, Lotem, Naor, Optimal aggregation algorithms for middleware, PODS
//! 2001.

use super::estimate::{Leaders, Sums};
use super::{Active, BLOCK, Matcher};
use crate::factor::{Column, Factor, Query, Scratch};
use crate::model::FirmIx;

/// An anchor's candidates after the cheap factors.
pub(super) struct Field<'a> {
    anchor: FirmIx,
    candidates: &'a [FirmIx],
    sums: Sums,
    bounds: Vec<f64>,
    error: f64,
}

/// How many candidates are asked everything at first, at least; then so many times as many.
const FIRST: usize = 16;
const GROWTH: usize = 8;

impl Matcher {
    /// Asks the cheap factors of all candidates, a block at a time.
    pub(super) fn field<'a>(
        &self,
        anchor: FirmIx,
        candidates: &'a [FirmIx],
        scratch: &mut Scratch,
    ) -> Field<'a> {
        let (cheap, dear): (Vec<&Active>, Vec<&Active>) =
            self.factors.iter().partition(|active| active.factor.is_cheap());
        let (mut sums, mut column) = (Sums::default(), Column::default());
        let (mut block_sums, mut most) = (Sums::default(), Sums::default());
        let mut bounds = Vec::with_capacity(candidates.len());
        let mut error = 0.0;
        for block in candidates.chunks(BLOCK) {
            block_sums.reset(block.len());
            let mut query = self.query(anchor, block, scratch);
            for active in &cheap {
                error = worse(error, active.estimate(&mut query, &mut column, &mut block_sums));
            }
            most.copy(&block_sums);
            let mut rest = [0.0; 2];
            for active in &dear {
                active.bound(&mut query, &mut column, &mut most, &mut rest);
            }
            bounds.extend(most.scores(rest));
            sums.append(&block_sums);
        }
        Field { anchor, candidates, sums, bounds, error }
    }

    /// All that can be among the `most` of the highest scores, ascending.
    pub(super) fn shortlist(&self, field: &Field<'_>, most: usize, scratch: &mut Scratch) -> Vec<FirmIx> {
        let mut leaders = Leaders::new(most, self.slack);
        leaders.allow(field.error);
        let mut rest: Vec<usize> = (0..field.candidates.len()).collect();
        let mut room = FIRST.max(most.saturating_mul(2));
        while !rest.is_empty() {
            for block in promising(&mut rest, &field.bounds, room).chunks(BLOCK) {
                self.ask(field, block, &mut leaders, scratch);
            }
            let bar = leaders.bar();
            rest.retain(|&position| field.bounds[position] >= bar);
            room = room.saturating_mul(GROWTH);
        }
        leaders.finish().into_iter().map(|position| field.candidates[position]).collect()
    }

    /// Asks the other factors of those of a block that can still be among the best.
    fn ask(&self, field: &Field<'_>, block: &[usize], leaders: &mut Leaders, scratch: &mut Scratch) {
        let bar = leaders.bar();
        let is_in = |&position: &usize| field.bounds[position] >= bar;
        let positions: Vec<usize> = block.iter().copied().filter(is_in).collect();
        let firms: Vec<FirmIx> = positions.iter().map(|&position| field.candidates[position]).collect();
        let mut query = self.query(field.anchor, &firms, scratch);
        let (mut sums, mut column) = (Sums::default(), Column::default());
        sums.take(&field.sums, &positions);
        for active in self.factors.iter().filter(|active| !active.factor.is_cheap()) {
            leaders.allow(active.estimate(&mut query, &mut column, &mut sums));
        }
        leaders.offer(sums.scores([0.0; 2]).zip(positions));
    }
}

/// Takes out the positions of the `most` highest bounds, or of some more that are equal;
/// ascending, as are those left.
fn promising(rest: &mut Vec<usize>, bounds: &[f64], most: usize) -> Vec<usize> {
    if rest.len() <= most {
        return std::mem::take(rest);
    }
    let mut sorted: Vec<f64> = rest.iter().map(|&position| bounds[position]).collect();
    let (_, &mut last, _) = sorted.select_nth_unstable_by(most - 1, |a, b| b.total_cmp(a));
    let (taken, left) = rest.iter().partition(|&&position| bounds[position] >= last);
    *rest = left;
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
            error = worse(error, of_side);
            sums.add(side, column, self.sided[side as usize]);
        });
        error
    }

    /// Adds the factor's bounds to the sums, or its weight to the rest on the sides where it has
    /// none.
    fn bound(&self, query: &mut Query<'_>, column: &mut Column, sums: &mut Sums, rest: &mut [f64; 2]) {
        let bound =
            |factor: &dyn Factor, query: &mut Query<'_>, column: &mut Column| factor.bound(query, column);
        self.each_side(query, column, bound, |side, column, is_bound| {
            let sided = self.sided[side as usize];
            if is_bound {
                sums.add(side, column, sided);
            } else {
                rest[side as usize] += sided.weight;
            }
        });
    }
}

/// The larger error; that of a factor that cannot tell is infinite.
fn worse(error: f64, other: f64) -> f64 {
    if other.is_finite() { error.max(other) } else { f64::INFINITY }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_promising_come_first_with_their_equals() {
        let bounds = [0.5, 0.9, 0.1, 0.9, 0.5];
        let mut rest = vec![0, 1, 2, 3, 4];
        assert_eq!(promising(&mut rest, &bounds, 1), [1, 3]);
        assert_eq!(promising(&mut rest, &bounds, 2), [0, 4]);
        assert_eq!(rest, [2]);
        assert_eq!(promising(&mut rest, &bounds, 9), [2]);
        assert!(rest.is_empty());
    }
}
