//! The synthetic city keeps what it promises.
#![cfg(feature = "city")]

use std::collections::{BTreeMap, BTreeSet};

use jiedui::city::{City, CityBuilder, CityError, Traits};
use jiedui::dataset::Dataset;
use jiedui::model::{
    Category, Chain, ChainMember, Direction, Firm, FirmKind, FirmProduct, Industry, OutcomeKind, Ownership,
    Pairing, PartyBranch, Place, Resource, Role, SizeClass, Supply,
};
use proptest::prelude::*;

/// Distinct supplier–buyer pairs.
fn n_pairs(dataset: &Dataset) -> usize {
    dataset.supplies().chunk_by(|a, b| (a.supplier(), a.buyer()) == (b.supplier(), b.buyer())).count()
}

fn n_paired(dataset: &Dataset) -> usize {
    dataset.tables().pairings.iter().flat_map(|pairing| &pairing.parties).collect::<BTreeSet<_>>().len()
}

/// Units with a Party organisation, and members.
fn party(dataset: &Dataset) -> (usize, u64) {
    let firms = &dataset.tables().firms;
    let has = |firm: &&Firm| matches!(firm.party_branch, Some(PartyBranch::Own | PartyBranch::Joint));
    let members = firms.iter().filter_map(|firm| firm.party_members).map(u64::from).sum();
    (firms.iter().filter(has).count(), members)
}

/// Suppliers, and buyers, of each firm.
fn degrees(dataset: &Dataset) -> (Vec<usize>, Vec<usize>) {
    let n = dataset.tables().firms.len();
    let (mut suppliers, mut buyers) = (vec![0; n], vec![0; n]);
    for pair in dataset.supplies().chunk_by(|a, b| (a.supplier(), a.buyer()) == (b.supplier(), b.buyer())) {
        suppliers[pair[0].buyer().index()] += 1;
        buyers[pair[0].supplier().index()] += 1;
    }
    (suppliers, buyers)
}

/// FNV-1a of the records as they print.
fn fingerprint(dataset: &Dataset) -> u64 {
    let text = format!("{:?}{:?}", dataset.tables(), dataset.supplies());
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Two firms from outside: a maker of precision parts next to its anchor, with hardly
/// a field known, and a customer of it; and one that both trade with.
fn given() -> Dataset {
    let mut builder = Dataset::builder();
    let mut maker = Firm::new("given-maker");
    maker.place = Place::new(113.16, 27.79).ok();
    maker.party_branch = Some(PartyBranch::Own);
    maker.party_members = Some(12);
    let mut anchor = Firm::new("given-anchor");
    anchor.anchor = Some(true);
    anchor.place = Place::new(113.17, 27.79).ok();
    builder.add_firm(maker).add_firm(anchor).add_firm(Firm::new("F000001"));
    for (firm, role) in [("given-maker", Role::Makes), ("given-anchor", Role::Needs)] {
        builder.add_chain_member(ChainMember { chain: "aviation".into(), firm: firm.into(), position: None });
        builder.add_firm_product(FirmProduct {
            firm: firm.into(),
            product: "aviation.engine.precision-part".into(),
            role,
            weight: None,
        });
    }
    let mut chain = Chain::new("aviation");
    chain.name = Some("航空".into());
    builder.add_chain(chain);
    builder.add_supply(&Supply::new("given-maker", "F000001"));
    builder.add_pairing(Pairing {
        id: "P00001".into(),
        parties: vec!["given-maker".into(), "F000001".into()],
        level: None,
        modes: Vec::new(),
        theme: None,
        signed: None,
        ends: None,
    });
    builder.finish().0
}

#[test]
fn zhuzhou_s_totals_are_exact() -> Result<(), CityError> {
    for (seed, included) in [(1, None), (2, None), (3, Some(given()))] {
        let mut builder = City::builder().zhuzhou().seed(seed).rows_per_pair(1);
        if let Some(included) = included {
            builder = builder.include(included);
        }
        let city = builder.build()?;
        let tables = city.dataset.tables();
        assert_eq!(tables.chains.len(), 17);
        assert_eq!(tables.firms.len(), 4_955);
        assert_eq!(party(&city.dataset), (1_799, 48_253));
        assert_eq!(n_paired(&city.dataset), 233);
        let mut members: BTreeMap<&str, usize> = BTreeMap::new();
        for row in &tables.chain_members {
            *members.entry(row.chain.as_str()).or_default() += 1;
        }
        assert!(members.values().all(|&n| n >= 80), "{members:?}");
    }
    Ok(())
}

#[test]
fn the_same_seed_gives_the_same_city_and_another_another() -> Result<(), CityError> {
    let build = |seed| City::builder().firms(300).seed(seed).build();
    assert_eq!(build(5)?.dataset, build(5)?.dataset);
    assert_eq!(build(5)?.truth, build(5)?.truth);
    assert_ne!(build(5)?.dataset, build(6)?.dataset);
    Ok(())
}

/// Pins the bytes: a change here is a change of every benchmark and tuned figure.
#[test]
fn the_cities_of_two_seeds_are_known() -> Result<(), CityError> {
    let of =
        |firms, seed| City::builder().firms(firms).seed(seed).build().map(|city| fingerprint(&city.dataset));
    assert_eq!(
        [of(100, 1)?, of(100, 2)?, of(1_500, 1)?, of(1_500, 2)?],
        [0xe848_7e24_24cf_aa5a, 0x62a1_ba6c_9a1b_e209, 0xa68e_fa6f_4193_fb02, 0x9754_2dc8_b413_501a]
    );
    Ok(())
}

#[test]
fn cities_of_any_size_are_without_fault() -> Result<(), CityError> {
    for firms in [100, 1_000, 20_000] {
        let city = City::builder().firms(firms).seed(11).build()?;
        assert_eq!(city.report.counts().count(), 0, "{}", city.report);
        let asked = firms * CityBuilder::EDGES_PER_FIRM;
        assert!(
            n_pairs(&city.dataset).abs_diff(asked) * 20 <= asked,
            "{} of {asked}",
            n_pairs(&city.dataset)
        );
        let tables = city.dataset.tables();
        assert_eq!(tables.firms.len(), firms);
        let refunds =
            city.dataset.supplies().iter().filter(|row| row.value().is_some_and(|value| value < 0.0));
        assert!(refunds.count() > 0);
        for kind in [OutcomeKind::Order, OutcomeKind::Failure] {
            assert!(firms < 1_000 || tables.outcomes.iter().any(|outcome| outcome.kind == kind), "{kind}");
        }
        assert!(!tables.incidents.is_empty() && !tables.responses.is_empty());
    }
    Ok(())
}

#[test]
fn trade_is_heavy_tailed_and_firms_are_mostly_small() -> Result<(), CityError> {
    let city = City::builder().firms(5_000).seed(3).build()?;
    let (mut suppliers, mut buyers) = degrees(&city.dataset);
    for degrees in [&mut suppliers, &mut buyers] {
        degrees.sort_unstable();
        let (median, most) = (degrees[degrees.len() / 2], degrees[degrees.len() - 1]);
        assert!(most > 12 * median.max(1), "most {most}, median {median}");
        let all: usize = degrees.iter().sum();
        let tenth: usize = degrees[degrees.len() * 9 / 10..].iter().sum();
        assert!(tenth * 100 > all * 28, "the top tenth has {tenth} of {all}");
    }
    let mut sizes: BTreeMap<SizeClass, usize> = BTreeMap::new();
    for class in city.dataset.tables().firms.iter().filter_map(Firm::size_class) {
        *sizes.entry(class).or_default() += 1;
    }
    assert!(sizes[&SizeClass::Large] < sizes[&SizeClass::Medium], "{sizes:?}");
    assert!(sizes[&SizeClass::Medium] < sizes[&SizeClass::Small], "{sizes:?}");
    assert!(sizes[&SizeClass::Micro] > 1_500, "{sizes:?}");
    Ok(())
}

#[test]
fn every_chain_has_good_pairings() -> Result<(), CityError> {
    let city = City::builder().firms(2_000).seed(4).build()?;
    let tables = city.dataset.tables();
    for chain in &tables.chains {
        let members: BTreeSet<&str> = tables
            .chain_members
            .iter()
            .filter(|row| row.chain == chain.id)
            .map(|row| row.firm.as_str())
            .collect();
        let best = (city.truth.good_pairs().iter())
            .filter(|pair| members.contains(pair.anchor.as_str()) && members.contains(pair.supplier.as_str()))
            .map(|pair| pair.utility)
            .fold(0.0, f64::max);
        assert!(best > 0.5, "{} {best}", chain.id);
    }
    for pair in city.truth.good_pairs() {
        assert_eq!(pair.utility, pair.traits.utility());
        let values = pair.traits.of_anchor().into_iter().chain(pair.traits.of_supplier()).flatten();
        assert!(values.clone().all(|value| (0.0..=1.0).contains(&value)), "{pair:?}");
        assert!(values.count() >= 9, "{pair:?}");
    }
    let weights: f64 = Traits::WEIGHTS.iter().map(|(_, weight)| weight).sum();
    assert!((weights - 1.0).abs() < 1e-12);
    let anchor = &city.truth.good_pairs()[0].anchor;
    assert!(city.truth.good_pairs_of(anchor.as_str()).is_sorted_by(|a, b| a.utility >= b.utility));
    Ok(())
}

#[test]
fn without_noise_pairings_and_outcomes_follow_the_truth() -> Result<(), CityError> {
    let city = City::builder().firms(2_000).seed(9).noise(0.0).build()?;
    let tables = city.dataset.tables();
    for (id, pair) in city.truth.past() {
        let failed = tables
            .outcomes
            .iter()
            .any(|outcome| outcome.pairing == *id && outcome.kind == OutcomeKind::Failure);
        assert_eq!(failed, pair.utility < Traits::FAILURE, "{pair:?}");
    }
    // The first pairing of each anchor is its best, but for suppliers that another took.
    let firsts = city.truth.past().iter().filter(|(_, pair)| {
        city.truth.good_pairs_of(pair.anchor.as_str()).iter().any(|good| good.supplier == pair.supplier)
    });
    assert!(firsts.count() * 10 >= city.truth.past().len() * 9);
    Ok(())
}

#[test]
fn included_firms_live_like_any_other() -> Result<(), CityError> {
    let included = given();
    let mut paired = 0;
    for seed in 0..12 {
        let city = City::builder().firms(800).seed(seed).include(included.clone()).build()?;
        let tables = city.dataset.tables();
        assert_eq!(tables.firms.len(), 800);
        let maker = &tables.firms[tables.firm_ix("given-maker").map_or(0, jiedui::model::FirmIx::index)];
        let anchor = tables.firm_ix("given-anchor").map_or(0, jiedui::model::FirmIx::index);
        assert_eq!((maker.employees, maker.party_members), (None, Some(12)), "what is missing stays missing");
        let (suppliers, buyers) = degrees(&city.dataset);
        assert!(suppliers[anchor] > 0, "the anchor buys");
        assert!(
            buyers[tables.firm_ix("given-maker").map_or(0, jiedui::model::FirmIx::index)] > 0,
            "the maker sells"
        );
        assert!(!city.truth.good_pairs_of("given-anchor").is_empty());
        let chain = tables.chains.iter().find(|chain| chain.id.as_str() == "aviation");
        assert_eq!(chain.and_then(|chain| chain.name.as_deref()), Some("航空"));
        let with_anchor = |pairing: &&Pairing| pairing.parties[0].as_str() == "given-anchor";
        paired += usize::from(tables.pairings.iter().any(|pairing| with_anchor(&pairing)));
        assert!(tables.pairings.iter().any(|pairing| pairing.id.as_str() == "P00001"));
    }
    assert!(paired > 6, "the anchor is paired in {paired} of 12 cities");
    Ok(())
}

/// The case firms of `examples/data/cases`, without their pairings. The files hold no
/// quoted cells; unknown cells stay unknown.
fn cases() -> Dataset {
    fn rows(text: &str) -> impl Iterator<Item = Vec<&str>> {
        text.lines().skip(1).map(|line| line.split(',').collect())
    }
    let mut builder = Dataset::builder();
    for row in rows(include_str!("../examples/data/cases/firms.csv")) {
        let known = |column: usize| Some(row[column]).filter(|cell| !cell.is_empty());
        let number = |column: usize| known(column).and_then(|cell| cell.parse().ok());
        let mut firm = Firm::new(row[0]);
        firm.name = known(1).map(Into::into);
        firm.kind = known(2).and_then(FirmKind::from_word);
        firm.parent = known(3).map(Into::into);
        firm.anchor = known(4).map(|cell| cell == "true");
        firm.ownership = known(5).and_then(Ownership::from_word);
        firm.industry = known(6).map(Industry::new);
        firm.region = known(7).map(Into::into);
        firm.place =
            number(8).zip(number(9)).and_then(|(longitude, latitude)| Place::new(longitude, latitude).ok());
        firm.employees = number(10);
        firm.revenue = number(11);
        firm.party_branch = known(12).and_then(PartyBranch::from_word);
        firm.party_members = number(13).map(|members| members as u32);
        firm.quota = number(14).map(|quota| quota as u32);
        builder.add_firm(firm);
    }
    for row in rows(include_str!("../examples/data/cases/firm_products.csv")) {
        builder.add_firm_product(FirmProduct {
            firm: row[0].into(),
            product: row[1].into(),
            role: Role::from_word(row[2]).unwrap_or(Role::Makes),
            weight: row[3].parse().ok(),
        });
    }
    for row in rows(include_str!("../examples/data/cases/chain_members.csv")) {
        let position = Some(row[2].into());
        builder.add_chain_member(ChainMember { chain: row[0].into(), firm: row[1].into(), position });
    }
    for row in rows(include_str!("../examples/data/cases/resources.csv")) {
        builder.add_resource(Resource {
            firm: row[0].into(),
            direction: Direction::from_word(row[1]).unwrap_or(Direction::Offers),
            category: Category::from_word(row[2]).unwrap_or(Category::Other),
            item: Some(row[3].into()),
            amount: row[4].parse().ok(),
            unit: Some(row[5].into()),
        });
    }
    builder.finish().0
}

#[test]
fn the_case_firms_fit_into_zhuzhou() -> Result<(), CityError> {
    let cases = cases();
    assert_eq!(cases.tables().firms.len(), 12);
    let place = |id: &str| {
        cases.tables().firms.iter().find(|firm| firm.id.as_str() == id).and_then(|firm| firm.place)
    };
    let km = place("420中心").zip(place("丰发精工")).map(|(a, b)| a.distance_km(b));
    assert!(km.is_some_and(|km| (km - 0.9).abs() < 0.005), "{km:?}");
    let city = City::builder().zhuzhou().seed(1).rows_per_pair(1).include(cases).build()?;
    let tables = city.dataset.tables();
    assert_eq!((tables.firms.len(), n_paired(&city.dataset)), (4_955, 233));
    assert_eq!(party(&city.dataset), (1_799, 48_253));
    // Every product named is one of the city's own, which has a name.
    assert!(tables.products.iter().all(|product| product.name.is_some()));
    for product in ["aviation.engine.precision-part", "rail.bogie.frame", "rail.traction.busbar"] {
        let makers = tables.firm_products.iter();
        let makers = makers.filter(|row| row.product.as_str() == product && row.role == Role::Makes).count();
        assert!(makers >= 10, "{product} has {makers} makers");
    }
    Ok(())
}

#[test]
fn nonsense_is_refused() {
    let base = || City::builder().firms(200);
    assert!(matches!(City::builder().firms(0).build(), Err(CityError::Firms(0))));
    assert!(matches!(City::builder().firms(usize::MAX).build(), Err(CityError::Firms(usize::MAX))));
    assert!(matches!(base().edges_per_firm(51).build(), Err(CityError::Edges { asked: 51, most: 50 })));
    assert!(matches!(base().chains(0).build(), Err(CityError::Chains { asked: 0, most: 10 })));
    assert!(matches!(base().chains(11).build(), Err(CityError::Chains { asked: 11, .. })));
    assert!(matches!(base().noise(f64::NAN).build(), Err(CityError::Noise(_))));
    assert!(matches!(base().noise(-0.1).build(), Err(CityError::Noise(_))));
    assert!(matches!(base().rows_per_pair(0).build(), Err(CityError::Rows(0))));
    assert!(matches!(base().party(201, 1_000).build(), Err(CityError::PartyUnits { asked: 201, .. })));
    assert!(matches!(
        base().party(50, 49).build(),
        Err(CityError::PartyMembers { asked: 49, least: 50, .. })
    ));
    assert!(matches!(base().party(50, u64::MAX).build(), Err(CityError::PartyMembers { .. })));
    assert!(matches!(base().party(0, 49).build(), Err(CityError::PartyMembers { .. })));
    assert!(matches!(base().paired_firms(1).build(), Err(CityError::PairedTooMany { asked: 1, most: 0 })));
    assert!(matches!(base().paired_firms(201).build(), Err(CityError::PairedTooMany { asked: 201, .. })));
    let two = base().include(given()).paired_firms(1).build();
    assert!(matches!(two, Err(CityError::PairedTooFew { asked: 1, given: 2 })));
    let stranger = {
        let mut builder = Dataset::builder();
        builder.add_chain_member(ChainMember { chain: "shipyards".into(), firm: "x".into(), position: None });
        builder.finish().0
    };
    assert!(
        matches!(base().include(stranger).build(), Err(CityError::UnknownChain(chain)) if chain.as_str() == "shipyards")
    );
    let crowd = {
        let mut builder = Dataset::builder();
        for firm in 0..101 {
            builder.add_firm(Firm::new(format!("x{firm}")));
        }
        builder.finish().0
    };
    assert!(matches!(base().include(crowd).build(), Err(CityError::Included { given: 101, most: 100 })));
}

#[test]
fn a_dense_city_still_has_its_edges() -> Result<(), CityError> {
    let city = City::builder().firms(100).edges_per_firm(25).rows_per_pair(1).build()?;
    assert_eq!(n_pairs(&city.dataset), 2_500);
    assert_eq!(city.dataset.supplies().len(), 2_500);
    let none = City::builder().firms(100).edges_per_firm(0).build()?;
    assert!(none.dataset.supplies().is_empty());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_settings_give_a_city_or_an_error(
        firms in 90..400_usize,
        seed: u64,
        edges in 0..60_usize,
        chains in proptest::option::of(0..20_usize),
        noise in 0.0..1.0_f64,
        rows in 1..8_u32,
        paired in proptest::option::of(0..200_usize),
        with_given: bool,
    ) {
        let mut builder =
            City::builder().firms(firms).seed(seed).edges_per_firm(edges).noise(noise).rows_per_pair(rows);
        if let Some(chains) = chains {
            builder = builder.chains(chains);
        }
        if let Some(paired) = paired {
            builder = builder.paired_firms(paired);
        }
        if with_given {
            builder = builder.include(given());
        }
        if let Ok(city) = builder.build() {
            let tables = city.dataset.tables();
            prop_assert_eq!(tables.firms.len(), firms);
            // The given firms bring one pair, whatever number is asked for.
            prop_assert_eq!(n_pairs(&city.dataset), (firms * edges).max(usize::from(with_given)));
            if let Some(paired) = paired {
                prop_assert_eq!(n_paired(&city.dataset), paired);
            }
            for row in city.dataset.supplies() {
                let (supplier, buyer) =
                    (&tables.firms[row.supplier().index()], &tables.firms[row.buyer().index()]);
                prop_assert!(supplier.parent.as_ref() != Some(&buyer.id));
                prop_assert!(buyer.parent.as_ref() != Some(&supplier.id));
            }
            for firm in tables.firms.iter().filter(|firm| !firm.id.as_str().starts_with("given")) {
                prop_assert!(firm.id.as_str() == "F000001" || firm.name.as_deref().is_some_and(|name| name.contains("虚构")));
            }
        }
    }
}

#[test]
#[ignore = "slow: a million firms, about 2 GB"]
fn a_million_firms() -> Result<(), CityError> {
    for firms in [100_000, 1_000_000] {
        let start = std::time::Instant::now();
        let city = City::builder().firms(firms).seed(1).rows_per_pair(1).build()?;
        let memory = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let peak = memory.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("VmHWM unknown");
        println!("{firms} firms, {} pairs: {:?}, {peak}", n_pairs(&city.dataset), start.elapsed());
        assert!(n_pairs(&city.dataset) * 20 >= firms * CityBuilder::EDGES_PER_FIRM * 19);
    }
    Ok(())
}
