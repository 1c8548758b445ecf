//! Subsets of a dataset, to learn from one and measure on another.

use std::collections::BTreeSet;
use std::sync::Arc;

use rayon::prelude::*;

use super::{Dataset, Supplies, SupplyRow};
use crate::model::{Date, FirmIx, Pairing, ProductIx, Role};

impl Dataset {
    /// What had happened before a date: supply rows, pairings (with their outcomes),
    /// outcomes, incidents and responses that begin on an earlier day, and the undated. A
    /// month or year begins on its first day. Firms, products and chains stay, so positions do
    /// too.
    ///
    /// What a table says without a date, such as the products of a firm, may have become known
    /// later; nobody can tell. O(rows).
    ///
    /// ```
    /// use jiedui::dataset::Dataset;
    /// use jiedui::model::Supply;
    ///
    /// let mut builder = Dataset::builder();
    /// for (supplier, date) in [("steel", "2023-12"), ("paint", "2024")] {
    ///     builder.add_supply(&Supply { date: Some(date.parse()?), ..Supply::new(supplier, "carworks") });
    /// }
    /// let past = builder.finish().0.before("2024-01".parse()?);
    /// assert_eq!((past.supplies().len(), past.tables().firms.len()), (1, 3));
    /// # Ok::<(), jiedui::model::DateError>(())
    /// ```
    #[must_use]
    pub fn before(&self, date: Date) -> Self {
        let cut = date.first_day();
        let is_before = |date: Option<Date>| date.is_none_or(|date| date.first_day() < cut);
        let mut tables = (*self.tables).clone();
        tables.pairings.retain(|pairing| is_before(pairing.signed));
        let pairings = &tables.pairings;
        tables.outcomes.retain(|outcome| {
            let is_known = || pairings.binary_search_by(|pairing| pairing.id.cmp(&outcome.pairing)).is_ok();
            is_before(outcome.date) && is_known()
        });
        tables.incidents.retain(|incident| is_before(incident.date));
        tables.responses.retain(|response| is_before(response.date));
        let past = self.without(|row| !is_before(row.date()));
        Self { tables: Arc::new(tables), ..past }
    }

    /// All but some pairings, what came of them, and what their parties answered to each other.
    /// O(pairings · parties² + (outcomes + responses) · log pairings).
    #[must_use]
    pub fn without_pairings(&self, is_hidden: impl Fn(&Pairing) -> bool) -> Self {
        let mut tables = (*self.tables).clone();
        let mut pairs = BTreeSet::new();
        tables.pairings.retain(|pairing| {
            let is_hidden = is_hidden(pairing);
            if is_hidden {
                let each = pairing.parties.iter();
                pairs.extend(
                    each.clone().flat_map(|one| each.clone().map(move |other| (one.clone(), other.clone()))),
                );
            }
            !is_hidden
        });
        tables.responses.retain(|row| !pairs.contains(&(row.firm.clone(), row.partner.clone())));
        let pairings = &tables.pairings;
        tables
            .outcomes
            .retain(|outcome| pairings.binary_search_by(|pairing| pairing.id.cmp(&outcome.pairing)).is_ok());
        Self { tables: Arc::new(tables), ..self.clone() }
    }

    /// Without a word of it that some firms make some products: neither the rows of
    /// `firm_products` that say so nor the supply rows by which they sell them. What firms need stays.
    /// O(rows).
    ///
    /// ```
    /// use jiedui::dataset::Dataset;
    /// use jiedui::model::{FirmProduct, Role, Supply};
    ///
    /// let mut builder = Dataset::builder();
    /// for product in ["cast iron", "cast steel"] {
    ///     builder.add_firm_product(FirmProduct::new("foundry", product, Role::Makes));
    /// }
    /// let sold = Supply { product: Some("cast steel".into()), ..Supply::new("foundry", "carworks") };
    /// builder.add_supply(&sold);
    /// let all = builder.finish().0;
    /// let steel = all.tables().product_ix("cast steel");
    /// let hidden = all.without_products(|_, product| Some(product) == steel);
    /// assert_eq!((hidden.tables().firm_products.len(), hidden.supplies().len()), (1, 0));
    /// assert_eq!(hidden.tables().products, all.tables().products);
    /// ```
    #[must_use]
    pub fn without_products(&self, is_hidden: impl Fn(FirmIx, ProductIx) -> bool + Sync) -> Self {
        let mut tables = (*self.tables).clone();
        tables.firm_products.retain(|row| {
            let pair =
                self.tables.firm_ix(row.firm.as_str()).zip(self.tables.product_ix(row.product.as_str()));
            row.role != Role::Makes || pair.is_none_or(|(firm, product)| !is_hidden(firm, product))
        });
        let rest =
            self.without(|row| row.product().is_some_and(|product| is_hidden(row.supplier(), product)));
        Self { tables: Arc::new(tables), ..rest }
    }

    /// Without a word of it that some firms supply some others, by (supplier, buyer): neither the supply
    /// rows nor the incidents, since there is none without a delivery. O(rows + incidents · log firms).
    ///
    /// ```
    /// use jiedui::dataset::Dataset;
    /// use jiedui::model::{Incident, Supply};
    ///
    /// let mut builder = Dataset::builder();
    /// for supplier in ["steel", "paint"] {
    ///     builder.add_supply(&Supply::new(supplier, "carworks"));
    ///     builder.add_incident(Incident::new(supplier, "carworks"));
    /// }
    /// let all = builder.finish().0;
    /// let paint = all.tables().firm_ix("paint");
    /// let hidden = all.without_relations(|supplier, _| Some(supplier) == paint);
    /// assert_eq!((hidden.supplies().len(), hidden.tables().incidents.len()), (1, 1));
    /// assert_eq!(hidden.tables().firms, all.tables().firms);
    /// ```
    #[must_use]
    pub fn without_relations(&self, is_hidden: impl Fn(FirmIx, FirmIx) -> bool + Sync) -> Self {
        let mut tables = (*self.tables).clone();
        tables.incidents.retain(|row| {
            let pair =
                self.tables.firm_ix(row.supplier.as_str()).zip(self.tables.firm_ix(row.buyer.as_str()));
            pair.is_none_or(|(supplier, buyer)| !is_hidden(supplier, buyer))
        });
        let rest = self.without(|row| is_hidden(row.supplier(), row.buyer()));
        Self { tables: Arc::new(tables), ..rest }
    }

    /// All but some supply rows. O(rows), on all threads.
    #[must_use]
    pub fn without(&self, is_hidden: impl Fn(&SupplyRow) -> bool + Sync) -> Self {
        let supplies = self.supplies().par_iter().filter(|row| !is_hidden(row)).copied().collect();
        Self { tables: self.tables.clone(), supplies: Arc::new(Supplies::new(supplies)) }
    }

    /// Every supply row both ways, for relations whose direction says little. O(rows · log
    /// rows), on all threads.
    #[must_use]
    pub fn both_ways(&self) -> Self {
        let turned = |row: &SupplyRow| SupplyRow { supplier: row.buyer, buyer: row.supplier, ..*row };
        let mut supplies: Vec<SupplyRow> =
            self.supplies().par_iter().flat_map_iter(|row| [*row, turned(row)]).collect();
        supplies.par_sort_unstable_by(|a, b| {
            (a.supplier, a.buyer, a.date, a.product)
                .cmp(&(b.supplier, b.buyer, b.date, b.product))
                .then_with(|| a.value.total_cmp(&b.value))
        });
        Self { tables: self.tables.clone(), supplies: Arc::new(Supplies::new(supplies)) }
    }
}
