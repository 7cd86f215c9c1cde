//! The back end of pure Rust: microlp, for a library without system packages.
//!
//! In: a [`Request`]. Out: an [`Answer`] without duals. Must not know HiGHS. Weaker than
//! HiGHS on large programs and bound to whole numbers of 32 bits. Rejected: good_lp's own
//! `solve` (no node limit, and a solve stopped without a point loses its bound).

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use good_lp::SolverModel;
use microlp::{Error, SolveOptions, SolveOutcome, TerminationReason, Variable};

use super::lower::{Lowered, Lowering, infeasible, lower};
use super::spent::Stopwatch;
use super::{Answer, BackendError, MilpBackend, Problem, Request, Status};

/// Nodes between two looks at the caller's wishes.
const SLICE: u64 = 64;
/// As good as no limit: ten years.
const MOST_TIME: Duration = Duration::from_secs(315_360_000);

/// [microlp](https://docs.rs/microlp): branch and bound over a dual simplex, one thread.
///
/// `stop` and the absolute gap are looked at every 64 nodes; within a node only the time
/// limit counts. An infeasible start is passed over.
#[derive(Clone, Copy, Debug, Default)]
pub struct Microlp;

impl MilpBackend for Microlp {
    fn name(&self) -> String {
        "microlp 0.6".to_owned()
    }

    fn has_duals(&self) -> bool {
        false
    }

    fn solve(
        &self,
        request: &Request<'_>,
        stop: &(dyn Fn() -> bool + Sync),
        incumbent: &mut dyn FnMut(&[f64]),
    ) -> Result<Answer, BackendError> {
        // The time limit covers the building of the model too.
        let begin = Stopwatch::start();
        let mut answer = match lower(request)? {
            Lowering::Settled(answer) => answer,
            Lowering::Model(lowered) => {
                Search { request, begin, stop, incumbent, told: None }.run(*lowered)?
            }
        };
        answer.row_duals = None;
        Ok(answer)
    }
}

/// One solve.
struct Search<'a> {
    request: &'a Request<'a>,
    begin: Stopwatch,
    stop: &'a (dyn Fn() -> bool + Sync),
    incumbent: &'a mut dyn FnMut(&[f64]),
    /// Objective of the last point that was handed on.
    told: Option<f64>,
}

impl Search<'_> {
    fn run(&mut self, lowered: Lowered) -> Result<Answer, BackendError> {
        check_whole_bounds(self.request)?;
        let mut model = lowered.model.using(good_lp::solvers::microlp::microlp);
        for constraint in lowered.constraints {
            model.add_constraint(constraint);
        }
        let columns = handles(self.request.problem.columns.len());
        let start = self.request.start.filter(|_| !self.request.relax);
        let mut options = SolveOptions::default();
        options.mip_gap = self.request.relative_gap;
        options.time_limit = self.time_left();
        options.node_limit = Some(self.slice());
        options.warm_start =
            start.map(|x| columns.iter().copied().zip(x.iter().copied()).collect());
        let mut step = guarded(|| model.as_inner().solve_with(options));
        loop {
            let outcome = match step? {
                Ok(outcome) => outcome,
                Err(Error::Infeasible) => return Ok(infeasible()),
                Err(Error::Unbounded) => {
                    return Ok(Answer { status: Status::Unbounded, ..infeasible() });
                }
                Err(error) => return Err(BackendError::Failed(format!("microlp: {error}"))),
            };
            let answer = self.answer(&outcome, &columns)?;
            self.tell(&answer);
            let more = answer.status == Status::Stopped
                && outcome.termination_reason() == TerminationReason::NodeLimit
                && self.slice() > 0
                && self.time_left().is_none_or(|left| !left.is_zero())
                && !(self.stop)();
            if !more {
                return Ok(answer);
            }
            let mut options = outcome.last_resume_options();
            options.time_limit = self.time_left();
            options.node_limit = Some(self.slice());
            step = guarded(|| outcome.resume_with(options));
        }
    }

    fn time_left(&self) -> Option<Duration> {
        // microlp adds this to the time of day, where an age of the world would overflow.
        let limit = self.request.time_limit?.min(MOST_TIME);
        Some(limit.saturating_sub(self.begin.wall()))
    }

    /// Nodes before the next look, none once the processor's time is over.
    fn slice(&self) -> u64 {
        let over = self.request.cpu_limit.is_some_and(|limit| self.begin.cpu() >= limit);
        if over { 0 } else { SLICE }
    }

    fn tell(&mut self, answer: &Answer) {
        if let Some(values) = &answer.values {
            let value = self.request.problem.value(values);
            let sign = if self.request.problem.maximize { 1.0 } else { -1.0 };
            if self.told.is_none_or(|told| sign * value > sign * told) {
                self.told = Some(value);
                (self.incumbent)(values);
            }
        }
    }

    fn answer(&self, outcome: &SolveOutcome, columns: &[Variable]) -> Result<Answer, BackendError> {
        // var_value would panic where a value is not whole enough.
        let values: Option<Vec<f64>> = outcome
            .solution()
            .map(|solution| columns.iter().map(|&column| solution.var_value_raw(column)).collect());
        if values.iter().flatten().any(|x| !x.is_finite()) {
            return Err(BackendError::Failed("microlp: a value is not finite".to_owned()));
        }
        let bound = outcome.stats().best_bound.filter(|bound| bound.is_finite());
        let close = match (&values, bound) {
            (Some(values), Some(bound)) => {
                (self.request.problem.value(values) - bound).abs() <= self.request.absolute_gap
            }
            _ => false,
        };
        let status = match outcome.termination_reason() {
            TerminationReason::ProvenOptimal | TerminationReason::MipGap => Status::Optimal,
            _ if close => Status::Optimal,
            _ => Status::Stopped,
        };
        let nodes = outcome.stats().nodes_solved;
        Ok(Answer { status, values, bound, row_duals: None, nodes, cpu: self.begin.cpu() })
    }
}

/// microlp's handles are positions, given out in order; good_lp keeps those it made to
/// itself, so the same ones are drawn from a scratch program.
fn handles(count: usize) -> Vec<Variable> {
    let mut scratch = microlp::Problem::new(microlp::OptimizationDirection::Minimize);
    (0..count).map(|_| scratch.add_var(0.0, (0.0, 0.0))).collect()
}

/// Whole columns beyond 32 bits would be cut by good_lp in silence until its own `solve`.
fn check_whole_bounds(request: &Request<'_>) -> Result<(), BackendError> {
    let Request { problem: Problem { columns, .. }, relax, .. } = *request;
    let range = f64::from(i32::MIN)..=f64::from(i32::MAX);
    let wide = |column: &super::Column| {
        column.integer
            && !(range.contains(&column.lower.ceil()) && range.contains(&column.upper.floor()))
    };
    match columns.iter().position(wide) {
        Some(k) if !relax => {
            Err(BackendError::Failed(format!("microlp: column {k} is wider than 32 bits")))
        }
        _ => Ok(()),
    }
}

/// A defect of the solver must not end the caller.
fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, BackendError> {
    catch_unwind(AssertUnwindSafe(work))
        .map_err(|_| BackendError::Failed("microlp: panicked".to_owned()))
}
