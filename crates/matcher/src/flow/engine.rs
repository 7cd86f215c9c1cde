//! What comes in: a feasible tree (perhaps with artificial arcs), residual arcs to price.
//! What goes out: the same tree after as many pivots as it takes to make no arc enter, or the
//! reason to leave off: unbounded, stopped, or numbers too large for this width.
//! Must not know: phases, bounds as the caller sees them, arc states.
//! The leaving arc is the last blocking one when the cycle is walked from its apex in the
//! direction of the push (W. H. Cunningham, "A network simplex method", 1976). Every node can
//! then always send a little more to the root, and no cycling is possible.

use super::number::{Index, Number};
use super::pricing::Pricing;
use super::problem::{INFINITE_RESIDUAL, UNBOUNDED_FROM};
use super::tree::{Joint, Tree};
use super::{Problem, Progress};

/// Why the pivoting ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// No arc has a negative reduced cost.
    Optimal,
    /// Pushing on the residual arc at this position meets no bound.
    Unbounded(usize),
    /// The caller asked to stop.
    Stopped,
    /// A potential outgrew the number type; the tree is valid.
    TooWide,
}

/// Tree, potentials and pricing list of one run, over one number type.
#[derive(Debug)]
pub(super) struct Engine<'a, P, I> {
    /// Bounds of the arcs.
    pub problem: &'a Problem,
    /// The tree; its arcs are positions in the pricing list.
    pub tree: &'a mut Tree,
    /// Potentials, the root's last.
    pub pi: Vec<P>,
    /// The residual arcs.
    pub pricing: Pricing<P, I>,
    /// Counters, carried from run to run.
    pub progress: &'a mut Progress,
}

/// Pivots between two polls of the caller's stop function.
const POLL_PIVOTS: u64 = 1000;
/// Work units between two polls.
const POLL_WORK: u64 = 1 << 21;

/// The cycle an entering arc closes.
struct Cycle {
    join: u32,
    delta: i64,
    /// Node above which the leaving arc lies; `None` if the entering arc itself blocks.
    leave: Option<u32>,
    /// Whether that node lies on the sender's side.
    sender_side: bool,
    steps: u64,
}

impl<P: Number, I: Index> Engine<'_, P, I> {
    /// Pivots until an [`Outcome`]. Terminates for any input.
    pub fn run(&mut self, stop: &mut dyn FnMut(Progress) -> bool) -> Outcome {
        let (mut next_pivots, mut next_work) =
            (self.progress.pivots + POLL_PIVOTS, self.progress.work + POLL_WORK);
        let mut priced_before = self.pricing.priced;
        while let Some(position) = self.pricing.search(&self.pi) {
            self.progress.work += self.pricing.priced - priced_before;
            priced_before = self.pricing.priced;
            if let Some(outcome) = self.pivot(position) {
                return outcome;
            }
            self.progress.pivots += 1;
            if self.progress.pivots >= next_pivots || self.progress.work >= next_work {
                if stop(*self.progress) {
                    return Outcome::Stopped;
                }
                next_pivots = self.progress.pivots + POLL_PIVOTS;
                next_work = self.progress.work + POLL_WORK;
            }
        }
        self.progress.work += self.pricing.priced - priced_before;
        Outcome::Optimal
    }

    /// Finds apex, push and leaving arc in one walk up from both ends.
    ///
    /// The smaller subtree cannot contain the other end's node, so its top may always step up.
    fn cycle(&self, from: u32, to: u32, width: i64) -> Cycle {
        let nodes = &self.tree.nodes[..];
        let (mut u, mut v) = (from, to);
        let (mut at_u, mut at_v) = (nodes[u as usize], nodes[v as usize]);
        // Sender's side: nearest to the sender wins ties, and loses them to the entering arc.
        let (mut least_u, mut leave_u) = (width, u32::MAX);
        // Receiver's side: nearest to the apex wins ties, also over everything else.
        let (mut least_v, mut leave_v) = (i64::MAX, u32::MAX);
        let mut steps = 0;
        while u != v {
            steps += 1;
            if at_u.size < at_v.size {
                if at_u.res_down < least_u {
                    least_u = at_u.res_down;
                    leave_u = u;
                }
                u = at_u.parent;
                at_u = nodes[u as usize];
            } else {
                if at_v.res_up <= least_v {
                    least_v = at_v.res_up;
                    leave_v = v;
                }
                v = at_v.parent;
                at_v = nodes[v as usize];
            }
        }
        if least_v <= least_u {
            Cycle { join: u, delta: least_v, leave: Some(leave_v), sender_side: false, steps }
        } else {
            let leave = (leave_u != u32::MAX).then_some(leave_u);
            Cycle { join: u, delta: least_u, leave, sender_side: true, steps }
        }
    }

    /// Sends `delta` once round the cycle, the entering arc excepted.
    fn push(&mut self, from: u32, to: u32, join: u32, delta: i64) {
        let nodes = &mut self.tree.nodes[..];
        let mut u = from;
        while u != join {
            let node = &mut nodes[u as usize];
            // Residuals stay within 0..=2^62, as their sum per arc is constant.
            node.res_down = node.res_down.wrapping_sub(delta);
            node.res_up = node.res_up.wrapping_add(delta);
            u = node.parent;
        }
        let mut v = to;
        while v != join {
            let node = &mut nodes[v as usize];
            node.res_up = node.res_up.wrapping_sub(delta);
            node.res_down = node.res_down.wrapping_add(delta);
            v = node.parent;
        }
    }

    /// Lets the residual arc at `position` enter. `None` if all went well.
    fn pivot(&mut self, position: usize) -> Option<Outcome> {
        let entering = self.pricing.arcs[position];
        let id = self.pricing.ids[position] as usize;
        let width = self.problem.width(id);
        let (from, to) = (entering.from.node(), entering.to.node());
        let cycle = self.cycle(from, to, width);
        if cycle.delta >= UNBOUNDED_FROM {
            return Some(Outcome::Unbounded(position));
        }
        self.progress.work += cycle.steps;
        if cycle.delta > 0 {
            self.push(from, to, cycle.join, cycle.delta);
        }
        let Some(top) = cycle.leave else {
            // From one bound to the other: the residual arc turns round.
            self.pricing.arcs[position] = entering.turned();
            return None;
        };
        self.release(top, cycle.sender_side);

        let reduced = entering.reduced(&self.pi);
        // In the direction of the residual arc `width - delta` is left, against it `delta`.
        let (ahead, back) = (width.wrapping_sub(cycle.delta), cycle.delta);
        let starts_at = |node: u32| u32::from(self.problem.tail[id] == node);
        let (joint, shift) = if cycle.sender_side {
            let pred = position as u32 * 2 + starts_at(from);
            let joint = Joint { child: from, parent: to, pred, res_up: ahead, res_down: back };
            (joint, P::default().minus(reduced))
        } else {
            let pred = position as u32 * 2 + starts_at(to);
            let joint = Joint { child: to, parent: from, pred, res_up: back, res_down: ahead };
            (joint, reduced)
        };
        self.tree.rehang(top, cycle.join, joint);
        if self.shift(joint.child, shift) >= P::LIMIT && !self.normalise() {
            return Some(Outcome::TooWide);
        }
        None
    }

    /// Writes the arc above `top` back to the pricing list, turned the way it still can carry
    /// flow: up if the push emptied its way down (sender's side), else down.
    fn release(&mut self, top: u32, up: bool) {
        let node = self.tree.nodes[top as usize];
        // An artificial arc has no position: it disappears for good.
        if let Some(arc) = self.pricing.arcs.get_mut(node.arc() as usize) {
            let from = if up { top } else { node.parent };
            if arc.from.node() != from {
                *arc = arc.turned();
            }
        }
    }
}

/// The amount on an artificial arc, given what can still flow on it.
pub(super) fn artificial_flow(node: &super::tree::Node) -> i64 {
    if node.up() { INFINITE_RESIDUAL - node.res_up } else { INFINITE_RESIDUAL - node.res_down }
}
