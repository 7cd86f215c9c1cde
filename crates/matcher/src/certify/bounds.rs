//! Safe bounds from potentials, level after level on the optimal face.
//!
//! In: the network, the flow on each edge, potentials and cuts, and a split of the
//! edges into independent parts. Out: value, bound and exactness of each level. Must
//! not know where potentials come from: any numbers give a valid bound.

use crate::network::{LevelKind, Network, ROOT};

use super::fairness;
use super::feasibility::Violation;

/// Edges of one independent part, ascending.
pub type Part = Vec<u32>;

/// What is checked.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// Flow on every edge of the network.
    pub flows: &'a [i64],
    /// For each level a potential for every node; an empty list means all 0.
    pub potentials: &'a [Vec<i128>],
    /// For each level the nodes of a cut (fairness only; else empty).
    pub cuts: &'a [Vec<u32>],
}

/// What is proved about one level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LevelProof {
    /// Value of the flow, in the level's own sense and scale; for fairness the worst
    /// group's share.
    pub value: i128,
    /// Bound on the value of any plan that is as good on the levels before; `None` if
    /// the evidence gives none.
    pub bound: Option<i128>,
    /// Whether value and bound meet in each part.
    pub exact: Vec<bool>,
}

impl LevelProof {
    /// Whether the level is proved optimal as a whole.
    pub fn is_exact(&self) -> bool {
        self.exact.iter().all(|&part| part)
    }
}

/// Bounds of edges on the optimal face of the levels proved so far.
pub struct Face<'a> {
    network: &'a Network<'a>,
    flows: &'a [i64],
    fixed: Vec<bool>,
    /// `(edge, least, most)` that fairness levels added, ascending by edge.
    boxes: Vec<(u32, i64, i64)>,
}

impl Face<'_> {
    /// Least and largest flow of edge `e`.
    pub fn bounds(&self, e: usize) -> (i64, i64) {
        if self.fixed[e] {
            return (self.flows[e], self.flows[e]);
        }
        let edge = self.network.edge(e);
        match self.boxes.binary_search_by_key(&(e as u32), |&(k, ..)| k) {
            Ok(k) => (edge.lower.max(self.boxes[k].1), edge.upper.min(self.boxes[k].2)),
            Err(_) => (edge.lower, edge.upper),
        }
    }

    /// Keeps edge `e` at its flow.
    pub(super) fn fix(&mut self, e: usize) {
        self.fixed[e] = true;
    }

    /// Keeps edge `e` between `least` and `most`.
    pub(super) fn confine(&mut self, e: usize, least: i64, most: i64) {
        match self.boxes.binary_search_by_key(&(e as u32), |&(k, ..)| k) {
            Ok(k) => {
                let (_, low, high) = self.boxes[k];
                self.boxes[k] = (e as u32, low.max(least), high.min(most));
            }
            Err(k) => self.boxes.insert(k, (e as u32, least, most)),
        }
    }
}

/// Proves what the evidence allows.
///
/// # Errors
/// A violation when the flow is no circulation within the edges' bounds, when the
/// parts do not split the edges, or when evidence has the wrong shape. Missing or poor
/// evidence is no error: the level is then not exact.
///
/// Complexity: O(levels * edges).
pub fn prove(
    network: &Network,
    evidence: &Evidence<'_>,
    parts: &[Part],
) -> Result<Vec<LevelProof>, Violation> {
    circulation(network, evidence.flows)?;
    partition(network, parts)?;
    let mut face = Face {
        network,
        flows: evidence.flows,
        fixed: vec![false; network.edge_count()],
        boxes: Vec::new(),
    };
    let mut proofs = Vec::with_capacity(network.levels.len());
    let mut open = vec![true; parts.len()];
    for (l, level) in network.levels.iter().enumerate() {
        let potentials = evidence.potentials.get(l).map_or(&[][..], Vec::as_slice);
        if !potentials.is_empty() && potentials.len() != network.node_count() {
            let detail =
                format!("{} potentials for {} nodes", potentials.len(), network.node_count());
            return Err(Violation::new(format!("certificate level {}", level.label), detail));
        }
        let proof = if let LevelKind::Fair(fair) = &level.kind {
            let cut = evidence.cuts.get(l).map_or(&[][..], Vec::as_slice);
            let all_open = open.iter().all(|&o| o);
            let (value, exact) =
                fairness::prove(network, &mut face, l, fair, cut, evidence.flows, all_open);
            LevelProof { value, bound: exact.then_some(value), exact: vec![exact; parts.len()] }
        } else {
            linear(network, &mut face, l, potentials, evidence.flows, parts, &open)
        };
        for (part, exact) in open.iter_mut().zip(&proof.exact) {
            *part &= exact;
        }
        proofs.push(proof);
    }
    Ok(proofs)
}

#[allow(clippy::too_many_arguments)]
fn linear(
    network: &Network,
    face: &mut Face<'_>,
    l: usize,
    potentials: &[i128],
    flows: &[i64],
    parts: &[Part],
    open: &[bool],
) -> LevelProof {
    let level = &network.levels[l];
    let potential = |node: u32| potentials.get(node as usize).copied().unwrap_or(0);
    let mut primal = vec![0i128; parts.len()];
    let mut dual = vec![0i128; parts.len()];
    let mut free: Vec<(usize, u32)> = Vec::new();
    for (part, edges) in parts.iter().enumerate() {
        for &e in edges {
            let e = e as usize;
            let edge = network.edge(e);
            let cost = i128::from(network.cost(level, e));
            let reduced = cost + potential(edge.tail) - potential(edge.head);
            primal[part] += cost * i128::from(flows[e]);
            if reduced != 0 {
                let (lower, upper) = face.bounds(e);
                dual[part] += reduced * i128::from(if reduced > 0 { lower } else { upper });
                free.push((part, e as u32));
            }
        }
    }
    let exact: Vec<bool> =
        primal.iter().zip(&dual).zip(open).map(|((p, d), open)| *open && p == d).collect();
    for (part, e) in free {
        if exact[part] {
            face.fix(e as usize);
        }
    }
    let constant = if level.kind == LevelKind::Soft { network.soft_constant } else { 0 };
    let sign = match level.sense {
        crate::network::Sense::Maximize => -1,
        crate::network::Sense::Minimize => 1,
    };
    LevelProof {
        value: constant + sign * primal.iter().sum::<i128>(),
        bound: Some(constant + sign * dual.iter().sum::<i128>()),
        exact,
    }
}

/// Every edge within its bounds, every node balanced.
fn circulation(network: &Network, flows: &[i64]) -> Result<(), Violation> {
    let mut balance = vec![0i128; network.node_count()];
    if flows.len() != network.edge_count() {
        return Err(Violation::new("flow", "has another number of edges than the network"));
    }
    for (e, &x) in flows.iter().enumerate() {
        let edge = network.edge(e);
        if x < edge.lower || x > edge.upper {
            let detail = format!("{x} is outside {}..{}", edge.lower, edge.upper);
            return Err(Violation::new(network.edge_name(e), detail));
        }
        balance[edge.tail as usize] -= i128::from(x);
        balance[edge.head as usize] += i128::from(x);
    }
    match balance.iter().position(|&b| b != 0) {
        None => Ok(()),
        Some(node) => {
            Err(Violation::new(format!("node {node}"), format!("{} units are lost", balance[node])))
        }
    }
}

/// Parts must share no node but the root and cover every edge that can carry flow.
fn partition(network: &Network, parts: &[Part]) -> Result<(), Violation> {
    let wrong = |detail: &str| Violation::new("components", detail);
    let mut part_of = vec![u32::MAX; network.node_count()];
    let mut seen = vec![false; network.edge_count()];
    for (part, edges) in parts.iter().enumerate() {
        for &e in edges {
            let Some(mark) = seen.get_mut(e as usize) else {
                return Err(wrong("name an edge that does not exist"));
            };
            if std::mem::replace(mark, true) {
                return Err(wrong("name an edge twice"));
            }
            let edge = network.edge(e as usize);
            for node in [edge.tail, edge.head] {
                let label = &mut part_of[node as usize];
                if node != ROOT && *label != u32::MAX && *label != part as u32 {
                    return Err(wrong("share a node"));
                }
                *label = part as u32;
            }
        }
    }
    for (e, seen) in seen.iter().enumerate() {
        let edge = network.edge(e);
        let ends = [edge.tail, edge.head];
        let touched = ends.iter().any(|&n| n != ROOT && part_of[n as usize] != u32::MAX);
        if !seen && (touched || edge.lower > 0 || (e < network.first_extra() && edge.upper > 0)) {
            return Err(wrong("leave out an edge"));
        }
    }
    Ok(())
}
