//! Concentric matcher.

pub mod certify;
pub mod control;
pub mod decompose;
pub mod error;
pub mod explain;
pub mod flow;
pub mod ids;
pub mod io;
pub mod ledger;
pub mod network;
pub mod pipeline;
pub mod plan;
pub mod quantity;
pub mod solve;
pub mod validate;
