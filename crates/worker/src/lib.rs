//! Mixed-integer programs solved in a process of their own.
//!
//! In: a [`Request`](concentric_matcher::milp::Request), through [`WorkerBackend`]. Out: an
//! answer, or the reason why there is none; whatever the worker does, the caller goes on.
//! Must not know ledgers or plans, and believes a worker nothing but the form of its
//! messages. Rejected: `fork` without `exec` (a solver's threads do not survive it), a
//! thread (no limit on memory, no end to a solve that hangs), and a pool of workers (a
//! fresh process each costs about ten milliseconds and carries nothing over).
//!
//! Unix only: elsewhere the crate is empty.
#![cfg(unix)]

mod backend;
mod frame;
mod limits;
mod message;
mod process;
mod reader;
mod serve;

pub use backend::WorkerBackend;
pub use frame::{Frame, FrameError, Frames, VERSION, encode};
pub use limits::Limits;
pub use message::{DecodeError, Kind, Message, OwnedRequest};
pub use serve::{ServeError, run_worker, serve};
