//! Rows of unequal length in one flat column.

use std::ops::Range;

/// For each of `n` keys a row of items: compressed sparse rows.
///
/// Invariants: `offsets` has `n + 1` entries, begins with 0, never falls and ends
/// with `items.len()`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rows<T> {
    offsets: Vec<u32>,
    items: Vec<T>,
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self { offsets: vec![0], items: Vec::new() }
    }
}

impl<T: Copy> Rows<T> {
    /// Groups `pairs` of (key below `n`, item) by key, keeping their order within a key.
    ///
    /// The pairs are walked twice; there must be fewer than 2³² of them.
    pub(crate) fn group(n: usize, pairs: impl Iterator<Item = (usize, T)> + Clone) -> Self {
        let mut offsets = vec![0u32; n + 1];
        let mut first = None;
        for (key, item) in pairs.clone() {
            offsets[key + 1] += 1;
            first.get_or_insert(item);
        }
        for key in 0..n {
            offsets[key + 1] += offsets[key];
        }
        let Some(filler) = first else { return Self { offsets, items: Vec::new() } };
        let mut items = vec![filler; offsets[n] as usize];
        let mut next = offsets.clone();
        for (key, item) in pairs {
            items[next[key] as usize] = item;
            next[key] += 1;
        }
        Self { offsets, items }
    }

    /// Rows of `items` that are grouped already; `sizes` says how many each key has.
    pub(super) fn of_sizes(sizes: impl ExactSizeIterator<Item = u32>, items: Vec<T>) -> Self {
        let mut offsets = Vec::with_capacity(sizes.len() + 1);
        let mut end = 0;
        offsets.push(0);
        offsets.extend(sizes.map(|size| {
            end += size;
            end
        }));
        debug_assert_eq!(end as usize, items.len());
        Self { offsets, items }
    }

    /// How many keys there are.
    pub(super) fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// The items of a key.
    pub(crate) fn row(&self, key: usize) -> &[T] {
        &self.items[self.range(key)]
    }

    /// Where the items of a key stand in [`items`](Self::items).
    pub(crate) fn range(&self, key: usize) -> Range<usize> {
        self.offsets[key] as usize..self.offsets[key + 1] as usize
    }

    /// All items, row after row.
    pub(crate) fn items(&self) -> &[T] {
        &self.items
    }

    /// Bytes held.
    pub(crate) fn bytes(&self) -> usize {
        size_of_val(&*self.offsets) + size_of_val(&*self.items)
    }
}
