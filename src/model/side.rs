//! Who is who in a pairing.

use super::word::words;

/// One side of a pairing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

words! {
    for Side {
        Anchor = "anchor";
        Supplier = "supplier";
    }
}
