//! Coefficients that would leave the integer range.
//!
//! In: the canonical ledger. Out: `NUMERIC_OVERFLOW` where a goal would give an arc
//! more than [`MAX_COEFFICIENT`]. Must not build arcs in bulk.
//!
//! Totals need no check. Quantities are at most 10^9 < 2^30 and a list has fewer than
//! 2^32 records, so a sum of quantities stays below 2^62. A level value is at most the
//! total service of all needs, below 2^62, times the largest coefficient, 2^61: below
//! 2^123, inside an `i128`.

use super::arc_test::first_failed_test;
use super::canonical::Orders;
use super::locks::PairFacts;
use super::report::{At, Report};
use super::tables::{NONE, PairRow, ValidLedger};
use super::{demand, supply};
use crate::error::Code;
use crate::ledger::{ArcMode, Goal, TermWhat, What};
use crate::quantity::{MAX_COEFFICIENT, share_coefficient};

/// Pairs that the search for a far arc looks at before it gives the ledger up.
const PAIRS_LOOKED_AT: u64 = 50_000_000;

/// Checks the coefficients of money, worth, distance and weighted levels.
///
/// Proficiency, priority and rank are bounded by their ranges: at most 100 * 10^12.
pub(super) fn check(valid: &ValidLedger, orders: &Orders, report: &mut Report) {
    check_money(valid, orders, report);
    let goals = &valid.ledger().goals;
    if goals.iter().any(|goal| goal.what == What::Near) {
        check_distances(valid, orders, report);
    }
    for (k, goal) in goals.iter().enumerate() {
        check_weights(valid, goal, At::new("goals", k), report);
    }
}

/// Every amount of money and worth alone, and unit cost plus pair cost.
fn check_money(valid: &ValidLedger, orders: &Orders, report: &mut Report) {
    let ledger = valid.ledger();
    let mut tell = |value: i64, at: At, field: &str| {
        if value.unsigned_abs() > MAX_COEFFICIENT.unsigned_abs() {
            let message = format!("{value} is beyond the largest coefficient {MAX_COEFFICIENT}");
            report.push(Code::NumericOverflow, at.field(field), message);
        }
    };
    for (unit, &caller) in ledger.units.iter().zip(&orders.units) {
        tell(unit.fixed_cost, At::new("units", caller as usize), "fixed_cost");
    }
    // Largest unit cost of each unit and the offer that has it.
    let mut dearest: Vec<(i64, u32)> = vec![(0, NONE); ledger.units.len()];
    for (k, (offer, &caller)) in ledger.offers.iter().zip(&orders.offers).enumerate() {
        let at = At::new("offers", caller as usize);
        tell(offer.unit_cost, at, "unit_cost");
        tell(offer.fixed_cost, at, "fixed_cost");
        if let Some(most) = dearest.get_mut(valid.offers()[k].unit as usize)
            && offer.unit_cost > most.0
        {
            *most = (offer.unit_cost, k as u32);
        }
    }
    for (pair, &caller) in ledger.pairs.iter().zip(&orders.pairs) {
        let at = At::new("pairs", caller as usize);
        for (value, field) in
            [(pair.value, "value"), (pair.cost, "cost"), (pair.fixed_cost, "fixed_cost")]
        {
            tell(value.unwrap_or(0), at, field);
        }
    }
    for ((row, pair), &caller) in valid.pairs().iter().zip(&ledger.pairs).zip(&orders.pairs) {
        let (unit_cost, offer) = match *row {
            PairRow::Arc(offer, _) => (ledger.offers[offer as usize].unit_cost, offer),
            PairRow::Between(unit, _) => dearest[unit as usize],
        };
        let cost = pair.cost.unwrap_or(0);
        let each_fits = unit_cost <= MAX_COEFFICIENT && cost <= MAX_COEFFICIENT;
        if offer != NONE && each_fits && unit_cost.saturating_add(cost) > MAX_COEFFICIENT {
            let offer = At::new("offers", orders.offers[offer as usize] as usize);
            report.push_related(
                Code::NumericOverflow,
                At::new("pairs", caller as usize).field("cost"),
                format!("unit cost and pair cost together exceed {MAX_COEFFICIENT}"),
                [offer.field("unit_cost")],
            );
        }
    }
}

/// Distance over quantity, scaled: only a need of few units far from everyone can
/// overflow, so needs are first held against the farthest home there is.
fn check_distances(valid: &ValidLedger, orders: &Orders, report: &mut Report) {
    let ledger = valid.ledger();
    // |dx| + |dy| = max over the four signs of (±dx ±dy): four extremes bound it.
    let mut low = [i64::MAX; 2];
    let mut high = [i64::MIN; 2];
    let turned = |place: u32| {
        let place = &ledger.places[place as usize];
        [place.x_m.saturating_add(place.y_m), place.x_m.saturating_sub(place.y_m)]
    };
    for &home in valid.unit_home().iter().filter(|&&home| home != NONE) {
        for (axis, value) in turned(home).into_iter().enumerate() {
            low[axis] = low[axis].min(value);
            high[axis] = high[axis].max(value);
        }
    }
    let mut left = PAIRS_LOOKED_AT;
    for (need, row) in (0..).zip(valid.needs()) {
        if row.place == NONE {
            continue;
        }
        let quantity = ledger.needs[need as usize].quantity;
        let farthest = turned(row.place)
            .into_iter()
            .enumerate()
            .map(|(axis, value)| {
                let back = value.saturating_sub(low[axis]);
                back.max(high[axis].saturating_sub(value))
            })
            .fold(0, i64::max);
        if quantity < 1 || share_coefficient(farthest, quantity).is_some() {
            continue;
        }
        if let Some(offer) = far_offer(valid, need, quantity, &mut left) {
            let at = At::new("needs", orders.needs[need as usize] as usize);
            let offer = At::new("offers", orders.offers[offer as usize] as usize);
            report.push_related(
                Code::NumericOverflow,
                at.field("quantity"),
                "an offer is too far away for so small a need: metres * 10^12 / quantity \
                 exceeds 2^61; use a coarser unit of length or a larger quantity",
                [offer.record()],
            );
        }
    }
}

/// An offer with an arc to `need` whose coefficient overflows. When the search gets
/// too long, the first candidate by distance alone counts.
fn far_offer(valid: &ValidLedger, need: u32, quantity: i64, left: &mut u64) -> Option<u32> {
    let row = &valid.needs()[need as usize];
    if !demand::is_whole(row) {
        return None;
    }
    let explicit = valid.ledger().arcs == ArcMode::Explicit;
    let facts = PairFacts::new(valid);
    (0..).zip(valid.offers()).find_map(|(offer, supply_row)| {
        let whole =
            supply::is_whole(supply_row) && valid.unit_home()[supply_row.unit as usize] != NONE;
        let far = whole
            && share_coefficient(valid.distance(supply_row.unit, row.place), quantity).is_none();
        *left = left.saturating_sub(1);
        let arc = far
            && (*left == 0
                || if explicit {
                    facts.find(PairRow::Arc(offer, need)).is_some()
                } else {
                    first_failed_test(valid, offer, need).is_none()
                });
        arc.then_some(offer)
    })
}

/// The terms of a weighted level, each at its largest, together.
fn check_weights(valid: &ValidLedger, goal: &Goal, at: At, report: &mut Report) {
    let ledger = valid.ledger();
    let pairs = &ledger.pairs;
    let largest = |what: TermWhat| -> u128 {
        let most = match what {
            TermWhat::Value => pairs.iter().filter_map(|p| p.value).map(i64::unsigned_abs).max(),
            TermWhat::Spend => {
                let unit = ledger.offers.iter().map(|o| o.unit_cost.unsigned_abs()).max();
                let pair = pairs.iter().filter_map(|p| p.cost).map(i64::unsigned_abs).max();
                Some(unit.unwrap_or(0).saturating_add(pair.unwrap_or(0)))
            }
            TermWhat::Partners => Some(1),
            TermWhat::Cover => Some(5),
        };
        u128::from(most.unwrap_or(0))
    };
    let sum = goal.terms.iter().fold(0_u128, |sum, term| {
        let weight = u128::from(term.weight.unsigned_abs());
        sum.saturating_add(weight.saturating_mul(largest(term.what)))
    });
    if sum > u128::from(MAX_COEFFICIENT.unsigned_abs()) {
        report.push(
            Code::NumericOverflow,
            at.field("terms"),
            format!("the weighted terms of one arc can reach {sum}, beyond {MAX_COEFFICIENT}"),
        );
    }
}
