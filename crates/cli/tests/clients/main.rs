//! Clients in two languages against real server processes: the tests of the Python package,
//! and the two example programs, which must say the same.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

mod examples;
#[allow(dead_code, reason = "its main is not called here")]
#[path = "../../../../examples/grpc_client.rs"]
mod grpc_client;
mod python;
