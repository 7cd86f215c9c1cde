//! Solves the jobs of a store: here, or in any number of processes that share it.
//!
//! In: a store, a pool, settings, a stop sign. Out: ended jobs with their plans. A job is
//! claimed only once a slot is free, so that no job waits in a busy process while another
//! is idle. Must not know calls, tenants' rights or what a plan says. Rejected: telling
//! runners of new jobs through the database (a look a second costs nothing; within one
//! process [`Settings::wake`] does it at once).

mod attend;
mod solve;

use std::sync::Arc;
use std::time::Duration;

use concentric_matcher::milp::{MilpBackend, default_backend};
use concentric_matcher::validate::Bounds;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use crate::pool::Pool;
use crate::store::{Claimed, Store};

/// How a runner works.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Name in the store's rows, for an operator who looks into them.
    pub owner: String,
    /// How long a job stays with a runner that is not heard of: 30 s.
    pub lease: Duration,
    /// Time between two signs of life: 5 s; well below the lease.
    pub beat: Duration,
    /// Time between two looks at whether someone cancelled, and at least between two events
    /// of progress: 200 ms.
    pub look: Duration,
    /// Time between two looks for new jobs: 1 s.
    pub poll: Duration,
    /// How often a job is begun before it fails: 3.
    pub attempts: i64,
    /// Most jobs at the same time, however many slots the pool has: no limit.
    pub at_once: usize,
    /// Longest solve: 1 hour.
    pub time_limit: Duration,
    /// Most admissible pairs of a ledger: 5,000,000.
    pub max_arcs: u64,
    /// Size of a ledger: what the library takes.
    pub bounds: Bounds,
    /// What solves the parts that need integers: the library's own.
    pub backend: Option<Arc<dyn MilpBackend>>,
    /// How long request ids are remembered: 24 hours. Those of jobs live as long as the job.
    pub keep_requests: Duration,
    /// How long jobs are kept after their end: 30 days. Plans and ledgers stay.
    pub keep_jobs: Duration,
    /// Notified when there is a new job.
    pub wake: Arc<Notify>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            owner: format!("process {}", std::process::id()),
            lease: Duration::from_secs(30),
            beat: Duration::from_secs(5),
            look: Duration::from_millis(200),
            poll: Duration::from_secs(1),
            attempts: 3,
            at_once: usize::MAX,
            time_limit: Duration::from_secs(3600),
            max_arcs: 5_000_000,
            bounds: Bounds::default(),
            backend: default_backend(),
            keep_requests: Duration::from_secs(24 * 3600),
            keep_jobs: Duration::from_secs(30 * 24 * 3600),
            wake: Arc::new(Notify::new()),
        }
    }
}

/// Time between two removals of what is kept for a time only.
const SWEEP: Duration = Duration::from_secs(3600);

/// Takes and solves jobs until told to stop; then gives back what is not done and returns,
/// as soon as the solvers have noticed.
///
/// Whatever the store does, the runner goes on: a store that is away is asked again.
pub async fn run(
    store: Arc<dyn Store>,
    pool: Arc<Pool>,
    settings: Settings,
    mut stop: watch::Receiver<bool>,
) {
    let settings = Arc::new(settings);
    let mut jobs = JoinSet::new();
    let mut sweep = interval(SWEEP);
    sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            () = stopped(&mut stop) => break,
            _ = sweep.tick() => forget_old(&store, &settings).await,
            Some(end) = jobs.join_next() => {
                if let Err(error) = end {
                    tracing::error!(%error, "a job was left alone; its lease will run out");
                }
            }
            slot = pool.enter(""), if jobs.len() < settings.at_once => match slot {
                Ok(slot) => match claim(&store, &settings).await {
                    Next::Job(job) => {
                        let (store, settings) = (store.clone(), settings.clone());
                        jobs.spawn(attend::attend(store, settings, job, slot, stop.clone()));
                    }
                    Next::None => {
                        drop(slot);
                        idle(settings.poll, &settings, &mut stop).await;
                    }
                },
                Err(full) => idle(full.retry_after, &settings, &mut stop).await,
            },
        }
    }
    while jobs.join_next().await.is_some() {}
}

enum Next {
    Job(Claimed),
    None,
}

async fn claim(store: &Arc<dyn Store>, settings: &Settings) -> Next {
    match store.claim(&settings.owner, millis(settings.lease), settings.attempts).await {
        Ok(Some(job)) => {
            tracing::info!(job = job.id, attempt = job.attempt, "begun");
            Next::Job(job)
        }
        Ok(None) => Next::None,
        Err(error) => {
            tracing::error!(%error, "no job can be taken");
            Next::None
        }
    }
}

/// Waits for a new job, for the time to be over, or for the end.
async fn idle(time: Duration, settings: &Settings, stop: &mut watch::Receiver<bool>) {
    tokio::select! {
        () = sleep(time) => {}
        () = settings.wake.notified() => {}
        () = stopped(stop) => {}
    }
}

/// Resolves once the sign says stop; whoever could say it being gone says it too.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|&now| now).await;
}

async fn forget_old(store: &Arc<dyn Store>, settings: &Settings) {
    let begin = Instant::now();
    match store.sweep(millis(settings.keep_requests), millis(settings.keep_jobs)).await {
        Ok(()) => tracing::debug!(took = ?begin.elapsed(), "swept"),
        Err(error) => tracing::warn!(%error, "old records stay for now"),
    }
}

/// Milliseconds, as the store counts.
fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX / 2)
}
