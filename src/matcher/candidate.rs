//! Candidates (候选): which pairs are worth a score.

use std::collections::BTreeMap;
use std::f64::consts::PI;
use std::sync::Arc;

use fixedbitset::FixedBitSet;
use rstar::primitives::GeomWithData;
use rstar::{PointDistance, RStarInsertionStrategy, RTree, RTreeParams};

use crate::factor::{Query, Taxonomies, closely_related};
use crate::model::{EARTH_RADIUS_KM, FirmIx, ProductIx, words};
use crate::network::{Network, Rows};
use crate::structure::ThreePaths;

words! {
    /// A source of candidates.
    enum Source {
        /// Suppliers, those of today and former ones.
        Suppliers = "suppliers";
        /// Suppliers of suppliers.
        SecondTier = "second_tier";
        /// Buyers from the anchor.
        Customers = "customers";
        /// Suppliers of those who buy where the anchor buys.
        ThreePaths = "three_paths";
        /// Makers of what the anchor wants, or of its like; where these are few, also those that are
        /// closely [related](crate::factor::Relatedness), if that counts; and firms of the industries it buys from.
        Products = "products";
        /// Members of the anchor's chains.
        Chains = "chains";
        /// Firms within a radius.
        Neighbourhood = "neighbourhood";
    }
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

/// A neighbourhood is looked through in ever larger circles, each of twice the area of the one
/// before, the first one smaller by this than the last: however many firms are within the radius,
/// no more are met than a few times the limit.
const FIRST_CIRCLE: f64 = (1u64 << 20) as f64;
/// By how much the area grows while far from enough firms are met.
const FAR_FROM_ENOUGH: f64 = 8.0;
/// More than rounding changes in a distance on earth, km.
const ROUNDING_KM: f64 = 1e-6;

/// A firm at its place in space, km from the earth's centre.
type FirmPoint = GeomWithData<[f64; 3], FirmIx>;

/// Broad nodes: most of what a look into one costs is the look.
#[derive(Debug)]
struct Broad;

impl RTreeParams for Broad {
    const MIN_SIZE: usize = 8;
    const MAX_SIZE: usize = 24;
    const REINSERTION_COUNT: usize = 5;
    type DefaultInsertionStrategy = RStarInsertionStrategy;
}

/// Finds candidates in one network.
#[derive(Debug)]
pub(super) struct Candidates {
    sources: Sources,
    paths: Option<Arc<ThreePaths>>,
    relates: bool,
    /// Firms of each industry.
    trades: Rows<FirmIx>,
    points: RTree<FirmPoint, Broad>,
}

impl Candidates {
    /// Prepares what the sources need; `paths` are those of the co-supply factor, `relates` tells whether
    /// relatedness counts.
    pub(super) fn new(
        network: &Network,
        taxonomies: &Taxonomies,
        sources: Sources,
        paths: Option<Arc<ThreePaths>>,
        relates: bool,
    ) -> Self {
        let trades = network.firms().filter_map(|firm| Some((taxonomies.industry(firm)? as usize, firm)));
        let points = network
            .firms()
            .filter(|_| sources.has(Source::Neighbourhood))
            .filter_map(|firm| Some(FirmPoint::new(network.firm(firm).place?.to_point(), firm)))
            .collect();
        Self {
            sources,
            paths,
            relates,
            trades: Rows::group(taxonomies.industries.len(), trades),
            points: RTree::bulk_load_with_params(points),
        }
    }

    /// The paths of the co-supply factor, where it counts.
    pub(super) fn paths(&self) -> Option<&ThreePaths> {
        self.paths.as_deref()
    }

    /// Whether relatedness counts.
    pub(super) fn relates(&self) -> bool {
        self.relates
    }

    /// The candidates of the query's anchor, each once: never the anchor itself, its parent, its
    /// children or its siblings. First those with the most paths, then all others; ascending each.
    pub(super) fn of(&self, query: &mut Query<'_>) -> Vec<FirmIx> {
        let (network, anchor, sources) = (query.network, query.anchor, &self.sources);
        let relatives = query.profiles.relatives(anchor);
        let (mut known, mut with_paths) = (FixedBitSet::with_capacity(network.n_firms()), Vec::new());
        let mut add = |firms: &[FirmIx]| known.extend(firms.iter().map(|firm| firm.index()));
        if sources.has(Source::Suppliers) {
            add(network.suppliers(anchor));
        }
        if sources.has(Source::SecondTier) {
            network.suppliers(anchor).iter().for_each(|&supplier| add(network.suppliers(supplier)));
        }
        if sources.has(Source::Customers) {
            add(network.buyers(anchor));
        }
        if let Some(paths) = self.paths.as_ref().filter(|_| sources.has(Source::ThreePaths)) {
            let best = query.scratch.co_supply(paths, anchor).best_unordered(sources.most);
            with_paths = best.into_iter().map(|(firm, _)| firm).collect();
            with_paths.retain(|firm| relatives.binary_search(firm).is_err());
            with_paths.sort_unstable();
        }
        if sources.has(Source::Products) {
            add(&self.makers(query, &relatives));
        }
        if sources.has(Source::Neighbourhood) {
            add(&self.neighbours(query, &relatives));
        }
        if sources.has(Source::Chains) {
            network.chains_at(anchor, network.as_of()).for_each(|chain| add(network.members(chain)));
        }
        for &firm in relatives.iter().chain(&with_paths) {
            known.remove(firm.index());
        }
        let mut candidates = with_paths;
        candidates.extend(known.ones().map(FirmIx::new));
        candidates
    }

    /// The firms within the radius, the nearest ones, up to the limit, ties by firm, in no order.
    fn neighbours(&self, query: &Query<'_>, relatives: &[FirmIx]) -> Vec<FirmIx> {
        let Sources { radius_km, most, .. } = self.sources;
        let Some(place) = query.network.firm(query.anchor).place else { return Vec::new() };
        let measures = |firm| query.profiles.measures(firm).spot;
        let km = |firm| measures(firm).distance_km(measures(query.anchor));
        // A chord grows with its arc: only at the very edge must the arc be measured.
        let chord = 2.0 * EARTH_RADIUS_KM * libm::sin((radius_km / EARTH_RADIUS_KM).min(PI) / 2.0);
        let inside = (chord - ROUNDING_KM).max(0.0).powi(2);
        let outside = (chord + ROUNDING_KM).powi(2);
        let (point, mut near, mut area) = (place.to_point(), Vec::new(), outside / FIRST_CIRCLE);
        loop {
            near.clear();
            let points = self.points.locate_within_distance(point, area);
            let unrelated = points.filter(|other| relatives.binary_search(&other.data).is_err());
            near.extend(unrelated.map(|other| (other.distance_2(&point), other.data)));
            if near.len() > most || area == outside {
                break;
            }
            let is_far_off = near.len() as f64 * FAR_FROM_ENOUGH < most as f64;
            area = (area * if is_far_off { FAR_FROM_ENOUGH } else { 2.0 }).min(outside);
        }
        near.retain(|&(chord, firm)| chord < inside || km(firm) <= radius_km);
        if near.len() > most {
            near.select_nth_unstable_by(most, |a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            near.truncate(most);
        }
        near.into_iter().map(|(_, firm)| firm).collect()
    }

    /// Makers of what the anchor wants or of its like, and, as far as there is room, those that are
    /// closely related; and firms of the industries it buys from. The likest first, up to the limit.
    fn makers(&self, query: &mut Query<'_>, relatives: &[FirmIx]) -> Vec<FirmIx> {
        let (network, taxonomies) = (query.network, query.taxonomies);
        let catalog = network.catalog();
        let demand = query.scratch.fit(taxonomies, network, query.anchor).demand();
        // The best likeness of each product that any want leads to.
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
        let lists = products
            .into_iter()
            .map(|(product, likeness)| (likeness, catalog.makers(ProductIx::new(product as usize))));
        let is_candidate = |firm| relatives.binary_search(&firm).is_err();
        let (n, most) = (network.n_firms(), self.sources.most);
        let mut makers = first(n, lists.collect(), most, is_candidate);
        let weight_of_all: f64 = demand.industries.iter().map(|want| want.weight).sum();
        let of_trade = demand.industries.iter().map(|want| {
            let share = want.weight / weight_of_all;
            (share, self.trades.row(want.concept as usize))
        });
        let of_trade = first(n, of_trade.collect(), most, |_| true);
        let room = most - makers.len();
        if self.relates && room > 0 {
            makers.sort_unstable();
            let mut related = closely_related(query);
            related.retain(|(_, firm)| makers.binary_search(firm).is_err() && is_candidate(*firm));
            makers.extend(best(related.into_iter(), room));
        }
        makers.extend(of_trade);
        makers
    }
}

/// The `most` firms wanted, of `n`, that are in the best lists, each by the best that it is in, ties
/// to the smaller one; in no order. Lists are ascending.
///
/// O(lists read · `most`): what a list holds beyond its first `most` firms is never read,
/// nor are lists behind those that give enough.
fn first(
    n: usize,
    mut lists: Vec<(f64, &[FirmIx])>,
    most: usize,
    is_wanted: impl Fn(FirmIx) -> bool,
) -> Vec<FirmIx> {
    lists.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut found, mut taken) = (Vec::new(), FixedBitSet::with_capacity(n));
    for equals in lists.chunk_by(|a, b| a.0 == b.0) {
        let room = most - found.len();
        if room == 0 {
            break;
        }
        let mut next: Vec<FirmIx> = Vec::new();
        for &(_, list) in equals {
            let new = list.iter().copied().filter(|&firm| !taken[firm.index()] && is_wanted(firm));
            next.extend(new.take(room));
        }
        if equals.len() > 1 {
            next.sort_unstable();
            next.dedup();
            next.truncate(room);
        }
        taken.extend(next.iter().map(|firm| firm.index()));
        found.extend(next);
    }
    found
}

/// The firms of the `most` highest scores, ties to the smaller firm; in no order.
///
/// One pass: what does not pass the bar, the worst of the best so far, is let go at once.
fn best(scored: impl Iterator<Item = (f64, FirmIx)>, most: usize) -> impl Iterator<Item = FirmIx> {
    let order = |a: &(f64, FirmIx), b: &(f64, FirmIx)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
    let mut kept: Vec<(f64, FirmIx)> = Vec::new();
    let mut bar: Option<(f64, FirmIx)> = None;
    let cut = |kept: &mut Vec<(f64, FirmIx)>| {
        if most > 0 && kept.len() > most {
            kept.select_nth_unstable_by(most - 1, order);
        }
        kept.truncate(most);
        kept.last().copied()
    };
    for one in scored {
        if bar.is_none_or(|bar| order(&one, &bar).is_lt()) {
            kept.push(one);
            if kept.len() > most.saturating_mul(2) {
                bar = cut(&mut kept);
            }
        }
    }
    cut(&mut kept);
    kept.into_iter().map(|(_, firm)| firm)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn firms(numbers: &[usize]) -> Vec<FirmIx> {
        numbers.iter().copied().map(FirmIx::new).collect()
    }

    #[test]
    fn better_lists_come_first_and_equals_by_firm() {
        let (low, left, right) = (firms(&[0, 1, 2, 3]), firms(&[2, 7]), firms(&[5, 7, 9]));
        let lists = || vec![(0.2, &low[..]), (0.9, &left[..]), (0.9, &right[..])];
        assert_eq!(first(10, lists(), 3, |_| true), firms(&[2, 5, 7]));
        // All of the equals, then the first of the rest that is not there yet.
        assert_eq!(first(10, lists(), 5, |_| true), firms(&[2, 5, 7, 9, 0]));
        assert_eq!(first(10, lists(), 6, |firm| firm.index() != 0), firms(&[2, 5, 7, 9, 1, 3]));
        assert!(first(10, lists(), 0, |_| true).is_empty());
    }

    #[test]
    fn one_pass_keeps_what_a_sort_would() {
        // Every score twice and more, in an order that raises the bar again and again.
        let scored: Vec<(f64, FirmIx)> =
            (0..1_000).map(|number| ((number * 37 % 101) as f64, FirmIx::new(number))).collect();
        let mut sorted = scored.clone();
        sorted.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        for most in [0, 1, 7, 100, 999, 1_000, usize::MAX] {
            let mut kept: Vec<FirmIx> = best(scored.iter().copied(), most).collect();
            let mut expected: Vec<FirmIx> = sorted.iter().take(most).map(|&(_, firm)| firm).collect();
            kept.sort_unstable();
            expected.sort_unstable();
            assert_eq!(kept, expected, "{most}");
        }
    }
}
