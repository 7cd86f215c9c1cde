//! Networks small enough to solve by hand, with every flow written out.

use super::{assert_optimal, optimum, problem, solved};
use crate::flow::{INFINITE, Problem, Status};

#[test]
fn two_routes_share_by_capacity() {
    // Cheap route 0-1-3 takes 4, route 0-2-3 the other 2.
    let p = problem(
        &[6, 0, 0, -6],
        &[(0, 1, 0, 4, 1), (1, 3, 0, 5, 1), (0, 2, 0, 9, 2), (2, 3, 0, 9, 2), (1, 2, 0, 9, 0)],
    );
    let s = solved(&p);
    assert_eq!(s.flows(), [4, 4, 2, 2, 0]);
    assert_eq!(s.objective(), 16);
    assert_optimal(&s);
}

#[test]
fn a_circulation_gains_from_a_negative_cycle() {
    let p = problem(&[0; 3], &[(0, 1, 0, 5, -4), (1, 2, 0, 3, 1), (2, 0, 0, INFINITE, 1)]);
    let s = solved(&p);
    assert_eq!(s.flows(), [3, 3, 3]);
    assert_eq!(s.objective(), -6);
    assert_optimal(&s);
}

#[test]
fn lower_bounds_force_flow_and_may_be_negative() {
    // Arc 1 must carry 2 at a loss; arc 2 may carry back up to 1 at a gain (-1 units at cost 5).
    let p = problem(&[0; 2], &[(0, 1, 0, 9, 3), (1, 0, 2, 9, 4), (1, 0, -1, 0, 5)]);
    let s = solved(&p);
    assert_eq!(s.flows(), [1, 2, -1]);
    assert_eq!(s.objective(), 3 + 8 - 5);
    assert_optimal(&s);
}

#[test]
fn parallel_arcs_fill_in_order_of_cost() {
    let p = problem(&[5, -5], &[(0, 1, 0, 2, 3), (0, 1, 0, 2, 1), (0, 1, 0, 2, 2)]);
    assert_eq!(solved(&p).flows(), [1, 2, 2]);
    assert_eq!(optimum(&p), 3 + 2 + 4);
}

#[test]
fn self_loops_take_the_cheaper_bound() {
    let p = problem(&[0], &[(0, 0, -2, 3, -5), (0, 0, -2, 3, 5), (0, 0, 1, 1, 7)]);
    let s = solved(&p);
    assert_eq!(s.flows(), [3, -2, 1]);
    assert_optimal(&s);
}

#[test]
fn nothing_is_optimal() {
    assert_eq!(solved(&Problem::default()).status(), Some(Status::Optimal));
    assert_eq!(optimum(&problem(&[0, 0, 0], &[])), 0);
}

#[test]
fn an_assignment_finds_the_only_best_matching() {
    // Costs 4 1 3 / 2 0 5 / 3 2 2: best is 1 + 2 + 2.
    let cost = [4, 1, 3, 2, 0, 5, 3, 2, 2];
    let arcs: Vec<_> = (0..9u32).map(|k| (k / 3, 3 + k % 3, 0, 1, cost[k as usize])).collect();
    let s = solved(&problem(&[1, 1, 1, -1, -1, -1], &arcs));
    assert_eq!(s.flows(), [0, 1, 0, 1, 0, 0, 0, 0, 1]);
    assert_eq!(s.objective(), 5);
}
