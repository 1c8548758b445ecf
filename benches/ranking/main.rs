//! What it costs to calibrate, to fill a column, to score a pair and to rank a city.
//!
//! `cargo bench --bench ranking`; with `JIEDUI_COUNTRY=1` also a million firms.

#[path = "../common/city.rs"]
mod city;
#[path = "../limit/clock.rs"]
mod clock;
#[path = "../common/mod.rs"]
mod common;
mod hubs;
mod reference;
#[path = "../limit/region.rs"]
#[expect(dead_code, reason = "only its edges are asked for here")]
mod region;

use std::hint::black_box;

use clock::{least, least_wall};
use common::{Size, seconds};
use criterion::{BenchmarkId, Criterion, Throughput};
use jiedui::evaluate::{HoldOut, Metric, Protocol, Split};
use jiedui::factor::{Calibration, Column, Factor, Query, Sides, Value, built_in};
use jiedui::matcher::{Matcher, Source, Sources, Weights, anchors_by_in_degree, default_anchors};
use jiedui::model::FirmIx;
use jiedui::network::Network;
use jiedui::structure::{Kernel, PathWeights, Reach, ReachWalk, Scores, SharedPartners, ThreePaths};
use reference::Values;

/// Anchors of a batch.
const ANCHORS: usize = 16;
/// Pairs that the reference loop takes at a time, as the matcher does.
const BLOCK: usize = 512;

/// The sources that give no more candidates in a larger region.
const WITHOUT_CHAINS: [Source; 6] = [
    Source::Suppliers,
    Source::SecondTier,
    Source::Customers,
    Source::ThreePaths,
    Source::Products,
    Source::Neighbourhood,
];
/// The most marked anchors that are ranked together.
const MOST_MARKED: usize = 200;

/// Of so many firms with the most suppliers, as in `limit`, the whole ranking is measured; in a country
/// of every so many of them.
const BUSIEST: usize = 1_000;
const EVERY: usize = 5;

/// How many anchors are evaluated.
const EVALUATED: usize = 1_000;

/// Costs nothing: what a matcher with it alone takes is what every matcher takes.
#[derive(Debug)]
struct Nothing;

impl Factor for Nothing {
    fn name(&self) -> &'static str {
        "nothing"
    }

    fn sides(&self) -> Sides {
        Sides::Both
    }

    fn fill(&self, _: &mut Query<'_>, column: &mut Column) {
        column.fill(Value::Known(0.5));
    }
}

/// A network, and what is asked of it.
struct Region {
    network: Network,
    /// Marked anchors; in a large region every so many of them.
    marked: Vec<FirmIx>,
    /// Some of them, each with the members of its chains.
    batch: Vec<(FirmIx, Vec<FirmIx>)>,
}

impl Region {
    fn new(firms: usize) -> Self {
        let network = Network::build(&city::city(firms)).expect("a small region");
        let marked = default_anchors(&network, ANCHORS);
        let chain = |anchor: FirmIx| (anchor, members(&network, anchor));
        let batch = (0..ANCHORS).map(|number| chain(marked[number * marked.len() / ANCHORS])).collect();
        let marked = marked.iter().copied().step_by(marked.len().div_ceil(MOST_MARKED)).collect();
        Self { network, marked, batch }
    }

    fn matcher(&self, weights: Weights, calibration: &Calibration, top: usize) -> Matcher {
        let builder = Matcher::builder(&self.network).factor(Nothing).weights(weights).top(top);
        builder.calibration(calibration.clone()).build().expect("valid options")
    }
}

fn main() {
    let mut criterion = common::criterion();
    for size in common::sizes() {
        measure(&mut criterion, size);
    }
    growth(if common::sizes().len() > 1 { &[5_000, 20_000, 100_000] } else { &[1_000, 5_000] });
    criterion.final_summary();
}

fn measure(criterion: &mut Criterion, size: Size) {
    let region = Region::new(size.firms());
    let (network, batch) = (&region.network, &region.batch);
    println!(
        "{}: {} firms, {} edges, {} marked anchors, {} threads",
        size.name(),
        network.n_firms(),
        network.n_edges(),
        region.marked.len(),
        rayon::current_num_threads(),
    );
    let calibration = calibrate(network);
    // A walk over a country takes seconds an anchor: that of reach is left out there.
    let asks_reach = !matches!(size, Size::Country);
    kernels(&region, asks_reach);
    factors(&region, &calibration, asks_reach);

    let reference = reference(&region);
    if let Size::City = size {
        every_firm(&region, &calibration, reference);
    }
    let default = Weights::default();
    let with_reach = default.clone().with("reach", 1.0);
    let all = [("default", &default), ("with reach", &with_reach)];
    for (what, weights) in all.into_iter().take(if asks_reach { 2 } else { 1 }) {
        let matcher = region.matcher(weights.clone(), &calibration, Matcher::TOP);
        let rank = || {
            let ranked = batch.iter().map(|(anchor, chain)| matcher.rank_among(*anchor, chain).candidates);
            ranked.sum::<usize>()
        };
        let pairs = rank();
        let pair = cpu_seconds(rank) / pairs as f64;
        println!(
            "  score {pairs} pairs of {ANCHORS} anchors, {what}: {:.2} M pairs/s a core, {:.1} of the reference loop's time ({:.0} M pairs/s)",
            1e-6 / pair,
            pair / reference,
            1e-6 / reference,
        );
    }
    let anchors: Vec<FirmIx> = batch.iter().map(|&(anchor, _)| anchor).collect();
    everything(network, &anchors, &calibration);
    busiest(size);
    if !matches!(size, Size::Country) {
        evaluating(size.firms());
    }
    let matcher = region.matcher(default, &calibration, Matcher::TOP);
    let rank_all = || matcher.rank_all(region.marked.iter().copied());
    let pairs: usize = rank_all().iter().map(|ranking| ranking.candidates).sum();
    let all = wall_seconds(rank_all);
    println!(
        "  rank all {} anchors among {pairs} candidates from every source: {:.3} s, {:.2} M pairs/s a core",
        region.marked.len(),
        all,
        pairs as f64 / all / rayon::current_num_threads() as f64 / 1e6,
    );

    let mut group = criterion.benchmark_group("ranking");
    group.bench_function(BenchmarkId::new("calibrate", size.name()), |bencher| {
        bencher.iter(|| Calibration::of(network, &default_factors(network)));
    });
    let in_chains: usize = batch.iter().map(|(_, chain)| chain.len()).sum();
    group.throughput(Throughput::Elements(in_chains as u64));
    group.bench_function(BenchmarkId::new("score", size.name()), |bencher| {
        bencher.iter(|| {
            for (anchor, chain) in batch {
                black_box(matcher.rank_among(*anchor, chain));
            }
        });
    });
    group.throughput(Throughput::Elements(pairs as u64));
    group.bench_function(BenchmarkId::new("rank all", size.name()), |bencher| bencher.iter(rank_all));
    group.finish();
}

/// CPU time of what runs on one thread, seconds.
fn cpu_seconds<T>(mut run: impl FnMut() -> T) -> f64 {
    let [time] = least([&mut || _ = black_box(run())]);
    time
}

/// The same by the clock on the wall, for what runs on all threads.
fn wall_seconds<T>(mut run: impl FnMut() -> T) -> f64 {
    let [time] = least_wall([&mut || _ = black_box(run())]);
    time
}

/// What a pair costs the reference loop, seconds.
fn reference(region: &Region) -> f64 {
    let sides = default_factors(&region.network).into_iter().map(|factor| factor.sides());
    let mut values = Values::new(BLOCK, sides);
    cpu_seconds(|| (0..512).map(|_| values.score()).sum::<f64>()) / (512 * BLOCK) as f64
}

/// Every firm as an anchor against all members of its chains, one after the other, with
/// the structural factors and without.
fn every_firm(region: &Region, calibration: &Calibration, reference: f64) {
    let network = &region.network;
    let chains: Vec<(FirmIx, Vec<FirmIx>)> =
        network.firms().map(|firm| (firm, members(network, firm))).collect();
    let structural = Weights::default();
    let others = structural.clone().with("co_supply", 0.0).with("shared_partners", 0.0).with("prospect", 0.0);
    let counting = region.matcher(structural.clone(), calibration, 0);
    let candidates = |(anchor, chain): &(FirmIx, Vec<FirmIx>)| counting.rank_among(*anchor, chain).candidates;
    let pairs: usize = chains.iter().map(candidates).sum();
    for (what, weights) in [("default weights", &structural), ("without the structural factors", &others)] {
        for (how, top, explains) in [
            ("all scored exactly", usize::MAX, false),
            ("the ten best found", Matcher::TOP, false),
            ("ten explained", Matcher::TOP, true),
        ] {
            let matcher = region.matcher(weights.clone(), calibration, top);
            let rank = |(anchor, chain): &(FirmIx, Vec<FirmIx>)| {
                if explains {
                    matcher.rank_among(*anchor, chain).recommendations.len()
                } else {
                    matcher.best_among(*anchor, chain).len()
                }
            };
            // A few at a time, so that the shortest try is one without interruption.
            let few_at_a_time = chains.chunks(20);
            let time: f64 =
                few_at_a_time.map(|few| cpu_seconds(|| few.iter().map(rank).sum::<usize>())).sum();
            let pair = time / pairs as f64;
            println!(
                "  every firm, {what}, {how}: {pairs} pairs, {:.2} M pairs/s a core, {:.1} of the reference loop's time",
                1e-6 / pair,
                pair / reference,
            );
        }
    }
}

/// The members of a firm's chains, ascending, each once.
fn members(network: &Network, firm: FirmIx) -> Vec<FirmIx> {
    let chains = network.memberships(firm).iter();
    let mut members: Vec<FirmIx> = chains.flat_map(|&chain| network.members(chain)).copied().collect();
    members.sort_unstable();
    members.dedup();
    members
}

/// Those that count by default.
fn default_factors(network: &Network) -> Vec<Box<dyn Factor>> {
    let mut factors = built_in(network);
    factors.retain(|factor| factor.name() != "reach");
    factors
}

/// A calibration of every factor and of none; prints the time that those take which
/// count by default. That of reach takes minutes in a large region, and a guess will do.
fn calibrate(network: &Network) -> Calibration {
    let mut factors = default_factors(network);
    println!("  calibrate without reach: {:.3} s", seconds(|| Calibration::of(network, &factors)));
    factors.push(Box::new(Nothing));
    let calibration = Calibration::of(network, &factors);
    let mut entries = serde_json::to_value(calibration).expect("a plain value");
    entries["factors"]["reach"] = entries["factors"]["shared_partners"].clone();
    serde_json::from_value(entries).expect("a calibration")
}

/// The whole of a ranking beside its structural part, with the chains as a source and without.
fn everything(network: &Network, anchors: &[FirmIx], calibration: &Calibration) {
    let (paths, shared) = (ThreePaths::new(network, PathWeights::default()), SharedPartners::new(network));
    let mut scores = [Scores::default(), Scores::default()];
    let an_anchor = |time: f64| time / anchors.len() as f64 * 1e3;
    for (what, kinds) in [("every source", Source::ALL), ("all but chains", &WITHOUT_CHAINS)] {
        let mut sources = Sources::default();
        sources.kinds = kinds.to_vec();
        let builder = Matcher::builder(network).factor(Nothing).sources(sources);
        let matcher = builder.calibration(calibration.clone()).build().expect("valid options");
        let rank = || anchors.iter().map(|&anchor| matcher.rank(anchor).candidates).sum::<usize>();
        let pairs = rank();
        let mut kernels = || {
            for &anchor in anchors {
                paths.score(anchor, &mut scores[0]);
                shared.score(anchor, &mut scores[1]);
            }
        };
        let [structural, time] = least([&mut kernels, &mut || _ = black_box(rank())]);
        println!(
            "  rank one anchor, ten explained, {what}: {:.3} ms, {:.2} of the {:.3} ms of co_supply and shared_partners, {} candidates",
            an_anchor(time),
            time / structural,
            an_anchor(structural),
            pairs / anchors.len(),
        );
    }
}

/// The same for the firms with the most suppliers, where trade has hubs.
fn busiest(size: Size) {
    let network = Network::build(&hubs::hubs(size.firms())).expect("a small region");
    let every = if let Size::Country = size { EVERY } else { 1 };
    let anchors: Vec<FirmIx> = anchors_by_in_degree(&network, BUSIEST).into_iter().step_by(every).collect();
    let suppliers = |anchor: &FirmIx| network.suppliers(*anchor).len();
    println!(
        "  hubs: {} anchors, of {} to {} suppliers",
        anchors.len(),
        anchors.first().map_or(0, suppliers),
        anchors.last().map_or(0, suppliers),
    );
    everything(&network, &anchors, &calibrate(&network));
}

/// What it costs to evaluate a thousand anchors against all that supply anybody, every measure with
/// its interval included, beside the ranking of the same alone. One matcher for both.
fn evaluating(firms: usize) {
    let dataset = city::city(firms);
    let network = Network::build(&dataset).expect("a small region");
    let mut degrees: Vec<usize> = network.firms().map(|firm| network.suppliers(firm).len()).collect();
    degrees.sort_unstable_by(|a, b| b.cmp(a));
    let (mut protocol, mut hold_out) = (Protocol::default(), HoldOut::default());
    (protocol.fewest_known, hold_out.folds) = (degrees[EVALUATED.min(firms / 4)], 1);
    let split = Split::leave_anchor_out(&dataset, hold_out, protocol).expect("anchors with suppliers");
    let fold = &split.folds()[0];
    let matcher = Matcher::builder(fold.network()).build().expect("default options");
    let asked: Vec<(FirmIx, Vec<FirmIx>)> =
        fold.queries().iter().map(|&(anchor, _)| (anchor, fold.candidates(anchor))).collect();
    let pairs: usize = asked.iter().map(|(_, candidates)| candidates.len()).sum();
    let mut rank = || {
        for (anchor, candidates) in &asked {
            black_box(matcher.best_among(*anchor, candidates));
        }
    };
    let mut evaluate = || {
        let evaluation =
            split.evaluate(10, |_| Ok::<_, std::convert::Infallible>(&matcher)).expect("no error");
        let metrics = [Metric::Ndcg(10), Metric::Recall(10), Metric::Hit(10), Metric::ReciprocalRank];
        black_box(metrics.map(|metric| evaluation.interval(metric, 0)));
        black_box((evaluation.roc_auc(), evaluation.pr_auc(), evaluation.novelty(10)));
        black_box((evaluation.exposure(10).gini(), evaluation.exposure(10).coverage()));
    };
    let [ranking, evaluating] = least([&mut rank, &mut evaluate]);
    println!(
        "  evaluate {} anchors among {pairs} candidates: {:.2} of the {:.3} s of CPU time of ranking them alone",
        split.n_anchors(),
        evaluating / ranking,
        ranking,
    );
}

/// Structural scores of all firms for an anchor.
fn kernels(region: &Region, asks_reach: bool) {
    let network = &region.network;
    let kernels: [(&str, Box<dyn Kernel>); 3] = [
        ("shared_partners", Box::new(SharedPartners::new(network))),
        ("co_supply", Box::new(ThreePaths::new(network, PathWeights::default()))),
        ("reach", Box::new(Reach::new(network, ReachWalk::default()).expect("the default walk"))),
    ];
    let mut scores = Scores::default();
    for (what, kernel) in kernels.into_iter().filter(|&(what, _)| asks_reach || what != "reach") {
        let time =
            cpu_seconds(|| region.batch.iter().for_each(|&(anchor, _)| kernel.score(anchor, &mut scores)));
        println!("  {what:>15} of an anchor: {:.1} µs", time / ANCHORS as f64 * 1e6);
    }
}

/// What it costs a candidate to find the best one by each factor: the time of a matcher with it
/// and nothing, less that of one with nothing alone.
fn factors(region: &Region, calibration: &Calibration, asks_reach: bool) {
    let (anchor, chain) =
        region.batch.iter().max_by_key(|(_, chain)| chain.len()).expect("a batch of anchors");
    let time = |weights: Weights| {
        let matcher = region.matcher(weights, calibration, 1);
        let best = || matcher.best_among(*anchor, chain).len();
        cpu_seconds(|| (0..8).map(|_| best()).sum::<usize>()) / (8 * chain.len()) as f64
    };
    let none = Weights::none().with("nothing", 1.0);
    let alone = time(none.clone());
    println!("  the best by one factor, ns a candidate, of {} in the anchor's chains:", chain.len());
    println!("    {:>16} {:>7.1}", "(none)", alone * 1e9);
    for factor in built_in(&region.network) {
        let name = factor.name();
        if name == "reach" && !asks_reach {
            continue;
        }
        println!("    {name:>16} {:>7.1}", (time(none.clone().with(name, 1.0)) - alone) * 1e9);
    }
}

/// The same number of anchors in ever larger regions: time a pair must not grow.
fn growth(sizes: &[usize]) {
    println!("growth: rank_all of {ANCHORS} anchors, default weights and sources");
    for &firms in sizes {
        let region = Region::new(firms);
        let matcher = Matcher::builder(&region.network).build().expect("default options");
        let anchors = || region.batch.iter().map(|&(anchor, _)| anchor);
        let rankings = matcher.rank_all(anchors());
        let pairs: usize = rankings.iter().map(|ranking| ranking.candidates).sum();
        let time = wall_seconds(|| matcher.rank_all(anchors()));
        println!(
            "  {firms:>7} firms: {:.4} s, {pairs} pairs, {:.0} ns a pair",
            time,
            time / pairs as f64 * 1e9,
        );
    }
}
