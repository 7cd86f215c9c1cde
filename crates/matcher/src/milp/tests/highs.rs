//! What only HiGHS does: duals, and callbacks that may panic.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::super::{Column, Highs, MilpBackend, Problem, Request, Row};
use super::brute::{Seeded, enumerate};
use super::{knapsack, request, solve};

const INF: f64 = f64::INFINITY;

/// Complementary slackness and the signs of an optimum, from the definition of the
/// reduced cost alone; with these the duals give the value of the program.
fn check_duals(problem: &Problem) {
    let answer = solve(&Highs, &Request { relax: true, ..request(problem) }).unwrap();
    let (x, y) = (answer.values.unwrap(), answer.row_duals.unwrap());
    let sign = if problem.maximize { -1.0 } else { 1.0 };
    // Where a quantity may still grow, growing it must not pay, and the other way round.
    let slack = |pay: f64, lower: f64, at: f64, upper: f64, what: &str| {
        let pay = sign * pay;
        assert!(at < lower + 1e-7 || pay < 1e-7, "{what}: {pay} could shrink from {at}");
        assert!(at > upper - 1e-7 || pay > -1e-7, "{what}: {pay} could grow from {at}");
    };
    let mut bound = 0.0;
    for (j, column) in problem.columns.iter().enumerate() {
        let of = |row: &Row| {
            row.terms.iter().find(|&&(k, _)| k as usize == j).map_or(0.0, |&(_, value)| value)
        };
        let sum: f64 = problem.rows.iter().zip(&y).map(|(row, dual)| dual * of(row)).sum();
        let reduced = column.objective - sum;
        slack(reduced, column.lower, x[j], column.upper, &format!("column {j}"));
        bound += reduced * x[j];
    }
    for (i, row) in problem.rows.iter().enumerate() {
        let at: f64 = row.terms.iter().map(|&(k, v)| v * x[k as usize]).sum();
        slack(y[i], row.lower, at, row.upper, &format!("row {i}"));
        bound += y[i] * at;
    }
    assert!((bound - problem.value(&x)).abs() < 1e-6);
}

#[test]
fn duals_satisfy_complementary_slackness_in_both_senses() {
    let column =
        |upper: f64, objective: f64| Column { lower: 0.0, upper, integer: true, objective };
    let rows = vec![
        super::row(-INF, &[6.0, 4.0, 1.0], 24.0),
        super::row(-INF, &[1.0, 2.0, 0.0], 6.0),
        super::row(1.0, &[-1.0, 1.0, 0.5], INF),
        super::row(-2.0, &[1.0, 0.0, -1.0], 1.5),
        super::row(2.0, &[0.0, 1.0, 1.0], 2.0),
        super::row(-INF, &[1.0, 1.0, 1.0], INF),
    ];
    for maximize in [false, true] {
        for costs in [[5.0, 4.0, 3.0], [-5.0, 4.0, -3.0], [1.0, -2.0, 0.25], [-1.0, -1.0, 7.0]] {
            let columns = costs.into_iter().map(|cost| column(4.0, cost)).collect();
            check_duals(&Problem { columns, rows: rows.clone(), maximize });
        }
    }
}

#[test]
fn duals_of_random_programs_satisfy_complementary_slackness() {
    let mut seeded = Seeded(5);
    let problems = (0..300).map(|_| seeded.small()).filter(|p| enumerate(p).is_some());
    let checked = problems.map(|problem| check_duals(&problem)).count();
    assert!(checked > 75, "{checked} of 300 feasible: the mix is poor");
}

#[test]
fn a_dual_by_hand() {
    // Most 3x + 2y with x + y <= 4 and x <= 3 by a row: (3, 1), prices 2 and 1.
    let column = |objective: f64| Column { lower: 0.0, upper: 9.0, integer: false, objective };
    let problem = Problem {
        columns: vec![column(3.0), column(2.0)],
        rows: vec![super::row(-INF, &[1.0, 1.0], 4.0), super::row(-5.0, &[1.0, 0.0], 3.0)],
        maximize: true,
    };
    let answer = solve(&Highs, &Request { relax: true, ..request(&problem) }).unwrap();
    assert_eq!(answer.row_duals, Some(vec![2.0, 1.0]));
    let negated = Problem { columns: vec![column(-3.0), column(-2.0)], maximize: false, ..problem };
    let answer = solve(&Highs, &Request { relax: true, ..request(&negated) }).unwrap();
    assert_eq!(answer.row_duals, Some(vec![-2.0, -1.0]));
}

#[test]
fn a_panic_of_the_caller_comes_back_to_the_caller() {
    let problem = knapsack();
    let caught = catch_unwind(AssertUnwindSafe(|| {
        Highs.solve(&request(&problem), &|| false, &mut |_| panic!("planted"))
    }));
    assert_eq!(caught.unwrap_err().downcast_ref::<&str>(), Some(&"planted"));
}

#[test]
fn solves_in_parallel_threads_do_not_disturb_each_other() {
    let problem = knapsack();
    let alone = solve(&Highs, &request(&problem)).unwrap();
    std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..4).map(|_| scope.spawn(|| solve(&Highs, &request(&problem)))).collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap().unwrap(), alone);
        }
    });
}
