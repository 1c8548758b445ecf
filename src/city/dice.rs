//! Random draws that are the same on every machine.

use rand_pcg::Pcg64;
use rand_pcg::rand_core::Rng;

/// What a stream of draws is for. Each part of the city has its own, so that asking
/// for more edges does not move a firm.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stream {
    Order = 1,
    Units,
    Party,
    Trade,
    Values,
    Courtship,
    Pairings,
    Responses,
    Incidents,
    Untidiness,
    Scattered,
}

/// A seeded source of draws.
///
/// PCG XSL RR 128/64 (O'Neill, PCG: A Family of Simple Fast Space-Efficient
/// Statistically Good Algorithms for Random Number Generation, 2014). All
/// transcendental functions come from `libm`: those of the system differ by a bit
/// from machine to machine.
#[derive(Debug)]
pub(super) struct Dice(Pcg64);

impl Dice {
    pub(super) fn new(seed: u64, stream: Stream) -> Self {
        Self(Pcg64::new(u128::from(seed), stream as u128))
    }

    /// Uniform in [0, 1).
    pub(super) fn unit(&mut self) -> f64 {
        const STEP: f64 = 1.0 / (1_u64 << 53) as f64;
        (self.0.next_u64() >> 11) as f64 * STEP
    }

    /// Uniform in [low, high).
    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Uniform in 0..n, 0 where n is 0. The bias of the multiplication is below n·2⁻⁶⁴.
    pub(super) fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.0.next_u64()) * n as u128) >> 64) as usize
    }

    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Standard normal (Box and Muller, A Note on the Generation of Random Normal
    /// Deviates, Ann. Math. Statist. 29(2), 1958).
    pub(super) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * libm::log(1.0 - self.unit())).sqrt();
        radius * libm::cos(std::f64::consts::TAU * self.unit())
    }

    pub(super) fn log_normal(&mut self, median: f64, sigma: f64) -> f64 {
        median * libm::exp(sigma * self.normal())
    }

    /// Fisher and Yates.
    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

/// An urn from which a position is drawn with probability in proportion to its weight.
#[derive(Debug)]
pub(super) struct Urn {
    cumulative: Vec<f64>,
}

impl Urn {
    pub(super) fn new(weights: impl IntoIterator<Item = f64>) -> Self {
        let mut sum = 0.0;
        let cumulative = weights
            .into_iter()
            .map(|weight| {
                sum += weight;
                sum
            })
            .collect();
        Self { cumulative }
    }

    /// `None` from an urn without weight. O(log n).
    pub(super) fn draw(&self, dice: &mut Dice) -> Option<usize> {
        let total = *self.cumulative.last()?;
        if total <= 0.0 {
            return None;
        }
        let point = dice.unit() * total;
        // Rounding may put the point on the very end.
        Some(self.cumulative.partition_point(|&sum| sum <= point).min(self.cumulative.len() - 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_keep_to_their_ranges() {
        let mut dice = Dice::new(7, Stream::Order);
        for n in 1..200 {
            assert!(dice.below(n) < n);
            assert!((0.0..1.0).contains(&dice.unit()));
            assert!(dice.normal().is_finite());
        }
        assert_eq!(dice.below(0), 0);
    }

    #[test]
    fn an_urn_follows_its_weights() {
        let mut dice = Dice::new(7, Stream::Order);
        let urn = Urn::new([1.0, 0.0, 3.0]);
        let mut counts = [0; 3];
        for _ in 0..4_000 {
            counts[urn.draw(&mut dice).unwrap_or(1)] += 1;
        }
        assert_eq!(counts[1], 0);
        assert!((2_850..3_150).contains(&counts[2]), "{counts:?}");
        assert_eq!(Urn::new([]).draw(&mut dice), None);
        assert_eq!(Urn::new([0.0]).draw(&mut dice), None);
    }
}
