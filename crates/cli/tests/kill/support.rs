//! A store in a folder, worker processes that are killed, jobs that are remembered.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use concentric_matcher::Ledger;
use concentric_matcher::io::read_ledger;
use concentric_proto::v1;
use concentric_server::store::{
    Blob, Change, EventKind, JobRow, JobState, NewJob, Outcome, Page, Store, StoreError, open,
};
use concentric_server::wire::ledger_to_wire;
use prost::Message;

/// A store and its folder. This process stands for the server: what it was told is
/// acknowledged.
pub struct Home {
    pub url: String,
    pub store: Arc<dyn Store>,
    _folder: tempfile::TempDir,
}

impl Home {
    pub async fn new() -> Home {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("jobs.db").display());
        let store = open(&url).await.unwrap();
        Home { url, store, _folder: folder }
    }

    /// Starts a worker and waits until it takes jobs.
    pub fn worker(&self, slots: usize, lease: &str) -> Worker {
        let begin = Instant::now();
        let mut child = Command::new(env!("CARGO_BIN_EXE_concentric"))
            .args(["worker", "--store", &self.url, "--lease", lease])
            .args(["--slots", &slots.to_string()])
            .env("CONCENTRIC_LOG", "concentric_server=warn")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        while !said.contains("ready: ") {
            assert!(lines.read_line(&mut said).unwrap() > 0, "it ended: {said}");
        }
        let ready = begin.elapsed();
        // It must not wait for someone to read its log.
        let log = std::thread::spawn(move || {
            let mut text = String::new();
            let _ = lines.read_to_string(&mut text);
            text
        });
        Worker { child, ready, log }
    }

    /// Makes a job; the id of the job that the request stands for.
    pub async fn ask(&self, request: &str, id: &str, ledger: &[u8], payload: &str) -> String {
        let change = Change {
            tenant: "t".to_owned(),
            method: "Tests/Ask",
            request_id: request.to_owned(),
            payload: payload.to_owned(),
            ..Change::default()
        };
        let new = NewJob {
            id: id.to_owned(),
            blob: Blob::new(ledger.to_vec()),
            ledger: String::new(),
            scenario: String::new(),
            options: v1::Options::default().encode_to_vec(),
            most: 10_000,
        };
        let made: Outcome<JobRow> = self.store.create_job(&change, &new).await.unwrap();
        made.split().0.id
    }

    /// Asks to cancel a job that may have ended.
    pub async fn cancel(&self, id: &str) {
        let change = Change { tenant: "t".to_owned(), method: "Tests/Cancel", ..Change::default() };
        match self.store.cancel_job(&change, id).await {
            Ok(_) | Err(StoreError::Ended(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }

    pub async fn job(&self, id: &str) -> JobRow {
        self.store.job("t", id).await.unwrap()
    }

    /// Waits until a job is as `wanted`.
    pub async fn until(&self, id: &str, wanted: impl Fn(&JobRow) -> bool) -> JobRow {
        let end = Instant::now() + Duration::from_secs(180);
        loop {
            let row = self.job(id).await;
            if wanted(&row) {
                return row;
            }
            assert!(Instant::now() < end, "it does not get there: {row:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// All jobs.
    pub async fn jobs(&self) -> Vec<JobRow> {
        let page = Page { limit: 100_000, ..Page::default() };
        self.store.list_jobs("t", &page).await.unwrap()
    }

    /// The states a job went through; its events must have no gap.
    pub async fn states(&self, row: &JobRow) -> Vec<JobState> {
        let events = self.store.events("t", &row.id, 0, 100_000).await.unwrap();
        let numbers: Vec<i64> = events.iter().map(|event| event.seq).collect();
        assert_eq!(numbers, (1..=row.last_seq).collect::<Vec<_>>());
        let state = |kind| match kind {
            EventKind::State(state) => Some(state),
            _ => None,
        };
        events.into_iter().filter_map(|event| state(event.kind)).collect()
    }

    /// What SQLite says of its own file.
    pub async fn integrity(&self) -> String {
        use sqlx::Connection as _;
        let path = self.url.trim_start_matches("sqlite:");
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
        let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
        sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut connection).await.unwrap()
    }
}

/// A running worker.
pub struct Worker {
    child: Child,
    /// How long it took to be ready.
    pub ready: Duration,
    log: std::thread::JoinHandle<String>,
}

impl Worker {
    /// Sends a signal by its name.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("/bin/kill")
            .args(["-s", name, &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
    }

    /// Ends it without a warning.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.log.join().unwrap();
    }

    /// Asks it to end; its end and what it said.
    pub fn terminate(mut self) -> (ExitStatus, String) {
        self.signal("TERM");
        let status = self.child.wait().unwrap();
        (status, self.log.join().unwrap())
    }
}

/// The message of a ledger.
pub fn bytes(ledger: &Ledger) -> Vec<u8> {
    ledger_to_wire(ledger).encode_to_vec()
}

/// An example ledger as a message.
pub fn example(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/ledgers");
    bytes(&read_ledger(&std::fs::read(folder.join(name)).unwrap()).unwrap())
}

/// A ledger that names a unit it does not have, as a message.
pub fn wrong() -> Vec<u8> {
    let text = r#"{"format": "concentric.ledger/v1", "units": [{"id": "u"}],
        "offers": [{"id": "o", "unit": "nobody", "quantity": 2}],
        "needs": [{"id": "n", "quantity": 2}]}"#;
    bytes(&read_ledger(text.as_bytes()).unwrap())
}
