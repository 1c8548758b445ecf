//! Any bytes read as any table give a dataset that is written and read back equal, or an
//! error; never a panic. The first byte chooses the table.
#![no_main]

use jiedui::dataset::{Reader, Table};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((&choice, text)) = bytes.split_first() else { return };
    let table = Table::ALL[usize::from(choice) % Table::ALL.len()];
    if let Ok((dataset, _)) = Reader::new().read_csv(table, text, "fuzz.csv") {
        let mut written = Vec::new();
        dataset.write_json(&mut written).expect("a vector takes everything");
        let (again, report) = Reader::new().read_json(written.as_slice(), "again.json").expect("its own writing");
        assert_eq!(report.losses(), 0, "{report}");
        assert!(again == dataset);
    }
});
