//! The records as they stand on the sheets: not all of what is true is written down.

use super::Settled;
use super::bill::Bill;
use super::chain::CHAINS;
use super::dice::{Dice, Stream};
use super::resource::{SORTS, rows, smallest_offer};
use super::unit::{Role, Unit};
use crate::dataset::{DatasetBuilder, Tables};
use crate::model::{Chain, ChainId, ChainMember, Date, Direction, FirmProduct, Role as ProductRole};

/// How many of the city's own suppliers have a field or two left out, at the usual noise.
const UNTIDY: f64 = 0.1;
/// The year in which the chains were set up.
const CHAINS_SINCE: i64 = 2021;
/// How many suppliers list what they need, at the usual noise.
const LISTED: f64 = 0.65;

/// Adds the given records that belong to firms, each as it is.
pub(super) fn write_given(given: &Tables, builder: &mut DatasetBuilder) {
    for row in &given.firm_products {
        builder.add_firm_product(row.clone());
    }
    for row in &given.chain_members {
        builder.add_chain_member(row.clone());
    }
    for row in &given.resources {
        builder.add_resource(row.clone());
    }
    for row in &given.pairings {
        builder.add_pairing(row.clone());
    }
    for row in &given.outcomes {
        builder.add_outcome(row.clone());
    }
    for row in &given.incidents {
        builder.add_incident(row.clone());
    }
    for row in &given.responses {
        builder.add_response(row.clone());
    }
}

/// Adds the chains; what `given` says of one goes first.
pub(super) fn write_chains(n_chains: usize, given: &Tables, builder: &mut DatasetBuilder) {
    let since = Date::year(CHAINS_SINCE).ok();
    for (number, template) in CHAINS[..n_chains].iter().enumerate() {
        let said = given.chains.iter().find(|chain| chain.id.as_str() == template.id).cloned();
        let mut chain = said.unwrap_or_else(|| Chain::new(template.id));
        chain.name = chain.name.or_else(|| Some(template.name.into()));
        chain.leader = chain.leader.or_else(|| Some(format!("市领导{}", number + 1).into()));
        chain.office = chain.office.or_else(|| Some(template.office.into()));
        chain.association = chain.association.or_else(|| Some(format!("虚构{}协会", template.name).into()));
        chain.committee = chain.committee.or_else(|| Some(format!("虚构{}联合党委", template.name).into()));
        chain.valid_from =
            chain.valid_from.or(since.filter(|since| chain.valid_to.is_none_or(|to| *since <= to)));
        builder.add_chain(chain);
    }
}

/// Adds the units with their products, memberships and resources.
pub(super) fn write_units(units: &[Unit], bill: &Bill, settled: &Settled, builder: &mut DatasetBuilder) {
    let mut dice = Dice::new(settled.seed, Stream::Untidiness);
    let complete = settled.completeness();
    for unit in units {
        let mut record = unit.record.clone();
        if unit.given {
            builder.add_firm(record);
            continue;
        }
        let mut says_products = true;
        if unit.role == Role::Supplier && dice.chance(UNTIDY * (1.0 - complete)) {
            for _ in 0..=dice.below(2) {
                match dice.below(7) {
                    0 | 1 => record.employees = None,
                    2 => record.revenue = None,
                    3 => record.place = None,
                    4 => record.industry = None,
                    5 => record.ownership = None,
                    _ => says_products = false,
                }
            }
        }
        let firm = record.id.clone();
        builder.add_firm(record);
        for &chain in &unit.chains {
            let chain = ChainId::from(CHAINS[usize::from(chain)].id);
            builder.add_chain_member(ChainMember {
                chain,
                firm: firm.clone(),
                position: Some(position(unit, bill).into()),
            });
        }
        if says_products {
            for (list, role) in [(&unit.makes, ProductRole::Makes), (&unit.needs, ProductRole::Needs)] {
                for &(product, weight) in list {
                    let product = bill.line(product).id.clone();
                    builder.add_firm_product(FirmProduct {
                        firm: firm.clone(),
                        product,
                        role,
                        weight: Some(weight),
                    });
                }
            }
        }
        if unit.role != Role::Supplier || dice.chance(LISTED + (1.0 - LISTED) * complete) {
            let is_silent = unit.offers == [0.0; SORTS] && unit.wants == [0.0; SORTS];
            // A list without needs says that there are none, an empty one nothing.
            let offers = if complete == 1.0 && is_silent { smallest_offer() } else { unit.offers };
            let offers = rows(&firm, Direction::Offers, &offers);
            for row in offers.chain(rows(&firm, Direction::Needs, &unit.wants)) {
                builder.add_resource(row);
            }
        }
    }
}

/// Where in a chain a unit stands, as chain offices say it.
fn position(unit: &Unit, bill: &Bill) -> &'static str {
    let tier = unit.makes.first().map(|(product, _)| bill.line(*product).tier);
    match (unit.role, tier) {
        (Role::Anchor, _) => "链主",
        (Role::Institution, _) => "服务",
        (Role::Supplier, Some(0 | 1)) => "上游",
        (Role::Supplier, Some(_)) => "中游",
        (Role::Supplier, None) => "配套",
    }
}
