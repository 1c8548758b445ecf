//! One error for programs that go the whole way.

use crate::matcher::MatcherError;
use crate::network::NetworkError;

/// Any error of the crate's stages, each as it came: [`Display`](std::fmt::Display) and
/// [`source`](std::error::Error::source) are those of the stage's own error.
///
/// ```
/// use jiedui::dataset::Dataset;
/// use jiedui::matcher::{Matcher, Weights};
/// use jiedui::network::Network;
///
/// fn matcher(dataset: &Dataset) -> Result<Matcher, jiedui::Error> {
///     let network = Network::build(dataset)?;
///     Ok(Matcher::builder(&network).weights(Weights::none()).build()?)
/// }
///
/// let error = matcher(&Dataset::builder().finish().0).unwrap_err();
/// assert!(matches!(error, jiedui::Error::Matcher(_)));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Data could not be read.
    #[cfg(any(feature = "csv", feature = "json", feature = "xlsx"))]
    #[error(transparent)]
    Read(#[from] crate::dataset::ReadError),
    /// Data could not be written.
    #[cfg(any(feature = "csv", feature = "json"))]
    #[error(transparent)]
    Write(#[from] crate::dataset::WriteError),
    /// A network could not be built.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// The options of a matcher are at fault.
    #[error(transparent)]
    Matcher(#[from] MatcherError),
    /// A problem of planning is at fault.
    #[error(transparent)]
    Plan(#[from] crate::plan::PlanError),
    /// A plan failed its check.
    #[error(transparent)]
    PlanFault(#[from] crate::plan::PlanFault),
    /// Data could not be split to measure on.
    #[error(transparent)]
    Split(#[from] crate::evaluate::SplitError),
    /// A run or its judgements could not be read or written.
    #[error(transparent)]
    Trec(#[from] crate::evaluate::TrecError),
    /// Nothing could be learnt.
    #[error(transparent)]
    Learn(#[from] crate::learn::LearnError),
    /// Records are at fault, where a dataset is built of sound ones alone.
    #[error(transparent)]
    Records(#[from] Box<crate::dataset::Report>),
    /// A date is none.
    #[error(transparent)]
    Date(#[from] crate::model::DateError),
    /// A word is none of those known.
    #[error(transparent)]
    Word(#[from] crate::model::WordError),
    /// A place is none.
    #[error(transparent)]
    Place(#[from] crate::model::PlaceError),
    /// The options of a random walk are at fault.
    #[error(transparent)]
    Reach(#[from] crate::structure::ReachError),
    /// The constants of a technology gap are at fault.
    #[error(transparent)]
    TechnologyGap(#[from] crate::factor::TechnologyGapError),
    /// There is too little working memory.
    #[error(transparent)]
    Memory(#[from] crate::structure::MemoryError),
    /// A city could not be generated.
    #[cfg(feature = "city")]
    #[error(transparent)]
    City(#[from] crate::city::CityError),
}
