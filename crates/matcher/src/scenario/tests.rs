//! Rules of removal, insertion, order, decisions and chains, on a ledger small enough
//! to read; one test for each. `tests_edit` has those of selecting and editing.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use serde_json::{Value, json};

use super::{apply, apply_deltas};
use crate::error::Issue;
use crate::ledger::{ArcMode, ClaimState, Delta, Ledger, OneOrMany, What};

pub(super) fn base() -> Ledger {
    serde_json::from_value(json!({
        "format": "concentric.ledger/v1",
        "measures": [{"id": "hour"}, {"id": "post"}],
        "places": [{"id": "st", "level": "street"},
                   {"id": "c1", "level": "community", "parent": "st", "x_m": 5}],
        "categories": [{"id": "any"}],
        "units": [{"id": "u1"}, {"id": "u2"}],
        "offers": [
            {"id": "o1", "unit": "u1", "measure": "hour", "quantity": 7, "tags": ["a", "b"]},
            {"id": "o2", "unit": "u1", "measure": "post", "quantity": 3},
            {"id": "o3", "unit": "u2", "measure": "hour", "quantity": 4, "tags": ["b"], "radius_m": 9}],
        "needs": [
            {"id": "n1", "place": "c1", "measure": "hour", "quantity": 5},
            {"id": "n2", "place": "c1", "measure": "post", "quantity": 2, "owner": "u1"}],
        "bundles": [{"id": "b1"}],
        "pairs": [
            {"offer": "o1", "need": "n1", "cost": 2, "forbidden": true},
            {"unit": "u1", "place": "c1", "capacity": 6}],
        "limits": [
            {"id": "l1", "counts": "amount", "supply": {"unit": "u1", "offer": ["o1", "o3"]}, "lower": 1},
            {"id": "l2", "counts": "amount", "demand": {"need": ["n2"], "place": "c1"}, "upper": 8}],
        "agreements": [{"id": "a1", "unit": "u1", "place": "c1"}, {"id": "a2", "unit": "u2", "place": "c1"}],
        "claims": [
            {"id": "k1", "offer": "o3", "need": "n1", "quantity": 1},
            {"id": "k2", "offer": "o1", "need": "n1", "quantity": 1, "state": "declined"}],
        "projects": [
            {"id": "p1", "offer": "o1", "need": "n1", "quantity": 1},
            {"id": "p2", "offer": "o3", "need": "n1", "quantity": 2}],
        "evaluations": [
            {"id": "e1", "project": "p1", "by": "jury", "score": 80},
            {"id": "e2", "project": "p2", "by": "jury", "score": 90}]
    }))
    .unwrap()
}

pub(super) fn deltas(list: Value) -> Vec<Delta> {
    serde_json::from_value(list).unwrap()
}

pub(super) fn run(list: Value) -> Result<Ledger, Vec<Issue>> {
    apply_deltas(&base(), &deltas(list), "deltas")
}

/// Code and path of every issue, for one-line comparisons.
pub(super) fn told(list: Value) -> Vec<String> {
    run(list).unwrap_err().iter().map(|i| format!("{} {}", i.code, i.path)).collect()
}

fn ids<'a>(ids: impl IntoIterator<Item = &'a String>) -> Vec<&'a str> {
    ids.into_iter().map(String::as_str).collect()
}

#[test]
fn removing_a_unit_takes_all_that_hangs_on_it() {
    let after = run(json!([{"op": "remove", "list": "units", "id": "u1"}])).unwrap();
    assert_eq!(ids(after.offers.iter().map(|r| &r.id)), ["o3"]);
    assert_eq!(ids(after.needs.iter().map(|r| &r.id)), ["n1"]);
    assert_eq!(ids(after.projects.iter().map(|r| &r.id)), ["p2"]);
    assert_eq!(ids(after.evaluations.iter().map(|r| &r.id)), ["e2"]);
    assert_eq!(ids(after.claims.iter().map(|r| &r.id)), ["k1"]);
    assert_eq!(ids(after.agreements.iter().map(|r| &r.id)), ["a2"]);
    assert!(after.pairs.is_empty());
    assert_eq!(after.limits[0].supply.unit, Some(OneOrMany::Many(vec![])));
    assert_eq!(after.limits[0].supply.offer, Some(OneOrMany::Many(vec!["o3".into()])));
    assert_eq!(after.limits[1].demand.need, Some(OneOrMany::Many(vec![])));
}

#[test]
fn removing_offers_needs_and_projects_cascades_one_step_less() {
    let after = run(json!([{"op": "remove", "list": "offers", "where": {"unit": "u2"}}])).unwrap();
    assert_eq!((after.units.len(), after.projects.len(), after.evaluations.len()), (2, 1, 1));
    assert_eq!(ids(after.claims.iter().map(|r| &r.id)), ["k2"]);
    let after = run(json!([{"op": "remove", "list": "needs", "id": "n1"}])).unwrap();
    assert!(after.projects.is_empty() && after.evaluations.is_empty() && after.claims.is_empty());
    assert_eq!(after.pairs, base().pairs[1..]);
    let after = run(json!([{"op": "remove", "list": "projects", "id": "p1"}])).unwrap();
    assert_eq!(ids(after.evaluations.iter().map(|r| &r.id)), ["e2"]);
}

#[test]
fn a_removed_place_leaves_dangling_references_to_validation() {
    let after = run(json!([{"op": "remove", "list": "places", "id": "c1"}])).unwrap();
    assert_eq!(after.needs, base().needs);
    assert_eq!(after.pairs, base().pairs);
    assert_eq!(after.limits[1].demand.place, Some(OneOrMany::Many(vec![])));
    let after = run(json!([{"op": "remove", "list": "measures", "where": {}}])).unwrap();
    assert_eq!((after.measures.len(), after.needs.len()), (0, 2));
}

#[test]
fn insert_appends_a_typed_record() {
    let after = run(json!([{"op": "insert", "list": "units", "value": {"id": "u9"}}])).unwrap();
    assert_eq!((after.units[2].id.as_str(), after.units[2].kind.as_str()), ("u9", "unit"));
    let told_for =
        |list: &str, value: Value| told(json!([{"op": "insert", "list": list, "value": value}]));
    assert_eq!(told_for("units", json!({"id": "u1"})), ["DUPLICATE_ID deltas[0].value.id"]);
    assert_eq!(told_for("units", json!({"id": "u 1"})), ["ID_MALFORMED deltas[0].value.id"]);
    assert_eq!(told_for("units", json!(["u7"])), ["FIELD_INVALID deltas[0].value"]);
    assert_eq!(
        told_for("offers", json!({"id": "o7", "unit": "u1"})),
        ["FIELD_INVALID deltas[0].value"]
    );
    assert_eq!(
        told_for("pairs", json!({"offer": "o1", "need": "n1"})),
        ["DUPLICATE_ID deltas[0].value"]
    );
    assert_eq!(
        told(json!([{"op": "insert", "list": "units"}])),
        ["FIELD_REQUIRED deltas[0].value"]
    );
}

#[test]
fn reorder_takes_keys_and_drops_the_rest() {
    let order = |keys: Value| run(json!([{"op": "reorder", "list": "goals", "value": keys}]));
    let labels = |l: Ledger| -> Vec<String> { l.goals.iter().map(|g| g.label()).collect() };
    assert_eq!(
        labels(order(json!(["near", "cover:general", "cover:hot_spot"])).unwrap()),
        ["near", "cover:general", "cover:hot_spot"]
    );
    for bad in [json!(["cover"]), json!(["fair"]), json!(["near", "near"]), json!([3])] {
        let issues = order(bad.clone()).unwrap_err();
        let last = bad.as_array().unwrap().len() - 1;
        assert_eq!(issues[0].path, format!("deltas[0].value[{last}]"));
    }
    assert_eq!(order(json!([])).unwrap_err()[0].path, "deltas[0].value");
    assert_eq!(
        told(json!([{"op": "reorder", "list": "needs", "value": ["near"]}])),
        ["FIELD_INVALID deltas[0].list"]
    );
}

#[test]
fn goals_are_changed_by_where_and_never_emptied() {
    let after = run(json!([{"op": "set", "list": "goals", "where": {"what": "near"}, "field": "tolerance_ppm", "value": 5}])).unwrap();
    assert_eq!(after.goals.len(), 6);
    let near = after.goals.iter().find(|g| g.what == What::Near).unwrap();
    assert_eq!(near.tolerance_ppm, 5);
    assert_eq!(
        told(json!([{"op": "remove", "list": "goals", "where": {}}])),
        ["FIELD_INVALID deltas[0]"]
    );
}

#[test]
fn pin_forbid_and_clear_work_on_one_row() {
    let arc = |op: &str| json!({"op": op, "offer": "o1", "need": "n1"});
    let after = run(json!([{"op": "pin", "offer": "o1", "need": "n1", "value": 3}])).unwrap();
    assert_eq!((after.pairs[0].locked, after.pairs[0].forbidden), (Some(3), None));
    let after = run(json!([arc("pin"), arc("clear"), arc("forbid")])).unwrap();
    assert_eq!((after.pairs[0].locked, after.pairs[0].forbidden), (None, Some(true)));
    let after = run(json!([arc("clear")])).unwrap();
    assert_eq!((after.pairs[0].cost, after.pairs[0].forbidden), (Some(2), None));
    let new = json!({"op": "pin", "unit": "u2", "place": "st"});
    let after = run(json!([new])).unwrap();
    assert_eq!((after.pairs.len(), after.pairs[2].locked), (3, Some(1)));
    let undone = run(json!([new, {"op": "clear", "unit": "u2", "place": "st"}])).unwrap();
    assert_eq!(undone, base());
    assert_eq!(
        told(json!([{"op": "pin", "offer": "o1", "place": "c1"}])),
        ["FIELD_REQUIRED deltas[0]"]
    );
    assert_eq!(
        told(json!([{"op": "pin", "offer": "zz", "need": "zz", "value": 1}])),
        ["UNKNOWN_REFERENCE deltas[0].offer", "UNKNOWN_REFERENCE deltas[0].need"]
    );
    assert_eq!(
        told(json!([{"op": "pin", "offer": "o1", "need": "n1", "value": -1}])),
        ["DELTA_RESULT_NEGATIVE deltas[0].value"]
    );
}

#[test]
fn a_pair_is_not_both_pinned_and_forbidden() {
    let arc = |op: &str| json!({"op": op, "offer": "o3", "need": "n1"});
    let wide = |op: &str| json!({"op": op, "unit": "u1", "place": "c1"});
    for pair in [&arc as &dyn Fn(&str) -> Value, &wide] {
        for (first, then) in [("pin", "forbid"), ("forbid", "pin")] {
            let issues = run(json!([arc("clear"), pair(first), pair(then)])).unwrap_err();
            assert_eq!(issues.len(), 1);
            assert_eq!(issues[0].code.as_str(), "CONTRADICTORY_POLICY");
            assert_eq!(issues[0].path, "deltas[2]");
            assert_eq!(issues[0].related, ["deltas[1]"]);
            run(json!([pair(first), pair("clear"), pair(then)])).unwrap();
            run(json!([pair(first), pair(first)])).unwrap();
        }
    }
    // Nothing is locked by a pin of 0, and another pair is another matter.
    let none = json!({"op": "pin", "offer": "o3", "need": "n1", "value": 0});
    run(json!([none, arc("forbid")])).unwrap();
    run(json!([arc("pin"), {"op": "forbid", "offer": "o3", "need": "n2"}])).unwrap();
    // What the base says, or the parent, is there to be overturned.
    let mut ledger = base();
    ledger.scenarios = serde_json::from_value(json!([
        {"id": "up", "deltas": [arc("pin")]},
        {"id": "down", "parent": "up", "deltas": [arc("forbid")]}]))
    .unwrap();
    let after = apply(&ledger, "down").unwrap();
    let row = after.pairs.iter().find(|p| p.offer.as_deref() == Some("o3")).unwrap();
    assert_eq!((row.locked, row.forbidden), (None, Some(true)));
    // A row that admits what a wider one forbids stays open when it is pinned.
    ledger.pairs[0].forbidden = Some(false);
    let pin = deltas(json!([{"op": "pin", "offer": "o1", "need": "n1"}]));
    let after = apply_deltas(&ledger, &pin, "deltas").unwrap();
    assert_eq!((after.pairs[0].locked, after.pairs[0].forbidden), (Some(1), Some(false)));
}

#[test]
fn explicit_arcs_are_never_made_by_a_decision() {
    let mut ledger = base();
    ledger.arcs = ArcMode::Explicit;
    let run = |list: Value| apply_deltas(&ledger, &deltas(list), "deltas");
    let missing = |op: &str| json!([{"op": op, "offer": "o2", "need": "n2"}]);
    assert_eq!(run(missing("pin")).unwrap_err()[0].code.as_str(), "FIELD_INVALID");
    assert_eq!(run(missing("forbid")).unwrap(), ledger);
    assert_eq!(run(missing("clear")).unwrap(), ledger);
    let bare = json!([{"op": "set", "list": "pairs", "where": {"offer": "o1"}, "field": "cost", "value": null},
                      {"op": "clear", "offer": "o1", "need": "n1"}]);
    assert_eq!(run(bare).unwrap().pairs.len(), 2);
}

#[test]
fn only_a_pending_claim_is_accepted() {
    let after = run(json!([{"op": "accept_claim", "id": "k1"}])).unwrap();
    assert_eq!(after.claims[0].state, ClaimState::Accepted);
    let once_more = json!([{"op": "accept_claim", "id": "k1"}, {"op": "accept_claim", "id": "k1"}]);
    assert_eq!(told(once_more), ["FIELD_INVALID deltas[1].id"]);
    assert_eq!(told(json!([{"op": "accept_claim", "id": "k2"}])), ["FIELD_INVALID deltas[0].id"]);
    assert_eq!(
        told(json!([{"op": "accept_claim", "id": "k3"}])),
        ["UNKNOWN_REFERENCE deltas[0].id"]
    );
}

#[test]
fn deltas_apply_in_order_and_all_issues_are_told() {
    let doubled = run(json!([
        {"op": "add", "list": "offers", "id": "o1", "field": "quantity", "value": 1},
        {"op": "scale_pct", "list": "offers", "id": "o1", "field": "quantity", "value": 200}]));
    assert_eq!(doubled.unwrap().offers[0].quantity, 16);
    assert_eq!(
        told(json!([
            {"op": "remove", "list": "offers", "id": "zz"},
            {"op": "insert", "list": "units", "value": {"id": "u8", "kind": 4}},
            {"op": "set", "list": "units", "id": "u8", "field": "kind", "value": "x"},
            {"op": "set", "list": "needs", "where": {}, "field": "quantity", "value": "x"}])),
        [
            "UNKNOWN_REFERENCE deltas[0].id",
            "FIELD_INVALID deltas[1].value",
            "FIELD_INVALID deltas[3].value"
        ],
        "the third delta only suffers from the second"
    );
}

#[test]
fn a_child_starts_from_its_parents_result() {
    let mut ledger = base();
    ledger.scenarios = serde_json::from_value(json!([
        {"id": "child", "parent": "top", "deltas": [
            {"op": "scale_pct", "list": "offers", "id": "o1", "field": "quantity", "value": 200}]},
        {"id": "top", "deltas": [
            {"op": "add", "list": "offers", "id": "o1", "field": "quantity", "value": 1},
            {"op": "insert", "list": "units", "value": {"id": "u9"}}]},
        {"id": "bad", "parent": "top", "deltas": [
            {"op": "set", "list": "offers", "id": "o1", "field": "nothing", "value": 1}]}]))
    .unwrap();
    let child = apply(&ledger, "child").unwrap();
    assert_eq!((child.offers[0].quantity, child.units.len()), (16, 3));
    assert_eq!(apply(&ledger, "top").unwrap().offers[0].quantity, 8);
    assert_eq!(apply(&ledger, "bad").unwrap_err()[0].path, "scenarios[2].deltas[0].field");
}

#[test]
fn chains_of_scenarios_are_checked() {
    let chain = |links: &[(&str, Option<&str>)]| {
        let mut ledger = base();
        for (id, parent) in links {
            ledger
                .scenarios
                .push(serde_json::from_value(json!({"id": id, "parent": parent})).unwrap());
        }
        ledger
    };
    let first = |ledger: &Ledger, id: &str| apply(ledger, id).unwrap_err().remove(0);
    let cycle = chain(&[("a", Some("b")), ("b", Some("c")), ("c", Some("b"))]);
    let issue = first(&cycle, "a");
    assert_eq!((issue.code.as_str(), issue.path.as_str()), ("TREE_CYCLE", "scenarios[2].parent"));
    assert_eq!(issue.related, ["scenarios[1]", "scenarios[2]"]);
    let orphan = chain(&[("a", Some("base_x"))]);
    assert_eq!(
        first(&orphan, "a").to_string(),
        "UNKNOWN_REFERENCE scenarios[0].parent: no scenario `base_x`"
    );
    assert_eq!(first(&orphan, "aa").path, "scenarios");
    let names: Vec<String> = (0..33).map(|k| format!("s{k}")).collect();
    let long: Vec<(&str, Option<&str>)> =
        (0..33).map(|k| (names[k].as_str(), (k > 0).then(|| names[k - 1].as_str()))).collect();
    assert_eq!(apply(&chain(&long), "s31").unwrap().offers, base().offers);
    assert_eq!(first(&chain(&long), "s32").code.as_str(), "TOO_MANY_ITEMS");
}
