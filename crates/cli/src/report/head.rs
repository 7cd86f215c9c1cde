//! The first lines of a report: whose plan, why the solve ended, how much is met.
//!
//! In: a plan. Out: a few lines. Must not know reasons.

use std::io::{self, Write};

use concentric_matcher::Ledger;
use concentric_matcher::plan::{LimitName, ProofName, Status, TerminationReason};

use super::Report;
use super::names::Names;
use super::number::grouped;
use super::wrap::wrap;
use crate::words::{Lang, Words, fill};

/// Title in the language asked for, or the best substitute.
pub fn title<'a>(ledger: &'a Ledger, words: &'static Words) -> &'a str {
    let (zh, en) = (ledger.title.as_deref(), ledger.title_en.as_deref());
    let title = match words.lang {
        Lang::En => en.or(zh),
        Lang::Zh => zh.or(en),
    };
    title.or(ledger.id.as_deref()).unwrap_or(words.untitled)
}

/// Prints them.
pub fn print(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let (words, plan) = (report.words, report.plan);
    writeln!(out, "{}", console::style(title(report.ledger, words)).bold())?;
    if let Some(id) = &plan.scenario {
        let record = report.ledger.scenarios.iter().find(|s| s.id == *id);
        let name = match record.and_then(|s| s.name.as_deref()) {
            Some(name) => format!("{id}{}{name}{}", words.open_bracket, words.close_bracket),
            None => id.clone(),
        };
        writeln!(out, "{}", fill(words.scenario, &[("name", &name)]))?;
    }
    writeln!(out)?;
    let Some(termination) = &plan.termination else {
        return Ok(());
    };
    let reason = match termination.reason {
        TerminationReason::Optimal
            if plan.levels.iter().any(|level| level.proof == ProofName::Claimed) =>
        {
            words.optimal_claimed
        }
        TerminationReason::Optimal => words.optimal,
        TerminationReason::WithinGap => words.within_gap,
        TerminationReason::Feasible => words.feasible,
        TerminationReason::Infeasible => words.infeasible,
        TerminationReason::NoSolution => words.no_solution,
    };
    writeln!(out, "{}", wrap("", reason, report.width))?;
    if let Some(limit) = termination.limit {
        let limit = match limit {
            LimitName::Time => words.limit_time,
            LimitName::Work => words.limit_work,
            LimitName::Memory => words.limit_memory,
            LimitName::Interrupted => words.limit_interrupted,
        };
        writeln!(out, "{limit}")?;
    }
    if termination.reason == TerminationReason::Infeasible {
        return conflict(report, out);
    }
    if termination.reason == TerminationReason::NoSolution {
        return Ok(());
    }
    let count =
        |status| grouped(plan.outcomes.iter().filter(|o| o.status == status).count() as i64);
    let assignments = grouped(plan.assignments.len() as i64);
    let text = fill(
        words.summary,
        &[
            ("assignments", &assignments),
            ("needs", &grouped(plan.outcomes.len() as i64)),
            ("met", &count(Status::Met)),
            ("partial", &count(Status::Partial)),
            ("unmet", &count(Status::Unmet)),
        ],
    );
    writeln!(out, "{}", wrap("", &text, report.width))
}

fn conflict(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let words = report.words;
    if report.plan.conflict.is_empty() {
        let Some(why) = report.plan.contradiction() else { return Ok(()) };
        writeln!(out, "{}", wrap("", words.conflict_none, report.width))?;
        return writeln!(out, "{}", wrap("  - ", &why, report.width));
    }
    let names = Names::new(report.ledger, report.words);
    let alone = report.plan.conflict.len() == 1;
    writeln!(out, "{}", if alone { words.conflict_one } else { words.conflict })?;
    for label in &report.plan.conflict {
        writeln!(out, "{}", wrap("  - ", &names.limit(label), report.width))?;
    }
    Ok(())
}
