//! petgraph's visit traits, so that its algorithms run on a [`Network`] unchanged.

use std::iter::{Copied, Enumerate, Map};
use std::ops::Range;
use std::slice::Iter;

use petgraph::visit::{
    Data, EdgeCount, EdgeIndexable, EdgeRef, GetAdjacencyMatrix, GraphBase, GraphProp, IntoEdgeReferences,
    IntoEdges, IntoEdgesDirected, IntoNeighbors, IntoNeighborsDirected, IntoNodeIdentifiers,
    IntoNodeReferences, NodeCompactIndexable, NodeCount, NodeIndexable, VisitMap, Visitable,
};
use petgraph::{Directed, Direction};

use super::{Network, Trade};
use crate::model::{Firm, FirmIx};

/// The number of a supply edge inside one [`Network`], by supplier and buyer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SupplyIx(u32);

impl SupplyIx {
    /// The number as a `usize`.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A supply edge: petgraph's edge reference.
#[derive(Debug, Clone, Copy)]
pub struct Link<'a> {
    number: SupplyIx,
    supplier: FirmIx,
    buyer: FirmIx,
    trade: &'a Trade,
}

impl<'a> Link<'a> {
    /// The firm that delivers.
    pub fn supplier(&self) -> FirmIx {
        self.supplier
    }

    /// The firm that buys.
    pub fn buyer(&self) -> FirmIx {
        self.buyer
    }

    /// Yearly value and last date.
    pub fn trade(&self) -> &'a Trade {
        self.trade
    }
}

impl<'a> EdgeRef for Link<'a> {
    type NodeId = FirmIx;
    type EdgeId = SupplyIx;
    type Weight = Trade;

    fn source(&self) -> FirmIx {
        self.supplier
    }

    fn target(&self) -> FirmIx {
        self.buyer
    }

    fn weight(&self) -> &'a Trade {
        self.trade
    }

    fn id(&self) -> SupplyIx {
        self.number
    }
}

/// The neighbours of a firm in one direction, ascending.
pub type Neighbors<'a> = Copied<Iter<'a, FirmIx>>;

/// Supply edges of one firm in one direction, or all of a network.
#[derive(Debug, Clone)]
pub struct Links<'a> {
    network: &'a Network,
    side: Side,
    range: Range<usize>,
}

/// Whose edges [`Links`] walks, and so what a position in its range means.
#[derive(Debug, Clone, Copy)]
enum Side {
    /// Positions are edge numbers; suppliers change along the way.
    All { supplier: usize },
    /// Positions are edge numbers of one supplier.
    Of { supplier: FirmIx },
    /// Positions are those of one buyer's incoming row.
    To { buyer: FirmIx },
}

impl<'a> Iterator for Links<'a> {
    type Item = Link<'a>;

    fn next(&mut self) -> Option<Link<'a>> {
        let position = self.range.next()?;
        let inner = &*self.network.inner;
        let (number, supplier, buyer) = match &mut self.side {
            Side::All { supplier } => {
                while inner.buyers.range(*supplier).end <= position {
                    *supplier += 1;
                }
                (position, FirmIx::new(*supplier), inner.buyers.items()[position])
            }
            Side::Of { supplier } => (position, *supplier, inner.buyers.items()[position]),
            Side::To { buyer } => {
                (inner.supplier_edges[position] as usize, inner.suppliers.items()[position], *buyer)
            }
        };
        Some(Link { number: SupplyIx(number as u32), supplier, buyer, trade: &inner.trades[number] })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.range.size_hint()
    }
}

impl ExactSizeIterator for Links<'_> {}

impl Network {
    /// The supply edges of a firm: incoming from its suppliers, or outgoing to its buyers.
    pub fn links(&self, firm: FirmIx, direction: Direction) -> Links<'_> {
        let (side, range) = match direction {
            Direction::Outgoing => (Side::Of { supplier: firm }, self.inner.buyers.range(firm.index())),
            Direction::Incoming => (Side::To { buyer: firm }, self.inner.suppliers.range(firm.index())),
        };
        Links { network: self, side, range }
    }

    /// Every supply edge, by supplier and buyer.
    pub fn all_links(&self) -> Links<'_> {
        Links { network: self, side: Side::All { supplier: 0 }, range: 0..self.n_edges() }
    }
}

/// Which firms a traversal has seen.
#[derive(Debug, Clone, Default)]
pub struct Visited(Vec<bool>);

impl Visited {
    /// None of `n` firms.
    pub(super) fn of(n: usize) -> Self {
        Self(vec![false; n])
    }
}

impl VisitMap<FirmIx> for Visited {
    fn visit(&mut self, firm: FirmIx) -> bool {
        !std::mem::replace(&mut self.0[firm.index()], true)
    }

    fn is_visited(&self, firm: &FirmIx) -> bool {
        self.0[firm.index()]
    }

    fn unvisit(&mut self, firm: FirmIx) -> bool {
        std::mem::replace(&mut self.0[firm.index()], false)
    }
}

impl GraphBase for Network {
    type NodeId = FirmIx;
    type EdgeId = SupplyIx;
}

impl Data for Network {
    type NodeWeight = Firm;
    type EdgeWeight = Trade;
}

impl GraphProp for Network {
    type EdgeType = Directed;
}

impl NodeCount for Network {
    fn node_count(&self) -> usize {
        self.n_firms()
    }
}

impl EdgeCount for Network {
    fn edge_count(&self) -> usize {
        self.n_edges()
    }
}

impl NodeIndexable for Network {
    fn node_bound(&self) -> usize {
        self.n_firms()
    }

    fn to_index(&self, firm: FirmIx) -> usize {
        firm.index()
    }

    fn from_index(&self, index: usize) -> FirmIx {
        FirmIx::new(index)
    }
}

impl NodeCompactIndexable for Network {}

impl EdgeIndexable for Network {
    fn edge_bound(&self) -> usize {
        self.n_edges()
    }

    fn to_index(&self, edge: SupplyIx) -> usize {
        edge.index()
    }

    fn from_index(&self, index: usize) -> SupplyIx {
        SupplyIx(index as u32)
    }
}

impl petgraph::data::DataMap for Network {
    fn node_weight(&self, firm: FirmIx) -> Option<&Firm> {
        self.inner.tables.firms.get(firm.index())
    }

    fn edge_weight(&self, edge: SupplyIx) -> Option<&Trade> {
        self.inner.trades.get(edge.index())
    }
}

impl Visitable for Network {
    type Map = Visited;

    fn visit_map(&self) -> Visited {
        Visited::of(self.n_firms())
    }

    fn reset_map(&self, map: &mut Visited) {
        map.0.clear();
        map.0.resize(self.n_firms(), false);
    }
}

impl GetAdjacencyMatrix for Network {
    type AdjMatrix = ();

    fn adjacency_matrix(&self) {}

    fn is_adjacent(&self, (): &(), supplier: FirmIx, buyer: FirmIx) -> bool {
        self.trade(supplier, buyer).is_some()
    }
}

impl<'a> IntoNeighbors for &'a Network {
    type Neighbors = Neighbors<'a>;

    fn neighbors(self, firm: FirmIx) -> Neighbors<'a> {
        self.buyers(firm).iter().copied()
    }
}

impl<'a> IntoNeighborsDirected for &'a Network {
    type NeighborsDirected = Neighbors<'a>;

    fn neighbors_directed(self, firm: FirmIx, direction: Direction) -> Neighbors<'a> {
        match direction {
            Direction::Outgoing => self.buyers(firm),
            Direction::Incoming => self.suppliers(firm),
        }
        .iter()
        .copied()
    }
}

impl<'a> IntoEdgeReferences for &'a Network {
    type EdgeRef = Link<'a>;
    type EdgeReferences = Links<'a>;

    fn edge_references(self) -> Links<'a> {
        self.all_links()
    }
}

impl<'a> IntoEdges for &'a Network {
    type Edges = Links<'a>;

    fn edges(self, firm: FirmIx) -> Links<'a> {
        self.links(firm, Direction::Outgoing)
    }
}

impl<'a> IntoEdgesDirected for &'a Network {
    type EdgesDirected = Links<'a>;

    fn edges_directed(self, firm: FirmIx, direction: Direction) -> Links<'a> {
        self.links(firm, direction)
    }
}

impl IntoNodeIdentifiers for &Network {
    type NodeIdentifiers = Map<Range<usize>, fn(usize) -> FirmIx>;

    fn node_identifiers(self) -> Self::NodeIdentifiers {
        (0..self.n_firms()).map(FirmIx::new)
    }
}

impl<'a> IntoNodeReferences for &'a Network {
    type NodeRef = (FirmIx, &'a Firm);
    type NodeReferences = Map<Enumerate<Iter<'a, Firm>>, fn((usize, &'a Firm)) -> (FirmIx, &'a Firm)>;

    fn node_references(self) -> Self::NodeReferences {
        self.inner.tables.firms.iter().enumerate().map(|(position, firm)| (FirmIx::new(position), firm))
    }
}
