//! Calls of a client, and what refusals say.

use std::time::Duration;

use concentric_matcher::io::read_ledger;
use concentric_proto::v1;
use concentric_proto::v1::job_service_client::JobServiceClient;
use concentric_proto::v1::ledger_service_client::LedgerServiceClient;
use concentric_proto::v1::match_service_client::MatchServiceClient;
use concentric_proto::v1::plan_service_client::PlanServiceClient;
use concentric_server::wire::ledger_to_wire;
use tonic::Status;
use tonic::transport::Channel;
use tonic_types::StatusExt;

use crate::support::{LONG, Process, example};

/// Clients of one server.
#[derive(Clone)]
pub struct Clients {
    pub ledgers: LedgerServiceClient<Channel>,
    pub jobs: JobServiceClient<Channel>,
    pub plans: PlanServiceClient<Channel>,
    pub matching: MatchServiceClient<Channel>,
}

impl Clients {
    pub fn new(server: &Process) -> Clients {
        Clients::over(server.channel())
    }

    /// Clients on a channel.
    pub fn over(channel: Channel) -> Clients {
        let most = 64 << 20;
        Clients {
            ledgers: LedgerServiceClient::new(channel.clone()).max_decoding_message_size(most),
            jobs: JobServiceClient::new(channel.clone()),
            plans: PlanServiceClient::new(channel.clone()).max_decoding_message_size(most),
            matching: MatchServiceClient::new(channel).max_decoding_message_size(most),
        }
    }

    /// Makes a job of an example; its name.
    pub async fn job(&mut self, name: &str, limit: Duration) -> String {
        let request = v1::CreateMatchJobRequest {
            source: Some(v1::create_match_job_request::Source::LedgerJson(example(name))),
            options: Some(options(limit)),
            ..Default::default()
        };
        self.jobs.create_match_job(request).await.unwrap().into_inner().job.unwrap().name
    }

    pub async fn get_job(&mut self, name: &str) -> Result<v1::Job, Status> {
        let request = v1::GetJobRequest { name: name.to_owned() };
        Ok(self.jobs.get_job(request).await?.into_inner().job.unwrap())
    }

    /// Waits until a job is as wanted.
    pub async fn until(&mut self, name: &str, wanted: impl Fn(&v1::Job) -> bool) -> v1::Job {
        let end = std::time::Instant::now() + LONG;
        loop {
            let job = self.get_job(name).await.unwrap();
            if wanted(&job) {
                return job;
            }
            assert!(std::time::Instant::now() < end, "it does not get there: {job:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// A plan that is kept.
    pub async fn plan(&mut self, name: &str) -> v1::Plan {
        let request = v1::GetPlanRequest { name: name.to_owned(), head_only: false };
        self.plans.get_plan(request).await.unwrap().into_inner().plan.unwrap().plan.unwrap()
    }

    /// Holds that a plan is one of an example's ledger, and says of itself what is true.
    pub async fn check(&mut self, plan: &v1::Plan, name: &str) {
        let request = v1::VerifyPlanRequest {
            source: Some(v1::verify_plan_request::Source::LedgerJson(example(name))),
            scenario: String::new(),
            plan: Some(plan.clone()),
        };
        let verdict = self.matching.verify_plan(request).await.unwrap().into_inner();
        assert!(verdict.holds, "{}: {}", verdict.broken, verdict.detail);
    }

    /// The events of an ended job.
    pub async fn events(&mut self, name: &str) -> Vec<v1::JobEvent> {
        let request = v1::WatchJobRequest { name: name.to_owned(), after_sequence: 0 };
        let mut stream = self.jobs.watch_job(request).await.unwrap().into_inner();
        let mut events = Vec::new();
        while let Some(message) = stream.message().await.unwrap() {
            events.push(message.event.unwrap());
        }
        events
    }
}

/// Options with a time limit, and no reasons, which would cost time of their own.
pub fn options(limit: Duration) -> v1::Options {
    v1::Options {
        time_limit: prost_types::Duration::try_from(limit).ok(),
        explain: Some(false),
        ..Default::default()
    }
}

/// An example as a message.
pub fn message(name: &str) -> v1::Ledger {
    ledger_to_wire(&read_ledger(&example(name)).unwrap())
}

/// Whether a state is a last one.
pub fn ended(job: &v1::Job) -> bool {
    is_last(job.state())
}

/// Whether nothing follows a state.
pub fn is_last(state: v1::JobState) -> bool {
    use v1::JobState::{Cancelled, Failed, Succeeded};
    matches!(state, Succeeded | Failed | Cancelled)
}

/// The reason of a refusal; empty: it is not a word of the server.
pub fn reason(status: &Status) -> String {
    status.get_error_details().error_info().map(|info| info.reason.clone()).unwrap_or_default()
}

/// One fact of a refusal.
pub fn fact(status: &Status, key: &str) -> Option<String> {
    let details = status.get_error_details();
    details.error_info().and_then(|info| info.metadata.get(key).cloned())
}
