//! In which role a firm pairs that is an anchor and a supplier, too.
//!
//! Its quota counts both roles, and with another such firm it pairs once, whoever is the anchor. No
//! flow can carry either. So the best plan is sought in which each role may use the whole quota and
//! both directions are open: where it keeps to both all the same, none is better, and roles are
//! shared out as it has them. Where it does not, the search branches (Land and Doig, An Automatic
//! Method of Solving Discrete Programming Problems, Econometrica 28(3), 1960).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::flow::Flow;
use super::problem::Standing;
use super::used::Used;
use super::{Bar, Problem, optimal};

/// A quota that counts both roles of a firm or house.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shared {
    /// Its limit on each side.
    pub(super) nodes: [u32; 2],
    /// What each role could take by itself.
    pub(super) most: [u32; 2],
    /// For how many of them there is anybody as an anchor: what is left over goes there first.
    pub(super) as_anchor: u32,
    /// What there is for both together.
    pub(super) left: u32,
}

/// What is to be shared out.
#[derive(Debug, Default)]
pub(super) struct Roles {
    pub(super) quotas: Vec<Shared>,
    /// Open candidates that are the same two firms, that of the higher score first; the other is barred.
    pub(super) directions: Vec<[usize; 2]>,
}

/// The most flows that are solved, and candidates in all of them together.
const FLOWS: usize = 64;
const LOOKS: usize = 1 << 24;

/// What is decided so far, and the best plan that keeps to it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Branch {
    /// Of the plan, steps.
    value: i64,
    /// Of equals the one found first.
    found: Reverse<usize>,
    chosen: Vec<usize>,
    /// What each role may take of each quota.
    most: Vec<[u32; 2]>,
    /// Candidates given up for their other direction.
    given_up: Vec<usize>,
}

/// What a plan does not keep to.
enum Conflict {
    /// A quota by position, and what each role takes of it.
    Quota(usize, [u32; 2]),
    Direction([usize; 2]),
}

impl Roles {
    /// Shares out the roles of a problem in which anchors come first so far, as its best plan has
    /// them, and leaves the bound that is proved for any way to do so. Where the search ends
    /// early or there is no plan, they stay.
    pub(super) fn settle(&self, problem: &mut Problem) {
        if self.quotas.is_empty() && self.directions.is_empty() {
            return;
        }
        let mut search = Search::of(self, problem);
        let most = self.quotas.iter().map(|quota| quota.most).collect();
        let Some(first) = search.branch(most, Vec::new()) else { return };
        let mut found = search.round(first.clone());
        let mut open = BinaryHeap::from([first]);
        let mut is_proved = false;
        while let Some(best) = open.pop() {
            problem.bound = Some(best.value);
            is_proved = found.as_ref().is_some_and(|found| found.value >= best.value);
            if is_proved || search.is_over() {
                break;
            }
            let Some(conflict) = search.conflicts(&best.chosen).next() else {
                (found, is_proved) = (Some(best), true);
                break;
            };
            open.extend(search.children(&best, &conflict));
        }
        let Some(found) = found else { return };
        // Not to be worse than with anchors first, if there is a plan so.
        let is_better = |flow: Flow| problem.value(&flow.chosen()) < found.value;
        if is_proved || optimal::solve(problem).map_or(true, is_better) {
            self.apply(&found, problem);
        }
    }

    fn apply(&self, settled: &Branch, problem: &mut Problem) {
        let is_chosen = |one: &usize| settled.chosen.binary_search(one).is_ok();
        let turned: Vec<_> = self.directions.iter().filter(|[_, lower]| is_chosen(lower)).collect();
        for &&[higher, lower] in &turned {
            problem.candidates[lower].standing = Standing::Open;
            problem.candidates[higher].standing = Standing::Barred(Bar::Reversed);
        }
        let used = Used::count(problem, &settled.chosen);
        for quota in &self.quotas {
            let [as_anchor, as_supplier] = takes(quota, &used);
            let as_anchor = quota.as_anchor.max(as_anchor).min(quota.left - as_supplier);
            // What it has nobody for needs no limit, unless it has got somebody: a group may take it.
            let is_free = turned.is_empty() && as_anchor == quota.as_anchor;
            let of_anchor = if is_free { quota.most[0] } else { as_anchor };
            problem.anchors.nodes[quota.nodes[0] as usize].most = of_anchor;
            problem.suppliers.nodes[quota.nodes[1] as usize].most = quota.most[1].min(quota.left - as_anchor);
        }
    }
}

/// How many of a quota's places each role takes.
fn takes(quota: &Shared, used: &Used) -> [u32; 2] {
    [0, 1].map(|side| used.counts[side][quota.nodes[side] as usize])
}

struct Search<'a> {
    roles: &'a Roles,
    /// Each role with the whole of its quota, both directions open.
    relaxed: Problem,
    solved: usize,
    most_solved: usize,
}

impl<'a> Search<'a> {
    fn of(roles: &'a Roles, problem: &Problem) -> Self {
        let mut relaxed = problem.clone();
        for &[_, lower] in &roles.directions {
            relaxed.candidates[lower].standing = Standing::Open;
        }
        let most_solved = (LOOKS / problem.candidates.len().max(1)).clamp(1, FLOWS);
        Self { roles, relaxed, solved: 0, most_solved }
    }

    fn is_over(&self) -> bool {
        self.solved >= self.most_solved
    }

    /// The best plan with so much for each role and without the candidates given up, if there is one.
    fn branch(&mut self, most: Vec<[u32; 2]>, given_up: Vec<usize>) -> Option<Branch> {
        let mut problem = self.relaxed.clone();
        for (quota, most) in self.roles.quotas.iter().zip(&most) {
            problem.anchors.nodes[quota.nodes[0] as usize].most = most[0];
            problem.suppliers.nodes[quota.nodes[1] as usize].most = most[1];
        }
        for &one in &given_up {
            problem.candidates[one].standing = Standing::Barred(Bar::Reversed);
        }
        let found = Reverse(self.solved);
        self.solved += 1;
        let mut chosen = optimal::solve(&problem).ok()?.chosen();
        chosen.sort_unstable();
        Some(Branch { value: problem.value(&chosen), found, chosen, most, given_up })
    }

    /// Two ways to end a conflict; every plan without it keeps to one of them.
    fn children(&mut self, branch: &Branch, conflict: &Conflict) -> Vec<Branch> {
        let ways = match *conflict {
            Conflict::Quota(at, [as_anchor, as_supplier]) => {
                // At most so many as an anchor, or more and so at most the rest as a supplier: both less than now.
                let left = self.roles.quotas[at].left;
                let few = u32::midpoint(left.saturating_sub(as_supplier), as_anchor - 1);
                [[few, u32::MAX], [u32::MAX, left.saturating_sub(few + 1)]].map(|[of_anchor, of_supplier]| {
                    let mut most = branch.most.clone();
                    most[at] = [most[at][0].min(of_anchor), most[at][1].min(of_supplier)];
                    (most, branch.given_up.clone())
                })
            }
            Conflict::Direction(pair) => pair.map(|one| {
                let mut given_up = branch.given_up.clone();
                given_up.push(one);
                (branch.most.clone(), given_up)
            }),
        };
        ways.into_iter().filter_map(|(most, given_up)| self.branch(most, given_up)).collect()
    }

    /// What a plan does not keep to.
    fn conflicts(&self, chosen: &[usize]) -> impl Iterator<Item = Conflict> + use<'a> {
        let used = Used::count(&self.relaxed, chosen);
        let both: Vec<[usize; 2]> = {
            let is_chosen = |one: &usize| chosen.binary_search(one).is_ok();
            let directions = self.roles.directions.iter();
            directions.copied().filter(|pair| pair.iter().all(is_chosen)).collect()
        };
        let quotas = self.roles.quotas.iter().enumerate().filter_map(move |(at, quota)| {
            let takes = takes(quota, &used);
            (takes[0] + takes[1] > quota.left).then_some(Conflict::Quota(at, takes))
        });
        quotas.chain(both.into_iter().map(Conflict::Direction))
    }

    /// A plan without conflicts, near one with some: of each quota the pairings of the highest scores stay,
    /// of two directions the higher one, and so on until nothing is left to end.
    fn round(&mut self, mut branch: Branch) -> Option<Branch> {
        let end = self.solved + self.most_solved;
        loop {
            let conflicts: Vec<Conflict> = self.conflicts(&branch.chosen).collect();
            if conflicts.is_empty() {
                return Some(branch);
            }
            if self.solved >= end {
                return None;
            }
            let (mut most, mut given_up) = (branch.most.clone(), branch.given_up.clone());
            for conflict in conflicts {
                match conflict {
                    Conflict::Quota(at, _) => most[at] = self.best_of(at, &branch.chosen),
                    Conflict::Direction([_, lower]) => given_up.push(lower),
                }
            }
            branch = self.branch(most, given_up)?;
        }
    }

    /// How many of the best pairings that a quota has room for are of each role.
    fn best_of(&self, quota: usize, chosen: &[usize]) -> [u32; 2] {
        let quota = &self.roles.quotas[quota];
        let rosters = self.relaxed.rosters();
        let mut counted: Vec<(Reverse<i64>, usize)> = Vec::new();
        for &one in chosen {
            let candidate = &self.relaxed.candidates[one];
            for (side, leaf) in self.relaxed.leaves(candidate).into_iter().enumerate() {
                if rosters[side].up(leaf).any(|node| node == quota.nodes[side]) {
                    counted.push((Reverse(candidate.weight), side));
                }
            }
        }
        counted.sort_unstable();
        counted.truncate(quota.left as usize);
        let of_suppliers = counted.iter().map(|(_, side)| *side as u32).sum();
        [counted.len() as u32 - of_suppliers, of_suppliers]
    }
}
