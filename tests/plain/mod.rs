//! The structural kernels written down plainly: what the fast ones are checked against.

use std::collections::BTreeMap;

use jiedui::model::FirmIx;
use jiedui::network::Network;
use jiedui::structure::{NodeWeight, PathWeights, Relations, Walk};

/// Neighbours with weights, of every firm.
type Neighbours = Vec<BTreeMap<FirmIx, f64>>;

/// What a walk steps to, and who steps here.
pub(crate) struct Plain<'a> {
    network: &'a Network,
    forth: Neighbours,
    back: Neighbours,
}

impl<'a> Plain<'a> {
    pub(crate) fn new(network: &'a Network, relations: Relations) -> Self {
        let weight = weights(network, relations);
        let (mut suppliers, mut buyers) =
            (vec![BTreeMap::new(); network.n_firms()], vec![BTreeMap::new(); network.n_firms()]);
        for link in network.all_links() {
            let w = weight(link.supplier(), link.buyer());
            if w > 0.0 {
                suppliers[link.buyer().index()].insert(link.supplier(), w);
                buyers[link.supplier().index()].insert(link.buyer(), w);
            }
        }
        match relations.walk {
            Walk::Upstream => Self { network, forth: suppliers, back: buyers },
            Walk::Downstream => Self { network, forth: buyers, back: suppliers },
            Walk::Undirected => {
                for (both, other) in suppliers.iter_mut().zip(&buyers) {
                    for (&firm, &w) in other {
                        let heavier = both.entry(firm).or_insert(w);
                        *heavier = heavier.max(w);
                    }
                }
                Self { network, forth: suppliers.clone(), back: suppliers }
            }
        }
    }

    fn total(side: &Neighbours, firm: FirmIx) -> f64 {
        side[firm.index()].values().sum()
    }

    /// f(W) of an inner firm.
    fn node(&self, weights: PathWeights, firm: FirmIx) -> f64 {
        let total = match weights.relations.walk {
            Walk::Undirected => Self::total(&self.forth, firm),
            _ => Self::total(&self.forth, firm) + Self::total(&self.back, firm),
        };
        match weights.node {
            _ if total == 0.0 => 0.0,
            NodeWeight::InverseRoot => 1.0 / total.sqrt(),
            NodeWeight::Inverse => 1.0 / total,
            NodeWeight::InverseLog => 1.0 / total.max(2.0).ln(),
            _ => 1.0,
        }
    }

    /// What the leading eigenvector of K says of every pair, by squaring K till nothing else is left.
    pub(crate) fn common(&self, weights: PathWeights) -> Vec<Vec<f64>> {
        let firms: Vec<FirmIx> = self.network.firms().collect();
        let f: Vec<f64> = firms.iter().map(|&firm| self.node(weights, firm)).collect();
        let n = firms.len();
        let product = |a: &[Vec<f64>], b: &[Vec<f64>]| -> Vec<Vec<f64>> {
            let cell = |i: usize, j: usize| (0..n).map(|k| a[i][k] * b[k][j]).sum();
            (0..n).map(|i| (0..n).map(|j| cell(i, j)).collect()).collect()
        };
        let trace = |a: &[Vec<f64>]| -> f64 { (0..n).map(|i| a[i][i]).sum() };
        let mut alike = vec![vec![0.0; n]; n];
        for (a, row) in alike.iter_mut().enumerate() {
            for (u, first) in &self.forth[a] {
                for (v, second) in &self.back[u.index()] {
                    row[v.index()] += f[a] * f[v.index()] * first * second * f[u.index()];
                }
            }
        }
        let mut projector = alike.clone();
        for _ in 0..16 {
            projector = product(&projector, &projector);
            let all = trace(&projector);
            projector.iter_mut().flatten().for_each(|cell| *cell /= all);
        }
        let strength = trace(&product(&alike, &projector));
        let common = |a: usize, s: usize| -> f64 {
            let sold = self.back[s].iter().map(|(v, w)| projector[a][v.index()] * w).sum::<f64>();
            if f[a] > 0.0 { strength / f[a] * sold } else { 0.0 }
        };
        (0..n).map(|a| (0..n).map(|s| common(a, s)).collect()).collect()
    }

    /// Every walk a, u, v, s of four distinct firms, as (s, u, v, share).
    pub(crate) fn paths(&self, weights: PathWeights, anchor: FirmIx) -> Vec<(FirmIx, FirmIx, FirmIx, f64)> {
        let f = |firm| self.node(weights, firm);
        let mut paths = Vec::new();
        for (&u, first) in &self.forth[anchor.index()] {
            for (&v, second) in self.back[u.index()].iter().filter(|&(&v, _)| v != anchor) {
                for (&s, third) in self.forth[v.index()].iter().filter(|&(&s, _)| s != anchor && s != u) {
                    paths.push((s, u, v, first * second * third * f(u) * f(v)));
                }
            }
        }
        paths
    }

    pub(crate) fn three_paths(&self, weights: PathWeights, anchor: FirmIx) -> Vec<f64> {
        let mut scores = vec![0.0; self.network.n_firms()];
        for (candidate, _, _, share) in self.paths(weights, anchor) {
            scores[candidate.index()] += share;
        }
        scores
    }

    /// Every walk a, z, s.
    pub(crate) fn shared_partners(&self, anchor: FirmIx) -> Vec<f64> {
        let mut scores = vec![0.0; self.network.n_firms()];
        for (&z, first) in &self.forth[anchor.index()] {
            for (&s, second) in self.back[z.index()].iter().filter(|&(&s, _)| s != anchor) {
                scores[s.index()] += first * second / Self::total(&self.back, z);
            }
        }
        scores
    }

    /// Solves p = r·e(anchor) + (1 − r)·Pᵀp by elimination; the anchor's own share is left out.
    pub(crate) fn reach(&self, restart: f64, anchor: FirmIx) -> Vec<f64> {
        let n = self.network.n_firms();
        // Row i: p(i) − (1 − r)·Σ over the firms that step to i = r where i is the anchor.
        let mut system = vec![vec![0.0; n + 1]; n];
        for (from, steps) in self.forth.iter().enumerate() {
            system[from][from] += 1.0;
            let total: f64 = steps.values().sum();
            for (to, w) in steps {
                system[to.index()][from] -= (1.0 - restart) * w / total;
            }
            if steps.is_empty() {
                system[anchor.index()][from] -= 1.0 - restart;
            }
        }
        system[anchor.index()][n] = restart;
        // Columns are diagonally dominant, so no pivot is needed.
        for pivot in 0..n {
            let row = system[pivot].clone();
            for (other, target) in system.iter_mut().enumerate() {
                let factor = target[pivot] / row[pivot];
                if other != pivot && factor != 0.0 {
                    target.iter_mut().zip(&row).for_each(|(cell, pivot)| *cell -= factor * pivot);
                }
            }
        }
        let mut shares: Vec<f64> = (0..n).map(|firm| system[firm][n] / system[firm][firm]).collect();
        shares[anchor.index()] = 0.0;
        shares
    }
}

/// The documented weight of a relation.
fn weights(network: &Network, relations: Relations) -> impl Fn(FirmIx, FirmIx) -> f64 {
    let mut values: Vec<f64> =
        network.all_links().filter_map(|link| link.trade().value()).filter(|&value| value > 0.0).collect();
    values.sort_by(f64::total_cmp);
    let median = values.get(values.len() / 2).copied().unwrap_or(1.0);
    move |supplier, buyer| {
        let trade = network.trade(supplier, buyer).expect("a relation");
        let age = match (trade.last(), network.as_of()) {
            (Some(last), Some(as_of)) => last.months_until(as_of),
            _ => 0.0,
        };
        let decay = if relations.half_life > 0.0 { (-age / relations.half_life).exp2() } else { 1.0 };
        let worth =
            trade.value().filter(|_| relations.by_value).map_or(1.0, |value| (1.0 + value / median).log2());
        decay * worth
    }
}
