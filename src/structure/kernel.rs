//! What all kernels have in common.

use std::fmt::Debug;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::Scores;
use crate::model::FirmIx;

/// A structural score of every firm for an anchor.
///
/// Sums run in one order, which follows from the network alone: relations by the firm
/// at their far end, firms by falling number of relations, then by id. So a score has the
/// same bits whichever way it is computed, for one anchor or many, on however many threads.
///
/// ```
/// use jiedui::dataset::Dataset;
/// use jiedui::model::Supply;
/// use jiedui::network::Network;
/// use jiedui::structure::{Batch, Kernel, Reach, ReachWalk, Scores, SharedPartners};
///
/// let mut builder = Dataset::builder();
/// for (supplier, buyer) in [("steel", "works 1"), ("steel", "works 2"), ("castings", "works 2")] {
///     builder.add_supply(&Supply::new(supplier, buyer));
/// }
/// let network = Network::build(&builder.finish().0)?;
/// let kernels: [Box<dyn Kernel>; 2] = [
///     Box::new(SharedPartners::new(&network)),
///     Box::new(Reach::new(&network, ReachWalk::default())?),
/// ];
/// let anchors = ["works 1", "works 2"].map(|id| network.firm_ix(id).unwrap());
/// // Who is not yet a supplier, in at most 64 MB of working memory.
/// let is_new = |anchor, firm| network.trade(firm, anchor).is_none();
/// let batch = Batch::new(10).wanted(&is_new).memory(64 << 20);
/// for kernel in kernels {
///     let ranked = kernel.best(&anchors, &batch)?;
///     // The same by one query after the other.
///     let mut scores = Scores::default();
///     let again = kernel.best_of(anchors[0], 10, &|firm| is_new(anchors[0], firm), &mut scores);
///     assert_eq!(again, ranked[0]);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Kernel: Debug + Send + Sync {
    /// The scores of all firms for one anchor, which itself scores 0.
    ///
    /// # Panics
    ///
    /// If the anchor is no firm of the network; so do the others.
    fn score(&self, anchor: FirmIx, scores: &mut Scores);

    /// The scores of all firms for each of a few anchors, in their order: those of
    /// [`score`](Self::score), found together where that is faster. Each takes the memory of one
    /// [`Scores`].
    fn score_each(&self, anchors: &[FirmIx]) -> Vec<Scores> {
        let one = |&anchor: &FirmIx| {
            let mut scores = Scores::default();
            self.score(anchor, &mut scores);
            scores
        };
        anchors.iter().map(one).collect()
    }

    /// The `most` best firms for one anchor among those that `is_wanted` lets through, with the
    /// scores that [`score`](Self::score) finds; `scores` is working memory alone. For a service
    /// that answers one query after the other.
    fn best_of(
        &self,
        anchor: FirmIx,
        most: usize,
        is_wanted: &dyn Fn(FirmIx) -> bool,
        scores: &mut Scores,
    ) -> Ranked;

    /// The best firms for each anchor, in the order of the anchors: the same scores as by
    /// [`score`](Self::score), on all threads, and many anchors together where that
    /// is faster.
    ///
    /// # Errors
    ///
    /// [`MemoryError`] where the limit does not suffice for one thread.
    fn best(&self, anchors: &[FirmIx], batch: &Batch<'_>) -> Result<Vec<Ranked>, MemoryError>;
}

/// The best firms for one anchor with their scores, best first, ties by firm id.
pub type Ranked = Vec<(FirmIx, f64)>;

/// What is asked for many anchors at once.
#[derive(Clone, Copy)]
pub struct Batch<'a> {
    /// How many firms an anchor at most, only such as score above 0.
    pub most: usize,
    /// Which firms an anchor wants: (anchor, firm). Asked of its own relations and of those in the
    /// running.
    pub is_wanted: &'a (dyn Fn(FirmIx, FirmIx) -> bool + Sync),
    /// Working memory of all threads together, bytes. The less, the fewer threads and
    /// anchors together.
    pub memory: usize,
}

impl<'a> Batch<'a> {
    /// The best among all firms, in whatever memory it takes.
    pub fn new(most: usize) -> Self {
        Self { most, is_wanted: &|_, _| true, memory: usize::MAX }
    }

    /// The best among those that `is_wanted`, asked as (anchor, firm), lets through.
    #[must_use]
    pub fn wanted(self, is_wanted: &'a (dyn Fn(FirmIx, FirmIx) -> bool + Sync)) -> Self {
        Self { is_wanted, ..self }
    }

    /// At most so many bytes of working memory, all threads together.
    #[must_use]
    pub fn memory(self, bytes: usize) -> Self {
        Self { memory: bytes, ..self }
    }

    /// How many tasks may run beside each other where one takes so many bytes.
    pub(super) fn tasks(&self, bytes: usize) -> Result<usize, MemoryError> {
        match self.memory / bytes.max(1) {
            0 => Err(MemoryError { limit: self.memory, needed: bytes }),
            tasks => Ok(tasks.min(rayon::current_num_threads())),
        }
    }
}

impl Debug for Batch<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Batch")
            .field("most", &self.most)
            .field("memory", &self.memory)
            .finish_non_exhaustive()
    }
}

/// The limit on working memory does not suffice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{limit} bytes of working memory are too few for one thread; allow at least {needed}")]
pub struct MemoryError {
    /// The limit that was set.
    pub limit: usize,
    /// What one thread takes.
    pub needed: usize,
}

/// Does `work` on each group of items, the tasks taking the next group whenever they are
/// free; the results in the order of the items. Each task has a scratch of its own from
/// beginning to end.
pub(super) fn share_out<S, T: Send>(
    tasks: usize,
    items: &[(usize, FirmIx)],
    group: usize,
    scratch: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, &[(usize, FirmIx)], &mut Vec<(usize, T)>) + Sync,
) -> Vec<T> {
    let groups: Vec<&[(usize, FirmIx)]> = items.chunks(group).collect();
    let next = AtomicUsize::new(0);
    let run = |_| {
        let (mut scratch, mut done) = (scratch(), Vec::new());
        while let Some(group) = groups.get(next.fetch_add(1, Ordering::Relaxed)) {
            work(&mut scratch, group, &mut done);
        }
        done
    };
    let done: Vec<Vec<(usize, T)>> =
        (0..tasks.min(groups.len())).into_par_iter().with_max_len(1).map(run).collect();
    let mut done: Vec<(usize, T)> = done.into_iter().flatten().collect();
    done.sort_unstable_by_key(|&(position, _)| position);
    done.into_iter().map(|(_, result)| result).collect()
}
