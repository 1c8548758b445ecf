//! The weights that rank what came true highest.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::lesson::{Lesson, Say};
use crate::matcher::harmonic_mean;

/// The score of every row, as the matcher has it.
pub(super) fn scores(lesson: &Lesson, weights: &[f64]) -> Vec<f64> {
    let n = lesson.counts.len();
    // Σ w·v and Σ w of each side.
    let mut of_all = [[0.0; 2]; 2];
    for say in &lesson.constants {
        if !say.values[0].is_nan() {
            let [value, sum] = &mut of_all[say.side as usize];
            *value += weights[say.parameter] * say.values[0];
            *sum += weights[say.parameter];
        }
    }
    let mut sums = of_all.map(|[value, sum]| [vec![value; n], vec![sum; n]]);
    for Say { parameter, side, values } in &lesson.says {
        let weight = weights[*parameter];
        if weight == 0.0 {
            continue;
        }
        let [value, sum] = &mut sums[*side as usize];
        for ((value, sum), &said) in value.iter_mut().zip(sum).zip(values) {
            let (said, applies) = if said.is_nan() { (0.0, 0.0) } else { (said, 1.0) };
            *value += weight * said;
            *sum += weight * applies;
        }
    }
    let utility = |value: f64, sum: f64| if sum > 0.0 { value / sum } else { 0.0 };
    let [[anchor, of_anchor], [supplier, of_supplier]] = &sums;
    let score = |row: usize| {
        let anchor = utility(anchor[row], of_anchor[row]);
        let supplier = utility(supplier[row], of_supplier[row]);
        harmonic_mean(anchor, supplier)
    };
    (0..n).map(score).collect()
}

/// How far down a list it is looked, each counting alike: those at 10 are few, so that what is
/// learnt from them alone is chance.
const DEPTHS: [usize; 3] = [10, 30, 100];

/// Mean NDCG at several depths. A row that stands for several candidates counts as so many;
/// equal scores count half before.
pub(super) fn gain(lesson: &Lesson, weights: &[f64]) -> f64 {
    let scores = scores(lesson, weights);
    let (found, rest) = scores.split_at(lesson.n_true);
    let mut ranks: Vec<f64> = found
        .iter()
        .map(|score| {
            let before = rest.iter().zip(&lesson.counts[lesson.n_true..]).map(|(other, count)| {
                count * (f64::from(u8::from(other > score)) + f64::from(u8::from(other >= score))) / 2.0
            });
            before.sum()
        })
        .collect();
    ranks.sort_unstable_by(f64::total_cmp);
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

/// A problem of fitting: lessons that count alike, and weights to stay near.
pub(super) struct Problem<'a> {
    pub(super) lessons: Vec<&'a Lesson>,
    pub(super) prior: &'a [f64],
    /// What a doubling or halving of a weight must gain; n of them as much as n² times.
    pub(super) strength: f64,
    /// How many steps make a doubling.
    pub(super) fineness: i32,
}

/// By how many steps weights are above the prior ones, by parameter: up to [`FURTHEST`] doublings,
/// or as many halvings below, and one step more to 0. From 0 they go to a 16th of the largest, and on.
pub(super) type Steps = Vec<i32>;

const FURTHEST: i32 = 4;

impl Problem<'_> {
    const ROUNDS: usize = 60;
    /// A step that gains less is not taken.
    const LEAST: f64 = 1e-6;

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

    fn furthest(&self) -> i32 {
        FURTHEST * self.fineness
    }

    fn times(&self, steps: i32) -> f64 {
        libm::exp2(f64::from(steps) / f64::from(self.fineness))
    }

    pub(super) fn weights(&self, steps: &[i32]) -> Vec<f64> {
        steps.iter().enumerate().map(|(parameter, &steps)| self.weight(parameter, steps)).collect()
    }

    /// Mean gain over the lessons less what it costs to be far from the prior weights.
    fn worth(&self, steps: &[i32]) -> f64 {
        let weights = self.weights(steps);
        let gains: Vec<f64> = self.lessons.par_iter().map(|lesson| gain(lesson, &weights)).collect();
        // In order, so that threads change no digit.
        let mean = gains.iter().sum::<f64>() / gains.len() as f64;
        let far: i32 = steps.iter().map(|steps| steps * steps).sum();
        mean - self.strength * f64::from(far) / f64::from(self.fineness * self.fineness)
    }

    /// From some weights on, the best step of any weight as long as one is worth it.
    pub(super) fn ascend(&self, start: Steps) -> Steps {
        let mut steps = start;
        let mut here = self.worth(&steps);
        let says = self.lessons.iter().flat_map(|lesson| &lesson.says);
        let varied: BTreeSet<usize> = says.map(|say| say.parameter).collect();
        // From two doublings down to the finest step.
        let sizes = std::iter::successors(Some(2 * self.fineness), |size| Some(size / 2));
        let sizes: Vec<i32> = sizes.take_while(|&size| size > 0).collect();
        for _ in 0..Self::ROUNDS {
            let mut best: Option<(f64, Steps)> = None;
            for &parameter in &varied {
                let lowest = if self.prior[parameter] > 0.0 { -self.furthest() - 1 } else { 0 };
                for step in sizes.iter().map(|size| -size).chain(sizes.iter().rev().copied()) {
                    let mut next = steps.clone();
                    next[parameter] += step;
                    if (lowest..=self.furthest()).contains(&next[parameter]) {
                        let there = self.worth(&next);
                        if there > best.as_ref().map_or(here + Self::LEAST, |best| best.0) {
                            best = Some((there, next));
                        }
                    }
                }
            }
            let Some(best) = best else { break };
            (here, steps) = best;
        }
        steps
    }
}
