//! Names from outside, and dense indices inside.

use std::borrow::Borrow;
use std::fmt;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// Declares a cheap-to-clone outside key.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// Any string does; an empty one is refused where a
        /// [`Dataset`](crate::dataset::Dataset) is built. Up to 23 bytes lie in place, such as a
        /// 统一社会信用代码; clones of longer ones share the text.
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(SmolStr);

        impl $name {
            /// The text of the key.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(SmolStr::from(text))
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(SmolStr::from(text))
            }
        }

        impl From<&$name> for $name {
            fn from(id: &$name) -> Self {
                id.clone()
            }
        }

        // `Hash` of `SmolStr` is that of `str`, as `Borrow` demands.
        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    };
}

id! {
    /// The outside key of a firm (企业): a 统一社会信用代码 where there is one,
    /// else whatever the source uses.
    FirmId
}
id! {
    /// The outside key of a product.
    ProductId
}
id! {
    /// The outside key of a chain (产业链).
    ChainId
}
id! {
    /// The outside key of a pairing (结对).
    PairingId
}

/// Declares a dense index.
macro_rules! ix {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(u32);

        impl $name {
            /// The index of the `position`-th row.
            ///
            /// Positions above `u32::MAX` wrap; a network of so many is refused.
            pub fn new(position: usize) -> Self {
                Self(position as u32)
            }

            /// The position as a `usize`, to index a column with.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

ix! {
    /// The position of a firm in the dataset's firm table, which is sorted by
    /// [`FirmId`], and so in everything built from it. Dense, never renumbered
    /// inside one snapshot, and without meaning outside it.
    FirmIx
}
ix! {
    /// The position of a product in the dataset's product table, sorted by [`ProductId`].
    ProductIx
}
ix! {
    /// The position of a chain in the dataset's chain table, sorted by [`ChainId`].
    ChainIx
}
