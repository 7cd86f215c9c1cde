//! Levels in order, parts in parallel: the engine's main loop.
//!
//! In: a network and its clusters, a back end for those that need integers. Out: a
//! [`Solution`]: service on every arc, the flow on every edge, evidence for every level,
//! or the names of a contradiction. Must not know plans or certificates; what it hands
//! over is checked by others. After each level the solver keeps only the optimal face
//! (edges with reduced cost fixed), so that the next level is solved exactly, without
//! weights, from the same basis. Rejected: rows that hold an earlier level's value where
//! the face can (they destroy integrality), and big weights (they overflow).

mod component;
mod conflict;
mod fair;
mod integer;
mod parallel;
mod regions;
mod told;

use crate::control::{Control, Limit, Options, Watch};
use crate::decompose::Cluster;
use crate::error::Error;
use crate::milp::MilpBackend;
use crate::network::{Level, LevelKind, Network};

use component::State;
use integer::{Context, Part};
use told::Told;

/// A network with fewer edges is solved sooner than threads are started for its parts.
const SMALL: usize = 20_000;

/// (row, multiplier in 2^-40) of one program.
pub type RowMultipliers = Vec<(u32, i128)>;

/// What the solver found.
#[derive(Clone, Debug, Default)]
pub struct Solution {
    /// Service on every arc of the network; `None` when no plan was found.
    pub service: Option<Vec<i64>>,
    /// Flow on every edge of the network; empty without a plan.
    pub flows: Vec<i64>,
    /// For each level a potential for every node of the network; empty = all 0.
    pub potentials: Vec<Vec<i128>>,
    /// For each level the nodes of a cut (fairness only).
    pub cuts: Vec<Vec<u32>>,
    /// For each level, for each cluster that needs integers: its position and
    /// multipliers of its program's rows, in 2^-40.
    pub multipliers: Vec<Vec<(u32, RowMultipliers)>>,
    /// For each level, for each cluster: the least cost that a back end claims.
    pub claims: Vec<Vec<Option<i128>>>,
    /// Work units spent on each level.
    pub work: Vec<u64>,
    /// The limit that cut the solve off, if one did.
    pub limit: Option<Limit>,
    /// Whether a clock ended any search, so that another run may find another plan.
    pub by_clock: bool,
    /// Why a back end gave no answer, if one did not.
    pub trouble: Option<String>,
    /// Why no plan exists, if none does.
    pub conflict: Option<Contradiction>,
}

/// Rules that no plan can obey together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contradiction {
    /// Limits and locks, each of them needed for it.
    pub names: Vec<String>,
    /// Where there are none of these: untouchable limits that clash, which are told and not
    /// blamed.
    pub untouchable: Vec<String>,
    /// Where a network proves it: nodes that more must leave than can enter.
    pub cut: Vec<u32>,
    /// Where none does: what it took to see it.
    pub seen: Seen,
}

/// What it takes to see that a program has no point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Seen {
    /// Nobody could tell more than that it has none.
    #[default]
    Somehow,
    /// One row, added up in whole numbers.
    Sum,
    /// The program with fractions allowed.
    Relaxation,
    /// Whole numbers: with fractions there is a point.
    Integers,
}

/// A cluster being solved.
enum Work<'a> {
    Network(Box<State>),
    Integer(Box<Part<'a>>),
}

impl Work<'_> {
    fn state(&self) -> &State {
        match self {
            Work::Network(state) => state,
            Work::Integer(part) => &part.state,
        }
    }

    fn state_mut(&mut self) -> &mut State {
        match self {
            Work::Network(state) => state,
            Work::Integer(part) => &mut part.state,
        }
    }

    fn work(&self) -> u64 {
        match self {
            Work::Network(state) => state.work(),
            Work::Integer(part) => part.state.work() + part.work,
        }
    }

    fn limit(&self) -> Option<Limit> {
        match self {
            Work::Network(state) => state.limit(),
            Work::Integer(part) => part.state.limit().max(part.limit),
        }
    }

    /// Cost of the present plan at a level that adds up; of a program, at any level.
    fn cost(&self, network: &Network, l: usize) -> Option<i128> {
        let level = &network.levels[l];
        match self {
            Work::Integer(part) => part.cost(l),
            Work::Network(_) if matches!(level.kind, LevelKind::Fair(_)) => None,
            Work::Network(state) => {
                let flow = state.cost(network, level)?;
                let inside = |node: u32| state.has_node(node);
                Some(flow + network.soft_constant_in(level, inside))
            }
        }
    }

    /// Cost at the level just solved, and the least that it can be as far as is known.
    fn reached(&self, network: &Network, l: usize) -> (Option<i128>, Option<i128>) {
        let cost = self.cost(network, l);
        match self {
            Work::Integer(part) => (cost, part.bound(l)),
            Work::Network(state) => (cost, cost.filter(|_| state.limit().is_none())),
        }
    }

    fn trouble(&mut self) -> Option<String> {
        match self {
            Work::Network(_) => None,
            Work::Integer(part) => part.trouble.take(),
        }
    }

    fn has_plan(&self) -> bool {
        match self {
            Work::Network(state) => state.has_flow(),
            Work::Integer(part) => part.best.is_some(),
        }
    }
}

/// Solves every level of every cluster.
///
/// The same input gives the same solution for any number of threads, unless a clock ends
/// a search: clusters are independent, and what they share (the worst share of a fairness
/// level) is brought together between levels.
///
/// # Errors
/// `NUMERIC_OVERFLOW` when the bounds of a component leave the solver's range.
///
/// Complexity: that of the network simplex, levels times, for networks; exponential in
/// the worst case where integers are needed, within the limits.
pub fn solve(
    network: &Network,
    clusters: &[Cluster],
    backend: Option<&dyn MilpBackend>,
    options: &Options,
    control: &Control,
    watch: &Watch,
) -> Result<Solution, Error> {
    // Threads cost more than they save where a few small networks are all there is.
    let programs = clusters.iter().filter(|cluster| cluster.integer).count();
    let heavy = programs > 1 || network.edge_count() >= SMALL;
    let threads = if heavy { parallel::threads(options.threads, clusters.len()) } else { 1 };
    let context = Context { backend, watch };
    let told = Told::new(network, control);
    let mut works = clusters
        .iter()
        .enumerate()
        .map(|(k, cluster)| {
            Ok(if cluster.integer {
                let part = Part::new(network, cluster, options)?;
                Work::Integer(Box::new(part.telling(&told, k)))
            } else {
                Work::Network(Box::new(State::new(network, &cluster.component)?))
            })
        })
        .collect::<Result<Vec<Work>, Error>>()?;
    parallel::for_each(&mut works, threads, |work| work.state_mut().find_feasible(watch));
    let mut solution = Solution::default();
    // One contradiction is enough, and the first cluster's is the same each time.
    if let Some(work) = works.iter_mut().find(|work| work.state().is_infeasible()) {
        let state = work.state_mut();
        solution.conflict = Some(conflict::minimal(network, state, watch));
        solution.limit = state.limit();
        return Ok(solution);
    }
    control.report("start");
    parallel::for_each(&mut works, threads, |work| {
        if let Work::Integer(part) = work {
            part.begin(context);
        }
    });
    for work in &mut works {
        if let Work::Integer(part) = work
            && let Some(found) = part.conflict.take()
        {
            solution.conflict = Some(found);
            (solution.limit, solution.trouble) = (part.limit, part.trouble.take());
            return Ok(solution);
        }
    }
    for (l, level) in network.levels.iter().enumerate() {
        control.wanted()?;
        let before: u64 = works.iter().map(Work::work).sum();
        told.begin(l, || works.iter().map(|work| work.cost(network, l)).collect());
        level_of(network, l, level, &mut works, (threads, &told), context, &mut solution);
        told.end(|| works.iter().map(|work| work.reached(network, l)).collect());
        solution.work.push(works.iter().map(Work::work).sum::<u64>() - before);
    }
    solution.limit = works.iter().filter_map(Work::limit).max();
    solution.trouble = works.iter_mut().find_map(Work::trouble);
    gather(network, &works, &mut solution);
    Ok(solution)
}

fn level_of(
    network: &Network,
    l: usize,
    level: &Level,
    works: &mut [Work<'_>],
    (threads, told): (usize, &Told<'_>),
    context: Context<'_>,
    solution: &mut Solution,
) {
    let mut potentials = Vec::new();
    let mut cut = Vec::new();
    let in_program = |work: &Work<'_>| match work {
        Work::Integer(part) => part.speaks_of(l),
        Work::Network(_) => false,
    };
    match &level.kind {
        LevelKind::Fair(fair) if network.fair_in_network(l) && !works.iter().any(in_program) => {
            let mut states: Vec<&mut State> = works.iter_mut().map(Work::state_mut).collect();
            cut = fair::solve(network, l, fair, &mut states, threads, context.watch);
            for work in works.iter_mut() {
                if let Work::Integer(part) = work {
                    part.pass();
                }
            }
        }
        _ => {
            let linear = !matches!(level.kind, LevelKind::Fair(_));
            let mut numbered: Vec<(usize, &mut Work)> = works.iter_mut().enumerate().collect();
            parallel::for_each(&mut numbered, threads, |(k, work)| match work {
                Work::Network(state) if linear => {
                    state.solve_level(network, level, context.watch, true);
                    told.solved(*k, || work.reached(network, l));
                }
                Work::Network(_) => {}
                Work::Integer(part) => part.level(l, level, context),
            });
            if linear {
                potentials = gather_potentials(network, works);
            }
        }
    }
    solution.potentials.push(potentials);
    solution.cuts.push(cut);
    let (mut claims, mut multipliers) = (Vec::new(), Vec::new());
    for (k, work) in works.iter().enumerate() {
        let Work::Integer(part) = work else {
            claims.push(None);
            continue;
        };
        claims.push(part.claims[l]);
        multipliers.push((k as u32, part.multipliers[l].clone()));
    }
    solution.claims.push(claims);
    solution.multipliers.push(multipliers);
}

/// Brings service and flows of all clusters together, if each has a plan.
fn gather(network: &Network, works: &[Work<'_>], solution: &mut Solution) {
    if !works.iter().all(Work::has_plan) {
        return;
    }
    let mut flows = vec![0i64; network.edge_count()];
    let mut service = vec![0i64; network.arcs.len()];
    for work in works {
        match work {
            Work::Network(state) => state.write_flows(&mut flows),
            Work::Integer(part) => {
                solution.by_clock |= part.by_clock;
                if let Some(best) = &part.best {
                    for (&arc, &x) in part.program.arcs.iter().zip(&best.service) {
                        service[arc as usize] = x;
                    }
                }
            }
        }
    }
    if works.iter().any(|work| matches!(work, Work::Integer(_))) {
        let own = network.edge_flows(&service);
        for work in works {
            if let Work::Integer(part) = work {
                for &e in &part.state.edges {
                    flows[e as usize] = own[e as usize];
                }
            }
        }
    }
    solution.service = Some(network.service(&flows));
    solution.flows = flows;
}

/// Potentials of all clusters in one vector, the root at 0; empty when all are 0.
fn gather_potentials(network: &Network, works: &[Work<'_>]) -> Vec<i128> {
    let mut all = vec![0i128; network.node_count()];
    let mut any = false;
    for work in works {
        any |= work.state().write_potentials(&mut all);
    }
    if any { all } else { Vec::new() }
}
