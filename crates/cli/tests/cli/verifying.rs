//! `concentric verify`, and plans in files.

use serde_json::Value;

use crate::support::{Desk, SMALL, sample};

fn planned(ledger: &str, scenario: &[&str]) -> (Desk, Value) {
    let desk = Desk::new();
    let mut args = vec!["match", ledger, "-o", "p.json"];
    args.extend(scenario);
    desk.run(&args).ends(0);
    let plan = serde_json::from_str(&desk.read("p.json")).unwrap();
    (desk, plan)
}

#[test]
fn plans_go_to_a_file_and_come_back_proved() {
    let ledger = sample("luotang");
    let (desk, _) = planned(&ledger, &[]);
    let run = desk.run(&["verify", &ledger, "p.json"]).ends(0);
    assert!(run.out.contains("proved optimal") && run.out.contains("proved exact"), "{}", run.out);
    let text = desk.read("p.json");
    desk.feed(&["verify", &ledger, "-"], &text).ends(0);
}

#[test]
fn the_plan_says_which_scenario_it_is_for() {
    let ledger = sample("luotang");
    let (desk, _) = planned(&ledger, &["--scenario", "no_street_team"]);
    desk.run(&["verify", &ledger, "p.json"]).ends(0);
    let run = desk.run(&["verify", &ledger, "p.json", "--scenario", "shared_leader"]).ends(4);
    assert!(
        run.err.contains("ledger_digest") && run.err.contains("another scenario"),
        "{}",
        run.err
    );
}

#[test]
fn one_changed_number_is_found_and_its_row_named() {
    let ledger = sample("luotang");
    let (desk, plan) = planned(&ledger, &[]);
    let damage = |pointer: &str, value: Value| {
        let mut plan = plan.clone();
        *plan.pointer_mut(pointer).unwrap() = value;
        desk.write("broken.json", &plan.to_string());
        desk.run(&["verify", &ledger, "broken.json"]).ends(4).err
    };
    let quantity = damage("/assignments/0/quantity", 999.into());
    let offer = plan["assignments"][0]["offer"].as_str().unwrap();
    assert!(quantity.contains(offer) && quantity.contains("999"), "{quantity}");
    let need = plan["outcomes"][3]["need"].as_str().unwrap();
    let outcome = damage("/outcomes/3/covered", 0.into());
    assert!(outcome.contains(need), "{outcome}");
    let level = damage("/levels/0/value", 1.into());
    assert!(level.contains("level cover:hot_spot"), "{level}");
}

#[test]
fn what_is_no_plan_is_bad_input() {
    let desk = Desk::new();
    desk.write("l.json", SMALL);
    for (text, message) in [
        ("", "the file is empty"),
        ("{", "p.json:1:1: FILE_MALFORMED: this is not JSON"),
        (r#"{"format": "concentric.plan/v1"}"#, "this is not a plan"),
        (r#"{"format": "concentric.plan/v9", "assignments": []}"#, "UNSUPPORTED_SCHEMA_VERSION"),
    ] {
        desk.write("p.json", text);
        let run = desk.run(&["verify", "l.json", "p.json"]).ends(1);
        assert!(run.err.contains(message), "{}", run.err);
    }
    desk.run(&["verify", "-", "-"]).ends(1);
}

#[test]
fn a_plan_of_others_needs_only_assignments() {
    let desk = Desk::new();
    desk.write("l.json", SMALL);
    let plan = |quantity: i64| {
        format!(
            r#"{{"format": "concentric.plan/v1", "assignments": [{{"offer": "o1", "need": "n2", "quantity": {quantity}}}]}}"#
        )
    };
    desk.write("p.json", &plan(2));
    let run = desk.run(&["verify", "l.json", "p.json"]).ends(0);
    assert!(run.out.contains("optimality is not proved"), "{}", run.out);
    // Offer o1 has two.
    desk.write("p.json", &plan(3));
    let run = desk.run(&["verify", "l.json", "p.json"]).ends(4);
    assert!(run.err.contains("o1"), "{}", run.err);
}
