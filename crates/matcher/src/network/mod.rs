//! From a valid ledger to a flow network: arcs, forests of limits, edges, levels,
//! and the list of what does not fit.
//!
//! In: [`ValidLedger`]. Out: [`Network`], read by decomposition, solver, checker and
//! explanations alike. Must not know any of them. Limits that nest become inner
//! nodes with bounds; what crosses or counts in binaries becomes a [`Feature`].
//! Rejected: a generic row matrix (it would hide what is integral by itself), and
//! materialised edges for service arcs (16 bytes an arc instead of 40).

mod arcs;
mod build;
mod edges;
mod facts;
mod features;
mod forest;
mod laminar;
mod levels;
mod program;
mod rows;
mod select;

pub use arcs::{Arcs, Funnel, funnel};
pub use build::build;
pub use edges::{Edge, EdgeKind, ROOT, SoftPart};
pub use facts::{ArcFacts, Commitments, Facts};
pub use features::{Feature, uniform_consumption};
pub use forest::{Forests, Inner, Side};
pub use levels::{Fair, FairGroup, Level, LevelKind, Sense, breakpoints};
pub(crate) use program::floor_of;
pub use program::{Column, Form, Group, Line, Meaning, Program, Worth, program};
pub use rows::{Row, RowSource, rows};
pub use select::{Selection, Selector};

pub use crate::ledger::FairForm;
use crate::validate::ValidLedger;

/// What an inner node of the forests stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InnerOf {
    /// Position in [`Network::rows`].
    Row(u32),
    /// Group of a fairness level: (position in [`Network::levels`], position of the group).
    Group(u32, u32),
}

/// A ledger lowered to a flow network.
///
/// Nodes: the root 0, then offers, needs (both in canonical order), then the inner
/// nodes of the forests. Edges: see [`Network::edge`].
#[derive(Debug)]
pub struct Network<'a> {
    /// The ledger it was made from.
    pub valid: &'a ValidLedger,
    /// Admissible pairs.
    pub arcs: Arcs,
    /// Every bound of the ledger, one row a group.
    pub rows: Vec<Row>,
    /// Levels of the lexicographic order.
    pub levels: Vec<Level>,
    /// What no network can hold.
    pub features: Vec<Feature>,
    /// Inner nodes.
    pub forests: Forests,
    /// What each inner node stands for.
    pub inner_of: Vec<InnerOf>,
    /// Misses of soft limits before any service is given (10^12 parts), by the inner node
    /// that stands for the limit (`None`: nothing can change them): what the flow saves
    /// is taken off, what it exceeds is put on.
    pub soft_constants: Vec<(Option<u32>, i128)>,
    /// Fairness levels whose groups no forest holds, ascending.
    fair_beside: Vec<u32>,
    offers: usize,
    needs: usize,
    keeps: bool,
    /// Arcs whose standing quantity is smaller than their bound, ascending.
    splits: Vec<u32>,
    extra: Vec<(Edge, EdgeKind)>,
}

impl Network<'_> {
    /// Number of offers.
    pub fn offer_count(&self) -> usize {
        self.offers
    }

    /// Number of needs.
    pub fn need_count(&self) -> usize {
        self.needs
    }

    /// Edges that are not service arcs or their parts: `first..edge_count()`.
    pub fn first_extra(&self) -> usize {
        self.arcs.len() + self.splits.len()
    }

    /// Service on each arc, from the flow on each edge.
    pub fn service(&self, flows: &[i64]) -> Vec<i64> {
        let mut service = flows[..self.arcs.len()].to_vec();
        for (k, &arc) in self.splits.iter().enumerate() {
            service[arc as usize] += flows[self.arcs.len() + k];
        }
        service
    }

    /// Whether the groups of a fairness level are inner nodes of the network, so that it
    /// can be solved and proved there.
    pub fn fair_in_network(&self, level: usize) -> bool {
        self.fair_beside.binary_search(&(level as u32)).is_err()
    }

    /// Misses of soft limits before any service, for the limits whose nodes are `inside`;
    /// 0 for other levels.
    pub fn soft_constant_in(&self, level: &Level, inside: impl Fn(u32) -> bool) -> i128 {
        if level.kind != LevelKind::Soft {
            return 0;
        }
        let constants = self.soft_constants.iter();
        constants.filter(|(node, _)| node.is_some_and(&inside)).map(|&(_, missed)| missed).sum()
    }

    /// Second part of a split arc: its edge, if the arc is split.
    pub fn second_part(&self, arc: u32) -> Option<usize> {
        self.splits.binary_search(&arc).ok().map(|k| self.arcs.len() + k)
    }
}
