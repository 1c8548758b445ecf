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
//! 9.3). [`Flow::start`] sets flows that are right for *any* potentials of the suppliers and
//! leaves nodes with more flow in than out, or less; [`Flow::balance`] mends one unit at a
//! time along a shortest path in the residual network (ibid., section 9.7). The ground takes
//! and gives whatever is asked, so a search ends there and never fans out from it.
//!
//! The better the potentials to begin with, the fewer units are to be mended: see
//! [`auction`](super::auction) for where they come from, and `replan` for a second use.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::auction::Auction;
use super::problem::Standing;
use super::side::{NONE, Side};
use super::{Certificate, Constraint, Price, Problem, Role};

/// Chooses the best of some arcs, and returns the value of the best one left out, at least 0.
fn choose_best(
    arcs: &mut [Arc],
    potential: &[i64],
    numbers: impl Iterator<Item = u32>,
    mut places: usize,
    value: impl Fn(&Arc, &[i64]) -> i64,
    values: &mut Vec<(Reverse<i64>, u32)>,
) -> i64 {
    values.clear();
    for number in numbers {
        let arc = &mut arcs[number as usize];
        arc.chosen = arc.locked;
        let value = value(arc, potential);
        if arc.locked {
            places = places.saturating_sub(1);
        } else if value > 0 {
            values.push((Reverse(value), number));
        }
    }
    let mut next_best = 0;
    if values.len() > places {
        values.select_nth_unstable(places);
        next_best = values[places].0.0;
        values.truncate(places);
    }
    for &(_, number) in &*values {
        arcs[number as usize].chosen = true;
    }
    next_best
}

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
    /// Where the arcs of each tail begin.
    outgoing: Vec<u32>,
    /// The arcs into each supplier node.
    incoming: Ranges<u32>,
    /// The chosen arcs into each supplier node as linked lists: the first of each, and the
    /// next after each.
    held: Vec<u32>,
    next: Vec<u32>,
    potential: Vec<i64>,
    /// Flow in less flow out.
    excess: Vec<i64>,
    search: Search,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Arc {
    pub(super) tail: u32,
    pub(super) head: u32,
    pub(super) weight: i64,
    candidate: u32,
    chosen: bool,
    locked: bool,
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

/// Working memory of searches.
#[derive(Debug, Clone, Default)]
struct Search {
    heap: BinaryHeap<Reverse<(i64, u32)>>,
    labels: Vec<Label>,
    settled: Vec<u32>,
    round: u32,
}

#[derive(Debug, Clone, Copy, Default)]
struct Label {
    distance: i64,
    /// The search that reached the node; one of an earlier search means nothing.
    round: u32,
    from: u32,
    /// The arc by which it was reached: a candidate, or [`LIMIT`] and the lower node.
    way: u32,
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
        let mut arcs: Vec<Arc> = Vec::with_capacity(candidates.size_hint().0);
        for candidate in candidates {
            let one = &problem.candidates[candidate as usize];
            if one.is_barred() {
                continue;
            }
            let [tail, head] = problem.leaves(one);
            let (head, locked) = (head + n_anchors as u32, one.standing == Standing::Locked);
            arcs.push(Arc { tail, head, weight: one.weight, candidate, chosen: locked, locked });
        }
        // Those of a level come after all others of their firm.
        if !anchors.levels.is_empty() {
            arcs.sort_by_key(|arc| arc.tail);
        }
        let mut outgoing = vec![0_u32; n_anchors + 1];
        for arc in &arcs {
            outgoing[arc.tail as usize + 1] += 1;
        }
        for tail in 0..n_anchors {
            outgoing[tail + 1] += outgoing[tail];
        }
        let incoming = arcs.iter().zip(0..).map(|(arc, number)| (arc.head as usize - n_anchors, number));
        let incoming = Ranges::group(suppliers.nodes.len(), incoming);
        let shifted = |side: &Side, by: u32| {
            let above = move |parent| if parent == NONE { ground } else { parent + by };
            side.nodes.iter().map(|node| above(node.parent)).collect::<Vec<u32>>()
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
            arcs,
            outgoing,
            incoming,
            potential: vec![0; parent.len() + 1],
            excess: vec![0; parent.len() + 1],
            search: Search { labels: vec![Label::default(); parent.len() + 1], ..Search::default() },
            parent,
        };
        flow.ease(problem);
        flow
    }

    /// A limit above the number of candidates below it can never bind: brought down to one
    /// more, so that no flow is ever set to billions, and no price put on it.
    fn ease(&mut self, problem: &Problem) {
        let mut below = vec![0_u32; self.ground as usize];
        for arc in &self.arcs {
            below[arc.tail as usize] += 1;
            below[arc.head as usize] += 1;
        }
        for node in self.bottom_up(problem) {
            let (count, above) = (below[node as usize], self.parent[node as usize]);
            if above != self.ground {
                below[above as usize] += count;
            }
            let node = node as usize;
            self.most[node] = self.most[node].min(count + 1).max(self.least[node]);
        }
    }

    fn bottom_up(&self, problem: &Problem) -> impl Iterator<Item = u32> + use<> {
        let n_anchors = self.n_anchors as u32;
        problem.anchors.bottom_up().chain(problem.suppliers.bottom_up().map(move |node| node + n_anchors))
    }

    fn is_anchor(&self, node: u32) -> bool {
        (node as usize) < self.n_anchors
    }

    fn range_of(&self, tail: u32) -> std::ops::Range<usize> {
        self.outgoing[tail as usize] as usize..self.outgoing[tail as usize + 1] as usize
    }

    /// How many bits finer weights are than what an auction reckons in.
    const FINER: u32 = 8;

    /// The auction in which one side bids.
    fn auction(&self, bidders: Role) -> Auction {
        let (n_anchors, ground) = (self.n_anchors, self.ground as usize);
        let mut free = self.most.clone();
        for arc in self.arcs.iter().filter(|arc| arc.locked) {
            for end in [arc.tail, arc.head] {
                free[end as usize] = free[end as usize].saturating_sub(1);
            }
        }
        let worth = |arc: &Arc| {
            let weight = if arc.locked { 0 } else { (arc.weight >> Self::FINER).max(0) };
            u32::try_from(weight).unwrap_or(u32::MAX)
        };
        let (anchors, suppliers) = (free[..n_anchors].to_vec(), free[n_anchors..ground].to_vec());
        match bidders {
            Role::Anchor => {
                let items = self.arcs.iter().map(|arc| (arc.head - n_anchors as u32, worth(arc)));
                let wishes = Ranges { starts: self.outgoing.clone(), items: items.collect() };
                Auction { wishes, wants: anchors, places: suppliers }
            }
            Role::Supplier => {
                let arcs = self.incoming.items.iter().map(|&number| &self.arcs[number as usize]);
                let items = arcs.map(|arc| (arc.tail, worth(arc))).collect();
                let wishes = Ranges { starts: self.incoming.starts.clone(), items };
                Auction { wishes, wants: suppliers, places: anchors }
            }
        }
    }

    /// Starts from an auction. Where one side wants less than half of what the other does, it
    /// bids: there is little to fight over. Else the side with more nodes bids: its lists are
    /// the shorter ones, so that it chooses quicker and raises prices by larger steps.
    pub(super) fn start_by_auction(&mut self, problem: &Problem) {
        let (n_anchors, n_suppliers) = (self.n_anchors, self.ground as usize - self.n_anchors);
        let degree = |node: usize| {
            if node < n_anchors {
                self.range_of(node as u32).len()
            } else {
                self.incoming.row(node - n_anchors).len()
            }
        };
        let wants = |nodes: std::ops::Range<usize>| -> usize {
            nodes.map(|node| degree(node).min(self.most[node] as usize)).sum()
        };
        let (by_anchors, by_suppliers) = (wants(0..n_anchors), wants(n_anchors..self.ground as usize));
        let bidders = if 2 * by_anchors <= by_suppliers {
            Role::Anchor
        } else if 2 * by_suppliers <= by_anchors || n_suppliers >= n_anchors {
            Role::Supplier
        } else {
            Role::Anchor
        };
        let prices = self.auction(bidders).prices();
        self.start(problem, bidders, |node| i64::from(prices[node]) << Self::FINER);
    }

    /// Sets flows that are optimal for the prices of the nodes of one side, at least 0,
    /// the nodes of the other side choosing; nodes may be out of balance.
    pub(super) fn start(&mut self, problem: &Problem, choosers: Role, price: impl Fn(usize) -> i64) {
        self.choose(choosers, price);
        self.held.fill(NONE);
        self.excess.fill(0);
        for number in 0..self.arcs.len() {
            if self.arcs[number].chosen {
                let Arc { tail, head, .. } = self.arcs[number];
                self.excess[tail as usize] -= 1;
                self.excess[head as usize] += 1;
                self.hold(number as u32);
            }
        }
        for node in self.bottom_up(problem) {
            let above = self.parent[node as usize];
            let is_anchor = self.is_anchor(node);
            let (from, to) = if is_anchor { (above, node) } else { (node, above) };
            let reduced = self.potential[from as usize] - self.potential[to as usize];
            let node = node as usize;
            // What the node passes on, or is given.
            let wanted = self.excess[node].abs();
            let least = i64::from(self.least[node]);
            let most = i64::from(self.most[node]);
            let used = match reduced.cmp(&0) {
                std::cmp::Ordering::Less => most,
                std::cmp::Ordering::Greater => least,
                std::cmp::Ordering::Equal => wanted.clamp(least, most),
            };
            self.used[node] = used as u32;
            self.excess[from as usize] -= used;
            self.excess[to as usize] += used;
        }
        self.excess[self.ground as usize] = 0;
    }

    /// Lets every node of a side choose the arcs of greatest reduced profit, as many as it
    /// takes, and sets its potential to what the best one left out would bring, at least 0.
    fn choose(&mut self, choosers: Role, price: impl Fn(usize) -> i64) {
        let mut values: Vec<(Reverse<i64>, u32)> = Vec::new();
        let (n_anchors, ground) = (self.n_anchors, self.ground as usize);
        match choosers {
            Role::Anchor => {
                for node in n_anchors..ground {
                    self.potential[node] = -price(node - n_anchors);
                }
                for node in 0..n_anchors {
                    let arcs = self.range_of(node as u32).map(|number| number as u32);
                    let places = self.most[node] as usize;
                    let value = |arc: &Arc, potential: &[i64]| arc.weight + potential[arc.head as usize];
                    self.potential[node] =
                        choose_best(&mut self.arcs, &self.potential, arcs, places, value, &mut values);
                }
            }
            Role::Supplier => {
                for node in 0..n_anchors {
                    self.potential[node] = price(node);
                }
                for node in n_anchors..ground {
                    let arcs = self.incoming.row(node - n_anchors).iter().copied();
                    let places = self.most[node] as usize;
                    let value = |arc: &Arc, potential: &[i64]| arc.weight - potential[arc.tail as usize];
                    let next = choose_best(&mut self.arcs, &self.potential, arcs, places, value, &mut values);
                    self.potential[node] = -next;
                }
            }
        }
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

    /// Takes one unit from a node with too much to the nearest that lacks one, or the
    /// ground; `LACKS`: gives it one from the nearest.
    fn mend<const LACKS: bool>(&mut self, source: u32) -> Result<(), Cut> {
        let mut search = std::mem::take(&mut self.search);
        let found = self.nearest::<LACKS>(source, &mut search);
        let result = if let Some((distance, target)) = found {
            for &node in &search.settled {
                let short = distance - search.labels[node as usize].distance;
                self.potential[node as usize] += if LACKS { short } else { -short };
            }
            self.augment::<LACKS>(source, target, &search.labels);
            Ok(())
        } else {
            let mut inside = vec![false; self.ground as usize + 1];
            for &node in &search.settled {
                inside[node as usize] = true;
            }
            Err(Cut { inside, is_excess: !LACKS })
        };
        self.search = search;
        result
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
        let top_down: Vec<u32> = self.bottom_up(problem).collect();
        for &node in top_down.iter().rev() {
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
                let arcs = arcs.map(|&number| &self.arcs[number as usize]);
                // So dear that no anchor's price need say so.
                arcs.map(|arc| self.potential[arc.tail as usize].min(0) - arc.weight).fold(above, i64::min)
            };
            self.potential[node as usize] = potential;
        }
    }

    /// What it costs at least to bring a unit from the ground to each node, or, `BACK`, from
    /// each node to the ground, in a balanced flow; `i64::MAX` where there is no way.
    pub(super) fn distances<const BACK: bool>(&self) -> Vec<i64> {
        let mut distances = vec![i64::MAX; self.ground as usize + 1];
        let mut heap: BinaryHeap<Reverse<(i64, u32)>> = BinaryHeap::new();
        // Many are no way off: they need no heap.
        let mut at_once: Vec<u32> = Vec::new();
        distances[self.ground as usize] = 0;
        for node in (0..self.ground).filter(|&node| self.parent[node as usize] == self.ground) {
            let at = node as usize;
            let gives = self.is_anchor(node) != BACK;
            let is_way = if gives { self.used[at] < self.most[at] } else { self.used[at] > self.least[at] };
            if is_way {
                let potential = self.potential[at];
                distances[at] = if BACK { potential } else { -potential };
                let is_free = BACK && !self.is_anchor(node) && self.children.row(at).is_empty();
                if potential == 0 {
                    // Free suppliers may be most of all nodes: they are looked at from the anchors.
                    if !is_free {
                        at_once.push(node);
                    }
                } else {
                    heap.push(Reverse((distances[at], node)));
                }
            }
        }
        for node in (0..self.n_anchors).filter(|_| BACK) {
            let own = self.potential[node];
            let is_way = |arc: &&Arc| !arc.chosen && distances[arc.head as usize] == 0;
            let arcs = self.arcs[self.range_of(node as u32)].iter().filter(is_way);
            let nearest = arcs.map(|arc| own - self.potential[arc.head as usize] - arc.weight).min();
            if let Some(nearest) = nearest.filter(|&nearest| nearest < distances[node]) {
                distances[node] = nearest;
                heap.push(Reverse((nearest, node as u32)));
            }
        }
        loop {
            let (distance, node) = match at_once.pop() {
                Some(node) => (0, node),
                None => match heap.pop() {
                    Some(Reverse(next)) => next,
                    None => break,
                },
            };
            if distances[node as usize] < distance {
                continue;
            }
            self.neighbours::<BACK>(node, |to, cost, _| {
                let reached = distance + cost;
                if reached < distances[to as usize] {
                    distances[to as usize] = reached;
                    if reached == 0 {
                        at_once.push(to);
                    } else {
                        heap.push(Reverse((reached, to)));
                    }
                }
            });
        }
        distances
    }

    /// By how much a candidate that is not chosen falls short of being in an optimal flow;
    /// `None` where it cannot be. `from_ground` and `to_ground` are
    /// [`distances`](Self::distances). Exact where nobody shares a quota with the supplier,
    /// and else not too little.
    pub(super) fn shortfall(
        &self,
        leaves: [u32; 2],
        weight: i64,
        from_ground: &[i64],
        to_ground: &[i64],
    ) -> Option<i64> {
        let (from, to) = (from_ground[leaves[0] as usize], to_ground[self.n_anchors + leaves[1] as usize]);
        let is_way = from < i64::MAX && to < i64::MAX;
        is_way.then(|| from + to - self.reduced_value(leaves, weight))
    }

    /// Dijkstra's algorithm from a node, forwards or backwards, to the nearest node out of
    /// balance the other way or to the ground.
    fn nearest<const LACKS: bool>(&self, source: u32, search: &mut Search) -> Option<(i64, u32)> {
        let Search { heap, labels, settled, round } = search;
        heap.clear();
        settled.clear();
        *round += 1;
        let round = *round;
        labels[source as usize] = Label { distance: 0, round, from: source, way: 0 };
        heap.push(Reverse((0, source)));
        let mut best: Option<(i64, u32)> = None;
        let mut bound = i64::MAX;
        while let Some(Reverse((distance, node))) = heap.pop() {
            if distance >= bound {
                break;
            }
            if labels[node as usize].distance < distance {
                continue;
            }
            settled.push(node);
            self.neighbours::<LACKS>(node, |to, cost, way| {
                debug_assert!(cost >= 0, "reduced costs in the residual network are not negative");
                let reached = distance + cost;
                let label = &mut labels[to as usize];
                if reached >= bound || label.round == round && label.distance <= reached {
                    return;
                }
                *label = Label { distance: reached, round, from: node, way };
                let excess = self.excess[to as usize];
                if to == self.ground || if LACKS { excess > 0 } else { excess < 0 } {
                    bound = reached;
                    best = Some((reached, to));
                } else {
                    heap.push(Reverse((reached, to)));
                }
            });
        }
        // Nodes as far as the target keep their potential, whichever way it is counted.
        best
    }

    /// The nodes to which a node can pass a unit on, with the reduced cost and the arc;
    /// `LACKS`: those from which it can get one.
    fn neighbours<const LACKS: bool>(&self, node: u32, mut visit: impl FnMut(u32, i64, u32)) {
        let potential = |node: u32| self.potential[node as usize];
        let own = potential(node);
        let is_anchor = self.is_anchor(node);
        if is_anchor {
            for number in self.range_of(node) {
                let arc = &self.arcs[number];
                if LACKS {
                    if arc.chosen && !arc.locked {
                        visit(arc.head, arc.weight - own + potential(arc.head), number as u32);
                    }
                } else if !arc.chosen {
                    visit(arc.head, own - potential(arc.head) - arc.weight, number as u32);
                }
            }
        } else if LACKS {
            for &number in self.incoming.row(node as usize - self.n_anchors) {
                let arc = &self.arcs[number as usize];
                if !arc.chosen {
                    visit(arc.tail, potential(arc.tail) - own - arc.weight, number);
                }
            }
        } else {
            let mut number = self.held[node as usize - self.n_anchors];
            while number != NONE {
                let arc = &self.arcs[number as usize];
                if !arc.locked {
                    visit(arc.tail, arc.weight - potential(arc.tail) + own, number);
                }
                number = self.next[number as usize];
            }
        }
        // A unit more on a limit's arc, or one less, by the side and the way we look.
        let more = |node: u32| self.used[node as usize] < self.most[node as usize];
        let less = |node: u32| self.used[node as usize] > self.least[node as usize];
        let sign = if LACKS { -1 } else { 1 };
        let above = self.parent[node as usize];
        let gives_up = is_anchor != LACKS;
        if if gives_up { less(node) } else { more(node) } {
            visit(above, sign * (own - potential(above)), LIMIT | node);
        }
        for &child in self.children.row(node as usize) {
            if if gives_up { more(child) } else { less(child) } {
                visit(child, sign * (own - potential(child)), LIMIT | child);
            }
        }
    }

    /// Moves a unit along the path that the labels tell.
    fn augment<const LACKS: bool>(&mut self, source: u32, target: u32, labels: &[Label]) {
        let mut node = target;
        while node != source {
            let Label { from, way, .. } = labels[node as usize];
            // The unit runs from `giver`.
            let giver = if LACKS { node } else { from };
            if way & LIMIT != 0 {
                let lower = way & !LIMIT;
                let is_more = self.is_anchor(lower) != (giver == lower);
                let used = &mut self.used[lower as usize];
                *used = if is_more { *used + 1 } else { *used - 1 };
            } else {
                let chosen = giver == self.arcs[way as usize].tail;
                self.arcs[way as usize].chosen = chosen;
                if chosen {
                    self.hold(way);
                } else {
                    self.let_go(way);
                }
            }
            node = from;
        }
        let unit = if LACKS { 1 } else { -1 };
        self.excess[source as usize] += unit;
        if target != self.ground {
            self.excess[target as usize] -= unit;
        }
    }

    /// The optimum, or the constraints of a violated cut.
    pub(super) fn solve(&mut self, problem: &Problem) -> Result<(), Vec<Constraint>> {
        for side in [&problem.anchors, &problem.suppliers] {
            if let Some(at) = side.nodes.iter().position(|node| node.least > node.most) {
                let (limit, super::side::Node { least, most, .. }) = (side.limit(at as u32), side.nodes[at]);
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
            let (side, at) = if self.is_anchor(node) {
                (&problem.anchors, node)
            } else {
                (&problem.suppliers, node - self.n_anchors as u32)
            };
            let limits = side.nodes[at as usize];
            if is_full && self.most[node as usize] == limits.most {
                all.push(Constraint::AtMost { limit: side.limit(at), most: limits.most });
            }
            if is_least && limits.least > 0 {
                all.push(Constraint::AtLeast { limit: side.limit(at), least: limits.least });
            }
        }
        for arc in self.arcs.iter().filter(|arc| arc.locked) {
            if cut.inside[arc.tail as usize] != cut.inside[arc.head as usize] {
                all.extend(problem.decided(arc.candidate as usize));
            }
        }
        all
    }

    /// The chosen candidates.
    pub(super) fn chosen(&self) -> Vec<usize> {
        self.arcs.iter().filter(|arc| arc.chosen).map(|arc| arc.candidate as usize).collect()
    }

    /// The prices of all limits.
    pub(super) fn certificate(&self, problem: &Problem) -> Certificate {
        let mut prices = Vec::new();
        for node in 0..self.ground {
            let (own, above) =
                (self.potential[node as usize], self.potential[self.parent[node as usize] as usize]);
            let (side, at, steps) = if self.is_anchor(node) {
                (Role::Anchor, node, own - above)
            } else {
                (Role::Supplier, node - self.n_anchors as u32, above - own)
            };
            if steps != 0 {
                prices.push(Price { limit: problem.side(side).limit(at), steps });
            }
        }
        Certificate { prices }
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
