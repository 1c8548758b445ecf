//! The crate's own cities, one supply row a pair.

use jiedui::city::City;
use jiedui::dataset::Dataset;

use crate::common::SEED;

pub(crate) fn city(firms: usize) -> Dataset {
    City::builder().firms(firms).rows_per_pair(1).seed(SEED).build().expect("settings in range").dataset
}
