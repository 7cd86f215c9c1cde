//! Exact minimum-cost flow by the primal network simplex method.
//!
//! What comes in: integer columns of a [`Problem`]. What goes out: an integer optimal flow with
//! potentials that prove it, or a [`Cut`] or [`Cycle`] that proves there is none. Costs may be any
//! `i64`; totals are `i128`; no overflow can pass for an answer.
//! Must not know: anything else of this project; the module can be used alone.
//!
//! The parts: `problem` checks the input, `simplex` goes through the phases, `start` makes or
//! repairs a basis, `run` sets up the arrays of one phase in the narrowest integers (`number`),
//! `engine` pivots on a `tree` with arcs from `pricing` and potentials from `potential`,
//! `solution` and `certificate` read the result, `change` alters the question, [`dimacs`] reads
//! and writes files.
//!
//! What was measured and rejected, on transport networks of 10^4 to 10^6 arcs: the price of
//! artificial flow as low as the largest cost (pivots within 4 % either way, so the safe one
//! stays); letting the cheapest arc into every short node enter first (half as many pivots again
//! at 10^6 arcs); cheaper pricing until feasibility (up to twice as many pivots); pricing each
//! place in long runs of arcs (a fifth to three quarters more pivots up to 10^5 arcs); arcs with
//! 32-bit ends where 16 bits do (a sixth slower, for the bounds tests and the memory read). Not
//! built: link-cut trees and pure cost scaling, which others report slower or no faster here.

mod certificate;
mod change;
pub mod dimacs;
mod engine;
mod number;
mod potential;
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
