//! The end of a call: what its last word was, counted and logged once.
//!
//! In: a body on its way to the caller. Out: the same body; at its end, in the metrics and the
//! log, the code that its trailers carry. A body that is let go before is a call that the
//! caller cancelled. Large answers are handed over in pieces, which shows whether they are read.
//! Rejected: counting at the head of the answer (a stream that fails has a
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

/// Bytes that are handed over at once, so that a reader is seen to read. Divisible by three: in
/// the text form of gRPC-Web each piece then fills its letters.
const PIECE: usize = 768 << 10;

/// A body whose end is told.
pub struct Followed {
    body: Body,
    ending: Ending,
    unread: Option<Mark>,
    /// What was not handed over yet of a frame of the body.
    rest: Bytes,
}

impl Followed {
    /// Follows a body; the mark stands until it has been read.
    pub fn new(body: Body, ending: Ending, unread: Option<Mark>) -> Self {
        Followed { body, ending, unread, rest: Bytes::new() }
    }

    fn piece(&mut self) -> Bytes {
        let count = self.rest.len().min(PIECE);
        self.rest.split_to(count)
    }
}

impl HttpBody for Followed {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        // Whoever asks for more has taken what came before.
        if let Some(unread) = &self.unread {
            unread.goes_on();
        }
        if !self.rest.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(self.piece()))));
        }
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        let frame = match frame.map(|frame| frame.map(Frame::into_data)) {
            Some(Ok(Ok(data))) => {
                self.rest = data;
                return Poll::Ready(Some(Ok(Frame::data(self.piece()))));
            }
            Some(Ok(Err(other))) => Some(Ok(other)),
            Some(Err(error)) => Some(Err(error)),
            None => None,
        };
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
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (body, rest) = (self.body.size_hint(), self.rest.len() as u64);
        let mut hint = SizeHint::new();
        hint.set_lower(body.lower().saturating_add(rest));
        if let Some(most) = body.upper() {
            hint.set_upper(most.saturating_add(rest));
        }
        hint
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http_body_util::BodyExt;

    use super::super::unread::Unread;
    use super::*;

    #[tokio::test]
    async fn who_takes_a_piece_goes_on_and_who_lets_go_waits_no_more() {
        let whole: Vec<u8> = (0..PIECE * 2 + 5).map(|k| (k % 251) as u8).collect();
        let metrics = Arc::new(Metrics::new());
        let (method, tenant) = ("m".to_owned(), "t".to_owned());
        let ending = Ending::new(metrics, method, tenant, Instant::now(), Span::none());
        let unread = Unread::default();
        let body = Body::from(whole.clone());
        let mut followed = Followed::new(body, ending, Some(unread.begin()));
        let (mut taken, mut since) = (Vec::new(), unread.oldest());
        for left in [PIECE + 5, 5, 0] {
            std::thread::sleep(Duration::from_millis(2));
            let piece =
                followed.frame().await.and_then(Result::ok).and_then(|f| f.into_data().ok());
            taken.extend(piece.unwrap_or_default());
            assert_eq!((whole.len() - taken.len(), followed.is_end_stream()), (left, left == 0));
            assert_eq!(followed.size_hint().exact(), Some(left as u64));
            assert!(unread.oldest() > since);
            since = unread.oldest();
        }
        assert!(taken == whole);
        // Whoever waits for the rest is one who does not read.
        unread.for_longer_than(Duration::from_millis(20)).await;
        drop(followed);
        assert_eq!(unread.oldest(), None);
    }
}
