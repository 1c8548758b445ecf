//! What is left to close in the region of the things wanted.

use super::demand::{Demand, Want};
use super::purchases::Purchases;
use super::taxonomy::Taxonomies;
use crate::model::FirmIx;
use crate::network::Network;

/// What is left to close of the things that an anchor wants.
#[derive(Debug, Default)]
pub(super) struct Gaps {
    pub(super) products: Open,
    pub(super) industries: Open,
}

/// Of each want its weight times what is left to close of it.
#[derive(Debug, Default)]
pub(super) struct Open {
    /// 0, too, where all of it is bought from firms of unknown region.
    pub(super) wants: Vec<f64>,
    /// The sum of those known, `None` where none is.
    all: Option<f64>,
}

impl Open {
    fn new(wants: &[Want], gaps: impl Iterator<Item = Option<f64>>) -> Self {
        let wants: Vec<Option<f64>> =
            wants.iter().zip(gaps).map(|(want, gap)| Some(want.weight * gap?)).collect();
        let is_known = wants.iter().any(Option::is_some);
        let all = is_known.then(|| wants.iter().flatten().sum());
        Self { wants: wants.into_iter().map(|want| want.unwrap_or(0.0)).collect(), all }
    }

    /// Which share of all that is open is closed where so much of the wants is.
    pub(super) fn share(&self, closed: f64) -> Option<f64> {
        let all = self.all?;
        Some(if all > 0.0 { closed / all } else { 0.0 })
    }
}

impl Gaps {
    /// The gaps of an anchor; they mean nothing where its region is unknown.
    pub(super) fn of(
        taxonomies: &Taxonomies,
        network: &Network,
        anchor: FirmIx,
        demand: &Demand,
        purchases: &Purchases,
    ) -> Self {
        let region = |firm: FirmIx| network.firm(firm).region.as_deref();
        let inside = |firm: FirmIx| region(firm).map(|_| region(firm) == region(anchor));
        let of_product = |want: &Want| {
            let mut spend = Spend::default();
            for line in purchases.sources_of(want.concept) {
                spend.add(inside(line.supplier), line.spend);
            }
            spend.gap()
        };
        let mut by_industry = vec![Spend::default(); demand.industries.len()];
        for &(supplier, spend) in purchases.suppliers() {
            if let Some(industry) = taxonomies.industry(supplier)
                && let Ok(position) = demand.industries.binary_search_by_key(&industry, |want| want.concept)
            {
                by_industry[position].add(inside(supplier), spend);
            }
        }
        Self {
            products: Open::new(&demand.products, demand.products.iter().map(of_product)),
            industries: Open::new(&demand.industries, by_industry.into_iter().map(Spend::gap)),
        }
    }
}

/// What is spent where.
#[derive(Debug, Clone, Copy, Default)]
struct Spend {
    inside: f64,
    outside: f64,
    unknown: f64,
}

impl Spend {
    fn add(&mut self, is_inside: Option<bool>, spend: f64) {
        match is_inside {
            Some(true) => self.inside += spend,
            Some(false) => self.outside += spend,
            None => self.unknown += spend,
        }
    }

    /// 1 where nothing is spent.
    fn gap(self) -> Option<f64> {
        let known = self.inside + self.outside;
        if known > 0.0 { Some(self.outside / known) } else { (self.unknown == 0.0).then_some(1.0) }
    }
}
