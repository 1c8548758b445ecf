//! `concentration`: the anchor hangs on few sources.

use super::purchases::Sources;
use super::{Column, Factor, Query, Sides, Value, Want, common};
use crate::model::{FirmIx, ProductIx};

/// Concentration (集中度), for the anchor: the Herfindahl–Hirschman index Σ share² of the
/// anchor's *other* sources for what the supplier makes, averaged over products by spend.
/// The more the anchor hangs on few, the more a further source is worth: 1 for a single
/// other source, 1/n for n equal ones; 0 where it wants none of that, so that there is nothing to
/// be a further source of.
///
/// Not applicable where of all that the supplier makes the anchor has no other source: it would be the
/// first, or is the only one. Unknown where the anchor's purchases by product or the supplier's products
/// are, and instead of 0 where nobody knows what some of the anchor's suppliers sell. Source: Hirschman,
/// The Paternity of an Index, American Economic Review 54, 1964. O(products made · log (sources and
/// wants)) a candidate.
#[derive(Debug, Clone, Copy, Default)]
pub struct Concentration;

/// Whether there is a product that the supplier makes and the anchor buys from one
/// source alone, which is not the supplier itself.
pub(crate) fn single_source(query: &mut Query<'_>, supplier: FirmIx) -> bool {
    let purchases = query.scratch.purchases(query.network, query.anchor);
    let makes = query.network.catalog().makes(supplier);
    makes.iter().any(|&(product, _)| {
        let sources = purchases.sources(product);
        sources.len() == 1 && sources[0].supplier != supplier
    })
}

impl Factor for Concentration {
    fn name(&self) -> &'static str {
        "concentration"
    }

    fn sides(&self) -> Sides {
        Sides::Anchor
    }

    fn fill(&self, query: &mut Query<'_>, column: &mut Column) {
        let (purchases, demand) =
            query.scratch.purchases_and_demand(query.taxonomies, query.network, query.anchor);
        if purchases.is_empty() {
            return column.fill(Value::Unknown);
        }
        let is_wanted = |product: ProductIx| {
            let wanted = |want: &Want| want.concept as usize;
            demand.products.binary_search_by_key(&product.index(), wanted).is_ok()
        };
        let (catalog, candidates) = (query.network.catalog(), query.candidates);
        let value = |candidate, sources: &dyn Fn(ProductIx) -> Sources| {
            let (mut weighted, mut all) = (0.0, 0.0);
            let makes = catalog.makes(candidate);
            for &(product, _) in makes {
                let sources = sources(product);
                if let Some(index) = sources.index() {
                    weighted += sources.spend * index;
                    all += sources.spend;
                }
            }
            if all > 0.0 {
                return Value::Known((weighted / all).min(1.0));
            }
            let is_source = |product| is_wanted(product) || !purchases.sources(product).is_empty();
            if makes.iter().any(|&(product, _)| is_source(product)) {
                Value::NotApplicable
            } else if makes.is_empty() || purchases.is_partial() {
                Value::Unknown
            } else {
                Value::Known(0.0)
            }
        };
        // Most candidates are no source of today, and all sources are other ones.
        column.fill_from(
            candidates.iter().map(|&candidate| value(candidate, &|product| purchases.all(product))),
        );
        for (position, _) in common(candidates, purchases.suppliers(), |&(supplier, _)| supplier) {
            let candidate = candidates[position];
            column.set(position, value(candidate, &|product| purchases.others(product, candidate)));
        }
    }

    fn bound_alike(&self, query: &mut Query<'_>, _: &mut Column) -> bool {
        // Unknown of everybody.
        query.scratch.purchases(query.network, query.anchor).is_empty()
    }
}
