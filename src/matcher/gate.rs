//! Gates: what stands in the way of a pairing, whatever its score.

use serde::Serialize;

use crate::model::{Answer, Category, Date, Firm, FirmId, FirmIx, Level, Pairing, PartyBranch, Response};
use crate::network::{Network, Rows};

/// Something in the way of a pairing: named and reported, never summed into a score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Gate {
    /// What it is.
    pub kind: GateKind,
    /// The level it is about; `None` for all.
    pub level: Option<Level>,
    /// Whether it bars the level. One that does not asks for a look: a field is unknown,
    /// or something has lapsed.
    pub bars: bool,
    /// The firm to which it is due, where it is one of the two.
    pub firm: Option<FirmId>,
    /// Until when it stands.
    pub until: Option<Date>,
}

/// The kind of a [`Gate`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum GateKind {
    /// A refusal that still binds.
    Veto,
    /// A pairing of the two is in force.
    Paired,
    /// A department or branch cannot sign as an enterprise.
    NotLegalEntity,
    /// No Party branch.
    NoBranch,
    /// Not known whether there is a Party branch.
    BranchUnknown,
    /// Resources are listed, slots or hours of specialists are not.
    NoSpecialists,
    /// Not known whether there are slots or hours of specialists.
    SpecialistsUnknown,
    /// The chain that both are recorded in no longer stands.
    ChainExpired,
}

/// Gates of a network, prepared: pairings by their parties, answers by firm.
#[derive(Debug)]
pub(super) struct Gates {
    /// Pairings in force as of the network's date, by each of their parties; ascending.
    in_force: Rows<u32>,
    /// By firm its answers about each partner; by partner, then date, the undated ones first.
    answers: Rows<(FirmIx, u32)>,
}

impl Gates {
    pub(super) fn new(network: &Network) -> Self {
        let mut in_force = Vec::new();
        for (number, pairing) in network.tables().pairings.iter().enumerate() {
            if network.as_of().is_some_and(|as_of| !pairing.is_in_force_at(as_of)) {
                continue;
            }
            let parties = pairing.parties.iter().filter_map(|party| network.firm_ix(party.as_str()));
            in_force.extend(parties.map(|party| (party.index(), number as u32)));
        }
        // Sorted by the ids of both firms, which is the order of their indices.
        let responses = network.tables().responses.iter().enumerate();
        let answers: Vec<(usize, (FirmIx, u32))> = responses
            .filter_map(|(number, row)| {
                let (firm, partner) =
                    network.firm_ix(row.firm.as_str()).zip(network.firm_ix(row.partner.as_str()))?;
                Some((firm.index(), (partner, number as u32)))
            })
            .collect();
        Self {
            in_force: Rows::group(network.n_firms(), in_force.iter().copied()),
            answers: Rows::group(network.n_firms(), answers.iter().copied()),
        }
    }

    /// The pairings in force with both as parties, ascending.
    fn pairings(&self, one: FirmIx, other: FirmIx) -> impl Iterator<Item = u32> + '_ {
        let (one, other) = (self.in_force.row(one.index()), self.in_force.row(other.index()));
        let (few, many) = if one.len() < other.len() { (one, other) } else { (other, one) };
        few.iter().copied().filter(|pairing| many.binary_search(pairing).is_ok())
    }

    /// Whether a pairing of the two is in force.
    pub(super) fn are_paired(&self, anchor: FirmIx, candidate: FirmIx) -> bool {
        self.pairings(anchor, candidate).next().is_some()
    }

    /// Everything in the way of pairing the two.
    pub(super) fn between(&self, network: &Network, anchor: FirmIx, candidate: FirmIx) -> Vec<Gate> {
        let mut gates = Vec::new();
        self.each(network, anchor, candidate, |kind, level, bars, firm, until| {
            let firm = firm.map(|firm| network.firm(firm).id.clone());
            gates.push(Gate { kind, level, bars, firm, until });
        });
        gates
    }

    /// Whether gates bar every level.
    pub(super) fn bar(&self, network: &Network, anchor: FirmIx, candidate: FirmIx) -> bool {
        let bit = |level: Level| 1_u32 << level as u32;
        let all = Level::ALL.iter().fold(0, |all, &level| all | bit(level));
        let mut barred = 0;
        self.each(network, anchor, candidate, |_, level, bars, _, _| {
            if bars {
                barred |= level.map_or(all, bit);
            }
        });
        barred & all == all
    }

    /// Visits the kind of each gate, its level, whether it bars that, the firm to which it is due,
    /// and its end.
    fn each(
        &self,
        network: &Network,
        anchor: FirmIx,
        candidate: FirmIx,
        mut gate: impl FnMut(GateKind, Option<Level>, bool, Option<FirmIx>, Option<Date>),
    ) {
        for (firm, partner) in [(anchor, candidate), (candidate, anchor)] {
            if let Some(refusal) = self.refusal(network, firm, partner) {
                gate(GateKind::Veto, None, true, Some(firm), refusal.until);
            }
        }
        for number in self.pairings(anchor, candidate) {
            let Pairing { level, ends, .. } = &network.tables().pairings[number as usize];
            gate(GateKind::Paired, *level, true, None, *ends);
        }
        for firm in [anchor, candidate] {
            if !network.firm(firm).is_legal_entity() {
                gate(GateKind::NotLegalEntity, Some(Level::Enterprise), true, Some(firm), None);
            }
        }
        for firm in [anchor, candidate] {
            match has_branch(network.firm(firm)) {
                Some(true) => {}
                Some(false) => {
                    gate(GateKind::NoBranch, Some(Level::Branch), true, Some(firm), None);
                }
                None => {
                    gate(GateKind::BranchUnknown, Some(Level::Branch), false, Some(firm), None);
                }
            }
        }
        for firm in [anchor, candidate] {
            let rows = network.resources(firm);
            let level = Some(Level::Specialists);
            if rows.is_empty() {
                gate(GateKind::SpecialistsUnknown, level, false, Some(firm), None);
            } else if rows.iter().all(|row| row.category != Category::Specialist) {
                gate(GateKind::NoSpecialists, level, true, Some(firm), None);
            }
        }
        let shared =
            network.memberships(anchor).iter().filter(|chain| network.memberships(candidate).contains(chain));
        let (standing, lapsed): (Vec<_>, Vec<_>) = shared
            .partition(|&&chain| network.as_of().is_none_or(|date| network.chain(chain).is_valid_at(date)));
        if standing.is_empty()
            && let Some(&&chain) = lapsed.first()
        {
            gate(GateKind::ChainExpired, None, false, None, network.chain(chain).valid_to);
        }
    }

    /// The refusal of `partner` by `firm` that binds as of the network's date: its latest
    /// answer, if that is a no that has not run out.
    fn refusal<'a>(&self, network: &'a Network, firm: FirmIx, partner: FirmIx) -> Option<&'a Response> {
        let rows = self.answers.row(firm.index());
        let start = rows.partition_point(|&(other, _)| other < partner);
        let numbers = rows[start..].iter().take_while(|&&(other, _)| other == partner);
        let answers = numbers.map(|&(_, number)| &network.tables().responses[number as usize]);
        let as_of = network.as_of();
        // By date, the undated ones first.
        let known = |row: &&Response| match (row.date, as_of) {
            (Some(date), Some(as_of)) => date.first_day() <= as_of.last_day(),
            _ => true,
        };
        let latest = answers.filter(known).filter(|row| row.answer != Answer::Other).last()?;
        let binds = match (latest.until, as_of) {
            (Some(until), Some(as_of)) => until.last_day() >= as_of.first_day(),
            _ => true,
        };
        (latest.answer == Answer::No && binds).then_some(latest)
    }
}

/// The levels without any gate.
pub(super) fn open_levels(gates: &[Gate]) -> Vec<Level> {
    let in_the_way = |level: Level| {
        gates.iter().any(|gate| gate.level == Some(level) || gate.level.is_none() && gate.bars)
    };
    Level::ALL.iter().copied().filter(|&level| !in_the_way(level)).collect()
}

fn has_branch(firm: &Firm) -> Option<bool> {
    firm.party_branch.map(|branch| branch != PartyBranch::None)
}
