//! `co_supply`: suppliers of those who buy where the anchor buys.

use petgraph::Direction::{Incoming, Outgoing};
use petgraph::visit::EdgeRef;

use super::Scores;
use crate::model::FirmIx;
use crate::network::{Link, Network};

/// How relations and firms on a 3-path are weighted.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct PathWeights {
    /// The age in months at which a relation counts half, above 0; infinite for no decay.
    pub half_life: f64,
    /// Whether a relation counts by its yearly value: log₂(1 + value / median value),
    /// 1 where unknown.
    pub by_value: bool,
    /// How the inner firms of a path are normalised.
    pub node: NodeWeight,
}

impl PathWeights {
    /// Default half-life, months.
    pub const HALF_LIFE: f64 = 12.0;

    /// Every relation counts 1, whatever its age and value.
    pub fn undecayed(node: NodeWeight) -> Self {
        Self { half_life: f64::INFINITY, by_value: false, node }
    }
}

impl Default for PathWeights {
    fn default() -> Self {
        Self { half_life: Self::HALF_LIFE, by_value: false, node: NodeWeight::InverseRoot }
    }
}

/// The weight of an inner firm of a path by W, the sum of the weights of all its
/// relations, upstream and downstream; without decay its degree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NodeWeight {
    /// 1: plain path counts.
    One,
    /// 1/√W: Kovács et al. 2019.
    InverseRoot,
    /// 1/W: resource allocation along the path.
    Inverse,
    /// 1/ln W, W at least 2: Adamic–Adar along the path.
    InverseLog,
}

impl NodeWeight {
    fn of(self, weight: f64) -> f64 {
        match self {
            // Decayed to nothing; the inverse of a subnormal would be infinite.
            _ if weight < f64::MIN_POSITIVE => 0.0,
            Self::One => 1.0,
            Self::InverseRoot => 1.0 / libm::sqrt(weight),
            Self::Inverse => 1.0 / weight,
            Self::InverseLog => 1.0 / libm::log(weight.max(2.0)),
        }
    }
}

/// Weighted 3-paths a ← u → v ← s from an anchor a over its supplier u and another
/// buyer v to a candidate s: Σ w(a,u) · w(v,u) · w(v,s) · f(W(u)) · f(W(v)).
///
/// With the default weights w = 0.5^(age / 12 months) and f(W) = 1/√W. The four firms
/// are distinct, so a supplier of today gets no score for being one.
///
/// Source: Kovács et al., Network-based prediction of protein interactions, Nature
/// Communications 10, 1240, 2019, eq. 1, with a_ij replaced by w; the decay is our own.
///
/// Preparing costs O(firms + edges), 16 bytes an edge and 8 a firm are held.
#[derive(Debug, Clone)]
pub struct ThreePaths {
    weights: PathWeights,
    /// w by edge number.
    edges: Vec<f64>,
    /// f(W) by firm.
    nodes: Vec<f64>,
}

/// The path that contributes most to a score: anchor ← `supplier` → `buyer` ← candidate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PathWitness {
    /// A supplier of the anchor.
    pub supplier: FirmIx,
    /// Another buyer from that supplier, which the candidate supplies too.
    pub buyer: FirmIx,
    /// What the path contributes.
    pub share: f64,
}

impl ThreePaths {
    /// Prepares the weights of every relation as of the network's date. A half-life
    /// that is not above 0 counts as no decay.
    pub fn new(network: &Network, weights: PathWeights) -> Self {
        let median = if weights.by_value { median_value(network) } else { 1.0 };
        let now = network.as_of().map(crate::model::Date::in_months);
        let weigh = |link: Link<'_>| {
            let age = match (now, link.trade().last()) {
                (Some(now), Some(last)) => (now - last.in_months()).max(0.0),
                _ => 0.0,
            };
            let decay = if weights.half_life > 0.0 { libm::exp2(-age / weights.half_life) } else { 1.0 };
            match link.trade().value() {
                Some(value) if weights.by_value => decay * libm::log2(1.0 + (value / median).min(f64::MAX)),
                _ => decay,
            }
        };
        let edges: Vec<f64> = network.all_links().map(weigh).collect();
        let sum = |firm, direction| -> f64 {
            network.links(firm, direction).map(|link| edges[link.id().index()]).sum()
        };
        let nodes =
            network.firms().map(|firm| weights.node.of(sum(firm, Incoming) + sum(firm, Outgoing))).collect();
        Self { weights, edges, nodes }
    }

    /// How relations and firms are weighted.
    pub fn weights(&self) -> PathWeights {
        self.weights
    }

    /// The scores of all firms for `anchor`, which itself scores 0. `halves` is working
    /// memory: on return it holds the weights of the half paths anchor ← u → v, by v.
    ///
    /// O(edges of the anchor's suppliers and of those suppliers' buyers).
    pub fn score(&self, network: &Network, anchor: FirmIx, halves: &mut Scores, sums: &mut Scores) {
        halves.reset(network.n_firms());
        for near in network.links(anchor, Incoming) {
            let supplier = near.supplier();
            let weight = self.weight(near) * self.nodes[supplier.index()];
            for far in network.links(supplier, Outgoing).filter(|far| far.buyer() != anchor) {
                halves.add(far.buyer(), weight * self.weight(far));
            }
        }
        halves.sort();

        sums.reset(network.n_firms());
        for &buyer in halves.touched() {
            let weight = halves.get(buyer) * self.nodes[buyer.index()];
            for last in network.links(buyer, Incoming) {
                sums.add(last.supplier(), weight * self.weight(last));
            }
        }
        sums.sort();
        if sums.terms(anchor) > 0 {
            sums.set(anchor, 0.0);
        }
        // A supplier of today was also counted as its own u: take those walks away.
        for near in network.links(anchor, Incoming) {
            let supplier = near.supplier();
            if sums.terms(supplier) == 0 {
                continue;
            }
            let own = self.weight(near) * self.nodes[supplier.index()];
            let mut sum = 0.0;
            for far in network.links(supplier, Outgoing).filter(|far| far.buyer() != anchor) {
                let buyer = far.buyer();
                // With one term there is no other u; the difference could be a residue.
                if halves.terms(buyer) > 1 {
                    let others = (halves.get(buyer) - own * self.weight(far)).max(0.0);
                    sum += others * self.nodes[buyer.index()] * self.weight(far);
                }
            }
            sums.set(supplier, sum);
        }
    }

    /// The path that contributes most to the score of `candidate`; ties fall to the
    /// smaller firm ids. `None` where there is no path.
    ///
    /// O(buyers of the candidate × the smaller of the two supplier lists × log).
    pub fn witness(&self, network: &Network, anchor: FirmIx, candidate: FirmIx) -> Option<PathWitness> {
        let mut best: Option<PathWitness> = None;
        for last in network.links(candidate, Outgoing).filter(|last| last.buyer() != anchor) {
            let buyer = last.buyer();
            let (few, many) = if network.suppliers(buyer).len() < network.suppliers(anchor).len() {
                (buyer, anchor)
            } else {
                (anchor, buyer)
            };
            for &supplier in network.suppliers(few) {
                if supplier == candidate || network.suppliers(many).binary_search(&supplier).is_err() {
                    continue;
                }
                let weight = |buyer| network.edge(supplier, buyer).map_or(0.0, |edge| self.edges[edge]);
                let share = weight(anchor)
                    * weight(buyer)
                    * self.weight(last)
                    * self.nodes[supplier.index()]
                    * self.nodes[buyer.index()];
                if best.is_none_or(|best| {
                    share > best.share
                        || share == best.share && (supplier, buyer) < (best.supplier, best.buyer)
                }) {
                    best = Some(PathWitness { supplier, buyer, share });
                }
            }
        }
        best
    }

    fn weight(&self, link: Link<'_>) -> f64 {
        self.edges[link.id().index()]
    }
}

/// The median of the positive yearly values, 1 where there are none.
fn median_value(network: &Network) -> f64 {
    let mut values: Vec<f64> =
        network.all_links().filter_map(|link| link.trade().value()).filter(|&value| value > 0.0).collect();
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(1.0)
}
