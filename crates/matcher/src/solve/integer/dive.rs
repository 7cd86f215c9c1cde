//! A first plan without a solver: the relaxation, rounded by closing what it breaks.
//!
//! In: a program and its relaxed network. Out: service that obeys every row, if found.
//! Must not know back ends. The network is solved with the first levels blended into one
//! cost; what the plan then breaks is closed or capped, a part at a time, and the network
//! is solved again from the same basis, so that what was freed goes to others. Bounds only
//! ever shrink, so it ends. Rows that ask for more rather than less are not repaired.

use crate::control::Watch;
use crate::decompose::Component;
use crate::flow::Status;
use crate::network::{Form, Line, Meaning, Network, Program};

use super::super::component::State;

/// Rounds after which the dive is given up.
const ROUNDS: usize = 400;

/// Looks for service that obeys the program.
pub(super) fn dive(
    network: &Network,
    program: &Program,
    component: &Component,
    watch: &Watch,
) -> Option<Vec<i64>> {
    let mut state = State::new(network, component).ok()?;
    let costs = blended(network, &state);
    state.simplex.set_costs(|k| costs[k]);
    let worth = first_worth(program);
    let mut caps: Vec<i64> =
        program.columns[..program.arcs.len()].iter().map(|column| column.upper).collect();
    for _ in 0..ROUNDS {
        if state.run(watch) != Some(Status::Optimal) {
            return None;
        }
        let service = service(network, program, &state);
        let values = program.complete(&service);
        let broken: Vec<&Line> = program.rows.iter().filter(|row| !row.holds(&values)).collect();
        if broken.is_empty() {
            return program.holds(&values).then_some(service);
        }
        let before = caps.clone();
        shrink(program, &values, &broken, &worth, &mut caps);
        if caps == before {
            return None;
        }
        for (c, &cap) in caps.iter().enumerate().filter(|&(c, cap)| *cap != before[c]) {
            if !set_cap(network, program, &mut state, c, cap) {
                return None;
            }
        }
    }
    None
}

/// The first two levels that add up, in one cost: the first counts 2^18 times.
fn blended(network: &Network, state: &State) -> Vec<i64> {
    let mut levels = network
        .levels
        .iter()
        .filter(|level| state.edges.iter().any(|&e| network.cost(level, e as usize) != 0));
    let (first, second) = (levels.next(), levels.next());
    let cost = |level: Option<&crate::network::Level>, e: u32| {
        level.map_or(0, |level| i128::from(network.cost(level, e as usize)))
    };
    let wide: Vec<i128> =
        state.edges.iter().map(|&e| (cost(first, e) << 18) + cost(second, e)).collect();
    let most = wide.iter().map(|c| c.unsigned_abs()).max().unwrap_or(0);
    // Costs stay below 2^60; what is cut off only breaks ties.
    let shift = (128 - most.leading_zeros()).saturating_sub(60);
    wide.into_iter().map(|c| i64::try_from(c >> shift).unwrap_or(0)).collect()
}

/// What a unit of service is worth at the first level that speaks of it.
fn first_worth(program: &Program) -> Vec<i64> {
    let mut worth = vec![0i64; program.arcs.len()];
    for level in program.levels.iter().rev() {
        let Form::Linear(terms) = level else { continue };
        for &(c, k) in terms {
            if let Some(worth) = worth.get_mut(c as usize) {
                *worth = -k;
            }
        }
    }
    worth
}

fn service(network: &Network, program: &Program, state: &State) -> Vec<i64> {
    let flow = |e: usize| state.local_edge(e).map_or(0, |k| state.simplex.flow(k));
    let on = |&arc: &u32| flow(arc as usize) + network.second_part(arc).map_or(0, flow);
    program.arcs.iter().map(on).collect()
}

/// Caps service column `c`; false where a lock forbids it.
fn set_cap(network: &Network, program: &Program, state: &mut State, c: usize, cap: i64) -> bool {
    let arc = program.arcs[c];
    let mut left = cap;
    let parts = [Some(arc as usize), network.second_part(arc)];
    for e in parts.into_iter().flatten() {
        let edge = network.edge(e);
        let upper = left.min(edge.upper);
        left -= upper;
        let Some(k) = state.local_edge(e) else { return false };
        if upper < edge.lower || state.simplex.set_bounds(k, edge.lower, upper).is_err() {
            return false;
        }
    }
    true
}

/// Something that can be closed: its service columns, and what closing them loses.
struct Closing {
    columns: Vec<u32>,
    lost: i128,
}

/// Lowers caps so that less is broken.
fn shrink(program: &Program, values: &[i64], broken: &[&Line], worth: &[i64], caps: &mut [i64]) {
    let mut closings: Vec<Closing> = Vec::new();
    for row in broken {
        let service = program.arcs.len() as u32;
        let plain = row.terms.iter().all(|&(c, k)| c < service && k >= 0);
        let over = row.upper.is_some_and(|upper| sum(row, values) > upper);
        if over && plain {
            cap(row, values, worth, caps);
        } else if over && row.terms.iter().all(|&(c, _)| c >= service) {
            // Too many things in use: the least of them goes.
            let used = row.terms.iter().filter(|&&(c, _)| values[c as usize] > 0);
            let least = used
                .map(|&(c, _)| closing(program, values, worth, columns_of(program, c)))
                .min_by_key(|closing| closing.lost);
            closings.extend(least);
        } else {
            // A minimum that is not reached: all of it goes.
            let mut columns: Vec<u32> =
                row.terms.iter().map(|t| t.0).filter(|&c| c < service).collect();
            for &(c, _) in row.terms.iter().filter(|t| t.0 >= service) {
                columns.extend(columns_of(program, c));
            }
            closings.push(closing(program, values, worth, columns));
        }
    }
    closings.sort_by_key(|closing| closing.lost);
    let some = closings.len().div_ceil(8);
    for closing in closings.into_iter().take(some) {
        for c in closing.columns {
            caps[c as usize] = 0;
        }
    }
}

fn sum(row: &Line, values: &[i64]) -> i128 {
    row.terms.iter().map(|&(c, k)| i128::from(k) * i128::from(values[c as usize])).sum()
}

fn closing(program: &Program, values: &[i64], worth: &[i64], mut columns: Vec<u32>) -> Closing {
    columns.sort_unstable();
    columns.dedup();
    columns.retain(|&c| program.columns[c as usize].upper > 0);
    let lost = columns
        .iter()
        .map(|&c| i128::from(worth[c as usize]) * i128::from(values[c as usize]))
        .sum();
    Closing { columns, lost }
}

/// Service columns behind a binary.
fn columns_of(program: &Program, column: u32) -> Vec<u32> {
    match &program.columns[column as usize].meaning {
        Meaning::Used(columns) => columns.clone(),
        Meaning::Served(needs) => needs.iter().flat_map(|(columns, _)| columns.clone()).collect(),
        _ => Vec::new(),
    }
}

/// Takes service from what is worth least for what it draws, until the row holds.
fn cap(row: &Line, values: &[i64], worth: &[i64], caps: &mut [i64]) {
    let Some(upper) = row.upper else { return };
    let mut excess = sum(row, values) - upper;
    let mut order: Vec<(u32, i64)> =
        row.terms.iter().copied().filter(|&(c, k)| k > 0 && values[c as usize] > 0).collect();
    // worth / k ascending, compared without division.
    order.sort_by(|a, b| {
        let left = i128::from(worth[a.0 as usize]) * i128::from(b.1);
        let right = i128::from(worth[b.0 as usize]) * i128::from(a.1);
        left.cmp(&right).then(a.0.cmp(&b.0))
    });
    for (c, k) in order {
        if excess <= 0 {
            return;
        }
        let at = values[c as usize].min(caps[c as usize]);
        let take = i128::from(at).min((excess + i128::from(k) - 1) / i128::from(k));
        caps[c as usize] = at - i64::try_from(take).unwrap_or(at);
        excess -= take * i128::from(k);
    }
}
