//! Reading and checking ledgers, from outside the crate.
//!
//! In: ledgers with planted faults. Out: a verdict on codes, paths and places. Must not
//! reach into the engine; the oracle is the table of what was planted.

mod examples;
mod files;
mod fuzz;
mod order;
mod rules;
mod sample;
