//! The data, and what of it is to be found.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use jiedui::dataset::{Dataset, Effect, FaultKind, Mode, Reader, Report, SupplyRow};
use jiedui::evaluate::{Asks, Fold, HoldOut, Protocol, Split, SplitError};
use jiedui::learn::{LearnError, Learner, Learnt};
use jiedui::matcher::Weights;

use crate::options::{Options, Parting};

/// The reader that the options ask for.
pub(crate) fn reader(options: &Options) -> Reader {
    let mode = if options.strict { Mode::Strict } else { Mode::Lenient };
    let reader = Reader::new().mode(mode);
    #[cfg(feature = "xlsx")]
    let reader = reader.old_workbooks(true);
    let reader = options.columns.iter().fold(reader, |reader, spec| reader.map_column_spec(spec));
    options.rows.iter().fold(reader, |reader, spec| reader.keep_rows_spec(spec))
}

/// The records of all folders together, and how many rows faults have lost: words that no factor
/// knows cost a ranking nothing.
pub(crate) fn load(options: &Options) -> Result<(Dataset, u64)> {
    let bundled = [Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/zhuzhou")];
    let paths: &[PathBuf] = if options.data.is_empty() { &bundled } else { &options.data };
    let mut losses = 0;
    let mut read = Vec::new();
    for path in paths {
        let (dataset, report) = reader(options).read(path)?;
        losses += lost_rows(&report);
        read.push(dataset);
    }
    if let [one] = &read[..] {
        return Ok((one.clone(), losses));
    }
    let mut builder = Dataset::builder();
    for dataset in &read {
        builder.add_dataset(dataset);
    }
    let (dataset, report) = builder.finish();
    Ok((dataset, losses + lost_rows(&report)))
}

fn lost_rows(report: &Report) -> u64 {
    let is_lost = |effect| matches!(effect, Effect::RowLeftOut | Effect::TableLeftOut);
    let missing = |kind| kind == FaultKind::MissingTable;
    let lost = report.counts().filter(|&(_, kind, effect, _)| is_lost(effect) && !missing(kind));
    lost.map(|(.., count)| count).sum()
}

/// What is asked of anchors.
pub(crate) fn protocol(options: &Options) -> Protocol {
    let mut protocol = Protocol::default();
    protocol.fewest_known = options.fewest_known;
    protocol.both_ways = options.undirected;
    protocol.within_chains = options.within_chains;
    protocol.asks = if options.relations { Asks::Relations } else { Asks::NewSuppliers };
    protocol
}

fn hold_out(options: &Options) -> HoldOut {
    let mut hold_out = HoldOut::default();
    (hold_out.share, hold_out.folds, hold_out.seed) = (options.share, options.folds, options.seed);
    hold_out
}

/// Weights from what a fold knows, by parting that again as the options part the whole, or by
/// hiding where it does not reach back far enough; none where that is too little, too.
pub(crate) fn learn(fold: &Fold, options: &Options) -> Result<Option<Learnt>> {
    let mut protocol = protocol(options);
    // What a fold knows of relations that count both ways it knows both ways already.
    protocol.both_ways &= options.protocol != Parting::Time;
    let learner = Learner::default().protocol(protocol).seed(options.seed);
    let (known, mut hold_out) = (fold.train(), hold_out(options));
    // What is learnt on one part is tried on another.
    hold_out.folds = hold_out.folds.max(2);
    let learnt = match (options.protocol, fold.network().as_of()) {
        (Parting::HideProducts, _) => learner.hide_products(known, hold_out),
        (Parting::Pairings, _) => learner.by_pairings(known, hold_out),
        (Parting::Time, Some(cut)) => match learner.by_time(known, cut) {
            // Hidden one way, a relation is to be hidden the other way, too.
            Err(LearnError::TooFew { .. }) => {
                learner.protocol(self::protocol(options)).leave_anchor_out(known, hold_out)
            }
            learnt => learnt,
        },
        (Parting::Time | Parting::LeaveAnchorOut | Parting::LeaveChainOut, _) => {
            learner.leave_anchor_out(known, hold_out)
        }
    };
    match learnt {
        Err(LearnError::TooFew { .. }) => Ok(None),
        Err(LearnError::Split(error)) if error.asks_nobody() => Ok(None),
        learnt => learnt.map(Some).context("weights cannot be learnt"),
    }
}

/// The weights in a file.
pub(crate) fn weights(path: &Path) -> Result<Weights> {
    let failed = || format!("the weights in {}", path.display());
    let text = fs::read_to_string(path).with_context(failed)?;
    let is_toml = path.extension().is_some_and(|ending| ending == "toml");
    let weights = if is_toml { Weights::from_toml(&text) } else { Weights::from_json(&text) };
    weights.with_context(failed)
}

/// Parts the records as the options ask.
pub(crate) fn split(dataset: &Dataset, options: &Options) -> Result<Split> {
    let protocol = protocol(options);
    let hold_out = hold_out(options);
    if options.protocol != Parting::Time && options.cut.is_some() {
        bail!("--cut parts by time alone; leave it out, or take --protocol time");
    }
    if options.protocol == Parting::HideProducts && (options.relations || options.undirected) {
        bail!("--protocol hide-products asks for makers; leave out --relations and --undirected");
    }
    let split = match options.protocol {
        Parting::Time => {
            let sold = dataset.supplies().iter().filter_map(SupplyRow::date);
            let latest = sold.max_by_key(|date| date.last_day());
            let year_ago = || latest.map(|date| date.months_before(12));
            let nothing_dated = || match dataset.supplies() {
                [] => SplitError::NoSupplies,
                _ => SplitError::NothingDated,
            };
            let cut = options.cut.or_else(year_ago).ok_or_else(nothing_dated)?;
            Split::by_time(dataset, cut, protocol)?
        }
        Parting::LeaveAnchorOut => Split::leave_anchor_out(dataset, hold_out, protocol)?,
        Parting::LeaveChainOut => Split::leave_chain_out(dataset, hold_out, protocol)?,
        Parting::HideProducts => Split::hide_products(dataset, hold_out, protocol)?,
        Parting::Pairings => Split::by_pairings(dataset, hold_out, protocol)?,
    };
    Ok(match options.most_anchors {
        Some(most) => split.at_most(most, options.seed),
        None => split,
    })
}
