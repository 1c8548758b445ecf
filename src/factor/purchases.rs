//! What an anchor buys today, by product and source.

use super::taxonomy::Concept;
use crate::model::{FirmIx, ProductIx};
use crate::network::Network;

/// One line of what an anchor buys.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Purchase {
    pub(crate) product: ProductIx,
    pub(crate) supplier: FirmIx,
    /// CNY a year; where values are unknown, 1 a line.
    pub(crate) spend: f64,
}

/// An anchor's purchases by product and supplier.
///
/// From supply rows that name products; a supplier whose rows name none counts with its
/// whole yearly value for each product that it makes.
#[derive(Debug, Default)]
pub(crate) struct Purchases {
    /// By product and supplier.
    lines: Vec<Purchase>,
}

impl Purchases {
    pub(crate) fn of(network: &Network, anchor: FirmIx) -> Self {
        let mut lines = Vec::new();
        for link in network.links(anchor, petgraph::Direction::Incoming) {
            let supplier = link.supplier();
            let named = network.trade_by_product(supplier, anchor);
            if named.is_empty() {
                let spend = link.trade().value().unwrap_or(1.0);
                let makes = network.catalog().makes(supplier).iter();
                lines.extend(makes.map(|&(product, _)| Purchase { product, supplier, spend }));
            } else {
                lines.extend(named.iter().map(|&(product, spend)| Purchase { product, supplier, spend }));
            }
        }
        lines.retain(|line| line.spend > 0.0);
        lines.sort_by_key(|line| (line.product, line.supplier));
        Self { lines }
    }

    /// Whether nothing is known of what the anchor buys.
    pub(crate) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// What is bought, by product, with the spend on it.
    pub(crate) fn totals(&self) -> impl Iterator<Item = (ProductIx, f64)> + '_ {
        let by_product = self.lines.chunk_by(|a, b| a.product == b.product);
        by_product.map(|lines| (lines[0].product, lines.iter().map(|line| line.spend).sum()))
    }

    /// The sources of one product, by supplier.
    pub(crate) fn sources(&self, product: ProductIx) -> &[Purchase] {
        let start = self.lines.partition_point(|line| line.product < product);
        let end = self.lines.partition_point(|line| line.product <= product);
        &self.lines[start..end]
    }

    /// The sources of one thing wanted.
    pub(crate) fn sources_of(&self, concept: Concept) -> &[Purchase] {
        self.sources(ProductIx::new(concept as usize))
    }
}
