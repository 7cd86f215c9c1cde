//! `concentric generate`: a synthetic city of any size.
//!
//! In: a number of arcs and a seed. Out: a ledger, one record a line, streamed to the
//! file. The same arguments give the same bytes.

use std::io::Write;
use std::path::PathBuf;

use concentric_testkit::domain::ledger;

use crate::args::count;
use crate::failure::{Exit, Failure};
use crate::json::write_records;
use crate::output;
use crate::report::counted;

/// Arguments of `generate`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  concentric generate --arcs 4000 > street.json
  concentric generate --arcs 1e6 --seed 1 -o city.json")]
pub struct Args {
    /// About how many admissible pairs the ledger has, such as 50000 or 1e6
    #[arg(long, value_name = "N", value_parser = arcs)]
    arcs: u64,
    /// Seed of everything random
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// File to write; stdout if left out
    #[arg(short, long, value_name = "LEDGER")]
    output: Option<PathBuf>,
}

/// Most arcs that the engine is meant for.
const MOST: u64 = 200_000_000;

fn arcs(text: &str) -> Result<u64, String> {
    match count(text)? {
        arcs @ 1..=MOST => Ok(arcs),
        _ => Err("must be within 1 and 2e8".to_owned()),
    }
}

/// Runs it.
///
/// # Errors
/// Output that cannot be written.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    if let Some(path) = &args.output {
        output::check_target(path)?;
    }
    let ledger = ledger(args.arcs, args.seed);
    let counts = format!(
        "{}, {}, {}, {}, about {}",
        counted(ledger.units.len() as u64, "unit"),
        counted(ledger.offers.len() as u64, "offer"),
        counted(ledger.needs.len() as u64, "need"),
        counted(ledger.places.len() as u64, "place"),
        counted(args.arcs, "arc")
    );
    let mut out = output::stdout();
    match &args.output {
        Some(path) => {
            output::write_atomic(path, |mut file| write_records(&mut file, &ledger))?;
            writeln!(out, "Wrote {}: {counts}", path.display())?;
        }
        None => {
            write_records(&mut out, &ledger)?;
            eprintln!("{counts}");
        }
    }
    out.flush()?;
    Ok(Exit::Done)
}
