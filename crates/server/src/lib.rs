//! The service `concentric serve`: the engine behind gRPC, with a durable store.
//!
//! In: calls of `concentric.v1`. Out: plans that passed their certificate, or errors that a
//! program can act on. Must not hold any matching logic: every answer is the library's.
//! Rejected: solving on the threads that serve the network (one large ledger would silence
//! the whole server), a second data model (the wire's messages are the ledger's records).

pub mod auth;
pub mod config;
pub mod errors;
#[cfg(feature = "otel")]
pub mod export;
pub mod front;
pub mod hex;
pub mod pool;
pub mod runner;
pub mod services;
pub mod spans;
pub mod store;
pub mod wire;
