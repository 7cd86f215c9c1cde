//! Jobs that are cancelled, given back, taken away or left over.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use concentric_matcher::plan::{LimitName, TerminationReason};
use concentric_proto::v1;
use concentric_server::runner::Settings;
use concentric_server::store::{Change, Finish, JobState};

use super::support::{Desk, Runner, Stuck, WHOLE, example, ledger, quick};

/// A runner in whose hands the job `j` hangs.
async fn stuck(desk: &Desk, settings: Settings) -> Runner {
    desk.job("j", &ledger(WHOLE), "", v1::Options::default()).await;
    let backend = Arc::new(Stuck::default());
    let runner = desk.runner(Settings { backend: Some(backend.clone()), ..settings });
    desk.until("j", |row| row.state == JobState::Running).await;
    while backend.begun.load(Ordering::SeqCst) == 0 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    runner
}

fn by(tenant: &str) -> Change {
    Change { tenant: tenant.to_owned(), method: "Tests/Change", ..Change::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_solve_keeps_what_it_has() {
    let desk = Desk::new().await;
    let runner = stuck(&desk, quick()).await;
    desk.store.cancel_job(&by("t"), "j").await.unwrap();
    let row = desk.end_of("j").await;
    assert_eq!((row.state, &row.failure), (JobState::Cancelled, &None));
    let end = desk.plan(&row).await.termination.unwrap();
    assert_eq!(
        (end.reason, end.limit),
        (TerminationReason::Feasible, Some(LimitName::Interrupted))
    );
    // The processor is free for the next one.
    desk.job("next", &example("first.json"), "", v1::Options::default()).await;
    assert_eq!(desk.end_of("next").await.state, JobState::Succeeded);
    runner.stop().await;
    assert_eq!(desk.pool.taken(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_runner_that_stops_gives_its_jobs_back() {
    let desk = Desk::new().await;
    stuck(&desk, quick()).await.stop().await;
    let row = desk.store.job("t", "j").await.unwrap();
    assert_eq!((row.state, row.attempt, row.ended), (JobState::Queued, 0, None));
    assert_eq!(desk.pool.taken(), 0);
    let runner = desk.runner(quick());
    let row = desk.end_of("j").await;
    assert_eq!((row.state, row.attempt), (JobState::Succeeded, 1));
    use JobState::{Queued, Running, Succeeded};
    assert_eq!(desk.states("j").await, [Queued, Running, Queued, Running, Succeeded]);
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_runner_that_lost_its_job_writes_nothing_more() {
    let desk = Desk::new().await;
    // It promises to come back within 20 ms and then says nothing for an hour.
    let silent = Settings {
        lease: Duration::from_millis(20),
        beat: Duration::from_secs(3600),
        look: Duration::from_millis(400),
        ..quick()
    };
    let runner = stuck(&desk, Settings { at_once: 1, ..silent }).await;
    let other = loop {
        match desk.store.claim("other", 60_000, 3).await.unwrap() {
            Some(job) => break job,
            None => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    };
    assert_eq!(other.attempt, 2);
    let failure = Some(("SOLVER_TIMEOUT".to_owned(), "the other says so".to_owned()));
    let end = Finish { state: JobState::Failed, plan: None, failure };
    assert!(desk.store.finish(&other, &end).await.unwrap());
    let ended = desk.store.job("t", "j").await.unwrap();
    // It notices, lets go, and takes the next job.
    desk.job("next", &example("first.json"), "", v1::Options::default()).await;
    assert_eq!(desk.end_of("next").await.state, JobState::Succeeded);
    runner.stop().await;
    assert_eq!(desk.store.job("t", "j").await.unwrap(), ended);
    assert_eq!(desk.pool.taken(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_dead_runner_left_is_taken_up() {
    let desk = Desk::new().await;
    desk.job("j", &example("first.json"), "", v1::Options::default()).await;
    let dead = desk.store.claim("dead", 0, 3).await.unwrap().unwrap();
    let runner = desk.runner(quick());
    let row = desk.end_of("j").await;
    assert_eq!((row.state, row.attempt), (JobState::Succeeded, 2));
    assert!(
        !desk
            .store
            .finish(&dead, &Finish { state: JobState::Failed, plan: None, failure: None })
            .await
            .unwrap()
    );
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_solve_keeps_its_lease() {
    let desk = Desk::new().await;
    let settings =
        Settings { lease: Duration::from_millis(400), beat: Duration::from_millis(20), ..quick() };
    let runner = stuck(&desk, settings).await;
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(desk.store.claim("other", 60_000, 3).await.unwrap(), None);
    }
    assert_eq!(desk.store.job("t", "j").await.unwrap().attempt, 1);
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_job_wakes_a_runner_that_would_not_look() {
    let desk = Desk::new().await;
    let settings = Settings { poll: Duration::from_secs(3600), ..quick() };
    let wake = settings.wake.clone();
    let runner = desk.runner(settings);
    desk.job("j", &example("first.json"), "", v1::Options::default()).await;
    wake.notify_one();
    assert_eq!(desk.end_of("j").await.state, JobState::Succeeded);
    runner.stop().await;
}
