//! `proximity`: near enough to walk over.

use super::{Column, Factor, Query, Sides, Value};
use crate::model::EARTH_RADIUS_KM;

/// Proximity (距离), one value for both sides: 1 / (1 + d / 5 km), d the great-circle
/// distance. 900 m give 0.85, 5 km a half.
///
/// Unknown where either place is. Own definition. O(1) a candidate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Proximity {
    half: f64,
}

impl Proximity {
    /// The distance at which the value is ½, km.
    pub const HALF_KM: f64 = 5.0;

    /// Another distance at which the value is ½, km; `None` where it is not above 0 and
    /// finite.
    pub fn new(half_km: f64) -> Option<Self> {
        (half_km > 0.0 && half_km.is_finite()).then_some(Self { half: half_km })
    }
}

impl Proximity {
    /// The value at a distance, km.
    fn value(self, km: f64) -> f64 {
        1.0 / (1.0 + km / self.half)
    }

    /// By how much a value may differ that is found by [`short_arc`]: most at the
    /// other end of the earth; and what rounding does to a short chord.
    fn estimate_error(self) -> f64 {
        let end = short_arc(2.0 * EARTH_RADIUS_KM);
        let antipodes = std::f64::consts::PI * EARTH_RADIUS_KM;
        self.value(end) - self.value(antipodes) + 1e-7 + 1e-9 / self.half
    }
}

/// The arc above a chord, km, by the first two terms of the arcsine's series: too short
/// by 1e-8 of it at 300 km.
fn short_arc(chord: f64) -> f64 {
    let ratio = chord / EARTH_RADIUS_KM;
    chord * (1.0 + ratio * ratio / 24.0)
}

impl Default for Proximity {
    fn default() -> Self {
        Self { half: Self::HALF_KM }
    }
}

impl Factor for Proximity {
    fn name(&self) -> &'static str {
        "proximity"
    }

    fn sides(&self) -> Sides {
        Sides::Both
    }

    fn is_cheap(&self) -> bool {
        true
    }

    fn fill(&self, query: &mut Query<'_>, column: &mut Column) {
        let anchor = query.profiles.measures(query.anchor).spot;
        if !anchor.is_known() {
            return column.fill(Value::Unknown);
        }
        // What is not a number stays so, and is unknown.
        let km = |firm| anchor.distance_km(query.profiles.measures(firm).spot);
        column.fill_from(query.candidates.iter().map(|&firm| Value::Known(self.value(km(firm)))));
    }

    /// From points in space, without angles.
    fn estimate(&self, query: &mut Query<'_>, column: &mut Column) -> f64 {
        let [x, y, z] = query.profiles.of(query.anchor).point;
        if x.is_nan() {
            column.fill(Value::Unknown);
            return 0.0;
        }
        let km = |firm| {
            let point = query.profiles.of(firm).point;
            let (x, y, z) = (point[0] - x, point[1] - y, point[2] - z);
            short_arc((x * x + y * y + z * z).sqrt())
        };
        column.fill_from(query.candidates.iter().map(|&firm| Value::Known(self.value(km(firm)))));
        self.estimate_error()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn estimates_keep_their_error() {
        for half in [0.01, 1.0, 5.0, 300.0, 1e4, 1e9] {
            let proximity = Proximity::new(half).unwrap();
            for step in 0..=20_000 {
                // Radians between two places.
                let angle = f64::from(step) / 20_000.0 * std::f64::consts::PI;
                let chord = 2.0 * EARTH_RADIUS_KM * (angle / 2.0).sin();
                let off = proximity.value(short_arc(chord)) - proximity.value(angle * EARTH_RADIUS_KM);
                assert!(off.abs() <= proximity.estimate_error(), "{half} km, {angle}: {off}");
            }
        }
    }
}
