//! Who is who in a pairing.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One side of a pairing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The anchor (链主).
    Anchor,
    /// The supplier (配套企业).
    Supplier,
}

impl Side {
    /// Both sides, the anchor's first.
    pub const ALL: [Self; 2] = [Self::Anchor, Self::Supplier];

    /// The one across from it.
    pub(crate) fn other(self) -> Self {
        match self {
            Self::Anchor => Self::Supplier,
            Self::Supplier => Self::Anchor,
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Anchor => "anchor",
            Self::Supplier => "supplier",
        })
    }
}
