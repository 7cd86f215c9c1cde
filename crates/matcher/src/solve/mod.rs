//! Levels in order, components in parallel: the engine's main loop.
//!
//! In: a network and its components. Out: a [`Solution`]: the flow on every edge, dual
//! evidence for every level, or the names of a contradiction. Must not know plans or
//! certificates; what it hands over is checked by others. After each level the solver
//! keeps only the optimal face (edges with reduced cost fixed), so that the next level
//! is solved exactly, without weights, from the same basis. Rejected: rows that hold
//! an earlier level's value (they destroy integrality), and big weights (they overflow).

mod component;
mod conflict;
mod fair;
mod parallel;
mod regions;

use crate::control::{Control, Limit, Options, Watch};
use crate::decompose::Component;
use crate::error::Error;
use crate::network::{LevelKind, Network};

use component::State;

/// What the solver found.
#[derive(Clone, Debug, Default)]
pub struct Solution {
    /// Flow on every edge of the network; `None` when no feasible flow was found.
    pub flows: Option<Vec<i64>>,
    /// For each level a potential for every node of the network; empty = all 0.
    pub potentials: Vec<Vec<i128>>,
    /// For each level the nodes of a cut (fairness only).
    pub cuts: Vec<Vec<u32>>,
    /// Work units spent on each level.
    pub work: Vec<u64>,
    /// The limit that cut the solve off, if one did.
    pub limit: Option<Limit>,
    /// Limits and locks that contradict each other, if no plan exists.
    pub conflict: Option<Vec<String>>,
    /// Then: nodes that more must leave than can enter.
    pub infeasible_cut: Vec<u32>,
}

/// Solves every level of every component.
///
/// The same input gives the same solution for any number of threads: components are
/// independent, and what they share (the worst share of a fairness level) is brought
/// together between levels.
///
/// # Errors
/// `NUMERIC_OVERFLOW` when the bounds of a component leave the solver's range.
///
/// Complexity: that of the network simplex, levels times.
pub fn solve(
    network: &Network,
    components: &[Component],
    options: &Options,
    control: &Control,
    watch: &Watch,
) -> Result<Solution, Error> {
    let threads = parallel::threads(options.threads, components.len());
    let mut states = components
        .iter()
        .map(|component| State::new(network, component))
        .collect::<Result<Vec<State>, Error>>()?;
    parallel::for_each(&mut states, threads, |state| state.find_feasible(watch));
    let mut solution = Solution::default();
    if states.iter().any(State::is_infeasible) {
        let mut names: Vec<String> = Vec::new();
        // One contradiction is enough, and the first component's is the same each time.
        if let Some(state) = states.iter_mut().find(|state| state.is_infeasible()) {
            (names, solution.infeasible_cut) = conflict::minimal(network, state, watch);
            solution.limit = state.limit();
        }
        solution.conflict = Some(names);
        return Ok(solution);
    }
    for (l, level) in network.levels.iter().enumerate() {
        control.report("solve", Some(&level.label), l as u64, network.levels.len() as u64);
        let before: u64 = states.iter().map(State::work).sum();
        let mut potentials = Vec::new();
        let mut cut = Vec::new();
        if let LevelKind::Fair(fair) = &level.kind {
            cut = fair::solve(network, l, fair, &mut states, threads, watch);
        } else {
            parallel::for_each(&mut states, threads, |state| {
                state.solve_level(network, level, watch);
            });
            potentials = gather_potentials(network, &states);
        }
        solution.potentials.push(potentials);
        solution.cuts.push(cut);
        solution.work.push(states.iter().map(State::work).sum::<u64>() - before);
    }
    solution.limit = states.iter().filter_map(State::limit).max();
    if states.iter().all(State::has_flow) {
        let mut flows = vec![0i64; network.edge_count()];
        for state in &states {
            state.write_flows(&mut flows);
        }
        solution.flows = Some(flows);
    }
    Ok(solution)
}

/// Potentials of all components in one vector, the root at 0; empty when all are 0.
fn gather_potentials(network: &Network, states: &[State]) -> Vec<i128> {
    let mut all = vec![0i128; network.node_count()];
    let mut any = false;
    for state in states {
        any |= state.write_potentials(&mut all);
    }
    if any { all } else { Vec::new() }
}
