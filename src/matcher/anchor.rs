//! Anchors (链主): whom to rank for where nobody is named.

use std::cmp::Reverse;

use petgraph::Direction::Incoming;

use crate::model::FirmIx;
use crate::network::Network;

/// The anchors to rank where none are named: the firms marked so; else the `most` with
/// the most suppliers; else, where there are no supplies, the `most` with the most
/// product inputs. By id, or by count descending and id. O(firms · log firms).
pub fn default_anchors(network: &Network, most: usize) -> Vec<FirmIx> {
    let marked: Vec<FirmIx> =
        network.firms().filter(|&firm| network.firm(firm).anchor == Some(true)).collect();
    if !marked.is_empty() {
        return marked;
    }
    let by_suppliers = anchors_by_in_degree(network, most);
    if !by_suppliers.is_empty() {
        return by_suppliers;
    }
    let catalog = network.catalog();
    let inputs = |firm| {
        let made = catalog.makes(firm).iter().map(|&(product, _)| catalog.inputs(product).len());
        made.sum::<usize>().max(catalog.needs(firm).len())
    };
    most_of(network, most, inputs)
}

/// The `most` firms with the most suppliers, at least one; by count descending, then id.
/// O(firms · log firms).
pub fn anchors_by_in_degree(network: &Network, most: usize) -> Vec<FirmIx> {
    most_of(network, most, |firm| network.links(firm, Incoming).len())
}

fn most_of(network: &Network, most: usize, count: impl Fn(FirmIx) -> usize) -> Vec<FirmIx> {
    let mut firms: Vec<(usize, FirmIx)> =
        network.firms().map(|firm| (count(firm), firm)).filter(|&(count, _)| count > 0).collect();
    firms.sort_by_key(|&(count, firm)| (Reverse(count), firm));
    firms.truncate(most);
    firms.into_iter().map(|(_, firm)| firm).collect()
}
