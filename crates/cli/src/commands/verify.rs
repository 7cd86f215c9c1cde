//! `concentric verify`: does a plan hold, and what does its evidence prove?
//!
//! In: a ledger and a plan of anyone. Out: what is proved of each level, or the first
//! broken row with its number. No solver is asked.

use std::io::Write;
use std::path::PathBuf;

use concentric_matcher::control::Reason;

use crate::failure::{EXIT_CODES, Exit, Failure};
use crate::held::Held;
use crate::output;
use crate::report::{Names, counted, print_levels, shown};
use crate::words::EN;

const EXAMPLES: &str = "Examples:
  concentric verify street.json plan.json
  concentric verify street.json plan.json --scenario no_team
  concentric verify street.json plan.json --previous last_month.json
  concentric match street.json --format json | concentric verify street.json -";

/// Arguments of `verify`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
pub struct Args {
    /// Ledger file; `-` reads stdin
    ledger: PathBuf,
    /// Plan file; `-` reads stdin
    plan: PathBuf,
    /// Scenario of the ledger for which the plan is meant [default: the one the plan names]
    #[arg(long, value_name = "ID")]
    scenario: Option<String>,
    /// The plan that was given to `match` as --previous
    #[arg(long, value_name = "PLAN")]
    previous: Option<PathBuf>,
}

/// Runs it.
///
/// # Errors
/// Files that cannot be read, and a plan that does not hold.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    let Held { valid, plan, verdict } =
        Held::read(&args.ledger, &args.plan, args.scenario.as_deref(), args.previous.as_deref())?;
    let mut out = output::stdout();
    let proved = match verdict.reason {
        Reason::Optimal => "it is proved optimal: no plan is better on any level",
        Reason::WithinGap => "it is proved to be within a ten-thousandth of optimal",
        Reason::Feasible => "it obeys every rule; optimality is not proved",
        Reason::Infeasible => "it is proved that no plan can obey all the hard rules",
        Reason::NoSolution => "it says, rightly, that it found nothing; it proves nothing more",
    };
    writeln!(out, "The plan holds: {proved}.")?;
    writeln!(
        out,
        "Checked: {}, {}, every limit, sum, reason and bound.",
        counted(plan.assignments.len() as u64, "assignment"),
        counted(plan.outcomes.len() as u64, "outcome")
    )?;
    if !verdict.levels.is_empty() {
        writeln!(out)?;
        let ledger = shown(valid.ledger());
        print_levels(&EN, &verdict.levels, Some(&Names::new(&ledger, &EN)), &mut out)?;
    }
    out.flush()?;
    Ok(Exit::Done)
}
