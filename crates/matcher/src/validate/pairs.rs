//! Pair rows: their form, numbers, references and uniqueness.
//!
//! In: the rows and the shared facts. Out: resolved keys in the caller's order,
//! `None` where a key is broken. Must not know commitments; what a lock may not do
//! is checked with them.

use super::context::Context;
use super::report::{At, Report};
use super::tables::{NONE, PairRow};
use crate::error::Code;
use crate::ledger::Pair;
use crate::quantity::MAX_QUANTITY;

/// Sort key: (offer, need) rows first.
pub(super) fn key(row: PairRow) -> (u8, u32, u32) {
    match row {
        PairRow::Arc(offer, need) => (0, offer, need),
        PairRow::Between(unit, place) => (1, unit, place),
    }
}

/// Checks every row; also returns the rows in canonical order, broken ones last.
pub(super) fn check_pairs(
    context: &Context<'_>,
    report: &mut Report,
) -> (Vec<Option<PairRow>>, Vec<u32>) {
    let mut rows = Vec::with_capacity(context.ledger.pairs.len());
    for (k, pair) in context.ledger.pairs.iter().enumerate() {
        let at = At::new("pairs", k);
        check_numbers(pair, at, report);
        rows.push(resolve_key(context, pair, at, report));
    }
    let mut order: Vec<u32> = (0..).take(rows.len()).collect();
    order.sort_by_key(|&k| rows[k as usize].map_or((2, 0, 0), key));
    let mut first = NONE;
    for &caller in &order {
        let row = rows[caller as usize];
        if row.is_none() {
            break;
        }
        if first != NONE && rows[first as usize] == row {
            report.push_related(
                Code::DuplicateId,
                At::new("pairs", caller as usize).record(),
                "this pair has a row already; put all facts of a pair into one row",
                [At::new("pairs", first as usize).record()],
            );
        } else {
            first = caller;
        }
    }
    (rows, order)
}

/// Exactly one of the two forms, and its two ids.
fn resolve_key(context: &Context<'_>, pair: &Pair, at: At, report: &mut Report) -> Option<PairRow> {
    let index = &context.index;
    // Unknown ids are worth telling even when the form is wrong.
    let mut find = |ids: &super::index::IdIndex<'_>, id: &Option<String>, field: &str| {
        ids.resolve_optional(id.as_deref(), report, at, field)
    };
    let offer = find(&index.offers, &pair.offer, "offer");
    let need = find(&index.needs, &pair.need, "need");
    let unit = find(&index.units, &pair.unit, "unit");
    let place = find(&index.places, &pair.place, "place");
    let given = [&pair.offer, &pair.need, &pair.unit, &pair.place].map(Option::is_some);
    match given {
        [true, true, false, false] => {
            (offer != NONE && need != NONE).then_some(PairRow::Arc(offer, need))
        }
        [false, false, true, true] => {
            (unit != NONE && place != NONE).then_some(PairRow::Between(unit, place))
        }
        _ => {
            report.push(
                Code::FieldInvalid,
                at.record(),
                "a pair row names either offer and need, or unit and place, and nothing else",
            );
            None
        }
    }
}

fn check_numbers(pair: &Pair, at: At, report: &mut Report) {
    for (value, field) in [(pair.cost, "cost"), (pair.fixed_cost, "fixed_cost")] {
        if let Some(value) = value {
            report.at_least_zero(value, at, field);
        }
    }
    for (value, field) in [
        (pair.capacity, "capacity"),
        (pair.consumption, "consumption"),
        (pair.min_lot, "min_lot"),
        (pair.locked, "locked"),
    ] {
        if let Some(value) = value {
            report.range(value, 0, MAX_QUANTITY, at, field);
        }
    }
    let locked = pair.locked.unwrap_or(0);
    if locked > 0 && pair.forbidden == Some(true) {
        report.push_related(
            Code::ContradictoryPolicy,
            at.field("locked"),
            "a pair cannot be locked and forbidden at once",
            [at.field("forbidden")],
        );
    }
    if let Some(capacity) = pair.capacity
        && locked > capacity
        && capacity >= 0
    {
        report.push_related(
            Code::ContradictoryPolicy,
            at.field("locked"),
            format!("locked {locked} exceeds the pair's capacity {capacity}"),
            [at.field("capacity")],
        );
    }
}
