//! Numbers for Prometheus.
//!
//! In: calls, pools. Out: text. Labels are methods and codes only: no tenant, no name.

use std::sync::Arc;
use std::time::Duration;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use tonic::Code;

use crate::pool::Pool;

type Labels = Vec<(&'static str, String)>;

/// The numbers of one server.
pub struct Metrics {
    registry: Registry,
    calls: Family<Labels, Counter>,
    seconds: Family<Labels, Histogram, fn() -> Histogram>,
    running: Gauge,
}

/// A call that runs; its end is counted however it ends.
pub struct Running(Gauge);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.dec();
    }
}

fn histogram() -> Histogram {
    Histogram::new(exponential_buckets(0.001, 2.0, 16))
}

impl Metrics {
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("concentric");
        let calls = Family::default();
        let seconds = Family::new_with_constructor(histogram as fn() -> Histogram);
        let running = Gauge::default();
        registry.register("calls", "Calls by method and code", calls.clone());
        registry.register("call_seconds", "Time to the head of the answer", seconds.clone());
        registry.register("calls_running", "Calls whose answer has not begun", running.clone());
        Metrics { registry, calls, seconds, running }
    }

    pub fn begin(&self) -> Running {
        self.running.inc();
        Running(self.running.clone())
    }

    /// The head of an answer.
    pub fn head(&self, method: &str, took: Duration) {
        let method = ("method", method.to_owned());
        self.seconds.get_or_create(&vec![method]).observe(took.as_secs_f64());
    }

    /// The end of a call, with the code that the caller got.
    pub fn end(&self, method: &str, code: Code) {
        let labels = vec![("method", method.to_owned()), ("code", format!("{code:?}"))];
        self.calls.get_or_create(&labels).inc();
    }

    /// The numbers, the jobs by state, and how busy each pool is, in the text format.
    pub fn text(self: &Arc<Self>, jobs: &[(String, i64)], pools: &[(&str, &Pool)]) -> String {
        let mut text = String::new();
        // Writing into a text does not fail.
        let _ = encode(&mut text, &self.registry);
        let end = text.rfind("# EOF").unwrap_or(text.len());
        let mut own =
            String::from("# HELP concentric_jobs Jobs by state.\n# TYPE concentric_jobs gauge\n");
        for (state, count) in jobs {
            own.push_str(&format!("concentric_jobs{{state=\"{state}\"}} {count}\n"));
        }
        for (name, help, read) in [
            ("slots_taken", "Slots in which work is done.", Pool::taken as fn(&Pool) -> usize),
            ("queue_length", "Callers that wait for a slot.", Pool::waiting),
        ] {
            own.push_str(&format!(
                "# HELP concentric_{name} {help}\n# TYPE concentric_{name} gauge\n"
            ));
            for (kind, pool) in pools {
                own.push_str(&format!("concentric_{name}{{pool=\"{kind}\"}} {}\n", read(pool)));
            }
        }
        text.insert_str(end, &own);
        text
    }
}
