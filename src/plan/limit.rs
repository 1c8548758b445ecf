//! What limits a plan, by name.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::{FirmId, Level, Side};

/// A limit on the number of pairings: what [`Price`](super::Price)s are prices of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "limit", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Limit {
    /// Of one firm on one side.
    Firm {
        /// The side.
        side: Side,
        /// The firm.
        firm: FirmId,
    },
    /// Of one firm at one level.
    Level {
        /// The side.
        side: Side,
        /// The firm.
        firm: FirmId,
        /// The level.
        level: Level,
    },
    /// Of a group of firms with a shared quota.
    Group {
        /// The side.
        side: Side,
        /// The name of the group.
        group: String,
    },
}

impl Limit {
    /// On which side pairings are counted.
    pub fn side(&self) -> Side {
        match self {
            Self::Firm { side, .. } | Self::Level { side, .. } | Self::Group { side, .. } => *side,
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Firm { side, firm } => write!(f, "{side} {firm}"),
            Self::Level { side, firm, level } => write!(f, "{side} {firm} at {level} level"),
            Self::Group { side, group } => write!(f, "{side} group {group}"),
        }
    }
}

/// One constraint of a problem, as a conflict names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "constraint", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Constraint {
    /// At most so many pairings.
    AtMost {
        /// Of whom.
        #[serde(flatten)]
        limit: Limit,
        /// How many.
        most: u32,
    },
    /// At least so many pairings.
    AtLeast {
        /// Of whom.
        #[serde(flatten)]
        limit: Limit,
        /// How many.
        least: u32,
    },
    /// A pair that has to be planned.
    Lock {
        /// The anchor.
        anchor: FirmId,
        /// The supplier.
        supplier: FirmId,
    },
    /// A pair that must not be planned.
    Veto {
        /// The anchor.
        anchor: FirmId,
        /// The supplier.
        supplier: FirmId,
    },
    /// A pair of which both are in a forbidden group.
    Forbidden {
        /// The anchor.
        anchor: FirmId,
        /// The supplier.
        supplier: FirmId,
    },
    /// A minimum share or count.
    Minimum {
        /// Its name.
        name: String,
    },
    /// A firm's person-hours.
    Hours {
        /// On which side.
        side: Side,
        /// Whose.
        firm: FirmId,
    },
}

impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtMost { limit, most } => write!(f, "{limit}: at most {most}"),
            Self::AtLeast { limit, least } => write!(f, "{limit}: at least {least}"),
            Self::Lock { anchor, supplier } => write!(f, "lock {anchor} – {supplier}"),
            Self::Veto { anchor, supplier } => write!(f, "veto on {anchor} – {supplier}"),
            Self::Forbidden { anchor, supplier } => write!(f, "forbidden group of {anchor} – {supplier}"),
            Self::Minimum { name } => write!(f, "minimum {name}"),
            Self::Hours { side, firm } => write!(f, "hours of {side} {firm}"),
        }
    }
}
