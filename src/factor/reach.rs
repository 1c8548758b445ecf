//! `reach`: near to the anchor in the whole network.

use std::sync::{Arc, LazyLock};

use super::{Column, Factor, Query, Sides, squash};
use crate::network::Network;
use crate::structure::{Reach, ReachError, ReachWalk, SharedPartners};

/// Reach (可达度), one value for both sides: the personalised PageRank of [`Reach`],
/// x / (x + m), m the median of the positive x of the calibration's sample; in [0, 1).
/// One pass of the kernel an anchor. Default weight 0, and then neither prepared nor
/// computed.
///
/// Unknown where the network records no relation of one of the two.
#[derive(Debug, Clone)]
pub struct ReachFactor {
    kernel: Arc<LazyLock<Reach, Prepare>>,
}

/// Prepares the kernel once it is asked for.
type Prepare = Box<dyn FnOnce() -> Reach + Send>;

impl ReachFactor {
    /// Prepares another kind of walk than the default. In a matcher it takes the place of the
    /// built-in one.
    ///
    /// # Errors
    ///
    /// [`ReachError`] where a parameter of the walk is out of range.
    pub fn new(network: &Network, walk: ReachWalk) -> Result<Self, ReachError> {
        let kernel = Reach::new(network, walk)?;
        Ok(Self::preparing(Box::new(move || kernel)))
    }

    /// The default walk, over the relations of shared partners.
    pub(crate) fn beside(shared: Arc<SharedPartners>) -> Self {
        Self::preparing(Box::new(move || Reach::beside(&shared)))
    }

    fn preparing(prepare: Prepare) -> Self {
        Self { kernel: Arc::new(LazyLock::new(prepare)) }
    }
}

impl Factor for ReachFactor {
    fn name(&self) -> &'static str {
        "reach"
    }

    fn sides(&self) -> Sides {
        Sides::Both
    }

    fn prepare(&self) {
        LazyLock::force(&self.kernel);
    }

    fn is_cheap(&self) -> bool {
        true
    }

    fn fill(&self, query: &mut Query<'_>, column: &mut Column) {
        let m = query.constant(self.name());
        let scores = query.scratch.reach(&self.kernel, query.anchor);
        let scored = query.candidates.iter().map(|&firm| scores.get(firm));
        let scored = scored.map(|score| (score, squash(score, m)));
        super::fill_structural(query.profiles, query.anchor, query.candidates, column, scored);
    }

    fn sample(&self, query: &mut Query<'_>, samples: &mut Vec<f64>) {
        let scores = query.scratch.reach(&self.kernel, query.anchor);
        samples.extend(scores.positive().into_iter().map(|(_, score)| score));
    }
}
