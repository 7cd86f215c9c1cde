//! What every call passes before its handler: count, drain, deadline, caller, role; and
//! after it: panics, codes, metrics, one line of log.
//!
//! In: requests by path and header. Out: responses. Must not read bodies.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant as Clock};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::FutureExt;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::metrics::Metrics;
use super::{rewrite, timeout};
use crate::auth::{Authenticator, Identity, required};
use crate::errors::{Reason, Refusal, denied, draining, field};
use crate::services::{Context, Deadline};

/// Deadlines beyond this are as good as none.
const FAR: Duration = Duration::from_secs(366 * 24 * 3600);

/// What the guard works with.
pub struct Front {
    context: Arc<Context>,
    authenticator: Authenticator,
    calls: Arc<Semaphore>,
    pub metrics: Arc<Metrics>,
}

impl Front {
    pub fn new(context: Arc<Context>, authenticator: Authenticator) -> Self {
        let calls = Arc::new(Semaphore::new(context.config.max_calls));
        Front { context, authenticator, calls, metrics: Arc::new(Metrics::new()) }
    }

    fn admit(&self, request: &Request) -> Result<(Option<Identity>, Deadline), Refusal> {
        let path = request.uri().path();
        let deadline = deadline(request)?;
        // Orchestrators ask without a token, also while the server drains.
        if path.starts_with("/grpc.health.") {
            return Ok((None, deadline));
        }
        if *self.context.drain.borrow() {
            return Err(draining());
        }
        let identity = self.authenticator.identify(request.headers())?;
        match required(path) {
            Some(role) if identity.role >= role => Ok((Some(identity), deadline)),
            Some(_) => Err(denied()),
            None => Err(Refusal::new(Reason::MethodUnknown)),
        }
    }

    /// Resolves when there is no time left for a call, its own or the server's.
    async fn too_late(&self, deadline: Deadline) -> Refusal {
        let at = deadline.0.unwrap_or_else(|| Instant::now() + FAR);
        tokio::select! {
            () = tokio::time::sleep_until(at) => Refusal::new(Reason::CallDeadline),
            () = self.context.last_call() => draining(),
        }
    }

    async fn pass(&self, mut request: Request, next: Next) -> (Response, String) {
        let (identity, deadline) = match self.admit(&request) {
            Ok(admitted) => admitted,
            Err(refusal) => return (refusal.into_status().into_http(), String::new()),
        };
        let Ok(_permit) = self.calls.try_acquire() else {
            let refusal = Refusal::new(Reason::Overloaded).with_retry(Duration::from_secs(1));
            return (refusal.into_status().into_http(), String::new());
        };
        let tenant = identity.as_ref().map(|who| who.tenant.clone()).unwrap_or_default();
        if let Some(identity) = identity {
            request.extensions_mut().insert(identity);
        }
        request.extensions_mut().insert(deadline);
        let ours = request.uri().path().starts_with("/concentric.");
        let handled = AssertUnwindSafe(next.run(request)).catch_unwind();
        let handled = tokio::select! {
            handled = handled => handled,
            refusal = self.too_late(deadline) => {
                return (refusal.into_status().into_http(), tenant);
            }
        };
        let response = match handled {
            Ok(response) if ours => {
                rewrite::rewrite(response, self.context.config.max_message_bytes)
            }
            Ok(response) => response,
            Err(_) => {
                let refusal = Refusal::new(Reason::HandlerPanic).with_incident();
                tracing::error!(incident = refusal.incident(), "panic");
                refusal.into_status().into_http()
            }
        };
        (response, tenant)
    }
}

/// The layer.
pub async fn guard(State(front): State<Arc<Front>>, request: Request, next: Next) -> Response {
    let begin = Clock::now();
    let path = request.uri().path().to_owned();
    let running = front.metrics.begin();
    let (response, tenant) = front.pass(request, next).await;
    drop(running);
    let code = rewrite::code(&response);
    let known = required(&path).is_some() || path.starts_with("/grpc.health.");
    let method = if known { path.as_str() } else { "unknown" };
    let took = begin.elapsed();
    front.metrics.end(method, code, took);
    let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    tracing::info!(method, ?code, millis, tenant, "call");
    response
}

fn deadline(request: &Request) -> Result<Deadline, Refusal> {
    let Some(value) = request.headers().get("grpc-timeout") else {
        return Ok(Deadline(None));
    };
    let time = value.to_str().ok().and_then(timeout::read);
    let what = "write 1 to 8 digits and one of H M S m u n";
    let time = time.ok_or_else(|| field(Reason::FieldInvalid, "grpc-timeout", what))?;
    Ok(Deadline((time < FAR).then(|| Instant::now() + time)))
}
