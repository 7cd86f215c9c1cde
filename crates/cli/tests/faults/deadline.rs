//! Callers with little patience, and callers who leave.

use std::time::{Duration, Instant};

use concentric_proto::v1;
use concentric_server::wire::ledger_to_wire;
use concentric_testkit::domain;
use tonic::{Code, Request};

use crate::clients::{Clients, reason};
use crate::support::{Home, example, wait};
use crate::untimed;

fn ask() -> v1::MatchRequest {
    v1::MatchRequest {
        source: Some(v1::match_request::Source::LedgerJson(example("yixin.json"))),
        ..Default::default()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deadline_is_met_with_a_plan_or_said_to_have_passed() {
    let home = Home::new();
    let server = home.server(&["--match-time-limit", "60s"]);
    let mut clients = Clients::new(&server);
    let mut untimed = untimed::client(server.address.unwrap());
    // A first plan is there after a tenth of a second; from `SURE` on even a busy machine has
    // it, whatever the reasons would still take.
    const SURE: u64 = 900;
    let short = [(200, false), (500, false), (500, true)];
    let with_reasons = [900, 1100, 1300, 1500, 1700, 2100, 2500, 3000].map(|millis| (millis, true));
    let without = [(1000, false), (5000, false)];
    for (millis, explain) in short.into_iter().chain(with_reasons).chain(without) {
        let options = Some(v1::Options { explain: Some(explain), ..Default::default() });
        let mut request = Request::new(v1::MatchRequest { options, ..ask() });
        // Only the header, so that it is the server that keeps to it.
        request.metadata_mut().insert("grpc-timeout", format!("{millis}m").parse().unwrap());
        let begin = Instant::now();
        let answer = untimed.r#match(request).await;
        let took = begin.elapsed();
        // Promised is a tenth of a second; this is for busy machines.
        assert!(took < Duration::from_millis(millis + 2000), "{took:?} of {millis} ms");
        match answer {
            Ok(answer) => {
                let plan = answer.into_inner().plan.unwrap();
                clients.check(&plan, "yixin.json").await;
                let end = plan.termination.unwrap();
                println!("{millis} ms, reasons {explain}: a plan after {took:?}");
                assert_eq!(end.limit(), v1::StopLimit::Time, "{end:?}");
            }
            Err(status) => {
                println!("{millis} ms, reasons {explain}: {} after {took:?}", reason(&status));
                assert!(millis < SURE, "a plan was there: {status:?}");
                assert_eq!(status.code(), Code::DeadlineExceeded, "{status:?}");
                assert!(["CALL_DEADLINE", "SOLVER_TIMEOUT"].contains(&reason(&status).as_str()));
            }
        }
    }
    assert_eq!(server.terminate().0.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_who_leaves_frees_the_processor() {
    let home = Home::new();
    let bytes = ["--max-message-bytes", "100000000", "--max-bytes-in-flight", "100000000"];
    let flags = ["--match-time-limit", "60s", "--max-units", "200000"];
    let server = home.server(&[&flags[..], &bytes].concat());
    // A mixed-integer program: its process goes.
    let mut clients = Clients::new(&server);
    let call = tokio::spawn(async move { clients.matching.r#match(ask()).await.map(drop) });
    wait("solver", || !server.solvers().is_empty());
    call.abort();
    let begin = Instant::now();
    wait("end of the solver", || server.solvers().is_empty());
    let integer = begin.elapsed();
    // A network: the process itself comes to rest.
    let mut clients = Clients::new(&server);
    let request = v1::MatchRequest {
        source: Some(v1::match_request::Source::Ledger(ledger_to_wire(&domain::ledger(
            300_000, 3,
        )))),
        ..Default::default()
    };
    let idle = server.ticks();
    let call = tokio::spawn(async move { clients.matching.r#match(request).await.map(drop) });
    wait("work", || server.ticks() > idle + 50);
    assert!(!call.is_finished(), "the ledger is no longer heavy enough for this test");
    call.abort();
    let begin = Instant::now();
    // From when on it did no more than it does by itself.
    let mut seen = vec![(Duration::ZERO, server.ticks())];
    let at_rest = loop {
        std::thread::sleep(Duration::from_millis(10));
        let (time, ticks) = (begin.elapsed(), server.ticks());
        seen.push((time, ticks));
        let rest = seen.iter().find(|(_, then)| ticks - then <= 2).map_or(time, |at| at.0);
        if time - rest >= Duration::from_millis(400) {
            break rest;
        }
        assert!(time < Duration::from_secs(20), "it goes on");
    };
    println!("solver gone after {integer:?}; network at rest after {at_rest:?}");
    assert!(integer < Duration::from_secs(10));
    assert_eq!(server.terminate().0.code(), Some(0));
}
