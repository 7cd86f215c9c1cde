//! The arguments as typed: the list of commands and the forms of single values.
//!
//! In: words of the command line. Out: [`Cli`]. Must not read files. The arguments of a
//! command stand beside its work; here is only what they share.

use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};

use crate::commands::{
    check, claims, classify, completions, diff, generate, init, matching, mcf, reconcile, report,
    schema, serve, verify, worker,
};
use crate::failure::EXIT_CODES;

/// Matches what units offer with what communities need, proves the plan and explains it.
#[derive(Debug, Parser)]
#[command(
    name = "concentric",
    version,
    arg_required_else_help = true,
    after_help = START,
    after_long_help = format!("{START}\n\n{EXIT_CODES}")
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const START: &str = "Examples:
  concentric init street.json        write a small ledger to start from
  concentric check street.json       is it right?
  concentric match street.json       the plan, and why what is short is short
  concentric match street.json -o plan.json
  concentric verify street.json plan.json
  concentric report services street.json plan.json";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make the plan of a ledger
    Match(matching::Args),
    /// Check a ledger and its scenarios without solving
    Check(check::Args),
    /// Check a plan against its ledger, whoever made it
    Verify(verify::Args),
    /// Write a list for publishing: services, receipts, a meeting's pack, ...
    Report(report::Args),
    /// Show what changed from one plan to another
    Diff(diff::Args),
    /// Say what to answer to pending claims
    Claims(claims::Args),
    /// Apply deliveries and evaluations; write the next cycle's ledger
    Reconcile(reconcile::Args),
    /// Print the JSON Schema of ledgers or plans
    Schema(schema::Args),
    /// Write a small ledger to start from
    Init(init::Args),
    /// Show what a ledger is made of, as the solver sees it
    Classify(classify::Args),
    /// Write a synthetic city of any size
    Generate(generate::Args),
    /// Solve a minimum-cost flow in DIMACS format
    Mcf(mcf::Args),
    /// Serve plans over gRPC
    Serve(serve::Args),
    /// Solve the jobs of a store, beside servers and other workers
    Worker(worker::Args),
    /// Print a completion script for a shell
    Completions(completions::Args),
    /// Solve one mixed-integer program; for the program itself
    #[cfg(unix)]
    #[command(hide = true)]
    SolverWorker,
}

/// Table for people, JSON for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Readable text
    Table,
    /// JSON
    Json,
}

/// Longest time that can be asked for.
const LONGEST: Duration = Duration::from_secs(24 * 3600);
/// Most threads that can be asked for.
const MOST_THREADS: usize = 1024;

/// A length of time above 0: `30s`, `500ms`, `5m`, `1h`; a bare number is in seconds.
///
/// # Errors
/// A sentence for clap.
pub fn duration(text: &str) -> Result<Duration, String> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let seconds = match unit.trim() {
        "" | "s" => 1.0,
        "ms" => 0.001,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        _ => return Err("write it as 30s, 500ms, 5m or 1h".to_owned()),
    };
    let number: f64 = number.parse().map_err(|_| "write it as 30s, 500ms, 5m or 1h".to_owned())?;
    let time =
        Duration::try_from_secs_f64(number * seconds).map_err(|_| "is too long".to_owned())?;
    if time.is_zero() || time > LONGEST {
        return Err("must be more than nothing and at most 24h".to_owned());
    }
    Ok(time)
}

/// Threads; 0 takes all cores.
///
/// # Errors
/// A sentence for clap.
pub fn threads(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|&number| number <= MOST_THREADS);
    number.ok_or_else(|| format!("write a whole number from 0 to {MOST_THREADS}"))
}

/// A whole number, also as `1e6`, `2.5e5` or `1_000_000`.
///
/// # Errors
/// A sentence for clap.
pub fn count(text: &str) -> Result<u64, String> {
    let wrong = || "write a whole number such as 50000, 1_000_000 or 1e6".to_owned();
    let plain = text.replace('_', "");
    let (digits, power) = match plain.split_once(['e', 'E']) {
        Some((digits, power)) => (digits, power.parse::<u32>().map_err(|_| wrong())?),
        None => (plain.as_str(), 0),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let given = u32::try_from(fraction.len()).map_err(|_| wrong())?;
    let number: u64 = format!("{whole}{fraction}").parse().map_err(|_| wrong())?;
    let shift = power.checked_sub(given).ok_or_else(wrong)?;
    10u64
        .checked_pow(shift)
        .and_then(|ten| number.checked_mul(ten))
        .ok_or_else(|| "is too large".to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Cli, count, duration};
    use clap::CommandFactory;
    use std::time::Duration;

    #[test]
    fn the_arguments_contradict_nothing() {
        Cli::command().debug_assert();
    }

    #[test]
    fn durations_carry_their_unit() {
        assert_eq!(duration("30s"), Ok(Duration::from_secs(30)));
        assert_eq!(duration("2"), Ok(Duration::from_secs(2)));
        assert_eq!(duration("1.5m"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
        for wrong in ["", "s", "-1s", "1d", "1.2.3s", "soon", "0", "0ms", "25h"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn counts_may_carry_an_exponent_but_stay_whole() {
        assert_eq!(count("1e6"), Ok(1_000_000));
        assert_eq!(count("2.5e5"), Ok(250_000));
        assert_eq!(count("1_000"), Ok(1_000));
        for wrong in ["", "e6", "1.5", "1e-3", "-4", "1e40", "many"] {
            assert!(count(wrong).is_err(), "{wrong}");
        }
    }
}
