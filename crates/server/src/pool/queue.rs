//! Who waits, whose turn it is, and who is to come back later.
//!
//! In: tenants with whatever waits for them, and how long the work took. Out: the next in turn,
//! places lost to others, refusals. Must not know slots or threads.
//!
//! A queue is for bursts. Where it does not empty it only makes answers late (K. Nichols and
//! V. Jacobson, Controlling queue delay, 2012): a tenant whose first waits longer than some
//! solves take is given few places, until none of it was refused for a while (B. Maurer, Fail at
//! scale, 2015, keeps waits short while a queue has not been empty for some time).

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

/// For how many solves, as long as they were lately, the first of a tenant may wait before it
/// counts as overload, and how long it may in any case.
const STALE: u32 = 5;
pub(super) const SOON: Duration = Duration::from_millis(50);
/// For how many solves a refusal counts as overload.
const LATELY: u32 = 2;

/// Shortest and longest advice to one who was refused.
const ADVICE: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(30));

/// A bounded queue with turns.
#[derive(Debug)]
pub(super) struct Queue<W> {
    /// Places.
    most: usize,
    /// How many may wait of a tenant that overloads the server.
    few: usize,
    /// Those who wait, by tenant, in the order they came; no list is empty.
    waiting: BTreeMap<String, VecDeque<Waiting<W>>>,
    /// The tenants of `waiting`, the next to be served first.
    turns: VecDeque<String>,
    /// How many wait in all.
    count: usize,
    tickets: u64,
    /// How long work took lately, on average.
    held: Duration,
    /// Tenants that overload the server, and until when they count as such.
    pressed: BTreeMap<String, Instant>,
}

#[derive(Debug)]
struct Waiting<W> {
    ticket: u64,
    since: Instant,
    waiter: W,
}

impl<W> Queue<W> {
    /// Of so many places, `few` of them for a tenant that overloads the server.
    pub fn new(most: usize, few: usize) -> Self {
        Queue {
            most,
            few,
            waiting: BTreeMap::new(),
            turns: VecDeque::new(),
            count: 0,
            tickets: 0,
            held: Duration::from_secs(1),
            pressed: BTreeMap::new(),
        }
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether every place is taken.
    pub fn is_full(&self) -> bool {
        self.count >= self.most
    }

    /// Whether one more of a tenant has to come back later.
    pub fn refuses(&mut self, tenant: &str) -> bool {
        let full = self.is_full() && self.loudest(tenant).is_none();
        let refused = full || self.presses(tenant);
        // For a shorter time than the first: one in ten refused is no overload, and must end.
        let until = Instant::now() + self.held.saturating_mul(LATELY).max(SOON);
        if refused && let Some(pressed) = self.pressed.get_mut(tenant) {
            *pressed = until.max(*pressed);
        }
        refused
    }

    /// Puts one at the end of its tenant's; the number of its place, and who lost theirs to it.
    /// Only where it is not refused.
    pub fn push(&mut self, tenant: &str, waiter: W) -> (u64, Option<W>) {
        let displaced = if self.is_full() { self.displace(tenant) } else { None };
        let ticket = self.tickets;
        self.tickets += 1;
        self.count += 1;
        let others = self.waiting.entry(tenant.to_owned()).or_default();
        if others.is_empty() {
            self.turns.push_back(tenant.to_owned());
        }
        others.push_back(Waiting { ticket, since: Instant::now(), waiter });
        (ticket, displaced)
    }

    /// Takes out the first of the tenant whose turn it is.
    pub fn next(&mut self) -> Option<W> {
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

    /// Takes out one that gave up, if it is still there.
    pub fn remove(&mut self, tenant: &str, ticket: u64) -> Option<W> {
        let list = self.waiting.get_mut(tenant)?;
        let at = list.iter().position(|place| place.ticket == ticket)?;
        let left = list.remove(at)?;
        self.count -= 1;
        if list.is_empty() {
            self.waiting.remove(tenant);
            self.turns.retain(|one| one != tenant);
        }
        Some(left.waiter)
    }

    /// Some work took so long.
    pub fn took(&mut self, time: Duration) {
        self.held = (self.held * 7 + time) / 8;
    }

    /// When it is worth to ask again: the time in which so many at once work off what waits.
    pub fn advice(&self, at_once: usize) -> Duration {
        let rounds = u32::try_from(self.count / at_once + 1).unwrap_or(u32::MAX);
        self.held.saturating_mul(rounds).clamp(ADVICE.0, ADVICE.1)
    }

    /// How long the first of a tenant may wait.
    fn patience(&self) -> Duration {
        self.held.saturating_mul(STALE).max(SOON)
    }

    /// Whether a tenant overloads the server and has its few places.
    fn presses(&mut self, tenant: &str) -> bool {
        let now = Instant::now();
        let list = self.waiting.get(tenant);
        let first = list.and_then(VecDeque::front).map(|first| now - first.since);
        if first.is_some_and(|waited| waited > self.patience()) {
            self.pressed.insert(tenant.to_owned(), now + self.patience());
        }
        self.pressed.retain(|_, until| *until > now);
        let count = self.waiting.get(tenant).map_or(0, VecDeque::len);
        count >= self.few && self.pressed.contains_key(tenant)
    }

    /// The tenant with the most places, if it has at least two more than `tenant`: with one
    /// less it still has no fewer.
    fn loudest(&self, tenant: &str) -> Option<&str> {
        let own = self.waiting.get(tenant).map_or(0, VecDeque::len);
        let (name, list) = self.waiting.iter().max_by_key(|(_, list)| list.len())?;
        (list.len() >= own + 2).then_some(name)
    }

    /// Takes out the last of the loudest tenant.
    fn displace(&mut self, tenant: &str) -> Option<W> {
        let loudest = self.loudest(tenant)?.to_owned();
        let last = self.waiting.get_mut(&loudest)?.pop_back()?;
        self.count -= 1;
        Some(last.waiter)
    }
}
