//! What became of pairings, and what firms say of each other.

use serde::{Deserialize, Serialize};

use super::word::words;
use super::{Date, FirmId, PairingId};

/// A result of a pairing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The pairing.
    pub pairing: PairingId,
    /// What came of it.
    pub kind: OutcomeKind,
    /// How much: CNY for orders and savings, a count for the rest.
    pub amount: Option<f64>,
    /// When.
    pub date: Option<Date>,
    /// Where it is written down.
    pub evidence: Option<Box<str>>,
}

impl Outcome {
    /// An outcome of which nothing but the kind is known.
    pub fn new(pairing: impl Into<PairingId>, kind: OutcomeKind) -> Self {
        Self { pairing: pairing.into(), kind, amount: None, date: None, evidence: None }
    }
}

words! {
    /// The kind of an [`Outcome`].
    OutcomeKind {
        /// An order.
        Order = "order", "订单", "新增订单", "采购订单";
        /// A product or a line moved to the partner.
        Transfer = "transfer", "转移", "产线转移";
        /// People trained.
        Training = "training", "培训", "人才培训", "技能培训";
        /// A patent, a joint project, a problem solved.
        Technology = "technology", "技术", "专利", "攻关", "技术攻关", "联合攻关";
        /// An activity held.
        Activity = "activity", "活动";
        /// Cost saved.
        Saving = "saving", "降本", "节约";
        /// Ended without result.
        Failure = "failure", "失败", "终止", "无成效", "none";
        /// Anything else.
        Other = "other", "其他";
    }
}

impl OutcomeKind {
    /// Whether the outcome counts as a success of its pairing: all but a failure.
    pub fn is_success(self) -> bool {
        self != Self::Failure
    }
}

/// A quality incident in a supplier's deliveries to a buyer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    /// The firm that delivered.
    pub supplier: FirmId,
    /// The firm that complained.
    pub buyer: FirmId,
    /// What went wrong, in words.
    pub kind: Option<Box<str>>,
    /// Lots delivered in the period, at least 1; `None` counts as 100.
    pub lots: Option<f64>,
    /// When.
    pub date: Option<Date>,
}

impl Incident {
    /// An incident of which nothing but the two firms is known.
    pub fn new(supplier: impl Into<FirmId>, buyer: impl Into<FirmId>) -> Self {
        Self { supplier: supplier.into(), buyer: buyer.into(), kind: None, lots: None, date: None }
    }
}

/// A firm's answer to a proposed partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {
    /// The firm that answers.
    pub firm: FirmId,
    /// The partner proposed.
    pub partner: FirmId,
    /// Its answer.
    pub answer: Answer,
    /// When.
    pub date: Option<Date>,
    /// Until when a refusal binds; open where `None`.
    pub until: Option<Date>,
}

impl Response {
    /// An answer without a date; a refusal stands for good.
    pub fn new(firm: impl Into<FirmId>, partner: impl Into<FirmId>, answer: Answer) -> Self {
        Self { firm: firm.into(), partner: partner.into(), answer, date: None, until: None }
    }
}

words! {
    /// The answer of a [`Response`].
    Answer {
        /// Willing.
        Yes = "yes", "愿意", "同意", "是", "有意愿", "有意向", "愿意结对", "accept", "accepted", "1", "true";
        /// A refusal: a veto for as long as it binds.
        No = "no", "拒绝", "不愿意", "不同意", "否", "婉拒", "谢绝", "暂不考虑", "无意向", "refuse", "refused", "0", "false";
        /// Neither: asked for time, did not answer.
        Other = "other", "其他", "待定", "maybe";
    }
}
