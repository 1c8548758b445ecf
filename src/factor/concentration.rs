//! `concentration`: the anchor hangs on few sources.

use super::purchases::{Purchase, Purchases};
use super::{Factor, Query, Sides, Value};
use crate::model::FirmIx;
use crate::network::Network;

/// Concentration (集中度), for the anchor: the Herfindahl–Hirschman index Σ share² of the
/// anchor's *other* sources for what the supplier makes, averaged over products by spend.
/// The more the anchor hangs on few, the more a further source is worth: 1 for a single
/// other source, 1/n for n equal ones.
///
/// Unknown where the anchor's purchases by product are, the supplier's products are, or
/// the anchor buys none of them from anybody else. Source: Hirschman, The Paternity of an
/// Index, American Economic Review 54, 1964.
#[derive(Debug, Clone, Copy, Default)]
pub struct Concentration;

/// The other sources of each product that the supplier makes and the anchor buys.
fn others<'a>(
    network: &'a Network,
    purchases: &'a Purchases,
    supplier: FirmIx,
) -> impl Iterator<Item = impl Iterator<Item = &'a Purchase> + Clone> {
    network.catalog().makes(supplier).iter().map(move |&(product, _)| {
        purchases.sources(product).iter().filter(move |line| line.supplier != supplier)
    })
}

/// Whether there is a product that the supplier makes and the anchor buys from one other
/// source alone.
pub(crate) fn single_source(query: &mut Query<'_>, supplier: FirmIx) -> bool {
    let purchases = query.scratch.purchases(query.network, query.anchor);
    others(query.network, purchases, supplier).any(|sources| sources.count() == 1)
}

impl Factor for Concentration {
    fn name(&self) -> &'static str {
        "concentration"
    }

    fn sides(&self) -> Sides {
        Sides::Anchor
    }

    fn fill(&self, query: &mut Query<'_>, values: &mut [Value]) {
        let purchases = query.scratch.purchases(query.network, query.anchor);
        if purchases.is_empty() {
            return values.fill(Value::Unknown);
        }
        for (value, &candidate) in values.iter_mut().zip(query.candidates) {
            let (mut weighted, mut all) = (0.0, 0.0);
            for sources in others(query.network, purchases, candidate) {
                let spend: f64 = sources.clone().map(|line| line.spend).sum();
                if spend > 0.0 {
                    let index: f64 = sources.map(|line| (line.spend / spend) * (line.spend / spend)).sum();
                    weighted += spend * index;
                    all += spend;
                }
            }
            *value = if all > 0.0 { Value::Known((weighted / all).min(1.0)) } else { Value::Unknown };
        }
    }
}
