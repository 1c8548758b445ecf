//! Lines of business (行当): which firms make the same, and what is made beside what.

use rustc_hash::FxHashMap;

use super::assortment::Assortments;
use super::taxonomy::{Concept, Taxonomies};
use crate::model::FirmIx;
use crate::network::Rows;

/// A firm's line of business: what it makes and its industry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Line {
    /// Which products it makes; `None` where none.
    pub(crate) assortment: Option<u32>,
    /// `None` where unknown.
    pub(super) industry: Option<Concept>,
}

/// The distinct lines of business. There are far fewer than firms, so that what depends on the line alone
/// is found once for many firms, and what is made beside a product is counted by lines.
///
/// What a maker does are things (事项): the products that it makes, by [`Concept`], and behind all
/// products its industry and the classes above that. Who makes nothing does nothing.
#[derive(Debug)]
pub(crate) struct Lines {
    all: Vec<Line>,
    /// By firm its line, by number.
    of: Vec<u32>,
    /// By line its firms, ascending.
    firms: Rows<FirmIx>,
    /// By product the lines that make it, by number.
    making: Rows<u32>,
    /// By thing how many makers do it.
    doing: Vec<u32>,
    n_products: usize,
}

impl Lines {
    /// Numbers the lines as firms come with them. O(firms + products and classes of the lines).
    pub(super) fn new(
        of_firms: impl Iterator<Item = Line>,
        assortments: &Assortments,
        taxonomies: &Taxonomies,
    ) -> Self {
        let mut numbers: FxHashMap<Line, u32> = FxHashMap::default();
        let mut all = Vec::new();
        let of_firm = |line: Line| {
            *numbers.entry(line).or_insert_with(|| {
                all.push(line);
                (all.len() - 1) as u32
            })
        };
        let of: Vec<u32> = of_firms.map(of_firm).collect();
        let firms = of.iter().enumerate().map(|(firm, &line)| (line as usize, FirmIx::new(firm)));
        let n_products = taxonomies.products.len();
        let making = all.iter().enumerate().flat_map(|(number, line)| {
            let made = line.assortment.map_or(&[][..], |assortment| assortments.products(assortment));
            made.iter().map(move |&product| (product as usize, number as u32))
        });
        let mut counted = Self {
            making: Rows::group(n_products, making),
            doing: vec![0; n_products + taxonomies.industries.len()],
            firms: Rows::group(all.len(), firms),
            all,
            of,
            n_products,
        };
        for number in 0..counted.all.len() as u32 {
            let makers = counted.firms(number).len() as u32;
            for thing in counted.things(counted.line(number), assortments, taxonomies) {
                counted.doing[thing as usize] += makers;
            }
        }
        counted
    }

    /// All lines, by number.
    pub(crate) fn all(&self) -> &[Line] {
        &self.all
    }

    /// The line of a firm, by number.
    pub(crate) fn of(&self, firm: FirmIx) -> u32 {
        self.of[firm.index()]
    }

    /// One of them.
    pub(super) fn line(&self, number: u32) -> Line {
        self.all[number as usize]
    }

    /// Its firms, ascending.
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

    /// The things that makers of a line do, each once.
    pub(super) fn things<'a>(
        &self,
        line: Line,
        assortments: &'a Assortments,
        taxonomies: &'a Taxonomies,
    ) -> impl Iterator<Item = Concept> + use<'a> {
        let products = line.assortment.map(|assortment| assortments.products(assortment));
        let industry = line.industry.filter(|_| products.is_some());
        let classes = industry.map(|industry| self.classes(industry, taxonomies));
        products.into_iter().flatten().copied().chain(classes.into_iter().flatten())
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
