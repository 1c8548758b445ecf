//! Gates: what stands in the way of a pairing, whatever its score.

use serde::{Deserialize, Serialize};

use crate::model::{Answer, Category, Date, FirmId, FirmIx, Level, Pairing, PartyBranch, Response, words};
use crate::network::{Network, Rows};

/// Something in the way of a pairing: named and reported, never summed into a score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

words! {
    /// The kind of a [`Gate`].
    enum GateKind {
        /// A refusal that still binds.
        Veto = "veto";
        /// A pairing of the two is in force.
        Paired = "paired";
        /// A department or branch cannot sign as an enterprise.
        NotLegalEntity = "not_legal_entity";
        /// No Party branch.
        NoBranch = "no_branch";
        /// Not known whether there is a Party branch.
        BranchUnknown = "branch_unknown";
        /// Resources are listed, slots or hours of specialists are not.
        NoSpecialists = "no_specialists";
        /// Not known whether there are slots or hours of specialists.
        SpecialistsUnknown = "specialists_unknown";
        /// The chain that both are recorded in no longer stands.
        ChainExpired = "chain_expired";
    }
}

/// Gates of a network, prepared: what each firm itself is in the way of, pairings by their parties,
/// answers by firm.
#[derive(Debug)]
pub(super) struct Gates {
    /// By firm the levels that it bars with everybody.
    barred: Vec<Levels>,
    /// Pairings in force as of the network's date, by each of their parties; ascending.
    in_force: Rows<u32>,
    /// By firm its answers about each partner; by partner, then date, the undated ones first.
    answers: Rows<(FirmIx, u32)>,
}

/// A set of levels, a bit each.
type Levels = u8;

const ALL_LEVELS: Levels = {
    let (mut all, mut number) = (0, 0);
    while number < Level::ALL.len() {
        all |= bit(Level::ALL[number]);
        number += 1;
    }
    all
};

const fn bit(level: Level) -> Levels {
    1 << level as u32
}

/// A gate that hangs on one firm alone, with its level and whether it bars that.
type OwnGate = Option<(GateKind, Level, bool)>;

/// The gates that hang on one firm alone, always in the same order of kinds.
fn own_gates(network: &Network, firm: FirmIx) -> [OwnGate; 3] {
    let (record, resources) = (network.firm(firm), network.resources(firm));
    let entity = (!record.is_legal_entity()).then_some((GateKind::NotLegalEntity, Level::Enterprise, true));
    let branch = match record.party_branch {
        Some(PartyBranch::None) => Some((GateKind::NoBranch, Level::Branch, true)),
        Some(_) => None,
        None => Some((GateKind::BranchUnknown, Level::Branch, false)),
    };
    let specialists = if resources.is_empty() {
        Some((GateKind::SpecialistsUnknown, Level::Specialists, false))
    } else if resources.iter().all(|row| row.category != Category::Specialist) {
        Some((GateKind::NoSpecialists, Level::Specialists, true))
    } else {
        None
    };
    [entity, branch, specialists]
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
        let barred = |firm| {
            let barring = own_gates(network, firm).into_iter().flatten().filter(|&(_, _, bars)| bars);
            barring.fold(0, |levels, (_, level, _)| levels | bit(level))
        };
        Self {
            barred: network.firms().map(barred).collect(),
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
        let mut gate = |kind, level, bars, firm: Option<FirmIx>, until| {
            let firm = firm.map(|firm| network.firm(firm).id.clone());
            gates.push(Gate { kind, level, bars, firm, until });
        };
        for (firm, partner) in [(anchor, candidate), (candidate, anchor)] {
            if let Some(refusal) = self.refusal(network, firm, partner) {
                gate(GateKind::Veto, None, true, Some(firm), refusal.until);
            }
        }
        for number in self.pairings(anchor, candidate) {
            let Pairing { level, ends, .. } = &network.tables().pairings[number as usize];
            gate(GateKind::Paired, *level, true, None, *ends);
        }
        let firms = [anchor, candidate];
        let [of_anchor, of_candidate] = firms.map(|firm| own_gates(network, firm));
        for of_kind in of_anchor.into_iter().zip(of_candidate) {
            for (firm, own) in firms.into_iter().zip(<[OwnGate; 2]>::from(of_kind)) {
                if let Some((kind, level, bars)) = own {
                    gate(kind, Some(level), bars, Some(firm), None);
                }
            }
        }
        let shared =
            network.memberships(anchor).iter().filter(|chain| network.memberships(candidate).contains(chain));
        let (standing, others): (Vec<_>, Vec<_>) = shared
            .partition(|&&chain| network.as_of().is_none_or(|date| network.chain(chain).is_valid_at(date)));
        // One that has not begun has not lapsed.
        let lapsed = others.iter().find(|&&&chain| network.has_begun(network.chain(chain).valid_from));
        if standing.is_empty()
            && let Some(&&chain) = lapsed
        {
            gate(GateKind::ChainExpired, None, false, None, network.chain(chain).valid_to);
        }
        gates
    }

    /// Whether gates bar every level.
    pub(super) fn bar(&self, network: &Network, anchor: FirmIx, candidate: FirmIx) -> bool {
        let own = self.barred[anchor.index()] | self.barred[candidate.index()];
        let pairings = self.pairings(anchor, candidate);
        let barred = pairings.fold(own, |barred, number| {
            barred | network.tables().pairings[number as usize].level.map_or(ALL_LEVELS, bit)
        });
        barred == ALL_LEVELS
            || self.refusal(network, anchor, candidate).is_some()
            || self.refusal(network, candidate, anchor).is_some()
    }

    /// The refusal of `partner` by `firm` that binds as of the network's date: a no that has not run
    /// out, if that is its latest answer, or an undated one, which may be.
    fn refusal<'a>(&self, network: &'a Network, firm: FirmIx, partner: FirmIx) -> Option<&'a Response> {
        let rows = self.answers.row(firm.index());
        let start = rows.partition_point(|&(other, _)| other < partner);
        let numbers = rows[start..].iter().take_while(|&&(other, _)| other == partner);
        let answers = numbers.map(|&(_, number)| &network.tables().responses[number as usize]);
        let answers = answers.filter(|row| row.answer != Answer::Other && network.has_begun(row.date));
        let binds = |row: &&Response| {
            let dates = row.until.zip(network.as_of());
            row.answer == Answer::No
                && dates.is_none_or(|(until, as_of)| until.last_day() >= as_of.first_day())
        };
        // By date, the undated ones first.
        let undated = answers.clone().take_while(|row| row.date.is_none()).find(binds);
        undated.or_else(|| answers.last().filter(binds))
    }
}

/// The levels without any gate.
pub(super) fn open_levels(gates: &[Gate]) -> Vec<Level> {
    let in_the_way = |level: Level| {
        gates.iter().any(|gate| gate.level == Some(level) || gate.level.is_none() && gate.bars)
    };
    Level::ALL.iter().copied().filter(|&level| !in_the_way(level)).collect()
}
