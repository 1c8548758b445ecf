//! Constraints as files have them: absurd values end in an error or a plan that passes its check,
//! and never in a panic.
#![cfg(all(feature = "toml", feature = "json"))]

use jiedui::dataset::Dataset;
use jiedui::matcher::Matcher;
use jiedui::model::{Chain, ChainId, Firm, Level, Pairing, PartyBranch, SizeClass, Supply};
use jiedui::network::Network;
use jiedui::plan::{
    Bundling, Constraints, Event, Greedy, Optimal, Pair, Plan, PlanError, PlanFault, Planner, Problem,
    Stable, bundle, costs, fairness, replan, verify,
};
use proptest::prelude::*;

const FIRMS: [&str; 6] = ["a", "b", "x", "y", "z", "nobody"];
const NUMBERS: [&str; 11] = ["0", "0", "1", "1", "2", "3", "7", "4294967295", "4294967296", "-1", "1.5"];
const SHARES: [&str; 10] = ["0.0", "1e-9", "0.4", "1.0", "1.0000001", "-0.0", "nan", "inf", "-inf", "1e308"];
const DATES: [&str; 4] = ["2025-06", "2025-07-01", "0000-00", "9999-12-31"];

fn any_of(words: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop::sample::select(words)
}

/// One line of a constraints file, sound or not.
fn line() -> impl Strategy<Value = String> {
    let firm = || any_of(&FIRMS);
    let number = || any_of(&NUMBERS);
    prop_oneof![
        number().prop_map(|n| format!("anchor_most = {n}")),
        number().prop_map(|n| format!("supplier_most = {n}")),
        any_of(&SHARES).prop_map(|share| format!("tolerance = {share}")),
        (firm(), number(), number(), number()).prop_map(|(firm, least, most, hours)| format!(
            "firms.{firm} = {{ least = {least}, most = {most}, hours = {hours}, levels = {{ branch = {least} }} }}"
        )),
        (firm(), firm(), number(), number(), any_of(&["anchor", "supplier", "both"])).prop_map(
            |(one, other, least, most, side)| format!(
                "[[groups]]\nname = \"{one}\"\nrole = \"{side}\"\nfirms = [\"{one}\", \"{other}\"]\nleast = {least}\nmost = {most}"
            )
        ),
        (firm(), firm(), any_of(&["locks", "vetoes", "events"])).prop_map(|(anchor, supplier, list)| format!(
            "[[{list}]]\n{}anchor = \"{anchor}\"\nsupplier = \"{supplier}\"",
            if list == "events" { "event = \"refusal\"\n" } else { "" }
        )),
        (firm(), firm(), any_of(&DATES)).prop_map(|(anchor, supplier, until)| format!(
            "[[vetoes]]\nanchor = \"{anchor}\"\nsupplier = \"{supplier}\"\nuntil = \"{until}\""
        )),
        (any_of(&SHARES), number()).prop_map(|(share, count)| format!(
            "[[minimums]]\nname = \"m\"\nsizes = [\"small\"]\nshare = {share}\ncount = {count}"
        )),
        (number(), number()).prop_map(|(enterprise, branch)| format!(
            "[hours]\nenterprise = {enterprise}\nbranch = {branch}"
        )),
        (number(), number()).prop_map(|(least, most)| format!("[bundling]\nleast = {least}\nmost = {most}")),
        any_of(&DATES).prop_map(|date| format!("as_of = \"{date}\"")),
    ]
}

fn problem(constraints: &Constraints) -> Result<Problem, PlanError> {
    let pairs = [
        ("a", "x", 0.9),
        ("a", "y", 0.8),
        ("b", "x", 0.7),
        ("b", "z", 0.0),
        ("b", "a", 1.0),
        ("a", "b", 0.5),
    ];
    let pairs = pairs.map(|(anchor, supplier, score)| Pair::new(anchor, supplier, score).at(Level::Branch));
    let mut small = Firm::new("y");
    small.size = Some(SizeClass::Small);
    Problem::builder().pairs(pairs).firm(&small, ["rail"]).build(constraints)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5_000, ..ProptestConfig::default() })]

    #[test]
    fn files_end_in_an_error_or_a_plan(lines in prop::collection::vec(line(), 0..5)) {
        // Plain fields come before tables, as TOML has it.
        let (plain, tables): (Vec<String>, Vec<String>) = lines.into_iter().partition(|one| !one.starts_with('['));
        let text = [plain, tables].concat().join("\n");
        let constraints = match Constraints::from_toml(&text) {
            Ok(constraints) => constraints,
            Err(error) => {
                let why = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
                prop_assert!(why.contains("line "), "{text}\n{why}");
                return Ok(());
            }
        };
        let problem = match problem(&constraints) {
            Ok(problem) => problem,
            Err(error) => {
                prop_assert!(!error.to_string().is_empty());
                return Ok(());
            }
        };
        let optimal = Optimal.plan(&problem);
        for plan in [&optimal, &Greedy.plan(&problem), &Stable::default().plan(&problem)] {
            prop_assert_eq!(verify(&problem, plan), Ok(()), "{}", text);
            prop_assert!(fairness(&problem, plan).is_ok());
        }
        #[cfg(feature = "milp")]
        {
            let plan = jiedui::plan::Milp::with_nodes(200).plan(&problem);
            prop_assert_eq!(verify(&problem, &plan), Ok(()), "{}", text);
        }
        let now = problem.after(&constraints.events);
        let again = replan(&now, &optimal, constraints.tolerance);
        prop_assert_eq!(verify(&now, &again.plan), Ok(()), "{}", text);
        if let Some(costs) = costs(&problem) {
            prop_assert!(costs.constraints.iter().all(|(_, cost)| *cost >= 0.0));
        }
    }
}

#[test]
fn what_is_wrong_is_named_with_its_remedy() {
    let said = |text: &str| problem(&Constraints::from_toml(text).unwrap()).unwrap_err().to_string();
    assert!(said("tolerance = nan").contains("NaN is no finite number of 0 or more"));
    assert!(said("bundling = { least = 1 }").contains("set bundling.least from 2 up"));
    assert!(
        said("minimums = [{ name = \"m\", share = 1.5 }]").contains("\"m\" needs a share between 0 and 1")
    );
    assert!(said("locks = [{ anchor = \"a\", supplier = \"a\" }]").contains("name two firms"));
    assert!(said("locks = [{ anchor = \"a\", supplier = \"q\" }]").contains("no candidate; remove the lock"));
    for (text, why) in [
        ("levels = []", "levels is empty; fill it in"),
        ("vetoes = [{ anchor = \"a\", supplier = \"a\" }]", "vetoes[0] does not name two firms"),
        ("groups = [{ name = \"\", firms = [\"a\"] }]", "groups[0].name is empty"),
        ("groups = [{ name = \"g\", firms = [] }]", "groups[0].firms is empty"),
        ("agreements = { joined = [{ party = \"\" }] }", "agreements.joined[0].party is empty"),
        ("tolerance = inf", "inf is no finite number"),
        (
            "minimums = [{ name = \"m\", share = 0.1 }, { name = \"m\", count = 1 }]",
            "two minimums named \"m\"",
        ),
    ] {
        assert!(said(text).contains(why), "{text}: {}", said(text));
    }
    let unreadable = |text: &str| {
        let error = Constraints::from_toml(text).unwrap_err();
        std::error::Error::source(&error).unwrap().to_string()
    };
    assert!(unreadable("firms.a.levels = { branch = 3, '支部' = 1 }").contains("branch is there twice"));
    let lock_and_veto =
        "locks = [{ anchor = \"a\", supplier = \"x\" }]\nvetoes = [{ anchor = \"a\", supplier = \"x\" }]";
    assert!(said(lock_and_veto).contains("vetoed; remove the lock"));
    for score in [f64::NAN, f64::INFINITY, -0.1, 1.1, 1e300] {
        let error = Problem::builder().pairs([Pair::new("a", "x", score)]).build(&Constraints::default());
        assert!(error.unwrap_err().to_string().contains("is not between 0 and 1"));
    }
    let itself = Problem::builder().pairs([Pair::new("a", "a", 0.5)]).build(&Constraints::default());
    assert_eq!(itself.unwrap_err().to_string(), "a cannot pair with itself; remove the pair");
}

#[test]
fn a_veto_parts_two_firms_whoever_is_the_anchor() {
    let pairs = || [Pair::new("a", "b", 0.9), Pair::new("b", "a", 0.8)];
    for (anchor, supplier) in [("a", "b"), ("b", "a")] {
        let veto = format!("vetoes = [{{ anchor = \"{anchor}\", supplier = \"{supplier}\" }}]");
        let vetoed = Constraints::from_toml(&veto).unwrap();
        let problem = Problem::builder().pairs(pairs()).build(&vetoed).unwrap();
        assert!(Optimal.plan(&problem).pairings.is_empty(), "{veto}");
        // A refusal as well, also of the pair that had given way to the one of the higher score.
        let free = Problem::builder().pairs(pairs()).build(&Constraints::default()).unwrap();
        assert_eq!(Optimal.plan(&free).pairings.len(), 1);
        let refused = free.after(&[Event::Refusal { anchor: anchor.into(), supplier: supplier.into() }]);
        assert!(Optimal.plan(&refused).pairings.is_empty(), "{anchor} {supplier}");
    }
}

#[test]
fn a_chain_by_name_is_the_one_that_is_valid() {
    let chain = |id: &str, from: Option<&str>, to: Option<&str>| {
        let mut chain = Chain::new(ChainId::from(id));
        chain.name = Some("轨道交通".into());
        (chain.valid_from, chain.valid_to) =
            (from.map(|date| date.parse().unwrap()), to.map(|date| date.parse().unwrap()));
        chain
    };
    let told = "minimums = [{ name = \"m\", chains = [\"轨道交通\"], count = 1 }]";
    let resolve = |chains: [Chain; 2]| {
        let mut builder = Dataset::builder();
        for chain in chains {
            builder.add_chain(chain);
        }
        let as_of = Some("2025-06-30".parse().unwrap());
        let network = Network::build_as_of(&builder.finish().0, as_of).unwrap();
        Constraints::from_toml(told).unwrap().resolve(&network)
    };
    let constraints =
        resolve([chain("r1", None, Some("2024-12")), chain("r2", Some("2025-01"), None)]).unwrap();
    assert_eq!(constraints.minimums[0].chains, ["r2"]);
    let error = resolve([chain("r1", None, None), chain("r2", None, None)]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "minimums[0].chains names \"轨道交通\", as 2 chains are called; give an id, such as r1"
    );
}

#[test]
fn pairs_at_none_of_the_levels_are_no_candidates() {
    let mut builder = Dataset::builder();
    for (id, branch) in
        [("a", Some(PartyBranch::Own)), ("x", Some(PartyBranch::Own)), ("y", Some(PartyBranch::None))]
    {
        builder.add_firm(Firm { party_branch: branch, ..Firm::new(id) });
    }
    builder.add_supply(&Supply::new("x", "a")).add_supply(&Supply::new("y", "a"));
    let network = Network::build(&builder.finish().0).unwrap();
    let rankings = Matcher::builder(&network).build().unwrap().rank_all([network.firm_ix("a").unwrap()]);
    let plan = |levels: &[Level]| {
        let problem = Problem::builder().rankings(&network, &rankings, levels);
        Optimal.plan(&problem.build(&Constraints::default()).unwrap())
    };
    assert_eq!(plan(&Constraints::default().levels).pairings.len(), 2);
    let branches = plan(&[Level::Branch]).pairings;
    assert_eq!(branches.iter().map(|one| one.supplier.as_str()).collect::<Vec<_>>(), ["x"]);
}

#[test]
fn constraints_may_begin_with_a_byte_order_mark() {
    let json = Constraints::from_json("\u{feff}{\"anchor_most\": 7}").unwrap();
    let toml = Constraints::from_toml("\u{feff}anchor_most = 7").unwrap();
    assert_eq!((json.anchor_most, toml.anchor_most), (7, 7));
}

#[test]
fn a_quota_goes_where_there_is_somebody_to_pair_with() {
    let with_quota = |id: &str| Firm { quota: Some(1), ..Firm::new(id) };
    let none: [&str; 0] = [];
    // As an anchor it has no candidate, so that its place is the supplier's.
    let problem =
        Problem::builder().pairs([Pair::new("b", "a", 0.9)]).anchor("a").firm(&with_quota("a"), none);
    assert_eq!(Optimal.plan(&problem.build(&Constraints::default()).unwrap()).pairings.len(), 1);
    // Nor has it where that candidate has refused.
    let vetoed = Constraints::from_toml("vetoes = [{ anchor = \"a\", supplier = \"x\" }]").unwrap();
    let pairs = [Pair::new("a", "x", 0.8), Pair::new("b", "a", 0.9)];
    let problem = Problem::builder().pairs(pairs).firm(&with_quota("a"), none).build(&vetoed).unwrap();
    let plan = Optimal.plan(&problem);
    assert_eq!((verify(&problem, &plan), plan.pairings.len()), (Ok(()), 1));
}

#[test]
fn names_are_resolved_where_the_network_is_known() {
    let mut builder = Dataset::builder();
    for (id, name) in [("1", "foundry"), ("2", "carworks")] {
        builder.add_firm(Firm { name: Some(name.into()), ..Firm::new(id) });
    }
    builder.add_supply(&Supply::new("1", "2"));
    let network = Network::build(&builder.finish().0).unwrap();
    let rankings = Matcher::builder(&network).build().unwrap().rank_all([network.firm_ix("2").unwrap()]);
    let build = |text: &str| {
        let constraints = Constraints::from_toml(text).unwrap();
        Problem::builder().rankings(&network, &rankings, &constraints.levels).build(&constraints)
    };
    let pairings = |text: &str| Optimal.plan(&build(text).unwrap()).pairings.len();
    assert_eq!(pairings(""), 1);
    assert_eq!(pairings("vetoes = [{ anchor = \"carworks\", supplier = \"foundry\" }]"), 0);
    let slip = build("firms.carwroks = { most = 0 }").unwrap_err();
    assert!(matches!(slip, PlanError::UnknownFirm { .. }), "{slip}");
}

#[test]
fn a_plan_comes_back_from_json() {
    let pairs = ["u", "v", "w", "x", "y"].map(|supplier| Pair::new("a", supplier, 0.5).at(Level::Branch));
    let told = "anchor_most = 1\nfirms.b = { least = 3 }";
    for constraints in [Constraints::default(), Constraints::from_toml(told).unwrap()] {
        let problem = Problem::builder().pairs(pairs.clone()).pairs([Pair::new("b", "u", 0.4)]);
        let problem = problem.build(&constraints).unwrap();
        let plan = Optimal.plan(&problem);
        let groups = bundle(&problem, &plan, &Bundling::default(), |_, _| false).unwrap();
        let plan = plan.with_groups(groups);
        let back: Plan = serde_json::from_str(&serde_json::to_string(&plan).unwrap()).unwrap();
        assert_eq!(back, plan);
        assert_eq!(replan(&problem, &back, 0.01), replan(&problem, &plan, 0.01));
    }
}

#[test]
fn groups_beyond_a_limit_are_found_out() {
    let pairs: Vec<Pair> = ["a", "b"]
        .into_iter()
        .flat_map(|anchor| ["u", "v", "w", "x", "y", "z"].map(|supplier| Pair::new(anchor, supplier, 0.5)))
        .map(|pair| pair.at(Level::Branch))
        .collect();
    let problem = |text: &str| {
        let constraints = Constraints::from_toml(&format!("anchor_most = 1\n{text}")).unwrap();
        Problem::builder().pairs(pairs.clone()).build(&constraints).unwrap()
    };
    let free = problem("");
    let groups = bundle(&free, &Optimal.plan(&free), &Bundling::default(), |_, _| false).unwrap();
    assert_eq!(verify(&free, &Optimal.plan(&free).with_groups(groups.clone())), Ok(()));
    let suppliers = "firms = [\"u\", \"v\", \"w\", \"x\", \"y\", \"z\"]";
    for limit in [
        format!("groups = [{{ name = \"g\", side = \"supplier\", {suppliers}, most = 3 }}]"),
        "groups = [{ name = \"g\", firms = [\"a\", \"b\"], most = 2 }]".to_owned(),
        ["a", "b"].map(|firm| format!("firms.{firm}.levels = {{ branch = 1 }}")).join("\n"),
        ["w", "x", "y", "z"].map(|firm| format!("firms.{firm}.levels = {{ branch = 0 }}")).join("\n"),
    ] {
        let limited = problem(&limit);
        let plan = Optimal.plan(&limited);
        assert_eq!(verify(&limited, &plan), Ok(()));
        assert!(bundle(&limited, &plan, &Bundling::default(), |_, _| false).unwrap().is_empty(), "{limit}");
        let found = verify(&limited, &plan.with_groups(groups.clone()));
        assert!(matches!(found, Err(PlanFault::Group { .. })), "{limit}: {found:?}");
    }
}

#[test]
fn a_house_keeps_to_its_quota_whoever_of_it_pairs() {
    let firm = |id: &str, quota: Option<u32>, parent: Option<&str>| Firm {
        quota,
        parent: parent.map(Into::into),
        ..Firm::new(id)
    };
    let none: [&str; 0] = [];
    let one = |constraints: &str| Constraints::from_toml(&format!("anchor_most = 1\n{constraints}")).unwrap();
    // The head as an anchor, its part as a supplier, and the other way round.
    for pairs in [
        [Pair::new("H", "x", 0.9), Pair::new("z", "D", 0.9)],
        [Pair::new("D", "x", 0.9), Pair::new("z", "H", 0.9)],
    ] {
        let problem = Problem::builder().pairs(pairs).firm(&firm("H", Some(1), None), none);
        let problem = problem.firm(&firm("D", None, Some("H")), none).build(&one("")).unwrap();
        let plan = Optimal.plan(&problem);
        assert_eq!((verify(&problem, &plan), plan.pairings.len()), (Ok(()), 1));
    }
    // What a part that is no candidate has in force counts.
    let problem = Problem::builder().pairs([Pair::new("H", "x", 0.9)]).firm(&firm("H", Some(1), None), none);
    let problem = problem.firm(&firm("D", None, Some("H")), none).in_force(["D".into(), "q".into()]);
    assert!(Optimal.plan(&problem.build(&one("")).unwrap()).pairings.is_empty());

    let mut builder = Dataset::builder();
    builder.add_firm(firm("H", Some(1), None));
    builder.add_firm(firm("D1", None, Some("H"))).add_firm(firm("D2", None, Some("H")));
    builder.add_supply(&Supply::new("x", "D2"));
    builder.add_pairing(Pairing {
        id: "p".into(),
        parties: vec!["D1".into(), "q".into()],
        level: None,
        modes: Vec::new(),
        theme: None,
        signed: None,
        ends: None,
    });
    let network = Network::build(&builder.finish().0).unwrap();
    let rankings = Matcher::builder(&network).build().unwrap().rank_all([network.firm_ix("D2").unwrap()]);
    assert!(!rankings[0].recommendations.is_empty());
    // A firm that the network does not know may be limited, if it is told of.
    let constraints = one("vetoes = [{ anchor = \"D2\", supplier = \"newcomer\" }]");
    let problem = Problem::builder().rankings(&network, &rankings, &constraints.levels);
    let problem = problem.pairs([Pair::new("D2", "newcomer", 0.9)]).build(&constraints).unwrap();
    assert!(Optimal.plan(&problem).pairings.is_empty());
}

#[test]
#[cfg(feature = "json")]
fn json_takes_each_key_once_and_no_list_for_an_object() {
    let said = |text: &str| {
        let error = Constraints::from_json(text).unwrap_err();
        std::error::Error::source(&error).unwrap().to_string()
    };
    assert!(said(r#"{"firms": {"a": {"least": 1}, "a": {"most": 2}}}"#).contains("a is there twice"));
    assert!(
        said(r#"{"firms": {"a": {"levels": {"branch": 1, "branch": 9}}}}"#).contains("branch is there twice")
    );
    assert!(said("[2, 1]").contains("expected an object"));
}

/// Houses with a quota: the firms below a head, told as groups beside those of the constraints.
#[test]
fn groups_hold_houses_or_are_held_by_them() {
    let firm = |id: &str, parent: Option<&str>, quota| {
        let mut firm = Firm::new(id);
        (firm.parent, firm.quota) = (parent.map(Into::into), quota);
        firm
    };
    let firms = [
        firm("works", None, Some(2)),
        firm("shop", Some("works"), None),
        firm("hall", Some("shop"), None),
        firm("d1", Some("works"), None),
    ];
    let pairs = || {
        let of = |anchor: &'static str| {
            (0..3).map(move |at| Pair::new(anchor, format!("{anchor} {at}"), 0.5 + f64::from(at) / 10.0))
        };
        ["hall", "d1", "e"].into_iter().flat_map(of).collect::<Vec<_>>()
    };
    let plan = |text: &str| {
        let mut builder = Problem::builder().pairs(pairs());
        for firm in &firms {
            builder = builder.firm(firm, [""; 0]);
        }
        let problem = builder.build(&Constraints::from_toml(text).unwrap())?;
        let plan = Optimal.plan(&problem);
        assert_eq!(verify(&problem, &plan), Ok(()));
        let of_house = plan.pairings.iter().filter(|one| one.anchor.as_str() != "e").count();
        Ok::<(usize, usize), PlanError>((of_house, plan.pairings.len()))
    };
    // At whatever depth, and whatever part of it is in a group of its own.
    assert_eq!(plan("").unwrap(), (2, 5));
    assert_eq!(plan(r#"groups = [{ name = "g", firms = ["d1"], least = 2 }]"#).unwrap(), (2, 5));
    assert_eq!(
        plan(r#"groups = [{ name = "all", firms = ["hall", "d1", "e"], most = 3 }]"#).unwrap(),
        (2, 3)
    );
    let split = plan(r#"groups = [{ name = "split", firms = ["d1", "e"], most = 3 }]"#);
    assert!(matches!(split, Err(PlanError::Overlap { .. })));
}
