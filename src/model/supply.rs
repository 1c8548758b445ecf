//! A supply row: goods that went from a supplier to a buyer.

use serde::{Deserialize, Serialize};

use super::{Date, FirmId, ProductId};

/// One row of trade (供应关系), from supplier to buyer as the goods go.
///
/// ```
/// use jiedui::model::Supply;
///
/// let mut row = Supply::new("foundry", "carworks");
/// row.value = Some(1_200_000.0);
/// assert_eq!(row.buyer.as_str(), "carworks");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Supply {
    /// The firm that delivers (供应商).
    pub supplier: FirmId,
    /// The firm that buys (采购方).
    pub buyer: FirmId,
    /// What is delivered.
    pub product: Option<ProductId>,
    /// CNY (or any one currency). A negative value is a refund; a row without a
    /// value still says that the two trade.
    pub value: Option<f64>,
    /// When.
    pub date: Option<Date>,
}

impl Supply {
    /// A row that says no more than who supplies whom.
    pub fn new(supplier: impl Into<FirmId>, buyer: impl Into<FirmId>) -> Self {
        Self { supplier: supplier.into(), buyer: buyer.into(), product: None, value: None, date: None }
    }
}
