//! `concentric diff`: what changed from one plan to another.
//!
//! In: two plans, perhaps a ledger for the names. Out: levels before and after, needs won
//! and lost, pairs opened and closed, assignments added, dropped, changed and moved; as
//! text or JSON. Must not judge the plans: `verify` does.

use std::io::Write;
use std::path::PathBuf;

use concentric_matcher::Ledger;
use concentric_matcher::plan::PlanDiff;

use crate::args::Format;
use crate::failure::{EXIT_CODES, Exit, Failure};
use crate::input::Source;
use crate::json::write_pretty;
use crate::output;
use crate::report::{Names, print_diff, shown};
use crate::words::Lang;

const EXAMPLES: &str = "Examples:
  concentric diff last_month.json plan.json --ledger street.json
  concentric diff plan.json without_team.json --lang zh --top 30
  concentric diff plan.json without_team.json --format json";

/// Arguments of `diff`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
pub struct Args {
    /// The plan before; `-` reads stdin
    before: PathBuf,
    /// The plan after; `-` reads stdin
    after: PathBuf,
    /// Ledger that has the names; without it only ids are shown
    #[arg(long, value_name = "LEDGER")]
    ledger: Option<PathBuf>,
    /// Text for people or JSON for programs
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// Language of the text [default: that of the locale]
    #[arg(long, value_enum)]
    lang: Option<Lang>,
    /// How many lines each part of the text has at most
    #[arg(long, value_name = "N", default_value_t = 20)]
    top: usize,
}

/// Runs it.
///
/// # Errors
/// Files that cannot be read.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    let dash = [Some(&args.before), Some(&args.after), args.ledger.as_ref()];
    if dash.iter().flatten().filter(|path| path.as_os_str() == "-").count() > 1 {
        return Err(Failure::input("error: only one file can come from stdin"));
    }
    let words = args.lang.unwrap_or_else(Lang::of_locale).words();
    let before = Source::read(&args.before)?.plan()?;
    let after = Source::read(&args.after)?.plan()?;
    let ledger = match &args.ledger {
        // The base has all names; a scenario only ever takes some away.
        Some(path) => Source::read(path)?.ledger(None)?.ledger().clone(),
        None => Ledger::new(),
    };
    let diff = PlanDiff::between(&before, &after);
    let mut out = output::stdout();
    match args.format {
        Format::Json => write_pretty(&mut out, &diff)?,
        Format::Table => {
            print_diff(&diff, words, &Names::new(&shown(&ledger), words), args.top, &mut out)?;
        }
    }
    out.flush()?;
    Ok(Exit::Done)
}
