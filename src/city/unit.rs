//! The units of the city: what each is, as its record says it and as it truly is.

use rustc_hash::{FxHashMap, FxHashSet};

use super::allotment::allot;
use super::bill::Bill;
use super::chain::{CHAINS, Template};
use super::dice::{Dice, Stream, Urn};
use super::place::{PARKS, near};
use super::resource::{Amounts, SORTS, draw_needs, draw_offers, of_rows};
use super::{CityBuilder, CityError};
use crate::dataset::Dataset;
use crate::model::{
    Direction, Firm, FirmId, FirmKind, Industry, Ownership, Place, Resource, Role as ProductRole, SizeClass,
};

/// What a unit does in the city.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// An anchor, or a department that is one.
    Anchor,
    /// Any other firm.
    Supplier,
    /// A university, an association, a committee.
    Institution,
}

/// A unit: its record, and the traits from which everything that it does is drawn.
/// Those are the record's where the record says them, else drawn, for the city's own
/// and for given units alike.
#[derive(Debug)]
pub(super) struct Unit {
    pub(super) record: Firm,
    /// Whether the record came from outside and stays as it is.
    pub(super) given: bool,
    pub(super) role: Role,
    /// Position of the legal entity that it belongs to.
    pub(super) parent: Option<u32>,
    /// Chains, by position in the templates.
    pub(super) chains: Vec<u8>,
    /// Products made and needed, by position in the bill, with weights.
    pub(super) makes: Vec<(u32, f64)>,
    pub(super) needs: Vec<(u32, f64)>,
    pub(super) place: Place,
    pub(super) employees: f64,
    /// CNY a year; for a department the part of the house's that it stands for.
    pub(super) revenue: f64,
    /// How much it draws buyers.
    pub(super) fitness: f64,
    /// How willing it is to pair, in [0, 1].
    pub(super) willingness: f64,
    /// How often its deliveries are at fault, in [0, 1].
    pub(super) faults: f64,
    pub(super) offers: Amounts,
    pub(super) wants: Amounts,
}

impl Unit {
    pub(super) fn is_in(&self, chain: u8) -> bool {
        self.chains.contains(&chain)
    }

    pub(super) fn shares_chain_with(&self, other: &Self) -> bool {
        self.chains.iter().any(|&chain| other.is_in(chain))
    }

    /// What it buys for its own production: its needs, else the inputs of what it makes.
    pub(super) fn demand(&self, bill: &Bill) -> Vec<(u32, f64)> {
        if !self.needs.is_empty() {
            return self.needs.clone();
        }
        let mut demand: Vec<(u32, f64)> = Vec::new();
        for &(product, share) in &self.makes {
            for &(input, weight) in &bill.line(product).inputs {
                match demand.iter_mut().find(|(known, _)| *known == input) {
                    Some((_, sum)) => *sum += share * weight,
                    None => demand.push((input, share * weight)),
                }
            }
        }
        demand
    }
}

/// Whether `a` and `b` are one house: parent and child, or children of one parent.
pub(super) fn are_one_house(units: &[Unit], a: u32, b: u32) -> bool {
    let (parent_a, parent_b) = (units[a as usize].parent, units[b as usize].parent);
    a == b || parent_a == Some(b) || parent_b == Some(a) || (parent_a.is_some() && parent_a == parent_b)
}

/// Draws the units of the city, the given ones first.
pub(super) fn draw_units(
    settings: &CityBuilder,
    n_chains: usize,
    bill: &Bill,
) -> Result<Vec<Unit>, CityError> {
    let mut dice = Dice::new(settings.seed, Stream::Units);
    let mut maker = Maker { bill, n_chains, units: Vec::with_capacity(settings.firms), ids: Vec::new() };
    maker.take_given(&settings.included, &mut dice)?;
    maker.number(settings);
    maker.found_institutions(settings.firms, &mut dice);
    let left = settings.firms.saturating_sub(maker.units.len());
    // The constant keeps the smallest chains of a small city alive.
    let shares: Vec<f64> = CHAINS[..n_chains].iter().map(|chain| chain.share + 2.0).collect();
    for (chain, count) in allot(left as u64, &shares, &vec![u64::MAX; n_chains]).into_iter().enumerate() {
        maker.found_chain(chain as u8, &CHAINS[chain], count as usize, &mut dice);
    }
    Ok(maker.units)
}

/// Firms for each anchor of a chain in a small city.
const FIRMS_PER_ANCHOR: usize = 25;
/// From how many firms on a city has institutions of its own.
const FIRMS_FOR_INSTITUTIONS: usize = 1_000;
/// How often a firm belongs to a second chain, that of a product made of its own.
const SECOND_CHAIN: f64 = 0.05;

struct Maker<'a> {
    bill: &'a Bill,
    n_chains: usize,
    units: Vec<Unit>,
    /// Ids for the city's own units, drawn from the back.
    ids: Vec<FirmId>,
}

impl Maker<'_> {
    /// Takes the units from outside. What their records leave open is drawn.
    fn take_given(&mut self, given: &Dataset, dice: &mut Dice) -> Result<(), CityError> {
        let tables = given.tables();
        let mut chains: FxHashMap<&FirmId, Vec<u8>> = FxHashMap::default();
        for row in &tables.chain_members {
            let chain = CHAINS[..self.n_chains].iter().position(|chain| chain.id == row.chain.as_str());
            let chain = chain.ok_or_else(|| CityError::UnknownChain(row.chain.clone()))?;
            chains.entry(&row.firm).or_default().push(chain as u8);
        }
        let mut resources: FxHashMap<&FirmId, Vec<&Resource>> = FxHashMap::default();
        for row in &tables.resources {
            resources.entry(&row.firm).or_default().push(row);
        }
        let mut products: FxHashMap<(&FirmId, ProductRole), Vec<(u32, f64)>> = FxHashMap::default();
        for row in &tables.firm_products {
            if let Some(product) = self.bill.position(row.product.as_str()) {
                let weight = row.weight.unwrap_or(1.0);
                products.entry((&row.firm, row.role)).or_default().push((product, weight));
            }
        }
        for firm in &tables.firms {
            let role = match firm.kind {
                _ if firm.anchor == Some(true) => Role::Anchor,
                None | Some(FirmKind::Enterprise | FirmKind::Department | FirmKind::Branch) => Role::Supplier,
                Some(_) => Role::Institution,
            };
            let chains = chains.remove(&firm.id).unwrap_or_default();
            let mut unit = complete(firm.clone(), role, chains, dice);
            unit.given = true;
            unit.parent =
                firm.parent.as_ref().and_then(|id| tables.firm_ix(id.as_str())).map(|ix| ix.index() as u32);
            unit.makes = products.remove(&(&firm.id, ProductRole::Makes)).unwrap_or_default();
            unit.needs = products.remove(&(&firm.id, ProductRole::Needs)).unwrap_or_default();
            if let Some(rows) = resources.remove(&firm.id) {
                unit.offers = of_rows(rows.iter().copied(), Direction::Offers);
                unit.wants = of_rows(rows.iter().copied(), Direction::Needs);
            }
            self.units.push(unit);
        }
        Ok(())
    }

    /// Ids in an order of their own, so that they say nothing of their units, and
    /// none that is taken.
    fn number(&mut self, settings: &CityBuilder) {
        let taken: FxHashSet<&str> = self.units.iter().map(|unit| unit.record.id.as_str()).collect();
        let wanted = settings.firms.saturating_sub(self.units.len());
        let ids = (1..).map(|number: usize| format!("F{number:06}"));
        self.ids = ids.filter(|id| !taken.contains(id.as_str())).take(wanted).map(FirmId::from).collect();
        Dice::new(settings.seed, Stream::Order).shuffle(&mut self.ids);
    }

    /// Adds a unit of the city's own and returns its position.
    fn found(&mut self, role: Role, chains: Vec<u8>, set: impl FnOnce(&mut Firm), dice: &mut Dice) -> usize {
        // As many ids as units were drawn; an empty one would be refused by the dataset.
        let id = self.ids.pop().unwrap_or_else(|| FirmId::from(""));
        let mut record = Firm::new(id);
        set(&mut record);
        let mut unit = complete(record, role, chains, dice);
        unit.record.place = Some(unit.place);
        unit.record.employees = Some(unit.employees);
        if unit.record.is_legal_entity() {
            unit.record.revenue = Some(unit.revenue);
        }
        self.units.push(unit);
        self.units.len() - 1
    }

    fn found_institutions(&mut self, firms: usize, dice: &mut Dice) {
        if firms < FIRMS_FOR_INSTITUTIONS {
            return;
        }
        for (number, kind) in
            [FirmKind::University, FirmKind::University, FirmKind::Institution].into_iter().enumerate()
        {
            let all = (0..self.n_chains as u8).filter(|chain| usize::from(*chain) % 3 == number).collect();
            let set = |firm: &mut Firm| {
                firm.kind = Some(kind);
                firm.name = Some(
                    format!("虚构{}{}", ["理工大学", "职业学院", "技术研究院"][number], number + 1).into(),
                );
                firm.industry = Some(Industry::new(["P8341", "P8341", "M7320"][number]));
                firm.ownership = Some(Ownership::State);
            };
            self.found(Role::Institution, all, set, dice);
        }
        for (chain, template) in CHAINS[..self.n_chains].iter().enumerate() {
            for (kind, title) in [(FirmKind::Association, "协会"), (FirmKind::Committee, "联合党委")] {
                let set = |firm: &mut Firm| {
                    firm.kind = Some(kind);
                    firm.name = Some(format!("虚构{}{title}", template.name).into());
                    firm.industry = Some(Industry::new(if title == "协会" { "S9521" } else { "S9510" }));
                };
                self.found(Role::Institution, vec![chain as u8], set, dice);
            }
        }
    }

    fn found_chain(&mut self, chain: u8, template: &Template, count: usize, dice: &mut Dice) {
        let mut products = self.bill.of_chain(template.id);
        // What nobody else uses, and what most is needed for, is what anchors make.
        products.sort_by_key(|&product| {
            let line = self.bill.line(product);
            (line.uses > 0, std::cmp::Reverse(line.tier), product)
        });
        let anchors = template.anchors.min(count / FIRMS_PER_ANCHOR + 1).min(count);
        let mut left = count - anchors;
        for number in 0..anchors {
            let anchor = self.found_anchor(chain, template, &products, number, dice);
            if number < template.departments && left > 2 * FIRMS_PER_ANCHOR {
                self.found_department(chain, anchor, dice);
                left -= 1;
            }
        }
        // The nearer to the raw material, the more makers.
        let urn = Urn::new(products.iter().map(|&product| {
            let line = self.bill.line(product);
            if line.uses == 0 { 0.5 } else { 1.0 + 3.0 / (1.0 + line.tier as f64) }
        }));
        for number in 0..left {
            self.found_supplier(chain, template, &products, &urn, number, dice);
        }
    }

    fn found_anchor(
        &mut self,
        chain: u8,
        template: &Template,
        products: &[u32],
        number: usize,
        dice: &mut Dice,
    ) -> usize {
        let main = products[number % products.len()];
        let line = self.bill.line(main);
        let state = dice.chance(template.state_owned);
        let quota = 8 + dice.below(13) as u32;
        let (region, place) = settle(template, dice);
        let set = |firm: &mut Firm| {
            firm.anchor = Some(true);
            firm.kind = Some(FirmKind::Enterprise);
            firm.name = Some(format!("虚构{}集团{}", line.name, number + 1).into());
            firm.industry = line.industry.map(Industry::new);
            firm.ownership = Some(if state { Ownership::State } else { Ownership::Private });
            firm.quota = Some(quota);
            firm.region = Some(region.into());
            firm.place = Some(place);
        };
        let anchor = self.found(Role::Anchor, vec![chain], set, dice);
        let unit = &mut self.units[anchor];
        unit.makes = vec![(main, 1.0)];
        unit.needs.clone_from(&line.inputs);
        anchor
    }

    /// A purchasing centre or a product centre, with some of the house's needs.
    fn found_department(&mut self, chain: u8, house: usize, dice: &mut Dice) {
        let parent = &self.units[house];
        let title = if dice.chance(0.5) { "集中采购中心" } else { "产品中心" };
        let mut needs = parent.needs.clone();
        dice.shuffle(&mut needs);
        needs.truncate(1 + dice.below(3));
        let is_anchor = dice.chance(0.6);
        let place = near(parent.place, 1.5, dice);
        let (house_id, name, region) =
            (parent.record.id.clone(), parent.record.label().to_owned(), parent.record.region.clone());
        let (industry, ownership) = (parent.record.industry.clone(), parent.record.ownership);
        let set = |firm: &mut Firm| {
            firm.kind = Some(FirmKind::Department);
            firm.parent = Some(house_id);
            firm.name = Some(format!("{name}{title}").into());
            firm.anchor = Some(is_anchor);
            firm.region = region;
            firm.place = Some(place);
            firm.industry = industry;
            firm.ownership = ownership;
        };
        let role = if is_anchor { Role::Anchor } else { Role::Supplier };
        let department = self.found(role, vec![chain], set, dice);
        let unit = &mut self.units[department];
        unit.parent = Some(house as u32);
        unit.needs = needs;
    }

    fn found_supplier(
        &mut self,
        chain: u8,
        template: &Template,
        products: &[u32],
        urn: &Urn,
        number: usize,
        dice: &mut Dice,
    ) {
        let main = products[urn.draw(dice).unwrap_or(0)];
        let makes = self.assortment(main, products, dice);
        let line = self.bill.line(main);
        let mut chains = vec![chain];
        if dice.chance(SECOND_CHAIN) {
            chains.extend(self.second_chain(main, chain, dice));
        }
        let ownership = match dice.below(100) {
            0..4 => Ownership::State,
            4..7 => Ownership::Foreign,
            7..9 => Ownership::Collective,
            9..13 => Ownership::Mixed,
            _ => Ownership::Private,
        };
        let quota = dice.chance(0.3).then(|| 1 + dice.below(3) as u32);
        let (region, place) = settle(template, dice);
        let set = |firm: &mut Firm| {
            firm.kind = Some(FirmKind::Enterprise);
            firm.name = Some(format!("虚构{}{number:04}", line.name).into());
            firm.industry = line.industry.map(Industry::new);
            firm.ownership = Some(ownership);
            firm.quota = quota;
            firm.region = Some(region.into());
            firm.place = Some(place);
        };
        let supplier = self.found(Role::Supplier, chains, set, dice);
        let unit = &mut self.units[supplier];
        unit.makes = makes;
        if dice.chance(0.15) {
            // Some say what they need, and then not all of it.
            let mut needs = unit.demand(self.bill);
            needs.truncate(3);
            unit.needs = needs;
        }
        if dice.chance(0.2) {
            let record = &mut unit.record;
            record.size = SizeClass::of(record.industry.as_ref(), record.employees, record.revenue);
        }
    }

    /// One to four products, the further ones mostly of the class of the first.
    fn assortment(&self, main: u32, products: &[u32], dice: &mut Dice) -> Vec<(u32, f64)> {
        let extra = match dice.below(100) {
            0..45 => 0,
            45..75 => 1,
            75..92 => 2,
            _ => 3,
        };
        let mut makes = vec![(main, 1.0)];
        for _ in 0..extra {
            let alike: Vec<u32> = products
                .iter()
                .copied()
                .filter(|&product| self.bill.closeness(main, product) == 0.5)
                .collect();
            let shelf = if alike.is_empty() || dice.chance(0.3) { products } else { &alike };
            let product = shelf[dice.below(shelf.len())];
            if makes.iter().all(|(known, _)| *known != product) {
                makes.push((product, dice.between(0.1, 0.5)));
            }
        }
        let sum: f64 = makes.iter().map(|(_, weight)| weight).sum();
        for (_, weight) in &mut makes {
            *weight = (*weight / sum * 100.0).round() / 100.0;
        }
        makes
    }

    /// The chain of a product that `main` goes into, where it is another one.
    fn second_chain(&self, main: u32, own: u8, dice: &mut Dice) -> Option<u8> {
        let users: Vec<&str> = (self.bill.lines.iter())
            .filter(|line| line.inputs.iter().any(|(input, _)| *input == main))
            .filter_map(|line| line.id.as_str().split_once('.').map(|(chain, _)| chain))
            .collect();
        let user = users.get(dice.below(users.len()))?;
        let chain = CHAINS.iter().position(|chain| chain.id == *user)? as u8;
        (chain != own && usize::from(chain) < self.n_chains).then_some(chain)
    }
}

/// Region and place in a park, half of the time one of the chain's own.
fn settle(template: &Template, dice: &mut Dice) -> (&'static str, Place) {
    let park = if dice.chance(0.5) {
        &PARKS[template.parks[dice.below(template.parks.len())]]
    } else {
        let urn = Urn::new(PARKS.iter().map(|park| park.weight));
        &PARKS[urn.draw(dice).unwrap_or(0)]
    };
    (park.region, park.place(dice))
}

/// A unit of a record, with whatever the record leaves open drawn.
fn complete(record: Firm, role: Role, chains: Vec<u8>, dice: &mut Dice) -> Unit {
    // Every draw is made, used or not, so that a field more or less in one record
    // moves no other unit.
    let is_house = role == Role::Anchor && record.is_legal_entity();
    let employees = if is_house {
        dice.log_normal(3_000.0, 0.7).max(1_000.0)
    } else if record.is_legal_entity() {
        dice.log_normal(24.0, 1.35).min(2_500.0)
    } else {
        dice.log_normal(150.0, 0.5)
    };
    let employees = record.employees.unwrap_or(employees.round().max(2.0));
    let per_head = dice.log_normal(if is_house { 1.3e6 } else { 6.5e5 }, if is_house { 0.3 } else { 0.5 });
    let revenue = (per_head * employees / 1e4).round() * 1e4;
    let park = &PARKS[dice.below(PARKS.len())];
    let place = park.place(dice);
    let fitness = libm::exp(0.7 * dice.normal()) * libm::pow(employees.max(1.0), 0.5);
    let (willing_a, willing_b) = (dice.unit(), dice.unit());
    let faults = dice.unit();
    let (offers, wants) = match role {
        Role::Anchor => (draw_offers(if is_house { 1.0 } else { 0.4 }, dice), [0.0; SORTS]),
        Role::Supplier => ([0.0; SORTS], draw_needs(dice)),
        Role::Institution => (draw_offers(0.5, dice), [0.0; SORTS]),
    };
    Unit {
        given: false,
        role,
        parent: None,
        chains,
        makes: Vec::new(),
        needs: Vec::new(),
        place: record.place.unwrap_or(place),
        employees,
        revenue: record.revenue.unwrap_or(if is_house { revenue.max(5e8) } else { revenue }),
        // Beta-like, most firms more willing than not.
        willingness: willing_a.max(willing_b),
        faults: faults * faults,
        fitness,
        offers,
        wants,
        record,
    }
}
