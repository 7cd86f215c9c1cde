//! Time of every stage of a match, on cities of 10^3 to 10^6 arcs.
//!
//! In: the cities of `city`. Out: criterion's estimates, in arcs a second. Must not know
//! how a stage works: each is called as the pipeline calls it. Rejected: one bench of the
//! whole match (it hides which stage grew), and warm runs of the solver (a what-if is
//! another question).
//!
//! The largest city takes minutes and is left out unless `CONCENTRIC_BENCH_LARGE=1`.
//! One thread throughout.

mod city;

use std::hint::black_box;
use std::time::Duration;

use concentric_matcher::certify::{Evidence, Part, feasible, level_values, prove};
use concentric_matcher::control::{Control, Options, Watch};
use concentric_matcher::decompose::{clusters, components};
use concentric_matcher::flow::{Simplex, Status};
use concentric_matcher::io::{load, write_ledger};
use concentric_matcher::network::{Network, build};
use concentric_matcher::pipeline::match_ledger;
use concentric_matcher::solve::solve;
use concentric_matcher::{Plan, ValidLedger};
use criterion::measurement::WallTime;
use criterion::{BatchSize, BenchmarkGroup, BenchmarkId, Criterion, Throughput};

const SEED: u64 = 1;
const SIZES: [u64; 3] = [1_000, 10_000, 100_000];
const LARGE: u64 = 1_000_000;

/// Everything the stages take, made once a size.
struct Case<'a> {
    size: u64,
    valid: &'a ValidLedger,
    network: Network<'a>,
    text: String,
}

impl<'a> Case<'a> {
    fn new(size: u64, valid: &'a ValidLedger) -> Result<Self, String> {
        let network = build(valid, u64::MAX).map_err(|error| error.to_string())?;
        Ok(Case { size, valid, network, text: write_ledger(valid.ledger()) })
    }

    fn plan(&self) -> Result<Plan, String> {
        let (options, control) = (options(), Control::default());
        match_ledger(self.valid, &options, None, &control).map_err(|error| error.to_string())
    }
}

fn options() -> Options {
    Options { threads: 1, ..Options::default() }
}

/// A group whose numbers are arcs, with as few samples as criterion allows.
fn group<'c>(c: &'c mut Criterion, name: &str, case: &Case<'_>) -> BenchmarkGroup<'c, WallTime> {
    let mut group = c.benchmark_group(name);
    group.sample_size(10);
    group.warm_up_time(Duration::from_millis(200));
    group.measurement_time(Duration::from_secs(1));
    group.throughput(Throughput::Elements(case.network.arcs.len() as u64));
    group
}

/// Admissible pairs, rows, forests, levels: the ledger lowered.
fn lower(c: &mut Criterion, case: &Case<'_>) {
    let id = BenchmarkId::from_parameter(case.size);
    group(c, "eligibility and network", case).bench_function(id, |bench| {
        bench.iter(|| build(black_box(case.valid), u64::MAX).map(|network| network.edge_count()));
    });
}

/// One cold solve of one cost; copying the columns is not timed, checking them is.
fn flow(c: &mut Criterion, case: &Case<'_>) {
    let problem = city::circulation(&case.network);
    let id = BenchmarkId::from_parameter(case.size);
    group(c, "flow, cold", case).bench_function(id, |bench| {
        bench.iter_batched(
            || problem.clone(),
            |problem| {
                let mut simplex = Simplex::new(problem)?;
                assert_eq!(simplex.solve(&mut |_| false), Status::Optimal, "a city has an optimum");
                Ok::<Simplex, concentric_matcher::flow::ProblemError>(simplex)
            },
            BatchSize::PerIteration,
        );
    });
}

/// All levels of the plan, and the witness that checks them.
fn levels(c: &mut Criterion, case: &Case<'_>) -> Result<(), String> {
    let network = &case.network;
    let parts = clusters(network, &components(network));
    let (options, control) = (options(), Control::default());
    let watch = Watch::start(&options, &control);
    let run = || solve(network, &parts, None, &options, &control, &watch);
    let id = BenchmarkId::from_parameter(case.size);
    group(c, "levels", case).bench_function(id.clone(), |bench| bench.iter(run));

    let solution = run().map_err(|error| error.to_string())?;
    let service = solution.service.as_ref().ok_or("a city has a plan")?;
    // A city is a network: it has no programs, and its evidence no multipliers.
    let edges: Vec<Part> = parts
        .iter()
        .map(|part| Part { edges: part.component.edges.clone(), program: None })
        .collect();
    let evidence = Evidence {
        service,
        flows: &solution.flows,
        potentials: &solution.potentials,
        cuts: &solution.cuts,
        multipliers: &[],
    };
    group(c, "certify", case).bench_function(id.clone(), |bench| {
        bench.iter(|| {
            feasible(case.valid, network, service)?;
            let values = level_values(case.valid, network, service);
            prove(network, &evidence, &edges).map(|proofs| (values, proofs))
        });
    });
    Ok(())
}

/// The ledger from its text, the ledger and the plan to theirs.
fn json(c: &mut Criterion, case: &Case<'_>) -> Result<(), String> {
    let id = BenchmarkId::from_parameter(case.size);
    group(c, "read ledger", case)
        .bench_function(id.clone(), |bench| bench.iter(|| load(black_box(case.text.as_bytes()))));
    group(c, "write ledger", case)
        .bench_function(id.clone(), |bench| bench.iter(|| write_ledger(case.valid.ledger())));
    let plan = case.plan()?;
    group(c, "write plan", case)
        .bench_function(id.clone(), |bench| bench.iter(|| serde_json::to_vec(black_box(&plan))));
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut criterion = Criterion::default().configure_from_args();
    let large = std::env::var_os("CONCENTRIC_BENCH_LARGE").is_some_and(|value| value == "1");
    for size in SIZES.into_iter().chain(large.then_some(LARGE)) {
        let valid = city::city(size, SEED)?;
        let case = Case::new(size, &valid)?;
        lower(&mut criterion, &case);
        flow(&mut criterion, &case);
        levels(&mut criterion, &case)?;
        json(&mut criterion, &case)?;
    }
    criterion.final_summary();
    Ok(())
}
