//! Ledger to [`ValidLedger`]: every rule checked, every violation told at once.
//!
//! In: an unchecked ledger. Out: the one value later stages accept, or all issues in
//! the order of the format. Must not know arcs in bulk, networks or solvers, nor how
//! the ledger was written down. Rejected: stopping at the first violation (a planner
//! mends a file once), and later stages that check again.
//!
//! | code | raised when |
//! |---|---|
//! | `UNSUPPORTED_SCHEMA_VERSION` | `format` is another |
//! | `ID_MALFORMED` | an id, or a reference, is not ASCII `[A-Za-z0-9._-]{1,64}` |
//! | `DUPLICATE_ID` | an id twice in its list, a pair twice, a goal twice (what, where, per) |
//! | `UNKNOWN_REFERENCE` | no record has the id |
//! | `UNKNOWN_ENUM` | a kind of need in a selector, a list of a delta |
//! | `FIELD_REQUIRED` | a reference without an only answer; `per` of fair, `at_ppm` of tier, `terms` of weighted; a field of a delta |
//! | `FIELD_INVALID` | a place not below its parent's level; periods that overlap; a date in another form; a pair row of neither form; an option of another goal; a field of another operation |
//! | `VALUE_OUT_OF_RANGE` | a number outside its range; a day outside the calendar; a window that ends before it starts |
//! | `TREE_CYCLE` | places, categories, scenarios that are their own ancestors |
//! | `TOO_MANY_ITEMS` | a list beyond [`Bounds`], 21 goals, a tree deeper than 16, a chain of 33 scenarios |
//! | `CONTRADICTORY_POLICY` | lower above upper; `min_useful` above quantity; a lock that is forbidden, on no arc, or beyond its pair, offer, need or a plain amount limit, alone or in sum; projects in progress beyond a hard limit of any kind, an active agreement or a (unit, place) capacity |
//! | `NUMERIC_OVERFLOW` | a coefficient of a goal beyond [`MAX_COEFFICIENT`](crate::quantity::MAX_COEFFICIENT) |

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod arc_oracle;
mod arc_test;
mod bounds;
mod canonical;
mod commitments;
mod context;
mod demand;
mod digest;
mod index;
mod locks;
mod overflow;
mod pairs;
mod periods;
mod policy;
mod privacy;
mod report;
mod scenarios;
mod selection;
mod standing;
mod supply;
mod tables;
mod trees;
mod workflow;

#[allow(unused_imports, reason = "for the stage that enumerates arcs")]
pub(crate) use arc_test::{Test, first_failed_test};
pub use bounds::Bounds;
pub(crate) use report::in_order;
pub use tables::{AgreementRow, NONE, NeedRow, OfferRow, PairRow, TreeNode, ValidLedger};

use canonical::{Orders, Rows};
use context::{Context, Words};
use report::Report;

use crate::error::{Code, Issue, quoted};
use crate::ledger::{LEDGER_FORMAT, Ledger};

/// Checks `ledger` against every rule of the format with the library's [`Bounds`].
///
/// # Errors
/// All violations, in the order of the format; paths are in the caller's order.
///
/// # Complexity
/// O(n log n) in the number of records, linear when the lists are sorted by id.
///
/// ```
/// use concentric_matcher::error::Code;
/// use concentric_matcher::ledger::{Ledger, Need, Offer, Unit};
/// use concentric_matcher::validate::validate;
///
/// let ledger = Ledger::builder("demo")
///     .unit(Unit::new("clinic"))
///     .offer(Offer::new("checks", "clinic", 40))
///     .need(Need::new("east", 25))
///     .build();
/// let valid = validate(ledger.clone()).map_err(|issues| format!("{issues:?}"))?;
/// assert_eq!(valid.ledger().needs[0].place.as_deref(), Some("all"));
///
/// let mut broken = ledger;
/// broken.needs[0].quantity = 0;
/// broken.offers[0].unit = "klinik".to_owned();
/// let issues = validate(broken).unwrap_err();
/// assert_eq!(issues[0].code, Code::UnknownReference);
/// assert_eq!(issues[1].path, "needs[0].quantity");
/// # Ok::<(), String>(())
/// ```
pub fn validate(ledger: Ledger) -> Result<ValidLedger, Vec<Issue>> {
    validate_with(ledger, &Bounds::default())
}

/// As [`validate`], with the caller's own bounds. A list beyond its bound ends the
/// check: nothing else is looked at.
///
/// # Errors
/// All violations, in the order of the format.
pub fn validate_with(mut ledger: Ledger, bounds: &Bounds) -> Result<ValidLedger, Vec<Issue>> {
    let mut report = Report::default();
    check_head(&ledger, &mut report);
    if !bounds::within(&ledger, bounds, &mut report) {
        return Err(report.sorted().0);
    }
    context::fill_absent_lists(&mut ledger);
    let (rows, orders) = check_records(&ledger, &mut report);
    let mut valid = canonical::assemble(ledger, rows, &orders);
    commitments::check(&valid, &orders, &mut report);
    standing::check(&valid, &orders, &mut report);
    overflow::check(&valid, &orders, &mut report);
    let (issues, notices) = report.sorted();
    if !issues.is_empty() {
        return Err(issues);
    }
    valid.notices = notices;
    Ok(valid)
}

fn check_head(ledger: &Ledger, report: &mut Report) {
    if ledger.format != LEDGER_FORMAT {
        report.push(
            Code::UnsupportedSchemaVersion,
            "format".to_owned(),
            format!("this version reads {LEDGER_FORMAT}, not {}", quoted(&ledger.format)),
        );
    }
    if let Some(id) = &ledger.id {
        report.id(id, || "id".to_owned());
    }
    for (list, empty) in [
        ("units", ledger.units.is_empty()),
        ("offers", ledger.offers.is_empty()),
        ("needs", ledger.needs.is_empty()),
    ] {
        if empty {
            let message = format!("the ledger has no {list}: its plan is empty");
            report.notice(Code::FieldRequired, list.to_owned(), message);
        }
    }
    privacy::check_text(ledger, report);
}

/// The checks of single lists, and the way from the caller's order to the canonical.
fn check_records(ledger: &Ledger, report: &mut Report) -> (Rows, Orders) {
    let context = Context::build(ledger, report);
    let (mut audiences, mut shifts) = (Words::default(), Words::default());
    let unit_home = supply::check_units(&context, report);
    // The tables speak of homes by canonical unit position, the checks by the caller's.
    let offers = supply::check_offers(&context, &mut audiences, &mut shifts, report);
    let needs = demand::check_needs(&context, &mut audiences, &mut shifts, report);
    demand::check_bundles(&context, report);
    let (pairs, pair_order) = pairs::check_pairs(&context, report);
    policy::check_limits(&context, report);
    policy::check_goals(&context, report);
    let agreements = workflow::check_agreements(&context, report);
    let claims = workflow::check_claims(&context, report);
    let projects = workflow::check_projects(&context, &needs, report);
    workflow::check_evaluations(&context, report);
    scenarios::check_scenarios(&context, report);

    let Context { index, calendar, places, categories, .. } = context;
    let rows = Rows {
        places,
        categories,
        unit_home,
        offers,
        needs,
        pairs,
        agreements,
        claims,
        projects,
        audiences: audiences.finish(),
        shifts: shifts.finish(),
    };
    let orders = Orders {
        measures: index.measures.order,
        periods: calendar.order,
        places: index.places.order,
        categories: index.categories.order,
        units: index.units.order,
        offers: index.offers.order,
        needs: index.needs.order,
        bundles: index.bundles.order,
        pairs: pair_order,
        limits: index.limits.order,
        agreements: index.agreements.order,
        claims: index.claims.order,
        projects: index.projects.order,
        evaluations: index.evaluations.order,
        scenarios: index.scenarios.order,
    };
    (rows, orders)
}
