//! Seeded generators and oracles for the tests of every other crate.
//!
//! In: seeds and sizes, or a small ledger. Out: ledgers, and the answers that an
//! engine must give for them. Must not know any stage of the engine: only the types
//! of a ledger are shared, so that an error in a stage cannot hide in its own test.
//! Rejected: recorded answers of earlier runs (they repeat old errors faithfully).

pub mod brute;
pub mod domain;
pub mod effort;
pub mod random;
pub mod rng;
