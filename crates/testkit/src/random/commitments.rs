//! Pair rows, locks, projects and claims of a random ledger.
//!
//! In: nouns. Out: what was said and decided about pairs. Must not know limits.

use concentric_matcher::ledger::{ArcMode, Claim, ClaimState, Ledger, Pair, Project, ProjectState};

use crate::brute;
use crate::rng::Rng;

/// Adds (offer, need) rows and at most one (unit, place) row for each unit.
pub(super) fn pairs(rng: &mut Rng, ledger: &mut Ledger) {
    let explicit = ledger.arcs == ArcMode::Explicit;
    let share = if explicit { 65 } else { 20 };
    for offer in &ledger.offers {
        for need in &ledger.needs {
            if !rng.chance(share) {
                continue;
            }
            let mut row = Pair::arc(&offer.id, &need.id);
            row.value = rng.chance(50).then(|| rng.range(0, 4));
            row.cost = rng.chance(30).then(|| rng.range(0, 4));
            row.capacity = rng.chance(30).then(|| rng.range(0, 3));
            row.consumption = rng.chance(10).then_some(1);
            row.forbidden = rng.chance(15).then(|| rng.chance(70));
            ledger.pairs.push(row);
        }
    }
    for unit in &ledger.units {
        if rng.chance(25) {
            let mut row = Pair::between(&unit.id, &rng.pick(&ledger.places).id);
            row.value = rng.chance(60).then(|| rng.range(0, 4));
            row.cost = rng.chance(60).then(|| rng.range(0, 4));
            row.forbidden = (!explicit && rng.chance(15)).then_some(true);
            ledger.pairs.push(row);
        }
    }
}

/// Adds locks, projects in every state and claims; what binds fits its arc, offer
/// and need, and an arc is bound by one of them at most.
pub(super) fn add(rng: &mut Rng, ledger: &mut Ledger) {
    let mut arcs = brute::arcs(ledger).unwrap_or_default();
    rng.shuffle(&mut arcs);
    let mut offer_left: Vec<i64> = ledger.offers.iter().map(|o| o.quantity).collect();
    let mut need_left: Vec<i64> = ledger.needs.iter().map(|n| n.quantity).collect();
    for arc in arcs.iter().take(2) {
        let o = ledger.offers.iter().position(|r| r.id == arc.offer);
        let n = ledger.needs.iter().position(|r| r.id == arc.need);
        let (Some(o), Some(n)) = (o, n) else { continue };
        let room = offer_left[o].min(need_left[n]).min(arc.capacity.unwrap_or(i64::MAX)).min(2);
        if room == 0 || !rng.chance(50) {
            continue;
        }
        let quantity = rng.range(1, room);
        offer_left[o] -= quantity;
        need_left[n] -= quantity;
        match rng.range(0, 2) {
            0 => lock(ledger, &arc.offer, &arc.need, quantity),
            1 => project(ledger, &arc.offer, &arc.need, quantity, ProjectState::InProgress),
            _ => claim(ledger, &arc.offer, &arc.need, quantity, ClaimState::Accepted),
        }
    }
    for _ in 0..rng.range(0, 3) {
        if ledger.needs.is_empty() {
            return;
        }
        // Standing work may sit on pairs that are no arcs (any more).
        let (offer, need) = match rng.chance(80) && !arcs.is_empty() {
            true => {
                let arc = rng.pick(&arcs);
                (arc.offer.clone(), arc.need.clone())
            }
            false => (rng.pick(&ledger.offers).id.clone(), rng.pick(&ledger.needs).id.clone()),
        };
        let quantity = rng.range(1, 3);
        let state = *rng.pick(&[
            ProjectState::Proposed,
            ProjectState::Agreed,
            ProjectState::Delivered,
            ProjectState::Closed,
            ProjectState::Cancelled,
        ]);
        if rng.chance(75) {
            project(ledger, &offer, &need, quantity, state);
        } else {
            claim(ledger, &offer, &need, quantity, ClaimState::Pending);
        }
    }
}

fn lock(ledger: &mut Ledger, offer: &str, need: &str, quantity: i64) {
    let row = ledger
        .pairs
        .iter_mut()
        .find(|p| p.offer.as_deref() == Some(offer) && p.need.as_deref() == Some(need));
    match row {
        Some(row) => row.locked = Some(quantity),
        None => {
            let mut row = Pair::arc(offer, need);
            row.locked = Some(quantity);
            ledger.pairs.push(row);
        }
    }
}

pub(super) fn project(
    ledger: &mut Ledger,
    offer: &str,
    need: &str,
    quantity: i64,
    state: ProjectState,
) {
    ledger.projects.push(Project {
        id: format!("p{}", ledger.projects.len()),
        name: None,
        offer: offer.to_owned(),
        need: need.to_owned(),
        quantity,
        period: None,
        state,
        form: None,
        beneficiaries: 0,
        tags: Vec::new(),
    });
}

fn claim(ledger: &mut Ledger, offer: &str, need: &str, quantity: i64, state: ClaimState) {
    ledger.claims.push(Claim {
        id: format!("k{}", ledger.claims.len()),
        offer: offer.to_owned(),
        need: need.to_owned(),
        quantity,
        state,
        period: None,
        tags: Vec::new(),
    });
}
