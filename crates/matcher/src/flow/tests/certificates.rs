//! Proofs of infeasibility and unboundedness must add up from the problem alone.

use super::{Seeded, problem, solved};
use crate::flow::{CutSide, INFINITE, Problem, Simplex, Status};

#[test]
fn a_bottleneck_gives_the_cut_in_front_of_it() {
    let p = problem(&[5, 0, -5], &[(0, 1, 0, 9, 1), (1, 2, 0, 3, 1)]);
    let s = solved(&p);
    assert_eq!(s.status(), Some(Status::Infeasible));
    let cut = s.cut().expect("a cut");
    assert_eq!(cut.nodes, [true, true, false]);
    assert_eq!(cut.violation(&p), Some(2));
    assert!(!s.is_feasible());
}

#[test]
fn unequal_supplies_give_the_cut_of_all_nodes() {
    for (supply, side) in [(7, CutSide::Surplus), (3, CutSide::Shortage)] {
        let p = problem(&[supply, -5], &[(0, 1, 0, INFINITE, 1)]);
        let s = solved(&p);
        assert_eq!(s.status(), Some(Status::Infeasible));
        let cut = s.cut().expect("a cut");
        assert_eq!((cut.side, cut.violation(&p)), (side, Some(2)));
    }
}

fn assert_unbounded(s: &Simplex) {
    let p = s.problem();
    assert_eq!(s.status(), Some(Status::Unbounded));
    let cycle = s.cycle().expect("a cycle");
    assert!(cycle.cost(p) < 0);
    let mut balance = vec![0; p.nodes()];
    for &(a, ahead) in &cycle.arcs {
        let a = a as usize;
        assert!(ahead && p.upper[a] >= INFINITE, "arc {a} limits the cycle");
        balance[p.tail[a] as usize] += 1;
        balance[p.head[a] as usize] -= 1;
    }
    assert!(balance.iter().all(|&b| b == 0), "not a cycle: {cycle:?}");
    assert_eq!(s.dual_bound(), None);
}

#[test]
fn an_endless_cycle_is_named() {
    let p = problem(
        &[2, 0, -2],
        &[(0, 1, 0, INFINITE, 3), (1, 2, 0, INFINITE, 1), (2, 0, 0, INFINITE, -5), (0, 2, 0, 9, 1)],
    );
    let s = solved(&p);
    assert_unbounded(&s);
    let mut arcs: Vec<u32> = s.cycle().expect("a cycle").arcs.iter().map(|a| a.0).collect();
    arcs.sort_unstable();
    assert_eq!(arcs, [0, 1, 2]);
}

#[test]
fn an_endless_self_loop_is_named() {
    let s = solved(&problem(&[0], &[(0, 0, 0, INFINITE, -1)]));
    assert_unbounded(&s);
    let free = solved(&problem(&[0], &[(0, 0, 0, INFINITE, 0)]));
    assert_eq!(free.status(), Some(Status::Optimal));
}

#[test]
fn infeasible_wins_over_unbounded() {
    // Nodes 0 and 1 have an endless cycle; node 2 cannot get what it needs.
    let p =
        problem(&[1, 0, -1], &[(0, 1, 0, INFINITE, -3), (1, 0, 0, INFINITE, 1), (2, 1, 0, 5, 0)]);
    let s = solved(&p);
    assert_eq!(s.status(), Some(Status::Infeasible));
    assert_eq!(s.cut().expect("a cut").violation(&p), Some(1));
}

/// Bellman-Ford from everywhere at once: is there a negative cycle over unbounded arcs?
fn has_endless_cycle(p: &Problem) -> bool {
    let mut distance = vec![0i64; p.nodes()];
    for _ in 0..=p.nodes() {
        let mut changed = false;
        for a in (0..p.arcs()).filter(|&a| p.upper[a] >= INFINITE) {
            let reached = distance[p.tail[a] as usize] + p.cost[a];
            if reached < distance[p.head[a] as usize] {
                distance[p.head[a] as usize] = reached;
                changed = true;
            }
        }
        if !changed {
            return false;
        }
    }
    true
}

#[test]
fn random_problems_are_unbounded_exactly_when_a_cycle_says_so() {
    let mut random = Seeded(5);
    let (mut bounded, mut unbounded) = (0, 0);
    for _ in 0..1500 {
        let mut p = random.larger(8, 24, 9);
        for a in 0..p.arcs() {
            if random.within(0, 2) == 0 {
                p.upper[a] = INFINITE;
                p.cost[a] += 5;
            }
        }
        let s = solved(&p);
        if has_endless_cycle(&p) {
            assert_unbounded(&s);
            unbounded += 1;
        } else {
            assert_eq!(s.status(), Some(Status::Optimal));
            super::assert_optimal(&s);
            bounded += 1;
        }
    }
    assert!(bounded > 100 && unbounded > 100, "{bounded} bounded, {unbounded} unbounded");
}
