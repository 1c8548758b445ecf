//! Problems from rankings or by hand, checked once.

use std::borrow::Cow;

use rustc_hash::{FxHashMap, FxHashSet};

use super::facts::Facts;

use super::places::{InForce, Places};
use super::problem::{Candidate, Standing, Worth, steps};
use super::roles::Roles;
use super::roster::Roster;
use super::twins::Twins;
use super::{Bar, Constraints, Hours, Pair, PlanError, Problem};
use crate::matcher::{Gate, Ranking, Recommendation};
use crate::model::{Date, Firm, FirmId, Level, Pairing, Side};
use crate::network::Network;

/// A [`Problem`] in the making.
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct ProblemBuilder {
    anchors: Vec<FirmId>,
    pairs: Vec<Pair>,
    facts: FxHashMap<FirmId, Facts>,
    in_force: Vec<Vec<FirmId>>,
    /// Of which those count that are in force when the problem is built.
    recorded: Vec<Pairing>,
    as_of: Option<Date>,
    /// By which the names in constraints are resolved.
    network: Option<Network>,
}

impl ProblemBuilder {
    /// Adds an anchor, which then is reported on even if it is in no pair.
    pub fn anchor(mut self, anchor: impl Into<FirmId>) -> Self {
        self.anchors.push(anchor.into());
        self
    }

    /// Adds candidate pairs.
    pub fn pairs(mut self, pairs: impl IntoIterator<Item = Pair>) -> Self {
        self.pairs.extend(pairs);
        self
    }

    /// Tells of a firm, the last time counting: its quota, which pairings in force use up, its parent, and what
    /// minimums and reports ask for; `chains` by id.
    pub fn firm(mut self, firm: &Firm, chains: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let facts = Facts::of(firm, chains);
        self.facts.insert(firm.id.clone(), facts);
        self
    }

    /// Tells of a pairing in force: it uses up a place of each party's quota, and no two
    /// of its parties are paired again.
    pub fn in_force(mut self, parties: impl IntoIterator<Item = FirmId>) -> Self {
        self.in_force.push(parties.into_iter().collect());
        self
    }

    /// As of when vetoes and recorded pairings count, unless the constraints say; else the date of the
    /// rankings' network.
    pub fn as_of(mut self, date: Option<Date>) -> Self {
        self.as_of = date.or_else(|| self.network.as_ref()?.as_of());
        self
    }

    /// The candidates of rankings, with all that the network knows of their firms and of
    /// the pairings in force. Of several networks told, the last gives names and pairings.
    ///
    /// The level of a pair is the first of [`Constraints::levels`] that is open to it, so
    /// `levels` are asked for here; there is none where it is only not known that one is barred. A
    /// pair to which all of them are barred is no candidate; without levels none is barred.
    pub fn rankings(mut self, network: &Network, rankings: &[Ranking], levels: &[Level]) -> Self {
        let mut firms: FxHashSet<&FirmId> = FxHashSet::default();
        for ranking in rankings {
            self.anchors.push(ranking.anchor.clone());
            firms.insert(&ranking.anchor);
            for one in ranking.recommendations.iter().filter(|one| is_at_any(one, levels)) {
                firms.insert(&one.supplier);
                self.pairs.push(Pair {
                    anchor: ranking.anchor.clone(),
                    supplier: one.supplier.clone(),
                    score: one.score,
                    anchor_utility: one.anchor_utility,
                    supplier_utility: one.supplier_utility,
                    level: levels.iter().copied().find(|level| one.levels.contains(level)),
                });
            }
        }
        for firm in &firms {
            self.tell(network, firm);
        }
        for firm in firms {
            self.tell_heads(network, firm);
        }
        self.recorded.clone_from(&network.tables().pairings);
        // A department uses up a place of its house, whether it is a candidate or not.
        for party in network.tables().pairings.iter().flat_map(|pairing| &pairing.parties) {
            if !self.facts.contains_key(party) {
                self.tell(network, party);
            }
        }
        self.as_of = self.as_of.or(network.as_of());
        self.network = Some(network.clone());
        self
    }

    /// Tells what a network knows of a firm, if it knows it.
    fn tell(&mut self, network: &Network, firm: &FirmId) {
        if let Some(facts) = Facts::known(network, firm) {
            self.facts.insert(firm.clone(), facts);
        }
    }

    /// Tells of the heads above a firm, up to the first that is told of already.
    fn tell_heads(&mut self, network: &Network, firm: &FirmId) {
        let mut below = firm.clone();
        while let Some(head) = self.facts.get(&below).and_then(|facts| facts.parent.clone())
            && !self.facts.contains_key(&head)
        {
            self.tell(network, &head);
            below = head;
        }
    }

    /// Checks everything, and sorts it, so that plans do not depend on the order in which things were added.
    /// O(candidates · log candidates).
    ///
    /// Where there are [`rankings`](Self::rankings), firms and chains in the constraints may go by name, see
    /// [`Constraints::resolve`], and have to be known. Without rankings they go by id, and what is said of
    /// firms that are in no pair is passed over, but for locks.
    ///
    /// Places are counted so: an anchor has [`Constraints::anchor_most`] or its own limit,
    /// but no more than its quota less its pairings in force; a supplier likewise. Firms below a head
    /// that has a quota, at whatever depth, share it with the head itself.
    ///
    /// A firm with a quota that is both shares it out between its roles, and two firms that are each
    /// other's candidate pair one way round, as the plan of the greatest sum has it, minimums and hours
    /// aside: sought with some flows, by branch and bound. Where that ends early (after 64 of them, or
    /// 2²⁴ candidates in all), the way found counts, or places go to the anchor first and to the
    /// pair of the higher score; [`Optimal`](super::Optimal) then tells the bound on any other way.
    ///
    /// # Errors
    ///
    /// [`PlanError`], naming firm, value and remedy.
    pub fn build(mut self, constraints: &Constraints) -> Result<Problem, PlanError> {
        let as_of = constraints.as_of.or(self.as_of);
        let recorded = std::mem::take(&mut self.recorded).into_iter();
        let stands = |pairing: &Pairing| as_of.is_none_or(|date| pairing.is_in_force_at(date));
        let stand = recorded.filter(stands).map(|pairing| pairing.parties);
        self.in_force.extend(stand);
        let constraints = self.resolved(constraints)?;
        constraints.check()?;
        let mut problem = self.unlimited(as_of, constraints.hours.clone())?;
        bar(&mut problem, &constraints, &self.in_force)?;
        let twins = Twins::of(&problem.anchors, &problem.suppliers);
        let directions = bar_reversed(&mut problem, &twins)?;
        let in_force = InForce::count(&self.in_force);
        let places = Places { constraints: &constraints, facts: &self.facts, twins, in_force };
        let quotas = places.limit(&mut problem)?;
        check_size("places, the side with fewer counting,", problem.room(), Problem::MOST_PAIRINGS)?;
        Roles { quotas, directions }.settle(&mut problem);
        problem.quotas =
            Side::ALL.map(|side| problem.roster(side).parties.iter().map(|firm| places.left(firm)).collect());
        problem.budgets = Side::ALL.map(|side| {
            let hours = |firm| constraints.firms.get(firm).and_then(|own| own.hours);
            problem.roster(side).parties.iter().map(hours).collect()
        });
        problem.traits = Side::ALL.map(|side| {
            let parties = problem.roster(side).parties.iter();
            parties
                .map(|firm| self.facts.get(firm).map(|facts| facts.traits.clone()).unwrap_or_default())
                .collect()
        });
        problem.linear = super::linear::all(&problem, &constraints)?;
        Ok(problem)
    }

    /// The constraints by id: as they are where there is no network to know names from.
    fn resolved<'a>(&self, constraints: &'a Constraints) -> Result<Cow<'a, Constraints>, PlanError> {
        let Some(network) = &self.network else { return Ok(Cow::Borrowed(constraints)) };
        let told: FxHashSet<&FirmId> = self
            .pairs
            .iter()
            .flat_map(|pair| [&pair.anchor, &pair.supplier])
            .chain(&self.anchors)
            .chain(self.facts.keys())
            .collect();
        let is_told = |firm: &FirmId| told.contains(firm);
        let regions: Vec<&str> =
            self.facts.values().filter_map(|facts| facts.traits.region.as_deref()).collect();
        constraints.clone().resolve_with(network, &is_told, &regions).map(Cow::Owned)
    }

    /// The parties and their candidates, all open and without a limit.
    fn unlimited(&self, as_of: Option<Date>, hours: Hours) -> Result<Problem, PlanError> {
        let pairs = &self.pairs;
        let (anchors, anchor_of) = numbered(pairs.iter().map(|pair| &pair.anchor).chain(&self.anchors));
        let (suppliers, supplier_of) = numbered(pairs.iter().map(|pair| &pair.supplier));
        check_size(
            "anchors and suppliers, the fewer of which count,",
            anchors.len().min(suppliers.len()),
            Problem::MOST_PARTIES,
        )?;
        check_size("candidates", pairs.len(), u32::MAX as usize / 2)?;
        pairs.iter().try_for_each(check_pair)?;
        let anchor_of = &anchor_of[..pairs.len()];
        let (starts, order) = by_anchor(anchors.len(), anchor_of, &supplier_of);
        let sides = |at: u32| (anchor_of[at as usize], supplier_of[at as usize]);
        if let Some(two) = order.windows(2).find(|two| sides(two[0]) == sides(two[1])) {
            let Pair { anchor, supplier, .. } = &pairs[two[0] as usize];
            return Err(PlanError::Repeated { anchor: anchor.clone(), supplier: supplier.clone() });
        }
        let candidate = |&at: &u32| {
            let ((anchor, supplier), pair) = (sides(at), &pairs[at as usize]);
            let (weight, level) = (steps(pair.score), pair.level);
            Candidate { anchor, supplier, weight, level, standing: Standing::Open }
        };
        let worth = |&at: &u32| {
            let Pair { score, anchor_utility, supplier_utility, .. } = pairs[at as usize];
            Worth { score, utilities: [anchor_utility, supplier_utility] }
        };
        Ok(Problem {
            as_of,
            anchors: Roster::new(Side::Anchor, anchors),
            suppliers: Roster::new(Side::Supplier, suppliers),
            candidates: order.iter().map(candidate).collect(),
            worths: order.iter().map(worth).collect(),
            starts,
            linear: Vec::new(),
            traits: [Vec::new(), Vec::new()],
            quotas: [Vec::new(), Vec::new()],
            budgets: [Vec::new(), Vec::new()],
            hours,
            houses: Vec::new(),
            bound: None,
        })
    }
}

/// Whether gates leave a pair any of some levels; all, where there are none.
fn is_at_any(pair: &Recommendation, levels: &[Level]) -> bool {
    let is_barred = |level: &Level| {
        let bars = |gate: &Gate| gate.bars && gate.level.is_none_or(|of| of == *level);
        pair.gates.iter().any(bars)
    };
    levels.is_empty() || !levels.iter().all(is_barred)
}

fn check_size(what: &'static str, found: usize, limit: usize) -> Result<(), PlanError> {
    if found <= limit { Ok(()) } else { Err(PlanError::TooLarge { what, found, limit }) }
}

/// How far above 1 rounding may carry a score.
const ROUNDING: f64 = 1e-9;

fn check_pair(pair: &Pair) -> Result<(), PlanError> {
    let numbers = [
        ("score", pair.score),
        ("anchor utility", pair.anchor_utility),
        ("supplier utility", pair.supplier_utility),
    ];
    if let Some(&(what, value)) = numbers.iter().find(|(_, value)| !(0.0..=1.0 + ROUNDING).contains(value)) {
        let (anchor, supplier) = (pair.anchor.clone(), pair.supplier.clone());
        return Err(PlanError::Score { what, value, anchor, supplier });
    }
    if pair.anchor == pair.supplier {
        return Err(PlanError::WithItself(pair.anchor.clone()));
    }
    Ok(())
}

/// Firms, each once and by id, and the number of each as told. O(told + firms · log firms):
/// texts are compared among different firms alone.
fn numbered<'a>(told: impl Iterator<Item = &'a FirmId>) -> (Vec<FirmId>, Vec<u32>) {
    let mut seen: FxHashMap<&FirmId, u32> = FxHashMap::default();
    let mut firms: Vec<&FirmId> = Vec::new();
    let mut numbers: Vec<u32> = Vec::with_capacity(told.size_hint().0);
    let mut last: Option<(&FirmId, u32)> = None;
    for firm in told {
        let number = match last {
            // Pairs come anchor by anchor, as a rule.
            Some((same, number)) if same == firm => number,
            _ => *seen.entry(firm).or_insert_with(|| {
                firms.push(firm);
                firms.len() as u32 - 1
            }),
        };
        last = Some((firm, number));
        numbers.push(number);
    }
    let mut order: Vec<u32> = (0..firms.len() as u32).collect();
    order.sort_unstable_by_key(|&number| firms[number as usize]);
    let mut place = vec![0_u32; firms.len()];
    for (&number, at) in order.iter().zip(0..) {
        place[number as usize] = at;
    }
    for number in &mut numbers {
        *number = place[*number as usize];
    }
    (order.iter().map(|&number| firms[number as usize].clone()).collect(), numbers)
}

/// The positions of pairs by anchor and supplier, and where each anchor's begin.
fn by_anchor(n_anchors: usize, anchor_of: &[u32], supplier_of: &[u32]) -> (Vec<u32>, Vec<u32>) {
    let mut starts = vec![0_u32; n_anchors + 1];
    for &anchor in anchor_of {
        starts[anchor as usize + 1] += 1;
    }
    for anchor in 0..n_anchors {
        starts[anchor + 1] += starts[anchor];
    }
    let mut place = starts.clone();
    let mut order = vec![0_u32; anchor_of.len()];
    for (&anchor, at) in anchor_of.iter().zip(0..) {
        let place = &mut place[anchor as usize];
        order[*place as usize] = at;
        *place += 1;
    }
    for ends in starts.windows(2) {
        order[ends[0] as usize..ends[1] as usize].sort_unstable_by_key(|&at| supplier_of[at as usize]);
    }
    (starts, order)
}

/// Bars and locks candidates.
fn bar(problem: &mut Problem, constraints: &Constraints, in_force: &[Vec<FirmId>]) -> Result<(), PlanError> {
    let as_of = problem.as_of;
    for veto in constraints.vetoes.iter().filter(|veto| veto.stands_at(as_of)) {
        problem.bar_within([&veto.anchor, &veto.supplier], Bar::Vetoed);
    }
    for group in &constraints.forbidden {
        problem.bar_within(group, Bar::Forbidden);
    }
    for parties in in_force {
        problem.bar_within(parties, Bar::InForce);
    }
    for lock in &constraints.locks {
        let fail =
            |bar| PlanError::Lock { anchor: lock.anchor.clone(), supplier: lock.supplier.clone(), bar };
        let found = problem.find(&lock.anchor, &lock.supplier).ok_or_else(|| fail(None))?;
        match problem.candidates[found].standing {
            Standing::Barred(bar) => return Err(fail(Some(bar))),
            Standing::Open | Standing::Locked => problem.candidates[found].standing = Standing::Locked,
        }
    }
    Ok(())
}

/// Two firms pair once, whoever is the anchor: bars the lower score, and tells where neither is locked.
fn bar_reversed(problem: &mut Problem, twins: &Twins) -> Result<Vec<[usize; 2]>, PlanError> {
    let mut undecided = Vec::new();
    if twins.are_none {
        return Ok(undecided);
    }
    for position in 0..problem.candidates.len() {
        let one = &problem.candidates[position];
        let twin = (twins.of[1][one.supplier as usize], twins.of[0][one.anchor as usize]);
        let (Some(as_anchor), Some(as_supplier)) = twin else { continue };
        let Some(reversed) = problem.position(as_anchor, as_supplier) else { continue };
        let (anchor, supplier) = (
            &problem.anchors.parties[one.anchor as usize],
            &problem.suppliers.parties[one.supplier as usize],
        );
        if anchor > supplier {
            continue;
        }
        let other = &problem.candidates[reversed];
        let loser = match (one.standing, other.standing) {
            (Standing::Barred(_), _) | (_, Standing::Barred(_)) => continue,
            (Standing::Locked, Standing::Locked) => {
                let (anchor, supplier) = (supplier.clone(), anchor.clone());
                return Err(PlanError::Lock { anchor, supplier, bar: Some(Bar::Reversed) });
            }
            (Standing::Locked, _) => reversed,
            (_, Standing::Locked) => position,
            _ if one.weight >= other.weight => reversed,
            _ => position,
        };
        if one.standing == Standing::Open && other.standing == Standing::Open {
            undecided.push(if loser == reversed { [position, reversed] } else { [reversed, position] });
        }
        problem.candidates[loser].standing = Standing::Barred(Bar::Reversed);
    }
    Ok(undecided)
}
