//! SIGTERM with everything under way: streams, calls, jobs, a peer that is dead.

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use concentric_proto::v1;
use tonic::{Code, Status};

use crate::clients::{Clients, ended, fact, options, reason};
use crate::support::{Home, example};

const DRAIN: Duration = Duration::from_secs(5);
/// Promised are 2 s; this is for busy machines.
const SLACK: Duration = Duration::from_secs(10);

/// A call that takes as long as it may.
async fn answer(mut clients: Clients, limit: Duration) -> Result<v1::Plan, Status> {
    let request = v1::MatchRequest {
        source: Some(v1::match_request::Source::LedgerJson(example("yixin.json"))),
        options: Some(options(limit)),
        ..Default::default()
    };
    Ok(clients.matching.r#match(request).await?.into_inner().plan.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_ends_in_time_and_everyone_is_told() {
    let home = Home::new();
    let mut server = home.server(&["--slots", "4", "--drain", "5s", "--match-time-limit", "60s"]);
    let mut clients = Clients::new(&server);
    // The preface of HTTP/2 and settings; it will never read nor answer.
    let mut dead = TcpStream::connect(server.address.unwrap()).unwrap();
    dead.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").unwrap();

    let job = clients.job("yixin.json", Duration::from_secs(6)).await;
    let request = v1::WatchJobRequest { name: job.clone(), after_sequence: 0 };
    let mut watch = clients.jobs.watch_job(request).await.unwrap().into_inner();
    let mut last = 0;
    loop {
        let event = watch.message().await.unwrap().unwrap().event.unwrap();
        last = last.max(event.sequence);
        let running = v1::job_event::Kind::State(v1::JobState::Running.into());
        if event.kind == Some(running) {
            break;
        }
    }
    let short = tokio::spawn(answer(clients.clone(), Duration::from_secs(3)));
    let endless = tokio::spawn(answer(clients.clone(), Duration::from_secs(50)));
    // Two of three are at work at least; the third may be between two questions.
    crate::support::wait("solvers", || server.solvers().len() >= 2);

    let begin = Instant::now();
    server.signal("TERM");
    let status = loop {
        match watch.message().await {
            Ok(message) => last = message.unwrap().event.unwrap().sequence,
            Err(status) => break status,
        }
    };
    println!("the watcher was told after {:?}", begin.elapsed());
    assert_eq!((status.code(), reason(&status).as_str()), (Code::Unavailable, "DRAINING"));
    assert_eq!(fact(&status, "last_sequence"), Some(last.to_string()));
    let late = clients.get_job(&job).await.unwrap_err();
    assert_eq!(late.code(), Code::Unavailable, "{late:?}");

    // Its lease has 30 s left; that it is begun now shows that it was given back.
    let other = home.server(&["--slots", "2"]);
    let mut elsewhere = Clients::new(&other);
    let begun = elsewhere.until(&job, |job| job.state() != v1::JobState::Queued).await;
    println!("begun elsewhere {:?} after the signal", begin.elapsed());
    assert!(begin.elapsed() < Duration::from_secs(25));
    assert_eq!(begun.attempt, 1);
    // Where the stream broke off it goes on.
    let request = v1::WatchJobRequest { name: job.clone(), after_sequence: last };
    let mut rest = elsewhere.jobs.watch_job(request).await.unwrap().into_inner();
    let next = rest.message().await.unwrap().unwrap().event.unwrap();
    assert_eq!(next.sequence, last + 1);

    let plan = short.await.unwrap().unwrap();
    elsewhere.check(&plan, "yixin.json").await;
    let cut = endless.await.unwrap().unwrap_err();
    assert_eq!((cut.code(), reason(&cut).as_str()), (Code::Unavailable, "DRAINING"), "{cut:?}");
    let (status, log) = server.end();
    let took = begin.elapsed();
    assert_eq!(status.code(), Some(0), "{log}");
    println!("ended {took:?} after the signal, with {DRAIN:?} to drain");
    assert!(took < DRAIN + SLACK, "{took:?}");
    let end = elsewhere.until(&job, ended).await;
    assert_eq!((end.state(), end.attempt), (v1::JobState::Succeeded, 1), "{end:?}");
    drop(dead);
}
