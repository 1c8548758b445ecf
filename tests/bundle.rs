//! Group pairings, agreements of more than two, and who competes.

#[path = "../benches/planning/instance.rs"]
#[allow(dead_code)]
mod instance;

use std::collections::BTreeSet;

use jiedui::model::{Firm, FirmId, Level, Side};
use jiedui::plan::*;
use proptest::prelude::*;

fn pair(anchor: &str, supplier: &str, score: f64) -> Pair {
    Pair::new(anchor, supplier, score)
}

fn members(group: &GroupPairing) -> Vec<&str> {
    group.suppliers.iter().map(|one| one.supplier.as_str()).collect()
}

fn nobody(_: &FirmId, _: &FirmId) -> bool {
    false
}

/// One anchor, one place, taken by `p`; the others are left to groups.
fn left_to_groups(change: impl Fn(&mut Constraints)) -> (Problem, Plan) {
    let mut constraints = Constraints::default();
    constraints.anchor_most = 1;
    change(&mut constraints);
    let levels = [None, Some(Level::Branch), Some(Level::Enterprise), Some(Level::Branch)];
    let pairs = ["p", "q", "r", "s"].into_iter().zip(levels).enumerate().map(|(at, (supplier, level))| {
        let mut pair = pair("a", supplier, (8 - at) as f64 / 8.0);
        pair.level = level;
        pair
    });
    let problem = Problem::builder().pairs(pairs).build(&constraints).unwrap();
    let plan = Optimal.plan(&problem);
    assert_eq!(plan.pairings.len(), 1);
    (problem, plan)
}

/// One quota counts for a firm that is anchor and supplier, in groups, too.
#[test]
fn a_firm_in_both_roles_has_one_quota() {
    let mut constraints = Constraints::default();
    constraints.anchor_most = 1;
    let pairs = |anchor, suppliers: &[&str], score| {
        suppliers.iter().map(|supplier| pair(anchor, supplier, score)).collect::<Vec<_>>()
    };
    let all = [
        pairs("F", &["s0"], 0.9),
        pairs("F", &["s1", "s2", "s3"], 0.5),
        pairs("A", &["t0"], 0.9),
        pairs("A", &["F", "t1", "t2"], 0.4),
    ];
    for (quota, groups_of_f) in [(1, 0), (2, 1), (3, 2)] {
        let f = Firm { quota: Some(quota), ..Firm::new("F") };
        let problem = Problem::builder().pairs(all.concat()).firm(&f, [""; 0]).build(&constraints).unwrap();
        let plan = Optimal.plan(&problem);
        assert_eq!(plan.pairings.len(), 2);
        let groups = bundle(&problem, &plan, &Bundling::default(), nobody).unwrap();
        let of_f = |group: &&GroupPairing| group.anchor.as_str() == "F" || members(group).contains(&"F");
        assert_eq!(groups.iter().filter(of_f).count(), groups_of_f, "{groups:?}");
        let plan = plan.with_groups(groups);
        verify(&problem, &plan).unwrap();
        // The same groups are too many for a lower quota.
        if quota > 1 {
            let f = Firm { quota: Some(quota - 1), ..Firm::new("F") };
            let tighter =
                Problem::builder().pairs(all.concat()).firm(&f, [""; 0]).build(&constraints).unwrap();
            assert!(verify(&tighter, &plan).is_err());
        }
    }
}

#[test]
fn a_group_costs_a_third_and_is_told_apart() {
    let (problem, plan) = left_to_groups(|constraints| constraints.hours.branch = 31);
    assert_eq!(plan.packing, Packing::None);
    let groups = bundle(&problem, &plan, &Bundling::default(), nobody).unwrap();
    assert_eq!(members(&groups[0]), ["q", "r", "s"]);
    // 31 / 3 and 40 / 3, rounded up.
    assert_eq!(groups[0].suppliers.iter().map(|one| one.hours).collect::<Vec<_>>(), [11, 14, 11]);
    assert_eq!((groups[0].hours, groups[0].hours_one_to_one), (36, 102));
    assert_eq!(groups[0].score, (7.0 + 6.0 + 5.0) / 8.0);
    let plan = plan.with_groups(groups);
    assert_eq!((plan.packing, &plan.status), (Packing::AfterPlan, &Status::Optimal));
    assert!(plan.unpaired.iter().all(|one| one.side == Side::Anchor));
    assert!(plan.reserve[0].suppliers.iter().all(|one| !one.free));
    verify(&problem, &plan).unwrap();
    let report = fairness(&problem, &plan).unwrap();
    assert_eq!((report.all.planned, report.all.grouped, report.left_out.len()), (1, 3, 0));
}

/// Where each limit binds: nobody is grouped, or fewer.
#[test]
fn groups_keep_to_quotas_levels_and_hours() {
    let of = |bundling: &Bundling, change: &dyn Fn(&mut Constraints)| {
        let (problem, plan) = left_to_groups(change);
        let groups = bundle(&problem, &plan, bundling, nobody).unwrap();
        verify(&problem, &plan.with_groups(groups.clone())).unwrap();
        groups.iter().map(|group| members(group).join("")).collect::<Vec<_>>()
    };
    let plain = Bundling::default();
    let own = |constraints: &mut Constraints, firm: &str, change: &dyn Fn(&mut FirmLimits)| {
        change(constraints.firms.entry(firm.into()).or_default());
    };
    assert_eq!(of(&plain, &|_| {}), ["qrs"]);
    // The one-to-one pairing takes 40 hours, three in a group 42.
    assert_eq!(of(&plain, &|c| own(c, "a", &|own| own.hours = Some(81))), [""; 0]);
    assert_eq!(of(&plain, &|c| own(c, "a", &|own| own.hours = Some(82))), ["qrs"]);
    assert_eq!(of(&plain, &|c| own(c, "q", &|own| own.hours = Some(13))), [""; 0]);
    assert_eq!(of(&plain, &|c| own(c, "q", &|own| own.supplier_most = Some(0))), [""; 0]);
    assert_eq!(of(&plain, &|c| own(c, "a", &|own| own.levels.extend([(Level::Branch, 0)]))), [""; 0]);
    assert_eq!(of(&plain, &|c| own(c, "a", &|own| own.levels.extend([(Level::Branch, 1)]))), ["qrs"]);
    let house = |most| Group {
        name: "house".into(),
        side: Side::Anchor,
        firms: vec!["a".into()],
        least: 0,
        most: Some(most),
    };
    assert_eq!(of(&plain, &|c| c.groups = vec![house(1)]), [""; 0]);
    assert_eq!(of(&plain, &|c| c.groups = vec![house(2)]), ["qrs"]);
    let veto = |supplier: &str| Veto { anchor: "a".into(), supplier: supplier.into(), until: None };
    assert_eq!(of(&plain, &|c| c.vetoes = vec![veto("r")]), [""; 0]);
    let mut pairs = plain.clone();
    (pairs.least, pairs.most, pairs.groups) = (2, 2, usize::MAX);
    assert_eq!(of(&pairs, &|_| {}), ["qr"]);
    // r, at another level, opens no group that s may join at a level without a place.
    let no_branch = |c: &mut Constraints| own(c, "a", &|own| own.levels.extend([(Level::Branch, 0)]));
    assert_eq!(of(&pairs, &no_branch), [""; 0]);
    pairs.least = 1;
    assert_eq!(of(&pairs, &|_| {}), [""; 0], "no group at all");
    let mut constraints = Constraints::default();
    constraints.bundling = pairs;
    let error = Problem::builder().build(&constraints).unwrap_err().to_string();
    assert_eq!(error, "groups of 1 to 2 suppliers cannot be; set bundling.least from 2 up to bundling.most");
}

/// A group is one pairing of the anchor's quota in the data, whatever else it has.
#[test]
fn a_group_takes_a_place_of_the_anchors_quota() {
    let mut constraints = Constraints::default();
    constraints.anchor_most = 1;
    let pairs = ["p", "q", "r", "s"].map(|supplier| pair("a", supplier, 0.5));
    let mut firm = Firm::new("a");
    for (quota, n_groups) in [(1, 0), (2, 1)] {
        firm.quota = Some(quota);
        let builder = Problem::builder().pairs(pairs.clone()).firm(&firm, [""; 0]);
        let problem = builder.build(&constraints).unwrap();
        let plan = Optimal.plan(&problem);
        let groups = bundle(&problem, &plan, &constraints.bundling, nobody).unwrap();
        assert_eq!((plan.pairings.len(), groups.len()), (1, n_groups));
    }
}

type Change<'a> = &'a dyn Fn(&mut Plan);

#[test]
fn tampered_groups_are_rejected() {
    let (problem, plan) = left_to_groups(|constraints| {
        constraints.firms.entry("a".into()).or_default().hours = Some(100);
    });
    let groups = bundle(&problem, &plan, &Bundling::default(), nobody).unwrap();
    let plan = plan.with_groups(groups);
    verify(&problem, &plan).unwrap();
    let changes: [(&str, Change); 9] = [
        ("unsaid", &|plan| plan.packing = Packing::None),
        ("a stranger", &|plan| plan.groups[0].suppliers[0].supplier = "stranger".into()),
        ("paired already", &|plan| plan.groups[0].suppliers[0].supplier = "p".into()),
        ("twice", &|plan| plan.groups.push(plan.groups[0].clone())),
        ("a score", &|plan| plan.groups[0].score += 0.5),
        ("a member's score", &|plan| plan.groups[0].suppliers[1].score = 0.0),
        ("hours", &|plan| plan.groups[0].hours = 1),
        ("over budget", &|plan| {
            plan.groups[0].suppliers[0].hours += 40;
            plan.groups[0].hours += 40;
        }),
        ("another anchor", &|plan| plan.groups[0].anchor = "b".into()),
    ];
    for (what, change) in changes {
        let mut tampered = plan.clone();
        change(&mut tampered);
        let fault = verify(&problem, &tampered).unwrap_err();
        assert!(matches!(fault, PlanFault::Group { .. }), "{what}: {fault}");
    }
}

/// One fault at a time, the rest of the group being honest.
#[test]
fn every_fault_of_a_group_is_found_by_itself() {
    let (problem, plan) = left_to_groups(|constraints| constraints.supplier_most = 2);
    let groups = bundle(&problem, &plan, &Bundling::default(), nobody).unwrap();
    let plan = plan.with_groups(groups);
    verify(&problem, &plan).unwrap();
    let why = |problem: &Problem, change: Change| {
        let mut tampered = plan.clone();
        change(&mut tampered);
        match verify(problem, &tampered) {
            Err(PlanFault::Group { why, .. }) => why,
            other => panic!("{other:?}"),
        }
    };
    let alone = why(&problem, &|plan| {
        let group = &mut plan.groups[0];
        group.suppliers.truncate(1);
        (group.score, group.hours, group.hours_one_to_one) = (7.0 / 8.0, 14, 40);
    });
    assert!(alone.starts_with("score, hours or number"), "{alone}");
    // p, which has another place, is in no second pairing with the same anchor.
    let again = why(&problem, &|plan| {
        let group = &mut plan.groups[0];
        (group.suppliers[0].supplier, group.suppliers[0].level) = ("p".into(), None);
        group.suppliers[0].score = 1.0;
        group.score = (8.0 + 6.0 + 5.0) / 8.0;
    });
    assert_eq!(again, "a supplier in two pairings");
    // What has to be planned one-to-one is in no group instead, although the plan owns to it.
    let lock = Lock::new("a", "q");
    let (locked, _) = left_to_groups(|constraints| {
        (constraints.supplier_most, constraints.locks) = (2, vec![lock.clone()]);
    });
    let instead = why(&locked, &|plan| {
        let unmet = vec![Constraint::Lock { anchor: "a".into(), supplier: "q".into() }];
        plan.status = Status::Incomplete { unmet };
    });
    assert_eq!(instead, "a candidate that is barred or locked");
    // Nobody has a plan with groups and without pairings.
    let mut infeasible = plan.clone();
    infeasible.pairings.clear();
    (infeasible.objective, infeasible.objective_steps) = (0.0, 0);
    let conflict = vec![Constraint::Minimum { name: "any".into() }];
    infeasible.status = Status::Infeasible { conflict };
    assert_eq!(verify(&problem, &infeasible), Err(PlanFault::NotEmpty));
}

/// A group of a house's part with another part of it takes two places of the house.
#[test]
fn groups_keep_to_the_quota_of_a_house_on_both_sides() {
    let part = |id: &str| Firm { parent: Some("house".into()), ..Firm::new(id) };
    let problem = |quota, anchor_most| {
        let house = Firm { quota: Some(quota), ..Firm::new("house") };
        let mut constraints = Constraints::default();
        constraints.anchor_most = anchor_most;
        let pairs = [("p", 0.9), ("shop", 0.8), ("q", 0.7), ("r", 0.6), ("s", 0.5)];
        Problem::builder()
            .pairs(pairs.map(|(supplier, score)| pair("works", supplier, score)))
            .firm(&house, [""; 0])
            .firm(&part("works"), [""; 0])
            .firm(&part("shop"), [""; 0])
            .build(&constraints)
            .unwrap()
    };
    let made = |quota, anchor_most| {
        let problem = problem(quota, anchor_most);
        let plan = Optimal.plan(&problem);
        let groups = bundle(&problem, &plan, &Bundling::default(), nobody).unwrap();
        let plan = plan.with_groups(groups);
        verify(&problem, &plan).unwrap();
        plan
    };
    let grouped = |plan: &Plan| plan.groups.iter().map(|group| members(group).join(" ")).collect::<Vec<_>>();
    // The pairing with p, the group, and the shop in it.
    let plan = made(3, 1);
    assert_eq!(grouped(&plan), ["shop q r s"]);
    assert!(matches!(verify(&problem(2, 1), &plan), Err(PlanFault::Group { .. })));
    assert_eq!(grouped(&made(2, 1)), ["q r s"]);
    // To open a group with the shop takes two places at once.
    let mut constraints = Constraints::default();
    constraints.anchor_most = 0;
    let pairs = [("shop", 0.8), ("q", 0.7), ("r", 0.6), ("s", 0.5)];
    let problem = Problem::builder()
        .pairs(pairs.map(|(supplier, score)| pair("works", supplier, score)))
        .firm(&Firm { quota: Some(1), ..Firm::new("house") }, [""; 0])
        .firm(&part("works"), [""; 0])
        .firm(&part("shop"), [""; 0])
        .build(&constraints)
        .unwrap();
    let plan = Optimal.plan(&problem);
    let groups = bundle(&problem, &plan, &Bundling::default(), nobody).unwrap();
    assert_eq!(groups.iter().map(|group| members(group).join(" ")).collect::<Vec<_>>(), ["q r s"]);
}

/// Of two groups that stay too small the one of the lower score gives its members up to the other.
#[test]
fn the_lesser_of_two_short_groups_is_dissolved() {
    let pairs = [("a", "x", 0.9), ("a", "y", 0.9), ("b", "z", 0.5), ("b", "w", 0.5), ("a", "z", 0.1)];
    let pairs = pairs.into_iter().chain([("b", "x", 0.1)]);
    let pairs: Vec<Pair> = pairs.map(|(anchor, supplier, score)| pair(anchor, supplier, score)).collect();
    let mut constraints = Constraints::default();
    constraints.anchor_most = 0;
    let grouped = |constraints: &Constraints, least| {
        let problem = Problem::builder().pairs(pairs.clone()).build(constraints).unwrap();
        let plan = Optimal.plan(&problem);
        let mut bundling = Bundling::default();
        bundling.least = least;
        let groups = bundle(&problem, &plan, &bundling, nobody).unwrap();
        verify(&problem, &plan.with_groups(groups.clone())).unwrap();
        let told = |group: &GroupPairing| format!("{}: {}", group.anchor, members(group).join(" "));
        groups.iter().map(told).collect::<Vec<_>>()
    };
    assert_eq!(grouped(&constraints, 3), ["a: x y z"]);
    assert_eq!(grouped(&constraints, 2), ["a: x y", "b: w z"]);
    // One place that both anchors share is taken by the first group.
    let firms = vec!["a".into(), "b".into()];
    constraints.groups =
        vec![Group { name: "both".into(), side: Side::Anchor, firms, least: 0, most: Some(1) }];
    assert_eq!(grouped(&constraints, 2), ["a: x y z"]);
}

/// Groups have three to five members, none in two, none competing, all left out by the plan.
#[test]
fn groups_are_packed_by_the_rules() {
    let instance = &instance::golden()[4].1;
    let problem = instance.problem().unwrap();
    let mut constraints = Constraints::default();
    constraints.anchor_most = 1;
    let few = Problem::builder()
        .pairs((0..40_u32).flat_map(|a| {
            (0..30_u32).map(move |s| {
                let (anchor, supplier) = (format!("a{a:02}"), format!("s{:03}", (s * 7 + a * 11) % 150));
                Pair::new(anchor, supplier, f64::from((a * 31 + s * 17) % 97) / 97.0)
            })
        }))
        .build(&constraints)
        .unwrap();
    let rivals = |one: &FirmId, other: &FirmId| {
        let number = |firm: &FirmId| firm.as_str()[1..].parse::<u32>().unwrap();
        number(one) % 5 == number(other) % 5
    };
    for (problem, is_some) in [(&problem, false), (&few, true)] {
        let plan = Optimal.plan(problem);
        let groups = bundle(problem, &plan, &Bundling::default(), rivals).unwrap();
        assert_eq!(!groups.is_empty(), is_some);
        let mut seen: BTreeSet<&FirmId> = plan.pairings.iter().map(|one| &one.supplier).collect();
        for group in &groups {
            assert!((3..=5).contains(&group.suppliers.len()));
            assert!(group.suppliers.iter().all(|one| seen.insert(&one.supplier)));
            for (at, one) in group.suppliers.iter().enumerate() {
                let others = &group.suppliers[at + 1..];
                assert!(others.iter().all(|other| !rivals(&one.supplier, &other.supplier)));
            }
        }
        let anchors: BTreeSet<&FirmId> = groups.iter().map(|group| &group.anchor).collect();
        assert_eq!(anchors.len(), groups.len());
        verify(problem, &plan.with_groups(groups)).unwrap();
    }
}

proptest! {
    /// Whatever the limits, groups pass the check and no competitors meet.
    #[test]
    fn groups_pass_the_check(
        scores in prop::collection::vec((0..3_u8, 0..12_u8, 0..=8_u8), 0..30),
        (least, more, groups) in (2..4_usize, 0..3_usize, 0..3_usize),
        (most, hours, quota) in (0..3_u32, prop::option::of(0..200_u32), prop::option::of(0..4_u32)),
        apart in 1..5_u8,
    ) {
        let mut constraints = Constraints::default();
        constraints.anchor_most = most;
        (constraints.bundling.least, constraints.bundling.most) = (least, least + more);
        constraints.bundling.groups = groups;
        constraints.firms.entry("a0".into()).or_default().hours = hours;
        let pairs: BTreeSet<(u8, u8)> = scores.iter().map(|one| (one.0, one.1)).collect();
        let score = |a, s| scores.iter().find(|one| (one.0, one.1) == (a, s)).unwrap().2;
        let pairs = pairs.into_iter().map(|(a, s)| {
            Pair::new(format!("a{a}"), format!("s{s}"), f64::from(score(a, s)) / 8.0)
        });
        let mut firm = Firm::new("a1");
        firm.quota = quota;
        let problem = Problem::builder().pairs(pairs).firm(&firm, [""; 0]).build(&constraints).unwrap();
        let plan = Greedy.plan(&problem);
        let class = |firm: &FirmId| firm.as_str()[1..].parse::<u8>().unwrap() % apart;
        let compete = |one: &FirmId, other: &FirmId| class(one) == class(other);
        let made = bundle(&problem, &plan, &constraints.bundling, compete).unwrap();
        for group in &made {
            let classes: BTreeSet<u8> = group.suppliers.iter().map(|one| class(&one.supplier)).collect();
            prop_assert_eq!(classes.len(), group.suppliers.len());
            prop_assert!((least..=least + more).contains(&group.suppliers.len()));
            prop_assert!(made.iter().filter(|other| other.anchor == group.anchor).count() <= groups);
        }
        prop_assert_eq!(verify(&problem, &plan.with_groups(made)), Ok(()));
    }
}

/// Competitors and third parties as the data have them.
#[cfg(feature = "csv")]
mod data {
    use super::*;
    use jiedui::dataset::{Reader, Table};
    use jiedui::model::FirmKind;
    use jiedui::network::Network;

    fn network(tables: &[(Table, &str)]) -> Network {
        let folder = tempfile::tempdir().unwrap();
        for (table, text) in tables {
            std::fs::write(folder.path().join(format!("{}.csv", table.as_str())), text).unwrap();
        }
        let (dataset, _) = Reader::new().read(folder.path()).unwrap();

        Network::build(&dataset).unwrap()
    }

    #[test]
    fn rivals_are_of_one_industry_class_or_make_one_product() {
        let network = network(&[
            (Table::Firms, "firm,industry\nx,C3391\ny,3391\nz,C3393\nw,C33\nv,C33\nu,\nt,\n"),
            (Table::FirmProducts, "firm,product\nz,gear\nu,gear\nu,axle\nt,wheel\n"),
            (Table::Products, "product\ngear\naxle\nwheel\n"),
        ]);
        let of = |bundling: &Bundling| {
            let rivals = Rivals::of(&network, bundling);
            let mut pairs = Vec::new();
            for (at, one) in ["t", "u", "v", "w", "x", "y", "z"].into_iter().enumerate() {
                for other in ["t", "u", "v", "w", "x", "y", "z"].into_iter().skip(at) {
                    let (one, other) = (one.into(), other.into());
                    assert_eq!(rivals.compete(&one, &other), rivals.compete(&other, &one));
                    if rivals.compete(&one, &other) {
                        pairs.push(format!("{one}{other}"));
                    }
                }
            }
            pairs
        };
        let mut bundling = Bundling::default();
        // A division alone (C33) says too little.
        assert_eq!(of(&bundling), ["uz", "xy"]);
        bundling.same_industry = false;
        assert_eq!(of(&bundling), ["uz"]);
        bundling.same_product = false;
        assert_eq!(of(&bundling), [""; 0]);
        bundling.rivals = vec![vec!["t".into(), "u".into(), "v".into()]];
        bundling.allies = vec![vec!["v".into(), "u".into()]];
        assert_eq!(of(&bundling), ["tu", "tv"]);
    }

    /// A works with two suppliers of its chain, a polytechnic that was in a pairing with one of
    /// them, the chain's association, and an institute that the office states.
    fn chain() -> Network {
        network(&[
            (
                Table::Firms,
                "firm,name,kind,quota,parent\nworks,,,,\nfoundry,,,,\nforge,,,,\nmill,,,,\npoly,,university,2,\n\
                 F9,rail association,association,,\ninstitute,,institution,,\nlab,,institution,,works\n",
            ),
            (Table::Chains, "chain,association\nrail,rail association\nair,air association\n"),
            (Table::ChainMembers, "chain,firm\nrail,works\nrail,foundry\nrail,forge\nair,works\nair,forge\n"),
            (
                Table::Pairings,
                "pairing,parties,signed,ends\nP1,poly;foundry;mill,2020-01-01,2021-01-01\n\
                 P2,poly;mill,2020-01-01,\nP3,mill;lab,2025-01-01,\n",
            ),
        ])
    }

    fn made(network: &Network, change: impl Fn(&mut Constraints)) -> Vec<String> {
        let mut constraints = Constraints::default();
        change(&mut constraints);
        let pairs = [pair("works", "foundry", 0.75), pair("works", "forge", 0.5)];
        let problem = Problem::builder().pairs(pairs).build(&constraints).unwrap();
        let plan = Optimal.plan(&problem);
        let agreements = agreements(network, &plan, &constraints);
        let plan = plan.with_agreements(agreements);
        verify(&problem, &plan).unwrap();
        let said = |one: &Agreement| {
            let parties = one.parties.iter().map(|party| format!("{} {:?}", party.party, party.why));
            format!("{}: {}", one.suppliers[0], parties.collect::<Vec<_>>().join(", "))
        };
        plan.agreements.iter().map(said).collect()
    }

    #[test]
    fn third_parties_are_stated_have_precedents_or_are_associations() {
        let network = chain();
        assert_eq!(made(&network, |_| {}), ["foundry: poly Precedent"]);
        assert_eq!(made(&network, |c| c.agreements.precedents = false), [""; 0]);
        assert_eq!(
            made(&network, |c| c.agreements.associations = true),
            ["forge: F9 Association, air association Association", "foundry: F9 Association, poly Precedent"]
        );
        let state = |party: &str, change: &dyn Fn(&mut Joining)| {
            let mut joining = Joining::default();
            joining.party = party.into();
            change(&mut joining);
            vec![joining]
        };
        // The better pairing first.
        let stated = |joined: Vec<Joining>| {
            made(&network, move |c| {
                (c.agreements.precedents, c.agreements.joined) = (false, joined.clone());
            })
        };
        assert_eq!(stated(state("institute", &|one| one.most = Some(1))), ["foundry: institute Stated"]);
        assert_eq!(stated(state("institute", &|one| one.most = Some(0))), [""; 0]);
        assert_eq!(
            stated(state("institute", &|one| one.suppliers = vec!["forge".into()])),
            ["forge: institute Stated"]
        );
        assert_eq!(
            stated(state("somebody", &|one| one.chains = vec!["air".into()])),
            ["forge: somebody Stated"]
        );
        assert_eq!(stated(state("institute", &|one| one.anchors = vec!["forge".into()])), [""; 0]);
        // One of poly's two places is taken by the pairing in force.
        assert_eq!(stated(state("poly", &|_| {})), ["foundry: poly Stated"]);
        // The works' own laboratory is of its house.
        assert_eq!(stated(state("lab", &|_| {})), [""; 0]);
    }

    #[test]
    fn vetoes_and_forbidden_groups_keep_third_parties_apart() {
        let network = chain();
        let veto = |until: &str| Veto {
            anchor: "poly".into(),
            supplier: "foundry".into(),
            until: Some(until.parse().unwrap()),
        };
        let on = |c: &mut Constraints| c.as_of = Some("2025-06-30".parse().unwrap());
        assert_eq!(
            made(&network, |c| {
                on(c);
                c.vetoes = vec![veto("2025-06-30")];
            }),
            [""; 0]
        );
        assert_eq!(
            made(&network, |c| {
                on(c);
                c.vetoes = vec![veto("2025-06-29")];
            }),
            ["foundry: poly Precedent"]
        );
        // Whichever of the two is called the anchor.
        let turned = Veto { anchor: "foundry".into(), supplier: "poly".into(), until: None };
        assert_eq!(made(&network, |c| c.vetoes = vec![turned.clone()]), [""; 0]);
        assert_eq!(made(&network, |c| c.forbidden = vec![vec!["works".into(), "poly".into()]]), [""; 0]);
    }

    #[test]
    fn chains_join_by_their_association_while_they_stand() {
        let network = network(&[
            (
                Table::Firms,
                "firm,name,kind\nworks,,\nfoundry,,\nforge,,\nF8,rail association,association\n\
                 F9,rail association,association\n",
            ),
            (
                Table::Chains,
                "chain,association,valid_from,valid_to\nrail,rail association,2020,\nair,air association,2020,2022\n",
            ),
            (Table::ChainMembers, "chain,firm\nrail,works\nrail,foundry\nair,works\nair,forge\n"),
            (Table::Pairings, "pairing,parties,signed,ends\nP1,x;y,2025-01-01,\n"),
        ]);
        // Of two associations of one name that of the smaller id; none of a chain that stood once.
        let of_chains = made(&network, |c| c.agreements.associations = true);
        assert_eq!(of_chains, ["foundry: F8 Association"]);
    }

    #[test]
    fn a_party_of_few_places_joins_the_best_and_groups_count_by_their_mean() {
        let network = chain();
        let mut constraints = Constraints::default();
        (constraints.anchor_most, constraints.bundling.least) = (1, 2);
        constraints.agreements.precedents = false;
        let mut joining = Joining::default();
        (joining.party, joining.most) = ("institute".into(), Some(1));
        let pairs = [pair("works", "x", 0.75), pair("works", "foundry", 0.5), pair("works", "forge", 0.5)];
        let joined = |joining: &Joining| {
            let mut constraints = constraints.clone();
            constraints.agreements.joined = vec![joining.clone()];
            let problem = Problem::builder().pairs(pairs.clone()).build(&constraints).unwrap();
            let plan = Optimal.plan(&problem);
            let groups = bundle(&problem, &plan, &constraints.bundling, nobody).unwrap();
            let plan = plan.with_groups(groups);
            let plan = plan.clone().with_agreements(agreements(&network, &plan, &constraints));
            verify(&problem, &plan).unwrap();
            let mut empty = plan.clone();
            empty.agreements[0].parties.clear();
            assert!(matches!(verify(&problem, &empty), Err(PlanFault::Group { .. })));
            let suppliers =
                |one: &Agreement| one.suppliers.iter().map(ToString::to_string).collect::<Vec<_>>();
            plan.agreements.iter().map(suppliers).collect::<Vec<_>>().concat()
        };
        // The two of the group come to more together, but to less each.
        assert_eq!(joined(&joining), ["x"]);
        // Any one of a group brings in who is to join it.
        joining.suppliers = vec!["forge".into()];
        assert_eq!(joined(&joining).len(), 2);
    }

    #[test]
    fn groups_have_third_parties_too() {
        let network = chain();
        let mut constraints = Constraints::default();
        constraints.anchor_most = 0;
        constraints.bundling.least = 2;
        let pairs = [pair("works", "foundry", 0.75), pair("works", "forge", 0.5)];
        let problem = Problem::builder().pairs(pairs).build(&constraints).unwrap();
        let plan = Optimal.plan(&problem);
        let groups = bundle(&problem, &plan, &constraints.bundling, nobody).unwrap();
        let plan = plan.with_groups(groups);
        let made = agreements(&network, &plan, &constraints);
        assert_eq!(made[0].suppliers, ["foundry".into(), "forge".into()]);
        assert_eq!(made[0].parties[0].kind, Some(FirmKind::University));
        let mut plan = plan.with_agreements(made);
        verify(&problem, &plan).unwrap();
        plan.agreements[0].suppliers.pop();
        assert!(matches!(verify(&problem, &plan), Err(PlanFault::Group { .. })));
    }
}
