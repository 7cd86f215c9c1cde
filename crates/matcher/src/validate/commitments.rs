//! What a lock may not do: stand on a missing or forbidden arc, or exceed what its
//! offer, its need, its pair or a plain limit can hold.
//!
//! In: the canonical ledger. Out: issues that name both rules, in the caller's paths.
//! Must not search: that locks are jointly impossible is a result of the solver, not
//! a violation, except where one sum tells.

use std::collections::HashSet;

use super::arc_test::{Test, first_failed_test};
use super::canonical::Orders;
use super::locks::{Lock, PairFacts, collect};
use super::report::{At, Report};
use super::selection::selects;
use super::tables::{NONE, PairRow, ValidLedger};
use super::{demand, supply};
use crate::error::Code;
use crate::ledger::{ArcMode, Counts};

/// Most locks that an issue about a sum lists.
const SHOWN: usize = 20;

/// Checks every lock, the sums of locks, and plain amount limits.
pub(super) fn check(valid: &ValidLedger, orders: &Orders, report: &mut Report) {
    let locks = collect(valid, orders);
    let paths = Paths { orders };
    let doubts = Doubts::new(report);
    let facts = PairFacts::new(valid);
    let mut fine = Vec::with_capacity(locks.len());
    for lock in &locks {
        check_arc(valid, facts, lock, &paths, &doubts, report);
        fine.push(check_size(valid, facts, lock, &paths, report));
    }
    check_sums(valid, facts, &locks, &fine, &paths, report);
    check_limits(valid, &locks, &paths, report);
    check_bans(valid, facts, &paths, report);
}

struct Paths<'a> {
    orders: &'a Orders,
}

impl Paths<'_> {
    fn offer(&self, at: u32) -> At {
        At::new("offers", self.orders.offers[at as usize] as usize)
    }

    fn need(&self, at: u32) -> At {
        At::new("needs", self.orders.needs[at as usize] as usize)
    }

    /// An unknown unit gives a record that does not exist.
    fn unit(&self, at: u32) -> At {
        let caller = self.orders.units.get(at as usize).copied();
        At::new("units", caller.unwrap_or(NONE) as usize)
    }

    fn pair(&self, at: usize) -> At {
        At::new("pairs", self.orders.pairs[at] as usize)
    }
}

/// Records with faults of their own. Whether an arc exists is not asked of them: the
/// answer may change when they are mended.
struct Doubts {
    records: HashSet<String>,
    /// Places, categories or periods are at fault: any arc may come or go.
    everywhere: bool,
}

impl Doubts {
    fn new(report: &Report) -> Self {
        let mut doubts = Doubts { records: HashSet::new(), everywhere: false };
        for issue in &report.issues {
            let record = issue.path.split('.').next().unwrap_or_default();
            doubts.everywhere |= ["places[", "categories[", "periods[", "measures["]
                .iter()
                .any(|list| record.starts_with(list));
            doubts.records.insert(record.to_owned());
        }
        doubts
    }

    fn touch(&self, records: [At; 3]) -> bool {
        // Mostly there is no issue at all, and no path to be made.
        let any = |at: At| self.records.contains(&at.record());
        self.everywhere || (!self.records.is_empty() && records.into_iter().any(any))
    }
}

/// The arc exists and is not forbidden.
fn check_arc(
    valid: &ValidLedger,
    facts: PairFacts<'_>,
    lock: &Lock,
    paths: &Paths<'_>,
    doubts: &Doubts,
    report: &mut Report,
) {
    let (offer, need) = (lock.offer, lock.need);
    let ends = [paths.offer(offer).record(), paths.need(need).record()];
    let source = lock.sources[0];
    if let Some((row, true)) = facts.first(offer, need, |pair| pair.forbidden) {
        // A row that forbids and locks itself is told where the row is checked.
        if paths.pair(row) != source {
            report.push_related(
                Code::ContradictoryPolicy,
                source.record(),
                "this commitment stands on a forbidden pair",
                [paths.pair(row).field("forbidden")],
            );
        }
        return;
    }
    if valid.ledger().arcs == ArcMode::Explicit {
        if facts.find(PairRow::Arc(offer, need)).is_none() {
            report.push_related(
                Code::ContradictoryPolicy,
                source.record(),
                "arcs are explicit and no row of pairs lists this offer and need",
                ends,
            );
        }
        return;
    }
    let unit = valid.offers()[offer as usize].unit;
    let whole = supply::is_whole(&valid.offers()[offer as usize])
        && demand::is_whole(&valid.needs()[need as usize])
        && valid.unit_home()[unit as usize] != NONE;
    let records = [paths.offer(offer), paths.need(need), paths.unit(unit)];
    if !whole || doubts.touch(records) {
        return;
    }
    if let Some(test) = first_failed_test(valid, offer, need) {
        let why = match test {
            Test::Measure => "their measures differ",
            Test::Category => "neither category is the other or above it",
            Test::Area => "the need's place is not below the offer's area",
            Test::Window => "their windows share no period",
            Test::AudienceOrShift => "the offer does not serve the need's audience or shift",
            Test::Proficiency => "the offer's proficiency is below what the need asks",
            Test::OwnNeed => "the need is asked by the offer's own unit",
            Test::Radius => "the need's place is farther than the offer's radius",
        };
        let message = format!("this commitment stands on no arc: {why}");
        report.push_related(Code::ContradictoryPolicy, source.record(), message, ends);
    }
}

/// One lock against its offer, its need and its pair; whether all hold it.
fn check_size(
    valid: &ValidLedger,
    facts: PairFacts<'_>,
    lock: &Lock,
    paths: &Paths<'_>,
    report: &mut Report,
) -> bool {
    let offer = &valid.ledger().offers[lock.offer as usize];
    let need = &valid.ledger().needs[lock.need as usize];
    let mut fine = true;
    let mut tell = |message: String, related: String| {
        fine = false;
        report.push_related(Code::ContradictoryPolicy, lock.quantity_path(), message, [related]);
    };
    let drawn = draw(facts, lock);
    // A quantity below zero is an issue of its own.
    if drawn > i128::from(offer.quantity) && offer.quantity >= 0 {
        let message =
            format!("locked {} draws {drawn} from an offer of {}", lock.quantity, offer.quantity);
        tell(message, paths.offer(lock.offer).field("quantity"));
    }
    if lock.quantity > need.quantity && need.quantity >= 1 {
        let message = format!("locked {} exceeds a need of {}", lock.quantity, need.quantity);
        tell(message, paths.need(lock.need).field("quantity"));
    }
    if let Some(row) = facts.find(PairRow::Arc(lock.offer, lock.need))
        && let Some(capacity) = valid.ledger().pairs[row].capacity
        && lock.quantity > capacity
        && capacity >= 0
        && paths.pair(row) != lock.sources[0]
    {
        let message = format!("locked {} exceeds the pair's capacity {capacity}", lock.quantity);
        tell(message, paths.pair(row).field("capacity"));
    }
    fine
}

/// What a lock draws from its offer.
fn draw(facts: PairFacts<'_>, lock: &Lock) -> i128 {
    let consumption = facts
        .first(lock.offer, lock.need, |pair| pair.consumption)
        .map_or(1, |(_, consumption)| consumption);
    i128::from(lock.quantity) * i128::from(consumption)
}

/// All locks of one offer, and all of one need, together.
fn check_sums(
    valid: &ValidLedger,
    facts: PairFacts<'_>,
    locks: &[Lock],
    fine: &[bool],
    paths: &Paths<'_>,
    report: &mut Report,
) {
    let mut tell = |group: &[usize], sum: i128, at: At, most: i64| {
        if sum <= i128::from(most) || group.len() < 2 || group.iter().any(|&k| !fine[k]) {
            return;
        }
        let others = group[1..].iter().take(SHOWN).map(|&k| locks[k].quantity_path());
        let related: Vec<String> = std::iter::once(at.field("quantity")).chain(others).collect();
        report.push_related(
            Code::ContradictoryPolicy,
            locks[group[0]].quantity_path(),
            format!("{} commitments together draw {sum} from {most}", group.len()),
            related,
        );
    };
    let mut by_offer: Vec<usize> = (0..locks.len()).collect();
    for group in by_offer.chunk_by(|&a, &b| locks[a].offer == locks[b].offer) {
        let offer = locks[group[0]].offer;
        let sum = group.iter().map(|&k| draw(facts, &locks[k])).sum();
        let quantity = valid.ledger().offers[offer as usize].quantity;
        tell(group, sum, paths.offer(offer), quantity);
    }
    by_offer.sort_by_key(|&k| locks[k].need);
    for group in by_offer.chunk_by(|&a, &b| locks[a].need == locks[b].need) {
        let need = locks[group[0]].need;
        let sum = group.iter().map(|&k| i128::from(locks[k].quantity)).sum();
        let quantity = valid.ledger().needs[need as usize].quantity;
        tell(group, sum, paths.need(need), quantity);
    }
}

/// Hard amount limits of one row: the locks they select must fit under `upper`.
fn check_limits(valid: &ValidLedger, locks: &[Lock], paths: &Paths<'_>, report: &mut Report) {
    for (limit, &caller) in valid.ledger().limits.iter().zip(&paths.orders.limits) {
        let plain = limit.counts == Counts::Amount && limit.per.is_none() && limit.hard;
        let Some(upper) = limit.upper.filter(|upper| plain && *upper >= 0) else {
            continue;
        };
        let chosen: Vec<&Lock> =
            locks.iter().filter(|lock| selects(valid, limit, lock.offer, lock.need)).collect();
        let sum: i128 = chosen.iter().map(|lock| i128::from(lock.quantity)).sum();
        if sum > i128::from(upper) {
            report.push_related(
                Code::ContradictoryPolicy,
                At::new("limits", caller as usize).field("upper"),
                format!(
                    "the commitments under this limit add up to {sum}, beyond its upper {upper}"
                ),
                chosen.iter().take(SHOWN).map(|lock| lock.quantity_path()),
            );
        }
    }
}

/// A (unit, place) row that locks, below one that forbids, with no word between or below
/// them that admits anything. A row that does both by itself is told where it is checked.
fn check_bans(valid: &ValidLedger, facts: PairFacts<'_>, paths: &Paths<'_>, report: &mut Report) {
    let pairs = &valid.ledger().pairs;
    let places = valid.places();
    for (k, (pair, row)) in pairs.iter().zip(valid.pairs()).enumerate() {
        let (&PairRow::Between(unit, place), Some(1..), None) = (row, pair.locked, pair.forbidden)
        else {
            continue;
        };
        let mut above = places[place as usize].parent;
        let mut said = None;
        while above != NONE && said.is_none() {
            let row = facts.find(PairRow::Between(unit, above));
            said = row.filter(|&at| pairs[at].forbidden.is_some());
            above = places[above as usize].parent;
        }
        let Some(ban) = said.filter(|&at| pairs[at].forbidden == Some(true)) else { continue };
        let below = |at: u32| at != NONE && places[place as usize].covers(&places[at as usize]);
        let admits = pairs.iter().zip(valid.pairs()).any(|(pair, row)| {
            pair.forbidden == Some(false)
                && match *row {
                    PairRow::Arc(o, n) => {
                        let (offer, need) =
                            (&valid.offers()[o as usize], &valid.needs()[n as usize]);
                        offer.unit == unit && below(need.place)
                    }
                    PairRow::Between(other, at) => other == unit && below(at),
                }
        });
        if !admits {
            report.push_related(
                Code::ContradictoryPolicy,
                paths.pair(k).field("locked"),
                "a pair cannot be locked where a place above it is forbidden to the unit",
                [paths.pair(ban).field("forbidden")],
            );
        }
    }
}
