//! A connection that speaks HTTP/2 by hand, frame by frame.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::support::Served;

pub const DATA: u8 = 0;
pub const HEADERS: u8 = 1;
pub const RST_STREAM: u8 = 3;
pub const SETTINGS: u8 = 4;
pub const PING: u8 = 6;
pub const CONTINUATION: u8 = 9;
pub const END_STREAM: u8 = 1;
pub const END_HEADERS: u8 = 4;

/// A connection that speaks HTTP/2 by hand.
pub struct Peer(pub TcpStream);

impl Peer {
    pub fn connect(server: &Served) -> Peer {
        let stream = TcpStream::connect(&server.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(15))).unwrap();
        stream.set_write_timeout(Some(Duration::from_secs(2))).unwrap();
        Peer(stream)
    }

    /// A connection that has said the preface and these settings.
    pub fn greet(server: &Served, settings: &[u8]) -> Peer {
        let mut peer = Peer::connect(server);
        peer.0.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").unwrap();
        assert!(peer.send(SETTINGS, 0, 0, settings));
        peer
    }

    /// Sends a frame; false when the server does not take it any more.
    pub fn send(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) -> bool {
        self.0.write_all(&frame(kind, flags, stream, payload)).is_ok()
    }

    /// The next frame: kind, flags, stream, payload; none at the end.
    pub fn next(&mut self) -> Option<(u8, u8, u32, Vec<u8>)> {
        let mut head = [0; 9];
        self.0.read_exact(&mut head).ok()?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; length as usize];
        self.0.read_exact(&mut payload).ok()?;
        let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        Some((head[3], head[4], stream, payload))
    }

    /// Whether the server ends the connection within `time`, whatever it says before.
    pub fn cut_within(mut self, time: Duration) -> bool {
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

pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut bytes = length[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// A header without compression.
pub fn header(name: &str, value: &str) -> Vec<u8> {
    let mut bytes = vec![0];
    for text in [name, value] {
        bytes.push(u8::try_from(text.len()).unwrap());
        bytes.extend(text.as_bytes());
    }
    bytes
}

/// The headers of a call.
pub fn head(method: &str) -> Vec<u8> {
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
