//! What-ifs: the questions that planners ask of a ledger, as scenarios with known answers.

use concentric_matcher::io::read_ledger;
use concentric_matcher::scenario::apply;
use concentric_matcher::validate::validate;
use concentric_matcher::{Ledger, Plan};

use super::{all_covered, covered, solved};

/// Two units, two communities; the first is a pilot with a floor on talks.
const BASE: &str = r#"{"format": "concentric.ledger/v1",
"places": [{"id": "s", "level": "street"},
           {"id": "c1", "level": "community", "parent": "s", "tags": ["pilot"]}, {"id": "c2", "level": "community", "parent": "s"}],
"categories": [{"id": "talk"}, {"id": "care"}],
"units": [{"id": "u"}, {"id": "v"}],
"offers": [{"id": "o1", "unit": "u", "category": "talk", "quantity": 4},
           {"id": "o2", "unit": "v", "category": "care", "quantity": 6, "proficiency": 50}],
"needs": [{"id": "t1", "place": "c1", "category": "talk", "quantity": 4},
          {"id": "t2", "place": "c2", "category": "talk", "quantity": 4, "priority": 5},
          {"id": "care", "place": "c2", "category": "care", "quantity": 4, "min_proficiency": 60}],
"limits": [{"id": "pilot", "counts": "amount", "demand": {"place": "c1", "category": "talk"}, "lower": 1}],
"scenarios": [SCENARIOS]}"#;

fn what_if(deltas: &str) -> Plan {
    let text = BASE.replace("SCENARIOS", &format!(r#"{{"id": "x", "deltas": [{deltas}]}}"#));
    let base: Ledger = read_ledger(text.as_bytes()).unwrap();
    solved(&validate(apply(&base, "x").unwrap()).unwrap())
}

fn answers(deltas: &str) -> [i64; 3] {
    all_covered(&what_if(deltas), ["t1", "t2", "care"])
}

#[test]
fn the_base_is_short_as_expected() {
    // One talk for the pilot's floor, three where priority is higher, nobody able to care.
    assert_eq!(answers(""), [1, 3, 0]);
}

#[test]
fn a_surge_scales_needs() {
    let surge = what_if(
        r#"{"op": "scale_pct", "list": "needs", "where": {"category": "talk"}, "field": "quantity", "value": 150}"#,
    );
    assert_eq!(surge.outcomes.iter().find(|o| o.need == "t2").unwrap().asked, 6);
    assert_eq!(all_covered(&surge, ["t1", "t2"]), [1, 3]);
}

#[test]
fn training_lifts_proficiency_over_the_threshold() {
    assert_eq!(
        answers(
            r#"{"op": "add", "list": "offers", "id": "o2", "field": "proficiency", "value": 10}"#
        ),
        [1, 3, 4]
    );
}

#[test]
fn a_unit_comes_or_leaves() {
    assert_eq!(answers(r#"{"op": "remove", "list": "units", "id": "v"}"#), [1, 3, 0]);
    let comes = r#"{"op": "insert", "list": "units", "value": {"id": "w"}},
        {"op": "insert", "list": "offers", "value": {"id": "o3", "unit": "w", "category": "talk", "quantity": 3}}"#;
    assert_eq!(answers(comes), [3, 4, 0]);
}

#[test]
fn a_pilot_is_extended_to_all() {
    // The same floor for every community is two rules; c2 has it anyway.
    let all = r#"{"op": "insert", "list": "limits", "value":
        {"id": "all", "counts": "amount", "demand": {"category": "talk"}, "per": "place:community", "lower": 2}}"#;
    assert_eq!(answers(all), [2, 2, 0]);
}

#[test]
fn a_project_is_copied_to_another_place() {
    let copy = r#"{"op": "insert", "list": "needs", "value":
        {"id": "t3", "place": "c2", "category": "talk", "quantity": 1, "kind": "hot_spot"}}"#;
    assert_eq!(covered(&what_if(copy), "t3"), 1);
}

#[test]
fn outside_help_tapers_off_and_residents_take_over() {
    // In the first month the team gives six, in the second three, and the residents the rest.
    let text = r#"{"format": "concentric.ledger/v1",
    "periods": [{"id": "m1", "start": "2026-01-01", "end": "2026-01-31"}, {"id": "m2", "start": "2026-02-01", "end": "2026-02-28"}],
    "units": [{"id": "team", "kind": "social_org"}, {"id": "choir", "kind": "self_org"}],
    "offers": [{"id": "a", "unit": "team", "quantity": 6, "from": "m1", "to": "m1"},
               {"id": "b", "unit": "team", "quantity": 6, "from": "m2", "to": "m2"},
               {"id": "c", "unit": "choir", "quantity": 3, "proficiency": 60, "from": "m2", "to": "m2"}],
    "needs": [{"id": "n1", "quantity": 6, "from": "m1", "to": "m1"}, {"id": "n2", "quantity": 6, "from": "m2", "to": "m2"}],
    "scenarios": [{"id": "x", "deltas": [{"op": "scale_pct", "list": "offers", "where": {"unit": "team", "from": "m2"}, "field": "quantity", "value": 50}]}]}"#;
    let base = read_ledger(text.as_bytes()).unwrap();
    let plan = solved(&validate(apply(&base, "x").unwrap()).unwrap());
    assert_eq!(all_covered(&plan, ["n1", "n2"]), [6, 6]);
    let self_run = plan.coverage.units.iter().find(|row| row.id == "choir").unwrap();
    assert_eq!(self_run.amounts, [("unit".to_owned(), 3, 3)]);
}
