//! Rows in and out: from untidy tables to validated records, and back.
//!
//! A [`Dataset`] is what the rest of the crate stands on. It is made by a
//! [`DatasetBuilder`], by hand or by a [`Reader`], and what it holds is checked:
//! every key that is named exists, every number is finite and in its range, the
//! product classes hold no cycle, and every table is sorted, so that two datasets of
//! the same records are equal whatever the order of their rows. What was wrong is
//! in the [`Report`].
//!
//! ```
//! use jiedui::dataset::Dataset;
//! use jiedui::model::{Firm, Supply};
//!
//! let mut builder = Dataset::builder();
//! builder.add_firm(Firm::new("carworks")).add_supply(&Supply::new("foundry", "carworks"));
//! let (dataset, report) = builder.finish();
//! // The foundry was made, because a supply row names it.
//! assert_eq!(dataset.tables().firms.len(), 2);
//! assert_eq!(report.made(jiedui::dataset::Table::Firms), 1);
//! ```

mod builder;
mod by_name;
mod cycle;
mod fault;
mod finish;
#[cfg(feature = "csv")]
mod interner;
mod keys;
mod limits;
mod merge;
mod naming;
mod order;
#[cfg(any(feature = "csv", feature = "json", feature = "xlsx"))]
mod read;
mod subset;
mod supplies;
mod table;
mod unknown;
#[cfg(any(feature = "csv", feature = "json"))]
mod write;

use std::sync::Arc;

use crate::model::{
    Chain, ChainMember, Date, Firm, FirmIx, FirmProduct, Incident, Outcome, Pairing, Product, ProductInput,
    ProductIx, ProductParent, Resource, Response, Supply,
};

pub use builder::DatasetBuilder;
pub(crate) use by_name::plain;
pub use fault::{Effect, Fault, FaultKind, Origin, Report, SourceReport};
#[cfg(any(feature = "csv", feature = "json", feature = "xlsx"))]
use keys::{is_no_key, is_sound_key};
pub use limits::Limits;
#[cfg(any(feature = "csv", feature = "json", feature = "xlsx"))]
pub use read::{Mode, ReadError, Reader};
use supplies::Supplies;
pub use table::{Column, Table};
#[cfg(any(feature = "csv", feature = "json"))]
pub use write::WriteError;

/// Validated records. Cheap to clone: the tables are shared.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    tables: Arc<Tables>,
    supplies: Arc<Supplies>,
}

/// Every table but the supply rows, each sorted by its key.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Tables {
    /// Firms by id; a [`FirmIx`] is a position here.
    pub firms: Vec<Firm>,
    /// Products by id; a [`ProductIx`] is a position here.
    pub products: Vec<Product>,
    /// Product classes by product and parent, free of cycles.
    pub product_parents: Vec<ProductParent>,
    /// What goes into what, by input and output, each pair once.
    pub product_inputs: Vec<ProductInput>,
    /// Who makes or needs what, by firm, product and role, each once.
    pub firm_products: Vec<FirmProduct>,
    /// Chains by id.
    pub chains: Vec<Chain>,
    /// Chain members by chain and firm, each once.
    pub chain_members: Vec<ChainMember>,
    /// Resources by firm, direction, category, item.
    pub resources: Vec<Resource>,
    /// Pairings by id.
    pub pairings: Vec<Pairing>,
    /// Outcomes by pairing and date.
    pub outcomes: Vec<Outcome>,
    /// Incidents by supplier, buyer and date.
    pub incidents: Vec<Incident>,
    /// Responses by firm, partner and date.
    pub responses: Vec<Response>,
}

/// One supply row, 24 bytes: firms and product by position.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SupplyRow {
    supplier: FirmIx,
    buyer: FirmIx,
    product: u32,
    date: Option<Date>,
    /// `NO_VALUE` where unknown.
    value: f64,
}

/// Stands for "no product": a dataset holds fewer products than that.
const NO_PRODUCT: u32 = u32::MAX;
/// Stands for "no value": far outside the range of amounts, and unlike NaN equal to itself.
const NO_VALUE: f64 = f64::MAX;

impl Dataset {
    /// A builder without records.
    pub fn builder() -> DatasetBuilder {
        DatasetBuilder::default()
    }

    /// Every table but the supply rows.
    pub fn tables(&self) -> &Arc<Tables> {
        &self.tables
    }

    /// The supply rows, by supplier, buyer, date, product and value.
    pub fn supplies(&self) -> &[SupplyRow] {
        &self.supplies.rows
    }

    /// A supply row of this dataset with its keys spelt out.
    ///
    /// # Panics
    ///
    /// May panic on a row of another dataset.
    pub fn supply(&self, row: &SupplyRow) -> Supply {
        Supply {
            supplier: self.tables.firms[row.supplier.index()].id.clone(),
            buyer: self.tables.firms[row.buyer.index()].id.clone(),
            product: row.product().map(|product| self.tables.products[product.index()].id.clone()),
            value: row.value(),
            date: row.date(),
        }
    }

    /// The latest date in the supplies, pairings (signed), outcomes, incidents and
    /// responses; `None` where nothing is dated. Ends and validities, which may lie
    /// in the future, do not count.
    pub fn latest_date(&self) -> Option<Date> {
        self.dates().max_by_key(|date| (date.last_day(), *date))
    }

    /// The dates of all that has happened: supplies (each once), pairings, outcomes,
    /// incidents, responses.
    fn dates(&self) -> impl Iterator<Item = Date> + '_ {
        let tables = &self.tables;
        let supplies = self.supply_dates().iter().copied();
        let pairings = tables.pairings.iter().filter_map(|pairing| pairing.signed);
        let outcomes = tables.outcomes.iter().filter_map(|outcome| outcome.date);
        let incidents = tables.incidents.iter().filter_map(|incident| incident.date);
        let responses = tables.responses.iter().filter_map(|response| response.date);
        supplies.chain(pairings).chain(outcomes).chain(incidents).chain(responses)
    }

    /// The dates of the supply rows, each once.
    pub(crate) fn supply_dates(&self) -> &[Date] {
        &self.supplies.dates
    }
}

impl Tables {
    /// The position of a firm. O(log n).
    pub fn firm_ix(&self, id: &str) -> Option<FirmIx> {
        self.firms.binary_search_by(|firm| firm.id.as_str().cmp(id)).ok().map(FirmIx::new)
    }

    /// The position of a product. O(log n).
    pub fn product_ix(&self, id: &str) -> Option<ProductIx> {
        self.products.binary_search_by(|product| product.id.as_str().cmp(id)).ok().map(ProductIx::new)
    }
}

impl SupplyRow {
    /// The firm that delivers.
    pub fn supplier(&self) -> FirmIx {
        self.supplier
    }

    /// The firm that buys.
    pub fn buyer(&self) -> FirmIx {
        self.buyer
    }

    /// What is delivered.
    pub fn product(&self) -> Option<ProductIx> {
        (self.product != NO_PRODUCT).then(|| ProductIx::new(self.product as usize))
    }

    /// CNY, negative for a refund; `None` where the row does not say.
    pub fn value(&self) -> Option<f64> {
        (self.value != NO_VALUE).then_some(self.value)
    }

    /// When.
    pub fn date(&self) -> Option<Date> {
        self.date
    }

    fn renumber(&mut self, firm: impl Fn(u32) -> u32, product: impl Fn(u32) -> u32) {
        self.supplier = FirmIx::new(firm(self.supplier.index() as u32) as usize);
        self.buyer = FirmIx::new(firm(self.buyer.index() as u32) as usize);
        if self.product != NO_PRODUCT {
            self.product = product(self.product);
        }
    }

    /// Whether the row shows that the two trade: all but a refund or a zero.
    pub fn makes_relation(&self) -> bool {
        self.value > 0.0
    }
}
