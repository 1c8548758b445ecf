//! The example `matcher` as its users run it: what it prints, writes and returns.
//!
//! `JIEDUI_BLESS=1 cargo test --test matcher_example` writes the expected texts anew.

#![cfg(all(feature = "city", feature = "csv", feature = "json", feature = "toml"))]

mod example;

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const TINY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/matcher_example/tiny");

/// The program.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| example::built("matcher"))
}

/// A run in an environment without a language of its own.
fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(program());
    command.args(arguments).env_remove("LC_ALL").env_remove("LANG").env_remove("COLUMNS");
    command
}

fn run(arguments: &[&str]) -> Result<Output> {
    Ok(command(arguments).output()?)
}

fn code(arguments: &[&str]) -> Result<i32> {
    Ok(run(arguments)?.status.code().ok_or("ended by a signal")?)
}

fn json(arguments: &[&str]) -> Result<Value> {
    let output = run(&[arguments, &["--format", "json"]].concat())?;
    Ok(serde_json::from_slice(&output.stdout)?)
}

#[test]
fn exit_codes_tell_done_failed_misused_and_done_with_faults() -> Result {
    let small = ["--generate", "100", "--top", "1"];
    assert_eq!(code(&small)?, 0);
    assert_eq!(code(&["--help"])?, 0);
    let failures: [&[&str]; 7] = [
        &["--data", "/no/such/place"],
        &["--data", TINY, "--strict"],
        &["--data", TINY, "--anchor", "nobody"],
        &["--data", TINY, "--explain", "works", "nobody"],
        &["--data", TINY, "--explain", "works", "works"],
        &["--data", TINY, "--weights", "/no/such/weights.json"],
        &["--data", TINY, "--output", "/no/such/folder/file"],
    ];
    for arguments in failures {
        let output = run(arguments)?;
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        assert!(String::from_utf8(output.stderr)?.contains("error: "), "{arguments:?}");
    }
    let misuses: [&[&str]; 13] = [
        &["--nonsense"],
        &["--threads", "0"],
        &["--threads", "1000000"],
        &["--top", "0"],
        &["--format", "xml"],
        &["--as-of", "2025-13"],
        &["--columns", "supplies.dat=month"],
        &["--where", "side=purchase"],
        &["--anchors-by", "20"],
        &["--anchors-by", "in-degree:3", "--anchor", "works"],
        &["--generate", "100", "--data", TINY],
        &["--seed", "3"],
        &["--explain", "works", "foundry", "--exclude-existing"],
    ];
    for arguments in misuses {
        assert_eq!(code(arguments)?, 2, "{arguments:?}");
    }
    assert_eq!(code(&["--data", TINY])?, 3);
    Ok(())
}

#[test]
fn what_cannot_be_ranked_is_said() -> Result {
    let folder = tempfile::tempdir()?;
    let path = folder.path().to_str().ok_or("a folder with a plain name")?;
    fs::write(folder.path().join("firms.csv"), "firm\n")?;
    let said = |arguments: &[&str]| -> Result<String> {
        Ok(String::from_utf8(run(&[&["--data", path], arguments].concat())?.stderr)?)
    };
    assert!(said(&[])?.contains("error: there are no firms in the data"));
    fs::write(folder.path().join("firms.csv"), "firm,name\na,one\nb,one\nc,two\n")?;
    assert!(said(&[])?.contains("error: there are no anchors"));
    assert!(
        said(&["--anchor", "one"])?
            .contains("2 firms are named \"one\"; give an id, such as one (a), one (b)")
    );
    assert!(said(&["--anchor", "tow"])?.contains("the nearest are two (c)"));
    assert_eq!(run(&["--data", path, "--anchor", "two", "--top", "999999999"])?.status.code(), Some(0));
    Ok(())
}

/// The utility is the sum of its contributions, to the last bit, the score their
/// harmonic mean; every field that programs rely on is there.
#[test]
fn json_adds_up() -> Result {
    let document = json(&["--top", "3"])?;
    assert_eq!(document["schema"], 1);
    assert_eq!(document["as_of"], "2025-06-30");
    assert_eq!(document["faults"], Value::Array(Vec::new()));
    let rankings = document["rankings"].as_array().ok_or("rankings")?;
    assert_eq!(rankings.len(), 46);
    for ranking in rankings {
        assert!(ranking["anchor"].is_string());
        let recommendations = ranking["recommendations"].as_array().ok_or("recommendations")?;
        assert!(!recommendations.is_empty());
        let mut above = f64::INFINITY;
        for recommendation in recommendations {
            let number = |field: &str| recommendation[field].as_f64().ok_or(format!("{field} is no number"));
            let (a, s) = (number("anchor_utility")?, number("supplier_utility")?);
            for (side, utility) in [("anchor", a), ("supplier", s)] {
                let contributions = recommendation["contributions"].as_array().ok_or("contributions")?;
                let of_side = contributions.iter().filter(|contribution| contribution["side"] == side);
                let sum: f64 = of_side.filter_map(|contribution| contribution["contribution"].as_f64()).sum();
                assert_eq!(sum, utility);
            }
            let score = number("score")?;
            assert_eq!(score, 2.0 * a * s / (a + s));
            assert!(number("low")? <= score && score <= number("high")?);
            assert!(score <= above);
            above = score;
            for field in ["gates", "modes", "levels", "flags", "witness"] {
                assert!(recommendation[field].is_array(), "{field}");
            }
            assert!(recommendation["relation"].is_object());
        }
    }
    Ok(())
}

#[test]
fn json_lists_faults_with_place_and_remedy() -> Result {
    let document = json(&["--data", TINY])?;
    let faults = document["faults"].as_array().ok_or("faults")?;
    let expected = serde_json::json!({
        "kind": "bad_number", "effect": "cell_left_out", "table": "firms", "file": "firms.csv", "line": 5,
        "column": "revenue", "value": "很多", "detail": null,
        "reason": "not a number", "remedy": "write digits, with 万元 or 亿元 if you like",
    });
    assert_eq!(faults, &[expected]);
    assert_eq!(document["rankings"][0]["barred"][0]["supplier"], "forge");
    Ok(())
}

#[test]
fn output_is_the_same_on_any_number_of_threads() -> Result {
    for format in ["json", "csv", "table"] {
        let arguments =
            |threads| ["--generate", "600", "--seed", "9", "--format", format, "--threads", threads];
        let one = run(&arguments("1"))?;
        assert_eq!(one.status.code(), Some(0));
        for threads in ["2", "8", "16"] {
            assert_eq!(run(&arguments(threads))?.stdout, one.stdout, "{format}, {threads} threads");
        }
    }
    Ok(())
}

#[test]
fn output_does_not_depend_on_the_order_of_rows() -> Result {
    let folder = tempfile::tempdir()?;
    for entry in fs::read_dir(TINY)? {
        let path = entry?.path();
        let text = fs::read_to_string(&path)?;
        let mut lines: Vec<&str> = text.lines().collect();
        lines[1..].reverse();
        fs::write(folder.path().join(path.file_name().ok_or("a file")?), lines.join("\n"))?;
    }
    let reversed = folder.path().to_str().ok_or("a folder with a plain name")?;
    assert_eq!(run(&["--data", reversed])?.stdout, run(&["--data", TINY])?.stdout);
    Ok(())
}

#[test]
fn both_languages_read_as_expected() -> Result {
    for language in ["en", "zh"] {
        let mut text = String::new();
        for arguments in [vec![], vec!["--explain", "works", "castings"], vec!["--anchor", "work"]] {
            let output = run(&[&["--data", TINY, "--lang", language], &arguments[..]].concat())?;
            writeln!(text, "$ matcher --lang {language} {}", arguments.join(" "))?;
            text += &String::from_utf8(output.stderr)?;
            text += &String::from_utf8(output.stdout)?;
        }
        let path = Path::new(ROOT).join(format!("tests/matcher_example/{language}.txt"));
        example::assert_golden(&path, &text)?;
    }
    Ok(())
}

#[test]
fn plans_read_as_expected() -> Result {
    let file = |name: &str| format!("{ROOT}/tests/matcher_example/{name}");
    let (constraints, impossible) = (file("constraints.toml"), file("impossible.json"));
    let groups = file("groups.toml");
    for language in ["en", "zh"] {
        let mut text = String::new();
        for (shown, arguments) in [
            ("--plan optimal --quota 2", vec!["--plan", "optimal", "--quota", "2"]),
            ("--plan greedy", vec!["--plan", "greedy"]),
            ("--plan stable --quota 1", vec!["--plan", "stable", "--quota", "1"]),
            (
                "--plan optimal --constraints constraints.toml",
                vec!["--plan", "optimal", "--constraints", &constraints],
            ),
            (
                "--plan optimal --constraints impossible.json",
                vec!["--plan", "optimal", "--constraints", &impossible],
            ),
            (
                "--plan optimal --quota 1 --constraints groups.toml --also groups branches",
                vec![
                    "--plan",
                    "optimal",
                    "--quota",
                    "1",
                    "--constraints",
                    &groups,
                    "--also",
                    "groups",
                    "branches",
                ],
            ),
            (
                "--plan optimal --quota 1 --constraints constraints.toml --refuse works:foundry --also costs",
                vec![
                    "--plan",
                    "optimal",
                    "--quota",
                    "1",
                    "--constraints",
                    &constraints,
                    "--refuse",
                    "works:foundry",
                    "--also",
                    "costs",
                ],
            ),
        ] {
            let output = run(&[&["--data", TINY, "--lang", language], &arguments[..]].concat())?;
            writeln!(text, "$ matcher --lang {language} {shown}")?;
            text += &String::from_utf8(output.stdout)?;
        }
        let path = Path::new(ROOT).join(format!("tests/matcher_example/plan_{language}.txt"));
        example::assert_golden(&path, &text)?;
    }
    Ok(())
}

/// The plan's fields that programs rely on, and that its candidates are the pairs ranked.
#[test]
fn json_has_the_plan() -> Result {
    let document = json(&["--plan", "optimal", "--quota", "3", "--top", "8"])?;
    let plan = &document["plan"];
    assert_eq!(plan["status"], "optimal");
    let pairings = plan["pairings"].as_array().ok_or("pairings")?;
    let mut sum = 0.0;
    for one in pairings {
        let ranking = document["rankings"]
            .as_array()
            .ok_or("rankings")?
            .iter()
            .find(|ranking| ranking["anchor"] == one["anchor"]);
        let listed = ranking.and_then(|ranking| ranking["recommendations"].as_array()).ok_or("a ranking")?;
        let found = listed.iter().find(|found| found["supplier"] == one["supplier"]).ok_or("a candidate")?;
        for field in ["score", "anchor_utility", "supplier_utility"] {
            assert_eq!(found[field], one[field]);
        }
        sum += one["score"].as_f64().ok_or("a score")?;
    }
    assert!((plan["objective"].as_f64().ok_or("objective")? - sum).abs() < 1e-9);
    for field in ["unpaired", "reserve"] {
        assert!(plan[field].is_array(), "{field}");
    }
    assert!(plan["certificate"]["prices"].is_array());
    assert!(document["fairness"]["gini"].is_number());
    assert!(json(&["--data", TINY])?.get("plan").is_none());
    for field in ["replan", "costs", "formation"] {
        assert!(document.get(field).is_none(), "{field}");
    }
    assert_eq!(plan["packing"], "none");
    let greedy = json(&["--plan", "greedy", "--quota", "3", "--top", "8"])?;
    assert_eq!(greedy["plan"]["status"], "feasible");
    assert!(greedy["plan"]["objective"].as_f64() <= plan["objective"].as_f64());
    Ok(())
}

/// Refusals on the command line and in the file are the same; groups, third parties, costs and
/// branches are where programs look for them.
#[test]
fn json_has_what_a_plan_is_told_with() -> Result {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("limits.json");
    let event = r#""events": [{ "event": "refusal", "anchor": "works", "supplier": "castings" }]"#;
    let bundling = r#""bundling": { "least": 2, "same_industry": false, "same_product": false }"#;
    let write = |events: &str| fs::write(&path, format!(r#"{{ "anchor_most": 1, {bundling} {events} }}"#));
    let name = path.to_str().ok_or("a folder with a plain name")?;
    let plan = |more: &[&str]| {
        let told = ["--data", TINY, "--plan", "optimal", "--constraints", name, "--also", "groups", "costs"];
        json(&[&told, more].concat())
    };
    write("")?;
    let before = plan(&[])?;
    assert_eq!(before["plan"]["pairings"][0]["supplier"], "castings");
    let suppliers = before["plan"]["groups"][0]["suppliers"].as_array().ok_or("a group")?;
    assert_eq!(suppliers.len(), 2);
    assert_eq!(before["plan"]["packing"], "after_plan");
    assert_eq!(before["plan"]["groups"][0]["hours"], 28);
    // The college was in a pairing with the works.
    let joined = &before["plan"]["agreements"][0]["parties"][0];
    assert_eq!((joined["party"].as_str(), joined["why"].as_str()), (Some("college"), Some("precedent")));
    let by_option = plan(&["branches", "--refuse", "works:虚构铸件公司"])?;
    write(&format!(", {event}"))?;
    let by_file = plan(&["branches"])?;
    assert_eq!(by_file, by_option);
    assert_eq!(by_file["replan"]["lost"], serde_json::json!([["works", "castings"]]));
    assert_eq!(by_file["replan"]["added"].as_array().map(Vec::len), Some(1));
    assert_eq!(by_file["costs"]["constraints"][0][0]["constraint"], "veto");
    assert!(by_file["costs"]["constraints"][0][1].as_f64() > Some(0.0));
    assert!(by_file["formation"]["unknown"].as_array().is_some_and(|unknown| !unknown.is_empty()));
    Ok(())
}

#[test]
fn plans_are_the_same_on_any_number_of_threads_and_for_any_order_of_rows() -> Result {
    let plan = |threads| {
        run(&[
            "--generate",
            "600",
            "--seed",
            "9",
            "--plan",
            "optimal",
            "--also",
            "groups",
            "costs",
            "branches",
            "--format",
            "json",
            "--threads",
            threads,
        ])
    };
    let one = plan("1")?;
    assert_eq!(one.status.code(), Some(0));
    for threads in ["2", "8"] {
        assert_eq!(plan(threads)?.stdout, one.stdout);
    }
    let folder = tempfile::tempdir()?;
    for entry in fs::read_dir(TINY)? {
        let path = entry?.path();
        let text = fs::read_to_string(&path)?;
        let mut lines: Vec<&str> = text.lines().collect();
        lines[1..].reverse();
        fs::write(folder.path().join(path.file_name().ok_or("a file")?), lines.join("\n"))?;
    }
    let reversed = folder.path().to_str().ok_or("a folder with a plain name")?;
    let of = |data| {
        let groups = format!("{ROOT}/tests/matcher_example/groups.toml");
        let more = ["--quota", "1", "--constraints", &groups, "--also", "groups", "costs"];
        run(&[&["--data", data, "--plan", "optimal"], &more[..]].concat())
    };
    assert_eq!(of(reversed)?.stdout, of(TINY)?.stdout);
    Ok(())
}

#[test]
fn every_planner_answers_a_refusal() -> Result {
    for planner in ["greedy", "optimal", "stable"] {
        let plan = |more: &[&str]| -> Result<serde_json::Value> {
            let arguments = ["--data", TINY, "--plan", planner, "--format", "json"];
            Ok(serde_json::from_slice(&run(&[&arguments[..], more].concat())?.stdout)?)
        };
        let first = &plan(&[])?["plan"]["pairings"][0];
        let (anchor, supplier) = (first["anchor"].as_str(), first["supplier"].as_str());
        let (anchor, supplier) = (anchor.ok_or("an anchor")?, supplier.ok_or("a supplier")?);
        let again = plan(&["--refuse", &format!("{anchor}:{supplier}")])?;
        assert_eq!(again["replan"]["lost"], serde_json::json!([[anchor, supplier]]), "{planner}");
        let pairings = again["plan"]["pairings"].as_array().ok_or("pairings")?;
        assert!(
            pairings
                .iter()
                .all(|one| (&one["anchor"], &one["supplier"]) != (&first["anchor"], &first["supplier"]))
        );
        assert!(again["replan"]["optimum"].as_f64() >= again["plan"]["objective"].as_f64(), "{planner}");
    }
    Ok(())
}

/// What an earlier run has planned stays a candidate however few are asked for, and stays planned
/// where nothing has changed.
#[test]
fn an_earlier_plan_is_changed_as_little_as_may_be() -> Result {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("plan.json");
    let path = path.to_str().ok_or("a folder with a plain name")?;
    let city = ["--generate", "600", "--seed", "9", "--format", "json", "--plan"];
    let plan = |more: &[&str]| -> Result<Value> {
        Ok(serde_json::from_slice(&run(&[&city, more].concat())?.stdout)?)
    };
    let first = plan(&["optimal"])?;
    assert_eq!(run(&[&city[..], &["optimal", "--output", path]].concat())?.status.code(), Some(0));
    let parties = |plan: &Value| -> Vec<(String, String)> {
        let pairings = plan["plan"]["pairings"].as_array().cloned().unwrap_or_default();
        pairings.iter().map(|one| (one["anchor"].to_string(), one["supplier"].to_string())).collect()
    };
    let again = plan(&["optimal", "--top", "1", "--earlier", path])?;
    assert_eq!(parties(&again), parties(&first));
    for planner in ["optimal", "greedy", "stable"] {
        let again = plan(&[planner, "--top", "1", "--earlier", path])?;
        assert_eq!(again["replan"]["lost"], serde_json::json!([]), "{planner}");
    }
    let one = &first["plan"]["pairings"][0];
    let refusal =
        format!("{}:{}", one["anchor"].as_str().unwrap_or(""), one["supplier"].as_str().unwrap_or(""));
    let again = plan(&["optimal", "--earlier", path, "--refuse", &refusal])?;
    assert_eq!(again["replan"]["lost"], serde_json::json!([[one["anchor"], one["supplier"]]]));
    assert!(again["replan"]["dropped"].as_array().is_some_and(|dropped| dropped.len() <= 1));

    let supplier = one["supplier"].as_str().unwrap_or("");
    for planner in ["optimal", "greedy", "stable"] {
        let again = plan(&[planner, "--earlier", path, "--exclude", supplier])?;
        let excluded = one["supplier"].to_string();
        assert!(parties(&again).iter().all(|(_, planned)| *planned != excluded));
        assert_eq!(again["replan"]["lost"], serde_json::json!([[one["anchor"], one["supplier"]]]));
    }

    fs::write(path, "{}")?;
    let output = run(&[&city[..], &["optimal", "--earlier", path]].concat())?;
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr)?.contains("it holds no plan"));
    Ok(())
}

/// Why a pairing of the plan before is none of the new one.
#[test]
fn what_became_of_an_earlier_plan_is_told() -> Result {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("plan.json");
    let mut earlier = json(&["--data", TINY, "--plan", "optimal", "--quota", "1"])?;
    let one = earlier["plan"]["pairings"][0].clone();
    let pairs = ["castings", "bogies", "forge", "bearings", "nobody"].map(|supplier| ("works", supplier));
    let pairings =
        pairs.into_iter().chain([("bogies", "foundry"), ("foundry", "works")]).map(|(anchor, supplier)| {
            let mut pairing = one.clone();
            (pairing["anchor"], pairing["supplier"]) = (anchor.into(), supplier.into());
            pairing
        });
    earlier["plan"]["pairings"] = pairings.collect();
    fs::write(&path, earlier.to_string())?;
    let path = path.to_str().ok_or("a folder with a plain name")?;
    let told = |more: &[&str]| -> Result<String> {
        let arguments = ["--data", TINY, "--plan", "optimal", "--earlier", path, "--exclude", "bearings"];
        let text = String::from_utf8(run(&[&arguments, more].concat())?.stdout)?;
        let told =
            text.lines().filter(|line| line.starts_with("     ")).take_while(|line| !line.contains("══"));
        Ok(told.collect::<Vec<_>>().join("\n"))
    };
    let chinese = told(&["--quota", "1", "--lang", "zh"])?;
    for line in [
        "已结对：虚构车辆厂 – 虚构转向架公司",
        "数据中已没有其中的企业：虚构车辆厂 – nobody",
        "链主不在本次之列：虚构转向架公司 – 虚构铸造厂",
        "按条件不列：虚构车辆厂 – 虚构轴承厂",
        "不能再结：虚构车辆厂 – 虚构锻造厂",
    ] {
        assert!(chinese.contains(line), "{chinese}");
    }
    assert!(!chinese.contains("撤下：") && !chinese.contains("新增："), "{chinese}");
    assert!(told(&["--lang", "en"])?.contains("added: 虚构车辆厂 – 虚构铸造厂"));
    let turned = told(&["--anchor", "works", "foundry", "--lang", "en"])?;
    let pairs = "虚构转向架公司 – 虚构铸造厂; 虚构铸造厂 – 虚构车辆厂";
    assert!(turned.contains(&format!("planned the other way round: {pairs}")), "{turned}");
    Ok(())
}

/// Groups are packed anew, and who has left or entered one is told.
#[test]
fn who_leaves_a_group_is_told() -> Result {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("plan.json");
    let path = path.to_str().ok_or("a folder with a plain name")?;
    let limits = format!("{ROOT}/tests/matcher_example/groups.toml");
    let plan = ["--data", TINY, "--plan", "optimal", "--quota", "1", "--constraints", &limits];
    let first = [&plan[..], &["--also", "groups", "--format", "json", "--output", path]].concat();
    assert_eq!(run(&first)?.status.code(), Some(3));
    let told = |more: &[&str]| -> Result<String> {
        let output = run(&[&plan[..], &["--lang", "en", "--earlier", path], more].concat())?;
        Ok(String::from_utf8(output.stdout)?)
    };
    assert!(told(&[])?.contains("no longer in a group: 虚构车辆厂 – 虚构铸造厂, 虚构轴承厂"));
    let again = told(&["--also", "groups"])?;
    assert!(again.contains("1 kept, 0 dropped, 0 added"), "{again}");
    assert!(!again.contains("longer in a group") && !again.contains("new in a group"), "{again}");
    Ok(())
}

/// A lock holds, however far down the ranking the pair stands.
#[test]
fn what_is_locked_is_a_candidate() -> Result {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("constraints.json");
    fs::write(&path, r#"{ "locks": [{ "anchor": "works", "supplier": "bearings" }] }"#)?;
    let path = path.to_str().ok_or("a folder with a plain name")?;
    let plan = json(&["--data", TINY, "--top", "1", "--plan", "optimal", "--constraints", path])?;
    let pairings = plan["plan"]["pairings"].as_array().ok_or("pairings")?;
    assert!(pairings.iter().any(|one| one["supplier"] == "bearings" && one["locked"] == true));
    let arguments = ["--data", TINY, "--plan", "optimal", "--constraints", path, "--exclude", "bearings"];
    let output = run(&arguments)?;
    assert!(String::from_utf8(output.stdout)?.contains("(locked)"));
    assert!(String::from_utf8(output.stderr)?.contains("left out as asked, but locked"));
    Ok(())
}

#[test]
fn wrong_plans_are_refused() -> Result {
    for arguments in [
        vec!["--quota", "3"],
        vec!["--constraints", "some.json"],
        vec!["--plan", "best"],
        vec!["--plan", "greedy", "--quota", "0"],
        vec!["--plan", "greedy", "--constraints", "some.xml"],
        vec!["--plan", "greedy", "--explain", "works", "foundry"],
        vec!["--also", "groups"],
        vec!["--plan", "optimal", "--also", "more"],
        vec!["--plan", "optimal", "--refuse", "works"],
    ] {
        assert_eq!(code(&[&["--data", TINY], &arguments[..]].concat())?, 2, "{arguments:?}");
    }
    let folder = tempfile::tempdir()?;
    for (text, said) in [
        (r#"{ "quotas": 3 }"#, "unknown field `quotas`"),
        (r#"{ "locks": [{ "anchor": "works", "supplier": "forge" }] }"#, "works – forge cannot be kept"),
        (
            "{\n \"vetoes\": [\n { \"anchor\": \"works\", \"supplier\": \"fuondry\" }] }",
            ".json:3: vetoes[0].supplier",
        ),
        ("{\n \"tolerance\": -1 }", ".json:2: the tolerance -1 is no finite number of 0 or more"),
        (r#"{ "minimums": [{ "name": "rail", "chains": ["rial"], "count": 1 }] }"#, "no chain's id or name"),
    ] {
        let path = folder.path().join("constraints.json");
        fs::write(&path, text)?;
        let path = path.to_str().ok_or("a folder with a plain name")?;
        let output = run(&["--data", TINY, "--plan", "optimal", "--constraints", path])?;
        assert_eq!(output.status.code(), Some(1));
        let error = String::from_utf8(output.stderr)?;
        assert!(error.contains(said), "{error}");
    }
    let output = run(&["--data", TINY, "--plan", "optimal", "--refuse", "works:nobody"])?;
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr)?.contains("nobody"));
    let csv = run(&["--data", TINY, "--plan", "optimal", "--format", "csv", "--lang", "en"])?;
    assert!(csv.stdout.starts_with(b"anchor,anchor_name,supplier,supplier_name,level,score,"));
    Ok(())
}

#[test]
fn filters_narrow_anchors_and_partners() -> Result {
    let partners = |more: &[&str]| -> Result<Vec<String>> {
        let rankings = json(&[&["--data", TINY], more].concat())?;
        let ranked = rankings["rankings"][0]["recommendations"].as_array().cloned().unwrap_or_default();
        let mut partners: Vec<String> =
            ranked.iter().filter_map(|one| one["supplier"].as_str().map(str::to_owned)).collect();
        partners.sort();
        Ok(partners)
    };
    assert_eq!(partners(&[])?, ["bearings", "bogies", "castings", "foundry"]);
    assert_eq!(partners(&["--chain", "虚构轨道交通产业链"])?, ["bogies", "castings", "foundry"]);
    assert_eq!(partners(&["--chain", "rail", "--exclude", "虚构铸件公司"])?, ["bogies", "foundry"]);
    assert_eq!(partners(&["--region", "芦淞", "荷塘区"])?, ["bearings", "castings"]);
    assert_eq!(partners(&["--within", "1"])?, ["foundry"]);
    assert_eq!(partners(&["--size", "小型"])?, partners(&["--size", "small"])?);
    for (arguments, said) in [
        (["--chain", "nonesuch"], "there are 虚构轨道交通产业链 (rail)"),
        (["--region", "nowhere"], "there are 天元区"),
        (["--exclude", "works"], "there are no anchors that are asked for but those of --exclude"),
    ] {
        let output = run(&[&["--data", TINY], &arguments[..]].concat())?;
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        let error = String::from_utf8(output.stderr)?;
        assert!(error.contains(said), "{error}");
    }
    assert_eq!(code(&["--data", TINY, "--anchor", "works", "--exclude", "works"])?, 1);
    for (arguments, said) in [
        (["--size", "huge"], "应为微型、小型、中型、大型之一"),
        (["--within", "-1"], "应为不小于 0 的公里数"),
        (["--columns", "supplies.dat=month"], "supplies 没有字段“dat”"),
    ] {
        let output = run(&[&["--data", TINY, "--lang", "zh"], &arguments[..]].concat())?;
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let error = String::from_utf8(output.stderr)?;
        assert!(error.contains(said), "{error}");
    }
    Ok(())
}

#[test]
fn the_language_is_that_of_the_environment() -> Result {
    let first_word = |variables: &[(&str, &str)]| -> Result<String> {
        let mut command = command(&["--data", TINY, "--anchor", "nobody"]);
        let text = String::from_utf8(command.envs(variables.iter().copied()).output()?.stderr)?;
        Ok(text.lines().last().unwrap_or_default().chars().take(2).collect())
    };
    assert_eq!(first_word(&[])?, "er");
    assert_eq!(first_word(&[("LANG", "zh_CN.UTF-8")])?, "错误");
    assert_eq!(first_word(&[("LANG", "en_US.UTF-8"), ("LC_ALL", "zh_CN")])?, "错误");
    assert_eq!(first_word(&[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "C")])?, "er");
    Ok(())
}

#[test]
fn csv_has_a_row_for_each_recommendation() -> Result {
    let output = run(&["--data", TINY, "--format", "csv", "--top", "2", "--lang", "en"])?;
    let mut reader = csv::Reader::from_reader(&output.stdout[..]);
    assert_eq!(
        reader.headers()?.iter().take(4).collect::<Vec<_>>(),
        ["anchor", "anchor_name", "rank", "supplier"]
    );
    let rows = reader.records().collect::<std::result::Result<Vec<_>, _>>()?;
    assert_eq!(rows.len(), 2);
    assert_eq!((&rows[1][0], &rows[1][2]), ("works", "2"));
    // In Chinese for Excel, which takes the encoding from the mark.
    let output = run(&["--data", TINY, "--format", "csv", "--lang", "zh"])?;
    assert!(output.stdout.starts_with("\u{feff}链主编号,".as_bytes()));
    Ok(())
}

/// What an office works on: every sheet, with codes as text and scores as numbers, the same bytes again.
#[test]
fn a_workbook_has_a_sheet_for_everything() -> Result {
    use calamine::{Data, Reader, Xlsx, open_workbook};

    let folder = tempfile::tempdir()?;
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (first, second) = (path("one.xlsx"), path("two.XLSX"));
    for file in [&first, &second] {
        let output = run(&["--data", TINY, "--plan", "optimal", "--lang", "zh", "--output", file])?;
        assert!(output.stdout.is_empty());
    }
    assert!(fs::read(&first)? == fs::read(&second)?);
    let mut book: Xlsx<_> = open_workbook(&first)?;
    assert_eq!(book.sheet_names(), ["说明", "方案", "未列入", "推荐", "数据问题"]);
    let sheet = book.worksheet_range("方案")?;
    let csv = run(&["--data", TINY, "--plan", "optimal", "--lang", "zh", "--format", "csv"])?;
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).from_reader(&csv.stdout["\u{feff}".len()..]);
    let mut n_numbers = 0;
    for (row, record) in sheet.rows().zip(reader.records()) {
        for (cell, text) in row.iter().zip(&record?) {
            n_numbers += usize::from(matches!(cell, Data::Float(_)));
            assert_eq!(cell.to_string(), text);
        }
    }
    assert!(n_numbers > 0 && sheet.height() > 1);
    let faults = json(&["--data", TINY])?["faults"].as_array().map_or(0, Vec::len);
    assert!(faults > 0);
    assert_eq!(book.worksheet_range("数据问题")?.height(), faults + 1);
    assert_eq!(code(&["--data", TINY, "--format", "xlsx"])?, 2);
    assert_eq!(code(&["--data", TINY, "--format", "csv", "--output", &first])?, 2);
    assert_eq!(code(&["--data", TINY, "--output", &path("old.xls")])?, 2);
    Ok(())
}

/// Who is in a group is in the list of a plan that is passed round, too.
#[test]
fn csv_of_a_plan_has_a_row_for_each_pairing_and_member() -> Result {
    let groups = format!("{ROOT}/tests/matcher_example/groups.toml");
    let mut arguments = vec!["--data", TINY, "--plan", "optimal", "--quota", "1", "--constraints", &groups];
    arguments.extend(["--also", "groups", "--lang", "en"]);
    let plan = json(&arguments)?["plan"].take();
    let number = |of: &serde_json::Value| of.as_array().map_or(0, Vec::len);
    let members: usize =
        plan["groups"].as_array().ok_or("groups")?.iter().map(|group| number(&group["suppliers"])).sum();
    let output = run(&[&arguments[..], &["--format", "csv"]].concat())?;
    let mut reader = csv::Reader::from_reader(&output.stdout[..]);
    let group = reader.headers()?.iter().position(|header| header == "group").ok_or("a column group")?;
    let rows = reader.records().collect::<std::result::Result<Vec<_>, _>>()?;
    let in_groups = rows.iter().filter(|row| !row[group].is_empty()).count();
    assert!(members > 0);
    assert_eq!((in_groups, rows.len()), (members, number(&plan["pairings"]) + members));
    Ok(())
}

#[test]
fn options_shape_the_ranking() -> Result {
    let suppliers = |arguments: &[&str]| -> Result<Vec<String>> {
        let document = json(&[&["--data", TINY], arguments].concat())?;
        let listed = document["rankings"][0]["recommendations"].as_array().ok_or("recommendations")?;
        Ok(listed.iter().filter_map(|found| found["supplier"].as_str().map(str::to_owned)).collect())
    };
    assert_eq!(suppliers(&["--top", "2"])?.len(), 2);
    let new = suppliers(&["--exclude-existing"])?;
    assert!(!new.is_empty() && !new.contains(&"foundry".to_owned()) && !new.contains(&"bogies".to_owned()));
    assert_eq!(suppliers(&["--anchor", "虚构车辆厂"])?, suppliers(&["--anchor", "works"])?);
    assert_eq!(json(&["--data", TINY, "--anchors-by", "in-degree:1"])?["rankings"][0]["anchor"], "bogies");
    assert_eq!(json(&["--data", TINY, "--as-of", "2025-04"])?["as_of"], "2025-04");

    let folder = tempfile::tempdir()?;
    for (name, text) in [("near.json", r#"{ "proximity": 1000000 }"#), ("near.toml", "proximity = 1000000\n")]
    {
        let path = folder.path().join(name);
        fs::write(&path, text)?;
        let nearest = suppliers(&["--weights", path.to_str().ok_or("a plain name")?])?;
        assert_eq!(nearest[0], "foundry", "{name}");
    }
    let path = folder.path().join("wrong.json");
    fs::write(&path, r#"{ "proximty": 1 }"#)?;
    let output = run(&["--data", TINY, "--weights", path.to_str().ok_or("a plain name")?])?;
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr)?.contains("no factor \"proximty\""));
    Ok(())
}

#[test]
fn output_goes_to_a_file_where_asked() -> Result {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("out.json");
    let arguments = ["--data", TINY, "--format", "json"];
    let output = run(&[&arguments[..], &["--output", path.to_str().ok_or("a plain name")?]].concat())?;
    assert!(output.stdout.is_empty());
    assert_eq!(fs::read(&path)?, run(&arguments)?.stdout);
    Ok(())
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() -> Result {
    // More than a pipe holds.
    let mut child = command(&["--format", "json"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    drop(child.stdout.take());
    let output = child.wait_with_output()?;
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8(output.stderr)?, "");
    Ok(())
}

/// Tables that are there are not written over unasked.
#[test]
fn a_city_overwrites_nothing_unasked() -> Result {
    let folder = tempfile::tempdir()?;
    let path = folder.path().to_str().ok_or("a folder with a plain name")?;
    let own = folder.path().join("firms.csv");
    std::fs::write(&own, "firm\nmine\n")?;
    let options = ["--generate", "300", "--save", path, "--top", "1"];
    assert_eq!(code(&options)?, 1);
    assert_eq!(std::fs::read_to_string(&own)?, "firm\nmine\n");
    assert_eq!(code(&[&options[..], &["--overwrite"]].concat())?, 0);
    assert!(std::fs::read_to_string(&own)?.starts_with("firm,name"));
    Ok(())
}

/// The sample is what its README says: written by the program, byte for byte.
#[test]
fn the_bundled_sample_comes_out_again() -> Result {
    let folder = tempfile::tempdir()?;
    let path = folder.path().to_str().ok_or("a folder with a plain name")?;
    assert_eq!(code(&["--generate", "zhuzhou", "--save", path, "--top", "1", "--anchor", "中车株机"])?, 0);
    let made = texts(folder.path())?;
    let bundled = texts(&Path::new(ROOT).join("examples/data/zhuzhou"))?;
    assert_eq!(made.keys().collect::<Vec<_>>(), bundled.keys().collect::<Vec<_>>());
    for (name, text) in made {
        assert!(bundled[&name] == text, "{} differs", name.display());
    }
    Ok(())
}

/// The tables of a folder by file name, unpacked: other versions may pack otherwise.
fn texts(folder: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut texts = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let mut text = Vec::new();
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("csv") => text = fs::read(&path)?,
            Some("gz") => drop(flate2::read::GzDecoder::new(fs::File::open(&path)?).read_to_end(&mut text)?),
            _ => continue,
        }
        texts.insert(path.strip_prefix(folder)?.to_owned(), text);
    }
    Ok(texts)
}
