//! Agreements, claims, projects and evaluations: ranges and references.
//!
//! In: the records and the shared facts. Out: resolved rows in the caller's order.
//! Must not know what a commitment does to an arc.

use super::context::Context;
use super::policy::check_order;
use super::report::{At, Report};
use super::tables::{AgreementRow, NONE, NeedRow};
use crate::error::Code;
use crate::quantity::MAX_QUANTITY;

/// Checks every agreement.
pub(super) fn check_agreements(context: &Context<'_>, report: &mut Report) -> Vec<AgreementRow> {
    let index = &context.index;
    let mut rows = Vec::with_capacity(context.ledger.agreements.len());
    for (k, agreement) in context.ledger.agreements.iter().enumerate() {
        let at = At::new("agreements", k);
        let mut fits = true;
        for (bound, field) in [(agreement.lower, "lower"), (agreement.upper, "upper")] {
            if let Some(bound) = bound {
                fits &= report.range(bound, 0, MAX_QUANTITY, at, field);
            }
        }
        if fits {
            check_order(agreement.lower, agreement.upper, at, report);
        }
        let unit = index.units.resolve(&agreement.unit, report, || at.field("unit"));
        let place = index.places.resolve(&agreement.place, report, || at.field("place"));
        let category = agreement.category.as_deref();
        let category = index.categories.resolve_optional(category, report, at, "category");
        let (from, to) = context.calendar.window(
            &index.periods,
            agreement.from.as_deref(),
            agreement.to.as_deref(),
            report,
            at,
        );
        rows.push(AgreementRow { unit, place, category, from, to });
    }
    rows
}

/// Checks every claim; the result is its offer and need.
pub(super) fn check_claims(context: &Context<'_>, report: &mut Report) -> Vec<(u32, u32)> {
    let mut rows = Vec::with_capacity(context.ledger.claims.len());
    for (k, claim) in context.ledger.claims.iter().enumerate() {
        let at = At::new("claims", k);
        report.range(claim.quantity, 1, MAX_QUANTITY, at, "quantity");
        check_period(context, claim.period.as_deref(), at, report);
        rows.push(ends(context, &claim.offer, &claim.need, at, report));
    }
    rows
}

/// Checks every project; the result is its offer and need. A period outside the
/// need's window is a notice: work may have slipped.
pub(super) fn check_projects(
    context: &Context<'_>,
    needs: &[NeedRow],
    report: &mut Report,
) -> Vec<(u32, u32)> {
    let mut rows = Vec::with_capacity(context.ledger.projects.len());
    for (k, project) in context.ledger.projects.iter().enumerate() {
        let at = At::new("projects", k);
        report.range(project.quantity, 1, MAX_QUANTITY, at, "quantity");
        report.at_least_zero(project.beneficiaries, at, "beneficiaries");
        let row = ends(context, &project.offer, &project.need, at, report);
        let period = check_period(context, project.period.as_deref(), at, report);
        if row.1 != NONE && period != NONE {
            let caller = context.index.needs.order[row.1 as usize] as usize;
            let need = &needs[caller];
            let inside = need.from <= period && period <= need.to;
            if need.from != NONE && need.to != NONE && !inside {
                report.notice(
                    Code::ValueOutOfRange,
                    at.field("period"),
                    format!("the project lies outside the window of need {}", project.need),
                );
            }
        }
        rows.push(row);
    }
    rows
}

/// Checks every evaluation.
pub(super) fn check_evaluations(context: &Context<'_>, report: &mut Report) {
    for (k, evaluation) in context.ledger.evaluations.iter().enumerate() {
        let at = At::new("evaluations", k);
        let projects = &context.index.projects;
        projects.resolve(&evaluation.project, report, || at.field("project"));
        report.range(evaluation.score, 0, 100, at, "score");
        check_period(context, evaluation.period.as_deref(), at, report);
    }
}

fn ends(context: &Context<'_>, offer: &str, need: &str, at: At, report: &mut Report) -> (u32, u32) {
    let index = &context.index;
    (
        index.offers.resolve(offer, report, || at.field("offer")),
        index.needs.resolve(need, report, || at.field("need")),
    )
}

fn check_period(context: &Context<'_>, period: Option<&str>, at: At, report: &mut Report) -> u32 {
    period.map_or(NONE, |id| {
        context.calendar.resolve(&context.index.periods, id, report, at, "period")
    })
}
