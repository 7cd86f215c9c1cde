//! What calls and jobs spend their time on, as spans for whoever listens.
//!
//! In: methods, ids, codes, steps of solves. Out: spans of `tracing` under one target, so that
//! a log can leave them out and an export can take nothing else. They carry what the log
//! carries: method, tenant, request id, job, code; no name and no content of a ledger, no
//! caller, and no path that is no method of ours. Must not know who listens. Rejected: spans
//! inside the engine (a library without an operator; its progress tells the same), levels by
//! name (policies name goals after what they want).

use std::sync::{Mutex, PoisonError};

use concentric_matcher::control::{ProgressEvent, ProgressSink};
use http::HeaderMap;
use tonic::Code;
use tracing::field::Empty;
use tracing::{Span, info_span};

/// The target of all spans.
pub const TARGET: &str = "concentric::span";

/// Most spans of one solve, however many steps it tells of.
const STAGES: usize = 64;

/// A call, as the child of what its caller told of in `traceparent`.
pub fn call(method: &str, headers: &HeaderMap) -> Span {
    let span = info_span!(
        target: TARGET,
        "call",
        otel.name = method.trim_start_matches('/'),
        otel.kind = "server",
        otel.status_code = Empty,
        rpc.system = "grpc",
        rpc.method = method,
        rpc.grpc.status_code = Empty,
        tenant = Empty,
        request_id = Empty,
        job = Empty,
    );
    #[cfg(feature = "otel")]
    crate::export::follow(&span, headers);
    #[cfg(not(feature = "otel"))]
    let _ = headers;
    span
}

/// The end of a call.
pub fn told(span: &Span, code: Code, tenant: &str) {
    span.record("rpc.grpc.status_code", i64::from(i32::from(code)));
    if !tenant.is_empty() {
        span.record("tenant", tenant);
    }
    // What is the caller's fault is no error of a server.
    let ours = [Code::Unknown, Code::DeadlineExceeded, Code::Unimplemented, Code::Internal];
    if ours.contains(&code) || [Code::Unavailable, Code::DataLoss].contains(&code) {
        span.record("otel.status_code", "ERROR");
    }
}

/// The request id of the call that runs, once it has been checked.
pub fn request(id: &str) {
    Span::current().record("request_id", id);
}

/// The job of the call that runs.
pub fn of_job(id: &str) {
    Span::current().record("job", id);
}

/// The wait for a slot.
pub fn wait() -> Span {
    info_span!(target: TARGET, "wait")
}

/// Work in a slot.
pub fn work() -> Span {
    info_span!(target: TARGET, "work")
}

/// A job in the hands of this process, from its claim to its end.
pub fn job(tenant: &str, id: &str, attempt: i64) -> Span {
    info_span!(
        target: TARGET,
        parent: None,
        "job",
        otel.kind = "consumer",
        otel.status_code = Empty,
        tenant,
        job = id,
        attempt,
        state = Empty,
        reason = Empty,
    )
}

/// How a job ended; the reason is a name of `ErrorReason`, or empty.
pub fn ended(span: &Span, state: &str, reason: &str) {
    span.record("state", state);
    if !reason.is_empty() {
        span.record("reason", reason);
        span.record("otel.status_code", "ERROR");
    }
}

/// A sink that makes the stages of a solve children of the span that runs, each until the next,
/// the last until the sink is let go; and hands all steps on. A stage, or a level of one, may be
/// told of any number of times.
pub fn stages(further: Option<ProgressSink>) -> Option<ProgressSink> {
    let parent = Span::current();
    if parent.is_disabled() {
        return further;
    }
    let open = Mutex::new(Open { count: 0, at: ("", None), span: Span::none() });
    Some(std::sync::Arc::new(move |event: &ProgressEvent| {
        // Nothing in here panics between two writes that belong together.
        let mut open = open.lock().unwrap_or_else(PoisonError::into_inner);
        let at = (event.stage, event.level.as_ref().map(|_| event.done));
        if open.at != at && open.count < STAGES {
            // The one before ends first.
            open.span = Span::none();
            *open = Open { count: open.count + 1, at, span: stage(&parent, at) };
        }
        drop(open);
        if let Some(further) = &further {
            further(event);
        }
    }))
}

/// The stage that a solve is in.
struct Open {
    count: usize,
    at: (&'static str, Option<u64>),
    span: Span,
}

fn stage(parent: &Span, (name, level): (&'static str, Option<u64>)) -> Span {
    let span = info_span!(
        target: TARGET,
        parent: parent,
        "stage",
        otel.name = name,
        level = Empty,
    );
    if let Some(level) = level {
        span.record("level", level);
    }
    span
}
