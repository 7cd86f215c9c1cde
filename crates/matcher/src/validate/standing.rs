//! What work in progress may not go beyond: every hard limit whose bound one sum tells.
//!
//! In: the canonical ledger. Out: issues that name the bound and the projects under it, in
//! the caller's paths. Must not know pinned pairs or accepted claims: the work of these can
//! still be taken back, so that a bound below it is a result of the solver. (Limits on an
//! amount without groups are checked for all three in `commitments`.) Rejected: the rows of
//! the network, which are made from ledgers that are free of faults.

use std::collections::{BTreeMap, BTreeSet};

use super::canonical::Orders;
use super::locks::PairFacts;
use super::report::{At, Report};
use super::selection::{demands, selects};
use super::tables::{NONE, PairRow, ValidLedger};
use crate::error::{Code, quoted};
use crate::ledger::{AgreementStatus, Counts, Limit, Per, PlaceLevel, ProjectState};
use crate::quantity::{PPM, SHARE_SCALE};

/// Most projects that an issue lists.
const SHOWN: usize = 20;

/// A project in progress, with the position of its record in the caller's list.
#[derive(Clone, Copy)]
struct Work {
    offer: u32,
    need: u32,
    quantity: i64,
    at: At,
}

/// Checks limits, active agreements and the capacities of (unit, place) rows.
/// O(bounds * (projects in progress + tree depth)); a share also looks at all needs.
pub(super) fn check(valid: &ValidLedger, orders: &Orders, report: &mut Report) {
    let works = in_progress(valid, orders);
    if works.is_empty() {
        return;
    }
    let ledger = valid.ledger();
    for (limit, &caller) in ledger.limits.iter().zip(&orders.limits) {
        let plain = limit.counts == Counts::Amount && limit.per.is_none();
        if let Some(upper) = limit.upper.filter(|&upper| limit.hard && !plain && upper >= 0) {
            let path = At::new("limits", caller as usize).field("upper");
            check_limit(valid, limit, upper, &works, &path, report);
        }
    }
    let agreements = ledger.agreements.iter().zip(valid.agreements()).zip(&orders.agreements);
    for ((agreement, row), &caller) in agreements {
        let Some(upper) = agreement.upper.filter(|&upper| upper >= 0) else { continue };
        if agreement.status == AgreementStatus::Active {
            let under = works.iter().filter(|work| {
                let need = &valid.needs()[work.need as usize];
                between(valid, work, row.unit, row.place)
                    && (row.category == NONE
                        || covers(valid.categories(), row.category, need.category))
                    && need.from <= row.to
                    && row.from <= need.to
                    && ![need.to, row.to].contains(&NONE)
            });
            let path = At::new("agreements", caller as usize).field("upper");
            tell_amount(under, upper, "agreement", path, report);
        }
    }
    for ((pair, row), &caller) in ledger.pairs.iter().zip(valid.pairs()).zip(&orders.pairs) {
        if let (&PairRow::Between(unit, place), Some(capacity)) = (row, pair.capacity)
            && capacity >= 0
        {
            let under = works.iter().filter(|work| between(valid, work, unit, place));
            let path = At::new("pairs", caller as usize).field("capacity");
            tell_amount(under, capacity, "pair", path, report);
        }
    }
}

fn in_progress(valid: &ValidLedger, orders: &Orders) -> Vec<Work> {
    let projects = valid.ledger().projects.iter().zip(valid.projects()).zip(&orders.projects);
    projects
        .filter(|((project, ends), _)| {
            // A quantity below one, or an end that does not exist, is an issue of its own.
            project.state == ProjectState::InProgress
                && project.quantity >= 1
                && ends.0 != NONE
                && ends.1 != NONE
        })
        .map(|((project, &(offer, need)), &caller)| {
            let at = At::new("projects", caller as usize);
            Work { offer, need, quantity: project.quantity, at }
        })
        .collect()
}

fn covers(nodes: &[super::TreeNode], above: u32, below: u32) -> bool {
    above != NONE && below != NONE && nodes[above as usize].covers(&nodes[below as usize])
}

fn between(valid: &ValidLedger, work: &Work, unit: u32, place: u32) -> bool {
    valid.offers()[work.offer as usize].unit == unit
        && covers(valid.places(), place, valid.needs()[work.need as usize].place)
}

fn amount<'a>(works: impl IntoIterator<Item = &'a Work>) -> i128 {
    works.into_iter().map(|work| i128::from(work.quantity)).sum()
}

fn tell_amount<'a>(
    works: impl Iterator<Item = &'a Work>,
    upper: i64,
    what: &str,
    path: String,
    report: &mut Report,
) {
    let works: Vec<&Work> = works.collect();
    let sum = amount(works.iter().copied());
    if sum > i128::from(upper) {
        let message =
            format!("the projects in progress under this {what} add up to {sum}, beyond {upper}");
        tell(&works, message, path, report);
    }
}

fn tell(works: &[&Work], message: String, path: String, report: &mut Report) {
    let related = works.iter().take(SHOWN).map(|work| work.at.field("quantity"));
    report.push_related(Code::ContradictoryPolicy, path, message, related);
}

/// Every group of a limit, or its only row.
fn check_limit(
    valid: &ValidLedger,
    limit: &Limit,
    upper: i64,
    works: &[Work],
    path: &str,
    report: &mut Report,
) {
    let mut groups: BTreeMap<String, Vec<&Work>> = BTreeMap::new();
    for work in works.iter().filter(|work| selects(valid, limit, work.offer, work.need)) {
        for group in groups_of(valid, limit.per, work.offer, work.need) {
            groups.entry(group).or_default().push(work);
        }
    }
    for (group, works) in &groups {
        let Some(found) = beyond(valid, limit, group, upper, works) else { continue };
        let within = limit.per.map_or_else(String::new, |_| format!(" in {}", quoted(group)));
        let message = format!("the projects in progress under this limit{within} {found}");
        tell(works, message, path.to_owned(), report);
    }
}

/// What the work adds up to, in words, where that is beyond `upper`.
fn beyond(
    valid: &ValidLedger,
    limit: &Limit,
    group: &str,
    upper: i64,
    works: &[&Work],
) -> Option<String> {
    let (sum, what) = match limit.counts {
        Counts::Amount => (amount(works.iter().copied()), "add up to"),
        Counts::Yuan => (works.iter().map(|work| money(valid, work)).sum(), "cost"),
        Counts::Pairs => {
            let level = limit.pair_level.unwrap_or(PlaceLevel::Community);
            let pairs: BTreeSet<(u32, u32)> =
                works.iter().map(|work| pair(valid, work, level)).collect();
            (pairs.len() as i128, "are as many pairs as")
        }
        Counts::Served => (served(valid, works), "serve as many needs as"),
        Counts::SharePpm => {
            let share = share_ppm(valid, limit, group, works)?;
            return (share > i128::from(upper))
                .then(|| format!("bring a share above {upper} parts per million"));
        }
    };
    (sum > i128::from(upper)).then(|| format!("{what} {sum}, beyond its upper {upper}"))
}

/// Needs that the work alone brings to their least; a bundle counts once.
fn served(valid: &ValidLedger, works: &[&Work]) -> i128 {
    let mut served = BTreeSet::new();
    for (need, sum) in by_need(works) {
        let least = valid.ledger().needs[need as usize].min_useful.max(1);
        if sum >= i128::from(least) {
            let bundle = valid.needs()[need as usize].bundle;
            served.insert(if bundle == NONE { (false, need) } else { (true, bundle) });
        }
    }
    served.len() as i128
}

fn by_need(works: &[&Work]) -> BTreeMap<u32, i128> {
    let mut sums: BTreeMap<u32, i128> = BTreeMap::new();
    for work in works {
        *sums.entry(work.need).or_default() += i128::from(work.quantity);
    }
    sums
}

fn money(valid: &ValidLedger, work: &Work) -> i128 {
    let cost = PairFacts::new(valid).first(work.offer, work.need, |pair| pair.cost);
    let unit_cost = valid.ledger().offers[work.offer as usize].unit_cost;
    // A price below zero is an issue of its own.
    let price = i128::from(unit_cost) + i128::from(cost.map_or(0, |(_, cost)| cost));
    price.max(0) * i128::from(work.quantity)
}

fn pair(valid: &ValidLedger, work: &Work, level: PlaceLevel) -> (u32, u32) {
    let own = valid.needs()[work.need as usize].place;
    let place = valid.ancestor_at(own, level).unwrap_or(own);
    (valid.offers()[work.offer as usize].unit, place)
}

/// Least share of the group's needs in parts per million, rounded up where it is not
/// whole; rounding of the single terms only ever makes it less, so that nothing is
/// refused that could hold.
fn share_ppm(valid: &ValidLedger, limit: &Limit, group: &str, works: &[&Work]) -> Option<i128> {
    let served = by_need(works);
    let (mut got, mut all) = (0_i128, 0_i128);
    for (n, need) in (0_u32..).zip(&valid.ledger().needs) {
        let split_by_needs = !matches!(limit.per, None | Some(Per::Unit | Per::UnitKind));
        let inside = || need_groups(valid, limit.per, n).iter().any(|name| name == group);
        if demands(valid, &limit.demand, n) && (!split_by_needs || inside()) {
            if need.quantity < 1 || need.priority < 1 {
                return None;
            }
            let weight = i128::from(need.priority);
            all += weight;
            let served = served.get(&n).copied().unwrap_or(0);
            got += weight * served.min(i128::from(need.quantity)) * i128::from(SHARE_SCALE)
                / i128::from(need.quantity);
        }
    }
    let whole = all * i128::from(SHARE_SCALE);
    (whole > 0).then(|| (got * i128::from(PPM) + whole - 1) / whole)
}

/// Names of the groups of `per` that the arc counts in.
fn groups_of(valid: &ValidLedger, per: Option<Per>, offer: u32, need: u32) -> Vec<String> {
    let unit = valid.offers()[offer as usize].unit;
    let unit = valid.ledger().units.get(unit as usize);
    match per {
        Some(Per::Unit) => unit.map(|unit| unit.id.clone()).into_iter().collect(),
        Some(Per::UnitKind) => unit.map(|unit| unit.kind.clone()).into_iter().collect(),
        per => need_groups(valid, per, need),
    }
}

fn need_groups(valid: &ValidLedger, per: Option<Per>, need: u32) -> Vec<String> {
    let ledger = valid.ledger();
    let (record, row) = (&ledger.needs[need as usize], &valid.needs()[need as usize]);
    let one = |name: Option<&String>| name.cloned().into_iter().collect();
    match per {
        None | Some(Per::Unit | Per::UnitKind) => vec![String::new()],
        Some(Per::Place(level)) => {
            one(valid.ancestor_at(row.place, level).map(|p| &ledger.places[p as usize].id))
        }
        Some(Per::Category) => one(ledger.categories.get(row.category as usize).map(|c| &c.id)),
        Some(Per::Audience) => vec![record.audience.clone()],
        Some(Per::Need) => vec![record.id.clone()],
        Some(Per::Period) => {
            let periods = ledger.periods.get(row.from as usize..=row.to as usize).unwrap_or(&[]);
            periods.iter().map(|period| period.id.clone()).collect()
        }
    }
}
