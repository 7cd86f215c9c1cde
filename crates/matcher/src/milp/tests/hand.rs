//! Programs whose answer is derived by hand, for every back end.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::super::{BackendError, Column, Problem, Request, Status, default_backend};
use super::{backends, fits, knapsack, request, row, solve, whole};

const INF: f64 = f64::INFINITY;

/// Largest 5a + 4b with 6a + 4b <= 24 and a + 2b <= 6: the relaxation ends at (3, 1.5)
/// with 21, whole numbers at (4, 0) with 20.
fn factory() -> Problem {
    Problem {
        columns: vec![whole(0, 10, 5.0), whole(0, 10, 4.0)],
        rows: vec![row(-INF, &[6.0, 4.0], 24.0), row(-INF, &[1.0, 2.0], 6.0)],
        maximize: true,
    }
}

#[test]
fn the_optimum_comes_with_its_bound() {
    let problem = factory();
    for backend in backends() {
        let answer = solve(&*backend, &request(&problem)).unwrap();
        assert_eq!(answer.status, Status::Optimal, "{backend:?}");
        let values = answer.values.unwrap();
        assert!((values[0] - 4.0).abs() < 1e-6 && values[1].abs() < 1e-6, "{backend:?}");
        assert!((answer.bound.unwrap() - 20.0).abs() < 1e-6, "{backend:?}");
        assert_eq!(answer.row_duals, None, "{backend:?}");
    }
}

#[test]
fn a_relaxation_forgets_wholeness() {
    let problem = factory();
    for backend in backends() {
        let relaxed = Request { relax: true, ..request(&problem) };
        let answer = solve(&*backend, &relaxed).unwrap();
        assert_eq!(answer.status, Status::Optimal, "{backend:?}");
        assert!((answer.bound.unwrap() - 21.0).abs() < 1e-6, "{backend:?}");
        assert!((problem.value(&answer.values.unwrap()) - 21.0).abs() < 1e-6, "{backend:?}");
        assert_eq!(answer.row_duals.is_some(), backend.has_duals(), "{backend:?}");
    }
}

#[test]
fn ranges_bind_on_both_sides_and_bounds_of_whole_columns_are_whole() {
    let mut problem = Problem {
        columns: vec![whole(-5, 5, 1.0), Column { lower: 0.5, upper: 2.5, ..whole(0, 0, 10.0) }],
        rows: vec![row(-2.5, &[1.0, 1.0], 3.5)],
        maximize: false,
    };
    for (maximize, value) in [(false, 7.0), (true, 21.0)] {
        // Least: b = 1, a = -3 gives 7. Most: b = 2, a = 1 gives 21.
        problem.maximize = maximize;
        for backend in backends() {
            let answer = solve(&*backend, &request(&problem)).unwrap();
            let found = problem.value(&answer.values.unwrap());
            assert!((found - value).abs() < 1e-6, "{backend:?}: {found}");
        }
    }
}

#[test]
fn infeasible_programs_are_answers() {
    let crossing = Problem { rows: vec![row(3.0, &[2.0, 0.0], 3.0)], ..factory() };
    let empty_domain = Problem {
        columns: vec![Column { lower: 0.2, upper: 0.8, ..whole(0, 0, 1.0) }],
        ..Problem::default()
    };
    let empty_row = Problem { rows: vec![row(1.0, &[0.0, 0.0], INF)], ..factory() };
    for problem in [crossing, empty_domain, empty_row] {
        for backend in backends() {
            let answer = solve(&*backend, &request(&problem)).unwrap();
            assert_eq!(answer.status, Status::Infeasible, "{backend:?}");
            assert_eq!((answer.values, answer.bound), (None, None), "{backend:?}");
        }
    }
}

#[test]
fn nothing_to_decide_is_solved() {
    let none = Problem { rows: vec![row(-1.0, &[], 1.0)], ..Problem::default() };
    let free = Problem { rows: vec![row(-INF, &[1.0, 1.0], INF)], ..factory() };
    for backend in backends() {
        let answer = solve(&*backend, &Request { relax: true, ..request(&none) }).unwrap();
        assert_eq!((answer.status, answer.values), (Status::Optimal, Some(vec![])));
        assert_eq!(answer.row_duals, backend.has_duals().then(|| vec![0.0]));
        let answer = solve(&*backend, &request(&free)).unwrap();
        assert_eq!(answer.values, Some(vec![10.0, 10.0]), "{backend:?}");
    }
}

#[test]
fn a_full_start_and_a_true_bound_survive_a_limit_of_no_time() {
    let problem = knapsack();
    let mut start = vec![0.0; problem.columns.len()];
    start[0] = 1.0;
    for backend in backends() {
        let asked =
            Request { start: Some(&start), cpu_limit: Some(Duration::ZERO), ..request(&problem) };
        let answer = solve(&*backend, &asked).unwrap();
        assert_eq!(answer.status, Status::Stopped, "{backend:?}");
        let values = answer.values.expect("at least the start");
        assert!(fits(&problem, &values), "{backend:?}");
        assert!(problem.value(&values) >= problem.value(&start) - 1e-9, "{backend:?}");
        let best = solve(&*backend, &request(&problem)).unwrap();
        let best = problem.value(&best.values.unwrap());
        assert!(answer.bound.is_none_or(|bound| bound >= best - 1e-6), "{backend:?}");
    }
}

#[test]
fn a_wide_gap_ends_sooner_than_none() {
    let problem = knapsack();
    for backend in backends() {
        let exact = solve(&*backend, &request(&problem)).unwrap();
        assert_eq!(exact.status, Status::Optimal, "{backend:?}");
        let best = problem.value(exact.values.as_ref().unwrap());
        assert!((exact.bound.unwrap() - best).abs() <= 1e-6 * best, "{backend:?}");
        for (relative_gap, absolute_gap) in [(0.5, 0.0), (0.0, 0.5 * best)] {
            let asked = Request { relative_gap, absolute_gap, ..request(&problem) };
            let answer = solve(&*backend, &asked).unwrap();
            assert_eq!(answer.status, Status::Optimal, "{backend:?}");
            assert!(answer.bound.unwrap() >= best - 1e-6, "{backend:?}");
            assert!(answer.nodes < exact.nodes.max(2), "{backend:?}: {}", answer.nodes);
        }
    }
}

#[test]
fn the_caller_can_stop_it() {
    let problem = knapsack();
    for backend in backends() {
        let asked = AtomicU32::new(0);
        let stop = || asked.fetch_add(1, Ordering::Relaxed) >= 1;
        let answer = backend.solve(&request(&problem), &stop, &mut |_| {}).unwrap();
        assert_eq!(answer.status, Status::Stopped, "{backend:?}");
        assert!(asked.into_inner() >= 2, "{backend:?}");
    }
}

#[test]
fn incumbents_are_told_as_they_improve() {
    let problem = knapsack();
    for backend in backends() {
        let mut seen: Vec<Vec<f64>> = Vec::new();
        let mut tell = |point: &[f64]| seen.push(point.to_vec());
        let answer = backend.solve(&request(&problem), &|| false, &mut tell).unwrap();
        assert!(!seen.is_empty(), "{backend:?}");
        assert!(seen.iter().all(|point| fits(&problem, point)), "{backend:?}");
        let values: Vec<f64> = seen.iter().map(|point| problem.value(point)).collect();
        assert!(values.is_sorted(), "{backend:?}: {values:?}");
        let last = problem.value(&answer.values.unwrap());
        assert!((values[values.len() - 1] - last).abs() < 1e-6, "{backend:?}");
    }
}

#[test]
fn any_time_limit_can_be_kept() {
    let problem = factory();
    for backend in backends() {
        let asked = Request { time_limit: Some(Duration::MAX), ..request(&problem) };
        assert_eq!(solve(&*backend, &asked).unwrap().status, Status::Optimal, "{backend:?}");
        let asked = Request { time_limit: Some(Duration::ZERO), ..request(&problem) };
        let answer = solve(&*backend, &asked).unwrap();
        assert!(matches!(answer.status, Status::Stopped | Status::Optimal), "{backend:?}");
    }
}

#[test]
fn the_same_request_gives_the_same_answer() {
    let problem = knapsack();
    for backend in backends() {
        let answers: Vec<_> = (0..2).map(|_| solve(&*backend, &request(&problem))).collect();
        assert_eq!(answers[0], answers[1], "{backend:?}");
    }
}

#[test]
fn requests_that_make_no_sense_are_refused() {
    let problem = factory();
    let refused = |asked: Request<'_>| {
        for backend in backends() {
            let answer = solve(&*backend, &asked);
            assert!(matches!(answer, Err(BackendError::Failed(_))), "{backend:?}: {answer:?}");
        }
    };
    refused(Request { start: Some(&[1.0]), ..request(&problem) });
    refused(Request { start: Some(&[1.0, f64::NAN]), ..request(&problem) });
    refused(Request { relative_gap: f64::NAN, ..request(&problem) });
    refused(Request { absolute_gap: -1.0, ..request(&problem) });
}

#[test]
fn whole_numbers_beyond_32_bits_are_refused_by_microlp_alone() {
    let wide = Column { upper: 3e9, ..whole(0, 0, 1.0) };
    let problem = Problem { columns: vec![wide], rows: vec![], maximize: true };
    let answer = solve(&super::super::Microlp, &request(&problem));
    assert!(matches!(answer, Err(BackendError::Failed(_))), "{answer:?}");
    #[cfg(feature = "highs")]
    assert_eq!(solve(&super::super::Highs, &request(&problem)).unwrap().values, Some(vec![3e9]));
}

#[test]
fn the_default_is_the_strongest() {
    let name = default_backend().expect("one is compiled in").name();
    let expected = if cfg!(feature = "highs") { "HiGHS 1." } else { "microlp" };
    assert!(name.starts_with(expected), "{name}");
}
