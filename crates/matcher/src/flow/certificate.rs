//! What comes in: a set of nodes, a cycle, potentials.
//! What goes out: the numbers that prove infeasibility, unboundedness or closeness to the
//! optimum, added up from the problem alone.
//! Must not know: the basis. A reader who trusts none of the solver can check with these.

use super::problem::{INFINITE, Problem};
use super::simplex::Simplex;

/// Which side of Hoffman's condition a [`Cut`] violates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CutSide {
    /// More must leave the set than its outgoing arcs can carry.
    Surplus,
    /// More must enter the set than its incoming arcs can carry.
    Shortage,
}

/// A set of nodes that no feasible flow can satisfy.
///
/// Source of the condition: A. J. Hoffman, "Some recent applications of the theory of linear
/// inequalities to extremal combinatorial analysis" (1960).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// Membership, one entry per node.
    pub nodes: Vec<bool>,
    /// The side that is violated.
    pub side: CutSide,
}

impl Cut {
    /// By how many units the condition is violated; positive for a valid cut.
    ///
    /// Surplus: `supply(W) + lower(into W) - upper(out of W)`; shortage: the same with supply
    /// negated and in and out exchanged. `None` if an unbounded arc leaves (enters) the set,
    /// which makes it no proof, or if the cut is of another problem's size. O(nodes + arcs).
    #[must_use]
    pub fn violation(&self, problem: &Problem) -> Option<i128> {
        if self.nodes.len() != problem.nodes() {
            return None;
        }
        let sign = if self.side == CutSide::Surplus { 1 } else { -1 };
        let inside = |v: u32| self.nodes[v as usize];
        let supplies = problem.supply.iter().zip(&self.nodes).filter(|(_, inside)| **inside);
        let mut sum: i128 = supplies.map(|(&b, _)| sign * i128::from(b)).sum();
        for a in 0..problem.arcs() {
            let (tail, head) = (inside(problem.tail[a]), inside(problem.head[a]));
            if tail == head {
                continue;
            }
            if head == (self.side == CutSide::Surplus) {
                sum += i128::from(problem.lower[a]);
            } else if problem.upper[a] >= INFINITE {
                return None;
            } else {
                sum -= i128::from(problem.upper[a]);
            }
        }
        Some(sum)
    }
}

/// A cycle on which flow can be pushed without limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cycle {
    /// Arcs in no particular order; `true` if passed from tail to head. Arcs passed backwards do
    /// not occur in an unbounded cycle, as lower bounds are finite.
    pub arcs: Vec<(u32, bool)>,
}

impl Cycle {
    /// Cost of one unit around the cycle. O(length).
    #[must_use]
    pub fn cost(&self, problem: &Problem) -> i128 {
        let cost = |a: u32| problem.cost.get(a as usize).map_or(0, |&c| i128::from(c));
        self.arcs.iter().map(|&(a, ahead)| if ahead { cost(a) } else { -cost(a) }).sum()
    }
}

impl Simplex {
    /// A lower bound on the optimal cost, from the present potentials.
    ///
    /// For any potentials, `sum(cost x) = sum(rc x) - sum(pi supply)` over feasible `x`, and each
    /// `rc x` is least at a bound; so the sum of those least terms bounds the optimum from below,
    /// at the optimum with equality. After [`Simplex::fix_face`] the bound is on that face.
    /// `None` stands for minus infinity: an arc of negative reduced cost has no upper bound, or
    /// the sum exceeds 128 bits. O(nodes + arcs).
    #[must_use]
    pub fn dual_bound(&self) -> Option<i128> {
        let mut sum = 0i128;
        for (v, &b) in self.problem.supply.iter().enumerate() {
            sum = sum.checked_sub(self.potential(v).checked_mul(i128::from(b))?)?;
        }
        for a in 0..self.problem.arcs() {
            let reduced = self.reduced_cost(a);
            let flow = match self.fixed_flow(a) {
                Some(flow) => flow,
                None if reduced >= 0 => self.problem.lower[a],
                None if self.problem.upper[a] >= INFINITE => return None,
                None => self.problem.upper[a],
            };
            sum = sum.checked_add(reduced.checked_mul(i128::from(flow))?)?;
        }
        Some(sum)
    }

    /// Cost of the present flow, exact; clamped only if it does not fit 128 bits. O(arcs).
    #[must_use]
    pub fn objective(&self) -> i128 {
        // Products fit 126 bits; high and low halves are summed apart so that no sum can wrap.
        let (mut high, mut low) = (0i128, 0i128);
        for a in 0..self.problem.arcs() {
            let product = i128::from(self.problem.cost[a]) * i128::from(self.flow(a));
            high += product >> 64;
            low += product & i128::from(u64::MAX);
        }
        high += low >> 64;
        match high {
            h if h > i128::from(i64::MAX) => i128::MAX,
            h if h < i128::from(i64::MIN) => i128::MIN,
            h => (h << 64) | (low & i128::from(u64::MAX)),
        }
    }
}
