//! `concentric init`: a small ledger to start from.
//!
//! In: perhaps a file name. Out: the ledger beside this file, which explains itself in
//! its notes and names, for JSON has no comments.

use std::io::Write;
use std::path::PathBuf;

use crate::failure::{Exit, Failure};
use crate::output;

/// The ledger handed out.
const START: &str = include_str!("init.json");

/// Arguments of `init`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  concentric init street.json
  concentric init > street.json
  concentric init street.json --force")]
pub struct Args {
    /// File to write; stdout if left out
    file: Option<PathBuf>,
    /// Overwrite the file if there is one
    #[arg(long)]
    force: bool,
}

/// Runs it.
///
/// # Errors
/// The file is there already, or cannot be written.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    let mut out = output::stdout();
    let Some(file) = &args.file else {
        out.write_all(START.as_bytes())?;
        out.flush()?;
        return Ok(Exit::Done);
    };
    let name = file.display();
    if file.exists() && !args.force {
        return Err(Failure::input(format!(
            "error: {name} is there already; --force overwrites it"
        )));
    }
    output::write_atomic(file, |out| out.write_all(START.as_bytes()))?;
    writeln!(out, "Wrote {name}. Next: concentric check {name}, then concentric match {name}")?;
    out.flush()?;
    Ok(Exit::Done)
}
