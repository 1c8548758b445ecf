//! Chance that is the same on every machine.

/// A seed from which numbers are drawn, the same for the same seed everywhere.
///
/// Source: Steele, Lea, Flood, Fast splittable pseudorandom number generators, OOPSLA 2014
/// (SplitMix64).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seed(u64);

const GOLDEN_GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;

fn mixed(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

impl Seed {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A seed of its own for a number.
    pub(crate) fn with(self, number: u64) -> Self {
        Self(mixed(mixed(self.0.wrapping_add(GOLDEN_GAMMA)) ^ number))
    }

    /// A number for some texts, which depends on where one ends.
    pub(crate) fn of(self, texts: &[&str]) -> u64 {
        texts.iter().fold(self, |seed, text| text.bytes().fold(seed.with(text.len() as u64), Self::take)).0
    }

    fn take(self, byte: u8) -> Self {
        self.with(byte.into())
    }

    /// The next number below `n`, which must be above 0; biased by less than n / 2⁶⁴.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(GOLDEN_GAMMA);
        ((u128::from(mixed(self.0)) * n as u128) >> 64) as usize
    }

    /// The next bit.
    pub(crate) fn coin(&mut self) -> bool {
        self.below(2) == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_even_and_those_of_the_paper() {
        // The first outputs of SplitMix64 from seed 1234567, as published with its reference code.
        let mut state = 1_234_567u64;
        let mut next = || {
            state = state.wrapping_add(GOLDEN_GAMMA);
            mixed(state)
        };
        assert_eq!([next(), next()], [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]);

        let mut seed = Seed::new(1);
        let mut counts = [0; 3];
        for _ in 0..30_000 {
            counts[seed.below(3)] += 1;
        }
        // Six standard deviations are 490.
        assert!(counts.iter().all(|count: &i32| (count - 10_000).abs() < 490), "{counts:?}");
        assert_ne!(Seed::new(0).of(&["ab", "c"]), Seed::new(0).of(&["a", "bc"]));
    }
}
