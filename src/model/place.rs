//! A point on the earth.

use serde::{Deserialize, Serialize};

/// The mean radius of the earth, km (IUGG R₁).
const EARTH_RADIUS_KM: f64 = 6371.0088;

/// A place by longitude and latitude, degrees.
///
/// Distances between places of one coordinate system (WGS 84, GCJ-02, BD-09) are
/// right to a few metres whichever it is; do not mix systems, they lie up to
/// about 1 km apart.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "Degrees", into = "Degrees")]
pub struct Place {
    longitude: f64,
    latitude: f64,
}

#[derive(Serialize, Deserialize)]
struct Degrees {
    longitude: f64,
    latitude: f64,
}

/// A coordinate outside the earth.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum PlaceError {
    /// Longitude not in [−180, 180].
    #[error("longitude {0} is not between -180 and 180")]
    Longitude(f64),
    /// Latitude not in [−90, 90].
    #[error("latitude {0} is not between -90 and 90")]
    Latitude(f64),
}

impl Place {
    /// A place by longitude and latitude, in degrees.
    ///
    /// # Errors
    ///
    /// [`PlaceError`] where a coordinate is out of range or not a number.
    pub fn new(longitude: f64, latitude: f64) -> Result<Self, PlaceError> {
        if !(-180.0..=180.0).contains(&longitude) {
            return Err(PlaceError::Longitude(longitude));
        }
        if !(-90.0..=90.0).contains(&latitude) {
            return Err(PlaceError::Latitude(latitude));
        }
        Ok(Self { longitude, latitude })
    }

    /// Degrees east.
    pub fn longitude(self) -> f64 {
        self.longitude
    }

    /// Degrees north.
    pub fn latitude(self) -> f64 {
        self.latitude
    }

    /// Great-circle distance in km by the haversine formula (Sinnott, Virtues of
    /// the Haversine, Sky & Telescope 68(2), 1984) on a sphere of 6,371.0088 km.
    ///
    /// ```
    /// use jiedui::model::Place;
    ///
    /// // A degree of latitude is π·R/180.
    /// let km = Place::new(113.0, 27.0)?.distance_km(Place::new(113.0, 28.0)?);
    /// assert!((km - 111.195_080).abs() < 1e-6);
    /// # Ok::<(), jiedui::model::PlaceError>(())
    /// ```
    pub fn distance_km(self, other: Self) -> f64 {
        let (lat_a, lat_b) = (self.latitude.to_radians(), other.latitude.to_radians());
        let sin_lat = libm::sin((lat_b - lat_a) / 2.0);
        let sin_lon = libm::sin((other.longitude - self.longitude).to_radians() / 2.0);
        let h = sin_lat * sin_lat + libm::cos(lat_a) * libm::cos(lat_b) * sin_lon * sin_lon;
        2.0 * EARTH_RADIUS_KM * libm::asin(libm::sqrt(h.min(1.0)))
    }

    /// Great-circle distance in km of two places as points in space, by their chord: as
    /// [`distance_km`](Self::distance_km) to a few nanometres, without its sines.
    pub(crate) fn arc_km(one: [f64; 3], other: [f64; 3]) -> f64 {
        let [x, y, z] = [0, 1, 2].map(|axis| one[axis] - other[axis]);
        let half_chord = libm::sqrt(x * x + y * y + z * z) / (2.0 * EARTH_RADIUS_KM);
        2.0 * EARTH_RADIUS_KM * libm::asin(half_chord.clamp(0.0, 1.0))
    }

    /// The place as a point in space, km from the earth's centre.
    pub(crate) fn to_point(self) -> [f64; 3] {
        let (lon, lat) = (self.longitude.to_radians(), self.latitude.to_radians());
        [
            EARTH_RADIUS_KM * libm::cos(lat) * libm::cos(lon),
            EARTH_RADIUS_KM * libm::cos(lat) * libm::sin(lon),
            EARTH_RADIUS_KM * libm::sin(lat),
        ]
    }
}

impl TryFrom<Degrees> for Place {
    type Error = PlaceError;

    fn try_from(degrees: Degrees) -> Result<Self, PlaceError> {
        Self::new(degrees.longitude, degrees.latitude)
    }
}

impl From<Place> for Degrees {
    fn from(place: Place) -> Self {
        Self { longitude: place.longitude, latitude: place.latitude }
    }
}
