//! What the matcher says of one pair, and of one anchor.

use serde::{Deserialize, Serialize};

use super::gate::Gate;
use crate::factor::FactorName;
use crate::model::{Category, ChainId, CoBuildingMode, Date, FirmId, Level, ProductId, Side, words};
use crate::network::Tier;

/// The best partners of one anchor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Ranking {
    /// The anchor.
    pub anchor: FirmId,
    /// The best candidates: score descending, ties by firm id.
    pub recommendations: Vec<Recommendation>,
    /// Candidates that would have been among them but for gates that bar every level.
    pub barred: Vec<Recommendation>,
    /// How many candidates were scored.
    pub candidates: usize,
    /// How many were left out by the filter.
    pub filtered: usize,
}

/// A scored candidate with its explanation (推荐).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Recommendation {
    /// The candidate.
    pub supplier: FirmId,
    /// Harmonic mean of the two utilities, 0 where both are 0; in [0, 1] up to rounding.
    pub score: f64,
    /// The score with every unknown value at 0.
    pub low: f64,
    /// The score with every unknown value at 1.
    pub high: f64,
    /// The f64 sum of the anchor side's contributions in the order listed.
    pub anchor_utility: f64,
    /// The f64 sum of the supplier side's contributions in the order listed.
    pub supplier_utility: f64,
    /// What each factor contributes, the anchor's side first, in registry order. A
    /// factor that is not applicable is not listed.
    pub contributions: Vec<Contribution>,
    /// What the two have to do with each other today.
    pub relation: Relation,
    /// What stands in the way, by level.
    pub gates: Vec<Gate>,
    /// Modes of co-building for which offers and needs match.
    pub modes: Vec<SuggestedMode>,
    /// Levels with nothing in the way.
    pub levels: Vec<Level>,
    /// Things to know.
    pub flags: Vec<Flag>,
    /// The plainest evidence for the score.
    pub witness: Vec<Witness>,
    /// The unknown value that would move the score most, if there is one.
    pub most_telling: Option<Telling>,
}

impl Recommendation {
    /// The contribution of a factor, on the anchor's side where it counts on both.
    pub fn contribution(&self, factor: &str) -> Option<&Contribution> {
        self.contributions.iter().find(|contribution| contribution.factor == factor)
    }

    /// The contribution of a factor on one side.
    pub fn contribution_on(&self, side: Side, factor: &str) -> Option<&Contribution> {
        let is_it = |one: &&Contribution| one.side == side && one.factor == factor;
        self.contributions.iter().find(is_it)
    }
}

impl Ranking {
    /// The rank of a supplier, from 1, and its recommendation, where it is among the best.
    pub fn find(&self, supplier: &str) -> Option<(usize, &Recommendation)> {
        let ranked = (1..).zip(&self.recommendations);
        ranked.into_iter().find(|(_, one)| one.supplier.as_str() == supplier)
    }
}

/// What one factor contributes to one side's utility.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Contribution {
    /// The factor's name.
    pub factor: FactorName,
    /// Whose utility.
    pub side: Side,
    /// Its value in [0, 1]; `None` where unknown, and then it contributes at its prior.
    pub value: Option<f64>,
    /// Its weight on this side, as set.
    pub weight: f64,
    /// weight · (value or prior) / sum of the weights of this side's applicable factors.
    pub contribution: f64,
}

/// An unknown value that is worth asking for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Telling {
    /// The factor whose value is unknown.
    pub factor: FactorName,
    /// The score with this value alone at 0 on every side where it counts.
    pub low: f64,
    /// The score with it at 1.
    pub high: f64,
}

/// What two firms have to do with each other today.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Relation {
    /// How far upstream of the anchor: 1 for a supplier of today
    /// or earlier, 2 for a supplier's
    /// supplier, `None` for neither.
    pub tier: Option<Tier>,
    /// Whether it delivered to the anchor within the 12 months up to the as-of date, or
    /// its deliveries are undated.
    pub current: bool,
    /// Whether the candidate buys from the anchor.
    pub buys: bool,
    /// What it delivered to the anchor in the year up to the as-of date, CNY.
    pub yearly_value: Option<f64>,
    /// When it last delivered to the anchor.
    pub last_trade: Option<Date>,
    /// Whether a pairing of the two is in force.
    pub paired: bool,
    /// The chains that both are in.
    pub chains: Vec<ChainId>,
    /// How far apart they stand, km; `None` where a place is unknown.
    pub distance_km: Option<f64>,
}

/// A mode of co-building with the offers and needs that speak for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SuggestedMode {
    /// The mode.
    pub mode: CoBuildingMode,
    /// What meets what.
    pub matches: Vec<Match>,
}

/// Needs of one side that offers of the other meet, in one category.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Match {
    /// The category.
    pub category: Category,
    /// The side that gives.
    pub from: Side,
    /// What it offers.
    pub offers: Vec<Box<str>>,
    /// What the other side needs.
    pub needs: Vec<Box<str>>,
    /// How far the amounts meet, in [0, 1].
    pub met: f64,
}

words! {
    /// Something to know of a pair that is no number.
    enum Flag {
        /// Both make the same product, or are of the same trade (同业竞争).
        Competitor = "competitor";
        /// The anchor buys what the candidate makes from one other source alone (独家供应).
        SingleSource = "single_source";
        /// The candidate has quality incidents on record.
        Incidents = "incidents";
        /// A state-owned anchor, a private supplier (国有带民营).
        StateLeadsPrivate = "state_leads_private";
        /// A marked anchor, a supplier that is none (主机带配套).
        AnchorLeadsSupplier = "anchor_leads_supplier";
    }
}

/// Evidence that a reader can check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Witness {
    /// The candidate makes (something like) what the anchor wants, by product.
    Product {
        /// What the anchor wants.
        wanted: ProductId,
        /// What the candidate makes.
        made: ProductId,
        /// Their similarity in (0, 1].
        likeness: f64,
    },
    /// The same, by industry.
    Industry {
        /// An industry that the anchor buys from.
        wanted: Box<str>,
        /// The candidate's industry.
        made: Box<str>,
        /// Their similarity in (0, 1].
        likeness: f64,
    },
    /// The candidate makes what those that make what the anchor wants often make, too.
    Related {
        /// What the candidate makes.
        made: ProductId,
        /// Its part of the x of [`Relatedness`](crate::factor::Relatedness), in (0, 1].
        likeness: f64,
    },
    /// The candidate supplies `buyer`, which buys from the anchor's `supplier` too.
    CoSupply {
        /// A supplier of the anchor.
        supplier: FirmId,
        /// The candidate's buyer.
        buyer: FirmId,
    },
    /// Both trade with `partner`.
    SharedPartner {
        /// The partner.
        partner: FirmId,
    },
    /// The candidate supplies `through`, a supplier of the anchor.
    SecondTier {
        /// The supplier in between.
        through: FirmId,
    },
    /// They stand within 5 km of each other.
    Near {
        /// Distance, km.
        km: f64,
    },
}
