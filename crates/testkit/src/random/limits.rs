//! Amount limits of a random ledger, nested by construction.
//!
//! In: nouns and commitments. Out: limits. Must not know how rows become a network,
//! only that the sets of offers (unit in kind in group in all) and the sets of needs
//! (need in place subtree) have to nest.

use concentric_matcher::ledger::{
    Counts, DemandSelector, Ledger, Limit, OneOrMany, Per, PlaceLevel, SupplySelector, What,
};

use super::Profile;
use super::nouns::KINDS;
use crate::brute;
use crate::rng::Rng;

/// Adds up to three limits on the supply side, the demand side, or both.
pub(super) fn add(rng: &mut Rng, ledger: &mut Ledger, profile: &Profile) {
    if rng.chance(30) {
        return;
    }
    let (supply, demand) = *rng.pick(&[(true, false), (false, true), (true, true)]);
    for k in 0..rng.range(1, 3) {
        let hard = profile.limits && !(profile.soft && rng.chance(30));
        if !hard && !profile.soft {
            continue;
        }
        let mut limit = Limit {
            id: format!("l{k}"),
            name: None,
            counts: Counts::Amount,
            supply: SupplySelector::default(),
            demand: DemandSelector::default(),
            per: None,
            pair_level: None,
            lower: None,
            upper: None,
            hard,
            untouchable: false,
        };
        if supply && (!demand || rng.chance(50)) {
            choose_offers(rng, ledger, &mut limit);
        } else {
            choose_needs(rng, ledger, &mut limit);
        }
        bounds(rng, &mut limit);
        ledger.limits.push(limit);
    }
}

fn choose_offers(rng: &mut Rng, ledger: &Ledger, limit: &mut Limit) {
    let one = |word: &str| Some(OneOrMany::from(word));
    let (kind, group) = *rng.pick(&KINDS);
    match rng.range(0, 7) {
        0 => limit.supply.unit = one(&rng.pick(&ledger.units).id),
        1 => limit.per = Some(Per::Unit),
        2 => {
            limit.per = Some(Per::Unit);
            limit.supply.unit_kind = one(kind);
        }
        3 => limit.supply.unit_kind = one(kind),
        4 => limit.per = Some(Per::UnitKind),
        5 => limit.supply.unit_group = one(group),
        6 => limit.supply.offer = one(&rng.pick(&ledger.offers).id),
        _ => {}
    }
}

fn choose_needs(rng: &mut Rng, ledger: &Ledger, limit: &mut Limit) {
    let one = |word: &str| Some(OneOrMany::from(word));
    match rng.range(0, 4) {
        0 | 1 => limit.demand.place = one(&rng.pick(&ledger.places).id),
        2 => limit.per = Some(Per::Place(some_level(rng, ledger))),
        3 => limit.per = Some(Per::Need),
        _ if ledger.needs.is_empty() => {}
        _ => limit.demand.need = one(&rng.pick(&ledger.needs).id),
    }
}

/// A level that some place has.
pub(super) fn some_level(rng: &mut Rng, ledger: &Ledger) -> PlaceLevel {
    rng.pick(&ledger.places).level
}

/// An upper bound mostly, a small lower one sometimes, in order. Lower bounds on
/// every group of a `per` are soft, else hardly any such ledger could be met.
fn bounds(rng: &mut Rng, limit: &mut Limit) {
    let lower_chance = match (limit.hard, limit.per.is_some()) {
        (true, true) => 0,
        (true, false) => 15,
        (false, _) => 50,
    };
    if rng.chance(lower_chance) {
        limit.lower = Some(rng.range(1, 3));
    }
    if limit.lower.is_none() || rng.chance(40) {
        let least = limit.lower.unwrap_or_else(|| i64::from(!rng.chance(10)));
        limit.upper = Some(rng.range(least, 6));
    }
}

/// Raises hard upper bounds to the work in progress they would otherwise contradict.
/// Limits of one row are raised to everything that is bound, which one sum tells to be
/// bad input; limits with groups in four ledgers of five, so that a lock against a
/// group is an infeasible ledger now and then.
pub(super) fn admit_bound_work(rng: &mut Rng, ledger: &mut Ledger) {
    let bounds = brute::bound_by_limit(ledger).unwrap_or_default();
    let all = rng.chance(80);
    for (limit, bound) in ledger.limits.iter_mut().zip(bounds) {
        if let (Some(upper), Some(bound)) = (&mut limit.upper, bound) {
            let least = if all || limit.per.is_none() { bound.locked } else { bound.progress };
            *upper = (*upper).max(least);
        }
    }
}

/// Where a `fair` level has groups that are no places, drops limits on places: the
/// two families of sets would cross. Likewise for a `fair` level over some needs only.
pub(super) fn nest_with_fair(ledger: &mut Ledger) {
    let crosses = ledger.goals.iter().any(|g| {
        g.what == What::Fair
            && (!matches!(g.per, Some(Per::Place(_) | Per::Need))
                || g.filter != DemandSelector::default())
    });
    if crosses {
        ledger.limits.retain(|l| l.demand.place.is_none() && !matches!(l.per, Some(Per::Place(_))));
    }
}
