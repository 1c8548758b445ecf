//! `resource_fit`: the one has what the other looks for.

use std::collections::BTreeMap;

use super::{Factor, Query, Sides, Value};
use crate::model::{Category, Direction, FirmIx, Resource};
use crate::network::Network;

/// Resource fit (资源契合), a value of its own for each side: Σ_c w_c · min(1, offer_c /
/// need_c) / Σ_c w_c over the categories c in which this side has a need, the other side's
/// offers against it; every w_c is 1.
///
/// Amounts add up by unit and are compared within one unit; a need that names no amount
/// or no unit is met by any offer of its category. Not applicable where this side lists
/// resources and no need among them; unknown where either side lists none at all. Own definition. O(log resources + resources of
/// the two).
#[derive(Debug, Clone, Copy, Default)]
pub struct ResourceFit;

/// Resources of one category that meet: one side's needs, the other's offers.
#[derive(Debug)]
pub(crate) struct Exchange<'a> {
    pub(crate) category: Category,
    pub(crate) needs: Vec<&'a Resource>,
    pub(crate) offers: Vec<&'a Resource>,
}

impl<'a> Exchange<'a> {
    /// The categories in which `needy` has a need, with what `giver` offers there.
    pub(crate) fn between(network: &'a Network, needy: FirmIx, giver: FirmIx) -> Vec<Self> {
        let mut categories: BTreeMap<Category, (Vec<&Resource>, Vec<&Resource>)> = BTreeMap::new();
        for need in resources(network, needy).iter().filter(|row| row.direction == Direction::Needs) {
            categories.entry(need.category).or_default().0.push(need);
        }
        for offer in resources(network, giver).iter().filter(|row| row.direction == Direction::Offers) {
            if let Some((_, offers)) = categories.get_mut(&offer.category) {
                offers.push(offer);
            }
        }
        categories.into_iter().map(|(category, (needs, offers))| Self { category, needs, offers }).collect()
    }

    /// How far the offers meet the needs, in [0, 1].
    pub(crate) fn met(&self) -> f64 {
        let sum = |rows: &[&Resource], unit: Option<&str>| -> f64 {
            let of_unit = rows.iter().filter(|row| unit.is_none_or(|unit| row.unit.as_deref() == Some(unit)));
            of_unit.map(|row| row.amount.unwrap_or(1.0)).sum()
        };
        let mut units: Vec<Option<&str>> = self.needs.iter().map(|need| need.unit.as_deref()).collect();
        units.sort_unstable();
        units.dedup();
        let met: f64 = units
            .iter()
            .map(|&unit| {
                let of_unit: Vec<&Resource> =
                    self.needs.iter().copied().filter(|need| need.unit.as_deref() == unit).collect();
                if unit.is_none() || of_unit.iter().all(|need| need.amount.is_none()) {
                    return if self.offers.is_empty() { 0.0 } else { 1.0 };
                }
                (sum(&self.offers, unit) / sum(&of_unit, unit)).min(1.0)
            })
            .sum();
        met / units.len().max(1) as f64
    }
}

/// The resources of a firm.
pub(crate) fn resources(network: &Network, firm: FirmIx) -> &[Resource] {
    let rows = &network.tables().resources;
    let id = &network.firm(firm).id;
    let start = rows.partition_point(|row| row.firm < *id);
    let end = start + rows[start..].partition_point(|row| row.firm == *id);
    &rows[start..end]
}

impl Factor for ResourceFit {
    fn name(&self) -> &'static str {
        "resource_fit"
    }

    fn sides(&self) -> Sides {
        Sides::Each
    }

    fn fill(&self, query: &mut Query<'_>, values: &mut [Value]) {
        if query.network.tables().resources.is_empty() {
            return values.fill(Value::Unknown);
        }
        for (value, &candidate) in values.iter_mut().zip(query.candidates) {
            let (own, partner) = (query.own(candidate), query.partner(candidate));
            let is_silent = |firm| resources(query.network, firm).is_empty();
            if is_silent(own) || is_silent(partner) {
                *value = Value::Unknown;
                continue;
            }
            let exchanges = Exchange::between(query.network, own, partner);
            *value = if exchanges.is_empty() {
                Value::NotApplicable
            } else {
                Value::Known(exchanges.iter().map(Exchange::met).sum::<f64>() / exchanges.len() as f64)
            };
        }
    }
}
