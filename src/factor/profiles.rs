//! What factors ask of every firm, side by side.

use rustc_hash::FxHashMap;

use super::{organisation, resource_fit, technology_gap};
use crate::model::{FirmIx, SizeClass};
use crate::network::Network;

/// What factors ask of every firm, in columns of a few bytes: a pair costs a load for
/// each, where the records of its firms would cost cache misses.
///
/// 50 bytes a firm; built in O(firms + resources).
#[derive(Debug)]
pub(crate) struct Profiles {
    /// Stands for the parent's id; the index of the parent where it is a firm.
    parents: Vec<u32>,
    /// Size class of the legal entity.
    pub(super) sizes: Vec<Option<SizeClass>>,
    /// ln of the legal entity's revenue per worker; not a number where unknown.
    pub(super) log_productivity: Vec<f64>,
    /// Where it stands, as by [`Place::to_point`](crate::model::Place); not numbers where unknown.
    pub(super) points: Vec<[f64; 3]>,
    pub(super) states: Vec<Option<organisation::State>>,
    pub(super) resources: Vec<resource_fit::Kinds>,
}

/// Stands for no parent.
const NONE: u32 = u32::MAX;

impl Profiles {
    pub(crate) fn new(network: &Network) -> Self {
        // Ids of parents that are no firms follow those of the firms.
        let mut strange: FxHashMap<&str, u32> = FxHashMap::default();
        let mut parent = |firm: FirmIx| {
            let Some(id) = &network.firm(firm).parent else { return NONE };
            network.firm_ix(id.as_str()).map_or_else(
                || {
                    let next = (network.n_firms() + strange.len()) as u32;
                    *strange.entry(id.as_str()).or_insert(next)
                },
                |firm| firm.index() as u32,
            )
        };
        let entity = |firm| network.firm(network.legal_entity(firm));
        let log = |firm| technology_gap::productivity(entity(firm)).map_or(f64::NAN, libm::log);
        let point = |firm| network.firm(firm).place.map_or([f64::NAN; 3], |place| place.to_point());
        Self {
            parents: network.firms().map(&mut parent).collect(),
            sizes: network.firms().map(|firm| entity(firm).size_class()).collect(),
            log_productivity: network.firms().map(log).collect(),
            points: network.firms().map(point).collect(),
            states: network.firms().map(|firm| organisation::state(network.firm(firm))).collect(),
            resources: network.firms().map(|firm| resource_fit::Kinds::of(network.resources(firm))).collect(),
        }
    }

    /// Whether the two are the same firm, parent and child, or children of one parent.
    pub(crate) fn are_related(&self, one: FirmIx, other: FirmIx) -> bool {
        let (of_one, of_other) = (self.parents[one.index()], self.parents[other.index()]);
        one == other
            || of_one as usize == other.index()
            || of_other as usize == one.index()
            || of_one != NONE && of_one == of_other
    }
}
