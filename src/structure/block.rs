//! Many anchors pulled for together.

use rayon::prelude::*;

use super::adjacency::Side;
use super::kernel::share_out;
use super::scores::Best;
use super::spread::{Spread, best_of};
use super::{Batch, MemoryError, Ranked, Scores};
use crate::model::FirmIx;

/// Anchors that are pulled for together.
const LANES: usize = 16;
/// Up to so many firms, together the fronts of a block fit a core's own cache; beyond,
/// pushing was faster in every measurement.
const MOST_FIRMS: usize = 1 << 15;
/// A relation that is pulled costs as much as three that are pushed, and the most that a push may
/// walk is about twice what it does.
const PUSHED_A_PULLED: usize = 6;

/// The best of many anchors. Those of much work are pulled for in blocks, if their pushes
/// would walk more than [`PUSHED_A_PULLED`] times all relations.
pub(super) fn best(
    kernel: &impl Spread,
    anchors: &[FirmIx],
    batch: &Batch<'_>,
) -> Result<Vec<Ranked>, MemoryError> {
    let places = &kernel.adjacency().places;
    let n = places.len();
    let (alone, together) = (Scores::bytes(n), Scores::bytes(n) + Block::bytes(n));
    let is_small = n <= MOST_FIRMS && batch.memory >= together;
    let tasks = batch.tasks(if is_small { together } else { alone })?;
    let works: Vec<usize> = anchors.par_iter().map(|&anchor| kernel.most_work(places.of(anchor))).collect();
    let mut items: Vec<(usize, FirmIx)> = anchors.iter().copied().enumerate().collect();
    items.sort_by_key(|&(position, _)| std::cmp::Reverse(works[position]));
    // Whole blocks, or few at a time, so that every task has its share to the end.
    let group = anchors.len().div_ceil(if is_small { tasks } else { 8 * tasks }).clamp(1, LANES);
    let scratch = || (Scores::default(), Block::default());
    Ok(share_out(tasks, &items, group, scratch, |(scores, block), items, done| {
        let most_work: usize = items.iter().map(|&(position, _)| works[position]).sum();
        if is_small && most_work / PUSHED_A_PULLED > kernel.last_step().1.len() {
            return block.best(kernel, items, batch, scores, done);
        }
        for &(position, anchor) in items {
            let is_wanted = |firm| (batch.is_wanted)(anchor, firm);
            done.push((position, best_of(kernel, anchor, batch.most, &is_wanted, scores)));
        }
    }))
}

/// The fronts of several anchors side by side.
#[derive(Debug, Default)]
struct Block {
    /// Where the numbers of a place stand in `rows`; those of places on no front stand first
    /// and are 0.
    slots: Vec<u32>,
    rows: Vec<[f64; LANES]>,
    fronts: Vec<Vec<(u32, f64)>>,
    /// (place, lane, score), ascending.
    corrected: Vec<(usize, usize, f64)>,
}

impl Block {
    /// Working memory for `n` firms, at most.
    fn bytes(n: usize) -> usize {
        n * (size_of::<u32>() + size_of::<[f64; LANES]>() + LANES * size_of::<(u32, f64)>())
    }

    fn best(
        &mut self,
        kernel: &impl Spread,
        items: &[(usize, FirmIx)],
        batch: &Batch<'_>,
        scores: &mut Scores,
        done: &mut Vec<(usize, Ranked)>,
    ) {
        let (_, pull_side) = kernel.last_step();
        let places = &kernel.adjacency().places;
        self.fronts.resize(LANES, Vec::new());
        self.corrected.clear();
        for (lane, &(_, anchor)) in items.iter().enumerate() {
            let place = places.of(anchor);
            scores.reset(places);
            kernel.front(place, scores);
            self.corrected.push((place, lane, 0.0));
            for &relation in kernel.adjacency().forth.row(place) {
                let relation = relation as usize;
                if (batch.is_wanted)(anchor, places.firm(relation))
                    && let Some(score) = kernel.corrected(place, relation, &scores.halves)
                {
                    self.corrected.push((relation, lane, score));
                }
            }
            std::mem::swap(&mut self.fronts[lane], &mut scores.front);
        }
        self.fill(places.len(), items.len());
        self.corrected.sort_unstable_by_key(|&(place, lane, _)| (place, lane));
        let mut corrected = self.corrected.iter().peekable();
        let mut best: Vec<Best> = items.iter().map(|_| Best::new(batch.most)).collect();
        let mut bars = [f64::INFINITY; LANES];
        bars.iter_mut().zip(&best).for_each(|(bar, best)| *bar = best.bar());
        for place in 0..places.len() {
            let mut sums = self.pull(pull_side, place);
            while let Some(&(_, lane, score)) = corrected.next_if(|of| of.0 == place) {
                if sums[lane] != 0.0 {
                    sums[lane] = score;
                }
            }
            if sums.iter().zip(&bars).filter(|(sum, bar)| sum > bar).count() > 0 {
                for (lane, (best, &(_, anchor))) in best.iter_mut().zip(items).enumerate() {
                    if sums[lane] > bars[lane] {
                        let firm = places.firm(place);
                        let exact = || (batch.is_wanted)(anchor, firm).then_some(sums[lane]);
                        bars[lane] = best.offer(firm, sums[lane], exact);
                    }
                }
            }
        }
        done.extend(items.iter().zip(best).map(|(&(position, _), best)| (position, best.finish())));
    }

    /// Puts the fronts of the first `lanes` side by side.
    fn fill(&mut self, n: usize, lanes: usize) {
        self.slots.clear();
        self.slots.resize(n, 0);
        for &(place, _) in self.fronts[..lanes].iter().flatten() {
            self.slots[place as usize] = 1;
        }
        let mut last = 0;
        for slot in self.slots.iter_mut().filter(|slot| **slot > 0) {
            last += 1;
            *slot = last;
        }
        self.rows.clear();
        self.rows.resize(last as usize + 1, [0.0; LANES]);
        for (lane, front) in self.fronts[..lanes].iter().enumerate() {
            for &(place, number) in front {
                self.rows[self.slots[place as usize] as usize][lane] = number;
            }
        }
    }

    /// The scores of one place. What is on no front adds 0, which changes no bit.
    #[inline]
    fn pull(&self, side: &Side, place: usize) -> [f64; LANES] {
        let mut sums = [0.0; LANES];
        side.each(place, |from, weight| {
            let row = &self.rows[self.slots[from] as usize];
            for (sum, number) in sums.iter_mut().zip(row) {
                *sum += number * weight;
            }
        });
        sums
    }
}
