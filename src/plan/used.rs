//! What chosen candidates take of limits.

use fixedbitset::FixedBitSet;

use super::Problem;
use crate::model::Side;

/// How many chosen candidates each node of both sides counts.
pub(super) struct Used {
    pub(super) counts: [Vec<u32>; 2],
}

impl Used {
    pub(super) fn none(problem: &Problem) -> Self {
        Self { counts: problem.rosters().map(|roster| vec![0; roster.nodes.len()]) }
    }

    pub(super) fn count(problem: &Problem, chosen: &[usize]) -> Self {
        let mut used = Self::none(problem);
        for &one in chosen {
            used.take(problem, one);
        }
        used
    }

    pub(super) fn take(&mut self, problem: &Problem, candidate: usize) {
        let leaves = problem.leaves(&problem.candidates[candidate]);
        for ((roster, leaf), counts) in problem.rosters().into_iter().zip(leaves).zip(&mut self.counts) {
            for node in roster.up(leaf) {
                counts[node as usize] += 1;
            }
        }
    }

    /// Takes a place of one node; whether there was one.
    pub(super) fn take_at(&mut self, problem: &Problem, side: Side, node: u32) -> bool {
        let has_place =
            self.counts[side as usize][node as usize] < problem.roster(side).nodes[node as usize].most;
        self.counts[side as usize][node as usize] += u32::from(has_place);
        has_place
    }

    /// Whether a node of a side and all above it have a place left.
    pub(super) fn has_place_at(&self, problem: &Problem, side: Side, leaf: u32) -> bool {
        let (roster, counts) = (problem.roster(side), &self.counts[side as usize]);
        roster.up(leaf).all(|node| counts[node as usize] < roster.nodes[node as usize].most)
    }

    /// Which nodes of a side have a place left, they and all above them.
    pub(super) fn open(&self, problem: &Problem, side: Side) -> FixedBitSet {
        let n_nodes = problem.roster(side).nodes.len();
        let mut open = FixedBitSet::with_capacity(n_nodes);
        open.extend((0..n_nodes).filter(|&node| self.has_place_at(problem, side, node as u32)));
        open
    }
}
