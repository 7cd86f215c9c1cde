//! `concentric claims`: what to answer to pending claims (认领).
//!
//! In: a ledger. Out: for each pending claim accept, redirect or decline, what accepting
//! it would cost, and which claims exclude each other; as text or JSON. Nothing is
//! changed: accepting a claim is the planner's.

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use concentric_matcher::advice::{Advice, Answer, ClaimAdvice, Part, advise};
use concentric_matcher::plan::TerminationReason;
use concentric_matcher::{Engine, Options, ValidLedger};
use serde_json::json;

use crate::args::{Format, duration};
use crate::backend::backend;
use crate::failure::{EXIT_CODES, Exit, Failure};
use crate::held::with_previous;
use crate::input::Source;
use crate::json::write_pretty;
use crate::output;
use crate::progress::Progress;
use crate::report::{Names, grouped, print_changes, shown};
use crate::words::{Lang, Words, fill};

const EXAMPLES: &str = "Examples:
  concentric claims street.json
  concentric claims street.json --scenario no_team --lang zh
  concentric claims street.json --format json --time-limit 10s";

/// Arguments of `claims`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
pub struct Args {
    /// Ledger file; `-` reads stdin
    ledger: PathBuf,
    /// Take the ledger through one of its scenarios first
    #[arg(long, value_name = "ID")]
    scenario: Option<String>,
    /// Keep what this plan assigns, as in `match`
    #[arg(long, value_name = "PLAN")]
    previous: Option<PathBuf>,
    /// Text for people or JSON for programs
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// Language of the text [default: that of the locale]
    #[arg(long, value_enum)]
    lang: Option<Lang>,
    /// Time for each solve [forms: 30s, 500ms, 5m]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    time_limit: Option<Duration>,
}

/// Runs it.
///
/// # Errors
/// A ledger that cannot be read or solved. An infeasible ledger is exit code 3.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    let words = args.lang.unwrap_or_else(Lang::of_locale).words();
    let source = Source::read(&args.ledger)?;
    let valid = source.ledger(args.scenario.as_deref())?;
    let valid = with_previous(valid, args.previous.as_deref())?;
    let options = Options { explain: false, time_limit: args.time_limit, ..Options::default() };
    let engine = Engine::new(options).with_backend(backend());
    let progress = Progress::start(words);
    let result = advise(&engine, &valid, progress.control());
    progress.finish();
    let advice = result.map_err(|error| Failure::engine(&source.name, error))?;
    if let Some(why) = advice.base.contradiction() {
        let message = format!("infeasible: {why}");
        return Err(Failure { exit: Exit::Infeasible, message });
    }
    let reason = advice.base.termination.as_ref().map(|t| t.reason);
    if matches!(reason, Some(TerminationReason::NoSolution) | None) {
        let message = "no plan was found before the solve was stopped".to_owned();
        return Err(Failure { exit: Exit::NoPlan, message });
    }
    let mut out = output::stdout();
    match args.format {
        Format::Json => {
            let value = json!({ "claims": advice.claims, "contests": advice.contests });
            write_pretty(&mut out, &value)?;
        }
        Format::Table => print(words, &valid, &advice, &mut out)?,
    }
    out.flush()?;
    Ok(Exit::Done)
}

fn print(
    words: &'static Words,
    valid: &ValidLedger,
    advice: &Advice,
    out: &mut dyn Write,
) -> io::Result<()> {
    let ledger = shown(valid.ledger());
    let names = Names::new(&ledger, words);
    if advice.claims.is_empty() {
        return writeln!(out, "{}", words.cl_none);
    }
    let count = |wanted: fn(&Answer) -> bool| {
        grouped(advice.claims.iter().filter(|c| wanted(&c.answer)).count() as i64)
    };
    let values = [
        ("n", &*grouped(advice.claims.len() as i64)),
        ("accept", &*count(|a| *a == Answer::Accept)),
        ("redirect", &*count(|a| matches!(a, Answer::Redirect { .. }))),
        ("decline", &*count(|a| *a == Answer::Decline)),
    ];
    writeln!(out, "{}", fill(words.cl_summary, &values))?;
    for claim in &advice.claims {
        one(words, &names, claim, out)?;
    }
    for contest in &advice.contests {
        let what = match contest.list {
            "needs" => names.need(&contest.id),
            _ => names.offer(&contest.id),
        };
        let claims = contest.claims.join(words.list_separator);
        let values = [
            ("claims", &*claims),
            ("what", &*what),
            ("asked", &*grouped(contest.asked)),
            ("available", &*grouped(contest.available)),
        ];
        writeln!(out, "\n{}", fill(words.cl_contest, &values))?;
    }
    Ok(())
}

fn one(
    words: &'static Words,
    names: &Names<'_>,
    claim: &ClaimAdvice,
    out: &mut dyn Write,
) -> io::Result<()> {
    let values = [
        ("claim", &*claim.claim),
        ("offer", &*names.offer(&claim.offer)),
        ("need", &*names.need(&claim.need)),
        ("quantity", &*grouped(claim.quantity)),
    ];
    writeln!(out, "\n{}", fill(words.cl_line, &values))?;
    let answer = match &claim.answer {
        Answer::Accept => words.cl_accept.to_owned(),
        Answer::Decline => words.cl_decline.to_owned(),
        Answer::Redirect { need, quantity } => {
            let first = Part { need: need.clone(), quantity: *quantity };
            redirect(words, names, claim, &first)
        }
    };
    writeln!(out, "  {answer}")?;
    if !claim.conflicts.is_empty() {
        let list = claim.conflicts.join(words.list_separator);
        writeln!(out, "  {}", fill(words.cl_conflicts, &[("list", &list)]))?;
    }
    if !claim.barred.is_empty() {
        let why = claim.barred.join(words.list_separator);
        return writeln!(out, "  {}", fill(words.cl_barred, &[("why", &why)]));
    }
    if claim.levels.is_empty() {
        return writeln!(out, "  {}", words.cl_free);
    }
    writeln!(out, "  {}", if claim.costs_coverage { words.cl_costs } else { words.cl_cheap })?;
    print_changes(words, &claim.levels, out)
}

/// Where a claim's quantity is wanted, and how much of it is wanted nowhere.
fn redirect(words: &'static Words, names: &Names<'_>, claim: &ClaimAdvice, first: &Part) -> String {
    let parts = || std::iter::once(first).chain(&claim.further);
    let placed: i64 = parts().map(|part| part.quantity).sum();
    let shown = parts().map(|part| {
        let values = [("need", &*names.need(&part.need)), ("quantity", &*grouped(part.quantity))];
        fill(words.cl_part, &values)
    });
    let list = shown.collect::<Vec<String>>().join(words.list_separator);
    let template = if placed < claim.quantity { words.cl_redirect_part } else { words.cl_redirect };
    let values = [
        ("list", &*list),
        ("placed", &*grouped(placed)),
        ("quantity", &*grouped(claim.quantity)),
        ("rest", &*grouped(claim.quantity - placed)),
    ];
    fill(template, &values)
}
