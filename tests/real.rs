//! Real data, where it is at hand: the kernels reproduce the figures measured by others.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use flate2::read::GzDecoder;
use jiedui::dataset::Dataset;
use jiedui::model::{Date, Firm, FirmIx, Supply};
use jiedui::network::Network;
use jiedui::structure::{Kernel, NodeWeight, PathWeights, Reach, ReachWalk, Scores, ThreePaths};

type Result<T = (), E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

/// A set of supply rows and the date that parts those to learn from and those to predict.
struct Set {
    /// The file below `../shared/data`.
    file: &'static str,
    date: &'static str,
    cut: &'static str,
    side: Option<&'static str>,
}

const GC_CONTRACTS: Set =
    Set { file: "gc_contracts/supplies.csv", date: "fiscal_year", cut: "2021-2022", side: None };
const CN_INVOICES: Set =
    Set { file: "cn_invoices/supplies.csv.gz", date: "date", cut: "2019-07-01", side: Some("purchase") };
const UK_SPEND: Set = Set { file: "uk_spend/supplies.csv.gz", date: "month", cut: "2020-01", side: None };

impl Set {
    fn rows(&self) -> Result<Option<Vec<Supply>>> {
        let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data")).join(self.file);
        let Ok(file) = File::open(&path) else {
            println!("skipped: {} is not there", path.display());
            return Ok(None);
        };
        let text: Box<dyn Read> = if path.extension().is_some_and(|extension| extension == "gz") {
            Box::new(GzDecoder::new(file))
        } else {
            Box::new(file)
        };
        let mut reader = csv::Reader::from_reader(text);
        let headers = reader.headers()?.clone();
        let column = |name: &str| headers.iter().position(|header| header == name).ok_or("no such column");
        let (supplier, buyer) = (column("supplier")?, column("buyer")?);
        let (value, date) = (column("value")?, column(self.date)?);
        let side = self.side.map(|side| Ok::<_, &str>((column("side")?, side))).transpose()?;
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record?;
            if side.is_none_or(|(column, side)| &record[column] == side) {
                rows.push(Supply {
                    value: Some(record[value].parse()?),
                    date: Some(record[date].parse()?),
                    ..Supply::new(&record[supplier], &record[buyer])
                });
            }
        }
        Ok(Some(rows))
    }
}

/// Who must be ranked for whom, and what came true.
struct Prediction {
    train: Network,
    /// Every firm that has supplied somebody.
    suppliers: Vec<FirmIx>,
    /// The new suppliers of each anchor.
    anchors: BTreeMap<FirmIx, BTreeSet<FirmIx>>,
}

impl Prediction {
    fn split(rows: &[Supply], cut: Date) -> Result<Self> {
        let mut train = Dataset::builder();
        let mut later = BTreeSet::new();
        for row in rows.iter().filter(|row| row.supplier != row.buyer) {
            // Both ends are firms of the network, whichever side of the cut they trade on.
            train.add_firm(Firm::new(&row.supplier)).add_firm(Firm::new(&row.buyer));
            if row.date.is_none_or(|date| date < cut) {
                train.add_supply(row);
            } else if row.value.is_none_or(|value| value > 0.0) {
                later.insert((&row.buyer, &row.supplier));
            }
        }
        let train = Network::build_as_of(&train.finish().0, Some(cut))?;
        let mut anchors: BTreeMap<FirmIx, BTreeSet<FirmIx>> = BTreeMap::new();
        for (buyer, supplier) in later {
            let firm = |id: &str| train.firm_ix(id).ok_or("not in the network");
            let (buyer, supplier) = (firm(buyer.as_str())?, firm(supplier.as_str())?);
            let is_new = train.trade(supplier, buyer).is_none() && !train.buyers(supplier).is_empty();
            if is_new && train.suppliers(buyer).len() >= 5 {
                anchors.entry(buyer).or_default().insert(supplier);
            }
        }
        let suppliers = train.firms().filter(|&firm| !train.buyers(firm).is_empty()).collect();
        Ok(Self { train, suppliers, anchors })
    }

    /// Mean NDCG@10 over the anchors, `score` giving the scores of all firms for one.
    fn ndcg(&self, score: impl Fn(FirmIx) -> Vec<f64>) -> f64 {
        let gain = |rank: usize| 1.0 / (rank as f64 + 2.0).log2();
        let mut sum = 0.0;
        for (&anchor, truth) in &self.anchors {
            let scores = score(anchor);
            let own = self.train.suppliers(anchor);
            let mut ranking: Vec<(f64, FirmIx)> = self
                .suppliers
                .iter()
                .filter(|&&firm| firm != anchor && own.binary_search(&firm).is_err())
                .map(|&firm| ((scores[firm.index()] * 1e9).round(), firm))
                .collect();
            ranking.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            let hits = ranking.iter().take(10).enumerate().filter(|(_, (_, firm))| truth.contains(firm));
            let found: f64 = hits.map(|(rank, _)| gain(rank)).sum();
            sum += found / (0..truth.len().min(10)).map(gain).sum::<f64>();
        }
        sum / self.anchors.len() as f64
    }

    fn popularity(&self) -> f64 {
        self.ndcg(|_| self.train.firms().map(|firm| self.train.buyers(firm).len() as f64).collect())
    }

    fn paths(&self, weights: PathWeights) -> f64 {
        let paths = ThreePaths::new(&self.train, weights);
        self.ndcg(|anchor| {
            let mut scores = Scores::default();
            paths.score(anchor, &mut scores);
            self.column(&scores)
        })
    }

    fn reach(&self) -> f64 {
        let reach = Reach::new(&self.train, ReachWalk::default()).expect("the default walk");
        self.ndcg(|anchor| {
            let mut scores = Scores::default();
            reach.score(anchor, &mut scores);
            self.column(&scores)
        })
    }

    fn column(&self, scores: &Scores) -> Vec<f64> {
        self.train.firms().map(|firm| scores.get(firm)).collect()
    }
}

/// The figures of one set, to the fourth decimal.
struct Figures {
    anchors: usize,
    pairs: usize,
    popularity: &'static str,
    paths3: &'static str,
    adamic_adar_3: &'static str,
    resource_alloc_3: &'static str,
    l3_degree_norm: &'static str,
    ppr: &'static str,
    l3_decay: &'static str,
}

fn reproduces(set: &Set, figures: &Figures) -> Result {
    let Some(rows) = set.rows()? else { return Ok(()) };
    let prediction = Prediction::split(&rows, set.cut.parse()?)?;
    assert_eq!(prediction.anchors.len(), figures.anchors);
    assert_eq!(prediction.anchors.values().map(BTreeSet::len).sum::<usize>(), figures.pairs);
    let undecayed = |node| prediction.paths(PathWeights::undecayed(node));
    let measured = [
        ("popularity", prediction.popularity(), figures.popularity),
        ("paths3", undecayed(NodeWeight::One), figures.paths3),
        ("adamic_adar_3", undecayed(NodeWeight::InverseLog), figures.adamic_adar_3),
        ("resource_alloc_3", undecayed(NodeWeight::Inverse), figures.resource_alloc_3),
        ("l3_degree_norm", undecayed(NodeWeight::InverseRoot), figures.l3_degree_norm),
        ("ppr", prediction.reach(), figures.ppr),
        ("l3_decay", prediction.paths(PathWeights::default()), figures.l3_decay),
    ];
    let found = measured.map(|(method, ndcg, _)| (method, format!("{ndcg:.4}")));
    assert_eq!(found, measured.map(|(method, _, figure)| (method, figure.to_owned())));
    Ok(())
}

#[test]
fn gc_contracts() -> Result {
    let figures = Figures {
        anchors: 78,
        pairs: 905,
        popularity: "0.1601",
        paths3: "0.1692",
        adamic_adar_3: "0.1643",
        resource_alloc_3: "0.1563",
        l3_degree_norm: "0.1580",
        ppr: "0.1649",
        l3_decay: "0.1640",
    };
    reproduces(&GC_CONTRACTS, &figures)
}

#[test]
#[ignore = "slow: seconds in release, a minute or more in debug"]
fn cn_invoices() -> Result {
    let figures = Figures {
        anchors: 97,
        pairs: 2873,
        popularity: "0.1355",
        paths3: "0.1558",
        adamic_adar_3: "0.1545",
        resource_alloc_3: "0.1447",
        l3_degree_norm: "0.1530",
        ppr: "0.1409",
        l3_decay: "0.1654",
    };
    reproduces(&CN_INVOICES, &figures)
}

#[test]
#[ignore = "slow: seconds in release, a minute or more in debug"]
fn uk_spend() -> Result {
    let figures = Figures {
        anchors: 127,
        pairs: 3906,
        popularity: "0.0322",
        paths3: "0.0924",
        adamic_adar_3: "0.1088",
        resource_alloc_3: "0.1128",
        l3_degree_norm: "0.1149",
        ppr: "0.1054",
        l3_decay: "0.1515",
    };
    reproduces(&UK_SPEND, &figures)
}
