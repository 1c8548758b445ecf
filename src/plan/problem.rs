//! What is to be decided: candidate pairs and the limits on choosing among them.

use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use super::roster::Roster;
use super::{Constraint, Linear, Problem, ProblemBuilder};
use crate::model::{Date, FirmId, Level, Side, words};

/// A pair that may be planned, as a ranking has it or as made by hand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Pair {
    /// The anchor.
    pub anchor: FirmId,
    /// The supplier.
    pub supplier: FirmId,
    /// What the pair is worth, in [0, 1]; the objective of a plan is the sum.
    pub score: f64,
    /// By which the anchor prefers it.
    pub anchor_utility: f64,
    /// By which the supplier prefers it.
    pub supplier_utility: f64,
    /// At which level the two would pair; counts against that level's limits.
    pub level: Option<Level>,
}

impl Pair {
    /// A pair whose sides both value it at its score, at no level in particular.
    pub fn new(anchor: impl Into<FirmId>, supplier: impl Into<FirmId>, score: f64) -> Self {
        Self {
            anchor: anchor.into(),
            supplier: supplier.into(),
            score,
            anchor_utility: score,
            supplier_utility: score,
            level: None,
        }
    }

    /// The same pair with each side's own utility.
    #[must_use]
    pub fn valued(self, anchor_utility: f64, supplier_utility: f64) -> Self {
        Self { anchor_utility, supplier_utility, ..self }
    }

    /// The same pair at a level.
    #[must_use]
    pub fn at(self, level: Level) -> Self {
        Self { level: Some(level), ..self }
    }
}

words! {
    /// Why a candidate cannot be planned although it is one.
    enum Bar {
        /// The two are paired already.
        InForce = "in_force";
        /// Somebody has vetoed it.
        Vetoed = "vetoed";
        /// Both are in one forbidden group.
        Forbidden = "forbidden";
        /// Vetoed and forbidden: to give up one of the two alone changes nothing.
        VetoedAndForbidden = "vetoed_and_forbidden";
        /// One of the two has withdrawn.
        Withdrawn = "withdrawn";
        /// The same two firms with their sides exchanged serve the plan better, or score higher.
        Reversed = "reversed";
    }
}

/// What a planner may do with a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Open,
    Locked,
    Barred(Bar),
}

/// A candidate by positions: what passes over all of them read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Candidate {
    pub(super) anchor: u32,
    pub(super) supplier: u32,
    /// The score in steps of 2⁻⁴⁰.
    pub(super) weight: i64,
    pub(super) level: Option<Level>,
    pub(super) standing: Standing,
}

/// Firms that share the quota of their head.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct House {
    /// The limit of it on each side, where it has a party there.
    pub(super) nodes: [Option<u32>; 2],
    /// What pairings in force leave of the quota, for both sides together.
    pub(super) left: u32,
    /// The most that its anchors can use up one-to-one.
    pub(super) as_anchors: u32,
}

impl House {
    /// How many pairings of it are counted, on both sides together.
    pub(super) fn count(&self, counts: &[Vec<u32>; 2]) -> u32 {
        let of_side =
            |(node, counts): (&Option<u32>, &Vec<u32>)| node.map_or(0, |node| counts[node as usize]);
        self.nodes.iter().zip(counts).map(of_side).fold(0, u32::saturating_add)
    }
}

/// The houses of a problem by their limit on each side.
pub(super) struct Houses<'a>([FxHashMap<u32, &'a House>; 2]);

impl<'a> Houses<'a> {
    pub(super) fn of(problem: &'a Problem) -> Self {
        let by_node = |side: Side| {
            let node = |house: &'a House| Some((house.nodes[side as usize]?, house));
            problem.houses.iter().filter_map(node).collect()
        };
        Self(Side::ALL.map(by_node))
    }

    /// Those that count a party.
    pub(super) fn above(&self, problem: &Problem, side: Side, party: u32) -> Vec<&'a House> {
        let houses = &self.0[side as usize];
        if houses.is_empty() {
            return Vec::new();
        }
        problem.roster(side).up(party).filter_map(|node| houses.get(&node).copied()).collect()
    }
}

/// What sides think of a candidate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Worth {
    pub(super) score: f64,
    pub(super) utilities: [f64; 2],
}

impl Standing {
    /// Barred for one reason more.
    pub(super) fn bar(&mut self, why: Bar) {
        *self = match (*self, why) {
            (Self::Barred(Bar::Vetoed), Bar::Forbidden) | (Self::Barred(Bar::Forbidden), Bar::Vetoed) => {
                Self::Barred(Bar::VetoedAndForbidden)
            }
            // What nobody can lift stays.
            (Self::Barred(_), Bar::Vetoed | Bar::Forbidden) => *self,
            _ => Self::Barred(why),
        };
    }
}

impl Candidate {
    /// Its party on each side.
    pub(super) fn parties(&self) -> [u32; 2] {
        [self.anchor, self.supplier]
    }

    pub(super) fn is_barred(&self) -> bool {
        matches!(self.standing, Standing::Barred(_))
    }
}

impl Problem {
    /// Steps of a score: a score counts as the nearest multiple of 2⁻⁴⁰, and planners
    /// are exact in these. Half a step, 4.5·10⁻¹³, is the most by which a pair can be
    /// misjudged.
    pub const STEPS: f64 = (1_u64 << 40) as f64;

    /// The most parties on the smaller side: prices are sums along paths over them and
    /// must fit 63 bits.
    pub const MOST_PARTIES: usize = 1 << 20;

    /// The most pairings that limits may leave room for, the side with less counting: their scores in
    /// steps must add up within 63 bits.
    pub const MOST_PAIRINGS: usize = (1 << 23) - 1;

    /// A problem to be filled by hand.
    ///
    /// ```
    /// use jiedui::plan::{Constraints, Pair, Problem};
    ///
    /// let pairs = [("works", "foundry", 0.9), ("works", "forge", 0.6), ("mill", "foundry", 0.8)];
    /// let pairs = pairs.map(|(anchor, supplier, score)| Pair::new(anchor, supplier, score));
    /// let problem = Problem::builder().pairs(pairs).build(&Constraints::default())?;
    /// assert_eq!((problem.n_anchors(), problem.n_suppliers(), problem.n_candidates()), (2, 2, 3));
    /// # Ok::<(), jiedui::plan::PlanError>(())
    /// ```
    pub fn builder() -> ProblemBuilder {
        ProblemBuilder::default()
    }

    /// How many anchors there are, also those without a candidate.
    pub fn n_anchors(&self) -> usize {
        self.anchors.parties.len()
    }

    /// How many suppliers are a candidate of somebody.
    pub fn n_suppliers(&self) -> usize {
        self.suppliers.parties.len()
    }

    /// How many candidate pairs there are, barred ones among them.
    pub fn n_candidates(&self) -> usize {
        self.candidates.len()
    }

    /// As of when vetoes and pairings in force count.
    pub fn as_of(&self) -> Option<Date> {
        self.as_of
    }

    /// Whether limits and locks are all there is, so that a plan is a flow and the
    /// optimum exact; else there are minimum shares or hours.
    pub fn is_flow(&self) -> bool {
        self.linear.is_empty()
    }

    pub(super) fn roster_mut(&mut self, side: Side) -> &mut Roster {
        match side {
            Side::Anchor => &mut self.anchors,
            Side::Supplier => &mut self.suppliers,
        }
    }

    /// The anchors' and the suppliers'.
    pub(super) fn rosters(&self) -> [&Roster; 2] {
        [&self.anchors, &self.suppliers]
    }

    pub(super) fn roster(&self, side: Side) -> &Roster {
        match side {
            Side::Anchor => &self.anchors,
            Side::Supplier => &self.suppliers,
        }
    }

    /// The same firm on the other side, if it is on both. O(log firms).
    pub(super) fn twin(&self, side: Side, party: usize) -> Option<(Side, usize)> {
        let other = side.other();
        let twin = self.roster(other).find(&self.roster(side).parties[party])?;
        Some((other, twin as usize))
    }

    /// The positions of an anchor's candidates.
    pub(super) fn of_anchor(&self, anchor: u32) -> std::ops::Range<usize> {
        self.starts[anchor as usize] as usize..self.starts[anchor as usize + 1] as usize
    }

    /// Bars all pairs within a group, whoever is the anchor. O(group + candidates of its anchors).
    pub(super) fn bar_within<'a>(
        &mut self,
        group: impl IntoIterator<Item = &'a FirmId, IntoIter: Clone>,
        why: Bar,
    ) {
        let group = group.into_iter();
        let suppliers: FxHashSet<u32> = group.clone().filter_map(|firm| self.suppliers.find(firm)).collect();
        let anchors: Vec<u32> = group.filter_map(|firm| self.anchors.find(firm)).collect();
        for position in anchors.into_iter().flat_map(|anchor| self.of_anchor(anchor)).collect::<Vec<_>>() {
            if suppliers.contains(&self.candidates[position].supplier) {
                self.candidates[position].standing.bar(why);
            }
        }
    }

    pub(super) fn find(&self, anchor: &FirmId, supplier: &FirmId) -> Option<usize> {
        self.find_of(self.anchors.find(anchor)?, supplier)
    }

    /// The position of an anchor's candidate, by name: one of a row, not of all suppliers.
    pub(super) fn find_of(&self, anchor: u32, supplier: &FirmId) -> Option<usize> {
        let range = self.of_anchor(anchor);
        let name = |one: &Candidate| &self.suppliers.parties[one.supplier as usize];
        let found = self.candidates[range.clone()].binary_search_by(|one| name(one).cmp(supplier));
        found.ok().map(|position| range.start + position)
    }

    /// The position of a candidate by its parties.
    pub(super) fn position(&self, anchor: u32, supplier: u32) -> Option<usize> {
        let range = self.of_anchor(anchor);
        let found = self.candidates[range.clone()].binary_search_by_key(&supplier, |one| one.supplier);
        found.ok().map(|position| range.start + position)
    }

    /// The lowest nodes that count a candidate, on the anchors' and the suppliers' side.
    pub(super) fn leaves(&self, candidate: &Candidate) -> [u32; 2] {
        [
            self.anchors.leaf(candidate.anchor, candidate.level),
            self.suppliers.leaf(candidate.supplier, candidate.level),
        ]
    }

    /// For how many pairings the limits leave room at most, the side with less counting.
    pub(super) fn room(&self) -> usize {
        let mut degrees = self.rosters().map(|roster| vec![0_u32; roster.parties.len()]);
        for one in &self.candidates {
            for (degrees, party) in degrees.iter_mut().zip(one.parties()) {
                degrees[party as usize] += 1;
            }
        }
        let room = |(roster, degrees): (&Roster, Vec<u32>)| {
            let of_each =
                roster.nodes.iter().zip(degrees).map(|(node, degree)| node.most.min(degree) as usize);
            of_each.sum::<usize>()
        };
        self.rosters().into_iter().zip(degrees).map(room).min().unwrap_or(0)
    }

    /// The sum of chosen candidates' weights, steps.
    pub(super) fn value(&self, chosen: &[usize]) -> i64 {
        chosen.iter().map(|&one| self.candidates[one].weight).sum()
    }

    /// The names of a candidate's anchor and supplier.
    pub(super) fn names(&self, candidate: usize) -> (FirmId, FirmId) {
        let one = &self.candidates[candidate];
        let anchor = self.anchors.parties[one.anchor as usize].clone();
        (anchor, self.suppliers.parties[one.supplier as usize].clone())
    }

    /// The lock, veto or forbidden group that decides on a candidate, as a constraint.
    pub(super) fn decided(&self, candidate: usize) -> Option<Constraint> {
        let (anchor, supplier) = self.names(candidate);
        match self.candidates[candidate].standing {
            Standing::Locked => Some(Constraint::Lock { anchor, supplier }),
            Standing::Barred(Bar::Vetoed) => Some(Constraint::Veto { anchor, supplier }),
            Standing::Barred(Bar::Forbidden) => Some(Constraint::Forbidden { anchor, supplier }),
            Standing::Open | Standing::Barred(_) => None,
        }
    }

    pub(super) fn linear(&self) -> &[Linear] {
        &self.linear
    }
}

/// A score in steps.
pub(super) fn steps(score: f64) -> i64 {
    (score * Problem::STEPS).round() as i64
}

/// Steps as a score.
pub(super) fn score(steps: i64) -> f64 {
    steps as f64 / Problem::STEPS
}
