//! The weights of relations in as few bytes as they need.

use std::sync::Arc;

use rustc_hash::FxHashMap;

/// As many weights as a code of 16 bits tells apart.
const CODES: usize = 1 << 16;

/// The weights of many relations.
#[derive(Debug, Default)]
pub(super) enum Weights {
    /// Each is 1.
    #[default]
    Equal,
    /// Few are different, as where age alone decides.
    Coded(Coded),
    Each(Vec<f64>),
}

/// Weights out of a table: a quarter of their bytes to be read, and the same to the bit.
#[derive(Debug)]
pub(super) struct Coded {
    pub(super) codes: Vec<u16>,
    pub(super) table: Table,
}

/// The weights that codes stand for, ascending.
#[derive(Debug, Clone)]
pub(super) struct Table {
    /// As many as there may be, so that a code is in it for certain.
    weights: Arc<[f64; CODES]>,
}

impl Weights {
    /// The weight at a position.
    pub(super) fn of(&self, position: usize) -> f64 {
        match self {
            Self::Equal => 1.0,
            Self::Coded(Coded { codes, table }) => table.weight(codes[position]),
            Self::Each(weights) => weights[position],
        }
    }
}

impl Table {
    /// The code of each weight and the table; `None` where there are more different ones
    /// than codes. O(weights + different ones · log of these).
    pub(super) fn of(weights: &[f64]) -> Option<(Vec<u16>, Self)> {
        // Codes in the order in which the weights are met, before they ascend.
        let mut known: FxHashMap<u64, usize> = FxHashMap::default();
        let mut codes = Vec::with_capacity(weights.len());
        for weight in weights {
            let next = known.len();
            let code = *known.entry(weight.to_bits()).or_insert(next);
            if code == CODES {
                return None;
            }
            codes.push(code as u16);
        }
        let mut met: Vec<(f64, usize)> =
            known.into_iter().map(|(bits, code)| (f64::from_bits(bits), code)).collect();
        met.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let mut table: Box<[f64; CODES]> = vec![0.0; CODES].try_into().ok()?;
        let mut ascending = vec![0; met.len()];
        for (place, (weight, code)) in met.into_iter().enumerate() {
            table[place] = weight;
            ascending[code] = place as u16;
        }
        for code in &mut codes {
            *code = ascending[usize::from(*code)];
        }
        Some((codes, Self { weights: table.into() }))
    }

    /// The weight of a code.
    #[expect(clippy::inline_always, reason = "the inner loop of every kernel")]
    #[inline(always)]
    pub(super) fn weight(&self, code: u16) -> f64 {
        self.weights[usize::from(code)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_stand_for_their_weights_and_ascend_with_them() {
        for different in [1usize, 2, 1000, CODES] {
            let weights: Vec<f64> =
                (0..3 * different).map(|at| ((at * 7919) % different) as f64 / 3.0).collect();
            let (codes, table) = Table::of(&weights).expect("few enough");
            assert!(weights.iter().zip(&codes).all(|(weight, code)| table.weight(*code) == *weight));
            let mut by_code: Vec<(u16, f64)> = codes.into_iter().zip(weights).collect();
            by_code.sort_unstable_by_key(|&(code, _)| code);
            assert!(by_code.is_sorted_by_key(|&(_, weight)| weight));
        }
        assert!(Table::of(&(0..=CODES).map(|weight| weight as f64).collect::<Vec<_>>()).is_none());
        assert_eq!(Table::of(&[]).map(|(codes, _)| codes.len()), Some(0));
    }
}
