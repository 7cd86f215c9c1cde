//! What the service costs beside the library, and how it bears more than it can do.
//!
//! In: the ledgers of `examples`. Out: a Markdown table on stdout. The server, its callers and
//! the bare calls of the library run in one process and one run, so that the ratios mean
//! something where the seconds do not. Rejected: a load generator of another project (its own
//! cost is not known here), a server in another process (no shared clock of processor time).
//!
//! `CONCENTRIC_BENCH_SECONDS`: length of each part, 10 unless stated otherwise.

mod load;
#[path = "../../crates/server/tests/server/raw.rs"]
mod raw;

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use concentric_matcher::io::read_ledger;
use concentric_matcher::{Engine, Ledger, Options};
use concentric_proto::v1;
use concentric_server::config::{Config, Texts};
use concentric_server::front::Server;
use concentric_server::wire::ledger_to_wire;
use concentric_worker::WorkerBackend;
use load::{Call, Tally, Times, closed, open};
use prost::Message;
use tonic::transport::Channel;

type Failure = Box<dyn Error + Send + Sync>;

/// Cores that the figures are for.
const CORES: usize = 2;

fn example(name: &str) -> Result<Ledger, Failure> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/ledgers");
    let text = std::fs::read(folder.join(format!("{name}.json")))?;
    read_ledger(&text).map_err(|issues| format!("{name}: {}", issues[0]).into())
}

fn ask(ledger: &Ledger, seconds: Option<i64>) -> bytes::Bytes {
    let time_limit = seconds.map(|seconds| prost_types::Duration { seconds, nanos: 0 });
    let source = Some(v1::match_request::Source::Ledger(ledger_to_wire(ledger)));
    let options = Some(v1::Options { time_limit, ..Default::default() });
    v1::MatchRequest { source, options, ..Default::default() }.encode_to_vec().into()
}

/// The same of a ledger that is in the store.
async fn stored(channel: &Channel, ledger: &Ledger) -> Result<bytes::Bytes, Failure> {
    use v1::ledger_service_client::LedgerServiceClient;
    let request = v1::CreateLedgerRequest {
        ledger_id: "light".into(),
        ledger: Some(ledger_to_wire(ledger)),
        ..Default::default()
    };
    let made = LedgerServiceClient::new(channel.clone()).create_ledger(request).await?;
    let name = made.into_inner().ledger.ok_or("no ledger")?.name;
    let source = Some(v1::match_request::Source::LedgerName(name));
    Ok(v1::MatchRequest { source, ..Default::default() }.encode_to_vec().into())
}

/// The library alone: checking and solving, on so many threads.
fn library(ledger: &Ledger, threads: usize, time: Duration) -> Tally {
    let begin = Instant::now();
    let work = || {
        let engine = Engine::new(Options { threads: 1, ..Options::default() });
        let mut times = Vec::new();
        while begin.elapsed() < time {
            let ledger = ledger.clone();
            let begin = Instant::now();
            if engine.match_ledger(ledger).is_ok() {
                times.push(begin.elapsed());
            }
        }
        times
    };
    let times = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect()
    });
    Tally { good: Times(times), took: begin.elapsed(), ..Tally::default() }
}

/// A server on threads of its own, as `concentric serve` starts it.
fn serve(folder: &Path) -> Result<String, Failure> {
    let mut texts = Texts::new();
    for (key, value) in [
        ("listen", "127.0.0.1:0".to_owned()),
        ("store", format!("sqlite:{}", folder.join("bench.db").display())),
        ("slots", CORES.to_string()),
        ("queue", "16".to_owned()),
        ("match_time_limit", "60s".to_owned()),
    ] {
        texts.insert(key.to_owned(), value);
    }
    let config = Config::from_sources(&[&texts])?;
    let program = Path::new(env!("CARGO_BIN_EXE_concentric"));
    let backend = Arc::new(WorkerBackend::new(program, ["solver-worker"]));
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let server = runtime.block_on(Server::start(config, backend))?;
    let address = server.address().to_string();
    std::thread::spawn(move || runtime.block_on(server.run(std::future::pending())));
    Ok(address)
}

/// Time from asking for a job to its plan being stored.
async fn job(channel: &Channel, ledger: &Ledger, seconds: i64) -> Result<f64, Failure> {
    use v1::job_service_client::JobServiceClient;
    let mut client = JobServiceClient::new(channel.clone());
    let begin = Instant::now();
    let source = Some(v1::create_match_job_request::Source::Ledger(ledger_to_wire(ledger)));
    let time_limit = Some(prost_types::Duration { seconds, nanos: 0 });
    let options = Some(v1::Options { time_limit, ..Default::default() });
    let request = v1::CreateMatchJobRequest { source, options, ..Default::default() };
    let job = client.create_match_job(request).await?.into_inner().job.ok_or("no job")?;
    let watch = v1::WatchJobRequest { name: job.name.clone(), after_sequence: 0 };
    let mut events = client.watch_job(watch).await?.into_inner();
    while events.message().await?.is_some() {}
    let took = begin.elapsed();
    let end = client.get_job(v1::GetJobRequest { name: job.name }).await?.into_inner();
    match end.job.map(|job| job.state()) {
        Some(v1::JobState::Succeeded) => Ok(took.as_secs_f64()),
        other => Err(format!("the job ended as {other:?}").into()),
    }
}

/// What becomes of calls at eight tenths of the capacity and at four times.
async fn overload(what: &str, call: &Call, apart: Channel, time: Duration) {
    // Of the capacity at this moment: the machine changes its pace.
    let now = closed(call, CORES * 2, time / 4).await.rate();
    let easy = open(call, now * 0.8, time).await;
    let flood = Call { channel: apart, ..call.clone() };
    // What it can do, before and after; between, without a pause, four times that.
    let mut able = closed(call, CORES * 2, time / 2).await;
    let over = open(&flood, able.rate() * 4.0, time).await;
    join(&mut able, closed(call, CORES * 2, time / 2).await);
    let capacity = able.rate();
    let percentiles = |times: &Times| (times.percentile(50), times.percentile(99));
    let (p50, p99) = percentiles(&easy.good);
    let shed = easy.shed.0.len();
    println!("| {what}, at 0.8 of capacity: p50, p99, ms | | {p50:.0}, {p99:.0} | shed {shed} |");
    let (rate, share) = (over.rate(), 100.0 * over.rate() / capacity);
    println!(
        "| {what}, at 4 times capacity: goodput, calls a second | | {rate:.1} | {share:.0} % of capacity |"
    );
    let (p50, p99) = percentiles(&over.good);
    println!(
        "| {what}, at 4 times capacity: p50, p99 of what is served, ms | | {p50:.0}, {p99:.0} | |"
    );
    let ((p50, p99), shed, other) = (percentiles(&over.shed), over.shed.0.len(), over.other);
    println!(
        "| {what}, at 4 times capacity: p50, p99 of what is shed, ms | | {p50:.1}, {p99:.1} | {shed} shed, {other} other |"
    );
}

async fn measure(address: &str, time: Duration) -> Result<(), Failure> {
    let (light, heavy) = (example("luotang")?, example("yixin")?);
    let connect = || Channel::from_shared(format!("http://{address}"));
    let channel = connect()?.connect().await?;
    let path = "/concentric.v1.MatchService/Match";
    let call = Call { channel: channel.clone(), path, body: ask(&light, None) };
    let answer = call.once().await?;
    let stored = Call { body: stored(&channel, &light).await?, ..call.clone() };
    if stored.once().await?.len().abs_diff(answer.len()) > 64 {
        return Err("the stored ledger has another plan".into());
    }

    // In turns, so that a machine that changes its pace changes it for both.
    let (mut bare, mut served) = (Tally::default(), Tally::default());
    let (mut bare_all, mut served_all) = (Tally::default(), Tally::default());
    let (mut named, mut named_all) = (Tally::default(), Tally::default());
    for _ in 0..4 {
        join(&mut bare, library(&light, 1, time / 4));
        join(&mut served, closed(&call, 1, time / 4).await);
        join(&mut named, closed(&stored, 1, time / 4).await);
        join(&mut bare_all, library(&light, CORES, time / 4));
        join(&mut served_all, closed(&call, CORES * 2, time / 4).await);
        join(&mut named_all, closed(&stored, CORES * 2, time / 4).await);
    }
    println!("| what | library | service | |");
    println!("|---|---|---|---|");
    let row = |what: &str, a: f64, b: f64, note: String| {
        println!("| {what} | {a:.1} | {b:.1} | {note} |")
    };
    for (what, one, all) in
        [("ledger in the message", &served, &served_all), ("stored ledger", &named, &named_all)]
    {
        let (a, b) = (bare.good.percentile(50), one.good.percentile(50));
        row(&format!("Match, {what}, one caller, p50, ms"), a, b, format!("{:+.1} ms", b - a));
        let (a, b) = (bare.good.percentile(99), one.good.percentile(99));
        row(&format!("Match, {what}, one caller, p99, ms"), a, b, format!("{:+.1} ms", b - a));
        let (a, b) = (bare_all.rate(), all.rate());
        let share = format!("{:.0} %", 100.0 * b / a);
        row(&format!("Match, {what}, two cores, calls a second"), a, b, share);
    }
    println!("| bytes of a call and its answer | | | {} and {} |", call.body.len(), answer.len());
    if served.other + served_all.other + named.other + named_all.other > 0 {
        return Err("calls failed".into());
    }

    let apart = connect()?.connect().await?;
    for (what, call) in [("ledger in the message", &call), ("stored ledger", &stored)] {
        overload(what, call, apart.clone(), time).await;
    }

    let seconds = 5;
    let took = job(&channel, &heavy, seconds).await?;
    println!(
        "| job of yixin.json with {seconds} s to solve: s to its stored plan | | {took:.2} | |"
    );

    // Every core solves; the caller of health has a connection of its own, as probes do.
    let seconds = i64::try_from(time.as_secs())? + 5;
    let busy = Call { channel: channel.clone(), path, body: ask(&heavy, Some(seconds)) };
    let solves: Vec<_> = (0..CORES)
        .map(|_| {
            let busy = busy.clone();
            tokio::spawn(async move { busy.once().await.map(drop) })
        })
        .collect();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let probe = |path, body| Call { channel: apart.clone(), path, body };
    let health = probe("/grpc.health.v1.Health/Check", bytes::Bytes::new());
    let list = v1::ListJobsRequest { page_size: 1, ..Default::default() };
    let mut client = v1::job_service_client::JobServiceClient::new(channel);
    let name = client.list_jobs(list).await?.into_inner().jobs.pop().ok_or("no job")?.name;
    let get = probe(
        "/concentric.v1.JobService/GetJob",
        v1::GetJobRequest { name }.encode_to_vec().into(),
    );
    let (health, get) = tokio::join!(open(&health, 20.0, time), open(&get, 20.0, time));
    for (what, tally) in [("health", health), ("GetJob", get)] {
        println!(
            "| {what} while all cores solve: p50, p99, max, ms | | {:.1}, {:.1}, {:.1} | {} calls, {} failed |",
            tally.good.percentile(50),
            tally.good.percentile(99),
            tally.good.percentile(100),
            tally.good.0.len(),
            tally.other + tally.shed.0.len()
        );
    }
    for solve in solves {
        solve.await??;
    }
    Ok(())
}

fn join(whole: &mut Tally, part: Tally) {
    whole.good.0.extend(part.good.0);
    whole.shed.0.extend(part.shed.0);
    whole.other += part.other;
    whole.took += part.took;
}

fn main() -> Result<(), Failure> {
    let seconds = std::env::var("CONCENTRIC_BENCH_SECONDS").ok().and_then(|s| s.parse().ok());
    let time = Duration::from_secs(seconds.unwrap_or(10));
    let folder = tempfile::tempdir()?;
    let address = serve(folder.path())?;
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(measure(&address, time))
}
