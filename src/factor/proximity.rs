//! `proximity`: near enough to walk over.

use super::{Factor, Query, Sides, Value};

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

    fn fill(&self, query: &mut Query<'_>, values: &mut [Value]) {
        let Some(place) = query.network.firm(query.anchor).place else { return values.fill(Value::Unknown) };
        for (value, &candidate) in values.iter_mut().zip(query.candidates) {
            let distance = query.network.firm(candidate).place.map(|other| place.distance_km(other));
            *value = Value::from_option(distance.map(|km| 1.0 / (1.0 + km / self.half)));
        }
    }
}
