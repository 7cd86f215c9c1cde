//! The `concentric` command: matching ledgers from the command line.
//!
//! In: arguments. Out: text, JSON or CSV on stdout, messages on stderr, and an exit code
//! (see [`failure::Exit`]). Must not hold anything of its own: each command is one file
//! under `commands`, and what they print is made under `report`. Rejected: one error
//! type with causes; every failure here is one sentence for a person and one code.

mod args;
mod backend;
mod commands;
mod failure;
mod held;
mod input;
mod json;
mod log;
mod output;
mod progress;
mod report;
mod words;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use clap::Parser;

use failure::Exit;

fn main() -> ExitCode {
    let cli = args::Cli::parse();
    // Silent unless asked: CONCENTRIC_LOG=debug tells of every question to a back end. The
    // service and its workers start their log themselves, under the same name.
    let quiet = matches!(cli.command, args::Command::Serve(_) | args::Command::Worker(_));
    let filter = tracing_subscriber::EnvFilter::try_from_env("CONCENTRIC_LOG");
    if let (false, Ok(filter)) = (quiet, filter) {
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    }
    // A defect must not look like an answer: it gets its own exit code.
    let exit = match catch_unwind(AssertUnwindSafe(|| commands::run(cli.command))) {
        Ok(Ok(exit)) => exit,
        Ok(Err(failure)) => failure.tell(),
        Err(_) => Exit::Internal,
    };
    ExitCode::from(exit as u8)
}
