//! Whom the recommendations of all anchors together bring forward.

use serde::{Deserialize, Serialize};

/// How often each candidate is recommended, over all anchors.
///
/// ```
/// use jiedui::evaluate::Exposure;
///
/// // Of four candidates one is recommended three times, one once.
/// let exposure = Exposure::new(vec![3, 0, 1, 0]);
/// assert_eq!(exposure.coverage(), 0.5);
/// // (−3·0 − 1·0 + 1·1 + 3·3) / (4 · 4)
/// assert_eq!(exposure.gini(), 10.0 / 16.0);
/// ```
///
/// With serde it is the list of its counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<u64>", into = "Vec<u64>")]
pub struct Exposure {
    /// Ascending.
    counts: Vec<u64>,
}

impl Exposure {
    /// How often each candidate is recommended, those never recommended included, in any
    /// order. O(n log n).
    pub fn new(mut counts: Vec<u64>) -> Self {
        counts.sort_unstable();
        Self { counts }
    }

    /// The share of candidates that are recommended to anybody; 0 where there is no candidate.
    pub fn coverage(&self) -> f64 {
        let shown = self.counts.iter().filter(|&&count| count > 0).count();
        if self.counts.is_empty() { 0.0 } else { shown as f64 / self.counts.len() as f64 }
    }

    /// The Gini coefficient of exposure: 0 where all are recommended alike, towards 1 where
    /// one gets everything. Σ (2i − n − 1)·xᵢ / (n·Σ xᵢ) over the ascending counts; 0 where
    /// nothing is recommended.
    ///
    /// Source: Gini, Variabilità e mutabilità, 1912, in the form for sorted values.
    pub fn gini(&self) -> f64 {
        let n = self.counts.len() as f64;
        let total: f64 = self.counts.iter().map(|&count| count as f64).sum();
        let weighted = self.counts.iter().enumerate();
        let weighted: f64 =
            weighted.map(|(position, &count)| (2.0 * position as f64 + 1.0 - n) * count as f64).sum();
        if total > 0.0 { weighted / (n * total) } else { 0.0 }
    }
}

impl From<Vec<u64>> for Exposure {
    fn from(counts: Vec<u64>) -> Self {
        Self::new(counts)
    }
}

impl From<Exposure> for Vec<u64> {
    fn from(exposure: Exposure) -> Self {
        exposure.counts
    }
}

/// The share of recommendations that are new: `is_partner` tells of each whether the two
/// already trade. 0 where nothing is recommended.
///
/// ```
/// assert_eq!(jiedui::evaluate::novelty([true, false, false, false]), 0.75);
/// ```
pub fn novelty(is_partner: impl IntoIterator<Item = bool>) -> f64 {
    let (mut new, mut all) = (0u64, 0u64);
    for is_partner in is_partner {
        new += u64::from(!is_partner);
        all += 1;
    }
    if all == 0 { 0.0 } else { new as f64 / all as f64 }
}
