//! Which constraints cannot be kept together.

use super::flow::Flow;
use super::problem::Standing;
use super::{Bar, Constraint, Limit, Problem};
use crate::model::Side;

/// An irreducible part of a set of constraints that cannot be kept together: without any one
/// of them the others can. By halving (Junker, QuickXplain: Preferred Explanations and
/// Relaxations for Over-Constrained Problems, AAAI 2004): about k·log(n/k) trials for a part
/// of k out of n, each of them a flow. What is not told apart after [`MOST_LOOKS`]
/// stays in: then the part is a conflict still, but may hold more than it must.
pub(super) fn irreducible(problem: &Problem, mut conflict: Vec<Constraint>) -> Vec<Constraint> {
    conflict.sort();
    conflict.dedup();
    let mut left = MOST_LOOKS;
    let mut found = explain(problem, &mut Vec::new(), false, &conflict, &mut left);
    found.sort();
    found
}

/// How often all trials together look at a candidate before the last one begins: a second or two.
const MOST_LOOKS: u64 = 200_000_000;

/// The part of `suspects` that is needed, given that `kept` are kept; `is_news`: whether
/// `kept` has grown since it was last tried.
fn explain(
    problem: &Problem,
    kept: &mut Vec<Constraint>,
    is_news: bool,
    suspects: &[Constraint],
    left: &mut u64,
) -> Vec<Constraint> {
    if is_news && *left > 0 {
        let (is_feasible, looks) = is_feasible(problem, kept);
        *left = left.saturating_sub(looks);
        if !is_feasible {
            return Vec::new();
        }
    }
    if suspects.len() <= 1 || *left == 0 {
        return suspects.to_vec();
    }
    let (first, second) = suspects.split_at(suspects.len() / 2);
    let before = kept.len();
    kept.extend_from_slice(first);
    let mut of_second = explain(problem, kept, true, second, left);
    kept.truncate(before);
    kept.extend_from_slice(&of_second);
    let of_first = explain(problem, kept, !of_second.is_empty(), first, left);
    kept.truncate(before);
    of_second.extend(of_first);
    of_second
}

/// Every constraint of a problem that can be in a conflict.
#[cfg(feature = "milp")]
pub(super) fn all(problem: &Problem) -> Vec<Constraint> {
    let open: Vec<usize> =
        (0..problem.candidates.len()).filter(|&one| !problem.candidates[one].is_barred()).collect();
    // What everything and nothing at once would break.
    let mut all = super::verify::unmet(problem, &open);
    all.extend(super::verify::unmet(problem, &[]));
    all.extend(problem.linear().iter().map(|linear| linear.of.clone()));
    all.extend((0..problem.candidates.len()).filter_map(|one| problem.decided(one)));
    all
}

/// Trials that share the limit of one search, about.
#[cfg(feature = "milp")]
const TRIALS: usize = 20;

/// The most searches, each with a share of the limit of one.
#[cfg(feature = "milp")]
const SEARCHES: u64 = 200;

/// Whether some choice of candidates keeps to these constraints of the problem, all others
/// being dropped; also where a search gives up. And how often it looked at a candidate.
fn is_feasible(problem: &Problem, kept: &[Constraint]) -> (bool, u64) {
    let mut eased = problem.clone();
    for roster in [&mut eased.anchors, &mut eased.suppliers] {
        for node in &mut roster.nodes {
            (node.least, node.most) = (0, u32::MAX);
        }
    }
    for one in &mut eased.candidates {
        one.weight = 0;
        if matches!(one.standing, Standing::Locked | Standing::Barred(Bar::Vetoed | Bar::Forbidden)) {
            one.standing = Standing::Open;
        }
    }
    eased.linear.clear();
    for constraint in kept {
        match constraint {
            Constraint::AtMost { limit, most } => {
                if let Some(node) = node(&mut eased, limit) {
                    node.most = *most;
                }
            }
            Constraint::AtLeast { limit, least } => {
                if let Some(node) = node(&mut eased, limit) {
                    node.least = *least;
                }
            }
            Constraint::Lock { anchor, supplier } => {
                if let Some(found) = eased.find(anchor, supplier) {
                    eased.candidates[found].standing = Standing::Locked;
                }
            }
            Constraint::Veto { anchor, supplier } | Constraint::Forbidden { anchor, supplier } => {
                if let Some(found) = eased.find(anchor, supplier) {
                    eased.candidates[found].standing = Standing::Barred(Bar::Vetoed);
                }
            }
            Constraint::Minimum { .. } | Constraint::Hours { .. } => {
                eased.linear.extend(problem.linear.iter().filter(|linear| linear.of == *constraint).cloned());
            }
        }
    }
    #[cfg(feature = "milp")]
    if !eased.is_flow() {
        let found = super::milp::search(&eased, &super::Milp::one_of(TRIALS));
        return (!matches!(found, super::milp::Found::Nothing), MOST_LOOKS / SEARCHES);
    }
    let mut flow = Flow::of(&eased, 0..eased.candidates.len() as u32);
    flow.start(&eased, Side::Anchor, |_| 0);
    let is_feasible = flow.solve(&eased).is_ok();
    (is_feasible, flow.looks)
}

fn node<'a>(problem: &'a mut Problem, limit: &Limit) -> Option<&'a mut super::roster::Node> {
    let found = problem.roster(limit.side()).find_limit(limit)? as usize;
    Some(&mut problem.roster_mut(limit.side()).nodes[found])
}
