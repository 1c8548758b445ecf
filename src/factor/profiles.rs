//! What factors ask of every firm, in one place.

use fixedbitset::FixedBitSet;
use rustc_hash::FxHashMap;

use super::assortment::Assortments;
use super::lines::{Line, Lines};
use super::resource_fit::{self, Lots};
use super::taxonomy::Taxonomies;
use super::{organisation, technology_gap};
use crate::model::{FirmIx, Place, SizeClass, Spot};
use crate::network::{Network, Rows};

/// What factors ask of every firm, in a cache line each: the first factor that
/// asks brings it in for the others, where the records of firms would cost several cache
/// misses each.
///
/// 116 bytes and a bit a firm, 16 a resource, 4 a product of each distinct assortment and of each line of
/// business, 20 a line, 8 a product and 4 an industry; built in O(firms + resources).
#[derive(Debug)]
pub(crate) struct Profiles {
    firms: Vec<Profile>,
    /// Firms of which the network records any relation. Asked of so many that it stands by itself.
    linked: FixedBitSet,
    measures: Vec<Measures>,
    pub(crate) lots: Lots,
    /// By the number that stands for a parent its children.
    children: Rows<FirmIx>,
    pub(crate) assortments: Assortments,
    pub(crate) lines: Lines,
}

/// What factors ask of a firm.
#[derive(Debug)]
#[repr(align(64))]
pub(crate) struct Profile {
    /// Where it stands, km from the earth's centre; not numbers where unknown.
    pub(super) point: [f64; 3],
    /// The logarithm of the legal entity's productivity.
    pub(super) ln_productivity: f64,
    /// Stands for the parent's id; the index of the parent where it is a firm.
    parent: u32,
    pub(super) resources: resource_fit::Kinds,
    /// Of the legal entity.
    pub(super) size: Option<SizeClass>,
    pub(super) party: Option<organisation::State>,
}

/// What is asked of the few firms that are worth an exact value.
#[derive(Debug)]
pub(crate) struct Measures {
    /// Where it stands.
    pub(crate) spot: Spot,
    /// The legal entity's revenue per worker, CNY; not a number where unknown.
    pub(super) productivity: f64,
}

/// Stands for no parent.
const NONE: u32 = u32::MAX;

impl Profiles {
    pub(crate) fn new(network: &Network, taxonomies: &Taxonomies) -> Self {
        let (assortments, makes) = Assortments::new(network);
        // Ids of parents that are no firms follow those of the firms.
        let mut strange: FxHashMap<&str, u32> = FxHashMap::default();
        let mut parent = |firm: FirmIx| {
            let Some(id) = &network.firm(firm).parent else { return NONE };
            network.firm_ix(id.as_str()).map_or_else(
                || {
                    let next = (network.n_firms() + strange.len()) as u32;
                    *strange.entry(id.as_str()).or_insert(next)
                },
                |firm| firm.index() as u32,
            )
        };
        let profile = |firm| {
            let (own, entity) = (network.firm(firm), network.firm(network.legal_entity(firm)));
            Profile {
                point: own.place.map_or([f64::NAN; 3], Place::to_point),
                ln_productivity: technology_gap::productivity(entity).map_or(f64::NAN, libm::log),
                parent: parent(firm),
                resources: resource_fit::Kinds::of(network.resources(firm)),
                size: network.size_class(firm),
                party: organisation::state(own),
            }
        };
        let is_linked =
            |&firm: &FirmIx| !network.suppliers(firm).is_empty() || !network.buyers(firm).is_empty();
        let line =
            |firm: FirmIx| Line { assortment: makes[firm.index()], industry: taxonomies.industry(firm) };
        let measures = |firm| Measures {
            spot: network.firm(firm).place.map_or(Spot::UNKNOWN, Spot::from),
            productivity: technology_gap::productivity(network.firm(network.legal_entity(firm)))
                .unwrap_or(f64::NAN),
        };
        let firms: Vec<Profile> = network.firms().map(profile).collect();
        let parents = network.firms().map(|firm| (firms[firm.index()].parent as usize, firm));
        let n_parents = network.n_firms() + strange.len();
        Self {
            linked: network.firms().filter(is_linked).map(FirmIx::index).collect(),
            lines: Lines::new(network.firms().map(line), &assortments, taxonomies),
            children: Rows::group(n_parents, parents.filter(|&(parent, _)| parent < n_parents)),
            firms,
            measures: network.firms().map(measures).collect(),
            lots: Lots::new(network),
            assortments,
        }
    }

    /// What a firm makes and its industry.
    pub(crate) fn line(&self, firm: FirmIx) -> Line {
        self.lines.line(self.lines.of(firm))
    }

    /// Whether products are told in words that nobody else uses: of no class, and made by one firm.
    pub(super) fn is_in_own_words(&self, taxonomies: &Taxonomies, assortment: u32) -> bool {
        let mut products = self.assortments.products(assortment).iter();
        products.all(|&product| {
            let is_of_no_class = taxonomies.products.ancestors(product).len() == 1;
            is_of_no_class && self.lines.doing(product) == 1.0
        })
    }

    /// Whether the network records any relation of a firm.
    pub(super) fn is_linked(&self, firm: FirmIx) -> bool {
        self.linked.contains(firm.index())
    }

    /// Of a firm.
    pub(crate) fn of(&self, firm: FirmIx) -> &Profile {
        &self.firms[firm.index()]
    }

    /// What is measured exactly of a firm.
    pub(crate) fn measures(&self, firm: FirmIx) -> &Measures {
        &self.measures[firm.index()]
    }

    /// The firm itself, its parent, its children and its siblings: with whom it can never be paired;
    /// ascending.
    pub(crate) fn relatives(&self, firm: FirmIx) -> Vec<FirmIx> {
        let parent = self.of(firm).parent as usize;
        let mut relatives = vec![firm];
        relatives.extend_from_slice(self.children.row(firm.index()));
        if self.of(firm).parent != NONE {
            relatives.extend_from_slice(self.children.row(parent));
            relatives.extend((parent < self.firms.len()).then(|| FirmIx::new(parent)));
        }
        relatives.sort_unstable();
        relatives.dedup();
        relatives
    }

    /// Whether the two are the same firm, parent and child, or children of one parent.
    pub(crate) fn are_related(&self, one: FirmIx, other: FirmIx) -> bool {
        let (of_one, of_other) = (self.of(one).parent, self.of(other).parent);
        one == other
            || of_one as usize == other.index()
            || of_other as usize == one.index()
            || of_one != NONE && of_one == of_other
    }
}
