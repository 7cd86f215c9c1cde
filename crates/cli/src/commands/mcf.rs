//! `concentric mcf`: the flow solver alone, on a DIMACS file.
//!
//! In: a `min` file. Out: one line of JSON with the objective and what it took; on
//! request the flow as DIMACS solution lines. Times are seconds; CPU time and peak
//! memory are read from `/proc` and null where there is none.

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use concentric_matcher::CancelToken;
use concentric_matcher::flow::{Problem, Simplex, Status, dimacs::read_min};
use serde_json::json;

use crate::args::duration;
use crate::failure::{Exit, Failure};
use crate::input::Source;
use crate::output;
use crate::progress::stop_on_interrupt;
use crate::words::EN;

const EXAMPLES: &str = "Examples:
  concentric mcf network.min
  concentric mcf network.min --flows network.sol --time-limit 60s

Output: {\"objective\", \"status\", \"nodes\", \"arcs\", \"load_s\", \"solve_s\", \"solve_cpu_s\", \"pivots\", \"peak_mb\"}
with status optimal, infeasible, unbounded or stopped.
Exit codes: 0 optimal, 1 bad file, 3 infeasible or unbounded, 5 stopped";

/// Arguments of `mcf`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// DIMACS minimum-cost-flow file; `-` reads stdin
    file: PathBuf,
    /// Write the flow of an optimum to this file: `s OBJECTIVE`, then `f TAIL HEAD FLOW`
    /// for every arc that carries any
    #[arg(long, value_name = "FILE")]
    flows: Option<PathBuf>,
    /// Stop after this time [forms: 30s, 500ms, 5m]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    time_limit: Option<Duration>,
}

/// Runs it.
///
/// # Errors
/// A file that is not a problem, or output that cannot be written.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    if let Some(path) = &args.flows {
        output::check_target(path)?;
    }
    let start = Instant::now();
    let source = Source::read(&args.file)?;
    let problem = read(&source)?;
    let name = source.name;
    drop(source.bytes);
    let load_s = start.elapsed().as_secs_f64();
    let (nodes, arcs) = (problem.nodes(), problem.arcs());

    let cancel = CancelToken::default();
    stop_on_interrupt(cancel.clone(), &EN);
    let (start, cpu) = (Instant::now(), cpu_seconds());
    let mut simplex =
        Simplex::new(problem).map_err(|error| Failure::input(format!("error: {name}: {error}")))?;
    let deadline = args.time_limit.and_then(|limit| start.checked_add(limit));
    let status = simplex
        .solve(&mut |_| cancel.is_cancelled() || deadline.is_some_and(|end| Instant::now() >= end));
    let solve_s = start.elapsed().as_secs_f64();
    let solve_cpu_s = cpu_seconds().zip(cpu).map(|(after, before)| after - before);

    let (word, exit) = match status {
        Status::Optimal => ("optimal", Exit::Done),
        Status::Infeasible => ("infeasible", Exit::Infeasible),
        Status::Unbounded => ("unbounded", Exit::Infeasible),
        Status::Stopped => ("stopped", Exit::NoPlan),
    };
    // A 128-bit number, so written as digits rather than through a JSON value.
    let objective = match status {
        Status::Optimal => simplex.objective().to_string(),
        _ => "null".to_owned(),
    };
    if let (Some(path), Status::Optimal) = (&args.flows, status) {
        output::write_atomic(path, |out| write_flows(&simplex, out))?;
    }
    let rounded = |seconds: f64| (seconds * 1e6).round() / 1e6;
    let cpu = json!(solve_cpu_s.map(rounded));
    let peak = json!(peak_megabytes());
    let mut out = output::stdout();
    writeln!(
        out,
        "{{\"objective\":{objective},\"status\":\"{word}\",\"nodes\":{nodes},\"arcs\":{arcs},\
         \"load_s\":{},\"solve_s\":{},\"solve_cpu_s\":{cpu},\"pivots\":{},\"peak_mb\":{peak}}}",
        rounded(load_s),
        rounded(solve_s),
        simplex.pivots()
    )?;
    out.flush()?;
    Ok(exit)
}

fn read(source: &Source) -> Result<Problem, Failure> {
    read_min(&source.bytes).map_err(|error| {
        Failure::input(format!(
            "{}:{}: {}\nerror: not a DIMACS min file",
            source.name, error.line, error.message
        ))
    })
}

fn write_flows(simplex: &Simplex, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "s {}", simplex.objective())?;
    let problem = simplex.problem();
    for arc in 0..problem.arcs() {
        let flow = simplex.flow(arc);
        if flow != 0 {
            writeln!(out, "f {} {} {flow}", problem.tail[arc] + 1, problem.head[arc] + 1)?;
        }
    }
    Ok(())
}

/// CPU time of this thread: the solver has no other. The kernel keeps it up to a tick late.
fn cpu_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds: u64 = text.split_whitespace().next()?.parse().ok()?;
    Some(nanoseconds as f64 / 1e9)
}

/// Most memory this process ever had, in units of 10^6 bytes.
fn peak_megabytes() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some((kibibytes as f64 * 1024.0 / 1e5).round() / 10.0)
}
