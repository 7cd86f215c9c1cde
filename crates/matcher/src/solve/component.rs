//! One component and its simplex, kept warm from level to level.
//!
//! In: a component of the network. Out: flows and potentials in the network's own
//! numbering. Must not know other components.

use crate::control::{Limit, Watch};
use crate::decompose::Component;
use crate::error::{Code, Error, Issue};
use crate::flow::{CutSide, Problem, Simplex, Status};
use crate::network::{Level, Network, ROOT};

/// A component being solved. Local node 0 is the root, then `nodes` in order.
pub(super) struct State {
    nodes: Vec<u32>,
    pub(super) edges: Vec<u32>,
    pub(super) simplex: Simplex,
    infeasible: bool,
    has_flow: bool,
    limit: Option<Limit>,
    /// Whether the present level left any potential.
    priced: bool,
    /// A feasible flow from before floors were tried, for the case that a limit strikes
    /// while they cannot be met.
    kept: Option<Vec<i64>>,
}

impl State {
    /// Copies the component's edges into a circulation without supplies.
    ///
    /// # Errors
    /// Bounds that together leave the solver's range.
    pub(super) fn new(network: &Network, component: &Component) -> Result<Self, Error> {
        let edges = component.edges.clone();
        let mut problem = Problem {
            supply: vec![0; component.nodes.len() + 1],
            tail: Vec::with_capacity(edges.len()),
            head: Vec::with_capacity(edges.len()),
            lower: Vec::with_capacity(edges.len()),
            upper: Vec::with_capacity(edges.len()),
            cost: vec![0; edges.len()],
        };
        let dense =
            component.nodes.last().map_or(0, |&n| n as usize + 1) == component.nodes.len() + 1;
        let local = |node: u32| {
            if node == ROOT || dense {
                return node;
            }
            // A component names all nodes of its edges.
            component.nodes.binary_search(&node).map_or(0, |k| k as u32 + 1)
        };
        for &e in &edges {
            let edge = network.edge(e as usize);
            problem.tail.push(local(edge.tail));
            problem.head.push(local(edge.head));
            problem.lower.push(edge.lower);
            problem.upper.push(edge.upper);
        }
        let simplex = Simplex::new(problem).map_err(|error| {
            Error::Invalid(vec![Issue::new(Code::NumericOverflow, "offers", error.to_string())])
        })?;
        Ok(State {
            nodes: component.nodes.clone(),
            edges,
            simplex,
            infeasible: false,
            has_flow: false,
            limit: None,
            priced: false,
            kept: None,
        })
    }

    pub(super) fn is_infeasible(&self) -> bool {
        self.infeasible
    }

    pub(super) fn has_flow(&self) -> bool {
        self.has_flow
    }

    pub(super) fn limit(&self) -> Option<Limit> {
        self.limit
    }

    pub(super) fn work(&self) -> u64 {
        self.simplex.work()
    }

    /// Position in this component of the network's edge `e`.
    pub(super) fn local_edge(&self, e: usize) -> Option<usize> {
        self.edges.binary_search(&(e as u32)).ok()
    }

    /// The network's node with local number `local`; the root for 0.
    pub(super) fn node(&self, local: usize) -> u32 {
        if local == 0 { ROOT } else { self.nodes[local - 1] }
    }

    /// Runs the simplex under the watch; `None` when there is none or a limit struck.
    pub(super) fn run(&mut self, watch: &Watch) -> Option<Status> {
        if self.limit.is_some() {
            return None;
        }
        let simplex = &mut self.simplex;
        let mut struck = watch.exceeded(simplex.work());
        let status = if struck.is_some() {
            Status::Stopped
        } else {
            simplex.solve(&mut |progress| {
                struck = watch.exceeded(progress.work);
                struck.is_some()
            })
        };
        self.has_flow = simplex.is_feasible() || self.kept.is_some();
        if status == Status::Stopped {
            self.limit = struck.or(Some(Limit::Work));
            return None;
        }
        Some(status)
    }

    /// Looks for any flow within the bounds.
    pub(super) fn find_feasible(&mut self, watch: &Watch) {
        let status = self.run(watch);
        self.infeasible = status == Some(Status::Infeasible);
    }

    /// The side of the solver's cut that more must leave than can enter, by local node.
    pub(super) fn source_side(&self) -> Option<Vec<bool>> {
        let cut = self.simplex.cut()?;
        let flip = cut.side == CutSide::Surplus;
        Some(cut.nodes.iter().map(|&inside| inside != flip).collect())
    }

    /// The same as nodes of the network. With the root, everything beyond this
    /// component belongs to the side, for nothing else of it is cut.
    pub(super) fn cut_nodes(&self, network: &Network) -> Vec<u32> {
        let inside = self.source_side().unwrap_or_default();
        let with_root = inside.first().copied().unwrap_or(false);
        let mut side = vec![with_root; network.node_count()];
        for (k, &inside) in inside.iter().enumerate() {
            side[self.node(k) as usize] = inside;
        }
        (0..side.len() as u32).filter(|&n| side[n as usize]).collect()
    }

    /// Remembers the present flow, if it is feasible, until [`State::forget_flow`].
    pub(super) fn keep_flow(&mut self) {
        self.kept = self.simplex.is_feasible().then(|| self.simplex.flows());
    }

    /// Drops the remembered flow once the simplex has a feasible one again.
    pub(super) fn forget_flow(&mut self) {
        if self.simplex.is_feasible() {
            self.kept = None;
        }
    }

    /// Optimises one level and, if asked, keeps its optimal face.
    pub(super) fn solve_level(
        &mut self,
        network: &Network,
        level: &Level,
        watch: &Watch,
        keep_face: bool,
    ) {
        self.priced = false;
        if self.limit.is_some() || !self.has_flow {
            return;
        }
        let edges = &self.edges;
        let mut any = false;
        self.simplex.set_costs(|k| {
            let cost = network.cost(level, edges[k] as usize);
            any |= cost != 0;
            cost
        });
        if !any {
            return;
        }
        self.priced = true;
        if self.run(watch) == Some(Status::Optimal) && keep_face {
            self.simplex.fix_face();
        }
    }

    /// Confines the flow to the optimal face of the level just solved, if it was.
    pub(super) fn fix_face(&mut self) {
        if self.priced && self.simplex.status() == Some(Status::Optimal) {
            self.simplex.fix_face();
        }
    }

    /// Cost of the present flow at the level just solved; `None` if it is not optimal.
    pub(super) fn optimum(&self, network: &Network, level: &Level) -> Option<i128> {
        if self.limit.is_some() { None } else { self.cost(network, level) }
    }

    /// Cost of the present flow at a level; `None` without a flow.
    pub(super) fn cost(&self, network: &Network, level: &Level) -> Option<i128> {
        if !self.has_flow {
            return None;
        }
        let cost = |(k, &e): (usize, &u32)| {
            i128::from(network.cost(level, e as usize)) * i128::from(self.simplex.flow(k))
        };
        Some(self.edges.iter().enumerate().map(cost).sum())
    }

    pub(super) fn has_node(&self, node: u32) -> bool {
        self.nodes.binary_search(&node).is_ok()
    }

    /// Writes this component's flows into the network's vector.
    pub(super) fn write_flows(&self, flows: &mut [i64]) {
        let kept = self.kept.as_ref().filter(|_| !self.simplex.is_feasible());
        for (k, &e) in self.edges.iter().enumerate() {
            flows[e as usize] = kept.map_or_else(|| self.simplex.flow(k), |flows| flows[k]);
        }
    }

    /// Writes the potentials of the present level, the root at 0; whether there are any.
    pub(super) fn write_potentials(&self, all: &mut [i128]) -> bool {
        if !self.priced {
            return false;
        }
        let root = self.simplex.potential(0);
        let mut any = false;
        for (k, &node) in self.nodes.iter().enumerate() {
            let potential = self.simplex.potential(k + 1) - root;
            any |= potential != 0;
            all[node as usize] = potential;
        }
        any
    }
}
