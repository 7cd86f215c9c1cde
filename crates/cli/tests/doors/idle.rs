//! Thousands of connections that are open and say nothing: they cost little, and others are
//! served.

use std::io::Write;
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

use concentric_proto::v1;
use prost::Message;
use tonic::transport::Channel;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::support::{Served, call};

/// Connections that are asked for.
const MANY: usize = 5000;
/// Descriptors for everything else: in the server, and in the tests beside this one.
const SPARE: usize = 500;
/// Most KiB for each connection; several times what one takes.
const EACH: u64 = 64;
/// The preface of HTTP/2 and empty settings: without them the server lets go after 5 s.
const GREETING: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
/// Longest wait for anything; only a defect reaches it.
const LONG: Duration = Duration::from_secs(60);

/// How many descriptors this process may open, after it has asked for as many as it wants.
fn allowed() -> usize {
    let read = |column: usize| -> usize {
        let limits = std::fs::read_to_string("/proc/self/limits").unwrap();
        let line = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
        let word = line.split_whitespace().nth(column).unwrap();
        word.parse().unwrap_or(usize::MAX)
    };
    let (soft, hard) = (read(3), read(4));
    let wanted = (MANY + SPARE).min(hard);
    if soft < wanted {
        let id = format!("--pid={}", std::process::id());
        // Where there is no such command, fewer connections must do.
        let _ = Command::new("prlimit").args([id, format!("--nofile={wanted}:")]).status();
    }
    read(3)
}

/// One who means no harm, on a connection that is there already or on a new one.
async fn served(channel: &Channel) {
    let asked = HealthClient::new(channel.clone()).check(HealthCheckRequest::default()).await;
    assert_eq!(asked.unwrap().into_inner().status(), ServingStatus::Serving);
    let file = include_bytes!("../../../../examples/ledgers/first.json").to_vec();
    let source = Some(v1::match_request::Source::LedgerJson(file));
    let request = v1::MatchRequest { source, ..Default::default() }.encode_to_vec();
    let answer = call(channel, "MatchService/Match", &[], request).await.unwrap();
    let plan = v1::MatchResponse::decode(answer.as_slice()).unwrap().plan.unwrap();
    assert!(!plan.assignments.is_empty());
}

/// Waits until the server holds a number of descriptors in a range.
async fn until(server: &Served, least: usize, most: usize) {
    let end = Instant::now() + LONG;
    loop {
        let open = server.descriptors();
        if (least..=most).contains(&open) {
            return;
        }
        assert!(Instant::now() < end, "{open} descriptors, not {least} to {most}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_of_idle_connections_cost_little_and_others_are_served() {
    let many = MANY.min(allowed().saturating_sub(SPARE));
    if many < MANY {
        println!("only {many} connections: the limit of descriptors is too low for {MANY}");
    }
    assert!(many > 0, "no descriptors to be had");
    let limit = u32::try_from(many + SPARE).unwrap();
    let server = Served::limited(limit, &["--max-connections", &limit.to_string()]);
    let channel = server.channel().await;
    served(&channel).await;
    let (before, memory) = (server.descriptors(), server.memory("VmRSS"));

    let address = server.address.clone();
    let open = move || -> Vec<TcpStream> {
        let greeted = (0..many).map(|_| {
            let mut peer = TcpStream::connect(&address).unwrap();
            peer.write_all(GREETING).unwrap();
            peer
        });
        greeted.collect()
    };
    let begin = Instant::now();
    let opening = tokio::task::spawn_blocking(open);
    while !opening.is_finished() {
        served(&channel).await;
    }
    let peers = opening.await.unwrap();
    until(&server, before + many, usize::MAX).await;
    println!("{many} connections in {:?}", begin.elapsed());

    let mut slowest = Duration::ZERO;
    for _ in 0..20 {
        let begin = Instant::now();
        served(&channel).await;
        served(&server.channel().await).await;
        slowest = slowest.max(begin.elapsed());
    }
    // They are still there, so all this was beside them.
    assert!(server.descriptors() >= before + many, "{} of {many}", server.descriptors() - before);
    let grown = server.memory("VmRSS").saturating_sub(memory);
    println!(
        "{} bytes each; two calls of others twice: {slowest:?} at most",
        (grown << 10) / many as u64
    );
    assert!(grown <= EACH * many as u64, "{grown} KiB more for {many} connections");

    drop(peers);
    until(&server, before.saturating_sub(2), before + 2).await;
    served(&channel).await;
    println!("{} KiB more after they went", server.memory("VmRSS").saturating_sub(memory));
}
