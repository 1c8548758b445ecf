//! One number for every place, most of them 0.

use super::adjacency::Side;

/// Sums by place. Keeps book of where it is not 0 as long as that is little; beyond, looking
/// through all is cheaper.
#[derive(Debug, Clone, Default)]
pub(super) struct Column {
    values: Vec<f64>,
    /// Where values are not 0, each place once: the first `n_touched`.
    touched: Vec<u32>,
    n_touched: usize,
    /// Whether any value may be not 0, and no book was kept.
    is_dense: bool,
}

/// Book is kept up to one relation walked for so many places.
const PLACES_A_RELATION: usize = 8;

impl Column {
    /// Memory for `n` places, at most.
    pub(super) fn bytes(n: usize) -> usize {
        n * size_of::<f64>() + (n / PLACES_A_RELATION + 1) * size_of::<u32>()
    }

    /// All 0, for `n` places. Costs what was walked, not `n`.
    pub(super) fn reset(&mut self, n: usize) {
        if std::mem::take(&mut self.is_dense) {
            self.values.fill(0.0);
        }
        for &place in &self.touched[..std::mem::take(&mut self.n_touched)] {
            self.values[place as usize] = 0.0;
        }
        self.values.resize(n, 0.0);
    }

    /// Adds to every place that `front` is related to, what stands at the front times the
    /// weight of the relation, in the order of the front. All of these are above 0, the
    /// column was 0.
    pub(super) fn spread(&mut self, front: &[(u32, f64)], side: &Side) {
        let values = self.values.as_mut_slice();
        let work = work(front, side);
        self.is_dense = work > values.len() / PLACES_A_RELATION;
        if self.is_dense {
            for &(place, weight) in front {
                side.each(place as usize, |to, share| values[to] += weight * share);
            }
            return;
        }
        // One more, for the place that the next new one would take.
        if self.touched.len() <= work {
            self.touched.resize(work + 1, 0);
        }
        let (touched, n_touched) = (self.touched.as_mut_slice(), &mut self.n_touched);
        for &(place, weight) in front {
            side.each(place as usize, |to, share| {
                let value = &mut values[to];
                // Without a branch: whether a place is new cannot be foretold.
                touched[*n_touched] = to as u32;
                *n_touched += usize::from(*value == 0.0);
                *value += weight * share;
            });
        }
    }

    /// Sets many values at once; the column was 0.
    pub(super) fn fill(&mut self, values: impl Iterator<Item = (usize, f64)>) {
        self.is_dense = true;
        for (place, value) in values {
            self.values[place] = value;
        }
    }

    /// Sets some values, each place once; the column was 0.
    pub(super) fn put(&mut self, values: &[(u32, f64)]) {
        self.is_dense = false;
        self.n_touched = values.len();
        if self.touched.len() < values.len() {
            self.touched.resize(values.len(), 0);
        }
        for (touched, &(place, value)) in self.touched.iter_mut().zip(values) {
            *touched = place;
            self.values[place as usize] = value;
        }
    }

    /// Puts the book in ascending order.
    pub(super) fn sort(&mut self, marks: &mut Marks) {
        marks.sort(&mut self.touched[..self.n_touched], self.values.len());
    }

    pub(super) fn get(&self, place: usize) -> f64 {
        self.values.get(place).copied().unwrap_or(0.0)
    }

    /// Replaces a value unless it is 0, which is not kept book of.
    pub(super) fn replace(&mut self, place: usize, value: f64) {
        if self.values[place] != 0.0 {
            self.values[place] = value;
        }
    }

    /// Visits the values above the bar, which `visit` returns anew; ascending if it is
    /// dense or sorted.
    pub(super) fn above(&self, mut bar: f64, mut visit: impl FnMut(usize, f64) -> f64) {
        if self.is_dense {
            for (chunk, values) in self.values.chunks(TOGETHER).enumerate() {
                if any_above(values, bar) {
                    bar = visit_above(chunk, values, bar, &mut visit);
                }
            }
        } else {
            for &place in &self.touched[..self.n_touched] {
                let value = self.values[place as usize];
                if value > bar {
                    bar = visit(place as usize, value);
                }
            }
        }
    }

    /// The same in any order, and leaves all 0, in one go.
    pub(super) fn drain_above(&mut self, mut bar: f64, mut visit: impl FnMut(usize, f64) -> f64) {
        if std::mem::take(&mut self.is_dense) {
            for (chunk, values) in self.values.chunks_mut(TOGETHER).enumerate() {
                if any_above(values, bar) {
                    bar = visit_above(chunk, values, bar, &mut visit);
                }
                values.fill(0.0);
            }
        } else {
            // From the end: what firms of few relations have added counts most, and came last.
            for &place in self.touched[..std::mem::take(&mut self.n_touched)].iter().rev() {
                let value = std::mem::take(&mut self.values[place as usize]);
                if value > bar {
                    bar = visit(place as usize, value);
                }
            }
        }
    }
}

/// Values that are compared with the bar at a time.
const TOGETHER: usize = 16;

/// Counted, without an early end, so that they are compared at once.
fn any_above(values: &[f64], bar: f64) -> bool {
    values.iter().filter(|&&value| value > bar).count() > 0
}

fn visit_above(chunk: usize, values: &[f64], mut bar: f64, visit: &mut impl FnMut(usize, f64) -> f64) -> f64 {
    for (offset, &value) in values.iter().enumerate() {
        if value > bar {
            bar = visit(chunk * TOGETHER + offset, value);
        }
    }
    bar
}

/// How many relations a front has.
fn work(front: &[(u32, f64)], side: &Side) -> usize {
    front.iter().map(|&(place, _)| side.row(place as usize).len()).sum()
}

/// One bit a place, to put many places in order.
#[derive(Debug, Clone, Default)]
pub(super) struct Marks(Vec<u64>);

impl Marks {
    /// Sorts places below `n`, each there once.
    fn sort(&mut self, places: &mut [u32], n: usize) {
        // Reading all marks costs about as much as sorting this many.
        if places.len() < n / 1024 || places.len() < 32 {
            return places.sort_unstable();
        }
        self.0.resize(n.div_ceil(64), 0);
        for &place in places.iter() {
            self.0[place as usize / 64] |= 1 << (place % 64);
        }
        let mut sorted = places.iter_mut();
        for (word, marks) in self.0.iter_mut().enumerate() {
            let mut marks = std::mem::take(marks);
            while marks != 0 {
                if let Some(place) = sorted.next() {
                    *place = word as u32 * 64 + marks.trailing_zeros();
                }
                marks &= marks - 1;
            }
        }
    }
}
