//! `co_supply`: suppliers of those who buy where the anchor buys.

use super::adjacency::{Adjacency, Side};
use super::column::Column;
use super::spread::{self, Spread};
use super::{Batch, Kernel, MemoryError, Ranked, Relations, Scores, Walk, block};
use crate::model::FirmIx;
use crate::network::Network;

/// How relations and firms on a 3-path are weighted.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct PathWeights {
    /// Which relations the path follows on its first and last step, and their weights; the
    /// step between goes the other way.
    pub relations: Relations,
    /// How the inner firms of a path are normalised.
    pub node: NodeWeight,
}

impl PathWeights {
    /// Default half-life, months.
    pub const HALF_LIFE: f64 = 12.0;

    /// These relations, and inner firms normalised like that.
    pub fn new(relations: Relations, node: NodeWeight) -> Self {
        Self { relations, node }
    }

    /// Every relation counts 1, whatever its age and value.
    pub fn undecayed(node: NodeWeight) -> Self {
        Self::new(Relations::unweighted(Walk::Upstream), node)
    }
}

impl Default for PathWeights {
    fn default() -> Self {
        Self::new(Relations::decayed(Walk::Upstream, Self::HALF_LIFE), NodeWeight::InverseRoot)
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
            // No relation of any weight, so on no path.
            _ if weight == 0.0 => 0.0,
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
/// are distinct, so a supplier of today gets no score for being one. A downstream walk
/// turns all arrows round, an undirected one takes every relation both ways.
///
/// For a supplier of today the walks over itself are taken off again, term by term; what is left of paths
/// that weigh less than 1e-9 of these (a half-life of days, values of all sizes) has few digits, or is 0.
///
/// Source: Kovács et al., Network-based prediction of protein interactions, Nature
/// Communications 10, 1240, 2019, eq. 1, with a_ij replaced by w; the decay is our own.
///
/// Preparing costs O(firms · log firms + edges); 12 bytes an edge (24 where relations have
/// many different weights, 8 where each counts 1) and 40 a firm are held.
#[derive(Debug, Clone)]
pub struct ThreePaths {
    weights: PathWeights,
    adjacency: Adjacency,
    /// f(W) by place.
    nodes: Vec<f64>,
    /// How many paths of two steps lead on from a supplier, by place.
    onward: Vec<usize>,
}

/// The path that contributes most to a score: anchor ← `supplier` → `buyer` ← candidate,
/// the arrows turned round where the walk is downstream.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct PathWitness {
    /// A supplier of the anchor.
    pub supplier: FirmIx,
    /// Another buyer from that supplier, which the candidate supplies too.
    pub buyer: FirmIx,
    /// What the path contributes.
    pub share: f64,
}

impl ThreePaths {
    /// Prepares the weights of every relation as of the network's date.
    pub fn new(network: &Network, weights: PathWeights) -> Self {
        let adjacency = Adjacency::new(network, weights.relations);
        let nodes =
            (0..adjacency.places.len()).map(|place| weights.node.of(adjacency.total(place))).collect();
        let Adjacency { forth, back, .. } = &adjacency;
        let onward = |place| back.row(place).iter().map(|&buyer| forth.row(buyer as usize).len()).sum();
        let onward = (0..adjacency.places.len()).map(onward).collect();
        Self { weights, adjacency, nodes, onward }
    }

    /// How relations and firms are weighted.
    pub fn weights(&self) -> PathWeights {
        self.weights
    }

    /// f(W) by place.
    pub(super) fn nodes(&self) -> &[f64] {
        &self.nodes
    }

    /// The path that contributes most to the score of `candidate`; ties fall to the
    /// smaller firm ids. `None` where there is no path.
    ///
    /// O(buyers of the candidate × the shorter of the two supplier lists · log of how much longer
    /// the other is).
    pub fn witness(&self, anchor: FirmIx, candidate: FirmIx) -> Option<PathWitness> {
        self.witness_by(anchor, candidate, |_| f64::INFINITY)
    }

    /// The same, with the anchor's scores at hand: walks only through buyers whose paths can
    /// contribute more than the best so far.
    pub(crate) fn witness_by_scores(
        &self,
        anchor: FirmIx,
        candidate: FirmIx,
        scores: &Scores,
    ) -> Option<PathWitness> {
        // More than rounding changes.
        self.witness_by(anchor, candidate, |buyer| scores.halves.get(buyer) * (1.0 + 1e-9))
    }

    /// `half` is at least what leads from the anchor to a buyer.
    fn witness_by(
        &self,
        anchor: FirmIx,
        candidate: FirmIx,
        half: impl Fn(usize) -> f64,
    ) -> Option<PathWitness> {
        let Adjacency { places, forth, back } = &self.adjacency;
        let (anchor, candidate) = (places.of(anchor), places.of(candidate));
        let mut best: Option<PathWitness> = None;
        // What may contribute most comes first, and leaves little to the others.
        let (mut first, mut most_of_all) = (anchor, 0.0);
        back.each(candidate, |buyer, last| {
            let most = half(buyer) * self.nodes[buyer] * last;
            if buyer != anchor && most > most_of_all {
                (first, most_of_all) = (buyer, most);
            }
        });
        let mut look = |buyer: usize, last: f64| {
            let most = half(buyer) * self.nodes[buyer] * last;
            if buyer == anchor || most == 0.0 || best.is_some_and(|best| most < best.share) {
                return;
            }
            forth.each_common(anchor, buyer, |supplier, own, of_buyer| {
                if [anchor, candidate].contains(&supplier) {
                    return;
                }
                let weights = own * of_buyer * last;
                let share = weights * self.nodes[supplier] * self.nodes[buyer];
                let (supplier, buyer) = (places.firm(supplier), places.firm(buyer));
                if best.is_none_or(|best| {
                    share > best.share
                        || share == best.share && (supplier, buyer) < (best.supplier, best.buyer)
                }) {
                    best = Some(PathWitness { supplier, buyer, share });
                }
            });
        };
        if let Some(last) = back.weight(candidate, first) {
            look(first, last);
        }
        back.each(candidate, |buyer, last| {
            if buyer != first {
                look(buyer, last);
            }
        });
        best
    }
}

impl Spread for ThreePaths {
    fn adjacency(&self) -> &Adjacency {
        &self.adjacency
    }

    fn last_step(&self) -> (&Side, &Side) {
        (&self.adjacency.forth, &self.adjacency.back)
    }

    fn most_work(&self, anchor: usize) -> usize {
        self.adjacency.forth.row(anchor).iter().map(|&supplier| self.onward[supplier as usize]).sum()
    }

    /// The other buyers v from the anchor's suppliers u.
    fn front(&self, anchor: usize, scores: &mut Scores) {
        let Scores { halves, marks, front, .. } = scores;
        halves.reset(self.adjacency.places.len());
        self.adjacency.forth.each(anchor, |supplier, weight| {
            front.push((supplier as u32, weight * self.nodes[supplier]));
        });
        halves.spread(front, &self.adjacency.back);
        halves.sort(marks);
        front.clear();
        halves.above(0.0, |buyer, half| {
            if buyer != anchor {
                front.push((buyer as u32, half * self.nodes[buyer]));
            }
            0.0
        });
    }

    /// A supplier of today was also counted as its own u: only the rest are paths.
    fn corrected(&self, anchor: usize, supplier: usize, halves: &Column) -> Option<f64> {
        let own = self.adjacency.forth.weight(anchor, supplier)? * self.nodes[supplier];
        let mut sum = 0.0;
        self.adjacency.back.each(supplier, |buyer, weight| {
            if buyer != anchor {
                // Exactly 0 where there is no other u; never below, since all terms are above.
                let others = halves.get(buyer) - own * weight;
                sum += others * self.nodes[buyer] * weight;
            }
        });
        Some(sum)
    }
}

impl Kernel for ThreePaths {
    /// O(edges of the anchor's suppliers and of those suppliers' buyers).
    fn score(&self, anchor: FirmIx, scores: &mut Scores) {
        spread::score(self, anchor, scores);
    }

    fn best_of(
        &self,
        anchor: FirmIx,
        most: usize,
        is_wanted: &dyn Fn(FirmIx) -> bool,
        scores: &mut Scores,
    ) -> Ranked {
        spread::best_of(self, anchor, most, is_wanted, scores)
    }

    fn best(&self, anchors: &[FirmIx], batch: &Batch<'_>) -> Result<Vec<Ranked>, MemoryError> {
        block::best(self, anchors, batch)
    }
}
