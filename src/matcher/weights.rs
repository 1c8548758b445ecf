//! How much each factor counts.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::de::{self, DeserializeSeed, Error as _, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::MatcherError;
use crate::model::Side;

/// Weights (权重) of factors by name: numbers from 0 to [`LARGEST`](Self::LARGEST), on each side.
///
/// Only their proportions matter. A factor, or a side of one, that a file does not name
/// keeps its default; a factor without a weight counts 0 and is not computed. Two are equal if every factor
/// weighs the same. The section [`TRAINING`](Self::TRAINING) of a file, which tells how weights were learnt, is
/// passed over: a factor of that name, or of none, is refused where a matcher is built.
///
/// ```
/// use jiedui::model::Side;
/// use jiedui::matcher::Weights;
///
/// let weights: Weights = serde_json::from_str(r#"{ "reach": 1, "gap": { "anchor": 4 } }"#)?;
/// assert_eq!(weights.get("reach", Side::Supplier), 1.0);
/// assert_eq!(weights.get("gap", Side::Anchor), 4.0);
/// assert_eq!(weights.get("proximity", Side::Anchor), Weights::default().get("proximity", Side::Anchor));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Serialize)]
#[serde(into = "BTreeMap<String, Entry>")]
pub struct Weights {
    factors: BTreeMap<String, [f64; 2]>,
}

/// A weight in a file: one number for both sides, or one each.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
enum Entry {
    Both(f64),
    Each(BTreeMap<Side, f64>),
}

/// The default weights: what is delivered and who delivers beside whom count most, then
/// what a partner can give, then circumstances.
///
/// Reasoned, but for `prospect` beside `co_supply` and `shared_partners`, which were tried against new
/// relations of real data: the more `prospect` weighs, the better they are foretold, and the worse the pairings that
/// were reported are found again. At 11 both hold. `relatedness` was tried against hidden products.
const DEFAULT: [(&str, f64); 17] = [
    ("product_fit", 4.0),
    ("gap", 2.0),
    ("relatedness", 8.0),
    ("trade", 1.0),
    ("prospect", 11.0),
    ("co_supply", 0.25),
    ("shared_partners", 0.5),
    ("reach", 0.0),
    ("proximity", 2.0),
    ("gradient", 1.0),
    ("technology_gap", 1.0),
    ("resource_fit", 2.0),
    ("organisation", 1.0),
    ("incidents", 0.5),
    ("concentration", 1.0),
    ("track_record", 1.0),
    ("willingness", 1.0),
];

/// | weight | factors |
/// | --: | --- |
/// | 11 | `prospect` |
/// | 8 | `relatedness` |
/// | 4 | `product_fit` |
/// | 2 | `gap`, `proximity`, `resource_fit` |
/// | 1 | `trade`, `gradient`, `technology_gap`, `organisation`, `concentration`, `track_record`, `willingness` |
/// | ½ | `shared_partners`, `incidents` |
/// | ¼ | `co_supply` |
/// | 0 | `reach` |
///
/// each on the sides on which it counts. Reasoned, but for those of `prospect`, `co_supply`,
/// `shared_partners` and `relatedness`, see *How good is it?* in the repository.
///
/// ```
/// use jiedui::model::Side;
/// use jiedui::matcher::Weights;
///
/// let weights = Weights::default();
/// assert_eq!(weights.get("prospect", Side::Anchor), 11.0);
/// assert_eq!(weights.factors().map(|(_, [anchor, _])| anchor).sum::<f64>(), 37.25);
/// ```
impl Default for Weights {
    fn default() -> Self {
        Self { factors: DEFAULT.iter().map(|&(name, weight)| (name.to_owned(), [weight; 2])).collect() }
    }
}

impl Weights {
    /// The largest weight that is taken: keeps sums far from overflow.
    pub const LARGEST: f64 = 1e9;
    /// The section of a file that tells how the weights were learnt.
    pub const TRAINING: &str = "training";

    /// No weights at all, to set your own.
    pub fn none() -> Self {
        Self { factors: BTreeMap::new() }
    }

    /// The same, with another weight for one factor, on both sides.
    #[must_use]
    pub fn with(self, factor: &str, weight: f64) -> Self {
        self.with_sides(factor, weight, weight)
    }

    /// The same, with other weights for one factor, one for each side.
    #[must_use]
    pub fn with_sides(mut self, factor: &str, anchor: f64, supplier: f64) -> Self {
        self.factors.insert(factor.to_owned(), [anchor, supplier]);
        self
    }

    /// The weight of a factor on a side, 0 where none is set.
    pub fn get(&self, factor: &str, side: Side) -> f64 {
        self.factors.get(factor).map_or(0.0, |sides| sides[side as usize])
    }

    /// Every factor that has weights, by name, the anchor's side first.
    pub fn factors(&self) -> impl ExactSizeIterator<Item = (&str, [f64; 2])> {
        self.factors.iter().map(|(factor, &sides)| (factor.as_str(), sides))
    }

    /// Reads weights from JSON.
    ///
    /// # Errors
    ///
    /// [`MatcherError::WeightsFile`] with line and column; the numbers are checked where
    /// a matcher is built.
    #[cfg(feature = "json")]
    pub fn from_json(text: &str) -> Result<Self, MatcherError> {
        serde_json::from_str(text.trim_start_matches('\u{feff}'))
            .map_err(|error| MatcherError::WeightsFile(Box::new(error)))
    }

    /// Reads weights from TOML.
    ///
    /// # Errors
    ///
    /// [`MatcherError::WeightsFile`] with line and column; the numbers are checked where
    /// a matcher is built.
    #[cfg(feature = "toml")]
    pub fn from_toml(text: &str) -> Result<Self, MatcherError> {
        toml::from_str(text).map_err(|error| MatcherError::WeightsFile(Box::new(error)))
    }

    /// Checks every number, and that every name is one of `known`.
    pub(super) fn check(&self, known: &[&str]) -> Result<(), MatcherError> {
        for (factor, sides) in &self.factors {
            for &weight in sides {
                if !(0.0..=Self::LARGEST).contains(&weight) {
                    return Err(MatcherError::Weight { factor: factor.clone(), weight });
                }
            }
            if !known.contains(&factor.as_str()) {
                return Err(MatcherError::UnknownFactor { factor: factor.clone(), known: known.join(", ") });
            }
        }
        Ok(())
    }
}

impl PartialEq for Weights {
    fn eq(&self, other: &Self) -> bool {
        let mut names = self.factors.keys().chain(other.factors.keys());
        names.all(|name| Side::ALL.iter().all(|&side| self.get(name, side) == other.get(name, side)))
    }
}

impl<'de> Deserialize<'de> for Weights {
    /// Reads over the defaults; a factor or side that is named twice is refused.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Factors)
    }
}

/// Reads a table of factors.
struct Factors;

impl<'de> Visitor<'de> for Factors {
    type Value = Weights;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a weight for each factor")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Weights, A::Error> {
        let mut weights = Weights::default();
        let mut seen = BTreeSet::new();
        while let Some(factor) = map.next_key::<String>()? {
            if factor == Weights::TRAINING {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let sides = Side::ALL.map(|side| weights.get(&factor, side));
            let [anchor, supplier] = map.next_value_seed(Factor { name: &factor, sides })?;
            weights = weights.with_sides(&factor, anchor, supplier);
            if !seen.insert(factor.clone()) {
                return Err(A::Error::custom(format!("{factor} is there twice")));
            }
        }
        Ok(weights)
    }
}

/// Reads the weight of one factor over those that it has.
struct Factor<'a> {
    name: &'a str,
    sides: [f64; 2],
}

impl<'de> DeserializeSeed<'de> for Factor<'_> {
    type Value = [f64; 2];

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<[f64; 2], D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Factor<'_> {
    type Value = [f64; 2];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a number for {}, or one each for anchor and supplier", self.name)
    }

    fn visit_f64<E: de::Error>(self, weight: f64) -> Result<[f64; 2], E> {
        Ok([weight; 2])
    }

    fn visit_i64<E: de::Error>(self, weight: i64) -> Result<[f64; 2], E> {
        Ok([weight as f64; 2])
    }

    fn visit_u64<E: de::Error>(self, weight: u64) -> Result<[f64; 2], E> {
        Ok([weight as f64; 2])
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<[f64; 2], A::Error> {
        let mut sides = self.sides;
        let mut seen = BTreeSet::new();
        while let Some(side) = map.next_key::<Side>()? {
            sides[side as usize] = map.next_value()?;
            if !seen.insert(side) {
                return Err(A::Error::custom(format!("a side of {} is there twice", self.name)));
            }
        }
        Ok(sides)
    }
}

impl From<Weights> for BTreeMap<String, Entry> {
    fn from(weights: Weights) -> Self {
        let entry = |[anchor, supplier]: [f64; 2]| {
            if anchor == supplier {
                Entry::Both(anchor)
            } else {
                Entry::Each(BTreeMap::from([(Side::Anchor, anchor), (Side::Supplier, supplier)]))
            }
        };
        // Read over the defaults, what is not there would have its default weight.
        let unset = DEFAULT.iter().filter(|(factor, _)| !weights.factors.contains_key(*factor));
        let unset: Vec<String> = unset.map(|&(factor, _)| factor.to_owned()).collect();
        let set = weights.factors.into_iter().map(|(factor, sides)| (factor, entry(sides)));
        set.chain(unset.into_iter().map(|factor| (factor, Entry::Both(0.0)))).collect()
    }
}
