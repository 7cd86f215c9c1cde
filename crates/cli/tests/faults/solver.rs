//! Solver processes that hang, are shot, or run out of memory; a worker that sleeps through
//! its lease. The service goes on, and the plans say what is true.

use std::process::Command;
use std::time::{Duration, Instant};

use concentric_proto::v1;

use crate::clients::{Clients, ended};
use crate::support::{Haunt, Home, Process, signal, wait};

/// Time limit of the jobs whose solvers fare badly.
const LIMIT: Duration = Duration::from_secs(3);
/// The end promised is half a second after the limit; this is for busy machines.
const SLACK: Duration = Duration::from_secs(15);

/// How a job ends whose solvers fare badly: with a plan that is feasible and says no more of
/// itself, or, where no plan was found in time, with one of these reasons; told in words.
async fn honest(clients: &mut Clients, job: &str, reasons: &[&str]) -> String {
    let job = clients.until(job, ended).await;
    assert_eq!(job.attempt, 1, "{job:?}");
    if let Some(failure) = job.failure {
        assert_eq!(job.state, i32::from(v1::JobState::Failed));
        assert!(job.plan.is_empty() && reasons.contains(&failure.reason.as_str()), "{failure:?}");
        return failure.reason;
    }
    assert_eq!(job.state(), v1::JobState::Succeeded);
    let plan = clients.plan(&job.plan).await;
    clients.check(&plan, "yixin.json").await;
    let end = plan.termination.unwrap();
    assert_eq!(end.reason(), v1::TerminationReason::Feasible, "{end:?}");
    format!("a plan, {:?}: {}", end.limit(), end.detail)
}

/// A job of a network ends as it always does.
async fn unaffected(clients: &mut Clients) {
    let job = clients.job("luotang.json", Duration::from_secs(60)).await;
    let job = clients.until(&job, ended).await;
    assert_eq!((job.state(), job.attempt), (v1::JobState::Succeeded, 1), "{job:?}");
    let plan = clients.plan(&job.plan).await;
    assert_eq!(plan.termination.unwrap().reason(), v1::TerminationReason::Optimal);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_solver_that_stands_still_is_killed_and_its_slot_is_free() {
    let home = Home::new();
    // One job at a time.
    let server = home.server(&["--slots", "2"]);
    let mut clients = Clients::new(&server);
    let haunt = Haunt::new(&server, |id| signal(id, "STOP"));
    let job = clients.job("yixin.json", LIMIT).await;
    clients.until(&job, |job| job.state() != v1::JobState::Queued).await;
    let begin = Instant::now();
    let end = honest(&mut clients, &job, &["SOLVER_TIMEOUT"]).await;
    let took = begin.elapsed();
    let met = haunt.end();
    assert!(met > 0, "no solver was met");
    assert!(took < LIMIT + SLACK, "{took:?}");
    println!("{met} solvers stopped; the job with a limit of {LIMIT:?} took {took:?}: {end}");
    assert_eq!(server.solvers(), Vec::<u32>::new());
    unaffected(&mut clients).await;
    assert_eq!(server.terminate().0.code(), Some(0));
}

/// Its name, what is done to each solver, and how a job may fail by it.
type Way = (&'static str, fn(u32), &'static str);

/// Less than a process needs to go on.
fn starve(id: u32) {
    let _ = Command::new("prlimit").args([format!("--pid={id}"), "--as=1000".into()]).status();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn solvers_that_die_take_nothing_with_them() {
    let home = Home::new();
    // Two jobs at a time.
    let server = home.server(&["--slots", "3"]);
    let mut clients = Clients::new(&server);
    let ways: [Way; 3] = [
        ("segmentation fault", |id| signal(id, "SEGV"), "SOLVER_CRASHED"),
        ("abort", |id| signal(id, "ABRT"), "SOLVER_MEMORY"),
        ("no memory", starve, "SOLVER_MEMORY"),
    ];
    for (way, act, reason) in ways {
        let haunt = Haunt::new(&server, act);
        let job = clients.job("yixin.json", LIMIT).await;
        unaffected(&mut clients).await;
        let end = honest(&mut clients, &job, &[reason, "SOLVER_TIMEOUT"]).await;
        let met = haunt.end();
        assert!(met > 0, "no solver was met");
        println!("{way}: {met} solvers; {end}");
    }
    assert!(server.get("readyz").starts_with("200"));
    assert_eq!(server.solvers(), Vec::<u32>::new());
    let (status, log) = server.terminate();
    assert_eq!(status.code(), Some(0), "{log}");
}

/// Stops a process at a moment at which it does not hold the whole file.
fn freeze(process: &Process, server: &Process) {
    process.signal("STOP");
    while !server.get("readyz").starts_with("200") {
        process.signal("CONT");
        std::thread::sleep(Duration::from_millis(20));
        process.signal("STOP");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_sleeps_for_three_leases_changes_nothing_when_it_wakes() {
    let home = Home::new();
    let server = home.server(&["--run-jobs=false"]);
    let mut clients = Clients::new(&server);
    let sleeper = home.worker(&["--lease", "1s", "--slots", "1"]);
    let job = clients.job("yixin.json", Duration::from_millis(1500)).await;
    clients.until(&job, |job| job.state() == v1::JobState::Running).await;
    wait("solver", || !sleeper.solvers().is_empty());
    freeze(&sleeper, &server);
    let begin = Instant::now();
    assert_eq!(clients.get_job(&job).await.unwrap().state(), v1::JobState::Running);
    let other = home.worker(&["--lease", "1s", "--slots", "1"]);
    let row = clients.until(&job, ended).await;
    assert_eq!((row.state(), row.attempt), (v1::JobState::Succeeded, 2));
    let plan = clients.plan(&row.plan).await;
    tokio::time::sleep(Duration::from_secs(3).saturating_sub(begin.elapsed())).await;
    assert_eq!(other.terminate().0.code(), Some(0));
    sleeper.signal("CONT");
    // It is awake when it takes the next job.
    unaffected(&mut clients).await;
    let (status, log) = sleeper.terminate();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(log.contains("the lease is lost"), "{log}");
    assert_eq!(clients.get_job(&job).await.unwrap(), row);
    assert_eq!(clients.plan(&row.plan).await, plan);
    let list = clients.plans.list_plans(v1::ListPlansRequest::default()).await.unwrap();
    assert_eq!(list.into_inner().plans.len(), 2);
    println!("asleep for {:?} with a lease of 1s", begin.elapsed());
}
