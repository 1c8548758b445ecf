//! What firms make, apart from how much of it.

use rustc_hash::FxHashMap;

use super::taxonomy::Concept;
use crate::model::FirmIx;
use crate::network::Network;

/// The distinct sets of products that firms make (货色): far fewer than firms, so that what
/// depends on the set alone is found once for many of them.
#[derive(Debug, Default)]
pub(crate) struct Assortments {
    starts: Vec<usize>,
    products: Vec<Concept>,
}

impl Assortments {
    /// Numbers the sets in the order in which firms come with them; and each firm's, `None` where
    /// it makes nothing of any weight. O(products made).
    pub(super) fn new(network: &Network) -> (Self, Vec<Option<u32>>) {
        let mut numbers: FxHashMap<Vec<Concept>, u32> = FxHashMap::default();
        let mut all = Self { starts: vec![0], products: Vec::new() };
        let mut makes = Vec::new();
        let of = |firm: FirmIx| {
            makes.clear();
            let made = network.catalog().makes(firm).iter().filter(|&&(_, weight)| weight > 0.0);
            makes.extend(made.map(|(product, _)| product.index() as Concept));
            if makes.is_empty() {
                return None;
            }
            if let Some(&number) = numbers.get(&makes) {
                return Some(number);
            }
            let number = all.len() as u32;
            all.products.extend_from_slice(&makes);
            all.starts.push(all.products.len());
            numbers.insert(makes.clone(), number);
            Some(number)
        };
        let of_firms = network.firms().map(of).collect();
        (all, of_firms)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// The products of one, ascending.
    pub(super) fn products(&self, assortment: u32) -> &[Concept] {
        let assortment = assortment as usize;
        &self.products[self.starts[assortment]..self.starts[assortment + 1]]
    }
}
