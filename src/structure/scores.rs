//! What a kernel finds for one anchor.

use std::sync::Arc;

use super::Ranked;
use super::adjacency::Places;
use super::column::{Column, Marks};
use crate::model::FirmIx;

/// The scores of all firms for one anchor, and the working memory to find them; reused
/// from anchor to anchor.
///
/// Memory, once used: at most 17 bytes a firm of the network, and 16 for each firm two steps from the
/// anchor. Clearing costs what was walked, not the number of firms.
#[derive(Debug, Clone, Default)]
pub struct Scores {
    /// Of the kernel that filled it.
    pub(super) places: Option<Arc<Places>>,
    pub(super) sums: Column,
    /// Sums on the way there.
    pub(super) halves: Column,
    pub(super) marks: Marks,
    /// Places ascending, and what spreads from each.
    pub(super) front: Vec<(u32, f64)>,
}

impl Scores {
    /// Working memory for `n` firms, at most.
    pub(super) fn bytes(n: usize) -> usize {
        2 * Column::bytes(n) + n / 8 + n * size_of::<(u32, f64)>()
    }

    /// All 0, for a kernel that has these places.
    pub(super) fn reset(&mut self, places: &Arc<Places>) {
        self.sums.reset(places.len());
        self.front.clear();
        if self.places.as_ref().is_none_or(|own| !Arc::ptr_eq(own, places)) {
            self.places = Some(places.clone());
        }
    }

    /// The score of a firm, at least 0; 0 before a kernel has filled them.
    ///
    /// # Panics
    ///
    /// If it is no firm of the kernel's network.
    pub fn get(&self, firm: FirmIx) -> f64 {
        self.places.as_ref().map_or(0.0, |places| self.sums.get(places.of(firm)))
    }

    /// The scores above 0; for the same network and anchor always in the same order.
    pub fn positive(&self) -> Vec<(FirmIx, f64)> {
        let mut positive = Vec::new();
        let Some(places) = &self.places else { return positive };
        self.sums.above(0.0, |place, score| {
            positive.push((places.firm(place), score));
            0.0
        });
        positive
    }

    /// The `most` firms of the highest scores above 0 among those that `is_wanted` lets
    /// through, best first, ties by firm id.
    ///
    /// O(firms reached + most · log most); asks `is_wanted` only for those in the running.
    pub fn best(&self, most: usize, is_wanted: impl Fn(FirmIx) -> bool) -> Ranked {
        self.most_of(most, is_wanted).finish()
    }

    /// The same firms of all, in no order.
    pub(crate) fn best_unordered(&self, most: usize) -> Ranked {
        self.most_of(most, |_| true).finish_unordered()
    }

    fn most_of(&self, most: usize, is_wanted: impl Fn(FirmIx) -> bool) -> Best {
        let mut best = Best::new(most);
        let Some(places) = &self.places else { return best };
        self.sums.above(0.0, |place, score| {
            let firm = places.firm(place);
            best.offer(firm, score, || is_wanted(firm).then_some(score))
        });
        best
    }
}

/// How many scores are gathered before the best of them are picked.
fn room(most: usize) -> usize {
    most.max(8).saturating_mul(4)
}

/// The best in the making.
#[derive(Debug, Clone)]
pub(super) struct Best {
    most: usize,
    found: Vec<(FirmIx, f64)>,
    /// Scores up to here have no chance.
    bar: f64,
}

impl Best {
    pub(super) fn new(most: usize) -> Self {
        let found = Vec::with_capacity(room(most).min(1 << 10));
        Self { most, found, bar: if most == 0 { f64::INFINITY } else { 0.0 } }
    }

    /// What a score must exceed to be in the running.
    pub(super) fn bar(&self) -> f64 {
        self.bar
    }

    /// Takes a score above the bar; the bar from now on.
    ///
    /// `exact` tells what the score is, at most that, or that the firm is not wanted.
    pub(super) fn offer(&mut self, firm: FirmIx, score: f64, exact: impl FnOnce() -> Option<f64>) -> f64 {
        if score > self.bar
            && let Some(score) = exact().filter(|&score| score > self.bar)
        {
            self.found.push((firm, score));
            // Seldom, so that a score costs little; but often enough to raise the bar.
            if self.found.len() >= room(self.most) {
                self.cut();
                // Just below the last: an equal score with a smaller id is still better.
                self.bar = self.found.last().map_or(self.bar, |last| last.1.next_down());
            }
        }
        self.bar
    }

    fn cut(&mut self) {
        let order = |a: &(FirmIx, f64), b: &(FirmIx, f64)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
        if self.found.len() > self.most {
            self.found.select_nth_unstable_by(self.most - 1, order);
            self.found.truncate(self.most);
        }
    }

    fn finish_unordered(mut self) -> Ranked {
        self.cut();
        self.found
    }

    pub(super) fn finish(mut self) -> Ranked {
        // A few are sorted as fast as they are parted.
        if self.found.len() > 128 {
            self.cut();
        }
        self.found.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        self.found.truncate(self.most);
        self.found
    }
}
