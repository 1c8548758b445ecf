//! Headers of two lines, as cells merged over several columns or rows make them.

use super::binding::{Binding, TableSettings};
use super::header::Meant;
use crate::dataset::{DatasetBuilder, Table};

/// The header of a column: of the second line, or of the first where the second says nothing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Heading<'a> {
    pub(super) place: usize,
    pub(super) text: &'a str,
    /// What stands above it, and above its neighbours to the right that have nothing of their own.
    pub(super) group: &'a str,
    /// Whether it is of the second line.
    pub(super) is_below: bool,
}

/// The headings of two rows, of the first and then of the second, if they are a header of two lines: together they
/// have what the table needs; the second says something that is understood, wherever the first by itself means
/// a column, and no more the same than a row of records would; and each of them says what the other does not.
pub(super) fn two_lines<'a>(
    table: Table,
    settings: &TableSettings,
    above: &[(usize, &'a str)],
    below: &[(usize, &'a str)],
) -> Option<Vec<Heading<'a>>> {
    let [above, below] = [said(above), said(below)];
    let headings = headings(&above, &below);
    let (vertical, second): (Vec<&Heading<'_>>, Vec<&Heading<'_>>) =
        headings.iter().partition(|heading| !heading.is_below);
    let meant: Vec<Meant> =
        second.iter().map(|heading| Meant::below(table, heading.group, heading.text)).collect();
    let is_understood = |heading: &Heading<'_>, meant: &Meant| {
        meant.column.is_some() && (meant.is_part || !heading.text.is_ascii())
    };
    // Records stand below what means a column, and below joined pages the header comes again.
    for &(place, text) in above.iter().filter(|(place, _)| text_at(&below, *place).is_some()) {
        let of_group = second.iter().zip(&meant).skip_while(|(heading, _)| heading.place != place);
        let end = above.iter().map(|(other, _)| *other).find(|other| *other > place).unwrap_or(usize::MAX);
        let mut of_group = of_group.take_while(|(heading, _)| heading.place < end && heading.group == text);
        let (first, means) = of_group.clone().next()?;
        let column = Meant::of(table, text).column;
        if first.text == text || column.is_some() && column == means.column && !means.is_part {
            return None;
        }
        if column.is_some() && !of_group.any(|(heading, meant)| is_understood(heading, meant)) {
            return None;
        }
    }
    if !second.iter().zip(&meant).any(|(heading, meant)| is_understood(heading, meant)) {
        return None;
    }
    let is_header = |cells: &[(usize, &str)]| Binding::is_header(table, settings, cells.iter().copied());
    let is_title = |text: &str| {
        let name = text.split(['(', '（']).next().unwrap_or_default();
        name.contains([':', '：']) && Meant::of(table, text).column.is_none()
    };
    // A title says nothing of the columns below it.
    if is_header(&below) {
        let is_more = !vertical.is_empty() || meant.iter().any(|meant| meant.is_part || meant.year > 0);
        if above.len() < 2 || !is_more || above.iter().any(|(_, text)| is_title(text)) {
            return None;
        }
    } else if above.len() < 2 && !is_header(&above) {
        return None;
    }
    let (mut trial, mut faults) = (Binding::new(table, settings, false), DatasetBuilder::default());
    for heading in &headings {
        trial.bind_heading(heading, &mut faults);
    }
    trial.does().then_some(headings)
}

/// The texts of a row that say anything, without blanks around them.
fn said<'a>(cells: &[(usize, &'a str)]) -> Vec<(usize, &'a str)> {
    let trimmed = cells.iter().map(|&(place, text)| (place, text.trim()));
    trimmed.filter(|(_, text)| !text.is_empty()).collect()
}

fn text_at<'a>(cells: &[(usize, &'a str)], place: usize) -> Option<&'a str> {
    cells.binary_search_by_key(&place, |&(of, _)| of).ok().map(|position| cells[position].1)
}

/// Each column's header; of what is said in either row.
fn headings<'a>(above: &[(usize, &'a str)], below: &[(usize, &'a str)]) -> Vec<Heading<'a>> {
    let is_vertical = |(place, _): &&(usize, &str)| text_at(below, *place).is_none();
    let vertical = above.iter().filter(is_vertical);
    let vertical = vertical.map(|&(place, text)| Heading { place, text, group: "", is_below: false });
    let (mut last, mut of_group) = (None, "");
    let second = below.iter().map(|&(place, text)| {
        let is_next = last.is_some_and(|last| last + 1 == place);
        of_group = text_at(above, place).unwrap_or(if is_next { of_group } else { "" });
        last = Some(place);
        Heading { place, text, group: of_group, is_below: true }
    });
    vertical.chain(second).collect()
}
