//! What each constraint costs.

use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};

use super::optimal::Searcher;
use super::problem::{Standing, score};
use super::{Certificate, Constraint, Limit, Plan, Planner, Problem, Stable, Status, optimal};
use crate::model::Side;

/// What each lock, floor, veto, forbidden pair, minimum and budget of hours costs: by how much
/// the optimum would rise without it, places staying as they are shared out; and what stability
/// costs. A veto of two firms that are each other's candidates is told for either side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[must_use]
pub struct Costs {
    /// The optimum of the problem as it is.
    pub optimum: f64,
    /// What the plan loses by being stable: the optimum less the objective of the stable
    /// plan, suppliers proposing. `None` where that plan does not keep to every constraint.
    pub stability: Option<f64>,
    /// Each alone; by constraint.
    pub constraints: Vec<(Constraint, f64)>,
}

/// The costs of a problem's stability, locks, floors, vetoes and forbidden pairs, each alone: of
/// a floor by one flow more, of a pair by one shortest path in the residual network. `None`
/// where the problem has no plan.
///
/// With minimum shares, counts and hours, and the feature `milp`, also the cost of each of
/// these, all by one search each, to the solver's tolerance; where a search ends at its limit
/// the cost is the most that it can be. Without the feature they are left out of all of it.
/// `Milp::costs` takes other limits.
///
/// ```
/// use jiedui::plan::{Constraints, Lock, Pair, Problem, costs};
///
/// let mut constraints = Constraints::default();
/// constraints.anchor_most = 1;
/// constraints.locks = vec![Lock::new("a", "y")];
/// let pairs = [Pair::new("a", "x", 0.75), Pair::new("a", "y", 0.5)];
/// let problem = Problem::builder().pairs(pairs).build(&constraints)?;
/// let costs = costs(&problem).unwrap();
/// assert_eq!(costs.constraints[0].0.to_string(), "lock a – y");
/// assert_eq!(costs.constraints[0].1, 0.25);
/// # Ok::<(), jiedui::plan::PlanError>(())
/// ```
pub fn costs(problem: &Problem) -> Option<Costs> {
    costs_by(&Searcher::default(), problem)
}

/// The same, by somebody's own search where it takes one.
pub(super) fn costs_by(searcher: &Searcher, problem: &Problem) -> Option<Costs> {
    let planner = planner(searcher, problem);
    let is_a_plan = |plan: &Plan| !matches!(plan.status, Status::Infeasible { .. });
    let solve = |problem: &Problem| Some(planner(problem)).filter(is_a_plan);
    let best = solve(problem)?;
    let optimum = best.objective_steps;
    // What the optimum gains by a change; `None` where there is then no plan.
    let gain = |change: &dyn Fn(&mut Problem)| {
        let mut eased = problem.clone();
        change(&mut eased);
        Some(score((solve(&eased)?.objective_steps - optimum).max(0)))
    };
    let mut constraints;
    if is_searched(problem) {
        constraints = of_floors(problem, None, &gain);
        constraints.extend(of_others(problem, &gain));
    } else {
        constraints = of_floors(problem, best.certificate, &gain);
        constraints.extend(of_decided(problem)?);
    }
    constraints.sort_by(|a, b| a.0.cmp(&b.0));
    let stable = Stable::default().plan(problem);
    let stability = stable.is_feasible().then(|| score(optimum - stable.objective_steps));
    Some(Costs { optimum: score(optimum), stability, constraints })
}

/// Whether plans are found by search.
fn is_searched(problem: &Problem) -> bool {
    cfg!(feature = "milp") && !problem.is_flow()
}

/// Makes the optimal plans of a problem and of those that it becomes by easing a constraint. All searches
/// together are limited as one is.
#[cfg(feature = "milp")]
fn planner(searcher: &Searcher, problem: &Problem) -> impl Fn(&Problem) -> Plan + use<> {
    let milp = is_searched(problem).then(|| {
        let floors = problem.rosters().into_iter().flat_map(|roster| &roster.nodes);
        let n_floors = floors.filter(|node| node.least > 0).count();
        let n_decided = (0..problem.candidates.len()).filter(|&at| problem.decided(at).is_some()).count();
        searcher.shared_by(1 + n_floors + n_decided + problem.linear.len())
    });
    move |eased| match &milp {
        Some(milp) => milp.plan(eased),
        None => optimal::plan("", eased),
    }
}

#[cfg(not(feature = "milp"))]
fn planner(_: &Searcher, _: &Problem) -> impl Fn(&Problem) -> Plan + use<> {
    |eased| optimal::plan("", eased)
}

/// What the optimum gains by a change of the problem.
type Gain<'a> = dyn Fn(&dyn Fn(&mut Problem)) -> Option<f64> + 'a;

/// What each floor costs: one without a negative price in the optimum's proof, nothing.
fn of_floors(problem: &Problem, proof: Option<Certificate>, gain: &Gain) -> Vec<(Constraint, f64)> {
    let negative = |proof: Certificate| {
        let negative = proof.prices.into_iter().filter(|price| price.steps < 0);
        negative.map(|price| price.limit).collect::<FxHashSet<Limit>>()
    };
    let costly = proof.map(negative);
    let mut costs = Vec::new();
    for side in Side::ALL {
        let roster = problem.roster(side);
        for (at, node) in roster.nodes.iter().enumerate().filter(|(_, node)| node.least > 0) {
            let limit = roster.limit(at as u32);
            let is_free = costly.as_ref().is_some_and(|costly| !costly.contains(&limit));
            let without = || gain(&|eased| eased.roster_mut(side).nodes[at].least = 0);
            let cost = if is_free { Some(0.0) } else { without() };
            costs.extend(cost.map(|cost| (Constraint::AtLeast { limit, least: node.least }, cost)));
        }
    }
    costs
}

/// What each minimum, budget of hours, lock, veto and forbidden pair costs, by search.
fn of_others(problem: &Problem, gain: &Gain) -> Vec<(Constraint, f64)> {
    let mut linear: Vec<&Constraint> = problem.linear.iter().map(|linear| &linear.of).collect();
    linear.dedup();
    let of_linear = linear.into_iter().filter_map(|of| {
        let cost = gain(&|eased| eased.linear.retain(|linear| linear.of != *of))?;
        Some((of.clone(), cost))
    });
    let of_decided = (0..problem.candidates.len()).filter_map(|at| {
        let constraint = problem.decided(at)?;
        let cost = gain(&|eased| eased.candidates[at].standing = Standing::Open)?;
        Some((constraint, cost))
    });
    of_linear.chain(of_decided).collect()
}

/// What each lock, veto and forbidden pair costs, by one path each. `None` where there is no plan.
fn of_decided(problem: &Problem) -> Option<Vec<(Constraint, f64)>> {
    let flow = optimal::solve_whole(problem).ok()?;
    let (from_ground, to_ground) = (flow.distances::<false>(), flow.distances::<true>());
    let cost = |at: usize| {
        let (one, constraint) = (&problem.candidates[at], problem.decided(at)?);
        let is_locked = one.standing == Standing::Locked;
        let gain = flow.gain(problem.leaves(one), one.weight, is_locked, &from_ground, &to_ground);
        Some((constraint, score(gain)))
    };
    Some((0..problem.candidates.len()).filter_map(cost).collect())
}
