//! What plans cost: greedy, optimal, their check, and how the time grows with the candidates,
//! beside that of a bare loop over them, and how often a candidate is looked at for the optimum.
//!
//! `cargo bench --bench planning`; `-- growth` prints the growth alone, `-- --write FOLDER` also
//! writes the instances to files, for `benches/compare/planning.py`; with `JIEDUI_COUNTRY=1` also
//! ten million candidates.

mod instance;
mod limit;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use cpu_time::ProcessTime;
use instance::{Draw, Instance, Shape};
use jiedui::plan::{Greedy, Optimal, Planner, Status, verify};

/// The seed of whatever is drawn.
const SEED: u64 = 1799;

/// The least CPU time of thirty runs, or of as many as begin within three seconds, three at least;
/// seconds.
fn seconds<T>(mut run: impl FnMut() -> T) -> f64 {
    let first = Instant::now();
    let mut shortest = f64::INFINITY;
    for number in 0..30 {
        if number >= 3 && first.elapsed() > Duration::from_secs(3) {
            break;
        }
        let start = ProcessTime::now();
        std::hint::black_box(run());
        shortest = shortest.min(start.elapsed().as_secs_f64());
    }
    shortest
}

/// The instances by name.
fn shapes() -> Vec<(&'static str, Shape)> {
    let city = Shape { anchors: 1_000, quota: 10, suppliers: 100_000, candidates: 50, draw: Draw::Uniform };
    vec![
        ("easy", city),
        ("contested", Shape { draw: Draw::Popular, ..city }),
        ("esteemed", Shape { draw: Draw::Esteemed, ..city }),
        ("tight", Shape { suppliers: 10_000, ..city }),
        ("tight esteemed", Shape { suppliers: 30_000, draw: Draw::Esteemed, ..city }),
        ("scarce", Shape { suppliers: 5_000, draw: Draw::Popular, ..city }),
        (
            "dense",
            Shape { anchors: 500, quota: 10, suppliers: 5_000, candidates: 5_000, draw: Draw::Complete },
        ),
    ]
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let folder = arguments.iter().position(|one| one == "--write").and_then(|at| arguments.get(at + 1));
    if let Some(folder) = folder {
        for (name, instance) in instance::golden() {
            write(folder, name, &instance);
        }
    }
    let has = |word: &str| arguments.iter().any(|one| one == word);
    if has("growth") {
        return growth(false);
    }
    for (name, shape) in shapes() {
        let instance = Instance::draw(shape, SEED);
        if let Some(folder) = folder {
            write(folder, name, &instance);
        }
        report(name, &instance);
    }
    growth(has("--test"));
}

fn write(folder: &str, name: &str, instance: &Instance) {
    let path = PathBuf::from(folder).join(format!("{name}.bin"));
    instance.write(&path).expect("a folder that can be written");
}

/// One line that `benches/compare/planning.py` reads.
fn report(name: &str, instance: &Instance) {
    let problem = instance.problem().expect("scores in range");
    let (quick, best) = (Greedy.plan(&problem), Optimal.plan(&problem));
    assert_eq!(best.status, Status::Optimal);
    let greedy = seconds(|| Greedy.plan(&problem));
    let optimal = seconds(|| Optimal.plan(&problem));
    println!(
        "{name}: candidates {}, greedy_s {greedy:.6}, optimal_s {optimal:.6}, ratio {:.2}, objective {:.0}, gain {:.2} %",
        problem.n_candidates(),
        optimal / greedy,
        best.objective * f64::from(1 << 20),
        100.0 * (best.objective / quick.objective - 1.0),
    );
}

/// Ever more candidates of one kind: the time a candidate should hardly grow.
fn growth(is_trial: bool) {
    let is_country = std::env::var_os("JIEDUI_COUNTRY").is_some();
    let steps = 2 + usize::from(!is_trial) + usize::from(is_country);
    for draw in [Draw::Uniform, Draw::Popular, Draw::Esteemed] {
        let mut first: Option<[f64; 5]> = None;
        for anchors in [200, 2_000, 20_000, 200_000].into_iter().take(steps) {
            let shape = Shape { anchors, quota: 10, suppliers: 20 * anchors, candidates: 50, draw };
            let instance = Instance::draw(shape, SEED);
            let pairs = instance.pairs();
            let build = ProcessTime::now();
            let problem = Instance::build(shape, pairs).expect("scores in range");
            let build = build.elapsed().as_secs_f64();
            let plan = Optimal.plan(&problem);
            let times = [
                build,
                seconds(|| Greedy.plan(&problem)),
                seconds(|| Optimal.plan(&problem)),
                seconds(|| verify(&problem, &plan)),
                seconds(|| limit::pass(&instance)),
            ];
            let n = problem.n_candidates() as f64;
            let first = *first.get_or_insert(times.map(|time| time / n));
            print!("growth {draw:?}: {n:>8.0} candidates");
            let names = ["build", "greedy", "optimal", "verify", "bare loop"];
            for ((name, time), first) in names.into_iter().zip(times).zip(first) {
                print!(", {name} {:.0} ns ({:.2})", time / n * 1e9, time / n / first);
            }
            let looks = plan.certificate.map_or(0, |proof| proof.looks);
            println!(", {:.2} looks", looks as f64 / n);
        }
    }
}
