//! What is wrong with a problem.

use std::error::Error;
use std::fmt;

use super::Bar;
use crate::model::{ChainId, FirmId};

/// Why there is no [`Problem`](super::Problem).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// A constraints file that cannot be read.
    #[error("the constraints cannot be read; see `Constraints` for their fields")]
    ConstraintsFile(#[source] Box<dyn Error + Send + Sync>),
    /// A score or utility that is no number in [0, 1].
    #[error("{what} {value} of {anchor} – {supplier} is not between 0 and 1")]
    Score {
        /// Score or whose utility.
        what: &'static str,
        /// Its value.
        value: f64,
        /// The anchor.
        anchor: FirmId,
        /// The supplier.
        supplier: FirmId,
    },
    /// The same pair twice.
    #[error("the pair {anchor} – {supplier} is given twice; give each once")]
    Repeated {
        /// The anchor.
        anchor: FirmId,
        /// The supplier.
        supplier: FirmId,
    },
    /// A firm that is to pair with itself.
    #[error("{0} cannot pair with itself; remove the pair")]
    WithItself(FirmId),
    /// A lock on what is no candidate, or must not be planned.
    #[error("the lock on {anchor} – {supplier} cannot be kept: the pair is {}; remove the lock", why_barred(*.bar))]
    Lock {
        /// The anchor.
        anchor: FirmId,
        /// The supplier.
        supplier: FirmId,
        /// What bars it; `None` where it is no candidate.
        bar: Option<Bar>,
    },
    /// A firm in two groups of one side.
    #[error("{firm} is in the groups {first:?} and {second:?}; a firm shares one quota a side")]
    TwoGroups {
        /// The firm.
        firm: FirmId,
        /// The one group.
        first: String,
        /// The other.
        second: String,
    },
    /// Two groups that have some firms in common, of which neither holds the other; houses with a quota are
    /// groups, too.
    #[error(
        "the groups {first:?} and {second:?} share some of their firms, but neither holds the other; a group has to \
         hold all firms of a house with a quota, which goes by its head, be inside it, or be apart from it"
    )]
    Overlap {
        /// The one group.
        first: String,
        /// The other.
        second: String,
    },
    /// Two groups of one name, or a group with the name of a house that shares a quota.
    #[error(
        "there are two groups named {0:?} on one side; conflicts and prices tell groups by name, so rename one"
    )]
    GroupName(String),
    /// A minimum share that is no number in [0, 1], or neither share nor count.
    #[error("the minimum {name:?} needs a share between 0 and 1 or a count")]
    Minimum {
        /// Its name.
        name: String,
    },
    /// Two minimums of one name.
    #[error("there are two minimums named {0:?}; conflicts tell minimums by name, so name each otherwise")]
    MinimumName(String),
    /// A value that makes no sense.
    #[error("{at} {flaw}")]
    NoSense {
        /// In which field.
        at: String,
        /// Why not.
        flaw: Flaw,
    },
    /// Groups of fewer than two suppliers, or of more than their most.
    #[error("groups of {least} to {most} suppliers cannot be; set bundling.least from 2 up to bundling.most")]
    Bundling {
        /// The fewest suppliers of a group.
        least: usize,
        /// The most.
        most: usize,
    },
    /// A constraint on a firm that is not in the data.
    #[error(
        "{at} names {firm:?}, which is no firm's id, name or credit code; give the id of a firm in the data"
    )]
    UnknownFirm {
        /// In which field.
        at: String,
        /// The firm.
        firm: FirmId,
    },
    /// A constraint on a name that several firms bear.
    #[error("{at} names {name:?}, as {count} firms are called; give an id, such as {such_as}")]
    AmbiguousFirm {
        /// In which field.
        at: String,
        /// The name.
        name: String,
        /// How many firms bear it.
        count: usize,
        /// The id of one of them.
        such_as: FirmId,
    },
    /// A constraint on a chain that is not in the data.
    #[error("{at} names {chain:?}, which is no chain's id or name; give the id of a chain in the data")]
    UnknownChain {
        /// In which field.
        at: String,
        /// The chain.
        chain: String,
    },
    /// A constraint on a name that several chains bear, of which not one alone is valid.
    #[error("{at} names {name:?}, as {count} chains are called; give an id, such as {such_as}")]
    AmbiguousChain {
        /// In which field.
        at: String,
        /// The name.
        name: String,
        /// How many chains bear it.
        count: usize,
        /// The id of one of them.
        such_as: ChainId,
    },
    /// A constraint on a region that is no firm's.
    #[error("{at} names the region {region:?}, where no firm is; give one of {known}")]
    UnknownRegion {
        /// In which field.
        at: String,
        /// The region.
        region: String,
        /// The first regions that there are, and how many more.
        known: String,
    },
    /// Limits of one firm twice, by id and by name.
    #[error("firms has limits of {firm} twice, the second time as {entry:?}; keep one entry")]
    SameFirm {
        /// The firm.
        firm: FirmId,
        /// As the second entry calls it.
        entry: String,
    },
    /// A tolerance that is no finite number of 0 or more.
    #[error(
        "the tolerance {0} is no finite number of 0 or more; it is the sum of scores that fewer changes may cost"
    )]
    Tolerance(f64),
    /// Too many parties or candidates.
    #[error("{found} {what} are more than the limit of {limit}; plan chain by chain")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// How many.
        found: usize,
        /// How many there may be.
        limit: usize,
    },
}

/// Why a value of the constraints makes no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Flaw {
    /// There is nothing in it.
    Empty,
    /// It takes two firms, and there is one.
    OneFirm,
    /// Something is in it twice.
    Repeated,
}

/// The flaw, and what to do.
impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "is empty; fill it in, or leave it out",
            Self::OneFirm => "does not name two firms; name two, or leave it out",
            Self::Repeated => "names one thing twice; name each once",
        })
    }
}

fn why_barred(bar: Option<Bar>) -> &'static str {
    match bar {
        None => "no candidate",
        Some(Bar::InForce) => "in force already",
        Some(Bar::Vetoed) => "vetoed",
        Some(Bar::Forbidden) => "of one forbidden group",
        Some(Bar::VetoedAndForbidden) => "vetoed, and of one forbidden group",
        Some(Bar::Withdrawn) => "one of whom one has withdrawn",
        Some(Bar::Reversed) => "locked the other way round, too",
    }
}
