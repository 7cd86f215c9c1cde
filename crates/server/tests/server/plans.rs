//! `PlanService`.

use concentric_proto::v1;
use concentric_proto::v1::job_service_client::JobServiceClient;
use concentric_proto::v1::ledger_service_client::LedgerServiceClient;
use concentric_proto::v1::plan_service_client::PlanServiceClient;

use tonic_types::StatusExt;

use crate::jobs::{claim, create, finish, finish_as, finish_with};
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

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_without_assignments_is_not_published() {
    for end in [v1::TerminationReason::Infeasible, v1::TerminationReason::NoSolution] {
        let server = server(&[]).await;
        let channel = server.channel().await;
        JobServiceClient::new(channel.clone()).create_match_job(create()).await.unwrap();
        finish_as(&*server.store, &claim(&*server.store).await, end).await;
        let mut client = PlanServiceClient::new(channel);
        let list = client.list_plans(v1::ListPlansRequest::default()).await.unwrap().into_inner();
        let plan = &list.plans[0];
        assert_eq!(plan.termination(), end);
        let publish = v1::PublishPlanRequest { name: plan.name.clone(), ..Default::default() };
        let status = client.publish_plan(publish).await.unwrap_err();
        let details = status.get_error_details();
        assert_eq!(details.error_info().unwrap().reason, "PLAN_STALE");
        assert!(status.message().contains("without a plan"), "{status:?}");
        let violation = &details.precondition_failure().unwrap().violations[0];
        assert_eq!(violation.subject, plan.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn plans_are_compared_and_exported() {
    let server = server(&[]).await;
    let channel = server.channel().await;
    let mut jobs = JobServiceClient::new(channel.clone());
    let mut client = PlanServiceClient::new(channel);
    let mut names = Vec::new();
    for (need, quantity) in [("n", 4), ("n", 6), ("=m", 1)] {
        jobs.create_match_job(create()).await.unwrap();
        let given = |need: &str, quantity| v1::Assignment {
            offer: "o".into(),
            unit: Some("u".into()),
            need: need.into(),
            place: Some("p".into()),
            quantity,
            ..Default::default()
        };
        let plan = v1::Plan {
            format: "concentric.plan/v1".into(),
            assignments: vec![given(need, quantity)],
            termination: Some(v1::Termination {
                reason: v1::TerminationReason::Optimal.into(),
                ..Default::default()
            }),
            ..Default::default()
        };
        let name = finish_with(&*server.store, &claim(&*server.store).await, plan).await;
        names.push(format!("tenants/default/plans/{name}"));
    }
    let ask = |before: usize, after: usize| v1::DiffPlansRequest {
        before: names[before].clone(),
        after: names[after].clone(),
    };
    let diff = client.diff_plans(ask(0, 1)).await.unwrap().into_inner().diff.unwrap();
    let changed = v1::AssignmentChange {
        offer: "o".into(),
        unit: Some("u".into()),
        need: "n".into(),
        place: Some("p".into()),
        before: 4,
        after: 6,
    };
    assert_eq!((diff.changed, diff.added, diff.dropped), (vec![changed], vec![], vec![]));
    let diff = client.diff_plans(ask(0, 2)).await.unwrap().into_inner().diff.unwrap();
    assert_eq!((diff.added.len(), diff.dropped.len(), diff.unchanged), (1, 1, 0));
    let mut gone = ask(0, 0);
    gone.after = "plans/gone".into();
    let (_, reason) = refused(client.diff_plans(gone).await);
    assert_eq!(reason, "RESOURCE_NOT_FOUND");

    let mut export =
        v1::ExportPlanRequest { name: names[2].clone(), format: v1::ExportFormat::Csv.into() };
    let file = client.export_plan(export.clone()).await.unwrap().into_inner();
    assert_eq!(
        String::from_utf8(file.content).unwrap(),
        "offer,unit,need,place,category,quantity,from,to,kept\no,u,'=m,p,,1,,,0\n"
    );
    assert!(file.file_name.ends_with(".csv") && file.media_type.starts_with("text/csv"));
    export.format = v1::ExportFormat::Json.into();
    let file = client.export_plan(export.clone()).await.unwrap().into_inner();
    let plan = concentric_matcher::io::read_plan(&file.content).unwrap();
    assert_eq!(plan.assignments[0].need, "=m");
    for (format, reason) in [(0, "FIELD_REQUIRED"), (9, "UNKNOWN_ENUM")] {
        export.format = format;
        assert_eq!(refused(client.export_plan(export.clone()).await).1, reason);
    }
}
