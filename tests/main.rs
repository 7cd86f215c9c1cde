//! Integration tests of the whole, in one binary: one module a subject.
//! Plans against oracles stand in `engine`, what documents say in `documents`, house rules in `tidy`.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod documents;
mod engine;
mod tidy;
