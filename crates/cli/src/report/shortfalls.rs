//! The needs that are short: the most pressing first, each with its reasons.
//!
//! In: outcomes. Out: numbered paragraphs. Order: hot spots, then priority, then what is
//! missing, then id.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::io::{self, Write};

use concentric_matcher::ledger::NeedKind;
use concentric_matcher::plan::Outcome;

use super::names::Names;
use super::number::grouped;
use super::reasons::Speaker;
use super::wrap::wrap;
use super::{Report, heading};
use crate::words::fill;

/// Prints them.
pub fn print(report: &Report<'_>, names: &Names<'_>, out: &mut dyn Write) -> io::Result<()> {
    let words = report.words;
    let mut short: Vec<&Outcome> =
        report.plan.outcomes.iter().filter(|o| o.covered < o.asked).collect();
    if short.is_empty() {
        return writeln!(out, "\n{}", words.h_no_shortfalls);
    }
    short.sort_by_key(|outcome| {
        let need = names.need_record(&outcome.need);
        let general = need.is_none_or(|n| n.kind == NeedKind::General);
        let priority = need.map_or(0, |n| n.priority);
        (general, Reverse(priority), Reverse(outcome.asked - outcome.covered), &outcome.need)
    });
    heading(out, &fill(words.h_shortfalls, &[("n", &grouped(short.len() as i64))]))?;
    if !report.explained {
        writeln!(out, " {}", words.h_unexplained)?;
    }
    let speaker = Speaker { words, names, plan: report.plan };
    let mut shown: BTreeSet<&str> = BTreeSet::new();
    for (at, outcome) in short.iter().take(report.top).enumerate() {
        let number = format!("{:>3}. ", at + 1);
        writeln!(out, "{}", wrap(&number, &describe(report, names, outcome), report.width))?;
        for reason in &outcome.reasons {
            for sentence in speaker.need(&outcome.need, reason, &|id| shown.contains(id)) {
                writeln!(out, "{}", wrap("     - ", &sentence, report.width))?;
            }
        }
        shown.insert(&outcome.need);
    }
    if short.len() > report.top {
        let more = grouped((short.len() - report.top) as i64);
        let option = format!("--top {}", short.len());
        writeln!(out, "     {}", fill(words.more_short, &[("n", &more), ("option", &option)]))?;
    }
    Ok(())
}

/// `n0001 (leader, grid 1): hot spots, priority 5: gets 0 of 1 post, 1 short`
fn describe(report: &Report<'_>, names: &Names<'_>, outcome: &Outcome) -> String {
    let words = report.words;
    let name = names.need(&outcome.need);
    let Some(need) = names.need_record(&outcome.need) else {
        return name;
    };
    let kind = match need.kind {
        NeedKind::HotSpot => words.kind_hot_spot_one,
        NeedKind::General => words.kind_general_one,
    };
    let measure = need.measure.as_deref().map_or("", |m| names.measure(m));
    let line = fill(
        words.short_line,
        &[
            ("kind", kind),
            ("priority", &need.priority.to_string()),
            ("asked", &grouped(outcome.asked)),
            ("covered", &grouped(outcome.covered)),
            ("short", &grouped(outcome.asked - outcome.covered)),
            ("measure", measure),
        ],
    );
    format!("{name}{}{line}", words.colon)
}
