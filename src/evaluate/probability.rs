//! From scores to probabilities.

use serde::{Deserialize, Serialize};

/// A rising step function from score to probability, the one nearest to what came true in
/// squares (isotonic regression).
///
/// Between the scores it was fitted on it is joined by straight lines, outside it stays level;
/// the same score gives the same probability, a higher one never less.
///
/// Source: Zadrozny, Elkan, Transforming classifier scores into accurate multiclass probability
/// estimates, KDD 2002; fitted by pooling adjacent violators (Ayer et al., Annals of Mathematical
/// Statistics 26(4), 1955).
///
/// ```
/// use jiedui::evaluate::Isotonic;
///
/// // 2 came true and 3 did not: both are worth a half.
/// let isotonic = Isotonic::fit(&[(1.0, false), (2.0, true), (3.0, false), (4.0, true)]).unwrap();
/// assert_eq!(isotonic.probability(2.0), 0.5);
/// assert_eq!(isotonic.probability(1.5), 0.25);
/// assert_eq!(isotonic.probability(9.0), 1.0);
/// ```
///
/// With serde it is the list of its knots, each a score and a probability.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<(f64, f64)>", into = "Vec<(f64, f64)>")]
pub struct Isotonic {
    /// Scores, rising, with their probabilities.
    knots: Vec<(f64, f64)>,
}

impl TryFrom<Vec<(f64, f64)>> for Isotonic {
    type Error = &'static str;

    fn try_from(knots: Vec<(f64, f64)>) -> Result<Self, Self::Error> {
        let is_sound = |&(score, p): &(f64, f64)| score.is_finite() && (0.0..=1.0).contains(&p);
        let rises = knots.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1);
        if !knots.is_empty() && knots.iter().all(is_sound) && rises {
            Ok(Self { knots })
        } else {
            Err("scores and probabilities have to rise, and these to lie in [0, 1]")
        }
    }
}

impl From<Isotonic> for Vec<(f64, f64)> {
    fn from(isotonic: Isotonic) -> Self {
        isotonic.knots
    }
}

impl Isotonic {
    /// Fits it to scores and what came true, in any order. `None` where there are none, or one
    /// is not finite. O(n log n).
    pub fn fit(scored: &[(f64, bool)]) -> Option<Self> {
        let sorted = sorted(scored)?;
        // Of each block: its first and last score, how many came true, how many there are.
        let mut blocks: Vec<(f64, f64, u64, u64)> = Vec::new();
        for group in sorted.chunk_by(|a, b| a.0 == b.0) {
            let came = group.iter().filter(|(_, came)| *came).count() as u64;
            let mut block = (group[0].0, group[0].0, came, group.len() as u64);
            // Crosswise, so that nothing is rounded.
            while let Some(&(first, _, true_before, before)) = blocks.last()
                && u128::from(true_before) * u128::from(block.3) >= u128::from(block.2) * u128::from(before)
            {
                block = (first, block.1, block.2 + true_before, block.3 + before);
                blocks.pop();
            }
            blocks.push(block);
        }
        let mut knots = Vec::new();
        for (first, last, came, count) in blocks {
            let probability = came as f64 / count as f64;
            knots.push((first, probability));
            if last > first {
                knots.push((last, probability));
            }
        }
        Some(Self { knots })
    }

    /// The probability of a score, in \[0, 1\]; that of the lowest for what is not a number.
    /// O(log n).
    pub fn probability(&self, score: f64) -> f64 {
        let above = self.knots.partition_point(|knot| knot.0 <= score);
        match (above.checked_sub(1).map(|below| self.knots[below]), self.knots.get(above)) {
            (Some(below), Some(above)) => {
                let part = (score - below.0) / (above.0 - below.0);
                // Between the largest numbers of both signs the distance is infinite.
                let part = if part.is_finite() { part.clamp(0.0, 1.0) } else { 0.0 };
                (below.1 + part * (above.1 - below.1)).min(above.1)
            }
            (Some(below), None) => below.1,
            (None, Some(above)) => above.1,
            (None, None) => 0.0,
        }
    }
}

/// A logistic curve from score to probability, 1 / (1 + exp(−(slope · score + offset))).
///
/// Smoother than [`Isotonic`] and to be had from few pairs. What came true counts
/// (n₊ + 1) / (n₊ + 2) and what did not 1 / (n₋ + 2), so that no slope is infinite.
///
/// Source: Platt, Probabilistic outputs for support vector machines, 1999, with the Newton
/// steps of Lin, Lin, Weng, A note on Platt's probabilistic outputs for support vector machines,
/// Machine Learning 68(3), 2007.
///
/// ```
/// use jiedui::evaluate::Platt;
///
/// let platt = Platt::fit(&[(-1.0, false), (-1.0, false), (1.0, true), (1.0, true)]).unwrap();
/// // Two of two count 3/4, and the curve can pass through both points.
/// assert!((platt.probability(1.0) - 0.75).abs() < 1e-9);
/// assert!((platt.probability(-1.0) - 0.25).abs() < 1e-9);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Told")]
pub struct Platt {
    slope: f64,
    offset: f64,
}

/// A curve as a file tells it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    slope: f64,
    offset: f64,
}

impl TryFrom<Told> for Platt {
    type Error = &'static str;

    fn try_from(Told { slope, offset }: Told) -> Result<Self, Self::Error> {
        if slope.is_finite() && offset.is_finite() {
            Ok(Self { slope, offset })
        } else {
            Err("slope and offset have to be finite")
        }
    }
}

impl Platt {
    /// Fits it to scores and what came true, in any order. `None` where there are none, or one
    /// is not finite. At most 100 rounds of O(n), after sorting.
    pub fn fit(scored: &[(f64, bool)]) -> Option<Self> {
        let counted: Vec<(f64, bool, f64)> = scored.iter().map(|&(score, came)| (score, came, 1.0)).collect();
        Self::fit_counted(&counted)
    }

    /// The same of scores that stand for as many pairs as the third number says.
    pub(crate) fn fit_counted(scored: &[(f64, bool, f64)]) -> Option<Self> {
        if scored.is_empty() || scored.iter().any(|(score, ..)| !score.is_finite()) {
            return None;
        }
        let mut sorted: Vec<(f64, bool, f64)> =
            scored.iter().map(|&(score, came, count)| (score + 0.0, came, count)).collect();
        sorted.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)).then(a.2.total_cmp(&b.2)));
        let n: f64 = sorted.iter().map(|(.., count)| count).sum();
        let came: f64 = sorted.iter().filter(|(_, came, _)| *came).map(|(.., count)| count).sum();
        let targets = [1.0 / (n - came + 2.0), (came + 1.0) / (came + 2.0)];
        // On one scale, so that neither huge nor tiny scores lose the step.
        let scale = sorted.iter().map(|(score, ..)| score.abs()).fold(0.0, f64::max);
        let scale = if scale > 0.0 { scale } else { 1.0 };
        let pair =
            |&(score, came, count): &(f64, bool, f64)| (score / scale, targets[usize::from(came)], count);
        let loss = LogLoss { pairs: sorted.iter().map(pair).collect(), n };
        let prior = (came + 1.0) / (n - came + 1.0);
        let (slope, offset) = loss.least_from(0.0, libm::log(prior));
        Some(Self { slope: (slope / scale).clamp(-f64::MAX, f64::MAX), offset })
    }

    /// The probability of a score, in \[0, 1\]; that of score 0 for what is not a number.
    pub fn probability(&self, score: f64) -> f64 {
        let product = self.slope * score;
        logistic(if product.is_nan() { 0.0 } else { product } + self.offset)
    }

    /// The slope, above 0 where higher scores come true more often.
    pub fn slope(&self) -> f64 {
        self.slope
    }

    /// The log-odds of score 0.
    pub fn offset(&self) -> f64 {
        self.offset
    }
}

/// What a logistic curve loses on targets: Σ count · (−t·ln p − (1 − t)·ln(1 − p)).
struct LogLoss {
    /// x, target, and for how many pairs each stands.
    pairs: Vec<(f64, f64, f64)>,
    /// The sum of the counts.
    n: f64,
}

impl LogLoss {
    const ROUNDS: usize = 100;
    /// Keeps the matrix of second derivatives invertible.
    const RIDGE: f64 = 1e-12;
    /// Steps end where both derivatives are below this, by pair.
    const FLAT: f64 = 1e-12;

    fn of(&self, slope: f64, offset: f64) -> f64 {
        // ln p and ln(1 − p) where z is large, too.
        let one = |&(x, target, count): &(f64, f64, f64)| {
            let z = slope * x + offset;
            count * (libm::log1p(libm::exp(-z.abs())) + z.max(0.0) - target * z)
        };
        self.pairs.iter().map(one).sum()
    }

    /// The slope and offset that lose least, by Newton's method from others.
    fn least_from(&self, mut slope: f64, mut offset: f64) -> (f64, f64) {
        let mut least = self.of(slope, offset);
        for _ in 0..Self::ROUNDS {
            let Some((step_s, step_b)) = self.step(slope, offset) else { break };
            // Half as far until it leads down.
            let mut part = 1.0;
            let found = loop {
                let (slope, offset) = (slope + part * step_s, offset + part * step_b);
                let found = self.of(slope, offset);
                if found < least {
                    break Some((slope, offset, found));
                }
                part /= 2.0;
                if part < 1e-10 {
                    break None;
                }
            };
            let Some(found) = found else { break };
            (slope, offset, least) = found;
        }
        (slope, offset)
    }

    /// Newton's step: by how much slope and offset change; `None` where it is flat.
    fn step(&self, slope: f64, offset: f64) -> Option<(f64, f64)> {
        let (mut ds, mut db, mut ss, mut sb, mut bb) = (0.0, 0.0, Self::RIDGE, 0.0, Self::RIDGE);
        for &(x, target, count) in &self.pairs {
            let p = logistic(slope * x + offset);
            let (first, second) = (count * (p - target), count * p * (1.0 - p));
            ds += first * x;
            db += first;
            ss += second * x * x;
            sb += second * x;
            bb += second;
        }
        if ds.abs().max(db.abs()) < Self::FLAT * self.n {
            return None;
        }
        let determinant = ss * bb - sb * sb;
        Some(((sb * db - bb * ds) / determinant, (sb * ds - ss * db) / determinant))
    }
}

fn logistic(z: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-z))
}

/// By score, so that sums do not depend on the order of pairs.
fn sorted(scored: &[(f64, bool)]) -> Option<Vec<(f64, bool)>> {
    if scored.is_empty() || scored.iter().any(|(score, _)| !score.is_finite()) {
        return None;
    }
    // Adding 0 makes −0 and 0 one.
    let mut sorted: Vec<(f64, bool)> = scored.iter().map(|&(score, came)| (score + 0.0, came)).collect();
    sorted.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    Some(sorted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_that_stands_for_several_is_that_score_several_times() {
        let counted = [(0.1, false, 3.0), (0.4, true, 1.0), (0.5, false, 2.0), (0.9, true, 4.0)];
        let repeated: Vec<(f64, bool)> = counted
            .iter()
            .flat_map(|&(score, came, count)| std::iter::repeat_n((score, came), count as usize))
            .collect();
        let (one, other) = (Platt::fit_counted(&counted).unwrap(), Platt::fit(&repeated).unwrap());
        assert!((one.slope - other.slope).abs() < 1e-9, "{one:?} {other:?}");
        assert!((one.offset - other.offset).abs() < 1e-9, "{one:?} {other:?}");
    }
}
