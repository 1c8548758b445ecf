//! `organisation`: both have a Party branch, or could.

use super::{Factor, Query, Sides, Value};
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
enum State {
    Without,
    CanForm,
    Has,
}

fn state(firm: &Firm) -> Option<State> {
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

    fn fill(&self, query: &mut Query<'_>, values: &mut [Value]) {
        let anchor = state(query.network.firm(query.anchor));
        for (value, &candidate) in values.iter_mut().zip(query.candidates) {
            let supplier = state(query.network.firm(candidate));
            *value = Value::from_option(anchor.zip(supplier).map(|pair| match pair {
                (State::Has, State::Has) => 1.0,
                (State::Has, State::CanForm) | (State::CanForm, State::Has) => 0.5,
                _ => 0.0,
            }));
        }
    }
}
