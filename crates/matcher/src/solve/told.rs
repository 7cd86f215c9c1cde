//! What a caller hears while levels are solved: the incumbent's value, and its bound.
//!
//! In: costs of the parts, as they change, from any thread. Out: progress events with
//! values of the whole plan. Must not know how parts are solved. Nothing is added up where
//! nobody listens.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::control::{Control, ProgressEvent};
use crate::network::{Network, Sense};

/// The level in work, what each part costs there, and the least that it can cost.
#[derive(Default)]
struct Now {
    level: Option<usize>,
    costs: Vec<Option<i128>>,
    bounds: Vec<Option<i128>>,
}

pub(super) struct Told<'a> {
    network: &'a Network<'a>,
    control: &'a Control,
    now: Mutex<Now>,
}

impl<'a> Told<'a> {
    pub(super) fn new(network: &'a Network<'a>, control: &'a Control) -> Self {
        Told { network, control, now: Mutex::default() }
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A level begins with the plan as it is.
    pub(super) fn begin(&self, l: usize, costs: impl FnOnce() -> Vec<Option<i128>>) {
        if self.control.progress.is_some() {
            let costs = costs();
            let now = Now { level: Some(l), bounds: vec![None; costs.len()], costs };
            self.tell(l, l, &now);
            *self.now() = now;
        }
    }

    /// Part `k` has a better plan.
    pub(super) fn better(&self, k: usize, cost: impl Fn(usize) -> i128) {
        self.change(k, |now, l| {
            let cost = cost(l);
            let better = now.costs[k].is_none_or(|known| cost < known);
            if better {
                now.costs[k] = Some(cost);
            }
            better
        });
    }

    /// Part `k` can cost no less than this.
    pub(super) fn bound(&self, k: usize, bound: Option<i128>) {
        self.change(k, |now, _| {
            let better = bound > now.bounds[k];
            if better {
                now.bounds[k] = bound;
            }
            better
        });
    }

    /// Network `k` is done: (cost, bound). There are hundreds in a ledger, so this alone is
    /// nothing to tell.
    pub(super) fn solved(&self, k: usize, reached: impl FnOnce() -> (Option<i128>, Option<i128>)) {
        self.change(k, |now, _| {
            (now.costs[k], now.bounds[k]) = reached();
            false
        });
    }

    /// Tells of a change of part `k`, if `change` says that it is one.
    fn change(&self, k: usize, change: impl FnOnce(&mut Now, usize) -> bool) {
        if self.control.progress.is_none() {
            return;
        }
        let mut now = self.now();
        if let Some(l) = now.level.filter(|_| k < now.costs.len())
            && change(&mut now, l)
        {
            self.tell(l, l, &now);
        }
    }

    /// The level ends: (cost, bound) of each part.
    pub(super) fn end(&self, reached: impl FnOnce() -> Vec<(Option<i128>, Option<i128>)>) {
        if self.control.progress.is_none() {
            return;
        }
        let mut now = self.now();
        if let Some(l) = now.level.take() {
            (now.costs, now.bounds) = reached().into_iter().unzip();
            self.tell(l, l + 1, &now);
        }
    }

    fn tell(&self, l: usize, done: usize, now: &Now) {
        let sum = |costs: &[Option<i128>]| -> Option<i128> { costs.iter().copied().sum() };
        let level = &self.network.levels[l];
        let sign = match level.sense {
            Sense::Maximize => -1,
            Sense::Minimize => 1,
        };
        if let Some(sink) = &self.control.progress {
            sink(&ProgressEvent {
                stage: "solve",
                level: Some(level.label.clone()),
                done: done as u64,
                of: self.network.levels.len() as u64,
                value: sum(&now.costs).map(|cost| cost * sign),
                bound: sum(&now.bounds).map(|bound| bound * sign),
            });
        }
    }
}
