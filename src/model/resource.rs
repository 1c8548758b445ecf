//! What a firm offers to a partner, and what it needs from one.

use serde::{Deserialize, Serialize};

use super::word::words;
use super::{CoBuildingMode, FirmId};

/// A resource that a firm offers or needs: a laboratory, trainers, a venue, …
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Resource {
    /// The firm.
    pub firm: FirmId,
    /// Offers or needs.
    pub direction: Direction,
    /// What sort of thing.
    pub category: Category,
    /// The thing in words.
    pub item: Option<Box<str>>,
    /// How much, positive; `None` where it is not told: enough of an offer, met by any offer as a need.
    pub amount: Option<f64>,
    /// Unit of the amount. Amounts in different units are not compared.
    pub unit: Option<Box<str>>,
}

impl Resource {
    /// A resource of which nothing but its sort is known.
    pub fn new(firm: impl Into<FirmId>, direction: Direction, category: Category) -> Self {
        Self { firm: firm.into(), direction, category, item: None, amount: None, unit: None }
    }
}

words! {
    /// Whether a [`Resource`] is offered or needed.
    Direction {
        /// The firm has it to give.
        Offers = "offers", "提供", "供", "offer", "有", "供给", "可提供";
        /// The firm looks for it.
        Needs = "needs", "需要", "需求", "求", "need";
    }
}

words! {
    /// What sort of thing a [`Resource`] is.
    Category {
        /// Help to build a Party or trade-union organisation.
        Organisation = "organisation", "组织", "党组织", "organization";
        /// Trainers, trainees, courses, technicians.
        Talent = "talent", "人才", "培训", "人才培训", "师资", "学员", "trainer", "trainers", "trainee", "trainees";
        /// Laboratories and test benches.
        Laboratory = "laboratory", "实验室", "平台", "检测", "lab", "platform";
        /// Equipment.
        Equipment = "equipment", "设备", "仪器";
        /// Venues for activities.
        Venue = "venue", "场地", "活动室";
        /// A calendar of activities.
        Calendar = "calendar", "活动", "日历", "activity";
        /// Shared facilities: stores, canteens, logistics.
        Facility = "facility", "设施", "仓储", "物流";
        /// Procedures, quality systems, approvals.
        Procedure = "procedure", "流程", "制度", "标准", "资质";
        /// Slots or hours of R&D, purchasing and sales staff.
        Specialist = "specialist", "专员", "专家", "技术", "工程师", "技术员", "技术人员", "specialists", "slot", "hours";
        /// Anything else.
        Other = "other", "其他";
    }
}

impl Category {
    /// The mode of co-building in which such a resource is shared.
    pub fn mode(self) -> CoBuildingMode {
        match self {
            Self::Organisation => CoBuildingMode::Organisation,
            Self::Talent | Self::Specialist => CoBuildingMode::Talent,
            Self::Laboratory | Self::Equipment => CoBuildingMode::Platform,
            Self::Venue | Self::Calendar => CoBuildingMode::Activity,
            Self::Facility | Self::Procedure => CoBuildingMode::Resource,
            Self::Other => CoBuildingMode::Other,
        }
    }
}
