//! The check that trusts nothing.

use super::problem::{Houses, Standing};
use super::roster::Roster;
use super::used::Used;
use super::{Certificate, Constraint, GroupMember, GroupPairing, Limit, Plan, Price, Problem, Status};
use crate::model::{FirmId, Side};

/// What is wrong with a plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanFault {
    /// A pairing that is no candidate, or barred.
    #[error("{anchor} – {supplier} cannot be planned: no candidate, or barred")]
    NoCandidate {
        /// The anchor.
        anchor: FirmId,
        /// The supplier.
        supplier: FirmId,
    },
    /// A pairing planned twice, or out of order.
    #[error("{anchor} – {supplier} is planned twice or out of order")]
    Repeated {
        /// The anchor.
        anchor: FirmId,
        /// The supplier.
        supplier: FirmId,
    },
    /// A pairing whose score, utilities, level or lock are not the candidate's.
    #[error("{anchor} – {supplier} is told otherwise than the problem has it")]
    Misquoted {
        /// The anchor.
        anchor: FirmId,
        /// The supplier.
        supplier: FirmId,
    },
    /// A constraint that is not kept although the status says so.
    #[error("the plan does not keep to: {0}")]
    Unmet(Constraint),
    /// A status that names other constraints as not met than are not.
    #[error("the status names other constraints than are unmet")]
    OtherUnmet,
    /// An objective that is not the sum of the scores.
    #[error("the objective is {told} steps, but the scores sum to {found}")]
    Objective {
        /// As the plan has it.
        told: i64,
        /// As it is.
        found: i64,
    },
    /// An objective that is not that of its steps.
    #[error("the objective is {told}, but {found} steps are {}", super::problem::score(*found))]
    Rounded {
        /// As the plan has it.
        told: String,
        /// In steps.
        found: i64,
    },
    /// An optimal plan without prices.
    #[error("the plan is called optimal without a certificate")]
    NoCertificate,
    /// A price of a limit that the problem does not have, or a second one.
    #[error("there is a price for {0}, which is no limit of the problem, or has two")]
    UnknownLimit(Limit),
    /// A candidate on which plan and prices disagree.
    #[error("{anchor} – {supplier} has a reduced value of {reduced} steps, but is {}planned", if *.chosen { "" } else { "not " })]
    ReducedValue {
        /// The anchor.
        anchor: FirmId,
        /// The supplier.
        supplier: FirmId,
        /// Its weight less all prices.
        reduced: i128,
        /// Whether it is planned.
        chosen: bool,
    },
    /// A limit with a price that is not used to its end.
    #[error("{limit} has a price of {price} steps, but counts {used} of {least} to {most}")]
    Slack {
        /// The limit.
        limit: Limit,
        /// Its price.
        price: i64,
        /// How many pairings it counts.
        used: u32,
        /// At least so many.
        least: u32,
        /// At most so many.
        most: u32,
    },
    /// A group pairing that is no group of open candidates within quotas and budgets, or an
    /// agreement of nobody that is planned.
    #[error("the group or agreement of {anchor} is not possible: {why}")]
    Group {
        /// The anchor.
        anchor: FirmId,
        /// In which way.
        why: &'static str,
    },
    /// A bound below the objective.
    #[error("the bound lies below the objective")]
    Bound,
    /// A plan that is called infeasible but not empty, or names no conflict.
    #[error("an infeasible problem has no pairings, and a conflict")]
    NotEmpty,
}

/// Checks a plan against its problem without trusting whoever made it:
///
/// - every pairing is a candidate that is not barred, told as the problem has it;
/// - the objective is the sum of their scores;
/// - groups are of suppliers in no other pairing, told as the problem has them, within quotas,
///   budgets of hours and what the plan leaves (what a member costs in hours, which the rules of
///   [`bundle`](super::bundle()) say, is taken as told);
/// - agreements are of pairings or groups that are planned;
/// - what the status says is kept, is kept;
/// - for an optimal plan, the certificate proves it by reduced values and complementary
///   slackness (see [`Certificate`]).
///
/// Optimality beyond limits and locks (with minimums or hours in the way) is proved only
/// where the plan is the optimum without them. That a problem *is* infeasible, or that a
/// bound holds, is not checked; nor are the reasons of those left out and the reserves, which
/// are told for people. O(candidates + parties), in 128-bit integers.
///
/// # Errors
///
/// The first [`PlanFault`] found.
pub fn verify(problem: &Problem, plan: &Plan) -> Result<(), PlanFault> {
    let chosen = positions(problem, plan)?;
    let found = problem.value(&chosen);
    if found != plan.objective_steps {
        return Err(PlanFault::Objective { told: plan.objective_steps, found });
    }
    if super::problem::score(found) != plan.objective {
        return Err(PlanFault::Rounded { told: plan.objective.to_string(), found: plan.objective_steps });
    }
    groups(problem, plan, &chosen)?;
    agreements(plan)?;
    let unmet = unmet(problem, &chosen);
    match &plan.status {
        Status::Optimal => {
            kept(&unmet)?;
            let certificate = plan.certificate.as_ref().ok_or(PlanFault::NoCertificate)?;
            prove(problem, &chosen, certificate)
        }
        Status::Feasible { bound } => {
            kept(&unmet)?;
            if bound.is_some_and(|bound| !(bound >= plan.objective)) {
                return Err(PlanFault::Bound);
            }
            Ok(())
        }
        Status::Incomplete { unmet: told } => {
            if *told == unmet {
                Ok(())
            } else {
                Err(PlanFault::OtherUnmet)
            }
        }
        Status::Infeasible { conflict } => {
            if plan.pairings.is_empty() && plan.groups.is_empty() && !conflict.is_empty() {
                Ok(())
            } else {
                Err(PlanFault::NotEmpty)
            }
        }
    }
}

/// Checks group pairings: what they take beside the pairings is there, and is told as it is.
fn groups(problem: &Problem, plan: &Plan, chosen: &[usize]) -> Result<(), PlanFault> {
    let mut books = Books::of(problem, chosen);
    for group in &plan.groups {
        let fault = |why| PlanFault::Group { anchor: group.anchor.clone(), why };
        if plan.packing == super::Packing::None {
            return Err(fault("the plan is said to have none"));
        }
        books.add(group).map_err(fault)?;
    }
    Ok(())
}

/// What a plan takes of places, quotas and hours, pairing by pairing and group by group.
struct Books<'a> {
    problem: &'a Problem,
    houses: Houses<'a>,
    used: Used,
    /// Person-hours of each party.
    hours: [Vec<u64>; 2],
    /// Pairings of each party; a group is one.
    pairings: [Vec<u32>; 2],
    /// Suppliers in a pairing or group.
    is_taken: Vec<bool>,
}

impl<'a> Books<'a> {
    fn of(problem: &'a Problem, chosen: &[usize]) -> Self {
        let mut books = Self {
            problem,
            houses: Houses::of(problem),
            used: Used::count(problem, chosen),
            hours: problem.budgets.each_ref().map(|budgets| vec![0; budgets.len()]),
            pairings: problem.quotas.each_ref().map(|quotas| vec![0; quotas.len()]),
            is_taken: vec![false; problem.n_suppliers()],
        };
        for &one in chosen {
            let candidate = &problem.candidates[one];
            let parties = candidate.parties().map(|party| party as usize);
            books.spend(parties, problem.hours.at(candidate.level));
            for (side, party) in parties.into_iter().enumerate() {
                books.pairings[side][party] += 1;
            }
            books.is_taken[candidate.supplier as usize] = true;
        }
        books
    }

    /// Adds a group, or says in which way it is not possible.
    fn add(&mut self, group: &GroupPairing) -> Result<(), &'static str> {
        let problem = self.problem;
        let anchor = problem.anchors.find(&group.anchor).ok_or("no such anchor")?;
        for node in problem.anchors.up(anchor).skip(1) {
            if !self.used.take_at(problem, Side::Anchor, node) {
                return Err("more than a quota that the anchor shares");
            }
        }
        let mut members = Vec::with_capacity(group.suppliers.len());
        for one in &group.suppliers {
            let found = problem.find(&group.anchor, &one.supplier).ok_or("no candidate")?;
            self.add_member(one, found)?;
            members.push(found);
        }
        let hours = group.suppliers.iter().map(|one| one.hours).fold(0, u32::saturating_add);
        let one_to_one = members.iter().map(|&one| problem.hours.at(problem.candidates[one].level));
        let hours_are_told =
            hours == group.hours && one_to_one.fold(0, u32::saturating_add) == group.hours_one_to_one;
        let score_is_told = super::problem::score(problem.value(&members)) == group.score;
        if !score_is_told || !hours_are_told || members.len() < 2 {
            return Err("score, hours or number of the group are not those of its suppliers");
        }
        self.pairings[0][anchor as usize] += 1;
        let suppliers = members.iter().map(|&one| problem.candidates[one].supplier);
        let parties =
            || [(Side::Anchor, anchor)].into_iter().chain(suppliers.clone().map(|one| (Side::Supplier, one)));
        if parties().any(|(side, party)| self.is_over(side, party as usize)) {
            return Err("more than a quota or a budget of hours allows");
        }
        let mut houses = parties().flat_map(|(side, party)| self.houses.above(problem, side, party));
        if houses.any(|house| house.count(&self.used.counts) > house.left) {
            return Err("more than the quota of a house, on both sides together");
        }
        Ok(())
    }

    /// Adds a supplier of a group, a candidate by position.
    fn add_member(&mut self, one: &GroupMember, found: usize) -> Result<(), &'static str> {
        let problem = self.problem;
        let candidate = &problem.candidates[found];
        let [anchor, supplier] = candidate.parties().map(|party| party as usize);
        if candidate.standing != Standing::Open {
            return Err("a candidate that is barred or locked");
        }
        if std::mem::replace(&mut self.is_taken[supplier], true) {
            return Err("a supplier in two pairings");
        }
        if (one.score, one.level) != (problem.worths[found].score, candidate.level) {
            return Err("told otherwise than the problem has it");
        }
        let [level, leaf] = problem.leaves(candidate);
        let has_place = self.used.counts[0][level as usize] < problem.anchors.nodes[level as usize].most;
        if level as usize != anchor && !has_place {
            return Err("a level at which the anchor has no place");
        }
        for node in problem.suppliers.up(leaf) {
            if !self.used.take_at(problem, Side::Supplier, node) {
                return Err("a supplier without a place");
            }
        }
        self.pairings[1][supplier] += 1;
        self.spend([anchor, supplier], one.hours);
        Ok(())
    }

    fn spend(&mut self, parties: [usize; 2], hours: u32) {
        for (side, party) in parties.into_iter().enumerate() {
            self.hours[side][party] += u64::from(hours);
        }
    }

    /// Whether a party has more pairings or hours than its quota or budget allows.
    fn is_over(&self, side: Side, party: usize) -> bool {
        let own = side as usize;
        // A firm on both sides has one quota.
        let twin = self.problem.twin(side, party);
        let as_other = twin.map_or(0, |(other, party)| self.pairings[other as usize][party]);
        let pairings = self.pairings[own][party].saturating_add(as_other);
        self.problem.quotas[own][party].is_some_and(|quota| pairings > quota)
            || self.problem.budgets[own][party]
                .is_some_and(|budget| self.hours[own][party] > u64::from(budget))
    }
}

/// Checks that third parties join what is planned.
fn agreements(plan: &Plan) -> Result<(), PlanFault> {
    for agreement in &plan.agreements {
        let is_pair = |supplier: &FirmId| {
            let key = (&agreement.anchor, supplier);
            plan.pairings.binary_search_by(|one| (&one.anchor, &one.supplier).cmp(&key)).is_ok()
        };
        let is_group = |group: &super::GroupPairing| {
            group.anchor == agreement.anchor
                && group.suppliers.iter().map(|one| &one.supplier).eq(&agreement.suppliers)
        };
        let is_planned = match &agreement.suppliers[..] {
            [supplier] => is_pair(supplier),
            _ => plan.groups.iter().any(is_group),
        };
        if agreement.parties.is_empty() || !is_planned {
            return Err(PlanFault::Group {
                anchor: agreement.anchor.clone(),
                why: "of nobody that is planned",
            });
        }
    }
    Ok(())
}

fn kept(unmet: &[Constraint]) -> Result<(), PlanFault> {
    unmet.first().map_or(Ok(()), |first| Err(PlanFault::Unmet(first.clone())))
}

/// The positions of the plan's pairings, ascending.
pub(super) fn positions(problem: &Problem, plan: &Plan) -> Result<Vec<usize>, PlanFault> {
    let mut chosen = Vec::with_capacity(plan.pairings.len());
    let mut last = 0;
    for one in &plan.pairings {
        let (anchor, supplier) = (one.anchor.clone(), one.supplier.clone());
        let number = problem.anchors.find_after(last, &anchor);
        let Some(found) = number.and_then(|number| problem.find_of(number, &supplier)) else {
            return Err(PlanFault::NoCandidate { anchor, supplier });
        };
        last = problem.candidates[found].anchor;
        let candidate = &problem.candidates[found];
        if candidate.is_barred() {
            return Err(PlanFault::NoCandidate { anchor, supplier });
        }
        if chosen.last().is_some_and(|&last| last >= found) {
            return Err(PlanFault::Repeated { anchor, supplier });
        }
        let told = (one.score, [one.anchor_utility, one.supplier_utility], one.level, one.locked);
        let locked = candidate.standing == Standing::Locked;
        let worth = problem.worths[found];
        if told != (worth.score, worth.utilities, candidate.level, locked) {
            return Err(PlanFault::Misquoted { anchor, supplier });
        }
        chosen.push(found);
    }
    Ok(chosen)
}

/// The constraints that chosen candidates, ascending, do not keep to.
pub(super) fn unmet(problem: &Problem, chosen: &[usize]) -> Vec<Constraint> {
    let used = Used::count(problem, chosen);
    let mut unmet = Vec::new();
    for (roster, counts) in problem.rosters().into_iter().zip(&used.counts) {
        for (at, (node, &count)) in roster.nodes.iter().zip(counts).enumerate() {
            if count > node.most {
                unmet.push(Constraint::AtMost { limit: roster.limit(at as u32), most: node.most });
            }
            if count < node.least {
                unmet.push(Constraint::AtLeast { limit: roster.limit(at as u32), least: node.least });
            }
        }
    }
    for locked in super::greedy::locked(problem) {
        if chosen.binary_search(&locked).is_err() {
            unmet.extend(problem.decided(locked));
        }
    }
    let linear = problem.linear().iter().filter(|linear| !linear.holds(chosen));
    unmet.extend(linear.map(|linear| linear.of.clone()));
    unmet
}

/// Checks reduced values and complementary slackness.
fn prove(problem: &Problem, chosen: &[usize], certificate: &Certificate) -> Result<(), PlanFault> {
    let rosters = problem.rosters();
    let mut prices = rosters.map(|roster: &Roster| vec![0_i64; roster.nodes.len()]);
    let mut is_told = rosters.map(|roster: &Roster| vec![false; roster.nodes.len()]);
    let mut last = [0; 2];
    for Price { limit, steps } in &certificate.prices {
        let side = limit.side() as usize;
        let node = match limit {
            Limit::Firm { firm, .. } => rosters[side].find_after(last[side], firm),
            _ => rosters[side].find_limit(limit),
        };
        // None, or none twice.
        let known = node.filter(|&node| !std::mem::replace(&mut is_told[side][node as usize], true));
        let node = known.ok_or_else(|| PlanFault::UnknownLimit(limit.clone()))?;
        (last[side], prices[side][node as usize]) = (node, *steps);
    }
    let used = Used::count(problem, chosen);
    for ((roster, counts), prices) in rosters.into_iter().zip(&used.counts).zip(&prices) {
        for (at, ((node, &count), &price)) in roster.nodes.iter().zip(counts).zip(prices).enumerate() {
            if price > 0 && count != node.most || price < 0 && count != node.least {
                let limit = roster.limit(at as u32);
                let (least, most) = (node.least, node.most);
                return Err(PlanFault::Slack { limit, price, used: count, least, most });
            }
        }
    }
    let mut chosen = chosen.iter().copied().peekable();
    for (position, one) in problem.candidates.iter().enumerate() {
        let is_chosen = chosen.next_if_eq(&position).is_some();
        if one.standing != Standing::Open {
            continue;
        }
        let mut reduced = i128::from(one.weight);
        for ((roster, leaf), prices) in rosters.into_iter().zip(problem.leaves(one)).zip(&prices) {
            for node in roster.up(leaf) {
                reduced -= i128::from(prices[node as usize]);
            }
        }
        if if is_chosen { reduced < 0 } else { reduced > 0 } {
            let (anchor, supplier) = problem.names(position);
            return Err(PlanFault::ReducedValue { anchor, supplier, reduced, chosen: is_chosen });
        }
    }
    debug_assert_eq!(Side::ALL, rosters.map(|roster| roster.side));
    Ok(())
}
