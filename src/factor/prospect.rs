//! `prospect`: likely to become a supplier.

use std::sync::{Arc, LazyLock};

use super::{Column, Factor, Query, Sides};
use crate::model::{Date, FirmIx};
use crate::network::{Network, Trade};
use crate::structure::{Pattern, ThreePaths};

/// Prospect (供货前景), one value for both sides: how likely the candidate is to become a supplier,
/// by the records of trade alone. l / (l + 0.35) with l = max(0, ln(1 + x / m) − 1), m the median of
/// the positive x of the calibration's sample, in [0, 1);
///
/// x = max(0, paths − ½ · common) · (0.1 + won)^0.2 / (1 + idle)
///
/// - *paths* are those of [`co_supply`](super::CoSupply): who supplies those that buy where the
///   anchor buys. *common* is what of them the [`Pattern`] that all buyers share would come to:
///   half of it is taken off, since everybody's supplier says little about this anchor.
/// - *won* are the buyers [newly won](Network::newly_won); *idle* is the time in months since the
///   last sale to anybody, 0 where that is undated.
///
/// The logarithm keeps the spread among the many candidates of a hub, which x / (x + m) would press
/// together just below 1. Up to 1.7 m the value is 0, at 2.9 m it is ½: that somebody is a little
/// more likely than the least likely ones tells nothing, and must not outweigh what the two could do
/// for each other. Own definition; its constants are those that did best in the mean over public
/// data sets, each cut at several dates (see *How good is it?*).
///
/// Unknown where the network records no relation of one of the two. Shares the kernel's
/// pass with `co_supply`; preparing costs what [`Pattern::of`] does and holds 16 bytes a firm more, and
/// is left out where the weight is 0.
#[derive(Debug, Clone)]
pub struct Prospect {
    paths: Arc<ThreePaths>,
    prepared: Arc<LazyLock<Prepared, Prepare>>,
}

/// Prepares what is the same for all anchors once it is asked for. It must not wait for the pool: whoever
/// asks may be a task of it that others wait for.
type Prepare = Box<dyn FnOnce() -> Prepared + Send>;

#[derive(Debug)]
struct Prepared {
    pattern: Pattern,
    firms: Vec<OfFirm>,
}

/// What is asked of a candidate, side by side: most that it costs is to bring it in.
#[derive(Debug, Clone, Copy)]
struct OfFirm {
    /// The firm's part of what is common by the pattern.
    common: f64,
    /// (0.1 + won)^0.2 / (1 + idle).
    vigour: f64,
}

/// Which part of the common pattern is taken off.
const TAKEN_OFF: f64 = 0.5;
/// Stands beside the buyers newly won, so that none is not nothing.
const UNWON: f64 = 0.1;
/// The power of the buyers newly won.
const WON_POWER: f64 = 0.2;
/// Up to which ln(1 + x / m) there is nothing to be told.
const NOTHING: f64 = 1.0;
/// How far beyond that the value is half.
const HALF: f64 = 0.35;

impl Prospect {
    /// The paths of `co_supply` and what else the network's trade tells.
    pub(crate) fn beside(network: &Network, paths: Arc<ThreePaths>) -> Self {
        let (network, of) = (network.clone(), paths.clone());
        let prepare = move || {
            let pattern = Pattern::of(&of);
            let of_firm =
                |firm| OfFirm { common: pattern.of_candidate(firm), vigour: vigour(&network, firm) };
            let firms: Vec<OfFirm> = network.firms().map(of_firm).collect();
            Prepared { pattern, firms }
        };
        Self { paths, prepared: Arc::new(LazyLock::new(Box::new(prepare))) }
    }

    /// The values by a logarithm of 1 + x / m.
    fn fill_by(&self, query: &mut Query<'_>, column: &mut Column, ln_1p: impl Fn(f64) -> f64) {
        let (m, anchor, candidates) = (query.constant(self.name()), query.anchor, query.candidates);
        let scores = query.scratch.co_supply_of(&self.paths, anchor, candidates.len());
        let Prepared { pattern, firms } = &**self.prepared;
        let of_anchor = pattern.of_anchor(anchor);
        // Brought in before anything is made of it, so that no one waits for what another one is worth.
        let asked = candidates.iter().map(|&firm| (scores.get(firm), firms[firm.index()]));
        let asked: Vec<(f64, OfFirm)> = asked.collect();
        let values = asked.into_iter().map(|(paths, of_firm)| {
            let x = of_firm.x(paths, of_anchor);
            (paths, if x > 0.0 { value(ln_1p(x / m)) } else { 0.0 })
        });
        super::fill_structural(query.profiles, anchor, candidates, column, values);
    }
}

impl OfFirm {
    /// x of the firm, if its paths to an anchor come to so much.
    fn x(self, paths: f64, of_anchor: f64) -> f64 {
        let own = paths - TAKEN_OFF * (of_anchor * self.common);
        if own > 0.0 { own * self.vigour } else { 0.0 }
    }
}

/// The value at ln(1 + x / m).
fn value(l: f64) -> f64 {
    super::squash(l - NOTHING, HALF)
}

/// ln y of a y of at least 1 to within [`ROUGH_LN_ERROR`].
fn rough_ln(y: f64) -> f64 {
    const FRACTION: u64 = (1 << 52) - 1;
    if !(y < f64::INFINITY) {
        return y;
    }
    let exponent = (y.to_bits() >> 52) as f64 - 1023.0;
    let fraction = f64::from_bits(y.to_bits() & FRACTION | 1.0_f64.to_bits());
    // ln f = 2 artanh s, of its series what counts.
    let s = (fraction - 1.0) / (fraction + 1.0);
    let square = s * s;
    let series = 1.0 + square * (1.0 / 3.0 + square * (0.2 + square * (1.0 / 7.0 + square / 9.0)));
    exponent * std::f64::consts::LN_2 + 2.0 * s * series
}

/// The series leaves out less than 2 s¹¹ / 11 / (1 − s²) at an s of at most ⅓; and what rounding does.
const ROUGH_LN_ERROR: f64 = 2e-6;

fn vigour(network: &Network, firm: FirmIx) -> f64 {
    let now = network.as_of().map(Date::in_months);
    let last = network.sales(firm).iter().filter_map(Trade::last).max().map(Date::in_months);
    let idle = now.zip(last).map_or(0.0, |(now, last)| (now - last).max(0.0));
    libm::pow(UNWON + network.newly_won(firm), WON_POWER) / (1.0 + idle)
}

impl Factor for Prospect {
    fn name(&self) -> &'static str {
        "prospect"
    }

    fn sides(&self) -> Sides {
        Sides::Both
    }

    fn prepare(&self) {
        LazyLock::force(&self.prepared);
    }

    fn is_cheap(&self) -> bool {
        true
    }

    fn fill(&self, query: &mut Query<'_>, column: &mut Column) {
        self.fill_by(query, column, libm::log1p);
    }

    /// By a logarithm that is less exact.
    fn estimate(&self, query: &mut Query<'_>, column: &mut Column) -> f64 {
        self.fill_by(query, column, |x| rough_ln(1.0 + x));
        // A value rises by at most as much as l, divided by this.
        ROUGH_LN_ERROR / HALF
    }

    fn bound_alike(&self, query: &mut Query<'_>, column: &mut Column) -> bool {
        // Without paths it is 0, or unknown.
        super::fill_alike(self.name(), query, column, 0.0);
        query.without_paths == Some(self.paths.weights())
    }

    fn sample(&self, query: &mut Query<'_>, samples: &mut Vec<f64>) {
        let Prepared { pattern, firms } = &**self.prepared;
        let of_anchor = pattern.of_anchor(query.anchor);
        let scores = query.scratch.co_supply(&self.paths, query.anchor).positive();
        let x = scores.into_iter().map(|(firm, paths)| firms[firm.index()].x(paths, of_anchor));
        samples.extend(x.filter(|&x| x > 0.0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rough_logarithm_keeps_its_error() {
        for step in 0..200_000 {
            let y = libm::exp2(f64::from(step) / 190.0);
            if y < f64::INFINITY {
                assert!((rough_ln(y) - libm::log(y)).abs() < ROUGH_LN_ERROR, "{y}");
            }
        }
        for x in [0.0, 1e-300, 1e-17, 1e-9, 1e-3] {
            assert!((rough_ln(1.0 + x) - libm::log1p(x)).abs() < ROUGH_LN_ERROR, "{x}");
        }
        assert_eq!(rough_ln(f64::INFINITY), f64::INFINITY);
    }
}
