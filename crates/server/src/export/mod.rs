//! Spans to an OpenTelemetry collector, over gRPC (feature `otel`).
//!
//! In: the spans of [`spans`](crate::spans), the address of a collector. Out: batches of spans
//! (OTLP), and one line of log when the collector goes away or comes back. Must not hold up a
//! call: whoever ends a span puts it into a queue or, where that is full, lets it go and counts
//! it. Rejected: the batch processor of the SDK (a thread more, and it loses spans silently),
//! logs and metrics by the same way (there are a log and `/metrics`), TLS to the collector (an
//! agent beside the server has it, with the keys that belong to it).

mod follow;
mod queue;

pub(crate) use follow::follow;

use std::sync::Arc;
use std::time::Duration;

use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithTonicConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter as _};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tonic::transport::Endpoint;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::registry::LookupSpan;

use queue::{Queue, Tally};

use crate::spans::TARGET;

/// Longest try to send one batch, and to reach the collector for it.
const TRY: Duration = Duration::from_secs(5);

/// An export whose spans are collected and not yet sent.
pub struct Export {
    provider: SdkTracerProvider,
    resource: Resource,
    spans: mpsc::Receiver<SpanData>,
    tally: Arc<Tally>,
    endpoint: Endpoint,
}

/// An export that runs.
pub struct Exporting {
    provider: SdkTracerProvider,
    tally: Arc<Tally>,
    end: oneshot::Sender<()>,
    sending: JoinHandle<()>,
}

impl Export {
    /// An export to the collector at `http://HOST:PORT`; `service` is the name of this process.
    ///
    /// # Errors
    /// One sentence for the operator.
    pub fn new(endpoint: &str, service: &'static str) -> Result<Self, String> {
        let endpoint = Endpoint::from_shared(endpoint.to_owned())
            .map_err(|error| format!("otlp_endpoint: {endpoint}: {error}"))?;
        let resource = Resource::builder()
            .with_service_name(service)
            .with_attribute(opentelemetry::KeyValue::new(
                "service.version",
                env!("CARGO_PKG_VERSION"),
            ))
            .build();
        let tally = Arc::new(Tally::default());
        let (queue, spans) = Queue::new(tally.clone());
        let provider = SdkTracerProvider::builder()
            .with_resource(resource.clone())
            .with_span_processor(queue)
            .build();
        Ok(Export { provider, resource, spans, tally, endpoint })
    }

    /// What a subscriber needs to collect the spans; it takes no others, and no log lines.
    pub fn layer<S>(&self) -> impl Layer<S> + Send + Sync + use<S>
    where
        S: tracing::Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
    {
        let only = filter_fn(|about| about.is_span() && about.target() == TARGET)
            // Without it every line for debugging would be looked at first.
            .with_max_level_hint(LevelFilter::INFO);
        tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer("concentric"))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_context_activation(false)
            .with_filter(only)
    }

    /// Begins to send, on the runtime that runs; the collector need not be there.
    ///
    /// # Errors
    /// One sentence for the operator: what the environment says of exports is wrong.
    pub fn start(self) -> Result<Exporting, String> {
        let Export { provider, resource, spans, tally, endpoint } = self;
        let channel = endpoint.connect_timeout(TRY).timeout(TRY).connect_lazy();
        let mut exporter = SpanExporter::builder()
            .with_tonic()
            .with_channel(channel)
            .with_timeout(TRY)
            .build()
            .map_err(|error| format!("otlp_endpoint: {error}"))?;
        exporter.set_resource(&resource);
        let (end, ended) = oneshot::channel();
        let sending = tokio::spawn(queue::send(spans, exporter, tally.clone(), ended));
        Ok(Exporting { provider, tally, end, sending })
    }
}

impl Exporting {
    /// Sends what is left, for at most so long; what is not sent by then is lost. Tells how
    /// many spans were lost in all, those of a collector that was away among them.
    pub async fn end(self, limit: Duration) -> u64 {
        let Exporting { provider, tally, end, mut sending } = self;
        // It may have ended by a defect; then there is nobody to tell.
        let _ = end.send(());
        if tokio::time::timeout(limit, &mut sending).await.is_err() {
            sending.abort();
        }
        // Nothing is waited for: the queue has no end of its own.
        let _ = provider.shutdown();
        let lost = tally.lost();
        if lost > 0 {
            tracing::warn!(lost, "spans did not reach the collector");
        }
        lost
    }
}
