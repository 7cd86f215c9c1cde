//! Time of the processor that a thread has used.
//!
//! In: nothing. Out: a clock that stands still while others run. Must not know what is
//! done meanwhile. Where the system cannot tell, the clock on the wall stands in.
//! Rejected: counted steps (HiGHS tells its caller a dozen times in a second, whatever it
//! did in between).

use std::time::{Duration, Instant};

/// Starts when made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stopwatch {
    wall: Instant,
    cpu: Option<Duration>,
}

impl Stopwatch {
    pub(super) fn start() -> Self {
        Stopwatch { wall: Instant::now(), cpu: thread_time() }
    }

    /// Time of the processor since the start, for the thread that started it.
    pub(super) fn cpu(&self) -> Duration {
        match (self.cpu, thread_time()) {
            (Some(start), Some(now)) => now.saturating_sub(start),
            _ => self.wall(),
        }
    }

    /// Time on the wall since the start.
    pub(super) fn wall(&self) -> Duration {
        self.wall.elapsed()
    }
}

#[cfg(unix)]
fn thread_time() -> Option<Duration> {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Some(Duration::new(u64::try_from(now.tv_sec).ok()?, u32::try_from(now.tv_nsec).ok()?))
}

#[cfg(not(unix))]
fn thread_time() -> Option<Duration> {
    None
}
