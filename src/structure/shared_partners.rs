//! `shared_partners`: who trades with the same firms.

use super::Scores;
use crate::model::FirmIx;
use crate::network::Network;

/// Resource allocation: Σ 1/d(z) over the firms z that trade with both, in either
/// direction; d(z) counts the partners of z, each once.
///
/// Source: Zhou, Lü, Zhang, Predicting missing links via local information, European
/// Physical Journal B 71, 623–630, 2009, eq. for the RA index.
///
/// Preparing costs O(firms + edges), 4 bytes a firm are held.
#[derive(Debug, Clone)]
pub struct SharedPartners {
    degrees: Vec<u32>,
}

impl SharedPartners {
    /// Counts the partners of every firm.
    pub fn new(network: &Network) -> Self {
        Self { degrees: network.firms().map(|firm| network.partners(firm).count() as u32).collect() }
    }

    /// The scores of all firms for `anchor`, which itself scores 0.
    ///
    /// O(partners of the anchor's partners).
    pub fn score(&self, network: &Network, anchor: FirmIx, scores: &mut Scores) {
        scores.reset(network.n_firms());
        for partner in network.partners(anchor) {
            let share = 1.0 / f64::from(self.degrees[partner.index()]);
            for other in network.partners(partner).filter(|&other| other != anchor) {
                scores.add(other, share);
            }
        }
        scores.sort();
    }

    /// The shared partner that counts most: the one with the fewest partners, ties to
    /// the smaller id. O(partners of both).
    pub fn witness(&self, network: &Network, anchor: FirmIx, candidate: FirmIx) -> Option<FirmIx> {
        let mut others = network.partners(candidate).peekable();
        let mut best: Option<FirmIx> = None;
        for partner in network.partners(anchor) {
            while others.next_if(|&other| other < partner).is_some() {}
            if others.peek() == Some(&partner)
                && best.is_none_or(|best| self.degrees[partner.index()] < self.degrees[best.index()])
            {
                best = Some(partner);
            }
        }
        best
    }
}
