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
            visits: nodes + EXTRA_VISITS,
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
        match self.walk(need, bound) {
            Walk::Closed(set) => match self.set_reason(&set) {
                Some(reason) => {
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

    fn remember(&mut self, need: u32, set: &[u32], code: ReasonCode) {
        let network = self.plan.network;
        for &node in set.iter().filter(|&&n| is_need(network, n)) {
            self.written.entry(node - network.need_node(0)).or_insert((need, code));
        }
    }

    fn walk(&mut self, need: u32, bound: usize) -> Walk {
        let plan = self.plan;
        let network = plan.network;
        self.walk += 1;
        let start = network.need_node(need);
        self.seen[start as usize] = self.walk;
        let mut set = vec![start];
        let mut at = 0;
        while at < set.len() {
            let node = set[at];
            at += 1;
            if set.len() > bound || self.visits == 0 {
                return Walk::TooLong;
            }
            self.visits -= 1;
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

enum Walk {
    Closed(Vec<u32>),
    Spare(Vec<(u32, i64)>),
    TooLong,
}

fn is_need(network: &crate::network::Network, node: u32) -> bool {
    (network.need_node(0)..network.inner_node(0)).contains(&node)
}
