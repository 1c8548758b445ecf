//! What was learnt, and how.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::evaluate::{Platt, Protocol};
#[cfg(any(feature = "json", feature = "toml"))]
use crate::matcher::MatcherError;
use crate::matcher::Weights;
use crate::model::{ChainId, Date};

/// Weights from what came true, with the probabilities of their scores.
///
/// Serialised it is a file of [`Weights`] with the [report](TrainingReport) as its section
/// [`Weights::TRAINING`], which reading weights passes over.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Learnt {
    /// The weights, to be given to a matcher.
    #[serde(flatten)]
    pub weights: Weights,
    /// How they came about.
    #[serde(rename = "training")]
    pub report: TrainingReport,
}

/// How weights came about: the same for the same data, as it knows no clock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TrainingReport {
    /// The day by which all that was learnt from is known; none where nothing is dated.
    pub as_of: Option<Date>,
    /// How many firms, supply rows and pairings were known, in the parting that knew most.
    #[serde(default)]
    pub firms: usize,
    /// See [`firms`](Self::firms).
    #[serde(default)]
    pub supplies: usize,
    /// See [`firms`](Self::firms).
    #[serde(default)]
    pub pairings: usize,
    /// What anchors were asked for.
    #[serde(default)]
    pub protocol: Protocol,
    /// What each doubling or halving of a weight had to gain in mean NDCG; none where nothing
    /// learnt did better than the weights to start from, so that these were kept.
    pub strength: Option<f64>,
    /// On each parting of what is known, what weights do that were learnt on the others.
    pub rehearsals: Vec<Rehearsal>,
    /// From scores to probabilities.
    pub probability: Probability,
}

/// One parting of what is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Rehearsal {
    /// As of when; none where nothing is dated.
    pub as_of: Option<Date>,
    /// How many anchors were asked for.
    pub anchors: usize,
    /// How many pairs were to be found.
    pub pairs: usize,
    /// Mean NDCG@10 of the weights to start from.
    pub before: f64,
    /// The same of weights learnt on the other partings.
    pub after: f64,
}

/// How likely a pair of some score comes true within the time of one rehearsal: [Platt]
/// curves, one an anchor's chain where enough came true there, and one for all.
///
/// Fitted to scores by weights that were learnt on other partings, over all candidates of the
/// anchors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Probability {
    /// Of all anchors; none where nothing came true.
    pub pooled: Option<Platt>,
    /// Of the anchors of a chain.
    pub chains: BTreeMap<ChainId, Platt>,
}

impl Probability {
    /// A chain has a curve of its own from so many pairs on that came true.
    pub const FEWEST: usize = 30;

    /// Of a score, for an anchor of a chain; in \[0, 1\]. `None` where there is no curve.
    pub fn of(&self, score: f64, chain: Option<&str>) -> Option<f64> {
        let own = chain.and_then(|chain| self.chains.get(chain));
        own.or(self.pooled.as_ref()).map(|platt| platt.probability(score))
    }
}

/// A file of weights that tells of their training.
#[cfg(any(feature = "json", feature = "toml"))]
#[derive(Deserialize)]
struct File {
    training: Option<TrainingReport>,
}

impl TrainingReport {
    /// Reads the report in a file of weights; `None` where there is none.
    ///
    /// # Errors
    ///
    /// [`MatcherError::WeightsFile`] with line and column.
    #[cfg(feature = "json")]
    pub fn from_json(text: &str) -> Result<Option<Self>, MatcherError> {
        let file: Result<File, _> = serde_json::from_str(text.trim_start_matches('\u{feff}'));
        file.map(|file| file.training).map_err(|error| MatcherError::WeightsFile(Box::new(error)))
    }

    /// The same of TOML.
    ///
    /// # Errors
    ///
    /// [`MatcherError::WeightsFile`] with line and column.
    #[cfg(feature = "toml")]
    pub fn from_toml(text: &str) -> Result<Option<Self>, MatcherError> {
        let file: Result<File, _> = toml::from_str(text);
        file.map(|file| file.training).map_err(|error| MatcherError::WeightsFile(Box::new(error)))
    }
}
