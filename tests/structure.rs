//! The structural kernels: by hand, and against plain enumeration and a direct solve.

use std::collections::BTreeMap;

use jiedui::dataset::Dataset;
use jiedui::model::{FirmIx, Supply};
use jiedui::network::Network;
use jiedui::structure::{
    NodeWeight, PathWeights, PathWitness, Reach, ReachError, Scores, SharedPartners, ThreePaths, Walk,
};
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
    let (mut halves, mut scores) = (Scores::default(), Scores::default());
    ThreePaths::new(&network, weights).score(&network, ix(&network, "carworks"), &mut halves, &mut scores);
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
    weights.by_value = true;
    let by_hand = [("ballast", 2.0 * 1.0 * 3.0), ("springs", 1.0)];
    paths_to_carworks(weights, &by_hand)
}

#[test]
fn the_witness_of_equal_paths_has_the_smaller_ids() -> Result {
    let network = drawn()?;
    let firm = |id| ix(&network, id);
    let witness = |weights, id| {
        ThreePaths::new(&network, weights)
            .witness(&network, firm("carworks"), firm(id))
            .map(|PathWitness { supplier, buyer, .. }| (supplier, buyer))
    };
    let counted = PathWeights::undecayed(NodeWeight::One);
    assert_eq!(witness(counted, "springs"), Some((firm("foundry"), firm("bogies"))));
    assert_eq!(witness(counted, "ballast"), Some((firm("steel"), firm("rails"))));
    assert_eq!(witness(counted, "alone"), None);

    let partners = SharedPartners::new(&network);
    assert_eq!(partners.witness(&network, firm("steel"), firm("foundry")), Some(firm("carworks")));
    assert_eq!(partners.witness(&network, firm("steel"), firm("alone")), None);
    Ok(())
}

#[test]
fn shared_partners_share_by_their_degree() -> Result {
    let network = drawn()?;
    let mut scores = Scores::default();
    SharedPartners::new(&network).score(&network, ix(&network, "steel"), &mut scores);
    // Over carworks (2), bogies (3) and rails (2 partners).
    assert_close(
        &named(&network, &scores),
        &[("ballast", 1.0 / 2.0), ("foundry", 1.0 / 2.0 + 1.0 / 3.0), ("springs", 1.0 / 3.0)],
    );
    Ok(())
}

#[test]
fn a_walk_between_two_firms() -> Result {
    // p(alone) = r + (1 − r)·p(other) and p(other) = (1 − r)·p(alone), whichever way the
    // walk gets back to alone: over the edge, or because other is stuck.
    let network = drawn()?;
    let alone = 1.0 / (1.0 + 0.85);
    for walk in [Walk::Undirected, Walk::Downstream] {
        let mut scores = Scores::default();
        let reach = Reach::new(walk, 0.15, 1e-14)?;
        reach.score(&network, ix(&network, "alone"), &mut scores);
        assert_close(&named(&network, &scores), &[("alone", alone), ("other", 0.85 * alone)]);
    }
    Ok(())
}

#[test]
fn an_upstream_walk_splits_between_the_suppliers() -> Result {
    let network = drawn()?;
    let mut scores = Scores::default();
    Reach::new(Walk::Upstream, 0.15, 1e-14)?.score(&network, ix(&network, "bogies"), &mut scores);
    let bogies = 1.0 / (1.0 + 0.85);
    let third = 0.85 * bogies / 3.0;
    assert_close(
        &named(&network, &scores),
        &[("bogies", bogies), ("foundry", third), ("springs", third), ("steel", third)],
    );
    // Nobody supplies steel: the walk stays.
    Reach::new(Walk::Upstream, 0.15, 1e-14)?.score(&network, ix(&network, "steel"), &mut scores);
    assert_close(&named(&network, &scores), &[("steel", 1.0)]);
    Ok(())
}

#[test]
fn a_walk_that_would_not_end_is_refused() {
    for restart in [0.0, 1e-300, 1.0, f64::NAN] {
        assert!(matches!(Reach::new(Walk::Undirected, restart, 1e-9), Err(ReachError::Restart(_))));
    }
    for tolerance in [0.0, -1.0, f64::NAN] {
        assert!(matches!(Reach::new(Walk::Undirected, 0.15, tolerance), Err(ReachError::Tolerance(_))));
    }
}

#[test]
fn a_walk_ends_where_rounding_hides_the_tolerance() -> Result {
    let network = drawn()?;
    let mut scores = Scores::default();
    Reach::new(Walk::Undirected, 0.15, 5e-324)?.score(&network, FirmIx::new(0), &mut scores);
    let sum: f64 = network.firms().map(|firm| scores.get(firm)).sum();
    assert!((sum - 1.0).abs() < 1e-12);
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
        for node in NODES {
            for half_life in [0.0041, f64::NAN, f64::INFINITY] {
                let mut weights = PathWeights::undecayed(node);
                (weights.by_value, weights.half_life) = (true, half_life);
                let (mut halves, mut scores) = (Scores::default(), Scores::default());
                let paths = ThreePaths::new(&network, weights);
                paths.score(&network, ix(&network, "a"), &mut halves, &mut scores);
                assert!(
                    network.firms().all(|firm| scores.get(firm).is_finite()),
                    "{weights:?} as of {as_of}"
                );
            }
        }
    }
    Ok(())
}

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

fn path_weights() -> impl Strategy<Value = PathWeights> {
    let half_life = prop::sample::select(vec![3.0, PathWeights::HALF_LIFE, f64::INFINITY]);
    (prop::sample::select(NODES.to_vec()), half_life, any::<bool>()).prop_map(
        |(node, half_life, by_value)| {
            let mut weights = PathWeights::undecayed(node);
            (weights.half_life, weights.by_value) = (half_life, by_value);
            weights
        },
    )
}

/// The documented formula over every triple of firms: the share of each path by
/// candidate, then by supplier and buyer.
fn enumerated(network: &Network, weights: PathWeights, anchor: FirmIx) -> BTreeMap<FirmIx, Vec<PathWitness>> {
    let mut values: Vec<f64> =
        network.all_links().filter_map(|link| link.trade().value()).filter(|&value| value > 0.0).collect();
    values.sort_by(f64::total_cmp);
    let median = values.get(values.len() / 2).copied().unwrap_or(1.0);
    let w = |buyer: FirmIx, supplier: FirmIx| -> Option<f64> {
        let trade = network.trade(supplier, buyer)?;
        let age = trade.last()?.months_until(network.as_of()?);
        let worth = if weights.by_value { libm::log2(1.0 + trade.value()? / median) } else { 1.0 };
        Some(libm::exp2(-age / weights.half_life) * worth)
    };
    let f = |firm: FirmIx| {
        let upstream: f64 = network.firms().filter_map(|other| w(firm, other)).sum();
        let downstream: f64 = network.firms().filter_map(|other| w(other, firm)).sum();
        let total = upstream + downstream;
        match weights.node {
            _ if total == 0.0 => 0.0,
            NodeWeight::InverseRoot => 1.0 / total.sqrt(),
            NodeWeight::Inverse => 1.0 / total,
            NodeWeight::InverseLog => 1.0 / libm::log(total.max(2.0)),
            _ => 1.0,
        }
    };
    let mut paths: BTreeMap<FirmIx, Vec<PathWitness>> = BTreeMap::new();
    for candidate in network.firms() {
        for supplier in network.firms() {
            for buyer in network.firms() {
                let distinct = candidate != anchor
                    && supplier != candidate
                    && buyer != anchor
                    && supplier != buyer
                    && candidate != buyer
                    && supplier != anchor;
                let edges = (w(anchor, supplier), w(buyer, supplier), w(buyer, candidate));
                if let (true, (Some(first), Some(second), Some(third))) = (distinct, edges) {
                    let share = first * second * third * f(supplier) * f(buyer);
                    paths.entry(candidate).or_default().push(PathWitness { supplier, buyer, share });
                }
            }
        }
    }
    paths
}

fn bits(network: &Network, scores: &Scores) -> Vec<u64> {
    network.firms().map(|firm| scores.get(firm).to_bits()).collect()
}

/// Solves p = r·e(anchor) + (1 − r)·Pᵀp by elimination, `steps` giving the neighbours.
fn solved(n: usize, restart: f64, anchor: usize, steps: impl Fn(usize) -> Vec<usize>) -> Vec<f64> {
    // Row i: p(i) − (1 − r)·Σ over the firms that step to i = r where i is the anchor.
    let mut system = vec![vec![0.0; n + 1]; n];
    for (from, mut to) in (0..n).map(steps).enumerate() {
        system[from][from] += 1.0;
        if to.is_empty() {
            to.push(anchor);
        }
        for &firm in &to {
            system[firm][from] -= (1.0 - restart) / to.len() as f64;
        }
    }
    system[anchor][n] = restart;
    // Columns are diagonally dominant, so no pivot is needed.
    for pivot in 0..n {
        let row = system[pivot].clone();
        for (other, target) in system.iter_mut().enumerate() {
            let factor = target[pivot] / row[pivot];
            if other != pivot {
                target.iter_mut().zip(&row).for_each(|(cell, pivot)| *cell -= factor * pivot);
            }
        }
    }
    (0..n).map(|firm| system[firm][n] / system[firm][firm]).collect()
}

proptest! {
    #[test]
    fn three_paths_are_those_of_enumeration(rows in rows(), weights in path_weights()) {
        let network = network(&rows);
        let paths = ThreePaths::new(&network, weights);
        let (mut halves, mut scores) = (Scores::default(), Scores::default());
        for anchor in network.firms() {
            paths.score(&network, anchor, &mut halves, &mut scores);
            let enumerated = enumerated(&network, weights, anchor);
            for candidate in network.firms() {
                let expected: f64 =
                    enumerated.get(&candidate).into_iter().flatten().map(|path| path.share).sum();
                let score = scores.get(candidate);
                prop_assert!((score - expected).abs() <= 1e-12 * expected.max(1.0), "{} or {}", score, expected);
                prop_assert_eq!(score == 0.0, expected == 0.0, "{} or {}", score, expected);
            }
            prop_assert_eq!(scores.get(anchor), 0.0);
            prop_assert!(scores.touched().is_sorted());
        }
    }

    #[test]
    fn the_witness_is_the_largest_path(rows in rows(), weights in path_weights()) {
        let network = network(&rows);
        let paths = ThreePaths::new(&network, weights);
        for anchor in network.firms() {
            let enumerated = enumerated(&network, weights, anchor);
            for candidate in network.firms().filter(|&candidate| candidate != anchor) {
                let by_rank = |a: &&PathWitness, b: &&PathWitness| {
                    b.share.total_cmp(&a.share).then((a.supplier, a.buyer).cmp(&(b.supplier, b.buyer)))
                };
                let best = enumerated.get(&candidate).and_then(|paths| paths.iter().min_by(by_rank));
                prop_assert_eq!(paths.witness(&network, anchor, candidate), best.copied());
            }
        }
    }

    #[test]
    fn shared_partners_are_those_of_enumeration(rows in rows()) {
        let network = network(&rows);
        let kernel = SharedPartners::new(&network);
        let trades = |a, b| network.trade(a, b).is_some() || network.trade(b, a).is_some();
        let degree = |firm| network.firms().filter(|&other| trades(firm, other)).count();
        let mut scores = Scores::default();
        for anchor in network.firms() {
            kernel.score(&network, anchor, &mut scores);
            prop_assert_eq!(scores.get(anchor), 0.0);
            for candidate in network.firms().filter(|&candidate| candidate != anchor) {
                let shared: Vec<FirmIx> =
                    network.firms().filter(|&z| trades(anchor, z) && trades(candidate, z)).collect();
                let expected: f64 = shared.iter().map(|&z| 1.0 / degree(z) as f64).sum();
                prop_assert!((scores.get(candidate) - expected).abs() < 1e-12);
                let witness = shared.iter().copied().min_by_key(|&z| (degree(z), z));
                prop_assert_eq!(kernel.witness(&network, anchor, candidate), witness);
            }
        }
    }

    #[test]
    fn reach_is_within_its_bound_of_a_direct_solve(
        rows in rows(),
        restart in 0.05..0.95,
        walk in prop::sample::select(vec![Walk::Undirected, Walk::Upstream, Walk::Downstream]),
    ) {
        let network = network(&rows);
        let tolerance = 1e-6;
        let reach = Reach::new(walk, restart, tolerance).expect("in range");
        let mut scores = Scores::default();
        for anchor in network.firms() {
            reach.score(&network, anchor, &mut scores);
            let exact = solved(network.n_firms(), restart, anchor.index(), |firm| {
                let firm = FirmIx::new(firm);
                let steps = |to: &FirmIx| {
                    let (up, down) = (network.trade(*to, firm).is_some(), network.trade(firm, *to).is_some());
                    match walk {
                        Walk::Undirected => up || down,
                        Walk::Upstream => up,
                        Walk::Downstream => down,
                    }
                };
                network.firms().filter(steps).map(FirmIx::index).collect()
            });
            let error: f64 =
                network.firms().map(|firm| (scores.get(firm) - exact[firm.index()]).abs()).sum();
            let bound = tolerance * (1.0 - restart) / restart;
            prop_assert!(error < bound + 1e-14, "{} not below {}", error, bound);
        }
    }

    #[test]
    fn reused_scores_have_the_bits_of_fresh_ones(first in rows(), second in rows()) {
        let (mut halves, mut scores) = (Scores::default(), Scores::default());
        for rows in [&first, &second, &first] {
            let network = network(rows);
            let paths = ThreePaths::new(&network, PathWeights::default());
            let partners = SharedPartners::new(&network);
            for anchor in network.firms() {
                let (mut new_halves, mut new) = (Scores::default(), Scores::default());
                paths.score(&network, anchor, &mut halves, &mut scores);
                paths.score(&network, anchor, &mut new_halves, &mut new);
                prop_assert_eq!(bits(&network, &scores), bits(&network, &new));
                prop_assert_eq!(scores.touched(), new.touched());

                partners.score(&network, anchor, &mut scores);
                partners.score(&network, anchor, &mut new);
                prop_assert_eq!(bits(&network, &scores), bits(&network, &new));

                Reach::default().score(&network, anchor, &mut scores);
                Reach::default().score(&network, anchor, &mut new);
                prop_assert_eq!(bits(&network, &scores), bits(&network, &new));
            }
        }
    }

    #[test]
    fn the_order_of_the_rows_changes_no_bit(
        (rows, shuffled) in rows().prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
        weights in path_weights(),
    ) {
        let column = |network: &Network, anchor| {
            let (mut halves, mut paths) = (Scores::default(), Scores::default());
            ThreePaths::new(network, weights).score(network, anchor, &mut halves, &mut paths);
            let (mut partners, mut reach) = (Scores::default(), Scores::default());
            SharedPartners::new(network).score(network, anchor, &mut partners);
            Reach::default().score(network, anchor, &mut reach);
            [paths, partners, reach].map(|scores| bits(network, &scores))
        };
        let (network, other) = (network(&rows), network(&shuffled));
        for anchor in network.firms() {
            prop_assert_eq!(column(&network, anchor), column(&other, anchor));
        }
    }
}
