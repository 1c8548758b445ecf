//! Factors (指标): what speaks for a pairing, one number in [0, 1] each.
//!
//! A [`Factor`] fills a [`Column`] of [`Value`]s for one anchor and a slice of candidates.
//! A value is *known*, *unknown* (a field is missing: it counts at its prior and widens
//! the interval) or *not applicable* (it is left out of the sums). The built-in ones
//! are made by [`built_in`], in the order in which contributions are summed; your own
//! plugs in beside them, from outside the crate, and is treated alike:
//!
//! ```
//! use jiedui::dataset::Dataset;
//! use jiedui::factor::{Column, Factor, Query, Sides, Value};
//! use jiedui::matcher::{Matcher, Weights};
//! use jiedui::model::{Firm, Supply};
//! use jiedui::network::Network;
//!
//! /// Counts a partner that names its region, for the anchor's side.
//! #[derive(Debug)]
//! struct Registered;
//!
//! impl Factor for Registered {
//!     fn name(&self) -> &str {
//!         "registered"
//!     }
//!
//!     fn sides(&self) -> Sides {
//!         Sides::Anchor
//!     }
//!
//!     fn fill(&self, query: &mut Query<'_>, column: &mut Column) {
//!         let network = query.network;
//!         let is_registered = |&firm| network.firm(firm).region.is_some();
//!         let values = query.candidates.iter().map(is_registered);
//!         column.fill_from(values.map(|known| Value::Known(if known { 1.0 } else { 0.0 })));
//!     }
//! }
//!
//! let mut builder = Dataset::builder();
//! builder.add_firm(Firm { region: Some("天元区".into()), ..Firm::new("foundry") });
//! builder.add_supply(&Supply::new("foundry", "carworks"));
//! let network = Network::build(&builder.finish().0)?;
//! let matcher = Matcher::builder(&network)
//!     .factor(Registered)
//!     .weights(Weights::default().with("registered", 2.0))
//!     .build()?;
//! let ranking = matcher.rank(network.firm_ix("carworks").unwrap());
//! let registered = ranking.recommendations[0].contribution("registered").unwrap();
//! assert_eq!(registered.value, Some(1.0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod assortment;
mod calibration;
mod co_supply;
mod column;
mod concentration;
mod demand;
mod fit;
mod gap;
mod gradient;
mod held;
mod incidents;
mod lines;
mod name;
mod open;
mod organisation;
mod product_fit;
mod profiles;
mod prospect;
mod proximity;
mod purchases;
mod reach;
mod relatedness;
mod resource_fit;
mod scratch;
mod shared_partners;
mod shares;
mod slots;
mod taxonomy;
mod technology_gap;
mod track_record;
mod trade;
mod willingness;

use std::fmt::Debug;

use crate::model::{Date, FirmIx, Side};
use crate::network::Network;
use crate::structure::PathWeights;
use shares::Shares;

pub use calibration::{Calibration, FactorCalibration};
pub use co_supply::CoSupply;
pub use column::Column;
pub use concentration::Concentration;
pub(crate) use concentration::single_source;
pub(crate) use demand::products_wanted;
pub use demand::{Demand, Want};
pub(crate) use fit::{Like, Space};
pub use gap::Gap;
pub use gradient::Gradient;
pub use incidents::Incidents;
pub use name::FactorName;
pub use organisation::Organisation;
pub use product_fit::ProductFit;
pub(crate) use profiles::Profiles;
pub use prospect::Prospect;
pub use proximity::Proximity;
pub use reach::ReachFactor;
pub use relatedness::Relatedness;
pub(crate) use relatedness::closely_related;
pub(crate) use resource_fit::Exchange;
pub use resource_fit::ResourceFit;
pub use scratch::Scratch;
pub use shared_partners::SharedPartnersFactor;
pub use taxonomy::{Concept, Taxonomies, Taxonomy};
pub use technology_gap::{TechnologyGap, TechnologyGapError};
pub use track_record::TrackRecord;
pub use trade::TradeFactor;
pub use willingness::Willingness;

/// In whose utility a factor counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sides {
    /// The anchor's alone.
    Anchor,
    /// The supplier's alone.
    Supplier,
    /// Both, with one value.
    Both,
    /// Both, with a value of its own each.
    Each,
}

impl Sides {
    /// Whether the factor counts in the utility of `side`.
    pub fn include(self, side: Side) -> bool {
        match self {
            Self::Anchor => side == Side::Anchor,
            Self::Supplier => side == Side::Supplier,
            Self::Both | Self::Each => true,
        }
    }
}

/// What a factor says of one pair.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Value {
    /// A number in [0, 1], higher is better.
    Known(f64),
    /// A field that it needs is missing: counts at its prior.
    #[default]
    Unknown,
    /// There is nothing to be said: left out of the sums.
    NotApplicable,
}

impl Value {
    /// Known where there is a value, else unknown.
    pub fn from_option(value: Option<f64>) -> Self {
        value.map_or(Self::Unknown, Self::Known)
    }
}

/// A question to a factor: one anchor, one side, some candidates.
#[derive(Debug)]
#[non_exhaustive]
pub struct Query<'a> {
    /// The network.
    pub network: &'a Network,
    /// What is known of the network as a whole.
    pub calibration: &'a Calibration,
    /// Its class trees of products and industries.
    pub taxonomies: &'a Taxonomies,
    /// What is asked of every firm, in dense columns.
    pub(crate) profiles: &'a Profiles,
    /// The anchor.
    pub anchor: FirmIx,
    /// Whose utility is asked for; for a factor of both sides always the anchor's.
    pub side: Side,
    /// The candidates; none is the anchor.
    pub candidates: &'a [FirmIx],
    /// Whether [`Factor::bound_alike`] is asked of those alone that have no 3-paths of these weights.
    pub(crate) without_paths: Option<PathWeights>,
    /// Working memory that lasts over the factors of one anchor.
    pub scratch: &'a mut Scratch,
}

impl Query<'_> {
    /// The constant that the calibration holds for a factor: m of x / (x + m), or what
    /// else [`Factor::constant`] gave; 1 where there is none.
    pub fn constant(&self, factor: &str) -> f64 {
        self.calibration.constant(factor)
    }
}

/// One reason for or against a pairing.
///
/// [`name`](Self::name), [`sides`](Self::sides) and [`fill`](Self::fill) are required. A
/// factor must answer alike for alike questions, whatever thread asks and in
/// whatever slices the candidates come; what it needs of the whole network it takes
/// from the [`Calibration`], never from the candidate list.
///
/// A factor in a [`Box`] or an [`Arc`](std::sync::Arc) is one, too, so that factors that are picked at run time,
/// or outlive a matcher, can be given to every matcher that is built.
pub trait Factor: Debug + Send + Sync {
    /// The name by which weights and contributions call it; unique in a matcher.
    fn name(&self) -> &str;

    /// In whose utility it counts.
    fn sides(&self) -> Sides;

    /// Fills `column`, a value for each of the query's candidates, in their order.
    fn fill(&self, query: &mut Query<'_>, column: &mut Column);

    /// As [`fill`](Self::fill), but each known value may differ from that by as much as the
    /// number returned, for a factor that is much cheaper so. A matcher picks by estimates
    /// the few that can be among the best; those it scores and explains by their values.
    fn estimate(&self, query: &mut Query<'_>, column: &mut Column) -> f64 {
        self.fill(query, column);
        0.0
    }

    /// Makes ready what every query needs, so that the first one takes no longer than others. A
    /// matcher calls it when it is built, if the factor has a weight. By default there is nothing to do.
    fn prepare(&self) {}

    /// Whether a value costs no more than a look or two at the candidate, no walk through rows
    /// of it. A matcher asks cheap factors of all candidates, the others only of those that
    /// can still be among the best: a wrong answer costs time and changes no ranking.
    fn is_cheap(&self) -> bool {
        false
    }

    /// For a factor that is not cheap and has a cheap bound: fills `column` as
    /// [`fill`](Self::fill), but each known value may be higher, and answers `true`. By default
    /// there is none, and every value is taken to be at most 1.
    fn bound(&self, query: &mut Query<'_>, column: &mut Column) -> bool {
        let _ = (query, column);
        false
    }

    /// For a factor that can tell, without a look at anybody else, what it says at most of all firms
    /// that make the same products as a candidate and are of its industry: fills `column` with what it
    /// says of all of them, or with a known value that it says at most, and answers `true`. That is at
    /// least the [prior](Calibration::prior) where it may be unknown of some, and 1 where it may be not
    /// applicable. A matcher asks it once for all of them, and for everybody where all have
    /// [one value](Column::fill). By default it cannot tell.
    fn bound_alike(&self, query: &mut Query<'_>, column: &mut Column) -> bool {
        let _ = (query, column);
        false
    }

    /// A number that the factor must know of the whole network, such as a pooled rate;
    /// found once and kept in the [`Calibration`]. Above 0 and finite, else no matcher is built.
    fn constant(&self, network: &Network) -> Option<f64> {
        let _ = network;
        None
    }

    /// For a factor that squashes an unbounded x to x / (x + m): adds the positive x of
    /// the query's anchor to `samples`. Their median over a fixed sample of anchors
    /// becomes the factor's constant m. Bounded factors leave this alone.
    fn sample(&self, query: &mut Query<'_>, samples: &mut Vec<f64>) {
        let _ = (query, samples);
    }
}

/// x / (x + m), the common squashing of an unbounded x at least 0: 0 at 0, ½ at m.
fn squash(x: f64, m: f64) -> f64 {
    if x > 0.0 { x / (x + m) } else { 0.0 }
}

/// The middle one of the values (the upper of two), `None` where there are none.
fn median(mut values: Vec<f64>) -> Option<f64> {
    let middle = values.len() / 2;
    if values.is_empty() {
        return None;
    }
    Some(*values.select_nth_unstable_by(middle, f64::total_cmp).1)
}

/// Age in months as of the network's date, 0 where either is undated; `None` for what
/// has not happened yet.
fn age(network: &Network, date: Option<Date>) -> Option<f64> {
    let months = || date.zip(network.as_of()).map_or(0.0, |(date, as_of)| date.months_until(as_of));
    network.has_begun(date).then(months)
}

/// The positions of the candidates that are among `others`, and of those there. `others`
/// are ascending, each once.
///
/// O(log) for each of the fewer that can be common where the candidates are ascending,
/// as a matcher's are.
fn common<'a, T>(
    candidates: &'a [FirmIx],
    others: &'a [T],
    firm: impl Fn(&T) -> FirmIx + Copy + 'a,
) -> impl Iterator<Item = (usize, usize)> + 'a {
    let (mut start, mut end) = (0, others.len());
    let is_sorted = candidates.is_sorted();
    if let ([first, ..], [.., last], true) = (candidates, candidates, is_sorted) {
        start = others.partition_point(|other| firm(other) < *first);
        end = start + others[start..].partition_point(|other| firm(other) <= *last);
    }
    let near = &others[start..end];
    let few = if is_sorted && near.len() < candidates.len() { near } else { &[] };
    let many = if few.is_empty() { near } else { &[] };
    let by_other = few.iter().enumerate().filter_map(move |(found, other)| {
        Some((candidates.binary_search(&firm(other)).ok()?, start + found))
    });
    let candidates = if many.is_empty() { &[] } else { candidates };
    let by_candidate = candidates.iter().enumerate().filter_map(move |(position, candidate)| {
        Some((position, start + many.binary_search_by_key(candidate, firm).ok()?))
    });
    by_other.chain(by_candidate)
}

/// Fills a column with values of structural scores, the two given for each candidate: known where the
/// network records relations of both firms.
fn fill_structural(
    profiles: &Profiles,
    anchor: FirmIx,
    candidates: &[FirmIx],
    column: &mut Column,
    scored: impl Iterator<Item = (f64, f64)>,
) {
    if !profiles.is_linked(anchor) {
        return column.fill(Value::Unknown);
    }
    column.fill_from(candidates.iter().zip(scored).map(|(&candidate, (score, value))| {
        // A score above 0 comes of relations, so that there is no need to ask for any.
        if score == 0.0 && !profiles.is_linked(candidate) { Value::Unknown } else { Value::Known(value) }
    }));
}

/// For [`Factor::bound_alike`], what a factor of both sides says at most: `most` where it is known.
fn fill_alike(factor: &str, query: &Query<'_>, column: &mut Column, most: f64) {
    let prior = Side::ALL.map(|side| query.calibration.prior(factor, side)).into_iter().fold(0.0, f64::max);
    column.fill(Value::Known(most.max(prior)));
}

/// The built-in factors, in registry order: the order in which contributions are
/// listed and summed.
pub fn built_in(network: &Network) -> Vec<Box<dyn Factor>> {
    built_in_with(network, CoSupply::new(network), SharedPartnersFactor::new(network))
}

/// The same, with structural factors that are prepared already.
pub(crate) fn built_in_with(
    network: &Network,
    co_supply: CoSupply,
    shared_partners: SharedPartnersFactor,
) -> Vec<Box<dyn Factor>> {
    let prospect = Prospect::beside(network, co_supply.paths().clone());
    let reach = ReachFactor::beside(shared_partners.kernel().clone());
    vec![
        Box::new(ProductFit),
        Box::new(Gap),
        Box::new(Relatedness),
        Box::new(TradeFactor),
        Box::new(prospect),
        Box::new(co_supply),
        Box::new(shared_partners),
        Box::new(reach),
        Box::new(Proximity::default()),
        Box::new(Gradient),
        Box::new(TechnologyGap::default()),
        Box::new(ResourceFit),
        Box::new(Organisation),
        Box::new(Incidents::new(network)),
        Box::new(Concentration),
        Box::new(TrackRecord::new(network)),
        Box::new(Willingness::new(network)),
    ]
}
