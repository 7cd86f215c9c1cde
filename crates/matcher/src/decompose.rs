//! Connected components of the flow graph without its root.
//!
//! In: a network. Out: [`Component`]s, in the order of their lowest node. Must not
//! know how a component is solved. Features tie the arcs they speak of together, so
//! that a component is integer only where an integer feature really reaches.
//! Rejected: splitting by category first (limits and fairness groups cross them).

use petgraph::unionfind::UnionFind;

use crate::network::{Network, ROOT};

/// A part of the network that shares nothing but the root with the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    /// Its nodes, ascending, without the root.
    pub nodes: Vec<u32>,
    /// Its edges, ascending.
    pub edges: Vec<u32>,
    /// How many of them are service arcs.
    pub arcs: usize,
    /// How many of its nodes are needs.
    pub needs: usize,
    /// Positions in `network.features` of the features that reach it.
    pub features: Vec<u32>,
}

impl Component {
    /// Whether it is a pure network.
    pub fn is_network(&self) -> bool {
        self.features.is_empty()
    }
}

/// Splits the network. Nodes without any arc or bound belong to no component.
///
/// Complexity: nearly linear in edges and sizes of features.
pub fn components(network: &Network) -> Vec<Component> {
    let nodes = network.node_count();
    let mut sets: UnionFind<u32> = UnionFind::new(nodes);
    for e in 0..network.edge_count() {
        let edge = network.edge(e);
        if edge.tail != ROOT && edge.head != ROOT {
            sets.union(edge.tail, edge.head);
        }
    }
    for feature in &network.features {
        let mut ends = feature.arcs.iter().map(|&arc| network.arc_ends(arc).0);
        if let Some(first) = ends.next() {
            for node in ends {
                sets.union(first, node);
            }
        }
    }
    let label = sets.into_labeling();
    let first_need = network.need_node(0);
    let needs = first_need..first_need + network.need_count() as u32;
    let mut number = vec![u32::MAX; nodes];
    let mut found: Vec<Component> = Vec::new();
    for node in 1..nodes as u32 {
        let set = label[node as usize] as usize;
        if number[set] == u32::MAX {
            number[set] = found.len() as u32;
            found.push(Component {
                nodes: Vec::new(),
                edges: Vec::new(),
                arcs: 0,
                needs: 0,
                features: Vec::new(),
            });
        }
        let component = &mut found[number[set] as usize];
        component.nodes.push(node);
        component.needs += usize::from(needs.contains(&node));
    }
    for e in 0..network.edge_count() {
        let edge = network.edge(e);
        let node = if edge.tail == ROOT { edge.head } else { edge.tail };
        let component = &mut found[number[label[node as usize] as usize] as usize];
        component.edges.push(e as u32);
        component.arcs += usize::from(e < network.arcs.len());
    }
    for (k, feature) in network.features.iter().enumerate() {
        if let Some(&arc) = feature.arcs.first() {
            let node = network.arc_ends(arc).0;
            found[number[label[node as usize] as usize] as usize].features.push(k as u32);
        }
    }
    found.retain(|c| c.arcs > 0 || c.edges.iter().any(|&e| network.edge(e as usize).lower > 0));
    found
}
