//! Enumerations of words: what is written is what is shown and what is read.
#![cfg(any(feature = "csv", feature = "json", feature = "xlsx"))]

use std::fmt::{Debug, Display};
use std::str::FromStr;

use jiedui::dataset::{Effect, FaultKind, Mode, Table};
use jiedui::evaluate::{Asks, Baseline, Metric};
use jiedui::matcher::{Flag, GateKind, Source};
use jiedui::model::{
    Answer, Category, CoBuildingMode, Direction, FirmKind, Level, OutcomeKind, Ownership, PartyBranch, Role,
    Side, SizeClass, WordError,
};
use jiedui::plan::{Bar, Packing, Reason, WhyJoined};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Whether every value is shown, written and read by its one word.
fn check<T>(all: &[T], as_str: fn(T) -> &'static str)
where
    T: Copy + Debug + PartialEq + Display + FromStr<Err = WordError> + Serialize + DeserializeOwned,
{
    let words: Vec<&str> = all.iter().map(|&one| as_str(one)).collect();
    for (&one, &word) in all.iter().zip(&words) {
        assert_eq!(one.to_string(), word);
        assert_eq!(format!("{one:>30}"), format!("{word:>30}"));
        let json = serde_json::to_string(&one).unwrap();
        assert_eq!(json, format!("{word:?}"));
        assert_eq!(serde_json::from_str::<T>(&json).unwrap(), one);
        assert_eq!(word.parse(), Ok(one));
        assert_eq!(format!(" {} ", word.to_uppercase()).parse(), Ok(one));
    }
    let error = "of no such kind".parse::<T>().unwrap_err();
    assert_eq!((&*error.given, error.known), ("of no such kind", &words[..]));
    assert!(serde_json::from_str::<T>(r#""of no such kind""#).is_err());
}

macro_rules! check {
    ($($name:ident),+) => { $(check(&$name::ALL[..], $name::as_str);)+ };
}

#[test]
fn every_word_is_shown_written_and_read_alike() {
    check!(Answer, Category, CoBuildingMode, Direction, FirmKind, Level, OutcomeKind, Ownership);
    check!(PartyBranch, Role, Side, SizeClass, Effect, FaultKind, Mode, Table, Asks, Baseline);
    check!(Flag, GateKind, Source, Bar, Packing, Reason, WhyJoined);
}

macro_rules! check_chinese {
    ($($name:ident),+) => { $(for &one in $name::ALL {
        assert_eq!(one.chinese().parse(), Ok(one));
        assert!(one.words().iter().all(|word| $name::from_word(word) == Some(one)), "{one}");
    })+ };
}

#[test]
fn words_are_read_in_chinese_too() {
    check_chinese!(Answer, Category, CoBuildingMode, Direction, FirmKind, Level, OutcomeKind, Ownership);
    check_chinese!(PartyBranch, Role, SizeClass);
    for &table in Table::ALL {
        assert!(table.chinese().iter().all(|name| name.parse() == Ok(table)), "{table}");
    }
}

#[test]
fn measures_are_read_by_their_names() {
    let all = [
        Metric::Ndcg(10),
        Metric::Recall(1),
        Metric::Precision(5),
        Metric::Hit(100),
        Metric::ReciprocalRank,
        Metric::AveragePrecision,
    ];
    for metric in all {
        assert_eq!(metric.to_string().parse(), Ok(metric));
        assert_eq!(format!("{metric:>14}").len(), 14);
        let json = serde_json::to_string(&metric).unwrap();
        assert_eq!(json, format!("\"{metric}\""));
        assert_eq!(serde_json::from_str::<Metric>(&json).unwrap(), metric);
    }
    for none in ["ndcg", "ndcg@", "ndcg@ten", "mrr@10", "map@x", "auc", ""] {
        assert_eq!(&*none.parse::<Metric>().unwrap_err().given, none);
    }
}
