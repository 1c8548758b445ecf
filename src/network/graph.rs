//! From a petgraph graph to a network, and back.

use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;
use rustc_hash::FxHashSet;

use super::{Edges, Link, Network, NetworkError, Trade};
use crate::dataset::Dataset;
use crate::model::{Firm, FirmId, FirmIx};

impl Network {
    /// A petgraph graph of the same firms (node index = [`FirmIx`]) and edges (in the order of
    /// [`all_links`](Self::all_links)), with nodes and weights of one's own: to change it with petgraph's means,
    /// and for those of its algorithms that ask for more than visit traits. `bellman_ford`,
    /// `find_negative_cycle`, `ford_fulkerson` and `dinics` take weights for numbers, and
    /// `greedy_feedback_arc_set`, `condensation`, `steiner_tree` and transitive reduction know petgraph's own
    /// indices alone. O(firms + edges).
    ///
    /// ```
    /// use jiedui::dataset::Dataset;
    /// use jiedui::model::Supply;
    /// use jiedui::network::Network;
    /// use jiedui::petgraph::algo::dinics;
    /// use jiedui::petgraph::graph::NodeIndex;
    ///
    /// let mut builder = Dataset::builder();
    /// for (supplier, buyer, value) in [("ore", "steel", 4.0), ("steel", "bogie", 3.0)] {
    ///     builder.add_supply(&Supply { value: Some(value), ..Supply::new(supplier, buyer) });
    /// }
    /// let network = Network::build(&builder.finish().0)?;
    /// let graph = network.to_graph(|firm| firm, |link| link.trade().value().unwrap_or(0.0));
    /// let node = |id| NodeIndex::new(network.firm_ix(id).unwrap().index());
    /// assert_eq!(dinics(&graph, node("ore"), node("bogie")).0, 3.0);
    /// # Ok::<(), jiedui::network::NetworkError>(())
    /// ```
    pub fn to_graph<N, E>(
        &self,
        node: impl FnMut(FirmIx) -> N,
        mut edge: impl FnMut(Link<'_>) -> E,
    ) -> DiGraph<N, E> {
        let mut graph = DiGraph::with_capacity(self.n_firms(), self.n_edges());
        for node in self.firms().map(node) {
            graph.add_node(node);
        }
        for link in self.all_links() {
            let [supplier, buyer] = [link.supplier(), link.buyer()].map(|firm| NodeIndex::new(firm.index()));
            graph.add_edge(supplier, buyer, edge(link));
        }
        graph
    }
}

impl From<&Network> for DiGraph<Firm, Trade> {
    /// A [graph](Network::to_graph) with a copy of each firm's record and trade.
    fn from(network: &Network) -> Self {
        network.to_graph(|firm| network.firm(firm).clone(), |link| *link.trade())
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
