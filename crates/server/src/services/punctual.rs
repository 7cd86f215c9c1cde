//! A back end that keeps to the deadline of a call.
//!
//! In: another back end, and a time. Out: its answers, and at that time what it has. Time
//! limits of solvers are soft, and a process for each solve has half a second on top; a caller
//! with a deadline has neither. Must not know calls.

use std::sync::Arc;
use std::time::Instant;

use concentric_matcher::milp::{Answer, BackendError, MilpBackend, Request};

/// The back end of one call.
#[derive(Debug)]
pub(super) struct Punctual {
    /// What solves.
    pub backend: Arc<dyn MilpBackend>,
    /// When it is told to stop.
    pub until: Instant,
}

impl MilpBackend for Punctual {
    fn name(&self) -> String {
        self.backend.name()
    }

    fn has_duals(&self) -> bool {
        self.backend.has_duals()
    }

    fn solve(
        &self,
        request: &Request<'_>,
        stop: &(dyn Fn() -> bool + Sync),
        incumbent: &mut dyn FnMut(&[f64]),
    ) -> Result<Answer, BackendError> {
        let stop = || stop() || Instant::now() >= self.until;
        self.backend.solve(request, &stop, incumbent)
    }
}
