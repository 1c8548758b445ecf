//! Scores from the shape of the supplier graph alone.
//!
//! Each kernel takes one anchor and gives a raw score, at least 0, to every firm in
//! reach: [`ThreePaths`] (`co_supply`), [`SharedPartners`] and [`Reach`]. A kernel is
//! prepared once for a network and then only read; what changes from anchor to anchor
//! is in [`Scores`], which is reused.
//!
//! Sums run by firm id along each row, so the same network gives the same bits.
//!
//! ```
//! use jiedui::dataset::Dataset;
//! use jiedui::model::Supply;
//! use jiedui::network::Network;
//! use jiedui::structure::{Kernel, PathWeights, Scores, ThreePaths};
//!
//! // Steel supplies both works; castings supplies works 2 alone.
//! let mut builder = Dataset::builder();
//! for (supplier, buyer) in [("steel", "works 1"), ("steel", "works 2"), ("castings", "works 2")] {
//!     builder.add_supply(&Supply::new(supplier, buyer));
//! }
//! let network = Network::build(&builder.finish().0)?;
//! let paths = ThreePaths::new(&network, PathWeights::default());
//! let mut scores = Scores::default();
//! paths.score(network.firm_ix("works 1").unwrap(), &mut scores);
//! // One path, works 1 ← steel → works 2 ← castings, over 1/√2 for steel's two
//! // relations and 1/√2 for those of works 2.
//! let castings = network.firm_ix("castings").unwrap();
//! assert!((scores.get(castings) - 0.5).abs() < 1e-12);
//! # Ok::<(), jiedui::network::NetworkError>(())
//! ```

mod adjacency;
mod column;
mod kernel;
mod reach;
mod relations;
mod scores;
mod shared_partners;
mod spread;
mod three_paths;

pub use kernel::{Batch, Kernel, MemoryError, Ranked};
pub use reach::{Reach, ReachError, ReachWalk};
pub use relations::{Relations, Walk};
pub use scores::Scores;
pub use shared_partners::SharedPartners;
pub use three_paths::{NodeWeight, PathWeights, PathWitness, ThreePaths};
