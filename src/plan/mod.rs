//! From rankings to a plan: who pairs with whom (结对方案), and the proof.
//!
//! A ranking sends everybody to the same few anchors; a plan decides under limits. A
//! [`Problem`] holds the candidate pairs, which are exactly those of the rankings, and the
//! limits. A [`Planner`] makes a [`Plan`] of it; [`verify`] checks the plan without
//! trusting the planner.
//!
//! ```
//! use jiedui::plan::{Constraints, Greedy, Optimal, Pair, Planner, Problem, Status, verify};
//!
//! let mut constraints = Constraints::default();
//! constraints.anchor_most = 1;
//! let problem = Problem::builder()
//!     .pairs([Pair::new("works", "foundry", 0.9), Pair::new("works", "forge", 0.8)])
//!     .pairs([Pair::new("mill", "foundry", 0.8)])
//!     .build(&constraints)?;
//!
//! let (greedy, plan) = (Greedy.plan(&problem), Optimal.plan(&problem));
//! assert_eq!(plan.status, Status::Optimal);
//! assert!(plan.suppliers("mill").any(|supplier| supplier.as_str() == "foundry"));
//! assert!(plan.objective > greedy.objective);
//! verify(&problem, &plan)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod agreement;
mod auction;
mod builder;
mod bundle;
mod conflict;
mod constraints;
mod costs;
mod error;
mod facts;
mod fairness;
mod flow;
mod formation;
mod greedy;
mod limit;
mod linear;
#[cfg(feature = "milp")]
mod milp;
mod names;
mod optimal;
mod places;
mod problem;
mod proposal;
mod replan;
mod rivals;
mod roles;
mod roster;
mod stable;
mod twins;
mod used;
mod verify;

use std::fmt::Debug;

use crate::model::Date;
use facts::Traits;
use linear::Linear;
use problem::{Candidate, House, Worth};
use roster::Roster;

pub use agreement::{Agreement, Agreements, Joining, ThirdParty, WhyJoined, agreements};
pub use builder::ProblemBuilder;
pub use bundle::{Bundling, GroupMember, GroupPairing, bundle};
pub use constraints::{Constraints, FirmLimits, Group, Hours, Lock, Minimum, Veto};
pub use costs::{Costs, costs};
pub use error::{Flaw, PlanError};
pub use fairness::{Coverage, Fairness, LeftOut, fairness};
pub use formation::{Formation, FormationRules, JointBranch, form};
pub use greedy::Greedy;
pub use limit::{Constraint, Limit};
#[cfg(feature = "milp")]
pub use milp::Milp;
pub use optimal::Optimal;
pub use problem::{Bar, Pair};
pub use proposal::{
    Certificate, Packing, Plan, Planned, Price, Reason, Reserve, Status, Substitute, Unpaired,
};
pub use replan::{Event, Replan, replan, replan_with};
pub use rivals::Rivals;
pub use stable::{Stable, blocking_pairs};
pub use verify::{PlanFault, verify};

/// What is to be decided: candidate pairs, and the limits on choosing among them.
///
/// Immutable and checked: everything is sorted by firm id, so a plan does not depend on the
/// order in which things were told.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    as_of: Option<Date>,
    anchors: Roster,
    suppliers: Roster,
    /// By anchor and supplier.
    candidates: Vec<Candidate>,
    /// Of the same order.
    worths: Vec<Worth>,
    /// Where each anchor's candidates begin.
    starts: Vec<u32>,
    linear: Vec<Linear>,
    /// What anchors and suppliers are.
    traits: [Vec<Traits>; 2],
    /// What the data's quotas leave anchors and suppliers, on both sides together.
    quotas: [Vec<Option<u32>>; 2],
    /// Their budgets of person-hours, each side's by itself.
    budgets: [Vec<Option<u32>>; 2],
    hours: Hours,
    houses: Vec<House>,
    /// What no plan exceeds however firms on both sides share out their roles, steps; `None` where
    /// there are no such firms.
    bound: Option<i64>,
}

/// Makes plans.
///
/// The planners are those of this module: nobody else makes a [`Plan`], so that one of your own asks one of
/// these. A planner behind a reference or in a [`Box`] is one, too.
pub trait Planner: Debug + Send + Sync {
    /// The name of the planner, as plans state it.
    fn name(&self) -> &'static str;

    /// The plan for a problem: the same one whenever it is asked.
    fn plan(&self, problem: &Problem) -> Plan;
}

impl<P: Planner + ?Sized> Planner for &P {
    fn name(&self) -> &'static str {
        (**self).name()
    }

    fn plan(&self, problem: &Problem) -> Plan {
        (**self).plan(problem)
    }
}

impl<P: Planner + ?Sized> Planner for Box<P> {
    fn name(&self) -> &'static str {
        (**self).name()
    }

    fn plan(&self, problem: &Problem) -> Plan {
        (**self).plan(problem)
    }
}
