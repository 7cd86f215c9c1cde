//! `PlanService`.

use concentric_proto::v1;
use concentric_proto::v1::job_service_client::JobServiceClient;
use concentric_proto::v1::ledger_service_client::LedgerServiceClient;
use concentric_proto::v1::plan_service_client::PlanServiceClient;

use crate::jobs::{claim, create, finish};
use crate::support::{Running, refused, server, small};

/// A plan of a stored ledger.
async fn made(server: &Running) -> v1::StoredPlan {
    let channel = server.channel().await;
    let ledger = v1::CreateLedgerRequest { ledger: Some(small()), ..Default::default() };
    LedgerServiceClient::new(channel.clone()).create_ledger(ledger).await.unwrap();
    let source = v1::create_match_job_request::Source::LedgerName("ledgers/street".into());
    let job = v1::CreateMatchJobRequest { source: Some(source), ..create() };
    JobServiceClient::new(channel.clone()).create_match_job(job).await.unwrap();
    finish(&*server.store, &claim(&*server.store).await).await;
    let mut client = PlanServiceClient::new(channel);
    let list = client.list_plans(v1::ListPlansRequest::default()).await.unwrap().into_inner();
    assert_eq!(list.plans.len(), 1);
    list.plans.into_iter().next().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_published_and_withdrawn() {
    let server = server(&[]).await;
    let plan = made(&server).await;
    assert_eq!(plan.ledger, "tenants/default/ledgers/street/versions/1");
    let mut client = PlanServiceClient::new(server.channel().await);
    let get = v1::GetPlanRequest { name: plan.name.clone(), head_only: false };
    let whole = client.get_plan(get).await.unwrap().into_inner().plan.unwrap();
    assert_eq!(whole.plan.unwrap().engine.as_deref(), Some("test"));

    let mut publish = v1::PublishPlanRequest {
        name: plan.name.clone(),
        etag: plan.etag.clone(),
        validate_only: true,
    };
    client.publish_plan(publish.clone()).await.unwrap();
    publish.validate_only = false;
    let public = client.publish_plan(publish.clone()).await.unwrap().into_inner().plan.unwrap();
    assert_eq!(public.state(), v1::PlanState::Published);
    assert_ne!(public.etag, plan.etag);
    let withdraw = v1::WithdrawPlanRequest { name: plan.name.clone(), ..Default::default() };
    let back = client.withdraw_plan(withdraw).await.unwrap().into_inner().plan.unwrap();
    assert_eq!(back.state(), v1::PlanState::Withdrawn);
    publish.etag.clear();
    assert_eq!(refused(client.publish_plan(publish).await).1, "PLAN_STALE");
    let list = v1::ListPlansRequest { filter: "state=DRAFT".into(), ..Default::default() };
    assert!(client.list_plans(list).await.unwrap().into_inner().plans.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_of_an_old_version_is_not_published() {
    let server = server(&[]).await;
    let plan = made(&server).await;
    let mut ledgers = LedgerServiceClient::new(server.channel().await);
    let get = v1::GetLedgerRequest { name: "ledgers/street".into(), head_only: true };
    let head = ledgers.get_ledger(get).await.unwrap().into_inner().ledger.unwrap();
    let mut changed = small();
    changed.needs[0].quantity = 1;
    let update = v1::UpdateLedgerRequest {
        name: head.name,
        etag: head.etag,
        ledger: Some(changed),
        ..Default::default()
    };
    ledgers.update_ledger(update).await.unwrap();
    let mut client = PlanServiceClient::new(server.channel().await);
    let publish = v1::PublishPlanRequest { name: plan.name, ..Default::default() };
    assert_eq!(refused(client.publish_plan(publish).await).1, "PLAN_STALE");
}
