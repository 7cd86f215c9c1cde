//! Lines that lose, cut and delay: whatever they do, a request id is one change. Twenty writers
//! at once are a load that tests of time could not stand beside them, so they are apart.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used)]

// Shared with the tests of faults, which use more of them.
#[allow(dead_code)]
#[path = "../faults/clients.rs"]
mod clients;
mod proxy;
#[allow(dead_code)]
#[path = "../faults/support.rs"]
mod support;
mod writer;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use concentric_proto::v1;
use concentric_testkit::rng::Rng;

use crate::clients::Clients;
use crate::proxy::{FAULTS, Tally, line};
use crate::support::Home;
use crate::writer::{Change, Effect, Writer, at};

const SEED: u64 = 10;
const WRITERS: usize = 20;
/// The largest page of a list.
const PAGE: i32 = 1000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_the_line_does_a_request_id_is_one_change() {
    let long = std::env::var("CONCENTRIC_LONG").is_ok_and(|wish| wish == "1");
    let (changes, stall) = if long { (10_000, 2000) } else { (300, 200) };
    println!("seed {SEED}");
    let home = Home::new();
    // What becomes of jobs is asked elsewhere; here they stay as they were made.
    let server = home.server(&["--run-jobs=false", "--tenant-jobs", "100000"]);
    let address = server.address.unwrap();
    let (tally, begin) = (Tally::default(), Instant::now());
    let mut seeds = Rng::new(SEED);
    let mut seed = || seeds.range(0, i64::MAX).unsigned_abs();
    let mut tasks = Vec::new();
    for number in 0..WRITERS {
        let stall = Duration::from_millis(stall);
        let one = line(address, seed(), stall, &tally).await;
        let other = line(address, seed(), stall, &tally).await;
        let writer = Writer::new(number, seed(), [one, other]);
        tasks.push(tokio::spawn(writer.write(changes / WRITERS)));
    }
    let mut writers = Vec::new();
    for task in tasks {
        writers.push(task.await.unwrap());
    }
    let took = begin.elapsed();

    let sum = |part: fn(&Writer) -> usize| writers.iter().map(part).sum::<usize>();
    let (replays, doubled) = (sum(|w| w.replays), sum(|w| w.doubled));
    let mut codes = BTreeMap::<&str, usize>::new();
    for (code, count) in writers.iter().flat_map(|writer| &writer.codes) {
        *codes.entry(code).or_default() += count;
    }
    let tally = tally.lock().unwrap().clone();
    let mut clients = at(address);
    let asked = check_replays(&mut clients, &writers).await;
    let ledgers = check_ledgers(&mut clients, &writers).await;
    let jobs = check_jobs(&mut clients, &writers).await;
    println!(
        "{changes} changes in {took:?}, {doubled} of them asked for twice at once, {replays} old \
         answers; {ledgers} ledgers and {jobs} jobs at the end, {asked} ids asked for again; \
         checked in {:?}\nfaults {tally:?}, calls without answer {codes:?}",
        begin.elapsed() - took,
    );
    // A line without faults would show nothing.
    for fault in FAULTS {
        assert!(tally.contains_key(fault), "{fault} never happened: {tally:?}");
    }
    assert!(replays > doubled && doubled > 0, "{replays} old answers, {doubled} doubled");
}

/// Every change is answered as it was, whatever came later, and is not done again; how many.
async fn check_replays(clients: &mut Clients, writers: &[Writer]) -> usize {
    let mut asked = 0;
    for writer in writers {
        let lives = writer.ledgers.values().flat_map(|(life, _)| life);
        for (change, effect) in lives.chain(&writer.deleted).chain(&writer.jobs) {
            let answer = change.ask(clients).await.unwrap();
            assert_eq!(answer, (effect.clone(), true));
            asked += 1;
        }
    }
    asked
}

/// The ledgers and their versions are those that were acknowledged; how many.
async fn check_ledgers(clients: &mut Clients, writers: &[Writer]) -> usize {
    let mut found = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = v1::ListLedgersRequest { page_size: PAGE, page_token, ..Default::default() };
        let page = clients.ledgers.list_ledgers(request).await.unwrap().into_inner();
        found.extend(page.ledgers.into_iter().map(|ledger| ledger.name));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    let known = || writers.iter().flat_map(|writer| &writer.ledgers);
    let mut names: Vec<&String> = known().map(|(name, _)| name).collect();
    names.sort();
    found.sort();
    assert_eq!(found.iter().collect::<Vec<_>>(), names, "a ledger was lost or doubled");
    for (name, (life, content)) in known() {
        let request = v1::ListLedgerVersionsRequest {
            parent: name.clone(),
            page_size: PAGE,
            page_token: String::new(),
        };
        let page = clients.ledgers.list_ledger_versions(request).await.unwrap().into_inner();
        let versions: Vec<Effect> = page.versions.into_iter().rev().map(Effect::of).collect();
        let acknowledged: Vec<Effect> = life.iter().map(|(_, effect)| effect.clone()).collect();
        assert_eq!(versions, acknowledged, "a version was lost or doubled");
        let request = v1::GetLedgerRequest { name: name.clone(), head_only: false };
        let kept = clients.ledgers.get_ledger(request).await.unwrap().into_inner();
        assert_eq!(kept.ledger.unwrap().ledger.as_ref(), Some(content));
    }
    names.len()
}

/// Each request id has one job, the one that was acknowledged, and there is no other; how many.
async fn check_jobs(clients: &mut Clients, writers: &[Writer]) -> usize {
    let mut found = list_jobs(clients, String::new()).await;
    let known = || writers.iter().flat_map(|writer| &writer.jobs);
    let mut names: Vec<String> = known().map(|(_, effect)| effect.name.clone()).collect();
    names.sort();
    found.sort();
    assert_eq!(found, names, "a job was lost or doubled");
    for (change, effect) in known() {
        let Change::Job(request) = change else { unreachable!() };
        let filter = format!("request_id=\"{}\"", request.request_id);
        assert_eq!(list_jobs(clients, filter).await, std::slice::from_ref(&effect.name));
    }
    names.len()
}

async fn list_jobs(clients: &mut Clients, filter: String) -> Vec<String> {
    let mut names = Vec::new();
    let mut page_token = String::new();
    loop {
        let filter = filter.clone();
        let page_size = PAGE;
        let request = v1::ListJobsRequest { page_size, page_token, filter, ..Default::default() };
        let page = clients.jobs.list_jobs(request).await.unwrap().into_inner();
        names.extend(page.jobs.into_iter().map(|job| job.name));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return names;
        }
    }
}
