//! A ledger as JSON with one record a line: readable, diffable, and a third of the size
//! of fully indented text.
//!
//! In: anything that serialises. Out: JSON. Must not know ledgers, only depth.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

/// Breaks lines in the outermost object and in the lists right inside it.
#[derive(Default)]
struct Records {
    depth: usize,
    /// Whether the container being written has anything in it.
    filled: bool,
}

/// Depth up to which every item gets its own line.
const BROKEN: usize = 2;

impl Records {
    fn open<W: Write + ?Sized>(&mut self, out: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth += 1;
        self.filled = false;
        out.write_all(bracket)
    }

    fn close<W: Write + ?Sized>(&mut self, out: &mut W, bracket: &[u8]) -> io::Result<()> {
        if self.filled && self.depth <= BROKEN {
            out.write_all(b"\n")?;
        }
        self.depth -= 1;
        self.filled = true;
        out.write_all(bracket)
    }

    fn item<W: Write + ?Sized>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.filled = true;
        if self.depth <= BROKEN {
            return out.write_all(if first { b"\n" } else { b",\n" });
        }
        if first { Ok(()) } else { out.write_all(b", ") }
    }
}

impl Formatter for Records {
    fn begin_array<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.open(out, b"[")
    }

    fn end_array<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.close(out, b"]")
    }

    fn begin_array_value<W: Write + ?Sized>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.item(out, first)
    }

    fn begin_object<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.open(out, b"{")
    }

    fn end_object<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.close(out, b"}")
    }

    fn begin_object_key<W: Write + ?Sized>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.item(out, first)
    }

    fn begin_object_value<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }
}

/// Writes `value` with one record a line and a final newline, without holding the text.
///
/// # Errors
/// Those of the writer.
pub fn write_records<W: Write>(out: &mut W, value: &impl Serialize) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(&mut *out, Records::default()))?;
    out.write_all(b"\n")
}

/// Writes indented JSON with a final newline.
///
/// # Errors
/// Those of the writer.
pub fn write_pretty<W: Write>(out: &mut W, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    out.write_all(b"\n")
}

#[cfg(test)]
mod tests {
    use super::write_records;
    use serde_json::{Value, json};

    #[test]
    #[allow(clippy::unwrap_used)]
    fn records_stand_on_lines_of_their_own() {
        let value =
            json!({"a": [{"id": "x", "tags": [1, 2]}, {"id": "y", "tags": []}], "b": [], "c": 3});
        let mut out = Vec::new();
        write_records(&mut out, &value).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(
            text,
            "{\n\"a\": [\n{\"id\": \"x\", \"tags\": [1, 2]},\n{\"id\": \"y\", \"tags\": []}\n],\n\"b\": [],\n\"c\": 3\n}\n"
        );
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }
}
