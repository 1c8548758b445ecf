//! `reach`: how much of a random walk from the anchor passes a firm.

use super::adjacency::Adjacency;
use super::kernel::share_out;
use super::scores::Best;
use super::{Batch, Kernel, MemoryError, Ranked, Relations, Scores};
use crate::model::FirmIx;
use crate::network::Network;

/// How the walk of [`Reach`] goes.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct ReachWalk {
    /// Which relations it follows; it takes one with a probability proportional to its weight.
    pub relations: Relations,
    /// The probability of starting anew at each step, from [`MIN_RESTART`](Self::MIN_RESTART) to
    /// below 1.
    pub restart: f64,
    /// The most by which the shares of all firms together may be off, above 0; what is below
    /// [`MIN_TOLERANCE`](Self::MIN_TOLERANCE) counts as that.
    pub tolerance: f64,
}

impl ReachWalk {
    /// Default restart probability.
    pub const RESTART: f64 = 0.15;
    /// The smallest restart probability; below it a walk takes thousands of rounds.
    pub const MIN_RESTART: f64 = 0.01;
    /// Default tolerance.
    pub const TOLERANCE: f64 = 1e-9;
    /// The smallest tolerance: rounding hides what is smaller.
    pub const MIN_TOLERANCE: f64 = 1e-13;

    /// The default walk over these relations.
    pub fn over(relations: Relations) -> Self {
        Self { relations, restart: Self::RESTART, tolerance: Self::TOLERANCE }
    }

    fn check(self) -> Result<Self, ReachError> {
        if !(Self::MIN_RESTART..1.0).contains(&self.restart) {
            return Err(ReachError::Restart(self.restart));
        }
        if !(self.tolerance > 0.0) {
            return Err(ReachError::Tolerance(self.tolerance));
        }
        Ok(Self { tolerance: self.tolerance.max(Self::MIN_TOLERANCE), ..self })
    }
}

impl Default for ReachWalk {
    fn default() -> Self {
        Self::over(Relations::default())
    }
}

/// A parameter of [`Reach`] out of range.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ReachError {
    /// The restart probability is not inside [[`ReachWalk::MIN_RESTART`], 1).
    #[error("restart {0} is not at least {min} and below 1", min = ReachWalk::MIN_RESTART)]
    Restart(f64),
    /// The tolerance is not above 0.
    #[error("tolerance {0} is not above 0")]
    Tolerance(f64),
}

/// Personalised PageRank from the anchor: the share p of time that a walk spends at each
/// firm, p = r·e(anchor) + (1 − r)·Pᵀp, P the step to a neighbour. Where there is no
/// neighbour to go to, the walk restarts.
///
/// The anchor's own share counts as 0 in the scores; those of the others and it sum to 1.
///
/// Error: the residual R of the equation bounds it, |p − p*|₁ ≤ |R|₁ / r, since no step
/// lengthens a column by more than 1 − r. Rounds go on until that is at most the
/// tolerance, so the sum of the errors of all firms is, rounding aside. Where the walk is undirected the
/// equation is symmetric once p is divided by the total weight of each firm, and conjugate gradients
/// solve it: never slower than power iteration, about √(2/r) times as fast where mixing is
/// slow. A directed walk takes power iteration, at most ln(t·r/2) / ln(1 − r) rounds.
///
/// Preparing is [`SharedPartners`](super::SharedPartners)' over the same relations. Working
/// memory: 32 bytes a firm for one anchor, 256 for eight together, as [`best`](Kernel::best) takes
/// them.
///
/// Source: Haveliwala, Topic-sensitive PageRank, WWW 2002; Hestenes, Stiefel, Methods of
/// Conjugate Gradients for Solving Linear Systems, J. Research NBS 49, 1952.
#[derive(Debug, Clone)]
pub struct Reach {
    walk: ReachWalk,
    adjacency: Adjacency,
    /// The sum of the weights of the relations to step along, by place.
    totals: Vec<f64>,
}

/// Anchors that are solved for together: as many as fit a cache line.
const LANES: usize = 8;

impl Reach {
    /// Prepares a walk over a network.
    ///
    /// # Errors
    ///
    /// [`ReachError`] where a parameter is out of range.
    pub fn new(network: &Network, walk: ReachWalk) -> Result<Self, ReachError> {
        let walk = walk.check()?;
        Ok(Self::on(Adjacency::new(network, walk.relations), walk))
    }

    /// The default walk, over what shared partners have prepared.
    pub(crate) fn beside(shared: &super::SharedPartners) -> Self {
        Self::on(shared.relations().clone(), ReachWalk::default())
    }

    fn on(adjacency: Adjacency, walk: ReachWalk) -> Self {
        let totals = (0..adjacency.places.len()).map(|place| adjacency.forth.total(place)).collect();
        Self { walk, adjacency, totals }
    }

    /// Working memory for `lanes` anchors together.
    fn bytes(&self, lanes: usize) -> usize {
        4 * lanes * size_of::<f64>() * self.totals.len()
    }

    fn solve<const L: usize>(&self, anchors: &[usize], work: &mut Work<L>) {
        work.reset(self.totals.len());
        if self.adjacency.is_undirected() {
            self.conjugate_gradients(anchors, work);
        } else {
            self.power_iteration(anchors, work);
        }
    }

    /// Solves x = c + (1 − r)·Mx for x = p / total; M = W / total is symmetric in the product
    /// ⟨u, v⟩ = Σ total·u·v. The shares are left in `work.found`.
    fn conjugate_gradients<const L: usize>(&self, anchors: &[usize], work: &mut Work<L>) {
        let alpha = 1.0 - self.walk.restart;
        let Work { found, residual, direction, image } = work;
        let mut squares = [0.0; L];
        for (lane, &anchor) in anchors.iter().enumerate() {
            // Nowhere to go: the walk stays.
            if self.totals[anchor] == 0.0 {
                found[anchor][lane] = 1.0;
                continue;
            }
            // From x = 1 / total at the anchor, all of the walk being there.
            found[anchor][lane] = 1.0 / self.totals[anchor];
            residual[anchor][lane] = (self.walk.restart - 1.0) / self.totals[anchor];
            self.adjacency.forth.each(anchor, |place, weight| {
                residual[place][lane] += alpha * weight * found[anchor][lane] / self.totals[place];
            });
        }
        for (place, &total) in self.totals.iter().enumerate() {
            for lane in 0..L {
                squares[lane] += total * residual[place][lane] * residual[place][lane];
            }
            direction[place] = residual[place];
        }
        let mut is_open: [bool; L] = squares.map(|square| square > 0.0);
        while is_open.contains(&true) {
            let mut curvature = [0.0; L];
            for (place, &total) in self.totals.iter().enumerate() {
                let mut sums = [0.0; L];
                self.adjacency.back.each(place, |from, weight| {
                    for (sum, value) in sums.iter_mut().zip(&direction[from]) {
                        *sum += weight * value;
                    }
                });
                // Firms without relations take no part.
                let scale = if total > 0.0 { alpha / total } else { 0.0 };
                for lane in 0..L {
                    let own = direction[place][lane];
                    let value = own - scale * sums[lane];
                    image[place][lane] = value;
                    curvature[lane] += total * own * value;
                }
            }
            // A lane that is done stands still, so that it has the same bits as if alone.
            let mut step = [0.0; L];
            for lane in 0..L {
                if is_open[lane] {
                    step[lane] = squares[lane] / curvature[lane];
                }
            }
            let (mut new_squares, mut off) = ([0.0; L], [0.0; L]);
            for (place, &total) in self.totals.iter().enumerate() {
                for lane in 0..L {
                    found[place][lane] += step[lane] * direction[place][lane];
                    residual[place][lane] -= step[lane] * image[place][lane];
                    let left = residual[place][lane];
                    new_squares[lane] += total * left * left;
                    off[lane] += total * left.abs();
                }
            }
            let mut turn = [0.0; L];
            for lane in 0..L {
                is_open[lane] &= off[lane] > self.walk.tolerance * self.walk.restart;
                if is_open[lane] {
                    turn[lane] = new_squares[lane] / squares[lane];
                }
                squares[lane] = new_squares[lane];
            }
            for (direction, residual) in direction.iter_mut().zip(&*residual) {
                for lane in 0..L {
                    direction[lane] = residual[lane] + turn[lane] * direction[lane];
                }
            }
        }
        for (found, &total) in found.iter_mut().zip(&self.totals) {
            if total > 0.0 {
                for share in found {
                    *share *= total;
                }
            }
        }
    }

    /// Repeats p = r·e + (1 − r)·Pᵀp until it changes no more than the tolerance allows.
    fn power_iteration<const L: usize>(&self, anchors: &[usize], work: &mut Work<L>) {
        let alpha = 1.0 - self.walk.restart;
        let Work { found, image: shares, .. } = work;
        for (lane, &anchor) in anchors.iter().enumerate() {
            found[anchor][lane] = 1.0;
        }
        let mut is_open: [bool; L] = std::array::from_fn(|lane| lane < anchors.len());
        for _ in 0..self.rounds() {
            // What each relation of a firm carries on, by weight.
            let mut stuck = [0.0; L];
            for ((share, found), &total) in shares.iter_mut().zip(&*found).zip(&self.totals) {
                for lane in 0..L {
                    share[lane] = if total > 0.0 { alpha * found[lane] / total } else { 0.0 };
                    stuck[lane] += if total > 0.0 { 0.0 } else { alpha * found[lane] };
                }
            }
            let mut change = [0.0; L];
            for (place, found) in found.iter_mut().enumerate() {
                let mut sums = [0.0; L];
                self.adjacency.back.each(place, |from, weight| {
                    for (sum, share) in sums.iter_mut().zip(&shares[from]) {
                        *sum += weight * share;
                    }
                });
                for lane in 0..L {
                    let home = anchors.get(lane).is_some_and(|&anchor| anchor == place);
                    let next = if home { sums[lane] + self.walk.restart + stuck[lane] } else { sums[lane] };
                    change[lane] += (next - found[lane]).abs();
                    if is_open[lane] {
                        found[lane] = next;
                    }
                }
            }
            for lane in 0..L {
                // The next round would change (1 − r) times as much at most, and so on.
                is_open[lane] &= change[lane] * alpha > self.walk.tolerance * self.walk.restart;
            }
            if !is_open.contains(&true) {
                break;
            }
        }
    }

    /// After k rounds of power iteration the error is at most 2·(1 − r)ᵏ.
    fn rounds(&self) -> u32 {
        let target = libm::log(self.walk.tolerance * self.walk.restart / 2.0);
        libm::ceil(target / libm::log1p(-self.walk.restart)).max(1.0) as u32
    }
}

impl Kernel for Reach {
    /// O(rounds × relations of the network); 20 to 60 rounds where undirected.
    fn score(&self, anchor: FirmIx, scores: &mut Scores) {
        let places = &self.adjacency.places;
        let mut work = Work::<1>::default();
        self.solve(&[places.of(anchor)], &mut work);
        scores.reset(places);
        let others = work.found.iter().enumerate().filter(|&(place, _)| place != places.of(anchor));
        scores.sums.fill(others.map(|(place, &[share])| (place, share)));
    }

    /// Eight anchors at a time.
    fn score_each(&self, anchors: &[FirmIx]) -> Vec<Scores> {
        let places = &self.adjacency.places;
        let mut work = Work::<LANES>::default();
        let mut each = Vec::with_capacity(anchors.len());
        for group in anchors.chunks(LANES) {
            let at: Vec<usize> = group.iter().map(|&anchor| places.of(anchor)).collect();
            self.solve(&at, &mut work);
            for (lane, own) in at.iter().enumerate() {
                let mut scores = Scores::default();
                scores.reset(places);
                let others = work.found.iter().enumerate().filter(|(place, _)| place != own);
                scores.sums.fill(others.map(|(place, shares)| (place, shares[lane])));
                each.push(scores);
            }
        }
        each
    }

    fn best_of(
        &self,
        anchor: FirmIx,
        most: usize,
        is_wanted: &dyn Fn(FirmIx) -> bool,
        scores: &mut Scores,
    ) -> Ranked {
        self.score(anchor, scores);
        scores.best(most, is_wanted)
    }

    fn best(&self, anchors: &[FirmIx], batch: &Batch<'_>) -> Result<Vec<Ranked>, MemoryError> {
        // A task may need both.
        let is_roomy = batch.memory >= self.bytes(LANES + 1);
        let tasks = batch.tasks(self.bytes(if is_roomy { LANES + 1 } else { 1 }))?;
        let group = if is_roomy { anchors.len().div_ceil(tasks).clamp(1, LANES) } else { 1 };
        let items: Vec<(usize, FirmIx)> = anchors.iter().copied().enumerate().collect();
        let scratch = || (Work::<1>::default(), Work::<LANES>::default());
        Ok(share_out(tasks, &items, group, scratch, |(alone, together), items, done| match items {
            [_] => self.best_of_few(items, alone, batch, done),
            _ => self.best_of_few(items, together, batch, done),
        }))
    }
}

impl Reach {
    fn best_of_few<const L: usize>(
        &self,
        items: &[(usize, FirmIx)],
        work: &mut Work<L>,
        batch: &Batch<'_>,
        done: &mut Vec<(usize, Ranked)>,
    ) {
        let places = &self.adjacency.places;
        let anchors: Vec<usize> = items.iter().map(|&(_, anchor)| places.of(anchor)).collect();
        self.solve(&anchors, work);
        for (lane, &(position, anchor)) in items.iter().enumerate() {
            let mut best = Best::new(batch.most);
            for (place, shares) in work.found.iter().enumerate() {
                if shares[lane] > best.bar() && place != anchors[lane] {
                    let firm = places.firm(place);
                    best.offer(firm, shares[lane], || {
                        (batch.is_wanted)(anchor, firm).then_some(shares[lane])
                    });
                }
            }
            done.push((position, best.finish()));
        }
    }
}

/// Working memory: numbers by place and lane.
#[derive(Debug, Default)]
struct Work<const L: usize> {
    found: Vec<[f64; L]>,
    residual: Vec<[f64; L]>,
    direction: Vec<[f64; L]>,
    image: Vec<[f64; L]>,
}

impl<const L: usize> Work<L> {
    fn reset(&mut self, n: usize) {
        for column in [&mut self.found, &mut self.residual, &mut self.direction, &mut self.image] {
            column.clear();
            column.resize(n, [0.0; L]);
        }
    }
}
