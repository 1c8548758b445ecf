//! From what came true to weights.

use super::cross_validation::{CrossValidation, Part};
use super::learnt::{Learnt, TrainingReport};
use super::lesson::{Parameter, Sample, lessons};
use super::rehearsal::rehearsals;
use crate::dataset::Dataset;
use crate::evaluate::{HoldOut, Protocol, Split, SplitError};
use crate::matcher::{Matcher, MatcherError, Weights};
use crate::model::{Date, Side};

/// Why nothing can be learnt.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LearnError {
    /// Not enough partings of what is known ask for anybody.
    #[error(
        "{found} earlier partings of the data have anchors to ask for, fewer than the {least} needed; give \
         more dated relations, lower fewest_known, or hide relations instead"
    )]
    TooFew {
        /// How many there are.
        found: usize,
        /// How many are needed.
        least: usize,
    },
    /// What is known cannot be parted.
    #[error(transparent)]
    Split(#[from] SplitError),
    /// The weights to start from are at fault.
    #[error(transparent)]
    Matcher(#[from] MatcherError),
}

/// Learns weights from relations that came about, on partings of what is known.
///
/// Weights go up and down by half doublings from those to start from, the best step
/// first, as long as one gains more in NDCG (the mean at 10, 30 and 100, of the matcher's own
/// score) than it costs to be far from the start: a loss over lists, with few and coarse choices,
/// since a hundred anchors tell no more. How much a step costs is chosen by leaving out one
/// parting after the other; where nothing learnt beats the weights to start from on the
/// partings left out by more than two standard errors, these are kept. Weights stay at 0 or above, a
/// factor with one value for both sides keeps one weight for both, and what the data do not tell
/// of keeps the weight that it has.
///
/// Each anchor counts alike. It is shown all suppliers to be found, the 200 hardest of the
/// others by score, the 100 hardest of those that make a product or are of a chain of the ones to
/// be found, and 200 by chance that stand for all the rest.
///
/// The same on any number of threads and for any order of rows. Costs, for each parting, a
/// calibration and the columns of all candidates of its anchors once, then a few hundred passes
/// over the rows shown, and seven rankings of its anchors.
///
/// ```
/// use jiedui::dataset::Dataset;
/// use jiedui::evaluate::Protocol;
/// use jiedui::learn::Learner;
/// use jiedui::model::Supply;
///
/// // Every year each works takes on the castings that its neighbour had the year before.
/// let mut builder = Dataset::builder();
/// for year in 2019..2024 {
///     for works in 0..12 {
///         let castings = format!("castings {}", (works + year) % 12);
///         let supply = Supply::new(castings.as_str(), format!("works {works}").as_str());
///         builder.add_supply(&Supply { date: Some(year.to_string().parse()?), ..supply });
///     }
/// }
/// let mut protocol = Protocol::default();
/// protocol.fewest_known = 1;
/// let learner = Learner::default().protocol(protocol);
/// let learnt = learner.by_time(&builder.finish().0, "2023".parse()?)?;
/// assert_eq!(learnt.report.as_of, Some("2023".parse()?));
/// assert_eq!(learnt.report.rehearsals.len(), 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Learner {
    protocol: Protocol,
    start: Weights,
    seed: u64,
    fineness: i32,
}

/// Of each anchor, how many that did not come true are shown.
const SAMPLE: Sample = Sample { hardest: 200, alike: 100, random: 200 };
/// How many partings are needed, to leave one out.
const FEWEST: usize = 2;

impl Default for Learner {
    /// New suppliers of anchors that have five, from the default weights.
    fn default() -> Self {
        Self { protocol: Protocol::default(), start: Weights::default(), seed: 0, fineness: 2 }
    }
}

impl Learner {
    /// Of so many anchors at most each parting tells; more teach little more, and take longer.
    pub const MOST_ANCHORS: usize = 400;

    /// What anchors are asked for.
    pub fn protocol(mut self, protocol: Protocol) -> Self {
        self.protocol = protocol;
        self
    }

    /// The weights to start from and to stay near: a learnt weight is up to 16 times as large or as small,
    /// or 0; one of 0 goes to a 16th of the largest and on. Factors that it does not name are not learnt,
    /// nor are those that it turns off: that weigh 0, but by [`Default`] do not.
    pub fn start(mut self, start: Weights) -> Self {
        self.start = start;
        self
    }

    /// Decides which pairs stand for the rest.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// How many steps make a doubling of a weight, 1 to 64; 2 unless set. More of them fit what is known
    /// more closely, which pays where that is many choices with little chance in them, and take
    /// as many times longer.
    pub fn fineness(mut self, steps: u32) -> Self {
        self.fineness = steps.clamp(1, 64) as i32;
        self
    }

    /// Learns from what is known before a cut, by parting it at up to three earlier cuts: each
    /// asks for relations that were new between it and the next. Cuts are as far apart as suits the
    /// data: a fifth of the time from the 20th part of the rows to the cut, but at most a year,
    /// and a year where most rows are dated to no more than that. What begins at the cut or later
    /// is not looked at.
    ///
    /// # Errors
    ///
    /// [`LearnError`].
    pub fn by_time(&self, known: &Dataset, cut: Date) -> Result<Learnt, LearnError> {
        self.learn(&rehearsals(known, cut, self.protocol)?, Some(cut))
    }

    /// Learns by hiding suppliers of some anchors after the others, for data without dates.
    ///
    /// # Errors
    ///
    /// [`LearnError`].
    pub fn leave_anchor_out(&self, known: &Dataset, hold_out: HoldOut) -> Result<Learnt, LearnError> {
        let split = Split::leave_anchor_out(known, hold_out, self.protocol)?;
        self.learn(&[split], known.latest_date())
    }

    /// Learns by hiding products of firms, once for each group of anchors: weights for finding
    /// [makers](crate::evaluate::Asks::NewMakers).
    ///
    /// # Errors
    ///
    /// [`LearnError`].
    pub fn hide_products(&self, known: &Dataset, hold_out: HoldOut) -> Result<Learnt, LearnError> {
        let split = Split::hide_products(known, hold_out, self.protocol)?;
        self.learn(&[split], known.latest_date())
    }

    /// Learns from pairings (结对) on record, by hiding those of some anchors after the others: weights
    /// for what makes a pairing, not a relation. See [`Split::by_pairings`].
    ///
    /// # Errors
    ///
    /// [`LearnError`].
    pub fn by_pairings(&self, known: &Dataset, hold_out: HoldOut) -> Result<Learnt, LearnError> {
        let split = Split::by_pairings(known, hold_out, self.protocol)?;
        self.learn(&[split], known.latest_date())
    }

    /// Learns from partings of your own; `as_of` is for the report. Each fold is one to leave out
    /// in turn, so that none may know what another asks for and was not known then.
    ///
    /// # Errors
    ///
    /// [`LearnError`].
    pub fn learn(&self, splits: &[Split], as_of: Option<Date>) -> Result<Learnt, LearnError> {
        let (parameters, parts) = self.parts(splits)?;
        if parts.len() < FEWEST {
            return Err(LearnError::TooFew { found: parts.len(), least: FEWEST });
        }
        let validation = CrossValidation::new(&self.start, self.fineness, &parameters, &parts);
        let before = validation.unlearnt()?;
        let best = validation.best(&before)?;
        let (strength, trial) = match &best {
            Some((strength, trial)) => (Some(*strength), trial),
            None => (None, &before),
        };
        let weights = strength.map_or_else(|| self.start.clone(), |strength| validation.learn(strength));
        let known = |of: fn(&Dataset) -> usize| parts.iter().map(|part| of(part.train())).max().unwrap_or(0);
        let report = TrainingReport {
            as_of,
            firms: known(|train| train.tables().firms.len()),
            supplies: known(|train| train.supplies().len()),
            pairings: known(|train| train.tables().pairings.len()),
            protocol: self.protocol,
            strength,
            rehearsals: validation.rehearsals(&before, trial),
            probability: validation.probability(trial),
        };
        Ok(Learnt { weights, report })
    }

    /// What is learnt, and the parts of some splits to learn it from: each fold that teaches anything.
    fn parts(&self, splits: &[Split]) -> Result<(Vec<Parameter>, Vec<Part>), MatcherError> {
        let every = self.every_factor();
        let (mut parameters, mut parts) = (Vec::new(), Vec::new());
        for split in splits.iter().flat_map(Split::by_fold) {
            let split = split.at_most(Self::MOST_ANCHORS, self.seed);
            for fold in split.folds() {
                let matcher = Matcher::builder(fold.network()).weights(every.clone()).build()?;
                // The same in every fold: they hang on the factors alone.
                parameters = Parameter::all(&matcher);
                let lessons = lessons(fold, &matcher, &parameters, &self.start, SAMPLE, self.seed);
                let calibration = matcher.calibration().clone();
                if !lessons.is_empty() {
                    parts.push(Part { fold: fold.clone(), split: split.clone(), calibration, lessons });
                }
            }
        }
        Ok((parameters, parts))
    }

    /// A weight of 1 for each factor that is learnt, so that a matcher asks all of them: those that the
    /// start names, but for those that it turns off.
    fn every_factor(&self) -> Weights {
        let usual = Weights::default();
        let is_off = |name: &str, [anchor, supplier]: [f64; 2]| {
            anchor + supplier == 0.0 && Side::ALL.iter().any(|&side| usual.get(name, side) > 0.0)
        };
        let learnt = self.start.factors().filter(|&(name, weights)| !is_off(name, weights));
        learnt.fold(Weights::none(), |every, (name, _)| every.with(name, 1.0))
    }
}
