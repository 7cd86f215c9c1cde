//! The optimal face of the relaxation as rows of the program.
//!
//! In: a simplex confined to the faces of the levels that it proved. Out: lines that
//! every plan on those faces obeys. Must not know levels. Rows that hold a level's value
//! destroy the structure that makes a network integral; fixed flows do not.

use crate::network::{EdgeKind, Line, Network, Program, Side};

use super::super::component::State;

/// Lines of all that is fixed: service, use of offers, coverage, limits.
pub(super) fn lines(network: &Network, program: &Program, state: &State) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut seen = 0usize;
    for (k, &e) in state.edges.iter().enumerate() {
        let e = e as usize;
        // Parts of one thing follow each other; they are summed at the first.
        if k < seen {
            continue;
        }
        let (arcs, parts): (Vec<u32>, Vec<usize>) = match network.kind(e) {
            EdgeKind::Service { arc, .. } if e < network.arcs.len() => {
                let mut parts = vec![e];
                parts.extend(network.second_part(arc));
                (vec![arc], parts)
            }
            EdgeKind::Service { .. } => continue,
            EdgeKind::Offer(o) => (network.arcs.range(o).map(|a| a as u32).collect(), vec![e]),
            EdgeKind::Need { need, .. } => {
                (network.arcs.of_need(need).to_vec(), network.need_edges(need).collect())
            }
            EdgeKind::Inner { inner, .. } => {
                (arcs_below(network, inner), network.inner_edges(inner).collect())
            }
        };
        if e >= network.first_extra() {
            seen = k + parts.len();
        }
        let bounds = parts.iter().map(|&part| {
            let local = state.local_edge(part)?;
            let edge = network.edge(part);
            Some(match state.simplex.fixed_flow(local) {
                Some(flow) => (flow, flow, true),
                None => (edge.lower, edge.upper, false),
            })
        });
        let Some(bounds) = bounds.collect::<Option<Vec<_>>>() else { continue };
        if !bounds.iter().any(|b| b.2) {
            continue;
        }
        let terms: Vec<(u32, i64)> =
            arcs.iter().filter_map(|&arc| program.column_of(arc)).map(|c| (c, 1)).collect();
        let sum = |side: fn(&(i64, i64, bool)) -> i64| -> i128 {
            bounds.iter().map(|b| i128::from(side(b))).sum()
        };
        lines.push(Line {
            terms,
            lower: Some(sum(|b| b.0)),
            upper: Some(sum(|b| b.1)),
            rule: None,
        });
    }
    lines
}

fn arcs_below(network: &Network, inner: u32) -> Vec<u32> {
    let node = &network.forests.inner[inner as usize];
    let mut arcs: Vec<u32> = match node.side {
        Side::Supply => {
            node.members.iter().flat_map(|&o| network.arcs.range(o)).map(|a| a as u32).collect()
        }
        Side::Demand => {
            node.members.iter().flat_map(|&n| network.arcs.of_need(n)).copied().collect()
        }
        Side::SubSupply(_) | Side::SubDemand(_) => node.members.clone(),
    };
    arcs.sort_unstable();
    arcs
}
