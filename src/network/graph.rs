//! From a petgraph graph to a network, and back.

use petgraph::graph::DiGraph;
use petgraph::visit::EdgeRef;
use rustc_hash::FxHashSet;

use super::{Edges, Network, NetworkError, Trade};
use crate::dataset::Dataset;
use crate::model::{Firm, FirmId, FirmIx};

impl From<&Network> for DiGraph<Firm, Trade> {
    /// A graph with the same firms (node index = [`FirmIx`]) and edges, to change with
    /// petgraph's own means.
    ///
    /// # Panics
    ///
    /// Never: a network has no more nodes and edges than petgraph's 32 bits number.
    fn from(network: &Network) -> Self {
        let mut graph = Self::with_capacity(network.n_firms(), network.n_edges());
        for firm in network.firms() {
            graph.add_node(network.firm(firm).clone());
        }
        for link in network.all_links() {
            let node = |firm: FirmIx| petgraph::graph::NodeIndex::new(firm.index());
            graph.add_edge(node(link.supplier()), node(link.buyer()), *link.trade());
        }
        graph
    }
}

impl TryFrom<&DiGraph<Firm, Trade>> for Network {
    type Error = NetworkError;

    /// A network of the graph's firms and edges, from supplier to buyer; parallel
    /// edges are merged. It knows the firms and their trade, nothing of products or
    /// chains; its as-of date is the latest trade.
    ///
    /// # Errors
    ///
    /// [`NetworkError::FirmId`] where ids are not unique or cannot be ids,
    /// [`NetworkError::Fault`] with the first fault of the firms that a dataset would lose
    /// something by, [`NetworkError::SelfLoop`], [`NetworkError::TooLarge`].
    fn try_from(graph: &DiGraph<Firm, Trade>) -> Result<Self, NetworkError> {
        let mut builder = Dataset::builder();
        let ids: FxHashSet<&FirmId> = graph.node_weights().map(|firm| &firm.id).collect();
        for firm in graph.node_weights() {
            let mut firm = firm.clone();
            // A parent outside the graph would become a firm of its own.
            firm.parent = firm.parent.filter(|parent| ids.contains(parent));
            builder.add_firm(firm);
        }
        let (dataset, report) = builder.finish();
        let loss = report.faults().iter().find(|fault| !fault.effect.is_note());
        let tables = dataset.tables();
        let mut taken = vec![false; tables.firms.len()];
        let mut positions = Vec::with_capacity(graph.node_count());
        for firm in graph.node_weights() {
            match tables.firm_ix(firm.id.as_str()) {
                Some(position) if !std::mem::replace(&mut taken[position.index()], true) => {
                    positions.push(position);
                }
                _ => return Err(NetworkError::FirmId { id: firm.id.as_str().to_owned() }),
            }
        }
        if let Some(fault) = loss {
            return Err(NetworkError::Fault(Box::new(fault.clone())));
        }
        let mut edges = Vec::with_capacity(graph.edge_count());
        for edge in graph.edge_references() {
            let (supplier, buyer) = (positions[edge.source().index()], positions[edge.target().index()]);
            if supplier == buyer {
                return Err(NetworkError::SelfLoop { id: graph[edge.source()].id.as_str().to_owned() });
            }
            edges.push((supplier, buyer, *edge.weight()));
        }
        // By value too, so that parallel edges add up the same way in any order.
        edges.sort_by(|a, b| {
            let value = |trade: &Trade| trade.value().unwrap_or(-1.0);
            (a.0, a.1).cmp(&(b.0, b.1)).then(value(&a.2).total_cmp(&value(&b.2)))
        });
        edges.dedup_by(|edge, kept| {
            let same = (edge.0, edge.1) == (kept.0, kept.1);
            if same {
                kept.2 = kept.2.merge(edge.2);
            }
            same
        });
        let as_of = edges.iter().filter_map(|edge| edge.2.last());
        let as_of = as_of.max_by_key(|date| (date.last_day(), *date));
        Self::assemble(tables.clone(), as_of, Edges::of_trades(tables.firms.len(), &edges)?)
    }
}
