//! `trade`: how much the two depend on each other today.

use petgraph::Direction::Incoming;
use rustc_hash::FxHashMap;

use super::{Column, Factor, Query, Sides, Value, common};
use crate::model::{FirmIx, ProductIx};
use crate::network::Network;

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
/// 27, 1962. O(suppliers and their products) an anchor, O(its
/// products) a candidate that is one of them, and nothing for others.
#[derive(Debug, Clone)]
pub struct TradeFactor;

/// What an anchor buys from each of its suppliers, by product; what no product is named for is one
/// of its own.
#[derive(Debug, Default)]
pub(super) struct Bought {
    /// Ascending, each with the yearly value and where its lines end.
    suppliers: Vec<(FirmIx, Option<f64>, usize)>,
    lines: Vec<(Option<ProductIx>, f64)>,
    /// The sum of the lines of each product.
    spend: FxHashMap<Option<ProductIx>, f64>,
}

impl Bought {
    /// Finds it anew, for another anchor.
    pub(super) fn prepare(&mut self, network: &Network, anchor: FirmIx) {
        let Self { suppliers, lines, spend } = self;
        suppliers.clear();
        lines.clear();
        spend.clear();
        for link in network.links(anchor, Incoming) {
            let named = network.by_product(link);
            lines.extend(named.iter().map(|&(product, value)| (Some(product), value)));
            let all = link.trade().value();
            let rest = all.unwrap_or(0.0) - named.iter().map(|&(_, value)| value).sum::<f64>();
            // A rest below a rounding step of the whole is none.
            if rest > all.unwrap_or(0.0) * 1e-9 {
                lines.push((None, rest));
            }
            suppliers.push((link.supplier(), all, lines.len()));
        }
        for &(product, value) in &*lines {
            *spend.entry(product).or_insert(0.0) += value;
        }
    }

    /// What the factor says of the supplier at a position.
    fn value(&self, network: &Network, position: usize) -> Value {
        let (supplier, sales, end) = self.suppliers[position];
        let start = position.checked_sub(1).map_or(0, |before| self.suppliers[before].2);
        let Some(sales) = sales else { return Value::Unknown };
        if sales == 0.0 {
            return Value::NotApplicable;
        }
        let (mut share, mut all) = (0.0, 0.0);
        for &(product, value) in self.lines[start..end].iter().filter(|line| line.1 > 0.0) {
            share += value * value / self.spend[&product];
            all += value;
        }
        let revenue = network.firm(supplier).revenue.filter(|&revenue| revenue > 0.0);
        Value::from_option(revenue.filter(|_| all > 0.0).map(|revenue| {
            let of_revenue = (sales / revenue).min(1.0);
            libm::sqrt((share / all).min(1.0)) * (1.0 - (of_revenue - 0.5).max(0.0))
        }))
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
        let (network, bought) = (query.network, query.scratch.bought(query.network, query.anchor));
        for (position, found) in common(query.candidates, &bought.suppliers, |&(supplier, ..)| supplier) {
            column.set(position, bought.value(network, found));
        }
    }
}
