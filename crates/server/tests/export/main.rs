//! Traces to a collector: what a call and a job tell, and what a collector that is away costs.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod collector;
#[path = "../server/raw.rs"]
mod raw;
#[allow(dead_code, reason = "the tests of the server use all of it")]
#[path = "../server/support.rs"]
mod support;

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use collector::{Collector, Span};
use concentric_matcher::control::{ProgressEvent, ProgressSink};
use concentric_proto::v1;
use concentric_proto::v1::job_service_client::JobServiceClient;
use concentric_proto::v1::match_service_client::MatchServiceClient;
use concentric_server::export::Export;
use concentric_server::spans;
use support::{server, small};
use tokio::net::TcpListener;
use tracing::Dispatch;
use tracing_subscriber::layer::{Layer, SubscriberExt};

/// Time that nothing here needs.
const AMPLE: Duration = Duration::from_secs(60);
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CALLER: &str = "b7ad6b7169203331";

/// Lines of a log.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// How many lines have these words.
    fn count(&self, words: &str) -> usize {
        let log = self.0.lock().unwrap();
        String::from_utf8_lossy(&log).lines().filter(|line| line.contains(words)).count()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Runs with an export on every thread of a runtime of its own.
fn traced<F: Future>(endpoint: &str, run: impl FnOnce(Export, Log) -> F) -> F::Output {
    let export = Export::new(endpoint, "tests").unwrap();
    let log = Log::default();
    let to = log.clone();
    let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(move || to.clone());
    let only = tracing_subscriber::filter::filter_fn(|about| !about.is_span());
    let subscriber =
        tracing_subscriber::registry().with(lines.with_filter(only)).with(export.layer());
    let dispatch = Dispatch::new(subscriber);
    let each = dispatch.clone();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .on_thread_start(move || std::mem::forget(tracing::dispatcher::set_default(&each)))
        .build()
        .unwrap();
    let _here = tracing::dispatcher::set_default(&dispatch);
    let result = runtime.block_on(run(export, log));
    runtime.shutdown_background();
    result
}

/// An address that nobody answers at yet.
fn listening() -> (std::net::TcpListener, String) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    (listener, endpoint)
}

/// What a collector that is there has of a run when all is sent.
fn collected<F: Future<Output = ()>>(run: impl FnOnce() -> F) -> Vec<Span> {
    let (listener, endpoint) = listening();
    traced(&endpoint, |export, _| async {
        let collector = Collector::serve(TcpListener::from_std(listener).unwrap());
        let exporting = export.start().unwrap();
        run().await;
        assert_eq!(exporting.end(AMPLE).await, 0);
        collector.spans("tests")
    })
}

fn matching() -> v1::MatchRequest {
    let source = Some(v1::match_request::Source::Ledger(small()));
    v1::MatchRequest { source, ..Default::default() }
}

fn with_trace<T>(message: T, flags: &str) -> tonic::Request<T> {
    let mut request = tonic::Request::new(message);
    let parent = format!("00-{TRACE}-{CALLER}-{flags}");
    request.metadata_mut().insert("traceparent", parent.parse().unwrap());
    request
}

fn hex(bytes: &[u8]) -> String {
    concentric_server::hex::encode(bytes)
}

fn named<'a>(spans: &'a [Span], name: &str) -> Vec<&'a Span> {
    spans.iter().filter(|span| span.name == name).collect()
}

/// The only child of that name.
fn child<'a>(spans: &'a [Span], of: &Span, name: &str) -> &'a Span {
    let found: Vec<&Span> =
        spans.iter().filter(|span| span.parent == of.id && span.name == name).collect();
    assert_eq!(found.len(), 1, "{name} of {}: {spans:#?}", of.name);
    assert_eq!(found[0].trace, of.trace);
    assert!(found[0].begin >= of.begin && found[0].begin <= found[0].end);
    found[0]
}

/// Holds that a solve has its stages in order, one after the other, and no name of a goal.
fn stages(spans: &[Span], of: &Span) {
    let mut stages: Vec<&Span> = spans.iter().filter(|span| span.parent == of.id).collect();
    stages.sort_by_key(|span| span.begin);
    let names: Vec<&str> = stages.iter().map(|span| span.name.as_str()).collect();
    assert_eq!(names.first(), Some(&"build"), "{names:?}");
    assert!(names.contains(&"solve") && names.contains(&"certify"), "{names:?}");
    assert!(stages.windows(2).all(|pair| pair[0].end <= pair[1].begin), "{stages:#?}");
    let level = stages.iter().find(|span| span.name == "solve").and_then(|span| span.get("level"));
    assert_eq!(level.as_deref(), Some("0"));
}

#[test]
fn a_call_and_a_job_tell_where_their_time_went_and_nothing_of_a_ledger() {
    let spans = collected(|| async {
        let mut server = server(&[("run_jobs", "true")]).await;
        let mut client = MatchServiceClient::new(server.channel().await);
        client.r#match(with_trace(matching(), "01")).await.unwrap();
        // Whose trace is not kept.
        client.validate(with_trace(v1::ValidateRequest::default(), "00")).await.unwrap_err();
        // A fault of the caller's, in a trace of its own.
        client.verify_plan(v1::VerifyPlanRequest::default()).await.unwrap_err();
        let mut jobs = JobServiceClient::new(server.channel().await);
        let job = jobs.create_match_job(v1::CreateMatchJobRequest {
            source: Some(v1::create_match_job_request::Source::Ledger(small())),
            request_id: "4f1c2a8e-6b0d-4c3a-9e51-7d2f8a6b4c10".to_owned(),
            ..Default::default()
        });
        let name = job.await.unwrap().into_inner().job.unwrap().name;
        jobs.wait_job(v1::WaitJobRequest { name, timeout: None }).await.unwrap();
        server.begin_stop();
        server.ended().await;
    });

    let call = named(&spans, "concentric.v1.MatchService/Match")[0];
    assert_eq!((hex(&call.trace).as_str(), hex(&call.parent).as_str()), (TRACE, CALLER));
    assert_eq!((call.kind, call.failed()), (2, false));
    let told = ["tenant", "rpc.system", "rpc.method", "rpc.grpc.status_code"];
    let told = told.map(|key| call.get(key).unwrap());
    assert_eq!(told, ["default", "grpc", "/concentric.v1.MatchService/Match", "0"]);
    child(&spans, call, "wait");
    stages(&spans, child(&spans, call, "work"));

    assert!(named(&spans, "concentric.v1.MatchService/Validate").is_empty());
    let refused = named(&spans, "concentric.v1.MatchService/VerifyPlan")[0];
    assert_ne!(hex(&refused.trace), TRACE);
    assert_eq!(refused.get("rpc.grpc.status_code").as_deref(), Some("3"));
    assert!(refused.parent.is_empty() && !refused.failed());

    let made = named(&spans, "concentric.v1.JobService/CreateMatchJob")[0];
    let request = made.get("request_id");
    assert_eq!(request.as_deref(), Some("4f1c2a8e-6b0d-4c3a-9e51-7d2f8a6b4c10"));
    let job = named(&spans, "job")[0];
    assert_eq!((job.get("job"), job.parent.is_empty()), (made.get("job"), true));
    let told = ["tenant", "attempt", "state"].map(|key| job.get(key).unwrap());
    assert_eq!(told, ["default", "1", "SUCCEEDED"]);
    stages(&spans, job);

    // Nothing of a ledger, no caller, no line of the log.
    let known = [
        "attempt",
        "job",
        "level",
        "reason",
        "request_id",
        "rpc.grpc.status_code",
        "rpc.method",
        "rpc.system",
        "state",
        "tenant",
    ];
    for span in &spans {
        assert!(span.keys().iter().all(|key| known.contains(&key.as_str())), "{:?}", span.keys());
        assert!(span.events.is_empty());
        let text = format!("{span:?}");
        for name in ["street", "clinic", "checks", "east", "west"] {
            assert!(!text.contains(name), "{text}");
        }
    }
}

#[test]
fn a_stage_that_is_told_of_again_and_again_is_one_span() {
    let spans = collected(|| async {
        let heard = Arc::new(Mutex::new(0));
        let count = heard.clone();
        let further: ProgressSink = Arc::new(move |_| *count.lock().unwrap() += 1);
        let sink = spans::work().in_scope(|| spans::stages(Some(further))).unwrap();
        for (stage, level, done) in
            [("build", None, 0), ("solve", Some(0), 0), ("solve", Some(1), 1)]
        {
            for _ in 0..100 {
                let level = level.map(|level: u64| format!("goal {level}"));
                sink(&ProgressEvent { stage, level, done, of: 2, ..ProgressEvent::default() });
            }
        }
        drop(sink);
        assert_eq!(*heard.lock().unwrap(), 300);
    });
    let found: Vec<_> = spans.iter().map(|span| (span.name.as_str(), span.get("level"))).collect();
    let level = |number: &str| Some(number.to_owned());
    let expected = [("build", None), ("solve", level("0")), ("solve", level("1")), ("work", None)];
    assert_eq!(found, expected);
}

#[test]
fn a_collector_that_is_away_costs_one_line_and_is_found_again() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    traced(&format!("http://{address}"), |export, log| async move {
        let exporting = export.start().unwrap();
        let server = server(&[]).await;
        let mut client = MatchServiceClient::new(server.channel().await);
        client.r#match(matching()).await.unwrap();
        let away = "the collector takes no spans";
        tokio::time::timeout(AMPLE, async {
            while log.count(away) == 0 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
        .await
        .expect("a line that says so");
        // Many batches more.
        for _ in 0..3000 {
            drop(spans::wait());
        }
        client.r#match(matching()).await.unwrap();
        let collector = Collector::serve(TcpListener::bind(address).await.unwrap());
        tokio::time::timeout(AMPLE, async {
            while collector.spans("tests").is_empty() {
                client.r#match(matching()).await.unwrap();
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        })
        .await
        .expect("spans again");
        let lost = exporting.end(AMPLE).await;
        assert!(lost > 0);
        assert_eq!((log.count(away), log.count("takes spans again")), (1, 1));
        assert_eq!(log.count(&format!("spans did not reach the collector lost={lost}")), 1);
    });
}

#[test]
fn a_collector_that_never_answers_holds_up_nothing() {
    // It takes connections, and that is all.
    let (listener, endpoint) = listening();
    traced(&endpoint, |export, _| async {
        let exporting = export.start().unwrap();
        let mut server = server(&[]).await;
        let mut client = MatchServiceClient::new(server.channel().await);
        // Far more than may wait.
        for _ in 0..20_000 {
            drop(spans::wait());
        }
        client.r#match(matching()).await.unwrap();
        server.begin_stop();
        server.ended().await;
        let end = exporting.end(Duration::from_millis(100));
        // One try alone takes longer than that.
        let lost = tokio::time::timeout(Duration::from_secs(4), end).await;
        assert!(lost.expect("an end in time") > 20_000);
    });
    drop(listener);
}
