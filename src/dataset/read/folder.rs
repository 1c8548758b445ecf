//! Folders: which of their files are tables.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::limits::is_workbook;
use crate::dataset::Table;

/// What is in a folder that is a table or may hold one.
pub(in crate::dataset) struct Folder {
    /// By table in the order of reading, plain before packed, English names before Chinese; those that are
    /// no table last.
    pub(in crate::dataset) files: Vec<CsvFile>,
    /// Workbooks of kinds that are read, by name.
    pub(super) workbooks: Vec<Arc<str>>,
    /// Other spreadsheets, documents and folders, by name.
    pub(super) others: Vec<Arc<str>>,
}

/// A file of a folder that ends in `.csv`, or in `.tsv` or `.txt` and is named as a table; or in `.gz`
/// behind one of these.
pub(in crate::dataset) struct CsvFile {
    pub(in crate::dataset) path: PathBuf,
    /// The name without the folder.
    pub(in crate::dataset) name: Arc<str>,
    /// That without its ending.
    pub(super) stem: String,
    pub(in crate::dataset) table: Option<Table>,
}

impl Folder {
    pub(in crate::dataset) fn list(folder: &Path) -> io::Result<Self> {
        let (mut files, mut workbooks, mut others) = (Vec::new(), Vec::new(), Vec::new());
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let Some(name) = path.file_name().map(|name| name.to_string_lossy().into_owned()) else {
                continue;
            };
            let lower = name.to_ascii_lowercase();
            if lower.starts_with(['.', '~']) {
                // What an editor holds open, or hides.
            } else if is_workbook(&lower) && path.is_file() {
                workbooks.push(Arc::from(&*name));
            } else if may_hold_tables(&path, &lower) {
                others.push(Arc::from(&*name));
            }
            files.extend(CsvFile::of(path, name, &lower));
        }
        files.sort_by_cached_key(CsvFile::order);
        workbooks.sort_unstable();
        others.sort_unstable();
        Ok(Self { files, workbooks, others })
    }

    /// Whether any CSV file in it is a table.
    #[cfg(feature = "xlsx")]
    pub(super) fn has_tables(&self) -> bool {
        self.files.iter().any(|file| file.table.is_some())
    }
}

impl CsvFile {
    /// A file that goes by that name, wherever it is; `None` where it is none that is read.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::of(PathBuf::from(name), name.to_owned(), &name.to_ascii_lowercase())
    }

    /// In which order files are read.
    pub(super) fn order(&self) -> impl Ord + use<> {
        let name = Arc::clone(&self.name);
        (self.table.is_none(), self.table, !name.is_ascii(), name.len(), name)
    }

    fn of(path: PathBuf, name: String, lower: &str) -> Option<Self> {
        let plain = lower.strip_suffix(".gz").unwrap_or(lower);
        let stem = [".csv", ".tsv", ".txt"].iter().find_map(|ending| plain.strip_suffix(ending))?;
        let stem = name[..stem.len()].to_owned();
        // Of other texts a folder may be full.
        let is_csv = plain.strip_suffix(".csv").is_some();
        let table = if is_csv { Table::of_part(&stem) } else { Table::from_word(&stem) };
        (table.is_some() || is_csv).then(|| Self { path, name: name.into(), stem, table })
    }
}

/// Whether a file of a folder holds tables in another form, as far as its name in lower case tells, or is
/// itself a folder.
fn may_hold_tables(path: &Path, lower: &str) -> bool {
    const ENDINGS: [&str; 4] = [".ods", ".json", ".json.gz", ".numbers"];
    ENDINGS.iter().any(|ending| lower.ends_with(ending)) || path.is_dir()
}
