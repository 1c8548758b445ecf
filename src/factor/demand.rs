//! What an anchor wants.

use super::Value;
use super::purchases::Purchases;
use super::taxonomy::{Concept, Taxonomies};
use crate::model::{FirmIx, ProductIx};
use crate::network::Network;

/// A thing wanted: a product or an industry, with its weight.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Want {
    /// Product or industry, by index in its [`Taxonomy`](super::Taxonomy).
    pub concept: Concept,
    /// Importance, above 0.
    pub weight: f64,
}

/// What a firm wants from suppliers.
///
/// Products: its `needs` rows; else the inputs of what it makes, each line of the bill
/// of materials weighted by the product's own weight; else what it buys, by spend.
/// Industries: those of its suppliers by yearly spend, never its own. Spend that is not
/// told counts as the median of what is.
/// Candidates that tell their products are held against the products wanted, the others
/// by industry.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Demand {
    /// Products wanted, by product, each once.
    pub products: Vec<Want>,
    /// Whether the products are inferred from what it buys, neither told nor needed for what it
    /// makes. Industries always are.
    pub is_inferred: bool,
    /// Industries wanted, by industry, each once.
    pub industries: Vec<Want>,
}

impl Demand {
    /// What there is to be said of how far anybody meets the wants, if these are unknown, or only inferred
    /// and so met already.
    pub(super) fn silence(&self) -> Option<Value> {
        let is_unknown = self.products.is_empty() && self.industries.is_empty();
        self.is_inferred.then_some(if is_unknown { Value::Unknown } else { Value::NotApplicable })
    }

    pub(super) fn of(taxonomies: &Taxonomies, network: &Network, firm: FirmIx, bought: &Purchases) -> Self {
        let own = taxonomies.industry(firm);
        let industries = bought.suppliers().iter().filter_map(|&(supplier, spend)| {
            Some((taxonomies.industry(supplier).filter(|&industry| Some(industry) != own)?, spend))
        });
        let (products, is_inferred) = products(network, firm, bought);
        Self { products, is_inferred, industries: gather(industries.collect()) }
    }
}

/// The products that a firm wants from suppliers, by product, as [`Demand`] has them.
pub(crate) fn products_wanted(network: &Network, firm: FirmIx) -> Vec<Want> {
    let mut bought = Purchases::default();
    bought.prepare(network, firm);
    products(network, firm, &bought).0
}

/// The products wanted, and whether they are inferred from what is bought.
fn products(network: &Network, firm: FirmIx, bought: &Purchases) -> (Vec<Want>, bool) {
    let catalog = network.catalog();
    let want = |(product, weight): (ProductIx, f64)| (product.index() as Concept, weight);
    let makes =
        |product: ProductIx| catalog.makes(firm).binary_search_by_key(&product, |&(made, _)| made).is_ok();
    let needs = catalog.needs(firm);
    let mut products: Vec<(Concept, f64)> = if needs.is_empty() {
        let inputs = catalog.makes(firm).iter().flat_map(|&(made, share)| {
            catalog.inputs(made).iter().map(move |&(input, weight)| (input, share * weight))
        });
        // Inputs that the firm makes itself are not wanted.
        inputs.filter(|&(input, _)| !makes(input)).map(want).collect()
    } else {
        needs.iter().copied().map(want).collect()
    };
    let is_inferred = products.is_empty();
    if is_inferred {
        products = bought.totals().filter(|&(product, _)| !makes(product)).map(want).collect();
    }
    (gather(products), is_inferred)
}

/// Adds up the weights of each concept, in the order given; drops what weighs nothing.
fn gather(mut wants: Vec<(Concept, f64)>) -> Vec<Want> {
    wants.sort_by_key(|&(concept, _)| concept);
    wants
        .chunk_by(|a, b| a.0 == b.0)
        .map(|same| Want { concept: same[0].0, weight: same.iter().map(|&(_, weight)| weight).sum() })
        .filter(|want| want.weight > 0.0)
        .collect()
}
