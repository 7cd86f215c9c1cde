//! `concentric check`: is the ledger right, and are its scenarios?
//!
//! In: a ledger. Out: every issue and notice with its place, as `file:line:column: ...`
//! so that editors can jump there. Issues go to stderr like a compiler's; with
//! `--format json` everything goes to stdout.

use std::io::Write;
use std::path::PathBuf;

use concentric_matcher::io::{load, place_issues, read_ledger};
use concentric_matcher::validate::validate;
use concentric_matcher::{Issue, Ledger, ValidLedger, scenario};
use serde_json::{Value, json};

use crate::args::Format;
use crate::failure::{EXIT_CODES, Exit, Failure};
use crate::input::{Source, issue_line};
use crate::json::write_pretty;
use crate::output;
use crate::report::counted;
use crate::words::{Lang, Words};

use super::survey::{Warning, warnings};

const EXAMPLES: &str = "Examples:
  concentric check street.json
  concentric check street.json --format json
  cat street.json | concentric check -";

/// Arguments of `check`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
pub struct Args {
    /// Ledger file; `-` reads stdin
    ledger: PathBuf,
    /// Text for people or JSON for programs
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// Language of the warnings about needs, offers and limits [default: that of the locale]
    #[arg(long, value_enum)]
    lang: Option<Lang>,
}

/// What was found, with the scenario in which it was found.
#[derive(Default)]
struct Found {
    issues: Vec<(Option<String>, Issue)>,
    notices: Vec<Issue>,
    warnings: Vec<Warning>,
    counts: Option<Counts>,
}

/// Sizes of the lists.
struct Counts {
    units: usize,
    offers: usize,
    needs: usize,
    places: usize,
    limits: usize,
    scenarios: usize,
}

/// Runs it.
///
/// # Errors
/// A file that cannot be read. A ledger that is wrong is told here and is exit code 1.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    let source = Source::read(&args.ledger)?;
    let words = args.lang.unwrap_or_else(Lang::of_locale).words();
    let found = inspect(&source, words);
    match args.format {
        Format::Json => {
            let mut out = output::stdout();
            write_pretty(&mut out, &as_json(&found))?;
            out.flush()?;
        }
        Format::Table => told(&source.name, &found)?,
    }
    Ok(if found.issues.is_empty() { Exit::Done } else { Exit::Input })
}

fn inspect(source: &Source, words: &Words) -> Found {
    let mut found = Found::default();
    match load(&source.bytes) {
        Err(issues) => found.issues = issues.into_iter().map(|issue| (None, issue)).collect(),
        Ok(valid) => {
            found.notices = valid.notices().to_vec();
            place_issues(&source.bytes, &mut found.notices);
            found.warnings = warnings(&source.bytes, &valid, words);
            found.counts = Some(counts(&valid));
        }
    }
    // Scenarios of a broken ledger would only repeat its faults.
    if found.issues.is_empty()
        && let Ok(ledger) = read_ledger(&source.bytes)
    {
        for at in 0..ledger.scenarios.len() {
            found.issues.extend(scenario_issues(source, &ledger, at));
        }
    }
    found
}

fn scenario_issues(source: &Source, ledger: &Ledger, at: usize) -> Vec<(Option<String>, Issue)> {
    let id = &ledger.scenarios[at].id;
    let mut issues = match scenario::apply(ledger, id).map(validate) {
        Ok(Ok(_)) => return Vec::new(),
        Err(issues) => issues,
        // Paths lead into the changed ledger, which no file holds: the place is the scenario's.
        Ok(Err(mut issues)) => {
            let mut here = [Issue::new(
                concentric_matcher::Code::FieldInvalid,
                format!("scenarios[{at}]"),
                "",
            )];
            place_issues(&source.bytes, &mut here);
            for issue in &mut issues {
                issue.position = here[0].position;
            }
            issues
        }
    };
    place_issues(&source.bytes, &mut issues);
    issues.into_iter().map(|issue| (Some(id.clone()), issue)).collect()
}

fn counts(valid: &ValidLedger) -> Counts {
    let ledger = valid.ledger();
    Counts {
        units: ledger.units.len(),
        offers: ledger.offers.len(),
        needs: ledger.needs.len(),
        places: ledger.places.len(),
        limits: ledger.limits.len(),
        scenarios: ledger.scenarios.len(),
    }
}

fn told(name: &str, found: &Found) -> Result<(), Failure> {
    for notice in &found.notices {
        eprintln!("{}", issue_line(name, notice).replacen(": ", ": notice: ", 1));
    }
    for warning in &found.warnings {
        let place = warning.position.map_or_else(String::new, |(l, c)| format!(":{l}:{c}"));
        let (code, path, message) = (warning.code, &warning.path, &warning.message);
        eprintln!("{name}{place}: notice: {code} {path}: {message}");
    }
    for (scenario, issue) in &found.issues {
        let mut issue = issue.clone();
        if let Some(id) = scenario {
            issue.message = format!("{} [in scenario {id}]", issue.message);
        }
        eprintln!("{}", issue_line(name, &issue));
    }
    if !found.issues.is_empty() {
        eprintln!("error: {} in {name}", counted(found.issues.len() as u64, "violation"));
        return Ok(());
    }
    let Some(counts) = &found.counts else {
        return Ok(());
    };
    let mut out = output::stdout();
    let count = |n: usize, noun: &str| counted(n as u64, noun);
    let parts = [
        count(counts.units, "unit"),
        count(counts.offers, "offer"),
        count(counts.needs, "need"),
        count(counts.places, "place"),
        count(counts.limits, "limit"),
        count(counts.scenarios, "scenario"),
    ];
    writeln!(out, "ok: {}", parts.join(", "))?;
    out.flush()?;
    Ok(())
}

fn as_json(found: &Found) -> Value {
    let one = |scenario: Option<&String>, issue: &Issue| {
        json!({
            "code": issue.code.as_str(),
            "path": issue.path,
            "message": issue.message,
            "related": issue.related,
            "line": issue.position.map(|p| p.0),
            "column": issue.position.map(|p| p.1),
            "scenario": scenario,
        })
    };
    let issues: Vec<Value> =
        found.issues.iter().map(|(scenario, issue)| one(scenario.as_ref(), issue)).collect();
    let mut notices: Vec<Value> = found.notices.iter().map(|issue| one(None, issue)).collect();
    notices.extend(found.warnings.iter().map(|warning| {
        json!({
            "code": warning.code,
            "path": warning.path,
            "message": warning.message,
            "related": [],
            "line": warning.position.map(|p| p.0),
            "column": warning.position.map(|p| p.1),
            "scenario": null,
        })
    }));
    let counts = found.counts.as_ref().map(|c| {
        json!({
            "units": c.units, "offers": c.offers, "needs": c.needs,
            "places": c.places, "limits": c.limits, "scenarios": c.scenarios,
        })
    });
    json!({ "ok": found.issues.is_empty(), "issues": issues, "notices": notices, "counts": counts })
}
