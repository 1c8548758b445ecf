//! Dates as people write them.

use std::borrow::Cow;

use super::cell::narrow;
use crate::model::Date;

/// A date as people write it, or `None` where it is none of the calendar.
///
/// Understood are `YYYY`, `YYYY-MM`, `YYYY-MM-DD`, the same with `/`, `.` or `年月日`,
/// `YYYYMM`, `YYYYMMDD`, each of the last with a time of day behind it, which is
/// passed over; fiscal years `2021-2022` and `2021/22`, which begin in month
/// `fiscal_start`; spans of twelve months `2021-07/2022-06`; and the day numbers of
/// spreadsheets with five digits (44341 is 2021-05-25, from 1 January 1900).
/// `2009-10` is a month, `24年5月` one of 2024. A quarter, a half or a span of months
/// (`2024年第一季度`, `2024Q1`, `2024上半年`, `2024年1-6月`) counts as its year, and so does
/// `2024.1`, since a spreadsheet writes 2024.10 so. Day and month before the year are not
/// understood, being ambiguous.
pub(super) fn date(text: &str, fiscal_start: u8) -> Option<Date> {
    if let Some(date) = plain_date(text.as_bytes()) {
        return Some(date);
    }
    let text = narrow(text);
    let text = text.trim();
    if let Some(span) = twelve_months(text) {
        return Some(span);
    }
    let text = without_time(text);
    if let Some(day) = spreadsheet_day(text) {
        return Some(day);
    }
    let text = with_century(text);
    let text = year_of_part(&text).or_else(|| year_of_span(&text)).unwrap_or(&text);
    let text = text.strip_suffix(['日', '号', '月']).unwrap_or(text);
    // Of the separators of days only one kind, so that no span of months is taken for a day.
    let kinds = [['-'].as_slice(), &['/'], &['.'], &['年', '月']];
    if kinds.iter().filter(|kind| text.contains(**kind)).count() > 1 {
        return None;
    }
    let text = text.strip_suffix("年度").or_else(|| text.strip_suffix('年')).unwrap_or(text);
    let mut parts = text.split(['-', '/', '.', '年', '月']);
    let mut next = || parts.next().map(str::trim);
    let (first, second, third, fourth) = (next()?, next(), next(), next());
    if !first.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |part: &str, longest: usize| {
        let plain = (1..=longest).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        if plain { part.parse::<i64>().ok() } else { None }
    };
    match (first.len(), second, third, fourth) {
        (4, None, ..) => Date::year(part(first, 4)?),
        (6, None, ..) => Date::month(part(&first[..4], 4)?, part(&first[4..], 2)?),
        (8, None, ..) => Date::day(part(&first[..4], 4)?, part(&first[4..6], 2)?, part(&first[6..], 2)?),
        // A spreadsheet writes October so, too.
        (4, Some("1"), None, _) if text.contains('.') => Date::year(part(first, 4)?),
        (4, Some(second), None, _) => {
            let (year, end) = (part(first, 4)?, part(second, 4)?);
            match second.len() {
                4 if end == year + 1 => Date::fiscal_year(year, i64::from(fiscal_start)),
                2 if !(1..=12).contains(&end) && end == (year + 1) % 100 => {
                    Date::fiscal_year(year, i64::from(fiscal_start))
                }
                1 | 2 => Date::month(year, end),
                _ => return None,
            }
        }
        (4, Some(month), Some(day), None) => Date::day(part(first, 4)?, part(month, 2)?, part(day, 2)?),
        _ => return None,
    }
    .ok()
}

/// `24年5月` as `2024年5月`.
fn with_century(text: &str) -> Cow<'_, str> {
    match text.split_once('年') {
        Some((year, _)) if year.len() == 2 && year.bytes().all(|byte| byte.is_ascii_digit()) => {
            Cow::Owned(format!("20{text}"))
        }
        _ => Cow::Borrowed(text),
    }
}

/// The year in which a quarter or a half is: no date is as coarse as these, and the year is true.
fn year_of_part(text: &str) -> Option<&str> {
    let quarter = |text: &str| text.ends_with(['一', '二', '三', '四', '1', '2', '3', '4']);
    let year = if let Some(half) = text.strip_suffix("半年") {
        half.strip_suffix(['上', '下'])?
    } else if let Some(rest) = text.strip_suffix("季度").or_else(|| text.strip_suffix('季')) {
        let number = rest.chars().next_back().filter(|_| quarter(rest))?;
        let rest = &rest[..rest.len() - number.len_utf8()];
        rest.strip_suffix('第').unwrap_or(rest)
    } else {
        let (year, number) = text.split_once(['Q', 'q'])?;
        Some(year).filter(|_| number.len() == 1 && quarter(number))?
    };
    let year = year.trim_end_matches(['年', '-', ' ']);
    (year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit())).then_some(year)
}

/// The year of a span of months within it: `2024年1-6月`, `2024.1-2024.6`.
fn year_of_span(text: &str) -> Option<&str> {
    let (from, to) = text.trim_end_matches(['月', '份']).split_once(['-', '~', '至', '—', '–'])?;
    let (year, first) = from.trim().trim_end_matches('月').split_once(['年', '/', '.'])?;
    let last =
        to.trim().strip_prefix(year).map_or(to.trim(), |rest| rest.trim_start_matches(['年', '/', '.', '-']));
    let is_month = |text: &str| {
        let short = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        short && text.parse().is_ok_and(|month: u8| (1..=12).contains(&month))
    };
    (year.len() == 4 && is_month(first) && is_month(last)).then_some(year)
}

/// A date of the form `YYYY-MM-DD` or `YYYY-MM`.
pub(super) fn plain_date(text: &[u8]) -> Option<Date> {
    let (&[y1, y2, y3, y4, b'-', m1, m2], rest) = text.split_first_chunk()? else { return None };
    let (d1, d2, has_day) = match *rest {
        [b'-', d1, d2] => (d1, d2, true),
        [] => (b'0', b'1', false),
        _ => return None,
    };
    let digits = [y1, y2, y3, y4, m1, m2, d1, d2];
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let [y1, y2, y3, y4, m1, m2, d1, d2] = digits.map(|digit| i64::from(digit - b'0'));
    let (year, month) = (1000 * y1 + 100 * y2 + 10 * y3 + y4, 10 * m1 + m2);
    let day = 10 * d1 + d2;
    match Date::common_day(year, month, day) {
        Some(date) if has_day => Some(date),
        _ if has_day => Date::day(year, month, day).ok(),
        _ => Date::month(year, month).ok(),
    }
}

/// `2021-07/2022-06`: how a fiscal year is written that does not begin in April.
fn twelve_months(text: &str) -> Option<Date> {
    let (from, to) = text.split_once('/')?;
    let month = |text: &str| {
        let (year, month) = text.split_once('-')?;
        Some((year.parse::<i64>().ok()?, month.parse::<i64>().ok()?))
    };
    let ((year, first), (last_year, last)) = (month(from)?, month(to)?);
    let months = last_year.checked_sub(year)?.checked_mul(12)?.checked_add(last)?.checked_sub(first)?;
    if months == 11 { Date::fiscal_year(year, first).ok() } else { None }
}

fn without_time(text: &str) -> &str {
    match text.split_once(['T', ' ']) {
        Some((date, time)) if time.trim_start().starts_with(|c: char| c.is_ascii_digit()) => {
            // `2021 / 5 / 25` has blanks, but no time.
            if time.contains([':', '时']) { date.trim_end() } else { text }
        }
        _ => text,
    }
}

fn spreadsheet_day(text: &str) -> Option<Date> {
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    if whole.len() != 5 || !text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return None;
    }
    let days = whole.parse::<i64>().ok()?;
    // Day 60 was 29 February 1900, which never was; all numbers of five digits are later.
    let date = jiff::civil::date(1899, 12, 30).checked_add(jiff::Span::new().days(days)).ok()?;
    Date::day(i64::from(date.year()), i64::from(date.month()), i64::from(date.day())).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn dates_as_people_write_them() {
        let cases = [
            ("2021", "2021"),
            ("2021年", "2021"),
            ("2021年度", "2021"),
            ("2021-05", "2021-05"),
            ("2021年5月", "2021-05"),
            ("202105", "2021-05"),
            ("2021-05-25", "2021-05-25"),
            ("2021/5/25", "2021-05-25"),
            ("2021.5.25", "2021-05-25"),
            ("20210525", "2021-05-25"),
            ("2021年5月25日", "2021-05-25"),
            ("２０２１年５月２５日", "2021-05-25"),
            ("2021-05-25 00:00:00", "2021-05-25"),
            ("2021-05-25T10:30:00Z", "2021-05-25"),
            ("2021/5/25 8:30", "2021-05-25"),
            ("44341", "2021-05-25"),
            ("44341.75", "2021-05-25"),
            ("2021-2022", "2021-2022"),
            ("2021/22", "2021-2022"),
            ("2021-22", "2021-2022"),
            ("1999/00", "1999-2000"),
            ("2009-10", "2009-10"),
            ("2021-04/2022-03", "2021-2022"),
            ("24年5月", "2024-05"),
            ("24年5月8日", "2024-05-08"),
            ("24年", "2024"),
            ("2024年第一季度", "2024"),
            ("2024年3季度", "2024"),
            ("2024Q4", "2024"),
            ("2024-q1", "2024"),
            ("2024上半年", "2024"),
            ("24年下半年", "2024"),
            ("2024年1-6月", "2024"),
            ("2024/1-6", "2024"),
            ("2024.5-6", "2024"),
            ("2024.1-2024.6", "2024"),
            ("2024年1月-6月", "2024"),
            ("2024年1月至2024年6月", "2024"),
            ("2024.1", "2024"),
            ("2024.10", "2024-10"),
            ("2024.5月", "2024-05"),
            ("2024/5月", "2024-05"),
            ("2024.01", "2024-01"),
            ("2024.1.5", "2024-01-05"),
        ];
        for (text, read) in cases {
            assert_eq!(date(text, 4).map(|date| date.to_string()).as_deref(), Some(read), "{text}");
        }
        for text in [
            "2021-13",
            "2021-02-30",
            "25/05/2021",
            "2021-2023",
            "0000",
            "",
            "-",
            "2021-",
            "明天",
            "1e5",
            "2021-5-25-1",
            "2024Q5",
            "2024年5季度",
            "2024年5月上半年",
            "半年",
            "季度",
            "Q1",
            "124年5月",
            "2024.1-2025.6",
            "2024/5-25",
            "2021年5-25",
            "2021-5/25",
        ] {
            assert_eq!(date(text, 4), None, "{text}");
        }
        assert_eq!(date("2021-2022", 7), Date::fiscal_year(2021, 7).ok());
        assert_eq!(date("2021-07/2022-06", 4), Date::fiscal_year(2021, 7).ok());
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "\\PC{0,20}") {
            let _ = date(&text, 4);
        }
    }
}
