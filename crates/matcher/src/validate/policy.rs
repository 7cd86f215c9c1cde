//! Limits and goals: words, references, bounds, and which option goes with what.
//!
//! In: the records and the shared facts. Out: issues only. Must not know which of
//! them a network can hold.

use super::context::Context;
use super::index::IdIndex;
use super::report::{At, Report};
use crate::error::{Code, Issue, quoted};
use crate::ledger::{Counts, DemandSelector, Goal, Limit, NeedKind, OneOrMany, What};
use crate::quantity::{MAX_QUANTITY, PPM};

/// Most levels of the lexicographic order.
pub(super) const MAX_GOALS: usize = 20;

/// Checks every limit.
pub(super) fn check_limits(context: &Context<'_>, report: &mut Report) {
    for (k, limit) in context.ledger.limits.iter().enumerate() {
        let at = At::new("limits", k);
        let index = &context.index;
        let supply = &limit.supply;
        check_ids(&index.units, supply.unit.as_ref(), at, "supply.unit", report);
        check_ids(&index.offers, supply.offer.as_ref(), at, "supply.offer", report);
        check_demand(context, &limit.demand, at, "demand", report);
        check_bounds(limit, at, report);
        if limit.pair_level.is_some() && limit.counts != Counts::Pairs {
            report.push(
                Code::FieldInvalid,
                at.field("pair_level"),
                "pair_level goes with counts pairs only; leave it out",
            );
        }
    }
}

fn check_bounds(limit: &Limit, at: At, report: &mut Report) {
    let most = match limit.counts {
        Counts::Yuan => i64::MAX / 4,
        Counts::SharePpm => PPM,
        Counts::Amount | Counts::Pairs | Counts::Served => MAX_QUANTITY,
    };
    let mut fits = true;
    for (bound, field) in [(limit.lower, "lower"), (limit.upper, "upper")] {
        if let Some(bound) = bound {
            fits &= report.range(bound, 0, most, at, field);
        }
    }
    if fits {
        check_order(limit.lower, limit.upper, at, report);
    }
}

/// `lower <= upper` where both are given.
pub(super) fn check_order(lower: Option<i64>, upper: Option<i64>, at: At, report: &mut Report) {
    if let (Some(lower), Some(upper)) = (lower, upper)
        && lower > upper
    {
        report.push_related(
            Code::ContradictoryPolicy,
            at.field("lower"),
            format!("lower {lower} exceeds upper {upper}"),
            [at.field("upper")],
        );
    }
}

/// Every id of one selector key must exist. An empty list is legal and matches nothing.
fn check_ids(
    ids: &IdIndex<'_>,
    words: Option<&OneOrMany>,
    at: At,
    field: &str,
    report: &mut Report,
) {
    match words {
        None => {}
        Some(OneOrMany::One(id)) => {
            ids.resolve(id, report, || at.field(field));
        }
        Some(OneOrMany::Many(many)) => {
            for (k, id) in many.iter().enumerate() {
                ids.resolve(id, report, || format!("{}[{k}]", at.field(field)));
            }
        }
    }
}

fn check_demand(
    context: &Context<'_>,
    demand: &DemandSelector,
    at: At,
    field: &str,
    report: &mut Report,
) {
    let index = &context.index;
    for (ids, words, key) in [
        (&index.needs, &demand.need, "need"),
        (&index.categories, &demand.category, "category"),
        (&index.places, &demand.place, "place"),
        (&index.measures, &demand.measure, "measure"),
        (&index.periods, &demand.period, "period"),
    ] {
        check_ids(ids, words.as_ref(), at, &format!("{field}.{key}"), report);
    }
    let Some(kinds) = &demand.kind else {
        return;
    };
    let known = [NeedKind::General.as_str(), NeedKind::HotSpot.as_str()];
    for (k, word) in kinds.words().iter().enumerate() {
        if !known.contains(&word.as_str()) {
            let path = match kinds {
                OneOrMany::One(_) => at.field(&format!("{field}.kind")),
                OneOrMany::Many(_) => at.field(&format!("{field}.kind[{k}]")),
            };
            report.push(
                Code::UnknownEnum,
                path,
                format!("{} is no kind of need; general and hot_spot are", quoted(word)),
            );
        }
    }
}

/// Checks every goal, their number, and that none stands twice.
pub(super) fn check_goals(context: &Context<'_>, report: &mut Report) {
    let goals = &context.ledger.goals;
    if goals.len() > MAX_GOALS {
        let message = format!("{} goals; at most {MAX_GOALS} levels are allowed", goals.len());
        let issue = Issue::new(Code::TooManyItems, "goals", message);
        report.add(issue.with_excess(MAX_GOALS as u64, goals.len() as u64));
    }
    for (k, goal) in goals.iter().enumerate().take(MAX_GOALS) {
        let at = At::new("goals", k);
        check_demand(context, &goal.filter, at, "where", report);
        check_options(goal, at, report);
        let same = |other: &&Goal| {
            other.what == goal.what
                && other.per == goal.per
                && same_demand(&other.filter, &goal.filter)
        };
        if let Some(first) = goals[..k].iter().position(|other| same(&other)) {
            report.push_related(
                Code::DuplicateId,
                at.record(),
                "this goal has the same what, where and per as an earlier one",
                [At::new("goals", first).record()],
            );
        }
    }
}

fn same_demand(a: &DemandSelector, b: &DemandSelector) -> bool {
    let keys = |s: &DemandSelector| {
        [&s.need, &s.kind, &s.category, &s.place, &s.place_tag, &s.measure, &s.audience, &s.period]
            .map(|words| {
                words.as_ref().map(|words| {
                    let mut words = words.words().to_vec();
                    words.sort_unstable();
                    words.dedup();
                    words
                })
            })
    };
    keys(a) == keys(b)
}

/// Options that belong to one kind of goal.
fn check_options(goal: &Goal, at: At, report: &mut Report) {
    let what = goal.what;
    let mut belongs = |owner: What, given: bool, required: bool, field: &str| {
        if what == owner && !given && required {
            let message = format!("a goal {} needs {field}", owner.as_str());
            report.push(Code::FieldRequired, at.field(field), message);
        } else if what != owner && given {
            let message =
                format!("{field} goes with the goal {} only; leave it out", owner.as_str());
            report.push(Code::FieldInvalid, at.field(field), message);
        }
    };
    belongs(What::Fair, goal.per.is_some(), true, "per");
    belongs(What::Tier, goal.at_ppm.is_some(), true, "at_ppm");
    belongs(What::Weighted, !goal.terms.is_empty(), true, "terms");
    belongs(What::Keep, goal.change_budget.is_some(), false, "change_budget");
    if let Some(at_ppm) = goal.at_ppm {
        report.range(at_ppm, 1, PPM, at, "at_ppm");
    }
    if let Some(budget) = goal.change_budget {
        report.at_least_zero(budget, at, "change_budget");
    }
    report.range(goal.tolerance_ppm, 0, PPM, at, "tolerance_ppm");
}
