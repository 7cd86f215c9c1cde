//! Closed sets: needs that together ask for more than all that can reach them.
//!
//! In: a plan. Out: for a short need a closed set (its capacity or limit reason), or the
//! path by which it could still get a unit. Must not know levels. Walks back from the
//! need along everything that could send it one more unit: offers not used to the full
//! by it, needs those offers serve, limits they share. If the walk never meets spare
//! supply, what it met is a cut (P. Hall, On representatives of subsets, 1935; L. Ford
//! and D. Fulkerson, Maximal flow through a network, 1956).

use std::collections::HashMap;

use crate::certify::{Reason, ReasonCode, Situation, cut_capacity};
use crate::network::{EdgeKind, InnerOf, ROOT};

use super::is_coverage;

/// Node visits that all closed sets of one plan may cost beyond one pass over the graph.
const EXTRA_VISITS: usize = 2_000_000;
/// Nodes that all written sets of one plan may hold beyond twice the graph. After that
/// the needs still unexplained share one last set: their union is closed as well.
const EXTRA_ROOM: usize = 20_000;
/// Nodes up to which a need gets a closed set of its own inside a larger one.
const SMALL: usize = 64;

/// What the walk back from a need met.
pub(super) enum Found {
    /// A closed set, written out or pointed at.
    Set(Reason),
    /// Spare supply: moves `(arc, units)` by which the need would get one unit.
    Path(Vec<(u32, i64)>),
    /// Neither (a set that holds fairness groups or a walk beyond the budget).
    Nothing,
}

/// Finds closed sets, writing each out once.
pub(super) struct Closures<'a> {
    plan: &'a Situation<'a>,
    /// Need at which the set containing a need is written, with its code.
    written: HashMap<u32, (u32, ReasonCode)>,
    visits: usize,
    /// Nodes that may still be written out in sets of their own.
    room: usize,
    /// Nodes that spare supply can reach; found when room runs out.
    reached: Option<Vec<bool>>,
    at_node: Vec<usize>,
    /// Last walk that saw a node, and over which edge it came.
    seen: Vec<u32>,
    came: Vec<u32>,
    walk: u32,
}

impl<'a> Closures<'a> {
    pub(super) fn new(plan: &'a Situation<'a>) -> Self {
        let nodes = plan.network.node_count();
        Closures {
            plan,
            written: HashMap::new(),
            visits: 8 * nodes + EXTRA_VISITS,
            room: 2 * nodes + EXTRA_ROOM,
            reached: None,
            at_node: Vec::new(),
            seen: vec![0; nodes],
            came: vec![0; nodes],
            walk: 0,
        }
    }

    /// The closed set of `need`, or its path to spare supply.
    pub(super) fn find(&mut self, need: u32) -> Found {
        let known = self.written.get(&need).copied();
        let bound = if known.is_some() { SMALL } else { usize::MAX };
        let sources =
            if known.is_none() && self.room == 0 { self.unexplained(need) } else { vec![need] };
        match self.walk(&sources, bound) {
            Walk::Closed(set) => match self.set_reason(&set) {
                Some(reason) => {
                    self.room = self.room.saturating_sub(set.len());
                    self.remember(need, &set, reason.code);
                    Found::Set(reason)
                }
                None => Found::Nothing,
            },
            Walk::Spare(changes) => Found::Path(changes),
            Walk::TooLong => match known {
                Some((at, code)) => {
                    let mut reason = Reason::new(code);
                    reason.same_as = Some(self.plan.valid.ledger().needs[at as usize].id.clone());
                    Found::Set(reason)
                }
                None => Found::Nothing,
            },
        }
    }

    /// `need` and every later short need without a set that spare supply cannot reach;
    /// `need` alone when it can be reached itself.
    fn unexplained(&mut self, need: u32) -> Vec<u32> {
        let plan = self.plan;
        let reached = self.reached.get_or_insert_with(|| reached(plan));
        let node = |n: u32| plan.network.need_node(n) as usize;
        if reached[node(need)] {
            return vec![need];
        }
        let needs = &plan.valid.ledger().needs;
        (need..needs.len() as u32)
            .filter(|&n| plan.covered[n as usize] < needs[n as usize].quantity)
            .filter(|&n| !plan.network.arcs.of_need(n).is_empty())
            .filter(|&n| !reached[node(n)] && !self.written.contains_key(&n))
            .collect()
    }

    fn remember(&mut self, need: u32, set: &[u32], code: ReasonCode) {
        let network = self.plan.network;
        for &node in set.iter().filter(|&&n| is_need(network, n)) {
            self.written.entry(node - network.need_node(0)).or_insert((need, code));
        }
    }

    fn walk(&mut self, needs: &[u32], bound: usize) -> Walk {
        let plan = self.plan;
        let network = plan.network;
        self.walk += 1;
        let mut set: Vec<u32> = needs.iter().map(|&n| network.need_node(n)).collect();
        for &node in &set {
            self.seen[node as usize] = self.walk;
        }
        let start = set[0];
        let mut at = 0;
        while at < set.len() {
            let node = set[at];
            at += 1;
            // Only needs that have a set to point at may go without one of their own.
            if set.len() > bound || (self.visits == 0 && bound == SMALL) {
                return Walk::TooLong;
            }
            self.visits = self.visits.saturating_sub(1);
            plan.incidence.edges(node, &mut self.at_node);
            for k in 0..self.at_node.len() {
                let e = self.at_node[k];
                let edge = network.edge(e);
                let x = plan.flows[e];
                let from = if edge.head == node && x < edge.upper {
                    edge.tail
                } else if edge.tail == node && x > edge.lower && !is_coverage(network.kind(e)) {
                    edge.head
                } else {
                    continue;
                };
                if from == ROOT {
                    return Walk::Spare(self.path(node, start));
                }
                if self.seen[from as usize] != self.walk {
                    self.seen[from as usize] = self.walk;
                    self.came[from as usize] = e as u32;
                    set.push(from);
                }
            }
        }
        set.sort_unstable();
        Walk::Closed(set)
    }

    /// Service changes along the walk from `node` to `start`.
    fn path(&self, node: u32, start: u32) -> Vec<(u32, i64)> {
        let network = self.plan.network;
        let mut changes: Vec<(u32, i64)> = Vec::new();
        let mut at = node;
        while at != start {
            let e = self.came[at as usize] as usize;
            let edge = network.edge(e);
            let forward = edge.tail == at;
            if let EdgeKind::Service { arc, .. } = network.kind(e) {
                changes.push((arc, if forward { 1 } else { -1 }));
            }
            at = if forward { edge.head } else { edge.tail };
        }
        changes.sort_unstable();
        let mut merged: Vec<(u32, i64)> = Vec::new();
        for (arc, by) in changes {
            match merged.last_mut() {
                Some((last, sum)) if *last == arc => *sum += by,
                _ => merged.push((arc, by)),
            }
        }
        merged.retain(|&(_, by)| by != 0);
        merged
    }

    fn set_reason(&self, set: &[u32]) -> Option<Reason> {
        let plan = self.plan;
        let (network, ledger) = (plan.network, plan.valid.ledger());
        let mut needs = Vec::new();
        let mut offers = Vec::new();
        let mut limits = Vec::new();
        let mut asked = 0i128;
        for &node in set {
            if node >= network.inner_node(0) {
                let inner = node - network.inner_node(0);
                match network.inner_of[inner as usize] {
                    InnerOf::Row(_) => limits.push(network.inner_name(inner)),
                    InnerOf::Group(..) => return None,
                }
            } else if is_need(network, node) {
                let need = &ledger.needs[(node - network.need_node(0)) as usize];
                asked += i128::from(need.quantity);
                needs.push(need.id.clone());
            } else {
                offers.push(ledger.offers[node as usize - 1].id.clone());
            }
        }
        let available = cut_capacity(plan, set);
        if available >= asked {
            return None;
        }
        let code = if limits.is_empty() { ReasonCode::Capacity } else { ReasonCode::Limit };
        let mut reason = Reason::new(code);
        reason.needs = needs;
        reason.offers = offers;
        limits.sort();
        reason.limits = limits;
        reason.asked = i64::try_from(asked).ok();
        reason.available = i64::try_from(available).ok();
        Some(reason)
    }
}

/// Nodes that spare supply can reach along edges with room (back along served ones).
fn reached(plan: &Situation<'_>) -> Vec<bool> {
    let network = plan.network;
    let mut reached = vec![false; network.node_count()];
    let mut queue: Vec<u32> = Vec::new();
    for e in network.first_extra()..network.edge_count() {
        let edge = network.edge(e);
        if edge.tail == ROOT
            && plan.flows[e] < edge.upper
            && !std::mem::replace(&mut reached[edge.head as usize], true)
        {
            queue.push(edge.head);
        }
    }
    let mut edges = Vec::new();
    while let Some(node) = queue.pop() {
        plan.incidence.edges(node, &mut edges);
        for &e in &edges {
            let edge = network.edge(e);
            let to = if edge.tail == node && plan.flows[e] < edge.upper {
                edge.head
            } else if edge.head == node
                && plan.flows[e] > edge.lower
                && !is_coverage(network.kind(e))
            {
                edge.tail
            } else {
                continue;
            };
            if to != ROOT && !std::mem::replace(&mut reached[to as usize], true) {
                queue.push(to);
            }
        }
    }
    reached
}

enum Walk {
    Closed(Vec<u32>),
    Spare(Vec<(u32, i64)>),
    TooLong,
}

fn is_need(network: &crate::network::Network, node: u32) -> bool {
    (network.need_node(0)..network.inner_node(0)).contains(&node)
}
