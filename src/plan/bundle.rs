//! Group pairings: one anchor with several suppliers at once.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use super::problem::{Houses, Standing, score};
use super::used::Used;
use super::verify::positions;
use super::{Hours, Plan, PlanFault, Problem, Status};
use crate::model::{FirmId, Level, Side};

/// How group pairings are packed, and who competes (组团结对). Own definition: offices report
/// that one anchor with three to five suppliers that do not compete works, at about a third of
/// the cost of one-to-one.
///
/// ```
/// use jiedui::plan::Bundling;
///
/// let bundling = Bundling::default();
/// assert_eq!((bundling.least, bundling.most, bundling.groups), (3, 5, 1));
/// assert!(bundling.same_industry && bundling.same_product);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Bundling {
    /// The fewest suppliers of a group, at least 2.
    pub least: usize,
    /// The most.
    pub most: usize,
    /// The most groups of an anchor.
    pub groups: usize,
    /// What each supplier of a group costs it and the anchor, person-hours; by default a third of
    /// [`Constraints::hours`](super::Constraints::hours), rounded up.
    pub hours: Option<Hours>,
    /// Whether firms of one industry class (GB/T 4754, four digits) compete.
    pub same_industry: bool,
    /// Whether makers of one product compete.
    pub same_product: bool,
    /// Firms of which any two compete, whatever they make.
    pub rivals: Vec<Vec<FirmId>>,
    /// Firms of which no two compete, whatever they make; before `rivals`.
    pub allies: Vec<Vec<FirmId>>,
}

impl Default for Bundling {
    fn default() -> Self {
        Self {
            least: 3,
            most: 5,
            groups: 1,
            hours: None,
            same_industry: true,
            same_product: true,
            rivals: Vec::new(),
            allies: Vec::new(),
        }
    }
}

impl Bundling {
    /// Whether its numbers make sense.
    pub(super) fn is_sound(&self) -> bool {
        2 <= self.least && self.least <= self.most
    }

    /// What a supplier of a group at a level costs each side.
    fn cost(&self, one_to_one: &Hours, level: Option<Level>) -> u32 {
        self.hours.as_ref().map_or_else(|| one_to_one.at(level).div_ceil(3), |hours| hours.at(level))
    }
}

/// One anchor with several suppliers as one pairing (组团结对).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GroupPairing {
    /// The anchor.
    pub anchor: FirmId,
    /// The suppliers, by score descending, ties by id; no two compete.
    pub suppliers: Vec<GroupMember>,
    /// The sum of their scores with the anchor.
    pub score: f64,
    /// What it costs the anchor, person-hours: the sum over the suppliers.
    pub hours: u32,
    /// What pairing with each of them alone would cost the anchor.
    pub hours_one_to_one: u32,
}

/// A supplier in a group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GroupMember {
    /// The supplier.
    pub supplier: FirmId,
    /// At which level it pairs with the anchor.
    pub level: Option<Level>,
    /// The score of the two.
    pub score: f64,
    /// What it costs the supplier, person-hours.
    pub hours: u32,
}

/// Packs suppliers that a plan leaves out into group pairings, after the plan and without
/// changing it; [`Plan::with_groups`] adds them to it.
///
/// The best open candidates come first (score, then ids), each where it fits: a supplier in one
/// group, competitors never in the same. Groups that stay below the least are dissolved, half
/// of those with the fewest at a time, those of the lowest score first, and their members
/// offered to the rest. A heuristic, not an optimum. By anchor, then score. O(candidates · (log
/// + most)) for each time that some are dissolved.
///
/// A group is one pairing: it takes a place of the anchor's quota in the data
/// ([`Firm::quota`](crate::model::Firm::quota)) and of every quota that the anchor shares, and
/// at levels that are limited there has to be a place, but it takes none of the places for
/// one-to-one pairings. A supplier has to have a place for it. Budgets of hours are kept to:
/// what is left of them after the plan has to be enough for [`Bundling::hours`].
///
/// `compete` says whether two suppliers are rivals: [`Rivals`](super::Rivals) knows from the
/// data, or it is any rule of your own. Where `bundling` allows no group (a `least` below 2 or
/// above `most`), or the plan is infeasible, there is none.
///
/// ```
/// use jiedui::plan::{Bundling, Constraints, Optimal, Pair, Planner, Problem, bundle, verify};
///
/// let pairs = ["u", "v", "w", "x", "y"].map(|supplier| Pair::new("a", supplier, 0.5));
/// let mut constraints = Constraints::default();
/// constraints.anchor_most = 1;
/// let problem = Problem::builder().pairs(pairs).build(&constraints)?;
/// let plan = Optimal.plan(&problem);
/// // u is paired; v and w make the same.
/// let groups = bundle(&problem, &plan, &Bundling::default(), |one, other| {
///     one.as_str() == "v" && other.as_str() == "w"
/// })?;
/// let suppliers: Vec<&str> = groups[0].suppliers.iter().map(|one| one.supplier.as_str()).collect();
/// assert_eq!(suppliers, ["v", "x", "y"]);
/// // Three at 14 hours each instead of 40.
/// assert_eq!((groups[0].hours, groups[0].hours_one_to_one), (42, 120));
/// verify(&problem, &plan.with_groups(groups))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`PlanFault`] where a pairing of the plan is no candidate.
pub fn bundle(
    problem: &Problem,
    plan: &Plan,
    bundling: &Bundling,
    compete: impl Fn(&FirmId, &FirmId) -> bool,
) -> Result<Vec<GroupPairing>, PlanFault> {
    let chosen = positions(problem, plan)?;
    if !bundling.is_sound() || matches!(plan.status, Status::Infeasible { .. }) {
        return Ok(Vec::new());
    }
    let offers = offers(problem, &chosen);
    // No more than an anchor has suppliers for.
    let longest = problem.starts.windows(2).map(|ends| ends[1] - ends[0]).max().unwrap_or(0) as usize;
    let per_anchor = bundling.groups.min(longest / bundling.least);
    let packer = Packer { problem, bundling, chosen, offers, per_anchor, compete };
    let mut is_open = vec![true; problem.n_anchors() * per_anchor];
    loop {
        let groups = packer.fill(&is_open);
        let hopeless = packer.hopeless(&is_open, &groups);
        if hopeless.is_empty() {
            let made = groups.iter().enumerate().filter(|(_, group)| !group.is_empty());
            return Ok(made.map(|(slot, group)| packer.pairing(slot, group)).collect());
        }
        for slot in hopeless {
            is_open[slot] = false;
        }
    }
}

/// The open candidates of suppliers that the plan leaves out, the best first.
fn offers(problem: &Problem, chosen: &[usize]) -> Vec<usize> {
    let mut is_paired = vec![false; problem.n_suppliers()];
    for &one in chosen {
        is_paired[problem.candidates[one].supplier as usize] = true;
    }
    let is_offered = |&one: &usize| {
        let one = &problem.candidates[one];
        one.standing == Standing::Open && one.weight > 0 && !is_paired[one.supplier as usize]
    };
    let mut offers: Vec<usize> = (0..problem.candidates.len()).filter(is_offered).collect();
    offers.sort_by_key(|&one| (Reverse(problem.candidates[one].weight), one));
    offers
}

/// Packs offers into slots, of which each anchor has as many, one after the other.
struct Packer<'a, C> {
    problem: &'a Problem,
    bundling: &'a Bundling,
    /// The candidates planned one-to-one.
    chosen: Vec<usize>,
    offers: Vec<usize>,
    per_anchor: usize,
    compete: C,
}

impl<C: Fn(&FirmId, &FirmId) -> bool> Packer<'_, C> {
    /// What each slot holds once every offer went to the first that is open to it.
    fn fill(&self, is_open: &[bool]) -> Vec<Vec<usize>> {
        let mut groups: Vec<Vec<usize>> = vec![Vec::new(); is_open.len()];
        let mut is_taken = vec![false; self.problem.n_suppliers()];
        let mut room = Room::after(self.problem, &self.chosen, self.bundling);
        for &one in &self.offers {
            let candidate = &self.problem.candidates[one];
            if is_taken[candidate.supplier as usize] {
                continue;
            }
            let own = candidate.anchor as usize * self.per_anchor;
            let fits = |&slot: &usize| {
                let group = &groups[slot];
                is_open[slot]
                    && group.len() < self.bundling.most
                    && !group.iter().any(|&other| self.are_rivals(one, other))
                    && room.has(one, group.is_empty())
            };
            let Some(slot) = (own..own + self.per_anchor).find(fits) else { continue };
            room.take(one, groups[slot].is_empty());
            groups[slot].push(one);
            is_taken[candidate.supplier as usize] = true;
        }
        groups
    }

    /// The open slots to give up: of those that hold fewest and too few, the half of the lowest score.
    fn hopeless(&self, is_open: &[bool], groups: &[Vec<usize>]) -> Vec<usize> {
        let is_short = |&slot: &usize| is_open[slot] && groups[slot].len() < self.bundling.least;
        let mut short: Vec<usize> = (0..groups.len()).filter(is_short).collect();
        let Some(fewest) = short.iter().map(|&slot| groups[slot].len()).min() else { return short };
        short.retain(|&slot| groups[slot].len() == fewest);
        short.sort_by_key(|&slot| (self.problem.value(&groups[slot]), Reverse(slot)));
        // Empty ones hold nobody and can go at once.
        if fewest > 0 {
            short.truncate(short.len().div_ceil(2));
        }
        short
    }

    fn pairing(&self, slot: usize, group: &[usize]) -> GroupPairing {
        let problem = self.problem;
        let level = |one: usize| problem.candidates[one].level;
        let member = |&one: &usize| GroupMember {
            supplier: self.supplier(one).clone(),
            level: level(one),
            score: problem.worths[one].score,
            hours: self.bundling.cost(&problem.hours, level(one)),
        };
        let suppliers: Vec<GroupMember> = group.iter().map(member).collect();
        let one_to_one = group.iter().map(|&one| problem.hours.at(level(one)));
        GroupPairing {
            anchor: problem.anchors.parties[slot / self.per_anchor].clone(),
            score: score(problem.value(group)),
            hours: suppliers.iter().map(|one| one.hours).fold(0, u32::saturating_add),
            hours_one_to_one: one_to_one.fold(0, u32::saturating_add),
            suppliers,
        }
    }

    fn supplier(&self, one: usize) -> &FirmId {
        &self.problem.suppliers.parties[self.problem.candidates[one].supplier as usize]
    }

    fn are_rivals(&self, one: usize, other: usize) -> bool {
        let (one, other) = (self.supplier(one), self.supplier(other));
        (self.compete)(one, other) || (self.compete)(other, one)
    }
}

/// What the plan, and the groups so far, leave of quotas and hours.
struct Room<'a> {
    problem: &'a Problem,
    bundling: &'a Bundling,
    used: Used,
    /// Of each party, where it has a quota or a budget.
    quotas: [Vec<Option<u32>>; 2],
    /// Below 0 where the plan has overspent, so that not even what costs nothing is added.
    hours: [Vec<Option<i64>>; 2],
    houses: Houses<'a>,
}

impl<'a> Room<'a> {
    fn after(problem: &'a Problem, chosen: &[usize], bundling: &'a Bundling) -> Self {
        let used = Used::count(problem, chosen);
        let mut quotas = problem.quotas.clone();
        let signed =
            |budgets: &Vec<Option<u32>>| budgets.iter().map(|budget| budget.map(i64::from)).collect();
        let mut hours: [Vec<Option<i64>>; 2] = problem.budgets.each_ref().map(signed);
        for &one in chosen {
            let candidate = &problem.candidates[one];
            let cost = problem.hours.at(candidate.level);
            for (side, party) in candidate.parties().into_iter().enumerate() {
                spend_hours(&mut hours[side][party as usize], cost);
            }
        }
        // A firm on both sides has one quota.
        for side in Side::ALL {
            for (party, quota) in quotas[side as usize].iter_mut().enumerate() {
                if quota.is_some() {
                    let twin = problem.twin(side, party);
                    let as_other = twin.map_or(0, |(other, party)| used.counts[other as usize][party]);
                    spend(quota, used.counts[side as usize][party].saturating_add(as_other));
                }
            }
        }
        Self { problem, bundling, used, quotas, hours, houses: Houses::of(problem) }
    }

    /// Whether a candidate can join a group; `is_first`: where it opens one.
    fn has(&self, one: usize, is_first: bool) -> bool {
        let (problem, candidate) = (self.problem, &self.problem.candidates[one]);
        let [anchor, supplier] = candidate.parties().map(|party| party as usize);
        let cost = self.bundling.cost(&problem.hours, candidate.level);
        let leaves = problem.leaves(candidate);
        let is_enough = |left: Option<u32>, asked: u32| left.is_none_or(|left| left >= asked);
        // Levels and shared quotas of the anchor, its own places apart.
        let mut limits = problem.anchors.up(leaves[0]).filter(|&node| node as usize != anchor);
        let has_limits = limits.all(|node| {
            let is_level = node == leaves[0];
            let (count, most) =
                (self.used.counts[0][node as usize], problem.anchors.nodes[node as usize].most);
            count < most || !is_first && !is_level
        });
        has_limits
            && (!is_first || is_enough(self.quotas[0][anchor], 1))
            && is_enough(self.quotas[1][supplier], 1)
            && self.hours[0][anchor].is_none_or(|left| left >= i64::from(cost))
            && self.hours[1][supplier].is_none_or(|left| left >= i64::from(cost))
            && self.used.has_place_at(problem, Side::Supplier, leaves[1])
            && self.keeps_houses(is_first.then_some(candidate.anchor), candidate.supplier)
    }

    /// Whether houses have a place left for one more, on both sides together.
    fn keeps_houses(&self, anchor: Option<u32>, supplier: u32) -> bool {
        let problem = self.problem;
        let mut above = self.houses.above(problem, Side::Supplier, supplier);
        above.extend(anchor.into_iter().flat_map(|anchor| self.houses.above(problem, Side::Anchor, anchor)));
        above.iter().all(|&house| {
            let more = above.iter().filter(|&&other| std::ptr::eq(house, other)).count() as u32;
            house.count(&self.used.counts).saturating_add(more) <= house.left
        })
    }

    fn take(&mut self, one: usize, is_first: bool) {
        let (problem, candidate) = (self.problem, &self.problem.candidates[one]);
        let [anchor, supplier] = candidate.parties().map(|party| party as usize);
        let cost = self.bundling.cost(&problem.hours, candidate.level);
        let leaves = problem.leaves(candidate);
        if is_first {
            let shared = problem.anchors.up(anchor as u32).skip(1);
            for node in shared {
                self.used.counts[0][node as usize] += 1;
            }
            self.spend_quota(Side::Anchor, anchor);
        }
        for node in problem.suppliers.up(leaves[1]) {
            self.used.counts[1][node as usize] += 1;
        }
        self.spend_quota(Side::Supplier, supplier);
        spend_hours(&mut self.hours[0][anchor], cost);
        spend_hours(&mut self.hours[1][supplier], cost);
    }

    /// Takes a pairing off the quota of a firm, on the other side, too, if it is on both.
    fn spend_quota(&mut self, side: Side, party: usize) {
        spend(&mut self.quotas[side as usize][party], 1);
        if let Some((other, party)) = self.problem.twin(side, party) {
            spend(&mut self.quotas[other as usize][party], 1);
        }
    }
}

fn spend(left: &mut Option<u32>, asked: u32) {
    if let Some(left) = left {
        *left = left.saturating_sub(asked);
    }
}

fn spend_hours(left: &mut Option<i64>, asked: u32) {
    if let Some(left) = left {
        *left -= i64::from(asked);
    }
}
