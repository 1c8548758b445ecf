//! Plans for the bundled sample: a city of 4,955 units and 46 anchors.

#![cfg(feature = "csv")]

use jiedui::dataset::{Mode, Reader};
use jiedui::matcher::{Filter, Matcher, Ranking, default_anchors};
use jiedui::model::Side;
use jiedui::network::Network;
use jiedui::plan::*;

fn sample() -> (Network, Vec<Ranking>) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/zhuzhou");
    let (dataset, _) = Reader::new().mode(Mode::Lenient).read(path).unwrap();
    let network = Network::build(&dataset).unwrap();
    let mut filter = Filter::default();
    filter.exclude_existing = true;
    let matcher = Matcher::builder(&network).filter(filter).top(40).build().unwrap();
    let rankings = matcher.rank_all(default_anchors(&network, 20));
    (network, rankings)
}

/// As many as the city reports: 233 pairings.
fn city() -> Constraints {
    let (network, _) = sample();
    let mut constraints = Constraints::default();
    constraints.anchor_most = 8;
    let firms = default_anchors(&network, 20).iter().map(|&firm| network.firm(firm).id.clone()).collect();
    constraints.groups =
        vec![Group { name: "city".into(), side: Side::Anchor, firms, least: 233, most: Some(233) }];
    constraints
}

fn problem(constraints: &Constraints) -> Problem {
    let (network, rankings) = sample();
    let levels = constraints.levels.clone();
    Problem::builder().rankings(&network, &rankings, &levels).build(constraints).unwrap()
}

#[test]
fn a_refusal_in_a_plan_of_233_changes_a_handful() {
    let problem = problem(&city());
    let plan = Optimal.plan(&problem);
    assert_eq!((plan.status.clone(), plan.pairings.len()), (Status::Optimal, 233));
    verify(&problem, &plan).unwrap();
    let tolerance = 0.01;
    for number in [0, 57, 116, 180, 232] {
        let lost = &plan.pairings[number];
        let now =
            problem.after(&[Event::Refusal { anchor: lost.anchor.clone(), supplier: lost.supplier.clone() }]);
        let again = replan(&now, &plan, tolerance);
        verify(&now, &again.plan).unwrap();
        assert_eq!(again.plan.pairings.len(), 233);
        assert!(again.plan.objective >= again.optimum - tolerance);
        assert!(
            again.changes() <= 5,
            "{number}: {} dropped, {} added",
            again.dropped.len(),
            again.added.len()
        );
    }
}

/// Candidates of a plan are exactly the pairs in rankings.
#[test]
fn candidates_are_the_pairs_in_rankings() {
    let (_, rankings) = sample();
    let problem = problem(&Constraints::default());
    let pairs: usize = rankings.iter().map(|ranking| ranking.recommendations.len()).sum();
    assert_eq!((problem.n_anchors(), problem.n_candidates()), (rankings.len(), pairs));
    let plan = Optimal.plan(&problem);
    for one in &plan.pairings {
        let ranking = rankings.iter().find(|ranking| ranking.anchor == one.anchor).unwrap();
        let found = ranking.recommendations.iter().find(|found| found.supplier == one.supplier).unwrap();
        assert_eq!(found.score, one.score);
    }
}

#[test]
fn plans_are_the_same_on_any_number_of_threads() {
    let plan = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| serde_json::to_string(&Optimal.plan(&problem(&city()))).unwrap())
    };
    let one = plan(1);
    assert!([2, 5].into_iter().all(|threads| plan(threads) == one));
}
