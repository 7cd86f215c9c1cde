//! What comes in: a tree and arc states that may no longer fit bounds and supplies, or never did.
//! What goes out: a strongly feasible tree for the present bounds, with artificial arcs where
//! the old tree arcs cannot carry what they must.
//! Must not know: costs. Cold start and warm start are the same code: the cold tree is a star.
//! Rejected: dual simplex repair (it needs optimal potentials to begin with, so it fails after
//! combined changes of costs and bounds).

use super::problem::{INFINITE, INFINITE_RESIDUAL};
use super::simplex::{Simplex, state};
use super::tree::{ARTIFICIAL, Tree};

impl Simplex {
    /// Recomputes the flow on the tree from the leaves up.
    ///
    /// A tree arc that would break a bound, or could not send more towards the root, is put at
    /// the bound and leaves; its subtree then hangs on the root by an artificial arc that carries
    /// the difference. O(nodes + arcs). Supplies must add up to zero.
    pub(super) fn repair(&mut self) {
        let root = self.tree.root();
        let mut excess = self.problem.supply.clone();
        excess.push(0);
        for a in 0..self.problem.arcs() {
            let flow = match self.states[a] & !state::FIXED {
                state::TREE => continue,
                state::UPPER if self.problem.upper[a] < INFINITE => self.problem.upper[a],
                _ => {
                    self.states[a] &= !state::UPPER;
                    self.problem.lower[a]
                }
            };
            // All sums here are partial sums of the magnitude limit's.
            if flow != 0 {
                excess[self.problem.tail[a] as usize] -= flow;
                excess[self.problem.head[a] as usize] += flow;
            }
        }
        let mut v = self.tree.links[root as usize].prev;
        while v != root {
            let above = self.tree.links[v as usize].prev;
            let carried = self.settle(v, excess[v as usize]);
            let parent = self.tree.nodes[v as usize].parent;
            excess[parent as usize] += carried.unwrap_or(excess[v as usize]);
            if let Some(carried) = carried {
                self.hang_on_root(v, excess[v as usize] - carried);
            }
            v = above;
        }
        self.tree.rebuild_order();
        self.dirty = false;
    }

    /// Sets the flow on the arc above `v` so that `excess` leaves it upwards. If that cannot be,
    /// makes the arc nonbasic and tells what it carries up at its bound.
    fn settle(&mut self, v: u32, excess: i64) -> Option<i64> {
        let node = &mut self.tree.nodes[v as usize];
        if node.arc() == ARTIFICIAL {
            self.hang_on_root(v, excess);
            return None;
        }
        let (a, up) = (node.arc() as usize, node.up());
        let (lower, upper) = (self.problem.lower[a], self.problem.upper[a]);
        let width = self.problem.width(a);
        let wanted = if up { excess } else { -excess };
        let at_upper = wanted >= upper && upper < INFINITE;
        let sends_on = if up { !at_upper } else { wanted > lower };
        if wanted >= lower && !(wanted > upper && upper < INFINITE) && sends_on {
            let used = wanted - lower;
            let (ahead, back) = (width - used, used);
            (node.res_up, node.res_down) = if up { (ahead, back) } else { (back, ahead) };
            return None;
        }
        self.states[a] = if at_upper { state::UPPER } else { state::LOWER };
        let flow = if at_upper { upper } else { lower };
        Some(if up { flow } else { -flow })
    }

    /// Joins `v` to the root by an artificial arc that takes `excess` (or brings its negative).
    fn hang_on_root(&mut self, v: u32, excess: i64) {
        let root = self.tree.root();
        let node = &mut self.tree.nodes[v as usize];
        let up = excess >= 0;
        node.parent = root;
        node.pred = ARTIFICIAL * 2 + u32::from(up);
        let (ahead, back) = (INFINITE_RESIDUAL - excess.abs(), excess.abs());
        (node.res_up, node.res_down) = if up { (ahead, back) } else { (back, ahead) };
    }

    /// Forgets the basis: the next solve starts cold. A fixed face is released.
    pub fn reset(&mut self) {
        self.states.fill(state::LOWER);
        self.tree = Tree::star(self.problem.nodes(), INFINITE_RESIDUAL);
        self.dirty = true;
        self.forget_status();
    }
}
