//! What the comparison with other programs runs: one file written, or loaded once.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::time::Instant;

use cpu_time::ProcessTime;
use jiedui::dataset::{Reader, Table};
use jiedui::network::Network;

use crate::Result;
use crate::common::SEED;

/// Numbers that look random and are the same everywhere (Steele, Lea, Flood, Fast
/// Splittable Pseudorandom Number Generators, 2014).
struct SplitMix(u64);

impl SplitMix {
    /// In [0, 1).
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ z >> 31) >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// Writes supply rows in no order, keys as long as credit codes; few firms sell to many.
pub(crate) fn write(file: &str, firms: u64, edges: u64) -> Result {
    let mut random = SplitMix(SEED);
    let mut out = BufWriter::with_capacity(1 << 20, File::create(file)?);
    writeln!(out, "supplier,buyer,value,date")?;
    for _ in 0..edges {
        let supplier = (firms as f64 * random.next().powi(2)) as u64;
        let buyer = (firms as f64 * random.next()) as u64;
        let buyer = if buyer == supplier { (buyer + 1) % firms } else { buyer };
        let value = 1e3 * (1.0 / (1.0 - random.next()));
        let (year, month, day) = (random.next(), random.next(), random.next());
        writeln!(
            out,
            "91430200MA{supplier:08},91430200MA{buyer:08},{value:.2},{}-{:02}-{:02}",
            2022 + (3.0 * year) as u32,
            1 + (12.0 * month) as u32,
            1 + (28.0 * day) as u32,
        )?;
    }
    Ok(out.flush()?)
}

/// Loads a file of supply rows to a network, and prints how long both took and the CPU time.
pub(crate) fn load(file: &str) -> Result {
    let (start, before) = (Instant::now(), ProcessTime::now());
    let (dataset, report) = Reader::new().read_csv(Table::Supplies, File::open(file)?, file)?;
    let read = start.elapsed().as_secs_f64();
    let network = Network::build(&dataset)?;
    let (all, cpu) = (start.elapsed().as_secs_f64(), before.elapsed().as_secs_f64());
    println!(
        "{{\"wall\": {all}, \"cpu\": {cpu}, \"read\": {read}, \"rows\": {}, \"firms\": {}, \"edges\": {}, \"losses\": {}, \"edge_bytes\": {}}}",
        dataset.supplies().len(),
        network.n_firms(),
        network.n_edges(),
        report.losses(),
        network.edge_bytes(),
    );
    Ok(())
}
