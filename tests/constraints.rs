//! Constraints as files have them: absurd values end in an error or a plan that passes its check,
//! and never in a panic.
#![cfg(feature = "toml")]

use jiedui::model::{Firm, Level, SizeClass};
use jiedui::plan::{
    Constraints, Greedy, Optimal, Pair, PlanError, Planner, Problem, Stable, costs, fairness, replan, verify,
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
            |(one, other, least, most, role)| format!(
                "[[groups]]\nname = \"{one}\"\nrole = \"{role}\"\nfirms = [\"{one}\", \"{other}\"]\nleast = {least}\nmost = {most}"
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
    assert!(said("tolerance = nan").contains("NaN is not 0 or more"));
    assert!(said("bundling = { least = 1 }").contains("set bundling.least from 2 up"));
    assert!(
        said("minimums = [{ name = \"m\", share = 1.5 }]").contains("\"m\" needs a share between 0 and 1")
    );
    assert!(said("locks = [{ anchor = \"a\", supplier = \"a\" }]").contains("no candidate; remove the lock"));
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
