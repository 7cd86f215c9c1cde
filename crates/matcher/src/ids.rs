//! Identifiers and their one rule.
//!
//! In: text from a ledger. Out: a verdict. Must not know what carries the id.
//! Rejected: a newtype per record kind; ids travel as plain strings in the file
//! form and as positions (`u32`) everywhere after validation, so a newtype would
//! be unwrapped at once in both places.

/// Longest id, in bytes.
pub const MAX_ID_LEN: usize = 64;

/// Whether `text` is an id: ASCII `[A-Za-z0-9._-]{1,64}`.
///
/// ```
/// use concentric_matcher::ids::is_id;
/// assert!(is_id("u01.hours"));
/// assert!(!is_id("") && !is_id("Ａ") && !is_id("a b"));
/// ```
pub fn is_id(text: &str) -> bool {
    (1..=MAX_ID_LEN).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}
