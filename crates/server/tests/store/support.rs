//! Databases for cases, and short ways to make what they store.

use std::sync::Arc;

use concentric_server::store::{
    Blob, Change, Claimed, Finish, JobRow, JobState, NewJob, NewPlan, NewVersion, Outcome, Store,
    StoreError, open,
};

use super::postgres;

/// A lease that does not run out while a test runs.
pub const LONG: i64 = 600_000;

/// An empty database of one case.
pub struct Site {
    pub url: String,
    /// Goes away with the case.
    _folder: Option<tempfile::TempDir>,
}

impl Site {
    pub fn sqlite() -> Site {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("inner/store.db").display());
        Site { url, _folder: Some(folder) }
    }

    /// None where PostgreSQL is not installed.
    pub async fn postgres(case: &str) -> Option<Site> {
        let url = postgres::database(case).await?;
        Some(Site { url, _folder: None })
    }

    /// Opens it as one more process would.
    pub async fn open(&self) -> Arc<dyn Store> {
        open(&self.url).await.unwrap()
    }

    /// Runs a statement behind the store's back.
    pub async fn execute(&self, statement: &'static str) {
        use sqlx::{Connection as _, Executor as _};
        if let Some(path) = self.url.strip_prefix("sqlite:") {
            let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
            let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
            connection.execute(statement).await.unwrap();
            connection.close().await.unwrap();
        } else {
            let mut connection = sqlx::PgConnection::connect(&self.url).await.unwrap();
            connection.execute(statement).await.unwrap();
            connection.close().await.unwrap();
        }
    }
}

/// A change of a tenant without a request id.
pub fn by(tenant: &str) -> Change {
    Change {
        tenant: tenant.to_owned(),
        subject: "tests".to_owned(),
        method: "Tests/Change",
        ..Change::default()
    }
}

/// The same under a request id, with the content `payload`.
pub fn asked(tenant: &str, request: &str, payload: &str) -> Change {
    Change { request_id: request.to_owned(), payload: payload.to_owned(), ..by(tenant) }
}

pub fn version(id: &str, etag: Option<&str>, content: &str) -> NewVersion {
    NewVersion {
        id: id.to_owned(),
        etag: etag.map(str::to_owned),
        digest: format!("digest of {content}"),
        blob: Blob::new(content.as_bytes().to_vec()),
        counts: [1, 2, 3],
    }
}

pub fn job(id: &str) -> NewJob {
    NewJob {
        id: id.to_owned(),
        blob: Blob::new(format!("ledger of {id}").into_bytes()),
        ledger: String::new(),
        scenario: String::new(),
        options: vec![1, 2],
        most: 1000,
    }
}

/// A job in the queue.
pub async fn queued(store: &Arc<dyn Store>, tenant: &str, id: &str) -> JobRow {
    done(store.create_job(&by(tenant), &job(id)).await)
}

/// A job in the hands of `owner`; there must be one.
pub async fn claimed(store: &Arc<dyn Store>, owner: &str, lease: i64) -> Claimed {
    store.claim(owner, lease, 3).await.unwrap().unwrap()
}

pub fn plan(id: &str, ledger: &str) -> NewPlan {
    NewPlan {
        id: id.to_owned(),
        blob: Blob::new(format!("plan {id}").into_bytes()),
        ledger: ledger.to_owned(),
        digest: "digest".to_owned(),
        termination: 1,
    }
}

pub fn succeeded(plan: NewPlan) -> Finish {
    Finish { state: JobState::Succeeded, plan: Some(plan), failure: None }
}

/// What was done now, not before.
#[track_caller]
pub fn done<T>(outcome: Result<Outcome<T>, StoreError>) -> T {
    match outcome.unwrap() {
        Outcome::Done(value) => value,
        Outcome::Replayed(_) => panic!("an old answer"),
    }
}

/// What was done before, not now.
#[track_caller]
pub fn replayed<T>(outcome: Result<Outcome<T>, StoreError>) -> T {
    match outcome.unwrap() {
        Outcome::Replayed(value) => value,
        Outcome::Done(_) => panic!("a new answer"),
    }
}

/// Waits until a lease of 0 ms has run out.
pub async fn a_moment() {
    tokio::time::sleep(std::time::Duration::from_millis(15)).await;
}
