//! Shortest paths in the residual network, and units moved along them.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use fixedbitset::FixedBitSet;
use rustc_hash::FxHashMap;

use super::{Arc, Cut, Flow, LIMIT, NONE};

/// Working memory of searches.
#[derive(Debug, Clone, Default)]
pub(super) struct Search {
    heap: BinaryHeap<Reverse<(i64, u32)>>,
    labels: Labels,
    settled: Vec<u32>,
    /// How many arcs the last search looked at.
    looks: u64,
}

impl Search {
    /// For so many nodes, the ground among them.
    pub(super) fn of(n_nodes: usize) -> Self {
        Self { labels: Labels { at: vec![0; n_nodes], all: Vec::new() }, ..Self::default() }
    }
}

/// The labels of the nodes reached: a sparse set (Briggs and Torczon, An Efficient Representation
/// for Sparse Sets, 1993), since a search reaches few of millions.
#[derive(Debug, Clone, Default)]
struct Labels {
    /// Where the label of each node is, if it is that of the node.
    at: Vec<u32>,
    all: Vec<Label>,
}

#[derive(Debug, Clone, Copy)]
struct Label {
    distance: i64,
    node: u32,
    from: u32,
    /// The arc by which it was reached: a candidate, or [`LIMIT`] and the lower node.
    way: u32,
}

impl Labels {
    /// Labels a node, unless it has one of no greater distance.
    fn reach(&mut self, label: Label) -> bool {
        let at = &mut self.at[label.node as usize];
        match self.all.get_mut(*at as usize).filter(|known| known.node == label.node) {
            Some(known) if known.distance <= label.distance => return false,
            Some(known) => *known = label,
            None => {
                *at = self.all.len() as u32;
                self.all.push(label);
            }
        }
        true
    }

    /// The label of a node that has been reached.
    fn of(&self, node: u32) -> &Label {
        &self.all[self.at[node as usize] as usize]
    }
}

impl Flow {
    /// Takes one unit from a node with too much to the nearest that lacks one, or the
    /// ground; `LACKS`: gives it one from the nearest.
    pub(super) fn mend<const LACKS: bool>(&mut self, source: u32) -> Result<(), Cut> {
        let mut search = std::mem::take(&mut self.search);
        let found = self.nearest::<LACKS>(source, &mut search);
        self.looks += search.looks;
        let result = if let Some((distance, target)) = found {
            for &node in &search.settled {
                let short = distance - search.labels.of(node).distance;
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

    /// What it costs at least to bring a unit from the ground to each node, or, `BACK`, from
    /// each node to the ground, in a balanced flow; `i64::MAX` where there is no way.
    pub(in crate::plan) fn distances<const BACK: bool>(&self) -> Vec<i64> {
        let mut distances = vec![i64::MAX; self.ground as usize + 1];
        let mut heap: BinaryHeap<Reverse<(i64, u32)>> = BinaryHeap::new();
        // Many are no way off: they need no heap.
        let mut at_once: Vec<u32> = Vec::new();
        // Suppliers that are no way off, with places left: looked at from the anchors.
        let mut free = FixedBitSet::with_capacity(self.ground as usize);
        distances[self.ground as usize] = 0;
        for node in (0..self.ground).filter(|&node| self.parent[node as usize] == self.ground) {
            let at = node as usize;
            let gives = self.is_anchor(node) != BACK;
            let is_way = if gives { self.used[at] < self.most[at] } else { self.used[at] > self.least[at] };
            if is_way {
                let potential = self.potential[at];
                distances[at] = if BACK { potential } else { -potential };
                if potential != 0 {
                    heap.push(Reverse((distances[at], node)));
                } else if BACK && !self.is_anchor(node) && self.children.row(at).is_empty() {
                    free.insert(at);
                } else {
                    at_once.push(node);
                }
            }
        }
        for node in (0..self.n_anchors).filter(|_| BACK) {
            let range = self.range_of(node as u32);
            let is_way = |(arc, number): &(&Arc, usize)| {
                free.contains(arc.head as usize) && !self.chosen.contains(*number)
            };
            let arcs = self.arcs[range.clone()].iter().zip(range).filter(is_way);
            let Some(best) = arcs.map(|(arc, _)| arc.weight).max() else { continue };
            let nearest = self.potential[node] - best;
            if nearest < distances[node] {
                distances[node] = nearest;
                heap.push(Reverse((nearest, node as u32)));
            }
        }
        let passages = self.passages(BACK);
        let mut rows = Vec::new();
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
            let reach = |to: u32, cost: i64, _: u32| {
                let reached = distance + cost;
                if reached < distances[to as usize] {
                    distances[to as usize] = reached;
                    if reached == 0 {
                        at_once.push(to);
                    } else {
                        heap.push(Reverse((reached, to)));
                    }
                }
            };
            if BACK && self.is_anchor(node) {
                self.through(node, &passages, &mut rows, reach);
            } else {
                self.neighbours::<BACK>(node, reach);
            }
        }
        for supplier in passages.ones() {
            let node = self.n_anchors + supplier;
            let number = self.held[supplier] as usize;
            let arc = &self.arcs[number];
            let holder = distances[arc.tail as usize];
            if !self.locked.contains(number) && holder < i64::MAX {
                let cost = arc.weight - self.potential[arc.tail as usize] + self.potential[node];
                distances[node] = holder + cost;
            }
        }
        distances
    }

    /// Suppliers with one place, taken: whoever comes to them can only go on to the anchor that
    /// has it. Most are, and searches pass through them without a stop.
    fn passages(&self, are_wanted: bool) -> FixedBitSet {
        let n_suppliers = self.ground as usize - self.n_anchors;
        let mut passages = FixedBitSet::with_capacity(n_suppliers);
        let is_passage = |supplier: &usize| {
            let node = self.n_anchors + supplier;
            (self.used[node], self.most[node]) == (1, 1)
                && self.parent[node] == self.ground
                && self.children.row(node).is_empty()
                && self.held[*supplier] != NONE
        };
        passages.extend((0..n_suppliers).filter(|_| are_wanted).filter(is_passage));
        passages
    }

    /// As `neighbours::<true>` of an anchor, but with the anchors beyond a passage in its stead.
    /// Its potential cancels out.
    fn through(
        &self,
        node: u32,
        passages: &FixedBitSet,
        rows: &mut Vec<(usize, std::ops::Range<usize>)>,
        mut visit: impl FnMut(u32, i64, u32),
    ) {
        let own = self.potential[node as usize];
        rows.clear();
        for number in self.range_of(node).filter(|&number| self.chosen.contains(number)) {
            let arc = &self.arcs[number];
            let supplier = arc.head as usize - self.n_anchors;
            if self.locked.contains(number) {
                continue;
            }
            if !passages.contains(supplier) {
                visit(arc.head, arc.weight - own + self.potential[arc.head as usize], number as u32);
                continue;
            }
            rows.push((number, self.incoming.range(supplier)));
        }
        // Only to have the rows at hand: memory answers for all of them at once.
        let firsts = rows.iter().filter_map(|(_, row)| self.incoming.items.get(row.start));
        std::hint::black_box(firsts.fold(0, |all, arc| all | arc.tail));
        for (number, row) in rows {
            let weight = self.arcs[*number].weight;
            for other in &self.incoming.items[row.clone()] {
                if other.number as usize != *number {
                    let cost = self.potential[other.tail as usize] - own + weight - other.weight;
                    visit(other.tail, cost, other.number);
                }
            }
        }
        self.limits::<true>(node, visit);
    }

    /// By how much a candidate that is not chosen falls short of being in an optimal flow;
    /// `None` where it cannot be. `from_ground` and `to_ground` are
    /// [`distances`](Self::distances). Exact where nobody shares a quota with the supplier,
    /// and else not too little.
    pub(in crate::plan) fn shortfall(
        &self,
        leaves: [u32; 2],
        weight: i64,
        from_ground: &[i64],
        to_ground: &[i64],
    ) -> Option<i64> {
        let (from, to) = (from_ground[leaves[0] as usize], to_ground[self.n_anchors + leaves[1] as usize]);
        let by_ground = if from < i64::MAX && to < i64::MAX { from + to } else { i64::MAX };
        let [tail, head] = [leaves[0], leaves[1] + self.n_anchors as u32];
        // Others of a shared quota may make room without a way over the ground.
        let is_shared = by_ground == i64::MAX && self.parent[head as usize] != self.ground;
        let nearest = is_shared.then(|| self.distance(head, tail, by_ground)).flatten().unwrap_or(by_ground);
        (nearest < i64::MAX).then(|| nearest - self.reduced_value(leaves, weight))
    }

    /// What an optimal flow would gain if a candidate were decided otherwise: a locked one
    /// let go, a barred one let in. It is one arc more, of one unit, so that one shortest path
    /// around it tells (Ahuja, Magnanti, Orlin, section 9.7). For flows of all candidates.
    pub(in crate::plan) fn gain(
        &self,
        leaves: [u32; 2],
        weight: i64,
        is_locked: bool,
        from_ground: &[i64],
        to_ground: &[i64],
    ) -> i64 {
        let [tail, head] = [leaves[0], leaves[1] + self.n_anchors as u32];
        let reduced = self.reduced_value(leaves, weight);
        let (from, to, most) = if is_locked { (tail, head, -reduced) } else { (head, tail, reduced) };
        if most <= 0 {
            return 0;
        }
        let (out, back) = (to_ground[from as usize], from_ground[to as usize]);
        let by_ground = if out == i64::MAX || back == i64::MAX { i64::MAX } else { out + back };
        let bound = most.min(by_ground);
        let nearest = self.distance(from, to, bound).unwrap_or(bound);
        most - nearest.min(most)
    }

    /// The length of the shortest path between two nodes past the ground, if below a bound.
    fn distance(&self, from: u32, to: u32, bound: i64) -> Option<i64> {
        let mut distances = FxHashMap::from_iter([(from, 0_i64)]);
        let mut heap = BinaryHeap::from([Reverse((0_i64, from))]);
        while let Some(Reverse((distance, node))) = heap.pop() {
            if node == to {
                return Some(distance);
            }
            if distances[&node] < distance {
                continue;
            }
            self.neighbours::<false>(node, |next, cost, _| {
                let reached = distance + cost;
                let known = distances.get(&next).copied().unwrap_or(bound);
                if next != self.ground && reached < known {
                    distances.insert(next, reached);
                    heap.push(Reverse((reached, next)));
                }
            });
        }
        None
    }

    /// Dijkstra's algorithm from a node, forwards or backwards, to the nearest node out of
    /// balance the other way or to the ground.
    fn nearest<const LACKS: bool>(&self, source: u32, search: &mut Search) -> Option<(i64, u32)> {
        let Search { heap, labels, settled, looks } = search;
        *looks = 0;
        heap.clear();
        settled.clear();
        labels.all.clear();
        labels.reach(Label { distance: 0, node: source, from: source, way: 0 });
        heap.push(Reverse((0, source)));
        let mut best: Option<(i64, u32)> = None;
        let mut bound = i64::MAX;
        while let Some(Reverse((distance, node))) = heap.pop() {
            if distance >= bound {
                break;
            }
            if labels.of(node).distance < distance {
                continue;
            }
            settled.push(node);
            self.neighbours::<LACKS>(node, |to, cost, way| {
                *looks += 1;
                debug_assert!(cost >= 0, "reduced costs in the residual network are not negative");
                let reached = distance + cost;
                if reached >= bound || !labels.reach(Label { distance: reached, node: to, from: node, way }) {
                    return;
                }
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
                    if self.chosen.contains(number) && !self.locked.contains(number) {
                        visit(arc.head, arc.weight - own + potential(arc.head), number as u32);
                    }
                } else if !self.chosen.contains(number) {
                    visit(arc.head, own - potential(arc.head) - arc.weight, number as u32);
                }
            }
        } else if LACKS {
            for arc in self.incoming.row(node as usize - self.n_anchors) {
                if !self.chosen.contains(arc.number as usize) {
                    visit(arc.tail, potential(arc.tail) - own - arc.weight, arc.number);
                }
            }
        } else {
            let mut number = self.held[node as usize - self.n_anchors];
            while number != NONE {
                let arc = &self.arcs[number as usize];
                if !self.locked.contains(number as usize) {
                    visit(arc.tail, arc.weight - potential(arc.tail) + own, number);
                }
                number = self.next[number as usize];
            }
        }
        self.limits::<LACKS>(node, visit);
    }

    /// As `neighbours`, over the arcs of limits alone.
    fn limits<const LACKS: bool>(&self, node: u32, mut visit: impl FnMut(u32, i64, u32)) {
        let potential = |node: u32| self.potential[node as usize];
        let own = potential(node);
        // A unit more on a limit's arc, or one less, by the side and the way we look.
        let more = |node: u32| self.used[node as usize] < self.most[node as usize];
        let less = |node: u32| self.used[node as usize] > self.least[node as usize];
        let sign = if LACKS { -1 } else { 1 };
        let above = self.parent[node as usize];
        let gives_up = self.is_anchor(node) != LACKS;
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
    fn augment<const LACKS: bool>(&mut self, source: u32, target: u32, labels: &Labels) {
        let mut node = target;
        while node != source {
            let Label { from, way, .. } = *labels.of(node);
            // The unit runs from `giver`.
            let giver = if LACKS { node } else { from };
            if way & LIMIT != 0 {
                let lower = way & !LIMIT;
                let is_more = self.is_anchor(lower) != (giver == lower);
                let used = &mut self.used[lower as usize];
                *used = if is_more { *used + 1 } else { *used - 1 };
            } else {
                let chosen = giver == self.arcs[way as usize].tail;
                self.chosen.set(way as usize, chosen);
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
}
