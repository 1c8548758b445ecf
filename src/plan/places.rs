//! Who has how many places.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::facts::Facts;
use super::problem::House;
use super::roles::Shared;
use super::roster::{NONE, Roster};
use super::twins::Twins;
use super::{Constraints, Limit, PlanError, Problem};
use crate::model::{FirmId, Side};

/// Pairings in force by firm.
#[derive(Default)]
pub(super) struct InForce(FxHashMap<FirmId, u32>);

impl InForce {
    pub(super) fn count(pairings: &[Vec<FirmId>]) -> Self {
        let mut counts = Self::default();
        for parties in pairings {
            for party in sorted(parties.clone()) {
                *counts.0.entry(party).or_default() += 1;
            }
        }
        counts
    }
}

/// Works out who has how many places.
pub(super) struct Places<'a> {
    pub(super) constraints: &'a Constraints,
    pub(super) facts: &'a FxHashMap<FirmId, Facts>,
    pub(super) twins: Twins,
    pub(super) in_force: InForce,
}

impl Places<'_> {
    /// What a firm's quota leaves for new pairings.
    pub(super) fn left(&self, firm: &FirmId) -> Option<u32> {
        let quota = self.facts.get(firm)?.quota?;
        Some(quota.saturating_sub(self.in_force.0.get(firm).copied().unwrap_or(0)))
    }

    /// Sets what each party, house, group and level may take, anchors first; returns the quotas that
    /// could be shared out otherwise.
    pub(super) fn limit(&self, problem: &mut Problem) -> Result<Vec<Shared>, PlanError> {
        let constraints = self.constraints;
        let mut shared = Vec::new();
        for anchor in 0..problem.anchors.parties.len() {
            let firm = &problem.anchors.parties[anchor];
            let own = constraints.firms.get(firm);
            let most = own.and_then(|own| own.most).unwrap_or(constraints.anchor_most);
            let node = &mut problem.anchors.nodes[anchor];
            node.most = self.left(firm).map_or(most, |left| most.min(left));
            node.least = own.map_or(0, |own| own.least);
        }
        let uses_as_anchor: Vec<u32> =
            (0..problem.anchors.parties.len() as u32).map(|anchor| most_used(problem, anchor)).collect();
        for supplier in 0..problem.suppliers.parties.len() {
            let firm = &problem.suppliers.parties[supplier];
            let own = constraints.firms.get(firm);
            let most = own.and_then(|own| own.supplier_most).unwrap_or(constraints.supplier_most);
            let twin = self.twins.of[1][supplier];
            let as_anchor = twin.map_or(0, |anchor| uses_as_anchor[anchor as usize]);
            let left = self.left(firm).unwrap_or(u32::MAX);
            let rest = most.min(left.saturating_sub(as_anchor));
            problem.suppliers.nodes[supplier].most = rest;
            if let Some(anchor) = twin {
                let of_anchor = problem.anchors.nodes[anchor as usize].most;
                let nodes = [anchor, supplier as u32];
                if of_anchor.saturating_add(most.min(left)) > left {
                    shared.push(Shared { nodes, most: [of_anchor, most.min(left)], as_anchor, left });
                }
            }
        }
        self.group(problem)?;
        shared.extend(problem.houses.iter().filter_map(|house| {
            let [Some(of_anchors), Some(of_suppliers)] = house.nodes else { return None };
            let House { left, as_anchors, .. } = *house;
            Some(Shared { nodes: [of_anchors, of_suppliers], most: [left; 2], as_anchor: as_anchors, left })
        }));
        for roster in problem.rosters() {
            let mut names = roster.groups.clone();
            names.sort_unstable();
            if let Some(two) = names.windows(2).find(|two| two[0] == two[1]) {
                return Err(PlanError::GroupName(two[0].clone()));
            }
        }
        for roster in [&mut problem.anchors, &mut problem.suppliers] {
            for party in 0..roster.parties.len() {
                let Some(own) = constraints.firms.get(&roster.parties[party]) else { continue };
                for (&level, &most) in &own.levels {
                    roster.add_level(party as u32, level, most);
                }
            }
        }
        Ok(shared)
    }

    fn group(&self, problem: &mut Problem) -> Result<(), PlanError> {
        let used = self.used_by_house();
        // The houses whose head has a quota, with the most that their anchors can use up.
        let mut houses: BTreeMap<FirmId, House> = BTreeMap::new();
        for side in Side::ALL {
            let roster = problem.roster(side);
            let (mut shares, mut heads) = (self.told_shares(roster)?, Vec::new());
            for (head, members) in self.members(roster) {
                let Some(quota) = self.facts.get(&head).and_then(|facts| facts.quota) else { continue };
                let house = houses.entry(head.clone()).or_insert_with(|| House {
                    nodes: [None; 2],
                    left: quota.saturating_sub(used.get(&head).copied().unwrap_or(0)),
                    as_anchors: 0,
                });
                let most = house.left - house.as_anchors;
                shares.push(Share { name: head.to_string(), least: 0, most, members });
                heads.push(head);
            }
            share(problem.roster_mut(side), shares)?;
            let used = if side == Side::Anchor { most_used_by_node(problem) } else { Vec::new() };
            let roster = problem.roster(side);
            for head in heads {
                let node = roster.find_limit(&Limit::Group { side, group: head.to_string() });
                if let Some(house) = houses.get_mut(&head) {
                    house.nodes[side as usize] = node;
                    if let Some(&used) = node.and_then(|node| used.get(node as usize)) {
                        house.as_anchors = used;
                    }
                }
            }
        }
        problem.houses = houses.into_values().collect();
        Ok(())
    }

    /// The groups that the constraints tell of on one side.
    fn told_shares(&self, roster: &Roster) -> Result<Vec<Share>, PlanError> {
        let mut taken: FxHashMap<FirmId, &str> = FxHashMap::default();
        let mut shares = Vec::new();
        for group in self.constraints.groups.iter().filter(|group| group.side == roster.side) {
            let firms = sorted(group.firms.clone());
            let members = firms.iter().filter_map(|firm| roster.find(firm)).collect();
            for firm in firms {
                if let Some(first) = taken.insert(firm.clone(), &group.name) {
                    let (first, second) = (first.to_owned(), group.name.clone());
                    return Err(PlanError::TwoGroups { firm, first, second });
                }
            }
            let most = group.most.unwrap_or(u32::MAX);
            shares.push(Share { name: group.name.clone(), least: group.least, most, members });
        }
        Ok(shares)
    }

    /// The parties of each house on one side: its head and all that is below it.
    fn members(&self, roster: &Roster) -> BTreeMap<FirmId, Vec<u32>> {
        let heads: FxHashSet<&FirmId> =
            self.facts.values().filter_map(|facts| facts.parent.as_ref()).collect();
        let mut members: BTreeMap<FirmId, Vec<u32>> = BTreeMap::new();
        for (firm, party) in roster.parties.iter().zip(0..) {
            let own = heads.contains(firm).then_some(firm);
            for head in self.heads(firm).into_iter().chain(own) {
                members.entry(head.clone()).or_default().push(party);
            }
        }
        members
    }

    /// The heads above a firm, the nearest first. A circle of heads ends where it closes.
    fn heads<'a>(&'a self, firm: &'a FirmId) -> Vec<&'a FirmId> {
        let (mut heads, mut seen) = (Vec::new(), FxHashSet::default());
        let mut below = firm;
        while let Some(head) = self.facts.get(below).and_then(|facts| facts.parent.as_ref())
            && head != firm
            && seen.insert(head)
        {
            heads.push(head);
            below = head;
        }
        heads
    }

    /// The pairings in force of each house: its head's and those of all parts.
    fn used_by_house(&self) -> FxHashMap<FirmId, u32> {
        let mut used: FxHashMap<FirmId, u32> = FxHashMap::default();
        for (firm, &count) in &self.in_force.0 {
            for house in self.heads(firm).into_iter().chain([firm]) {
                let used = used.entry(house.clone()).or_default();
                *used = used.saturating_add(count);
            }
        }
        used
    }
}

/// Parties with a common limit.
struct Share {
    name: String,
    least: u32,
    most: u32,
    /// Ascending.
    members: Vec<u32>,
}

/// Puts parties under common limits, of which one may hold another. By size and name, so that plans do not
/// depend on the order of telling.
fn share(roster: &mut Roster, mut shares: Vec<Share>) -> Result<(), PlanError> {
    shares.sort_by(|one, other| {
        (one.members.len(), &one.name, one.least).cmp(&(other.members.len(), &other.name, other.least))
    });
    let first_group = roster.nodes.len() as u32;
    // What stands topmost above each party so far.
    let mut tops: Vec<u32> = (0..first_group).collect();
    for (at, Share { name, least, most, members }) in shares.iter().enumerate() {
        // What already stands above the members, and how many of them are below.
        let mut below: BTreeMap<u32, usize> = BTreeMap::new();
        for &member in members {
            *below.entry(tops[member as usize]).or_default() += 1;
        }
        for (&node, &count) in below.range(first_group..) {
            let other = &shares[(node - first_group) as usize];
            if other.members.len() != count {
                let (first, second) = (other.name.clone(), shares[at].name.clone());
                return Err(PlanError::Overlap { first, second });
            }
        }
        let below: Vec<u32> = below.into_keys().collect();
        for &member in members {
            tops[member as usize] = roster.nodes.len() as u32;
        }
        roster.add_group(name.clone(), *least, *most, &below);
    }
    Ok(())
}

/// How many pairings an anchor can have at most: it takes no more places than it has candidates for.
fn most_used(problem: &Problem, anchor: u32) -> u32 {
    let open = problem.of_anchor(anchor).filter(|&one| !problem.candidates[one].is_barred()).count();
    problem.anchors.nodes[anchor as usize].most.min(open as u32)
}

/// The most that each party and group of anchors, which have no limits at levels yet, can use up.
fn most_used_by_node(problem: &Problem) -> Vec<u32> {
    let roster = &problem.anchors;
    let parties = 0..roster.parties.len() as u32;
    let mut used: Vec<u32> = parties.map(|party| most_used(problem, party)).collect();
    used.resize(roster.nodes.len(), 0);
    // Whatever is above stands behind.
    for (at, node) in roster.nodes.iter().enumerate() {
        used[at] = used[at].min(node.most);
        if node.parent != NONE {
            let above = node.parent as usize;
            used[above] = used[above].saturating_add(used[at]);
        }
    }
    for (at, node) in roster.nodes.iter().enumerate().rev() {
        if node.parent != NONE {
            used[at] = used[at].min(used[node.parent as usize]);
        }
    }
    used
}

fn sorted(mut firms: Vec<FirmId>) -> Vec<FirmId> {
    firms.sort_unstable();
    firms.dedup();
    firms
}
