//! What a caller may ask of a solve besides the ledger: limits, seed, threads,
//! cancellation, progress; and why it ended.
//!
//! In: the caller's wishes. Out: [`Options`], [`Control`], [`Termination`]. Must
//! not know any stage. Rejected: a global configuration; every solve carries its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use crate::error::Error;

/// Options of one solve. `Default` is what the command line uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Wall-clock limit. A plan cut off by it says `deterministic: false`.
    pub time_limit: Option<Duration>,
    /// How long searches of one part that needs integers may go on where they leave levels
    /// open; longer ones find more. `None`, or less than that: 30 s of the processor, most of
    /// which only the hardest levels take.
    pub search_time: Option<Duration>,
    /// Limit in work units (counted, not timed: the same on every machine).
    pub work_limit: Option<u64>,
    /// Seed, echoed in the plan. The network path has no random choice.
    pub seed: u64,
    /// Threads for independent components; 0 = as many as the machine has. Small networks are
    /// solved on one whatever is said. Never changes the plan.
    pub threads: usize,
    /// Largest number of arcs that will be built.
    pub max_arcs: u64,
    /// Whether shortfalls and idle offers are explained (costs little).
    pub explain: bool,
    /// Relative gap, in parts per million, up to which a level that needs integers counts
    /// as good enough once its share of the effort is spent.
    pub gap_ppm: u64,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            time_limit: None,
            search_time: None,
            work_limit: None,
            seed: 0,
            threads: 0,
            max_arcs: 200_000_000,
            explain: true,
            gap_ppm: 100,
        }
    }
}

/// A flag that any thread may raise to stop a solve at its next poll.
#[derive(Clone, Debug, Default)]
pub struct CancelToken(Arc<AtomicU8>);

const CANCELLED: u8 = 1;
const ABANDONED: u8 = 2;

impl CancelToken {
    /// Asks the solve to stop and keep what it has.
    pub fn cancel(&self) {
        self.0.fetch_max(CANCELLED, Ordering::Relaxed);
    }

    /// Tells the solve that nobody waits for its plan any more: it stops as soon as it can,
    /// with [`Error::Abandoned`].
    pub fn abandon(&self) {
        self.0.fetch_max(ABANDONED, Ordering::Relaxed);
    }

    /// Whether someone asked to stop, with or without a plan.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed) >= CANCELLED
    }

    /// Whether nobody waits for a plan.
    pub fn is_abandoned(&self) -> bool {
        self.0.load(Ordering::Relaxed) >= ABANDONED
    }
}

/// One step worth telling about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProgressEvent {
    /// Stage: `build`, `start`, `solve`, `certify`, `explain`.
    pub stage: &'static str,
    /// Name of the level in work, if any.
    pub level: Option<String>,
    /// Steps done of this stage.
    pub done: u64,
    /// Steps in all, 0 when unknown.
    pub of: u64,
    /// Value of the level in work in the best plan so far (the incumbent), in the units of
    /// the level.
    pub value: Option<i128>,
    /// What solvers say the value cannot be better than; what is proved stands in the plan.
    pub bound: Option<i128>,
}

impl ProgressEvent {
    /// Distance of value and bound in parts per million of the value, rounded up; `None`
    /// without both, or where they differ and the value is 0.
    pub fn gap_ppm(&self) -> Option<u64> {
        let (value, bound) = (self.value?.unsigned_abs(), self.bound?);
        let apart = self.value?.abs_diff(bound);
        match (apart, value) {
            (0, _) => Some(0),
            (_, 0) => None,
            _ => u64::try_from(apart.saturating_mul(1_000_000).div_ceil(value)).ok(),
        }
    }
}

/// Receiver of progress; called from solver threads, must be quick.
pub type ProgressSink = Arc<dyn Fn(&ProgressEvent) + Send + Sync>;

/// Handle of a running solve: cancellation and progress.
#[derive(Clone, Default)]
pub struct Control {
    /// Raised by the caller to stop.
    pub cancel: CancelToken,
    /// Where progress goes.
    pub progress: Option<ProgressSink>,
    /// When the plan must be there: reasons that are not found by then are left out, all of
    /// them, and the plan says so.
    pub reasons_until: Option<Instant>,
}

impl Control {
    /// Tells the sink of a stage, if there is one.
    pub(crate) fn report(&self, stage: &'static str) {
        if let Some(sink) = &self.progress {
            sink(&ProgressEvent { stage, ..ProgressEvent::default() });
        }
    }

    /// # Errors
    /// [`Error::Abandoned`] if nobody waits any more.
    pub(crate) fn wanted(&self) -> Result<(), Error> {
        if self.cancel.is_abandoned() { Err(Error::Abandoned) } else { Ok(()) }
    }

    /// Whether finding reasons must end.
    pub(crate) fn is_hurried(&self) -> bool {
        self.cancel.is_abandoned() || self.reasons_until.is_some_and(|end| Instant::now() >= end)
    }
}

impl std::fmt::Debug for Control {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Control").field("cancel", &self.cancel).finish_non_exhaustive()
    }
}

/// Why a solve ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Gap 0 on every level.
    Optimal,
    /// Every level within the accepted relative gap.
    WithinGap,
    /// A verified plan with a larger gap.
    Feasible,
    /// The hard rules contradict each other.
    Infeasible,
    /// Stopped before any plan was found.
    NoSolution,
}

/// Which limit ended a solve early.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Limit {
    /// Wall clock.
    Time,
    /// Counted work.
    Work,
    /// Memory.
    Memory,
    /// The cancel token.
    Interrupted,
}

/// Reason, limit and a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Termination {
    /// Why it ended.
    pub reason: Reason,
    /// The limit that cut it off, if one did.
    pub limit: Option<Limit>,
    /// One sentence for a person.
    pub detail: String,
}

/// How well a value is proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Proof {
    /// Optimality checked in integers by potentials.
    ProvedExact,
    /// Our own safe dual bound, with a gap.
    ProvedBound,
    /// A solver's word, shown as such.
    Claimed,
    /// A feasible plan without a bound.
    Feasible,
}

/// Polls the limits of one solve; shared by all its threads.
#[derive(Debug)]
pub struct Watch {
    deadline: Option<Instant>,
    work_limit: Option<u64>,
    cancel: CancelToken,
}

impl Watch {
    /// Starts the clock now.
    pub fn start(options: &Options, control: &Control) -> Self {
        Watch {
            deadline: options.time_limit.and_then(|limit| Instant::now().checked_add(limit)),
            work_limit: options.work_limit,
            cancel: control.cancel.clone(),
        }
    }

    /// Time left until the wall-clock limit; `None` without one.
    pub fn time_left(&self) -> Option<Duration> {
        self.deadline.map(|end| end.saturating_duration_since(Instant::now()))
    }

    /// The limit that is exceeded when a part has done `work` units, if any.
    ///
    /// The work limit holds per component, so that the answer does not depend on
    /// which thread solved what.
    pub fn exceeded(&self, work: u64) -> Option<Limit> {
        if self.work_limit.is_some_and(|limit| work > limit) {
            return Some(Limit::Work);
        }
        if self.cancel.is_cancelled() {
            return Some(Limit::Interrupted);
        }
        if self.deadline.is_some_and(|end| Instant::now() >= end) {
            return Some(Limit::Time);
        }
        None
    }
}
