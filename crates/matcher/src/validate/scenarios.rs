//! Scenarios: their tree, and the shape of every delta.
//!
//! In: the records and their index. Out: issues only. Must not apply a delta: whether
//! a record it names exists depends on the deltas before it.

use serde_json::Value;

use super::context::Context;
use super::index::IdIndex;
use super::report::{At, Report, changeable_lists};
use super::tables::NONE;
use crate::error::{Code, quoted};
use crate::ledger::{Delta, DeltaOp, Scenario};

/// Longest chain of scenarios, each the parent of the next.
pub(super) const MAX_CHAIN: usize = 32;

/// Checks every scenario.
pub(super) fn check_scenarios(context: &Context<'_>, report: &mut Report) {
    let scenarios = &context.ledger.scenarios;
    check_parents(scenarios, &context.index.scenarios, report);
    for (k, scenario) in scenarios.iter().enumerate() {
        let at = At::new("scenarios", k);
        for (d, delta) in scenario.deltas.iter().enumerate() {
            check_delta(delta, &at.field(&format!("deltas[{d}]")), report);
        }
    }
}

/// Parents exist, form no cycle, and no chain is too long.
fn check_parents(scenarios: &[Scenario], ids: &IdIndex<'_>, report: &mut Report) {
    let mut up = vec![NONE; scenarios.len()];
    for (node, &caller) in ids.order.iter().enumerate() {
        let at = At::new("scenarios", caller as usize);
        let parent = scenarios[caller as usize].parent.as_deref();
        up[node] = ids.resolve_optional(parent, report, at, "parent");
    }
    let cyclic = super::trees::cut_cycles(ids, &mut up, report);
    // Depth of every node in O(n): climb to the nearest known depth, then write back.
    let mut depth = vec![0_usize; up.len()];
    for start in 0..up.len() {
        let mut path = Vec::new();
        let mut at = start as u32;
        while at != NONE && depth[at as usize] == 0 {
            path.push(at as usize);
            at = up[at as usize];
        }
        let mut above = depth.get(at as usize).copied().unwrap_or(0);
        for node in path.into_iter().rev() {
            above += 1;
            depth[node] = above;
            if above == MAX_CHAIN + 1 && !cyclic {
                report.push(
                    Code::TooManyItems,
                    At::new("scenarios", ids.order[node] as usize).field("parent"),
                    format!("a chain of more than {MAX_CHAIN} scenarios ends here"),
                );
            }
        }
    }
}

/// The fields of a delta, by name.
const DELTA_FIELDS: [&str; 9] =
    ["list", "id", "where", "field", "value", "offer", "need", "unit", "place"];

fn check_delta(delta: &Delta, path: &str, report: &mut Report) {
    let given = |field: &str| match field {
        "list" => delta.list.is_some(),
        "id" => delta.id.is_some(),
        "where" => delta.filter.is_some(),
        "field" => delta.field.is_some(),
        "value" => delta.value.is_some(),
        "offer" => delta.offer.is_some(),
        "need" => delta.need.is_some(),
        "unit" => delta.unit.is_some(),
        _ => delta.place.is_some(),
    };
    let (required, allowed): (&[&str], &[&str]) = match delta.op {
        DeltaOp::Set | DeltaOp::Add | DeltaOp::ScalePct => {
            (&["list", "field", "value"], &["list", "id", "where", "field", "value"])
        }
        DeltaOp::Remove => (&["list"], &["list", "id", "where"]),
        DeltaOp::Insert => (&["list", "value"], &["list", "value"]),
        DeltaOp::Reorder => (&["value"], &["list", "value"]),
        DeltaOp::Pin => (&[], &["offer", "need", "unit", "place", "value"]),
        DeltaOp::Forbid | DeltaOp::Clear => (&[], &["offer", "need", "unit", "place"]),
        DeltaOp::AcceptClaim => (&["id"], &["id"]),
    };
    let word = op_word(delta.op);
    for field in DELTA_FIELDS {
        if required.contains(&field) && !given(field) {
            let message = format!("{word} needs {field}");
            report.push(Code::FieldRequired, format!("{path}.{field}"), message);
        } else if !allowed.contains(&field) && given(field) {
            let message = format!("{word} reads {} only", allowed.join(", "));
            report.push(Code::FieldInvalid, format!("{path}.{field}"), message);
        }
    }
    if allowed.contains(&"where") && given("id") == given("where") {
        let (code, field, message) = if given("id") {
            (Code::FieldInvalid, "where", "give either id or where, not both")
        } else {
            (Code::FieldRequired, "id", "give id or where to say which records change")
        };
        report.push(code, format!("{path}.{field}"), message);
    }
    if allowed.contains(&"offer") {
        check_pair_key(delta, path, report);
    }
    check_list(delta, path, report);
    check_value(delta, path, report);
}

/// Word of an operation as files write it.
fn op_word(op: DeltaOp) -> &'static str {
    match op {
        DeltaOp::Set => "set",
        DeltaOp::Add => "add",
        DeltaOp::ScalePct => "scale_pct",
        DeltaOp::Remove => "remove",
        DeltaOp::Insert => "insert",
        DeltaOp::Reorder => "reorder",
        DeltaOp::Pin => "pin",
        DeltaOp::Forbid => "forbid",
        DeltaOp::Clear => "clear",
        DeltaOp::AcceptClaim => "accept_claim",
    }
}

/// {offer, need} or {unit, place}.
fn check_pair_key(delta: &Delta, path: &str, report: &mut Report) {
    let given = [&delta.offer, &delta.need, &delta.unit, &delta.place].map(Option::is_some);
    let missing = match given {
        [true, true, false, false] | [false, false, true, true] => return,
        [false, false, false, false] | [true, false, false, false] => {
            if given[0] {
                "need"
            } else {
                "offer"
            }
        }
        [false, true, false, false] => "offer",
        [false, false, true, false] => "place",
        [false, false, false, true] => "unit",
        _ => {
            report.push(
                Code::FieldInvalid,
                path.to_owned(),
                "a pair is either offer and need, or unit and place, and nothing else",
            );
            return;
        }
    };
    let message = format!("{} needs offer and need, or unit and place", op_word(delta.op));
    report.push(Code::FieldRequired, format!("{path}.{missing}"), message);
}

fn check_list(delta: &Delta, path: &str, report: &mut Report) {
    let Some(list) = &delta.list else {
        return;
    };
    if delta.op == DeltaOp::Reorder && list != "goals" {
        let message = "reorder works on goals; write goals or leave list out";
        report.push(Code::FieldInvalid, format!("{path}.list"), message);
    } else if !changeable_lists().any(|known| known == list) {
        let known: Vec<&str> = changeable_lists().collect();
        report.push(
            Code::UnknownEnum,
            format!("{path}.list"),
            format!(
                "{} is no list of a ledger that a delta can change; one of {}",
                quoted(list),
                known.join(", ")
            ),
        );
    }
}

/// The type of `value` that the operation needs, and its sign.
fn check_value(delta: &Delta, path: &str, report: &mut Report) {
    let Some(value) = &delta.value else {
        return;
    };
    let path = format!("{path}.value");
    let wrong = match delta.op {
        DeltaOp::Add | DeltaOp::ScalePct | DeltaOp::Pin => {
            (!value.is_i64()).then_some("a whole number is needed")
        }
        DeltaOp::Insert => (!value.is_object()).then_some("a record is needed"),
        DeltaOp::Reorder => {
            let words = value.as_array().is_some_and(|keys| keys.iter().all(Value::is_string));
            (!words).then_some("a list of words like \"cover:hot_spot\" is needed")
        }
        _ => None,
    };
    if let Some(message) = wrong {
        report.push(Code::FieldInvalid, path, message);
    } else if matches!(delta.op, DeltaOp::ScalePct | DeltaOp::Pin)
        && value.as_i64().is_some_and(|number| number < 0)
    {
        let message = match delta.op {
            DeltaOp::ScalePct => "a percentage is 0 or more",
            _ => "a locked quantity is 0 or more",
        };
        report.push(Code::ValueOutOfRange, path, message);
    }
}
