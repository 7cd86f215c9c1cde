//! Edges at a node, without a second copy of the graph.
//!
//! In: the network. Out: edge numbers. Must not know flows. Arcs are found through the
//! indices the network has anyway; only inner nodes need a small list of their own.

use crate::network::{Network, Side};

/// Finds the edges at any node.
pub struct Incidence<'a> {
    network: &'a Network<'a>,
    /// `(node, inner)` for each inner node hanging below `node`, ascending.
    below: Vec<(u32, u32)>,
}

impl<'a> Incidence<'a> {
    /// Indexes the inner nodes. O(inner nodes log inner nodes).
    pub fn new(network: &'a Network<'a>) -> Self {
        let mut below: Vec<(u32, u32)> = (0..network.forests.inner.len() as u32)
            .map(|inner| (network.above_inner(inner), inner))
            .collect();
        below.sort_unstable();
        Incidence { network, below }
    }

    /// Puts every edge at `node` into `edges` (others may be among them). The root has none here.
    pub fn edges(&self, node: u32, edges: &mut Vec<usize>) {
        edges.clear();
        let network = self.network;
        let (first_need, first_inner) = (network.need_node(0), network.inner_node(0));
        if node == crate::network::ROOT {
            return;
        }
        if node >= first_inner {
            let inner = node - first_inner;
            edges.extend(network.inner_edges(inner));
            let members = &network.forests.inner[inner as usize].members;
            match network.forests.inner[inner as usize].side {
                Side::Supply => edges.extend(members.iter().map(|&o| network.offer_edge(o))),
                Side::Demand => edges.extend(members.iter().flat_map(|&n| network.need_edges(n))),
                Side::SubSupply(_) | Side::SubDemand(_) => {
                    members.iter().for_each(|&arc| self.arc(arc, edges));
                }
            }
        } else if node >= first_need {
            let need = node - first_need;
            edges.extend(network.need_edges(need));
            network.arcs.of_need(need).iter().for_each(|&arc| self.arc(arc, edges));
        } else {
            edges.push(network.offer_edge(node - 1));
            network.arcs.range(node - 1).for_each(|arc| self.arc(arc as u32, edges));
        }
        let start = self.below.partition_point(|&(above, _)| above < node);
        for &(_, inner) in self.below[start..].iter().take_while(|&&(above, _)| above == node) {
            edges.extend(network.inner_edges(inner));
        }
    }

    fn arc(&self, arc: u32, edges: &mut Vec<usize>) {
        edges.push(arc as usize);
        edges.extend(self.network.second_part(arc));
    }
}
