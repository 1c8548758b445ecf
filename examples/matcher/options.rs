//! The command line.

use std::path::{Path, PathBuf};

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser, ValueEnum};
use jiedui::city::CityBuilder;
use jiedui::model::{Date, SizeClass};

use crate::faults::note;
use crate::language::Language;

/// Ranks the partners with which each anchor firm should build together.
///
/// 为每家链主企业排出最值得结对共建的配套企业。
///
/// Without options it reads the bundled sample, examples/data/zhuzhou. 不带选项时读取自带样例。
///
/// Exit code 退出码: 0 done 完成, 1 failed 失败, 2 usage 用法有误, 3 done, but faults in the data
/// lost something 完成，但数据有缺陷、部分内容未能采用.
#[derive(Debug, Parser)]
#[command(name = "matcher", version, max_term_width = 100)]
pub(crate) struct Options {
    /// Folder of CSV files, .xlsx, .xls or .et workbook, or .json or .json.gz document 数据目录或文件
    #[arg(long, value_name = "PATH", help_heading = "Data 数据")]
    pub(crate) data: Option<PathBuf>,
    /// Reads a field from another column: supplies.date=month 指定字段所在的列
    #[arg(long, value_name = "TABLE.FIELD=HEADER", help_heading = "Data 数据")]
    pub(crate) columns: Vec<String>,
    /// Takes only these rows: supplies.side=purchase 只取符合条件的行
    #[arg(long = "where", value_name = "TABLE.COLUMN=VALUE", help_heading = "Data 数据")]
    pub(crate) rows: Vec<String>,
    /// Refuses data with faults that lose something 数据有缺陷即拒绝
    #[arg(long, help_heading = "Data 数据")]
    pub(crate) strict: bool,
    /// Ranks as of this date, like 2025-06; default the latest in the data 截至日期
    #[arg(long, value_name = "DATE", help_heading = "Data 数据")]
    pub(crate) as_of: Option<Date>,
    /// Invents a city of so many firms instead of reading data; `zhuzhou` has 4,955, the reported
    /// cases of examples/data/cases among them 生成虚构城市
    #[arg(
        long,
        value_name = "FIRMS",
        conflicts_with_all = ["data", "columns", "rows", "strict"],
        help_heading = "Data 数据"
    )]
    pub(crate) generate: Option<CitySize>,
    /// Seed of the invented city 随机种子
    #[arg(long, value_name = "SEED", default_value_t = 0, requires = "generate", help_heading = "Data 数据")]
    pub(crate) seed: u64,
    /// Writes the invented city into a folder of CSV files 保存虚构城市
    #[arg(long, value_name = "FOLDER", requires = "generate", help_heading = "Data 数据")]
    pub(crate) save: Option<PathBuf>,
    /// Writes over tables that are in that folder already 覆盖已有的表
    #[arg(long, requires = "save", help_heading = "Data 数据")]
    pub(crate) overwrite: bool,

    /// The anchors by id or name; default those marked, else the 20 with the most suppliers,
    /// else those whose products take the most inputs
    /// 链主的编号或名称
    #[arg(long, value_name = "FIRM", num_args = 1.., help_heading = "Ranking 排序")]
    pub(crate) anchor: Vec<String>,
    /// The N firms with the most suppliers as anchors: in-degree:N 以供应商最多的 N 家为链主
    #[arg(
        long,
        value_name = "in-degree:N",
        value_parser = in_degree,
        conflicts_with = "anchor",
        help_heading = "Ranking 排序"
    )]
    pub(crate) anchors_by: Option<usize>,
    /// How many partners for each anchor 每家链主列出多少家
    #[arg(long, value_name = "N", default_value = "10", value_parser = at_least_one, help_heading = "Ranking 排序")]
    pub(crate) top: usize,
    /// Leaves out firms that supply the anchor or have done so, or are paired with it
    /// 不列现有或曾有供货、已结对的企业
    #[arg(long, help_heading = "Ranking 排序")]
    pub(crate) exclude_existing: bool,
    /// Anchors and partners of these chains alone, by id or name; named anchors stay
    /// 只列这些产业链的链主和配套企业
    #[arg(long, value_name = "CHAIN", num_args = 1.., help_heading = "Ranking 排序")]
    pub(crate) chain: Vec<String>,
    /// Partners of these regions alone; part of a name takes all that hold it 只列这些地区的配套企业
    #[arg(long, value_name = "REGION", num_args = 1.., help_heading = "Ranking 排序")]
    pub(crate) region: Vec<String>,
    /// Partners of these sizes alone: micro, small, medium, large 只列微型、小型、中型或大型企业
    #[arg(long, value_name = "SIZE", num_args = 1.., value_parser = size, help_heading = "Ranking 排序")]
    pub(crate) size: Vec<SizeClass>,
    /// Partners at most so far from the anchor 只列距链主多少公里以内的配套企业
    #[arg(
        long,
        value_name = "KM",
        allow_negative_numbers = true,
        value_parser = distance,
        help_heading = "Ranking 排序"
    )]
    pub(crate) within: Option<f64>,
    /// Leaves out these firms, by id or name, as anchors and as partners 不列这些企业
    #[arg(long, value_name = "FIRM", num_args = 1.., help_heading = "Ranking 排序")]
    pub(crate) exclude: Vec<String>,
    /// Weights of the factors, a .json or .toml file 指标权重文件
    #[arg(long, value_name = "FILE", value_parser = settings_file, help_heading = "Ranking 排序")]
    pub(crate) weights: Option<PathBuf>,
    /// Everything about one pair, by id or name 逐项说明一对企业
    #[arg(
        long,
        num_args = 2,
        value_names = ["ANCHOR", "SUPPLIER"],
        conflicts_with_all = [
            "anchor",
            "anchors_by",
            "top",
            "exclude_existing",
            "chain",
            "region",
            "size",
            "within",
            "exclude",
        ],
        help_heading = "Ranking 排序"
    )]
    pub(crate) explain: Option<Vec<String>>,

    /// Decides who pairs with whom among the pairs ranked 制定结对方案
    #[arg(long, value_enum, conflicts_with = "explain", help_heading = "Plan 方案")]
    pub(crate) plan: Option<PlanKind>,
    /// The most new pairings of an anchor; default 3, of a partner 1 (supplier_most of --constraints)
    /// 每家链主至多新结几对；配套企业默认 1 对
    #[arg(
        long,
        value_name = "N",
        requires = "plan",
        value_parser = clap::value_parser!(u32).range(1..),
        help_heading = "Plan 方案"
    )]
    pub(crate) quota: Option<u32>,
    /// What the plan must keep to, a .json or .toml file 方案约束文件
    #[arg(long, value_name = "FILE", requires = "plan", value_parser = settings_file, help_heading = "Plan 方案")]
    pub(crate) constraints: Option<PathBuf>,
    /// A plan of before, as --format json wrote it: changes as few of its pairings as may be
    /// 在原方案（--format json 的输出）基础上尽量少改
    #[arg(long, value_name = "FILE", requires = "plan", value_parser = json_file, help_heading = "Plan 方案")]
    pub(crate) earlier: Option<PathBuf>,
    /// Plans anew after refusals, by ids or names, changing as few pairings as may be
    /// 有企业不愿结对时改派
    #[arg(
        long,
        value_name = "ANCHOR:SUPPLIER",
        requires = "plan",
        num_args = 1..,
        value_parser = refusal,
        help_heading = "Plan 方案"
    )]
    pub(crate) refuse: Vec<(String, String)>,
    /// Adds more to the plan 方案附项
    #[arg(long, value_enum, value_name = "WHAT", requires = "plan", num_args = 1.., help_heading = "Plan 方案")]
    pub(crate) also: Vec<Extra>,

    /// Language; default that of the environment 语言
    #[arg(long, value_enum, help_heading = "Output 输出")]
    pub(crate) lang: Option<Language>,
    /// Form of the output; default table, of a FILE.xlsx xlsx 输出格式
    #[arg(long, value_enum, help_heading = "Output 输出")]
    pub(crate) format: Option<Format>,
    /// Writes to a file instead of the terminal; FILE.xlsx is a workbook 输出文件，.xlsx 即为工作簿
    #[arg(long, value_name = "FILE", value_parser = output_file, help_heading = "Output 输出")]
    pub(crate) output: Option<PathBuf>,
    /// How many threads; default one a core 线程数
    #[arg(long, value_name = "N", value_parser = threads, help_heading = "Output 输出")]
    pub(crate) threads: Option<usize>,
}

/// How a plan is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlanKind {
    /// The best pair that still fits, and so on: a preview
    Greedy,
    /// The greatest sum of scores, with proof
    Optimal,
    /// No two firms would both rather pair with each other; suppliers propose
    Stable,
}

/// What a plan may be told with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Extra {
    /// One anchor with three to five partners that do not compete, of those left out 组团结对
    Groups,
    /// What each lock, floor, veto and minimum costs 各项约束的代价
    Costs,
    /// Which Party branches to form 党组织组建
    Branches,
}

/// The form of the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Tables to read
    Table,
    /// One document, the same in every language
    Json,
    /// A row for each recommendation; in Chinese made for Excel
    Csv,
    /// A workbook with the recommendations, the plan, who is left out, and what was wrong with the data
    Xlsx,
}

/// How large the invented city is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CitySize {
    /// So many firms.
    Firms(usize),
    /// The published totals, with the reported cases.
    Zhuzhou,
}

impl std::str::FromStr for CitySize {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "zhuzhou" {
            return Ok(Self::Zhuzhou);
        }
        let sizes = CityBuilder::FEWEST_FIRMS..=CityBuilder::MOST_FIRMS;
        text.parse().ok().filter(|firms| sizes.contains(firms)).map(Self::Firms).ok_or_else(|| {
            format!("neither `zhuzhou` nor a number from {} to {}", sizes.start(), sizes.end())
        })
    }
}

/// The most threads that make sense on any machine; more may exhaust its memory.
const MOST_THREADS: usize = 1_024;

fn at_least_one(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|&number| number > 0).ok_or_else(|| "not a whole number from 1".to_owned())
}

/// A text or a workbook, which is of one kind.
fn output_file(path: &str) -> Result<PathBuf, String> {
    match ending(Path::new(path)).as_deref() {
        Some("xls" | "xlsm" | "et") => Err("of workbooks only FILE.xlsx is written".to_owned()),
        _ => Ok(path.into()),
    }
}

fn ending(path: &Path) -> Option<String> {
    Some(path.extension()?.to_string_lossy().to_lowercase())
}

fn json_file(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    let is_json = path.extension().is_some_and(|ending| ending == "json");
    if is_json { Ok(path) } else { Err("does not end in .json".to_owned()) }
}

fn size(word: &str) -> Result<SizeClass, String> {
    SizeClass::from_word(word).ok_or_else(|| "none of micro, small, medium, large".to_owned())
}

fn distance(text: &str) -> Result<f64, String> {
    let km = text.parse().ok().filter(|km: &f64| km.is_finite() && *km >= 0.0);
    km.ok_or_else(|| "not a number of kilometres from 0".to_owned())
}

fn threads(text: &str) -> Result<usize, String> {
    at_least_one(text)
        .ok()
        .filter(|&number| number <= MOST_THREADS)
        .ok_or_else(|| format!("not a whole number from 1 to {MOST_THREADS}"))
}

fn in_degree(text: &str) -> Result<usize, String> {
    let number = text.strip_prefix("in-degree:").ok_or("not of the form in-degree:N, like in-degree:20")?;
    at_least_one(number)
}

fn refusal(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once([':', '：']).ok_or("not of the form ANCHOR:SUPPLIER")?;
    Ok((parts.0.trim().to_owned(), parts.1.trim().to_owned()))
}

fn settings_file(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    let ending = path.extension().and_then(|ending| ending.to_str());
    if matches!(ending, Some("json" | "toml")) {
        Ok(path)
    } else {
        Err("does not end in .json or .toml".to_owned())
    }
}

impl Options {
    /// Reads the command line; what is wrong with it is said in the language that it asks for.
    pub(crate) fn read() -> Self {
        Self::try_parse().and_then(Self::check).unwrap_or_else(|error| {
            let mut arguments = std::env::args().skip_while(|argument| !argument.starts_with("--lang"));
            let asked = arguments.next().map(|lang| lang + &arguments.next().unwrap_or_default());
            let is_chinese = asked.map_or(locale() == Language::Zh, |asked| asked.contains("zh"));
            if error.use_stderr() && is_chinese {
                note!("错误：{}", in_chinese(&error));
                std::process::exit(error.exit_code());
            }
            error.exit()
        })
    }

    /// What `requires` cannot say of options that others rule out.
    fn check(self) -> Result<Self, clap::Error> {
        let missing = if self.save.is_some() && self.generate.is_none() {
            "--generate <FIRMS>"
        } else if self.format == Some(Format::Xlsx) && !self.is_workbook() {
            "--output <FILE.xlsx>"
        } else if self.is_workbook() && self.format() != Format::Xlsx {
            "--format xlsx"
        } else {
            return Ok(self);
        };
        let mut error = clap::Error::new(ErrorKind::MissingRequiredArgument).with_cmd(&Self::command());
        error.insert(ContextKind::InvalidArg, ContextValue::Strings(vec![missing.to_owned()]));
        Err(error)
    }

    /// The form asked for, else that of the file to be written.
    pub(crate) fn format(&self) -> Format {
        self.format.unwrap_or(if self.is_workbook() { Format::Xlsx } else { Format::Table })
    }

    fn is_workbook(&self) -> bool {
        self.output.as_deref().and_then(ending).is_some_and(|ending| ending == "xlsx")
    }

    /// The language asked for, else that of the environment, as POSIX has it: `LC_ALL` before `LANG`.
    pub(crate) fn language(&self) -> Language {
        self.lang.unwrap_or_else(locale)
    }
}

fn locale() -> Language {
    let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = set("LC_ALL").or_else(|| set("LANG")).unwrap_or_default();
    if locale.starts_with("zh") { Language::Zh } else { Language::En }
}

/// Ends the program over an option that only its reader understands.
pub(crate) fn refuse(why: &anyhow::Error, language: Language) -> ! {
    let error = Options::command().error(ErrorKind::ValueValidation, why);
    if language == Language::Zh {
        note!("错误：{why}。用 --help 查看全部选项");
        std::process::exit(error.exit_code());
    }
    error.exit()
}

/// What is wrong with a command line, and what to do.
fn in_chinese(error: &clap::Error) -> String {
    let what = match error.kind() {
        ErrorKind::UnknownArgument | ErrorKind::InvalidSubcommand => "没有这个选项",
        ErrorKind::MissingRequiredArgument => "还须给出选项",
        ErrorKind::ArgumentConflict => "不能同时使用的选项",
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => "选项的值不正确",
        ErrorKind::NoEquals | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => "选项的值不全",
        ErrorKind::TooManyValues => "选项的值过多",
        _ => "用法有误",
    };
    let said = [
        (ContextKind::InvalidArg, "："),
        (ContextKind::InvalidValue, "："),
        (ContextKind::PriorArg, "；已用 "),
        (ContextKind::ValidValue, "；可用的值："),
        (ContextKind::SuggestedArg, "；是否想用 "),
        (ContextKind::SuggestedValue, "；是否想用 "),
    ];
    let said = said.map(|(kind, heading)| {
        let found = error.get(kind).map(ToString::to_string).filter(|found| !found.is_empty());
        found.map_or(String::new(), |found| format!("{heading}{found}"))
    });
    let option = error.get(ContextKind::InvalidArg).map(ToString::to_string).unwrap_or_default();
    let option = option.split_whitespace().next().unwrap_or_default();
    let expected = expected(option).filter(|_| error.kind() == ErrorKind::ValueValidation);
    let expected = expected.map_or(String::new(), |expected| format!("；应为{expected}"));
    format!("{what}{}{expected}。用 --help 查看全部选项", said.concat())
}

/// What an option takes whose values are checked.
fn expected(option: &str) -> Option<&'static str> {
    Some(match option {
        "--as-of" => "日期，如 2025、2025-06 或 2025-06-30",
        "--generate" => "zhuzhou 或企业数",
        "--seed" => "不小于 0 的整数",
        "--anchors-by" => "in-degree:20 的形式",
        "--top" | "--quota" | "--threads" => "不小于 1 的整数，且不过大",
        "--size" => "微型、小型、中型、大型之一",
        "--within" => "不小于 0 的公里数",
        "--weights" | "--constraints" => ".json 或 .toml 文件",
        "--earlier" => ".json 文件",
        "--refuse" => "“链主:配套企业”的形式",
        "--output" => "文本文件或 .xlsx 工作簿",
        _ => return None,
    })
}
