//! One small ledger for each mechanism of the domain, with its answer derived by hand.
//! docs/mechanisms.md points here, row by row. Every plan is verified before it is read; how
//! well it is proved depends on the back end, what it holds does not.

mod admission;
mod demand;
mod goals;
mod limits;
mod money;
mod whatif;
mod workflow;

use concentric_matcher::certify::{Reason, ReasonCode};
use concentric_matcher::io::load;
use concentric_matcher::plan::{LevelRecord, TerminationReason};
use concentric_matcher::{Control, Engine, Plan, ValidLedger};

/// The ledger with these members.
#[track_caller]
fn ledger(body: &str) -> ValidLedger {
    let text = format!(r#"{{"format": "concentric.ledger/v1", {body}}}"#);
    load(text.as_bytes()).unwrap_or_else(|issues| panic!("{issues:?}"))
}

/// The verified plan of the ledger with these members.
#[track_caller]
fn plan(body: &str) -> Plan {
    solved(&ledger(body))
}

/// The verified plan of a ledger.
#[track_caller]
fn solved(valid: &ValidLedger) -> Plan {
    let engine = Engine::default();
    let plan = engine.match_valid(valid, &Control::default()).unwrap();
    let verdict = engine.verify(valid, &plan).unwrap();
    assert!(verdict.is_ok(), "{verdict:?}");
    let reason = plan.termination.as_ref().unwrap().reason;
    assert_ne!(reason, TerminationReason::NoSolution);
    plan
}

/// What a need gets.
fn covered(plan: &Plan, need: &str) -> i64 {
    plan.outcomes.iter().find(|o| o.need == need).unwrap().covered
}

/// What the needs get, in this order.
fn all_covered<const N: usize>(plan: &Plan, needs: [&str; N]) -> [i64; N] {
    needs.map(|need| covered(plan, need))
}

/// What a unit gives a need.
fn given(plan: &Plan, unit: &str, need: &str) -> i64 {
    let own = |a: &&concentric_matcher::plan::Assignment| {
        a.unit.as_deref() == Some(unit) && a.need == need
    };
    plan.assignments.iter().filter(own).map(|a| a.quantity).sum()
}

/// Why a need is short.
fn reasons<'a>(plan: &'a Plan, need: &str) -> &'a [Reason] {
    &plan.outcomes.iter().find(|o| o.need == need).unwrap().reasons
}

fn codes(plan: &Plan, need: &str) -> Vec<ReasonCode> {
    reasons(plan, need).iter().map(|reason| reason.code).collect()
}

/// The level with this label.
fn level<'a>(plan: &'a Plan, goal: &str) -> &'a LevelRecord {
    plan.levels.iter().find(|level| level.goal == goal).unwrap()
}
