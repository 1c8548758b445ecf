//! Which firms are of one kind, and what is made beside what.

use rustc_hash::FxHashMap;

use super::assortment::Assortments;
use super::taxonomy::{Concept, Taxonomies};
use crate::model::FirmIx;
use crate::network::Rows;

/// The distinct kinds (类型) of makers: what they make and their industry. There are far fewer than
/// firms, so that what is made beside a product is counted by kinds.
///
/// What a maker does are things (事项): the products that it makes, by [`Concept`], and behind all
/// products its industry and the classes above that.
#[derive(Debug)]
pub(crate) struct Kinds {
    all: Vec<Kind>,
    /// By kind its makers, ascending.
    firms: Rows<FirmIx>,
    /// By product the kinds that make it, by number.
    making: Rows<u32>,
    /// By thing how many makers do it.
    doing: Vec<u32>,
    n_products: usize,
}

/// Makers that make the same and are of one industry.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    pub(super) assortment: u32,
    pub(super) industry: Option<Concept>,
}

impl Kinds {
    /// Counts makers, each told by what it makes and its industry. Kinds are numbered as firms come
    /// with them. O(firms + products and classes of the kinds).
    pub(super) fn of(
        makers: impl Iterator<Item = (FirmIx, u32, Option<Concept>)>,
        assortments: &Assortments,
        taxonomies: &Taxonomies,
    ) -> Self {
        let mut numbers: FxHashMap<(u32, Option<Concept>), usize> = FxHashMap::default();
        let (mut kinds, mut firms) = (Vec::new(), Vec::new());
        for (firm, assortment, industry) in makers {
            let number = *numbers.entry((assortment, industry)).or_insert(kinds.len());
            if number == kinds.len() {
                kinds.push(Kind { assortment, industry });
            }
            firms.push((number, firm));
        }
        let n_products = taxonomies.products.len();
        let making = kinds.iter().enumerate().flat_map(|(number, kind)| {
            let products = assortments.products(kind.assortment).iter();
            products.map(move |&product| (product as usize, number as u32))
        });
        let making = Rows::group(n_products, making);
        let mut counted = Self {
            doing: vec![0; n_products + taxonomies.industries.len()],
            firms: Rows::group(kinds.len(), firms.into_iter()),
            all: kinds,
            making,
            n_products,
        };
        for number in 0..counted.all.len() as u32 {
            let makers = counted.firms(number).len() as u32;
            for thing in counted.things(counted.kind(number), assortments, taxonomies) {
                counted.doing[thing as usize] += makers;
            }
        }
        counted
    }

    /// All kinds.
    pub(super) fn all(&self) -> &[Kind] {
        &self.all
    }

    /// One of them.
    pub(super) fn kind(&self, number: u32) -> Kind {
        self.all[number as usize]
    }

    /// Its makers, ascending.
    pub(super) fn firms(&self, number: u32) -> &[FirmIx] {
        self.firms.row(number as usize)
    }

    /// Those that make a product, by number.
    pub(super) fn making(&self, product: Concept) -> &[u32] {
        self.making.row(product as usize)
    }

    /// Whether a thing is a product.
    pub(super) fn is_product(&self, thing: Concept) -> bool {
        (thing as usize) < self.n_products
    }

    /// How many makers do a thing.
    pub(super) fn doing(&self, thing: Concept) -> f64 {
        f64::from(self.doing[thing as usize])
    }

    /// How many things there are.
    pub(super) fn n_things(&self) -> usize {
        self.doing.len()
    }

    /// The things that makers of a kind do, each once.
    pub(super) fn things<'a>(
        &self,
        kind: Kind,
        assortments: &'a Assortments,
        taxonomies: &'a Taxonomies,
    ) -> impl Iterator<Item = Concept> + use<'a> {
        let classes = kind.industry.map(|industry| self.classes(industry, taxonomies));
        assortments.products(kind.assortment).iter().copied().chain(classes.into_iter().flatten())
    }

    /// The things that are an industry and the classes above it.
    pub(super) fn classes<'a>(
        &self,
        industry: Concept,
        taxonomies: &'a Taxonomies,
    ) -> impl Iterator<Item = Concept> + use<'a> {
        let first = self.n_products as Concept;
        taxonomies.industries.ancestors(industry).iter().map(move |class| first + class)
    }
}
