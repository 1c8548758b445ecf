//! `shared_partners`: who trades with the same firms.

use super::adjacency::{Adjacency, Side};
use super::column::Column;
use super::spread::{self, Spread};
use super::{Batch, Kernel, MemoryError, Ranked, Relations, Scores, block};
use crate::model::FirmIx;
use crate::network::Network;

/// Resource allocation: Σ w(a,z) · w(z,s) / W(z) over the firms z that trade with both;
/// W(z) is the sum of the weights w of all relations of z. By default a relation counts 1 in
/// either direction, so that this is Σ 1/d(z), d(z) the number of partners.
///
/// A walk upstream shares suppliers alone, W(z) over the buyers of z; downstream the
/// reverse.
///
/// Source: Zhou, Lü, Zhang, Predicting missing links via local information, European
/// Physical Journal B 71, 623–630, 2009, eq. for the RA index; weights as a walk of two
/// steps has them are our own.
///
/// Preparing costs O(firms · log firms + edges); 8 bytes an edge (12 where relations have
/// few different weights, 24 where they have many) and 32 a firm are held.
#[derive(Debug, Clone)]
pub struct SharedPartners {
    adjacency: Adjacency,
    /// 1 / W by place, 0 where there is no relation.
    nodes: Vec<f64>,
}

impl SharedPartners {
    /// Prepares every pair of partners alike.
    pub fn new(network: &Network) -> Self {
        Self::with_relations(network, Relations::default())
    }

    /// Prepares other relations or weights.
    pub fn with_relations(network: &Network, relations: Relations) -> Self {
        let adjacency = Adjacency::new(network, relations);
        let node = |place| match adjacency.back.total(place) {
            0.0 => 0.0,
            total => 1.0 / total,
        };
        let nodes = (0..adjacency.places.len()).map(node).collect();
        Self { adjacency, nodes }
    }

    /// The relations that it walks.
    pub(super) fn relations(&self) -> &Adjacency {
        &self.adjacency
    }

    /// The shared partner that counts most, ties to the smaller id. O(partners of both).
    pub fn witness(&self, anchor: FirmIx, candidate: FirmIx) -> Option<FirmIx> {
        let Adjacency { places, forth, back: _ } = &self.adjacency;
        let (anchor, candidate) = (places.of(anchor), places.of(candidate));
        let mut best: Option<(f64, FirmIx)> = None;
        forth.each_common(anchor, candidate, |partner, own, of_candidate| {
            let share = own * of_candidate * self.nodes[partner];
            let firm = places.firm(partner);
            if best.is_none_or(|best| share > best.0 || share == best.0 && firm < best.1) {
                best = Some((share, firm));
            }
        });
        best.map(|(_, firm)| firm)
    }
}

impl Spread for SharedPartners {
    fn adjacency(&self) -> &Adjacency {
        &self.adjacency
    }

    fn last_step(&self) -> (&Side, &Side) {
        (&self.adjacency.back, &self.adjacency.forth)
    }

    fn most_work(&self, anchor: usize) -> usize {
        self.adjacency
            .forth
            .row(anchor)
            .iter()
            .map(|&partner| self.adjacency.back.row(partner as usize).len())
            .sum()
    }

    fn front(&self, anchor: usize, scores: &mut Scores) {
        self.adjacency.forth.each(anchor, |partner, weight| {
            scores.front.push((partner as u32, weight * self.nodes[partner]));
        });
    }

    /// Walks of two steps come back to the anchor alone.
    fn corrected(&self, _: usize, _: usize, _: &Column) -> Option<f64> {
        None
    }
}

impl Kernel for SharedPartners {
    /// O(partners of the anchor's partners).
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
