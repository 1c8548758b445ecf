//! Supply rows put in order: shared out by supplier, then sorted a supplier at a time.

use rayon::prelude::*;

use super::SupplyRow;

/// Rows in a bucket of suppliers, about: so many that a core's own cache holds them.
const BUCKET_ROWS: usize = 16 * 1024;

/// Rows by bucket.
struct Share {
    rows: Vec<SupplyRow>,
    /// Where each bucket begins, and where the last one ends.
    starts: Vec<u32>,
}

/// Rows of `n_firms` firms by supplier, buyer, date, product and value, on all threads.
///
/// `O(rows + firms)` for the suppliers, and in each supplier's rows a sort. At its peak
/// the rows are there twice.
pub(super) fn in_order(parts: Vec<Vec<SupplyRow>>, n_firms: usize) -> Vec<SupplyRow> {
    let n_rows: usize = parts.iter().map(Vec::len).sum();
    let width = (n_firms / (n_rows / BUCKET_ROWS).max(1)).max(1).next_power_of_two();
    sorted_by(parts, Buckets { shift: width.ilog2(), count: n_firms.div_ceil(width) })
}

fn sorted_by(parts: Vec<Vec<SupplyRow>>, buckets: Buckets) -> Vec<SupplyRow> {
    let n_rows = parts.iter().map(Vec::len).sum();
    let Some(&filler) = parts.iter().find_map(|rows| rows.first()) else { return Vec::new() };
    let parts = parts.into_par_iter().map_init(Vec::new, |scratch, rows| Share::of(rows, buckets, scratch));
    let parts: Vec<Share> = parts.collect();
    let mut sorted = vec![filler; n_rows];
    let mut of_buckets = Vec::with_capacity(buckets.count);
    let mut rest = sorted.as_mut_slice();
    for bucket in 0..buckets.count {
        let rows;
        let size = parts.iter().map(|share| share.bucket(bucket).len()).sum();
        (rows, rest) = rest.split_at_mut(size);
        of_buckets.push(rows);
    }
    of_buckets.into_par_iter().enumerate().for_each(|(bucket, rows)| {
        let of_bucket = || parts.iter().flat_map(|share| share.bucket(bucket));
        sort_bucket(of_bucket, 1 << buckets.shift, rows);
    });
    sorted
}

/// How suppliers are shared out: 2^`shift` in a row to each bucket.
#[derive(Clone, Copy)]
struct Buckets {
    shift: u32,
    count: usize,
}

impl Share {
    /// Moves rows to their buckets by way of `scratch`.
    fn of(mut rows: Vec<SupplyRow>, buckets: Buckets, scratch: &mut Vec<SupplyRow>) -> Self {
        let bucket = |row: &SupplyRow| row.supplier.index() >> buckets.shift;
        let mut starts = vec![0; buckets.count + 1];
        for row in &rows {
            starts[bucket(row) + 1] += 1;
        }
        for bucket in 0..buckets.count {
            starts[bucket + 1] += starts[bucket];
        }
        let mut next = starts.clone();
        scratch.clear();
        scratch.extend_from_slice(&rows);
        for row in &*scratch {
            let next = &mut next[bucket(row)];
            rows[*next as usize] = *row;
            *next += 1;
        }
        Self { rows, starts }
    }

    fn bucket(&self, bucket: usize) -> &[SupplyRow] {
        &self.rows[self.starts[bucket] as usize..self.starts[bucket + 1] as usize]
    }
}

/// Sorts the rows of a bucket of `width` suppliers into `sorted`.
fn sort_bucket<'a, Of: Iterator<Item = &'a SupplyRow>>(
    of_bucket: impl Fn() -> Of,
    width: usize,
    mut sorted: &mut [SupplyRow],
) {
    let place = |row: &SupplyRow| row.supplier.index() & (width - 1);
    let mut ends = vec![0; width + 1];
    for row in of_bucket() {
        ends[place(row) + 1] += 1;
    }
    for place in 0..width {
        ends[place + 1] += ends[place];
    }
    // Where each supplier's rows begin becomes where they end.
    for row in of_bucket() {
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
            let parts: Vec<Vec<SupplyRow>> = rows.chunks(part).map(<[_]>::to_vec).collect();
            let buckets = Buckets { shift, count: n_firms.div_ceil(1 << shift) };
            prop_assert_eq!(&sorted_by(parts.clone(), buckets), &expected);
            prop_assert_eq!(in_order(parts, n_firms), expected);
        }
    }
}
