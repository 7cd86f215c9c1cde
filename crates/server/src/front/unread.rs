//! Answers that one connection has not read.
//!
//! In: answers that begin, go on and end. Out: when one has not gone on for too long. Who asks
//! for plans and does not read them would fill the memory with them; the connection is cut then.
//! Streams are left out: they may be open for hours, and hold one message at a time. Rejected:
//! a limit for the whole of an answer (a large plan over a thin line takes its time), bytes on
//! the socket (other calls send some too).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The answers of one connection.
#[derive(Clone, Default)]
pub struct Unread(Arc<Mutex<Waiting>>);

#[derive(Default)]
struct Waiting {
    count: u64,
    since: BTreeMap<u64, Instant>,
}

/// One answer; let go when it has been read or given up.
pub struct Mark(Unread, u64);

impl Unread {
    /// An answer is on its way.
    pub fn begin(&self) -> Mark {
        let mut waiting = self.lock();
        let number = waiting.count;
        waiting.count += 1;
        waiting.since.insert(number, Instant::now());
        drop(waiting);
        Mark(self.clone(), number)
    }

    /// Resolves once an answer has waited for that long.
    pub async fn for_longer_than(&self, limit: Duration) {
        loop {
            // One that begins meanwhile is due later than this look.
            let waited = self.oldest().map_or(Duration::ZERO, |since| since.elapsed());
            let left = limit.saturating_sub(waited);
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left).await;
        }
    }

    /// Since when the answer has been waiting that waits longest.
    pub(super) fn oldest(&self) -> Option<Instant> {
        self.lock().since.values().min().copied()
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // Each change is whole in itself.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Mark {
    /// A part of the answer was taken.
    pub fn goes_on(&self) {
        self.0.lock().since.insert(self.1, Instant::now());
    }
}

impl Drop for Mark {
    fn drop(&mut self) {
        self.0.lock().since.remove(&self.1);
    }
}
