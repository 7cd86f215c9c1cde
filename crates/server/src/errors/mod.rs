//! What a failed call says: code, reason, details, in English and Chinese.
//!
//! In: refusals of the engine, the store and the service itself. Out: a `tonic::Status` with
//! `google.rpc` details. Must not know a method. Rejected: `Status::internal(error)` at the
//! place of the fault; every refusal goes through [`Refusal`], so that none lacks its reason.

mod reasons;
mod refusal;

pub use reasons::Reason;
pub use refusal::{DOMAIN, MOST_VIOLATIONS, Refusal};

use std::time::Duration;

use concentric_matcher::{Error, Issue};

use crate::store::StoreError;

/// A stored id that is none, or another tenant's.
pub fn denied() -> Refusal {
    Refusal::new(Reason::AccessDenied)
}

/// The server shuts down.
pub fn draining() -> Refusal {
    Refusal::new(Reason::Draining).with_retry(Duration::from_secs(1))
}

/// One field of the request is wrong.
pub fn field(reason: Reason, path: &str, what: impl Into<String>) -> Refusal {
    Refusal::new(reason).with_violation(path, reason.as_str(), what)
}

/// Violations of a ledger or a plan that stands in the field `prefix` of the request.
///
/// The paths are those of the ledger itself, the same as everywhere else.
pub fn issues(issues: &[Issue]) -> Refusal {
    Refusal::of_issues(issues)
}

/// What the engine refused.
pub fn engine(error: Error) -> Refusal {
    match error {
        Error::Invalid(found) => issues(&found),
        Error::Lost(why) => {
            let refusal = Refusal::new(Reason::SolverCrashed).with_incident();
            tracing::error!(incident = refusal.incident(), error = %why, "solver");
            refusal
        }
        // Whoever waited has left, or has been told this already.
        Error::Abandoned => Refusal::new(Reason::CallDeadline),
        other => {
            let refusal = Refusal::new(Reason::PlanFailedVerification).with_incident();
            tracing::error!(incident = refusal.incident(), error = %other, "engine");
            refusal
        }
    }
}

/// What the store refused.
pub fn store(error: StoreError) -> Refusal {
    match error {
        StoreError::Missing => Refusal::new(Reason::ResourceNotFound),
        StoreError::Exists => Refusal::new(Reason::ResourceExists),
        StoreError::Etag(now) => {
            Refusal::new(Reason::EtagMismatch).with("current_etag", now.as_str())
        }
        StoreError::Reused(at) => {
            Refusal::new(Reason::RequestIdReused).with("first_seen", at.to_string())
        }
        StoreError::TooManyJobs(count) => Refusal::new(Reason::TenantJobs)
            .with("unfinished", count.to_string())
            .with_quota("unfinished jobs of the tenant", format!("{count} have not ended"))
            .with_retry(Duration::from_secs(5)),
        StoreError::Ended(state) => Refusal::new(Reason::JobNotCancellable).with("state", state),
        StoreError::Stale(why) => Refusal::new(Reason::PlanStale).with("why", why),
        StoreError::Corrupt(what) => {
            let refusal = Refusal::new(Reason::ChecksumMismatch).with_incident();
            tracing::error!(incident = refusal.incident(), blob = %what, "checksum");
            refusal
        }
        StoreError::Full => Refusal::new(Reason::StorageFull),
        StoreError::Down(why) => {
            tracing::error!(error = %why, "store");
            Refusal::new(Reason::StoreUnavailable).with_retry(Duration::from_secs(1))
        }
    }
}
