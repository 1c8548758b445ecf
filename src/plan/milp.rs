//! The planner for what no flow can carry.

use std::time::Duration;

use microlp::{ComparisonOp, Error, OptimizationDirection, SolveOptions, SolveOutcome};

use super::costs::costs_by;
use super::problem::{Standing, score};
use super::replan::replan_by;
use super::used::Used;
use super::{Costs, Linear, Optimal, Plan, Planner, Problem, Replan, Status, conflict, optimal};

/// The best plan under minimum shares, counts and hours as well (混合整数规划).
///
/// First as [`Optimal`]; where that plan keeps to everything it is the answer, proof and all.
/// Else a mixed integer programme with a variable a candidate, by branch and bound over linear
/// relaxations, in floating point. Its plan is checked exactly in whole numbers; that no plan
/// is better than [`Status::Feasible`]'s `bound` rests on the solver, to its tolerance of 10⁻⁶.
/// Deterministic: the search is limited in nodes, not in time, unless [`within`](Self::within)
/// says so. Meant for up to some ten thousand candidates. Where the search ends without a plan,
/// one is sought by charging for what is not kept, and the bound is that of [`Optimal`].
///
/// An infeasible problem names an irreducible set of constraints, as far as the solver can
/// tell within its limit.
///
/// ```
/// use jiedui::model::{Firm, SizeClass};
/// use jiedui::plan::{Constraints, Milp, Minimum, Pair, Planner, Problem, Status};
///
/// let mut small = Firm::new("small");
/// small.size = Some(SizeClass::Small);
/// let mut constraints = Constraints::default();
/// constraints.anchor_most = 2;
/// let mut minimum = Minimum::default();
/// (minimum.name, minimum.sizes, minimum.share) = ("small".into(), vec![SizeClass::Small], Some(0.5));
/// constraints.minimums = vec![minimum];
/// let problem = Problem::builder()
///     .pairs([Pair::new("a", "x", 0.9), Pair::new("a", "y", 0.8), Pair::new("a", "small", 0.3)])
///     .firm(&small, [""; 0])
///     .build(&constraints)?;
/// let plan = Milp::default().plan(&problem);
/// let suppliers: Vec<&str> = plan.suppliers("a").map(|supplier| supplier.as_str()).collect();
/// assert_eq!(suppliers, ["small", "x"]);
/// let Status::Feasible { bound: Some(bound) } = plan.status else { panic!() };
/// assert!((bound - 1.2).abs() < 1e-5);
/// # Ok::<(), jiedui::plan::PlanError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Milp {
    nodes: u64,
    time: Option<Duration>,
}

impl Milp {
    /// How many nodes of the search tree are looked at unless told otherwise; fewer where there
    /// are more than a thousand candidates.
    pub const NODES: u64 = 20_000;

    /// With another limit on the search tree.
    pub fn with_nodes(nodes: u64) -> Self {
        Self { nodes, time: None }
    }

    /// Nodes times candidates: what one node takes grows with the problem.
    const LOOKS: u64 = 20_000_000;

    /// For one of several searches that share the limit of one, but a few nodes each at least.
    pub(super) fn one_of(searches: usize) -> Self {
        Self::default().shared_by(searches)
    }

    /// The same of a search with limits of its own.
    pub(super) fn shared_by(self, searches: usize) -> Self {
        let searches = u32::try_from(searches.max(1)).unwrap_or(u32::MAX);
        let nodes = (self.nodes / u64::from(searches)).max(100.min(self.nodes));
        Self { nodes, time: self.time.map(|time| time / searches) }
    }

    /// With a limit on time as well. A search that reaches it gives the best plan found so far
    /// and the bound proved so far, or the plan without minimums and hours and what that one does
    /// not keep to; how far it gets depends on the machine.
    #[must_use]
    pub fn within(self, time: Duration) -> Self {
        Self { time: Some(time), ..self }
    }

    /// As [`replan`](super::replan()), with the limits of this search for each of the two that minimums
    /// and hours take.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use jiedui::plan::{Constraints, Event, Milp, Minimum, Pair, Planner, Problem};
    /// # use jiedui::model::{Firm, SizeClass};
    ///
    /// # let mut small = Firm::new("small");
    /// # small.size = Some(SizeClass::Small);
    /// let mut minimum = Minimum::default();
    /// (minimum.name, minimum.sizes, minimum.count) = ("small".into(), vec![SizeClass::Small], Some(1));
    /// let mut constraints = Constraints::default();
    /// constraints.minimums = vec![minimum];
    /// let problem = Problem::builder()
    ///     .pairs([Pair::new("a", "x", 0.9), Pair::new("a", "y", 0.8), Pair::new("a", "small", 0.3)])
    ///     .firm(&small, [""; 0])
    ///     .build(&constraints)?;
    /// let milp = Milp::default().within(Duration::from_secs(5));
    /// let plan = milp.plan(&problem);
    /// let now = problem.after(&[Event::Refusal { anchor: "a".into(), supplier: "x".into() }]);
    /// let again = milp.replan(&now, &plan, 0.01);
    /// assert_eq!((again.lost.len(), again.changes()), (1, 0));
    /// assert!(milp.costs(&now).is_some());
    /// # Ok::<(), jiedui::plan::PlanError>(())
    /// ```
    pub fn replan(&self, problem: &Problem, earlier: &Plan, tolerance: f64) -> Replan {
        replan_by(self, problem, earlier, tolerance)
    }

    /// As [`costs`](super::costs()), with the limits of this search for all that it takes together, but a
    /// hundred nodes for each.
    pub fn costs(&self, problem: &Problem) -> Option<Costs> {
        costs_by(self, problem)
    }
}

impl Default for Milp {
    fn default() -> Self {
        Self::with_nodes(Self::NODES)
    }
}

impl Planner for Milp {
    fn name(&self) -> &'static str {
        "milp"
    }

    fn plan(&self, problem: &Problem) -> Plan {
        let relaxed = Optimal.plan(problem);
        let Status::Incomplete { .. } = relaxed.status else {
            return Plan { planner: self.name().to_owned(), ..relaxed };
        };
        match search(problem, self) {
            Found::Plan { chosen, bound } => {
                let unmet = super::verify::unmet(problem, &chosen);
                let bound = bound.min(relaxed.objective).max(score(problem.value(&chosen)));
                let status = if unmet.is_empty() {
                    Status::Feasible { bound: Some(bound) }
                } else {
                    Status::Incomplete { unmet }
                };
                Plan::new(self.name(), problem, chosen, status, None)
            }
            Found::Nothing => {
                let all = conflict::all(problem);
                Plan::infeasible(self.name(), problem, conflict::irreducible(problem, all))
            }
            Found::GaveUp => match by_penalties(problem) {
                Some(chosen) => {
                    let status = Status::Feasible { bound: Some(relaxed.objective) };
                    Plan::new(self.name(), problem, chosen, status, None)
                }
                // The relaxed plan says what it does not keep to.
                None => Plan { planner: self.name().to_owned(), ..relaxed },
            },
        }
    }
}

/// What a search came to.
pub(super) enum Found {
    /// Candidates, ascending, and the bound proved.
    Plan { chosen: Vec<usize>, bound: f64 },
    /// There is no plan.
    Nothing,
    /// The search ended before it found one, or failed.
    GaveUp,
}

/// By how much a bound may be out, for the solver's tolerance.
const TOLERANCE: f64 = 1e-6;

/// A row: Σ coefficient · chosen ≥ least.
pub(super) struct Row {
    pub(super) terms: Vec<(u32, i64)>,
    pub(super) least: i64,
}

/// Branch and bound on all constraints of a problem.
pub(super) fn search(problem: &Problem, milp: &Milp) -> Found {
    search_for(problem, |one| score(problem.candidates[one].weight), &[], milp)
}

/// The same for other values of candidates, and with rows beside the problem's own.
pub(super) fn search_for(
    problem: &Problem,
    value: impl Fn(usize) -> f64,
    rows_beside: &[Row],
    milp: &Milp,
) -> Found {
    // A violated cut of the flow settles it exactly.
    if optimal::solve(problem).is_err() {
        return Found::Nothing;
    }
    let mut model = microlp::Problem::new(OptimizationDirection::Maximize);
    let mut columns = Vec::with_capacity(problem.candidates.len());
    for (position, one) in problem.candidates.iter().enumerate() {
        columns.push(match one.standing {
            Standing::Barred(_) => None,
            Standing::Locked => Some(model.add_integer_var(value(position), (1, 1))),
            Standing::Open => Some(model.add_binary_var(value(position))),
        });
    }
    let open: Vec<usize> = (0..columns.len()).filter(|&one| columns[one].is_some()).collect();
    let all = Used::count(problem, &open);
    for (roster, degrees) in problem.rosters().into_iter().zip(&all.counts) {
        let mut rows = vec![Vec::new(); roster.nodes.len()];
        for &position in &open {
            let one = &problem.candidates[position];
            let leaf = problem.leaves(one)[roster.side as usize];
            if let Some(column) = columns[position] {
                for node in roster.up(leaf) {
                    rows[node as usize].push((column, 1.0));
                }
            }
        }
        for ((row, node), &degree) in rows.into_iter().zip(&roster.nodes).zip(degrees) {
            if node.most < degree {
                model.add_constraint(row.clone(), ComparisonOp::Le, f64::from(node.most));
            }
            if node.least > 0 {
                model.add_constraint(row, ComparisonOp::Ge, f64::from(node.least));
            }
        }
    }
    let own = problem.linear().iter().map(|Linear { terms, least, .. }| (terms, *least));
    for (terms, least) in own.chain(rows_beside.iter().map(|row| (&row.terms, row.least))) {
        // What whole numbers of pairings cannot reach is cut off (Gomory, 1958): hours for three
        // and a half pairings are hours for three, and the relaxation is as near as can be.
        let divisor = terms.iter().fold(0, |all, &(_, coefficient)| common_divisor(all, coefficient)).max(1);
        let least = least.div_euclid(divisor) + i64::from(least.rem_euclid(divisor) > 0);
        // Coefficients near 1, as the solver likes them.
        let greatest = terms.iter().map(|&(_, coefficient)| coefficient.abs() / divisor).max();
        let scale = greatest.unwrap_or(1).max(1) as f64;
        let column = |&(one, coefficient): &(u32, i64)| {
            columns[one as usize].map(|column| (column, (coefficient / divisor) as f64 / scale))
        };
        let row: Vec<_> = terms.iter().filter_map(column).collect();
        model.add_constraint(row, ComparisonOp::Ge, least as f64 / scale);
    }
    let mut options = SolveOptions::default();
    let nodes = milp.nodes.min(Milp::LOOKS / open.len().max(1) as u64 + 1);
    (options.node_limit, options.time_limit) = (Some(nodes), milp.time);
    match model.solve_with(options) {
        Ok(SolveOutcome::Solution(found)) => {
            let is_chosen = |&one: &usize| columns[one].is_some_and(|column| found.var_value(column) > 0.5);
            let bound = found.stats().best_bound.map_or(f64::INFINITY, |bound| bound + TOLERANCE);
            Found::Plan { chosen: open.into_iter().filter(is_chosen).collect(), bound }
        }
        Err(Error::Infeasible) => Found::Nothing,
        _ => Found::GaveUp,
    }
}

/// A plan that keeps to everything, where a search has found none: each minimum or budget that is
/// not kept is charged for, a quarter more every round, and the rest is a flow (penalties as in
/// Ahuja, Magnanti, Orlin, Network Flows, 1993, chapter 16). `None` where that leads to none.
fn by_penalties(problem: &Problem) -> Option<Vec<usize>> {
    /// From a hundredth of a score to more than two takes thirty; what one turns away others may take.
    const ROUNDS: u32 = 100;
    const FIRST: i64 = 1 << 33;
    /// Four scores: sums along a path over all parties still fit.
    const LAST: i64 = 1 << 42;
    /// Above so many parties sums of charges along a path might not fit.
    const PARTIES: usize = 1 << 16;
    if problem.n_anchors().min(problem.n_suppliers()) > PARTIES {
        return None;
    }
    let rows = problem.linear();
    let mut charges = vec![0_i64; rows.len()];
    for _ in 0..ROUNDS {
        let mut charged = problem.clone();
        for (row, &charge) in rows.iter().zip(&charges).filter(|&(_, &charge)| charge > 0) {
            let greatest = row.terms.iter().map(|(_, coefficient)| coefficient.abs()).max().unwrap_or(1);
            for &(one, coefficient) in &row.terms {
                let share = i128::from(charge) * i128::from(coefficient) / i128::from(greatest);
                charged.candidates[one as usize].weight += share as i64;
            }
        }
        let mut chosen = optimal::solve(&charged).ok()?.chosen();
        chosen.sort_unstable();
        let mut is_kept = true;
        for (row, charge) in rows.iter().zip(&mut charges) {
            if !row.holds(&chosen) {
                (is_kept, *charge) = (false, (*charge + *charge / 4).clamp(FIRST, LAST));
            }
        }
        if is_kept {
            return Some(chosen);
        }
    }
    None
}

/// The greatest common divisor of two numbers, at least 0 (Euclid).
fn common_divisor(one: i64, other: i64) -> i64 {
    let (mut one, mut other) = (one.abs(), other.abs());
    while other != 0 {
        (one, other) = (other, one % other);
    }
    one
}
