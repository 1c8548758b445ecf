//! How well one ranking finds what is relevant.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::model::WordError;

/// One query's ranking held against its judgements: for an anchor, its ranked suppliers
/// against those that it took in the end.
///
/// Gains are linear: what is judged g counts g. A gain of 0 or below, and what nobody judged,
/// counts as not relevant, as trec_eval has it.
///
/// ```
/// use jiedui::evaluate::Judged;
///
/// // Three suppliers are relevant; two of them were ranked, first and third.
/// let judged = Judged::new(vec![1, 0, 1], vec![1, 1, 1]);
/// assert_eq!(judged.precision(3), 2.0 / 3.0);
/// assert_eq!(judged.average_precision(), (1.0 / 1.0 + 2.0 / 3.0) / 3.0);
/// let ideal = 1.0 + 1.0 / 3f64.log2() + 0.5;
/// assert!((judged.ndcg(10) - 1.5 / ideal).abs() < 1e-15);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// By rank.
    gains: Vec<u32>,
    /// All there are to be found, above 0, largest first.
    relevant: Vec<u32>,
}

impl Judged {
    /// The gains of what was ranked, best rank first (0 for what is unjudged), and the gains
    /// of all that was judged, ranked or not, in any order; each ranked once, and each that is
    /// relevant among the judged. A gain above 2³² − 1 counts as that. O(n log n).
    pub fn new(ranked: Vec<i64>, judged: Vec<i64>) -> Self {
        let gain = |gain: i64| u32::try_from(gain.max(0)).unwrap_or(u32::MAX);
        let mut relevant: Vec<u32> = judged.into_iter().map(gain).filter(|&gain| gain > 0).collect();
        relevant.sort_unstable_by(|a, b| b.cmp(a));
        Self { gains: ranked.into_iter().map(gain).collect(), relevant }
    }

    /// How many are relevant, ranked or not.
    pub fn n_relevant(&self) -> usize {
        self.relevant.len()
    }

    /// Of what was ranked, by rank, whether it is relevant.
    pub(super) fn is_relevant(&self) -> impl ExactSizeIterator<Item = bool> + '_ {
        self.gains.iter().map(|&gain| gain > 0)
    }

    /// How many of the first k are relevant.
    fn hits(&self, k: usize) -> usize {
        self.gains.iter().take(k).filter(|&&gain| gain > 0).count()
    }

    /// The share of the relevant among the first k; 0 where none is relevant. In \[0, 1\].
    pub fn recall(&self, k: usize) -> f64 {
        share(self.hits(k), self.n_relevant())
    }

    /// The share of relevant among the first k, out of k even where fewer were ranked; 0 for
    /// k = 0. In \[0, 1\].
    pub fn precision(&self, k: usize) -> f64 {
        share(self.hits(k), k)
    }

    /// 1 where any of the first k is relevant, else 0.
    pub fn hit(&self, k: usize) -> f64 {
        if self.hits(k) > 0 { 1.0 } else { 0.0 }
    }

    /// 1 / rank of the first that is relevant, 0 where none was ranked. Its mean over queries
    /// is MRR.
    pub fn reciprocal_rank(&self) -> f64 {
        let first = self.gains.iter().position(|&gain| gain > 0);
        first.map_or(0.0, |position| 1.0 / (position + 1) as f64)
    }

    /// The mean, over all that is relevant, of the precision at its rank, 0 for what was not
    /// ranked. Its mean over queries is MAP. In \[0, 1\].
    pub fn average_precision(&self) -> f64 {
        let mut hits = 0;
        let mut sum = 0.0;
        for (position, &gain) in self.gains.iter().enumerate() {
            if gain > 0 {
                hits += 1;
                sum += hits as f64 / (position + 1) as f64;
            }
        }
        if self.relevant.is_empty() { 0.0 } else { sum / self.n_relevant() as f64 }
    }

    /// Normalised discounted cumulative gain of the first k: Σ gain / log₂(rank + 1), over
    /// that of the best order possible; 0 where none is relevant. In \[0, 1\].
    ///
    /// Source: Järvelin, Kekäläinen, Cumulated gain-based evaluation of IR techniques, ACM
    /// Transactions on Information Systems 20(4), 2002, with trec_eval's discount.
    pub fn ndcg(&self, k: usize) -> f64 {
        let ideal = discounted(&self.relevant, k);
        if ideal > 0.0 { discounted(&self.gains, k) / ideal } else { 0.0 }
    }
}

fn share(part: usize, of: usize) -> f64 {
    if of == 0 { 0.0 } else { part as f64 / of as f64 }
}

fn discounted(gains: &[u32], k: usize) -> f64 {
    let ranked = gains.iter().take(k).enumerate();
    ranked.map(|(position, &gain)| gain as f64 / libm::log2(position as f64 + 2.0)).sum()
}

/// A measure of a [`Judged`] ranking, by its usual name: `ndcg@10`, `map`.
///
/// ```
/// use jiedui::evaluate::{Judged, Metric};
///
/// let judged = Judged::new(vec![0, 1], vec![1]);
/// assert_eq!(Metric::ReciprocalRank.of(&judged), 0.5);
/// assert_eq!(Metric::Ndcg(10).to_string(), "ndcg@10");
/// assert_eq!("ndcg@10".parse(), Ok(Metric::Ndcg(10)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[non_exhaustive]
pub enum Metric {
    /// [`Judged::ndcg`] at k.
    Ndcg(usize),
    /// [`Judged::recall`] at k.
    Recall(usize),
    /// [`Judged::precision`] at k.
    Precision(usize),
    /// [`Judged::hit`] at k.
    Hit(usize),
    /// [`Judged::reciprocal_rank`]; `mrr`.
    ReciprocalRank,
    /// [`Judged::average_precision`]; `map`.
    AveragePrecision,
}

impl Metric {
    /// The measure of one ranking, in \[0, 1\].
    pub fn of(self, judged: &Judged) -> f64 {
        match self {
            Self::Ndcg(k) => judged.ndcg(k),
            Self::Recall(k) => judged.recall(k),
            Self::Precision(k) => judged.precision(k),
            Self::Hit(k) => judged.hit(k),
            Self::ReciprocalRank => judged.reciprocal_rank(),
            Self::AveragePrecision => judged.average_precision(),
        }
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ndcg(k) => f.pad(&format!("ndcg@{k}")),
            Self::Recall(k) => f.pad(&format!("recall@{k}")),
            Self::Precision(k) => f.pad(&format!("precision@{k}")),
            Self::Hit(k) => f.pad(&format!("hit@{k}")),
            Self::ReciprocalRank => f.pad("mrr"),
            Self::AveragePrecision => f.pad("map"),
        }
    }
}

impl FromStr for Metric {
    type Err = WordError;

    fn from_str(name: &str) -> Result<Self, WordError> {
        let lower = name.trim().to_ascii_lowercase();
        let found = match &*lower {
            "mrr" => Some(Self::ReciprocalRank),
            "map" => Some(Self::AveragePrecision),
            deep => deep.split_once('@').and_then(|(measure, k)| {
                let k = k.parse().ok()?;
                match measure {
                    "ndcg" => Some(Self::Ndcg(k)),
                    "recall" => Some(Self::Recall(k)),
                    "precision" => Some(Self::Precision(k)),
                    "hit" => Some(Self::Hit(k)),
                    _ => None,
                }
            }),
        };
        let known = &["ndcg@k", "recall@k", "precision@k", "hit@k", "mrr", "map"];
        found.ok_or_else(|| WordError::new(name, known))
    }
}

impl TryFrom<String> for Metric {
    type Error = WordError;

    fn try_from(name: String) -> Result<Self, WordError> {
        name.parse()
    }
}

impl From<Metric> for String {
    fn from(metric: Metric) -> Self {
        metric.to_string()
    }
}
