//! Options of a matcher, checked once.

use std::error::Error;
use std::sync::{Arc, Mutex};

use super::candidate::Candidates;
use super::estimate;
use super::gate::Gates;
use super::shortlist::Agenda;
use super::{Active, Filter, Inner, Matcher, SideOf, Source, Sources, Weights};
use crate::factor::{Calibration, CoSupply, Factor, Profiles, SharedPartnersFactor, built_in_with};
use crate::model::Side;
use crate::network::Network;
use crate::structure::{SharedPartners, ThreePaths};

/// Why there is no [`Matcher`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MatcherError {
    /// A weights file that cannot be read.
    #[error("the weights cannot be read; give each factor a number, or {{ anchor = …, supplier = … }}")]
    WeightsFile(#[source] Box<dyn Error + Send + Sync>),
    /// A weight out of range.
    #[error("weight {weight} of {factor} is not between 0 and {limit}", limit = Weights::LARGEST)]
    Weight {
        /// The factor.
        factor: String,
        /// Its weight.
        weight: f64,
    },
    /// A factor of your own whose name no file of weights can hold: none, or [`Weights::TRAINING`].
    #[error("a factor cannot be called {0:?}; give it another name")]
    FactorName(String),
    /// A weight for a factor that the matcher does not have.
    #[error("there is no factor {factor:?}; the factors are {known}")]
    UnknownFactor {
        /// The name given.
        factor: String,
        /// The names known.
        known: String,
    },
    /// A weight on a side on which the factor does not count.
    #[error("{factor} does not count on the {side} side; give its weight to the other")]
    NoSuchSide {
        /// The factor.
        factor: String,
        /// The side that it lacks.
        side: Side,
    },
    /// A side on which no factor counts.
    #[error("every weight of the {side} side is 0; give at least one a weight")]
    NoWeight {
        /// The side.
        side: Side,
    },
    /// A saved calibration that lacks a factor or holds impossible numbers, or a factor of your own whose
    /// [constant](Factor::constant) is one.
    #[error(
        "the calibration has no usable entry for {0:?}: a saved one has to be made again, and the constant of a factor of your own has to be finite and above 0"
    )]
    Calibration(String),
    /// A distance or radius below 0 or not finite.
    #[error("distance {0} km is not a finite number of at least 0")]
    Distance(f64),
}

/// Options of a [`Matcher`].
#[derive(Debug)]
#[must_use]
pub struct MatcherBuilder<'a> {
    network: &'a Network,
    factors: Vec<Box<dyn Factor>>,
    /// The kernels of the structural factors, for candidates and witnesses too.
    paths: Arc<ThreePaths>,
    shared: Arc<SharedPartners>,
    weights: Weights,
    calibration: Option<Calibration>,
    filter: Filter,
    sources: Sources,
    top: usize,
}

impl<'a> MatcherBuilder<'a> {
    /// The default options.
    pub(super) fn new(network: &'a Network) -> Self {
        let (co_supply, shared) = (CoSupply::new(network), SharedPartnersFactor::new(network));
        Self {
            network,
            paths: co_supply.paths().clone(),
            shared: shared.kernel().clone(),
            factors: built_in_with(network, co_supply, shared),
            weights: Weights::default(),
            calibration: None,
            filter: Filter::default(),
            sources: Sources::default(),
            top: Matcher::TOP,
        }
    }

    /// Adds a factor of your own after the others, or puts it in the place of the one of
    /// the same name. Give it a weight, too.
    pub fn factor(mut self, factor: impl Factor + 'static) -> Self {
        let factor: Box<dyn Factor> = Box::new(factor);
        match self.factors.iter_mut().find(|other| other.name() == factor.name()) {
            Some(other) => *other = factor,
            None => self.factors.push(factor),
        }
        self
    }

    /// Sets the weights.
    pub fn weights(mut self, weights: Weights) -> Self {
        self.weights = weights;
        self
    }

    /// Uses a saved calibration instead of making one.
    pub fn calibration(mut self, calibration: Calibration) -> Self {
        self.calibration = Some(calibration);
        self
    }

    /// Sets which candidates are wanted.
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = filter;
        self
    }

    /// Sets where candidates come from.
    pub fn sources(mut self, sources: Sources) -> Self {
        self.sources = sources;
        self
    }

    /// Sets how many candidates a ranking holds at most; default [`Matcher::TOP`].
    pub fn top(mut self, top: usize) -> Self {
        self.top = top;
        self
    }

    /// Checks the options and prepares the matcher; calibrates unless a calibration is
    /// given, see [`Calibration::of`] for the cost.
    ///
    /// # Errors
    ///
    /// [`MatcherError`], naming the option and the remedy.
    pub fn build(self) -> Result<Matcher, MatcherError> {
        self.check()?;
        let network = self.network;
        let weight = |factor: &dyn Factor, side| {
            if factor.sides().include(side) { self.weights.get(factor.name(), side) } else { 0.0 }
        };
        let mut factors = self.factors;
        // A factor without weight is not computed.
        factors.retain(|factor| Side::ALL.iter().any(|&side| weight(&**factor, side) > 0.0));
        for side in Side::ALL {
            if factors.iter().all(|factor| weight(&**factor, side) == 0.0) {
                return Err(MatcherError::NoWeight { side });
            }
        }
        let calibration = self.calibration.unwrap_or_else(|| Calibration::of(network, &factors));
        let mut names = factors.iter().map(Factor::name);
        let missing = names.find(|name| calibration.factor(name).is_none());
        if let Some(name) = missing.or(calibration.invalid()) {
            return Err(MatcherError::Calibration(name.to_owned()));
        }
        let taxonomies = calibration.taxonomies(network);
        for factor in &factors {
            factor.prepare();
        }
        let is_active = |name| factors.iter().any(|factor| factor.name() == name);
        let is_walked =
            is_active("co_supply") || is_active("prospect") || self.sources.has(Source::ThreePaths);
        let paths = is_walked.then_some(self.paths);
        let shared = is_active("shared_partners").then_some(self.shared);
        let profiles = Profiles::new(network, &taxonomies);
        let candidates = Candidates::new(network, &taxonomies, self.sources, paths, is_active("relatedness"));
        let active: Vec<Active> = factors
            .into_iter()
            .map(|factor| {
                let sided = Side::ALL.map(|side| SideOf {
                    weight: weight(&*factor, side),
                    prior: calibration.prior(factor.name(), side),
                });
                Active { name: factor.name().into(), factor, sided }
            })
            .collect();
        let inner = Inner {
            network: network.clone(),
            slack: estimate::slack(&active),
            agenda: Agenda::of_few(&active),
            factors: active,
            calibration,
            profiles,
            taxonomies,
            candidates,
            shared,
            gates: Gates::new(network),
            scratches: Mutex::default(),
        };
        Ok(Matcher { inner: Arc::new(inner), filter: self.filter.narrowing(), top: self.top })
    }

    /// Refuses weights and distances that make no sense.
    fn check(&self) -> Result<(), MatcherError> {
        let names: Vec<&str> = self.factors.iter().map(Factor::name).collect();
        if let Some(name) = names.iter().find(|name| name.is_empty() || **name == Weights::TRAINING) {
            return Err(MatcherError::FactorName((*name).to_owned()));
        }
        self.weights.check(&names)?;
        self.filter.check()?;
        check_distance(self.sources.radius_km)?;
        for factor in &self.factors {
            let [anchor, supplier] = Side::ALL.map(|side| self.weights.get(factor.name(), side));
            let missing = Side::ALL.into_iter().find(|&side| !factor.sides().include(side));
            // One number for both sides is no wish for the side that the factor lacks.
            if let Some(side) = missing
                && anchor != supplier
                && ![0.0, Weights::default().get(factor.name(), side)]
                    .contains(&self.weights.get(factor.name(), side))
            {
                return Err(MatcherError::NoSuchSide { factor: factor.name().to_owned(), side });
            }
        }
        Ok(())
    }
}

pub(super) fn check_distance(km: f64) -> Result<(), MatcherError> {
    if km >= 0.0 && km.is_finite() { Ok(()) } else { Err(MatcherError::Distance(km)) }
}
