//! Which Party branches to form, and who joins whom.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{Firm, FirmId, PartyBranch};

/// The rules of forming branches, and what weighs against what, all in kilometres.
///
/// The limits are those commonly reported: three formal members form a branch; a joint branch
/// has at most five units and 50 members. The weights are our own: where branches are few and
/// near, and of one trade, they meet. A weight that is no number from 0 to 1,000,000 counts as its default;
/// with fewer than 2 units, or no member, there is no joint branch.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct FormationRules {
    /// So many formal members form a branch.
    pub own: u32,
    /// The most units of a joint branch, at least 2.
    pub units: usize,
    /// The most members of a joint branch.
    pub members: u32,
    /// What one more joint branch weighs.
    pub branch_km: f64,
    /// What it weighs that a unit is of another trade (division of industry) than the seat, or
    /// that either is unknown.
    pub unlike_km: f64,
    /// How far apart units are of which a place is unknown.
    pub unknown_km: f64,
    /// What a unit that joins nobody weighs: it is left apart rather than sent further.
    pub apart_km: f64,
}

impl FormationRules {
    /// So many units of one region are seen together, which takes 128 MB; of more, those of the first ids
    /// are parted from the next.
    pub const MOST_UNITS: usize = 4_000;

    /// The heaviest weight that counts as told.
    const MOST_KM: f64 = 1e6;

    /// The rules with the default in the place of weights that make no sense.
    fn sound(&self) -> Self {
        let default = Self::default();
        let sound = |km: f64, default: f64| if (0.0..=Self::MOST_KM).contains(&km) { km } else { default };
        Self {
            branch_km: sound(self.branch_km, default.branch_km),
            unlike_km: sound(self.unlike_km, default.unlike_km),
            unknown_km: sound(self.unknown_km, default.unknown_km),
            apart_km: sound(self.apart_km, default.apart_km),
            ..*self
        }
    }
}

impl Default for FormationRules {
    fn default() -> Self {
        Self {
            own: 3,
            units: 5,
            members: 50,
            branch_km: 5.0,
            unlike_km: 2.0,
            unknown_km: 10.0,
            apart_km: 30.0,
        }
    }
}

/// Branches to form (党组织组建方案).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[must_use]
pub struct Formation {
    /// Firms with members enough and no branch: each forms its own. By id.
    pub own: Vec<FirmId>,
    /// Joint branches, by region and seat.
    pub joint: Vec<JointBranch>,
    /// Firms with too few members that can join nobody within the rules. By id.
    pub apart: Vec<FirmId>,
    /// Firms of which the members or the branch are unknown: to be asked. By id.
    pub unknown: Vec<FirmId>,
    /// What joint branches and those apart weigh together, km.
    pub weight: f64,
    /// No choice of joint branches weighs less than this.
    pub bound: f64,
}

impl Formation {
    /// How much lighter a choice could be at most, as a share of the weight; 0 where the
    /// choice is proved best.
    pub fn gap(&self) -> f64 {
        if self.weight > 0.0 { (self.weight - self.bound).max(0.0) / self.weight } else { 0.0 }
    }
}

/// A joint branch (联合党支部).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct JointBranch {
    /// The region of all its units.
    pub region: Option<Box<str>>,
    /// The unit to which the others are nearest together.
    pub seat: FirmId,
    /// All units, by id.
    pub units: Vec<FirmId>,
    /// Their formal members together.
    pub members: u32,
}

/// Towns of as many units as this are solved exactly.
const EXACT: usize = 12;

/// Proposes which branches to form: firms with three formal members or more and no branch form
/// their own; those with fewer join in joint branches within their region, so that branches,
/// distances to the seat, differences of trade and units left apart weigh least together.
///
/// This is a capacitated clustering. Regions of up to 12 such units are solved exactly, over
/// all sets (2¹² of them); in larger ones branches are filled from the nearest, then units are
/// moved and exchanged among near branches while that makes it lighter. The bound counts, of
/// every possible number of branches, the branches and the shortest distances to a neighbour
/// that their other units can have at best; see [`Formation::gap`]. Firms with members none or
/// a branch already are not in it. O(units² · log units) a region, with 8 bytes for each two of
/// its units; firms of unknown region are one region.
///
/// ```
/// use jiedui::model::{Firm, PartyBranch, Place};
/// use jiedui::plan::{FormationRules, form};
///
/// let firm = |id: &str, members, longitude| {
///     let mut firm = Firm::new(id);
///     (firm.party_members, firm.party_branch) = (Some(members), Some(PartyBranch::None));
///     firm.place = Place::new(longitude, 27.8).ok();
///     firm
/// };
/// let firms = [firm("large", 7, 113.0), firm("one", 1, 113.0), firm("two", 2, 113.01)];
/// let formation = form(&firms, &FormationRules::default());
/// assert_eq!(formation.own[0].as_str(), "large");
/// assert_eq!(formation.joint[0].units.len(), 2);
/// assert_eq!((formation.joint[0].members, formation.gap()), (3, 0.0));
/// ```
pub fn form<'a>(firms: impl IntoIterator<Item = &'a Firm>, rules: &FormationRules) -> Formation {
    let rules = &rules.sound();
    let mut formation = Formation::default();
    let mut towns: BTreeMap<Option<&str>, Vec<&Firm>> = BTreeMap::new();
    let firms: BTreeMap<&FirmId, &Firm> = firms.into_iter().map(|firm| (&firm.id, firm)).collect();
    for firm in firms.into_values() {
        match (firm.party_branch, firm.party_members) {
            (Some(PartyBranch::Own | PartyBranch::Joint), _) | (_, Some(0)) => {}
            (None, _) | (_, None) => formation.unknown.push(firm.id.clone()),
            (Some(PartyBranch::None), Some(members)) if members >= rules.own => {
                formation.own.push(firm.id.clone());
            }
            (Some(PartyBranch::None), Some(_)) => towns.entry(firm.region.as_deref()).or_default().push(firm),
        }
    }
    let parts = towns.iter().flat_map(|(region, units)| {
        // Of one size, lest a unit be left over.
        let n_parts = units.len().div_ceil(FormationRules::MOST_UNITS).max(1);
        units.chunks(units.len().div_ceil(n_parts)).map(move |units| (*region, units))
    });
    for (region, units) in parts {
        let town = Town::new(units, rules);
        let (groups, bound) = town.solve();
        formation.bound += bound;
        let mut joint: Vec<JointBranch> = Vec::new();
        for group in groups {
            if let [unit] = group[..] {
                formation.apart.push(units[unit].id.clone());
                formation.weight += rules.apart_km;
                continue;
            }
            let (weight, seat) = town.weight(&group);
            formation.weight += weight;
            joint.push(JointBranch {
                region: region.map(Into::into),
                seat: units[seat].id.clone(),
                members: town.members_of(&group),
                units: group.iter().map(|&unit| units[unit].id.clone()).collect(),
            });
        }
        joint.sort_by(|a, b| a.seat.cmp(&b.seat));
        formation.joint.extend(joint);
    }
    formation.apart.sort_unstable();
    formation
}

/// The units of one region that are to join.
struct Town<'a> {
    rules: &'a FormationRules,
    members: Vec<u32>,
    /// What it weighs that one unit has its branch at another, row by row; symmetric.
    distances: Vec<f64>,
}

/// Units ascending.
type Group = Vec<usize>;

impl<'a> Town<'a> {
    fn new(units: &[&Firm], rules: &'a FormationRules) -> Self {
        let n = units.len();
        let mut distances = vec![0.0; n * n];
        for (one, a) in units.iter().enumerate() {
            for (other, b) in units.iter().enumerate().skip(one + 1) {
                let km = a.place.zip(b.place).map_or(rules.unknown_km, |(a, b)| a.distance_km(b));
                let division =
                    |firm: &Firm| firm.industry.as_ref().and_then(crate::model::Industry::division);
                let alike = division(a).is_some() && division(a) == division(b);
                let weight = km + if alike { 0.0 } else { rules.unlike_km };
                distances[one * n + other] = weight;
                distances[other * n + one] = weight;
            }
        }
        let members = units.iter().map(|unit| unit.party_members.unwrap_or(0)).collect();
        Self { rules, members, distances }
    }

    fn n(&self) -> usize {
        self.members.len()
    }

    fn distance(&self, one: usize, other: usize) -> f64 {
        self.distances[one * self.n() + other]
    }

    fn members_of(&self, group: &[usize]) -> u32 {
        group.iter().fold(0, |sum, &unit| sum.saturating_add(self.members[unit]))
    }

    /// Whether units can be one branch, or one of them be left apart.
    fn is_allowed(&self, group: &[usize]) -> bool {
        let members = self.members_of(group);
        group.len() == 1
            || group.len() <= self.rules.units && (self.rules.own..=self.rules.members).contains(&members)
    }

    /// What a group weighs, and its best seat; the first of equals.
    fn weight(&self, group: &[usize]) -> (f64, usize) {
        if let [unit] = *group {
            return (self.rules.apart_km, unit);
        }
        let at = |seat: usize| group.iter().map(|&unit| self.distance(unit, seat)).sum::<f64>();
        let best = group.iter().map(|&seat| (at(seat), seat)).min_by(|a, b| a.0.total_cmp(&b.0));
        let (weight, seat) = best.unwrap_or_default();
        (weight + self.rules.branch_km, seat)
    }

    /// Groups of all units, those of one being left apart, and a bound on the weight.
    fn solve(&self) -> (Vec<Group>, f64) {
        if self.n() <= EXACT {
            return self.exact();
        }
        let mut groups = self.fill();
        self.improve(&mut groups);
        let weight: f64 = groups.iter().map(|group| self.weight(group).0).sum();
        (groups, self.bound().min(weight))
    }

    /// The lightest groups, over all sets of units.
    fn exact(&self) -> (Vec<Group>, f64) {
        let n = self.n();
        let members = |set: usize| (0..n).filter(|unit| set >> unit & 1 == 1).collect::<Group>();
        let weights: Vec<Option<f64>> = (0..1_usize << n)
            .map(|set| {
                let count = set.count_ones() as usize;
                if count == 0 || count > self.rules.units.max(1) {
                    return None;
                }
                let group = members(set);
                self.is_allowed(&group).then(|| self.weight(&group).0)
            })
            .collect();
        // The lightest way to group each set, and the group of its first unit.
        let mut best: Vec<(f64, usize)> = vec![(0.0, 0); 1 << n];
        for set in 1..1_usize << n {
            let first = set & set.wrapping_neg();
            let rest = set ^ first;
            // Alone, where no group weighs less than without end.
            let mut lightest = (f64::INFINITY, first);
            let mut part = rest;
            loop {
                let group = part | first;
                if let Some(weight) = weights[group] {
                    let all = weight + best[set ^ group].0;
                    if all < lightest.0 {
                        lightest = (all, group);
                    }
                }
                if part == 0 {
                    break;
                }
                part = (part - 1) & rest;
            }
            best[set] = lightest;
        }
        let mut groups = Vec::new();
        let mut set = (1 << n) - 1;
        while set != 0 {
            groups.push(members(best[set].1));
            set ^= best[set].1;
        }
        (groups, best[(1 << n) - 1].0)
    }

    /// Groups filled from the nearest, starting where neighbours are near.
    fn fill(&self) -> Vec<Group> {
        let n = self.n();
        let mut order: Vec<usize> = (0..n).collect();
        let nearest = self.nearest();
        order.sort_by(|&a, &b| nearest[a].total_cmp(&nearest[b]).then(a.cmp(&b)));
        let mut is_taken = vec![false; n];
        let mut groups = Vec::new();
        for &seat in &order {
            if is_taken[seat] {
                continue;
            }
            let mut near: Vec<usize> = (0..n).filter(|&unit| unit != seat && !is_taken[unit]).collect();
            near.sort_by(|&a, &b| self.distance(seat, a).total_cmp(&self.distance(seat, b)).then(a.cmp(&b)));
            let mut group = vec![seat];
            let mut members = self.members[seat];
            for unit in near {
                let is_full = group.len() >= self.rules.units;
                if is_full || self.distance(seat, unit) > self.rules.apart_km {
                    break;
                }
                let joined = members.saturating_add(self.members[unit]);
                if joined <= self.rules.members {
                    members = joined;
                    group.push(unit);
                }
            }
            group.sort_unstable();
            if self.is_allowed(&group) && group.len() > 1 {
                for &unit in &group {
                    is_taken[unit] = true;
                }
                groups.push(group);
            }
        }
        groups.extend((0..n).filter(|&unit| !is_taken[unit]).map(|unit| vec![unit]));
        groups
    }

    /// Moves and exchanges units among groups while that makes them lighter, in a fixed order
    /// and at most so many rounds.
    fn improve(&self, groups: &mut Vec<Group>) {
        const ROUNDS: usize = 50;
        const NEAR: usize = 8;
        let n = self.n();
        let mut near: Vec<Vec<usize>> = Vec::with_capacity(n);
        for unit in 0..n {
            let mut others: Vec<usize> = (0..n).filter(|&other| other != unit).collect();
            others
                .sort_by(|&a, &b| self.distance(unit, a).total_cmp(&self.distance(unit, b)).then(a.cmp(&b)));
            others.truncate(NEAR);
            near.push(others);
        }
        let mut group_of = vec![0; n];
        for (number, group) in groups.iter().enumerate() {
            for &unit in group {
                group_of[unit] = number;
            }
        }
        for _ in 0..ROUNDS {
            let mut is_better = false;
            for unit in 0..n {
                for &other in &near[unit] {
                    let (from, to) = (group_of[unit], group_of[other]);
                    if from == to {
                        continue;
                    }
                    for exchanged in [None, Some(other)] {
                        let Some((left, joined)) = self.lighter(&groups[from], &groups[to], unit, exchanged)
                        else {
                            continue;
                        };
                        (groups[from], groups[to]) = (left, joined);
                        group_of[unit] = to;
                        if let Some(other) = exchanged {
                            group_of[other] = from;
                        }
                        is_better = true;
                        break;
                    }
                }
            }
            if !is_better {
                break;
            }
        }
        groups.retain(|group| !group.is_empty());
    }

    /// Both groups after a unit has moved, and another taken its place, if that is allowed and
    /// lighter.
    fn lighter(
        &self,
        from: &Group,
        to: &Group,
        unit: usize,
        exchanged: Option<usize>,
    ) -> Option<(Group, Group)> {
        let change = |group: &Group, leaves: Option<usize>, joins: Option<usize>| {
            let stay = group.iter().copied().filter(|&one| Some(one) != leaves);
            let mut changed: Group = stay.chain(joins).collect();
            changed.sort_unstable();
            changed
        };
        let (left, joined) = (change(from, Some(unit), exchanged), change(to, exchanged, Some(unit)));
        let weight = |group: &Group| if group.is_empty() { 0.0 } else { self.weight(group).0 };
        let is_allowed = (left.is_empty() || self.is_allowed(&left)) && self.is_allowed(&joined);
        let before = weight(from) + weight(to);
        // Less than rounding is no gain.
        (is_allowed && weight(&left) + weight(&joined) < before - 1e-9).then_some((left, joined))
    }

    /// The distance of each unit to its nearest neighbour.
    fn nearest(&self) -> Vec<f64> {
        let n = self.n();
        let to = |unit: usize| (0..n).filter(move |&other| other != unit);
        (0..n)
            .map(|unit| to(unit).map(|other| self.distance(unit, other)).fold(f64::INFINITY, f64::min))
            .collect()
    }

    /// For every number of units apart and of branches: what these weigh, and the shortest
    /// distances to a neighbour that the remaining units can have.
    fn bound(&self) -> f64 {
        let n = self.n();
        let mut nearest = self.nearest();
        nearest.sort_by(f64::total_cmp);
        let mut sums = vec![0.0];
        for distance in nearest {
            sums.push(sums[sums.len() - 1] + distance);
        }
        let mut least = f64::INFINITY;
        for apart in 0..=n {
            let joined = n - apart;
            let fewest = joined.div_ceil(self.rules.units.max(1));
            for branches in fewest..=(joined / 2).max(fewest) {
                let weight = apart as f64 * self.rules.apart_km
                    + branches as f64 * self.rules.branch_km
                    + sums[joined - branches.min(joined)];
                least = least.min(weight);
            }
        }
        least
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Place;
    use proptest::prelude::*;

    fn units(drawn: &[(u32, f64, f64)]) -> Vec<Firm> {
        let firm = |(number, &(members, x, y)): (usize, &(u32, f64, f64))| {
            let mut firm = Firm::new(format!("u{number:03}"));
            (firm.party_members, firm.party_branch) = (Some(members), Some(PartyBranch::None));
            firm.place = Place::new(113.0 + x, 27.0 + y).ok();
            firm
        };
        drawn.iter().enumerate().map(firm).collect()
    }

    #[test]
    fn whatever_it_costs_to_stay_apart_each_unit_has_a_group() {
        for apart_km in [f64::INFINITY, f64::NAN, f64::NEG_INFINITY] {
            let rules = FormationRules { apart_km, ..FormationRules::default() };
            let firms = units(&[(1, 0.0, 0.0), (1, 0.1, 0.1)]);
            let formed = form(&firms, &rules);
            let named = formed.joint.iter().map(|branch| branch.units.len()).sum::<usize>();
            assert_eq!(named + formed.apart.len(), 2, "{apart_km}: {formed:?}");
        }
    }

    /// The lightest grouping, trying to put each unit in every group so far or a new one.
    fn lightest(town: &Town<'_>, unit: usize, groups: &mut Vec<Group>) -> f64 {
        if unit == town.n() {
            let is_allowed = groups.iter().all(|group| town.is_allowed(group));
            return if is_allowed {
                groups.iter().map(|group| town.weight(group).0).sum()
            } else {
                f64::INFINITY
            };
        }
        let mut best = f64::INFINITY;
        for at in 0..groups.len() {
            groups[at].push(unit);
            best = best.min(lightest(town, unit + 1, groups));
            groups[at].pop();
        }
        groups.push(vec![unit]);
        best = best.min(lightest(town, unit + 1, groups));
        groups.pop();
        best
    }

    fn drawn(most: usize) -> impl Strategy<Value = Vec<(u32, f64, f64)>> {
        prop::collection::vec((1..3_u32, 0.0..0.5_f64, 0.0..0.5_f64), 0..most)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn small_towns_are_solved_exactly(drawn in drawn(8)) {
            let (firms, rules) = (units(&drawn), FormationRules::default());
            let formation = form(&firms, &rules);
            let refs: Vec<&Firm> = firms.iter().collect();
            let best = lightest(&Town::new(&refs, &rules), 0, &mut Vec::new());
            prop_assert!((formation.weight - best).abs() < 1e-6, "{} {best}", formation.weight);
            prop_assert!(formation.gap() < 1e-9);
        }

        #[test]
        fn every_town_keeps_to_the_rules_and_the_bound_is_one(drawn in drawn(40)) {
            let (firms, rules) = (units(&drawn), FormationRules::default());
            let formation = form(&firms, &rules);
            prop_assert!(formation.bound <= formation.weight + 1e-9);
            let mut seen: Vec<&FirmId> = formation.apart.iter().collect();
            for branch in &formation.joint {
                prop_assert!((2..=rules.units).contains(&branch.units.len()));
                prop_assert!((rules.own..=rules.members).contains(&branch.members));
                prop_assert!(branch.units.contains(&branch.seat));
                seen.extend(&branch.units);
            }
            seen.sort_unstable();
            let all: Vec<&FirmId> = firms.iter().map(|firm| &firm.id).collect();
            prop_assert_eq!(seen, all);
        }

        /// The bound of large towns holds in small ones, where the best is known.
        #[test]
        fn the_bound_is_below_the_best(drawn in drawn(8)) {
            prop_assume!(drawn.len() > 1);
            let (firms, rules) = (units(&drawn), FormationRules::default());
            let refs: Vec<&Firm> = firms.iter().collect();
            let town = Town::new(&refs, &rules);
            prop_assert!(town.bound() <= lightest(&town, 0, &mut Vec::new()) + 1e-9);
            let mut groups = town.fill();
            let filled: f64 = groups.iter().map(|group| town.weight(group).0).sum();
            town.improve(&mut groups);
            let improved: f64 = groups.iter().map(|group| town.weight(group).0).sum();
            prop_assert!(improved <= filled + 1e-9);
        }
    }

    #[test]
    fn a_branch_weighs_what_parts_its_units() {
        let two = |change: &dyn Fn(&mut [Firm])| {
            let mut firms = units(&[(1, 0.0, 0.0), (2, 0.0, 0.0)]);
            for firm in &mut firms {
                firm.industry = Some(crate::model::Industry::new("C33"));
            }
            change(&mut firms);
            form(&firms, &FormationRules::default())
        };
        // A branch weighs 5 km; another trade, or an unknown one, 2; an unknown place 10; to stay apart 30 each.
        assert_eq!(two(&|_| {}).weight, 5.0);
        assert_eq!(two(&|firms| firms[0].industry = Some(crate::model::Industry::new("C34"))).weight, 7.0);
        assert_eq!(two(&|firms| firms[0].industry = None).weight, 7.0);
        assert_eq!(two(&|firms| firms.iter_mut().for_each(|firm| firm.industry = None)).weight, 7.0);
        assert_eq!(two(&|firms| firms[0].place = None).weight, 15.0);
        let parted = two(&|firms| firms[0].region = Some("north".into()));
        assert_eq!((parted.weight, parted.apart.len()), (60.0, 2), "of two regions");
        // A branch of few members takes no more.
        let most = |members| {
            let firms = units(&[(2, 0.0, 0.0), (2, 0.0, 0.0)]);
            form(&firms, &FormationRules { members, ..FormationRules::default() }).joint.len()
        };
        assert_eq!([3, 4].map(most), [0, 1]);
        assert_eq!(Formation { weight: 10.0, bound: 8.0, ..Formation::default() }.gap(), 0.2);
    }

    #[test]
    fn who_has_a_branch_or_nobody_is_not_in_it() {
        let mut firms = units(&[(0, 0.0, 0.0), (3, 0.0, 0.0), (2, 0.0, 0.0), (2, 0.0, 0.0), (2, 0.0, 0.0)]);
        firms[2].party_branch = Some(PartyBranch::Own);
        firms[3].party_branch = None;
        let formation = form(&firms, &FormationRules::default());
        let text = |firms: &[FirmId]| firms.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(text(&formation.own), ["u001"]);
        assert_eq!(text(&formation.unknown), ["u003"]);
        assert_eq!(text(&formation.apart), ["u004"]);
        assert!(formation.joint.is_empty());
    }
}
