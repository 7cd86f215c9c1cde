//! Bytes as hexadecimal text, and SHA-256 in that form.
//!
//! In: bytes. Out: lower-case text. Must not know what the bytes are.

use sha2::{Digest, Sha256};

/// Lower-case hexadecimal text of bytes.
pub fn encode(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

/// SHA-256 of bytes in hexadecimal.
///
/// ```
/// let sum = concentric_server::hex::sha256(b"abc");
/// assert!(sum.starts_with("ba7816bf8f01cfea"));
/// assert_eq!(sum.len(), 64);
/// ```
pub fn sha256(bytes: &[u8]) -> String {
    encode(&Sha256::digest(bytes))
}
