//! `concentric check`, and files that cannot be read.

use crate::support::{Desk, SMALL, sample};

#[test]
fn the_samples_are_right() {
    for name in ["checkin", "lizhou", "luotang", "xijindu", "yixin"] {
        let run = Desk::new().run(&["check", &sample(name)]).ends(0);
        assert!(run.out.starts_with("ok: "), "{name}: {}", run.out);
    }
}

#[test]
fn every_issue_has_its_line_and_column() {
    let desk = Desk::new();
    let broken = SMALL
        .replace(r#""unit": "u2""#, r#""unit": "u9""#)
        .replace(r#""id": "n2", "quantity": 4"#, r#""id": "n2", "quantity": 0"#);
    desk.write("l.json", &broken);
    for command in ["check", "match", "classify"] {
        let run = desk.run(&[command, "l.json"]).ends(1);
        let lines: Vec<&str> = run.err.lines().collect();
        // Columns counted in the text above: the values of unit and quantity.
        let offers = broken.lines().nth(3).unwrap();
        let needs = broken.lines().nth(4).unwrap();
        let unit = offers.find(r#""u9""#).unwrap() + 1;
        let quantity = needs.rfind("0}").unwrap() + 1;
        assert!(
            lines[0].starts_with(&format!("l.json:4:{unit}: UNKNOWN_REFERENCE offers[1].unit: ")),
            "{}",
            run.err
        );
        assert!(
            lines[1].starts_with(&format!(
                "l.json:5:{quantity}: VALUE_OUT_OF_RANGE needs[1].quantity: "
            )),
            "{}",
            run.err
        );
        assert_eq!(lines[2], "error: 2 violations in l.json");
        assert_eq!(lines.len(), 3);
    }
    let json = desk.run(&["check", "l.json", "--format", "json"]).ends(1).json();
    assert_eq!(json["issues"].as_array().unwrap().len(), 2);
    assert_eq!(json["issues"][0]["line"], 4);
    assert_eq!(json["ok"], false);
}

#[test]
fn scenarios_are_applied_and_their_faults_found() {
    let desk = Desk::new();
    let scenarios = r#""scenarios": [
{"id": "fine", "deltas": [{"op": "set", "list": "needs", "id": "n1", "field": "quantity", "value": 9}]},
{"id": "typo", "deltas": [{"op": "set", "list": "needs", "id": "n7", "field": "quantity", "value": 9}]},
{"id": "below", "deltas": [{"op": "set", "list": "needs", "id": "n1", "field": "quantity", "value": 0}]}], "units""#;
    desk.write("l.json", &SMALL.replace(r#""units""#, scenarios));
    let run = desk.run(&["check", "l.json"]).ends(1);
    let lines: Vec<&str> = run.err.lines().collect();
    assert_eq!(lines.len(), 3, "{}", run.err);
    assert!(
        lines[0].starts_with("l.json:5:") && lines[0].ends_with("[in scenario typo]"),
        "{}",
        run.err
    );
    assert!(
        lines[1].starts_with("l.json:6:") && lines[1].ends_with("[in scenario below]"),
        "{}",
        run.err
    );
    // The base has no fault, so it can be matched.
    desk.run(&["match", "l.json"]).ends(0);
    desk.run(&["match", "l.json", "--scenario", "fine"]).ends(0);
    let run = desk.run(&["match", "l.json", "--scenario", "below"]).ends(1);
    assert!(run.err.contains("after scenario below"), "{}", run.err);
}

#[test]
fn files_that_cannot_be_read_are_named() {
    let desk = Desk::new();
    desk.write("empty.json", "");
    desk.write("text.json", "hello");
    std::fs::write(desk.path("latin.json"), b"{\"id\": \"\xE9\"}").unwrap();
    std::fs::create_dir(desk.path("folder")).unwrap();
    for (name, message) in [
        ("absent.json", "there is no file absent.json"),
        ("folder", "folder is a folder"),
        ("empty.json", "empty.json:1:1: FILE_MALFORMED: the file is empty"),
        ("latin.json", "latin.json:1:9: FILE_MALFORMED: this is not UTF-8"),
        ("text.json", "text.json:1:1: FILE_MALFORMED: this is not JSON"),
    ] {
        for command in ["check", "match", "classify"] {
            let run = desk.run(&[command, name]).ends(1);
            assert!(run.err.contains(message), "{command}: {}", run.err);
            assert_eq!(run.out, "");
        }
    }
}

#[test]
fn wrong_arguments_end_with_2() {
    let desk = Desk::new();
    for args in [
        &["match"][..],
        &["nonsense"],
        &["match", "l.json", "--format", "xml"],
        &["match", "l.json", "--time-limit", "soon"],
        &["generate", "--arcs", "0"],
        &["generate", "--arcs", "1.5"],
    ] {
        desk.run(args).ends(2);
    }
}

#[test]
fn classify_tells_what_needs_integers() {
    let desk = Desk::new();
    let pure = desk.run(&["classify", &sample("luotang"), "--format", "json"]).ends(0).json();
    assert_eq!(pure["features"], serde_json::json!([]));
    let arcs: u64 =
        pure["components"].as_array().unwrap().iter().map(|c| c["arcs"].as_u64().unwrap()).sum();
    assert_eq!(pure["arcs"], arcs);
    // Each record once, however many groups or needs it has.
    let mixed = desk.run(&["classify", &sample("yixin")]).ends(0);
    let lines =
        |start: &str| mixed.out.lines().filter(|l| l.trim_start().starts_with(start)).count();
    for start in [
        "limits community_fund (12 groups):",
        "limits unit_partners (30 groups):",
        "needs n0137:",
        "goals 2:fair",
    ] {
        assert_eq!(lines(start), 1, "{start} in {}", mixed.out);
    }
}

/// Rules that cannot both hold are bad input, not a plan that is none.
#[test]
fn work_in_progress_beyond_an_agreement_is_told_with_both_paths() {
    let desk = Desk::new();
    let text = |upper: i64| {
        let more = format!(
            r#""agreements": [{{"id": "a", "unit": "u1", "place": "all", "upper": {upper}}}],
            "projects": [{{"id": "p", "offer": "o1", "need": "n1", "quantity": 2, "state": "in_progress"}}],
            "units""#
        );
        SMALL.replace(
            r#""units""#,
            &format!(r#""places": [{{"id": "all", "level": "street"}}], {more}"#),
        )
    };
    desk.write("l.json", &text(1));
    for command in ["check", "match"] {
        let run = desk.run(&[command, "l.json"]).ends(1);
        assert!(run.err.contains("CONTRADICTORY_POLICY agreements[0].upper"), "{}", run.err);
        assert!(run.err.contains("projects[0].quantity"), "{}", run.err);
    }
    desk.write("l.json", &text(2));
    desk.run(&["check", "l.json"]).ends(0);
}

#[test]
fn a_pair_both_pinned_and_forbidden_is_told_with_both_paths() {
    let desk = Desk::new();
    let pair = r#""offer": "o1", "need": "n1""#;
    let more = format!(
        r#""scenarios": [{{"id": "s", "deltas": [{{"op": "pin", {pair}, "value": 1}}, {{"op": "forbid", {pair}}}]}}],
        "units""#
    );
    desk.write("l.json", &SMALL.replace(r#""units""#, &more));
    for args in [&["match", "l.json", "--scenario", "s"][..], &["check", "l.json"]] {
        let run = desk.run(args).ends(1);
        assert!(run.err.contains("CONTRADICTORY_POLICY scenarios[0].deltas[1]"), "{}", run.err);
        assert!(run.err.contains("scenarios[0].deltas[0]"), "{}", run.err);
    }
}
