//! Where the firms of the city stand: districts and their parks.

use super::dice::Dice;
use crate::model::Place;

/// Kilometres a degree of latitude.
const KM_PER_LATITUDE: f64 = 111.195;
/// Kilometres a degree of longitude at 27.8° N.
const KM_PER_LONGITUDE: f64 = 98.36;

/// A park or town: firms stand around its centre.
#[derive(Debug)]
pub(super) struct Park {
    /// A real district, city or county of Zhuzhou.
    pub(super) region: &'static str,
    longitude: f64,
    latitude: f64,
    /// Standard deviation of the distance from the centre, km, in each direction.
    spread: f64,
    /// How much of everything is here, next to what a chain prefers.
    pub(super) weight: f64,
}

const fn park(region: &'static str, longitude: f64, latitude: f64, spread: f64, weight: f64) -> Park {
    Park { region, longitude, latitude, spread, weight }
}

/// The parks. Centres are near the real districts, no more: nothing here is an address.
pub(super) const PARKS: [Park; 14] = [
    park("天元区", 113.082, 27.826, 1.2, 1.4),
    park("天元区", 113.045, 27.808, 1.5, 1.2),
    park("石峰区", 113.118, 27.875, 1.0, 1.3),
    park("石峰区", 113.152, 27.902, 1.3, 0.8),
    park("荷塘区", 113.173, 27.856, 1.2, 1.0),
    park("荷塘区", 113.214, 27.884, 1.6, 0.6),
    park("芦淞区", 113.152, 27.785, 1.0, 1.0),
    park("芦淞区", 113.201, 27.761, 1.8, 0.6),
    park("渌口区", 113.144, 27.699, 2.0, 0.6),
    park("醴陵市", 113.497, 27.646, 2.5, 0.8),
    park("醴陵市", 113.441, 27.702, 2.0, 0.5),
    park("攸县", 113.345, 27.000, 3.0, 0.5),
    park("茶陵县", 113.539, 26.777, 3.0, 0.3),
    park("炎陵县", 113.773, 26.489, 3.0, 0.2),
];

impl Park {
    /// A place in the park.
    pub(super) fn place(&self, dice: &mut Dice) -> Place {
        let east = self.spread * dice.normal();
        let north = self.spread * dice.normal();
        at(self.longitude + east / KM_PER_LONGITUDE, self.latitude + north / KM_PER_LATITUDE)
    }
}

/// A place within `km` of another.
pub(super) fn near(place: Place, km: f64, dice: &mut Dice) -> Place {
    let (east, north) = (dice.between(-km, km), dice.between(-km, km));
    at(place.longitude() + east / KM_PER_LONGITUDE, place.latitude() + north / KM_PER_LATITUDE)
}

/// Distance on the flat, km: good to a percent inside the city, and an order cheaper
/// than the great circle, for choices that are random anyway.
pub(super) fn flat_km(a: Place, b: Place) -> f64 {
    let east = (a.longitude() - b.longitude()) * KM_PER_LONGITUDE;
    let north = (a.latitude() - b.latitude()) * KM_PER_LATITUDE;
    (east * east + north * north).sqrt()
}

/// Rounded to five digits (about a metre), as on a sheet; the centre of the city for
/// what would lie off the earth, which only a given firm at its edge can bring about.
fn at(longitude: f64, latitude: f64) -> Place {
    let round = |degrees: f64| (degrees * 1e5).round() / 1e5;
    let fallback = || Place::new(113.13, 27.83);
    match Place::new(round(longitude), round(latitude)).or_else(|_| fallback()) {
        Ok(place) => place,
        Err(_) => unreachable!("the centre is a place"),
    }
}
