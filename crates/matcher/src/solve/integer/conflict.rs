//! A minimal set of rules that contradict each other, by a back end's word.
//!
//! In: a part that a back end says has no point. Out: names in the ledger's own ids, and
//! what it took to see the contradiction. Must not know goals. A deletion filter: each rule
//! is given up in turn, and stays so if the rest still has no point. Rules that must not be
//! blamed are given up only when nothing else is left that clashes, and are told apart. When
//! a limit strikes, what has not been tried stays named.

use std::collections::BTreeMap;

use crate::milp::{Request, Status};
use crate::network::{Line, Meaning, Program};

use super::super::{Contradiction, Seen};
use super::model::{Aim, Held, Model};
use super::{Context, Part};

/// Time for one question, where the caller set no limit.
const QUESTION: std::time::Duration = std::time::Duration::from_secs(3);

/// More than any soft limit can be missed by.
const ANY_MISS: i64 = 1 << 50;

/// Where a rule stands: rows, and service columns whose lower bound it is.
#[derive(Default)]
struct Rule {
    rows: Vec<usize>,
    columns: Vec<usize>,
}

pub(super) fn minimal(part: &mut Part<'_>, context: Context<'_>) -> Contradiction {
    let rules = rules(part);
    let mut given_up: Vec<&Rule> = Vec::new();
    let names = needed(part, &rules, &mut given_up, context);
    let mut untouchable = BTreeMap::new();
    if names.is_empty() {
        for (row, name) in &part.program.untouchable {
            untouchable.entry(name.clone()).or_insert_with(Rule::default).rows.push(*row);
        }
    }
    let untouchable = needed(part, &untouchable, &mut given_up, context);
    let seen = seen(&without(part, &given_up), context);
    Contradiction { names, untouchable, cut: Vec::new(), seen }
}

/// Rules without any one of which the rest has a point, as far as can be told; the others
/// are added to what is given up.
fn needed<'r>(
    part: &Part<'_>,
    rules: &'r BTreeMap<String, Rule>,
    given_up: &mut Vec<&'r Rule>,
    context: Context<'_>,
) -> Vec<String> {
    let mut named: Vec<String> = Vec::new();
    for (name, rule) in rules {
        given_up.push(rule);
        let gone = context.watch.exceeded(0).is_none()
            && status(&without(part, given_up), false, context) == Some(Status::Infeasible);
        if !gone {
            given_up.pop();
            named.push(name.clone());
        }
    }
    named
}

fn rules(part: &Part<'_>) -> BTreeMap<String, Rule> {
    let mut rules: BTreeMap<String, Rule> = BTreeMap::new();
    for (i, row) in part.program.rows.iter().enumerate() {
        if let Some(name) = &row.rule {
            rules.entry(name.clone()).or_default().rows.push(i);
        }
    }
    for (c, column) in part.program.columns.iter().enumerate() {
        if let Meaning::Service(arc) = column.meaning
            && column.lower > 0
        {
            let name = part.network.lock_names(arc).join("+");
            rules.entry(name).or_default().columns.push(c);
        }
    }
    rules
}

/// The program with some rules given up.
fn without(part: &Part<'_>, given_up: &[&Rule]) -> Program {
    let mut program: Program = part.program.clone();
    for rule in given_up {
        for &row in &rule.rows {
            program.rows[row].lower = None;
            program.rows[row].upper = None;
        }
        for &c in &rule.columns {
            program.columns[c].lower = 0;
        }
    }
    // Binaries that a lock had settled are free again.
    // And without locks a soft limit may be missed by more.
    for column in &mut program.columns[part.program.arcs.len()..] {
        column.lower = 0;
        if matches!(column.meaning, Meaning::Miss { .. }) {
            column.upper = column.upper.max(ANY_MISS);
        }
    }
    program
}

/// The least that shows that a program without a point has none.
fn seen(program: &Program, context: Context<'_>) -> Seen {
    if program.rows.iter().any(|row| out_of_reach(program, row)) {
        return Seen::Sum;
    }
    match status(program, true, context) {
        Some(Status::Infeasible) => Seen::Relaxation,
        Some(Status::Optimal) => Seen::Integers,
        _ => Seen::Somehow,
    }
}

/// Whether the bounds of its columns alone keep a row from holding.
fn out_of_reach(program: &Program, row: &Line) -> bool {
    let end = |most: bool| -> i128 {
        let term = |&(c, k): &(u32, i64)| {
            let column = &program.columns[c as usize];
            let bound = if (k > 0) == most { column.upper } else { column.lower };
            i128::from(k) * i128::from(bound)
        };
        row.terms.iter().map(term).sum()
    };
    row.lower.is_some_and(|lower| end(true) < lower)
        || row.upper.is_some_and(|upper| end(false) > upper)
}

/// What a back end says of a program, or of its linear relaxation; `None` where it is
/// lost for an answer.
fn status(program: &Program, relax: bool, context: Context<'_>) -> Option<Status> {
    let backend = context.backend?;
    let model = Model::new(program, &Held::default(), Aim::Any);
    let request = Request {
        problem: &model.problem,
        start: None,
        relax,
        relative_gap: 0.0,
        absolute_gap: 0.0,
        time_limit: Some(context.watch.time_left().map_or(QUESTION, |left| left.min(QUESTION))),
        cpu_limit: None,
    };
    let stop = || context.watch.exceeded(0).is_some();
    Some(backend.solve(&request, &stop, &mut |_| {}).ok()?.status)
}
