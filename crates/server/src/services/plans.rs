//! `PlanService`: what jobs made, and which of it is public.
//!
//! In: names of plans. Out: plans, their heads with a new state, what differs, files.

use std::sync::Arc;

use concentric_matcher::Issue;
use concentric_matcher::io::{disarmed, write_plan};
use concentric_matcher::plan::{Plan, PlanDiff};
use concentric_proto::v1;
use concentric_proto::v1::plan_service_server::PlanService;
use prost::Message;
use tokio::time::Instant;
use tonic::{Request, Response, Status};

use super::ledgers::etag_form;
use super::{Context, caller, change, convert, deadline, filter, names, refused, solving};
use crate::auth::Identity;
use crate::errors::{Reason, Refusal, field, store};
use crate::store::{PlanHead, PlanState, StoreError};
use crate::wire::{diff_to_wire, plan_from_wire};

/// Whether a solve that ended so made a plan.
fn has_assignments(end: v1::TerminationReason) -> bool {
    use v1::TerminationReason::{Infeasible, NoSolution, Unspecified};
    !matches!(end, Infeasible | NoSolution | Unspecified)
}

/// The service.
pub struct Plans(pub Arc<Context>);

/// Columns of an exported plan.
const COLUMNS: [&str; 9] =
    ["offer", "unit", "need", "place", "category", "quantity", "from", "to", "kept"];

/// The assignments of a plan as lines of a spreadsheet.
fn assignments_csv(plan: &Plan) -> Vec<u8> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    let text = |value: &Option<String>| disarmed(value.as_deref().unwrap_or_default());
    // Memory takes every line, and all have as many columns.
    let _ = csv.write_record(COLUMNS);
    for a in &plan.assignments {
        let _ = csv.write_record([
            disarmed(&a.offer),
            text(&a.unit),
            disarmed(&a.need),
            text(&a.place),
            text(&a.category),
            a.quantity.to_string(),
            text(&a.from),
            text(&a.to),
            a.kept.to_string(),
        ]);
    }
    csv.into_inner().unwrap_or_default()
}

impl Plans {
    async fn head(&self, who: &Identity, id: &str) -> Result<PlanHead, Refusal> {
        let refused = refused(&who.tenant, "plans", id);
        self.0.store.plan(&who.tenant, id).await.map_err(refused)
    }

    /// A plan with its content.
    async fn content(&self, who: &Identity, id: &str) -> Result<(PlanHead, v1::Plan), Refusal> {
        let head = self.head(who, id).await?;
        let bytes = self.0.store.blob(&who.tenant, &head.blob).await.map_err(store)?;
        let content = v1::Plan::decode(bytes.as_slice())
            .map_err(|_| store(StoreError::Corrupt(head.blob.clone())))?;
        Ok((head, content))
    }

    /// Work on stored plans, off the threads that serve the network.
    async fn work<T: Send + 'static>(
        &self,
        who: &Identity,
        deadline: Option<Instant>,
        work: impl FnOnce() -> Result<T, Vec<Issue>> + Send + 'static,
    ) -> Result<T, Refusal> {
        let done = solving::aside(&self.0, &who.tenant, deadline, work).await?;
        // What this server stored and cannot read is not the caller's fault.
        done.map_err(|_| store(StoreError::Corrupt("a stored plan".to_owned())))
    }

    async fn move_to(
        &self,
        who: &Identity,
        method: &'static str,
        (name, etag, dry): (&str, &str, bool),
        message: &impl Message,
        to: PlanState,
    ) -> Result<v1::StoredPlan, Status> {
        let id = names::plan(name, who, "name")?;
        let etag = Some(etag).filter(|etag| !etag.is_empty());
        etag.map(etag_form).transpose()?;
        let change = change(who, method, "", message, dry)?;
        let refused = refused(&who.tenant, "plans", &id);
        if to == PlanState::Published {
            // Why a solve ended never changes, so this may be looked at beforehand.
            let now = self.head(who, &id).await?;
            if !has_assignments(convert::plan(&who.tenant, &now).termination()) {
                let why = "its solve ended without a plan that could be carried out";
                return Err(refused(StoreError::Stale(why)).into());
            }
        }
        let head = self.0.store.set_plan_state(&change, &id, etag, to).await.map_err(refused)?;
        Ok(convert::plan(&who.tenant, &head))
    }
}

#[tonic::async_trait]
impl PlanService for Plans {
    async fn get_plan(
        &self,
        request: Request<v1::GetPlanRequest>,
    ) -> Result<Response<v1::GetPlanResponse>, Status> {
        let who = caller(&request)?;
        let message = request.into_inner();
        let id = names::plan(&message.name, &who, "name")?;
        let plan = if message.head_only {
            convert::plan(&who.tenant, &self.head(&who, &id).await?)
        } else {
            let (head, content) = self.content(&who, &id).await?;
            v1::StoredPlan { plan: Some(content), ..convert::plan(&who.tenant, &head) }
        };
        Ok(Response::new(v1::GetPlanResponse { plan: Some(plan) }))
    }

    async fn diff_plans(
        &self,
        request: Request<v1::DiffPlansRequest>,
    ) -> Result<Response<v1::DiffPlansResponse>, Status> {
        let (who, deadline) = (caller(&request)?, deadline(&request));
        let message = request.into_inner();
        let ids = (
            names::plan(&message.before, &who, "before")?,
            names::plan(&message.after, &who, "after")?,
        );
        let before = self.content(&who, &ids.0).await?.1;
        let after = self.content(&who, &ids.1).await?.1;
        let work = move || {
            let (before, after) = (plan_from_wire(before)?, plan_from_wire(after)?);
            Ok(diff_to_wire(PlanDiff::between(&before, &after)))
        };
        let diff = self.work(&who, deadline, work).await?;
        Ok(Response::new(v1::DiffPlansResponse { diff: Some(diff) }))
    }

    async fn export_plan(
        &self,
        request: Request<v1::ExportPlanRequest>,
    ) -> Result<Response<v1::ExportPlanResponse>, Status> {
        let (who, deadline) = (caller(&request)?, deadline(&request));
        let message = request.into_inner();
        let id = names::plan(&message.name, &who, "name")?;
        let (ending, media_type) = match message.format() {
            v1::ExportFormat::Json => ("json", "application/json"),
            v1::ExportFormat::Csv => ("csv", "text/csv; charset=utf-8"),
            v1::ExportFormat::Unspecified => {
                let reason = match message.format {
                    0 => Reason::FieldRequired,
                    _ => Reason::UnknownEnum,
                };
                return Err(field(reason, "format", "is JSON or CSV").into());
            }
        };
        let plan = self.content(&who, &id).await?.1;
        let work = move || {
            let plan = plan_from_wire(plan)?;
            Ok(match ending {
                "json" => write_plan(&plan).into_bytes(),
                _ => assignments_csv(&plan),
            })
        };
        Ok(Response::new(v1::ExportPlanResponse {
            content: self.work(&who, deadline, work).await?,
            media_type: media_type.to_owned(),
            file_name: format!("{id}.{ending}"),
        }))
    }

    async fn list_plans(
        &self,
        request: Request<v1::ListPlansRequest>,
    ) -> Result<Response<v1::ListPlansResponse>, Status> {
        let who = caller(&request)?;
        let message = request.into_inner();
        names::parent(&message.parent, &who)?;
        let listing = format!("plans/{}/{}", who.tenant, message.filter);
        let pages = &self.0.pages;
        let mut page = pages.open(&listing, message.page_size, &message.page_token)?;
        let values = filter::read(&message.filter, &["state", "ledger_digest"])?;
        [page.first, page.second] = values.try_into().unwrap_or_default();
        if !page.first.is_empty() && PlanState::from_word(&page.first).is_none() {
            let what = "state is DRAFT, PUBLISHED or WITHDRAWN";
            return Err(field(Reason::UnknownEnum, "filter", what).into());
        }
        let mut heads = self.0.store.list_plans(&who.tenant, &page).await.map_err(store)?;
        let next_page_token =
            pages.close(&listing, &page, &mut heads, |head| (head.created, head.id.clone()));
        let plans = heads.iter().map(|head| convert::plan(&who.tenant, head)).collect();
        Ok(Response::new(v1::ListPlansResponse { plans, next_page_token }))
    }

    async fn publish_plan(
        &self,
        request: Request<v1::PublishPlanRequest>,
    ) -> Result<Response<v1::PublishPlanResponse>, Status> {
        let who = caller(&request)?;
        let message = request.into_inner();
        let what = (message.name.as_str(), message.etag.as_str(), message.validate_only);
        let method = "PlanService/PublishPlan";
        let plan = self.move_to(&who, method, what, &message, PlanState::Published).await?;
        Ok(Response::new(v1::PublishPlanResponse { plan: Some(plan) }))
    }

    async fn withdraw_plan(
        &self,
        request: Request<v1::WithdrawPlanRequest>,
    ) -> Result<Response<v1::WithdrawPlanResponse>, Status> {
        let who = caller(&request)?;
        let message = request.into_inner();
        let what = (message.name.as_str(), message.etag.as_str(), message.validate_only);
        let method = "PlanService/WithdrawPlan";
        let plan = self.move_to(&who, method, what, &message, PlanState::Withdrawn).await?;
        Ok(Response::new(v1::WithdrawPlanResponse { plan: Some(plan) }))
    }
}
