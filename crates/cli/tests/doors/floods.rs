//! Peers that mean harm, frame by frame: they are cut or bounded, and others are served.

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use concentric_proto::v1;
use prost::Message;
use tonic::transport::Channel;

use crate::peer::{
    CONTINUATION, DATA, END_HEADERS, END_STREAM, HEADERS, PING, Peer, RST_STREAM, SETTINGS, frame,
    head, header,
};
use crate::support::{Served, call, refused};

/// What an attacker may add to the memory of the server, in KiB.
const GROWTH: u64 = 64 << 10;

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

/// Closing the stream together with the answer would break the pipe of one who still writes.
#[test]
fn who_is_refused_while_writing_reads_why_and_may_end() {
    let server = Served::start(&[]);
    let mut peer = Peer::greet(&server, &[]);
    assert!(peer.send(HEADERS, END_HEADERS, 1, &head("MatchService/Guess")));
    assert!(peer.send(DATA, 0, 1, &[0; 1000]));
    let mut next = || peer.next().expect("the connection goes on");
    while !matches!(next(), (HEADERS, flags, 1, _) if flags & END_STREAM != 0) {}
    for part in 0..100 {
        let last = if part == 99 { END_STREAM } else { 0 };
        assert!(peer.send(DATA, last, 1, &[0; 1000]));
    }
    // Whatever it has to say of the stream comes before the answer to this.
    assert!(peer.send(PING, 0, 0, &[7; 8]));
    loop {
        match peer.next().expect("the connection goes on") {
            (PING, ..) => break,
            (kind, _, stream, _) => assert!((kind, stream) != (RST_STREAM, 1), "it is closed"),
        }
    }
}
