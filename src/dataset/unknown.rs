//! What stands for "unknown" in a cell.

/// Marks that people and programs write where they have nothing to write.
const MARKS: [&str; 16] = [
    "-", "--", "—", "——", "－", "/", "／", "无", "不详", "未知", "暂无", "同上", "〃", "null", "n/a", "#n/a",
];

/// The text without blanks around it; `None` where it is empty or a mark for
/// "unknown": `-`, `—`, `/`, `无`, `不详`, `未知`, `暂无`, `同上`, `null`, `N/A`.
///
/// Builder and readers both go by it, so that what is written is read back the same.
pub(super) fn known(text: &str) -> Option<&str> {
    // Most cells are without blanks, and begin as no mark does.
    if let [b'0'..=b'9' | b'A'..=b'M' | b'O'..=b'Z', .., b'!'..=b'~'] = text.as_bytes() {
        return Some(text);
    }
    let text = text.trim();
    let first = *text.as_bytes().first()?;
    let may_be = !first.is_ascii_alphanumeric() || matches!(first, b'n' | b'N');
    let unknown = may_be && MARKS.iter().any(|mark| mark.eq_ignore_ascii_case(text));
    (!unknown).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::known;

    #[test]
    fn marks_are_unknown_and_nothing_else_is() {
        for text in ["", "  ", "\u{3000}", "-", "—", "/", "无", " 不详 ", "null", "NULL", "N/A"] {
            assert_eq!(known(text), None, "{text:?}");
        }
        assert_eq!(known(" 无锡 "), Some("无锡"));
        assert_eq!(known("0"), Some("0"));
        assert_eq!(known("-5"), Some("-5"));
    }
}
