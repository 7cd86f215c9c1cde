//! Frames: a message with its length and a checksum, so that a broken stream is seen.
//!
//! In: bytes in pieces of any size. Out: whole payloads, or the first fault. Must not
//! know what the payloads mean. Rejected: lines of JSON (numbers must arrive bit by bit
//! as they left), and a cryptographic sum (this guards against accidents; a worker may
//! lie in well-formed messages anyway).
//!
//! A frame is: version (1 byte), kind (1), length of the payload (4, little-endian),
//! CRC-32 of all of these and the payload (4), payload.

/// Version of frames and messages; both sides are the same program.
pub const VERSION: u8 = 1;
const HEAD: usize = 10;

/// A whole message as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// What the payload claims to be.
    pub kind: u8,
    /// Its bytes.
    pub payload: Vec<u8>,
}

/// Why a stream cannot be read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Another version, or no frame at all.
    #[error("a message of version {0}")]
    Version(u8),
    /// A length beyond what may be sent.
    #[error("a message of {0} bytes")]
    Length(u32),
    /// Bytes were changed on the way.
    #[error("a message with a wrong checksum")]
    Checksum,
}

/// The frame of a payload, or nothing if it is too long for any frame.
pub fn encode(kind: u8, payload: &[u8]) -> Option<Vec<u8>> {
    let length = u32::try_from(payload.len()).ok()?;
    let mut bytes = Vec::with_capacity(HEAD + payload.len());
    bytes.extend([VERSION, kind]);
    bytes.extend(length.to_le_bytes());
    let sum = Crc::new().add(&bytes).add(payload).sum();
    bytes.extend(sum.to_le_bytes());
    bytes.extend(payload);
    Some(bytes)
}

/// Cuts a stream into frames; holds no more than one frame and what was pushed last.
#[derive(Debug)]
pub struct Frames {
    bytes: Vec<u8>,
    /// Longest payload that is taken.
    longest: u32,
}

impl Frames {
    /// A stream whose payloads have at most so many bytes.
    pub fn new(longest: u32) -> Self {
        Frames { bytes: Vec::new(), longest }
    }

    /// Takes the next piece of the stream.
    pub fn push(&mut self, piece: &[u8]) {
        self.bytes.extend_from_slice(piece);
    }

    /// How many bytes the frame at hand still lacks at least; 0 if [`Self::pop`] has news.
    pub fn lacking(&self) -> usize {
        let whole = self.length().map_or(HEAD, |length| HEAD + length as usize);
        whole.saturating_sub(self.bytes.len())
    }

    /// Whether nothing is left over: a stream that ends now ends well.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The next whole frame, or nothing until more bytes come.
    ///
    /// # Errors
    /// On the first byte that cannot be right; the stream is lost then.
    pub fn pop(&mut self) -> Result<Option<Frame>, FrameError> {
        if let Some(&version) = self.bytes.first()
            && version != VERSION
        {
            return Err(FrameError::Version(version));
        }
        let Some(length) = self.length() else { return Ok(None) };
        if length > self.longest {
            return Err(FrameError::Length(length));
        }
        let end = HEAD + length as usize;
        if self.bytes.len() < end {
            return Ok(None);
        }
        let sum = Crc::new().add(&self.bytes[..6]).add(&self.bytes[HEAD..end]).sum();
        if self.bytes[6..HEAD] != sum.to_le_bytes() {
            return Err(FrameError::Checksum);
        }
        // The payload keeps the buffer; only what follows it is copied.
        let rest = self.bytes.split_off(end);
        let mut payload = std::mem::replace(&mut self.bytes, rest);
        let kind = payload[1];
        payload.drain(..HEAD);
        Ok(Some(Frame { kind, payload }))
    }

    /// Length of the payload, once its head is here.
    fn length(&self) -> Option<u32> {
        if self.bytes.len() < HEAD {
            return None;
        }
        let four: [u8; 4] = self.bytes.get(2..6)?.try_into().ok()?;
        Some(u32::from_le_bytes(four))
    }
}

/// CRC-32 with the reflected polynomial 0xEDB88320 (ISO 3309).
struct Crc(u32);

impl Crc {
    const TABLE: [u32; 256] = {
        let mut table = [0u32; 256];
        let mut byte = 0;
        while byte < 256 {
            let mut rest = byte as u32;
            let mut bit = 0;
            while bit < 8 {
                rest = if rest & 1 == 1 { (rest >> 1) ^ 0xEDB8_8320 } else { rest >> 1 };
                bit += 1;
            }
            table[byte] = rest;
            byte += 1;
        }
        table
    };

    fn new() -> Self {
        Crc(u32::MAX)
    }

    fn add(self, bytes: &[u8]) -> Self {
        Crc(bytes.iter().fold(self.0, |sum, &byte| {
            Self::TABLE[((sum ^ u32::from(byte)) & 0xFF) as usize] ^ (sum >> 8)
        }))
    }

    fn sum(&self) -> u32 {
        !self.0
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Crc, Frame, FrameError, Frames, encode};

    #[test]
    fn the_checksum_is_the_published_one() {
        assert_eq!(Crc::new().add(b"1234").add(b"56789").sum(), 0xCBF4_3926);
    }

    #[test]
    fn frames_survive_any_cut() {
        let mut stream = encode(3, b"first").unwrap();
        stream.extend(encode(4, b"").unwrap());
        let expected =
            [Frame { kind: 3, payload: b"first".into() }, Frame { kind: 4, payload: vec![] }];
        for step in 1..stream.len() {
            let mut frames = Frames::new(5);
            let mut found = Vec::new();
            for piece in stream.chunks(step) {
                frames.push(piece);
                while let Some(frame) = frames.pop().unwrap() {
                    found.push(frame);
                }
                assert!(frames.is_empty() || frames.lacking() > 0);
            }
            assert_eq!(found, expected, "pieces of {step}");
            assert!(frames.is_empty());
        }
    }

    #[test]
    fn every_changed_byte_is_seen_and_a_short_stream_gives_nothing() {
        let good = encode(2, b"payload").unwrap();
        for at in 0..good.len() {
            let mut frames = Frames::new(7);
            frames.push(&good[..at]);
            assert_eq!(frames.pop(), Ok(None), "cut at {at}");
            for bit in 0..8 {
                let mut bad = good.clone();
                bad[at] ^= 1 << bit;
                let mut frames = Frames::new(7);
                frames.push(&bad);
                assert!(!matches!(frames.pop(), Ok(Some(_))), "bit {bit} of byte {at}");
            }
        }
    }

    #[test]
    fn a_length_beyond_the_cap_is_refused_before_its_bytes_come() {
        let mut frames = Frames::new(4);
        frames.push(&encode(1, b"five!").unwrap()[..10]);
        assert_eq!(frames.pop(), Err(FrameError::Length(5)));
    }
}
