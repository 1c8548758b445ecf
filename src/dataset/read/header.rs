//! What a header means: a column, perhaps a unit and a year, and whether it is the key or the name of a party.

use super::unit::{header_unit, header_year};
use crate::dataset::{Column, Table};

/// What of a firm stands under a header.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Part {
    Key,
    Code,
    /// A name, or whatever the office knows the firm by.
    #[default]
    Name,
}

/// Words behind a party that say what of it is told.
const PARTS: [(&str, Part); 7] = [
    ("统一社会信用代码", Part::Code),
    ("信用代码", Part::Code),
    ("代码", Part::Key),
    ("编号", Part::Key),
    ("ID", Part::Key),
    ("全称", Part::Name),
    ("名称", Part::Name),
];

/// Words between a party and its part that tell nothing: 供应商单位名称, 链主企业.
const FIRMS: [&str; 3] = ["企业", "单位", "公司"];

/// Words behind the header of a group that tell nothing: 供应商信息.
#[cfg(feature = "xlsx")]
const ABOUT: [&str; 4] = ["基本信息", "基本情况", "信息", "情况"];

/// What a header means.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Meant {
    pub(super) column: Option<&'static Column>,
    pub(super) unit: Option<i32>,
    /// The year with which the header begins; 0 for none.
    pub(super) year: u16,
    /// Where the column names firms: which of them the header is about, and what of it. A party goes by its
    /// header without the words that tell nothing.
    pub(super) party: Option<(String, Part)>,
    /// Whether it tells less than a column by itself: a part of a party, or a year of a figure.
    #[cfg(feature = "xlsx")]
    pub(super) is_part: bool,
}

impl Meant {
    /// A header may begin with a year, end in a unit, and be told in two languages; that of a party may end in
    /// what of it is told.
    pub(super) fn of(table: Table, header: &str) -> Self {
        let (column, unit, year) = plain(table, header);
        let part = part(table, header).filter(|(of, ..)| column.is_none_or(|column| column == *of));
        match (column, part) {
            (None, Some((column, party, part))) => Self::of_party(column, party, part),
            (Some(column), Some((_, party, part))) => {
                Self { unit, year, ..Self::of_party(column, party, part) }
            }
            (Some(column), None) if names_firms(table, column) => {
                let part = if header.eq_ignore_ascii_case(column.name) { Part::Key } else { Part::Name };
                let party = Some((without(header, &FIRMS).to_owned(), part));
                Self { party, ..Self { column: Some(column), unit, year, ..Self::default() } }
            }
            (column, None) => Self { column, unit, year, ..Self::default() },
        }
    }

    fn of_party(column: &'static Column, party: &str, part: Part) -> Self {
        Self {
            column: Some(column),
            party: Some((party.to_owned(), part)),
            #[cfg(feature = "xlsx")]
            is_part: true,
            ..Self::default()
        }
    }

    /// What a header in the second line means below that of a group: both together where they are the part of a
    /// party or the year of a figure, or where the second says too little, as 编号 does; else the second alone.
    #[cfg(feature = "xlsx")]
    pub(super) fn below(table: Table, group: &str, header: &str) -> Self {
        let alone = Self::of(table, header);
        if group.is_empty() {
            return alone;
        }
        let whole = Self::of(table, group);
        let is_year_alone = header_year(header).is_some_and(|(year, rest)| is_year(year) && rest.is_empty());
        let is_figure = whole.column.is_some_and(|column| FIGURES.contains(&column.name));
        if is_year_alone && is_figure {
            return Self { is_part: true, ..Self::of(table, &format!("{header}{group}")) };
        }
        let stem = without(group, &ABOUT);
        let joined = Self::of(table, &format!("{stem}{header}"));
        let named = Self::of(table, stem);
        if joined.is_part {
            return joined;
        }
        if FIRMS.contains(&header)
            && let Some((party, _)) = named.party
        {
            return Self { party: Some((party, Part::Name)), column: named.column, is_part: true, ..joined };
        }
        let is_own = named.column.is_none_or(|column| *column == table.columns()[0]);
        if PARTS.iter().any(|(word, _)| *word == header) && (joined.column.is_some() || !is_own) {
            return joined;
        }
        match alone.column {
            None => joined,
            Some(_) if alone.year == 0 => {
                let year = header_year(group).map(|(year, _)| year).filter(|year| is_year(*year));
                Self { year: year.unwrap_or(0), ..alone }
            }
            Some(_) => alone,
        }
    }
}

/// Figures that may be told by years.
#[cfg(feature = "xlsx")]
const FIGURES: [&str; 4] = ["revenue", "employees", "value", "amount"];

#[cfg(feature = "xlsx")]
fn is_year(year: u16) -> bool {
    (1900..2200).contains(&year)
}

/// Column, unit and year of a header.
fn plain(table: Table, header: &str) -> (Option<&'static Column>, Option<i32>, u16) {
    let plain = |text: &str| match (table.column(text), header_unit(text)) {
        (None, Some((name, unit))) => (table.column(name), Some(unit)),
        (column, _) => (column, None),
    };
    if let (column @ Some(_), unit) = plain(header) {
        return (column, unit, 0);
    }
    if let Some((year, rest)) = header_year(header)
        && let (column @ Some(_), unit) = plain(rest)
    {
        return (column, unit, year);
    }
    // Beside it the same in English, which no abbreviation (USD, YoY) is.
    let (name, unit) = header_unit(header).map_or((header, None), |(name, unit)| (name, Some(unit)));
    let words = name.split([' ', '/', '(', ')', '（', '）', '\n']).filter(|word| !word.is_empty());
    let (english, others): (Vec<&str>, Vec<&str>) = words.partition(|word| word.is_ascii());
    let are_words =
        english.iter().all(|word| word.len() > 3 && word.bytes().all(|byte| byte.is_ascii_alphabetic()));
    match others[..] {
        [other] if are_words && !english.is_empty() => (table.column(other), unit, 0),
        _ => (None, None, 0),
    }
}

/// Takes the header of a part of a party apart, as 供方编号: its column, the party and the part.
pub(super) fn part(table: Table, header: &str) -> Option<(&'static Column, &str, Part)> {
    let (party, part) = PARTS.iter().find_map(|(word, part)| Some((header.strip_suffix(word)?, *part)))?;
    let short = without(party, &FIRMS);
    let column = table.column(party).or_else(|| table.column(short))?;
    // A pairing has a number of its own.
    (names_firms(table, column) && party != "结对").then_some((column, short, part))
}

/// Whether a column of a table names firms that have rows elsewhere.
fn names_firms(table: Table, column: &Column) -> bool {
    match table {
        Table::Supplies | Table::Incidents => matches!(column.name, "supplier" | "buyer"),
        Table::Pairings => column.name == "parties",
        // By its parties.
        Table::Outcomes => column.name == "pairing",
        Table::ChainMembers | Table::FirmProducts | Table::Resources => column.name == "firm",
        Table::Responses => matches!(column.name, "firm" | "partner"),
        _ => false,
    }
}

/// A text without one of some words at its end, unless there is nothing else.
fn without<'a>(text: &'a str, words: &[&str]) -> &'a str {
    let text = text.trim();
    let shorter = words.iter().find_map(|word| text.strip_suffix(word)).map(str::trim_end);
    shorter.filter(|rest| !rest.is_empty()).unwrap_or(text)
}
