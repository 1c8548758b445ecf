//! Everything that goes wrong with files: each is a named fault or a clear error, and
//! strict reading refuses it.
#![cfg(all(feature = "csv", feature = "json"))]

use std::fs;
use std::io::Write;
use std::path::Path;

use jiedui::dataset::{Dataset, Effect, FaultKind, Mode, ReadError, Reader, Report, SupplyRow, Table};
use jiedui::model::{FirmId, FirmIx, Ownership, SizeClass};

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// Reads one table leniently; strict reading must refuse exactly where something is lost.
fn read(table: Table, bytes: &[u8]) -> Result<(Dataset, Report), ReadError> {
    let (dataset, report) = Reader::new().read_csv(table, bytes, "test.csv")?;
    let strict = Reader::new().mode(Mode::Strict).read_csv(table, bytes, "test.csv");
    assert_eq!(strict.is_err(), report.losses() > 0);
    Ok((dataset, report))
}

/// The faults of a table as `line kind effect value`.
fn faults(table: Table, bytes: &[u8]) -> Result<Vec<String>, ReadError> {
    let (_, report) = read(table, bytes)?;
    Ok(lines(&report))
}

fn lines(report: &Report) -> Vec<String> {
    let line = |fault: &jiedui::dataset::Fault| {
        let line = fault.origin.line.map_or("-".to_owned(), |line| line.to_string());
        let column = fault.column.as_deref().unwrap_or("-");
        format!("{line} {} {column} {} {:?}", fault.kind, fault.effect.phrase(), fault.value)
    };
    report.faults().iter().map(line).collect()
}

fn firms(dataset: &Dataset) -> Vec<&str> {
    dataset.tables().firms.iter().map(|firm| firm.id.as_str()).collect()
}

/// Every supply row as `supplier buyer value`.
fn supplies(dataset: &Dataset) -> Vec<String> {
    let rows = dataset.supplies().iter().map(|row| dataset.supply(row));
    let mut shown: Vec<String> =
        rows.map(|row| format!("{} {} {:?}", row.supplier, row.buyer, row.value)).collect();
    shown.sort();
    shown
}

fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(bytes)?;
    packed.finish()
}

fn put(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) -> std::io::Result<()> {
    fs::write(folder.join(name), bytes)
}

#[test]
fn encodings() -> Outcome {
    let text = "企业,名称\n联通,中国联通\n甲,甲公司\n";
    let (plain, report) = read(Table::Firms, text.as_bytes())?;
    assert_eq!(report.sources()[0].encoding, "UTF-8");
    let (marked, report) = read(Table::Firms, format!("\u{feff}{text}").as_bytes())?;
    assert_eq!((report.sources()[0].encoding, &marked), ("UTF-8", &plain));
    let (gb, _, _) = encoding_rs::GB18030.encode(text);
    let (gb18030, report) = read(Table::Firms, &gb)?;
    assert_eq!((report.sources()[0].encoding, &gb18030), ("GB18030", &plain));
    assert_eq!(report.losses(), 0);
    let utf16: Vec<u8> = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let (wide, report) = read(Table::Firms, &utf16)?;
    assert_eq!((report.sources()[0].encoding, &wide), ("UTF-16LE", &plain));
    let (packed, _) = read(Table::Firms, &gzip(&gb)?)?;
    assert_eq!(packed, plain);
    Ok(())
}

#[test]
fn a_text_in_two_encodings() -> Outcome {
    // UTF-8 but for one damaged line: that line is lost, and only that.
    let mut text = "firm,name\n甲,甲公司\n乙,".as_bytes().to_vec();
    text.extend(b"\xb9\xab\xcb\xbe\n");
    text.extend("丙,丙公司\n".as_bytes());
    let (dataset, report) = read(Table::Firms, &text)?;
    assert_eq!(firms(&dataset), ["丙", "甲"]);
    assert_eq!(report.count(FaultKind::BadText), 1);
    // The other way round.
    let (mut text, _, _) = encoding_rs::GB18030.encode("firm,name\n甲,甲公司\n乙,乙公司\n");
    text.to_mut().extend("丙,丙公司\n".as_bytes());
    let (dataset, report) = read(Table::Firms, &text)?;
    assert_eq!((firms(&dataset), report.sources()[0].encoding), (vec!["乙", "甲"], "GB18030"));
    assert_eq!(report.count(FaultKind::BadText), 1);
    // Damage in a text of which nothing is known yet says nothing about the rest.
    let mut text = b"firm,name\na,\xff\xff\n".to_vec();
    text.extend("甲,甲公司\n".as_bytes());
    let (dataset, report) = read(Table::Firms, &text)?;
    assert_eq!((firms(&dataset), report.count(FaultKind::BadText)), (vec!["甲"], 1));
    // Neither of the two.
    let (_, report) = read(Table::Firms, b"firm,name\na,\xff\xff\n")?;
    assert_eq!(report.count(FaultKind::BadText), 1);
    Ok(())
}

#[test]
fn rows_of_a_wrong_width() -> Outcome {
    let text = b"firm,name\na\nb,B,,\nc,C,x\n,,\n\n  \nd,D\n";
    assert_eq!(
        faults(Table::Firms, text)?,
        ["2 ragged_row - row left out \"a\"", "4 ragged_row - row left out \"c\""]
    );
    assert_eq!(firms(&read(Table::Firms, text)?.0), ["b", "d"]);
    Ok(())
}

#[test]
fn lines_are_counted_right() -> Outcome {
    for end in ["\n", "\r\n", "\r"] {
        let text = format!("firm,revenue,name{end}{end}a,x,\"two{end}lines\"{end}{end}b,y,{end}c,\"z\",");
        assert_eq!(
            faults(Table::Firms, text.as_bytes())?,
            [
                "3 bad_number revenue value left out \"x\"",
                "6 bad_number revenue value left out \"y\"",
                "7 bad_number revenue value left out \"z\"",
            ],
            "{end:?}"
        );
    }
    Ok(())
}

#[test]
fn keys_that_repeat_clash_or_are_none() -> Outcome {
    let text = "firm,revenue\na,1\na,1\nb,1\nb,2\n,3\n9.14302E+17,4\n-,5\n".as_bytes();
    assert_eq!(
        faults(Table::Firms, text)?,
        [
            "3 repeated_row - kept \"a\"",
            "5 conflict revenue replaced \"b\"",
            "6 empty_id firm row left out \"\"",
            "7 mangled_id firm row left out \"9.14302E+17\"",
            "8 empty_id firm row left out \"-\"",
        ]
    );
    Ok(())
}

#[test]
fn numbers_that_are_none_or_too_large() -> Outcome {
    let text = "supplier,buyer,value,date\na,b,NaN,\na,b,inf,\na,b,1e308,\na,b,1e999,\na,a,1,\nc,d,-5,\nc,d,3,\n\
                a,b,,2021-02-30\na,b,,1850\na,b,无,不详\n";
    assert_eq!(
        faults(Table::Supplies, text.as_bytes())?,
        [
            "2 bad_number value value left out \"NaN\"",
            "3 bad_number value value left out \"inf\"",
            &format!(
                "4 out_of_range value value left out {:?}",
                1e308.to_string().chars().take(80).collect::<String>() + "…"
            ),
            "5 out_of_range value value left out \"inf\"",
            "6 self_reference buyer row left out \"a\"",
            "9 bad_date date value left out \"2021-02-30\"",
            "10 bad_date date value left out \"1850\"",
            "- refunds_exceed_sales value kept \"c → d\"",
        ]
    );
    Ok(())
}

#[test]
fn words_outside_are_listed_once_and_counted() -> Outcome {
    let text =
        "firm,kind,size,anchor,party_branch\na,focal,巨型,是,无\nb,focal,巨型,maybe,joint\nc,公司,大型,否,\n";
    let (dataset, report) = read(Table::Firms, text.as_bytes())?;
    assert_eq!(
        lines(&report),
        [
            "2 unknown_word kind replaced \"focal\"",
            "2 unknown_word size value left out \"巨型\"",
            "3 unknown_word anchor value left out \"maybe\"",
        ]
    );
    assert_eq!(report.count(FaultKind::UnknownWord), 5);
    let anchors: Vec<_> = dataset.tables().firms.iter().map(|firm| firm.anchor).collect();
    assert_eq!(anchors, [Some(true), None, Some(false)]);
    Ok(())
}

#[test]
fn places_codes_and_units() -> Outcome {
    let text = "企业,经度,纬度,统一社会信用代码,行业,营业收入（万元）,党员人数\n\
                a,113,,91350211M0000XUF46,3714,1200,3\n\
                b,,27,123,480301,3.2亿元,3.5\n\
                c,181,27,,C3714,近5000,-1\n";
    let (dataset, report) = read(Table::Firms, text.as_bytes())?;
    assert_eq!(
        lines(&report),
        [
            "2 half_place latitude value left out \"\"",
            "2 check_digit credit_code kept \"91350211M0000XUF46\"",
            "3 foreign_industry industry kept \"480301\"",
            "3 half_place longitude value left out \"\"",
            "3 bad_number party_members value left out \"3.5\"",
            "3 malformed_code credit_code value left out \"123\"",
            "4 out_of_range longitude value left out \"181\"",
            "4 out_of_range party_members value left out \"-1\"",
        ]
    );
    let revenues: Vec<_> = dataset.tables().firms.iter().map(|firm| firm.revenue).collect();
    assert_eq!(revenues, [Some(12_000_000.0), Some(320_000_000.0), Some(50_000_000.0)]);
    Ok(())
}

#[test]
fn circles_of_products() -> Outcome {
    let text = b"product,parent\na,b\nb,c\nc,a\nd,d\n";
    assert_eq!(
        faults(Table::Products, text)?,
        ["5 self_reference parent row left out \"d\"", "- cycle parent row left out \"a\""]
    );
    Ok(())
}

#[test]
fn headers() -> Outcome {
    assert_eq!(faults(Table::Firms, b"")?, ["- empty_table - kept \"\""]);
    assert_eq!(faults(Table::Firms, b"firm,name\n")?, ["- empty_table - kept \"\""]);
    assert_eq!(
        faults(Table::Firms, "firm,企业编号,x,\na,b,c,\n".as_bytes())?,
        ["1 repeated_column firm value left out \"企业编号\"", "1 unknown_column - ignored \"x\""]
    );
    assert_eq!(
        faults(Table::Supplies, b"supplier,x\na,b\n")?.last().map(String::as_str),
        Some("1 missing_column buyer table left out \"supplierx\"")
    );
    for separator in [";", "\t"] {
        let text = format!("firm{separator}name\na{separator}A, B\n");
        let (dataset, _) = read(Table::Firms, text.as_bytes())?;
        assert_eq!(dataset.tables().firms[0].name.as_deref(), Some("A, B"));
    }
    let many: Vec<String> = (0..100_000).map(|column| format!("c{column}")).collect();
    let (dataset, report) =
        read(Table::Firms, format!("firm,{}\na{}\n", many.join(","), ",".repeat(100_000)).as_bytes())?;
    assert_eq!((firms(&dataset), report.count(FaultKind::UnknownColumn)), (vec!["a"], 100_000));
    assert_eq!(report.faults().len(), Report::LISTED_PER_KIND as usize);
    Ok(())
}

#[test]
fn nul_bytes() -> Outcome {
    let (dataset, report) = read(Table::Firms, b"firm,name\na\0,A\nb,B\0\nc,C\n")?;
    assert_eq!(firms(&dataset), ["b", "c"]);
    assert_eq!(report.count(FaultKind::BadText), 2);
    Ok(())
}

#[test]
fn stray_quotation_marks_cost_one_row() -> Outcome {
    // Never closed.
    let text = b"firm,name\na,A\nb,\"B\nc,C\nd,D\n";
    assert_eq!(faults(Table::Firms, text)?, ["3 unclosed_quote - row left out \"bB\\nc,C\\nd,D\\n\""]);
    assert_eq!(firms(&read(Table::Firms, text)?.0), ["a", "c", "d"]);
    // Closed by the opening mark of a later cell, which makes a row of the right width.
    let text = b"firm,name\na,\"A\nb,B\nc,\"C\"\nd,D\n";
    assert_eq!(firms(&read(Table::Firms, text)?.0), ["b", "c", "d"]);
    // What is quoted well may run over lines.
    let text = b"firm,name\na,\"A\nb,B\"\nc,\"\"\"C\"\"\"\n";
    let (dataset, report) = read(Table::Firms, text)?;
    assert_eq!((firms(&dataset), report.losses()), (vec!["a", "c"], 0));
    // In the header nothing can be saved.
    assert_eq!(
        faults(Table::Firms, b"firm,\"name\na,A\n")?,
        ["1 unclosed_quote - table left out \"firmname\\na,A\\n\""]
    );
    Ok(())
}

#[test]
fn records_that_are_too_long() -> Outcome {
    let mut text = b"firm,name\na,".to_vec();
    text.resize(text.len() + 5_000_000, b'x');
    text.extend(b"\nb,B\nc,\"C\n");
    for line in 0..200_000 {
        writeln!(text, "d{line},D")?;
    }
    let (dataset, report) = read(Table::Firms, &text)?;
    assert_eq!(lines(&report), ["2 too_long - row left out \"\"", "4 too_long - row left out \"\""]);
    assert_eq!(dataset.tables().firms.len(), 200_001);
    let (_, report) =
        Reader::new().record_limit(10).read_csv(Table::Firms, &b"firm,name\na,123456789\nb,B\n"[..], "t")?;
    assert_eq!(lines(&report), ["2 too_long - row left out \"\""]);
    Ok(())
}

#[test]
fn titles_above_the_header() -> Outcome {
    let titled = "\u{feff}某市供应台账,,,\r\n,,,\r\n单位：万元\r\n供应商,采购方,金额（万元）,日期\r\n甲,乙,3,2024-05\r\n";
    let (dataset, report) = Reader::new().read_csv(Table::Supplies, titled.as_bytes(), "s.csv")?;
    assert_eq!(dataset.supplies().len(), 1);
    assert_eq!(dataset.supplies()[0].value(), Some(30_000.0));
    let titles: Vec<String> = report.faults().iter().map(ToString::to_string).collect();
    assert!(titles[0].starts_with("s.csv:1: ") && titles[1].starts_with("s.csv:3: "), "{titles:?}");
    assert_eq!((titles.len(), report.count(FaultKind::TitleRow), report.losses()), (2, 2, 0));
    // The unit of a title counts for amounts without one of their own.
    for (header, cell, value) in
        [("金额", "3", 30_000.0), ("金额（元）", "3", 3.0), ("金额", "3亿", 3e8), ("金额（亿元）", "3", 3e8)]
    {
        let text = titled.replace("金额（万元）", header).replace(",3,", &format!(",{cell},"));
        let (dataset, _) = Reader::new().read_csv(Table::Supplies, text.as_bytes(), "s.csv")?;
        assert_eq!(dataset.supplies()[0].value(), Some(value), "{header} {cell}");
    }
    // The separator is told by the header, not by the title.
    for separator in [";", "\t"] {
        let text = titled.replace(",,,", "").replace(',', separator);
        let (dataset, report) = Reader::new().read_csv(Table::Supplies, text.as_bytes(), "s.csv")?;
        assert_eq!((dataset.supplies().len(), report.faults().len(), report.losses()), (1, 2, 0));
        assert_eq!(dataset.supplies()[0].value(), Some(30_000.0));
    }
    // So many rows are looked at, and the first of them is said to lack what the table needs.
    for (above, is_found) in [(19, true), (20, false)] {
        let text = "x,y\n".repeat(above) + "supplier,buyer\na,b\n";
        let (dataset, report) = Reader::new().read_csv(Table::Supplies, text.as_bytes(), "s.csv")?;
        assert_eq!(
            (dataset.supplies().len(), report.count(FaultKind::TitleRow)),
            if is_found { (1, 19) } else { (0, 0) }
        );
        let missing = report.faults().iter().find(|fault| fault.kind == FaultKind::MissingColumn);
        assert_eq!(missing.map(|fault| fault.origin.line), (!is_found).then_some(Some(1)));
    }
    // A short file without a header ends before that.
    let (_, report) = Reader::new().read_csv(Table::Supplies, &b"a,b\nc,d\n"[..], "s.csv")?;
    assert_eq!((report.count(FaultKind::MissingColumn), report.count(FaultKind::EmptyTable)), (1, 0));
    Ok(())
}

#[test]
fn compressed_files_that_break_off_or_are_traps() -> Outcome {
    let mut text = b"firm,revenue\n".to_vec();
    for line in 0..100_000 {
        writeln!(text, "firm{line},{}", line * 7919 % 10_007)?;
    }
    let packed = gzip(&text)?;
    let broken = &packed[..packed.len() * 9 / 10];
    let error = Reader::new().read_csv(Table::Firms, broken, "f.csv.gz").expect_err("it breaks off");
    let ReadError::Read { line, byte, .. } = &error else { return Err(error.into()) };
    assert!(*line > 50_000 && *byte > 1_000_000, "{error}");
    assert!(error.to_string().starts_with("cannot read f.csv.gz on from line "), "{error}");
    assert!(std::error::Error::source(&error).is_some());
    let mut corrupt = packed.clone();
    let middle = corrupt.len() / 2;
    corrupt[middle..middle + 64].fill(0xaa);
    assert!(matches!(Reader::new().read_csv(Table::Firms, &*corrupt, "f"), Err(ReadError::Read { .. })));

    let bomb = gzip(&vec![b'x'; 100_000_000])?;
    let error = Reader::new().read_csv(Table::Firms, &*bomb, "bomb.csv.gz").expect_err("a trap");
    assert!(matches!(error, ReadError::Inflates { ratio: 200, .. }), "{error}");
    let error = Reader::new().read_json(&*bomb, "bomb.json.gz").expect_err("a trap");
    assert!(matches!(error, ReadError::Json { .. }), "{error}");
    let error = Reader::new().file_limit(1000).read_csv(Table::Firms, &*text, "f").expect_err("too large");
    assert!(matches!(error, ReadError::TooLarge { limit: 1000, .. }), "{error}");
    Ok(())
}

#[test]
fn folders() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path();
    let error = Reader::new().read(path).expect_err("nothing in it");
    assert!(matches!(error, ReadError::NoTable { .. }), "{error}");
    assert!(matches!(Reader::new().read(path.join("none")), Err(ReadError::Open { .. })));

    put(path, "readme.txt", "x")?;
    put(path, "other.csv", "x")?;
    put(path, "供应关系.csv", "供应商,采购方\n甲,乙\n")?;
    let (dataset, report) = Reader::new().read(path)?;
    assert_eq!(firms(&dataset), ["乙", "甲"]);
    assert_eq!(report.made(Table::Firms), 2);
    assert_eq!(
        lines(&report),
        ["- missing_table - table left out \"firms.csv\"", "- unknown_table - ignored \"other.csv\""]
    );
    assert!(matches!(Reader::new().mode(Mode::Strict).read(path), Err(ReadError::Faults(_))));

    put(path, "firms.csv", "firm\n丙\n")?;
    put(path, "firms.csv.gz", gzip(b"firm\nx\n")?)?;
    put(path, "企业.csv", "firm\ny\n")?;
    let (dataset, report) = Reader::new().read(path)?;
    assert_eq!(firms(&dataset), ["丙", "乙", "甲"]);
    assert_eq!(
        lines(&report),
        [
            "- repeated_table - table left out \"firms.csv.gz\"",
            "- repeated_table - table left out \"企业.csv\"",
            "- unknown_table - ignored \"other.csv\"",
            "- only_named firm kept \"乙\"",
            "- only_named firm kept \"甲\"",
        ]
    );

    fs::remove_file(path.join("firms.csv"))?;
    fs::create_dir(path.join("firms.csv"))?;
    let error = Reader::new().read(path).expect_err("a folder is no table");
    assert!(matches!(&error, ReadError::Open { path, .. } if path.ends_with("firms.csv")), "{error}");
    let file = path.join("readme.txt");
    assert!(matches!(Reader::new().read(file), Err(ReadError::Format { .. })));
    Ok(())
}

#[test]
fn settings() -> Outcome {
    let check = |reader: Reader| reader.check().expect_err("a wrong setting").to_string();
    assert_eq!(
        check(Reader::new().map_column(Table::Supplies, "valu", "net")),
        "supplies has no field \"valu\"; did you mean \"value\"? its fields are supplier, buyer, product, value, date"
    );
    assert!(
        check(Reader::new().keep_rows_spec("supply.side=purchase"))
            .starts_with("no table \"supply\"; did you mean \"supplies\"?")
    );
    assert!(
        check(Reader::new().map_column_spec("date=month"))
            .starts_with("\"date=month\" is not of the form TABLE.FIELD=HEADER")
    );
    assert_eq!(
        check(Reader::new().fiscal_year_start(13)),
        "a fiscal year begins in a month from 1 to 12, not 13"
    );

    let text = &b"supplier,buyer,side,month\na,b,x,2021\nc,d,y,2021\ne,f,z,2021\n"[..];
    let reader = Reader::new().keep_rows_spec("supplies.side=x").keep_rows_spec("supplies.Side=z");
    let (dataset, _) = reader.read_csv(Table::Supplies, text, "t")?;
    assert_eq!(firms(&dataset), ["a", "b", "e", "f"]);
    let (dataset, _) = reader.keep_rows_spec("supplies.供应商=e").read_csv(Table::Supplies, text, "t")?;
    assert_eq!(firms(&dataset), ["e", "f"]);
    let error = Reader::new().map_column_spec("supplies.date=week").read_csv(Table::Supplies, text, "t");
    assert_eq!(
        error.expect_err("no such header").to_string(),
        "t has no column \"week\", which a column map or row filter of supplies names; its columns are supplier, buyer, side, month"
    );
    Ok(())
}

#[test]
fn documents() -> Outcome {
    let read = |text: &str| Reader::new().read_json(text.as_bytes(), "t.json");
    let text = r#"{
        "企业": [{"企业": "甲", "营收": "3.2亿元", "链主": true, "x": [1, {"y": 2}]}, {"firm": 7, "revenue": 1e3, "employees": {"a": 1}}, 5, {"firm": 9.14302e17}],
        "supplies": [{"supplier": "甲", "buyer": "b;c", "value": "NaN"}],
        "pairings": [{"pairing": "p", "parties": ["甲", "b;c"], "modes": ["talent", "平台联创"]}],
        "firms": [{"firm": "z"}],
        "chains": {"chain": "x"},
        "products": null,
        "notes": {"deep": [[[[]]]]}
    }"#;
    let (dataset, report) = read(text)?;
    assert_eq!(
        lines(&report),
        [
            "1 unknown_column - ignored \"x\"",
            "2 wrong_shape employees value left out \"an object\"",
            "3 wrong_shape - row left out \"5\"",
            "4 mangled_id firm row left out \"9.14302E+17\"",
            "1 bad_number value value left out \"NaN\"",
            "- repeated_table - table left out \"firms\"",
            "- wrong_shape - table left out \"an object\"",
            "- empty_table - kept \"\"",
            "- unknown_table - ignored \"notes\"",
            "- only_named firm kept \"b;c\"",
        ]
    );
    // Records may name a column by different headers.
    assert_eq!(firms(&dataset), ["7", "b;c", "甲"]);
    assert_eq!(dataset.tables().firms[0].revenue, Some(1e3));
    assert_eq!(dataset.tables().firms[2].revenue, Some(320_000_000.0));
    assert_eq!(dataset.tables().pairings[0].parties.len(), 2);

    let error = read("{\"firms\": [\n{\"firm\": }]}").expect_err("no JSON");
    assert!(matches!(error, ReadError::Json { line: 2, column: 10, .. }), "{error:?}");
    assert!(matches!(read("[1]"), Err(ReadError::Json { .. })));
    assert!(matches!(read("{}"), Err(ReadError::NoTable { .. })));
    assert!(matches!(read(&format!("{{\"firms\":[{}", "[".repeat(1_000_000))), Err(ReadError::Json { .. })));
    let long = format!("{{\"firms\":[{{\"firm\":\"{}\"}}]}}", "x".repeat(3_000_000));
    assert!(matches!(read(&long), Err(ReadError::RecordTooLong { .. })));
    let reader = Reader::new().keep_rows_spec("supplies.side=purchase");
    let text = br#"{"supplies":[{"supplier":"a","buyer":"b"}]}"#;
    assert!(matches!(reader.read_json(&text[..], "t"), Err(ReadError::NoSuchHeader { .. })));
    Ok(())
}

#[test]
fn a_report_is_data() -> Outcome {
    let (_, report) = read(Table::Firms, b"firm,revenue\na,x\n")?;
    let json = serde_json::to_value(&report)?;
    assert_eq!(json["counts"][0]["kind"], "bad_number");
    assert_eq!(json["faults"][0]["line"], 2);
    let (effect, fault) = (report.faults()[0].effect, report.faults()[0].to_string());
    assert_eq!(effect, Effect::CellLeftOut);
    assert_eq!(
        fault,
        "test.csv:2: firms.revenue: not a number: \"x\"; value left out; write digits, with 万元 or 亿元 if you like"
    );
    Ok(())
}

#[test]
fn keys_that_a_spreadsheet_spoilt() -> Outcome {
    let text = "firm\n9E+17\n9.14302E+17\n-9.1E+17\n\"9,1E+17\"\n#REF!\n12E45\n";
    let (dataset, report) = Reader::new().read_csv(Table::Firms, text.as_bytes(), "t")?;
    assert_eq!(firms(&dataset), ["12E45"]);
    assert_eq!(report.count(FaultKind::MangledId), 5);
    Ok(())
}

#[test]
fn a_pairing_of_too_many_parties() -> Outcome {
    let parties: Vec<String> = (0..20_000).map(|party| format!("party {party}")).collect();
    let text = format!("pairing,parties\np,{}\n", parties.join(";"));
    let (dataset, report) = Reader::new().read_csv(Table::Pairings, text.as_bytes(), "t")?;
    assert!(dataset.tables().pairings.is_empty());
    assert_eq!(report.count(FaultKind::LongText), 1);
    Ok(())
}

#[test]
fn an_unknown_amount_is_not_minus_one() -> Outcome {
    let read = |rows: &str| {
        let text =
            format!(r#"{{"pairings": [{{"pairing": "p", "parties": ["a", "b"]}}], "outcomes": [{rows}]}}"#);
        Reader::new().read_json(text.as_bytes(), "t.json")
    };
    let (one, other) =
        (r#"{"pairing": "p", "kind": "order", "amount": -1}"#, r#"{"pairing": "p", "kind": "order"}"#);
    let (forth, _) = read(&format!("{one}, {other}"))?;
    let (back, _) = read(&format!("{other}, {one}"))?;
    assert!(forth == back);
    assert_eq!(forth.tables().outcomes.len(), 2);
    Ok(())
}

/// Firms that rows name by name, by credit code or spelt otherwise are those with the record.
#[test]
fn firms_are_known_by_name_and_credit_code() -> Outcome {
    let folder = tempfile::tempdir()?;
    put(
        folder.path(),
        "企业.csv",
        "企业编号,企业名称,统一社会信用代码,上级单位\nA1,甲机车（集团）有限公司,,\nB1,乙装备有限公司,91430200707234567N,甲机车(集团)有限公司\n\
         C1,丙铸造,,\nC2,丙铸造,,\n",
    )?;
    put(
        folder.path(),
        "供应关系.csv",
        "供应商,采购方\n乙装备有限公司,甲机车(集团)有限公司\n91430200707234567N,A1\n B\u{200b}1,Ａ１\n丙铸造,A1\nA1,甲机车（集团）有限公司\n",
    )?;
    put(
        folder.path(),
        "结对.csv",
        "结对编号,各方\nP1,甲机车（集团）有限公司；乙装备有限公司\nP2,B1；乙装备有限公司\n",
    )?;
    put(folder.path(), "意向.csv", "企业名称,对象,答复\n甲机车（集团）有限公司,乙装备有限公司,拒绝\n")?;
    let (dataset, report) = Reader::new().read(folder.path())?;
    // Two firms are called 丙铸造: nobody can tell which of them it is.
    assert_eq!(firms(&dataset), ["A1", "B1", "C1", "C2", "丙铸造"]);
    let rows: Vec<(&str, &str)> = dataset
        .supplies()
        .iter()
        .map(|row| [row.supplier(), row.buyer()].map(|firm| firms(&dataset)[firm.index()]).into())
        .collect();
    assert_eq!(rows, [("B1", "A1"), ("B1", "A1"), ("B1", "A1"), ("丙铸造", "A1")]);
    let tables = dataset.tables();
    assert_eq!(tables.firms[1].parent.as_ref().map(FirmId::as_str), Some("A1"));
    let parties: Vec<&str> = tables.pairings[0].parties.iter().map(FirmId::as_str).collect();
    assert_eq!((tables.pairings.len(), parties), (1, vec!["A1", "B1"]));
    assert_eq!((tables.responses[0].firm.as_str(), tables.responses[0].partner.as_str()), ("A1", "B1"));
    let told = |kind| {
        report
            .faults()
            .iter()
            .filter(|fault| fault.kind == kind)
            .map(|fault| &*fault.value)
            .collect::<Vec<_>>()
    };
    // The very name or code is as good as the key.
    assert_eq!(told(FaultKind::NamedOtherwise), ["B\u{200b}1", "甲机车(集团)有限公司", "Ａ１"]);
    assert_eq!((told(FaultKind::SelfReference), told(FaultKind::TooFewParties)), (vec!["A1"], vec!["P2"]));
    assert_eq!((report.losses(), report.made(Table::Firms)), (2, 1));
    // Written and read again it is the same.
    let written = tempfile::tempdir()?;
    dataset.write_csv_folder(written.path())?;
    assert_eq!(Reader::new().read(written.path())?.0, dataset);
    Ok(())
}

/// Sums, notes and headers in the midst of a table are no records.
#[test]
fn sums_and_notes_are_no_records() -> Outcome {
    let text = "企业名称,从业\u{3000}人数,营业收入/万元\n甲,10,300\n小计,10,300\n企业名称,从业人数,营业收入\n合 计：,10,300\n填表人：某某,,\n注：截至5月,,\n";
    let (dataset, report) = read(Table::Firms, text.as_bytes())?;
    // Firms that have no keys go by their names.
    assert_eq!(firms(&dataset), ["甲"]);
    let firm = &dataset.tables().firms[0];
    assert_eq!((firm.employees, firm.revenue), (Some(10.0), Some(3e6)));
    assert_eq!((report.count(FaultKind::NoRecord), report.losses()), (5, 0));
    let rows = "供应商名称,采购单位,采购金额（单位：万元）\n乙,甲,2\n合计,,2\n供应商名称,采购单位,采购金额\n";
    let (dataset, report) = read(Table::Supplies, rows.as_bytes())?;
    assert_eq!(dataset.supplies().len(), 1);
    assert_eq!(dataset.supplies()[0].value(), Some(2e4));
    assert_eq!((report.count(FaultKind::NoRecord), report.losses()), (2, 0));
    Ok(())
}

/// A cell of products is a list, unless the whole is the key of a product.
#[test]
fn products_in_one_cell_are_told_apart() -> Outcome {
    let folder = tempfile::tempdir()?;
    put(folder.path(), "企业.csv", "企业\n甲\n")?;
    put(folder.path(), "产品.csv", "产品\n箱体、壳体\n")?;
    put(folder.path(), "企业产品.csv", "企业名称,主营产品,权重\n甲,轴承、齿轮箱；箱体,3\n甲,箱体、壳体,1\n")?;
    let (dataset, report) = Reader::new().read(folder.path())?;
    let rows = dataset.tables().firm_products.iter();
    let made: Vec<(&str, Option<f64>)> = rows.map(|row| (row.product.as_str(), row.weight)).collect();
    assert_eq!(
        made,
        [("箱体", Some(1.0)), ("箱体、壳体", Some(1.0)), ("轴承", Some(1.0)), ("齿轮箱", Some(1.0))]
    );
    assert_eq!(report.losses(), 0);
    Ok(())
}

/// What says more behind the name of its table is a part of it.
#[test]
fn tables_may_come_in_parts() -> Outcome {
    let folder = tempfile::tempdir()?;
    put(folder.path(), "企业名单（最新）.csv", "企业名称\n甲\n")?;
    put(folder.path(), "供应关系2023年.csv", "供应商,采购方\n乙,甲\n")?;
    put(folder.path(), "供应关系（2024） (2).csv", "供应商,采购方\n丙,甲\n")?;
    put(folder.path(), "供应关系.csv", "供应商,采购方\n丁,甲\n")?;
    let (dataset, report) = Reader::new().read(folder.path())?;
    assert_eq!((dataset.supplies().len(), report.losses(), report.sources().len()), (3, 0, 4));
    // The same twice is not: whole tables, and a part beside its packed self.
    put(folder.path(), "supplies.csv", "supplier,buyer\n戊,甲\n")?;
    put(folder.path(), "供应关系2023年.csv.gz", gzip("供应商,采购方\n乙,甲\n".as_bytes())?)?;
    let (dataset, report) = Reader::new().read(folder.path())?;
    assert_eq!((dataset.supplies().len(), report.count(FaultKind::RepeatedTable)), (3, 2));
    put(folder.path(), "供应关系说.csv", "供应商,采购方\n乙,甲\n")?;
    assert_eq!(Reader::new().read(folder.path())?.1.count(FaultKind::UnknownTable), 1);
    for name in ["供应关系表", "2024年供应关系明细", "供应关系-轨道交通链", "配套关系台账"]
    {
        put(folder.path(), &format!("{name}.csv"), "供应商,采购方\n己,甲\n")?;
    }
    assert_eq!(Reader::new().read(folder.path())?.0.supplies().len(), 7);
    Ok(())
}

/// Two legal entities with one credit code may be one firm; a department goes by that of its own.
#[test]
fn a_credit_code_is_of_one_firm() -> Outcome {
    let text = "企业编号,统一社会信用代码,类型\nB1,91430200707234567N,企业\nB2,91430200707234567N,\nB3,91430200707234567N,部门\n";
    let (_, report) = read(Table::Firms, text.as_bytes())?;
    let told: Vec<_> = report.faults().iter().filter(|fault| fault.kind == FaultKind::SharedCode).collect();
    assert_eq!((told.len(), told[0].detail.as_deref(), report.losses()), (1, Some("B1; B2"), 0));
    Ok(())
}

/// A roster as offices keep it: one sheet for everything.
#[test]
fn a_roster_holds_lists_of_products_chains_and_partners() -> Outcome {
    let folder = tempfile::tempdir()?;
    let roster = "序号,企业名称,性质,规模,链主企业,2023年营业收入（万元）,2024年营业收入(万元),主要产品,所属产业链,上游供应商,下游客户\n\
                  1,甲机车有限公司,国有,大型企业,★,5,7,机车、转向架,轨道交通链；航空链,乙厂，丙厂,\n\
                  2,乙厂,民营,小型企业,,1-2,,齿轮箱,轨道交通链,,甲机车\n\
                  合计,,,,,,9,,,,\n";
    put(folder.path(), "企业名录.csv", roster)?;
    put(folder.path(), "产业链.csv", "产业链编号,名称\nr,轨道交通链\n")?;
    let (dataset, report) = Reader::new().read(folder.path())?;
    let tables = dataset.tables();
    let anchor = &tables.firms[tables.firm_ix("甲机车有限公司").ok_or("no anchor")?.index()];
    assert_eq!(anchor.ownership, Some(Ownership::State));
    assert_eq!((anchor.kind, anchor.size, anchor.anchor), (None, Some(SizeClass::Large), Some(true)));
    // Of the years the latest.
    assert_eq!(anchor.revenue, Some(70_000.0));
    let made: Vec<_> =
        tables.firm_products.iter().map(|row| (row.firm.as_str(), row.product.as_str())).collect();
    assert_eq!(made, [("乙厂", "齿轮箱"), ("甲机车有限公司", "机车"), ("甲机车有限公司", "转向架")]);
    // A chain by its name is the one with the record.
    let chains: Vec<_> =
        tables.chain_members.iter().map(|row| (row.chain.as_str(), row.firm.as_str())).collect();
    assert_eq!(chains, [("r", "乙厂"), ("r", "甲机车有限公司"), ("航空链", "甲机车有限公司")]);
    let firm = |ix: FirmIx| tables.firms[ix.index()].id.as_str();
    let sold: Vec<_> =
        dataset.supplies().iter().map(|row| (firm(row.supplier()), firm(row.buyer()))).collect();
    assert_eq!(sold.len(), 3, "{sold:?}");
    assert!(sold.contains(&("丙厂", "甲机车有限公司")) && sold.contains(&("乙厂", "甲机车")));
    // Who is named otherwise is told, with the only one that it may be.
    let strangers = report.faults().iter().filter(|fault| fault.kind == FaultKind::OnlyNamed);
    let strangers: Vec<_> = strangers.map(|fault| (&*fault.value, fault.detail.as_deref())).collect();
    assert_eq!(strangers, [("丙厂", None), ("甲机车", Some("甲机车有限公司?"))]);
    assert_eq!((report.count(FaultKind::NoRecord), report.count(FaultKind::RepeatedColumn)), (1, 1));
    assert_eq!(report.count(FaultKind::Range), 0, "of a year that does not count");
    // What is read of lists is written in tables of its own.
    let again = tempfile::tempdir()?;
    dataset.write_csv_folder(again.path())?;
    assert_eq!(Reader::new().mode(Mode::Strict).read(again.path())?.0, dataset);
    Ok(())
}

#[test]
fn a_ledger_of_pairings_without_numbers() -> Outcome {
    let text = "序号,链主企业,配套企业,签约时间,结对内容\n1,甲,乙、丙,2024年5月,技术攻关\n2,甲,丁,24.5,\n3,甲,,2024年,\n合计,3,,,\n";
    let (dataset, report) = read(Table::Pairings, text.as_bytes())?;
    let pairings = dataset.tables().pairings.iter();
    let told: Vec<_> =
        pairings.map(|one| (one.id.as_str(), one.parties.len(), one.signed.is_some())).collect();
    assert_eq!(told, [("甲;丁", 2, false), ("甲;乙、丙@2024-05", 3, true)]);
    assert_eq!(
        lines(&report),
        [
            "1 unknown_column - ignored \"序号\"",
            "3 bad_date signed value left out \"24.5\"",
            "4 too_few_parties parties row left out \"甲\"",
            "5 no_record pairing ignored \"合计\"",
        ]
    );
    Ok(())
}

/// Lists in cells of relations mean everybody with everybody, in equal shares.
#[test]
fn relations_may_list_firms_and_products() -> Outcome {
    let text = "采购方,供应商,产品,金额\n甲,乙、丙；丁,齿轮箱，轴承,6\nA;B,x|y,p,1\n";
    let (dataset, report) = read(Table::Supplies, text.as_bytes())?;
    let values: Vec<_> = dataset.supplies().iter().map(SupplyRow::value).collect();
    assert_eq!(values.iter().filter(|value| **value == Some(1.0)).count(), 7);
    // So many that they would fill the memory are refused.
    let many = vec!["甲"; 200].join("、");
    let told = faults(Table::Supplies, format!("采购方,供应商\n{many},{many}\n").as_bytes())?;
    assert_eq!(told.len(), 1);
    assert!(told[0].starts_with("2 long_text supplier row left out"), "{told:?}");
    // Signs of ASCII are parts of keys.
    assert!(dataset.tables().firm_ix("A;B").is_some() && dataset.tables().firm_ix("x|y").is_some());
    assert_eq!(report.losses(), 0);
    Ok(())
}

#[test]
fn what_of_a_folder_is_not_read_is_told() -> Outcome {
    let folder = tempfile::tempdir()?;
    put(folder.path(), "企业.tsv", "企业\t营业收入：万元\n甲\t3\n")?;
    put(folder.path(), "readme.txt", "nothing")?;
    put(folder.path(), "供应关系.xlsx", "")?;
    put(folder.path(), "报送.et", "")?;
    put(folder.path(), "~$供应关系.xlsx", "")?;
    put(folder.path(), "说明.ods", "")?;
    fs::create_dir(folder.path().join("2024"))?;
    let (dataset, report) = Reader::new().read(folder.path())?;
    assert_eq!(dataset.tables().firms[0].revenue, Some(30_000.0));
    assert_eq!(
        lines(&report),
        [
            "- file_not_read - ignored \"2024\"",
            "- file_not_read - table left out \"供应关系.xlsx\"",
            "- file_not_read - ignored \"报送.et\"",
            "- file_not_read - ignored \"说明.ods\"",
        ]
    );
    fs::remove_file(folder.path().join("企业.tsv"))?;
    for workbook in ["供应关系.xlsx", "报送.et"] {
        fs::remove_file(folder.path().join(workbook))?;
    }
    let error = Reader::new().read(folder.path()).expect_err("no table").to_string();
    assert!(error.ends_with("found 2024, 说明.ods"), "{error}");
    Ok(())
}

/// Files in memory are read as those of a folder are, whatever the order in which they come.
#[test]
fn files_in_memory_are_read_as_a_folder() -> Outcome {
    let files: [(&str, Vec<u8>); 6] = [
        ("供应关系2024.csv", "供应商,采购方\n钢厂,机车厂\n".into()),
        ("供应关系2023.csv.gz", gzip("供应商,采购方\n母排厂,F1\n".as_bytes())?),
        ("报送.xlsx", Vec::new()),
        ("other.csv", b"x\n".to_vec()),
        ("企业.csv", "企业编号,名称\nF1,机车厂\nF2,钢厂\n".into()),
        ("firms.csv", "firm,name\nF3,母排厂\nF1,机车厂\nF2,钢厂\n".into()),
    ];
    let folder = tempfile::tempdir()?;
    for (name, bytes) in &files {
        put(folder.path(), name, bytes)?;
    }
    let there = Reader::new().read(folder.path())?;
    assert_eq!(there.0.tables().firms.len(), 3);
    assert_eq!(there.1.count(FaultKind::RepeatedTable), 1);
    let given = || files.iter().map(|(name, bytes)| (*name, bytes.as_slice()));
    assert_eq!(Reader::new().read_csv_files(given())?, there);
    assert_eq!(Reader::new().read_csv_files(given().rev())?, there);
    assert!(matches!(Reader::new().mode(Mode::Strict).read_csv_files(given()), Err(ReadError::Faults(_))));

    let error = Reader::new().read_csv_files([("a.txt", &b""[..])]).expect_err("no table").to_string();
    assert_eq!(error, "what was given holds no table; expected at least firms.csv (企业.csv), found a.txt");
    let broken = [("firms.csv.gz", &[0x1f, 0x8b, 8, 0, 0][..])];
    let error = Reader::new().read_csv_files(broken).expect_err("it breaks off").to_string();
    assert!(error.contains("firms.csv.gz"), "{error}");
    Ok(())
}

/// What looks like a list is none where it is a key or a name, wherever that stands.
#[test]
fn names_may_look_like_lists() -> Outcome {
    let folder = tempfile::tempdir()?;
    let roster = "企业编号,企业名称,上游供应商,主要产品\nF1,Foo，Bar 有限公司,甲、乙合伙,螺栓、螺母组\n甲、乙合伙,,,轴（大，小）\n";
    put(folder.path(), "企业.csv", roster)?;
    put(folder.path(), "产品.csv", "产品编号\n螺栓、螺母组\n")?;
    put(
        folder.path(),
        "供应关系.csv",
        "供应商,采购方,金额\n甲、乙合伙,丁,100\n\"Foo，Bar 有限公司\",丁、戊,100\n",
    )?;
    put(folder.path(), "产业链成员.csv", "产业链,企业\n轨道,甲、乙合伙\n")?;
    let (dataset, report) = Reader::new().read(folder.path())?;
    assert_eq!(firms(&dataset), ["F1", "丁", "戊", "甲、乙合伙"]);
    let tables = dataset.tables();
    let products: Vec<_> = tables.products.iter().map(|product| product.id.as_str()).collect();
    assert_eq!(products, ["螺栓、螺母组", "轴（大，小）"]);
    let rows: Vec<_> = dataset
        .supplies()
        .iter()
        .map(|row| (tables.firms[row.supplier().index()].id.as_str(), row.value()))
        .collect();
    assert_eq!(rows.len(), 4, "{rows:?}");
    assert!(rows.contains(&("甲、乙合伙", Some(100.0))) && rows.contains(&("F1", Some(50.0))), "{rows:?}");
    assert_eq!((tables.chain_members.len(), report.losses()), (1, 0), "{report}");
    // A cell that says nothing is a fault of its row.
    let (_, report) = read(Table::Supplies, "供应商,采购方\n,甲、乙\n".as_bytes())?;
    assert_eq!(report.count(FaultKind::EmptyId), 2);
    Ok(())
}

#[test]
fn of_two_headers_for_one_column_the_better_counts() -> Outcome {
    let told = |text: &str| -> Result<(String, Option<f64>, Vec<String>), ReadError> {
        let (dataset, report) = read(Table::Firms, text.as_bytes())?;
        let firm = &dataset.tables().firms[0];
        Ok((format!("{} {}", firm.id, firm.name.as_deref().unwrap_or("-")), firm.revenue, lines(&report)))
    };
    let of_year = |header: &str| vec![format!("1 repeated_column revenue ignored {header:?}")];
    let repeated = |header: &str| vec![format!("1 repeated_column revenue value left out {header:?}")];
    let year = told("企业,2023年营收,2024年营收,2022年营收\n甲,1,2,3\n")?;
    assert_eq!((year.1, year.2.len()), (Some(2.0), 2));
    assert_eq!(told("企业,2023年营收,2024年营收\n甲,1,2\n")?.2, of_year("2023年营收"));
    assert_eq!(told("企业,营收,2024年营收\n甲,1,2\n")?, ("甲 -".into(), Some(1.0), repeated("2024年营收")));
    assert_eq!(told("企业,2024年营收,营收\n甲,1,2\n")?, ("甲 -".into(), Some(2.0), repeated("2024年营收")));
    // 企业 behind 编号 is the name, and 单位 beside a name the unit.
    assert_eq!(told("编号,企业,营收\n1,甲,5\n")?, ("1 甲".into(), Some(5.0), Vec::new()));
    assert_eq!(told("企业名称,营收,单位\n甲公司,5,万元\n")?.0, "甲公司 甲公司");
    // Two languages keep the unit, and another currency is none.
    assert_eq!(told("企业,营业收入 Revenue（万元）\n甲,5\n")?.1, Some(50_000.0));
    for header in ["营业收入(USD)", "营业收入 YoY", "营业收入 (10k CNY)"] {
        assert_eq!(told(&format!("企业,{header}\n甲,5\n"))?.1, None, "{header}");
    }
    Ok(())
}

#[test]
fn what_has_a_name_but_no_key_goes_by_the_name() -> Outcome {
    let (dataset, report) =
        read(Table::Firms, "企业编号,企业名称,营收\n1,甲公司,5\n,乙公司,6\n,,7\n,合计,18\n".as_bytes())?;
    assert_eq!(firms(&dataset), ["1", "乙公司"]);
    assert_eq!(
        lines(&report),
        ["4 empty_id firm row left out \"\"", "5 no_record firm ignored \"合计\""],
        "a row without both is lost, with a word"
    );
    let (dataset, report) = read(Table::Products, "产品名称,上级产品\n转向架,零部件\n".as_bytes())?;
    assert_eq!((dataset.tables().products.len(), report.losses()), (2, 0));
    let (dataset, report) = read(Table::Chains, "产业链名称,链长\n轨道交通装备,市委书记\n".as_bytes())?;
    assert_eq!((dataset.tables().chains[0].id.as_str(), report.losses()), ("轨道交通装备", 0));
    // Each record of a document tells for itself; of a figure by years the latest counts, whatever came first.
    let text = r#"{"firms": [
        {"企业名称": "甲公司", "2023年营收": 1, "2024年营收": 2},
        {"2024年营收": 4, "2023年营收": 3, "firm": "b", "name": "乙公司"},
        {"firm": "c", "2022年营收": 6, "2023年营收": 5}
    ]}"#;
    let (dataset, report) = Reader::new().read_json(text.as_bytes(), "t.json")?;
    let of: Vec<_> =
        dataset.tables().firms.iter().map(|firm| (firm.id.as_str(), firm.revenue.unwrap_or(-1.0))).collect();
    assert_eq!(of, [("b", 4.0), ("c", 5.0), ("甲公司", 2.0)]);
    assert_eq!(report.count(FaultKind::RepeatedColumn), 3);
    Ok(())
}

/// Outcomes of pairings without numbers go by the parties, in one column or two.
#[test]
fn outcomes_are_known_by_the_parties() -> Outcome {
    let folder = tempfile::tempdir()?;
    put(folder.path(), "企业.csv", "企业编号,企业名称\nA,甲厂\nB,乙厂\nC,丙厂\n")?;
    let ledger = "链主企业,配套企业,签订日期\n甲厂,乙厂,2024-01\n甲厂,乙厂,2025-01\n甲厂,丙厂,\n";
    put(folder.path(), "结对台账.csv", ledger)?;
    let outcomes = "链主企业,配套企业,类型,日期\n甲厂,乙厂,订单,2024-06\n乙厂,甲厂,订单,2025-06\n甲厂,丙厂,失败,\n\
                    甲厂,丁厂,订单,\n甲厂,,订单,\n甲厂,乙厂,订单,2023-06\n";
    put(folder.path(), "成效.csv", outcomes)?;
    let (dataset, report) = Reader::new().read(folder.path())?;
    let told: Vec<_> = dataset.tables().outcomes.iter().map(|outcome| outcome.pairing.to_string()).collect();
    // What came of it before it was signed came of the first.
    assert_eq!(told, ["甲厂;丙厂", "甲厂;乙厂@2024-01", "甲厂;乙厂@2024-01", "甲厂;乙厂@2025-01"]);
    // Of nobody's pairing, and of one firm.
    assert_eq!((report.count(FaultKind::UnknownPairing), report.losses()), (2, 2));
    let one = "结对各方,类型,日期\n甲厂、乙厂,订单,2025-06\n甲厂、A,失败,2025-06\n";
    put(folder.path(), "成效.csv", one)?;
    let (dataset, report) = Reader::new().read(folder.path())?;
    assert_eq!(dataset.tables().outcomes[0].pairing.as_str(), "甲厂;乙厂@2025-01");
    assert_eq!((dataset.tables().outcomes.len(), report.losses()), (1, 1));
    // A pairing of these two comes before a later one of three; a number before the parties.
    put(
        folder.path(),
        "结对台账.csv",
        "结对编号,各方,签订日期\nJ1,甲厂;乙厂,2024-01\nJ2,甲厂;乙厂;丙厂,2025-01\n",
    )?;
    let outcomes = "结对编号,链主企业,配套企业,类型\n-,甲厂,乙厂,订单\n—,A,丙厂,订单\nJ2,甲厂,乙厂,订单\nJ1,甲厂,丙厂,订单\n";
    put(folder.path(), "成效.csv", outcomes)?;
    let (dataset, report) = Reader::new().read(folder.path())?;
    let told: Vec<_> = dataset.tables().outcomes.iter().map(|outcome| outcome.pairing.to_string()).collect();
    assert_eq!(told, ["J1", "J1", "J2", "J2"]);
    assert_eq!((report.count(FaultKind::Conflict), report.losses()), (1, 0));
    Ok(())
}

/// A key comes before a name, a name before what is only spelt likewise.
#[test]
fn the_very_name_comes_before_others_spelt_alike() -> Outcome {
    let folder = tempfile::tempdir()?;
    put(
        folder.path(),
        "企业.csv",
        "企业编号,企业名称,链主\nA,甲厂,乙厂（东）\nB,乙厂(东),\nC,乙厂（东）,\n丙厂,丁厂,\nD,丙厂,\n",
    )?;
    put(folder.path(), "供应关系.csv", "供应商,采购方\n乙厂(东),A\n乙厂（东）,A\n丙厂,A\n")?;
    let (dataset, report) = Reader::new().read(folder.path())?;
    assert_eq!(firms(&dataset), ["A", "B", "C", "D", "丙厂"]);
    let suppliers: Vec<&str> =
        dataset.supplies().iter().map(|row| firms(&dataset)[row.supplier().index()]).collect();
    assert_eq!(suppliers, ["B", "C", "丙厂"]);
    assert_eq!(dataset.tables().firms[2].anchor, Some(true));
    assert_eq!(report.faults().len(), 0, "{report}");
    Ok(())
}

/// Products that rows name by name are those with the record, where one alone has it.
#[test]
fn products_are_known_by_name() -> Outcome {
    let folder = tempfile::tempdir()?;
    put(folder.path(), "firms.csv", "firm\nworks\nfoundry\n")?;
    put(folder.path(), "products.csv", "product,name\nP1,铸件\nP2,机车\nP3,轴承\nP4,轴承\n")?;
    put(
        folder.path(),
        "firm_products.csv",
        "firm,product,weight\nfoundry,铸件,1\nfoundry,P1,2\nworks,轴承,1\n",
    )?;
    put(folder.path(), "product_inputs.csv", "input,output\n铸件,机车\n")?;
    put(folder.path(), "product_parents.csv", "product,parent\n铸件,P1\n机车,整车\n")?;
    put(
        folder.path(),
        "supplies.csv",
        "supplier,buyer,product\nfoundry,works,铸件\nfoundry,works,P2\nfoundry,works,砂\n",
    )?;
    let (dataset, report) = Reader::new().read(folder.path())?;
    let tables = dataset.tables();
    let ids: Vec<&str> = tables.products.iter().map(|product| product.id.as_str()).collect();
    // Two products are called 轴承: nobody can tell which of them it is.
    assert_eq!(ids, ["P1", "P2", "P3", "P4", "整车", "砂", "轴承"]);
    let makes: Vec<_> = tables
        .firm_products
        .iter()
        .map(|row| (row.firm.as_str(), row.product.as_str(), row.weight))
        .collect();
    assert_eq!(makes, [("foundry", "P1", Some(3.0)), ("works", "轴承", Some(1.0))]);
    assert_eq!(
        (tables.product_inputs[0].input.as_str(), tables.product_inputs[0].output.as_str()),
        ("P1", "P2")
    );
    let sold: Vec<_> =
        dataset.supplies().iter().filter_map(|row| Some(ids[row.product()?.index()])).collect();
    assert_eq!(sold, ["P1", "P2", "砂"]);
    // 铸件 is no kind of itself.
    assert_eq!((tables.product_parents.len(), report.count(FaultKind::SelfReference)), (1, 1));
    assert_eq!(report.made(Table::Products), 3);
    Ok(())
}

#[test]
fn a_record_by_name_is_one_of_the_firm_of_that_name() -> Outcome {
    let (dataset, report) =
        read(Table::Firms, "firm,name,region\nF1,甲公司,\n,甲公司,东区\n—,乙公司,\n".as_bytes())?;
    assert_eq!(firms(&dataset), ["F1", "乙公司"]);
    assert_eq!(dataset.tables().firms[0].region.as_deref(), Some("东区"));
    assert_eq!((report.count(FaultKind::NamedOtherwise), report.losses()), (1, 0));
    // A row of sums is none of a firm, whatever stands under the names.
    let (dataset, report) =
        read(Table::Firms, "序号,企业编号,企业名称\n1,F1,甲公司\n合计,,共1家\n".as_bytes())?;
    assert_eq!((firms(&dataset), report.count(FaultKind::NoRecord)), (vec!["F1"], 1));
    // What is said to be the key is it.
    let reader = Reader::new().map_column(Table::Firms, "firm", "单位");
    let (dataset, _) = reader.read_csv(Table::Firms, "单位,企业名称\nF1,甲公司\n".as_bytes(), "t.csv")?;
    assert_eq!(firms(&dataset), ["F1"]);
    let text = r#"{"firms": [{"单位": "家", "企业名称": "甲公司"}, {"单位": "乙公司"}]}"#;
    let (dataset, _) = Reader::new().read_json(text.as_bytes(), "t.json")?;
    assert_eq!(firms(&dataset), ["乙公司", "甲公司"]);
    Ok(())
}

/// What stands below each other in one cell, and names that only the cell has broken.
#[test]
fn lines_of_a_cell_are_a_list_but_of_one_name() -> Outcome {
    let folder = tempfile::tempdir()?;
    let roster =
        "企业编号,企业名称,上游供应商,主要产品\nA,总厂,\"己厂\n\n庚厂\",\"轴\r\n孔\"\nB,时代电气,,\n";
    put(folder.path(), "企业.csv", roster)?;
    let rows =
        "采购方,供应商,金额\nA,\"甲厂\n乙厂、\n丙厂\",9\nA,\"湘江\n有限公司\n丁厂\",4\nA,\"时代\n电气\",5\n";
    put(folder.path(), "供应关系.csv", rows)?;
    put(folder.path(), "产业链成员.csv", "产业链,企业\n轨道,\"总厂\n时代电气\n戊厂\"\n")?;
    let (dataset, report) = Reader::new().read(folder.path())?;
    assert_eq!(
        supplies(&dataset),
        [
            "B A Some(5.0)",
            "丁厂 A Some(2.0)",
            "丙厂 A Some(3.0)",
            "乙厂 A Some(3.0)",
            "己厂 A None",
            "庚厂 A None",
            "湘江有限公司 A Some(2.0)",
            "甲厂 A Some(3.0)",
        ]
    );
    let tables = dataset.tables();
    let makes: Vec<&str> = tables.firm_products.iter().map(|row| row.product.as_str()).collect();
    assert_eq!(makes, ["孔", "轴"]);
    let members: Vec<&str> = tables.chain_members.iter().map(|row| row.firm.as_str()).collect();
    assert_eq!(members, ["A", "B", "戊厂"]);
    assert_eq!(report.losses(), 0);
    Ok(())
}

#[test]
fn lists_that_each_count_from_1_are_told_as_such() -> Outcome {
    let told = faults(Table::Firms, "企业编号,企业名称\n1,甲厂\n1,乙厂\nB1,丙厂\nB1,丁厂\n".as_bytes())?;
    assert_eq!(told, ["3 shared_number name replaced \"1\"", "5 conflict name replaced \"B1\""]);
    Ok(())
}

/// Parties below each other, numbered products, and what says the same as above.
#[test]
fn lists_as_offices_write_them() -> Outcome {
    let folder = tempfile::tempdir()?;
    let roster = "企业编号,企业名称,主要产品\nA,总厂,1、轴承；2、孔 3.销\nB,时代电气,①阀②泵\nC,丙厂,1.5mm铜线、2号钢\nD,丁厂,1、轴\n";
    put(folder.path(), "企业.csv", roster)?;
    put(
        folder.path(),
        "结对台账.csv",
        "链主企业,配套企业,签订日期,模式\n总厂,\"时代\n电气\n丙厂\",2024,\"组织联建\n人才联育\"\n总厂,\"时代\n电气\",2023,\n",
    )?;
    put(folder.path(), "供应关系.csv", "采购方,供应商\nA,同上\n〃,B\n")?;
    let (dataset, report) = Reader::new().read(folder.path())?;
    let makes: Vec<String> =
        dataset.tables().firm_products.iter().map(|row| format!("{} {}", row.firm, row.product)).collect();
    assert_eq!(makes, ["A 孔", "A 轴承", "A 销", "B 泵", "B 阀", "C 1.5mm铜线", "C 2号钢", "D 轴"]);
    let parties: Vec<String> = dataset
        .tables()
        .pairings
        .iter()
        .map(|pairing| {
            pairing.parties.iter().map(jiedui::model::FirmId::as_str).collect::<Vec<_>>().join("+")
        })
        .collect();
    assert_eq!(parties, ["A+B+C", "A+B"]);
    assert_eq!(report.count(FaultKind::EmptyId), 2);
    Ok(())
}

#[test]
fn former_names_and_the_last_of_many_are_found() -> Outcome {
    let folder = tempfile::tempdir()?;
    let roster = "企业编号,企业名称\nA,湘江新厂（曾用名：湘江老厂）\nB,东江厂\nC,西江厂(原西江厂二车间)\nD,高等教育厂\n";
    put(folder.path(), "企业.csv", roster)?;
    let rows = "采购方,供应商\nD,湘江新厂\nD,湘江老厂\nD,东江厂(原北江厂)\nD,东江厂等3家企业\nD,西江厂二车间\nD,西江厂（二部）\nC,高等\n";
    put(folder.path(), "供应关系.csv", rows)?;
    let (dataset, report) = Reader::new().read(folder.path())?;
    let found: Vec<String> = report
        .faults()
        .iter()
        .map(|fault| format!("{} {} {}", fault.kind, fault.value, fault.detail.as_deref().unwrap_or("-")))
        .collect();
    assert_eq!(
        found,
        [
            "named_otherwise 东江厂(原北江厂) = B",
            "named_otherwise 东江厂等3家企业 = B",
            "named_otherwise 湘江新厂 = A",
            "named_otherwise 湘江老厂 = A",
            "named_otherwise 西江厂二车间 = C",
            "only_named 西江厂（二部） 西江厂(原西江厂二车间)?",
            "only_named 高等 高等教育厂?",
        ]
    );
    assert_eq!(firms(&dataset), ["A", "B", "C", "D", "西江厂（二部）", "高等"]);
    Ok(())
}

/// An office has numbers of its own for its suppliers, and the name beside them.
#[test]
fn the_name_beside_a_number_tells_whose_it_is() -> Outcome {
    let folder = tempfile::tempdir()?;
    put(folder.path(), "企业.csv", "企业编号,企业名称\nA,总厂\nB,湘江厂\nC,东江厂\n")?;
    let rows = "采购方,供应商编号,供应商名称,金额\n\
                A,S1,湘江 厂,1\nA,S1,湘江厂,2\nA,S2,新来厂,3\nB,S3,这个名,4\nC,S3,那个名,5\nA,C,别名,6\nA,,新来厂,7\n";
    put(folder.path(), "供应关系.csv", rows)?;
    let (dataset, report) = Reader::new().read(folder.path())?;
    assert_eq!(
        supplies(&dataset),
        [
            "B A Some(1.0)",
            "B A Some(2.0)",
            "C A Some(6.0)",
            "S2 A Some(3.0)",
            "S2 A Some(7.0)",
            "S3 B Some(4.0)",
            "S3 C Some(5.0)",
        ]
    );
    let names = dataset.tables().firms.iter().map(|firm| (firm.id.as_str(), firm.name.as_deref()));
    assert_eq!(names.skip(3).collect::<Vec<_>>(), [("S2", Some("新来厂")), ("S3", None)]);
    assert_eq!(
        lines(&report),
        [
            "- named_otherwise firm kept \"S1\"",
            "- only_named firm kept \"S2\"",
            "- only_named firm kept \"S3\"",
        ]
    );
    // Without any firms on record the names are told all the same, however the rows are read.
    let rows = "供应商编号,供应商名称,采购方编号,采购方名称\n".to_owned()
        + &"S1,湘江厂,A,总厂\nS2,新来厂,A,总厂\n".repeat(40_000);
    let (dataset, _) = Reader::new().read_csv(Table::Supplies, rows.as_bytes(), "s.csv")?;
    let names: Vec<_> = dataset.tables().firms.iter().map(|firm| firm.name.as_deref()).collect();
    assert_eq!(names, [Some("总厂"), Some("湘江厂"), Some("新来厂")]);
    assert_eq!(dataset.supplies().len(), 80_000);
    Ok(())
}
