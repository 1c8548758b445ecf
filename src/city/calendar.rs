//! The days on which things happen in the city.

use crate::model::Date;

/// How many months back the records go.
pub(super) const MONTHS: u32 = 36;

/// The last month of the records. Fixed: a city is made of its seed and nothing else.
const LAST: (i64, i64) = (2025, 6);

/// A day and its month.
#[derive(Debug, Clone, Copy)]
pub(super) struct Day {
    pub(super) date: Date,
    pub(super) month: Date,
}

/// Every day of the records, in order.
pub(super) fn days() -> Vec<Day> {
    let months = (0..i64::from(MONTHS)).rev().map(|back| LAST.0 * 12 + LAST.1 - 1 - back);
    let days = months.flat_map(|months| (1..=31).map(move |day| (months / 12, months % 12 + 1, day)));
    days.filter_map(|(year, month, day)| {
        // Not every month has 31 days.
        Some(Day { date: Date::day(year, month, day).ok()?, month: Date::month(year, month).ok()? })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DateError;

    #[test]
    fn three_years_of_days() -> Result<(), DateError> {
        let days = days();
        assert_eq!(days.len(), 366 + 365 * 2);
        assert_eq!(days[0].date, Date::day(2022, 7, 1)?);
        assert_eq!(days[days.len() - 1].date, Date::day(2025, 6, 30)?);
        Ok(())
    }
}
