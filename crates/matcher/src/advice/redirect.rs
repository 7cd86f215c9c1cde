//! Where an offer is wanted when its claim cannot be accepted.
//!
//! In: the claim, the ledger and plan so far. Out: open needs and how much of the offer each
//! takes without loss of coverage, proved by a plan that holds them all. Must not look
//! beyond the offer's own arcs.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::error::Error;
use crate::ledger::{Claim, Ledger, NeedKind};
use crate::network::{Arcs, build};
use crate::plan::Plan;
use crate::validate::validate;

use super::Part;
use super::trial::{Outcome, Trial, service};

/// Needs tried for one claim, each with two quantities at most.
const TRIED: usize = 6;

/// Needs over which one claim is spread at most; an answer with more is none to act upon.
const PARTS: usize = 4;

/// A need that can take the offer, and what then holds.
struct Found {
    part: Part,
    ledger: Ledger,
    plan: Plan,
}

/// Where the claim's quantity can go: the need that takes it first, then others for what is
/// left of it. `ledger` and `plan` go on with what is found.
///
/// # Errors
/// As the engine.
pub(super) fn find(
    trial: &Trial<'_>,
    ledger: &mut Ledger,
    plan: &mut Plan,
    claim: &Claim,
) -> Result<Vec<Part>, Error> {
    let mut parts: Vec<Part> = Vec::new();
    let mut rest = claim.quantity;
    while rest > 0 && parts.len() < PARTS {
        let Some(found) = one(trial, ledger, plan, claim, rest, &parts)? else { break };
        (*ledger, *plan) = (found.ledger, found.plan);
        rest -= found.part.quantity;
        parts.push(found.part);
    }
    Ok(parts)
}

/// Service that locks hold at each need, and what they draw from each offer.
pub(super) fn held(arcs: &Arcs) -> (BTreeMap<u32, i64>, BTreeMap<u32, i64>) {
    let (mut needs, mut offers) = (BTreeMap::new(), BTreeMap::new());
    for &(arc, lock) in &arcs.locks {
        *needs.entry(arcs.need[arc as usize]).or_default() += lock;
        *offers.entry(arcs.offer[arc as usize]).or_default() += lock * arcs.consumption_of(arc);
    }
    (needs, offers)
}

/// One arc of the offer, as a candidate.
struct Candidate {
    need: usize,
    /// What is locked on the arc already.
    lock: i64,
    /// How much more could be locked.
    room: i64,
    /// What the plan leaves short there.
    short: i64,
    /// What the plan lets the offer do there beyond the lock.
    served: i64,
}

/// The first candidate that takes the offer without loss, as much as it has room for or
/// else what the plan shows to be wanted there. Order: short needs, those that the plan
/// lets the offer serve, the rest; among equals hot spots, priority, room, id.
fn one(
    trial: &Trial<'_>,
    ledger: &Ledger,
    plan: &Plan,
    claim: &Claim,
    rest: i64,
    parts: &[Part],
) -> Result<Option<Found>, Error> {
    let valid = validate(ledger.clone()).map_err(Error::Invalid)?;
    let ledger = valid.ledger();
    let network = build(&valid, trial.max_arcs)?;
    let arcs = &network.arcs;
    let Ok(offer) = ledger.offers.binary_search_by(|o| o.id.cmp(&claim.offer)) else {
        return Ok(None);
    };
    let (held_needs, held_offers) = held(arcs);
    let free =
        ledger.offers[offer].quantity - held_offers.get(&(offer as u32)).copied().unwrap_or(0);
    let mut candidates: Vec<Candidate> = Vec::new();
    for arc in arcs.range(offer as u32).map(|arc| arc as u32) {
        let need = arcs.need[arc as usize] as usize;
        let record = &ledger.needs[need];
        let lock = arcs.lock_of(arc);
        let open = record.quantity - held_needs.get(&(need as u32)).copied().unwrap_or(0);
        let reach = match arcs.consumption_of(arc) {
            0 => i64::MAX,
            consumption => free / consumption,
        };
        let room = rest.min(open).min(reach).min(arcs.upper[arc as usize] - lock);
        let tried = parts.iter().any(|part| part.need == record.id);
        if room <= 0 || record.id == claim.need || tried {
            continue;
        }
        let at = plan.outcomes.binary_search_by(|o| o.need.cmp(&record.id));
        let short = at.map_or(0, |at| plan.outcomes[at].asked - plan.outcomes[at].covered);
        let served = (service(plan, &claim.offer, &record.id) - lock).max(0);
        candidates.push(Candidate { need, lock, room, short, served });
    }
    candidates.sort_by_key(|c| {
        let need = &ledger.needs[c.need];
        let class = (c.short == 0, c.served == 0, need.kind != NeedKind::HotSpot);
        (class, Reverse(need.priority), Reverse(c.room), c.need)
    });
    for candidate in candidates.iter().take(TRIED) {
        let need = &ledger.needs[candidate.need].id;
        let sure = candidate.room.min(candidate.short.max(candidate.served));
        for quantity in [candidate.room, sure] {
            if quantity == 0 {
                continue;
            }
            let lock = candidate.lock + quantity;
            let tried = trial.pin(ledger, plan, &claim.offer, need, lock)?;
            if let Outcome::Holds { ledger, plan, lost: false } = tried {
                let part = Part { need: need.clone(), quantity };
                return Ok(Some(Found { part, ledger: *ledger, plan: *plan }));
            }
            if quantity == sure {
                break;
            }
        }
    }
    Ok(None)
}
