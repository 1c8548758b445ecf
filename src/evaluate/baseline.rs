//! Simple models that every other must beat.

use super::factors::Factors;
use super::makers::{Makers, Score};
use super::{Asks, Fold, Ranker};
use crate::model::{Date, FirmIx, words};
use crate::network::Network;
use crate::structure::{Kernel, NodeWeight, PathWeights, Reach, Scores, SharedPartners, ThreePaths};

words! {
    /// A simple model of the literature, by its usual name.
    ///
    /// All score every candidate, round to nine decimals, and break ties by firm id, so that noise of
    /// floating point decides nothing.
    ///
    /// ```
    /// use jiedui::evaluate::Baseline;
    ///
    /// assert_eq!(Baseline::L3Decay.to_string(), "l3_decay");
    /// assert_eq!(Baseline::ALL.len(), 16);
    /// ```
    enum Baseline {
        /// `popularity`: the number of buyers in train.
        Popularity = "popularity";
        /// `distance`: the nearest first, those of unknown place last.
        Distance = "distance";
        /// `persistence`: suppliers of today first, 0.5^(months since last seen / 12); all others 0. Of
        /// use only where [relations](Asks::Relations) are asked for.
        Persistence = "persistence";
        /// `item_cf_cosine`: Σ over the anchor's suppliers u of |B(u) ∩ B(s)| / √(|B(u)|·|B(s)|), B the
        /// buyers, the anchor itself being none that two share. Sarwar et al., Item-based collaborative
        /// filtering recommendation algorithms, WWW 2001.
        ItemCosine = "item_cf_cosine";
        /// `user_cf_cosine`: Σ over the other buyers v of s of |S(a) ∩ S(v)| / √(|S(a)|·|S(v)|), S the
        /// suppliers. Breese, Heckerman, Kadie, Empirical analysis of predictive algorithms for
        /// collaborative filtering, UAI 1998, with all other buyers as neighbours.
        UserCosine = "user_cf_cosine";
        /// `paths3`: the number of paths a ← u → v ← s.
        Paths3 = "paths3";
        /// `adamic_adar_3`: those paths over ln d of both inner firms, d their degree, at least 2.
        AdamicAdar3 = "adamic_adar_3";
        /// `resource_alloc_3`: over d.
        ResourceAllocation3 = "resource_alloc_3";
        /// `l3_degree_norm`: over √d.
        L3 = "l3_degree_norm";
        /// `l3_decay`: over √W, pairs weighted 0.5^(months since last seen / 12).
        L3Decay = "l3_decay";
        /// `als_8`: implicit matrix factorisation with eight factors, by alternating least squares
        /// from a fixed start. Hu, Koren, Volinsky, Collaborative filtering for implicit feedback
        /// datasets, ICDM 2008, with confidence 1 everywhere and 15 rounds. Other programs start
        /// elsewhere: their figures are met about, not to the digit.
        Als8 = "als_8";
        /// `ppr`: personalised PageRank, undirected, restart 0.15.
        PageRank = "ppr";
        /// `n_products`: how many products a firm makes. Like the three that follow of use only where
        /// [makers](Asks::NewMakers) are asked for; W is what the anchor wants, w its weights, M(s) what s
        /// makes, F(p) who makes p, all as far as known.
        NProducts = "n_products";
        /// `product_cosine`: Σ over p in W of w(p) · Σ over q in M(s) of
        /// |F(p) ∩ F(q)| / √(|F(p)|·|F(q)|): what is made beside the things wanted.
        ProductCosine = "product_cosine";
        /// `maker_cosine`: Σ over p in W of w(p) · Σ over u in F(p) of |M(u) ∩ M(s)| / √(|M(u)|·|M(s)|):
        /// who is like the known makers.
        MakerCosine = "maker_cosine";
        /// `industry_makers`: |M(s)| · Σ over p in W of w(p) · n(p) / N, n(p) the makers of p in the
        /// industry of s, N all products made by firms of it, each as often as it is made: what the
        /// industry alone leads to expect.
        IndustryMakers = "industry_makers";
    }
}

impl Baseline {
    /// Whether it can tell candidates of this fold apart: distance needs places, persistence
    /// relations of today among the candidates, those by relations any relation; those by products
    /// are for makers, and industries must be known for the last.
    pub fn applies(self, fold: &Fold) -> bool {
        let network = fold.network();
        match self {
            Self::Distance => {
                network.firms().filter(|&firm| network.firm(firm).place.is_some()).nth(1).is_some()
            }
            Self::Persistence => fold.asks() == Asks::Relations,
            Self::IndustryMakers => {
                fold.asks() == Asks::NewMakers
                    && network.firms().any(|firm| network.firm(firm).industry.is_some())
            }
            Self::NProducts | Self::ProductCosine | Self::MakerCosine => fold.asks() == Asks::NewMakers,
            _ => network.firms().any(|firm| !network.suppliers(firm).is_empty()),
        }
    }

    /// The model that knows a fold's network.
    pub fn prepare(self, fold: &Fold) -> PreparedBaseline {
        let network = fold.network().clone();
        let paths = |weights| Method::Kernel(Box::new(ThreePaths::new(&network, weights)));
        let makers = |score| Method::Makers(Makers::new(fold, score));
        let undecayed = |node| paths(PathWeights::undecayed(node));
        let method = match self {
            Self::Popularity => Method::Popularity,
            Self::Distance => Method::Distance,
            Self::Persistence => Method::Persistence,
            Self::ItemCosine => Method::Cosine(Cosine::Items),
            Self::UserCosine => Method::Cosine(Cosine::Users),
            Self::Paths3 => undecayed(NodeWeight::One),
            Self::AdamicAdar3 => undecayed(NodeWeight::InverseLog),
            Self::ResourceAllocation3 => undecayed(NodeWeight::Inverse),
            Self::L3 => undecayed(NodeWeight::InverseRoot),
            Self::L3Decay => {
                let mut weights = PathWeights::default();
                weights.relations.as_of = fold.now();
                paths(weights)
            }
            Self::Als8 => Method::Factors(Factors::new(&network)),
            Self::PageRank => Method::Kernel(Box::new(Reach::beside(&SharedPartners::new(&network)))),
            Self::NProducts => makers(Score::Products),
            Self::ProductCosine => makers(Score::ProductCosine),
            Self::MakerCosine => makers(Score::MakerCosine),
            Self::IndustryMakers => makers(Score::Industry),
        };
        PreparedBaseline { network, now: fold.now(), method }
    }
}

/// A [`Baseline`] that knows a network.
#[derive(Debug)]
pub struct PreparedBaseline {
    network: Network,
    /// From when ages count back.
    now: Option<Date>,
    method: Method,
}

#[derive(Debug)]
enum Method {
    Popularity,
    Distance,
    Persistence,
    Cosine(Cosine),
    Factors(Factors),
    Kernel(Box<dyn Kernel>),
    Makers(Makers),
}

/// Between whom the cosine is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cosine {
    Items,
    Users,
}

impl PreparedBaseline {
    /// The score of every firm for an anchor; minus infinity where nothing is known.
    fn scores(&self, anchor: FirmIx) -> Vec<f64> {
        let network = &self.network;
        let each = |score: &dyn Fn(FirmIx) -> f64| network.firms().map(score).collect();
        match &self.method {
            Method::Popularity => each(&|firm| network.buyers(firm).len() as f64),
            Method::Distance => {
                let place = network.firm(anchor).place;
                each(&|firm| match (place, network.firm(firm).place) {
                    (Some(from), Some(to)) => -from.distance_km(to),
                    _ => f64::NEG_INFINITY,
                })
            }
            Method::Persistence => {
                let now = self.now.map(Date::in_months);
                each(&|firm| {
                    let Some(trade) = network.trade(firm, anchor) else { return 0.0 };
                    let last = trade.last().map(Date::in_months);
                    let age = now.zip(last).map_or(0.0, |(now, last)| (now - last).max(0.0));
                    libm::exp2(-age / PathWeights::HALF_LIFE)
                })
            }
            Method::Cosine(cosine) => self.cosine(*cosine, anchor),
            Method::Factors(factors) => each(&|firm| factors.score(anchor, firm)),
            Method::Makers(makers) => makers.scores(network, anchor),
            Method::Kernel(kernel) => {
                let mut scores = Scores::default();
                kernel.score(anchor, &mut scores);
                each(&|firm| scores.get(firm))
            }
        }
    }

    /// Both cosines are sums over paths a ← u → v ← s: of items, u and s are normalised, of
    /// users, a and v. O(edges of the anchor's suppliers and of those suppliers' buyers + firms).
    fn cosine(&self, cosine: Cosine, anchor: FirmIx) -> Vec<f64> {
        let network = &self.network;
        let of = |wanted, n: usize| if cosine == wanted { 1.0 / libm::sqrt(n as f64) } else { 1.0 };
        let mut buyers = vec![0.0; network.n_firms()];
        for &supplier in network.suppliers(anchor) {
            let weight = of(Cosine::Items, network.buyers(supplier).len());
            for &buyer in network.buyers(supplier) {
                buyers[buyer.index()] += weight;
            }
        }
        let mut scores = vec![0.0; network.n_firms()];
        let own = of(Cosine::Users, network.suppliers(anchor).len());
        for buyer in network.firms().filter(|&firm| firm != anchor && buyers[firm.index()] > 0.0) {
            let weight = own * buyers[buyer.index()] * of(Cosine::Users, network.suppliers(buyer).len());
            for &supplier in network.suppliers(buyer) {
                scores[supplier.index()] += weight;
            }
        }
        for supplier in network.firms().filter(|&firm| !network.buyers(firm).is_empty()) {
            scores[supplier.index()] *= of(Cosine::Items, network.buyers(supplier).len());
        }
        scores
    }
}

impl Ranker for PreparedBaseline {
    fn rank(&self, anchor: FirmIx, candidates: &[FirmIx], most: usize) -> Vec<FirmIx> {
        let scores = self.scores(anchor);
        best(candidates, most, |firm| scores[firm.index()])
    }

    fn rank_each(&self, asked: &[(FirmIx, Vec<FirmIx>)], most: usize) -> Vec<Vec<FirmIx>> {
        let Method::Kernel(kernel) = &self.method else {
            return asked.iter().map(|(anchor, candidates)| self.rank(*anchor, candidates, most)).collect();
        };
        let anchors: Vec<FirmIx> = asked.iter().map(|&(anchor, _)| anchor).collect();
        let ranked = asked.iter().zip(kernel.score_each(&anchors));
        ranked.map(|((_, candidates), scores)| best(candidates, most, |firm| scores.get(firm))).collect()
    }

    /// A walk over all relations serves eight anchors at nearly the price of one.
    fn at_once(&self) -> usize {
        if matches!(self.method, Method::Kernel(_)) { 8 } else { 1 }
    }
}

/// The best `most` of some firms by score, rounded to nine decimals; ties by id.
fn best(candidates: &[FirmIx], most: usize, score: impl Fn(FirmIx) -> f64) -> Vec<FirmIx> {
    let mut scored: Vec<(f64, FirmIx)> =
        candidates.iter().map(|&firm| ((score(firm) * 1e9).round() + 0.0, firm)).collect();
    // Index order is id order.
    let order = |a: &(f64, FirmIx), b: &(f64, FirmIx)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
    if most == 0 {
        return Vec::new();
    }
    if most < scored.len() {
        scored.select_nth_unstable_by(most - 1, order);
        scored.truncate(most);
    }
    scored.sort_unstable_by(order);
    scored.into_iter().map(|(_, firm)| firm).collect()
}
