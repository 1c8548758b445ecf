//! `willingness`: how often a firm says yes.

use super::{Column, Factor, Query, Sides};
use crate::model::Answer;
use crate::network::Network;

/// Willingness (意愿), a value of its own for each side: (yes + 4·p₀) / (n + 4) over the
/// firm's n answers yes or no to any proposal; p₀ is the share of yes among all answers, drawn to
/// ½ by two.
///
/// A firm that never answered has p₀, so that no answer says less than none. A refusal of this very
/// partner is a gate, not a number. Source: as [`TrackRecord`](super::TrackRecord).
/// O(1) a candidate.
#[derive(Debug, Clone)]
pub struct Willingness {
    answers: super::Shares,
}

impl Willingness {
    /// Adds up the answers of every firm up to the network's as-of date.
    pub fn new(network: &Network) -> Self {
        let mut answers = super::Shares::new(network.n_firms());
        for response in &network.tables().responses {
            let is_yes = match response.answer {
                Answer::Yes => true,
                Answer::No => false,
                Answer::Other => continue,
            };
            if let (Some(firm), Some(_)) =
                (network.firm_ix(response.firm.as_str()), super::age(network, response.date))
            {
                answers.add(firm, 1.0, is_yes);
            }
        }
        Self { answers }
    }
}

impl Factor for Willingness {
    fn name(&self) -> &'static str {
        "willingness"
    }

    fn sides(&self) -> Sides {
        Sides::Each
    }

    fn fill(&self, query: &mut Query<'_>, column: &mut Column) {
        self.answers.fill(query, query.constant(self.name()), column);
    }

    fn bound(&self, query: &mut Query<'_>, column: &mut Column) -> bool {
        self.answers.bound(query, query.constant(self.name()), column)
    }

    fn bound_alike(&self, query: &mut Query<'_>, column: &mut Column) -> bool {
        self.bound(query, column)
    }

    fn constant(&self, _: &Network) -> Option<f64> {
        Some(self.answers.pooled())
    }
}
