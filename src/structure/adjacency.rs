//! The relations laid out for the kernels.

use std::cmp::Reverse;
use std::sync::Arc;

use petgraph::Direction::{self, Incoming, Outgoing};
use petgraph::visit::EdgeRef;
use rayon::prelude::*;

use super::relations::{Relations, Walk};
use crate::model::FirmIx;
use crate::network::Network;

/// The kernels' own numbering of the firms: by falling number of relations, then by id.
///
/// What is walked most lies together in memory. Every kernel adds in this order, and
/// since it follows from the network alone, so does every bit of a score.
#[derive(Debug)]
pub(super) struct Places {
    of: Vec<u32>,
    firms: Vec<FirmIx>,
}

impl Places {
    fn new(network: &Network) -> Self {
        let mut firms: Vec<FirmIx> = network.firms().collect();
        firms.sort_by_cached_key(|&firm| {
            (Reverse(network.suppliers(firm).len() + network.buyers(firm).len()), firm)
        });
        let mut of = vec![0; firms.len()];
        for (place, firm) in firms.iter().enumerate() {
            of[firm.index()] = place as u32;
        }
        Self { of, firms }
    }

    pub(super) fn len(&self) -> usize {
        self.firms.len()
    }

    pub(super) fn of(&self, firm: FirmIx) -> usize {
        self.of[firm.index()] as usize
    }

    pub(super) fn firm(&self, place: usize) -> FirmIx {
        self.firms[place]
    }
}

/// For each place the places it is related to, ascending, and the weights of the
/// relations, all above 0.
#[derive(Debug, Default)]
pub(super) struct Side {
    starts: Vec<usize>,
    places: Vec<u32>,
    /// As many as places, or none where each is 1.
    weights: Vec<f64>,
}

/// Rows that a task lays out at a time.
const ROWS: usize = 1 << 12;

impl Side {
    /// Lays out the relations that `relate` adds, as (place, weight), to the row of each of
    /// `n` places; of a place that is there twice the heavier counts, and what weighs 0 does
    /// not.
    fn new(n: usize, weighted: bool, relate: impl Fn(usize, &mut Vec<(u32, f64)>) + Sync) -> Self {
        let blocks: Vec<Self> = (0..n.div_ceil(ROWS))
            .into_par_iter()
            .map(|block| {
                let (mut side, mut row) = (Self::default(), Vec::new());
                for place in block * ROWS..n.min((block + 1) * ROWS) {
                    row.clear();
                    relate(place, &mut row);
                    row.retain(|&(_, weight)| weight > 0.0);
                    row.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
                    row.dedup_by_key(|&mut (place, _)| place);
                    side.places.extend(row.iter().map(|&(place, _)| place));
                    if weighted {
                        side.weights.extend(row.iter().map(|&(_, weight)| weight));
                    }
                    side.starts.push(side.places.len());
                }
                side
            })
            .collect();
        let len = blocks.iter().map(Self::len).sum();
        let mut all =
            Self { starts: Vec::with_capacity(n + 1), places: Vec::with_capacity(len), weights: Vec::new() };
        all.starts.push(0);
        if weighted {
            all.weights.reserve_exact(len);
        }
        for block in blocks {
            let before = all.len();
            all.starts.extend(block.starts.iter().map(|start| before + start));
            all.places.extend(block.places);
            all.weights.extend(block.weights);
        }
        all
    }

    fn range(&self, place: usize) -> std::ops::Range<usize> {
        self.starts[place]..self.starts[place + 1]
    }

    /// The places that one is related to, ascending.
    pub(super) fn row(&self, place: usize) -> &[u32] {
        &self.places[self.range(place)]
    }

    /// Visits the relations of a place with their weights, by ascending place.
    #[expect(clippy::inline_always, reason = "the inner loop of every kernel")]
    #[inline(always)]
    pub(super) fn each(&self, place: usize, mut visit: impl FnMut(usize, f64)) {
        let range = self.range(place);
        let places = &self.places[range.clone()];
        if self.weights.is_empty() {
            for &to in places {
                visit(to as usize, 1.0);
            }
        } else {
            for (&to, &weight) in places.iter().zip(&self.weights[range]) {
                visit(to as usize, weight);
            }
        }
    }

    /// The weight of the relation of two places, if they are related. O(log row).
    pub(super) fn weight(&self, from: usize, to: usize) -> Option<f64> {
        let position = self.row(from).binary_search(&(to as u32)).ok()?;
        Some(self.weights.get(self.starts[from] + position).copied().unwrap_or(1.0))
    }

    /// Visits the places that two are both related to, by ascending place, with the weights
    /// of the relations of the one and of the other. O(shorter row · log(longer / shorter)).
    pub(super) fn each_common(&self, one: usize, other: usize, mut visit: impl FnMut(usize, f64, f64)) {
        let weight = |position| if self.weights.is_empty() { 1.0 } else { self.weights[position] };
        let (one, other) = (self.range(one), self.range(other));
        let is_longer = one.len() > other.len();
        let (few, many) = if is_longer { (other, one) } else { (one, other) };
        let mut next = many.start;
        for position in few {
            let place = self.places[position];
            // Ever longer strides to beyond the place, then halving the last one.
            let mut stride = 1;
            while next + stride < many.end && self.places[next + stride] < place {
                next += stride;
                stride *= 2;
            }
            let end = many.end.min(next + stride + 1);
            next += self.places[next..end].partition_point(|&other| other < place);
            if next == many.end {
                return;
            }
            if self.places[next] == place {
                let (of_one, of_other) = if is_longer { (next, position) } else { (position, next) };
                visit(place as usize, weight(of_one), weight(of_other));
            }
        }
    }

    /// The sum of the weights of a place.
    pub(super) fn total(&self, place: usize) -> f64 {
        let mut sum = 0.0;
        self.each(place, |_, weight| sum += weight);
        sum
    }

    /// How many relations there are.
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }
}

/// The relations of a network laid out to be walked forth and back.
///
/// Holds 4 bytes a relation and direction, 12 where relations have weights, and 24 a firm;
/// an undirected walk has one direction, in which every relation stands twice.
#[derive(Debug, Clone)]
pub(super) struct Adjacency {
    pub(super) places: Arc<Places>,
    /// To those that the walk steps to: suppliers where it goes upstream.
    pub(super) forth: Arc<Side>,
    /// To those that step here. The same as forth where the walk is undirected.
    pub(super) back: Arc<Side>,
}

impl Adjacency {
    /// Lays the relations out, on all threads. O(relations · log of the longest row + firms · log
    /// firms).
    pub(super) fn new(network: &Network, relations: Relations) -> Self {
        let places = Places::new(network);
        let weights = relations.weigh(network);
        let side = |directions: &[Direction]| {
            Side::new(places.len(), weights.is_some(), |place, row| {
                for &direction in directions {
                    row.extend(network.links(places.firm(place), direction).map(|link| {
                        let other = if direction == Incoming { link.supplier() } else { link.buyer() };
                        let weight = weights.as_ref().map_or(1.0, |weights| weights[link.id().index()]);
                        (places.of(other) as u32, weight)
                    }));
                }
            })
        };
        let (forth, back) = match relations.walk {
            Walk::Upstream => (side(&[Incoming]), Some(side(&[Outgoing]))),
            Walk::Downstream => (side(&[Outgoing]), Some(side(&[Incoming]))),
            Walk::Undirected => (side(&[Incoming, Outgoing]), None),
        };
        let forth = Arc::new(forth);
        let back = back.map_or_else(|| forth.clone(), Arc::new);
        Self { places: Arc::new(places), forth, back }
    }

    /// Whether every relation is walked both ways.
    pub(super) fn is_undirected(&self) -> bool {
        Arc::ptr_eq(&self.forth, &self.back)
    }

    /// The sum of the weights of all relations of a place, in either direction.
    pub(super) fn total(&self, place: usize) -> f64 {
        let forth = self.forth.total(place);
        if self.is_undirected() { forth } else { forth + self.back.total(place) }
    }
}
