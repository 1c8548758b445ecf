//! `reach`: how much of a random walk from the anchor passes a firm.

use super::Scores;
use crate::model::FirmIx;
use crate::network::Network;

/// Which relations the walk of [`Reach`] follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Walk {
    /// Both directions, each pair of partners one edge.
    #[default]
    Undirected,
    /// From buyer to supplier only.
    Upstream,
    /// From supplier to buyer only.
    Downstream,
}

/// A parameter of [`Reach`] out of range.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum ReachError {
    /// The restart probability is not inside [[`Reach::MIN_RESTART`], 1).
    #[error("restart {0} is not at least {min} and below 1", min = Reach::MIN_RESTART)]
    Restart(f64),
    /// The tolerance is not above 0.
    #[error("tolerance {0} is not above 0")]
    Tolerance(f64),
}

/// Personalised PageRank from the anchor by power iteration: the stationary p of
/// p = r·e(anchor) + (1 − r)·Pᵀp, P the uniform step to a neighbour. Where there is no
/// neighbour to go to, the walk restarts.
///
/// Iterates until the L1 change falls below the tolerance t; the L1 error is then
/// below t·(1 − r)/r. That takes at most ln(t/2) / ln(1 − r) rounds, where it ends even
/// if rounding keeps the change above t. With the defaults r = 0.15, t = 1e−9 the error
/// is 5.7e−9 after at most 132 rounds.
///
/// Source: Haveliwala, Topic-sensitive PageRank, WWW 2002; Page et al., The PageRank
/// Citation Ranking, 1999.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reach {
    walk: Walk,
    restart: f64,
    tolerance: f64,
}

impl Default for Reach {
    fn default() -> Self {
        Self { walk: Walk::Undirected, restart: Self::RESTART, tolerance: Self::TOLERANCE }
    }
}

impl Reach {
    /// Default restart probability.
    pub const RESTART: f64 = 0.15;
    /// The smallest restart probability; below it a walk takes thousands of rounds.
    pub const MIN_RESTART: f64 = 0.01;
    /// Default bound on the L1 change of the last round.
    pub const TOLERANCE: f64 = 1e-9;

    /// A walk of that kind, restart probability and tolerance.
    ///
    /// # Errors
    ///
    /// [`ReachError`] where one is out of range.
    pub fn new(walk: Walk, restart: f64, tolerance: f64) -> Result<Self, ReachError> {
        if !(Self::MIN_RESTART..1.0).contains(&restart) {
            return Err(ReachError::Restart(restart));
        }
        if !(tolerance > 0.0) {
            return Err(ReachError::Tolerance(tolerance));
        }
        Ok(Self { walk, restart, tolerance })
    }

    /// The scores of all firms for `anchor`; they sum to 1 over the reached firms, the
    /// anchor's own share included.
    ///
    /// O(rounds × edges in reach); while it runs 16 bytes a firm, and 12 more and 8 an
    /// edge in reach.
    pub fn score(&self, network: &Network, anchor: FirmIx, scores: &mut Scores) {
        let reached = self.reached(network, anchor);
        // The steps from each reached firm, row after row: every round walks them all.
        let (mut steps, mut ends) = (Vec::new(), Vec::with_capacity(reached.len()));
        for &firm in &reached {
            steps.extend(self.steps(network, firm));
            ends.push(steps.len());
        }
        let mut now = vec![0.0; network.n_firms()];
        let mut next = vec![0.0; network.n_firms()];
        now[anchor.index()] = 1.0;
        for _ in 0..self.rounds() {
            let (mut stuck, mut start) = (0.0, 0);
            for (&firm, &end) in reached.iter().zip(&ends) {
                let mass = (1.0 - self.restart) * now[firm.index()];
                let steps = &steps[std::mem::replace(&mut start, end)..end];
                if steps.is_empty() {
                    stuck += mass;
                }
                let share = mass / steps.len() as f64;
                for neighbour in steps {
                    next[neighbour.index()] += share;
                }
            }
            next[anchor.index()] += self.restart + stuck;
            let change: f64 = reached.iter().map(|firm| (next[firm.index()] - now[firm.index()]).abs()).sum();
            std::mem::swap(&mut now, &mut next);
            for firm in &reached {
                next[firm.index()] = 0.0;
            }
            if change < self.tolerance {
                break;
            }
        }
        scores.reset(network.n_firms());
        for &firm in &reached {
            scores.add(firm, now[firm.index()]);
        }
    }

    /// After k rounds the change is at most 2·(1 − r)ᵏ.
    fn rounds(&self) -> u32 {
        let target = libm::log(self.tolerance) - std::f64::consts::LN_2;
        libm::ceil(target / libm::log1p(-self.restart)).max(1.0) as u32
    }

    /// The firms that a walk can come to, ascending, the anchor among them.
    fn reached(&self, network: &Network, anchor: FirmIx) -> Vec<FirmIx> {
        let mut seen = vec![false; network.n_firms()];
        seen[anchor.index()] = true;
        let mut reached = vec![anchor];
        let mut next = 0;
        while let Some(&firm) = reached.get(next) {
            next += 1;
            for neighbour in self.steps(network, firm) {
                if !std::mem::replace(&mut seen[neighbour.index()], true) {
                    reached.push(neighbour);
                }
            }
        }
        reached.sort_unstable();
        reached
    }

    fn steps<'a>(&self, network: &'a Network, firm: FirmIx) -> impl Iterator<Item = FirmIx> + use<'a> {
        let (suppliers, buyers) = match self.walk {
            Walk::Undirected => (network.suppliers(firm), network.buyers(firm)),
            Walk::Upstream => (network.suppliers(firm), &[][..]),
            Walk::Downstream => (&[][..], network.buyers(firm)),
        };
        // A partner both ways is one neighbour.
        let buyers = buyers.iter().filter(|buyer| suppliers.binary_search(buyer).is_err());
        suppliers.iter().chain(buyers).copied()
    }
}
