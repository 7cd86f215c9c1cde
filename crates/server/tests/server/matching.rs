//! `MatchService`.

use std::time::{Duration, Instant};

use concentric_matcher::{Engine, Options};
use concentric_proto::v1;
use concentric_proto::v1::match_service_client::MatchServiceClient;
use concentric_server::wire::{ledger_from_wire, plan_from_wire};
use tonic::{Code, Request};

use crate::support::{example, fields, heavy, refused, server, small};
use crate::untimed;

fn ask(source: v1::match_request::Source) -> v1::MatchRequest {
    v1::MatchRequest { source: Some(source), ..Default::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_match_is_the_plan_of_the_library() {
    let server = server(&[]).await;
    let mut client = MatchServiceClient::new(server.channel().await);
    let request = ask(v1::match_request::Source::Ledger(small()));
    let answer = client.r#match(request).await.unwrap().into_inner();
    let plan = plan_from_wire(answer.plan.unwrap()).unwrap();
    let ledger = ledger_from_wire(small()).unwrap();
    let own = Engine::new(Options::default()).match_ledger(ledger).unwrap();
    assert_eq!(plan, own);
    assert!(answer.times.unwrap().solved.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_goes_through_its_scenario() {
    let server = server(&[]).await;
    let mut client =
        MatchServiceClient::new(server.channel().await).max_decoding_message_size(64 << 20);
    let text = example("luotang");
    let ledger = concentric_matcher::io::read_ledger(&text).unwrap();
    let scenario = ledger.scenarios[0].id.clone();
    let mut request = ask(v1::match_request::Source::LedgerJson(text));
    request.scenario.clone_from(&scenario);
    request.options = Some(v1::Options { explain: Some(false), ..Default::default() });
    let plan = client.r#match(request.clone()).await.unwrap().into_inner().plan.unwrap();
    assert_eq!(plan.scenario, Some(scenario));
    assert!(!plan.assignments.is_empty());
    request.scenario = "none_such".into();
    let (code, reason) = refused(client.r#match(request).await);
    assert_eq!((code, reason.as_str()), (Code::InvalidArgument, "UNKNOWN_REFERENCE"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_violation_comes_back_with_its_path() {
    let server = server(&[]).await;
    let mut client = MatchServiceClient::new(server.channel().await);
    let mut ledger = small();
    ledger.needs[0].quantity = 0;
    ledger.needs[1].kind = 99;
    ledger.offers[0].unit = "nobody".into();
    let request = ask(v1::match_request::Source::Ledger(ledger));
    let status = client.r#match(request).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    let found = fields(&status);
    for expected in [
        ("needs[1].kind", "UNKNOWN_ENUM"),
        ("needs[0].quantity", "VALUE_OUT_OF_RANGE"),
        ("offers[0].unit", "UNKNOWN_REFERENCE"),
    ] {
        let expected = (expected.0.to_owned(), expected.1.to_owned());
        assert!(found.contains(&expected), "{found:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn options_are_judged_all_at_once() {
    let server = server(&[]).await;
    let mut client = MatchServiceClient::new(server.channel().await);
    let mut request = ask(v1::match_request::Source::Ledger(small()));
    request.options = Some(v1::Options {
        time_limit: Some(prost_types::Duration { seconds: -1, nanos: 0 }),
        work_limit: Some(0),
        gap_ppm: Some(10_001),
        ..Default::default()
    });
    let status = client.r#match(request).await.unwrap_err();
    let paths: Vec<String> = fields(&status).into_iter().map(|(path, _)| path).collect();
    assert_eq!(paths, ["options.time_limit", "options.work_limit", "options.gap_ppm"]);
    let nothing = v1::MatchRequest::default();
    assert_eq!(refused(client.r#match(nothing).await).1, "FIELD_REQUIRED");
}

#[tokio::test(flavor = "multi_thread")]
async fn validation_is_an_answer_and_agrees_with_the_library() {
    let server = server(&[]).await;
    let mut client = MatchServiceClient::new(server.channel().await);
    let source = v1::validate_request::Source::Ledger(small());
    let request = v1::ValidateRequest { source: Some(source), scenario: String::new() };
    let good = client.validate(request).await.unwrap().into_inner();
    assert!(good.issues.is_empty() && good.ledger_digest.starts_with("sha256:"));
    let source = v1::validate_request::Source::LedgerJson(b"{".to_vec());
    let request = v1::ValidateRequest { source: Some(source), scenario: String::new() };
    let bad = client.validate(request).await.unwrap().into_inner();
    assert_eq!(bad.issues[0].code, "FILE_MALFORMED");
}

#[tokio::test(flavor = "multi_thread")]
async fn plans_are_verified_and_forgeries_named() {
    let server = server(&[]).await;
    let mut client = MatchServiceClient::new(server.channel().await);
    let request = ask(v1::match_request::Source::Ledger(small()));
    let plan = client.r#match(request).await.unwrap().into_inner().plan.unwrap();
    let verify = |plan: v1::Plan| v1::VerifyPlanRequest {
        source: Some(v1::verify_plan_request::Source::Ledger(small())),
        scenario: String::new(),
        plan: Some(plan),
    };
    let verdict = client.verify_plan(verify(plan.clone())).await.unwrap().into_inner();
    assert!(verdict.holds && verdict.reason() == v1::TerminationReason::Optimal);
    assert!(!verdict.levels.is_empty());
    let mut forged = plan;
    forged.assignments[0].quantity += 1;
    let verdict = client.verify_plan(verify(forged)).await.unwrap().into_inner();
    assert!(!verdict.holds && !verdict.broken.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_tells_of_progress_and_ends_with_the_plan() {
    use v1::stream_match_response::Kind;
    let server = server(&[]).await;
    let mut client =
        MatchServiceClient::new(server.channel().await).max_decoding_message_size(64 << 20);
    let source = v1::stream_match_request::Source::LedgerJson(example("luotang"));
    let request = v1::StreamMatchRequest { source: Some(source), ..Default::default() };
    let mut stream = client.stream_match(request).await.unwrap().into_inner();
    let mut kinds = Vec::new();
    while let Some(message) = stream.message().await.unwrap() {
        kinds.push(message.kind.unwrap());
    }
    let Some(Kind::Result(result)) = kinds.pop() else { panic!("no plan at the end") };
    let plan = result.plan.unwrap();
    let steps: Vec<v1::Progress> = kinds
        .into_iter()
        .map(|kind| match kind {
            Kind::Progress(step) => step,
            Kind::Result(_) => panic!("a plan before the end"),
        })
        .collect();
    for level in &plan.levels {
        let last = steps.iter().rfind(|step| step.level == level.goal).unwrap();
        assert_eq!(last.incumbent.as_ref(), Some(&level.value), "{}", level.goal);
        assert_eq!(last.bound.as_ref(), Some(&level.value), "{}", level.goal);
        assert_eq!(last.gap_ppm, Some(0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_callers_deadline_is_honoured() {
    let server = server(&[("match_time_limit", "60s")]).await;
    let mut client = untimed::client(server.address);
    for millis in [300, 1500] {
        let mut request = Request::new(ask(v1::match_request::Source::LedgerJson(heavy())));
        // Only the header, so that it is the server that keeps to it.
        let text = format!("{millis}m").parse().unwrap();
        request.metadata_mut().insert("grpc-timeout", text);
        let begin = Instant::now();
        let answer = client.r#match(request).await;
        let took = begin.elapsed();
        assert!(took < Duration::from_millis(millis + 400), "{took:?}");
        match answer {
            Ok(answer) => {
                let plan = answer.into_inner().plan.unwrap();
                assert_eq!(plan.termination.unwrap().limit(), v1::StopLimit::Time);
            }
            Err(status) => {
                assert_eq!(refused::<()>(Err(status)).0, Code::DeadlineExceeded);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_leaves_frees_its_solver() {
    let server = server(&[("slots", "1"), ("queue", "4"), ("match_time_limit", "60s")]).await;
    let mut client =
        MatchServiceClient::new(server.channel().await).max_decoding_message_size(64 << 20);
    let mut other = client.clone();
    let heavy = ask(v1::match_request::Source::LedgerJson(heavy()));
    let gone = tokio::time::timeout(Duration::from_millis(400), client.r#match(heavy)).await;
    assert!(gone.is_err(), "the ledger is no longer heavy enough for this test");
    let begin = Instant::now();
    let small = ask(v1::match_request::Source::Ledger(small()));
    other.r#match(small).await.unwrap();
    assert!(begin.elapsed() < Duration::from_secs(3), "{:?}", begin.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn overload_is_refused_at_once_with_a_time_to_come_back() {
    use tonic_types::StatusExt;
    let server = server(&[("slots", "1"), ("queue", "0"), ("match_time_limit", "2s")]).await;
    let channel = server.channel().await;
    let calls = (0..4).map(|_| {
        let mut client =
            MatchServiceClient::new(channel.clone()).max_decoding_message_size(64 << 20);
        let request = ask(v1::match_request::Source::LedgerJson(heavy()));
        tokio::spawn(async move { client.r#match(request).await.map(drop) })
    });
    let calls: Vec<_> = calls.collect();
    let mut shed = 0;
    for call in calls {
        if let Err(status) = call.await.unwrap() {
            if status.code() == Code::DeadlineExceeded {
                continue;
            }
            let details = status.get_error_details();
            assert!(details.retry_info().is_some(), "{status:?}");
            assert_eq!(refused::<()>(Err(status)), (Code::Unavailable, "OVERLOADED".to_owned()));
            shed += 1;
        }
    }
    assert!(shed >= 2, "{shed} of 4 shed");
}
