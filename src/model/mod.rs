//! The records: what a firm, a supply row, a chain or a pairing *is*.
//!
//! Plain data with open fields, one noun a file. Nothing here knows where a
//! record came from or what will be done with it. What could not be read or was
//! never said is `None`: unknown is not zero.
//!
//! Every record has a `new` that takes what it cannot do without. Set the rest afterwards, or write
//! it before `..`, so that a field that is added one day breaks nothing:
//!
//! ```
//! use jiedui::model::{Level, Pairing, Response, Answer};
//!
//! let pairing = Pairing { level: Some(Level::Branch), ..Pairing::new("p1", ["carworks", "foundry"]) };
//! let mut refusal = Response::new("foundry", "carworks", Answer::No);
//! refusal.until = Some("2026-06".parse()?);
//! # assert_eq!((pairing.parties.len(), refusal.date), (2, None));
//! # Ok::<(), jiedui::model::DateError>(())
//! ```
//!
//! With serde a record is its fields by their names, one record at a time; what is missing is `None`.
//! A whole [`Dataset`](crate::dataset::Dataset) is written with the columns of its tables, where numbers are
//! checked as well.

mod chain;
mod credit_code;
mod date;
mod firm;
mod id;
mod industry;
mod outcome;
mod pairing;
mod place;
mod product;
mod resource;
mod side;
mod size;
mod supply;
mod word;

pub use chain::{Chain, ChainMember};
pub use credit_code::{CreditCode, CreditCodeCheck};
pub(crate) use date::CODE_BITS;
pub use date::{Date, DateError, Precision};
pub use firm::{Firm, FirmKind, Ownership, PartyBranch};
pub use id::{ChainId, ChainIx, FirmId, FirmIx, PairingId, ProductId, ProductIx};
pub use industry::Industry;
pub use outcome::{Answer, Incident, Outcome, OutcomeKind, Response};
pub use pairing::{CoBuildingMode, Level, Pairing};
pub(crate) use place::{EARTH_RADIUS_KM, Spot};
pub use place::{Place, PlaceError};
pub use product::{FirmProduct, Product, ProductInput, ProductParent, Role};
pub use resource::{Category, Direction, Resource};
pub use side::Side;
pub use size::SizeClass;
pub use supply::Supply;
pub use word::WordError;
pub(crate) use word::{narrow, words};
