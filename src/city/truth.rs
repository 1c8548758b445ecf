//! The planted truth: how good each pairing really is.

use super::bill::Bill;
use super::likeness::{Likeness, Needs};
use super::resource::{coverage, has_specialists};
use super::trade::Trade;
use super::unit::{Role, Unit, are_one_house};
use crate::model::{FirmId, PairingId, PartyBranch};

/// Distance at which proximity is one half, km.
const HALF_DISTANCE: f64 = 5.0;
/// The ratio of revenue per head from which a supplier learns most.
const BEST_GAP: f64 = 2.02;
/// How fast that falls off, in ln.
const GAP_WIDTH: f64 = 0.287;

/// What a planted utility is made of, each in [0, 1].
///
/// With anchor a and supplier s:
///
/// | field | side | formula |
/// | --- | --- | --- |
/// | `needs_met` | anchor | Σ w(p) · max over s's products q of sim(p, q) / Σ w(p) over a's needs p, sim Lin's likeness by the product classes |
/// | `products_used` | supplier | the same with needs and products in each other's place |
/// | `proximity` | both | 1 / (1 + d / 5 km), d great-circle |
/// | `technology_gap` | supplier | exp(−(ln γ − ln 2.02)² / (2 · 0.287²)), γ = revenue per head of a's house over that of s's |
/// | `shared_partners` | both | x / (x + m), x = Σ 1/d(z) over z that trade with both, m the median over pairs of the city |
/// | `resource_fit` | supplier | mean over the sorts that s needs of min(1, a's offer / s's need) |
/// | `anchor_willingness`, `supplier_willingness` | each its own | how often it would say yes |
///
/// They come from the traits of the units, also where the dataset leaves a field out.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Traits {
    /// How much of what the anchor needs the supplier could deliver.
    pub needs_met: f64,
    /// How much of what the supplier makes the anchor could take.
    pub products_used: f64,
    /// How near.
    pub proximity: f64,
    /// How much there is to learn.
    pub technology_gap: f64,
    /// How much of the network is shared.
    pub shared_partners: f64,
    /// Resource need met; none where the supplier needs nothing.
    pub resource_fit: Option<f64>,
    /// How willing the anchor is.
    pub anchor_willingness: f64,
    /// How willing the supplier is.
    pub supplier_willingness: f64,
}

impl Traits {
    /// The planted weights by the names of the matcher's factors; they sum to 1.
    pub const WEIGHTS: [(&'static str, f64); 6] = [
        ("product_fit", 0.34),
        ("proximity", 0.18),
        ("technology_gap", 0.16),
        ("shared_partners", 0.10),
        ("resource_fit", 0.14),
        ("willingness", 0.08),
    ];

    /// The utility below which a past pairing has failed, noise included.
    pub const FAILURE: f64 = 0.5;

    /// The traits that count on the anchor's side, in the order of [`WEIGHTS`](Self::WEIGHTS).
    pub fn of_anchor(&self) -> [Option<f64>; 6] {
        let (proximity, shared) = (Some(self.proximity), Some(self.shared_partners));
        [Some(self.needs_met), proximity, None, shared, None, Some(self.anchor_willingness)]
    }

    /// The same on the supplier's side.
    pub fn of_supplier(&self) -> [Option<f64>; 6] {
        [
            Some(self.products_used),
            Some(self.proximity),
            Some(self.technology_gap),
            Some(self.shared_partners),
            self.resource_fit,
            Some(self.supplier_willingness),
        ]
    }

    /// The planted utility, in [0, 1]: of each side Σ w·x / Σ w over what counts there, with the
    /// weights of [`WEIGHTS`](Self::WEIGHTS); of both the harmonic mean.
    pub fn utility(&self) -> f64 {
        let [anchor, supplier] = [self.of_anchor(), self.of_supplier()].map(|values| {
            let (mut sum, mut all) = (0.0, 0.0);
            for (value, (_, weight)) in values.iter().zip(Self::WEIGHTS) {
                sum += weight * value.unwrap_or(0.0);
                all += if value.is_some() { weight } else { 0.0 };
            }
            sum / all
        });
        if anchor + supplier > 0.0 { 2.0 * anchor * supplier / (anchor + supplier) } else { 0.0 }
    }
}

/// An anchor and a supplier, with how good their pairing would be.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PlantedPair {
    /// The anchor.
    pub anchor: FirmId,
    /// The supplier.
    pub supplier: FirmId,
    /// What the utility is made of.
    pub traits: Traits,
    /// [`Traits::utility`].
    pub utility: f64,
}

/// What was planted in a city, to test rankings and learning against.
///
/// A learning stage sees the dataset's pairings and outcomes. With enough of them it
/// should come near [`weights`](Self::weights); a ranking should put the pairs of
/// [`good_pairs`](Self::good_pairs) high.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Truth {
    good_pairs: Vec<PlantedPair>,
    past: Vec<(PairingId, PlantedPair)>,
}

impl Truth {
    /// Good pairs an anchor, at most.
    pub const GOOD_PAIRS: usize = 20;

    pub(super) fn new(mut good_pairs: Vec<PlantedPair>, mut past: Vec<(PairingId, PlantedPair)>) -> Self {
        good_pairs.sort_by(|a, b| {
            a.anchor.cmp(&b.anchor).then(b.utility.total_cmp(&a.utility)).then(a.supplier.cmp(&b.supplier))
        });
        past.sort_by(|a, b| a.0.cmp(&b.0));
        Self { good_pairs, past }
    }

    /// The planted weight of each factor, by name; [`Traits::WEIGHTS`].
    pub fn weights(&self) -> [(&'static str, f64); 6] {
        Traits::WEIGHTS
    }

    /// For each anchor, by id, its best suppliers of the same chain: up to
    /// [`GOOD_PAIRS`](Self::GOOD_PAIRS), best first, ties by id.
    pub fn good_pairs(&self) -> &[PlantedPair] {
        &self.good_pairs
    }

    /// The good pairs of one anchor, best first; none where it is no anchor.
    pub fn good_pairs_of(&self, anchor: &str) -> &[PlantedPair] {
        let from = self.good_pairs.partition_point(|pair| pair.anchor.as_str() < anchor);
        let to = self.good_pairs.partition_point(|pair| pair.anchor.as_str() <= anchor);
        &self.good_pairs[from..to]
    }

    /// The pairings that the city drew, by id, with the truth about their first two
    /// parties. Pairings that were included are not among them.
    pub fn past(&self) -> &[(PairingId, PlantedPair)] {
        &self.past
    }
}

/// Judges candidates, one anchor at a time.
#[derive(Debug)]
pub(super) struct Judge<'a> {
    units: &'a [Unit],
    bill: &'a Bill,
    trade: &'a Trade,
    likeness: Likeness,
    /// Shared partners, each over its own number, that count one half.
    usually_shared: f64,
    /// For each unit the last anchor that it trades with, plus one.
    marks: Vec<u32>,
}

/// A supplier as an anchor's candidate.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    pub(super) supplier: u32,
    pub(super) traits: Traits,
    pub(super) utility: f64,
}

impl<'a> Judge<'a> {
    pub(super) fn new(units: &'a [Unit], bill: &'a Bill, trade: &'a Trade) -> Self {
        let likeness = Likeness::new(bill, units);
        let usually_shared = trade.usually_shared();
        Self { units, bill, trade, likeness, usually_shared, marks: vec![0; units.len()] }
    }

    /// All candidates of an anchor: the suppliers of its chains, but for its own house and those with
    /// which it could sign at no level.
    pub(super) fn candidates(&mut self, anchor: u32, members: &[Vec<u32>]) -> Vec<Candidate> {
        let a = &self.units[anchor as usize];
        for &partner in self.trade.partners(anchor) {
            self.marks[partner as usize] = anchor + 1;
        }
        let mut suppliers: Vec<u32> =
            a.chains.iter().flat_map(|&chain| &members[usize::from(chain)]).copied().collect();
        if a.chains.len() > 1 {
            suppliers.sort_unstable();
            suppliers.dedup();
        }
        suppliers.retain(|&supplier| {
            let unit = &self.units[supplier as usize];
            unit.role == Role::Supplier && !are_one_house(self.units, anchor, supplier) && could_sign(a, unit)
        });
        let needs = self.likeness.to(&a.demand(self.bill));
        let judged = suppliers.into_iter().map(|supplier| {
            let traits = self.traits(anchor, supplier, &needs);
            Candidate { supplier, traits, utility: traits.utility() }
        });
        judged.collect()
    }

    fn traits(&self, anchor: u32, supplier: u32, needs: &Needs) -> Traits {
        let (a, s) = (&self.units[anchor as usize], &self.units[supplier as usize]);
        let per_head = |unit: &Unit| {
            let house = unit.parent.map_or(unit, |parent| &self.units[parent as usize]);
            house.revenue.max(1.0) / house.employees.max(1.0)
        };
        let off = libm::log(per_head(a) / per_head(s)) - libm::log(BEST_GAP);
        let shared: f64 = (self.trade.partners(supplier).iter())
            .filter(|&&partner| self.marks[partner as usize] == anchor + 1)
            .map(|&partner| 1.0 / self.trade.partners(partner).len() as f64)
            .sum();
        Traits {
            needs_met: needs.met_by(&s.makes),
            products_used: needs.used_of(&s.makes),
            proximity: 1.0 / (1.0 + a.place.distance_km(s.place) / HALF_DISTANCE),
            technology_gap: libm::exp(-off * off / (2.0 * GAP_WIDTH * GAP_WIDTH)),
            // An empty sum is −0.
            shared_partners: (shared + 0.0) / (shared + self.usually_shared),
            resource_fit: coverage(&s.wants, &a.offers),
            anchor_willingness: a.willingness,
            supplier_willingness: s.willingness,
        }
    }
}

/// Whether two units can sign at some level: as legal entities, as Party branches, or by
/// specialists on both sides.
fn could_sign(a: &Unit, b: &Unit) -> bool {
    let has_branch = |unit: &Unit| !matches!(unit.record.party_branch, Some(PartyBranch::None));
    let both = |has: &dyn Fn(&Unit) -> bool| has(a) && has(b);
    both(&|unit| unit.record.is_legal_entity())
        || both(&has_branch)
        || both(&|unit| has_specialists(&unit.offers) || has_specialists(&unit.wants))
}

/// For each chain its members, by position.
pub(super) fn chain_members(units: &[Unit], n_chains: usize) -> Vec<Vec<u32>> {
    let mut members = vec![Vec::new(); n_chains];
    for (position, unit) in units.iter().enumerate() {
        for &chain in &unit.chains {
            members[usize::from(chain)].push(position as u32);
        }
    }
    members
}

/// A pair with its keys.
pub(super) fn planted(units: &[Unit], anchor: u32, candidate: &Candidate) -> PlantedPair {
    PlantedPair {
        anchor: units[anchor as usize].record.id.clone(),
        supplier: units[candidate.supplier as usize].record.id.clone(),
        traits: candidate.traits,
        utility: candidate.utility,
    }
}
