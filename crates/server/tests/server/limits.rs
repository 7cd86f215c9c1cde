//! Shares of a tenant, and calls whose end is told by their last word.

use concentric_proto::v1;
use concentric_proto::v1::job_service_client::JobServiceClient;
use concentric_proto::v1::match_service_client::MatchServiceClient;
use tonic::Code;
use tonic_types::StatusExt;

use crate::support::{Running, refused, server, small};

fn check() -> v1::ValidateRequest {
    let source = Some(v1::validate_request::Source::Ledger(small()));
    v1::ValidateRequest { source, ..Default::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_has_so_many_calls_in_a_second() {
    let server = server(&[("tenant_rate", "2")]).await;
    let mut client = MatchServiceClient::new(server.channel().await);
    let mut refusals = 0;
    // A loaded machine may need some seconds for these; it will not need fifty.
    for _ in 0..100 {
        let Err(status) = client.validate(check()).await else { continue };
        let details = status.get_error_details();
        let quota = &details.quota_failure().expect("whose share").violations[0];
        assert_eq!(quota.subject, "tenants/default");
        let wait = details.retry_info().and_then(|info| info.retry_delay).expect("when");
        assert!(wait <= std::time::Duration::from_millis(500), "{wait:?}");
        let expected = (Code::ResourceExhausted, "TENANT_RATE".to_owned());
        assert_eq!(refused::<()>(Err(status)), expected);
        refusals += 1;
    }
    assert!(refusals > 0);
    // Who asks for health is of no tenant.
    let mut health = tonic_health::pb::health_client::HealthClient::new(server.channel().await);
    for _ in 0..10 {
        health.check(tonic_health::pb::HealthCheckRequest::default()).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_jobs_tell_whose_share_is_used_up() {
    let server = server(&[("tenant_jobs", "1")]).await;
    let mut jobs = JobServiceClient::new(server.channel().await);
    let job = || {
        let source = Some(v1::create_match_job_request::Source::Ledger(small()));
        v1::CreateMatchJobRequest { source, ..Default::default() }
    };
    jobs.create_match_job(job()).await.unwrap();
    let status = jobs.create_match_job(job()).await.unwrap_err();
    assert!(status.get_error_details().quota_failure().is_some());
    let expected = (Code::ResourceExhausted, "TENANT_JOBS".to_owned());
    assert_eq!(refused::<()>(Err(status)), expected);
}

/// Waits until the numbers have this line.
async fn counted(server: &Running, line: &str) {
    let mut text = String::new();
    for _ in 0..500 {
        text = server.http("GET /metrics HTTP/1.1").await;
        if text.lines().any(|known| known == line) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("no {line} in {text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_is_counted_by_the_code_at_its_end() {
    let server = server(&[]).await;
    let mut client = MatchServiceClient::new(server.channel().await);
    let mut ledger = small();
    let ask = |ledger| {
        let source = Some(v1::stream_match_request::Source::Ledger(ledger));
        v1::StreamMatchRequest { source, ..Default::default() }
    };
    let mut good = client.stream_match(ask(ledger.clone())).await.unwrap().into_inner();
    while good.message().await.unwrap().is_some() {}
    ledger.needs[0].quantity = 0;
    // The head is good; the fault comes with the trailers.
    let mut bad = client.stream_match(ask(ledger)).await.unwrap().into_inner();
    let status = loop {
        match bad.message().await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("a bad ledger has no plan"),
            Err(status) => break status,
        }
    };
    assert_eq!(refused::<()>(Err(status)).1, "VALUE_OUT_OF_RANGE");
    let label = "concentric_calls_total{method=\"/concentric.v1.MatchService/StreamMatch\",code=";
    counted(&server, &format!("{label}\"InvalidArgument\"}} 1")).await;
    counted(&server, &format!("{label}\"Ok\"}} 1")).await;

    // A watcher who leaves.
    let mut jobs = JobServiceClient::new(server.channel().await);
    let source = Some(v1::create_match_job_request::Source::Ledger(small()));
    let request = v1::CreateMatchJobRequest { source, ..Default::default() };
    let job = jobs.create_match_job(request).await.unwrap().into_inner().job.unwrap();
    let watch = v1::WatchJobRequest { name: job.name, after_sequence: 0 };
    let mut stream = jobs.watch_job(watch).await.unwrap().into_inner();
    stream.message().await.unwrap().unwrap();
    drop(stream);
    let label = "concentric_calls_total{method=\"/concentric.v1.JobService/WatchJob\",code=";
    counted(&server, &format!("{label}\"Cancelled\"}} 1")).await;
}
