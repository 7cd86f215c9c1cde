//! The soft limits that a plan misses, and by how much.
//!
//! In: the library's rows. Out: a heading with a line for each, or such a line alone. Must
//! not work out what was missed, nor what that costs: the first level has that.

use std::io::{self, Write};

use concentric_matcher::ledger::Counts;
use concentric_matcher::plan::lists::MissedLimit;

use super::names::Names;
use super::number::{grouped, percent};
use super::wrap::wrap;
use super::{Report, heading};
use crate::words::{Words, fill};

/// Prints them; nothing when all hold.
pub fn print(report: &Report<'_>, names: &Names<'_>, out: &mut dyn Write) -> io::Result<()> {
    let (words, missed) = (report.words, report.missed);
    if missed.is_empty() {
        return Ok(());
    }
    heading(out, &fill(words.h_missed, &[("n", &grouped(missed.len() as i64))]))?;
    for limit in missed.iter().take(report.top) {
        let line = format!(
            "{}{}{}",
            label(names, limit),
            words.colon,
            sentence(words, &report.ledger.currency, limit)
        );
        writeln!(out, "{}", wrap("  - ", &line, report.width))?;
    }
    if missed.len() > report.top {
        let more = grouped((missed.len() - report.top) as i64);
        writeln!(out, "    {}", fill(words.more_missed, &[("n", &more)]))?;
    }
    Ok(())
}

/// `hours[u05] (name of the limit, name of the group)`.
pub fn label(names: &Names<'_>, limit: &MissedLimit) -> String {
    match &limit.group {
        Some(group) => names.limit(&format!("{}[{group}]", limit.limit)),
        None => names.limit(&limit.limit),
    }
}

/// What it comes to, what was wanted, and how far that is apart.
pub fn sentence(words: &Words, currency: &str, limit: &MissedLimit) -> String {
    let shown = |value: i128| {
        let number = grouped(value);
        let text = match limit.counts {
            Counts::Amount => return number,
            Counts::SharePpm => return percent(i64::try_from(value).unwrap_or(i64::MAX)),
            Counts::Yuan => words.counted_money,
            Counts::Pairs => words.counted_pairs,
            Counts::Served => words.counted_served,
        };
        fill(text, &[("n", &number), ("currency", currency)])
    };
    let text = if limit.below { words.missed_below } else { words.missed_above };
    let values = [
        ("reached", &*shown(limit.reached.0)),
        ("bound", &*shown(i128::from(limit.bound))),
        ("by", &*shown(limit.by.0)),
    ];
    fill(text, &values)
}
