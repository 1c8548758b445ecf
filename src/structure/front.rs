//! The scores of a few firms alone.

use super::spread::Spread;
use super::{Kernel, Scores};
use crate::model::FirmIx;

/// Where an anchor's walk stands before its last step, to pull the scores of some firms from:
/// for a few of them less work than to push to all.
#[derive(Debug, Clone, Default)]
pub(crate) struct Front {
    /// The numbers at the front as if they were scores; and what stands halfway.
    scores: Scores,
    anchor: usize,
    is_walked: bool,
    /// How many relations pushing would walk, at most, and how many have been pulled.
    most_work: usize,
    pulled: usize,
}

/// A relation that is pulled from costs about as much as so many that are pushed to, and the most
/// that a push may walk is about twice what it does.
const PUSHED_A_PULLED: usize = 4;

impl Front {
    /// What stands halfway of a walk that has been begun.
    pub(crate) fn halves(&self) -> Option<&Scores> {
        self.is_walked.then_some(&self.scores)
    }
}

/// A kernel that can find the scores of a few firms alone, the same to the bit.
pub(crate) trait Pull: Kernel {
    /// Begins with another anchor.
    fn begin(&self, anchor: FirmIx, front: &mut Front);

    /// Whether it is worth while to pull for so many firms, together with those pulled for so far;
    /// if so, walks to the front.
    fn is_worth_while(&self, front: &mut Front, firms: usize) -> bool;

    /// The score of a firm. O(its relations).
    fn pull(&self, front: &Front, firm: FirmIx) -> f64;
}

impl<T: Spread + Kernel> Pull for T {
    fn begin(&self, anchor: FirmIx, front: &mut Front) {
        front.anchor = self.adjacency().places.of(anchor);
        front.is_walked = false;
        front.most_work = self.most_work(front.anchor);
        front.pulled = 0;
    }

    fn is_worth_while(&self, front: &mut Front, firms: usize) -> bool {
        let places = &self.adjacency().places;
        front.pulled += firms * self.last_step().1.len().div_ceil(places.len().max(1));
        let is_little = front.pulled <= front.most_work / PUSHED_A_PULLED;
        if is_little && !front.is_walked {
            front.scores.reset(places);
            self.front(front.anchor, &mut front.scores);
            front.scores.sums.put(&front.scores.front);
            front.is_walked = true;
        }
        is_little
    }

    fn pull(&self, front: &Front, firm: FirmIx) -> f64 {
        let place = self.adjacency().places.of(firm);
        if place == front.anchor {
            return 0.0;
        }
        // In the order in which a push adds; what is not on the front adds 0.
        let mut sum = 0.0;
        self.last_step().1.each(place, |from, weight| sum += front.scores.sums.get(from) * weight);
        if sum == 0.0 {
            return 0.0;
        }
        self.corrected(front.anchor, place, &front.scores.halves).unwrap_or(sum)
    }
}

/// The scores of an anchor: of all firms, or on demand.
#[derive(Debug)]
pub(crate) enum Found<'a, K> {
    All(&'a Scores),
    Few(&'a K, &'a Front),
}

impl<K: Pull> Found<'_, K> {
    pub(crate) fn get(&self, firm: FirmIx) -> f64 {
        match self {
            Self::All(scores) => scores.get(firm),
            Self::Few(kernel, front) => kernel.pull(front, firm),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{PathWeights, SharedPartners, ThreePaths};
    use super::*;
    use crate::dataset::Dataset;
    use crate::model::Supply;
    use crate::network::Network;

    fn agrees(kernel: &impl Pull, network: &Network) {
        let (mut scores, mut front) = (Scores::default(), Front::default());
        let mut positive = 0;
        for anchor in network.firms() {
            kernel.score(anchor, &mut scores);
            kernel.begin(anchor, &mut front);
            if !kernel.is_worth_while(&mut front, 0) {
                continue;
            }
            for firm in network.firms() {
                assert_eq!(
                    kernel.pull(&front, firm).to_bits(),
                    scores.get(firm).to_bits(),
                    "{anchor:?} {firm:?}"
                );
                positive += usize::from(scores.get(firm) > 0.0);
            }
        }
        assert!(positive > 1_000, "{positive}");
    }

    #[test]
    fn what_is_pulled_has_the_bits_of_what_is_pushed() {
        let mut builder = Dataset::builder();
        for number in 0..900_u32 {
            // Some firms of many relations, the others of few.
            let (supplier, buyer) = (number * number % 97, number * 7 % 61 % (1 + number % 50));
            if supplier != buyer {
                let date = format!("20{}-0{}", 20 + number % 5, 1 + number % 9).parse().ok();
                builder
                    .add_supply(&Supply { date, ..Supply::new(format!("f{supplier}"), format!("f{buyer}")) });
            }
        }
        let network = Network::build(&builder.finish().0).unwrap();
        agrees(&ThreePaths::new(&network, PathWeights::default()), &network);
        agrees(&SharedPartners::new(&network), &network);
    }
}
