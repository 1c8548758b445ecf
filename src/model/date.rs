//! Dates that keep their precision.

use std::fmt;
use std::num::NonZeroI16;
use std::str::FromStr;

use jiff::civil;
use serde::{Deserialize, Serialize};

/// A day, a month, a calendar year or a fiscal year.
///
/// Ordered by first day, then the coarser one first. Four bytes, also as an `Option`.
///
/// ```
/// use jiedui::model::{Date, Precision};
///
/// let month: Date = "2021-05".parse()?;
/// assert_eq!(month.precision(), Precision::Month);
/// assert_eq!(month.first_day(), "2021-05-01".parse()?);
/// assert_eq!(month.last_day(), "2021-05-31".parse()?);
///
/// let fiscal = Date::fiscal_year(2021, 4)?;
/// assert_eq!(fiscal.to_string(), "2021-2022");
/// assert_eq!(fiscal.last_day(), "2022-03-31".parse()?);
/// # Ok::<(), jiedui::model::DateError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Date {
    year: NonZeroI16,
    /// 1–12; first month of a fiscal year; 0 where only the year is known.
    month: u8,
    /// 1–31; 0 where only the month or the year is known; `FISCAL`.
    day: u8,
}

/// The value of `day` that marks a fiscal year.
const FISCAL: u8 = 255;
/// The month in which most fiscal years begin, where nothing else is said.
const APRIL: u8 = 4;
/// Codes of a month: itself, 31 days, the fiscal year that begins in it.
const MONTH_CODES: u32 = 33;
/// Codes of a year: itself and those of its months.
const YEAR_CODES: u32 = 1 + 12 * MONTH_CODES;
/// Bits of the largest code.
pub(crate) const CODE_BITS: u32 = 17;
const _: () = assert!((Date::LAST_YEAR - Date::FIRST_YEAR + 1) as u32 * YEAR_CODES < 1 << CODE_BITS);

/// How much of a [`Date`] is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Precision {
    /// A calendar year.
    Year,
    /// A fiscal year.
    FiscalYear,
    /// A month.
    Month,
    /// A day.
    Day,
}

/// A date that does not exist, or is not written like one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DateError {
    /// Not one of the forms that are understood.
    #[error("{0:?} is not a date of the form YYYY, YYYY-MM, YYYY-MM-DD or YYYY-YYYY")]
    Form(String),
    /// Not in the calendar, or outside the years that are taken.
    #[error(
        "{year}-{month}-{day} is not in the calendar of the years {} to {}",
        Date::FIRST_YEAR,
        Date::LAST_YEAR
    )]
    Calendar {
        /// The year given.
        year: i64,
        /// The month given.
        month: i64,
        /// The day given.
        day: i64,
    },
}

impl Date {
    /// The earliest year that is taken.
    pub const FIRST_YEAR: i16 = 1900;
    /// The latest year that is taken.
    pub const LAST_YEAR: i16 = 2199;

    /// A day.
    ///
    /// # Errors
    ///
    /// [`DateError::Calendar`] where there is no such day.
    pub fn day(year: i64, month: i64, day: i64) -> Result<Self, DateError> {
        if let Some(date) = Self::common_day(year, month, day) {
            return Ok(date);
        }
        let error = DateError::Calendar { year, month, day };
        let (Ok(y), Ok(m), Ok(d)) = (i16::try_from(year), i8::try_from(month), i8::try_from(day)) else {
            return Err(error);
        };
        match civil::Date::new(y, m, d) {
            Ok(date) if (Self::FIRST_YEAR..=Self::LAST_YEAR).contains(&y) => Ok(Self::of_civil(date)),
            _ => Err(error),
        }
    }

    /// One of the days that every month has; `None` for any other, in the calendar or not.
    #[inline]
    pub(crate) fn common_day(year: i64, month: i64, day: i64) -> Option<Self> {
        let years = i64::from(Self::FIRST_YEAR)..=i64::from(Self::LAST_YEAR);
        let is_common = years.contains(&year) && (1..=12).contains(&month) && (1..=28).contains(&day);
        let year = NonZeroI16::new(year as i16).filter(|_| is_common)?;
        Some(Self { year, month: month as u8, day: day as u8 })
    }

    /// A month.
    ///
    /// # Errors
    ///
    /// [`DateError::Calendar`] where there is no such month.
    pub fn month(year: i64, month: i64) -> Result<Self, DateError> {
        Self::day(year, month, 1).map(|first| Self { day: 0, ..first })
    }

    /// A calendar year.
    ///
    /// # Errors
    ///
    /// [`DateError::Calendar`] where the year is outside the range taken.
    pub fn year(year: i64) -> Result<Self, DateError> {
        Self::day(year, 1, 1).map(|first| Self { month: 0, day: 0, ..first })
    }

    /// The fiscal year that begins on the first of `first_month` of `year`.
    ///
    /// # Errors
    ///
    /// [`DateError::Calendar`] where there is no such month, or the fiscal year ends
    /// after the years that are taken.
    pub fn fiscal_year(year: i64, first_month: i64) -> Result<Self, DateError> {
        if year == i64::from(Self::LAST_YEAR) && first_month > 1 {
            return Err(DateError::Calendar { year: year + 1, month: first_month - 1, day: 1 });
        }
        Self::day(year, first_month, 1).map(|first| Self { day: FISCAL, ..first })
    }

    /// How much is known.
    pub fn precision(self) -> Precision {
        match (self.month, self.day) {
            (0, _) => Precision::Year,
            (_, FISCAL) => Precision::FiscalYear,
            (_, 0) => Precision::Month,
            _ => Precision::Day,
        }
    }

    /// The first day that the date may mean.
    #[must_use]
    pub fn first_day(self) -> Self {
        match self.precision() {
            Precision::Year => Self { month: 1, day: 1, ..self },
            Precision::FiscalYear | Precision::Month => Self { day: 1, ..self },
            Precision::Day => self,
        }
    }

    /// The last day that the date may mean.
    #[must_use]
    pub fn last_day(self) -> Self {
        let last = match self.precision() {
            Precision::Year => return Self { month: 12, day: 31, ..self },
            Precision::Day => return self,
            Precision::Month => self.civil().last_of_month(),
            Precision::FiscalYear => {
                let next = self.civil().saturating_add(jiff::Span::new().months(11));
                next.last_of_month()
            }
        };
        Self::of_civil(last)
    }

    /// The same day so many months earlier (12,000 at most), or the last of that month where it is
    /// shorter; none earlier than the first day of [`FIRST_YEAR`](Self::FIRST_YEAR). Meant of
    /// [`first_day`](Self::first_day) where the date is coarser.
    #[must_use]
    pub fn months_before(self, months: u32) -> Self {
        let earlier = self.civil().saturating_sub(jiff::Span::new().months(i64::from(months.min(12_000))));
        Self::of_civil(earlier)
    }

    /// As much earlier and no finer: a month gives a month, a year the year in which it would
    /// begin. As [`months_before`](Self::months_before), it stops where dates begin.
    ///
    /// ```
    /// use jiedui::model::Date;
    ///
    /// assert_eq!("2021-03".parse::<Date>()?.back(6), "2020-09".parse()?);
    /// assert_eq!("2021-2022".parse::<Date>()?.back(12), "2020-2021".parse()?);
    /// # Ok::<(), jiedui::model::DateError>(())
    /// ```
    #[must_use]
    pub fn back(self, months: u32) -> Self {
        let earlier = self.months_before(months);
        match self.precision() {
            Precision::Year => Self { month: 0, day: 0, ..earlier },
            Precision::FiscalYear | Precision::Month => Self { day: self.day, ..earlier },
            Precision::Day => earlier,
        }
    }

    /// So many days (400,000 at most) before the first day that the date may mean; none earlier than the
    /// first day of [`FIRST_YEAR`](Self::FIRST_YEAR).
    #[must_use]
    pub fn days_before(self, days: u32) -> Self {
        let earlier = self.civil().saturating_sub(jiff::Span::new().days(i64::from(days.min(400_000))));
        Self::of_civil(earlier)
    }

    /// The date on a scale of months: 12·year + month + day/31, an unknown day and
    /// the month of a year or fiscal year counting 0. Ages are differences on it.
    ///
    /// ```
    /// use jiedui::model::Date;
    ///
    /// let (signed, today) = (Date::day(2024, 3, 31)?, Date::month(2025, 3)?);
    /// assert_eq!(today.in_months() - signed.in_months(), 11.0);
    /// # Ok::<(), jiedui::model::DateError>(())
    /// ```
    pub fn in_months(self) -> f64 {
        let year = 12.0 * f64::from(self.year.get());
        match self.precision() {
            Precision::Year | Precision::FiscalYear => year,
            Precision::Month => year + f64::from(self.month),
            Precision::Day => year + f64::from(self.month) + f64::from(self.day) / 31.0,
        }
    }

    /// Months from `self` to `later`, 0 where `later` is the earlier one.
    pub fn months_until(self, later: Self) -> f64 {
        (later.in_months() - self.in_months()).max(0.0)
    }

    /// A number below 2¹⁷ that stands for the date and its precision; 0 for none.
    pub(crate) fn code(date: Option<Self>) -> u32 {
        let Some(Self { year, month, day }) = date else { return 0 };
        // Years are counted from the first; within one, 0 is the year itself; within a
        // month, 0 is the month itself and the last the fiscal year that begins in it.
        let year = year.get().abs_diff(Self::FIRST_YEAR) as u32;
        let of_year = match month {
            0 => 0,
            month => 1 + (month as u32 - 1) * MONTH_CODES + (day as u32).min(MONTH_CODES - 1),
        };
        1 + year * YEAR_CODES + of_year
    }

    /// The date of a [`code`](Self::code).
    pub(crate) fn of_code(code: u32) -> Option<Self> {
        let code = code.checked_sub(1)?;
        let year = NonZeroI16::new(Self::FIRST_YEAR + (code / YEAR_CODES) as i16)?;
        let Some(of_year) = (code % YEAR_CODES).checked_sub(1) else {
            return Some(Self { year, month: 0, day: 0 });
        };
        let (month, day) = ((of_year / MONTH_CODES) as u8 + 1, (of_year % MONTH_CODES) as u8);
        let day = if day as u32 == MONTH_CODES - 1 { FISCAL } else { day };
        Some(Self { year, month, day })
    }

    /// The day, or the first or last one that is taken.
    fn of_civil(date: civil::Date) -> Self {
        let (first, last) = (civil::date(Self::FIRST_YEAR, 1, 1), civil::date(Self::LAST_YEAR, 12, 31));
        let date = date.clamp(first, last);
        Self {
            year: NonZeroI16::new(date.year()).unwrap_or(NonZeroI16::MAX),
            month: date.month() as u8,
            day: date.day() as u8,
        }
    }

    /// The first day in the calendar.
    fn civil(self) -> civil::Date {
        let first = self.first_day();
        // Fields are checked on the way in, so the fallback is never taken.
        civil::Date::new(first.year.get(), first.month as i8, first.day as i8).unwrap_or_default()
    }
}

impl PartialOrd for Date {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Date {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let key = |date: &Self| {
            let first = date.first_day();
            (first.year, first.month, first.day, date.precision())
        };
        key(self).cmp(&key(other))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { year, month, day } = self;
        match self.precision() {
            Precision::Year => write!(f, "{year}"),
            Precision::FiscalYear if *month == APRIL => write!(f, "{year}-{}", year.get() + 1),
            // The months that it spans.
            Precision::FiscalYear => {
                let last = self.last_day();
                write!(f, "{year}-{month:02}/{}-{:02}", last.year, last.month)
            }
            Precision::Month => write!(f, "{year}-{month:02}"),
            Precision::Day => write!(f, "{year}-{month:02}-{day:02}"),
        }
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Date {
    type Err = DateError;

    /// Reads what [`Display`](fmt::Display) writes: `2021-2022` begins on 1 April, and any
    /// other fiscal year is written as the months that it spans, `2021-07/2022-06`. The
    /// readers of [`dataset`](crate::dataset) understand more.
    fn from_str(text: &str) -> Result<Self, DateError> {
        let form = || DateError::Form(text.to_owned());
        if let Some((first, last)) = text.split_once('/') {
            // Of two months: more would be read one inside the other, to any depth.
            if last.contains('/') {
                return Err(form());
            }
            let [first, last]: [Self; 2] = [first.parse()?, last.parse()?];
            let fiscal = Self::fiscal_year(first.year.get().into(), first.month.max(1).into())?;
            let are_months = [first, last].iter().all(|date| date.precision() == Precision::Month);
            return if are_months && fiscal.last_day() == last.last_day() { Ok(fiscal) } else { Err(form()) };
        }
        let number = |part: &str| {
            let plain = !part.is_empty() && part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_digit());
            if plain { part.parse::<i64>().map_err(|_| form()) } else { Err(form()) }
        };
        let mut parts = text.split('-');
        let year = number(parts.next().unwrap_or_default())?;
        match (parts.next(), parts.next(), parts.next()) {
            (None, None, None) => Self::year(year),
            (Some(end), None, None) if end.len() == 4 => {
                if number(end)? == year + 1 {
                    Self::fiscal_year(year, APRIL.into())
                } else {
                    Err(form())
                }
            }
            (Some(month), None, None) => Self::month(year, number(month)?),
            (Some(month), Some(day), None) => Self::day(year, number(month)?, number(day)?),
            _ => Err(form()),
        }
    }
}

impl TryFrom<String> for Date {
    type Error = DateError;

    fn try_from(text: String) -> Result<Self, DateError> {
        text.parse()
    }
}

impl From<Date> for String {
    fn from(date: Date) -> Self {
        date.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calendar_is_kept() {
        assert!(Date::day(2023, 2, 29).is_err());
        assert!(Date::day(2024, 2, 29).is_ok());
        assert!(Date::day(1899, 12, 31).is_err());
        assert!(Date::month(2024, 13).is_err());
        assert!(Date::year(99_999).is_err());
        assert!(Date::fiscal_year(2199, 4).is_err());
        assert!("2024-02-30".parse::<Date>().is_err());
        assert!("2021-2023".parse::<Date>().is_err());
        assert!("-2021".parse::<Date>().is_err());
        assert!("2021-".parse::<Date>().is_err());
    }

    #[test]
    fn dates_are_read_as_they_are_written() -> Result<(), DateError> {
        for month in 1..=12 {
            for date in
                [Date::fiscal_year(2021, month)?, Date::month(2021, month)?, Date::day(2021, month, 9)?]
            {
                assert_eq!(date.to_string().parse(), Ok(date));
            }
        }
        assert_eq!(Date::fiscal_year(2021, 7)?.to_string(), "2021-07/2022-06");
        for text in ["2021-07/2022-07", "2021/2022", "2021-07/2022-06-30", "2021-07/2022-06/2023-05", "/"] {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
        Ok(())
    }

    #[test]
    fn a_text_of_many_months_is_no_deep_one() {
        let text = "2021-07/".repeat(1_000_000);
        assert_eq!(text.parse::<Date>(), Err(DateError::Form(text)));
    }

    #[test]
    fn an_optional_date_takes_no_more_room() {
        assert_eq!(size_of::<Option<Date>>(), 4);
    }

    #[test]
    fn every_date_has_a_code_of_its_own() {
        let years = || i64::from(Date::FIRST_YEAR)..=i64::from(Date::LAST_YEAR);
        let months = || years().flat_map(|year| (1..=12).map(move |month| (year, month)));
        let days = months().flat_map(|(year, month)| (1..=31).map(move |day| Date::day(year, month, day)));
        let months =
            || months().map(|(year, month)| (Date::month(year, month), Date::fiscal_year(year, month)));
        let (plain, fiscal) = (months().map(|one| one.0), months().map(|one| one.1));
        let dates: Vec<Date> =
            days.chain(plain).chain(fiscal).chain(years().map(Date::year)).flatten().collect();
        // Of 75 years that four divides, 1900 and 2100 are no leap years.
        assert_eq!(dates.iter().filter(|date| date.precision() == Precision::Day).count(), 300 * 365 + 73);
        let mut codes: Vec<u32> = dates.iter().map(|date| Date::code(Some(*date))).collect();
        assert!(dates.iter().zip(&codes).all(|(date, code)| Date::of_code(*code) == Some(*date)));
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), dates.len());
        assert!(codes[0] > 0 && codes[codes.len() - 1] < 1 << CODE_BITS);
        assert_eq!((Date::code(None), Date::of_code(0)), (0, None));
    }

    #[test]
    fn nothing_is_before_the_first_day_taken() -> Result<(), DateError> {
        let first = Date::day(1900, 1, 1)?;
        for date in [first, Date::day(1900, 3, 15)?, Date::day(1903, 12, 31)?] {
            assert_eq!((date.months_before(60), date.days_before(1_500)), (first, first));
        }
        assert_eq!(Date::day(1900, 3, 1)?.days_before(1), Date::day(1900, 2, 28)?);
        Ok(())
    }

    #[test]
    fn months_before_keeps_to_the_month() -> Result<(), DateError> {
        assert_eq!(Date::day(2024, 3, 31)?.months_before(1), Date::day(2024, 2, 29)?);
        assert_eq!(Date::day(2020, 12, 31)?.months_before(12), Date::day(2019, 12, 31)?);
        Ok(())
    }

    #[test]
    fn order_is_by_first_day_then_coarser_first() {
        let mut dates = ["2021-01-01", "2021", "2021-01", "2020-2021", "2020-12-31"]
            .map(|text| text.parse::<Date>().ok());
        dates.sort();
        let text: Vec<_> = dates.iter().flatten().map(ToString::to_string).collect();
        assert_eq!(text, ["2020-2021", "2020-12-31", "2021", "2021-01", "2021-01-01"]);
    }

    #[test]
    fn fiscal_years_count_from_their_first_calendar_year() -> Result<(), DateError> {
        assert_eq!(Date::fiscal_year(2021, 4)?.in_months(), 12.0 * 2021.0);
        assert_eq!(Date::fiscal_year(2021, 7)?.last_day(), Date::day(2022, 6, 30)?);
        Ok(())
    }
}
