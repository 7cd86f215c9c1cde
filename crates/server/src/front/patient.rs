//! A connection that must say something soon.
//!
//! In: bytes of a peer. Out: the same bytes, or an error where the first ones do not come in
//! time. A peer that connects and is silent would hold a place for ever: no layer above knows
//! of it before it has spoken. Later silence is found by keepalive and the limits of HTTP/1.1.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// Bytes by which the peer has shown what it speaks: the preface of HTTP/2.
const PREFACE: usize = 24;

/// A stream with patience for its beginning.
pub struct Patient<S> {
    stream: S,
    came: usize,
    /// Gone once the beginning is there.
    limit: Option<Pin<Box<Sleep>>>,
}

impl<S> Patient<S> {
    /// Waits at most `time` for the beginning.
    pub fn new(stream: S, time: Duration) -> Self {
        Patient { stream, came: 0, limit: Some(Box::pin(sleep(time))) }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, into);
        self.came = self.came.saturating_add(into.filled().len() - before);
        if self.came >= PREFACE {
            self.limit = None;
        }
        if read.is_pending()
            && let Some(limit) = &mut self.limit
            && limit.as_mut().poll(context).is_ready()
        {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
