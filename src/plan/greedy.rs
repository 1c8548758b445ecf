//! The quick planner.

use std::cmp::Reverse;

use super::problem::{Candidate, Standing};
use super::used::Used;
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
/// Weighted b-Matching, SIAM J. Sci. Comput. 38(5), 2016.
/// O(candidates · log candidates).
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
    let mut chosen: Vec<usize> = locked(problem).collect();
    let mut places = Places::left(problem, &chosen);
    let mut hours = Hours::of(problem, &chosen);
    let queue = Queue::of(problem);
    let mut next: Vec<Offer> = Vec::new();
    for offers in queue.buckets() {
        // Most of those that come late find a side without places: they need no sorting.
        next.clear();
        next.extend(offers.iter().filter(|offer| places.are_left(offer)));
        next.sort_unstable_by_key(|offer| (Reverse(offer.rest), offer.position));
        for offer in &next {
            let position = offer.position as usize;
            if places.are_left(offer) && places.fit(problem, offer) && hours.fit(position) {
                places.take(problem, offer);
                hours.take(position);
                chosen.push(position);
            }
        }
    }
    chosen
}

/// A candidate in the queue.
#[derive(Debug, Clone, Copy, Default)]
struct Offer {
    /// What of its weight does not tell its bucket.
    rest: u32,
    /// The lowest limits that count it.
    leaves: [u32; 2],
    position: u32,
}

/// Offers in buckets by the leading digits of their weights, the greatest first. Each bucket is
/// sorted when its turn comes, in a core's own cache: sorting all at once would take ever longer
/// an offer.
struct Queue {
    /// Where buckets begin.
    starts: Vec<u32>,
    offers: Vec<Offer>,
}

impl Queue {
    /// How many leading digits tell a bucket, in bits. A weight has 41 at most, so that 32 hold
    /// the rest; and no more buckets are filled at once than there are pages at hand.
    const BITS: std::ops::RangeInclusive<u32> = 9..=11;
    /// Offers a bucket where they are few.
    const FEW: usize = 16;

    fn of(problem: &Problem) -> Self {
        let is_offer = |one: &Candidate| one.standing == Standing::Open && one.weight > 0;
        let open = || problem.candidates.iter().zip(0..).filter(move |(one, _)| is_offer(one));
        let (mut most, mut n_offers) = (0_u64, 0);
        for (one, _) in open() {
            (most, n_offers) = (most.max(one.weight as u64), n_offers + 1);
        }
        let (fewest, most_bits) = Self::BITS.into_inner();
        let bits = (n_offers / Self::FEW).checked_ilog2().unwrap_or(0).clamp(fewest, most_bits);
        let shift = (u64::BITS - most.leading_zeros()).saturating_sub(bits);
        debug_assert!(shift <= u32::BITS, "a score in steps has 41 bits at most");
        let last = (most >> shift) as usize;
        let bucket = |one: &Candidate| last - (one.weight as u64 >> shift) as usize;
        let mut starts = vec![0_u32; last + 2];
        for (one, _) in open() {
            starts[bucket(one) + 1] += 1;
        }
        for at in 0..=last {
            starts[at + 1] += starts[at];
        }
        let mut place = starts.clone();
        let mut offers = vec![Offer::default(); n_offers];
        for (one, position) in open() {
            let place = &mut place[bucket(one)];
            let rest = (one.weight as u64 & ((1 << shift) - 1)) as u32;
            offers[*place as usize] = Offer { rest, leaves: problem.leaves(one), position };
            *place += 1;
        }
        Self { starts, offers }
    }

    fn buckets(&self) -> impl Iterator<Item = &[Offer]> {
        self.starts.windows(2).map(|ends| &self.offers[ends[0] as usize..ends[1] as usize])
    }
}

/// How many places are left at each limit of both sides.
struct Places([Vec<u32>; 2]);

impl Places {
    fn left(problem: &Problem, chosen: &[usize]) -> Self {
        let used = Used::count(problem, chosen);
        let rosters = [(&problem.anchors, &used.counts[0]), (&problem.suppliers, &used.counts[1])];
        Self(rosters.map(|(roster, counts)| {
            let left = roster.nodes.iter().zip(counts).map(|(node, &count)| node.most.saturating_sub(count));
            left.collect()
        }))
    }

    /// Whether the lowest limits have places left.
    fn are_left(&self, offer: &Offer) -> bool {
        let [anchor, supplier] = offer.leaves.map(|leaf| leaf as usize);
        self.0[1][supplier] > 0 && self.0[0][anchor] > 0
    }

    /// Whether all limits have.
    fn fit(&self, problem: &Problem, offer: &Offer) -> bool {
        let mut rosters = problem.rosters().into_iter().zip(&self.0).zip(offer.leaves);
        rosters.all(|((roster, left), leaf)| roster.up(leaf).all(|node| left[node as usize] > 0))
    }

    fn take(&mut self, problem: &Problem, offer: &Offer) {
        for ((roster, left), leaf) in problem.rosters().into_iter().zip(&mut self.0).zip(offer.leaves) {
            for node in roster.up(leaf) {
                left[node as usize] -= 1;
            }
        }
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
        // What costs nothing fits even where locks have overspent.
        let costs = &self.costs[self.range(candidate)];
        costs.iter().all(|&(_, budget, cost)| cost == 0 || cost <= self.left[budget as usize])
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
