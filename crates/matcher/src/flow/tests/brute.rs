//! Random small problems against the enumeration of all their flows.

use super::{Seeded, assert_optimal, cost, enumerate, solved};
use crate::flow::{Simplex, Status};

#[test]
fn status_and_cost_equal_enumeration() {
    let mut random = Seeded(1);
    let (mut optimal, mut infeasible) = (0, 0);
    for round in 0..3000 {
        let p = random.small();
        let mut best: Option<i128> = None;
        enumerate(&p, &mut |flow| {
            let value = cost(&p, flow);
            best = Some(best.map_or(value, |b| b.min(value)));
        });
        let s = solved(&p);
        if let Some(best) = best {
            assert_eq!(s.status(), Some(Status::Optimal), "round {round}: {p:?}");
            assert_eq!(s.objective(), best, "round {round}: {p:?}");
            assert_optimal(&s);
            optimal += 1;
        } else {
            assert_eq!(s.status(), Some(Status::Infeasible), "round {round}: {p:?}");
            let violation = s.cut().expect("a cut").violation(&p);
            assert!(violation.is_some_and(|units| units > 0), "round {round}: {p:?}");
            infeasible += 1;
        }
    }
    assert!(optimal > 1000 && infeasible > 300, "{optimal} optimal, {infeasible} infeasible");
}

#[test]
fn larger_problems_satisfy_the_optimality_conditions() {
    let mut random = Seeded(2);
    for (n, m) in [(10, 40), (40, 300), (300, 900), (120, 4000)] {
        for _ in 0..8 {
            let s = solved(&random.larger(n, m, 1000));
            assert_eq!(s.status(), Some(Status::Optimal));
            assert_optimal(&s);
        }
    }
}

#[test]
fn the_same_input_gives_the_same_flow_and_effort() {
    let p = Seeded(3).larger(80, 900, 6);
    let (a, b) = (solved(&p), solved(&p));
    assert_eq!(a.flows(), b.flows());
    assert_eq!((a.pivots(), a.work()), (b.pivots(), b.work()));
    assert_eq!(a.basis(), b.basis());
}

#[test]
fn stopping_at_any_poll_keeps_flow_and_bound_valid() {
    let p = Seeded(4).larger(600, 20_000, 1000);
    let best = solved(&p).objective();
    let (mut polls, mut feasible_stops) = (0, 0);
    for allowed in 0.. {
        let mut s = Simplex::new(p.clone()).expect("a valid problem");
        let mut asked = 0;
        let status = s.solve(&mut |_| {
            asked += 1;
            asked > allowed
        });
        if let Some(bound) = s.dual_bound() {
            assert!(bound <= best);
        }
        if s.is_feasible() {
            assert_eq!(super::breach(&p, &s.flows()), None);
            assert!(s.objective() >= best);
        }
        if status != Status::Stopped {
            assert_eq!(s.objective(), best);
            break;
        }
        polls += 1;
        feasible_stops += u32::from(s.is_feasible());
        // Going on from there ends at the same cost.
        assert_eq!(s.solve(&mut |_| false), Status::Optimal);
        assert_eq!(s.objective(), best);
        assert_optimal(&s);
    }
    assert!(polls > 3 && feasible_stops > 0, "{polls} polls, {feasible_stops} feasible");
}

/// What the exchanges keep up must be what the parents alone say, and every node must be able to
/// send more to the root, which is what rules out cycling.
#[test]
fn the_tree_stays_a_strongly_feasible_tree_in_preorder() {
    let mut random = Seeded(14);
    for (n, m) in [(6, 20), (60, 500), (200, 900)] {
        let s = solved(&random.larger(n, m, 100));
        let tree = &s.tree;
        let mut rebuilt = tree.clone();
        assert_eq!(rebuilt.rebuild_order(), tree.nodes.len());
        for v in 0..tree.root() {
            let node = tree.nodes[v as usize];
            assert!(node.res_up > 0 && node.res_down >= 0, "node {v}: {node:?}");
            assert_eq!(node.size, rebuilt.nodes[v as usize].size);
            let mut at = v;
            for step in 1..=node.size {
                let mut above = at;
                while above != v && above != tree.root() {
                    above = tree.nodes[above as usize].parent;
                }
                assert_eq!(above, v, "node {at} is not below {v}");
                assert_eq!(at == node.last, step == node.size);
                let next = tree.links[at as usize].next;
                assert_eq!(tree.links[next as usize].prev, at);
                at = next;
            }
        }
    }
}
