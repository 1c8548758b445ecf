//! Working memory of one thread.

use super::demand::Demand;
use super::fit::Fit;
use super::profiles::Profiles;
use super::purchases::Purchases;
use super::relatedness::Related;
use super::taxonomy::Taxonomies;
use super::trade::Bought;
use crate::model::FirmIx;
use crate::network::Network;
use crate::structure::{Found, Front, Kernel, PathWeights, Pull, Reach, Scores, SharedPartners, ThreePaths};

/// Working memory that is reused from anchor to anchor: structural scores, product
/// fits and purchases of the anchor last asked for, each computed once however many
/// factors ask, about however many candidates.
///
/// About 90 bytes a firm of the network, once used, and 40 a product; up to 24 MB that what is made
/// beside products and their likeness fill.
#[derive(Debug, Default)]
pub struct Scratch {
    co_supply: Pass<(FirmIx, PathWeights), Scores>,
    co_supply_front: Pass<(FirmIx, PathWeights), Front>,
    shared_partners: Pass<FirmIx, Scores>,
    shared_front: Pass<FirmIx, Front>,
    reach: Pass<FirmIx, Scores>,
    fit: Pass<FirmIx, Fit>,
    related: Pass<FirmIx, Related>,
    purchases: Pass<FirmIx, Purchases>,
    bought: Pass<FirmIx, Bought>,
}

/// A result, and what it is for.
#[derive(Debug)]
struct Pass<Key, T> {
    key: Option<Key>,
    result: T,
}

impl<Key, T: Default> Default for Pass<Key, T> {
    fn default() -> Self {
        Self { key: None, result: T::default() }
    }
}

impl<Key: PartialEq, T> Pass<Key, T> {
    /// The result for `key`, computed unless it is there.
    fn of(&mut self, key: Key, compute: impl FnOnce(&mut T)) -> &mut T {
        if self.key.as_ref() != Some(&key) {
            self.key = None;
            compute(&mut self.result);
            self.key = Some(key);
        }
        &mut self.result
    }
}

impl Scratch {
    /// Keeps the memory and forgets what is in it, as if for another network.
    pub(crate) fn forget(&mut self) {
        self.co_supply.key = None;
        self.co_supply_front.key = None;
        self.shared_partners.key = None;
        self.shared_front.key = None;
        self.reach.key = None;
        self.fit.key = None;
        self.related.key = None;
        self.related.result.forget();
        self.purchases.key = None;
        self.bought.key = None;
    }

    /// Co-supply scores of the anchor.
    pub(crate) fn co_supply(&mut self, paths: &ThreePaths, anchor: FirmIx) -> &Scores {
        self.co_supply.of((anchor, paths.weights()), |scores| paths.score(anchor, scores))
    }

    /// Co-supply scores of the anchor, for so many firms more.
    pub(crate) fn co_supply_of<'a>(
        &'a mut self,
        paths: &'a ThreePaths,
        anchor: FirmIx,
        firms: usize,
    ) -> Found<'a, ThreePaths> {
        let key = (anchor, paths.weights());
        if self.co_supply.key != Some(key) {
            let front = self.co_supply_front.of(key, |front| paths.begin(anchor, front));
            if paths.is_worth_while(front, firms) {
                return Found::Few(paths, &self.co_supply_front.result);
            }
        }
        Found::All(self.co_supply(paths, anchor))
    }

    /// What stands halfway of the anchor's co-supply, if it has been walked.
    pub(crate) fn co_supply_halves(&self, paths: &ThreePaths, anchor: FirmIx) -> Option<&Scores> {
        let key = Some((anchor, paths.weights()));
        if self.co_supply.key == key {
            return Some(&self.co_supply.result);
        }
        self.co_supply_front.result.halves().filter(|_| self.co_supply_front.key == key)
    }

    /// Shared-partner scores of the anchor.
    pub(crate) fn shared_partners(&mut self, shared: &SharedPartners, anchor: FirmIx) -> &Scores {
        self.shared_partners.of(anchor, |scores| shared.score(anchor, scores))
    }

    /// The same, for so many firms more.
    pub(crate) fn shared_partners_of<'a>(
        &'a mut self,
        shared: &'a SharedPartners,
        anchor: FirmIx,
        firms: usize,
    ) -> Found<'a, SharedPartners> {
        if self.shared_partners.key != Some(anchor) {
            let front = self.shared_front.of(anchor, |front| shared.begin(anchor, front));
            if shared.is_worth_while(front, firms) {
                return Found::Few(shared, &self.shared_front.result);
            }
        }
        Found::All(self.shared_partners(shared, anchor))
    }

    /// Reach scores of the anchor.
    pub(crate) fn reach(&mut self, reach: &Reach, anchor: FirmIx) -> &Scores {
        self.reach.of(anchor, |scores| reach.score(anchor, scores))
    }

    /// The anchor's wants, compared with what candidates make.
    pub(crate) fn fit(&mut self, taxonomies: &Taxonomies, network: &Network, anchor: FirmIx) -> &mut Fit {
        self.purchases(network, anchor);
        let purchases = &self.purchases.result;
        self.fit.of(anchor, |fit| fit.prepare(taxonomies, network, anchor, purchases))
    }

    /// How what is made is related to the anchor's wants.
    pub(crate) fn related(
        &mut self,
        taxonomies: &Taxonomies,
        network: &Network,
        profiles: &Profiles,
        anchor: FirmIx,
    ) -> &mut Related {
        self.fit(taxonomies, network, anchor);
        let demand = self.fit.result.demand();
        let Profiles { lines, assortments, .. } = profiles;
        self.related.of(anchor, |related| related.prepare(lines, assortments, taxonomies, demand))
    }

    /// What the anchor buys, by product and source.
    pub(crate) fn purchases(&mut self, network: &Network, anchor: FirmIx) -> &Purchases {
        self.purchases.of(anchor, |purchases| purchases.prepare(network, anchor))
    }

    /// What the anchor buys, and what it wants.
    pub(super) fn purchases_and_demand(
        &mut self,
        taxonomies: &Taxonomies,
        network: &Network,
        anchor: FirmIx,
    ) -> (&Purchases, &Demand) {
        self.fit(taxonomies, network, anchor);
        (&self.purchases.result, self.fit.result.demand())
    }

    /// What the trade factor asks of the anchor's suppliers.
    pub(super) fn bought(&mut self, network: &Network, anchor: FirmIx) -> &Bought {
        self.bought.of(anchor, |bought| bought.prepare(network, anchor))
    }
}
