//! Who can be among the best (入围), without asking everything of everybody.
//!
//! Cheap factors are asked of all candidates. With 1 for whatever has not been asked, that
//! bounds a score; the candidates of the highest bounds are asked the rest first, and whoever
//! is bound to stay behind them is asked no more. The bounds are safe and the few that are left
//! are scored exactly, so that a ranking is the same as if all had been. The idea is that of the
//! threshold algorithm: Fagin, Lotem, Naor, Optimal aggregation algorithms for middleware, PODS
//! 2001.

use super::estimate::{Leaders, Sums, keep};
use super::{Active, BLOCK, Matcher};
use crate::factor::{Column, Query, Scratch};
use crate::model::FirmIx;

/// In which order factors are asked.
#[derive(Debug)]
pub(super) struct Agenda {
    /// The factors, each by its position in the registry: the cheap ones, then the others, the
    /// weightiest first.
    order: Vec<usize>,
    n_cheap: usize,
    /// The weight on each side of those not asked after the first n.
    rest: Vec<[f64; 2]>,
}

impl Agenda {
    pub(super) fn of(factors: &[Active]) -> Self {
        let weights = |number: usize| factors[number].sided.map(|side| side.weight);
        let is_cheap = |number: usize| factors[number].factor.is_cheap();
        let (cheap, mut dear): (Vec<usize>, Vec<usize>) =
            (0..factors.len()).partition(|&number| is_cheap(number));
        let weight = |number| weights(number).iter().sum::<f64>();
        dear.sort_by(|&a, &b| weight(b).total_cmp(&weight(a)));
        let n_cheap = cheap.len();
        let order = [cheap, dear].concat();
        let of_rest = |asked| {
            let rest = order[asked..].iter().map(|&number| weights(number));
            rest.fold([0.0; 2], |sum, weight| [sum[0] + weight[0], sum[1] + weight[1]])
        };
        let rest = (0..=order.len()).map(of_rest).collect();
        Self { order, n_cheap, rest }
    }
}

/// An anchor's candidates after the cheap factors.
pub(super) struct Field<'a> {
    anchor: FirmIx,
    candidates: &'a [FirmIx],
    sums: Sums,
    bounds: Vec<f64>,
    error: f64,
}

/// How many candidates are asked everything at first; then so many times as many.
const FIRST: usize = 64;
const GROWTH: usize = 8;

impl Matcher {
    /// Asks the cheap factors of all candidates, a block at a time.
    pub(super) fn field<'a>(
        &self,
        anchor: FirmIx,
        candidates: &'a [FirmIx],
        scratch: &mut Scratch,
    ) -> Field<'a> {
        let Agenda { order, n_cheap, rest } = &self.agenda;
        let (mut sums, mut block_sums, mut column) = (Sums::default(), Sums::default(), Column::default());
        let mut bounds = Vec::with_capacity(candidates.len());
        let mut error = 0.0;
        for block in candidates.chunks(BLOCK) {
            block_sums.reset(block.len());
            let mut query = self.query(anchor, block, scratch);
            for &number in &order[..*n_cheap] {
                error = worse(error, self.factors[number].estimate(&mut query, &mut column, &mut block_sums));
            }
            bounds.extend(block_sums.bounds(rest[*n_cheap]));
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

    /// Asks the other factors of the candidates at some positions, and ever fewer of them.
    fn ask(&self, field: &Field<'_>, positions: &[usize], leaders: &mut Leaders, scratch: &mut Scratch) {
        let Agenda { order, n_cheap, rest } = &self.agenda;
        let bar = leaders.bar();
        let is_in = |&position: &usize| field.bounds[position] >= bar;
        let mut positions: Vec<usize> = positions.iter().copied().filter(is_in).collect();
        let mut firms: Vec<FirmIx> = positions.iter().map(|&position| field.candidates[position]).collect();
        let (mut sums, mut column) = (Sums::default(), Column::default());
        sums.take(&field.sums, &positions);
        for (asked, &number) in order.iter().enumerate().skip(*n_cheap) {
            if firms.is_empty() {
                return;
            }
            let mut query = self.query(field.anchor, &firms, scratch);
            leaders.allow(self.factors[number].estimate(&mut query, &mut column, &mut sums));
            let bar = leaders.bar();
            let bounds = sums.bounds(rest[asked + 1]).enumerate();
            let kept: Vec<usize> =
                bounds.filter(|&(_, bound)| bound >= bar).map(|(position, _)| position).collect();
            if kept.len() < firms.len() {
                keep(&mut positions, &kept);
                keep(&mut firms, &kept);
                sums.keep(&kept);
            }
        }
        leaders.offer(sums.bounds([0.0; 2]).zip(positions));
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
        self.each_side(
            query,
            column,
            |factor, query, column| {
                error = worse(error, factor.estimate(query, column));
            },
            |side, column| sums.add(side, column, self.sided[side as usize]),
        );
        error
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
