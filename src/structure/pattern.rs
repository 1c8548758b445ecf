//! What of the 3-paths everybody shares.

use super::ThreePaths;
use super::adjacency::{Adjacency, Side};
use super::spread::Spread;
use crate::model::FirmIx;

/// The leading pattern of [`ThreePaths`]: which firms the whole network has in common.
///
/// Two firms are alike by K(a, v) = f(W(a)) · f(W(v)) · Σ_u w(a,u) · w(v,u) · f(W(u)). The
/// leading eigenvector p of K, with eigenvalue λ, holds what most buyers share: in a city the
/// grid operator, the carrier, the petrol stations. By that pattern alone the 3-paths of an anchor a
/// to a firm s would come to λ · p(a) / f(W(a)) · Σ_v p(v) · w(v,s), which is
/// [`common`](Self::common); to take off a part of it is the deflation of Hotelling (Analysis
/// of a complex of statistical variables into principal components, 1933).
///
/// Found by power iteration: O(iterations · edges) once, at most 100 of them, on one thread, so that
/// whoever waits for it on a pool of threads does not keep it from being found. Holds 16 bytes a firm.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern {
    /// λ · p / f by firm.
    anchors: Vec<f64>,
    /// Σ p · w by firm.
    candidates: Vec<f64>,
}

/// Iterations at most: two patterns of nearly the same strength need many, and any mixture of them
/// is as good.
const MOST: usize = 100;
/// The change of p, of length 1, at which it stands.
const STILL: f64 = 1e-5;

impl Pattern {
    /// Finds the pattern of prepared paths.
    pub fn of(paths: &ThreePaths) -> Self {
        let Adjacency { places, forth, back } = Spread::adjacency(paths);
        let nodes = paths.nodes();
        let n = places.len();
        // Were every path normalised by W itself, this would be p.
        let mut pattern: Vec<f64> = (0..n).map(|place| libm::sqrt(forth.total(place))).collect();
        let mut strength = scale_to_one(&mut pattern);
        for _ in 0..MOST {
            let spread = weighted(&pattern, nodes);
            let shared = weighted(&sums(back, &spread), nodes);
            let mut next = weighted(&sums(forth, &shared), nodes);
            strength = scale_to_one(&mut next);
            let change: f64 =
                next.iter().zip(&pattern).map(|(next, last)| (next - last) * (next - last)).sum();
            pattern = next;
            if change <= STILL * STILL {
                break;
            }
        }
        let of_candidates = sums(back, &pattern);
        let mut found = Self { anchors: vec![0.0; n], candidates: vec![0.0; n] };
        for place in 0..n {
            let firm = places.firm(place).index();
            if nodes[place] > 0.0 {
                found.anchors[firm] = strength * pattern[place] / nodes[place];
            }
            found.candidates[firm] = of_candidates[place];
        }
        found
    }

    /// What the 3-paths from an anchor to a candidate would come to by the pattern alone, at least 0.
    ///
    /// # Panics
    ///
    /// If one of them is no firm of the network.
    pub fn common(&self, anchor: FirmIx, candidate: FirmIx) -> f64 {
        let (of_anchor, of_candidate) = (self.of_anchor(anchor), self.of_candidate(candidate));
        of_anchor * of_candidate
    }

    /// The anchor's factor of [`common`](Self::common).
    pub(crate) fn of_anchor(&self, anchor: FirmIx) -> f64 {
        self.anchors[anchor.index()]
    }

    /// The candidate's.
    pub(crate) fn of_candidate(&self, candidate: FirmIx) -> f64 {
        self.candidates[candidate.index()]
    }
}

/// For each place the sum over its relations of weight times number, in the order of places.
fn sums(side: &Side, numbers: &[f64]) -> Vec<f64> {
    let sum = |place| {
        let mut sum = 0.0;
        side.each(place, |other, weight| sum += weight * numbers[other]);
        sum
    };
    (0..numbers.len()).map(sum).collect()
}

fn weighted(numbers: &[f64], weights: &[f64]) -> Vec<f64> {
    numbers.iter().zip(weights).map(|(number, weight)| number * weight).collect()
}

/// Scales a vector to length 1 and returns its length; one of nothing stays so.
fn scale_to_one(vector: &mut [f64]) -> f64 {
    let length = libm::sqrt(vector.iter().map(|number| number * number).sum());
    if length > 0.0 {
        for number in vector.iter_mut() {
            *number /= length;
        }
    }
    length
}
