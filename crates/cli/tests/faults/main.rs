//! Faults around a running service: killed servers, full disks, solvers that hang, die or run
//! out of memory, a stop with calls in flight, callers with little patience. Real processes.
//!
//! Times are printed; where a bound is judged, it is several times the one that is promised,
//! so that a busy machine is no fault of the program.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod clients;
mod crash;
mod deadline;
mod disk;
mod drain;
mod load;
mod solver;
mod support;
#[path = "../../../server/tests/server/untimed.rs"]
mod untimed;
