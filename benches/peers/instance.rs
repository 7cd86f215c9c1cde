//! Writes a city as a DIMACS file, and weighs the memory of the solver on such a file.
//!
//! `cargo bench --bench instance -- write ARCS SEED > FILE`,
//! `cargo bench --bench instance -- memory FILE`.
//! In: a size and a seed, or a file. Out: the file, or one line of JSON with bytes. Must
//! not know the peers. Rejected: taking the memory from `concentric mcf` (its peak includes
//! the text of the file, which the solver never sees).
//!
//! Without arguments it says how it is used and succeeds, so that a plain `cargo bench`
//! runs through.

#[path = "../city/mod.rs"]
mod city;

use std::error::Error;
use std::io::{self, BufWriter, Write};

use concentric_matcher::flow::dimacs::{read_min, write_min};
use concentric_matcher::flow::{Simplex, Status};
use concentric_matcher::network::build;

fn main() -> Result<(), Box<dyn Error>> {
    // Cargo adds `--bench` to what the caller wrote.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["write", arcs, seed] => write(arcs.parse()?, seed.parse()?),
        ["memory", path] => memory(path),
        _ => {
            eprintln!("usage: instance write ARCS SEED | instance memory FILE");
            Ok(())
        }
    }
}

/// Writes the circulation of the city to stdout.
fn write(arcs: u64, seed: u64) -> Result<(), Box<dyn Error>> {
    let valid = city::city(arcs, seed)?;
    let network = build(&valid, u64::MAX).map_err(|error| error.to_string())?;
    let mut out = BufWriter::new(io::stdout().lock());
    write_min(&city::circulation(&network), &mut out)?;
    out.flush()?;
    Ok(())
}

/// Prints resident bytes with the problem loaded, and the peak while it is solved.
///
/// The peak is set back after loading, so that the text of the file, by then given back,
/// does not count. The solver takes the problem over; what it adds is the difference.
fn memory(path: &str) -> Result<(), Box<dyn Error>> {
    let bytes = std::fs::read(path)?;
    let problem = read_min(&bytes)?;
    drop(bytes);
    let arcs = problem.arcs();
    let peak_loading = status_bytes("VmHWM:")?;
    std::fs::write("/proc/self/clear_refs", "5")?;
    let loaded = status_bytes("VmRSS:")?;
    let mut simplex = Simplex::new(problem)?;
    let status = simplex.solve(&mut |_| false);
    let peak = status_bytes("VmHWM:")?;
    if status != Status::Optimal {
        return Err(format!("{path}: {status:?}").into());
    }
    writeln!(
        io::stdout(),
        "{{\"arcs\":{arcs},\"peak_loading\":{peak_loading},\"loaded\":{loaded},\
         \"peak_solving\":{peak},\"objective\":{}}}",
        simplex.objective()
    )?;
    Ok(())
}

/// A line of `/proc/self/status`, in bytes.
fn status_bytes(name: &str) -> Result<u64, Box<dyn Error>> {
    let text = std::fs::read_to_string("/proc/self/status")?;
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let kibibytes: u64 = line
        .and_then(|rest| rest.split_whitespace().next())
        .ok_or_else(|| format!("no {name} in /proc/self/status"))?
        .parse()?;
    Ok(kibibytes * 1024)
}
