//! `resource_fit`: the one has what the other looks for.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use super::{Column, Factor, Query, Sides, Value};
use crate::model::{Category, Direction, FirmIx, Resource, Side};
use crate::network::{Network, Rows};

/// Resource fit (资源契合), a value of its own for each side: Σ_c w_c · min(1, offer_c /
/// need_c) / Σ_c w_c over the categories c in which this side has a need, the other side's
/// offers against it; every w_c is 1.
///
/// Amounts add up by unit and are compared within one unit; a need that names no amount
/// or no unit is met by any offer of its category, and an offer that names none meets any need in
/// its unit or, without a unit, in all. The category `other` meets nothing. Not applicable where this
/// side lists resources and no need among them; else unknown where either side lists none at all. Own
/// definition. O(resources of the two).
#[derive(Debug, Clone, Copy, Default)]
pub struct ResourceFit;

/// A resource without its words.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lot {
    /// How much; not a number where untold.
    amount: f64,
    /// By number, in the order of the names; 0 for none.
    unit: u32,
    direction: Direction,
    category: Category,
}

/// The resources of every firm, ready to be compared: 16 bytes each.
#[derive(Debug)]
pub(crate) struct Lots {
    firms: Rows<Lot>,
}

impl Lots {
    pub(super) fn new(network: &Network) -> Self {
        let rows =
            || network.firms().flat_map(|firm| network.resources(firm).iter().map(move |row| (firm, row)));
        let names: BTreeSet<&str> = rows().filter_map(|(_, row)| row.unit.as_deref()).collect();
        let units: FxHashMap<&str, u32> = names.into_iter().zip(1..).collect();
        let lot = |row: &Resource| Lot {
            amount: row.amount.unwrap_or(f64::NAN),
            unit: row.unit.as_deref().map_or(0, |unit| units[unit]),
            direction: row.direction,
            category: row.category,
        };
        let lots = rows().map(|(firm, row)| (firm.index(), lot(row)));
        Self { firms: Rows::group(network.n_firms(), lots) }
    }

    /// Of a firm, sorted by direction, then by category.
    fn of(&self, firm: FirmIx, direction: Direction) -> &[Lot] {
        let lots = self.firms.row(firm.index());
        let (offers, needs) = lots.split_at(lots.partition_point(|lot| lot.direction < Direction::Needs));
        if direction == Direction::Needs { needs } else { offers }
    }
}

/// Resources of one category that meet: one side's needs, the other's offers.
#[derive(Debug)]
pub(crate) struct Exchange<'a> {
    pub(crate) category: Category,
    needs: &'a [Lot],
    offers: &'a [Lot],
}

impl<'a> Exchange<'a> {
    /// The categories in which `needy` has a need that `giver` offers something against.
    pub(crate) fn between(lots: &'a Lots, needy: FirmIx, giver: FirmIx) -> impl Iterator<Item = Self> {
        let mut offers = lots.of(giver, Direction::Offers);
        let needs = lots.of(needy, Direction::Needs).chunk_by(|a, b| a.category == b.category);
        needs.filter_map(move |needs| {
            let category = needs[0].category;
            // Few and sorted: one walk down both.
            offers = &offers[offers.iter().take_while(|offer| offer.category < category).count()..];
            let of_category = offers.iter().take_while(|offer| offer.category == category).count();
            // What `other` means on one side is not what it means on the other.
            let meets = of_category > 0 && category != Category::Other;
            meets.then(|| Self { category, needs, offers: &offers[..of_category] })
        })
    }

    /// How far the offers meet the needs, in [0, 1]: the mean over the units of the needs.
    pub(crate) fn met(&self) -> f64 {
        // The usual case, without a map.
        if let [need] = self.needs {
            return self.met_in(need.unit, need.amount);
        }
        // By unit: the sum of what needs tell, and whether any does. One that tells nothing is met by any offer.
        let mut needed: BTreeMap<u32, (f64, bool)> = BTreeMap::new();
        for need in self.needs {
            let (sum, is_told) = needed.entry(need.unit).or_default();
            if !need.amount.is_nan() {
                *sum += need.amount;
                *is_told = true;
            }
        }
        let n = needed.len() as f64;
        let met = needed
            .into_iter()
            .map(|(unit, (needed, is_told))| self.met_in(unit, if is_told { needed } else { f64::NAN }));
        met.sum::<f64>() / n
    }

    /// How far the offers meet what is needed in one unit; any does where that is untold, and one that
    /// tells less meets all.
    fn met_in(&self, unit: u32, needed: f64) -> f64 {
        if unit == 0 || needed.is_nan() {
            return 1.0;
        }
        let mut sum = 0.0;
        for offer in self.offers.iter().filter(|offer| offer.unit == unit || offer.unit == 0) {
            sum += if offer.unit == 0 || offer.amount.is_nan() { needed } else { offer.amount };
        }
        (sum / needed).min(1.0)
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

/// The value for one that wants, of what another gives, if every need that meets any offer were
/// met by it.
fn at_most(wants: Kinds, gives: Kinds) -> Value {
    let wanted = wants.wanted();
    if wants.is_silent() || wanted > 0 && gives.is_silent() {
        return Value::Unknown;
    }
    if wanted == 0 {
        return Value::NotApplicable;
    }
    Value::Known(f64::from((wanted & gives.offers).count_ones()) / f64::from(wanted.count_ones()))
}

/// The value for `needy`, what `giver` offers held against it.
fn value(lots: &Lots, (needy, wants): (FirmIx, Kinds), (giver, gives): (FirmIx, Kinds)) -> Value {
    match at_most(wants, gives) {
        // Most pairs: nothing meets, and the rows need not be read.
        Value::Known(most) if most > 0.0 => {
            let met: f64 = Exchange::between(lots, needy, giver).map(|exchange| exchange.met()).sum();
            Value::Known(met / f64::from(wants.wanted().count_ones()))
        }
        value => value,
    }
}

impl Factor for ResourceFit {
    fn name(&self) -> &'static str {
        "resource_fit"
    }

    fn sides(&self) -> Sides {
        Sides::Each
    }

    fn fill(&self, query: &mut Query<'_>, column: &mut Column) {
        let lots = &query.profiles.lots;
        let with_kinds = |firm| (firm, query.profiles.of(firm).resources);
        let own = with_kinds(query.anchor);
        let candidates = query.candidates.iter().copied().map(with_kinds);
        match query.side {
            Side::Anchor => column.fill_from(candidates.map(|other| value(lots, own, other))),
            Side::Supplier => column.fill_from(candidates.map(|other| value(lots, other, own))),
        }
    }

    fn bound(&self, query: &mut Query<'_>, column: &mut Column) -> bool {
        let kinds = |firm| query.profiles.of(firm).resources;
        let own = kinds(query.anchor);
        let candidates = query.candidates.iter().copied().map(kinds);
        match query.side {
            Side::Anchor => column.fill_from(candidates.map(|other| at_most(own, other))),
            Side::Supplier => column.fill_from(candidates.map(|other| at_most(other, own))),
        }
        true
    }

    fn bound_alike(&self, query: &mut Query<'_>, column: &mut Column) -> bool {
        let own = query.profiles.of(query.anchor).resources;
        // The same of everybody.
        let of_all = query.side == Side::Anchor && own.wanted() == 0;
        if of_all {
            column.fill(at_most(own, own));
        }
        of_all
    }
}
