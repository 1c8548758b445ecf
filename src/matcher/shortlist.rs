//! Who can be among the best (入围), without asking everything of everybody.
//!
//! What depends on the line of business alone is asked once for all its firms. Then what costs little is
//! asked of the candidates: cheap factors, bounds of the others, the weightiest first. With what the rest
//! says at most, that bounds a score. Whoever is so bound to stay behind the best so far is asked no
//! more, stage after stage; the few others are asked everything, and those left are scored exactly, so
//! that a ranking is the same as if all had been. The idea is that of the threshold algorithm: Fagin,
//! Lotem, Naor, Optimal aggregation algorithms for middleware, PODS 2001.

use super::estimate::{Leaders, Sums, Totals};
use super::{Active, BLOCK, Matcher};
use crate::factor::{Column, Factor, Query, Scratch, Value};
use crate::model::{FirmIx, Side};
use crate::structure::ThreePaths;

/// In which order an anchor's candidates are bounded. Factors are told by their position in the registry.
#[derive(Debug)]
pub(super) struct Agenda {
    /// Asked once for all firms of a line of business.
    by_line: Vec<usize>,
    /// The first is asked of everybody, each of the others of those that can still be among the best.
    stages: Vec<Stage>,
    /// What all stages say at most of anybody, and of a stranger: who has no 3-paths with the anchor.
    most: [Totals; 2],
}

/// Some factors that are asked together.
#[derive(Debug, Default)]
struct Stage {
    factors: Vec<usize>,
    /// What the later ones say at most.
    rest: Totals,
}

/// What a factor says at most of everybody, `None` where that depends on the line of business; and its
/// weight, both sides together.
type AtMost = (Option<Totals>, f64);

/// Lines and the first stage know this part of the weight,
const FIRST_PART: f64 = 0.5;
/// each of the others this much more: to tell who stays behind costs about what a factor does.
const NEXT_PART: f64 = 0.1;

impl Agenda {
    /// That of any few candidates, who are all asked by themselves.
    pub(super) fn of_few(factors: &[Active]) -> Self {
        let one = |active: &Active| (Some(active.sided.map(|side| [side.weight; 2])), active.weight());
        Self::new(&factors.iter().map(one).collect::<Vec<AtMost>>())
    }

    /// The weightiest factors first.
    fn new(factors: &[AtMost]) -> Self {
        let weight = |number: usize| factors[number].1;
        let all: f64 = factors.iter().map(|factor| factor.1).sum();
        let (by_line, mut order): (Vec<usize>, Vec<usize>) =
            (0..factors.len()).partition(|&number| factors[number].0.is_none());
        order.sort_by(|&a, &b| weight(b).total_cmp(&weight(a)));
        let most = |numbers: &[usize]| {
            numbers.iter().filter_map(|&number| factors[number].0).fold(Totals::default(), add)
        };
        let (mut stages, mut left, mut part) = (Vec::new(), order.as_slice(), FIRST_PART);
        let mut known: f64 = by_line.iter().map(|&number| weight(number)).sum();
        while stages.is_empty() || !left.is_empty() {
            let asked = left.iter().take_while(|&&number| {
                let is_less = known < part * all;
                known += weight(number);
                is_less
            });
            // At least one, if there is one.
            let (now, later) = left.split_at(asked.count().max(1).min(left.len()));
            stages.push(Stage { factors: now.to_vec(), rest: most(later) });
            (left, part, known) = (later, NEXT_PART, 0.0);
        }
        Self { by_line, stages, most: [most(&order); 2] }
    }
}

/// Fewer candidates are of so many lines of business that each is asked by itself.
const MANY: usize = 2 * BLOCK;
/// How many candidates are asked everything before the others.
const FIRST: usize = 32;
/// How many of the others are asked everything at a time, those of the highest bounds first.
const NEXT: usize = 128;
/// How many blocks are bounded before anybody is asked everything: bounds the memory of their sums.
const BLOCKS: usize = 16;
/// The first ones are few, as there is no bar yet.
const FIRST_BLOCKS: usize = 4;

/// What is known of every firm of the lines of business met so far, by line.
#[derive(Debug)]
struct Outlook {
    /// What the score of anybody is at most, and that of a stranger; not numbers where no firm was met.
    most: Vec<[f64; 2]>,
    totals: Vec<Totals>,
}

impl Outlook {
    fn of(n_lines: usize) -> Self {
        Self { most: vec![[f64::NAN; 2]; n_lines], totals: vec![Totals::default(); n_lines] }
    }
}

/// Some candidates, and what was asked of them so far.
#[derive(Debug, Default)]
struct Block {
    firms: Vec<FirmIx>,
    sums: Sums,
    bounds: Vec<f64>,
}

impl Block {
    /// Keeps the candidates whose bounds reach the bar, with their sums; their bounds are to be found anew.
    fn keep_from(&mut self, bar: f64) {
        let in_the_running = self.bounds.iter().enumerate().filter(|&(_, &bound)| bound >= bar);
        let positions: Vec<usize> = in_the_running.map(|(position, _)| position).collect();
        self.sums.keep(&positions);
        self.firms = positions.into_iter().map(|position| self.firms[position]).collect();
    }
}

impl Matcher {
    /// All candidates that can be among the best, with those that gates bar beside them.
    ///
    /// Takes less time the sooner the best ones come.
    pub(super) fn shortlist(
        &self,
        anchor: FirmIx,
        candidates: &[FirmIx],
        scratch: &mut Scratch,
    ) -> Vec<FirmIx> {
        if candidates.len() <= self.top {
            return candidates.to_vec();
        }
        let of_many = (candidates.len() >= MANY).then(|| self.agenda_of_many(anchor, candidates, scratch));
        let agenda = of_many.as_ref().unwrap_or(&self.inner.agenda);
        let by_line = if agenda.by_line.is_empty() { 0 } else { self.inner.profiles.lines.all().len() };
        let mut outlook = Outlook::of(by_line);
        let mut leaders = Leaders::new(self.top, self.inner.slack);
        // Those with the most paths come first.
        let (likely, others) = candidates.split_at(candidates.len().min(FIRST_BLOCKS * BLOCK));
        for some in [likely].into_iter().chain(others.chunks(BLOCKS * BLOCK)) {
            let half_bounded =
                |firms| self.half_bounded(anchor, firms, agenda, &mut outlook, &mut leaders, scratch);
            let mut blocks: Vec<Block> = some.chunks(BLOCK).map(half_bounded).collect();
            // The bar is raised at once by those of the highest bounds, wherever they are.
            let first = promising(&mut blocks, FIRST.max(2 * self.top));
            self.ask(anchor, &first, &mut leaders, scratch);
            let bounded = |block| self.bounded(anchor, block, agenda, &mut leaders, scratch);
            let mut bounded: Vec<(f64, FirmIx)> = blocks.into_iter().flat_map(bounded).collect();
            bounded.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
            for next in bounded.chunks(NEXT) {
                self.ask(anchor, next, &mut leaders, scratch);
            }
        }
        leaders.finish()
    }

    /// In which order an anchor's candidates are bounded.
    fn agenda_of_many(&self, anchor: FirmIx, candidates: &[FirmIx], scratch: &mut Scratch) -> Agenda {
        // Whether it depends on the line is told by any one.
        let (mut query, mut column) = (self.query(anchor, &candidates[..1], scratch), Column::default());
        let asked =
            self.inner.factors.iter().map(|active| (active.most(&mut query, &mut column), active.weight()));
        let mut agenda = Agenda::new(&asked.collect::<Vec<AtMost>>());
        query.without_paths = self.inner.candidates.paths().map(ThreePaths::weights);
        let of_strangers =
            self.inner.factors.iter().filter_map(|active| active.most(&mut query, &mut column));
        agenda.most[1] = of_strangers.fold(Totals::default(), add);
        agenda
    }

    /// Bounds of the scores of those candidates whose line of business can be among the best.
    fn half_bounded(
        &self,
        anchor: FirmIx,
        firms: &[FirmIx],
        agenda: &Agenda,
        outlook: &mut Outlook,
        leaders: &mut Leaders,
        scratch: &mut Scratch,
    ) -> Block {
        let (firms, sums) = if agenda.by_line.is_empty() {
            (firms.to_vec(), Sums::of(firms.len()))
        } else {
            self.hopeful(anchor, firms, agenda, outlook, leaders.bar(), scratch)
        };
        let mut block = Block { firms, sums, bounds: Vec::new() };
        self.bound(anchor, &mut block, &agenda.stages[0], leaders, scratch);
        block
    }

    /// Those whose line of business can be among the best, with what is known of the line.
    fn hopeful(
        &self,
        anchor: FirmIx,
        firms: &[FirmIx],
        agenda: &Agenda,
        outlook: &mut Outlook,
        bar: f64,
        scratch: &mut Scratch,
    ) -> (Vec<FirmIx>, Sums) {
        let (line, mut new) = (|firm| self.inner.profiles.lines.of(firm) as usize, Vec::new());
        for &firm in firms {
            let most = &mut outlook.most[line(firm)];
            if most[0].is_nan() {
                most[0] = f64::INFINITY;
                new.push(firm);
            }
        }
        if !new.is_empty() {
            let mut sums = Sums::of(new.len());
            let (mut query, mut column) = (self.query(anchor, &new, scratch), Column::default());
            for &number in &agenda.by_line {
                self.inner.factors[number].add_bounds(&mut query, &mut column, &mut sums, ALIKE);
            }
            let of_anybody = sums.scores(agenda.most[0]);
            let most = of_anybody.zip(sums.scores(agenda.most[1]));
            for ((&firm, totals), most) in new.iter().zip(sums.totals()).zip(most) {
                (outlook.totals[line(firm)], outlook.most[line(firm)]) = (totals, most.into());
            }
        }
        let asks_paths = agenda.most[0] != agenda.most[1];
        let paths = self.inner.candidates.paths().filter(|_| asks_paths);
        let paths = paths.map(|paths| scratch.co_supply(paths, anchor));
        let is_stranger = |firm| paths.is_some_and(|paths| paths.get(firm) == 0.0);
        let hopeful = firms.iter().filter(|&&firm| {
            let [of_anybody, of_stranger] = outlook.most[line(firm)];
            of_stranger >= bar || of_anybody >= bar && !is_stranger(firm)
        });
        let firms: Vec<FirmIx> = hopeful.copied().collect();
        let totals: Vec<Totals> = firms.iter().map(|&firm| outlook.totals[line(firm)]).collect();
        (firms, Sums::from_totals(&totals))
    }

    /// The candidates of a block that can still be among the best, with bounds by all factors.
    fn bounded(
        &self,
        anchor: FirmIx,
        mut block: Block,
        agenda: &Agenda,
        leaders: &mut Leaders,
        scratch: &mut Scratch,
    ) -> Vec<(f64, FirmIx)> {
        for stage in &agenda.stages[1..] {
            block.keep_from(leaders.bar());
            if block.firms.is_empty() {
                return Vec::new();
            }
            self.bound(anchor, &mut block, stage, leaders, scratch);
        }
        block.bounds.into_iter().zip(block.firms).collect()
    }

    /// Adds cheap estimates or bounds of a stage's factors to a block's sums, and bounds the scores.
    fn bound(
        &self,
        anchor: FirmIx,
        block: &mut Block,
        stage: &Stage,
        leaders: &mut Leaders,
        scratch: &mut Scratch,
    ) {
        let Block { firms, sums, bounds } = block;
        let (mut query, mut column) = (self.query(anchor, firms, scratch), Column::default());
        for active in stage.factors.iter().map(|&number| &self.inner.factors[number]) {
            if active.factor.is_cheap() {
                leaders.allow(active.estimate(&mut query, &mut column, sums));
            } else {
                active.add_bounds(&mut query, &mut column, sums, OWN);
            }
        }
        bounds.clear();
        bounds.extend(sums.scores(stage.rest));
    }

    /// Asks everything of those of some candidates whose bounds reach the bar.
    fn ask(&self, anchor: FirmIx, bounded: &[(f64, FirmIx)], leaders: &mut Leaders, scratch: &mut Scratch) {
        let bar = leaders.bar();
        let in_the_running = bounded.iter().filter(|&&(bound, _)| bound >= bar);
        let firms: Vec<FirmIx> = in_the_running.map(|&(_, firm)| firm).collect();
        if firms.is_empty() {
            return;
        }
        let (mut query, mut column) = (self.query(anchor, &firms, scratch), Column::default());
        let mut sums = Sums::of(firms.len());
        for active in &self.inner.factors {
            leaders.allow(active.estimate(&mut query, &mut column, &mut sums));
        }
        leaders.offer(sums.scores(Totals::default()).zip(firms), |firm| self.is_barred(anchor, firm));
    }
}

/// Takes the `most` candidates of the highest bounds, or some more that are equal; their bounds are no
/// numbers from now on and reach no bar, so that nobody is asked twice.
fn promising(blocks: &mut [Block], most: usize) -> Vec<(f64, FirmIx)> {
    let bounds = blocks.iter().flat_map(|block| &block.bounds).copied();
    let mut sorted: Vec<f64> = bounds.filter(|bound| !bound.is_nan()).collect();
    let last = if sorted.len() <= most {
        f64::NEG_INFINITY
    } else {
        *sorted.select_nth_unstable_by(most - 1, |a, b| b.total_cmp(a)).1
    };
    let mut taken = Vec::new();
    for block in blocks {
        for (bound, &firm) in block.bounds.iter_mut().zip(block.firms.iter()) {
            if *bound >= last {
                taken.push((std::mem::replace(bound, f64::NAN), firm));
            }
        }
    }
    taken
}

/// How a factor is asked for bounds: of the query's candidates,
type Bound = fn(&dyn Factor, &mut Query<'_>, &mut Column) -> bool;
const OWN: Bound = |factor, query, column| factor.bound(query, column);
/// or of all firms of each candidate's line of business.
const ALIKE: Bound = |factor, query, column| factor.bound_alike(query, column);

impl Active {
    /// On both sides together.
    fn weight(&self) -> f64 {
        self.sided.iter().map(|side| side.weight).sum()
    }

    /// Adds what the factor estimates of the query's candidates to the sums; by how much its
    /// values may differ from that.
    fn estimate(&self, query: &mut Query<'_>, column: &mut Column, sums: &mut Sums) -> f64 {
        let mut error = 0.0;
        let estimate =
            |factor: &dyn Factor, query: &mut Query<'_>, column: &mut Column| factor.estimate(query, column);
        self.each_side(query, column, estimate, |side, column, of_side| {
            error = if of_side.is_finite() { f64::max(error, of_side) } else { f64::INFINITY };
            sums.add(side, column, self.sided[side as usize]);
        });
        error
    }

    /// Adds bounds to the sums, 1 on a side where there is none.
    fn add_bounds(&self, query: &mut Query<'_>, column: &mut Column, sums: &mut Sums, bound: Bound) {
        self.each_bound(query, column, bound, |side, column| {
            sums.add(side, column, self.sided[side as usize]);
        });
    }

    /// What the factor adds at most, for whomever; `None` where that depends on the line of business.
    fn most(&self, query: &mut Query<'_>, column: &mut Column) -> Option<Totals> {
        let (mut most, mut differs) = (Sums::default(), false);
        self.each_bound(query, column, ALIKE, |side, column| {
            differs |= column.uniform().is_none();
            most.add(side, column, self.sided[side as usize]);
        });
        (!differs).then(|| most.of_all())
    }

    /// Shows bounds on each side on which the factor counts, 1 where there is none.
    fn each_bound(
        &self,
        query: &mut Query<'_>,
        column: &mut Column,
        bound: Bound,
        mut see: impl FnMut(Side, &Column),
    ) {
        let ask = |factor: &dyn Factor, query: &mut Query<'_>, column: &mut Column| {
            if !bound(factor, query, column) {
                column.fill(Value::Known(1.0));
            }
        };
        self.each_side(query, column, ask, |side, column, ()| see(side, column));
    }
}

fn add(mut one: Totals, other: Totals) -> Totals {
    for (one, other) in one.iter_mut().flatten().zip(other.iter().flatten()) {
        *one += other;
    }
    one
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_factor_is_asked_once_and_the_rest_is_what_later_ones_say_at_most() {
        let says = |weight: f64| (Some([[weight, weight], [0.0, 0.0]]), weight);
        let by_line = |weight| (None, weight);
        for factors in [
            vec![says(1.0), says(5.0), by_line(3.0), says(0.5), says(0.0), by_line(0.1)],
            vec![by_line(3.0), by_line(3.0)],
            vec![by_line(9.0), says(1.0), says(5e-324)],
            vec![says(5e-324)],
        ] {
            let Agenda { by_line, stages, most: [most, _] } = Agenda::new(&factors);
            let weight = |numbers: &mut dyn Iterator<Item = &usize>| -> f64 {
                numbers.map(|&number| factors[number].1).sum()
            };
            for (number, stage) in stages.iter().enumerate() {
                let later = weight(&mut stages[number + 1..].iter().flat_map(|stage| &stage.factors));
                assert!((stage.rest[0][0] - later).abs() < 1e-12, "{stage:?}");
            }
            let all = weight(&mut stages.iter().flat_map(|stage| &stage.factors));
            assert!((most[0][1] - all).abs() < 1e-12);
            let mut asked: Vec<usize> = stages.into_iter().flat_map(|stage| stage.factors).collect();
            asked.extend(by_line);
            asked.sort_unstable();
            assert!(asked.into_iter().eq(0..factors.len()));
        }
    }

    #[test]
    fn the_promising_come_first_with_their_equals() {
        let firms: Vec<FirmIx> = (0..5).map(FirmIx::new).collect();
        let bounds = [0.5, 0.9, 0.1, 0.9, 0.5];
        let block = |range: std::ops::Range<usize>| Block {
            firms: firms[range.clone()].into(),
            sums: Sums::default(),
            bounds: bounds[range].to_vec(),
        };
        let mut blocks = [block(0..2), block(2..5)];
        let mut taken = |most| -> Vec<usize> {
            promising(&mut blocks, most).into_iter().map(|(_, firm)| firm.index()).collect()
        };
        assert_eq!(taken(1), [1, 3]);
        assert_eq!(taken(2), [0, 4]);
        assert_eq!(blocks[1].bounds[0], 0.1);
    }
}
