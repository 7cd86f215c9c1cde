//! `remove`: records and what hangs on them.
//!
//! In: a ledger, a list and positions. Out: the ledger without them. What cannot
//! outlive a record goes with it (offers of a unit, projects of an offer); what
//! merely points at it stays, so that validation names the dangling reference
//! instead of a need or a unit vanishing unseen. Rejected: cascading down the place
//! and category trees (a typed-in id could empty half a ledger).

use std::collections::BTreeSet;

use super::list::{List, Record, on_list};
use crate::error::{Code, Issue};
use crate::ledger::{DemandSelector, Ledger, OneOrMany, SupplySelector};

type Ids = BTreeSet<String>;

/// Removes the records of `list` at `hits` (ascending) with their cascade.
///
/// | removed | takes along |
/// |---|---|
/// | unit | its offers, the needs it owns, its agreements, its (unit, place) rows |
/// | offer, need | projects, claims and (offer, need) rows that refer to it |
/// | project | its evaluations |
///
/// Removed ids leave the selectors of limits and goals; a selector key left with
/// an empty list matches nothing.
///
/// # Errors
/// Removing the last goal (`FIELD_INVALID`): no goals would mean the default order.
///
/// # Complexity
/// O(r log r) for each pass over the lists concerned, r = removed records.
pub(super) fn remove(
    ledger: &mut Ledger,
    list: List,
    hits: &[usize],
    at: &str,
) -> Result<(), Vec<Issue>> {
    if hits.is_empty() {
        return Ok(());
    }
    if list == List::Goals && hits.len() == ledger.goals.len() {
        return Err(vec![Issue::new(
            Code::FieldInvalid,
            at,
            "the last goal cannot be removed: no goals would mean the default order",
        )]);
    }
    let removed = on_list!(ledger, list, records => take(records, hits));
    match list {
        List::Units => cascade_units(ledger, &removed),
        List::Offers => cascade_offers(ledger, &removed),
        List::Needs => cascade_needs(ledger, &removed),
        List::Projects => drop_evaluations(ledger, &removed),
        _ => {}
    }
    prune_selectors(ledger, list, &removed);
    Ok(())
}

/// Takes the records at `hits` out and returns their ids.
fn take<T: Record>(records: &mut Vec<T>, hits: &[usize]) -> Ids {
    let ids = hits.iter().filter_map(|&p| records[p].id().map(str::to_owned)).collect();
    let mut next = hits.iter().copied().peekable();
    let mut p = 0;
    records.retain(|_| {
        let hit = next.next_if_eq(&p).is_some();
        p += 1;
        !hit
    });
    ids
}

/// Drops the records for which `gone` holds and returns their ids.
fn drop_where<T: Record>(records: &mut Vec<T>, gone: impl Fn(&T) -> bool) -> Ids {
    let hits: Vec<usize> = (0..records.len()).filter(|&p| gone(&records[p])).collect();
    take(records, &hits)
}

fn named(ids: &Ids, id: Option<&String>) -> bool {
    id.is_some_and(|id| ids.contains(id))
}

fn cascade_units(ledger: &mut Ledger, units: &Ids) {
    let offers = drop_where(&mut ledger.offers, |o| units.contains(&o.unit));
    cascade_offers(ledger, &offers);
    prune_selectors(ledger, List::Offers, &offers);
    let needs = drop_where(&mut ledger.needs, |n| named(units, n.owner.as_ref()));
    cascade_needs(ledger, &needs);
    prune_selectors(ledger, List::Needs, &needs);
    ledger.agreements.retain(|a| !units.contains(&a.unit));
    ledger.pairs.retain(|p| !named(units, p.unit.as_ref()));
}

fn cascade_offers(ledger: &mut Ledger, offers: &Ids) {
    if offers.is_empty() {
        return;
    }
    let projects = drop_where(&mut ledger.projects, |p| offers.contains(&p.offer));
    drop_evaluations(ledger, &projects);
    ledger.claims.retain(|c| !offers.contains(&c.offer));
    ledger.pairs.retain(|p| !named(offers, p.offer.as_ref()));
}

fn cascade_needs(ledger: &mut Ledger, needs: &Ids) {
    if needs.is_empty() {
        return;
    }
    let projects = drop_where(&mut ledger.projects, |p| needs.contains(&p.need));
    drop_evaluations(ledger, &projects);
    ledger.claims.retain(|c| !needs.contains(&c.need));
    ledger.pairs.retain(|p| !named(needs, p.need.as_ref()));
}

fn drop_evaluations(ledger: &mut Ledger, projects: &Ids) {
    ledger.evaluations.retain(|e| !projects.contains(&e.project));
}

/// Takes removed ids out of every selector that can name them.
fn prune_selectors(ledger: &mut Ledger, list: List, removed: &Ids) {
    if removed.is_empty() {
        return;
    }
    for limit in &mut ledger.limits {
        prune(supply_key(&mut limit.supply, list), removed);
        prune(demand_key(&mut limit.demand, list), removed);
    }
    for goal in &mut ledger.goals {
        prune(demand_key(&mut goal.filter, list), removed);
    }
}

fn supply_key(selector: &mut SupplySelector, list: List) -> Option<&mut OneOrMany> {
    match list {
        List::Units => selector.unit.as_mut(),
        List::Offers => selector.offer.as_mut(),
        _ => None,
    }
}

fn demand_key(selector: &mut DemandSelector, list: List) -> Option<&mut OneOrMany> {
    match list {
        List::Needs => selector.need.as_mut(),
        List::Categories => selector.category.as_mut(),
        List::Places => selector.place.as_mut(),
        List::Measures => selector.measure.as_mut(),
        List::Periods => selector.period.as_mut(),
        _ => None,
    }
}

fn prune(key: Option<&mut OneOrMany>, removed: &Ids) {
    let Some(key) = key else { return };
    if key.words().iter().any(|w| removed.contains(w)) {
        let left = key.words().iter().filter(|w| !removed.contains(*w)).cloned().collect();
        *key = OneOrMany::Many(left);
    }
}
