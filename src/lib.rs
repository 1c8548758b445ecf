//! jiedui
pub mod dataset;
pub mod model;
