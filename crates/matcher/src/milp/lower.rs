//! From a [`Request`] to a model of good_lp, the same for every back end.
//!
//! In: a request. Out: variables, constraints and the row behind each constraint; or the
//! answer at once, where no solver is needed. Must not know a solver. Rejected: leaving
//! bad numbers to the solvers (they drop small coefficients, take large bounds for
//! infinite and pass NaN on, all without a word).

use std::time::Duration;

use good_lp::solvers::ObjectiveDirection;
use good_lp::variable::UnsolvedProblem;
use good_lp::{Constraint, Expression, ProblemVariables, Variable, constraint, variable};

use super::{Answer, BackendError, Problem, Request, Row, Status};

/// Coefficients smaller than this are dropped by HiGHS in silence.
const LEAST_COEFFICIENT: f64 = 1e-9;
/// Coefficients of rows as large as this are refused by HiGHS.
const MOST_COEFFICIENT: f64 = 1e15;
/// Bounds and costs as large as this are infinite to HiGHS.
const INFINITE: f64 = 1e20;

/// A model that still wants a solver.
pub(super) struct Lowered {
    /// Columns and objective.
    pub model: UnsolvedProblem,
    /// One or two constraints for each row that says something.
    pub constraints: Vec<Constraint>,
    /// The row behind each constraint; who reports no duals has no use for it.
    #[cfg_attr(not(feature = "highs"), allow(dead_code))]
    pub origin: Vec<usize>,
}

/// What is left to do.
pub(super) enum Lowering {
    /// Solve this.
    Model(Box<Lowered>),
    /// Nothing.
    Settled(Answer),
}

/// Checks a request and lowers it; whole columns get whole bounds. O(size).
///
/// # Errors
/// [`BackendError::Failed`] for numbers that solvers cannot be trusted with.
pub(super) fn lower(request: &Request<'_>) -> Result<Lowering, BackendError> {
    let problem = request.problem;
    if let Some(fault) = problem.fault().or_else(|| range_fault(problem)) {
        return Err(BackendError::Failed(format!("unfit for a solver: {fault}")));
    }
    let gaps = [request.relative_gap, request.absolute_gap];
    if gaps.iter().any(|gap| !gap.is_finite() || *gap < 0.0) {
        return Err(BackendError::Failed(format!("gaps of {gaps:?}")));
    }
    if let Some(start) = request.start
        && (start.len() != problem.columns.len() || start.iter().any(|x| !x.is_finite()))
    {
        return Err(BackendError::Failed("the start is not one finite value a column".to_owned()));
    }
    if problem.rows.iter().any(|row| is_empty(row) && !(row.lower <= 0.0 && row.upper >= 0.0)) {
        return Ok(Lowering::Settled(infeasible()));
    }
    if problem.columns.is_empty() {
        return Ok(Lowering::Settled(Answer {
            status: Status::Optimal,
            values: Some(Vec::new()),
            bound: Some(0.0),
            row_duals: request.relax.then(|| vec![0.0; problem.rows.len()]),
            nodes: 0,
            cpu: Duration::ZERO,
        }));
    }
    let Some((variables, columns)) = columns(problem, request.relax) else {
        return Ok(Lowering::Settled(infeasible()));
    };
    let (constraints, origin) = constraints(problem, &columns);
    let mut objective = Expression::with_capacity(columns.len());
    for (column, &variable) in problem.columns.iter().zip(&columns) {
        objective.add_mul(column.objective, variable);
    }
    let direction = if problem.maximize {
        ObjectiveDirection::Maximisation
    } else {
        ObjectiveDirection::Minimisation
    };
    let model = variables.optimise(direction, objective);
    Ok(Lowering::Model(Box::new(Lowered { model, constraints, origin })))
}

/// An answer without a point.
pub(super) fn infeasible() -> Answer {
    Answer {
        status: Status::Infeasible,
        values: None,
        bound: None,
        row_duals: None,
        nodes: 0,
        cpu: Duration::ZERO,
    }
}

/// A number outside the range in which solvers take it for what it is.
fn range_fault(problem: &Problem) -> Option<String> {
    for (k, column) in problem.columns.iter().enumerate() {
        if [column.lower, column.upper, column.objective].iter().any(|v| v.abs() >= INFINITE) {
            return Some(format!("column {k} has a number of {INFINITE:e} or more"));
        }
    }
    for (k, row) in problem.rows.iter().enumerate() {
        let large = |v: f64| v.is_finite() && v.abs() >= INFINITE;
        if large(row.lower) || large(row.upper) {
            return Some(format!("row {k} has a bound of {INFINITE:e} or more"));
        }
        let outside =
            |v: f64| v != 0.0 && !(LEAST_COEFFICIENT..MOST_COEFFICIENT).contains(&v.abs());
        if let Some(&(column, value)) = row.terms.iter().find(|&&(_, value)| outside(value)) {
            return Some(format!("row {k} has the coefficient {value:e} at column {column}"));
        }
    }
    None
}

fn is_empty(row: &Row) -> bool {
    row.terms.iter().all(|&(_, value)| value == 0.0)
}

/// The variables, or nothing if an integer column has no whole number within its bounds.
fn columns(problem: &Problem, relax: bool) -> Option<(ProblemVariables, Vec<Variable>)> {
    let mut variables = ProblemVariables::new();
    let mut columns = Vec::with_capacity(problem.columns.len());
    for column in &problem.columns {
        let definition = if column.integer && !relax {
            let (lower, upper) = (column.lower.ceil(), column.upper.floor());
            if lower > upper {
                return None;
            }
            variable().integer().clamp(lower, upper)
        } else {
            variable().clamp(column.lower, column.upper)
        };
        columns.push(variables.add(definition));
    }
    Some((variables, columns))
}

/// good_lp has no ranges: a row with two different bounds becomes two constraints.
fn constraints(problem: &Problem, columns: &[Variable]) -> (Vec<Constraint>, Vec<usize>) {
    let mut constraints = Vec::with_capacity(problem.rows.len());
    let mut origin = Vec::with_capacity(problem.rows.len());
    for (k, row) in problem.rows.iter().enumerate().filter(|(_, row)| !is_empty(row)) {
        let sum = || {
            let mut sum = Expression::with_capacity(row.terms.len());
            for &(column, value) in row.terms.iter().filter(|&&(_, value)| value != 0.0) {
                sum.add_mul(value, columns[column as usize]);
            }
            sum
        };
        if row.lower == row.upper {
            constraints.push(constraint::eq(sum(), row.lower));
        } else {
            if row.lower.is_finite() {
                constraints.push(constraint::geq(sum(), Expression::from(row.lower)));
            }
            if row.upper.is_finite() {
                constraints.push(constraint::leq(sum(), row.upper));
            }
        }
        origin.resize(constraints.len(), k);
    }
    (constraints, origin)
}
