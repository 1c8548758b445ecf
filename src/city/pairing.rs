//! Past pairings and what became of them, answers to proposals, and incidents.

use super::calendar::Day;
use super::dice::{Dice, Stream};
use super::resource::matches;
use super::trade::Trade;
use super::truth::{Candidate, PlantedPair, Traits, planted};
use super::unit::{Role, Unit};
use super::{CityError, Settled};
use crate::dataset::{DatasetBuilder, Tables};
use crate::model::{
    Answer, Category, CoBuildingMode, Date, Incident, Level, Outcome, OutcomeKind, Pairing, PairingId,
    PartyBranch, Response,
};

/// How often a further party joins.
const THIRD_PARTY: f64 = 0.06;
/// Answers at the usual noise, in parts of the number of firms.
const RESPONSES: f64 = 0.08;
/// Answers of each firm where records are complete.
const ANSWERS: f64 = 20.0;
/// Months for which such a refusal binds: it has lapsed since.
const LAPSES: i64 = 3;
/// Incidents, in parts of the number of ties.
const INCIDENTS: f64 = 0.01;

/// An anchor with its candidates in the order in which it would pair with them.
#[derive(Debug)]
pub(super) struct Courtship {
    pub(super) anchor: u32,
    pub(super) order: Vec<Candidate>,
}

/// Orders candidates by utility plus noise, and keeps the first `most`.
pub(super) fn court(
    anchor: u32,
    candidates: &[Candidate],
    noise: f64,
    most: usize,
    dice: &mut Dice,
) -> Courtship {
    let mut keyed: Vec<(f64, &Candidate)> =
        candidates.iter().map(|candidate| (candidate.utility + noise * dice.normal(), candidate)).collect();
    keyed.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.supplier.cmp(&b.1.supplier)));
    keyed.truncate(most);
    Courtship { anchor, order: keyed.into_iter().map(|(_, candidate)| *candidate).collect() }
}

/// Draws pairings until `paired` distinct firms are in one, those of given pairings
/// among them, and writes them with their outcomes.
pub(super) fn pair(
    units: &[Unit],
    courtships: &[Courtship],
    members: &[Vec<u32>],
    given: &Tables,
    settled: &Settled,
    days: &[Day],
    builder: &mut DatasetBuilder,
) -> Result<Vec<(PairingId, PlantedPair)>, CityError> {
    let mut dice = Dice::new(settled.seed, Stream::Pairings);
    let mut is_paired = vec![false; units.len()];
    for party in given.pairings.iter().flat_map(|pairing| &pairing.parties) {
        if let Some(firm) = given.firm_ix(party.as_str()) {
            is_paired[firm.index()] = true;
        }
    }
    let already = is_paired.iter().filter(|paired| **paired).count();
    let mut left = settled
        .paired
        .checked_sub(already)
        .ok_or(CityError::PairedTooFew { asked: settled.paired, given: already })?;
    let mut next = vec![0; courtships.len()];
    let mut past = Vec::new();
    // One pairing an anchor a round, until the number is full or nobody is left.
    while left > 0 {
        let before = left;
        for (courtship, next) in courtships.iter().zip(&mut next) {
            let anchor = courtship.anchor as usize;
            while *next < courtship.order.len() && is_paired[courtship.order[*next].supplier as usize] {
                *next += 1;
            }
            let fresh = 1 + usize::from(!is_paired[anchor]);
            let Some(candidate) = courtship.order.get(*next).filter(|_| fresh <= left) else { continue };
            is_paired[anchor] = true;
            is_paired[candidate.supplier as usize] = true;
            left -= fresh;
            let mut parties = vec![courtship.anchor, candidate.supplier];
            if left > 0
                && dice.chance(THIRD_PARTY)
                && let Some(third) = third_party(units, courtship, members, &is_paired, &mut dice)
            {
                left -= usize::from(!is_paired[third as usize]);
                is_paired[third as usize] = true;
                parties.push(third);
            }
            let id = free_id(past.len() + 1, given);
            let pairing = sign(id.clone(), units, &parties, days, &mut dice);
            let utility = candidate.utility + settled.noise * dice.normal();
            write_outcomes(
                &pairing,
                &units[candidate.supplier as usize],
                candidate,
                utility,
                days,
                &mut dice,
                builder,
            );
            builder.add_pairing(pairing);
            past.push((id, planted(units, courtship.anchor, candidate)));
        }
        if left == before {
            return Err(CityError::PairedTooMany { asked: settled.paired, most: settled.paired - left });
        }
    }
    Ok(past)
}

/// An institution of the anchor's chains, or the best candidate left.
fn third_party(
    units: &[Unit],
    courtship: &Courtship,
    members: &[Vec<u32>],
    is_paired: &[bool],
    dice: &mut Dice,
) -> Option<u32> {
    let chains = &units[courtship.anchor as usize].chains;
    let institutions: Vec<u32> = (chains.iter().flat_map(|&chain| &members[usize::from(chain)]).copied())
        .filter(|&member| units[member as usize].role == Role::Institution)
        .collect();
    if !institutions.is_empty() && dice.chance(0.7) {
        return Some(institutions[dice.below(institutions.len())]);
    }
    let mut suppliers = courtship.order.iter().map(|candidate| candidate.supplier);
    suppliers.find(|&supplier| !is_paired[supplier as usize])
}

fn free_id(number: usize, given: &Tables) -> PairingId {
    let mut id = PairingId::from(format!("P{number:05}"));
    while given.pairings.iter().any(|pairing| pairing.id == id) {
        id = PairingId::from(format!("{id}x"));
    }
    id
}

fn sign(id: PairingId, units: &[Unit], parties: &[u32], days: &[Day], dice: &mut Dice) -> Pairing {
    let (anchor, supplier) = (&units[parties[0] as usize], &units[parties[1] as usize]);
    let mut modes: Vec<CoBuildingMode> =
        matches(&supplier.wants, &anchor.offers).map(Category::mode).collect();
    if modes.is_empty() {
        modes.push(CoBuildingMode::Organisation);
    }
    modes.sort_unstable();
    modes.dedup();
    let branch =
        |unit: &Unit| matches!(unit.record.party_branch, Some(PartyBranch::Own | PartyBranch::Joint));
    let legal = parties.iter().all(|&party| units[party as usize].record.is_legal_entity());
    let level = match dice.below(10) {
        0..5 if branch(anchor) && branch(supplier) => Level::Branch,
        5..8 if legal => Level::Enterprise,
        _ => Level::Specialists,
    };
    // Not in the last half year, so that there was time for an outcome.
    let day = days[dice.below(days.len() * 5 / 6)];
    let ends = dice.chance(0.7).then(|| later(day.date, 24));
    Pairing {
        id,
        parties: parties.iter().map(|&party| units[party as usize].record.id.clone()).collect(),
        level: Some(level),
        modes,
        theme: None,
        signed: Some(day.date),
        ends: ends.flatten(),
    }
}

/// The first of the month so many months later.
fn later(date: Date, months: i64) -> Option<Date> {
    let month = date.in_months() as i64 - 1 + months;
    Date::day(month / 12, month % 12 + 1, 1).ok()
}

/// A failure where the utility, noise included, stays below [`Traits::FAILURE`]; else an
/// order that grows with it, and sometimes more.
fn write_outcomes(
    pairing: &Pairing,
    supplier: &Unit,
    candidate: &Candidate,
    utility: f64,
    days: &[Day],
    dice: &mut Dice,
    builder: &mut DatasetBuilder,
) {
    let after = days.iter().position(|day| Some(day.date) > pairing.signed).unwrap_or(0);
    let mut add = |kind, amount: Option<f64>, dice: &mut Dice| {
        let date = Some(days[after + dice.below(days.len() - after)].date);
        let evidence = dice.chance(0.6).then(|| "合成数据".into());
        builder.add_outcome(Outcome { pairing: pairing.id.clone(), kind, amount, date, evidence });
    };
    if utility < Traits::FAILURE {
        add(OutcomeKind::Failure, None, dice);
        return;
    }
    let order = (supplier.revenue * 0.4 * (utility - Traits::FAILURE) / 1e4).ceil().max(1.0) * 1e4;
    let kind = if candidate.traits.needs_met + candidate.traits.products_used > 1.1 && dice.chance(0.15) {
        OutcomeKind::Transfer
    } else {
        OutcomeKind::Order
    };
    add(kind, Some(order), dice);
    for mode in &pairing.modes {
        let (kind, amount) = match mode {
            CoBuildingMode::Talent => (OutcomeKind::Training, Some(100.0 * utility)),
            CoBuildingMode::Platform => (OutcomeKind::Technology, Some(1.0)),
            CoBuildingMode::Activity => (OutcomeKind::Activity, Some(2.0)),
            CoBuildingMode::Resource => (OutcomeKind::Saving, Some((order * 0.05).round())),
            _ => continue,
        };
        if dice.chance(0.5) {
            add(kind, amount.map(f64::round), dice);
        }
    }
}

/// Answers to proposals: yes as often as the unit is willing. A refusal binds for a
/// year, for two, or with no end said. The more complete the records are, the fewer of these there
/// are, and the more of old ones that bind no longer, of every unit in the proportion in which it is
/// willing.
pub(super) fn respond(
    units: &[Unit],
    courtships: &[Courtship],
    past: &[(PairingId, PlantedPair)],
    settled: &Settled,
    days: &[Day],
    builder: &mut DatasetBuilder,
) {
    let mut dice = Dice::new(settled.seed, Stream::Responses);
    let complete = settled.completeness();
    let paired: rustc_hash::FxHashSet<(&str, &str)> =
        past.iter().map(|(_, pair)| (pair.anchor.as_str(), pair.supplier.as_str())).collect();
    for _ in 0..(units.len() as f64 * RESPONSES * (1.0 - complete)) as usize {
        let Some(courtship) = courtships.get(dice.below(courtships.len())) else { return };
        let Some(candidate) = courtship.order.get(dice.below(courtship.order.len())) else { continue };
        let (a, s) = (&units[courtship.anchor as usize], &units[candidate.supplier as usize]);
        let (asked, partner) = if dice.chance(0.7) { (s, a) } else { (a, s) };
        let is_paired = paired.contains(&(a.record.id.as_str(), s.record.id.as_str()));
        let answer = match dice.unit() {
            _ if is_paired => Answer::Yes,
            draw if draw < asked.willingness => Answer::Yes,
            draw if draw > 0.97 => Answer::Other,
            _ => Answer::No,
        };
        let date = days[dice.below(days.len())].date;
        let months = [12, 24, 0][dice.below(3)];
        builder.add_response(Response {
            firm: asked.record.id.clone(),
            partner: partner.record.id.clone(),
            answer,
            date: Some(date),
            until: if answer == Answer::No && months > 0 { later(date, months) } else { None },
        });
    }
    let answers = (ANSWERS * complete).round();
    for (position, unit) in units.iter().enumerate().filter(|_| answers > 0.0) {
        let partner = &units[(position + 1) % units.len()].record.id;
        let yes = (answers * unit.willingness).round();
        for number in 0..answers as usize {
            let date = days[number % days.len().div_ceil(2)].date;
            let answer = if (number as f64) < yes { Answer::Yes } else { Answer::No };
            let (firm, until) = (unit.record.id.clone(), later(date, LAPSES));
            let until = until.filter(|_| answer == Answer::No);
            builder.add_response(Response {
                firm,
                partner: partner.clone(),
                answer,
                date: Some(date),
                until,
            });
        }
    }
}

/// Quality incidents on ties, more of them where the supplier is prone to faults.
pub(super) fn complain(units: &[Unit], trade: &Trade, seed: u64, days: &[Day], builder: &mut DatasetBuilder) {
    let mut dice = Dice::new(seed, Stream::Incidents);
    let kinds = ["尺寸超差", "交付延误", "性能不合格", "包装破损", "批次混料"];
    for tie in &trade.ties {
        let supplier = &units[tie.supplier as usize];
        if supplier.role == Role::Institution || !dice.chance(3.0 * INCIDENTS * supplier.faults) {
            continue;
        }
        let lots = dice.log_normal(60.0, 0.8).round().max(1.0);
        builder.add_incident(Incident {
            supplier: supplier.record.id.clone(),
            buyer: units[tie.buyer as usize].record.id.clone(),
            kind: Some(kinds[dice.below(kinds.len())].into()),
            lots: dice.chance(0.85).then_some(lots),
            date: Some(days[dice.below(days.len())].date),
        });
    }
}
