//! Lists that an office publishes, read off a plan: who serves whom, with what money, at
//! which level, and what became of every promise.
//!
//! In: a valid ledger and a plan that holds for it (verify it first). Out: typed rows, in
//! the order of the ledger's ids. Must not know languages or files, and must not decide
//! anything: every number is a sum of the plan's assignments or of the ledger's records,
//! so that a list and the plan never tell two things. An assignment that names no record
//! of the ledger is left out; a verified plan has none. Rejected: one struct with every
//! column (a reader could not tell which are filled).

mod amounts;
mod funding;
mod missed;
mod pairings;
mod projects;
mod receipts;
mod services;
mod shares;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

pub use amounts::Amount;
pub use funding::{FixedCost, Funding, FundingLine, FundingRow, FundingState, funding};
pub use missed::{MissedLimit, missed_limits};
pub use pairings::{Pairing, Standing, pairings};
pub use projects::{
    LoadRow, Meeting, PointsRow, ProjectRow, ProposalRow, load, meeting, meeting_period, points,
};
pub use receipts::{IdleRow, Provider, Receipt, idle_offers, receipts};
pub use services::{ServiceLine, TwoWay, UnitServices, place_services, unit_services};
pub use shares::{CoverageCell, LevelShare, category_coverage, level_shares, place_coverage};

use crate::ledger::{Need, Offer};
use crate::plan::Plan;
use crate::validate::{NONE, ValidLedger};

/// An assignment with its records found.
#[derive(Clone, Copy)]
struct Given<'a> {
    /// Position of the offer.
    o: u32,
    /// Position of the need.
    n: u32,
    offer: &'a Offer,
    need: &'a Need,
    /// Position of the offer's unit.
    unit: u32,
    quantity: i64,
    kept: i64,
    from: &'a str,
    to: &'a str,
}

/// The assignments of `plan`, ascending by offer and need. O(a log n).
fn given<'a>(valid: &'a ValidLedger, plan: &'a Plan) -> Vec<Given<'a>> {
    let ledger = valid.ledger();
    let period = |id: &'a Option<String>, at: u32| -> &'a str {
        match id {
            Some(id) => id,
            None => ledger.periods.get(at as usize).map_or("", |p| p.id.as_str()),
        }
    };
    let mut found: Vec<Given<'a>> = plan
        .assignments
        .iter()
        .filter_map(|a| {
            let o = ledger.offers.binary_search_by(|r| r.id.cmp(&a.offer)).ok()?;
            let n = ledger.needs.binary_search_by(|r| r.id.cmp(&a.need)).ok()?;
            let (offer, need) = (&valid.offers()[o], &valid.needs()[n]);
            Some(Given {
                o: o as u32,
                n: n as u32,
                offer: &ledger.offers[o],
                need: &ledger.needs[n],
                unit: offer.unit,
                quantity: a.quantity,
                kept: a.kept,
                from: period(&a.from, offer.from.max(need.from)),
                to: period(&a.to, offer.to.min(need.to)),
            })
        })
        .collect();
    found.sort_by_key(|g| (g.o, g.n));
    found
}

/// What each need gets and what is drawn from each offer is added up here, once.
fn covered(valid: &ValidLedger, given: &[Given<'_>]) -> Vec<i64> {
    let mut covered = vec![0; valid.needs().len()];
    for g in given {
        covered[g.n as usize] += g.quantity;
    }
    covered
}

/// Root of a tree above position `at`, with the child of the root on the way down.
fn top_two(tree: &[crate::validate::TreeNode], at: u32) -> (u32, Option<u32>) {
    let (mut here, mut below) = (at, None);
    while tree[here as usize].parent != NONE {
        below = Some(here);
        here = tree[here as usize].parent;
    }
    (here, below)
}

/// The id in a reference that validation has filled in.
fn filled(reference: &Option<String>) -> String {
    reference.clone().unwrap_or_default()
}
