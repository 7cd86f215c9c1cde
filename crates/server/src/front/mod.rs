//! The front door: one port for gRPC, gRPC-Web and plain HTTP, from start to drain.
//!
//! In: a configuration and a solver. Out: a running [`Server`]. Must not know a message.
//! Rejected: tonic's own server (its accept loop spins when descriptors run out, its
//! timeouts answer CANCELLED, and one open stream can hold up its shutdown for ever).

mod accept;
mod ending;
mod guard;
mod health;
mod intake;
mod metrics;
mod patient;
mod rate;
mod rewrite;
mod timeout;
mod tls;
mod unread;
mod web;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use concentric_matcher::milp::MilpBackend;
use concentric_proto::{sealed, v1};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tonic::service::Routes;
use tonic_web::GrpcWebLayer;

use crate::auth::Authenticator;
use crate::config::Config;
use crate::pool::Pool;
use crate::runner;
use crate::services::{Context, Jobs, Ledgers, Matching, Plans};
use crate::store::{self, Store};

pub use timeout::read as read_timeout;

/// How long the runner may take to give back its jobs after the drain.
const RELEASE: Duration = Duration::from_secs(2);

/// A server that listens and does not serve yet.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    doors: accept::Doors,
    router: Router,
    context: Arc<Context>,
    drain: watch::Sender<bool>,
    health: health::Health,
}

impl Server {
    /// Opens the store, reads keys and tokens, binds the port.
    ///
    /// # Errors
    /// One sentence for the operator.
    pub async fn start(config: Config, backend: Arc<dyn MilpBackend>) -> Result<Self, String> {
        let store = store::open(&config.store).await.map_err(|error| error.to_string())?;
        Self::with_store(config, backend, store).await
    }

    /// The same with a store that is open already.
    ///
    /// # Errors
    /// One sentence for the operator.
    pub async fn with_store(
        config: Config,
        backend: Arc<dyn MilpBackend>,
        store: Arc<dyn Store>,
    ) -> Result<Self, String> {
        let authenticator = Authenticator::load(&config)?;
        let doors = accept::Doors::new(&config)?;
        let listener = TcpListener::bind(config.listen)
            .await
            .map_err(|error| format!("cannot listen on {}: {error}", config.listen))?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let (drain, draining) = watch::channel(false);
        let pool = Pool::new(config.solvers(), config.queue);
        let context = Context::new(config, store, pool, backend, draining);
        let (health, health_service) = health::Health::new();
        let front = Arc::new(guard::Front::new(context.clone(), authenticator));
        let routes = routes(&context)?.add_service(health_service);
        let router = routes
            .into_axum_router()
            .layer(axum::middleware::from_fn_with_state(front.clone(), guard::guard))
            // Outside of the guard, so that refusals reach browsers in their form too.
            .layer(GrpcWebLayer::new())
            .merge(web::router(front.metrics.clone(), context.clone()));
        Ok(Server { listener, address, doors, router, context, drain, health })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What its services work with.
    pub fn context(&self) -> &Arc<Context> {
        &self.context
    }

    /// Serves until `stop` is done, then drains: readiness goes off, new calls are refused,
    /// watchers are told to go elsewhere, and what runs may end within the configured time.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let Server { listener, doors, router, context, drain, health, .. } = self;
        let watching = tokio::spawn(health.follow(context.clone()));
        let jobs = context.config.run_jobs.then(|| tokio::spawn(run_jobs(&context)));
        let limit = context.config.drain;
        doors
            .serve(
                listener,
                router,
                async {
                    stop.await;
                    tracing::info!("draining");
                    // The receivers live in the context: there is someone to tell.
                    let _ = drain.send(true);
                },
                limit,
            )
            .await;
        watching.abort();
        if let Some(jobs) = jobs {
            // It gives back what it has not finished; a solver that does not stop is left.
            let _ = tokio::time::timeout(RELEASE, jobs).await;
        }
        context.store.close().await;
        tracing::info!("stopped");
    }
}

/// The runner of this process. Jobs leave one slot to the calls.
fn run_jobs(context: &Arc<Context>) -> impl Future<Output = ()> + 'static {
    let settings = runner::Settings {
        at_once: context.config.solvers().saturating_sub(1).max(1),
        lease: context.config.lease,
        beat: context.config.lease / 6,
        time_limit: context.config.job_time_limit,
        max_arcs: context.config.max_arcs,
        bounds: context.config.bounds(),
        backend: Some(context.backend.clone()),
        wake: context.wake.clone(),
        ..runner::Settings::default()
    };
    runner::run(context.store.clone(), context.pool.clone(), settings, context.drain.clone())
}

fn routes(context: &Arc<Context>) -> Result<Routes, String> {
    let most = context.config.max_message_bytes;
    let reflection = |set| {
        tonic_reflection::server::Builder::configure().register_encoded_file_descriptor_set(set)
    };
    let set = concentric_proto::DESCRIPTORS;
    let new = reflection(set).build_v1().map_err(|error| error.to_string())?;
    // Many tools still ask by the older name.
    let old = reflection(set).build_v1alpha().map_err(|error| error.to_string())?;
    Ok(Routes::new(
        sealed::match_service_server::MatchServiceServer::new(Matching(context.clone()))
            .max_decoding_message_size(most),
    )
    .add_service(
        v1::ledger_service_server::LedgerServiceServer::new(Ledgers(context.clone()))
            .max_decoding_message_size(most),
    )
    .add_service(
        v1::job_service_server::JobServiceServer::new(Jobs(context.clone()))
            .max_decoding_message_size(most),
    )
    .add_service(
        v1::plan_service_server::PlanServiceServer::new(Plans(context.clone()))
            .max_decoding_message_size(most),
    )
    .add_service(new)
    .add_service(old))
}
