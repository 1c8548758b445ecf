//! Circles of parents, found and cut the same way whatever the order of rows.

use petgraph::algo::kosaraju_scc;
use petgraph::graph::DiGraph;

/// How far the walk has come with a member.
#[derive(Clone, Copy, PartialEq)]
enum State {
    New,
    Open,
    Done,
}

/// Removes from `parents`, pairs (child, parent) over `0..n`, as many as it takes to
/// leave no cycle, and returns those removed.
///
/// In each circle (strongly connected component) a walk from the smallest member
/// down to its children, smallest first, takes away every parent that it finds to
/// be a descendant: the smallest member ends up on top. `parents` comes back sorted
/// and without repeats; a pair (x, x) is a circle of one. O(n + pairs · log pairs).
pub(super) fn cut_cycles(n: usize, parents: &mut Vec<(u32, u32)>) -> Vec<(u32, u32)> {
    parents.sort_unstable();
    parents.dedup();
    let graph = DiGraph::<(), (), u32>::from_edges(&*parents);
    let mut component = vec![0u32; n.max(graph.node_count())];
    // Not tarjan_scc, which recurses and overflows the stack on a long chain.
    for (number, members) in kosaraju_scc(&graph).iter().enumerate() {
        for member in members {
            component[member.index()] = number as u32;
        }
    }
    // Children inside the component, by parent.
    let mut children: Vec<(u32, u32)> = parents
        .iter()
        .filter(|&&(child, parent)| component[child as usize] == component[parent as usize])
        .map(|&(child, parent)| (parent, child))
        .collect();
    children.sort_unstable();
    let first = |parent: u32| children.partition_point(|&(of, _)| of < parent);

    let mut state = vec![State::New; component.len()];
    let mut removed = Vec::new();
    for &(start, _) in &children {
        if state[start as usize] != State::New {
            continue;
        }
        state[start as usize] = State::Open;
        let mut path = vec![(start, first(start))];
        while let Some((parent, next)) = path.last_mut() {
            match children.get(*next) {
                Some(&(of, child)) if of == *parent => {
                    *next += 1;
                    match state[child as usize] {
                        State::New => {
                            state[child as usize] = State::Open;
                            path.push((child, first(child)));
                        }
                        State::Open => removed.push((child, of)),
                        State::Done => {}
                    }
                }
                _ => {
                    state[*parent as usize] = State::Done;
                    path.pop();
                }
            }
        }
    }
    removed.sort_unstable();
    parents.retain(|pair| removed.binary_search(pair).is_err());
    removed
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_smallest_member_ends_on_top() {
        let mut parents = vec![(1, 2), (2, 0), (0, 1), (3, 0)];
        assert_eq!(cut_cycles(4, &mut parents), [(0, 1)]);
        assert_eq!(parents, [(1, 2), (2, 0), (3, 0)]);
    }

    #[test]
    fn a_long_chain_is_no_danger() {
        let mut parents: Vec<(u32, u32)> = (0..200_000).map(|child| (child, child + 1)).collect();
        assert!(cut_cycles(200_001, &mut parents).is_empty());
        parents.push((200_000, 0));
        assert_eq!(cut_cycles(200_001, &mut parents), [(0, 1)]);
    }

    proptest! {
        #[test]
        fn what_is_left_has_no_cycle_and_acyclic_input_is_left_alone(
            mut parents in prop::collection::vec((0u32..12, 0u32..12), 0..40)
        ) {
            let cyclic = |pairs: &[(u32, u32)]| {
                petgraph::algo::is_cyclic_directed(&DiGraph::<(), (), u32>::from_edges(pairs))
            };
            let was_cyclic = cyclic(&parents);
            let removed = cut_cycles(12, &mut parents);
            prop_assert!(!cyclic(&parents));
            prop_assert_eq!(was_cyclic, !removed.is_empty());
        }
    }
}
