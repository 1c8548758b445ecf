//! Firms that are on both sides.

use super::roster::Roster;

/// Firms that are on both sides: which party each is on the other one.
pub(super) struct Twins {
    /// The supplier that an anchor is, and the anchor that a supplier is.
    pub(super) of: [Vec<Option<u32>>; 2],
    pub(super) are_none: bool,
}

impl Twins {
    pub(super) fn of(anchors: &Roster, suppliers: &Roster) -> Self {
        let mut of = [vec![None; anchors.parties.len()], vec![None; suppliers.parties.len()]];
        let mut are_none = true;
        let (mut anchor, mut supplier) = (0, 0);
        while let (Some(one), Some(other)) = (anchors.parties.get(anchor), suppliers.parties.get(supplier)) {
            let order = one.cmp(other);
            if order.is_eq() {
                are_none = false;
                of[0][anchor] = Some(supplier as u32);
                of[1][supplier] = Some(anchor as u32);
            }
            anchor += usize::from(order.is_le());
            supplier += usize::from(order.is_ge());
        }
        Self { of, are_none }
    }
}
