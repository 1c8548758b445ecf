//! What was wrong with the data, in a few lines on the error stream.

use jiedui::dataset::{Fault, FaultKind, Report, Table};
use serde::Serialize;

use crate::language::{Language, say};

/// Says something on the error stream, and nothing where that is closed or full.
macro_rules! note {
    ($($said:tt)*) => {
        // There is nobody left to tell.
        _ = std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("{}\n", format_args!($($said)*)))
    };
}

pub(crate) use note;

/// How many faults of a kind are shown.
const EXAMPLES: usize = 3;

/// Prints the faults by kind, those that lost something first, each with a few examples.
pub(crate) fn summarise(report: &Report, language: Language) {
    for &table in Table::ALL {
        let made = report.made(table);
        if made > 0 {
            let name = language.table(table);
            note!(
                "{}",
                say!(
                    language,
                    "{name}：按其他表中出现的编号或名称补建 {made} 条记录",
                    "{name}: {made} records made, because other tables name them"
                )
            );
        }
    }
    let mut counts: Vec<_> = report.counts().collect();
    counts.sort_by_key(|&(.., effect, _)| effect.is_note());
    for (table, kind, effect, count) in counts {
        let is_such = |fault: &&Fault| (fault.table, fault.kind, fault.effect) == (table, kind, effect);
        let examples: Vec<&Fault> = report.faults().iter().filter(is_such).take(EXAMPLES).collect();
        let Some(first) = examples.first() else { continue };
        let (reason, effect) = (language.fault(first), language.effect(effect));
        let name =
            table.map_or(String::new(), |table| language.table(table).to_owned() + language.pick("：", ": "));
        note!(
            "{}",
            say!(language, "{name}{reason}，{count} 处，{effect}", "{name}{count} × {reason}, {effect}")
        );
        for fault in &examples {
            note!("    {}", one(fault, language));
        }
        let more = count - examples.len() as u64;
        if more > 0 {
            note!("    {}", say!(language, "……另有 {more} 处", "… and {more} more"));
        }
        note!("    → {}", language.remedy(first));
    }
}

/// Where it is, and what stands there.
fn one(fault: &Fault, language: Language) -> String {
    let name = |column: &str| language.column(fault.table, column).to_owned() + language.pick("：", ": ");
    let column = fault.column.as_deref().map_or(String::new(), name);
    let detail = fault.detail.as_ref().map_or(String::new(), |detail| format!(" ({detail})"));
    format!("{}{column}{:?}{detail}", fault.origin, fault.value)
}

/// A fault as JSON has it.
#[derive(Serialize)]
pub(crate) struct FaultRecord<'a> {
    #[serde(flatten)]
    fault: &'a Fault,
    reason: &'static str,
    remedy: &'static str,
}

impl<'a> FaultRecord<'a> {
    pub(crate) fn of(fault: &'a Fault) -> Self {
        Self { fault, reason: fault.reason(), remedy: fault.remedy() }
    }
}

/// How many faults of a kind there are, listed or not.
#[derive(Serialize)]
pub(crate) struct FaultCount {
    table: Option<Table>,
    kind: FaultKind,
    effect: jiedui::dataset::Effect,
    count: u64,
}

impl FaultCount {
    pub(crate) fn all(report: &Report) -> Vec<Self> {
        let counts = report.counts();
        counts.map(|(table, kind, effect, count)| Self { table, kind, effect, count }).collect()
    }
}
