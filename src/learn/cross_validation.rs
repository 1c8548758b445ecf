//! What weights do on data that they were not learnt from.

use std::collections::BTreeMap;

use super::fit::{self, Grid, Problem, Steps};
use super::learnt::{Probability, Rehearsal};
use super::lesson::{Lesson, Parameter};
use crate::dataset::Dataset;
use crate::evaluate::{Fold, Metric, Platt, Split};
use crate::factor::Calibration;
use crate::matcher::{Matcher, MatcherError, Weights};
use crate::model::{ChainId, Side};

/// What a step may cost, the dearest first.
const STRENGTHS: [f64; 6] = [0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002];
/// How many standard errors weights must be better on parts left out.
const SURE: f64 = 2.0;

/// One part of what there is to learn from: a fold.
pub(super) struct Part {
    pub(super) fold: Fold,
    /// Of that fold alone.
    pub(super) split: Split,
    pub(super) calibration: Calibration,
    pub(super) lessons: Vec<Lesson>,
}

impl Part {
    /// What is known in it.
    pub(super) fn train(&self) -> &Dataset {
        self.fold.train()
    }

    /// NDCG@10 of every anchor.
    fn ndcg(&self, weights: &Weights) -> Result<Vec<f64>, MatcherError> {
        let evaluation = self.split.evaluate(10, |fold| {
            let calibration = self.calibration.clone();
            Matcher::builder(fold.network()).weights(weights.clone()).calibration(calibration).build()
        })?;
        Ok(evaluation.values(Metric::Ndcg(10)))
    }
}

/// What weights learnt on the other parts do on each.
pub(super) struct Trial {
    steps: Vec<Steps>,
    /// NDCG@10 of every anchor, by part.
    values: Vec<Vec<f64>>,
}

/// Leaves out one part after the other: weights are learnt on all the others, and measured on that one.
pub(super) struct CrossValidation<'a> {
    start: &'a Weights,
    parameters: &'a [Parameter],
    /// The weights to start from, by parameter.
    prior: Vec<f64>,
    fineness: i32,
    parts: &'a [Part],
}

impl<'a> CrossValidation<'a> {
    pub(super) fn new(
        start: &'a Weights,
        fineness: i32,
        parameters: &'a [Parameter],
        parts: &'a [Part],
    ) -> Self {
        let prior = parameters.iter().map(|parameter| parameter.of(start)).collect();
        Self { start, parameters, prior, fineness, parts }
    }

    /// What the weights to start from do.
    pub(super) fn unlearnt(&self) -> Result<Trial, MatcherError> {
        let none = vec![0; self.parameters.len()];
        Ok(Trial {
            steps: vec![none; self.parts.len()],
            values: self.parts.iter().map(|part| part.ndcg(self.start)).collect::<Result<_, _>>()?,
        })
    }

    /// The strength at which weights gain most, the dearest of equals, and what they do; `None` where
    /// they surely gain at none.
    pub(super) fn best(&self, before: &Trial) -> Result<Option<(f64, Trial)>, MatcherError> {
        let (mut best, mut most) = (None, 0.0);
        let mut steps = before.steps.clone();
        for strength in STRENGTHS {
            // Each from where the one before ended.
            let trial = self.trial(strength, &steps, before)?;
            steps.clone_from(&trial.steps);
            let gain = sure_gain(&before.values, &trial.values);
            if gain > most {
                (best, most) = (Some((strength, trial)), gain);
            }
        }
        Ok(best)
    }

    fn trial(&self, strength: f64, from: &[Steps], before: &Trial) -> Result<Trial, MatcherError> {
        let mut trial = Trial { steps: Vec::new(), values: Vec::new() };
        for ((out, part), from) in self.parts.iter().enumerate().zip(from) {
            let others = self.parts.iter().enumerate().filter(|(other, _)| *other != out);
            let lessons = others.flat_map(|(_, part)| &part.lessons).collect();
            let steps = self.problem(lessons, strength).ascend(from.clone());
            trial.values.push(if steps.iter().all(|&steps| steps == 0) {
                before.values[out].clone()
            } else {
                part.ndcg(&self.weights(&steps))?
            });
            trial.steps.push(steps);
        }
        Ok(trial)
    }

    /// The weights learnt on all parts, from the dearest strength down to this one.
    pub(super) fn learn(&self, strength: f64) -> Weights {
        let mut steps = vec![0; self.parameters.len()];
        for strength in STRENGTHS.into_iter().filter(|&one| one >= strength) {
            let lessons = self.parts.iter().flat_map(|part| &part.lessons).collect();
            steps = self.problem(lessons, strength).ascend(steps);
        }
        self.weights(&steps)
    }

    fn problem<'b>(&'b self, lessons: Vec<&'b Lesson>, strength: f64) -> Problem<'b> {
        Problem { lessons, grid: self.grid(), strength }
    }

    fn grid(&self) -> Grid<'_> {
        Grid { prior: &self.prior, fineness: self.fineness }
    }

    /// The weights to start from, with those in their place that were changed.
    fn weights(&self, steps: &[i32]) -> Weights {
        let values = self.grid().weights(steps);
        let changed = self.parameters.iter().zip(values).zip(steps).filter(|(_, steps)| **steps != 0);
        changed.fold(self.start.clone(), |weights, ((parameter, value), _)| {
            // What counts on one side alone is written as one number.
            if parameter.is_alone {
                return weights.with(&parameter.factor, value);
            }
            let [anchor, supplier] = Side::ALL.map(|side| {
                if parameter.sides[side as usize] { value } else { weights.get(&parameter.factor, side) }
            });
            weights.with_sides(&parameter.factor, anchor, supplier)
        })
    }

    /// On each part, what the weights to start from do and what those of a trial do.
    pub(super) fn rehearsals(&self, before: &Trial, trial: &Trial) -> Vec<Rehearsal> {
        let measured = self.parts.iter().zip(before.values.iter().zip(&trial.values));
        let rehearsal = |(part, (before, after)): (&Part, (&Vec<f64>, &Vec<f64>))| Rehearsal {
            as_of: part.fold.network().as_of(),
            anchors: part.split.n_anchors(),
            pairs: part.split.n_pairs(),
            before: mean(before),
            after: mean(after),
        };
        measured.map(rehearsal).collect()
    }

    /// Curves through the scores of all parts by the weights of a trial.
    pub(super) fn probability(&self, trial: &Trial) -> Probability {
        let mut pooled = Vec::new();
        let mut chains: BTreeMap<ChainId, Vec<(f64, bool, f64)>> = BTreeMap::new();
        for (part, steps) in self.parts.iter().zip(&trial.steps) {
            let weights = self.grid().weights(steps);
            let network = part.fold.network();
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
        let curve = |(chain, scored): (_, Vec<_>)| Some((chain, Platt::fit_counted(&scored)?));
        Probability {
            pooled: Platt::fit_counted(&pooled),
            chains: chains.into_iter().filter_map(curve).collect(),
        }
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
    let n = differences.len();
    if n < 2 {
        return 0.0;
    }
    let squares: f64 = differences.iter().map(|one| (one - gain) * (one - gain)).sum();
    let error = libm::sqrt(squares / ((n - 1) * n) as f64);
    if gain > SURE * error { gain } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gain_is_sure_beyond_two_standard_errors() {
        let gain =
            |after: [f64; 4]| sure_gain(&[vec![0.5; 3], vec![0.5]], &[after[..3].into(), after[3..].into()]);
        // Mean ⅛, variance 0.
        assert_eq!(gain([0.625; 4]), 0.125);
        // Mean ⅜, variance 3/64: a standard error is √3 / 16, about 0.108.
        assert_eq!(gain([1.0, 1.0, 1.0, 0.5]), 0.375);
        // Mean ⅛ of the same variance.
        assert_eq!(gain([1.0, 0.5, 0.5, 0.5]), 0.0);
        assert_eq!(gain([0.25; 4]), 0.0);
    }
}
