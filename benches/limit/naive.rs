//! As one would write it first: a petgraph graph, hash maps, rayon over the anchors.

use std::collections::HashMap;

use jiedui::petgraph::Direction::{Incoming, Outgoing};
use jiedui::petgraph::graph::{DiGraph, NodeIndex};
use jiedui::petgraph::visit::EdgeRef;
use rayon::prelude::*;

use crate::region::Region;
use crate::{Loops, RESTART, Ranking, TOLERANCE, best};

pub(crate) struct Graph {
    graph: DiGraph<(), f64>,
}

impl Graph {
    pub(crate) fn new(region: &Region) -> Self {
        let edges = region.edges.iter().zip(region.weights());
        Self { graph: DiGraph::from_edges(edges.map(|(edge, weight)| (edge.supplier, edge.buyer, weight))) }
    }

    /// The heavier relation with each partner.
    fn partners(&self, firm: NodeIndex) -> HashMap<NodeIndex, f64> {
        let mut partners = HashMap::new();
        for edge in self.graph.edges_directed(firm, Outgoing).chain(self.graph.edges_directed(firm, Incoming))
        {
            let partner = if edge.source() == firm { edge.target() } else { edge.source() };
            let heavier = partners.entry(partner).or_insert(*edge.weight());
            *heavier = edge.weight().max(*heavier);
        }
        partners
    }

    /// 1/√W.
    fn node(&self, firm: NodeIndex) -> f64 {
        let weights = [Incoming, Outgoing]
            .map(|side| -> f64 { self.graph.edges_directed(firm, side).map(|edge| *edge.weight()).sum() });
        1.0 / (weights[0] + weights[1]).sqrt()
    }

    fn rank(&self, anchor: NodeIndex, scores: HashMap<NodeIndex, f64>) -> Ranking {
        let is_new = |firm: u32| {
            let firm = NodeIndex::from(firm);
            firm != anchor && self.graph.find_edge(firm, anchor).is_none()
        };
        best(scores.into_iter().map(|(firm, score)| (firm.index() as u32, score)), is_new)
    }
}

impl Loops for Graph {
    fn shared_partners(&self, anchors: &[u32]) -> Vec<Ranking> {
        let rank = |&anchor: &u32| {
            let anchor = NodeIndex::from(anchor);
            let mut scores = HashMap::new();
            for (partner, near) in self.partners(anchor) {
                let others = self.partners(partner);
                let total: f64 = others.values().sum();
                for (other, far) in others {
                    *scores.entry(other).or_insert(0.0) += near * far / total;
                }
            }
            self.rank(anchor, scores)
        };
        anchors.par_iter().map(rank).collect()
    }

    fn co_supply(&self, anchors: &[u32]) -> Vec<Ranking> {
        let rank = |&anchor: &u32| {
            let anchor = NodeIndex::from(anchor);
            let mut halves = HashMap::new();
            for near in self.graph.edges_directed(anchor, Incoming) {
                let weight = near.weight() * self.node(near.source());
                for far in self.graph.edges(near.source()).filter(|far| far.target() != anchor) {
                    *halves.entry(far.target()).or_insert(0.0) += weight * far.weight();
                }
            }
            let mut scores = HashMap::new();
            for (buyer, half) in halves {
                let weight = half * self.node(buyer);
                for last in self.graph.edges_directed(buyer, Incoming) {
                    *scores.entry(last.source()).or_insert(0.0) += weight * last.weight();
                }
            }
            self.rank(anchor, scores)
        };
        anchors.par_iter().map(rank).collect()
    }

    fn reach(&self, anchors: &[u32]) -> Vec<Ranking> {
        let rank = |&anchor: &u32| {
            let anchor = NodeIndex::from(anchor);
            let mut shares = HashMap::from([(anchor, 1.0)]);
            loop {
                let mut next = HashMap::from([(anchor, RESTART)]);
                for (&firm, share) in &shares {
                    let partners = self.partners(firm);
                    let total: f64 = partners.values().sum();
                    for (partner, weight) in partners {
                        *next.entry(partner).or_insert(0.0) += (1.0 - RESTART) * share * weight / total;
                    }
                }
                let change: f64 =
                    next.iter().map(|(firm, share)| (share - shares.get(firm).unwrap_or(&0.0)).abs()).sum();
                shares = next;
                if change * (1.0 - RESTART) <= TOLERANCE * RESTART {
                    break self.rank(anchor, shares);
                }
            }
        };
        anchors.par_iter().map(rank).collect()
    }
}
