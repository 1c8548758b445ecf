//! Who can be among the best (入围), without asking everything of everybody.
//!
//! What costs little is asked of all candidates: cheap factors, bounds of the others, the weightiest
//! first. With 1 for the rest, that bounds a score. Whoever is so bound to stay behind the best so
//! far is asked no more, stage after stage; the few others are asked everything, and those left are
//! scored exactly, so that a ranking is the same as if all had been. The idea is that of the threshold
//! algorithm: Fagin, Lotem, Naor, Optimal aggregation algorithms for middleware, PODS 2001.

use std::borrow::Cow;

use super::crowd::Crowd;
use super::estimate::{Leaders, Sums};
use super::{Active, BLOCK, Matcher, SideOf};
use crate::factor::{Beyond, Column, Factor, Query, Scratch, Side};
use crate::model::FirmIx;
use crate::structure::ThreePaths;

/// In which order bounds are found.
#[derive(Debug)]
pub(super) struct Agenda {
    /// The first is asked of everybody, each of the others of those that can still be among the best.
    stages: Vec<Stage>,
}

/// Some factors that are asked together.
#[derive(Debug)]
struct Stage {
    /// Each by its position in the registry.
    factors: Vec<usize>,
    /// The weight on each side of those in later stages.
    rest: [f64; 2],
}

/// The first stage knows this part of the weight,
const FIRST_PART: f64 = 0.5;
/// each of the others this much more: to tell who stays behind costs about what a factor does.
const NEXT_PART: f64 = 0.1;

impl Agenda {
    /// The weightiest factors first; at least one there must be.
    pub(super) fn of(factors: &[Active]) -> Self {
        let weight = |number: usize| factors[number].sided.iter().map(|side| side.weight).sum::<f64>();
        let mut order: Vec<usize> = (0..factors.len()).collect();
        order.sort_by(|&a, &b| weight(b).total_cmp(&weight(a)));
        let all: f64 = order.iter().map(|&number| weight(number)).sum();
        let on = |side, numbers: &[usize]| -> f64 {
            numbers.iter().map(|&number| factors[number].sided[side as usize].weight).sum()
        };
        let (mut stages, mut left, mut part) = (Vec::new(), order.as_slice(), FIRST_PART);
        while !left.is_empty() {
            let mut known = 0.0;
            let asked = left.iter().take_while(|&&number| {
                let is_less = known < part * all;
                known += weight(number);
                is_less
            });
            let (now, later) = left.split_at(asked.count().max(1));
            stages.push(Stage { factors: now.to_vec(), rest: Side::ALL.map(|side| on(side, later)) });
            (left, part) = (later, NEXT_PART);
        }
        Self { stages }
    }
}

/// How many candidates are asked everything before the others.
const FIRST: usize = 32;
/// How many blocks are bounded before anybody is asked everything: bounds the memory of their sums.
const BLOCKS: usize = 16;

/// How many candidates with the most paths raise the bar for the others.
const MOST_PATHS: usize = 2 * BLOCK;
/// So many ranges of paths are told apart in a crowd, each of which ends where the next begins
const STEPS: i32 = 16;
/// at this part of it.
const STEP: f64 = 0.8;

/// Some candidates, and what the stages so far say of them.
struct Block<'a> {
    firms: Cow<'a, [FirmIx]>,
    sums: Sums,
    /// The weight on each side of the factors asked that have no bound.
    unbounded: [f64; 2],
    bounds: Vec<f64>,
}

impl Block<'_> {
    /// Keeps the candidates whose bounds reach the bar, with their sums; their bounds are to be found anew.
    fn keep_from(&mut self, bar: f64) {
        let in_the_running = self.bounds.iter().enumerate().filter(|&(_, &bound)| bound >= bar);
        let positions: Vec<usize> = in_the_running.map(|(position, _)| position).collect();
        self.sums.keep(&positions);
        self.firms = positions.into_iter().map(|position| self.firms[position]).collect();
    }
}

impl Matcher {
    /// All candidates that can be among the best, with those that gates bar beside them.
    ///
    /// Takes less time the sooner the best ones come.
    pub(super) fn shortlist(
        &self,
        anchor: FirmIx,
        candidates: &[FirmIx],
        crowd: Crowd<'_>,
        scratch: &mut Scratch,
    ) -> Vec<FirmIx> {
        if candidates.len() <= self.top && candidates.len() + crowd.len() <= self.top {
            return [candidates, &crowd.all()].concat();
        }
        let mut leaders = Leaders::new(self.top, self.slack);
        match (self.candidates.paths(), crowd.beyond.paths) {
            (Some(paths), Some(_)) => self.by_paths(anchor, candidates, paths, &mut leaders, scratch),
            _ => self.among(anchor, candidates, &mut leaders, scratch),
        }
        let outstanding = self.outstanding(anchor, crowd, &leaders, scratch);
        self.among(anchor, &outstanding, &mut leaders, scratch);
        leaders.finish()
    }

    /// Finds those that can be among the best, first of the candidates with the most paths, then of those of
    /// the others that have enough.
    fn by_paths(
        &self,
        anchor: FirmIx,
        candidates: &[FirmIx],
        paths: &ThreePaths,
        leaders: &mut Leaders,
        scratch: &mut Scratch,
    ) {
        let scores = scratch.co_supply(paths, anchor);
        let scores: Vec<f64> = candidates.iter().map(|&firm| scores.get(firm)).collect();
        let last = match scores.len() {
            0..=MOST_PATHS => 0.0,
            _ => *scores.clone().select_nth_unstable_by(MOST_PATHS - 1, |a, b| b.total_cmp(a)).1,
        };
        let within = |range: std::ops::RangeInclusive<f64>| -> Vec<FirmIx> {
            let scored = candidates.iter().zip(&scores);
            scored.filter(|&(_, score)| range.contains(score)).map(|(&firm, _)| firm).collect()
        };
        let first = within(last..=f64::INFINITY);
        self.among(anchor, &first, leaders, scratch);
        if first.len() < candidates.len() {
            let most = last.next_down();
            let beyond = Beyond { paths: Some((paths.weights(), most)), ..Beyond::ANYBODY };
            let any = &candidates[..1];
            let least = self.least_paths(anchor, any, false, beyond, leaders.bar(), scratch)[0];
            self.among(anchor, &within(least..=most), leaders, scratch);
        }
    }

    /// Finds those of some candidates that can be among the best.
    fn among(&self, anchor: FirmIx, candidates: &[FirmIx], leaders: &mut Leaders, scratch: &mut Scratch) {
        for some in candidates.chunks(BLOCKS * BLOCK) {
            let blocks = some.chunks(BLOCK).map(|firms| self.half_bounded(anchor, firms, leaders, scratch));
            let mut blocks: Vec<Block<'_>> = blocks.collect();
            // The bar is raised at once by those of the highest bounds, wherever they are.
            let first = promising(&mut blocks, FIRST.max(2 * self.top));
            self.ask(anchor, &first, leaders, scratch);
            for block in blocks {
                let bounded = self.bounded(anchor, block, leaders, scratch);
                self.ask(anchor, &bounded, leaders, scratch);
            }
        }
    }

    /// Those of a crowd that can still be among the best, ascending.
    ///
    /// What is alike in a group is asked of one member, for any number of paths that others may have;
    /// of a member, how many it has.
    fn outstanding(
        &self,
        anchor: FirmIx,
        mut crowd: Crowd<'_>,
        leaders: &Leaders,
        scratch: &mut Scratch,
    ) -> Vec<FirmIx> {
        let mut outstanding = Vec::new();
        let members: Vec<FirmIx> = crowd.groups().iter().map(|group| group[0]).collect();
        for (block, members) in members.chunks(BLOCK).enumerate() {
            let least = self.least_paths(anchor, members, true, crowd.beyond, leaders.bar(), scratch);
            let scores = match self.candidates.paths() {
                Some(paths) if crowd.beyond.paths.is_some() => Some(scratch.co_supply(paths, anchor)),
                _ => None,
            };
            let paths = |firm| scores.map_or(0.0, |scores| scores.get(firm));
            for (group, least) in least.into_iter().enumerate() {
                if least < f64::INFINITY {
                    crowd.take(block * BLOCK + group, |firm| paths(firm) >= least, &mut outstanding);
                }
            }
        }
        outstanding.sort_unstable();
        outstanding
    }

    /// From how many paths on a firm can be among the best, infinite where none can: for those that make
    /// what each of the members does, or for anybody.
    fn least_paths(
        &self,
        anchor: FirmIx,
        members: &[FirmIx],
        are_alike: bool,
        beyond: Beyond,
        bar: f64,
        scratch: &mut Scratch,
    ) -> Vec<f64> {
        let mut least = vec![f64::INFINITY; members.len()];
        let (mut differing, mut unbounded) = (Sums::of(members.len()), [0.0; 2]);
        // All factors, then those that say the same of everybody, which depends on the paths alone.
        let mut asked: Vec<&Active> = self.factors.iter().collect();
        for (number, (from, beyond)) in levels(beyond).enumerate() {
            let mut query = Query { beyond, ..self.query(anchor, members, scratch) };
            let (mut same, mut rest) = (Sums::of(0), [0.0; 2]);
            asked.retain(|active| {
                active.bound_alike(&mut query, &mut same, &mut rest, |side, column, sided| {
                    if number == 0 && are_alike {
                        differing.add(side, column, sided);
                    } else if number == 0 {
                        unbounded[side as usize] += sided.weight;
                    }
                })
            });
            let mut more = same.of_all();
            for (side, sums) in more.iter_mut().enumerate() {
                *sums = sums.map(|sum| sum + rest[side] + unbounded[side]);
            }
            for (least, bound) in least.iter_mut().zip(differing.scores_with(more)) {
                if bound >= bar {
                    *least = from;
                }
            }
        }
        least
    }

    /// Bounds of the scores of some candidates by the weightiest factors.
    fn half_bounded<'a>(
        &self,
        anchor: FirmIx,
        firms: &'a [FirmIx],
        leaders: &mut Leaders,
        scratch: &mut Scratch,
    ) -> Block<'a> {
        let sums = Sums::of(firms.len());
        let mut block = Block { firms: firms.into(), sums, unbounded: [0.0; 2], bounds: Vec::new() };
        self.bound(anchor, &mut block, &self.agenda.stages[0], leaders, scratch);
        block
    }

    /// The candidates of a block that can still be among the best, with bounds by all factors.
    fn bounded(
        &self,
        anchor: FirmIx,
        mut block: Block<'_>,
        leaders: &mut Leaders,
        scratch: &mut Scratch,
    ) -> Vec<(f64, FirmIx)> {
        for stage in &self.agenda.stages[1..] {
            block.keep_from(leaders.bar());
            if block.firms.is_empty() {
                return Vec::new();
            }
            self.bound(anchor, &mut block, stage, leaders, scratch);
        }
        block.bounds.into_iter().zip(block.firms.iter().copied()).collect()
    }

    /// Adds cheap estimates or bounds of a stage's factors to a block's sums, and bounds the scores.
    fn bound(
        &self,
        anchor: FirmIx,
        block: &mut Block<'_>,
        stage: &Stage,
        leaders: &mut Leaders,
        scratch: &mut Scratch,
    ) {
        let Block { firms, sums, unbounded, bounds } = block;
        let (mut query, mut column) = (self.query(anchor, firms, scratch), Column::default());
        for active in stage.factors.iter().map(|&number| &self.factors[number]) {
            if active.factor.is_cheap() {
                leaders.allow(active.estimate(&mut query, &mut column, sums));
            } else {
                active.bound(&mut query, &mut column, sums, unbounded);
            }
        }
        bounds.clear();
        bounds.extend(sums.scores([0, 1].map(|side| unbounded[side] + stage.rest[side])));
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
        let mut sums = Sums::of(firms.len());
        for active in &self.factors {
            leaders.allow(active.estimate(&mut query, &mut column, &mut sums));
        }
        leaders.offer(sums.scores([0.0; 2]).zip(firms), |firm| self.is_barred(anchor, firm));
    }
}

/// Ranges of paths from the most down to none: where each begins, and what is known of whoever is in it
/// or below.
fn levels(beyond: Beyond) -> impl Iterator<Item = (f64, Beyond)> {
    let (weights, most) = beyond.paths.unzip();
    let steps = if most.is_some_and(|most| most > 0.0) { STEPS } else { 0 };
    (0..=steps).map(move |step| {
        // What is left below the last step is none.
        let Some((weights, most)) = weights.zip(most) else { return (0.0, beyond) };
        let at = |step: i32| most * STEP.powi(step);
        let (from, to) = match steps - step {
            0 => (0.0, 0.0),
            1 => (0.0_f64.next_up(), at(step)),
            _ => (at(step + 1), at(step)),
        };
        (from, Beyond { paths: Some((weights, to)), ..beyond })
    })
}

/// Takes the `most` candidates of the highest bounds, or some more that are equal; their bounds are no
/// numbers from now on and reach no bar, so that nobody is asked twice.
fn promising(blocks: &mut [Block<'_>], most: usize) -> Vec<(f64, FirmIx)> {
    let bounds = blocks.iter().flat_map(|block| &block.bounds).copied();
    let mut sorted: Vec<f64> = bounds.filter(|bound| !bound.is_nan()).collect();
    let last = if sorted.len() <= most {
        f64::NEG_INFINITY
    } else {
        *sorted.select_nth_unstable_by(most - 1, |a, b| b.total_cmp(a)).1
    };
    let mut taken = Vec::new();
    for block in blocks {
        for (bound, &firm) in block.bounds.iter_mut().zip(block.firms.iter()) {
            if *bound >= last {
                taken.push((std::mem::replace(bound, f64::NAN), firm));
            }
        }
    }
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

    /// Adds what the factor says at most of everybody alike to the sums of what is the `same` for all, or
    /// its weight to the `rest` where it has no bound, and shows what `differs`; whether there was any
    /// of the former two.
    fn bound_alike(
        &self,
        query: &mut Query<'_>,
        same: &mut Sums,
        rest: &mut [f64; 2],
        mut differs: impl FnMut(Side, &Column, SideOf),
    ) -> bool {
        let mut is_same = false;
        let bound = |factor: &dyn Factor, query: &mut Query<'_>, column: &mut Column| {
            factor.bound_alike(query, column)
        };
        self.each_side(query, &mut Column::default(), bound, |side, column, is_bound| {
            let sided = self.sided[side as usize];
            if !is_bound {
                rest[side as usize] += sided.weight;
            } else if column.uniform().is_some() {
                same.add(side, column, sided);
            } else {
                return differs(side, column, sided);
            }
            is_same = true;
        });
        is_same
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
    use crate::dataset::Dataset;
    use crate::matcher::Weights;
    use crate::network::Network;
    use crate::structure::PathWeights;

    #[test]
    fn every_factor_is_in_one_stage_and_the_rest_is_the_weight_of_the_later_ones() {
        let network = Network::build(&Dataset::builder().finish().0).unwrap();
        for weights in [Weights::default(), Weights::none().with("proximity", 5e-324)] {
            let matcher = Matcher::builder(&network).weights(weights).build().unwrap();
            let Agenda { stages } = &matcher.agenda;
            let mut asked: Vec<usize> = stages.iter().flat_map(|stage| &stage.factors).copied().collect();
            for (number, stage) in stages.iter().enumerate() {
                let later = stages[number + 1..].iter().flat_map(|stage| &stage.factors);
                let weight: f64 = later.map(|&factor| matcher.factors[factor].sided[0].weight).sum();
                assert!((stage.rest[0] - weight).abs() < 1e-12, "{stage:?}");
            }
            assert!(stages.len() <= 6, "{stages:?}");
            asked.sort_unstable();
            assert!(asked.into_iter().eq(0..matcher.factors.len()));
        }
    }

    #[test]
    fn levels_leave_no_paths_out() {
        let paths = |most| Beyond { paths: Some((PathWeights::default(), most)), ..Beyond::ANYBODY };
        let of = |most| -> Vec<(f64, f64)> {
            levels(paths(most)).map(|(from, beyond)| (from, beyond.paths.unwrap().1)).collect()
        };
        assert_eq!(of(0.0), [(0.0, 0.0)]);
        assert!(levels(Beyond::ANYBODY).eq([(0.0, Beyond::ANYBODY)]));
        let levels = of(3.0);
        assert_eq!((levels[0].1, levels[levels.len() - 1]), (3.0, (0.0, 0.0)));
        // Each begins where the next ends, but for the least number above 0.
        for two in levels[..levels.len() - 1].windows(2) {
            assert_eq!(two[0].0, two[1].1);
        }
        assert_eq!(levels[levels.len() - 2].0, 0.0_f64.next_up());
    }

    #[test]
    fn the_promising_come_first_with_their_equals() {
        let firms: Vec<FirmIx> = (0..5).map(FirmIx::new).collect();
        let bounds = [0.5, 0.9, 0.1, 0.9, 0.5];
        let block = |range: std::ops::Range<usize>| Block {
            firms: firms[range.clone()].into(),
            sums: Sums::default(),
            unbounded: [0.0; 2],
            bounds: bounds[range].to_vec(),
        };
        let mut blocks = [block(0..2), block(2..5)];
        let mut taken = |most| -> Vec<usize> {
            promising(&mut blocks, most).into_iter().map(|(_, firm)| firm.index()).collect()
        };
        assert_eq!(taken(1), [1, 3]);
        assert_eq!(taken(2), [0, 4]);
        assert_eq!(blocks[1].bounds[0], 0.1);
    }
}
