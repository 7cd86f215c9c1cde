//! Reading and checking ledgers, from outside the crate.
//!
//! In: ledgers with planted faults. Out: a verdict on codes, paths and places. Must not
//! reach into the engine; the oracle is the table of what was planted.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod examples;
mod files;
mod fuzz;
mod order;
mod rule_table;
mod rules;
mod sample;
