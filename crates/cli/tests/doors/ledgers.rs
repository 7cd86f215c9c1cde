//! Every bad ledger through the command, as a file through the service, and as a message.

use std::path::Path;
use std::process::{Command, Stdio};

use concentric_matcher::error::Code::{self as Rule, *};
use concentric_matcher::io::read_ledger;
use concentric_proto::v1;
use concentric_proto::v1::match_service_client::MatchServiceClient;
use concentric_server::wire::ledger_to_wire;
use serde_json::{Value, json};
use tonic::Code;
use tonic::transport::Channel;

use crate::rule_table::TABLE;
use crate::sample::{edit, edited, good};
use crate::support::{Refused, Served, refused};

/// Reason and path of each violation, in order.
type Told = Vec<(String, String)>;

/// Violations in one status.
const SHOWN: usize = 50;

fn told(issues: &[v1::Issue]) -> Told {
    issues.iter().map(|issue| (issue.code.clone(), issue.path.clone())).collect()
}

fn wanted(pairs: &[(Rule, &str)]) -> Told {
    pairs.iter().map(|(code, path)| (code.as_str().to_owned(), (*path).to_owned())).collect()
}

/// What `concentric check` says of a file: of the ledger itself, or of one scenario.
fn check(folder: &Path, text: &[u8], scenario: &str) -> Told {
    let path = folder.join("l.json");
    std::fs::write(&path, text).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_concentric"))
        .args(["check", "--format", "json"])
        .arg(&path)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let of = |issue: &&Value| issue["scenario"].as_str().unwrap_or("") == scenario;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let issues = found["issues"].as_array().unwrap().iter().filter(of);
    issues.map(|issue| (text(&issue["code"]), text(&issue["path"]))).collect()
}

/// What the service says when it is asked to check, and that a match is refused with the same.
async fn ask(
    client: &mut MatchServiceClient<Channel>,
    ledger: Result<v1::Ledger, Vec<u8>>,
    scenario: &str,
) -> Told {
    use v1::match_request::Source as ToMatch;
    use v1::validate_request::Source as ToCheck;
    let (check, solve) = match ledger {
        Ok(message) => (ToCheck::Ledger(message.clone()), ToMatch::Ledger(message)),
        Err(bytes) => (ToCheck::LedgerJson(bytes.clone()), ToMatch::LedgerJson(bytes)),
    };
    let request = v1::ValidateRequest { source: Some(check), scenario: scenario.to_owned() };
    let found = told(&client.validate(request).await.unwrap().into_inner().issues);
    let request = v1::MatchRequest {
        source: Some(solve),
        scenario: scenario.to_owned(),
        // A good ledger need not be solved here; a bad one is refused before that.
        validate_only: found.is_empty(),
        ..Default::default()
    };
    let answer = client.r#match(request).await.map(drop).map_err(|status| refused(&status));
    let expected: Result<(), Refused> = match found.first() {
        None => Ok(()),
        Some((reason, _)) => {
            let below = reason == "DELTA_RESULT_NEGATIVE";
            let code = if below { Code::OutOfRange } else { Code::InvalidArgument };
            Err((code, reason.clone(), found.iter().take(SHOWN).cloned().collect()))
        }
    };
    assert_eq!(answer, expected, "Match differs from Validate");
    found
}

async fn client(server: &Served) -> MatchServiceClient<Channel> {
    MatchServiceClient::new(server.channel().await)
}

#[tokio::test]
async fn every_rule_is_told_the_same_through_every_door() {
    let (server, folder) = (Served::start(&[]), tempfile::tempdir().unwrap());
    let mut client = client(&server).await;
    let (mut wrong, mut messages) = (Vec::new(), 0);
    for (edits, issues) in TABLE {
        let pairs: Vec<(Rule, &str)> =
            issues.iter().map(|(code, path, _)| (*code, *path)).collect();
        let (text, wanted) = (edited(edits).into_bytes(), wanted(&pairs));
        let mut doors = vec![("check", check(folder.path(), &text, ""))];
        doors.push(("file", ask(&mut client, Err(text.clone()), "").await));
        if let Ok(ledger) = read_ledger(&text) {
            messages += 1;
            doors.push(("message", ask(&mut client, Ok(ledger_to_wire(&ledger)), "").await));
        }
        for (door, got) in doors {
            if got != wanted {
                wrong.push(format!("{edits:?} through {door}\n  got {got:?}\n  not {wanted:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // All but what has no form on the wire.
    assert!(messages * 100 > TABLE.len() * 95, "{messages} of {} as messages", TABLE.len());
}

/// A file with faults of structure, and where the wire has the same fault, its message.
struct Row {
    edits: &'static [(&'static str, &'static str)],
    message: Option<fn(&mut v1::Ledger)>,
    issues: &'static [(Rule, &'static str)],
}

const fn file(
    edits: &'static [(&'static str, &'static str)],
    issues: &'static [(Rule, &'static str)],
) -> Row {
    Row { edits, message: None, issues }
}

const fn both(
    edits: &'static [(&'static str, &'static str)],
    message: fn(&mut v1::Ledger),
    issues: &'static [(Rule, &'static str)],
) -> Row {
    Row { edits, message: Some(message), issues }
}

#[rustfmt::skip]
const STRUCTURE: &[Row] = &[
    file(&[("needs[1].quantity", "3.0")], &[(FieldInvalid, "needs[1].quantity")]),
    file(&[("needs[1].quantity", "-0.0")], &[(FieldInvalid, "needs[1].quantity")]),
    file(&[("needs[1].quantity", "0.0004")], &[(FieldInvalid, "needs[1].quantity")]),
    file(&[("needs[1].quantity", "1e300")], &[(FieldInvalid, "needs[1].quantity")]),
    file(&[("offers[1].quantity", "1e-310")], &[(FieldInvalid, "offers[1].quantity")]),
    file(&[("needs[1].quantity", "9223372036854775808")], &[(ValueOutOfRange, "needs[1].quantity")]),
    file(&[("needs[1].quantity", "\"3小时\"")], &[(FieldInvalid, "needs[1].quantity")]),
    file(&[("needs[1].quantity", "\"<gone>\"")], &[(FieldRequired, "needs[1].quantity")]),
    file(&[("needs[1].quantty", "5")], &[(FieldInvalid, "needs[1].quantty")]),
    file(&[("needs", "{}")], &[(FieldInvalid, "needs")]),
    file(&[("format", "\"<gone>\"")], &[(FieldRequired, "format")]),
    both(&[("format", "\"concentric.ledger/v2\"")], |l| l.format = "concentric.ledger/v2".into(),
        &[(UnsupportedSchemaVersion, "format")]),
    both(&[("arcs", "\"dense\"")], |l| l.arcs = 99, &[(UnknownEnum, "arcs")]),
    both(&[("needs[1].kind", "\"urgent\"")], |l| l.needs[1].kind = 99, &[(UnknownEnum, "needs[1].kind")]),
    both(&[("places[3].level", "\"city\"")], |l| l.places[3].level = 99, &[(UnknownEnum, "places[3].level")]),
    both(&[("limits[1].per", "\"place:city\"")], |l| l.limits[1].per = 99, &[(UnknownEnum, "limits[1].per")]),
    both(&[("limits[0].counts", "\"heads\"")], |l| l.limits[0].counts = 99, &[(UnknownEnum, "limits[0].counts")]),
    both(&[("limits[0].counts", "\"<gone>\"")], |l| l.limits[0].counts = 0, &[(FieldRequired, "limits[0].counts")]),
    both(&[("goals[0].what", "\"<gone>\"")], |l| l.goals[0].what = 0, &[(FieldRequired, "goals[0].what")]),
    both(&[("goals[6].terms[1].what", "\"hope\"")], |l| l.goals[6].terms[1].what = 99,
        &[(UnknownEnum, "goals[6].terms[1].what")]),
    both(&[("evaluations[0].by", "\"<gone>\"")], |l| l.evaluations[0].by = 0, &[(FieldRequired, "evaluations[0].by")]),
    both(&[("projects[1].state", "\"lost\"")], |l| l.projects[1].state = 99, &[(UnknownEnum, "projects[1].state")]),
    both(&[("scenarios[1].deltas[0].op", "\"delete\"")], |l| l.scenarios[1].deltas[0].op = 99,
        &[(UnknownEnum, "scenarios[1].deltas[0].op")]),
    // Structure and rules together, in the order of the format.
    both(&[("needs[1].kind", "\"urgent\""), ("needs[2].quantity", "0"), ("needs[1].priority", "9"),
           ("offers[0].unit", "\"x\""), ("claims[1].quantity", "0")],
        |l| { l.needs[1].kind = 99; l.needs[2].quantity = 0; l.needs[1].priority = Some(9);
              l.offers[0].unit = "x".into(); l.claims[1].quantity = 0; },
        &[(UnknownReference, "offers[0].unit"), (UnknownEnum, "needs[1].kind"), (ValueOutOfRange, "needs[1].priority"),
          (ValueOutOfRange, "needs[2].quantity"), (ValueOutOfRange, "claims[1].quantity")]),
    // What only the unreadable part may have caused is not told.
    both(&[("places[3].level", "\"city\""), ("places[0].level", "\"community\"")],
        |l| { l.places[3].level = 99; l.places[0].level = v1::PlaceLevel::Community as i32; },
        &[(FieldInvalid, "places[1].level"), (FieldInvalid, "places[2].level"), (UnknownEnum, "places[3].level")]),
    both(&[("projects[0].state", "\"lost\""), ("projects[0].quantity", "41")],
        |l| { l.projects[0].state = 99; l.projects[0].quantity = 41; },
        &[(UnknownEnum, "projects[0].state")]),
];

#[tokio::test]
async fn broken_structure_is_told_the_same_through_every_door() {
    let (server, folder) = (Served::start(&[]), tempfile::tempdir().unwrap());
    let mut client = client(&server).await;
    for Row { edits, message, issues } in STRUCTURE {
        let (text, wanted) = (edited(edits).into_bytes(), wanted(issues));
        assert_eq!(check(folder.path(), &text, ""), wanted, "{edits:?} through check");
        assert_eq!(ask(&mut client, Err(text), "").await, wanted, "{edits:?} as a file");
        if let Some(change) = message {
            let mut ledger = ledger_to_wire(&read_ledger(edited(&[]).as_bytes()).unwrap());
            change(&mut ledger);
            assert_eq!(ask(&mut client, Ok(ledger), "").await, wanted, "{edits:?} as a message");
        }
    }
}

#[tokio::test]
async fn what_is_no_ledger_and_what_is_too_much_are_told_the_same() {
    let (server, folder) = (Served::start(&[]), tempfile::tempdir().unwrap());
    let mut client = client(&server).await;
    let malformed = wanted(&[(FileMalformed, "$")]);
    let deep = format!("{{\"facts\": {}1{}}}", "[".repeat(64), "]".repeat(64));
    for text in ["", "{", "[]", "NaN", "{\"needs\": [{\"quantity\": NaN}]}", deep.as_str()] {
        assert_eq!(check(folder.path(), text.as_bytes(), ""), malformed, "{text:?} through check");
        let got = ask(&mut client, Err(text.as_bytes().to_vec()), "").await;
        assert_eq!(got, malformed, "{text:?} through the service");
    }
    let mut many = good();
    many["goals"] =
        (0..21).map(|k| json!({"what": "cover", "where": {"audience": format!("a{k}")}})).collect();
    let mut deep = good();
    for k in 0..10_000 {
        let parent = (k > 0).then(|| format!("t{}", k - 1));
        edit(&mut deep, "categories[+]", json!({"id": format!("t{k}"), "parent": parent}));
    }
    let mut circle = good();
    for k in 0..1000 {
        let record = json!({"id": format!("t{k}"), "parent": format!("t{}", (k + 1) % 1000)});
        edit(&mut circle, "categories[+]", record);
    }
    let mut zeros = good();
    for k in 0..1500 {
        let record = json!({"id": format!("f{k}"), "place": "city", "category": "care",
            "measure": "hour", "quantity": 0});
        edit(&mut zeros, "needs[+]", record);
    }
    for (what, ledger, first, count) in [
        ("levels", many, (TooManyItems, "goals"), 1),
        ("depth", deep, (TooManyItems, "categories[19].parent"), 1),
        ("circle", circle, (TreeCycle, "categories[3].parent"), 1),
        ("zeros", zeros, (ValueOutOfRange, "needs[3].quantity"), 1000),
    ] {
        let text = ledger.to_string().into_bytes();
        let by_check = check(folder.path(), &text, "");
        assert_eq!(by_check[..1], wanted(&[first]), "{what}");
        assert_eq!(by_check.len(), count, "{what}");
        let message = ledger_to_wire(&read_ledger(&text).unwrap());
        assert_eq!(ask(&mut client, Err(text), "").await, by_check, "{what} as a file");
        assert_eq!(ask(&mut client, Ok(message), "").await, by_check, "{what} as a message");
    }
}

#[tokio::test]
async fn what_a_scenario_breaks_is_told_the_same() {
    let (server, folder) = (Served::start(&[]), tempfile::tempdir().unwrap());
    let mut client = client(&server).await;
    for (deltas, issue) in [
        (
            json!([{"op": "set", "list": "needs", "id": "n1", "field": "quantity", "value": 0}]),
            "VALUE_OUT_OF_RANGE",
        ),
        (
            json!([{"op": "add", "list": "offers", "id": "o1", "field": "quantity", "value": -101}]),
            "DELTA_RESULT_NEGATIVE",
        ),
        (
            json!([{"op": "remove", "list": "units", "id": "u1"},
                {"op": "remove", "list": "units", "id": "u1"}]),
            "UNKNOWN_REFERENCE",
        ),
        (json!([{"op": "insert", "list": "units", "value": {"id": "u1"}}]), "DUPLICATE_ID"),
        (json!([{"op": "accept_claim", "id": "nobody"}]), "UNKNOWN_REFERENCE"),
    ] {
        let mut ledger = good();
        ledger["scenarios"] = json!([{"id": "s", "deltas": deltas}]);
        let text = ledger.to_string().into_bytes();
        let by_check = check(folder.path(), &text, "s");
        assert_eq!(by_check.first().map(|(code, _)| code.as_str()), Some(issue), "{deltas}");
        let message = ledger_to_wire(&read_ledger(&text).unwrap());
        assert_eq!(ask(&mut client, Err(text), "s").await, by_check, "{deltas} as a file");
        assert_eq!(ask(&mut client, Ok(message), "s").await, by_check, "{deltas} as a message");
    }
}

#[tokio::test]
async fn strange_names_and_empty_lists_are_fine_through_every_door() {
    let (server, folder) = (Served::start(&[]), tempfile::tempdir().unwrap());
    let mut client = client(&server).await;
    let names = ["'; DROP TABLE jobs; --", "<script>alert(1)</script>", "\u{1b}[2J", "\u{202e}x"];
    let mut strange = good();
    strange["title"] = json!(names.concat());
    strange["needs"][0]["tags"] = json!(names);
    for ledger in [
        strange,
        json!({"format": "concentric.ledger/v1"}),
        json!({"format": "concentric.ledger/v1", "units": [{"id": "u"}]}),
        json!({"format": "concentric.ledger/v1", "needs": [{"id": "n", "quantity": 1}]}),
    ] {
        let text = ledger.to_string().into_bytes();
        let message = ledger_to_wire(&read_ledger(&text).unwrap());
        assert_eq!(check(folder.path(), &text, ""), []);
        assert_eq!(ask(&mut client, Err(text), "").await, []);
        assert_eq!(ask(&mut client, Ok(message), "").await, []);
    }
}
