//! `product_fit`: what the supplier makes meets what the anchor wants.

use super::{Column, Factor, Query, Sides, Value};

/// Product fit (产品契合), a value of its own for each side.
///
/// Anchor: Σₚ wₚ · max_q sim(p, q) / Σₚ wₚ — how much of what it wants the supplier could
/// deliver. Supplier: Σ_q w_q · max_p sim(p, q) / Σ_q w_q — how much of what it makes the
/// anchor could take. p runs over the anchor's [`Demand`](super::Demand), q over what the
/// supplier makes, sim is [`Taxonomy::similarity`](super::Taxonomy::similarity): inputs
/// meet outputs; two firms of one trade get nothing for their likeness. Whose products are untold, or
/// told in words that nobody else uses, is held against the industries of the anchor's suppliers, and
/// counts half: these are only inferred from what the anchor buys.
///
/// Not applicable where all wants are inferred so: they are met already, and more of the same is what
/// [`Gap`](super::Gap) and [`Concentration`](super::Concentration) weigh. Unknown where the anchor's wants
/// or the supplier's products and industry are.
/// Source: own definition over Lin, An Information-Theoretic Definition of Similarity,
/// ICML 1998. O(wants × products made) a candidate, once for both
/// sides; the likeness of a product to the wants is found once an anchor.
#[derive(Debug, Clone, Copy, Default)]
pub struct ProductFit;

impl Factor for ProductFit {
    fn name(&self) -> &'static str {
        "product_fit"
    }

    fn sides(&self) -> Sides {
        Sides::Each
    }

    fn fill(&self, query: &mut Query<'_>, column: &mut Column) {
        let fit = query.scratch.fit(query.taxonomies, query.network, query.anchor);
        if let Some(silence) = fit.demand().silence() {
            return column.fill(silence);
        }
        let meetings = fit.meet(query.taxonomies, query.network, query.profiles, query.candidates);
        let values = meetings.iter().map(|met| met.map(|met| met.of(query.side)));
        column.fill_from(values.map(Value::from_option));
    }

    fn bound(&self, query: &mut Query<'_>, column: &mut Column) -> bool {
        let fit = query.scratch.fit(query.taxonomies, query.network, query.anchor);
        if let Some(silence) = fit.demand().silence() {
            column.fill(silence);
            return true;
        }
        let met = |firm: &_| fit.meets_at_most(query.taxonomies, query.profiles, *firm);
        let values = query.candidates.iter().map(met).map(|met| met.map(|met| met.of(query.side)));
        column.fill_from(values.map(Value::from_option));
        true
    }

    fn bound_alike(&self, query: &mut Query<'_>, column: &mut Column) -> bool {
        self.bound(query, column)
    }
}
