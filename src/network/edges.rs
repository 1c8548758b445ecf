//! From sorted supply rows to edges in both directions, on all threads.

use rayon::prelude::*;

use super::window::Window;
use super::{NetworkError, Rows, Trade, check_size};
use crate::dataset::SupplyRow;
use crate::model::{FirmIx, ProductIx};

/// Supply rows that one task takes, before the rest of the last supplier's.
const PART_ROWS: usize = 16 * 1024;
/// Tasks for each thread before what they found is taken over.
const PARTS_PER_THREAD: usize = 4;

/// Edges by supplier and buyer, with what else the rows say of them.
#[derive(Default)]
pub(super) struct Edges {
    pub(super) buyers: Rows<FirmIx>,
    pub(super) trades: Vec<Trade>,
    /// By supplier, see [`Network::newly_won`](super::Network::newly_won); none where all are 0.
    pub(super) newly_won: Vec<f64>,
    /// Yearly value by product; without rows where no supply row names a product.
    pub(super) lines: Rows<(ProductIx, f64)>,
    /// Who sold what, once for each buyer, by supplier.
    pub(super) supplied: Vec<(FirmIx, ProductIx)>,
}

/// What some suppliers' rows come to.
#[derive(Default)]
struct Part {
    /// How many edges each supplier has that has any.
    degrees: Vec<(FirmIx, u32)>,
    /// For the same suppliers.
    newly_won: Vec<f64>,
    buyers: Vec<FirmIx>,
    trades: Vec<Trade>,
    /// By edge, counted from the first of this part.
    lines: Vec<(usize, (ProductIx, f64))>,
    supplied: Vec<(FirmIx, ProductIx)>,
}

impl Edges {
    /// The edges of sorted supply rows between `n` firms.
    pub(super) fn of_rows(n: usize, rows: &[SupplyRow], window: &Window) -> Result<Self, NetworkError> {
        let (mut degrees, mut newly_won) = (vec![0; n], vec![0.0; n]);
        // Room for an edge a row, which is given back; what is not written takes no memory.
        let (mut buyers, mut trades) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
        let (mut lines, mut supplied) = (Vec::new(), Vec::new());
        let parts = parts(rows);
        let mut waves = parts.chunks(PARTS_PER_THREAD * rayon::current_num_threads());
        let find = |wave: Option<&[&[SupplyRow]]>| -> Vec<Part> {
            wave.unwrap_or_default().par_iter().map(|rows| Part::of(rows, window)).collect()
        };
        let mut take = |found: Vec<Part>| {
            for part in found {
                for ((supplier, degree), won) in part.degrees.into_iter().zip(part.newly_won) {
                    degrees[supplier.index()] = degree;
                    newly_won[supplier.index()] = won;
                }
                let first = buyers.len();
                lines.extend(part.lines.into_iter().map(|(edge, line)| (first + edge, line)));
                buyers.extend(part.buyers);
                trades.extend(part.trades);
                supplied.extend(part.supplied);
            }
        };
        let mut found = find(waves.next());
        while !found.is_empty() {
            // What was found is taken over while the next is found.
            ((), found) = rayon::join(|| take(found), || find(waves.next()));
        }
        buyers.shrink_to_fit();
        trades.shrink_to_fit();
        let n_edges = buyers.len();
        check_size("supply edges", n_edges)?;
        check_size("product lines", lines.len())?;
        let lines =
            if lines.is_empty() { Rows::default() } else { Rows::group(n_edges, lines.iter().copied()) };
        Ok(Self { buyers: Rows::of_sizes(degrees.into_iter(), buyers), trades, newly_won, lines, supplied })
    }

    /// Edges by supplier and buyer, each pair once.
    pub(super) fn of_trades(n: usize, edges: &[(FirmIx, FirmIx, Trade)]) -> Result<Self, NetworkError> {
        check_size("supply edges", edges.len())?;
        Ok(Self {
            buyers: Rows::group(n, edges.iter().map(|edge| (edge.0.index(), edge.1))),
            trades: edges.iter().map(|edge| edge.2).collect(),
            ..Self::default()
        })
    }
}

impl Part {
    fn of(rows: &[SupplyRow], window: &Window) -> Self {
        let (buyers, trades) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
        let mut part = Self { buyers, trades, ..Self::default() };
        for of_supplier in rows.chunk_by(|a, b| a.supplier() == b.supplier()) {
            let supplier = of_supplier[0].supplier();
            let before = part.buyers.len();
            let mut newly_won = 0.0;
            for pair in of_supplier.chunk_by(|a, b| a.buyer() == b.buyer()) {
                let Some((trade, newness)) = window.trade(pair) else { continue };
                let edge = part.buyers.len();
                part.buyers.push(pair[0].buyer());
                part.trades.push(trade);
                newly_won += newness;
                if pair.iter().any(|row| row.product().is_some()) {
                    let products = window.products(pair).into_iter();
                    part.supplied.extend(products.map(|product| (supplier, product)));
                    part.lines.extend(window.lines(pair).into_iter().map(|line| (edge, line)));
                }
            }
            let degree = part.buyers.len() - before;
            if degree > 0 {
                part.degrees.push((supplier, degree as u32));
                part.newly_won.push(newly_won);
            }
        }
        part
    }
}

/// Cuts sorted rows between suppliers.
fn parts(mut rows: &[SupplyRow]) -> Vec<&[SupplyRow]> {
    let mut parts = Vec::new();
    while rows.len() > PART_ROWS {
        let supplier = rows[PART_ROWS - 1].supplier();
        let end = rows.partition_point(|row| row.supplier() <= supplier);
        let (part, rest) = rows.split_at(end);
        parts.push(part);
        rows = rest;
    }
    parts.push(rows);
    parts
}

/// The suppliers of each buyer, ascending, and for each the number of its edge.
///
/// Each task walks all rows and takes of each the buyers of its own range, so that no two
/// write to one place: O(edges), and for each thread O(firms · log of the edges of one).
pub(super) fn transpose(buyers: &Rows<FirmIx>) -> (Rows<FirmIx>, Vec<u32>) {
    let n = buyers.len();
    let degrees = degrees(n, buyers.items());
    let n_edges = buyers.items().len();
    let mut suppliers: Vec<FirmIx> = rayon::iter::repeat_n(FirmIx::default(), n_edges).collect();
    let mut numbers = vec![0u32; n_edges];
    let share = n_edges.div_ceil(rayon::current_num_threads()).max(1);
    let mut ranges = Vec::new();
    let (mut suppliers_left, mut numbers_left) = (suppliers.as_mut_slice(), numbers.as_mut_slice());
    let (mut start, mut size) = (0, 0);
    for (buyer, degree) in degrees.iter().enumerate() {
        size += *degree as usize;
        if size >= share || (buyer + 1 == n && size > 0) {
            let (suppliers, numbers);
            (suppliers, suppliers_left) = suppliers_left.split_at_mut(size);
            (numbers, numbers_left) = numbers_left.split_at_mut(size);
            ranges.push((start..buyer + 1, suppliers, numbers));
            (start, size) = (buyer + 1, 0);
        }
    }
    ranges.into_par_iter().for_each(|(range, suppliers, numbers)| {
        let mut next = Vec::with_capacity(range.len());
        let mut start = 0;
        for degree in &degrees[range.clone()] {
            next.push(start);
            start += degree;
        }
        for supplier in 0..n {
            let row = buyers.row(supplier);
            let below = row.partition_point(|buyer| buyer.index() < range.start);
            let edges = (buyers.range(supplier).start + below) as u32..;
            for (buyer, number) in row[below..].iter().zip(edges) {
                let Some(next) = next.get_mut(buyer.index() - range.start) else { break };
                suppliers[*next as usize] = FirmIx::new(supplier);
                numbers[*next as usize] = number;
                *next += 1;
            }
        }
    });
    (Rows::of_sizes(degrees.into_iter(), suppliers), numbers)
}

/// How often each of `n` firms is named, a share of the names counted by each thread.
fn degrees(n: usize, named: &[FirmIx]) -> Vec<u32> {
    let share = named.len().div_ceil(rayon::current_num_threads()).max(1);
    let counted = named.par_chunks(share).map(|named| {
        let mut degrees = vec![0; n];
        for firm in named {
            degrees[firm.index()] += 1;
        }
        degrees
    });
    let add = |mut sums: Vec<u32>, degrees: Vec<u32>| {
        sums.iter_mut().zip(degrees).for_each(|(sum, degree)| *sum += degree);
        sums
    };
    counted.reduce_with(add).unwrap_or_else(|| vec![0; n])
}
