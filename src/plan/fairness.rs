//! Who is served, and who is left out.

use std::collections::BTreeMap;

#[cfg(feature = "milp")]
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::facts::Traits;
use super::problem::{Standing, score};
use super::verify::positions;
use super::{Plan, PlanFault, Problem, optimal};
use crate::model::FirmId;

/// How a plan serves the suppliers of each kind, and how even it is (公平性报告).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[must_use]
pub struct Fairness {
    /// All suppliers.
    pub all: Coverage,
    /// By chain, those in several counting in each; by id.
    pub by_chain: Vec<Coverage>,
    /// By size class, ascending.
    pub by_size: Vec<Coverage>,
    /// By ownership.
    pub by_ownership: Vec<Coverage>,
    /// By region.
    pub by_region: Vec<Coverage>,
    /// The Gini coefficient of the anchors' pairings in the plan, 0 (all alike) to 1.
    pub gini: f64,
    /// The same if every supplier went to the anchor where it scores best, as rankings alone
    /// would have it.
    pub gini_of_rankings: f64,
    /// Suppliers without a pairing, alone or in a group, that could have one, by id: what would
    /// bring each in. Those of which every candidate pair is barred or cannot be for want of
    /// places are not here.
    pub left_out: Vec<LeftOut>,
    /// Whether `left_out` honours all there is; else minimum shares, counts and hours, on which
    /// the problem has some, are left out of it.
    pub honours_all: bool,
}

/// How many suppliers of a kind are in the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Coverage {
    /// The kind in words; `unknown` where the field is not known.
    pub kind: String,
    /// Suppliers that are a candidate of somebody.
    pub candidates: usize,
    /// Those with a pairing in the plan.
    pub planned: usize,
    /// Those in a group pairing.
    pub grouped: usize,
}

/// A supplier left out, and the smallest change of one score that would bring it in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LeftOut {
    /// The supplier.
    pub supplier: FirmId,
    /// The anchor to which it is nearest; ties by id.
    pub anchor: FirmId,
    /// By how much the score of the pair falls short: with any more, every optimal plan has
    /// the pair. 0 where the supplier is in an optimal plan already.
    pub short: f64,
}

/// Reports on a plan. What would bring a supplier in is told by the optimal plan under the
/// problem's limits: a shortest path each (exact, but where a supplier shares a quota it may be
/// less). Costs what the optimal plan does.
///
/// With minimum shares, counts or hours it takes a search for each supplier left out, for the
/// best plan that has it, so these are honoured only with the feature `milp` and in problems of
/// no more than [`Fairness::SEARCHED`] candidates times suppliers left out;
/// [`honours_all`](Fairness::honours_all) says whether they are.
///
/// ```
/// use jiedui::plan::{Constraints, Optimal, Pair, Planner, Problem, fairness};
///
/// let mut constraints = Constraints::default();
/// constraints.anchor_most = 1;
/// let pairs = [("a", "x", 0.75), ("a", "y", 0.5), ("b", "z", 0.25)];
/// let pairs = pairs.map(|(anchor, supplier, score)| Pair::new(anchor, supplier, score));
/// let problem = Problem::builder().pairs(pairs).build(&constraints)?;
/// let report = fairness(&problem, &Optimal.plan(&problem))?;
/// assert_eq!((report.all.planned, report.all.candidates), (2, 3));
/// assert_eq!(report.gini, 0.0);
/// assert_eq!(report.left_out[0].supplier.as_str(), "y");
/// assert_eq!(report.left_out[0].short, 0.25);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`PlanFault`] where a pairing is no candidate.
pub fn fairness(problem: &Problem, plan: &Plan) -> Result<Fairness, PlanFault> {
    let chosen = positions(problem, plan)?;
    let mut is_grouped = vec![false; problem.n_suppliers()];
    for one in plan.groups.iter().flat_map(|group| &group.suppliers) {
        if let Some(supplier) = problem.suppliers.find(&one.supplier) {
            is_grouped[supplier as usize] = true;
        }
    }
    let mut is_planned = vec![false; problem.n_suppliers()];
    let mut counts = vec![0_u64; problem.n_anchors()];
    for &one in &chosen {
        is_planned[problem.candidates[one].supplier as usize] = true;
        counts[problem.candidates[one].anchor as usize] += 1;
    }
    let by =
        |kinds: fn(&Traits) -> Vec<String>| coverage(&problem.traits[1], &is_planned, &is_grouped, kinds);
    let mut by_size = by(|of| of.size.iter().map(ToString::to_string).collect());
    by_size.sort_by_key(|one| {
        let class = crate::model::SizeClass::from_word(&one.kind);
        (class.is_none(), class)
    });
    let count = |flags: &[bool]| flags.iter().filter(|&&flag| flag).count();
    let (planned, grouped) = (count(&is_planned), count(&is_grouped));
    let is_in: Vec<bool> = is_planned.iter().zip(&is_grouped).map(|(&one, &other)| one || other).collect();
    let (left_out, honours_all) = left_out(problem, &is_in);
    Ok(Fairness {
        all: Coverage { kind: "all".to_owned(), candidates: problem.n_suppliers(), planned, grouped },
        by_chain: by(|of| of.chains.clone()),
        by_size,
        by_ownership: by(|of| of.ownership.iter().map(ToString::to_string).collect()),
        by_region: by(|of| of.region.iter().map(ToString::to_string).collect()),
        gini: gini(counts),
        gini_of_rankings: gini(crowds(problem)),
        left_out,
        honours_all,
    })
}

/// How many of the suppliers of each kind are planned and in groups; by kind. A supplier of several kinds
/// counts in each.
fn coverage(
    traits: &[Traits],
    is_planned: &[bool],
    is_grouped: &[bool],
    kinds: fn(&Traits) -> Vec<String>,
) -> Vec<Coverage> {
    let mut all: BTreeMap<String, [usize; 3]> = BTreeMap::new();
    for ((of, &planned), &grouped) in traits.iter().zip(is_planned).zip(is_grouped) {
        let mut kinds = kinds(of);
        if kinds.is_empty() {
            kinds.push("unknown".to_owned());
        }
        for kind in kinds {
            let counts = all.entry(kind).or_default();
            for (count, is_one) in counts.iter_mut().zip([true, planned, grouped]) {
                *count += usize::from(is_one);
            }
        }
    }
    let told = all.into_iter();
    told.map(|(kind, [candidates, planned, grouped])| Coverage { kind, candidates, planned, grouped })
        .collect()
}

/// How many suppliers score highest with each anchor, ties to the smaller id.
fn crowds(problem: &Problem) -> Vec<u64> {
    let mut best: Vec<Option<(i64, u32)>> = vec![None; problem.n_suppliers()];
    for one in problem.candidates.iter().filter(|one| !one.is_barred()) {
        let best = &mut best[one.supplier as usize];
        if best.is_none_or(|(weight, _)| one.weight > weight) {
            *best = Some((one.weight, one.anchor));
        }
    }
    let mut crowds = vec![0; problem.n_anchors()];
    for &(_, anchor) in best.iter().flatten() {
        crowds[anchor as usize] += 1;
    }
    crowds
}

impl Fairness {
    /// The most candidates times suppliers left out for which minimums and hours are honoured.
    pub const SEARCHED: usize = 200_000;
}

/// Who is left out, and whether minimums and hours count.
fn left_out(problem: &Problem, is_in: &[bool]) -> (Vec<LeftOut>, bool) {
    #[cfg(feature = "milp")]
    if !problem.is_flow() {
        let n_out = is_in.iter().filter(|&&is_in| !is_in).count();
        let searched = n_out.saturating_mul(problem.candidates.len()) <= Fairness::SEARCHED;
        if let Some(left_out) = searched.then(|| by_search(problem, is_in)).flatten() {
            return (left_out, true);
        }
    }
    (by_paths(problem, is_in), problem.is_flow())
}

/// By how much a bound may lie above a plan that is as good as proved.
#[cfg(feature = "milp")]
const PROVED: f64 = 1e-4;

/// By the best plan that has each supplier. `None` where a search gives up.
#[cfg(feature = "milp")]
fn by_search(problem: &Problem, is_in: &[bool]) -> Option<Vec<LeftOut>> {
    use super::milp::{Found, Row, search_for};

    let best = optimal::best("", problem, &optimal::Searcher::default());
    if !best.is_feasible() {
        return Some(Vec::new());
    }
    let mut of_supplier: Vec<Vec<u32>> = vec![Vec::new(); problem.n_suppliers()];
    for (one, position) in problem.candidates.iter().zip(0..) {
        if one.standing == Standing::Open && !is_in[one.supplier as usize] {
            of_supplier[one.supplier as usize].push(position);
        }
    }
    let asked: Vec<(usize, Vec<u32>)> =
        of_supplier.into_iter().enumerate().filter(|(_, own)| !own.is_empty()).collect();
    let milp = super::Milp::one_of(asked.len());
    // Searches by themselves, so on all threads and in order.
    let found = asked.into_par_iter().map(|(supplier, own)| {
        let row = Row { terms: own.iter().map(|&one| (one, 1)).collect(), least: 1 };
        let value = |one: usize| score(problem.candidates[one].weight);
        match search_for(problem, value, &[row], &milp) {
            // Where it is not proved what the best plan is, the shortfall would be a guess.
            Found::Plan { chosen, bound } if bound - score(problem.value(&chosen)) < PROVED => {
                let with = own.iter().find(|&&one| chosen.binary_search(&(one as usize)).is_ok())?;
                let anchor = problem.candidates[*with as usize].anchor as usize;
                Some(Some(LeftOut {
                    supplier: problem.suppliers.parties[supplier].clone(),
                    anchor: problem.anchors.parties[anchor].clone(),
                    short: score((best.objective_steps - problem.value(&chosen)).max(0)),
                }))
            }
            Found::Nothing => Some(None),
            Found::Plan { .. } | Found::GaveUp => None,
        }
    });
    let found: Option<Vec<Option<LeftOut>>> = found.collect();
    found.map(|found| found.into_iter().flatten().collect())
}

fn by_paths(problem: &Problem, is_in: &[bool]) -> Vec<LeftOut> {
    let Ok(flow) = optimal::solve(problem) else { return Vec::new() };
    let (from_ground, to_ground) = (flow.distances::<false>(), flow.distances::<true>());
    let mut chosen = flow.chosen();
    chosen.sort_unstable();
    let mut nearest: Vec<Option<(i64, u32)>> = vec![None; problem.n_suppliers()];
    for (position, one) in problem.candidates.iter().enumerate() {
        if is_in[one.supplier as usize] || one.standing != Standing::Open {
            continue;
        }
        let short = if chosen.binary_search(&position).is_ok() {
            Some(0)
        } else {
            flow.shortfall(problem.leaves(one), one.weight, &from_ground, &to_ground)
        };
        let Some(short) = short else { continue };
        let nearest = &mut nearest[one.supplier as usize];
        if nearest.is_none_or(|(best, _)| short < best) {
            *nearest = Some((short, one.anchor));
        }
    }
    let told = nearest.into_iter().enumerate().filter_map(|(supplier, nearest)| {
        let (short, anchor) = nearest?;
        Some(LeftOut {
            supplier: problem.suppliers.parties[supplier].clone(),
            anchor: problem.anchors.parties[anchor as usize].clone(),
            short: score(short),
        })
    });
    told.collect()
}

/// The Gini coefficient of counts: Σ (2i − n − 1)·x_i / (n·Σ x), x ascending, i from 1 (Gini,
/// Variabilità e mutabilità, 1912); 0 where there is nothing to share.
fn gini(mut counts: Vec<u64>) -> f64 {
    counts.sort_unstable();
    let (n, sum) = (counts.len() as i128, counts.iter().map(|&count| i128::from(count)).sum::<i128>());
    if sum == 0 {
        return 0.0;
    }
    let spread = |(count, place): (&u64, i128)| (2 * place - n - 1) * i128::from(*count);
    let spread: i128 = counts.iter().zip(1..).map(spread).sum();
    spread as f64 / (n * sum) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gini_of_known_cases() {
        assert_eq!(gini(vec![]), 0.0);
        assert_eq!(gini(vec![0, 0]), 0.0);
        assert_eq!(gini(vec![5, 5, 5]), 0.0);
        // One of four has all: 1 − 1/4.
        assert_eq!(gini(vec![0, 8, 0, 0]), 0.75);
        // Worked by hand: (−2·1 + 0·2 + 2·3) / (3·6).
        assert_eq!(gini(vec![3, 1, 2]), 4.0 / 18.0);
    }
}
