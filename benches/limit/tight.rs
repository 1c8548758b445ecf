//! As fast as plain Rust goes: flat columns in f32, one dense accumulator a thread.

use rayon::prelude::*;

use crate::region::Region;
use crate::{Loops, Ranking, TOGETHER, best};

/// Neighbours and weights of each firm in one direction.
struct Side {
    offsets: Vec<u32>,
    firms: Vec<u32>,
    weights: Vec<f32>,
}

impl Side {
    /// `edges` of (firm, neighbour, weight), by firm.
    fn new(n: usize, mut edges: Vec<(u32, u32, f32)>) -> Self {
        edges.sort_unstable_by_key(|edge| (edge.0, edge.1));
        let mut offsets = vec![0; n + 1];
        for edge in &edges {
            offsets[edge.0 as usize + 1] += 1;
        }
        for firm in 0..n {
            offsets[firm + 1] += offsets[firm];
        }
        Self {
            offsets,
            firms: edges.iter().map(|edge| edge.1).collect(),
            weights: edges.iter().map(|edge| edge.2).collect(),
        }
    }

    fn range(&self, firm: u32) -> std::ops::Range<usize> {
        self.offsets[firm as usize] as usize..self.offsets[firm as usize + 1] as usize
    }

    fn firms(&self, firm: u32) -> &[u32] {
        &self.firms[self.range(firm)]
    }

    fn edges(&self, firm: u32) -> impl Iterator<Item = (u32, f32)> {
        let range = self.range(firm);
        self.firms[range.clone()].iter().copied().zip(self.weights[range].iter().copied())
    }
}

/// A dense column of which few are not 0.
struct Accumulator {
    sums: Vec<f32>,
    /// The first `n_touched` are the firms whose sum is not 0.
    touched: Vec<u32>,
    n_touched: usize,
}

impl Accumulator {
    fn new(n: usize) -> Self {
        // One more than firms, for the place that the next new firm would take.
        Self { sums: vec![0.0; n], touched: vec![0; n + 1], n_touched: 0 }
    }

    /// Adds a weight above 0. Without a branch: whether a firm is new cannot be foretold.
    #[inline]
    fn add(&mut self, firm: u32, weight: f32) {
        let sum = &mut self.sums[firm as usize];
        self.touched[self.n_touched] = firm;
        self.n_touched += usize::from(*sum == 0.0);
        *sum += weight;
    }

    /// The sums, leaving zeros.
    fn drain(&mut self) -> impl Iterator<Item = (u32, f32)> {
        let sums = &mut self.sums;
        let touched = &self.touched[..std::mem::take(&mut self.n_touched)];
        touched.iter().map(|&firm| (firm, std::mem::take(&mut sums[firm as usize])))
    }

    /// The best of them, leaving zeros.
    fn rank(&mut self, anchor: u32, own: &[u32]) -> Ranking {
        let is_new = |firm| firm != anchor && own.binary_search(&firm).is_err();
        best(self.drain().map(|(firm, sum)| (firm, f64::from(sum))), is_new)
    }
}

pub(crate) struct Columns {
    suppliers: Side,
    buyers: Side,
    /// Each pair once whatever its direction.
    partners: Side,
    /// 1/√W.
    nodes: Vec<f32>,
}

impl Columns {
    pub(crate) fn new(region: &Region) -> Self {
        let n = region.firms;
        let weight = |age: u32| (-(age as f32) / 12.0).exp2();
        let upstream = region.edges.iter().map(|edge| (edge.buyer, edge.supplier, weight(edge.age)));
        let downstream = region.edges.iter().map(|edge| (edge.supplier, edge.buyer, weight(edge.age)));
        let mut both: Vec<(u32, u32, f32)> = upstream.clone().chain(downstream.clone()).collect();
        let mut totals = vec![0.0; n];
        for edge in &both {
            totals[edge.0 as usize] += edge.2;
        }
        both.sort_unstable_by_key(|edge| (edge.0, edge.1));
        both.dedup_by_key(|edge| (edge.0, edge.1));
        Self {
            suppliers: Side::new(n, upstream.collect()),
            buyers: Side::new(n, downstream.collect()),
            partners: Side::new(n, both),
            nodes: totals.into_iter().map(|total: f32| 1.0 / total.sqrt()).collect(),
        }
    }

    /// Edges that shared partners walk: those of all partners.
    pub(crate) fn partner_edges(&self, anchors: &[u32]) -> u64 {
        let partners = anchors.iter().flat_map(|&anchor| self.partners.firms(anchor));
        partners.map(|&partner| self.partners.firms(partner).len() as u64).sum()
    }

    /// Edges that co-supply walks: those of the anchor's suppliers to their buyers, and
    /// those of each such buyer to its suppliers.
    pub(crate) fn path_edges(&self, anchors: &[u32]) -> u64 {
        let mut edges = 0;
        for &anchor in anchors {
            let suppliers = self.suppliers.firms(anchor).iter();
            let mut buyers: Vec<u32> =
                suppliers.flat_map(|&supplier| self.buyers.firms(supplier)).copied().collect();
            edges += buyers.len();
            buyers.sort_unstable();
            buyers.dedup();
            buyers.retain(|&buyer| buyer != anchor);
            edges += buyers.iter().map(|&buyer| self.suppliers.firms(buyer).len()).sum::<usize>();
        }
        edges as u64
    }
}

impl Loops for Columns {
    fn shared_partners(&self, anchors: &[u32]) -> Vec<Ranking> {
        let rank = |sums: &mut Accumulator, &anchor: &u32| {
            for &partner in self.partners.firms(anchor) {
                let others = self.partners.firms(partner);
                let share = 1.0 / others.len() as f32;
                for &other in others {
                    sums.add(other, share);
                }
            }
            sums.rank(anchor, self.suppliers.firms(anchor))
        };
        anchors
            .par_iter()
            .with_min_len(TOGETHER)
            .map_init(|| Accumulator::new(self.nodes.len()), rank)
            .collect()
    }

    fn co_supply(&self, anchors: &[u32]) -> Vec<Ranking> {
        let rank = |(halves, sums): &mut (Accumulator, Accumulator), &anchor: &u32| {
            for (supplier, near) in self.suppliers.edges(anchor) {
                let weight = near * self.nodes[supplier as usize];
                for (buyer, far) in self.buyers.edges(supplier) {
                    halves.add(buyer, weight * far);
                }
            }
            for (buyer, half) in halves.drain().filter(|(buyer, _)| *buyer != anchor) {
                let weight = half * self.nodes[buyer as usize];
                for (supplier, last) in self.suppliers.edges(buyer) {
                    sums.add(supplier, weight * last);
                }
            }
            sums.rank(anchor, self.suppliers.firms(anchor))
        };
        let scratch = || (Accumulator::new(self.nodes.len()), Accumulator::new(self.nodes.len()));
        anchors.par_iter().with_min_len(TOGETHER).map_init(scratch, rank).collect()
    }
}
