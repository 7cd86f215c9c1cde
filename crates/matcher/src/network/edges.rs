//! The flow graph: nodes, edges with bounds, and what an edge costs at a level.
//!
//! In: arcs, forests and rows. Out: [`Edge`]s numbered from 0 — service arcs first
//! (same number as the arc), then the second parts of split arcs, then offers,
//! needs, inner nodes. Must not know how levels are solved. Node 0 is the root, then
//! offers, needs and inner nodes; flow runs root -> offers -> needs -> root.

use super::Network;
use super::forest::Side;
use super::levels::{Level, LevelKind, Sense};
use crate::ledger::PlaceLevel;

/// The root of the circulation.
pub const ROOT: u32 = 0;

/// One edge of the flow graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Node the flow leaves.
    pub tail: u32,
    /// Node the flow enters.
    pub head: u32,
    /// Least flow.
    pub lower: i64,
    /// Largest flow; always finite.
    pub upper: i64,
}

/// What an edge stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EdgeKind {
    /// Service on an arc; `kept`: the part inside its standing quantity.
    Service {
        /// The arc.
        arc: u32,
        /// Whether a unit here counts for the goal keep.
        kept: bool,
    },
    /// Use of an offer.
    Offer(u32),
    /// Coverage of a need, from unit number `from` on.
    Need {
        /// The need.
        need: u32,
        /// First unit of this part.
        from: i64,
    },
    /// Flow through an inner node.
    Inner {
        /// Position in the network's inner nodes.
        inner: u32,
        /// Below, within or above the bounds of a soft limit.
        part: SoftPart,
    },
}

/// Part of the flow through an inner node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SoftPart {
    /// All of it (hard limits and fairness groups), or the part within soft bounds.
    Within,
    /// The units up to a soft lower bound; each saves a miss of this much (10^12 parts).
    Below(i64),
    /// The units beyond a soft upper bound; each costs this much (10^12 parts).
    Above(i64),
}

impl Network<'_> {
    /// Number of edges.
    pub fn edge_count(&self) -> usize {
        self.arcs.len() + self.splits.len() + self.extra.len()
    }

    /// What edge `e` stands for.
    pub fn kind(&self, e: usize) -> EdgeKind {
        let arcs = self.arcs.len();
        if e < arcs {
            let arc = e as u32;
            let kept = self.keeps && self.arcs.baseline_of(arc) > 0;
            EdgeKind::Service { arc, kept }
        } else if e < arcs + self.splits.len() {
            EdgeKind::Service { arc: self.splits[e - arcs], kept: false }
        } else {
            self.extra[e - arcs - self.splits.len()].1
        }
    }

    /// Ends and bounds of edge `e`.
    pub fn edge(&self, e: usize) -> Edge {
        let arcs = self.arcs.len();
        if e >= arcs + self.splits.len() {
            return self.extra[e - arcs - self.splits.len()].0;
        }
        let second = e >= arcs;
        let arc = if second { self.splits[e - arcs] } else { e as u32 };
        let (tail, head) = self.arc_ends(arc);
        let (lower, upper) = (self.arcs.lock_of(arc), self.arcs.upper[arc as usize]);
        // A lock beyond the arc's own bound makes the ledger infeasible; the bounds
        // stay ordered and the offer or need tells so.
        let upper = upper.max(lower);
        if !self.keeps || self.splits.binary_search(&arc).is_err() {
            return Edge { tail, head, lower, upper };
        }
        let standing = self.arcs.baseline_of(arc);
        if second {
            Edge { tail, head, lower: (lower - standing).max(0), upper: upper - standing }
        } else {
            Edge { tail, head, lower: lower.min(standing), upper: standing }
        }
    }

    /// Nodes an arc runs between.
    pub fn arc_ends(&self, arc: u32) -> (u32, u32) {
        let at = |list: &[(u32, u32)], default: u32| {
            list.binary_search_by_key(&arc, |&(a, _)| a)
                .map_or(default, |k| self.inner_node(list[k].1))
        };
        (
            at(&self.forests.arc_tail, self.offer_node(self.arcs.offer[arc as usize])),
            at(&self.forests.arc_head, self.need_node(self.arcs.need[arc as usize])),
        )
    }

    /// The unit and the community an arc brings together, as the goal `partners` counts
    /// them; a need above a community is its own place.
    pub fn partners(&self, arc: u32) -> (u32, u32) {
        let place = self.valid.needs()[self.arcs.need[arc as usize] as usize].place;
        let at = self.valid.ancestor_at(place, PlaceLevel::Community).unwrap_or(place);
        (self.valid.offers()[self.arcs.offer[arc as usize] as usize].unit, at)
    }

    /// Node of an offer.
    pub fn offer_node(&self, offer: u32) -> u32 {
        1 + offer
    }

    /// Node of a need.
    pub fn need_node(&self, need: u32) -> u32 {
        1 + self.offers as u32 + need
    }

    /// Node of an inner node.
    pub fn inner_node(&self, inner: u32) -> u32 {
        1 + self.offers as u32 + self.needs as u32 + inner
    }

    /// Number of nodes.
    pub fn node_count(&self) -> usize {
        1 + self.offers + self.needs + self.forests.inner.len()
    }

    /// Cost of one unit of flow on edge `e` at `level`, to be minimised: the
    /// negative of a worth, or the cost itself. Fairness levels cost nothing.
    pub fn cost(&self, level: &Level, e: usize) -> i64 {
        let valid = self.valid;
        let worth = match self.kind(e) {
            EdgeKind::Service { arc, kept } => {
                let need = self.arcs.need[arc as usize];
                if kept && level.kind == LevelKind::Keep {
                    level.keep_coefficient(valid, need)
                } else {
                    // `build` has checked every coefficient against its range.
                    level.arc_coefficient(valid, &self.arcs, arc).unwrap_or(0)
                }
            }
            EdgeKind::Offer(_) => 0,
            EdgeKind::Need { need, from } => level.cover_coefficient(valid, need, from),
            EdgeKind::Inner { part, .. } if level.kind == LevelKind::Soft => match part {
                SoftPart::Within => 0,
                SoftPart::Below(each) => -each,
                SoftPart::Above(each) => each,
            },
            EdgeKind::Inner { .. } => 0,
        };
        match level.sense {
            Sense::Maximize => -worth,
            Sense::Minimize => worth,
        }
    }

    /// Flow on every edge when the service on each arc is `service`.
    ///
    /// Parts of one arc, need or inner node are filled in their order, which is
    /// optimal at every level because worth never grows from part to part.
    pub fn edge_flows(&self, service: &[i64]) -> Vec<i64> {
        let mut through = vec![0i64; self.node_count()];
        for (arc, &x) in service.iter().enumerate() {
            if x != 0 {
                let (offer, need) = (self.arcs.offer[arc], self.arcs.need[arc]);
                through[self.offer_node(offer) as usize] += x;
                through[self.need_node(need) as usize] += x;
                let ends = self.arc_ends(arc as u32);
                self.add_chain(ends.0, self.offer_node(offer), x, &mut through);
                self.add_chain(ends.1, self.need_node(need), x, &mut through);
            }
        }
        for o in 0..self.offers as u32 {
            let x = through[self.offer_node(o) as usize];
            let top = self.forests.over_offer.innermost(o);
            self.add_up(top, x, &mut through);
        }
        for n in 0..self.needs as u32 {
            let x = through[self.need_node(n) as usize];
            let top = self.forests.over_need.innermost(n);
            self.add_up(top, x, &mut through);
        }
        let mut flows = Vec::with_capacity(self.edge_count());
        flows.extend(service.iter().enumerate().map(|(e, &x)| x.min(self.edge(e).upper)));
        for &arc in &self.splits {
            flows.push(service[arc as usize] - flows[arc as usize]);
        }
        for (edge, kind) in &self.extra {
            let owner = match kind {
                EdgeKind::Offer(o) => self.offer_node(*o),
                EdgeKind::Need { need, .. } => self.need_node(*need),
                EdgeKind::Inner { inner, .. } => self.inner_node(*inner),
                EdgeKind::Service { .. } => ROOT,
            };
            let left = &mut through[owner as usize];
            let x = (*left).min(edge.upper);
            *left -= x;
            flows.push(x);
        }
        flows
    }

    /// Adds `x` to the sub-nodes from `node` up to (not including) `stop`.
    fn add_chain(&self, node: u32, stop: u32, x: i64, through: &mut [i64]) {
        let mut at = node;
        while at != stop {
            through[at as usize] += x;
            let inner = &self.forests.inner[(at - self.inner_node(0)) as usize];
            match inner.parent {
                Some(parent) => at = self.inner_node(parent),
                None => return,
            }
        }
    }

    fn add_up(&self, from: Option<u32>, x: i64, through: &mut [i64]) {
        let mut at = from;
        while let Some(inner) = at {
            through[self.inner_node(inner) as usize] += x;
            at = self.forests.inner[inner as usize].parent;
        }
    }

    /// Edges of an inner node towards the root: one, or the parts of a soft limit.
    pub fn inner_edges(&self, inner: u32) -> impl Iterator<Item = usize> + '_ {
        // Inner edges stand in the order of the inner nodes, after offers and needs.
        let of = |kind: &EdgeKind| match kind {
            EdgeKind::Inner { inner, .. } => i64::from(*inner),
            _ => -1,
        };
        let wanted = i64::from(inner);
        let start = self.extra.partition_point(|(_, kind)| of(kind) < wanted);
        self.extra[start..]
            .iter()
            .enumerate()
            .take_while(move |(_, (_, kind))| of(kind) == wanted)
            .map(move |(k, _)| self.first_extra() + start + k)
    }

    /// Edge of an offer from the root's side.
    pub fn offer_edge(&self, offer: u32) -> usize {
        self.first_extra() + offer as usize
    }

    /// Edges of a need towards the root, in the order of their parts.
    pub fn need_edges(&self, need: u32) -> impl Iterator<Item = usize> + '_ {
        let wanted = i64::from(need);
        let of = |kind: &EdgeKind| match kind {
            EdgeKind::Offer(_) => -1,
            EdgeKind::Need { need, .. } => i64::from(*need),
            _ => i64::MAX,
        };
        let start = self.extra.partition_point(|(_, kind)| of(kind) < wanted);
        self.extra[start..]
            .iter()
            .enumerate()
            .take_while(move |(_, (_, kind))| of(kind) == wanted)
            .map(move |(k, _)| self.first_extra() + start + k)
    }

    /// Name of an edge for messages, in the ledger's ids.
    pub fn edge_name(&self, e: usize) -> String {
        let ledger = self.valid.ledger();
        let (offers, needs) = (&ledger.offers, &ledger.needs);
        match self.kind(e) {
            EdgeKind::Service { arc, .. } => format!(
                "arc {}/{}",
                offers[self.arcs.offer[arc as usize] as usize].id,
                needs[self.arcs.need[arc as usize] as usize].id
            ),
            EdgeKind::Offer(o) => format!("offer {}", offers[o as usize].id),
            EdgeKind::Need { need, .. } => format!("need {}", needs[need as usize].id),
            EdgeKind::Inner { inner, .. } => self.inner_name(inner),
        }
    }

    /// Name of an inner node: the limit with its group, or the fairness group.
    pub fn inner_name(&self, inner: u32) -> String {
        match self.inner_of[inner as usize] {
            super::InnerOf::Row(k) => self.rows[k as usize].source.label(),
            super::InnerOf::Group(l, g) => match &self.levels[l as usize].kind {
                LevelKind::Fair(fair) => format!("fair[{}]", fair.groups[g as usize].name),
                _ => "fair".to_owned(),
            },
        }
    }

    /// Node above an inner node: its parent, its offer or need, or the root.
    pub fn above_inner(&self, inner: u32) -> u32 {
        let node = &self.forests.inner[inner as usize];
        match (node.parent, node.side) {
            (Some(parent), _) => self.inner_node(parent),
            (None, Side::SubSupply(offer)) => self.offer_node(offer),
            (None, Side::SubDemand(need)) => self.need_node(need),
            (None, Side::Supply | Side::Demand) => ROOT,
        }
    }
}
