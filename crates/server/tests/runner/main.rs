//! Jobs from the queue to their plans, on a real store with real ledgers.
#![allow(clippy::unwrap_used)]

mod ending;
mod leaving;
mod support;
