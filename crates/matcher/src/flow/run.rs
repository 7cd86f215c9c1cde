//! What comes in: the basis at rest (arc states, a tree over arc numbers).
//! What goes out: the basis after a run of one phase, written back, with its potentials.
//! Must not know: which phase follows; the pivots themselves.
//! The run's arrays (residual arcs, their order) are built for each run and dropped: that costs
//! a few milliseconds per million arcs, keeps the memory at rest at one byte per arc, and leaves
//! no second copy of costs to go stale.

use super::Progress;
use super::certificate::Cycle;
use super::engine::{Engine, Outcome};
use super::number::{Index, Number};
use super::pricing::{Pricing, Residual, order};
use super::simplex::{Simplex, state};
use super::tree::ARTIFICIAL;

/// What a run minimises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Cost plus a high price on artificial flow.
    Composite,
    /// Artificial flow alone.
    Feasibility,
    /// Cost; artificial arcs carry nothing and keep to that.
    Cost,
}

/// How a run ended, number widths settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// Nothing can enter.
    Optimal,
    /// A cycle without limit, kept in the simplex unless it used artificial arcs.
    Unbounded,
    /// The caller stopped it.
    Stopped,
}

/// What pivoting starts from.
struct Prepared<P, I> {
    /// Residual arcs in pricing order.
    arcs: Vec<Residual<P, I>>,
    /// Each node's tree arc as a position among them, with its direction as in the tree.
    preds: Vec<u32>,
}

impl Simplex {
    /// Runs one phase in the narrowest integers that hold its numbers.
    pub(super) fn run(&mut self, phase: Phase, stop: &mut dyn FnMut(Progress) -> bool) -> Ending {
        let mut width = self.first_width;
        loop {
            let small = self.tree.nodes.len() <= <u16 as Index>::TABLE;
            let outcome = match width {
                0 if small => self.run_with::<i32, u16>(phase, stop),
                0 => self.run_with::<i32, u32>(phase, stop),
                1 => self.run_with::<i64, u32>(phase, stop),
                _ => self.run_with::<i128, u32>(phase, stop),
            };
            match outcome {
                Outcome::Optimal => return Ending::Optimal,
                Outcome::Unbounded(_) => return Ending::Unbounded,
                Outcome::Stopped => return Ending::Stopped,
                // 128 bits hold every potential: 2^31 costs of 2^63.
                Outcome::TooWide => width += 1,
            }
        }
    }

    /// Arcs that may move: not fixed, not loops, with room between their bounds or in the tree.
    fn open_arcs(&self) -> Vec<u32> {
        let p = &self.problem;
        let open = |a: &usize| {
            self.states[*a] < state::FIXED && p.lower[*a] < p.upper[*a] && p.tail[*a] != p.head[*a]
        };
        (0..p.arcs()).filter(open).map(|a| a as u32).collect()
    }

    /// Cost of the artificial arcs that bring missing flow.
    fn artificial_cost<P: Number>(&self, phase: Phase, largest: i128) -> Option<P> {
        match phase {
            Phase::Cost => Some(P::default()),
            Phase::Feasibility => P::narrow(1),
            Phase::Composite => {
                let sure = (largest + 1) * (self.problem.nodes() as i128 + 1);
                P::narrow(sure.min(P::LIMIT.wide() / 4))
            }
        }
    }

    fn run_with<P: Number, I: Index>(
        &mut self,
        phase: Phase,
        stop: &mut dyn FnMut(Progress) -> bool,
    ) -> Outcome {
        let open = self.open_arcs();
        let order = order(&open, self.problem.nodes());
        let largest = open.iter().map(|&a| self.problem.cost[a as usize].unsigned_abs()).max();
        let largest = i128::from(largest.unwrap_or(0));
        drop(open);
        // Room for a price well above the costs, and for paths of a few arcs.
        if phase != Phase::Feasibility && largest >= P::LIMIT.wide() / 64 {
            return Outcome::TooWide;
        }
        let Some(artificial_cost) = self.artificial_cost::<P>(phase, largest) else {
            return Outcome::TooWide;
        };
        let Some(Prepared { arcs, preds }) = self.residuals::<P, I>(phase, &order) else {
            return Outcome::TooWide;
        };
        for (node, pred) in self.tree.nodes.iter_mut().zip(preds) {
            node.pred = pred;
        }
        let mut engine = Engine {
            problem: &self.problem,
            tree: &mut self.tree,
            pi: Vec::new(),
            pricing: Pricing::new(arcs, order),
            progress: &mut self.progress,
        };
        let outcome = if engine.compute_potentials(artificial_cost) {
            engine.run(stop)
        } else {
            Outcome::TooWide
        };
        let cycle = match outcome {
            Outcome::Unbounded(position) => engine.cycle_through(position),
            _ => None,
        };
        let Engine { pi, pricing, .. } = engine;
        self.cycle = cycle;
        self.write_back(&pricing, &pi);
        outcome
    }

    /// Residual arcs in the given order; `None` if a cost is too large for `P`.
    fn residuals<P: Number, I: Index>(
        &self,
        phase: Phase,
        order: &[u32],
    ) -> Option<Prepared<P, I>> {
        let p = &self.problem;
        let mut preds: Vec<u32> =
            self.tree.nodes.iter().map(|v| ARTIFICIAL * 2 + u32::from(v.up())).collect();
        let mut arcs = Vec::with_capacity(order.len());
        for (position, &id) in order.iter().enumerate() {
            let a = id as usize;
            let (from, to) = (p.tail[a], p.head[a]);
            let cost = match phase {
                Phase::Feasibility => P::default(),
                _ => P::narrow(i128::from(p.cost[a]))?,
            };
            let arc = Residual { from: I::of(from), to: I::of(to), cost };
            arcs.push(if self.states[a] == state::UPPER { arc.turned() } else { arc });
            if self.states[a] == state::TREE {
                let up = self.tree.nodes[from as usize].pred == id * 2 + 1;
                let child = if up { from } else { to };
                preds[child as usize] = position as u32 * 2 + u32::from(up);
            }
        }
        Some(Prepared { arcs, preds })
    }

    /// Puts arc numbers back into the tree, and states and potentials in place.
    fn write_back<P: Number, I: Index>(&mut self, pricing: &Pricing<P, I>, pi: &[P]) {
        for (arc, &id) in pricing.arcs.iter().zip(&pricing.ids) {
            let at_lower = arc.from.node() == self.problem.tail[id as usize];
            self.states[id as usize] = if at_lower { state::LOWER } else { state::UPPER };
        }
        for node in &mut self.tree.nodes {
            if let Some(&id) = pricing.ids.get(node.arc() as usize) {
                self.states[id as usize] = state::TREE;
                node.pred = id * 2 + u32::from(node.up());
            }
        }
        let pi = pi.get(..self.tree.nodes.len()).unwrap_or_default();
        let root = pi.last().map_or(0, |p| p.wide());
        self.potentials.clear();
        self.potentials.extend(pi.iter().map(|p| p.wide() - root));
        self.potentials.resize(self.tree.nodes.len(), 0);
    }
}

impl<P: Number, I: Index> Engine<'_, P, I> {
    /// The cycle closed by the residual arc at `position`, as arcs with their direction; `None`
    /// if it passes artificial arcs.
    fn cycle_through(&self, position: usize) -> Option<Cycle> {
        let entering = self.pricing.arcs[position];
        let id = self.pricing.ids[position];
        let mut arcs = vec![(id, self.problem.tail[id as usize] == entering.from.node())];
        let nodes = &self.tree.nodes;
        let (mut u, mut v) = (entering.from.node(), entering.to.node());
        while u != v {
            // Towards the sender the cycle runs down, from the receiver it runs up.
            let sender = nodes[u as usize].size < nodes[v as usize].size;
            let node = &nodes[if sender { u } else { v } as usize];
            let id = *self.pricing.ids.get(node.arc() as usize)?;
            arcs.push((id, node.up() != sender));
            *(if sender { &mut u } else { &mut v }) = node.parent;
        }
        Some(Cycle { arcs })
    }
}
