//! One change to a good ledger, one row: the issues it must raise, and no others.

use concentric_matcher::error::Code::{self, *};
use concentric_matcher::io::load;
use concentric_matcher::ledger::{Ledger, Need};
use concentric_matcher::validate::{Bounds, validate, validate_with};

use super::rule_table::TABLE;
use super::sample::{edited, good};

#[test]
fn the_sample_breaks_no_rule() {
    let valid = load(good().to_string().as_bytes()).unwrap();
    assert_eq!(valid.notices(), []);
}

#[test]
fn every_change_raises_its_issues_and_no_others() {
    let mut wrong = Vec::new();
    for (edits, wanted) in TABLE {
        let text = edited(edits);
        let issues = load(text.as_bytes()).err().unwrap_or_default();
        let got: Vec<(Code, &str, Vec<&str>)> = issues
            .iter()
            .map(|i| (i.code, i.path.as_str(), i.related.iter().map(String::as_str).collect()))
            .collect();
        let wanted: Vec<(Code, &str, Vec<&str>)> =
            wanted.iter().map(|(code, path, related)| (*code, *path, related.to_vec())).collect();
        if got != wanted {
            wrong.push(format!(
                "after {edits:?}
  got {got:?}
  not {wanted:?}"
            ));
        }
        for issue in &issues {
            assert!(issue.position.is_some() && !issue.message.is_empty(), "{issue}");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn too_many_goals_levels_and_records() {
    let paths = |text: String| -> Vec<(Code, String)> {
        let issues = load(text.as_bytes()).err().unwrap_or_default();
        issues.into_iter().map(|issue| (issue.code, issue.path)).collect()
    };
    let mut ledger = good();
    ledger["goals"] = (0..21)
        .map(|k| serde_json::json!({"what": "cover", "where": {"audience": format!("a{k}")}}))
        .collect();
    assert_eq!(paths(ledger.to_string()), [(TooManyItems, "goals".to_owned())]);

    let chain = |depth: usize| {
        let mut ledger = good();
        for k in 0..depth {
            let parent = (k > 0).then(|| format!("t{}", k - 1));
            let record = serde_json::json!({"id": format!("t{k}"), "parent": parent});
            ledger["categories"].as_array_mut().unwrap().push(record);
        }
        paths(ledger.to_string())
    };
    assert_eq!(chain(16), []);
    assert_eq!(chain(10_000), [(TooManyItems, "categories[19].parent".to_owned())]);

    let chain = |depth: usize| {
        let mut ledger = good();
        for k in 0..depth {
            let parent = (k > 0).then(|| format!("t{}", k - 1));
            let record = serde_json::json!({"id": format!("t{k}"), "parent": parent});
            ledger["scenarios"].as_array_mut().unwrap().push(record);
        }
        paths(ledger.to_string())
    };
    assert_eq!(chain(32), []);
    assert_eq!(chain(34), [(TooManyItems, "scenarios[34].parent".to_owned())]);

    let ledger: Ledger = serde_json::from_value(good()).unwrap();
    let bounds = Bounds { max_needs: 2, max_deltas: 8, ..Bounds::default() };
    let issues = validate_with(ledger, &bounds).unwrap_err();
    let got: Vec<_> = issues.iter().map(|i| (i.code, i.path.as_str())).collect();
    assert_eq!(got, [(TooManyItems, "needs"), (TooManyItems, "scenarios[1].deltas")]);
}

#[test]
fn a_long_cycle_is_told_once_with_twenty_members() {
    let mut ledger = good();
    let list: Vec<_> = (0..1000)
        .map(|k| serde_json::json!({"id": format!("t{k}"), "parent": format!("t{}", (k + 1) % 1000)}))
        .collect();
    ledger["categories"].as_array_mut().unwrap().extend(list);
    let issues = load(ledger.to_string().as_bytes()).unwrap_err();
    assert_eq!(issues.len(), 1);
    assert_eq!((issues[0].code, issues[0].path.as_str()), (TreeCycle, "categories[3].parent"));
    assert_eq!(issues[0].related.len(), 20);
}

#[test]
fn remarks_are_no_violations() {
    let notices = |edits: &[(&str, &str)]| -> Vec<String> {
        let valid = load(edited(edits).as_bytes()).unwrap();
        valid.notices().iter().map(|notice| notice.path.clone()).collect()
    };
    assert_eq!(notices(&[("projects[0].period", r#""q3""#)]), ["projects[0].period"]);
    assert_eq!(notices(&[("units[0].name", r#""李 13912345678""#)]), ["units[0].name"]);
    assert_eq!(notices(&[("note", r#""11010519491231002X""#)]), ["note"]);
    let valid = validate(Ledger::new()).unwrap();
    let paths: Vec<&str> = valid.notices().iter().map(|n| n.path.as_str()).collect();
    assert_eq!(paths, ["units", "offers", "needs"]);
    let pii = load(edited(&[("note", r#""11010519491231002X""#)]).as_bytes()).unwrap();
    assert!(pii.notices()[0].message.starts_with("PII_SUSPECTED"));
    assert!(!pii.notices()[0].message.contains("1101"));
}

#[test]
fn what_is_absent_is_filled_in() {
    let ledger = Ledger::builder("tiny").need(Need::new("n", 1)).build();
    let valid = validate(ledger).unwrap();
    let ledger = valid.ledger();
    let need = &ledger.needs[0];
    for (field, wanted) in [
        (&need.place, "all"),
        (&need.category, "any"),
        (&need.measure, "unit"),
        (&need.from, "all"),
        (&need.to, "all"),
    ] {
        assert_eq!(field.as_deref(), Some(wanted));
    }
    assert_eq!(ledger.goals.len(), 6);

    let valid = load(good().to_string().as_bytes()).unwrap();
    let ledger = valid.ledger();
    let ids: Vec<&str> = ledger.periods.iter().map(|p| p.id.as_str()).collect();
    assert_eq!(ids, ["q1", "q2", "q3"]);
    let offer = &ledger.offers[1];
    assert_eq!(
        (offer.id.as_str(), offer.from.as_deref(), offer.to.as_deref()),
        ("o2", Some("q1"), Some("q3"))
    );
    assert_eq!(offer.level, Some(concentric_matcher::ledger::PlaceLevel::District));
    assert_eq!(valid.offers()[1].rank, 3);
    assert_eq!(valid.audiences(), ["resident", "tourist"]);
    assert_eq!(ledger.units[0].tags, ["day", "night"]);
}
