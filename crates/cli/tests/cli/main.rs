//! The command line from outside: the real binary, real files, exit codes and texts.
//! A new test belongs to the module of its command.

// A test that cannot go on should say so and stop.
#![allow(clippy::unwrap_used)]

mod checking;
mod cycle;
mod language;
mod matching;
mod questions;
mod reporting;
mod room;
mod support;
mod tools;
mod verifying;
#[cfg(unix)]
mod working;
