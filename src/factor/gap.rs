//! `gap`: closes a gap in the region's chain.

use super::demand::{Demand, Space, Want};
use super::purchases::Purchases;
use super::{Factor, Query, Sides, Taxonomies, Value};
use crate::model::FirmIx;
use crate::network::Network;

/// Gap filling (补链), for the anchor: the anchor's [`ProductFit`](super::ProductFit) with
/// each thing wanted weighted by wₚ · (1 − share of p bought inside the anchor's region).
///
/// The share is that of the anchor's yearly spend on p; a thing that it wants and does
/// not buy at all is a whole gap. The value is 0 where nothing is left to close. Unknown
/// without the anchor's region, or where product fit is. Own definition; the practice is
/// 延链补链强链. O(wants × (products made + sources)) a candidate.
#[derive(Debug, Clone, Copy, Default)]
pub struct Gap;

/// What is left to close of each thing that an anchor wants, in [0, 1].
#[derive(Debug, Default)]
pub(crate) struct Gaps {
    products: Vec<f64>,
    industries: Vec<f64>,
}

impl Gaps {
    /// The gaps of an anchor whose region is known.
    pub(crate) fn of(
        taxonomies: &Taxonomies,
        network: &Network,
        anchor: FirmIx,
        demand: &Demand,
        purchases: &Purchases,
    ) -> Self {
        let region = |firm: FirmIx| network.firm(firm).region.as_deref();
        let inside = |firm: FirmIx| region(firm) == region(anchor);
        let of_product = |want: &Want| {
            let mut spend = Spend::default();
            for line in purchases.sources_of(want.concept) {
                spend.add(inside(line.supplier), line.spend);
            }
            spend.gap()
        };
        let mut spends = vec![Spend::default(); demand.industries.len()];
        for link in network.links(anchor, petgraph::Direction::Incoming) {
            let supplier = link.supplier();
            if let Some(industry) = taxonomies.industry(supplier)
                && let Ok(position) = demand.industries.binary_search_by_key(&industry, |want| want.concept)
            {
                spends[position].add(inside(supplier), link.trade().value().unwrap_or(1.0));
            }
        }
        Self {
            products: demand.products.iter().map(of_product).collect(),
            industries: spends.into_iter().map(Spend::gap).collect(),
        }
    }
}

/// What is spent inside the anchor's region, and in all.
#[derive(Debug, Clone, Copy, Default)]
struct Spend {
    inside: f64,
    all: f64,
}

impl Spend {
    fn add(&mut self, is_inside: bool, spend: f64) {
        self.all += spend;
        if is_inside {
            self.inside += spend;
        }
    }

    /// 1 where nothing is spent.
    fn gap(self) -> f64 {
        1.0 - if self.all > 0.0 { self.inside / self.all } else { 0.0 }
    }
}

impl Factor for Gap {
    fn name(&self) -> &'static str {
        "gap"
    }

    fn sides(&self) -> Sides {
        Sides::Anchor
    }

    fn fill(&self, query: &mut Query<'_>, values: &mut [Value]) {
        let (network, anchor, taxonomies) = (query.network, query.anchor, query.taxonomies);
        if network.firm(anchor).region.is_none() {
            return values.fill(Value::Unknown);
        }
        let (gaps, fit) = query.scratch.gaps(taxonomies, network, anchor);
        let mut best = Vec::new();
        for (value, &candidate) in values.iter_mut().zip(query.candidates) {
            best.clear();
            let wants = fit.compare(taxonomies, network, candidate, |_, likeness| {
                best.resize(likeness.len(), 0.0f64);
                for (best, &like) in best.iter_mut().zip(likeness) {
                    *best = best.max(like);
                }
            });
            *value = Value::from_option(wants.map(|(space, wants)| {
                let gaps = match space {
                    Space::Products => &gaps.products,
                    Space::Industries => &gaps.industries,
                };
                let open = || wants.iter().zip(gaps).map(|(want, gap)| want.weight * gap);
                let all: f64 = open().sum();
                let met: f64 = open().zip(&best).map(|(open, best)| open * best).sum();
                if all > 0.0 { met / all } else { 0.0 }
            }));
        }
    }
}
