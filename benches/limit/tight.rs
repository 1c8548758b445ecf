//! As fast as plain Rust goes: flat columns in f32, one dense accumulator a thread.

use std::sync::Mutex;

use rayon::prelude::*;

use crate::region::Region;
use crate::{Loops, RESTART, Ranking, TOLERANCE, best};

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
    /// The weights of all partners of each firm.
    totals: Vec<f32>,
    /// 1/√W.
    nodes: Vec<f32>,
}

impl Columns {
    pub(crate) fn new(region: &Region) -> Self {
        let n = region.firms;
        let edges = || region.edges.iter().zip(region.weights());
        let upstream = edges().map(|(edge, weight)| (edge.buyer, edge.supplier, weight as f32));
        let downstream = edges().map(|(edge, weight)| (edge.supplier, edge.buyer, weight as f32));
        let mut both: Vec<(u32, u32, f32)> = upstream.clone().chain(downstream.clone()).collect();
        let mut totals = vec![0.0; n];
        for edge in &both {
            totals[edge.0 as usize] += edge.2;
        }
        // The heavier relation of two partners first, which stays.
        both.sort_unstable_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)).then(b.2.total_cmp(&a.2)));
        both.dedup_by_key(|edge| (edge.0, edge.1));
        let partners = Side::new(n, both);
        Self {
            suppliers: Side::new(n, upstream.collect()),
            buyers: Side::new(n, downstream.collect()),
            totals: (0..n as u32).map(|firm| partners.edges(firm).map(|edge| edge.1).sum()).collect(),
            partners,
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

/// A kernel for one anchor.
pub(crate) type OfOne = fn(&Columns, u32, &mut Scratch) -> Ranking;

/// Working memory of a thread.
pub(crate) struct Scratch {
    halves: Accumulator,
    sums: Accumulator,
}

impl Columns {
    pub(crate) fn scratch(&self) -> Scratch {
        let accumulator = || Accumulator::new(self.nodes.len());
        Scratch { halves: accumulator(), sums: accumulator() }
    }

    pub(crate) fn shared_partners_of(&self, anchor: u32, Scratch { sums, .. }: &mut Scratch) -> Ranking {
        for (partner, near) in self.partners.edges(anchor) {
            let share = near / self.totals[partner as usize];
            for (other, far) in self.partners.edges(partner) {
                sums.add(other, share * far);
            }
        }
        sums.rank(anchor, self.suppliers.firms(anchor))
    }

    pub(crate) fn co_supply_of(&self, anchor: u32, Scratch { halves, sums }: &mut Scratch) -> Ranking {
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
    }

    /// Each thread has one scratch from beginning to end.
    fn each(&self, anchors: &[u32], of: impl Fn(&Self, u32, &mut Scratch) -> Ranking + Sync) -> Vec<Ranking> {
        let share = anchors.len().div_ceil(4 * rayon::current_num_threads());
        let scratches: Vec<Mutex<Scratch>> =
            (0..rayon::current_num_threads()).map(|_| Mutex::new(self.scratch())).collect();
        let ranked: Vec<Vec<Ranking>> = anchors
            .par_chunks(share)
            .map(|anchors| {
                let scratch = &scratches[rayon::current_thread_index().unwrap_or(0)];
                let mut scratch = scratch.lock().expect("no panic");
                anchors.iter().map(|&anchor| of(self, anchor, &mut scratch)).collect()
            })
            .collect();
        ranked.into_iter().flatten().collect()
    }

    /// Power iteration for a few anchors side by side, f64 since f32 doesn't reach the tolerance.
    fn reach_of(&self, anchors: &[u32]) -> Vec<Ranking> {
        const LANES: usize = 8;
        let n = self.nodes.len();
        let (mut now, mut next) = (vec![[0.0f64; LANES]; n], vec![[0.0f64; LANES]; n]);
        for (lane, &anchor) in anchors.iter().enumerate() {
            now[anchor as usize][lane] = 1.0;
        }
        loop {
            // What each edge of a firm carries on.
            for (shares, &total) in now.iter_mut().zip(&self.totals) {
                let scale = if total > 0.0 { (1.0 - RESTART) / f64::from(total) } else { 0.0 };
                for share in shares {
                    *share *= scale;
                }
            }
            let mut change = [0.0; LANES];
            for firm in 0..n {
                let mut sums = [0.0; LANES];
                for (partner, weight) in self.partners.edges(firm as u32) {
                    for (sum, share) in sums.iter_mut().zip(&now[partner as usize]) {
                        *sum += f64::from(weight) * share;
                    }
                }
                for (lane, &anchor) in anchors.iter().enumerate() {
                    if anchor as usize == firm {
                        sums[lane] += RESTART;
                    }
                }
                let before = f64::from(self.totals[firm]) / (1.0 - RESTART);
                for lane in 0..LANES {
                    change[lane] += (sums[lane] - now[firm][lane] * before).abs();
                }
                next[firm] = sums;
            }
            std::mem::swap(&mut now, &mut next);
            if change.iter().all(|change| change * (1.0 - RESTART) <= TOLERANCE * RESTART) {
                break;
            }
        }
        let rank = |(lane, &anchor): (usize, &u32)| {
            let own = self.suppliers.firms(anchor);
            let is_new = |firm| firm != anchor && own.binary_search(&firm).is_err();
            best(now.iter().enumerate().map(|(firm, shares)| (firm as u32, shares[lane])), is_new)
        };
        anchors.iter().enumerate().map(rank).collect()
    }
}

impl Loops for Columns {
    fn shared_partners(&self, anchors: &[u32]) -> Vec<Ranking> {
        self.each(anchors, Self::shared_partners_of)
    }

    fn co_supply(&self, anchors: &[u32]) -> Vec<Ranking> {
        self.each(anchors, Self::co_supply_of)
    }

    fn reach(&self, anchors: &[u32]) -> Vec<Ranking> {
        anchors.par_chunks(8).flat_map_iter(|anchors| self.reach_of(anchors)).collect()
    }
}
