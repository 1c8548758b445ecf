//! The relations laid out for the kernels.

use std::cmp::{Ordering, Reverse};
use std::sync::Arc;

use petgraph::Direction::{self, Incoming, Outgoing};
use petgraph::visit::EdgeRef;
use rayon::prelude::*;

use super::relations::{Relations, Walk};
use super::weights::{Coded, Table, Weights};
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
    /// Of the relations, in the order of the places.
    weights: Weights,
}

/// Rows that a task lays out at a time.
const ROWS: usize = 1 << 12;

impl Side {
    /// Lays out the relations that `relate` adds, as (place, weight), to the row of each of
    /// `n` places; of a place that is there twice the heavier counts. Weights are as
    /// comparable as what they stand for, which `weights` makes of them.
    fn new<W: Copy + PartialOrd + Send>(
        n: usize,
        relate: impl Fn(usize, &mut Vec<(u32, W)>) + Sync,
        weights: impl Fn(Vec<W>) -> Weights,
    ) -> Self {
        // Of each block where its rows end, its places and weights.
        let blocks: Vec<(Vec<usize>, Vec<u32>, Vec<W>)> = (0..n.div_ceil(ROWS))
            .into_par_iter()
            .map(|block| {
                let (mut ends, mut places, mut weights, mut row) =
                    <(Vec<_>, Vec<_>, Vec<_>, Vec<_>)>::default();
                for place in block * ROWS..n.min((block + 1) * ROWS) {
                    row.clear();
                    relate(place, &mut row);
                    row.sort_unstable_by(|a, b| {
                        a.0.cmp(&b.0).then(b.1.partial_cmp(&a.1).unwrap_or(Ordering::Equal))
                    });
                    row.dedup_by_key(|&mut (place, _)| place);
                    places.extend(row.iter().map(|&(place, _)| place));
                    weights.extend(row.iter().map(|&(_, weight)| weight));
                    ends.push(places.len());
                }
                (ends, places, weights)
            })
            .collect();
        let len = blocks.iter().map(|(_, places, _)| places.len()).sum();
        let (mut starts, mut places) = (Vec::with_capacity(n + 1), Vec::with_capacity(len));
        let mut of_all = Vec::with_capacity(len);
        starts.push(0);
        for (ends, of_block, weights) in blocks {
            let before = places.len();
            starts.extend(ends.iter().map(|end| before + end));
            places.extend(of_block);
            of_all.extend(weights);
        }
        Self { starts, places, weights: weights(of_all) }
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
        let places = self.places[range.clone()].iter().map(|&to| to as usize);
        match &self.weights {
            Weights::Equal => places.for_each(|to| visit(to, 1.0)),
            Weights::Coded(Coded { codes, table }) => {
                places.zip(&codes[range]).for_each(|(to, &code)| visit(to, table.weight(code)));
            }
            Weights::Each(weights) => places.zip(&weights[range]).for_each(|(to, &weight)| visit(to, weight)),
        }
    }

    /// The weight of the relation of two places, if they are related. O(log row).
    pub(super) fn weight(&self, from: usize, to: usize) -> Option<f64> {
        let position = self.row(from).binary_search(&(to as u32)).ok()?;
        Some(self.weights.of(self.starts[from] + position))
    }

    /// Visits the places that two are both related to, by ascending place, with the weights
    /// of the relations of the one and of the other. O(shorter row · log(longer / shorter)).
    pub(super) fn each_common(&self, one: usize, other: usize, mut visit: impl FnMut(usize, f64, f64)) {
        let weight = |position| self.weights.of(position);
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
/// Holds 4 bytes a relation and direction, 6 where relations have few weights, 12 where they
/// have many (see [`Table`]), and 24 a firm; an undirected walk has one direction, in which
/// every relation stands twice.
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
        let table = weights.as_deref().and_then(Table::of);
        // The relations of a place with their numbers.
        let each = |place: usize, directions: &[Direction], visit: &mut dyn FnMut(u32, usize)| {
            for &direction in directions {
                for link in network.links(places.firm(place), direction) {
                    let other = if direction == Incoming { link.supplier() } else { link.buyer() };
                    visit(places.of(other) as u32, link.id().index());
                }
            }
        };
        let side = |directions: &[Direction]| match (&weights, &table) {
            (None, _) => {
                let relate =
                    |place, row: &mut Vec<_>| each(place, directions, &mut |other, _| row.push((other, ())));
                Side::new(places.len(), relate, |_| Weights::Equal)
            }
            (Some(_), Some((codes, table))) => {
                let relate = |place, row: &mut Vec<_>| {
                    each(place, directions, &mut |other, number| {
                        if table.weight(codes[number]) > 0.0 {
                            row.push((other, codes[number]));
                        }
                    });
                };
                Side::new(places.len(), relate, |codes| Weights::Coded(Coded { codes, table: table.clone() }))
            }
            (Some(weights), None) => {
                let relate = |place, row: &mut Vec<_>| {
                    each(place, directions, &mut |other, number| {
                        if weights[number] > 0.0 {
                            row.push((other, weights[number]));
                        }
                    });
                };
                Side::new(places.len(), relate, Weights::Each)
            }
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
