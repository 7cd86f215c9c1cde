//! Commitments as locks: pair rows, projects in progress and accepted claims.
//!
//! In: the canonical ledger. Out: one [`Lock`] per arc, with the records it comes
//! from. Must not judge. The lock of an arc is the largest of: the locked quantity of
//! its pair row, the sum of its projects in progress, the sum of its accepted claims
//! (a claim that was accepted becomes a project, so the two are not added).

use super::canonical::Orders;
use super::pairs::key;
use super::report::At;
use super::tables::{NONE, PairRow, ValidLedger};
use crate::ledger::{ClaimState, Pair, ProjectState};

/// Least service on one arc, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lock {
    pub offer: u32,
    pub need: u32,
    pub quantity: i64,
    /// The records that make up `quantity`, in the caller's positions; never empty.
    pub sources: Vec<At>,
}

impl Lock {
    /// Path of the quantity of the first source.
    pub fn quantity_path(&self) -> String {
        let at = self.sources[0];
        at.field(if at.list == "pairs" { "locked" } else { "quantity" })
    }
}

/// Locks in order of (offer, need). O(k log k) for k commitments.
pub(super) fn collect(valid: &ValidLedger, orders: &Orders) -> Vec<Lock> {
    // (offer, need, kind, caller position, quantity); kinds: 0 pairs, 1 claims, 2 projects
    let mut parts: Vec<(u32, u32, u8, u32, i64)> = Vec::new();
    let ledger = valid.ledger();
    for ((row, pair), &caller) in valid.pairs().iter().zip(&ledger.pairs).zip(&orders.pairs) {
        if let (&PairRow::Arc(offer, need), Some(locked)) = (row, pair.locked) {
            parts.push((offer, need, 0, caller, locked));
        }
    }
    for ((claim, &(offer, need)), &caller) in
        ledger.claims.iter().zip(valid.claims()).zip(&orders.claims)
    {
        if claim.state == ClaimState::Accepted {
            parts.push((offer, need, 1, caller, claim.quantity));
        }
    }
    for ((project, &(offer, need)), &caller) in
        ledger.projects.iter().zip(valid.projects()).zip(&orders.projects)
    {
        if project.state == ProjectState::InProgress {
            parts.push((offer, need, 2, caller, project.quantity));
        }
    }
    parts.retain(|part| part.0 != NONE && part.1 != NONE && part.4 > 0);
    parts.sort_unstable();
    parts.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)).map(largest).collect()
}

/// The kind of commitment with the largest sum on one arc; a tie goes to the later
/// kind, because a project says more than a number in a pair row.
fn largest(parts: &[(u32, u32, u8, u32, i64)]) -> Lock {
    let mut lock = Lock { offer: parts[0].0, need: parts[0].1, quantity: 0, sources: Vec::new() };
    for same in parts.chunk_by(|a, b| a.2 == b.2) {
        // Quantities out of range are issues already; the sum must not overflow on them.
        let sum = same.iter().fold(0_i64, |sum, part| sum.saturating_add(part.4));
        if sum >= lock.quantity {
            let list = ["pairs", "claims", "projects"][usize::from(same[0].2)];
            lock.quantity = sum;
            lock.sources = same.iter().map(|part| At::new(list, part.3 as usize)).collect();
        }
    }
    lock
}

/// The pair rows that speak of single arcs.
#[derive(Clone, Copy, Debug)]
pub(super) struct PairFacts<'a> {
    valid: &'a ValidLedger,
}

impl<'a> PairFacts<'a> {
    /// Reads the rows of `valid`.
    pub fn new(valid: &'a ValidLedger) -> Self {
        PairFacts { valid }
    }

    /// Canonical position of the row with this key.
    pub fn find(self, row: PairRow) -> Option<usize> {
        let rows = self.valid.pairs();
        rows.binary_search_by_key(&key(row), |&row| key(row)).ok()
    }

    /// The first row that sets `field`: the arc's own, then the rows of the offer's
    /// unit and the need's place, its parent, and so on up; with its position.
    pub fn first<T>(
        self,
        offer: u32,
        need: u32,
        field: impl Fn(&Pair) -> Option<T>,
    ) -> Option<(usize, T)> {
        let records = &self.valid.ledger().pairs;
        let of = |row| {
            let at = self.find(row)?;
            field(&records[at]).map(|value| (at, value))
        };
        if let found @ Some(_) = of(PairRow::Arc(offer, need)) {
            return found;
        }
        let unit = self.valid.offers()[offer as usize].unit;
        let mut place = self.valid.needs()[need as usize].place;
        while place != NONE {
            if let found @ Some(_) = of(PairRow::Between(unit, place)) {
                return found;
            }
            place = self.valid.places()[place as usize].parent;
        }
        None
    }
}
