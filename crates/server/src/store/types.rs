//! What the store keeps, as plain values.
//!
//! In: nothing. Out: records and requests of the [`Store`](super::Store). Must not know
//! SQL or the wire. Times are milliseconds since 1970 by the clock of the database.

use serde::{Deserialize, Serialize};

/// Who changes something, and under which request id.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// The tenant.
    pub tenant: String,
    /// Name of the token, for the audit trail.
    pub subject: String,
    /// Method, `LedgerService/CreateLedger`.
    pub method: &'static str,
    /// Request id; empty: none.
    pub request_id: String,
    /// SHA-256 of the request without its request id, in hex.
    pub payload: String,
    /// Do everything and roll it back.
    pub dry: bool,
}

/// The answer to a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome<T> {
    /// It was done now.
    Done(T),
    /// It was done before under the same request id.
    Replayed(T),
}

impl<T> Outcome<T> {
    /// The answer, and whether it is an old one.
    pub fn split(self) -> (T, bool) {
        match self {
            Outcome::Done(value) => (value, false),
            Outcome::Replayed(value) => (value, true),
        }
    }
}

/// Bytes under their SHA-256.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// SHA-256 in hex.
    pub sha: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

impl Blob {
    /// Bytes with their sum.
    pub fn new(bytes: Vec<u8>) -> Self {
        Blob { sha: crate::hex::sha256(&bytes), bytes }
    }
}

/// A version to store.
#[derive(Clone, Debug)]
pub struct NewVersion {
    /// Id of the ledger.
    pub id: String,
    /// Etag that must be the newest; none: the ledger must not exist.
    pub etag: Option<String>,
    /// Canonical digest.
    pub digest: String,
    /// The message `concentric.v1.Ledger`.
    pub blob: Blob,
    /// Units, offers, needs.
    pub counts: [i64; 3],
}

/// Head of a stored version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerHead {
    /// Id of the ledger.
    pub id: String,
    /// From 1.
    pub version: i64,
    /// Canonical digest.
    pub digest: String,
    /// SHA-256 of the content.
    pub blob: String,
    /// When it was stored.
    pub created: i64,
    /// Units, offers, needs.
    pub counts: [i64; 3],
}

impl LedgerHead {
    /// The etag: number and content of the version.
    pub fn etag(&self) -> String {
        format!("\"{}-{}\"", self.version, self.blob.get(..16).unwrap_or(&self.blob))
    }
}

/// State of a job, as written in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    /// Waits.
    Queued,
    /// Leased.
    Running,
    /// Has a plan.
    Succeeded,
    /// Has none.
    Failed,
    /// Was cancelled.
    Cancelled,
}

impl JobState {
    /// The word in the database and in filters.
    pub fn as_str(self) -> &'static str {
        match self {
            JobState::Queued => "QUEUED",
            JobState::Running => "RUNNING",
            JobState::Succeeded => "SUCCEEDED",
            JobState::Failed => "FAILED",
            JobState::Cancelled => "CANCELLED",
        }
    }

    /// The state of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        let all = [
            JobState::Queued,
            JobState::Running,
            JobState::Succeeded,
            JobState::Failed,
            JobState::Cancelled,
        ];
        all.into_iter().find(|state| state.as_str() == word)
    }

    /// Whether nothing more will happen.
    pub fn ended(self) -> bool {
        matches!(self, JobState::Succeeded | JobState::Failed | JobState::Cancelled)
    }
}

/// A job to make.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// Its id.
    pub id: String,
    /// The message `concentric.v1.Ledger`.
    pub blob: Blob,
    /// `id/version` of the stored ledger; empty: none.
    pub ledger: String,
    /// Scenario; empty: none.
    pub scenario: String,
    /// The message `concentric.v1.Options` as taken.
    pub options: Vec<u8>,
    /// Most unfinished jobs of the tenant.
    pub most: i64,
}

/// A job as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRow {
    /// Id.
    pub id: String,
    /// State.
    pub state: JobState,
    /// Request id.
    pub request_id: String,
    /// `id/version` of the stored ledger, or empty.
    pub ledger: String,
    /// Scenario, or empty.
    pub scenario: String,
    /// The message `concentric.v1.Options`.
    pub options: Vec<u8>,
    /// Whether someone asked to cancel.
    pub cancel: bool,
    /// Times begun.
    pub attempt: i64,
    /// Newest event.
    pub last_seq: i64,
    /// When made.
    pub created: i64,
    /// When first begun.
    pub started: Option<i64>,
    /// When ended.
    pub ended: Option<i64>,
    /// Id of the plan, or empty.
    pub plan: String,
    /// Reason and sentence of a failure.
    pub failure: Option<(String, String)>,
}

/// What happened to a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRow {
    /// From 1, without gaps.
    pub seq: i64,
    /// When.
    pub at: i64,
    /// What.
    pub kind: EventKind,
}

/// Kinds of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// Entered a state.
    State(JobState),
    /// The message `concentric.v1.Progress`.
    Progress(Vec<u8>),
    /// Someone asked to cancel.
    CancelRequested,
}

/// A job in the hands of a worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// Tenant.
    pub tenant: String,
    /// Id.
    pub id: String,
    /// Grows with each claim; what carries an old one is refused.
    pub fence: i64,
    /// Times begun, this one included.
    pub attempt: i64,
    /// The ledger's message.
    pub ledger: Vec<u8>,
    /// Scenario, or empty.
    pub scenario: String,
    /// The message `concentric.v1.Options`.
    pub options: Vec<u8>,
    /// `id/version` of the stored ledger, or empty.
    pub ledger_name: String,
}

/// The answer to a heartbeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beat {
    /// Go on.
    Held,
    /// Go on to an early end: someone asked to cancel.
    Cancel,
    /// Someone else has the job, or it has ended: stop at once.
    Lost,
}

/// How a job ends.
#[derive(Clone, Debug)]
pub struct Finish {
    /// The last state.
    pub state: JobState,
    /// The plan.
    pub plan: Option<NewPlan>,
    /// Reason and sentence of a failure.
    pub failure: Option<(String, String)>,
}

/// A plan to store.
#[derive(Clone, Debug)]
pub struct NewPlan {
    /// Id.
    pub id: String,
    /// The message `concentric.v1.Plan`.
    pub blob: Blob,
    /// `id/version` of the stored ledger, or empty.
    pub ledger: String,
    /// Canonical digest of the ledger.
    pub digest: String,
    /// Number of the termination reason on the wire.
    pub termination: i64,
}

/// State of a plan, as written in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanState {
    /// Made.
    Draft,
    /// Public.
    Published,
    /// Public no longer.
    Withdrawn,
}

impl PlanState {
    /// The word in the database and in filters.
    pub fn as_str(self) -> &'static str {
        match self {
            PlanState::Draft => "DRAFT",
            PlanState::Published => "PUBLISHED",
            PlanState::Withdrawn => "WITHDRAWN",
        }
    }

    /// The state of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        let all = [PlanState::Draft, PlanState::Published, PlanState::Withdrawn];
        all.into_iter().find(|state| state.as_str() == word)
    }
}

/// Head of a stored plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanHead {
    /// Id.
    pub id: String,
    /// State.
    pub state: PlanState,
    /// Changes of the state so far.
    pub revision: i64,
    /// The job that made it.
    pub job: String,
    /// `id/version` of the stored ledger, or empty.
    pub ledger: String,
    /// Canonical digest of the ledger.
    pub digest: String,
    /// SHA-256 of the content.
    pub blob: String,
    /// Number of the termination reason on the wire.
    pub termination: i64,
    /// When stored.
    pub created: i64,
    /// When its state last changed.
    pub updated: i64,
}

impl PlanHead {
    /// The etag: content and state.
    pub fn etag(&self) -> String {
        format!("\"{}-{}\"", self.revision, self.blob.get(..16).unwrap_or(&self.blob))
    }
}

/// Where a page starts and what is left out of it.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Time of the last entry of the page before (lists by time); 0: from the start.
    pub time: i64,
    /// Id (or number) of the last entry of the page before; empty: from the start.
    pub id: String,
    /// Most entries.
    pub limit: i64,
    /// Equality on the first filter field; empty: any.
    pub first: String,
    /// Equality on the second filter field; empty: any.
    pub second: String,
}
