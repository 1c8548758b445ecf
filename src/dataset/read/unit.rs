//! Units: the power of ten that words behind a number, in a header or in a title give it.

/// What the yuan goes by beside 元 and its signs; told or not, it is the unit of money.
pub(super) const YUAN: [&str; 3] = ["人民币", "RMB", "CNY"];
/// Words after a number that do not change it.
const VAGUE: [&str; 6] = ["余", "多", "左右", "以上", "上下", "整"];
/// Units after a number, all counting 1.
const UNITS: [&str; 14] =
    ["元", "人", "名", "个", "家", "次", "件", "台", "套", "批", "项", "户", "位", "吨"];

/// The power of ten that the words behind a number give it: that of the header where they name none.
pub(super) fn unit_behind(words: &str, header_unit: i32) -> Option<i32> {
    if strip_words(words, &[&VAGUE, &YUAN]).is_empty() { Some(header_unit) } else { unit(words) }
}

/// The power of ten of a unit: 万元 is 4, % is −2. `None` for what is no unit here.
fn unit(text: &str) -> Option<i32> {
    let mut rest = text.trim();
    let mut exponent = 0;
    loop {
        rest = strip_words(rest, &[&VAGUE]);
        let Some(first) = rest.chars().next() else { return Some(exponent) };
        exponent += match first {
            '十' => 1,
            '百' => 2,
            '千' => 3,
            '万' => 4,
            '亿' => 8,
            '%' => -2,
            _ => {
                let after = strip_words(rest, &[&YUAN, &UNITS]);
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

/// Strips any of the words of some lists from the front, as often as they come; of words that begin alike the
/// first counts.
pub(super) fn strip_words<'a>(text: &'a str, lists: &[&[&str]]) -> &'a str {
    let mut rest = text.trim_start();
    while let Some(after) = lists.iter().copied().flatten().find_map(|word| rest.strip_prefix(word)) {
        rest = after.trim_start();
    }
    rest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::dataset::read::number::number;

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

    proptest! {
        #[test]
        fn any_header_is_read_without_panic(text in "\\PC{0,20}") {
            let _ = header_unit(&text);
        }
    }
}
