//! How good a ranking is: measures, and files that outside tools can check.
//!
//! A [`Judged`] is one anchor's ranking held against what came true; [`Metric`] names the
//! measures of it, with trec_eval's conventions: gains are linear, what nobody judged is not
//! relevant, and [`Queries`] says which anchors a mean is over. Rankings come out of the
//! crate with ties already broken by firm id, and a [`Run`] is written so that trec_eval
//! repeats that order. [`roc_auc`] and [`pr_auc`] judge scores as such, [`Exposure`] and
//! [`novelty`] what all rankings together do.
//!
//! A [`Split`] parts data into what is known and what is to be foretold, by time, by hiding
//! suppliers of some anchors or by hiding products of firms; on its [`Fold`]s models are ranked against each other,
//! the [`Baseline`]s among them, which gives an [`Evaluation`] each.
//! An [`Interval`] says how far its mean may be trusted, [`Paired`] whether two models differ.
//!
//! [`Isotonic`] and [`Platt`] turn scores into probabilities, [`reliability`] and [`brier_score`]
//! tell whether they come true as often as they say.
//!
//! ```
//! use jiedui::evaluate::{Metric, Qrels, Queries, Run};
//!
//! let mut run = Run::new("by_hand");
//! run.insert("carworks", vec!["steel".into(), "foundry".into(), "paint".into()])?;
//! let mut qrels = Qrels::default();
//! qrels.insert("carworks", "foundry", 1);
//! qrels.insert("bogies", "foundry", 1);
//!
//! let judged = qrels.judge(&run, Queries::Judged);
//! let found: Vec<f64> = judged.iter().map(|(_, judged)| Metric::Recall(10).of(judged)).collect();
//! // By anchor id; nothing was ranked for the bogies.
//! assert_eq!(found, [0.0, 1.0]);
//! # Ok::<(), jiedui::evaluate::TrecError>(())
//! ```

mod baseline;
mod discrimination;
mod error;
mod evaluation;
mod exposure;
mod factors;
mod fold;
mod interval;
mod judged;
mod makers;
mod probability;
mod reliability;
mod seed;
mod split;
mod trec;

pub(crate) use seed::Seed;

pub use baseline::{Baseline, PreparedBaseline};
pub use discrimination::{pr_auc, roc_auc};
pub use error::SplitError;
pub use evaluation::{Evaluation, Ranker};
pub use exposure::{Exposure, novelty};
pub use fold::Fold;
pub use interval::{Interval, Paired};
pub use judged::{Judged, Metric};
pub use probability::{Isotonic, Platt};
pub use reliability::{Bin, brier_score, reliability};
pub use split::{Asks, HoldOut, Protocol, Split};
pub use trec::{Qrels, Queries, Run, TrecError};
