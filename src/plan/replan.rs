//! A plan after something has happened, with as few changes as may be.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::problem::{Standing, score, steps};
use super::{Bar, Limit, Plan, Problem, Role, Status, optimal};
use crate::model::FirmId;

/// What happens to a problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Event {
    /// One of the two refuses the pairing.
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
    /// barred, and no longer locked; what concerns no candidate changes nothing. For a new firm
    /// build the problem anew.
    #[must_use]
    pub fn after(&self, events: &[Event]) -> Self {
        let mut problem = self.clone();
        for event in events {
            match event {
                Event::Refusal { anchor, supplier } => {
                    if let Some(found) = problem.find(anchor, supplier) {
                        problem.candidates[found].standing.bar(Bar::Vetoed);
                    }
                }
                Event::Withdrawal { firm } => {
                    let [anchor, supplier] =
                        [Role::Anchor, Role::Supplier].map(|role| problem.side(role).find(firm));
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
#[derive(Debug, Clone, PartialEq, Serialize)]
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
/// sought, and the status says which are not met.
///
/// A problem without a plan gives the infeasible plan, with everything lost.
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
    let (kept, lost) = still_possible(problem, earlier);
    let mut was = vec![false; problem.candidates.len()];
    for one in kept {
        was[one] = true;
    }
    let best = optimal::best("replan", problem);
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
        (chosen, fewest) = fewest_by_search(problem, &was, lowest, fewest);
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
    let optimum = optimal::best("", problem).objective;
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
    Replan {
        optimum,
        dropped: then.difference(&now).filter(|one| !lost.contains(one)).cloned().collect(),
        added: now.difference(&then).cloned().collect(),
        lost,
        plan,
        fewest,
    }
}

/// The plan with the fewest changes, and the bound on them, where no flow keeps to everything:
/// among plans of few changes one of a good objective. `None` where the search finds nothing of
/// the least objective, and the best plan has to do.
#[cfg(feature = "milp")]
fn fewest_by_search(
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
        kept + tie * score(problem.candidates[one].weight)
    };
    match search_for(problem, value, &[row], &super::Milp::default()) {
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

/// What each lock, floor, veto, forbidden pair, minimum and budget of hours costs: by how much
/// the optimum would rise without it; and what stability costs.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
#[must_use]
pub struct Costs {
    /// The optimum of the problem as it is.
    pub optimum: f64,
    /// What the plan loses by being stable: the optimum less the objective of the stable
    /// plan, suppliers proposing. `None` where that plan does not keep to every constraint.
    pub stability: Option<f64>,
    /// Each alone; by constraint.
    pub constraints: Vec<(super::Constraint, f64)>,
}

/// The costs of a problem's stability, locks, floors, vetoes and forbidden pairs, each alone: of
/// a floor by one flow more, of a pair by one shortest path in the residual network. `None`
/// where the problem has no plan.
///
/// With minimum shares, counts and hours, and the feature `milp`, also the cost of each of
/// these, all by one search each, to the solver's tolerance; where a search ends at its limit
/// the cost is the most that it can be. Without the feature they are left out of all of it.
///
/// ```
/// use jiedui::plan::{Constraints, Lock, Pair, Problem, costs};
///
/// let mut constraints = Constraints::default();
/// constraints.anchor_most = 1;
/// constraints.locks = vec![Lock { anchor: "a".into(), supplier: "y".into() }];
/// let pairs = [Pair::new("a", "x", 0.75), Pair::new("a", "y", 0.5)];
/// let problem = Problem::builder().pairs(pairs).build(&constraints)?;
/// let costs = costs(&problem).unwrap();
/// assert_eq!(costs.constraints[0].0.to_string(), "lock a – y");
/// assert_eq!(costs.constraints[0].1, 0.25);
/// # Ok::<(), jiedui::plan::PlanError>(())
/// ```
pub fn costs(problem: &Problem) -> Option<Costs> {
    use super::{Constraint, Planner};

    let is_searched = cfg!(feature = "milp") && !problem.is_flow();
    // All searches together are limited as one is.
    #[cfg(feature = "milp")]
    let milp = {
        let floors = [&problem.anchors, &problem.suppliers].into_iter().flat_map(|side| &side.nodes);
        let n_floors = floors.filter(|node| node.least > 0).count();
        let n_decided = (0..problem.candidates.len()).filter(|&at| problem.decided(at).is_some()).count();
        super::Milp::one_of(1 + n_floors + n_decided + problem.linear.len())
    };
    // A plan's value where there is one, else what it cannot exceed.
    let value = |problem: &Problem| {
        #[cfg(feature = "milp")]
        let plan = if is_searched { milp.plan(problem) } else { optimal::plan("", problem) };
        #[cfg(not(feature = "milp"))]
        let plan = optimal::plan("", problem);
        (!matches!(plan.status, Status::Infeasible { .. })).then_some(plan.objective_steps)
    };
    let optimum = value(problem)?;
    let mut constraints = Vec::new();
    let mut without = |constraint: Constraint, change: &dyn Fn(&mut Problem)| {
        let mut eased = problem.clone();
        change(&mut eased);
        if let Some(better) = value(&eased) {
            constraints.push((constraint, score((better - optimum).max(0))));
        }
    };
    for role in [Role::Anchor, Role::Supplier] {
        let side = problem.side(role);
        for (at, node) in side.nodes.iter().enumerate().filter(|(_, node)| node.least > 0) {
            let limit: Limit = side.limit(at as u32);
            without(Constraint::AtLeast { limit, least: node.least }, &|eased| match role {
                Role::Anchor => eased.anchors.nodes[at].least = 0,
                Role::Supplier => eased.suppliers.nodes[at].least = 0,
            });
        }
    }
    let decided = (0..problem.candidates.len()).filter_map(|at| Some((at, problem.decided(at)?)));
    if is_searched {
        let mut linear: Vec<&Constraint> = problem.linear.iter().map(|linear| &linear.of).collect();
        linear.dedup();
        for of in linear {
            without(of.clone(), &|eased| eased.linear.retain(|linear| linear.of != *of));
        }
        for (at, constraint) in decided {
            without(constraint, &|eased| eased.candidates[at].standing = Standing::Open);
        }
    } else {
        let flow = optimal::solve_whole(problem).ok()?;
        let (from_ground, to_ground) = (flow.distances::<false>(), flow.distances::<true>());
        constraints.extend(decided.map(|(at, constraint)| {
            let one = &problem.candidates[at];
            let is_locked = one.standing == Standing::Locked;
            let gain = flow.gain(problem.leaves(one), one.weight, is_locked, &from_ground, &to_ground);
            (constraint, score(gain))
        }));
    }
    constraints.sort_by(|a, b| a.0.cmp(&b.0));
    let stable = super::Stable::default().plan(problem);
    let stability = stable.is_feasible().then(|| score(optimum - stable.objective_steps));
    Some(Costs { optimum: score(optimum), stability, constraints })
}
