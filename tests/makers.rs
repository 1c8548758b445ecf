//! Products are hidden without a trace, and those that score makers do so as written down.

use std::collections::BTreeSet;

use jiedui::dataset::Dataset;
use jiedui::evaluate::{Asks, Baseline, Fold, HoldOut, Protocol, Ranker, Split, SplitError};
use jiedui::matcher::Matcher;
use jiedui::model::{Firm, FirmIx, FirmProduct, Industry, ProductIx, Role, Supply};
use proptest::prelude::*;

type Result<T = (), E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

const PRODUCTS: usize = 9;

/// What each firm makes, by product; the first four also need some of it.
fn dataset(makes: &[Vec<usize>], needs: &[Vec<usize>], industries: &[usize]) -> Dataset {
    let mut builder = Dataset::builder();
    let lists = [(makes, Role::Makes), (needs, Role::Needs)];
    for (lists, role) in lists {
        for (number, products) in lists.iter().enumerate() {
            for product in products {
                let weight = Some((1 + product % 3) as f64);
                let (firm, product) = (format!("f{number:02}"), format!("p{product}"));
                let (firm, product) = (firm.as_str().into(), product.as_str().into());
                builder.add_firm_product(FirmProduct { firm, product, role, weight });
            }
        }
    }
    for (number, industry) in industries.iter().enumerate() {
        let industry = Some(Industry::new(["C3714", "C2911", "C3360"][*industry]));
        builder.add_firm(Firm { industry, ..Firm::new(format!("f{number:02}").as_str()) });
    }
    builder.finish().0
}

fn protocol(fewest_known: usize) -> Protocol {
    let mut protocol = Protocol::default();
    protocol.fewest_known = fewest_known;
    protocol
}

/// Who makes what, as a matrix, and what the anchor wants of each product.
fn matrix(fold: &Fold, anchor: FirmIx) -> (Vec<[bool; PRODUCTS]>, [f64; PRODUCTS]) {
    let network = fold.network();
    let number = |product: ProductIx| -> usize {
        network.tables().products[product.index()].id.as_str()[1..].parse().expect("a number")
    };
    let row = |firm| {
        let mut row = [false; PRODUCTS];
        for &(product, _) in network.catalog().makes(firm) {
            row[number(product)] = true;
        }
        row
    };
    let mut wants = [0.0; PRODUCTS];
    for &(product, weight) in network.catalog().needs(anchor) {
        wants[number(product)] = weight;
    }
    (network.firms().map(row).collect(), wants)
}

/// The score of a firm, by sums over the matrix.
fn score(
    baseline: Baseline,
    makes: &[[bool; PRODUCTS]],
    wants: &[f64; PRODUCTS],
    of: &[Option<Industry>],
    s: usize,
) -> f64 {
    let count = |row: &[bool; PRODUCTS]| row.iter().filter(|made| **made).count() as f64;
    let made = |p: usize| makes.iter().filter(|row| row[p]).count() as f64;
    let mut sum = 0.0;
    for (p, weight) in wants.iter().enumerate() {
        match baseline {
            Baseline::ProductCosine => {
                for q in (0..PRODUCTS).filter(|&q| makes[s][q] && made(p) > 0.0) {
                    let both = makes.iter().filter(|row| row[p] && row[q]).count() as f64;
                    sum += weight * both / (made(p) * made(q)).sqrt();
                }
            }
            Baseline::MakerCosine => {
                for row in makes.iter().filter(|row| row[p]) {
                    let both = (0..PRODUCTS).filter(|&q| row[q] && makes[s][q]).count() as f64;
                    sum += weight * both / (count(row) * count(&makes[s])).sqrt();
                }
            }
            _ => {
                let is_same = |u: &usize| of[*u] == of[s];
                let all: f64 = (0..makes.len()).filter(is_same).map(|u| count(&makes[u])).sum();
                let known = (0..makes.len()).filter(is_same).filter(|&u| makes[u][p]).count() as f64;
                sum += count(&makes[s]) * weight * known / all;
            }
        }
    }
    sum
}

/// x of the factor `relatedness`, by sums over the matrix and over what the makers are.
fn relatedness(
    makes: &[[bool; PRODUCTS]],
    wants: &[f64; PRODUCTS],
    of: &[Option<Industry>],
    s: usize,
) -> f64 {
    let classes = |u: usize| of[u].iter().flat_map(Industry::levels);
    let is_maker = |u: &usize| makes[*u].contains(&true);
    let likeness = |p: usize, does: &dyn Fn(usize) -> bool| {
        let wanted = (0..makes.len()).filter(|&u| makes[u][p]).count() as f64;
        let doing = (0..makes.len()).filter(is_maker).filter(|&u| does(u)).count() as f64;
        let both = (0..makes.len()).filter(|&u| makes[u][p] && does(u)).count() as f64;
        if wanted > 0.0 { both / (wanted * doing).sqrt() } else { 0.0 }
    };
    let mut sum = 0.0;
    for (p, weight) in wants.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
        for q in (0..PRODUCTS).filter(|&q| makes[s][q]) {
            sum += weight * likeness(p, &|u| makes[u][q]);
        }
        for class in classes(s) {
            sum += weight * likeness(p, &|u| classes(u).any(|other| other == class));
        }
    }
    sum / wants.iter().sum::<f64>()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_hidden_is_known_to_nobody(
        makes in prop::collection::vec(prop::collection::btree_set(0..PRODUCTS, 1..6), 6..20),
        needs in prop::collection::vec(prop::collection::btree_set(0..PRODUCTS, 1..4), 4),
        industries in prop::collection::vec(0..3_usize, 20),
        share in 0.01..1.0_f64,
        seed in 0..1_000_u64,
    ) {
        let lists = |sets: &[BTreeSet<usize>]| sets.iter().map(|set| set.iter().copied().collect()).collect();
        let (makes, needs): (Vec<Vec<usize>>, Vec<Vec<usize>>) = (lists(&makes), lists(&needs));
        let all = dataset(&makes, &needs, &industries[..makes.len()]);
        let mut hold_out = HoldOut::default();
        (hold_out.folds, hold_out.share, hold_out.seed) = (2, share, seed);
        let split = match Split::hide_products(&all, hold_out, protocol(0)) {
            Ok(split) => split,
            Err(error) => {
                prop_assert_eq!(error, SplitError::NoMaker { fewest_known: 0 });
                return Ok(());
            }
        };
        let mut asked = BTreeSet::new();
        for fold in split.folds() {
            prop_assert_eq!(fold.asks(), Asks::NewMakers);
            let network = fold.network();
            let matcher = Matcher::builder(network).build().expect("default options");
            let m = matcher.calibration().factor("relatedness").expect("built in").constant;
            for (number, products) in makes.iter().enumerate() {
                let firm = network.firm_ix(&format!("f{number:02}")).expect("a firm");
                let left = network.catalog().makes(firm).len();
                let hidden = (share * products.len() as f64).ceil() as usize;
                prop_assert_eq!(left, products.len() - hidden.min(products.len() - 1));
            }
            for (anchor, relevant) in fold.queries() {
                prop_assert!(asked.insert(*anchor), "asked for once");
                let (known, wants) = matrix(fold, *anchor);
                let makes_wanted = |row: &[bool; PRODUCTS]| (0..PRODUCTS).any(|p| row[p] && wants[p] > 0.0);
                let mut expected = Vec::new();
                for firm in network.firms().filter(|firm| firm != anchor) {
                    let number: usize = network.firm(firm).id.as_str()[1..].parse().expect("a number");
                    let made = makes.get(number).into_iter().flatten();
                    if made.clone().any(|&p| wants[p] > 0.0) && !makes_wanted(&known[firm.index()]) {
                        expected.push(firm);
                    }
                }
                prop_assert_eq!(relevant, &expected);
                let candidates = fold.candidates(*anchor);
                prop_assert!(relevant.iter().all(|firm| candidates.binary_search(firm).is_ok()));
                let is_known = |firm: &FirmIx| makes_wanted(&known[firm.index()]) || firm == anchor;
                prop_assert!(!candidates.iter().any(is_known));
                prop_assert_eq!(candidates.len(), network.firms().filter(|firm| !is_known(firm)).count());

                // Each ranks by what it says it does.
                let of: Vec<_> = network.firms().map(|firm| network.firm(firm).industry.clone()).collect();
                for baseline in [Baseline::ProductCosine, Baseline::MakerCosine, Baseline::IndustryMakers] {
                    prop_assert!(baseline.applies(fold));
                    let ranking = baseline.prepare(fold).rank(*anchor, &candidates, candidates.len());
                    let scores = ranking.iter().map(|firm| score(baseline, &known, &wants, &of, firm.index()));
                    let scores: Vec<f64> = scores.collect();
                    prop_assert_eq!(scores.len(), candidates.len());
                    for (pair, firms) in scores.windows(2).zip(ranking.windows(2)) {
                        prop_assert!(pair[0] > pair[1] - 2e-9, "{} {:?}", baseline, scores);
                        let is_tie = (pair[0] - pair[1]).abs() < 1e-12;
                        prop_assert!(!is_tie || firms[0] < firms[1], "{} {:?}", baseline, scores);
                    }
                }

                // And the factor says what it says.
                for &firm in &candidates {
                    let found = matcher.explain(*anchor, firm).expect("another firm");
                    let value = found.contribution("relatedness").expect("wants are told").value;
                    let x = relatedness(&known, &wants, &of, firm.index());
                    let is_maker = known[firm.index()].contains(&true);
                    prop_assert_eq!(value.is_some(), is_maker);
                    let value = value.unwrap_or(x / (x + 4.0 * m));
                    prop_assert!((value - x / (x + 4.0 * m)).abs() < 1e-12, "{} {}", value, x);
                }
            }
        }
    }
}

#[test]
fn what_is_sold_is_hidden_as_well() -> Result {
    // Nothing but supply rows tells what the foundry and the mill make.
    let mut builder = Dataset::builder();
    for (supplier, buyer, product) in [
        ("foundry", "carworks", "castings"),
        ("foundry", "bogies", "gears"),
        ("mill", "carworks", "rails"),
        ("mill", "bogies", "castings"),
    ] {
        builder.add_supply(&Supply { product: Some(product.into()), ..Supply::new(supplier, buyer) });
    }
    let (firm, product) = ("tramworks".into(), "castings".into());
    builder.add_firm_product(FirmProduct { firm, product, role: Role::Needs, weight: None });
    let all = builder.finish().0;
    let mut hold_out = HoldOut::default();
    (hold_out.folds, hold_out.share) = (1, 0.5);
    let mut found = BTreeSet::new();
    for seed in 0..16 {
        hold_out.seed = seed;
        let Ok(split) = Split::hide_products(&all, hold_out, protocol(0)) else { continue };
        let fold = &split.folds()[0];
        let network = fold.network();
        assert_eq!(fold.train().supplies().len(), 2, "one of two products each");
        for maker in fold.queries().iter().flat_map(|(_, relevant)| relevant) {
            let row =
                fold.train().supplies().iter().find(|row| row.supplier() == *maker).ok_or("another row")?;
            assert_ne!(row.product(), network.tables().product_ix("castings"));
            found.insert(network.firm(*maker).id.to_string());
        }
    }
    assert_eq!(found.into_iter().collect::<Vec<_>>(), ["foundry", "mill"]);
    Ok(())
}

#[test]
fn makers_are_asked_for_by_hiding_products_alone() -> Result {
    let all = dataset(&[vec![0, 1], vec![1, 2]], &[], &[]);
    let mut asks = protocol(0);
    asks.asks = Asks::NewMakers;
    let error = Split::by_time(&all, "2024".parse()?, asks).unwrap_err();
    assert_eq!(error, SplitError::Makers);
    assert_eq!(Split::leave_anchor_out(&all, HoldOut::default(), asks).unwrap_err(), SplitError::Makers);
    assert_eq!(Split::by_pairings(&all, HoldOut::default(), asks).unwrap_err(), SplitError::Makers);
    let mut hold_out = HoldOut::default();
    hold_out.folds = 0;
    assert_eq!(Split::hide_products(&all, hold_out, asks).unwrap_err(), SplitError::Folds(0));
    (hold_out.folds, hold_out.share) = (1, f64::NAN);
    assert!(matches!(Split::hide_products(&all, hold_out, asks), Err(SplitError::Share(_))));
    Ok(())
}
