//! Weights are learnt from what is known alone, and go where the data point.

#![cfg(feature = "json")]

use jiedui::dataset::Dataset;
use jiedui::evaluate::{HoldOut, Metric, Protocol, Split};
use jiedui::learn::{LearnError, Learner, Learnt, TrainingReport};
use jiedui::matcher::{Matcher, Weights};
use jiedui::model::{Firm, FirmKind, Place, Side, Supply};

type Result<T = (), E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

/// The latest year, which is asked for.
const CUT: i64 = 2024;

fn draw(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}

/// Works take on two suppliers a year: the nearest that they have not got, or anybody. In the
/// first year they take eight of anybody.
fn rows(is_near: bool) -> Result<(Vec<Firm>, Vec<Supply>)> {
    const WORKS: usize = 40;
    const SUPPLIERS: usize = 200;
    let mut state = 7;
    let mut firms = Vec::new();
    let mut at = |kind: &str, number: usize| -> Result<(String, f64, f64)> {
        let id = format!("{kind} {number:03}");
        let (x, y) = ((draw(&mut state) % 1_000) as f64 / 1e3, (draw(&mut state) % 1_000) as f64 / 1e3);
        firms.push(Firm { place: Some(Place::new(113.0 + x, 27.0 + y)?), ..Firm::new(id.as_str()) });
        Ok((id, x, y))
    };
    let works = (0..WORKS).map(|number| at("works", number)).collect::<Result<Vec<_>>>()?;
    let suppliers = (0..SUPPLIERS).map(|number| at("supplier", number)).collect::<Result<Vec<_>>>()?;
    let mut supplies = Vec::new();
    for (buyer, x, y) in &works {
        let mut left: Vec<(f64, &str)> =
            suppliers.iter().map(|(id, a, b)| ((x - a) * (x - a) + (y - b) * (y - b), id.as_str())).collect();
        left.sort_by(|a, b| b.0.total_cmp(&a.0));
        for year in 2018..=CUT {
            for _ in 0..if year == 2018 { 8 } else { 2 } {
                let chosen = if is_near && year > 2018 {
                    left.len() - 1
                } else {
                    draw(&mut state) as usize % left.len()
                };
                let supplier = left.remove(chosen).1;
                supplies.push(Supply {
                    date: Some(year.to_string().parse()?),
                    ..Supply::new(supplier, buyer.as_str())
                });
            }
        }
    }
    Ok((firms, supplies))
}

fn dataset(firms: &[Firm], supplies: &[Supply]) -> Dataset {
    let mut builder = Dataset::builder();
    for firm in firms {
        builder.add_firm(firm.clone());
    }
    for supply in supplies {
        builder.add_supply(supply);
    }
    builder.finish().0
}

fn learnt(dataset: &Dataset) -> Result<Learnt> {
    Ok(Learner::default().by_time(dataset, CUT.to_string().parse()?)?)
}

#[test]
fn weights_go_where_the_data_point() -> Result {
    let (firms, supplies) = rows(true)?;
    let dataset = dataset(&firms, &supplies);
    let learnt = learnt(&dataset)?;
    let default = Weights::default();
    let share = |weights: &Weights| {
        weights.get("proximity", Side::Anchor) / weights.get("co_supply", Side::Anchor).max(1e-9)
    };
    assert!(share(&learnt.weights) > 2.0 * share(&default), "{:?}", learnt.weights);
    assert_eq!(learnt.weights.get("gap", Side::Anchor), default.get("gap", Side::Anchor), "of no say");
    assert_eq!(learnt.report.rehearsals.len(), 3);
    for rehearsal in &learnt.report.rehearsals {
        // Two a works, but for suppliers that had nobody before.
        assert!(rehearsal.anchors == 40 && (70..=80).contains(&rehearsal.pairs), "{rehearsal:?}");
        assert!(rehearsal.after > rehearsal.before, "{rehearsal:?}");
    }
    let split = Split::by_time(&dataset, CUT.to_string().parse()?, Protocol::default())?;
    let ndcg = |weights: &Weights| -> Result<f64> {
        let evaluation =
            split.evaluate(10, |fold| Matcher::builder(fold.network()).weights(weights.clone()).build())?;
        Ok(evaluation.mean(Metric::Ndcg(10)))
    };
    let (before, after) = (ndcg(&default)?, ndcg(&learnt.weights)?);
    println!("ndcg@10 {before:.4} by default, {after:.4} learnt");
    assert!(after > before + 0.2, "{before} {after}");
    Ok(())
}

#[test]
fn what_is_chance_leaves_the_weights_alone() -> Result {
    let (firms, supplies) = rows(false)?;
    let learnt = learnt(&dataset(&firms, &supplies))?;
    assert_eq!((learnt.weights, learnt.report.strength), (Weights::default(), None));
    Ok(())
}

#[test]
fn what_comes_at_the_cut_or_later_changes_no_byte() -> Result {
    let (firms, supplies) = rows(true)?;
    let known: Vec<Supply> =
        supplies.iter().filter(|row| row.date < CUT.to_string().parse().ok()).cloned().collect();
    assert!(known.len() < supplies.len());
    let mut turned = known.clone();
    for number in 0..40 {
        let (supplier, buyer) = (format!("supplier {:03}", number * 3), format!("works {number:03}"));
        for date in ["2024", "2024-01-01", "2031"] {
            let row = Supply::new(supplier.as_str(), buyer.as_str());
            turned.push(Supply { date: Some(date.parse()?), value: Some(1e9), ..row });
        }
    }
    let of = |supplies: &[Supply]| -> Result<String> {
        Ok(serde_json::to_string(&learnt(&dataset(&firms, supplies))?)?)
    };
    let bytes = of(&known)?;
    assert_eq!(bytes, of(&supplies)?);
    assert_eq!(bytes, of(&turned)?);
    // But what comes before it does.
    assert_ne!(bytes, of(&known[1..])?);
    Ok(())
}

#[test]
fn neither_threads_nor_the_order_of_rows_change_a_byte() -> Result {
    let (firms, mut supplies) = rows(true)?;
    let of = |supplies: &[Supply], threads: usize| -> Result<String> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
        let dataset = dataset(&firms, supplies);
        let learnt = pool.install(|| Learner::default().by_time(&dataset, "2024".parse().expect("a year")));
        Ok(serde_json::to_string(&learnt?)?)
    };
    let bytes = of(&supplies, 1)?;
    supplies.reverse();
    assert_eq!(bytes, of(&supplies, 3)?);
    Ok(())
}

#[test]
fn undated_relations_teach_by_hiding_some() -> Result {
    let (firms, mut supplies) = rows(true)?;
    for row in &mut supplies {
        row.date = None;
    }
    let undated = dataset(&firms, &supplies);
    let learnt = Learner::default().leave_anchor_out(&undated, HoldOut::default())?;
    assert_eq!((learnt.report.as_of, learnt.report.rehearsals.len()), (None, HoldOut::FOLDS));
    assert!(learnt.weights.get("proximity", Side::Anchor) > 2.0, "{:?}", learnt.weights);
    let error = Learner::default().by_time(&undated, "2024".parse()?).unwrap_err();
    assert!(matches!(error, LearnError::TooFew { found: 0, least: 2 }), "{error}");
    Ok(())
}

#[test]
fn the_file_of_weights_tells_how_they_came_about() -> Result {
    let (firms, supplies) = rows(true)?;
    let learnt = learnt(&dataset(&firms, &supplies))?;
    let file = serde_json::to_string_pretty(&learnt)?;
    assert_eq!(Weights::from_json(&file)?, learnt.weights);
    assert_eq!(TrainingReport::from_json(&file)?.as_ref(), Some(&learnt.report));
    assert_eq!(TrainingReport::from_json("{\"gap\": 1}")?, None);
    // It rises with the score.
    let probability = |score| learnt.report.probability.of(score, None).ok_or("no curve");
    let (low, middle, high) = (probability(0.0)?, probability(0.5)?, probability(1.0)?);
    assert!((0.0..=0.1).contains(&low) && low < middle && middle < high && high <= 1.0, "{low} {high}");
    Ok(())
}

/// Weights by the name of the planted trait.
#[cfg(feature = "city")]
type Planted = Vec<(&'static str, f64)>;

/// What is learnt of a city.
#[cfg(feature = "city")]
struct OfCity {
    /// By the name of the planted trait.
    weights: Planted,
    /// NDCG@10 of the planted good pairs by equal weights, by the learnt and by the planted ones.
    equal: f64,
    learnt: f64,
    planted: f64,
}

/// Learns from the pairings of a city whose truth is known, from equal weights; and how high the
/// planted good pairs stand among the suppliers of the anchor's chains.
#[cfg(feature = "city")]
fn of_city(seed: u64, noise: f64) -> Result<OfCity> {
    use jiedui::city::{City, Traits};
    use jiedui::evaluate::{Asks, Judged};
    use jiedui::network::Network;

    let city = City::builder().firms(3_000).paired_firms(400).seed(seed).noise(noise).build()?;
    let equal = Traits::WEIGHTS.iter().fold(Weights::none(), |weights, (name, _)| weights.with(name, 1.0));
    let planted = Traits::WEIGHTS.iter().fold(Weights::none(), |all, &(name, weight)| all.with(name, weight));
    let mut protocol = Protocol::default();
    (protocol.fewest_known, protocol.asks, protocol.within_chains) = (0, Asks::Relations, true);
    let learner = Learner::default().protocol(protocol).start(equal.clone()).fineness(4);
    let learnt = learner.by_pairings(&city.dataset, HoldOut::default())?;
    // All six count on the supplier's side; the anchor's willingness is the same for all it could have.
    let weight = |name| learnt.weights.get(name, Side::Supplier);
    let weights = Traits::WEIGHTS.iter().map(|&(name, _)| (name, weight(name))).collect();

    // Pairings on record would bar what they are about.
    let network = Network::build(&city.dataset.without_pairings(|_| true))?;
    let ndcg = |weights: &Weights| -> Result<f64> {
        let matcher = Matcher::builder(&network).weights(weights.clone()).top(100).build()?;
        let mut sum = 0.0;
        let mut anchors: Vec<&str> =
            city.truth.good_pairs().iter().map(|pair| pair.anchor.as_str()).collect();
        anchors.dedup();
        for anchor in &anchors {
            let good: Vec<&str> =
                city.truth.good_pairs_of(anchor).iter().map(|pair| pair.supplier.as_str()).collect();
            let ix = network.firm_ix(anchor).ok_or("no such anchor")?;
            let is_supplier = |firm: &jiedui::model::FirmIx| {
                let firm = network.firm(*firm);
                let is_house = matches!(firm.kind, Some(FirmKind::Enterprise | FirmKind::Department));
                is_house && firm.anchor != Some(true)
            };
            let members: Vec<_> = network
                .chains_at(ix, None)
                .flat_map(|chain| network.members(chain).to_vec())
                .filter(is_supplier)
                .collect();
            let ranking = matcher.rank_among(ix, &members);
            let gains = ranking
                .recommendations
                .iter()
                .map(|one| i64::from(good.iter().take(10).any(|good| *good == one.supplier.as_str())));
            sum += Metric::Ndcg(10).of(&Judged::new(gains.collect(), vec![1; good.len().min(10)]));
        }
        Ok(sum / anchors.len() as f64)
    };
    Ok(OfCity { weights, equal: ndcg(&equal)?, learnt: ndcg(&learnt.weights)?, planted: ndcg(&planted)? })
}

#[cfg(feature = "city")]
#[test]
fn pairings_of_a_city_teach_what_was_planted() -> Result {
    let mut means = Vec::new();
    for noise in [0.3, 0.08, 0.02, 0.0] {
        let mut sum = 0.0;
        for seed in [5, 6, 7] {
            let OfCity { weights, equal, learnt, planted } = of_city(seed, noise)?;
            println!(
                "noise {noise}, seed {seed}: {weights:.2?}, ndcg@10 {equal:.3} of equal weights, \
                 {learnt:.3} of learnt ones, {planted:.3} of the planted ones"
            );
            sum += learnt;
            if noise > 0.0 {
                continue;
            }
            // The good pairs come first, and the weights in the planted order, but for those that are
            // within three tenths of each other.
            assert!(learnt > 0.95 && learnt > equal + 0.15, "{learnt} {equal}");
            let planted = jiedui::city::Traits::WEIGHTS;
            for (one, (_, larger)) in weights.iter().zip(planted) {
                for (other, (_, smaller)) in weights.iter().zip(planted) {
                    assert!(larger < 1.3 * smaller || one.1 > other.1, "{one:?} {other:?}");
                }
            }
        }
        means.push(sum / 3.0);
    }
    println!("mean ndcg@10 of learnt weights, the less noise the later: {means:.3?}");
    assert!(means.is_sorted_by(|noisier, clearer| noisier < clearer), "{means:?}");
    Ok(())
}

/// The city and the factors have their formulas each from the same sources, and from nothing else in
/// common.
#[cfg(feature = "city")]
#[test]
fn factors_tell_what_was_planted() -> Result {
    use jiedui::city::{City, Traits};
    use jiedui::network::Network;

    let city = City::builder().firms(3_000).seed(5).noise(0.0).build()?;
    let network = Network::build(&city.dataset)?;
    let weights = Traits::WEIGHTS.iter().fold(Weights::none(), |all, &(name, weight)| all.with(name, weight));
    let matcher = Matcher::builder(&network).weights(weights).build()?;
    assert!(city.truth.good_pairs().len() > 800);
    for pair in city.truth.good_pairs() {
        let [anchor, supplier] = [&pair.anchor, &pair.supplier].map(|id| network.firm_ix(id.as_str()));
        let (anchor, supplier) = anchor.zip(supplier).ok_or("no such firm")?;
        let told = matcher.explain(anchor, supplier).ok_or("related")?;
        for (side, traits) in Side::ALL.into_iter().zip([pair.traits.of_anchor(), pair.traits.of_supplier()])
        {
            for ((name, _), planted) in Traits::WEIGHTS.into_iter().zip(traits) {
                let found = told.contributions.iter().find(|one| one.factor == name && one.side == side);
                let off = match (planted, found.map(|found| found.value)) {
                    (None, None) => 0.0,
                    (Some(planted), Some(Some(value))) => (planted - value).abs(),
                    other => return Err(format!("{pair:?} {name} {side:?} {other:?}").into()),
                };
                // Medians are of samples; twenty answers are drawn towards the mean of all.
                let most = match name {
                    "shared_partners" => 0.02,
                    "willingness" => 0.15,
                    // Amounts have single precision.
                    _ => 1e-6,
                };
                assert!(off < most, "{pair:?} {name} {side:?} {off}");
            }
        }
        assert!((told.score - pair.utility).abs() < 0.02, "{} {pair:?}", told.score);
    }
    Ok(())
}
