//! Tables as one JSON document, read as a stream.

use std::cell::Cell;
use std::fmt;
use std::io::{self, BufReader, Read};
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::ReadError;
use super::binding::{Binding, TableSettings};
use super::cell::push_item;
use super::limits::SourceLimits;
use super::number::number_text;
use super::row::Rows;
use super::source::{Passed, Source, read_error};
use crate::dataset::{Effect, FaultKind, Origin, SourceReport, Table};

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
    let source = Source::new(input, limits);
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
        return Err(ReadError::NoTable {
            path: Arc::clone(file),
            expected: "the key \"firms\"",
            found: String::new(),
        });
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

/// What a value proved to be: of the shape wanted, or else in words.
type Shaped<T> = Result<T, String>;

/// Visits a string, boolean or number, which is then of the right or wrong shape.
macro_rules! scalars {
    ($value:ty, $shape:expr) => {
        fn visit_str<E>(self, text: &str) -> Result<$value, E> {
            Ok($shape(text.to_owned()))
        }

        fn visit_bool<E>(self, value: bool) -> Result<$value, E> {
            Ok($shape(value.to_string()))
        }

        fn visit_u64<E>(self, value: u64) -> Result<$value, E> {
            Ok($shape(value.to_string()))
        }

        fn visit_i64<E>(self, value: i64) -> Result<$value, E> {
            Ok($shape(value.to_string()))
        }

        fn visit_f64<E>(self, value: f64) -> Result<$value, E> {
            Ok($shape(number_text(value)))
        }
    };
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
        let mut binding = Binding::new(table, &self.settings[table as usize], true);
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
        let shaped = map.next_value_seed(&mut records)?;
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
        }
        if let Err(found) = &shaped {
            builder.fault(FaultKind::WrongShape, Effect::TableLeftOut, table, "", found);
        }
        let (file, encoding) = (Arc::clone(self.file), self.encoding);
        self.rows.close(SourceReport { file, table, encoding, read, filtered }, shaped.is_err());
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
            match Table::from_word(&key) {
                Some(table) if self.tables.insert(table) => self.table(table, &mut map)?,
                Some(table) => {
                    let kind = FaultKind::RepeatedTable;
                    self.rows.builder.fault(kind, Effect::TableLeftOut, table, "", &key);
                    self.skip(&mut map)?;
                }
                None => {
                    let kind = FaultKind::UnknownTable;
                    self.rows.builder.no_table(kind, Effect::Ignored, self.file, &key);
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
            let value = map.next_value_seed(CellText { is_in_list: false })?;
            if self.cells[place].is_some() {
                let kind = FaultKind::RepeatedColumn;
                self.rows.builder.fault(kind, Effect::CellLeftOut, self.table, &key, "");
                continue;
            }
            match value {
                Ok(text) => self.cells[place] = Some(text),
                Err(found) => self.wrong_shape(Effect::CellLeftOut, &key, &found),
            }
        }
        let cells = &self.cells;
        let cell = |place: usize| cells[place].as_deref().unwrap_or("");
        if self.binding.keeps(cell) {
            let (rows, table) = (&mut *self.rows, self.table);
            if let Some(column) = self.binding.row(cell, |cells| rows.add(table, cells, "")) {
                let kind = FaultKind::RepeatedColumn;
                rows.builder.fault(kind, Effect::CellLeftOut, table, column, "");
            }
        } else {
            self.filtered += 1;
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for &mut Records<'_, '_> {
    type Value = Shaped<()>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut Records<'_, '_> {
    type Value = Shaped<()>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        loop {
            self.gauge.bytes.set(0);
            self.rows.builder.at_line(Some(self.read + 1));
            let Some(shaped) = list.next_element_seed(Record(self))? else { return Ok(Ok(())) };
            self.read += 1;
            if let Err(found) = shaped {
                self.wrong_shape(Effect::RowLeftOut, "", &found);
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        self.gauge.is_off.set(true);
        pass_over(map)?;
        self.gauge.is_off.set(false);
        Ok(Err("an object".to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Ok(()))
    }

    scalars!(Shaped<()>, Err);
}

/// One record of a table.
struct Record<'r, 'a, 's>(&'r mut Records<'a, 's>);

impl<'de> DeserializeSeed<'de> for Record<'_, '_, '_> {
    type Value = Shaped<()>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Record<'_, '_, '_> {
    type Value = Shaped<()>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a record")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        self.0.record(map).map(Ok)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Err("a list".to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Err("null".to_owned()))
    }

    scalars!(Shaped<()>, Err);
}

/// A value as the text of a cell; a list, unless it is in one itself, as the list in a
/// cell.
struct CellText {
    is_in_list: bool,
}

impl<'de> DeserializeSeed<'de> for CellText {
    type Value = Shaped<String>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for CellText {
    type Value = Shaped<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        if self.is_in_list {
            while list.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(Err("a list in a list".to_owned()));
        }
        let mut cell = Ok(String::new());
        while let Some(item) = list.next_element_seed(Self { is_in_list: true })? {
            match (&mut cell, item) {
                (Ok(cell), Ok(item)) if !item.trim().is_empty() => push_item(cell, item.trim()),
                (Ok(_), Err(found)) => cell = Err(found),
                _ => {}
            }
        }
        Ok(cell)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        pass_over(map)?;
        Ok(Err("an object".to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Ok(String::new()))
    }

    scalars!(Shaped<String>, Ok);
}

fn pass_over<'de, A: MapAccess<'de>>(mut map: A) -> Result<(), A::Error> {
    while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}
