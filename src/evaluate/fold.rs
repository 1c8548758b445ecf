//! One parting of the data.

use std::collections::{BTreeMap, BTreeSet};

use super::split::Pairs;
use super::{Asks, Protocol, SplitError};
use crate::dataset::Dataset;
use crate::factor::{Want, products_wanted};
use crate::model::{Date, FirmIx, ProductIx};
use crate::network::Network;

/// One parting of the data: a network to learn from, and suppliers to be found with it.
#[derive(Debug, Clone)]
pub struct Fold {
    train: Dataset,
    network: Network,
    asks: Asks,
    suppliers: Vec<FirmIx>,
    queries: Vec<(FirmIx, Vec<FirmIx>)>,
}

impl Fold {
    /// Keeps of the pairs found later those that the protocol asks for.
    pub(super) fn new(
        train: Dataset,
        as_of: Option<Date>,
        found: Pairs,
        protocol: Protocol,
    ) -> Result<Self, SplitError> {
        let network = Network::build_as_of(&train, as_of)?;
        let mut queries = Vec::new();
        for (anchor, suppliers) in found {
            if network.suppliers(anchor).len() < protocol.fewest_known {
                continue;
            }
            let is_asked = |&supplier: &FirmIx| {
                let is_known =
                    protocol.asks == Asks::NewSuppliers && network.trade(supplier, anchor).is_some();
                supplier != anchor && !network.buyers(supplier).is_empty() && !is_known
            };
            let relevant: Vec<FirmIx> = suppliers.into_iter().filter(is_asked).collect();
            if !relevant.is_empty() {
                queries.push((anchor, relevant));
            }
        }
        let suppliers = network.firms().filter(|&firm| !network.buyers(firm).is_empty()).collect();
        Ok(Self { train, network, asks: protocol.asks, suppliers, queries })
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
        let mut fold = Self { train, network, asks: protocol.asks, suppliers, queries: Vec::new() };
        for anchor in anchors {
            let known = fold.known(anchor);
            if known.len() < protocol.fewest_known {
                continue;
            }
            let wanted = fold.wants(anchor).into_iter();
            let makers = wanted.filter_map(|want| hidden.get(&ProductIx::new(want.concept as usize)));
            let relevant: BTreeSet<FirmIx> = makers
                .flatten()
                .copied()
                .filter(|maker| *maker != anchor && known.binary_search(maker).is_err())
                .collect();
            if !relevant.is_empty() {
                fold.queries.push((anchor, relevant.into_iter().collect()));
            }
        }
        Ok(fold)
    }

    /// The products that a firm wants, by what is known.
    pub(super) fn wants(&self, firm: FirmIx) -> Vec<Want> {
        products_wanted(&self.network, firm)
    }

    /// Who needs not be found for an anchor, as it is known; ascending.
    fn known(&self, anchor: FirmIx) -> Vec<FirmIx> {
        match self.asks {
            Asks::NewSuppliers => self.network.suppliers(anchor).to_vec(),
            Asks::Relations => Vec::new(),
            Asks::NewMakers => {
                let wanted = self.wants(anchor).into_iter();
                let makers = wanted
                    .flat_map(|want| self.network.catalog().makers(ProductIx::new(want.concept as usize)));
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
        self.asks
    }

    /// The anchors to be asked for with the suppliers to be found, both ascending.
    pub fn queries(&self) -> &[(FirmIx, Vec<FirmIx>)] {
        &self.queries
    }

    /// Who is ranked for an anchor: all [`suppliers`](Self::suppliers), but the anchor itself and,
    /// unless relations are asked for, its own suppliers, or the known makers of what it wants.
    /// Ascending.
    pub fn candidates(&self, anchor: FirmIx) -> Vec<FirmIx> {
        let known = self.known(anchor);
        let is_asked = |firm: &FirmIx| *firm != anchor && known.binary_search(firm).is_err();
        self.suppliers.iter().copied().filter(is_asked).collect()
    }

    /// Every firm that supplies somebody in train, or that makes something where makers are asked for;
    /// ascending.
    pub fn suppliers(&self) -> &[FirmIx] {
        &self.suppliers
    }
}
