//! `JobService`, with this test as the worker.

use std::time::{Duration, Instant};

use concentric_proto::v1;
use concentric_proto::v1::job_service_client::JobServiceClient;
use concentric_server::store::{Blob, Claimed, Finish, JobState, NewPlan, Store};
use prost::Message;
use tonic::Code;

use crate::support::{refused, server, small};

const ID: &str = "4f1c2a8e-6b0d-4c3a-9e51-7d2f8a6b4c11";

pub fn create() -> v1::CreateMatchJobRequest {
    let source = v1::create_match_job_request::Source::Ledger(small());
    v1::CreateMatchJobRequest { source: Some(source), ..Default::default() }
}

pub async fn claim(store: &dyn Store) -> Claimed {
    store.claim("test", 30_000, 3).await.unwrap().expect("a job")
}

pub async fn finish(store: &dyn Store, job: &Claimed) {
    finish_as(store, job, v1::TerminationReason::Optimal).await;
}

pub async fn finish_as(store: &dyn Store, job: &Claimed, end: v1::TerminationReason) {
    let termination = v1::Termination { reason: end.into(), ..Default::default() };
    let plan = v1::Plan {
        engine: Some("test".into()),
        termination: Some(termination),
        ..Default::default()
    };
    finish_with(store, job, plan).await;
}

/// Ends a job with a plan; the id of that.
pub async fn finish_with(store: &dyn Store, job: &Claimed, plan: v1::Plan) -> String {
    let id = format!("p{}", &job.id[..8]);
    let new = NewPlan {
        id: id.clone(),
        blob: Blob::new(plan.encode_to_vec()),
        ledger: job.ledger_name.clone(),
        digest: "sha256:test".into(),
        termination: i64::from(plan.termination.map_or(0, |end| end.reason)),
    };
    let finish = Finish { state: JobState::Succeeded, plan: Some(new), failure: None };
    assert!(store.finish(job, &finish).await.unwrap());
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_again_gives_the_job_although_its_ledger_is_gone() {
    use concentric_proto::v1::ledger_service_client::LedgerServiceClient;
    let server = server(&[]).await;
    let mut ledgers = LedgerServiceClient::new(server.channel().await);
    let mut jobs = JobServiceClient::new(server.channel().await);
    let request = v1::CreateLedgerRequest {
        ledger_id: "x".into(),
        ledger: Some(small()),
        ..Default::default()
    };
    let name = ledgers.create_ledger(request).await.unwrap().into_inner().ledger.unwrap().name;
    let source = Some(v1::create_match_job_request::Source::LedgerName(name));
    let request = v1::CreateMatchJobRequest { source, request_id: ID.into(), ..Default::default() };
    let job = jobs.create_match_job(request.clone()).await.unwrap().into_inner().job.unwrap();
    let delete =
        v1::DeleteLedgerRequest { name: "tenants/default/ledgers/x".into(), ..Default::default() };
    ledgers.delete_ledger(delete).await.unwrap();
    let again = jobs.create_match_job(request.clone()).await.unwrap();
    assert_eq!(again.metadata().get("idempotent-replay").unwrap(), "true");
    assert_eq!(again.into_inner().job.unwrap().name, job.name);
    // The id says nothing for another request, which is told what is wrong with itself first.
    let other = v1::CreateMatchJobRequest { scenario: "s".into(), ..request };
    assert_eq!(refused(jobs.create_match_job(other).await).1, "RESOURCE_NOT_FOUND");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_made_once_watched_and_ends_with_a_plan() {
    let server = server(&[]).await;
    let mut client = JobServiceClient::new(server.channel().await);
    let mut request = create();
    request.request_id = ID.into();
    let job = client.create_match_job(request.clone()).await.unwrap().into_inner().job.unwrap();
    assert_eq!(job.state(), v1::JobState::Queued);
    let again = client.create_match_job(request).await.unwrap();
    assert_eq!(again.metadata().get("idempotent-replay").unwrap(), "true");
    assert_eq!(again.into_inner().job.unwrap().name, job.name);

    let watch = v1::WatchJobRequest { name: job.name.clone(), after_sequence: 0 };
    let mut stream = client.watch_job(watch).await.unwrap().into_inner();
    let first = stream.message().await.unwrap().unwrap().event.unwrap();
    assert_eq!(first.sequence, 1);

    let claimed = claim(&*server.store).await;
    let progress = v1::Progress { stage: "solve".into(), done: 1, of: 3, ..Default::default() };
    server.store.beat(&claimed, 30_000, Some(progress.encode_to_vec())).await.unwrap();
    finish(&*server.store, &claimed).await;

    let mut events = vec![first];
    while let Some(message) = stream.message().await.unwrap() {
        events.push(message.event.unwrap());
    }
    let numbers: Vec<i64> = events.iter().map(|event| event.sequence).collect();
    assert_eq!(numbers, (1..=numbers.len() as i64).collect::<Vec<_>>());
    let told = events
        .iter()
        .any(|event| matches!(&event.kind, Some(v1::job_event::Kind::Progress(p)) if p.of == 3));
    assert!(told, "{events:?}");
    let last = events.last().unwrap().kind.clone();
    let succeeded = v1::job_event::Kind::State(v1::JobState::Succeeded.into());
    assert_eq!(last, Some(succeeded));

    // Resumed from the middle: the rest, each once.
    let watch = v1::WatchJobRequest { name: job.name.clone(), after_sequence: 2 };
    let mut stream = client.watch_job(watch).await.unwrap().into_inner();
    let mut rest = Vec::new();
    while let Some(message) = stream.message().await.unwrap() {
        rest.push(message.event.unwrap());
    }
    assert_eq!(rest, events[2..]);

    let got = client.get_job(v1::GetJobRequest { name: job.name }).await.unwrap().into_inner();
    let got = got.job.unwrap();
    assert!(got.plan.starts_with("tenants/default/plans/") && got.end_time.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_ends_a_queued_job_at_once() {
    let server = server(&[]).await;
    let mut client = JobServiceClient::new(server.channel().await);
    let job = client.create_match_job(create()).await.unwrap().into_inner().job.unwrap();
    let cancel = v1::CancelJobRequest { name: job.name.clone() };
    let ended = client.cancel_job(cancel.clone()).await.unwrap().into_inner().job.unwrap();
    assert_eq!(ended.state(), v1::JobState::Cancelled);
    client.cancel_job(cancel).await.unwrap();

    let done = client.create_match_job(create()).await.unwrap().into_inner().job.unwrap();
    let claimed = claim(&*server.store).await;
    finish(&*server.store, &claimed).await;
    let late = client.cancel_job(v1::CancelJobRequest { name: done.name }).await;
    assert_eq!(refused(late), (Code::FailedPrecondition, "JOB_NOT_CANCELLABLE".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_ends_with_the_job_or_with_the_time() {
    let server = server(&[]).await;
    let mut client = JobServiceClient::new(server.channel().await);
    let job = client.create_match_job(create()).await.unwrap().into_inner().job.unwrap();
    let timeout = prost_types::Duration { seconds: 0, nanos: 200_000_000 };
    let wait = v1::WaitJobRequest { name: job.name.clone(), timeout: Some(timeout) };
    let begin = Instant::now();
    let still = client.wait_job(wait).await.unwrap().into_inner().job.unwrap();
    assert_eq!(still.state(), v1::JobState::Queued);
    assert!(begin.elapsed() >= Duration::from_millis(200));
    let store = server.store.clone();
    let worker = tokio::spawn(async move {
        let claimed = claim(&*store).await;
        finish(&*store, &claimed).await;
    });
    let wait = v1::WaitJobRequest { name: job.name, timeout: None };
    let ended = client.wait_job(wait).await.unwrap().into_inner().job.unwrap();
    assert_eq!(ended.state(), v1::JobState::Succeeded);
    worker.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_are_listed_newest_first_and_counted() {
    let server = server(&[("tenant_jobs", "3")]).await;
    let mut client = JobServiceClient::new(server.channel().await);
    let dry = v1::CreateMatchJobRequest { validate_only: true, ..create() };
    let checked = client.create_match_job(dry).await.unwrap().into_inner().job.unwrap();
    assert!(checked.name.is_empty());
    let mut names = Vec::new();
    for _ in 0..3 {
        let job = client.create_match_job(create()).await.unwrap().into_inner().job.unwrap();
        names.push(job.name);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let many = client.create_match_job(create()).await;
    assert_eq!(refused(many), (Code::ResourceExhausted, "TENANT_JOBS".into()));
    let list = v1::ListJobsRequest { filter: "state = \"QUEUED\"".into(), ..Default::default() };
    let jobs = client.list_jobs(list).await.unwrap().into_inner().jobs;
    names.reverse();
    assert_eq!(jobs.into_iter().map(|job| job.name).collect::<Vec<_>>(), names);
    let list = v1::ListJobsRequest { filter: "state = \"LATER\"".into(), ..Default::default() };
    assert_eq!(refused(client.list_jobs(list).await).1, "UNKNOWN_ENUM");
    let none = v1::GetJobRequest { name: "jobs/none".into() };
    assert_eq!(refused(client.get_job(none).await).0, Code::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_solves_its_own_jobs_and_its_plans_hold() {
    use concentric_proto::v1::match_service_client::MatchServiceClient;
    use concentric_proto::v1::plan_service_client::PlanServiceClient;
    let server = server(&[("run_jobs", "true")]).await;
    let channel = server.channel().await;
    let mut client = JobServiceClient::new(channel.clone());
    let job = client.create_match_job(create()).await.unwrap().into_inner().job.unwrap();
    let wait = v1::WaitJobRequest { name: job.name, timeout: None };
    let ended = client.wait_job(wait).await.unwrap().into_inner().job.unwrap();
    assert_eq!(ended.state(), v1::JobState::Succeeded, "{ended:?}");
    let get = v1::GetPlanRequest { name: ended.plan, head_only: false };
    let plan = PlanServiceClient::new(channel.clone()).get_plan(get).await.unwrap().into_inner();
    let verify = v1::VerifyPlanRequest {
        source: Some(v1::verify_plan_request::Source::Ledger(small())),
        scenario: String::new(),
        plan: plan.plan.unwrap().plan,
    };
    let verdict = MatchServiceClient::new(channel).verify_plan(verify).await.unwrap().into_inner();
    assert!(verdict.holds, "{verdict:?}");
}
