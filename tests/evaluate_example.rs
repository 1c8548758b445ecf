//! The example `evaluate` as its users run it, on the bundled sample.
//!
//! `JIEDUI_BLESS=1 cargo test --test evaluate_example` writes the expected text anew.

#![cfg(all(feature = "csv", feature = "json", feature = "toml"))]

mod example;

use std::error::Error;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use jiedui::evaluate::{Metric, Qrels, Queries, Run};
use serde_json::Value;

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

/// What `SAMPLE` gives.
const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/evaluate.txt");

/// The larger anchors of the bundled sample, so that it takes seconds.
const SAMPLE: [&str; 6] = ["--cut", "2025-01", "--fewest-known", "20", "--depth", "20"];

/// The program.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| example::built("evaluate"))
}

fn run(arguments: &[&str]) -> Result<Output> {
    Ok(Command::new(program()).args(arguments).output()?)
}

#[test]
fn the_sample_is_measured_as_before() -> Result {
    let output = run(&SAMPLE)?;
    let text = String::from_utf8(output.stdout)?;
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(example::assert_golden(Path::new(GOLDEN), &text)?)
}

#[test]
fn weights_of_ones_own_are_measured_beside_the_default_ones() -> Result {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("weights.toml");
    let shown = file.to_str().ok_or("a path of letters")?;
    let measured = |text: &str| -> Result<Output> {
        fs::write(&file, text)?;
        run(&[&SAMPLE, &["--format", "json", "--weights", shown][..]].concat())
    };
    let models = |text: &str| -> Result<Vec<Value>> {
        let document: Value = serde_json::from_slice(&measured(text)?.stdout)?;
        Ok(document["models"].as_array().ok_or("no models")?[..2].to_vec())
    };
    // What a file does not name keeps its default.
    let [jiedui, given] = &models("")?[..] else { panic!("two") };
    assert_eq!((&given["name"], &given["ndcg@10"]), (&"given".into(), &jiedui["ndcg@10"]));
    let [jiedui, given] = &models("prospect = 0")?[..] else { panic!("two") };
    assert!(given["ndcg@10"].as_f64() < jiedui["ndcg@10"].as_f64(), "{given}");
    let refused = measured("prospects = 1")?;
    let told = String::from_utf8(refused.stderr)?;
    assert_eq!(refused.status.code(), Some(1));
    assert!(told.contains("weights.toml") && told.contains("prospects"), "{told}");
    Ok(())
}

#[test]
fn runs_tell_what_the_document_tells() -> Result {
    let folder = tempfile::tempdir()?;
    let runs = folder.path().join("runs");
    let shown = runs.to_str().ok_or("a path of letters")?;
    let output = run(&[&SAMPLE, &["--format", "json", "--relations", "--runs", shown][..]].concat())?;
    let document: Value = serde_json::from_slice(&output.stdout)?;
    let read = |name: &str| File::open(runs.join(name));
    let qrels = Qrels::read(read("qrels.txt")?, "qrels.txt")?;
    assert_eq!(document["test_pairs"], qrels.len());
    let models = document["models"].as_array().ok_or("no models")?;
    let names: Vec<&str> = models.iter().filter_map(|model| model["name"].as_str()).collect();
    assert_eq!(names[0], "jiedui");
    assert!(names.contains(&"persistence") && names.contains(&"distance"), "{names:?}");
    for (model, name) in models.iter().zip(names) {
        let run = Run::read(read(&format!("{name}.run"))?, name)?;
        let judged = qrels.judge(&run, Queries::Judged);
        assert_eq!(document["anchors"], judged.len());
        for metric in [Metric::Ndcg(10), Metric::Recall(10), Metric::Hit(10), Metric::ReciprocalRank] {
            let sum: f64 = judged.iter().map(|(_, judged)| metric.of(judged)).sum();
            let told = model[metric.to_string()].as_f64().ok_or("no such figure")?;
            assert!((told - sum / judged.len() as f64).abs() < 1e-12, "{name} {metric}");
        }
        let [low, ndcg, high] = ["low", "ndcg@10", "high"].map(|key| model[key].as_f64());
        assert!(low <= ndcg && ndcg <= high && low < high, "{name}: {low:?} {ndcg:?} {high:?}");
    }
    Ok(())
}

#[test]
fn folders_are_read_as_one() -> Result {
    let folder = tempfile::tempdir()?;
    let (before, after) = (folder.path().join("2023"), folder.path().join("2024"));
    for (path, rows) in [
        (&before, "steel,works 1,2023\nsteel,works 2,2023\ncastings,works 2,2023\n"),
        (&after, "castings,works 1,2024\n"),
    ] {
        fs::create_dir(path)?;
        fs::write(path.join("supplies.csv"), format!("supplier,buyer,month\n{rows}"))?;
    }
    let [before, after] = [&before, &after].map(|path| path.to_string_lossy());
    let shared = ["--columns", "supplies.date=month", "--fewest-known", "1", "--format", "json"];
    let measured = run(&[&["--data", &before, &after, "--cut", "2024", "--learn"], &shared[..]].concat())?;
    let document: Value = serde_json::from_slice(&measured.stdout)?;
    assert_eq!((&document["anchors"], &document["test_pairs"]), (&1.into(), &1.into()));
    // Castings is the only candidate.
    assert_eq!(document["models"][0]["mrr"], 1.0);
    // One year is too little to learn from, which is said.
    assert_eq!(
        (&document["models"][1]["name"], &document["models"][1]["mrr"]),
        (&"learnt".into(), &1.0.into())
    );
    assert!(String::from_utf8(measured.stderr)?.contains("too little is known"));

    let alone = run(&[&["--data", &before, "--cut", "2024"], &shared[..]].concat())?;
    assert_eq!(alone.status.code(), Some(1));
    assert!(String::from_utf8(alone.stderr)?.contains("choose an earlier cut"));
    let misused = run(&["--depth", "5"])?;
    assert_eq!(misused.status.code(), Some(2));
    Ok(())
}
