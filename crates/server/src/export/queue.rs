//! The way of a span from the thread that ends it to the collector.
//!
//! In: ended spans. Out: batches. The queue is bounded and nobody waits for it. Must not know
//! what a span tells.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use opentelemetry::Context;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{Span, SpanData, SpanExporter, SpanProcessor};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::TRY;

/// Spans that may wait, in all and for one batch.
const WAITING: usize = 4096;
const BATCH: usize = 512;
/// Longest wait for a batch to become full.
const GATHER: Duration = Duration::from_millis(500);

/// Spans that ended, and those that arrived.
#[derive(Debug, Default)]
pub(super) struct Tally {
    ended: AtomicU64,
    arrived: AtomicU64,
}

impl Tally {
    /// Spans that did not arrive, or not yet.
    pub(super) fn lost(&self) -> u64 {
        // In this order: an arrival in between must not be counted alone.
        let arrived = self.arrived.load(Ordering::SeqCst);
        self.ended.load(Ordering::SeqCst).saturating_sub(arrived)
    }
}

/// The near end of the queue.
#[derive(Debug)]
pub(super) struct Queue {
    far: mpsc::Sender<SpanData>,
    tally: Arc<Tally>,
}

impl Queue {
    /// A queue and its far end.
    pub(super) fn new(tally: Arc<Tally>) -> (Self, mpsc::Receiver<SpanData>) {
        let (far, spans) = mpsc::channel(WAITING);
        (Queue { far, tally }, spans)
    }
}

impl SpanProcessor for Queue {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    fn on_end(&self, span: SpanData) {
        // Its caller may have said that this trace is not kept.
        if span.span_context.is_sampled() {
            self.tally.ended.fetch_add(1, Ordering::SeqCst);
            // Where there is no room it is lost, which the tally tells.
            let _ = self.far.try_send(span);
        }
    }

    /// Not waited for: who ends the export sends what is left.
    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

/// Sends batches until told to end, and then what is left.
pub(super) async fn send(
    mut spans: mpsc::Receiver<SpanData>,
    exporter: impl SpanExporter,
    tally: Arc<Tally>,
    mut end: oneshot::Receiver<()>,
) {
    let (mut batch, mut ending, mut away) = (Vec::new(), false, false);
    loop {
        let gather = async {
            if spans.recv_many(&mut batch, BATCH).await > 0 {
                let full = async {
                    let mut more = 1;
                    while more > 0 && batch.len() < BATCH {
                        let room = BATCH - batch.len();
                        more = spans.recv_many(&mut batch, room).await;
                    }
                };
                let _ = timeout(GATHER, full).await;
            }
        };
        tokio::select! {
            () = gather => {}
            // What was gathered by then stays in the batch.
            _ = &mut end, if !ending => {
                ending = true;
                spans.close();
            }
        }
        let count = batch.len();
        if count == 0 {
            if ending {
                return;
            }
            continue;
        }
        let sent = timeout(TRY, exporter.export(std::mem::take(&mut batch))).await;
        if matches!(sent, Ok(Ok(()))) {
            tally.arrived.fetch_add(u64::try_from(count).unwrap_or(0), Ordering::SeqCst);
            if std::mem::take(&mut away) {
                tracing::info!(lost = tally.lost(), "the collector takes spans again");
            }
        } else if !std::mem::replace(&mut away, true) {
            let why = sent.map_or_else(|_| "no answer".to_owned(), |sent| format!("{sent:?}"));
            tracing::warn!(%why, "the collector takes no spans; they are lost until it does");
        }
    }
}
