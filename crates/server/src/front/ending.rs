//! The end of a call: what its last word was, counted and logged once.
//!
//! In: a body on its way to the caller. Out: the same body; at its end, in the metrics and the
//! log, the code that its trailers carry. A body that is let go before is a call that the
//! caller cancelled. Rejected: counting at the head of the answer (a stream that fails has a
//! good head).

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use axum::body::{Body, Bytes};
use http_body::{Body as HttpBody, Frame, SizeHint};
use tonic::Code;
use tracing::Span;

use super::metrics::Metrics;
use super::rewrite;
use super::unread::Mark;
use crate::spans;

/// A call that has not ended; dropped, it was cancelled.
pub struct Ending {
    told: bool,
    metrics: Arc<Metrics>,
    method: String,
    tenant: String,
    begin: Instant,
    span: Span,
}

impl Ending {
    /// The end of a call that began at `begin`.
    pub fn new(
        metrics: Arc<Metrics>,
        method: String,
        tenant: String,
        begin: Instant,
        span: Span,
    ) -> Self {
        Ending { told: false, metrics, method, tenant, begin, span }
    }

    /// Counts the call with its code, the first time.
    pub fn tell(&mut self, code: Code) {
        if std::mem::replace(&mut self.told, true) {
            return;
        }
        self.metrics.end(&self.method, code);
        let millis = u64::try_from(self.begin.elapsed().as_millis()).unwrap_or(u64::MAX);
        let (method, tenant) = (&self.method, &self.tenant);
        tracing::info!(method, ?code, millis, tenant, "call");
        // It ends here, and not where the connection forgets the call.
        spans::told(&std::mem::replace(&mut self.span, Span::none()), code, tenant);
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        self.tell(Code::Cancelled);
    }
}

/// A body whose end is told.
pub struct Followed {
    body: Body,
    ending: Ending,
    _unread: Option<Mark>,
}

impl Followed {
    /// Follows a body; the mark stands until it has been read.
    pub fn new(body: Body, ending: Ending, unread: Option<Mark>) -> Self {
        Followed { body, ending, _unread: unread }
    }
}

impl HttpBody for Followed {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        match &frame {
            Some(Ok(frame)) => {
                if let Some(trailers) = frame.trailers_ref() {
                    self.ending.tell(rewrite::code(trailers).unwrap_or(Code::Unknown));
                }
            }
            Some(Err(_)) => self.ending.tell(Code::Unknown),
            None => self.ending.tell(Code::Ok),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
