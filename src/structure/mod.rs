//! Scores from the shape of the supplier graph alone.
//!
//! Each [`Kernel`] takes an anchor and gives a raw score, at least 0, to every firm in
//! reach: [`ThreePaths`] (`co_supply`), [`SharedPartners`] and [`Reach`]. It is
//! prepared once for a network and [`Relations`], and then only read; what changes from anchor
//! to anchor is in [`Scores`], which is reused. [`Kernel::score`] answers for one anchor,
//! [`Kernel::best`] ranks for many.
//!
//! # Order and bits
//!
//! Kernels number the firms by falling number of relations, then by id, and all sums run in that
//! order, in f64. It follows from the network alone; so the bits of a score do not depend
//! on the kernel, the number of anchors together, threads, or how the network came about.
//!
//! # Which way is taken
//!
//! The last step to the scores has two ways. For one anchor it is *pushed*: whatever a firm
//! at the front holds is added to its relations. Up to one relation for eight firms, book is kept
//! of what was touched, so that a query costs nothing for the rest of the network; beyond,
//! looking through all is cheaper. Many anchors can be *pulled* for together, sixteen numbers side
//! by side for each firm: that walks all relations once, and is done where their pushes
//! would walk three times as many, and the network is so small (32,768 firms) that the fronts
//! stay in a core's own cache. Beyond that size pushing was faster in every measurement.
//! `Reach` walks all relations in any case, and takes eight anchors together. Where a matcher asks
//! for the scores of a few firms alone, it pulls for each of them, if that is less work.
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
mod block;
mod column;
mod front;
mod kernel;
mod pattern;
mod reach;
mod relations;
mod scores;
mod shared_partners;
mod spread;
mod three_paths;
mod weights;

pub(crate) use front::{Found, Front, Pull};
pub use kernel::{Batch, Kernel, MemoryError, Ranked};
pub use pattern::Pattern;
pub use reach::{Reach, ReachError, ReachWalk};
pub use relations::{Relations, Walk};
pub use scores::Scores;
pub use shared_partners::SharedPartners;
pub use three_paths::{NodeWeight, PathWeights, PathWitness, ThreePaths};
