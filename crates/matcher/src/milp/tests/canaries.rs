//! Programs on which solvers have been seen to go wrong; kept for every update of one.

use std::time::Duration;

use super::super::{BackendError, Column, Problem, Request, Status};
use super::{backends, request, row, solve, whole};

const INF: f64 = f64::INFINITY;

/// HiGHS 1.14 found 15 where 9 is possible (its change 2961).
#[test]
fn canary_nine_not_fifteen() {
    let x = Column { lower: 0.0, upper: 1e6, integer: false, objective: 2.0 };
    let problem = Problem {
        columns: vec![x, whole(0, 1_000_000, 3.0)],
        rows: vec![row(4.5, &[1.0, 1.0], INF)],
        maximize: false,
    };
    for backend in backends() {
        let answer = solve(&*backend, &request(&problem)).unwrap();
        assert_eq!(answer.status, Status::Optimal, "{backend:?}");
        let value = problem.value(&answer.values.unwrap());
        assert!((value - 9.0).abs() < 1e-6, "{backend:?}: {value}");
    }
}

/// Coefficients whose sum leaves 32 bits made CP-SAT 9.15 certify a wrong optimum.
#[test]
fn canary_sum_beyond_32_bits() {
    let big = f64::from(1 << 30);
    let problem = Problem {
        columns: vec![whole(0, 1, 1.0); 5],
        rows: vec![row(-INF, &[big; 5], 3.0 * big), row(2.0 * big, &[big; 5], INF)],
        maximize: true,
    };
    for backend in backends() {
        let answer = solve(&*backend, &request(&problem)).unwrap();
        let value = problem.value(&answer.values.unwrap());
        assert!((value - 3.0).abs() < 1e-6, "{backend:?}: {value}");
    }
}

/// 8x + 4y = -19 has no whole solution; HiGHS has been seen to branch on it for ever.
#[test]
fn canary_parity_loop_is_never_solved() {
    let wide = whole(-1_000_000_000, 1_000_000_000, 0.0);
    let problem = Problem {
        columns: vec![wide; 3],
        rows: vec![row(0.0, &[0.0, 4.0, -1.0], 0.0), row(-19.0, &[8.0, 0.0, 1.0], -19.0)],
        maximize: false,
    };
    for backend in backends() {
        let time_limit = Some(Duration::from_millis(300));
        let asked = Request { time_limit, ..request(&problem) };
        match solve(&*backend, &asked) {
            Ok(answer) => {
                assert_ne!(answer.status, Status::Optimal, "{backend:?}");
                assert_eq!(answer.values, None, "{backend:?}");
            }
            Err(error) => assert!(matches!(error, BackendError::Failed(_)), "{error}"),
        }
    }
}

/// HiGHS takes these without a word and calls the rest optimal.
#[test]
fn canary_numbers_that_are_none_are_refused() {
    let good = Problem {
        columns: vec![whole(0, 3, 1.0), whole(0, 3, 1.0)],
        rows: vec![row(-INF, &[1.0, 1.0], 4.0)],
        maximize: true,
    };
    let mut bad: Vec<Problem> = Vec::new();
    for wrong in [f64::NAN, INF, -INF, 1e20] {
        let mut plant = |change: fn(&mut Problem, f64)| {
            bad.push(good.clone());
            let last = bad.len() - 1;
            change(&mut bad[last], wrong);
        };
        plant(|problem, wrong| problem.columns[0].objective = wrong);
        plant(|problem, wrong| problem.columns[1].lower = wrong);
        plant(|problem, wrong| problem.columns[1].upper = wrong);
        plant(|problem, wrong| problem.rows[0].terms[1].1 = wrong);
    }
    for wrong in [f64::NAN, -INF, 1e20] {
        bad.push(Problem { rows: vec![row(-INF, &[1.0, 1.0], wrong)], ..good.clone() });
    }
    for tiny in [1e-10, 1e15] {
        bad.push(Problem { rows: vec![row(-INF, &[1.0, tiny], 4.0)], ..good.clone() });
    }
    bad.push(Problem { columns: vec![whole(3, 0, 1.0)], ..good.clone() });
    for backend in backends() {
        assert!(solve(&*backend, &request(&good)).is_ok());
        for problem in &bad {
            let answer = solve(&*backend, &request(problem));
            assert!(matches!(answer, Err(BackendError::Failed(_))), "{answer:?}: {problem:?}");
        }
    }
}
