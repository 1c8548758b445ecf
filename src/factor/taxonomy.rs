//! Likeness of products and of industries by their class trees.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use crate::model::{FirmIx, Industry};
use crate::network::{Network, Rows};

/// A class or a leaf of a [`Taxonomy`], by index.
pub type Concept = u32;

/// A class tree (or, with several parents, a directed acyclic graph of classes) with
/// the information content of each class.
///
/// Information content of c: −ln p(c), p(c) = (n(c) + 1) / (N + 1); n(c) counts the
/// mentions of c and of all below it by firms, N all mentions. The 1 keeps classes that
/// no firm mentions finite.
///
/// Source: Resnik, Using Information Content to Evaluate Semantic Similarity in a
/// Taxonomy, IJCAI 1995; Lin, An Information-Theoretic Definition of Similarity, ICML
/// 1998, §4.
#[derive(Debug, Clone)]
pub struct Taxonomy {
    names: Vec<Box<str>>,
    /// Each concept itself and the classes above it, nearest first.
    ancestors: Rows<Concept>,
    information: Vec<f64>,
}

/// The most classes above a concept that count, nearest first: keeps the cost of a
/// pathological tree linear.
const MOST_ANCESTORS: usize = 256;

impl Taxonomy {
    /// A taxonomy of `names`, each with its parents, with `mentions` of each.
    fn build(names: Vec<Box<str>>, parents: &Rows<Concept>, mentions: &[u64]) -> Self {
        let mut above: Vec<(usize, Concept)> = Vec::new();
        // By which concept's walk a class was seen last.
        let mut seen_by = vec![usize::MAX; names.len()];
        for concept in 0..names.len() {
            let start = above.len();
            above.push((concept, concept as Concept));
            seen_by[concept] = concept;
            let mut next = start;
            while next < above.len() && above.len() - start < MOST_ANCESTORS {
                let room = MOST_ANCESTORS - (above.len() - start);
                let unseen = parents
                    .row(above[next].1 as usize)
                    .iter()
                    .filter(|&&parent| std::mem::replace(&mut seen_by[parent as usize], concept) != concept);
                let found: Vec<Concept> = unseen.take(room).copied().collect();
                above.extend(found.into_iter().map(|parent| (concept, parent)));
                next += 1;
            }
        }
        let ancestors = Rows::group(names.len(), above.iter().copied());
        let mut counts = vec![0u64; names.len()];
        for (concept, &mentions) in mentions.iter().enumerate().filter(|(_, mentions)| **mentions > 0) {
            for &class in ancestors.row(concept) {
                counts[class as usize] += mentions;
            }
        }
        let all: u64 = mentions.iter().sum();
        let information =
            counts.iter().map(|&count| -libm::log((count + 1) as f64 / (all + 1) as f64)).collect();
        Self { names, ancestors, information }
    }

    /// Replaces information contents by saved ones; concepts that were not saved count
    /// as the rarest that were.
    fn with_information(mut self, saved: &BTreeMap<String, f64>) -> Self {
        let rarest = saved.values().copied().fold(0.0, f64::max);
        for (name, information) in self.names.iter().zip(&mut self.information) {
            *information = saved.get(&**name).copied().unwrap_or(rarest);
        }
        self
    }

    /// Information content by name.
    fn information(&self) -> BTreeMap<String, f64> {
        self.names
            .iter()
            .map(|name| name.clone().into_string())
            .zip(self.information.iter().copied())
            .collect()
    }

    /// How many concepts there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The name of a concept: a product id or an industry code.
    pub fn name(&self, concept: Concept) -> &str {
        &self.names[concept as usize]
    }

    /// A concept and the classes above it, nearest first.
    pub fn ancestors(&self, concept: Concept) -> &[Concept] {
        self.ancestors.row(concept as usize)
    }

    /// Information content of a concept, at least 0.
    pub fn information_content(&self, concept: Concept) -> f64 {
        self.information[concept as usize]
    }

    /// Lin similarity in [0, 1]: 2·IC(c) / (IC(a) + IC(b)), c the common class of the
    /// highest information content; 1 for a = b, 0 without a common class.
    pub fn similarity(&self, a: Concept, b: Concept) -> f64 {
        if a == b {
            return 1.0;
        }
        let above_b = self.ancestors(b);
        let common = self
            .ancestors(a)
            .iter()
            .filter(|class| above_b.contains(class))
            .map(|&class| self.information_content(class))
            .fold(0.0, f64::max);
        self.lin(common, a, b)
    }

    /// Lin's ratio for a common class of that information content.
    pub(super) fn lin(&self, common: f64, a: Concept, b: Concept) -> f64 {
        let both = self.information_content(a) + self.information_content(b);
        // A rounding step above 1 is possible where a class is as rare as its members.
        if both > 0.0 { (2.0 * common / both).min(1.0) } else { 0.0 }
    }
}

/// The taxonomies of a network: its products, and the industries of its firms.
#[derive(Debug, Clone)]
pub struct Taxonomies {
    /// Products, concepts in the order of [`ProductIx`](crate::model::ProductIx).
    pub products: Taxonomy,
    /// Industries: the codes that firms have, and the broader ones.
    pub industries: Taxonomy,
    /// The industry of each firm.
    industry_of: Vec<Option<Concept>>,
}

impl Taxonomies {
    pub(crate) fn build(network: &Network) -> Self {
        let catalog = network.catalog();
        let products = network.tables().products.len();
        let names = network.tables().products.iter().map(|product| product.id.as_str().into()).collect();
        let ix = crate::model::ProductIx::new;
        let parents: Vec<(usize, Concept)> = (0..products)
            .flat_map(|product| {
                catalog.parents(ix(product)).iter().map(move |parent| (product, parent.index() as u32))
            })
            .collect();
        let mentions: Vec<u64> =
            (0..products).map(|product| catalog.makers(ix(product)).len() as u64).collect();
        let products = Taxonomy::build(names, &Rows::group(products, parents.iter().copied()), &mentions);

        // Every code that a firm has, and the broader ones.
        let codes: BTreeSet<&str> = network
            .tables()
            .firms
            .iter()
            .filter_map(|firm| firm.industry.as_ref())
            .flat_map(Industry::levels)
            .collect();
        let concepts: FxHashMap<&str, Concept> =
            codes.iter().enumerate().map(|(concept, code)| (*code, concept as Concept)).collect();
        let industry_of: Vec<Option<Concept>> = network
            .tables()
            .firms
            .iter()
            .map(|firm| firm.industry.as_ref().and_then(|industry| concepts.get(industry.as_str()).copied()))
            .collect();
        let mut parents = vec![None; codes.len()];
        for firm in &network.tables().firms {
            let Some(industry) = &firm.industry else { continue };
            let levels: Vec<Concept> =
                industry.levels().filter_map(|level| concepts.get(level).copied()).collect();
            for pair in levels.windows(2) {
                parents[pair[0] as usize] = Some(pair[1]);
            }
        }
        let parents = parents.iter().enumerate().filter_map(|(concept, parent)| Some((concept, (*parent)?)));
        let mut mentions = vec![0u64; codes.len()];
        for &concept in industry_of.iter().flatten() {
            mentions[concept as usize] += 1;
        }
        let names: Vec<Box<str>> = codes.iter().map(|code| (*code).into()).collect();
        let parents = Rows::group(names.len(), parents);
        Self { products, industries: Taxonomy::build(names, &parents, &mentions), industry_of }
    }

    pub(crate) fn with_information(
        self,
        products: &BTreeMap<String, f64>,
        industries: &BTreeMap<String, f64>,
    ) -> Self {
        Self {
            products: self.products.with_information(products),
            industries: self.industries.with_information(industries),
            industry_of: self.industry_of,
        }
    }

    /// Information content of products and of industries, by name.
    pub(crate) fn information(&self) -> (BTreeMap<String, f64>, BTreeMap<String, f64>) {
        (self.products.information(), self.industries.information())
    }

    /// The industry of a firm.
    pub fn industry(&self, firm: FirmIx) -> Option<Concept> {
        self.industry_of[firm.index()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ```text
    ///         all
    ///        /   \
    ///     metal  wood
    ///     /   \
    ///  steel  copper
    /// ```
    fn tree() -> Taxonomy {
        let names = ["all", "metal", "wood", "steel", "copper"].map(Box::from).to_vec();
        let parents = Rows::group(5, [(1, 0), (2, 0), (3, 1), (4, 1)].into_iter());
        Taxonomy::build(names, &parents, &[0, 0, 4, 2, 1])
    }

    #[test]
    fn information_counts_what_is_below() {
        let tree = tree();
        // 7 mentions in all, 3 of them metal.
        assert_eq!(tree.information_content(0), 0.0);
        assert!((tree.information_content(1) - (8f64 / 4.0).ln()).abs() < 1e-12);
        assert!((tree.information_content(3) - (8f64 / 3.0).ln()).abs() < 1e-12);
    }

    #[test]
    fn likeness_is_lins() {
        let tree = tree();
        let lin = 2.0 * (8f64 / 4.0).ln() / ((8f64 / 3.0).ln() + (8f64 / 2.0).ln());
        assert!((tree.similarity(3, 4) - lin).abs() < 1e-12);
        assert_eq!(tree.similarity(3, 3), 1.0);
        assert_eq!(tree.similarity(3, 2), 0.0, "the root says nothing");
    }
}
