//! Tables as one JSON document, read as a stream.

use std::cell::Cell;
use std::fmt;
use std::io::{self, BufReader, Read};
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::binding::{Binding, TableSettings};
use super::cell::push_item;
use super::row::Rows;
use super::source::{Passed, Source, SourceLimits, read_error};
use super::{Effect, Fault, FaultKind, Origin, ReadError, SourceReport, Table};

/// Reads every table of a document. Faults and errors name `file`.
pub(super) fn read_document(
    input: impl Read,
    file: &Arc<str>,
    rows: &mut Rows,
    limits: SourceLimits,
    record_limit: usize,
    settings: &[TableSettings],
) -> Result<(), ReadError> {
    rows.builder.origin(Origin { file: Some(Arc::clone(file)), line: None });
    let source = Source::new(input, file, limits);
    let encoding = source.marked.unwrap_or("UTF-8");
    let read = source.counter();
    let gauge = Gauge { bytes: Rc::new(Cell::new(0)), is_off: Rc::new(Cell::new(false)) };
    let gauged = Gauged { inner: source, gauge: gauge.clone(), limit: record_limit };
    let mut json = serde_json::Deserializer::from_reader(BufReader::new(gauged));
    let mut document =
        Document { rows, file, encoding, settings, gauge, tables: FxHashSet::default(), refusal: None };
    let result = document.read(&mut json).and_then(|()| json.end());
    let Document { tables, refusal, .. } = document;
    if let Some(refusal) = refusal {
        return Err(refusal);
    }
    if let Err(error) = result {
        let (line, column) = (error.line(), error.column());
        return Err(if error.is_io() {
            read_error(file, line as u64, read.get(), error.into())
        } else {
            ReadError::Json { file: Arc::clone(file), line, column, source: error }
        });
    }
    if tables.is_empty() {
        return Err(ReadError::NoTable { path: Arc::clone(file), expected: "the key \"firms\"" });
    }
    if !tables.contains(&Table::Firms) {
        rows.builder.fault(FaultKind::MissingTable, Effect::TableLeftOut, Table::Firms, "", "firms");
    }
    Ok(())
}

/// Counts the bytes of the current record.
#[derive(Clone)]
struct Gauge {
    bytes: Rc<Cell<u64>>,
    /// While a value is passed over, which takes no memory.
    is_off: Rc<Cell<bool>>,
}

/// Stops at records that are too long.
struct Gauged<R> {
    inner: R,
    gauge: Gauge,
    limit: usize,
}

impl<R: Read> Read for Gauged<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // What was read ahead with the record before is not counted again.
        if self.gauge.bytes.get() > self.limit as u64 && !self.gauge.is_off.get() {
            return Err(io::Error::other(Passed::Record(self.limit)));
        }
        let count = self.inner.read(buffer)?;
        self.gauge.bytes.set(self.gauge.bytes.get() + count as u64);
        Ok(count)
    }
}

/// Visits a string, boolean or number by way of `self.scalar`.
macro_rules! scalars {
    ($value:ty) => {
        fn visit_str<E>(self, text: &str) -> Result<$value, E> {
            Ok(self.scalar(&text))
        }

        fn visit_bool<E>(self, value: bool) -> Result<$value, E> {
            Ok(self.scalar(&value))
        }

        fn visit_u64<E>(self, value: u64) -> Result<$value, E> {
            Ok(self.scalar(&value))
        }

        fn visit_i64<E>(self, value: i64) -> Result<$value, E> {
            Ok(self.scalar(&value))
        }

        fn visit_f64<E>(self, value: f64) -> Result<$value, E> {
            Ok(self.scalar(&Float(value)))
        }
    };
}

/// A number with a point or an exponent, or of more digits than an integer has.
///
/// Beyond 2⁵³ not every digit is known: as a key such a number is as mangled as one of
/// a spreadsheet, and it is written like one.
struct Float(f64);

impl fmt::Display for Float {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.abs() < 9_007_199_254_740_992.0 {
            self.0.fmt(f)
        } else {
            let text = format!("{:E}", self.0);
            let (mantissa, exponent) = text.split_once('E').unwrap_or((&text, "0"));
            let point = if mantissa.contains('.') { "" } else { ".0" };
            write!(f, "{mantissa}{point}E+{exponent}")
        }
    }
}

/// The object of tables.
struct Document<'a> {
    rows: &'a mut Rows,
    file: &'a Arc<str>,
    encoding: &'static str,
    settings: &'a [TableSettings],
    gauge: Gauge,
    tables: FxHashSet<Table>,
    /// Why the reading was broken off, where it was not the document's fault.
    refusal: Option<ReadError>,
}

impl Document<'_> {
    fn read<'de, D: Deserializer<'de>>(&mut self, json: D) -> Result<(), D::Error> {
        json.deserialize_map(self)
    }

    fn skip<'de, A: MapAccess<'de>>(&self, map: &mut A) -> Result<(), A::Error> {
        self.gauge.is_off.set(true);
        map.next_value::<IgnoredAny>()?;
        self.gauge.is_off.set(false);
        self.gauge.bytes.set(0);
        Ok(())
    }

    fn table<'de, A: MapAccess<'de>>(&mut self, table: Table, map: &mut A) -> Result<(), A::Error> {
        let mut binding = Binding::new(table, &self.settings[table as usize]);
        let mut records = Records {
            rows: self.rows,
            table,
            binding: &mut binding,
            gauge: &self.gauge,
            places: FxHashMap::default(),
            cells: Vec::new(),
            read: 0,
            filtered: 0,
        };
        let is_list = map.next_value_seed(&mut records)?;
        let (read, filtered) = (records.read, records.filtered);
        let builder = &mut self.rows.builder;
        builder.at_line(None);
        if read > 0 {
            if let Err(refusal) = binding.check_settings(self.file) {
                self.refusal = Some(refusal);
                return Err(A::Error::custom("a setting does not fit"));
            }
            if let Some(column) = binding.missing() {
                builder.fault(FaultKind::MissingColumn, Effect::TableLeftOut, table, column, "");
            }
        } else if is_list {
            builder.fault(FaultKind::EmptyTable, Effect::Kept, table, "", "");
        }
        builder.report_mut().push_source(SourceReport {
            file: Arc::clone(self.file),
            table,
            encoding: self.encoding,
            read,
            filtered,
        });
        Ok(())
    }
}

impl<'de> Visitor<'de> for &mut Document<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of tables, like {\"firms\": [{\"firm\": …}]}")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            match Table::from_name(&key) {
                Some(table) if self.tables.insert(table) => self.table(table, &mut map)?,
                Some(table) => {
                    let kind = FaultKind::RepeatedTable;
                    self.rows.builder.fault(kind, Effect::TableLeftOut, table, "", &key);
                    self.skip(&mut map)?;
                }
                None => {
                    self.rows.builder.report_mut().push(Fault {
                        kind: FaultKind::UnknownTable,
                        effect: Effect::Kept,
                        table: None,
                        origin: Origin { file: Some(Arc::clone(self.file)), line: None },
                        column: None,
                        value: key.into(),
                        detail: None,
                    });
                    self.skip(&mut map)?;
                }
            }
        }
        Ok(())
    }
}

/// The list of a table's records.
struct Records<'a, 's> {
    rows: &'a mut Rows,
    table: Table,
    binding: &'a mut Binding<'s>,
    gauge: &'a Gauge,
    /// Where the value of a key stands in `cells`; `None` where nobody wants it.
    places: FxHashMap<Box<str>, Option<usize>>,
    /// The values of the current record, those that it has.
    cells: Vec<Option<String>>,
    read: u64,
    filtered: u64,
}

impl Records<'_, '_> {
    /// The most different keys that are remembered.
    const KEYS: usize = 10_000;

    fn place(&mut self, key: &str) -> Option<usize> {
        if let Some(place) = self.places.get(key) {
            return *place;
        }
        let next = self.cells.len();
        let place = self.binding.bind(key, next, &mut self.rows.builder).then_some(next);
        if place.is_some() {
            self.cells.push(None);
        }
        if place.is_some() || self.places.len() < Self::KEYS {
            self.places.insert(key.into(), place);
        }
        place
    }

    fn wrong_shape(&mut self, effect: Effect, column: &str, value: &str) {
        self.rows.builder.fault(FaultKind::WrongShape, effect, self.table, column, value);
    }

    /// Reads the values of a record, then hands it on.
    fn record<'de, A: MapAccess<'de>>(&mut self, mut map: A) -> Result<(), A::Error> {
        self.cells.fill(None);
        while let Some(key) = map.next_key::<String>()? {
            let Some(place) = self.place(&key) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let value = map.next_value_seed(Value)?;
            if self.cells[place].is_some() {
                let kind = FaultKind::RepeatedColumn;
                self.rows.builder.fault(kind, Effect::CellLeftOut, self.table, &key, "");
                continue;
            }
            match value {
                Some(text) => self.cells[place] = Some(text),
                None => self.wrong_shape(Effect::CellLeftOut, &key, ""),
            }
        }
        let cells = &self.cells;
        let cell = |place: usize| cells[place].as_deref().unwrap_or("");
        if self.binding.keeps(cell) {
            let (rows, table) = (&mut *self.rows, self.table);
            self.binding.row(cell, |cells| rows.add(table, cells));
        } else {
            self.filtered += 1;
        }
        Ok(())
    }
}

impl Records<'_, '_> {
    fn scalar(&mut self, value: &dyn fmt::Display) -> bool {
        self.wrong_shape(Effect::TableLeftOut, "", &value.to_string());
        false
    }
}

impl<'de> DeserializeSeed<'de> for &mut Records<'_, '_> {
    /// Whether it was a list.
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<bool, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut Records<'_, '_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<bool, A::Error> {
        loop {
            self.gauge.bytes.set(0);
            self.rows.builder.at_line(Some(self.read + 1));
            if list.next_element_seed(Record(self))?.is_none() {
                return Ok(true);
            }
            self.read += 1;
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
            self.gauge.bytes.set(0);
        }
        self.wrong_shape(Effect::TableLeftOut, "", "an object");
        Ok(false)
    }

    scalars!(bool);

    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(true)
    }
}

/// One record of a table.
struct Record<'r, 'a, 's>(&'r mut Records<'a, 's>);

impl Record<'_, '_, '_> {
    fn scalar(self, value: &dyn fmt::Display) {
        self.0.wrong_shape(Effect::RowLeftOut, "", &value.to_string());
    }
}

impl<'de> DeserializeSeed<'de> for Record<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Record<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a record")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        self.0.record(map)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        self.0.wrong_shape(Effect::RowLeftOut, "", "a list");
        Ok(())
    }

    scalars!(());

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(self.scalar(&"null"))
    }
}

/// A value as the text of a cell; `None` where it is nested.
struct Value;

impl Value {
    fn scalar(self, value: &dyn fmt::Display) -> Option<String> {
        Some(value.to_string())
    }
}

impl<'de> DeserializeSeed<'de> for Value {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Option<String>, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    scalars!(Option<String>);

    fn visit_unit<E>(self) -> Result<Option<String>, E> {
        Ok(Some(String::new()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Option<String>, A::Error> {
        let mut cell = Some(String::new());
        while let Some(item) = list.next_element_seed(Item)? {
            match (&mut cell, item) {
                (Some(cell), Some(item)) if !item.trim().is_empty() => push_item(cell, item.trim()),
                (_, Some(_)) => {}
                (cell, None) => *cell = None,
            }
        }
        Ok(cell)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Option<String>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

/// An item of a list, which must not be a list again.
struct Item;

impl Item {
    fn scalar(self, value: &dyn fmt::Display) -> Option<String> {
        Value.scalar(value)
    }
}

impl<'de> DeserializeSeed<'de> for Item {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Option<String>, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Item {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Value.expecting(f)
    }

    scalars!(Option<String>);

    fn visit_unit<E>(self) -> Result<Option<String>, E> {
        Ok(Some(String::new()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Option<String>, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Option<String>, A::Error> {
        Value.visit_map(map)
    }
}
