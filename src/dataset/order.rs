//! Supply rows put in order: shared out by supplier, then sorted a supplier at a time.

use rayon::prelude::*;

use super::SupplyRow;
use super::supplies::{DateSet, Supplies};

/// Rows in a bucket of suppliers, about: so many that a core's own cache holds them.
const BUCKET_ROWS: usize = 16 * 1024;

/// Rows of which firms and products were numbered together, in pieces.
#[derive(Debug, Clone, Default)]
pub(super) struct Part {
    pub(super) rows: Vec<Vec<SupplyRow>>,
    pub(super) positions: Positions,
}

/// For each number the position that it stands for; `None` where that is the number.
#[derive(Debug, Clone, Default)]
pub(super) struct Positions {
    pub(super) firms: Option<Vec<u32>>,
    pub(super) products: Option<Vec<u32>>,
}

/// Rows by bucket.
struct Share {
    rows: Vec<SupplyRow>,
    /// Where each bucket begins, and where the last one ends.
    starts: Vec<u32>,
    has_refunds: bool,
}

/// Rows of `n_firms` firms by supplier, buyer, date, product and value, on all threads;
/// and whether any of them is a refund.
///
/// `O(rows + firms)` for the suppliers, and in each supplier's rows a sort. At its peak
/// the rows are there twice.
pub(super) fn in_order(parts: Vec<Part>, n_firms: usize) -> (Supplies, bool) {
    let n_rows: usize = parts.iter().flat_map(|part| &part.rows).map(Vec::len).sum();
    let width = (n_firms / (n_rows / BUCKET_ROWS).max(1)).max(1).next_power_of_two();
    sorted_by(parts, Buckets { shift: width.ilog2(), count: n_firms.div_ceil(width) })
}

fn sorted_by(parts: Vec<Part>, buckets: Buckets) -> (Supplies, bool) {
    let (mut pieces, mut positions) = (Vec::new(), Vec::new());
    for part in parts {
        pieces.extend(part.rows.into_iter().map(|rows| (positions.len(), rows)));
        positions.push(part.positions);
    }
    let n_rows = pieces.iter().map(|(_, rows)| rows.len()).sum();
    let dates = DateSet::default();
    let shares = pieces.into_par_iter().map_init(Vec::new, |scratch, (part, rows)| {
        Share::of(rows, &positions[part], buckets, &dates, scratch)
    });
    let shares: Vec<Share> = shares.collect();
    let has_refunds = shares.iter().any(|share| share.has_refunds);
    let dates = dates.sorted();
    let Some(&filler) = shares.iter().find_map(|share| share.rows.first()) else {
        return (Supplies { rows: Vec::new(), dates }, has_refunds);
    };
    // On all threads, as most of it is the system's work to find so much memory.
    let mut sorted: Vec<SupplyRow> = rayon::iter::repeat_n(filler, n_rows).collect();
    let mut of_buckets = Vec::with_capacity(buckets.count);
    let mut rest = sorted.as_mut_slice();
    for bucket in 0..buckets.count {
        let rows;
        let size = shares.iter().map(|share| share.bucket(bucket).len()).sum();
        (rows, rest) = rest.split_at_mut(size);
        of_buckets.push(rows);
    }
    of_buckets.into_par_iter().enumerate().for_each_init(Vec::new, |scratch, (bucket, rows)| {
        scratch.clear();
        for share in &shares {
            scratch.extend_from_slice(share.bucket(bucket));
        }
        sort_bucket(scratch, 1 << buckets.shift, rows);
    });
    (Supplies { rows: sorted, dates }, has_refunds)
}

/// How suppliers are shared out: 2^`shift` in a row to each bucket.
#[derive(Clone, Copy)]
struct Buckets {
    shift: u32,
    count: usize,
}

impl Share {
    /// Puts positions for numbers and moves rows to their buckets, by way of `scratch`.
    fn of(
        mut rows: Vec<SupplyRow>,
        positions: &Positions,
        buckets: Buckets,
        dates: &DateSet,
        scratch: &mut Vec<SupplyRow>,
    ) -> Self {
        let bucket = |row: &SupplyRow| row.supplier.index() >> buckets.shift;
        let position =
            |of: &Option<Vec<u32>>, number: u32| of.as_ref().map_or(number, |of| of[number as usize]);
        let mut starts = vec![0; buckets.count + 1];
        let mut has_refunds = false;
        scratch.clear();
        scratch.extend(rows.iter().map(|row| {
            let mut row = *row;
            row.renumber(
                |firm| position(&positions.firms, firm),
                |product| position(&positions.products, product),
            );
            starts[bucket(&row) + 1] += 1;
            dates.insert(row.date);
            has_refunds |= row.value < 0.0;
            row
        }));
        for bucket in 0..buckets.count {
            starts[bucket + 1] += starts[bucket];
        }
        let mut next = starts.clone();
        for row in &*scratch {
            let next = &mut next[bucket(row)];
            rows[*next as usize] = *row;
            *next += 1;
        }
        Self { rows, starts, has_refunds }
    }

    fn bucket(&self, bucket: usize) -> &[SupplyRow] {
        &self.rows[self.starts[bucket] as usize..self.starts[bucket + 1] as usize]
    }
}

/// Sorts the rows of a bucket of `width` suppliers into `sorted`.
fn sort_bucket(rows: &[SupplyRow], width: usize, mut sorted: &mut [SupplyRow]) {
    let place = |row: &SupplyRow| row.supplier.index() & (width - 1);
    let mut ends = vec![0; width + 1];
    for row in rows {
        ends[place(row) + 1] += 1;
    }
    for place in 0..width {
        ends[place + 1] += ends[place];
    }
    // Where each supplier's rows begin becomes where they end.
    for row in rows {
        let end = &mut ends[place(row)];
        sorted[*end] = *row;
        *end += 1;
    }
    let mut start = 0;
    for end in &ends[..width] {
        let of_supplier;
        (of_supplier, sorted) = sorted.split_at_mut(end - start);
        start = *end;
        of_supplier.sort_unstable_by(|a, b| {
            a.buyer
                .cmp(&b.buyer)
                .then_with(|| (a.date, a.product).cmp(&(b.date, b.product)))
                .then_with(|| a.value.total_cmp(&b.value))
        });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::{Date, FirmIx};

    fn rows(n_firms: usize) -> impl Strategy<Value = Vec<SupplyRow>> {
        let row = (0..n_firms, 0..n_firms, 0u32..3, 0i64..3, -1i8..3).prop_map(
            move |(supplier, buyer, product, year, value)| SupplyRow {
                // Few firms have most rows.
                supplier: FirmIx::new(supplier * supplier / n_firms),
                buyer: FirmIx::new(buyer),
                product,
                date: Date::year(2020 + year).ok().filter(|_| year > 0),
                value: f64::from(value),
            },
        );
        prop::collection::vec(row, 0..300)
    }

    proptest! {
        #[test]
        fn order_is_that_of_a_sort(
            n_firms in 1500usize..2000,
            (part, shift) in (1usize..100, 0u32..12),
            rows in rows(1500),
        ) {
            let mut expected = rows.clone();
            expected.sort_by(|a, b| {
                (a.supplier, a.buyer, a.date, a.product)
                    .cmp(&(b.supplier, b.buyer, b.date, b.product))
                    .then(a.value.total_cmp(&b.value))
            });
            // One part goes by position, another by numbers that run the other way.
            let turned = |of: u32, end: u32| end - 1 - of;
            let mut numbered = rows.clone();
            let (plain, numbered) = numbered.split_at_mut(rows.len() / 2);
            for row in &mut *numbered {
                row.renumber(|firm| turned(firm, n_firms as u32), |product| turned(product, 3));
            }
            let pieces = |rows: &[SupplyRow]| rows.chunks(part).map(<[_]>::to_vec).collect();
            let positions = Positions {
                firms: Some((0..n_firms as u32).rev().collect()),
                products: Some((0..3).rev().collect()),
            };
            let parts = vec![
                Part { rows: pieces(plain), positions: Positions::default() },
                Part { rows: pieces(numbered), positions },
            ];
            let expected = (Supplies::new(expected), rows.iter().any(|row| row.value < 0.0));
            let buckets = Buckets { shift, count: n_firms.div_ceil(1 << shift) };
            prop_assert_eq!(&sorted_by(parts.clone(), buckets), &expected);
            prop_assert_eq!(in_order(parts, n_firms), expected);
        }
    }
}
