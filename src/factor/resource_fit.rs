//! `resource_fit`: the one has what the other looks for.

use std::collections::BTreeMap;

use super::{Column, Factor, Query, Side, Sides, Value};
use crate::model::{Category, Direction, FirmIx, Resource};
use crate::network::Network;

/// Resource fit (资源契合), a value of its own for each side: Σ_c w_c · min(1, offer_c /
/// need_c) / Σ_c w_c over the categories c in which this side has a need, the other side's
/// offers against it; every w_c is 1.
///
/// Amounts add up by unit and are compared within one unit; a need that names no amount
/// or no unit is met by any offer of its category. The category `other` meets nothing. Not applicable where this side lists
/// resources and no need among them; unknown where either side lists none at all. Own
/// definition. O(resources of the two).
#[derive(Debug, Clone, Copy, Default)]
pub struct ResourceFit;

/// Resources of one category that meet: one side's needs, the other's offers.
#[derive(Debug)]
pub(crate) struct Exchange<'a> {
    pub(crate) category: Category,
    pub(crate) needs: &'a [Resource],
    pub(crate) offers: &'a [Resource],
}

impl<'a> Exchange<'a> {
    /// The categories in which `needy` has a need, with what `giver` offers there.
    pub(crate) fn between(network: &'a Network, needy: FirmIx, giver: FirmIx) -> impl Iterator<Item = Self> {
        // A firm's resources are sorted by direction, then by category.
        let of_direction = |firm, direction| {
            let rows = network.resources(firm);
            let (offers, needs) = rows.split_at(rows.partition_point(|row| row.direction < Direction::Needs));
            if direction == Direction::Needs { needs } else { offers }
        };
        let offers = of_direction(giver, Direction::Offers);
        let needs = of_direction(needy, Direction::Needs).chunk_by(|a, b| a.category == b.category);
        // What `other` means on one side is not what it means on the other.
        needs.filter(|needs| needs[0].category != Category::Other).map(move |needs| {
            let category = needs[0].category;
            let offers = &offers[offers.partition_point(|offer| offer.category < category)..];
            let offers = &offers[..offers.partition_point(|offer| offer.category == category)];
            Self { category, needs, offers }
        })
    }

    /// How far the offers meet the needs, in [0, 1]: the mean over the units of the needs.
    pub(crate) fn met(&self) -> f64 {
        if self.offers.is_empty() {
            return 0.0;
        }
        // The usual case, without maps.
        if let [need] = self.needs {
            return match (need.unit.as_deref(), need.amount) {
                (Some(unit), Some(needed)) => {
                    let of_unit = self.offers.iter().filter(|offer| offer.unit.as_deref() == Some(unit));
                    (of_unit.fold(0.0, |sum, offer| sum + offer.amount.unwrap_or(1.0)) / needed).min(1.0)
                }
                _ => 1.0,
            };
        }
        let mut offered: BTreeMap<&str, f64> = BTreeMap::new();
        for offer in self.offers {
            if let Some(unit) = offer.unit.as_deref() {
                *offered.entry(unit).or_default() += offer.amount.unwrap_or(1.0);
            }
        }
        // By unit: the sum needed, and whether any need tells an amount.
        let mut needed: BTreeMap<Option<&str>, (f64, bool)> = BTreeMap::new();
        for need in self.needs {
            let (sum, is_told) = needed.entry(need.unit.as_deref()).or_default();
            *sum += need.amount.unwrap_or(1.0);
            *is_told |= need.amount.is_some();
        }
        let n = needed.len() as f64;
        let met = needed.into_iter().map(|(unit, (needed, is_told))| match unit {
            Some(unit) if is_told => (offered.get(unit).copied().unwrap_or(0.0) / needed).min(1.0),
            _ => 1.0,
        });
        met.sum::<f64>() / n
    }
}

/// What kinds of resources a firm lists, a bit for each category.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Kinds {
    offers: u16,
    needs: u16,
}

impl Kinds {
    pub(super) fn of(resources: &[Resource]) -> Self {
        let mut kinds = Self::default();
        for row in resources {
            let side = if row.direction == Direction::Needs { &mut kinds.needs } else { &mut kinds.offers };
            *side |= 1 << row.category as u16;
        }
        kinds
    }

    fn is_silent(self) -> bool {
        self.offers | self.needs == 0
    }

    /// The needs that an offer can meet.
    fn wanted(self) -> u16 {
        self.needs & !(1 << Category::Other as u16)
    }
}

/// The value for `needy`, what `giver` offers held against it.
fn value(network: &Network, (needy, wants): (FirmIx, Kinds), (giver, gives): (FirmIx, Kinds)) -> Value {
    if wants.is_silent() || gives.is_silent() {
        return Value::Unknown;
    }
    let wanted = wants.wanted();
    if wanted == 0 {
        return Value::NotApplicable;
    }
    // Most pairs: nothing meets, and the rows need not be read.
    if wanted & gives.offers == 0 {
        return Value::Known(0.0);
    }
    let met: f64 = Exchange::between(network, needy, giver).map(|exchange| exchange.met()).sum();
    Value::Known(met / f64::from(wanted.count_ones()))
}

impl Factor for ResourceFit {
    fn name(&self) -> &'static str {
        "resource_fit"
    }

    fn sides(&self) -> Sides {
        Sides::Each
    }

    fn fill(&self, query: &mut Query<'_>, column: &mut Column) {
        let (network, anchor) = (query.network, query.anchor);
        let with_kinds = |firm| (firm, query.profiles.of(firm).resources);
        let own = with_kinds(anchor);
        if own.1.is_silent() {
            return column.fill(Value::Unknown);
        }
        let candidates = query.candidates.iter().copied().map(with_kinds);
        match query.side {
            Side::Anchor => column.fill_from(candidates.map(|other| value(network, own, other))),
            Side::Supplier => column.fill_from(candidates.map(|other| value(network, other, own))),
        }
    }
}
