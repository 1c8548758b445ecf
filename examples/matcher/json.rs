//! The rankings, and the plan, as one JSON document, the same in every language.

use jiedui::dataset::Report;
use jiedui::matcher::Ranking;
use jiedui::model::{Date, FirmId};
use jiedui::plan::{Costs, Fairness, Formation, Plan, Replan};
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
    #[serde(skip_serializing_if = "Option::is_none")]
    replan: Option<Changes<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    costs: Option<&'a Costs>,
    #[serde(skip_serializing_if = "Option::is_none")]
    formation: Option<&'a Formation>,
}

/// What has changed; the plan itself is `plan`.
#[derive(Serialize)]
struct Changes<'a> {
    optimum: f64,
    fewest: usize,
    lost: &'a [(FirmId, FirmId)],
    dropped: &'a [(FirmId, FirmId)],
    added: &'a [(FirmId, FirmId)],
}

impl<'a> Changes<'a> {
    fn of(Replan { optimum, fewest, lost, dropped, added, .. }: &'a Replan) -> Self {
        Self { optimum: *optimum, fewest: *fewest, lost, dropped, added }
    }
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
        replan: planning.and_then(|planning| planning.replan.as_ref()).map(Changes::of),
        costs: planning.and_then(|planning| planning.costs.as_ref()),
        formation: planning.and_then(|planning| planning.formation.as_ref()),
    })?;
    text.push(b'\n');
    Ok(text)
}
