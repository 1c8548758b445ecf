//! A point on the earth.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The mean radius of the earth, km (IUGG R₁).
pub(crate) const EARTH_RADIUS_KM: f64 = 6371.0088;

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

/// Longitude and latitude, a comma between them.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.longitude, self.latitude)
    }
}

/// A coordinate outside the earth.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
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
        Spot::from(self).distance_km(Spot::from(other))
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

/// A place with what all distances to it have in common.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spot {
    /// Degrees.
    longitude: f64,
    /// Radians.
    latitude: f64,
    cos_latitude: f64,
}

impl From<Place> for Spot {
    fn from(place: Place) -> Self {
        let latitude = place.latitude.to_radians();
        Self { longitude: place.longitude, latitude, cos_latitude: libm::cos(latitude) }
    }
}

impl Spot {
    /// Nowhere: its distance to anything is not a number.
    pub(crate) const UNKNOWN: Self = Self { longitude: f64::NAN, latitude: f64::NAN, cos_latitude: f64::NAN };

    pub(crate) fn is_known(self) -> bool {
        !self.latitude.is_nan()
    }

    /// See [`Place::distance_km`].
    pub(crate) fn distance_km(self, other: Self) -> f64 {
        let sin_lat = libm::sin((other.latitude - self.latitude) / 2.0);
        let sin_lon = libm::sin((other.longitude - self.longitude).to_radians() / 2.0);
        let h = sin_lat * sin_lat + self.cos_latitude * other.cos_latitude * sin_lon * sin_lon;
        2.0 * EARTH_RADIUS_KM * libm::asin(libm::sqrt(h.clamp(0.0, 1.0)))
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
