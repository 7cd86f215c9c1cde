//! Random programs over small boxes against the enumeration of every point.

use super::super::{Column, Problem, Request, Row, Status};
use super::{backends, fits, request, solve};

/// SplitMix64 (Steele, Lea, Flood 2014).
pub(super) struct Seeded(pub(super) u64);

impl Seeded {
    fn within(&mut self, low: i32, high: i32) -> i32 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let span = (high - low + 1) as u64;
        low + ((z ^ (z >> 31)) % span) as i32
    }

    /// Up to five whole columns and five rows; coefficients are quarters, exact in doubles.
    pub(super) fn small(&mut self) -> Problem {
        let columns: Vec<Column> = (0..self.within(1, 5))
            .map(|_| {
                let lower = self.within(-2, 1);
                Column {
                    lower: lower.into(),
                    upper: (lower + self.within(0, 3)).into(),
                    integer: true,
                    objective: f64::from(self.within(-20, 20)) / 4.0,
                }
            })
            .collect();
        let rows = (0..self.within(0, 5)).map(|_| {
            let terms: Vec<(u32, f64)> = (0..columns.len() as u32)
                .filter_map(|k| {
                    let value = f64::from(self.within(-12, 12)) / 4.0;
                    (self.within(0, 3) > 0).then_some((k, value))
                })
                .collect();
            let lower = f64::from(self.within(-16, 4)) / 4.0;
            let upper = lower + f64::from(self.within(0, 24)) / 4.0;
            match self.within(0, 3) {
                0 => Row { lower: f64::NEG_INFINITY, upper, terms },
                1 => Row { lower, upper: f64::INFINITY, terms },
                2 => Row { lower, upper: lower, terms },
                _ => Row { lower, upper, terms },
            }
        });
        let rows = rows.collect();
        Problem { columns, rows, maximize: self.within(0, 1) == 1 }
    }
}

/// Best value over all whole points, or nothing.
pub(super) fn enumerate(problem: &Problem) -> Option<f64> {
    let mut point: Vec<f64> = problem.columns.iter().map(|column| column.lower).collect();
    let mut best: Option<f64> = None;
    loop {
        if fits(problem, &point) {
            let value = problem.value(&point);
            let better = |old: f64| if problem.maximize { value > old } else { value < old };
            if best.is_none_or(better) {
                best = Some(value);
            }
        }
        let Some(k) = (0..point.len()).find(|&k| point[k] < problem.columns[k].upper) else {
            return best;
        };
        point[k] += 1.0;
        for (x, column) in point[..k].iter_mut().zip(&problem.columns) {
            *x = column.lower;
        }
    }
}

#[test]
fn every_back_end_agrees_with_enumeration() {
    let mut seeded = Seeded(3);
    let mut feasible = 0;
    for case in 0..300 {
        let problem = seeded.small();
        let truth = enumerate(&problem);
        feasible += usize::from(truth.is_some());
        for backend in backends() {
            let answer = solve(&*backend, &request(&problem)).unwrap();
            let Some(truth) = truth else {
                assert_eq!(answer.status, Status::Infeasible, "{case} {backend:?}");
                continue;
            };
            assert_eq!(answer.status, Status::Optimal, "{case} {backend:?}");
            let point: Vec<f64> = answer.values.unwrap().iter().map(|x| x.round()).collect();
            assert!(fits(&problem, &point), "{case} {backend:?}");
            assert_eq!(problem.value(&point), truth, "{case} {backend:?}");
            assert!((answer.bound.unwrap() - truth).abs() < 1e-6, "{case} {backend:?}");
            let relaxed = solve(&*backend, &Request { relax: true, ..request(&problem) });
            let bound = relaxed.unwrap().bound.unwrap();
            let sign = if problem.maximize { 1.0 } else { -1.0 };
            assert!(sign * (bound - truth) >= -1e-6, "{case} {backend:?}");
        }
    }
    assert!((75..225).contains(&feasible), "{feasible} of 300 feasible: the mix is poor");
}
