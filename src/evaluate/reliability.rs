//! Whether probabilities come true as often as they say.

use serde::{Deserialize, Serialize};

/// The mean squared distance between a probability and what came true (1 or 0): 0 for a
/// prophet, ¼ for one who always says ½. `None` where there is none, or one is not in
/// \[0, 1\].
///
/// Source: Brier, Verification of forecasts expressed in terms of probability, Monthly Weather
/// Review 78(1), 1950, for two classes.
///
/// ```
/// use jiedui::evaluate::brier_score;
///
/// assert_eq!(brier_score(&[(0.5, true), (1.0, true), (0.0, true)]), Some(1.25 / 3.0));
/// assert_eq!(brier_score(&[(1.5, true)]), None);
/// ```
pub fn brier_score(foretold: &[(f64, bool)]) -> Option<f64> {
    if foretold.is_empty() || !are_probabilities(foretold) {
        return None;
    }
    let sum: f64 = foretold.iter().map(|&(p, came)| (p - f64::from(u8::from(came))).powi(2)).sum();
    Some(sum / foretold.len() as f64)
}

/// One point of a reliability curve: those whose probability lies in one interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Bin {
    /// Their mean probability.
    pub foretold: f64,
    /// The share of them that came true.
    pub came_true: f64,
    /// How many they are.
    pub count: usize,
}

/// The reliability curve: \[0, 1\] in `bins` intervals of equal width, of each that holds any the
/// mean probability against the share that came true, ascending. A bound belongs to the interval
/// above it, 1 to the last. `None` where a probability is not in \[0, 1\] or there are no bins.
///
/// Source: Murphy, Winkler, Reliability of subjective probability forecasts of precipitation and
/// temperature, Applied Statistics 26(1), 1977.
///
/// ```
/// use jiedui::evaluate::reliability;
///
/// let curve = reliability(&[(0.125, false), (0.375, true), (0.75, true)], 2).unwrap();
/// assert_eq!((curve[0].foretold, curve[0].came_true, curve[0].count), (0.25, 0.5, 2));
/// assert_eq!((curve[1].foretold, curve[1].came_true, curve[1].count), (0.75, 1.0, 1));
/// ```
pub fn reliability(foretold: &[(f64, bool)], bins: usize) -> Option<Vec<Bin>> {
    if bins == 0 || !are_probabilities(foretold) {
        return None;
    }
    let bin_of = |p: f64| {
        let bin = (p * bins as f64) as usize;
        // A bound may come out a little lower.
        let is_next = (bin + 1) as f64 / bins as f64 <= p;
        (bin + usize::from(is_next)).min(bins - 1)
    };
    // By interval, so that memory does not depend on how fine they are.
    let mut sorted: Vec<(usize, f64, bool)> =
        foretold.iter().map(|&(p, came)| (bin_of(p), p, came)).collect();
    sorted.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let bin = |group: &[(usize, f64, bool)]| {
        let count = group.len();
        let came_true = group.iter().filter(|(.., came)| *came).count() as f64 / count as f64;
        Bin { foretold: group.iter().map(|(_, p, _)| p).sum::<f64>() / count as f64, came_true, count }
    };
    Some(sorted.chunk_by(|a, b| a.0 == b.0).map(bin).collect())
}

fn are_probabilities(foretold: &[(f64, bool)]) -> bool {
    foretold.iter().all(|(p, _)| (0.0..=1.0).contains(p))
}
