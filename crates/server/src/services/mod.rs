//! The services of `concentric.v1`, one a file, and what they share.
//!
//! In: decoded messages of known callers. Out: answers or refusals. Must not hold matching
//! logic, nor know sockets. What takes processor time goes through `solving`.

mod convert;
mod filter;
mod jobs;
mod kept;
mod ledgers;
mod matching;
mod names;
mod options;
mod paging;
mod plans;
mod punctual;
mod solving;
mod source;
mod upload;
mod watching;

pub use jobs::Jobs;
pub use ledgers::Ledgers;
pub use matching::Matching;
pub use plans::Plans;

use std::sync::Arc;
use std::time::Duration;

use concentric_matcher::milp::MilpBackend;
use prost::Message;
use tokio::sync::{Notify, Semaphore, watch};
use tokio::time::Instant;
use tonic::metadata::MetadataValue;
use tonic::{Request, Response, Status};

use crate::auth::Identity;
use crate::config::Config;
use crate::errors::{Reason, Refusal, field};
use crate::hex;
use crate::pool::Pool;
use crate::spans;
use crate::store::{Change, Store, StoreError};

/// Uploads at the same time; each may hold a whole ledger in memory.
const UPLOADS: usize = 4;

/// When the caller stops waiting; put into the extensions of a request by the front door.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(pub Option<Instant>);

/// What all services work with.
pub struct Context {
    /// Settings.
    pub config: Config,
    /// The store.
    pub store: Arc<dyn Store>,
    /// The solvers.
    pub pool: Arc<Pool>,
    /// Where checks and other short work is done, as many at once as there are solvers.
    pub checks: Arc<Pool>,
    /// What solves integer programs.
    pub backend: Arc<dyn MilpBackend>,
    /// Becomes true when the server shuts down.
    pub drain: watch::Receiver<bool>,
    /// Notified when there is a new job.
    pub wake: Arc<Notify>,
    kept: Arc<kept::Kept>,
    pages: paging::Pages,
    uploads: Arc<Semaphore>,
}

impl Context {
    /// Puts the parts together.
    pub fn new(
        config: Config,
        store: Arc<dyn Store>,
        pool: Arc<Pool>,
        backend: Arc<dyn MilpBackend>,
        drain: watch::Receiver<bool>,
    ) -> Arc<Self> {
        let pages = paging::Pages::new(&config.page_key);
        let uploads = Arc::new(Semaphore::new(UPLOADS));
        let wake = Arc::new(Notify::new());
        let kept = kept::Kept::new(config.kept_ledger_bytes);
        let checks = Pool::new(config.solvers(), config.queue);
        Arc::new(Context {
            config,
            store,
            pool,
            checks,
            backend,
            drain,
            wake,
            kept,
            pages,
            uploads,
        })
    }

    /// The pool that a method of `MatchService` works in.
    pub fn pool_of(&self, path: &str) -> Option<&Arc<Pool>> {
        match path.strip_prefix("/concentric.v1.MatchService/")? {
            "Match" | "StreamMatch" => Some(&self.pool),
            _ => Some(&self.checks),
        }
    }

    /// Resolves when the server drains and has little time left: a call that has no answer
    /// by then is better told so than cut off.
    pub async fn last_call(&self) {
        let mut drain = self.drain.clone();
        if drain.wait_for(|draining| *draining).await.is_err() {
            // Nobody is left who could begin a drain.
            std::future::pending::<()>().await;
        }
        let limit = self.config.drain;
        tokio::time::sleep(limit - (limit / 4).min(Duration::from_secs(1))).await;
    }
}

/// The caller, as the front door found it; without one nothing is allowed.
fn caller<T>(request: &Request<T>) -> Result<Identity, Status> {
    let known = request.extensions().get::<Identity>().cloned();
    known.ok_or_else(|| crate::errors::denied().into())
}

/// What the store refused about a resource of the caller's: `ledgers`, `jobs` or `plans`.
fn refused<'n>(
    tenant: &'n str,
    list: &'static str,
    id: &'n str,
) -> impl Fn(StoreError) -> Refusal + Copy + 'n {
    move |error| {
        let kind = match list {
            "ledgers" => "concentric.v1/Ledger",
            "jobs" => "concentric.v1/Job",
            _ => "concentric.v1/Plan",
        };
        crate::errors::store(error).about(kind, || format!("tenants/{tenant}/{list}/{id}"))
    }
}

fn deadline<T>(request: &Request<T>) -> Option<Instant> {
    request.extensions().get::<Deadline>().and_then(|deadline| deadline.0)
}

/// A change by this caller; `message` is the request without its request id.
fn change(
    caller: &Identity,
    method: &'static str,
    request_id: &str,
    message: &impl Message,
    dry: bool,
) -> Result<Change, Status> {
    if !request_id.is_empty() && !is_uuid4(request_id) {
        let what = "must be a UUID of version 4";
        return Err(field(Reason::IdMalformed, "request_id", what).into());
    }
    if !request_id.is_empty() {
        spans::request(request_id);
    }
    Ok(Change {
        tenant: caller.tenant.clone(),
        subject: caller.subject.clone(),
        method,
        request_id: request_id.to_owned(),
        payload: hex::sha256(&message.encode_to_vec()),
        dry,
    })
}

/// An answer; says whether it is an old one.
fn answer<T>(message: T, replayed: bool) -> Response<T> {
    let mut response = Response::new(message);
    if replayed {
        response.metadata_mut().insert("idempotent-replay", MetadataValue::from_static("true"));
    }
    response
}

fn is_uuid4(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(k, b)| match k {
            8 | 13 | 18 | 23 => b == b'-',
            14 => b == b'4',
            19 => matches!(b.to_ascii_lowercase(), b'8' | b'9' | b'a' | b'b'),
            _ => b.is_ascii_hexdigit(),
        })
}

/// A new id: 128 random bits in hex.
fn new_id() -> Result<String, Status> {
    use ring::rand::{SecureRandom, SystemRandom};
    let mut bytes = [0; 16];
    SystemRandom::new().fill(&mut bytes).map_err(|_| {
        let refusal = crate::errors::Refusal::new(Reason::HandlerPanic).with_incident();
        tracing::error!(incident = refusal.incident(), "no random numbers");
        refusal
    })?;
    Ok(hex::encode(&bytes))
}

#[cfg(test)]
mod tests {
    use super::is_uuid4;

    #[test]
    fn only_random_uuids_are_request_ids() {
        assert!(is_uuid4("4f1c2a8e-6b0d-4c3a-9e51-7d2f8a6b4c10"));
        for wrong in [
            "4f1c2a8e-6b0d-1c3a-9e51-7d2f8a6b4c10",
            "4f1c2a8e-6b0d-4c3a-7e51-7d2f8a6b4c10",
            "4f1c2a8e6b0d4c3a9e517d2f8a6b4c10",
            "4f1c2a8e-6b0d-4c3a-9e51-7d2f8a6b4c1g",
        ] {
            assert!(!is_uuid4(wrong), "{wrong}");
        }
    }
}
