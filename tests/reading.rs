//! The real data sets are read whole, and the faults found in them are few and sensible.
//!
//! Needs `../shared/data`; a test without its set says so and passes.
#![cfg(feature = "csv")]

use std::path::PathBuf;

use jiedui::dataset::{Dataset, Effect, FaultKind, ReadError, Reader, Report, Table};
use jiedui::model::{Date, Precision};

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn read(set: &str, reader: &Reader) -> Result<Option<(Dataset, Report)>, ReadError> {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "..", "shared", "data", set].iter().collect();
    if !path.exists() {
        println!("skipped: no {set} beside the project");
        return Ok(None);
    }
    let (dataset, report) = reader.read(path)?;
    println!("{set}:\n{report}");
    for fault in report.faults() {
        println!("  {fault}");
    }
    Ok(Some((dataset, report)))
}

/// Every loss, as table, kind, effect and count.
fn losses(report: &Report) -> Vec<(Option<Table>, FaultKind, Effect, u64)> {
    report.counts().filter(|(_, _, effect, _)| !effect.is_note()).collect()
}

/// The loss of firms whose kind is in words of the source's own.
fn unknown_words(count: u64) -> (Option<Table>, FaultKind, Effect, u64) {
    (Some(Table::Firms), FaultKind::UnknownWord, Effect::Replaced, count)
}

#[test]
fn cn_invoices() -> Outcome {
    let reader = Reader::new().keep_rows(Table::Supplies, "side", "purchase");
    let Some((dataset, report)) = read("cn_invoices", &reader)? else { return Ok(()) };
    assert_eq!(dataset.supplies().len(), 128_436);
    assert_eq!(dataset.tables().firms.len(), 37_439);
    let supplies =
        report.sources().iter().find(|source| source.table == Table::Supplies).ok_or("no source")?;
    assert_eq!((supplies.read, supplies.filtered), (199_920, 71_484));
    assert_eq!(supplies.encoding, "UTF-8");
    assert_eq!(losses(&report), [unknown_words(37_439)]);
    let words = report.faults().iter().filter(|fault| fault.kind == FaultKind::UnknownWord);
    assert_eq!(words.count(), 3);
    Ok(())
}

#[test]
fn uk_spend() -> Outcome {
    let reader = Reader::new().map_column_spec("supplies.date=month");
    let Some((dataset, report)) = read("uk_spend", &reader)? else { return Ok(()) };
    assert_eq!(dataset.supplies().len(), 424_094);
    assert_eq!(dataset.tables().firms.len(), 36_716);
    assert!(dataset.supplies().iter().all(|row| row.date().map(Date::precision) == Some(Precision::Month)));
    assert_eq!(losses(&report), [unknown_words(36_716)]);
    Ok(())
}

#[test]
fn gc_contracts() -> Outcome {
    let reader = Reader::new().map_column(Table::Supplies, "date", "fiscal_year").map_column(
        Table::FirmProducts,
        "weight",
        "value",
    );
    let Some((dataset, report)) = read("gc_contracts", &reader)? else { return Ok(()) };
    assert_eq!(dataset.supplies().len(), 43_703);
    assert_eq!(dataset.tables().firms.len(), 2_187);
    assert_eq!(dataset.latest_date().map(|date| date.to_string()).as_deref(), Some("2021-2022"));
    assert_eq!(losses(&report), [unknown_words(2_187)]);
    Ok(())
}

#[test]
fn yiwu_2009() -> Outcome {
    let reader = Reader::new().map_column(Table::Supplies, "date", "year");
    let Some((dataset, report)) = read("yiwu_2009", &reader)? else { return Ok(()) };
    assert_eq!(dataset.supplies().len(), 8_061);
    assert_eq!(dataset.tables().firms.len(), 2_886);
    // Those whose kind is non_enterprise.
    assert_eq!(losses(&report), [unknown_words(1_004)]);
    Ok(())
}

#[test]
fn kag_mini_cn() -> Outcome {
    let Some((dataset, report)) = read("kag_mini_cn", &Reader::new())? else { return Ok(()) };
    assert_eq!(dataset.supplies().len(), 19);
    assert_eq!(dataset.tables().firms.len(), 103);
    assert_eq!(dataset.tables().products.len(), 399);
    assert_eq!(losses(&report), []);
    Ok(())
}

#[test]
fn chain_kg_cn() -> Outcome {
    let Some((dataset, report)) = read("chain_kg_cn", &Reader::new())? else { return Ok(()) };
    assert_eq!(dataset.tables().firms.len(), 4_586);
    assert_eq!(dataset.tables().products.len(), 95_575);
    // Negative shares of revenue, which the source does have.
    let weights = (Some(Table::FirmProducts), FaultKind::OutOfRange, Effect::Replaced, 757);
    assert_eq!(losses(&report), [weights]);
    Ok(())
}

#[test]
fn pt_contracts_2024_01() -> Outcome {
    let Some((dataset, report)) = read("pt_contracts_2024_01", &Reader::new())? else { return Ok(()) };
    assert_eq!(dataset.supplies().len(), 11_403);
    assert_eq!(dataset.tables().firms.len(), 5_903);
    assert_eq!(losses(&report), [unknown_words(5_903)]);
    Ok(())
}
