//! What memory allows: a loop over the same candidates that hardly decides anything.

use crate::instance::Instance;

/// Groups candidates by supplier, sends each supplier where it scores best less a price that
/// rises with every one that comes, and counts who came: what any planner has to look at once,
/// at places as random as its own. Returns how many places were taken.
pub(crate) fn pass(instance: &Instance) -> usize {
    let Instance { shape, edges } = instance;
    let mut starts = vec![0_u32; shape.suppliers as usize + 1];
    for &[_, supplier, _] in edges {
        starts[supplier as usize + 1] += 1;
    }
    for supplier in 0..shape.suppliers as usize {
        starts[supplier + 1] += starts[supplier];
    }
    let mut place = starts.clone();
    let mut rows = vec![(0_u32, 0_u32); edges.len()];
    for &[anchor, supplier, score] in edges {
        let place = &mut place[supplier as usize];
        rows[*place as usize] = (anchor, score);
        *place += 1;
    }
    let mut prices = vec![0_u32; shape.anchors as usize];
    let mut came = vec![0_u32; shape.anchors as usize];
    for ends in starts.windows(2) {
        let row = rows[ends[0] as usize..ends[1] as usize].iter();
        let best = row.map(|&(anchor, score)| (score.saturating_sub(prices[anchor as usize]), anchor)).max();
        if let Some((1.., anchor)) = best {
            prices[anchor as usize] += 1 << 15;
            came[anchor as usize] += 1;
        }
    }
    came.iter().map(|&came| came.min(shape.quota) as usize).sum()
}
