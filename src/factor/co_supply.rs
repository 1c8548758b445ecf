//! `co_supply`: supplies those who buy where the anchor buys.

use std::sync::Arc;

use super::{Column, Factor, Query, Sides, squash};
use crate::network::Network;
use crate::structure::{PathWeights, ThreePaths};

/// Co-supply (共同供应), one value for both sides: the decayed, degree-normalised 3-paths
/// of [`ThreePaths`], x / (x + m), m the median of the positive
/// x of the calibration's sample; in [0, 1). One pass of the kernel an anchor.
///
/// Unknown where the network records no relation of one of the two. On real data the
/// strongest single signal of a new relation.
#[derive(Debug, Clone)]
pub struct CoSupply {
    paths: Arc<ThreePaths>,
}

impl CoSupply {
    /// Prepares the default weights of paths: half-life 12 months, values aside.
    pub fn new(network: &Network) -> Self {
        Self::with_weights(network, PathWeights::default())
    }

    /// Prepares other weights of paths. In a matcher it takes the place of the built-in one;
    /// candidates and witnesses still come from paths of the default weights.
    pub fn with_weights(network: &Network, weights: PathWeights) -> Self {
        Self { paths: Arc::new(ThreePaths::new(network, weights)) }
    }

    /// The prepared paths.
    pub(crate) fn paths(&self) -> &Arc<ThreePaths> {
        &self.paths
    }
}

impl Factor for CoSupply {
    fn name(&self) -> &'static str {
        "co_supply"
    }

    fn sides(&self) -> Sides {
        Sides::Both
    }

    fn is_cheap(&self) -> bool {
        true
    }

    fn fill(&self, query: &mut Query<'_>, column: &mut Column) {
        let m = query.constant(self.name());
        let scores = query.scratch.co_supply_of(&self.paths, query.anchor, query.candidates.len());
        let scored = query.candidates.iter().map(|&firm| scores.get(firm));
        let scored = scored.map(|score| (score, squash(score, m)));
        super::fill_structural(query.profiles, query.anchor, query.candidates, column, scored);
    }

    fn bound_alike(&self, query: &mut Query<'_>, column: &mut Column) -> bool {
        // Without paths it is 0, or unknown.
        super::fill_alike(self.name(), query, column, 0.0);
        query.without_paths == Some(self.paths.weights())
    }

    fn sample(&self, query: &mut Query<'_>, samples: &mut Vec<f64>) {
        let scores = query.scratch.co_supply(&self.paths, query.anchor);
        samples.extend(scores.positive().into_iter().map(|(_, score)| score));
    }
}
