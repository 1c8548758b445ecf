//! The two languages, and the words that the library has in one only.

use clap::ValueEnum;
use jiedui::dataset::{Effect, Fault, FaultKind, Table};
use jiedui::matcher::{Flag, Gate, GateKind};
use jiedui::model::{Category, CoBuildingMode, Level};
use jiedui::plan::{Bar, Flaw, PlanError};

/// The language of everything that people read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// 中文
    Zh,
    /// English
    En,
}

/// Formats one of two texts, the Chinese first, with the same inline arguments.
macro_rules! say {
    ($language:expr, $chinese:literal, $english:literal) => {
        match $language {
            $crate::language::Language::Zh => format!($chinese),
            $crate::language::Language::En => format!($english),
        }
    };
}
pub(crate) use say;

impl Language {
    /// The Chinese text, or the English one.
    pub(crate) fn pick<T>(self, chinese: T, english: T) -> T {
        match self {
            Self::Zh => chinese,
            Self::En => english,
        }
    }

    /// Between the members of a list.
    pub(crate) fn comma(self) -> &'static str {
        self.pick("、", ", ")
    }

    /// The first few of a list, and how many there are besides.
    pub(crate) fn first_of(self, texts: &[String], most: usize) -> String {
        let all = texts.len();
        let shown = texts[..all.min(most)].join(self.comma());
        if all <= most {
            return shown;
        }
        let more = all - most;
        say!(self, "{shown}等 {all} 家", "{shown} and {more} more")
    }

    /// Between phrases.
    pub(crate) fn semicolon(self) -> &'static str {
        self.pick("；", "; ")
    }

    /// A factor: in English the name that weights go by, in Chinese what it means.
    pub(crate) fn factor(self, name: &str) -> &str {
        if self == Self::En {
            return name;
        }
        match name {
            "product_fit" => "产品供需",
            "gap" => "补链",
            "trade" => "现有交易",
            "relatedness" => "产品关联",
            "prospect" => "供货前景",
            "co_supply" => "共同供货",
            "shared_partners" => "共同伙伴",
            "reach" => "网络可达",
            "proximity" => "距离",
            "gradient" => "大带小",
            "technology_gap" => "技术梯度",
            "resource_fit" => "资源互补",
            "organisation" => "党组织",
            "incidents" => "质量问题",
            "concentration" => "货源集中",
            "track_record" => "结对履历",
            "willingness" => "结对意愿",
            other => other,
        }
    }

    /// What to collect so that a factor is known.
    pub(crate) fn records_of(self, factor: &str) -> &str {
        let (chinese, english) = match factor {
            "prospect" | "co_supply" | "reach" | "shared_partners" => {
                ("客户与供应商", "buyers and suppliers")
            }
            "trade" => ("供货金额", "values of deliveries"),
            "product_fit" | "gap" | "relatedness" | "concentration" => {
                ("所产与所需产品", "products made and needed")
            }
            "proximity" => ("经纬度", "longitude and latitude"),
            "gradient" => ("规模与所有制", "size and ownership"),
            "technology_gap" => ("行业、人数与营业收入", "industry, headcount and revenue"),
            "resource_fit" => ("资源与需求", "resources offered and needed"),
            "organisation" => ("党组织情况", "Party organisation"),
            "incidents" => ("质量问题与交付批次", "quality incidents and lots"),
            "track_record" => ("结对成效", "outcomes of pairings"),
            "willingness" => ("结对意向", "answers to proposals"),
            other => (other, other),
        };
        self.pick(chinese, english)
    }

    pub(crate) fn mode(self, mode: CoBuildingMode) -> &'static str {
        self.pick(mode.chinese(), mode.as_str())
    }

    pub(crate) fn level(self, level: Level) -> &'static str {
        self.pick(level.chinese(), level.as_str())
    }

    pub(crate) fn category(self, category: Category) -> &'static str {
        self.pick(category.chinese(), category.as_str())
    }

    /// A column of a table, or a header as it stands.
    pub(crate) fn column(self, table: Option<Table>, column: &str) -> &str {
        let known = || table?.columns().iter().find(|known| known.name == column)?.chinese.first().copied();
        if self == Self::Zh { known().unwrap_or(column) } else { column }
    }

    pub(crate) fn table(self, table: Table) -> &'static str {
        self.pick(table.chinese()[0], table.as_str())
    }

    pub(crate) fn flag(self, flag: Flag) -> &'static str {
        match flag {
            Flag::Competitor => self.pick("同业竞争", "competitor"),
            Flag::SingleSource => self.pick("有产品现仅一家货源", "a product with one source so far"),
            Flag::Incidents => self.pick("有质量问题记录", "quality incidents"),
            Flag::StateLeadsPrivate => self.pick("国有带民营", "state leads private"),
            Flag::AnchorLeadsSupplier => self.pick("主机带配套", "anchor leads supplier"),
            _ => self.pick("其他", "other"),
        }
    }

    /// What a gate says, without its level, firm and date.
    pub(crate) fn gate(self, gate: &Gate) -> &'static str {
        match gate.kind {
            GateKind::Veto => self.pick("已谢绝", "has refused"),
            GateKind::Paired => self.pick("结对仍在有效期内", "a pairing is in force"),
            GateKind::NotLegalEntity => self.pick("不是法人单位", "is no legal entity"),
            GateKind::NoBranch => self.pick("没有党支部", "has no Party branch"),
            GateKind::BranchUnknown => self.pick("有无党支部不明", "may or may not have a Party branch"),
            GateKind::NoSpecialists => {
                self.pick("没有登记专员名额或工时", "lists no slots or hours of specialists")
            }
            GateKind::SpecialistsUnknown => {
                self.pick("有无专员名额或工时不明", "may or may not have slots or hours of specialists")
            }
            GateKind::ChainExpired => self.pick("所在产业链已失效", "the chain that both are in has lapsed"),
            _ => self.pick("其他", "other"),
        }
    }

    pub(crate) fn effect(self, effect: Effect) -> &'static str {
        let chinese = match effect {
            Effect::Kept => "保留",
            Effect::Ignored => "未读取",
            Effect::Replaced => "已替换",
            Effect::CellLeftOut => "该值未采用",
            Effect::RowLeftOut => "该行未采用",
            Effect::TableLeftOut => "该表未采用",
            _ => effect.phrase(),
        };
        self.pick(chinese, effect.phrase())
    }

    /// What the owner of the data can do about a kind of fault.
    pub(crate) fn remedy(self, example: &Fault) -> &'static str {
        let chinese = match example.kind {
            FaultKind::UnknownTable => "如是数据表，请按 docs/columns.md 所列的表名改名；否则不必理会",
            FaultKind::UnknownColumn => "用 --columns 指定对应的列（见 docs/columns.md），或不必理会",
            FaultKind::MissingColumn => "补上该列，或用 --columns 指定",
            FaultKind::RaggedRow | FaultKind::UnclosedQuote => "含分隔符或换行的单元格请加引号",
            FaultKind::LongText => "请缩短",
            FaultKind::Range => "请写一个确定的数",
            FaultKind::OnlyNamed => "请补入企业表，或改成企业表中的编号或全称",
            FaultKind::SharedNumber => "各表序号均从 1 起的，请统一编号，或去掉编号列，改按名称认定",
            FaultKind::HiddenTable => "确需使用的，请取消隐藏；否则请删去",
            FaultKind::FileNotRead => {
                "请在该目录中只保留有效的 CSV 文件，或只保留有效的工作簿；其他格式的表格请另存为 .xlsx"
            }
            FaultKind::BadText => "请另存为 UTF-8",
            FaultKind::TitleRow => {
                "如是标题，不必理会；金额单位写成“单位：万元”，或写进表头，如“营业收入（万元）”"
            }
            FaultKind::NoRecord => "确非记录的，不必理会",
            FaultKind::NamedOtherwise => "请核对是否即括号中的企业",
            FaultKind::FailedFormula => "请修正公式，或直接填写数值",
            FaultKind::EmptyId => "请填写编号",
            FaultKind::MangledId => "在源文件里把该列设为文本格式后重新导出",
            FaultKind::BadNumber => "请写数字，可带万元、亿元；外币请折算成人民币",
            FaultKind::OutOfRange => "请核对单位",
            FaultKind::BadDate => "请写成 2025-06-30、2025年6月或 2025 的形式",
            FaultKind::UnknownWord => "请用 docs/columns.md 所列的词",
            FaultKind::MalformedCode | FaultKind::CheckDigit => "请对照营业执照核实",
            FaultKind::SharedCode => "请核对是否同一企业；如是，请用同一编号",
            FaultKind::ForeignIndustry => "改用国民经济行业代码才能比较行业",
            FaultKind::HalfPlace => "两列都请填写",
            FaultKind::RepeatedColumn | FaultKind::RepeatedRow | FaultKind::RepeatedTable => "请删去其一",
            FaultKind::Conflict => "请核实并只留一条",
            FaultKind::Cycle => "请确定哪一个是最上级",
            FaultKind::UnknownPairing => "请写结对编号或结对各方；结对表中没有的请补上",
            FaultKind::TooFewParties => "各方之间用分号隔开",
            FaultKind::RefundsExceedSales => "请核对是否缺少销售发票",
            FaultKind::EndsBeforeStart => "请核对两个日期",
            FaultKind::LoneDate => "请改正，或用 --as-of 指定截至日期",
            _ => "请核对源文件",
        };
        self.pick(chinese, example.remedy())
    }

    /// Why a kind of fault is one. `example` is any fault of the kind.
    pub(crate) fn fault(self, example: &Fault) -> &'static str {
        let chinese = match example.kind {
            FaultKind::UnknownTable => "不是已知的表",
            FaultKind::MissingTable => "没有企业表，只有其他表中提到的企业",
            FaultKind::RepeatedTable => "同一张表有两个来源",
            FaultKind::EmptyTable => "表中没有记录",
            FaultKind::UnknownColumn => "不认识的列名",
            FaultKind::RepeatedColumn => "同一列出现两次",
            FaultKind::MissingColumn => "缺少必需的列",
            FaultKind::RaggedRow => "单元格数与表头不符",
            FaultKind::UnclosedQuote => "引号未闭合，从下一行继续",
            FaultKind::WrongShape => "对象或列表的形状不对",
            FaultKind::Range => "是一个范围，取其中值",
            FaultKind::OnlyNamed => "其他表提到，但企业表中没有",
            FaultKind::SharedNumber => "同一编号用于不同的名称或结对双方，已并作一条",
            FaultKind::HiddenTable => "隐藏的工作表，同一张表另有可见的工作表",
            FaultKind::FileNotRead => "目录中只读取 CSV 文件；没有 CSV 时读取工作簿（副本除外）",
            FaultKind::TooLong | FaultKind::LongText => "超出长度上限",
            FaultKind::BadText => "与文件编码不符",
            FaultKind::EmptyId => "编号为空",
            FaultKind::NoRecord => "合计、附注或重复的表头",
            FaultKind::NamedOtherwise => "写法与企业编号、名称或信用代码略有不同，认作",
            FaultKind::MangledId => "编号被电子表格改成了数字",
            FaultKind::TitleRow => "表头上方的行",
            FaultKind::FailedFormula => "公式没有算出结果",
            FaultKind::BadNumber => "不是数字",
            FaultKind::OutOfRange => "超出范围",
            FaultKind::BadDate => "不是有效日期",
            FaultKind::UnknownWord => "不认识的词",
            FaultKind::MalformedCode => "不是统一社会信用代码",
            FaultKind::CheckDigit => "信用代码校验位不符",
            FaultKind::SharedCode => "两家企业的信用代码相同",
            FaultKind::ForeignIndustry => "不是国民经济行业代码，只与相同代码相近",
            FaultKind::HalfPlace => "经度和纬度应同时填写",
            FaultKind::SelfReference => "记录指向自己",
            FaultKind::Conflict => "同一编号的两条记录不一致，取较小值",
            FaultKind::RepeatedRow => "重复记录",
            FaultKind::Cycle => "上级关系成环，在最小编号处断开",
            FaultKind::UnknownPairing => "没有这个结对",
            FaultKind::TooFewParties => "结对至少要有两方",
            FaultKind::RefundsExceedSales => "退款多于销售，该对企业金额按 0 计或不计",
            FaultKind::EndsBeforeStart => "截止早于开始",
            FaultKind::LoneDate => "最晚的日期比其他日期晚一年以上，而各项年限都从它算起",
            _ => example.reason(),
        };
        self.pick(chinese, example.reason())
    }

    /// What is wrong with the constraints of a plan.
    pub(crate) fn plan_error(self, error: &PlanError) -> String {
        if self == Self::En {
            return error.to_string();
        }
        match error {
            PlanError::UnknownFirm { at, firm } => {
                format!("{at} 中的“{firm}”不是企业的编号、名称或信用代码，请改用数据中的编号")
            }
            PlanError::AmbiguousFirm { at, name, count, such_as } => {
                format!("{at} 中的“{name}”是 {count} 家企业的名称，请改用编号，例如 {such_as}")
            }
            PlanError::AmbiguousChain { at, name, count, such_as } => {
                format!("{at} 中的“{name}”是 {count} 条产业链的名称，请改用编号，例如 {such_as}")
            }
            PlanError::UnknownChain { at, chain } => {
                format!("{at} 中的“{chain}”既不是产业链编号也不是名称，请改用数据中的编号")
            }
            PlanError::SameFirm { firm, entry } => {
                format!("firms 中 {firm} 出现两次，第二次写作“{entry}”，请只留一条")
            }
            PlanError::UnknownRegion { at, region, known } => {
                format!("{at} 中的地区“{region}”没有企业，请改用数据中的地区：{known}")
            }
            PlanError::Overlap { first, second } => {
                format!(
                    "“{first}”和“{second}”两组有部分企业相同；一组须包含另一组的全部企业或互不相交，有名额的母公司及其下属也算一组"
                )
            }
            PlanError::MinimumName(name) => format!("有两个最低要求都名为“{name}”，请改名"),
            PlanError::NoSense { at, flaw: Flaw::Empty } => format!("{at} 为空，请填写或删去该项"),
            PlanError::NoSense { at, flaw: Flaw::OneFirm } => {
                format!("{at} 须写两家不同的企业，请改正或删去该项")
            }
            PlanError::NoSense { at, flaw: Flaw::Repeated } => format!("{at} 有重复，请每项只写一次"),
            PlanError::Tolerance(tolerance) => format!("tolerance 为 {tolerance}，应为不小于 0 的有限数"),
            PlanError::Lock { anchor, supplier, bar } => {
                let why = match bar {
                    None => "不是候选（该链主不在本次之列，或两家同属一家、各层级均不可行）",
                    Some(Bar::InForce) => "已在结对",
                    Some(Bar::Vetoed) => "已被否决或谢绝",
                    Some(Bar::Forbidden) => "属互斥组",
                    Some(Bar::VetoedAndForbidden) => "已被否决或谢绝，且属互斥组",
                    Some(Bar::Reversed) => "反过来也指定了",
                    Some(_) => "有一方已退出",
                };
                format!("无法指定 {anchor} – {supplier}：{why}，请改正或删去该项")
            }
            PlanError::TwoGroups { firm, first, second } => {
                format!("{firm} 同时在“{first}”和“{second}”两组中，每一方只能共用一个名额")
            }
            PlanError::GroupName(name) => format!("有两组都名为“{name}”，请改名"),
            PlanError::Minimum { name } => {
                format!("最低要求“{name}”须有 share（0 到 1 的比例）或 count（对数）")
            }
            PlanError::Bundling { least, most } => {
                format!("每组 {least} 至 {most} 家不成立，bundling.least 应不小于 2 且不大于 bundling.most")
            }
            other => other.to_string(),
        }
    }

    /// An amount of money, as people say it: 1,250 万元, CNY 12.5 million.
    pub(crate) fn money(self, cny: f64) -> String {
        let (unit, chinese, english) = match (self, cny.abs()) {
            (Self::Zh, amount) if amount >= 1e8 => (1e8, " 亿元", ""),
            (Self::Zh, amount) if amount >= 1e4 => (1e4, " 万元", ""),
            (Self::Zh, _) => (1.0, " 元", ""),
            (Self::En, amount) if amount >= 1e9 => (1e9, "", " billion"),
            (Self::En, amount) if amount >= 1e6 => (1e6, "", " million"),
            (Self::En, amount) if amount >= 1e3 => (1e3, "", " thousand"),
            (Self::En, _) => (1.0, "", ""),
        };
        let amount = cny / unit;
        let digits = usize::from(amount.abs() < 100.0);
        format!("{}{amount:.digits$}{}", self.pick("", "CNY "), self.pick(chinese, english))
    }
}
