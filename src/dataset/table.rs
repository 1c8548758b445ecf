//! The tables of a dataset and their columns.

use crate::model::words;

/// A column: its English header and the Chinese ones that mean the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Column {
    /// The header in English, the one that is written.
    pub name: &'static str,
    /// Headers in Chinese that are understood.
    pub chinese: &'static [&'static str],
    /// Whether the table cannot do without it.
    pub required: bool,
}

/// Declares the tables and their columns; `true` marks a required one, `also` those that are only read.
macro_rules! tables {
    ($($(#[$doc:meta])* $table:ident = $name:literal, [$($chinese:literal),+] {
        $($column:literal $($required:literal)? = [$($column_chinese:literal),*];)+
        $(also $($list:literal = [$($list_chinese:literal),*];)+)?
    })+) => {
        /// A table of a dataset. Its word is the name of the file (without ending), key or sheet.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Table {
            $($(#[$doc])* $table,)+
        }

        impl Table {
            /// Every table, in the order in which they are read.
            pub const ALL: &'static [Self] = &[$(Self::$table),+];

            /// The names of the file, key or sheet in Chinese.
            pub fn chinese(self) -> &'static [&'static str] {
                match self { $(Self::$table => &[$($chinese),+],)+ }
            }

            /// The columns: those that are written, in their order, then those that are only read.
            pub const fn columns(self) -> &'static [Column] {
                match self {
                    $(Self::$table => const { &[
                        $(Column {
                            name: $column,
                            chinese: &[$($column_chinese),*],
                            required: false $(|| $required)?,
                        },)+
                        $($(Column { name: $list, chinese: &[$($list_chinese),*], required: false },)+)?
                    ] },)+
                }
            }

            /// The columns that are written, in their order. Only the firms have others: lists, as rosters of
            /// offices hold them, of which each item becomes a row of another table.
            pub fn written_columns(self) -> &'static [Column] {
                let n = match self { $(Self::$table => [$($column),+].len(),)+ };
                &self.columns()[..n]
            }
        }

        words! { for Table { $($table = $name $(, $chinese)+;)+ } }
    };
}

tables! {
    /// Firms (企业).
    Firms = "firms", ["企业", "企业名录", "单位", "企业名单", "企业信息", "企业基本信息", "企业基本情况", "企业花名册", "链上企业名录"] {
        "firm" true = ["企业编号", "企业", "单位", "编号", "企业代码", "企业ID"];
        "name" = ["名称", "企业名称", "单位名称", "企业全称", "公司名称", "企业名"];
        "credit_code" = ["统一社会信用代码", "信用代码"];
        "kind" = ["类型", "单位类型", "性质", "单位性质"];
        "parent" = ["上级单位", "母公司", "所属单位", "上级"];
        "anchor" = ["链主", "是否链主", "链主企业", "链主标识", "是否链主企业"];
        "ownership" = ["所有制", "所有制性质", "企业性质"];
        "industry" = ["行业", "行业代码", "所属行业", "国民经济行业", "国民经济行业代码", "行业类别"];
        "region" = ["区域", "地区", "所在区", "所属区县", "县市区", "所在区县", "所在地区", "所属区", "属地", "区县", "所在县区"];
        "longitude" = ["经度"];
        "latitude" = ["纬度"];
        "employees" = ["从业人员", "员工人数", "职工人数", "人数", "从业人数", "从业人员数", "员工数"];
        "revenue" = ["营业收入", "年营业收入", "营收", "产值", "年营收", "销售收入", "主营业务收入", "年产值", "工业总产值", "销售额", "年销售额"];
        "size" = ["规模", "企业规模"];
        "party_branch" = ["党支部", "党组织", "党组织形式"];
        "party_members" = ["党员人数", "党员数", "正式党员"];
        "quota" = ["名额", "结对名额"];
        also
        "makes" = ["产品", "主要产品", "主营产品", "主导产品", "生产产品"];
        "needs" = ["需求产品", "采购需求", "配套需求", "所需产品"];
        "chains" = ["产业链", "所属产业链", "所在产业链"];
        "suppliers" = ["供应商", "上游供应商", "主要供应商", "上游企业"];
        "buyers" = ["客户", "下游客户", "主要客户", "下游企业", "配套对象"];
    }
    /// Products and their classes (产品).
    Products = "products", ["产品"] {
        "product" true = ["产品编号", "产品", "产品代码"];
        "name" = ["名称", "产品名称"];
        "parent" = ["上级产品", "产品大类", "上级"];
    }
    /// Which product is a class of which (产品分类).
    ProductParents = "product_parents", ["产品分类"] {
        "product" true = ["产品编号", "产品", "产品代码"];
        "parent" true = ["上级产品", "产品大类", "上级"];
    }
    /// What goes into what (物料清单).
    ProductInputs = "product_inputs", ["产品投入", "物料清单"] {
        "input" true = ["投入", "投入品", "原料", "上游产品"];
        "output" true = ["产出", "产出品", "成品", "下游产品"];
        "weight" = ["权重"];
    }
    /// Who makes or needs what (企业产品).
    FirmProducts = "firm_products", ["企业产品"] {
        "firm" true = ["企业编号", "企业", "单位", "企业名称", "单位名称"];
        "product" true = ["产品编号", "产品", "产品名称", "主营产品", "主要产品", "主导产品"];
        "role" = ["角色", "供需"];
        "weight" = ["权重", "占比"];
    }
    /// Supply rows (供应关系).
    Supplies = "supplies", ["供应关系", "供应", "供货", "供货关系", "采购", "配套关系", "上下游关系", "上下游配套关系", "供需关系", "供销关系"] {
        "supplier" true = ["供应商", "供货方", "销方", "供方", "供应商名称", "供应商编号", "供货单位", "供应企业"];
        "buyer" true = ["采购方", "购方", "客户", "需方", "采购方名称", "采购方编号", "采购单位", "采购企业", "客户名称", "采购商"];
        "product" = ["产品", "产品编号", "产品名称", "货物名称"];
        "value" = ["金额", "价税合计", "交易额", "交易金额", "采购金额", "采购额", "供货金额", "供货额", "合同金额", "年采购额", "年供货额"];
        "date" = ["日期", "时间", "交易日期", "交易时间", "采购日期", "供货日期", "签订时间", "签订日期", "合同日期"];
    }
    /// Chains (产业链).
    Chains = "chains", ["产业链"] {
        "chain" true = ["产业链编号", "产业链", "链"];
        "name" = ["名称", "产业链名称"];
        "leader" = ["链长"];
        "office" = ["链长办公室", "链办", "牵头单位"];
        "association" = ["协会", "行业协会"];
        "committee" = ["企业联合党委", "联合党委"];
        "valid_from" = ["起始日期", "生效日期"];
        "valid_to" = ["截止日期", "失效日期"];
    }
    /// Who belongs to a chain (产业链成员).
    ChainMembers = "chain_members", ["产业链成员", "链上企业"] {
        "chain" true = ["产业链编号", "产业链", "链", "所属产业链", "产业链名称"];
        "firm" true = ["企业编号", "企业", "单位", "企业名称", "单位名称"];
        "position" = ["位置", "环节"];
    }
    /// What firms offer and need (资源).
    Resources = "resources", ["资源", "资源需求"] {
        "firm" true = ["企业编号", "企业", "单位", "企业名称", "单位名称"];
        "direction" true = ["方向", "供需"];
        "category" true = ["类别", "资源类别"];
        "item" = ["项目", "内容"];
        "amount" = ["数量"];
        "unit" = ["单位名", "计量单位"];
    }
    /// Pairings (结对).
    Pairings = "pairings", ["结对", "结对共建", "结对关系"] {
        "pairing" = ["结对编号", "结对"];
        "parties" true = ["各方", "结对各方", "结对单位", "链主企业", "链主", "配套企业", "结对企业", "结对对象", "甲方", "乙方"];
        "level" = ["层级"];
        "modes" = ["模式", "共建模式"];
        "theme" = ["主题", "结对主题", "结对内容", "共建内容"];
        "signed" = ["签订日期", "签约日期", "签约时间", "签订时间", "结对时间", "结对日期"];
        "ends" = ["截止日期", "到期日期", "到期时间"];
    }
    /// What became of pairings (成效).
    Outcomes = "outcomes", ["成效", "结对成效"] {
        "pairing" true = ["结对编号", "结对", "parties", "各方", "结对各方", "结对单位", "链主企业", "链主", "配套企业", "结对企业", "结对对象", "甲方", "乙方"];
        "kind" true = ["类型", "成效类型"];
        "amount" = ["金额", "数量"];
        "date" = ["日期", "时间"];
        "evidence" = ["依据", "佐证"];
    }
    /// Quality incidents (质量问题).
    Incidents = "incidents", ["质量问题", "质量事件"] {
        "supplier" true = ["供应商", "供货方"];
        "buyer" true = ["采购方", "客户"];
        "kind" = ["类型", "问题类型"];
        "lots" = ["批次", "交付批次"];
        "date" = ["日期", "时间"];
    }
    /// Answers to proposals (意向).
    Responses = "responses", ["意向", "结对意向"] {
        "firm" true = ["企业编号", "企业", "单位", "企业名称", "单位名称"];
        "partner" true = ["对象", "结对对象", "意向对象"];
        "answer" true = ["答复", "意向"];
        "date" = ["日期", "时间"];
        "until" = ["有效期至", "截止日期"];
    }
}

impl Table {
    /// The table of a sheet or file of that name, which may say more: a year or half of one before or behind it, a
    /// number, something in brackets or behind a dash, that it is a list or of a chain, as `供应关系2024`,
    /// `附件1：2024年供应关系表`, `企业名单（最新）`, `轨道交通产业链供应关系` or `企业名录-轨道交通链`. Several such
    /// sheets are parts of one table.
    #[cfg(any(feature = "csv", feature = "xlsx"))]
    pub(super) fn of_part(name: &str) -> Option<Self> {
        const LIST: [&str; 13] = [
            "表",
            "明细",
            "清单",
            "台账",
            "名单",
            "汇总",
            "一览",
            "数据",
            "情况",
            "上半年",
            "下半年",
            "全年",
            "季度",
        ];
        if Self::is_copy(name) {
            return None;
        }
        let is_number = |c: char| {
            c.is_ascii_digit() || matches!(c, '年' | '月' | '-' | '_' | '第' | '一' | '二' | '三' | '四')
        };
        let is_list_number = |c: char| is_number(c) || matches!(c, '.' | '．' | '、' | ':' | '：' | ' ');
        let mut rest = name.trim();
        for annex in ["附件", "附表"] {
            rest = rest.strip_prefix(annex).map_or(rest, |rest| rest.trim_start_matches(is_list_number));
        }
        loop {
            if let Some(table) = Self::from_word(rest) {
                return Some(table);
            }
            let shorter = match rest.strip_suffix([')', '）']) {
                Some(inner) => inner.rsplit_once(['(', '（'])?.0,
                None => rest.trim_end_matches(is_number),
            };
            let list = || LIST.iter().find_map(|list| rest.strip_suffix(list));
            let is_dated = rest.starts_with(|c: char| c.is_ascii_digit());
            let dated = || is_dated.then(|| rest.trim_start_matches(is_list_number));
            let before_dash = || rest.split_once(['-', '—', '_']).map(|(before, _)| before);
            rest = if shorter.len() < rest.len() {
                shorter.trim_end()
            } else {
                let Some(shorter) = list().or_else(dated).or_else(before_dash) else {
                    return Self::at_end(rest);
                };
                shorter.trim()
            };
        }
    }

    /// The table by whose name a longer one ends, unless that may say of whom it is not.
    #[cfg(any(feature = "csv", feature = "xlsx"))]
    fn at_end(name: &str) -> Option<Self> {
        const NOT: [char; 10] = ['非', '退', '销', '黑', '拟', '旧', '废', '停', '撤', '原'];
        let words =
            Self::ALL.iter().flat_map(|table| table.chinese().iter().map(move |word| (*table, *word)));
        let words = words.filter(|(_, word)| word.chars().count() >= 4);
        let found = words.filter_map(|(table, word)| Some((table, name.strip_suffix(word)?)));
        let (table, before) = found.min_by_key(|(_, before)| before.len())?;
        (!before.contains(NOT)).then_some(table)
    }

    /// Whether a file or sheet calls itself a copy.
    #[cfg(any(feature = "csv", feature = "xlsx"))]
    pub(super) fn is_copy(name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        ["副本", "备份", "copy", "old"].iter().any(|copy| name.contains(copy))
    }

    /// The column of that header, English or Chinese, any case; blanks and line breaks within a Chinese
    /// one, as a narrow cell has them, do not count.
    pub fn column(self, header: &str) -> Option<&'static Column> {
        let header = header.trim();
        let find = |chinese: &str| {
            let mut columns = self.columns().iter();
            columns
                .find(|column| column.name.eq_ignore_ascii_case(header) || column.chinese.contains(&chinese))
        };
        if header.is_ascii() || !header.contains(char::is_whitespace) {
            return find(header);
        }
        find(&header.split_whitespace().collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_a_table_are_distinct() {
        for table in Table::ALL {
            let mut headers: Vec<&str> = table
                .columns()
                .iter()
                .flat_map(|column| column.chinese.iter().copied().chain([column.name]))
                .collect();
            let count = headers.len();
            headers.sort_unstable();
            headers.dedup();
            assert_eq!(headers.len(), count, "{table}");
        }
    }
}
