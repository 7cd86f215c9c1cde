//! Rules of selecting and editing records, on the ledger of `tests`; one test for each.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use serde_json::{Value, json};

use super::apply_deltas;
use super::tests::{base, deltas, run, told};

#[test]
fn set_changes_the_named_record_and_the_base_stays() {
    let before = base();
    let after = apply_deltas(
        &before,
        &deltas(
            json!([{"op": "set", "list": "offers", "id": "o2", "field": "quantity", "value": 9}]),
        ),
        "deltas",
    )
    .unwrap();
    assert_eq!(after.offers[1].quantity, 9);
    assert_eq!(before, base());
    let mut expected = base();
    expected.offers[1].quantity = 9;
    assert_eq!(after, expected);
}

#[test]
fn null_empties_an_optional_field_and_only_that() {
    let step = |field: &str| json!([{"op": "set", "list": "offers", "id": "o3", "field": field, "value": null}]);
    assert_eq!(run(step("radius_m")).unwrap().offers[2].radius_m, None);
    assert_eq!(told(step("quantity")), ["FIELD_INVALID deltas[0].value"]);
}

#[test]
fn where_is_equality_membership_and_containment() {
    let hit = |filter: Value| -> Vec<i64> {
        let after = run(json!([{"op": "set", "list": "offers", "where": filter, "field": "quantity", "value": 0}])).unwrap();
        after.offers.iter().map(|o| o.quantity).collect()
    };
    assert_eq!(hit(json!({"measure": "hour"})), [0, 3, 0]);
    assert_eq!(hit(json!({"measure": "hour", "unit": ["u2", "x"]})), [7, 3, 0]);
    assert_eq!(hit(json!({"tags": "b"})), [0, 3, 0]);
    assert_eq!(hit(json!({"tags": ["a", "z"]})), [0, 3, 4]);
    assert_eq!(hit(json!({"radius_m": null})), [0, 0, 4]);
    assert_eq!(hit(json!({"quantity": 3})), [7, 0, 4]);
    assert_eq!(hit(json!({"unit": "nobody"})), [7, 3, 4]);
    assert_eq!(hit(json!({})), [0, 0, 0]);
}

#[test]
fn an_absent_pair_field_matches_null() {
    let after =
        run(json!([{"op": "remove", "list": "pairs", "where": {"capacity": null}}])).unwrap();
    assert_eq!(after.pairs, base().pairs[1..]);
}

#[test]
fn add_and_scale_compute_in_whole_numbers() {
    let step = |op: &str, value: i64| {
        run(json!([{"op": op, "list": "offers", "id": "o1", "field": "quantity", "value": value}]))
            .map(|l| l.offers[0].quantity)
    };
    assert_eq!(step("add", -7).unwrap(), 0);
    assert_eq!(step("scale_pct", 50).unwrap(), 3);
    assert_eq!(step("scale_pct", 120).unwrap(), 8);
    assert_eq!(step("add", -8).unwrap_err()[0].code.as_str(), "DELTA_RESULT_NEGATIVE");
    assert_eq!(step("add", i64::MAX).unwrap_err()[0].code.as_str(), "VALUE_OUT_OF_RANGE");
    // 7 * (2^63 - 1) leaves 64 bits, the hundredth part of it does not.
    assert_eq!(step("scale_pct", i64::MAX).unwrap(), 645_636_042_579_834_306);
}

#[test]
fn coordinates_may_go_below_zero_and_floor_downwards() {
    let after = run(json!([
        {"op": "add", "list": "places", "id": "c1", "field": "x_m", "value": -10},
        {"op": "scale_pct", "list": "places", "id": "c1", "field": "x_m", "value": 50}]));
    assert_eq!(after.unwrap().places[1].x_m, -3);
}

#[test]
fn floats_and_numbers_beyond_64_bits_are_refused() {
    let step = |op: &str, value: Value| {
        told(json!([{"op": op, "list": "offers", "id": "o1", "field": "quantity", "value": value}]))
    };
    assert_eq!(step("set", json!(3.0)), ["FIELD_INVALID deltas[0].value"]);
    assert_eq!(step("add", json!(0.5)), ["FIELD_INVALID deltas[0].value"]);
    assert_eq!(step("set", json!(u64::MAX)), ["VALUE_OUT_OF_RANGE deltas[0].value"]);
    assert_eq!(step("set", json!(-1)), ["DELTA_RESULT_NEGATIVE deltas[0].value"]);
    assert_eq!(step("set", json!("9")), ["FIELD_INVALID deltas[0].value"]);
    assert_eq!(step("scale_pct", json!("9")), ["FIELD_INVALID deltas[0].value"]);
}

#[test]
fn adding_to_an_absent_field_says_so() {
    let issues =
        run(json!([{"op": "add", "list": "limits", "id": "l1", "field": "upper", "value": 1}]))
            .unwrap_err();
    assert_eq!(issues[0].code.as_str(), "FIELD_INVALID");
    assert!(issues[0].message.contains("absent"), "{}", issues[0]);
    assert_eq!(
        told(json!([{"op": "add", "list": "offers", "id": "o1", "field": "unit", "value": 1}])),
        ["FIELD_INVALID deltas[0].field"]
    );
}

#[test]
fn unknown_words_come_with_a_suggestion() {
    let message = |list: Value| run(list).unwrap_err().remove(0);
    let field = message(
        json!([{"op": "set", "list": "offers", "id": "o1", "field": "quantty", "value": 1}]),
    );
    assert_eq!(field.path, "deltas[0].field");
    assert!(field.message.contains("`quantity`"), "{field}");
    let filter = message(json!([{"op": "remove", "list": "offers", "where": {"unti": "u1"}}]));
    assert_eq!(filter.path, "deltas[0].where.unti");
    assert!(filter.message.contains("`unit`"), "{filter}");
    let list = message(json!([{"op": "remove", "list": "ofers", "id": "o1"}]));
    assert_eq!((list.code.as_str(), list.path.as_str()), ("UNKNOWN_ENUM", "deltas[0].list"));
    assert!(list.message.contains("`offers`"), "{list}");
    let inserted =
        message(json!([{"op": "insert", "list": "bundles", "value": {"id": "b", "plase": "c1"}}]));
    assert_eq!(inserted.path, "deltas[0].value.plase");
    assert!(inserted.message.contains("`place`"), "{inserted}");
}

#[test]
fn id_and_where_exclude_each_other_and_one_is_needed() {
    assert_eq!(
        told(json!([{"op": "remove", "list": "offers", "id": "o1", "where": {}}])),
        ["FIELD_INVALID deltas[0].where"]
    );
    assert_eq!(told(json!([{"op": "remove", "list": "offers"}])), ["FIELD_REQUIRED deltas[0].id"]);
    assert_eq!(
        told(json!([{"op": "remove", "list": "offers", "id": "zz"}])),
        ["UNKNOWN_REFERENCE deltas[0].id"]
    );
    assert_eq!(
        told(json!([{"op": "remove", "list": "pairs", "id": "o1"}])),
        ["FIELD_INVALID deltas[0].id"]
    );
}

#[test]
fn ids_are_not_changed_by_set() {
    assert_eq!(
        told(json!([{"op": "set", "list": "offers", "id": "o1", "field": "id", "value": "o9"}])),
        ["FIELD_INVALID deltas[0].field"]
    );
}

#[test]
fn fields_an_operation_does_not_read_are_refused() {
    assert_eq!(
        told(json!([{"op": "remove", "list": "offers", "id": "o1", "value": 3}])),
        ["FIELD_INVALID deltas[0].value"]
    );
}
