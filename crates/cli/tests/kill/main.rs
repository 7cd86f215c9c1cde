//! Workers that are killed, stopped and frozen: nothing acknowledged is lost or doubled,
//! and every job ends once. Real processes on one SQLite file.
//!
//! Times are printed, not judged: how long a machine takes is no fault of the program.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

mod support;

use std::collections::BTreeMap;
use std::time::Duration;

use concentric_proto::v1::Plan;
use concentric_server::store::{JobRow, JobState, Page};
use concentric_testkit::domain;
use concentric_testkit::rng::Rng;
use prost::Message;

use support::{Home, Worker, bytes, example, wrong};

/// How a job of each kind ends, unless it is cancelled or kills three workers.
const KINDS: [(&str, JobState); 4] = [
    ("first.json", JobState::Succeeded),
    ("luotang.json", JobState::Succeeded),
    ("yixin.json", JobState::Succeeded),
    ("wrong", JobState::Failed),
];

/// The first of them are networks.
const NETWORKS: usize = 2;

/// What was asked and acknowledged.
#[derive(Default)]
struct Asked {
    /// Kind by id of the job.
    kind: BTreeMap<String, usize>,
    cancelled: Vec<String>,
}

impl Asked {
    /// One more job; now and then asked twice at once, as a client does that lost the answer.
    async fn one_more(&mut self, home: &Home, ledgers: &[Vec<u8>; 4], rng: &mut Rng) {
        let number = self.kind.len();
        let kind = rng.below(4);
        let (request, payload) = (format!("r{number}"), KINDS[kind].0);
        let (id, other) = (format!("j{number}"), format!("k{number}"));
        let ask = |id: String| {
            let request = &request;
            async move { home.ask(request, &id, &ledgers[kind], payload).await }
        };
        let id = if rng.chance(40) {
            let (one, two) = tokio::join!(ask(id), ask(other));
            assert_eq!(one, two, "a request id made two jobs");
            one
        } else {
            ask(id).await
        };
        self.kind.insert(id, kind);
        if rng.chance(15) {
            let ids: Vec<&String> = self.kind.keys().collect();
            let id = rng.pick(&ids).to_string();
            home.cancel(&id).await;
            self.cancelled.push(id);
        }
    }

    /// Checks everything once all is quiet.
    async fn check(&self, home: &Home) {
        let jobs = home.jobs().await;
        let ids: Vec<&String> = jobs.iter().map(|row| &row.id).collect();
        assert_eq!(ids.len(), self.kind.len());
        assert!(self.kind.keys().all(|id| ids.contains(&id)), "a job was lost");
        let mut plans: BTreeMap<usize, String> = BTreeMap::new();
        let mut kept = 0;
        for row in &jobs {
            let states = home.states(row).await;
            let ends = states.iter().filter(|state| state.ended()).count();
            assert_eq!((ends, states.last()), (1, Some(&row.state)), "{row:?}");
            let kind = self.kind[&row.id];
            self.check_end(row, kind);
            if row.plan.is_empty() {
                continue;
            }
            kept += 1;
            let head = home.store.plan("t", &row.plan).await.unwrap();
            assert_eq!(head.job, row.id);
            // The bytes are whole: reading checks their sum.
            let bytes = home.store.blob("t", &head.blob).await.unwrap();
            let plan = Plan::decode(&bytes[..]).unwrap();
            if row.state == JobState::Succeeded {
                assert!(plan.deterministic || NETWORKS <= kind, "a clock ended a network");
            }
            if row.state == JobState::Succeeded && plan.deterministic {
                let first = plans.entry(kind).or_insert_with(|| head.blob.clone());
                assert_eq!(*first, head.blob, "the same ledger has two plans");
            }
        }
        let page = Page { limit: 100_000, ..Page::default() };
        assert_eq!(home.store.list_plans("t", &page).await.unwrap().len(), kept);
        assert_eq!(home.integrity().await, "ok");
    }

    fn check_end(&self, row: &JobRow, kind: usize) {
        let reason = row.failure.as_ref().map(|failure| failure.0.as_str());
        assert!(row.attempt <= 3, "{row:?}");
        if row.state == JobState::Cancelled {
            assert!(self.cancelled.contains(&row.id), "{row:?}");
        } else if reason == Some("SOLVER_CRASHED") {
            assert_eq!((row.attempt, row.state), (3, JobState::Failed), "{row:?}");
        } else {
            assert_eq!(row.state, KINDS[kind].1, "{row:?}");
            assert_eq!(row.plan.is_empty(), row.state == JobState::Failed, "{row:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_workers_lose_nothing_and_double_nothing() {
    let long = std::env::var("CONCENTRIC_LONG").is_ok_and(|wish| wish == "1");
    let cycles = if long { 30 } else { 5 };
    let ledgers = [example("first.json"), example("luotang.json"), example("yixin.json"), wrong()];
    let home = Home::new().await;
    let mut rng = Rng::new(20_261_125);
    let mut asked = Asked::default();
    let mut ready = Vec::new();
    for _ in 0..cycles {
        // Two at a time, so that killing one must not hide what the other holds.
        let workers = [home.worker(1, "1s"), home.worker(1, "1s")];
        ready.extend(workers.iter().map(|worker| worker.ready));
        for _ in 0..rng.range(2, 6) {
            asked.one_more(&home, &ledgers, &mut rng).await;
            tokio::time::sleep(Duration::from_millis(rng.range(0, 120) as u64)).await;
        }
        for worker in workers {
            tokio::time::sleep(Duration::from_millis(rng.range(0, 400) as u64)).await;
            worker.kill();
        }
    }
    let worker = home.worker(2, "1s");
    ready.push(worker.ready);
    for id in asked.kind.keys() {
        home.until(id, |row| row.state.ended()).await;
    }
    asked.check(&home).await;
    let (status, log) = worker.terminate();
    assert_eq!(status.code(), Some(0), "{log}");
    let again: i64 = home.jobs().await.iter().map(|row| (row.attempt - 1).max(0)).sum();
    println!(
        "{cycles} cycles, {} jobs, {again} begun again; ready after {:?} at most",
        asked.kind.len(),
        ready.iter().max()
    );
}

/// A worker at work on a job `long` that takes seconds.
async fn busy(home: &Home, lease: &str) -> Worker {
    let ledger = bytes(&domain::ledger(600_000, 3));
    let worker = home.worker(1, lease);
    home.ask("r", "long", &ledger, "long").await;
    home.until("long", |row| row.state == JobState::Running).await;
    worker
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_is_told_to_stop_gives_its_job_back() {
    let home = Home::new().await;
    let (status, log) = busy(&home, "30s").await.terminate();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(log.contains("stopping: "), "{log}");
    let row = home.job("long").await;
    assert_eq!((row.state, row.attempt, row.ended), (JobState::Queued, 0, None));
    let worker = home.worker(1, "30s");
    let row = home.until("long", |row| row.state.ended()).await;
    assert_eq!((row.state, row.attempt), (JobState::Succeeded, 1));
    assert_eq!(worker.terminate().0.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_was_frozen_writes_nothing_when_it_wakes() {
    let home = Home::new().await;
    let frozen = busy(&home, "1s").await;
    frozen.signal("STOP");
    // A process that is frozen while it writes holds the whole file; that is another story.
    while home.store.ready().await.is_err() {
        frozen.signal("CONT");
        tokio::time::sleep(Duration::from_millis(20)).await;
        frozen.signal("STOP");
    }
    assert_eq!(home.job("long").await.state, JobState::Running, "frozen too late");
    let other = home.worker(1, "30s");
    home.until("long", |row| row.attempt == 2).await;
    // Both are at work on it now.
    frozen.signal("CONT");
    let row = home.until("long", |row| row.state.ended()).await;
    assert_eq!((row.state, row.attempt), (JobState::Succeeded, 2));
    // The one that was frozen has noticed and takes the next job.
    assert_eq!(other.terminate().0.code(), Some(0));
    home.ask("r2", "next", &example("first.json"), "next").await;
    assert_eq!(home.until("next", |row| row.state.ended()).await.state, JobState::Succeeded);
    assert_eq!(frozen.terminate().0.code(), Some(0));
    let after = home.job("long").await;
    assert_eq!(after, row);
    use JobState::{Queued, Running, Succeeded};
    assert_eq!(home.states(&after).await, [Queued, Running, Queued, Running, Succeeded]);
    let page = Page { limit: 100, ..Page::default() };
    assert_eq!(home.store.list_plans("t", &page).await.unwrap().len(), 2);
}

#[test]
fn a_store_that_cannot_be_opened_is_told() {
    for (url, words) in [("mysql://x", "sqlite:PATH"), ("sqlite:/proc/none/x.db", "cannot make")] {
        let run = std::process::Command::new(env!("CARGO_BIN_EXE_concentric"))
            .args(["worker", "--store", url])
            .output()
            .unwrap();
        let text = String::from_utf8(run.stderr).unwrap();
        assert_eq!(run.status.code(), Some(1), "{text}");
        assert!(text.starts_with("error: ") && text.contains(words), "{text}");
    }
}
