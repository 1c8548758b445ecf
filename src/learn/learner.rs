//! From what came true to weights.

use std::collections::BTreeMap;

use super::fit::{self, Problem, Steps};
use super::learnt::{Learnt, Probability, Rehearsal, TrainingReport};
use super::lesson::{Lesson, Parameter, Sample, lessons};
use super::rehearsal::rehearsals;
use crate::dataset::Dataset;
use crate::evaluate::{HoldOut, Metric, Platt, Protocol, Split, SplitError};
use crate::factor::Calibration;
use crate::matcher::{Matcher, MatcherError, Weights};
use crate::model::{ChainId, Date, Side};

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

/// What a step may cost, the dearest first.
const STRENGTHS: [f64; 6] = [0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002];
const SAMPLE: Sample = Sample { hardest: 200, alike: 100, random: 200 };
/// How many partings are needed, to leave one out.
const FEWEST: usize = 2;
/// How many standard errors weights must be better on partings left out.
const SURE: f64 = 2.0;

impl Default for Learner {
    /// New suppliers of anchors that have five, from the default weights.
    fn default() -> Self {
        Self { protocol: Protocol::default(), start: Weights::default(), seed: 0, fineness: 2 }
    }
}

/// One part of what there is to learn from.
struct Part {
    /// Of one fold.
    split: Split,
    calibration: Calibration,
    lessons: Vec<Lesson>,
}

/// What weights learnt on the other parts do on each.
struct Trial {
    steps: Vec<Steps>,
    /// NDCG@10 of every anchor, by part.
    values: Vec<Vec<f64>>,
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
        let usual = Weights::default();
        let is_off = |name: &str, [anchor, supplier]: [f64; 2]| {
            anchor + supplier == 0.0 && Side::ALL.iter().any(|&side| usual.get(name, side) > 0.0)
        };
        let learnt = self.start.factors().filter(|&(name, weights)| !is_off(name, weights));
        let names = learnt.map(|(name, _)| name);
        let every = names.fold(Weights::none(), |weights, name| weights.with(name, 1.0));
        let (mut parameters, mut parts) = (Vec::new(), Vec::new());
        for split in splits.iter().flat_map(Split::by_fold) {
            let split = split.at_most(Self::MOST_ANCHORS, self.seed);
            for fold in split.folds() {
                let matcher = Matcher::builder(fold.network()).weights(every.clone()).build()?;
                parameters = Parameter::all(&matcher);
                let lessons = lessons(fold, &matcher, &parameters, &self.start, SAMPLE, self.seed);
                let calibration = matcher.calibration().clone();
                if !lessons.is_empty() {
                    parts.push(Part { split: split.clone(), calibration, lessons });
                }
            }
        }
        if parts.len() < FEWEST {
            return Err(LearnError::TooFew { found: parts.len(), least: FEWEST });
        }
        let prior: Vec<f64> = parameters.iter().map(|parameter| parameter.of(&self.start)).collect();
        let none = vec![0; parameters.len()];
        let before = Trial {
            steps: vec![none.clone(); parts.len()],
            values: parts.iter().map(|part| part.ndcg(&self.start)).collect::<Result<_, _>>()?,
        };
        let weights_of = |steps: &Steps, strength| {
            let problem = Problem { lessons: Vec::new(), prior: &prior, strength, fineness: self.fineness };
            self.weights(&parameters, steps, &problem.weights(steps))
        };

        // From the dearest on, each from where the one before ended.
        let mut best: Option<(f64, f64, Trial)> = None;
        let mut steps = before.steps.clone();
        for strength in STRENGTHS {
            let mut values = Vec::with_capacity(parts.len());
            for (out, part) in parts.iter().enumerate() {
                let others = parts.iter().enumerate().filter(|(other, _)| *other != out);
                let lessons = others.flat_map(|(_, part)| &part.lessons).collect();
                let start = steps[out].clone();
                steps[out] =
                    Problem { lessons, prior: &prior, strength, fineness: self.fineness }.ascend(start);
                values.push(if steps[out] == none {
                    before.values[out].clone()
                } else {
                    part.ndcg(&weights_of(&steps[out], strength))?
                });
            }
            let gain = sure_gain(&before.values, &values);
            if gain > best.as_ref().map_or(0.0, |best| best.0) {
                best = Some((gain, strength, Trial { steps: steps.clone(), values }));
            }
        }

        let strength = best.as_ref().map(|(_, strength, _)| *strength);
        let trial = best.as_ref().map_or(&before, |(.., trial)| trial);
        let mut weights = self.start.clone();
        if let Some(strength) = strength {
            let mut steps = none;
            for strength in STRENGTHS.into_iter().filter(|&one| one >= strength) {
                let lessons = parts.iter().flat_map(|part| &part.lessons).collect();
                steps = Problem { lessons, prior: &prior, strength, fineness: self.fineness }.ascend(steps);
            }
            weights = weights_of(&steps, strength);
        }
        let rehearsals = parts.iter().zip(before.values.iter().zip(&trial.values));
        let rehearsals = rehearsals.map(|(part, (before, after))| Rehearsal {
            as_of: part.split.folds().first().and_then(|fold| fold.network().as_of()),
            anchors: part.split.n_anchors(),
            pairs: part.split.n_pairs(),
            before: mean(before),
            after: mean(after),
        });
        let known = |part: &Part| {
            let train = part.split.folds().first()?.train();
            Some((train.tables().firms.len(), train.supplies().len(), train.tables().pairings.len()))
        };
        let known = parts.iter().filter_map(known);
        let most = known.fold((0, 0, 0), |a, b| (a.0.max(b.0), a.1.max(b.1), a.2.max(b.2)));
        let report = TrainingReport {
            as_of,
            firms: most.0,
            supplies: most.1,
            pairings: most.2,
            protocol: self.protocol,
            strength,
            rehearsals: rehearsals.collect(),
            probability: probability(&parts, trial, &prior, self.fineness),
        };
        Ok(Learnt { weights, report })
    }

    /// The weights to start from, with those in their place that were changed.
    fn weights(&self, parameters: &[Parameter], steps: &[i32], values: &[f64]) -> Weights {
        let changed = parameters.iter().zip(values).zip(steps).filter(|(_, steps)| **steps != 0);
        changed.fold(self.start.clone(), |weights, ((parameter, &value), _)| {
            let [anchor, supplier] = Side::ALL.map(|side| {
                if parameter.sides[side as usize] { value } else { weights.get(&parameter.factor, side) }
            });
            // What counts on one side alone is written as one number.
            match (parameter.sides, parameter.is_alone) {
                (_, true) => weights.with(&parameter.factor, value),
                _ => weights.with_sides(&parameter.factor, anchor, supplier),
            }
        })
    }
}

impl Part {
    /// NDCG@10 of every anchor.
    fn ndcg(&self, weights: &Weights) -> Result<Vec<f64>, MatcherError> {
        let evaluation = self.split.evaluate(10, |fold| {
            let calibration = self.calibration.clone();
            Matcher::builder(fold.network()).weights(weights.clone()).calibration(calibration).build()
        })?;
        Ok(evaluation.values(Metric::Ndcg(10)))
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// By how much the second values are better in the mean over all anchors, 0 where that is
/// not sure.
fn sure_gain(before: &[Vec<f64>], after: &[Vec<f64>]) -> f64 {
    let differences: Vec<f64> =
        after.iter().flatten().zip(before.iter().flatten()).map(|(after, before)| after - before).collect();
    let gain = mean(&differences);
    let squares: Vec<f64> = differences.iter().map(|one| (one - gain) * (one - gain)).collect();
    let error = libm::sqrt(mean(&squares) / differences.len().max(1) as f64);
    if gain > SURE * error { gain } else { 0.0 }
}

/// Curves through the scores of all parts by the weights of the trial.
fn probability(parts: &[Part], trial: &Trial, prior: &[f64], fineness: i32) -> Probability {
    let mut pooled = Vec::new();
    let mut chains: BTreeMap<ChainId, Vec<(f64, bool, f64)>> = BTreeMap::new();
    for (part, steps) in parts.iter().zip(&trial.steps) {
        let weights = Problem { lessons: Vec::new(), prior, strength: 0.0, fineness }.weights(steps);
        let Some(fold) = part.split.folds().first() else { continue };
        let network = fold.network();
        for lesson in &part.lessons {
            let scores = fit::scores(lesson, &weights).into_iter().zip(&lesson.counts).enumerate();
            let scored: Vec<(f64, bool, f64)> =
                scores.map(|(row, (score, &count))| (score, row < lesson.n_true, count)).collect();
            for chain in network.chains_at(lesson.anchor, network.as_of()) {
                chains.entry(network.chain(chain).id.clone()).or_default().extend(&scored);
            }
            pooled.extend(scored);
        }
    }
    chains.retain(|_, scored| scored.iter().filter(|(_, came, _)| *came).count() >= Probability::FEWEST);
    let chains = chains.into_iter().filter_map(|(chain, scored)| Some((chain, Platt::fit_counted(&scored)?)));
    Probability { pooled: Platt::fit_counted(&pooled), chains: chains.collect() }
}
