//! How many solves run at once, who is next, and when to say no.
//!
//! In: tenants that want to solve. Out: a [`Slot`] each or their work done in one, or
//! [`Overloaded`] at once. Whoever waits is served in turns: one of each tenant, then the next
//! of each, so that a tenant with a thousand calls delays another by one. When the queue is
//! full, whoever has fewer in it takes the place of the last of whoever has most: a loud
//! tenant cannot shut the others out. A tenant whose first in the queue waits longer than some
//! solves take is refused as well: the queue is for bursts, and under lasting overload it would
//! only make all answers late (K. Nichols and V. Jacobson, Controlling queue delay, 2012). A
//! thread that ends one piece of work goes on with the next in turn: a slot that travels back to
//! its waiter first leaves a core idle for so long. Must not know what is solved. Rejected: a fair
//! semaphore alone (fair between calls, so the loudest tenant gets most), a queue without an
//! end (callers would wait for answers that nobody wants any more).

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// Shortest and longest advice to one who was refused.
const ADVICE: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(30));

/// For how many solves, as long as they were lately, the first of a tenant may wait before others
/// of it are refused, and how long it may in any case.
const STALE: (u32, Duration) = (5, Duration::from_millis(50));

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
    waiting: BTreeMap<String, VecDeque<Waiting>>,
    /// The tenants of `waiting`, the next to be served first.
    turns: VecDeque<String>,
    /// How many wait in all.
    count: usize,
    tickets: u64,
    /// How long a slot was held lately, on average.
    held: Duration,
}

/// One in the queue.
#[derive(Debug)]
struct Waiting {
    ticket: u64,
    since: Instant,
    waiter: Waiter,
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
        self.lock().count
    }

    /// How many slots are taken.
    pub fn taken(&self) -> usize {
        self.slots - self.lock().free
    }

    /// What a caller who comes now would be told, if it is a refusal.
    pub fn full(&self, tenant: &str) -> Option<Overloaded> {
        let state = self.lock();
        let full = state.count >= self.queue && state.loudest(tenant).is_none();
        let refused = state.free == 0 && (full || state.is_stale(tenant));
        refused.then(|| self.overloaded(&state))
    }

    /// Whether every place in the queue is taken.
    pub fn is_full(&self) -> bool {
        let state = self.lock();
        state.free == 0 && state.count >= self.queue
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
        if state.is_stale(tenant) {
            return Err(self.overloaded(&state));
        }
        let displaced = match state.count >= self.queue {
            true => Some(state.displace(tenant).ok_or_else(|| self.overloaded(&state))?),
            false => None,
        };
        let ticket = state.tickets;
        state.tickets += 1;
        state.count += 1;
        let others = state.waiting.entry(tenant.to_owned()).or_default();
        let first = others.is_empty();
        others.push_back(Waiting { ticket, since: Instant::now(), waiter });
        if first {
            state.turns.push_back(tenant.to_owned());
        }
        // What work holds is let go without the lock.
        drop(state);
        drop(displaced);
        Ok(Err(Place { pool: Arc::clone(self), tenant: tenant.to_owned(), ticket }))
    }

    fn slot(self: &Arc<Self>) -> Slot {
        Slot { pool: Some(Arc::clone(self)), since: Instant::now() }
    }

    fn overloaded(&self, state: &State) -> Overloaded {
        let rounds = u32::try_from(state.count / self.slots + 1).unwrap_or(u32::MAX);
        Overloaded { retry_after: state.held.saturating_mul(rounds).clamp(ADVICE.0, ADVICE.1) }
    }

    /// Gives a slot to the next in turn, or keeps it. Work that is next is handed back with
    /// its slot.
    fn give_back(self: &Arc<Self>, held: Duration) -> Option<(Slot, Waiter)> {
        let mut state = self.lock();
        state.held = (state.held * 7 + held) / 8;
        while let Some(waiter) = state.next() {
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

impl State {
    /// The tenant with the most places, if it has at least two more than `tenant`: with one
    /// less it still has no fewer.
    fn loudest(&self, tenant: &str) -> Option<&str> {
        let own = self.waiting.get(tenant).map_or(0, VecDeque::len);
        let (name, list) = self.waiting.iter().max_by_key(|(_, list)| list.len())?;
        (list.len() >= own + 2).then_some(name)
    }

    /// Takes the last of the loudest tenant out of the queue for another.
    fn displace(&mut self, tenant: &str) -> Option<Waiter> {
        let loudest = self.loudest(tenant)?.to_owned();
        let last = self.waiting.get_mut(&loudest)?.pop_back()?;
        self.count -= 1;
        Some(last.waiter)
    }

    /// Whether the first of a tenant waits for too long.
    fn is_stale(&self, tenant: &str) -> bool {
        let first = self.waiting.get(tenant).and_then(|list| list.front());
        let limit = self.held.saturating_mul(STALE.0).max(STALE.1);
        first.is_some_and(|first| first.since.elapsed() > limit)
    }

    /// Takes the first of the tenant whose turn it is out of the queue.
    fn next(&mut self) -> Option<Waiter> {
        let tenant = self.turns.pop_front()?;
        let Waiting { waiter, .. } = self.waiting.get_mut(&tenant)?.pop_front()?;
        self.count -= 1;
        if self.waiting.get(&tenant).is_some_and(VecDeque::is_empty) {
            self.waiting.remove(&tenant);
        } else {
            self.turns.push_back(tenant);
        }
        Some(waiter)
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
        let Some(list) = state.waiting.get_mut(&self.tenant) else { return };
        let at = list.iter().position(|place| place.ticket == self.ticket);
        let Some(left) = at.and_then(|at| list.remove(at)) else { return };
        let empty = list.is_empty();
        state.count -= 1;
        if empty {
            state.waiting.remove(&self.tenant);
            state.turns.retain(|tenant| *tenant != self.tenant);
        }
        // What work holds is let go without the lock.
        drop(state);
        drop(left);
    }
}

#[cfg(test)]
#[path = "pool/tests.rs"]
mod tests;
