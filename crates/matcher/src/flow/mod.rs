//! Exact minimum-cost flow by the primal network simplex method.
//!
//! What comes in: integer columns of a [`Problem`]. What goes out: an integer optimal flow with
//! potentials that prove it, or a [`Cut`] or [`Cycle`] that proves there is none.
//! Must not know: anything else of this project; the module can be used alone.

mod certificate;
pub mod dimacs;
mod engine;
mod number;
mod pricing;
mod problem;
mod run;
mod simplex;
mod solution;
mod start;
mod tree;

pub use certificate::{Cut, CutSide, Cycle};
pub use problem::{INFINITE, MAGNITUDE_LIMIT, Problem, ProblemError};
pub use simplex::{Progress, Simplex, Status};
pub use solution::{Basis, BasisError};

#[cfg(test)]
#[allow(clippy::expect_used)]
mod tests;
