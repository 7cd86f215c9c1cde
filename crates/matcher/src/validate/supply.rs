//! Units and offers: ranges and references.
//!
//! In: the records and the shared facts. Out: resolved rows in the caller's order,
//! audiences and shifts by provisional word number. Must not know needs.

use super::context::{Context, Words};
use super::index::resolve_implied;
use super::report::{At, Report};
use super::tables::{NONE, OfferRow};
use crate::quantity::MAX_QUANTITY;

/// Checks every unit; the result is its home by canonical place position.
pub(super) fn check_units(context: &Context<'_>, report: &mut Report) -> Vec<u32> {
    let units = context.ledger.units.iter().enumerate();
    units
        .map(|(k, unit)| {
            let at = At::new("units", k);
            if let Some(members) = unit.members {
                report.at_least_zero(members, at, "members");
            }
            report.at_least_zero(unit.fixed_cost, at, "fixed_cost");
            let home = unit.home.as_deref();
            resolve_implied(&context.index.places, home, context.root, report, at, "home")
        })
        .collect()
}

/// Checks every offer.
pub(super) fn check_offers<'a>(
    context: &Context<'a>,
    audiences: &mut Words<'a>,
    shifts: &mut Words<'a>,
    report: &mut Report,
) -> Vec<OfferRow> {
    let index = &context.index;
    let mut rows = Vec::with_capacity(context.ledger.offers.len());
    for (k, offer) in context.ledger.offers.iter().enumerate() {
        let at = At::new("offers", k);
        report.range(offer.quantity, 0, MAX_QUANTITY, at, "quantity");
        report.range(offer.proficiency, 0, 100, at, "proficiency");
        report.at_least_zero(offer.unit_cost, at, "unit_cost");
        report.at_least_zero(offer.fixed_cost, at, "fixed_cost");
        if let Some(radius) = offer.radius_m {
            report.at_least_zero(radius, at, "radius_m");
        }
        let unit = index.units.resolve(&offer.unit, report, || at.field("unit"));
        let category = resolve_implied(
            &index.categories,
            offer.category.as_deref(),
            context.category,
            report,
            at,
            "category",
        );
        let measure = resolve_implied(
            &index.measures,
            offer.measure.as_deref(),
            context.measure,
            report,
            at,
            "measure",
        );
        let named = offer.area.as_deref();
        let area = resolve_implied(&index.places, named, context.root, report, at, "area");
        let (from, to) = context.calendar.window(
            &index.periods,
            offer.from.as_deref(),
            offer.to.as_deref(),
            report,
            at,
        );
        let level = offer.level.or_else(|| {
            let caller = *index.places.order.get(area as usize)?;
            Some(context.ledger.places[caller as usize].level)
        });
        rows.push(OfferRow {
            unit,
            category,
            measure,
            area,
            from,
            to,
            rank: level.map_or(0, |level| level.escalation_rank()),
            audiences: offer.audiences.iter().map(|word| audiences.number(word)).collect(),
            shifts: offer.shifts.iter().map(|word| shifts.number(word)).collect(),
        });
    }
    rows
}

/// Whether every reference of the row was resolved.
pub(super) fn is_whole(row: &OfferRow) -> bool {
    ![row.unit, row.category, row.measure, row.area, row.from, row.to].contains(&NONE)
}
