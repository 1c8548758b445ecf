//! Why data cannot be parted.

use crate::model::Date;
use crate::network::NetworkError;

/// Why data cannot be split.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SplitError {
    /// No anchor is left to ask for.
    #[error(
        "no firm has at least {fewest_known} known suppliers and one to be found; choose another cut or \
         protocol, or lower fewest_known"
    )]
    NoAnchor {
        /// The fewest known suppliers.
        fewest_known: usize,
    },
    /// No row begins before the cut, so that nothing is known.
    #[error("no supply row begins before the cut {cut}, the first on {first}; choose a later cut")]
    NothingBefore {
        /// Where the data were to be parted.
        cut: Date,
        /// The first date of a supply row.
        first: Date,
    },
    /// No row begins at or after the cut, so that nothing is to be found.
    #[error("no supply row begins at the cut {cut} or later, the last on {last}; choose an earlier cut")]
    NothingAfter {
        /// Where the data were to be parted.
        cut: Date,
        /// The last date of a supply row.
        last: Date,
    },
    /// No supply row has a date, so that time parts nothing.
    #[error(
        "no supply row has a date; hide relations (leave_anchor_out) or products (hide_products) instead"
    )]
    NothingDated,
    /// There are no supply rows to hide.
    #[error("there are no supply rows; hide products instead (hide_products), or give supplies")]
    NoSupplies,
    /// No anchor with suppliers to be hidden is in a chain.
    #[error(
        "no firm of a chain has more than {fewest_known} suppliers; give chain_members, leave out anchors \
         instead, or lower fewest_known"
    )]
    NoChain {
        /// The fewest known suppliers.
        fewest_known: usize,
    },
    /// No maker was hidden whom anybody wants.
    #[error(
        "no firm wants what at least {fewest_known} firms are known to make and another one by what is \
         hidden alone; give firm_products of several products a firm, with needs or product_inputs, or lower \
         fewest_known"
    )]
    NoMaker {
        /// The fewest known makers.
        fewest_known: usize,
    },
    /// No pairing on record is to be found.
    #[error(
        "no anchor with at least {fewest_known} known suppliers has a pairing on record with a firm that could \
         be ranked; give pairings, ask for relations as well where partners are suppliers, or lower \
         fewest_known"
    )]
    NoPairing {
        /// The fewest known suppliers.
        fewest_known: usize,
    },
    /// Makers are asked for where no products are hidden.
    #[error(
        "makers can be asked for by hiding products alone; use Split::hide_products, or ask for suppliers"
    )]
    Makers,
    /// There are no folds.
    #[error("{0} folds are too few; take at least 1")]
    Folds(usize),
    /// The hidden share is out of range.
    #[error("a hidden share of {0} is not above 0 and at most 1")]
    Share(f64),
    /// No network can be built.
    #[error(transparent)]
    Network(#[from] NetworkError),
}

impl SplitError {
    /// Whether the data leave nobody to ask, rather than that the options are at fault.
    ///
    /// ```
    /// use jiedui::evaluate::SplitError;
    ///
    /// assert!(SplitError::NoAnchor { fewest_known: 5 }.asks_nobody());
    /// assert!(!SplitError::Folds(0).asks_nobody());
    /// ```
    pub fn asks_nobody(&self) -> bool {
        !matches!(self, Self::Makers | Self::Folds(_) | Self::Share(_) | Self::Network(_))
    }
}
