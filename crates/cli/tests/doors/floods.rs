//! Peers that mean harm, frame by frame: they are cut or bounded, and others are served.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use concentric_proto::v1;
use prost::Message;
use tonic::transport::Channel;

use crate::support::{Served, call, refused};

const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const CONTINUATION: u8 = 9;
const END_HEADERS: u8 = 4;

/// What an attacker may add to the memory of the server, in KiB.
const GROWTH: u64 = 64 << 10;

/// A connection that speaks HTTP/2 by hand.
struct Peer(TcpStream);

impl Peer {
    fn connect(server: &Served) -> Peer {
        let stream = TcpStream::connect(&server.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(15))).unwrap();
        stream.set_write_timeout(Some(Duration::from_secs(2))).unwrap();
        Peer(stream)
    }

    /// A connection that has said the preface and these settings.
    fn greet(server: &Served, settings: &[u8]) -> Peer {
        let mut peer = Peer::connect(server);
        peer.0.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").unwrap();
        assert!(peer.send(SETTINGS, 0, 0, settings));
        peer
    }

    /// Sends a frame; false when the server does not take it any more.
    fn send(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) -> bool {
        self.0.write_all(&frame(kind, flags, stream, payload)).is_ok()
    }

    /// The next frame: kind, flags, stream, payload; none at the end.
    fn next(&mut self) -> Option<(u8, u8, u32, Vec<u8>)> {
        let mut head = [0; 9];
        self.0.read_exact(&mut head).ok()?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; length as usize];
        self.0.read_exact(&mut payload).ok()?;
        let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        Some((head[3], head[4], stream, payload))
    }

    /// Whether the server ends the connection within `time`, whatever it says before.
    fn cut_within(mut self, time: Duration) -> bool {
        let end = Instant::now() + time;
        let mut bytes = [0; 4096];
        while Instant::now() < end {
            let left = end.saturating_duration_since(Instant::now()) + Duration::from_millis(1);
            self.0.set_read_timeout(Some(left)).unwrap();
            match self.0.read(&mut bytes) {
                Ok(0) => return true,
                Ok(_) => {}
                Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock) => {
                    return false;
                }
                Err(_) => return true,
            }
        }
        false
    }
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut bytes = length[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// A header without compression.
fn header(name: &str, value: &str) -> Vec<u8> {
    let mut bytes = vec![0];
    for text in [name, value] {
        bytes.push(u8::try_from(text.len()).unwrap());
        bytes.extend(text.as_bytes());
    }
    bytes
}

/// The headers of a call.
fn head(method: &str) -> Vec<u8> {
    let path = format!("/concentric.v1.{method}");
    [
        header(":method", "POST"),
        header(":scheme", "http"),
        header(":path", &path),
        header(":authority", "t"),
        header("content-type", "application/grpc"),
        header("te", "trailers"),
    ]
    .concat()
}

fn small() -> Vec<u8> {
    let source = Some(v1::validate_request::Source::Ledger(v1::Ledger::default()));
    v1::ValidateRequest { source, ..Default::default() }.encode_to_vec()
}

/// A call of someone who means no harm.
async fn served(channel: &Channel) -> Duration {
    let begin = Instant::now();
    call(channel, "MatchService/Validate", &[], small()).await.unwrap();
    begin.elapsed()
}

/// Runs an attack on a thread of its own while others call; what it returns.
async fn under<T: Send + 'static>(
    what: &str,
    server: &Served,
    channel: &Channel,
    attack: impl FnOnce() -> T + Send + 'static,
) -> T {
    served(channel).await;
    let before = server.memory("VmRSS");
    let attack = tokio::task::spawn_blocking(attack);
    let mut slowest = Duration::ZERO;
    while !attack.is_finished() {
        slowest = slowest.max(served(channel).await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let grown = server.memory("VmRSS").saturating_sub(before);
    println!("{what}: others waited {slowest:?} at most, {} KiB more", grown);
    assert!(slowest < Duration::from_secs(5), "{what}: others waited {slowest:?}");
    assert!(grown <= GROWTH, "{what}: {grown} KiB more");
    attack.await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_settings_of_a_connection_are_those_that_are_promised() {
    let server = Served::start(&[]);
    let found = tokio::task::spawn_blocking(move || {
        let mut peer = Peer::greet(&server, &[]);
        let (_, _, _, payload) = peer.next().filter(|(kind, ..)| *kind == SETTINGS).unwrap();
        let pairs = payload.chunks(6).map(|pair| {
            let key = u16::from_be_bytes([pair[0], pair[1]]);
            (key, u32::from_be_bytes([pair[2], pair[3], pair[4], pair[5]]))
        });
        pairs.collect::<Vec<_>>()
    });
    let found = found.await.unwrap();
    // Streams at a time; bytes of a list of headers.
    assert!(found.contains(&(3, 100)) && found.contains(&(6, 16 << 10)), "{found:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn floods_of_frames_are_cut_or_bounded() {
    let server = Served::start(&[]);
    let channel = server.channel().await;
    let head = head("MatchService/Match");

    let (mut peer, headers) = (Peer::greet(&server, &[]), head.clone());
    let cut = under("rapid reset", &server, &channel, move || {
        let sent = (0..50_000_u32).take_while(|k| {
            let stream = 2 * k + 1;
            peer.send(HEADERS, END_HEADERS, stream, &headers)
                && peer.send(RST_STREAM, 0, stream, &8_u32.to_be_bytes())
        });
        sent.count() < 50_000 || peer.cut_within(Duration::from_secs(10))
    });
    assert!(cut.await, "rapid reset");

    let (mut peer, headers) = (Peer::greet(&server, &[]), head.clone());
    let cut = under("continuation", &server, &channel, move || {
        let more = header("x-more", &"x".repeat(100)).repeat(100);
        let begun = peer.send(HEADERS, 0, 1, &headers);
        let sent = (0..20_000).take_while(|_| peer.send(CONTINUATION, 0, 1, &more)).count();
        begun && (sent < 20_000 || peer.cut_within(Duration::from_secs(10)))
    });
    assert!(cut.await, "continuation");

    // These cost the server an answer each, or nothing; it must stay a little.
    for (what, kind, stream, payload) in [
        ("empty data", 0, 1, vec![]),
        ("settings", SETTINGS, 0, vec![]),
        ("ping", PING, 0, vec![0; 8]),
    ] {
        let (mut peer, headers) = (Peer::greet(&server, &[]), head.clone());
        under(what, &server, &channel, move || {
            let begun = peer.send(HEADERS, END_HEADERS, 1, &headers);
            let many = frame(kind, 0, stream, &payload).repeat(1000);
            let end = Instant::now() + Duration::from_secs(2);
            // Nobody reads what comes back.
            while begun && Instant::now() < end && peer.0.write_all(&many).is_ok() {}
        })
        .await;
    }
    served(&channel).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_says_nothing_or_goes_on_too_slowly_is_let_go() {
    let server = Served::start(&[]);
    let channel = server.channel().await;
    let (silent, mut slow) = (Peer::connect(&server), Peer::greet(&server, &[]));
    let mut half = Peer::connect(&server);
    half.0.write_all(b"PRI * HT").unwrap();
    let mut web = Peer::connect(&server);
    web.0.write_all(b"POST /concentric.v1.MatchService/Match HTTP/1.1\r\nx: ").unwrap();
    // A message of 200 bytes, of which one comes.
    assert!(slow.send(HEADERS, END_HEADERS, 1, &head("MatchService/Match")));
    assert!(slow.send(0, 0, 1, &[0, 0, 0, 0, 200, 1]));
    let answers = under("silence", &server, &channel, move || {
        let limit = Duration::from_secs(30);
        let cut = [silent, half, web].map(|peer| peer.cut_within(limit));
        let end = std::iter::from_fn(|| slow.next()).find(|(kind, ..)| *kind == HEADERS);
        (cut, end)
    });
    let (cut, answer) = answers.await;
    assert_eq!(cut, [true; 3]);
    // A head that is also the end: a refusal.
    let (_, flags, stream, _) = answer.expect("an answer");
    assert_eq!((flags & 1, stream), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_never_reads_is_cut() {
    let server = Served::start(&["--unread-limit", "1s"]);
    let channel = server.channel().await;
    // No room for any byte of an answer.
    let mut peer = Peer::greet(&server, &[0, 4, 0, 0, 0, 0]);
    assert!(peer.send(HEADERS, END_HEADERS, 1, &head("MatchService/Validate")));
    let message = small();
    let mut body = vec![0, 0, 0, 0, u8::try_from(message.len()).unwrap()];
    body.extend(message);
    assert!(peer.send(0, 1, 1, &body));
    let cut = under("reader", &server, &channel, move || peer.cut_within(Duration::from_secs(20)));
    assert!(cut.await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn heads_that_are_too_large_are_refused_and_the_connection_goes_on() {
    let server = Served::start(&[]);
    let channel = server.channel().await;
    let large = "x".repeat(20 << 10);
    let status = call(&channel, "MatchService/Validate", &[("x-large", &large)], small()).await;
    assert!(status.is_err());
    served(&channel).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_beyond_the_limit_wait_for_one_to_end() {
    let server = Served::start(&["--max-connections", "2"]);
    let waited = tokio::task::spawn_blocking(move || {
        let mut first = Peer::greet(&server, &[]);
        let mut second = Peer::greet(&server, &[]);
        assert!(first.next().is_some() && second.next().is_some());
        let mut third = Peer::greet(&server, &[]);
        third.0.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
        let refused = third.next().is_none();
        drop(first);
        third.0.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        (refused, third.next().is_some())
    });
    assert_eq!(waited.await.unwrap(), (true, true));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bytes_of_all_calls_have_one_budget() {
    let flags = ["--max-message-bytes", "8192", "--max-bytes-in-flight", "8192"];
    let server = Served::start(&flags);
    let channel = server.channel().await;
    // A call that has sent most of its message and waits.
    let hold = || {
        let mut peer = Peer::greet(&server, &[]);
        assert!(peer.send(HEADERS, END_HEADERS, 1, &head("MatchService/Validate")));
        let mut body = vec![0, 0, 0, 0x1f, 0];
        body.extend([0; 6000]);
        assert!(peer.send(0, 0, 1, &body));
        peer
    };
    let mut peer = hold();
    let mut large = v1::ValidateRequest::decode(small().as_slice()).unwrap();
    large.scenario = "x".repeat(4000);
    let large = large.encode_to_vec();
    let end = Instant::now() + Duration::from_secs(10);
    let status = loop {
        tokio::time::sleep(Duration::from_millis(100)).await;
        match call(&channel, "MatchService/Validate", &[], large.clone()).await {
            Err(status) if refused(&status).1 == "OVERLOADED" => break status,
            other => assert!(Instant::now() < end, "never refused: {other:?}"),
        }
        // The other one may have come later, and have been refused itself.
        peer = hold();
    };
    assert_eq!(status.code(), tonic::Code::Unavailable);
    // Small calls still pass, and the large one when the other has gone.
    served(&channel).await;
    drop(peer);
    let end = Instant::now() + Duration::from_secs(5);
    loop {
        match call(&channel, "MatchService/Validate", &[], large.clone()).await {
            Err(status) if refused(&status).1 == "OVERLOADED" => {
                assert!(Instant::now() < end, "the room never came back");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            _ => break,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_the_limit_of_descriptors_who_is_in_is_served_and_nothing_spins() {
    let server = Served::limited(64, &[]);
    let channel = server.channel().await;
    served(&channel).await;
    let peers: Vec<TcpStream> =
        (0..100).map(|_| TcpStream::connect(&server.address).unwrap()).collect();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let (begin, before) = (Instant::now(), server.processor());
    for _ in 0..10 {
        served(&channel).await;
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
    let used = (server.processor() - before).as_secs_f64() / begin.elapsed().as_secs_f64();
    println!("at the limit: {:.1} % of a core", used * 100.0);
    assert!(used < 0.25, "{used}");
    drop(peers);
    let begin = Instant::now();
    served(&server.channel().await).await;
    assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
}
