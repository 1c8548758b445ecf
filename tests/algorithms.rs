//! Every algorithm of petgraph on a network, against petgraph's own graph.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::RandomState;

use jiedui::dataset::Dataset;
use jiedui::model::{FirmIx, Supply};
use jiedui::network::{Link, Network};
use jiedui::petgraph::algo::tred::{dag_to_toposorted_adjacency_list, dag_transitive_reduction_closure};
use jiedui::petgraph::algo::{
    all_simple_paths, all_simple_paths_multi, articulation_points::articulation_points, astar, bellman_ford,
    bidirectional_dijkstra, bridges, condensation, connected_components, dijkstra, dinics, dominators,
    dsatur_coloring, find_negative_cycle, floyd_warshall, floyd_warshall::floyd_warshall_path,
    ford_fulkerson, greedy_feedback_arc_set, greedy_matching, has_path_connecting, is_bipartite_undirected,
    is_cyclic_directed, is_cyclic_undirected, is_isomorphic, is_isomorphic_matching, is_isomorphic_subgraph,
    is_isomorphic_subgraph_matching, johnson, k_shortest_path, kosaraju_scc, maximal_cliques,
    maximum_matching, min_spanning_tree, min_spanning_tree_prim, page_rank, spfa, subgraph_isomorphisms_iter,
    tarjan_scc, toposort,
};
use jiedui::petgraph::data::Element;
use jiedui::petgraph::graph::{DiGraph, EdgeReference, NodeIndex};
use jiedui::petgraph::visit::EdgeRef;
use proptest::prelude::*;

const FIRMS: usize = 7;

type Graph = DiGraph<FirmIx, f64>;
type Pairs = BTreeSet<(usize, usize)>;

/// Trade among a few firms, worth whole numbers so that sums are exact in any order; `both_ways` as much back.
fn network(both_ways: bool) -> impl Strategy<Value = Network> {
    let row = (0..FIRMS, 1..FIRMS, 1u8..20);
    prop::collection::vec(row, 1..24).prop_map(move |rows| {
        let mut builder = Dataset::builder();
        let mut seen = Pairs::new();
        for (one, further, value) in rows {
            let other = (one + further) % FIRMS;
            if seen.contains(&(one, other)) {
                continue;
            }
            let turned = both_ways.then_some((other, one));
            for (supplier, buyer) in [(one, other)].into_iter().chain(turned) {
                seen.insert((supplier, buyer));
                let supply = Supply::new(format!("f{supplier}"), format!("f{buyer}"));
                builder.add_supply(&Supply { value: Some(value.into()), ..supply });
            }
        }
        Network::build(&builder.finish().0).expect("a few firms")
    })
}

fn value(link: Link<'_>) -> f64 {
    link.trade().value().unwrap_or(f64::NAN)
}

fn weight(edge: EdgeReference<'_, f64>) -> f64 {
    *edge.weight()
}

fn node(firm: FirmIx) -> NodeIndex {
    NodeIndex::new(firm.index())
}

/// A firm or a node by its number, and pairs of them.
trait Numbered {
    type Number: Ord;

    fn number(self) -> Self::Number;
}

impl Numbered for FirmIx {
    type Number = usize;

    fn number(self) -> usize {
        self.index()
    }
}

impl Numbered for NodeIndex {
    type Number = usize;

    fn number(self) -> usize {
        self.index()
    }
}

impl<One: Numbered> Numbered for (One, One) {
    type Number = (One::Number, One::Number);

    fn number(self) -> Self::Number {
        (self.0.number(), self.1.number())
    }
}

/// What is told of each, by number.
fn by_number<One: Numbered, T>(told: impl IntoIterator<Item = (One, T)>) -> BTreeMap<One::Number, T> {
    told.into_iter().map(|(one, value)| (one.number(), value)).collect()
}

fn numbers<One: Numbered>(all: impl IntoIterator<Item = One>) -> BTreeSet<One::Number> {
    all.into_iter().map(One::number).collect()
}

fn sets<One: Numbered>(
    sets: impl IntoIterator<Item = impl IntoIterator<Item = One>>,
) -> BTreeSet<BTreeSet<One::Number>> {
    sets.into_iter().map(numbers).collect()
}

/// The sum of the weights of a spanning forest.
fn sum<N, E>(tree: impl Iterator<Item = Element<N, E>>, value: impl Fn(E) -> f64) -> f64 {
    let of = |element| match element {
        Element::Edge { weight, .. } => value(weight),
        Element::Node { .. } => 0.0,
    };
    tree.map(of).sum()
}

proptest! {
    #[test]
    fn shortest_paths(network in network(false)) {
        let graph: Graph = network.to_graph(|firm| firm, value);
        for firm in network.firms() {
            let from = node(firm);
            let distances = by_number(dijkstra(&network, firm, None, value));
            prop_assert_eq!(&distances, &by_number(dijkstra(&graph, from, None, weight)));
            prop_assert_eq!(
                by_number(k_shortest_path(&network, firm, None, 2, value)),
                by_number(k_shortest_path(&graph, from, None, 2, weight))
            );
            let found = spfa(&network, firm, value).expect("no value is negative").distances;
            let of_numbers = bellman_ford(&graph, from).expect("no value is negative").distances;
            prop_assert!(find_negative_cycle(&graph, from).is_none());
            for to in network.firms() {
                let distance = distances.get(&to.index()).copied();
                // It goes round a circle from a firm to itself, and may give up where one end has run out.
                if firm != to && let Some(cost) = bidirectional_dijkstra(&network, firm, to, value) {
                    prop_assert_eq!(Some(cost), distance);
                }
                let path = astar(&network, firm, |at| at == to, value, |_| 0.0);
                prop_assert_eq!(path.map(|(cost, _)| cost), distance);
                prop_assert_eq!(has_path_connecting(&network, firm, to, None), distance.is_some());
                for all in [&found, &of_numbers] {
                    prop_assert_eq!(Some(all[to.index()]).filter(|cost| *cost < 1e9), distance);
                }
            }
        }
        let all = by_number(floyd_warshall(&graph, weight).expect("no value is negative"));
        prop_assert_eq!(&by_number(floyd_warshall(&network, value).expect("nor here")), &all);
        prop_assert_eq!(&by_number(floyd_warshall_path(&network, value).expect("nor here").0), &all);
        let johnson = by_number(johnson(&network, value).expect("nor here"));
        prop_assert!(johnson.iter().all(|(pair, cost)| all[pair] == *cost));
    }

    #[test]
    fn components_circles_and_orders(network in network(false)) {
        let graph: Graph = network.to_graph(|firm| firm, value);
        let components = sets(kosaraju_scc(&graph));
        prop_assert_eq!(&sets(kosaraju_scc(&network)), &components);
        prop_assert_eq!(&sets(tarjan_scc(&network)), &components);
        prop_assert_eq!(condensation(graph.clone(), true).node_count(), components.len());
        prop_assert_eq!(connected_components(&network), connected_components(&graph));
        prop_assert_eq!(is_cyclic_directed(&network), is_cyclic_directed(&graph));
        prop_assert_eq!(is_cyclic_undirected(&network), is_cyclic_undirected(&graph));
        match toposort(&network, None) {
            Ok(order) => {
                let place = |firm| order.iter().position(|&other| other == firm);
                prop_assert!(network.all_links().all(|link| place(link.supplier()) < place(link.buyer())));
                let order: Vec<NodeIndex> = order.into_iter().map(node).collect();
                let (list, place) = dag_to_toposorted_adjacency_list::<_, u32>(&graph, &order);
                let (_, closure) = dag_transitive_reduction_closure(&list);
                for (one, other) in network.firms().flat_map(|one| network.firms().map(move |other| (one, other))) {
                    let [from, to] = [one, other].map(|firm| place[firm.index()]);
                    let reaches = one != other && has_path_connecting(&network, one, other, None);
                    prop_assert_eq!(closure.contains_edge(from, to), reaches);
                }
            }
            Err(_) => prop_assert!(is_cyclic_directed(&graph)),
        }
        let mut rest = graph.clone();
        let back: BTreeSet<_> = greedy_feedback_arc_set(&graph).map(|edge| edge.id()).collect();
        rest.retain_edges(|_, edge| !back.contains(&edge));
        prop_assert!(!is_cyclic_directed(&rest));
        for firm in network.firms() {
            let ours = dominators::simple_fast(&network, firm);
            let theirs = dominators::simple_fast(&graph, node(firm));
            for other in network.firms() {
                prop_assert_eq!(
                    ours.immediate_dominator(other).map(node),
                    theirs.immediate_dominator(node(other))
                );
            }
        }
    }

    #[test]
    fn trees_flows_ranks_and_paths(network in network(false)) {
        let graph: Graph = network.to_graph(|firm| firm, value);
        let told = |trade: jiedui::network::Trade| trade.value().unwrap_or(f64::NAN);
        prop_assert_eq!(sum(min_spanning_tree(&network), told), sum(min_spanning_tree(&graph), |value| value));
        for (ours, theirs) in page_rank(&network, 0.85, 30).into_iter().zip(page_rank(&graph, 0.85, 30)) {
            let difference: f64 = ours - theirs;
            prop_assert!(difference.abs() < 1e-12);
        }
        let (first, last) = (FirmIx::new(0), FirmIx::new(network.n_firms() - 1));
        let (flow, of_edges) = dinics(&graph, node(first), node(last));
        prop_assert_eq!(ford_fulkerson(&graph, node(first), node(last)).0, flow);
        let bought = network.all_links().zip(&of_edges).filter(|(link, _)| link.buyer() == last);
        let sold = network.all_links().zip(&of_edges).filter(|(link, _)| link.supplier() == last);
        prop_assert_eq!(bought.map(|(_, flow)| flow).sum::<f64>() - sold.map(|(_, flow)| flow).sum::<f64>(), flow);
        let ours: BTreeSet<Vec<FirmIx>> =
            all_simple_paths::<_, _, RandomState>(&network, first, last, 0, None).collect();
        let several = [last].into_iter().collect();
        prop_assert!(all_simple_paths_multi::<Vec<FirmIx>, _, RandomState>(&network, first, &several, 0, None)
            .all(|path| ours.contains(&path)));
        let ours: BTreeSet<Vec<usize>> =
            ours.into_iter().map(|path| path.into_iter().map(FirmIx::index).collect()).collect();
        let theirs: BTreeSet<Vec<usize>> =
            all_simple_paths::<Vec<_>, _, RandomState>(&graph, node(first), node(last), 0, None)
                .map(|path| path.into_iter().map(NodeIndex::index).collect())
                .collect();
        prop_assert_eq!(ours, theirs);
    }

    #[test]
    fn shapes(network in network(false)) {
        let graph: Graph = network.to_graph(|firm| firm, value);
        let same = |_: &_, _: &_| true;
        let alike = |trade: &jiedui::network::Trade, value: &f64| trade.value() == Some(*value);
        prop_assert!(is_isomorphic(&network, &graph));
        prop_assert!(is_isomorphic_matching(&network, &graph, same, alike));
        let mut part = graph.clone();
        part.remove_node(NodeIndex::new(0));
        prop_assert!(is_isomorphic_subgraph(&part, &network));
        prop_assert!(is_isomorphic_subgraph_matching(
            &part,
            &network,
            |_: &FirmIx, _: &jiedui::model::Firm| true,
            |value: &f64, trade: &jiedui::network::Trade| trade.value() == Some(*value)
        ));
        let (mut nodes, mut edges) = (same, alike);
        let (ours, theirs) = (&network, &graph);
        let found = subgraph_isomorphisms_iter(&ours, &theirs, &mut nodes, &mut edges);
        prop_assert!(found.is_some_and(|mut found| found.next().is_some()));
    }

    /// What petgraph asks of undirected graphs: each edge is there both ways.
    #[test]
    fn undirected(network in network(true)) {
        let graph: Graph = network.to_graph(|firm| firm, value);
        let (colours, count) = dsatur_coloring(&network);
        prop_assert!(network.all_links().all(|link| colours[&link.supplier()] != colours[&link.buyer()]));
        prop_assert!(colours.values().all(|colour| *colour < count));
        let bipartite = network.firms().all(|firm| is_bipartite_undirected(&network, firm));
        prop_assert_eq!(bipartite, graph.node_indices().all(|node| is_bipartite_undirected(&graph, node)));
        prop_assert_eq!(maximum_matching(&network).len(), maximum_matching(&graph).len());
        let greedy = greedy_matching(&network);
        prop_assert!(2 * greedy.len() >= maximum_matching(&network).len());
        prop_assert!(greedy.edges().all(|(one, other)| network.trade(one, other).is_some()));
        prop_assert_eq!(sets(maximal_cliques(&network)), sets(maximal_cliques(&graph)));
        prop_assert_eq!(numbers(articulation_points(&network)), numbers(articulation_points(&graph)));
        prop_assert_eq!(bridges(&network).count(), bridges(&graph).count());
        // From the first node, which reaches all that hang together with it.
        if connected_components(&network) == 1 {
            let told = |trade: jiedui::network::Trade| trade.value().unwrap_or(f64::NAN);
            prop_assert_eq!(
                sum(min_spanning_tree_prim(&network), told),
                sum(min_spanning_tree(&network), told)
            );
        }
    }
}
