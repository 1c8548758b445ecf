//! `gap`: closes a gap in the region's chain.

use super::demand::{Demand, Space, Want};
use super::purchases::Purchases;
use super::{Column, Factor, Query, Sides, Taxonomies, Value};
use crate::model::FirmIx;
use crate::network::Network;

/// Gap filling (补链), for the anchor: the anchor's [`ProductFit`](super::ProductFit) with
/// each thing wanted weighted by wₚ · (1 − share of p bought inside the anchor's region).
///
/// The share is that of the anchor's yearly spend on p; a thing that it wants and does
/// not buy at all is a whole gap. Spend at firms of unknown region is left out. The value
/// is 0 where nothing is left to close, whatever the candidate's own region. Unknown
/// without the anchor's region, where every want is bought at unknown regions, or where
/// product fit is unknown. Own definition; the practice is
/// 延链补链强链. O(wants × sources) an anchor, O(wants × products made) a
/// candidate, shared with product fit.
#[derive(Debug, Clone, Copy, Default)]
pub struct Gap;

/// What is left to close of the things that an anchor wants.
#[derive(Debug, Default)]
pub(crate) struct Gaps {
    products: Open,
    industries: Open,
}

/// Of each want its weight times what is left to close of it; `None` where all of it is
/// bought from firms of unknown region.
#[derive(Debug, Default)]
struct Open {
    wants: Vec<Option<f64>>,
    /// The sum of those known, `None` where none is.
    all: Option<f64>,
}

impl Open {
    fn new(wants: &[Want], gaps: impl Iterator<Item = Option<f64>>) -> Self {
        let wants: Vec<Option<f64>> =
            wants.iter().zip(gaps).map(|(want, gap)| Some(want.weight * gap?)).collect();
        let is_known = wants.iter().any(Option::is_some);
        let all = is_known.then(|| wants.iter().flatten().sum());
        Self { wants, all }
    }

    /// How much of it the best likenesses close.
    fn closed_by(&self, best: &[f64]) -> Option<f64> {
        let all = self.all?;
        if !(all > 0.0) {
            return Some(0.0);
        }
        let known = self.wants.iter().zip(best).filter_map(|(open, best)| Some((*open)? * best));
        Some(known.sum::<f64>() / all)
    }
}

impl Gaps {
    /// The gaps of an anchor whose region is known.
    pub(crate) fn of(
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

impl Factor for Gap {
    fn name(&self) -> &'static str {
        "gap"
    }

    fn sides(&self) -> Sides {
        Sides::Anchor
    }

    fn fill(&self, query: &mut Query<'_>, column: &mut Column) {
        let (network, anchor, taxonomies) = (query.network, query.anchor, query.taxonomies);
        if network.firm(anchor).region.is_none() {
            return column.fill(Value::Unknown);
        }
        let (gaps, fit) = query.scratch.gaps(taxonomies, network, anchor);
        fit.meet(taxonomies, network, query.candidates);
        column.fill_from(fit.meetings().map(|met| {
            Value::from_option(met.and_then(|(met, best)| match met.space {
                Space::Products => gaps.products.closed_by(best),
                Space::Industries => gaps.industries.closed_by(best),
            }))
        }));
    }
}
