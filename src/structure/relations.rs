//! Which relations a kernel follows, and how much each counts.

use petgraph::Direction;
use rayon::prelude::*;

use crate::model::Date;
use crate::network::{Link, Network};

/// Which way a kernel walks the relations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Walk {
    /// Both directions, each pair of partners one relation: the heavier of the two.
    #[default]
    Undirected,
    /// From buyer to supplier.
    Upstream,
    /// From supplier to buyer.
    Downstream,
}

/// Which relations a kernel follows, and how much each counts: by default every pair of
/// partners alike, whatever its direction, age and value.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Relations {
    /// Which way they are walked.
    pub walk: Walk,
    /// The age in months at which a relation counts half; infinite, or not above 0, for
    /// no decay.
    pub half_life: f64,
    /// Whether a relation counts by its yearly value: log₂(1 + value / median value),
    /// 1 where unknown.
    pub by_value: bool,
    /// From when ages count back, later relations being of age 0; the network's date where
    /// nothing is said.
    pub as_of: Option<Date>,
}

impl Default for Relations {
    fn default() -> Self {
        Self::unweighted(Walk::Undirected)
    }
}

impl Relations {
    /// Every relation counts 1.
    pub fn unweighted(walk: Walk) -> Self {
        Self { walk, half_life: f64::INFINITY, by_value: false, as_of: None }
    }

    /// A relation counts half at that age in months, a quarter at twice that age.
    pub fn decayed(walk: Walk, half_life: f64) -> Self {
        Self { half_life, ..Self::unweighted(walk) }
    }

    /// Less than this counts nothing, so that no product of weights is lost to underflow.
    /// It is what 199 half-lives leave.
    const LEAST: f64 = 1e-60;

    /// The weight of every relation by its number as of the network's date; `None` where
    /// each is 1.
    pub(super) fn weigh(self, network: &Network) -> Option<Vec<f64>> {
        let decays = self.half_life > 0.0 && self.half_life.is_finite();
        if !decays && !self.by_value {
            return None;
        }
        let median = if self.by_value { median_value(network) } else { 1.0 };
        let now = self.as_of.or(network.as_of()).map(Date::in_months);
        let weigh = |link: Link<'_>| {
            let age = match (now, link.trade().last()) {
                (Some(now), Some(last)) => (now - last.in_months()).max(0.0),
                _ => 0.0,
            };
            let decay = if decays { libm::exp2(-age / self.half_life) } else { 1.0 };
            let weight = match link.trade().value() {
                Some(value) if self.by_value => decay * libm::log2(1.0 + (value / median).min(f64::MAX)),
                _ => decay,
            };
            if weight < Self::LEAST { 0.0 } else { weight }
        };
        // Numbers run by supplier, so firm after firm gives them in order.
        let mut weights = vec![0.0; network.n_edges()];
        let mut rest = weights.as_mut_slice();
        let rows: Vec<_> = network
            .firms()
            .map(|firm| {
                let row;
                (row, rest) = std::mem::take(&mut rest).split_at_mut(network.buyers(firm).len());
                (firm, row)
            })
            .collect();
        rows.into_par_iter().with_min_len(1024).for_each(|(firm, row)| {
            for (weight, link) in row.iter_mut().zip(network.links(firm, Direction::Outgoing)) {
                *weight = weigh(link);
            }
        });
        Some(weights)
    }
}

/// The median of the positive yearly values, 1 where there are none.
fn median_value(network: &Network) -> f64 {
    let mut values: Vec<f64> =
        network.all_links().filter_map(|link| link.trade().value()).filter(|&value| value > 0.0).collect();
    let middle = values.len() / 2;
    if values.is_empty() { 1.0 } else { *values.select_nth_unstable_by(middle, f64::total_cmp).1 }
}
