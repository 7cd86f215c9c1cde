//! `JobService`: long solves as records of the store.
//!
//! In: requests for solves. Out: jobs, and what happens to them. Must not solve: the runner
//! takes jobs from the store, here or on another machine.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use concentric_proto::v1;
use concentric_proto::v1::job_service_server::JobService;
use prost::Message;
use tokio::time::Instant;
use tokio_stream::Stream;
use tonic::{Request, Response, Status};

use super::source::{find, given};
use super::watching;
use super::{
    Context, answer, caller, change, convert, filter, names, new_id, options, refused, solving,
};
use crate::errors::{Reason, field, issues, store};
use crate::spans;
use crate::store::{Blob, JobRow, JobState, NewJob};
use crate::wire::ledger_to_wire;

/// Longest wait of one call.
const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// The service.
pub struct Jobs(pub Arc<Context>);

#[tonic::async_trait]
impl JobService for Jobs {
    async fn create_match_job(
        &self,
        request: Request<v1::CreateMatchJobRequest>,
    ) -> Result<Response<v1::CreateMatchJobResponse>, Status> {
        let context = &self.0;
        let (who, deadline) = (caller(&request)?, super::deadline(&request));
        let mut message = request.into_inner();
        names::parent(&message.parent, &who)?;
        let request_id = std::mem::take(&mut message.request_id);
        let dry = message.validate_only;
        let change = change(&who, "JobService/CreateMatchJob", &request_id, &message, dry);
        // What was done is done, whatever has become of the ledger. What is wrong with the id
        // is told in its turn.
        if let Ok(change) = &change
            && let Ok(Some(row)) = context.store.job_before(change).await
        {
            let job = convert::job(&who.tenant, &row);
            return Ok(answer(v1::CreateMatchJobResponse { job: Some(job) }, true));
        }
        // Whether the caller may see the ledger comes before what else is wrong.
        let given = given!(message.source, v1::create_match_job_request::Source);
        let (source, head) = find(context, &who, given).await?;
        let change = change?;
        let most = context.config.job_time_limit;
        let taken = options::read(message.options, &context.config, most)?;
        let (bounds, named) = (context.config.bounds(), message.scenario.clone());
        let prepare = move || {
            source.clone().check(&named, &bounds)?;
            source.read(&bounds).map(|ledger| Blob::new(ledger_to_wire(&ledger).encode_to_vec()))
        };
        let blob = solving::aside(context, &who.tenant, deadline, prepare).await?;
        let new = NewJob {
            id: new_id()?,
            blob: blob.map_err(|found| issues(&found))?,
            ledger: head.map(|head| format!("{}/{}", head.id, head.version)).unwrap_or_default(),
            scenario: message.scenario,
            options: taken.wire.encode_to_vec(),
            most: context.config.tenant_jobs,
        };
        let made = context.store.create_job(&change, &new).await.map_err(store)?;
        let (row, replayed) = made.split();
        context.wake.notify_one();
        spans::of_job(&row.id);
        let mut job = convert::job(&who.tenant, &row);
        if dry {
            job.name.clear();
        }
        Ok(answer(v1::CreateMatchJobResponse { job: Some(job) }, replayed))
    }

    async fn get_job(
        &self,
        request: Request<v1::GetJobRequest>,
    ) -> Result<Response<v1::GetJobResponse>, Status> {
        let who = caller(&request)?;
        let id = names::job(&request.into_inner().name, &who)?;
        let row =
            self.0.store.job(&who.tenant, &id).await.map_err(refused(&who.tenant, "jobs", &id))?;
        Ok(Response::new(v1::GetJobResponse { job: Some(convert::job(&who.tenant, &row)) }))
    }

    async fn list_jobs(
        &self,
        request: Request<v1::ListJobsRequest>,
    ) -> Result<Response<v1::ListJobsResponse>, Status> {
        let who = caller(&request)?;
        let message = request.into_inner();
        names::parent(&message.parent, &who)?;
        let listing = format!("jobs/{}/{}", who.tenant, message.filter);
        let pages = &self.0.pages;
        let mut page = pages.open(&listing, message.page_size, &message.page_token)?;
        let values = filter::read(&message.filter, &["state", "request_id"])?;
        [page.first, page.second] = values.try_into().unwrap_or_default();
        if !page.first.is_empty() && JobState::from_word(&page.first).is_none() {
            let what = "state is QUEUED, RUNNING, SUCCEEDED, FAILED or CANCELLED";
            return Err(field(Reason::UnknownEnum, "filter", what).into());
        }
        let mut rows = self.0.store.list_jobs(&who.tenant, &page).await.map_err(store)?;
        let next_page_token =
            pages.close(&listing, &page, &mut rows, |row| (row.created, row.id.clone()));
        let jobs = rows.iter().map(|row| convert::job(&who.tenant, row)).collect();
        Ok(Response::new(v1::ListJobsResponse { jobs, next_page_token }))
    }

    async fn cancel_job(
        &self,
        request: Request<v1::CancelJobRequest>,
    ) -> Result<Response<v1::CancelJobResponse>, Status> {
        let who = caller(&request)?;
        let message = request.into_inner();
        let id = names::job(&message.name, &who)?;
        let change = change(&who, "JobService/CancelJob", "", &message, false)?;
        let refused = refused(&who.tenant, "jobs", &id);
        let row = self.0.store.cancel_job(&change, &id).await.map_err(refused)?;
        Ok(Response::new(v1::CancelJobResponse { job: Some(convert::job(&who.tenant, &row)) }))
    }

    async fn wait_job(
        &self,
        request: Request<v1::WaitJobRequest>,
    ) -> Result<Response<v1::WaitJobResponse>, Status> {
        let (who, deadline) = (caller(&request)?, super::deadline(&request));
        let message = request.into_inner();
        let id = names::job(&message.name, &who)?;
        let asked = match message.timeout.map(Duration::try_from) {
            None => LONGEST_WAIT,
            Some(Ok(time)) => time.min(LONGEST_WAIT),
            Some(Err(_)) => {
                return Err(field(Reason::ValueOutOfRange, "timeout", "must be 0 or more").into());
            }
        };
        let mut until = Instant::now() + asked;
        if let Some(at) = deadline {
            // Shortly before the caller gives up.
            until = until.min(at - at.saturating_duration_since(Instant::now()) / 10);
        }
        let row: JobRow = watching::wait(&self.0, &who.tenant, &id, until).await?;
        Ok(Response::new(v1::WaitJobResponse { job: Some(convert::job(&who.tenant, &row)) }))
    }

    type WatchJobStream = Pin<Box<dyn Stream<Item = Result<v1::WatchJobResponse, Status>> + Send>>;

    async fn watch_job(
        &self,
        request: Request<v1::WatchJobRequest>,
    ) -> Result<Response<Self::WatchJobStream>, Status> {
        let (who, deadline) = (caller(&request)?, super::deadline(&request));
        let message = request.into_inner();
        let id = names::job(&message.name, &who)?;
        if message.after_sequence < 0 {
            let what = "must be 0 or more";
            return Err(field(Reason::ValueOutOfRange, "after_sequence", what).into());
        }
        // Unknown jobs are refused at once, not in the stream.
        self.0.store.job(&who.tenant, &id).await.map_err(refused(&who.tenant, "jobs", &id))?;
        let from = message.after_sequence;
        let stream = watching::watch(self.0.clone(), who.tenant, id, from, deadline);
        Ok(Response::new(Box::pin(stream)))
    }
}
