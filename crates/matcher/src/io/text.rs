//! Bytes to text, and offsets to lines and columns.
//!
//! In: the bytes of a file. Out: text without a byte order mark, or one issue. Must
//! not know JSON beyond brackets and strings.

use crate::error::{Code, Issue};

/// Deepest nesting of arrays and objects that is read. A ledger needs about eight;
/// the bound keeps every later recursion over the file short.
pub(super) const MAX_NESTING: usize = 64;

/// Path of an issue about the file as a whole.
pub(super) const WHOLE: &str = "$";

/// An issue about the file as a whole.
pub(super) fn malformed(message: impl Into<String>, position: (usize, usize)) -> Issue {
    let mut issue = Issue::new(Code::FileMalformed, WHOLE, message);
    issue.position = Some(position);
    issue
}

/// Decodes UTF-8, drops a byte order mark and measures the nesting.
pub(super) fn decode(bytes: &[u8]) -> Result<&str, Issue> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let at = error.valid_up_to();
            let good = std::str::from_utf8(&bytes[..at]).unwrap_or_default();
            let message = "this is not UTF-8 text; save the file as UTF-8 JSON";
            return Err(malformed(message, Lines::new(good).position(at)));
        }
    };
    if text.trim().is_empty() {
        return Err(malformed("the file is empty", (1, 1)));
    }
    if let Some(at) = too_deep(bytes) {
        let message = format!("brackets nest more than {MAX_NESTING} deep");
        return Err(malformed(message, Lines::new(text).position(at)));
    }
    Ok(text)
}

/// Offset of the first bracket that opens beyond [`MAX_NESTING`]. Wrong brackets are
/// the parser's to find: here a closing one only ever lowers the count.
fn too_deep(bytes: &[u8]) -> Option<usize> {
    let (mut depth, mut inside, mut escaped) = (0_usize, false, false);
    for (at, &byte) in bytes.iter().enumerate() {
        if inside {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => inside = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => inside = true,
            b'[' | b'{' => {
                depth += 1;
                if depth > MAX_NESTING {
                    return Some(at);
                }
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

/// Where the lines of a text begin.
#[derive(Debug)]
pub(super) struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    /// Scans `text` once.
    pub fn new(text: &'a str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect();
        Lines { text, starts }
    }

    /// Line and column, both from 1, of a byte offset; columns count characters.
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let line = self.starts.partition_point(|&start| start <= offset).max(1);
        let start = self.starts[line - 1];
        let before = self.text.as_bytes().get(start..offset).unwrap_or_default();
        // Every character has exactly one byte that is not a continuation byte.
        let column = before.iter().filter(|byte| **byte & 0xC0 != 0x80).count();
        (line, column + 1)
    }

    /// Byte offset of a line and a byte column, both from 1.
    pub fn offset(&self, line: usize, column: usize) -> usize {
        let start = self.starts.get(line.saturating_sub(1)).copied().unwrap_or(self.text.len());
        (start + column.saturating_sub(1)).min(self.text.len())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let lines = Lines::new("ab\n需求 x\n");
        assert_eq!(lines.position(0), (1, 1));
        assert_eq!(lines.position(3), (2, 1));
        assert_eq!(lines.position(3 + 7), (2, 4));
        assert_eq!(lines.position("ab\n需求 x\n".len()), (3, 1));
    }

    #[test]
    fn nesting_is_counted_outside_strings() {
        let deep = |k: usize| format!("{}{}", "[".repeat(k), "]".repeat(k));
        assert!(decode(deep(MAX_NESTING).as_bytes()).is_ok());
        let issue = decode(deep(MAX_NESTING + 1).as_bytes()).unwrap_err();
        assert_eq!(issue.position, Some((1, MAX_NESTING + 1)));
        let text = format!("[\"{}\\\"[\"]", "[".repeat(200));
        assert!(decode(text.as_bytes()).is_ok());
    }

    #[test]
    fn bytes_that_are_no_text_have_a_position() {
        let issue = decode(b"{\n \"a\": \"\xff\"}").unwrap_err();
        assert_eq!((issue.code, issue.position), (Code::FileMalformed, Some((2, 8))));
        assert_eq!(decode(b"\xEF\xBB\xBF{}"), Ok("{}"));
        assert_eq!(decode(b" \n").unwrap_err().code, Code::FileMalformed);
    }
}
