//! What is known of a firm, whatever its candidates are.

use crate::model::{FirmId, Ownership, SizeClass};

/// What is known of a firm that is told of.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Facts {
    pub(super) traits: Traits,
    pub(super) quota: Option<u32>,
    pub(super) parent: Option<FirmId>,
}

/// What a party is, as far as minimums and reports ask.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Traits {
    pub(super) size: Option<SizeClass>,
    pub(super) ownership: Option<Ownership>,
    pub(super) region: Option<Box<str>>,
    pub(super) chains: Vec<String>,
}
