//! The whole service in this process, on a free port, driven by the generated client.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod access;
mod doors;
mod jobs;
mod ledgers;
mod limits;
mod matching;
mod plans;
mod raw;
mod support;
mod tls;
mod untimed;
