//! Implicit matrix factorisation by alternating least squares.

use rayon::prelude::*;

use super::seed::Seed;
use crate::model::FirmIx;
use crate::network::Network;

/// How many numbers stand for a firm.
const N: usize = 8;
/// How often buyers and suppliers are solved for in turn.
const ROUNDS: usize = 15;
/// Keeps the numbers small.
const RIDGE: f64 = 0.01;
/// Spread of the first numbers, half as far to either side.
const START: f64 = 0.02;

type Vector = [f64; N];
type Matrix = [Vector; N];

/// Eight numbers for every firm as a buyer and as a supplier, so that their products are near 1
/// for pairs that trade and near 0 for others: Σ (p − x·y)² + 0.01·(Σ |x|² + Σ |y|²) is made
/// small by solving for all buyers, then for all suppliers, 15 times; every pair counts alike.
///
/// Starts from numbers that hang on the ids alone, so that the same data give the same factors.
/// Another start ends elsewhere: figures of other programs are met about, not to the digit.
///
/// O(rounds · (edges · 8 + firms · 8³)).
///
/// Source: Hu, Koren, Volinsky, Collaborative filtering for implicit feedback datasets, ICDM 2008,
/// with confidence 1 everywhere.
#[derive(Debug)]
pub(super) struct Factors {
    buyers: Vec<Vector>,
    suppliers: Vec<Vector>,
}

impl Factors {
    pub(super) fn new(network: &Network) -> Self {
        let start = |firm: FirmIx| {
            let mut seed = Seed::new(Seed::new(N as u64).of(&[network.firm(firm).id.as_str()]));
            [(); N].map(|()| START * (seed.below(1 << 20) as f64 / f64::from(1 << 20) - 0.5))
        };
        // Whoever supplies nobody stays at nothing.
        let supplies = |firm: &FirmIx| !network.buyers(*firm).is_empty();
        let mut suppliers: Vec<Vector> =
            network.firms().map(|firm| if supplies(&firm) { start(firm) } else { [0.0; N] }).collect();
        let mut buyers = Vec::new();
        for _ in 0..ROUNDS {
            buyers = solved(network, &suppliers, |firm| network.suppliers(firm));
            suppliers = solved(network, &buyers, |firm| network.buyers(firm));
        }
        Self { buyers, suppliers }
    }

    /// Of a pair, near 1 where they should trade.
    pub(super) fn score(&self, buyer: FirmIx, supplier: FirmIx) -> f64 {
        dot(&self.buyers[buyer.index()], &self.suppliers[supplier.index()])
    }
}

fn dot(a: &Vector, b: &Vector) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// For every firm the numbers that suit those of its partners best.
fn solved<'a>(
    network: &'a Network,
    others: &[Vector],
    partners: impl Fn(FirmIx) -> &'a [FirmIx] + Sync,
) -> Vec<Vector> {
    let mut squares = [[0.0; N]; N];
    // In order of firms, so that threads change no digit.
    for other in others {
        for (row, a) in squares.iter_mut().zip(other) {
            for (cell, b) in row.iter_mut().zip(other) {
                *cell += a * b;
            }
        }
    }
    for (number, row) in squares.iter_mut().enumerate() {
        row[number] += RIDGE;
    }
    let lower = cholesky(&squares);
    let firms: Vec<FirmIx> = network.firms().collect();
    let solve = |&firm: &FirmIx| {
        let mut sum = [0.0; N];
        for partner in partners(firm) {
            for (sum, other) in sum.iter_mut().zip(&others[partner.index()]) {
                *sum += other;
            }
        }
        substituted(&lower, sum)
    };
    firms.par_iter().with_min_len(256).map(solve).collect()
}

/// L of L·Lᵀ = A, which must be positive definite.
fn cholesky(a: &Matrix) -> Matrix {
    let mut lower = [[0.0; N]; N];
    for row in 0..N {
        for column in 0..=row {
            let sum: f64 = (0..column).map(|k| lower[row][k] * lower[column][k]).sum();
            let left = a[row][column] - sum;
            lower[row][column] = if row == column {
                // Rounding cannot take off more than the ridge.
                libm::sqrt(left.max(RIDGE / 2.0))
            } else {
                left / lower[column][column]
            };
        }
    }
    lower
}

/// x of L·Lᵀ·x = b.
fn substituted(lower: &Matrix, b: Vector) -> Vector {
    let mut x = b;
    for row in 0..N {
        let sum: f64 = (0..row).map(|k| lower[row][k] * x[k]).sum();
        x[row] = (x[row] - sum) / lower[row][row];
    }
    for row in (0..N).rev() {
        let sum: f64 = (row + 1..N).map(|k| lower[k][row] * x[k]).sum();
        x[row] = (x[row] - sum) / lower[row][row];
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_solved_is_solved() {
        let mut a = [[0.0; N]; N];
        for (row, cells) in a.iter_mut().enumerate() {
            for (column, cell) in cells.iter_mut().enumerate() {
                *cell = 1.0 / (1.0 + row.abs_diff(column) as f64) + if row == column { 2.0 } else { 0.0 };
            }
        }
        let b = [1.0, -2.0, 3.0, 0.5, 0.0, 4.0, -1.0, 2.5];
        let x = substituted(&cholesky(&a), b);
        for (row, b) in a.iter().zip(b) {
            assert!((dot(row, &x) - b).abs() < 1e-12, "{x:?}");
        }
    }
}
