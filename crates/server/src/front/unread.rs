//! Answers that one connection has not read.
//!
//! In: answers that begin and end. Out: how long the oldest has been waiting. Who asks for
//! plans and does not read them would fill the memory with them; the connection is cut then.
//! Streams are left out: they may be open for hours, and hold one message at a time.

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

/// One answer; dropped when it has been read or given up.
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

    /// How long the oldest answer has been waiting.
    pub fn longest(&self) -> Duration {
        let oldest = self.lock().since.values().next().copied();
        oldest.map_or(Duration::ZERO, |since| since.elapsed())
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // Each change is whole in itself.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Mark {
    fn drop(&mut self) {
        self.0.lock().since.remove(&self.1);
    }
}
