//! The last step of a walk, from a front of firms to the scores of all.

use std::fmt::Debug;

use super::adjacency::{Adjacency, Side};
use super::{Ranked, Scores};
use crate::model::FirmIx;

/// A kernel that first finds, for an anchor, a front: some firms with a number each; the
/// score of a firm is then the sum over its relations to the front, number times weight.
pub(super) trait Spread: Debug + Send + Sync {
    fn adjacency(&self) -> &Adjacency;

    /// Where the last step leads, and where it comes from.
    fn last_step(&self) -> (&Side, &Side);

    /// How many relations pushing walks for an anchor, at most.
    fn most_work(&self, anchor: usize) -> usize;

    /// Finds the front of an anchor, ascending, all numbers above 0.
    fn front(&self, anchor: usize, scores: &mut Scores);

    /// Scores that the last step alone gets wrong: adds places with what is right, for those
    /// that `is_wanted` lets through. Asked directly after the front.
    fn correct(&self, anchor: usize, is_wanted: &dyn Fn(FirmIx) -> bool, scores: &mut Scores);
}

/// For one anchor: additions at random places, in the order of the front.
///
/// The front is ascending, so rows are read one after the other; that alone halves the time
/// where they exceed the caches.
pub(super) fn score(kernel: &impl Spread, anchor: FirmIx, scores: &mut Scores) {
    prepare(kernel, anchor, &|_| true, scores);
    push(kernel, scores);
}

/// For one anchor, its best alone.
pub(super) fn best_of(
    kernel: &impl Spread,
    anchor: FirmIx,
    most: usize,
    is_wanted: &dyn Fn(FirmIx) -> bool,
    scores: &mut Scores,
) -> Ranked {
    prepare(kernel, anchor, is_wanted, scores);
    push(kernel, scores);
    scores.drain_best(most, is_wanted)
}

/// Finds the front of an anchor, and what must be corrected.
pub(super) fn prepare(
    kernel: &impl Spread,
    anchor: FirmIx,
    is_wanted: &dyn Fn(FirmIx) -> bool,
    scores: &mut Scores,
) {
    let places = &kernel.adjacency().places;
    scores.reset(places);
    kernel.front(places.of(anchor), scores);
    scores.corrected.push((places.of(anchor), 0.0));
    kernel.correct(places.of(anchor), is_wanted, scores);
}

/// From the front to the scores.
fn push(kernel: &impl Spread, scores: &mut Scores) {
    scores.sums.spread(&scores.front, kernel.last_step().0);
    for &(place, value) in &scores.corrected {
        if scores.sums.get(place) != 0.0 {
            scores.sums.set(place, value);
        }
    }
}
