//! Safe bounds from potentials, level after level on the optimal face.
//!
//! In: the network, the flow on each edge, potentials and cuts, and a split of the
//! edges into independent parts. Out: value, bound and exactness of each level. Must
//! not know where potentials come from: any numbers give a valid bound.

use crate::network::{Fair, Form, LevelKind, Line, Network, Program, ROOT, Sense};

use super::evidence::{Evidence, LevelProof, Part, PartProof};
use super::fairness;
use super::feasibility::Violation;
use super::multipliers::safe_bound;
use super::values::level_value;

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
    let mut state = Proving {
        network,
        evidence,
        parts,
        points: parts
            .iter()
            .map(|part| part.program.as_ref().map(|p| p.complete(&p.pick(evidence.service))))
            .collect(),
        held: vec![Vec::new(); parts.len()],
        face: Face {
            network,
            flows: evidence.flows,
            fixed: vec![false; network.edge_count()],
            boxes: Vec::new(),
        },
        exact_so_far: true,
    };
    let mut proofs = Vec::with_capacity(network.levels.len());
    for (l, level) in network.levels.iter().enumerate() {
        let potentials = evidence.potentials.get(l).map_or(&[][..], Vec::as_slice);
        if !potentials.is_empty() && potentials.len() != network.node_count() {
            let detail =
                format!("{} potentials for {} nodes", potentials.len(), network.node_count());
            return Err(Violation::new(format!("certificate level {}", level.label), detail));
        }
        let proof = match &level.kind {
            LevelKind::Fair(fair) => state.fair(l, fair),
            _ => state.linear(l, potentials),
        };
        state.hold(l);
        state.exact_so_far &= proof.is_exact();
        proofs.push(proof);
    }
    Ok(proofs)
}

/// What is known while the levels are gone through.
struct Proving<'a> {
    network: &'a Network<'a>,
    evidence: &'a Evidence<'a>,
    parts: &'a [Part],
    /// All columns of each program.
    points: Vec<Option<Vec<i64>>>,
    /// Rows of each program that hold the levels before.
    held: Vec<Vec<Line>>,
    face: Face<'a>,
    exact_so_far: bool,
}

impl Proving<'_> {
    /// A level that adds up. In a network the potentials' bound is met or not; in a
    /// program it is a bound on its relaxation, and multipliers may give a better one.
    ///
    /// A part whose bound is met has every optimal plan on its face, whatever is proved
    /// of earlier levels: these only leave more plans to choose from.
    fn linear(&mut self, l: usize, potentials: &[i128]) -> LevelProof {
        let (network, flows) = (self.network, self.evidence.flows);
        let level = &network.levels[l];
        let potential = |node: u32| potentials.get(node as usize).copied().unwrap_or(0);
        let mut proofs = Vec::with_capacity(self.parts.len());
        for (k, part) in self.parts.iter().enumerate() {
            let (mut primal, mut dual) = (0i128, 0i128);
            let mut free: Vec<u32> = Vec::new();
            for &e in &part.edges {
                let edge = network.edge(e as usize);
                let cost = i128::from(network.cost(level, e as usize));
                let reduced = cost + potential(edge.tail) - potential(edge.head);
                primal += cost * i128::from(flows[e as usize]);
                if reduced != 0 {
                    let (lower, upper) = self.face.bounds(e as usize);
                    dual += reduced * i128::from(if reduced > 0 { lower } else { upper });
                    free.push(e);
                }
            }
            let proof = match (&part.program, &self.points[k]) {
                (Some(program), Some(point)) => {
                    let cost = program.worth(l, point).cost();
                    let inside = nodes_of(network, part);
                    let constant = network.soft_constant_in(level, |n| inside[n as usize]);
                    let bound =
                        relaxed(&level.kind, dual + constant).max(self.multiplied(k, program, l));
                    PartProof { cost, bound }
                }
                _ => PartProof { cost: primal, bound: Some(dual) },
            };
            // Fixed only where later levels may not give anything up again.
            let keeps = part.program.as_ref().is_none_or(|program| program.tolerance[l] == 0);
            if primal == dual && proof.bound == Some(proof.cost) && keeps {
                for e in free {
                    self.face.fix(e as usize);
                }
            }
            proofs.push(proof);
        }
        self.sum(l, proofs)
    }

    fn multiplied(&self, part: usize, program: &Program, l: usize) -> Option<i128> {
        let given = self.evidence.multipliers.get(l).map_or(&[][..], Vec::as_slice);
        // Without any, the bounds of the columns alone say something.
        let own = given.iter().find(|m| m.part as usize == part);
        let rows = own.map_or(&[][..], |own| own.rows.as_slice());
        safe_bound(program, l, &self.held[part], rows)
    }

    /// Adds up the parts and what no part can change.
    fn sum(&self, l: usize, parts: Vec<PartProof>) -> LevelProof {
        let level = &self.network.levels[l];
        let constant = if level.kind == LevelKind::Soft { self.soft_constant() } else { 0 };
        let sign = match level.sense {
            Sense::Maximize => -1,
            Sense::Minimize => 1,
        };
        let tolerated = |cost: i128, bound: i128, k: usize| {
            let ppm = self.parts[k].program.as_ref().map_or(0, |p| i128::from(p.tolerance[l]));
            cost <= bound + bound.abs() * ppm / 1_000_000
        };
        let bounds: Option<i128> = parts.iter().map(|p| p.bound).sum();
        LevelProof {
            value: constant + sign * parts.iter().map(|p| p.cost).sum::<i128>(),
            bound: bounds.map(|sum| constant + sign * sum),
            exact: parts
                .iter()
                .enumerate()
                .map(|(k, p)| p.bound.is_some_and(|bound| tolerated(p.cost, bound, k)))
                .collect(),
            parts,
        }
    }

    /// Misses of soft limits before any service, without those that programs count
    /// themselves.
    fn soft_constant(&self) -> i128 {
        let mut in_program = vec![false; self.network.node_count()];
        for part in self.parts.iter().filter(|part| part.program.is_some()) {
            for (all, own) in in_program.iter_mut().zip(nodes_of(self.network, part)) {
                *all |= own;
            }
        }
        let constants = self.network.soft_constants.iter();
        let counted =
            constants.filter(|(node, _)| node.is_none_or(|node| !in_program[node as usize]));
        counted.map(|&(_, missed)| missed).sum()
    }

    fn fair(&mut self, l: usize, fair: &Fair) -> LevelProof {
        let everywhere = |exact: bool| vec![exact; self.parts.len()];
        // A level that programs speak of belongs to exactly one of them.
        let own = self.parts.iter().position(|part| {
            let program = part.program.as_ref();
            program.is_some_and(|p| matches!(&p.levels[l], Form::Fair { groups, .. } if groups.iter().any(|g| !g.terms.is_empty())))
        });
        if let Some(k) = own
            && let (Some(program), Some(point)) = (&self.parts[k].program, &self.points[k])
        {
            let cost = program.worth(l, point).cost();
            let bound = self.multiplied(k, program, l);
            let leximin = matches!(&program.levels[l], Form::Fair { leximin: true, .. });
            // One number proves the worst group, not the vector.
            let exact = bound == Some(cost) && !leximin;
            let parts = (0..self.parts.len())
                .map(|part| match part == k {
                    true => PartProof { cost, bound },
                    false => PartProof { cost: 0, bound: Some(0) },
                })
                .collect();
            let exact = (0..self.parts.len()).map(|part| part != k || exact).collect();
            return LevelProof { value: -cost, bound: bound.map(|b| -b), exact, parts };
        }
        if !self.network.fair_in_network(l) {
            // Groups that no offer reaches: their value is what it is.
            let value = level_value(
                self.network.valid,
                self.network,
                self.evidence.service,
                &self.network.levels[l],
            )
            .value;
            return LevelProof {
                value,
                bound: Some(value),
                exact: everywhere(true),
                parts: Vec::new(),
            };
        }
        let cut = self.evidence.cuts.get(l).map_or(&[][..], Vec::as_slice);
        let (value, exact) = fairness::prove(
            self.network,
            &mut self.face,
            l,
            fair,
            cut,
            self.evidence.flows,
            self.exact_so_far,
        );
        LevelProof {
            value,
            bound: exact.then_some(value),
            exact: everywhere(exact),
            parts: Vec::new(),
        }
    }

    /// Holds the level in every program for the levels after it.
    fn hold(&mut self, l: usize) {
        for (k, part) in self.parts.iter().enumerate() {
            if let (Some(program), Some(point)) = (&part.program, &self.points[k]) {
                let reached = program.worth(l, point);
                self.held[k].extend(program.held_as_is(l, &reached));
            }
        }
    }
}

/// Nodes of a part, without the root.
fn nodes_of(network: &Network, part: &Part) -> Vec<bool> {
    let mut inside = vec![false; network.node_count()];
    for &e in &part.edges {
        let edge = network.edge(e as usize);
        inside[edge.tail as usize] = true;
        inside[edge.head as usize] = true;
    }
    inside[ROOT as usize] = false;
    inside
}

/// A bound on the cost of a program at a level, from one on its network alone: what the
/// network leaves out (fixed costs, partners, crossing soft limits) costs nothing less
/// than 0, unless weights turn it into a gain.
fn relaxed(kind: &LevelKind, dual: i128) -> Option<i128> {
    match kind {
        LevelKind::Weighted { spend, partners, .. } if *spend > 0 || *partners > 0 => None,
        _ => Some(dual),
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
    for (part, of) in parts.iter().enumerate() {
        for &e in &of.edges {
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
