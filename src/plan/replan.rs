//! A plan after something has happened, with as few changes as may be.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::optimal::Searcher;
use super::problem::{Standing, steps};
use super::{Bar, Plan, Problem, Status, optimal};
use crate::model::{FirmId, Side};

/// What happens to a problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Event {
    /// One of the two refuses the pairing, whoever would be the anchor.
    Refusal {
        /// The anchor.
        anchor: FirmId,
        /// The supplier.
        supplier: FirmId,
    },
    /// A firm withdraws from everything, and its floor with it.
    Withdrawal {
        /// The firm.
        firm: FirmId,
    },
}

impl Problem {
    /// The problem after something has happened: pairs that have become impossible are
    /// barred, and no longer locked; what concerns no candidate changes nothing. Places stay as they
    /// were shared out between the sides of a firm with a quota: for new ones, as for a new firm,
    /// build the problem anew. Firms go by id, see [`Constraints::resolve`](super::Constraints::resolve).
    #[must_use]
    pub fn after(&self, events: &[Event]) -> Self {
        let mut problem = self.clone();
        if !events.is_empty() {
            // It may now be more than any plan sums to.
            problem.bound = None;
        }
        for event in events {
            match event {
                Event::Refusal { anchor, supplier } => {
                    problem.bar_within([anchor, supplier], Bar::Vetoed);
                }
                Event::Withdrawal { firm } => {
                    let [anchor, supplier] = Side::ALL.map(|side| problem.roster(side).find(firm));
                    for one in &mut problem.candidates {
                        if Some(one.anchor) == anchor || Some(one.supplier) == supplier {
                            one.standing = Standing::Barred(Bar::Withdrawn);
                        }
                    }
                    if let Some(anchor) = anchor {
                        problem.anchors.nodes[anchor as usize].least = 0;
                    }
                }
            }
        }
        problem
    }
}

/// A plan made of an earlier one, and what has changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[must_use]
pub struct Replan {
    /// The new plan.
    pub plan: Plan,
    /// The greatest objective there is now.
    pub optimum: f64,
    /// Pairings of the earlier plan that have become impossible.
    pub lost: Vec<(FirmId, FirmId)>,
    /// Pairings of the earlier plan that are possible but not kept.
    pub dropped: Vec<(FirmId, FirmId)>,
    /// Pairings that the earlier plan did not have.
    pub added: Vec<(FirmId, FirmId)>,
    /// No plan of an objective within the tolerance has fewer pairings dropped and added
    /// than this.
    pub fewest: usize,
}

impl Replan {
    /// How many pairings are dropped or added, those that have become impossible apart.
    pub fn changes(&self) -> usize {
        self.dropped.len() + self.added.len()
    }
}

/// The plan with the fewest changes among those whose objective is at most `tolerance` below
/// the optimum (改派). Changes are pairings dropped and pairings added; those that have become
/// impossible do not count.
///
/// Every change is charged a price, the greatest at which the objective stays within the
/// tolerance, found by halving: some forty flows. This finds the fewest changes on the convex
/// hull of objective and changes; a plan between two corners could have fewer, and
/// [`Replan::fewest`] says how many fewer at most (Lagrangian bound: Ahuja, Magnanti, Orlin,
/// Network Flows, 1993, chapter 16).
///
/// Minimum shares, counts and hours are kept to as well with the feature `milp`, by two
/// searches where that plan does not: for the greatest objective, then for the fewest changes
/// near it, both as far as `Milp` can tell within its limit. Without the feature they are not
/// sought, and the status says which are not met. `Milp::replan` takes other limits.
///
/// A problem without a plan gives the infeasible plan, with everything lost. A tolerance below 0, or none at
/// all, counts as 0.
///
/// ```
/// use jiedui::plan::{Constraints, Event, Optimal, Pair, Planner, Problem, replan};
///
/// let pairs = [("a", "x", 0.9), ("a", "y", 0.85), ("b", "y", 0.8), ("b", "z", 0.78)];
/// let pairs = pairs.map(|(anchor, supplier, score)| Pair::new(anchor, supplier, score));
/// let mut constraints = Constraints::default();
/// constraints.anchor_most = 1;
/// let problem = Problem::builder().pairs(pairs).build(&constraints)?;
/// let plan = Optimal.plan(&problem);
/// let now = problem.after(&[Event::Refusal { anchor: "a".into(), supplier: "x".into() }]);
/// // The best answer moves b as well; b can be left alone where 0.83 less is near enough.
/// assert_eq!(replan(&now, &plan, 0.0).changes(), 3);
/// let calm = replan(&now, &plan, 0.9);
/// assert_eq!((calm.changes(), calm.fewest), (0, 0));
/// # Ok::<(), jiedui::plan::PlanError>(())
/// ```
pub fn replan(problem: &Problem, earlier: &Plan, tolerance: f64) -> Replan {
    replan_by(&Searcher::default(), problem, earlier, tolerance)
}

/// The same, by somebody's own search where it takes one.
pub(super) fn replan_by(searcher: &Searcher, problem: &Problem, earlier: &Plan, tolerance: f64) -> Replan {
    let (kept, lost) = still_possible(problem, earlier);
    let mut was = vec![false; problem.candidates.len()];
    for one in kept {
        was[one] = true;
    }
    let best = optimal::best("replan", problem, searcher);
    let steps_below = steps(tolerance.clamp(0.0, f64::from(u32::MAX)));
    let lowest = best.objective_steps.saturating_sub(steps_below);
    let mut search = Search { problem, was: &was, lowest, fewest: 0 };
    // At no price the plan is as good as it gets, so one is found.
    let chosen = if best.is_feasible() || matches!(best.status, Status::Incomplete { .. }) {
        search.run()
    } else {
        None
    };
    #[cfg_attr(not(feature = "milp"), expect(unused_mut))]
    let (mut chosen, mut fewest) = (chosen, search.fewest);
    #[cfg(feature = "milp")]
    if let Some(relaxed) = &chosen
        && best.is_feasible()
        && !super::verify::unmet(problem, relaxed).is_empty()
    {
        (chosen, fewest) = fewest_by_search(searcher, problem, &was, lowest, fewest);
    }
    let bound = match best.status {
        Status::Feasible { bound: Some(bound) } => bound,
        _ => best.objective,
    };
    let mut plan = match chosen {
        Some(chosen) => {
            let unmet = super::verify::unmet(problem, &chosen);
            let status = if unmet.is_empty() {
                Status::Feasible { bound: Some(bound) }
            } else {
                Status::Incomplete { unmet }
            };
            Plan::new("replan", problem, chosen, status, None)
        }
        None => best.clone(),
    };
    plan.certificate = None;
    changed(earlier, lost, plan, best.objective, fewest)
}

/// The plan that another planner makes of the problem as it is now, and what has changed: for
/// planners that do not seek the optimum. A stable plan made anew is stable again, and a preview
/// a preview; neither looks for few changes, so that [`Replan::fewest`] is 0.
///
/// ```
/// use jiedui::plan::{Constraints, Event, Pair, Planner, Problem, Stable, replan_with};
///
/// let pairs = [("a", "x", 0.9), ("a", "y", 0.85), ("b", "y", 0.8), ("b", "z", 0.78)];
/// let pairs = pairs.map(|(anchor, supplier, score)| Pair::new(anchor, supplier, score));
/// let mut constraints = Constraints::default();
/// constraints.anchor_most = 1;
/// let problem = Problem::builder().pairs(pairs).build(&constraints)?;
/// let plan = Stable::default().plan(&problem);
/// let now = problem.after(&[Event::Refusal { anchor: "a".into(), supplier: "x".into() }]);
/// // a would rather have y than nobody, y would rather have a, and so b turns to z.
/// let again = replan_with(&Stable::default(), &now, &plan);
/// assert_eq!((again.dropped.len(), again.added.len()), (1, 2));
/// # Ok::<(), jiedui::plan::PlanError>(())
/// ```
pub fn replan_with(planner: &dyn super::Planner, problem: &Problem, earlier: &Plan) -> Replan {
    let (_, lost) = still_possible(problem, earlier);
    let optimum = optimal::best("", problem, &Searcher::default()).objective;
    changed(earlier, lost, planner.plan(problem), optimum, 0)
}

/// Of an earlier plan's pairings the candidates that are open, and those that are none any more.
fn still_possible(problem: &Problem, earlier: &Plan) -> (Vec<usize>, Vec<(FirmId, FirmId)>) {
    let (mut kept, mut lost) = (Vec::new(), Vec::new());
    for one in &earlier.pairings {
        match problem.find(&one.anchor, &one.supplier) {
            Some(found) if !problem.candidates[found].is_barred() => kept.push(found),
            _ => lost.push((one.anchor.clone(), one.supplier.clone())),
        }
    }
    (kept, lost)
}

fn changed(earlier: &Plan, lost: Vec<(FirmId, FirmId)>, plan: Plan, optimum: f64, fewest: usize) -> Replan {
    let key = |one: &super::Planned| (one.anchor.clone(), one.supplier.clone());
    let now: BTreeSet<_> = plan.pairings.iter().map(key).collect();
    let then: BTreeSet<_> = earlier.pairings.iter().map(key).collect();
    let impossible: BTreeSet<&(FirmId, FirmId)> = lost.iter().collect();
    let dropped = then.difference(&now).filter(|one| !impossible.contains(one)).cloned().collect();
    Replan { optimum, dropped, added: now.difference(&then).cloned().collect(), lost, plan, fewest }
}

/// The plan with the fewest changes, and the bound on them, where no flow keeps to everything:
/// among plans of few changes one of a good objective. `None` where the search finds nothing of
/// the least objective, and the best plan has to do.
#[cfg(feature = "milp")]
fn fewest_by_search(
    searcher: &Searcher,
    problem: &Problem,
    was: &[bool],
    lowest: i64,
    fewest: usize,
) -> (Option<Vec<usize>>, usize) {
    use super::milp::{Found, Row, search_for};

    let weights = problem.candidates.iter().zip(0..).filter(|(one, _)| one.weight != 0);
    let row = Row { terms: weights.map(|(one, position)| (position, one.weight)).collect(), least: lowest };
    // All scores together weigh less than one change.
    let places = problem.anchors.nodes.iter().fold(0_u64, |sum, node| sum + u64::from(node.most));
    let tie = 0.5 / (places.min(problem.candidates.len() as u64) + 1) as f64;
    let value = |one: usize| {
        let kept = if was[one] { 1.0 } else { -1.0 };
        kept + tie * super::problem::score(problem.candidates[one].weight)
    };
    match search_for(problem, value, &[row], searcher) {
        Found::Plan { chosen, bound } => {
            let had = was.iter().filter(|&&was| was).count() as f64;
            let fewest = fewest.max((had - bound).ceil().max(0.0) as usize);
            (Some(chosen).filter(|chosen| problem.value(chosen) >= lowest), fewest)
        }
        Found::Nothing | Found::GaveUp => (None, fewest),
    }
}

struct Search<'a> {
    problem: &'a Problem,
    was: &'a [bool],
    /// The least objective allowed, steps.
    lowest: i64,
    /// The bound on changes proved so far.
    fewest: usize,
}

impl Search<'_> {
    /// More than any pair is worth: two scores.
    const MOST: i64 = 2 << 40;

    fn run(&mut self) -> Option<Vec<usize>> {
        if let Some(chosen) = self.at(Self::MOST) {
            return Some(chosen);
        }
        // The plan at `low` is allowed, that at `high` is not.
        let (mut low, mut high) = (0, Self::MOST);
        let mut best = self.at(low)?;
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            match self.at(middle) {
                Some(chosen) => (low, best) = (middle, chosen),
                None => high = middle,
            }
        }
        Some(best)
    }

    /// The best plan where each change costs `price`; `None` where it is not allowed.
    fn at(&mut self, price: i64) -> Option<Vec<usize>> {
        let mut priced = self.problem.clone();
        for (one, &was) in priced.candidates.iter_mut().zip(self.was) {
            one.weight += if was { price } else { -price };
        }
        let flow = optimal::solve(&priced).ok()?;
        let mut chosen = flow.chosen();
        chosen.sort_unstable();
        let value = self.problem.value(&chosen);
        let changes = self.changes(&chosen);
        // Whatever is allowed is worth `lowest` at least, and no more than this at this price.
        let most = i128::from(value) - i128::from(price) * changes as i128;
        let short = i128::from(self.lowest) - most;
        if price > 0 && short > 0 {
            let price = i128::from(price);
            self.fewest = self.fewest.max(((short + price - 1) / price) as usize);
        }
        (value >= self.lowest).then_some(chosen)
    }

    fn changes(&self, chosen: &[usize]) -> usize {
        let kept = chosen.iter().filter(|&&one| self.was[one]).count();
        let had = self.was.iter().filter(|&&was| was).count();
        (had - kept) + (chosen.len() - kept)
    }
}
