//! The health service of gRPC: serving while the store takes writes and nothing drains.
//!
//! In: a look at the store each second. Out: statuses of the whole and of each service.

use std::sync::Arc;
use std::time::Duration;

use tonic_health::ServingStatus;
use tonic_health::pb::health_server::{Health as Service, HealthServer};
use tonic_health::server::{HealthReporter, health_reporter};

use crate::services::Context;

/// Names under which clients ask; the empty one is the whole server.
const NAMES: [&str; 5] = [
    "",
    "concentric.v1.MatchService",
    "concentric.v1.LedgerService",
    "concentric.v1.JobService",
    "concentric.v1.PlanService",
];
/// Time between two looks.
const PAUSE: Duration = Duration::from_secs(1);

/// Keeps the statuses.
pub struct Health(HealthReporter);

impl Health {
    pub fn new() -> (Self, HealthServer<impl Service>) {
        let (reporter, service) = health_reporter();
        (Health(reporter), service)
    }

    /// Follows the store until the server drains; then tells so, and goes on telling.
    pub async fn follow(self, context: Arc<Context>) {
        let mut drain = context.drain.clone();
        loop {
            let draining = *drain.borrow();
            let serving = !draining && context.store.ready().await.is_ok();
            let status = if serving { ServingStatus::Serving } else { ServingStatus::NotServing };
            for name in NAMES {
                self.0.set_service_status(name, status).await;
            }
            if draining {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(PAUSE) => {}
                _ = drain.wait_for(|draining| *draining) => {}
            }
        }
    }
}
