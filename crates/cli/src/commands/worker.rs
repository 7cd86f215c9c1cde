//! `concentric worker`: solves the jobs of a store, beside any number of servers and workers.
//!
//! In: the URL of a store, limits. Out: ended jobs, in the store; signs of life on stderr.
//! Must not listen to any network. SIGTERM and Ctrl-C give back what is not done, a second
//! one ends at once; a worker that is killed loses nothing but the time of its leases.

use std::time::Duration;

use concentric_matcher::validate::Bounds;
use concentric_server::config::collector;
use concentric_server::{pool, runner, store};
use tokio::sync::watch;

use crate::args::duration;
use crate::backend::backend;
use crate::failure::{EXIT_CODES, Exit, Failure};
use crate::log;

const EXAMPLES: &str = "Examples:
  concentric worker --store sqlite:concentric.db
  concentric worker --store postgres://concentric@db.example/concentric --slots 4
  CONCENTRIC_LOG=info concentric worker --store sqlite:concentric.db

Stops on SIGTERM or Ctrl-C: jobs that are not done go back into the queue and count as not
begun. Any number of workers may share a store, with or without servers.";

/// Arguments of `worker`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
pub struct Args {
    /// Store: sqlite:PATH or postgres://...; created if it is empty
    #[arg(long, value_name = "URL")]
    store: String,
    /// Jobs at the same time; 0 takes all cores
    #[arg(long, value_name = "N", default_value_t = 0)]
    slots: usize,
    /// Longest solve of a job [forms: 30s, 500ms, 5m, 1h]
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = duration)]
    job_time_limit: Duration,
    /// How long a job waits for a worker that is not heard of; at least 500ms
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = lease)]
    lease: Duration,
    /// Most admissible pairs of one ledger
    #[arg(long, value_name = "N", default_value_t = 5_000_000)]
    max_arcs: u64,
    /// Collector of traces over gRPC, http://HOST:PORT; only in builds with otel
    #[arg(long, value_name = "URL", default_value = "", hide_default_value = true)]
    otlp_endpoint: String,
    /// How long solvers may take to let go after SIGTERM
    #[arg(long, value_name = "TIME", default_value = "20s", value_parser = duration)]
    drain: Duration,
}

/// A lease that leaves room for a few signs of life.
fn lease(text: &str) -> Result<Duration, String> {
    let time = duration(text)?;
    if time < Duration::from_millis(500) {
        return Err("must be 500ms or longer".to_owned());
    }
    Ok(time)
}

/// Runs it.
///
/// # Errors
/// A store that cannot be opened, a log filter or an endpoint that is wrong.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    collector(&args.otlp_endpoint).map_err(|error| Failure::input(format!("error: {error}")))?;
    // Silent unless asked.
    let filter = std::env::var("CONCENTRIC_LOG").unwrap_or_else(|_| "off".to_owned());
    let started = log::start(&filter, false, &args.otlp_endpoint);
    let traces = started.map_err(|error| Failure::input(format!("error: {error}")))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| internal(format!("error: cannot start: {error}")))?;
    let result = runtime.block_on(async {
        let traces = traces.send().map_err(|error| internal(format!("error: {error}")))?;
        let end = work(args).await;
        traces.end().await;
        end
    });
    // A solver that has not let go by now ends with the process.
    runtime.shutdown_background();
    result
}

async fn work(args: &Args) -> Result<Exit, Failure> {
    let store = store::open(&args.store)
        .await
        .map_err(|error| Failure::input(format!("error: cannot open the store: {error}")))?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let slots = if args.slots == 0 { cores } else { args.slots };
    let settings = runner::Settings {
        owner: format!("worker {}", std::process::id()),
        lease: args.lease,
        beat: args.lease / 6,
        time_limit: args.job_time_limit,
        max_arcs: args.max_arcs,
        bounds: Bounds::default(),
        backend: backend(),
        ..runner::Settings::default()
    };
    let mut signals = Signals::new()
        .map_err(|error| internal(format!("error: cannot listen to signals: {error}")))?;
    let (stop, stopped) = watch::channel(false);
    let pool = pool::Pool::new(slots, 0);
    let mut runner = tokio::spawn(runner::run(store.clone(), pool, settings, stopped));
    let noun = if slots == 1 { "job" } else { "jobs" };
    eprintln!("ready: {slots} {noun} at a time; stop with Ctrl-C or SIGTERM");
    tokio::select! {
        () = signals.next() => {}
        // It ends by itself only by a defect.
        end = &mut runner => return Err(internal(format!("error: the runner ended: {end:?}"))),
    }
    eprintln!("stopping: jobs that are not done go back into the queue");
    let _ = stop.send(true);
    tokio::select! {
        end = tokio::time::timeout(args.drain, &mut runner) => {
            if end.is_err() {
                eprintln!("a solver did not let go in time; what it held will be taken up again");
            }
        }
        () = signals.next() => return Ok(Exit::Done),
    }
    store.close().await;
    Ok(Exit::Done)
}

fn internal(message: String) -> Failure {
    Failure { exit: Exit::Internal, message }
}

/// SIGTERM and Ctrl-C.
struct Signals {
    #[cfg(unix)]
    term: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals {
            term: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.term.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Signals {})
    }

    async fn next(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}
