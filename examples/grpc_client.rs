//! Submits a ledger as a job, watches it, prints the service list of its plan (品牌服务清单).
//!
//! ```text
//! make serve                                     # in another terminal
//! cargo run --release --example grpc_client -- [ADDRESS [LEDGER [REQUEST_ID]]]
//! ```
//!
//! May be stopped and started again with the same request id: there is one job, and the list
//! is that of its plan. `examples/python_client.py` does the same in Python.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use concentric_proto::v1::create_match_job_request::Source;
use concentric_proto::v1::job_event::Kind;
use concentric_proto::v1::job_service_client::JobServiceClient;
use concentric_proto::v1::plan_service_client::PlanServiceClient;
use concentric_proto::v1::{
    Assignment, CreateMatchJobRequest, GetJobRequest, GetPlanRequest, JobEvent, JobState, Options,
    Plan, WatchJobRequest,
};
use serde_json::Value;
use tonic::transport::Channel;
use tonic::{Code, Status};

/// Broken connections in a row that are borne.
const TRIES: u32 = 6;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let address = args.next().unwrap_or_else(|| "127.0.0.1:7411".into());
    let path = args.next().unwrap_or_else(|| "examples/ledgers/yixin.json".into());
    let request_id = args.next().unwrap_or_else(new_request_id);
    print!("{}", run(&address, std::fs::read(path)?, request_id, 10).await?);
    Ok(())
}

/// From a ledger to the service list of its plan, which is solved for so many seconds at most.
///
/// # Errors
/// A server that is not there, a refusal, a job without a plan.
pub async fn run(
    address: &str,
    ledger: Vec<u8>,
    request_id: String,
    seconds: i64,
) -> Result<String, Box<dyn Error>> {
    let names: Value = serde_json::from_slice(&ledger)?;
    let channel = Channel::from_shared(format!("http://{address}"))?.connect().await?;
    let mut jobs = JobServiceClient::new(channel.clone());
    eprintln!("request id {request_id}");
    let time_limit = Some(prost_types::Duration { seconds, nanos: 0 });
    let request = CreateMatchJobRequest {
        request_id,
        source: Some(Source::LedgerJson(ledger)),
        options: Some(Options { time_limit, ..Options::default() }),
        ..CreateMatchJobRequest::default()
    };
    let job = jobs.create_match_job(request).await?.into_inner().job.unwrap_or_default();
    watch(&mut jobs, &job.name).await?;
    let job = jobs.get_job(GetJobRequest { name: job.name }).await?.into_inner().job;
    let name = job.unwrap_or_default().plan;
    if name.is_empty() {
        return Err("the job made no plan".into());
    }
    let request = GetPlanRequest { name, head_only: false };
    let stored = PlanServiceClient::new(channel).get_plan(request).await?.into_inner().plan;
    let plan = stored.and_then(|stored| stored.plan).unwrap_or_default();
    Ok(services(&plan, &names))
}

/// Tells every event of a job once, across broken connections, until it has ended.
async fn watch(jobs: &mut JobServiceClient<Channel>, name: &str) -> Result<(), Status> {
    let (mut seen, mut failures) = (0, 0);
    loop {
        let request = WatchJobRequest { name: name.to_owned(), after_sequence: seen };
        let end: Result<(), Status> = async {
            let mut stream = jobs.watch_job(request).await?.into_inner();
            while let Some(answer) = stream.message().await? {
                let event = answer.event.unwrap_or_default();
                (seen, failures) = (event.sequence, 0);
                eprintln!("{seen:4} {}", told(&event));
            }
            Ok(())
        }
        .await;
        match end {
            // The service never says UNKNOWN; a connection that breaks does.
            Err(status) if matches!(status.code(), Code::Unavailable | Code::Unknown) => {
                failures += 1;
                if failures == TRIES {
                    return Err(status);
                }
                tokio::time::sleep(Duration::from_millis(100 << failures)).await;
            }
            end => return end,
        }
    }
}

/// One event in words.
fn told(event: &JobEvent) -> String {
    match &event.kind {
        Some(Kind::Progress(step)) => format!("{} {} {}", step.stage, step.level, step.done),
        Some(Kind::State(state)) => {
            format!("{:?}", JobState::try_from(*state).unwrap_or_default()).to_lowercase()
        }
        _ => "asked to cancel".to_owned(),
    }
}

/// A section for each unit, a line for each assignment; names where the ledger has them.
fn services(plan: &Plan, ledger: &Value) -> String {
    let name = |table: &str, id: &str| {
        let records = ledger[table].as_array();
        let record = records.into_iter().flatten().find(|record| record["id"] == id);
        record.and_then(|record| record["name"].as_str()).unwrap_or(id).to_owned()
    };
    let mut units: BTreeMap<&str, Vec<&Assignment>> = BTreeMap::new();
    for assignment in &plan.assignments {
        units.entry(assignment.unit()).or_default().push(assignment);
    }
    let mut text = "品牌服务清单 services\n".to_owned();
    for (unit, assignments) in units {
        let _ = writeln!(text, "\n{}", name("units", unit));
        for a in assignments {
            let (place, what) = (name("places", a.place()), name("categories", a.category()));
            let _ =
                writeln!(text, "  {place}  {what}  {}  ({} <- {})", a.quantity, a.need, a.offer);
        }
    }
    text
}

/// A UUID of version 4; the standard library's hashers start at random.
fn new_request_id() -> String {
    let random = || RandomState::new().hash_one(0);
    let (a, b) = (random(), random());
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        a >> 32,
        a >> 16 & 0xffff,
        a & 0xfff,
        b >> 48 & 0x3fff | 0x8000,
        b & 0xffff_ffff_ffff
    )
}
