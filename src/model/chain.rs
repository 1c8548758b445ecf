//! Industrial chains and who belongs to them.

use serde::{Deserialize, Serialize};

use super::{ChainId, Date, FirmId};

/// An industrial chain (产业链) as a city organises it. Dated: the organisation
/// changes from year to year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chain {
    /// Outside key.
    pub id: ChainId,
    /// Name as people say it.
    pub name: Option<Box<str>>,
    /// The chain leader (链长): the *official* responsible, never a firm.
    pub leader: Option<Box<str>>,
    /// The chain office (链长办公室).
    pub office: Option<Box<str>>,
    /// The trade association.
    pub association: Option<Box<str>>,
    /// The joint Party committee (企业联合党委).
    pub committee: Option<Box<str>>,
    /// First day, open where `None`.
    pub valid_from: Option<Date>,
    /// Last day, open where `None`.
    pub valid_to: Option<Date>,
}

impl Chain {
    /// A chain of which nothing but the key is known.
    pub fn new(id: impl Into<ChainId>) -> Self {
        Self {
            id: id.into(),
            name: None,
            leader: None,
            office: None,
            association: None,
            committee: None,
            valid_from: None,
            valid_to: None,
        }
    }

    /// Whether the chain stands on `date`: it has begun by the end of `date` and
    /// has not ended before its start. Both ends count.
    pub fn is_valid_at(&self, date: Date) -> bool {
        self.valid_from.is_none_or(|from| from.first_day() <= date.last_day())
            && self.valid_to.is_none_or(|to| to.last_day() >= date.first_day())
    }
}

/// The membership of a firm in a chain. An overlay: it changes neither the firm's
/// parent nor its branch. A firm may be in several chains.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ChainMember {
    /// The chain.
    pub chain: ChainId,
    /// The firm.
    pub firm: FirmId,
    /// Where in the chain: upstream (上游), core (链主), … as the source says it.
    pub position: Option<Box<str>>,
}

impl ChainMember {
    /// A membership of which no more is known.
    pub fn new(chain: impl Into<ChainId>, firm: impl Into<FirmId>) -> Self {
        Self { chain: chain.into(), firm: firm.into(), position: None }
    }
}
