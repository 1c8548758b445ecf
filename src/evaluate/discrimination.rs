//! How well scores tell the relevant from the rest.

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
