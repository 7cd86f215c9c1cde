//! Coverage by kind and by category.
//!
//! In: the plan's own sums. Out: two tables. Must not add anything up.

use std::io::{self, Write};

use concentric_matcher::plan::CoverageRow;

use super::names::Names;
use super::number::{grouped, percent};
use super::table::{Align, table};
use super::{Report, heading};
use crate::words::{Words, fill};

/// Amounts shown in one row; more would make it unreadable.
const MEASURES: usize = 3;

/// Prints them.
pub fn print(report: &Report<'_>, names: &Names<'_>, out: &mut dyn Write) -> io::Result<()> {
    let (words, coverage) = (report.words, &report.plan.coverage);
    let kind = |id: &str| match id {
        "hot_spot" => words.kind_hot_spot.to_owned(),
        "general" => words.kind_general.to_owned(),
        other => other.to_owned(),
    };
    section(words, names, (words.h_kinds, words.c_kind), &coverage.kinds, kind, out)?;
    let category = |id: &str| names.category(id).to_owned();
    section(
        words,
        names,
        (words.h_categories, words.c_category),
        &coverage.categories,
        category,
        out,
    )
}

fn section(
    words: &Words,
    names: &Names<'_>,
    (title, column): (&str, &str),
    rows: &[CoverageRow],
    describe: impl Fn(&str) -> String,
    out: &mut dyn Write,
) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    heading(out, title)?;
    let lines = rows.iter().map(|row| {
        vec![
            describe(&row.id),
            grouped(i128::from(row.needs)),
            grouped(i128::from(row.met)),
            grouped(i128::from(row.partial)),
            grouped(i128::from(row.unmet)),
            percent(row.share_ppm),
            amounts(words, names, row),
        ]
    });
    let header = [
        (column, Align::Left),
        (words.c_needs, Align::Right),
        (words.c_met, Align::Right),
        (words.c_partial, Align::Right),
        (words.c_unmet, Align::Right),
        (words.c_share, Align::Right),
        (words.c_amounts, Align::Left),
    ];
    writeln!(out, "{}", table(&header, lines.collect()))
}

fn amounts(words: &Words, names: &Names<'_>, row: &CoverageRow) -> String {
    let shown = row.amounts.iter().take(MEASURES).map(|(measure, asked, covered)| {
        let values = [
            ("covered", &*grouped(*covered)),
            ("asked", &*grouped(*asked)),
            ("measure", names.measure(measure)),
        ];
        fill(words.amount, &values)
    });
    let mut text = shown.collect::<Vec<String>>().join(words.list_separator);
    if row.amounts.len() > MEASURES {
        let more = (row.amounts.len() - MEASURES).to_string();
        text.push_str(words.list_separator);
        text.push_str(&fill(words.more_amounts, &[("n", &more)]));
    }
    text
}
