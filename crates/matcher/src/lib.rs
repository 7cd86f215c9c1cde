//! Concentric matcher.

pub mod control;
pub mod error;
pub mod ids;
pub mod ledger;
pub mod quantity;
pub mod scenario;
pub mod validate;
