//! What is known, and what is to be foretold.

use std::collections::{BTreeMap, BTreeSet};

use super::seed::Seed;
use serde::{Deserialize, Serialize};

use super::{Fold, Qrels, SplitError};
use crate::dataset::{Dataset, SupplyRow};
use crate::factor::products_wanted;
use crate::model::{Date, FirmId, FirmIx, OutcomeKind, Pairing, PairingId, ProductIx, words};
use crate::network::Network;

/// What is asked of a model, and of whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(default, deny_unknown_fields)]
pub struct Protocol {
    /// Anchors have at least so many suppliers in train; where makers are asked for, so many known
    /// makers of what they want.
    pub fewest_known: usize,
    /// Which pairs are to be found.
    pub asks: Asks,
    /// Whether every relation counts both ways: where its direction says little.
    pub both_ways: bool,
    /// Whether only firms of the anchor's chains (产业链) are candidates: where pairings are made
    /// within a chain.
    pub within_chains: bool,
}

impl Protocol {
    /// Default of the fewest known suppliers.
    pub const FEWEST_KNOWN: usize = 5;
}

impl Default for Protocol {
    fn default() -> Self {
        Self {
            fewest_known: Self::FEWEST_KNOWN,
            asks: Asks::NewSuppliers,
            both_ways: false,
            within_chains: false,
        }
    }
}

words! {
    /// Which pairs a model is asked for.
    #[derive(Default)]
    enum Asks {
        /// Suppliers that the anchor did not have in train: the link prediction of the literature.
        #[default]
        NewSuppliers = "new_suppliers";
        /// All suppliers of the time after, so that which relations of today go on is asked too.
        /// Nine of ten do, so that persistence is hard to beat and says little.
        Relations = "relations";
        /// Firms that make what the anchor wants and are not known to: what
        /// [`Split::hide_products`] asks, whatever the protocol says, and nothing else does.
        NewMakers = "new_makers";
    }
}

/// How relations are hidden where time does not part them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(default, deny_unknown_fields)]
pub struct HoldOut {
    /// The most folds; the groups are dealt out to them. At least 1.
    pub folds: usize,
    /// The share of an anchor's suppliers, or of a firm's products, that is hidden, rounded up, above
    /// 0 and at most 1; less where [`Protocol::fewest_known`] suppliers, or one product, would not be
    /// left.
    pub share: f64,
    /// Decides which groups go together and which suppliers or products are hidden.
    pub seed: u64,
}

impl HoldOut {
    /// Default number of folds.
    pub const FOLDS: usize = 5;
    /// Default share that is hidden.
    pub const SHARE: f64 = 0.2;
}

impl Default for HoldOut {
    fn default() -> Self {
        Self { folds: Self::FOLDS, share: Self::SHARE, seed: 0 }
    }
}

/// Data in one or more [`Fold`]s, each parted into what is known and what is to be found.
///
/// ```
/// use jiedui::dataset::Dataset;
/// use jiedui::evaluate::{Protocol, Split};
/// use jiedui::model::Supply;
///
/// // Works 1 takes castings in 2024, which it did not before.
/// let mut builder = Dataset::builder();
/// for (supplier, buyer, date) in [
///     ("steel", "works 1", "2023"), ("steel", "works 2", "2023"),
///     ("castings", "works 2", "2023"), ("castings", "works 1", "2024"),
/// ] {
///     builder.add_supply(&Supply { date: Some(date.parse()?), ..Supply::new(supplier, buyer) });
/// }
/// let mut protocol = Protocol::default();
/// protocol.fewest_known = 1;
/// let split = Split::by_time(&builder.finish().0, "2024".parse()?, protocol)?;
/// assert_eq!((split.n_anchors(), split.n_pairs()), (1, 1));
/// assert_eq!(split.qrels().gain("works 1", "castings"), Some(1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Split {
    folds: Vec<Fold>,
}

impl Split {
    /// Train are the rows that begin before the cut, test the pairs seen at or after it, in a
    /// row that is no refund. One fold. O(rows · log rows).
    ///
    /// # Errors
    ///
    /// [`SplitError::NothingBefore`], [`SplitError::NothingAfter`], [`SplitError::NothingDated`],
    /// [`SplitError::NoSupplies`], [`SplitError::NoAnchor`], [`SplitError::Network`],
    /// [`SplitError::Makers`].
    pub fn by_time(dataset: &Dataset, cut: Date, protocol: Protocol) -> Result<Self, SplitError> {
        let dataset = protocol.directed(dataset)?;
        let first = cut.first_day();
        let is_later = |row: &&SupplyRow| row.date().is_some_and(|date| date.first_day() >= first);
        let later = dataset.supplies().iter().filter(is_later).filter(|row| row.makes_relation());
        let mut found = Pairs::new();
        for row in later {
            found.entry(row.buyer()).or_default().insert(row.supplier());
        }
        let fold = Fold::new(dataset.before(cut), Some(first), found, BTreeMap::new(), protocol)?;
        Self { folds: vec![fold.cut_at(cut)] }.checked(|| why_nobody(&dataset, cut, protocol))
    }

    /// Hides a share of the suppliers of some anchors, with the incidents of their deliveries, whose
    /// others stay known; all relations of the other firms do. In each fold other anchors are asked for, and each
    /// firm is in one. What is learnt in a fold must come from the anchors of the others.
    ///
    /// Builds one network a fold. O(folds · rows · log rows).
    ///
    /// # Errors
    ///
    /// [`SplitError::NoAnchor`], [`SplitError::NoSupplies`], [`SplitError::Folds`],
    /// [`SplitError::Share`], [`SplitError::Network`], [`SplitError::Makers`].
    pub fn leave_anchor_out(
        dataset: &Dataset,
        hold_out: HoldOut,
        protocol: Protocol,
    ) -> Result<Self, SplitError> {
        Self::leave_out(dataset, hold_out, protocol, |network, anchor| {
            Some(network.firm(anchor).id.as_str().to_owned())
        })
    }

    /// As [`leave_anchor_out`](Self::leave_anchor_out), with all members of a chain (产业链) in
    /// one fold. A firm of several chains counts to the first by id, a firm of none is not
    /// asked for.
    ///
    /// # Errors
    ///
    /// As there, [`SplitError::NoChain`] instead of [`SplitError::NoAnchor`].
    pub fn leave_chain_out(
        dataset: &Dataset,
        hold_out: HoldOut,
        protocol: Protocol,
    ) -> Result<Self, SplitError> {
        let split = Self::leave_out(dataset, hold_out, protocol, |network, anchor| {
            let chain = network.chains_at(anchor, network.as_of()).min()?;
            Some(network.chain(chain).id.as_str().to_owned())
        });
        split.map_err(|error| match error {
            SplitError::NoAnchor { fewest_known } => SplitError::NoChain { fewest_known },
            error => error,
        })
    }

    fn leave_out(
        dataset: &Dataset,
        hold_out: HoldOut,
        protocol: Protocol,
        group: impl Fn(&Network, FirmIx) -> Option<String>,
    ) -> Result<Self, SplitError> {
        let HoldOut { folds, share, seed } = hold_out;
        hold_out.check()?;
        let dataset = protocol.directed(dataset)?;
        let network = Network::build(&dataset)?;
        let mut groups: BTreeMap<String, Vec<FirmIx>> = BTreeMap::new();
        for firm in network.firms().filter(|&firm| network.suppliers(firm).len() > protocol.fewest_known) {
            if let Some(group) = group(&network, firm) {
                groups.entry(group).or_default().push(firm);
            }
        }
        let seed = Seed::new(seed);
        let mut groups: Vec<(String, Vec<FirmIx>)> = groups.into_iter().collect();
        groups.sort_by_cached_key(|(group, _)| (seed.of(&[group]), group.clone()));
        let mut dealt = vec![Vec::new(); folds.min(groups.len())];
        let n = dealt.len().max(1);
        for (position, (_, anchors)) in groups.into_iter().enumerate() {
            dealt[position % n].extend(anchors);
        }
        let fold = |anchors: Vec<FirmIx>| {
            let mut found = Pairs::new();
            for anchor in anchors {
                found.insert(anchor, hidden(&network, anchor, share, seed, protocol));
            }
            if protocol.both_ways {
                // What is hidden of one end is to be found from the other, too.
                let turned =
                    found.iter().flat_map(|(&one, others)| others.iter().map(move |&other| (other, one)));
                for (anchor, hidden) in turned.collect::<Vec<_>>() {
                    found.entry(anchor).and_modify(|others| _ = others.insert(hidden));
                }
            }
            let is_hidden = |buyer, supplier| found.get(&buyer).is_some_and(|some| some.contains(&supplier));
            let train = dataset.without_relations(|supplier, buyer| {
                is_hidden(buyer, supplier) || protocol.both_ways && is_hidden(supplier, buyer)
            });
            Fold::new(train, network.as_of(), found, BTreeMap::new(), protocol)
        };
        Self { folds: dealt.into_iter().map(fold).collect::<Result<_, _>>()? }.checked(|| {
            if dataset.supplies().is_empty() { SplitError::NoSupplies } else { protocol.no_anchor() }
        })
    }

    /// Hides all pairings (结对) of some anchors, the first of their parties, and asks for the
    /// others: those of pairings that did not fail. What is learnt so is what makes a pairing, not
    /// what makes a relation; pairings are few, mind the intervals. A firm that is a partner in a pairing,
    /// but in none with this anchor, is no candidate: it was taken, which says nothing of how well it
    /// would have suited. The share of the hold-out does not count. Ask for
    /// [relations](Asks::Relations) to have suppliers of today among the candidates.
    ///
    /// # Errors
    ///
    /// [`SplitError::NoPairing`], [`SplitError::Folds`], [`SplitError::Network`], [`SplitError::Makers`].
    pub fn by_pairings(dataset: &Dataset, hold_out: HoldOut, protocol: Protocol) -> Result<Self, SplitError> {
        HoldOut { share: HoldOut::SHARE, ..hold_out }.check()?;
        let dataset = protocol.directed(dataset)?;
        let tables = dataset.tables();
        let mut anchors: Vec<&FirmId> =
            tables.pairings.iter().filter_map(|pairing| pairing.parties.first()).collect();
        let seed = Seed::new(hold_out.seed);
        anchors.sort_by_cached_key(|anchor| (seed.of(&[anchor.as_str()]), (*anchor).clone()));
        anchors.dedup();
        let failed: BTreeSet<&PairingId> = tables
            .outcomes
            .iter()
            .filter(|outcome| outcome.kind == OutcomeKind::Failure)
            .map(|outcome| &outcome.pairing)
            .collect();
        let n = hold_out.folds.min(anchors.len());
        let mut taken: BTreeMap<FirmIx, Vec<FirmIx>> = BTreeMap::new();
        for pairing in &tables.pairings {
            let mut parties = pairing.parties.iter().filter_map(|firm| tables.firm_ix(firm.as_str()));
            let Some(anchor) = parties.next() else { continue };
            for partner in parties {
                taken.entry(partner).or_default().push(anchor);
            }
        }
        for anchors in taken.values_mut() {
            anchors.sort_unstable();
        }
        let fold = |number: usize| {
            let asked: BTreeSet<&FirmId> = anchors.iter().copied().skip(number).step_by(n).collect();
            let is_hidden =
                |pairing: &Pairing| pairing.parties.first().is_some_and(|anchor| asked.contains(anchor));
            let mut found = Pairs::new();
            for pairing in tables.pairings.iter().filter(|pairing| is_hidden(pairing)) {
                let mut parties = pairing.parties.iter().filter_map(|firm| tables.firm_ix(firm.as_str()));
                if let Some(anchor) = parties.next().filter(|_| !failed.contains(&pairing.id)) {
                    found.entry(anchor).or_default().extend(parties);
                }
            }
            let train = dataset.without_pairings(is_hidden);
            Fold::new(train, dataset.latest_date(), found, taken.clone(), protocol)
        };
        let split = Self { folds: (0..n).map(fold).collect::<Result<_, _>>()? };
        split.checked(|| SplitError::NoPairing { fewest_known: protocol.fewest_known })
    }

    /// Hides a share of what each firm makes, and asks for the firms that make what an anchor
    /// wants without being known to: whether product trees and what else is on record foretell who
    /// could deliver, where nothing is known of who does.
    ///
    /// What an anchor wants is what [`Demand`](crate::factor::Demand) takes it to want from what is
    /// known. Whoever is known to make any of it is no candidate; who makes some of it by
    /// what is hidden alone is to be found. Every other firm that makes anything is ranked. A firm
    /// with one product keeps it. Each fold hides other products and asks for other anchors.
    /// What the protocol asks, and both ways, do not count.
    ///
    /// The truth is only as complete as the product rows: who is not to be found may make it
    /// all the same. Builds one network a fold. O(folds · rows · log rows).
    ///
    /// # Errors
    ///
    /// [`SplitError::NoMaker`], [`SplitError::Folds`], [`SplitError::Share`],
    /// [`SplitError::Network`].
    ///
    /// ```
    /// use jiedui::dataset::Dataset;
    /// use jiedui::evaluate::{HoldOut, Protocol, Split};
    /// use jiedui::model::{FirmProduct, Role};
    ///
    /// let mut builder = Dataset::builder();
    /// for (firm, product, role) in [
    ///     ("carworks", "tyres", Role::Needs), ("carworks", "hoses", Role::Needs),
    ///     ("rubber", "tyres", Role::Makes), ("rubber", "hoses", Role::Makes), ("rubber", "mats", Role::Makes),
    ///     ("plastics", "hoses", Role::Makes), ("plastics", "toys", Role::Makes),
    /// ] {
    ///     builder.add_firm_product(FirmProduct::new(firm, product, role));
    /// }
    /// let dataset = builder.finish().0;
    /// let (mut hold_out, mut protocol) = (HoldOut::default(), Protocol::default());
    /// (hold_out.folds, protocol.fewest_known) = (1, 1);
    /// // Of rubber, which makes two of the things wanted, one product is hidden: it stays known as a
    /// // maker. Of plastics hoses or toys are, as the seed has it.
    /// let mut found = 0;
    /// for seed in 0..8 {
    ///     hold_out.seed = seed;
    ///     if let Ok(split) = Split::hide_products(&dataset, hold_out, protocol) {
    ///         assert_eq!(split.qrels().gain("carworks", "plastics"), Some(1));
    ///         found += 1;
    ///     }
    /// }
    /// assert!(0 < found && found < 8);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn hide_products(
        dataset: &Dataset,
        hold_out: HoldOut,
        protocol: Protocol,
    ) -> Result<Self, SplitError> {
        hold_out.check()?;
        let protocol = Protocol { asks: Asks::NewMakers, ..protocol };
        let network = Network::build(dataset)?;
        let seed = Seed::new(hold_out.seed);
        let id = |firm: FirmIx| network.firm(firm).id.as_str();
        let mut anchors: Vec<FirmIx> =
            network.firms().filter(|&firm| !products_wanted(&network, firm).is_empty()).collect();
        anchors.sort_by_cached_key(|&firm| (seed.of(&[id(firm)]), firm));
        let n = hold_out.folds.min(anchors.len());
        let fold = |number: usize| {
            let seed = seed.with(number as u64);
            let mut hidden: BTreeSet<(FirmIx, ProductIx)> = BTreeSet::new();
            for firm in network.firms() {
                let mut makes: Vec<ProductIx> =
                    network.catalog().makes(firm).iter().map(|&(product, _)| product).collect();
                let most = makes.len().saturating_sub(1);
                let count = ((hold_out.share * makes.len() as f64).ceil() as usize).min(most);
                let name = |product: ProductIx| network.tables().products[product.index()].id.as_str();
                makes.sort_by_cached_key(|&product| (seed.of(&[id(firm), name(product)]), product));
                hidden.extend(makes.into_iter().take(count).map(|product| (firm, product)));
            }
            let train = dataset.without_products(|firm, product| hidden.contains(&(firm, product)));
            let mut makers: BTreeMap<ProductIx, Vec<FirmIx>> = BTreeMap::new();
            for &(firm, product) in &hidden {
                makers.entry(product).or_default().push(firm);
            }
            let asked = anchors.iter().copied().skip(number).step_by(n).collect();
            Fold::of_makers(train, network.as_of(), asked, &makers, protocol)
        };
        let split = Self { folds: (0..n).map(fold).collect::<Result<_, _>>()? };
        split.checked(|| SplitError::NoMaker { fewest_known: protocol.fewest_known })
    }

    fn checked(self, why_nobody: impl FnOnce() -> SplitError) -> Result<Self, SplitError> {
        if self.n_anchors() == 0 { Err(why_nobody()) } else { Ok(self) }
    }

    /// The folds; no two ask for one anchor.
    pub fn folds(&self) -> &[Fold] {
        &self.folds
    }

    /// Each fold as a split of its own.
    pub(crate) fn by_fold(&self) -> impl Iterator<Item = Self> + '_ {
        self.folds.iter().map(|fold| Self { folds: vec![fold.clone()] })
    }

    /// The same for so many anchors at most: those of the smallest hash, others for another seed.
    #[must_use]
    pub fn at_most(mut self, anchors: usize, seed: u64) -> Self {
        let seed = Seed::new(seed);
        let ids = self.folds.iter().flat_map(|fold| {
            fold.queries().iter().map(|&(anchor, _)| fold.network().firm(anchor).id.as_str())
        });
        let mut hashes: Vec<u64> = ids.map(|id| seed.of(&[id])).collect();
        hashes.sort_unstable();
        if let Some(&bar) = hashes.get(anchors) {
            for fold in &mut self.folds {
                fold.keep_anchors(|id| seed.of(&[id]) < bar);
            }
        }
        self
    }

    /// How many anchors are asked for.
    pub fn n_anchors(&self) -> usize {
        self.folds.iter().map(|fold| fold.queries().len()).sum()
    }

    /// How many pairs are to be found.
    pub fn n_pairs(&self) -> usize {
        self.folds.iter().flat_map(Fold::queries).map(|(_, relevant)| relevant.len()).sum()
    }

    /// The pairs to be found, with gain 1.
    pub fn qrels(&self) -> Qrels {
        let mut qrels = Qrels::default();
        for fold in &self.folds {
            for (anchor, relevant) in fold.queries() {
                for supplier in relevant {
                    let [anchor, supplier] = [anchor, supplier].map(|&firm| &fold.network().firm(firm).id);
                    qrels.insert(anchor, supplier, 1);
                }
            }
        }
        qrels
    }
}

/// Why a cut leaves nobody to ask.
fn why_nobody(dataset: &Dataset, cut: Date, protocol: Protocol) -> SplitError {
    let rows = dataset.supplies();
    let dates = || rows.iter().filter_map(SupplyRow::date);
    let (Some(first), Some(last)) =
        (dates().min_by_key(|date| date.first_day()), dates().max_by_key(|date| date.first_day()))
    else {
        return if rows.is_empty() { SplitError::NoSupplies } else { SplitError::NothingDated };
    };
    if last.first_day() < cut.first_day() {
        return SplitError::NothingAfter { cut, last };
    }
    // The undated are known at any time.
    if first.first_day() >= cut.first_day() && rows.iter().all(|row| row.date().is_some()) {
        return SplitError::NothingBefore { cut, first };
    }
    protocol.no_anchor()
}

/// Suppliers by buyer.
pub(super) type Pairs = BTreeMap<FirmIx, BTreeSet<FirmIx>>;

/// The suppliers to be hidden: those of the smallest hash.
fn hidden(network: &Network, anchor: FirmIx, share: f64, seed: Seed, protocol: Protocol) -> BTreeSet<FirmIx> {
    let suppliers = network.suppliers(anchor);
    let most = suppliers.len().saturating_sub(protocol.fewest_known);
    let count = ((share * suppliers.len() as f64).ceil() as usize).min(most);
    let mut suppliers = suppliers.to_vec();
    suppliers.sort_by_cached_key(|&supplier| {
        // Both ways a pair has one hash, so that its two ends agree.
        let turn = protocol.both_ways && supplier < anchor;
        let pair = if turn { [supplier, anchor] } else { [anchor, supplier] };
        (seed.of(&pair.map(|firm| network.firm(firm).id.as_str())), supplier)
    });
    suppliers.into_iter().take(count).collect()
}

impl Protocol {
    fn no_anchor(self) -> SplitError {
        SplitError::NoAnchor { fewest_known: self.fewest_known }
    }

    /// The relations that count, of a protocol that asks for such.
    fn directed(self, dataset: &Dataset) -> Result<Dataset, SplitError> {
        match self.asks {
            Asks::NewMakers => Err(SplitError::Makers),
            _ if self.both_ways => Ok(dataset.both_ways()),
            _ => Ok(dataset.clone()),
        }
    }
}

impl HoldOut {
    fn check(self) -> Result<(), SplitError> {
        if self.folds == 0 {
            return Err(SplitError::Folds(self.folds));
        }
        if !(self.share > 0.0 && self.share <= 1.0) {
            return Err(SplitError::Share(self.share));
        }
        Ok(())
    }
}
