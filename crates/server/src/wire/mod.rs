//! Ledgers and plans between the engine's types and the wire's, without loss.
//!
//! In: messages of `concentric.v1`, or records of the engine. Out: the other of the two;
//! from the wire also every structural fault, with the path that a ledger file would give.
//! Must not know rules: a value that has the right shape is taken as it is, and validation
//! judges it. Rejected: a detour over JSON text (slow, and a second place where numbers
//! could bend), and `google.protobuf.Value` for free values (its numbers are floats).

mod enums;
mod free;
mod ledger;
mod mixed;
mod plan;
mod policy;
mod reader;
mod shapes;
mod traits;
pub mod weight;

use concentric_matcher::ledger::Ledger;
use concentric_matcher::validate::{Bounds, validate_with};
use concentric_matcher::{Code, Issue, Plan, ValidLedger, scenario};
use concentric_proto::v1;
use prost::Message;

use reader::Reader;
use traits::Wire;

/// The message of a ledger. Linear.
pub fn ledger_to_wire(ledger: &Ledger) -> v1::Ledger {
    ledger.clone().into_wire()
}

/// The ledger of a message, as written, without its rules. Linear.
///
/// # Errors
/// Every structural fault, in the order of the format, at most
/// [`MAX_ISSUES`](concentric_matcher::io::MAX_ISSUES).
pub fn ledger_from_wire(message: v1::Ledger) -> Result<Ledger, Vec<Issue>> {
    let mut reader = Reader::default();
    let ledger = Ledger::from_wire(message, &mut reader);
    reader.finish().map(|()| ledger)
}

/// The checked ledger of a message.
///
/// # Errors
/// Every fault of structure and rules, in the order of the format, at most
/// [`MAX_ISSUES`](concentric_matcher::io::MAX_ISSUES). While the structure is broken, a
/// violation of a rule is told only if no structural fault can be its cause.
pub fn valid_from_wire(message: v1::Ledger, bounds: &Bounds) -> Result<ValidLedger, Vec<Issue>> {
    let mut reader = Reader::default();
    let ledger = Ledger::from_wire(message, &mut reader);
    match (reader.finish(), validate_with(ledger, bounds)) {
        (Ok(()), Ok(valid)) => Ok(valid),
        (Ok(()), Err(found)) => Err(mixed::capped(found)),
        (Err(faults), found) => Err(mixed::merge(faults, found.err().unwrap_or_default())),
    }
}

/// The message of a ledger as stored or uploaded.
///
/// # Errors
/// The bytes are no such message, or one that is beyond the bounds.
pub fn ledger_from_bytes(bytes: &[u8], bounds: &Bounds) -> Result<v1::Ledger, Vec<Issue>> {
    if let Some(issue) = weight::of_ledger(bytes, bounds) {
        return Err(vec![issue]);
    }
    let what = "the bytes are no concentric.v1.Ledger";
    v1::Ledger::decode(bytes).map_err(|_| vec![Issue::new(Code::FileMalformed, "$", what)])
}

/// The ledger of a request that left it as bytes; it was weighed with its request.
///
/// # Errors
/// The bytes are no such message.
pub fn ledger_of_request(bytes: &[u8]) -> Result<v1::Ledger, Vec<Issue>> {
    v1::Ledger::decode(bytes).map_err(|_| no_message())
}

/// The plan of a request that left it as bytes, without judging it.
///
/// # Errors
/// The bytes are no such message, or every structural fault.
pub fn plan_of_request(bytes: &[u8]) -> Result<Plan, Vec<Issue>> {
    plan_from_wire(v1::Plan::decode(bytes).map_err(|_| no_message())?)
}

/// What is said of bytes that are no message.
pub const NO_MESSAGE: &str = "the bytes are no message of this method";

fn no_message() -> Vec<Issue> {
    vec![Issue::new(Code::FieldInvalid, "$", NO_MESSAGE)]
}

/// The checked ledger that a scenario makes of `base`.
///
/// # Errors
/// No such scenario, or every fault of what it makes.
pub fn in_scenario(base: &Ledger, named: &str, bounds: &Bounds) -> Result<ValidLedger, Vec<Issue>> {
    if !base.scenarios.iter().any(|one| one.id == named) {
        let what = "the ledger has no such scenario";
        return Err(vec![Issue::new(Code::UnknownReference, "scenario", what)]);
    }
    validate_with(scenario::apply(base, named)?, bounds)
}

/// The message of a plan. Linear.
pub fn plan_to_wire(plan: Plan) -> v1::Plan {
    plan.into_wire()
}

/// The plan of a message, as written, without judging it. Linear.
///
/// # Errors
/// Every structural fault.
pub fn plan_from_wire(message: v1::Plan) -> Result<Plan, Vec<Issue>> {
    let mut reader = Reader::default();
    let plan = Plan::from_wire(message, &mut reader);
    reader.finish().map(|()| plan)
}

/// What differs between two plans as a message.
pub fn diff_to_wire(diff: concentric_matcher::plan::PlanDiff) -> v1::PlanDiff {
    diff.into_wire()
}

/// The levels of a verdict as messages.
pub fn levels_to_wire(levels: Vec<concentric_matcher::plan::LevelRecord>) -> Vec<v1::LevelValue> {
    levels.into_wire()
}

/// The termination reason as a number of the wire.
pub fn reason_to_wire(reason: concentric_matcher::control::Reason) -> i32 {
    use concentric_matcher::control::Reason;
    let reason = match reason {
        Reason::Optimal => v1::TerminationReason::Optimal,
        Reason::WithinGap => v1::TerminationReason::WithinGap,
        Reason::Feasible => v1::TerminationReason::Feasible,
        Reason::Infeasible => v1::TerminationReason::Infeasible,
        Reason::NoSolution => v1::TerminationReason::NoSolution,
    };
    reason.into()
}

/// A step of a solve as a message.
#[must_use]
pub fn progress_to_wire(event: &concentric_matcher::control::ProgressEvent) -> v1::Progress {
    v1::Progress {
        stage: event.stage.to_owned(),
        level: event.level.clone().unwrap_or_default(),
        done: event.done,
        of: event.of,
        incumbent: event.value.map(|value| value.to_string()),
        bound: event.bound.map(|bound| bound.to_string()),
        gap_ppm: event.gap_ppm(),
    }
}

/// Violations as messages.
pub fn issues_to_wire(issues: &[Issue]) -> Vec<v1::Issue> {
    let message = |issue: &Issue| v1::Issue {
        code: issue.code.as_str().to_owned(),
        path: issue.path.clone(),
        message: issue.message.clone(),
        related: issue.related.clone(),
    };
    issues.iter().map(message).collect()
}
