//! `concentric report`: lists for publishing, read off a plan.
//!
//! In: a kind, a ledger and a plan that holds for it. Out: Markdown or CSV, in English or
//! Chinese, on stdout or in a file. Nothing is solved, and a plan that does not hold is
//! not reported.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::ValueEnum;
use concentric_matcher::plan::lists::meeting_period;

use crate::failure::{EXIT_CODES, Exit, Failure};
use crate::held::Held;
use crate::output;
use crate::report::Names;
use crate::report::lists::{Basis, Kind, sheet, write_csv, write_markdown};
use crate::words::Lang;

const EXAMPLES: &str = "Examples:
  concentric report services street.json plan.json --lang zh -o services.markdown
  concentric report receipts street.json plan.json --format csv > receipts.csv
  concentric report meeting street.json plan.json --period p03
  concentric report points street.json plan.json --rate hour=2 --rate post=10";

/// Arguments of `report`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
pub struct Args {
    /// Which list
    #[arg(value_enum)]
    kind: Kind,
    /// Ledger file; `-` reads stdin
    ledger: PathBuf,
    /// Plan file; `-` reads stdin
    plan: PathBuf,
    /// Markdown for people or CSV for spreadsheets
    #[arg(long, value_enum, default_value = "markdown")]
    format: ListFormat,
    /// Write to this file, whole or not at all, instead of stdout
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Language [default: that of the locale]
    #[arg(long, value_enum)]
    lang: Option<Lang>,
    /// Scenario of the ledger for which the plan is meant [default: the one the plan names]
    #[arg(long, value_name = "ID")]
    scenario: Option<String>,
    /// The plan that was given to `match` as --previous
    #[arg(long, value_name = "PLAN")]
    previous: Option<PathBuf>,
    /// Meeting, load: open projects of earlier periods are late
    /// [default: the last period in which a project was delivered]
    #[arg(long, value_name = "ID")]
    period: Option<String>,
    /// Points: what one unit of a measure counts; a measure not named counts 1
    #[arg(long, value_name = "MEASURE=N", value_parser = rate)]
    rate: Vec<(String, i64)>,
}

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ListFormat {
    /// Headings and tables
    Markdown,
    /// One table, RFC 4180
    Csv,
}

/// `hour=2`
fn rate(text: &str) -> Result<(String, i64), String> {
    let wrong = || "write it as MEASURE=N, with a whole number from 0 to 1000000".to_owned();
    let (measure, number) = text.split_once('=').ok_or_else(wrong)?;
    let number: i64 = number.parse().map_err(|_| wrong())?;
    if measure.is_empty() || !(0..=1_000_000).contains(&number) {
        return Err(wrong());
    }
    Ok((measure.to_owned(), number))
}

/// Runs it.
///
/// # Errors
/// Files that cannot be read or written, a plan that does not hold or says that there is
/// none, a period or measure that the ledger does not have.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    if let Some(path) = &args.output {
        output::check_target(path)?;
    }
    let words = args.lang.unwrap_or_else(Lang::of_locale).words();
    let held =
        Held::read(&args.ledger, &args.plan, args.scenario.as_deref(), args.previous.as_deref())?;
    // Lists of a plan that is none would read as if nobody had offered anything.
    if let Some(why) = held.plan.contradiction() {
        let message = format!("infeasible: {why}");
        return Err(Failure { exit: Exit::Infeasible, message });
    }
    let ledger = held.valid.ledger();
    if let Some(id) =
        args.period.as_deref().filter(|id| ledger.periods.iter().all(|p| p.id != **id))
    {
        return Err(Failure::input(format!("error: the ledger has no period {id}")));
    }
    let rates: BTreeMap<String, i64> = args.rate.iter().cloned().collect();
    if let Some(id) = rates.keys().find(|id| ledger.measures.iter().all(|m| m.id != **id)) {
        return Err(Failure::input(format!("error: the ledger has no measure {id}")));
    }
    let period = args.period.clone().or_else(|| meeting_period(&held.valid));
    let names = Names::new(ledger, words);
    let basis = Basis {
        valid: &held.valid,
        plan: &held.plan,
        words,
        names: &names,
        period: period.as_deref(),
        rates: &rates,
    };
    let sheet = sheet(args.kind, &basis);
    let write = |out: &mut dyn Write| -> io::Result<()> {
        match args.format {
            ListFormat::Markdown => write_markdown(out, &sheet, words),
            ListFormat::Csv => write_csv(out, &sheet, words),
        }
    };
    match &args.output {
        Some(path) => output::write_atomic(path, write)?,
        None => {
            let mut out = output::stdout();
            write(&mut out)?;
            out.flush()?;
        }
    }
    Ok(Exit::Done)
}
