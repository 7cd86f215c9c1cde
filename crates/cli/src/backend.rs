//! What solves the parts of a ledger that need integers.
//!
//! In: nothing. Out: a back end for the engine. Must not know commands.

use std::sync::Arc;

use concentric_matcher::milp::MilpBackend;

/// A process of its own for each program, or the library's back end in this one where
/// there are no such processes.
pub fn backend() -> Option<Arc<dyn MilpBackend>> {
    #[cfg(unix)]
    if let Ok(worker) = concentric_worker::WorkerBackend::current_exe() {
        return Some(Arc::new(worker));
    }
    concentric_matcher::milp::default_backend()
}
