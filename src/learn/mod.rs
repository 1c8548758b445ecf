//! Weights from what came true.
//!
//! A [`Learner`] parts what is known again, by time or by hiding, and looks for weights of the
//! matcher's factors that rank what came true higher than the ones to start from. What it gives,
//! a [`Learnt`], is a file of [`Weights`](crate::matcher::Weights) with a [`TrainingReport`] in it,
//! and a [`Probability`] for scores. Few data tell little: where nothing is surely better, the
//! weights stay as they were.
//!
//! ```
//! use jiedui::learn::{Learner, LearnError};
//! use jiedui::dataset::Dataset;
//!
//! let nothing = Dataset::builder().finish().0;
//! let error = Learner::default().by_time(&nothing, "2024".parse()?).unwrap_err();
//! assert!(matches!(error, LearnError::TooFew { found: 0, least: 2 }));
//! # Ok::<(), jiedui::model::DateError>(())
//! ```

mod cross_validation;
mod fit;
mod learner;
mod learnt;
mod lesson;
mod rehearsal;

pub use learner::{LearnError, Learner};
pub use learnt::{Learnt, Probability, Rehearsal, TrainingReport};
