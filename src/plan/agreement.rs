//! Agreements of more than two: who joins a pairing.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use super::{Constraints, Plan};
use crate::model::{FirmId, FirmIx, FirmKind, Pairing, words};
use crate::network::Network;

/// Who joins pairings beyond the pair (多方协议): a university, an association, a joint
/// committee or whoever else. Own definition.
///
/// ```
/// # #[cfg(feature = "toml")] {
/// use jiedui::plan::Constraints;
///
/// let constraints = Constraints::from_toml(r#"
///     [agreements]
///     associations = true
///     joined = [{ party = "理工大学", chains = ["rail"], most = 2 }]
/// "#)?;
/// assert!(constraints.agreements.precedents);
/// assert_eq!(constraints.agreements.joined[0].most, Some(2));
/// # }
/// # Ok::<(), jiedui::plan::PlanError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Agreements {
    /// Parties that are to join, and where.
    pub joined: Vec<Joining>,
    /// Whether a university, association, committee or institution that has been in a pairing of more than two
    /// with one of the two firms, in force or past, joins again.
    pub precedents: bool,
    /// Whether the association of a chain joins where both firms are its members.
    pub associations: bool,
}

impl Default for Agreements {
    fn default() -> Self {
        Self { joined: Vec::new(), precedents: true, associations: false }
    }
}

/// A party that is to join pairings. Where several lists are given, all have to be met; an
/// empty list asks for nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Joining {
    /// The id of a firm of any kind, or a name of somebody who is in no table.
    pub party: String,
    /// Pairings of these anchors.
    pub anchors: Vec<FirmId>,
    /// Pairings of these suppliers.
    pub suppliers: Vec<FirmId>,
    /// Pairings of which both firms are in one of these chains.
    pub chains: Vec<String>,
    /// So many pairings at most, those of the highest score.
    pub most: Option<u32>,
}

/// An agreement of more than two parties: a pairing or a group of a plan, and who joins it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Agreement {
    /// The anchor.
    pub anchor: FirmId,
    /// The supplier, or those of the group.
    pub suppliers: Vec<FirmId>,
    /// Who joins, by name; at least one.
    pub parties: Vec<ThirdParty>,
}

/// A party beyond the pair.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ThirdParty {
    /// The id of a firm, or a name.
    pub party: String,
    /// What it is, where it is in the firms' table.
    pub kind: Option<FirmKind>,
    /// Why it joins: of several reasons the first.
    pub why: WhyJoined,
}

words! {
    /// Why a party joins an agreement.
    enum WhyJoined {
        /// The constraints say so.
        Stated = "stated";
        /// It has been in a pairing of more than two with one of the firms.
        Precedent = "precedent";
        /// It is the association of a chain of both.
        Association = "association";
    }
}

/// The agreements of more than two parties that a plan's pairings and groups make, by anchor and
/// suppliers; [`Plan::with_agreements`] adds them to it. They change nothing else of the plan:
/// who joins brings no score and costs the pair no hours.
///
/// Pairings come first by score, then ids, so that a party of few places joins the best of them:
/// a statement's [`most`](Joining::most) and what a quota in the data leaves after pairings in
/// force are kept to. A party never joins itself, its own house, nor firms with which a veto that
/// stands or a forbidden group parts it. O(pairings · (statements + past pairings of a firm)).
///
/// ```
/// use jiedui::dataset::{Reader, Table};
/// use jiedui::network::Network;
/// use jiedui::plan::{Constraints, Joining, Optimal, Pair, Planner, Problem, WhyJoined, agreements};
/// # #[cfg(feature = "csv")] {
/// let firms = "firm,kind\nworks,\nfoundry,\nforge,\npolytechnic,university\n";
/// let (dataset, _) = Reader::new().read_csv(Table::Firms, firms.as_bytes(), "firms.csv")?;
/// let network = Network::build(&dataset)?;
/// let mut constraints = Constraints::default();
/// let mut joining = Joining::default();
/// (joining.party, joining.most) = ("polytechnic".into(), Some(1));
/// constraints.agreements.joined = vec![joining];
/// let pairs = [Pair::new("works", "forge", 0.5), Pair::new("works", "foundry", 0.75)];
/// let plan = Optimal.plan(&Problem::builder().pairs(pairs).build(&constraints)?);
/// let made = agreements(&network, &plan, &constraints);
/// assert_eq!((made.len(), made[0].suppliers[0].as_str()), (1, "foundry"));
/// assert_eq!(made[0].parties[0].why, WhyJoined::Stated);
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn agreements(network: &Network, plan: &Plan, constraints: &Constraints) -> Vec<Agreement> {
    let rules = &constraints.agreements;
    let mut known = ThirdParties::of(network, constraints);
    let mut stated: Vec<u32> = rules.joined.iter().map(|one| one.most.unwrap_or(u32::MAX)).collect();
    let mut made = Vec::new();
    for (anchor, suppliers) in best_first(plan) {
        let firms: Vec<&FirmId> = std::iter::once(anchor).chain(suppliers.iter().copied()).collect();
        let chains = known.common_chains(&firms);
        let mut joined: BTreeMap<String, WhyJoined> = BTreeMap::new();
        for (joining, left) in rules.joined.iter().zip(&mut stated) {
            let is_asked = *left > 0 && joining.asks_for(anchor, &suppliers, &chains);
            if is_asked && known.join(&joining.party, WhyJoined::Stated, &firms, &mut joined) {
                *left -= 1;
            }
        }
        if rules.precedents {
            for party in known.precedents(&firms) {
                known.join(&party, WhyJoined::Precedent, &firms, &mut joined);
            }
        }
        if rules.associations {
            for party in known.associations(&chains) {
                known.join(&party, WhyJoined::Association, &firms, &mut joined);
            }
        }
        if !joined.is_empty() {
            let third = |(party, why): (String, WhyJoined)| {
                let kind = network.firm_ix(&party).and_then(|firm| network.firm(firm).kind);
                ThirdParty { party, kind, why }
            };
            made.push(Agreement {
                anchor: anchor.clone(),
                suppliers: suppliers.into_iter().cloned().collect(),
                parties: joined.into_iter().map(third).collect(),
            });
        }
    }
    made.sort_by(|a, b| (&a.anchor, &a.suppliers).cmp(&(&b.anchor, &b.suppliers)));
    made
}

/// A plan's pairings and groups, by score (of a group by the mean of its suppliers'), then ids.
fn best_first(plan: &Plan) -> impl Iterator<Item = (&FirmId, Vec<&FirmId>)> {
    let mut pairs: Vec<(f64, &FirmId, Vec<&FirmId>)> =
        plan.pairings.iter().map(|one| (one.score, &one.anchor, vec![&one.supplier])).collect();
    pairs.extend(plan.groups.iter().map(|group| {
        let suppliers: Vec<&FirmId> = group.suppliers.iter().map(|one| &one.supplier).collect();
        (group.score / suppliers.len().max(1) as f64, &group.anchor, suppliers)
    }));
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| (a.1, &a.2).cmp(&(b.1, &b.2))));
    pairs.into_iter().map(|(_, anchor, suppliers)| (anchor, suppliers))
}

impl Joining {
    /// Whether the party is to join a pairing, both firms of which are in some chains.
    fn asks_for(&self, anchor: &FirmId, suppliers: &[&FirmId], chains: &[String]) -> bool {
        (self.anchors.is_empty() || self.anchors.contains(anchor))
            && (self.suppliers.is_empty() || suppliers.iter().any(|one| self.suppliers.contains(one)))
            && (self.chains.is_empty() || chains.iter().any(|one| self.chains.contains(one)))
    }
}

/// What is known of those who may join.
struct ThirdParties<'a> {
    network: &'a Network,
    constraints: &'a Constraints,
    /// The pairings of more than two in which a firm has been.
    past: FxHashMap<&'a FirmId, Vec<&'a Pairing>>,
    /// Pairs that a veto parts.
    vetoed: FxHashSet<(&'a str, &'a str)>,
    /// The places that quotas leave to those asked so far.
    left: FxHashMap<String, u32>,
    /// The ids of associations by name.
    named: FxHashMap<&'a str, &'a FirmId>,
}

impl<'a> ThirdParties<'a> {
    fn of(network: &'a Network, constraints: &'a Constraints) -> Self {
        let mut past: FxHashMap<&FirmId, Vec<&Pairing>> = FxHashMap::default();
        for pairing in network.tables().pairings.iter().filter(|pairing| pairing.parties.len() > 2) {
            for party in &pairing.parties {
                past.entry(party).or_default().push(pairing);
            }
        }
        let as_of = constraints.as_of.or(network.as_of());
        let standing = constraints.vetoes.iter().filter(|veto| veto.stands_at(as_of));
        let vetoed = standing.flat_map(|veto| {
            let (one, other) = (veto.anchor.as_str(), veto.supplier.as_str());
            [(one, other), (other, one)]
        });
        let is_association = |firm: &&crate::model::Firm| firm.kind == Some(FirmKind::Association);
        // Of two of one name, that of the smaller id.
        let firms = network.tables().firms.iter().rev().filter(is_association);
        Self {
            network,
            constraints,
            past,
            vetoed: vetoed.collect(),
            left: FxHashMap::default(),
            named: firms.filter_map(|firm| Some((firm.name.as_deref()?, &firm.id))).collect(),
        }
    }

    /// The chains in which all of some firms are, by id.
    fn common_chains(&self, firms: &[&FirmId]) -> Vec<String> {
        let network = self.network;
        let chains = |firm: &FirmId| {
            let firm = network.firm_ix(firm.as_str())?;
            Some(network.chains_at(firm, network.as_of()).collect::<Vec<_>>())
        };
        let mut all = firms.iter().map(|firm| chains(firm).unwrap_or_default());
        let mut common = all.next().unwrap_or_default();
        for chains in all {
            common.retain(|chain| chains.contains(chain));
        }
        common.into_iter().map(|chain| network.chain(chain).id.to_string()).collect()
    }

    fn associations(&self, chains: &[String]) -> Vec<String> {
        let names = chains.iter().filter_map(|id| {
            let chain = self.network.chain(self.network.chain_ix(id)?);
            let name = chain.association.as_deref()?;
            Some(self.named.get(name).map_or_else(|| name.to_owned(), ToString::to_string))
        });
        names.collect()
    }

    /// Those that are no enterprise and have been in a pairing of more than two with one of some firms, by id.
    fn precedents(&self, firms: &[&FirmId]) -> Vec<String> {
        let is_third = |party: &&FirmId| {
            let kind = self.network.firm_ix(party.as_str()).and_then(|firm| self.network.firm(firm).kind);
            let is_kind = matches!(
                kind,
                Some(
                    FirmKind::University
                        | FirmKind::Association
                        | FirmKind::Committee
                        | FirmKind::Institution
                )
            );
            is_kind && !firms.contains(party)
        };
        let past = firms.iter().filter_map(|firm| self.past.get(firm)).flatten();
        let mut parties: Vec<String> =
            past.flat_map(|pairing| &pairing.parties).filter(is_third).map(ToString::to_string).collect();
        parties.sort_unstable();
        parties.dedup();
        parties
    }

    /// Lets a party join some firms, if it can and has not yet; it takes a place of its quota.
    fn join(
        &mut self,
        party: &str,
        why: WhyJoined,
        firms: &[&FirmId],
        joined: &mut BTreeMap<String, WhyJoined>,
    ) -> bool {
        let network = self.network;
        let house = |id: &str| {
            let above = |firm: &FirmIx| network.firm_ix(network.firm(*firm).parent.as_ref()?.as_str());
            std::iter::successors(network.firm_ix(id), above).last()
        };
        let own = house(party);
        let is_parted = firms.iter().any(|firm| {
            firm.as_str() == party
                || own.is_some() && own == house(firm.as_str())
                || self.vetoed.contains(&(party, firm.as_str()))
                || self
                    .constraints
                    .forbidden
                    .iter()
                    .any(|group| group.contains(firm) && group.iter().any(|one| one.as_str() == party))
        });
        if is_parted || joined.contains_key(party) {
            return false;
        }
        if !self.left.contains_key(party) {
            let left = self.quota_left(party);
            self.left.insert(party.to_owned(), left);
        }
        let Some(left) = self.left.get_mut(party).filter(|left| **left > 0) else { return false };
        *left -= 1;
        joined.insert(party.to_owned(), why);
        true
    }

    /// The places that the quota of a party leaves beside the pairings in force; no end where it has none.
    fn quota_left(&self, party: &str) -> u32 {
        let firm = self.network.firm_ix(party).map(|firm| self.network.firm(firm));
        let Some((firm, quota)) = firm.and_then(|firm| Some((firm, firm.quota?))) else { return u32::MAX };
        let as_of = self.constraints.as_of.or(self.network.as_of());
        let stands = |pairing: &&Pairing| as_of.is_none_or(|date| pairing.is_in_force_at(date));
        let pairings = self.network.tables().pairings.iter().filter(stands);
        quota.saturating_sub(pairings.filter(|pairing| pairing.parties.contains(&firm.id)).count() as u32)
    }
}
