//! jiedui
pub mod dataset;
pub mod model;
pub mod network;
pub mod structure;

pub use petgraph;
