//! From stored bytes to a plan's bytes: what happens on the thread of the solver.
//!
//! In: a claimed job. Out: its [`Ending`]. Must not know the store beyond its records.
//! Infeasible is a plan that says so; a failure is what has no plan, and since the same
//! bytes would fail again, it is final.

use std::time::Duration;

use concentric_matcher::plan::{LimitName, TerminationReason};
use concentric_matcher::{Code, Control, Engine, Error, Issue, Options, Plan, ValidLedger};
use concentric_proto::v1;
use prost::Message;

use super::Settings;
use crate::store::{Blob, Claimed, NewPlan};
use crate::wire::{
    in_scenario, ledger_from_bytes, ledger_from_wire, plan_to_wire, valid_from_wire,
};

/// How a job ends.
pub(super) enum Ending {
    /// With a plan.
    Plan(Box<NewPlan>),
    /// Without: the reason, a name of `ErrorReason`, and a sentence.
    Failed(String, String),
}

impl Ending {
    fn failed(reason: &str, text: impl Into<String>) -> Self {
        Ending::Failed(reason.to_owned(), text.into())
    }

    /// The solver's thread did not come to an end of its own.
    pub(super) fn broken() -> Self {
        Ending::failed("HANDLER_PANIC", "the solver broke off; this is a defect of concentric")
    }
}

/// Solves a job.
pub(super) fn ending(job: &Claimed, settings: &Settings, control: &Control) -> Ending {
    match plan(job, settings, control) {
        Ok(plan) => keep(job, plan),
        Err(Error::Invalid(issues)) => invalid(&issues),
        Err(Error::Uncertified(detail)) => Ending::failed(
            "PLAN_FAILED_VERIFICATION",
            format!("the plan failed its own certificate: {detail}"),
        ),
        Err(Error::Lost(why)) => Ending::failed(
            "SOLVER_CRASHED",
            format!("the solver was lost before any plan was found: {why}"),
        ),
        Err(other) => Ending::failed("HANDLER_PANIC", other.to_string()),
    }
}

fn plan(job: &Claimed, settings: &Settings, control: &Control) -> Result<Plan, Error> {
    let options = options(&job.options, settings)?;
    let valid = ledger(job, settings)?;
    let engine = Engine::new(options).with_backend(settings.backend.clone());
    let mut plan = engine.match_valid(&valid, control)?;
    plan.scenario = Some(job.scenario.clone()).filter(|id| !id.is_empty());
    Ok(plan)
}

fn malformed(what: &str) -> Error {
    Error::Invalid(vec![Issue::new(Code::FileMalformed, "$", what)])
}

/// Options as the server took them, under this runner's own limits.
fn options(bytes: &[u8], settings: &Settings) -> Result<Options, Error> {
    let wire = v1::Options::decode(bytes)
        .map_err(|_| malformed("the bytes are no concentric.v1.Options"))?;
    let asked = wire.time_limit.and_then(|limit| Duration::try_from(limit).ok());
    let defaults = Options::default();
    Ok(Options {
        time_limit: Some(asked.map_or(settings.time_limit, |t| t.min(settings.time_limit))),
        search_time: wire.search_time.and_then(|time| Duration::try_from(time).ok()),
        work_limit: wire.work_limit,
        seed: wire.seed,
        // Solves run side by side; one that took all cores would starve the others.
        threads: 1,
        max_arcs: settings.max_arcs,
        explain: wire.explain.unwrap_or(defaults.explain),
        gap_ppm: wire.gap_ppm.unwrap_or(defaults.gap_ppm),
    })
}

/// The checked ledger, taken through the job's scenario if it names one.
fn ledger(job: &Claimed, settings: &Settings) -> Result<ValidLedger, Error> {
    let message = ledger_from_bytes(&job.ledger, &settings.bounds).map_err(Error::Invalid)?;
    let valid = if job.scenario.is_empty() {
        valid_from_wire(message, &settings.bounds)
    } else {
        ledger_from_wire(message)
            .and_then(|base| in_scenario(&base, &job.scenario, &settings.bounds))
    };
    valid.map_err(Error::Invalid)
}

/// The first violation and how many there are; the ledger's owner sees all with `Validate`.
fn invalid(issues: &[Issue]) -> Ending {
    let Some(first) = issues.first() else {
        return Ending::failed("FIELD_INVALID", "the ledger is invalid");
    };
    let more = match issues.len() - 1 {
        0 => String::new(),
        n => format!(" (and {n} more)"),
    };
    Ending::failed(first.code.as_str(), format!("{}: {}{more}", first.path, first.message))
}

/// A plan for the store, named like its job: one job, one plan.
fn keep(job: &Claimed, plan: Plan) -> Ending {
    let end = plan.termination.as_ref();
    if end.is_none_or(|end| end.reason == TerminationReason::NoSolution) {
        return no_plan(end.and_then(|end| end.limit));
    }
    let message = plan_to_wire(plan);
    let termination = message.termination.as_ref().map_or(0, |end| end.reason);
    Ending::Plan(Box::new(NewPlan {
        id: job.id.clone(),
        blob: Blob::new(message.encode_to_vec()),
        ledger: job.ledger_name.clone(),
        digest: message.ledger_digest.unwrap_or_default(),
        termination: termination.into(),
    }))
}

fn no_plan(limit: Option<LimitName>) -> Ending {
    let text = match limit {
        Some(LimitName::Work) | None => "no plan was found within the work limit",
        Some(LimitName::Memory) => {
            return Ending::failed(
                "SOLVER_MEMORY",
                "the solver ran out of memory before any plan was found",
            );
        }
        Some(LimitName::Time | LimitName::Interrupted) => "no plan was found within the time limit",
    };
    Ending::failed("SOLVER_TIMEOUT", text)
}
