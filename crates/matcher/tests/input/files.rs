//! Files that are no ledgers: structure, positions, and rules told beside them.

use concentric_matcher::error::{Code, Code::*, Issue};
use concentric_matcher::io::{MAX_ISSUES, load, read_ledger, schema};
use serde_json::json;

use super::sample::{edit, edited, good};

fn told(issues: &[Issue]) -> Vec<(Code, &str)> {
    issues.iter().map(|issue| (issue.code, issue.path.as_str())).collect()
}

#[rustfmt::skip]
const STRUCTURE: &[(&str, &str, Code, &str, &str)] = &[
    // path, value, code, path told, part of the message
    ("needs[1].quantty", "5", FieldInvalid, "needs[1].quantty", "did you mean `quantity`"),
    ("needs[1].colour", "5", FieldInvalid, "needs[1].colour", "known here: audience"),
    ("unit", "[]", FieldInvalid, "unit", "did you mean `units`"),
    ("needs[1].quantity", "3.0", FieldInvalid, "needs[1].quantity", "not a whole number"),
    ("needs[1].quantity", "1e300", FieldInvalid, "needs[1].quantity", "not a whole number"),
    ("needs[1].quantity", "\"3小时\"", FieldInvalid, "needs[1].quantity", "a text stands where a whole number"),
    ("needs[1].quantity", "null", FieldInvalid, "needs[1].quantity", "null stands where a whole number"),
    ("needs[1].quantity", "9223372036854775808", ValueOutOfRange, "needs[1].quantity", "64-bit"),
    ("needs[1].quantity", "\"<gone>\"", FieldRequired, "needs[1].quantity", "a whole number is required"),
    ("needs[1].tags", "\"a\"", FieldInvalid, "needs[1].tags", "a list"),
    ("needs[1].tags", "[\"a\", 7]", FieldInvalid, "needs[1].tags[1]", "a text"),
    ("needs[1].kind", "\"hotspot\"", UnknownEnum, "needs[1].kind", "did you mean \"hot_spot\""),
    ("needs[1].shift", "7", FieldInvalid, "needs[1].shift", "a text or null"),
    ("needs", "{}", FieldInvalid, "needs", "an object stands where a list"),
    ("needs[1]", "5", FieldInvalid, "needs[1]", "a number stands where an object"),
    ("arcs", "\"dense\"", UnknownEnum, "arcs", "derived, explicit"),
    ("format", "\"<gone>\"", FieldRequired, "format", "required"),
    ("format", "1", FieldInvalid, "format", "a text"),
    ("format", "\"concentric.ledger/v2\"", UnsupportedSchemaVersion, "format", "concentric.ledger/v1"),
    ("limits[1].per", "\"place:city\"", UnknownEnum, "limits[1].per", "place:district"),
    ("limits[0].supply.unit", "3", FieldInvalid, "limits[0].supply.unit", "a text or a list"),
    ("limits[0].supply.unit", "[3]", FieldInvalid, "limits[0].supply.unit[0]", "a text"),
    ("limits[0].supply.units", "\"u1\"", FieldInvalid, "limits[0].supply.units", "did you mean `unit`"),
    ("limits[0].hard", "1", FieldInvalid, "limits[0].hard", "true or false"),
    ("goals[0].what", "\"covr\"", UnknownEnum, "goals[0].what", "did you mean \"cover\""),
    ("goals[6].terms[1].weight", "0.5", FieldInvalid, "goals[6].terms[1].weight", "not a whole number"),
    ("scenarios[1].deltas[0].op", "\"delete\"", UnknownEnum, "scenarios[1].deltas[0].op", "remove"),
    ("scenarios[1].deltas[0].where", "[]", FieldInvalid, "scenarios[1].deltas[0].where", "an object or null"),
];

#[test]
fn every_structural_fault_is_told_with_its_place() {
    for (path, value, code, wanted, part) in STRUCTURE {
        let text = edited(&[(path, value)]);
        let issues = read_ledger(text.as_bytes()).unwrap_err();
        assert_eq!(told(&issues), [(*code, *wanted)], "{path} = {value}: {issues:#?}");
        assert!(issues[0].message.contains(part), "{path} = {value}: {}", issues[0].message);
        assert!(issues[0].position.is_some());
        // The rules add nothing that only the broken part causes.
        assert_eq!(
            told(&load(text.as_bytes()).unwrap_err()),
            [(*code, *wanted)],
            "{path} = {value}"
        );
    }
}

#[test]
fn positions_point_at_the_element() {
    let text = "{\n  \"format\": \"concentric.ledger/v1\",\n  \"needs\": [\n    {\"id\": \"甲\", \"quantity\": 0,\n     \"plce\": 1}\n  ]\n}";
    let issues = load(text.as_bytes()).unwrap_err();
    let got: Vec<_> = issues.iter().map(|i| (i.path.as_str(), i.position)).collect();
    assert_eq!(
        got,
        [
            ("needs[0].id", Some((4, 12))),
            ("needs[0].quantity", Some((4, 29))),
            ("needs[0].plce", Some((5, 6))),
        ]
    );
    // A field that is not there: its record.
    let text = "{\"format\": \"concentric.ledger/v1\",\n \"measures\": [{\"id\": \"a\"}, {\"id\": \"b\"}],\n \"needs\": [\n {\"id\": \"n\", \"quantity\": 1}]}";
    let issues = load(text.as_bytes()).unwrap_err();
    assert_eq!((issues[0].path.as_str(), issues[0].position), ("needs[0].measure", Some((4, 2))));
}

#[test]
fn what_is_not_json_says_where() {
    for (text, position) in [
        ("", (1, 1)),
        ("  \n", (1, 1)),
        ("{\"a\": 1,}", (1, 9)),
        ("{\"a\": 1} x", (1, 10)),
        ("// c\n{}", (1, 1)),
        ("{\"a\": 'b'}", (1, 7)),
        ("{\"format\": \"concentric.ledger/v1\",\n \"id\": \"\\ud800\"}", (2, 9)),
        ("[]", (1, 1)),
        ("null", (1, 1)),
        ("NaN", (1, 1)),
    ] {
        let issues = load(text.as_bytes()).unwrap_err();
        assert_eq!(told(&issues), [(FileMalformed, "$")], "{text:?}");
        assert_eq!(issues[0].position, Some(position), "{text:?}: {}", issues[0]);
    }
    let deep = format!("{{\"facts\": {}1{}}}", "[".repeat(64), "]".repeat(64));
    assert_eq!(told(&load(deep.as_bytes()).unwrap_err()), [(FileMalformed, "$")]);
    let long = format!("{{\"facts\": {}", "[".repeat(1_000_000));
    assert_eq!(told(&load(long.as_bytes()).unwrap_err()), [(FileMalformed, "$")]);
}

#[test]
fn a_field_twice_is_told_at_the_second() {
    let text =
        "{\"format\": \"concentric.ledger/v1\",\n\"units\": [{\"id\": \"a\",\n \"id\": \"b\"}]}";
    let issues = load(text.as_bytes()).unwrap_err();
    assert_eq!(told(&issues), [(FieldInvalid, "units[0].id")]);
    assert_eq!(issues[0].position, Some((3, 2)));
}

#[test]
fn a_byte_order_mark_and_free_fields_are_fine() {
    let mut ledger = good();
    edit(&mut ledger, "facts", json!({"any": [1.5, {"x": null}], "any2": 1e30}));
    edit(&mut ledger, "expected", json!([{"metric": "m", "value": 0.5}]));
    let text = format!("\u{feff}{ledger}");
    assert!(load(text.as_bytes()).is_ok());
    // -0 is a whole number, though not one the fast reader takes.
    let text = edited(&[]).replace("\"y_m\": 40", "\"y_m\": -0");
    assert_eq!(read_ledger(text.as_bytes()).unwrap().places[2].y_m, 0);
}

/// One fault of every kind at once, half of structure and half of rules.
#[test]
fn fifty_planted_faults_are_fifty_paths() {
    let mut ledger = good();
    let mut wanted = Vec::new();
    for k in 0..50 {
        let record = json!({"id": format!("f{k:02}"), "place": "city", "category": "care",
            "measure": "hour", "quantity": 5});
        edit(&mut ledger, "needs[+]", record);
        let at = format!("needs[{}]", k + 3);
        let (field, value, told) = match k % 10 {
            0 => ("quantity", json!(0), "quantity"),
            1 => ("priority", json!(9), "priority"),
            2 => ("quantity", json!(1.5), "quantity"),
            3 => ("place", json!("nowhere"), "place"),
            4 => ("kindd", json!("general"), "kindd"),
            5 => ("kind", json!("urgent"), "kind"),
            6 => ("min_useful", json!(6), "min_useful"),
            7 => ("quantity", json!("<gone>"), "quantity"),
            8 => ("max_providers", json!(-1), "max_providers"),
            _ => ("audience", json!(null), "audience"),
        };
        edit(&mut ledger, &format!("{at}.{field}"), value);
        wanted.push(format!("{at}.{told}"));
    }
    let text = serde_json::to_string_pretty(&ledger).unwrap();
    let issues = load(text.as_bytes()).unwrap_err();
    let paths: Vec<&str> = issues.iter().map(|issue| issue.path.as_str()).collect();
    assert_eq!(paths, wanted);
    assert!(issues.iter().all(|issue| issue.position.is_some()));
}

/// What a dropped part may have caused is held back.
#[test]
fn no_violation_is_told_that_the_mending_caused() {
    // The id of u1 is broken: nobody can say whether its references are.
    let text = edited(&[("units[1].id", "7"), ("needs[0].quantity", "0")]);
    let issues = load(text.as_bytes()).unwrap_err();
    assert_eq!(
        told(&issues),
        [(FieldInvalid, "units[1].id"), (ValueOutOfRange, "needs[0].quantity")]
    );
    // The unknown field may be the missing one.
    let text = edited(&[("needs[0].category", "\"<gone>\""), ("needs[0].categry", "\"care\"")]);
    assert_eq!(told(&load(text.as_bytes()).unwrap_err()), [(FieldInvalid, "needs[0].categry")]);
    // A second root appears only because a parent was dropped.
    let text = edited(&[("places[1].parent", "7")]);
    assert_eq!(told(&load(text.as_bytes()).unwrap_err()), [(FieldInvalid, "places[1].parent")]);
    // A lock stands on no arc only because the area was dropped or the list is gone.
    let text = edited(&[("offers", "{}")]);
    assert_eq!(told(&load(text.as_bytes()).unwrap_err()), [(FieldInvalid, "offers")]);
    // A unit that is no record may be the one that is named elsewhere.
    let text = edited(&[("units[1]", "7"), ("offers[0].unit", "\"x\"")]);
    assert_eq!(told(&load(text.as_bytes()).unwrap_err()), [(FieldInvalid, "units[1]")]);
}

/// A field that nobody knows takes no id away from its record.
#[test]
fn a_strange_field_hides_no_reference() {
    let text = edited(&[("needs[0].xyzzy", "1"), ("offers[0].unit", "\"x\"")]);
    assert_eq!(
        told(&load(text.as_bytes()).unwrap_err()),
        [(UnknownReference, "offers[0].unit"), (FieldInvalid, "needs[0].xyzzy")]
    );
}

#[test]
fn at_most_a_thousand_issues_and_a_count() {
    for value in [json!(0), json!(0.5)] {
        let mut ledger = good();
        for k in 0..5000 {
            let record = json!({"id": format!("f{k}"), "place": "city", "category": "care",
                "measure": "hour", "quantity": value});
            edit(&mut ledger, "needs[+]", record);
        }
        let issues = load(ledger.to_string().as_bytes()).unwrap_err();
        assert_eq!(issues.len(), MAX_ISSUES);
        assert!(issues[MAX_ISSUES - 1].message.starts_with("5000 violations in all"));
        assert!(issues.iter().all(|issue| issue.position.is_some()));
    }
}

#[test]
fn the_schema_knows_every_list() {
    let schema = schema();
    for (name, value) in good().as_object().unwrap() {
        assert!(schema["properties"][name].is_object(), "{name}");
        let wanted = if value.is_array() {
            json!("array")
        } else {
            schema["properties"][name]["type"].clone()
        };
        assert_eq!(schema["properties"][name]["type"], wanted);
    }
    assert_eq!(schema["required"], json!(["format"]));
}
