//! One parting of the data.

use std::collections::{BTreeMap, BTreeSet};

use super::split::Pairs;
use super::{Asks, Protocol, SplitError};
use crate::dataset::Dataset;
use crate::factor::{Want, products_wanted};
use crate::model::{Date, FirmIx, ProductIx};
use crate::network::{ChainIx, Network};

/// One parting of the data: a network to learn from, and suppliers to be found with it.
#[derive(Debug, Clone)]
pub struct Fold {
    train: Dataset,
    network: Network,
    /// Where time parts known from unknown, as it was told.
    cut: Option<Date>,
    protocol: Protocol,
    suppliers: Vec<FirmIx>,
    /// Those that are in pairings, with the anchors of these, ascending.
    taken: BTreeMap<FirmIx, Vec<FirmIx>>,
    queries: Vec<(FirmIx, Vec<FirmIx>)>,
}

impl Fold {
    /// Keeps of the pairs found later those that the protocol asks for.
    pub(super) fn new(
        train: Dataset,
        as_of: Option<Date>,
        found: Pairs,
        taken: BTreeMap<FirmIx, Vec<FirmIx>>,
        protocol: Protocol,
    ) -> Result<Self, SplitError> {
        let network = Network::build_as_of(&train, as_of)?;
        let suppliers = network.firms().filter(|&firm| !network.buyers(firm).is_empty()).collect();
        let mut fold = Self { taken, ..Self::without_queries(train, network, suppliers, protocol) };
        for (anchor, found) in found {
            if fold.network.suppliers(anchor).len() >= protocol.fewest_known {
                fold.ask(anchor, found);
            }
        }
        Ok(fold)
    }

    fn without_queries(train: Dataset, network: Network, suppliers: Vec<FirmIx>, protocol: Protocol) -> Self {
        let (taken, queries) = (BTreeMap::new(), Vec::new());
        Self { train, network, cut: None, protocol, suppliers, taken, queries }
    }

    /// The same, with the date that parts known from unknown.
    pub(super) fn cut_at(self, cut: Date) -> Self {
        Self { cut: Some(cut), ..self }
    }

    /// From when ages count back: the cut, however coarse, else the network's date.
    pub(super) fn now(&self) -> Option<Date> {
        self.cut.or(self.network.as_of())
    }

    /// Keeps only some of the anchors.
    pub(super) fn keep_anchors(&mut self, is_kept: impl Fn(&str) -> bool) {
        let network = &self.network;
        self.queries.retain(|(anchor, _)| is_kept(network.firm(*anchor).id.as_str()));
    }

    /// Asks an anchor for those of some firms that are its candidates, if any is.
    fn ask(&mut self, anchor: FirmIx, found: impl IntoIterator<Item = FirmIx>) {
        let found: BTreeSet<FirmIx> = found.into_iter().collect();
        let relevant: Vec<FirmIx> = {
            let is_candidate = self.is_candidate(anchor);
            let is_ranked = |firm: &FirmIx| self.suppliers.binary_search(firm).is_ok() && is_candidate(*firm);
            found.into_iter().filter(is_ranked).collect()
        };
        if !relevant.is_empty() {
            self.queries.push((anchor, relevant));
        }
    }

    /// Asks some anchors for the makers, hidden ones by product, of what they want.
    pub(super) fn of_makers(
        train: Dataset,
        as_of: Option<Date>,
        anchors: Vec<FirmIx>,
        hidden: &BTreeMap<ProductIx, Vec<FirmIx>>,
        protocol: Protocol,
    ) -> Result<Self, SplitError> {
        let network = Network::build_as_of(&train, as_of)?;
        let suppliers = network.firms().filter(|&firm| !network.catalog().makes(firm).is_empty()).collect();
        let mut fold = Self::without_queries(train, network, suppliers, protocol);
        for anchor in anchors {
            if fold.known(anchor).len() >= protocol.fewest_known {
                let makers = fold.wants(anchor).filter_map(|(wanted, _)| hidden.get(&wanted));
                let makers: Vec<FirmIx> = makers.flatten().copied().collect();
                fold.ask(anchor, makers);
            }
        }
        fold.queries.sort_unstable_by_key(|query| query.0);
        Ok(fold)
    }

    /// The products that a firm wants, by what is known, with the weight of each.
    pub(super) fn wants(&self, firm: FirmIx) -> impl Iterator<Item = (ProductIx, f64)> + use<> {
        let product = |want: Want| (ProductIx::new(want.concept as usize), want.weight);
        products_wanted(&self.network, firm).into_iter().map(product)
    }

    /// Who needs not be found for an anchor, as it is known; ascending.
    fn known(&self, anchor: FirmIx) -> Vec<FirmIx> {
        match self.protocol.asks {
            Asks::NewSuppliers => self.network.suppliers(anchor).to_vec(),
            Asks::Relations => Vec::new(),
            Asks::NewMakers => {
                let makers = self.wants(anchor).flat_map(|(wanted, _)| self.network.catalog().makers(wanted));
                let mut known: Vec<FirmIx> = makers.copied().filter(|&maker| maker != anchor).collect();
                known.sort_unstable();
                known.dedup();
                known
            }
        }
    }

    /// The records to learn from. Nothing that is to be found is among them.
    pub fn train(&self) -> &Dataset {
        &self.train
    }

    /// Their network, as of the cut.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Which pairs are to be found.
    pub fn asks(&self) -> Asks {
        self.protocol.asks
    }

    /// The anchors to be asked for with the suppliers to be found, both ascending.
    pub fn queries(&self) -> &[(FirmIx, Vec<FirmIx>)] {
        &self.queries
    }

    /// Who is ranked for an anchor: all [`suppliers`](Self::suppliers), but the anchor itself and,
    /// unless relations are asked for, its own suppliers, or the known makers of what it wants.
    /// Neither, by the protocol, who shares no chain with it, nor, where pairings are asked for, who is
    /// paired with others alone. Ascending.
    pub fn candidates(&self, anchor: FirmIx) -> Vec<FirmIx> {
        let is_candidate = self.is_candidate(anchor);
        self.suppliers.iter().copied().filter(|&firm| is_candidate(firm)).collect()
    }

    /// The suppliers that are a candidate of any anchor that is asked for; ascending.
    pub(super) fn ranked(&self) -> Vec<FirmIx> {
        // Unless a protocol leaves firms out for all but a few, two anchors have them all between them.
        let mut is_ranked = vec![false; self.suppliers.len()];
        let mut n_left = is_ranked.len();
        for &(anchor, _) in &self.queries {
            let is_candidate = self.is_candidate(anchor);
            for (is_ranked, &firm) in is_ranked.iter_mut().zip(&self.suppliers) {
                if !*is_ranked && is_candidate(firm) {
                    *is_ranked = true;
                    n_left -= 1;
                }
            }
            if n_left == 0 {
                break;
            }
        }
        self.suppliers
            .iter()
            .zip(is_ranked)
            .filter(|(_, is_ranked)| *is_ranked)
            .map(|(&firm, _)| firm)
            .collect()
    }

    /// Which of the suppliers are candidates of an anchor.
    fn is_candidate(&self, anchor: FirmIx) -> impl Fn(FirmIx) -> bool + '_ {
        let known = self.known(anchor);
        let as_of = self.network.as_of();
        let chains: Vec<ChainIx> = self.network.chains_at(anchor, as_of).collect();
        let is_near = move |firm: FirmIx| {
            !self.protocol.within_chains
                || self.network.chains_at(firm, as_of).any(|chain| chains.contains(&chain))
        };
        let is_free = move |firm: FirmIx| {
            self.taken.get(&firm).is_none_or(|anchors| anchors.binary_search(&anchor).is_ok())
        };
        move |firm| firm != anchor && known.binary_search(&firm).is_err() && is_near(firm) && is_free(firm)
    }

    /// Every firm that supplies somebody in train, or that makes something where makers are asked for;
    /// ascending.
    pub fn suppliers(&self) -> &[FirmIx] {
        &self.suppliers
    }
}
