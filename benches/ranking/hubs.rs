//! A city's firms with the trade of a region of hubs.

use std::collections::BTreeMap;

use jiedui::dataset::Dataset;
use jiedui::model::{FirmId, ProductId, Role, Supply};

use crate::city::city;
use crate::common::SEED;
use crate::region::Region;

/// Everything that is told of a city's firms but whom they supply, which is drawn as `limit` draws it:
/// some buy from a tenth of all firms and more. What is sold is one of the things that the
/// supplier makes.
pub(crate) fn hubs(firms: usize) -> Dataset {
    let city = city(firms).without(|_| true);
    let mut made: BTreeMap<&FirmId, Vec<&ProductId>> = BTreeMap::new();
    for row in city.tables().firm_products.iter().filter(|row| row.role == Role::Makes) {
        made.entry(&row.firm).or_default().push(&row.product);
    }
    let mut builder = Dataset::builder();
    builder.add_dataset(&city);
    for (number, edge) in Region::new(firms, SEED).edges.iter().enumerate() {
        let [supplier, buyer] =
            [edge.supplier, edge.buyer].map(|firm| &city.tables().firms[firm as usize].id);
        let product = made.get(supplier).map(|made| made[number % made.len()].clone());
        builder.add_supply(&Supply { product, ..edge.supply(supplier.as_str(), buyer.as_str()) });
    }
    builder.finish().0
}
