//! How near the kernels come to what the hardware allows.
//!
//! The three structural factors for the same anchors, the same 20 best each, decay and
//! values included, by three means: a plain petgraph graph with hash maps, a tight loop over flat
//! columns, and the crate. All three must agree. Prints the tables of the README; all
//! times are CPU time unless said otherwise.
//!
//! `cargo bench --bench limit`, with `-- many`, `one`, `threads` or `growth` that table alone; with
//! `JIEDUI_COUNTRY=1` also a million firms.

mod clock;
#[path = "../common/mod.rs"]
mod common;
mod kernels;
mod machine;
mod naive;
mod region;
mod tight;

use clock::{least, least_wall};
use common::{SEED, Size, seconds};
use cpu_time::ProcessTime;
use criterion::{BenchmarkId, Criterion};
use jiedui::structure::{Kernel, Scores};
use region::Region;

/// The best firms of one anchor with their scores, best first.
type Ranking = Vec<(u32, f64)>;

/// The kernels for many anchors. What is ranked is neither the anchor nor a supplier of it
/// already.
trait Loops: Sync {
    fn shared_partners(&self, anchors: &[u32]) -> Vec<Ranking>;
    fn co_supply(&self, anchors: &[u32]) -> Vec<Ranking>;
    fn reach(&self, anchors: &[u32]) -> Vec<Ranking>;
}

/// One of the three, of any of the means.
type Loop = fn(&dyn Loops, &[u32]) -> Vec<Ranking>;

/// The firms with the most suppliers.
const ANCHORS: usize = 1_000;
const BEST: usize = 20;
const RESTART: f64 = 0.15;
/// The most by which all shares together may be off.
const TOLERANCE: f64 = 1e-9;

/// The best of the scores among the firms that are new to the anchor, ties to the smaller
/// number. Few scores pass the bar, so few are asked whether they are new.
fn best(scores: impl Iterator<Item = (u32, f64)>, is_new: impl Fn(u32) -> bool) -> Ranking {
    let order = |a: &(u32, f64), b: &(u32, f64)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
    let mut ranking = Ranking::with_capacity(4 * BEST);
    let mut bar = 0.0;
    for (firm, score) in scores {
        if score >= bar && score > 0.0 && is_new(firm) {
            ranking.push((firm, score));
            if ranking.len() == 4 * BEST {
                ranking.select_nth_unstable_by(BEST - 1, order);
                ranking.truncate(BEST);
                bar = ranking[BEST - 1].1;
            }
        }
    }
    ranking.sort_unstable_by(order);
    ranking.truncate(BEST);
    ranking
}

/// Equal scores rank by rank, and the same firms, but for those that rounding may swap.
fn assert_agree(ours: &[Ranking], reference: &[Ranking]) {
    const ROUNDING: f64 = 1e-4;
    assert_eq!(ours.len(), reference.len());
    for (ours, reference) in ours.iter().zip(reference) {
        assert_eq!(ours.len(), reference.len());
        for (ours, reference) in ours.iter().zip(reference) {
            assert!((ours.1 - reference.1).abs() <= ROUNDING * reference.1, "{ours:?} or {reference:?}");
        }
        let last = reference.last().map_or(0.0, |last| last.1);
        for (firm, score) in reference.iter().filter(|(_, score)| *score > last * (1.0 + ROUNDING)) {
            assert!(ours.iter().any(|(other, _)| other == firm), "firm {firm} of score {score} is missing");
        }
    }
}

fn pool(threads: usize) -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads")
}

fn main() {
    let sizes = common::sizes();
    println!(
        "stream {:.1} GB/s of one thread, {} threads",
        machine::stream() / 1e9,
        rayon::current_num_threads()
    );
    let arguments: Vec<String> = std::env::args().collect();
    let is_asked = |section: &str| {
        let is_given = |section: &str| arguments.iter().any(|argument| argument == section);
        is_given(section) || !["many", "one", "threads", "growth"].into_iter().any(is_given)
    };
    let benches: Vec<Bench> = sizes.iter().map(|&size| Bench::new(size.firms())).collect();
    if is_asked("many") {
        println!(
            "\n| firms | factor | edges an anchor | tight, ms an anchor | tight, M edges/s | of scatter-add | jiedui / tight | petgraph + HashMap / tight |"
        );
        println!("| --: | --- | --: | --: | --: | --: | --: | --: |");
        benches.iter().zip(&sizes).for_each(|(bench, &size)| bench.contest(size));
    }
    if is_asked("one") {
        println!("\n| one anchor, warm: jiedui / tight | factor | most suppliers | median | least |");
        println!("| --: | --- | --: | --: | --: |");
        benches.iter().for_each(Bench::one_anchor);
    }
    if is_asked("threads") {
        println!("\n| two threads, gain by the wall clock | factor | tight | jiedui | share |");
        println!("| --: | --- | --: | --: | --: |");
        benches.iter().for_each(Bench::two_threads);
    }
    let mut criterion = common::criterion();
    benches.iter().zip(&sizes).for_each(|(bench, &size)| bench.sample(&mut criterion, size));
    drop(benches);
    if is_asked("growth") {
        println!(
            "\n| growth: firms | factor | tight, ns an edge | jiedui, ns an edge | gather, ns | scatter-add, ns |"
        );
        println!("| --: | --- | --: | --: | --: | --: |");
        let most = sizes.last().map_or(0, |size| size.firms());
        let firms = [5_000, 20_000, 50_000, 100_000, 300_000, 1_000_000];
        firms.into_iter().filter(|&firms| firms <= most).for_each(|firms| Bench::new(firms).growth());
    }
    criterion.final_summary();
}

struct Bench {
    region: Region,
    network: jiedui::network::Network,
    tight: tight::Columns,
    anchors: Vec<u32>,
}

const SPREADING: [(&str, Loop); 2] = [
    ("`shared_partners`", |way, anchors| way.shared_partners(anchors)),
    ("`co_supply`", |way, anchors| way.co_supply(anchors)),
];
const REACH: (&str, Loop) = ("`reach`", |way, anchors| way.reach(anchors));

impl Bench {
    fn new(firms: usize) -> Self {
        let region = Region::new(firms, SEED);
        let network = region.network();
        let tight = tight::Columns::new(&region);
        let anchors = region.anchors(ANCHORS);
        Self { region, network, tight, anchors }
    }

    /// Edges that the two spreading kernels walk for some anchors.
    fn edges(&self, anchors: &[u32]) -> [f64; 2] {
        [self.tight.partner_edges(anchors) as f64, self.tight.path_edges(anchors) as f64]
    }

    /// The three means on one thread, and that they agree.
    fn contest(&self, size: Size) {
        let kernels = kernels::Kernels::new(&self.network);
        let plain = naive::Graph::new(&self.region);
        let scatter = machine::scatter(self.region.firms);
        let prepare = seconds(|| kernels::Kernels::new(&self.network));
        eprintln!("{} firms: three kernels prepared in {prepare:.3} s on all threads", self.region.firms);
        let (few, for_reach) = match size {
            Size::City => (64, 64),
            Size::Province => (8, 16),
            Size::Country => (2, 8),
        };
        let spread = |count: usize| -> Vec<u32> {
            (0..count).map(|number| self.anchors[number * self.anchors.len() / count]).collect()
        };
        pool(1).install(|| {
            let work = self.edges(&self.anchors).map(Some).into_iter().chain([None]);
            for ((name, run), edges) in SPREADING.into_iter().chain([REACH]).zip(work) {
                let anchors = if edges.is_some() { self.anchors.clone() } else { spread(for_reach) };
                let [tight, ours] =
                    least([&mut || drop(run(&self.tight, &anchors)), &mut || drop(run(&kernels, &anchors))]);
                assert_agree(&run(&kernels, &anchors), &run(&self.tight, &anchors));
                let an_anchor = tight / anchors.len() as f64;
                // The naive one takes long: once, for few anchors.
                let sample = spread(if edges.is_some() { few } else { few.min(8) / 8 });
                let mut naive = "–".to_owned();
                if edges.is_some() || !matches!(size, Size::Country) {
                    let [tight] = least([&mut || drop(run(&self.tight, &sample))]);
                    let tight = if edges.is_some() { tight } else { an_anchor * sample.len() as f64 };
                    let start = ProcessTime::now();
                    let ranked = run(&plain, &sample);
                    naive = format!("{:.0}", start.elapsed().as_secs_f64() / tight);
                    assert_agree(&run(&kernels, &sample), &ranked);
                }
                let rate = edges.map(|edges| edges / tight);
                println!(
                    "| {} | {name} | {} | {:.3} | {} | {} | {:.2} | {naive} |",
                    self.region.firms,
                    edges.map_or("–".to_owned(), |edges| format!("{:.0}", edges / anchors.len() as f64)),
                    1e3 * an_anchor,
                    rate.map_or("–".to_owned(), |rate| format!("{:.0}", rate / 1e6)),
                    rate.map_or("–".to_owned(), |rate| format!("{:.0} %", 100.0 * rate / scatter)),
                    ours / tight,
                );
            }
        });
    }

    /// Criterion's own samples, on all threads.
    fn sample(&self, criterion: &mut Criterion, size: Size) {
        let kernels = kernels::Kernels::new(&self.network);
        for (name, run) in SPREADING {
            let mut group = criterion.benchmark_group(name.trim_matches('`'));
            for (way, loops) in [("tight", &self.tight as &dyn Loops), ("jiedui", &kernels)] {
                group.bench_function(BenchmarkId::new(way, size.name()), |bencher| {
                    bencher.iter(|| run(loops, &self.anchors));
                });
            }
            group.finish();
        }
    }

    /// One anchor after the other with the same working memory.
    fn one_anchor(&self) {
        let kernels = kernels::Kernels::new(&self.network);
        let all = self.region.anchors(self.region.firms);
        let asked = [all[0], all[all.len() / 2], all[all.len() - 1]];
        let mut scratch = self.tight.scratch();
        let mut scores = Scores::default();
        let kinds: [(&str, &dyn Kernel, tight::OfOne); 2] = [
            (SPREADING[0].0, &kernels.partners, tight::Columns::shared_partners_of),
            (SPREADING[1].0, &kernels.paths, tight::Columns::co_supply_of),
        ];
        for (name, kernel, tight) in kinds {
            let ratios = asked.map(|anchor| {
                // As often as it takes to be timed.
                let edges = self.edges(&[anchor]).into_iter().sum::<f64>();
                let repeat = (2e6 / (edges + 20.0)).ceil() as usize;
                let [tight, ours] = least([
                    &mut || (0..repeat).for_each(|_| drop(tight(&self.tight, anchor, &mut scratch))),
                    &mut || (0..repeat).for_each(|_| drop(kernels.one(kernel, anchor, &mut scores))),
                ]);
                format!("{:.2} of {:.1} µs", ours / tight, 1e6 * tight / repeat as f64)
            });
            println!("| {} | {name} | {} |", self.region.firms, ratios.join(" | "));
        }
    }

    fn two_threads(&self) {
        let kernels = kernels::Kernels::new(&self.network);
        let (one, two) = (pool(1), pool(2));
        for (name, run) in SPREADING {
            let times = |way: &dyn Loops| {
                let [alone, together] =
                    least_wall([&mut || one.install(|| drop(run(way, &self.anchors))), &mut || {
                        two.install(|| drop(run(way, &self.anchors)));
                    }]);
                alone / together
            };
            let (tight, ours) = (times(&self.tight), times(&kernels));
            println!("| {} | {name} | {tight:.2} | {ours:.2} | {:.2} |", self.region.firms, ours / tight);
        }
    }

    fn growth(&self) {
        let kernels = kernels::Kernels::new(&self.network);
        let (gather, scatter) = (machine::gather(self.region.firms), machine::scatter(self.region.firms));
        pool(1).install(|| {
            for ((name, run), edges) in SPREADING.into_iter().zip(self.edges(&self.anchors)) {
                let [tight, ours] = least([&mut || drop(run(&self.tight, &self.anchors)), &mut || {
                    drop(run(&kernels, &self.anchors));
                }]);
                println!(
                    "| {} | {name} | {:.2} | {:.2} | {:.2} | {:.2} |",
                    self.region.firms,
                    1e9 * tight / edges,
                    1e9 * ours / edges,
                    1e9 / gather,
                    1e9 / scatter,
                );
            }
        });
    }
}
