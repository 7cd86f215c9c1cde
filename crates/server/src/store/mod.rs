//! What must outlive the process: ledgers, jobs, plans, request ids, an audit trail.
//!
//! In: changes. Out: records, after they are on disk. Must not know the wire or the engine.
//! One trait; the same statements run on SQLite (the embedded default) and on PostgreSQL:
//! `sql` is compiled once for each, with the few words that differ. Rejected: sqlx's `Any`
//! (no bytes and no types of its own), an ORM (thirty statements), a queue crate (job, plan,
//! request id and event must commit together).

mod postgres;
mod schema;
mod sqlite;
mod types;

pub use types::*;

use std::sync::Arc;

/// Why the store did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No such record in this tenant.
    #[error("no such record")]
    Missing,
    /// The id is taken.
    #[error("the id is taken")]
    Exists,
    /// The record changed; its etag now.
    #[error("the etag is now {0}")]
    Etag(String),
    /// The request id came with another content; when it first came.
    #[error("the request id was used at {0}")]
    Reused(i64),
    /// The tenant has as many unfinished jobs as it may have.
    #[error("{0} unfinished jobs")]
    TooManyJobs(i64),
    /// The job has ended.
    #[error("the job has ended as {0}")]
    Ended(&'static str),
    /// A newer version of the ledger, or a state from which there is no way.
    #[error("{0}")]
    Stale(&'static str),
    /// Bytes do not have their checksum.
    #[error("bytes {0} do not have their checksum")]
    Corrupt(String),
    /// No room on the disk.
    #[error("no room in the store")]
    Full,
    /// The database does not answer, or not as it should.
    #[error("store: {0}")]
    Down(String),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(|e| e.code()).unwrap_or_default();
        // SQLITE_FULL, SQLITE_IOERR_SHMSIZE (no room for the index of the log), and
        // PostgreSQL's disk_full.
        if ["13", "4874", "53100"].contains(&code.as_ref()) {
            return StoreError::Full;
        }
        StoreError::Down(error.to_string())
    }
}

/// The store. Every method is one transaction; what it returns is on disk.
#[tonic::async_trait]
pub trait Store: Send + Sync {
    /// Stores a version of a ledger.
    async fn put_ledger(
        &self,
        change: &Change,
        new: &NewVersion,
    ) -> Result<Outcome<LedgerHead>, StoreError>;
    /// Reads the head of a version; none: the newest.
    async fn ledger_head(
        &self,
        tenant: &str,
        id: &str,
        version: Option<i64>,
    ) -> Result<LedgerHead, StoreError>;
    /// Lists newest versions, ascending by id; filter: digest.
    async fn list_ledgers(&self, tenant: &str, page: &Page) -> Result<Vec<LedgerHead>, StoreError>;
    /// Lists versions, newest first; the page's time is the last version seen.
    async fn list_versions(
        &self,
        tenant: &str,
        id: &str,
        page: &Page,
    ) -> Result<Vec<LedgerHead>, StoreError>;
    /// Removes a ledger with its versions.
    async fn delete_ledger(
        &self,
        change: &Change,
        id: &str,
        etag: Option<&str>,
    ) -> Result<Outcome<()>, StoreError>;
    /// Reads bytes and checks their sum.
    async fn blob(&self, tenant: &str, sha: &str) -> Result<Vec<u8>, StoreError>;

    /// Makes a job.
    async fn create_job(
        &self,
        change: &Change,
        new: &NewJob,
    ) -> Result<Outcome<JobRow>, StoreError>;
    /// The job that a request id made before, if it did.
    async fn job_before(&self, change: &Change) -> Result<Option<JobRow>, StoreError>;
    /// Reads a job.
    async fn job(&self, tenant: &str, id: &str) -> Result<JobRow, StoreError>;
    /// Lists jobs, newest first; filters: state, request id.
    async fn list_jobs(&self, tenant: &str, page: &Page) -> Result<Vec<JobRow>, StoreError>;
    /// Asks to cancel; in the queue that is the end.
    async fn cancel_job(&self, change: &Change, id: &str) -> Result<JobRow, StoreError>;
    /// Events after a sequence number, ascending, at most `limit`.
    async fn events(
        &self,
        tenant: &str,
        job: &str,
        after: i64,
        limit: i64,
    ) -> Result<Vec<EventRow>, StoreError>;

    /// Takes the next job, of the tenant with the fewest running ones, for `lease` ms.
    /// Jobs whose lease ran out come again, after `attempts` begins they fail.
    async fn claim(
        &self,
        owner: &str,
        lease: i64,
        attempts: i64,
    ) -> Result<Option<Claimed>, StoreError>;
    /// Renews a lease, and tells of progress.
    async fn beat(
        &self,
        job: &Claimed,
        lease: i64,
        progress: Option<Vec<u8>>,
    ) -> Result<Beat, StoreError>;
    /// Ends a job, with its plan; false: the lease was lost, and nothing was written.
    async fn finish(&self, job: &Claimed, finish: &Finish) -> Result<bool, StoreError>;
    /// Gives a job back to the queue as if it had not been begun.
    async fn release(&self, job: &Claimed) -> Result<(), StoreError>;

    /// Reads the head of a plan.
    async fn plan(&self, tenant: &str, id: &str) -> Result<PlanHead, StoreError>;
    /// Lists plans, newest first; filters: state, digest.
    async fn list_plans(&self, tenant: &str, page: &Page) -> Result<Vec<PlanHead>, StoreError>;
    /// Publishes or withdraws.
    async fn set_plan_state(
        &self,
        change: &Change,
        id: &str,
        etag: Option<&str>,
        to: PlanState,
    ) -> Result<PlanHead, StoreError>;

    /// Whether the store takes writes.
    async fn ready(&self) -> Result<(), StoreError>;
    /// Jobs by state.
    async fn job_counts(&self) -> Result<Vec<(String, i64)>, StoreError>;
    /// Removes what is kept for a time only: request ids after `idem` ms, ended jobs with
    /// their events after `jobs` ms.
    async fn sweep(&self, idem: i64, jobs: i64) -> Result<(), StoreError>;
    /// Writes what is pending and lets go.
    async fn close(&self);
}

/// Opens the store of a URL: `sqlite:PATH` or `postgres://...`; creates what is missing.
///
/// # Errors
/// A sentence for the operator.
pub async fn open(url: &str) -> Result<Arc<dyn Store>, StoreError> {
    if let Some(path) = url.strip_prefix("sqlite:") {
        return Ok(Arc::new(sqlite::open(path).await?));
    }
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Ok(Arc::new(postgres::open(url).await?));
    }
    Err(StoreError::Down("a store is sqlite:PATH or postgres://...".to_owned()))
}
