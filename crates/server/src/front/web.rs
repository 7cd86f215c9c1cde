//! Plain HTTP: `/healthz` (the process lives), `/readyz` (it takes work), `/metrics`.
//!
//! In: GET requests without tokens. Out: a word, or numbers. Nothing here tells of contents.

use std::sync::Arc;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;

use super::metrics::Metrics;
use crate::services::Context;

/// The routes.
pub fn router(metrics: Arc<Metrics>, context: Arc<Context>) -> Router {
    let ready = context.clone();
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route(
            "/readyz",
            get(move || async move {
                if *ready.drain.borrow() {
                    return (StatusCode::SERVICE_UNAVAILABLE, "draining\n");
                }
                match ready.store.ready().await {
                    Ok(()) if ready.pool.is_full() => {
                        (StatusCode::SERVICE_UNAVAILABLE, "the queue is full\n")
                    }
                    Ok(()) => (StatusCode::OK, "ready\n"),
                    Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the store takes no writes\n"),
                }
            }),
        )
        .route(
            "/metrics",
            get(move || async move {
                let jobs = context.store.job_counts().await.unwrap_or_default();
                let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
                let pools = [("solves", &*context.pool), ("checks", &*context.checks)];
                ([(header::CONTENT_TYPE, kind)], metrics.text(&jobs, &pools)).into_response()
            }),
        )
}
