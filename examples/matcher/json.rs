//! The rankings, and the plan, as one JSON document, the same in every language.

use jiedui::dataset::Report;
use jiedui::matcher::Ranking;
use jiedui::model::Date;
use jiedui::plan::{Fairness, Plan};
use serde::Serialize;

use crate::faults::{FaultCount, FaultRecord};
use crate::plan::Planning;

/// Raised when a field changes its meaning or goes; new fields do not raise it.
const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    as_of: Option<Date>,
    faults: Vec<FaultRecord<'a>>,
    fault_counts: Vec<FaultCount>,
    rankings: &'a [Ranking],
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<&'a Plan>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fairness: Option<&'a Fairness>,
}

pub(crate) fn document(
    as_of: Option<Date>,
    report: &Report,
    rankings: &[Ranking],
    planning: Option<&Planning>,
) -> serde_json::Result<Vec<u8>> {
    let mut text = serde_json::to_vec(&Document {
        schema: SCHEMA,
        as_of,
        faults: report.faults().iter().map(FaultRecord::of).collect(),
        fault_counts: FaultCount::all(report),
        rankings,
        plan: planning.map(|planning| &planning.plan),
        fairness: planning.map(|planning| &planning.fairness),
    })?;
    text.push(b'\n');
    Ok(text)
}
