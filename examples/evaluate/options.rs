//! The command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use jiedui::evaluate::{HoldOut, Protocol};
use jiedui::model::Date;

/// Measures how well the default model foretells new supply relations, beside simple baselines
/// and, with --learn, beside the same model with weights learnt from what is known.
///
/// 衡量默认模型对新增供应关系的预测效果，并与各基线比较；加 --learn 时一并比较学得权重的模型。
///
/// Without options it reads the bundled sample, examples/data/zhuzhou. The models rank every firm
/// that has supplied somebody. A foretold relation is not yet a useful pairing. 不带选项时读取自带样例；能预测的关系不等于值得结对。
///
/// Exit code 退出码: 0 done 完成, 1 failed 失败, 2 usage 用法有误, 3 done, but faults in the data
/// lost rows 完成，但数据有缺陷、部分行未能采用.
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
#[derive(Debug, Parser)]
#[command(name = "evaluate", version, max_term_width = 100)]
pub(crate) struct Options {
    /// Folders of CSV files, .xlsx, .xls or .et workbooks, or .json or .json.gz documents; several are read as one
    /// 数据目录或文件，可多个
    #[arg(long, value_name = "PATH", num_args = 1.., help_heading = "Data 数据")]
    pub(crate) data: Vec<PathBuf>,
    /// Reads a field from another column: supplies.date=month 指定字段所在的列
    #[arg(long, value_name = "TABLE.FIELD=HEADER", help_heading = "Data 数据")]
    pub(crate) columns: Vec<String>,
    /// Takes only these rows: supplies.side=purchase 只取符合条件的行
    #[arg(long = "where", value_name = "TABLE.COLUMN=VALUE", help_heading = "Data 数据")]
    pub(crate) rows: Vec<String>,
    /// Refuses data with faults that lose something 数据有缺陷即拒绝
    #[arg(long, help_heading = "Data 数据")]
    pub(crate) strict: bool,

    /// How known relations are parted from those to be found 划分方式
    #[arg(long, value_enum, default_value_t = Parting::Time, help_heading = "Protocol 协议")]
    pub(crate) protocol: Parting,
    /// Rows from this date on are to be found; default twelve months before the latest date
    /// 切分日期
    #[arg(long, value_name = "DATE", help_heading = "Protocol 协议")]
    pub(crate) cut: Option<Date>,
    /// Every relation counts both ways 关系不分方向
    #[arg(long, help_heading = "Protocol 协议")]
    pub(crate) undirected: bool,
    /// Asks too which relations of today go on 也问现有关系是否延续
    #[arg(long, help_heading = "Protocol 协议")]
    pub(crate) relations: bool,
    /// Only firms of an anchor's chains are candidates 候选限于链主所在的产业链
    #[arg(long, help_heading = "Protocol 协议")]
    pub(crate) within_chains: bool,
    /// Anchors have at least so many known suppliers, or known makers of what they want
    /// 链主至少已有的供应商数
    #[arg(
        long,
        value_name = "N",
        default_value_t = Protocol::FEWEST_KNOWN,
        help_heading = "Protocol 协议"
    )]
    pub(crate) fewest_known: usize,
    /// Share of an anchor's suppliers, or of a firm's products, that is hidden 隐去的比例
    #[arg(long, value_name = "SHARE", default_value_t = HoldOut::SHARE, help_heading = "Protocol 协议")]
    pub(crate) share: f64,
    /// Folds of what is hidden, at most 折数
    #[arg(long, value_name = "N", default_value_t = HoldOut::FOLDS, help_heading = "Protocol 协议")]
    pub(crate) folds: usize,
    /// Seed of what is hidden and of the bootstrap 随机种子
    #[arg(long, value_name = "SEED", default_value_t = 0, help_heading = "Protocol 协议")]
    pub(crate) seed: u64,
    /// Asks so many anchors at most, chosen by the seed 最多衡量多少家链主
    #[arg(long, value_name = "N", value_parser = at_least_one, help_heading = "Protocol 协议")]
    pub(crate) most_anchors: Option<usize>,
    /// Leaves out baselines by name: ppr and als_8 take longest 不衡量的基线
    #[arg(long, value_name = "NAME", num_args = 1.., help_heading = "Protocol 协议")]
    pub(crate) without: Vec<String>,
    /// How many suppliers each model ranks; MRR looks no further 每家链主排多少家
    #[arg(
        long,
        value_name = "N",
        default_value = "100",
        value_parser = at_least_ten,
        help_heading = "Protocol 协议"
    )]
    pub(crate) depth: usize,

    /// Measures weights of your own, a .json or .toml file, as the model `given`
    /// 以自定权重文件作为模型 given 一并衡量
    #[arg(long, value_name = "FILE", help_heading = "Learning 学习")]
    pub(crate) weights: Option<PathBuf>,
    /// Learns weights from what is known alone, and measures them as the model `learnt`
    /// 仅用已知数据学习权重，作为模型 learnt 一并衡量
    #[arg(long, help_heading = "Learning 学习")]
    pub(crate) learn: bool,
    /// Writes the learnt weights for the example matcher's --weights, with how they came about
    /// 写出学得的权重文件（附学习报告）
    #[arg(long, value_name = "FILE", help_heading = "Learning 学习")]
    pub(crate) save_weights: Option<PathBuf>,

    /// Writes a TREC run file of each model and qrels.txt into this folder TREC 文件目录
    #[arg(long, value_name = "FOLDER", help_heading = "Output 输出")]
    pub(crate) runs: Option<PathBuf>,
    /// Form of the output 输出格式
    #[arg(long, value_enum, default_value_t = Format::Table, help_heading = "Output 输出")]
    pub(crate) format: Format,
}

/// How known relations are parted from those to be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Parting {
    /// Before and after a date
    Time,
    /// Some suppliers of some anchors
    LeaveAnchorOut,
    /// The same, all members of a chain together
    LeaveChainOut,
    /// Some products of each firm: who else makes what anchors want
    HideProducts,
    /// Past pairings of some anchors
    Pairings,
}

/// The form of the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A table to read
    Table,
    /// One document
    Json,
}

/// The measures are at 10.
fn at_least_one(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|&number| number > 0).ok_or_else(|| "not a whole number from 1".to_owned())
}

fn at_least_ten(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|&number| number >= 10).ok_or_else(|| "not a whole number from 10".to_owned())
}
