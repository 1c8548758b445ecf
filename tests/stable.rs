//! Stable plans: published examples, blocking pairs, and the laws of deferred acceptance.

use std::collections::{BTreeMap, BTreeSet};

use jiedui::model::{FirmId, Level, Side};
use jiedui::plan::*;
use proptest::prelude::*;

/// A problem from preference lists, best first: anchors with their quotas, then suppliers. A
/// pair is a candidate where both list each other.
fn market(anchors: &[(&str, u32, &[&str])], suppliers: &[(&str, &[&str])]) -> (Problem, Vec<Pair>) {
    let utility = |list: &[&str], name: &str| {
        list.iter().position(|&one| one == name).map(|at| 1.0 - at as f64 / list.len() as f64)
    };
    let mut pairs = Vec::new();
    let mut constraints = Constraints::default();
    for &(anchor, quota, list) in anchors {
        constraints.firms.entry(anchor.into()).or_default().most = Some(quota);
        for &(supplier, of_supplier) in suppliers {
            if let (Some(a), Some(s)) = (utility(list, supplier), utility(of_supplier, anchor)) {
                pairs.push(Pair::new(anchor, supplier, 0.5).valued(a, s));
            }
        }
    }
    let builder = anchors.iter().fold(Problem::builder(), |builder, &(anchor, ..)| builder.anchor(anchor));
    (builder.pairs(pairs.clone()).build(&constraints).unwrap(), pairs)
}

fn names(plan: &Plan) -> Vec<String> {
    plan.pairings.iter().map(|one| format!("{}-{}", one.anchor, one.supplier)).collect()
}

fn both(problem: &Problem) -> [Plan; 2] {
    Side::ALL.map(|side| Stable::proposing(side).plan(problem))
}

/// Every set of marriages without blocking pairs, each made a plan by locking it.
fn stable_marriages(problem: &Problem, pairs: &[Pair], n: usize) -> Vec<Vec<String>> {
    let (men, women): (BTreeSet<_>, BTreeSet<_>) =
        pairs.iter().map(|pair| (pair.anchor.clone(), pair.supplier.clone())).unzip();
    let women: Vec<FirmId> = women.into_iter().collect();
    let mut found = Vec::new();
    permute(&mut (0..n).collect(), 0, &mut |order| {
        let mut constraints = Constraints::default();
        let wed = men.iter().zip(order).map(|(man, &at)| (man.clone(), women[at].clone()));
        constraints.locks = wed.map(|(anchor, supplier)| Lock { anchor, supplier }).collect();
        constraints.anchor_most = 1;
        let locked = Problem::builder().pairs(pairs.to_vec()).build(&constraints).unwrap();
        let mut plan = Optimal.plan(&locked);
        for one in &mut plan.pairings {
            one.locked = false;
        }
        if blocking_pairs(problem, &plan).unwrap().is_empty() {
            found.push(names(&plan));
        }
    });
    found.sort();
    found
}

fn permute(order: &mut Vec<usize>, from: usize, visit: &mut dyn FnMut(&[usize])) {
    if from == order.len() {
        return visit(order);
    }
    for at in from..order.len() {
        order.swap(from, at);
        permute(order, from + 1, visit);
        order.swap(from, at);
    }
}

/// Gale and Shapley 1962, example 1: "there are six possible sets of marriages; of these,
/// three are stable".
#[test]
fn gale_and_shapleys_first_example() {
    let (problem, pairs) = market(
        &[("alpha", 1, &["A", "B", "C"]), ("beta", 1, &["B", "C", "A"]), ("gamma", 1, &["C", "A", "B"])],
        &[
            ("A", &["beta", "gamma", "alpha"]),
            ("B", &["gamma", "alpha", "beta"]),
            ("C", &["alpha", "beta", "gamma"]),
        ],
    );
    let [by_men, by_women] = both(&problem);
    assert_eq!(names(&by_men), ["alpha-A", "beta-B", "gamma-C"], "each man his first choice");
    assert_eq!(names(&by_women), ["alpha-C", "beta-A", "gamma-B"], "each woman hers");
    let stable = stable_marriages(&problem, &pairs, 3);
    assert_eq!(
        stable,
        [
            ["alpha-A", "beta-B", "gamma-C"],
            ["alpha-B", "beta-C", "gamma-A"],
            ["alpha-C", "beta-A", "gamma-B"],
        ]
    );
}

/// The same, example 2: only one stable set of marriages.
#[test]
fn gale_and_shapleys_second_example() {
    let (problem, pairs) = market(
        &[
            ("alpha", 1, &["A", "B", "C", "D"]),
            ("beta", 1, &["A", "D", "C", "B"]),
            ("gamma", 1, &["B", "A", "C", "D"]),
            ("delta", 1, &["D", "B", "C", "A"]),
        ],
        &[
            ("A", &["delta", "gamma", "alpha", "beta"]),
            ("B", &["beta", "delta", "alpha", "gamma"]),
            ("C", &["delta", "alpha", "beta", "gamma"]),
            ("D", &["gamma", "beta", "alpha", "delta"]),
        ],
    );
    let only = ["alpha-C", "beta-D", "delta-B", "gamma-A"];
    for plan in both(&problem) {
        assert_eq!(names(&plan), only);
    }
    let stable = stable_marriages(&problem, &pairs, 4);
    assert_eq!(stable, [only]);
}

/// The example of the National Resident Matching Program, "How the matching algorithm works":
/// eight applicants, four programmes of two positions.
#[test]
fn the_example_of_the_resident_matching_programme() {
    let (problem, _) = market(
        &[
            ("Mercy", 2, &["Chen", "Garcia"]),
            ("City", 2, &["Garcia", "Hassan", "Eastman", "Anderson", "Brown", "Chen", "Davis", "Ford"]),
            ("General", 2, &["Brown", "Eastman", "Hassan", "Anderson", "Chen", "Davis", "Garcia"]),
            ("State", 2, &["Brown", "Eastman", "Anderson", "Chen", "Hassan", "Ford", "Davis", "Garcia"]),
        ],
        &[
            ("Anderson", &["City"]),
            ("Brown", &["City", "Mercy"]),
            ("Chen", &["City", "Mercy"]),
            ("Davis", &["Mercy", "City", "General", "State"]),
            ("Eastman", &["City", "Mercy", "State", "General"]),
            ("Ford", &["City", "General", "Mercy", "State"]),
            ("Garcia", &["City", "Mercy", "State", "General"]),
            ("Hassan", &["State", "City", "Mercy", "General"]),
        ],
    );
    let plan = Stable::proposing(Side::Supplier).plan(&problem);
    let published =
        ["City-Eastman", "City-Garcia", "General-Davis", "Mercy-Chen", "State-Ford", "State-Hassan"];
    assert_eq!(names(&plan), published);
    let left: Vec<&str> =
        plan.unpaired.iter().filter(|one| one.side == Side::Supplier).map(|one| one.firm.as_str()).collect();
    assert_eq!(left, ["Anderson", "Brown"]);
    assert_eq!(blocking_pairs(&problem, &plan), Ok(Vec::new()));
}

#[test]
fn quotas_above_demand_turn_nobody_away() {
    let (problem, _) = market(
        &[("p", 9, &["x", "y", "z"]), ("q", 9, &["z", "y", "x"])],
        &[("x", &["p", "q"]), ("y", &["q", "p"]), ("z", &["p", "q"])],
    );
    for plan in both(&problem) {
        assert_eq!(names(&plan), ["p-x", "p-z", "q-y"]);
    }
}

#[test]
fn ties_fall_to_the_smaller_id() {
    let pairs = [("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")].map(|(a, s)| Pair::new(a, s, 0.5));
    let mut constraints = Constraints::default();
    constraints.anchor_most = 1;
    let problem = Problem::builder().pairs(pairs).build(&constraints).unwrap();
    for plan in both(&problem) {
        assert_eq!(names(&plan), ["a-x", "b-y"]);
    }
}

#[derive(Debug, Clone)]
struct Told {
    pairs: Vec<Pair>,
    constraints: Constraints,
}

/// Anchors with quotas, suppliers with one place, and utilities that are strict: a shuffle of
/// different numbers on each side.
fn strict() -> impl Strategy<Value = Told> {
    let drawn = prop::collection::btree_set((0..4_usize, 0..6_usize), 1..13);
    let shuffled = || Just((1..=13_u32).collect::<Vec<_>>()).prop_shuffle();
    (drawn, shuffled(), shuffled(), prop::collection::vec(0..4_u32, 4)).prop_map(
        |(drawn, of_anchors, of_suppliers, quotas)| {
            let pairs = drawn.into_iter().zip(of_anchors.into_iter().zip(of_suppliers));
            let pairs = pairs.map(|((a, s), (ua, us))| {
                Pair::new(format!("a{a}"), format!("s{s}"), 0.5)
                    .valued(f64::from(ua) / 16.0, f64::from(us) / 16.0)
            });
            let mut constraints = Constraints::default();
            for (number, quota) in quotas.into_iter().enumerate() {
                constraints.firms.entry(format!("a{number}").into()).or_default().most = Some(quota);
            }
            Told { pairs: pairs.collect(), constraints }
        },
    )
}

impl Told {
    fn problem(&self) -> Problem {
        Problem::builder().pairs(self.pairs.clone()).build(&self.constraints).unwrap()
    }

    fn quota(&self, anchor: &FirmId) -> usize {
        self.constraints.firms[anchor.as_str()].most.unwrap() as usize
    }

    /// By definition, without limits at levels: pairs that both would rather have.
    fn blocks(&self, chosen: &[&Pair]) -> bool {
        self.pairs.iter().any(|pair| {
            let is_chosen = chosen.contains(&pair);
            let of_anchor: Vec<_> = chosen.iter().filter(|one| one.anchor == pair.anchor).collect();
            let of_supplier: Vec<_> = chosen.iter().filter(|one| one.supplier == pair.supplier).collect();
            let quota = self.quota(&pair.anchor);
            let anchor_would = of_anchor.len() < quota
                || of_anchor.iter().any(|one| one.anchor_utility < pair.anchor_utility);
            let supplier_would = of_supplier.is_empty()
                || of_supplier.iter().any(|one| one.supplier_utility < pair.supplier_utility);
            !is_chosen && quota > 0 && anchor_would && supplier_would
        })
    }

    fn is_allowed(&self, chosen: &[&Pair]) -> bool {
        let anchors: BTreeSet<_> = chosen.iter().map(|one| &one.anchor).collect();
        let suppliers: BTreeSet<_> = chosen.iter().map(|one| &one.supplier).collect();
        let count = |anchor: &FirmId| chosen.iter().filter(|one| one.anchor == *anchor).count();
        suppliers.len() == chosen.len()
            && anchors.into_iter().all(|anchor| count(anchor) <= self.quota(anchor))
    }

    fn chosen(&self, plan: &Plan) -> Vec<&Pair> {
        let is_planned = |pair: &&Pair| {
            plan.pairings.iter().any(|one| (&one.anchor, &one.supplier) == (&pair.anchor, &pair.supplier))
        };
        self.pairs.iter().filter(is_planned).collect()
    }
}

/// Anything goes: ties, levels, shared quotas, locks.
fn tangled() -> impl Strategy<Value = Told> {
    let pair = (0..4_usize, 0..6_usize, 0..4_u32, 0..4_u32, prop::option::of(0..3_usize));
    let own = (0..6_usize, any::<bool>(), prop::option::of(0..3_u32), prop::option::of(0..2_u32));
    (
        prop::collection::vec(pair, 1..14),
        prop::collection::vec(own, 0..4),
        (0..4_u32, 1..3_u32),
        prop::option::of((any::<bool>(), 0..4_u32)),
        prop::option::of(any::<prop::sample::Index>()),
    )
        .prop_map(|(drawn, owns, (anchor_most, supplier_most), group, lock)| {
            let mut pairs = BTreeMap::new();
            for (a, s, ua, us, level) in drawn {
                let mut pair = Pair::new(format!("a{a}"), format!("s{s}"), 0.5)
                    .valued(f64::from(ua) / 4.0, f64::from(us) / 4.0);
                pair.level = level.map(|level| Level::ALL[level]);
                pairs.insert((a, s), pair);
            }
            let pairs: Vec<Pair> = pairs.into_values().collect();
            let mut constraints = Constraints::default();
            (constraints.anchor_most, constraints.supplier_most) = (anchor_most, supplier_most);
            for (number, is_anchor, most, level) in owns {
                let firm = if is_anchor { format!("a{number}") } else { format!("s{number}") };
                let own = constraints.firms.entry(firm.into()).or_default();
                (own.most, own.supplier_most) = (most, most);
                own.levels.extend(level.map(|most| (Level::Branch, most)));
            }
            if let Some((is_anchor, most)) = group {
                let (side, letter) = if is_anchor { (Side::Anchor, 'a') } else { (Side::Supplier, 's') };
                let firms = (0..3).map(|number| format!("{letter}{number}").into()).collect();
                constraints.groups.push(Group {
                    name: "house".into(),
                    side,
                    firms,
                    least: 0,
                    most: Some(most),
                });
            }
            if let Some(lock) = lock {
                let Pair { anchor, supplier, .. } = pairs[lock.index(pairs.len())].clone();
                constraints.locks.push(Lock { anchor, supplier });
            }
            Told { pairs, constraints }
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_pair_blocks_a_stable_plan(told in strict()) {
        let problem = told.problem();
        for plan in both(&problem) {
            prop_assert_eq!(verify(&problem, &plan), Ok(()));
            prop_assert!(told.is_allowed(&told.chosen(&plan)));
            prop_assert!(!told.blocks(&told.chosen(&plan)));
            prop_assert_eq!(blocking_pairs(&problem, &plan), Ok(Vec::new()));
        }
    }

    #[test]
    fn no_pair_blocks_whatever_the_limits(told in tangled()) {
        let problem = told.problem();
        for plan in both(&problem) {
            prop_assert_eq!(verify(&problem, &plan), Ok(()));
            prop_assert_eq!(blocking_pairs(&problem, &plan), Ok(Vec::new()));
            // Only a lock can break a limit.
            prop_assert!(plan.is_feasible() || !told.constraints.locks.is_empty());
        }
    }

    /// Roth, On the Allocation of Residents to Rural Hospitals, Econometrica 54(2), 1986.
    #[test]
    fn rural_hospitals_get_the_same_in_every_stable_plan(told in strict()) {
        let problem = told.problem();
        let [by_anchors, by_suppliers] = both(&problem);
        let paired = |plan: &Plan| plan.pairings.iter().map(|one| one.supplier.clone()).collect::<BTreeSet<_>>();
        prop_assert_eq!(paired(&by_anchors), paired(&by_suppliers));
        let anchors: BTreeSet<&FirmId> = told.pairs.iter().map(|pair| &pair.anchor).collect();
        for anchor in anchors {
            let of = |plan: &Plan| plan.suppliers(anchor.as_str()).cloned().collect::<Vec<_>>();
            let (one, other) = (of(&by_anchors), of(&by_suppliers));
            prop_assert_eq!(one.len(), other.len());
            if one.len() < told.quota(anchor) {
                prop_assert_eq!(one, other);
            }
        }
    }

    /// Among all stable plans, found by trying every choice.
    #[test]
    fn who_proposes_gets_the_best_stable_plan(told in strict()) {
        let problem = told.problem();
        let [by_anchors, by_suppliers] = both(&problem).map(|plan| {
            let chosen: Vec<Pair> = told.chosen(&plan).into_iter().cloned().collect();
            chosen
        });
        let of = |chosen: &[&Pair], supplier: &FirmId| {
            chosen.iter().find(|one| one.supplier == *supplier).map(|one| one.supplier_utility)
        };
        for mask in 0..1_u32 << told.pairs.len() {
            let chosen: Vec<&Pair> =
                told.pairs.iter().enumerate().filter(|(at, _)| mask >> at & 1 == 1).map(|(_, pair)| pair).collect();
            if !told.is_allowed(&chosen) || told.blocks(&chosen) {
                continue;
            }
            for supplier in chosen.iter().map(|one| &one.supplier) {
                let (best, worst): (Vec<&Pair>, Vec<&Pair>) =
                    (by_suppliers.iter().collect(), by_anchors.iter().collect());
                prop_assert!(of(&best, supplier) >= of(&chosen, supplier));
                prop_assert!(of(&worst, supplier) <= of(&chosen, supplier));
            }
        }
    }

    #[test]
    fn with_one_common_score_stable_is_greedy(told in strict()) {
        let mut told = told;
        for pair in &mut told.pairs {
            (pair.score, pair.supplier_utility) = (pair.anchor_utility, pair.anchor_utility);
        }
        let problem = told.problem();
        let greedy = Greedy.plan(&problem);
        for plan in both(&problem) {
            prop_assert_eq!(names(&plan), names(&greedy));
        }
    }

    #[test]
    fn a_worse_plan_is_blocked(told in strict()) {
        let problem = told.problem();
        let mut plan = Stable::default().plan(&problem);
        if let Some(dropped) = plan.pairings.pop() {
            let blocking = blocking_pairs(&problem, &plan).unwrap();
            prop_assert!(blocking.contains(&(dropped.anchor, dropped.supplier)));
        }
    }
}
