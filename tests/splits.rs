//! Splits leak nothing, baselines score as drawn by hand, intervals cover.

use std::collections::BTreeSet;

use jiedui::dataset::Dataset;
use jiedui::evaluate::{
    Asks, Baseline, Evaluation, HoldOut, Interval, Metric, Paired, Protocol, Ranker, Split, SplitError,
};
use jiedui::matcher::Matcher;
use jiedui::model::{
    Answer, ChainMember, Date, Firm, FirmIx, Incident, Outcome, OutcomeKind, Pairing, Place, Response, Supply,
};
use jiedui::network::Network;
use proptest::prelude::*;

type Result<T = (), E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

/// A supplier, a buyer and a date; new in 2024 is paint for works 1.
const DRAWN: [(&str, &str, &str); 9] = [
    ("steel", "works 1", "2023-12"),
    ("foundry", "works 1", "2023-06"),
    ("steel", "works 2", "2023-12"),
    ("paint", "works 2", "2023-12"),
    ("steel", "works 3", "2022-12"),
    ("glass", "works 3", "2022-12"),
    ("foundry", "works 3", "2022-12"),
    ("paint", "works 1", "2024-02"),
    ("steel", "works 1", "2024-01"),
];

fn drawn() -> Result<Dataset> {
    let mut builder = Dataset::builder();
    for (supplier, buyer, date) in DRAWN {
        builder.add_supply(&Supply { date: Some(date.parse()?), ..Supply::new(supplier, buyer) });
    }
    let place = |longitude| Place::new(longitude, 27.0).map(Some);
    builder.add_firm(Firm { place: place(113.0)?, ..Firm::new("works 1") });
    builder.add_firm(Firm { place: place(114.0)?, ..Firm::new("paint") });
    builder.add_firm(Firm { place: place(113.5)?, ..Firm::new("glass") });
    Ok(builder.finish().0)
}

fn protocol(asks: Asks) -> Protocol {
    let mut protocol = Protocol::default();
    (protocol.fewest_known, protocol.asks) = (1, asks);
    protocol
}

fn ranked(split: &Split, baseline: Baseline) -> Vec<String> {
    let fold = &split.folds()[0];
    let anchor = fold.queries()[0].0;
    let found = baseline.prepare(fold).rank(anchor, &fold.candidates(anchor), 10);
    found.into_iter().map(|firm| fold.network().firm(firm).id.to_string()).collect()
}

#[test]
fn time_parts_what_is_known_from_what_is_asked() -> Result {
    let split = Split::by_time(&drawn()?, "2024-01".parse()?, protocol(Asks::NewSuppliers))?;
    assert_eq!((split.n_anchors(), split.n_pairs()), (1, 1));
    let fold = &split.folds()[0];
    assert_eq!(fold.train().supplies().len(), 7);
    assert_eq!(split.qrels().gain("works 1", "paint"), Some(1));
    // Steel, known already, is asked for only with relations.
    let split = Split::by_time(&drawn()?, "2024-01".parse()?, protocol(Asks::Relations))?;
    assert_eq!((split.n_pairs(), split.qrels().gain("works 1", "steel")), (2, Some(1)));
    Ok(())
}

/// Goods sent back make no relation to be foretold.
#[test]
fn a_refund_is_not_asked_for() -> Result {
    let mut builder = Dataset::builder();
    let mut row = |supplier: &str, date: &str, value| -> Result {
        let date = Some(date.parse()?);
        builder.add_supply(&Supply { date, value: Some(value), ..Supply::new(supplier, "works") });
        Ok(())
    };
    row("steel", "2023-06", 1.0)?;
    row("paint", "2024-02", 2.0)?;
    row("glass", "2024-02", -1.0)?;
    builder.add_supply(&Supply { date: Some("2023-06".parse()?), ..Supply::new("glass", "other") });
    builder.add_supply(&Supply { date: Some("2023-06".parse()?), ..Supply::new("paint", "other") });
    let split = Split::by_time(&builder.finish().0, "2024-01".parse()?, protocol(Asks::NewSuppliers))?;
    assert_eq!((split.n_pairs(), split.qrels().gain("works", "paint")), (1, Some(1)));
    Ok(())
}

/// An anchor has the fewest suppliers that have to stay known, and one to be hidden.
#[test]
fn one_more_than_the_fewest_known_is_enough() -> Result {
    let asked = |suppliers: u32| {
        let mut builder = Dataset::builder();
        for number in 0..suppliers {
            builder.add_supply(&Supply::new(format!("s{number}"), "works"));
            builder.add_supply(&Supply::new(format!("s{number}"), format!("other {number}")));
        }
        let split = Split::leave_anchor_out(&builder.finish().0, HoldOut::default(), Protocol::default());
        split.map(|split| (split.n_anchors(), split.n_pairs()))
    };
    assert_eq!(asked(6)?, (1, 1));
    assert!(matches!(asked(5), Err(SplitError::NoAnchor { fewest_known: 5 })));
    Ok(())
}

#[test]
fn no_more_anchors_are_asked_for_than_wished_and_none_are_compared_with_others() -> Result {
    let mut builder = Dataset::builder();
    for buyer in 0..9 {
        for supplier in 0..4 {
            builder.add_supply(&Supply::new(format!("s{}", (supplier + buyer) % 7), format!("b{buyer}")));
        }
    }
    let split =
        Split::leave_anchor_out(&builder.finish().0, HoldOut::default(), protocol(Asks::NewSuppliers))?;
    assert_eq!(split.n_anchors(), 9);
    for most in 0..12 {
        assert_eq!(split.clone().at_most(most, 7).n_anchors(), most.min(9));
    }
    let evaluate =
        |split: &Split| split.evaluate(5, |fold| Ok::<_, SplitError>(Baseline::Popularity.prepare(fold)));
    let (few, others) = (split.clone().at_most(4, 1), split.at_most(4, 2));
    let (one, other) = (evaluate(&few)?, evaluate(&others)?);
    assert!(one.judged().map(|(anchor, _)| anchor).ne(other.judged().map(|(anchor, _)| anchor)));
    assert_eq!(one.versus(&other, Metric::Recall(5), 0), None);
    assert!(one.versus(&one, Metric::Recall(5), 0).is_some());
    Ok(())
}

/// Pairings that failed are hidden with the others and asked for by nobody.
#[test]
fn failed_pairings_are_not_asked_for() -> Result {
    let mut builder = Dataset::builder();
    for supplier in ["x", "y", "z"] {
        builder.add_supply(&Supply::new(supplier, "works"));
    }
    for (id, supplier) in [("P1", "x"), ("P2", "y")] {
        builder.add_pairing(Pairing {
            id: id.into(),
            parties: vec!["works".into(), supplier.into()],
            level: None,
            modes: vec![],
            theme: None,
            signed: None,
            ends: None,
        });
    }
    let kind = OutcomeKind::Failure;
    builder.add_outcome(Outcome { pairing: "P2".into(), kind, amount: None, date: None, evidence: None });
    let split = Split::by_pairings(&builder.finish().0, HoldOut::default(), protocol(Asks::Relations))?;
    assert_eq!((split.n_pairs(), split.qrels().gain("works", "x")), (1, Some(1)));
    assert!(split.folds()[0].train().tables().pairings.is_empty());
    Ok(())
}

#[test]
fn what_leaves_nobody_to_ask_is_named() -> Result {
    let by_time = |dataset: &Dataset, cut: &str| -> Result<SplitError> {
        Ok(Split::by_time(dataset, cut.parse()?, Protocol::default()).unwrap_err())
    };
    let drawn = drawn()?;
    assert_eq!(by_time(&drawn, "2024-01")?, SplitError::NoAnchor { fewest_known: 5 });
    let (cut, last) = ("2025".parse()?, "2024-02".parse()?);
    assert_eq!(by_time(&drawn, "2025")?, SplitError::NothingAfter { cut, last });
    let (cut, first) = ("2022-12".parse()?, "2022-12".parse()?);
    assert_eq!(by_time(&drawn, "2022-12")?, SplitError::NothingBefore { cut, first });
    let mut builder = Dataset::builder();
    builder.add_supply(&Supply::new("steel", "works"));
    assert_eq!(by_time(&builder.finish().0, "2024")?, SplitError::NothingDated);
    let nothing = Dataset::builder().finish().0;
    assert_eq!(by_time(&nothing, "2024")?, SplitError::NoSupplies);

    let (hold_out, protocol) = (HoldOut::default(), Protocol::default());
    let error = Split::leave_anchor_out(&nothing, hold_out, protocol).unwrap_err();
    assert_eq!(error, SplitError::NoSupplies);
    let error = Split::leave_chain_out(&drawn, hold_out, protocol).unwrap_err();
    assert_eq!(error, SplitError::NoChain { fewest_known: 5 });
    let error = Split::by_pairings(&drawn, hold_out, protocol).unwrap_err();
    assert_eq!(error, SplitError::NoPairing { fewest_known: 5 });
    let error = Split::hide_products(&drawn, hold_out, protocol).unwrap_err();
    assert_eq!(error, SplitError::NoMaker { fewest_known: 5 });
    assert!(error.asks_nobody() && error.to_string().contains("lower fewest_known"));
    Ok(())
}

/// The year that trade counts goes up to the cut, however coarse that is.
#[test]
fn a_cut_is_its_first_day() -> Result {
    let mut builder = Dataset::builder();
    for (supplier, buyer, date) in [
        ("steel", "a", "2023-03"),
        ("steel", "b", "2023-09"),
        ("paint", "b", "2023-12"),
        ("paint", "a", "2024-03"),
    ] {
        let row = Supply::new(supplier, buyer);
        builder.add_supply(&Supply { value: Some(5.0), date: Some(date.parse()?), ..row });
    }
    let dataset = builder.finish().0;
    for cut in ["2024", "2024-01", "2024-01-01"] {
        let split = Split::by_time(&dataset, cut.parse()?, protocol(Asks::NewSuppliers))?;
        let values: Vec<f64> =
            split.folds()[0].network().all_links().filter_map(|link| link.trade().value()).collect();
        assert_eq!(values, [5.0; 3], "{cut}");
    }
    Ok(())
}

#[test]
fn a_year_is_not_known_before_its_first_month() -> Result {
    let mut builder = Dataset::builder();
    for date in ["2023", "2024"] {
        builder.add_supply(&Supply { date: Some(date.parse()?), ..Supply::new("steel", "works") });
    }
    // By order of dates 2024 comes before 2024-01.
    assert_eq!(builder.finish().0.before("2024-01".parse()?).supplies().len(), 1);
    Ok(())
}

#[test]
fn what_happened_later_is_not_known() -> Result {
    let mut builder = Dataset::builder();
    for (id, signed) in [("old", Some("2023-05")), ("new", Some("2024-05")), ("undated", None)] {
        let signed = signed.map(str::parse).transpose()?;
        let parties = vec!["works".into(), "steel".into()];
        let (level, modes, theme, ends) = (None, Vec::new(), None, None);
        builder.add_pairing(Pairing { id: id.into(), parties, level, modes, theme, signed, ends });
        for date in ["2023-11", "2024-11"] {
            let (kind, amount, evidence) = (OutcomeKind::Saving, None, None);
            let date = Some(date.parse()?);
            builder.add_outcome(Outcome { pairing: id.into(), kind, amount, date, evidence });
        }
    }
    for date in ["2023-12-31", "2024-01-01"] {
        let (kind, lots, date) = (None, None, Some(date.parse()?));
        builder.add_incident(Incident { supplier: "steel".into(), buyer: "works".into(), kind, lots, date });
        let (answer, until) = (Answer::No, None);
        builder.add_response(Response { firm: "steel".into(), partner: "works".into(), answer, date, until });
    }
    let all = builder.finish().0;
    let past = all.before("2024".parse()?);
    let known: Vec<&str> = past.tables().pairings.iter().map(|pairing| pairing.id.as_str()).collect();
    assert_eq!(known, ["old", "undated"]);
    let outcomes: Vec<&str> = past.tables().outcomes.iter().map(|outcome| outcome.pairing.as_str()).collect();
    assert_eq!(outcomes, ["old", "undated"]);
    assert_eq!((past.tables().incidents.len(), past.tables().responses.len()), (1, 1));
    assert_eq!(past.latest_date(), Some("2023-12-31".parse()?));
    assert_eq!(past.tables().firms, all.tables().firms);
    Ok(())
}

#[test]
fn any_number_of_threads_measures_the_same() -> Result {
    let split = Split::by_time(&drawn()?, "2024-01".parse()?, protocol(Asks::Relations))?;
    let measured = |threads: usize| -> Result<Evaluation> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
        Ok(pool.install(|| split.evaluate(10, |fold| Matcher::builder(fold.network()).build()))?)
    };
    assert_eq!(measured(1)?, measured(4)?);
    Ok(())
}

#[test]
fn baselines_by_hand() -> Result {
    let split = Split::by_time(&drawn()?, "2024-01".parse()?, protocol(Asks::NewSuppliers))?;
    // Candidates are glass and paint, each of one buyer. Paths to glass: over steel and over the
    // foundry to works 3; to paint: over steel to works 2.
    assert_eq!(ranked(&split, Baseline::Paths3), ["glass", "paint"]);
    // Glass shares one buyer of three with steel and one of two with the foundry.
    assert_eq!(ranked(&split, Baseline::ItemCosine), ["glass", "paint"]);
    // Works 2 shares 1 / √(2·2), works 3 2 / √(2·3).
    assert_eq!(ranked(&split, Baseline::UserCosine), ["glass", "paint"]);
    // Over steel of degree 3 to works 2 of degree 2: 1/6. To works 3 of degree 3: 1/9 over steel, 1/6
    // over the foundry of degree 2.
    assert_eq!(ranked(&split, Baseline::ResourceAllocation3), ["glass", "paint"]);
    // Works 3 was last seen a year before the others: w = ½ for its pairs against about 1.
    assert_eq!(ranked(&split, Baseline::L3Decay), ["paint", "glass"]);
    // Half a degree of longitude away, against one.
    assert_eq!(ranked(&split, Baseline::Distance), ["glass", "paint"]);
    // A tie, which falls to the id.
    assert_eq!(ranked(&split, Baseline::Popularity), ["glass", "paint"]);

    let fold = &split.folds()[0];
    assert!(Baseline::Distance.applies(fold) && !Baseline::Persistence.applies(fold));
    let split = Split::by_time(&drawn()?, "2024-01".parse()?, protocol(Asks::Relations))?;
    // Last seen one and seven months ago; the others never, by id.
    assert_eq!(ranked(&split, Baseline::Persistence), ["steel", "foundry", "glass", "paint"]);
    assert!(Baseline::Persistence.applies(&split.folds()[0]));
    Ok(())
}

#[test]
fn parameters_out_of_range_are_refused() -> Result {
    let dataset = drawn()?;
    let refused = |folds: usize, share: f64| {
        let mut hold_out = HoldOut::default();
        (hold_out.folds, hold_out.share) = (folds, share);
        let split = Split::leave_anchor_out(&dataset, hold_out, protocol(Asks::NewSuppliers));
        split.map_or_else(|error| error.to_string(), |_| String::new())
    };
    assert_eq!(refused(0, 0.2), "0 folds are too few; take at least 1");
    assert_eq!(refused(5, 0.0), "a hidden share of 0 is not above 0 and at most 1");
    assert_eq!(refused(5, f64::NAN), "a hidden share of NaN is not above 0 and at most 1");
    assert_eq!(refused(5, 1.0), "");
    Ok(())
}

/// A model that ranks whoever is asked for, and more than that.
#[derive(Debug)]
struct Babbler;

impl Ranker for Babbler {
    fn rank(&self, anchor: FirmIx, candidates: &[FirmIx], _: usize) -> Vec<FirmIx> {
        let twice = candidates.iter().chain(candidates).copied();
        std::iter::once(anchor).chain(twice).collect()
    }
}

/// A model that answers for nobody.
#[derive(Debug)]
struct Silent;

impl Ranker for Silent {
    fn rank(&self, _: FirmIx, _: &[FirmIx], _: usize) -> Vec<FirmIx> {
        Vec::new()
    }

    fn rank_each(&self, _: &[(FirmIx, Vec<FirmIx>)], _: usize) -> Vec<Vec<FirmIx>> {
        Vec::new()
    }
}

/// Else its mean would be over the anchors of its choice.
#[test]
fn who_is_silent_is_judged_for_every_anchor() -> Result {
    let split = Split::by_time(&drawn()?, "2024-01".parse()?, protocol(Asks::NewSuppliers))?;
    let silent = split.evaluate(10, |_| Ok::<_, SplitError>(Silent))?;
    assert_eq!((silent.n_anchors(), silent.mean(Metric::Ndcg(10))), (split.n_anchors(), 0.0));
    let popular = split.evaluate(10, |fold| Ok::<_, SplitError>(Baseline::Popularity.prepare(fold)))?;
    assert!(popular.versus(&silent, Metric::Ndcg(10), 0).is_some());
    Ok(())
}

#[test]
fn incidents_of_hidden_relations_are_hidden() -> Result {
    let mut builder = Dataset::builder();
    builder.add_dataset(&drawn()?);
    let trades: BTreeSet<(&str, &str)> =
        DRAWN.iter().map(|&(supplier, buyer, _)| (supplier, buyer)).collect();
    for &(supplier, buyer) in &trades {
        let (supplier, buyer) = (supplier.into(), buyer.into());
        builder.add_incident(Incident { supplier, buyer, kind: None, lots: None, date: None });
    }
    let dataset = builder.finish().0;
    for both_ways in [false, true] {
        let mut protocol = protocol(Asks::NewSuppliers);
        protocol.both_ways = both_ways;
        let split = Split::leave_anchor_out(&dataset, HoldOut::default(), protocol)?;
        for fold in split.folds() {
            let network = fold.network();
            let told = &fold.train().tables().incidents;
            assert!(!told.is_empty() && told.len() < trades.len());
            // What trade is known has its incident still.
            assert!(told.iter().all(|incident| {
                let pair = [&incident.supplier, &incident.buyer].map(|id| network.firm_ix(id.as_str()));
                matches!(pair, [Some(supplier), Some(buyer)] if network.trade(supplier, buyer).is_some())
            }));
            let edges = network.n_edges() / if both_ways { 2 } else { 1 };
            assert_eq!(told.len(), edges);
        }
    }
    Ok(())
}

#[test]
fn what_was_not_asked_does_not_count() -> Result {
    let split = Split::by_time(&drawn()?, "2024-01".parse()?, protocol(Asks::NewSuppliers))?;
    let evaluation = split.evaluate(10, |_| Ok::<_, SplitError>(Babbler))?;
    // Glass, then paint: the anchor itself is passed over, repeats are not ranked.
    assert_eq!(evaluation.mean(Metric::ReciprocalRank), 0.5);
    let run = evaluation.run("babbler")?;
    assert_eq!(run.rankings().next().ok_or("none")?.1.len(), 2);
    // Steel and the foundry supply the anchor already, so that glass and paint are all that could be shown.
    assert_eq!((evaluation.exposure(10).coverage(), evaluation.exposure(10).gini()), (1.0, 0.0));
    assert_eq!(evaluation.exposure(1).coverage(), 0.5);
    assert_eq!(evaluation.novelty(10), 1.0);
    Ok(())
}

#[test]
fn a_chain_is_in_one_fold() -> Result {
    let mut builder = Dataset::builder();
    for buyer in 0..12 {
        for supplier in 0..8 {
            builder.add_supply(&Supply::new(format!("s{}", (supplier + buyer) % 9), format!("b{buyer:02}")));
        }
        // One that is in two counts to the first.
        for chain in [format!("c{}", buyer % 3)].into_iter().chain((buyer == 4).then(|| "c2".to_owned())) {
            let firm = format!("b{buyer:02}");
            builder.add_chain_member(ChainMember { chain: chain.into(), firm: firm.into(), position: None });
        }
    }
    let split = Split::leave_chain_out(&builder.finish().0, HoldOut::default(), Protocol::default())?;
    assert_eq!((split.folds().len(), split.n_anchors()), (3, 12));
    for fold in split.folds() {
        let network = fold.network();
        let chains: BTreeSet<_> =
            fold.queries().iter().map(|(anchor, _)| network.memberships(*anchor)[0]).collect();
        assert_eq!((chains.len(), fold.queries().len()), (1, 4));
    }
    Ok(())
}

fn relations() -> impl Strategy<Value = Dataset> {
    prop::collection::vec((0u8..12, 0u8..12), 1..90).prop_map(|pairs| {
        let mut builder = Dataset::builder();
        for (supplier, buyer) in pairs.into_iter().filter(|(supplier, buyer)| supplier != buyer) {
            builder.add_supply(&Supply::new(format!("f{supplier:02}"), format!("f{buyer:02}")));
        }
        builder.finish().0
    })
}

proptest! {
    /// Nothing to be found is known, in either direction where both count; each anchor is asked
    /// for once and keeps enough suppliers.
    #[test]
    fn law_what_is_hidden_is_not_known(dataset in relations(), both_ways: bool, seed: u64, share in 0.01f64..=1.0) {
        let (mut protocol, mut hold_out) = (Protocol::default(), HoldOut::default());
        (protocol.fewest_known, protocol.both_ways) = (2, both_ways);
        (hold_out.seed, hold_out.share, hold_out.folds) = (seed, share, 3);
        let Ok(split) = Split::leave_anchor_out(&dataset, hold_out, protocol) else { return Ok(()) };
        let mut asked = BTreeSet::new();
        let all = Network::build(&if both_ways { dataset.both_ways() } else { dataset })?;
        for fold in split.folds() {
            let network = fold.network();
            for (anchor, relevant) in fold.queries() {
                prop_assert!(asked.insert(*anchor));
                prop_assert!(network.suppliers(*anchor).len() >= 2);
                let candidates = fold.candidates(*anchor);
                for &supplier in relevant {
                    prop_assert!(network.trade(supplier, *anchor).is_none());
                    prop_assert!(!both_ways || network.trade(*anchor, supplier).is_none());
                    prop_assert!(candidates.binary_search(&supplier).is_ok());
                }
                // Nobody who does supply the anchor is taken for somebody who does not.
                let true_ones = candidates.iter().filter(|&&one| all.trade(one, *anchor).is_some());
                prop_assert!(true_ones.eq(relevant));
            }
        }
    }

    /// Nothing of the day of the cut or later is known.
    #[test]
    fn law_time_leaks_nothing(
        rows in prop::collection::vec((0u8..6, 0u8..6, 1i64..13, prop::option::of(1i64..29)), 1..60), month in 1i64..13,
    ) {
        let mut builder = Dataset::builder();
        for (supplier, buyer, month, day) in rows.into_iter().filter(|row| row.0 != row.1) {
            let date = day.map_or(Date::month(2024, month), |day| Date::day(2024, month, day))?;
            let row = Supply::new(format!("f{supplier}"), format!("f{buyer}"));
            builder.add_supply(&Supply { date: Some(date), ..row });
        }
        let cut = Date::month(2024, month)?;
        let Ok(split) = Split::by_time(&builder.finish().0, cut, protocol(Asks::NewSuppliers)) else { return Ok(()) };
        let fold = &split.folds()[0];
        prop_assert!(fold.train().supplies().iter().all(|row| row.date() < Some(cut.first_day())));
        prop_assert!(fold.network().all_links().all(|link| link.trade().last() < Some(cut.first_day())));
        for (anchor, relevant) in fold.queries() {
            prop_assert!(relevant.iter().all(|&supplier| fold.network().trade(supplier, *anchor).is_none()));
        }
    }

    /// Turned rows are where a builder would put them.
    #[test]
    fn law_both_ways_is_what_rows_both_ways_make(pairs in prop::collection::vec((0u8..7, 0u8..7, -2i8..3), 1..40)) {
        let (mut one, mut both) = (Dataset::builder(), Dataset::builder());
        for (supplier, buyer, value) in pairs.into_iter().filter(|row| row.0 != row.1) {
            let row = |from: u8, to: u8| {
                Supply { value: Some(value.into()), ..Supply::new(format!("f{from}"), format!("f{to}")) }
            };
            one.add_supply(&row(supplier, buyer));
            both.add_supply(&row(supplier, buyer)).add_supply(&row(buyer, supplier));
        }
        prop_assert_eq!(one.finish().0.both_ways(), both.finish().0);
    }

    /// The same split and the same rankings from rows in any order.
    #[test]
    fn law_row_order_does_not_matter(pairs in prop::collection::vec((0u8..9, 0u8..9), 1..60), seed: u64) {
        let evaluate = |pairs: &[(u8, u8)]| -> Option<Evaluation> {
            let mut builder = Dataset::builder();
            for (supplier, buyer) in pairs.iter().filter(|(supplier, buyer)| supplier != buyer) {
                builder.add_supply(&Supply::new(format!("f{supplier}"), format!("f{buyer}")));
            }
            let mut hold_out = HoldOut::default();
            hold_out.seed = seed;
            let mut protocol = Protocol::default();
            protocol.fewest_known = 1;
            let split = Split::leave_anchor_out(&builder.finish().0, hold_out, protocol).ok()?;
            split.evaluate(10, |fold| Ok::<_, SplitError>(Baseline::L3.prepare(fold))).ok()
        };
        let turned: Vec<_> = pairs.iter().rev().copied().collect();
        prop_assert_eq!(evaluate(&pairs), evaluate(&turned));
    }

    #[test]
    fn law_intervals_lie_within_the_values(values in prop::collection::vec(0.0f64..1.0, 1..30), seed: u64) {
        let interval = Interval::bootstrap(&values, seed).expect("finite");
        let (least, most) = values.iter().fold((1.0f64, 0.0f64), |(a, b), &v| (a.min(v), b.max(v)));
        prop_assert!(least - 1e-12 <= interval.low && interval.low <= interval.high && interval.high <= most + 1e-12);
        prop_assert_eq!(Interval::bootstrap(&values, seed), Some(interval));
    }
}

/// The normal interval of a mean of many is where the bootstrap must come out.
#[test]
fn intervals_are_those_of_the_normal_distribution() {
    let values: Vec<f64> = (0..400).map(|one| f64::from(one % 20) / 20.0).collect();
    let mean = 0.475;
    let deviation = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / 400.0;
    let half = 1.959_964 * (deviation / 400.0).sqrt();
    let interval = Interval::bootstrap(&values, 7).expect("finite");
    assert!((interval.mean - mean).abs() < 1e-12);
    // 2,000 samples place the percentiles to about 0.06 standard errors; this is four of those.
    assert!((interval.low - (mean - half)).abs() < half / 8.0, "{interval:?}");
    assert!((interval.high - (mean + half)).abs() < half / 8.0, "{interval:?}");
}

/// Against all 2ⁿ ways to change places.
#[test]
fn significance_is_that_of_full_enumeration() {
    let first = [0.9, 0.4, 0.7, 0.8, 0.3, 0.6, 0.75, 0.2];
    let second = [0.5, 0.45, 0.3, 0.6, 0.35, 0.2, 0.7, 0.1];
    let differences: Vec<f64> = first.iter().zip(second).map(|(a, b)| a - b).collect();
    let sum: f64 = differences.iter().sum();
    let turned = |signs: u32| -> f64 {
        differences.iter().enumerate().map(|(at, one)| if signs >> at & 1 == 1 { -one } else { *one }).sum()
    };
    let exact = (0..256).filter(|&signs| turned(signs).abs() >= sum.abs() - 1e-12).count() as f64 / 256.0;
    let paired = Paired::randomised(&first, &second, 3).expect("sound");
    assert!((paired.difference - sum / 8.0).abs() < 1e-15);
    // Four standard deviations of 10,000 draws.
    let spread = 4.0 * (exact * (1.0 - exact) / 10_000.0).sqrt();
    assert!((paired.p - exact).abs() < spread, "{} against {exact}", paired.p);
    assert_eq!(Paired::randomised(&first, &second[1..], 3), None);
    assert_eq!(Paired::randomised(&[f64::NAN], &[0.0], 3), None);
}
