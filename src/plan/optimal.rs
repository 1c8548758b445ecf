//! The exact planner.

use super::flow::Flow;
use super::{Plan, Planner, Problem, Status, conflict};

/// The plan of the greatest objective, with prices that prove it (最优).
///
/// A maximum-weight b-matching with floors, locks, levels and shared quotas, as a minimum
/// cost circulation in whole steps of 2⁻⁴⁰: exact, whatever the scores. Of several optimal
/// plans the same one always, whatever order things were added in.
///
/// A problem with minimum shares, counts or hours is no circulation. This planner then
/// leaves them out; where the plan keeps to them all the same it is optimal, and else it is
/// [`Status::Incomplete`], and its objective bounds that of every plan.
#[doc = ""]
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
        let mut flow = Flow::new(problem);
        flow.start(problem, |_| 0);
        if let Err(cut) = flow.solve(problem) {
            return Plan::infeasible(self.name(), problem, conflict::irreducible(problem, cut));
        }
        let mut chosen = flow.chosen();
        chosen.sort_unstable();
        let unmet = super::verify::unmet(problem, &chosen);
        let status = if unmet.is_empty() { Status::Optimal } else { Status::Incomplete { unmet } };
        Plan::new(self.name(), problem, chosen, status, Some(flow.certificate(problem)))
    }
}
