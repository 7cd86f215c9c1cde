//! Concentric matcher.
pub mod flow;
