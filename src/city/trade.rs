//! Who supplies whom, with what, when and for how much.

use rustc_hash::FxHashMap;

use super::allotment::allot;
use super::bill::Bill;
use super::calendar::{Day, MONTHS};
use super::dice::{Dice, Stream, Urn};
use super::place::flat_km;
use super::unit::{Role, Unit, are_one_house};
use crate::dataset::{Dataset, DatasetBuilder};
use crate::model::Supply;

/// Consumables, next to what goes into the product, by weight.
const CONSUMABLES: f64 = 0.15;
/// How often a buyer takes a supplier that others have taken, in proportion to how
/// many have (preferential attachment); else by the supplier's own fitness.
const ATTACHMENT: f64 = 0.4;
/// Distance at which a supplier is half as welcome as one next door, km.
const HALF_DISTANCE: f64 = 15.0;
/// How welcome a supplier from outside the chain is.
const OUTSIDE_CHAIN: f64 = 0.6;
/// Of how many units the usual number of shared partners is found.
const SAMPLE: usize = 256;
/// How strongly the number of suppliers grows with the headcount.
const BREADTH: f64 = 0.55;

/// A supplier, a buyer, and what it is mostly about (`None`: nothing in particular).
#[derive(Debug, Clone, Copy)]
pub(super) struct Tie {
    pub(super) supplier: u32,
    pub(super) buyer: u32,
    product: Option<u32>,
}

/// All ties, and for each unit those that it trades with.
#[derive(Debug)]
pub(super) struct Trade {
    pub(super) ties: Vec<Tie>,
    /// Where the ties that were drawn, not given, begin.
    drawn: usize,
    offsets: Vec<u32>,
    partners: Vec<u32>,
}

impl Trade {
    /// Draws ties until there are `total`, the given ones among them.
    ///
    /// Expected O(total · log(makers of a product)). The linear search that ends a
    /// buyer's shopping is reached only where a city is small and dense.
    pub(super) fn draw(units: &[Unit], bill: &Bill, given: &Dataset, total: usize, seed: u64) -> Self {
        let mut market = Market::new(units, bill, Dice::new(seed, Stream::Trade));
        // The given units stand first, in the order of their table.
        market.ties = given_ties(given);
        let drawn = market.ties.len();
        let quotas = market.quotas(total);
        for (buyer, quota) in quotas.into_iter().enumerate() {
            market.shop(buyer as u32, quota as usize);
        }
        Self::index(market.ties, drawn, units.len())
    }

    /// For each other unit that shares partners with one, Σ 1/d(z) over those, d the number of partners
    /// of z: resource allocation (Zhou, Lü, Zhang, Predicting missing links via local information,
    /// European Physical Journal B 71, 2009).
    fn shared_by(&self, unit: u32) -> FxHashMap<u32, f64> {
        let mut shared = FxHashMap::default();
        for &partner in self.partners(unit) {
            let others = self.partners(partner);
            for &other in others.iter().filter(|&&other| other != unit) {
                *shared.entry(other).or_default() += 1.0 / others.len() as f64;
            }
        }
        shared
    }

    /// The median of what units share, over [`SAMPLE`] units from first to last.
    pub(super) fn usually_shared(&self) -> f64 {
        let n = self.offsets.len() - 1;
        let sample = (0..n as u32).step_by((n / SAMPLE).max(1));
        let mut all: Vec<f64> = sample.flat_map(|unit| self.shared_by(unit).into_values()).collect();
        let middle = all.len() / 2;
        if all.is_empty() { 1.0 } else { *all.select_nth_unstable_by(middle, f64::total_cmp).1 }
    }

    fn index(ties: Vec<Tie>, drawn: usize, n: usize) -> Self {
        let mut offsets = vec![0_u32; n + 1];
        for tie in &ties {
            offsets[tie.supplier as usize + 1] += 1;
            offsets[tie.buyer as usize + 1] += 1;
        }
        for unit in 0..n {
            offsets[unit + 1] += offsets[unit];
        }
        let mut next = offsets.clone();
        let mut partners = vec![0; 2 * ties.len()];
        for tie in &ties {
            for (unit, partner) in [(tie.supplier, tie.buyer), (tie.buyer, tie.supplier)] {
                partners[next[unit as usize] as usize] = partner;
                next[unit as usize] += 1;
            }
        }
        // One that a unit both supplies and buys from counts once.
        let mut distinct = Vec::with_capacity(partners.len());
        let mut starts = vec![0];
        for row in offsets.windows(2) {
            let row = &mut partners[row[0] as usize..row[1] as usize];
            row.sort_unstable();
            distinct.extend(row.chunk_by(|a, b| a == b).map(|same| same[0]));
            starts.push(distinct.len() as u32);
        }
        Self { ties, drawn, offsets: starts, partners: distinct }
    }

    /// Those a unit trades with, in either direction, ascending.
    pub(super) fn partners(&self, unit: u32) -> &[u32] {
        let (from, to) = (self.offsets[unit as usize], self.offsets[unit as usize + 1]);
        &self.partners[from as usize..to as usize]
    }

    /// Adds the rows of the drawn ties: 1 to `rows` each, over the months up to `days`' last.
    pub(super) fn write(
        &self,
        units: &[Unit],
        bill: &Bill,
        rows: u32,
        days: &[Day],
        seed: u64,
        builder: &mut DatasetBuilder,
    ) {
        let mut dice = Dice::new(seed, Stream::Values);
        let mut degrees = vec![(0_u32, 0_u32); units.len()];
        for tie in &self.ties {
            degrees[tie.supplier as usize].0 += 1;
            degrees[tie.buyer as usize].1 += 1;
        }
        for tie in &self.ties[self.drawn..] {
            let (supplier, buyer) = (&units[tie.supplier as usize], &units[tie.buyer as usize]);
            let sales = 0.7 * supplier.revenue / f64::from(degrees[tie.supplier as usize].0);
            let purchases = 0.5 * buyer.revenue / f64::from(degrees[tie.buyer as usize].1);
            let most = (0.9 * supplier.revenue).max(1e4);
            let yearly = dice.log_normal((sales * purchases).sqrt(), 0.8).min(most);
            let mut supply = Supply::new(&supplier.record.id, &buyer.record.id);
            supply.product = tie.product.map(|product| bill.line(product).id.clone());
            write_rows(supply, yearly, rows, days, &mut dice, builder);
        }
    }
}

fn given_ties(given: &Dataset) -> Vec<Tie> {
    let rows = given.supplies();
    let pairs = rows.chunk_by(|a, b| (a.supplier(), a.buyer()) == (b.supplier(), b.buyer()));
    pairs
        .map(|pair| Tie {
            supplier: pair[0].supplier().index() as u32,
            buyer: pair[0].buyer().index() as u32,
            product: None,
        })
        .collect()
}

/// The rows of one tie.
fn write_rows(
    mut supply: Supply,
    yearly: f64,
    rows: u32,
    days: &[Day],
    dice: &mut Dice,
    builder: &mut DatasetBuilder,
) {
    let n = 1 + dice.below(rows as usize);
    let refund = n > 1 && dice.chance(0.03);
    let first = dice.below(days.len());
    // Three of four go on; the others have ended some time.
    let last = if dice.chance(0.75) { days.len() } else { first + dice.below(days.len() - first) + 1 };
    let years = f64::from(MONTHS) / 12.0;
    let mut sold = 0.0;
    let product = supply.product.clone();
    for row in 0..n {
        let mut value = (dice.log_normal(yearly * years / n as f64, 0.4) / 100.0).round().max(1.0) * 100.0;
        if refund && row + 1 == n {
            value = -(sold * dice.between(0.05, 0.4)).round();
        }
        let day = days[first + dice.below(last - first)];
        supply.date = match dice.below(100) {
            0 => None,
            1..5 => Some(day.month),
            _ => Some(day.date),
        };
        // A refund must have a sale with a value to be one of.
        supply.value = (dice.below(100) > 0 || row == 0 || refund).then_some(value);
        supply.product = product.clone().filter(|_| dice.below(100) > 1);
        sold += supply.value.unwrap_or(0.0);
        builder.add_supply(&supply);
    }
}

/// Where buyers find their suppliers.
struct Market<'a> {
    units: &'a [Unit],
    bill: &'a Bill,
    dice: Dice,
    /// By product: who makes it, drawn by fitness, and who was taken for it so far.
    shelves: Vec<Shelf>,
    /// Everybody who makes anything.
    sellers: Vec<u32>,
    all: Urn,
    ties: Vec<Tie>,
    given: FxHashMap<u32, Vec<u32>>,
    /// For each unit the last buyer that took it, plus one.
    taken: Vec<u32>,
}

struct Shelf {
    makers: Vec<u32>,
    urn: Urn,
    picked: Vec<u32>,
}

impl<'a> Market<'a> {
    fn new(units: &'a [Unit], bill: &'a Bill, dice: Dice) -> Self {
        let mut makers: Vec<Vec<(u32, f64)>> = vec![Vec::new(); bill.lines.len()];
        for (unit, it) in units.iter().enumerate() {
            for &(product, share) in &it.makes {
                makers[product as usize].push((unit as u32, share * it.fitness));
            }
        }
        let shelves = makers.into_iter().map(|makers| Shelf {
            urn: Urn::new(makers.iter().map(|(_, weight)| *weight)),
            makers: makers.into_iter().map(|(unit, _)| unit).collect(),
            picked: Vec::new(),
        });
        let sellers: Vec<u32> =
            (0..units.len() as u32).filter(|&unit| !units[unit as usize].makes.is_empty()).collect();
        Self {
            units,
            bill,
            dice,
            shelves: shelves.collect(),
            all: Urn::new(sellers.iter().map(|&unit| units[unit as usize].fitness)),
            sellers,
            ties: Vec::new(),
            given: FxHashMap::default(),
            taken: vec![0; units.len()],
        }
    }

    /// How many suppliers each buyer still looks for.
    fn quotas(&mut self, total: usize) -> Vec<u64> {
        for tie in &self.ties {
            self.given.entry(tie.buyer).or_default().push(tie.supplier);
        }
        let weight = |unit: &Unit| {
            let appetite = match unit.role {
                Role::Institution => 0.3,
                _ if unit.demand(self.bill).is_empty() => 0.4,
                _ => 1.0,
            };
            appetite * libm::pow(unit.employees.max(1.0), BREADTH)
        };
        let weights: Vec<f64> = self.units.iter().map(weight).collect();
        let n = self.units.len() as u64;
        let known = |buyer: u32| self.given.get(&buyer).map_or(0, |suppliers| suppliers.len() as u64);
        let caps: Vec<u64> = (0..n as u32).map(|buyer| (n / 2).saturating_sub(known(buyer))).collect();
        allot(total.saturating_sub(self.ties.len()) as u64, &weights, &caps)
    }

    /// Takes `quota` suppliers: makers of what the buyer needs, else makers of
    /// anything, else whoever is left.
    fn shop(&mut self, buyer: u32, quota: usize) {
        self.taken[buyer as usize] = buyer + 1;
        if let Some(suppliers) = self.given.remove(&buyer) {
            for supplier in suppliers {
                self.taken[supplier as usize] = buyer + 1;
            }
        }
        let demand = self.basket(buyer);
        let urn = Urn::new(demand.iter().map(|(_, weight)| *weight));
        let (mut found, mut misses) = (0, 0);
        while found < quota && misses < 20 + 4 * quota {
            let Some(product) = urn.draw(&mut self.dice).map(|at| demand[at].0) else { break };
            if let Some(supplier) = self.maker_of(product)
                && self.is_welcome(supplier, buyer)
            {
                self.shelves[product as usize].picked.push(supplier);
                self.take(supplier, buyer, Some(product));
                found += 1;
            } else {
                misses += 1;
            }
        }
        misses = 0;
        while found < quota && misses < 20 + 4 * quota {
            let Some(supplier) = self.all.draw(&mut self.dice).map(|at| self.sellers[at]) else { break };
            if self.is_welcome(supplier, buyer) {
                let product = self.units[supplier as usize].makes.first().map(|(product, _)| *product);
                self.take(supplier, buyer, product);
                found += 1;
            } else {
                misses += 1;
            }
        }
        let n = self.units.len();
        let start = self.dice.below(n);
        for step in 0..n {
            if found == quota {
                break;
            }
            let supplier = ((start + step) % n) as u32;
            if self.is_free(supplier, buyer) {
                let product = self.units[supplier as usize].makes.first().map(|(product, _)| *product);
                self.take(supplier, buyer, product);
                found += 1;
            }
        }
    }

    /// What a buyer looks for: its demand, and a little of what everybody buys.
    fn basket(&self, buyer: u32) -> Vec<(u32, f64)> {
        let mut basket = self.units[buyer as usize].demand(self.bill);
        let sum: f64 = basket.iter().map(|(_, weight)| weight).sum();
        let weight = if sum > 0.0 { sum * CONSUMABLES / self.bill.consumables.len() as f64 } else { 1.0 };
        basket.extend(self.bill.consumables.iter().map(|&product| (product, weight)));
        basket
    }

    fn maker_of(&mut self, product: u32) -> Option<u32> {
        let shelf = &self.shelves[product as usize];
        if !shelf.picked.is_empty() && self.dice.chance(ATTACHMENT) {
            return Some(shelf.picked[self.dice.below(shelf.picked.len())]);
        }
        shelf.urn.draw(&mut self.dice).map(|at| shelf.makers[at])
    }

    fn is_free(&self, supplier: u32, buyer: u32) -> bool {
        self.taken[supplier as usize] != buyer + 1 && !are_one_house(self.units, supplier, buyer)
    }

    /// Whether the supplier is free and, by a throw of the dice, near and akin enough.
    fn is_welcome(&mut self, supplier: u32, buyer: u32) -> bool {
        if !self.is_free(supplier, buyer) {
            return false;
        }
        let (s, b) = (&self.units[supplier as usize], &self.units[buyer as usize]);
        let near = 0.2 + 0.8 / (1.0 + flat_km(s.place, b.place) / HALF_DISTANCE);
        let akin = if s.shares_chain_with(b) { 1.0 } else { OUTSIDE_CHAIN };
        self.dice.chance(near * akin)
    }

    fn take(&mut self, supplier: u32, buyer: u32, product: Option<u32>) {
        self.taken[supplier as usize] = buyer + 1;
        self.ties.push(Tie { supplier, buyer, product });
    }
}
