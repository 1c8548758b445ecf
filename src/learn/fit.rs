//! The weights that rank what came true highest.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use rayon::prelude::*;

use super::lesson::{Lesson, Say};
use crate::matcher::score_of_sums;

/// Σ w·v and Σ w of each side, by row.
type Sums = [[Vec<f64>; 2]; 2];

/// The score of every row, as the matcher has it.
pub(super) fn scores(lesson: &Lesson, weights: &[f64]) -> Vec<f64> {
    scores_of(&sums(lesson, weights))
}

fn sums(lesson: &Lesson, weights: &[f64]) -> Sums {
    let n = lesson.counts.len();
    let mut of_all = [[0.0; 2]; 2];
    for say in &lesson.constants {
        if !say.values[0].is_nan() {
            let [value, sum] = &mut of_all[say.side as usize];
            *value += weights[say.parameter] * say.values[0];
            *sum += weights[say.parameter];
        }
    }
    let mut sums = of_all.map(|[value, sum]| [vec![value; n], vec![sum; n]]);
    for say in lesson.says.iter().filter(|say| weights[say.parameter] != 0.0) {
        add(&mut sums, say, weights[say.parameter]);
    }
    sums
}

/// The sums where one weight is by so much more.
fn with_more(lesson: &Lesson, sums: &Sums, parameter: usize, more: f64) -> Sums {
    let mut sums = sums.clone();
    for say in lesson.says.iter().filter(|say| say.parameter == parameter) {
        add(&mut sums, say, more);
    }
    for say in lesson.constants.iter().filter(|say| say.parameter == parameter && !say.values[0].is_nan()) {
        let [value, sum] = &mut sums[say.side as usize];
        for (value, sum) in value.iter_mut().zip(sum) {
            *value += more * say.values[0];
            *sum += more;
        }
    }
    sums
}

fn add(sums: &mut Sums, Say { side, values, .. }: &Say, weight: f64) {
    let [value, sum] = &mut sums[*side as usize];
    for ((value, sum), &said) in value.iter_mut().zip(sum).zip(values) {
        let (said, applies) = if said.is_nan() { (0.0, 0.0) } else { (said, 1.0) };
        *value += weight * said;
        *sum += weight * applies;
    }
}

fn scores_of(sums: &Sums) -> Vec<f64> {
    let [[anchor, of_anchor], [supplier, of_supplier]] = sums;
    let score =
        |row: usize| score_of_sums([[anchor[row], of_anchor[row]], [supplier[row], of_supplier[row]]]);
    (0..anchor.len()).map(score).collect()
}

/// How far down a list it is looked, each counting alike: those at 10 are few, so that what is
/// learnt from them alone is chance.
const DEPTHS: [usize; 3] = [10, 30, 100];

/// Mean NDCG at several depths. A row that stands for several candidates counts as so many;
/// equal scores count half before.
pub(super) fn gain(lesson: &Lesson, weights: &[f64]) -> f64 {
    gain_of(lesson, &sums(lesson, weights))
}

fn gain_of(lesson: &Lesson, sums: &Sums) -> f64 {
    let ranks = ranks(lesson, scores_of(sums));
    let discount = |rank: f64| 1.0 / libm::log2(rank + 2.0);
    let of_depth = |depth: usize| {
        // Those that came true and rank higher come before as well.
        let ranks = ranks.iter().enumerate().map(|(before, rank)| rank + before as f64);
        let found: f64 = ranks.filter(|&rank| rank < depth as f64).map(discount).sum();
        let ideal: f64 = (0..lesson.n_true.min(depth)).map(|rank| discount(rank as f64)).sum();
        found / ideal
    };
    DEPTHS.into_iter().map(of_depth).sum::<f64>() / DEPTHS.len() as f64
}

/// For each that came true how many others rank before it, ascending. O(rows · log n_true).
fn ranks(lesson: &Lesson, mut scores: Vec<f64>) -> Vec<f64> {
    let rest = scores.split_off(lesson.n_true);
    scores.sort_unstable_by(|a, b| b.total_cmp(a));
    // By how much more than the one before each has before it; halves of whole numbers are exact.
    let mut more = vec![0.0; scores.len() + 1];
    for (other, count) in rest.iter().zip(&lesson.counts[lesson.n_true..]) {
        let above = scores.partition_point(|score| score > other);
        let level = above + scores[above..].partition_point(|score| score >= other);
        more[above] += count / 2.0;
        more[level] += count / 2.0;
    }
    more.truncate(scores.len());
    let mut before = 0.0;
    for more in &mut more {
        before += *more;
        *more = before;
    }
    more
}

/// By how many steps weights are above the prior ones, by parameter: up to [`FURTHEST`] doublings,
/// or as many halvings below, and one step more to 0. From 0 they go to a 16th of the largest, and on.
pub(super) type Steps = Vec<i32>;

const FURTHEST: i32 = 4;

/// The weights that can be reached in steps from prior ones.
#[derive(Clone, Copy)]
pub(super) struct Grid<'a> {
    pub(super) prior: &'a [f64],
    /// How many steps make a doubling.
    pub(super) fineness: i32,
}

impl Grid<'_> {
    fn weight(&self, parameter: usize, steps: i32) -> f64 {
        let prior = self.prior[parameter];
        if prior > 0.0 {
            if steps < -self.furthest() { 0.0 } else { prior * self.times(steps) }
        } else if steps > 0 {
            let largest = self.prior.iter().copied().fold(0.0, f64::max);
            largest * self.times(steps - 1 - self.furthest())
        } else {
            0.0
        }
    }

    /// The fewest steps of a weight and the most.
    fn range(&self, parameter: usize) -> RangeInclusive<i32> {
        let lowest = if self.prior[parameter] > 0.0 { -self.furthest() - 1 } else { 0 };
        lowest..=self.furthest()
    }

    fn furthest(&self) -> i32 {
        FURTHEST * self.fineness
    }

    fn times(&self, steps: i32) -> f64 {
        libm::exp2(f64::from(steps) / f64::from(self.fineness))
    }

    pub(super) fn weights(&self, steps: &[i32]) -> Vec<f64> {
        steps.iter().enumerate().map(|(parameter, &steps)| self.weight(parameter, steps)).collect()
    }
}

/// A problem of fitting: lessons that count alike, and weights to stay near.
pub(super) struct Problem<'a> {
    pub(super) lessons: Vec<&'a Lesson>,
    pub(super) grid: Grid<'a>,
    /// What a doubling or halving of a weight must gain; n of them as much as n² times.
    pub(super) strength: f64,
}

impl Problem<'_> {
    const ROUNDS: usize = 60;
    /// A step that gains less is not taken.
    const LEAST: f64 = 1e-6;

    /// Mean gain over the lessons less what it costs to be far from the prior weights.
    fn worth(&self, steps: &[i32], gain: impl Fn(usize, &Lesson) -> f64 + Sync) -> f64 {
        let lessons = self.lessons.par_iter().enumerate();
        let gains: Vec<f64> = lessons.map(|(number, lesson)| gain(number, lesson)).collect();
        // In order, so that threads change no digit.
        let mean = gains.iter().sum::<f64>() / gains.len() as f64;
        let far: i32 = steps.iter().map(|steps| steps * steps).sum();
        mean - self.strength * f64::from(far) / f64::from(self.grid.fineness * self.grid.fineness)
    }

    /// From some weights on, the best step of any weight as long as one is worth it.
    pub(super) fn ascend(&self, start: Steps) -> Steps {
        let mut steps = start;
        let mut weights = self.grid.weights(&steps);
        let mut here = self.worth(&steps, |_, lesson| gain(lesson, &weights));
        let says = self.lessons.iter().flat_map(|lesson| &lesson.says);
        let varied: BTreeSet<usize> = says.map(|say| say.parameter).collect();
        // From two doublings down to the finest step.
        let sizes = std::iter::successors(Some(2 * self.grid.fineness), |size| Some(size / 2));
        let sizes: Vec<i32> = sizes.take_while(|&size| size > 0).collect();
        for _ in 0..Self::ROUNDS {
            // Each trial changes one weight of these.
            let base: Vec<Sums> = self.lessons.par_iter().map(|lesson| sums(lesson, &weights)).collect();
            let mut best: Option<(f64, Steps)> = None;
            for &parameter in &varied {
                for step in sizes.iter().map(|size| -size).chain(sizes.iter().rev().copied()) {
                    let mut next = steps.clone();
                    next[parameter] += step;
                    if self.grid.range(parameter).contains(&next[parameter]) {
                        let more = self.grid.weight(parameter, next[parameter]) - weights[parameter];
                        let there = self.worth(&next, |number, lesson| {
                            gain_of(lesson, &with_more(lesson, &base[number], parameter, more))
                        });
                        if there > best.as_ref().map_or(here + Self::LEAST, |best| best.0) {
                            best = Some((there, next));
                        }
                    }
                }
            }
            let Some(best) = best else { break };
            (here, steps) = best;
            weights = self.grid.weights(&steps);
        }
        steps
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::{FirmIx, Side};

    fn lesson() -> impl Strategy<Value = Lesson> {
        let value = || prop_oneof![Just(f64::NAN), Just(0.0), Just(0.5), 0.0..=1.0];
        (1usize..6, 1usize..30).prop_flat_map(move |(n_true, others)| {
            let n = n_true + others;
            let counts = prop::collection::vec(1u8..5, n);
            let column = (0usize..3, any::<bool>(), prop::collection::vec(value(), n));
            let constant = (0usize..3, any::<bool>(), prop::collection::vec(value(), 1));
            let says = (prop::collection::vec(column, 1..5), prop::collection::vec(constant, 0..3));
            (counts, says).prop_map(move |(counts, (says, constants))| {
                let say = |(parameter, is_anchor, values): (usize, bool, Vec<f64>)| Say {
                    parameter,
                    side: if is_anchor { Side::Anchor } else { Side::Supplier },
                    values,
                };
                Lesson {
                    anchor: FirmIx::new(0),
                    n_true,
                    counts: counts.into_iter().map(f64::from).collect(),
                    says: says.into_iter().map(say).collect(),
                    constants: constants.into_iter().map(say).collect(),
                }
            })
        })
    }

    /// Scores of an anchor's side and the supplier's alike.
    fn scored(n_true: usize, scores: &[f64]) -> Lesson {
        let say = |side| Say { parameter: 0, side, values: scores.to_vec() };
        Lesson {
            anchor: FirmIx::new(0),
            n_true,
            counts: vec![1.0; scores.len()],
            says: vec![say(Side::Anchor), say(Side::Supplier)],
            constants: Vec::new(),
        }
    }

    #[test]
    fn all_that_came_true_in_front_is_the_whole_gain() {
        // Twelve: more than the first depth holds.
        let scores: Vec<f64> = (0..40).map(|row| 1.0 - f64::from(row) / 64.0).collect();
        assert!((gain(&scored(12, &scores), &[1.0]) - 1.0).abs() < 1e-12);
        // One that came true comes second: 1 / log₂ 3 at every depth.
        assert!((gain(&scored(1, &[0.5, 0.75, 0.25]), &[1.0]) - 1.0 / libm::log2(3.0)).abs() < 1e-12);
    }

    #[test]
    fn weights_go_by_doublings_and_cost_their_square() {
        let grid = Grid { prior: &[3.0, 0.0], fineness: 2 };
        let of = |steps: [i32; 2]| grid.weights(&steps);
        assert_eq!(of([0, 0]), [3.0, 0.0]);
        assert_eq!(of([2, 0]), [6.0, 0.0]);
        assert_eq!(of([-8, 0]), [3.0 / 16.0, 0.0], "four halvings");
        assert_eq!(of([-9, 0]), [0.0, 0.0]);
        // From 0 to a 16th of the largest, and on.
        assert_eq!(of([0, 1]), [3.0, 3.0 / 16.0]);
        assert_eq!(of([0, 3]), [3.0, 3.0 / 8.0]);
        assert_eq!((grid.range(0), grid.range(1)), (-9..=8, 0..=8));

        let lesson = scored(1, &[0.5, 0.25]);
        let problem = Problem { lessons: vec![&lesson], grid, strength: 0.0625 };
        let worth = |steps: [i32; 2]| problem.worth(&steps, |_, _| 0.5);
        assert_eq!(worth([0, 0]), 0.5);
        assert_eq!(worth([2, 0]), 0.5 - 0.0625);
        assert_eq!(worth([-2, 2]), 0.5 - 2.0 * 0.0625);
        assert_eq!(worth([4, 0]), 0.5 - 4.0 * 0.0625, "two doublings four times as much");
    }

    proptest! {
        #[test]
        fn ranks_are_those_of_counting(lesson in lesson(), weights in prop::array::uniform3(0.0f64..4.0)) {
            let scores = scores(&lesson, &weights);
            let (found, rest) = scores.split_at(lesson.n_true);
            let before = |score: &f64| {
                let others = rest.iter().zip(&lesson.counts[lesson.n_true..]);
                let halves = |(other, count): (&f64, &f64)| {
                    count * (f64::from(u8::from(other > score)) + f64::from(u8::from(other >= score))) / 2.0
                };
                others.map(halves).sum()
            };
            let mut counted: Vec<f64> = found.iter().map(before).collect();
            counted.sort_unstable_by(f64::total_cmp);
            prop_assert_eq!(ranks(&lesson, scores.clone()), counted);
        }

        #[test]
        fn one_weight_more_is_that_weight_in_the_sums(
            lesson in lesson(),
            weights in prop::array::uniform3(0.0f64..4.0),
            parameter in 0usize..3,
            weight in 0.0f64..4.0,
        ) {
            let more = with_more(&lesson, &sums(&lesson, &weights), parameter, weight - weights[parameter]);
            let mut changed = weights;
            changed[parameter] = weight;
            let (one, other) = (more.as_flattened().concat(), sums(&lesson, &changed).as_flattened().concat());
            prop_assert!(one.iter().zip(&other).all(|(a, b)| (a - b).abs() < 1e-12), "{one:?} {other:?}");
        }
    }
}
