//! Which constraints cannot be kept together.

use super::flow::Flow;
use super::problem::Standing;
use super::side::Side;
use super::{Constraint, Limit, Problem, Role};

/// An irreducible part of a set of constraints that cannot be kept together: each one is
/// left out in turn and stays out if the others cannot be kept either (the deletion filter
/// of Chinneck and Dravnieks, Locating Minimal Infeasible Constraint Sets in Linear
/// Programs, ORSA J. Computing 3(2), 1991). As many flows as there are constraints.
pub(super) fn irreducible(problem: &Problem, mut conflict: Vec<Constraint>) -> Vec<Constraint> {
    conflict.sort();
    let mut position = 0;
    while position < conflict.len() {
        let mut others = conflict.clone();
        others.remove(position);
        if is_feasible(problem, &others) {
            position += 1;
        } else {
            conflict = others;
        }
    }
    conflict
}

/// Whether some choice of candidates keeps to these constraints of the problem, all others
/// being dropped.
fn is_feasible(problem: &Problem, kept: &[Constraint]) -> bool {
    let mut eased = problem.clone();
    for side in [&mut eased.anchors, &mut eased.suppliers] {
        for node in &mut side.nodes {
            (node.least, node.most) = (0, u32::MAX);
        }
    }
    for one in &mut eased.candidates {
        one.weight = 0;
        if one.standing == Standing::Locked {
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
            Constraint::Minimum { .. } | Constraint::Hours { .. } => {
                eased.linear.extend(problem.linear.iter().filter(|linear| linear.of == *constraint).cloned());
            }
        }
    }
    let mut flow = Flow::of(&eased, 0..eased.candidates.len() as u32);
    flow.start(&eased, Role::Anchor, |_| 0);
    flow.solve(&eased).is_ok()
}

fn node<'a>(problem: &'a mut Problem, limit: &Limit) -> Option<&'a mut super::side::Node> {
    let role = match limit {
        Limit::Firm { role, .. } | Limit::Level { role, .. } | Limit::Group { role, .. } => *role,
    };
    let side: &mut Side = match role {
        Role::Anchor => &mut problem.anchors,
        Role::Supplier => &mut problem.suppliers,
    };
    let found = (0..side.nodes.len() as u32).find(|&node| side.limit(node) == *limit)?;
    Some(&mut side.nodes[found as usize])
}
