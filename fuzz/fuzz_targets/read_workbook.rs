//! Any bytes read as a workbook give a dataset, or an error; never a panic that gets out.
#![no_main]

use std::io::Cursor;

use jiedui::dataset::Reader;
use jiedui::network::Network;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok((dataset, _)) = Reader::new().read_workbook(Cursor::new(bytes), "fuzz.xlsx") {
        Network::build(&dataset).expect("a sound dataset");
    }
});
