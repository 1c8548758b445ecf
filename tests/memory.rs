//! Memory follows the records kept, not the file: measured at its peak.
#![cfg(all(feature = "csv", feature = "json"))]

use std::fmt::Write as _;
use std::io::{self, Read, Write};

use jiedui::dataset::{FaultKind, ReadError, Reader, Table};
use jiedui::network::Network;
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

const LINE_BYTES: u64 = 100 * 1024 * 1024;

/// The peak above what was held before, MiB.
fn peak<T>(work: impl FnOnce() -> T) -> (T, f32) {
    let before = ALLOCATOR.current_usage_as_mb();
    ALLOCATOR.reset_peak_usage();
    let result = work();
    (result, ALLOCATOR.peak_usage_as_mb() - before)
}

/// `start`, then 100 MiB of the same byte, then `end`, without holding any of it.
fn long<'a>(start: &'a str, byte: u8, end: &'a str) -> impl Read + 'a {
    start.as_bytes().chain(io::repeat(byte).take(LINE_BYTES)).chain(end.as_bytes())
}

// One test, since the allocator counts for the whole process.
#[test]
fn memory_is_bounded() -> Result<(), Box<dyn std::error::Error>> {
    let reader = Reader::new();

    let (result, mib) =
        peak(|| reader.read_csv(Table::Firms, long("firm,name\na,", b'x', "\nb,B\n"), "line"));
    let (dataset, report) = result?;
    assert_eq!((dataset.tables().firms.len(), report.count(FaultKind::TooLong)), (1, 1));
    assert!(mib < 6.0, "one line of 100 MiB took {mib} MiB");

    let (result, mib) =
        peak(|| reader.read_csv(Table::Firms, long("firm,name\na,\"", b'\n', "b,B\n"), "quote"));
    let (dataset, report) = result?;
    assert_eq!((dataset.tables().firms.len(), report.count(FaultKind::TooLong)), (1, 1));
    assert!(mib < 6.0, "an open quotation mark before 100 MiB took {mib} MiB");

    let (result, mib) = peak(|| reader.read_csv(Table::Firms, long("firm,", b',', "\nb\n"), "header"));
    assert_eq!(result?.1.count(FaultKind::TooLong), 1);
    // A place for the end of each of a million cells.
    assert!(mib < 32.0, "a header of 100 MiB took {mib} MiB");

    let (result, mib) = peak(|| reader.read_csv(Table::Firms, long("firm\na\n", b'\n', "b\n"), "blank"));
    assert_eq!(result?.0.tables().firms.len(), 2);
    assert!(mib < 6.0, "100 MiB of blank lines took {mib} MiB");

    let text = long("{\"firms\": [{\"firm\": \"", b'x', "\"}]}");
    let (result, mib) = peak(|| reader.read_json(text, "document"));
    assert!(matches!(result, Err(ReadError::RecordTooLong { .. })));
    assert!(mib < 8.0, "a string of 100 MiB took {mib} MiB");

    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    bomb.write_all(b"firm\n")?;
    io::copy(&mut io::repeat(b'\n').take(LINE_BYTES), &mut bomb)?;
    let bomb = bomb.finish()?;
    let (result, mib) = peak(|| reader.read_csv(Table::Firms, bomb.as_slice(), "bomb"));
    assert!(matches!(result, Err(ReadError::Inflates { .. })));
    assert!(mib < 6.0, "a trap took {mib} MiB");

    // 50 MiB of rows that the filter leaves out.
    let rows = "a,b,1.5,2021-05-25,sale\n".repeat(1000);
    let rows = Repeated { text: rows.as_bytes(), at: 0, left: 50 * 1024 * 1024 };
    let filter = reader.clone().keep_rows(Table::Supplies, "side", "purchase");
    let text = "supplier,buyer,value,date,side\n".as_bytes().chain(rows);
    // Two threads have four chunks of half a MiB in hand, and as many read ahead.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build()?;
    let (result, mib) = peak(|| pool.install(|| filter.read_csv(Table::Supplies, text, "filtered")));
    assert_eq!(result?.0.supplies().len(), 0);
    assert!(mib < 8.0, "rows left out took {mib} MiB");

    // Loading takes little more than the dataset and the network that it gives.
    let mut text = String::from("supplier,buyer,value,date\n");
    let firms = 100_000u32;
    for row in 0..10 * firms {
        let (supplier, buyer) = (row.wrapping_mul(2_654_435_761) % firms, row / 10);
        let (value, day) = (row % 9973, 1 + row % 28);
        writeln!(
            text,
            "91430200MA{supplier:08},9143A200MA{buyer:08},{value}.25,2024-{:02}-{day:02}",
            1 + row % 12
        )?;
    }
    let before = ALLOCATOR.current_usage_as_mb();
    let (held, mib) = peak(|| {
        pool.install(|| -> Result<_, Box<dyn std::error::Error + Send + Sync>> {
            let dataset = reader.read_csv(Table::Supplies, text.as_bytes(), "large")?.0;
            let network = Network::build(&dataset)?;
            Ok((dataset, network))
        })
    });
    let held = held.map_err(|error| error.to_string())?;
    let kept = ALLOCATOR.current_usage_as_mb() - before;
    println!("dataset and network {kept} MiB, peak {mib} MiB");
    assert_eq!(held.0.supplies().len(), 1_000_000);
    assert!(mib < 1.2 * kept, "dataset and network hold {kept} MiB, loading took {mib} MiB");
    Ok(())
}

/// A text again and again, up to a number of bytes.
struct Repeated<'a> {
    text: &'a [u8],
    at: usize,
    left: usize,
}

impl Read for Repeated<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = buffer.len().min(self.text.len() - self.at).min(self.left);
        buffer[..count].copy_from_slice(&self.text[self.at..self.at + count]);
        self.at = (self.at + count) % self.text.len();
        self.left -= count;
        Ok(count)
    }
}
