//! What factors must know of a network as a whole.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::taxonomy::Taxonomies;
use super::{Column, Factor, Profiles, Query, Scratch, Sides, Value, median};
use crate::model::{FirmIx, Side};
use crate::network::Network;

/// Medians, priors and information contents of a network: a plain value, to be saved,
/// reported and reused. Serde alone writes and reads it, in whatever format; a matcher refuses numbers
/// that it cannot use.
///
/// It never depends on a candidate list. With a saved calibration the ranking of one
/// anchor needs no pass over all firms, and a firm that is added with neither relations
/// nor products changes nobody's score. (Who makes a thing tells what is made beside it, so
/// that the products of a newcomer count for `relatedness` at once.)
///
/// Taken from a fixed sample: the 256 firms with the smallest hash of their id among
/// those with suppliers (among all, where there are no supplies) as anchors, and the 256
/// with the smallest hash among all firms as their partners.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    factors: BTreeMap<String, FactorCalibration>,
    product_information: BTreeMap<String, f64>,
    industry_information: BTreeMap<String, f64>,
}

/// What a [`Calibration`] holds for one factor.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct FactorCalibration {
    /// m of x / (x + m), or the factor's own constant; 1 where it has none.
    pub constant: f64,
    /// Mean of the known values on the anchor's side: what an unknown one counts.
    pub anchor_prior: f64,
    /// Mean of the known values on the supplier's side.
    pub supplier_prior: f64,
}

/// How many firms the sample holds on each side.
const SAMPLE: usize = 256;
/// The most samples of x that one anchor gives.
const SAMPLES_PER_ANCHOR: usize = 4_096;
/// The prior where no value in the sample is known.
const NO_PRIOR: f64 = 0.5;

impl Calibration {
    /// Calibrates `factors` on a network.
    ///
    /// Costs the structural kernels of 256 anchors and up to 65,536 pairs of values; runs in
    /// parallel, with the same result on any number of threads.
    pub fn of(network: &Network, factors: &[Box<dyn Factor>]) -> Self {
        let taxonomies = Taxonomies::build(network);
        let profiles = Profiles::new(network, &taxonomies);
        let (product_information, industry_information) = taxonomies.information();
        let mut calibration = Self { factors: BTreeMap::new(), product_information, industry_information };
        let sample = Sample::of(network, &taxonomies, &profiles);
        // The constants first: values depend on them.
        for (factor, constant) in factors.iter().zip(sample.constants(&calibration, factors)) {
            let entry = FactorCalibration { constant, anchor_prior: NO_PRIOR, supplier_prior: NO_PRIOR };
            calibration.factors.insert(factor.name().to_owned(), entry);
        }
        for (factor, priors) in factors.iter().zip(sample.priors(&calibration, factors)) {
            if let Some(entry) = calibration.factors.get_mut(factor.name()) {
                [entry.anchor_prior, entry.supplier_prior] = priors;
            }
        }
        calibration
    }

    /// What is held for a factor.
    pub fn factor(&self, name: &str) -> Option<&FactorCalibration> {
        self.factors.get(name)
    }

    /// What an unknown value of a factor counts on a side.
    pub fn prior(&self, factor: &str, side: Side) -> f64 {
        self.factor(factor).map_or(NO_PRIOR, |entry| match side {
            Side::Anchor => entry.anchor_prior,
            Side::Supplier => entry.supplier_prior,
        })
    }

    pub(super) fn constant(&self, factor: &str) -> f64 {
        self.factor(factor).map_or(1.0, |entry| entry.constant)
    }

    /// The class trees of a network with the information contents held here.
    pub(crate) fn taxonomies(&self, network: &Network) -> Taxonomies {
        Taxonomies::build(network).with_information(&self.product_information, &self.industry_information)
    }

    /// The name of a factor, a product or an industry whose numbers no matcher can use: not finite, a constant
    /// not above 0, a prior outside [0, 1], or an information content below 0.
    pub(crate) fn invalid(&self) -> Option<&str> {
        let share = |value: f64| (0.0..=1.0).contains(&value);
        let information = self.product_information.iter().chain(&self.industry_information);
        let bad_factor = self.factors.iter().find(|(_, entry)| {
            let scale = entry.constant > 0.0 && entry.constant.is_finite();
            !(scale && share(entry.anchor_prior) && share(entry.supplier_prior))
        });
        let bad_information =
            information.into_iter().find(|(_, value)| !(**value >= 0.0 && value.is_finite()));
        bad_factor.map(|(name, _)| name.as_str()).or(bad_information.map(|(name, _)| name.as_str()))
    }
}

/// The firms of a network that factors are asked of.
struct Sample<'a> {
    network: &'a Network,
    taxonomies: &'a Taxonomies,
    profiles: &'a Profiles,
    anchors: Vec<FirmIx>,
    partners: Vec<FirmIx>,
}

impl<'a> Sample<'a> {
    fn of(network: &'a Network, taxonomies: &'a Taxonomies, profiles: &'a Profiles) -> Self {
        let buyers: Vec<FirmIx> =
            network.firms().filter(|&firm| !network.suppliers(firm).is_empty()).collect();
        let all: Vec<FirmIx> = network.firms().collect();
        let partners = smallest(network, all.clone());
        let anchors = smallest(network, if buyers.is_empty() { all } else { buyers });
        Self { network, taxonomies, profiles, anchors, partners }
    }

    /// The constant of each factor: its own, or the median of its samples.
    fn constants(&self, calibration: &Calibration, factors: &[Box<dyn Factor>]) -> Vec<f64> {
        let samples: Vec<Vec<Vec<f64>>> = self.over(calibration, |query| {
            let mut of_factor = |factor: &dyn Factor| {
                let mut samples = Vec::new();
                factor.sample(query, &mut samples);
                // Evenly over what the kernel reached, which is always in the same order.
                let step = samples.len().div_ceil(SAMPLES_PER_ANCHOR).max(1);
                samples.into_iter().step_by(step).collect()
            };
            factors.iter().map(|factor| of_factor(&**factor)).collect()
        });
        let constant = |position: usize| {
            let factor = &factors[position];
            let samples = samples.iter().flat_map(|of_anchor| of_anchor[position].iter().copied());
            factor.constant(self.network).or_else(|| median(samples.collect())).unwrap_or(1.0)
        };
        (0..factors.len()).map(constant).collect()
    }

    /// The mean of the known values of each factor, by side.
    fn priors(&self, calibration: &Calibration, factors: &[Box<dyn Factor>]) -> Vec<[f64; 2]> {
        let means: Vec<Vec<[Mean; 2]>> = self.over(calibration, |query| {
            let candidates: Vec<FirmIx> =
                self.partners.iter().copied().filter(|&firm| firm != query.anchor).collect();
            let mut query = Query { candidates: &candidates, scratch: &mut *query.scratch, ..*query };
            let mut column = Column::new(candidates.len());
            let mut of_factor = |factor: &dyn Factor| {
                let mut means = [Mean::default(); 2];
                for (mean, side) in means.iter_mut().zip(Side::ALL) {
                    if factor.sides().include(side) {
                        query.side = if factor.sides() == Sides::Both { Side::Anchor } else { side };
                        column.fill(Value::Unknown);
                        factor.fill(&mut query, &mut column);
                        mean.take(&column);
                    }
                }
                means
            };
            factors.iter().map(|factor| of_factor(&**factor)).collect()
        });
        let prior = |position: usize, side: usize| {
            let mut sum = Mean::default();
            for of_anchor in &means {
                sum.merge(of_anchor[position][side]);
            }
            sum.get().unwrap_or(NO_PRIOR)
        };
        (0..factors.len()).map(|position| [0, 1].map(|side| prior(position, side))).collect()
    }

    /// Asks once for each anchor, in parallel; the answers in the order of the anchors.
    fn over<T: Send>(&self, calibration: &Calibration, ask: impl Fn(&mut Query<'_>) -> T + Sync) -> Vec<T> {
        // A few anchors a task, so that a scratch serves more than one.
        let chunks: Vec<Vec<T>> = self
            .anchors
            .par_chunks(SAMPLE / 16)
            .map(|anchors| {
                let mut scratch = Scratch::default();
                let ask_one = |&anchor: &FirmIx| {
                    ask(&mut Query {
                        network: self.network,
                        calibration,
                        taxonomies: self.taxonomies,
                        profiles: self.profiles,
                        anchor,
                        side: Side::Anchor,
                        candidates: &[],
                        without_paths: None,
                        scratch: &mut scratch,
                    })
                };
                anchors.iter().map(ask_one).collect()
            })
            .collect();
        chunks.into_iter().flatten().collect()
    }
}

/// The [`SAMPLE`] firms with the smallest hash of their id, in that order.
fn smallest(network: &Network, mut firms: Vec<FirmIx>) -> Vec<FirmIx> {
    firms.sort_by_cached_key(|&firm| (hash(network.firm(firm).id.as_str()), firm));
    firms.truncate(SAMPLE);
    firms
}

/// FNV-1a with a final mix (Fowler, Noll, Vo; the mix is that of MurmurHash3): fixed for
/// ever, unlike the standard library's hash, since saved calibrations rest on it.
fn hash(id: &str) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in id.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^ (hash >> 33)
}

/// A mean in the making.
#[derive(Debug, Clone, Copy, Default)]
struct Mean {
    sum: f64,
    count: u32,
}

impl Mean {
    fn take(&mut self, column: &Column) {
        for value in column.values() {
            if let Value::Known(value) = value {
                self.sum += value;
                self.count += 1;
            }
        }
    }

    fn merge(&mut self, other: Self) {
        self.sum += other.sum;
        self.count += other.count;
    }

    fn get(self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / f64::from(self.count))
    }
}
