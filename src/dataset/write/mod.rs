//! Datasets out: written so that they read back the same.

mod written;

use std::io::{self, Write};
#[cfg(feature = "csv")]
use std::path::Path;
use std::sync::Arc;

#[cfg(feature = "csv")]
use super::read::Folder;
#[cfg(feature = "csv")]
use super::read::push_item;
use super::{Dataset, Table};
#[cfg(feature = "csv")]
use written::{Value, number_text};
use written::{rows, written_tables};

/// Why a dataset could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// A file or folder cannot be written.
    #[error("cannot write {path}")]
    Write {
        /// The path.
        path: Arc<str>,
        /// Why.
        source: io::Error,
    },
    /// The folder holds a table that would be read together with what is written.
    #[error("{path} would be read as a part of the dataset; remove it, or write to another folder")]
    InTheWay {
        /// The file.
        path: Arc<str>,
    },
    /// A stream cannot be written.
    #[error("cannot write the dataset")]
    Stream(#[source] io::Error),
}

impl Dataset {
    /// Writes a folder of CSV files, a `TABLE.csv` for each table with a record and
    /// for the firms. The folder is made where it is not there; files of these names
    /// are replaced.
    ///
    /// A [`Reader`](super::Reader) without settings reads the same dataset from it.
    ///
    /// # Errors
    ///
    /// [`WriteError::InTheWay`] where the folder holds a further file of a table, and
    /// [`WriteError::Write`].
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path();
    /// use jiedui::dataset::{Dataset, Reader};
    /// use jiedui::model::Supply;
    ///
    /// let mut builder = Dataset::builder();
    /// builder.add_supply(&Supply::new("foundry; south", "carworks"));
    /// let (dataset, _) = builder.finish();
    /// dataset.write_csv_folder(path)?;
    /// let (again, _) = Reader::new().read(path)?;
    /// assert_eq!(again, dataset);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "csv")]
    pub fn write_csv_folder(&self, path: impl AsRef<Path>) -> Result<(), WriteError> {
        self.write_folder(path.as_ref(), ".csv", |table, file| self.write_csv(table, file))
    }

    /// As [`write_csv_folder`](Self::write_csv_folder), each file compressed:
    /// `TABLE.csv.gz`.
    ///
    /// # Errors
    ///
    /// As [`write_csv_folder`](Self::write_csv_folder).
    #[cfg(feature = "csv")]
    pub fn write_csv_gz_folder(&self, path: impl AsRef<Path>) -> Result<(), WriteError> {
        self.write_folder(path.as_ref(), ".csv.gz", |table, file| {
            let mut packed = flate2::write::GzEncoder::new(file, flate2::Compression::default());
            self.write_csv(table, &mut packed)?;
            packed.finish().map(drop).map_err(WriteError::Stream)
        })
    }

    #[cfg(feature = "csv")]
    fn write_folder(
        &self,
        folder: &Path,
        ending: &str,
        write: impl Fn(Table, &mut std::fs::File) -> Result<(), WriteError>,
    ) -> Result<(), WriteError> {
        let error = |path: &Path| {
            let path = path.display().to_string().into();
            |source| WriteError::Write { path, source }
        };
        std::fs::create_dir_all(folder).map_err(error(folder))?;
        let names: Vec<(Table, String)> =
            written_tables(self).map(|table| (table, format!("{table}{ending}"))).collect();
        for file in Folder::list(folder).map_err(error(folder))?.files {
            if file.table.is_some() && !names.iter().any(|(_, name)| **name == *file.name) {
                return Err(WriteError::InTheWay { path: file.path.display().to_string().into() });
            }
        }
        for (table, name) in names {
            let path = folder.join(name);
            let mut file = std::fs::File::create(&path).map_err(error(&path))?;
            write(table, &mut file).map_err(|failure| match failure {
                WriteError::Stream(source) => error(&path)(source),
                failure => failure,
            })?;
        }
        Ok(())
    }

    /// Writes one table as CSV: UTF-8, a header, commas, LF.
    ///
    /// # Errors
    ///
    /// [`WriteError::Stream`].
    #[cfg(feature = "csv")]
    pub fn write_csv(&self, table: Table, output: impl Write) -> Result<(), WriteError> {
        let mut writer = ::csv::Writer::from_writer(output);
        let failed = |error: ::csv::Error| WriteError::Stream(error.into());
        writer.write_record(table.written_columns().iter().map(|column| column.name)).map_err(failed)?;
        let mut cell = String::new();
        for row in rows(self, table) {
            for value in &row {
                cell.clear();
                let text = match value {
                    Value::Unknown => "",
                    Value::Text(text) => text,
                    Value::Flag(flag) => {
                        if *flag {
                            "true"
                        } else {
                            "false"
                        }
                    }
                    Value::Date(date) => {
                        cell.push_str(&date.to_string());
                        &cell
                    }
                    Value::Number(number) => {
                        cell.push_str(&number_text(*number));
                        &cell
                    }
                    Value::List(items) => {
                        for item in items {
                            push_item(&mut cell, item);
                        }
                        &cell
                    }
                };
                writer.write_field(text).map_err(failed)?;
            }
            writer.write_record(None::<&[u8]>).map_err(failed)?;
        }
        writer.flush().map_err(WriteError::Stream)
    }

    /// Writes one JSON document, a key for each table with a record and for the firms.
    /// Unknown values are left out. Buffer the output.
    ///
    /// A [`Reader`](super::Reader) without settings reads the same dataset from it.
    ///
    /// # Errors
    ///
    /// [`WriteError::Stream`].
    ///
    /// ```
    /// use jiedui::dataset::Dataset;
    /// use jiedui::model::Firm;
    ///
    /// let mut builder = Dataset::builder();
    /// builder.add_firm(Firm::new("carworks"));
    /// let mut text = Vec::new();
    /// builder.finish().0.write_json(&mut text)?;
    /// assert_eq!(String::from_utf8(text)?, "{\"firms\":[{\"firm\":\"carworks\"}]}\n");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "json")]
    pub fn write_json(&self, mut output: impl Write) -> Result<(), WriteError> {
        serde_json::to_writer(&mut output, &Document(self))
            .map_err(|error| WriteError::Stream(error.into()))?;
        output.write_all(b"\n").and_then(|()| output.flush()).map_err(WriteError::Stream)
    }
}

/// The object of tables.
#[cfg(feature = "json")]
struct Document<'a>(&'a Dataset);

#[cfg(feature = "json")]
impl serde::Serialize for Document<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(written_tables(self.0).map(|table| (table, Records(self.0, table))))
    }
}

/// The list of a table's records.
#[cfg(feature = "json")]
struct Records<'a>(&'a Dataset, Table);

#[cfg(feature = "json")]
impl serde::Serialize for Records<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(rows(self.0, self.1).map(|values| Record(self.1, values)))
    }
}

/// One record, without what is unknown.
#[cfg(feature = "json")]
struct Record<'a>(Table, Vec<written::Value<'a>>);

#[cfg(feature = "json")]
impl serde::Serialize for Record<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let columns = self.0.written_columns().iter().zip(&self.1);
        let known = columns.filter(|(_, value)| **value != written::Value::Unknown);
        serializer.collect_map(known.map(|(column, value)| (column.name, value)))
    }
}
