//! A line to a server that fails where a seed wants it.
//!
//! It reads the frames of HTTP/2 as far as it takes to tell a request from its reply, so that a
//! fault is named by what it does to a call, not by a count of bytes.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use concentric_testkit::rng::Rng;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const END_STREAM: u8 = 1;
const PREFACE: usize = 24;

/// What becomes of one call.
#[derive(Clone, Copy)]
enum Fate {
    Whole,
    /// Cut before anything of the request is passed on.
    Unsent,
    /// The request is passed on; cut at once or a little later, whatever the server is at.
    Deserted,
    /// Cut when the reply is there, before anything of it is passed on.
    Lost,
    /// Cut in the middle of this frame of the reply: its head, its message, its status.
    Torn(usize),
    /// A pause between the head of the request and its message.
    SlowRequest,
    /// A pause before the reply is passed on.
    SlowReply,
}

/// The names of faults.
pub const FAULTS: [&str; 6] = ["unsent", "deserted", "lost", "torn", "slow request", "slow reply"];

impl Fate {
    fn draw(rng: &mut Rng) -> Fate {
        match rng.range(1, 100) {
            1..=52 => Fate::Whole,
            53..=62 => Fate::Unsent,
            63..=72 => Fate::Deserted,
            73..=82 => Fate::Lost,
            83..=94 => Fate::Torn(rng.below(3)),
            95..=97 => Fate::SlowRequest,
            _ => Fate::SlowReply,
        }
    }
}

/// How often each fault has happened, by its name.
pub type Tally = Arc<Mutex<BTreeMap<&'static str, usize>>>;

fn count(tally: &Tally, fault: &'static str) {
    *tally.lock().unwrap().entry(fault).or_default() += 1;
}

/// Where a line begins, and how many connections are open on it.
pub struct Line {
    pub address: SocketAddr,
    open: Arc<AtomicUsize>,
}

impl Line {
    /// Resolves when nobody has been on the line for a while: who still waits for an answer does
    /// not wait for the server. Too early does no harm, as the question is only asked again.
    pub async fn forsaken(&self) {
        let mut looks = 0;
        while looks < 20 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            looks = if self.open.load(Ordering::SeqCst) == 0 { looks + 1 } else { 0 };
        }
    }
}

/// Opens a line to a server.
///
/// Its decisions are those of the seed; which call meets which of them is also a matter of time,
/// as a client may not know yet that its connection has been cut.
pub async fn line(server: SocketAddr, seed: u64, stall: Duration, tally: &Tally) -> Line {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, tally) = (listener.local_addr().unwrap(), tally.clone());
    let open = Arc::new(AtomicUsize::new(0));
    let count = open.clone();
    tokio::spawn(async move {
        let mut seeds = Rng::new(seed);
        while let Ok((client, _)) = listener.accept().await {
            let rng = Rng::new(seeds.range(0, i64::MAX).unsigned_abs());
            // Errors are ends of connections, which is what this is about.
            let (tally, count) = (tally.clone(), count.clone());
            count.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(async move {
                let _ = carry(client, server, rng, stall, tally).await;
                count.fetch_sub(1, Ordering::SeqCst);
            });
        }
    });
    Line { address, open }
}

/// The fates of the calls of one connection, and how many frames of their replies have come.
type Fates = Mutex<BTreeMap<u32, (Fate, usize)>>;

async fn carry(
    mut client: TcpStream,
    server: SocketAddr,
    rng: Rng,
    stall: Duration,
    tally: Tally,
) -> io::Result<()> {
    let mut server = TcpStream::connect(server).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let fates = Fates::default();
    let (from_client, to_client) = client.split();
    let (from_server, to_server) = server.split();
    tokio::select! {
        _ = requests(from_client, to_server, rng, &fates, stall, &tally) => {}
        _ = replies(from_server, to_client, &fates, stall, &tally) => {}
    }
    // Both sides hear of it as a reset, not as an orderly end.
    client.set_zero_linger()?;
    server.set_zero_linger()
}

struct Frame {
    kind: u8,
    last: bool,
    stream: u32,
    bytes: Vec<u8>,
}

async fn frame(from: &mut ReadHalf<'_>) -> io::Result<Frame> {
    let mut bytes = vec![0; 9];
    from.read_exact(&mut bytes).await?;
    let length = u32::from_be_bytes([0, bytes[0], bytes[1], bytes[2]]);
    let stream = u32::from_be_bytes([bytes[5], bytes[6], bytes[7], bytes[8]]);
    let (kind, flags) = (bytes[3], bytes[4]);
    bytes.resize(9 + length as usize, 0);
    from.read_exact(&mut bytes[9..]).await?;
    let last = matches!(kind, DATA | HEADERS) && flags & END_STREAM != 0;
    Ok(Frame { kind, last, stream, bytes })
}

/// Passes on what the client says, until a fate or the client ends it.
async fn requests(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    mut rng: Rng,
    fates: &Fates,
    stall: Duration,
    tally: &Tally,
) -> io::Result<()> {
    let mut preface = [0; PREFACE];
    from.read_exact(&mut preface).await?;
    to.write_all(&preface).await?;
    loop {
        let frame = frame(&mut from).await?;
        if frame.kind == HEADERS {
            let fate = Fate::draw(&mut rng);
            if matches!(fate, Fate::Unsent) {
                count(tally, "unsent");
                return Ok(());
            }
            fates.lock().unwrap().insert(frame.stream, (fate, 0));
        }
        to.write_all(&frame.bytes).await?;
        let fate = fates.lock().unwrap().get(&frame.stream).map(|(fate, _)| *fate);
        match fate {
            Some(Fate::SlowRequest) if frame.kind == HEADERS => {
                count(tally, "slow request");
                tokio::time::sleep(stall).await;
            }
            Some(Fate::Deserted) if frame.last => {
                // A change takes some milliseconds; any of them may be the last.
                let pause = Duration::from_micros(rng.range(0, 8000).unsigned_abs());
                tokio::time::sleep(pause).await;
                count(tally, "deserted");
                return Ok(());
            }
            _ => {}
        }
    }
}

/// Passes on what the server says, until a fate or the server ends it.
async fn replies(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    fates: &Fates,
    stall: Duration,
    tally: &Tally,
) -> io::Result<()> {
    loop {
        let frame = frame(&mut from).await?;
        let fate = if matches!(frame.kind, DATA | HEADERS) {
            let mut fates = fates.lock().unwrap();
            let entry = fates.get_mut(&frame.stream);
            entry.map(|(fate, seen)| (*fate, std::mem::replace(seen, *seen + 1)))
        } else {
            None
        };
        match fate {
            Some((Fate::Lost, _)) => {
                count(tally, "lost");
                return Ok(());
            }
            // A refusal is a single frame.
            Some((Fate::Torn(at), seen)) if at == seen || frame.last => {
                to.write_all(&frame.bytes[..frame.bytes.len() / 2]).await?;
                count(tally, "torn");
                return Ok(());
            }
            Some((Fate::SlowReply, 0)) => {
                count(tally, "slow reply");
                tokio::time::sleep(stall).await;
            }
            _ => {}
        }
        to.write_all(&frame.bytes).await?;
    }
}
