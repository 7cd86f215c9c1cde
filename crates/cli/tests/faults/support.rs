//! Processes of the command, their children, and what is asked over plain HTTP.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tonic::transport::Channel;

/// Longest wait for anything; only a defect reaches it.
pub const LONG: Duration = Duration::from_secs(90);

/// A folder with a store of its own.
pub struct Home {
    pub folder: tempfile::TempDir,
    pub path: PathBuf,
}

impl Home {
    pub fn new() -> Home {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jobs.db");
        Home { folder, path }
    }

    pub fn url(&self) -> String {
        format!("sqlite:{}", self.path.display())
    }

    /// Starts a server on this store, and waits until it is ready.
    pub fn server(&self, settings: &[&str]) -> Process {
        let flags = ["serve", "--listen", "127.0.0.1:0", "--log", "warn", "--store"];
        let mut process = Process::start(&flags, &self.url(), settings);
        process.ready_at("readyz");
        process
    }

    /// Starts a worker of this store, and waits until it takes jobs.
    pub fn worker(&self, settings: &[&str]) -> Process {
        Process::start(&["worker", "--store"], &self.url(), settings)
    }

    /// What SQLite says of its own file.
    pub async fn integrity(&self) -> String {
        use sqlx::Connection as _;
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&self.path);
        let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
        sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut connection).await.unwrap()
    }
}

/// A running server or worker.
pub struct Process {
    child: Child,
    begin: Instant,
    /// Where a server listens.
    pub address: Option<SocketAddr>,
    /// How long it took until it said that it is there, or a server until it was ready.
    pub ready: Duration,
    log: Option<std::thread::JoinHandle<String>>,
}

impl Process {
    fn start(flags: &[&str], url: &str, settings: &[&str]) -> Process {
        let begin = Instant::now();
        let mut child = Command::new(env!("CARGO_BIN_EXE_concentric"))
            .args(flags)
            .arg(url)
            .args(settings)
            .env("CONCENTRIC_LOG", "concentric_server=warn")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut errors = BufReader::new(child.stderr.take().unwrap());
        let mut words = BufReader::new(child.stdout.take().unwrap());
        let mut said = String::new();
        let mut address = None;
        if flags[0] == "serve" {
            words.read_line(&mut said).unwrap();
            let found = said.split("http://").nth(1).and_then(|rest| rest.split(' ').next());
            address = found.and_then(|text| text.parse().ok());
        } else {
            errors.read_line(&mut said).unwrap();
        }
        let there = address.is_some() || said.starts_with("ready: ");
        // It must not wait for someone to read its log.
        let log = std::thread::spawn(move || {
            let mut text = Vec::new();
            let _ = errors.read_to_end(&mut text);
            String::from_utf8_lossy(&text).into_owned()
        });
        let ready = begin.elapsed();
        let mut process = Process { child, begin, address, ready, log: Some(log) };
        assert!(there, "it did not start: {said}{}", process.end().1);
        process
    }

    fn ready_at(&mut self, path: &str) {
        wait("readiness", || self.get(path).starts_with("200"));
        self.ready = self.begin.elapsed();
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn channel(&self) -> Channel {
        let address = format!("http://{}", self.address.unwrap());
        Channel::from_shared(address).unwrap().connect_lazy()
    }

    /// Code and body of a plain GET; nothing if there is no answer.
    pub fn get(&self, path: &str) -> String {
        let ask = || -> std::io::Result<String> {
            let mut stream = TcpStream::connect(self.address.unwrap())?;
            stream.set_read_timeout(Some(Duration::from_secs(10)))?;
            write!(stream, "GET /{path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n")?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            let code = answer.split(' ').nth(1).unwrap_or_default().to_owned();
            let body = answer.split("\r\n\r\n").nth(1).unwrap_or_default().trim().to_owned();
            Ok(format!("{code} {body}"))
        };
        ask().unwrap_or_default()
    }

    pub fn signal(&self, name: &str) {
        signal(self.id(), name);
    }

    /// Ends it without a warning.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.log.take().unwrap().join().unwrap();
    }

    /// Asks it to end; its end and its log.
    pub fn terminate(mut self) -> (ExitStatus, String) {
        self.signal("TERM");
        self.end()
    }

    /// Waits for its end.
    pub fn end(&mut self) -> (ExitStatus, String) {
        wait("the end of a process", || self.child.try_wait().unwrap().is_some());
        let log = self.log.take().map(|log| log.join().unwrap()).unwrap_or_default();
        (self.child.wait().unwrap(), log)
    }

    /// Its solver processes at this moment.
    pub fn solvers(&self) -> Vec<u32> {
        solvers_of(&self.id().to_string())
    }

    /// Processor time used so far, in ticks of a hundredth of a second.
    pub fn ticks(&self) -> u64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.id())).unwrap();
        let rest = stat.rsplit(')').next().unwrap();
        rest.split_whitespace().skip(11).take(2).map(|n| n.parse::<u64>().unwrap()).sum()
    }
}

impl Drop for Process {
    /// A test that fails leaves nothing behind.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The solvers among the children of a process.
fn solvers_of(parent: &str) -> Vec<u32> {
    let entries = std::fs::read_dir("/proc").unwrap();
    let numbers = entries.filter_map(|e| e.ok()?.file_name().to_str()?.parse().ok());
    numbers.filter(|id| is_solver(*id, parent)).collect()
}

fn is_solver(id: u32, parent: &str) -> bool {
    let read = |name: &str| std::fs::read_to_string(format!("/proc/{id}/{name}"));
    let (Ok(stat), Ok(line)) = (read("stat"), read("cmdline")) else { return false };
    let mut rest = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    // A process that has ended and waits to be reaped solves nothing.
    let state = rest.next();
    state != Some("Z") && rest.next() == Some(parent) && line.contains("solver-worker")
}

/// Sends a signal by its name, to one that may be gone.
pub fn signal(id: u32, name: &str) {
    let mut kill = Command::new("/bin/kill");
    kill.args(["-s", name, &id.to_string()]).stderr(Stdio::null()).status().unwrap();
}

/// Waits until something holds.
#[track_caller]
pub fn wait(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + LONG;
    while !holds() {
        assert!(Instant::now() < end, "no {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Does something to every solver of a process that comes up, until dropped.
pub struct Haunt {
    stop: std::sync::Arc<std::sync::atomic::AtomicBool>,
    thread: Option<std::thread::JoinHandle<usize>>,
}

impl Haunt {
    pub fn new(process: &Process, act: impl Fn(u32) + Send + 'static) -> Haunt {
        use std::sync::atomic::Ordering::SeqCst;
        let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let (parent, stopped) = (process.id().to_string(), stop.clone());
        let thread = std::thread::spawn(move || {
            let mut met = std::collections::BTreeSet::new();
            while !stopped.load(SeqCst) {
                for id in solvers_of(&parent) {
                    if met.insert(id) {
                        act(id);
                    }
                }
                std::thread::sleep(Duration::from_millis(5));
            }
            met.len()
        });
        Haunt { stop, thread: Some(thread) }
    }

    /// Stops; how many solvers were met.
    pub fn end(mut self) -> usize {
        self.stop.store(true, std::sync::atomic::Ordering::SeqCst);
        self.thread.take().unwrap().join().unwrap()
    }
}

/// The text of an example ledger.
pub fn example(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/ledgers");
    std::fs::read(folder.join(name)).unwrap()
}
