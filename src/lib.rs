//! `jiedui` (结对, "to pair up") reads the firms of a region's industrial chains (产业链),
//! holds them as a supplier graph, ranks for every anchor firm (链主) the suppliers
//! with which a co-building pairing (结对共建) would do most good to *both* sides. Every
//! score is explained to the last digit.
//!
//! # Quickstart
//!
//! ```
//! use jiedui::dataset::{Reader, Table};
//! use jiedui::matcher::Matcher;
//! use jiedui::network::Network;
//!
//! # #[cfg(feature = "csv")] {
//! // A sheet as it comes: Chinese headers, units in the cells.
//! let supplies = "\
//! 供应商,采购方,金额,日期
//! 钢厂,机车厂,300万元,2025-03
//! 钢厂,电机厂,120万,2025/4/1
//! 母排厂,电机厂,80万元,2025年5月
//! ";
//! let (dataset, report) = Reader::new().read_csv(Table::Supplies, supplies.as_bytes(), "供应关系.csv")?;
//! assert_eq!(report.made(Table::Firms), 4);
//!
//! let network = Network::build(&dataset)?;
//! let matcher = Matcher::builder(&network).top(3).build()?;
//! let ranking = matcher.rank(network.firm_ix("机车厂").unwrap());
//!
//! // The busbar maker sells where the locomotive works' own supplier sells.
//! let busbars = ranking.recommendations.iter().find(|one| one.supplier.as_str() == "母排厂").unwrap();
//! assert_eq!(busbars.contribution("co_supply").unwrap().value, Some(0.5));
//! assert!(busbars.low < busbars.score && busbars.score < busbars.high, "much is unknown of it");
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The way data flows
//!
//! ```text
//!  rows ──► Dataset ──► Network ──► candidates ──► factors ──► two utilities ──► Ranking ──► Plan
//!          (checked     (immutable   (which         ([0,1],     (one a side,     (best first,  (limits,
//!           records)     snapshot)    pairs)         unknown)    explained)       explained)    proof)
//! ```
//!
//! Each stage takes the type of the one before, so none can be skipped:
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`model`] | the records: firm, supply row, product, chain, resource, pairing, outcome |
//! | [`dataset`] | rows in and out, faults, the checked [`Dataset`](dataset::Dataset) |
//! | [`network`] | the supplier graph, on which petgraph's algorithms over its visit traits run |
//! | [`structure`] | scores from the graph's shape alone |
//! | [`factor`] | what speaks for a pairing, one number in [0, 1] each; your own plug in |
//! | [`matcher`] | candidates, gates, utilities, rankings and their reasons |
//! | [`plan`] | who pairs with whom under limits, and the proof |
//! | [`evaluate`] | how good rankings are, against what came true |
//! | [`learn`] | weights from what came true |
//! | [`city`] | a seeded generator of synthetic cities, to try and to measure with |
//!
//! # What to expect
//!
//! * **Two sides.** The score of a pair is the harmonic mean of the anchor's and the
//!   supplier's utility: a pairing that only one side wants scores low.
//! * **Unknown is not zero.** A missing field counts at its prior and widens the interval
//!   \[low, high\]; it never sinks a small firm.
//! * **Same input, same bytes**, on any number of threads and whatever the order of rows, but for the report of
//!   reading (how often rows of one key differ, and which thousand faults of a kind are listed) and the encoding of a
//!   file that mixes two.
//! * **A plan proves itself.** The optimal plan comes with prices, and a check that trusts
//!   nobody.
//! * **One word a value.** An enumeration of plain words has `as_str`, the word that serde writes and
//!   [`Display`](std::fmt::Display) shows; [`FromStr`](std::str::FromStr) reads it back, any case, in Chinese where
//!   data are, and names what is known where it is none ([`WordError`](model::WordError)).
//! * **No clock, no global state, no panic on bad input, no `unsafe`.** Ages count back
//!   from an as-of date, by default the latest in the data.
//!
//! # Features
//!
//! On by default: `csv` and `json` read and write data, `xlsx` reads workbooks, `json` and `toml`
//! read weights and constraints, `city` generates synthetic cities. Without them the crate takes
//! records from your own code. `milp` adds the planner for minimum shares and hours, by a solver in plain
//! Rust.

#[cfg(feature = "city")]
pub mod city;
pub mod dataset;
mod error;
pub mod evaluate;
pub mod factor;
pub mod learn;
pub mod matcher;
pub mod model;
pub mod network;
pub mod plan;
pub mod structure;

pub use error::Error;
pub use petgraph;
