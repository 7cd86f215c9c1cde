//! `concentric solver-worker`: the process in which a mixed-integer program is solved.
//!
//! In: frames on stdin. Out: frames on stdout. Must not know who started it. Hidden: it is
//! started by the command itself, never by a person.

use crate::failure::{Exit, Failure};

/// Serves one request.
///
/// # Errors
/// If what comes is no request.
pub fn run() -> Result<Exit, Failure> {
    match concentric_worker::serve() {
        Ok(()) => Ok(Exit::Done),
        Err(error) => {
            Err(Failure { exit: Exit::Internal, message: format!("solver-worker: {error}") })
        }
    }
}
