//! Workbooks hold the same as folders of CSV files, and are as untidy as people make them.
#![cfg(all(feature = "csv", feature = "xlsx"))]

use std::fs::File;
use std::io::{Cursor, Read, Write};

use flate2::read::GzDecoder;
use jiedui::dataset::{Dataset, Effect, FaultKind, Mode, ReadError, Reader, Report, Table};
use jiedui::model::{Date, FirmId};
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook, Worksheet};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// A workbook with one sheet.
fn book(name: &str, write: impl FnOnce(&mut Worksheet) -> Outcome) -> Outcome<Vec<u8>> {
    let mut book = Workbook::new();
    write(book.add_worksheet().set_name(name)?)?;
    Ok(book.save_to_buffer()?)
}

fn rows(sheet: &mut Worksheet, rows: &[&[&str]]) -> Outcome {
    for (number, row) in (0..).zip(rows) {
        for (place, text) in (0..).zip(*row) {
            if !text.is_empty() {
                sheet.write(number, place, *text)?;
            }
        }
    }
    Ok(())
}

fn read(book: &[u8]) -> Result<(Dataset, Report), ReadError> {
    Reader::new().read_workbook(Cursor::new(book), "台账.xlsx")
}

/// Every fault as kind, effect, where it is, column and value.
fn faults(report: &Report) -> Vec<String> {
    let one = |fault: &jiedui::dataset::Fault| {
        let column = fault.column.as_deref().unwrap_or("-");
        format!("{} {} {}{column} {}", fault.kind, fault.effect.phrase(), fault.origin, fault.value)
    };
    report.faults().iter().map(one).collect()
}

#[test]
fn the_sample_as_a_workbook_is_the_sample() -> Outcome {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/zhuzhou");
    let (expected, _) = Reader::new().read(folder)?;
    let (mut book, mut plain) = (Workbook::new(), 0);
    for &table in Table::ALL {
        let text: Box<dyn Read> = match File::open(format!("{folder}/{table}.csv")) {
            Ok(file) => Box::new(file),
            Err(_) => Box::new(GzDecoder::new(File::open(format!("{folder}/{table}.csv.gz"))?)),
        };
        let mut csv = csv::Reader::from_reader(text);
        let sheet = book.add_worksheet().set_name(table.chinese()[0])?;
        for (place, header) in (0..).zip(csv.headers()?) {
            let header = table.column(header).and_then(|column| column.chinese.first()).unwrap_or(&header);
            sheet.write(2, place, *header)?;
        }
        for (number, row) in (3..).zip(csv.records()) {
            for (place, text) in (0..).zip(row?.iter()) {
                // Numbers as such, if they have no more digits than a workbook keeps.
                match text.parse::<f64>() {
                    Ok(value) if value.to_string() == text && text.len() <= 15 => {
                        sheet.write(number, place, value)?
                    }
                    _ if text.is_empty() => continue,
                    _ => sheet.write(number, place, text)?,
                };
                plain += 1;
            }
        }
    }
    let file = tempfile::Builder::new().suffix(".XLSX").tempfile()?;
    std::fs::write(file.path(), book.save_to_buffer()?)?;
    let (found, report) = Reader::new().mode(Mode::Strict).read(file.path())?;
    assert!(plain > 500_000, "{plain} cells");
    assert_eq!(report.losses(), 0, "{report}");
    assert!(found == expected);
    Ok(())
}

/// A ledger as offices keep it.
fn ledger() -> Outcome<Vec<u8>> {
    let day = Format::new().set_num_format("yyyy-mm-dd");
    let mut book = Workbook::new();
    let firms = book.add_worksheet().set_name("企业名录")?;
    firms.merge_range(0, 0, 0, 3, "某市产业链企业台账", &Format::new())?;
    rows(
        firms,
        &[&[], &[], &["单位：万元"], &["企业编号", "企业名称", "营业收入（万元）", "", "所在区", "备忘"]],
    )?;
    firms.write(4, 0, "甲")?.write(4, 2, 1234.5)?.merge_range(4, 4, 5, 4, "东区", &Format::new())?;
    firms.write(5, 0, 17.0)?.write(5, 1, "乙厂")?.write(5, 4, " ")?;
    firms.write(6, 0, 914_302_001_234_567_890_f64)?;
    firms.write(8, 0, "丙")?.write(8, 3, "待核")?;
    let failed = Formula::new("=NA()").set_result("#N/A");
    firms.write(9, 0, "丁")?.write(9, 2, failed)?;
    let supplies = book.add_worksheet().set_name("供货")?;
    rows(
        supplies,
        &[&["供应商", "采购方", "金额", "日期"], &["甲", "丙", "3万元", "2024年5月"], &["", "丁"], &[]],
    )?;
    // Of merged cells a text counts for each row that says something, an amount and a date once.
    supplies.merge_range(3, 0, 5, 0, "乙", &Format::new())?;
    supplies.merge_range(6, 0, 9, 0, "丁", &Format::new())?;
    supplies.merge_range(3, 2, 5, 2, "", &Format::new())?.write(3, 2, 250_000)?;
    supplies.merge_range(3, 3, 5, 3, "", &day)?.write_with_format(
        3,
        3,
        ExcelDateTime::from_ymd(2023, 11, 9)?,
        &day,
    )?;
    for (row, buyer) in [(3, "甲"), (4, "丙"), (5, "丁")] {
        supplies.write(row, 1, buyer)?;
    }
    supplies.write(6, 1, "甲")?.write(6, 2, Formula::new("=1+2").set_result("3"))?;
    rows(book.add_worksheet().set_name("说明")?, &[&["不是表"]])?;
    rows(book.add_worksheet().set_name("supplies")?, &[&["supplier", "buyer"], &["甲", "乙"]])?;
    Ok(book.save_to_buffer()?)
}

/// The same as LibreOffice 7.4 saves it, by `soffice --convert-to xls`.
const OLD_LEDGER: &[u8] = include_bytes!("golden/ledger.xls");

#[test]
fn a_ledger_as_offices_keep_it() -> Outcome {
    let (dataset, report) = read(&ledger()?)?;
    assert_eq!(
        faults(&report),
        [
            "title_row ignored 台账.xlsx[企业名录]:1: - 某市产业链企业台账",
            "title_row ignored 台账.xlsx[企业名录]:3: - 单位：万元",
            "unknown_column ignored 台账.xlsx[企业名录]:4: - 备忘",
            "mangled_id row left out 台账.xlsx[企业名录]:7: firm 9.14302001234568E+17",
            "unknown_column ignored 台账.xlsx[企业名录]:9: - 待核",
            "failed_formula value left out 台账.xlsx[企业名录]:10: 营业收入（万元） #N/A",
            "empty_id row left out 台账.xlsx[供货]:3: supplier ",
            "unknown_table ignored 台账.xlsx: - 说明",
            "repeated_table table left out 台账.xlsx[supplies]: - supplies",
            "only_named kept firm 乙",
        ]
    );
    let firms: Vec<_> = dataset.tables().firms.iter().collect();
    let told = |id: &str| {
        let firm = firms.iter().find(|firm| firm.id.as_str() == id).unwrap();
        (firm.name.as_deref(), firm.revenue, firm.region.as_deref())
    };
    assert_eq!(told("甲"), (None, Some(12_345_000.0), Some("东区")));
    assert_eq!(told("17"), (Some("乙厂"), None, Some("东区")));
    assert_eq!(told("丁"), (None, None, None));
    let supplies = dataset.supplies().iter().map(|row| dataset.supply(row));
    let mut supplies: Vec<String> = supplies
        .map(|row| {
            let date = row.date.map_or("-".to_owned(), |date: Date| date.to_string());
            format!("{} {} {:?} {date}", row.supplier, row.buyer, row.value)
        })
        .collect();
    supplies.sort();
    assert_eq!(
        supplies,
        [
            "丁 甲 Some(3.0) -",
            "乙 丁 None -",
            "乙 丙 None -",
            "乙 甲 Some(250000.0) 2023-11-09",
            "甲 丙 Some(30000.0) 2024-05",
        ]
    );
    let read: Vec<(&str, u64)> =
        report.sources().iter().map(|source| (source.file.as_ref(), source.read)).collect();
    assert_eq!(read, [("台账.xlsx[企业名录]", 5), ("台账.xlsx[供货]", 6)]);
    Ok(())
}

#[test]
fn an_old_workbook_is_read_as_a_new_one_if_it_may() -> Outcome {
    let reader = Reader::new().old_workbooks(true);
    let (new, new_report) = reader.read_workbook(Cursor::new(ledger()?), "台账.xlsx")?;
    // What it is shows in the file, not in its name.
    let (old, old_report) = reader.read_workbook(Cursor::new(OLD_LEDGER), "台账.xlsx")?;
    assert_eq!(faults(&old_report), faults(&new_report));
    assert_eq!(old, new);

    for ending in [".xls", ".et", ".XLS", ".xlsx"] {
        let file = tempfile::Builder::new().suffix(ending).tempfile()?;
        std::fs::write(file.path(), OLD_LEDGER)?;
        assert_eq!(reader.read(file.path())?.0, new);
        let error = Reader::new().read(file.path()).unwrap_err();
        assert!(matches!(error, ReadError::OldWorkbook { .. }), "{error}");
    }
    let error = reader.file_limit(1_000).read_workbook(Cursor::new(OLD_LEDGER), "台账.xls").unwrap_err();
    assert!(matches!(error, ReadError::TooLarge { limit: 1_000, .. }), "{error}");
    Ok(())
}

/// As offices keep them: a workbook a table, and a year.
#[test]
fn a_folder_may_hold_workbooks() -> Outcome {
    let folder = tempfile::tempdir()?;
    let put = |name: &str, sheets: &[(&str, [[&str; 2]; 2])]| -> Outcome {
        let mut book = Workbook::new();
        for (sheet, lines) in sheets {
            rows(book.add_worksheet().set_name(*sheet)?, &[&lines[0], &lines[1]])?;
        }
        Ok(std::fs::write(folder.path().join(name), book.save_to_buffer()?)?)
    };
    let from = |supplier| [["供应商", "采购方"], [supplier, "总厂"]];
    put(
        "企业名录.xlsx",
        &[("Sheet1", [["企业编号", "企业名称"], ["甲", "甲厂"]]), ("Sheet2", [[""; 2]; 2])],
    )?;
    put("供应关系2023.xlsx", &[("Sheet1", from("甲"))])?;
    // Where a sheet has the name of a table, the file's name tells nothing.
    put("企业2024.xlsx", &[("说明", [["某市", ""]; 2]), ("供应关系", from("乙"))])?;
    std::fs::write(folder.path().join("~$企业2024.xlsx"), "held open")?;
    // Copies would count twice.
    for copy in ["企业2024(1).xlsx", "企业2024 (2).xlsx", "供应关系2023 - 副本.xlsx"] {
        put(copy, &[("供应关系", from("丙"))])?;
    }
    let (dataset, report) = Reader::new().read(folder.path())?;
    assert_eq!(supplies(&dataset), ["乙 总厂 None -", "甲 总厂 None 2023"]);
    assert_eq!(dataset.tables().firms.iter().filter(|firm| firm.name.as_deref() == Some("甲厂")).count(), 1);
    assert_eq!(
        faults(&report),
        [
            "file_not_read table left out 企业2024 (2).xlsx: - 企业2024 (2).xlsx",
            "file_not_read table left out 企业2024(1).xlsx: - 企业2024(1).xlsx",
            "unknown_table ignored 企业2024.xlsx: - 说明",
            "unknown_table ignored 企业名录.xlsx: - Sheet2",
            "file_not_read table left out 供应关系2023 - 副本.xlsx: - 供应关系2023 - 副本.xlsx",
            "only_named kept firm 乙",
            "only_named kept firm 总厂",
        ]
    );
    // What was made of a workbook may stand beside it.
    std::fs::write(folder.path().join("企业.csv"), "企业编号\n丁\n")?;
    let (dataset, report) = Reader::new().read(folder.path())?;
    assert_eq!((dataset.tables().firms.len(), dataset.supplies().len()), (1, 0));
    assert_eq!(report.count(FaultKind::FileNotRead), 6);
    // A workbook by itself may be named for its only table, too.
    let (dataset, _) = Reader::new().read(folder.path().join("供应关系2023.xlsx"))?;
    assert_eq!(supplies(&dataset), ["甲 总厂 None 2023"]);
    Ok(())
}

/// What would count twice, and what would be lost without a word.
#[test]
fn parts_of_a_table_count_once_and_none_is_lost() -> Outcome {
    let header = ["供应商", "采购方", "金额"];
    let (one, two) =
        ([header, ["甲", "乙", "1"], ["丙", "乙", "2"]], [header, ["甲", "乙", "4"], ["丁", "乙", "8"]]);
    let sum = |sheets: &[(&str, &[[&str; 3]])], name: &str| -> Outcome<(f64, Vec<String>)> {
        let mut book = Workbook::new();
        for (sheet, lines) in sheets {
            let lines: Vec<&[&str]> = lines.iter().map(|line| &line[..]).collect();
            rows(book.add_worksheet().set_name(*sheet)?, &lines)?;
        }
        let (dataset, report) = Reader::new().read_workbook(Cursor::new(book.save_to_buffer()?), name)?;
        let told = report.faults().iter().filter(|fault| fault.effect == Effect::TableLeftOut);
        let told = told.filter(|fault| fault.kind != FaultKind::MissingTable);
        let told = told.map(|fault| format!("{} {}", fault.kind, fault.value)).collect();
        Ok((dataset.supplies().iter().filter_map(jiedui::dataset::SupplyRow::value).sum(), told))
    };
    let none: [String; 0] = [];
    // Parts, by the names of the sheets or, where these say nothing, of the file.
    assert_eq!(sum(&[("供应关系2023", &one), ("供应关系2024", &two)], "台账.xlsx")?, (15.0, none.to_vec()));
    assert_eq!(sum(&[("封面", &[["某市", "", ""]]), ("1月", &one), ("2月", &two)], "供货关系.xlsx")?.0, 15.0);
    assert_eq!(sum(&[("Sheet1", &[]), ("Sheet2", &one)], "2024年供应关系表.xls")?.0, 3.0);
    // The same rows again, a sum, a copy, a version.
    let again = |name: &str| vec![format!("repeated_table {name}")];
    let twice = sum(&[("供应关系-甲", &one), ("供应关系-乙", &one)], "台账.xlsx")?;
    assert_eq!(twice, (3.0, again("供应关系-乙")));
    assert_eq!(sum(&[("供应关系2023", &one), ("供应关系2024", &one)], "台账.xlsx")?, (6.0, none.to_vec()));
    assert_eq!(
        sum(&[("供应关系汇总", &two), ("供应关系明细", &one)], "台账.xlsx")?,
        (3.0, again("供应关系汇总"))
    );
    assert_eq!(
        sum(&[("供应关系", &one), ("供应关系（定稿）", &two)], "台账.xlsx")?,
        (3.0, again("供应关系（定稿）"))
    );
    // A name that says nothing loses what looks like a table, and nothing else.
    let lost = sum(&[("供应关系", &one), ("Sheet2", &two), ("说明", &[["供应商", "", ""]])], "台账.xlsx")?;
    assert_eq!(lost, (3.0, vec!["unknown_table Sheet2".to_owned()]));
    Ok(())
}

#[test]
fn units_may_stand_below_the_header() -> Outcome {
    for units in [["", "", "（万元）", ""], ["", "", "万元", ""], ["", "", " (亿元) ", ""]] {
        let lines: [&[&str]; 4] =
            [&["2024年台账"], &["供应商", "采购方", "金额", "日期"], &units, &["甲", "乙", "1.2", "2024-05"]];
        let (dataset, report) = read(&book("供应关系", |sheet| rows(sheet, &lines))?)?;
        let value = if units[2].contains('亿') { 120_000_000.0 } else { 12_000.0 };
        assert_eq!(supplies(&dataset), [format!("甲 乙 {:?} 2024-05", Some(value))]);
        let kinds: Vec<FaultKind> = report.faults().iter().map(|fault| fault.kind).collect();
        assert_eq!(kinds, [FaultKind::TitleRow, FaultKind::MissingTable]);
    }
    // A firm of that name is none.
    let lines: [&[&str]; 3] = [&["供应商", "采购方", "金额"], &["元", "乙", "1"], &["甲", "乙", "2"]];
    let (dataset, _) = read(&book("供应关系", |sheet| rows(sheet, &lines))?)?;
    assert_eq!(supplies(&dataset).len(), 2);
    Ok(())
}

#[test]
fn a_year_in_the_name_dates_what_is_undated() -> Outcome {
    let lines: [&[&str]; 5] = [
        &["供应商", "采购方", "日期"],
        &["甲", "乙", ""],
        &["丙", "乙", "3月5日"],
        &["丁", "乙", "2021-07"],
        &["戊", "乙", "x"],
    ];
    let (dataset, report) = read(&book("供应关系2023", |sheet| rows(sheet, &lines))?)?;
    let dated = ["丁 乙 None 2021-07", "丙 乙 None 2023-03-05", "戊 乙 None -", "甲 乙 None 2023"];
    assert_eq!(supplies(&dataset), dated);
    assert_eq!(report.count(FaultKind::BadDate), 1);
    // Row by row and in chunks.
    let folder = tempfile::tempdir()?;
    for n in [1, 60_000] {
        let text =
            "供应商,采购方,日期\n".to_owned() + &"甲,乙,\na,b,\n丙,乙,3月5日\n丁,乙,2021-07\n".repeat(n);
        std::fs::write(folder.path().join("供应关系2023.csv"), text)?;
        let (dataset, _) = Reader::new().read(folder.path())?;
        let mut dates: Vec<String> = dataset
            .supplies()
            .iter()
            .map(|row| row.date().map_or("-".to_owned(), |date| date.to_string()))
            .collect();
        dates.sort();
        dates.dedup();
        assert_eq!(
            (dataset.supplies().len(), &dates[..]),
            (4 * n, &["2021-07", "2023", "2023-03-05"].map(String::from)[..])
        );
    }
    Ok(())
}

/// The stream of records of an old workbook.
fn records(book: &[u8]) -> Outcome<Vec<u8>> {
    let mut records = Vec::new();
    cfb::CompoundFile::open(Cursor::new(book))?.open_stream("Workbook")?.read_to_end(&mut records)?;
    Ok(records)
}

fn compound(records: &[u8]) -> Outcome<Vec<u8>> {
    let mut book = cfb::CompoundFile::create_with_version(cfb::Version::V3, Cursor::new(Vec::new()))?;
    book.create_stream("Workbook")?.write_all(records)?;
    book.flush()?;
    Ok(book.into_inner().into_inner())
}

#[test]
fn an_old_workbook_cannot_ask_for_more_room_than_it_has_cells() -> Outcome {
    let reader = Reader::new().old_workbooks(true);
    let whole = records(OLD_LEDGER)?;
    let (expected, _) = reader.read_workbook(Cursor::new(OLD_LEDGER), "台账.xls")?;
    // Each sheet says that it has four milliard rows.
    let mut wide = whole.clone();
    let dimensions = |at: &usize| whole[*at..].starts_with(&[0x00, 0x02, 14, 0, 0, 0, 0, 0]);
    let sheets: Vec<usize> = (0..whole.len()).filter(dimensions).collect();
    assert_eq!(sheets.len(), 4);
    for at in sheets {
        wide[at + 8..at + 12].copy_from_slice(&u32::MAX.to_le_bytes());
    }
    let (found, _) = reader.read_workbook(Cursor::new(compound(&wide)?), "台账.xls")?;
    assert_eq!(found, expected);
    // One cell of the first sheet stands where no sheet has any.
    let mut far = whole.clone();
    let cell = (0..whole.len()).find(|&at| whole[at..].starts_with(&[0xFD, 0x00, 10, 0])).unwrap();
    far[cell + 4..cell + 8].copy_from_slice(&[0xFF; 4]);
    let error = reader.read_workbook(Cursor::new(compound(&far)?), "台账.xls").unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.starts_with("its sheets span 4294967"), "{cause}");
    assert!(cause.ends_with(" cells, and 33554432 can be held"), "{cause}");
    Ok(())
}

#[test]
fn damaged_old_workbooks_never_panic() -> Outcome {
    let reader = Reader::new().old_workbooks(true);
    let whole = records(OLD_LEDGER)?;
    let (mut taken, mut refused) = (0, 0);
    let mut count = |book: &[u8]| match reader.read_workbook(Cursor::new(book), "台账.xls") {
        Ok(_) => taken += 1,
        Err(_) => refused += 1,
    };
    let mut dice = dice(11);
    for _ in 0..2_000 {
        let mut bytes = OLD_LEDGER.to_vec();
        for _ in 0..=dice(3) {
            let at = dice(bytes.len());
            match dice(3) {
                0 => bytes.truncate(at),
                1 => bytes[at] ^= 1 << dice(8),
                _ => drop(bytes.splice(at..at, (0..dice(9)).map(|byte| byte as u8))),
            }
            if bytes.is_empty() {
                break;
            }
        }
        count(&bytes);
        // The same among the records, where the parser is to understand it.
        let mut bytes = whole.clone();
        for _ in 0..=dice(3) {
            let at = dice(bytes.len());
            bytes[at] = if dice(2) == 0 { 0xFF } else { dice(256) as u8 };
        }
        count(&compound(&bytes)?);
    }
    assert!(taken > 500 && refused > 500, "{taken} taken, {refused} refused");
    Ok(())
}

#[test]
fn maps_and_filters_hold_for_sheets() -> Outcome {
    let text = [
        &["月报"][..],
        &["supplier", "buyer", "month", "side"],
        &["a", "b", "2024-05", "purchase"],
        &["b", "c", "2024-06", "sale"],
    ];
    let book = book("supplies", |sheet| rows(sheet, &text))?;
    let reader =
        Reader::new().map_column_spec("supplies.date=month").keep_rows_spec("supplies.side=purchase");
    let (dataset, report) = reader.read_workbook(Cursor::new(&book), "b.xlsx")?;
    assert_eq!(dataset.supplies().len(), 1);
    assert_eq!(dataset.supplies()[0].date(), Some("2024-05".parse()?));
    assert_eq!(report.sources()[0].filtered, 1);
    assert_eq!(report.count(FaultKind::MissingTable), 1);
    let wrong =
        Reader::new().map_column_spec("supplies.date=day").read_workbook(Cursor::new(&book), "b.xlsx");
    let error = wrong.unwrap_err().to_string();
    assert!(error.starts_with("b.xlsx[supplies] has no column \"day\""), "{error}");
    Ok(())
}

#[test]
fn sheets_that_are_no_tables_are_told() -> Outcome {
    let error = read(&book("Sheet1", |sheet| rows(sheet, &[&["企业"], &["甲"]]))?).unwrap_err();
    assert_eq!(
        error.to_string(),
        "台账.xlsx holds no table; expected at least a sheet named \"firms\" or \"企业\", found Sheet1"
    );
    let (_, report) = read(&book("firms", |_| Ok(()))?)?;
    assert_eq!(faults(&report), ["empty_table kept 台账.xlsx[firms]: - "]);
    // Without the column that it needs a table is left out, however many rows it has.
    for n in [1, 19, 20, 30] {
        let names: Vec<[&str; 1]> = (0..n).map(|_| ["甲"]).collect();
        let names: Vec<&[&str]> = names.iter().map(|row| &row[..]).collect();
        let (dataset, report) = read(&book("firms", |sheet| rows(sheet, &names))?)?;
        let missing: Vec<_> = report.counts().filter(|(_, _, effect, _)| !effect.is_note()).collect();
        assert_eq!(
            missing,
            [(Some(Table::Firms), FaultKind::MissingColumn, Effect::TableLeftOut, 1)],
            "{n} rows"
        );
        assert!(dataset.tables().firms.is_empty());
    }
    Ok(())
}

#[test]
fn limits_hold() -> Outcome {
    let long = "x".repeat(600);
    let book = book("firms", |sheet| {
        rows(sheet, &[&["firm", "name"], &["a", "short"], &["b", &long], &["c", "short"]])
    })?;
    let reader = Reader::new().record_limit(500);
    let (dataset, report) = reader.read_workbook(Cursor::new(&book), "b.xlsx")?;
    assert_eq!(faults(&report), ["too_long row left out b.xlsx[firms]:3: - "]);
    assert_eq!(dataset.tables().firms.len(), 2);

    let error = Reader::new().file_limit(1_000).read_workbook(Cursor::new(&book), "b.xlsx").unwrap_err();
    assert!(matches!(error, ReadError::TooLarge { limit: 1_000, .. }), "{error}");

    // 256 MiB of blanks in a quarter of a MiB.
    let mut bomb = ZipWriter::new(Cursor::new(Vec::new()));
    bomb.start_file("xl/sharedStrings.xml", SimpleFileOptions::default())?;
    for _ in 0..256 {
        bomb.write_all(&vec![b' '; 1 << 20])?;
    }
    let bomb = bomb.finish()?.into_inner();
    let error = Reader::new().read_workbook(Cursor::new(&bomb), "b.xlsx").unwrap_err();
    assert!(matches!(error, ReadError::Inflates { ratio: Reader::INFLATION_LIMIT, .. }), "{error}");
    Ok(())
}

#[test]
fn what_is_no_workbook_is_an_error() {
    let reader = Reader::new().old_workbooks(true);
    for bytes in [&b""[..], b"firm,name\na,b\n", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"] {
        let error = reader.read_workbook(Cursor::new(bytes), "台账.xlsx").unwrap_err();
        let expected = match bytes {
            [b'P' | 0xD0, ..] => {
                "cannot read 台账.xlsx as a workbook; open it in a spreadsheet and save it again as .xlsx"
            }
            _ => {
                "台账.xlsx is no workbook, whatever its name says; open it in a spreadsheet and save it as .xlsx"
            }
        };
        assert_eq!(error.to_string(), expected);
    }
    for (stream, told) in [("EncryptedPackage", "has a password"), ("WordDocument", "is no workbook")] {
        let mut file =
            cfb::CompoundFile::create_with_version(cfb::Version::V3, Cursor::new(Vec::new())).unwrap();
        file.create_stream(stream).unwrap().write_all(&[1; 5_000]).unwrap();
        file.flush().unwrap();
        let file = file.into_inner();
        let error = reader.read_workbook(file, "台账.xlsx").unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
    }
}

/// The parts of a workbook by name.
fn unpacked(book: &[u8]) -> Outcome<Vec<(String, Vec<u8>)>> {
    let mut archive = ZipArchive::new(Cursor::new(book))?;
    let parts = (0..archive.len()).map(|number| {
        let mut part = archive.by_index(number)?;
        let mut text = Vec::new();
        part.read_to_end(&mut text)?;
        Ok((part.name()?.into_owned(), text))
    });
    parts.collect()
}

fn packed(parts: &[(String, Vec<u8>)]) -> Outcome<Vec<u8>> {
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        archive.start_file(name.as_str(), stored)?;
        archive.write_all(text)?;
    }
    Ok(archive.finish()?.into_inner())
}

#[test]
fn formulas_without_a_saved_value_are_told() -> Outcome {
    let whole = book("firms", |sheet| {
        sheet.write(0, 0, "firm")?.write(0, 1, "employees")?.write(1, 0, "a")?;
        sheet.write(1, 1, Formula::new("=30*4").set_result("120"))?.write(2, 0, "b")?;
        sheet.write(2, 1, Formula::new("=B2*2").set_result("240"))?;
        Ok(())
    })?;
    let mut parts = unpacked(&whole)?;
    let sheet = parts.iter_mut().find(|(name, _)| name == "xl/worksheets/sheet1.xml").ok_or("no sheet")?;
    sheet.1 = String::from_utf8(sheet.1.clone())?.replace("<v>240</v>", "<v></v>").into_bytes();
    let (dataset, report) = read(&packed(&parts)?)?;
    assert_eq!(faults(&report), ["failed_formula value left out 台账.xlsx[firms]:3: employees =B2*2"]);
    let employees: Vec<_> = dataset.tables().firms.iter().map(|firm| firm.employees).collect();
    assert_eq!(employees, [Some(120.0), None]);
    Ok(())
}

/// Bytes that look random and are the same everywhere.
fn dice(seed: u64) -> impl FnMut(usize) -> usize {
    let mut state = seed;
    move |below| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below.max(1)
    }
}

#[test]
fn damaged_workbooks_never_panic() -> Outcome {
    let day = Format::new().set_num_format("yyyy-mm-dd");
    let whole = book("企业", |sheet| {
        rows(sheet, &[&["企业编号", "名称", "营业收入", "生效"], &["甲", "甲厂"], &["乙", "乙厂"]])?;
        sheet.write(1, 2, 12.5)?.write_with_format(1, 3, ExcelDateTime::from_ymd(2023, 11, 9)?, &day)?;
        sheet.merge_range(3, 0, 5, 0, "丙", &Format::new())?.write(4, 1, "丙厂")?;
        Ok(())
    })?;
    let parts = unpacked(&whole)?;
    let (mut taken, mut refused) = (0, 0);
    let mut count = |book: &[u8]| match read(book) {
        Ok(_) => taken += 1,
        Err(_) => refused += 1,
    };
    let mut dice = dice(7);
    for _ in 0..400 {
        let mut bytes = whole.clone();
        let at = dice(bytes.len());
        match dice(3) {
            0 => bytes.truncate(at),
            1 => bytes[at] ^= 1 << dice(8),
            _ => drop(bytes.splice(at..at, (0..dice(9)).map(|byte| byte as u8))),
        }
        count(&bytes);
    }
    // The same inside the parts, which an archive's checksums would otherwise hide.
    let tokens =
        ["<", ">", "\"", "-1", "99999999999999999999", "A0", "XFE1", "A1048577:B1", "&#0;", "t=\"s\""];
    for _ in 0..4_000 {
        let victim = dice(parts.len());
        let mut parts = parts.clone();
        let text = &mut parts[victim].1;
        for _ in 0..=dice(3) {
            let at = dice(text.len());
            match dice(4) {
                0 => text[at] = dice(256) as u8,
                1 => drop(text.drain(at..(at + 1 + dice(30)).min(text.len()))),
                2 => drop(text.splice(at..at, tokens[dice(tokens.len())].bytes())),
                // A number becomes another one.
                _ => {
                    if let Some(digit) = text[at..].iter().position(u8::is_ascii_digit) {
                        drop(text.splice(at + digit..=at + digit, tokens[3 + dice(5)].bytes()));
                    }
                }
            }
            if text.is_empty() {
                break;
            }
        }
        count(&packed(&parts)?);
    }
    assert!(taken > 500 && refused > 500, "{taken} taken, {refused} refused");
    Ok(())
}

/// A header in two lines, as merged cells make it, whose first line tells the unit of the second.
#[test]
fn a_header_may_have_two_lines() -> Outcome {
    let bytes = book("企业", |sheet| {
        sheet.merge_range(0, 0, 1, 0, "企业名称", &Format::new())?;
        sheet.merge_range(0, 1, 1, 1, "链主企业", &Format::new())?;
        sheet.merge_range(0, 2, 0, 3, "经营情况（万元）", &Format::new())?;
        sheet.write(1, 2, "营业收入")?.write(1, 3, "利润")?;
        for (row, name) in [(2, "甲厂"), (3, "乙厂")] {
            sheet.write(row, 0, name)?.write(row, 1, "甲厂")?.write(row, 2, 3.5)?;
        }
        Ok(())
    })?;
    let (dataset, report) = read(&bytes)?;
    let firms = dataset.tables().firms.iter();
    let told: Vec<_> = firms.map(|firm| (firm.id.as_str(), firm.revenue, firm.anchor)).collect();
    // The anchor that the second names is the first.
    assert_eq!(told, [("乙厂", Some(35_000.0), None), ("甲厂", Some(35_000.0), Some(true))]);
    assert_eq!(report.losses(), 0, "{report}");
    Ok(())
}

/// A workbook with firms and one more sheet, and what is read of it.
fn beside_firms(name: &str, lines: &[&[&str]]) -> Outcome<(Dataset, Report)> {
    let mut book = Workbook::new();
    let firms: [&[&str]; 4] = [&["企业编号", "企业名称"], &["K1", "甲厂"], &["K2", "乙厂"], &["K3", "丙厂"]];
    rows(book.add_worksheet().set_name("企业")?, &firms)?;
    rows(book.add_worksheet().set_name(name)?, lines)?;
    Ok(read(&book.save_to_buffer()?)?)
}

fn supplies(dataset: &Dataset) -> Vec<String> {
    let rows = dataset.supplies().iter().map(|row| dataset.supply(row));
    let shown = rows.map(|row| {
        let date = row.date.map_or("-".to_owned(), |date| date.to_string());
        format!("{} {} {:?} {date}", row.supplier, row.buyer, row.value)
    });
    shown.collect()
}

fn pairings(dataset: &Dataset) -> Vec<String> {
    let pairings = dataset.tables().pairings.iter();
    let shown = pairings.map(|pairing| {
        let parties: Vec<&str> = pairing.parties.iter().map(FirmId::as_str).collect();
        let ends = pairing.ends.map_or("-".to_owned(), |date| date.to_string());
        format!("{} {:?} {ends}", parties.join("+"), pairing.level)
    });
    shown.collect()
}

/// 编号 and 名称 come twice, and mean the party above them.
#[test]
fn a_group_tells_whose_the_second_line_is() -> Outcome {
    let details: [[&[&str]; 2]; 2] = [
        [&["结对情况", "", ""], &["共建模式", "层级", "到期时间"]],
        [&["共建模式", "层级", "到期时间"], &["", "", ""]],
    ];
    let parties: [[&[&str]; 2]; 4] = [
        [&["链主企业", "", "配套企业", ""], &["编号", "名称", "编号", "名称"]],
        [&["甲方", "", "乙方", ""], &["编号", "名称", "编号", "名称"]],
        [&["链主企业信息", "", "配套企业信息", ""], &["企业编号", "企业名称", "企业编号", "企业名称"]],
        [&["链主企业", "", "配套企业", ""], &["统一社会信用代码", "企业名称", "统一社会信用代码", "单位"]],
    ];
    for details in details {
        for parties in parties {
            let [above, below] = [0, 1]
                .map(|line| [&["序号"][..line ^ 1], &[""][..line], parties[line], details[line]].concat());
            let lines: [&[&str]; 4] = [
                &above,
                &below,
                &["1", "K1", "甲厂", "K2", "乙厂", "组织联建", "企企", "2026.3"],
                &["2", "K1", "甲厂", "", "丙厂", "组织联建", "支部", "2027.3"],
            ];
            let (dataset, report) = beside_firms("结对台账", &lines)?;
            assert_eq!(
                pairings(&dataset),
                ["K1+K2 Some(Enterprise) 2026-03", "K1+K3 Some(Branch) 2027-03"],
                "{above:?} {below:?}"
            );
            assert_eq!(faults(&report), ["unknown_column ignored 台账.xlsx[结对台账]:1: - 序号"]);
        }
    }
    Ok(())
}

#[test]
fn groups_of_supplies_may_be_anything() -> Outcome {
    let headers: [[&[&str]; 2]; 5] = [
        [
            &["供应商", "", "采购方", "", "交易", ""],
            &["编号", "名称", "编号", "名称", "采购金额（万元）", "日期"],
        ],
        [
            &["供应商", "", "采购方", "", "2024年", ""],
            &["编号", "名称", "编号", "名称", "采购金额（万元）", "日期"],
        ],
        [&["供方", "", "需方", "", "采购金额（万元）", "日期"], &["编号", "名称", "编号", "名称"]],
        [
            &["甲方", "", "乙方", "", "采购金额（万元）", "日期"],
            &["供应商编号", "供应商名称", "采购方编号", "采购方名称"],
        ],
        // Neither line has all that the table needs.
        [
            &["供方编号", "供方名称", "需求", "", "", ""],
            &["", "", "需方编号", "需方名称", "采购金额（万元）", "日期"],
        ],
    ];
    for [above, below] in headers {
        let lines: [&[&str]; 4] = [
            above,
            below,
            &["K1", "甲厂", "K2", "", "3", "2024-05"],
            &["", "丙厂", "K2", "乙厂", "4", "2024-06"],
        ];
        let (dataset, report) = beside_firms("供应关系", &lines)?;
        assert_eq!(
            supplies(&dataset),
            ["K1 K2 Some(30000.0) 2024-05", "K3 K2 Some(40000.0) 2024-06"],
            "{above:?} {below:?}"
        );
        assert_eq!(faults(&report), [""; 0]);
    }
    Ok(())
}

/// The second line alone would do for a header, but the first has columns of its own.
#[test]
fn columns_merged_over_both_lines_are_kept() -> Outcome {
    let bytes = book("企业", |sheet| {
        let merged = Format::new();
        sheet.merge_range(0, 0, 0, 6, "企业名录（2024年）", &merged)?;
        sheet.merge_range(1, 1, 1, 2, "基本信息", &merged)?.merge_range(1, 4, 1, 5, "经营情况", &merged)?;
        for (place, text) in [(0, "序号"), (3, "是否链主"), (6, "备注")] {
            sheet.merge_range(1, place, 2, place, text, &merged)?;
        }
        rows(sheet, &[&[], &[], &["", "企业编号", "企业名称", "", "从业人员", "营业收入（万元）"]])?;
        for (row, key, anchor) in [(3, "K1", "是"), (4, "K2", "否")] {
            rows(sheet, &[])?;
            sheet.write(row, 0, row)?.write(row, 1, key)?.write(row, 3, anchor)?;
            sheet.write(row, 4, 50)?.write(row, 5, 7)?.write(row, 6, "待核")?;
        }
        Ok(())
    })?;
    let (dataset, report) = read(&bytes)?;
    let firms = dataset.tables().firms.iter();
    let told: Vec<_> =
        firms.map(|firm| (firm.id.as_str(), firm.anchor, firm.employees, firm.revenue)).collect();
    assert_eq!(
        told,
        [("K1", Some(true), Some(50.0), Some(70_000.0)), ("K2", Some(false), Some(50.0), Some(70_000.0))]
    );
    assert_eq!(
        faults(&report),
        [
            "title_row ignored 台账.xlsx[企业]:1: - 企业名录（2024年）",
            "unknown_column ignored 台账.xlsx[企业]:2: - 序号",
            "unknown_column ignored 台账.xlsx[企业]:2: - 备注",
        ]
    );
    Ok(())
}

#[test]
fn of_years_below_a_figure_the_latest_counts() -> Outcome {
    for years in [["2023年", "2024年"], ["2024年", "2023年"]] {
        let lines: [&[&str]; 4] = [
            &["企业编号", "企业名称", "营业收入（万元）", ""],
            &["", "", years[0], years[1]],
            &[
                "K1",
                "甲厂",
                if years[0] == "2024年" { "2" } else { "1" },
                if years[1] == "2024年" { "2" } else { "1" },
            ],
            &["K2", "乙厂", "", ""],
        ];
        let (dataset, report) = read(&book("企业", |sheet| rows(sheet, &lines))?)?;
        let firms = dataset.tables().firms.iter();
        let told: Vec<_> = firms.map(|firm| (firm.id.as_str(), firm.revenue)).collect();
        assert_eq!(told, [("K1", Some(20_000.0)), ("K2", None)]);
        assert_eq!(faults(&report), ["repeated_column ignored 台账.xlsx[企业]:2: revenue 2023年"]);
    }
    Ok(())
}

/// Rows that only look like a second line.
#[test]
fn records_are_no_second_line() -> Outcome {
    // A header repeated, a record that says what a header might, and titles in two cells.
    let lines: [&[&str]; 4] = [
        &["供方编号", "需方编号", "产品"],
        &["供方编号", "需方编号", "产品"],
        &["K1", "K2", "产品"],
        &["K2", "K3"],
    ];
    let (dataset, report) = beside_firms("供应关系", &lines)?;
    assert_eq!(supplies(&dataset), ["K1 K2 None -", "K2 K3 None -"]);
    assert_eq!(report.count(FaultKind::NoRecord), 1, "{report}");
    let lines: [&[&str]; 3] = [&["供应商", "采购方", "产品"], &["K1", "K2", "产品"], &["K2", "K3"]];
    assert_eq!(supplies(&beside_firms("供应关系", &lines)?.0).len(), 2);
    let lines: [&[&str]; 3] =
        [&["填报单位：链办", "", "", "单位：万元"], &["供应商", "采购方", "金额"], &["K1", "K2", "3"]];
    let (dataset, report) = beside_firms("供应关系", &lines)?;
    assert_eq!(supplies(&dataset), ["K1 K2 Some(30000.0) -"]);
    assert_eq!(report.count(FaultKind::TitleRow), 1);
    Ok(())
}

/// Keys and names of parties side by side, in one line.
#[test]
fn a_party_without_a_key_goes_by_its_name() -> Outcome {
    let lines: [&[&str]; 5] = [
        &["供方编号", "供方名称", "需方名称", "需方编号", "联系人"],
        &["K1", "甲厂", "乙厂", "K2", "张"],
        &["", "丙厂", "乙厂", "", "李"],
        &["-", "丙厂", "甲厂", "无"],
        &["", "", "甲厂", "K1"],
    ];
    let (dataset, report) = beside_firms("供应关系", &lines)?;
    assert_eq!(supplies(&dataset), ["K1 K2 None -", "K3 K1 None -", "K3 K2 None -"]);
    assert_eq!(
        faults(&report),
        [
            "unknown_column ignored 台账.xlsx[供应关系]:1: - 联系人",
            "empty_id row left out 台账.xlsx[供应关系]:5: supplier ",
        ]
    );
    let header: [&[&str]; 2] = [
        &["链主企业编号", "链主企业名称", "配套企业编号", "配套企业名称"],
        &["链主编号", "链主企业", "配套企业名称", "配套企业编号"],
    ];
    for header in header {
        let [key, name] = if header[2].ends_with("编号") { ["K2", "乙厂"] } else { ["乙厂", "K2"] };
        let lines: [&[&str]; 3] = [header, &["K1", "甲厂", key, name], &["", "丙厂", key, name]];
        let (dataset, _) = beside_firms("结对台账", &lines)?;
        assert_eq!(pairings(&dataset), ["K1+K2 None -", "K3+K2 None -"], "{header:?}");
    }
    // By rows and in chunks alike.
    let csv = "供方编号,供方名称,需方编号,需方名称\n".to_owned()
        + &"K1,甲厂,K2,乙厂\n,丙厂,K2,\n-,丙厂,,甲厂\n,,K1,\n".repeat(60_000);
    let (dataset, report) = Reader::new().read_csv(Table::Supplies, csv.as_bytes(), "s.csv")?;
    assert_eq!((dataset.supplies().len(), report.count(FaultKind::EmptyId)), (180_000, 60_000));
    Ok(())
}

#[test]
fn a_field_is_mapped_once_and_parties_as_often_as_they_stand() -> Outcome {
    let lines: [&[&str]; 2] = [&["龙头", "协作", "层级"], &["K1", "K2", "企企"]];
    let bytes = book("结对", |sheet| rows(sheet, &lines))?;
    let reader = Reader::new().map_column_spec("pairings.parties=龙头");
    let both = reader.clone().map_column_spec("pairings.parties=协作");
    let (dataset, _) = both.read_workbook(Cursor::new(&bytes), "b.xlsx")?;
    assert_eq!(pairings(&dataset), ["K1+K2 Some(Enterprise) -"]);
    let missing = reader.clone().map_column_spec("pairings.parties=配套");
    let error = missing.read_workbook(Cursor::new(&bytes), "b.xlsx").unwrap_err();
    assert!(matches!(error, ReadError::NoSuchHeader { .. }), "{error}");
    let twice = reader.map_column_spec("pairings.level=层级").map_column_spec("pairings.level=级别");
    assert_eq!(
        twice.check().unwrap_err().to_string(),
        "pairings.level is mapped to \"层级\" and to \"级别\"; name one header"
    );
    Ok(())
}

/// What a spreadsheet calls a copy, and what an office has hidden, would count twice.
#[test]
fn copies_and_hidden_sheets_are_left_out() -> Outcome {
    let supplies: &[&[&str]] = &[&["供应商", "采购方"], &["甲", "乙"]];
    let mut book = Workbook::new();
    for name in ["企业", "供应关系", "供应关系 (2)", "供应关系（旧）", "供应关系2023"] {
        let sheet = book.add_worksheet().set_name(name)?;
        rows(sheet, if name == "企业" { &[&["企业编号"], &["甲"], &["乙"]] } else { supplies })?;
        sheet.set_hidden(name == "供应关系（旧）");
    }
    let (dataset, report) = read(&book.save_to_buffer()?)?;
    assert_eq!(dataset.supplies().len(), 2);
    let told = [("repeated", "供应关系 (2)"), ("hidden", "供应关系（旧）")];
    assert_eq!(
        faults(&report),
        told.map(|(kind, name)| format!("{kind}_table table left out 台账.xlsx[{name}]: - {name}"))
    );
    // One that is hidden takes nobody's place.
    let mut book = Workbook::new();
    for name in ["企业", "供应关系", "supplies"] {
        let sheet = book.add_worksheet().set_name(name)?;
        rows(sheet, if name == "企业" { &[&["企业编号"], &["甲"], &["乙"]] } else { supplies })?;
        sheet.set_hidden(name == "供应关系");
    }
    let (dataset, report) = read(&book.save_to_buffer()?)?;
    assert_eq!(dataset.supplies().len(), 1);
    assert_eq!(faults(&report), ["hidden_table table left out 台账.xlsx[供应关系]: - 供应关系"]);
    // Alone it is all there is.
    let mut book = Workbook::new();
    rows(book.add_worksheet().set_name("企业")?, &[&["企业编号"], &["甲"]])?;
    rows(book.add_worksheet().set_name("供应关系 (2)")?.set_hidden(true), supplies)?;
    assert_eq!(read(&book.save_to_buffer()?)?.0.supplies().len(), 1);
    Ok(())
}

#[test]
fn notes_below_and_headings_between_are_no_firms() -> Outcome {
    let texts = [
        "一、轨道交通产业链",
        "甲公司",
        "轨道板块小计",
        "本页小计",
        "平均值",
        "以上合计400家",
        "（以下空白）",
        "填报日期：2024年12月31日",
        "联系电话：28680000",
        "数据来源：税务局",
        "其中：本地采购",
        "注",
    ];
    let lines: Vec<Vec<&str>> = [vec!["企业名称"]].into_iter().chain(texts.map(|text| vec![text])).collect();
    let lines: Vec<&[&str]> = lines.iter().map(Vec::as_slice).collect();
    let (dataset, report) = read(&book("企业", |sheet| rows(sheet, &lines))?)?;
    assert_eq!(dataset.tables().firms.len(), 1);
    let no_record = report.faults().iter().filter(|fault| fault.kind == FaultKind::NoRecord).count();
    assert_eq!(no_record, texts.len() - 1);
    Ok(())
}
