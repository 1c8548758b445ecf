//! The exact planner.

use std::cmp::Reverse;

use super::flow::Flow;
use super::problem::Standing;
use super::{Constraint, Plan, Planner, Problem, Status, conflict};
use crate::model::Side;

/// The plan of the greatest objective, with prices that prove it (最优).
///
/// A maximum-weight b-matching with floors, locks, levels and shared quotas, as a minimum
/// cost circulation in whole steps of 2⁻⁴⁰: exact, whatever the scores. Of several optimal
/// plans the same one always, whatever order things were added in.
///
/// A problem with minimum shares, counts or hours is no circulation. This planner then
/// leaves them out; where the plan keeps to them all the same it is optimal, and else it is
/// [`Status::Incomplete`], and its objective bounds that of every plan. The planner `Milp`
/// (feature `milp`) seeks them.
///
/// ```
/// use jiedui::plan::{Constraints, Optimal, Pair, Planner, Problem, Status, verify};
///
/// let pairs = [("a", "x", 0.9), ("a", "y", 0.8), ("b", "x", 0.8)];
/// let pairs = pairs.map(|(anchor, supplier, score)| Pair::new(anchor, supplier, score));
/// let mut constraints = Constraints::default();
/// constraints.anchor_most = 1;
/// let problem = Problem::builder().pairs(pairs).build(&constraints)?;
/// let plan = Optimal.plan(&problem);
/// assert_eq!(plan.status, Status::Optimal);
/// assert!((plan.objective - 1.6).abs() < 1e-9);
/// // The proof stands by itself.
/// verify(&problem, &plan)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Optimal;

impl Planner for Optimal {
    fn name(&self) -> &'static str {
        "optimal"
    }

    fn plan(&self, problem: &Problem) -> Plan {
        plan(self.name(), problem)
    }
}

/// The optimal plan, in the name of a planner.
pub(super) fn plan(name: &str, problem: &Problem) -> Plan {
    let flow = match solve(problem) {
        Ok(flow) => flow,
        Err(cut) => return Plan::infeasible(name, problem, conflict::irreducible(problem, cut)),
    };
    let mut chosen = flow.chosen();
    chosen.sort_unstable();
    let unmet = super::verify::unmet(problem, &chosen);
    let value = problem.value(&chosen);
    let status = match problem.bound {
        _ if !unmet.is_empty() => Status::Incomplete { unmet },
        // Roles shared out otherwise might do better.
        Some(bound) if value < bound => Status::Feasible { bound: Some(super::problem::score(bound)) },
        _ => Status::Optimal,
    };
    Plan::new(name, problem, chosen, status, Some(flow.certificate(problem)))
}

/// Searches where no flow keeps to everything.
#[cfg(feature = "milp")]
pub(super) type Searcher = super::Milp;

/// There is none to search.
#[cfg(not(feature = "milp"))]
#[derive(Default)]
pub(super) struct Searcher(());

/// The best plan that can be found, in the name of whoever asks: where there are minimums or
/// hours, by search, if there is a searcher.
pub(super) fn best(name: &str, problem: &Problem, searcher: &Searcher) -> Plan {
    #[cfg(feature = "milp")]
    if !problem.is_flow() {
        return Plan { planner: name.to_owned(), ..searcher.plan(problem) };
    }
    let _ = searcher;
    plan(name, problem)
}

/// Candidates a party, on average, above which only the best ones are looked at first.
const DENSE: usize = 64;

/// The optimal circulation of a problem, or the constraints of a violated cut.
pub(super) fn solve(problem: &Problem) -> Result<Flow, Vec<Constraint>> {
    let n_candidates = problem.candidates.len();
    if n_candidates > DENSE * (problem.n_anchors() + problem.n_suppliers())
        && let Some(flow) = solve_by_parts(problem)
    {
        return Ok(flow);
    }
    solve_whole(problem)
}

/// The same with every candidate as an arc of the flow.
pub(super) fn solve_whole(problem: &Problem) -> Result<Flow, Vec<Constraint>> {
    let mut flow = Flow::of(problem, 0..problem.candidates.len() as u32);
    flow.start_by_auction(problem);
    flow.solve(problem)?;
    flow.settle(problem);
    Ok(flow)
}

/// Solves with each party's best candidates, adds those that are worth more than their
/// prices, and so on until there are none (column generation: Ford and Fulkerson, A Suggested
/// Computation for Maximal Multi-Commodity Network Flows, Management Science 5(1), 1958).
/// `None` where the best ones alone cannot keep to the limits.
fn solve_by_parts(problem: &Problem) -> Option<Flow> {
    let mut is_in = best_of_each(problem);
    let mut prices: Option<Vec<i64>> = None;
    let mut looks = 0;
    loop {
        let part = is_in.iter().zip(0..).filter(|&(&is_in, _)| is_in).map(|(_, position)| position);
        let mut flow = Flow::of(problem, part);
        match &prices {
            None => flow.start_by_auction(problem),
            Some(prices) => flow.start(problem, Side::Supplier, |node| prices[node]),
        }
        flow.solve(problem).ok()?;
        flow.settle(problem);
        looks += flow.looks + problem.candidates.len() as u64;
        let mut n_added = 0;
        for (one, is_in) in problem.candidates.iter().zip(&mut is_in) {
            if !*is_in && flow.reduced_value(problem.leaves(one), one.weight) > 0 && !one.is_barred() {
                *is_in = true;
                n_added += 1;
            }
        }
        if n_added == 0 {
            flow.looks = looks;
            return Some(flow);
        }
        prices = Some(flow.anchor_prices().to_vec());
    }
}

/// How many of a party's best candidates are looked at first, beside four a place.
const FIRST: usize = 16;

/// Marks the best candidates of each party, and locked ones.
fn best_of_each(problem: &Problem) -> Vec<bool> {
    let candidates = &problem.candidates;
    let mut is_in: Vec<bool> = candidates.iter().map(|one| one.standing == Standing::Locked).collect();
    let count = |most: u32| FIRST + 4 * (most as usize).min(candidates.len());
    let mut weights: Vec<(Reverse<i64>, u32)> = Vec::new();
    for anchor in 0..problem.n_anchors() as u32 {
        weights.clear();
        let range = problem.of_anchor(anchor);
        weights.extend(range.map(|position| (Reverse(candidates[position].weight), position as u32)));
        let count = count(problem.anchors.nodes[anchor as usize].most);
        if weights.len() > count {
            weights.select_nth_unstable(count);
            weights.truncate(count);
        }
        for &(_, position) in &weights {
            is_in[position as usize] = true;
        }
    }
    // Each supplier's best ones in one pass, in a row of its own.
    let rows = FIRST / 2;
    let mut best: Vec<(i64, u32)> = vec![(0, 0); problem.n_suppliers() * rows];
    for (one, position) in candidates.iter().zip(0..) {
        let row = &mut best[one.supplier as usize * rows..][..rows];
        let mut at = rows;
        while at > 0 && row[at - 1].0 < one.weight {
            at -= 1;
        }
        if at < rows {
            row[at..].rotate_right(1);
            row[at] = (one.weight, position);
        }
    }
    for &(_, position) in best.iter().filter(|&&(weight, _)| weight > 0) {
        is_in[position as usize] = true;
    }
    is_in
}
