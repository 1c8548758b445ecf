//! Plans where limits contradict each other, leave nothing, or are very many.

use jiedui::model::{Firm, FirmId, Side};
use jiedui::plan::*;

fn lock(pair: &Pair) -> Lock {
    Lock { anchor: pair.anchor.clone(), supplier: pair.supplier.clone() }
}

fn build(pairs: &[Pair], constraints: &Constraints) -> Problem {
    Problem::builder().pairs(pairs.to_vec()).build(constraints).unwrap()
}

/// Every planner's plan passes the check; the optimal one comes back.
fn optimal(problem: &Problem) -> Plan {
    for planner in [&Greedy as &dyn Planner, &Stable::default(), &Stable::proposing(Side::Anchor)] {
        verify(problem, &planner.plan(problem)).unwrap();
    }
    let plan = Optimal.plan(problem);
    verify(problem, &plan).unwrap();
    let again = replan(problem, &plan, 0.01);
    verify(problem, &again.plan).unwrap();
    assert_eq!(again.changes(), 0);
    let _ = fairness(problem, &plan).unwrap();
    plan
}

/// A grid of pairs with scores in 64ths.
fn grid(anchors: u32, suppliers: u32) -> Vec<Pair> {
    let pair = |a: u32, s: u32| {
        Pair::new(format!("a{a:04}"), format!("s{s:04}"), f64::from((a * 37 + s * 11) % 64) / 64.0)
    };
    (0..anchors).flat_map(|a| (0..suppliers).map(move |s| pair(a, s))).collect()
}

#[test]
fn without_places_nobody_pairs() {
    let mut constraints = Constraints::default();
    constraints.anchor_most = 0;
    let problem = build(&grid(3, 4), &constraints);
    let plan = optimal(&problem);
    assert_eq!((plan.status.clone(), plan.pairings.len(), plan.objective), (Status::Optimal, 0, 0.0));
    assert!(plan.unpaired.iter().any(|one| one.side == Side::Anchor && one.reason == Reason::NoPlace));
    assert_eq!(costs(&problem).unwrap().constraints.len(), 0);
    constraints.anchor_most = 3;
    constraints.supplier_most = 0;
    assert_eq!(optimal(&build(&grid(3, 4), &constraints)).pairings.len(), 0);
    // And with a floor all the same.
    constraints.firms.entry("a0001".into()).or_default().least = 1;
    let problem = build(&grid(3, 1), &constraints);
    let Status::Infeasible { conflict } = optimal(&problem).status else { panic!() };
    let said: Vec<String> = conflict.iter().map(ToString::to_string).collect();
    assert_eq!(said, ["supplier s0000: at most 0", "anchor a0001: at least 1"]);
    assert!(costs(&problem).is_none());
}

#[test]
fn one_pair_and_one_firm() {
    let plan = optimal(&build(&[Pair::new("a", "x", 0.5)], &Constraints::default()));
    assert_eq!((plan.pairings.len(), plan.unpaired.len()), (1, 1), "the anchor has places left");
    let alone = Problem::builder().anchor("a").build(&Constraints::default()).unwrap();
    assert_eq!(optimal(&alone).pairings.len(), 0);
    // A floor of somebody with no candidate at all.
    let mut constraints = Constraints::default();
    constraints.firms.entry("a".into()).or_default().least = 1;
    let alone = Problem::builder().anchor("a").build(&constraints).unwrap();
    let Status::Infeasible { conflict } = optimal(&alone).status else { panic!() };
    assert_eq!(conflict.iter().map(ToString::to_string).collect::<Vec<_>>(), ["anchor a: at least 1"]);
}

#[test]
fn a_floor_beyond_all_numbers_is_a_conflict() {
    let mut constraints = Constraints::default();
    let own = constraints.firms.entry("a0000".into()).or_default();
    (own.least, own.most) = (u32::MAX, Some(u32::MAX));
    let problem = build(&grid(2, 3), &constraints);
    let Status::Infeasible { conflict } = optimal(&problem).status else { panic!() };
    assert_eq!(
        conflict.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["anchor a0000: at least 4294967295"]
    );
}

#[test]
fn everybody_locked_is_the_plan_or_a_conflict() {
    let pairs = grid(20, 20);
    let diagonal: Vec<&Pair> = (0..20).map(|at| &pairs[at * 20 + at]).collect();
    let mut constraints = Constraints::default();
    constraints.anchor_most = 1;
    constraints.locks = diagonal.iter().map(|&pair| lock(pair)).collect();
    let problem = build(&pairs, &constraints);
    let plan = optimal(&problem);
    assert_eq!((plan.status.clone(), plan.pairings.len()), (Status::Optimal, 20));
    assert!(
        plan.pairings.iter().all(|one| one.locked && one.anchor.as_str()[1..] == one.supplier.as_str()[1..])
    );
    // Nobody can let go alone: the other side has no place.
    assert!(costs(&problem).unwrap().constraints.iter().all(|(_, cost)| *cost == 0.0));
    constraints.locks = pairs.iter().map(lock).collect();
    let Status::Infeasible { conflict } = optimal(&build(&pairs, &constraints)).status else { panic!() };
    assert_eq!(conflict.len(), 3, "one limit and two locks: {conflict:?}");
}

/// A veto's last day still counts, whatever precision it has; a lock beside it is refused.
#[test]
fn a_veto_ends_with_its_last_day() {
    let pairs = [Pair::new("a", "x", 0.5)];
    let mut constraints = Constraints::default();
    let veto = |until: &str| Veto { anchor: "a".into(), supplier: "x".into(), until: until.parse().ok() };
    for (as_of, until, is_barred) in [
        ("2025-06-30", "2025-06-30", true),
        ("2025-07-01", "2025-06-30", false),
        ("2025-06-30", "2025-06", true),
        ("2025-06", "2025-06-01", true),
        ("2025-06", "2025-05-31", false),
        ("2025", "2024", false),
        ("2025-01-01", "2025", true),
    ] {
        constraints.as_of = as_of.parse().ok();
        constraints.vetoes = vec![veto(until)];
        let plan = optimal(&build(&pairs, &constraints));
        assert_eq!(plan.pairings.is_empty(), is_barred, "{until} on {as_of}");
        constraints.locks = vec![lock(&pairs[0])];
        let built = Problem::builder().pairs(pairs.clone()).build(&constraints);
        assert_eq!(built.is_err(), is_barred, "a lock until {until} on {as_of}");
        constraints.locks.clear();
    }
}

/// Of a house whose quota is used up nobody pairs, as anchor or supplier; its floor conflicts.
#[test]
fn a_house_without_places_conflicts_with_the_floor_of_a_part() {
    let mut firms = [Firm::new("house"), Firm::new("one"), Firm::new("other")];
    firms[0].quota = Some(2);
    (firms[1].parent, firms[2].parent) = (Some("house".into()), Some("house".into()));
    let pairs = [("one", "x", 0.9), ("other", "y", 0.8), ("house", "z", 0.7), ("b", "one", 0.6)];
    let pairs = pairs.map(|(anchor, supplier, score)| Pair::new(anchor, supplier, score));
    let of = |in_force: usize, constraints: &Constraints| {
        let mut builder = Problem::builder().pairs(pairs.clone());
        for firm in &firms {
            builder = builder.firm(firm, [""; 0]);
        }
        for number in 0..in_force {
            builder = builder.in_force(["house".into(), FirmId::from(format!("q{number}"))]);
        }
        optimal(&builder.build(constraints).unwrap())
    };
    let mut constraints = Constraints::default();
    let names = |plan: &Plan| {
        plan.pairings.iter().map(|one| format!("{}-{}", one.anchor, one.supplier)).collect::<Vec<_>>()
    };
    assert_eq!(names(&of(0, &constraints)), ["one-x", "other-y"]);
    assert_eq!(names(&of(1, &constraints)), ["one-x"]);
    assert_eq!(names(&of(2, &constraints)), [""; 0]);
    assert_eq!(names(&of(9, &constraints)), [""; 0], "more in force than the quota has");
    constraints.firms.entry("other".into()).or_default().least = 1;
    assert_eq!(names(&of(1, &constraints)), ["other-y"]);
    let Status::Infeasible { conflict } = of(2, &constraints).status else { panic!() };
    let said: Vec<String> = conflict.iter().map(ToString::to_string).collect();
    assert_eq!(said, ["anchor group house: at most 0", "anchor other: at least 1"]);
}

/// Many locks and vetoes: planned, priced and contradicted in time that grows with them.
#[test]
fn a_hundred_thousand_locks_and_vetoes() {
    let pairs = grid(400, 600);
    let mut constraints = Constraints::default();
    (constraints.anchor_most, constraints.supplier_most) = (500, 300);
    for (at, pair) in pairs.iter().enumerate() {
        match (at / 600 + at % 600) % 4 {
            0 | 2 if constraints.locks.len() < 100_000 => constraints.locks.push(lock(pair)),
            1 => {
                let Lock { anchor, supplier } = lock(pair);
                constraints.vetoes.push(Veto { anchor, supplier, until: None });
            }
            _ => {}
        }
    }
    let problem = build(&pairs, &constraints);
    let plan = Optimal.plan(&problem);
    verify(&problem, &plan).unwrap();
    assert_eq!(plan.status, Status::Optimal);
    assert_eq!(plan.pairings.iter().filter(|one| one.locked).count(), 100_000);
    let found = costs(&problem).unwrap();
    assert_eq!(found.constraints.len(), 100_000 + constraints.vetoes.len());
    // One veto against the optimum without it.
    let (dear, cost) = found
        .constraints
        .iter()
        .filter(|(one, _)| matches!(one, Constraint::Veto { .. }))
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .unwrap();
    let Constraint::Veto { anchor, supplier } = dear else { panic!() };
    let mut without = constraints.clone();
    without.vetoes.retain(|veto| (&veto.anchor, &veto.supplier) != (anchor, supplier));
    assert_eq!(Optimal.plan(&build(&pairs, &without)).objective - plan.objective, *cost);
    assert!(*cost > 0.0);
    // Supplier 0 has 200 locks and one place.
    constraints.firms.entry("s0000".into()).or_default().supplier_most = Some(1);
    let Status::Infeasible { conflict } = Optimal.plan(&build(&pairs, &constraints)).status else { panic!() };
    assert_eq!(conflict.len(), 3, "{conflict:?}");
}
