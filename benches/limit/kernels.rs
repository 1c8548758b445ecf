//! The crate's own kernels.

use jiedui::model::FirmIx;
use jiedui::network::Network;
use jiedui::structure::{PathWeights, Scores, SharedPartners, ThreePaths};
use rayon::prelude::*;

use crate::{Loops, Ranking, TOGETHER, best};

pub(crate) struct Kernels<'a> {
    network: &'a Network,
    partners: SharedPartners,
    paths: ThreePaths,
}

impl<'a> Kernels<'a> {
    pub(crate) fn new(network: &'a Network) -> Self {
        Self {
            network,
            partners: SharedPartners::new(network),
            paths: ThreePaths::new(network, PathWeights::default()),
        }
    }

    fn rank(&self, anchor: FirmIx, scores: &Scores) -> Ranking {
        let own = self.network.suppliers(anchor);
        let is_new = |firm: u32| {
            let firm = FirmIx::new(firm as usize);
            firm != anchor && own.binary_search(&firm).is_err()
        };
        let touched = scores.touched().iter();
        best(touched.map(|&firm| (firm.index() as u32, scores.get(firm))), is_new)
    }
}

impl Loops for Kernels<'_> {
    fn shared_partners(&self, anchors: &[u32]) -> Vec<Ranking> {
        let rank = |scores: &mut Scores, &anchor: &u32| {
            let anchor = FirmIx::new(anchor as usize);
            self.partners.score(self.network, anchor, scores);
            self.rank(anchor, scores)
        };
        anchors.par_iter().with_min_len(TOGETHER).map_init(Scores::default, rank).collect()
    }

    fn co_supply(&self, anchors: &[u32]) -> Vec<Ranking> {
        let rank = |(halves, sums): &mut (Scores, Scores), &anchor: &u32| {
            let anchor = FirmIx::new(anchor as usize);
            self.paths.score(self.network, anchor, halves, sums);
            self.rank(anchor, sums)
        };
        anchors
            .par_iter()
            .with_min_len(TOGETHER)
            .map_init(|| (Scores::default(), Scores::default()), rank)
            .collect()
    }
}
