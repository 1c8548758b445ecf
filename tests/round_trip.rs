//! Law: a dataset that is written and read is the same dataset, and the order of rows
//! does not matter.
#![cfg(all(feature = "csv", feature = "json"))]

use jiedui::dataset::{Dataset, DatasetBuilder, Reader, Table};
use jiedui::model::{
    Answer, Category, Chain, ChainMember, CoBuildingMode, CreditCode, Date, Direction, Firm, FirmKind,
    FirmProduct, Incident, Industry, Level, Outcome, OutcomeKind, Ownership, Pairing, PartyBranch, Place,
    Product, ProductInput, ProductParent, Resource, Response, Role, SizeClass, Supply,
};
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A record of any table.
#[derive(Debug, Clone)]
enum Record {
    Firm(Firm),
    Product(Product),
    ProductParent(ProductParent),
    ProductInput(ProductInput),
    FirmProduct(FirmProduct),
    Supply(Supply),
    Chain(Chain),
    ChainMember(ChainMember),
    Resource(Resource),
    Pairing(Pairing),
    Outcome(Outcome),
    Incident(Incident),
    Response(Response),
}

fn add(builder: &mut DatasetBuilder, record: Record) {
    match record {
        Record::Firm(row) => builder.add_firm(row),
        Record::Product(row) => builder.add_product(row),
        Record::ProductParent(row) => builder.add_product_parent(row),
        Record::ProductInput(row) => builder.add_product_input(row),
        Record::FirmProduct(row) => builder.add_firm_product(row),
        Record::Supply(row) => builder.add_supply(&row),
        Record::Chain(row) => builder.add_chain(row),
        Record::ChainMember(row) => builder.add_chain_member(row),
        Record::Resource(row) => builder.add_resource(row),
        Record::Pairing(row) => builder.add_pairing(row),
        Record::Outcome(row) => builder.add_outcome(row),
        Record::Incident(row) => builder.add_incident(row),
        Record::Response(row) => builder.add_response(row),
    };
}

fn dataset(records: Vec<Record>) -> Dataset {
    let mut builder = Dataset::builder();
    for record in records {
        add(&mut builder, record);
    }
    builder.finish().0
}

/// Few different keys, so that records meet; some of them odd.
fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => select(vec!["a", "b", "甲", "乙"]).prop_map(str::to_owned),
        2 => select(vec![
            "a;b", "\"", "\"a\"", "a,b", " a", "b\u{3000}", "a\r\nb", "x\ry", "；", "a|b、c", "=1+1", "1.5E+3",
            "无", "-", "'", "\u{feff}a", "联通", "\0", "9.14302E+17", "0", "007",
        ]).prop_map(str::to_owned),
        1 => "\\PC{0,6}",
        1 => any::<String>(),
    ]
}

fn text() -> impl Strategy<Value = Option<Box<str>>> {
    of(key().prop_map(String::into_boxed_str))
}

fn number() -> impl Strategy<Value = Option<f64>> {
    of(prop_oneof![
        any::<f64>(),
        -1e6..1e6,
        (0u32..1000).prop_map(f64::from),
        select(vec![0.0, -0.0, 1e15, 1e-300, f64::MIN_POSITIVE, 5e-324, 0.1, 1e9, f64::NAN, f64::INFINITY]),
    ])
}

fn date() -> impl Strategy<Value = Option<Date>> {
    of((1895i64..2205, 0i64..14, 0i64..33, 0u8..4).prop_map(
        |(year, month, day, precision)| match precision {
            0 => Date::year(year),
            1 => Date::fiscal_year(year, month),
            2 => Date::month(year, month),
            _ => Date::day(year, month, day),
        },
    ))
    .prop_map(|date| date.and_then(Result::ok))
}

fn firm() -> impl Strategy<Value = Record> {
    let code = select(vec!["91350100M000100Y43", "91350211M0000XUF46", "x", "9.14302E+17", ""]);
    let who = (key(), text(), of(code), of(select(FirmKind::ALL)), of(key()), of(any::<bool>()));
    let what = (of(select(Ownership::ALL)), of(prop_oneof![key(), "[A-U]?[0-9]{0,5}"]), text());
    let place = of((-180.0..=180.0, -90.0..=90.0));
    let size = (number(), number(), of(select(SizeClass::ALL)), of(select(PartyBranch::ALL)));
    let counts = (of(any::<u32>()), of(any::<u32>()));
    (who, what, place, size, counts).prop_map(|(who, what, place, size, counts)| {
        let mut firm = Firm::new(who.0);
        firm.name = who.1;
        firm.credit_code = who.2.map(CreditCode::new);
        firm.kind = who.3;
        firm.parent = who.4.map(Into::into);
        firm.anchor = who.5;
        firm.ownership = what.0;
        firm.industry = what.1.map(|code| Industry::new(&code));
        firm.region = what.2;
        firm.place = place.and_then(|(longitude, latitude)| Place::new(longitude, latitude).ok());
        (firm.employees, firm.revenue, firm.size, firm.party_branch) = size;
        (firm.party_members, firm.quota) = counts;
        Record::Firm(firm)
    })
}

fn record() -> impl Strategy<Value = Record> {
    let chain = (key(), (text(), text(), text(), text(), text()), date(), date()).prop_map(
        |(id, (name, leader, office, association, committee), valid_from, valid_to)| {
            let id = id.into();
            Record::Chain(Chain { id, name, leader, office, association, committee, valid_from, valid_to })
        },
    );
    let modes = prop::collection::vec(select(CoBuildingMode::ALL), 0..4);
    let parties = prop::collection::vec(key(), 0..5);
    let pairing = (key(), parties, of(select(Level::ALL)), modes, text(), date(), date()).prop_map(
        |(id, parties, level, modes, theme, signed, ends)| {
            let parties = parties.into_iter().map(Into::into).collect();
            Record::Pairing(Pairing { id: id.into(), parties, level, modes, theme, signed, ends })
        },
    );
    prop_oneof![
        firm(),
        (key(), text()).prop_map(|(id, name)| Record::Product(Product { id: id.into(), name })),
        (key(), key()).prop_map(|(product, parent)| Record::ProductParent(ProductParent {
            product: product.into(),
            parent: parent.into()
        })),
        (key(), key(), number()).prop_map(|(input, output, weight)| Record::ProductInput(ProductInput {
            input: input.into(),
            output: output.into(),
            weight
        })),
        (key(), key(), select(Role::ALL), number()).prop_map(|(firm, product, role, weight)| {
            Record::FirmProduct(FirmProduct { firm: firm.into(), product: product.into(), role, weight })
        }),
        (key(), key(), of(key()), number(), date()).prop_map(|(supplier, buyer, product, value, date)| {
            let mut row = Supply::new(supplier, buyer);
            row.product = product.map(Into::into);
            row.value = value;
            row.date = date;
            Record::Supply(row)
        }),
        chain,
        (key(), key(), text()).prop_map(|(chain, firm, position)| {
            Record::ChainMember(ChainMember { chain: chain.into(), firm: firm.into(), position })
        }),
        (key(), select(Direction::ALL), select(Category::ALL), text(), number(), text()).prop_map(
            |(firm, direction, category, item, amount, unit)| {
                Record::Resource(Resource { firm: firm.into(), direction, category, item, amount, unit })
            }
        ),
        pairing,
        (key(), select(OutcomeKind::ALL), number(), date(), text()).prop_map(
            |(pairing, kind, amount, date, evidence)| {
                Record::Outcome(Outcome { pairing: pairing.into(), kind, amount, date, evidence })
            }
        ),
        (key(), key(), text(), number(), date()).prop_map(|(supplier, buyer, kind, lots, date)| {
            Record::Incident(Incident { supplier: supplier.into(), buyer: buyer.into(), kind, lots, date })
        }),
        (key(), key(), select(Answer::ALL), date(), date()).prop_map(
            |(firm, partner, answer, date, until)| {
                Record::Response(Response { firm: firm.into(), partner: partner.into(), answer, date, until })
            }
        ),
    ]
}

/// A record that went out as JSON and came back.
fn sent<T: Serialize + DeserializeOwned>(row: &T) -> T {
    serde_json::from_str(&serde_json::to_string(row).unwrap()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_dataset_is_read_as_it_was_written(records in prop::collection::vec(record(), 0..40)) {
        let dataset = dataset(records);
        let folder = tempfile::tempdir()?;
        dataset.write_csv_folder(folder.path()).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let (again, report) =
            Reader::new().read(folder.path()).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(report.losses(), 0, "{:?}", report.faults());
        prop_assert_eq!(&again, &dataset);

        let mut text = Vec::new();
        dataset.write_json(&mut text).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let (again, report) = Reader::new()
            .read_json(text.as_slice(), "text.json")
            .map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(report.losses(), 0, "{:?}", report.faults());
        prop_assert_eq!(&again, &dataset);
    }

    #[test]
    fn a_record_is_read_as_it_was_sent(records in prop::collection::vec(record(), 0..40)) {
        let dataset = dataset(records);
        macro_rules! check {
            ($($table:ident),+) => { $(for row in &dataset.tables().$table {
                prop_assert_eq!(&sent(row), row);
            })+ };
        }
        check!(firms, products, product_parents, product_inputs, firm_products, chains, chain_members);
        check!(resources, pairings, outcomes, incidents, responses);
        for row in dataset.supplies() {
            let row = dataset.supply(row);
            prop_assert_eq!(&sent(&row), &row);
        }
    }

    #[test]
    fn the_order_of_rows_does_not_matter(
        (records, shuffled) in prop::collection::vec(record(), 0..40)
            .prop_flat_map(|records| (Just(records.clone()), Just(records).prop_shuffle()))
    ) {
        prop_assert_eq!(dataset(records), dataset(shuffled));
    }

    #[test]
    fn any_bytes_are_read_without_panic(
        bytes in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..300),
            "(firm|name|,|;|\"|\r|\n|\t|\u{feff}|1e999|万|\\PC|\\x00){0,80}".prop_map(String::into_bytes),
        ],
        limit in 0usize..64,
    ) {
        let reader = Reader::new().record_limit(limit);
        let mut text = b"firm,name,revenue\n".to_vec();
        text.extend(&bytes);
        for table in Table::ALL {
            let _ = Reader::new().read_csv(*table, bytes.as_slice(), "bytes");
        }
        let _ = reader.read_csv(Table::Firms, text.as_slice(), "bytes");
        let _ = reader.read_json(bytes.as_slice(), "bytes");
    }

    #[test]
    fn any_json_is_read_without_panic(
        text in "([\\[\\]{},:]|\"firms\"|\"firm\"|\"supplies\"|\"supplier\"|\"x\"|1|1e400|null|true|\"\\\\u0000\"){0,60}"
    ) {
        let _ = Reader::new().read_json(text.as_bytes(), "text");
        let document = format!("{{\"firms\":[{{\"firm\":{text}");
        let _ = Reader::new().read_json(document.as_bytes(), "text");
    }
}

#[test]
fn a_packed_folder_reads_the_same_and_nothing_else_may_lie_in_it() -> Result<(), Box<dyn std::error::Error>> {
    let mut builder = Dataset::builder();
    builder.add_supply(&Supply::new("foundry", "carworks"));
    let (dataset, _) = builder.finish();
    let folder = tempfile::tempdir()?;
    dataset.write_csv_gz_folder(folder.path())?;
    let (again, _) = Reader::new().read(folder.path())?;
    assert_eq!(again, dataset);
    let error = dataset.write_csv_folder(folder.path()).expect_err("the packed files would be read instead");
    assert!(error.to_string().ends_with("remove it, or write to another folder"), "{error}");
    Ok(())
}

/// A report is read back as it was written, and goes on counting.
#[test]
fn a_report_comes_back_from_json() -> Result<(), Box<dyn std::error::Error>> {
    let many = "firm,employees,size\n".to_owned() + &"A,-1,huge\n".repeat(1_200);
    let files =
        [("firms.csv", many.as_str()), ("supplies.csv", "supplier,buyer\nA,B\nA,A\n"), ("x.csv", "x\n")];
    let (_, report) = Reader::new().read_csv_files(files.map(|(name, text)| (name, text.as_bytes())))?;
    assert!(report.losses() > 1_000 && report.faults().iter().any(|fault| fault.table.is_none()), "{report}");
    let text = serde_json::to_string(&report)?;
    let again: jiedui::dataset::Report = serde_json::from_str(&text)?;
    assert_eq!(again, report);
    assert_eq!(again.to_string(), report.to_string());
    assert!(serde_json::from_str::<jiedui::dataset::Report>(&text.replace("UTF-8", "UTF-7")).is_err());
    Ok(())
}
