//! The structural kernels: by hand, and against plain enumeration and a direct solve.

mod plain;

use std::collections::BTreeMap;

use jiedui::dataset::Dataset;
use jiedui::model::{FirmIx, Supply};
use jiedui::network::Network;
use jiedui::structure::{
    Batch, Kernel, NodeWeight, PathWeights, PathWitness, Pattern, Reach, ReachError, ReachWalk, Relations,
    Scores, SharedPartners, ThreePaths, Walk,
};
use plain::Plain;
use proptest::prelude::*;

type Result<T = (), E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

/// A supplier, a buyer, the yearly value and the date of a row.
type Row = (&'static str, &'static str, f64, &'static str);

/// ```text
/// carworks ◄─── foundry ───► bogies ◄─── springs
///     ▲                        ▲
///     └──────── steel ─────────┘
///                 └──► rails ◄─── ballast          alone ───► other
/// ```
const DRAWN: [Row; 8] = [
    ("foundry", "carworks", 2.0, "2024-06"),
    ("steel", "carworks", 6.0, "2024-06"),
    ("steel", "bogies", 2.0, "2023-06"),
    ("foundry", "bogies", 2.0, "2024-06"),
    ("springs", "bogies", 2.0, "2024-06"),
    ("steel", "rails", 2.0, "2024-06"),
    ("ballast", "rails", 14.0, "2024-06"),
    ("alone", "other", 2.0, "2024-06"),
];

fn drawn() -> Result<Network> {
    let mut builder = Dataset::builder();
    for (supplier, buyer, value, date) in DRAWN {
        let date = Some(date.parse()?);
        builder.add_supply(&Supply { value: Some(value), date, ..Supply::new(supplier, buyer) });
    }
    Ok(Network::build(&builder.finish().0)?)
}

fn ix(network: &Network, id: &str) -> FirmIx {
    network.firm_ix(id).expect("drawn")
}

/// The scores that are not 0, by id.
fn named<'a>(network: &'a Network, scores: &Scores) -> BTreeMap<&'a str, f64> {
    let scored = network.firms().filter(|&firm| scores.get(firm) != 0.0);
    scored.map(|firm| (network.firm(firm).id.as_str(), scores.get(firm))).collect()
}

fn assert_close(found: &BTreeMap<&str, f64>, by_hand: &[(&str, f64)]) {
    assert_eq!(found.keys().collect::<Vec<_>>(), by_hand.iter().map(|(id, _)| id).collect::<Vec<_>>());
    for (id, value) in by_hand {
        assert!((found[id] - value).abs() < 1e-12, "{id}: {} by hand {value}", found[id]);
    }
}

fn paths_to_carworks(weights: PathWeights, by_hand: &[(&str, f64)]) -> Result {
    let network = drawn()?;
    let mut scores = Scores::default();
    ThreePaths::new(&network, weights).score(ix(&network, "carworks"), &mut scores);
    assert_close(&named(&network, &scores), by_hand);
    Ok(())
}

// The paths to carworks: by foundry and bogies from steel and springs, by steel and
// bogies from foundry and springs, by steel and rails from ballast. Degrees: steel 3,
// foundry 2, bogies 3, rails 2.

#[test]
fn three_paths_are_counted() -> Result {
    let by_hand = [("ballast", 1.0), ("foundry", 1.0), ("springs", 2.0), ("steel", 1.0)];
    paths_to_carworks(PathWeights::undecayed(NodeWeight::One), &by_hand)
}

#[test]
fn three_paths_are_normalised_by_the_inner_firms() -> Result {
    let normalised = |f: fn(f64) -> f64| {
        let (by_foundry, by_steel) = (f(2.0) * f(3.0), f(3.0) * f(3.0));
        let springs = by_foundry + by_steel;
        [("ballast", f(3.0) * f(2.0)), ("foundry", by_steel), ("springs", springs), ("steel", by_foundry)]
    };
    let undecayed = PathWeights::undecayed;
    paths_to_carworks(undecayed(NodeWeight::InverseRoot), &normalised(|degree| 1.0 / degree.sqrt()))?;
    paths_to_carworks(undecayed(NodeWeight::Inverse), &normalised(|degree| 1.0 / degree))?;
    paths_to_carworks(undecayed(NodeWeight::InverseLog), &normalised(|degree| 1.0 / degree.ln()))
}

#[test]
fn a_relation_of_last_year_counts_half() -> Result {
    // Only steel → bogies is old: W is 2.5 for both of them. Rails keeps 2, foundry 2.
    let by_foundry = 1.0 / (2.0_f64 * 2.5).sqrt();
    let by_steel = 0.5 / 2.5;
    let by_hand = [
        ("ballast", 1.0 / (2.5_f64 * 2.0).sqrt()),
        ("foundry", by_steel),
        ("springs", by_foundry + by_steel),
        ("steel", 0.5 * by_foundry),
    ];
    paths_to_carworks(PathWeights::default(), &by_hand)
}

#[test]
fn a_relation_may_count_by_its_value() -> Result {
    // The values are 0 (older than a year), 2 five times, 6 and 14: the median of those
    // above 0 is 2, so the weights are log₂ of 1, 2, 4 and 8.
    let mut weights = PathWeights::undecayed(NodeWeight::One);
    weights.relations.by_value = true;
    let by_hand = [("ballast", 2.0 * 1.0 * 3.0), ("springs", 1.0)];
    paths_to_carworks(weights, &by_hand)
}

#[test]
fn the_witness_of_equal_paths_has_the_smaller_ids() -> Result {
    let network = drawn()?;
    let firm = |id| ix(&network, id);
    let witness = |weights, id| {
        ThreePaths::new(&network, weights)
            .witness(firm("carworks"), firm(id))
            .map(|PathWitness { supplier, buyer, .. }| (supplier, buyer))
    };
    let counted = PathWeights::undecayed(NodeWeight::One);
    assert_eq!(witness(counted, "springs"), Some((firm("foundry"), firm("bogies"))));
    assert_eq!(witness(counted, "ballast"), Some((firm("steel"), firm("rails"))));
    assert_eq!(witness(counted, "alone"), None);

    let partners = SharedPartners::new(&network);
    assert_eq!(partners.witness(firm("steel"), firm("foundry")), Some(firm("carworks")));
    assert_eq!(partners.witness(firm("steel"), firm("alone")), None);
    Ok(())
}

#[test]
fn shared_partners_share_by_their_degree() -> Result {
    let network = drawn()?;
    let mut scores = Scores::default();
    SharedPartners::new(&network).score(ix(&network, "steel"), &mut scores);
    // Over carworks (2), bogies (3) and rails (2 partners).
    assert_close(
        &named(&network, &scores),
        &[("ballast", 1.0 / 2.0), ("foundry", 1.0 / 2.0 + 1.0 / 3.0), ("springs", 1.0 / 3.0)],
    );
    Ok(())
}

/// An exact walk that restarts with 0.15.
fn walk(walk: Walk) -> ReachWalk {
    let mut walk = ReachWalk::over(Relations::unweighted(walk));
    walk.tolerance = ReachWalk::MIN_TOLERANCE;
    walk
}

#[test]
fn a_walk_between_two_firms() -> Result {
    // p(alone) = r + (1 − r)·p(other) and p(other) = (1 − r)·p(alone), whichever way the
    // walk gets back to alone: over the edge, or because other is stuck.
    let network = drawn()?;
    let alone = 1.0 / (1.0 + 0.85);
    for direction in [Walk::Undirected, Walk::Downstream] {
        let mut scores = Scores::default();
        Reach::new(&network, walk(direction))?.score(ix(&network, "alone"), &mut scores);
        assert_close(&named(&network, &scores), &[("other", 0.85 * alone)]);
    }
    Ok(())
}

#[test]
fn an_upstream_walk_splits_between_the_suppliers() -> Result {
    let network = drawn()?;
    let mut scores = Scores::default();
    let reach = Reach::new(&network, walk(Walk::Upstream))?;
    reach.score(ix(&network, "bogies"), &mut scores);
    let bogies = 1.0 / (1.0 + 0.85);
    let third = 0.85 * bogies / 3.0;
    assert_close(&named(&network, &scores), &[("foundry", third), ("springs", third), ("steel", third)]);
    // Nobody supplies steel: the walk stays.
    reach.score(ix(&network, "steel"), &mut scores);
    assert_close(&named(&network, &scores), &[]);
    Ok(())
}

#[test]
fn a_walk_that_would_not_end_is_refused() -> Result {
    let network = drawn()?;
    let refused = |restart, tolerance| {
        let mut walk = ReachWalk::default();
        (walk.restart, walk.tolerance) = (restart, tolerance);
        Reach::new(&network, walk).expect_err("out of range")
    };
    for restart in [0.0, 1e-300, 1.0, f64::NAN] {
        assert!(matches!(refused(restart, 1e-9), ReachError::Restart(_)));
    }
    for tolerance in [0.0, -1.0, f64::NAN] {
        assert!(matches!(refused(0.15, tolerance), ReachError::Tolerance(_)));
    }
    Ok(())
}

#[test]
fn a_walk_ends_where_rounding_hides_the_tolerance() -> Result {
    let network = drawn()?;
    for direction in WALKS {
        let mut walk = walk(direction);
        (walk.tolerance, walk.restart) = (5e-324, ReachWalk::MIN_RESTART);
        let plain = Plain::new(&network, walk.relations);
        let mut scores = Scores::default();
        let reach = Reach::new(&network, walk)?;
        for anchor in network.firms() {
            reach.score(anchor, &mut scores);
            for (firm, share) in network.firms().zip(plain.reach(walk.restart, anchor)) {
                assert!((scores.get(firm) - share).abs() < 1e-12, "{direction:?}");
            }
        }
    }
    Ok(())
}

#[test]
fn extreme_values_and_ages_give_numbers() -> Result {
    let mut builder = Dataset::builder();
    let rows = [("s", "a", 5e-324), ("s", "v", 5e-324), ("t", "v", 5e-324), ("u", "v", 1e15)];
    for (supplier, buyer, value) in rows {
        let date = Some("1950-01".parse()?);
        builder.add_supply(&Supply { value: Some(value), date, ..Supply::new(supplier, buyer) });
    }
    // 4.4 months after the rows, so that with a half-life of 1/244 month w is subnormal.
    let dataset = builder.finish().0;
    for as_of in ["1950-01", "1950-05-12"] {
        let network = Network::build_as_of(&dataset, Some(as_of.parse()?))?;
        for half_life in [0.0041, f64::NAN, f64::INFINITY] {
            for walk in WALKS {
                let mut relations = Relations::decayed(walk, half_life);
                relations.by_value = true;
                let of_nodes = NODES.map(|node| ThreePaths::new(&network, PathWeights::new(relations, node)));
                let shared = SharedPartners::with_relations(&network, relations);
                let reach = Reach::new(&network, ReachWalk::over(relations))?;
                let kernels =
                    of_nodes.iter().map(|paths| paths as &dyn Kernel).chain([&shared as &dyn Kernel, &reach]);
                for kernel in kernels {
                    let mut scores = Scores::default();
                    kernel.score(ix(&network, "a"), &mut scores);
                    let is_score = |firm| scores.get(firm).is_finite() && scores.get(firm) >= 0.0;
                    assert!(network.firms().all(is_score), "{relations:?} as of {as_of}: {kernel:?}");
                }
            }
        }
    }
    Ok(())
}

const WALKS: [Walk; 3] = [Walk::Undirected, Walk::Upstream, Walk::Downstream];
const NODES: [NodeWeight; 4] =
    [NodeWeight::One, NodeWeight::InverseRoot, NodeWeight::Inverse, NodeWeight::InverseLog];

/// Dated rows among few enough firms that many trade both ways.
fn rows() -> impl Strategy<Value = Vec<Supply>> {
    let months = prop::sample::select(vec!["2021-03", "2023-07", "2023-11", "2024-02", "2024-06"]);
    let row = (0..9, 0..9, 1..2000u32, months).prop_filter_map(
        "no firm supplies itself",
        |(supplier, buyer, value, month)| {
            let name = |firm: i32| format!("firm {firm}");
            let (value, date) = (Some(f64::from(value)), month.parse().ok());
            (supplier != buyer).then(|| Supply { value, date, ..Supply::new(name(supplier), name(buyer)) })
        },
    );
    prop::collection::vec(row, 1..40)
}

fn network(rows: &[Supply]) -> Network {
    let mut builder = Dataset::builder();
    for row in rows {
        builder.add_supply(row);
    }
    Network::build(&builder.finish().0).expect("small")
}

fn relations() -> impl Strategy<Value = Relations> {
    let half_life = prop::sample::select(vec![3.0, PathWeights::HALF_LIFE, f64::INFINITY]);
    (prop::sample::select(WALKS.to_vec()), half_life, any::<bool>()).prop_map(
        |(walk, half_life, by_value)| {
            let mut relations = Relations::decayed(walk, half_life);
            relations.by_value = by_value;
            relations
        },
    )
}

fn path_weights() -> impl Strategy<Value = PathWeights> {
    (relations(), prop::sample::select(NODES.to_vec()))
        .prop_map(|(relations, node)| PathWeights::new(relations, node))
}

/// A kernel of each kind.
fn kernels(network: &Network, weights: PathWeights) -> [Box<dyn Kernel>; 3] {
    let walk = ReachWalk::over(weights.relations);
    [
        Box::new(ThreePaths::new(network, weights)),
        Box::new(SharedPartners::with_relations(network, weights.relations)),
        Box::new(Reach::new(network, walk).expect("in range")),
    ]
}

fn bits(network: &Network, scores: &Scores) -> Vec<u64> {
    network.firms().map(|firm| scores.get(firm).to_bits()).collect()
}

/// A larger network than proptest's: heavy tails both ways, some relations mutual.
fn heavy_tailed(firms: usize) -> Network {
    let mut state = 1799u64;
    let mut unit = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    let mut builder = Dataset::builder();
    for _ in 0..10 * firms {
        let mut firm = |skew| (firms as f64 * f64::powf(unit(), skew)) as usize;
        let (supplier, buyer) = (firm(2.0), firm(3.0));
        if supplier != buyer {
            let month = 1 + (unit() * 12.0) as i64;
            let date = jiedui::model::Date::month(2022 + (unit() * 3.0) as i64, month).ok();
            let name = |firm| format!("{firm:05}");
            let value = Some((unit() * 1e4).round());
            builder.add_supply(&Supply { date, value, ..Supply::new(name(supplier), name(buyer)) });
        }
    }
    Network::build(&builder.finish().0).expect("small")
}

/// Relative to the largest, which is what sums of that many terms can promise.
fn assert_near(network: &Network, scores: &Scores, plain: &[f64], what: &str) {
    let largest = plain.iter().fold(0.0f64, |a, &b| a.max(b));
    for firm in network.firms() {
        let (score, plain) = (scores.get(firm), plain[firm.index()]);
        assert!((score - plain).abs() <= 1e-13 * largest, "{what}: {score} or {plain}, firm {firm:?}");
    }
}

#[test]
fn the_pattern_is_the_leading_eigenvector() {
    let network = heavy_tailed(80);
    // With values nearly the same strength can stand in several corners, and the iteration stops
    // at a mixture of them; by age alone there is one.
    for walk in WALKS {
        let weights = PathWeights::new(Relations::decayed(walk, 7.0), NodeWeight::InverseRoot);
        let by_squaring = Plain::new(&network, weights.relations).common(weights);
        let largest = by_squaring.iter().flatten().fold(0.0f64, |a, &b| a.max(b));
        assert!(largest > 0.0);
        let pattern = Pattern::of(&ThreePaths::new(&network, weights));
        for (anchor, row) in network.firms().zip(&by_squaring) {
            for (firm, by_squaring) in network.firms().zip(row) {
                let common = pattern.common(anchor, firm);
                assert!((common - by_squaring).abs() <= 1e-4 * largest, "{common} or {by_squaring}");
            }
        }
    }
}

#[test]
fn nothing_has_no_pattern() {
    let mut builder = Dataset::builder();
    builder.add_firm(jiedui::model::Firm::new("alone"));
    let network = Network::build(&builder.finish().0).expect("small");
    let pattern = Pattern::of(&ThreePaths::new(&network, PathWeights::default()));
    assert_eq!(pattern.common(FirmIx::new(0), FirmIx::new(0)), 0.0);
}

#[test]
fn the_kernels_are_the_plain_ones_on_heavy_tails() {
    let network = heavy_tailed(600);
    let anchors = [0, 1, 10, 100, 599].map(FirmIx::new);
    for walk in WALKS {
        for relations in [Relations::unweighted(walk), {
            let mut relations = Relations::decayed(walk, 7.0);
            relations.by_value = true;
            relations
        }] {
            let plain = Plain::new(&network, relations);
            let weights = PathWeights::new(relations, NodeWeight::InverseRoot);
            let [paths, shared, reach] = kernels(&network, weights);
            let mut scores = Scores::default();
            for anchor in anchors {
                let what = format!("{relations:?}, {anchor:?}");
                paths.score(anchor, &mut scores);
                assert_near(&network, &scores, &plain.three_paths(weights, anchor), &what);
                shared.score(anchor, &mut scores);
                assert_near(&network, &scores, &plain.shared_partners(anchor), &what);
                reach.score(anchor, &mut scores);
                let exact = plain.reach(ReachWalk::RESTART, anchor);
                let error: f64 =
                    network.firms().map(|firm| (scores.get(firm) - exact[firm.index()]).abs()).sum();
                assert!(error <= ReachWalk::TOLERANCE, "{what}: {error}");
            }
        }
    }
}

/// What the best of a column are, by sorting all of it.
fn sorted(
    network: &Network,
    scores: &Scores,
    most: usize,
    wanted: impl Fn(FirmIx) -> bool,
) -> Vec<(FirmIx, f64)> {
    let mut all: Vec<(FirmIx, f64)> = network.firms().map(|firm| (firm, scores.get(firm))).collect();
    all.retain(|&(firm, score)| score > 0.0 && wanted(firm));
    all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    all.truncate(most);
    all
}

fn in_threads<T: Send>(threads: usize, run: impl FnOnce() -> T + Send) -> Result<T> {
    Ok(rayon::ThreadPoolBuilder::new().num_threads(threads).build()?.install(run))
}

#[test]
fn many_anchors_together_have_the_bits_of_each_alone() -> Result {
    let network = heavy_tailed(2_000);
    let anchors: Vec<FirmIx> = network.firms().step_by(3).collect();
    for weights in [PathWeights::default(), PathWeights::new(Relations::default(), NodeWeight::Inverse)] {
        for (kernel, anchors) in
            kernels(&network, weights).iter().zip([&anchors[..], &anchors, &anchors[..21]])
        {
            let is_new = |anchor: FirmIx, firm: FirmIx| network.trade(firm, anchor).is_none();
            let mut scores = Scores::default();
            let alone: Vec<_> = anchors
                .iter()
                .map(|&anchor| {
                    kernel.score(anchor, &mut scores);
                    sorted(&network, &scores, 20, |firm| is_new(anchor, firm))
                })
                .collect();
            for (&anchor, alone) in anchors.iter().zip(&alone) {
                assert_eq!(&kernel.best_of(anchor, 20, &|firm| is_new(anchor, firm), &mut scores), alone);
            }
            // All scores of some anchors together, too.
            for (&anchor, each) in anchors.iter().zip(kernel.score_each(&anchors[..19])) {
                kernel.score(anchor, &mut scores);
                assert!(network.firms().all(|firm| each.get(firm).to_bits() == scores.get(firm).to_bits()));
            }
            let batch = Batch::new(20).wanted(&is_new);
            for threads in [1, 2, 8] {
                assert_eq!(
                    in_threads(threads, || kernel.best(anchors, &batch))??,
                    alone,
                    "{threads} threads"
                );
            }
            // So little that no block and no second thread fits.
            let needed = kernel.best(anchors, &batch.memory(1)).expect_err("one byte").needed;
            assert_eq!(kernel.best(anchors, &batch.memory(needed))?, alone);
            assert!(kernel.best(anchors, &batch.memory(needed - 1)).is_err());
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn the_kernels_are_the_plain_ones(rows in rows(), weights in path_weights(), restart in 0.05..0.95) {
        let network = network(&rows);
        let plain = Plain::new(&network, weights.relations);
        let [paths, shared, _] = kernels(&network, weights);
        let mut walk = ReachWalk::over(weights.relations);
        (walk.restart, walk.tolerance) = (restart, 1e-6);
        let reach = Reach::new(&network, walk).expect("in range");
        let mut scores = Scores::default();
        for anchor in network.firms() {
            for (kernel, plain) in
                [(&paths, plain.three_paths(weights, anchor)), (&shared, plain.shared_partners(anchor))]
            {
                kernel.score(anchor, &mut scores);
                for firm in network.firms() {
                    let (score, plain) = (scores.get(firm), plain[firm.index()]);
                    prop_assert!((score - plain).abs() <= 1e-12 * plain.max(1.0), "{} or {}", score, plain);
                    prop_assert_eq!(score == 0.0, plain == 0.0, "{} or {}", score, plain);
                }
                prop_assert_eq!(scores.get(anchor), 0.0);
                let mut positive = scores.positive();
                positive.sort_by_key(|&(firm, _)| firm);
                let expected: Vec<_> =
                    network.firms().map(|firm| (firm, scores.get(firm))).filter(|of| of.1 > 0.0).collect();
                prop_assert_eq!(positive, expected);
            }
            reach.score(anchor, &mut scores);
            let exact = plain.reach(restart, anchor);
            let error: f64 =
                network.firms().map(|firm| (scores.get(firm) - exact[firm.index()]).abs()).sum();
            prop_assert!(error <= walk.tolerance + 1e-14, "{}", error);
        }
    }

    #[test]
    fn the_best_are_the_first_of_all(rows in rows(), weights in path_weights(), most in 0..12usize) {
        let network = network(&rows);
        for kernel in kernels(&network, weights) {
            let anchors: Vec<FirmIx> = network.firms().collect();
            let ranked = kernel.best(&anchors, &Batch::new(most)).expect("memory");
            let mut scores = Scores::default();
            for (anchor, ranked) in anchors.into_iter().zip(ranked) {
                kernel.score(anchor, &mut scores);
                let expected = sorted(&network, &scores, most, |_| true);
                prop_assert_eq!(scores.best(most, |_| true), expected.clone());
                prop_assert_eq!(ranked, expected);
            }
        }
    }

    #[test]
    fn the_witness_is_the_largest_path(rows in rows(), weights in path_weights()) {
        let network = network(&rows);
        let paths = ThreePaths::new(&network, weights);
        let plain = Plain::new(&network, weights.relations);
        for anchor in network.firms() {
            let all = plain.paths(weights, anchor);
            for candidate in network.firms().filter(|&candidate| candidate != anchor) {
                let witness = paths.witness(anchor, candidate);
                let of_candidate = all.iter().filter(|path| path.0 == candidate);
                let largest = of_candidate.clone().map(|path| path.3).fold(0.0, f64::max);
                prop_assert_eq!(witness.is_some(), largest > 0.0);
                let Some(PathWitness { supplier, buyer, share, .. }) = witness else { continue };
                prop_assert!((share - largest).abs() <= 1e-12 * largest);
                // No path of a clearly smaller pair of ids is as large.
                let same = of_candidate.clone().find(|path| (path.1, path.2) == (supplier, buyer));
                prop_assert!(same.is_some_and(|path| (path.3 - share).abs() <= 1e-12 * share));
            }
        }
    }

    #[test]
    fn the_shared_partner_is_the_one_that_counts_most(rows in rows()) {
        let network = network(&rows);
        let kernel = SharedPartners::new(&network);
        let trades = |a, b| network.trade(a, b).is_some() || network.trade(b, a).is_some();
        let degree = |firm| network.firms().filter(|&other| trades(firm, other)).count();
        for anchor in network.firms() {
            for candidate in network.firms().filter(|&candidate| candidate != anchor) {
                let shared = network.firms().filter(|&z| trades(anchor, z) && trades(candidate, z));
                let witness = shared.min_by_key(|&z| (degree(z), z));
                prop_assert_eq!(kernel.witness(anchor, candidate), witness);
            }
        }
    }

    #[test]
    fn reused_scores_have_the_bits_of_fresh_ones(
        first in rows(),
        second in rows(),
        weights in path_weights(),
    ) {
        let mut scores = Scores::default();
        for rows in [&first, &second, &first] {
            let network = network(rows);
            for kernel in kernels(&network, weights) {
                for anchor in network.firms() {
                    let mut new = Scores::default();
                    kernel.score(anchor, &mut scores);
                    kernel.score(anchor, &mut new);
                    prop_assert_eq!(bits(&network, &scores), bits(&network, &new));
                    prop_assert_eq!(scores.positive(), new.positive());
                }
            }
        }
    }

    #[test]
    fn the_order_of_the_rows_changes_no_bit(
        (rows, shuffled) in rows().prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
        weights in path_weights(),
    ) {
        let column = |network: &Network, anchor| {
            kernels(network, weights).map(|kernel| {
                let mut scores = Scores::default();
                kernel.score(anchor, &mut scores);
                bits(network, &scores)
            })
        };
        let (network, other) = (network(&rows), network(&shuffled));
        for anchor in network.firms() {
            prop_assert_eq!(column(&network, anchor), column(&other, anchor));
        }
    }
}
