//! The commands, one a file: arguments, and `run`.
//!
//! In: parsed arguments. Out: an exit code or a failure. A command knows the library and
//! the report; no command knows another. `survey` is the part of `check` that looks at
//! the network.

pub mod check;
pub mod claims;
pub mod classify;
pub mod completions;
pub mod diff;
pub mod generate;
pub mod init;
pub mod matching;
pub mod mcf;
pub mod reconcile;
pub mod report;
pub mod schema;
pub mod serve;
#[cfg(unix)]
pub mod solver_worker;
mod survey;
pub mod verify;
pub mod worker;

use crate::args::Command;
use crate::failure::{Exit, Failure};

/// Runs one command.
///
/// # Errors
/// Why it did not do what was asked.
pub fn run(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Match(args) => matching::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Report(args) => report::run(&args),
        Command::Diff(args) => diff::run(&args),
        Command::Claims(args) => claims::run(&args),
        Command::Reconcile(args) => reconcile::run(&args),
        Command::Schema(args) => schema::run(&args),
        Command::Init(args) => init::run(&args),
        Command::Classify(args) => classify::run(&args),
        Command::Generate(args) => generate::run(&args),
        Command::Mcf(args) => mcf::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Worker(args) => worker::run(&args),
        Command::Completions(args) => completions::run(&args),
        #[cfg(unix)]
        Command::SolverWorker => solver_worker::run(),
    }
}
