//! What goes on: locks, running projects and accepted claims, cut to what is left.
//!
//! In: the next ledger with its reduced offers and needs. Out: commitments that fit. Must
//! not know evaluations. The lock of a pair is the largest of three (its row, its
//! projects in progress, its accepted claims), so each of the three is cut against one
//! reservation for the pair, not on top of the others.

use std::collections::{BTreeMap, BTreeSet};

use super::{Arc, Time};
use crate::ledger::{ClaimState, Ledger, Pair, ProjectState};

/// What one unit of service draws from its offer, pair by pair.
pub(super) struct Draw {
    arcs: BTreeMap<Arc, i64>,
    between: BTreeMap<Arc, i64>,
    unit_of: BTreeMap<String, String>,
    place_of: BTreeMap<String, Option<String>>,
    parent: BTreeMap<String, Option<String>>,
}

impl Draw {
    pub(super) fn of(ledger: &Ledger) -> Draw {
        let rows = |key: fn(&Pair) -> Option<Arc>| -> BTreeMap<Arc, i64> {
            let each = ledger.pairs.iter();
            each.filter_map(|p| Some((key(p)?, p.consumption?))).collect()
        };
        Draw {
            arcs: rows(|p| Some((p.offer.clone()?, p.need.clone()?))),
            between: rows(|p| Some((p.unit.clone()?, p.place.clone()?))),
            unit_of: ledger.offers.iter().map(|o| (o.id.clone(), o.unit.clone())).collect(),
            place_of: ledger.needs.iter().map(|n| (n.id.clone(), n.place.clone())).collect(),
            parent: ledger.places.iter().map(|p| (p.id.clone(), p.parent.clone())).collect(),
        }
    }

    /// The nearest statement wins: the pair's own row, then (unit, place) upwards; else 1.
    pub(super) fn of_arc(&self, arc: &Arc) -> i64 {
        if let Some(&own) = self.arcs.get(arc) {
            return own;
        }
        let Some(unit) = self.unit_of.get(&arc.0) else { return 1 };
        let stated = self
            .above(&arc.1)
            .find_map(|place| self.between.get(&(unit.clone(), place.to_owned())).copied());
        stated.unwrap_or(1)
    }

    /// The need's place and everything above it.
    fn above<'a>(&'a self, need: &str) -> impl Iterator<Item = &'a str> {
        let place = self.place_of.get(need).and_then(|place| place.as_deref());
        std::iter::successors(place, |at| self.parent.get(*at).and_then(|p| p.as_deref()))
    }

    /// Whether an arc lies between a unit and the subtree of a place.
    fn lies_between(&self, arc: &Arc, unit: &str, place: &str) -> bool {
        self.unit_of.get(&arc.0).is_some_and(|u| u == unit)
            && self.above(&arc.1).any(|at| at == place)
    }
}

/// Takes what was delivered under a lock off the lock.
pub(super) fn shrink_locks(next: &mut Ledger, given: &BTreeMap<Arc, i64>, draw: &Draw) {
    for pair in &mut next.pairs {
        let Some(locked) = pair.locked else { continue };
        let done: i64 = match (&pair.offer, &pair.need, &pair.unit, &pair.place) {
            (Some(offer), Some(need), ..) => {
                given.get(&(offer.clone(), need.clone())).copied().unwrap_or(0)
            }
            (_, _, Some(unit), Some(place)) => {
                let under = given.iter().filter(|(arc, _)| draw.lies_between(arc, unit, place));
                under.map(|(_, quantity)| quantity).sum()
            }
            _ => 0,
        };
        pair.locked = Some((locked - done).max(0)).filter(|&left| left > 0);
    }
    let mut left = given.clone();
    for claim in next.claims.iter_mut().filter(|c| c.state == ClaimState::Accepted) {
        let arc = (claim.offer.clone(), claim.need.clone());
        if let Some(done) = left.get_mut(&arc) {
            let taken = claim.quantity.min(*done);
            claim.quantity -= taken;
            *done -= taken;
        }
    }
    next.claims.retain(|c| c.quantity > 0);
}

/// What is left of offers and needs, reserved pair by pair.
struct Room<'a> {
    draw: &'a Draw,
    offers: BTreeMap<String, i64>,
    needs: BTreeMap<String, i64>,
    reserved: BTreeMap<Arc, i64>,
}

impl Room<'_> {
    /// Reserves up to `total` for the pair, what it has already included; what it has then.
    fn reserve(&mut self, arc: &Arc, total: i64) -> i64 {
        let has = self.reserved.get(arc).copied().unwrap_or(0);
        if total <= has {
            return total;
        }
        let consumption = self.draw.of_arc(arc);
        let (Some(offer), Some(need)) = (self.offers.get_mut(&arc.0), self.needs.get_mut(&arc.1))
        else {
            return has;
        };
        let reach = if consumption > 0 { *offer / consumption } else { i64::MAX };
        let more = (total - has).min(*need).min(reach);
        *need -= more;
        *offer -= more * consumption;
        self.reserved.insert(arc.clone(), has + more);
        has + more
    }
}

/// Cuts running projects, then accepted claims, then locked pairs to what is left, and
/// pending claims to their need.
pub(super) fn fit(next: &mut Ledger, time: &Time, draw: &Draw) {
    let mut room = Room {
        draw,
        offers: next.offers.iter().map(|o| (o.id.clone(), o.quantity)).collect(),
        needs: next.needs.iter().map(|n| (n.id.clone(), n.quantity)).collect(),
        reserved: BTreeMap::new(),
    };
    let mut order: Vec<usize> = (0..next.projects.len())
        .filter(|&at| next.projects[at].state == ProjectState::InProgress)
        .collect();
    order.sort_by_key(|&at| {
        let project = &next.projects[at];
        (time.rank(project.period.as_deref()), project.id.clone())
    });
    let mut sums: BTreeMap<Arc, i64> = BTreeMap::new();
    for at in order {
        let project = &mut next.projects[at];
        let arc = (project.offer.clone(), project.need.clone());
        project.quantity = step(&mut room, &mut sums, &arc, project.quantity);
    }
    next.projects.retain(|p| p.quantity > 0);
    sums.clear();
    for claim in next.claims.iter_mut().filter(|c| c.state == ClaimState::Accepted) {
        let arc = (claim.offer.clone(), claim.need.clone());
        claim.quantity = step(&mut room, &mut sums, &arc, claim.quantity);
    }
    for pair in &mut next.pairs {
        if let (Some(offer), Some(need), Some(locked)) = (&pair.offer, &pair.need, pair.locked) {
            let granted = room.reserve(&(offer.clone(), need.clone()), locked);
            pair.locked = Some(granted).filter(|&granted| granted > 0);
        }
    }
    let needs: BTreeMap<&str, i64> =
        next.needs.iter().map(|n| (n.id.as_str(), n.quantity)).collect();
    for claim in next.claims.iter_mut().filter(|c| c.state == ClaimState::Pending) {
        if let Some(&left) = needs.get(claim.need.as_str()) {
            claim.quantity = claim.quantity.min(left);
        }
    }
    next.claims.retain(|c| c.quantity > 0);
    let left: BTreeSet<&str> = next.projects.iter().map(|p| p.id.as_str()).collect();
    next.evaluations.retain(|e| left.contains(e.project.as_str()));
}

/// One more commitment of a kind on one pair; what it gets.
fn step(room: &mut Room<'_>, sums: &mut BTreeMap<Arc, i64>, arc: &Arc, quantity: i64) -> i64 {
    let before = sums.get(arc).copied().unwrap_or(0);
    let granted = room.reserve(arc, before + quantity);
    sums.insert(arc.clone(), granted.max(before));
    (granted - before).max(0)
}
