//! Mixed-integer programs as numbers, and the back ends that solve them.
//!
//! In: a [`Problem`] in doubles (columns, rows, one objective) and a [`Request`] with
//! limits. Out: an [`Answer`]: what a back end claims. Must not know ledgers, levels or
//! plans, and must not be believed: whoever asks adds everything up again in integers.
//! Rejected: passing a solver's status on as truth (solvers have been seen to prove
//! wrong optima), and one solver hard-wired (a library must build without C++).

#[cfg(feature = "highs")]
mod ffi;
#[cfg(feature = "highs")]
mod highs;
#[cfg(feature = "milp")]
mod lower;
#[cfg(feature = "milp")]
mod microlp;
mod problem;
#[cfg(feature = "milp")]
mod spent;

#[cfg(feature = "highs")]
pub use highs::Highs;
#[cfg(feature = "milp")]
pub use microlp::Microlp;
pub use problem::{Column, Problem, Row};

use std::sync::Arc;
use std::time::Duration;

/// One question to a back end.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The program.
    pub problem: &'a Problem,
    /// A feasible point to start from: one value for each column.
    pub start: Option<&'a [f64]>,
    /// Solve the linear relaxation (all columns continuous) and report row duals.
    pub relax: bool,
    /// Stop when the relative gap is at most this; 0 asks for the optimum.
    pub relative_gap: f64,
    /// Stop when the absolute gap is at most this.
    pub absolute_gap: f64,
    /// Wall-clock limit.
    pub time_limit: Option<Duration>,
    /// Limit on the processor's time, which a busy machine does not shorten.
    pub cpu_limit: Option<Duration>,
}

/// How a back end says it ended. A claim, never a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Optimal within the gaps that were asked for.
    Optimal,
    /// No point satisfies the rows.
    Infeasible,
    /// The objective has no bound.
    Unbounded,
    /// A node, time or memory limit, or the caller, stopped it.
    Stopped,
}

/// What a back end claims.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// How it ended.
    pub status: Status,
    /// Best point found, one finite value for each column; integer columns may be off a
    /// whole number by the solver's tolerance.
    pub values: Option<Vec<f64>>,
    /// Claimed bound on the objective (upper when maximising), finite.
    pub bound: Option<f64>,
    /// For a relaxation solved to optimality: one dual value for each row, in the sign
    /// convention `reduced cost of column j = objective_j - sum_i dual_i * a_ij`.
    pub row_duals: Option<Vec<f64>>,
    /// Branch-and-bound nodes.
    pub nodes: u64,
    /// Time of the processor that it took.
    pub cpu: Duration,
}

/// Why a back end has no answer at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BackendError {
    /// It refused the program or broke down; a sentence for the log.
    #[error("{0}")]
    Failed(String),
    /// It was lost: crashed, killed, sent rubbish.
    #[error("the back end was lost: {0}")]
    Lost(String),
    /// It ran out of memory.
    #[error("the back end ran out of memory")]
    Memory,
}

/// Solver of [`Problem`]s. One fresh model a call; the same request gives the same
/// answer unless a time limit or the caller stops it.
pub trait MilpBackend: Send + Sync + std::fmt::Debug {
    /// Name and version, for the plan's record.
    fn name(&self) -> String;

    /// Whether relaxations come with row duals.
    fn has_duals(&self) -> bool;

    /// Solves one program on the caller's thread.
    ///
    /// `stop` is polled now and then and ends the solve when it turns true;
    /// `incumbent` is called with each better point as it is found, if the back end
    /// can tell.
    ///
    /// # Errors
    /// When there is no answer; a limit or an infeasible program is an answer.
    fn solve(
        &self,
        request: &Request<'_>,
        stop: &(dyn Fn() -> bool + Sync),
        incumbent: &mut dyn FnMut(&[f64]),
    ) -> Result<Answer, BackendError>;
}

/// The strongest back end that was compiled in: HiGHS with the feature `highs`, else
/// microlp with `milp`, else none. It works within the caller's process.
pub fn default_backend() -> Option<Arc<dyn MilpBackend>> {
    #[cfg(feature = "highs")]
    return Some(Arc::new(Highs));
    #[cfg(all(feature = "milp", not(feature = "highs")))]
    return Some(Arc::new(Microlp));
    #[cfg(not(feature = "milp"))]
    return None;
}

#[cfg(all(test, feature = "milp"))]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests;
