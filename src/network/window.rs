//! What the supply rows of one pair come to as of a date.

use super::Trade;
use crate::dataset::SupplyRow;
use crate::model::{CODE_BITS, Date, ProductIx};

/// The rows that count as of a date.
pub(super) struct Window {
    /// By code, how dates stand to the as-of date.
    standings: Vec<Standing>,
    /// By code, how newly won a relation is that was first seen on a date.
    newness: Vec<f64>,
}

/// Months after which a relation that was newly won counts half.
const NEWLY_WON: f64 = 3.0;
/// Months of records without a relation that make it a new one.
const LOOK_BACK: f64 = 12.0;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// It begins after the as-of date, so that the row is not yet known.
    Unknown,
    /// It ends more than twelve months before.
    Old,
    /// Within the year, or undated.
    OfTheYear,
}

impl Window {
    /// The window up to a date; `dates` are those of the rows, each once, since to look at
    /// every date there is would take longer than most networks.
    pub(super) fn up_to(as_of: Option<Date>, dates: &[Date]) -> Self {
        let mut standings = vec![Standing::OfTheYear; 1 << CODE_BITS];
        let mut newness = vec![0.0; 1 << CODE_BITS];
        if let Some(as_of) = as_of {
            let before = year_before(as_of);
            for &date in dates {
                standings[Date::code(Some(date)) as usize] = if date.first_day() > as_of.last_day() {
                    Standing::Unknown
                } else if date.last_day() <= before {
                    Standing::Old
                } else {
                    Standing::OfTheYear
                };
            }
        }
        // Relations first seen before that may be older than the records.
        let known_from = dates.iter().map(|date| date.in_months()).fold(f64::INFINITY, f64::min) + LOOK_BACK;
        if let Some(now) = as_of.map(Date::in_months) {
            for (&date, first) in dates.iter().map(|date| (date, date.in_months())) {
                if first >= known_from {
                    newness[Date::code(Some(date)) as usize] =
                        libm::exp2(-(now - first).max(0.0) / NEWLY_WON);
                }
            }
        }
        Self { standings, newness }
    }

    fn standing(&self, row: &SupplyRow) -> Standing {
        self.standings[Date::code(row.date()) as usize]
    }

    fn is_known(&self, row: &SupplyRow) -> bool {
        self.standing(row) != Standing::Unknown
    }

    fn is_of_the_year(&self, row: &SupplyRow) -> bool {
        self.standing(row) == Standing::OfTheYear
    }

    /// The trade that the rows of one pair make, and how newly won it is: 1 for today, halved
    /// every three months; 0 where a row is undated, or where records reach back too little to
    /// tell. `None` where they make no relation.
    pub(super) fn trade(&self, pair: &[SupplyRow]) -> Option<(Trade, f64)> {
        let mut first: Option<Option<Date>> = None;
        let mut last = None;
        // Of the year: what rows tell, refunds included, and whether there are sales, and any told.
        let (mut value, mut is_sold, mut is_told) = (0.0, false, false);
        for row in pair.iter().filter(|row| self.is_known(row)) {
            let (date, amount) = (row.date(), row.value());
            if row.makes_relation() {
                first = Some(first.map_or(date, |first| first.min(date)));
                last = last.max(date);
            }
            if self.is_of_the_year(row) {
                is_sold |= row.makes_relation();
                is_told |= row.makes_relation() && amount.is_some();
                value += amount.unwrap_or(0.0);
            }
        }
        let newness = self.newness[Date::code(first?) as usize];
        // Nothing was sold for 0.
        let value = (is_told || !is_sold).then(|| if is_sold { value.max(0.0) } else { 0.0 });
        Some((Trade::new(value, last), newness))
    }

    /// The products that one pair's rows name, refunds aside, whenever it was; each once.
    pub(super) fn products(&self, pair: &[SupplyRow]) -> Vec<ProductIx> {
        let rows = pair.iter().filter(|row| self.is_known(row) && row.makes_relation());
        let mut products: Vec<ProductIx> = rows.filter_map(SupplyRow::product).collect();
        products.sort_unstable();
        products.dedup();
        products
    }

    /// The yearly value of one pair's rows by product, 0 where a product is sold and no row tells its
    /// value. Without those of which nothing is left after refunds.
    pub(super) fn lines(&self, pair: &[SupplyRow]) -> Vec<(ProductIx, f64)> {
        // Of each product the sum told, and whether it is sold without a word.
        let mut lines: Vec<(ProductIx, f64, bool)> = pair
            .iter()
            .filter(|row| self.is_known(row) && self.is_of_the_year(row))
            .filter_map(|row| Some((row.product()?, row.value().unwrap_or(0.0), row.value().is_none())))
            .collect();
        // Stable, so that the values of a product keep the order of the rows.
        lines.sort_by_key(|&(product, ..)| product);
        lines.dedup_by(|line, sum| {
            let same = line.0 == sum.0;
            if same {
                (sum.1, sum.2) = (sum.1 + line.1, sum.2 | line.2);
            }
            same
        });
        lines.retain(|&(_, value, is_untold)| is_untold || value > 0.0);
        lines.into_iter().map(|(product, value, _)| (product, value.max(0.0))).collect()
    }
}

/// The last day that is too long before a date to be of the twelve months up to it.
pub(super) fn year_before(as_of: Date) -> Date {
    as_of.last_day().months_before(12)
}
