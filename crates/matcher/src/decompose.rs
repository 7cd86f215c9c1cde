//! Connected components of the flow graph without its root.
//!
//! In: a network. Out: [`Component`]s, in the order of their lowest node. Must not
//! know how a component is solved. Features tie the arcs they speak of together, so
//! that a component is integer only where an integer feature really reaches.
//! Rejected: splitting by category first (limits and fairness groups cross them).

use petgraph::unionfind::UnionFind;

use crate::network::{Level, LevelKind, Network, ROOT};

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

/// Components that must be solved together, and whether integers are needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// Positions of its components, ascending.
    pub members: Vec<usize>,
    /// Their nodes and edges, merged.
    pub component: Component,
    /// Whether it is more than a network.
    pub integer: bool,
}

impl Cluster {
    /// Its arcs, ascending.
    pub fn arcs(&self, network: &Network) -> Vec<u32> {
        let end = self.component.edges.partition_point(|&e| (e as usize) < network.arcs.len());
        self.component.edges[..end].to_vec()
    }
}

/// Joins components that a level ties together although no flow does: fairness that the
/// network cannot hold, the largest load, tolerances (what one part gives up, another may
/// not), budgets of changes.
///
/// Complexity: O(edges + levels * arcs).
pub fn clusters(network: &Network, components: &[Component]) -> Vec<Cluster> {
    let mut part_of = vec![u32::MAX; network.arcs.len()];
    for (k, component) in components.iter().enumerate() {
        for &e in component.edges.iter().take_while(|&&e| (e as usize) < network.arcs.len()) {
            part_of[e as usize] = k as u32;
        }
    }
    let mut integer: Vec<bool> = components.iter().map(|c| !c.is_network()).collect();
    let mut sets: UnionFind<u32> = UnionFind::new(components.len());
    // A fairness level becomes integer with any part it touches, which may make others so.
    loop {
        let before = integer.iter().filter(|&&i| i).count();
        join(network, &part_of, &mut integer, &mut sets);
        if before == integer.iter().filter(|&&i| i).count() {
            break;
        }
    }
    merged(components, &integer, &sets.into_labeling())
}

/// One pass over the levels.
fn join(network: &Network, part_of: &[u32], integer: &mut [bool], sets: &mut UnionFind<u32>) {
    for (l, level) in network.levels.iter().enumerate() {
        let mut touched: Vec<u32> = touched(network, level, part_of);
        touched.sort_unstable();
        touched.dedup();
        let beyond = match &level.kind {
            LevelKind::Fair(_) => {
                !network.fair_in_network(l) || touched.iter().any(|&k| integer[k as usize])
            }
            _ => needs_integers(network, level),
        };
        if !beyond {
            continue;
        }
        for &k in &touched {
            integer[k as usize] = true;
        }
        if counts_partners(level) && !is_loose(network, level) {
            join_partners(network, level, part_of, sets);
        } else if let Some((&first, rest)) = touched.split_first() {
            for &k in rest {
                sets.union(first, k);
            }
        }
    }
}

/// Joins the components in which the same unit serves the same community: the pair counts
/// once, whichever of them uses it.
fn join_partners(network: &Network, level: &Level, part_of: &[u32], sets: &mut UnionFind<u32>) {
    let counted = |&arc: &u32| {
        level.needs.has(network.arcs.need[arc as usize]) && part_of[arc as usize] != u32::MAX
    };
    let arcs = (0..network.arcs.len() as u32).filter(counted);
    let mut pairs: Vec<((u32, u32), u32)> =
        arcs.map(|arc| (network.partners(arc), part_of[arc as usize])).collect();
    pairs.sort_unstable();
    for two in pairs.windows(2).filter(|two| two[0].0 == two[1].0) {
        sets.union(two[0].1, two[1].1);
    }
}

fn merged(components: &[Component], integer: &[bool], label: &[u32]) -> Vec<Cluster> {
    let mut number = vec![usize::MAX; components.len()];
    let mut found: Vec<Cluster> = Vec::new();
    for (k, component) in components.iter().enumerate() {
        let set = label[k] as usize;
        if number[set] == usize::MAX {
            number[set] = found.len();
            found.push(Cluster {
                members: vec![k],
                component: component.clone(),
                integer: integer[k],
            });
            continue;
        }
        let cluster = &mut found[number[set]];
        cluster.members.push(k);
        cluster.integer |= integer[k];
        let whole = &mut cluster.component;
        whole.nodes.extend(&component.nodes);
        whole.edges.extend(&component.edges);
        whole.features.extend(&component.features);
        whole.arcs += component.arcs;
        whole.needs += component.needs;
    }
    for cluster in &mut found {
        cluster.component.nodes.sort_unstable();
        cluster.component.edges.sort_unstable();
    }
    found
}

fn is_loose(network: &Network, level: &Level) -> bool {
    let goal = level.goal.map(|g| &network.valid.ledger().goals[g]);
    goal.is_some_and(|goal| goal.tolerance_ppm > 0)
}

/// Whether a level counts pairs of unit and community and is otherwise a sum over parts.
fn counts_partners(level: &Level) -> bool {
    matches!(level.kind, LevelKind::Partners | LevelKind::Weighted { .. })
}

/// Whether a level that is no fairness level is more than costs on edges.
fn needs_integers(network: &Network, level: &Level) -> bool {
    let goal = level.goal.map(|g| &network.valid.ledger().goals[g]);
    let budget = goal.is_some_and(|goal| goal.change_budget.is_some());
    match level.kind {
        LevelKind::Partners | LevelKind::Balance => true,
        LevelKind::Weighted { partners, .. } if partners != 0 => true,
        _ => budget || is_loose(network, level),
    }
}

/// Components a level speaks of; repeated.
fn touched(network: &Network, level: &Level, part_of: &[u32]) -> Vec<u32> {
    let part = |arc: u32| Some(part_of[arc as usize]).filter(|&k| k != u32::MAX);
    if level.kind == LevelKind::Keep && !is_loose(network, level) {
        return network.arcs.baseline.iter().filter_map(|&(arc, _)| part(arc)).collect();
    }
    let all = level.kind == LevelKind::Balance || is_loose(network, level);
    (0..network.arcs.len() as u32)
        .filter(|&arc| all || level.needs.has(network.arcs.need[arc as usize]))
        .filter_map(part)
        .collect()
}
