//! `gap`: closes a gap in the region's chain.

use super::demand::Space;
use super::{Factor, Query, Sides, Value};
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

impl Factor for Gap {
    fn name(&self) -> &'static str {
        "gap"
    }

    fn sides(&self) -> Sides {
        Sides::Anchor
    }

    fn fill(&self, query: &mut Query<'_>, values: &mut [Value]) {
        let (network, anchor) = (query.network, query.anchor);
        let Some(region) = network.firm(anchor).region.as_deref() else { return values.fill(Value::Unknown) };
        let inside = |firm: FirmIx| network.firm(firm).region.as_deref() == Some(region);
        let taxonomies = query.taxonomies;
        let demand = query.scratch.fit(taxonomies, network, anchor).demand().clone();
        let purchases = query.scratch.purchases(network, anchor);
        let product_gaps: Vec<f64> = demand
            .products
            .iter()
            .map(|want| {
                let sources = purchases.sources_of(want.concept);
                1.0 - share(sources.iter().map(|line| (inside(line.supplier), line.spend)))
            })
            .collect();
        let industry_gaps: Vec<f64> = demand
            .industries
            .iter()
            .map(|want| {
                let of_industry = suppliers(network, anchor)
                    .filter(|&(firm, _)| taxonomies.industry(firm) == Some(want.concept));
                1.0 - share(of_industry.map(|(firm, spend)| (inside(firm), spend)))
            })
            .collect();
        let fit = query.scratch.fit(taxonomies, network, anchor);
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
                    Space::Products => &product_gaps,
                    Space::Industries => &industry_gaps,
                };
                let open = || wants.iter().zip(gaps).map(|(want, gap)| want.weight * gap);
                let all: f64 = open().sum();
                let met: f64 = open().zip(&best).map(|(open, best)| open * best).sum();
                if all > 0.0 { met / all } else { 0.0 }
            }));
        }
    }
}

/// The suppliers of a firm with their yearly value, 1 where unknown.
fn suppliers(network: &Network, anchor: FirmIx) -> impl Iterator<Item = (FirmIx, f64)> + '_ {
    let links = network.links(anchor, petgraph::Direction::Incoming);
    links.map(|link| (link.supplier(), link.trade().value().unwrap_or(1.0)))
}

/// The share of the spend that is inside, 0 where nothing is spent.
fn share(lines: impl Iterator<Item = (bool, f64)>) -> f64 {
    let (mut inside, mut all) = (0.0, 0.0);
    for (is_inside, spend) in lines {
        all += spend;
        if is_inside {
            inside += spend;
        }
    }
    if all > 0.0 { inside / all } else { 0.0 }
}
