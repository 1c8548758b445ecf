//! Constraints that no flow can carry: minimum shares, counts, and hours.

use super::facts::Traits;
use super::problem::{Candidate, Standing};
use super::{Bar, Constraint, Constraints, Minimum, PlanError, Problem};
use crate::model::Side;

/// Σ coefficient · chosen ≥ least, over candidates ascending.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Linear {
    pub(super) of: Constraint,
    pub(super) terms: Vec<(u32, i64)>,
    pub(super) least: i64,
}

impl Linear {
    /// Whether chosen candidates, ascending, keep to it.
    pub(super) fn holds(&self, chosen: &[usize]) -> bool {
        self.sum(chosen) >= self.least
    }

    fn sum(&self, chosen: &[usize]) -> i64 {
        let chosen = |one: u32| chosen.binary_search(&(one as usize)).is_ok();
        self.terms.iter().filter(|(one, _)| chosen(*one)).map(|(_, coefficient)| coefficient).sum()
    }
}

/// In what shares are counted.
const MILLIONTHS: f64 = 1e6;

/// All of a problem whose parties and candidates are known: minimums, then budgets of hours. Those that
/// nobody can break are left out.
pub(super) fn all(problem: &Problem, constraints: &Constraints) -> Result<Vec<Linear>, PlanError> {
    // What holds whatever is chosen is irrelevant, also with any one veto lifted.
    let is_open = |one: u32| {
        let standing = problem.candidates[one as usize].standing;
        matches!(standing, Standing::Open | Standing::Locked | Standing::Barred(Bar::Vetoed | Bar::Forbidden))
    };
    let can_be_broken = |linear: &Linear| {
        let open = linear.terms.iter().filter(|(one, _)| is_open(*one));
        let worst: i64 = open.map(|&(_, coefficient)| coefficient.min(0)).sum();
        worst < linear.least
    };
    let mut all = Vec::new();
    for minimum in &constraints.minimums {
        all.extend(of_minimum(problem, minimum)?.into_iter().filter(can_be_broken));
    }
    all.extend(Side::ALL.into_iter().flat_map(|side| of_hours(problem, side)).filter(can_be_broken));
    Ok(all)
}

/// The share of a minimum, and its count.
fn of_minimum(problem: &Problem, minimum: &Minimum) -> Result<Vec<Linear>, PlanError> {
    let fault = || PlanError::Minimum { name: minimum.name.clone() };
    if minimum.share.is_none() && minimum.count.is_none() {
        return Err(fault());
    }
    let is_kind = |one: &Candidate| is_of_kind(minimum, &problem.traits[1][one.supplier as usize]);
    let sum = |inside: i64, outside: i64| {
        let coefficient = |one| if is_kind(one) { inside } else { outside };
        // Barred candidates, too: a conflict asks what would be without the bar.
        let terms = problem.candidates.iter().zip(0..);
        let terms = terms.map(|(one, position)| (position, coefficient(one)));
        terms.filter(|&(_, coefficient)| coefficient != 0).collect::<Vec<(u32, i64)>>()
    };
    let of = Constraint::Minimum { name: minimum.name.clone() };
    let mut all = Vec::new();
    if let Some(share) = minimum.share {
        if !(0.0..=1.0).contains(&share) {
            return Err(fault());
        }
        // Down, so that two of three are two thirds, but for what rounding takes off a millionth.
        let share = (share * MILLIONTHS + 1e-9).floor() as i64;
        let terms = sum(MILLIONTHS as i64 - share, -share);
        all.push(Linear { of: of.clone(), terms, least: 0 });
    }
    if let Some(count) = minimum.count {
        all.push(Linear { of, terms: sum(1, 0), least: i64::from(count) });
    }
    Ok(all)
}

/// The budgets of one side.
fn of_hours(problem: &Problem, side: Side) -> Vec<Linear> {
    let (roster, budgets) = (problem.roster(side), &problem.budgets[side as usize]);
    let mut terms: Vec<Vec<(u32, i64)>> = vec![Vec::new(); roster.parties.len()];
    for (one, position) in problem.candidates.iter().zip(0..) {
        let party = one.parties()[side as usize] as usize;
        if budgets[party].is_some() {
            terms[party].push((position, -i64::from(problem.hours.at(one.level))));
        }
    }
    let mut all = Vec::new();
    for ((firm, terms), hours) in roster.parties.iter().zip(terms).zip(budgets) {
        if let Some(hours) = *hours {
            let of = Constraint::Hours { side, firm: firm.clone() };
            all.push(Linear { of, terms, least: -i64::from(hours) });
        }
    }
    all
}

fn is_of_kind(minimum: &Minimum, of: &Traits) -> bool {
    let among = |asked: bool, met: bool| !asked || met;
    among(!minimum.sizes.is_empty(), of.size.is_some_and(|size| minimum.sizes.contains(&size)))
        && among(
            !minimum.ownerships.is_empty(),
            of.ownership.is_some_and(|ownership| minimum.ownerships.contains(&ownership)),
        )
        && among(
            !minimum.regions.is_empty(),
            of.region.as_deref().is_some_and(|region| minimum.regions.iter().any(|one| one == region)),
        )
        && among(!minimum.chains.is_empty(), of.chains.iter().any(|chain| minimum.chains.contains(chain)))
}
