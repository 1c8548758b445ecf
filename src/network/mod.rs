//! The supplier graph: an immutable two-way snapshot of who supplies whom.
//!
//! An edge runs from supplier to buyer, as the goods do: *upstream* of a firm are its
//! incoming edges, *downstream* its outgoing ones. Several supply rows of one pair
//! are one edge with a [`Trade`]. [`Network`] implements petgraph's visit traits, so
//! petgraph's algorithms run on it; the few that ask for more run on [`Network::to_graph`].
//! petgraph is re-exported as [`jiedui::petgraph`](crate::petgraph), so that versions agree.
//!
//! ```
//! use jiedui::dataset::Dataset;
//! use jiedui::model::Supply;
//! use jiedui::network::Network;
//! use jiedui::petgraph::algo::dijkstra;
//!
//! let mut builder = Dataset::builder();
//! builder.add_supply(&Supply::new("ore", "steel")).add_supply(&Supply::new("steel", "bogie"));
//! let network = Network::build(&builder.finish().0)?;
//!
//! let (ore, bogie) = (network.firm_ix("ore").unwrap(), network.firm_ix("bogie").unwrap());
//! assert_eq!(network.upstream_tiers(bogie, 2).last().unwrap().0, ore);
//! assert_eq!(dijkstra(&network, ore, Some(bogie), |_| 1)[&bogie], 2);
//! # Ok::<(), jiedui::network::NetworkError>(())
//! ```

mod catalog;
mod directory;
mod edges;
mod entity;
mod graph;
mod rows;
mod tier;
mod trade;
mod visit;
mod window;

use std::fmt;
use std::sync::Arc;

use petgraph::visit::EdgeRef;

use crate::dataset::{Dataset, Fault, Limits, Tables};
use crate::model::{Chain, Date, Firm, FirmIx, Product, ProductIx, Resource, SizeClass};

pub use crate::model::ChainIx;
pub use catalog::Catalog;
pub use directory::Directory;
pub use tier::Tier;
pub use trade::Trade;
pub use visit::{Link, Links, Neighbors, SupplyIx, Visited};

use edges::{Edges, transpose};
use entity::legal_entities;
pub(crate) use rows::Rows;
use window::Window;

/// An immutable snapshot of the supplier graph and of all that is known of its firms.
///
/// Cheap to clone and share. Firms have the same [`FirmIx`] as in the dataset, so
/// index order is id order.
#[derive(Clone)]
pub struct Network {
    inner: Arc<Inner>,
}

/// How much there is, since all of it would fill a log.
impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Network");
        shown.field("firms", &self.n_firms()).field("edges", &self.n_edges()).field("as_of", &self.as_of());
        shown.finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct Inner {
    tables: Arc<Tables>,
    as_of: Option<Date>,
    /// Buyers of each supplier, ascending; an edge's number is its position here.
    buyers: Rows<FirmIx>,
    trades: Vec<Trade>,
    newly_won: Vec<f64>,
    /// Suppliers of each buyer, ascending, with the numbers of the edges.
    suppliers: Rows<FirmIx>,
    supplier_edges: Vec<u32>,
    /// Yearly value of each edge by product, where supply rows name products.
    lines: Rows<(ProductIx, f64)>,
    catalog: Catalog,
    chains_of: Rows<ChainIx>,
    members: Rows<FirmIx>,
    /// Of each firm, see [`Network::legal_entity`].
    entities: Vec<FirmIx>,
    /// Where each firm's resources begin in their table, and where the last ones end.
    resources: Vec<u32>,
}

/// Why there is no [`Network`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NetworkError {
    /// More edges, product lines or firms than 32 bits number.
    #[error("{found} {what} are more than the limit of {limit}; take a part of the data", limit = u32::MAX)]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// How many.
        found: usize,
    },
    /// Two firms of one id, or an id that no dataset takes, in a graph to be converted.
    #[error("firm id {id:?} is there twice, empty, or longer than {limit} bytes; ids must be unique", limit = Limits::KEY_BYTES)]
    FirmId {
        /// The id.
        id: String,
    },
    /// A firm with a value that no dataset takes, in a graph to be converted.
    #[error("{0}")]
    Fault(Box<Fault>),
    /// A firm that supplies itself, in a graph to be converted.
    #[error("firm {id:?} supplies itself; remove the edge")]
    SelfLoop {
        /// The id.
        id: String,
    },
}

impl Network {
    /// The network of a dataset as of its latest date. See [`build_as_of`](Self::build_as_of).
    ///
    /// # Errors
    ///
    /// [`NetworkError::TooLarge`].
    pub fn build(dataset: &Dataset) -> Result<Self, NetworkError> {
        Self::build_as_of(dataset, None)
    }

    /// The network of a dataset as of a date: rows that begin after it are not yet
    /// known, ages and yearly values count back from it, chains are those that stand
    /// on it. `None` stands for the latest date in the data.
    ///
    /// Two firms are linked if any of their rows is no refund. O(rows + firms · log firms),
    /// on all threads of the current rayon pool, with the same result on any number of
    /// them. At its peak it takes a third more memory than the network's edges.
    ///
    /// # Errors
    ///
    /// [`NetworkError::TooLarge`].
    pub fn build_as_of(dataset: &Dataset, as_of: Option<Date>) -> Result<Self, NetworkError> {
        let as_of = as_of.or_else(|| dataset.latest_date());
        let window = Window::up_to(as_of, dataset.supply_dates());
        let edges = Edges::of_rows(dataset.tables().firms.len(), dataset.supplies(), &window)?;
        Self::assemble(dataset.tables().clone(), as_of, edges)
    }

    fn assemble(tables: Arc<Tables>, as_of: Option<Date>, edges: Edges) -> Result<Self, NetworkError> {
        let n = tables.firms.len();
        check_size("firms", n)?;
        check_size("resources", tables.resources.len())?;
        let Edges { buyers, trades, newly_won, lines, supplied } = edges;
        let catalog = Catalog::build(&tables, &supplied);
        drop(supplied);
        let (suppliers, supplier_edges) = transpose(&buyers);
        let members: Vec<(u32, FirmIx)> = tables
            .chain_members
            .iter()
            .filter_map(|row| {
                let chain = tables.chains.binary_search_by(|chain| chain.id.cmp(&row.chain)).ok()?;
                Some((chain as u32, tables.firm_ix(row.firm.as_str())?))
            })
            .collect();
        let inner = Inner {
            as_of,
            buyers,
            trades,
            newly_won,
            suppliers,
            supplier_edges,
            lines,
            catalog,
            chains_of: Rows::group(
                n,
                members.iter().map(|&(chain, firm)| (firm.index(), ChainIx::new(chain as usize))),
            ),
            members: Rows::group(
                tables.chains.len(),
                members.iter().map(|&(chain, firm)| (chain as usize, firm)),
            ),
            entities: legal_entities(&tables),
            resources: resource_starts(&tables),
            tables,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The date as of which the network stands; `None` where nothing is dated.
    pub fn as_of(&self) -> Option<Date> {
        self.inner.as_of
    }

    /// Whether a date is known as of the network's: what has not begun by then is not. An undated
    /// thing has.
    pub(crate) fn has_begun(&self, date: Option<Date>) -> bool {
        date.zip(self.as_of()).is_none_or(|(date, as_of)| date.first_day() <= as_of.last_day())
    }

    /// Whether what was last sold then was sold in the 12 months up to the as-of date, as it was for all
    /// that is known where undated.
    pub(crate) fn is_of_the_year(&self, last: Option<Date>) -> bool {
        last.zip(self.as_of()).is_none_or(|(last, as_of)| last.last_day() > window::year_before(as_of))
    }

    /// The records behind the network.
    pub fn tables(&self) -> &Tables {
        &self.inner.tables
    }

    /// Who makes and needs what.
    pub fn catalog(&self) -> &Catalog {
        &self.inner.catalog
    }

    /// How many firms there are.
    pub fn n_firms(&self) -> usize {
        self.inner.tables.firms.len()
    }

    /// How many supplier–buyer pairs there are.
    pub fn n_edges(&self) -> usize {
        self.inner.trades.len()
    }

    /// Every firm, by index and so by id.
    pub fn firms(&self) -> impl ExactSizeIterator<Item = FirmIx> + Clone + use<> {
        (0..self.n_firms()).map(FirmIx::new)
    }

    /// The record of a firm.
    ///
    /// # Panics
    ///
    /// Like all methods that take a [`FirmIx`], on one of another network that is out
    /// of range here.
    pub fn firm(&self, firm: FirmIx) -> &Firm {
        &self.inner.tables.firms[firm.index()]
    }

    /// The legal entity that a department or branch belongs to: its nearest parent that
    /// is one; any other firm itself, and a department whose parent is unknown. O(1).
    pub fn legal_entity(&self, firm: FirmIx) -> FirmIx {
        self.inner.entities[firm.index()]
    }

    /// The suppliers of a firm that sold to it in the twelve months up to the as-of date, as all did whose
    /// trade is undated; ascending. O(suppliers · log suppliers).
    pub fn current_suppliers(&self, firm: FirmIx) -> impl Iterator<Item = FirmIx> + '_ {
        let sells = move |supplier: &FirmIx| self.trade(*supplier, firm);
        let is_current =
            move |supplier: &FirmIx| sells(supplier).is_some_and(|trade| self.is_of_the_year(trade.last()));
        self.suppliers(firm).iter().copied().filter(is_current)
    }

    /// The size class of a firm, of a department that of its legal entity; `None` where unknown.
    pub fn size_class(&self, firm: FirmIx) -> Option<SizeClass> {
        self.firm(self.legal_entity(firm)).size_class()
    }

    /// The firm of that id. O(log n).
    pub fn firm_ix(&self, id: &str) -> Option<FirmIx> {
        self.inner.tables.firm_ix(id)
    }

    /// The suppliers of a firm, one tier upstream, ascending.
    pub fn suppliers(&self, buyer: FirmIx) -> &[FirmIx] {
        self.inner.suppliers.row(buyer.index())
    }

    /// The buyers from a firm, one tier downstream, ascending.
    pub fn buyers(&self, supplier: FirmIx) -> &[FirmIx] {
        self.inner.buyers.row(supplier.index())
    }

    /// The trades of a supplier with its [`buyers`](Self::buyers), in their order.
    pub fn sales(&self, supplier: FirmIx) -> &[Trade] {
        &self.inner.trades[self.inner.buyers.range(supplier.index())]
    }

    /// How many buyers a supplier has newly won: one for each whose first row is of the as-of date,
    /// half of one for each three months before. None for undated relations, nor for such as were
    /// first seen within a year of the earliest row of all, which may be older than the records; nor
    /// in a network made from a graph, whose edges tell last dates alone.
    pub fn newly_won(&self, supplier: FirmIx) -> f64 {
        self.inner.newly_won.get(supplier.index()).copied().unwrap_or(0.0)
    }

    /// All that trade with a firm in either direction, ascending, each once.
    pub fn partners(&self, firm: FirmIx) -> impl Iterator<Item = FirmIx> + '_ {
        let (mut suppliers, mut buyers) = (self.suppliers(firm), self.buyers(firm));
        std::iter::from_fn(move || {
            let next = match (suppliers.first(), buyers.first()) {
                (Some(&supplier), Some(&buyer)) => supplier.min(buyer),
                (supplier, buyer) => *supplier.or(buyer)?,
            };
            for side in [&mut suppliers, &mut buyers] {
                if let Some((first, rest)) = side.split_first()
                    && *first == next
                {
                    *side = rest;
                }
            }
            Some(next)
        })
    }

    /// The trade of a supplier with a buyer. O(log degree).
    pub fn trade(&self, supplier: FirmIx, buyer: FirmIx) -> Option<&Trade> {
        self.edge(supplier, buyer).map(|edge| &self.inner.trades[edge])
    }

    /// Yearly value by product of a supplier's trade with a buyer, 0 for a product that is sold
    /// without a word of its value; empty where the rows name no product.
    pub fn trade_by_product(&self, supplier: FirmIx, buyer: FirmIx) -> &[(ProductIx, f64)] {
        match self.edge(supplier, buyer) {
            Some(edge) => self.lines(edge),
            None => &[],
        }
    }

    /// The same of a trade that was met on the way, without a search.
    pub(crate) fn by_product(&self, link: Link<'_>) -> &[(ProductIx, f64)] {
        self.lines(link.id().index())
    }

    fn lines(&self, edge: usize) -> &[(ProductIx, f64)] {
        // There are no rows at all where no supply row names a product.
        if self.inner.lines.items().is_empty() { &[] } else { self.inner.lines.row(edge) }
    }

    pub(crate) fn edge(&self, supplier: FirmIx, buyer: FirmIx) -> Option<usize> {
        let range = self.inner.buyers.range(supplier.index());
        let position = self.buyers(supplier).binary_search(&buyer).ok()?;
        Some(range.start + position)
    }

    /// The product at a position of the product table.
    pub fn product(&self, product: ProductIx) -> &Product {
        &self.inner.tables.products[product.index()]
    }

    /// Every product, by id.
    pub fn products(&self) -> impl ExactSizeIterator<Item = ProductIx> + Clone + use<> {
        (0..self.inner.tables.products.len()).map(ProductIx::new)
    }

    /// The product of that id. O(log n).
    pub fn product_ix(&self, id: &str) -> Option<ProductIx> {
        self.inner.tables.product_ix(id)
    }

    /// The chain at a position of the chain table.
    pub fn chain(&self, chain: ChainIx) -> &Chain {
        &self.inner.tables.chains[chain.index()]
    }

    /// Every chain, by id.
    pub fn chains(&self) -> impl ExactSizeIterator<Item = ChainIx> + use<> {
        (0..self.inner.tables.chains.len()).map(ChainIx::new)
    }

    /// The chain of that id. O(log n).
    pub fn chain_ix(&self, id: &str) -> Option<ChainIx> {
        let chains = &self.inner.tables.chains;
        chains.binary_search_by(|chain| chain.id.as_str().cmp(id)).ok().map(ChainIx::new)
    }

    /// The chains that a firm is recorded in, also those that no longer stand.
    pub fn memberships(&self, firm: FirmIx) -> &[ChainIx] {
        self.inner.chains_of.row(firm.index())
    }

    /// The chains that a firm is in on `date`; `None` asks for no validity.
    pub fn chains_at(&self, firm: FirmIx, date: Option<Date>) -> impl Iterator<Item = ChainIx> + '_ {
        let stands = move |chain: &ChainIx| date.is_none_or(|date| self.chain(*chain).is_valid_at(date));
        self.memberships(firm).iter().copied().filter(stands)
    }

    /// The firms recorded in a chain, ascending.
    pub fn members(&self, chain: ChainIx) -> &[FirmIx] {
        self.inner.members.row(chain.index())
    }

    /// What a firm offers and needs: offers first, by category.
    pub fn resources(&self, firm: FirmIx) -> &[Resource] {
        let starts = &self.inner.resources[firm.index()..];
        &self.inner.tables.resources[starts[0] as usize..starts[1] as usize]
    }

    /// The memory of the two-way snapshot, bytes: edges, yearly values, last dates and buyers newly
    /// won, without the firms' own records and the product lines. 22 bytes an edge and 16 a
    /// firm: buyer 4, trade 10, supplier 4, number of the supplier's edge 4.
    pub fn edge_bytes(&self) -> usize {
        let inner = &*self.inner;
        inner.buyers.bytes()
            + inner.suppliers.bytes()
            + size_of_val(&*inner.supplier_edges)
            + size_of_val(&*inner.trades)
            + size_of_val(&*inner.newly_won)
    }

    /// The memory of the yearly values by product, bytes: 16 a line and 4 an edge, or
    /// next to nothing where supply rows name no products.
    pub fn product_line_bytes(&self) -> usize {
        self.inner.lines.bytes()
    }

    /// The memory of products and chains by index, bytes.
    pub fn catalog_bytes(&self) -> usize {
        self.inner.catalog.bytes() + self.inner.chains_of.bytes() + self.inner.members.bytes()
    }
}

/// One walk down both tables: resources are sorted by firm, as firms are.
fn resource_starts(tables: &Tables) -> Vec<u32> {
    let mut rows = tables.resources.iter().peekable();
    let mut start = 0;
    let mut starts = vec![0];
    for firm in &tables.firms {
        while rows.next_if(|row| row.firm <= firm.id).is_some() {
            start += 1;
        }
        starts.push(start);
    }
    starts
}

fn check_size(what: &'static str, found: usize) -> Result<(), NetworkError> {
    if found < u32::MAX as usize { Ok(()) } else { Err(NetworkError::TooLarge { what, found }) }
}
