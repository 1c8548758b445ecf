//! One side of a plan and its limits: parties, the levels below them, the groups above.

use rustc_hash::FxHashMap;

use crate::model::{FirmId, Level, Side};
use crate::plan::Limit;

/// Stands for "no node": the parent of a node that shares with nobody.
pub(super) const NONE: u32 = u32::MAX;

/// A limit on how many of the pairings below it are planned.
///
/// Nodes make a forest: levels below parties, parties below groups, groups below larger ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) parent: u32,
    pub(super) least: u32,
    pub(super) most: u32,
}

/// The parties of one side, by id, and their limits.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Roster {
    pub(super) side: Side,
    /// By id; node `i` is the limit of party `i`.
    pub(super) parties: Vec<FirmId>,
    /// Parties, then groups, then levels.
    pub(super) nodes: Vec<Node>,
    /// The names of the groups.
    pub(super) groups: Vec<String>,
    /// Their nodes, by name.
    group_nodes: FxHashMap<String, u32>,
    /// The party and level of each level node, ascending.
    pub(super) levels: Vec<(u32, Level)>,
}

impl Roster {
    /// Parties without limits but `most` each.
    pub(super) fn new(side: Side, parties: Vec<FirmId>) -> Self {
        let node = Node { parent: NONE, least: 0, most: u32::MAX };
        let nodes = vec![node; parties.len()];
        let group_nodes = FxHashMap::default();
        Self { side, parties, nodes, groups: Vec::new(), group_nodes, levels: Vec::new() }
    }

    pub(super) fn find(&self, firm: &FirmId) -> Option<u32> {
        self.parties.binary_search(firm).ok().map(|position| position as u32)
    }

    /// As [`find`](Self::find), quicker where the firm comes shortly after another.
    pub(super) fn find_after(&self, other: u32, firm: &FirmId) -> Option<u32> {
        let (mut low, mut step) = (other as usize, 1);
        if self.parties.get(low).is_none_or(|other| other > firm) {
            return self.find(firm);
        }
        while self.parties.get(low + step).is_some_and(|other| other <= firm) {
            low += step;
            step *= 2;
        }
        let near = &self.parties[low..self.parties.len().min(low + step)];
        near.binary_search(firm).ok().map(|position| (low + position) as u32)
    }

    /// Puts parties and groups, of which none is under another, under a common limit. Levels come later.
    pub(super) fn add_group(&mut self, name: String, least: u32, most: u32, below: &[u32]) {
        let group = self.nodes.len() as u32;
        self.nodes.push(Node { parent: NONE, least, most });
        self.group_nodes.insert(name.clone(), group);
        self.groups.push(name);
        for &node in below {
            self.nodes[node as usize].parent = group;
        }
    }

    /// Limits what a party takes at one level; called by party and level, ascending.
    pub(super) fn add_level(&mut self, party: u32, level: Level, most: u32) {
        self.nodes.push(Node { parent: party, least: 0, most });
        self.levels.push((party, level));
    }

    /// The lowest node that counts a party's pairings at a level.
    pub(super) fn leaf(&self, party: u32, level: Option<Level>) -> u32 {
        let first = self.nodes.len() - self.levels.len();
        let own = level.and_then(|level| self.levels.binary_search(&(party, level)).ok());
        own.map_or(party, |position| (first + position) as u32)
    }

    /// The nodes that count what `leaf` counts, itself first.
    pub(super) fn up(&self, leaf: u32) -> impl Iterator<Item = u32> + '_ {
        let next = |&node: &u32| Some(self.nodes[node as usize].parent).filter(|&parent| parent != NONE);
        std::iter::successors(Some(leaf), next)
    }

    /// What a node limits, by name.
    pub(super) fn limit(&self, node: u32) -> Limit {
        let (node, side) = (node as usize, self.side);
        let first_level = self.nodes.len() - self.levels.len();
        if let Some(firm) = self.parties.get(node) {
            Limit::Firm { side, firm: firm.clone() }
        } else if node < first_level {
            Limit::Group { side, group: self.groups[node - self.parties.len()].clone() }
        } else {
            let (party, level) = self.levels[node - first_level];
            Limit::Level { side, firm: self.parties[party as usize].clone(), level }
        }
    }

    /// The node of a limit. O(log parties).
    pub(super) fn find_limit(&self, limit: &Limit) -> Option<u32> {
        match limit {
            Limit::Firm { firm, .. } => self.find(firm),
            Limit::Level { firm, level, .. } => {
                let own = self.levels.binary_search(&(self.find(firm)?, *level)).ok()?;
                Some((self.nodes.len() - self.levels.len() + own) as u32)
            }
            Limit::Group { group, .. } => self.group_nodes.get(group).copied(),
        }
    }

    /// Every node, the lower ones before those above them.
    pub(super) fn bottom_up(&self) -> impl DoubleEndedIterator<Item = u32> + use<> {
        let first_level = self.nodes.len() - self.levels.len();
        (first_level..self.nodes.len()).chain(0..first_level).map(|node| node as u32)
    }
}
