//! What can be asked of a city, and how it comes about.

use super::bill::Bill;
use super::calendar::days;
use super::chain::CHAINS;
use super::dice::{Dice, Stream};
use super::pairing::{complain, court, pair, respond};
use super::party::organise;
use super::sheet::{write_chains, write_given, write_units};
use super::trade::Trade;
use super::truth::{Judge, Truth, chain_members, planted};
use super::unit::{Role, draw_units};
use crate::dataset::{Dataset, Report};
use crate::model::ChainId;

/// A synthetic city: its records, and the truth about its pairings.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct City {
    /// What a chain office would have.
    pub dataset: Dataset,
    /// What nobody would know.
    pub truth: Truth,
    /// What the dataset's builder noted. Nothing was lost.
    pub report: Report,
}

impl City {
    /// A builder of a city of 1,000 firms.
    pub fn builder() -> CityBuilder {
        CityBuilder::default()
    }
}

/// A city that cannot be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CityError {
    /// Too few or too many firms.
    #[error("{0} firms, not between 100 and 1000000")]
    Firms(usize),
    /// More included firms than may be in a city of that size.
    #[error("{given} firms included, at most {most} in a city of that size")]
    Included {
        /// How many were included.
        given: usize,
        /// Half of the firms.
        most: usize,
    },
    /// More suppliers a firm than the city can hold.
    #[error("{asked} edges per firm, at most {most} in a city of that size")]
    Edges {
        /// How many were asked for.
        asked: usize,
        /// A quarter of the firms.
        most: usize,
    },
    /// No chain, or more than there are or than the firms can fill.
    #[error("{asked} chains, not between 1 and {most}")]
    Chains {
        /// How many were asked for.
        asked: usize,
        /// How many there could be.
        most: usize,
    },
    /// Noise that is negative, above 1 or not a number.
    #[error("noise {0}, not between 0 and 1")]
    Noise(f64),
    /// No row for a pair, or more than there are months.
    #[error("{0} rows per pair, not between 1 and 36")]
    Rows(u32),
    /// A number of units with a Party organisation that cannot be.
    #[error("{asked} units with a Party organisation, not between {least} and {most}")]
    PartyUnits {
        /// How many were asked for.
        asked: usize,
        /// Those of the included firms.
        least: usize,
        /// Those, and all of the city's own firms.
        most: usize,
    },
    /// Fewer members than units with an organisation, more than they can hold, or members without one.
    #[error("{asked} Party members, not between {least} and {most} for the units with an organisation")]
    PartyMembers {
        /// How many were asked for.
        asked: u64,
        /// One for each unit, and those of the included firms.
        least: u64,
        /// 2³² − 1 for each unit, and those of the included firms.
        most: u64,
    },
    /// Fewer firms paired than included pairings name.
    #[error("{asked} firms paired, but {given} in included pairings")]
    PairedTooFew {
        /// How many were asked for.
        asked: usize,
        /// How many included pairings name.
        given: usize,
    },
    /// More firms paired than there are anchors and suppliers to pair.
    #[error("{asked} firms paired, only {most} found")]
    PairedTooMany {
        /// How many were asked for.
        asked: usize,
        /// How many could be paired.
        most: usize,
    },
    /// An included firm is in a chain that the city does not have.
    #[error("chain {0} is none of the city's")]
    UnknownChain(ChainId),
    /// Included records contradict each other or the city's own.
    #[error("records were lost: {0}")]
    Records(Box<Report>),
}

/// Settings of a [`City`].
///
/// ```
/// use jiedui::city::{City, CityError};
///
/// let city = City::builder().zhuzhou().seed(1).rows_per_pair(1).build()?;
/// let tables = city.dataset.tables();
/// assert_eq!((tables.chains.len(), tables.firms.len()), (17, 4_955));
///
/// assert!(matches!(City::builder().firms(0).build(), Err(CityError::Firms(0))));
/// # Ok::<(), CityError>(())
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct CityBuilder {
    pub(super) firms: usize,
    pub(super) seed: u64,
    edges_per_firm: usize,
    chains: Option<usize>,
    noise: f64,
    rows_per_pair: u32,
    party: Option<(usize, u64)>,
    paired: Option<usize>,
    pub(super) included: Dataset,
}

/// Settings that other parts need once they are checked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Settled {
    pub(super) seed: u64,
    pub(super) noise: f64,
    pub(super) paired: usize,
}

impl Settled {
    /// How complete the records of firms are: 0 from the usual noise on, 1 without any.
    pub(super) fn completeness(&self) -> f64 {
        (1.0 - self.noise / CityBuilder::NOISE).max(0.0)
    }
}

impl Default for CityBuilder {
    fn default() -> Self {
        Self {
            firms: 1_000,
            seed: 0,
            edges_per_firm: Self::EDGES_PER_FIRM,
            chains: None,
            noise: Self::NOISE,
            rows_per_pair: Self::ROWS_PER_PAIR,
            party: None,
            paired: None,
            included: Dataset::builder().finish().0,
        }
    }
}

/// Zhuzhou's published figures.
mod zhuzhou {
    pub(super) const CHAINS: usize = 17;
    pub(super) const FIRMS: usize = 4_955;
    pub(super) const PARTY_UNITS: usize = 1_799;
    pub(super) const PARTY_MEMBERS: u64 = 48_253;
    pub(super) const PAIRED: usize = 233;
}

/// Firms a chain needs to have anchors and suppliers.
const FIRMS_PER_CHAIN: usize = 20;
/// Pairings an anchor, at most, unless more firms are asked to be paired.
const PAIRINGS_PER_ANCHOR: usize = 30;

impl CityBuilder {
    /// The smallest city.
    pub const FEWEST_FIRMS: usize = 100;
    /// The largest city.
    pub const MOST_FIRMS: usize = 1_000_000;
    /// Supplier–buyer pairs a firm, unless set.
    pub const EDGES_PER_FIRM: usize = 10;
    /// Noise in the choice of pairings and in their outcomes, unless set.
    pub const NOISE: f64 = 0.08;
    /// Supply rows a pair, at most, unless set.
    pub const ROWS_PER_PAIR: u32 = 6;

    /// How many firms and other units, included ones among them: 100 to 1,000,000.
    pub fn firms(self, firms: usize) -> Self {
        Self { firms, ..self }
    }

    /// The seed. Cities of different seeds have nothing but the settings in common.
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Distinct supplier–buyer pairs a firm, on the mean. At most a quarter of the firms.
    pub fn edges_per_firm(self, edges_per_firm: usize) -> Self {
        Self { edges_per_firm, ..self }
    }

    /// How many chains, 1 to 17, each for 20 firms. Unless set, as many as that allows.
    pub fn chains(self, chains: usize) -> Self {
        Self { chains: Some(chains), ..self }
    }

    /// Standard deviation, in units of utility, of the noise in the choice of pairings
    /// and, drawn anew, in their outcomes: 0 to 1. Below [`NOISE`](Self::NOISE) what firms leave out
    /// grows less with it. With 0 pairings follow the planted truth exactly, the records of firms
    /// are complete, and each firm has answered as many proposals as tell its willingness.
    pub fn noise(self, noise: f64) -> Self {
        Self { noise, ..self }
    }

    /// Supply rows a pair, at most: 1 to 36. With 1 each pair has exactly one row, and
    /// there are no refunds.
    pub fn rows_per_pair(self, rows_per_pair: u32) -> Self {
        Self { rows_per_pair, ..self }
    }

    /// How many units have a Party organisation, and how many members there are, about one in
    /// fifty of them in units that have none. Unless set, in Zhuzhou's proportion.
    pub fn party(self, units: usize, members: u64) -> Self {
        Self { party: Some((units, members)), ..self }
    }

    /// How many distinct firms are in past pairings, 0 or at least 2. Unless set, in Zhuzhou's
    /// proportion, but no more than 30 pairings an anchor.
    pub fn paired_firms(self, paired: usize) -> Self {
        Self { paired: Some(paired), ..self }
    }

    /// Zhuzhou's published totals, exactly: 17 chains, 4,955 firms and units, 1,799 of
    /// them with a Party organisation, 48,253 members, 233 firms paired.
    pub fn zhuzhou(self) -> Self {
        self.firms(zhuzhou::FIRMS)
            .chains(zhuzhou::CHAINS)
            .party(zhuzhou::PARTY_UNITS, zhuzhou::PARTY_MEMBERS)
            .paired_firms(zhuzhou::PAIRED)
    }

    /// Firms from outside that live in the city as its own do. Their records stay as
    /// they are; what they leave open is drawn for the city's use but not written. They
    /// count within the totals, trade by what they make, need and weigh, and are paired
    /// by the same rules as everybody. Their products may be the city's or further ones;
    /// their chains must be the city's. Supplies, pairings and whatever else the dataset
    /// holds is kept and counted. A second call replaces the first.
    pub fn include(self, included: Dataset) -> Self {
        Self { included, ..self }
    }

    /// Builds the city.
    ///
    /// O(n log n) in the supply rows. Half a minute and 2 GB for a million firms with
    /// ten million pairs of one row each.
    ///
    /// # Errors
    ///
    /// [`CityError`], a variant for each setting that cannot be met.
    pub fn build(self) -> Result<City, CityError> {
        let n_chains = self.check()?;
        let given = self.included.tables();
        let bill = Bill::new(given);
        let days = days();
        let mut units = draw_units(&self, n_chains, &bill)?;
        let (branches, members) = self.party.unwrap_or((
            scaled(self.firms, zhuzhou::PARTY_UNITS),
            scaled(self.firms, zhuzhou::PARTY_MEMBERS as usize) as u64,
        ));
        organise(&mut units, branches, members, self.seed)?;
        let trade = Trade::draw(&units, &bill, &self.included, self.firms * self.edges_per_firm, self.seed);

        let anchors: Vec<u32> = (0..units.len() as u32)
            .filter(|&unit| {
                units[unit as usize].role == Role::Anchor && !units[unit as usize].chains.is_empty()
            })
            .collect();
        let usual = scaled(self.firms, zhuzhou::PAIRED).min(PAIRINGS_PER_ANCHOR * anchors.len());
        let paired = self.paired.unwrap_or_else(|| usual.max(2 * n_chains));
        let settled = Settled { seed: self.seed, noise: self.noise, paired };

        let mut builder = Dataset::builder();
        bill.write(given, &mut builder);
        write_chains(n_chains, given, &mut builder);
        write_units(&units, &bill, &settled, &mut builder);
        write_given(given, &mut builder);
        for row in self.included.supplies() {
            builder.add_supply(&self.included.supply(row));
        }
        trade.write(&units, &bill, self.rows_per_pair, &days, self.seed, &mut builder);
        complain(&units, &trade, self.seed, &days, &mut builder);

        let longest = 50 + paired.saturating_mul(8) / anchors.len().max(1);
        let members = chain_members(&units, n_chains);
        let mut judge = Judge::new(&units, &bill, &trade);
        let mut dice = Dice::new(self.seed, Stream::Courtship);
        let (mut good_pairs, mut courtships) = (Vec::new(), Vec::new());
        for anchor in anchors {
            let mut candidates = judge.candidates(anchor, &members);
            courtships.push(court(anchor, &candidates, self.noise, longest, &mut dice));
            candidates.sort_unstable_by(|a, b| {
                let id = |candidate: u32| &units[candidate as usize].record.id;
                b.utility.total_cmp(&a.utility).then_with(|| id(a.supplier).cmp(id(b.supplier)))
            });
            candidates.truncate(Truth::GOOD_PAIRS);
            good_pairs.extend(candidates.iter().map(|candidate| planted(&units, anchor, candidate)));
        }
        let past = pair(&units, &courtships, &members, given, &settled, &days, &mut builder)?;
        respond(&units, &courtships, &past, &settled, &days, &mut builder);
        drop((units, trade));
        let (dataset, report) = builder.finish();
        if report.losses() > 0 {
            return Err(CityError::Records(Box::new(report)));
        }
        Ok(City { dataset, truth: Truth::new(good_pairs, past), report })
    }

    /// Checks what can be checked at once, and returns the number of chains.
    fn check(&self) -> Result<usize, CityError> {
        if !(Self::FEWEST_FIRMS..=Self::MOST_FIRMS).contains(&self.firms) {
            return Err(CityError::Firms(self.firms));
        }
        let (given, most) = (self.included.tables().firms.len(), self.firms / 2);
        if given > most {
            return Err(CityError::Included { given, most });
        }
        let most = self.firms / 4;
        if self.edges_per_firm > most {
            return Err(CityError::Edges { asked: self.edges_per_firm, most });
        }
        let most = CHAINS.len().min(self.firms / FIRMS_PER_CHAIN);
        let chains = self.chains.unwrap_or(most);
        if !(1..=most).contains(&chains) {
            return Err(CityError::Chains { asked: chains, most });
        }
        if !(0.0..=1.0).contains(&self.noise) {
            return Err(CityError::Noise(self.noise));
        }
        if !(1..=36).contains(&self.rows_per_pair) {
            return Err(CityError::Rows(self.rows_per_pair));
        }
        Ok(chains)
    }
}

/// A figure of Zhuzhou's in proportion to the firms.
fn scaled(firms: usize, figure: usize) -> usize {
    firms * figure / zhuzhou::FIRMS
}
