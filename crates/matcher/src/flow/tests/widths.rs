//! The narrow integers must give exactly what 128 bits give, or give way to them.

use super::{Seeded, assert_optimal, optimum, problem};
use crate::flow::{Problem, Simplex, Status};

fn with_width(p: &Problem, width: u8) -> i128 {
    let mut s = Simplex::new(p.clone()).expect("a valid problem");
    s.first_width = width;
    assert_eq!(s.solve(&mut |_| false), Status::Optimal);
    assert_optimal(&s);
    s.objective()
}

#[test]
fn all_widths_agree_on_costs_of_any_size() {
    let mut random = Seeded(11);
    for bits in [3, 15, 20, 22, 24, 27, 30, 40, 52, 54, 57, 59, 61, 62] {
        for (n, m) in [(12, 40), (60, 150)] {
            let p = random.larger(n, m, 1 << bits);
            let wide = with_width(&p, 2);
            assert_eq!(with_width(&p, 0), wide, "{bits} bits");
            assert_eq!(with_width(&p, 1), wide, "{bits} bits");
        }
    }
}

/// A path on which the potential grows by `cost` a step, closed by a dear way round.
fn path(steps: usize, cost: i64) -> Problem {
    let mut arcs: Vec<_> = (0..steps as u32).map(|v| (v, v + 1, 0, 5, cost)).collect();
    arcs.push((0, steps as u32, 0, 5, i64::MAX));
    let mut supply = vec![0; steps + 1];
    supply[0] = 3;
    supply[steps] = -3;
    problem(&supply, &arcs)
}

#[test]
fn long_paths_outgrow_every_narrow_width() {
    // The potentials reach steps * cost: beyond 2^28, beyond 2^60, and beyond 2^63.
    for (steps, cost) in [(3000, 1 << 20), (3000, 1 << 53), (3000, 1 << 61)] {
        let mut p = path(steps, cost);
        // Keep the last arc out of the static choice of the width.
        p.cost[steps] = p.cost[0];
        p.upper[steps] = 2;
        let by_hand = 2 * i128::from(cost) + i128::from(cost) * steps as i128;
        assert_eq!(optimum(&p), by_hand);
    }
}

#[test]
fn extreme_costs_are_exact() {
    let p = problem(&[2, -2], &[(0, 1, 0, 1, i64::MAX), (0, 1, 0, 1, i64::MIN), (0, 1, 0, 1, 7)]);
    assert_eq!(optimum(&p), i128::from(i64::MIN) + 7);
    let back = problem(&[0, 0], &[(0, 1, 0, 9, i64::MIN), (1, 0, 0, 9, i64::MAX)]);
    assert_eq!(optimum(&back), -9);
}

#[test]
fn node_numbers_of_16_and_32_bits_are_solved_alike() {
    // A hub serves every other node by one of two arcs; the artificial root is one node more, so
    // 65,535 is the most that 16 bits hold.
    for n in [65_534, 65_535, 65_536, 70_000u32] {
        let serve = |v: u32| [(0, v, 0, 1, i64::from(v % 7)), (0, v, 0, 1, 3)];
        let arcs: Vec<_> = (1..n).flat_map(serve).collect();
        let mut supply = vec![-1; n as usize];
        supply[0] = i64::from(n - 1);
        let by_hand: i128 = (1..n).map(|v| i128::from(v % 7).min(3)).sum();
        assert_eq!(optimum(&problem(&supply, &arcs)), by_hand);
    }
}
