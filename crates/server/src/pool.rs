//! How many solves run at once, who is next, and when to say no.
//!
//! In: tenants that want to solve. Out: a [`Slot`] each, or [`Overloaded`] at once. Whoever
//! waits is served in turns: one of each tenant, then the next of each, so that a tenant
//! with a thousand calls delays another by one. Must not know what is solved. Rejected: a
//! fair semaphore alone (fair between calls, so the loudest tenant gets most), a queue
//! without an end (callers would wait for answers that nobody wants any more).

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

/// Shortest and longest advice to one who was refused.
const ADVICE: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(30));

/// A bounded number of slots with a bounded queue before them.
#[derive(Debug)]
pub struct Pool {
    slots: usize,
    queue: usize,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    free: usize,
    /// Those who wait, by tenant, in the order they came; no list is empty.
    waiting: BTreeMap<String, VecDeque<(u64, oneshot::Sender<Slot>)>>,
    /// The tenants of `waiting`, the next to be served first.
    turns: VecDeque<String>,
    /// How many wait in all.
    count: usize,
    tickets: u64,
    /// How long a slot was held lately, on average.
    held: Duration,
}

/// All slots are taken and the queue is full.
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
        let state = State {
            free: slots,
            waiting: BTreeMap::new(),
            turns: VecDeque::new(),
            count: 0,
            tickets: 0,
            held: Duration::from_secs(1),
        };
        Arc::new(Pool { slots, queue, state: Mutex::new(state) })
    }

    /// Waits for a slot. A future that is dropped leaves the queue.
    ///
    /// # Errors
    /// [`Overloaded`], without any waiting.
    pub async fn enter(self: &Arc<Self>, tenant: &str) -> Result<Slot, Overloaded> {
        let mut place = match self.ask(tenant)? {
            Ok(slot) => return Ok(slot),
            Err(place) => place,
        };
        match (&mut place.answer).await {
            Ok(slot) => Ok(slot),
            // Not reached: a sender leaves the queue only with a slot or after its place.
            Err(_) => Err(self.overloaded(&self.lock())),
        }
    }

    /// How many wait.
    pub fn waiting(&self) -> usize {
        self.lock().count
    }

    /// How many slots are taken.
    pub fn taken(&self) -> usize {
        self.slots - self.lock().free
    }

    /// What a caller who comes now would be told, if it is a refusal.
    pub fn full(&self) -> Option<Overloaded> {
        let state = self.lock();
        (state.free == 0 && state.count >= self.queue).then(|| self.overloaded(&state))
    }

    /// A slot, or a place in the queue.
    fn ask(self: &Arc<Self>, tenant: &str) -> Result<Result<Slot, Place>, Overloaded> {
        let mut state = self.lock();
        // While a slot is free nobody waits.
        if state.free > 0 {
            state.free -= 1;
            return Ok(Ok(self.slot()));
        }
        if state.count >= self.queue {
            return Err(self.overloaded(&state));
        }
        let (sender, answer) = oneshot::channel();
        let ticket = state.tickets;
        state.tickets += 1;
        state.count += 1;
        let others = state.waiting.entry(tenant.to_owned()).or_default();
        let first = others.is_empty();
        others.push_back((ticket, sender));
        if first {
            state.turns.push_back(tenant.to_owned());
        }
        Ok(Err(Place { pool: Arc::clone(self), tenant: tenant.to_owned(), ticket, answer }))
    }

    fn slot(self: &Arc<Self>) -> Slot {
        Slot { pool: Some(Arc::clone(self)), since: Instant::now() }
    }

    fn overloaded(&self, state: &State) -> Overloaded {
        let rounds = u32::try_from(state.count / self.slots + 1).unwrap_or(u32::MAX);
        Overloaded { retry_after: state.held.saturating_mul(rounds).clamp(ADVICE.0, ADVICE.1) }
    }

    /// Gives a slot to the next in turn, or keeps it.
    fn give_back(self: &Arc<Self>, held: Duration) {
        let mut state = self.lock();
        state.held = (state.held * 7 + held) / 8;
        while let Some(sender) = state.next() {
            match sender.send(self.slot()) {
                Ok(()) => return,
                // It must not come back here while the lock is held.
                Err(mut slot) => slot.pool = None,
            }
        }
        state.free += 1;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing in here panics between two writes that belong together.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Takes the first of the tenant whose turn it is out of the queue.
    fn next(&mut self) -> Option<oneshot::Sender<Slot>> {
        let tenant = self.turns.pop_front()?;
        let (_, sender) = self.waiting.get_mut(&tenant)?.pop_front()?;
        self.count -= 1;
        if self.waiting.get(&tenant).is_some_and(VecDeque::is_empty) {
            self.waiting.remove(&tenant);
        } else {
            self.turns.push_back(tenant);
        }
        Some(sender)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if let Some(pool) = self.pool.take() {
            pool.give_back(self.since.elapsed());
        }
    }
}

/// A place in the queue; dropping it gives it up. A slot that had been sent already is
/// given back by the channel.
struct Place {
    pool: Arc<Pool>,
    tenant: String,
    ticket: u64,
    answer: oneshot::Receiver<Slot>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.pool.lock();
        let Some(list) = state.waiting.get_mut(&self.tenant) else { return };
        let before = list.len();
        list.retain(|(ticket, _)| *ticket != self.ticket);
        let (gone, empty) = (before - list.len(), list.is_empty());
        state.count -= gone;
        if empty {
            state.waiting.remove(&self.tenant);
            state.turns.retain(|tenant| *tenant != self.tenant);
        }
    }
}

#[cfg(test)]
#[path = "pool/tests.rs"]
mod tests;
