//! Where a flow starts: prices of one side, and what the other chooses at them.

use std::cmp::Reverse;

use fixedbitset::FixedBitSet;

use super::{Arc, Flow, Incoming, NONE, Ranges};
use crate::model::Side;
use crate::plan::Problem;
use crate::plan::auction::Auction;

impl Flow {
    /// How many bits finer weights are than what an auction reckons in.
    const FINER: u32 = 8;

    /// The auction in which one side bids.
    fn auction(&self, bidders: Side) -> Auction {
        let (n_anchors, ground) = (self.n_anchors, self.ground as usize);
        let mut free = self.most.clone();
        for number in self.locked.ones() {
            let arc = &self.arcs[number];
            for end in [arc.tail, arc.head] {
                free[end as usize] = free[end as usize].saturating_sub(1);
            }
        }
        let worth = |weight: i64| u32::try_from((weight >> Self::FINER).max(0)).unwrap_or(u32::MAX);
        let is_locked = |number: u32| self.locked.contains(number as usize);
        let (anchors, suppliers) = (free[..n_anchors].to_vec(), free[n_anchors..ground].to_vec());
        match bidders {
            Side::Anchor => {
                let worth = |arc: &Arc, number| if is_locked(number) { 0 } else { worth(arc.weight) };
                let arcs = self.arcs.iter().zip(0..);
                let items = arcs.map(|(arc, number)| (arc.head - n_anchors as u32, worth(arc, number)));
                let wishes = Ranges { starts: self.outgoing.clone(), items: items.collect() };
                Auction { wishes, wants: anchors, places: suppliers }
            }
            Side::Supplier => {
                let worth = |arc: &Incoming| if is_locked(arc.number) { 0 } else { worth(arc.weight) };
                let items = self.incoming.items.iter().map(|arc| (arc.tail, worth(arc))).collect();
                let wishes = Ranges { starts: self.incoming.starts.clone(), items };
                Auction { wishes, wants: suppliers, places: anchors }
            }
        }
    }

    /// Starts from an auction. Where one side wants less than half of what the other does, it
    /// bids: there is little to fight over. Else the side with more nodes bids: its lists are
    /// the shorter ones, so that it chooses quicker and raises prices by larger steps.
    pub(in crate::plan) fn start_by_auction(&mut self, problem: &Problem) {
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
            Side::Anchor
        } else if 2 * by_suppliers <= by_anchors || n_suppliers >= n_anchors {
            Side::Supplier
        } else {
            Side::Anchor
        };
        let (prices, looks) = self.auction(bidders).prices();
        self.looks += looks;
        let price = |node: usize| i64::from(prices[node]) << Self::FINER;
        let shared = self.shared_prices(problem, bidders, price);
        self.start_at(problem, bidders, price, &shared);
    }

    /// Of each node what a place costs under the groups above it, of which the auction knows nothing: found by
    /// halving, all groups at once, so that about as many choose as there are places.
    fn shared_prices(&mut self, problem: &Problem, choosers: Side, price: impl Fn(usize) -> i64) -> Vec<i64> {
        let ground = self.ground as usize;
        let mut shared = vec![0; ground];
        let mut groups: Vec<usize> =
            (0..ground).filter(|&node| !self.children.row(node).is_empty()).collect();
        if groups.is_empty() {
            return shared;
        }
        self.choose(choosers, &price, &shared);
        let wanted = self.chosen_below(problem);
        groups.retain(|&node| wanted[node].saturating_sub(self.most[node]) >= Self::MANY);
        if groups.is_empty() {
            return shared;
        }
        let mut below = vec![0; ground];
        let mut above = vec![0; ground];
        let dearest = self.arcs.iter().map(|arc| arc.weight).fold(0, i64::max) + 1;
        for &group in &groups {
            above[group] = dearest;
        }
        for _ in 0..Self::HALVINGS {
            let middle: Vec<i64> = below.iter().zip(&above).map(|(low, high)| (low + high) / 2).collect();
            self.spread(problem, &middle, &mut shared);
            self.choose(choosers, &price, &shared);
            let wanted = self.chosen_below(problem);
            for &group in &groups {
                let bound = if wanted[group] > self.most[group] { &mut below } else { &mut above };
                bound[group] = middle[group];
            }
        }
        self.spread(problem, &above, &mut shared);
        shared
    }

    /// So many more than its places want one before a group's price is sought: each that is too much is one
    /// search later.
    const MANY: u32 = 200;
    /// How often the prices of groups are halved: to a millionth of the dearest candidate.
    const HALVINGS: usize = 20;

    /// The dearest price of a node and of all above it, for each node.
    fn spread(&self, problem: &Problem, prices: &[i64], shared: &mut [i64]) {
        for node in self.bottom_up(problem).rev() {
            let (at, above) = (node as usize, self.parent[node as usize]);
            let dearer = if above == self.ground { 0 } else { shared[above as usize] };
            shared[at] = prices[at].max(dearer);
        }
    }

    /// How many chosen candidates each node counts.
    fn chosen_below(&self, problem: &Problem) -> Vec<u32> {
        let mut counts = vec![0; self.ground as usize];
        for number in self.chosen.ones() {
            let Arc { tail, head, .. } = self.arcs[number];
            counts[tail as usize] += 1;
            counts[head as usize] += 1;
        }
        for node in self.bottom_up(problem) {
            let above = self.parent[node as usize];
            if above != self.ground {
                counts[above as usize] += counts[node as usize];
            }
        }
        counts
    }

    /// Sets flows that are optimal for the prices of the nodes of one side, at least 0,
    /// the nodes of the other side choosing; nodes may be out of balance.
    pub(in crate::plan) fn start(&mut self, problem: &Problem, choosers: Side, price: impl Fn(usize) -> i64) {
        self.start_at(problem, choosers, price, &vec![0; self.ground as usize]);
    }

    /// The same where places of each node cost at least so much.
    fn start_at(&mut self, problem: &Problem, choosers: Side, price: impl Fn(usize) -> i64, shared: &[i64]) {
        self.choose(choosers, price, shared);
        self.held.fill(NONE);
        self.excess.fill(0);
        let chosen = std::mem::take(&mut self.chosen);
        for number in chosen.ones() {
            let Arc { tail, head, .. } = self.arcs[number];
            self.excess[tail as usize] -= 1;
            self.excess[head as usize] += 1;
            self.hold(number as u32);
        }
        self.chosen = chosen;
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
    /// takes, and sets its potential to what the best one left out would bring, at least what its places
    /// cost.
    fn choose(&mut self, choosers: Side, price: impl Fn(usize) -> i64, shared: &[i64]) {
        let n_anchors = self.n_anchors;
        let (of_anchors, of_suppliers) = shared.split_at(n_anchors);
        self.chosen.clear();
        self.chosen.extend(self.locked.ones());
        let mut choice = Choice { has_locks: !self.locked.is_empty(), values: Vec::new() };
        match choosers {
            Side::Anchor => {
                for (node, &least) in of_suppliers.iter().enumerate() {
                    self.potential[n_anchors + node] = -price(node).max(least);
                }
                for (node, &least) in of_anchors.iter().enumerate() {
                    let range = self.range_of(node as u32);
                    let arcs = self.arcs[range.clone()].iter().zip(range);
                    let potential = &self.potential;
                    let values =
                        arcs.map(|(arc, number)| (arc.weight + potential[arc.head as usize], number as u32));
                    self.potential[node] = choice.best(values, least, self.most[node], &mut self.chosen);
                }
            }
            Side::Supplier => {
                for (node, &least) in of_anchors.iter().enumerate() {
                    self.potential[node] = price(node).max(least);
                }
                for (node, &least) in of_suppliers.iter().enumerate() {
                    let arcs = self.incoming.row(node).iter();
                    let potential = &self.potential;
                    let values = arcs.map(|arc| (arc.weight - potential[arc.tail as usize], arc.number));
                    let most = self.most[n_anchors + node];
                    let next = choice.best(values, least, most, &mut self.chosen);
                    self.potential[n_anchors + node] = -next;
                }
            }
        }
    }
}

/// One node's choice after the other.
struct Choice {
    has_locks: bool,
    values: Vec<(Reverse<i64>, u32)>,
}

impl Choice {
    /// Chooses the best of some arcs that are worth more than `least`, beside locked ones, and returns the
    /// value of the best one left out, at least `least`.
    fn best(
        &mut self,
        arcs: impl Iterator<Item = (i64, u32)>,
        least: i64,
        most: u32,
        chosen: &mut FixedBitSet,
    ) -> i64 {
        let (values, mut places) = (&mut self.values, most as usize);
        values.clear();
        for (value, number) in arcs {
            if self.has_locks && chosen.contains(number as usize) {
                places = places.saturating_sub(1);
            } else if value > least {
                values.push((Reverse(value), number));
            }
        }
        let mut next_best = least;
        if values.len() > places {
            values.select_nth_unstable(places);
            next_best = values[places].0.0;
            values.truncate(places);
        }
        chosen.extend(values.iter().map(|&(_, number)| number as usize));
        next_best
    }
}
