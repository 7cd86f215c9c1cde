//! How many solves run at once, who is next, and when to say no.
//!
//! In: tenants that want to solve. Out: a [`Slot`] each or their work done in one, or
//! [`Overloaded`] at once. Whoever waits is served in turns: one of each tenant, then the next
//! of each, so that a tenant with a thousand calls delays another by one. When the queue is
//! full, whoever has fewer in it takes the place of the last of whoever has most: a loud
//! tenant cannot shut the others out. Under lasting overload a tenant has few places (`queue`).
//! A thread that ends one piece of work goes on with the next in turn: a slot that travels back
//! to its waiter first leaves a core idle for so long. Must not know what is solved. Rejected: a
//! fair semaphore alone (fair between calls, so the loudest tenant gets most), a queue without
//! an end (callers would wait for answers that nobody wants any more).

mod queue;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::oneshot;

use queue::Queue;

/// A bounded number of slots with a bounded queue before them.
#[derive(Debug)]
pub struct Pool {
    slots: usize,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    free: usize,
    queue: Queue<Waiter>,
}

/// Who waits for a slot.
enum Waiter {
    /// One who is told of it.
    Told(oneshot::Sender<Slot>),
    /// Work, and where it may block a thread.
    Work(Handle, Work),
}

type Work = Box<dyn FnOnce() + Send>;

impl std::fmt::Debug for Waiter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Waiter")
    }
}

/// All slots are taken, and the queue is full or the place in it went to another tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("all solvers are busy and the queue is full")]
pub struct Overloaded {
    /// When it is worth to ask again: the time in which the queue drains at its recent pace.
    pub retry_after: Duration,
}

/// The right to solve, given back when dropped.
#[derive(Debug)]
pub struct Slot {
    /// None once it has been given back.
    pool: Option<Arc<Pool>>,
    since: Instant,
}

impl Pool {
    /// A pool of `slots` solves at once (at least 1), before which `queue` callers may wait.
    pub fn new(slots: usize, queue: usize) -> Arc<Self> {
        let slots = slots.max(1);
        let state = State { free: slots, queue: Queue::new(queue, slots) };
        Arc::new(Pool { slots, state: Mutex::new(state) })
    }

    /// Waits for a slot. A future that is dropped leaves the queue.
    ///
    /// # Errors
    /// [`Overloaded`], at once, or when its place goes to a tenant with fewer.
    pub async fn enter(self: &Arc<Self>, tenant: &str) -> Result<Slot, Overloaded> {
        let (sender, answer) = oneshot::channel();
        let _place = match self.ask(tenant, Waiter::Told(sender))? {
            Ok((slot, _)) => return Ok(slot),
            Err(place) => place,
        };
        answer.await.map_err(|_| self.overloaded(&self.lock()))
    }

    /// Does work in a slot, on a thread that it may block; none if it panicked. A future that
    /// is dropped before its turn leaves the queue; later the work goes on, with nobody to
    /// tell.
    ///
    /// # Errors
    /// [`Overloaded`], at once, or when its place goes to a tenant with fewer.
    ///
    /// # Panics
    /// Outside a runtime of tokio.
    pub async fn run<T: Send + 'static>(
        self: &Arc<Self>,
        tenant: &str,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<Option<T>, Overloaded> {
        let (tell, told) = oneshot::channel();
        let begun = Arc::new(AtomicBool::new(false));
        let begins = Arc::clone(&begun);
        let work = Box::new(move || {
            begins.store(true, Ordering::Relaxed);
            // Whoever asked may be gone.
            let _ = tell.send(work());
        });
        let _place = match self.ask(tenant, Waiter::Work(Handle::current(), work))? {
            Ok((slot, waiter)) => {
                waiter.start(slot);
                None
            }
            Err(place) => Some(place),
        };
        match told.await {
            Ok(done) => Ok(Some(done)),
            // Work that goes away before it began lost its place.
            Err(_) if !begun.load(Ordering::Relaxed) => Err(self.overloaded(&self.lock())),
            Err(_) => Ok(None),
        }
    }

    /// How many wait.
    pub fn waiting(&self) -> usize {
        self.lock().queue.len()
    }

    /// How many slots are taken.
    pub fn taken(&self) -> usize {
        self.slots - self.lock().free
    }

    /// What a caller who comes now is told, if it is a refusal; it counts as one.
    pub fn full(&self, tenant: &str) -> Option<Overloaded> {
        let mut state = self.lock();
        let refused = state.free == 0 && state.queue.refuses(tenant);
        refused.then(|| self.overloaded(&state))
    }

    /// Whether every place in the queue is taken.
    pub fn is_full(&self) -> bool {
        let state = self.lock();
        state.free == 0 && state.queue.is_full()
    }

    /// A slot for who asks, or a place in the queue.
    fn ask(
        self: &Arc<Self>,
        tenant: &str,
        waiter: Waiter,
    ) -> Result<Result<(Slot, Waiter), Place>, Overloaded> {
        let mut state = self.lock();
        // While a slot is free nobody waits.
        if state.free > 0 {
            state.free -= 1;
            return Ok(Ok((self.slot(), waiter)));
        }
        if state.queue.refuses(tenant) {
            return Err(self.overloaded(&state));
        }
        let (ticket, displaced) = state.queue.push(tenant, waiter);
        // What work holds is let go without the lock.
        drop(state);
        drop(displaced);
        Ok(Err(Place { pool: Arc::clone(self), tenant: tenant.to_owned(), ticket }))
    }

    fn slot(self: &Arc<Self>) -> Slot {
        Slot { pool: Some(Arc::clone(self)), since: Instant::now() }
    }

    fn overloaded(&self, state: &State) -> Overloaded {
        Overloaded { retry_after: state.queue.advice(self.slots) }
    }

    /// Gives a slot to the next in turn, or keeps it. Work that is next is handed back with
    /// its slot.
    fn give_back(self: &Arc<Self>, held: Duration) -> Option<(Slot, Waiter)> {
        let mut state = self.lock();
        state.queue.took(held);
        while let Some(waiter) = state.queue.next() {
            let Waiter::Told(sender) = waiter else { return Some((self.slot(), waiter)) };
            match sender.send(self.slot()) {
                Ok(()) => return None,
                // It must not come back here while the lock is held.
                Err(mut slot) => slot.pool = None,
            }
        }
        state.free += 1;
        None
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing in here panics between two writes that belong together.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiter {
    /// Lets who waited have a slot.
    fn start(self, slot: Slot) {
        match self {
            // The slot comes back by itself if there is nobody.
            Waiter::Told(sender) => drop(sender.send(slot)),
            Waiter::Work(handle, work) => {
                handle.spawn_blocking(move || work_on(slot, work));
            }
        }
    }
}

/// Does work, and then what is next in turn.
fn work_on(mut slot: Slot, mut work: Work) {
    loop {
        work();
        match slot.pass() {
            None => return,
            Some((next, Waiter::Work(_, then))) => (slot, work) = (next, then),
            Some((next, told)) => return told.start(next),
        }
    }
}

impl Slot {
    /// Gives the slot back; what is to be done in it next, if that is for the caller to do.
    fn pass(&mut self) -> Option<(Slot, Waiter)> {
        self.pool.take()?.give_back(self.since.elapsed())
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if let Some((slot, waiter)) = self.pass() {
            waiter.start(slot);
        }
    }
}

/// A place in the queue; dropping it gives it up, if it is not over. A slot that had been sent
/// already is given back by the channel.
struct Place {
    pool: Arc<Pool>,
    tenant: String,
    ticket: u64,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.pool.lock();
        let left = state.queue.remove(&self.tenant, self.ticket);
        // What work holds is let go without the lock.
        drop(state);
        drop(left);
    }
}

#[cfg(test)]
#[path = "pool/tests.rs"]
mod tests;
