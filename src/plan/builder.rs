//! Problems from rankings or by hand, checked once.

use std::collections::BTreeMap;
use std::error::Error;

use rustc_hash::{FxHashMap, FxHashSet};

use super::linear::Trait;
use super::problem::House;
use super::problem::{Candidate, Standing, Worth, steps};
use super::roster::Roster;
use super::{Bar, Constraints, Limit, Pair, Problem};
use crate::matcher::{Gate, Ranking};
use crate::model::{ChainId, Date, Firm, FirmId, Level, Pairing, Side};
use crate::network::Network;

/// Why there is no [`Problem`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// A constraints file that cannot be read.
    #[error("the constraints cannot be read; see `Constraints` for their fields")]
    ConstraintsFile(#[source] Box<dyn Error + Send + Sync>),
    /// A score or utility that is no number in [0, 1].
    #[error("{what} {value} of {anchor} – {supplier} is not between 0 and 1")]
    Score {
        /// Score or whose utility.
        what: &'static str,
        /// Its value.
        value: f64,
        /// The anchor.
        anchor: FirmId,
        /// The supplier.
        supplier: FirmId,
    },
    /// The same pair twice.
    #[error("the pair {anchor} – {supplier} is given twice; give each once")]
    Repeated {
        /// The anchor.
        anchor: FirmId,
        /// The supplier.
        supplier: FirmId,
    },
    /// A firm that is to pair with itself.
    #[error("{0} cannot pair with itself; remove the pair")]
    WithItself(FirmId),
    /// A lock on what is no candidate, or must not be planned.
    #[error("the lock on {anchor} – {supplier} cannot be kept: the pair is {why}; remove the lock")]
    Lock {
        /// The anchor.
        anchor: FirmId,
        /// The supplier.
        supplier: FirmId,
        /// In which way it is impossible.
        why: &'static str,
    },
    /// A firm in two groups of one side.
    #[error("{firm} is in the groups {first:?} and {second:?}; a firm shares one quota a side")]
    TwoGroups {
        /// The firm.
        firm: FirmId,
        /// The one group.
        first: String,
        /// The other.
        second: String,
    },
    /// Two groups that have some firms in common, of which neither holds the other; houses with a quota are
    /// groups, too.
    #[error(
        "the groups {first:?} and {second:?} share some of their firms, but neither holds the other; a group has to \
         hold all firms of a house with a quota, which goes by its head, be inside it, or be apart from it"
    )]
    Overlap {
        /// The one group.
        first: String,
        /// The other.
        second: String,
    },
    /// Two groups of one name, or a group with the name of a house that shares a quota.
    #[error(
        "there are two groups named {0:?} on one side; conflicts and prices tell groups by name, so rename one"
    )]
    GroupName(String),
    /// A minimum share that is no number in [0, 1], or neither share nor count.
    #[error("the minimum {name:?} needs a share between 0 and 1 or a count")]
    Minimum {
        /// Its name.
        name: String,
    },
    /// Two minimums of one name.
    #[error("there are two minimums named {0:?}; conflicts tell minimums by name, so name each otherwise")]
    MinimumName(String),
    /// A value that makes no sense.
    #[error("{at} {why}")]
    NoSense {
        /// In which field.
        at: String,
        /// Why not, and what to do.
        why: &'static str,
    },
    /// Groups of fewer than two suppliers, or of more than their most.
    #[error("groups of {least} to {most} suppliers cannot be; set bundling.least from 2 up to bundling.most")]
    Bundling {
        /// The fewest suppliers of a group.
        least: usize,
        /// The most.
        most: usize,
    },
    /// A constraint on a firm that is not in the data.
    #[error("{at} names {firm:?}, which is no firm's id or name; give the id of a firm in the data")]
    UnknownFirm {
        /// In which field.
        at: String,
        /// The firm.
        firm: FirmId,
    },
    /// A constraint on a name that several firms bear.
    #[error("{at} names {name:?}, as {count} firms are called; give an id, such as {such_as}")]
    AmbiguousFirm {
        /// In which field.
        at: String,
        /// The name.
        name: String,
        /// How many firms bear it.
        count: usize,
        /// The id of one of them.
        such_as: FirmId,
    },
    /// A constraint on a chain that is not in the data.
    #[error("{at} names {chain:?}, which is no chain's id or name; give the id of a chain in the data")]
    UnknownChain {
        /// In which field.
        at: String,
        /// The chain.
        chain: String,
    },
    /// A constraint on a name that several chains bear, of which not one alone is valid.
    #[error("{at} names {name:?}, as {count} chains are called; give an id, such as {such_as}")]
    AmbiguousChain {
        /// In which field.
        at: String,
        /// The name.
        name: String,
        /// How many chains bear it.
        count: usize,
        /// The id of one of them.
        such_as: ChainId,
    },
    /// A constraint on a region that is no firm's.
    #[error("{at} names the region {region:?}, where no firm is; give one of {known}")]
    UnknownRegion {
        /// In which field.
        at: String,
        /// The region.
        region: String,
        /// The first regions that there are, and how many more.
        known: String,
    },
    /// Limits of one firm twice, by id and by name.
    #[error("firms has limits of {firm} twice, the second time as {entry:?}; keep one entry")]
    SameFirm {
        /// The firm.
        firm: FirmId,
        /// As the second entry calls it.
        entry: String,
    },
    /// A tolerance that is no finite number of 0 or more.
    #[error(
        "the tolerance {0} is no finite number of 0 or more; it is the sum of scores that fewer changes may cost"
    )]
    Tolerance(f64),
    /// Too many parties or candidates.
    #[error("{found} {what} are more than the limit of {limit}; plan chain by chain")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// How many.
        found: usize,
        /// How many there may be.
        limit: usize,
    },
}

/// What a firm is that matters to minimums and reports.
#[derive(Debug, Clone, Default, PartialEq)]
struct Facts {
    of: Trait,
    quota: Option<u32>,
    parent: Option<FirmId>,
}

/// A [`Problem`] in the making.
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct ProblemBuilder {
    anchors: Vec<FirmId>,
    pairs: Vec<Pair>,
    facts: FxHashMap<FirmId, Facts>,
    in_force: Vec<(Vec<FirmId>, Option<Level>)>,
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
        let of = Trait {
            size: firm.size_class(),
            ownership: firm.ownership,
            region: firm.region.clone(),
            chains: chains.into_iter().map(Into::into).collect(),
        };
        let facts = Facts { of, quota: firm.quota, parent: firm.parent.clone() };
        self.facts.insert(firm.id.clone(), facts);
        self
    }

    /// Tells of a pairing in force: it uses up a place of each party's quota, and no two
    /// of its parties are paired again.
    pub fn in_force(mut self, parties: impl IntoIterator<Item = FirmId>, level: Option<Level>) -> Self {
        self.in_force.push((parties.into_iter().collect(), level));
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
            for one in &ranking.recommendations {
                let is_barred = |level: &Level| {
                    let bars = |gate: &Gate| gate.bars && gate.level.is_none_or(|of| of == *level);
                    one.gates.iter().any(bars)
                };
                if !levels.is_empty() && levels.iter().all(is_barred) {
                    continue;
                }
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
        let tell = |builder: Self, id: &FirmId| match network.firm_ix(id.as_str()) {
            Some(firm) => {
                let chains = network.chains_at(firm, network.as_of());
                let chains = chains.map(|chain| network.chain(chain).id.to_string());
                let mut builder = builder.firm(network.firm(firm), chains);
                if let Some(facts) = builder.facts.get_mut(id) {
                    facts.of.size = network.size_class(firm);
                }
                builder
            }
            None => builder,
        };
        for id in &firms {
            self = tell(self, id);
        }
        let mut below: Vec<FirmId> = firms.into_iter().cloned().collect();
        while let Some(firm) = below.pop() {
            let Some(head) = self.facts.get(&firm).and_then(|facts| facts.parent.clone()) else { continue };
            if !self.facts.contains_key(&head) {
                self = tell(self, &head);
                below.push(head);
            }
        }
        self.recorded.clone_from(&network.tables().pairings);
        for pairing in &network.tables().pairings {
            // A department uses up a place of its house, whether it is a candidate or not.
            for party in &pairing.parties {
                if !self.facts.contains_key(party) {
                    self = tell(self, party);
                }
            }
        }
        self.as_of = self.as_of.or(network.as_of());
        self.network = Some(network.clone());
        self
    }

    /// Checks everything and sorts it; where there are [`rankings`](Self::rankings), firms and chains in
    /// the constraints may go by name, see [`Constraints::resolve`], and have to be known. Without
    /// rankings they go by id, and what is said of firms that are in no pair is passed over, but for locks.
    /// Everything is sorted, so that plans do not depend on the order in which things were added. O(candidates · log candidates).
    ///
    /// Places are counted so: an anchor has [`Constraints::anchor_most`] or its own limit,
    /// but no more than its quota less its pairings in force; a supplier likewise. A firm
    /// with a quota that is both gets its places as an anchor first, as many as it has open
    /// candidates for, and as a supplier what is left. Firms below a head that has a quota, at whatever depth, share it with
    /// the head itself. Of two firms that are each other's candidate, the pair of the lower
    /// score is barred (of equals, that of the greater anchor), unless locked.
    ///
    /// # Errors
    ///
    /// [`PlanError`], naming firm, value and remedy.
    pub fn build(mut self, constraints: &Constraints) -> Result<Problem, PlanError> {
        let as_of = constraints.as_of.or(self.as_of);
        let recorded = std::mem::take(&mut self.recorded).into_iter();
        let stands = |pairing: &Pairing| as_of.is_none_or(|date| pairing.is_in_force_at(date));
        let stand = recorded.filter(stands).map(|pairing| (pairing.parties, pairing.level));
        self.in_force.extend(stand);
        let told: FxHashSet<&FirmId> = self
            .pairs
            .iter()
            .flat_map(|pair| [&pair.anchor, &pair.supplier])
            .chain(&self.anchors)
            .chain(self.facts.keys())
            .collect();
        let is_told = |firm: &FirmId| told.contains(firm);
        let regions: Vec<&str> = self.facts.values().filter_map(|facts| facts.of.region.as_deref()).collect();
        let resolve = |network| constraints.clone().resolve_with(network, &is_told, &regions);
        let resolved = self.network.as_ref().map(resolve).transpose()?;
        let constraints = resolved.as_ref().unwrap_or(constraints);
        constraints.check()?;
        let pairs = &self.pairs;
        let (anchors, anchor_of) = numbered(pairs.iter().map(|pair| &pair.anchor).chain(&self.anchors));
        let (suppliers, supplier_of) = numbered(pairs.iter().map(|pair| &pair.supplier));
        let anchors = Roster::new(Side::Anchor, anchors);
        let suppliers = Roster::new(Side::Supplier, suppliers);
        check_size(
            "anchors and suppliers, the fewer of which count,",
            anchors.parties.len().min(suppliers.parties.len()),
            Problem::MOST_PARTIES,
        )?;
        check_size("candidates", pairs.len(), u32::MAX as usize / 2)?;
        pairs.iter().try_for_each(check_pair)?;
        let anchor_of = &anchor_of[..pairs.len()];
        let (starts, order) = by_anchor(anchors.parties.len(), anchor_of, &supplier_of);
        if let Some(two) = order.windows(2).find(|two| {
            let [one, other] = [two[0] as usize, two[1] as usize];
            (anchor_of[one], supplier_of[one]) == (anchor_of[other], supplier_of[other])
        }) {
            let Pair { anchor, supplier, .. } = &pairs[two[0] as usize];
            return Err(PlanError::Repeated { anchor: anchor.clone(), supplier: supplier.clone() });
        }
        let candidate = |&at: &u32| {
            let at = at as usize;
            Candidate {
                anchor: anchor_of[at],
                supplier: supplier_of[at],
                weight: steps(pairs[at].score),
                level: pairs[at].level,
                standing: Standing::Open,
            }
        };
        let worth = |&at: &u32| {
            let Pair { score, anchor_utility, supplier_utility, .. } = pairs[at as usize];
            Worth { score, utilities: [anchor_utility, supplier_utility] }
        };
        let candidates = order.iter().map(candidate).collect();
        let worths = order.iter().map(worth).collect();
        let mut problem = Problem {
            as_of,
            anchors,
            suppliers,
            candidates,
            worths,
            starts,
            linear: Vec::new(),
            traits: [Vec::new(), Vec::new()],
            quotas: [Vec::new(), Vec::new()],
            budgets: [Vec::new(), Vec::new()],
            hours: constraints.hours.clone(),
            houses: Vec::new(),
        };
        bar(&mut problem, constraints, &self.in_force)?;
        let twins = Twins::of(&problem.anchors, &problem.suppliers);
        bar_reversed(&mut problem, &twins)?;
        let in_force = InForce::count(&self.in_force);
        let places = Places { constraints, facts: &self.facts, twins, in_force };
        places.limit(&mut problem)?;
        problem.quotas =
            Side::ALL.map(|side| problem.roster(side).parties.iter().map(|firm| places.left(firm)).collect());
        problem.budgets = Side::ALL.map(|side| {
            let hours = |firm| constraints.firms.get(firm).and_then(|own| own.hours);
            problem.roster(side).parties.iter().map(hours).collect()
        });
        problem.traits = Side::ALL.map(|side| {
            let parties = problem.roster(side).parties.iter();
            parties
                .map(|firm| self.facts.get(firm).map(|facts| facts.of.clone()).unwrap_or_default())
                .collect()
        });
        problem.linear = super::linear::all(&problem, constraints)?;
        Ok(problem)
    }
}

fn sorted(mut firms: Vec<FirmId>) -> Vec<FirmId> {
    firms.sort_unstable();
    firms.dedup();
    firms
}

fn check_size(what: &'static str, found: usize, limit: usize) -> Result<(), PlanError> {
    if found <= limit { Ok(()) } else { Err(PlanError::TooLarge { what, found, limit }) }
}

/// How many pairings an anchor can have at most: it takes no more places than it has candidates for.
fn most_used(problem: &Problem, anchor: u32) -> u32 {
    let open = problem.of_anchor(anchor).filter(|&one| !problem.candidates[one].is_barred()).count();
    problem.anchors.nodes[anchor as usize].most.min(open as u32)
}

/// The most that each party and group of anchors, which have no limits at levels yet, can use up.
fn most_used_by_node(problem: &Problem) -> Vec<u32> {
    let roster = &problem.anchors;
    let parties = 0..roster.parties.len() as u32;
    let mut used: Vec<u32> = parties.map(|party| most_used(problem, party)).collect();
    used.resize(roster.nodes.len(), 0);
    // Whatever is above stands behind.
    for (at, node) in roster.nodes.iter().enumerate() {
        used[at] = used[at].min(node.most);
        if node.parent != super::roster::NONE {
            let above = node.parent as usize;
            used[above] = used[above].saturating_add(used[at]);
        }
    }
    for (at, node) in roster.nodes.iter().enumerate().rev() {
        if node.parent != super::roster::NONE {
            used[at] = used[at].min(used[node.parent as usize]);
        }
    }
    used
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

/// Firms that are on both sides: which party each is on the other one.
struct Twins {
    /// The supplier that an anchor is, and the anchor that a supplier is.
    of: [Vec<Option<u32>>; 2],
    are_none: bool,
}

impl Twins {
    fn of(anchors: &Roster, suppliers: &Roster) -> Self {
        let mut of = [vec![None; anchors.parties.len()], vec![None; suppliers.parties.len()]];
        let mut are_none = true;
        let (mut anchor, mut supplier) = (0, 0);
        while let (Some(one), Some(other)) = (anchors.parties.get(anchor), suppliers.parties.get(supplier)) {
            let order = one.cmp(other);
            if order.is_eq() {
                are_none = false;
                of[0][anchor] = Some(supplier as u32);
                of[1][supplier] = Some(anchor as u32);
            }
            anchor += usize::from(order.is_le());
            supplier += usize::from(order.is_ge());
        }
        Self { of, are_none }
    }
}

/// Bars and locks candidates.
fn bar(
    problem: &mut Problem,
    constraints: &Constraints,
    in_force: &[(Vec<FirmId>, Option<Level>)],
) -> Result<(), PlanError> {
    let as_of = problem.as_of;
    for veto in constraints.vetoes.iter().filter(|veto| veto.stands_at(as_of)) {
        problem.bar_within([&veto.anchor, &veto.supplier], Bar::Vetoed);
    }
    for group in &constraints.forbidden {
        problem.bar_within(group, Bar::Forbidden);
    }
    for (parties, _) in in_force {
        problem.bar_within(parties, Bar::InForce);
    }
    for lock in &constraints.locks {
        let fail =
            |why| PlanError::Lock { anchor: lock.anchor.clone(), supplier: lock.supplier.clone(), why };
        let found = problem.find(&lock.anchor, &lock.supplier).ok_or_else(|| fail("no candidate"))?;
        match problem.candidates[found].standing {
            Standing::Barred(Bar::InForce) => return Err(fail("in force already")),
            Standing::Barred(Bar::Vetoed) => return Err(fail("vetoed")),
            Standing::Barred(Bar::VetoedAndForbidden) => {
                return Err(fail("vetoed, and of one forbidden group"));
            }
            Standing::Barred(_) => return Err(fail("of one forbidden group")),
            Standing::Open | Standing::Locked => problem.candidates[found].standing = Standing::Locked,
        }
    }
    Ok(())
}

/// Two firms pair once, whoever is the anchor.
fn bar_reversed(problem: &mut Problem, twins: &Twins) -> Result<(), PlanError> {
    if twins.are_none {
        return Ok(());
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
                return Err(PlanError::Lock { anchor, supplier, why: "locked the other way round, too" });
            }
            (Standing::Locked, _) => reversed,
            (_, Standing::Locked) => position,
            _ if one.weight >= other.weight => reversed,
            _ => position,
        };
        problem.candidates[loser].standing = Standing::Barred(Bar::Reversed);
    }
    Ok(())
}

/// Pairings in force by firm, in all and by level.
#[derive(Default)]
struct InForce {
    all: FxHashMap<FirmId, u32>,
    at: FxHashMap<(FirmId, Level), u32>,
}

impl InForce {
    fn count(pairings: &[(Vec<FirmId>, Option<Level>)]) -> Self {
        let mut counts = Self::default();
        for (parties, level) in pairings {
            for party in sorted(parties.clone()) {
                if let Some(level) = *level {
                    *counts.at.entry((party.clone(), level)).or_default() += 1;
                }
                *counts.all.entry(party).or_default() += 1;
            }
        }
        counts
    }
}

/// Works out who has how many places.
struct Places<'a> {
    constraints: &'a Constraints,
    facts: &'a FxHashMap<FirmId, Facts>,
    twins: Twins,
    in_force: InForce,
}

impl Places<'_> {
    /// What a firm's quota leaves for new pairings.
    fn left(&self, firm: &FirmId) -> Option<u32> {
        let quota = self.facts.get(firm)?.quota?;
        Some(quota.saturating_sub(self.in_force.all.get(firm).copied().unwrap_or(0)))
    }

    fn limit(&self, problem: &mut Problem) -> Result<(), PlanError> {
        let constraints = self.constraints;
        for anchor in 0..problem.anchors.parties.len() {
            let firm = &problem.anchors.parties[anchor];
            let own = constraints.firms.get(firm);
            let most = own.and_then(|own| own.most).unwrap_or(constraints.anchor_most);
            let node = &mut problem.anchors.nodes[anchor];
            node.most = self.left(firm).map_or(most, |left| most.min(left));
            node.least = own.map_or(0, |own| own.least);
        }
        let uses_as_anchor: Vec<u32> =
            (0..problem.anchors.parties.len() as u32).map(|anchor| most_used(problem, anchor)).collect();
        for supplier in 0..problem.suppliers.parties.len() {
            let firm = &problem.suppliers.parties[supplier];
            let own = constraints.firms.get(firm);
            let most = own.and_then(|own| own.supplier_most).unwrap_or(constraints.supplier_most);
            let twin = self.twins.of[1][supplier];
            let as_anchor = twin.map_or(0, |anchor| uses_as_anchor[anchor as usize]);
            let left = self.left(firm).map(|left| left.saturating_sub(as_anchor));
            problem.suppliers.nodes[supplier].most = left.map_or(most, |left| most.min(left));
        }
        self.group(problem)?;
        for roster in [&problem.anchors, &problem.suppliers] {
            let mut names = roster.groups.clone();
            names.sort_unstable();
            if let Some(two) = names.windows(2).find(|two| two[0] == two[1]) {
                return Err(PlanError::GroupName(two[0].clone()));
            }
        }
        for roster in [&mut problem.anchors, &mut problem.suppliers] {
            for party in 0..roster.parties.len() {
                let Some(own) = constraints.firms.get(&roster.parties[party]) else { continue };
                for (&level, &most) in &own.levels {
                    let firm = roster.parties[party].clone();
                    let taken = self.in_force.at.get(&(firm, level)).copied().unwrap_or(0);
                    roster.add_level(party as u32, level, most.saturating_sub(taken));
                }
            }
        }
        Ok(())
    }

    fn group(&self, problem: &mut Problem) -> Result<(), PlanError> {
        let used = self.used_by_house();
        // The houses whose head has a quota, with the most that their anchors can use up.
        let mut houses: BTreeMap<FirmId, House> = BTreeMap::new();
        for side in Side::ALL {
            let roster = problem.roster(side);
            let (mut shares, mut heads) = (self.told_shares(roster)?, Vec::new());
            for (head, members) in self.members(roster) {
                let Some(quota) = self.facts.get(&head).and_then(|facts| facts.quota) else { continue };
                let house = houses.entry(head.clone()).or_insert_with(|| House {
                    nodes: [None; 2],
                    left: quota.saturating_sub(used.get(&head).copied().unwrap_or(0)),
                    as_anchors: 0,
                });
                let most = house.left - house.as_anchors;
                shares.push(Share { name: head.to_string(), least: 0, most, members });
                heads.push(head);
            }
            share(problem.roster_mut(side), shares)?;
            let used = if side == Side::Anchor { most_used_by_node(problem) } else { Vec::new() };
            let roster = problem.roster(side);
            for head in heads {
                let node = roster.find_limit(&Limit::Group { side, group: head.to_string() });
                if let Some(house) = houses.get_mut(&head) {
                    house.nodes[side as usize] = node;
                    if let Some(&used) = node.and_then(|node| used.get(node as usize)) {
                        house.as_anchors = used;
                    }
                }
            }
        }
        problem.houses = houses.into_values().collect();
        Ok(())
    }

    /// The groups that the constraints tell of on one side.
    fn told_shares(&self, roster: &Roster) -> Result<Vec<Share>, PlanError> {
        let mut taken: FxHashMap<FirmId, &str> = FxHashMap::default();
        let mut shares = Vec::new();
        for group in self.constraints.groups.iter().filter(|group| group.side == roster.side) {
            let firms = sorted(group.firms.clone());
            let members = firms.iter().filter_map(|firm| roster.find(firm)).collect();
            for firm in firms {
                if let Some(first) = taken.insert(firm.clone(), &group.name) {
                    let (first, second) = (first.to_owned(), group.name.clone());
                    return Err(PlanError::TwoGroups { firm, first, second });
                }
            }
            let most = group.most.unwrap_or(u32::MAX);
            shares.push(Share { name: group.name.clone(), least: group.least, most, members });
        }
        Ok(shares)
    }

    /// The parties of each house on one side: its head and all that is below it.
    fn members(&self, roster: &Roster) -> BTreeMap<FirmId, Vec<u32>> {
        let heads: FxHashSet<&FirmId> =
            self.facts.values().filter_map(|facts| facts.parent.as_ref()).collect();
        let mut members: BTreeMap<FirmId, Vec<u32>> = BTreeMap::new();
        for (firm, party) in roster.parties.iter().zip(0..) {
            let own = heads.contains(firm).then_some(firm);
            for head in self.heads(firm).into_iter().chain(own) {
                members.entry(head.clone()).or_default().push(party);
            }
        }
        members
    }

    /// The heads above a firm, the nearest first. A circle of heads ends where it closes.
    fn heads<'a>(&'a self, firm: &'a FirmId) -> Vec<&'a FirmId> {
        let (mut heads, mut seen) = (Vec::new(), FxHashSet::default());
        let mut below = firm;
        while let Some(head) = self.facts.get(below).and_then(|facts| facts.parent.as_ref())
            && head != firm
            && seen.insert(head)
        {
            heads.push(head);
            below = head;
        }
        heads
    }

    /// The pairings in force of each house: its head's and those of all parts.
    fn used_by_house(&self) -> FxHashMap<FirmId, u32> {
        let mut used: FxHashMap<FirmId, u32> = FxHashMap::default();
        for (firm, &count) in &self.in_force.all {
            for house in self.heads(firm).into_iter().chain([firm]) {
                let used = used.entry(house.clone()).or_default();
                *used = used.saturating_add(count);
            }
        }
        used
    }
}

/// Parties with a common limit.
struct Share {
    name: String,
    least: u32,
    most: u32,
    /// Ascending.
    members: Vec<u32>,
}

/// Puts parties under common limits, of which one may hold another. By size and name, so that plans do not
/// depend on the order of telling.
fn share(roster: &mut Roster, mut shares: Vec<Share>) -> Result<(), PlanError> {
    shares.sort_by(|one, other| {
        (one.members.len(), &one.name, one.least).cmp(&(other.members.len(), &other.name, other.least))
    });
    let first_group = roster.nodes.len() as u32;
    // What stands topmost above each party so far.
    let mut tops: Vec<u32> = (0..first_group).collect();
    for (at, Share { name, least, most, members }) in shares.iter().enumerate() {
        // What already stands above the members, and how many of them are below.
        let mut below: BTreeMap<u32, usize> = BTreeMap::new();
        for &member in members {
            *below.entry(tops[member as usize]).or_default() += 1;
        }
        for (&node, &count) in below.range(first_group..) {
            let other = &shares[(node - first_group) as usize];
            if other.members.len() != count {
                let (first, second) = (other.name.clone(), shares[at].name.clone());
                return Err(PlanError::Overlap { first, second });
            }
        }
        let below: Vec<u32> = below.into_keys().collect();
        for &member in members {
            tops[member as usize] = roster.nodes.len() as u32;
        }
        roster.add_group(name.clone(), *least, *most, &below);
    }
    Ok(())
}
