//! A synthetic city with planted truth, for tests, benchmarks and trying things out.
//!
//! A [`City`] has up to seventeen chains modelled on Zhuzhou's, each with anchors,
//! their departments and their suppliers; a bill of materials from raw material to
//! vehicle; supply rows over three years; places in the districts of one city;
//! resources, past pairings and outcomes. How good a pairing really is, is known:
//! [`Truth`]. The same settings and seed give the same bytes on every machine.
//!
//! Every name is invented and says so (虚构), but for the districts. Credit codes are
//! left out: an invented one might be somebody's.
//!
//! ```
//! use jiedui::city::City;
//!
//! let city = City::builder().firms(200).seed(7).build()?;
//! assert_eq!(city.dataset.tables().firms.len(), 200);
//! assert_eq!(city.dataset, City::builder().firms(200).seed(7).build()?.dataset);
//! # Ok::<(), jiedui::city::CityError>(())
//! ```
//!
//! # How it is drawn
//!
//! - **Firms** are spread over the chains by fixed shares. Each makes one to four
//!   products of its chain, the nearer to the raw material the more makers. Headcounts
//!   are log-normal (median 24, anchors 3,000), so most firms are small or micro.
//! - **Supply**: the number of suppliers of a firm grows with headcount^0.55. A buyer
//!   takes makers of what goes into its products, in part those that others took
//!   before, near ones and ones of its chain sooner.
//! - **Pairings**: each anchor takes the candidates of the highest planted utility plus
//!   noise; a pairing fails where utility plus noise stays below 0.5, else brings an
//!   order that grows with it.
//! - **Untidiness**: a tenth of the suppliers have a field or two left out, a third
//!   list no resources, few have ever answered a proposal, some supply rows lack value, date or
//!   product. With less [noise](CityBuilder::noise) than usual the records of firms grow complete;
//!   at none nothing is left out, and all have answered often.
//!
//! # Product ids
//!
//! Paths such as `rail.bogie.frame` (转向架构架): a class is the path without its last
//! part, a chain's id the first part. They are stable, so that [included]
//! firms can make and need them: `rail.traction.busbar` (母排),
//! `aviation.engine.precision-part` (航空发动机精密零件), `vehicle.complete.car`
//! (新能源乘用车) and some 150 more; a city lists them in its product table.
//!
//! [included]: CityBuilder::include

mod allotment;
mod bill;
mod builder;
mod calendar;
mod chain;
mod dice;
mod likeness;
mod material;
mod pairing;
mod party;
mod place;
mod resource;
mod sheet;
mod trade;
mod truth;
mod unit;

pub use builder::{City, CityBuilder, CityError};
pub use truth::{PlantedPair, Traits, Truth};

use builder::Settled;
