//! The supplier graph: petgraph's algorithms by hand and against petgraph's own graph,
//! and what an edge carries.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiedui::dataset::{Dataset, DatasetBuilder};
use jiedui::model::{Chain, ChainMember, Date, Firm, FirmIx, FirmKind, Supply};
use jiedui::network::{Network, NetworkError, Tier, Trade};
use jiedui::petgraph::Direction::{Incoming, Outgoing};
use jiedui::petgraph::algo::{
    connected_components, dijkstra, has_path_connecting, is_cyclic_directed, min_spanning_tree, page_rank,
    tarjan_scc, toposort,
};
use jiedui::petgraph::data::{DataMap, Element};
use jiedui::petgraph::dot::{Config, Dot};
use jiedui::petgraph::graph::{DiGraph, NodeIndex};
use jiedui::petgraph::visit::{
    Bfs, DfsPostOrder, EdgeIndexable, EdgeRef, GetAdjacencyMatrix, IntoNeighborsDirected, Reversed, Walker,
};
use proptest::prelude::*;

type Result<T = (), E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

/// ```text
///             2          3
///   4     ┌────► wheel ────┐        1
/// ore ► steel             bogie ─────────► train
///         └────► frame ────┘
///             1          5             scrap ◄─1── foundry
///                                        └─────2──────►
/// ```
const DRAWN: [(&str, &str, f64); 8] = [
    ("ore", "steel", 4.0),
    ("steel", "wheel", 2.0),
    ("steel", "frame", 1.0),
    ("wheel", "bogie", 3.0),
    ("frame", "bogie", 5.0),
    ("bogie", "train", 1.0),
    ("foundry", "scrap", 1.0),
    ("scrap", "foundry", 2.0),
];

fn network_of(rows: &[(&str, &str, f64)]) -> Result<Network> {
    let mut builder = Dataset::builder();
    for &(supplier, buyer, value) in rows {
        builder.add_supply(&Supply { value: Some(value), ..Supply::new(supplier, buyer) });
    }
    Ok(Network::build(&builder.finish().0)?)
}

fn ids(network: &Network, firms: impl IntoIterator<Item = FirmIx>) -> Vec<&str> {
    firms.into_iter().map(|firm| network.firm(firm).id.as_str()).collect()
}

fn ix(network: &Network, id: &str) -> FirmIx {
    network.firm_ix(id).expect("drawn")
}

#[test]
fn breadth_first_search_goes_downstream_and_reversed_upstream() -> Result {
    let network = network_of(&DRAWN)?;
    let down = Bfs::new(&network, ix(&network, "steel")).iter(&network);
    assert_eq!(ids(&network, down), ["steel", "frame", "wheel", "bogie", "train"]);
    let up = Bfs::new(Reversed(&network), ix(&network, "bogie")).iter(Reversed(&network));
    assert_eq!(ids(&network, up), ["bogie", "frame", "wheel", "steel", "ore"]);
    Ok(())
}

#[test]
fn depth_first_post_order_ends_with_the_root() -> Result {
    let network = network_of(&DRAWN)?;
    let order = DfsPostOrder::new(&network, ix(&network, "ore")).iter(&network);
    assert_eq!(ids(&network, order), ["train", "bogie", "wheel", "frame", "steel", "ore"]);
    Ok(())
}

#[test]
fn the_two_that_supply_each_other_are_the_only_cycle() -> Result {
    let network = network_of(&DRAWN)?;
    let cycles: Vec<Vec<FirmIx>> =
        tarjan_scc(&network).into_iter().filter(|component| component.len() > 1).collect();
    assert_eq!(cycles.len(), 1);
    let cycle: BTreeSet<&str> = ids(&network, cycles[0].iter().copied()).into_iter().collect();
    assert_eq!(cycle, BTreeSet::from(["foundry", "scrap"]));
    assert!(is_cyclic_directed(&network));
    assert!(toposort(&network, None).is_err());

    let acyclic = network_of(&DRAWN[..7])?;
    assert!(!is_cyclic_directed(&acyclic));
    let order = toposort(&acyclic, None).map_err(|_| "cyclic")?;
    let place = |firm| order.iter().position(|&other| other == firm);
    assert_eq!(order.len(), 8);
    assert!(acyclic.all_links().all(|link| place(link.supplier()) < place(link.buyer())));
    Ok(())
}

#[test]
fn dijkstra_adds_yearly_values() -> Result {
    let network = network_of(&DRAWN)?;
    let costs = dijkstra(&network, ix(&network, "ore"), None, |link| link.trade().value().unwrap_or(0.0));
    let costs: BTreeMap<&str, f64> =
        costs.into_iter().map(|(firm, cost)| (network.firm(firm).id.as_str(), cost)).collect();
    let by_hand =
        [("ore", 0.0), ("steel", 4.0), ("frame", 5.0), ("wheel", 6.0), ("bogie", 9.0), ("train", 10.0)];
    assert_eq!(costs, BTreeMap::from(by_hand));
    Ok(())
}

#[test]
fn components_and_the_cheapest_tree_ignore_direction() -> Result {
    let network = network_of(&DRAWN)?;
    assert_eq!(connected_components(&network), 2);
    let values = min_spanning_tree(&network).filter_map(|element| match element {
        Element::Edge { weight, .. } => weight.value(),
        Element::Node { .. } => None,
    });
    // Without frame → bogie (5), which closes the ring, and scrap → foundry (2).
    assert_eq!(values.collect::<Vec<_>>(), [1.0, 1.0, 1.0, 2.0, 3.0, 4.0]);
    Ok(())
}

#[test]
fn page_rank_of_a_ring_is_even() -> Result {
    let ring = network_of(&[("a", "b", 1.0), ("b", "c", 1.0), ("c", "d", 1.0), ("d", "a", 1.0)])?;
    assert!(page_rank(&ring, 0.85, 9).iter().all(|rank: &f64| (rank - 0.25).abs() < 1e-12));
    Ok(())
}

#[test]
fn dot_draws_names_and_trades() -> Result {
    let mut builder = Dataset::builder();
    builder.add_firm(Firm { name: Some("株洲钢铁".into()), ..Firm::new("steel") });
    let date = Some("2024-06".parse()?);
    builder.add_supply(&Supply { value: Some(4.0), date, ..Supply::new("ore", "steel") });
    let network = Network::build(&builder.finish().0)?;
    assert_eq!(
        Dot::new(&network).to_string(),
        "digraph {\n    0 [ label = \"ore\" ]\n    1 [ label = \"株洲钢铁\" ]\n    \
         0 -> 1 [ label = \"4 (2024-06)\" ]\n}\n",
    );
    assert_eq!(
        format!("{:?}", Dot::with_config(&network, &[Config::EdgeNoLabel, Config::NodeIndexLabel])),
        "digraph {\n    0 [ label = \"0\" ]\n    1 [ label = \"1\" ]\n    0 -> 1 [ ]\n}\n",
    );
    Ok(())
}

#[test]
fn the_year_is_the_twelve_months_up_to_the_as_of_date() -> Result {
    // As of 2024-06-30 the year is 2023-07-01 to 2024-06-30; a coarse date is in it
    // if its last day is, and known if its first day is.
    let cases = [
        ("2023-06-30", Some(0.0)),
        ("2023-07-01", Some(1.0)),
        ("2024-06-30", Some(1.0)),
        ("2024-07-01", None),
        ("2023-06", Some(0.0)),
        ("2023-07", Some(1.0)),
        ("2024-06", Some(1.0)),
        ("2024-07", None),
        ("2022", Some(0.0)),
        ("2023", Some(1.0)),
        ("2024", Some(1.0)),
        ("2025", None),
        ("2022-2023", Some(0.0)),
        ("2023-2024", Some(1.0)),
        ("2024-2025", Some(1.0)),
        ("2025-2026", None),
    ];
    for as_of in ["2024-06-30", "2024-06"] {
        for (date, value) in cases {
            let mut builder = Dataset::builder();
            let date: Date = date.parse()?;
            builder.add_supply(&Supply { value: Some(1.0), date: Some(date), ..Supply::new("a", "b") });
            let network = Network::build_as_of(&builder.finish().0, Some(as_of.parse()?))?;
            let expected = value.map(|value| Trade::new(Some(value), Some(date)));
            assert_eq!(
                network.trade(FirmIx::new(0), FirmIx::new(1)),
                expected.as_ref(),
                "{date} as of {as_of}"
            );
        }
    }
    Ok(())
}

/// The trade of `a` with `b` as of the latest date of the rows.
fn trade_of(rows: &[(Option<f64>, Option<&str>)]) -> Result<Option<Trade>> {
    let mut builder = Dataset::builder();
    for &(value, date) in rows {
        let date = date.map(str::parse).transpose()?;
        builder.add_supply(&Supply { value, date, ..Supply::new("a", "b") });
    }
    let network = Network::build(&builder.finish().0)?;
    Ok(network.trade(FirmIx::new(0), FirmIx::new(1)).copied())
}

#[test]
fn undated_rows_add_up_and_unknown_values_stay_unknown() -> Result {
    assert_eq!(trade_of(&[(Some(1.5), None), (Some(2.0), None)])?, Some(Trade::new(Some(3.5), None)));
    assert_eq!(trade_of(&[(None, None)])?, Some(Trade::new(None, None)));
    assert_eq!(trade_of(&[(None, None), (Some(2.0), None)])?, Some(Trade::new(Some(2.0), None)));
    Ok(())
}

#[test]
fn refunds_subtract_to_zero_but_neither_relate_nor_date() -> Result {
    let (may, june) = (Some("2024-05"), Some("2024-06"));
    let of_may = |value| -> Result<_> { Ok(Some(Trade::new(Some(value), Some("2024-05".parse()?)))) };
    assert_eq!(trade_of(&[(Some(5.0), may), (Some(-2.0), june)])?, of_may(3.0)?);
    assert_eq!(trade_of(&[(Some(5.0), may), (Some(-7.0), june)])?, of_may(0.0)?);
    assert_eq!(trade_of(&[(Some(-2.0), may)])?, None);
    assert_eq!(trade_of(&[(Some(0.0), may)])?, None);
    // The sale is older than a year: the relation stands, the year's refund floors at 0.
    assert_eq!(
        trade_of(&[(Some(5.0), Some("2022-01")), (Some(-2.0), june)])?,
        Some(Trade::new(Some(0.0), Some("2022-01".parse()?))),
    );
    // A refund tells no value of what was sold for who knows how much.
    assert_eq!(
        trade_of(&[(None, may), (Some(-2.0), june)])?,
        Some(Trade::new(None, Some("2024-05".parse()?)))
    );
    Ok(())
}

#[test]
fn the_yearly_value_is_told_by_product() -> Result {
    let mut builder = Dataset::builder();
    let rows = [("wheel", 2.0), ("axle", 1.0), ("wheel", 4.0), ("wheel", -1.0), ("spring", -3.0)];
    for (product, value) in rows {
        let product = Some(product.into());
        builder.add_supply(&Supply { product, value: Some(value), ..Supply::new("a", "b") });
    }
    let network = Network::build(&builder.finish().0)?;
    let (a, b) = (ix(&network, "a"), ix(&network, "b"));
    let product = |line: &(_, f64)| {
        (network.tables().products[jiedui::model::ProductIx::index(line.0)].id.as_str(), line.1)
    };
    let lines: Vec<(&str, f64)> = network.trade_by_product(a, b).iter().map(product).collect();
    assert_eq!(lines, [("axle", 1.0), ("wheel", 5.0)]);
    assert!(network.trade_by_product(b, a).is_empty());
    // Of the year alone.
    let mut builder = Dataset::builder();
    for (product, date) in [("wheel", "2024-06"), ("wheel", "2022-06"), ("axle", "2022-06")] {
        let (product, date) = (Some(product.into()), Some(date.parse()?));
        builder.add_supply(&Supply { product, date, value: Some(2.0), ..Supply::new("a", "b") });
    }
    let network = Network::build(&builder.finish().0)?;
    let lines = network.trade_by_product(ix(&network, "a"), ix(&network, "b"));
    assert_eq!(lines.iter().map(|line| line.1).collect::<Vec<f64>>(), [2.0]);
    Ok(())
}

#[test]
fn chains_are_those_that_stand_on_the_date() -> Result {
    let mut builder = Dataset::builder();
    for (chain, from, to) in
        [("old", None, Some("2022")), ("new", Some("2023-03"), None), ("ever", None, None)]
    {
        builder.add_chain(Chain {
            valid_from: from.map(str::parse).transpose()?,
            valid_to: to.map(str::parse).transpose()?,
            ..Chain::new(chain)
        });
        let member = ChainMember { chain: chain.into(), firm: "a".into(), position: None };
        builder.add_chain_member(member);
    }
    let network = Network::build(&builder.finish().0)?;
    let a = ix(&network, "a");
    let on = |date: Option<&str>| -> Result<Vec<&str>> {
        let date = date.map(str::parse).transpose()?;
        Ok(network.chains_at(a, date).map(|chain| network.chain(chain).id.as_str()).collect())
    };
    assert_eq!(on(Some("2022-12-31"))?, ["ever", "old"]);
    assert_eq!(on(Some("2023-02"))?, ["ever"]);
    assert_eq!(on(Some("2023-03-31"))?, ["ever", "new"]);
    assert_eq!(on(Some("2023"))?, ["ever", "new"]);
    assert_eq!(on(None)?, ["ever", "new", "old"]);
    let old = network.chain_ix("old").ok_or("no such chain")?;
    assert_eq!(network.members(old), [a]);
    Ok(())
}

#[test]
fn graphs_that_are_no_network_are_refused() {
    let trade = Trade::new(None, None);
    let mut twice = DiGraph::<Firm, Trade>::new();
    twice.add_node(Firm::new("a"));
    twice.add_node(Firm::new("a"));
    assert_eq!(Network::try_from(&twice).err(), Some(NetworkError::FirmId { id: "a".to_owned() }));

    let mut nameless = DiGraph::<Firm, Trade>::new();
    nameless.add_node(Firm::new(""));
    assert_eq!(Network::try_from(&nameless).err(), Some(NetworkError::FirmId { id: String::new() }));

    let mut rich = DiGraph::<Firm, Trade>::new();
    rich.add_node(Firm { revenue: Some(1e99), ..Firm::new("a") });
    let error = Network::try_from(&rich).expect_err("more than a dataset takes").to_string();
    assert!(error.contains("revenue") && error.contains("≤"), "{error}");

    let mut own = DiGraph::<Firm, Trade>::new();
    let a = own.add_node(Firm::new("a"));
    own.add_edge(a, a, trade);
    assert_eq!(Network::try_from(&own).err(), Some(NetworkError::SelfLoop { id: "a".to_owned() }));
}

/// Values add up as far as they are known and numbers reach, and the later date counts.
#[test]
fn parallel_edges_are_one_trade() -> Result {
    let of = |trades: [(Option<f64>, &str); 2]| -> Result<Trade> {
        let mut graph = DiGraph::<Firm, Trade>::new();
        let [a, b] = ["a", "b"].map(|id| graph.add_node(Firm::new(id)));
        for (value, date) in trades {
            graph.add_edge(a, b, Trade::new(value, Some(date.parse()?)));
        }
        let network = Network::try_from(&graph)?;
        Ok(*network.trade(ix(&network, "a"), ix(&network, "b")).ok_or("no trade")?)
    };
    let (may, june) = ("2024-05", "2024-06");
    let last = Some(june.parse()?);
    assert_eq!(of([(Some(1.0), june), (Some(2.0), may)])?, Trade::new(Some(3.0), last));
    assert_eq!(of([(Some(1.0), may), (None, june)])?, Trade::new(Some(1.0), last));
    assert_eq!(of([(None, may), (None, june)])?, Trade::new(None, last));
    assert_eq!(of([(Some(f64::MAX), may), (Some(f64::MAX), june)])?, Trade::new(Some(f64::MAX), last));
    Ok(())
}

#[test]
fn a_graph_stands_as_of_the_trade_that_ends_last() -> Result {
    let mut graph = DiGraph::<Firm, Trade>::new();
    let firms = ["a", "b", "c"].map(|id| graph.add_node(Firm::new(id)));
    graph.add_edge(firms[0], firms[1], Trade::new(None, Some("2021".parse()?)));
    graph.add_edge(firms[0], firms[2], Trade::new(None, Some("2021-06-01".parse()?)));
    assert_eq!(Network::try_from(&graph)?.as_of(), Some("2021".parse()?));
    Ok(())
}

#[test]
fn everything_is_shared_between_threads() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<Dataset>();
    shared::<DatasetBuilder>();
    shared::<jiedui::dataset::Report>();
    shared::<Network>();
    shared::<NetworkError>();
    shared::<jiedui::network::Link<'static>>();
    shared::<jiedui::structure::ThreePaths>();
    shared::<jiedui::structure::SharedPartners>();
    shared::<jiedui::structure::Reach>();
    shared::<jiedui::structure::Scores>();
}

const FIRMS: usize = 9;

/// A supply row among a few firms, of any precision, refunds among them.
fn supply() -> impl Strategy<Value = Supply> {
    let value = prop_oneof![
        1 => Just(None),
        5 => (1..1000u32).prop_map(|value| Some(f64::from(value))),
        1 => (1..500u32).prop_map(|value| Some(-f64::from(value))),
    ];
    let date = prop::option::of(prop::sample::select(vec![
        "2022",
        "2023",
        "2022-2023",
        "2022-05",
        "2022-06",
        "2023-02",
        "2023-05-01",
        "2023-06-30",
        "2022-07-01",
    ]));
    (0..FIRMS, 0..FIRMS, value, date).prop_filter_map(
        "no firm supplies itself",
        |(supplier, buyer, value, date)| {
            let date = date.and_then(|date| date.parse().ok());
            let name = |firm: usize| format!("firm {firm}");
            (supplier != buyer).then(|| Supply { value, date, ..Supply::new(name(supplier), name(buyer)) })
        },
    )
}

fn supplies() -> impl Strategy<Value = Vec<Supply>> {
    prop::collection::vec(supply(), 0..40)
}

fn network(rows: &[Supply]) -> Network {
    let mut builder = Dataset::builder();
    for firm in 0..FIRMS {
        builder.add_firm(Firm::new(format!("firm {firm}")));
    }
    for row in rows {
        builder.add_supply(row);
    }
    Network::build(&builder.finish().0).expect("small")
}

/// All that can be read of a network's edges, from both ends.
fn edges(network: &Network) -> Vec<(FirmIx, FirmIx, Trade)> {
    network.all_links().map(|link| (link.supplier(), link.buyer(), *link.trade())).collect()
}

fn value(trade: &Trade) -> f64 {
    trade.value().unwrap_or(1.0)
}

proptest! {
    #[test]
    fn petgraph_finds_the_same_on_a_network_as_on_its_own_graph(rows in supplies()) {
        let network = network(&rows);
        let graph = DiGraph::from(&network);
        let node = |firm: FirmIx| NodeIndex::<u32>::new(firm.index());

        prop_assert_eq!(connected_components(&network), connected_components(&graph));
        prop_assert_eq!(is_cyclic_directed(&network), is_cyclic_directed(&graph));
        let parts = |components: Vec<Vec<usize>>| -> BTreeSet<BTreeSet<usize>> {
            components.into_iter().map(|component| component.into_iter().collect()).collect()
        };
        let ours = tarjan_scc(&network).into_iter().map(|part| part.into_iter().map(FirmIx::index).collect());
        let theirs = tarjan_scc(&graph).into_iter().map(|part| part.into_iter().map(NodeIndex::index).collect());
        prop_assert_eq!(parts(ours.collect()), parts(theirs.collect()));
        for (ours, theirs) in page_rank(&network, 0.85, 5).iter().zip(page_rank(&graph, 0.85, 5)) {
            prop_assert!(f64::abs(ours - theirs) < 1e-12);
        }
        for firm in network.firms() {
            let ours = dijkstra(&network, firm, None, |link| value(link.trade()));
            let theirs = dijkstra(&graph, node(firm), None, |edge| value(edge.weight()));
            let ours: BTreeMap<usize, f64> = ours.into_iter().map(|(firm, cost)| (firm.index(), cost)).collect();
            let theirs: BTreeMap<usize, f64> = theirs.into_iter().map(|(firm, cost)| (firm.index(), cost)).collect();
            prop_assert_eq!(ours, theirs);
            let up: BTreeSet<usize> =
                Bfs::new(Reversed(&network), firm).iter(Reversed(&network)).map(FirmIx::index).collect();
            for other in network.firms() {
                let reaches = has_path_connecting(&graph, node(other), node(firm), None);
                prop_assert_eq!(up.contains(&other.index()), reaches);
            }
        }
    }

    #[test]
    fn a_network_comes_back_from_petgraphs_graph(rows in supplies()) {
        let network = network(&rows);
        let back = Network::try_from(&DiGraph::from(&network)).expect("a network");
        prop_assert_eq!(edges(&back), edges(&network));
        prop_assert_eq!(&back.tables().firms, &network.tables().firms);
    }

    #[test]
    fn the_order_of_a_graphs_nodes_and_edges_does_not_matter(
        rows in supplies(),
        order in Just((0..FIRMS).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let network = network(&rows);
        let mut graph = DiGraph::new();
        let mut nodes = [NodeIndex::<u32>::end(); FIRMS];
        for firm in order {
            nodes[firm] = graph.add_node(network.firm(FirmIx::new(firm)).clone());
        }
        for (supplier, buyer, trade) in edges(&network).into_iter().rev() {
            graph.add_edge(nodes[supplier.index()], nodes[buyer.index()], trade);
        }
        prop_assert_eq!(edges(&Network::try_from(&graph).expect("a network")), edges(&network));
    }

    #[test]
    fn parallel_edges_of_a_graph_add_up(values in prop::collection::vec(0..1000u32, 1..6)) {
        let mut graph = DiGraph::new();
        let (a, b) = (graph.add_node(Firm::new("a")), graph.add_node(Firm::new("b")));
        for &value in &values {
            graph.add_edge(a, b, Trade::new(Some(f64::from(value)), None));
        }
        let network = Network::try_from(&graph).expect("a network");
        let sum = f64::from(values.iter().sum::<u32>());
        prop_assert_eq!(edges(&network), [(FirmIx::new(0), FirmIx::new(1), Trade::new(Some(sum), None))]);
    }

    #[test]
    fn incoming_and_outgoing_are_transposes(rows in supplies()) {
        let network = network(&rows);
        let forward: Vec<_> = network
            .firms()
            .flat_map(|firm| network.links(firm, Outgoing))
            .map(|link| (link.id(), link.supplier(), link.buyer(), *link.trade()))
            .collect();
        let mut backward: Vec<_> = network
            .firms()
            .flat_map(|firm| network.links(firm, Incoming))
            .map(|link| (link.id(), link.supplier(), link.buyer(), *link.trade()))
            .collect();
        backward.sort_by_key(|edge| edge.0);
        prop_assert_eq!(&forward, &backward);
        for (number, &(id, supplier, buyer, trade)) in forward.iter().enumerate() {
            prop_assert_eq!(id, EdgeIndexable::from_index(&network, number));
            prop_assert_eq!(network.edge_weight(id), Some(&trade));
            prop_assert_eq!(network.trade(supplier, buyer), Some(&trade));
        }
        for supplier in network.firms() {
            prop_assert_eq!(network.buyers(supplier).to_vec(), (&network).neighbors_directed(supplier, Outgoing).collect::<Vec<_>>());
            for buyer in network.firms() {
                let linked = network.buyers(supplier).contains(&buyer);
                prop_assert_eq!(linked, network.suppliers(buyer).contains(&supplier));
                prop_assert_eq!(linked, network.is_adjacent(&(), supplier, buyer));
            }
        }
    }

    #[test]
    fn partners_are_suppliers_and_buyers_each_once(rows in supplies()) {
        let network = network(&rows);
        for firm in network.firms() {
            let union: BTreeSet<FirmIx> =
                network.suppliers(firm).iter().chain(network.buyers(firm)).copied().collect();
            prop_assert_eq!(network.partners(firm).collect::<Vec<_>>(), Vec::from_iter(union));
        }
    }

    #[test]
    fn tiers_are_those_of_a_textbook_search(rows in supplies(), most in 0..6u32) {
        let network = network(&rows);
        for firm in network.firms() {
            let up = textbook_tiers(firm, most, |firm| network.suppliers(firm));
            prop_assert_eq!(network.upstream_tiers(firm, most), up);
            let down = textbook_tiers(firm, most, |firm| network.buyers(firm));
            prop_assert_eq!(network.downstream_tiers(firm, most), down);
        }
    }

    #[test]
    fn the_order_of_the_rows_does_not_matter(
        (rows, shuffled) in supplies().prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
    ) {
        let (network, other) = (network(&rows), network(&shuffled));
        prop_assert_eq!(edges(&network), edges(&other));
        prop_assert_eq!(network.as_of(), other.as_of());
        prop_assert_eq!(network.tables(), other.tables());
    }

    #[test]
    fn what_comes_later_is_not_known_yet(rows in supplies()) {
        let mut early = Dataset::builder();
        let mut all = Dataset::builder();
        let as_of: Date = "2022-12-31".parse().expect("a date");
        for row in &rows {
            all.add_supply(row);
            // The keys stay, so that the indices agree.
            early.add_firm(Firm::new(&row.supplier)).add_firm(Firm::new(&row.buyer));
            if row.date.is_none_or(|date| date.first_day() <= as_of) {
                early.add_supply(row);
            }
        }
        let build = |builder: DatasetBuilder| Network::build_as_of(&builder.finish().0, Some(as_of)).expect("small");
        prop_assert_eq!(edges(&build(all)), edges(&build(early)));
    }
}

fn textbook_tiers<'a>(firm: FirmIx, most: u32, next: impl Fn(FirmIx) -> &'a [FirmIx]) -> Vec<(FirmIx, Tier)> {
    let mut tiers = BTreeMap::from([(firm, Tier(0))]);
    let mut queue = VecDeque::from([firm]);
    while let Some(firm) = queue.pop_front() {
        let tier = tiers[&firm].0 + 1;
        for &neighbour in next(firm) {
            if tier <= most && !tiers.contains_key(&neighbour) {
                tiers.insert(neighbour, Tier(tier));
                queue.push_back(neighbour);
            }
        }
    }
    let mut found = Vec::from_iter(tiers);
    found.sort_by_key(|&(firm, tier)| (tier, firm));
    found
}

/// A network is the same on any number of threads, and that which a map of the rows says.
#[test]
#[cfg(feature = "city")]
fn a_network_of_many_rows_is_the_same_on_any_number_of_threads() -> Result<(), Box<dyn std::error::Error>> {
    let dataset = jiedui::city::City::builder().firms(12_000).seed(7).build()?.dataset;
    // More rows than one task takes.
    assert!(dataset.supplies().len() > 3 * 64 * 1024);
    let mut pairs = std::collections::BTreeMap::new();
    for row in dataset.supplies().iter().filter(|row| row.makes_relation()) {
        let last = pairs.entry((row.supplier(), row.buyer())).or_insert(None);
        *last = row.date().max(*last);
    }
    let mut first = None;
    for threads in [1, 2, 8, 16] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
        let network = pool.install(|| Network::build(&dataset))?;
        let links: Vec<_> = network
            .all_links()
            .map(|link| (link.id(), link.supplier(), link.buyer(), *link.trade()))
            .collect();
        let lasts: Vec<_> = links.iter().map(|link| ((link.1, link.2), link.3.last())).collect();
        assert!(pairs.iter().map(|(pair, last)| (*pair, *last)).eq(lasts));
        let mut incoming: Vec<_> = network
            .firms()
            .flat_map(|firm| network.links(firm, Incoming))
            .map(|link| (link.id(), link.supplier(), link.buyer(), *link.trade()))
            .collect();
        assert!(incoming.is_sorted_by_key(|link| (link.2, link.1)));
        incoming.sort_by_key(|link| link.0);
        assert_eq!(incoming, links);
        let lines: Vec<_> =
            links.iter().map(|link| network.trade_by_product(link.1, link.2).to_vec()).collect();
        let all = (links, lines, network.edge_bytes());
        assert_eq!(first.get_or_insert_with(|| all.clone()), &all);
    }
    Ok(())
}

/// 24 bytes an edge at most where firms have ten edges, whatever the dates.
#[test]
fn an_edge_takes_at_most_24_bytes() -> Result<(), Box<dyn std::error::Error>> {
    let firms = 10_000u32;
    let id = |firm: u32| format!("91430200MA{:08}", firm % firms);
    let mut builder = Dataset::builder();
    let mut dates = std::collections::HashSet::new();
    for edge in 0..10 * firms {
        let mut supply = Supply::new(id(edge / 10), id(edge / 10 + 1 + edge % 10 * 7));
        // A day of its own for each edge as far as there are days: more than 65,536.
        let (year, month) = (1900 + edge / 336 % 300, 1 + edge / 28 % 12);
        supply.date = Some(format!("{year}-{month:02}-{:02}", 1 + edge % 28).parse()?);
        supply.value = Some(1.0 + f64::from(edge) / 7.0);
        dates.insert(supply.date);
        builder.add_supply(&supply);
    }
    let dataset = builder.finish().0;
    let network = Network::build(&dataset)?;
    assert_eq!((network.n_edges(), dates.len()), (100_000, 100_000));
    let undated = |row: &jiedui::dataset::SupplyRow| (row.supplier(), row.buyer(), row.date());
    let links = network.all_links().map(|link| (link.supplier(), link.buyer(), link.trade().last()));
    assert!(links.eq(dataset.supplies().iter().map(undated)));
    // 22 an edge and 16 a firm, as its documentation says.
    assert_eq!(network.edge_bytes(), 22 * 100_000 + 2 * 4 * (firms as usize + 1) + 8 * firms as usize);
    assert!(network.edge_bytes() as f64 / network.n_edges() as f64 <= 24.0);
    assert!(network.product_line_bytes() < 16);
    Ok(())
}

/// A department of a parent.
fn department(id: &str, parent: &str) -> Firm {
    Firm { kind: Some(FirmKind::Department), parent: Some(parent.into()), ..Firm::new(id) }
}

#[test]
fn a_department_stands_for_its_nearest_legal_entity() -> Result {
    let mut builder = Dataset::builder();
    builder.add_firm(Firm { parent: Some("group".into()), ..Firm::new("works") });
    builder.add_firm(department("shop", "works")).add_firm(department("line", "shop"));
    builder
        .add_firm(Firm { parent: None, ..department("office", "") })
        .add_firm(department("desk", "office"));
    let network = Network::build(&builder.finish().0)?;
    for (firm, entity) in
        [("group", "group"), ("works", "works"), ("shop", "works"), ("line", "works"), ("desk", "desk")]
    {
        assert_eq!(ids(&network, [network.legal_entity(ix(&network, firm))]), [entity], "{firm}");
    }
    Ok(())
}

#[test]
fn a_house_of_many_storeys_takes_no_longer_than_its_firms() -> Result {
    let mut builder = Dataset::builder();
    builder.add_firm(Firm::new("0"));
    for storey in 1..100_000 {
        builder.add_firm(department(&storey.to_string(), &(storey - 1).to_string()));
    }
    let network = Network::build(&builder.finish().0)?;
    let entities = network.firms().map(|firm| network.legal_entity(firm));
    assert!(entities.into_iter().all(|entity| network.firm(entity).id.as_str() == "0"));
    Ok(())
}

/// A record in the place of another one is that record, whatever was known of the firm before.
#[test]
fn a_firm_that_is_replaced_keeps_its_relations_alone() -> Result {
    let mut builder = Dataset::builder();
    builder
        .add_firm(Firm { employees: Some(80.0), region: Some("天元区".into()), ..Firm::new("foundry") });
    builder.add_supply(&Supply::new("foundry", "carworks"));
    let before = builder.build()?;
    let mut builder = Dataset::builder();
    builder.add_dataset(&before);
    // One that grows, one of which nothing was known, one that is new.
    for (firm, employees) in [(" foundry", 120.0), ("carworks", 900.0), ("forge", 30.0)] {
        builder.replace_firm(Firm { employees: Some(employees), ..Firm::new(firm) });
    }
    // What comes afterwards is merged, and a key that is none replaces nothing.
    builder.add_firm(Firm { region: Some("荷塘区".into()), ..Firm::new("forge") });
    builder.replace_firm(Firm::new(""));
    let (after, report) = builder.finish();
    let firm = |firm, employees, region: Option<&str>| Firm {
        employees: Some(employees),
        region: region.map(Into::into),
        ..Firm::new(firm)
    };
    let firms =
        [firm("carworks", 900.0, None), firm("forge", 30.0, Some("荷塘区")), firm("foundry", 120.0, None)];
    assert_eq!(after.tables().firms, firms);
    assert_eq!(after.supplies().len(), 1);
    assert_eq!(report.losses(), 1, "{report}");
    Ok(())
}
