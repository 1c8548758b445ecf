//! What is to be learnt from: pairs that came true, beside pairs that did not.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::evaluate::{Fold, Seed};
use crate::factor::{Sides, Value};
use crate::matcher::{Matcher, Weights, score_of_sums};
use crate::model::{FirmIx, ProductIx, Side};
use crate::network::{ChainIx, Network};

/// A weight that is learnt: that of a factor, on one side or on both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parameter {
    pub(super) factor: String,
    /// By side.
    pub(super) sides: [bool; 2],
    /// Whether the factor has no other.
    pub(super) is_alone: bool,
}

impl Parameter {
    /// Those of a matcher. A factor with one value for both sides has one weight for both.
    pub(super) fn all(matcher: &Matcher) -> Vec<Self> {
        let of = |(factor, sides): (&str, Sides)| {
            let sides: &[[bool; 2]] = match sides {
                Sides::Both => &[[true, true]],
                Sides::Each => &[[true, false], [false, true]],
                Sides::Anchor => &[[true, false]],
                Sides::Supplier => &[[false, true]],
            };
            let is_alone = sides.len() == 1;
            let of_sides = |&sides| Self { factor: factor.to_owned(), sides, is_alone };
            sides.iter().map(of_sides).collect::<Vec<_>>()
        };
        matcher.factor_sides().flat_map(of).collect()
    }

    /// The weight that it has among others: of two for one value, their mean.
    pub(super) fn of(&self, weights: &Weights) -> f64 {
        let sides = Side::ALL.into_iter().filter(|&side| self.sides[side as usize]);
        let (sum, n) =
            sides.fold((0.0, 0.0), |(sum, n), side| (sum + weights.get(&self.factor, side), n + 1.0));
        sum / n
    }
}

/// One factor's say on one side, for the rows of a lesson.
#[derive(Debug)]
pub(super) struct Say {
    pub(super) parameter: usize,
    pub(super) side: Side,
    /// By row, an unknown one at its prior, not a number where not applicable; one for
    /// all where they do not differ.
    pub(super) values: Vec<f64>,
}

/// What one anchor teaches: a sample of its candidates, those that came true first.
#[derive(Debug)]
pub(super) struct Lesson {
    pub(super) anchor: FirmIx,
    pub(super) n_true: usize,
    /// How many candidates each row stands for.
    pub(super) counts: Vec<f64>,
    /// Where not all rows say the same.
    pub(super) says: Vec<Say>,
    pub(super) constants: Vec<Say>,
}

/// How many pairs that did not come true a lesson holds, of each sort.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample {
    /// The hardest by score.
    pub(super) hardest: usize,
    /// The hardest of those that make the products, or are of the chains, of those that came true.
    pub(super) alike: usize,
    /// By chance, standing for all the rest.
    pub(super) random: usize,
}

/// The lessons of a fold, by anchor. `matcher` counts every parameter; `weights` decide
/// what is hard.
pub(super) fn lessons(
    fold: &Fold,
    matcher: &Matcher,
    parameters: &[Parameter],
    weights: &Weights,
    sample: Sample,
    seed: u64,
) -> Vec<Lesson> {
    let lesson = |(anchor, relevant): &(FirmIx, Vec<FirmIx>)| {
        let mut candidates = fold.candidates(*anchor);
        candidates.retain(|&candidate| !matcher.are_related(*anchor, candidate));
        let says = says(matcher, parameters, *anchor, &candidates);
        let scores = scores(&says, parameters, weights, candidates.len());
        let (rows, counts, n_true) =
            rows(fold.network(), *anchor, &candidates, relevant, &scores, sample, Seed::new(seed));
        (n_true > 0).then(|| {
            let mut lesson =
                Lesson { anchor: *anchor, n_true, counts, says: Vec::new(), constants: Vec::new() };
            for mut say in says {
                if say.values.len() == candidates.len() {
                    say.values = rows.iter().map(|&row| say.values[row]).collect();
                }
                let is_same = say.values.iter().all(|value| value.to_bits() == say.values[0].to_bits());
                if is_same {
                    say.values.truncate(1);
                    lesson.constants.push(say);
                } else {
                    lesson.says.push(say);
                }
            }
            lesson
        })
    };
    let lessons: Vec<Option<Lesson>> = fold.queries().par_iter().with_max_len(1).map(lesson).collect();
    lessons.into_iter().flatten().collect()
}

/// What the factors say of the candidates.
fn says(matcher: &Matcher, parameters: &[Parameter], anchor: FirmIx, candidates: &[FirmIx]) -> Vec<Say> {
    let mut says = Vec::new();
    matcher.each_factor(anchor, candidates, |factor, side, prior, column| {
        let is_it = |one: &Parameter| one.factor == factor.name() && one.sides[side as usize];
        let Some(parameter) = parameters.iter().position(is_it) else { return };
        let number = |value| match value {
            Value::Known(value) => value,
            Value::Unknown => prior,
            Value::NotApplicable => f64::NAN,
        };
        let n = if column.uniform().is_some() { 1 } else { candidates.len() };
        let values: Vec<f64> = column.values().take(n).map(number).collect();
        if !values.is_empty() {
            says.push(Say { parameter, side, values });
        }
    });
    says
}

/// The score of each candidate, as the matcher has it.
fn scores(says: &[Say], parameters: &[Parameter], weights: &Weights, n: usize) -> Vec<f64> {
    let mut sums = [(); 2].map(|()| vec![[0.0; 2]; n]);
    for say in says {
        let weight = weights.get(&parameters[say.parameter].factor, say.side);
        for (row, [value, all]) in sums[say.side as usize].iter_mut().enumerate() {
            let said = say.values[if say.values.len() > 1 { row } else { 0 }];
            if !said.is_nan() {
                *value += weight * said;
                *all += weight;
            }
        }
    }
    let [anchor, supplier] = sums;
    anchor.into_iter().zip(supplier).map(|(anchor, supplier)| score_of_sums([anchor, supplier])).collect()
}

/// The rows of a lesson as positions among the candidates, how many candidates each stands
/// for, and how many of the first came true.
fn rows(
    network: &Network,
    anchor: FirmIx,
    candidates: &[FirmIx],
    relevant: &[FirmIx],
    scores: &[f64],
    sample: Sample,
    seed: Seed,
) -> (Vec<usize>, Vec<f64>, usize) {
    let mut rows: Vec<usize> =
        relevant.iter().filter_map(|firm| candidates.binary_search(firm).ok()).collect();
    let n_true = rows.len();
    let mut rest: Vec<usize> =
        (0..candidates.len()).filter(|&row| relevant.binary_search(&candidates[row]).is_err()).collect();
    // The hardest first, ties by firm.
    rest.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]).then(a.cmp(&b)));
    let others = rest.split_off(sample.hardest.min(rest.len()));
    rows.append(&mut rest);

    let products = |firm| network.catalog().makes(firm).iter().map(|&(product, _)| product);
    let chains = |firm| network.memberships(firm).iter().copied();
    let wanted: BTreeSet<ProductIx> = relevant.iter().flat_map(|&firm| products(firm)).collect();
    let joined: BTreeSet<ChainIx> = relevant.iter().flat_map(|&firm| chains(firm)).collect();
    let is_alike = |&row: &usize| {
        let firm = candidates[row];
        products(firm).any(|product| wanted.contains(&product))
            || chains(firm).any(|chain| joined.contains(&chain))
    };
    let (mut alike, mut others): (Vec<usize>, Vec<usize>) = others.into_iter().partition(is_alike);
    others.extend(alike.split_off(sample.alike.min(alike.len())));
    rows.append(&mut alike);

    let id = |firm: FirmIx| network.firm(firm).id.as_str();
    let mut counts = vec![1.0; rows.len()];
    others.sort_by_cached_key(|&row| (seed.of(&[id(anchor), id(candidates[row])]), row));
    let taken = others.len().min(sample.random);
    // Whole numbers that add up to all of the others.
    counts
        .extend((0..taken).map(|one| ((one + 1) * others.len() / taken - one * others.len() / taken) as f64));
    rows.extend(&others[..taken]);
    (rows, counts, n_true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::Dataset;
    use crate::evaluate::{Judged, Metric, Protocol, Split};
    use crate::learn::fit;
    use crate::model::Supply;

    /// Everybody of the first year buys of some; in the second of others as well.
    fn split() -> Result<Split, Box<dyn std::error::Error>> {
        let mut builder = Dataset::builder();
        for works in 0..9_usize {
            for number in 0..12_usize {
                let (id, year) = (works * 5 + number * (works + 3), if number < 9 { "2023" } else { "2024" });
                let supply = Supply::new(format!("s{}", id % 40).as_str(), format!("w{works}").as_str());
                let value = Some((1 + id % 7) as f64);
                builder.add_supply(&Supply { date: Some(year.parse()?), value, ..supply });
            }
        }
        Ok(Split::by_time(&builder.finish().0, "2024".parse()?, Protocol::default())?)
    }

    #[test]
    fn rows_score_as_the_matcher_does_and_ranks_count_as_the_measure_does()
    -> Result<(), Box<dyn std::error::Error>> {
        let split = split()?;
        let fold = &split.folds()[0];
        let names: Vec<String> = Weights::default().factors().map(|(name, _)| name.to_owned()).collect();
        let every = names.iter().fold(Weights::none(), |weights, name| weights.with(name, 1.0));
        let matcher = Matcher::builder(fold.network()).weights(every).build()?;
        let parameters = Parameter::all(&matcher);
        let weights = Weights::default().with("reach", 2.0).with("shared_partners", 0.5);
        let values: Vec<f64> = parameters.iter().map(|one| one.of(&weights)).collect();
        // Every candidate is shown.
        let sample = Sample { hardest: 1_000, alike: 0, random: 0 };
        let lessons = lessons(fold, &matcher, &parameters, &weights, sample, 0);
        assert!(lessons.len() > 3);
        let scorer = Matcher::builder(fold.network()).weights(weights);
        let scorer = scorer.calibration(matcher.calibration().clone()).top(1_000).build()?;
        for lesson in lessons {
            let candidates = fold.candidates(lesson.anchor);
            assert_eq!(lesson.counts.len(), candidates.len());
            let ranking = scorer.rank_among(lesson.anchor, &candidates);
            let mut expected: Vec<f64> = ranking.recommendations.iter().map(|one| one.score).collect();
            let scores = fit::scores(&lesson, &values);
            let mut found = scores.clone();
            found.sort_by(|a, b| b.total_cmp(a));
            expected.sort_by(|a, b| b.total_cmp(a));
            for (found, expected) in found.iter().zip(&expected) {
                assert!((found - expected).abs() < 1e-12, "{found} {expected}");
            }
            // Where nothing ties with what came true, the gain is the mean of the measures.
            let (came, rest) = scores.split_at(lesson.n_true);
            if came.iter().any(|score| rest.contains(score)) {
                continue;
            }
            let mut rows: Vec<usize> = (0..scores.len()).collect();
            rows.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
            let gains = rows.iter().map(|&row| i64::from(row < lesson.n_true)).collect();
            let judged = Judged::new(gains, vec![1; lesson.n_true]);
            let mean = [10, 30, 100].map(|k| Metric::Ndcg(k).of(&judged)).iter().sum::<f64>() / 3.0;
            assert!((fit::gain(&lesson, &values) - mean).abs() < 1e-12);
        }
        Ok(())
    }

    #[test]
    fn a_sample_holds_the_hardest_and_those_alike() -> Result<(), Box<dyn std::error::Error>> {
        use crate::model::{ChainMember, Firm, FirmProduct, Role};

        // c0 came true; c1 makes the same, c2 is of its chain; c9 scores highest, c1 lowest.
        let mut builder = Dataset::builder();
        for number in 0..10 {
            builder.add_firm(Firm::new(format!("c{number}")));
        }
        for maker in ["c0", "c1"] {
            builder.add_firm_product(FirmProduct::new(maker, "bolt", Role::Makes));
        }
        for firm in ["c0", "c2"] {
            let (chain, firm) = ("rail".into(), firm.into());
            builder.add_chain_member(ChainMember { chain, firm, position: None });
        }
        builder.add_firm(Firm::new("works"));
        let network = Network::build(&builder.finish().0)?;
        let candidates: Vec<FirmIx> = (0..10).map(FirmIx::new).collect();
        let scores: Vec<f64> = (0..10).map(|row| f64::from(row) / 16.0).collect();
        let drawn = |alike| {
            let sample = Sample { hardest: 1, alike, random: 2 };
            rows(&network, FirmIx::new(10), &candidates, &candidates[..1], &scores, sample, Seed::new(0))
        };
        for (alike, expected) in [(0, &[0, 9][..]), (1, &[0, 9, 2]), (2, &[0, 9, 2, 1]), (5, &[0, 9, 2, 1])] {
            let (rows, counts, n_true) = drawn(alike);
            assert_eq!((n_true, rows.len()), (1, expected.len() + 2));
            assert_eq!(rows[..expected.len()], *expected);
            assert!(counts[..expected.len()].iter().all(|&count| count == 1.0));
            // Whoever is not among them is stood for by two.
            assert_eq!(counts.iter().sum::<f64>(), 10.0);
            assert!(rows[expected.len()..].iter().all(|row| !expected.contains(row)));
        }
        Ok(())
    }

    #[test]
    fn a_sample_stands_for_all() -> Result<(), Box<dyn std::error::Error>> {
        let split = split()?;
        let fold = &split.folds()[0];
        let matcher = Matcher::builder(fold.network()).build()?;
        let parameters = Parameter::all(&matcher);
        let sample = Sample { hardest: 4, alike: 0, random: 5 };
        for lesson in lessons(fold, &matcher, &parameters, &Weights::default(), sample, 0) {
            assert_eq!(lesson.counts.len(), lesson.n_true + 9);
            let n = fold.candidates(lesson.anchor).len() as f64;
            assert_eq!(lesson.counts.iter().sum::<f64>(), n);
        }
        Ok(())
    }
}
