//! The log of a service on stderr, and its traces where the build has them.
//!
//! In: a filter, a form, the address of a collector. Out: what listens to `tracing` from now
//! on, and something that must be told when the process ends. Must not know what is told.
//! Spans are for traces alone; in the log they would repeat what its lines say.

use std::io::IsTerminal as _;
#[cfg(feature = "otel")]
use std::time::Duration;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

#[cfg(feature = "otel")]
use concentric_server::export::{Export, Exporting};
use concentric_server::spans;

/// Longest time at the end for spans that were not sent yet.
#[cfg(feature = "otel")]
const LAST: Duration = Duration::from_secs(2);

/// Traces that are collected and not yet sent.
pub struct Traces {
    #[cfg(feature = "otel")]
    export: Option<Export>,
}

/// Traces on their way.
pub struct Sending {
    #[cfg(feature = "otel")]
    export: Option<Exporting>,
}

/// Starts the log and, if `endpoint` is not empty, collects traces for it; in builds without
/// them the settings have refused it before.
///
/// # Errors
/// A sentence: the filter or the endpoint is wrong.
pub fn start(filter: &str, json: bool, endpoint: &str) -> Result<Traces, String> {
    let wrong = |error: &dyn std::fmt::Display| format!("log: {error}");
    let none = format!("{}=off", spans::TARGET).parse().map_err(|error| wrong(&error))?;
    let filter = EnvFilter::try_new(filter).map_err(|error| wrong(&error))?.add_directive(none);
    // Colours are for people; a file or a collector would keep their codes.
    let colours = std::io::stderr().is_terminal();
    let log = tracing_subscriber::fmt::layer().with_ansi(colours).with_writer(std::io::stderr);
    let log = if json { log.json().boxed() } else { log.boxed() };
    let subscriber = tracing_subscriber::registry().with(log.with_filter(filter));
    #[cfg(feature = "otel")]
    {
        let export = Some(endpoint).filter(|endpoint| !endpoint.is_empty());
        let export = export.map(|endpoint| Export::new(endpoint, "concentric")).transpose()?;
        let layer = export.as_ref().map(Export::layer);
        subscriber.with(layer).try_init().map_err(|error| wrong(&error))?;
        Ok(Traces { export })
    }
    #[cfg(not(feature = "otel"))]
    {
        let _ = endpoint;
        subscriber.try_init().map_err(|error| wrong(&error))?;
        Ok(Traces {})
    }
}

impl Traces {
    /// Begins to send, on the runtime that runs.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn send(self) -> Result<Sending, String> {
        #[cfg(feature = "otel")]
        let sending = Sending { export: self.export.map(Export::start).transpose()? };
        #[cfg(not(feature = "otel"))]
        let sending = Sending {};
        Ok(sending)
    }
}

impl Sending {
    /// Sends what is left, within a short time.
    pub async fn end(self) {
        #[cfg(feature = "otel")]
        if let Some(export) = self.export {
            export.end(LAST).await;
        }
    }
}
