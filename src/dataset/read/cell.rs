//! Cells: what is yes or no, and what is a list; numbers and dates are a matter of their own.

use std::borrow::Cow;

use super::Reader;
use crate::dataset::naming::SEPARATORS;

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
    if item.starts_with('"') || item.contains('\n') || item.contains(SEPARATORS) || item.contains(BRACKETS) {
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
            let _ = (flag(&text), split_list(&text));
        }

    }
}
