//! The README's program is the one that runs here, and its commands are real.

use jiedui::dataset::{Mode, Reader};
use jiedui::matcher::{Matcher, default_anchors};
use jiedui::network::Network;
use jiedui::plan::{Constraints, Optimal, Planner, Problem, verify};

const README: &str = include_str!("../README.md");

fn program() -> Result<(), Box<dyn std::error::Error>> {
    let (dataset, report) = Reader::new().mode(Mode::Lenient).read("examples/data/zhuzhou")?;
    print!("{report}");

    let network = Network::build(&dataset)?;
    let matcher = Matcher::builder(&network).top(3).build()?;
    for ranking in matcher.rank_all(default_anchors(&network, 20)) {
        for one in &ranking.recommendations {
            println!(
                "{} – {}: {:.3} ({:.2}–{:.2})",
                ranking.anchor, one.supplier, one.score, one.low, one.high
            );
        }
    }
    Ok(())
}

fn plan(network: &Network) -> Result<(), Box<dyn std::error::Error>> {
    let rankings = Matcher::builder(network).top(20).build()?.rank_all(default_anchors(network, 20));
    let mut constraints = Constraints::default();
    constraints.anchor_most = 5;
    let problem = Problem::builder().rankings(network, &rankings, &constraints.levels).build(&constraints)?;
    let plan = Optimal.plan(&problem);
    verify(&problem, &plan)?; // trusts nobody
    println!("{:?}: {} pairings, {:.3}", plan.status, plan.pairings.len(), plan.objective);
    Ok(())
}

#[test]
fn the_program_runs() {
    program().expect("the README's program");
    let (dataset, _) = Reader::new().read("examples/data/zhuzhou").expect("the bundled sample");
    plan(&Network::build(&dataset).expect("small enough")).expect("the README's plan");
}

/// The limits that the README writes down are read, and can be kept.
#[cfg(feature = "toml")]
#[test]
fn the_limits_can_be_kept() {
    let text = README.split("```toml").nth(1).and_then(|text| text.split("```").next()).expect("limits");
    let constraints = Constraints::from_toml(text).expect("limits as they are written");
    let (dataset, _) = Reader::new().read("examples/data/zhuzhou").expect("the bundled sample");
    let network = Network::build(&dataset).expect("small enough");
    let rankings =
        Matcher::builder(&network).build().expect("default options").rank_all(default_anchors(&network, 20));
    let problem = Problem::builder().rankings(&network, &rankings, &constraints.levels);
    let problem = problem.build(&constraints).expect("pairs that are ranked");
    #[cfg(feature = "milp")]
    let plan = jiedui::plan::Milp::default().plan(&problem);
    #[cfg(not(feature = "milp"))]
    let plan = Optimal.plan(&problem);
    verify(&problem, &plan).expect("a sound plan");
    assert!(plan.is_feasible(), "{:?}", plan.status);
}

#[test]
fn the_program_is_the_readmes() {
    let squeeze = |text: &str| text.split_whitespace().collect::<String>();
    let body = |text: &str, from: &str| {
        let start = text.find(from).expect("the function") + from.len();
        squeeze(&text[start..start + text[start..].find("Ok(())").expect("its end")])
    };
    let here = body(include_str!("readme.rs"), "fn program() -> Result<(), Box<dyn std::error::Error>> {");
    // The formatter may break lines here that the README keeps.
    let there = body(README, "fn main() -> Result<(), Box<dyn std::error::Error>> {");
    assert_eq!(here.replace(",)", ")"), there.replace(",)", ")"));
    let start = "fn plan(network: &Network) -> Result<(), Box<dyn std::error::Error>> {";
    assert_eq!(body(include_str!("readme.rs"), start), body(README, start));
}

#[test]
fn the_result_is_the_one_that_comes_out() {
    let (dataset, _) = Reader::new().read("examples/data/zhuzhou").expect("the bundled sample");
    let network = Network::build(&dataset).expect("small enough");
    let ranking = Matcher::builder(&network)
        .build()
        .expect("default options")
        .rank(network.firm_ix("420中心").expect("a case firm"));
    let [first, second, ..] = &ranking.recommendations[..] else { panic!("ten") };
    assert_eq!(second.supplier.as_str(), "丰发精工");
    assert!(README.contains(&format!(" {:.3} ", second.score)));
    assert!(README.contains(&format!(" {:.3}–{:.3} ", second.low, second.high)));
    assert_eq!(ranking.candidates, 2_462);
    let behind = format!("second of 2,462 candidates, {:.3} behind the first", first.score - second.score);
    assert!(README.contains(&behind), "{behind}");
}
