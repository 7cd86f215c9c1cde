//! `PlanService`: what jobs made, and which of it is public.
//!
//! In: names of plans. Out: plans, or their heads with a new state.

use std::sync::Arc;

use concentric_proto::v1;
use concentric_proto::v1::plan_service_server::PlanService;
use prost::Message;
use tonic::{Request, Response, Status};

use super::ledgers::etag_form;
use super::{Context, caller, change, convert, filter, names};
use crate::auth::Identity;
use crate::errors::{Reason, field, store};
use crate::store::{PlanState, StoreError};

/// The service.
pub struct Plans(pub Arc<Context>);

impl Plans {
    async fn move_to(
        &self,
        who: &Identity,
        method: &'static str,
        (name, etag, dry): (&str, &str, bool),
        message: &impl Message,
        to: PlanState,
    ) -> Result<v1::StoredPlan, Status> {
        let id = names::plan(name, who)?;
        let etag = Some(etag).filter(|etag| !etag.is_empty());
        etag.map(etag_form).transpose()?;
        let change = change(who, method, "", message, dry)?;
        let head = self.0.store.set_plan_state(&change, &id, etag, to).await.map_err(store)?;
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
        let id = names::plan(&message.name, &who)?;
        let head = self.0.store.plan(&who.tenant, &id).await.map_err(store)?;
        let mut plan = convert::plan(&who.tenant, &head);
        if !message.head_only {
            let bytes = self.0.store.blob(&who.tenant, &head.blob).await.map_err(store)?;
            let content = v1::Plan::decode(bytes.as_slice())
                .map_err(|_| store(StoreError::Corrupt(head.blob.clone())))?;
            plan.plan = Some(content);
        }
        Ok(Response::new(v1::GetPlanResponse { plan: Some(plan) }))
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
