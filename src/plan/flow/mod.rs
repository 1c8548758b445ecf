//! Planning as a circulation, solved exactly by shortest augmenting paths.
//!
//! A unit of flow is a pairing: it runs from the *ground* down the limits of the anchors'
//! side, over a candidate, and up the limits of the suppliers' side back to the ground.
//! Every limit is an arc with a least and a most; a candidate carries at most one unit.
//!
//! Each node v has a potential d(v), that of the ground being 0. The reduced cost of an arc
//! v → w is c + d(v) − d(w), where c is −weight for a candidate and 0 for a limit. A
//! circulation is optimal where arcs of positive reduced cost carry their least and those of
//! negative reduced cost their most (Ahuja, Magnanti, Orlin: Network Flows, 1993, theorem
//! 9.3). [`Flow::start`] sets flows that are right for *any* potentials of one side and
//! leaves nodes with more flow in than out, or less; [`Flow::balance`] mends one unit at a
//! time along a shortest path in the residual network (ibid., section 9.7). The ground takes
//! and gives whatever is asked, so a search ends there and never fans out from it.
//!
//! The better the potentials to begin with, the fewer units are to be mended: see
//! [`auction`](super::auction) for where they come from.

mod search;
mod start;

use fixedbitset::FixedBitSet;

use super::problem::Standing;
use super::roster::{NONE, Roster};
use super::{Certificate, Constraint, Price, Problem};
use crate::model::Side;
use search::Search;

/// Marks the way over a limit's arc rather than a candidate.
const LIMIT: u32 = 1 << 31;

/// The circulation of a problem. Nodes are those of the anchors' side, then those of the
/// suppliers', then the ground.
#[derive(Debug, Clone)]
pub(super) struct Flow {
    n_anchors: usize,
    ground: u32,
    /// The node above each, the ground where there is none.
    parent: Vec<u32>,
    least: Vec<u32>,
    most: Vec<u32>,
    /// The units on the arc between each node and the one above it.
    used: Vec<u32>,
    /// The nodes below each.
    children: Ranges<u32>,
    /// The candidates as arcs, those of one tail together.
    arcs: Vec<Arc>,
    /// The candidate of each arc.
    candidates: Vec<u32>,
    /// Which arcs are locked; empty where none is.
    locked: FixedBitSet,
    /// Where the arcs of each tail begin.
    outgoing: Vec<u32>,
    /// The arcs into each supplier node.
    incoming: Ranges<Incoming>,
    /// Which arcs carry a unit.
    chosen: FixedBitSet,
    /// The chosen arcs into each supplier node as linked lists: the first of each, and the
    /// next after each.
    held: Vec<u32>,
    next: Vec<u32>,
    potential: Vec<i64>,
    /// Flow in less flow out.
    excess: Vec<i64>,
    search: Search,
    /// How often bidders and searches have looked at an arc.
    pub(super) looks: u64,
}

#[derive(Debug, Clone, Copy)]
struct Arc {
    tail: u32,
    head: u32,
    weight: i64,
}

/// An arc as its head sees it: what is asked most often, so that a row is read in one go.
#[derive(Debug, Clone, Copy, Default)]
struct Incoming {
    weight: i64,
    tail: u32,
    number: u32,
}

/// Items in rows.
#[derive(Debug, Clone, Default)]
pub(super) struct Ranges<T> {
    pub(super) starts: Vec<u32>,
    pub(super) items: Vec<T>,
}

impl<T> Ranges<T> {
    pub(super) fn range(&self, key: usize) -> std::ops::Range<usize> {
        self.starts[key] as usize..self.starts[key + 1] as usize
    }

    fn row(&self, key: usize) -> &[T] {
        &self.items[self.range(key)]
    }
}

impl Ranges<u32> {
    /// Groups items by key in O(keys + items), the items of a key in their order.
    fn group(n_keys: usize, pairs: impl Iterator<Item = (usize, u32)> + Clone) -> Self {
        let mut starts = vec![0_u32; n_keys + 1];
        // Most often nothing shares a limit: memory that is not written to costs nothing.
        if pairs.clone().next().is_none() {
            return Self { starts, items: Vec::new() };
        }
        for (key, _) in pairs.clone() {
            starts[key + 1] += 1;
        }
        for key in 0..n_keys {
            starts[key + 1] += starts[key];
        }
        let mut place = starts.clone();
        let mut items = vec![0; starts[n_keys] as usize];
        for (key, item) in pairs {
            items[place[key] as usize] = item;
            place[key] += 1;
        }
        Self { starts, items }
    }
}

impl Ranges<Incoming> {
    /// As many heads as a block's counts and rows stay in a core's own cache.
    const BLOCK: u32 = 12;

    /// Groups arcs by head, those of a head in their order: by block of heads first and within
    /// each block after that, so that no pass writes to more places than the caches hold.
    /// O(heads + arcs).
    fn by_head(arcs: &[Arc], first: usize, n_heads: usize) -> Self {
        let head = |arc: &Arc| arc.head - first as u32;
        let n_blocks = (n_heads >> Self::BLOCK) + 1;
        let mut ends = vec![0_u32; n_blocks + 1];
        for arc in arcs {
            ends[(head(arc) >> Self::BLOCK) as usize + 1] += 1;
        }
        for block in 0..n_blocks {
            ends[block + 1] += ends[block];
        }
        let mut place = ends.clone();
        let mut blocks = vec![(0_u32, Incoming::default()); arcs.len()];
        for (arc, number) in arcs.iter().zip(0..) {
            let place = &mut place[(head(arc) >> Self::BLOCK) as usize];
            blocks[*place as usize] = (head(arc), Incoming { weight: arc.weight, tail: arc.tail, number });
            *place += 1;
        }
        let mut starts = vec![0_u32; n_heads + 1];
        let mut items = vec![Incoming::default(); arcs.len()];
        let mut place = vec![0_u32; 1 << Self::BLOCK];
        for block in 0..n_blocks {
            let base = block << Self::BLOCK;
            let in_block = &blocks[ends[block] as usize..ends[block + 1] as usize];
            let heads = &mut starts[base..n_heads.min(base + (1 << Self::BLOCK))];
            for &(head, _) in in_block {
                heads[head as usize - base] += 1;
            }
            let mut next = ends[block];
            for (start, place) in heads.iter_mut().zip(&mut place) {
                *place = next;
                next += std::mem::replace(start, next);
            }
            for &(head, item) in in_block {
                let place = &mut place[head as usize - base];
                items[*place as usize] = item;
                *place += 1;
            }
        }
        starts[n_heads] = arcs.len() as u32;
        Self { starts, items }
    }
}

/// The nodes from which no unit could be mended: what leaves the set is full and what
/// enters it is at its least, or the other way round where units were missing.
#[derive(Debug)]
struct Cut {
    inside: Vec<bool>,
    is_excess: bool,
}

impl Flow {
    /// The circulation of some of a problem's candidates, ascending, without its linear
    /// constraints; barred ones are left out. O(candidates + parties).
    pub(super) fn of(problem: &Problem, candidates: impl Iterator<Item = u32>) -> Self {
        let (anchors, suppliers) = (&problem.anchors, &problem.suppliers);
        let n_anchors = anchors.nodes.len();
        let ground = (n_anchors + suppliers.nodes.len()) as u32;
        let standing = |candidate: u32| problem.candidates[candidate as usize].standing;
        let mut open = Vec::with_capacity(candidates.size_hint().0);
        open.extend(candidates.filter(|&candidate| !matches!(standing(candidate), Standing::Barred(_))));
        let mut candidates = open;
        let leaves = |candidate: u32| problem.leaves(&problem.candidates[candidate as usize]);
        // Those of a level come after all others of their firm.
        if !anchors.levels.is_empty() {
            candidates.sort_by_key(|&candidate| leaves(candidate)[0]);
        }
        let arc = |&candidate: &u32| {
            let [tail, head] = leaves(candidate);
            let weight = problem.candidates[candidate as usize].weight;
            Arc { tail, head: head + n_anchors as u32, weight }
        };
        let arcs: Vec<Arc> = candidates.iter().map(arc).collect();
        let mut locked = FixedBitSet::new();
        for (&candidate, number) in candidates.iter().zip(0..) {
            if standing(candidate) == Standing::Locked {
                locked.grow_and_insert(number);
            }
        }
        let mut outgoing = vec![0_u32; n_anchors + 1];
        for arc in &arcs {
            outgoing[arc.tail as usize + 1] += 1;
        }
        for tail in 0..n_anchors {
            outgoing[tail + 1] += outgoing[tail];
        }
        let incoming = Ranges::by_head(&arcs, n_anchors, suppliers.nodes.len());
        let shifted = |roster: &Roster, by: u32| {
            let above = move |parent| if parent == NONE { ground } else { parent + by };
            roster.nodes.iter().map(|node| above(node.parent)).collect::<Vec<u32>>()
        };
        let parent = [shifted(anchors, 0), shifted(suppliers, n_anchors as u32)].concat();
        let below = parent.iter().zip(0..).filter(|&(&above, _)| above != ground);
        let children = Ranges::group(ground as usize, below.map(|(&above, node)| (above as usize, node)));
        let nodes = || anchors.nodes.iter().chain(&suppliers.nodes);
        let mut flow = Self {
            n_anchors,
            ground,
            least: nodes().map(|node| node.least).collect(),
            most: nodes().map(|node| node.most).collect(),
            used: vec![0; parent.len()],
            children,
            held: vec![NONE; suppliers.nodes.len()],
            next: vec![NONE; arcs.len()],
            chosen: FixedBitSet::with_capacity(arcs.len()),
            arcs,
            candidates,
            locked,
            outgoing,
            incoming,
            potential: vec![0; parent.len() + 1],
            excess: vec![0; parent.len() + 1],
            search: Search::of(parent.len() + 1),
            looks: 0,
            parent,
        };
        flow.ease(problem);
        flow
    }

    /// A limit above the number of candidates below it can never bind: brought down to one
    /// more, so that no flow is ever set to billions, and no price put on it; but to no less than floors above
    /// or below ask for, or it would be told as what breaks them.
    fn ease(&mut self, problem: &Problem) {
        let degrees = [&self.outgoing, &self.incoming.starts].map(|starts| starts.windows(2));
        let mut below: Vec<u32> = degrees.into_iter().flatten().map(|two| two[1] - two[0]).collect();
        let mut asked = vec![0_u32; below.len()];
        for node in self.bottom_up(problem) {
            let (count, above) = (below[node as usize], self.parent[node as usize]);
            asked[node as usize] = asked[node as usize].max(self.least[node as usize]);
            if above != self.ground {
                below[above as usize] += count;
                asked[above as usize] = asked[above as usize].saturating_add(asked[node as usize]);
            }
        }
        for node in self.bottom_up(problem).rev() {
            let (at, above) = (node as usize, self.parent[node as usize]);
            if above != self.ground {
                asked[at] = asked[at].max(asked[above as usize]);
            }
            self.most[at] = self.most[at].min((below[at] + 1).max(asked[at])).max(self.least[at]);
        }
    }

    fn bottom_up(&self, problem: &Problem) -> impl DoubleEndedIterator<Item = u32> + use<> {
        let n_anchors = self.n_anchors as u32;
        problem.anchors.bottom_up().chain(problem.suppliers.bottom_up().map(move |node| node + n_anchors))
    }

    fn is_anchor(&self, node: u32) -> bool {
        (node as usize) < self.n_anchors
    }

    fn range_of(&self, tail: u32) -> std::ops::Range<usize> {
        self.outgoing[tail as usize] as usize..self.outgoing[tail as usize + 1] as usize
    }

    fn hold(&mut self, number: u32) {
        let head = self.arcs[number as usize].head as usize - self.n_anchors;
        self.next[number as usize] = self.held[head];
        self.held[head] = number;
    }

    fn let_go(&mut self, number: u32) {
        let head = self.arcs[number as usize].head as usize - self.n_anchors;
        let after = self.next[number as usize];
        if self.held[head] == number {
            self.held[head] = after;
            return;
        }
        let mut one = self.held[head] as usize;
        while self.next[one] != number {
            one = self.next[one] as usize;
        }
        self.next[one] = after;
    }

    /// Mends what [`start`](Self::start) left out of balance.
    fn balance(&mut self) -> Result<(), Cut> {
        for node in 0..self.ground {
            while self.excess[node as usize] > 0 {
                self.mend::<false>(node)?;
            }
        }
        for node in 0..self.ground {
            while self.excess[node as usize] < 0 {
                self.mend::<true>(node)?;
            }
        }
        Ok(())
    }

    /// Brings the potentials of a balanced flow to the least that prove it: then they do not
    /// depend on how the flow was found. The price of an anchor is what one more place of it
    /// would bring, that of a supplier what the whole would lose with one place fewer.
    pub(super) fn settle(&mut self, problem: &Problem) {
        let distances = self.distances::<true>();
        // Nodes from which no way leads to the ground go down together, as far as any.
        let furthest = distances.iter().copied().filter(|&distance| distance < i64::MAX).max().unwrap_or(0);
        for (potential, distance) in self.potential.iter_mut().zip(distances) {
            *potential -= distance.min(furthest);
        }
        // A limit that counts nothing, and need not, has no price for counting too much.
        for node in self.bottom_up(problem).rev() {
            let (own, above) =
                (self.potential[node as usize], self.potential[self.parent[node as usize] as usize]);
            let price = if self.is_anchor(node) { own - above } else { above - own };
            if price < 0 && self.used[node as usize] == 0 && self.least[node as usize] == 0 {
                self.potential[node as usize] = above;
            }
        }
        // One that has no place is worth what its best candidate is.
        for node in (0..self.ground).rev().filter(|&node| self.most[node as usize] == 0) {
            let above = self.potential[self.parent[node as usize] as usize];
            if !self.children.row(node as usize).is_empty() {
                continue;
            }
            let potential = if self.is_anchor(node) {
                let arcs = self.arcs[self.range_of(node)].iter();
                arcs.map(|arc| arc.weight + self.potential[arc.head as usize]).fold(above, i64::max)
            } else {
                let arcs = self.incoming.row(node as usize - self.n_anchors).iter();
                // So dear that no anchor's price need say so.
                arcs.map(|arc| self.potential[arc.tail as usize].min(0) - arc.weight).fold(above, i64::min)
            };
            self.potential[node as usize] = potential;
        }
    }

    /// The optimum, or the constraints of a violated cut.
    pub(super) fn solve(&mut self, problem: &Problem) -> Result<(), Vec<Constraint>> {
        for roster in problem.rosters() {
            if let Some(at) = roster.nodes.iter().position(|node| node.least > node.most) {
                let (limit, super::roster::Node { least, most, .. }) =
                    (roster.limit(at as u32), roster.nodes[at]);
                let at_least = Constraint::AtLeast { limit: limit.clone(), least };
                return Err(vec![at_least, Constraint::AtMost { limit, most }]);
            }
        }
        self.balance().map_err(|cut| self.crossing(problem, &cut))
    }

    /// The constraints on the border of a cut (Hoffman's circulation theorem, 1960: together
    /// they cannot be kept).
    fn crossing(&self, problem: &Problem, cut: &Cut) -> Vec<Constraint> {
        let mut all = Vec::new();
        for node in 0..self.ground {
            let above = self.parent[node as usize];
            let (from, to) = if self.is_anchor(node) { (above, node) } else { (node, above) };
            let (leaves, enters) = (
                cut.inside[from as usize] && !cut.inside[to as usize],
                !cut.inside[from as usize] && cut.inside[to as usize],
            );
            let (is_full, is_least) = if cut.is_excess { (leaves, enters) } else { (enters, leaves) };
            let (roster, at) = if self.is_anchor(node) {
                (&problem.anchors, node)
            } else {
                (&problem.suppliers, node - self.n_anchors as u32)
            };
            let limits = roster.nodes[at as usize];
            if is_full && self.most[node as usize] == limits.most {
                all.push(Constraint::AtMost { limit: roster.limit(at), most: limits.most });
            }
            if is_least && limits.least > 0 {
                all.push(Constraint::AtLeast { limit: roster.limit(at), least: limits.least });
            }
        }
        for number in self.locked.ones() {
            let arc = &self.arcs[number];
            if cut.inside[arc.tail as usize] != cut.inside[arc.head as usize] {
                all.extend(problem.decided(self.candidates[number] as usize));
            }
        }
        // A veto is a candidate that carries nothing: it narrows the cut if it crosses it.
        for (position, one) in problem.candidates.iter().enumerate().filter(|(_, one)| one.is_barred()) {
            let [tail, head] = problem.leaves(one).map(|leaf| leaf as usize);
            if cut.inside[tail] != cut.inside[self.n_anchors + head] {
                all.extend(problem.decided(position));
            }
        }
        all
    }

    /// The chosen candidates.
    pub(super) fn chosen(&self) -> Vec<usize> {
        self.chosen.ones().map(|number| self.candidates[number] as usize).collect()
    }

    /// The prices of all limits.
    pub(super) fn certificate(&self, problem: &Problem) -> Certificate {
        let mut prices = Vec::new();
        for node in 0..self.ground {
            let (own, above) =
                (self.potential[node as usize], self.potential[self.parent[node as usize] as usize]);
            let (side, at, steps) = if self.is_anchor(node) {
                (Side::Anchor, node, own - above)
            } else {
                (Side::Supplier, node - self.n_anchors as u32, above - own)
            };
            if steps != 0 {
                prices.push(Price { limit: problem.roster(side).limit(at), steps });
            }
        }
        Certificate { prices, looks: self.looks }
    }

    /// The prices of anchor nodes: sums over all limits that count the node.
    pub(super) fn anchor_prices(&self) -> &[i64] {
        &self.potential[..self.n_anchors]
    }

    /// By how much a candidate is worth more than the prices of all limits that count it.
    pub(super) fn reduced_value(&self, leaves: [u32; 2], weight: i64) -> i64 {
        let [tail, head] = leaves.map(|leaf| leaf as usize);
        weight - self.potential[tail] + self.potential[self.n_anchors + head]
    }
}
