//! `concentric verify`: does a plan hold, and what does its evidence prove?
//!
//! In: a ledger and a plan of anyone. Out: what is proved of each level, or the first
//! broken row with its number. No solver is asked.

use std::io::Write;
use std::path::{Path, PathBuf};

use concentric_matcher::Engine;
use concentric_matcher::control::Reason;

use crate::failure::{EXIT_CODES, Exit, Failure};
use crate::input::Source;
use crate::output;
use crate::report::{Names, grouped, print_levels};
use crate::words::EN;

const EXAMPLES: &str = "Examples:
  concentric verify street.json plan.json
  concentric verify street.json plan.json --scenario no_team
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
}

/// Runs it.
///
/// # Errors
/// Files that cannot be read, and a plan that does not hold.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    let stdin = Path::new("-");
    if args.ledger == stdin && args.plan == stdin {
        return Err(Failure::input("error: ledger and plan cannot both come from stdin"));
    }
    let source = Source::read(&args.ledger)?;
    let plan_source = Source::read(&args.plan)?;
    let plan = plan_source.plan()?;
    let scenario = args.scenario.as_deref().or(plan.scenario.as_deref());
    let valid = source.ledger(scenario)?;
    let judged = Engine::default()
        .verify(&valid, &plan)
        .map_err(|error| Failure::engine(&source.name, error))?;
    let verdict = judged.map_err(|violation| {
        let mut message = format!("{}: does not hold: {violation}", plan_source.name);
        if violation.row.ends_with("_digest") {
            message.push_str(
                "\nThe plan was made for another version of the ledger, or for another scenario.",
            );
        }
        Failure { exit: Exit::Unverified, message }
    })?;
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
        "Checked: {} assignments, {} outcomes, every limit, sum, reason and bound.",
        grouped(plan.assignments.len() as i64),
        grouped(plan.outcomes.len() as i64)
    )?;
    if !verdict.levels.is_empty() {
        writeln!(out)?;
        print_levels(&EN, &verdict.levels, Some(&Names::new(valid.ledger(), &EN)), &mut out)?;
    }
    out.flush()?;
    Ok(Exit::Done)
}
