//! `shared_partners`: trades with the firms the anchor trades with.

use std::sync::Arc;

use super::{Column, Factor, Query, Sides, squash};
use crate::network::Network;
use crate::structure::SharedPartners;

/// Shared partners (共同伙伴), one value for both sides: the resource allocation of
/// [`SharedPartners`], x / (x + m), m the median of the positive
/// x of the calibration's sample; in [0, 1). One pass of the kernel an anchor.
///
/// Unknown where the network records no relation of one of the two.
#[derive(Debug, Clone)]
pub struct SharedPartnersFactor {
    shared: Arc<SharedPartners>,
}

impl SharedPartnersFactor {
    /// Counts the partners of every firm.
    pub fn new(network: &Network) -> Self {
        Self { shared: Arc::new(SharedPartners::new(network)) }
    }

    /// The prepared kernel.
    pub(crate) fn kernel(&self) -> &Arc<SharedPartners> {
        &self.shared
    }
}

impl Factor for SharedPartnersFactor {
    fn name(&self) -> &'static str {
        "shared_partners"
    }

    fn sides(&self) -> Sides {
        Sides::Both
    }

    fn fill(&self, query: &mut Query<'_>, column: &mut Column) {
        let m = query.constant(self.name());
        let scores = query.scratch.shared_partners_of(&self.shared, query.anchor, query.candidates.len());
        let scored = query.candidates.iter().map(|&firm| scores.get(firm));
        let scored = scored.map(|score| (score, squash(score, m)));
        super::fill_structural(query.profiles, query.anchor, query.candidates, column, scored);
    }

    fn sample(&self, query: &mut Query<'_>, samples: &mut Vec<f64>) {
        let scores = query.scratch.shared_partners(&self.shared, query.anchor);
        samples.extend(scores.positive().into_iter().map(|(_, score)| score));
    }
}
