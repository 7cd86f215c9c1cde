//! Integration tests of the whole, in one binary: one module a subject.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod documents;
mod tidy;
