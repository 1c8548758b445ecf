//! How well scores tell the relevant from the rest.

use super::Judged;

/// The area under the ROC curve: how likely a relevant pair scores above one that is not, ties
/// counting half. `None` where either kind is missing or a score is not a number. O(n log n).
///
/// Source: Hanley, McNeil, The meaning and use of the area under a receiver operating
/// characteristic (ROC) curve, Radiology 143(1), 1982.
///
/// ```
/// use jiedui::evaluate::roc_auc;
///
/// // Of the four mixed pairs two are in order and one is tied.
/// let scored = [(0.9, true), (0.5, false), (0.5, true), (0.7, false)];
/// assert_eq!(roc_auc(&scored), Some(2.5 / 4.0));
/// assert_eq!(roc_auc(&[(0.9, true)]), None);
/// ```
pub fn roc_auc(scored: &[(f64, bool)]) -> Option<f64> {
    let steps = steps(scored)?;
    let relevant: u64 = steps.iter().map(|step| step.relevant).sum();
    let rest: u64 = steps.iter().map(|step| step.rest).sum();
    if relevant == 0 || rest == 0 {
        return None;
    }
    let mut above = 0;
    let mut area = 0.0;
    for step in &steps {
        area += step.rest as f64 * (above as f64 + step.relevant as f64 / 2.0);
        above += step.relevant;
    }
    Some(area / (relevant as f64 * rest as f64))
}

/// The area under the curve of precision over recall as a sum of steps, Σ precision · rise in
/// recall, scores that tie being taken together; without ties it is the average precision.
/// `None` where nothing is relevant or a score is not a number. O(n log n).
///
/// Source: Davis, Goadrich, The relationship between precision-recall and ROC curves, ICML
/// 2006, on why points are not joined by straight lines.
///
/// ```
/// use jiedui::evaluate::pr_auc;
///
/// // Recall rises to ½ at precision 1, to 1 at precision 2/4.
/// let scored = [(0.9, true), (0.7, false), (0.5, true), (0.5, false)];
/// assert_eq!(pr_auc(&scored), Some(0.5 * 1.0 + 0.5 * 0.5));
/// ```
pub fn pr_auc(scored: &[(f64, bool)]) -> Option<f64> {
    let steps = steps(scored)?;
    let relevant: u64 = steps.iter().map(|step| step.relevant).sum();
    if relevant == 0 {
        return None;
    }
    let (mut found, mut seen) = (0, 0);
    let mut area = 0.0;
    for step in &steps {
        found += step.relevant;
        seen += step.relevant + step.rest;
        area += step.relevant as f64 * (found as f64 / seen as f64);
    }
    Some(area / relevant as f64)
}

/// Both areas of a ranking, what was not ranked being one tie below all that was.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Areas {
    pub(super) roc: f64,
    pub(super) pr: f64,
}

impl Areas {
    /// Of one anchor's ranking of so many candidates; `None` where all or none of these are
    /// relevant. O(ranked).
    pub(super) fn of(judged: &Judged, n_candidates: usize) -> Option<Self> {
        let (relevant, n) = (judged.n_relevant(), n_candidates);
        if relevant == 0 || relevant >= n {
            return None;
        }
        let (mut found, mut seen) = (0, 0);
        let (mut roc, mut pr) = (0.0, 0.0);
        for is_relevant in judged.is_relevant() {
            seen += 1;
            if is_relevant {
                found += 1;
                pr += found as f64 / seen as f64;
            } else {
                roc += found as f64;
            }
        }
        let left = (relevant - found) as f64;
        let rest = (n - relevant) as f64;
        // The last tie: all its irrelevant ones come behind what was found, and level with the others.
        let rest_left = rest - (seen - found) as f64;
        roc += rest_left * (found as f64 + left / 2.0);
        pr += left * relevant as f64 / n as f64;
        Some(Self { roc: roc / (relevant as f64 * rest), pr: pr / relevant as f64 })
    }
}

/// How many of each kind have one score.
struct Step {
    score: f64,
    relevant: u64,
    rest: u64,
}

/// By score, the highest first.
fn steps(scored: &[(f64, bool)]) -> Option<Vec<Step>> {
    if scored.iter().any(|(score, _)| score.is_nan()) {
        return None;
    }
    let mut sorted = scored.to_vec();
    sorted.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    let mut steps: Vec<Step> = Vec::new();
    for (score, is_relevant) in sorted {
        if steps.last().is_none_or(|step| step.score != score) {
            steps.push(Step { score, relevant: 0, rest: 0 });
        }
        if let Some(step) = steps.last_mut() {
            step.relevant += u64::from(is_relevant);
            step.rest += u64::from(!is_relevant);
        }
    }
    Some(steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_of_rankings_are_those_of_scores() {
        // Every set of relevant ones among six candidates, ranked to every depth.
        for relevant in 1..63_u32 {
            let is_relevant = |candidate: usize| relevant >> candidate & 1 == 1;
            for depth in 0..=6 {
                let gains = (0..depth).map(|candidate| i64::from(is_relevant(candidate))).collect();
                let judged = Judged::new(gains, vec![1; relevant.count_ones() as usize]);
                let score = |candidate: usize| -(candidate.min(depth) as f64);
                let scored: Vec<(f64, bool)> =
                    (0..6).map(|candidate| (score(candidate), is_relevant(candidate))).collect();
                let areas = Areas::of(&judged, 6).expect("both kinds");
                assert!((areas.roc - roc_auc(&scored).expect("both kinds")).abs() < 1e-12, "{scored:?}");
                assert!((areas.pr - pr_auc(&scored).expect("some")).abs() < 1e-12, "{scored:?}");
            }
        }
        assert_eq!(Areas::of(&Judged::new(vec![1], vec![1]), 1), None);
    }
}
