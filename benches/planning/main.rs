//! What plans cost: greedy, optimal, and how the time grows with the candidates.
//!
//! `cargo bench --bench planning`; `-- --write FOLDER` also writes the instances to files, for
//! `benches/compare/planning.py`.

#[path = "../common/mod.rs"]
mod common;
mod instance;

use std::path::PathBuf;

use common::{SEED, seconds};
use instance::{Draw, Instance, Shape};
use jiedui::plan::{Greedy, Optimal, Planner, Status};

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
    for (name, shape) in shapes() {
        let instance = Instance::draw(shape, SEED);
        if let Some(folder) = folder {
            let path = PathBuf::from(folder).join(format!("{name}.bin"));
            instance.write(&path).expect("a folder that can be written");
        }
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
}
