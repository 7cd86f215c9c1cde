//! Connections: how many, for how long, and their end.
//!
//! In: a listener and a router. Out: served connections, until the stop and its time limit.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use http::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

use super::patient::Patient;
use super::tls;
use super::unread::Unread;
use crate::config::Config;

/// Longest handshake, wait for the first bytes, and head of a request over HTTP/1.1.
const HANDSHAKE: Duration = Duration::from_secs(5);
/// Pause when the system gives no more descriptors.
const BACKOFF: Duration = Duration::from_millis(50);
/// Age at which a connection is asked to end, so that load spreads over replicas.
const AGE: Duration = Duration::from_secs(1800);
/// Longest time between the order to stop and the end of taking connections.
const NOTICE: Duration = Duration::from_secs(2);
/// Largest head of a request.
const HEAD: u32 = 16 << 10;

/// How connections are taken.
pub struct Doors {
    connections: Arc<Semaphore>,
    tls: Option<TlsAcceptor>,
    http: Arc<Builder<TokioExecutor>>,
    unread: Duration,
}

impl Doors {
    pub fn new(config: &Config) -> Result<Self, String> {
        let mut http = Builder::new(TokioExecutor::new());
        http.http1()
            .timer(TokioTimer::new())
            .header_read_timeout(HANDSHAKE)
            .max_buf_size(HEAD as usize);
        http.http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(config.max_streams)
            .max_header_list_size(HEAD)
            .keep_alive_interval(Duration::from_secs(60))
            .keep_alive_timeout(Duration::from_secs(20));
        Ok(Doors {
            connections: Arc::new(Semaphore::new(config.max_connections)),
            tls: tls::acceptor(config)?,
            http: Arc::new(http),
            unread: config.unread_limit,
        })
    }

    /// Serves until `stop` is done and all connections have ended, or `limit` has passed.
    ///
    /// For a fifth of the limit, at most 2 s, connections stay open to new calls, which are
    /// refused by name: a client that hears of the end only from its connection takes a call
    /// that was just on its way for cancelled, and balancers learn of it by asking.
    pub async fn serve(
        self,
        listener: TcpListener,
        router: Router,
        stop: impl Future<Output = ()>,
        limit: Duration,
    ) {
        let (ending, end) = watch::channel(false);
        let mut open = JoinSet::new();
        tokio::pin!(stop);
        let notice = (limit / 5).min(NOTICE);
        let mut leave = None;
        loop {
            while open.try_join_next().is_some() {}
            if leave.is_some() && open.is_empty() {
                break;
            }
            let accepted = tokio::select! {
                () = &mut stop, if leave.is_none() => {
                    leave = Some(Instant::now() + notice);
                    continue;
                }
                () = at(leave) => break,
                _ = open.join_next(), if leave.is_some() => continue,
                accepted = self.accept(&listener) => accepted,
            };
            let (stream, permit) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "accept");
                    tokio::time::sleep(BACKOFF).await;
                    continue;
                }
            };
            let (tls, http, end) = (self.tls.clone(), self.http.clone(), end.clone());
            let (router, unread) = (router.clone(), self.unread);
            open.spawn(async move {
                let _permit = permit;
                connection(stream, tls, http, router, unread, end).await;
            });
        }
        // Nobody comes in any more; those who are in may finish.
        drop(listener);
        let _ = ending.send(true);
        let all = async { while open.join_next().await.is_some() {} };
        if tokio::time::timeout(limit - notice, all).await.is_err() {
            tracing::warn!("connections were cut at the end of the drain");
        }
    }

    async fn accept(
        &self,
        listener: &TcpListener,
    ) -> std::io::Result<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
        let permit = self.connections.clone().acquire_owned().await;
        let permit = permit.map_err(std::io::Error::other)?;
        let (stream, _) = listener.accept().await?;
        // A peer that has left already must not make the others wait.
        let _ = stream.set_nodelay(true);
        Ok((stream, permit))
    }
}

/// Resolves at that time; never, if there is none.
async fn at(time: Option<Instant>) {
    match time {
        Some(time) => tokio::time::sleep_until(time).await,
        None => std::future::pending().await,
    }
}

async fn connection(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    http: Arc<Builder<TokioExecutor>>,
    router: Router,
    unread: Duration,
    end: watch::Receiver<bool>,
) {
    let Some(tls) = tls else { return talk(stream, &http, router, unread, end).await };
    match tokio::time::timeout(HANDSHAKE, tls.accept(stream)).await {
        Ok(Ok(stream)) => talk(stream, &http, router, unread, end).await,
        Ok(Err(error)) => tracing::debug!(%error, "handshake"),
        Err(_) => tracing::debug!("handshake took too long"),
    }
}

async fn talk(
    stream: impl AsyncRead + AsyncWrite + Unpin + 'static,
    http: &Builder<TokioExecutor>,
    router: Router,
    limit: Duration,
    mut end: watch::Receiver<bool>,
) {
    let unread = Unread::default();
    let mark = unread.clone();
    let service = router.map_request(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(mark.clone());
        request
    });
    let stream = TokioIo::new(Patient::new(stream, HANDSHAKE));
    let connection = http.serve_connection(stream, TowerToHyperService::new(service));
    tokio::pin!(connection);
    let old = tokio::time::sleep(AGE);
    tokio::pin!(old);
    let mut leaving = false;
    let result = loop {
        tokio::select! {
            result = connection.as_mut() => break result,
            _ = end.wait_for(|ending| *ending), if !leaving => leaving = true,
            () = old.as_mut(), if !leaving => leaving = true,
            () = unread.for_longer_than(limit) => {
                tracing::debug!("the peer does not read");
                return;
            }
        }
        connection.as_mut().graceful_shutdown();
    };
    if let Err(error) = result {
        tracing::debug!(%error, "connection");
    }
}
