//! What a model does on a split.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::iter;

use rayon::prelude::*;

use super::discrimination::Areas;
use super::{Exposure, Fold, Judged, Metric, Run, Split, TrecError, novelty};
use crate::matcher::Matcher;
use crate::model::{FirmId, FirmIx};

/// Ranks candidates for an anchor.
pub trait Ranker: Debug + Send + Sync {
    /// The best `most` of the candidates, which are given ascending, best first, none twice. Who
    /// is not returned counts as not found.
    fn rank(&self, anchor: FirmIx, candidates: &[FirmIx], most: usize) -> Vec<FirmIx>;

    /// The same for some anchors, each with its candidates, in their order. For an anchor without a
    /// list nobody counts as found.
    fn rank_each(&self, asked: &[(FirmIx, Vec<FirmIx>)], most: usize) -> Vec<Vec<FirmIx>> {
        asked.iter().map(|(anchor, candidates)| self.rank(*anchor, candidates, most)).collect()
    }

    /// How many anchors are best asked for together.
    fn at_once(&self) -> usize {
        1
    }
}

/// Ranks no more than the [`top`](crate::matcher::MatcherBuilder::top) of the matcher, and
/// nobody whom a gate bars.
impl Ranker for Matcher {
    fn rank(&self, anchor: FirmIx, candidates: &[FirmIx], most: usize) -> Vec<FirmIx> {
        let best = self.best_among(anchor, candidates);
        best.into_iter().take(most).map(|(firm, _)| firm).collect()
    }
}

/// A ranker that is kept.
impl<R: Ranker> Ranker for &R {
    fn rank(&self, anchor: FirmIx, candidates: &[FirmIx], most: usize) -> Vec<FirmIx> {
        (**self).rank(anchor, candidates, most)
    }

    fn rank_each(&self, asked: &[(FirmIx, Vec<FirmIx>)], most: usize) -> Vec<Vec<FirmIx>> {
        (**self).rank_each(asked, most)
    }

    fn at_once(&self) -> usize {
        (**self).at_once()
    }
}

/// The rankings of one model for all anchors of a split, held against what came true.
///
/// It is kept in memory alone, as its firms are those of one split: what there is to send are its
/// [values](Self::values), [intervals](Self::interval) and [run](Self::run).
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    answers: BTreeMap<FirmId, Answer>,
    /// By firm, the id of each firm that could be ranked for anybody.
    suppliers: BTreeMap<FirmIx, FirmId>,
}

/// What was ranked for one anchor.
#[derive(Debug, Clone, PartialEq)]
struct Answer {
    judged: Judged,
    ranking: Vec<FirmIx>,
    /// Of each ranked, whether it supplied the anchor in train.
    is_partner: Vec<bool>,
    /// How many could have been ranked.
    n_candidates: usize,
}

impl Split {
    /// Asks a model for every anchor. `prepare` makes the model of a fold, from what is known
    /// there; `most` is how many suppliers it ranks for each anchor, which bounds the k of
    /// measures that say anything.
    ///
    /// The anchors of a fold are ranked in parallel on rayon's current pool.
    ///
    /// # Errors
    ///
    /// The first error of `prepare`.
    ///
    /// ```
    /// use jiedui::dataset::Dataset;
    /// use jiedui::evaluate::{Baseline, Metric, Protocol, Split};
    /// use jiedui::matcher::Matcher;
    /// use jiedui::model::Supply;
    ///
    /// let mut builder = Dataset::builder();
    /// for (supplier, buyer, date) in [
    ///     ("steel", "works 1", "2023"), ("steel", "works 2", "2023"), ("paint", "works 3", "2023"),
    ///     ("castings", "works 2", "2023"), ("castings", "works 1", "2024"),
    /// ] {
    ///     builder.add_supply(&Supply { date: Some(date.parse()?), ..Supply::new(supplier, buyer) });
    /// }
    /// let mut protocol = Protocol::default();
    /// protocol.fewest_known = 1;
    /// let split = Split::by_time(&builder.finish().0, "2024".parse()?, protocol)?;
    ///
    /// let paths = split.evaluate(10, |fold| Ok::<_, jiedui::Error>(Baseline::Paths3.prepare(fold)))?;
    /// assert_eq!(paths.mean(Metric::ReciprocalRank), 1.0);
    /// let matcher = split.evaluate(10, |fold| Matcher::builder(fold.network()).build())?;
    /// assert_eq!(matcher.mean(Metric::Hit(2)), 1.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn evaluate<R: Ranker, E>(
        &self,
        most: usize,
        prepare: impl Fn(&Fold) -> Result<R, E>,
    ) -> Result<Evaluation, E> {
        let (mut answers, mut suppliers) = (BTreeMap::new(), BTreeMap::new());
        for fold in self.folds() {
            let network = fold.network();
            suppliers.extend(fold.ranked().into_iter().map(|firm| (firm, network.firm(firm).id.clone())));
            if fold.queries().is_empty() {
                continue;
            }
            let ranker = prepare(fold)?;
            let answer = |(anchor, relevant): &(FirmIx, Vec<FirmIx>), candidates: &[FirmIx], found| {
                let ranking = as_asked(found, candidates, most);
                let gain = |firm: &FirmIx| i64::from(relevant.binary_search(firm).is_ok());
                let judged = Judged::new(ranking.iter().map(gain).collect(), vec![1; relevant.len()]);
                let is_partner = ranking.iter().map(|&firm| network.trade(firm, *anchor).is_some()).collect();
                let answer = Answer { judged, ranking, is_partner, n_candidates: candidates.len() };
                (network.firm(*anchor).id.clone(), answer)
            };
            let answer_some = |queries: &[(FirmIx, Vec<FirmIx>)]| -> Vec<_> {
                let asked: Vec<(FirmIx, Vec<FirmIx>)> =
                    queries.iter().map(|&(anchor, _)| (anchor, fold.candidates(anchor))).collect();
                // An anchor that the ranker passes over counts as one of whose suppliers none is found.
                let found = ranker.rank_each(&asked, most).into_iter().chain(iter::repeat(Vec::new()));
                let told = queries.iter().zip(&asked).zip(found);
                told.map(|((query, (_, candidates)), found)| answer(query, candidates, found)).collect()
            };
            // No more together than leave every thread something.
            let share = fold.queries().len().div_ceil(rayon::current_num_threads());
            let some = fold.queries().par_chunks(share.clamp(1, ranker.at_once().max(1)));
            let answered: Vec<Vec<_>> = some.with_max_len(1).map(answer_some).collect();
            answers.extend(answered.into_iter().flatten());
        }
        Ok(Evaluation { answers, suppliers })
    }
}

/// What a ranker has ranked, as far as it keeps to what was asked: none twice, none of others.
fn as_asked(mut ranking: Vec<FirmIx>, candidates: &[FirmIx], most: usize) -> Vec<FirmIx> {
    let mut seen = BTreeSet::new();
    ranking.retain(|firm| candidates.binary_search(firm).is_ok() && seen.insert(*firm));
    ranking.truncate(most);
    ranking
}

impl Evaluation {
    /// How many anchors were asked for.
    pub fn n_anchors(&self) -> usize {
        self.answers.len()
    }

    /// Each anchor's ranking held against what came true, by anchor id.
    pub fn judged(&self) -> impl ExactSizeIterator<Item = (&FirmId, &Judged)> {
        self.answers.iter().map(|(anchor, answer)| (anchor, &answer.judged))
    }

    /// A measure of every anchor, by anchor id.
    pub fn values(&self, metric: Metric) -> Vec<f64> {
        self.answers.values().map(|answer| metric.of(&answer.judged)).collect()
    }

    /// The plain mean of a measure over the anchors, 0 without any.
    pub fn mean(&self, metric: Metric) -> f64 {
        let sum: f64 = self.values(metric).iter().sum();
        // The sum of nothing is −0.
        (sum + 0.0) / self.answers.len().max(1) as f64
    }

    /// The mean over anchors of the area under the ROC curve, all that was not ranked being taken as
    /// one tie below what was: exact where everything is ranked. `None` where there is no anchor
    /// with a candidate that is not to be found.
    ///
    /// ```
    /// # use jiedui::{dataset::Dataset, model::Supply};
    /// use jiedui::evaluate::{Baseline, Protocol, Split};
    /// # let mut builder = Dataset::builder();
    /// # for (supplier, buyer, date) in [
    /// #     ("steel", "works 1", "2023"), ("steel", "works 2", "2023"), ("paint", "works 3", "2023"),
    /// #     ("castings", "works 2", "2023"), ("castings", "works 1", "2024"),
    /// # ] {
    /// #     builder.add_supply(&Supply { date: Some(date.parse()?), ..Supply::new(supplier, buyer) });
    /// # }
    /// # let dataset = builder.finish().0;
    /// # let mut protocol = Protocol::default();
    /// # protocol.fewest_known = 1;
    /// # let split = Split::by_time(&dataset, "2024".parse()?, protocol)?;
    /// // Of castings, which is to be found, and paint the first is ranked first, or neither is.
    /// let paths = |most| split.evaluate(most, |fold| Ok::<_, jiedui::Error>(Baseline::Paths3.prepare(fold)));
    /// assert_eq!((paths(1)?.roc_auc(), paths(1)?.pr_auc()), (Some(1.0), Some(1.0)));
    /// assert_eq!((paths(0)?.roc_auc(), paths(0)?.pr_auc()), (Some(0.5), Some(0.5)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn roc_auc(&self) -> Option<f64> {
        self.mean_area(|areas| areas.roc)
    }

    /// The same of the area under the curve of precision over recall.
    pub fn pr_auc(&self) -> Option<f64> {
        self.mean_area(|areas| areas.pr)
    }

    fn mean_area(&self, of: impl Fn(Areas) -> f64) -> Option<f64> {
        let areas = self.answers.values().filter_map(|answer| Areas::of(&answer.judged, answer.n_candidates));
        let areas: Vec<f64> = areas.map(of).collect();
        (!areas.is_empty()).then(|| areas.iter().sum::<f64>() / areas.len() as f64)
    }

    /// How often every firm that could be ranked is among the first k.
    pub fn exposure(&self, k: usize) -> Exposure {
        let mut counts: BTreeMap<FirmIx, u64> = self.suppliers.keys().map(|&firm| (firm, 0)).collect();
        for firm in self.answers.values().flat_map(|answer| answer.ranking.iter().take(k)) {
            *counts.entry(*firm).or_default() += 1;
        }
        Exposure::new(counts.into_values().collect())
    }

    /// The share of the first k of all anchors that never supplied them in what is known; 0 where nobody is ranked.
    pub fn novelty(&self, k: usize) -> f64 {
        novelty(self.answers.values().flat_map(|answer| answer.is_partner.iter().take(k).copied()))
    }

    /// The rankings, for a run file; the tag names the model.
    ///
    /// # Errors
    ///
    /// [`TrecError::TooMany`].
    pub fn run(&self, tag: &str) -> Result<Run, TrecError> {
        let mut run = Run::new(tag);
        for (anchor, answer) in &self.answers {
            let ids = answer.ranking.iter().filter_map(|firm| self.suppliers.get(firm).cloned());
            run.insert(anchor, ids.collect())?;
        }
        Ok(run)
    }
}
