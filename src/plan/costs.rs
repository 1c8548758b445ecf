//! What each constraint costs.

use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};

use super::problem::{Standing, score};
use super::{Certificate, Limit, Problem, Status, optimal};
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
        let floors = problem.rosters().into_iter().flat_map(|roster| &roster.nodes);
        let n_floors = floors.filter(|node| node.least > 0).count();
        let n_decided = (0..problem.candidates.len()).filter(|&at| problem.decided(at).is_some()).count();
        super::Milp::one_of(1 + n_floors + n_decided + problem.linear.len())
    };
    let plan = |problem: &Problem| {
        #[cfg(feature = "milp")]
        let plan = if is_searched { milp.plan(problem) } else { optimal::plan("", problem) };
        #[cfg(not(feature = "milp"))]
        let plan = optimal::plan("", problem);
        (!matches!(plan.status, Status::Infeasible { .. })).then_some(plan)
    };
    let best = plan(problem)?;
    let optimum = best.objective_steps;
    let mut constraints = Vec::new();
    // A floor without a negative price is proved to cost nothing.
    let proof = best.certificate.filter(|_| !is_searched);
    let negative = |proof: Certificate| {
        let negative = proof.prices.into_iter().filter(|price| price.steps < 0);
        negative.map(|price| price.limit).collect::<FxHashSet<Limit>>()
    };
    let costly = proof.map(negative);
    let mut free = Vec::new();
    let mut without = |constraint: Constraint, change: &dyn Fn(&mut Problem)| {
        let mut eased = problem.clone();
        change(&mut eased);
        if let Some(better) = plan(&eased) {
            constraints.push((constraint, score((better.objective_steps - optimum).max(0))));
        }
    };
    for side in Side::ALL {
        let roster = problem.roster(side);
        for (at, node) in roster.nodes.iter().enumerate().filter(|(_, node)| node.least > 0) {
            let limit: Limit = roster.limit(at as u32);
            if costly.as_ref().is_some_and(|costly| !costly.contains(&limit)) {
                free.push((Constraint::AtLeast { limit, least: node.least }, 0.0));
                continue;
            }
            without(Constraint::AtLeast { limit, least: node.least }, &|eased| {
                eased.roster_mut(side).nodes[at].least = 0;
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
    constraints.extend(free);
    constraints.sort_by(|a, b| a.0.cmp(&b.0));
    let stable = super::Stable::default().plan(problem);
    let stability = stable.is_feasible().then(|| score(optimum - stable.objective_steps));
    Some(Costs { optimum: score(optimum), stability, constraints })
}
