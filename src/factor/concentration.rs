//! `concentration`: the anchor hangs on few sources.

use super::{Column, Factor, Query, Sides, Value};
use crate::model::FirmIx;

/// Concentration (集中度), for the anchor: the Herfindahl–Hirschman index Σ share² of the
/// anchor's *other* sources for what the supplier makes, averaged over products by spend.
/// The more the anchor hangs on few, the more a further source is worth: 1 for a single
/// other source, 1/n for n equal ones.
///
/// Unknown where the anchor's purchases by product are, the supplier's products are, or
/// the anchor buys none of them from anybody else. Source: Hirschman, The Paternity of an
/// Index, American Economic Review 54, 1964. O(products made · log sources) a candidate.
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
        let purchases = query.scratch.purchases(query.network, query.anchor);
        if purchases.is_empty() {
            return column.fill(Value::Unknown);
        }
        let catalog = query.network.catalog();
        column.fill_from(query.candidates.iter().map(|&candidate| {
            let (mut weighted, mut all) = (0.0, 0.0);
            for &(product, _) in catalog.makes(candidate) {
                let others = purchases.others(product, candidate);
                if let Some(index) = others.index() {
                    weighted += others.spend * index;
                    all += others.spend;
                }
            }
            if all > 0.0 { Value::Known((weighted / all).min(1.0)) } else { Value::Unknown }
        }));
    }
}
