//! `concentric match`: the plan of a ledger.
//!
//! In: a ledger, a scenario, limits. Out: a report, JSON or CSV on stdout, and the plan
//! file. The file is written before anything is printed, so that a closed pipe costs
//! nothing; it is not touched when the solve was stopped before any plan was found.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::ValueEnum;
use concentric_matcher::io::write_plan;
use concentric_matcher::plan::TerminationReason;
use concentric_matcher::plan::lists::missed_limits;
use concentric_matcher::{Engine, Options, Plan, ValidLedger};

use crate::args::{count, duration, threads};
use crate::backend::backend;
use crate::failure::{EXIT_CODES, Exit, Failure};
use crate::held::with_previous;
use crate::input::Source;
use crate::output;
use crate::progress::Progress;
use crate::report::{Names, Report, shown, write_assignments};
use crate::words::{Lang, Words, fill};

const EXAMPLES: &str = "Examples:
  concentric match street.json
  concentric match street.json --scenario no_team -o plan.json
  concentric match street.json --previous last_month.json -o plan.json
  concentric match street.json --lang zh --top 30
  concentric match street.json --format csv > assignments.csv
  cat street.json | concentric match - --format json --time-limit 30s";

/// Arguments of `match`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
pub struct Args {
    /// Ledger file; `-` reads stdin
    ledger: PathBuf,
    /// Also write the plan as JSON to this file, whole or not at all
    #[arg(short, long, value_name = "PLAN")]
    output: Option<PathBuf>,
    /// Take the ledger through one of its scenarios first
    #[arg(long, value_name = "ID")]
    scenario: Option<String>,
    /// Keep what this plan assigns, instead of the ledger's projects, in the goal keep;
    /// pairs that no longer exist drop out
    #[arg(long, value_name = "PLAN")]
    previous: Option<PathBuf>,
    /// What stdout carries
    #[arg(long, value_enum, default_value = "table")]
    format: PlanFormat,
    /// Stop solving after this time and keep the best plan found; more than 30s also lets searches
    /// that leave levels open go on for longer. The checks and reasons of the plan come on top
    /// [forms: 30s, 500ms, 5m]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    time_limit: Option<Duration>,
    /// Stop after this much counted work: for networks the same on every machine; searches that
    /// need integers end by the clock as well
    #[arg(long, value_name = "N", value_parser = count)]
    work_limit: Option<u64>,
    /// Relative gap, in parts per million, that is good enough where integers are needed
    #[arg(long, value_name = "PPM", default_value_t = 100, value_parser = clap::value_parser!(u64).range(0..=10_000))]
    gap: u64,
    /// Seed, echoed in the plan
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Threads for independent parts; 0 takes all cores. Never changes the plan
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = threads)]
    threads: usize,
    /// Language of the report [default: that of the locale]
    #[arg(long, value_enum)]
    lang: Option<Lang>,
    /// How many shortfalls, idle offers and missed soft limits the report lists
    #[arg(long, value_name = "N", default_value_t = 10)]
    top: usize,
    /// Leave out the reasons
    #[arg(long)]
    no_explain: bool,
}

/// What stdout carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum PlanFormat {
    /// A report for planners
    Table,
    /// The whole plan as JSON
    Json,
    /// The assignments as CSV
    Csv,
}

/// Runs it.
///
/// # Errors
/// A ledger that cannot be read or solved, or output that cannot be written.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    if let Some(path) = &args.output {
        output::check_target(path)?;
    }
    let words = args.lang.unwrap_or_else(Lang::of_locale).words();
    let source = Source::read(&args.ledger)?;
    let valid = source.ledger(args.scenario.as_deref())?;
    let valid = with_previous(valid, args.previous.as_deref())?;
    let name = source.name;
    drop(source.bytes);
    let engine = Engine::new(Options {
        time_limit: args.time_limit,
        // Who gives more time wants it used.
        search_time: args.time_limit,
        work_limit: args.work_limit,
        seed: args.seed,
        threads: args.threads,
        explain: !args.no_explain,
        gap_ppm: args.gap,
        ..Options::default()
    })
    .with_backend(backend());
    let progress = Progress::start(words);
    let result = engine.match_valid(&valid, progress.control());
    progress.finish();
    let mut plan = result.map_err(|error| Failure::engine(&name, error))?;
    plan.scenario.clone_from(&args.scenario);
    let exit = exit_of(&plan);
    let written = args.output.as_deref().filter(|_| exit != Exit::NoPlan);
    if let Some(path) = written {
        let text = write_plan(&plan);
        output::write_atomic(path, |out| out.write_all(text.as_bytes()))?;
    }
    print(args, words, &valid, &plan, written)?;
    told_apart(args, &plan, exit);
    Ok(exit)
}

/// On stdout: what was asked for.
fn print(
    args: &Args,
    words: &'static Words,
    valid: &ValidLedger,
    plan: &Plan,
    written: Option<&Path>,
) -> Result<(), Failure> {
    let mut out = output::stdout();
    match args.format {
        PlanFormat::Json => out.write_all(write_plan(plan).as_bytes())?,
        PlanFormat::Csv => write_assignments(&mut out, plan, &Names::new(valid.ledger(), words))?,
        PlanFormat::Table => {
            let report = Report {
                ledger: &shown(valid.ledger()),
                plan,
                words,
                top: args.top,
                width: output::width(),
                explained: !args.no_explain,
                missed: &missed_limits(valid, plan),
            };
            report.print(&mut out)?;
            let notices = valid.notices().len().to_string();
            if notices != "0" {
                let command = format!("concentric check {}", args.ledger.display());
                let text = fill(words.notices, &[("n", &notices), ("command", &command)]);
                writeln!(out, "\n{text}")?;
            }
            if let Some(path) = written {
                writeln!(
                    out,
                    "\n{}",
                    fill(words.written, &[("path", &path.display().to_string())])
                )?;
            }
        }
    }
    out.flush()?;
    Ok(())
}

/// On stderr, for those who read JSON or CSV: why there is no plan.
fn told_apart(args: &Args, plan: &Plan, exit: Exit) {
    if args.format == PlanFormat::Table || exit == Exit::Done {
        return;
    }
    match plan.contradiction() {
        Some(why) => eprintln!("infeasible: {why}"),
        None => eprintln!("no plan was found before the solve was stopped"),
    }
}

fn exit_of(plan: &Plan) -> Exit {
    match plan.termination.as_ref().map(|t| t.reason) {
        Some(TerminationReason::Infeasible) => Exit::Infeasible,
        Some(TerminationReason::NoSolution) | None => Exit::NoPlan,
        Some(_) => Exit::Done,
    }
}
