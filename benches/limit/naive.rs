//! As one would write it first: a petgraph graph, hash maps, rayon over the anchors.

use std::collections::{HashMap, HashSet};

use jiedui::petgraph::Direction::{Incoming, Outgoing};
use jiedui::petgraph::graph::{DiGraph, NodeIndex};
use jiedui::petgraph::visit::EdgeRef;
use rayon::prelude::*;

use crate::region::Region;
use crate::{Loops, Ranking, best};

pub(crate) struct Graph {
    graph: DiGraph<(), f64>,
}

impl Graph {
    pub(crate) fn new(region: &Region) -> Self {
        let edges =
            region.edges.iter().map(|edge| (edge.supplier, edge.buyer, (-f64::from(edge.age) / 12.0).exp2()));
        Self { graph: DiGraph::from_edges(edges) }
    }

    fn partners(&self, firm: NodeIndex) -> HashSet<NodeIndex> {
        self.graph.neighbors_undirected(firm).collect()
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
            for partner in self.partners(anchor) {
                let others = self.partners(partner);
                for &other in &others {
                    *scores.entry(other).or_insert(0.0) += 1.0 / others.len() as f64;
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
}
