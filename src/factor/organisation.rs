//! `organisation`: both have a Party branch, or could.

use super::{Column, Factor, Query, Sides, Value};
use crate::model::{Firm, PartyBranch};

/// Organisation (组织基础), one value for both sides: both have a branch, their own or
/// joint, 1; one has none but members, so that it can form or join one, ½; else 0.
///
/// A firm without a word on its branch is unknown, unless it has no member; and so is the value, unless
/// the other has neither branch nor members. That a level is not feasible is a gate of its own. Own
/// definition; three or more formal members form a branch, fewer join a joint one (中国共产党章程,
/// 第三十条). O(1) a candidate.
#[derive(Debug, Clone, Copy, Default)]
pub struct Organisation;

/// How far a firm is organised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum State {
    Without,
    CanForm,
    Has,
}

pub(super) fn state(firm: &Firm) -> Option<State> {
    match (firm.party_branch, firm.party_members) {
        (Some(PartyBranch::Own | PartyBranch::Joint), _) => Some(State::Has),
        (Some(PartyBranch::None), Some(1..)) => Some(State::CanForm),
        (Some(PartyBranch::None), _) | (None, Some(0)) => Some(State::Without),
        (None, _) => None,
    }
}

impl Factor for Organisation {
    fn name(&self) -> &'static str {
        "organisation"
    }

    fn sides(&self) -> Sides {
        Sides::Both
    }

    fn is_cheap(&self) -> bool {
        true
    }

    fn fill(&self, query: &mut Query<'_>, column: &mut Column) {
        let party = |firm| query.profiles.of(firm).party;
        let anchor = party(query.anchor);
        let value = |&firm: &_| match (anchor, party(firm)) {
            (Some(State::Without), _) | (_, Some(State::Without)) => Value::Known(0.0),
            (Some(one), Some(other)) => {
                let with_branch = [one, other].into_iter().filter(|&state| state == State::Has).count();
                Value::Known(with_branch as f64 / 2.0)
            }
            _ => Value::Unknown,
        };
        column.fill_from(query.candidates.iter().map(value));
    }

    fn bound_alike(&self, query: &mut Query<'_>, column: &mut Column) -> bool {
        let most = match query.profiles.of(query.anchor).party {
            Some(State::Has) => 1.0,
            Some(State::CanForm) => 0.5,
            Some(State::Without) | None => 0.0,
        };
        super::fill_alike(self.name(), query, column, most);
        true
    }
}
