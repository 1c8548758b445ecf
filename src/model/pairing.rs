//! An agreement to build together.

use serde::{Deserialize, Serialize};

use super::word::words;
use super::{Date, FirmId, PairingId};

/// A pairing (结对共建): an agreement of two or more parties.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pairing {
    /// Outside key.
    pub id: PairingId,
    /// Two or more firms, in the order given; by custom the anchor comes first.
    pub parties: Vec<FirmId>,
    /// At which level.
    pub level: Option<Level>,
    /// In which modes, sorted, each once.
    #[serde(default)]
    pub modes: Vec<CoBuildingMode>,
    /// What it is about.
    pub theme: Option<Box<str>>,
    /// When it was signed.
    pub signed: Option<Date>,
    /// Its last day, open where `None`.
    pub ends: Option<Date>,
}

impl Pairing {
    /// A pairing of which nothing but key and parties is known.
    pub fn new<P: Into<FirmId>>(id: impl Into<PairingId>, parties: impl IntoIterator<Item = P>) -> Self {
        Self {
            id: id.into(),
            parties: parties.into_iter().map(Into::into).collect(),
            level: None,
            modes: Vec::new(),
            theme: None,
            signed: None,
            ends: None,
        }
    }

    /// Whether the pairing is in force on `date`; an undated end is open, an
    /// undated start long past.
    pub fn is_in_force_at(&self, date: Date) -> bool {
        self.signed.is_none_or(|signed| signed.first_day() <= date.last_day())
            && self.ends.is_none_or(|ends| ends.last_day() >= date.first_day())
    }
}

words! {
    /// The level at which two sides pair.
    Level {
        /// Two legal entities.
        Enterprise = "enterprise", "企企", "企业", "企业与企业", "firm";
        /// Two Party branches.
        Branch = "branch", "支部", "党支部", "支部与支部";
        /// R&D staff with purchasing and sales staff.
        Specialists = "specialists", "专员", "研产供销", "人员", "specialist";
    }
}

words! {
    /// The mode of co-building (共建模式).
    CoBuildingMode {
        /// 组织联建: organisations built together.
        Organisation = "organisation", "组织联建", "组织", "organization";
        /// 人才联育: people trained together.
        Talent = "talent", "人才联育", "人才";
        /// 平台联创: laboratories and equipment opened.
        Platform = "platform", "平台联创", "平台";
        /// 活动联办: activities held together.
        Activity = "activity", "活动联办", "活动";
        /// 资源共享: facilities and procedures shared.
        Resource = "resource", "资源共享", "资源";
        /// Anything else.
        Other = "other", "其他";
    }
}
