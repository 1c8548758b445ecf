//! A firm: any unit that can be one side of a pairing.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::word::words;
use super::{CreditCode, FirmId, Industry, Place, SizeClass};

/// A firm (企业) or any other unit: a university, an association, a public
/// institution, or a department or branch of a legal entity, which is a record
/// of its own with a [`parent`](Self::parent).
///
/// ```
/// use jiedui::model::{Firm, SizeClass};
///
/// let mut firm = Firm::new("91430200000000001X");
/// firm.employees = Some(240.0);
/// firm.revenue = Some(30_000_000.0);
/// assert_eq!(firm.size_class(), Some(SizeClass::Small));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Firm {
    /// Outside key.
    pub id: FirmId,
    /// Name as people say it.
    pub name: Option<Box<str>>,
    /// 统一社会信用代码.
    pub credit_code: Option<CreditCode>,
    /// What sort of unit it is; `None` counts as an enterprise.
    pub kind: Option<FirmKind>,
    /// The legal entity that a department or branch belongs to.
    pub parent: Option<FirmId>,
    /// Whether the firm is marked as an anchor (链主).
    pub anchor: Option<bool>,
    /// Who owns it.
    pub ownership: Option<Ownership>,
    /// Industry by GB/T 4754, or another code, taken as it is.
    pub industry: Option<Industry>,
    /// Region (district, county, park), compared as text.
    pub region: Option<Box<str>>,
    /// Where it stands.
    pub place: Option<Place>,
    /// Headcount (从业人员).
    pub employees: Option<f64>,
    /// Revenue of a year (营业收入), CNY.
    pub revenue: Option<f64>,
    /// Size class as stated by the source; see [`size_class`](Self::size_class).
    pub size: Option<SizeClass>,
    /// Party branch, own or joint.
    pub party_branch: Option<PartyBranch>,
    /// Formal Party members.
    pub party_members: Option<u32>,
    /// The most pairings the firm can take (名额).
    pub quota: Option<u32>,
}

impl Firm {
    /// A firm of which nothing but the key is known.
    pub fn new(id: impl Into<FirmId>) -> Self {
        Self {
            id: id.into(),
            name: None,
            credit_code: None,
            kind: None,
            parent: None,
            anchor: None,
            ownership: None,
            industry: None,
            region: None,
            place: None,
            employees: None,
            revenue: None,
            size: None,
            party_branch: None,
            party_members: None,
            quota: None,
        }
    }

    /// The name, or the key where there is none.
    pub fn label(&self) -> &str {
        self.name.as_deref().unwrap_or(self.id.as_str())
    }

    /// The stated size class, else the one that headcount and revenue give
    /// (see [`SizeClass::of`]); `None` where neither is known.
    pub fn size_class(&self) -> Option<SizeClass> {
        self.size.or_else(|| SizeClass::of(self.industry.as_ref(), self.employees, self.revenue))
    }

    /// Whether the unit can sign for itself: everything but a department or branch.
    pub fn is_legal_entity(&self) -> bool {
        !matches!(self.kind, Some(FirmKind::Department | FirmKind::Branch))
    }
}

impl fmt::Display for Firm {
    /// Writes the [`label`](Firm::label).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.label())
    }
}

words! {
    /// What sort of unit a [`Firm`] is.
    FirmKind {
        /// A company or other business.
        Enterprise = "enterprise", "企业", "公司", "company", "firm";
        /// A university or college.
        University = "university", "高校", "大学", "学校", "college";
        /// A trade association.
        Association = "association", "协会", "商会";
        /// A joint Party committee (联合党委) or the like, as one party of an agreement.
        Committee = "committee", "联合党委", "综合党委", "党委";
        /// A public institution, research institutes among them.
        Institution = "institution", "事业单位", "研究院", "研究所", "institute";
        /// A department of a legal entity.
        Department = "department", "部门", "中心", "车间";
        /// A branch of a legal entity.
        Branch = "branch", "分公司", "分支机构", "分厂";
        /// Anything else.
        Other = "other", "其他";
    }
}

words! {
    /// Who owns a [`Firm`].
    Ownership {
        /// State-owned or state-controlled.
        State = "state", "国有", "国有企业", "国企", "央企", "state-owned", "国有控股", "中央企业", "国有独资", "省属国企", "市属国企";
        /// Private.
        Private = "private", "民营", "私营", "民企", "民营企业", "私营企业", "个体";
        /// Foreign-invested, Hong Kong, Macao and Taiwan among them.
        Foreign = "foreign", "外资", "外商投资", "港澳台", "外资企业", "外商独资", "中外合资", "合资";
        /// Collective or co-operative.
        Collective = "collective", "集体", "集体企业";
        /// Mixed ownership.
        Mixed = "mixed", "混合所有制", "混合";
        /// Anything else.
        Other = "other", "其他";
    }
}

words! {
    /// The Party branch (党支部) of a [`Firm`].
    PartyBranch {
        /// None.
        None = "none", "无", "否", "没有", "no", "0", "false", "未建", "未成立", "×";
        /// One of its own, or a Party committee.
        Own = "own", "独立", "有", "是", "党支部", "党委", "yes", "1", "true", "党总支", "独立党支部", "已建", "已成立", "√";
        /// A part of a joint branch (联合党支部).
        Joint = "joint", "联合", "联合党支部", "联合支部";
    }
}
