//! What comes in: a checked problem, later changes to its costs, bounds and supplies.
//! What goes out: an optimal flow with its certificate, kept together with the basis that proves
//! it, so that the next question starts where the last one ended.
//! Must not know: how an entering arc is found or a tree is kept; the phases are here, the
//! pivots in `engine`.
//! Phases: a start that is not feasible is first driven with the true costs and a high price on
//! artificial flow; should that price prove too low, artificial flow alone is minimised, which
//! decides feasibility exactly; then the true costs rule. No answer rests on the price.
//! Rejected: exact feasibility always first (it forgets the costs, then pays for it in pivots)
//! and a provably sufficient price always (it would push small problems into wide integers).

use super::certificate::{Cut, CutSide, Cycle};
use super::engine::artificial_flow;
use super::problem::{INFINITE_RESIDUAL, Problem, ProblemError, UNBOUNDED_FROM};
use super::run::{Ending, Phase};
use super::tree::{ARTIFICIAL, Tree};

/// How a call of [`Simplex::solve`] ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// The flow is feasible and of least cost.
    Optimal,
    /// No flow satisfies bounds and supplies; see [`Simplex::cut`].
    Infeasible,
    /// Feasible, but a cycle makes the cost fall without end; see [`Simplex::cycle`].
    Unbounded,
    /// The caller stopped it; see [`Simplex::is_feasible`].
    Stopped,
}

/// Deterministic counters, summed over all solves of one [`Simplex`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Exchanges of the basis, and moves of an arc from bound to bound.
    pub pivots: u64,
    /// Arcs priced plus nodes visited; a measure of effort without a clock.
    pub work: u64,
}

/// Where a nonbasic arc stands, or that it is basic.
pub(super) mod state {
    /// Flow at the lower bound.
    pub const LOWER: u8 = 0;
    /// Flow at the upper bound.
    pub const UPPER: u8 = 1;
    /// In the tree.
    pub const TREE: u8 = 2;
    /// Added to `LOWER` or `UPPER`: off the optimal face, not to move.
    pub const FIXED: u8 = 4;
}

/// Minimum-cost flow by the primal network simplex method, with warm starts.
///
/// # Mathematics
/// A basis is a spanning tree; arcs outside it stand at a bound. Potentials `pi` make the
/// reduced cost `rc(a) = cost(a) + pi(tail) - pi(head)` zero on the tree. The flow is optimal when
/// `rc > 0` only where the flow is at its lower and `rc < 0` only where it is at its upper
/// bound. A pivot lets an arc that violates this enter, and sends what fits round the cycle it
/// closes with the tree.
///
/// Sources: G. B. Dantzig, "Linear Programming and Extensions" (1963), the method;
/// W. H. Cunningham, "A network simplex method" (1976), the leaving rule that excludes cycling;
/// R. K. Ahuja, T. L. Magnanti, J. B. Orlin, "Network Flows" (1993), chapter 11.
///
/// # Memory
/// Beside the problem: 1 byte per arc, and 16 to 40 more while solving; 16 if costs and
/// potentials fit 32 bits and node numbers 16, 40 if it takes 128 bits.
///
/// # Examples
/// Two objectives in strict order: cheapest first, then as much as possible on arc 2.
/// ```
/// use concentric_matcher::flow::{Problem, Simplex, Status};
/// let problem = Problem {
///     supply: vec![4, -4],
///     tail: vec![0; 3],
///     head: vec![1; 3],
///     lower: vec![0; 3],
///     upper: vec![3; 3],
///     cost: vec![5, 5, 5],
/// };
/// let mut simplex = Simplex::new(problem)?;
/// assert_eq!(simplex.solve(&mut |_| false), Status::Optimal);
/// simplex.fix_face();
/// simplex.set_costs(|arc| if arc == 2 { -1 } else { 0 });
/// assert_eq!(simplex.solve(&mut |_| false), Status::Optimal);
/// assert_eq!(simplex.flow(2), 3);
/// # Ok::<(), concentric_matcher::flow::ProblemError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Simplex {
    pub(super) problem: Problem,
    /// The sum bounded by [`super::MAGNITUDE_LIMIT`].
    pub(super) magnitude: i128,
    pub(super) states: Vec<u8>,
    pub(super) tree: Tree,
    /// One per node and the root's zero.
    pub(super) potentials: Vec<i128>,
    /// Whether the tree's flows must be recomputed before pivoting.
    pub(super) dirty: bool,
    status: Option<Status>,
    pub(super) progress: Progress,
    cut: Option<Cut>,
    pub(super) cycle: Option<Cycle>,
    /// Narrowest integer width to try: 0, 1, 2 for 32, 64, 128 bits.
    pub(super) first_width: u8,
}

impl Simplex {
    /// Checks and takes over a problem. O(nodes + arcs).
    ///
    /// # Errors
    /// See [`Problem::check`].
    pub fn new(problem: Problem) -> Result<Self, ProblemError> {
        let magnitude = problem.check()?;
        let n = problem.nodes();
        Ok(Self {
            magnitude,
            states: vec![state::LOWER; problem.arcs()],
            tree: Tree::star(n, INFINITE_RESIDUAL),
            potentials: vec![0; n + 1],
            dirty: true,
            status: None,
            progress: Progress::default(),
            cut: None,
            cycle: None,
            first_width: 0,
            problem,
        })
    }

    /// The problem with its present costs, bounds and supplies.
    #[must_use]
    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// Gives the problem back.
    #[must_use]
    pub fn into_problem(self) -> Problem {
        self.problem
    }

    /// Solves from the present basis.
    ///
    /// `stop` is asked every thousand pivots, or two million units of work if that comes first,
    /// and may end the call by `true`; the basis stays valid and the next call goes on from
    /// there. Always terminates; exponential in the worst case, in practice a small multiple of
    /// `nodes` pivots per call.
    pub fn solve(&mut self, stop: &mut dyn FnMut(Progress) -> bool) -> Status {
        self.cut = None;
        self.cycle = None;
        let status = self.phases(stop);
        self.status = Some(status);
        status
    }

    fn phases(&mut self, stop: &mut dyn FnMut(Progress) -> bool) -> Status {
        let balance: i128 = self.problem.supply.iter().map(|&b| i128::from(b)).sum();
        if balance != 0 {
            let side = if balance > 0 { CutSide::Surplus } else { CutSide::Shortage };
            self.cut = Some(Cut { nodes: vec![true; self.problem.nodes()], side });
            return Status::Infeasible;
        }
        if self.dirty {
            self.repair();
        }
        let endless_loop = self.settle_self_loops();
        let mut ending = None;
        if self.artificial_total() > 0 {
            let first = self.run(Phase::Composite, stop);
            if first == Ending::Stopped {
                return Status::Stopped;
            }
            if first == Ending::Optimal && self.artificial_total() == 0 {
                ending = Some(Ending::Optimal);
            }
        }
        if self.artificial_total() > 0 {
            if self.run(Phase::Feasibility, stop) == Ending::Stopped {
                return Status::Stopped;
            }
            if self.artificial_total() > 0 {
                self.cut = Some(self.tree_cut());
                return Status::Infeasible;
            }
        }
        if let Some(arc) = endless_loop {
            self.cycle = Some(Cycle { arcs: vec![(arc, true)] });
            return Status::Unbounded;
        }
        let ending = match ending {
            Some(ending) => ending,
            None => self.run(Phase::Cost, stop),
        };
        match ending {
            Ending::Optimal => Status::Optimal,
            Ending::Unbounded => Status::Unbounded,
            Ending::Stopped => Status::Stopped,
        }
    }

    /// Puts every free self-loop at its cheaper bound; names one that has none.
    fn settle_self_loops(&mut self) -> Option<u32> {
        let mut endless = None;
        for a in 0..self.problem.arcs() {
            if self.problem.tail[a] == self.problem.head[a] && self.states[a] < state::TREE {
                let bounded = self.problem.width(a) < UNBOUNDED_FROM;
                match self.problem.cost[a].signum() {
                    -1 if bounded => self.states[a] = state::UPPER,
                    -1 => endless = Some(a as u32),
                    1 => self.states[a] = state::LOWER,
                    _ => {}
                }
            }
        }
        endless
    }

    /// Flow on artificial arcs, the measure of infeasibility.
    pub(super) fn artificial_total(&self) -> i64 {
        let real = &self.tree.nodes[..self.problem.nodes()];
        // At most the magnitude limit, as it is the sum of the nodes' imbalances.
        real.iter().filter(|v| v.arc() == ARTIFICIAL).map(artificial_flow).sum()
    }

    /// The nodes that still have the root's potential after minimising artificial flow.
    fn tree_cut(&self) -> Cut {
        let nodes = self.potentials[..self.problem.nodes()].iter().map(|&p| p == 0).collect();
        Cut { nodes, side: CutSide::Surplus }
    }

    /// How the last solve ended; `None` before the first and after any change.
    #[must_use]
    pub fn status(&self) -> Option<Status> {
        self.status
    }

    /// After [`Status::Infeasible`]: a set of nodes that proves it.
    #[must_use]
    pub fn cut(&self) -> Option<&Cut> {
        self.cut.as_ref()
    }

    /// After [`Status::Unbounded`]: a cycle of negative cost and unlimited room.
    #[must_use]
    pub fn cycle(&self) -> Option<&Cycle> {
        self.cycle.as_ref()
    }

    /// Pivots so far, over all solves.
    #[must_use]
    pub fn pivots(&self) -> u64 {
        self.progress.pivots
    }

    /// Work units so far, over all solves; see [`Progress`].
    #[must_use]
    pub fn work(&self) -> u64 {
        self.progress.work
    }

    pub(super) fn forget_status(&mut self) {
        self.status = None;
    }
}
