//! `proximity`: near enough to walk over.

use super::{Column, Factor, Query, Sides, Value};

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

    fn fill(&self, query: &mut Query<'_>, column: &mut Column) {
        let anchor = query.profiles.of(query.anchor).spot;
        if !anchor.is_known() {
            return column.fill(Value::Unknown);
        }
        // What is not a number stays so, and is unknown.
        column.fill_from(query.candidates.iter().map(|&firm| {
            let km = anchor.distance_km(query.profiles.of(firm).spot);
            Value::Known(1.0 / (1.0 + km / self.half))
        }));
    }
}
