//! The matcher: from a network to ranked, explained pairings.
//!
//! ```
//! use jiedui::dataset::Dataset;
//! use jiedui::matcher::Matcher;
//! use jiedui::model::Supply;
//! use jiedui::network::Network;
//!
//! let mut builder = Dataset::builder();
//! for (supplier, buyer) in [("steel", "works 1"), ("steel", "works 2"), ("castings", "works 2")] {
//!     builder.add_supply(&Supply::new(supplier, buyer));
//! }
//! let network = Network::build(&builder.finish().0)?;
//! let matcher = Matcher::builder(&network).top(3).build()?;
//!
//! // Castings supplies works 2, which buys its steel where works 1 does.
//! let ranking = matcher.rank(network.firm_ix("works 1").unwrap());
//! let castings = ranking.recommendations.iter().find(|r| r.supplier.as_str() == "castings").unwrap();
//! // A utility is the sum of its contributions, the score their harmonic mean.
//! let sum: f64 = castings
//!     .contributions
//!     .iter()
//!     .filter(|c| c.side == jiedui::model::Side::Anchor)
//!     .map(|c| c.contribution)
//!     .sum();
//! assert_eq!(castings.anchor_utility, sum);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod anchor;
mod builder;
mod candidate;
mod estimate;
mod explain;
mod filter;
mod gate;
mod recommendation;
mod shortlist;
mod utility;
mod weights;

use std::borrow::Borrow;
use std::fmt;
use std::sync::{Arc, Mutex};

use rayon::prelude::*;

use crate::factor::{
    Calibration, Column, Factor, FactorName, Profiles, Query, Scratch, Sides, Taxonomies, Value,
};
use crate::model::{FirmIx, Side};
use crate::network::Network;
use crate::structure::SharedPartners;
use candidate::Candidates;
use gate::Gates;
use shortlist::Agenda;
use utility::{Term, Utility};

pub use anchor::{anchors_by_in_degree, default_anchors};
pub use builder::{MatcherBuilder, MatcherError};
pub use candidate::{Source, Sources};
pub use filter::Filter;
pub use gate::{Gate, GateKind};
pub use recommendation::{
    Contribution, Flag, Match, Ranking, Recommendation, Relation, SuggestedMode, Telling, Witness,
};
pub(crate) use utility::score_of_sums;
pub use weights::Weights;

/// Ranks candidates for anchors of one network. `Send + Sync`, and cheap to clone: one matcher serves
/// all threads, and others that ask for less are made of it
/// ([`with_filter`](Self::with_filter), [`with_top`](Self::with_top)).
#[derive(Clone)]
pub struct Matcher {
    inner: Arc<Inner>,
    /// None where everybody is wanted.
    filter: Option<Filter>,
    top: usize,
}

/// What is the same whoever is wanted.
struct Inner {
    network: Network,
    factors: Vec<Active>,
    agenda: Agenda,
    calibration: Calibration,
    taxonomies: Taxonomies,
    profiles: Profiles,
    candidates: Candidates,
    shared: Option<Arc<SharedPartners>>,
    gates: Gates,
    /// See [`estimate::slack`].
    slack: f64,
    /// Working memory that no thread uses at the moment.
    scratches: Mutex<Vec<Scratch>>,
}

/// What it ranks, since all that it holds would fill a log.
impl fmt::Debug for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let factors: Vec<&str> = self.inner.factors.iter().map(|active| &*active.name).collect();
        let mut shown = f.debug_struct("Matcher");
        shown.field("network", &self.inner.network).field("factors", &factors).field("top", &self.top);
        shown.finish_non_exhaustive()
    }
}

/// A factor that counts, with its weight and prior on each side.
#[derive(Debug)]
struct Active {
    factor: Box<dyn Factor>,
    name: FactorName,
    sided: [SideOf; 2],
}

impl Active {
    /// Shows the factor's values on each side on which it counts.
    fn each_value(&self, query: &mut Query<'_>, column: &mut Column, mut see: impl FnMut(Side, &Column)) {
        let fill =
            |factor: &dyn Factor, query: &mut Query<'_>, column: &mut Column| factor.fill(query, column);
        self.each_side(query, column, fill, |side, column, ()| see(side, column));
    }

    /// Asks the factor for its column on each side on which it counts, and shows it with the answer.
    fn each_side<T: Copy>(
        &self,
        query: &mut Query<'_>,
        column: &mut Column,
        mut ask: impl FnMut(&dyn Factor, &mut Query<'_>, &mut Column) -> T,
        mut see: impl FnMut(Side, &Column, T),
    ) {
        let mut answers = |side, column: &mut Column| {
            query.side = side;
            column.reset(query.candidates.len());
            ask(&*self.factor, query, column)
        };
        match self.factor.sides() {
            // Asked once.
            Sides::Both => {
                let answer = answers(Side::Anchor, column);
                for side in Side::ALL {
                    see(side, column, answer);
                }
            }
            sides => {
                for side in Side::ALL.into_iter().filter(|&side| sides.include(side)) {
                    let answer = answers(side, column);
                    see(side, column, answer);
                }
            }
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct SideOf {
    weight: f64,
    prior: f64,
}

/// What the factors say of some candidates.
struct Columns {
    told: Vec<Column>,
    /// By factor the number of its column on each side; `None` where it does not count.
    numbers: Vec<[Option<usize>; 2]>,
}

impl Columns {
    fn at(&self, factor: usize, side: Side, candidate: usize) -> Value {
        let number = self.numbers[factor][side as usize];
        number.map_or(Value::NotApplicable, |number| self.told[number].at(candidate))
    }
}

/// A score, and whose it is.
type Scored = (f64, FirmIx);

/// How many candidates are scored at a time: bounds the memory of their columns, and keeps
/// what is read of them in the nearest caches from factor to factor.
const BLOCK: usize = 512;

impl Matcher {
    /// How many candidates a ranking holds unless told otherwise.
    pub const TOP: usize = 10;

    /// Options for a matcher on `network`.
    pub fn builder(network: &Network) -> MatcherBuilder<'_> {
        MatcherBuilder::new(network)
    }

    /// The same matcher for those that pass a filter, in the place of its own. O(1): what one request
    /// asks for costs no more.
    ///
    /// ```
    /// # use jiedui::{dataset::Dataset, model::{Firm, Supply}, network::Network};
    /// use jiedui::matcher::{Filter, Matcher};
    ///
    /// # let mut builder = Dataset::builder();
    /// # for (supplier, buyer) in [("steel", "works"), ("castings", "mill"), ("steel", "mill")] {
    /// #     builder.add_supply(&Supply::new(supplier, buyer));
    /// # }
    /// # builder.add_firm(Firm { region: Some("天元区".into()), ..Firm::new("castings") });
    /// # let network = Network::build(&builder.finish().0)?;
    /// # let works = network.firm_ix("works").unwrap();
    /// let matcher = Matcher::builder(&network).build()?;
    /// let mut filter = Filter::default();
    /// filter.regions = vec!["天元区".into()];
    /// let ranking = matcher.with_filter(filter)?.with_top(1).rank(works);
    /// assert_eq!(ranking.recommendations[0].supplier.as_str(), "castings");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`MatcherError::Distance`].
    pub fn with_filter(&self, filter: Filter) -> Result<Self, MatcherError> {
        filter.check()?;
        Ok(Self { filter: filter.narrowing(), ..self.clone() })
    }

    /// The same matcher with rankings of so many candidates at most. O(1).
    #[must_use]
    pub fn with_top(&self, top: usize) -> Self {
        Self { top, ..self.clone() }
    }

    /// What the matcher knows of the network as a whole, to be saved and reused.
    pub fn calibration(&self) -> &Calibration {
        &self.inner.calibration
    }

    /// How many candidates its rankings hold at most.
    pub fn top(&self) -> usize {
        self.top
    }

    /// Who is wanted, to be narrowed further for one request; `None` where everybody is.
    ///
    /// ```
    /// # use jiedui::{dataset::Dataset, matcher::Matcher, model::Supply, network::Network};
    /// # let mut builder = Dataset::builder();
    /// # for (supplier, buyer) in [("steel", "works"), ("castings", "mill"), ("steel", "mill")] {
    /// #     builder.add_supply(&Supply::new(supplier, buyer));
    /// # }
    /// # let network = Network::build(&builder.finish().0)?;
    /// # let works = network.firm_ix("works").unwrap();
    /// # let mut everywhere = jiedui::matcher::Filter::default();
    /// # everywhere.exclude_existing = true;
    /// let matcher = Matcher::builder(&network).filter(everywhere).build()?;
    /// let mut filter = matcher.filter().cloned().unwrap_or_default();
    /// filter.excluded.extend(network.firm_ix("castings"));
    /// assert!(matcher.with_filter(filter)?.rank(works).recommendations.iter().all(|one| {
    ///     !["steel", "castings"].contains(&one.supplier.as_str())
    /// }));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn filter(&self) -> Option<&Filter> {
        self.filter.as_ref()
    }

    /// The network it ranks on.
    pub fn network(&self) -> &Network {
        &self.inner.network
    }

    /// The best candidates for one anchor, from every source.
    ///
    /// O(edges of the anchor's 3-paths + candidates · factors); see the
    /// factors for what each costs a candidate.
    ///
    /// # Panics
    ///
    /// Like all methods that take a [`FirmIx`], on one of another network that is out of
    /// range here.
    pub fn rank(&self, anchor: FirmIx) -> Ranking {
        self.with_scratch(|scratch| self.rank_with(anchor, scratch))
    }

    /// As [`rank`](Self::rank), in working memory of the caller's.
    pub fn rank_with(&self, anchor: FirmIx, scratch: &mut Scratch) -> Ranking {
        scratch.forget();
        let candidates = self.inner.candidates.of(&mut self.query(anchor, &[], scratch));
        self.rank_distinct(anchor, candidates, scratch)
    }

    /// The candidates for an anchor from every source, ascending, those that the filter leaves out among
    /// them: what [`rank`](Self::rank) looks at, to be narrowed in ways that no [`Filter`] knows, for
    /// [`rank_among`](Self::rank_among).
    pub fn candidates(&self, anchor: FirmIx) -> Vec<FirmIx> {
        let mut candidates =
            self.with_scratch(|scratch| self.inner.candidates.of(&mut self.query(anchor, &[], scratch)));
        candidates.sort_unstable();
        candidates
    }

    /// The best of the candidates given, in any order; repeats count once, and firms that
    /// can never be candidates of the anchor not at all. Costs what [`rank`](Self::rank)
    /// does.
    pub fn rank_among(&self, anchor: FirmIx, candidates: &[FirmIx]) -> Ranking {
        let candidates = self.eligible(anchor, candidates);
        self.with_scratch(|scratch| self.rank_distinct(anchor, candidates, scratch))
    }

    /// The suppliers that [`rank_among`](Self::rank_among) recommends and their scores, best first,
    /// without the reasons, which cost more than the scores.
    ///
    /// ```
    /// # use jiedui::{dataset::Dataset, matcher::Matcher, model::Supply, network::Network};
    /// # let mut builder = Dataset::builder();
    /// # for (supplier, buyer) in [("steel", "works"), ("castings", "works"), ("steel", "mill")] {
    /// #     builder.add_supply(&Supply::new(supplier, buyer));
    /// # }
    /// # let network = Network::build(&builder.finish().0)?;
    /// let matcher = Matcher::builder(&network).top(2).build()?;
    /// let works = network.firm_ix("works").unwrap();
    /// let all: Vec<_> = network.firms().collect();
    /// let best = matcher.best_among(works, &all);
    /// let ranking = matcher.rank_among(works, &all);
    /// for ((supplier, score), one) in best.into_iter().zip(&ranking.recommendations) {
    ///     assert_eq!((&network.firm(supplier).id, score), (&one.supplier, one.score));
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn best_among(&self, anchor: FirmIx, candidates: &[FirmIx]) -> Vec<(FirmIx, f64)> {
        let mut candidates = self.eligible(anchor, candidates);
        candidates.retain(|&candidate| self.is_wanted(anchor, candidate));
        let (best, _) = self.with_scratch(|scratch| self.best(anchor, &candidates, scratch));
        best.into_iter().map(|(score, firm)| (firm, score)).collect()
    }

    /// Those of some firms that can be candidates, ascending, each once.
    fn eligible(&self, anchor: FirmIx, firms: &[FirmIx]) -> Vec<FirmIx> {
        let mut firms = firms.to_vec();
        firms.sort_unstable();
        firms.dedup();
        firms.retain(|&firm| !self.inner.profiles.are_related(anchor, firm));
        firms
    }

    /// The rankings of many anchors, in parallel on rayon's current pool, in the order of
    /// the anchors; the same on any number of threads. Takes a slice or any iterator.
    pub fn rank_all(&self, anchors: impl IntoIterator<Item = impl Borrow<FirmIx>>) -> Vec<Ranking> {
        let anchors: Vec<FirmIx> = anchors.into_iter().map(|anchor| *anchor.borrow()).collect();
        anchors.par_iter().with_max_len(1).map(|&anchor| self.rank(anchor)).collect()
    }

    /// Everything there is to say of one pair; `None` where the two can never be a pair.
    /// Costs the anchor's structural kernels, and the factors once.
    pub fn explain(&self, anchor: FirmIx, candidate: FirmIx) -> Option<Recommendation> {
        if self.inner.profiles.are_related(anchor, candidate) {
            return None;
        }
        self.with_scratch(|scratch| self.recommend(anchor, &[candidate], scratch)).pop()
    }

    /// Whether the filter leaves a candidate out; not so for what can never be a pair. O(chains of the
    /// candidate).
    pub fn leaves_out(&self, anchor: FirmIx, candidate: FirmIx) -> bool {
        !self.are_related(anchor, candidate) && !self.is_wanted(anchor, candidate)
    }

    /// Adds a firm to a ranking that this matcher has made, wherever it stands and whatever the
    /// filter: to the recommendations, or to those barred, in its place by score. So a plan can
    /// lock or keep a partner that is not among the best. What is there already, and what can
    /// never be a pair, changes nothing. Costs what [`explain`](Self::explain) does.
    ///
    /// ```
    /// # use jiedui::{dataset::Dataset, matcher::Matcher, model::Supply, network::Network};
    /// # let mut builder = Dataset::builder();
    /// # for (supplier, buyer) in [("steel", "works"), ("castings", "works"), ("steel", "mill")] {
    /// #     builder.add_supply(&Supply::new(supplier, buyer));
    /// # }
    /// # let network = Network::build(&builder.finish().0)?;
    /// let [works, steel, castings] = ["works", "steel", "castings"].map(|id| network.firm_ix(id).unwrap());
    /// let matcher = Matcher::builder(&network).top(1).build()?;
    /// let mut ranking = matcher.rank(works);
    /// for supplier in [steel, castings] {
    ///     matcher.include(&mut ranking, supplier);
    /// }
    /// assert_eq!(ranking, Matcher::builder(&network).top(2).build()?.rank(works));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn include(&self, ranking: &mut Ranking, candidate: FirmIx) {
        let id = &self.inner.network.firm(candidate).id;
        let mut listed = ranking.recommendations.iter().chain(&ranking.barred);
        let Some(anchor) = self.inner.network.firm_ix(ranking.anchor.as_str()) else { return };
        if listed.any(|one| one.supplier == *id) {
            return;
        }
        let Some(one) = self.explain(anchor, candidate) else { return };
        let is_barred = self.is_barred(anchor, candidate);
        let list = if is_barred { &mut ranking.barred } else { &mut ranking.recommendations };
        let is_before = |other: &Recommendation| {
            one.score.total_cmp(&other.score).then_with(|| other.supplier.cmp(&one.supplier)).is_lt()
        };
        let place = list.partition_point(is_before);
        list.insert(place, one);
    }

    /// Shows what every factor with a weight says of some candidates, in registry order, on
    /// each side on which it counts, with the prior at which an unknown value counts there.
    pub(crate) fn each_factor(
        &self,
        anchor: FirmIx,
        candidates: &[FirmIx],
        mut see: impl FnMut(&dyn Factor, Side, f64, &Column),
    ) {
        self.with_scratch(|scratch| {
            let (mut query, mut column) = (self.query(anchor, candidates, scratch), Column::default());
            for active in &self.inner.factors {
                active.each_value(&mut query, &mut column, |side, column| {
                    see(&*active.factor, side, active.sided[side as usize].prior, column);
                });
            }
        });
    }

    /// The factors with a weight, in registry order, and in whose utility they count.
    pub fn factor_sides(&self) -> impl Iterator<Item = (&str, Sides)> {
        self.inner.factors.iter().map(|active| (active.factor.name(), active.factor.sides()))
    }

    /// Whether the two can never be a pair: one firm, parent and child, children of one parent.
    pub(crate) fn are_related(&self, anchor: FirmIx, candidate: FirmIx) -> bool {
        self.inner.profiles.are_related(anchor, candidate)
    }

    fn with_scratch<T>(&self, work: impl FnOnce(&mut Scratch) -> T) -> T {
        // A poisoned pool only means that another thread died between two whole values.
        let pool = || self.inner.scratches.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut scratch = pool().pop().unwrap_or_default();
        scratch.forget();
        let result = work(&mut scratch);
        pool().push(scratch);
        result
    }

    fn query<'a>(&'a self, anchor: FirmIx, candidates: &'a [FirmIx], scratch: &'a mut Scratch) -> Query<'a> {
        Query {
            network: &self.inner.network,
            calibration: &self.inner.calibration,
            taxonomies: &self.inner.taxonomies,
            profiles: &self.inner.profiles,
            anchor,
            side: Side::Anchor,
            candidates,
            without_paths: None,
            scratch,
        }
    }

    fn rank_distinct(&self, anchor: FirmIx, mut candidates: Vec<FirmIx>, scratch: &mut Scratch) -> Ranking {
        let found = candidates.len();
        candidates.retain(|&candidate| self.is_wanted(anchor, candidate));
        let (best, barred) = self.best(anchor, &candidates, scratch);
        let firms = |scored: &[Scored]| scored.iter().map(|&(_, firm)| firm).collect::<Vec<FirmIx>>();
        Ranking {
            anchor: self.inner.network.firm(anchor).id.clone(),
            recommendations: self.recommend(anchor, &firms(&best), scratch),
            barred: self.recommend(anchor, &firms(&barred), scratch),
            candidates: candidates.len(),
            filtered: found - candidates.len(),
        }
    }

    /// The best candidates that gates let through, best first, and those barred that
    /// would have been among them.
    fn best(
        &self,
        anchor: FirmIx,
        candidates: &[FirmIx],
        scratch: &mut Scratch,
    ) -> (Vec<Scored>, Vec<Scored>) {
        let (mut best, mut barred) = (Vec::new(), Vec::new());
        if self.top == 0 {
            return (best, barred);
        }
        let shortlist = self.shortlist(anchor, candidates, scratch);
        for scored in self.in_order(anchor, &shortlist, scratch) {
            if best.len() == self.top {
                break;
            }
            if !self.is_barred(anchor, scored.1) {
                best.push(scored);
            } else if barred.len() < self.top {
                barred.push(scored);
            }
        }
        (best, barred)
    }

    /// Whether gates bar every level.
    fn is_barred(&self, anchor: FirmIx, candidate: FirmIx) -> bool {
        self.inner.gates.bar(&self.inner.network, anchor, candidate)
    }

    /// The candidates by score descending, ties by firm.
    fn in_order(&self, anchor: FirmIx, candidates: &[FirmIx], scratch: &mut Scratch) -> Vec<Scored> {
        let mut scored: Vec<Scored> = Vec::with_capacity(candidates.len());
        for block in candidates.chunks(BLOCK) {
            let columns = self.columns(anchor, block, scratch);
            let [anchor, supplier] =
                Side::ALL.map(|side| utility::values(self.sided(&columns, side), block.len()));
            let scores = anchor.into_iter().zip(supplier);
            let scores = scores.map(|(anchor, supplier)| utility::harmonic_mean(anchor, supplier));
            scored.extend(scores.zip(block.iter().copied()));
        }
        // Within one network the order of indices is that of the ids.
        scored.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        scored
    }

    fn is_wanted(&self, anchor: FirmIx, candidate: FirmIx) -> bool {
        let exists = || {
            self.inner.network.trade(candidate, anchor).is_some()
                || self.inner.gates.are_paired(anchor, candidate)
        };
        self.filter.as_ref().is_none_or(|filter| {
            filter.passes(&self.inner.network, anchor, candidate) && !(filter.exclude_existing && exists())
        })
    }

    fn columns(&self, anchor: FirmIx, candidates: &[FirmIx], scratch: &mut Scratch) -> Columns {
        let (mut told, mut numbers) = (Vec::new(), vec![[None; 2]; self.inner.factors.len()]);
        let (mut query, mut column) = (self.query(anchor, candidates, scratch), Column::default());
        for (active, numbers) in self.inner.factors.iter().zip(&mut numbers) {
            let sides = active.factor.sides();
            active.each_value(&mut query, &mut column, |side, column| {
                // What is the same for both sides is kept once.
                if side == Side::Anchor || sides != Sides::Both {
                    told.push(column.clone());
                }
                numbers[side as usize] = Some(told.len() - 1);
            });
        }
        Columns { told, numbers }
    }

    /// The columns that count on a side, in registry order.
    fn sided<'a>(
        &'a self,
        columns: &'a Columns,
        side: Side,
    ) -> impl Iterator<Item = (&'a Column, SideOf)> + Clone + 'a {
        let numbered = self.inner.factors.iter().zip(&columns.numbers);
        numbered.filter_map(move |(active, numbers)| {
            Some((&columns.told[numbers[side as usize]?], active.sided[side as usize]))
        })
    }

    /// The terms of one side's utility, in registry order.
    fn terms<'a>(
        &'a self,
        columns: &'a Columns,
        side: Side,
        candidate: usize,
    ) -> impl Iterator<Item = Term> + Clone + 'a {
        self.inner.factors.iter().enumerate().filter_map(move |(number, active)| {
            let SideOf { weight, prior } = active.sided[side as usize];
            (weight > 0.0).then(|| Term { value: columns.at(number, side, candidate), weight, prior })
        })
    }

    fn utility(&self, columns: &Columns, side: Side, candidate: usize) -> Utility {
        Utility::of(self.terms(columns, side, candidate))
    }

    /// Recommendations for candidates, in their order.
    fn recommend(&self, anchor: FirmIx, candidates: &[FirmIx], scratch: &mut Scratch) -> Vec<Recommendation> {
        // What factors know of the anchor is not worth finding for nobody.
        if candidates.is_empty() {
            return Vec::new();
        }
        let columns = self.columns(anchor, candidates, scratch);
        let mut query = self.query(anchor, candidates, scratch);
        candidates
            .iter()
            .enumerate()
            .map(|(position, &candidate)| self.recommendation(&columns, position, candidate, &mut query))
            .collect()
    }

    fn recommendation(
        &self,
        columns: &Columns,
        position: usize,
        candidate: FirmIx,
        query: &mut Query<'_>,
    ) -> Recommendation {
        let (network, anchor) = (&self.inner.network, query.anchor);
        let utilities = Side::ALL.map(|side| self.utility(columns, side, position));
        let score = utility::score(utilities);
        let gates = self.inner.gates.between(network, anchor, candidate);
        // Sorted by supplier.
        let (incidents, supplier) = (&network.tables().incidents, &network.firm(candidate).id);
        let first = incidents.partition_point(|row| row.supplier < *supplier);
        let mut of_supplier = incidents[first..].iter().take_while(|row| row.supplier == *supplier);
        let has_incidents = of_supplier.any(|row| network.has_begun(row.date));
        Recommendation {
            supplier: network.firm(candidate).id.clone(),
            score: score.value,
            low: score.low,
            high: score.high,
            anchor_utility: utilities[0].value,
            supplier_utility: utilities[1].value,
            contributions: self.contributions(columns, position),
            relation: explain::relation(
                network,
                anchor,
                candidate,
                self.inner.gates.are_paired(anchor, candidate),
            ),
            levels: gate::open_levels(&gates),
            gates,
            modes: explain::modes(query, candidate),
            flags: explain::flags(query, candidate, has_incidents),
            witness: explain::witnesses(
                query,
                candidate,
                self.inner.candidates.relates(),
                self.inner.candidates.paths(),
                self.inner.shared.as_deref(),
            ),
            most_telling: self.most_telling(columns, position),
        }
    }

    fn contributions(&self, columns: &Columns, candidate: usize) -> Vec<Contribution> {
        let mut contributions = Vec::with_capacity(2 * self.inner.factors.len());
        for side in Side::ALL {
            let all = utility::total_weight(self.terms(columns, side, candidate));
            contributions.extend(self.inner.factors.iter().enumerate().filter_map(|(number, active)| {
                let SideOf { weight, prior } = active.sided[side as usize];
                let value = columns.at(number, side, candidate);
                Some(Contribution {
                    factor: active.name.clone(),
                    side,
                    value: if let Value::Known(value) = value { Some(value) } else { None },
                    weight,
                    contribution: Term { value, weight, prior }.contribution(all, prior)?,
                })
            }));
        }
        contributions
    }

    /// The factor with an unknown value that spans the widest range of scores by itself;
    /// the first in registry order of equals.
    fn most_telling(&self, columns: &Columns, candidate: usize) -> Option<Telling> {
        let score_with = |changed: usize, value: f64| {
            let [anchor, supplier] = Side::ALL.map(|side| {
                let terms = self.inner.factors.iter().enumerate().map(|(number, active)| {
                    let SideOf { weight, prior } = active.sided[side as usize];
                    let prior = if number == changed { value } else { prior };
                    Term { value: columns.at(number, side, candidate), weight, prior }
                });
                utility::value(terms.filter(|term| term.weight > 0.0))
            });
            utility::harmonic_mean(anchor, supplier)
        };
        let is_unknown = |number: usize| {
            let weighs = |side| self.inner.factors[number].sided[side as usize].weight > 0.0;
            Side::ALL
                .iter()
                .any(|&side| weighs(side) && columns.at(number, side, candidate) == Value::Unknown)
        };
        let mut best: Option<Telling> = None;
        for number in (0..self.inner.factors.len()).filter(|&number| is_unknown(number)) {
            let (low, high) = (score_with(number, 0.0), score_with(number, 1.0));
            if best.as_ref().is_none_or(|best| high - low > best.high - best.low) {
                best = Some(Telling { factor: self.inner.factors[number].name.clone(), low, high });
            }
        }
        best
    }
}
