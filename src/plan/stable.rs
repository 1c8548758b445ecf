//! The planner that nobody wants to leave.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::greedy::{finish, locked};
use super::problem::Standing;
use super::roster::Roster;
use super::used::Used;
use super::verify::positions;
use super::{Plan, Planner, Problem};
use crate::model::{FirmId, Side};

/// A stable plan (稳定匹配), by deferred acceptance with quotas.
///
/// The proposing side asks, best first; the other holds the best it has been asked by and
/// turns the rest away, until nobody asks any more. Each side prefers by its *own* utility,
/// ties by firm id, and prefers every open candidate to an empty place. Locked pairs come
/// first and are never left. A firm's limits at levels and a shared quota are kept to: those
/// who share one choose as one the best set that it allows, by the utilities of each.
///
/// *Stable* means pairwise stable: there is no open candidate of which each side has an empty
/// place, or would have by leaving a worse pairing; see [`blocking_pairs`]. Of all stable
/// plans the proposing side gets the one best for it. Floors, minimums and hours are not
/// sought; the status says what is not met. O(candidates · log candidates), more where
/// firms have limits at levels.
///
/// Source: Gale and Shapley, College Admissions and the Stability of Marriage, American
/// Mathematical Monthly 69(1), 1962; for limits within limits Fleiner, A Fixed-Point Approach
/// to Stable Matchings and Some Applications, Mathematics of OR 28(1), 2003.
///
/// ```
/// use jiedui::model::Side;
/// use jiedui::plan::{Constraints, Pair, Planner, Problem, Stable, blocking_pairs};
///
/// // Each anchor likes another supplier best, each supplier another anchor.
/// let problem = Problem::builder()
///     .pairs([Pair::new("a", "x", 0.5).valued(0.9, 0.1), Pair::new("a", "y", 0.5).valued(0.1, 0.9)])
///     .pairs([Pair::new("b", "x", 0.5).valued(0.1, 0.9), Pair::new("b", "y", 0.5).valued(0.9, 0.1)])
///     .build(&{
///         let mut constraints = Constraints::default();
///         constraints.anchor_most = 1;
///         constraints
///     })?;
/// let by_anchors = Stable::proposing(Side::Anchor).plan(&problem);
/// let by_suppliers = Stable::proposing(Side::Supplier).plan(&problem);
/// assert_eq!(by_anchors.suppliers("a").next().unwrap().as_str(), "x");
/// assert_eq!(by_suppliers.suppliers("a").next().unwrap().as_str(), "y");
/// assert!(blocking_pairs(&problem, &by_anchors)?.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stable {
    proposing: Side,
}

impl Stable {
    /// The stable plan that is best for a side, which proposes.
    pub fn proposing(side: Side) -> Self {
        Self { proposing: side }
    }
}

impl Default for Stable {
    /// Suppliers propose: they are the smaller side of the bargain.
    fn default() -> Self {
        Self::proposing(Side::Supplier)
    }
}

impl Planner for Stable {
    fn name(&self) -> &'static str {
        match self.proposing {
            Side::Anchor => "stable, anchors proposing",
            Side::Supplier => "stable, suppliers proposing",
        }
    }

    fn plan(&self, problem: &Problem) -> Plan {
        let chosen = Market::new(problem, self.proposing).clear();
        finish(self.name(), problem, chosen)
    }
}

/// How one side ranks a candidate: the greater the better. Ties to the other side's smaller
/// id, then by position, so the order is strict.
type Rank = (u64, Reverse<u32>, Reverse<usize>);

fn rank(problem: &Problem, side: Side, candidate: usize) -> Rank {
    let other = problem.candidates[candidate].parties()[side.other() as usize];
    // Utilities are not negative, and so ordered as their bits are; −0 is 0.
    let utility = problem.worths[candidate].utilities[side as usize] + 0.0;
    (utility.to_bits(), Reverse(other), Reverse(candidate))
}

/// Deferred acceptance at work.
struct Market<'a> {
    problem: &'a Problem,
    proposing: Side,
    used: Used,
    /// Open candidates of each root of the proposing side, best first.
    wishes: Vec<Vec<u32>>,
    /// The first wish of each root that was not looked at.
    next: Vec<usize>,
    /// Wishes of each root that have waited for a place, by where they stand among its wishes.
    again: Vec<Waiting>,
    /// Wishes that wait for a place of a node below their root, likewise.
    parked: Vec<Waiting>,
    state: Vec<State>,
    /// What each node of the other side holds, the least liked first; also what was turned away since.
    held: Vec<BinaryHeap<Reverse<(Rank, u32)>>>,
    /// The topmost node above each party, by side.
    roots: [Vec<u32>; 2],
}

type Waiting = BinaryHeap<Reverse<u32>>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Unasked,
    Held,
    TurnedAway,
}

impl<'a> Market<'a> {
    fn new(problem: &'a Problem, proposing: Side) -> Self {
        let roots = problem.rosters().map(roots);
        let n_nodes = |side: Side| problem.roster(side).nodes.len();
        let mut market = Self {
            problem,
            proposing,
            used: Used::none(problem),
            wishes: vec![Vec::new(); n_nodes(proposing)],
            next: vec![0; n_nodes(proposing)],
            again: vec![Waiting::new(); n_nodes(proposing)],
            parked: vec![Waiting::new(); n_nodes(proposing)],
            state: vec![State::Unasked; problem.candidates.len()],
            held: vec![BinaryHeap::new(); n_nodes(proposing.other())],
            roots,
        };
        for one in locked(problem) {
            market.used.take(problem, one);
        }
        let open = problem.candidates.iter().enumerate().filter(|(_, one)| one.standing == Standing::Open);
        for (position, _) in open {
            let root = market.root(proposing, position);
            market.wishes[root].push(position as u32);
        }
        for wishes in &mut market.wishes {
            wishes.sort_by_cached_key(|&one| Reverse(rank(problem, proposing, one as usize)));
        }
        market
    }

    /// The topmost node that counts a candidate on a side.
    fn root(&self, side: Side, candidate: usize) -> usize {
        let party = self.problem.candidates[candidate].parties()[side as usize];
        self.roots[side as usize][party as usize] as usize
    }

    fn nodes(&self, side: Side, candidate: usize) -> impl Iterator<Item = usize> + 'a {
        let leaf = self.problem.leaves(&self.problem.candidates[candidate])[side as usize];
        self.problem.roster(side).up(leaf).map(|node| node as usize)
    }

    fn clear(mut self) -> Vec<usize> {
        let mut asking: Vec<usize> = (0..self.wishes.len()).rev().collect();
        while let Some(root) = asking.pop() {
            while let Some(wish) = self.next_wish(root) {
                let loser = self.ask(wish);
                self.release(wish);
                if let Some(loser) = loser {
                    self.release(loser);
                    let left = self.root(self.proposing, loser);
                    if left != root {
                        asking.push(left);
                    }
                }
            }
        }
        let held = self.state.iter().enumerate().filter(|(_, state)| **state == State::Held);
        let mut chosen: Vec<usize> = held.map(|(position, _)| position).collect();
        chosen.extend(locked(self.problem));
        chosen
    }

    /// The best wish of a root that has not been asked and for which it has a place.
    fn next_wish(&mut self, root: usize) -> Option<usize> {
        let side = self.proposing;
        let is_full = |used: &Used, node: usize| {
            used.counts[side as usize][node] >= self.problem.roster(side).nodes[node].most
        };
        if is_full(&self.used, root) {
            return None;
        }
        loop {
            let fresh = self.next[root];
            let is_fresh = fresh < self.wishes[root].len();
            let place = match self.again[root].peek() {
                Some(&Reverse(place)) if !is_fresh || (place as usize) < fresh => {
                    self.again[root].pop();
                    place as usize
                }
                _ if is_fresh => {
                    self.next[root] += 1;
                    fresh
                }
                _ => return None,
            };
            let wish = self.wishes[root][place] as usize;
            let Some(full) = self.nodes(side, wish).find(|&node| is_full(&self.used, node)) else {
                return Some(wish);
            };
            self.parked[full].push(Reverse(place as u32));
            // Where it does not take the place for which it has waited, another may.
            self.release(wish);
        }
    }

    /// Lets the best that waits for a place of a node which has one be looked at again, for each node of a
    /// candidate below its root.
    fn release(&mut self, candidate: usize) {
        let (side, root) = (self.proposing, self.root(self.proposing, candidate));
        for node in self.nodes(side, candidate).filter(|&node| node != root) {
            let has_place =
                self.used.counts[side as usize][node] < self.problem.roster(side).nodes[node].most;
            if let Some(waiting) = has_place.then(|| self.parked[node].pop()).flatten() {
                self.again[root].push(waiting);
            }
        }
    }

    /// Asks for a wish; returns who is turned away for it, or it itself.
    fn ask(&mut self, wish: usize) -> Option<usize> {
        let receiving = self.proposing.other();
        self.state[wish] = State::Held;
        self.count(wish, true);
        let own = Reverse((rank(self.problem, receiving, wish), wish as u32));
        for node in self.nodes(receiving, wish) {
            self.held[node].push(own);
        }
        // The lowest limit that is now broken: one of those it counts has to go.
        let nodes = &self.problem.roster(receiving).nodes;
        let broken = self
            .nodes(receiving, wish)
            .find(|&node| self.used.counts[receiving as usize][node] > nodes[node].most)?;
        while let Some(Reverse((_, loser))) = self.held[broken].pop() {
            if self.state[loser as usize] == State::Held {
                self.state[loser as usize] = State::TurnedAway;
                self.count(loser as usize, false);
                return Some(loser as usize);
            }
        }
        None
    }

    fn count(&mut self, candidate: usize, is_more: bool) {
        for side in Side::ALL {
            for node in self.nodes(side, candidate) {
                let count = &mut self.used.counts[side as usize][node];
                *count = if is_more { *count + 1 } else { *count - 1 };
            }
        }
    }
}

/// The topmost node above each party.
fn roots(roster: &Roster) -> Vec<u32> {
    (0..roster.parties.len() as u32).map(|party| roster.up(party).last().unwrap_or(party)).collect()
}

/// The pairs by which a plan is not stable, by anchor and supplier: open candidates, not
/// planned, of which each side has an empty place within its limits, or would have by leaving
/// one pairing that it likes less and that is not locked. O(candidates · nodes above one).
///
/// # Errors
///
/// [`PlanFault`](super::PlanFault) where a pairing is no candidate.
pub fn blocking_pairs(problem: &Problem, plan: &Plan) -> Result<Vec<(FirmId, FirmId)>, super::PlanFault> {
    let chosen = positions(problem, plan)?;
    let used = Used::count(problem, &chosen);
    // The least liked pairing that each node counts and that may be left.
    let mut worst = problem.rosters().map(|roster| vec![None::<Rank>; roster.nodes.len()]);
    for &one in chosen.iter().filter(|&&one| problem.candidates[one].standing == Standing::Open) {
        for side in Side::ALL {
            let own = rank(problem, side, one);
            for node in problem.roster(side).up(problem.leaves(&problem.candidates[one])[side as usize]) {
                let worst = &mut worst[side as usize][node as usize];
                *worst = Some(worst.map_or(own, |known| known.min(own)));
            }
        }
    }
    let would_take = |side: Side, position: usize| {
        let roster = problem.roster(side);
        let mut nodes = roster.up(problem.leaves(&problem.candidates[position])[side as usize]);
        let is_full =
            |node: &u32| used.counts[side as usize][*node as usize] >= roster.nodes[*node as usize].most;
        let Some(full) = nodes.find(is_full) else { return true };
        worst[side as usize][full as usize].is_some_and(|worst| worst < rank(problem, side, position))
    };
    let mut chosen = chosen.iter().copied().peekable();
    let mut blocking = Vec::new();
    for (position, one) in problem.candidates.iter().enumerate() {
        let is_chosen = chosen.next_if_eq(&position).is_some();
        if is_chosen || one.standing != Standing::Open {
            continue;
        }
        if would_take(Side::Anchor, position) && would_take(Side::Supplier, position) {
            blocking.push(problem.names(position));
        }
    }
    Ok(blocking)
}
