//! Products, their classes, what goes into them and who makes or needs them.

use serde::{Deserialize, Serialize};

use super::word::words;
use super::{FirmId, ProductId};

/// A product or a class of products.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Product {
    /// Outside key.
    pub id: ProductId,
    /// Name as people say it.
    pub name: Option<Box<str>>,
}

impl Product {
    /// A product of which nothing but the key is known.
    pub fn new(id: impl Into<ProductId>) -> Self {
        Self { id: id.into(), name: None }
    }
}

/// `product` is a narrower class of `parent`. A product may have several parents;
/// a dataset's parents hold no cycle.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ProductParent {
    /// The narrower product.
    pub product: ProductId,
    /// The broader one.
    pub parent: ProductId,
}

impl ProductParent {
    /// `product` is a narrower class of `parent`.
    pub fn new(product: impl Into<ProductId>, parent: impl Into<ProductId>) -> Self {
        Self { product: product.into(), parent: parent.into() }
    }
}

/// `input` goes into `output`: a line of a bill of materials.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProductInput {
    /// What goes in.
    pub input: ProductId,
    /// What is made of it.
    pub output: ProductId,
    /// Importance, non-negative; `None` counts as 1.
    pub weight: Option<f64>,
}

impl ProductInput {
    /// `input` goes into `output`, no matter how much.
    pub fn new(input: impl Into<ProductId>, output: impl Into<ProductId>) -> Self {
        Self { input: input.into(), output: output.into(), weight: None }
    }
}

/// A firm makes or needs a product.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FirmProduct {
    /// The firm.
    pub firm: FirmId,
    /// The product.
    pub product: ProductId,
    /// Makes or needs.
    pub role: Role,
    /// Importance (a share of revenue, say), non-negative; `None` counts as 1.
    pub weight: Option<f64>,
}

impl FirmProduct {
    /// A row that says no more than who makes or needs what.
    pub fn new(firm: impl Into<FirmId>, product: impl Into<ProductId>, role: Role) -> Self {
        Self { firm: firm.into(), product: product.into(), role, weight: None }
    }
}

words! {
    /// What a firm has to do with a product.
    Role {
        /// Makes it; the default.
        Makes = "makes", "生产", "制造", "产出", "make", "sells", "供应";
        /// Needs it.
        Needs = "needs", "需要", "需求", "采购", "need", "buys";
    }
}
