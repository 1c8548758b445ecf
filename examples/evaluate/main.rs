//! Measures how well the default model, and one that learns, foretell new supply relations, beside
//! simple baselines.
//!
//! ```text
//! cargo run --release --example evaluate
//! cargo run --release --example evaluate -- --data FOLDER --columns supplies.date=month --cut 2020-01
//! ```
//!
//! Without options it reads the bundled sample. `--help` lists the options.

mod input;
mod options;
mod report;

use std::fs::{self, File};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use jiedui::evaluate::{Baseline, Evaluation, Fold, Split};
use jiedui::learn::Learnt;
use jiedui::matcher::{Matcher, Weights};

use options::{Format, Options};
use report::Report;

/// Done, but faults in the data lost something.
const DONE_WITH_FAULTS: u8 = 3;

/// What the default model is called.
const JIEDUI: &str = "jiedui";
/// The one of --weights.
const GIVEN: &str = "given";
/// The learnt one.
const LEARNT: &str = "learnt";

fn main() -> ExitCode {
    let options = Options::parse();
    if let Err(error) = input::reader(&options).check() {
        Options::command().error(ErrorKind::ValueValidation, error).exit();
    }
    // There is nobody left to tell where the error stream is closed.
    match run(&options) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(losses) => {
            _ = writeln!(
                io::stderr(),
                "{losses} rows of the data are lost to faults; the example matcher lists them"
            );
            ExitCode::from(DONE_WITH_FAULTS)
        }
        Err(error) => {
            _ = writeln!(io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Does the whole job; returns how many rows faults have lost.
fn run(options: &Options) -> Result<u64> {
    for name in &options.without {
        if !Baseline::ALL.iter().any(|baseline| baseline.as_str() == name) {
            let names: Vec<&str> = Baseline::ALL.iter().map(|baseline| baseline.as_str()).collect();
            bail!("--without {name}: no such baseline; there are {}", names.join(", "));
        }
    }
    let (dataset, losses) = input::load(options)?;
    let split = input::split(&dataset, options).inspect_err(|_| {
        if options.format == Format::Json {
            // For programs that read whatever comes.
            _ = writeln!(io::stdout(), "{{\"models\": [], \"anchors\": 0, \"test_pairs\": 0}}");
        }
    })?;
    let models = models(&split, options)?;
    if let Some(folder) = &options.runs {
        write_runs(folder, &split, &models)
            .with_context(|| format!("cannot write runs into {}", folder.display()))?;
    }
    let report = Report::new(&models, &split, options.seed)?;
    let text = match options.format {
        Format::Table => report.table(),
        Format::Json => serde_json::to_string_pretty(&report)? + "\n",
    };
    io::stdout().write_all(text.as_bytes())?;
    Ok(losses)
}

/// The default model, those of given and of learnt weights where they are asked for, then the
/// baselines that apply to every fold.
fn models(split: &Split, options: &Options) -> Result<Vec<(&'static str, Evaluation)>> {
    let depth = options.depth;
    let is_watched = io::stderr().is_terminal();
    let begin = |name: &str| {
        if is_watched {
            // There is nobody left to tell where the error stream is closed.
            _ = writeln!(io::stderr(), "… {name}");
        }
    };
    begin(JIEDUI);
    let jiedui = split.evaluate(depth, |fold| Matcher::builder(fold.network()).top(depth).build())?;
    let mut models = vec![(JIEDUI, jiedui)];
    if let Some(path) = &options.weights {
        let weights = input::weights(path)?;
        let matcher =
            |fold: &Fold| Matcher::builder(fold.network()).weights(weights.clone()).top(depth).build();
        let given = split.evaluate(depth, matcher);
        models.push((GIVEN, given.with_context(|| format!("the weights in {}", path.display()))?));
    }
    if options.learn || options.save_weights.is_some() {
        begin(LEARNT);
        models.push((LEARNT, learnt(split, options)?));
    }
    for &baseline in Baseline::ALL {
        let is_asked = !options.without.iter().any(|name| name == baseline.as_str());
        if is_asked && split.folds().iter().all(|fold| baseline.applies(fold)) {
            begin(baseline.as_str());
            let evaluation = split.evaluate(depth, |fold| Ok::<_, jiedui::Error>(baseline.prepare(fold)))?;
            models.push((baseline.as_str(), evaluation));
        }
    }
    Ok(models)
}

/// The model of the weights that are learnt from what each fold knows.
fn learnt(split: &Split, options: &Options) -> Result<Evaluation> {
    let learnt: Vec<Option<Learnt>> =
        split.folds().iter().map(|fold| input::learn(fold, options)).collect::<Result<_>>()?;
    if learnt.iter().any(Option::is_none) {
        _ = writeln!(io::stderr(), "too little is known to learn from; learnt has the default weights there");
    }
    if let Some(path) = &options.save_weights {
        if path.extension().is_some_and(|ending| ending == "toml") {
            bail!(
                "weights are written as JSON; name a file that ends in .json instead of {}",
                path.display()
            );
        }
        let [learnt] = &learnt[..] else {
            bail!("every fold learns weights of its own; --save-weights needs --protocol time, or --folds 1")
        };
        let learnt = learnt.as_ref().context("too little is known to learn weights from")?;
        fs::write(path, serde_json::to_string_pretty(learnt)? + "\n")
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    let of_fold = |fold: &Fold| split.folds().iter().position(|other| std::ptr::eq(fold, other));
    split.evaluate(options.depth, |fold| {
        let learnt = of_fold(fold).and_then(|fold| learnt[fold].as_ref());
        let weights = learnt.map_or_else(Weights::default, |learnt| learnt.weights.clone());
        Ok(Matcher::builder(fold.network()).weights(weights).top(options.depth).build()?)
    })
}

/// A run file of each model, and what is relevant.
fn write_runs(folder: &Path, split: &Split, models: &[(&'static str, Evaluation)]) -> Result<()> {
    fs::create_dir_all(folder)?;
    let create = |name: &str| Ok::<_, io::Error>(BufWriter::new(File::create(folder.join(name))?));
    split.qrels().write(create("qrels.txt")?)?;
    for (name, evaluation) in models {
        evaluation.run(name)?.write(create(&format!("{name}.run"))?)?;
    }
    Ok(())
}
