//! The figures as a table and as JSON.

use anyhow::{Context, Result};
use comfy_table::{CellAlignment, Table};
use jiedui::evaluate::{Evaluation, Interval, Metric, Split};
use serde::Serialize;

/// As `UTF8_HORIZONTAL_ONLY` of `comfy_table`, without lines between rows.
const CONDENSED: &str = "  ── ══      ──    ";

/// All that is printed.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    models: Vec<Row>,
    anchors: usize,
    test_pairs: usize,
}

/// The figures of one model.
#[derive(Debug, Serialize)]
struct Row {
    name: &'static str,
    #[serde(rename = "ndcg@10")]
    ndcg: f64,
    #[serde(rename = "recall@10")]
    recall: f64,
    mrr: f64,
    #[serde(rename = "hit@10")]
    hit: f64,
    /// Of NDCG@10.
    low: f64,
    high: f64,
    #[serde(skip)]
    coverage: f64,
    #[serde(skip)]
    novelty: f64,
    /// How likely the difference from the first model is chance; none for that itself.
    #[serde(skip)]
    p: Option<f64>,
}

impl Report {
    /// The first model is the one that the others are compared with.
    pub(crate) fn new(models: &[(&'static str, Evaluation)], split: &Split, seed: u64) -> Result<Self> {
        let row = |position: usize| -> Result<Row> {
            let (name, evaluation) = &models[position];
            let ndcg = Metric::Ndcg(10);
            let Interval { mean, low, high } =
                evaluation.interval(ndcg, seed).context("there is no anchor to measure on")?;
            let others = (position > 0).then(|| evaluation.versus(&models[0].1, ndcg, seed)).flatten();
            Ok(Row {
                name,
                ndcg: mean,
                recall: evaluation.mean(Metric::Recall(10)),
                mrr: evaluation.mean(Metric::ReciprocalRank),
                hit: evaluation.mean(Metric::Hit(10)),
                low,
                high,
                coverage: evaluation.exposure(10).coverage(),
                novelty: evaluation.novelty(10),
                p: others.map(|paired| paired.p),
            })
        };
        let models = (0..models.len()).map(row).collect::<Result<_>>()?;
        Ok(Self { models, anchors: split.n_anchors(), test_pairs: split.n_pairs() })
    }

    pub(crate) fn table(&self) -> String {
        let mut table = Table::new();
        table.load_preset(CONDENSED);
        table.set_header(["model", "ndcg@10", "95 %", "recall@10", "mrr", "hit@10", "coverage", "new", "p"]);
        for row in &self.models {
            let number = |value: f64| format!("{value:.4}");
            table.add_row([
                row.name.to_owned(),
                number(row.ndcg),
                format!("{:.3}–{:.3}", row.low, row.high),
                number(row.recall),
                number(row.mrr),
                number(row.hit),
                number(row.coverage),
                number(row.novelty),
                row.p.map_or(String::new(), chance),
            ]);
        }
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        format!(
            "{} anchors, {} pairs to be found\n{}\n\
             95 %: bootstrap over anchors. new: share of the first 10 that did not supply the anchor. \
             p: chance of such a difference in ndcg@10 from jiedui.\n",
            self.anchors,
            self.test_pairs,
            table.trim_fmt()
        )
    }
}

/// Draws tell no smaller chances apart.
fn chance(p: f64) -> String {
    if p < 0.001 { "< 0.001".to_owned() } else { format!("{p:.3}") }
}
