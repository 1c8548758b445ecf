//! What an anchor wants, and how well a candidate's products meet it.

use rustc_hash::FxHashMap;

use super::purchases::{Purchases, spends};
use super::taxonomy::{Concept, Taxonomies, Taxonomy};
use crate::model::{FirmIx, ProductIx};
use crate::network::Network;

/// A thing wanted: a product or an industry, with its weight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Want {
    /// Product or industry, by index in its [`Taxonomy`].
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
pub struct Demand {
    /// Products wanted, by product, each once.
    pub products: Vec<Want>,
    /// Industries wanted, by industry, each once.
    pub industries: Vec<Want>,
}

impl Demand {
    pub(crate) fn of(taxonomies: &Taxonomies, network: &Network, firm: FirmIx) -> Self {
        let catalog = network.catalog();
        let want = |(product, weight): (ProductIx, f64)| (product.index() as Concept, weight);
        let makes = |product: ProductIx| {
            catalog.makes(firm).binary_search_by_key(&product, |&(made, _)| made).is_ok()
        };
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
        if products.is_empty() {
            let bought = Purchases::of(network, firm);
            products = bought.totals().filter(|&(product, _)| !makes(product)).map(want).collect();
        }
        let own = taxonomies.industry(firm);
        let industries = spends(network, firm).filter_map(|(supplier, spend)| {
            Some((taxonomies.industry(supplier).filter(|&industry| Some(industry) != own)?, spend))
        });
        Self { products: gather(products), industries: gather(industries.collect()) }
    }
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

/// In which terms a candidate is held against the wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Space {
    Products,
    Industries,
}

/// An anchor's wants, ready to be compared with what candidates make.
#[derive(Debug, Default)]
pub(crate) struct Fit {
    demand: Demand,
    products: Likeness,
    industries: Likeness,
}

/// Similarity of each thing wanted to concepts, found once per concept.
#[derive(Debug, Default)]
struct Likeness {
    /// By class: the wants below it, by position.
    below: FxHashMap<Concept, Vec<u32>>,
    known: FxHashMap<Concept, Box<[f64]>>,
}

/// The most likenesses that are remembered: 8 MB, then they are found anew.
const MOST_LIKENESSES: usize = 1 << 20;

impl Likeness {
    fn new(taxonomy: &Taxonomy, wants: &[Want]) -> Self {
        let mut below: FxHashMap<Concept, Vec<u32>> = FxHashMap::default();
        for (position, want) in wants.iter().enumerate() {
            for &class in taxonomy.ancestors(want.concept) {
                below.entry(class).or_default().push(position as u32);
            }
        }
        Self { below, known: FxHashMap::default() }
    }

    /// The similarity of `made` to each of `wants`.
    fn to(&mut self, taxonomy: &Taxonomy, wants: &[Want], made: Concept) -> &[f64] {
        if self.known.len() * wants.len() > MOST_LIKENESSES {
            self.known.clear();
        }
        self.known.entry(made).or_insert_with(|| {
            let mut likeness = vec![0.0f64; wants.len()].into_boxed_slice();
            for &class in taxonomy.ancestors(made) {
                let common = taxonomy.information_content(class);
                for &position in self.below.get(&class).into_iter().flatten() {
                    let want = wants[position as usize].concept;
                    let lin = if want == made { 1.0 } else { taxonomy.lin(common, want, made) };
                    let best = &mut likeness[position as usize];
                    *best = best.max(lin);
                }
            }
            likeness
        })
    }
}

/// Raises the best likeness to each thing wanted to that of one more thing made; `best`
/// is empty before the first.
pub(super) fn raise(best: &mut Vec<f64>, likeness: &[f64]) {
    best.resize(likeness.len(), 0.0);
    for (best, &like) in best.iter_mut().zip(likeness) {
        *best = best.max(like);
    }
}

impl Fit {
    pub(crate) fn new(taxonomies: &Taxonomies, network: &Network, anchor: FirmIx) -> Self {
        let demand = Demand::of(taxonomies, network, anchor);
        let products = Likeness::new(&taxonomies.products, &demand.products);
        let industries = Likeness::new(&taxonomies.industries, &demand.industries);
        Self { demand, products, industries }
    }

    /// What the anchor wants.
    pub(crate) fn demand(&self) -> &Demand {
        &self.demand
    }

    /// What `candidate` makes, in the terms in which the anchor wants; `None` where the
    /// two cannot be compared. `visit` sees, for each thing made, its weight and its
    /// likeness to each thing wanted.
    pub(crate) fn compare(
        &mut self,
        taxonomies: &Taxonomies,
        network: &Network,
        candidate: FirmIx,
        mut visit: impl FnMut(Want, &[f64]),
    ) -> Option<(Space, &[Want])> {
        let makes = network.catalog().makes(candidate);
        if !self.demand.products.is_empty() && makes.iter().any(|&(_, weight)| weight > 0.0) {
            for &(product, weight) in makes.iter().filter(|&&(_, weight)| weight > 0.0) {
                let made = Want { concept: product.index() as Concept, weight };
                visit(made, self.products.to(&taxonomies.products, &self.demand.products, made.concept));
            }
            return Some((Space::Products, &self.demand.products));
        }
        let industry = taxonomies.industry(candidate)?;
        if self.demand.industries.is_empty() {
            return None;
        }
        let made = Want { concept: industry, weight: 1.0 };
        visit(made, self.industries.to(&taxonomies.industries, &self.demand.industries, industry));
        Some((Space::Industries, &self.demand.industries))
    }
}
