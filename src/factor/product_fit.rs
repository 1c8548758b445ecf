//! `product_fit`: what the supplier makes meets what the anchor wants.

use super::demand::raise;
use super::{Factor, Query, Side, Sides, Value};

/// Product fit (产品契合), a value of its own for each side.
///
/// Anchor: Σₚ wₚ · max_q sim(p, q) / Σₚ wₚ — how much of what it wants the supplier could
/// deliver. Supplier: Σ_q w_q · max_p sim(p, q) / Σ_q w_q — how much of what it makes the
/// anchor could take. p runs over the anchor's [`Demand`](super::Demand), q over what the
/// supplier makes, sim is [`Taxonomy::similarity`](super::Taxonomy::similarity): inputs
/// meet outputs; two firms of one trade get nothing for their likeness.
///
/// Unknown where the anchor's wants or the supplier's products and industry are.
/// Source: own definition over Lin, An Information-Theoretic Definition of Similarity,
/// ICML 1998. O(wants × products made) a candidate.
#[derive(Debug, Clone, Copy, Default)]
pub struct ProductFit;

impl Factor for ProductFit {
    fn name(&self) -> &'static str {
        "product_fit"
    }

    fn sides(&self) -> Sides {
        Sides::Each
    }

    fn fill(&self, query: &mut Query<'_>, values: &mut [Value]) {
        let taxonomies = query.taxonomies;
        let fit = query.scratch.fit(taxonomies, query.network, query.anchor);
        let mut best = Vec::new();
        for (value, &candidate) in values.iter_mut().zip(query.candidates) {
            best.clear();
            let (mut used, mut made) = (0.0, 0.0);
            let wants = fit.compare(taxonomies, query.network, candidate, |make, likeness| {
                raise(&mut best, likeness);
                used += make.weight * likeness.iter().copied().fold(0.0, f64::max);
                made += make.weight;
            });
            *value = Value::from_option(wants.map(|(_, wants)| match query.side {
                Side::Anchor => {
                    let all: f64 = wants.iter().map(|want| want.weight).sum();
                    let met: f64 = wants.iter().zip(&best).map(|(want, best)| want.weight * best).sum();
                    met / all
                }
                Side::Supplier => used / made,
            }));
        }
    }
}
