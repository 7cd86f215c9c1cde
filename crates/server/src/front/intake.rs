//! The one message of a call, taken in before anything is made of it.
//!
//! In: a request whose method takes one message. Out: the same with its bytes at hand, and the
//! permit for them; or why not. Bytes are counted over all calls as they come, so a caller who
//! announces much and sends little holds little. Must not know messages: `wire::weight` does.
//! Rejected: waiting for room (calls that hold half a message would wait for each other).

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use bytes::{Bytes, BytesMut};
use http_body::Body as _;
use http_body_util::BodyExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout, timeout_at};

use crate::errors::{Reason, Refusal, field, issues};
use crate::wire::weight::{Method, of_request};

/// Longest silence of a caller whose message is not whole.
const SILENCE: Duration = Duration::from_secs(10);
/// Longest time for a whole message.
const ARRIVAL: Duration = Duration::from_secs(60);
/// Most frames without a byte in one message.
const EMPTY: u32 = 100;
/// Bytes before a message: a mark for compression, and the length.
const HEAD: usize = 5;

/// Bytes and time for the rest of a message that is refused.
const REST: (usize, Duration) = (8 << 20, Duration::from_secs(5));

/// Lets the rest of a message that is refused come in and go away. A stream that is closed while its
/// caller still writes is, to many clients, a broken pipe and not the answer that came before.
pub fn let_go(mut body: Body) {
    if body.is_end_stream() {
        return;
    }
    tokio::spawn(timeout(REST.1, async move {
        let mut left = REST.0;
        while let Some(Ok(frame)) = body.frame().await {
            let count = frame.data_ref().map_or(0, Bytes::len);
            let Some(rest) = left.checked_sub(count) else { return };
            left = rest;
        }
    }));
}

/// Bytes of all calls.
pub struct Intake {
    room: Arc<Semaphore>,
    most: usize,
}

impl Intake {
    /// Messages of at most `most` bytes, together at most `room`.
    pub fn new(most: usize, room: usize) -> Self {
        let room = room.min(Semaphore::MAX_PERMITS);
        Intake { room: Arc::new(Semaphore::new(room)), most }
    }

    /// Takes the message in.
    ///
    /// # Errors
    /// `MESSAGE_TOO_LARGE`, `OVERLOADED`, `TOO_MANY_ITEMS`, `FIELD_INVALID` for more than one
    /// message, `CALL_DEADLINE` for a caller who does not go on, `CLIENT_CANCELLED`.
    pub async fn take(
        &self,
        request: Request,
        method: Method,
    ) -> Result<(Request, Option<OwnedSemaphorePermit>), Refusal> {
        let (parts, mut body) = request.into_parts();
        let late = |_| Refusal::new(Reason::CallDeadline);
        let taken = timeout_at(Instant::now() + ARRIVAL, self.receive(&mut body)).await;
        let (bytes, permit) = match taken.map_err(late).flatten() {
            Ok(taken) => taken,
            Err(refusal) => {
                let_go(body);
                return Err(refusal);
            }
        };
        // What is compressed is refused further in, where refusals of that kind are made.
        if bytes.first() == Some(&0)
            && let Some(message) = bytes.get(HEAD..)
            && let Some(issue) = of_request(method, message)
        {
            return Err(issues(&[issue]));
        }
        Ok((Request::from_parts(parts, Body::from(bytes)), permit))
    }

    async fn receive(
        &self,
        body: &mut Body,
    ) -> Result<(Bytes, Option<OwnedSemaphorePermit>), Refusal> {
        let (mut bytes, mut permit) = (BytesMut::new(), None::<OwnedSemaphorePermit>);
        let mut empty = 0;
        loop {
            let frame = timeout(SILENCE, body.frame()).await;
            let data = match frame.map_err(|_| Refusal::new(Reason::CallDeadline))? {
                None => return Ok((bytes.freeze(), permit)),
                Some(Err(_)) => return Err(Refusal::new(Reason::ClientCancelled)),
                // Trailers of a request say nothing.
                Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
            };
            if data.is_empty() {
                empty += 1;
                if empty > EMPTY {
                    return Err(field(Reason::FieldInvalid, "$", "too many frames without bytes"));
                }
                continue;
            }
            let more = self.hold(data.len())?;
            match &mut permit {
                Some(permit) => permit.merge(more),
                None => permit = Some(more),
            }
            bytes.extend_from_slice(&data);
            self.check(&bytes)?;
        }
    }

    fn hold(&self, count: usize) -> Result<OwnedSemaphorePermit, Refusal> {
        let full = || Refusal::new(Reason::Overloaded).with_retry(Duration::from_secs(1));
        let count = u32::try_from(count).map_err(|_| full())?;
        self.room.clone().try_acquire_many_owned(count).map_err(|_| full())
    }

    /// Holds what has come against what it says it is.
    fn check(&self, bytes: &[u8]) -> Result<(), Refusal> {
        let Some((head, message)) = bytes.split_at_checked(HEAD) else { return Ok(()) };
        let length = head.iter().skip(1).fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte));
        if length > self.most {
            return Err(Refusal::new(Reason::MessageTooLarge)
                .with("limit", self.most.to_string())
                .with("actual", length.to_string()));
        }
        if message.len() > length {
            let what = "this method takes one message";
            return Err(field(Reason::FieldInvalid, "$", what));
        }
        Ok(())
    }
}
