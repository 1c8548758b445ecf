//! Which candidates are wanted at all.

use std::collections::BTreeSet;

use super::builder::{MatcherError, check_distance};
use crate::model::{FirmIx, SizeClass};
use crate::network::{ChainIx, Network};

/// A filter on candidates. Empty lists ask for nothing.
///
/// A firm of which the asked-for field is unknown does not pass: a filter is a wish of
/// whoever asks, not a judgement of the firm; it is counted in
/// [`Ranking::filtered`](super::Ranking::filtered).
///
/// Chains and firms are told by position, so a filter is of one network: where the data change, make it
/// anew by id or name ([`Directory`](crate::network::Directory)). A region that is no firm's lets nobody pass.
///
/// ```
/// use jiedui::matcher::Filter;
///
/// let mut filter = Filter::default();
/// filter.exclude_existing = true;
/// filter.most_km = Some(20.0);
/// assert!(filter.regions.is_empty());
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Filter {
    /// Leave out firms that supply the anchor, or ever did, or have a pairing with it in force.
    pub exclude_existing: bool,
    /// Only members of one of these chains, as of the network's date.
    pub chains: Vec<ChainIx>,
    /// Only firms of one of these regions.
    pub regions: Vec<Box<str>>,
    /// Only firms of one of these size classes; a department has that of its legal entity.
    pub sizes: Vec<SizeClass>,
    /// Only firms at most this far from the anchor, km.
    pub most_km: Option<f64>,
    /// None of these firms.
    pub excluded: BTreeSet<FirmIx>,
}

impl Filter {
    pub(super) fn check(&self) -> Result<(), MatcherError> {
        self.most_km.map_or(Ok(()), check_distance)
    }

    /// The filter, if it leaves anybody out.
    pub(super) fn narrowing(self) -> Option<Self> {
        (self != Self::default()).then_some(self)
    }

    /// Whether a candidate passes all but the question of existing partners.
    pub(super) fn passes(&self, network: &Network, anchor: FirmIx, candidate: FirmIx) -> bool {
        let firm = network.firm(candidate);
        let chain =
            || network.chains_at(candidate, network.as_of()).any(|chain| self.chains.contains(&chain));
        let region = || firm.region.as_ref().is_some_and(|region| self.regions.contains(region));
        let size = || network.size_class(candidate).is_some_and(|size| self.sizes.contains(&size));
        let near = |most: f64| {
            network.firm(anchor).place.zip(firm.place).is_some_and(|(a, b)| a.distance_km(b) <= most)
        };
        !self.excluded.contains(&candidate)
            && (self.chains.is_empty() || chain())
            && (self.regions.is_empty() || region())
            && (self.sizes.is_empty() || size())
            && self.most_km.is_none_or(near)
    }
}
