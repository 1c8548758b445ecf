//! From CSV to a network, beside the `csv` crate's bare loop over the same bytes.
//!
//! `cargo bench --bench loading`; with `JIEDUI_COUNTRY=1` also a million firms.
//! `benches/compare/loading.py` uses two modes of the program: `write FILE FIRMS EDGES`
//! and `load FILE`.

#[path = "../common/city.rs"]
mod city;
#[path = "../common/mod.rs"]
mod common;
mod compare;

use std::error::Error;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use common::{Size, seconds};
use criterion::{BenchmarkId, Criterion, Throughput};
use csv::ByteRecord;
use jiedui::dataset::{Dataset, Reader, Table};
use jiedui::network::Network;

type Result<T = (), E = Box<dyn Error>> = std::result::Result<T, E>;

fn main() -> Result {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["write", file, firms, edges] => return compare::write(file, firms.parse()?, edges.parse()?),
        ["load", file] => return compare::load(file),
        _ => {}
    }
    let mut criterion = common::criterion();
    for size in common::sizes() {
        measure(&mut criterion, size)?;
    }
    criterion.final_summary();
    Ok(())
}

/// The rows of some files, split into cells and looked at no further.
fn bare(files: &[PathBuf]) -> Result<usize> {
    let mut rows = 0;
    for file in files {
        let mut reader = csv::Reader::from_path(file)?;
        let mut record = ByteRecord::new();
        while reader.read_byte_record(&mut record)? {
            rows += 1;
        }
    }
    Ok(rows)
}

fn supplies(file: &Path) -> Result<Dataset> {
    Ok(Reader::new().read_csv(Table::Supplies, File::open(file)?, "supplies.csv")?.0)
}

fn measure(criterion: &mut Criterion, size: Size) -> Result {
    let folder = tempfile::tempdir()?;
    city::city(size.firms()).write_csv_folder(folder.path())?;
    let all: Vec<PathBuf> =
        fs::read_dir(folder.path())?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    let file = folder.path().join("supplies.csv");
    let one = std::slice::from_ref(&file);

    println!("{}: {} firms", size.name(), size.firms());
    let report = |what: &str, files: &[PathBuf], read: &dyn Fn() -> Result<Dataset>| -> Result {
        let bytes: u64 =
            files.iter().map(|file| Ok(fs::metadata(file)?.len())).sum::<Result<u64, std::io::Error>>()?;
        let rows = bare(files)?;
        read()?;
        let (bare, read) = (seconds(|| bare(files)), seconds(read));
        println!(
            "  {what:>8}: {rows} rows, {:.1} MB; bare loop {:.1} M rows/s, {:.0} MB/s; reader {:.2} M rows/s, {:.0} MB/s; reader / bare loop {:.2}",
            bytes as f64 / 1e6,
            rows as f64 / bare / 1e6,
            bytes as f64 / bare / 1e6,
            rows as f64 / read / 1e6,
            bytes as f64 / read / 1e6,
            read / bare,
        );
        Ok(())
    };
    report("supplies", one, &|| supplies(&file))?;
    report("folder", &all, &|| Ok(Reader::new().read(folder.path())?.0))?;

    let dataset = Reader::new().read(folder.path())?.0;
    let network = Network::build(&dataset)?;
    let build = seconds(|| Network::build(&dataset));
    println!(
        "  network: {} edges, {:.1} M edges/s; build / bare loop over supplies {:.2}; {:.1} bytes an edge, {:.1} more of product lines, {:.1} bytes a firm of products and chains",
        network.n_edges(),
        network.n_edges() as f64 / build / 1e6,
        build / seconds(|| bare(one)),
        network.edge_bytes() as f64 / network.n_edges() as f64,
        network.product_line_bytes() as f64 / network.n_edges() as f64,
        network.catalog_bytes() as f64 / network.n_firms() as f64,
    );

    let mut group = criterion.benchmark_group("loading");
    group.throughput(Throughput::Elements(bare(one)? as u64));
    group.bench_function(BenchmarkId::new("bare loop", size.name()), |bencher| bencher.iter(|| bare(one)));
    group.bench_function(BenchmarkId::new("reader", size.name()), |bencher| bencher.iter(|| supplies(&file)));
    group.bench_function(BenchmarkId::new("network", size.name()), |bencher| {
        bencher.iter(|| Network::build(&dataset));
    });
    group.finish();
    Ok(())
}
