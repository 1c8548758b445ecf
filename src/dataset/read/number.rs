//! Numbers as people write them.

use std::fmt::Write as _;

use super::cell::narrow;
use super::unit::{YUAN, strip_words, unit_behind};

/// Words and signs before a number that do not change it.
const PREFIXES: [&str; 15] =
    ["大约", "约", "近", "超过", "超", "逾", "≈", "~", "≥", ">", "不低于", "不少于", "¥", "￥", "共"];

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
    rest = strip_words(rest, &[&PREFIXES, &YUAN]);
    if let Some(unsigned) = rest.strip_prefix(['-', '+']) {
        negative ^= rest.starts_with('-');
        rest = strip_words(unsigned, &[&PREFIXES, &YUAN]);
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "\\PC{0,20}") {
            let _ = (number(&text, 0), number(&text, 4), middle(&text, 4));
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
