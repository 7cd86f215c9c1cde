//! `concentric reconcile`: the next cycle's ledger (对账).
//!
//! In: a ledger with delivered projects and evaluations. Out: the ledger of the next
//! cycle in a file, and on stdout what was done. The result is checked before it is
//! written.

use std::io::Write;
use std::path::PathBuf;

use concentric_matcher::reconcile::{Adjusted, Reconciled, reconcile};
use concentric_matcher::validate::validate;

use crate::failure::{EXIT_CODES, Exit, Failure};
use crate::input::{Source, issue_lines};
use crate::json::write_records;
use crate::output;
use crate::report::grouped;
use crate::words::{Lang, Words, fill};

const EXAMPLES: &str = "Examples:
  concentric reconcile street.json -o next.json
  concentric reconcile street.json -o next.json --closing p03 --lang zh
  concentric match next.json --previous plan.json";

/// Arguments of `reconcile`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
pub struct Args {
    /// Ledger file; `-` reads stdin
    ledger: PathBuf,
    /// File for the next cycle's ledger, written whole or not at all
    #[arg(short, long, value_name = "NEXT")]
    output: PathBuf,
    /// Last period of the cycle that ends: pending claims up to it expire, agreements that
    /// end by then are over [default: no time passes]
    #[arg(long, value_name = "ID")]
    closing: Option<String>,
    /// Language of the text [default: that of the locale]
    #[arg(long, value_enum)]
    lang: Option<Lang>,
    /// How many changes are shown of each kind
    #[arg(long, value_name = "N", default_value_t = 10)]
    top: usize,
}

/// Runs it.
///
/// # Errors
/// A ledger that is wrong, a period it does not have, or a file that cannot be written.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    output::check_target(&args.output)?;
    let words = args.lang.unwrap_or_else(Lang::of_locale).words();
    let source = Source::read(&args.ledger)?;
    let valid = source.ledger(None)?;
    let done = reconcile(valid.ledger(), args.closing.as_deref())
        .map_err(|issues| Failure::input(issue_lines(&source.name, &issues)))?;
    if let Err(issues) = validate(done.ledger.clone()) {
        let message = format!(
            "{}\nThis is a defect of concentric; nothing was written.",
            issue_lines("the next ledger", &issues)
        );
        return Err(Failure { exit: Exit::Internal, message });
    }
    output::write_atomic(&args.output, |mut out| write_records(&mut out, &done.ledger))?;
    let mut out = output::stdout();
    print(args, words, &done, &mut out)?;
    out.flush()?;
    Ok(Exit::Done)
}

fn print(
    args: &Args,
    words: &Words,
    done: &Reconciled,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let n = grouped(done.delivered.len() as i64);
    writeln!(out, "{}", fill(words.rc_delivered, &[("n", &n)]))?;
    let changes = |list: &[Adjusted]| -> Vec<String> {
        let each = list.iter();
        each.map(|a| format!("{}{}{} → {}", a.id, words.colon, grouped(a.before), grouped(a.after)))
            .collect()
    };
    for (title, lines) in [
        (words.rc_needs, changes(&done.needs)),
        (words.rc_offers, changes(&done.offers)),
        (words.rc_proficiency, changes(&done.proficiency)),
        (words.rc_commitments, changes(&done.commitments)),
        (words.rc_expired, done.expired.clone()),
        (words.rc_ended, done.ended.clone()),
        (words.rc_scenarios, done.scenarios.clone()),
    ] {
        if lines.is_empty() {
            continue;
        }
        let n = grouped(lines.len() as i64);
        writeln!(out, "{}", fill(words.d_heading, &[("title", title), ("n", &n)]))?;
        for line in lines.iter().take(args.top) {
            writeln!(out, "  {line}")?;
        }
        if lines.len() > args.top {
            let more = grouped((lines.len() - args.top) as i64);
            writeln!(out, "  {}", fill(words.d_more, &[("n", &more)]))?;
        }
    }
    let path = args.output.display().to_string();
    writeln!(out, "{}", fill(words.rc_written, &[("path", &path)]))
}
