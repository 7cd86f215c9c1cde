//! From one cycle to the next: `match --previous`, `reconcile`, `claims`, and what `check`
//! says in passing.

use serde_json::Value;

use crate::support::{Desk, sample};

/// One offer of six for two needs that are alike.
const TWINS: &str = r#"{"format": "concentric.ledger/v1",
"units": [{"id": "u1"}],
"offers": [{"id": "o1", "unit": "u1", "quantity": 6}],
"needs": [{"id": "n1", "quantity": 6}, {"id": "n2", "quantity": 6}],
"goals": [{"what": "cover"}, {"what": "keep"}]}"#;

fn plan_of(need: &str) -> String {
    format!(
        r#"{{"format": "concentric.plan/v1", "assignments": [
          {{"offer": "o1", "need": "{need}", "quantity": 6}},
          {{"offer": "gone", "need": "{need}", "quantity": 2}}]}}"#
    )
}

#[test]
fn a_previous_plan_is_kept_where_coverage_does_not_care() {
    let desk = Desk::new();
    desk.write("l.json", TWINS);
    for need in ["n1", "n2"] {
        desk.write("old.json", &plan_of(need));
        let args = ["match", "l.json", "--previous", "old.json", "-o", "p.json"];
        desk.run(&args).ends(0);
        let plan: Value = serde_json::from_str(&desk.read("p.json")).unwrap();
        let given = &plan["assignments"][0];
        assert_eq!((given["need"].as_str(), given["kept"].as_i64()), (Some(need), Some(6)));
        // The plan belongs to its baseline.
        desk.run(&["verify", "l.json", "p.json", "--previous", "old.json"]).ends(0);
        let run = desk.run(&["verify", "l.json", "p.json"]).ends(4);
        assert!(run.err.contains("--previous"), "{}", run.err);
        let args = ["report", "pairings", "l.json", "p.json", "--previous", "old.json"];
        assert!(desk.run(&args).ends(0).out.contains("| kept |"));
    }
    // Its own plan as the baseline is kept whole.
    let args = ["match", "l.json", "--previous", "p.json", "-o", "q.json"];
    desk.run(&args).ends(0);
    let json = desk.run(&["diff", "p.json", "q.json", "--format", "json"]).ends(0).json();
    assert_eq!(json["unchanged"], 1);
}

/// A delivered project of four, scored, and one that runs.
const CYCLE: &str = r#"{"format": "concentric.ledger/v1",
"periods": [{"id": "p1", "start": "2026-01-01", "end": "2026-01-31"}, {"id": "p2", "start": "2026-02-01", "end": "2026-02-28"}],
"units": [{"id": "u1"}],
"offers": [{"id": "o1", "unit": "u1", "quantity": 10, "proficiency": 70}],
"needs": [{"id": "n1", "quantity": 6}, {"id": "n2", "quantity": 4}],
"claims": [{"id": "c1", "offer": "o1", "need": "n1", "quantity": 2, "period": "p1"}],
"projects": [{"id": "j1", "offer": "o1", "need": "n2", "quantity": 4, "period": "p1", "state": "delivered"},
             {"id": "j2", "offer": "o1", "need": "n1", "quantity": 3, "period": "p2", "state": "in_progress"}],
"evaluations": [{"id": "e1", "project": "j1", "by": "supervisor", "score": 100, "period": "p1"}]}"#;

#[test]
fn reconcile_writes_the_next_ledger_and_says_what_it_did() {
    let desk = Desk::new();
    desk.write("l.json", CYCLE);
    let run = desk.run(&["reconcile", "l.json", "-o", "next.json", "--closing", "p1"]).ends(0);
    // (4*70 + 2*100) / 6 = 80
    for line in ["1 project was", "n2: 4 → 0", "o1: 10 → 6", "o1: 70 → 80", "c1"] {
        assert!(run.out.contains(line), "{line}: {}", run.out);
    }
    let next: Value = serde_json::from_str(&desk.read("next.json")).unwrap();
    assert_eq!(next["offers"][0]["quantity"], 6);
    assert_eq!(next["needs"].as_array().unwrap().len(), 1);
    assert_eq!(next["projects"].as_array().unwrap().len(), 1);
    assert!(next["claims"].as_array().unwrap().is_empty());
    desk.run(&["check", "next.json"]).ends(0);
    desk.run(&["match", "next.json"]).ends(0);
    let run = desk.run(&["reconcile", "l.json", "-o", "zh.json", "--lang", "zh"]).ends(0);
    assert!(run.out.starts_with("1个已交付项目"), "{}", run.out);
    let run = desk.run(&["reconcile", "l.json", "-o", "x.json", "--closing", "p9"]).ends(1);
    assert!(run.err.contains("p9"), "{}", run.err);
    assert_eq!(desk.files(), ["l.json", "next.json", "zh.json"]);
}

#[test]
fn the_samples_have_a_next_cycle() {
    for name in ["xijindu", "yixin"] {
        let desk = Desk::new();
        desk.run(&["reconcile", &sample(name), "-o", "next.json"]).ends(0);
        desk.run(&["check", "next.json"]).ends(0);
    }
}

/// Two shops claim the ten hours of one desk.
const CLAIMS: &str = r#"{"format": "concentric.ledger/v1",
"units": [{"id": "a"}, {"id": "b"}],
"offers": [{"id": "oa", "unit": "a", "quantity": 10}, {"id": "ob", "unit": "b", "quantity": 10}],
"needs": [{"id": "desk", "quantity": 10}, {"id": "stall", "quantity": 10}],
"claims": [{"id": "c1", "offer": "oa", "need": "desk", "quantity": 8},
           {"id": "c2", "offer": "ob", "need": "desk", "quantity": 8}]}"#;

#[test]
fn of_two_claims_one_is_accepted_and_the_other_redirected() {
    let desk = Desk::new();
    desk.write("l.json", CLAIMS);
    let json = desk.run(&["claims", "l.json", "--format", "json"]).ends(0).json();
    let claims = json["claims"].as_array().unwrap();
    assert_eq!(claims[0]["claim"], "c1");
    assert_eq!(claims[0]["answer"]["kind"], "accept");
    let answer = &claims[1]["answer"];
    assert_eq!(
        (answer["kind"].as_str(), answer["need"].as_str()),
        (Some("redirect"), Some("stall"))
    );
    assert_eq!(answer["quantity"], 8);
    assert_eq!(json["contests"][0]["available"], 10);
    let run = desk.run(&["claims", "l.json"]).ends(0);
    assert!(run.out.contains("accept 1, redirect 1, decline 0"), "{}", run.out);
    assert!(run.out.contains("Redirect 8 to stall"), "{}", run.out);
    assert!(run.out.contains("c1, c2 together ask for 16 of desk"), "{}", run.out);
    let run = desk.run(&["claims", "l.json", "--lang", "zh"]).ends(0);
    assert!(run.out.contains("建议转介：将8用于stall"), "{}", run.out);
    // Nothing was changed, and a ledger without claims says so.
    assert_eq!(desk.read("l.json"), CLAIMS);
    desk.write("none.json", crate::support::SMALL);
    assert!(desk.run(&["claims", "none.json"]).ends(0).out.contains("No claim is pending"));
}

#[test]
fn check_tells_what_is_said_in_vain_and_still_ends_well() {
    let desk = Desk::new();
    let text = r#"{"format": "concentric.ledger/v1",
"categories": [{"id": "a"}, {"id": "b"}, {"id": "c"}],
"units": [{"id": "u1"}],
"offers": [{"id": "o1", "unit": "u1", "category": "a", "quantity": 2},
           {"id": "o2", "unit": "u1", "category": "b", "quantity": 2}],
"needs": [{"id": "n1", "category": "a", "quantity": 4},
          {"id": "n2", "category": "c", "quantity": 4}],
"limits": [{"id": "wide", "counts": "amount", "upper": 2},
           {"id": "tight", "counts": "amount", "upper": 1}]}"#;
    desk.write("l.json", text);
    let run = desk.run(&["check", "l.json"]).ends(0);
    let lines: Vec<&str> = run.err.lines().collect();
    assert_eq!(lines.len(), 3, "{}", run.err);
    assert!(
        lines[0].starts_with("l.json:7:11: notice: NEED_OUT_OF_REACH needs[1]: ")
            && lines[0].ends_with("no category fits"),
        "{}",
        lines[0]
    );
    assert!(lines[1].contains("OFFER_OF_NO_USE offers[1]: nobody can use offer o2"));
    assert!(lines[2].contains("LIMIT_NEVER_BINDS limits[0]: limit wide binds nothing"));
    let json = desk.run(&["check", "l.json", "--format", "json", "--lang", "zh"]).ends(0).json();
    let notices = json["notices"].as_array().unwrap();
    assert_eq!(notices[0]["code"], "NEED_OUT_OF_REACH");
    assert_eq!(notices[0]["line"], 7);
    assert_eq!(notices[1]["message"], "没有需求能使用资源o2：类别不符");
}
