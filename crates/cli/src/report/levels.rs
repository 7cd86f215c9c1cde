//! The levels of the lexicographic order, with what is proved of each.
//!
//! In: level records. Out: a table. Must not know how a bound was found.

use std::io::{self, Write};

use concentric_matcher::plan::{LevelRecord, ProofName, SenseName};

use super::names::Names;
use super::number::decimal;
use super::table::{Align, table};
use super::{Report, heading};
use crate::words::{Words, fill};

/// Prints heading and table.
pub fn print_section(
    report: &Report<'_>,
    names: &Names<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    if report.plan.levels.is_empty() {
        return Ok(());
    }
    heading(out, report.words.h_levels)?;
    print_levels(report.words, &report.plan.levels, Some(names), out)
}

/// Prints the table alone.
///
/// # Errors
/// Those of the writer.
pub fn print_levels(
    words: &Words,
    levels: &[LevelRecord],
    names: Option<&Names<'_>>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let rows = levels.iter().map(|level| {
        let shown = |value: i128| decimal(value, level.scale);
        let proof = match level.proof {
            ProofName::ProvedExact => words.proof_exact,
            ProofName::ProvedBound => words.proof_bound,
            ProofName::Claimed => words.proof_claimed,
            ProofName::Feasible => words.proof_feasible,
        };
        vec![
            named(words, level, names),
            shown(level.value.0),
            level.of.map_or_else(String::new, |of| shown(of.0)),
            level.bound.map_or_else(String::new, |bound| shown(bound.0)),
            proof.to_owned(),
        ]
    });
    let header = [
        (words.c_level, Align::Left),
        (words.c_value, Align::Right),
        (words.c_of, Align::Right),
        (words.c_bound, Align::Right),
        (words.c_proof, Align::Left),
    ];
    writeln!(out, "{}", table(&header, rows.collect()))
}

/// Name of a level with its direction and, for fairness, its worst group.
fn named(words: &Words, level: &LevelRecord, names: Option<&Names<'_>>) -> String {
    let mut name = level_name(words, &level.goal);
    if level.sense == SenseName::Minimize {
        name = fill(words.less_is_better, &[("level", &name)]);
    }
    if let Some((group, ..)) = level.vector.as_ref().and_then(|vector| vector.first()) {
        let group = names.and_then(|names| names.group(group)).unwrap_or(group);
        let worst = fill(words.worst, &[("group", group)]);
        name = format!("{name}{}{worst}{}", words.open_bracket, words.close_bracket);
    }
    name
}

/// A level's label (`cover:hot_spot+general`) in words.
pub fn level_name(words: &Words, label: &str) -> String {
    let (goal, kinds) = label.split_once(':').unwrap_or((label, ""));
    let name = match goal {
        "cover" => words.cover,
        "fair" => words.fair,
        "tier" if kinds.ends_with("beyond") => words.tier_beyond,
        "tier" => words.tier,
        "keep" => words.keep,
        "fit" => words.fit,
        "near" => words.near,
        "escalate" => words.escalate,
        "spend" => words.spend,
        "value" => words.value,
        "partners" => words.partners,
        "balance" => words.balance,
        "weighted" => words.weighted,
        "soft" => words.soft,
        other => other,
    };
    let kinds: Vec<&str> = kinds
        .split([':', '+'])
        .filter_map(|kind| match kind {
            "hot_spot" => Some(words.kind_hot_spot),
            "general" => Some(words.kind_general),
            _ => None,
        })
        .collect();
    if kinds.is_empty() {
        return name.to_owned();
    }
    format!("{name}{}{}", words.colon, kinds.join(words.list_separator))
}
