//! Laws of the matcher: sums, intervals, order, gates, filters, and bytes that nothing changes.

use std::sync::Arc;

use jiedui::city::City;
use jiedui::dataset::{Dataset, DatasetBuilder};
use jiedui::factor::{Calibration, CoSupply, Column, Factor, Query, Scratch, Sides, Value};
use jiedui::matcher::{
    Filter, GateKind, Matcher, MatcherError, Ranking, Recommendation, Source, Sources, Weights,
    anchors_by_in_degree, default_anchors,
};
use jiedui::model::Side;
use jiedui::model::*;
use jiedui::network::Network;
use jiedui::structure::{NodeWeight, PathWeights};
use proptest::prelude::*;

fn network(builder: DatasetBuilder) -> Network {
    let (dataset, report) = builder.finish();
    assert_eq!(report.losses(), 0, "{report}");
    Network::build(&dataset).unwrap()
}

fn city(firms: usize, seed: u64) -> Dataset {
    City::builder().firms(firms).seed(seed).build().unwrap().dataset
}

fn id(network: &Network, firm: &str) -> FirmIx {
    network.firm_ix(firm).unwrap()
}

fn suppliers(recommendations: &[Recommendation]) -> Vec<&str> {
    recommendations.iter().map(|one| one.supplier.as_str()).collect()
}

/// The f64 sum of one side's contributions, in the order listed.
fn sum(found: &Recommendation, side: Side) -> f64 {
    found.contributions.iter().filter(|one| one.side == side).fold(0.0, |sum, one| sum + one.contribution)
}

fn harmonic_mean(a: f64, s: f64) -> f64 {
    if a + s > 0.0 { 2.0 * a * s / (a + s) } else { 0.0 }
}

/// A factor that says what it is told of each firm.
#[derive(Debug, Clone)]
struct Told {
    name: &'static str,
    sides: Sides,
    values: Vec<Value>,
}

impl Factor for Told {
    fn name(&self) -> &'static str {
        self.name
    }

    fn sides(&self) -> Sides {
        self.sides
    }

    fn fill(&self, query: &mut Query<'_>, column: &mut Column) {
        let value = |candidate: &FirmIx| self.values[candidate.index() % self.values.len()];
        column.fill_from(query.candidates.iter().map(value));
    }
}

/// A matcher on which told factors alone count.
fn told(network: &Network, factors: &[(Told, f64)], calibration: Option<Calibration>) -> Matcher {
    let mut builder = Matcher::builder(network);
    let mut weights = Weights::none();
    for (factor, weight) in factors {
        weights = weights.with(factor.name, *weight);
        builder = builder.factor(factor.clone());
    }
    builder = builder.weights(weights).top(100);
    match calibration {
        Some(calibration) => builder.calibration(calibration),
        None => builder,
    }
    .build()
    .unwrap()
}

/// An anchor `a` and suppliers of its, to be told about.
fn star(n: usize) -> Network {
    let mut builder = Dataset::builder();
    for number in 0..n {
        builder.add_supply(&Supply::new(format!("s{number:02}"), "a"));
    }
    network(builder)
}

fn values() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => (0.0..=1.0f64).prop_map(Value::Known),
        1 => Just(Value::Known(0.0)),
        1 => Just(Value::Known(1.0)),
        2 => Just(Value::Unknown),
        1 => Just(Value::NotApplicable),
    ]
}

fn factors() -> impl Strategy<Value = Vec<(Told, f64)>> {
    let column = || prop::collection::vec(values(), 5);
    let weight = || 0.01..10.0f64;
    (column(), column(), column(), column(), weight(), weight(), weight(), weight()).prop_map(
        |(a, b, c, d, wa, wb, wc, wd)| {
            let told = |name, sides, values| Told { name, sides, values };
            vec![
                (told("of_anchor", Sides::Anchor, a), wa),
                (told("of_supplier", Sides::Supplier, b), wb),
                (told("of_both", Sides::Both, c), wc),
                (told("of_each", Sides::Each, d), wd),
            ]
        },
    )
}

/// A told factor that also gives the hints by which a matcher saves asking.
#[derive(Debug, Clone)]
struct Hinting {
    told: Told,
    is_cheap: bool,
    /// How far above its values the bounds lie, where it has any.
    bound: Option<f64>,
    /// How far its estimates are off, this way or that.
    error: f64,
}

impl Hinting {
    fn shifted(&self, query: &Query<'_>, column: &mut Column, by: impl Fn(FirmIx) -> f64) {
        let values = query.candidates.iter().map(|&firm| {
            match self.told.values[firm.index() % self.told.values.len()] {
                Value::Known(value) => Value::Known(value + by(firm)),
                value => value,
            }
        });
        column.fill_from(values);
    }
}

impl Factor for Hinting {
    fn name(&self) -> &'static str {
        self.told.name
    }

    fn sides(&self) -> Sides {
        self.told.sides
    }

    fn fill(&self, query: &mut Query<'_>, column: &mut Column) {
        self.told.fill(query, column);
    }

    fn estimate(&self, query: &mut Query<'_>, column: &mut Column) -> f64 {
        self.shifted(query, column, |firm| if firm.index() % 2 == 0 { self.error } else { -self.error });
        self.error
    }

    fn is_cheap(&self) -> bool {
        self.is_cheap
    }

    fn bound(&self, query: &mut Query<'_>, column: &mut Column) -> bool {
        if let Some(above) = self.bound {
            self.shifted(query, column, |_| above);
        }
        self.bound.is_some()
    }
}

/// Six factors on any sides, with any hints, each with a weight.
fn hinting() -> impl Strategy<Value = Vec<(Hinting, f64)>> {
    const NAMES: [&str; 6] = ["one", "two", "three", "four", "five", "six"];
    let sides = prop_oneof![Just(Sides::Anchor), Just(Sides::Supplier), Just(Sides::Both), Just(Sides::Each)];
    let error = prop_oneof![3 => Just(0.0), 1 => 0.0..0.01f64];
    let hints = (any::<bool>(), prop::option::of(0.0..0.2f64), error);
    let factor = (sides, prop::collection::vec(values(), 41..90), hints, 0.01..10.0f64);
    prop::collection::vec(factor, 6).prop_map(|factors| {
        let named = NAMES.into_iter().zip(factors);
        let hinting = named.map(|(name, (sides, values, (is_cheap, bound, error), weight))| {
            (Hinting { told: Told { name, sides, values }, is_cheap, bound, error }, weight)
        });
        // Somebody must count on each side.
        let both = Told { name: "both", sides: Sides::Both, values: vec![Value::Known(0.5)] };
        let both = Hinting { told: both, is_cheap: true, bound: None, error: 0.0 };
        hinting.chain([(both, 0.1)]).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_not_asked_changes_no_ranking(factors in hinting(), top in 1..60usize) {
        let network = star(700);
        let mut builder = Matcher::builder(&network).top(top);
        let mut weights = Weights::none();
        for (factor, weight) in &factors {
            weights = weights.with(factor.told.name, *weight);
            builder = builder.factor(factor.clone());
        }
        let matcher = builder.weights(weights).build().unwrap();
        let anchor = id(&network, "a");
        let mut all: Vec<Recommendation> =
            network.firms().filter_map(|firm| matcher.explain(anchor, firm)).collect();
        all.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.supplier.cmp(&b.supplier)));
        all.truncate(top);
        let firms: Vec<FirmIx> = network.firms().collect();
        prop_assert_eq!(&matcher.rank_among(anchor, &firms).recommendations, &all);
        let best = matcher.best_among(anchor, &firms);
        let best = best.into_iter().map(|(firm, score)| (network.firm(firm).id.clone(), score));
        prop_assert!(best.eq(all.iter().map(|one| (one.supplier.clone(), one.score))));
    }
}

/// A city, all of whose firms are in one more chain, and most in another.
fn in_large_chains(firms: usize) -> Network {
    let dataset = city(firms, 11);
    let mut builder = Dataset::builder();
    builder.add_dataset(&dataset);
    for (number, firm) in dataset.tables().firms.iter().enumerate() {
        for chain in ["everybody", "most"].into_iter().take(if number % 4 > 0 { 2 } else { 1 }) {
            builder.add_chain_member(ChainMember {
                chain: chain.into(),
                firm: firm.id.clone(),
                position: None,
            });
        }
    }
    network(builder)
}

#[test]
fn many_candidates_are_ranked_as_if_all_had_been_asked() {
    let network = in_large_chains(4_000);
    let calibration = Matcher::builder(&network).build().unwrap().calibration().clone();
    let without = |kind| Source::ALL.iter().copied().filter(|&other| other != kind).collect::<Vec<_>>();
    let default = Weights::default();
    for (kinds, most, weights) in [
        (Source::ALL.to_vec(), 2_000, default.clone()),
        (Source::ALL.to_vec(), 5, default.clone()),
        (Source::ALL.to_vec(), 0, default.clone().with("prospect", 1.0)),
        // More with paths than are bounded at first.
        (Source::ALL.to_vec(), usize::MAX, default.clone().with("relatedness", 0.0)),
        (vec![Source::Chains], 5, Weights::none().with("product_fit", 1.0).with("relatedness", 5.0)),
        (vec![Source::Chains], 5, Weights::none().with("prospect", 1.0)),
        // Who has no paths is among the best, too.
        (
            vec![Source::Chains],
            5,
            Weights::none().with("proximity", 5.0).with("gap", 1.0).with("co_supply", 0.1),
        ),
        (Source::ALL.to_vec(), 30, default.clone().with("proximity", 50.0)),
        (Source::ALL.to_vec(), 30, default.clone().with("co_supply", 50.0).with("prospect", 0.0)),
        (vec![Source::Chains], 5, default.clone().with("trade", 50.0)),
        (without(Source::ThreePaths), 5, default.clone()),
        (without(Source::Suppliers), 5, Weights::none().with("trade", 1.0).with("gap", 1.0)),
        (without(Source::Neighbourhood), 5, Weights::none().with("organisation", 1.0).with("gradient", 1.0)),
    ] {
        let mut sources = Sources::default();
        (sources.kinds, sources.most) = (kinds, most);
        let build = |top| {
            let builder = Matcher::builder(&network).sources(sources.clone()).weights(weights.clone());
            builder.calibration(calibration.clone()).top(top).build().unwrap()
        };
        let (best, all) = (build(7), build(usize::MAX));
        // Anchors with much trade, and some with little.
        for anchor in anchors_by_in_degree(&network, 4_000).into_iter().step_by(600) {
            let (best, all) = (best.rank(anchor), all.rank(anchor));
            assert_eq!(best.candidates, all.recommendations.len() + all.barred.len(), "{sources:?}");
            assert_eq!(best.candidates, all.candidates);
            assert_eq!(best.recommendations, all.recommendations[..7], "{sources:?} {weights:?}");
            assert_eq!(best.barred, all.barred[..best.barred.len()]);
        }
    }
}

proptest! {
    #[test]
    fn a_utility_is_the_sum_of_its_contributions_and_the_score_their_harmonic_mean(factors in factors()) {
        let network = star(5);
        let matcher = told(&network, &factors, None);
        for found in matcher.rank(id(&network, "a")).recommendations {
            prop_assert_eq!(found.anchor_utility, sum(&found, Side::Anchor));
            prop_assert_eq!(found.supplier_utility, sum(&found, Side::Supplier));
            prop_assert_eq!(found.score, harmonic_mean(found.anchor_utility, found.supplier_utility));
            prop_assert!(found.low <= found.score && found.score <= found.high);
            prop_assert!((0.0..=1.0 + 1e-12).contains(&found.high));
            let is_known = found.contributions.iter().all(|one| one.value.is_some());
            prop_assert_eq!(is_known, found.most_telling.is_none());
            if is_known {
                prop_assert_eq!((found.low, found.high), (found.score, found.score));
            }
        }
    }

    #[test]
    fn forgetting_a_value_counts_its_prior_and_widens_the_interval(
        factors in factors(),
        forgotten in 0..4usize,
        of in 0..5usize,
    ) {
        let network = star(5);
        let calibration = told(&network, &factors, None).calibration().clone();
        let candidate = id(&network, &format!("s{of:02}"));
        let position = candidate.index() % 5;
        let anchor = id(&network, "a");
        let with = |value: Option<Value>| {
            let mut factors = factors.clone();
            if let Some(value) = value {
                factors[forgotten].0.values[position] = value;
            }
            told(&network, &factors, Some(calibration.clone())).explain(anchor, candidate).unwrap()
        };
        prop_assume!(matches!(factors[forgotten].0.values[position], Value::Known(_)));
        let known = with(None);
        let unknown = with(Some(Value::Unknown));
        let (factor, sides) = (&factors[forgotten].0, factors[forgotten].0.sides);
        for side in Side::ALL.into_iter().filter(|&side| sides.include(side)) {
            let at_prior = with(Some(Value::Known(calibration.prior(factor.name, side))));
            let utility = |found: &Recommendation| match side {
                Side::Anchor => found.anchor_utility,
                Side::Supplier => found.supplier_utility,
            };
            prop_assert_eq!(utility(&unknown), utility(&at_prior));
            let entry = unknown.contributions.iter().find(|one| one.factor == factor.name && one.side == side);
            prop_assert_eq!(entry.unwrap().value, None);
        }
        prop_assert!(unknown.low <= known.low && known.high <= unknown.high);
        // Wider indeed, where both sides have something to say at either end.
        if known.high > 0.0 && unknown.low > 0.0 {
            prop_assert!(unknown.high - unknown.low > known.high - known.low);
        }
    }

    #[test]
    fn a_ranking_is_the_full_sort_of_what_explain_says(seed in 0..1_000u64, top in 1..40usize) {
        let network = Network::build(&city(150, seed)).unwrap();
        let matcher = Matcher::builder(&network).top(top).build().unwrap();
        let anchor = default_anchors(&network, 1)[0];
        let all: Vec<FirmIx> = network.firms().collect();
        let mut explained: Vec<Recommendation> =
            all.iter().filter_map(|&firm| matcher.explain(anchor, firm)).collect();
        explained.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.supplier.cmp(&b.supplier)));
        explained.retain(|one| !one.levels.is_empty() || one.gates.iter().any(|gate| !gate.bars));
        let ranking = matcher.rank_among(anchor, &all);
        let open: Vec<&Recommendation> =
            explained.iter().filter(|one| !ranking.barred.contains(one)).take(top).collect();
        prop_assert_eq!(ranking.recommendations.iter().collect::<Vec<_>>(), open);
    }
}

fn json(rankings: &[Ranking]) -> String {
    serde_json::to_string(rankings).unwrap()
}

#[test]
fn bytes_do_not_depend_on_threads_runs_or_scratch() {
    let network = Network::build(&city(600, 3)).unwrap();
    let anchors = default_anchors(&network, 20);
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| json(&Matcher::builder(&network).build().unwrap().rank_all(&anchors)))
    };
    let one = on(1);
    for threads in [1, 2, 8, 16] {
        assert_eq!(on(threads), one, "{threads} threads");
    }
    let matcher = Matcher::builder(&network).build().unwrap();
    let mut scratch = Scratch::default();
    let backwards: Vec<Ranking> =
        anchors.iter().rev().map(|&anchor| matcher.rank_with(anchor, &mut scratch)).collect();
    assert_eq!(json(&backwards.into_iter().rev().collect::<Vec<_>>()), one);
}

#[test]
fn bytes_do_not_depend_on_the_order_of_rows() {
    let dataset = city(400, 5);
    let rank = |dataset: &Dataset| {
        let network = Network::build(dataset).unwrap();
        json(&Matcher::builder(&network).build().unwrap().rank_all(default_anchors(&network, 20)))
    };
    let tables = dataset.tables();
    let mut builder = Dataset::builder();
    // Backwards, and supplies before all else.
    for row in dataset.supplies().iter().rev() {
        builder.add_supply(&dataset.supply(row));
    }
    for row in tables.responses.iter().rev() {
        builder.add_response(row.clone());
    }
    for row in tables.incidents.iter().rev() {
        builder.add_incident(row.clone());
    }
    for row in tables.outcomes.iter().rev() {
        builder.add_outcome(row.clone());
    }
    for row in tables.pairings.iter().rev() {
        builder.add_pairing(row.clone());
    }
    for row in tables.resources.iter().rev() {
        builder.add_resource(row.clone());
    }
    for row in tables.chain_members.iter().rev() {
        builder.add_chain_member(row.clone());
    }
    for row in tables.chains.iter().rev() {
        builder.add_chain(row.clone());
    }
    for row in tables.firm_products.iter().rev() {
        builder.add_firm_product(row.clone());
    }
    for row in tables.product_inputs.iter().rev() {
        builder.add_product_input(row.clone());
    }
    for row in tables.product_parents.iter().rev() {
        builder.add_product_parent(row.clone());
    }
    for row in tables.products.iter().rev() {
        builder.add_product(row.clone());
    }
    for row in tables.firms.iter().rev() {
        builder.add_firm(row.clone());
    }
    let backwards = builder.finish().0;
    assert!(backwards == dataset);
    assert_eq!(rank(&backwards), rank(&dataset));
}

/// A factor that somebody else holds says and hints what it would say and hint itself.
#[test]
fn factors_are_shared_by_matchers() {
    let dataset = city(400, 5);
    let network = Network::build(&dataset).unwrap();
    let weights = Weights::default().with("reach", 1.0);
    let own = Matcher::builder(&network).weights(weights.clone()).build().unwrap();
    let shared: Vec<Arc<dyn Factor>> =
        jiedui::factor::built_in(&network).into_iter().map(Arc::from).collect();
    for _ in 0..2 {
        let builder = Matcher::builder(&network).weights(weights.clone());
        let builder = shared.iter().fold(builder, |builder, factor| builder.factor(Arc::clone(factor)));
        let matcher = builder.build().unwrap();
        assert_eq!(matcher.calibration(), own.calibration());
        let anchors = anchors_by_in_degree(&network, 10);
        assert_eq!(matcher.rank_all(&anchors), own.rank_all(&anchors));
    }
    let builder = Matcher::builder(&network).weights(weights);
    let boxed =
        jiedui::factor::built_in(&network).into_iter().fold(builder, jiedui::matcher::MatcherBuilder::factor);
    assert_eq!(boxed.build().unwrap().calibration(), own.calibration());
}

#[test]
fn a_firm_without_relations_reverses_nobody_under_a_saved_calibration() {
    let dataset = city(300, 9);
    let before = Network::build(&dataset).unwrap();
    let matcher = Matcher::builder(&before).build().unwrap();
    let saved = serde_json::to_string(matcher.calibration()).unwrap();

    let mut builder = Dataset::builder();
    builder.add_dataset(&dataset);
    builder.add_firm(Firm { industry: Some(Industry::new("C3714")), ..Firm::new("A newcomer") });
    let after = Network::build(&builder.finish().0).unwrap();
    let calibration: Calibration = serde_json::from_str(&saved).unwrap();
    let again = Matcher::builder(&after).calibration(calibration).top(1_000).build().unwrap();
    for anchor in default_anchors(&before, 20) {
        let name = before.firm(anchor).id.as_str();
        let old = matcher.rank(anchor).recommendations;
        let new = again.rank(id(&after, name)).recommendations;
        let scores = |list: &[Recommendation]| -> Vec<(FirmId, f64)> {
            list.iter().map(|one| (one.supplier.clone(), one.score)).collect()
        };
        let mut kept = scores(&new);
        kept.retain(|(firm, _)| firm.as_str() != "A newcomer");
        kept.truncate(old.len());
        assert_eq!(kept, scores(&old));
    }
}

#[test]
fn a_factor_of_ones_own_takes_the_place_of_a_built_in_one() {
    let dataset = city(200, 4);
    let network = Network::build(&dataset).unwrap();
    let anchor = anchors_by_in_degree(&network, 1)[0];
    let undecayed = PathWeights::undecayed(NodeWeight::One);
    let built_in = Matcher::builder(&network).build().unwrap();
    let own = Matcher::builder(&network).factor(CoSupply::with_weights(&network, undecayed)).build().unwrap();
    // One working memory for both: neither sees what the other left there.
    let mut scratch = Scratch::default();
    let first = own.rank_with(anchor, &mut scratch);
    let second = built_in.rank_with(anchor, &mut scratch);
    assert_eq!((&first, &second), (&own.rank(anchor), &built_in.rank(anchor)));
    let value = |ranking: &Ranking| ranking.recommendations[0].contribution("co_supply").unwrap().value;
    assert_ne!(value(&first), value(&second));
    let names = |ranking: &Ranking| -> Vec<String> {
        ranking.recommendations[0].contributions.iter().map(|one| one.factor.to_string()).collect()
    };
    assert_eq!(names(&first).iter().filter(|name| *name == "co_supply").count(), 2, "once a side");
}

#[test]
fn ties_fall_to_the_firm_id() {
    let network = star(12);
    let factor = Told { name: "same", sides: Sides::Both, values: vec![Value::Known(0.5)] };
    let ranking = told(&network, &[(factor, 1.0)], None).rank(id(&network, "a"));
    let expected: Vec<String> = (0..12).map(|number| format!("s{number:02}")).collect();
    assert_eq!(suppliers(&ranking.recommendations), expected);
}

#[test]
fn what_a_factor_must_not_say_does_no_harm() {
    let network = star(4);
    let values = vec![
        Value::Known(f64::NAN),
        Value::Known(7.0),
        Value::Known(-1.0),
        Value::Known(f64::INFINITY),
        Value::Known(0.5),
    ];
    let factor = Told { name: "wild", sides: Sides::Both, values };
    let ranking = told(&network, &[(factor, 1.0)], None).rank(id(&network, "a"));
    assert_eq!(ranking.recommendations.len(), 4);
    for one in ranking.recommendations {
        assert!((0.0..=1.0).contains(&one.score), "{}", one.score);
    }
}

/// `a` with a parent, a child, a sibling and one other supplier.
#[test]
fn relatives_are_never_candidates() {
    let mut builder = Dataset::builder();
    let child = |id: &str, parent: &str| Firm { parent: Some(parent.into()), ..Firm::new(id) };
    builder
        .add_firm(child("a", "mother"))
        .add_firm(child("daughter", "a"))
        .add_firm(child("sister", "mother"));
    for supplier in ["mother", "daughter", "sister", "other"] {
        builder.add_supply(&Supply::new(supplier, "a"));
    }
    let network = network(builder);
    let matcher = Matcher::builder(&network).build().unwrap();
    assert_eq!(suppliers(&matcher.rank(id(&network, "a")).recommendations), ["other"]);
    let all: Vec<FirmIx> = network.firms().collect();
    assert_eq!(suppliers(&matcher.rank_among(id(&network, "a"), &all).recommendations), ["other"]);
    assert!(matcher.explain(id(&network, "a"), id(&network, "sister")).is_none());
    assert!(matcher.explain(id(&network, "a"), id(&network, "a")).is_none());
}

/// A column is the same however it was filled, so that the best are found by either.
#[test]
fn what_is_set_one_by_one_ranks_as_if_told_at_once() {
    #[derive(Debug, Clone)]
    struct Set {
        told: Told,
        first: Value,
    }
    impl Factor for Set {
        fn name(&self) -> &'static str {
            self.told.name
        }
        fn sides(&self) -> Sides {
            self.told.sides
        }
        fn fill(&self, query: &mut Query<'_>, column: &mut Column) {
            column.fill(self.first);
            for (position, candidate) in query.candidates.iter().enumerate() {
                let value = self.told.values[candidate.index() % self.told.values.len()];
                if value != self.first {
                    column.set(position, value);
                }
            }
        }
    }
    use Value::{Known, NotApplicable};
    let network = star(9);
    let both = |name, values| Told { name, sides: Sides::Both, values };
    // What does not apply to a firm lowers it by nothing.
    let (some, few) = (Known(0.75), Known(0.25));
    let plain = both("plain", vec![Known(0.5), Known(0.6), Known(0.7), Known(0.55), Known(0.65)]);
    let gaps = both("gaps", vec![NotApplicable, few, NotApplicable, some, few]);
    let rank = |matcher: Matcher| {
        let ranking = matcher.with_top(2).rank(id(&network, "a"));
        suppliers(&ranking.recommendations).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let at_once = rank(told(&network, &[(plain.clone(), 1.0), (gaps.clone(), 1.0)], None));
    for first in [NotApplicable, Known(0.25), Known(0.75)] {
        let weights = Weights::none().with("plain", 1.0).with("gaps", 1.0);
        let set = Set { told: gaps.clone(), first };
        let matcher = Matcher::builder(&network).factor(plain.clone()).factor(set).weights(weights);
        assert_eq!(rank(matcher.build().unwrap()), at_once, "{first:?}");
    }
}

#[test]
fn every_source_finds_its_own_and_no_more() {
    let mut builder = Dataset::builder();
    for (supplier, buyer) in [
        ("direct", "a"),
        ("second", "direct"),
        ("a", "customer"),
        ("direct", "other buyer"),
        ("peer", "other buyer"),
    ] {
        builder.add_supply(&Supply::new(supplier, buyer));
    }
    for (firm, role) in [("a", Role::Needs), ("maker", Role::Makes)] {
        let (firm, product) = (firm.into(), "bolt".into());
        builder.add_firm_product(FirmProduct { firm, product, role, weight: None });
    }
    for firm in ["a", "member"] {
        builder.add_chain_member(ChainMember { chain: "rail".into(), firm: firm.into(), position: None });
    }
    for (firm, latitude) in [("a", 27.0), ("neighbour", 27.02), ("stranger", 27.2)] {
        builder.add_firm(Firm { place: Place::new(113.0, latitude).ok(), ..Firm::new(firm) });
    }
    let network = network(builder);
    let from = |kind| {
        let mut sources = Sources::default();
        sources.kinds = vec![kind];
        let matcher = Matcher::builder(&network).sources(sources).build().unwrap();
        let ranking = matcher.rank(id(&network, "a"));
        let mut found: Vec<String> =
            ranking.recommendations.iter().map(|one| one.supplier.to_string()).collect();
        found.sort();
        found.join(" ")
    };
    assert_eq!(from(Source::Suppliers), "direct");
    assert_eq!(from(Source::SecondTier), "second");
    assert_eq!(from(Source::Customers), "customer");
    assert_eq!(from(Source::ThreePaths), "peer");
    assert_eq!(from(Source::Products), "maker");
    assert_eq!(from(Source::Chains), "member");
    assert_eq!(from(Source::Neighbourhood), "neighbour");
    let all = Matcher::builder(&network).build().unwrap().rank(id(&network, "a"));
    assert_eq!(all.candidates, 7);
}

#[test]
fn where_makers_are_few_those_closely_related_are_candidates_too() {
    let mut builder = Dataset::builder();
    let mut add = |firm: &str, product: &str, role| {
        let (firm, product) = (firm.into(), product.into());
        builder.add_firm_product(FirmProduct { firm, product, role, weight: None });
    };
    add("a", "bolt", Role::Needs);
    for maker in ["m1", "m2", "m3"] {
        for product in ["bolt", "nut", "screw", "washer"] {
            add(maker, product, Role::Makes);
        }
    }
    for product in ["nut", "screw", "washer"] {
        add("close", product, Role::Makes);
    }
    add("closer than most", "nut", Role::Makes);
    // Twenty kinds that make what one maker of bolts does, too: the median is theirs.
    add("m1", "plate", Role::Makes);
    for number in 0..20 {
        add(&format!("far {number}"), "plate", Role::Makes);
        add(&format!("far {number}"), &format!("rail {number}"), Role::Makes);
    }
    let network = network(builder);
    let found = |most| {
        let mut sources = Sources::default();
        (sources.kinds, sources.most) = (vec![Source::Products], most);
        let matcher = Matcher::builder(&network).sources(sources).top(100).build().unwrap();
        let ranking = matcher.rank(id(&network, "a"));
        let mut found: Vec<String> =
            ranking.recommendations.iter().map(|one| one.supplier.to_string()).collect();
        found.sort();
        found
    };
    assert_eq!(found(2_000), ["close", "closer than most", "m1", "m2", "m3"]);
    assert_eq!(found(4), ["close", "m1", "m2", "m3"]);
    assert_eq!(found(3), ["m1", "m2", "m3"]);
    let unrelated = || Matcher::builder(&network).weights(Weights::default().with("relatedness", 0.0));
    assert_eq!(unrelated().build().unwrap().rank(id(&network, "a")).candidates, 3);
    // It does not count either where a saved calibration knows it.
    let saved = Matcher::builder(&network).build().unwrap().calibration().clone();
    assert_eq!(unrelated().calibration(saved).build().unwrap().rank(id(&network, "a")).candidates, 3);
}

#[test]
fn a_limited_source_keeps_its_best() {
    let mut builder = Dataset::builder();
    builder.add_firm(Firm { place: Place::new(113.0, 27.0).ok(), ..Firm::new("a") });
    for number in 1..=9 {
        let latitude = 27.0 + f64::from(number) / 1000.0;
        builder.add_firm(Firm { place: Place::new(113.0, latitude).ok(), ..Firm::new(format!("n{number}")) });
    }
    let network = network(builder);
    let mut sources = Sources::default();
    sources.most = 3;
    let ranking = Matcher::builder(&network).sources(sources).build().unwrap().rank(id(&network, "a"));
    assert_eq!(suppliers(&ranking.recommendations), ["n1", "n2", "n3"]);
}

#[test]
fn neighbours_at_one_point_are_taken_by_id_whoever_else_there_is() {
    let mut builder = Dataset::builder();
    let at = |id: String, latitude| Firm { place: Place::new(113.0, latitude).ok(), ..Firm::new(id) };
    builder.add_firm(at("a".to_owned(), 27.0));
    for number in 0..200 {
        builder.add_firm(at(format!("n{number:03}"), 27.01));
    }
    let nearest = |builder: DatasetBuilder| {
        let network = network(builder);
        let mut sources = Sources::default();
        sources.most = 3;
        let ranking = Matcher::builder(&network).sources(sources).build().unwrap().rank(id(&network, "a"));
        suppliers(&ranking.recommendations).join(" ")
    };
    assert_eq!(nearest(builder.clone()), "n000 n001 n002");
    for number in 0..100 {
        builder.add_firm(at(format!("far{number}"), 40.0 + f64::from(number) / 10.0));
    }
    assert_eq!(nearest(builder), "n000 n001 n002");
}

#[test]
fn filters_leave_out_and_count() {
    let mut builder = Dataset::builder();
    let firm = |id: &str, region: Option<&str>, size, latitude: f64| Firm {
        region: region.map(Into::into),
        size,
        place: Place::new(113.0, latitude).ok(),
        ..Firm::new(id)
    };
    builder
        .add_firm(firm("a", None, None, 27.0))
        .add_firm(firm("s", Some("north"), Some(SizeClass::Small), 27.01))
        .add_firm(firm("t", Some("south"), Some(SizeClass::Micro), 27.3))
        .add_firm(firm("u", None, None, f64::NAN))
        .add_firm(Firm {
            kind: Some(FirmKind::Department),
            parent: Some("t".into()),
            ..firm("w", None, None, 28.0)
        });
    for supplier in ["s", "t", "u"] {
        builder.add_supply(&Supply::new(supplier, "a"));
    }
    builder.add_supply(&Supply::new("w", "s"));
    for (chain, firm) in [("rail", "t"), ("canal", "s")] {
        builder.add_chain_member(ChainMember { chain: chain.into(), firm: firm.into(), position: None });
    }
    builder.add_chain(Chain { valid_to: "1900".parse().ok(), ..Chain::new("canal") });
    let row = Supply { date: "2025-06".parse().ok(), ..Supply::new("t", "a") };
    builder.add_supply(&row);
    let network = network(builder);
    let with = |change: &dyn Fn(&mut Filter)| {
        let mut filter = Filter::default();
        change(&mut filter);
        let anchor = id(&network, "a");
        let built = Matcher::builder(&network).filter(filter.clone()).top(3).build().unwrap();
        let ranking = built.with_top(10).rank(anchor);
        assert_eq!(ranking.candidates + ranking.filtered, 4);
        let left_out = network.firms().filter(|&firm| built.leaves_out(anchor, firm));
        assert_eq!(left_out.count(), ranking.filtered);
        // One that is built for others comes to the same.
        let made = built.with_filter(Filter::default()).and_then(|all| all.with_filter(filter)).unwrap();
        assert_eq!(made.rank(anchor), built.rank(anchor));
        assert_eq!(made.with_top(10).rank(anchor), ranking);
        let mut found: Vec<String> =
            ranking.recommendations.iter().map(|one| one.supplier.to_string()).collect();
        found.sort();
        found.join(" ")
    };
    assert_eq!(with(&|_| {}), "s t u w");
    assert_eq!(with(&|filter| filter.exclude_existing = true), "w");
    assert_eq!(with(&|filter| filter.regions = vec!["south".into(), "east".into()]), "t");
    assert_eq!(with(&|filter| filter.sizes = vec![SizeClass::Small]), "s");
    // A department is as large as its legal entity.
    assert_eq!(with(&|filter| filter.sizes = vec![SizeClass::Micro]), "t w");
    assert_eq!(with(&|filter| filter.most_km = Some(2.0)), "s");
    let place = |firm| network.firm(id(&network, firm)).place.unwrap();
    assert_eq!(with(&|filter| filter.most_km = Some(place("a").distance_km(place("t")))), "s t", "at most");
    assert_eq!(with(&|filter| filter.chains = vec![network.chain_ix("rail").unwrap()]), "t");
    assert_eq!(with(&|filter| filter.chains = vec![network.chain_ix("canal").unwrap()]), "", "long gone");
    let mut nowhere = Filter::default();
    nowhere.most_km = Some(f64::NAN);
    let refused = Matcher::builder(&network).build().unwrap().with_filter(nowhere);
    assert!(matches!(refused, Err(MatcherError::Distance(_))));
    assert_eq!(with(&|filter| filter.excluded = ["s", "w"].map(|firm| id(&network, firm)).into()), "t u");
}

/// A ranking filled up one by one is that of a matcher asked for more, barred ones included.
#[test]
fn what_is_included_comes_in_its_place() {
    let network = Network::build(&city(800, 3)).unwrap();
    let matcher = |top| Matcher::builder(&network).top(top).build().unwrap();
    let (few, many) = (matcher(3), matcher(60));
    let mut barred = 0;
    for anchor in default_anchors(&network, 20) {
        let (mut filled, full) = (few.rank(anchor), many.rank(anchor));
        let all =
            full.barred.iter().chain(&full.recommendations).map(|one| id(&network, one.supplier.as_str()));
        for supplier in all.chain([anchor]).collect::<Vec<_>>().into_iter().rev() {
            few.include(&mut filled, supplier);
        }
        barred += full.barred.len();
        assert_eq!(filled, full);
    }
    assert!(barred > 0);
}

fn answer(builder: &mut DatasetBuilder, date: &str, answer: Answer, until: Option<&str>) {
    builder.add_response(Response {
        firm: "s".into(),
        partner: "a".into(),
        answer,
        date: Some(date.parse().unwrap()),
        until: until.map(|until| until.parse().unwrap()),
    });
}

/// Whether `s` is barred for `a` by a veto, as of 2025-06-30.
fn is_vetoed(answers: &[(&str, Answer, Option<&str>)]) -> bool {
    let mut builder = Dataset::builder();
    builder.add_supply(&Supply::new("s", "a"));
    for &(date, kind, until) in answers {
        answer(&mut builder, date, kind, until);
    }
    let as_of = Some("2025-06-30".parse().unwrap());
    let network = Network::build_as_of(&builder.finish().0, as_of).unwrap();
    let ranking = Matcher::builder(&network).build().unwrap().rank(id(&network, "a"));
    assert_eq!(ranking.recommendations.len() + ranking.barred.len(), 1);
    let barred = ranking.barred.len() == 1;
    let all = ranking.barred.iter().chain(&ranking.recommendations);
    assert_eq!(all.flat_map(|one| &one.gates).any(|gate| gate.kind == GateKind::Veto), barred);
    barred
}

#[test]
fn a_refusal_binds_until_it_runs_out_or_is_taken_back() {
    assert!(!is_vetoed(&[]));
    assert!(is_vetoed(&[("2025-01", Answer::No, None)]));
    assert!(is_vetoed(&[("2025-01", Answer::No, Some("2025-06-30"))]));
    assert!(!is_vetoed(&[("2025-01", Answer::No, Some("2025-06-29"))]));
    assert!(!is_vetoed(&[("2025-01", Answer::No, None), ("2025-02", Answer::Yes, None)]));
    assert!(is_vetoed(&[("2025-01", Answer::No, None), ("2025-02", Answer::Other, None)]));
    assert!(!is_vetoed(&[("2025-07", Answer::No, None)]), "not yet given");
}

/// An undated refusal may be the latest answer; and a month is over only with its last day.
#[test]
fn a_refusal_binds_as_long_as_it_may() {
    let vetoes = |as_of: &str, answers: &[(Option<&str>, Answer, Option<&str>)]| {
        let mut builder = Dataset::builder();
        builder.add_supply(&Supply::new("s", "a"));
        for &(date, answer, until) in answers {
            let [date, until] = [date, until].map(|date| date.map(|date| date.parse().unwrap()));
            builder.add_response(Response { firm: "s".into(), partner: "a".into(), answer, date, until });
        }
        let network = Network::build_as_of(&builder.finish().0, as_of.parse().ok()).unwrap();
        let matcher = Matcher::builder(&network).build().unwrap();
        let found = matcher.explain(id(&network, "a"), id(&network, "s")).unwrap();
        found.gates.iter().filter(|gate| gate.kind == GateKind::Veto).count()
    };
    let (no, yes) = (Answer::No, Answer::Yes);
    assert_eq!(vetoes("2025-06-30", &[(None, no, None), (Some("2025-01"), yes, None)]), 1);
    assert_eq!(vetoes("2025-06-30", &[(None, no, Some("2025-05")), (Some("2025-01"), yes, None)]), 0);
    assert_eq!(vetoes("2025-06-30", &[(None, yes, None), (Some("2025-01"), no, None)]), 1);
    // Some of June is before the 15th, none of July is.
    assert_eq!(vetoes("2025-06", &[(Some("2025-01"), no, Some("2025-06-15"))]), 1);
    assert_eq!(vetoes("2025-07", &[(Some("2025-01"), no, Some("2025-06-15"))]), 0);
}

/// A chain that has ended asks for a look where no other holds the two together.
#[test]
fn a_chain_that_has_ended_is_told_where_it_was_the_only_one() {
    let lapsed = |chains: &[(&str, Option<&str>, Option<&str>)]| {
        let mut builder = Dataset::builder();
        builder.add_supply(&Supply::new("s", "a"));
        for &(chain, from, to) in chains {
            let [valid_from, valid_to] = [from, to].map(|date| date.map(|date| date.parse().unwrap()));
            builder.add_chain(Chain { valid_from, valid_to, ..Chain::new(chain) });
            for firm in ["a", "s"] {
                let (chain, firm) = (chain.into(), firm.into());
                builder.add_chain_member(ChainMember { chain, firm, position: None });
            }
        }
        let as_of = "2025-06-30".parse().ok();
        let network = Network::build_as_of(&builder.finish().0, as_of).unwrap();
        let matcher = Matcher::builder(&network).build().unwrap();
        let found = matcher.explain(id(&network, "a"), id(&network, "s")).unwrap();
        found.gates.iter().any(|gate| gate.kind == GateKind::ChainExpired && !gate.bars)
    };
    let (gone, standing) = (("gone", None, Some("2025-05")), ("standing", Some("2025"), None));
    let to_come = ("to come", Some("2025-07"), None);
    assert!(lapsed(&[gone]));
    assert!(lapsed(&[gone, to_come]));
    assert!(!lapsed(&[gone, standing]), "another one stands");
    assert!(!lapsed(&[to_come]), "it has not begun");
}

/// Where most of those that promise most are barred, it stays unknown for long who is among the best;
/// nobody may be asked, or listed, twice.
#[test]
fn nobody_is_listed_twice() {
    for seed in 0..5 {
        let city = City::builder().zhuzhou().seed(seed).build().unwrap();
        let network = Network::build(&city.dataset).unwrap();
        for top in [5, 40, 300] {
            let matcher = Matcher::builder(&network).top(top).build().unwrap();
            for ranking in matcher.rank_all(default_anchors(&network, 20)) {
                let listed = ranking.recommendations.iter().chain(&ranking.barred);
                let mut suppliers: Vec<&str> = listed.map(|one| one.supplier.as_str()).collect();
                let all = suppliers.len();
                suppliers.sort_unstable();
                suppliers.dedup();
                assert_eq!(suppliers.len(), all, "seed {seed}, {top} best of {}", ranking.anchor);
            }
        }
    }
}

#[test]
fn gates_bar_single_levels_and_unknown_ones_do_not() {
    use GateKind::{BranchUnknown, NoBranch, NoSpecialists, NotLegalEntity, SpecialistsUnknown};

    let mut builder = Dataset::builder();
    builder.add_firm(Firm {
        kind: Some(FirmKind::Department),
        parent: Some("works".into()),
        party_branch: Some(PartyBranch::Own),
        ..Firm::new("a")
    });
    builder.add_firm(Firm { party_branch: Some(PartyBranch::None), ..Firm::new("s") });
    builder.add_firm(Firm { party_branch: Some(PartyBranch::Joint), ..Firm::new("t") });
    for firm in ["s", "t", "u"] {
        builder.add_supply(&Supply::new(firm, "a"));
    }
    let resources = [("s", Category::Venue), ("u", Category::Venue), ("u", Category::Specialist)];
    for (firm, category) in resources {
        builder.add_resource(Resource {
            firm: firm.into(),
            direction: Direction::Needs,
            category,
            item: None,
            amount: None,
            unit: None,
        });
    }
    let network = network(builder);
    let matcher = Matcher::builder(&network).build().unwrap();
    let of = |supplier| matcher.explain(id(&network, "a"), id(&network, supplier)).unwrap();
    let kinds =
        |found: &Recommendation| found.gates.iter().map(|gate| (gate.kind, gate.bars)).collect::<Vec<_>>();
    assert_eq!(
        kinds(&of("s")),
        [(NotLegalEntity, true), (NoBranch, true), (SpecialistsUnknown, false), (NoSpecialists, true)],
    );
    assert_eq!(of("t").levels, [Level::Branch]);
    assert!(kinds(&of("u")).contains(&(BranchUnknown, false)));
    assert!(!kinds(&of("u")).contains(&(NoSpecialists, true)), "among others it lists them");
    let ranking = matcher.rank(id(&network, "a"));
    assert_eq!(suppliers(&ranking.barred), ["s"], "no level is left to it");
    assert_eq!(ranking.recommendations.len(), 2);
}

#[test]
fn a_pairing_in_force_bars_its_level() {
    let mut builder = Dataset::builder();
    builder.add_supply(&Supply::new("s", "a"));
    for (id, level, ends) in [("P1", Some(Level::Enterprise), None), ("P2", None, Some("2025-01"))] {
        builder.add_pairing(Pairing {
            id: id.into(),
            parties: vec!["a".into(), "s".into()],
            level,
            modes: vec![],
            theme: None,
            signed: Some("2024-01".parse().unwrap()),
            ends: ends.map(|ends| ends.parse().unwrap()),
        });
    }
    let network = Network::build_as_of(&builder.finish().0, Some("2025-06".parse().unwrap())).unwrap();
    let found =
        Matcher::builder(&network).build().unwrap().explain(id(&network, "a"), id(&network, "s")).unwrap();
    assert!(found.relation.paired);
    let paired: Vec<_> = found.gates.iter().filter(|gate| gate.kind == GateKind::Paired).collect();
    assert_eq!(paired.len(), 1, "the other has ended");
    assert_eq!(paired[0].level, Some(Level::Enterprise));
    // At one level it leaves the others; at none told, it is at all.
    let is_barred = |level| {
        let mut builder = Dataset::builder();
        builder.add_supply(&Supply::new("s", "a"));
        builder.add_pairing(Pairing {
            id: "P".into(),
            parties: vec!["a".into(), "s".into()],
            level,
            modes: vec![],
            theme: None,
            signed: None,
            ends: None,
        });
        let network = self::network(builder);
        !Matcher::builder(&network).build().unwrap().rank(id(&network, "a")).barred.is_empty()
    };
    assert_eq!([Some(Level::Enterprise), None].map(is_barred), [false, true]);
}

#[test]
fn weights_are_read_and_checked() {
    let network = star(2);
    let build = |weights: Weights| Matcher::builder(&network).weights(weights).build();
    let toml = Weights::from_toml("co_supply = 5\n[gap]\nanchor = 0.5\n").unwrap();
    assert_eq!(toml.get("co_supply", Side::Supplier), 5.0);
    let default = Weights::default().get("gap", Side::Supplier);
    assert_eq!((toml.get("gap", Side::Anchor), toml.get("gap", Side::Supplier)), (0.5, default));
    assert_eq!(toml.get("proximity", Side::Anchor), Weights::default().get("proximity", Side::Anchor));
    assert!(build(toml.clone()).is_ok());
    let json = Weights::from_json(&serde_json::to_string(&toml).unwrap()).unwrap();
    assert_eq!(json, toml);
    assert!(matches!(Weights::from_json("{\"gap\": \"much\"}"), Err(MatcherError::WeightsFile(_))));
    assert!(matches!(Weights::from_toml("gap = [1]"), Err(MatcherError::WeightsFile(_))));
    for twice in
        ["{\"gap\": 1, \"gap\": 2}", "{\"gap\": {\"anchor\": 1, \"anchor\": 2}}", "{\"gap\": {\"ancor\": 1}}"]
    {
        assert!(matches!(Weights::from_json(twice), Err(MatcherError::WeightsFile(_))), "{twice}");
    }
    assert!(Weights::from_json("\u{feff}{\"gap\": 1}").is_ok());
    for weight in [-1.0, f64::NAN, f64::INFINITY, 1e10] {
        assert!(matches!(build(Weights::default().with("gap", weight)), Err(MatcherError::Weight { .. })));
    }
    // What a file does not name weighs nothing here, and so it is written.
    let few = Weights::none().with("co_supply", 1.0);
    assert_eq!(Weights::from_json(&serde_json::to_string(&few).unwrap()).unwrap(), few);
    assert_ne!(few, Weights::default());
    let training = build(Weights::default().with(Weights::TRAINING, 1.0));
    assert!(matches!(training, Err(MatcherError::UnknownFactor { .. })));
    let misplaced = build(Weights::from_json("{\"gap\": {\"supplier\": 4}}").unwrap()).unwrap_err();
    assert!(misplaced.to_string().contains("gap does not count on the supplier side"), "{misplaced}");
    assert!(build(Weights::from_json("{\"gap\": {\"supplier\": 1}}").unwrap()).is_err());
    assert!(build(Weights::from_json("{\"gap\": {\"anchor\": 4}}").unwrap()).is_ok());
    let unknown = build(Weights::default().with("fame", 1.0)).unwrap_err();
    assert!(unknown.to_string().contains("product_fit"), "{unknown}");
    assert!(matches!(build(Weights::none()), Err(MatcherError::NoWeight { side: Side::Anchor })));
    assert!(matches!(
        build(Weights::none().with("gap", 1.0)),
        Err(MatcherError::NoWeight { side: Side::Supplier })
    ));
}

#[test]
fn a_factor_with_no_scale_is_refused() {
    #[derive(Debug)]
    struct Scaleless(f64);
    impl Factor for Scaleless {
        fn name(&self) -> &'static str {
            "scaleless"
        }
        fn sides(&self) -> Sides {
            Sides::Both
        }
        fn fill(&self, _: &mut Query<'_>, column: &mut Column) {
            column.fill(Value::Unknown);
        }
        fn constant(&self, _: &Network) -> Option<f64> {
            Some(self.0)
        }
    }
    let network = star(3);
    let build = |constant| {
        let weights = Weights::default().with("scaleless", 1.0);
        Matcher::builder(&network).factor(Scaleless(constant)).weights(weights).build()
    };
    assert!(build(2.0).is_ok());
    for constant in [f64::NAN, f64::INFINITY, 0.0, -1.0] {
        assert!(matches!(build(constant), Err(MatcherError::Calibration(name)) if name == "scaleless"));
    }
}

#[test]
fn a_factor_without_weight_is_not_asked() {
    #[derive(Debug)]
    struct Unasked;
    impl Factor for Unasked {
        fn name(&self) -> &'static str {
            "unasked"
        }
        fn sides(&self) -> Sides {
            Sides::Both
        }
        fn fill(&self, _: &mut Query<'_>, _: &mut Column) {
            unreachable!("asked all the same");
        }
    }
    let network = star(3);
    let ranking = Matcher::builder(&network).factor(Unasked).build().unwrap().rank(id(&network, "a"));
    assert!(ranking.recommendations.iter().all(|one| one.contribution("unasked").is_none()));
    assert!(
        ranking.recommendations.iter().all(|one| one.contribution("reach").is_none()),
        "weight 0 by default"
    );
}

#[test]
fn anchors_are_those_marked_else_those_with_the_most_suppliers_else_with_the_most_inputs() {
    let mut builder = Dataset::builder();
    for (supplier, buyer) in [("s", "a"), ("t", "a"), ("s", "b")] {
        builder.add_supply(&Supply::new(supplier, buyer));
    }
    let unmarked = network(builder.clone());
    let names = |network: &Network, anchors: Vec<FirmIx>| -> Vec<String> {
        anchors.iter().map(|&anchor| network.firm(anchor).id.to_string()).collect()
    };
    assert_eq!(names(&unmarked, default_anchors(&unmarked, 20)), ["a", "b"]);
    assert_eq!(names(&unmarked, anchors_by_in_degree(&unmarked, 1)), ["a"]);
    builder.add_firm(Firm { anchor: Some(true), ..Firm::new("s") });
    let marked = network(builder);
    assert_eq!(names(&marked, default_anchors(&marked, 20)), ["s"]);

    let mut builder = Dataset::builder();
    for (firm, product) in [("a", "car"), ("b", "cart")] {
        let (firm, product, role) = (firm.into(), product.into(), Role::Makes);
        builder.add_firm_product(FirmProduct { firm, product, role, weight: None });
    }
    for (input, output) in [("wheel", "cart"), ("wheel", "car"), ("engine", "car")] {
        builder.add_product_input(ProductInput { input: input.into(), output: output.into(), weight: None });
    }
    let unsupplied = network(builder);
    assert_eq!(names(&unsupplied, default_anchors(&unsupplied, 20)), ["a", "b"]);
}

#[test]
fn empty_input_gives_an_empty_result() {
    let nothing = network(Dataset::builder());
    let matcher = Matcher::builder(&nothing).build().unwrap();
    assert!(default_anchors(&nothing, 20).is_empty());
    assert!(matcher.rank_all(Vec::<FirmIx>::new()).is_empty());
    let mut builder = Dataset::builder();
    builder.add_firm(Firm::new("alone"));
    let lonely = network(builder);
    let ranking = Matcher::builder(&lonely).build().unwrap().rank(id(&lonely, "alone"));
    assert!(ranking.recommendations.is_empty() && ranking.candidates == 0);
}

#[test]
fn matcher_and_network_are_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Matcher>();
    shared::<Ranking>();
    shared::<MatcherError>();
    shared::<Calibration>();
}

#[test]
fn a_factor_that_no_file_of_weights_can_name_is_refused() {
    let network = star(3);
    for name in ["", Weights::TRAINING] {
        let own = Told { name, sides: Sides::Both, values: vec![Value::Known(1.0)] };
        for weights in [Weights::default(), Weights::default().with(name, 1.0)] {
            let refused = Matcher::builder(&network).factor(own.clone()).weights(weights).build();
            assert!(matches!(refused, Err(MatcherError::FactorName(_))), "{name:?}");
        }
    }
}

#[test]
fn rankings_are_read_back_as_they_were_written() {
    let network = Network::build(&city(300, 5)).unwrap();
    let rankings = Matcher::builder(&network).build().unwrap().rank_all(default_anchors(&network, 10));
    assert!(rankings.iter().any(|ranking| !ranking.barred.is_empty()));
    let read: Vec<Ranking> = serde_json::from_str(&json(&rankings)).unwrap();
    assert_eq!(read, rankings);
}
