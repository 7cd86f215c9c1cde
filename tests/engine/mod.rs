//! The engine against independent oracles.
//! Seeded; `CONCENTRIC_LONG=1` runs ten times the cases.

mod backends;
mod brute;
mod conflicts;
mod control;
mod corrupt;
mod golden;
mod mechanisms;
mod metamorphic;
mod reasons;
mod samples;
mod transport;
mod verdicts;
mod whole;

use concentric_matcher::ledger::Ledger;
use concentric_matcher::plan::lists::{MissedLimit, missed_limits};
use concentric_matcher::validate::validate;
use concentric_matcher::{Control, Engine, Error, Options, Plan, ValidLedger};
pub use concentric_testkit::effort::cases;

/// Validates and matches; panics on bad input, which the generators never make.
pub fn matched(ledger: &Ledger) -> (ValidLedger, Result<Plan, Error>) {
    let valid = validate(ledger.clone()).unwrap_or_else(|issues| panic!("bad input: {issues:?}"));
    let plan = Engine::new(Options::default()).match_valid(&valid, &Control::default());
    (valid, plan)
}

/// What the missed soft limits of a plan cost in level 0, each from its own bound and
/// distance; `None` where a share is among them, whose parts are finer than what is told.
pub fn cost_of_missed(valid: &ValidLedger, plan: &Plan) -> Option<i128> {
    use concentric_matcher::ledger::Counts;
    let soft = |counts| valid.ledger().limits.iter().any(|l| !l.hard && l.counts == counts);
    if soft(Counts::SharePpm) {
        return None;
    }
    let cost = |m: &MissedLimit| m.by.0 * (1_000_000_000_000 / i128::from(m.bound.max(1)));
    Some(missed_limits(valid, plan).iter().map(cost).sum())
}

/// (offer, need, quantity) of a plan.
pub fn triples(plan: &Plan) -> Vec<(String, String, i64)> {
    plan.assignments.iter().map(|a| (a.offer.clone(), a.need.clone(), a.quantity)).collect()
}
