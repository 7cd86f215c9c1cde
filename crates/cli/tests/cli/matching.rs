//! `concentric match`.

use serde_json::Value;

use crate::support::{Desk, SMALL, sample};

/// What is missing in a category, by adding up the plan's outcomes over the ledger's needs.
fn missing(plan: &Value, ledger: &Value, category: &str) -> i64 {
    let needs = ledger["needs"].as_array().unwrap();
    let of =
        |id: &Value| needs.iter().find(|n| n["id"] == *id).unwrap()["category"].as_str().unwrap();
    let outcomes = plan["outcomes"].as_array().unwrap();
    let short = outcomes.iter().filter(|o| of(&o["need"]) == category);
    short.map(|o| o["asked"].as_i64().unwrap() - o["covered"].as_i64().unwrap()).sum()
}

#[test]
fn the_luotang_report_tells_the_shortfalls_that_the_article_implies() {
    let run = Desk::new().run(&["match", &sample("luotang"), "--lang", "en"]).ends(0);
    assert_eq!(run.err, "");
    assert!(run.out.starts_with("Luotang street"), "{}", run.out);
    // 216 grids, 206 leaders and 109 full-time gridders: the numbers of the source.
    for expected in
        ["Optimal", "206 / 216 post", "109 / 216 post", "Short: 117 needs", "hot spot, priority 5"]
    {
        assert!(run.out.contains(expected), "{expected} in {}", run.out);
    }
    // Hot spots come before the 107 general ones, so the ten lines are the ten villages.
    assert_eq!(run.out.matches("full-time grid leader, 网格").count() % 10, 0);
    assert!(run.out.contains("107 more needs are short"));
}

#[test]
fn scenarios_change_the_plan_and_stand_in_it() {
    let desk = Desk::new();
    let ledger: Value =
        serde_json::from_str(&std::fs::read_to_string(sample("luotang")).unwrap()).unwrap();
    let plan = |scenario: &[&str]| {
        let path = sample("luotang");
        let mut args = vec!["match", &path, "--format", "json"];
        args.extend(scenario);
        desk.run(&args).ends(0).json()
    };
    let base = plan(&[]);
    assert_eq!(missing(&base, &ledger, "leader"), 10);
    assert_eq!(missing(&base, &ledger, "full_time"), 107);
    assert!(base.get("scenario").is_none());
    let shared = plan(&["--scenario", "shared_leader"]);
    assert_eq!(missing(&shared, &ledger, "leader"), 0);
    assert_eq!(shared["scenario"], "shared_leader");
}

#[test]
fn an_unknown_scenario_names_those_there_are() {
    let run = Desk::new().run(&["match", &sample("luotang"), "--scenario", "nope"]).ends(1);
    assert!(
        run.err.contains("nope") && run.err.contains("shared_leader, no_street_team"),
        "{}",
        run.err
    );
}

#[test]
fn csv_has_a_row_for_each_assignment_and_no_formula() {
    let desk = Desk::new();
    let named = SMALL.replace("诊所", "=SUM(1), \\\"x\\\"");
    desk.write("l.json", &named);
    let run = desk.run(&["match", "l.json", "--format", "csv"]).ends(0);
    let mut csv = csv::Reader::from_reader(run.out.as_bytes());
    let names: Vec<String> = csv.headers().unwrap().iter().map(str::to_owned).collect();
    let at = |name: &str| names.iter().position(|n| n == name).unwrap();
    let rows: Vec<csv::StringRecord> = csv.records().map(Result::unwrap).collect();
    let total: i64 = rows.iter().map(|row| row[at("quantity")].parse::<i64>().unwrap()).sum();
    assert_eq!((rows.len(), total), (2, 3));
    assert_eq!(&rows[0][at("unit_name")], "'=SUM(1), \"x\"");
    assert!(rows.iter().all(|row| &row[at("need")] == "n1"), "hot spots come first");
}

/// Two offers of three; a bundle of two needs of three and a wish of four that must be whole.
const WISHES: &str = r#"{"format": "concentric.ledger/v1",
"units": [{"id": "u1"}, {"id": "u2"}],
"offers": [{"id": "o1", "unit": "u1", "quantity": 3}, {"id": "o2", "unit": "u2", "quantity": 3}],
"bundles": [{"id": "fair"}],
"needs": [{"id": "stall", "quantity": 3, "min_useful": 3, "bundle": "fair"},
          {"id": "stage", "quantity": 3, "min_useful": 3, "bundle": "fair"},
          {"id": "wish", "quantity": 4, "min_useful": 4}],
"goals": [{"what": "cover"}]}"#;

#[test]
fn rules_that_need_integers_are_obeyed() {
    let desk = Desk::new();
    desk.write("l.json", WISHES);
    let plan = desk.run(&["match", "l.json", "--format", "json", "-o", "p.json"]).ends(0).json();
    // Six hours: the bundle takes all of them and counts two shares; the wish counts one,
    // and what it leaves is too little for a bundle.
    let covered: Vec<i64> = plan["outcomes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|outcome| outcome["covered"].as_i64().unwrap())
        .collect();
    assert_eq!(covered, [3, 3, 0], "{plan:#}");
    assert_eq!(plan["components"][0]["kind"], "integer");
    desk.run(&["verify", "l.json", "p.json"]).ends(0);
}

#[test]
fn contradicting_limits_are_named() {
    let desk = Desk::new();
    let limits = r#""limits": [
        {"id": "floor", "name": "保底", "counts": "amount", "lower": 3},
        {"id": "ceiling", "counts": "amount", "upper": 2}], "units""#;
    desk.write("l.json", &SMALL.replace(r#""units""#, limits));
    let run = desk.run(&["match", "l.json", "-o", "p.json"]).ends(3);
    assert!(run.out.contains("floor (保底)") && run.out.contains("ceiling"), "{}", run.out);
    let json = desk.run(&["match", "l.json", "--format", "json"]).ends(3);
    assert_eq!(json.json()["conflict"], serde_json::json!(["ceiling", "floor"]));
    assert!(json.err.contains("ceiling, floor"));
    desk.run(&["verify", "l.json", "p.json"]).ends(0);
}

#[test]
fn limits_of_time_and_work_give_a_marked_plan_or_none() {
    let desk = Desk::new();
    desk.run(&["generate", "--arcs", "4e4", "--seed", "3", "-o", "l.json"]).ends(0);
    for (option, value) in
        [("--time-limit", "0s"), ("--time-limit", "25h"), ("--threads", "2000"), ("--gap", "-1")]
    {
        desk.run(&["match", "l.json", option, value]).ends(2);
    }
    for (option, value, word) in [("--work-limit", "1", "work"), ("--time-limit", "1ms", "time")] {
        let run = desk.run(&["match", "l.json", option, value, "--format", "json", "-o", "p.json"]);
        let plan = run.json();
        assert_eq!(plan["termination"]["limit"], word);
        match run.code {
            0 => {
                assert_ne!(plan["termination"]["reason"], "optimal");
                desk.run(&["verify", "l.json", "p.json"]).ends(0);
            }
            5 => {
                assert_eq!(plan["termination"]["reason"], "no_solution");
                assert!(!desk.path("p.json").exists(), "nothing to keep");
            }
            other => panic!("exit code {other}"),
        }
        let _ = std::fs::remove_file(desk.path("p.json"));
    }
}

/// What a back end claims is not called proved, and what keeps an offer idle is what binds.
#[test]
fn the_report_says_no_more_than_the_plan_does() {
    let desk = Desk::new();
    let run = desk.run(&["match", &sample("xijindu"), "--lang", "en"]).ends(0);
    assert!(run.out.contains("claimed") && !run.out.contains("every level is proved"));
    assert!(run.out.contains("as far as levels are proved"), "{}", run.out);
    assert!(!run.out.contains(" 0 offers"), "{}", run.out);
    let ledger = r#"{"format": "concentric.ledger/v1", "title": "a\u001b[2Jb\nc",
        "units": [{"id": "u"}], "offers": [{"id": "o", "unit": "u", "quantity": 5}],
        "needs": [{"id": "n", "quantity": 10, "min_useful": 10}]}"#;
    let run = desk.feed(&["match", "-", "--lang", "en"], ledger).ends(0);
    assert!(run.out.contains("below the useful minimum of the needs"), "{}", run.out);
    assert!(run.out.contains(r"a\u{1b}[2Jb\u{a}c") && !run.out.contains('\u{1b}'), "{}", run.out);
}

#[test]
fn stdin_serves_as_a_ledger_and_pipes_stay_silent() {
    let run = Desk::new().feed(&["match", "-", "--lang", "en"], SMALL).ends(0);
    assert_eq!(run.err, "");
    assert!(run.out.starts_with("Small\n") && !run.out.contains('\u{1b}'), "{}", run.out);
    assert!(
        run.out.contains("These 2 needs ask for 8 together; their 2 offers can give 3."),
        "{}",
        run.out
    );
}

#[test]
fn a_plan_is_written_whole_or_not_at_all() {
    let desk = Desk::new();
    desk.write("l.json", SMALL);
    let run = desk.run(&["match", "l.json", "-o", "missing/p.json"]).ends(1);
    assert!(run.err.contains("there is no folder missing"), "{}", run.err);
    assert_eq!(desk.files(), ["l.json"]);
    let run = desk.run(&["match", "l.json", "-o", "."]).ends(1);
    assert!(run.err.contains("it is a folder"), "{}", run.err);
    desk.write("p.json", "an older plan");
    desk.run(&["match", "l.json", "-o", "p.json"]).ends(0);
    assert_eq!(desk.files(), ["l.json", "p.json"]);
    let printed = desk.run(&["match", "l.json", "--format", "json"]).ends(0);
    assert_eq!(desk.read("p.json"), printed.out);
}

#[test]
fn top_and_no_explain_shorten_the_report() {
    let desk = Desk::new();
    let run = desk.run(&["match", &sample("luotang"), "--lang", "en", "--top", "2"]).ends(0);
    assert!(run.out.contains("115 more needs") && !run.out.contains("  3. "), "{}", run.out);
    let bare = desk.run(&["match", &sample("luotang"), "--lang", "en", "--no-explain"]).ends(0);
    assert!(
        bare.out.contains("Reasons were not asked for.") && !bare.out.contains(" - "),
        "{}",
        bare.out
    );
}
