//! jiedui
#[cfg(feature = "city")]
pub mod city;
pub mod dataset;
pub mod model;
