//! Any bytes read as a document give a dataset that can be ranked, or an error; never a panic.
#![no_main]

use jiedui::dataset::Reader;
use jiedui::matcher::{Matcher, default_anchors};
use jiedui::network::Network;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok((dataset, _)) = Reader::new().read_json(bytes, "fuzz.json")
        && let Ok(network) = Network::build(&dataset)
    {
        let matcher = Matcher::builder(&network).build().expect("default options");
        for ranking in matcher.rank_all(default_anchors(&network, 3)) {
            assert!(ranking.recommendations.iter().all(|one| (0.0..=1.0 + 1e-9).contains(&one.score)));
        }
    }
});
