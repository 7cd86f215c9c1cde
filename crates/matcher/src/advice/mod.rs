//! What to answer to pending claims (认领): accept, redirect or decline, each proved by
//! plans.
//!
//! In: an engine and a valid ledger. Out: [`Advice`]: for every pending claim what it
//! would cost alone, with whom it conflicts, and the answer. Must not change anything; the
//! answers are advice until somebody accepts a claim. Rejected: judging claims by the
//! reduced costs of one plan (a claim of many units leaves the range in which they hold).
//!
//! The answers hold together: claims are taken by period and id, each on top of those
//! accepted before it. One is accepted if some plan that serves it covers no less than
//! the plan without any claim; otherwise it is redirected to an open need of the same
//! offer for which that is so. Coverage is the value of the levels `cover`, `tier` and
//! `fair`.

mod redirect;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
mod trial;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::control::Control;
use crate::error::Error;
use crate::ledger::{Claim, ClaimState, Ledger};
use crate::pipeline::Engine;
use crate::plan::{LevelChange, Plan};
use crate::validate::ValidLedger;

use trial::{Outcome, Trial};

/// What to answer to a claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Answer {
    /// Some plan serves it and covers no less.
    Accept,
    /// The same offer is wanted at another need.
    Redirect {
        /// The open need.
        need: String,
        /// How much of the offer it can take without loss, which may be less than is claimed.
        quantity: i64,
    },
    /// No open need can take the offer without loss.
    Decline,
}

/// A part of a claim's quantity that a need can take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    /// The open need.
    pub need: String,
    /// How much of the offer it can take without loss.
    pub quantity: i64,
}

/// One claim and what to answer to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClaimAdvice {
    /// The claim.
    pub claim: String,
    /// The offer it would use.
    pub offer: String,
    /// The need it would serve.
    pub need: String,
    /// How much.
    pub quantity: i64,
    /// What to answer.
    pub answer: Answer,
    /// Of a redirected claim: where what the first need does not take can go, on top of that.
    /// What these do not take either has no place at the needs tried.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub further: Vec<Part>,
    /// Whether accepting it alone would leave less covered.
    pub costs_coverage: bool,
    /// Levels that accepting it alone would change, against the plan without it.
    pub levels: Vec<LevelChange>,
    /// Why it cannot be accepted at all: rules it breaks, or a contradiction.
    pub barred: Vec<String>,
    /// Other pending claims that cannot be accepted together with it.
    pub conflicts: Vec<String>,
}

/// Claims that ask together for more than there is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Contest {
    /// `needs` or `offers`.
    pub list: &'static str,
    /// The need or offer they compete for.
    pub id: String,
    /// The claims, ascending.
    pub claims: Vec<String>,
    /// What they ask for together (of an offer: with the pair's consumption).
    pub asked: i64,
    /// What accepted claims and running work leave.
    pub available: i64,
}

/// Answers to all pending claims of a ledger.
#[derive(Clone, Debug, PartialEq)]
pub struct Advice {
    /// The plan without any of them. If it has no assignments because the ledger is
    /// infeasible, there is no advice.
    pub base: Plan,
    /// In the order in which they were judged: by period and id.
    pub claims: Vec<ClaimAdvice>,
    /// Needs first, then offers, ascending by id.
    pub contests: Vec<Contest>,
}

/// Judges every pending claim by plans of `engine`; its reasons are not read, so an engine
/// that does not explain answers faster.
///
/// # Errors
/// As [`Engine::match_valid`].
///
/// # Complexity
/// At most two solves for each claim, and a dozen for each of at most four parts of one that
/// is not accepted; none where the plan at hand serves the claim already.
pub fn advise(engine: &Engine, valid: &ValidLedger, control: &Control) -> Result<Advice, Error> {
    let max_arcs = engine.options().max_arcs;
    let base = engine.match_valid(valid, control)?;
    let contests = contests(valid, max_arcs)?;
    let mut advice = Advice { base, claims: Vec::new(), contests };
    if trial::is_empty(&advice.base) {
        return Ok(advice);
    }
    let base = advice.base.clone();
    let trial = Trial { engine, control, base: &base, baseline: valid, max_arcs };
    let mut ledger = valid.ledger().clone();
    let mut plan = base.clone();
    let mut untouched = true;
    for claim in in_order(valid.ledger()) {
        let alone = trial.accept(valid.ledger(), &base, &claim.id)?;
        let together =
            if untouched { alone.clone() } else { trial.accept(&ledger, &plan, &claim.id)? };
        let mut further = Vec::new();
        let answer = match together {
            Outcome::Holds { ledger: next, plan: served, lost: false } => {
                (ledger, plan) = (*next, *served);
                Answer::Accept
            }
            _ => {
                let mut parts = redirect::find(&trial, &mut ledger, &mut plan, claim)?.into_iter();
                let first = parts.next();
                further.extend(parts);
                first.map_or(Answer::Decline, |Part { need, quantity }| Answer::Redirect {
                    need,
                    quantity,
                })
            }
        };
        untouched &= answer == Answer::Decline;
        let (costs_coverage, levels, barred) = match alone {
            Outcome::Holds { plan, lost, .. } => (lost, trial.changed(&plan), Vec::new()),
            Outcome::Barred(why) => (true, Vec::new(), why),
        };
        let conflicts = advice.contests.iter().filter(|c| c.claims.contains(&claim.id));
        let mut conflicts: Vec<String> = conflicts.flat_map(|c| c.claims.clone()).collect();
        conflicts.sort();
        conflicts.dedup();
        conflicts.retain(|id| *id != claim.id);
        advice.claims.push(ClaimAdvice {
            claim: claim.id.clone(),
            offer: claim.offer.clone(),
            need: claim.need.clone(),
            quantity: claim.quantity,
            answer,
            further,
            costs_coverage,
            levels,
            barred,
            conflicts,
        });
    }
    Ok(advice)
}

/// Pending claims by period and id; the periods of a valid ledger stand in time order.
fn in_order(ledger: &Ledger) -> Vec<&Claim> {
    let rank = |claim: &Claim| {
        let id = claim.period.as_deref();
        id.and_then(|id| ledger.periods.iter().position(|p| p.id == id)).unwrap_or(usize::MAX)
    };
    let mut claims: Vec<&Claim> =
        ledger.claims.iter().filter(|c| c.state == ClaimState::Pending).collect();
    claims.sort_by_key(|claim| (rank(claim), &claim.id));
    claims
}

/// Needs and offers for which pending claims together ask too much.
fn contests(valid: &ValidLedger, max_arcs: u64) -> Result<Vec<Contest>, Error> {
    let ledger = valid.ledger();
    let network = crate::network::build(valid, max_arcs)?;
    let arcs = &network.arcs;
    let mut needs: BTreeMap<u32, (i64, Vec<String>)> = BTreeMap::new();
    let mut offers: BTreeMap<u32, (i64, Vec<String>)> = BTreeMap::new();
    for (claim, &(o, n)) in ledger.claims.iter().zip(valid.claims()) {
        if claim.state != ClaimState::Pending {
            continue;
        }
        let consumption = arcs.find(o, n).map_or(1, |arc| arcs.consumption_of(arc));
        for (map, at, by) in
            [(&mut needs, n, claim.quantity), (&mut offers, o, claim.quantity * consumption)]
        {
            let (asked, claims) = map.entry(at).or_default();
            *asked += by;
            claims.push(claim.id.clone());
        }
    }
    let (held_needs, held_offers) = redirect::held(arcs);
    let mut found = Vec::new();
    let mut pick =
        |list: &'static str, id: &str, quantity: i64, held: i64, claims: (i64, Vec<String>)| {
            let available = (quantity - held).max(0);
            if claims.1.len() > 1 && claims.0 > available {
                let (asked, claims) = claims;
                found.push(Contest { list, id: id.to_owned(), claims, asked, available });
            }
        };
    for (n, claims) in needs {
        let need = &ledger.needs[n as usize];
        let held = held_needs.get(&n).copied().unwrap_or(0);
        pick("needs", &need.id, need.quantity, held, claims);
    }
    for (o, claims) in offers {
        let offer = &ledger.offers[o as usize];
        let held = held_offers.get(&o).copied().unwrap_or(0);
        pick("offers", &offer.id, offer.quantity, held, claims);
    }
    Ok(found)
}
