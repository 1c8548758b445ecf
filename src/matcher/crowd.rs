//! The members of large chains (大链), in groups that are passed over together.

use fixedbitset::FixedBitSet;

use crate::factor::{Beyond, Profiles};
use crate::model::FirmIx;
use crate::network::{ChainIx, Network, Rows};

/// A chain of fewer members is not worth grouping.
const LARGE: usize = 1_024;

/// The members of every large chain, in groups that make the same and are of one industry.
///
/// 4 bytes a membership, and as much a group.
#[derive(Debug, Default)]
pub(super) struct Crowds {
    /// By chain where its groups begin, and where those of the last one end.
    chains: Vec<usize>,
    groups: Rows<FirmIx>,
}

impl Crowds {
    pub(super) fn new(network: &Network, profiles: &Profiles) -> Self {
        let (mut chains, mut n_groups, mut members) = (vec![0], 0, Vec::new());
        for chain in network.chains() {
            let mut of_chain = network.members(chain).to_vec();
            if of_chain.len() >= LARGE {
                of_chain.sort_by_key(|&firm| profiles.line(firm));
                for group in of_chain.chunk_by(|&a, &b| profiles.line(a) == profiles.line(b)) {
                    members.extend(group.iter().map(|&firm| (n_groups, firm)));
                    n_groups += 1;
                }
            }
            chains.push(n_groups);
        }
        Self { chains, groups: Rows::group(n_groups, members.iter().copied()) }
    }

    /// The groups of a large chain.
    pub(super) fn of(&self, chain: ChainIx) -> Option<impl Iterator<Item = &[FirmIx]>> {
        let (start, end) = (self.chains[chain.index()], self.chains[chain.index() + 1]);
        (start < end).then(|| (start..end).map(|group| self.groups.row(group)))
    }
}

/// The candidates that only large chains give to an anchor, not yet told one by one.
#[derive(Debug)]
pub(super) struct Crowd<'a> {
    /// A firm may be in several of them, or known.
    groups: Vec<&'a [FirmIx]>,
    /// Whoever is no part of it: candidates from elsewhere, the anchor and its relatives.
    known: FixedBitSet,
    /// What is known of all of them.
    pub(super) beyond: Beyond,
}

impl<'a> Crowd<'a> {
    pub(super) fn new(groups: Vec<&'a [FirmIx]>, known: FixedBitSet, beyond: Beyond) -> Self {
        Self { groups, known, beyond }
    }

    /// Nobody.
    pub(super) fn none() -> Self {
        Self::new(Vec::new(), FixedBitSet::new(), Beyond::ANYBODY)
    }

    /// How many there are. O(firms / 64 + members).
    pub(super) fn len(&self) -> usize {
        if self.groups.is_empty() {
            return 0;
        }
        let mut all = self.known.clone();
        all.extend(self.groups.iter().copied().flatten().map(|firm| firm.index()));
        all.count_ones(..) - self.known.count_ones(..)
    }

    pub(super) fn groups(&self) -> &[&'a [FirmIx]] {
        &self.groups
    }

    /// Takes those of one group that pass, so that nobody is taken twice.
    pub(super) fn take(&mut self, group: usize, passes: impl Fn(FirmIx) -> bool, taken: &mut Vec<FirmIx>) {
        for &firm in self.groups[group] {
            if passes(firm) && !self.known.put(firm.index()) {
                taken.push(firm);
            }
        }
    }

    /// All of them, ascending.
    pub(super) fn all(mut self) -> Vec<FirmIx> {
        let mut all = Vec::new();
        for group in 0..self.groups.len() {
            self.take(group, |_| true, &mut all);
        }
        all.sort_unstable();
        all
    }
}
