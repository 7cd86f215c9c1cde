//! Concentric matcher.

pub mod control;
pub mod error;
pub mod flow;
pub mod ids;
pub mod ledger;
pub mod network;
pub mod quantity;
pub mod validate;
