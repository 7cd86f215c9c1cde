//! The trace that a caller is in, from the header `traceparent` (W3C Trace Context).
//!
//! In: headers. Out: the parent of a span. A header that is malformed begins a trace anew, as
//! the standard has it. Baggage is not read: nothing here acts on it.

use http::HeaderMap;
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(|value| value.to_str().ok())
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(|key| key.as_str()).collect()
    }
}

/// Makes a span that has not begun a part of its caller's trace.
pub(crate) fn follow(span: &Span, headers: &HeaderMap) {
    if !span.is_disabled() && headers.contains_key("traceparent") {
        let caller = TraceContextPropagator::new().extract(&Headers(headers));
        // It fails where another layer listens, which then has a trace of its own.
        let _ = span.set_parent(caller);
    }
}
