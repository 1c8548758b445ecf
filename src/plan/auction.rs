//! Prices to begin with, found by an auction.
//!
//! The nodes of one side bid for places of the other: a bidder with free places bids for
//! what would bring it most, up to what its next best choice would leave it. A node whose
//! places are all taken costs what its lowest bidder bids, and lets that one go for a higher
//! bid (Bertsekas and Castañón, The Auction Algorithm for the Transportation Problem, Annals
//! of Operations Research 20, 1989). The prices come near those of the optimum, quickest
//! where many want the same. Nothing rests on them: [`Flow`](super::flow::Flow) mends
//! whatever is amiss, and is exact whatever prices it starts from.

use super::flow::Ranges;

/// By how much a bid exceeds the one it ends, in steps of 2⁻³². Smaller ones leave less to be
/// mended, larger ones end sooner; found by trial, and twice or half of it differs little.
const INCREMENT: u32 = u32::MAX / 2_000;

/// One side as bidders, the other as places, both by node.
#[derive(Debug, Default)]
pub(super) struct Auction {
    /// Whom each bidder may bid for, and the worth in steps of 2⁻³²; the node with [`HELD`]
    /// where the bidder holds a place of it.
    pub(super) wishes: Ranges<(u32, u32)>,
    /// How many places each bidder wants.
    pub(super) wants: Vec<u32>,
    /// How many places each node of the other side has.
    pub(super) places: Vec<u32>,
}

/// Marks the node of a wish that holds a place.
const HELD: u32 = 1 << 31;

/// A place taken.
#[derive(Debug, Clone, Copy, Default)]
struct Bid {
    amount: u32,
    bidder: u32,
    wish: u32,
}

impl Auction {
    /// The price of a place at each node of the other side, in steps of 2⁻³².
    pub(super) fn prices(mut self) -> Vec<u32> {
        let mut prices = vec![0_u32; self.places.len()];
        // A node without places is out of reach.
        for (price, _) in prices.iter_mut().zip(&self.places).filter(|&(_, &places)| places == 0) {
            *price = u32::MAX;
        }
        // The bids that stand, each node's in its own row by amount descending.
        let mut rows = vec![0_u32; self.places.len() + 1];
        for &(node, _) in &self.wishes.items {
            rows[node as usize + 1] += 1;
        }
        for (node, &places) in self.places.iter().enumerate() {
            rows[node + 1] = rows[node] + rows[node + 1].min(places);
        }
        let mut standing = vec![Bid::default(); rows[self.places.len()] as usize];
        let mut taken = vec![0_u32; self.places.len()];
        let mut free = std::mem::take(&mut self.wants);
        // Who wants but one place holds none while it bids: nothing to be looked up of the others.
        let is_single = free.iter().all(|&wanted| wanted <= 1);
        let mut bidders: Vec<u32> = (0..free.len() as u32).filter(|&one| free[one as usize] > 0).collect();
        let mut offers: Vec<Offer> = Vec::new();
        let mut at = 0;
        // Round by round, each in order, since neighbours lie together in memory.
        let mut losers: Vec<u32> = Vec::new();
        loop {
            if at == bidders.len() {
                if losers.is_empty() {
                    break;
                }
                std::mem::swap(&mut bidders, &mut losers);
                losers.clear();
                bidders.sort_unstable();
                at = 0;
            }
            let bidder = bidders[at];
            at += 1;
            let wanted = if is_single { 1 } else { free[bidder as usize] as usize };
            let left = self.offers(bidder, wanted, &prices, &mut offers);
            if !is_single {
                free[bidder as usize] -= offers.len() as u32;
            }
            for &(_, wish) in &offers {
                let (node, worth) = &mut self.wishes.items[wish as usize];
                let (held, worth) = (*node | HELD, *worth);
                let node = std::mem::replace(node, if is_single { *node } else { held }) as usize;
                let row = &mut standing[rows[node] as usize..rows[node + 1] as usize];
                let count = &mut taken[node];
                // A step less than it is worth to the bidder, who then prefers it.
                let mut amount = (worth - left).saturating_sub(1);
                if *count == self.places[node] {
                    amount = amount.max(prices[node].saturating_add(INCREMENT));
                    *count -= 1;
                    let lowest = row[*count as usize];
                    if is_single {
                        losers.push(lowest.bidder);
                    } else {
                        self.wishes.items[lowest.wish as usize].0 &= !HELD;
                        if free[lowest.bidder as usize] == 0 {
                            losers.push(lowest.bidder);
                        }
                        free[lowest.bidder as usize] += 1;
                    }
                }
                let mut at = *count as usize;
                while at > 0 && row[at - 1].amount < amount {
                    row[at] = row[at - 1];
                    at -= 1;
                }
                row[at] = Bid { amount, bidder, wish };
                *count += 1;
                if *count == self.places[node] {
                    prices[node] = row[*count as usize - 1].amount;
                }
            }
        }
        prices
    }

    /// Finds the `wanted` wishes that bring a bidder most, and what the next one would.
    fn offers(&self, bidder: u32, wanted: usize, prices: &[u32], offers: &mut Vec<Offer>) -> u32 {
        let range = self.wishes.range(bidder as usize);
        let values = self.wishes.items[range.clone()].iter().zip(range).map(|(&(node, worth), wish)| {
            let value = worth.saturating_sub(prices[(node & !HELD) as usize]);
            (if node & HELD == 0 { value } else { 0 }, wish as u32)
        });
        offers.clear();
        if wanted == 1 {
            // The greatest two, without branches.
            let (mut best, mut next) = (0_u64, 0_u64);
            for (value, wish) in values {
                let key = u64::from(value) << 32 | u64::from(wish);
                next = next.max(best.min(key));
                best = best.max(key);
            }
            let value = (best >> 32) as u32;
            if value > 0 {
                offers.push((value, best as u32));
            }
            return (next >> 32) as u32;
        }
        offers.extend(values.filter(|&(value, _)| value > 0));
        if offers.len() <= wanted {
            return 0;
        }
        offers.select_nth_unstable_by(wanted, |a, b| b.cmp(a));
        let left = offers[wanted].0;
        offers.truncate(wanted);
        left
    }
}

/// What a wish would bring, and the wish.
type Offer = (u32, u32);
