//! `concentric classify`: what a ledger is made of, as the solver sees it.
//!
//! In: a ledger, perhaps a scenario. Out: arcs, independent parts and what keeps them
//! from being networks. Nothing is solved.

use std::cmp::Reverse;
use std::io::{self, Write};
use std::path::PathBuf;

use concentric_matcher::plan::ComponentKind;
use concentric_matcher::{Classification, Engine};
use serde_json::{Value, json};

use crate::args::Format;
use crate::failure::{EXIT_CODES, Exit, Failure, by_record};
use crate::input::Source;
use crate::json::write_pretty;
use crate::output;
use crate::report::{Align, counted, grouped, table};

const EXAMPLES: &str = "Examples:
  concentric classify street.json
  concentric classify street.json --scenario no_team --format json";

/// Arguments of `classify`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
pub struct Args {
    /// Ledger file; `-` reads stdin
    ledger: PathBuf,
    /// Take the ledger through one of its scenarios first
    #[arg(long, value_name = "ID")]
    scenario: Option<String>,
    /// Text for people or JSON for programs
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

/// Parts listed one by one; the rest is counted.
const LISTED: usize = 10;

/// Runs it.
///
/// # Errors
/// A ledger that cannot be read or is too large.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    let source = Source::read(&args.ledger)?;
    let valid = source.ledger(args.scenario.as_deref())?;
    let found =
        Engine::default().classify(&valid).map_err(|error| Failure::engine(&source.name, error))?;
    let mut out = output::stdout();
    match args.format {
        Format::Json => write_pretty(&mut out, &as_json(&found))?,
        Format::Table => print(&found, &mut out)?,
    }
    out.flush()?;
    Ok(Exit::Done)
}

fn word(kind: ComponentKind) -> &'static str {
    match kind {
        ComponentKind::Network => "network",
        ComponentKind::Integer => "integer",
    }
}

fn print(found: &Classification, out: &mut dyn Write) -> io::Result<()> {
    let integer = found.components.iter().filter(|c| c.kind == ComponentKind::Integer).count();
    writeln!(
        out,
        "Arcs (admissible pairs of offer and need): {}",
        grouped(i128::from(found.arcs))
    )?;
    writeln!(out, "Needs without any offer: {}", grouped(i128::from(found.needs_without_offers)))?;
    writeln!(
        out,
        "Independent components: {} ({}, {} that {} integers)\n",
        grouped(found.components.len() as i64),
        counted((found.components.len() - integer) as u64, "network"),
        grouped(integer as i64),
        if integer == 1 { "needs" } else { "need" }
    )?;
    let mut parts: Vec<_> = found.components.iter().collect();
    parts.sort_by_key(|part| (Reverse(part.arcs), Reverse(part.needs)));
    let rows = parts.iter().take(LISTED).map(|part| {
        vec![
            word(part.kind).to_owned(),
            grouped(i128::from(part.arcs)),
            grouped(i128::from(part.needs)),
        ]
    });
    let header = [("component", Align::Left), ("arcs", Align::Right), ("needs", Align::Right)];
    writeln!(out, "{}", table(&header, rows.collect()))?;
    if parts.len() > LISTED {
        let more = parts.len() - LISTED;
        writeln!(out, " and {more} smaller {}", if more == 1 { "one" } else { "ones" })?;
    }
    if found.features.is_empty() {
        return writeln!(out, "\nNothing needs integers: the plan is exact by network flow alone.");
    }
    writeln!(out, "\nWhat needs integers:")?;
    for group in by_record(&found.features) {
        writeln!(out, "  {}", group.line())?;
    }
    Ok(())
}

fn as_json(found: &Classification) -> Value {
    let components: Vec<Value> = found
        .components
        .iter()
        .map(|part| json!({ "kind": word(part.kind), "arcs": part.arcs, "needs": part.needs }))
        .collect();
    let features: Vec<Value> = found
        .features
        .iter()
        .enumerate()
        .map(|(at, feature)| {
            let touched: Vec<usize> =
                (0..found.features_of.len()).filter(|&part| found.features_of[part].contains(&at)).collect();
            json!({ "list": feature.list, "id": feature.id, "needs": feature.needs, "components": touched })
        })
        .collect();
    json!({
        "arcs": found.arcs,
        "needs_without_offers": found.needs_without_offers,
        "components": components,
        "features": features,
    })
}
