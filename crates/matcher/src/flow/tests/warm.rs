//! Warm starts after any change must end at the cold optimum.

use super::{Seeded, assert_optimal, problem, solved};
use crate::flow::{Basis, BasisError, INFINITE, ProblemError, Simplex, Status};

/// Both must agree on status and cost, and the warm answer must carry its own proof.
fn assert_same(warm: &Simplex) {
    let cold = solved(warm.problem());
    assert_eq!(warm.status(), cold.status());
    match warm.status() {
        Some(Status::Optimal) => {
            assert_eq!(warm.objective(), cold.objective());
            assert_optimal(warm);
        }
        Some(Status::Infeasible) => {
            let violation = warm.cut().expect("a cut").violation(warm.problem());
            assert!(violation.is_some_and(|units| units > 0));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn random_changes_end_at_the_cold_optimum() {
    let mut random = Seeded(8);
    let mut seen = [0; 2];
    // 15 warm starts each.
    let problems = if std::env::var_os("CONCENTRIC_LONG").is_some() { 2_000 } else { 200 };
    for _ in 0..problems {
        let mut s = solved(&random.larger(25, 120, 50));
        for _ in 0..15 {
            for _ in 0..random.within(1, 4) {
                let arc = random.within(0, 119) as usize;
                match random.within(0, 2) {
                    0 => s.set_cost(arc, random.within(-50, 50)).expect("in range"),
                    1 => {
                        let lower = random.within(-3, 3);
                        s.set_bounds(arc, lower, lower + random.within(0, 20)).expect("in range");
                    }
                    _ => {
                        let (v, w) = (random.within(0, 24) as usize, random.within(0, 24) as usize);
                        let units = random.within(0, 9);
                        let (at_v, at_w) = (s.problem().supply[v], s.problem().supply[w]);
                        if v != w {
                            s.set_supply(v, at_v + units).expect("in range");
                            s.set_supply(w, at_w - units).expect("in range");
                        }
                    }
                }
            }
            s.solve(&mut |_| false);
            assert_same(&s);
            seen[usize::from(s.status() == Some(Status::Optimal))] += 1;
        }
    }
    assert!(seen[0] > 60 && seen[1] > 2_000, "{seen:?}");
}

#[test]
fn a_warm_start_takes_far_fewer_pivots() {
    let mut random = Seeded(9);
    let mut s = solved(&random.larger(400, 5000, 1000));
    let cold = s.pivots();
    let arc = (0..5000).find(|&a| s.flow(a) > s.problem().lower[a]).expect("some flow");
    let lower = s.problem().lower[arc];
    s.set_bounds(arc, lower, lower).expect("in range");
    s.solve(&mut |_| false);
    assert_same(&s);
    assert!((s.pivots() - cold) * 10 < cold, "{} after {cold}", s.pivots() - cold);
}

#[test]
fn a_basis_can_be_carried_to_changed_problems() {
    let mut random = Seeded(10);
    for _ in 0..40 {
        let p = random.larger(20, 90, 30);
        let basis = solved(&p).basis();
        let mut changed = random.larger(20, 90, 30);
        changed.tail.clone_from(&p.tail);
        changed.head.clone_from(&p.head);
        changed.supply = vec![0; 20];
        let mut warm = Simplex::new(changed).expect("a valid problem");
        warm.load_basis(&basis).expect("it fits");
        warm.solve(&mut |_| false);
        assert_same(&warm);
        // On its own problem it needs no pivot at all.
        let mut again = Simplex::new(p).expect("a valid problem");
        again.load_basis(&basis).expect("it fits");
        assert_eq!(again.solve(&mut |_| false), Status::Optimal);
        assert_eq!(again.pivots(), 0);
        again.reset();
        assert_eq!(again.solve(&mut |_| false), Status::Optimal);
        assert_same(&again);
    }
}

#[test]
fn a_foreign_basis_is_refused() {
    let one = problem(&[1, -1], &[(0, 1, 0, 1, 1)]);
    let other = problem(&[1, -1], &[(1, 0, 0, 1, 1)]);
    let larger = problem(&[1, -1, 0], &[(0, 1, 0, 1, 1)]);
    let mut s = Simplex::new(one.clone()).expect("a valid problem");
    assert_eq!(s.load_basis(&solved(&larger).basis()), Err(BasisError::Shape));
    let roomy = problem(&[1, -1], &[(0, 1, 0, 2, 1)]);
    let turned: Basis = solved(&roomy).basis();
    assert_eq!(Simplex::new(roomy).expect("valid").load_basis(&turned), Ok(()));
    let mut t = Simplex::new(other).expect("a valid problem");
    assert!(matches!(t.load_basis(&turned), Err(BasisError::Mismatch { .. })));
    assert_eq!(s.solve(&mut |_| false), Status::Optimal);
}

#[test]
fn bad_changes_change_nothing() {
    let mut s = solved(&problem(&[1, -1], &[(0, 1, 0, 1, 1)]));
    assert_eq!(s.set_bounds(0, 2, 1), Err(ProblemError::EmptyBounds { arc: 0 }));
    assert_eq!(s.set_bounds(1, 0, 1), Err(ProblemError::NoSuchIndex { index: 1 }));
    assert_eq!(s.set_cost(1, 0), Err(ProblemError::NoSuchIndex { index: 1 }));
    assert_eq!(s.set_supply(2, 0), Err(ProblemError::NoSuchIndex { index: 2 }));
    assert!(matches!(s.set_supply(0, i64::MIN), Err(ProblemError::Magnitude { .. })));
    assert!(matches!(s.set_bounds(0, -INFINITE, 0), Err(ProblemError::Magnitude { .. })));
    assert_eq!(s.status(), Some(Status::Optimal));
    assert_eq!(s.flows(), [1]);
}
