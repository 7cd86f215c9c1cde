//! What comes in: the basis at rest.
//! What goes out: flows, potentials, reduced costs, and the basis itself to keep and reload.
//! Must not know: how they were found.

use super::problem::INFINITE;
use super::simplex::{Simplex, Status, state};
use super::tree::{ARTIFICIAL, Tree};
use std::fmt;

/// A basis to start from again: the tree and the bound at which each other arc stands.
///
/// Valid for any problem with the same nodes and arcs, whatever its costs, bounds and supplies.
/// Eight bytes per node and one per arc.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basis {
    parents: Vec<u32>,
    preds: Vec<u32>,
    states: Vec<u8>,
}

/// Why a [`Basis`] does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BasisError {
    /// It is of a problem with other numbers of nodes or arcs.
    Shape,
    /// It names an arc that does not join the two nodes it should.
    Mismatch {
        /// The node below the arc.
        node: usize,
    },
}

impl fmt::Display for BasisError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shape => write!(f, "the basis is of a problem of another size"),
            Self::Mismatch { node } => write!(f, "the basis does not fit the arcs at node {node}"),
        }
    }
}

impl std::error::Error for BasisError {}

impl Simplex {
    /// Flow on `arc`, as of the last solve (bounds of then). O(1).
    ///
    /// # Panics
    /// If there is no such arc.
    #[must_use]
    pub fn flow(&self, arc: usize) -> i64 {
        let lower = self.problem.lower[arc];
        match self.states[arc] & !state::FIXED {
            state::LOWER => lower,
            state::UPPER => self.problem.upper[arc],
            _ => {
                let tail = &self.tree.nodes[self.problem.tail[arc] as usize];
                if tail.pred == arc as u32 * 2 + 1 {
                    lower + tail.res_down
                } else {
                    lower + self.tree.nodes[self.problem.head[arc] as usize].res_up
                }
            }
        }
    }

    /// All flows, one per arc. O(arcs).
    #[must_use]
    pub fn flows(&self) -> Vec<i64> {
        (0..self.problem.arcs()).map(|a| self.flow(a)).collect()
    }

    /// The flow at which `arc` is fixed by [`Simplex::fix_face`], if it is. O(1).
    ///
    /// # Panics
    /// If there is no such arc.
    #[must_use]
    pub fn fixed_flow(&self, arc: usize) -> Option<i64> {
        (self.states[arc] & state::FIXED != 0).then(|| self.flow(arc))
    }

    /// Potential of `node` in units of cost, zero at an artificial root; as of the last solve.
    /// O(1).
    ///
    /// # Panics
    /// If there is no such node.
    #[must_use]
    pub fn potential(&self, node: usize) -> i128 {
        assert!(node < self.problem.nodes(), "no node {node}");
        self.potentials[node]
    }

    /// `cost + potential(tail) - potential(head)` of `arc`. At an optimum, positive only where
    /// the flow is at its lower bound (or fixed), negative only at its upper. O(1).
    ///
    /// # Panics
    /// If there is no such arc.
    #[must_use]
    pub fn reduced_cost(&self, arc: usize) -> i128 {
        let (tail, head) = (self.problem.tail[arc], self.problem.head[arc]);
        i128::from(self.problem.cost[arc]) + self.potentials[tail as usize]
            - self.potentials[head as usize]
    }

    /// Whether the present flow satisfies all bounds and supplies. O(nodes).
    #[must_use]
    pub fn is_feasible(&self) -> bool {
        let balance: i128 = self.problem.supply.iter().map(|&b| i128::from(b)).sum();
        !self.dirty && balance == 0 && self.artificial_total() == 0
    }

    /// Restricts the problem to its optimal face, so that the next costs are minimised among the
    /// optima of these: lexicographic optimisation without weights, from the same basis.
    ///
    /// By complementary slackness every optimal flow has each arc of non-zero reduced cost at the
    /// bound where it stands now, and any feasible flow that does is optimal. Those arcs are
    /// fixed (and no longer priced) until [`Simplex::release_face`]. The bounds in the problem
    /// stay as they are.
    ///
    /// Returns how many arcs are left to move, `None` (and nothing done) unless the last call
    /// was a solve that ended [`Status::Optimal`]. O(arcs).
    pub fn fix_face(&mut self) -> Option<usize> {
        if self.status() != Some(Status::Optimal) {
            return None;
        }
        let mut open = 0;
        for a in 0..self.problem.arcs() {
            if self.states[a] < state::FIXED {
                if self.reduced_cost(a) != 0 {
                    self.states[a] |= state::FIXED;
                } else if self.problem.lower[a] < self.problem.upper[a] {
                    open += 1;
                }
            }
        }
        Some(open)
    }

    /// Frees every arc fixed by [`Simplex::fix_face`]; basis and flow stay. O(arcs).
    pub fn release_face(&mut self) {
        for s in &mut self.states {
            *s &= !state::FIXED;
        }
        self.forget_status();
    }

    /// A copy of the present basis. O(nodes + arcs).
    #[must_use]
    pub fn basis(&self) -> Basis {
        Basis {
            parents: self.tree.nodes.iter().map(|v| v.parent).collect(),
            preds: self.tree.nodes.iter().map(|v| v.pred).collect(),
            states: self.states.iter().map(|s| s & !state::FIXED).collect(),
        }
    }

    /// Takes a basis over; the next solve fits it to bounds and supplies. A fixed face is
    /// released. O(nodes + arcs).
    ///
    /// # Errors
    /// [`BasisError`] if it is of another network; the present basis stays then.
    pub fn load_basis(&mut self, basis: &Basis) -> Result<(), BasisError> {
        let n = self.problem.nodes();
        if basis.parents.len() != n + 1 || basis.states.len() != self.problem.arcs() {
            return Err(BasisError::Shape);
        }
        let mut tree = Tree::star(n, 0);
        let mut in_tree = 0;
        for node in 0..n {
            let (pred, parent) = (basis.preds[node], basis.parents[node]);
            let arc = (pred >> 1) as usize;
            let fits = if pred >> 1 == ARTIFICIAL {
                parent as usize == n
            } else {
                in_tree += 1;
                let ends =
                    if pred & 1 == 1 { (node as u32, parent) } else { (parent, node as u32) };
                basis.states.get(arc) == Some(&state::TREE)
                    && ends == (self.problem.tail[arc], self.problem.head[arc])
            };
            if !fits {
                return Err(BasisError::Mismatch { node });
            }
            tree.nodes[node].parent = parent;
            tree.nodes[node].pred = pred;
        }
        // As many tree arcs as states say, each above one node, and no node off the root's tree.
        if in_tree != basis.states.iter().filter(|&&s| s == state::TREE).count()
            || tree.rebuild_order() != n + 1
        {
            return Err(BasisError::Shape);
        }
        self.tree = tree;
        self.states.clone_from(&basis.states);
        for a in 0..self.problem.arcs() {
            if self.states[a] == state::UPPER && self.problem.upper[a] >= INFINITE {
                self.states[a] = state::LOWER;
            }
        }
        self.dirty = true;
        self.forget_status();
        Ok(())
    }
}
