//! Real data, where it is at hand: the baselines reproduce the figures measured by others.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use flate2::read::GzDecoder;
use jiedui::dataset::Dataset;
use jiedui::evaluate::{Baseline, Metric, Protocol, Split};
use jiedui::model::Supply;

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

fn dataset(rows: &[Supply]) -> Dataset {
    let mut builder = Dataset::builder();
    for row in rows {
        builder.add_supply(row);
    }
    builder.finish().0
}

/// The figures of one set, to the fourth decimal.
struct Figures {
    anchors: usize,
    pairs: usize,
    popularity: &'static str,
    item_cosine: &'static str,
    paths3: &'static str,
    adamic_adar_3: &'static str,
    resource_alloc_3: &'static str,
    l3_degree_norm: &'static str,
    ppr: &'static str,
    l3_decay: &'static str,
}

fn reproduces(set: &Set, figures: &Figures) -> Result {
    let Some(rows) = set.rows()? else { return Ok(()) };
    let split = Split::by_time(&dataset(&rows), set.cut.parse()?, Protocol::default())?;
    assert_eq!((split.n_anchors(), split.n_pairs()), (figures.anchors, figures.pairs));
    let golden = [
        (Baseline::Popularity, figures.popularity),
        (Baseline::ItemCosine, figures.item_cosine),
        (Baseline::Paths3, figures.paths3),
        (Baseline::AdamicAdar3, figures.adamic_adar_3),
        (Baseline::ResourceAllocation3, figures.resource_alloc_3),
        (Baseline::L3, figures.l3_degree_norm),
        (Baseline::PageRank, figures.ppr),
        (Baseline::L3Decay, figures.l3_decay),
    ];
    let ndcg = |baseline: Baseline| {
        let evaluation = split.evaluate(10, |fold| Ok::<_, jiedui::Error>(baseline.prepare(fold)))?;
        Ok::<_, jiedui::Error>(format!("{:.4}", evaluation.mean(Metric::Ndcg(10))))
    };
    let mut found = Vec::new();
    for (baseline, _) in golden {
        found.push((baseline.as_str(), ndcg(baseline)?));
    }
    assert_eq!(found, golden.map(|(baseline, figure)| (baseline.as_str(), figure.to_owned())));
    Ok(())
}

#[test]
fn gc_contracts() -> Result {
    let figures = Figures {
        anchors: 78,
        pairs: 905,
        popularity: "0.1601",
        item_cosine: "0.1487",
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
fn cn_invoices() -> Result {
    let figures = Figures {
        anchors: 97,
        pairs: 2873,
        popularity: "0.1355",
        item_cosine: "0.0901",
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
fn uk_spend() -> Result {
    let figures = Figures {
        anchors: 127,
        pairs: 3906,
        popularity: "0.0322",
        item_cosine: "0.0628",
        paths3: "0.0924",
        adamic_adar_3: "0.1088",
        resource_alloc_3: "0.1128",
        l3_degree_norm: "0.1149",
        ppr: "0.1054",
        l3_decay: "0.1515",
    };
    reproduces(&UK_SPEND, &figures)
}

/// Where a cut is coarser than the rows, ages count back from where it says: of a year from its number of
/// months alone, so that what was sold in its last month before is of age 0. Figures by a program of its
/// own (numpy), from the protocol.
#[test]
fn ages_count_back_from_a_coarse_cut() -> Result {
    for (set, cut, figure) in [
        (&CN_INVOICES, "2018", "0.4806"),
        (&CN_INVOICES, "2019", "0.2918"),
        (&UK_SPEND, "2019-2020", "0.1829"),
    ] {
        let Some(rows) = set.rows()? else { return Ok(()) };
        let split = Split::by_time(&dataset(&rows), cut.parse()?, Protocol::default())?;
        let decayed = |fold: &_| Ok::<_, jiedui::Error>(Baseline::L3Decay.prepare(fold));
        let found = split.evaluate(10, decayed)?.mean(Metric::Ndcg(10));
        assert_eq!(format!("{found:.4}"), figure, "{} {cut}", set.file);
    }
    Ok(())
}
