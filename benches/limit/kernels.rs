//! The crate's own kernels.

use jiedui::model::FirmIx;
use jiedui::network::Network;
use jiedui::structure::{
    Batch, Kernel, NodeWeight, PathWeights, Ranked, Reach, ReachWalk, Relations, Scores, SharedPartners,
    ThreePaths, Walk,
};

use crate::{BEST, Loops, Ranking};

pub(crate) struct Kernels<'a> {
    network: &'a Network,
    pub(crate) partners: SharedPartners,
    pub(crate) paths: ThreePaths,
    reach: Reach,
}

impl<'a> Kernels<'a> {
    pub(crate) fn new(network: &'a Network) -> Self {
        let relations = |walk| {
            let mut relations = Relations::decayed(walk, PathWeights::HALF_LIFE);
            relations.by_value = true;
            relations
        };
        let both_ways = relations(Walk::Undirected);
        let paths = PathWeights::new(relations(Walk::Upstream), NodeWeight::InverseRoot);
        Self {
            network,
            partners: SharedPartners::with_relations(network, both_ways),
            paths: ThreePaths::new(network, paths),
            reach: Reach::new(network, ReachWalk::over(both_ways)).expect("the default walk"),
        }
    }

    fn is_new(&self, anchor: FirmIx, firm: FirmIx) -> bool {
        self.network.suppliers(anchor).binary_search(&firm).is_err()
    }

    /// One anchor by itself, as a service asks.
    pub(crate) fn one(&self, kernel: &dyn Kernel, anchor: u32, scores: &mut Scores) -> Ranked {
        let anchor = FirmIx::new(anchor as usize);
        let own = self.network.suppliers(anchor);
        kernel.best_of(anchor, BEST, &|firm| own.binary_search(&firm).is_err(), scores)
    }

    fn many(&self, kernel: &dyn Kernel, anchors: &[u32]) -> Vec<Ranking> {
        let anchors: Vec<FirmIx> = anchors.iter().map(|&anchor| FirmIx::new(anchor as usize)).collect();
        let is_new = |anchor, firm| self.is_new(anchor, firm);
        let ranked = kernel.best(&anchors, &Batch::new(BEST).wanted(&is_new)).expect("no limit");
        ranked.into_iter().map(plain).collect()
    }
}

fn plain(ranked: Vec<(FirmIx, f64)>) -> Ranking {
    ranked.into_iter().map(|(firm, score)| (firm.index() as u32, score)).collect()
}

impl Loops for Kernels<'_> {
    fn shared_partners(&self, anchors: &[u32]) -> Vec<Ranking> {
        self.many(&self.partners, anchors)
    }

    fn co_supply(&self, anchors: &[u32]) -> Vec<Ranking> {
        self.many(&self.paths, anchors)
    }

    fn reach(&self, anchors: &[u32]) -> Vec<Ranking> {
        self.many(&self.reach, anchors)
    }
}
