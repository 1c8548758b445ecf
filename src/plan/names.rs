//! Firms by the names that people write into constraints.

use std::collections::BTreeSet;

use super::{Constraints, Event, PlanError};
use crate::model::FirmId;
use crate::network::{Directory, Network};

impl Constraints {
    /// The same constraints with the id of each firm where its name stood. So that no limit is
    /// passed over for a slip of the pen, every firm has to be one of the network's: the firm
    /// of that id, else the only one of that name or credit code (see [`Directory`]). Only [`Joining::party`](super::Joining) may be
    /// anybody. Chains likewise, by id or name; of several of one name the one that is valid as of
    /// the network's date. The regions of minimums have to be some firm's. Idempotent. O(firms)
    /// where any goes by name.
    ///
    /// [`ProblemBuilder::build`](super::ProblemBuilder::build) does it by itself where it knows the
    /// network; [`agreements`](super::agreements()), [`Rivals`](super::Rivals) and
    /// [`Problem::after`](super::Problem::after) take ids, so resolve what they are given.
    ///
    /// ```
    /// use jiedui::dataset::{Reader, Table};
    /// use jiedui::network::Network;
    /// use jiedui::plan::{Constraints, PlanError};
    /// # #[cfg(all(feature = "csv", feature = "toml"))] {
    /// let firms = "firm,name\nF1,foundry\nF2,forge\n";
    /// let (dataset, _) = Reader::new().read_csv(Table::Firms, firms.as_bytes(), "firms.csv")?;
    /// let network = Network::build(&dataset)?;
    /// let told = Constraints::from_toml(r#"forbidden = [["foundry", "F2"]]"#)?;
    /// assert_eq!(told.resolve(&network)?.forbidden[0][0].as_str(), "F1");
    ///
    /// let slip = Constraints::from_toml(r#"forbidden = [["fuondry", "F2"]]"#)?.resolve(&network);
    /// assert_eq!(
    ///     slip.unwrap_err().to_string(),
    ///     "forbidden[0] names \"fuondry\", which is no firm's id, name or credit code; \
    ///         give the id of a firm in the data"
    /// );
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`PlanError::UnknownFirm`], [`PlanError::AmbiguousFirm`], [`PlanError::UnknownChain`],
    /// [`PlanError::AmbiguousChain`]; [`PlanError::UnknownRegion`] for a region where no firm is;
    /// [`PlanError::SameFirm`] where two entries of `firms` are of one.
    pub fn resolve(self, network: &Network) -> Result<Self, PlanError> {
        self.resolve_with(network, &|_| false, &[])
    }

    /// The same, where other firms and regions are told of, too.
    pub(super) fn resolve_with(
        mut self,
        network: &Network,
        is_told: &dyn Fn(&FirmId) -> bool,
        regions: &[&str],
    ) -> Result<Self, PlanError> {
        let names = Names { directory: Directory::new(network), is_told };
        self.check_regions(network, regions)?;
        for (old, limits) in std::mem::take(&mut self.firms) {
            let mut id = old.clone();
            names.resolve(&mut id, || "firms".to_owned())?;
            if self.firms.insert(id.clone(), limits).is_some() {
                return Err(PlanError::SameFirm { firm: id, entry: old.to_string() });
            }
        }
        let list = |field: &str, firms: &mut Vec<FirmId>| {
            firms.iter_mut().try_for_each(|firm| names.resolve(firm, || field.to_owned()))
        };
        for (at, group) in self.groups.iter_mut().enumerate() {
            list(&format!("groups[{at}].firms"), &mut group.firms)?;
        }
        for (at, lock) in self.locks.iter_mut().enumerate() {
            names.pair("locks", at, &mut lock.anchor, &mut lock.supplier)?;
        }
        for (at, veto) in self.vetoes.iter_mut().enumerate() {
            names.pair("vetoes", at, &mut veto.anchor, &mut veto.supplier)?;
        }
        for (field, groups) in [
            ("forbidden", &mut self.forbidden),
            ("bundling.rivals", &mut self.bundling.rivals),
            ("bundling.allies", &mut self.bundling.allies),
        ] {
            for (at, firms) in groups.iter_mut().enumerate() {
                list(&format!("{field}[{at}]"), firms)?;
            }
        }
        for (at, joining) in self.agreements.joined.iter_mut().enumerate() {
            list(&format!("agreements.joined[{at}].anchors"), &mut joining.anchors)?;
            list(&format!("agreements.joined[{at}].suppliers"), &mut joining.suppliers)?;
            let mut party = FirmId::from(joining.party.as_str());
            if names.resolve(&mut party, String::new).is_ok() {
                joining.party = party.to_string();
            }
        }
        for (at, minimum) in self.minimums.iter_mut().enumerate() {
            names.chains(&mut minimum.chains, || format!("minimums[{at}].chains"))?;
        }
        for (at, joining) in self.agreements.joined.iter_mut().enumerate() {
            names.chains(&mut joining.chains, || format!("agreements.joined[{at}].chains"))?;
        }
        for (at, event) in self.events.iter_mut().enumerate() {
            match event {
                Event::Refusal { anchor, supplier } => names.pair("events", at, anchor, supplier)?,
                Event::Withdrawal { firm } => names.resolve(firm, || format!("events[{at}].firm"))?,
            }
        }
        Ok(self)
    }
}

impl Constraints {
    fn check_regions(&self, network: &Network, others: &[&str]) -> Result<(), PlanError> {
        if self.minimums.iter().all(|minimum| minimum.regions.is_empty()) {
            return Ok(());
        }
        let of_firm = |firm| network.firm(firm).region.as_deref();
        let known: BTreeSet<&str> =
            network.firms().filter_map(of_firm).chain(others.iter().copied()).collect();
        for (at, minimum) in self.minimums.iter().enumerate() {
            let unknown = minimum.regions.iter().find(|region| !known.contains(region.as_str()));
            if let Some(region) = unknown {
                let (at, region) = (format!("minimums[{at}].regions"), region.clone());
                let more = known.len().saturating_sub(LISTED);
                let known = known.iter().take(LISTED).copied().collect::<Vec<_>>().join(", ");
                let known = if more > 0 { format!("{known}, and {more} more") } else { known };
                return Err(PlanError::UnknownRegion { at, region, known });
            }
        }
        Ok(())
    }
}

/// An error names so many regions at most.
const LISTED: usize = 12;

/// The firms of a network by name.
struct Names<'a> {
    directory: Directory,
    /// Whether a firm is known that the network does not know.
    is_told: &'a dyn Fn(&FirmId) -> bool,
}

impl Names<'_> {
    fn resolve(&self, firm: &mut FirmId, at: impl Fn() -> String) -> Result<(), PlanError> {
        let network = self.directory.network();
        let named = self.directory.find(firm.as_str());
        match named[..] {
            [] if (self.is_told)(firm) => Ok(()),
            [] => Err(PlanError::UnknownFirm { at: at(), firm: firm.clone() }),
            [found] => {
                *firm = network.firm(found).id.clone();
                Ok(())
            }
            [first, ..] => {
                let (name, such_as) = (firm.to_string(), network.firm(first).id.clone());
                Err(PlanError::AmbiguousFirm { at: at(), name, count: named.len(), such_as })
            }
        }
    }

    fn chains(&self, chains: &mut [String], at: impl Fn() -> String) -> Result<(), PlanError> {
        let network = self.directory.network();
        for chain in chains {
            let named = self.directory.find_chain(chain);
            *chain = match named[..] {
                [] => return Err(PlanError::UnknownChain { at: at(), chain: chain.clone() }),
                [only] => network.chain(only).id.to_string(),
                [first, ..] => {
                    let (name, such_as) = (chain.clone(), network.chain(first).id.clone());
                    return Err(PlanError::AmbiguousChain { at: at(), name, count: named.len(), such_as });
                }
            };
        }
        Ok(())
    }

    fn pair(
        &self,
        field: &str,
        at: usize,
        anchor: &mut FirmId,
        supplier: &mut FirmId,
    ) -> Result<(), PlanError> {
        self.resolve(anchor, || format!("{field}[{at}].anchor"))?;
        self.resolve(supplier, || format!("{field}[{at}].supplier"))
    }
}
