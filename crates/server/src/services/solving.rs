//! Processor time: work goes to the pool, off the threads that serve the network.
//!
//! In: closures, deadlines. Out: their results, or why there is none. When the future is
//! dropped, because the caller went away, the work is abandoned; the slot is free when it has
//! noticed.

use std::sync::Arc;
use std::time::{Duration, Instant as Clock};

use concentric_matcher::control::ProgressSink;
use concentric_matcher::plan::{LimitName, TerminationReason};
use concentric_matcher::{CancelToken, Control, Engine, Error, Options};
use concentric_proto::sealed;
use prost::Message;
use tokio::time::Instant;

use super::Context;
use super::punctual::Punctual;
use super::source::Asked;
use crate::errors::{Reason, Refusal, engine, issues};
use crate::pool::Pool;
use crate::spans;
use crate::wire::plan_to_wire;

/// Time kept for the way back to the caller, at least and at most.
const MARGIN: (Duration, Duration) = (Duration::from_millis(20), Duration::from_secs(1));

/// Abandons the work when the future that holds it goes away.
struct Guard(CancelToken);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

/// Checks, comparisons and other short work, beside the solves: who only wants to know whether
/// a ledger is right does not wait until others have their plans.
pub(super) async fn aside<T: Send + 'static>(
    context: &Context,
    tenant: &str,
    deadline: Option<Instant>,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Refusal> {
    let cancel = CancelToken::default();
    run(&context.checks, tenant, deadline, &cancel, work).await.map(|(done, _)| done)
}

/// Runs work in a slot of a pool; also tells how long it waited for one.
async fn run<T: Send + 'static>(
    pool: &Arc<Pool>,
    tenant: &str,
    deadline: Option<Instant>,
    cancel: &CancelToken,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<(T, Duration), Refusal> {
    let begin = Clock::now();
    let guard = Guard(cancel.clone());
    let (waiting, span) = (spans::wait(), spans::work());
    let work = move || {
        let queued = begin.elapsed();
        drop(waiting);
        (span.in_scope(work), queued)
    };
    let inside = async {
        let done = pool.run(tenant, work).await;
        let done =
            done.map_err(|full| Refusal::new(Reason::Overloaded).with_retry(full.retry_after))?;
        done.ok_or_else(|| {
            let refusal = Refusal::new(Reason::HandlerPanic).with_incident();
            tracing::error!(incident = refusal.incident(), "solve");
            refusal
        })
    };
    let result = match deadline {
        None => inside.await,
        Some(at) => tokio::time::timeout_at(at, inside)
            .await
            .unwrap_or_else(|_| Err(Refusal::new(Reason::CallDeadline))),
    };
    drop(guard);
    result
}

/// What a solve is of.
pub(super) struct Solve {
    /// The ledger.
    pub source: Asked,
    /// Scenario; empty: none.
    pub scenario: String,
    /// Options.
    pub options: Options,
    /// When the caller stops waiting.
    pub deadline: Option<Instant>,
    /// Where progress goes.
    pub progress: Option<ProgressSink>,
}

/// Makes a plan within a call, as the message that answers it.
pub(super) async fn solve(
    context: &Context,
    tenant: &str,
    task: Solve,
) -> Result<sealed::MatchResponse, Refusal> {
    let cancel = CancelToken::default();
    let Solve { source, scenario, mut options, deadline, progress } = task;
    // Reasons that would come too late are left out.
    let reasons_until = deadline.map(|at| (at - margin(at, LAST)).into_std());
    let mut control = Control { cancel: cancel.clone(), progress, reasons_until };
    let (bounds, mut backend) = (context.config.bounds(), context.backend.clone());
    let part = if options.explain { EXPLAINED } else { PLAIN };
    let stop = deadline.map(|at| at - margin(at, part));
    if let Some(until) = stop {
        backend = Arc::new(Punctual { backend, until: until.into_std() });
    }
    let asked = options.time_limit;
    let work = move || {
        let begin = Clock::now();
        if control.cancel.is_abandoned() {
            return Err(engine(Error::Abandoned));
        }
        let valid = source.check(&scenario, &bounds).map_err(|found| issues(&found))?;
        if let Some(stop) = stop {
            // What is left after the wait and the checks.
            let left = stop.saturating_duration_since(Instant::now());
            options.time_limit = Some(asked.map_or(left, |limit| limit.min(left)));
        }
        let cut = options.time_limit != asked;
        control.progress = spans::stages(control.progress.take());
        let solver = Engine::new(options).with_backend(Some(backend));
        let mut plan = solver.match_valid(&valid, &control).map_err(engine)?;
        plan.scenario = Some(scenario).filter(|id| !id.is_empty());
        let end = plan.termination.as_ref();
        let none = end.map(|end| end.reason);
        let memory = end.is_some_and(|end| end.limit == Some(LimitName::Memory));
        if none == Some(TerminationReason::NoSolution) && memory {
            return Err(Refusal::new(Reason::SolverMemory));
        }
        if cut && matches!(none, Some(TerminationReason::NoSolution) | None) {
            return Err(Refusal::new(Reason::SolverTimeout).with("incumbent", "no"));
        }
        let solved = begin.elapsed();
        // Here, where its records are at hand and are let go.
        Ok((plan_to_wire(plan).encode_to_vec(), solved))
    };
    // The last moment at which an answer still reaches the caller.
    let last = deadline.map(|at| at - margin(at, LAST) / 4);
    let incumbent = |refusal: Refusal| match refusal.reason() {
        // What was found, if anything was, went away with the call.
        Reason::CallDeadline => refusal.with("incumbent", "no"),
        _ => refusal,
    };
    let (result, queued) =
        run(&context.pool, tenant, last, &cancel, work).await.map_err(incumbent)?;
    let (plan, solved) = result.map_err(incumbent)?;
    let times = sealed::SolveTimes {
        queued: prost_types::Duration::try_from(queued).ok(),
        solved: prost_types::Duration::try_from(solved).ok(),
    };
    Ok(sealed::MatchResponse { plan: plan.into(), times: Some(times) })
}

/// The part of what is left before a deadline at whose beginning the solver stops: a fifth, in
/// which the plan is proved, checked and written; a third where its reasons are to be found too.
const PLAIN: u32 = 5;
const EXPLAINED: u32 = 3;
/// The part in which nothing is looked for any more.
const LAST: u32 = 10;

fn margin(at: Instant, part: u32) -> Duration {
    let left = at.saturating_duration_since(Instant::now());
    (left / part).clamp(MARGIN.0, MARGIN.1).min(left)
}
