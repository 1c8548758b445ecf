//! Weights from what came true.

mod fit;
mod learner;
mod learnt;
mod lesson;
mod rehearsal;

pub use learner::{LearnError, Learner};
pub use learnt::{Learnt, Probability, Rehearsal, TrainingReport};
