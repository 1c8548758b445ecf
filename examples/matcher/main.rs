//! Ranks the partners with which each anchor firm should build together (结对共建), and plans
//! who pairs with whom.
//!
//! ```text
//! cargo run --release --example matcher
//! cargo run --release --example matcher -- --data FOLDER --lang zh --exclude-existing
//! cargo run --release --example matcher -- --plan optimal --quota 5
//! ```
//!
//! Without options it reads the bundled sample. `--help` lists the options.

mod anchors;
mod book;
mod explain;
mod faults;
mod firms;
mod formation;
mod groups;
mod input;
mod json;
mod language;
mod options;
mod plan;
mod progress;
mod reasons;
mod replan;
mod report;
mod sheet;
mod wanted;

use std::fs;
use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use jiedui::learn::{Rehearsal, TrainingReport};
use jiedui::matcher::{Filter, Matcher, MatcherBuilder, Ranking, Weights};
use jiedui::model::FirmIx;
use jiedui::network::{Directory, Network};
use rayon::ThreadPoolBuilder;
use rayon::prelude::*;

use language::{Language, say};
use options::{Format, Options};
use report::Report;
use sheet::Sheet;

/// Done, but faults in the data lost something.
const DONE_WITH_FAULTS: u8 = 3;

fn main() -> ExitCode {
    let options = Options::read();
    let language = options.language();
    if let Err(error) = input::reader(&options).check() {
        options::refuse(&input::in_words(error, language), language);
    }
    match run(&options, language) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(DONE_WITH_FAULTS),
        Err(error) => {
            let heading = language.pick("错误：", "error: ");
            // Causes, too, each once: some say what the error above them has said.
            let mut said: Vec<String> = error.chain().map(ToString::to_string).collect();
            said.dedup();
            // There is nobody left to tell where the error stream is closed.
            _ = writeln!(std::io::stderr(), "{heading}{}", said.join(": "));
            ExitCode::FAILURE
        }
    }
}

/// Does the whole job; returns how many faults lost something.
fn run(options: &Options, language: Language) -> Result<u64> {
    let threads = ThreadPoolBuilder::new().num_threads(options.threads.unwrap_or(0)).build()?;
    threads.install(|| {
        let (dataset, report) = input::load(options, language)?;
        faults::summarise(&report, language);
        let network = Network::build_as_of(&dataset, options.as_of)?;
        let filter = wanted::filter(&network, options, language)?;
        let (anchors, candidate) = match &options.explain {
            Some(pair) => {
                let directory = Directory::new(&network);
                let anchor = firms::find(&directory, &pair[0], language)?;
                (vec![anchor], Some(firms::find(&directory, &pair[1], language)?))
            }
            None => (anchors::select(&network, &filter, options, language)?, None),
        };
        let matcher = matcher(&network, filter, options, language)?;
        let mut rankings = match candidate {
            Some(candidate) => vec![pair(&matcher, anchors[0], candidate, language)?],
            None => rank(&matcher, &anchors, language),
        };
        let planning = plan::plan(&matcher, &mut rankings, options, language)?;
        let page = Report { matcher: &matcher, language, width: report::width(options.output.is_some()) };
        let text = match (options.format(), candidate) {
            (Format::Json, _) => json::document(network.as_of(), &report, &rankings, planning.as_ref())?,
            (Format::Csv, _) => match &planning {
                Some(planning) => Sheet::plan(&network, &planning.plan, language).csv(language)?,
                None => Sheet::rankings(&matcher, &rankings, language).csv(language)?,
            },
            (Format::Xlsx, _) => {
                let about = match (&planning, candidate) {
                    (Some(planning), _) => {
                        page.about_plan(&rankings, planning) + &page.beside_plan(&rankings, planning)
                    }
                    (None, Some(candidate)) => {
                        page.explanation(anchors[0], candidate, &rankings[0].recommendations[0])
                    }
                    (None, None) => page.headline(&dataset, anchors.len()) + page.legend(),
                };
                let of_plan = planning.iter().flat_map(|planning| {
                    [Sheet::plan(&network, &planning.plan, language), Sheet::left_out(&page, planning)]
                });
                let others =
                    [Sheet::rankings(&matcher, &rankings, language), Sheet::faults(&report, language)];
                let sheets: Vec<Sheet> = of_plan.chain(others).collect();
                book::book(&about, &sheets, language)?
            }
            (Format::Table, Some(candidate)) => {
                page.wrapped(&page.explanation(anchors[0], candidate, &rankings[0].recommendations[0]))
            }
            (Format::Table, None) => page.wrapped(&match &planning {
                Some(planning) => page.plan(&rankings, planning),
                None => page.rankings(&dataset, &anchors, &rankings),
            }),
        };
        deliver(&text, options, language)?;
        if planning.is_some_and(|planning| plan::is_infeasible(&planning.plan)) {
            bail!(language.pick("没有方案能满足全部限制", "no plan keeps to all limits"));
        }
        Ok(report.losses())
    })
}

fn matcher(network: &Network, filter: Filter, options: &Options, language: Language) -> Result<Matcher> {
    let mut builder: MatcherBuilder<'_> = Matcher::builder(network).top(options.top);
    if let Some(path) = &options.weights {
        let shown = path.display();
        let failed = || say!(language, "权重文件 {shown}", "the weights in {shown}");
        let text = fs::read_to_string(path).with_context(failed)?;
        let is_toml = path.extension().is_some_and(|ending| ending == "toml");
        let weights = if is_toml { Weights::from_toml(&text) } else { Weights::from_json(&text) };
        builder = builder.weights(weights.with_context(failed)?);
        let training =
            if is_toml { TrainingReport::from_toml(&text) } else { TrainingReport::from_json(&text) };
        if let Some(training) = training.with_context(failed)? {
            // There is nobody left to tell where the error stream is closed.
            _ = writeln!(io::stderr(), "{}", told(&training, language));
        }
    }
    let spinner = progress::spinner(language.pick("准备指标", "Preparing the factors"));
    let matcher = builder.filter(filter).build();
    spinner.finish_and_clear();
    matcher.context(language.pick("排序设置有误", "the settings of the ranking are wrong"))
}

/// How weights were learnt, in one line.
fn told(training: &TrainingReport, language: Language) -> String {
    let as_of = training
        .as_of
        .map_or_else(|| language.pick("未注明日期", "undated").to_owned(), |date| date.to_string());
    let anchors: usize = training.rehearsals.iter().map(|rehearsal| rehearsal.anchors).sum();
    let mean = |of: fn(&Rehearsal) -> f64| {
        let sum: f64 = training.rehearsals.iter().map(|one| of(one) * one.anchors as f64).sum();
        sum / anchors.max(1) as f64
    };
    let (before, after) = (mean(|one| one.before), mean(|one| one.after));
    say!(
        language,
        "权重学自截至 {as_of} 的数据：{anchors} 家次链主的留出检验，NDCG@10 由 {before:.4} 到 {after:.4}",
        "The weights were learnt as of {as_of}: ndcg@10 {before:.4} before, {after:.4} after, on {anchors} anchors left out"
    )
}

/// As [`Matcher::rank_all`], with a progress bar.
fn rank(matcher: &Matcher, anchors: &[FirmIx], language: Language) -> Vec<Ranking> {
    let bar = progress::bar(language.pick("排序", "Ranking"), anchors.len());
    let ranked = anchors.par_iter().with_max_len(1).map(|&anchor| {
        let ranking = matcher.rank(anchor);
        bar.inc(1);
        ranking
    });
    let rankings = ranked.collect();
    bar.finish_and_clear();
    rankings
}

/// A ranking of one candidate, which is listed even if it is barred.
fn pair(matcher: &Matcher, anchor: FirmIx, candidate: FirmIx, language: Language) -> Result<Ranking> {
    let mut ranking = matcher.rank_among(anchor, &[candidate]);
    ranking.recommendations.append(&mut ranking.barred);
    if ranking.recommendations.is_empty() {
        bail!(language.pick(
            "这两家是同一单位或同属一家，不能结对",
            "the two are the same firm or of one house and can never pair",
        ));
    }
    Ok(ranking)
}

/// Writes the text to where the options say. A reader that has seen enough, such as
/// `head`, is no failure.
fn deliver(text: &[u8], options: &Options, language: Language) -> Result<()> {
    if let Some(path) = &options.output {
        let shown = path.display();
        return fs::write(path, text)
            .with_context(|| say!(language, "无法写入 {shown}", "cannot write {shown}"));
    }
    let mut output = io::stdout().lock();
    match output.write_all(text).and_then(|()| output.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result.context(language.pick("无法输出", "cannot write the output")),
    }
}
