//! The plan: who pairs with whom, and the proof.

use fixedbitset::FixedBitSet;
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};

use super::problem::{Standing, score};
use super::used::Used;
use super::{Agreement, Constraint, GroupPairing, Limit, Problem};
use crate::model::{FirmId, Level, Side, words};

/// Who pairs with whom (结对方案), why nobody else, and the proof.
///
/// Written and read by serde alone: a program makes it, nobody writes it by hand, and
/// [`verify`](super::verify) finds what is wrong with one that was altered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[must_use]
pub struct Plan {
    /// The name of the planner.
    pub planner: String,
    /// What is proved of it.
    #[serde(flatten)]
    pub status: Status,
    /// The sum of the scores, each counted in steps of 2⁻⁴⁰.
    pub objective: f64,
    /// The same, as a whole number of steps ([`Problem::STEPS`]).
    pub objective_steps: i64,
    /// The pairings, by anchor and supplier.
    pub pairings: Vec<Planned>,
    /// Anchors with places left, and suppliers without a pairing; anchors first, by id.
    pub unpaired: Vec<Unpaired>,
    /// For each anchor whom to ask next, by anchor.
    pub reserve: Vec<Reserve>,
    /// Group pairings, by anchor, which the objective does not count.
    pub groups: Vec<GroupPairing>,
    /// How they came about.
    pub packing: Packing,
    /// Pairings and groups that others join, by anchor and suppliers.
    pub agreements: Vec<Agreement>,
    /// Prices that prove the plan optimal; `None` where none are claimed.
    pub certificate: Option<Certificate>,
}

/// What is proved of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Status {
    /// It keeps to every constraint, and no plan that does has a greater objective.
    Optimal,
    /// It keeps to every constraint. No plan has a greater objective than `bound`, where
    /// one is known.
    Feasible {
        /// The bound, a sum of scores.
        bound: Option<f64>,
    },
    /// It keeps to no more than it could: these are not met. A better planner may.
    Incomplete {
        /// What is not met.
        unmet: Vec<Constraint>,
    },
    /// No plan keeps to all of these constraints. The plan is empty.
    Infeasible {
        /// An irreducible set of constraints: without any one of them, some plan keeps to the
        /// others. Of thousands of constraints that conflict, as where hundreds of anchors want
        /// more suppliers than there are, the set may hold more than it must.
        conflict: Vec<Constraint>,
    },
}

words! {
    /// How the group pairings of a plan came about.
    enum Packing {
        /// None were asked for.
        None = "none";
        /// Packed after the plan and without changing it, by a heuristic: what is proved of the
        /// plan is proved of its one-to-one pairings alone.
        AfterPlan = "after_plan";
    }
}

/// A planned pairing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Planned {
    /// The anchor.
    pub anchor: FirmId,
    /// The supplier.
    pub supplier: FirmId,
    /// At which level.
    pub level: Option<Level>,
    /// Its score.
    pub score: f64,
    /// The anchor's utility.
    pub anchor_utility: f64,
    /// The supplier's utility.
    pub supplier_utility: f64,
    /// Whether it was locked.
    pub locked: bool,
}

/// A firm that is left out, or an anchor that has places left.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Unpaired {
    /// On which side.
    pub side: Side,
    /// The firm.
    pub firm: FirmId,
    /// The most telling reason.
    pub reason: Reason,
}

words! {
    /// Why a firm is left out; of several reasons the first that applies.
    enum Reason {
        /// It is in no candidate pair.
        NoCandidate = "no_candidate";
        /// Every candidate pair of it is barred.
        Barred = "barred";
        /// What is not barred of its candidates is planned with it.
        AllPlanned = "all_planned";
        /// It has no place: its quota is used up.
        NoPlace = "no_place";
        /// The other sides of its candidate pairs have no place left: others are worth more
        /// to them, or to the whole.
        OthersPreferred = "others_preferred";
        /// Somebody has a place left, but a shared limit or a side constraint forbids the
        /// pair, or it is worth nothing, or the planner left it.
        NotChosen = "not_chosen";
    }
}

/// Whom an anchor should ask next if somebody declines, best first: candidates that are
/// open and not planned, those with a place left before those that are planned elsewhere,
/// each by score and id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Reserve {
    /// The anchor.
    pub anchor: FirmId,
    /// At most [`Reserve::MOST`] suppliers.
    pub suppliers: Vec<Substitute>,
}

/// One supplier on a reserve list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Substitute {
    /// The supplier.
    pub supplier: FirmId,
    /// The score of the pair.
    pub score: f64,
    /// Whether it has a place left; else it would have to leave another anchor.
    pub free: bool,
}

impl Reserve {
    /// How many suppliers a reserve list holds at most.
    pub const MOST: usize = 5;
}

/// Dual prices. The reduced value of a candidate is its weight less the prices of all
/// limits that count it; a plan is optimal if every chosen open candidate's is at least 0
/// and every other's at most 0, every limit of positive price is used to its most, and
/// every one of negative price to its least (linear programming duality; see
/// Burkard, Dell'Amico, Martello: Assignment Problems, SIAM 2009, chapter 4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Certificate {
    /// Prices other than 0, by limit.
    pub prices: Vec<Price>,
    /// How often a candidate was looked at until the prices stood: three to eleven times each, from ten
    /// thousand candidates to ten million. It proves nothing; it tells what grew where planning takes long.
    pub looks: u64,
}

/// The price of a limit. The exact planner gives the least prices of anchors that prove its
/// plan: what one more place of the anchor would bring; negative at a floor. Those of
/// suppliers are then what the plan would lose if the supplier had a place fewer. Where a floor is as high
/// as the most, the limit's price may be one of many that prove the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Price {
    /// Of which limit.
    #[serde(flatten)]
    pub limit: Limit,
    /// In steps of 2⁻⁴⁰.
    pub steps: i64,
}

impl Price {
    /// The price as a score.
    pub fn score(&self) -> f64 {
        score(self.steps)
    }
}

impl Plan {
    /// The plan that chooses some of a problem's candidates.
    pub(super) fn new(
        planner: &str,
        problem: &Problem,
        mut chosen: Vec<usize>,
        status: Status,
        certificate: Option<Certificate>,
    ) -> Self {
        chosen.sort_unstable();
        let used = Used::count(problem, &chosen);
        let places = Side::ALL.map(|side| used.open(problem, side));
        let value = problem.value(&chosen);
        let pairings = chosen.iter().map(|&one| planned(problem, one)).collect();
        Self {
            planner: planner.to_owned(),
            status,
            objective: score(value),
            objective_steps: value,
            pairings,
            unpaired: unpaired(problem, &chosen, &used, &places),
            reserve: reserve(problem, &chosen, &places[1]),
            groups: Vec::new(),
            packing: Packing::None,
            agreements: Vec::new(),
            certificate,
        }
    }

    /// The empty plan of a problem that has none.
    pub(super) fn infeasible(planner: &str, problem: &Problem, conflict: Vec<Constraint>) -> Self {
        Self::new(planner, problem, Vec::new(), Status::Infeasible { conflict }, None)
    }

    /// The plan with group pairings, as [`bundle`](super::bundle) packs them. Who is in one is
    /// no longer left out, nor free to be asked. Meant of a plan without groups: what an earlier call
    /// said of those in other groups stays said.
    pub fn with_groups(mut self, groups: Vec<GroupPairing>) -> Self {
        let members: FxHashSet<&FirmId> =
            groups.iter().flat_map(|group| &group.suppliers).map(|one| &one.supplier).collect();
        self.unpaired.retain(|one| one.side == Side::Anchor || !members.contains(&one.firm));
        for reserve in &mut self.reserve {
            for one in &mut reserve.suppliers {
                one.free &= !members.contains(&one.supplier);
            }
            reserve.suppliers.sort_by_key(|one| !one.free);
        }
        self.groups = groups;
        self.packing = Packing::AfterPlan;
        self
    }

    /// The plan with agreements of more than two, as [`agreements`](super::agreements) finds
    /// them.
    pub fn with_agreements(mut self, agreements: Vec<Agreement>) -> Self {
        self.agreements = agreements;
        self
    }

    /// Whether it keeps to every constraint.
    pub fn is_feasible(&self) -> bool {
        matches!(self.status, Status::Optimal | Status::Feasible { .. })
    }

    /// The suppliers planned for an anchor, by id.
    pub fn suppliers<'a>(&'a self, anchor: &'a str) -> impl Iterator<Item = &'a FirmId> + 'a {
        let of_anchor = self.pairings.iter().filter(move |one| one.anchor.as_str() == anchor);
        of_anchor.map(|one| &one.supplier)
    }
}

fn planned(problem: &Problem, position: usize) -> Planned {
    let (one, worth) = (&problem.candidates[position], &problem.worths[position]);
    Planned {
        anchor: problem.anchors.parties[one.anchor as usize].clone(),
        supplier: problem.suppliers.parties[one.supplier as usize].clone(),
        level: one.level,
        score: worth.score,
        anchor_utility: worth.utilities[0],
        supplier_utility: worth.utilities[1],
        locked: one.standing == Standing::Locked,
    }
}

/// Who is left out, and the first reason that applies to each.
fn unpaired(problem: &Problem, chosen: &[usize], used: &Used, places: &[FixedBitSet; 2]) -> Vec<Unpaired> {
    let mut chosen = chosen.iter().copied().peekable();
    let rosters = problem.rosters();
    let is_left = rosters.map(|roster| {
        let counts = roster.nodes.iter().zip(&used.counts[roster.side as usize]).take(roster.parties.len());
        let is_left = counts
            .enumerate()
            .filter(|&(_, (node, &count))| count == 0 || roster.side == Side::Anchor && count < node.most);
        let mut left = FixedBitSet::with_capacity(roster.parties.len());
        left.extend(is_left.map(|(party, _)| party));
        left
    });
    let mut reasons = rosters.map(|roster| vec![Reason::NoCandidate; roster.parties.len()]);
    for (position, one) in problem.candidates.iter().enumerate() {
        let is_chosen = chosen.next_if_eq(&position).is_some();
        let parties = one.parties().map(|party| party as usize);
        let is_left = [0, 1].map(|side| is_left[side].contains(parties[side]));
        if is_left == [false; 2] {
            continue;
        }
        let leaves = problem.leaves(one);
        let has_place = [0, 1].map(|side| places[side].contains(leaves[side] as usize));
        for side in (0..2).filter(|&side| is_left[side]) {
            let reason = &mut reasons[side][parties[side]];
            let found = if is_chosen {
                Reason::AllPlanned
            } else if one.is_barred() {
                Reason::Barred
            } else if !has_place[side] {
                Reason::NoPlace
            } else if !has_place[1 - side] {
                Reason::OthersPreferred
            } else {
                Reason::NotChosen
            };
            *reason = found.max(*reason);
        }
    }
    let mut all = Vec::new();
    for ((roster, reasons), is_left) in rosters.into_iter().zip(reasons).zip(is_left) {
        all.extend(is_left.ones().map(|party| Unpaired {
            side: roster.side,
            firm: roster.parties[party].clone(),
            reason: reasons[party],
        }));
    }
    all
}

fn reserve(problem: &Problem, chosen: &[usize], places: &FixedBitSet) -> Vec<Reserve> {
    let mut chosen = chosen.iter().copied().peekable();
    // Whether it is taken, weight, position: the least come first.
    let mut best: Vec<(bool, std::cmp::Reverse<i64>, u32)> = Vec::with_capacity(Reserve::MOST + 1);
    (0..problem.n_anchors())
        .map(|anchor| {
            best.clear();
            for position in problem.of_anchor(anchor as u32) {
                let one = &problem.candidates[position];
                if chosen.next_if_eq(&position).is_some() || one.is_barred() {
                    continue;
                }
                let leaf = problem.suppliers.leaf(one.supplier, one.level);
                let is_taken = !places.contains(leaf as usize);
                let key = (is_taken, std::cmp::Reverse(one.weight), position as u32);
                if best.len() < Reserve::MOST || best.last().is_some_and(|last| key < *last) {
                    best.truncate(Reserve::MOST - 1);
                    best.insert(best.partition_point(|other| *other < key), key);
                }
            }
            let substitute = |&(is_taken, _, position): &(bool, std::cmp::Reverse<i64>, u32)| Substitute {
                supplier: problem.suppliers.parties[problem.candidates[position as usize].supplier as usize]
                    .clone(),
                score: problem.worths[position as usize].score,
                free: !is_taken,
            };
            Reserve {
                anchor: problem.anchors.parties[anchor].clone(),
                suppliers: best.iter().map(substitute).collect(),
            }
        })
        .collect()
}
