//! Offers that are not used up, the largest rest first, each with its reason.
//!
//! In: the plan's idle offers. Out: numbered paragraphs. Must not compare measures: the
//! order is by number alone.

use std::cmp::Reverse;
use std::io::{self, Write};

use super::names::Names;
use super::number::grouped;
use super::reasons::Speaker;
use super::wrap::wrap;
use super::{Report, heading};
use crate::words::fill;

/// Prints them.
pub fn print(report: &Report<'_>, names: &Names<'_>, out: &mut dyn Write) -> io::Result<()> {
    let words = report.words;
    let mut idle: Vec<_> = report.plan.idle.iter().collect();
    if idle.is_empty() {
        return writeln!(out, "\n{}", words.h_no_idle);
    }
    idle.sort_by_key(|offer| (Reverse(offer.left), &offer.offer));
    heading(out, &fill(words.h_idle, &[("n", &grouped(idle.len() as i64))]))?;
    let speaker = Speaker { words, names, plan: report.plan };
    for (at, offer) in idle.iter().take(report.top).enumerate() {
        let record = names.offer_record(&offer.offer);
        let measure = record.and_then(|o| o.measure.as_deref()).map_or("", |m| names.measure(m));
        let quantity = record.map_or(offer.left, |o| o.quantity);
        let values = [
            ("left", &*grouped(offer.left)),
            ("quantity", &*grouped(quantity)),
            ("measure", measure),
        ];
        let name = names.offer(&offer.offer);
        let line = format!("{name}{}{}", words.colon, fill(words.idle_line, &values));
        writeln!(out, "{}", wrap(&format!("{:>3}. ", at + 1), &line, report.width))?;
        for sentence in offer.reason.iter().flat_map(|reason| speaker.idle(reason)) {
            writeln!(out, "{}", wrap("     - ", &sentence, report.width))?;
        }
    }
    if idle.len() > report.top {
        let more = grouped((idle.len() - report.top) as i64);
        writeln!(out, "     {}", fill(words.more_idle, &[("n", &more)]))?;
    }
    Ok(())
}
