//! What a worker lays on itself before it reads a program.
//!
//! In: the first message. Out: limits of the kernel on this very process. Must not know
//! programs. Rejected: limits set between `fork` and `exec` (that needs `unsafe`), and
//! limits from the command line (they would show in every list of processes).

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Limits of one worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of address space.
    pub memory: Option<u64>,
    /// Seconds of processor time.
    pub processor: Option<u64>,
    /// Process without which the worker must not go on.
    pub parent: Option<u32>,
}

impl Limits {
    /// Applies them to the calling process, for good. Core files are switched off too.
    ///
    /// # Errors
    /// What the kernel refused, or that the parent is gone already.
    pub fn apply(&self) -> Result<(), String> {
        let set = |resource: Resource, current: u64, maximum: u64| {
            // A process may lower what it was given, never raise it.
            let given = getrlimit(resource).maximum.unwrap_or(u64::MAX);
            let (current, maximum) = (Some(current.min(given)), Some(maximum.min(given)));
            let limit = Rlimit { current, maximum };
            setrlimit(resource, limit).map_err(|error| format!("{resource:?}: {error}"))
        };
        set(Resource::Core, 0, 0)?;
        if let Some(bytes) = self.memory {
            set(Resource::As, bytes, bytes)?;
        }
        if let Some(seconds) = self.processor {
            set(Resource::Cpu, seconds, seconds.saturating_add(1))?;
        }
        if let Some(parent) = self.parent {
            follow(parent)?;
            // When the machine itself runs out of memory, better the worker than its caller.
            // Not everywhere, and not worth a failure.
            #[cfg(target_os = "linux")]
            let _ = std::fs::write("/proc/self/oom_score_adj", "1000");
        }
        Ok(())
    }
}

/// Dies with the parent. It may have died before the kernel was asked, hence the check.
fn follow(parent: u32) -> Result<(), String> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))
        .map_err(|error| format!("death signal: {error}"))?;
    let now = rustix::process::getppid().map(|pid| pid.as_raw_nonzero().get());
    if now.and_then(|pid| u32::try_from(pid).ok()) == Some(parent) {
        Ok(())
    } else {
        Err("the parent is gone".to_owned())
    }
}
