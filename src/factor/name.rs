//! The name of a factor.

use std::borrow::Borrow;
use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// The name of a [`Factor`](super::Factor), by which weights and contributions call it.
///
/// Every reason listed holds one: up to 23 bytes are held in place, so that a ranking allocates nothing
/// for them and threads share nothing.
///
/// ```
/// use jiedui::factor::FactorName;
///
/// let name = FactorName::from("co_supply");
/// assert_eq!(name, "co_supply");
/// assert!(name.starts_with("co_"));
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FactorName(SmolStr);

impl From<&str> for FactorName {
    fn from(name: &str) -> Self {
        Self(SmolStr::new(name))
    }
}

impl From<String> for FactorName {
    fn from(name: String) -> Self {
        Self(SmolStr::new(name))
    }
}

impl AsRef<str> for FactorName {
    fn as_ref(&self) -> &str {
        self
    }
}

// `Hash` of `SmolStr` is that of `str`, as `Borrow` demands.
impl Borrow<str> for FactorName {
    fn borrow(&self) -> &str {
        self
    }
}

impl Deref for FactorName {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for FactorName {
    fn eq(&self, other: &str) -> bool {
        **self == *other
    }
}

impl PartialEq<&str> for FactorName {
    fn eq(&self, other: &&str) -> bool {
        **self == **other
    }
}

impl PartialEq<FactorName> for &str {
    fn eq(&self, other: &FactorName) -> bool {
        **self == **other
    }
}

impl fmt::Debug for FactorName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl fmt::Display for FactorName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}
