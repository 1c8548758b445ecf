//! How near the kernels come to what the hardware allows.
//!
//! Shared partners and co-supply for the same anchors, the same 20 best each, by three
//! means: a plain petgraph graph with hash maps, a tight loop over flat columns in f32,
//! and the crate. All three must agree. The machine's own rate of random additions is
//! the limit: each edge that a kernel walks costs one.
//!
//! `cargo bench --bench limit`; with `JIEDUI_COUNTRY=1` also a million firms.

#[path = "../common/mod.rs"]
mod common;
mod kernels;
mod machine;
mod naive;
mod region;
mod tight;

use common::{SEED, Size, seconds};
use criterion::{BenchmarkId, Criterion, Throughput};
use region::Region;

/// The best firms of one anchor with their scores, best first.
type Ranking = Vec<(u32, f64)>;

/// The two kernels for many anchors. What is ranked is neither the anchor nor a supplier
/// of it already.
trait Loops {
    fn shared_partners(&self, anchors: &[u32]) -> Vec<Ranking>;
    fn co_supply(&self, anchors: &[u32]) -> Vec<Ranking>;
}

/// One of the two, of any of the means.
type Kernel = fn(&dyn Loops, &[u32]) -> Vec<Ranking>;

const ANCHORS: usize = 128;
const BEST: usize = 20;
/// Anchors that share one working memory at least: more threads than 16 would idle.
const TOGETHER: usize = 8;

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

fn main() {
    let mut criterion = common::criterion();
    println!("stream {:.1} GB/s, {} threads", machine::stream() / 1e9, rayon::current_num_threads());
    for size in common::sizes() {
        measure(&mut criterion, size);
    }
    criterion.final_summary();
}

fn measure(criterion: &mut Criterion, size: Size) {
    let region = Region::new(size, SEED);
    let network = region.network();
    let naive = naive::Graph::new(&region);
    let tight = tight::Columns::new(&region);
    let kernels = kernels::Kernels::new(&network);
    let anchors: Vec<u32> = (0..ANCHORS).map(|anchor| (anchor * region.firms / ANCHORS) as u32).collect();
    let ways: [(&str, &dyn Loops); 3] = [("petgraph", &naive), ("tight", &tight), ("jiedui", &kernels)];
    let kinds: [(&str, Kernel, u64); 2] = [
        ("shared_partners", |way, anchors| way.shared_partners(anchors), tight.partner_edges(&anchors)),
        ("co_supply", |way, anchors| way.co_supply(anchors), tight.path_edges(&anchors)),
    ];
    let scatter = machine::scatter(region.firms);
    println!(
        "{}: {} firms, {} edges; scatter-add {:.0} M/s",
        size.name(),
        region.firms,
        region.edges.len(),
        scatter / 1e6
    );
    for (kind, run, edges) in kinds {
        let reference = run(&naive, &anchors);
        let rates = ways.map(|(_, way)| {
            assert_agree(&run(way, &anchors), &reference);
            edges as f64 / seconds(|| run(way, &anchors))
        });
        for ((name, _), rate) in ways.iter().zip(rates) {
            println!(
                "  {kind:>15} {name:>8}: {:>7.1} M edges/s, {:>5.1} % of scatter-add, {:>4.2} of the tight loop",
                rate / 1e6,
                100.0 * rate / scatter,
                rate / rates[1],
            );
        }
        let mut group = criterion.benchmark_group(kind);
        group.throughput(Throughput::Elements(edges));
        for (name, way) in ways {
            group.bench_with_input(BenchmarkId::new(name, size.name()), &anchors, |bencher, anchors| {
                bencher.iter(|| run(way, anchors));
            });
        }
        group.finish();
    }
}
