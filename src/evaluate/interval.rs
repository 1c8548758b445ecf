//! How far a mean over anchors may be trusted.

use serde::{Deserialize, Serialize};

use super::seed::Seed;
use super::{Evaluation, Metric};

/// A mean over anchors with its 95 % bootstrap interval.
///
/// Anchors are what is drawn anew, since a model that does well for one anchor's pairs does
/// so for all of them.
///
/// ```
/// use jiedui::evaluate::Interval;
///
/// let interval = Interval::bootstrap(&[0.0, 1.0, 1.0, 0.0, 1.0, 0.0], 0).unwrap();
/// assert_eq!(interval.mean, 0.5);
/// assert!(0.0 < interval.low && interval.low < 0.5 && 0.5 < interval.high && interval.high < 1.0);
/// assert_eq!(Interval::bootstrap(&[], 0), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Interval {
    /// The plain mean.
    pub mean: f64,
    /// The 2.5th percentile of the means of the samples.
    pub low: f64,
    /// The 97.5th.
    pub high: f64,
}

impl Interval {
    /// How many samples are drawn.
    pub const SAMPLES: usize = 2_000;

    /// The percentile bootstrap: draws as many values as there are, with repeats,
    /// [`SAMPLES`](Self::SAMPLES) times. `None` where there is no value, one is not finite, or their sum is not.
    /// O(samples · values); the same for the same seed.
    ///
    /// Source: Efron, Bootstrap methods: another look at the jackknife, Annals of Statistics 7(1),
    /// 1979.
    pub fn bootstrap(values: &[f64], seed: u64) -> Option<Self> {
        if values.is_empty() || values.iter().any(|value| !value.is_finite()) {
            return None;
        }
        let n = values.len();
        let mut seed = Seed::new(seed);
        let mut sample = || (0..n).map(|_| values[seed.below(n)]).sum::<f64>() / n as f64;
        let mut means: Vec<f64> = (0..Self::SAMPLES).map(|_| sample()).collect();
        means.sort_unstable_by(f64::total_cmp);
        // As many samples are left out below as above.
        let outside = Self::SAMPLES / 40;
        let mean = values.iter().sum::<f64>() / n as f64;
        let found = Self { mean, low: means[outside], high: means[Self::SAMPLES - 1 - outside] };
        [found.mean, found.low, found.high].iter().all(|bound| bound.is_finite()).then_some(found)
    }
}

/// Two models compared anchor by anchor.
///
/// ```
/// use jiedui::evaluate::Paired;
///
/// let paired = Paired::randomised(&[0.5, 0.6, 0.9, 0.4], &[0.5, 0.6, 0.9, 0.4], 0).unwrap();
/// assert_eq!((paired.difference, paired.p), (0.0, 1.0));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Paired {
    /// The mean of the differences, first less second.
    pub difference: f64,
    /// How likely a mean difference at least as large, in either direction, is where the
    /// two do not differ. In (0, 1].
    pub p: f64,
}

impl Paired {
    /// How many times labels are drawn.
    pub const SAMPLES: usize = 10_000;
    /// Sums of the same numbers in another sign differ by rounding alone up to here.
    const ROUNDING: f64 = 1e-12;

    /// Fisher's randomisation test: if the two do not differ, each anchor's values could as
    /// well have changed places. p = (1 + draws at least as far apart) / (1 + draws). `None` where
    /// there is no value, one or their sum is not finite, or lengths differ. O(samples · values).
    ///
    /// Source: Smucker, Allan, Carterette, A comparison of statistical significance tests for
    /// information retrieval evaluation, CIKM 2007.
    pub fn randomised(first: &[f64], second: &[f64], seed: u64) -> Option<Self> {
        let differences: Vec<f64> = first.iter().zip(second).map(|(a, b)| a - b).collect();
        let is_sound = first.len() == second.len() && differences.iter().all(|one| one.is_finite());
        if !is_sound || differences.is_empty() {
            return None;
        }
        let sum: f64 = differences.iter().sum();
        // What is drawn is no further apart than all of them together.
        if !differences.iter().map(|one| one.abs()).sum::<f64>().is_finite() {
            return None;
        }
        let mut seed = Seed::new(seed);
        let mut is_as_far = || {
            let drawn: f64 = differences.iter().map(|one| if seed.coin() { *one } else { -one }).sum();
            drawn.abs() >= sum.abs() - Self::ROUNDING
        };
        let as_far = (0..Self::SAMPLES).filter(|_| is_as_far()).count();
        let p = (1 + as_far) as f64 / (1 + Self::SAMPLES) as f64;
        Some(Self { difference: sum / differences.len() as f64, p })
    }
}

impl Evaluation {
    /// The mean of a measure over the anchors with its bootstrap interval; `None` where there
    /// are no anchors.
    pub fn interval(&self, metric: Metric, seed: u64) -> Option<Interval> {
        Interval::bootstrap(&self.values(metric), seed)
    }

    /// This model against another, anchor by anchor; `None` where they were not asked for the
    /// same anchors.
    pub fn versus(&self, other: &Self, metric: Metric, seed: u64) -> Option<Paired> {
        let is_same = self.judged().map(|(anchor, _)| anchor).eq(other.judged().map(|(anchor, _)| anchor));
        is_same.then(|| Paired::randomised(&self.values(metric), &other.values(metric), seed)).flatten()
    }
}
