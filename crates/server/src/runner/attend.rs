//! One job, from its claim to its end: signs of life, progress, cancellation, the last word.
//!
//! In: a claimed job and its slot. Out: writes to the store, each under the job's fence.
//! Must not know how plans are made. The solver runs on a thread of its own; this task
//! only listens, and never keeps it longer than it takes to notice a raised flag.

use std::sync::Arc;
use std::time::Duration;

use concentric_matcher::control::{ProgressEvent, ProgressSink};
use concentric_matcher::{CancelToken, Control};
use prost::Message;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep};
use tracing::{Instrument, Span};

use super::solve::{Ending, ending};
use super::{Settings, millis, stopped};
use crate::pool::Slot;
use crate::spans;
use crate::store::{Beat, Claimed, Finish, JobState, Store, StoreError};
use crate::wire::progress_to_wire;

/// Time between two tries to write down how a job ended.
const AGAIN: Duration = Duration::from_millis(500);

/// Stops the solver when its job is attended to no more.
struct Guard(CancelToken);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

/// What attending has come to.
enum Heard {
    /// The solver is done.
    End(Ending),
    /// The job is someone else's, or nobody's; nothing more must be written.
    Lost,
    /// This process ends.
    Stop,
}

struct Attendant {
    store: Arc<dyn Store>,
    settings: Arc<Settings>,
    job: Arc<Claimed>,
    cancel: CancelToken,
    /// Someone asked to cancel.
    cancelled: bool,
    /// When the lease runs out unless it is renewed, by this machine's clock.
    until: Instant,
}

/// Attends to a job until it has ended, was lost, or this process stops.
pub(super) async fn attend(
    store: Arc<dyn Store>,
    settings: Arc<Settings>,
    job: Claimed,
    slot: Slot,
    mut stop: watch::Receiver<bool>,
) {
    let cancel = CancelToken::default();
    let _guard = Guard(cancel.clone());
    let until = Instant::now() + settings.lease;
    let job = Arc::new(job);
    let (tell, told) = watch::channel(Vec::new());
    let sink = move |event: &ProgressEvent| {
        tell.send_replace(step(event));
    };
    let progress: Option<ProgressSink> = Some(Arc::new(sink));
    let mut control = Control { cancel: cancel.clone(), progress, ..Control::default() };
    let span = spans::job(&job.tenant, &job.id, job.attempt);
    let solve = {
        let (job, settings, span) = (job.clone(), settings.clone(), span.clone());
        tokio::task::spawn_blocking(move || {
            // Given back when the processor is free, not when the task loses interest.
            let _slot = slot;
            let _within = span.enter();
            control.progress = spans::stages(control.progress.take());
            ending(&job, &settings, &control)
        })
    };
    let mut attendant = Attendant { store, settings, job, cancel, cancelled: false, until };
    attendant.attend(solve, told, &mut stop).instrument(span).await;
}

impl Attendant {
    async fn attend(
        &mut self,
        mut solve: JoinHandle<Ending>,
        told: watch::Receiver<Vec<u8>>,
        stop: &mut watch::Receiver<bool>,
    ) {
        let heard = self.listen(&mut solve, told, stop).await;
        let id = self.job.id.clone();
        match heard {
            Heard::End(ending) => self.finish(ending, stop).await,
            Heard::Lost => {
                tracing::warn!(job = %id, "the lease is lost; what was found is thrown away");
                self.cancel.abandon();
                let _ = solve.await;
            }
            Heard::Stop => {
                self.cancel.abandon();
                match self.store.release(&self.job).await {
                    Ok(()) => tracing::info!(job = %id, "given back"),
                    Err(error) => tracing::warn!(job = %id, %error, "the lease must run out"),
                }
                let _ = solve.await;
            }
        }
    }

    /// Waits for the solver, and meanwhile for everything else.
    async fn listen(
        &mut self,
        solve: &mut JoinHandle<Ending>,
        mut told: watch::Receiver<Vec<u8>>,
        stop: &mut watch::Receiver<bool>,
    ) -> Heard {
        let now = Instant::now();
        let mut beats = interval_at(now + self.settings.beat, self.settings.beat);
        let mut looks = interval_at(now + self.settings.look, self.settings.look);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut next_step = now;
        loop {
            let lost = tokio::select! {
                biased;
                // A cancelled job ends here with what it has, rather than elsewhere without.
                () = stopped(stop), if !self.cancelled => return Heard::Stop,
                Ok(()) = told.changed(), if Instant::now() >= next_step => {
                    // Between two steps that are told there may be others that are not.
                    let step = told.borrow_and_update().clone();
                    let lost = self.beat(Some(step)).await;
                    next_step = Instant::now() + self.settings.look;
                    lost
                }
                _ = beats.tick() => self.beat(None).await,
                _ = looks.tick(), if !self.cancelled => self.look().await,
                end = &mut *solve => return Heard::End(end.unwrap_or_else(|error| {
                    tracing::error!(job = self.job.id, panic = error.is_panic(), "broken off");
                    Ending::broken()
                })),
            };
            if lost {
                return Heard::Lost;
            }
        }
    }

    /// A sign of life; whether the job was lost.
    async fn beat(&mut self, progress: Option<Vec<u8>>) -> bool {
        let begin = Instant::now();
        match self.store.beat(&self.job, millis(self.settings.lease), progress).await {
            Ok(Beat::Held) => self.until = begin + self.settings.lease,
            Ok(Beat::Cancel) => {
                self.until = begin + self.settings.lease;
                self.stop_early();
            }
            Ok(Beat::Lost) => return true,
            Err(error) => tracing::warn!(job = self.job.id, %error, "no sign of life"),
        }
        Instant::now() >= self.until
    }

    /// Looks whether someone cancelled; reads only. Whether the job was lost.
    async fn look(&mut self) -> bool {
        match self.store.job(&self.job.tenant, &self.job.id).await {
            Ok(row) => {
                if row.cancel {
                    self.stop_early();
                }
                row.state != JobState::Running
            }
            Err(StoreError::Missing) => true,
            // The next sign of life will tell.
            Err(_) => false,
        }
    }

    fn stop_early(&mut self) {
        self.cancelled = true;
        self.cancel.cancel();
    }

    /// Writes down how the job ended; tries again as long as the lease may hold, and keeps it
    /// meanwhile: a store without room for a plan may still have room for a sign of life.
    async fn finish(&mut self, ending: Ending, stop: &mut watch::Receiver<bool>) {
        let id = self.job.id.clone();
        let finish = self.last_word(ending);
        loop {
            match self.store.finish(&self.job, &finish).await {
                Ok(true) => {
                    let reason = finish.failure.as_ref().map_or("", |failure| &failure.0);
                    tracing::info!(job = %id, state = finish.state.as_str(), reason, "ended");
                    spans::ended(&Span::current(), finish.state.as_str(), reason);
                    return;
                }
                Ok(false) => {
                    tracing::warn!(job = %id, "the lease is lost; what was found is thrown away");
                    return;
                }
                Err(error) if Instant::now() < self.until && !*stop.borrow() => {
                    tracing::warn!(job = %id, %error, "the end is not written yet");
                }
                Err(error) => {
                    tracing::error!(job = %id, %error, "the end is not written; it will be redone");
                    return;
                }
            }
            tokio::select! {
                () = sleep(AGAIN) => {}
                () = stopped(stop) => {}
            }
            // Whether the lease is lost, the next try will tell.
            let _ = self.beat(None).await;
        }
    }

    /// A cancelled job keeps its plan and is no failure.
    fn last_word(&self, ending: Ending) -> Finish {
        let (plan, failure) = match ending {
            Ending::Plan(plan) => (Some(*plan), None),
            Ending::Failed(reason, text) => (None, Some((reason, text))),
        };
        let state = match (self.cancelled, &plan) {
            (true, _) => JobState::Cancelled,
            (false, Some(_)) => JobState::Succeeded,
            (false, None) => JobState::Failed,
        };
        Finish { state, plan, failure: failure.filter(|_| !self.cancelled) }
    }
}

/// The message of a step.
fn step(event: &ProgressEvent) -> Vec<u8> {
    progress_to_wire(event).encode_to_vec()
}
