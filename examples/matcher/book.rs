//! Sheets as a workbook.

use anyhow::{Context, Result, ensure};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet};
use textwrap::core::display_width;

use crate::language::{Language, say};
use crate::sheet::{Cell, Form, Sheet};

/// The rows that a sheet of a workbook has, its header among them.
const ROWS: usize = 1 << 20;
/// The narrowest and the widest column, characters of ASCII; text that takes several lines has the latter.
const WIDTHS: (usize, usize) = (6, 48);
/// Columns that stay in sight: anchor and its name.
const FROZEN: u16 = 2;

/// A workbook of what is said, line by line, and of the sheets. The same bytes whenever it is written.
pub(crate) fn book(said: &str, sheets: &[Sheet], language: Language) -> Result<Vec<u8>> {
    let mut book = Workbook::new();
    // Else it would tell when it was made.
    let made = ExcelDateTime::from_ymd(2000, 1, 1)?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&made));
    let about = book.add_worksheet().set_name(language.pick("说明", "about"))?;
    about.set_column_width(0, 120)?;
    let wrapped = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    for (line, row) in said.lines().filter(|line| !line.trim().is_empty()).zip(0..) {
        about.write_string_with_format(row, 0, line.trim(), &wrapped)?;
    }
    for sheet in sheets {
        let (name, rows) = (sheet.name, sheet.rows.len());
        ensure!(
            rows < ROWS,
            say!(
                language,
                "“{name}”有 {rows} 行，工作簿的一张表装不下；请减小 --top，或用 --format csv",
                "{name:?} has {rows} rows, more than a sheet of a workbook takes; ask for fewer by --top, or use --format csv"
            )
        );
        fill(book.add_worksheet().set_name(sheet.name)?, sheet)?;
    }
    book.save_to_buffer().context(language.pick("无法生成工作簿", "cannot make the workbook"))
}

fn fill(page: &mut Worksheet, sheet: &Sheet) -> Result<()> {
    let header = Format::new().set_bold().set_text_wrap().set_align(FormatAlign::Top);
    for (column, at) in sheet.columns.iter().zip(0..) {
        page.write_string_with_format(0, at, column.header, &header)?;
        let format = format(column.form);
        let mut width = display_width(column.header);
        for (row, line) in sheet.rows.iter().zip(1..) {
            match &row[usize::from(at)] {
                Cell::Empty => {}
                Cell::Text(text) => {
                    width = width.max(display_width(text));
                    page.write_string_with_format(line, at, text, &format)?;
                }
                Cell::Number(number) => {
                    width = width.max(WIDTHS.0 + 4);
                    page.write_number_with_format(line, at, *number, &format)?;
                }
            }
        }
        let width = if column.form == Form::Prose { WIDTHS.1 } else { width.clamp(WIDTHS.0, WIDTHS.1) };
        page.set_column_width(at, width as f64 + 1.0)?;
    }
    page.set_freeze_panes(1, FROZEN)?;
    page.autofilter(0, 0, sheet.rows.len() as u32, sheet.columns.len() as u16 - 1)?;
    Ok(())
}

fn format(form: Form) -> Format {
    let format = Format::new().set_align(FormatAlign::Top);
    match form {
        Form::Text => format,
        Form::Prose => format.set_text_wrap(),
        Form::Count => format.set_num_format("0"),
        Form::Score => format.set_num_format("0.000"),
        Form::Km => format.set_num_format("0.0"),
        Form::Money => format.set_num_format("#,##0"),
    }
}
