//! What comes in: the module's public face. What goes out: doubt, or its absence.
//! The oracles are values by hand and the enumeration of all points of small boxes.

mod brute;
mod canaries;
mod hand;
#[cfg(feature = "highs")]
mod highs;

use std::time::Duration;

use super::{Answer, BackendError, Column, MilpBackend, Problem, Request, Row, Status};

/// Every back end that was compiled in.
fn backends() -> Vec<Box<dyn MilpBackend>> {
    vec![
        Box::new(super::Microlp),
        #[cfg(feature = "highs")]
        Box::new(super::Highs),
    ]
}

/// The question for the optimum of a program.
fn request(problem: &Problem) -> Request<'_> {
    Request {
        problem,
        start: None,
        relax: false,
        relative_gap: 0.0,
        absolute_gap: 0.0,
        time_limit: Some(Duration::from_secs(60)),
        cpu_limit: None,
    }
}

/// The answer, but for the time it took: all else is the same each time.
fn solve(backend: &dyn MilpBackend, request: &Request<'_>) -> Result<Answer, BackendError> {
    let answer = backend.solve(request, &|| false, &mut |_| {})?;
    Ok(Answer { cpu: Duration::ZERO, ..answer })
}

/// A search is told what it took of the processor, and a limit on that ends it.
#[test]
fn time_of_the_processor_is_told() {
    let problem = knapsack();
    for backend in backends() {
        let asked = request(&problem);
        let answer = backend.solve(&asked, &|| false, &mut |_| {}).unwrap();
        assert!(answer.cpu > Duration::ZERO && answer.cpu < Duration::from_secs(60), "{backend:?}");
        let asked = Request { cpu_limit: Some(Duration::ZERO), ..asked };
        let cut = backend.solve(&asked, &|| false, &mut |_| {}).unwrap();
        assert_eq!((answer.status, cut.status), (Status::Optimal, Status::Stopped), "{backend:?}");
    }
}

/// An integer column.
fn whole(lower: i32, upper: i32, objective: f64) -> Column {
    Column { lower: lower.into(), upper: upper.into(), integer: true, objective }
}

/// A row of all columns in order; zero coefficients are left out.
fn row(lower: f64, coefficients: &[f64], upper: f64) -> Row {
    let terms = (0..).zip(coefficients.iter().copied()).filter(|&(_, value)| value != 0.0);
    Row { lower, upper, terms: terms.collect() }
}

/// Whether a point satisfies bounds, rows and wholeness within a tolerance.
fn fits(problem: &Problem, point: &[f64]) -> bool {
    let near = |lower: f64, x: f64, upper: f64| lower - 1e-6 <= x && x <= upper + 1e-6;
    let sum = |row: &Row| row.terms.iter().map(|&(k, v)| v * point[k as usize]).sum();
    problem.columns.len() == point.len()
        && problem.columns.iter().zip(point).all(|(column, &x)| {
            near(column.lower, x, column.upper)
                && (!column.integer || (x - x.round()).abs() <= 1e-6)
        })
        && problem.rows.iter().all(|row| near(row.lower, sum(row), row.upper))
}

/// A knapsack of 24 things in three dimensions that keeps branch and bound busy a while.
fn knapsack() -> Problem {
    let weight = |k: usize, d: usize| (37 * (k + 3) * (d + 5) % 61 + 20) as f64;
    let columns = (0..24).map(|k| whole(0, 1, weight(k, 7) + 0.25 * weight(k, 0))).collect();
    let rows = (0..3).map(|d| {
        let coefficients: Vec<f64> = (0..24).map(|k| weight(k, d)).collect();
        row(f64::NEG_INFINITY, &coefficients, 500.5)
    });
    Problem { columns, rows: rows.collect(), maximize: true }
}
