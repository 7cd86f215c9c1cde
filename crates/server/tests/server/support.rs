//! A server to talk to, clients, ledgers.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use concentric_matcher::ledger::{Ledger, Need, Offer, Unit};
use concentric_matcher::milp::default_backend;
use concentric_proto::v1;
use concentric_server::config::{Config, Texts};
use concentric_server::front::Server;
use concentric_server::store::Store;
use concentric_server::wire::ledger_to_wire;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tonic::transport::Channel;
use tonic::{Code, Status};
use tonic_types::StatusExt;

pub struct Running {
    pub address: SocketAddr,
    pub store: Arc<dyn Store>,
    stop: Option<oneshot::Sender<()>>,
    done: JoinHandle<()>,
    _folder: tempfile::TempDir,
}

/// A server with a store of its own.
pub async fn server(settings: &[(&str, &str)]) -> Running {
    let folder = tempfile::tempdir().unwrap();
    let mut texts: Texts = BTreeMap::new();
    texts.insert("listen".into(), "127.0.0.1:0".into());
    texts.insert("store".into(), format!("sqlite:{}", folder.path().join("t.db").display()));
    texts.insert("slots".into(), "2".into());
    texts.insert("run_jobs".into(), "false".into());
    for (key, value) in settings {
        texts.insert((*key).into(), (*value).into());
    }
    let config = Config::from_sources(&[&texts]).unwrap();
    let server = Server::start(config, default_backend().unwrap()).await.unwrap();
    let (address, store) = (server.address(), server.context().store.clone());
    let (stop, stopped) = oneshot::channel();
    let done = tokio::spawn(server.run(async move {
        let _ = stopped.await;
    }));
    Running { address, store, stop: Some(stop), done, _folder: folder }
}

impl Running {
    pub async fn channel(&self) -> Channel {
        Channel::from_shared(format!("http://{}", self.address)).unwrap().connect().await.unwrap()
    }

    pub fn begin_stop(&mut self) {
        let _ = self.stop.take().unwrap().send(());
    }

    pub async fn ended(self) {
        self.done.await.unwrap();
    }

    /// One request over HTTP/1.1; status line with headers, and the body.
    pub async fn http(&self, head: &str) -> String {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let mut stream = tokio::net::TcpStream::connect(self.address).await.unwrap();
        let text = format!("{head}\r\nhost: test\r\nconnection: close\r\n\r\n");
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }
}

/// Two needs that want more than there is.
pub fn small() -> v1::Ledger {
    let ledger = Ledger::builder("street")
        .unit(Unit::new("clinic"))
        .offer(Offer::new("checks", "clinic", 40))
        .need(Need::new("east", 25))
        .need(Need::new("west", 30))
        .build();
    ledger_to_wire(&ledger)
}

/// The text of an example.
pub fn example(name: &str) -> Vec<u8> {
    let path = format!("{}/../../examples/ledgers/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(path).unwrap()
}

/// A ledger that keeps a solver of integer programs busy for a minute.
pub fn heavy() -> Vec<u8> {
    example("yixin")
}

/// Code and reason of a refusal; also holds that it has a domain and a Chinese sentence.
pub fn refused<T: std::fmt::Debug>(result: Result<T, Status>) -> (Code, String) {
    let status = result.expect_err("a refusal");
    let details = status.get_error_details();
    let info = details.error_info().unwrap_or_else(|| panic!("no reason: {status:?}"));
    assert_eq!(info.domain, "concentric.v1");
    assert_eq!(details.localized_message().unwrap().locale, "zh-CN");
    (status.code(), info.reason.clone())
}

/// Paths with reasons of a refusal.
pub fn fields(status: &Status) -> Vec<(String, String)> {
    let details = status.get_error_details();
    let bad = details.bad_request().expect("field violations");
    bad.field_violations.iter().map(|v| (v.field.clone(), v.reason.clone())).collect()
}
