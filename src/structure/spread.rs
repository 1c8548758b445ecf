//! The last step of a walk, from a front of firms to the scores of all.

use std::fmt::Debug;

use super::adjacency::{Adjacency, Side};
use super::column::Column;
use super::scores::Best;
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

    /// What the score of a place is, where the last step alone finds too much; only relations of
    /// the anchor can be such. Asked after the front, with what stands halfway.
    fn corrected(&self, anchor: usize, place: usize, halves: &Column) -> Option<f64>;
}

/// For one anchor: additions at random places, in the order of the front.
///
/// The front is ascending, so rows are read one after the other; that alone halves the time
/// where they exceed the caches.
pub(super) fn score(kernel: &impl Spread, anchor: FirmIx, scores: &mut Scores) {
    push(kernel, anchor, scores);
    let Adjacency { places, forth, .. } = kernel.adjacency();
    let anchor = places.of(anchor);
    let Scores { sums, halves, .. } = scores;
    for &relation in forth.row(anchor) {
        if let Some(score) = kernel.corrected(anchor, relation as usize, halves) {
            sums.replace(relation as usize, score);
        }
    }
}

/// For one anchor, its best alone: what must be corrected is so only where it is in the running.
pub(super) fn best_of(
    kernel: &impl Spread,
    anchor: FirmIx,
    most: usize,
    is_wanted: &dyn Fn(FirmIx) -> bool,
    scores: &mut Scores,
) -> Ranked {
    push(kernel, anchor, scores);
    let places = &kernel.adjacency().places;
    let anchor = places.of(anchor);
    let Scores { sums, halves, .. } = scores;
    let mut best = Best::new(most);
    sums.drain_above(0.0, |place, score| {
        let firm = places.firm(place);
        best.offer(firm, score, || {
            is_wanted(firm).then(|| kernel.corrected(anchor, place, halves).unwrap_or(score))
        })
    });
    best.finish()
}

/// Finds the scores but for what must be corrected.
fn push(kernel: &impl Spread, anchor: FirmIx, scores: &mut Scores) {
    let places = &kernel.adjacency().places;
    scores.reset(places);
    kernel.front(places.of(anchor), scores);
    scores.sums.spread(&scores.front, kernel.last_step().0);
    scores.sums.replace(places.of(anchor), 0.0);
}
