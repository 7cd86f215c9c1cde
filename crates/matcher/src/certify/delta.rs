//! What a small move would do to every level, exactly.
//!
//! In: the ledger, the plan's service and a few changed arcs. Out: the change of each
//! level's value, or the row that forbids the move. Must not know why one asks.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::network::{Fair, LevelKind, Network};

/// One arc's service changed by a few units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The offer.
    pub offer: String,
    /// The need.
    pub need: String,
    /// Units more (or, negative, less).
    pub by: i64,
}

/// How much better (positive) or worse (negative) each level becomes when the service
/// changes from `service` by `changes` (`(arc, units)`, each arc once); `None` where
/// some hard row of the network forbids it.
///
/// For a fairness level the sign of the comparison stands in place of an amount.
/// Complexity: O(edges of the touched nodes * levels), fairness O(groups).
pub fn deltas(network: &Network, flows: &[i64], changes: &[(u32, i64)]) -> Option<Vec<i128>> {
    let moved = moved_edges(network, flows, changes)?;
    let levels = network.levels.iter().enumerate();
    Some(
        levels
            .map(|(l, level)| {
                if let LevelKind::Fair(fair) = &level.kind {
                    return fair_sign(network, l, fair, flows, &moved);
                }
                let cost: i128 = moved
                    .iter()
                    .map(|&(e, by)| i128::from(network.cost(level, e)) * i128::from(by))
                    .sum();
                -cost
            })
            .collect(),
    )
}

/// Changes of every edge that the changed arcs touch, ascending by edge.
///
/// Parts are refilled in order, so that the amounts are those of the best split.
fn moved_edges(
    network: &Network,
    flows: &[i64],
    changes: &[(u32, i64)],
) -> Option<Vec<(usize, i64)>> {
    let mut through: Vec<(u32, i64)> = Vec::new();
    let mut moved: Vec<(usize, i64)> = Vec::new();
    for &(arc, by) in changes {
        let mut parts: Vec<usize> = vec![arc as usize];
        parts.extend(network.second_part(arc));
        refill(network, flows, &parts, by, &mut moved)?;
        let (tail, head) = network.arc_ends(arc);
        up(network, tail, by, &mut through);
        up(network, head, by, &mut through);
    }
    through.sort_unstable();
    let mut at = 0;
    while at < through.len() {
        let node = through[at].0;
        let mut by = 0;
        while at < through.len() && through[at].0 == node {
            by += through[at].1;
            at += 1;
        }
        refill(network, flows, &network.node_edges(node), by, &mut moved)?;
    }
    moved.sort_unstable();
    Some(moved)
}

/// Adds `by` to every node from `node` up to the root.
fn up(network: &Network, node: u32, by: i64, through: &mut Vec<(u32, i64)>) {
    let mut at = node;
    while at != crate::network::ROOT {
        through.push((at, by));
        at = network.above(at);
    }
}

/// Moves `by` units over the parts of one arc or node, filled in order.
fn refill(
    network: &Network,
    flows: &[i64],
    parts: &[usize],
    by: i64,
    moved: &mut Vec<(usize, i64)>,
) -> Option<()> {
    if by == 0 {
        return Some(());
    }
    let mut total = by + parts.iter().map(|&e| flows[e]).sum::<i64>();
    let least: i64 = parts.iter().map(|&e| network.edge(e).lower).sum();
    if total < least {
        return None;
    }
    for &e in parts {
        let edge = network.edge(e);
        let x = total.min(edge.upper);
        total -= x;
        if x != flows[e] {
            moved.push((e, x - flows[e]));
        }
    }
    (total == 0).then_some(())
}

/// Compares the level's groups after and before the move.
fn fair_sign(
    network: &Network,
    level: usize,
    fair: &Fair,
    flows: &[i64],
    moved: &[(usize, i64)],
) -> i128 {
    let mut before: Vec<(i64, i64)> = Vec::new();
    let mut after: Vec<(i64, i64)> = Vec::new();
    let mut placed = vec![false; fair.groups.len()];
    for (inner, of) in network.inner_of.iter().enumerate() {
        let crate::network::InnerOf::Group(l, g) = *of else { continue };
        if l as usize != level {
            continue;
        }
        let asked = fair.groups[g as usize].asked;
        placed[g as usize] = true;
        let edges = network.inner_edges(inner as u32);
        let (mut was, mut is) = (0, 0);
        for e in edges {
            was += flows[e];
            is += flows[e] + moved.iter().find(|m| m.0 == e).map_or(0, |m| m.1);
        }
        before.push((was, asked));
        after.push((is, asked));
    }
    for (group, placed) in fair.groups.iter().zip(placed) {
        if !placed {
            before.push((0, group.asked));
            after.push((0, group.asked));
        }
    }
    let cmp = |a: &(i64, i64), b: &(i64, i64)| {
        (i128::from(a.0) * i128::from(b.1)).cmp(&(i128::from(b.0) * i128::from(a.1)))
    };
    before.sort_by(cmp);
    after.sort_by(cmp);
    let length = match fair.form {
        crate::ledger::FairForm::Maximin => 1,
        crate::ledger::FairForm::Leximin => before.len(),
    };
    let pairs = after.iter().zip(&before).take(length);
    for (a, b) in pairs {
        match cmp(a, b) {
            std::cmp::Ordering::Equal => {}
            std::cmp::Ordering::Less => return -1,
            std::cmp::Ordering::Greater => return 1,
        }
    }
    0
}

impl Network<'_> {
    /// Edges between a node and the root's side of it: an offer's, a need's or an inner
    /// node's own edge, in the order of their parts.
    fn node_edges(&self, node: u32) -> Vec<usize> {
        let first_need = self.need_node(0);
        let first_inner = self.inner_node(0);
        if node >= first_inner {
            self.inner_edges(node - first_inner).collect()
        } else if node >= first_need {
            self.need_edges(node - first_need).collect()
        } else {
            vec![self.first_extra() + node as usize - 1]
        }
    }

    /// Node next to `node` on its way to the root.
    fn above(&self, node: u32) -> u32 {
        let first_inner = self.inner_node(0);
        if node >= first_inner {
            return self.above_inner(node - first_inner);
        }
        let edges = self.node_edges(node);
        let edge = self.edge(edges[0]);
        if edge.tail == node { edge.head } else { edge.tail }
    }
}
