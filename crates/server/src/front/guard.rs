//! What every call passes before its handler: drain, deadline, caller, role, rate, count, its
//! message; and after it: panics, codes, metrics, one line of log, the span around it all.
//!
//! In: requests by path and header. Out: responses. Must not read messages.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant as Clock};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::FutureExt;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tracing::{Instrument, Span};

use super::ending::{Ending, Followed};
use super::intake::{Intake, let_go};
use super::metrics::Metrics;
use super::rate::Rates;
use super::unread::Unread;
use super::{rewrite, timeout};
use crate::auth::{Authenticator, Identity, required};
use crate::errors::{Reason, Refusal, denied, draining, field};
use crate::services::{Context, Deadline};
use crate::spans;
use crate::wire::weight;

/// Deadlines beyond this are as good as none.
const FAR: Duration = Duration::from_secs(366 * 24 * 3600);

/// What the guard works with.
pub struct Front {
    context: Arc<Context>,
    authenticator: Authenticator,
    calls: Arc<Semaphore>,
    rates: Rates,
    intake: Intake,
    pub metrics: Arc<Metrics>,
}

impl Front {
    pub fn new(context: Arc<Context>, authenticator: Authenticator) -> Self {
        let config = &context.config;
        let calls = Arc::new(Semaphore::new(config.max_calls));
        let rates = Rates::new(config.tenant_rate);
        let intake = Intake::new(config.max_message_bytes, config.max_bytes_in_flight);
        let metrics = Arc::new(Metrics::new());
        Front { context, authenticator, calls, rates, intake, metrics }
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
            Some(role) if identity.role >= role => {
                self.rates.admit(&identity.tenant, Clock::now()).map_err(|wait| {
                    let rate = format!("{} calls a second", self.context.config.tenant_rate);
                    Refusal::new(Reason::TenantRate)
                        .with_quota(&format!("tenants/{}", identity.tenant), rate)
                        .with_retry(wait)
                })?;
                Ok((Some(identity), deadline))
            }
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
            Err(refusal) => return (turned_away(refusal, request), String::new()),
        };
        let Ok(_permit) = self.calls.try_acquire() else {
            let refusal = Refusal::new(Reason::Overloaded).with_retry(Duration::from_secs(1));
            return (turned_away(refusal, request), String::new());
        };
        let tenant = identity.as_ref().map(|who| who.tenant.clone()).unwrap_or_default();
        if let Some(identity) = identity {
            request.extensions_mut().insert(identity);
        }
        request.extensions_mut().insert(deadline);
        let ours = request.uri().path().starts_with("/concentric.");
        let handled = AssertUnwindSafe(self.handle(request, next)).catch_unwind();
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

    /// Takes the message in, where there is one only, and lets the handler answer. The bytes
    /// are counted until the answer begins.
    async fn handle(&self, request: Request, next: Next) -> Response {
        let method = weight::method(request.uri().path());
        let Some(method) = method.filter(|method| method.one_request) else {
            return next.run(request).await;
        };
        // These all need a slot. To read a message only to refuse it would take from those
        // who are served: at four times the load that a server can carry, most of its time.
        let tenant = request.extensions().get::<Identity>().map(|who| who.tenant.as_str());
        if let Some(pool) = self.context.pool_of(request.uri().path())
            && let Some(full) = pool.full(tenant.unwrap_or_default())
        {
            let refusal = Refusal::new(Reason::Overloaded).with_retry(full.retry_after);
            return turned_away(refusal, request);
        }
        match self.intake.take(request, method).await {
            Ok((request, _permit)) => next.run(request).await,
            Err(refusal) => refusal.into_status().into_http(),
        }
    }
}

/// A refusal before the message was taken in.
fn turned_away(refusal: Refusal, request: Request) -> Response {
    let_go(request.into_body());
    refusal.into_status().into_http()
}

/// The layer.
pub async fn guard(State(front): State<Arc<Front>>, request: Request, next: Next) -> Response {
    let begin = Clock::now();
    let path = request.uri().path().to_owned();
    let running = front.metrics.begin();
    let unread = request.extensions().get::<Unread>().cloned();
    let health = path.starts_with("/grpc.health.");
    let known = required(&path).is_some() || health;
    let one_answer = weight::method(&path).is_some_and(|method| method.one_answer);
    let method = if known { path } else { "unknown".to_owned() };
    // Who asks each second whether we live is in nobody's trace.
    let span = if health { Span::none() } else { spans::call(&method, request.headers()) };
    let (response, tenant) = front.pass(request, next).instrument(span.clone()).await;
    drop(running);
    front.metrics.head(&method, begin.elapsed());
    let mut ending = Ending::new(front.metrics.clone(), method, tenant, begin, span);
    if let Some(code) = rewrite::code(response.headers()) {
        ending.tell(code);
        return response;
    }
    let unread = unread.filter(|_| one_answer).map(|unread| unread.begin());
    response.map(|body| Body::new(Followed::new(body, ending, unread)))
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
