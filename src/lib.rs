//! jiedui
#[cfg(feature = "city")]
pub mod city;
pub mod dataset;
pub mod factor;
pub mod matcher;
pub mod model;
pub mod network;
pub mod structure;

pub use petgraph;
