//! `organisation`: both have a Party branch, or could.

use super::{Column, Factor, Query, Sides, Value};
use crate::model::{Firm, PartyBranch};

/// Organisation (组织基础), one value for both sides: both have a branch, their own or
/// joint, 1; one has none but members, so that it can form or join one, ½; else 0.
///
/// A firm without a word on its branch and without known members is unknown, and so is
/// the value. That a level is not feasible is a gate of its own. Own definition; three or
/// more formal members form a branch, fewer join a joint one (中国共产党章程, 第三十条). O(1) a candidate.
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
        (_, Some(1..)) => Some(State::CanForm),
        (Some(PartyBranch::None), _) | (None, Some(0)) => Some(State::Without),
        (None, None) => None,
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
        let Some(anchor) = party(query.anchor) else { return column.fill(Value::Unknown) };
        let value = |supplier| match (anchor, supplier) {
            (State::Has, State::Has) => 1.0,
            (State::Has, State::CanForm) | (State::CanForm, State::Has) => 0.5,
            _ => 0.0,
        };
        column.fill_from(query.candidates.iter().map(|&firm| Value::from_option(party(firm).map(value))));
    }

    fn bound_alike(&self, query: &mut Query<'_>, column: &mut Column) -> bool {
        let most = |anchor| match anchor {
            State::Has => 1.0,
            State::CanForm => 0.5,
            State::Without => 0.0,
        };
        super::fill_alike(self.name(), query, column, query.profiles.of(query.anchor).party.map(most));
        true
    }
}
