//! Needs and bundles: ranges and references.
//!
//! In: the records and the shared facts. Out: resolved rows in the caller's order,
//! audience and shift by provisional word number. Must not know offers.

use super::context::{Context, Words};
use super::index::resolve_implied;
use super::report::{At, Report};
use super::tables::{NONE, NeedRow};
use crate::error::Code;
use crate::ledger::Need;
use crate::quantity::MAX_QUANTITY;

/// Checks every need.
pub(super) fn check_needs<'a>(
    context: &Context<'a>,
    audiences: &mut Words<'a>,
    shifts: &mut Words<'a>,
    report: &mut Report,
) -> Vec<NeedRow> {
    let index = &context.index;
    let mut rows = Vec::with_capacity(context.ledger.needs.len());
    for (k, need) in context.ledger.needs.iter().enumerate() {
        let at = At::new("needs", k);
        check_numbers(need, at, report);
        let named = need.place.as_deref();
        let place = resolve_implied(&index.places, named, context.root, report, at, "place");
        let category = resolve_implied(
            &index.categories,
            need.category.as_deref(),
            context.category,
            report,
            at,
            "category",
        );
        let measure = resolve_implied(
            &index.measures,
            need.measure.as_deref(),
            context.measure,
            report,
            at,
            "measure",
        );
        let owner = index.units.resolve_optional(need.owner.as_deref(), report, at, "owner");
        let bundle = index.bundles.resolve_optional(need.bundle.as_deref(), report, at, "bundle");
        let (from, to) = context.calendar.window(
            &index.periods,
            need.from.as_deref(),
            need.to.as_deref(),
            report,
            at,
        );
        rows.push(NeedRow {
            place,
            owner,
            category,
            measure,
            from,
            to,
            audience: audiences.number(&need.audience),
            shift: need.shift.as_deref().map_or(NONE, |word| shifts.number(word)),
            bundle,
        });
    }
    rows
}

fn check_numbers(need: &Need, at: At, report: &mut Report) {
    let sized = report.range(need.quantity, 1, MAX_QUANTITY, at, "quantity");
    report.range(need.priority, 1, 5, at, "priority");
    report.range(need.min_proficiency, 0, 100, at, "min_proficiency");
    let useful = report.range(need.min_useful, 0, MAX_QUANTITY, at, "min_useful");
    if sized && useful && need.min_useful > need.quantity {
        report.push_related(
            Code::ContradictoryPolicy,
            at.field("min_useful"),
            format!(
                "min_useful {} exceeds the quantity {} that is asked for",
                need.min_useful, need.quantity
            ),
            [at.field("quantity")],
        );
    }
    if let Some(most) = need.max_providers
        && most < 1
    {
        report.push(
            Code::ValueOutOfRange,
            at.field("max_providers"),
            format!("{most} providers could serve nothing; 1 or more, or null for any number"),
        );
    }
}

/// Checks every bundle.
pub(super) fn check_bundles(context: &Context<'_>, report: &mut Report) {
    for (k, bundle) in context.ledger.bundles.iter().enumerate() {
        let at = At::new("bundles", k);
        let place = bundle.place.as_deref();
        context.index.places.resolve_optional(place, report, at, "place");
    }
}

/// Whether every reference of the row was resolved, as far as the row can tell.
pub(super) fn is_whole(row: &NeedRow) -> bool {
    ![row.place, row.category, row.measure, row.from, row.to].contains(&NONE)
}
