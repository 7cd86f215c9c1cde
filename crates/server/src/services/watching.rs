//! Following a job: its events from any number on, and waiting for its end.
//!
//! In: a job. Out: events in order, each once; any server that shares the store can go on
//! where another one stopped. The store is asked again and again: what another machine
//! writes makes no sound here.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use concentric_proto::v1;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use super::{Context, convert, refused};
use crate::errors::{Reason, Refusal, draining, store};
use crate::store::{EventKind, JobRow};

/// Time between two looks.
const PAUSE: Duration = Duration::from_millis(100);
/// Events of one look.
const BATCH: i64 = 100;
/// Events that may wait for a slow reader.
const AHEAD: usize = 16;

/// The job when it has ended, or at `until` as it then is.
pub(super) async fn wait(
    context: &Context,
    tenant: &str,
    id: &str,
    until: Instant,
) -> Result<JobRow, Status> {
    let mut drain = context.drain.clone();
    loop {
        let row = context.store.job(tenant, id).await.map_err(refused(tenant, "jobs", id))?;
        if row.state.ended() || Instant::now() >= until {
            return Ok(row);
        }
        tokio::select! {
            () = tokio::time::sleep_until(until.min(Instant::now() + PAUSE)) => {}
            _ = drain.wait_for(|draining| *draining) => return Err(draining().into()),
        }
    }
}

fn draining_after(last: i64) -> Status {
    draining().with("last_sequence", last.to_string()).into()
}

/// The events after a number, until the job has ended.
pub(super) fn watch(
    context: Arc<Context>,
    tenant: String,
    id: String,
    after: i64,
    deadline: Option<Instant>,
) -> ReceiverStream<Result<v1::WatchJobResponse, Status>> {
    let (events, stream) = mpsc::channel(AHEAD);
    tokio::spawn(async move {
        let mut drain = context.drain.clone();
        // The last event that went out; whoever goes on elsewhere asks from there.
        let last = AtomicI64::new(after);
        let follow = follow(&context, &tenant, &id, &last, &events);
        tokio::pin!(follow);
        let end = tokio::select! {
            // The reader went away.
            () = events.closed() => return,
            _ = drain.wait_for(|draining| *draining) => {
                Err(draining_after(last.load(Ordering::Relaxed)))
            }
            () = at(deadline) => Err(Refusal::new(Reason::CallDeadline).into()),
            end = &mut follow => end,
        };
        if let Err(status) = end {
            let _ = events.send(Err(status)).await;
        }
    });
    ReceiverStream::new(stream)
}

async fn at(deadline: Option<Instant>) {
    match deadline {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

async fn follow(
    context: &Context,
    tenant: &str,
    id: &str,
    last: &AtomicI64,
    events: &mpsc::Sender<Result<v1::WatchJobResponse, Status>>,
) -> Result<(), Status> {
    let mut after = last.load(Ordering::Relaxed);
    loop {
        let rows = context.store.events(tenant, id, after, BATCH).await.map_err(store)?;
        if rows.is_empty() {
            // Also the end for those who ask from a number beyond the last event.
            let row = context.store.job(tenant, id).await.map_err(refused(tenant, "jobs", id))?;
            if row.state.ended() && row.last_seq <= after {
                return Ok(());
            }
            tokio::time::sleep(PAUSE).await;
        }
        for row in rows {
            after = row.seq;
            let ended = matches!(row.kind, EventKind::State(state) if state.ended());
            let event = v1::WatchJobResponse { event: Some(convert::event(row)) };
            if events.send(Ok(event)).await.is_err() {
                return Ok(());
            }
            last.store(after, Ordering::Relaxed);
            if ended {
                return Ok(());
            }
        }
    }
}
