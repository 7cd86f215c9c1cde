//! The strong back end: HiGHS, one thread, seed 0, default tolerances.
//!
//! In: a [`Request`]. Out: an [`Answer`], with duals for relaxations. Must not know
//! microlp. HiGHS ends the process when memory runs out and may overrun its time limit:
//! run it in a process of its own where that matters. Rejected: good_lp's own `solve`
//! (it keeps neither bound nor status), and tighter tolerances (HiGHS 1.15 has proved
//! wrong optima with them; whole numbers are re-added by the caller anyway).

use std::time::Duration;

use good_lp::SolverModel;
use highs::{HighsModelStatus, HighsOptionValue, HighsSolutionStatus, Model, SolvedModel};

use super::ffi::{Watch, nodes, solve, version};
use super::lower::{Lowered, Lowering, infeasible, lower};
use super::spent::Stopwatch;
use super::{Answer, BackendError, MilpBackend, Request, Status};

/// [HiGHS](https://highs.dev): branch and cut over a dual simplex.
///
/// `stop` is polled in the simplex and between nodes, not in presolve.
#[derive(Clone, Copy, Debug, Default)]
pub struct Highs;

impl MilpBackend for Highs {
    fn name(&self) -> String {
        format!("HiGHS {}", version())
    }

    fn has_duals(&self) -> bool {
        true
    }

    fn solve(
        &self,
        request: &Request<'_>,
        stop: &(dyn Fn() -> bool + Sync),
        incumbent: &mut dyn FnMut(&[f64]),
    ) -> Result<Answer, BackendError> {
        // The time limit covers the building of the model too.
        let begin = Stopwatch::start();
        let lowered = match lower(request)? {
            Lowering::Settled(answer) => return Ok(answer),
            Lowering::Model(lowered) => *lowered,
        };
        let Lowered { model, constraints, origin } = lowered;
        let mut problem = model.using(good_lp::solvers::highs::highs);
        for constraint in constraints {
            problem.add_constraint(constraint);
        }
        let mut model = problem.try_into_inner().map_err(|error| failed(&error.to_string()))?;
        set_options(&mut model, request, begin)?;
        if let Some(start) = request.start.filter(|_| !request.relax) {
            model
                .try_set_solution(Some(start), None, None, None)
                .map_err(|_| failed("the start was refused"))?;
        }
        let mut tell = |point: &[f64]| {
            // A point with holes is no point; the final answer is checked on its own.
            if point.iter().all(|x| x.is_finite()) {
                incumbent(point);
            }
        };
        let limit = request.cpu_limit.unwrap_or(Duration::MAX);
        let stop = || begin.cpu() >= limit || stop();
        let mut watch = Watch { stop: &stop, incumbent: &mut tell };
        let solved = solve(model, request.problem.columns.len(), &mut watch)
            .map_err(|status| failed(&format!("{status:?}")))?;
        let mut answer = answer(request, &solved, &origin)?;
        answer.cpu = begin.cpu();
        Ok(answer)
    }
}

fn failed(why: &str) -> BackendError {
    BackendError::Failed(format!("HiGHS: {why}"))
}

/// Options stored in good_lp's model are lost on the way to HiGHS; these are set on the
/// inner one.
fn set_options(
    model: &mut Model,
    request: &Request<'_>,
    begin: Stopwatch,
) -> Result<(), BackendError> {
    set(model, "output_flag", false)?;
    set(model, "threads", 1)?;
    set(model, "parallel", "off")?;
    set(model, "random_seed", 0)?;
    set(model, "mip_rel_gap", request.relative_gap)?;
    set(model, "mip_abs_gap", request.absolute_gap)?;
    if let Some(limit) = request.time_limit {
        set(model, "time_limit", limit.saturating_sub(begin.wall()).as_secs_f64())?;
    }
    Ok(())
}

fn set(model: &mut Model, name: &str, value: impl HighsOptionValue) -> Result<(), BackendError> {
    model.try_set_option(name, value).map_err(|_| failed(&format!("option {name} was refused")))
}

fn answer(
    request: &Request<'_>,
    solved: &SolvedModel,
    origin: &[usize],
) -> Result<Answer, BackendError> {
    let problem = request.problem;
    let linear = request.relax || problem.columns.iter().all(|column| !column.integer);
    let claim = solved.status();
    let status = match claim {
        HighsModelStatus::Optimal => Status::Optimal,
        // Every column has finite bounds, so nothing here is unbounded.
        HighsModelStatus::Infeasible | HighsModelStatus::UnboundedOrInfeasible => {
            return Ok(Answer { nodes: nodes(solved), ..infeasible() });
        }
        HighsModelStatus::Unbounded => {
            return Ok(Answer { status: Status::Unbounded, ..infeasible() });
        }
        HighsModelStatus::ReachedMemoryLimit => return Err(BackendError::Memory),
        HighsModelStatus::ReachedTimeLimit
        | HighsModelStatus::ReachedIterationLimit
        | HighsModelStatus::ReachedSolutionLimit
        | HighsModelStatus::ReachedInterrupt
        | HighsModelStatus::ObjectiveBound
        | HighsModelStatus::ObjectiveTarget => Status::Stopped,
        other => return Err(failed(&format!("{other:?}"))),
    };
    let feasible = solved.primal_solution_status() == HighsSolutionStatus::Feasible;
    let solution = feasible.then(|| solved.get_solution());
    let values = solution.as_ref().map(|solution| solution.columns().to_vec());
    if values.iter().flatten().any(|x| !x.is_finite()) {
        return Err(failed("a value is not finite"));
    }
    if status == Status::Optimal && values.is_none() {
        return Err(failed("optimal without a point"));
    }
    // A linear program has no dual bound of its own until it is solved.
    let bound = if linear {
        values.as_ref().filter(|_| status == Status::Optimal).map(|values| problem.value(values))
    } else {
        solved.double_info_value(c"mip_dual_bound").ok()
    };
    let row_duals = match &solution {
        Some(solution) if request.relax && status == Status::Optimal => {
            Some(duals(problem.rows.len(), origin, solution.dual_rows())?)
        }
        _ => None,
    };
    Ok(Answer {
        status,
        values,
        bound: bound.filter(|bound| bound.is_finite()),
        row_duals,
        nodes: if linear { 0 } else { nodes(solved) },
        cpu: Duration::ZERO,
    })
}

/// Duals of constraints brought back to rows; of the two sides of a range at most one is
/// not zero, so the sum is the dual of the range.
fn duals(rows: usize, origin: &[usize], duals: &[f64]) -> Result<Vec<f64>, BackendError> {
    if origin.len() != duals.len() || duals.iter().any(|y| !y.is_finite()) {
        return Err(failed("the duals are no numbers"));
    }
    let mut sums = vec![0.0; rows];
    for (&row, y) in origin.iter().zip(duals) {
        sums[row] += y;
    }
    Ok(sums)
}
