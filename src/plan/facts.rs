//! What is known of a firm beside its candidates.

use super::linear::Trait;
use crate::model::FirmId;

/// What a firm is that matters to minimums and reports.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Facts {
    pub(super) of: Trait,
    pub(super) quota: Option<u32>,
    pub(super) parent: Option<FirmId>,
}
