//! The reasons behind a score, found for the few pairs that are shown.

use crate::factor::{Exchange, Like, Query, Space, Want, single_source};
use crate::model::{CoBuildingMode, Direction, FirmIx, Ownership, Side};
use crate::network::{Network, Tier, Trade};
use crate::structure::{SharedPartners, ThreePaths};

use super::recommendation::{Flag, Match, Relation, SuggestedMode, Witness};

/// A distance worth pointing out, km.
const NEAR_KM: f64 = 5.0;

/// What the two have to do with each other today.
pub(super) fn relation(network: &Network, anchor: FirmIx, candidate: FirmIx, paired: bool) -> Relation {
    let trade = network.trade(candidate, anchor);
    let tier = match trade {
        Some(_) => Some(Tier(1)),
        None => between(network, anchor, candidate).map(|_| Tier(2)),
    };
    let own: Vec<_> = network.chains_at(anchor, network.as_of()).collect();
    let shared = network.chains_at(candidate, network.as_of()).filter(|chain| own.contains(chain));
    Relation {
        tier,
        current: trade.is_some_and(|trade| network.is_of_the_year(trade.last())),
        buys: network.trade(anchor, candidate).is_some(),
        yearly_value: trade.and_then(Trade::value),
        last_trade: trade.and_then(Trade::last),
        paired,
        chains: shared.map(|chain| network.chain(chain).id.clone()).collect(),
        distance_km: distance(network, anchor, candidate),
    }
}

/// The supplier of the anchor, with the smallest id, that the candidate supplies.
fn between(network: &Network, anchor: FirmIx, candidate: FirmIx) -> Option<FirmIx> {
    let suppliers = network.suppliers(anchor);
    network.buyers(candidate).iter().copied().find(|buyer| suppliers.binary_search(buyer).is_ok())
}

fn distance(network: &Network, anchor: FirmIx, candidate: FirmIx) -> Option<f64> {
    let (one, other) = network.firm(anchor).place.zip(network.firm(candidate).place)?;
    Some(one.distance_km(other))
}

/// The modes for which offers of the one meet needs of the other, by mode.
pub(super) fn modes(query: &Query<'_>, candidate: FirmIx) -> Vec<SuggestedMode> {
    let (network, lots, anchor) = (query.network, &query.profiles.lots, query.anchor);
    let mut matches: Vec<(CoBuildingMode, Match)> = Vec::new();
    for (needy, giver, from) in [(candidate, anchor, Side::Anchor), (anchor, candidate, Side::Supplier)] {
        for exchange in Exchange::between(lots, needy, giver) {
            let (category, met) = (exchange.category, exchange.met());
            // Nothing is offered in a unit of the needs.
            if met == 0.0 {
                continue;
            }
            let items = |firm, direction| {
                let rows = network.resources(firm).iter();
                let listed = rows.filter(|row| row.direction == direction && row.category == category);
                listed.filter_map(|row| row.item.clone()).collect()
            };
            let found = Match {
                category,
                from,
                offers: items(giver, Direction::Offers),
                needs: items(needy, Direction::Needs),
                met,
            };
            matches.push((category.mode(), found));
        }
    }
    matches.sort_by_key(|(mode, found)| (*mode, found.from, found.category));
    let by_mode = matches.chunk_by(|a, b| a.0 == b.0);
    by_mode
        .map(|same| SuggestedMode {
            mode: same[0].0,
            matches: same.iter().map(|(_, found)| found.clone()).collect(),
        })
        .collect()
}

/// Things to know of the pair.
pub(super) fn flags(query: &mut Query<'_>, candidate: FirmIx, has_incidents: bool) -> Vec<Flag> {
    let (network, anchor) = (query.network, query.anchor);
    let (one, other) = (network.firm(anchor), network.firm(candidate));
    let mut flags = Vec::new();
    if are_competitors(query, candidate) {
        flags.push(Flag::Competitor);
    }
    if single_source(query, candidate) {
        flags.push(Flag::SingleSource);
    }
    if has_incidents {
        flags.push(Flag::Incidents);
    }
    if one.ownership == Some(Ownership::State) && other.ownership == Some(Ownership::Private) {
        flags.push(Flag::StateLeadsPrivate);
    }
    if one.anchor == Some(true) && other.anchor != Some(true) {
        flags.push(Flag::AnchorLeadsSupplier);
    }
    flags
}

/// Whether the two make the same product, or, where the products of either are unknown,
/// are of one industry at its finest level; but not where the candidate makes the very
/// thing that the anchor wants.
fn are_competitors(query: &mut Query<'_>, candidate: FirmIx) -> bool {
    let (network, taxonomies, anchor) = (query.network, query.taxonomies, query.anchor);
    let (one, other) = (network.catalog().makes(anchor), network.catalog().makes(candidate));
    if !one.is_empty() && !other.is_empty() {
        return one.iter().any(|(product, _)| other.binary_search_by_key(product, |&(made, _)| made).is_ok());
    }
    let industry = |firm| network.firm(firm).industry.as_ref().filter(|industry| industry.is_class());
    let wants = &query.scratch.fit(taxonomies, network, anchor).demand().products;
    let is_wanted =
        other.iter().any(|(made, _)| wants.iter().any(|want| want.concept as usize == made.index()));
    industry(anchor).is_some() && industry(anchor) == industry(candidate) && !is_wanted
}

/// The plainest evidence for a score: the best product match, the strongest paths, and
/// a short distance.
pub(super) fn witnesses(
    query: &mut Query<'_>,
    candidate: FirmIx,
    relates: bool,
    paths: Option<&ThreePaths>,
    shared: Option<&SharedPartners>,
) -> Vec<Witness> {
    let (network, anchor) = (query.network, query.anchor);
    let id = |firm: FirmIx| network.firm(firm).id.clone();
    let mut witnesses = Vec::new();
    witnesses.extend(product(query, candidate));
    witnesses.extend(relates.then(|| related(query, candidate)).flatten());
    if network.trade(candidate, anchor).is_none()
        && let Some(through) = between(network, anchor, candidate)
    {
        witnesses.push(Witness::SecondTier { through: id(through) });
    }
    let path = paths.and_then(|paths| match query.scratch.co_supply_halves(paths, anchor) {
        Some(scores) => paths.witness_by_scores(anchor, candidate, scores),
        None => paths.witness(anchor, candidate),
    });
    if let Some(path) = path {
        witnesses.push(Witness::CoSupply { supplier: id(path.supplier), buyer: id(path.buyer) });
    }
    if let Some(partner) = shared.and_then(|shared| shared.witness(anchor, candidate)) {
        witnesses.push(Witness::SharedPartner { partner: id(partner) });
    }
    if let Some(km) = distance(network, anchor, candidate).filter(|&km| km <= NEAR_KM) {
        witnesses.push(Witness::Near { km });
    }
    witnesses
}

/// The thing made that meets the weightiest want best: highest weight · likeness, ties
/// to the smaller ids.
fn product(query: &mut Query<'_>, candidate: FirmIx) -> Option<Witness> {
    let (network, taxonomies) = (query.network, query.taxonomies);
    let fit = query.scratch.fit(taxonomies, network, query.anchor);
    let mut likest: Vec<(f64, u32)> = Vec::new();
    let space =
        fit.compare(taxonomies, network, query.profiles, candidate, |made: Want, Like { each, .. }| {
            likest.resize(each.len(), (0.0, 0));
            for (best, &like) in likest.iter_mut().zip(each) {
                if like > best.0 {
                    *best = (like, made.concept);
                }
            }
        })?;
    let mut best: Option<(f64, Want, f64, u32)> = None;
    for (want, &(likeness, made)) in fit.wants(space).iter().zip(&likest) {
        let worth = want.weight * likeness;
        if worth > best.map_or(0.0, |best| best.0) {
            best = Some((worth, *want, likeness, made));
        }
    }
    let (_, want, likeness, made) = best?;
    Some(match space {
        Space::Products => {
            let name = |concept| taxonomies.products.name(concept).into();
            Witness::Product { wanted: name(want.concept), made: name(made), likeness }
        }
        Space::Industries => {
            let name = |concept| taxonomies.industries.name(concept).into();
            Witness::Industry { wanted: name(want.concept), made: name(made), likeness }
        }
    })
}

/// The product made that is most often made beside what is wanted; ties to the smaller ids.
fn related(query: &mut Query<'_>, candidate: FirmIx) -> Option<Witness> {
    let (profiles, taxonomies) = (query.profiles, query.taxonomies);
    let assortment = profiles.line(candidate).assortment?;
    let related = query.scratch.related(taxonomies, query.network, profiles, query.anchor);
    let (product, likeness) = related.closest(assortment, &profiles.assortments)?;
    Some(Witness::Related { made: taxonomies.products.name(product).into(), likeness })
}
