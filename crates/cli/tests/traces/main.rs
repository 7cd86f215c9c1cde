//! Traces of real processes: a server and a worker that end send what they have.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

#[allow(dead_code, reason = "the tests of the server use all of it")]
#[path = "../../../server/tests/export/collector.rs"]
mod collector;
#[path = "../../../server/tests/server/raw.rs"]
mod raw;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use collector::Collector;
use concentric_proto::v1;
use concentric_proto::v1::job_service_client::JobServiceClient;
use tokio::net::TcpListener;
use tonic::transport::Channel;

/// The command with these words.
fn run(words: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_concentric"));
    command.args(words).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    command.spawn().unwrap()
}

/// Ends it as an operator does.
fn end(mut child: Child) {
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert!(child.wait().unwrap().success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_left_is_sent_when_a_process_ends() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let collector = Collector::serve(listener);
    let folder = tempfile::tempdir().unwrap();
    let store = format!("sqlite:{}", folder.path().join("t.db").display());
    let common = ["--store", &store, "--drain", "1s", "--otlp-endpoint", &endpoint];
    let own = ["serve", "--listen", "127.0.0.1:0", "--run-jobs=false"];
    let mut server = run(&[&own[..], &common[..]].concat());
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.split("http://").nth(1).unwrap().split(' ').next().unwrap();
    let worker = run(&[&["worker", "--slots", "1"], &common[..]].concat());
    let channel = Channel::from_shared(format!("http://{address}")).unwrap();
    let mut jobs = JobServiceClient::new(channel.connect().await.unwrap());
    let ledger = include_bytes!("../../../../examples/ledgers/first.json").to_vec();
    let source = Some(v1::create_match_job_request::Source::LedgerJson(ledger));
    let request = v1::CreateMatchJobRequest { source, ..Default::default() };
    let job = jobs.create_match_job(request).await.unwrap().into_inner().job.unwrap();
    let wait = v1::WaitJobRequest { name: job.name.clone(), timeout: None };
    jobs.wait_job(wait).await.unwrap();
    tokio::task::spawn_blocking(move || {
        end(worker);
        end(server);
    })
    .await
    .unwrap();
    let spans = collector.spans("concentric");
    let ids = |name: &str| -> Vec<String> {
        spans.iter().filter(|span| span.name == name).filter_map(|span| span.get("job")).collect()
    };
    let id = job.name.rsplit('/').next().unwrap();
    // One from the server, one from the worker.
    assert_eq!(ids("concentric.v1.JobService/CreateMatchJob"), [id]);
    assert_eq!(ids("job"), [id]);
}
