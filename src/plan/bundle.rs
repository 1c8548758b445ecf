//! Group pairings: one anchor with several suppliers at once.

use serde::Serialize;

use super::proposal::Used;
use super::verify::positions;
use super::{Plan, PlanFault, Problem, Standing};
use crate::model::FirmId;

/// How group pairings are packed. Own definition: offices report that one anchor with three to
/// five suppliers that do not compete works, at about a third of the cost of one-to-one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Bundling {
    /// The fewest suppliers of a group.
    pub least: usize,
    /// The most.
    pub most: usize,
    /// The most groups of an anchor.
    pub groups: usize,
}

impl Default for Bundling {
    fn default() -> Self {
        Self { least: 3, most: 5, groups: 1 }
    }
}

/// One anchor with several suppliers as one pairing (组团结对).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct GroupPairing {
    /// The anchor.
    pub anchor: FirmId,
    /// The suppliers, by score descending, ties by id; no two compete.
    pub suppliers: Vec<FirmId>,
    /// The sum of their scores with the anchor.
    pub score: f64,
}

/// Packs suppliers that a plan leaves out into group pairings, after the plan and without
/// changing it: a group does not count against one-to-one places. The best open candidates
/// come first (score, then ids), each where it fits: a supplier in one group, competitors
/// never in the same. Groups that stay below the least are dissolved, those with the fewest
/// first, and their members offered to the rest. A heuristic, not an optimum. By anchor, then
/// score. O(candidates · (log + most)) for each group dissolved.
///
/// `compete` says whether two suppliers are rivals, such as makers of one product.
///
/// ```
/// use jiedui::plan::{Bundling, Constraints, Optimal, Pair, Planner, Problem, bundle};
///
/// let pairs = ["u", "v", "w", "x", "y"].map(|supplier| Pair::new("a", supplier, 0.5));
/// let mut constraints = Constraints::default();
/// constraints.anchor_most = 1;
/// let problem = Problem::builder().pairs(pairs).build(&constraints)?;
/// let plan = Optimal.plan(&problem);
/// // u is paired; v and w make the same.
/// let groups = bundle(&problem, &plan, Bundling::default(), |one, other| {
///     one.as_str() == "v" && other.as_str() == "w"
/// })?;
/// let suppliers: Vec<&str> = groups[0].suppliers.iter().map(|one| one.as_str()).collect();
/// assert_eq!(suppliers, ["v", "x", "y"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`PlanFault`] where a pairing of the plan is no candidate.
pub fn bundle(
    problem: &Problem,
    plan: &Plan,
    bundling: Bundling,
    compete: impl Fn(&FirmId, &FirmId) -> bool,
) -> Result<Vec<GroupPairing>, PlanFault> {
    let used = Used::count(problem, &positions(problem, plan)?);
    let mut offers: Vec<usize> = (0..problem.candidates.len())
        .filter(|&one| {
            let one = &problem.candidates[one];
            one.standing == Standing::Open && one.weight > 0 && used.counts[1][one.supplier as usize] == 0
        })
        .collect();
    offers.sort_by_key(|&one| (std::cmp::Reverse(problem.candidates[one].weight), one));
    // Each with its anchor and members, positions of candidates.
    let slots = problem.n_anchors() * bundling.groups;
    let mut is_open = vec![bundling.least > 0 && bundling.least <= bundling.most; slots];
    let name = |one: usize| &problem.suppliers.parties[problem.candidates[one].supplier as usize];
    let rivals =
        |one: usize, other: usize| compete(name(one), name(other)) || compete(name(other), name(one));
    loop {
        let mut groups: Vec<Vec<usize>> = vec![Vec::new(); slots];
        let mut is_taken = vec![false; problem.n_suppliers()];
        for &one in &offers {
            let candidate = &problem.candidates[one];
            if is_taken[candidate.supplier as usize] {
                continue;
            }
            let own = candidate.anchor as usize * bundling.groups;
            let fits = |&slot: &usize| {
                let group = &groups[slot];
                is_open[slot] && group.len() < bundling.most && !group.iter().any(|&other| rivals(one, other))
            };
            let Some(slot) = (own..own + bundling.groups).find(fits) else { continue };
            groups[slot].push(one);
            is_taken[candidate.supplier as usize] = true;
        }
        let short = (0..slots).filter(|&slot| is_open[slot] && groups[slot].len() < bundling.least);
        if let Some(worst) = short.min_by_key(|&slot| groups[slot].len()) {
            // Empty ones hold nobody and can go at once.
            let fewest = groups[worst].len();
            if fewest == 0 {
                for slot in 0..slots {
                    is_open[slot] &= !groups[slot].is_empty();
                }
            } else {
                is_open[worst] = false;
            }
            continue;
        }
        let made = groups.iter().enumerate().filter(|(_, group)| !group.is_empty());
        let pairing = |(slot, group): (usize, &Vec<usize>)| GroupPairing {
            anchor: problem.anchors.parties[slot / bundling.groups].clone(),
            suppliers: group.iter().map(|&one| name(one).clone()).collect(),
            score: super::problem::score(problem.value(group)),
        };
        return Ok(made.map(pairing).collect());
    }
}
