//! A store in a folder of its own, jobs from ledgers, runners that can be stopped.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use concentric_matcher::io::read_ledger;
use concentric_matcher::milp::{Answer, BackendError, MilpBackend, Request, Status};
use concentric_matcher::{Ledger, Plan};
use concentric_proto::v1;
use concentric_server::pool::Pool;
use concentric_server::runner::{Settings, run};
use concentric_server::store::{
    Blob, Change, EventKind, JobRow, JobState, NewJob, Outcome, Store, open,
};
use concentric_server::wire::{ledger_to_wire, plan_from_wire};
use prost::Message;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Two units of supply can never serve 9.
pub const IMPOSSIBLE: &str = r#"{"format": "concentric.ledger/v1", "units": [{"id": "u"}],
"limits": [{"id": "floor", "counts": "amount", "lower": 9}],
"offers": [{"id": "o", "unit": "u", "quantity": 2}], "needs": [{"id": "n", "quantity": 20}]}"#;

/// A ledger whose plan needs integers: 6 or nothing, where 4 would fit.
pub const WHOLE: &str = r#"{"format": "concentric.ledger/v1", "units": [{"id": "u"}],
"offers": [{"id": "o", "unit": "u", "quantity": 10}],
"needs": [{"id": "a", "quantity": 6, "min_useful": 6}, {"id": "b", "quantity": 9, "min_useful": 6}]}"#;

/// A store and its folder.
pub struct Desk {
    pub store: Arc<dyn Store>,
    pub pool: Arc<Pool>,
    _folder: tempfile::TempDir,
}

impl Desk {
    pub async fn new() -> Desk {
        let folder = tempfile::tempdir().unwrap();
        let store = open(&format!("sqlite:{}/s.db", folder.path().display())).await.unwrap();
        Desk { store, pool: Pool::new(2, 4), _folder: folder }
    }

    /// A job of a ledger, with options and a scenario.
    pub async fn job(&self, id: &str, ledger: &Ledger, scenario: &str, options: v1::Options) {
        self.bytes(id, ledger_to_wire(ledger).encode_to_vec(), scenario, options).await;
    }

    /// A job of whatever the bytes are.
    pub async fn bytes(&self, id: &str, ledger: Vec<u8>, scenario: &str, options: v1::Options) {
        let change = Change { tenant: "t".to_owned(), method: "Tests/Job", ..Change::default() };
        let new = NewJob {
            id: id.to_owned(),
            blob: Blob::new(ledger),
            ledger: "stored/1".to_owned(),
            scenario: scenario.to_owned(),
            options: options.encode_to_vec(),
            most: 1000,
        };
        let made = self.store.create_job(&change, &new).await.unwrap();
        assert!(matches!(made, Outcome::Done(_)));
    }

    /// Starts a runner.
    pub fn runner(&self, settings: Settings) -> Runner {
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(run(self.store.clone(), self.pool.clone(), settings, stopped));
        Runner { stop, task }
    }

    /// Waits until a job is in a state that `wanted` accepts.
    pub async fn until(&self, id: &str, wanted: impl Fn(&JobRow) -> bool) -> JobRow {
        for _ in 0..12_000 {
            let row = self.store.job("t", id).await.unwrap();
            if wanted(&row) {
                return row;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("{id} did not get there: {:?}", self.store.job("t", id).await);
    }

    pub async fn end_of(&self, id: &str) -> JobRow {
        self.until(id, |row| row.state.ended()).await
    }

    /// The plan of a job.
    pub async fn plan(&self, row: &JobRow) -> Plan {
        let head = self.store.plan("t", &row.plan).await.unwrap();
        assert_eq!((head.job.as_str(), head.ledger.as_str()), (row.id.as_str(), "stored/1"));
        let bytes = self.store.blob("t", &head.blob).await.unwrap();
        plan_from_wire(v1::Plan::decode(bytes.as_slice()).unwrap()).unwrap()
    }

    /// The states a job went through; events are checked for gaps on the way.
    pub async fn states(&self, id: &str) -> Vec<JobState> {
        let events = self.store.events("t", id, 0, 10_000).await.unwrap();
        assert!(events.iter().enumerate().all(|(k, event)| event.seq == k as i64 + 1));
        let state = |kind| match kind {
            EventKind::State(state) => Some(state),
            _ => None,
        };
        events.into_iter().filter_map(|event| state(event.kind)).collect()
    }
}

/// A runner and the means to stop it.
pub struct Runner {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Runner {
    /// Stops it and waits until it has gone.
    pub async fn stop(self) {
        self.stop.send(true).unwrap();
        self.task.await.unwrap();
    }
}

/// Settings that do not make tests wait.
pub fn quick() -> Settings {
    Settings {
        beat: Duration::from_millis(50),
        look: Duration::from_millis(10),
        poll: Duration::from_millis(10),
        ..Settings::default()
    }
}

/// An example ledger.
pub fn example(name: &str) -> Ledger {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/ledgers");
    read_ledger(&std::fs::read(folder.join(name)).unwrap()).unwrap()
}

pub fn ledger(text: &str) -> Ledger {
    read_ledger(text.as_bytes()).unwrap()
}

/// A back end that never ends by itself, or that breaks down.
#[derive(Debug, Default)]
pub struct Stuck {
    pub panics: bool,
    /// Solves begun.
    pub begun: AtomicU32,
}

impl MilpBackend for Stuck {
    fn name(&self) -> String {
        "stuck".to_owned()
    }

    fn has_duals(&self) -> bool {
        false
    }

    fn solve(
        &self,
        _: &Request<'_>,
        stop: &(dyn Fn() -> bool + Sync),
        _: &mut dyn FnMut(&[f64]),
    ) -> Result<Answer, BackendError> {
        self.begun.fetch_add(1, Ordering::SeqCst);
        assert!(!self.panics, "a defect");
        while !stop() {
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(Answer {
            status: Status::Stopped,
            values: None,
            bound: None,
            row_duals: None,
            nodes: 0,
            cpu: Duration::ZERO,
        })
    }
}
