//! Legal entities: who stands behind a department.

use crate::dataset::Tables;
use crate::model::{Firm, FirmIx};

/// The legal entity of each firm, see [`Network::legal_entity`](super::Network::legal_entity). Each parent is
/// asked for once, however deep houses are.
pub(super) fn legal_entities(tables: &Tables) -> Vec<FirmIx> {
    let firms = &tables.firms;
    let mut entities: Vec<FirmIx> = (0..firms.len()).map(FirmIx::new).collect();
    let mut is_known: Vec<bool> = firms.iter().map(Firm::is_legal_entity).collect();
    let mut below = Vec::new();
    for firm in 0..firms.len() {
        let mut at = firm;
        while !is_known[at] {
            is_known[at] = true;
            below.push(at);
            let parent = firms[at].parent.as_ref();
            at = parent.and_then(|parent| tables.firm_ix(parent.as_str())).map_or(at, FirmIx::index);
        }
        let entity = entities[at];
        let leads_to_one = firms[entity.index()].is_legal_entity();
        for firm in below.drain(..).filter(|_| leads_to_one) {
            entities[firm] = entity;
        }
    }
    entities
}
