//! Servers and workers killed under load: what was acknowledged is there, once, and every job
//! ends once.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use concentric_proto::v1;
use concentric_testkit::rng::Rng;

use crate::clients::{Clients, ended, is_last};
use crate::load::{Client, NETWORKS};
use crate::support::{Home, Process};

/// Promised are 3 s; this is for machines that do much else.
const READY: Duration = Duration::from_secs(15);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_under_load_loses_nothing_and_doubles_nothing() {
    let long = std::env::var("CONCENTRIC_LONG").is_ok_and(|wish| wish == "1");
    let cycles = if long { 30 } else { 5 };
    let home = Home::new();
    let mut rng = Rng::new(20_261_126);
    let mut writers: Vec<Client> = (0..3).map(|k| Client::new(k, 100 + k as u64)).collect();
    let mut ready = Vec::new();
    for _ in 0..cycles {
        let (server, worker) = start(&home);
        ready.push(server.ready);
        let writing: Vec<_> =
            writers.into_iter().map(|w| tokio::spawn(w.write(Clients::new(&server)))).collect();
        tokio::time::sleep(Duration::from_millis(rng.range(100, 1200) as u64)).await;
        let pause = Duration::from_millis(rng.range(0, 50) as u64);
        if rng.chance(50) {
            worker.kill();
            tokio::time::sleep(pause).await;
            server.kill();
        } else {
            server.kill();
            tokio::time::sleep(pause).await;
            worker.kill();
        }
        writers = Vec::new();
        for client in writing {
            writers.push(client.await.unwrap());
        }
    }
    let (server, worker) = start(&home);
    ready.push(server.ready);
    let mut clients = Clients::new(&server);
    for writer in &mut writers {
        writer.settle(&mut clients).await;
    }
    check_ledgers(&mut clients, &writers).await;
    let begun_again = check_jobs(&mut clients, &writers).await;
    assert_eq!(server.terminate().0.code(), Some(0));
    assert_eq!(worker.terminate().0.code(), Some(0));
    assert_eq!(home.integrity().await, "ok");
    let sum = |of: fn(&Client) -> usize| writers.iter().map(of).sum::<usize>();
    println!(
        "{cycles} cycles: {} answers, {} in doubt asked again, {} jobs, {begun_again} begun \
         again, {} plans published; ready after {:?} to {:?}",
        sum(|w| w.acknowledged),
        sum(|w| w.again),
        sum(|w| w.jobs.len()),
        sum(|w| w.published.len()),
        ready.iter().min().unwrap(),
        ready.iter().max().unwrap(),
    );
    assert!(ready.iter().all(|time| *time < READY), "{ready:?}");
}

/// A server that also solves, and a worker beside it.
fn start(home: &Home) -> (Process, Process) {
    let server = home.server(&["--lease", "1s", "--slots", "2", "--tenant-jobs", "100000"]);
    let worker = home.worker(&["--lease", "1s", "--slots", "1"]);
    (server, worker)
}

/// Every version that was acknowledged, as it was sent, and no other.
async fn check_ledgers(clients: &mut Clients, writers: &[Client]) {
    let mut names = BTreeSet::new();
    let mut token = String::new();
    loop {
        let page = v1::ListLedgersRequest { page_token: token, ..Default::default() };
        let page = clients.ledgers.list_ledgers(page).await.unwrap().into_inner();
        names.extend(page.ledgers.into_iter().map(|ledger| ledger.name));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    let known: BTreeSet<String> = writers.iter().flat_map(|w| w.ledgers.keys().cloned()).collect();
    assert_eq!(names, known);
    for (name, (versions, etag)) in writers.iter().flat_map(|w| &w.ledgers) {
        for (k, sent) in versions.iter().enumerate() {
            let name = format!("{name}/versions/{}", k + 1);
            let request = v1::GetLedgerRequest { name, head_only: false };
            let kept = clients.ledgers.get_ledger(request).await.unwrap().into_inner();
            assert_eq!(kept.ledger.unwrap().ledger.as_ref(), Some(sent));
        }
        let request = v1::GetLedgerRequest { name: name.clone(), head_only: true };
        let newest = clients.ledgers.get_ledger(request).await.unwrap().into_inner();
        let newest = newest.ledger.unwrap();
        assert_eq!((newest.version, &newest.etag), (versions.len() as i64, etag));
    }
}

/// Every job that was acknowledged, and no other, ended once; how many were begun again.
async fn check_jobs(clients: &mut Clients, writers: &[Client]) -> i32 {
    let mut names = Vec::new();
    let mut token = String::new();
    loop {
        let page = v1::ListJobsRequest { page_token: token, ..Default::default() };
        let page = clients.jobs.list_jobs(page).await.unwrap().into_inner();
        names.extend(page.jobs.into_iter().map(|job| job.name));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    names.sort();
    let jobs: BTreeMap<String, usize> = writers.iter().flat_map(|w| w.jobs.clone()).collect();
    assert_eq!(names, jobs.keys().cloned().collect::<Vec<_>>());
    let mut plans = BTreeMap::new();
    let mut kept = BTreeSet::new();
    let mut again = 0;
    for (name, kind) in &jobs {
        let job = clients.until(name, ended).await;
        again += job.attempt - 1;
        let events = clients.events(name).await;
        let numbers: Vec<i64> = events.iter().map(|event| event.sequence).collect();
        assert_eq!(numbers, (1..=job.last_sequence).collect::<Vec<_>>());
        let ends = events.iter().filter(|event| match event.kind {
            Some(v1::job_event::Kind::State(state)) => is_last(state.try_into().unwrap()),
            _ => false,
        });
        assert_eq!(ends.count(), 1, "{name}");
        if job.state() == v1::JobState::Failed {
            // It was under way at three kills.
            assert_eq!((job.failure.unwrap().reason.as_str(), job.attempt), ("SOLVER_CRASHED", 3));
            continue;
        }
        assert_eq!(job.state(), v1::JobState::Succeeded);
        assert!(kept.insert(job.plan.clone()), "two jobs share a plan");
        let plan = clients.plan(&job.plan).await;
        if *kind < NETWORKS {
            let first = plans.entry(kind).or_insert_with(|| plan.clone());
            assert_eq!(*first, plan, "the same ledger has two plans");
        }
    }
    check_plans(clients, writers, &kept).await;
    again
}

async fn check_plans(clients: &mut Clients, writers: &[Client], kept: &BTreeSet<String>) {
    let mut states = BTreeMap::new();
    let mut token = String::new();
    loop {
        let page = v1::ListPlansRequest { page_token: token, ..Default::default() };
        let page = clients.plans.list_plans(page).await.unwrap().into_inner();
        for plan in page.plans {
            let state = plan.state();
            assert!(states.insert(plan.name, state).is_none(), "a plan is listed twice");
        }
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(states.keys().cloned().collect::<BTreeSet<_>>(), *kept);
    let published: BTreeSet<&String> = writers.iter().flat_map(|w| &w.published).collect();
    for (name, state) in &states {
        let expected = published.contains(name);
        assert_eq!(*state == v1::PlanState::Published, expected, "{name} is {state:?}");
    }
}
