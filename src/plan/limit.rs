//! What limits a plan, by name.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Role;
use crate::model::{FirmId, Level};

/// A limit on the number of pairings: what [`Price`](super::Price)s are prices of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "limit", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Limit {
    /// Of one firm in one role.
    Firm {
        /// The role.
        role: Role,
        /// The firm.
        firm: FirmId,
    },
    /// Of one firm at one level.
    Level {
        /// The role.
        role: Role,
        /// The firm.
        firm: FirmId,
        /// The level.
        level: Level,
    },
    /// Of a group of firms with a shared quota.
    Group {
        /// The role.
        role: Role,
        /// The name of the group.
        group: String,
    },
}

impl Limit {
    /// In which role pairings are counted.
    pub fn role(&self) -> Role {
        match self {
            Self::Firm { role, .. } | Self::Level { role, .. } | Self::Group { role, .. } => *role,
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let role = |role: &Role| match role {
            Role::Anchor => "anchor",
            Role::Supplier => "supplier",
        };
        match self {
            Self::Firm { role: as_role, firm } => write!(f, "{} {firm}", role(as_role)),
            Self::Level { role: as_role, firm, level } => {
                write!(f, "{} {firm} at {level} level", role(as_role))
            }
            Self::Group { group, .. } => write!(f, "group {group}"),
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
        /// In which role.
        role: Role,
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
            Self::Hours { firm, .. } => write!(f, "hours of {firm}"),
        }
    }
}
