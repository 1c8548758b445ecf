//! Earlier partings of what is known, to learn from.

use crate::dataset::{Dataset, SupplyRow};
use crate::evaluate::{Protocol, Split, SplitError};
use crate::model::{Date, Precision};

/// How many earlier cuts are tried.
const CUTS: u32 = 3;
/// The time that is known, in steps.
const STEPS: f64 = 5.0;
/// The longest step, months.
const LONGEST: f64 = 12.0;
/// Days of a month, in the mean.
const DAYS: f64 = 30.4;

/// Partings of what is known before a cut at up to three earlier cuts, the latest first: each
/// asks for the relations that were new between its own cut and the next.
///
/// Cuts are as far apart as suits the data: a fifth of the time from the 20th part of the rows
/// to the cut, but at most a year, and a year where most rows are dated to no more than that.
/// A cut at which nobody is to be asked for is left out; undated data give none.
///
/// O(rows · log rows) a cut.
///
/// # Errors
///
/// [`SplitError::Network`].
pub(super) fn rehearsals(known: &Dataset, cut: Date, protocol: Protocol) -> Result<Vec<Split>, SplitError> {
    let known = known.before(cut);
    let Some(step) = Step::of(&known, cut) else { return Ok(Vec::new()) };
    let mut splits = Vec::new();
    for number in 1..=CUTS {
        let past = known.before(step.back(cut, number - 1));
        match Split::by_time(&past, step.back(cut, number), protocol) {
            Ok(split) => splits.push(split),
            Err(error) if error.asks_nobody() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(splits)
}

/// How far cuts are apart.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Step {
    Months(u32),
    Days(u32),
}

impl Step {
    fn of(known: &Dataset, cut: Date) -> Option<Self> {
        let mut dates: Vec<Date> = known.supplies().iter().filter_map(SupplyRow::date).collect();
        dates.sort_unstable();
        let first = *dates.get(dates.len() / 20)?;
        let is_coarse = |date: &&Date| matches!(date.precision(), Precision::Year | Precision::FiscalYear);
        if dates.iter().filter(is_coarse).count() * 2 > dates.len() {
            return Some(Self::Months(12));
        }
        let months = (first.months_until(cut) / STEPS).min(LONGEST);
        Some(if months >= 1.0 {
            Self::Months(months as u32)
        } else {
            Self::Days(((months * DAYS) as u32).max(1))
        })
    }

    fn back(self, cut: Date, times: u32) -> Date {
        match self {
            _ if times == 0 => cut,
            Self::Months(months) => cut.back(months * times),
            Self::Days(days) => cut.days_before(days * times),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Supply;

    /// Works that buy of one supplier at each of the dates.
    fn bought(dates: &[&str]) -> Dataset {
        let mut builder = Dataset::builder();
        for (number, date) in dates.iter().enumerate() {
            let date = Some(date.parse().unwrap());
            builder.add_supply(&Supply { date, ..Supply::new(format!("s{number}"), "works") });
        }
        builder.finish().0
    }

    #[test]
    fn a_step_is_a_fifth_of_the_time_and_at_most_a_year() {
        let step = |dates: &[&str], cut: &str| Step::of(&bought(dates), cut.parse().unwrap());
        assert_eq!(step(&[], "2025-01"), None);
        assert_eq!(step(&["2023-01", "2024-12"], "2025-01"), Some(Step::Months(4)));
        assert_eq!(step(&["1990-01", "2024-12"], "2025-01"), Some(Step::Months(12)));
        // Of a hundred rows the first five do not count.
        let mut few = vec!["1990-01"; 5];
        few.resize(100, "2024-01");
        assert_eq!(step(&few, "2025-01"), Some(Step::Months(2)));
        few[5] = "1990-01";
        assert_eq!(step(&few, "2025-01"), Some(Step::Months(12)));
        // Years tell no months where most rows have no more.
        assert_eq!(step(&["2023", "2024", "2024-06"], "2025"), Some(Step::Months(12)));
        assert_eq!(step(&["2023-01", "2024", "2024-06"], "2025"), Some(Step::Months(4)));
        assert_eq!(step(&["2024-12-30", "2024-12-31"], "2025-01-01"), Some(Step::Days(1)));
    }

    #[test]
    fn each_rehearsal_asks_for_what_came_between_its_cut_and_the_next() {
        let months: Vec<String> =
            (2023..2025).flat_map(|year| (1..13).map(move |month| format!("{year}-{month:02}"))).collect();
        let mut builder = Dataset::builder();
        for (number, month) in months.iter().enumerate() {
            let supplier = format!("s{number:02}");
            for (buyer, date) in [("works", month.as_str()), ("other", "2023-01")] {
                let date = Some(date.parse().unwrap());
                builder.add_supply(&Supply { date, ..Supply::new(supplier.as_str(), buyer) });
            }
        }
        let cut = "2025-01".parse().unwrap();
        let splits = rehearsals(&builder.finish().0, cut, Protocol::default()).unwrap();
        // Cuts four months apart, and a new supplier each month.
        let asked: Vec<usize> = splits.iter().map(Split::n_pairs).collect();
        assert_eq!(asked, [4, 4, 4]);
        assert_eq!(splits[0].qrels().gain("works", "s20"), Some(1));
        assert_eq!(splits[2].qrels().gain("works", "s15"), Some(1));
    }
}
