//! Lexicographic optimisation by fixing optimal faces.

use super::{Seeded, assert_optimal, enumerate, problem};
use crate::flow::{Simplex, Status};

#[test]
fn levels_equal_enumeration_of_vectors() {
    let mut random = Seeded(6);
    let mut compared = 0;
    for round in 0..1500 {
        let p = random.small();
        let costs: Vec<Vec<i64>> =
            (0..3).map(|_| (0..p.arcs()).map(|_| random.within(-2, 3)).collect()).collect();
        let value = |level: &Vec<i64>, flow: &[i64]| -> i64 {
            level.iter().zip(flow).map(|(c, x)| c * x).sum()
        };
        let mut best: Option<Vec<i64>> = None;
        enumerate(&p, &mut |flow| {
            let vector: Vec<i64> = costs.iter().map(|level| value(level, flow)).collect();
            if best.as_ref().is_none_or(|b| vector < *b) {
                best = Some(vector);
            }
        });
        let Some(best) = best else { continue };
        let mut s = Simplex::new(p).expect("a valid problem");
        for level in &costs {
            s.set_costs(|a| level[a]);
            assert_eq!(s.solve(&mut |_| false), Status::Optimal);
            assert_optimal(&s);
            s.fix_face();
        }
        let flow = s.flows();
        let got: Vec<i64> = costs.iter().map(|level| value(level, &flow)).collect();
        assert_eq!(got, best, "round {round}");
        compared += 1;
    }
    assert!(compared > 700, "{compared}");
}

#[test]
fn levels_equal_one_solve_with_weights_that_dominate() {
    let mut random = Seeded(7);
    for _ in 0..20 {
        let p = random.larger(50, 400, 1);
        let levels: Vec<Vec<i64>> =
            (0..3).map(|_| (0..400).map(|_| random.within(-3, 3)).collect()).collect();
        // A level is worth at most 3 * 400 * 25 in magnitude.
        let weight = 100_000i64;
        let mut weighted = p.clone();
        for (a, cost) in weighted.cost.iter_mut().enumerate() {
            *cost = levels.iter().fold(0, |sum, level| sum * weight + level[a]);
        }
        let expected = super::optimum(&weighted);
        let mut s = Simplex::new(p).expect("a valid problem");
        let mut open = usize::MAX;
        let mut sum = 0i128;
        for level in &levels {
            s.set_costs(|a| level[a]);
            assert_eq!(s.solve(&mut |_| false), Status::Optimal);
            sum = sum * i128::from(weight) + s.objective();
            let left = s.fix_face().expect("an optimum");
            assert!(left <= open);
            open = left;
        }
        assert_eq!(sum, expected);
    }
}

#[test]
fn a_face_is_fixed_only_at_an_optimum_and_can_be_released() {
    let p = problem(&[1, -1], &[(0, 1, 0, 1, 1), (0, 1, 0, 1, 2)]);
    let mut s = Simplex::new(p).expect("a valid problem");
    assert_eq!(s.fix_face(), None);
    s.solve(&mut |_| false);
    // The cheap arc sits at a bound of the tree arc's choosing; the dear one is off the face.
    s.fix_face();
    s.set_costs(|a| if a == 1 { 0 } else { 5 });
    assert_eq!(s.fix_face(), None);
    s.solve(&mut |_| false);
    assert_eq!(s.flows(), [1, 0]);
    s.release_face();
    s.solve(&mut |_| false);
    assert_eq!(s.flows(), [0, 1]);
}
