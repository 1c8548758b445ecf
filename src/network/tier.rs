//! Tiers: how many deliveries away a firm is.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Network, Visited};
use crate::model::FirmIx;
use petgraph::visit::VisitMap;

/// The fewest edges from a firm to another upstream or downstream (层级): 1 for a
/// direct supplier or buyer; the firm itself is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tier(pub u32);

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Network {
    /// The firms upstream of `firm` with their tiers, up to tier `most`: its
    /// suppliers, their suppliers, and so on. By tier, then by index; `firm` itself
    /// first, with tier 0. O(all firms + edges reached + reached · log reached).
    pub fn upstream_tiers(&self, firm: FirmIx, most: u32) -> Vec<(FirmIx, Tier)> {
        self.tiers(firm, most, Self::suppliers)
    }

    /// As [`upstream_tiers`](Self::upstream_tiers), down to the buyers.
    pub fn downstream_tiers(&self, firm: FirmIx, most: u32) -> Vec<(FirmIx, Tier)> {
        self.tiers(firm, most, Self::buyers)
    }

    fn tiers(&self, firm: FirmIx, most: u32, next: fn(&Self, FirmIx) -> &[FirmIx]) -> Vec<(FirmIx, Tier)> {
        let mut visited = Visited::of(self.n_firms());
        visited.visit(firm);
        let mut found = vec![(firm, Tier(0))];
        let mut start = 0;
        for tier in 1..=most {
            let end = found.len();
            for at in start..end {
                for &neighbour in next(self, found[at].0) {
                    if visited.visit(neighbour) {
                        found.push((neighbour, Tier(tier)));
                    }
                }
            }
            if found.len() == end {
                break;
            }
            found[end..].sort_unstable();
            start = end;
        }
        found
    }
}
