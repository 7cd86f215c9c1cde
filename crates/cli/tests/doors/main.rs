//! The same fault through every door, and what only the wire can bring: a real `concentric
//! serve` on one side, `concentric check` on the other.
//!
//! In: ledgers and bytes that are wrong. Out: verdicts on codes, reasons, paths and memory.
//! Must not reach into the service; the table of the library's own tests is the oracle.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod floods;
mod idle;
mod ledgers;
mod peer;
#[path = "../../../server/tests/server/raw.rs"]
mod raw;
#[path = "../../../matcher/tests/input/rule_table.rs"]
mod rule_table;
#[path = "../../../matcher/tests/input/sample.rs"]
mod sample;
mod support;
mod weight;
mod wire;
