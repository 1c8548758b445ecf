//! `incidents`: quality trouble, a need of the supplier and a risk of the anchor.

use super::{Column, Factor, Query, Sides, Value, squash};
use crate::model::Side;
use crate::network::Network;

/// Quality incidents (质量问题), a value of its own for each side, from the supplier's
/// x = Σ 2^(−age / 6 months) · 100 / lots over its incidents with any buyer.
///
/// Supplier: x / (x + m), its *need* of help. Anchor: 1 − x / (x + m), its *risk*. Shown
/// twice, netted nowhere. m is the median x of the suppliers with incidents.
///
/// Unknown where no incidents are recorded at all, or the supplier has none and no buyer
/// that could have recorded one. An undated incident counts as fresh, one that tells no
/// lots as one in 100. Own definition. O(1) a candidate.
#[derive(Debug, Clone)]
pub struct Incidents {
    /// x of each firm, `None` where unknown.
    burden: Vec<Option<f64>>,
}

impl Incidents {
    /// The age at which an incident counts half, months.
    pub const HALF_LIFE: f64 = 6.0;
    /// Lots where an incident does not tell.
    const LOTS: f64 = 100.0;

    /// Adds up the incidents of every supplier up to the network's as-of date.
    pub fn new(network: &Network) -> Self {
        let mut burden = vec![0.0; network.n_firms()];
        let incidents = &network.tables().incidents;
        for incident in incidents {
            let Some(supplier) = network.firm_ix(incident.supplier.as_str()) else { continue };
            let Some(age) = super::age(network, incident.date) else { continue };
            let lots = incident.lots.unwrap_or(Self::LOTS);
            burden[supplier.index()] += libm::exp2(-age / Self::HALF_LIFE) * Self::LOTS / lots;
        }
        let is_any = incidents.iter().any(|incident| network.has_begun(incident.date));
        let is_recorded = |supplier| is_any && !network.buyers(supplier).is_empty();
        let known = network.firms().zip(burden).map(|(firm, x)| (x > 0.0 || is_recorded(firm)).then_some(x));
        Self { burden: known.collect() }
    }
}

impl Factor for Incidents {
    fn name(&self) -> &'static str {
        "incidents"
    }

    fn sides(&self) -> Sides {
        Sides::Each
    }

    fn fill(&self, query: &mut Query<'_>, column: &mut Column) {
        let m = query.constant(self.name());
        let needs = query.candidates.iter().map(|firm| self.burden[firm.index()].map(|x| squash(x, m)));
        match query.side {
            Side::Supplier => column.fill_from(needs.map(Value::from_option)),
            Side::Anchor => {
                column.fill_from(needs.map(|need| Value::from_option(need.map(|need| 1.0 - need))));
            }
        }
    }

    fn constant(&self, _: &Network) -> Option<f64> {
        super::median(self.burden.iter().copied().flatten().filter(|&x| x > 0.0).collect())
    }
}
