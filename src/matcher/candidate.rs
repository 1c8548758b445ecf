//! Candidates (候选): which pairs are worth a score.

use std::collections::BTreeMap;
use std::sync::Arc;

use petgraph::Direction::Incoming;
use rstar::RTree;
use rstar::primitives::GeomWithData;
use rustc_hash::FxHashMap;

use crate::factor::{Query, Taxonomies};
use crate::model::{FirmIx, ProductIx};
use crate::network::{Network, Rows};
use crate::structure::ThreePaths;

/// A source of candidates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// Suppliers of today.
    Suppliers,
    /// Suppliers of suppliers.
    SecondTier,
    /// Buyers from the anchor.
    Customers,
    /// Suppliers of those who buy where the anchor buys.
    ThreePaths,
    /// Makers of what the anchor wants, or of its like.
    Products,
    /// Members of the anchor's chains.
    Chains,
    /// Firms within a radius.
    Neighbourhood,
}

impl Source {
    /// Every source.
    pub const ALL: [Self; 7] = [
        Self::Suppliers,
        Self::SecondTier,
        Self::Customers,
        Self::ThreePaths,
        Self::Products,
        Self::Chains,
        Self::Neighbourhood,
    ];
}

/// Where candidates come from, and how many.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Sources {
    /// The sources that are asked; default all.
    pub kinds: Vec<Source>,
    /// Radius of the neighbourhood, km.
    pub radius_km: f64,
    /// The most firms that three-paths, products, industries and neighbourhood give
    /// each, the best ones first, ties by firm id.
    pub most: usize,
}

impl Sources {
    /// Default radius, km.
    pub const RADIUS_KM: f64 = 5.0;
    /// Default for [`most`](Self::most).
    pub const MOST: usize = 2_000;

    pub(super) fn has(&self, kind: Source) -> bool {
        self.kinds.contains(&kind)
    }
}

impl Default for Sources {
    fn default() -> Self {
        Self { kinds: Source::ALL.to_vec(), radius_km: Self::RADIUS_KM, most: Self::MOST }
    }
}

/// The most classes and products that one want leads to.
const PRODUCTS_PER_WANT: usize = 4_096;
/// The most that all wants of an anchor lead to; what comes after takes the makers of the
/// very product and of broader ones alone.
const PRODUCTS_IN_ALL: usize = 1 << 20;

/// A firm's place in space, km from the earth's centre.
type Spot = GeomWithData<[f64; 3], FirmIx>;

/// Finds candidates in one network.
#[derive(Debug)]
pub(super) struct Candidates {
    sources: Sources,
    paths: Option<Arc<ThreePaths>>,
    /// Firms of each industry.
    trades: Rows<FirmIx>,
    spots: RTree<Spot>,
}

impl Candidates {
    /// Prepares what the sources need; `paths` are those of the co-supply factor.
    pub(super) fn new(
        network: &Network,
        taxonomies: &Taxonomies,
        sources: Sources,
        paths: Option<Arc<ThreePaths>>,
    ) -> Self {
        let trades = network.firms().filter_map(|firm| Some((taxonomies.industry(firm)? as usize, firm)));
        let spots = network
            .firms()
            .filter(|_| sources.has(Source::Neighbourhood))
            .filter_map(|firm| Some(Spot::new(network.firm(firm).place?.to_point(), firm)))
            .collect();
        Self {
            sources,
            paths,
            trades: Rows::group(taxonomies.industries.len(), trades),
            spots: RTree::bulk_load(spots),
        }
    }

    /// The paths of the co-supply factor, where it counts.
    pub(super) fn paths(&self) -> Option<&ThreePaths> {
        self.paths.as_deref()
    }

    /// The candidates of the query's anchor, ascending, each once: never the anchor
    /// itself, its parent, its children or its siblings.
    pub(super) fn of(&self, query: &mut Query<'_>) -> Vec<FirmIx> {
        let (network, anchor, sources) = (query.network, query.anchor, &self.sources);
        let mut found = Vec::new();
        if sources.has(Source::Suppliers) {
            found.extend_from_slice(network.suppliers(anchor));
        }
        if sources.has(Source::SecondTier) {
            found.extend(network.suppliers(anchor).iter().flat_map(|&supplier| network.suppliers(supplier)));
        }
        if sources.has(Source::Customers) {
            found.extend_from_slice(network.buyers(anchor));
        }
        if let Some(paths) = self.paths.as_ref().filter(|_| sources.has(Source::ThreePaths)) {
            let best = query.scratch.co_supply(paths, anchor).best(sources.most, |_| true);
            found.extend(best.into_iter().map(|(firm, _)| firm));
        }
        if sources.has(Source::Products) {
            found.extend(self.makers(query));
        }
        if sources.has(Source::Chains) {
            let chains = network.chains_at(anchor, network.as_of());
            found.extend(chains.flat_map(|chain| network.members(chain)));
        }
        if let Some(place) = network.firm(anchor).place.filter(|_| sources.has(Source::Neighbourhood)) {
            let radius = sources.radius_km;
            let near = self.spots.nearest_neighbor_iter_with_distance_2(place.to_point());
            // A chord is shorter than the arc: take in what it lets through, then measure.
            let mut near = near
                .take_while(|&(_, chord_squared)| chord_squared <= radius * radius)
                .filter(|(spot, _)| !are_related(network, anchor, spot.data))
                .filter_map(|(spot, chord)| {
                    let km = network.firm(spot.data).place?.distance_km(place);
                    (km <= radius).then_some((chord, (-km, spot.data)))
                });
            // Nearest first: the limit, and whatever stands as far as the last of it.
            let mut nearest: Vec<(f64, (f64, FirmIx))> = near.by_ref().take(sources.most).collect();
            let last = nearest.last().map_or(0.0, |&(chord, _)| chord);
            nearest.extend(near.take_while(|&(chord, _)| chord <= last));
            found.extend(best(nearest.into_iter().map(|(_, scored)| scored).collect(), sources.most));
        }
        found.sort_unstable();
        found.dedup();
        found.retain(|&firm| !are_related(network, anchor, firm));
        found
    }

    /// Makers of what the anchor wants or of its like, and firms of the industries it
    /// buys from; the likest first, up to the limit.
    fn makers(&self, query: &mut Query<'_>) -> Vec<FirmIx> {
        let (network, taxonomies) = (query.network, query.taxonomies);
        let catalog = network.catalog();
        let demand = query.scratch.fit(taxonomies, network, query.anchor).demand();
        // The best likeness of each product that any want leads to; then of each firm.
        let mut products: BTreeMap<u32, f64> = BTreeMap::new();
        let mut visits = 0;
        for want in &demand.products {
            // The product itself and broader ones; and whatever the nearest classes hold.
            let mut like: Vec<u32> = taxonomies.products.ancestors(want.concept).to_vec();
            let mut below = vec![ProductIx::new(want.concept as usize)];
            below.extend_from_slice(catalog.parents(below[0]));
            let mut next = 0;
            while next < below.len() && below.len() < PRODUCTS_PER_WANT && visits < PRODUCTS_IN_ALL {
                let room = PRODUCTS_PER_WANT - below.len();
                let children = catalog.children(below[next]);
                below.extend_from_slice(&children[..children.len().min(room)]);
                visits += children.len().min(room);
                next += 1;
            }
            like.extend(below.iter().map(|product| product.index() as u32));
            for product in like {
                if !catalog.makers(ProductIx::new(product as usize)).is_empty() {
                    let likeness = taxonomies.products.similarity(want.concept, product);
                    let best = products.entry(product).or_insert(0.0);
                    *best = best.max(likeness);
                }
            }
        }
        let mut firms: FxHashMap<FirmIx, f64> = FxHashMap::default();
        for (product, likeness) in products {
            for &firm in catalog.makers(ProductIx::new(product as usize)) {
                let best = firms.entry(firm).or_insert(0.0);
                *best = best.max(likeness);
            }
        }
        // Unordered until `best` puts it in order, which is a total one.
        let found = firms.into_iter().map(|(firm, likeness)| (likeness, firm));
        let found = found.filter(|&(_, firm)| !are_related(network, query.anchor, firm)).collect();
        let mut makers: Vec<FirmIx> = best(found, self.sources.most).collect();
        let weight_of_all: f64 = demand.industries.iter().map(|want| want.weight).sum();
        let of_trade = demand.industries.iter().flat_map(|want| {
            let share = want.weight / weight_of_all;
            self.trades.row(want.concept as usize).iter().map(move |&firm| (share, firm))
        });
        makers.extend(best(of_trade.collect(), self.sources.most));
        makers
    }
}

/// The firms of the `most` highest scores, ties to the smaller firm.
fn best(mut scored: Vec<(f64, FirmIx)>, most: usize) -> impl Iterator<Item = FirmIx> {
    let order = |a: &(f64, FirmIx), b: &(f64, FirmIx)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
    if scored.len() > most {
        scored.select_nth_unstable_by(most, order);
        scored.truncate(most);
    }
    scored.into_iter().map(|(_, firm)| firm)
}

/// Whether the two are the same firm, parent and child, or children of one parent.
pub(super) fn are_related(network: &Network, anchor: FirmIx, candidate: FirmIx) -> bool {
    let (one, other) = (network.firm(anchor), network.firm(candidate));
    anchor == candidate
        || one.parent.as_ref() == Some(&other.id)
        || other.parent.as_ref() == Some(&one.id)
        || one.parent.is_some() && one.parent == other.parent
}

/// The anchors to rank where none are named: the firms marked so; else the `most` with
/// the most suppliers; else, where there are no supplies, the `most` with the most
/// product inputs. By id, or by count descending and id. O(firms · log firms).
pub fn default_anchors(network: &Network, most: usize) -> Vec<FirmIx> {
    let marked: Vec<FirmIx> =
        network.firms().filter(|&firm| network.firm(firm).anchor == Some(true)).collect();
    if !marked.is_empty() {
        return marked;
    }
    let by_suppliers = anchors_by_in_degree(network, most);
    if !by_suppliers.is_empty() {
        return by_suppliers;
    }
    let catalog = network.catalog();
    let inputs = |firm| {
        let made = catalog.makes(firm).iter().map(|&(product, _)| catalog.inputs(product).len());
        made.sum::<usize>().max(catalog.needs(firm).len())
    };
    most_of(network, most, inputs)
}

/// The `most` firms with the most suppliers, at least one; by count descending, then id.
/// O(firms · log firms).
pub fn anchors_by_in_degree(network: &Network, most: usize) -> Vec<FirmIx> {
    most_of(network, most, |firm| network.links(firm, Incoming).len())
}

fn most_of(network: &Network, most: usize, count: impl Fn(FirmIx) -> usize) -> Vec<FirmIx> {
    let mut firms: Vec<(usize, FirmIx)> =
        network.firms().map(|firm| (count(firm), firm)).filter(|&(count, _)| count > 0).collect();
    firms.sort_by_key(|&(count, firm)| (std::cmp::Reverse(count), firm));
    firms.truncate(most);
    firms.into_iter().map(|(_, firm)| firm).collect()
}
