//! The quick planner.

use std::cmp::Reverse;

use super::problem::Standing;
use super::proposal::Used;
use super::{Constraint, Plan, Planner, Problem, Status};

/// Takes the best pair that still fits, and so on (贪心): for previews.
///
/// Locked pairs first; then candidates of a score above 0 by score descending, ties by
/// anchor and supplier, each if both sides have a place. Where there are only limits on
/// firms the objective is at least half the optimum. Floors, minimums and hours are not
/// sought: hours are kept to, and what is not met otherwise is in the status.
///
/// Source: Avis, A Survey of Heuristics for the Weighted Matching Problem, Networks
/// 13(4), 1983; for b-matchings Khan et al., Efficient Approximation Algorithms for
/// Weighted b-Matching, SIAM J. Sci. Comput. 38(5), 2016. O(candidates).
///
/// ```
/// use jiedui::plan::{Constraints, Greedy, Pair, Planner, Problem};
///
/// let pairs = [("a", "x", 0.9), ("a", "y", 0.8), ("b", "x", 0.8)];
/// let pairs = pairs.map(|(anchor, supplier, score)| Pair::new(anchor, supplier, score));
/// let mut constraints = Constraints::default();
/// constraints.anchor_most = 1;
/// let problem = Problem::builder().pairs(pairs).build(&constraints)?;
/// // a – y and b – x would be worth 1.6, but a – x is taken first.
/// assert_eq!(Greedy.plan(&problem).pairings.len(), 1);
/// # Ok::<(), jiedui::plan::PlanError>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Greedy;

impl Planner for Greedy {
    fn name(&self) -> &'static str {
        "greedy"
    }

    fn plan(&self, problem: &Problem) -> Plan {
        let chosen = choose(problem);
        finish(self.name(), problem, chosen)
    }
}

fn choose(problem: &Problem) -> Vec<usize> {
    let candidates = &problem.candidates;
    let mut chosen: Vec<usize> = locked(problem).collect();
    let mut used = Used::count(problem, &chosen);
    let mut hours = Hours::of(problem, &chosen);
    let mut order: Vec<Offer> = candidates
        .iter()
        .zip(0..)
        .filter(|(one, _)| one.standing == Standing::Open && one.weight > 0)
        .map(|(one, position)| Offer { weight: one.weight as u64, leaf: problem.leaves(one)[1], position })
        .collect();
    sort(&mut order);
    for Offer { leaf, position, .. } in order {
        let position = position as usize;
        // Most suppliers are taken when their turn comes: no need to look the candidate up.
        if used.has_supplier_place(problem, leaf) && used.fits(problem, position) && hours.fit(position) {
            used.take(problem, position);
            hours.take(position);
            chosen.push(position);
        }
    }
    chosen
}

/// A candidate in the queue.
#[derive(Debug, Clone, Copy, Default)]
struct Offer {
    weight: u64,
    /// The lowest limit that counts it on the suppliers' side.
    leaf: u32,
    position: u32,
}

/// Offers that are sorted by comparing: fewer are quicker so.
const FEW: usize = 4_096;

/// Sorts offers, given by position, by weight descending, then position: by digits, the last
/// one first, since sorting by comparing takes ever longer an offer (Knuth, The Art of Computer
/// Programming 3, section 5.2.5).
fn sort(offers: &mut Vec<Offer>) {
    const BITS: u32 = 11;
    if offers.len() <= FEW {
        offers.sort_unstable_by_key(|offer| (Reverse(offer.weight), offer.position));
        return;
    }
    let most = offers.iter().map(|offer| offer.weight).max().unwrap_or(0);
    let mut sorted = vec![Offer::default(); offers.len()];
    let mut shift = 0;
    while most >> shift > 0 {
        let digit = |offer: &Offer| (1 << BITS) - 1 - (offer.weight >> shift) as usize % (1 << BITS);
        let mut place = vec![0_u32; 1 << BITS];
        for offer in &*offers {
            place[digit(offer)] += 1;
        }
        let mut next = 0;
        for place in &mut place {
            next += std::mem::replace(place, next);
        }
        for offer in &*offers {
            let place = &mut place[digit(offer)];
            sorted[*place as usize] = *offer;
            *place += 1;
        }
        std::mem::swap(offers, &mut sorted);
        shift += BITS;
    }
}

/// What is left of each budget of hours.
struct Hours {
    /// Budget and cost, by candidate.
    costs: Vec<(u32, u32, i64)>,
    left: Vec<i64>,
}

impl Hours {
    fn of(problem: &Problem, chosen: &[usize]) -> Self {
        let mut hours = Self { costs: Vec::new(), left: Vec::new() };
        for linear in problem.linear().iter().filter(|one| matches!(one.of, Constraint::Hours { .. })) {
            let budget = hours.left.len() as u32;
            hours.left.push(-linear.least);
            hours.costs.extend(linear.terms.iter().map(|&(one, cost)| (one, budget, -cost)));
        }
        hours.costs.sort_unstable();
        for &one in chosen {
            hours.take(one);
        }
        hours
    }

    fn range(&self, candidate: usize) -> std::ops::Range<usize> {
        let start = self.costs.partition_point(|cost| (cost.0 as usize) < candidate);
        let more = self.costs[start..].iter().take_while(|cost| cost.0 as usize == candidate).count();
        start..start + more
    }

    fn fit(&self, candidate: usize) -> bool {
        self.costs[self.range(candidate)].iter().all(|&(_, budget, cost)| cost <= self.left[budget as usize])
    }

    fn take(&mut self, candidate: usize) {
        for number in self.range(candidate) {
            let (_, budget, cost) = self.costs[number];
            self.left[budget as usize] -= cost;
        }
    }
}

/// The locked candidates.
pub(super) fn locked(problem: &Problem) -> impl Iterator<Item = usize> + '_ {
    let candidates = problem.candidates.iter().enumerate();
    candidates.filter(|(_, one)| one.standing == Standing::Locked).map(|(position, _)| position)
}

/// The plan of a planner that keeps to the most of what it is told, but does not seek the
/// rest.
pub(super) fn finish(planner: &str, problem: &Problem, mut chosen: Vec<usize>) -> Plan {
    chosen.sort_unstable();
    let unmet = super::verify::unmet(problem, &chosen);
    let status =
        if unmet.is_empty() { Status::Feasible { bound: None } } else { Status::Incomplete { unmet } };
    Plan::new(planner, problem, chosen, status, None)
}
