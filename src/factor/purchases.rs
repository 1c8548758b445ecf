//! What an anchor buys today, by product and source.

use std::ops::Range;

use super::slots::Slots;
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
/// whole yearly value for each product that it makes. What is sold without a word of its value counts
/// as the median of the suppliers that tell one (the upper of two), all as 1 where none does.
#[derive(Debug, Default)]
pub(crate) struct Purchases {
    /// Spend at each supplier.
    suppliers: Vec<(FirmIx, f64)>,
    /// By product and supplier, each once.
    lines: Vec<Purchase>,
    /// The sources of its product before each line, and those after it.
    around: Vec<[Sources; 2]>,
    /// The products bought, ascending.
    products: Slots,
    /// By slot where the lines of a product begin, and where the last ones end.
    starts: Vec<usize>,
    /// Whether there is a supplier of which nobody knows what it sells.
    is_partial: bool,
}

/// Sums over some sources of one product.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sources {
    pub(crate) n: usize,
    pub(crate) spend: f64,
    /// Σ spend².
    squares: f64,
}

impl Sources {
    fn with(self, line: &Purchase) -> Self {
        self.and(Self { n: 1, spend: line.spend, squares: line.spend * line.spend })
    }

    fn and(self, other: Self) -> Self {
        Self { n: self.n + other.n, spend: self.spend + other.spend, squares: self.squares + other.squares }
    }

    /// Herfindahl–Hirschman index Σ share², `None` where nothing is spent.
    pub(crate) fn index(self) -> Option<f64> {
        let square = self.spend * self.spend;
        (square > 0.0).then(|| self.squares / square)
    }
}

impl Purchases {
    /// Finds them anew, for another anchor.
    pub(crate) fn prepare(&mut self, network: &Network, anchor: FirmIx) {
        let Self { suppliers, lines, around, products, starts, is_partial } = self;
        *is_partial = false;
        suppliers.clear();
        lines.clear();
        let links = network.links(anchor, petgraph::Direction::Incoming);
        let told = links.clone().filter_map(|link| link.trade().value()).filter(|&value| value > 0.0);
        let untold = super::median(told.collect()).unwrap_or(1.0);
        for link in links {
            let (supplier, named) = (link.supplier(), network.by_product(link));
            let spend = link.trade().value().unwrap_or(untold);
            suppliers.push((supplier, spend));
            if named.is_empty() {
                let makes = network.catalog().makes(supplier);
                *is_partial |= makes.is_empty() && spend > 0.0;
                lines.extend(makes.iter().map(|&(product, _)| Purchase { product, supplier, spend }));
            } else {
                let spend = |value| if value > 0.0 { value } else { untold };
                let line = |&(product, value): &_| Purchase { product, supplier, spend: spend(value) };
                lines.extend(named.iter().map(line));
            }
        }
        lines.retain(|line| line.spend > 0.0);
        lines.sort_by_key(|line| (line.product, line.supplier));
        around.clear();
        products.reset(network.tables().products.len());
        starts.clear();
        for sources in lines.chunk_by(|a, b| a.product == b.product) {
            let start = around.len();
            products.enter(sources[0].product.index() as u32);
            starts.push(start);
            let mut before = Sources::default();
            for line in sources {
                around.push([before, Sources::default()]);
                before = before.with(line);
            }
            let mut after = Sources::default();
            for (line, [_, rest]) in sources.iter().zip(&mut around[start..]).rev() {
                *rest = after;
                after = after.with(line);
            }
        }
        starts.push(lines.len());
    }

    /// The suppliers, ascending, with the yearly spend at each: where one tells no value,
    /// the median of those that do.
    pub(crate) fn suppliers(&self) -> &[(FirmIx, f64)] {
        &self.suppliers
    }

    /// Whether nothing is known of what the anchor buys.
    pub(crate) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Whether more may be bought than is known.
    pub(crate) fn is_partial(&self) -> bool {
        self.is_partial
    }

    /// What is bought, by product, with the spend on it.
    pub(crate) fn totals(&self) -> impl Iterator<Item = (ProductIx, f64)> + '_ {
        let by_product = self.lines.chunk_by(|a, b| a.product == b.product);
        by_product.map(|lines| (lines[0].product, lines.iter().map(|line| line.spend).sum()))
    }

    /// The sources of one product, by supplier.
    pub(crate) fn sources(&self, product: ProductIx) -> &[Purchase] {
        &self.lines[self.range(product)]
    }

    fn range(&self, product: ProductIx) -> Range<usize> {
        self.products
            .get(product.index() as u32)
            .map_or(0..0, |slot| self.starts[slot]..self.starts[slot + 1])
    }

    /// All sources of one product.
    pub(crate) fn all(&self, product: ProductIx) -> Sources {
        let range = self.range(product);
        let (lines, around) = (&self.lines[range.clone()], &self.around[range]);
        lines.last().map_or(Sources::default(), |last| around[lines.len() - 1][0].with(last))
    }

    /// The sources of one product but for `supplier`. O(log sources): an anchor may
    /// have as many of them as candidates.
    pub(crate) fn others(&self, product: ProductIx, supplier: FirmIx) -> Sources {
        let range = self.range(product);
        let lines = &self.lines[range.clone()];
        let around = &self.around[range];
        match lines.binary_search_by_key(&supplier, |line| line.supplier) {
            Ok(position) => around[position][0].and(around[position][1]),
            Err(_) => self.all(product),
        }
    }

    /// The sources of one thing wanted.
    pub(crate) fn sources_of(&self, concept: Concept) -> &[Purchase] {
        self.sources(ProductIx::new(concept as usize))
    }
}
