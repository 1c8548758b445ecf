//! The publicly reported pairings, hidden, are found again by the ordinary factors.

use std::path::Path;

use jiedui::city::City;
use jiedui::dataset::{Dataset, Reader};
use jiedui::matcher::{Matcher, Recommendation, Witness};
use jiedui::network::Network;

/// How much of what the sample says of the case firms is told.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Told {
    /// All but the pairings and what came of these.
    All,
    /// Nor the resources, headcounts, revenues and branches, which are invented: trades,
    /// places, products and chains remain.
    Bare,
}

fn firms_without_pairings(told: Told) -> Dataset {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/cases");
    let (cases, _) = Reader::new().read_folder(folder).expect("the bundled cases are readable");
    let tables = cases.tables();
    assert_eq!(tables.pairings.len(), 4);
    let mut builder = Dataset::builder();
    for firm in &tables.firms {
        let mut firm = firm.clone();
        if told == Told::Bare {
            (firm.employees, firm.revenue, firm.party_branch, firm.party_members) = (None, None, None, None);
        }
        builder.add_firm(firm);
    }
    for row in &tables.firm_products {
        builder.add_firm_product(row.clone());
    }
    for row in &tables.chain_members {
        builder.add_chain_member(row.clone());
    }
    for row in tables.resources.iter().filter(|_| told == Told::All) {
        builder.add_resource(row.clone());
    }
    builder.finish().0
}

/// A case: who should be found for whom, and the reported reason.
struct Case {
    anchor: &'static str,
    supplier: &'static str,
    reason: fn(&Recommendation) -> bool,
}

fn makes(recommendation: &Recommendation, product: &str) -> bool {
    recommendation.witness.iter().any(
        |witness| matches!(witness, Witness::Product { wanted, made, .. } if wanted == made && made.as_str() == product),
    )
}

const CASES: [Case; 3] = [
    Case {
        anchor: "420中心",
        supplier: "丰发精工",
        reason: |found| {
            found.relation.distance_km.is_some_and(|km| (km - 0.9).abs() < 0.05)
                && found.witness.iter().any(|witness| matches!(witness, Witness::Near { .. }))
        },
    },
    Case {
        anchor: "中车株机", supplier: "九方装备", reason: |found| makes(found, "rail.bogie.frame")
    },
    Case { anchor: "集采中心", supplier: "博雅", reason: |found| makes(found, "rail.traction.busbar") },
];

/// Under how many of 20 seeds each case's partner is among the anchor's top ten.
fn times_found(told: Told) -> [usize; CASES.len()] {
    let cases = firms_without_pairings(told);
    let mut found = [0; CASES.len()];
    for seed in 0..20 {
        let city =
            City::builder().zhuzhou().seed(seed).include(cases.clone()).build().expect("the cases fit in");
        let network = Network::build(&city.dataset).expect("small enough");
        let matcher = Matcher::builder(&network).top(10).build().expect("default options");
        for (case, found) in CASES.iter().zip(&mut found) {
            let anchor = network.firm_ix(case.anchor).expect("a case firm");
            let chain = network.chains_at(anchor, network.as_of()).next().expect("a chain");
            let ranking = matcher.rank_among(anchor, network.members(chain));
            assert!(ranking.candidates >= 50, "{} has {} candidates", case.anchor, ranking.candidates);
            if let Some(one) =
                ranking.recommendations.iter().find(|one| one.supplier.as_str() == case.supplier)
            {
                assert!((case.reason)(one), "{one:?}");
                *found += 1;
            }
        }
    }
    println!("{told:?}: found under {found:?} of 20 seeds");
    found
}

#[test]
fn each_reported_partner_reaches_the_top_ten_under_18_of_20_seeds() {
    let found = times_found(Told::All);
    assert!(found.iter().all(|&found| found >= 18), "{found:?}");
    assert_eq!(found, [18, 20, 18], "as README.md has it");
}

#[test]
fn what_is_invented_of_them_helps_but_is_not_the_reason() {
    // By chance a partner would be among the ten best of its 340 to 530 rivals under less
    // than one seed of 20.
    let found = times_found(Told::Bare);
    assert_eq!(found, [14, 18, 11], "as README.md has it");
}
