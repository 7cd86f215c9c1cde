//! Records of the store as messages.
//!
//! In: heads and rows. Out: messages of the wire. Must not read anything.

use concentric_proto::v1;
use prost::Message;
use prost_types::Timestamp;

use super::names;
use crate::store::{EventKind, EventRow, JobRow, JobState, LedgerHead, PlanHead, PlanState};

/// Milliseconds since 1970 as a timestamp.
pub(super) fn time(millis: i64) -> Timestamp {
    let nanos = i32::try_from(millis.rem_euclid(1000)).unwrap_or(0) * 1_000_000;
    Timestamp { seconds: millis.div_euclid(1000), nanos }
}

/// A version without its content.
pub(super) fn ledger(tenant: &str, head: &LedgerHead) -> v1::StoredLedger {
    let count = |k: usize| u64::try_from(head.counts[k]).unwrap_or(0);
    v1::StoredLedger {
        name: format!("tenants/{tenant}/ledgers/{}", head.id),
        version: head.version,
        etag: head.etag(),
        ledger_digest: head.digest.clone(),
        create_time: Some(time(head.created)),
        counts: Some(v1::LedgerCounts { units: count(0), offers: count(1), needs: count(2) }),
        ledger: None,
    }
}

/// A plan without its content.
pub(super) fn plan(tenant: &str, head: &PlanHead) -> v1::StoredPlan {
    let state = match head.state {
        PlanState::Draft => v1::PlanState::Draft,
        PlanState::Published => v1::PlanState::Published,
        PlanState::Withdrawn => v1::PlanState::Withdrawn,
    };
    v1::StoredPlan {
        name: format!("tenants/{tenant}/plans/{}", head.id),
        state: state.into(),
        etag: head.etag(),
        job: format!("tenants/{tenant}/jobs/{}", head.job),
        ledger: names::of_version(tenant, &head.ledger),
        ledger_digest: head.digest.clone(),
        termination: i32::try_from(head.termination).unwrap_or(0),
        create_time: Some(time(head.created)),
        update_time: Some(time(head.updated)),
        plan: None,
    }
}

fn job_state(state: JobState) -> v1::JobState {
    match state {
        JobState::Queued => v1::JobState::Queued,
        JobState::Running => v1::JobState::Running,
        JobState::Succeeded => v1::JobState::Succeeded,
        JobState::Failed => v1::JobState::Failed,
        JobState::Cancelled => v1::JobState::Cancelled,
    }
}

/// A job.
pub(super) fn job(tenant: &str, row: &JobRow) -> v1::Job {
    let plan = Some(&row.plan).filter(|id| !id.is_empty());
    v1::Job {
        name: format!("tenants/{tenant}/jobs/{}", row.id),
        state: job_state(row.state).into(),
        request_id: row.request_id.clone(),
        ledger: names::of_version(tenant, &row.ledger),
        scenario: row.scenario.clone(),
        options: v1::Options::decode(row.options.as_slice()).ok(),
        cancel_requested: row.cancel,
        attempt: i32::try_from(row.attempt).unwrap_or(i32::MAX),
        last_sequence: row.last_seq,
        create_time: Some(time(row.created)),
        start_time: row.started.map(time),
        end_time: row.ended.map(time),
        plan: plan.map(|id| format!("tenants/{tenant}/plans/{id}")).unwrap_or_default(),
        failure: row.failure.clone().map(|(reason, message)| v1::JobFailure { reason, message }),
    }
}

/// An event.
pub(super) fn event(row: EventRow) -> v1::JobEvent {
    use v1::job_event::Kind;
    let kind = match row.kind {
        EventKind::State(state) => Kind::State(job_state(state).into()),
        EventKind::Progress(bytes) => {
            Kind::Progress(v1::Progress::decode(bytes.as_slice()).unwrap_or_default())
        }
        EventKind::CancelRequested => Kind::CancelRequested(true),
    };
    v1::JobEvent { sequence: row.seq, time: Some(time(row.at)), kind: Some(kind) }
}
