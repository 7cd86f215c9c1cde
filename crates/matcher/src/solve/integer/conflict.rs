//! A minimal set of rules that contradict each other, by a back end's word.
//!
//! In: a part that a back end says has no point. Out: names in the ledger's own ids. Must
//! not know goals. A deletion filter: each rule is given up in turn, and stays so if the
//! rest still has no point. Rules that must not be blamed are never given up. When a limit
//! strikes, what has not been tried stays named.

use std::collections::BTreeMap;

use crate::milp::{Request, Status};
use crate::network::{Meaning, Program};

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

pub(super) fn minimal(part: &mut Part<'_>, context: Context<'_>) -> Vec<String> {
    let rules = rules(part);
    let mut given_up: Vec<&Rule> = Vec::new();
    let mut named: Vec<String> = Vec::new();
    for (name, rule) in &rules {
        given_up.push(rule);
        let gone =
            context.watch.exceeded(0).is_none() && infeasible_without(part, &given_up, context);
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

/// Whether a back end says that the rest has no point. Not knowing counts as no.
fn infeasible_without(part: &mut Part<'_>, given_up: &[&Rule], context: Context<'_>) -> bool {
    let Some(backend) = context.backend else { return false };
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
    let model = Model::new(&program, &Held::default(), Aim::Any);
    let request = Request {
        problem: &model.problem,
        start: None,
        relax: false,
        relative_gap: 0.0,
        absolute_gap: 0.0,
        time_limit: Some(context.watch.time_left().map_or(QUESTION, |left| left.min(QUESTION))),
        cpu_limit: None,
    };
    let stop = || context.watch.exceeded(0).is_some();
    let answer = backend.solve(&request, &stop, &mut |_| {});
    answer.is_ok_and(|answer| answer.status == Status::Infeasible)
}
