//! What changed between two plans, in words.
//!
//! In: a difference. Out: a table of levels and short lists. Must not compare anything.

use std::io::{self, Write};

use concentric_matcher::plan::{Changed, LevelChange, NeedChange, PairChange, PlanDiff, Trend};

use super::heading;
use super::levels::level_name;
use super::names::Names;
use super::number::{decimal, grouped};
use super::table::{Align, table};
use crate::words::{Words, fill};

/// Prints it, at most `top` lines a part.
///
/// # Errors
/// Those of the writer.
pub fn print_diff(
    diff: &PlanDiff,
    words: &Words,
    names: &Names<'_>,
    top: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let count = |n: usize| grouped(n as i64);
    let values = [
        ("added", &*count(diff.added.len())),
        ("dropped", &*count(diff.dropped.len())),
        ("changed", &*count(diff.changed.len())),
        ("same", &*grouped(i128::from(diff.unchanged))),
        ("won", &*count(diff.won.len())),
        ("lost", &*count(diff.lost.len())),
        ("opened", &*count(diff.opened.len())),
        ("closed", &*count(diff.closed.len())),
    ];
    writeln!(out, "{}", fill(words.d_summary, &values))?;
    if !diff.levels.is_empty() {
        heading(out, words.h_levels)?;
        print_changes(words, &diff.levels, out)?;
    }
    let needs = |list: &[NeedChange]| -> Vec<String> {
        list.iter().map(|change| need(words, names, change)).collect()
    };
    let pairs = |list: &[PairChange]| -> Vec<String> {
        let each = list.iter();
        each.map(|p| format!("{} – {}", names.unit(&p.unit), names.place(&p.place))).collect()
    };
    let lines = |list: &[Changed]| -> Vec<String> {
        list.iter().map(|change| line(words, names, change)).collect()
    };
    let moved = diff.moved.iter().map(|moved| {
        let values = [
            ("need", &*names.need(&moved.need)),
            ("from", &*names.offer(&moved.from)),
            ("to", &*names.offer(&moved.to)),
            ("quantity", &*grouped(moved.quantity)),
        ];
        fill(words.d_moved_line, &values)
    });
    for (title, lines) in [
        (words.d_won, needs(&diff.won)),
        (words.d_lost, needs(&diff.lost)),
        (words.d_opened, pairs(&diff.opened)),
        (words.d_closed, pairs(&diff.closed)),
        (words.d_moved, moved.collect()),
        (words.d_added, lines(&diff.added)),
        (words.d_dropped, lines(&diff.dropped)),
        (words.d_changed, lines(&diff.changed)),
    ] {
        part(words, title, &lines, top, out)?;
    }
    Ok(())
}

fn part(
    words: &Words,
    title: &str,
    lines: &[String],
    top: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    let n = grouped(lines.len() as i64);
    heading(out, &fill(words.d_heading, &[("title", title), ("n", &n)]))?;
    for text in lines.iter().take(top) {
        writeln!(out, "  {text}")?;
    }
    if lines.len() > top {
        let more = grouped((lines.len() - top) as i64);
        writeln!(out, "  {}", fill(words.d_more, &[("n", &more)]))?;
    }
    Ok(())
}

/// Levels before and after, as a table.
///
/// # Errors
/// Those of the writer.
pub fn print_changes(words: &Words, levels: &[LevelChange], out: &mut dyn Write) -> io::Result<()> {
    let rows = levels.iter().map(|level| {
        let shown = |value: Option<i128>| {
            value.map_or_else(String::new, |value| decimal(value, level.scale))
        };
        let trend = match level.trend {
            Trend::Better => words.better,
            Trend::Worse => words.worse,
            Trend::Same => words.same,
        };
        vec![
            level_name(words, &level.goal),
            shown(level.before.map(|v| v.0)),
            shown(level.after.map(|v| v.0)),
            shown(level.by.map(|v| v.0)),
            if level.by.is_some() { trend.to_owned() } else { String::new() },
        ]
    });
    let header = [
        (words.c_level, Align::Left),
        (words.c_before, Align::Right),
        (words.c_after, Align::Right),
        (words.c_by, Align::Right),
        (words.c_trend, Align::Left),
    ];
    writeln!(out, "{}", table(&header, rows.collect()))
}

fn need(words: &Words, names: &Names<'_>, change: &NeedChange) -> String {
    let asked = change.asked.map_or_else(|| "?".to_owned(), grouped);
    let values = [
        ("need", &*names.need(&change.need)),
        ("before", &*grouped(change.before)),
        ("after", &*grouped(change.after)),
        ("asked", &*asked),
    ];
    let mut text = fill(words.d_need_line, &values);
    if change.newly_met {
        text.push_str(words.d_newly_met);
    }
    if change.no_longer_met {
        text.push_str(words.d_no_longer_met);
    }
    text
}

fn line(words: &Words, names: &Names<'_>, change: &Changed) -> String {
    let values = [
        ("offer", &*names.offer(&change.offer)),
        ("need", &*names.need(&change.need)),
        ("before", &*grouped(change.before)),
        ("after", &*grouped(change.after)),
    ];
    fill(words.d_line, &values)
}
