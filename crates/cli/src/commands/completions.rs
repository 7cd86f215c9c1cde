//! `concentric completions`: completion scripts for shells.
//!
//! In: a shell. Out: its script on stdout.

use std::io::Write;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::args::Cli;
use crate::failure::{Exit, Failure};
use crate::output;

/// Arguments of `completions`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  concentric completions bash > ~/.local/share/bash-completion/completions/concentric
  concentric completions zsh > ~/.zfunc/_concentric
  concentric completions fish > ~/.config/fish/completions/concentric.fish")]
pub struct Args {
    /// Shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Runs it.
///
/// # Errors
/// Output that cannot be written.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    // Into memory first: the generator panics when its writer fails.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "concentric", &mut script);
    let mut out = output::stdout();
    out.write_all(&script)?;
    out.flush()?;
    Ok(Exit::Done)
}
