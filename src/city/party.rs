//! Party branches and members, to exact totals.

use super::CityError;
use super::allotment::allot;
use super::dice::{Dice, Stream};
use super::unit::Unit;
use crate::model::PartyBranch;

/// From how many members on a branch of one's own is formed; fewer join a joint one.
const OWN_BRANCH: u64 = 3;
/// How often a unit with enough members is in a joint branch all the same.
const JOINT_ALL_THE_SAME: f64 = 0.1;
/// How many members a joint branch's unit has at most, where it could form its own.
const JOINT_MEMBERS: u64 = 10;

/// One of so many members is in a unit without a branch, so that there are branches to form.
const SCATTERED: u64 = 50;
/// How often a unit without a branch has members, as long as there are such.
const HAS_SCATTERED: f64 = 0.12;

/// Gives `branches` units a branch and `members` members to the city, nearly all of them in these
/// units; the given units counted as their records say and left as they are.
pub(super) fn organise(
    units: &mut [Unit],
    branches: usize,
    members: u64,
    seed: u64,
) -> Result<(), CityError> {
    let mut dice = Dice::new(seed, Stream::Party);
    let has_branch =
        |unit: &&Unit| matches!(unit.record.party_branch, Some(PartyBranch::Own | PartyBranch::Joint));
    let given = units.iter().filter(|unit| unit.given);
    let given_branches = given.clone().filter(has_branch).count();
    let given_members: u64 = given.map(|unit| u64::from(unit.record.party_members.unwrap_or(0))).sum();
    let own = units.iter().filter(|unit| !unit.given).count();
    let most = own + given_branches;
    if branches < given_branches || branches > most {
        return Err(CityError::PartyUnits { asked: branches, least: given_branches, most });
    }
    // Without replacement in proportion to headcount (Efraimidis and Spirakis, Weighted
    // Random Sampling with a Reservoir, IPL 97(5), 2006): the largest ln(u)/w win.
    let mut order: Vec<(f64, usize)> = Vec::with_capacity(own);
    for (position, unit) in units.iter().enumerate().filter(|(_, unit)| !unit.given) {
        let key = libm::log(1.0 - dice.unit()) / libm::pow(unit.employees.max(1.0), 0.8);
        order.push((key, position));
    }
    order.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let (chosen, others) = order.split_at(branches - given_branches);
    // One member each at least.
    let least = given_members + chosen.len() as u64;
    let spare = members.checked_sub(least).filter(|spare| *spare == 0 || !chosen.is_empty());
    let most = given_members.saturating_add((chosen.len() as u64).saturating_mul(u64::from(u32::MAX)));
    let spare = spare.filter(|_| members <= most);
    let spare = spare.ok_or(CityError::PartyMembers { asked: members, least, most })?;
    let scattered = scatter(others, spare / SCATTERED, seed);
    let spare = spare - scattered.iter().map(|&(_, members)| u64::from(members)).sum::<u64>();
    let weights: Vec<f64> =
        chosen.iter().map(|(_, at)| libm::pow(units[*at].employees.max(1.0), 0.9)).collect();
    let shares = allot(spare, &weights, &vec![u64::from(u32::MAX) - 1; chosen.len()]);
    for ((_, at), share) in chosen.iter().zip(shares) {
        let members = share + 1;
        let joint = members < OWN_BRANCH || (members <= JOINT_MEMBERS && dice.chance(JOINT_ALL_THE_SAME));
        let record = &mut units[*at].record;
        record.party_branch = Some(if joint { PartyBranch::Joint } else { PartyBranch::Own });
        record.party_members = Some(members as u32);
    }
    for (_, at) in others {
        // Most say that they have none, some say nothing.
        if dice.chance(0.8) {
            units[*at].record.party_branch = Some(PartyBranch::None);
        }
    }
    for (at, members) in scattered {
        let record = &mut units[at].record;
        (record.party_branch, record.party_members) = (Some(PartyBranch::None), Some(members));
    }
    Ok(())
}

/// Up to so many members in units without a branch: one to four each, mostly one.
fn scatter(units: &[(f64, usize)], mut members: u64, seed: u64) -> Vec<(usize, u32)> {
    let mut dice = Dice::new(seed, Stream::Scattered);
    let mut scattered = Vec::new();
    for &(_, at) in units {
        if members == 0 {
            break;
        }
        if dice.chance(HAS_SCATTERED) {
            let here = members.min(1 + (4.0 * dice.unit() * dice.unit()) as u64);
            scattered.push((at, here as u32));
            members -= here;
        }
    }
    scattered
}
