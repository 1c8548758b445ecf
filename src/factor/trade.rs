//! `trade`: how much the two depend on each other today.

use rustc_hash::FxHashMap;

use super::{Column, Factor, Query, Sides, Value, common};
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
/// 27, 1962. O(suppliers and their products) an anchor, and
/// nothing for a candidate that is none of them.
#[derive(Debug, Clone)]
pub struct TradeFactor;

impl TradeFactor {
    /// The values of those who supply `anchor`, ascending; of all others there are none.
    pub(super) fn values(network: &Network, anchor: FirmIx) -> Vec<(FirmIx, Value)> {
        let suppliers = network.suppliers(anchor);
        let (mut lines, mut ends) = (Vec::new(), Vec::with_capacity(suppliers.len()));
        for &supplier in suppliers {
            push_lines(network, supplier, anchor, &mut lines);
            ends.push(lines.len());
        }
        // By product; what no product is named for is one of its own.
        let mut spend = FxHashMap::default();
        for &(product, value) in &lines {
            *spend.entry(product).or_insert(0.0) += value;
        }
        let value = |supplier, lines: &[(Option<ProductIx>, f64)]| {
            let Some(sales) = network.trade(supplier, anchor).and_then(Trade::value) else {
                return Value::Unknown;
            };
            if sales == 0.0 {
                return Value::NotApplicable;
            }
            let (mut share, mut all) = (0.0, 0.0);
            for &(product, value) in lines {
                share += value * value / spend[&product];
                all += value;
            }
            let revenue = network.firm(supplier).revenue.filter(|&revenue| revenue > 0.0);
            Value::from_option(revenue.filter(|_| all > 0.0).map(|revenue| {
                let of_revenue = (sales / revenue).min(1.0);
                libm::sqrt((share / all).min(1.0)) * (1.0 - (of_revenue - 0.5).max(0.0))
            }))
        };
        let mut start = 0;
        let values = suppliers.iter().zip(ends).map(|(&supplier, end)| {
            let of_supplier = &lines[start..end];
            start = end;
            (supplier, value(supplier, of_supplier))
        });
        values.collect()
    }
}

/// Adds a supplier's yearly sales to the anchor by product; what no product is named for
/// last.
fn push_lines(
    network: &Network,
    supplier: FirmIx,
    anchor: FirmIx,
    lines: &mut Vec<(Option<ProductIx>, f64)>,
) {
    let all = network.trade(supplier, anchor).and_then(Trade::value).unwrap_or(0.0);
    let named = network.trade_by_product(supplier, anchor);
    let rest = all - named.iter().map(|&(_, value)| value).sum::<f64>();
    lines.extend(named.iter().map(|&(product, value)| (Some(product), value)));
    // A rest below a rounding step of the whole is none.
    if rest > all * 1e-9 {
        lines.push((None, rest));
    }
}

impl Factor for TradeFactor {
    fn name(&self) -> &'static str {
        "trade"
    }

    fn sides(&self) -> Sides {
        Sides::Both
    }

    fn is_cheap(&self) -> bool {
        true
    }

    fn fill(&self, query: &mut Query<'_>, column: &mut Column) {
        column.fill(Value::NotApplicable);
        let (candidates, values) = (query.candidates, query.scratch.trade(query.network, query.anchor));
        for (position, found) in common(candidates, values, |&(supplier, _)| supplier) {
            column.set(position, values[found].1);
        }
    }

    fn bound_alike(&self, query: &mut Query<'_>, column: &mut Column) -> bool {
        column.fill(Value::NotApplicable);
        !query.beyond.may_supply
    }
}
