//! `reach`: near to the anchor in the whole network.

use super::{Column, Factor, Query, Sides, squash};
use crate::structure::Reach;

/// Reach (可达度), one value for both sides: the personalised PageRank of [`Reach`],
/// x / (x + m), m the median of the positive
/// x of the calibration's sample; in [0, 1). One pass of the kernel an anchor. Default weight 0, and then never computed.
///
/// Unknown where the network records no relation of one of the two.
#[derive(Debug, Clone, Default)]
pub struct ReachFactor {
    reach: Reach,
}

impl ReachFactor {
    /// Another kind of walk than the default. In a matcher it takes the place of the
    /// built-in one.
    pub fn new(reach: Reach) -> Self {
        Self { reach }
    }
}

impl Factor for ReachFactor {
    fn name(&self) -> &'static str {
        "reach"
    }

    fn sides(&self) -> Sides {
        Sides::Both
    }

    fn fill(&self, query: &mut Query<'_>, column: &mut Column) {
        let m = query.constant(self.name());
        let scores = query.scratch.reach(&self.reach, query.network, query.anchor);
        super::fill_structural(query.network, query.anchor, query.candidates, column, |firm| {
            squash(scores.get(firm), m)
        });
    }

    fn sample(&self, query: &mut Query<'_>, samples: &mut Vec<f64>) {
        let anchor = query.anchor;
        let scores = query.scratch.reach(&self.reach, query.network, anchor);
        let others = scores.touched().iter().filter(|&&firm| firm != anchor);
        samples.extend(others.map(|&firm| scores.get(firm)).filter(|&score| score > 0.0));
    }
}
