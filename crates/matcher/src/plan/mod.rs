//! 匹配方案: the plan, made from service on arcs, and the form in which it travels.
//!
//! In: ledger, network, service, proofs, reasons. Out: [`Plan`]. Must not know how the
//! service was found. No wall time stands in a plan, so that the same input gives the
//! same bytes.

mod big;
mod coverage;
mod make;
mod types;

pub use big::Big;
pub use make::{Totals, assignments, idle, levels, outcomes, sums};
pub(crate) use make::{assignment, claimed_value, level_proof, part_proof, within};
pub use types::*;
