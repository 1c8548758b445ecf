//! Cells: from the text of a table to the values of a record.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::Reader;
use crate::model::Date;

/// Words before a number that do not change it.
const PREFIXES: [&str; 18] = [
    "大约",
    "约",
    "近",
    "超过",
    "超",
    "逾",
    "≈",
    "~",
    "≥",
    ">",
    "不低于",
    "不少于",
    "人民币",
    "RMB",
    "CNY",
    "¥",
    "￥",
    "共",
];
/// Words after a number that do not change it.
const VAGUE: [&str; 6] = ["余", "多", "左右", "以上", "上下", "整"];
/// Units after a number, all counting 1.
const UNITS: [&str; 17] = [
    "元",
    "人民币",
    "人",
    "名",
    "个",
    "家",
    "次",
    "件",
    "台",
    "套",
    "批",
    "项",
    "户",
    "位",
    "RMB",
    "CNY",
    "吨",
];

/// The text of a number with a point or an exponent, or of more digits than an integer has.
///
/// Beyond 2⁵³ not every digit is known: as a key such a number is as mangled as one of
/// a spreadsheet, and it is written like one.
#[cfg(any(feature = "json", feature = "xlsx"))]
pub(super) fn number_text(value: f64) -> String {
    if value.abs() < 9_007_199_254_740_992.0 {
        return value.to_string();
    }
    let text = format!("{value:E}");
    let (mantissa, exponent) = text.split_once('E').unwrap_or((&text, "0"));
    let point = if mantissa.contains('.') { "" } else { ".0" };
    format!("{mantissa}{point}E+{exponent}")
}

/// A number as people write it; `unit` is the power of ten that its column's header
/// gives it, which a unit in the cell overrules. `None` where it is not a number.
///
/// Digits may be full-width and in groups of three; `约`, `近`, `余`, `多`, the signs of the
/// yuan and remarks in brackets behind it are passed over; `千`, `万`, `亿` and `%` count.
/// Percentages become shares. Other currencies, NaN and infinities are no numbers.
pub(super) fn number(text: &str, unit: i32) -> Option<f64> {
    if unit == 0
        && let Some(value) = short_number(text.as_bytes())
    {
        return Some(value);
    }
    let plain = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E');
    if unit == 0 && text.bytes().all(plain) { text.parse().ok() } else { spelt_number(text, unit) }
}

/// A number of up to 15 digits with or without a point among them. Both they and the power
/// of ten are exact, so that the quotient is rounded once, as it is in any sound parser
/// (Clinger, How to Read Floating Point Numbers Accurately, 1990).
pub(super) fn short_number(text: &[u8]) -> Option<f64> {
    const TENS: [f64; 16] =
        [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
    if !(1..=15).contains(&text.len()) {
        return None;
    }
    let (mut digits, mut n_digits, mut decimals, mut has_point) = (0u64, 0, 0, false);
    for byte in text {
        match byte {
            b'0'..=b'9' => {
                digits = 10 * digits + u64::from(byte - b'0');
                n_digits += 1;
                decimals += usize::from(has_point);
            }
            b'.' if !has_point => has_point = true,
            _ => return None,
        }
    }
    (n_digits > 0).then(|| digits as f64 / TENS[decimals])
}

fn spelt_number(text: &str, header_unit: i32) -> Option<f64> {
    let text = narrow(text);
    if is_foreign(&text) {
        return None;
    }
    let mut rest = text.trim();
    let mut negative = false;
    // (1,234.00) is how bookkeepers write −1,234.00.
    if let Some(inner) = rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        negative = true;
        rest = inner;
    }
    rest = strip_words(rest, &PREFIXES);
    if let Some(unsigned) = rest.strip_prefix(['-', '+']) {
        negative ^= rest.starts_with('-');
        rest = strip_words(unsigned, &PREFIXES);
    }
    let is_digit = |c: char| c.is_ascii_digit() || c == '.' || is_group_mark(c);
    let end = rest.find(|c| !is_digit(c)).unwrap_or(rest.len());
    let mut digits = ungroup(rest[..end].trim_end())?;
    rest = &rest[end..];
    let mut exponent = 0i32;
    if let Some(after) = rest.strip_prefix(['e', 'E']) {
        let signed = after.strip_prefix(['+', '-']).unwrap_or(after);
        let end = signed.find(|c: char| !c.is_ascii_digit()).unwrap_or(signed.len());
        let length = after.len() - signed.len() + end;
        exponent = after[..length].parse().ok()?;
        rest = &after[length..];
    }
    let unit = match rest.trim().strip_suffix(')').and_then(|rest| rest.rsplit_once('(')) {
        // A remark, as 含税, unless it is the unit.
        Some(("", remark)) => unit_behind(remark, header_unit).unwrap_or(header_unit),
        Some((words, _)) => unit_behind(words, header_unit)?,
        None => unit_behind(rest, header_unit)?,
    };
    write!(digits, "e{}", exponent.saturating_add(unit)).ok()?;
    let value: f64 = digits.parse().ok()?;
    Some(if negative { -value } else { value })
}

/// The middle of a range of numbers as people write it, `1-2亿`: the unit of the end counts for the
/// beginning, too, unless it has one.
pub(super) fn middle(text: &str, header_unit: i32) -> Option<f64> {
    let text = narrow(text);
    if is_foreign(&text) {
        return None;
    }
    let text = text.trim();
    // What stands in brackets is a remark.
    let text = text.strip_suffix(')').and_then(|rest| rest.rsplit_once('(')).map_or(text, |(range, _)| range);
    let (from, to) = text.split_once(['-', '~', '至', '—', '–'])?;
    let words = |text: &str| {
        let start = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',' | ' ')))?;
        Some(text[start..].trim().to_owned())
    };
    let unit = unit_behind(&words(to.trim()).unwrap_or_default(), header_unit)?;
    // 5千-8千万 may mean either.
    if words(from.trim()).is_some_and(|words| unit_behind(&words, unit) != Some(unit)) {
        return None;
    }
    let is_year = |text: &str| text.trim().len() == 4 && text.trim().starts_with(['1', '2']);
    if is_year(from) && is_year(to) {
        return None;
    }
    let (from, to) = (number(from.trim(), unit)?, number(to.trim(), header_unit)?);
    (0.0 <= from && from < to).then(|| f64::midpoint(from, to))
}

/// Whether an amount is told in another currency.
fn is_foreign(text: &str) -> bool {
    const FOREIGN: [&str; 17] = [
        "美元", "美金", "欧元", "港元", "港币", "日元", "英镑", "韩元", "卢布", "USD", "EUR", "HKD", "JPY",
        "GBP", "$", "€", "£",
    ];
    let text = text.to_ascii_uppercase();
    FOREIGN.iter().any(|foreign| text.contains(foreign))
}

/// The power of ten that the words behind a number give it: that of the header where they name none.
fn unit_behind(words: &str, header_unit: i32) -> Option<i32> {
    const NAMELESS: [&str; 9] = ["余", "多", "左右", "以上", "上下", "整", "人民币", "RMB", "CNY"];
    if strip_words(words, &NAMELESS).is_empty() { Some(header_unit) } else { unit(words) }
}

/// The power of ten of a unit: 万元 is 4, % is −2. `None` for what is no unit here.
fn unit(text: &str) -> Option<i32> {
    let mut rest = text.trim();
    let mut exponent = 0;
    loop {
        rest = strip_words(rest, &VAGUE);
        let Some(first) = rest.chars().next() else { return Some(exponent) };
        exponent += match first {
            '十' => 1,
            '百' => 2,
            '千' => 3,
            '万' => 4,
            '亿' => 8,
            '%' => -2,
            _ => {
                let after = strip_words(rest, &UNITS);
                if after.len() == rest.len() {
                    return None;
                }
                rest = after;
                continue;
            }
        };
        rest = &rest[first.len_utf8()..];
    }
}

/// Takes a header like `营业收入（万元）` apart: its name and the power of ten.
pub(super) fn header_unit(header: &str) -> Option<(&str, i32)> {
    let (name, text) = match header.strip_suffix([')', '）', ']', '】']) {
        Some(inner) => inner.rsplit_once(['(', '（', '[', '【'])?,
        None => header.rsplit_once(['/', '／', ' ', ':', '：']).or_else(|| {
            let units = ["万元", "亿元", "千元"];
            units.iter().find_map(|unit| Some((header.strip_suffix(unit)?, *unit)))
        })?,
    };
    // A year may stand beside it, and nothing else.
    let is_no_year = |text: &&str| header_year(text).is_none_or(|(_, rest)| !rest.is_empty());
    let text = text.strip_prefix("单位").map_or(text, |text| text.trim_start_matches([':', '：', ' ']));
    let pieces = text.split([',', '，', '、', ';', '；', ' ']).map(str::trim);
    let mut pieces = pieces.filter(|text| !text.is_empty()).filter(is_no_year);
    let unit = pieces.next().and_then(unit).filter(|_| pieces.next().is_none());
    // 单位：万元 is a title.
    Some((name.trim(), unit?)).filter(|(name, _)| *name != "单位")
}

/// The year with which a header like `2024年营业收入` begins, and the rest of it.
pub(super) fn header_year(header: &str) -> Option<(u16, &str)> {
    let digits = header.get(..4).filter(|year| year.bytes().all(|byte| byte.is_ascii_digit()))?;
    let rest = &header[4..];
    let rest = rest.strip_prefix("年度").or_else(|| rest.strip_prefix('年')).unwrap_or(rest);
    Some((digits.parse().ok()?, rest.trim_start()))
}

/// The unit of money that a title like `2024年台账（单位：万元）` tells, as a word and as a power of ten.
#[cfg(any(feature = "csv", feature = "xlsx"))]
pub(super) fn title_unit(title: &str) -> Option<(&str, i32)> {
    title.match_indices(['位', '（', '(']).find_map(|(at, before)| {
        let (head, text) = title.split_at(at + before.len());
        let text = text.trim_start_matches([':', '：', ' ', '为']);
        if before == "位" && !head.ends_with("单位") {
            return None;
        }
        let text = text.strip_prefix("人民币").unwrap_or(text);
        let end = text.find(|c| !"十百千万亿".contains(c)).filter(|end| text[*end..].starts_with('元'))?;
        let (word, after) = text.split_at(end + '元'.len_utf8());
        // 亿元以上企业 in brackets is no unit.
        if before != "位" && !after.starts_with(['）', ')']) {
            return None;
        }
        Some((word, unit(word)?))
    })
}

/// Strips any of the words from the front, as often as they come.
fn strip_words<'a>(text: &'a str, words: &[&str]) -> &'a str {
    let mut rest = text.trim_start();
    while let Some(after) = words.iter().find_map(|word| rest.strip_prefix(word)) {
        rest = after.trim_start();
    }
    rest
}

fn is_group_mark(c: char) -> bool {
    matches!(c, ',' | ' ' | '\'' | '\u{a0}' | '\u{202f}')
}

/// Takes the marks out of `1,234,567.8`; `None` where the groups are not of three,
/// as in a decimal comma.
fn ungroup(digits: &str) -> Option<String> {
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mut groups = whole.split(is_group_mark);
    let mut plain = groups.next()?.to_owned();
    let first = plain.len();
    for group in groups {
        if group.len() != 3 || !(1..=3).contains(&first) {
            return None;
        }
        plain.push_str(group);
    }
    let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if plain.len() + fraction.len() == 0 || !is_plain(&plain) || !is_plain(fraction) {
        return None;
    }
    plain.push('.');
    plain.push_str(fraction);
    Some(plain)
}

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

/// Yes or no, in the words for it.
pub(super) fn flag(text: &str) -> Option<bool> {
    let text = narrow(text);
    let among = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(text.trim()));
    if among(Reader::YES) {
        Some(true)
    } else if among(Reader::NO) {
        Some(false)
    } else {
        None
    }
}

/// Full-width letters, digits and signs as their ASCII selves, and the true minus
/// sign as the hyphen.
pub(super) fn narrow(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let narrowed = text.chars().map(|c| match c {
        '\u{3000}' => ' ',
        '−' => '-',
        c => crate::model::narrow(c),
    });
    Cow::Owned(narrowed.collect())
}

/// What separates the items of a list in one cell.
pub(super) const SEPARATORS: [char; 5] = [';', '；', '、', '，', '|'];

/// Opening ones, then closing ones.
const BRACKETS: [char; 8] = ['(', '（', '[', '【', ')', '）', ']', '】'];

/// The items of a list in one cell, without blanks around them. An item that holds
/// a separator stands in quotation marks, which are doubled inside.
pub(super) fn split_list(text: &str) -> Vec<Cow<'_, str>> {
    let mut items = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (item, after) = quoted_item(rest).unwrap_or_else(|| {
            let end = separator(rest).unwrap_or(rest.len());
            (Cow::Borrowed(rest[..end].trim()), &rest[end..])
        });
        if !item.is_empty() {
            items.push(item);
        }
        rest = after.strip_prefix(SEPARATORS).unwrap_or(after).trim_start();
    }
    items
}

/// Where the first separator stands that is in no brackets, as long as these are closed.
fn separator(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut found = None;
    for (at, c) in text.char_indices() {
        match c {
            c if BRACKETS[..4].contains(&c) => depth += 1,
            c if BRACKETS[4..].contains(&c) => depth = depth.saturating_sub(1),
            c if depth == 0 && SEPARATORS.contains(&c) => {
                found = Some(at);
                break;
            }
            _ => {}
        }
    }
    if depth > 0 { text.find(SEPARATORS) } else { found }
}

/// An item in quotation marks at the start of `text`, and what follows it.
fn quoted_item(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let inner = text.strip_prefix('"')?;
    let mut from = 0;
    loop {
        let quote = from + inner[from..].find('"')?;
        if inner[quote + 1..].starts_with('"') {
            from = quote + 2;
            continue;
        }
        let after = inner[quote + 1..].trim_start();
        let ends = after.is_empty() || after.starts_with(SEPARATORS);
        return ends.then(|| (Cow::Owned(inner[..quote].replace("\"\"", "\"")), after));
    }
}

/// Adds an item to a list in one cell, so that [`split_list`] finds it again.
#[cfg(any(feature = "csv", feature = "json"))]
pub(in crate::dataset) fn push_item(list: &mut String, item: &str) {
    if !list.is_empty() {
        list.push(';');
    }
    // Within brackets nothing parts.
    if item.starts_with('"') || item.contains(SEPARATORS) || item.contains(BRACKETS) {
        list.push('"');
        list.push_str(&item.replace('"', "\"\""));
        list.push('"');
    } else {
        list.push_str(item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_as_people_write_them() {
        let cases = [
            ("0", 0.0),
            ("-12.5", -12.5),
            ("１２３．５", 123.5),
            ("1,234,567.89", 1_234_567.89),
            ("1，234", 1234.0),
            ("1 234 567", 1_234_567.0),
            ("¥1,234.50", 1234.5),
            ("￥－５００", -500.0),
            ("-¥500", -500.0),
            ("(1,234.00)", -1234.0),
            ("3.2亿元", 320_000_000.0),
            ("近1000万元", 10_000_000.0),
            ("约 3 万", 30_000.0),
            ("500余人", 500.0),
            ("3亿多元", 300_000_000.0),
            ("1000多万元左右", 10_000_000.0),
            ("2.5亿元人民币", 250_000_000.0),
            ("12%", 0.12),
            ("12.5％", 0.125),
            ("9.14302E+17", 9.14302e17),
            ("1.2e3万", 12_000_000.0),
            ("2万亿元", 2e12),
            (".5", 0.5),
            ("−3", -3.0),
        ];
        for (text, value) in cases {
            assert_eq!(number(text, 0), Some(value), "{text}");
        }
        for text in [
            "NaN", "inf", "-inf", "Infinity", "3,5", "1.234,56", "12abc", "三百", "", "万", "1-2", "1e",
            "--1",
        ] {
            assert_eq!(number(text, 0), None, "{text}");
        }
    }

    #[test]
    fn words_that_name_no_unit_leave_that_of_the_header() {
        for text in ["500", "约500", "500左右", "500多", "500以上", "500（人民币）", "500(含税)"]
        {
            assert_eq!(number(text, 4), Some(5e6), "{text}");
        }
        assert_eq!(number("500元", 4), Some(500.0));
        for text in ["100美元", "100（美元）", "100(万美元)", "100万（usd）", "$100", "€1", "100-200美元"]
        {
            assert_eq!((number(text, 4), middle(text, 4)), (None, None), "{text}");
        }
        let ranges = [
            ("300-500", Some(4e6)),
            ("300-500以上", Some(4e6)),
            ("1-2亿", Some(1.5e8)),
            ("1亿-2亿元（含税）", Some(1.5e8)),
            ("100-200万元(2023年)", Some(1.5e6)),
            ("5千-8千万", None),
            ("2024-2025", None),
            ("2-1", None),
            ("-", None),
            ("1-", None),
        ];
        for (text, found) in ranges {
            assert_eq!(middle(text, 4), found, "{text}");
        }
    }

    #[test]
    fn the_unit_of_the_header_gives_way_to_that_of_the_cell() {
        assert_eq!(header_unit("营业收入（万元）"), Some(("营业收入", 4)));
        assert_eq!(header_unit("占比(%)"), Some(("占比", -2)));
        assert_eq!(header_unit("数量（箱）"), None);
        assert_eq!(number("3.2", 4), Some(32_000.0));
        assert_eq!(number("3.2亿元", 4), Some(320_000_000.0));
        assert_eq!(number("500元", 4), Some(500.0));
    }

    #[test]
    #[cfg(any(feature = "csv", feature = "xlsx"))]
    fn units_in_titles() {
        let cases = [
            ("2024年供应台账（单位：万元）", Some(("万元", 4))),
            ("填报单位：链办　金额单位：千元", Some(("千元", 3))),
            ("单位:人民币元", Some(("元", 0))),
            ("经营情况（万元）", Some(("万元", 4))),
            ("重点企业名单（亿元以上企业）", None),
            ("轨道交通装备（千亿元产业集群）企业名录", None),
            ("填报单位：多元公司", None),
            ("单位：吨", None),
            ("单位", None),
            ("2024年", None),
        ];
        for (title, unit) in cases {
            assert_eq!(title_unit(title), unit, "{title}");
        }
    }

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

    #[test]
    fn lists_with_every_separator() {
        assert_eq!(split_list("甲；乙、丙|丁; 戊 ;"), ["甲", "乙", "丙", "丁", "戊"]);
        assert_eq!(split_list(" \"a;b\" ; c\"d"), ["a;b", "c\"d"]);
        assert_eq!(split_list("\"open"), ["\"open"]);
        assert_eq!(split_list("轴（大，小）、孔;销(a;b)"), ["轴（大，小）", "孔", "销(a;b)"]);
        assert_eq!(split_list("轴（大，小"), ["轴（大", "小"]);
    }

    proptest! {
        #[test]
        fn a_list_is_read_as_it_was_written(items in prop::collection::vec("[ab\"; ；、|]{1,6}", 0..5)) {
            let items: Vec<String> =
                items.into_iter().map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect();
            let mut list = String::new();
            for item in &items {
                push_item(&mut list, item);
            }
            prop_assert_eq!(split_list(&list), items);
        }

        #[test]
        fn any_text_is_read_without_panic(text in "\\PC{0,20}") {
            let _ = (number(&text, 0), number(&text, 4), date(&text, 4), flag(&text), split_list(&text));
            let _ = header_unit(&text);
        }

        #[test]
        fn short_numbers_are_those_of_the_parser(text in "[0-9]{0,9}(\\.[0-9]{0,8})?|[0-9.e-]{0,6}") {
            if let Some(value) = short_number(text.as_bytes()) {
                prop_assert_eq!(Ok(value.to_bits()), text.parse::<f64>().map(f64::to_bits));
            } else {
                let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
                prop_assert!(!is_plain || text.len() > 15 || text.parse::<f64>().is_err());
            }
        }

        #[test]
        fn numbers_written_are_numbers_read(value in prop::num::f64::NORMAL | prop::num::f64::ZERO) {
            prop_assert_eq!(number(&value.to_string(), 0), Some(value));
        }
    }
}
