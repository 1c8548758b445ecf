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
    /// How likely the difference from the first model is chance; none for that itself.
    p: Option<f64>,
    #[serde(rename = "precision@10")]
    precision: f64,
    map: f64,
    /// Of the ranking as deep as it goes, the rest tied.
    auc: Option<f64>,
    pr_auc: Option<f64>,
    #[serde(rename = "coverage@10")]
    coverage: f64,
    #[serde(rename = "gini@10")]
    gini: f64,
    #[serde(rename = "novelty@10")]
    novelty: f64,
}

impl Report {
    /// The first model is the one that the others are compared with.
    pub(crate) fn new(models: &[(&'static str, Evaluation)], split: &Split, seed: u64) -> Result<Self> {
        let row = |position: usize| -> Result<Row> {
            let (name, evaluation) = &models[position];
            let ndcg = Metric::Ndcg(10);
            let Interval { mean, low, high, .. } =
                evaluation.interval(ndcg, seed).context("there is no anchor to measure on")?;
            let others = (position > 0).then(|| evaluation.versus(&models[0].1, ndcg, seed)).flatten();
            let exposure = evaluation.exposure(10);
            Ok(Row {
                name,
                ndcg: mean,
                recall: evaluation.mean(Metric::Recall(10)),
                mrr: evaluation.mean(Metric::ReciprocalRank),
                hit: evaluation.mean(Metric::Hit(10)),
                low,
                high,
                p: others.map(|paired| paired.p),
                precision: evaluation.mean(Metric::Precision(10)),
                map: evaluation.mean(Metric::AveragePrecision),
                auc: evaluation.roc_auc(),
                pr_auc: evaluation.pr_auc(),
                coverage: exposure.coverage(),
                gini: exposure.gini(),
                novelty: evaluation.novelty(10),
            })
        };
        let models = (0..models.len()).map(row).collect::<Result<_>>()?;
        Ok(Self { models, anchors: split.n_anchors(), test_pairs: split.n_pairs() })
    }

    /// Two tables, each no wider than a terminal: what is found, and what else there is to say.
    pub(crate) fn table(&self) -> String {
        let number = |value: f64| format!("{value:.4}");
        let found = self.shown(&["model", "ndcg@10", "95 %", "recall@10", "mrr", "hit@10", "p"], |row| {
            vec![
                number(row.ndcg),
                format!("{:.3}–{:.3}", row.low, row.high),
                number(row.recall),
                number(row.mrr),
                number(row.hit),
                row.p.map_or(String::new(), chance),
            ]
        });
        let header = ["model", "prec@10", "map", "auc", "pr auc", "cover", "gini", "new"];
        let more = self.shown(&header, |row| {
            let area = |area: Option<f64>| area.map_or(String::new(), number);
            let areas = [area(row.auc), area(row.pr_auc)];
            let values = [row.precision, row.map].map(number).into_iter().chain(areas);
            values.chain([row.coverage, row.gini, row.novelty].map(number)).collect()
        });
        format!(
            "{} anchors, {} pairs to be found\n{found}\n\n{more}\n\
             95 %: of ndcg@10, by bootstrap over anchors.\n\
             p: chance of such a difference in ndcg@10 from jiedui.\n\
             auc, pr auc: what a model does not rank is one tie at the end.\n\
             cover, gini, new: of the first 10 of all anchors, the share of all firms among\n\
             them, how unevenly they occur, the share that did not supply the anchor.\n",
            self.anchors, self.test_pairs,
        )
    }

    /// A table of one line a model.
    fn shown(&self, header: &[&str], cells: impl Fn(&Row) -> Vec<String>) -> String {
        let mut table = Table::new();
        table.load_preset(CONDENSED);
        table.set_header(header);
        for row in &self.models {
            table.add_row(std::iter::once(row.name.to_owned()).chain(cells(row)));
        }
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
            column.set_padding((1, 0));
        }
        table.trim_fmt()
    }
}

/// Draws tell no smaller chances apart.
fn chance(p: f64) -> String {
    if p < 0.001 { "< 0.001".to_owned() } else { format!("{p:.3}") }
}
