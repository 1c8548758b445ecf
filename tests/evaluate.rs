//! Measures of rankings: by hand, as laws, and against trec_eval and scikit-learn.

use std::collections::BTreeMap;
use std::fmt::Debug;

use jiedui::evaluate::{
    Exposure, Interval, Isotonic, Judged, Metric, Paired, Platt, Qrels, Queries, Run, TrecError, brier_score,
    novelty, pr_auc, reliability, roc_auc,
};
use jiedui::model::FirmId;
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

type Result<T = (), E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

const ALL: [Metric; 6] = [
    Metric::Ndcg(10),
    Metric::Recall(10),
    Metric::Precision(10),
    Metric::Hit(10),
    Metric::ReciprocalRank,
    Metric::AveragePrecision,
];

/// What metrics.py wrote.
const RUN: &str = include_str!("golden/run.txt");
const QRELS: &str = include_str!("golden/qrels.txt");
const METRICS: &str = include_str!("golden/metrics.tsv");
const PROBABILITIES: &str = include_str!("golden/probabilities.tsv");
const AREAS: &str = include_str!("golden/areas.tsv");

fn metric(name: &str) -> Option<Metric> {
    let (name, k) = name.split_once('@').unwrap_or((name, "0"));
    let k = k.parse().ok()?;
    Some(match name {
        "ndcg" => Metric::Ndcg(k),
        "recall" => Metric::Recall(k),
        "precision" => Metric::Precision(k),
        "hit" => Metric::Hit(k),
        "mrr" => Metric::ReciprocalRank,
        "map" => Metric::AveragePrecision,
        _ => return None,
    })
}

#[test]
fn measures_are_those_of_trec_eval() -> Result {
    let run = Run::read(RUN.as_bytes(), "run.txt")?;
    let qrels = Qrels::read(QRELS.as_bytes(), "qrels.txt")?;
    let found: BTreeMap<FirmId, Judged> = qrels.judge(&run, Queries::Ranked).into_iter().collect();
    let mut lines = METRICS.lines();
    let header: Vec<&str> = lines.next().ok_or("no header")?.split('\t').collect();
    let mut seen = 0;
    for line in lines {
        let cells: Vec<&str> = line.split('\t').collect();
        let judged = found.get(cells[0]).ok_or("a query is missing")?;
        for (name, golden) in header.iter().zip(&cells).skip(1) {
            let metric = metric(name).ok_or("no such metric")?;
            assert_eq!(&metric.to_string(), name);
            let (value, golden) = (metric.of(judged), golden.parse::<f64>()?);
            assert!((value - golden).abs() < 1e-12, "{name} of {}: {value}, trec_eval {golden}", cells[0]);
            seen += 1;
        }
    }
    assert_eq!(seen, 15 * 11);
    // The same queries count, and with `-c` the one that was not ranked too.
    assert_eq!(found.len(), 15);
    let all: BTreeMap<FirmId, Judged> = qrels.judge(&run, Queries::Judged).into_iter().collect();
    assert_eq!(all.len(), 16);
    assert!(ALL.iter().all(|metric| metric.of(&all["only_judged"]) == 0.0));
    Ok(())
}

#[test]
fn an_exported_run_is_read_back_in_our_order() -> Result {
    // Ties were broken by rising id here and would be by falling id there.
    let mut run = Run::new("ours");
    run.insert("q", ["a", "b", "c"].map(FirmId::from).to_vec())?;
    let mut file = Vec::new();
    run.write(&mut file)?;
    assert_eq!(String::from_utf8(file.clone())?, "q Q0 a 1 3 ours\nq Q0 b 2 2 ours\nq Q0 c 3 1 ours\n");
    assert_eq!(Run::read(&file[..], "run")?, run);
    Ok(())
}

/// Scores with what came true: `0.5:1,0.25:0`.
fn scored(text: &str) -> Result<Vec<(f64, bool)>> {
    let pair = |pair: &str| {
        let (score, truth) = pair.split_once(':').ok_or("no pair")?;
        Ok((score.parse()?, truth == "1"))
    };
    text.split(',').map(pair).collect()
}

#[test]
fn probabilities_are_those_of_scikit_learn_and_scipy() -> Result {
    let mut seen = 0;
    for line in PROBABILITIES.lines().skip(1) {
        let [isotonic, slope, offset, brier, pairs] = line.split('\t').collect::<Vec<_>>()[..] else {
            return Err("cells".into());
        };
        let pairs = scored(pairs)?;
        let fitted = Isotonic::fit(&pairs).ok_or("not isotonic")?;
        for (step, golden) in isotonic.split(',').enumerate() {
            let score = -3.0 + 0.25 * step as f64;
            let (found, golden) = (fitted.probability(score), golden.parse::<f64>()?);
            assert!((found - golden).abs() < 1e-9, "{score}: {found}, scikit-learn {golden}");
        }
        // As near as the general minimiser comes.
        let platt = Platt::fit(&pairs).ok_or("no curve")?;
        for (found, golden) in [(platt.slope(), slope), (platt.offset(), offset)] {
            let golden: f64 = golden.parse()?;
            assert!((found - golden).abs() < 1e-5 * golden.abs().max(1.0), "{found}, scipy {golden}");
        }
        let clipped: Vec<_> =
            pairs.iter().map(|&(score, came)| ((0.5 + score / 10.0).clamp(0.0, 1.0), came)).collect();
        assert!((brier_score(&clipped).ok_or("no score")? - brier.parse::<f64>()?).abs() < 1e-12);
        seen += 1;
    }
    assert_eq!(seen, 20);
    Ok(())
}

#[test]
fn figures_are_read_as_they_were_sent() -> Result {
    fn check<T: PartialEq + Debug + Serialize + DeserializeOwned>(one: Option<T>) -> Result {
        let one = one.ok_or("no figure")?;
        assert_eq!(serde_json::from_str::<T>(&serde_json::to_string(&one)?)?, one);
        Ok(())
    }
    check(Interval::bootstrap(&[0.0, 1.0, 0.3], 0))?;
    check(Paired::randomised(&[0.5, 0.6, 0.9], &[0.5, 0.1, 0.7], 0))?;
    check(reliability(&[(0.1, false), (0.4, true), (0.75, true)], 3))?;
    check(Isotonic::fit(&[(0.1, false), (0.4, true), (0.5, false), (0.75, true)]))?;
    check(Some(Exposure::new(vec![3, 0, 1, 0])))?;
    for unsound in ["[]", "[[0.5, 2.0]]", "[[0.5, 0.5], [0.25, 0.75]]", "[[0.25, 0.75], [0.5, 0.5]]"] {
        assert!(serde_json::from_str::<Isotonic>(unsound).is_err(), "{unsound}");
    }
    Ok(())
}

#[test]
fn what_cannot_be_fitted_is_refused() -> Result {
    assert_eq!((Isotonic::fit(&[]), Platt::fit(&[])), (None, None));
    let steep =
        Platt::fit(&[(0.0, false), (5e-324, true), (0.0, false), (5e-324, true)]).ok_or("no curve")?;
    let read: Platt = serde_json::from_str(&serde_json::to_string(&steep)?)?;
    assert_eq!(read, steep);
    assert!(serde_json::from_str::<Platt>(r#"{"slope": null, "offset": 1}"#).is_err());
    assert_eq!((Isotonic::fit(&[(f64::NAN, true)]), Platt::fit(&[(f64::INFINITY, true)])), (None, None));
    assert_eq!((brier_score(&[]), reliability(&[(0.5, true)], 0)), (None, None));
    assert_eq!(reliability(&[(f64::NAN, true)], 10), None);
    assert_eq!(reliability(&[], 10), Some(Vec::new()));
    // One kind alone, one score alone, and scores that squares of overflow.
    let all = Platt::fit(&[(1.0, true), (2.0, true)]).ok_or("no curve")?;
    assert!((all.probability(1.5) - 0.75).abs() < 1e-6);
    let huge = Platt::fit(&[(-1e300, false), (1e300, true)]).ok_or("no curve")?;
    assert!((huge.probability(1e300) - 2.0 / 3.0).abs() < 1e-6);
    assert!((0.0..=1.0).contains(&huge.probability(f64::NAN)));
    let wide = Isotonic::fit(&[(f64::MIN, false), (f64::MAX, true)]).ok_or("not isotonic")?;
    assert_eq!((wide.probability(f64::MIN), wide.probability(f64::MAX)), (0.0, 1.0));
    Ok(())
}

#[test]
fn areas_are_those_of_scikit_learn() -> Result {
    let mut seen = 0;
    for line in AREAS.lines().skip(1) {
        let [roc, pr, scored] = line.split('\t').collect::<Vec<_>>()[..] else { return Err("cells".into()) };
        let scored = self::scored(scored)?;
        assert!((roc_auc(&scored).ok_or("no ROC")? - roc.parse::<f64>()?).abs() < 1e-12);
        assert!((pr_auc(&scored).ok_or("no PR")? - pr.parse::<f64>()?).abs() < 1e-12);
        seen += 1;
    }
    assert_eq!(seen, 20);
    Ok(())
}

/// Ends of what numbers there are.
#[test]
fn extremes_are_measured_like_the_rest() {
    // More than 32 bits hold is still relevant.
    let judged = Judged::new(vec![i64::MAX, 0], vec![i64::MAX, 1]);
    assert_eq!((judged.recall(1), judged.precision(2), judged.hit(1)), (0.5, 0.5, 1.0));
    // Halfway between the largest numbers of both signs.
    let isotonic = Isotonic::fit(&[(-f64::MAX, false), (f64::MAX, true)]).expect("finite");
    for score in [-f64::MAX, -0.5 * f64::MAX, 0.0, 0.5 * f64::MAX, f64::MAX] {
        assert!((0.0..=1.0).contains(&isotonic.probability(score)), "{score}");
    }
    // A probability of 1 is of the last interval.
    let curve = reliability(&[(0.75, false), (1.0, true)], 2).expect("probabilities");
    assert_eq!((curve.len(), curve[0].count, curve[0].foretold), (1, 2, 0.875));
    // All of 40 differ one way, which no draw of 10,000 is likely to repeat: itself counts.
    let paired = Paired::randomised(&[1.0; 40], &[0.0; 40], 0).expect("sound");
    assert_eq!((paired.difference, paired.p), (1.0, 1.0 / 10_001.0));
}

#[test]
fn what_cannot_be_measured_is_not_a_number_of_our_own() {
    let empty = Judged::new(Vec::new(), Vec::new());
    assert!(ALL.iter().all(|metric| metric.of(&empty) == 0.0));
    assert_eq!(empty.precision(0), 0.0);
    assert_eq!((roc_auc(&[]), pr_auc(&[])), (None, None));
    assert_eq!((roc_auc(&[(0.0, false)]), pr_auc(&[(0.0, false)])), (None, None));
    assert_eq!((roc_auc(&[(f64::NAN, true), (0.0, false)]), pr_auc(&[(f64::NAN, true)])), (None, None));
    let nobody = Exposure::new(Vec::new());
    assert_eq!((nobody.coverage(), nobody.gini()), (0.0, 0.0));
    assert_eq!((Exposure::new(vec![0, 0]).gini(), novelty([])), (0.0, 0.0));
}

#[test]
fn exposure_by_hand() {
    assert_eq!(Exposure::new(vec![2, 2, 2]).gini(), 0.0);
    // One of n gets everything: (n − 1) / n.
    let one = Exposure::new(vec![0, 7, 0, 0]);
    assert_eq!((one.gini(), one.coverage()), (0.75, 0.25));
}

/// The message of the error that reading these bytes gives.
/// Scores of 0 tie whatever their sign; the tag is that of the first line.
#[test]
fn runs_are_read_as_trec_eval_reads_them() -> Result {
    let text = "a Q0 x 1 0.0 first\na Q0 y 2 -0.0 second\na Q0 z 3 0.5 third\n";
    let run = Run::read(text.as_bytes(), "run.txt")?;
    assert_eq!(run.tag(), "first");
    let (_, ranking) = run.rankings().next().ok_or("no ranking")?;
    assert_eq!(ranking.iter().map(FirmId::as_str).collect::<Vec<_>>(), ["z", "y", "x"]);
    Ok(())
}

fn refused(read: impl Fn(&[u8]) -> Option<TrecError>, bytes: &[u8]) -> String {
    read(bytes).map_or("read".to_owned(), |error| error.to_string())
}

#[test]
fn faults_name_file_line_column_value_and_remedy() {
    let run = |bytes: &[u8]| refused(|bytes| Run::read(bytes, "a.run").err(), bytes);
    let qrels = |bytes: &[u8]| refused(|bytes| Qrels::read(bytes, "a.qrels").err(), bytes);
    assert_eq!(
        run(b"q Q0 d 1 0.5 t\n\nq Q0 e 1 high t\n"),
        "a.run, line 3, column score: \"high\" is no finite number; write one like 0.25"
    );
    assert!(run(b"q Q0 d 1 nan t").contains("\"nan\" is no finite number"));
    assert!(run(b"q Q0 d 1 inf t").contains("\"inf\" is no finite number"));
    assert_eq!(
        run(b"q Q0 d 1 0.5"),
        "a.run, line 1, column tag: \"q Q0 d 1 0.5\" ends before this column; fill in all columns"
    );
    assert_eq!(
        run(b"q Q0 d 1 0.5 t x"),
        "a.run, line 1, column tag: \"x\" follows the last column; write white space in ids as %20"
    );
    assert_eq!(
        run(b"q Q0 d 1 2 t\nq Q0 d 2 1 t"),
        "a.run, line 2, column supplier: \"d\" is there twice for one anchor; keep one of the lines"
    );
    assert_eq!(
        qrels(b"q 0 100% 1"),
        "a.qrels, line 1, column supplier: \"100%\" has a `%` without two digits of UTF-8; \
         write `%` itself as %25"
    );
    assert_eq!(
        qrels(b"q 0 d 1.5"),
        "a.qrels, line 1, column gain: \"1.5\" is no whole number; write one like 1"
    );
    assert!(qrels(b"q 0 d 1\nq 0 d 0").contains("line 2, column supplier: \"d\" is there twice"));
    assert!(qrels(b"q 0 \xff 1").contains("is not UTF-8; save the file as UTF-8"));
    assert_eq!(qrels(b"\xef\xbb\xbfq 0 d 1\r\n\r\n"), "read");

    let mut run = Run::new("two words");
    assert_eq!(
        run.write(Vec::new()).unwrap_err().to_string(),
        "the tag \"two words\" is not one word; use letters, digits, `-` and `_`"
    );
    let twice = run.insert("q", vec!["d".into(), "d".into()]).unwrap_err();
    assert_eq!(twice.to_string(), "supplier \"d\" is ranked twice for \"q\"; rank each once");
    let mut run = Run::new("one");
    run.insert("", vec!["d".into()]).unwrap();
    assert!(matches!(run.write(Vec::new()), Err(TrecError::NoId)));
}

fn judged() -> impl Strategy<Value = Judged> {
    (prop::collection::vec(-1i64..4, 0..40), prop::collection::vec(-1i64..4, 0..10)).prop_map(
        |(ranked, missed)| {
            let all = ranked.iter().chain(&missed).copied().collect();
            Judged::new(ranked, all)
        },
    )
}

proptest! {
    #[test]
    fn law_measures_are_shares(judged in judged(), k in 0usize..50) {
        for metric in [Metric::Ndcg(k), Metric::Recall(k), Metric::Precision(k), Metric::Hit(k)].iter().chain(&ALL) {
            let value = metric.of(&judged);
            prop_assert!((0.0..=1.0 + 1e-12).contains(&value), "{metric}: {value}");
        }
    }

    /// More of a ranking finds no less.
    #[test]
    fn law_recall_and_hit_rise_with_k(judged in judged(), k in 0usize..50) {
        prop_assert!(judged.recall(k) <= judged.recall(k + 1));
        prop_assert!(judged.hit(k) <= judged.hit(k + 1));
    }

    /// Moving a larger gain up never lowers a measure.
    #[test]
    fn law_better_orders_measure_no_less(
        gains in prop::collection::vec(0i64..4, 2..20), at in any::<prop::sample::Index>(),
    ) {
        let at = at.index(gains.len() - 1);
        let (mut better, mut worse) = (gains.clone(), gains.clone());
        better[at..at + 2].sort_unstable_by(|a, b| b.cmp(a));
        worse[at..at + 2].sort_unstable();
        for metric in ALL {
            let [better, worse] = [&better, &worse].map(|order| metric.of(&Judged::new(order.clone(), gains.clone())));
            prop_assert!(worse <= better + 1e-12, "{metric}: {worse} > {better}");
        }
    }

    /// The best order possible is worth 1.
    #[test]
    fn law_the_ideal_order_measures_one(mut gains in prop::collection::vec(1i64..4, 1..20), k in 1usize..30) {
        gains.sort_unstable_by(|a, b| b.cmp(a));
        let judged = Judged::new(gains.clone(), gains);
        prop_assert!((judged.ndcg(k) - 1.0).abs() < 1e-12);
        prop_assert_eq!(judged.average_precision(), 1.0);
    }

    /// Against counting all pairs.
    #[test]
    fn law_roc_auc_counts_pairs(scored in prop::collection::vec(((-4i8..4).prop_map(f64::from), any::<bool>()), 0..40)) {
        let (mut pairs, mut won) = (0.0, 0.0);
        for (relevant, _) in scored.iter().filter(|one| one.1) {
            for (rest, _) in scored.iter().filter(|one| !one.1) {
                pairs += 1.0;
                won += if relevant > rest { 1.0 } else if relevant == rest { 0.5 } else { 0.0 };
            }
        }
        prop_assert_eq!(roc_auc(&scored).is_some(), pairs > 0.0);
        prop_assert!(roc_auc(&scored).is_none_or(|area| (area - won / pairs).abs() < 1e-12));
    }

    /// Against the mean absolute difference, from which Gini comes.
    #[test]
    fn law_gini_is_half_the_relative_mean_difference(counts in prop::collection::vec(0u64..9, 1..30)) {
        let n = counts.len() as f64;
        let total: u64 = counts.iter().sum();
        let differences: u64 = counts.iter().flat_map(|a| counts.iter().map(move |b| a.abs_diff(*b))).sum();
        let plain = if total == 0 { 0.0 } else { differences as f64 / (2.0 * n * total as f64) };
        prop_assert!((Exposure::new(counts).gini() - plain).abs() < 1e-12);
    }

    /// A higher score is never less probable, and the mean probability is the share that came
    /// true.
    #[test]
    fn law_isotonic_rises_and_is_calibrated(
        scored in prop::collection::vec(((-9i8..9).prop_map(f64::from), any::<bool>()), 1..40),
    ) {
        let fitted = Isotonic::fit(&scored).expect("finite");
        let sum: f64 = scored.iter().map(|(score, _)| fitted.probability(*score)).sum();
        let came = scored.iter().filter(|(_, came)| *came).count() as f64;
        prop_assert!((sum - came).abs() < 1e-9);
        for step in -40..40 {
            let score = f64::from(step) / 4.0;
            prop_assert!(fitted.probability(score) <= fitted.probability(score + 0.25));
        }
    }

    /// A reliability curve loses nobody.
    #[test]
    fn law_bins_hold_everybody(foretold in prop::collection::vec((0.0f64..=1.0, any::<bool>()), 0..40), bins in 1usize..20) {
        let curve = reliability(&foretold, bins).expect("probabilities");
        prop_assert_eq!(curve.iter().map(|bin| bin.count).sum::<usize>(), foretold.len());
        let came: f64 = curve.iter().map(|bin| bin.came_true * bin.count as f64).sum();
        prop_assert!((came - foretold.iter().filter(|(_, came)| *came).count() as f64).abs() < 1e-9);
        prop_assert!(curve.windows(2).all(|pair| pair[0].foretold <= pair[1].foretold));
    }

    /// Whatever ids hold, files bring them back.
    #[test]
    fn law_files_are_read_back_equal(
        rankings in prop::collection::btree_map("\\PC{1,6}|[ %\t\u{3000}\u{feff}\n]{1,3}", prop::collection::btree_set("\\PC{1,4}|[ %\t]{1,3}", 1..6), 1..5),
    ) {
        let (mut run, mut qrels) = (Run::new("law"), Qrels::default());
        for (anchor, suppliers) in &rankings {
            for (gain, supplier) in (-1..).zip(suppliers) {
                qrels.insert(anchor.as_str(), supplier.as_str(), gain);
            }
            let ranking = suppliers.iter().map(|supplier| FirmId::from(supplier.as_str())).collect();
            run.insert(anchor.as_str(), ranking)?;
        }
        let (mut runs, mut judgements) = (Vec::new(), Vec::new());
        run.write(&mut runs)?;
        qrels.write(&mut judgements)?;
        prop_assert_eq!(Run::read(&runs[..], "run")?, run);
        prop_assert_eq!(Qrels::read(&judgements[..], "qrels")?, qrels);
    }
}
