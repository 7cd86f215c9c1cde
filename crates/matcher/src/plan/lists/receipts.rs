//! 回单: one answer for every need, and the same for what is left of every offer.
//!
//! In: ledger and plan. Out: a receipt for each need, a row for each idle offer. Must not
//! find reasons: they are the plan's, which has proved them.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{covered, filled, given};
use crate::certify::Reason;
use crate::network::Facts;
use crate::plan::{Plan, Status};
use crate::validate::ValidLedger;

/// A unit that serves a need, and with how much.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Provider {
    /// The unit.
    pub unit: String,
    /// How much, over all its offers.
    pub quantity: i64,
}

/// What a need is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// The need.
    pub need: String,
    /// The unit that asks; none for the inhabitants of the place.
    pub owner: Option<String>,
    /// Its place.
    pub place: String,
    /// Its category.
    pub category: String,
    /// Its measure.
    pub measure: String,
    /// What it asks for.
    pub asked: i64,
    /// What it gets.
    pub covered: i64,
    /// In full, in part, or not at all.
    pub status: Status,
    /// Who serves it, ascending by unit; the quantities add up to `covered`.
    pub providers: Vec<Provider>,
    /// Why it is short, with evidence.
    pub reasons: Vec<Reason>,
}

/// What is left of an offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IdleRow {
    /// The offer.
    pub offer: String,
    /// Its unit.
    pub unit: String,
    /// Its category.
    pub category: String,
    /// Its measure.
    pub measure: String,
    /// What is offered.
    pub quantity: i64,
    /// What is left of it.
    pub left: i64,
    /// Why, if the plan says.
    pub reason: Option<Reason>,
}

/// One receipt for each need, ascending by id. O((needs + assignments) log records).
pub fn receipts(valid: &ValidLedger, plan: &Plan) -> Vec<Receipt> {
    let ledger = valid.ledger();
    let all = given(valid, plan);
    let covered = covered(valid, &all);
    let mut providers: BTreeMap<(u32, u32), i64> = BTreeMap::new();
    for g in &all {
        *providers.entry((g.n, g.unit)).or_default() += g.quantity;
    }
    let each = ledger.needs.iter().zip(covered).enumerate();
    each.map(|(n, (need, covered))| {
        let n = n as u32;
        let serving = providers.range((n, 0)..=(n, u32::MAX));
        let outcome = plan.outcomes.binary_search_by(|o| o.need.cmp(&need.id)).ok();
        Receipt {
            need: need.id.clone(),
            owner: need.owner.clone(),
            place: filled(&need.place),
            category: filled(&need.category),
            measure: filled(&need.measure),
            asked: need.quantity,
            covered,
            status: Status::of(need.quantity, covered),
            providers: serving
                .map(|(&(_, unit), &quantity)| Provider {
                    unit: ledger.units[unit as usize].id.clone(),
                    quantity,
                })
                .collect(),
            reasons: outcome.map(|at| plan.outcomes[at].reasons.clone()).unwrap_or_default(),
        }
    })
    .collect()
}

/// One row for each offer with something left, ascending by id.
///
/// O(offers + assignments (log records + depth of the places)).
pub fn idle_offers(valid: &ValidLedger, plan: &Plan) -> Vec<IdleRow> {
    let ledger = valid.ledger();
    let facts = Facts::new(valid);
    let mut drawn = vec![0i64; ledger.offers.len()];
    for g in &given(valid, plan) {
        let consumption = facts.of(g.o, g.n, facts.row(g.o, g.n)).consumption;
        drawn[g.o as usize] += g.quantity * consumption;
    }
    let each = ledger.offers.iter().zip(drawn).filter(|(offer, drawn)| offer.quantity > *drawn);
    each.map(|(offer, drawn)| {
        let told = plan.idle.binary_search_by(|i| i.offer.cmp(&offer.id)).ok();
        IdleRow {
            offer: offer.id.clone(),
            unit: offer.unit.clone(),
            category: filled(&offer.category),
            measure: filled(&offer.measure),
            quantity: offer.quantity,
            left: offer.quantity - drawn,
            reason: told.and_then(|at| plan.idle[at].reason.clone()),
        }
    })
    .collect()
}
