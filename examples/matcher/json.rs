//! The rankings as one JSON document, the same in every language.

use jiedui::dataset::Report;
use jiedui::matcher::Ranking;
use jiedui::model::Date;
use serde::Serialize;

use crate::faults::{FaultCount, FaultRecord};

/// Raised when a field changes its meaning or goes; new fields do not raise it.
const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    as_of: Option<Date>,
    faults: Vec<FaultRecord<'a>>,
    fault_counts: Vec<FaultCount>,
    rankings: &'a [Ranking],
}

pub(crate) fn document(
    as_of: Option<Date>,
    report: &Report,
    rankings: &[Ranking],
) -> serde_json::Result<Vec<u8>> {
    let mut text = serde_json::to_vec(&Document {
        schema: SCHEMA,
        as_of,
        faults: report.faults().iter().map(FaultRecord::of).collect(),
        fault_counts: FaultCount::all(report),
        rankings,
    })?;
    text.push(b'\n');
    Ok(text)
}
