//! The relations laid out for the kernels.

use std::cmp::Reverse;
use std::sync::Arc;

use petgraph::Direction::{Incoming, Outgoing};
use petgraph::visit::EdgeRef;

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
#[derive(Debug)]
pub(super) struct Side {
    starts: Vec<usize>,
    places: Vec<u32>,
    /// As many as places, or none where each is 1.
    weights: Vec<f64>,
}

impl Side {
    /// `relations` of (from, to, weight), each pair once, in ascending order of `to`; they are
    /// walked twice.
    fn new<I: Iterator<Item = (u32, u32, f64)>>(n: usize, weighted: bool, relations: impl Fn() -> I) -> Self {
        let mut starts = vec![0; n + 1];
        for (from, _, _) in relations() {
            starts[from as usize + 1] += 1;
        }
        for place in 0..n {
            starts[place + 1] += starts[place];
        }
        let len = starts[n];
        let mut places = vec![0; len];
        let mut weights = vec![0.0; if weighted { len } else { 0 }];
        let mut next = starts.clone();
        for (from, to, weight) in relations() {
            let position = &mut next[from as usize];
            places[*position] = to;
            if weighted {
                weights[*position] = weight;
            }
            *position += 1;
        }
        Self { starts, places, weights }
    }

    fn range(&self, place: usize) -> std::ops::Range<usize> {
        self.starts[place]..self.starts[place + 1]
    }

    /// The places that one is related to, ascending.
    pub(super) fn row(&self, place: usize) -> &[u32] {
        &self.places[self.range(place)]
    }

    /// Visits the relations of a place with their weights, by ascending place.
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

    /// The weight of the relation of two places, 0 where there is none. O(log row).
    pub(super) fn weight(&self, from: usize, to: usize) -> f64 {
        match self.row(from).binary_search(&(to as u32)) {
            Ok(_) if self.weights.is_empty() => 1.0,
            Ok(position) => self.weights[self.range(from).start + position],
            Err(_) => 0.0,
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
    /// Lays the relations out. O(relations + firms · log firms), on two threads.
    pub(super) fn new(network: &Network, relations: Relations) -> Self {
        let places = Places::new(network);
        let weights = relations.weigh(network);
        let (n, weighted) = (places.len(), weights.is_some());
        let weight = |edge: usize| weights.as_ref().map_or(1.0, |weights| weights[edge]);
        // Rows that are filled from the other end, place after place, come out sorted.
        let toward = |direction| {
            let links =
                || {
                    places.firms.iter().enumerate().flat_map(|(to, &firm)| {
                        network.links(firm, direction).map(move |link| (link, to as u32))
                    })
                };
            let row = || {
                links().filter_map(|(link, to)| {
                    let from = if direction == Incoming { link.source() } else { link.target() };
                    let weight = weight(link.id().index());
                    (weight > 0.0).then_some((places.of[from.index()], to, weight))
                })
            };
            Side::new(n, weighted, row)
        };
        let (buyers, suppliers) = rayon::join(|| toward(Incoming), || toward(Outgoing));
        let (forth, back) = match relations.walk {
            Walk::Upstream => (Arc::new(suppliers), Arc::new(buyers)),
            Walk::Downstream => (Arc::new(buyers), Arc::new(suppliers)),
            Walk::Undirected => {
                let both = Arc::new(merged(n, &suppliers, &buyers));
                (both.clone(), both)
            }
        };
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

/// Partners in either direction, each once, by the heavier relation.
fn merged(n: usize, one: &Side, other: &Side) -> Side {
    let mut merged = Side { starts: vec![0], places: Vec::new(), weights: Vec::new() };
    merged.places.reserve(one.len() + other.len());
    merged.weights.reserve(one.weights.len() + other.weights.len());
    for place in 0..n {
        let (mut ones, mut others) = (one.range(place).peekable(), other.range(place).peekable());
        loop {
            let next = match (ones.peek(), others.peek()) {
                (Some(&a), Some(&b)) => one.places[a].min(other.places[b]),
                (Some(&a), None) => one.places[a],
                (None, Some(&b)) => other.places[b],
                (None, None) => break,
            };
            let mut weight: f64 = 0.0;
            for (side, positions) in [(one, &mut ones), (other, &mut others)] {
                if let Some(position) = positions.next_if(|&position| side.places[position] == next) {
                    weight = weight.max(side.weights.get(position).copied().unwrap_or(1.0));
                }
            }
            merged.places.push(next);
            if !one.weights.is_empty() || !other.weights.is_empty() {
                merged.weights.push(weight);
            }
        }
        merged.starts.push(merged.places.len());
    }
    merged
}
