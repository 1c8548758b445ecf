//! What factors must know of a network as a whole.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::taxonomy::Taxonomies;
use super::{Column, Factor, Profiles, Query, Scratch, Sides, Value, median};
use crate::model::{FirmIx, Side};
use crate::network::Network;

/// Medians, priors and information contents of a network: a plain value, to be saved,
/// reported and reused.
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
        let buyers: Vec<FirmIx> =
            network.firms().filter(|&firm| !network.suppliers(firm).is_empty()).collect();
        let all: Vec<FirmIx> = network.firms().collect();
        let partners = sample(network, all.clone());
        let anchors = sample(network, if buyers.is_empty() { all } else { buyers });

        // The constants first: values depend on them.
        let samples: Vec<Vec<Vec<f64>>> =
            calibration.over(network, &taxonomies, &profiles, &anchors, |query| {
                factors
                    .iter()
                    .map(|factor| {
                        let mut samples = Vec::new();
                        factor.sample(query, &mut samples);
                        // Evenly over what the kernel reached, which is always in the same order.
                        let step = samples.len().div_ceil(SAMPLES_PER_ANCHOR).max(1);
                        samples.into_iter().step_by(step).collect()
                    })
                    .collect()
            });
        for (position, factor) in factors.iter().enumerate() {
            let samples = samples.iter().flat_map(|of_anchor| of_anchor[position].iter().copied());
            let constant = factor.constant(network).or_else(|| median(samples.collect())).unwrap_or(1.0);
            let prior = NO_PRIOR;
            let entry = FactorCalibration { constant, anchor_prior: prior, supplier_prior: prior };
            calibration.factors.insert(factor.name().to_owned(), entry);
        }

        // Then the priors.
        let means: Vec<Vec<[Mean; 2]>> =
            calibration.over(network, &taxonomies, &profiles, &anchors, |query| {
                let candidates: Vec<FirmIx> =
                    partners.iter().copied().filter(|&firm| firm != query.anchor).collect();
                let mut query = Query { candidates: &candidates, scratch: &mut *query.scratch, ..*query };
                let mut column = Column::new(candidates.len());
                factors
                    .iter()
                    .map(|factor| {
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
                    })
                    .collect()
            });
        for (position, factor) in factors.iter().enumerate() {
            let mut sum = [Mean::default(); 2];
            for of_anchor in &means {
                for (sum, mean) in sum.iter_mut().zip(of_anchor[position]) {
                    sum.merge(mean);
                }
            }
            if let Some(entry) = calibration.factors.get_mut(factor.name()) {
                entry.anchor_prior = sum[0].get().unwrap_or(NO_PRIOR);
                entry.supplier_prior = sum[1].get().unwrap_or(NO_PRIOR);
            }
        }
        calibration
    }

    /// Asks once for each anchor, in parallel; the answers in the order of the anchors.
    fn over<T: Send>(
        &self,
        network: &Network,
        taxonomies: &Taxonomies,
        profiles: &Profiles,
        anchors: &[FirmIx],
        ask: impl Fn(&mut Query<'_>) -> T + Sync,
    ) -> Vec<T> {
        // A few anchors a task, so that a scratch serves more than one.
        let chunks: Vec<Vec<T>> = anchors
            .par_chunks(SAMPLE / 16)
            .map(|anchors| {
                let mut scratch = Scratch::default();
                let ask_one = |&anchor: &FirmIx| {
                    ask(&mut Query {
                        network,
                        calibration: self,
                        taxonomies,
                        profiles,
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

    /// The name of a factor whose numbers no matcher can use: not finite, a constant not
    /// above 0, or a prior outside [0, 1].
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

/// The firms with the smallest hash of their id, in that order.
fn sample(network: &Network, mut firms: Vec<FirmIx>) -> Vec<FirmIx> {
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
