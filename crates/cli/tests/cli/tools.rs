//! `init`, `generate`, `mcf`, `schema`, `completions` and every command's help.

use serde_json::Value;

use crate::support::{Desk, sample};

#[test]
fn the_first_ledger_passes_check_and_match() {
    let desk = Desk::new();
    desk.run(&["init", "l.json"]).ends(0);
    desk.run(&["check", "l.json"]).ends(0);
    // 40 hours of care offered, 25 + 30 asked; 16 of 24 hours of repairs.
    let plan = desk.run(&["match", "l.json", "--format", "json"]).ends(0).json();
    let total: i64 = plan["assignments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| a["quantity"].as_i64().unwrap())
        .sum();
    assert_eq!(total, 40 + 16);
    let more = desk.run(&["match", "l.json", "--scenario", "more_care", "--lang", "en"]).ends(0);
    assert!(more.out.contains("Nothing is short"), "{}", more.out);
    let run = desk.run(&["init", "l.json"]).ends(1);
    assert!(run.err.contains("--force"), "{}", run.err);
    desk.run(&["init", "l.json", "--force"]).ends(0);
    assert_eq!(desk.run(&["init"]).ends(0).out, desk.read("l.json"));
}

#[test]
fn generated_ledgers_repeat_and_can_be_matched() {
    let desk = Desk::new();
    let run = desk.run(&["generate", "--arcs", "4e3", "--seed", "7", "-o", "a.json"]).ends(0);
    assert!(run.out.contains("30 units") && run.err.is_empty(), "{run:?}");
    let piped = desk.run(&["generate", "--arcs", "4000", "--seed", "7"]).ends(0);
    assert_eq!(piped.out, desk.read("a.json"));
    assert!(piped.err.contains("30 units"));
    assert_eq!(desk.files(), ["a.json"]);
    desk.run(&["check", "a.json"]).ends(0);
    desk.run(&["match", "a.json", "-o", "p.json"]).ends(0);
    desk.run(&["verify", "a.json", "p.json"]).ends(0);
}

#[test]
fn mcf_finds_the_optimum_worked_out_by_hand() {
    let desk = Desk::new();
    // Four units from 1 to 4: two over node 2 at 1 + 3, two over node 3 at 2 + 4, and the
    // direct arc costs 5 for one. Best: two over 2 (8), one direct (5), one over 3 (6).
    let text = "c by hand\np min 4 5\nn 1 4\nn 4 -4\na 1 2 0 2 1\na 2 4 0 9 3\na 1 3 0 2 2\na 3 4 0 2 4\na 1 4 0 1 5\n";
    desk.write("a.min", text);
    let run = desk.run(&["mcf", "a.min", "--flows", "a.sol"]).ends(0);
    assert_eq!(run.out.lines().count(), 1);
    let line = run.json();
    assert_eq!((&line["objective"], &line["status"]), (&Value::from(19), &Value::from("optimal")));
    assert_eq!((&line["nodes"], &line["arcs"]), (&Value::from(4), &Value::from(5)));
    for key in ["load_s", "solve_s", "solve_cpu_s", "pivots", "peak_mb"] {
        assert!(line.get(key).is_some(), "{key}");
    }
    assert_eq!(desk.read("a.sol"), "s 19\nf 1 2 2\nf 2 4 2\nf 1 3 1\nf 3 4 1\nf 1 4 1\n");
    let piped = desk.feed(&["mcf", "-"], text).ends(0);
    assert_eq!(piped.json()["objective"], 19);
}

#[test]
fn mcf_tells_apart_infeasible_unbounded_and_malformed() {
    let desk = Desk::new();
    let run = desk.feed(&["mcf", "-"], "p min 2 1\nn 1 4\nn 2 -4\na 1 2 0 3 1\n").ends(3);
    assert_eq!(
        (&run.json()["status"], &run.json()["objective"]),
        (&Value::from("infeasible"), &Value::Null)
    );
    let endless = format!("p min 2 2\na 1 2 0 {m} -1\na 2 1 0 {m} 0\n", m = i64::MAX);
    let run = desk.feed(&["mcf", "-"], &endless).ends(3);
    assert_eq!(run.json()["status"], "unbounded");
    desk.write("bad.min", "p min 2 1\nn 1 4\nn 2 -4\na 1 7 0 3 1\n");
    let run = desk.run(&["mcf", "bad.min"]).ends(1);
    assert!(run.err.starts_with("bad.min:4: ") && run.out.is_empty(), "{run:?}");
    let run = desk.run(&["mcf", "bad.min", "--flows", "missing/x.sol"]).ends(1);
    assert!(run.err.contains("there is no folder"), "{}", run.err);
}

#[test]
fn the_schemas_fit_the_samples_and_their_plans() {
    let desk = Desk::new();
    let schema = desk.run(&["schema"]).ends(0).json();
    let ledgers = jsonschema::validator_for(&schema).unwrap();
    for name in ["checkin", "lizhou", "luotang", "xijindu", "yixin"] {
        let ledger = serde_json::from_str(&std::fs::read_to_string(sample(name)).unwrap()).unwrap();
        assert!(ledgers.is_valid(&ledger), "{name}: {:?}", ledgers.validate(&ledger).err());
    }
    let mut wrong: Value =
        serde_json::from_str(&std::fs::read_to_string(sample("luotang")).unwrap()).unwrap();
    wrong["needs"][0]["quantity"] = "one".into();
    assert!(!ledgers.is_valid(&wrong));
    let plans = jsonschema::validator_for(&desk.run(&["schema", "plan"]).ends(0).json()).unwrap();
    let plan = desk.run(&["match", &sample("luotang"), "--format", "json"]).ends(0).json();
    assert!(plans.is_valid(&plan), "{:?}", plans.validate(&plan).err());
}

#[test]
fn every_command_shows_an_example() {
    let desk = Desk::new();
    for command in [
        "match",
        "check",
        "verify",
        "schema",
        "init",
        "classify",
        "generate",
        "mcf",
        "worker",
        "completions",
    ] {
        for flag in ["-h", "--help"] {
            let run = desk.run(&[command, flag]).ends(0);
            assert!(run.out.contains(&format!("Examples:\n  concentric {command}")), "{}", run.out);
        }
    }
    assert!(desk.run(&["--help"]).ends(0).out.contains("Exit codes:"));
}

#[test]
fn completions_name_the_commands() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = Desk::new().run(&["completions", shell]).ends(0);
        assert!(run.out.contains("classify"), "{shell}");
    }
}
