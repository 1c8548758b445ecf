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

/// How many bidders look at once where each wants one place. Memory then answers all of them
/// together, not one after the other; found by trial, and half or twice of it differs little.
const AHEAD: usize = 16;

/// A place taken.
#[derive(Debug, Clone, Copy, Default)]
struct Bid {
    amount: u32,
    bidder: u32,
}

/// The places of a node: where its row of bids begins, and how many stand there, by amount
/// ascending.
#[derive(Debug, Clone, Copy, Default)]
struct Places {
    start: u32,
    taken: u32,
    most: u32,
}

/// The side that is bid for.
struct AuctionHouse {
    /// What a place of each node costs.
    prices: Vec<u32>,
    places: Vec<Places>,
    standing: Vec<Bid>,
    /// How many wishes were looked at.
    looks: u64,
}

impl AuctionHouse {
    /// Rows for the bids at each node, no longer than there are wishes for it.
    fn of(auction: &Auction) -> Self {
        let mut places = vec![Places::default(); auction.places.len()];
        for &(node, _) in &auction.wishes.items {
            places[node as usize].taken += 1;
        }
        let mut start = 0;
        for (places, &most) in places.iter_mut().zip(&auction.places) {
            let n_wishes = std::mem::take(&mut places.taken);
            (places.start, places.most) = (start, most);
            start += n_wishes.min(most);
        }
        // A node without places is out of reach.
        let price = |&most: &u32| if most == 0 { u32::MAX } else { 0 };
        let prices = auction.places.iter().map(price).collect();
        Self { prices, places, standing: vec![Bid::default(); start as usize], looks: 0 }
    }

    /// Enters a bid, at least the increment above the price, and returns who loses a place to
    /// it.
    fn enter(&mut self, node: usize, mut bid: Bid) -> Option<u32> {
        let places = &mut self.places[node];
        let row = &mut self.standing[places.start as usize..];
        let mut loser = None;
        if places.taken < places.most {
            let mut at = places.taken as usize;
            while at > 0 && row[at - 1].amount > bid.amount {
                row[at] = row[at - 1];
                at -= 1;
            }
            row[at] = bid;
            places.taken += 1;
        } else {
            bid.amount = bid.amount.max(self.prices[node].saturating_add(INCREMENT));
            loser = Some(row[0].bidder);
            // It exceeds the lowest bid by little: few others are to be moved.
            let mut at = 1;
            while at < places.most as usize && row[at].amount < bid.amount {
                row[at - 1] = row[at];
                at += 1;
            }
            row[at - 1] = bid;
        }
        if places.taken == places.most {
            self.prices[node] = row[0].amount;
        }
        loser
    }
}

/// Where a bidder would bid.
#[derive(Debug, Clone, Copy)]
struct Look {
    node: u32,
    /// What the place cost then.
    price: u32,
    amount: u32,
}

impl Auction {
    /// The price of a place at each node of the other side, in steps of 2⁻³², and how many wishes
    /// were looked at for it.
    pub(super) fn prices(mut self) -> (Vec<u32>, u64) {
        let mut house = AuctionHouse::of(&self);
        let wants = std::mem::take(&mut self.wants);
        if wants.iter().all(|&wanted| wanted <= 1) {
            self.bid_for_one(&wants, &mut house);
        } else {
            self.bid_for_some(wants, &mut house);
        }
        (house.prices, house.looks)
    }

    /// Every bidder wants one place at most, so that it holds none while it bids.
    fn bid_for_one(&self, wants: &[u32], house: &mut AuctionHouse) {
        let (mut bidders, mut losers) = (wanting(wants), Vec::new());
        let mut looks: Vec<Option<Look>> = Vec::with_capacity(AHEAD);
        // Round by round, each in order, since neighbours lie together in memory.
        while !bidders.is_empty() {
            for some in bidders.chunks(AHEAD) {
                looks.clear();
                looks.extend(some.iter().map(|&bidder| self.best(bidder, house)));
                // Only to have the rows at hand.
                let rows = looks.iter().flatten().map(|look| house.places[look.node as usize].start);
                let bids = rows.filter_map(|start| house.standing.get(start as usize));
                std::hint::black_box(bids.fold(0, |all, bid| all | bid.amount));
                for (&bidder, look) in some.iter().zip(&looks) {
                    let mut look = *look;
                    // Prices only rise, so one that has not is still that of the best choice.
                    if look.is_some_and(|look| house.prices[look.node as usize] != look.price) {
                        look = self.best(bidder, house);
                    }
                    if let Some(Look { node, amount, .. }) = look {
                        losers.extend(house.enter(node as usize, Bid { amount, bidder }));
                    }
                }
            }
            std::mem::swap(&mut bidders, &mut losers);
            losers.clear();
            bidders.sort_unstable();
        }
    }

    /// Bidders hold some places while they bid for more. `free` is how many they want.
    fn bid_for_some(&mut self, mut free: Vec<u32>, house: &mut AuctionHouse) {
        let (mut bidders, mut losers) = (wanting(&free), Vec::new());
        let mut offers: Vec<Offer> = Vec::new();
        while !bidders.is_empty() {
            for &bidder in &bidders {
                let wanted = free[bidder as usize] as usize;
                let left = self.offers(bidder, wanted, house, &mut offers);
                free[bidder as usize] -= offers.len() as u32;
                for &(_, wish) in &offers {
                    let (node, worth) = self.wishes.items[wish as usize];
                    self.wishes.items[wish as usize].0 |= HELD;
                    let bid = Bid { amount: amount(worth, left), bidder };
                    if let Some(loser) = house.enter(node as usize, bid) {
                        self.let_go(loser, node);
                        if free[loser as usize] == 0 {
                            losers.push(loser);
                        }
                        free[loser as usize] += 1;
                    }
                }
            }
            std::mem::swap(&mut bidders, &mut losers);
            losers.clear();
            bidders.sort_unstable();
        }
    }

    /// Marks that a bidder holds no place of a node any more.
    fn let_go(&mut self, bidder: u32, node: u32) {
        let range = self.wishes.range(bidder as usize);
        if let Some(wish) = self.wishes.items[range].iter_mut().find(|wish| wish.0 == node | HELD) {
            wish.0 = node;
        }
    }

    /// What brings a bidder most, if anything brings it something.
    fn best(&self, bidder: u32, house: &mut AuctionHouse) -> Option<Look> {
        let range = self.wishes.range(bidder as usize);
        house.looks += range.len() as u64;
        let prices = &house.prices;
        // The greatest two, without branches.
        let (mut best, mut next) = (0_u64, 0_u64);
        for (&(node, worth), wish) in self.wishes.items[range.clone()].iter().zip(range) {
            let value = worth.saturating_sub(prices[node as usize]);
            let key = u64::from(value) << 32 | wish as u64;
            next = next.max(best.min(key));
            best = best.max(key);
        }
        if best >> 32 == 0 {
            return None;
        }
        let (node, worth) = self.wishes.items[best as u32 as usize];
        let price = prices[node as usize];
        Some(Look { node, price, amount: amount(worth, (next >> 32) as u32) })
    }

    /// Finds the `wanted` wishes that bring a bidder most, and what the next one would.
    fn offers(&self, bidder: u32, wanted: usize, house: &mut AuctionHouse, offers: &mut Vec<Offer>) -> u32 {
        let range = self.wishes.range(bidder as usize);
        house.looks += range.len() as u64;
        let prices = &house.prices;
        let values = self.wishes.items[range.clone()].iter().zip(range).map(|(&(node, worth), wish)| {
            let value = worth.saturating_sub(prices[(node & !HELD) as usize]);
            (if node & HELD == 0 { value } else { 0 }, wish as u32)
        });
        offers.clear();
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

/// What to bid for a wish, given what the next best one would bring: a step less than it is worth
/// to the bidder, who then prefers it.
fn amount(worth: u32, left: u32) -> u32 {
    (worth - left).saturating_sub(1)
}

fn wanting(wants: &[u32]) -> Vec<u32> {
    (0..wants.len() as u32).filter(|&one| wants[one as usize] > 0).collect()
}
