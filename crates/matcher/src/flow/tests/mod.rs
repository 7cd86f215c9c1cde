//! What comes in: the module's public face. What goes out: doubt, or its absence.
//! The oracles here know nothing of trees: enumeration of all flows of small problems, and
//! checks of bounds, conservation and complementary slackness straight from the problem.

mod brute;
mod certificates;
mod faults;
mod levels;
mod tiny;
mod warm;
mod widths;

use super::{INFINITE, Problem, Simplex, Status};

/// SplitMix64 (Steele, Lea, Flood 2014): seeded, so every run sees the same problems.
pub(super) struct Seeded(pub u64);

impl Seeded {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number within `low..=high`.
    pub fn within(&mut self, low: i64, high: i64) -> i64 {
        low.wrapping_add((self.next() % (high.wrapping_sub(low) as u64 + 1)) as i64)
    }

    /// A problem small enough to enumerate; half the time made feasible by construction.
    pub fn small(&mut self) -> Problem {
        let n = self.within(1, 5);
        let m = self.within(0, 7);
        let mut p = Problem { supply: vec![0; n as usize], ..Problem::default() };
        let feasible = self.within(0, 1) == 0;
        for _ in 0..m {
            let (tail, head) = (self.within(0, n - 1) as u32, self.within(0, n - 1) as u32);
            let lower = self.within(-1, 1);
            let upper = lower + self.within(0, 3);
            let flow = self.within(lower, upper);
            p.tail.push(tail);
            p.head.push(head);
            p.lower.push(lower);
            p.upper.push(upper);
            p.cost.push(self.within(-4, 9));
            if feasible {
                p.supply[tail as usize] += flow;
                p.supply[head as usize] -= flow;
            }
        }
        if !feasible && n > 1 {
            for _ in 0..2 {
                let (from, to) = (self.within(0, n - 1) as usize, self.within(0, n - 1) as usize);
                let units = self.within(0, 2);
                p.supply[from] += units;
                p.supply[to] -= units;
            }
        }
        p
    }

    /// A feasible problem with `n` nodes and `m` arcs, costs within `±cost`.
    pub fn larger(&mut self, n: i64, m: usize, cost: i64) -> Problem {
        let mut p = Problem { supply: vec![0; n as usize], ..Problem::default() };
        for _ in 0..m {
            let (tail, head) = (self.within(0, n - 1) as u32, self.within(0, n - 1) as u32);
            let lower = if self.within(0, 9) == 0 { self.within(-5, 5) } else { 0 };
            let upper = lower + self.within(0, 20);
            let flow = self.within(lower, upper);
            p.supply[tail as usize] += flow;
            p.supply[head as usize] -= flow;
            p.tail.push(tail);
            p.head.push(head);
            p.lower.push(lower);
            p.upper.push(upper);
            p.cost.push(self.within(-cost, cost));
        }
        p
    }
}

pub(super) fn problem(supply: &[i64], arcs: &[(u32, u32, i64, i64, i64)]) -> Problem {
    Problem {
        supply: supply.to_vec(),
        tail: arcs.iter().map(|a| a.0).collect(),
        head: arcs.iter().map(|a| a.1).collect(),
        lower: arcs.iter().map(|a| a.2).collect(),
        upper: arcs.iter().map(|a| a.3).collect(),
        cost: arcs.iter().map(|a| a.4).collect(),
    }
}

/// Calls `see` with every feasible flow of a small problem.
pub(super) fn enumerate(p: &Problem, see: &mut dyn FnMut(&[i64])) {
    let mut flow = p.lower.clone();
    loop {
        if breach(p, &flow).is_none() {
            see(&flow);
        }
        let mut a = 0;
        loop {
            if a == flow.len() {
                return;
            }
            if flow[a] < p.upper[a] {
                flow[a] += 1;
                break;
            }
            flow[a] = p.lower[a];
            a += 1;
        }
    }
}

/// Bounds and conservation, from the definition.
pub(super) fn breach(p: &Problem, flow: &[i64]) -> Option<String> {
    let mut left: Vec<i128> = p.supply.iter().map(|&b| i128::from(b)).collect();
    for (a, &x) in flow.iter().enumerate() {
        if x < p.lower[a] || (x > p.upper[a] && p.upper[a] < INFINITE) {
            return Some(format!("arc {a}: {x} outside its bounds"));
        }
        left[p.tail[a] as usize] -= i128::from(x);
        left[p.head[a] as usize] += i128::from(x);
    }
    left.iter().position(|&b| b != 0).map(|v| format!("node {v}: {} left over", left[v]))
}

/// Cost of a flow, from the definition.
pub(super) fn cost(p: &Problem, flow: &[i64]) -> i128 {
    p.cost.iter().zip(flow).map(|(&c, &x)| i128::from(c) * i128::from(x)).sum()
}

/// Complementary slackness and equal primal and dual objectives, from the definitions.
pub(super) fn assert_optimal(s: &Simplex) {
    let (p, flow) = (s.problem(), s.flows());
    assert_eq!(breach(p, &flow), None);
    let mut dual = 0;
    for (v, &b) in p.supply.iter().enumerate() {
        dual -= i128::from(b) * s.potential(v);
    }
    for (a, &x) in flow.iter().enumerate() {
        let rc = i128::from(p.cost[a]) + s.potential(p.tail[a] as usize)
            - s.potential(p.head[a] as usize);
        assert_eq!(rc, s.reduced_cost(a));
        if s.fixed_flow(a).is_none() {
            assert!(rc <= 0 || x == p.lower[a], "arc {a}: rc {rc}, flow {x}");
            assert!(rc >= 0 || x == p.upper[a], "arc {a}: rc {rc}, flow {x}");
        }
        dual += rc * i128::from(x);
    }
    assert_eq!(dual, cost(p, &flow));
    assert_eq!(s.objective(), cost(p, &flow));
    assert_eq!(s.dual_bound(), Some(dual));
}

pub(super) fn solved(p: &Problem) -> Simplex {
    let mut s = Simplex::new(p.clone()).expect("a valid problem");
    s.solve(&mut |_| false);
    s
}

/// Solves, demands an optimum, checks it.
pub(super) fn optimum(p: &Problem) -> i128 {
    let s = solved(p);
    assert_eq!(s.status(), Some(Status::Optimal));
    assert_optimal(&s);
    s.objective()
}
