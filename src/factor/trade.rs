//! `trade`: how much the two depend on each other today.

use rustc_hash::FxHashMap;

use super::{Factor, Query, Sides, Value};
use crate::model::{FirmIx, ProductIx};
use crate::network::{Network, Trade};

/// Existing trade (既有交易), one value for both sides: √d_a · (1 − max(0, d_s − ½)).
///
/// d_a is the supplier's share of the anchor's yearly spend, by product and averaged over
/// products by spend (rows without a product are one product of their own); d_s is the
/// anchor's share of the supplier's yearly revenue, at most 1. A supplier that lives off
/// the anchor by more than half scores less.
///
/// Not applicable where the supplier sold nothing to the anchor in the year, and then
/// left out of both sums: existing partners are not favoured for being so. Unknown where
/// they trade without values, or the supplier's revenue is unknown. Own definition, after
/// the dependence of Emerson, Power-Dependence Relations, American Sociological Review
/// 27, 1962. O(log degree + products) a candidate.
#[derive(Debug, Clone)]
pub struct TradeFactor;

impl TradeFactor {
    /// The spend of `anchor` by product; the last entry is that of rows without one.
    pub(super) fn spend(network: &Network, anchor: FirmIx) -> FxHashMap<Option<ProductIx>, f64> {
        let mut spend = FxHashMap::default();
        for &supplier in network.suppliers(anchor) {
            for (product, value) in lines(network, supplier, anchor) {
                *spend.entry(product).or_insert(0.0) += value;
            }
        }
        spend
    }
}

/// A supplier's yearly sales to the anchor by product; what no product is named for last.
fn lines(network: &Network, supplier: FirmIx, anchor: FirmIx) -> Vec<(Option<ProductIx>, f64)> {
    let all = network.trade(supplier, anchor).and_then(Trade::value).unwrap_or(0.0);
    let named = network.trade_by_product(supplier, anchor);
    let rest = all - named.iter().map(|&(_, value)| value).sum::<f64>();
    let named = named.iter().map(|&(product, value)| (Some(product), value));
    // A rest below a rounding step of the whole is none.
    named.chain((rest > all * 1e-9).then_some((None, rest))).collect()
}

impl Factor for TradeFactor {
    fn name(&self) -> &'static str {
        "trade"
    }

    fn sides(&self) -> Sides {
        Sides::Both
    }

    fn fill(&self, query: &mut Query<'_>, values: &mut [Value]) {
        let (network, anchor) = (query.network, query.anchor);
        if network.suppliers(anchor).is_empty() {
            return values.fill(Value::NotApplicable);
        }
        for (value, &candidate) in values.iter_mut().zip(query.candidates) {
            *value = match network.trade(candidate, anchor).map(Trade::value) {
                None | Some(Some(0.0)) => Value::NotApplicable,
                Some(None) => Value::Unknown,
                Some(Some(sales)) => {
                    let spend = query.scratch.spend(network, anchor);
                    let (mut share, mut all) = (0.0, 0.0);
                    for (product, value) in lines(network, candidate, anchor) {
                        share += value * value / spend[&product];
                        all += value;
                    }
                    let revenue = network.firm(candidate).revenue.filter(|&revenue| revenue > 0.0);
                    Value::from_option(revenue.filter(|_| all > 0.0).map(|revenue| {
                        let of_revenue = (sales / revenue).min(1.0);
                        libm::sqrt((share / all).min(1.0)) * (1.0 - (of_revenue - 0.5).max(0.0))
                    }))
                }
            };
        }
    }
}
