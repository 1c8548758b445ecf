//! Parts of a table, by the names of their files or sheets: which are copies of others, and of which year they are.

use std::path::Path;

use crate::dataset::Table;
use crate::model::Date;

/// What a version of a file calls itself.
const VERSIONS: [&str; 8] = ["版", "稿", "修改", "修订", "恢复", "最终", "最新", "new"];

/// Whether a name says that it is a copy, or is one of `names` with a number, a version or that it is one behind it.
pub(super) fn is_copy(name: &str, names: &[&str]) -> bool {
    if Table::is_copy(name) {
        return true;
    }
    let name = name.trim_end();
    let (original, behind) = match name.strip_suffix([')', '）']) {
        Some(inner) => match inner.rsplit_once(['(', '（']) {
            Some(split) => split,
            None => return false,
        },
        None => match name.rsplit_once(['-', '—', '_', ' ']) {
            Some(split) => split,
            None => return VERSIONS.iter().any(|version| ends_with_version(name, version, names)),
        },
    };
    let behind = behind.trim().to_ascii_lowercase();
    let is_number = !behind.is_empty() && behind.bytes().all(|byte| byte.is_ascii_digit());
    let is_version = VERSIONS.iter().any(|version| behind.contains(version));
    let is_bracket = name.ends_with([')', '）']);
    (is_version || is_bracket && is_number && behind.len() < 4) && names.contains(&original.trim_end())
}

/// Whether a name is another with a word of a few characters behind it that ends like a version.
fn ends_with_version(name: &str, version: &str, names: &[&str]) -> bool {
    let is_original =
        |other: &&str| name.strip_prefix(*other).is_some_and(|rest| (1..=4).contains(&rest.chars().count()));
    name.ends_with(version) && names.iter().any(is_original)
}

/// Whether a part sums up others of its table.
pub(super) fn is_summary<'a>(name: &str, mut others: impl Iterator<Item = &'a str>) -> bool {
    name.contains("汇总") && others.any(|other| !other.contains("汇总"))
}

/// A file's name without its folder and endings.
pub(super) fn stem(file: &str) -> &str {
    let name = Path::new(file).file_name().and_then(|name| name.to_str()).unwrap_or(file);
    let name = name.strip_suffix(".gz").unwrap_or(name);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// The year of a part of a table: the only one that its name tells.
pub(super) fn year_of(table: Table, name: &str) -> Option<Date> {
    Some(name).filter(|name| Table::of_part(name) == Some(table)).and_then(year)
}

fn year(name: &str) -> Option<Date> {
    let runs = name.split(|c: char| !c.is_ascii_digit());
    let mut years = runs.filter(|run| run.len() == 4 && (run.starts_with("19") || run.starts_with("20")));
    let only = years.next().filter(|only| years.all(|other| other == *only))?;
    Date::year(only.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_and_versions_of_what_is_there() {
        let names = ["供应关系", "供应关系2024", "台账"];
        for copy in [
            "供应关系(1)",
            "供应关系 (2)",
            "供应关系2024（2）",
            "台账（最终版）",
            "台账-修改",
            "台账(自动恢复)",
            "台账最终版",
            "台账_修订稿",
            "台账 - 副本",
            "Copy of x",
        ] {
            assert!(is_copy(copy, &names), "{copy}");
        }
        for part in
            ["供应关系(2023)", "供应关系-轨道链", "供应关系", "企业(1)", "企业（最新）", "台账)", "出版"]
        {
            assert!(!is_copy(part, &names), "{part}");
        }
        assert!(is_summary("供应关系汇总", ["供应关系明细"].into_iter()));
        assert!(!is_summary("2023汇总", ["2024汇总"].into_iter()));
        assert_eq!(year("供应关系2023"), Date::year(2023).ok());
        assert_eq!(year("2023年供应2023"), Date::year(2023).ok());
        for unclear in ["供应2022-2023", "供应20230331", "供应", "供应2147"] {
            assert_eq!(year(unclear), None, "{unclear}");
        }
    }
}
