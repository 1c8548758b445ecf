//! `track_record`: what came of earlier pairings.

use rustc_hash::FxHashMap;

use super::{Column, Factor, Query, Sides};
use crate::network::Network;

/// Track record (履约记录), a value of its own for each side: (k + 4·p₀) / (n + 4), k of
/// the firm's n past pairings successful, each counted 0.5^(age / 24 months) from its
/// signing; p₀ is the share of successes
/// among all, drawn to ½ by two trials.
///
/// A pairing is past once it has an outcome or has ended; it is a success if it has an
/// outcome that is no failure. A firm without past pairings has p₀: nothing is missing. Source: the
/// m-estimate of Cestnik, Estimating Probabilities, ECAI 1990, with m = 4. An undated pairing
/// counts whole. O(1) a candidate.
#[derive(Debug, Clone)]
pub struct TrackRecord {
    record: super::Shares,
}

impl TrackRecord {
    /// The age at which a pairing counts half, months.
    pub const HALF_LIFE: f64 = 24.0;

    /// Adds up the past pairings of every firm up to the network's as-of date.
    pub fn new(network: &Network) -> Self {
        let tables = network.tables();
        let mut successes: FxHashMap<&str, bool> = FxHashMap::default();
        for outcome in &tables.outcomes {
            if super::age(network, outcome.date).is_some() {
                *successes.entry(outcome.pairing.as_str()).or_default() |= outcome.kind.is_success();
            }
        }
        let mut record = super::Shares::new(network.n_firms());
        for pairing in &tables.pairings {
            let Some(age) = super::age(network, pairing.signed) else { continue };
            let has_ended = network.as_of().is_some_and(|as_of| !pairing.is_in_force_at(as_of));
            let success = match successes.get(pairing.id.as_str()) {
                Some(&success) => success,
                None if has_ended => false,
                None => continue,
            };
            let weight = libm::exp2(-age / Self::HALF_LIFE);
            for party in pairing.parties.iter().filter_map(|party| network.firm_ix(party.as_str())) {
                record.add(party, weight, success);
            }
        }
        Self { record }
    }
}

impl Factor for TrackRecord {
    fn name(&self) -> &'static str {
        "track_record"
    }

    fn sides(&self) -> Sides {
        Sides::Each
    }

    fn fill(&self, query: &mut Query<'_>, column: &mut Column) {
        self.record.fill(query, query.constant(self.name()), column);
    }

    fn bound(&self, query: &mut Query<'_>, column: &mut Column) -> bool {
        self.record.bound(query, query.constant(self.name()), column)
    }

    fn bound_alike(&self, query: &mut Query<'_>, column: &mut Column) -> bool {
        self.bound(query, column)
    }

    fn constant(&self, _: &Network) -> Option<f64> {
        Some(self.record.pooled())
    }
}
