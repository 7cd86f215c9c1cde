//! `concentric schema`: the JSON Schema of ledgers and plans.
//!
//! In: which of the two. Out: the schema on stdout, derived from the record types.

use std::io::Write;

use clap::ValueEnum;
use concentric_matcher::io::{plan_schema, schema};

use crate::failure::{Exit, Failure};
use crate::json::write_pretty;
use crate::output;

/// Arguments of `schema`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  concentric schema > ledger.schema.json
  concentric schema plan > plan.schema.json")]
pub struct Args {
    /// Which format
    #[arg(value_enum, default_value = "ledger")]
    of: Of,
}

/// The formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Of {
    /// `concentric.ledger/v1`, what goes in
    Ledger,
    /// `concentric.plan/v1`, what comes out
    Plan,
}

/// Runs it.
///
/// # Errors
/// Output that cannot be written.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    let schema = match args.of {
        Of::Ledger => schema(),
        Of::Plan => plan_schema(),
    };
    let mut out = output::stdout();
    write_pretty(&mut out, &schema)?;
    out.flush()?;
    Ok(Exit::Done)
}
