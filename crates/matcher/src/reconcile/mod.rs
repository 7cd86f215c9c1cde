//! 对账: the next cycle's ledger, from deliveries and evaluations.
//!
//! In: a ledger that is valid, in canonical form. Out: the ledger of the next cycle, and
//! what was done. Must not know plans, networks or the clock. The choices:
//!
//! - *Delivered and closed projects* are subtracted from their need and, times the pair's
//!   consumption, from their offer. A need that reaches 0 is dropped with what refers to
//!   it; an offer stays, at 0 at least. A need's `min_useful` shrinks by what it got. The
//!   projects themselves and their evaluations go, so that nothing is subtracted twice:
//!   what they gave to the goal `keep` comes from then on from `match --previous`.
//! - *Evaluations* of those projects move the offer's proficiency, one after the other by
//!   period and id: `p' = round((n p + w s) / (n + w))`, halves up, `n' = min(n + w, 20)`,
//!   w = 1 resident, 2 supervisor, 3 jury. n starts at 4 and is carried from cycle to
//!   cycle in the offer's tag `evaluated:N`, because it is a fact of the offer and the
//!   format has no other field for it. An evaluation without a period takes its project's.
//! - *Commitments go on with their remainder*: projects in progress, accepted claims and
//!   locked pairs keep what fits into what is left of their offer and need, projects
//!   first, by period and id; what nothing is left of is dropped. A lock shrinks by what
//!   was delivered under it, except that of a running project, which is its own work.
//! - *Proficiency never falls below what a running commitment's need asks*: work under way
//!   is not called off by a score.
//! - *Cancelled projects and declined claims* are dropped; proposed and agreed ones stay.
//! - *Time passes only when told*: with a closing period, pending claims of that period or
//!   before expire (dropped), and active agreements that end there become `ended`.
//!   Windows of offers and needs are the planner's to renew.
//! - *Policy is not touched*: limits, goals, and capacities of pairs.
//! - *Scenarios* that can no longer be applied are dropped, and so is `expected`, which
//!   speaks of the old ledger.

mod commitments;
mod feedback;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};

use crate::error::Issue;
use crate::ledger::{AgreementStatus, ClaimState, Delta, DeltaOp, Ledger, Project, ProjectState};
use crate::scenario;

/// A number of one record before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Adjusted {
    /// The record.
    pub id: String,
    /// Before.
    pub before: i64,
    /// After; 0 for a record that was dropped.
    pub after: i64,
}

/// The next cycle's ledger and how it came about; all lists ascending by id.
#[derive(Clone, Debug, PartialEq)]
pub struct Reconciled {
    /// The ledger.
    pub ledger: Ledger,
    /// Projects that were subtracted.
    pub delivered: Vec<String>,
    /// Quantities of needs; 0 = dropped because it is met.
    pub needs: Vec<Adjusted>,
    /// Quantities of offers.
    pub offers: Vec<Adjusted>,
    /// Proficiency of offers.
    pub proficiency: Vec<Adjusted>,
    /// Quantities of running projects and accepted claims; 0 = dropped.
    pub commitments: Vec<Adjusted>,
    /// Pending claims that expired.
    pub expired: Vec<String>,
    /// Agreements that ended.
    pub ended: Vec<String>,
    /// Scenarios that no longer apply.
    pub scenarios: Vec<String>,
}

/// (offer, need) by id.
type Arc = (String, String);

/// Applies deliveries and evaluations.
///
/// `closing` is the id of the last period of the cycle that ends, if time shall pass.
/// The result of a valid ledger is valid.
///
/// # Errors
/// `UNKNOWN_REFERENCE` if the ledger has no period `closing`; what the removal of met
/// needs finds wrong with a ledger that was not valid.
///
/// # Complexity
/// O(n log n) in the number of records, and one application for each scenario.
pub fn reconcile(ledger: &Ledger, closing: Option<&str>) -> Result<Reconciled, Vec<Issue>> {
    let mut next = ledger.clone();
    let time = Time::of(ledger, closing)?;
    let done: Vec<&Project> = {
        let each = ledger.projects.iter();
        let mut done: Vec<&Project> = each
            .filter(|p| matches!(p.state, ProjectState::Delivered | ProjectState::Closed))
            .collect();
        done.sort_by_key(|p| (time.rank(p.period.as_deref()), &p.id));
        done
    };
    let mut given: BTreeMap<Arc, i64> = BTreeMap::new();
    for project in &done {
        *given.entry((project.offer.clone(), project.need.clone())).or_default() +=
            project.quantity;
    }
    let draw = commitments::Draw::of(ledger);
    subtract(&mut next, &given, &draw);
    drop_history(&mut next, &time);
    commitments::shrink_locks(&mut next, &given, &draw);
    remove_met(&mut next)?;
    commitments::fit(&mut next, &time, &draw);
    feedback::apply(ledger, &mut next, &done, &time);
    pass_time(&mut next, &time);
    next.expected = Value::Null;
    let scenarios = drop_scenarios(&mut next);
    Ok(account(ledger, next, &done, scenarios))
}

/// Order of the periods, and the one that closes.
struct Time {
    ranks: BTreeMap<String, usize>,
    closing: Option<usize>,
}

impl Time {
    fn of(ledger: &Ledger, closing: Option<&str>) -> Result<Time, Vec<Issue>> {
        let mut periods: Vec<_> = ledger.periods.iter().collect();
        periods.sort_by_key(|p| &p.start);
        let ranks: BTreeMap<String, usize> =
            periods.iter().enumerate().map(|(at, p)| (p.id.clone(), at)).collect();
        let closing = match closing {
            None => None,
            Some(id) => Some(*ranks.get(id).ok_or_else(|| {
                let message = format!("no record of periods has the id {id}");
                vec![Issue::new(crate::error::Code::UnknownReference, "periods", message)]
            })?),
        };
        Ok(Time { ranks, closing })
    }

    /// Position in time; what has no period comes last.
    fn rank(&self, period: Option<&str>) -> usize {
        period.and_then(|id| self.ranks.get(id)).copied().unwrap_or(usize::MAX)
    }

    /// Whether something of that period is over.
    fn is_over(&self, period: Option<&str>) -> bool {
        self.closing.is_some_and(|closing| self.rank(period) <= closing)
    }
}

/// Takes what was delivered from offers and needs; a met need stands at 0 for now.
fn subtract(next: &mut Ledger, given: &BTreeMap<Arc, i64>, draw: &commitments::Draw) {
    let mut of_need: BTreeMap<&str, i64> = BTreeMap::new();
    let mut of_offer: BTreeMap<&str, i64> = BTreeMap::new();
    for (arc, &quantity) in given {
        *of_need.entry(&arc.1).or_default() += quantity;
        *of_offer.entry(&arc.0).or_default() += quantity.saturating_mul(draw.of_arc(arc));
    }
    for need in &mut next.needs {
        if let Some(&got) = of_need.get(need.id.as_str()) {
            need.quantity = (need.quantity - got).max(0);
            need.min_useful = (need.min_useful - got).clamp(0, need.quantity);
        }
    }
    for offer in &mut next.offers {
        if let Some(&drawn) = of_offer.get(offer.id.as_str()) {
            offer.quantity = offer.quantity.saturating_sub(drawn).max(0);
        }
    }
}

/// Drops what is over and done with: projects, their evaluations, decided claims.
fn drop_history(next: &mut Ledger, time: &Time) {
    let over = |p: &Project| {
        matches!(p.state, ProjectState::Delivered | ProjectState::Closed | ProjectState::Cancelled)
    };
    let gone: BTreeSet<String> =
        next.projects.iter().filter(|p| over(p)).map(|p| p.id.clone()).collect();
    next.projects.retain(|p| !gone.contains(&p.id));
    next.evaluations.retain(|e| !gone.contains(&e.project));
    next.claims.retain(|c| match c.state {
        ClaimState::Declined => false,
        ClaimState::Pending => !time.is_over(c.period.as_deref()),
        ClaimState::Accepted => true,
    });
}

/// Removes needs at 0 with everything that refers to them.
fn remove_met(next: &mut Ledger) -> Result<(), Vec<Issue>> {
    let met: Vec<&str> =
        next.needs.iter().filter(|n| n.quantity == 0).map(|n| n.id.as_str()).collect();
    if met.is_empty() {
        return Ok(());
    }
    let filter = [("id".to_owned(), json!(met))].into_iter().collect();
    let delta = Delta {
        list: Some("needs".to_owned()),
        filter: Some(filter),
        ..Delta::new(DeltaOp::Remove)
    };
    *next = scenario::apply_deltas(next, &[delta], "reconcile")?;
    Ok(())
}

/// Ends agreements whose window is over.
fn pass_time(next: &mut Ledger, time: &Time) {
    for agreement in &mut next.agreements {
        if agreement.to.is_some() && time.is_over(agreement.to.as_deref()) {
            agreement.status = AgreementStatus::Ended;
        }
    }
}

/// Drops scenarios that name what is gone, and those that start from them.
fn drop_scenarios(next: &mut Ledger) -> Vec<String> {
    let mut dropped = Vec::new();
    loop {
        let ids = next.scenarios.iter().map(|s| &s.id);
        let dead: Vec<String> =
            ids.filter(|id| scenario::apply(next, id).is_err()).cloned().collect();
        if dead.is_empty() {
            dropped.sort();
            return dropped;
        }
        next.scenarios.retain(|s| !dead.contains(&s.id));
        dropped.extend(dead);
    }
}

/// What changed between the two ledgers.
fn account(before: &Ledger, next: Ledger, done: &[&Project], scenarios: Vec<String>) -> Reconciled {
    let mut delivered: Vec<String> = done.iter().map(|p| p.id.clone()).collect();
    delivered.sort();
    let running = |p: &&Project| p.state == ProjectState::InProgress;
    let accepted = |c: &&crate::ledger::Claim| c.state == ClaimState::Accepted;
    let held = |ledger: &Ledger| -> Vec<(String, i64)> {
        let projects = ledger.projects.iter().filter(running).map(|p| (p.id.clone(), p.quantity));
        let claims = ledger.claims.iter().filter(accepted).map(|c| (c.id.clone(), c.quantity));
        projects.chain(claims).collect()
    };
    let pending = |ledger: &Ledger| -> BTreeSet<String> {
        let each = ledger.claims.iter().filter(|c| c.state == ClaimState::Pending);
        each.map(|c| c.id.clone()).collect()
    };
    let active = |ledger: &Ledger| -> BTreeSet<String> {
        let each = ledger.agreements.iter();
        each.filter(|a| a.status == AgreementStatus::Active).map(|a| a.id.clone()).collect()
    };
    let numbers = |ledger: &Ledger, of: fn(&crate::ledger::Offer) -> i64| -> Vec<(String, i64)> {
        ledger.offers.iter().map(|o| (o.id.clone(), of(o))).collect()
    };
    let needs = |ledger: &Ledger| -> Vec<(String, i64)> {
        ledger.needs.iter().map(|n| (n.id.clone(), n.quantity)).collect()
    };
    Reconciled {
        delivered,
        needs: adjusted(needs(before), needs(&next)),
        offers: adjusted(numbers(before, |o| o.quantity), numbers(&next, |o| o.quantity)),
        proficiency: adjusted(
            numbers(before, |o| o.proficiency),
            numbers(&next, |o| o.proficiency),
        ),
        commitments: adjusted(held(before), held(&next)),
        expired: pending(before).difference(&pending(&next)).cloned().collect(),
        ended: active(before).difference(&active(&next)).cloned().collect(),
        scenarios,
        ledger: next,
    }
}

fn adjusted(before: Vec<(String, i64)>, after: Vec<(String, i64)>) -> Vec<Adjusted> {
    let after: BTreeMap<String, i64> = after.into_iter().collect();
    let mut found: Vec<Adjusted> = before
        .into_iter()
        .map(|(id, before)| Adjusted { after: after.get(&id).copied().unwrap_or(0), id, before })
        .filter(|change| change.before != change.after)
        .collect();
    found.sort_by(|a, b| a.id.cmp(&b.id));
    found
}
