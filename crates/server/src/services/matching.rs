//! `MatchService`: plans on the spot; nothing is stored.
//!
//! In: ledgers and plans, as bytes: they are read where they are worked on, so that the threads
//! of the network do not, and records go away where they were made. Out: plans, verdicts,
//! violations.

use std::pin::Pin;
use std::sync::Arc;

use concentric_matcher::{Engine, Options};
use concentric_proto::sealed;
use concentric_proto::sealed::match_service_server::MatchService;
use tokio::sync::mpsc;
use tokio_stream::{Stream, StreamExt, wrappers::ReceiverStream};
use tonic::{Request, Response, Status};
use tracing::Instrument;

use super::solving::{Solve, aside, solve};
use super::source::{asked, given};
use super::{Context, caller, deadline, options};
use crate::errors::{Reason, draining, engine, field, issues};
use crate::wire::{
    issues_to_wire, levels_to_wire, plan_of_request, progress_to_wire, reason_to_wire,
};

/// Progress messages that may wait for a slow reader; further ones are left out.
const PROGRESS: usize = 64;

/// The service.
pub struct Matching(pub Arc<Context>);

#[tonic::async_trait]
impl MatchService for Matching {
    async fn r#match(
        &self,
        request: Request<sealed::MatchRequest>,
    ) -> Result<Response<sealed::MatchResponse>, Status> {
        let context = &self.0;
        let (who, deadline) = (caller(&request)?, deadline(&request));
        let message = request.into_inner();
        // Whether the caller may see the ledger comes before what else is wrong.
        let given = given!(message.source, sealed::match_request::Source);
        let source = asked(context, &who, given, &message.scenario).await?;
        let most = context.config.match_time_limit;
        let taken = options::read(message.options, &context.config, most)?;
        if message.validate_only {
            let (bounds, scenario) = (context.config.bounds(), message.scenario);
            let check = move || source.check(&scenario, &bounds).map(drop);
            let checked = aside(context, &who.tenant, deadline, check).await?;
            checked.map_err(|found| issues(&found))?;
            return Ok(Response::new(sealed::MatchResponse::default()));
        }
        let task = Solve {
            source,
            scenario: message.scenario,
            options: taken.engine,
            deadline,
            progress: None,
        };
        Ok(Response::new(solve(context, &who.tenant, task).await?))
    }

    type StreamMatchStream =
        Pin<Box<dyn Stream<Item = Result<sealed::StreamMatchResponse, Status>> + Send>>;

    async fn stream_match(
        &self,
        request: Request<sealed::StreamMatchRequest>,
    ) -> Result<Response<Self::StreamMatchStream>, Status> {
        let context = self.0.clone();
        let (who, deadline) = (caller(&request)?, deadline(&request));
        let message = request.into_inner();
        // Whether the caller may see the ledger comes before what else is wrong.
        let given = given!(message.source, sealed::stream_match_request::Source);
        let source = asked(&context, &who, given, &message.scenario).await?;
        let most = context.config.match_time_limit;
        let taken = options::read(message.options, &context.config, most)?;
        let (steps, heard) = mpsc::channel(PROGRESS);
        let (end, ended) = mpsc::channel(1);
        let progress: concentric_matcher::control::ProgressSink =
            Arc::new(move |event: &concentric_matcher::control::ProgressEvent| {
                // A reader that does not keep up misses steps; the solver never waits.
                let _ = steps.try_send(Ok(step(event)));
            });
        let task = Solve {
            source,
            scenario: message.scenario,
            options: taken.engine,
            deadline,
            progress: Some(progress),
        };
        let follow = async move {
            let result = tokio::select! {
                // The reader went away: dropping the solve stops it.
                () = end.closed() => return,
                () = context.last_call() => Err(draining()),
                result = solve(&context, &who.tenant, task) => result,
            };
            let last = result
                .map(|answer| message_of(sealed::stream_match_response::Kind::Result(answer)))
                .map_err(Status::from);
            let _ = end.send(last).await;
        };
        tokio::spawn(follow.in_current_span());
        // The steps end when the solve has let go of its sink.
        let stream = ReceiverStream::new(heard).chain(ReceiverStream::new(ended));
        Ok(Response::new(Box::pin(stream)))
    }

    async fn validate(
        &self,
        request: Request<sealed::ValidateRequest>,
    ) -> Result<Response<sealed::ValidateResponse>, Status> {
        let context = &self.0;
        let (who, deadline) = (caller(&request)?, deadline(&request));
        let message = request.into_inner();
        let given = given!(message.source, sealed::validate_request::Source);
        let source = asked(context, &who, given, &message.scenario).await?;
        let (bounds, scenario) = (context.config.bounds(), message.scenario);
        let check = move || match source.check(&scenario, &bounds) {
            Ok(valid) => sealed::ValidateResponse {
                issues: Vec::new(),
                notices: issues_to_wire(valid.notices()),
                ledger_digest: valid.digest(),
                policy_digest: valid.policy_digest(),
            },
            Err(found) => {
                sealed::ValidateResponse { issues: issues_to_wire(&found), ..Default::default() }
            }
        };
        let answer = aside(context, &who.tenant, deadline, check).await?;
        Ok(Response::new(answer))
    }

    async fn verify_plan(
        &self,
        request: Request<sealed::VerifyPlanRequest>,
    ) -> Result<Response<sealed::VerifyPlanResponse>, Status> {
        let context = &self.0;
        let (who, deadline) = (caller(&request)?, deadline(&request));
        let message = request.into_inner();
        let given = given!(message.source, sealed::verify_plan_request::Source);
        let source = asked(context, &who, given, &message.scenario).await?;
        let plan = message.plan;
        if plan.is_empty() {
            return Err(field(Reason::FieldRequired, "plan", "a plan must be given").into());
        }
        let (bounds, scenario) = (context.config.bounds(), message.scenario);
        let judge =
            Engine::new(Options { max_arcs: context.config.max_arcs, ..Options::default() });
        let check = move || {
            let plan = plan_of_request(&plan).map_err(|found| issues(&found))?;
            let valid = source.check(&scenario, &bounds).map_err(|found| issues(&found))?;
            judge.verify(&valid, &plan).map_err(engine)
        };
        let verdict = aside(context, &who.tenant, deadline, check).await?;
        Ok(Response::new(match verdict? {
            Ok(verdict) => sealed::VerifyPlanResponse {
                holds: true,
                reason: reason_to_wire(verdict.reason),
                levels: levels_to_wire(verdict.levels),
                ..Default::default()
            },
            Err(violation) => sealed::VerifyPlanResponse {
                holds: false,
                broken: violation.row,
                detail: violation.detail,
                ..Default::default()
            },
        }))
    }
}

fn message_of(kind: sealed::stream_match_response::Kind) -> sealed::StreamMatchResponse {
    sealed::StreamMatchResponse { kind: Some(kind) }
}

fn step(event: &concentric_matcher::control::ProgressEvent) -> sealed::StreamMatchResponse {
    message_of(sealed::stream_match_response::Kind::Progress(progress_to_wire(event)))
}
