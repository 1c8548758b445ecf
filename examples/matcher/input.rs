//! Where the firms come from: files, the bundled sample, or an invented city.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use flate2::Compression;
use flate2::write::GzEncoder;
use jiedui::city::City;
use jiedui::dataset::{Dataset, Mode, ReadError, Reader, Report, Table};

use crate::faults;
use crate::language::{Language, say};
use crate::options::{CitySize, Options};
use crate::progress;

/// A file of the repository, wherever the program is started.
fn bundled(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data").join(name)
}

/// The reader that the options ask for.
pub(crate) fn reader(options: &Options) -> Reader {
    let mode = if options.strict { Mode::Strict } else { Mode::Lenient };
    let reader = Reader::new().mode(mode);
    #[cfg(feature = "xlsx")]
    let reader = reader.old_workbooks(true);
    let reader = options.columns.iter().fold(reader, |reader, spec| reader.map_column_spec(spec));
    options.rows.iter().fold(reader, |reader, spec| reader.keep_rows_spec(spec))
}

/// The records, and what was wrong with them.
pub(crate) fn load(options: &Options, language: Language) -> Result<(Dataset, Report)> {
    if let Some(size) = options.generate {
        let spinner = progress::spinner(language.pick("生成城市", "Inventing a city"));
        let city = invent(size, options.seed, language)?;
        if let Some(folder) = &options.save {
            let shown = folder.display();
            if let Some(table) = tables(folder).find(|path| path.exists() && !options.overwrite) {
                let table = table.display();
                bail!(say!(
                    language,
                    "{table} 已存在；请另选目录，或加 --overwrite 覆盖",
                    "{table} exists; name another folder, or add --overwrite"
                ));
            }
            save(&city.dataset, folder)
                .with_context(|| say!(language, "无法写入 {shown}", "cannot write {shown}"))?;
        }
        spinner.finish_and_clear();
        return Ok((city.dataset, city.report));
    }
    let path = options.data.clone().unwrap_or_else(|| bundled("zhuzhou"));
    if options.data.is_none() && !path.exists() {
        return Err(anyhow!(
            "{}",
            language.pick(
                "找不到自带样例 examples/data/zhuzhou；请用 --data 指定数据，或用 --generate zhuzhou 生成",
                "the bundled sample examples/data/zhuzhou is not here; name data with --data, or invent some with --generate zhuzhou",
            )
        ));
    }
    let spinner = progress::spinner(language.pick("读取数据", "Reading"));
    let loaded = reader(options).read(&path);
    spinner.finish_and_clear();
    loaded.map_err(|error| {
        if let ReadError::Faults(report) = &error {
            faults::summarise(report, language);
        }
        in_words(error, language)
    })
}

/// Why reading failed: in English as the library has it, in Chinese for what is likely to
/// happen to a user.
pub(crate) fn in_words(error: ReadError, language: Language) -> anyhow::Error {
    if language == Language::En {
        return anyhow!(error);
    }
    match error {
        ReadError::Open { path, source } => anyhow!(source).context(format!("无法打开 {path}")),
        ReadError::NoTable { path, found, .. } => {
            let found = if found.is_empty() { found } else { format!("；现有：{found}") };
            anyhow!("{path} 中没有任何数据表，至少应有企业.csv 文件或名为“企业”的工作表{found}")
        }
        ReadError::Format { path } => {
            anyhow!(
                "{path} 既不是 CSV 文件目录，也不是 .json、.json.gz、.xlsx、.xls 或 .et 文件；其他格式的工作簿请另存为 .xlsx"
            )
        }
        ReadError::Password { file } => anyhow!("{file} 设有密码；请去掉密码后另存"),
        ReadError::NoWorkbook { file } => {
            anyhow!("{file} 不是工作簿，只是文件名如此；请用表格软件打开，另存为 .xlsx")
        }
        ReadError::Workbook { file, source } => anyhow!("{source}")
            .context(format!("{file} 已损坏或不完整，无法读取；请用表格软件打开，重新另存为 .xlsx")),
        ReadError::Form { text, form } => anyhow!("“{text}”不是 {form} 的形式"),
        ReadError::UnknownTable { name, nearest, known } => {
            anyhow!("没有表“{name}”；是否想用“{nearest}”？现有各表：{known}")
        }
        ReadError::UnknownField { table, field, nearest, known } => {
            anyhow!("{table} 没有字段“{field}”；是否想用“{nearest}”？现有字段：{known}")
        }
        ReadError::MappedTwice { table, field, headers: [one, other] } => {
            anyhow!("字段 {table}.{field} 被指定了两列：“{one}”和“{other}”；请只指定一列")
        }
        ReadError::NoSuchHeader { file, table, header, known } => {
            anyhow!("{file}（{table}）没有“{header}”这一列；现有各列：{known}")
        }
        ReadError::Faults(report) => {
            anyhow!(
                "数据中有 {} 处缺陷会造成损失，严格模式下不予采用；请改正，或去掉 --strict",
                report.losses()
            )
        }
        other => anyhow!(other).context("无法读取数据"),
    }
}

/// Supply rows a pair in the sample, at most: keeps the repository small.
const SAMPLE_ROWS: u32 = 3;

fn invent(size: CitySize, seed: u64, language: Language) -> Result<City> {
    let builder = City::builder().seed(seed);
    let builder = match size {
        CitySize::Firms(firms) => builder.firms(firms),
        CitySize::Zhuzhou => {
            let cases = Reader::new().mode(Mode::Strict).read(bundled("cases"));
            let cases =
                cases.context(language.pick("无法读取报道案例", "the reported cases cannot be read"))?;
            builder.zhuzhou().rows_per_pair(SAMPLE_ROWS).include(cases.0)
        }
    };
    builder.build().context(language.pick("无法生成城市", "the city cannot be invented"))
}

/// The files of tables in a folder, there or not.
fn tables(folder: &Path) -> impl Iterator<Item = PathBuf> + '_ {
    let files = |table: &Table| [folder.join(format!("{table}.csv")), folder.join(format!("{table}.csv.gz"))];
    Table::ALL.iter().flat_map(files)
}

/// A table whose CSV is longer than this is saved compressed.
const LONG_TABLE: usize = 1_000_000;

/// Writes a folder of CSV files, long ones compressed.
fn save(dataset: &Dataset, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    for old in tables(folder).filter(|old| old.exists()) {
        fs::remove_file(old)?;
    }
    for &table in Table::ALL {
        let (plain, packed) = (folder.join(format!("{table}.csv")), folder.join(format!("{table}.csv.gz")));
        let mut text = Vec::new();
        dataset.write_csv(table, &mut text)?;
        let holds_records = text.split_inclusive(|&byte| byte == b'\n').nth(1).is_some();
        if text.len() > LONG_TABLE {
            let mut file = GzEncoder::new(fs::File::create(packed)?, Compression::best());
            file.write_all(&text)?;
            file.finish()?;
        } else if holds_records || table == Table::Firms {
            fs::write(plain, text)?;
        }
    }
    Ok(())
}
