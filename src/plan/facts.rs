//! What is known of a firm, whatever its candidates are.

use crate::model::{Firm, FirmId, Ownership, SizeClass};
use crate::network::Network;

/// What is known of a firm that is told of.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Facts {
    pub(super) traits: Traits,
    pub(super) quota: Option<u32>,
    pub(super) parent: Option<FirmId>,
}

/// What a party is, as far as minimums and reports ask.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Traits {
    pub(super) size: Option<SizeClass>,
    pub(super) ownership: Option<Ownership>,
    pub(super) region: Option<Box<str>>,
    pub(super) chains: Vec<String>,
}

impl Facts {
    /// Those of a firm in chains by id.
    pub(super) fn of(firm: &Firm, chains: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let traits = Traits {
            size: firm.size_class(),
            ownership: firm.ownership,
            region: firm.region.clone(),
            chains: chains.into_iter().map(Into::into).collect(),
        };
        Self { traits, quota: firm.quota, parent: firm.parent.clone() }
    }

    /// What a network knows of a firm as of its date, the size as it takes it.
    pub(super) fn known(network: &Network, id: &FirmId) -> Option<Self> {
        let firm = network.firm_ix(id.as_str())?;
        let chains = network.chains_at(firm, network.as_of());
        let chains = chains.map(|chain| network.chain(chain).id.to_string());
        let mut facts = Self::of(network.firm(firm), chains);
        facts.traits.size = network.size_class(firm);
        Some(facts)
    }
}
