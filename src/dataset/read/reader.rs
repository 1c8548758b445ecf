//! The reader: settings, and from a path to a dataset.

use std::io::Read;
#[cfg(feature = "xlsx")]
use std::io::{BufReader, Seek};
use std::path::Path;
use std::sync::Arc;

use super::ReadError;
use super::binding::{TableSettings, is_shared};
#[cfg(feature = "csv")]
use super::csv::{self, CsvLimits};
#[cfg(feature = "csv")]
use super::folder::Folder;
#[cfg(feature = "json")]
use super::json;
#[cfg(any(feature = "json", feature = "xlsx"))]
use super::limits::open_file;
use super::limits::{SourceLimits, is_workbook};
use super::row::Rows;
#[cfg(feature = "xlsx")]
use super::workbook::Workbooks;
use crate::dataset::{Dataset, Report, Table};
use crate::model::words;

words! {
    /// What is done about faults that lose something.
    #[derive(Default)]
    enum Mode {
        /// Each is reported, and reading goes on with the rest.
        #[default]
        Lenient = "lenient";
        /// Any refuses the whole input.
        Strict = "strict";
    }
}

/// Reads datasets from folders of CSV files, from JSON documents and from workbooks.
///
/// Settings are taken freely and checked once, when reading begins or by
/// [`check`](Self::check).
///
/// ```
/// # #[cfg(feature = "csv")] {
/// use jiedui::dataset::{Reader, Table};
///
/// let text = "供应商,采购方,金额（万元）,month,side\n\
///             foundry,carworks,1.5,2021-05,purchase\n\
///             carworks,dealer,90,2021-05,sale\n";
/// let (dataset, report) = Reader::new()
///     .map_column(Table::Supplies, "date", "month")
///     .keep_rows(Table::Supplies, "side", "purchase")
///     .read_csv(Table::Supplies, text.as_bytes(), "supplies.csv")?;
/// assert_eq!(dataset.supplies().len(), 1);
/// assert_eq!(dataset.supplies()[0].value(), Some(15_000.0));
/// assert_eq!(report.sources()[0].filtered, 1);
/// # }
/// # Ok::<(), jiedui::dataset::ReadError>(())
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Reader {
    mode: Mode,
    fiscal_year_start: u8,
    record_limit: usize,
    file_limit: u64,
    inflation_limit: u64,
    #[cfg(feature = "xlsx")]
    old_workbooks: bool,
    #[cfg(feature = "csv")]
    chunk_bytes: usize,
    maps: Vec<(Target, String)>,
    filters: Vec<(Target, String)>,
}

/// What a column map or row filter is about.
#[derive(Debug, Clone)]
enum Target {
    Column(Table, String),
    /// `TABLE.COLUMN=…` as it was written.
    Spec(String),
}

/// The form of a column map on a command line.
const MAP_FORM: &str = "TABLE.FIELD=HEADER, like supplies.date=month";
/// The form of a row filter on a command line.
const FILTER_FORM: &str = "TABLE.COLUMN=VALUE, like supplies.side=purchase";

impl Default for Reader {
    fn default() -> Self {
        Self::new()
    }
}

impl Reader {
    /// Bytes of a record, unless set otherwise: 1 MiB.
    pub const RECORD_LIMIT: usize = 1024 * 1024;
    /// Bytes of text in one file, unless set otherwise: 64 GiB.
    pub const FILE_LIMIT: u64 = 64 * 1024 * 1024 * 1024;
    /// Bytes of text for one byte of a compressed file, unless set otherwise.
    pub const INFLATION_LIMIT: u64 = 200;
    /// Words for yes, in any case.
    pub const YES: &[&str] =
        &["是", "yes", "y", "1", "true", "t", "链主", "√", "✓", "✔", "☑", "★", "●", "有", "对"];
    /// Words for no, in any case.
    pub const NO: &[&str] = &["否", "no", "n", "0", "false", "f", "非链主", "×", "✗", "☐", "没有", "不是"];
    /// The month in which fiscal years begin, unless set otherwise: April.
    pub const FISCAL_YEAR_START: u8 = 4;

    /// Bytes of supply rows that one thread reads at a time.
    #[cfg(feature = "csv")]
    const CHUNK_BYTES: usize = 512 * 1024;

    /// A lenient reader with the default limits.
    pub fn new() -> Self {
        Self {
            mode: Mode::Lenient,
            fiscal_year_start: Self::FISCAL_YEAR_START,
            record_limit: Self::RECORD_LIMIT,
            file_limit: Self::FILE_LIMIT,
            inflation_limit: Self::INFLATION_LIMIT,
            #[cfg(feature = "xlsx")]
            old_workbooks: false,
            #[cfg(feature = "csv")]
            chunk_bytes: Self::CHUNK_BYTES,
            maps: Vec::new(),
            filters: Vec::new(),
        }
    }

    /// Whether faults that lose something are reported or refuse the input.
    pub fn mode(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self
    }

    /// Reads `field` of `table` from the column (in JSON, the key) `header`. The
    /// column of the field's own name, if there is one too, is then not read. The parties of
    /// pairings and outcomes may be in several columns, each told by a call of its own; any other field told of
    /// two is [`ReadError::MappedTwice`].
    pub fn map_column(mut self, table: Table, field: &str, header: &str) -> Self {
        self.maps.push((Target::Column(table, field.to_owned()), header.to_owned()));
        self
    }

    /// [`map_column`](Self::map_column) in the spelling of command lines,
    /// `TABLE.FIELD=HEADER`.
    pub fn map_column_spec(mut self, spec: &str) -> Self {
        self.maps.push((Target::Spec(spec.to_owned()), String::new()));
        self
    }

    /// Takes only the rows of `table` that have `value` in the column `header`, which
    /// may be any of the file, also one that is no field of the table. Of several
    /// values for one column a row needs any; of several columns, all.
    pub fn keep_rows(mut self, table: Table, header: &str, value: &str) -> Self {
        self.filters.push((Target::Column(table, header.to_owned()), value.to_owned()));
        self
    }

    /// [`keep_rows`](Self::keep_rows) in the spelling of command lines,
    /// `TABLE.COLUMN=VALUE`.
    pub fn keep_rows_spec(mut self, spec: &str) -> Self {
        self.filters.push((Target::Spec(spec.to_owned()), String::new()));
        self
    }

    /// The month, 1 to 12, in which fiscal years written like `2021-2022` begin.
    pub fn fiscal_year_start(mut self, month: u8) -> Self {
        self.fiscal_year_start = month;
        self
    }

    /// The most bytes of one record. A longer one of a CSV file or a sheet is left out;
    /// one of a JSON document ends the reading.
    pub fn record_limit(mut self, bytes: usize) -> Self {
        self.record_limit = bytes;
        self
    }

    /// The most bytes of text in one file, unpacked.
    pub fn file_limit(mut self, bytes: u64) -> Self {
        self.file_limit = bytes;
        self
    }

    /// The most bytes of text for one byte of a compressed file, which counts once
    /// 64 MiB are unpacked.
    pub fn inflation_limit(mut self, ratio: u64) -> Self {
        self.inflation_limit = ratio;
        self
    }

    /// Whether `.xls` and `.et` workbooks are read, too; unless set otherwise they are not.
    ///
    /// Such a file is held at once, each cell with its text, however often one text stands in it,
    /// so that what is made to do harm can take any amount of memory: say yes to files of people
    /// you know, not to what anybody sends to a service.
    #[cfg(feature = "xlsx")]
    pub fn old_workbooks(mut self, are_read: bool) -> Self {
        self.old_workbooks = are_read;
        self
    }

    /// Bytes of a chunk; a text that is no longer is read row by row.
    #[cfg(all(test, feature = "csv"))]
    pub(super) fn chunk_bytes(mut self, bytes: usize) -> Self {
        self.chunk_bytes = bytes;
        self
    }

    /// Checks the settings, as reading does first.
    ///
    /// # Errors
    ///
    /// [`ReadError::Form`], [`UnknownTable`](ReadError::UnknownTable),
    /// [`UnknownField`](ReadError::UnknownField) or
    /// [`FiscalYearStart`](ReadError::FiscalYearStart).
    ///
    /// ```
    /// use jiedui::dataset::Reader;
    ///
    /// let error = Reader::new().map_column_spec("supplies.dat=month").check().unwrap_err();
    /// assert!(error.to_string().starts_with("supplies has no field \"dat\"; did you mean \"date\"?"));
    /// ```
    pub fn check(&self) -> Result<(), ReadError> {
        self.settings().map(|_| ())
    }

    /// Reads a folder of CSV files, a `.json` or `.json.gz` document, or an `.xlsx` or `.xlsm`
    /// workbook; if [told to](Self::old_workbooks), an `.xls` or `.et` workbook, too.
    ///
    /// # Errors
    ///
    /// [`ReadError`], see its variants.
    pub fn read(&self, path: impl AsRef<Path>) -> Result<(Dataset, Report), ReadError> {
        let path = path.as_ref();
        let shown: Arc<str> = path.display().to_string().into();
        if path.is_dir() {
            #[cfg(feature = "csv")]
            return self.read_folder(path);
            #[cfg(not(feature = "csv"))]
            return Err(ReadError::Feature { path: shown, feature: "csv" });
        }
        if let Err(source) = path.metadata() {
            return Err(ReadError::Open { path: shown, source });
        }
        let lower = shown.to_lowercase();
        let unpacked = lower.strip_suffix(".gz").unwrap_or(&lower);
        if unpacked.strip_suffix(".json").is_some() {
            #[cfg(feature = "json")]
            return match open_file(path) {
                Ok(file) => self.read_json(file, &shown),
                Err(source) => Err(ReadError::Open { path: shown, source }),
            };
            #[cfg(not(feature = "json"))]
            return Err(ReadError::Feature { path: shown, feature: "json" });
        }
        if is_workbook(&lower) {
            #[cfg(feature = "xlsx")]
            return match open_file(path) {
                Ok(file) => self.read_workbook(BufReader::new(file), &shown),
                Err(source) => Err(ReadError::Open { path: shown, source }),
            };
            #[cfg(not(feature = "xlsx"))]
            return Err(ReadError::Feature { path: shown, feature: "xlsx" });
        }
        Err(ReadError::Format { path: shown })
    }

    /// Reads a folder with a file `TABLE.csv` or `TABLE.csv.gz` for each table, named
    /// in English or in Chinese. Files whose names say more behind that of their table, a year,
    /// a number or something in brackets (`供应关系2023.csv` and `供应关系2024.csv`), are parts
    /// of it. Where there are two files of one name, the plain one is read before a packed one
    /// and an English name before a Chinese one, and the other is a fault.
    ///
    /// The header of a file is the first of its first twenty rows that has a header for every
    /// column which the table cannot do without; what stands above it is a title. Files may be
    /// UTF-8, GB18030 or, with a byte order mark, UTF-16; cells separated
    /// by commas, semicolons or tabs, as the first line that holds any of these has them (the
    /// comma before the others).
    ///
    /// A folder without any such file may hold workbooks instead, each as
    /// [`read_workbook`](Self::read_workbook) takes it. Copies and versions beside the original, and what sums up other
    /// parts, are faults and left out, of CSV files as well. Beside CSV files, which may be what was made of
    /// them, workbooks are not read, which is a fault, too. Supplies without dates take the year that the name of
    /// their file tells.
    ///
    /// O(bytes), and
    /// what [`finish`](crate::dataset::DatasetBuilder::finish) takes. Memory follows the
    /// records kept, not the files.
    ///
    /// Supply rows beyond the first half MiB are read on all threads of the current
    /// rayon pool, in chunks of half a MiB that end where records end, two for each
    /// thread at a time. What comes out, faults and their order included, is the same on
    /// any number of threads and for any size of chunk. Rows with a fault take a slower
    /// way, one after the other. Beyond the records this holds the text of four chunks for
    /// each thread, some 2 MiB, and while the rows are read the keys of the firms once
    /// more, some 40 bytes each, and those of the latest million rows, some 50 bytes a row.
    ///
    /// # Errors
    ///
    /// [`ReadError`], see its variants.
    #[cfg(feature = "csv")]
    pub fn read_folder(&self, path: impl AsRef<Path>) -> Result<(Dataset, Report), ReadError> {
        let settings = self.settings()?;
        let mut rows = Rows::new(self.fiscal_year_start);
        let path = path.as_ref();
        let open = |source| ReadError::Open { path: path.display().to_string().into(), source };
        let folder = Folder::list(path).map_err(open)?;
        #[cfg(feature = "xlsx")]
        if !folder.has_tables() && !folder.workbooks.is_empty() {
            self.workbooks(&settings).read_folder(path, &folder, &mut rows)?;
            return self.finish(rows);
        }
        csv::read_folder(path, folder, &mut rows, self.csv_limits(), |table| &settings[table as usize])?;
        self.finish(rows)
    }

    /// Reads CSV files in memory, such as those of an upload, each with its name, as
    /// [`read_folder`](Self::read_folder) reads those of a folder: the name says of which table a file is, and what
    /// one of them names another may hold. A file that is named otherwise is a fault. Held open are all of
    /// them, read one after the other.
    ///
    /// ```
    /// use jiedui::dataset::Reader;
    ///
    /// let firms = "企业编号,名称\nF1,机车厂\nF2,钢厂\n";
    /// let supplies = "供应商,采购方\n钢厂,机车厂\n";
    /// let files = [("供应关系2024.csv", supplies.as_bytes()), ("企业.csv", firms.as_bytes())];
    /// let (dataset, report) = Reader::new().read_csv_files(files)?;
    /// assert_eq!(dataset.tables().firms.len(), 2);
    /// assert_eq!(dataset.supply(&dataset.supplies()[0]).supplier.as_str(), "F2");
    /// assert_eq!(report.losses(), 0);
    /// # Ok::<(), jiedui::dataset::ReadError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ReadError`], see its variants.
    #[cfg(feature = "csv")]
    pub fn read_csv_files<R: Read>(
        &self,
        files: impl IntoIterator<Item = (impl Into<String>, R)>,
    ) -> Result<(Dataset, Report), ReadError> {
        let settings = self.settings()?;
        let mut rows = Rows::new(self.fiscal_year_start);
        let files = files.into_iter().map(|(name, input)| (name.into(), input));
        csv::read_named(files, &mut rows, self.csv_limits(), |table| &settings[table as usize])?;
        self.finish(rows)
    }

    /// Reads one table from CSV text, as [`read_folder`](Self::read_folder) reads each;
    /// `name` stands for it in faults and errors. Tables that name firms of each other are read together, by
    /// [`read_csv_files`](Self::read_csv_files).
    ///
    /// # Errors
    ///
    /// [`ReadError`], see its variants.
    #[cfg(feature = "csv")]
    pub fn read_csv(
        &self,
        table: Table,
        input: impl Read,
        name: &str,
    ) -> Result<(Dataset, Report), ReadError> {
        let settings = self.settings()?;
        let mut rows = Rows::new(self.fiscal_year_start);
        let name: Arc<str> = name.into();
        let settings = &settings[table as usize];
        csv::read_table(input, table, (&name, &name), &mut rows, self.csv_limits(), settings)?;
        self.finish(rows)
    }

    /// Reads a JSON document, `{"firms": [{"firm": …}, …], "supplies": […], …}`, plain
    /// or compressed; `name` stands for it in faults and errors.
    ///
    /// Keys are tables and columns as in CSV. Values may be strings, in which
    /// numbers and dates are understood as in CSV, numbers, booleans, `null`, and lists
    /// of these where a cell holds a list. The document is read as a stream.
    ///
    /// # Errors
    ///
    /// [`ReadError`], see its variants.
    #[cfg(feature = "json")]
    pub fn read_json(&self, input: impl Read, name: &str) -> Result<(Dataset, Report), ReadError> {
        let settings = self.settings()?;
        let mut rows = Rows::new(self.fiscal_year_start);
        let name: Arc<str> = name.into();
        json::read_document(input, &name, &mut rows, self.source_limits(), self.record_limit, &settings)?;
        self.finish(rows)
    }

    /// Reads a workbook with a sheet for each table, named in English or in Chinese; `name`
    /// stands for it in faults and errors. Its first bytes tell what kind it is: `.xlsx`, or,
    /// if [told to](Self::old_workbooks), `.xls` and `.et`.
    ///
    /// - Sheets whose names say more behind that of their table are parts of it, as files of a
    ///   folder are. If no sheet is named for a table, those with a header of the table that the workbook is
    ///   named for are its parts: `供应关系2024.xlsx` with a `Sheet1`, or with a sheet a month.
    /// - Supplies without dates take the year that the name of their sheet or file tells.
    /// - The header of a sheet is found among its first twenty rows, as that of a file is by
    ///   [`read_folder`](Self::read_folder).
    /// - A header may have two lines: below cells merged over several columns the names of
    ///   these, which count together where one alone says too little (供应商 above 编号).
    /// - Where cells are merged over several rows, a text counts for all of them, a number
    ///   or date for the first alone, so that no amount counts twice. Of formulas the values
    ///   count that were saved with them.
    /// - Rows that are hidden or filtered away count like all others. What would count twice is a fault and left
    ///   out: a hidden sheet where another of its table is not, a copy or a version beside the original, a
    ///   汇总 beside other parts, the rows of another part once more (if both are of one year).
    /// - A sheet of no such name is ignored, and left out with a loss if it has the header of a table.
    ///
    /// ```
    /// use std::io::Cursor;
    ///
    /// use jiedui::dataset::Reader;
    ///
    /// # let mut book = rust_xlsxwriter::Workbook::new();
    /// # let sheet = book.add_worksheet().set_name("供应关系")?;
    /// # sheet.write(0, 0, "2024年台账")?.write(1, 0, "供应商")?.write(1, 1, "采购方")?;
    /// # sheet.write(2, 0, "钢厂")?.write(2, 1, "机车厂")?.write(3, 0, "母排厂")?.write(3, 1, "机车厂")?;
    /// # let bytes = book.save_to_buffer()?;
    /// // A sheet 供应关系 with a title, a header and two rows.
    /// let (dataset, report) = Reader::new().read_workbook(Cursor::new(bytes), "台账.xlsx")?;
    /// assert_eq!(dataset.supplies().len(), 2);
    /// assert_eq!(report.faults()[0].to_string().split(": ").next(), Some("台账.xlsx[供应关系]:1"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// Faults name sheet and row. Rows of an `.xlsx` workbook are read one by one; its distinct
    /// texts are held at once, and it may unpack to 2 GiB at most. An `.xls` workbook is held as a
    /// whole; the rectangles of its sheets may have 33,554,432 cells.
    ///
    /// # Errors
    ///
    /// [`ReadError`], see its variants.
    #[cfg(feature = "xlsx")]
    pub fn read_workbook(&self, input: impl Read + Seek, name: &str) -> Result<(Dataset, Report), ReadError> {
        let settings = self.settings()?;
        let mut rows = Rows::new(self.fiscal_year_start);
        let name: Arc<str> = name.into();
        self.workbooks(&settings).read(input, &name, &mut rows)?;
        self.finish(rows)
    }

    #[cfg(feature = "xlsx")]
    fn workbooks<'s>(&self, settings: &'s [TableSettings]) -> Workbooks<'s> {
        let (limits, record) = (self.source_limits(), self.record_limit);
        Workbooks { old: self.old_workbooks, limits, record, settings }
    }

    fn finish(&self, rows: Rows) -> Result<(Dataset, Report), ReadError> {
        let (dataset, report) = rows.finish().finish();
        if self.mode == Mode::Strict && report.losses() > 0 {
            return Err(ReadError::Faults(Box::new(report)));
        }
        Ok((dataset, report))
    }

    fn source_limits(&self) -> SourceLimits {
        SourceLimits { file: self.file_limit, inflation: self.inflation_limit }
    }

    #[cfg(feature = "csv")]
    fn csv_limits(&self) -> CsvLimits {
        CsvLimits { source: self.source_limits(), record: self.record_limit, chunk: self.chunk_bytes }
    }

    /// The checked settings of each table, in the order of [`Table::ALL`].
    fn settings(&self) -> Result<Vec<TableSettings>, ReadError> {
        if !(1..=12).contains(&self.fiscal_year_start) {
            return Err(ReadError::FiscalYearStart(self.fiscal_year_start));
        }
        let mut settings = vec![TableSettings::default(); Table::ALL.len()];
        for (target, header) in &self.maps {
            let (table, field, header) = target.resolve(header, MAP_FORM)?;
            let column = position_of_field(table, field)?;
            if header.trim().is_empty() {
                let text = format!("{}.{field}={header}", table.as_str());
                return Err(ReadError::Form { text, form: MAP_FORM });
            }
            let maps = &mut settings[table as usize].maps;
            let header = header.trim();
            // Parties may stand in several columns; of any other field only one can be meant.
            let mut others = maps.iter().filter(|(mapped, other)| *mapped == column && other != header);
            if let Some((_, other)) =
                others.next().filter(|_| !is_shared(table, table.columns()[column].name))
            {
                let headers = [other.clone(), header.to_owned()];
                return Err(ReadError::MappedTwice { table, field: table.columns()[column].name, headers });
            }
            maps.push((column, header.to_owned()));
        }
        for (target, value) in &self.filters {
            let (table, header, value) = target.resolve(value, FILTER_FORM)?;
            let filters = &mut settings[table as usize].filters;
            let value = value.trim().to_owned();
            match filters.iter_mut().find(|(of, _)| of.eq_ignore_ascii_case(header.trim())) {
                Some((_, values)) => values.push(value),
                None => filters.push((header.trim().to_owned(), vec![value])),
            }
        }
        Ok(settings)
    }
}

impl Target {
    /// Table, column and what it is set to.
    fn resolve<'a>(
        &'a self,
        value: &'a str,
        form: &'static str,
    ) -> Result<(Table, &'a str, &'a str), ReadError> {
        match self {
            Self::Column(table, column) => Ok((*table, column, value)),
            Self::Spec(spec) => {
                let parts = spec.split_once('=').and_then(|(target, value)| {
                    let (table, column) = target.split_once('.')?;
                    Some((table, column, value))
                });
                let Some((table, column, value)) = parts else {
                    return Err(ReadError::Form { text: spec.clone(), form });
                };
                Ok((table_of_name(table)?, column, value))
            }
        }
    }
}

fn table_of_name(name: &str) -> Result<Table, ReadError> {
    Table::from_word(name).ok_or_else(|| ReadError::UnknownTable {
        name: name.to_owned(),
        nearest: nearest(name, Table::ALL.iter().map(|table| table.as_str())),
        known: Table::ALL.iter().map(|table| table.as_str()).collect::<Vec<_>>().join(", "),
    })
}

fn position_of_field(table: Table, field: &str) -> Result<usize, ReadError> {
    let columns = table.columns();
    let named = table.column(field);
    columns.iter().position(|column| Some(column) == named).ok_or_else(|| ReadError::UnknownField {
        table,
        field: field.to_owned(),
        nearest: nearest(field, columns.iter().map(|column| column.name)),
        known: columns.iter().map(|column| column.name).collect::<Vec<_>>().join(", "),
    })
}

/// The most similar of the names; of equals, the first.
fn nearest(name: &str, known: impl Iterator<Item = &'static str>) -> &'static str {
    known.min_by_key(|known| strsim::damerau_levenshtein(name, known)).unwrap_or("")
}
